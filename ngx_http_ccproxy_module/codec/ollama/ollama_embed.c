
/*
 * Ollama: embeddings.
 */

#include "codec/embed/embed.h"
#include "codec/ollama/ollama_words.h"
#include "codec/json/json_write.h"
#include "codec/form/form_block.h"


static int
ccp_ollama_embed_read(ccp_request_t *r, ccp_arena_t *a,
    ccp_error_t *err)
{
    int          rc;
    ccp_jval_t   v;
    ccp_jiter_t  it;
    const char  *member;

    rc = ccp_embed_read_model(r, a, err);
    if (rc != CCP_OK) {
        return rc;
    }

    member = r->embed_single ? "prompt" : "input";
    v = ccp_json_opt(r->root, member);

    if (ccp_json_type(v) == CCP_J_STRING) {
        if (ccp_json_str(v).n) {
            rc = ccp_item_add(a, &r->embed_inputs, ccp_json_str(v));
        }

    } else if (ccp_json_type(v) == CCP_J_ARRAY && !r->embed_single) {

        for (it = ccp_json_iter(v); rc == CCP_OK && ccp_json_next(&it); ) {
            rc = ccp_json_type(it.val) == CCP_J_STRING
                 ? ccp_item_add(a, &r->embed_inputs, ccp_json_str(it.val))
                 : ccp_embed_read_type_error(a, err, "input", "strings",
                                             it.val);
        }

    } else if (ccp_json_has(v)) {
        return ccp_embed_read_type_error(a, err, member,
                                         r->embed_single ? "a string"
                                         : "a string or an array of strings",
                                         v);
    }

    return rc == CCP_OK
           ? ccp_embed_read_dims(r, a, err,
                                 ccp_json_opt(r->root, "dimensions"))
           : rc;
}


static int
ccp_ollama_embed_write(ccp_write_ctx_t *x, ccp_out_t *out)
{
    ccp_w_obj(out);
    ccp_embed_write_members(x, out);
    ccp_w_obj_end(out);

    return CCP_OK;
}


static int
ccp_ollama_embed_dec(ccp_embed_vectors_t *e, ccp_answer_ctx_t *ac,
    ccp_jval_t root)
{
    ccp_jval_t  v;

    e->usage.in_fresh = ccp_usage_count(root, "prompt_eval_count");
    v = ccp_json_opt(root, "embedding");

    return ccp_json_has(v)
           ? ccp_embed_dec_one(e, ac, v)
           : ccp_embed_dec_list(e, ac, ccp_json_get(root, "embeddings"), NULL);
}


static int
ccp_ollama_embed_enc(const ccp_embed_vectors_t *e, ccp_answer_ctx_t *ac,
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


const ccp_embed_ops_t  ccp_ollama_embed = {
    .read_request = ccp_ollama_embed_read,
    .write_request = ccp_ollama_embed_write,
    .dec_answer = ccp_ollama_embed_dec,
    .enc_answer = ccp_ollama_embed_enc
};
