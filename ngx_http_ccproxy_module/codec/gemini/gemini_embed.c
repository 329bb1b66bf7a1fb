
/*
 * Gemini: embeddings.
 */

#include "codec/embed/embed.h"
#include "codec/gemini/gemini_words.h"
#include "codec/json/json_write.h"
#include "codec/form/form_block.h"


/* The texts of a content as one input. */

static int
ccp_gemini_embed_read_input(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err,
    ccp_jval_t content)
{
    int            nomem;
    ccp_str_t      text;
    ccp_jiter_t    it;
    ccp_block_t   *list, **tail, *b;

    list = NULL;
    tail = &list;

    if (ccp_json_type(content) == CCP_J_STRING) {
        return ccp_item_add(a, &r->embed_inputs, ccp_json_str(content));
    }

    for (it = ccp_json_iter(ccp_json_get(content, "parts"));
         ccp_json_next(&it); )
    {
        if (ccp_json_gets(it.val, "text").p == NULL) {
            /* known to Gemini alone */
            return ccp_item_add(a, &r->embed_inputs, ccp_json_raw(it.val));
        }

        b = ccp_block_new(a, CCP_B_TEXT);
        if (b == NULL) {
            return CCP_NOMEM;
        }

        b->text = ccp_json_gets(it.val, "text");
        tail = ccp_block_push(tail, b);
    }

    nomem = 0;
    text = ccp_block_join_text(a, list, "\n", &nomem);

    if (nomem) {
        return CCP_NOMEM;
    }

    if (text.p == NULL) {
        return ccp_embed_read_type_error(a, err, "content",
                                         "an object with parts of text",
                                         content);
    }

    return ccp_item_add(a, &r->embed_inputs, text);
}


static int
ccp_gemini_embed_read_one(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err,
    ccp_jval_t v)
{
    int  rc;

    rc = ccp_gemini_embed_read_input(r, a, err, ccp_json_get(v, "content"));
    if (rc != CCP_OK) {
        return rc;
    }

    if (r->embed_task.p == NULL) {
        r->embed_task = ccp_gemini_gets(v, "taskType");
    }

    return ccp_embed_read_dims(r, a, err,
                               ccp_gemini_get(v, "outputDimensionality"));
}


static int
ccp_gemini_embed_read(ccp_request_t *r, ccp_arena_t *a,
    ccp_error_t *err)
{
    int          rc;
    ccp_jval_t   v;
    ccp_jiter_t  it;

    if (r->embed_single) {
        return ccp_gemini_embed_read_one(r, a, err, r->root);
    }

    v = ccp_json_get(r->root, "requests");

    if (ccp_json_type(v) != CCP_J_ARRAY) {
        return ccp_embed_read_type_error(a, err, "requests", "an array", v);
    }

    rc = CCP_OK;

    for (it = ccp_json_iter(v); rc == CCP_OK && ccp_json_next(&it); ) {
        rc = ccp_gemini_embed_read_one(r, a, err, it.val);
    }

    return rc;
}


static void
ccp_gemini_embed_write_members(ccp_write_ctx_t *x, ccp_out_t *out,
    ccp_str_t text)
{
    ccp_w_key(out, "content");
    ccp_w_obj(out);
    ccp_w_key(out, "parts");
    ccp_w_arr(out);
    ccp_w_obj(out);
    ccp_w_kstr(out, "text", text);
    ccp_w_obj_end(out);
    ccp_w_arr_end(out);
    ccp_w_obj_end(out);
    ccp_w_kstr_opt(out, "taskType", x->req->embed_task);

    if (x->req->embed_dims != CCP_UNSET_INT) {
        ccp_w_kint(out, "outputDimensionality", x->req->embed_dims);
    }
}


static int
ccp_gemini_embed_write(ccp_write_ctx_t *x, ccp_out_t *out)
{
    ccp_str_t          prefix;
    const ccp_item_t  *it;

    ccp_w_obj(out);

    if (x->req->embed_single) {
        ccp_gemini_embed_write_members(x, out, x->req->embed_inputs->s);
        ccp_w_obj_end(out);
        return CCP_OK;
    }

    prefix = ccp_str_starts(x->model, "models/") ? ccp_lit("")
                                                 : ccp_lit("models/");
    ccp_w_key(out, "requests");
    ccp_w_arr(out);

    for (it = x->req->embed_inputs; it; it = it->next) {
        ccp_w_obj(out);
        ccp_w_key(out, "model");
        ccp_w_str_open(out);
        ccp_w_str_part(out, prefix);
        ccp_w_str_part(out, x->model);
        ccp_w_str_close(out);
        ccp_gemini_embed_write_members(x, out, it->s);
        ccp_w_obj_end(out);
    }

    ccp_w_arr_end(out);
    ccp_w_obj_end(out);

    return CCP_OK;
}


static int
ccp_gemini_embed_dec(ccp_embed_vectors_t *e, ccp_answer_ctx_t *ac,
    ccp_jval_t root)
{
    ccp_jval_t  v;

    v = ccp_json_get(root, "usageMetadata");
    e->usage.in_fresh = ccp_usage_count(v, "promptTokenCount");

    v = ccp_json_opt(root, "embedding");

    return ccp_json_has(v)
           ? ccp_embed_dec_one(e, ac, ccp_json_get(v, "values"))
           : ccp_embed_dec_list(e, ac, ccp_json_get(root, "embeddings"),
                                "values");
}


static int
ccp_gemini_embed_enc(const ccp_embed_vectors_t *e, ccp_answer_ctx_t *ac,
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


const ccp_embed_ops_t  ccp_gemini_embed = {
    .read_request = ccp_gemini_embed_read,
    .write_request = ccp_gemini_embed_write,
    .dec_answer = ccp_gemini_embed_dec,
    .enc_answer = ccp_gemini_embed_enc
};
