
/*
 * Gemini generateContent: the row of the table of protocols, paths, words
 * and errors.
 */

#include <stdio.h>

#include "codec/gemini/gemini.h"
#include "codec/json/json_write.h"
#include "codec/proto/proto_out.h"


typedef struct {
    int          status;
    const char  *word;
    const char  *text;         /* where there is no message */
} ccp_gemini_error_t;

static const ccp_gemini_error_t  ccp_gemini_errors[CCP_E_MAX] = {
    [CCP_E_NONE] =
        { 500, "INTERNAL", "internal error" },
    [CCP_E_BAD_REQUEST] =
        { 400, "INVALID_ARGUMENT", "bad request" },
    [CCP_E_TOO_LONG] =
        { 400, "INVALID_ARGUMENT", "the prompt is too long" },
    [CCP_E_AUTH] =
        { 401, "UNAUTHENTICATED", "the credential was refused" },
    [CCP_E_BILLING] =
        { 429, "RESOURCE_EXHAUSTED", "the account has no credit" },
    [CCP_E_QUOTA] =
        { 429, "RESOURCE_EXHAUSTED", "the quota is used up" },
    [CCP_E_FORBIDDEN] =
        { 403, "PERMISSION_DENIED", "forbidden" },
    [CCP_E_NOT_FOUND] =
        { 404, "NOT_FOUND", "not found" },
    [CCP_E_METHOD] =
        { 405, "INVALID_ARGUMENT", "method not allowed" },
    [CCP_E_CONFLICT] =
        { 409, "ABORTED", "conflict" },
    [CCP_E_TOO_LARGE] =
        { 400, "INVALID_ARGUMENT", "the request is too large" },
    [CCP_E_RATE] =
        { 429, "RESOURCE_EXHAUSTED", "too many requests" },
    [CCP_E_SERVER] =
        { 500, "INTERNAL", "the upstream failed" },
    [CCP_E_OVERLOADED] =
        { 503, "UNAVAILABLE", "the upstream is overloaded" },
    [CCP_E_TIMEOUT] =
        { 504, "DEADLINE_EXCEEDED", "the upstream timed out" },
    [CCP_E_MALFORMED] =
        { 502, "INTERNAL", "the upstream's answer is unreadable" },
};


/* The first row of a stop is the one that is written. */

static const ccp_gemini_reason_t  ccp_gemini_reasons[] = {
    { "STOP", 1, CCP_GM_STOP, CCP_STOP_END },
    { "MAX_TOKENS", 2, CCP_GM_STOP, CCP_STOP_LENGTH },
    { "SAFETY", 3, CCP_GM_STOP, CCP_STOP_FILTER },
    { "RECITATION", 4, CCP_GM_STOP, CCP_STOP_FILTER },
    { "OTHER", 5, CCP_GM_OPEN, CCP_STOP_END },
    { "BLOCKLIST", 6, CCP_GM_STOP, CCP_STOP_FILTER },
    { "PROHIBITED_CONTENT", 7, CCP_GM_STOP, CCP_STOP_FILTER },
    { "SPII", 8, CCP_GM_STOP, CCP_STOP_FILTER },
    { "MALFORMED_FUNCTION_CALL", 9, CCP_GM_FAIL, CCP_STOP_NONE },
    { "LANGUAGE", 0, CCP_GM_STOP, CCP_STOP_FILTER },
    { "IMAGE_SAFETY", 0, CCP_GM_STOP, CCP_STOP_FILTER },
    { "IMAGE_PROHIBITED_CONTENT", 0, CCP_GM_STOP, CCP_STOP_FILTER },
    { "IMAGE_RECITATION", 0, CCP_GM_STOP, CCP_STOP_FILTER },
    { "MODEL_ARMOR", 0, CCP_GM_STOP, CCP_STOP_FILTER },
    { "UNEXPECTED_TOOL_CALL", 0, CCP_GM_FAIL, CCP_STOP_NONE },
    { "TOO_MANY_TOOL_CALLS", 0, CCP_GM_FAIL, CCP_STOP_NONE },
    { "CONTINUATION", 0, CCP_GM_STOP, CCP_STOP_PAUSE }
};

/* Words that are not known, or say nothing. */

static const ccp_gemini_reason_t  ccp_gemini_unknown = {
    "OTHER", 0, CCP_GM_OPEN, CCP_STOP_END
};


static const struct {
    ccp_stop_e   stop;
    const char  *word;
} ccp_gemini_stops[] = {
    { CCP_STOP_LENGTH, "MAX_TOKENS" },
    { CCP_STOP_CONTEXT, "MAX_TOKENS" },
    { CCP_STOP_FILTER, "SAFETY" },
    { CCP_STOP_REFUSAL, "SAFETY" }
};


int
ccp_gemini_named(ccp_str_t key, const char *name)
{
    size_t   i;
    uint8_t  c;

    for (i = 0; i < key.n; i++) {
        c = key.p[i];

        if (c == '_' && i > 0 && i + 1 < key.n) {
            c = key.p[++i];

            if (c >= 'a' && c <= 'z') {
                c &= ~0x20;
            }
        }

        if (*name == '\0' || c != (uint8_t) *name++) {
            return 0;
        }
    }

    return *name == '\0';
}


ccp_jval_t
ccp_gemini_get(ccp_jval_t obj, const char *name)
{
    ccp_jval_t   v;
    ccp_jiter_t  it;

    v = ccp_jabsent;

    if (ccp_json_type(obj) != CCP_J_OBJECT) {
        return v;
    }

    for (it = ccp_json_iter(obj); ccp_json_next(&it); ) {
        if (ccp_gemini_named(it.key, name) && ccp_json_has(it.val)) {
            v = it.val;
        }
    }

    return v;
}


ccp_str_t
ccp_gemini_gets(ccp_jval_t obj, const char *name)
{
    return ccp_json_str(ccp_gemini_get(obj, name));
}


int
ccp_gemini_word(ccp_str_t s, const char *word)
{
    size_t   i;
    uint8_t  c;

    for (i = 0; i < s.n; i++) {
        c = s.p[i];
        c = c >= 'a' && c <= 'z' ? (uint8_t) (c & ~0x20) : c;

        if (word[i] == '\0' || c != (uint8_t) word[i]) {
            return 0;
        }
    }

    return s.p != NULL && word[i] == '\0';
}


const ccp_gemini_reason_t *
ccp_gemini_reason(ccp_jval_t v)
{
    size_t     i;
    int64_t    n;
    ccp_str_t  s;

    s = ccp_json_str(v);
    n = s.p ? 0 : ccp_json_int(v, 0);

    for (i = 0; i < ccp_countof(ccp_gemini_reasons); i++) {
        if (s.p ? ccp_gemini_word(s, ccp_gemini_reasons[i].word)
                : n > 0 && n == ccp_gemini_reasons[i].number)
        {
            return &ccp_gemini_reasons[i];
        }
    }

    return &ccp_gemini_unknown;
}


const char *
ccp_gemini_stop_word(ccp_stop_e stop, ccp_str_t category)
{
    size_t                      i;
    const ccp_gemini_reason_t  *row;

    for (i = 0; i < ccp_countof(ccp_gemini_reasons) && category.n; i++) {
        row = &ccp_gemini_reasons[i];

        if (row->end == CCP_GM_STOP && row->stop == stop
            && ccp_str_is(category, row->word))
        {
            return row->word;
        }
    }

    for (i = 0; i < ccp_countof(ccp_gemini_stops); i++) {
        if (ccp_gemini_stops[i].stop == stop) {
            return ccp_gemini_stops[i].word;
        }
    }

    return "STOP";
}


static const char *
ccp_gemini_verb(const ccp_request_t *r)
{
    switch (r->op) {

    case CCP_OP_COUNT:
        return "countTokens";

    case CCP_OP_EMBED:
        return r->embed_single ? "embedContent" : "batchEmbedContents";

    default:
        return r->stream ? "streamGenerateContent" : "generateContent";
    }
}


static int
ccp_gemini_path(ccp_encode_t *x, ccp_out_t *out)
{
    ccp_str_t             model;
    const char           *verb;
    const ccp_request_t  *r;

    static const char  plain[] = "models/", tuned[] = "tunedModels/";

    r = x->req;

    model = ccp_str_plain(x->arena, x->model);
    if (model.p == NULL && x->model.p != NULL) {
        return CCP_NOMEM;
    }

    if (ccp_str_starts(model, tuned)) {
        model.p += sizeof(tuned) - 1;
        model.n -= sizeof(tuned) - 1;
        ccp_out_lit(out, "/tunedModels/");

    } else {
        if (ccp_str_starts(model, plain)) {
            model.p += sizeof(plain) - 1;
            model.n -= sizeof(plain) - 1;
        }

        ccp_out_lit(out, "/models/");
    }

    ccp_out_segment(out, model);

    verb = ccp_gemini_verb(r);
    ccp_out_lit(out, ":");
    ccp_out_bytes(out, verb, strlen(verb));

    /* a splice keeps the framing that the client asked for */

    if (r->op == CCP_OP_GENERATE && r->stream
        && !(x->spliced && r->stream_array))
    {
        ccp_out_lit(out, "?alt=sse");
    }

    return out->err ? CCP_NOMEM : CCP_OK;
}


/* What only Google's own servers can honour. */

static int
ccp_gemini_convertible(const ccp_request_t *r, ccp_arena_t *a,
    ccp_error_t *err)
{
    size_t       i;
    ccp_jval_t   v;
    ccp_jiter_t  mode;

    static const struct {
        const char  *name;
        const char  *why;
    } bound[] = {
        { "cachedContent", "send the contents themselves" },
        { "continuationToken", "send the whole conversation" }
    };

    for (i = 0; i < ccp_countof(bound); i++) {
        if (ccp_json_has(ccp_gemini_get(r->root, bound[i].name))) {
            return ccp_error_set(err, a, CCP_E_BAD_REQUEST,
                                 "%s: kept by Google, unknown to this "
                                 "target; %s", bound[i].name, bound[i].why);
        }
    }

    v = ccp_gemini_get(ccp_gemini_get(r->root, "generationConfig"),
                       "responseModalities");

    for (mode = ccp_json_iter(v); ccp_json_next(&mode); ) {
        if (ccp_json_str(mode.val).n
            && !ccp_gemini_word(ccp_json_str(mode.val), "TEXT"))
        {
            return ccp_error_set(err, a, CCP_E_BAD_REQUEST,
                                 "generationConfig.responseModalities: this "
                                 "target answers in text only");
        }
    }

    return CCP_OK;
}


static const ccp_gemini_error_t *
ccp_gemini_error_row(const ccp_error_t *err)
{
    unsigned  cls;

    cls = err->cls;

    return &ccp_gemini_errors[cls < CCP_E_MAX ? cls : CCP_E_SERVER];
}


int
ccp_gemini_error(const ccp_error_t *err, ccp_str_t request_id, ccp_out_t *out)
{
    char                       delay[16];
    const ccp_gemini_error_t  *row;

    (void) request_id;

    row = ccp_gemini_error_row(err);

    ccp_w_obj(out);
    ccp_w_key(out, "error");
    ccp_w_obj(out);
    ccp_w_kint(out, "code", row->status);

    if (err->message.n) {
        ccp_w_kstr(out, "message", err->message);

    } else {
        ccp_w_kcstr(out, "message", row->text);
    }

    ccp_w_kcstr(out, "status", row->word);

    if (err->retry_after > 0) {
        snprintf(delay, sizeof(delay), "%ds", err->retry_after);

        ccp_w_key(out, "details");
        ccp_w_arr(out);
        ccp_w_obj(out);
        ccp_w_kcstr(out, "@type",
                    "type.googleapis.com/google.rpc.RetryInfo");
        ccp_w_kcstr(out, "retryDelay", delay);
        ccp_w_obj_end(out);
        ccp_w_arr_end(out);
    }

    ccp_w_obj_end(out);
    ccp_w_obj_end(out);

    return out->err ? CCP_NOMEM : CCP_OK;
}


static int
ccp_gemini_error_status(const ccp_error_t *err)
{
    return ccp_gemini_error_row(err)->status;
}


const ccp_ops_t  ccp_gemini_ops = {
    .name = "gemini",
    .stream_type = "text/event-stream",
    .framing = CCP_FRAME_SSE,
    .decode = ccp_gemini_decode,
    .encode = ccp_gemini_encode,
    .path = ccp_gemini_path,
    .convertible = ccp_gemini_convertible,
    .dec_size = sizeof(ccp_gemini_dec_t),
    .dec_init = ccp_gemini_dec_init,
    .dec_event = ccp_gemini_dec_event,
    .dec_whole = ccp_gemini_dec_whole,
    .dec_eof = ccp_gemini_dec_eof,
    .enc_size = sizeof(ccp_gemini_enc_t),
    .enc_init = ccp_gemini_enc_init,
    .enc_event = ccp_gemini_enc_event,
    .enc_whole = ccp_gemini_enc_whole,
    .error = ccp_gemini_error,
    .error_status = ccp_gemini_error_status
};
