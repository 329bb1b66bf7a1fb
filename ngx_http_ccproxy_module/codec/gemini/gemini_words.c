
/*
 * Gemini: names in either spelling, reasons to stop, media of a part, and the
 * error document.  It calls no other file of the protocol.
 */

#include <stdio.h>

#include "codec/gemini/gemini_request.h"
#include "codec/json/json_write.h"


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
        { 413, "INVALID_ARGUMENT", "the request is too large" },
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
    [CCP_E_UNSUPPORTED] =
        { 501, "UNIMPLEMENTED", "not implemented" },
    [CCP_E_BUDGET] =
        { 402, "FAILED_PRECONDITION", "the budget is used up" }
};


/* The first row of a stop is the one that is written. */

static const ccp_gemini_reason_t  ccp_gemini_dec_reasons[] = {
    { "STOP", 1, CCP_GEMINI_STOP, CCP_STOP_END },
    { "MAX_TOKENS", 2, CCP_GEMINI_STOP, CCP_STOP_LENGTH },
    { "SAFETY", 3, CCP_GEMINI_STOP, CCP_STOP_FILTER },
    { "RECITATION", 4, CCP_GEMINI_STOP, CCP_STOP_FILTER },
    { "OTHER", 5, CCP_GEMINI_OPEN, CCP_STOP_END },
    { "BLOCKLIST", 6, CCP_GEMINI_STOP, CCP_STOP_FILTER },
    { "PROHIBITED_CONTENT", 7, CCP_GEMINI_STOP, CCP_STOP_FILTER },
    { "SPII", 8, CCP_GEMINI_STOP, CCP_STOP_FILTER },
    { "MALFORMED_FUNCTION_CALL", 9, CCP_GEMINI_FAIL, CCP_STOP_NONE },
    { "LANGUAGE", 0, CCP_GEMINI_STOP, CCP_STOP_FILTER },
    { "IMAGE_SAFETY", 0, CCP_GEMINI_STOP, CCP_STOP_FILTER },
    { "IMAGE_PROHIBITED_CONTENT", 0, CCP_GEMINI_STOP, CCP_STOP_FILTER },
    { "IMAGE_RECITATION", 0, CCP_GEMINI_STOP, CCP_STOP_FILTER },
    { "MODEL_ARMOR", 0, CCP_GEMINI_STOP, CCP_STOP_FILTER },
    { "UNEXPECTED_TOOL_CALL", 0, CCP_GEMINI_OPEN, CCP_STOP_END },
    { "TOO_MANY_TOOL_CALLS", 0, CCP_GEMINI_OPEN, CCP_STOP_END },
    { "CONTINUATION", 0, CCP_GEMINI_STOP, CCP_STOP_PAUSE }
};

/* Words that are not known, or say nothing. */

static const ccp_gemini_reason_t  ccp_gemini_dec_reason_unknown = {
    "OTHER", 0, CCP_GEMINI_OPEN, CCP_STOP_END
};


static const struct {
    ccp_stop_e   stop;
    const char  *word;
} ccp_gemini_enc_stop_words[] = {
    { CCP_STOP_LENGTH, "MAX_TOKENS" },
    { CCP_STOP_CONTEXT, "MAX_TOKENS" },
    { CCP_STOP_FILTER, "SAFETY" },
    { CCP_STOP_REFUSAL, "SAFETY" }
};


static const struct {
    const char   *prefix;
    ccp_block_e   kind;
} ccp_gemini_mime_table[] = {
    { "image/", CCP_B_IMAGE },
    { "audio/", CCP_B_AUDIO },
    { "video/", CCP_B_VIDEO }
};

#define CCP_GEMINI_NMIMES                                                    \
    (ccp_countof(ccp_gemini_mime_table))


/* Where files live that only Google can read. */

static const char *const  ccp_gemini_file_hosts[] = {
    "https://generativelanguage.googleapis.com/", "gs://", "files/"
};

static const char *const  ccp_gemini_video_hosts[] = {
    "https://www.youtube.com/", "https://youtube.com/", "https://youtu.be/"
};


int
ccp_gemini_is_named(ccp_str_t key, const char *name)
{
    return ccp_in_is_snake(key, name);
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
        if (ccp_gemini_is_named(it.key, name) && ccp_json_has(it.val)) {
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
ccp_gemini_is_word(ccp_str_t s, const char *word)
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


ccp_gemini_iter_t
ccp_gemini_list_iter(ccp_jval_t list)
{
    ccp_gemini_iter_t  it;

    memset(&it, 0, sizeof(it));

    if (ccp_json_type(list) == CCP_J_OBJECT) {
        it.single = 1;
        it.val = list;

    } else if (ccp_json_type(list) == CCP_J_ARRAY) {
        it.it = ccp_json_iter(list);
    }

    return it;
}


int
ccp_gemini_list_next(ccp_gemini_iter_t *it)
{
    if (it->single) {
        it->single = 0;
        return 1;
    }

    if (it->it.end == 0 || !ccp_json_next(&it->it)) {
        return 0;
    }

    it->val = it->it.val;

    return 1;
}


ccp_block_e
ccp_gemini_read_media_object(ccp_media_t *m, ccp_jval_t v, int file)
{
    size_t  i;

    m->mime = ccp_gemini_gets(v, "mimeType");
    m->data = ccp_gemini_gets(v, file ? "fileUri" : "data");
    m->filename = ccp_gemini_gets(v, "displayName");
    m->kind = file ? CCP_MEDIA_URL : CCP_MEDIA_B64;

    for (i = 0; file && i < 3; i++) {
        if (ccp_str_starts(m->data, ccp_gemini_file_hosts[i])) {
            m->kind = CCP_MEDIA_FILE;
        }

        if (m->mime.n == 0
            && ccp_str_starts(m->data, ccp_gemini_video_hosts[i]))
        {
            return CCP_B_VIDEO;
        }
    }

    for (i = 0; i < CCP_GEMINI_NMIMES; i++) {
        if (ccp_str_starts(m->mime, ccp_gemini_mime_table[i].prefix)) {
            return ccp_gemini_mime_table[i].kind;
        }
    }

    return CCP_B_DOC;
}


const ccp_gemini_reason_t *
ccp_gemini_dec_reason_row(ccp_jval_t v)
{
    size_t     i;
    int64_t    n;
    ccp_str_t  s;

    s = ccp_json_str(v);
    n = s.p ? 0 : ccp_json_int(v, 0);

    for (i = 0; i < ccp_countof(ccp_gemini_dec_reasons); i++) {
        if (s.p ? ccp_gemini_is_word(s, ccp_gemini_dec_reasons[i].word)
                : n > 0 && n == ccp_gemini_dec_reasons[i].number)
        {
            return &ccp_gemini_dec_reasons[i];
        }
    }

    return &ccp_gemini_dec_reason_unknown;
}


const char *
ccp_gemini_enc_stop_word(ccp_stop_e stop, ccp_str_t category)
{
    size_t                      i;
    const ccp_gemini_reason_t  *row;

    for (i = 0; i < ccp_countof(ccp_gemini_dec_reasons) && category.n; i++) {
        row = &ccp_gemini_dec_reasons[i];

        if (row->end == CCP_GEMINI_STOP && row->stop == stop
            && ccp_str_is(category, row->word))
        {
            return row->word;
        }
    }

    for (i = 0; i < ccp_countof(ccp_gemini_enc_stop_words); i++) {
        if (ccp_gemini_enc_stop_words[i].stop == stop) {
            return ccp_gemini_enc_stop_words[i].word;
        }
    }

    return "STOP";
}


static const ccp_gemini_error_t *
ccp_gemini_error_row(const ccp_error_t *err)
{
    unsigned  cls;

    cls = err->cls;

    return &ccp_gemini_errors[cls < CCP_E_MAX ? cls : CCP_E_SERVER];
}


int
ccp_gemini_enc_error_document(const ccp_error_t *err, ccp_str_t request_id,
    ccp_out_t *out)
{
    char                       delay[16];
    const ccp_gemini_error_t  *row;

    (void) request_id;

    row = ccp_gemini_error_row(err);

    ccp_w_obj(out);
    ccp_w_key(out, "error");
    ccp_w_obj(out);
    ccp_w_kint(out, "code", err->reply ? err->reply : row->status);

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


int
ccp_gemini_error_status(const ccp_error_t *err)
{
    return ccp_gemini_error_row(err)->status;
}


int
ccp_gemini_own_error(const ccp_error_t *err, ccp_jval_t root)
{
    ccp_jval_t  error;

    error = ccp_json_opt(root, "error");

    return ccp_json_text(ccp_json_opt(error, "message"))
           && ccp_json_text(ccp_json_opt(error, "status"))
           && ccp_json_int(ccp_json_opt(error, "code"), 0) == err->status;
}
