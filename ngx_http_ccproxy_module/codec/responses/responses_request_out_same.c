
/*
 * Responses request out, for a Responses client whose bytes can't go out as
 * they are: reasoning in them was packed for it, by another target maybe.
 * Everything else stays as the client wrote it.
 */

#include "codec/responses/responses_request.h"
#include "codec/responses/responses.h"
#include "codec/json/json_write.h"
#include "codec/prepare/prepare.h"


/* The item of our own packing, opened for its maker, or nothing. */

static int
ccp_responses_same_packed(ccp_write_ctx_t *x, ccp_jval_t item,
    ccp_proto_e origin, uint32_t family, ccp_str_t id, ccp_str_t sig,
    ccp_out_t *out)
{
    ccp_jiter_t  it;

    if (sig.n == 0 || !ccp_responses_goes_back(x, origin, family)) {
        return CCP_OK;
    }

    ccp_w_obj(out);

    for (it = ccp_json_iter(item); ccp_json_next(&it); ) {

        if (ccp_str_is(it.key, "encrypted_content")) {
            ccp_w_kstr(out, "encrypted_content", sig);

        } else if (ccp_str_is(it.key, "id")) {
            ccp_w_kstr_opt(out, "id", id);

        } else {
            ccp_w_keys(out, it.key);
            ccp_w_raw(out, ccp_json_raw(it.val));
        }
    }

    ccp_w_obj_end(out);

    return CCP_OK;
}


/* An item with the ids that the server takes. */

static int
ccp_responses_same_ids(ccp_write_ctx_t *x, ccp_jval_t item, ccp_out_t *out)
{
    ccp_str_t            fit;
    ccp_jiter_t          it;
    ccp_responses_fit_e  how;

    if (ccp_json_type(item) != CCP_J_OBJECT) {
        ccp_w_raw(out, ccp_json_raw(item));
        return CCP_OK;
    }

    ccp_w_obj(out);

    for (it = ccp_json_iter(item); ccp_json_next(&it); ) {
        how = ccp_responses_fit_member(x->target->provider, x->arena, item,
                                       it.key, it.val, &fit);

        if (how == CCP_RESPONSES_NOMEM) {
            return CCP_NOMEM;
        }

        if (how == CCP_RESPONSES_ANEW) {
            ccp_w_keys(out, it.key);
            ccp_w_str(out, fit);

        } else if (how == CCP_RESPONSES_FITS) {
            ccp_w_keys(out, it.key);
            ccp_w_raw(out, ccp_json_raw(it.val));
        }
    }

    ccp_w_obj_end(out);

    return CCP_OK;
}


static int
ccp_responses_same_item(ccp_write_ctx_t *x, ccp_jval_t item, ccp_out_t *out)
{
    uint32_t     family;
    ccp_str_t    sig, id, bytes;
    ccp_proto_e  origin;

    sig = ccp_json_gets(item, "encrypted_content");
    origin = CCP_RESPONSES;

    if (ccp_str_starts(sig, "ccp1.")) {
        return ccp_carrier_unpack(x->arena, sig, &origin, &family, &id,
                                  &bytes)
               ? ccp_responses_same_packed(x, item, origin, family, id, bytes,
                                           out)
               : CCP_OK;
    }

    return ccp_responses_same_ids(x, item, out);
}


static int
ccp_responses_same_input(ccp_write_ctx_t *x, ccp_jval_t input, ccp_out_t *out)
{
    ccp_jiter_t  it;

    if (ccp_json_type(input) != CCP_J_ARRAY) {
        ccp_w_raw(out, ccp_json_raw(input));
        return CCP_OK;
    }

    ccp_w_arr(out);

    for (it = ccp_json_iter(input); ccp_json_next(&it); ) {
        if (ccp_responses_same_item(x, it.val, out) != CCP_OK) {
            return CCP_NOMEM;
        }
    }

    ccp_w_arr_end(out);

    return CCP_OK;
}


int
ccp_responses_write_same(ccp_write_ctx_t *x, ccp_out_t *out)
{
    int          rc;
    int64_t      cap;
    ccp_jiter_t  it;

    rc = CCP_OK;
    cap = x->target->max_tokens;
    ccp_w_obj(out);

    for (it = ccp_json_iter(x->req->root); ccp_json_next(&it); ) {

        ccp_w_keys(out, it.key);

        if (ccp_str_is(it.key, "model")) {
            ccp_w_str(out, x->model);

        } else if (ccp_str_is(it.key, "max_output_tokens")
                   && cap != CCP_UNSET_INT
                   && ccp_json_int(it.val, 0) > cap)
        {
            ccp_w_int(out, cap);

        } else if (ccp_str_is(it.key, "input")) {
            rc = ccp_responses_same_input(x, it.val, out);

        } else {
            ccp_w_raw(out, ccp_json_raw(it.val));
        }

        if (rc != CCP_OK) {
            return rc;
        }
    }

    ccp_w_obj_end(out);

    return out->err ? CCP_NOMEM : CCP_OK;
}
