
/*
 * Ollama: this version knows the protocol's errors, not yet its conversion.
 */

#include "ccp_proto.h"


static int
ccp_ollama_refuse(ccp_arena_t *a, ccp_error_t *err)
{
    return ccp_error_set(err, a, CCP_E_BAD_REQUEST,
                         "the Ollama protocol is not converted by this version");
}


static int
ccp_ollama_decode(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err)
{
    (void) r;
    return ccp_ollama_refuse(a, err);
}


static int
ccp_ollama_encode(ccp_encode_t *x, ccp_out_t *out)
{
    (void) out;
    return ccp_ollama_refuse(x->arena, x->err);
}


static int
ccp_ollama_error_status(const ccp_error_t *err)
{
    return err->status ? err->status : 400;
}


static int
ccp_ollama_error(const ccp_error_t *err, ccp_str_t request_id, ccp_out_t *out)
{
    (void) request_id;

    ccp_w_obj(out);
    ccp_w_kstr(out, "error", err->message);
    ccp_w_obj_end(out);

    return CCP_OK;
}


const ccp_ops_t  ccp_ollama_ops = {
    .name = "ollama",
    .framing = CCP_FRAME_NDJSON,
    .decode = ccp_ollama_decode,
    .encode = ccp_ollama_encode,
    .path = ccp_ollama_encode,
    .error = ccp_ollama_error,
    .error_status = ccp_ollama_error_status
};
