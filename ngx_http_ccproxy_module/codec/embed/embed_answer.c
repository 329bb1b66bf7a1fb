
/*
 * Embedding answers: what protocols read and write alike, and which are none.
 */

#include "codec/embed/embed.h"
#include "codec/json/json_write.h"
#include "codec/provider/provider_error.h"
#include "codec/proto/proto_out.h"


int
ccp_embed_dec_room(ccp_embed_vectors_t *e, ccp_answer_ctx_t *ac, size_t n)
{
    e->vectors = ccp_calloc(ac->arena, (n + 1) * sizeof(ccp_jval_t));

    return e->vectors ? CCP_OK : CCP_NOMEM;
}


int
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


int
ccp_embed_dec_one(ccp_embed_vectors_t *e, ccp_answer_ctx_t *ac, ccp_jval_t v)
{
    if (ccp_embed_dec_room(e, ac, 1) != CCP_OK) {
        return CCP_NOMEM;
    }

    e->vectors[0] = v;
    e->n = 1;

    return CCP_OK;
}


int
ccp_embed_enc_numbers(ccp_answer_ctx_t *ac, ccp_out_t *out, ccp_jval_t v)
{
    if (ccp_json_type(v) == CCP_J_STRING) {
        return ccp_embed_unpack(out, ac->arena, v);
    }

    ccp_w_raw(out, ccp_json_raw(v));

    return CCP_OK;
}


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

    if (ac->up->embed->dec_answer(e, ac, root) != CCP_OK) {
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

    rc = ac->client->embed->enc_answer(e, ac, out);

    if (rc == CCP_INVALID) {
        return ccp_embed_dec_malformed(ac, err,
                                       "has an embedding that can't be "
                                       "read");
    }

    return rc != CCP_OK ? rc : out->err ? CCP_NOMEM : CCP_OK;
}
