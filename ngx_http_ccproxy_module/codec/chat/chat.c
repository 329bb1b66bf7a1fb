
/*
 * Chat Completions, https://platform.openai.com/docs/api-reference/chat:
 * the row of the table of protocols, paths, words and errors.
 */

#include "codec/chat/chat.h"
#include "codec/json/json_write.h"


const ccp_chat_word_t  ccp_chat_efforts[] = {
    { "none", CCP_EFFORT_NONE },
    { "minimal", CCP_EFFORT_MINIMAL },
    { "low", CCP_EFFORT_LOW },
    { "medium", CCP_EFFORT_MEDIUM },
    { "high", CCP_EFFORT_HIGH },
    { "xhigh", CCP_EFFORT_XHIGH },
    { "max", CCP_EFFORT_MAX },
    { NULL, CCP_EFFORT_UNSET }
};


typedef struct {
    int          status;
    const char  *type;
    const char  *code;         /* NULL: the upstream's own, else null */
    const char  *text;         /* where there is no message */
} ccp_chat_error_t;

static const ccp_chat_error_t  ccp_chat_errors[CCP_E_MAX] = {
    [CCP_E_NONE] =
        { 500, "server_error", NULL, "internal error" },
    [CCP_E_BAD_REQUEST] =
        { 400, "invalid_request_error", NULL, "bad request" },
    [CCP_E_TOO_LONG] =
        { 400, "invalid_request_error", "context_length_exceeded",
          "the prompt is too long" },
    [CCP_E_AUTH] =
        { 401, "authentication_error", "invalid_api_key",
          "the credential was refused" },
    [CCP_E_BILLING] =
        { 429, "insufficient_quota", "insufficient_quota",
          "the account has no credit" },
    [CCP_E_QUOTA] =
        { 429, "insufficient_quota", "insufficient_quota",
          "the quota is used up" },
    [CCP_E_FORBIDDEN] =
        { 403, "permission_error", NULL, "forbidden" },
    [CCP_E_NOT_FOUND] =
        { 404, "not_found_error", "model_not_found", "not found" },
    [CCP_E_METHOD] =
        { 405, "invalid_request_error", NULL, "method not allowed" },
    [CCP_E_CONFLICT] =
        { 409, "conflict_error", NULL, "conflict" },
    [CCP_E_TOO_LARGE] =
        { 413, "invalid_request_error", NULL, "the request is too large" },
    [CCP_E_RATE] =
        { 429, "rate_limit_error", "rate_limit_exceeded",
          "too many requests" },
    [CCP_E_SERVER] =
        { 500, "server_error", NULL, "the upstream failed" },
    [CCP_E_OVERLOADED] =
        { 503, "server_error", NULL, "the upstream is overloaded" },
    [CCP_E_TIMEOUT] =
        { 504, "server_error", NULL, "the upstream timed out" },
    [CCP_E_MALFORMED] =
        { 502, "server_error", NULL, "the upstream's answer is unreadable" },
};


int
ccp_chat_find(const ccp_chat_word_t *t, ccp_str_t s, int dflt)
{
    for ( ; t->word; t++) {
        if (ccp_str_is(s, t->word)) {
            return t->value;
        }
    }

    return dflt;
}


static int
ccp_chat_path(ccp_encode_t *x, ccp_out_t *out)
{
    if (x->req->op == CCP_OP_EMBED) {
        ccp_out_lit(out, "/embeddings");

    } else {
        ccp_out_lit(out, "/chat/completions");
    }

    return out->err ? CCP_NOMEM : CCP_OK;
}


static const ccp_chat_error_t *
ccp_chat_error_row(const ccp_error_t *err)
{
    unsigned  cls;

    cls = err->cls;

    return &ccp_chat_errors[cls < CCP_E_MAX ? cls : CCP_E_SERVER];
}


/* Gemini and OpenRouter repeat the status as the code: that says nothing. */

static int
ccp_chat_code_is_word(ccp_str_t code)
{
    size_t  i;

    for (i = 0; i < code.n; i++) {
        if (code.p[i] < '0' || code.p[i] > '9') {
            return 1;
        }
    }

    return 0;
}


void
ccp_chat_write_error(ccp_out_t *out, const ccp_error_t *err)
{
    const ccp_chat_error_t  *row;

    row = ccp_chat_error_row(err);

    ccp_w_obj(out);

    if (err->message.n) {
        ccp_w_kstr(out, "message", err->message);

    } else {
        ccp_w_kcstr(out, "message", row->text);
    }

    ccp_w_kcstr(out, "type", row->type);
    ccp_w_knull(out, "param");

    if (ccp_chat_code_is_word(err->code)) {
        ccp_w_kstr(out, "code", err->code);

    } else if (row->code) {
        ccp_w_kcstr(out, "code", row->code);

    } else {
        ccp_w_knull(out, "code");
    }

    ccp_w_obj_end(out);
}


static int
ccp_chat_error(const ccp_error_t *err, ccp_str_t request_id, ccp_out_t *out)
{
    (void) request_id;

    ccp_w_obj(out);
    ccp_w_key(out, "error");
    ccp_chat_write_error(out, err);
    ccp_w_obj_end(out);

    return out->err ? CCP_NOMEM : CCP_OK;
}


static int
ccp_chat_error_status(const ccp_error_t *err)
{
    return ccp_chat_error_row(err)->status;
}


/* A spoken answer has no form in the other protocols. */

static int
ccp_chat_convertible(const ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err)
{
    ccp_jiter_t  it;

    it = ccp_json_iter(ccp_json_get(r->root, "modalities"));

    while (ccp_json_next(&it)) {
        if (ccp_json_is(it.val, "audio")) {
            return ccp_error_set(err, a, CCP_E_BAD_REQUEST,
                                 "modalities: audio is not available on this "
                                 "model");
        }
    }

    return CCP_OK;
}


const ccp_ops_t  ccp_chat_ops = {
    .name = "chat",
    .stream_type = "text/event-stream; charset=utf-8",
    .framing = CCP_FRAME_SSE,
    .decode = ccp_chat_decode,
    .convertible = ccp_chat_convertible,
    .encode = ccp_chat_encode,
    .path = ccp_chat_path,
    .dec_size = CCP_CHAT_DEC_SIZE,
    .dec_init = ccp_chat_dec_init,
    .dec_event = ccp_chat_dec_event,
    .dec_whole = ccp_chat_dec_whole,
    .dec_eof = ccp_chat_dec_eof,
    .enc_size = CCP_CHAT_ENC_SIZE,
    .enc_init = ccp_chat_enc_init,
    .enc_event = ccp_chat_enc_event,
    .enc_whole = ccp_chat_enc_whole,
    .error = ccp_chat_error,
    .error_status = ccp_chat_error_status,
};
