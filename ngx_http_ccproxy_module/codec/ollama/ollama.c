
/*
 * Ollama, https://github.com/ollama/ollama/blob/main/docs/api.md: the row of
 * the table of protocols, paths and errors.
 */

#include "codec/ollama/ollama.h"
#include "codec/json/json_write.h"


typedef struct {
    int          status;
    const char  *text;             /* where there is no message */
} ccp_ollama_error_t;

static const ccp_ollama_error_t  ccp_ollama_errors[CCP_E_MAX] = {
    [CCP_E_NONE] = { 500, "internal error" },
    [CCP_E_BAD_REQUEST] = { 400, "bad request" },
    [CCP_E_TOO_LONG] = { 400, "the prompt is too long" },
    [CCP_E_AUTH] = { 401, "the credential was refused" },
    [CCP_E_BILLING] = { 402, "the account has no credit" },
    [CCP_E_QUOTA] = { 402, "the quota is used up" },
    [CCP_E_FORBIDDEN] = { 403, "forbidden" },
    [CCP_E_NOT_FOUND] = { 404, "not found" },
    [CCP_E_METHOD] = { 405, "method not allowed" },
    [CCP_E_CONFLICT] = { 409, "conflict" },
    [CCP_E_TOO_LARGE] = { 413, "the request is too large" },
    [CCP_E_RATE] = { 429, "too many requests" },
    [CCP_E_SERVER] = { 500, "the upstream failed" },
    [CCP_E_OVERLOADED] = { 503, "the upstream is overloaded" },
    [CCP_E_TIMEOUT] = { 504, "the upstream timed out" },
    [CCP_E_MALFORMED] = { 502, "the upstream's answer is unreadable" },
};


static const ccp_ollama_error_t *
ccp_ollama_error_row(const ccp_error_t *err)
{
    unsigned  cls;

    cls = err->cls;

    return &ccp_ollama_errors[cls < CCP_E_MAX ? cls : CCP_E_SERVER];
}


static int
ccp_ollama_error(const ccp_error_t *err, ccp_str_t request_id, ccp_out_t *out)
{
    (void) request_id;

    ccp_w_obj(out);

    if (err->message.n) {
        ccp_w_kstr(out, "error", err->message);

    } else {
        ccp_w_kcstr(out, "error", ccp_ollama_error_row(err)->text);
    }

    ccp_w_obj_end(out);

    return out->err ? CCP_NOMEM : CCP_OK;
}


static int
ccp_ollama_error_status(const ccp_error_t *err)
{
    return ccp_ollama_error_row(err)->status;
}


/* The endpoints of old are reached by their own clients only. */

static int
ccp_ollama_path(ccp_encode_t *x, ccp_out_t *out)
{
    const char  *path;

    if (x->req->op == CCP_OP_EMBED) {
        path = x->spliced && x->req->embed_single ? "/api/embeddings"
                                                  : "/api/embed";

    } else {
        path = x->spliced && x->req->generate ? "/api/generate" : "/api/chat";
    }

    ccp_out_bytes(out, path, strlen(path));

    return out->err ? CCP_NOMEM : CCP_OK;
}


const ccp_ops_t  ccp_ollama_ops = {
    .name = "ollama",
    .stream_type = "application/x-ndjson",
    .framing = CCP_FRAME_NDJSON,
    .convertible = ccp_ollama_convertible,
    .decode = ccp_ollama_decode,
    .encode = ccp_ollama_encode,
    .path = ccp_ollama_path,
    .dec_size = sizeof(ccp_ollama_dec_t),
    .dec_init = ccp_ollama_dec_init,
    .dec_event = ccp_ollama_dec_event,
    .dec_whole = ccp_ollama_dec_whole,
    .dec_eof = ccp_ollama_dec_eof,
    .enc_size = sizeof(ccp_ollama_enc_t),
    .enc_init = ccp_ollama_enc_init,
    .enc_event = ccp_ollama_enc_event,
    .enc_whole = ccp_ollama_enc_whole,
    .error = ccp_ollama_error,
    .error_status = ccp_ollama_error_status,
};
