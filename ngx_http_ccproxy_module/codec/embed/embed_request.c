
/*
 * Embedding requests: what protocols read and write alike, and which can't be
 * served.
 */

#include "codec/embed/embed.h"
#include "codec/json/json_write.h"
#include "codec/proto/proto_in.h"


int
ccp_embed_read_type_error(ccp_arena_t *a, ccp_error_t *err, const char *where,
    const char *want, ccp_jval_t v)
{
    return ccp_refuse(err, a, CCP_E_BAD_REQUEST, "%s: expected %s, got %s",
                      where, want, ccp_json_has(v)
                                   ? ccp_json_typename(v) : "nothing");
}


int
ccp_embed_read_model(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err)
{
    r->model_val = ccp_json_get(r->root, "model");
    r->model = ccp_json_str(r->model_val);

    return r->model.n
           ? CCP_OK
           : ccp_embed_read_type_error(a, err, "model", "a non-empty string",
                                       r->model_val);
}


int
ccp_embed_read_dims(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err,
    ccp_jval_t v)
{
    if (!ccp_json_has(v)) {
        return CCP_OK;
    }

    r->embed_dims = ccp_json_int(v, CCP_UNSET_INT);

    if (ccp_json_type(v) != CCP_J_NUMBER || r->embed_dims == CCP_UNSET_INT) {
        return ccp_embed_read_type_error(a, err, "dimensions", "an integer",
                                         v);
    }

    return CCP_OK;
}


void
ccp_embed_write_members(ccp_write_ctx_t *x, ccp_out_t *out)
{
    const ccp_item_t  *it;

    ccp_w_kstr(out, "model", x->model);
    ccp_w_key(out, "input");

    if (x->req->embed_inputs->next == NULL && x->req->embed_single) {
        ccp_w_str(out, x->req->embed_inputs->s);

    } else {
        ccp_w_arr(out);

        for (it = x->req->embed_inputs; it; it = it->next) {
            ccp_w_str(out, it->s);
        }

        ccp_w_arr_end(out);
    }

    if (x->req->embed_dims != CCP_UNSET_INT) {
        ccp_w_kint(out, "dimensions", x->req->embed_dims);
    }
}


static int
ccp_embed_none(ccp_arena_t *a, ccp_error_t *err, const ccp_ops_t *ops)
{
    return ccp_refuse(err, a, CCP_E_NOT_FOUND,
                      "the %s protocol has no embeddings", ops->name);
}


int
ccp_embed_read_request(const ccp_ops_t *ops, ccp_request_t *r, ccp_arena_t *a,
    ccp_error_t *err)
{
    ccp_in_t  in;

    static const char *const  names[] = {
        "model", "input", "prompt", "content", "requests", "dimensions",
        "outputDimensionality", "encoding_format", "options", NULL
    };

    if (ops->embed == NULL) {
        return ccp_embed_none(a, err, ops);
    }

    ccp_in_init(&in, &ccp_in_plain_style, a, err);
    ccp_in_distinct(&in, r->root, names);

    return in.rc == CCP_OK ? ops->embed->read_request(r, a, err) : in.rc;
}


int
ccp_embed_write_request(ccp_write_ctx_t *x, ccp_out_t *out)
{
    int                rc;
    const ccp_item_t  *it;

    if (x->ops->embed == NULL) {
        return ccp_embed_none(x->arena, x->err, x->ops);
    }

    if (x->req->embed_inputs == NULL) {
        return ccp_refuse(x->err, x->arena, CCP_E_BAD_REQUEST,
                          "there is no input to embed");
    }

    for (it = x->req->embed_inputs; it; it = it->next) {
        if (ccp_embed_is_tokens(it->s)) {
            return ccp_refuse(x->err, x->arena, CCP_E_BAD_REQUEST,
                              "this target embeds text alone: no token "
                              "numbers, no media");
        }
    }

    rc = x->ops->embed->write_request(x, out);

    return rc != CCP_OK ? rc : out->err ? CCP_NOMEM : CCP_OK;
}
