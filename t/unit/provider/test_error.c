
/*
 * Errors of providers: every recorded one and every envelope, wording and
 * waiting time that the tables know.
 */

#include "codec/json/json_read.h"
#include "codec/form/form_error.h"
#include "codec/provider/provider_error.h"
#include "ut.h"


static const struct {
    int          status;
    const char  *body;
    ccp_err_e    cls;
    const char  *message;
    const char  *code;         /* NULL: absent */
    const char  *type;
} ut_bodies[] = {

    /* envelopes */

    { 400, "{\"error\":{\"message\":\"m\",\"type\":\"t\",\"param\":null,"
      "\"code\":\"c\"}}", CCP_E_BAD_REQUEST, "m", "c", "t" },
    { 404, "{\"type\":\"error\",\"error\":{\"type\":\"not_found_error\","
      "\"message\":\"model: x\"},\"request_id\":\"r\"}",
      CCP_E_NOT_FOUND, "model: x", NULL, "not_found_error" },
    { 429, "{\"error\":{\"code\":429,\"message\":\"m\",\"status\":"
      "\"RESOURCE_EXHAUSTED\"}}", CCP_E_RATE, "m", "429",
      "RESOURCE_EXHAUSTED" },
    { 403, "[{\"error\":{\"code\":403,\"message\":\"m\",\"status\":"
      "\"PERMISSION_DENIED\"}}]", CCP_E_FORBIDDEN, "m", "403",
      "PERMISSION_DENIED" },
    { 404, "{\"error\":\"model 'x' not found\"}", CCP_E_NOT_FOUND,
      "model 'x' not found", NULL, NULL },
    { 403, "{\"code\":\"c\",\"error\":\"no\"}", CCP_E_FORBIDDEN, "no", "c",
      NULL },
    { 400, "{\"object\":\"error\",\"message\":\"m\",\"type\":\"t\","
      "\"param\":null,\"code\":\"3051\",\"raw_status_code\":400}",
      CCP_E_BAD_REQUEST, "m", "3051", "t" },
    { 401, "{\"detail\":\"Invalid API Key\"}", CCP_E_AUTH, "Invalid API Key",
      NULL, NULL },
    { 422, "{\"detail\":[{\"loc\":[\"body\"],\"msg\":\"field required\"}]}",
      CCP_E_BAD_REQUEST, "field required", NULL, NULL },
    { 422, "{\"type\":\"about:blank\",\"title\":\"T\",\"status\":422,"
      "\"detail\":\"d\"}", CCP_E_BAD_REQUEST, "d", NULL, "about:blank" },
    { 500, "{\"response\":{\"error\":{\"code\":\"server_error\","
      "\"message\":\"m\"}}}", CCP_E_SERVER, "m", "server_error", NULL },
    { 500, "\"just words\"", CCP_E_SERVER, "just words", NULL, NULL },
    { 503, "  upstream connect error \n", CCP_E_OVERLOADED,
      "upstream connect error", NULL, NULL },
    { 400, "data: {\"error\":{\"message\":\"m\"}}\n\n", CCP_E_BAD_REQUEST,
      "m", NULL, NULL },
    { 400, "event: error\ndata: {\"error\":{\"message\":\"m\"}}\n\n",
      CCP_E_BAD_REQUEST, "m", NULL, NULL },
    { 422, "{\"message\":{\"detail\":[1]}}", CCP_E_BAD_REQUEST,
      "{\"detail\":[1]}", NULL, NULL },
    { 500, "{\"error\":{\"message\":\"\"},\"message\":\"outer\"}",
      CCP_E_SERVER, "outer", NULL, NULL },
    { 400, "{\"error\":{\"message\":\"a\\n\\u00e9\"}}", CCP_E_BAD_REQUEST,
      "a\n\xc3\xa9", NULL, NULL },

    /* no words at all */

    { 502, "<html><body><h1>502 Bad Gateway</h1></body></html>",
      CCP_E_SERVER, "502 Bad Gateway", NULL, NULL },
    { 503, "<!doctype html><html><head><title>\n Just a moment...</title>"
      "<style>a{}</style></head><body>long page</body></html>",
      CCP_E_OVERLOADED, "Just a moment...", NULL, NULL },
    { 502, "<html><head><style>p{}</style></head><body><script>x()</script>"
      "<p>Bad\n <b>gateway</b></p></body></html>", CCP_E_SERVER,
      "Bad gateway", NULL, NULL },

    /* documents inside of strings */

    { 500, "{\"error\":\"{\\\"error\\\":{\\\"code\\\":500,"
      "\\\"message\\\":\\\"no image\\\",\\\"type\\\":"
      "\\\"server_error\\\"}}\"}", CCP_E_SERVER, "no image", "500",
      "server_error" },
    { 500, "{\"error\":\"{cut\"}", CCP_E_SERVER, "{cut", NULL, NULL },
    { 400, "{\"error\":{\"message\":\"Provider returned error\",\"code\":"
      "400,\"metadata\":{\"raw\":\"{\\\"error\\\":{\\\"message\\\":"
      "\\\"x\\\",\\\"code\\\":\\\"context_length_exceeded\\\"}}\"}}}",
      CCP_E_TOO_LONG, "x", "context_length_exceeded", NULL },
    { 400, "{\"error\":{\"message\":\"Provider returned error\",\"code\":"
      "400,\"metadata\":{\"raw\":\" just words \"}}}", CCP_E_BAD_REQUEST,
      "just words", "400", NULL },
    { 501, "{\"error\":{\"message\":\"m\"}}", CCP_E_UNSUPPORTED, "m", NULL,
      NULL },
    { 401, "<!DOCTYPE html>", CCP_E_AUTH, "upstream answered 401", NULL,
      NULL },
    { 413, "", CCP_E_TOO_LARGE, "upstream answered 413", NULL, NULL },
    { 500, "{}", CCP_E_SERVER, "upstream answered 500", NULL, NULL },
    { 500, "[]", CCP_E_SERVER, "upstream answered 500", NULL, NULL },
    { 500, "{\"error\":null}", CCP_E_SERVER, "upstream answered 500", NULL,
      NULL },
    { 500, "{\"error\":{\"message\":\"cut", CCP_E_SERVER,
      "upstream answered 500", NULL, NULL },
    { 500, "\xff\xfe", CCP_E_SERVER, "upstream answered 500", NULL, NULL },

    /* T50: a fault of the key under another status */

    { 400, "{\"error\":{\"code\":400,\"message\":\"API key not valid. Please "
      "pass a valid API key.\",\"status\":\"INVALID_ARGUMENT\",\"details\":[{"
      "\"@type\":\"type.googleapis.com/google.rpc.ErrorInfo\",\"reason\":"
      "\"API_KEY_INVALID\"}]}}", CCP_E_AUTH,
      "API key not valid. Please pass a valid API key.", "400",
      "INVALID_ARGUMENT" },
    { 400, "{\"error\":{\"message\":\"x\",\"details\":[{\"a\":1},{\"reason\":"
      "\"API_KEY_INVALID\"}]}}", CCP_E_AUTH, "x", NULL, NULL },
    { 400, "{\"code\":\"invalid-argument\",\"error\":\"Incorrect API key "
      "provided. You can obtain\"}", CCP_E_AUTH,
      "Incorrect API key provided. You can obtain", "invalid-argument",
      NULL },
    { 400, "{\"error\":{\"message\":\"x\",\"code\":\"invalid_api_key\"}}",
      CCP_E_AUTH, "x", "invalid_api_key", NULL },
    { 400, "{\"error\":{\"message\":\"the API key field is unknown\"}}",
      CCP_E_BAD_REQUEST, "the API key field is unknown", NULL, NULL },

    /* money and quota */

    { 429, "{\"error\":{\"message\":\"x\",\"type\":\"insufficient_quota\","
      "\"code\":\"insufficient_quota\"}}", CCP_E_QUOTA, "x",
      "insufficient_quota", "insufficient_quota" },
    { 429, "{\"error\":{\"message\":\"x\",\"type\":"
      "\"exceeded_current_quota_error\"}}", CCP_E_QUOTA, "x", NULL,
      "exceeded_current_quota_error" },
    { 429, "{\"error\":{\"message\":\"x\",\"code\":\"1113\"}}", CCP_E_QUOTA,
      "x", "1113", NULL },
    { 429, "{\"error\":{\"message\":\"x\",\"details\":[{\"violations\":[{"
      "\"quotaId\":\"GenerateRequestsPerDayPerProject\"}]}]}}", CCP_E_QUOTA,
      "x", NULL, NULL },
    { 429, "{\"error\":{\"message\":\"x\",\"details\":[{\"violations\":[{"
      "\"quotaId\":\"GenerateRequestsPerMinute\"}]}]}}", CCP_E_RATE, "x",
      NULL, NULL },
    { 429, "{\"error\":{\"message\":\"You exceeded your current quota\"}}",
      CCP_E_RATE, "You exceeded your current quota", NULL, NULL },
    { 402, "{\"error\":{\"message\":\"Insufficient Balance\"}}",
      CCP_E_BILLING, "Insufficient Balance", NULL, NULL },
    { 400, "{\"error\":{\"message\":\"Your credit balance is too low to\"}}",
      CCP_E_BILLING, "Your credit balance is too low to", NULL, NULL },
    { 403, "{\"error\":{\"message\":\"You've reached your usage limit for "
      "this billing cycle\"}}", CCP_E_QUOTA,
      "You've reached your usage limit for this billing cycle", NULL, NULL },

    /* load */

    { 400, "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
      "\"message\":\"Overloaded\"}}", CCP_E_OVERLOADED, "Overloaded", NULL,
      "overloaded_error" },
    { 429, "{\"error\":{\"type\":\"engine_overloaded_error\",\"message\":"
      "\"x\"}}", CCP_E_OVERLOADED, "x", NULL, "engine_overloaded_error" },
    { 529, "", CCP_E_OVERLOADED, "upstream answered 529", NULL, NULL },
    { 400, "{\"error\":{\"message\":\"x\",\"code\":\"model_not_found\"}}",
      CCP_E_NOT_FOUND, "x", "model_not_found", NULL },

    /* inside a good answer: the document alone speaks */

    { 200, "{\"error\":{\"message\":\"x\",\"code\":502}}", CCP_E_SERVER, "x",
      "502", NULL },
    { 200, "{\"error\":{\"message\":\"x\",\"code\":429}}", CCP_E_RATE, "x",
      "429", NULL },
    { 200, "{\"error\":{\"message\":\"x\"},\"status_code\":503}",
      CCP_E_OVERLOADED, "x", NULL, NULL },
    { 0, "{\"error\":{\"type\":\"rate_limit_error\",\"message\":\"x\"}}",
      CCP_E_RATE, "x", NULL, "rate_limit_error" },
    { 0, "{\"error\":{\"status\":\"UNAVAILABLE\",\"message\":\"x\"}}",
      CCP_E_OVERLOADED, "x", NULL, "UNAVAILABLE" },
    { 200, "{\"base_resp\":{\"status_code\":1008,\"status_msg\":\"x\"}}",
      CCP_E_BILLING, "x", "1008", NULL },
    { 200, "{\"base_resp\":{\"status_code\":1002,\"status_msg\":\"x\"}}",
      CCP_E_RATE, "x", "1002", NULL },
    { 0, "{\"error\":{\"message\":\"x\"}}", CCP_E_SERVER, "x", NULL, NULL }
};


/* T52: the words of each provider for a prompt that is too long. */

static const struct {
    int          status;
    const char  *message;
    ccp_err_e    cls;
} ut_long[] = {
    { 400, "prompt is too long: 207000 tokens > 200000 maximum",
      CCP_E_TOO_LONG },
    { 400, "Your input exceeds the context window of this model",
      CCP_E_TOO_LONG },
    { 400, "The input token count (9) exceeds the maximum number of tokens "
      "allowed (8)", CCP_E_TOO_LONG },
    { 413, "Please reduce the length of the messages or completion",
      CCP_E_TOO_LONG },
    { 400, "This endpoint's maximum context length is 8 tokens. However, you "
      "requested about 9 tokens", CCP_E_TOO_LONG },
    { 400, "This model's maximum prompt length is 8 but the request contains "
      "9 tokens", CCP_E_TOO_LONG },
    { 400, "Prompt contains 9 tokens, too large for model with 8 maximum "
      "context length", CCP_E_TOO_LONG },
    { 400, "prompt too long; exceeded max context length by 1 tokens",
      CCP_E_TOO_LONG },
    { 403, "This model's maximum context length is 8", CCP_E_TOO_LONG },
    { 400, "Your request exceeded model token limit: 8", CCP_E_TOO_LONG },
    { 400, "Input token length too long", CCP_E_TOO_LONG },
    { 400, "invalid params, context window exceeds limit", CCP_E_TOO_LONG },
    { 400, "Range of input length should be [1, 8]", CCP_E_TOO_LONG },
    { 400, "The total length of all messages is too long.", CCP_E_TOO_LONG },
    { 500, "the request exceeds the available context size",
      CCP_E_TOO_LONG },
    { 400, "tokens to keep from the initial prompt is greater than the "
      "context length", CCP_E_TOO_LONG },
    { 0, "prompt is too long", CCP_E_TOO_LONG },
    { 429, "input tokens per minute: maximum context length", CCP_E_RATE },
    { 400, "the name is too long", CCP_E_BAD_REQUEST },
    { 413, "Request too large for model", CCP_E_TOO_LARGE }
};


static const struct {
    const char  *header;
    const char  *body;
    int          want;
} ut_waits[] = {
    { "7", "", 7 },
    { " 30 ", "", 30 },
    { "1500ms", "", 2 },
    { "0", "", 0 },
    { "Wed, 21 Oct 2026 07:28:00 GMT", "", 0 },
    { "999999999999999999999", "", 86400 },
    { "7", "{\"error\":{\"message\":\"retry in 9s\"}}", 7 },
    { NULL, "{\"error\":{\"message\":\"x\",\"details\":[{\"retryDelay\":"
      "\"48s\"}]}}", 48 },
    { NULL, "{\"error\":{\"message\":\"Please retry in 9s\",\"details\":[{"
      "\"a\":1},{\"retryDelay\":\"48.1s\"}]}}", 49 },
    { "Wed, 21 Oct 2026 07:28:00 GMT", "{\"error\":{\"message\":"
      "\"Please retry in 48.939935699s.\"}}", 49 },
    { NULL, "{\"error\":{\"message\":\"Please try again in 5.289s. Need\"}}",
      6 },
    { NULL, "{\"error\":{\"message\":\"Please try again in 1m2s\"}}", 62 },
    { NULL, "{\"error\":{\"message\":\"Try again in 1h2m3.5s\"}}", 3724 },
    { NULL, "{\"error\":{\"message\":\"try again in 20ms\"}}", 1 },
    { NULL, "{\"error\":{\"message\":\"Please retry after 7 seconds.\"}}",
      7 },
    { NULL, "{\"error\":{\"message\":\"try again in 5 minutes\"}}", 300 },
    { NULL, "{\"error\":{\"message\":\"please retry shortly\"}}", 0 },
    { NULL, "{\"error\":{\"message\":\"retry in a while\"}}", 0 },
    { NULL, "try again in 3s", 3 }
};


static const struct {
    int        status;
    ccp_err_e  cls;
} ut_classes[] = {
    { 400, CCP_E_BAD_REQUEST }, { 401, CCP_E_AUTH }, { 402, CCP_E_BILLING },
    { 403, CCP_E_FORBIDDEN }, { 404, CCP_E_NOT_FOUND }, { 405, CCP_E_METHOD },
    { 408, CCP_E_TIMEOUT }, { 409, CCP_E_CONFLICT }, { 413, CCP_E_TOO_LARGE },
    { 415, CCP_E_BAD_REQUEST }, { 418, CCP_E_BAD_REQUEST },
    { 422, CCP_E_BAD_REQUEST }, { 429, CCP_E_RATE }, { 500, CCP_E_SERVER },
    { 502, CCP_E_SERVER }, { 503, CCP_E_OVERLOADED }, { 504, CCP_E_TIMEOUT },
    { 520, CCP_E_SERVER }, { 524, CCP_E_TIMEOUT }, { 529, CCP_E_OVERLOADED },
    { 302, CCP_E_SERVER }, { 200, CCP_E_NONE }, { 0, CCP_E_NONE }
};

#define ut_nelts(a)  (sizeof(a) / sizeof((a)[0]))


static int
ut_same(ccp_str_t s, const char *want)
{
    return want ? s.p != NULL && ut_str_is(s, want) : s.p == NULL;
}


static void
ut_table(void)
{
    int           rc;
    char          body[512];
    size_t        i;
    ccp_arena_t  *a;
    ccp_error_t   e;

    a = ut_arena();

    for (i = 0; i < ut_nelts(ut_classes); i++) {
        UT_CHECK(ccp_error_class(ut_classes[i].status) == ut_classes[i].cls,
                 "class of %d", ut_classes[i].status);
    }

    for (i = 0; i < ut_nelts(ut_bodies); i++) {
        rc = ccp_error_read(&e, a, ut_bodies[i].status,
                            ccp_cstr(ut_bodies[i].body), ccp_none);

        UT_CHECK(rc == CCP_OK
                 && e.cls == ut_bodies[i].cls
                 && e.status == ut_bodies[i].status
                 && ut_same(e.message, ut_bodies[i].message)
                 && ut_same(e.code, ut_bodies[i].code)
                 && ut_same(e.type, ut_bodies[i].type),
                 "%d %s: class %d \"%.*s\"", ut_bodies[i].status,
                 ut_bodies[i].body, e.cls, (int) e.message.n, e.message.p);
    }

    for (i = 0; i < ut_nelts(ut_long); i++) {
        snprintf(body, sizeof(body), "{\"error\":{\"message\":\"%s\"}}",
                 ut_long[i].message);
        ccp_error_read(&e, a, ut_long[i].status, ccp_cstr(body), ccp_none);
        UT_CHECK(e.cls == ut_long[i].cls && ut_same(e.message,
                                                    ut_long[i].message),
                 "T52: %d %s", ut_long[i].status, ut_long[i].message);
    }

    for (i = 0; i < ut_nelts(ut_waits); i++) {
        ccp_error_read(&e, a, 429, ccp_cstr(ut_waits[i].body),
                       ccp_cstr(ut_waits[i].header));
        UT_CHECK(e.retry_after == ut_waits[i].want, "T49: wait %d of %s %s",
                 e.retry_after, ut_waits[i].header ? ut_waits[i].header : "",
                 ut_waits[i].body);
    }

    ccp_arena_destroy(a);
}


static void
ut_json(void)
{
    ccp_json_t    doc;
    ccp_jerr_t    err;
    ccp_error_t   e;
    ccp_arena_t  *a;

    static const char  text[] =
        "{\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"slow\"},"
        "\"s\":\"words\"}";

    a = ut_arena();
    ccp_json_init(&doc, a);
    ccp_json_parse(&doc, (const uint8_t *) text, sizeof(text) - 1, 0, &err);

    ccp_error_read_json(&e, a, 0, ccp_json_get(ccp_json_root(&doc), "error"));
    UT_CHECK(e.cls == CCP_E_RATE && ut_str_is(e.message, "slow")
             && ut_str_is(e.code, "rate_limit_exceeded"), "an error member");
    UT_CHECK(ut_str_is(e.raw, "{\"code\":\"rate_limit_exceeded\","
                       "\"message\":\"slow\"}"), "its text");

    ccp_error_read_json(&e, a, 0, ccp_json_get(ccp_json_root(&doc), "s"));
    UT_CHECK(e.cls == CCP_E_SERVER && ut_str_is(e.message, "words")
             && e.raw.p == NULL, "a string");

    ccp_error_read_json(&e, a, 0, ccp_jabsent);
    UT_CHECK(e.cls == CCP_E_SERVER && e.message.n, "nothing");

    memset(&e, 0, sizeof(e));
    UT_CHECK(ccp_refuse(&e, a, CCP_E_TOO_LARGE, "%d of %s", 3, "x")
             == CCP_INVALID && e.cls == CCP_E_TOO_LARGE
             && ut_str_is(e.message, "3 of x"), "an error of our own");

    ccp_arena_destroy(a);
}


/* The message of a recorded error, found without the code under test. */

static ccp_str_t
ut_expected(ccp_arena_t *a, ccp_str_t body)
{
    size_t       i;
    ccp_json_t   doc;
    ccp_jerr_t   err;
    ccp_jval_t   root;
    ccp_str_t    s;

    static const char *const  names[] = { "message", "error", "detail" };

    ccp_json_init(&doc, a);
    if (ccp_json_parse(&doc, body.p, body.n, 0, &err) != CCP_OK) {
        return ccp_none;
    }

    root = ccp_json_root(&doc);
    s = ccp_json_gets(ccp_json_get(root, "error"), "message");

    for (i = 0; i < ut_nelts(names) && s.p == NULL; i++) {
        s = ccp_json_gets(root, names[i]);
    }

    return s;
}


/* Recorded errors whose words or code decide against their status. */

static const struct {
    const char  *name;
    ccp_err_e    cls;
} ut_recorded[] = {
    { "vercel-openai-error-1", CCP_E_QUOTA },
    { "ollama-cloud-gpt-oss-120b-handles-context-length", CCP_E_TOO_LONG },
    { "openrouter-claude-haiku-4-5-handles-context-length", CCP_E_TOO_LONG },
    { "perplexity-sonar-handles-context-length", CCP_E_TOO_LONG },
    { "xai/rubyllm-error-handling", CCP_E_AUTH },
    { "otel-responses-create-api-error", CCP_E_NOT_FOUND },
    { "rig-error-identity-edge-extractor-failure", CCP_E_NOT_FOUND }
};


static void
ut_recording(const ut_rec_t *rec, void *arg)
{
    int           rc;
    size_t        i;
    ccp_str_t     body, want;
    ccp_err_e     cls;
    ccp_error_t   e;
    ccp_arena_t  *a;
    int          *n = arg;

    if (rec->status < 400) {
        return;
    }

    (*n)++;
    a = ut_arena();
    body = ut_rec_response(rec);
    want = ut_expected(a, body);
    cls = ccp_error_class(rec->status);

    for (i = 0; i < ut_nelts(ut_recorded); i++) {
        if (strstr(rec->prefix, ut_recorded[i].name)) {
            cls = ut_recorded[i].cls;
        }
    }

    rc = ccp_error_read(&e, a, rec->status, body, ccp_none);

    UT_CHECK(rc == CCP_OK
             && want.p && ccp_str_eq(e.message, want) && e.cls == cls,
             "%s: class %d \"%.*s\"", rec->prefix, e.cls,
             (int) (e.message.n < 60 ? e.message.n : 60), e.message.p);

    if (strstr(rec->prefix, "gemini-2-5-flash-handles-context-length")) {
        UT_CHECK(e.retry_after >= 48 && e.retry_after <= 49,
                 "T49: the delay that Gemini names (%d)", e.retry_after);
    }

    ccp_arena_destroy(a);
    free((void *) body.p);
}


static int
ut_error_mem(const ccp_mem_t *mem, void *arg)
{
    int           rc;
    ccp_error_t   e;
    ccp_arena_t  *a;

    a = ccp_arena_create(mem, 0);
    if (a == NULL) {
        return CCP_NOMEM;
    }

    rc = ccp_error_read(&e, a, 429, ccp_cstr(arg), ccp_lit("x"));

    ccp_arena_destroy(a);

    return rc;
}


int
main(void)
{
    int     n;
    size_t  i;

    ut_table();
    ut_json();

    n = 0;
    if (ut_recordings(NULL, ut_recording, &n)) {
        UT_CHECK(n > 30, "%d recorded errors", n);
    }

    for (i = 0; i < ut_nelts(ut_bodies); i++) {
        ut_fail_each(ut_bodies[i].body, ut_error_mem,
                     (void *) ut_bodies[i].body);
    }

    return ut_done();
}
