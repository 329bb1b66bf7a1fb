
/*
 * Embedding requests of the same API: POST /v1/embeddings.
 */

#include "ccp_chat.h"


int
ccp_chat_decode_embed(ccp_chat_in_t *in)
{
    int             i;
    ccp_jval_t      v;
    ccp_jiter_t     it;
    ccp_request_t  *r;

    r = in->r;
    v = ccp_json_opt(r->root, "input");

    switch (ccp_json_type(v)) {

    case CCP_J_STRING:
        r->embed_single = 1;

        if (ccp_item_add(in->a, &r->embed_inputs, ccp_json_str(v)) != CCP_OK) {
            return CCP_NOMEM;
        }

        break;

    case CCP_J_ARRAY:
        /* lists of token numbers pass by the splice alone */
        for (i = 0, it = ccp_json_iter(v); ccp_json_next(&it); i++) {
            if (ccp_json_type(it.val) == CCP_J_STRING
                && ccp_item_add(in->a, &r->embed_inputs,
                                ccp_json_str(it.val)) != CCP_OK)
            {
                return CCP_NOMEM;
            }
        }

        if (i > 0) {
            break;
        }

        /* fall through */

    default:
        return ccp_chat_type_error(in, v, "a string or a non-empty array",
                                   "input");
    }

    r->embed_dims = ccp_json_int(ccp_json_opt(r->root, "dimensions"),
                                 CCP_UNSET_INT);
    r->embed_format = ccp_json_gets(r->root, "encoding_format");
    r->user = ccp_json_gets(r->root, "user");

    return CCP_OK;
}


int
ccp_chat_encode_embed(ccp_encode_t *x, ccp_out_t *out)
{
    ccp_request_t     *r;
    const ccp_item_t  *it;

    r = x->req;

    if (r->embed_inputs == NULL) {
        return ccp_error_set(x->err, x->arena, CCP_E_BAD_REQUEST,
                             "input: only text can be sent to this target");
    }

    ccp_w_obj(out);
    ccp_w_kstr(out, "model", x->model);
    ccp_w_key(out, "input");
    ccp_w_arr(out);

    for (it = r->embed_inputs; it; it = it->next) {
        ccp_w_str(out, it->s);
    }

    ccp_w_arr_end(out);

    if (r->embed_dims != CCP_UNSET_INT) {
        ccp_w_kint(out, "dimensions", r->embed_dims);
    }

    ccp_w_kstr_opt(out, "encoding_format", r->embed_format);
    ccp_w_obj_end(out);

    return out->err ? CCP_NOMEM : CCP_OK;
}
