
/*
 * Embedding answers: in and out.
 */

#include "codec/embed/embed.h"
#include "codec/json/json_write.h"
#include "codec/provider/provider_error.h"
#include "codec/proto/proto_out.h"


typedef struct {
    int   (*read)(ccp_embed_vectors_t *e, ccp_answer_ctx_t *ac,
                  ccp_jval_t root);
    int   (*write)(const ccp_embed_vectors_t *e, ccp_answer_ctx_t *ac,
                   ccp_out_t *out);
} ccp_embed_answer_ops_t;


/* Room for the vectors of a list. */

static int
ccp_embed_dec_room(ccp_embed_vectors_t *e, ccp_answer_ctx_t *ac, size_t n)
{
    e->vectors = ccp_calloc(ac->arena, (n + 1) * sizeof(ccp_jval_t));

    return e->vectors ? CCP_OK : CCP_NOMEM;
}


/* list: of vectors, or of objects with the vector in member. */

static int
ccp_embed_dec_list(ccp_embed_vectors_t *e, ccp_answer_ctx_t *ac,
    ccp_jval_t list, const char *member)
{
    ccp_jiter_t  it;

    if (ccp_embed_dec_room(e, ac, ccp_json_count(list)) != CCP_OK) {
        return CCP_NOMEM;
    }

    for (it = ccp_json_iter(list); ccp_json_next(&it); ) {
        e->vectors[e->n++] = member ? ccp_json_get(it.val, member) : it.val;
    }

    return CCP_OK;
}


static int
ccp_embed_dec_one(ccp_embed_vectors_t *e, ccp_answer_ctx_t *ac, ccp_jval_t v)
{
    if (ccp_embed_dec_room(e, ac, 1) != CCP_OK) {
        return CCP_NOMEM;
    }

    e->vectors[0] = v;
    e->n = 1;

    return CCP_OK;
}


/* ---- Chat ---- */

/* data is ordered by index, where the indexes are an order. */

static int
ccp_embed_chat_dec_answer(ccp_embed_vectors_t *e, ccp_answer_ctx_t *ac,
    ccp_jval_t root)
{
    size_t        n;
    int64_t       i;
    ccp_jval_t    data, usage;
    ccp_jiter_t   it;

    usage = ccp_json_get(root, "usage");
    e->usage.in_fresh = ccp_json_int(ccp_json_opt(usage, "prompt_tokens"),
                                     -1);

    data = ccp_json_get(root, "data");
    n = ccp_json_count(data);

    if (ccp_embed_dec_room(e, ac, n) != CCP_OK) {
        return CCP_NOMEM;
    }

    for (it = ccp_json_iter(data); ccp_json_next(&it); ) {
        i = ccp_json_int(ccp_json_opt(it.val, "index"), -1);

        if (i < 0 || (uint64_t) i >= n || e->vectors[i].doc) {
            return ccp_embed_dec_list(e, ac, data, "embedding");
        }

        e->vectors[i] = ccp_json_get(it.val, "embedding");

        if (e->vectors[i].doc == NULL) {
            /* told apart from a place not yet taken by the check to come */
            e->vectors[i] = it.val;
        }
    }

    e->n = n;

    return CCP_OK;
}


/* A vector as the Chat client asked for it. */

static int
ccp_embed_chat_enc_vector(ccp_answer_ctx_t *ac, ccp_out_t *out, ccp_jval_t v)
{
    int  packed;

    packed = ccp_str_is(ac->req->embed_format, "base64");

    if (packed && ccp_json_type(v) == CCP_J_ARRAY) {
        return ccp_embed_pack(out, ac->arena, v);
    }

    if (!packed && ccp_json_type(v) == CCP_J_STRING) {
        return ccp_embed_unpack(out, ac->arena, v);
    }

    ccp_w_raw(out, ccp_json_raw(v));

    return CCP_OK;
}


static int
ccp_embed_chat_enc_answer(const ccp_embed_vectors_t *e, ccp_answer_ctx_t *ac,
    ccp_out_t *out)
{
    int     rc;
    size_t  i;

    rc = CCP_OK;

    ccp_w_obj(out);
    ccp_w_kcstr(out, "object", "list");
    ccp_w_key(out, "data");
    ccp_w_arr(out);

    for (i = 0; i < e->n && rc == CCP_OK; i++) {
        ccp_w_obj(out);
        ccp_w_kcstr(out, "object", "embedding");
        ccp_w_kint(out, "index", (int64_t) i);
        ccp_w_key(out, "embedding");
        rc = ccp_embed_chat_enc_vector(ac, out, e->vectors[i]);
        ccp_w_obj_end(out);
    }

    ccp_w_arr_end(out);
    ccp_w_kstr(out, "model", ac->model);
    ccp_w_key(out, "usage");
    ccp_w_obj(out);
    ccp_w_kint(out, "prompt_tokens", e->usage.in_fresh);
    ccp_w_kint(out, "total_tokens", e->usage.in_fresh);
    ccp_w_obj_end(out);
    ccp_w_obj_end(out);

    return rc;
}


/* Clients of the others know numbers alone. */

static int
ccp_embed_enc_numbers(ccp_answer_ctx_t *ac, ccp_out_t *out, ccp_jval_t v)
{
    if (ccp_json_type(v) == CCP_J_STRING) {
        return ccp_embed_unpack(out, ac->arena, v);
    }

    ccp_w_raw(out, ccp_json_raw(v));

    return CCP_OK;
}


/* ---- Gemini ---- */

static int
ccp_embed_gemini_dec_answer(ccp_embed_vectors_t *e, ccp_answer_ctx_t *ac,
    ccp_jval_t root)
{
    ccp_jval_t  v;

    v = ccp_json_get(root, "usageMetadata");
    e->usage.in_fresh = ccp_json_int(ccp_json_opt(v, "promptTokenCount"), -1);

    v = ccp_json_opt(root, "embedding");

    return ccp_json_has(v)
           ? ccp_embed_dec_one(e, ac, ccp_json_get(v, "values"))
           : ccp_embed_dec_list(e, ac, ccp_json_get(root, "embeddings"),
                                "values");
}


static int
ccp_embed_gemini_enc_answer(const ccp_embed_vectors_t *e, ccp_answer_ctx_t *ac,
    ccp_out_t *out)
{
    int     rc;
    size_t  i;

    ccp_w_obj(out);

    if (ac->req->embed_single) {
        ccp_w_key(out, "embedding");
        ccp_w_obj(out);
        ccp_w_key(out, "values");
        rc = ccp_embed_enc_numbers(ac, out, e->vectors[0]);
        ccp_w_obj_end(out);
        ccp_w_obj_end(out);
        return rc;
    }

    rc = CCP_OK;
    ccp_w_key(out, "embeddings");
    ccp_w_arr(out);

    for (i = 0; i < e->n && rc == CCP_OK; i++) {
        ccp_w_obj(out);
        ccp_w_key(out, "values");
        rc = ccp_embed_enc_numbers(ac, out, e->vectors[i]);
        ccp_w_obj_end(out);
    }

    ccp_w_arr_end(out);
    ccp_w_obj_end(out);

    return rc;
}


/* ---- Ollama ---- */

static int
ccp_embed_ollama_dec_answer(ccp_embed_vectors_t *e, ccp_answer_ctx_t *ac,
    ccp_jval_t root)
{
    ccp_jval_t  v;

    e->usage.in_fresh = ccp_json_int(ccp_json_opt(root, "prompt_eval_count"),
                                     -1);
    v = ccp_json_opt(root, "embedding");

    return ccp_json_has(v)
           ? ccp_embed_dec_one(e, ac, v)
           : ccp_embed_dec_list(e, ac, ccp_json_get(root, "embeddings"), NULL);
}


static int
ccp_embed_ollama_enc_answer(const ccp_embed_vectors_t *e, ccp_answer_ctx_t *ac,
    ccp_out_t *out)
{
    int      rc;
    size_t   i;
    int64_t  took;

    ccp_w_obj(out);

    if (ac->req->embed_single) {
        ccp_w_key(out, "embedding");
        rc = ccp_embed_enc_numbers(ac, out, e->vectors[0]);
        ccp_w_obj_end(out);
        return rc;
    }

    rc = CCP_OK;
    ccp_w_kstr(out, "model", ac->model);
    ccp_w_key(out, "embeddings");
    ccp_w_arr(out);

    for (i = 0; i < e->n && rc == CCP_OK; i++) {
        rc = ccp_embed_enc_numbers(ac, out, e->vectors[i]);
    }

    took = ac->clock->now_ns(ac->clock->ctx) - ac->started;

    ccp_w_arr_end(out);
    ccp_w_kint(out, "total_duration", took > 0 ? took : 0);
    ccp_w_kint(out, "load_duration", 0);
    ccp_w_kint(out, "prompt_eval_count", e->usage.in_fresh);
    ccp_w_obj_end(out);

    return rc;
}


/* ---- all ---- */

static const ccp_embed_answer_ops_t  ccp_embed_answer_table[CCP_NPROTO] = {
    [CCP_CHAT] = { ccp_embed_chat_dec_answer, ccp_embed_chat_enc_answer },
    [CCP_GEMINI] = { ccp_embed_gemini_dec_answer,
                     ccp_embed_gemini_enc_answer },
    [CCP_OLLAMA] = { ccp_embed_ollama_dec_answer, ccp_embed_ollama_enc_answer }
};


static int
ccp_embed_dec_malformed(ccp_answer_ctx_t *ac, ccp_error_t *err,
    const char *what)
{
    return ccp_refuse(err, ac->arena, CCP_E_MALFORMED,
                      "the upstream's answer %s", what);
}


int
ccp_embed_dec_answer(ccp_embed_vectors_t *e, ccp_answer_ctx_t *ac,
    ccp_jval_t root, ccp_error_t *err)
{
    size_t       i;
    ccp_jval_t   v;
    ccp_jtype_e  type;

    memset(e, 0, sizeof(ccp_embed_vectors_t));
    e->usage = ccp_usage_none;

    v = ccp_json_opt(root, "error");

    if (ccp_json_has(v)) {
        return ccp_error_read_json(err, ac->arena, 0, v) == CCP_OK
               ? CCP_INVALID : CCP_NOMEM;
    }

    if (ccp_embed_answer_table[ac->target->proto].read(e, ac, root)
        != CCP_OK)
    {
        return CCP_NOMEM;
    }

    if (e->n == 0) {
        return ccp_embed_dec_malformed(ac, err, "has no embedding");
    }

    for (i = 0; i < e->n; i++) {
        type = ccp_json_type(e->vectors[i]);

        if (type != CCP_J_ARRAY && type != CCP_J_STRING) {
            return ccp_embed_dec_malformed(ac, err,
                                           "has an embedding that is no "
                                           "vector");
        }
    }

    e->usage.out_total = 0;

    if (e->usage.in_fresh < 0) {
        e->usage.in_fresh = ccp_estimate_answer(ac, &e->usage);
        e->usage.estimated = 1;
    }

    return CCP_OK;
}


int
ccp_embed_enc_answer(const ccp_embed_vectors_t *e, ccp_answer_ctx_t *ac,
    ccp_out_t *out, ccp_error_t *err)
{
    int  rc;

    rc = ccp_embed_answer_table[ac->req->proto].write(e, ac, out);

    if (rc == CCP_INVALID) {
        return ccp_embed_dec_malformed(ac, err,
                                       "has an embedding that can't be "
                                       "read");
    }

    return rc != CCP_OK ? rc : out->err ? CCP_NOMEM : CCP_OK;
}
