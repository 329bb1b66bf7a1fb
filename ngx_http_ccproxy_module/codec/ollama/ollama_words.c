
/*
 * Ollama: options and the error document.  It calls no other file of the
 * protocol.
 */

#include "codec/ollama/ollama_request.h"
#include "codec/json/json_write.h"


const ccp_member_t  ccp_ollama_option_table[] = {
    { "temperature", CCP_M_NUMBER, ccp_at(temperature) },
    { "top_p", CCP_M_NUMBER, ccp_at(top_p) },
    { "top_k", CCP_M_NUMBER, ccp_at(top_k) },
    { "min_p", CCP_M_NUMBER, ccp_at(min_p) },
    { "seed", CCP_M_NUMBER, ccp_at(seed) },
    { "repeat_penalty", CCP_M_NUMBER, ccp_at(rep_pen) },
    { "presence_penalty", CCP_M_NUMBER, ccp_at(pres_pen) },
    { "frequency_penalty", CCP_M_NUMBER, ccp_at(freq_pen) },
    { NULL, 0, 0 }
};


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
    [CCP_E_UNSUPPORTED] = { 501, "not implemented" },
    [CCP_E_BUDGET] = { 402, "the budget is used up" }
};


static const ccp_ollama_error_t *
ccp_ollama_error_row(const ccp_error_t *err)
{
    unsigned  cls;

    cls = err->cls;

    return &ccp_ollama_errors[cls < CCP_E_MAX ? cls : CCP_E_SERVER];
}


int
ccp_ollama_enc_error_document(const ccp_error_t *err, ccp_str_t request_id,
    ccp_out_t *out)
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


int
ccp_ollama_error_status(const ccp_error_t *err)
{
    return ccp_ollama_error_row(err)->status;
}


ccp_str_t
ccp_ollama_untag(ccp_str_t model)
{
    static const char    tag[] = CCP_OLLAMA_LATEST;
    static const size_t  n = sizeof(tag) - 1;

    if (model.n > n && memcmp(model.p + model.n - n, tag, n) == 0) {
        model.n -= n;
    }

    return model;
}


/* A document inside of the string is none that a user can read. */

int
ccp_ollama_own_error(const ccp_error_t *err, ccp_jval_t root)
{
    ccp_jval_t  error;

    (void) err;

    error = ccp_json_opt(root, "error");

    return ccp_json_text(error) && !ccp_str_starts(ccp_json_str(error), "{");
}
