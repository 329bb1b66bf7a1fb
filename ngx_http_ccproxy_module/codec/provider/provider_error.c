
/*
 * Errors of providers: any envelope in, one class out.
 *
 * Where the parts of an error stand, which words mean which class and how a
 * waiting time is spelled are tables; a provider that differs is a row.
 */

#include "codec/provider/provider_error.h"
#include "codec/base/base_match.h"
#include "codec/base/base_time.h"


#define CCP_ERR_FIGURE   1000000000000000
#define CCP_ERR_MOMENT_MS  1000000000000
#define CCP_ERR_NEST     4         /* envelopes inside envelopes */
#define CCP_ERR_LIST     32        /* details looked at */


/* What was found in a document, before it is judged. */

typedef struct {
    ccp_str_t  message;
    ccp_str_t  code;
    ccp_str_t  type;
    ccp_str_t  reason;             /* google.rpc.ErrorInfo */
    ccp_str_t  delay;              /* google.rpc.RetryInfo */
    ccp_str_t  quota;              /* google.rpc.QuotaFailure: quotaId */
    ccp_str_t  resets_in;          /* seconds */
    ccp_str_t  resets_at;          /* a moment in seconds or milliseconds */
    ccp_str_t  tokens;             /* llama.cpp: of the prompt, */
    ccp_str_t  limit;              /* … of the context */
    int        status;             /* inside the document */
    int        nomem;
    ccp_arena_t  *arena;
} ccp_error_found_t;


/*
 * Words that decide against the status.  lo and hi bound the statuses to
 * which a row applies, 0 being an error that came inside a good answer.
 */

typedef enum { CCP_ERROR_IN_CODE, CCP_ERROR_IN_MESSAGE, CCP_ERROR_IN_REASON,
               CCP_ERROR_IN_QUOTA }
    ccp_error_where_e;

static const struct {
    int                lo;
    int                hi;
    ccp_error_where_e  where;      /* code and type: equal, else: contained */
    const char        *word;
    ccp_err_e          cls;
} ccp_error_words[] = {
    { 0, 599, CCP_ERROR_IN_CODE, "context_length_exceeded", CCP_E_TOO_LONG },
    { 0, 599, CCP_ERROR_IN_CODE, "too_many_prompt_tokens", CCP_E_TOO_LONG },
    { 0, 599, CCP_ERROR_IN_CODE, "exceed_context_size_error", CCP_E_TOO_LONG },
    { 0, 599, CCP_ERROR_IN_CODE, "model_max_prompt_tokens_exceeded",
      CCP_E_TOO_LONG },
    { 0, 413, CCP_ERROR_IN_CODE, "tokens_limit_reached", CCP_E_TOO_LONG },
    { 0, 500, CCP_ERROR_IN_CODE, "1261", CCP_E_TOO_LONG },

    { 0, 429, CCP_ERROR_IN_CODE, "insufficient_quota", CCP_E_QUOTA },
    { 0, 429, CCP_ERROR_IN_CODE, "exceeded_current_quota_error", CCP_E_QUOTA },
    { 0, 429, CCP_ERROR_IN_CODE, "1113", CCP_E_QUOTA },
    { 0, 429, CCP_ERROR_IN_CODE, "AllocationQuota.FreeTierOnly", CCP_E_QUOTA },
    { 429, 429, CCP_ERROR_IN_QUOTA, "perday", CCP_E_QUOTA },
    { 403, 403, CCP_ERROR_IN_MESSAGE, "reached your usage limit",
      CCP_E_QUOTA },
    { 0, 403, CCP_ERROR_IN_CODE, "Arrearage", CCP_E_BILLING },
    { 0, 429, CCP_ERROR_IN_CODE, "billing_error", CCP_E_BILLING },
    { 0, 299, CCP_ERROR_IN_CODE, "1008", CCP_E_BILLING },
    { 0, 403, CCP_ERROR_IN_MESSAGE, "credit balance is too low",
      CCP_E_BILLING },
    { 0, 412, CCP_ERROR_IN_MESSAGE, "insufficient balance", CCP_E_BILLING },
    { 412, 412, CCP_ERROR_IN_MESSAGE, "suspended", CCP_E_BILLING },

    { 400, 403, CCP_ERROR_IN_REASON, "API_KEY_INVALID", CCP_E_AUTH },
    { 0, 401, CCP_ERROR_IN_CODE, "invalid_api_key", CCP_E_AUTH },
    { 0, 401, CCP_ERROR_IN_CODE, "authentication_error", CCP_E_AUTH },
    { 0, 299, CCP_ERROR_IN_CODE, "1004", CCP_E_AUTH },
    { 400, 400, CCP_ERROR_IN_MESSAGE, "incorrect api key", CCP_E_AUTH },
    { 400, 400, CCP_ERROR_IN_MESSAGE, "api key not valid", CCP_E_AUTH },
    { 400, 400, CCP_ERROR_IN_MESSAGE, "invalid api key", CCP_E_AUTH },

    { 0, 599, CCP_ERROR_IN_CODE, "overloaded_error", CCP_E_OVERLOADED },
    { 0, 599, CCP_ERROR_IN_CODE, "engine_overloaded_error", CCP_E_OVERLOADED },
    { 0, 599, CCP_ERROR_IN_CODE, "insufficient_system_resource",
      CCP_E_OVERLOADED },
    { 0, 498, CCP_ERROR_IN_CODE, "capacity_exceeded", CCP_E_OVERLOADED },

    { 0, 400, CCP_ERROR_IN_CODE, "model_not_found", CCP_E_NOT_FOUND },

    /* an error inside a good answer has its class in words alone */

    { 0, 299, CCP_ERROR_IN_CODE, "invalid_request_error", CCP_E_BAD_REQUEST },
    { 0, 299, CCP_ERROR_IN_CODE, "INVALID_ARGUMENT", CCP_E_BAD_REQUEST },
    { 0, 299, CCP_ERROR_IN_CODE, "FAILED_PRECONDITION", CCP_E_BAD_REQUEST },
    { 0, 299, CCP_ERROR_IN_CODE, "tool_use_failed", CCP_E_BAD_REQUEST },
    { 0, 299, CCP_ERROR_IN_CODE, "UNAUTHENTICATED", CCP_E_AUTH },
    { 0, 299, CCP_ERROR_IN_CODE, "permission_error", CCP_E_FORBIDDEN },
    { 0, 299, CCP_ERROR_IN_CODE, "PERMISSION_DENIED", CCP_E_FORBIDDEN },
    { 0, 299, CCP_ERROR_IN_CODE, "not_found_error", CCP_E_NOT_FOUND },
    { 0, 299, CCP_ERROR_IN_CODE, "NOT_FOUND", CCP_E_NOT_FOUND },
    { 0, 299, CCP_ERROR_IN_CODE, "conflict_error", CCP_E_CONFLICT },
    { 0, 299, CCP_ERROR_IN_CODE, "ABORTED", CCP_E_CONFLICT },
    { 0, 299, CCP_ERROR_IN_CODE, "request_too_large", CCP_E_TOO_LARGE },
    { 0, 299, CCP_ERROR_IN_CODE, "rate_limit_error", CCP_E_RATE },
    { 0, 299, CCP_ERROR_IN_CODE, "rate_limit_exceeded", CCP_E_RATE },
    { 0, 299, CCP_ERROR_IN_CODE, "RESOURCE_EXHAUSTED", CCP_E_RATE },
    { 0, 299, CCP_ERROR_IN_CODE, "1002", CCP_E_RATE },
    { 0, 299, CCP_ERROR_IN_CODE, "api_error", CCP_E_SERVER },
    { 0, 299, CCP_ERROR_IN_CODE, "server_error", CCP_E_SERVER },
    { 0, 299, CCP_ERROR_IN_CODE, "INTERNAL", CCP_E_SERVER },
    { 0, 299, CCP_ERROR_IN_CODE, "UNAVAILABLE", CCP_E_OVERLOADED },
    { 0, 299, CCP_ERROR_IN_CODE, "timeout_error", CCP_E_TIMEOUT },
    { 0, 299, CCP_ERROR_IN_CODE, "DEADLINE_EXCEEDED", CCP_E_TIMEOUT }
};


/* Words before a waiting time in a message, lower case. */

static const char *const  ccp_error_waits[] = {
    "retry in ",
    "try again in ",
    "retry after ",
    "retry-after: "
};


/* A duration in whole seconds, 0 if there is none. */

static int
ccp_error_duration(const uint8_t *p, const uint8_t *end)
{
    double  ms;

    (void) ccp_time_duration(p, end, &ms);

    return ccp_wait_seconds(ms / 1e3);
}


/* A figure of a document; 0: none, or none that is believed. */

static int64_t
ccp_error_int(ccp_str_t s)
{
    size_t   i;
    int64_t  n;

    n = 0;

    for (i = 0; i < s.n; i++) {

        if (s.p[i] < '0' || s.p[i] > '9') {
            return s.p[i] == '.' ? n : 0;
        }

        if (n > CCP_ERR_FIGURE) {
            return 0;
        }

        n = n * 10 + (s.p[i] - '0');
    }

    return n;
}


static int
ccp_error_wait(ccp_str_t text)
{
    int             wait;
    size_t          i;
    const uint8_t  *p;

    for (i = 0; i < ccp_countof(ccp_error_waits); i++) {
        p = ccp_str_after(text, ccp_cstr(ccp_error_waits[i]));

        if (p) {
            wait = ccp_error_duration(p, text.p + text.n);
            if (wait) {
                return wait;
            }
        }
    }

    return 0;
}


/* The first that is text of some length, or a value other than null. */

static ccp_str_t
ccp_error_text(ccp_jval_t v)
{
    switch (ccp_json_type(v)) {

    case CCP_J_STRING:
        return ccp_str_blank(ccp_json_str(v)) ? ccp_none : ccp_json_str(v);

    case CCP_J_NUMBER:
    case CCP_J_ARRAY:
    case CCP_J_OBJECT:
        return ccp_json_raw(v);

    default:
        return ccp_none;
    }
}


static void
ccp_error_take(ccp_str_t *to, ccp_jval_t obj, const char *name)
{
    if (to->p == NULL) {
        *to = ccp_error_text(ccp_json_get(obj, name));
    }
}


static void ccp_error_collect(ccp_error_found_t *f, ccp_jval_t v, int depth);


/* A list of details in Google's form. */

static void
ccp_error_details(ccp_error_found_t *f, ccp_jval_t details)
{
    int          n;
    ccp_jiter_t  it, quota;

    it = ccp_json_iter(details);

    for (n = 0; n < CCP_ERR_LIST && ccp_json_next(&it); n++) {
        ccp_error_take(&f->delay, it.val, "retryDelay");

        if (f->reason.p == NULL) {
            f->reason = ccp_json_gets(it.val, "reason");
        }

        quota = ccp_json_iter(ccp_json_get(it.val, "violations"));

        while (f->quota.p == NULL && ccp_json_next(&quota)) {
            f->quota = ccp_json_gets(quota.val, "quotaId");
        }
    }
}


/* FastAPI's {"detail":[{"msg":…}]}, else the text. */

static void
ccp_error_detail(ccp_error_found_t *f, ccp_jval_t v)
{
    ccp_jiter_t  it;

    if (f->message.p || !ccp_json_has(v)) {
        return;
    }

    if (ccp_json_type(v) == CCP_J_ARRAY) {
        it = ccp_json_iter(v);

        if (ccp_json_next(&it)) {
            f->message = ccp_json_gets(it.val, "msg");
        }
    }

    if (f->message.p == NULL) {
        f->message = ccp_error_text(v);
    }
}


static void
ccp_error_status_in(ccp_error_found_t *f, ccp_jval_t obj)
{
    size_t   i;
    int64_t  n;

    static const char *const  names[] = {
        "code", "status_code", "status", "raw_status_code"
    };

    for (i = 0; i < ccp_countof(names) && f->status == 0; i++) {
        n = ccp_json_int(ccp_json_get(obj, names[i]), 0);

        if (n >= 400 && n < 600) {
            f->status = (int) n;
        }
    }
}


static int
ccp_error_parse(ccp_arena_t *a, ccp_str_t text, ccp_jval_t *root)
{
    int          rc;
    ccp_json_t  *doc;

    doc = ccp_alloc(a, sizeof(ccp_json_t));
    if (doc == NULL) {
        return CCP_NOMEM;
    }

    ccp_json_init(doc, a);

    rc = ccp_json_parse(doc, text.p, text.n, CCP_JSON_ANY, NULL);

    if (rc == CCP_OK) {
        *root = ccp_json_root(doc);
    }

    return rc;
}


/*
 * A message that is itself a document, as of servers that hand on what their
 * own runner said; else, where words are wanted, the text as it is.
 */

static void
ccp_error_inner(ccp_error_found_t *f, ccp_jval_t v, int words, int depth)
{
    int         rc;
    ccp_str_t   text;
    ccp_jval_t  root;

    if (f->message.p || ccp_json_type(v) != CCP_J_STRING
        || ccp_str_blank(ccp_json_str(v)))
    {
        return;
    }

    text = ccp_error_trim(ccp_json_str(v));

    if (text.p[0] == '{' || text.p[0] == '[') {
        text = ccp_str_plain(f->arena, text);
        rc = text.p ? ccp_error_parse(f->arena, text, &root) : CCP_NOMEM;

        if (rc == CCP_OK) {
            ccp_error_collect(f, root, depth + 1);
            return;
        }

        f->nomem |= (rc == CCP_NOMEM);
    }

    if (words) {
        text = ccp_str_plain(f->arena, text);
        f->nomem |= (text.p == NULL
                     || ccp_error_plain(f->arena, text, &f->message)
                        != CCP_OK);
    }
}


/* What a gateway tells of its own upstream: OpenRouter's words and limits. */

static void
ccp_error_metadata(ccp_error_found_t *f, ccp_jval_t v, int depth)
{
    ccp_jval_t  meta, raw;

    meta = ccp_json_opt(v, "metadata");
    raw = ccp_json_opt(meta, "raw");

    if (ccp_json_type(raw) == CCP_J_OBJECT) {
        ccp_error_collect(f, raw, depth + 1);

    } else {
        ccp_error_inner(f, raw, 1, depth);
    }

    ccp_error_take(&f->resets_at, ccp_json_opt(meta, "headers"),
                   "X-RateLimit-Reset");
}


/* When a limit ends, and how much there is of what. */

static void
ccp_error_figures(ccp_error_found_t *f, ccp_jval_t v)
{
    ccp_error_take(&f->resets_in, v, "resets_in_seconds");
    ccp_error_take(&f->resets_at, v, "resets_at");
    ccp_error_take(&f->tokens, v, "n_prompt_tokens");
    ccp_error_take(&f->limit, v, "n_ctx");
}


/* Collects from an error object, an envelope or a list of one of them. */

static void
ccp_error_collect(ccp_error_found_t *f, ccp_jval_t v, int depth)
{
    ccp_jval_t   inner, base;
    ccp_jiter_t  it;

    if (depth == CCP_ERR_NEST) {
        return;
    }

    switch (ccp_json_type(v)) {

    case CCP_J_STRING:
        f->message = f->message.p ? f->message : ccp_error_text(v);
        return;

    case CCP_J_ARRAY:
        it = ccp_json_iter(v);
        if (ccp_json_next(&it)) {
            ccp_error_collect(f, it.val, depth + 1);
        }
        return;

    case CCP_J_OBJECT:
        break;

    default:
        return;
    }

    /* the inner error speaks before its envelope */

    inner = ccp_json_opt(v, "error");

    if (ccp_json_has(inner) && ccp_json_type(inner) != CCP_J_STRING) {
        ccp_error_collect(f, inner, depth + 1);
    }

    if (f->message.p == NULL) {
        ccp_error_collect(f, ccp_json_opt(ccp_json_opt(v, "response"),
                                          "error"), depth + 1);
    }

    ccp_error_metadata(f, v, depth);
    ccp_error_figures(f, v);

    ccp_error_inner(f, ccp_json_opt(v, "message"), 0, depth);
    ccp_error_take(&f->message, v, "message");

    if (ccp_json_type(inner) == CCP_J_STRING) {
        ccp_error_inner(f, inner, 0, depth);
        ccp_error_take(&f->message, v, "error");
    }

    ccp_error_detail(f, ccp_json_opt(v, "detail"));
    ccp_error_take(&f->message, v, "title");
    ccp_error_take(&f->message, v, "msg");

    base = ccp_json_opt(v, "base_resp");
    ccp_error_take(&f->message, base, "status_msg");
    ccp_error_take(&f->code, base, "status_code");

    ccp_error_take(&f->code, v, "code");

    if (!ccp_json_is(ccp_json_get(v, "type"), "error")) {
        ccp_error_take(&f->type, v, "type");
    }

    if (ccp_json_type(ccp_json_get(v, "status")) == CCP_J_STRING) {
        ccp_error_take(&f->type, v, "status");
    }

    ccp_error_status_in(f, v);

    if (ccp_json_type(ccp_json_get(v, "details")) == CCP_J_ARRAY) {
        ccp_error_details(f, ccp_json_get(v, "details"));
    }
}


static int
ccp_error_word(const ccp_error_found_t *f, ccp_str_t text, size_t i)
{
    const char  *word;

    word = ccp_error_words[i].word;

    switch (ccp_error_words[i].where) {

    case CCP_ERROR_IN_CODE:
        return ccp_str_is(f->code, word) || ccp_str_is(f->type, word);

    case CCP_ERROR_IN_MESSAGE:
        return ccp_str_after(text, ccp_cstr(word)) != NULL;

    case CCP_ERROR_IN_REASON:
        return ccp_str_is(f->reason, word);

    default:
        return ccp_str_after(f->quota, ccp_cstr(word)) != NULL;
    }
}


/* The class; text is the message in plain spelling. */

static ccp_err_e
ccp_error_judge(ccp_error_t *e, const ccp_error_found_t *f, ccp_str_t text)
{
    int        status;
    size_t     i;
    ccp_err_e  cls;

    status = e->status;

    for (i = 0; i < ccp_countof(ccp_error_words); i++) {
        if (status >= ccp_error_words[i].lo && status <= ccp_error_words[i].hi
            && ccp_error_word(f, text, i))
        {
            return ccp_error_words[i].cls;
        }
    }

    /* a rate limit may mention context lengths too */

    cls = ccp_error_class(status);

    if (cls != CCP_E_RATE && cls != CCP_E_AUTH && cls != CCP_E_BILLING) {
        if (ccp_overflow_read(e, text)) {
            return CCP_E_TOO_LONG;
        }
    }

    if (cls == CCP_E_NONE) {
        cls = ccp_error_class(f->status);
    }

    return cls == CCP_E_NONE ? CCP_E_SERVER : cls;
}


/* Fills *e from what was found. */

static int
ccp_error_fill(ccp_error_t *e, ccp_arena_t *a, const ccp_error_found_t *f)
{
    int        rc, status;
    ccp_str_t  text, delay;

    if (f->nomem) {
        return CCP_NOMEM;
    }

    text = ccp_str_plain(a, f->message);
    delay = ccp_str_plain(a, f->delay);

    if ((f->message.p && text.p == NULL) || (f->delay.p && delay.p == NULL)) {
        return CCP_NOMEM;
    }

    e->code = f->code;
    e->type = f->type;
    e->message = f->message;
    e->tokens = ccp_error_int(f->tokens);
    e->limit = ccp_error_int(f->limit);
    e->resets_at = ccp_error_int(f->resets_at);
    e->cls = ccp_error_judge(e, f, text);

    if (e->resets_at >= CCP_ERR_MOMENT_MS) {
        e->resets_at /= 1000;
    }

    if (e->retry_after == 0 && f->resets_in.p) {
        e->retry_after = ccp_error_duration(f->resets_in.p,
                                            f->resets_in.p + f->resets_in.n);
    }

    if (e->retry_after == 0 && delay.p) {
        e->retry_after = ccp_error_duration(delay.p, delay.p + delay.n);
    }

    if (e->retry_after == 0) {
        e->retry_after = ccp_error_wait(text);
    }

    if (f->message.p) {
        return CCP_OK;
    }

    if (e->status == 0) {
        e->message = ccp_lit("upstream answered with an error");
        return CCP_OK;
    }

    status = e->status;
    rc = ccp_refuse(e, a, e->cls, "upstream answered %d", status);
    e->status = status;

    return rc == CCP_NOMEM ? CCP_NOMEM : CCP_OK;
}


int
ccp_error_read_json(ccp_error_t *e, ccp_arena_t *a, int status,
    ccp_jval_t error)
{
    ccp_error_found_t  f;

    memset(e, 0, sizeof(ccp_error_t));
    memset(&f, 0, sizeof(ccp_error_found_t));

    e->status = status;
    f.arena = a;
    ccp_error_collect(&f, error, 0);

    if (ccp_json_type(error) == CCP_J_OBJECT
        || ccp_json_type(error) == CCP_J_ARRAY)
    {
        e->raw = ccp_json_raw(error);
    }

    return ccp_error_fill(e, a, &f);
}


/* The payload of an error that came framed as an event. */

static ccp_str_t
ccp_error_unframe(ccp_str_t body)
{
    const uint8_t  *p, *lf;

    if (!ccp_str_starts(body, "data:") && !ccp_str_starts(body, "event:")) {
        return body;
    }

    p = ccp_str_after(body, ccp_lit("data:"));
    if (p == NULL) {
        return body;
    }

    body.n -= (size_t) (p - body.p);
    body.p = p;

    lf = memchr(body.p, '\n', body.n);
    if (lf) {
        body.n = (size_t) (lf - body.p);
    }

    return ccp_error_trim(body);
}


int
ccp_error_read(ccp_error_t *e, ccp_arena_t *a, int status, ccp_str_t body,
    ccp_str_t retry_after_header)
{
    int                rc;
    ccp_str_t          header;
    ccp_jval_t         root;
    ccp_error_found_t  f;

    memset(e, 0, sizeof(ccp_error_t));
    memset(&f, 0, sizeof(ccp_error_found_t));

    e->status = status;

    /* a date can't be judged without a clock and gives 0 */

    header = ccp_error_trim(retry_after_header);

    if (header.n) {
        e->retry_after = ccp_error_duration(header.p, header.p + header.n);
    }

    body = ccp_error_unframe(ccp_error_trim(body));
    e->empty = (body.n == 0);

    f.arena = a;

    if (body.n) {
        rc = ccp_error_parse(a, body, &root);

        if (rc == CCP_OK) {
            e->raw = body;
            ccp_error_collect(&f, root, 0);

        } else if (rc == CCP_NOMEM
                   || ccp_error_plain(a, body, &f.message) != CCP_OK)
        {
            return CCP_NOMEM;
        }
    }

    return ccp_error_fill(e, a, &f);
}
