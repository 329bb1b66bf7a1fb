
/*
 * Chat Completions: embeddings.
 */

#include "codec/embed/embed.h"
#include "codec/chat/chat_words.h"
#include "codec/json/json_write.h"
#include "codec/form/form_block.h"
#include "codec/proto/proto_out.h"


/* Of the user, in bytes. */
#define CCP_CHAT_EMBED_USER_MAX  64


/* An input of a list: text, or token numbers. */

static int
ccp_chat_embed_read_input(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err,
    ccp_jval_t v)
{
    switch (ccp_json_type(v)) {

    case CCP_J_STRING:
        return ccp_item_add(a, &r->embed_inputs, ccp_json_str(v));

    case CCP_J_ARRAY:
        return ccp_item_add(a, &r->embed_inputs, ccp_json_raw(v));

    default:
        return ccp_embed_read_type_error(a, err, "input",
                                         "strings or arrays of tokens", v);
    }
}


static int
ccp_chat_embed_read(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err)
{
    int          rc;
    ccp_jval_t   v;
    ccp_jiter_t  it;

    rc = ccp_embed_read_model(r, a, err);
    if (rc != CCP_OK) {
        return rc;
    }

    r->embed_format = ccp_json_gets(r->root, "encoding_format");
    r->user = ccp_json_gets(r->root, "user");
    v = ccp_json_get(r->root, "input");

    it = ccp_json_iter(v);

    if (ccp_json_type(v) == CCP_J_STRING
        || (ccp_json_type(v) == CCP_J_ARRAY && ccp_json_next(&it)
            && ccp_json_type(it.val) == CCP_J_NUMBER))
    {
        r->embed_single = 1;
        rc = ccp_chat_embed_read_input(r, a, err, v);

    } else if (ccp_json_type(v) == CCP_J_ARRAY) {

        for (it = ccp_json_iter(v); rc == CCP_OK && ccp_json_next(&it); ) {
            rc = ccp_chat_embed_read_input(r, a, err, it.val);
        }

    } else {
        return ccp_embed_read_type_error(a, err, "input",
                                         "a string or an array", v);
    }

    return rc == CCP_OK
           ? ccp_embed_read_dims(r, a, err,
                                 ccp_json_opt(r->root, "dimensions"))
           : rc;
}


static int
ccp_chat_embed_write(ccp_write_ctx_t *x, ccp_out_t *out)
{
    ccp_str_t  user;

    ccp_w_obj(out);
    ccp_embed_write_members(x, out);

    user = ccp_request_fit_user(x->arena, x->req->user, CCP_CHAT_EMBED_USER_MAX);

    if (x->req->user.p && user.p == NULL) {
        return CCP_NOMEM;
    }

    ccp_w_kstr_opt(out, "user", user);
    ccp_w_obj_end(out);

    return CCP_OK;
}


/* data is ordered by index, where the indexes are an order. */

static int
ccp_chat_embed_dec(ccp_embed_vectors_t *e, ccp_answer_ctx_t *ac,
    ccp_jval_t root)
{
    size_t        n;
    int64_t       i;
    ccp_jval_t    data, usage;
    ccp_jiter_t   it;

    usage = ccp_json_get(root, "usage");
    e->usage.in_fresh = ccp_usage_count(usage, "prompt_tokens");

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
ccp_chat_embed_enc_vector(ccp_answer_ctx_t *ac, ccp_out_t *out, ccp_jval_t v)
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
ccp_chat_embed_enc(const ccp_embed_vectors_t *e, ccp_answer_ctx_t *ac,
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
        rc = ccp_chat_embed_enc_vector(ac, out, e->vectors[i]);
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


const ccp_embed_ops_t  ccp_chat_embed = {
    .read_request = ccp_chat_embed_read,
    .write_request = ccp_chat_embed_write,
    .dec_answer = ccp_chat_embed_dec,
    .enc_answer = ccp_chat_embed_enc
};
