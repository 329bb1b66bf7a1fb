
/*
 * Records: bodies with what is left out of them, and the messages that streams
 * tell, whole or cut.
 */

#include "codec/record/record.h"
#include "codec/exchange/exchange.h"
#include "codec/base/base_mask.h"
#include "ut.h"


#define PIXELS  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9Q" \
                "DwADhgGAWjR9awAAAABJRU5ErkJggg=="


/* Tells the length, which is enough to see what was hashed. */

static void
digest(ccp_str_t s, uint8_t *out)
{
    memset(out, (int) (s.n & 0xff), CCP_RECORD_DIGEST);
}


typedef struct {
    ccp_arena_t  *arena;
    ccp_out_t     out;
} record_t;


static void
record_open(record_t *r)
{
    r->arena = ut_arena();
    ccp_out_init(&r->out, r->arena, 0);
}


static char *
record_close(record_t *r)
{
    char  *text;

    text = ccp_out_finish(&r->out) == CCP_OK
           ? ut_cstr(ccp_out_all(&r->out)) : NULL;

    ccp_arena_destroy(r->arena);

    return text;
}


static char *
record_body(ccp_str_t body, size_t max, const char *const *patterns)
{
    size_t                i;
    record_t              r;
    char                  wrong[128];
    ccp_record_rules_t    rules;
    ccp_record_pattern_t  list[4];

    record_open(&r);
    memset(&rules, 0, sizeof(rules));
    memset(list, 0, sizeof(list));
    rules.digest = digest;
    rules.text_max = max;

    for (i = 0; patterns && patterns[i]; i++) {
        UT_CHECK(ccp_record_pattern(&list[i], ccp_cstr(patterns[i]), r.arena,
                                    wrong, sizeof(wrong)) == CCP_OK,
                 "%s is read", patterns[i]);
        list[i].next = patterns[i + 1] ? &list[i + 1] : NULL;
        rules.patterns = list;
    }

    UT_CHECK(ccp_record_body(&rules, body, r.arena, &r.out) == CCP_OK,
             "the body is written");

    return record_close(&r);
}


static void
check_body(const char *name, const char *body, size_t max,
    const char *const *patterns, const char *expected)
{
    char  *text;

    text = record_body(ccp_cstr(body), max, patterns);
    UT_CHECK(text && strcmp(text, expected) == 0, "%s: %s", name,
             text ? text : "nothing");
    free(text);
}


static void
test_body(void)
{
    char        *text, mark[128];
    const char  *const secrets[] = { "sk-[a-z]{4,}", "(?i)password: \\S+",
                                     NULL };
    const char  *const slow[] = { "(a+)+$", NULL };

    check_body("plain", "{ \"a\" : [1.50, \"x\\n\", null], \"b\": {} }", 0,
               NULL, "{\"a\":[1.50,\"x\\n\",null],\"b\":{}}");
    check_body("no JSON", "<html>\"\xff\xc3\xa9", 0, NULL,
               "\"<html>\\\"\xef\xbf\xbd\xc3\xa9\"");
    check_body("nothing", "", 0, NULL, "\"\"");

    text = record_body(ccp_lit("{\"image_url\":\"data:image/png;base64,"
                               PIXELS "\",\"data\":\"" PIXELS "\","
                               "\"text\":\"" PIXELS "\",\"id\":\"abc\"}"), 0,
                       NULL);

    snprintf(mark, sizeof(mark), "[left out: 70 bytes, sha256 4646");
    UT_CHECK(text && strstr(text, mark) && strstr(strstr(text, mark) + 1, mark)
             && strstr(text, "\"text\":\"" PIXELS "\"")
             && strstr(text, "data:image/png;base64,[left"),
             "media: %s", text ? text : "nothing");
    free(text);

    /* slashes that are escaped belong to it */

    text = record_body(ccp_lit("{\"data\":\"\\/\\/\\/" PIXELS "\"}"), 0, NULL);
    UT_CHECK(text && strstr(text, "[left out:") && !strstr(text, "iVBOR"),
             "escaped media: %s", text ? text : "nothing");
    free(text);

    check_body("patterns", "{\"a\":\"my sk-abcd and sk-efgh, PASSWORD: x\\ny\"}",
               0, secrets, "{\"a\":\"my [redacted] and [redacted], "
               "[redacted]\\ny\"}");
    check_body("escaped", "{\"a\":\"\\u0073k-ab\\u0063d\"}", 0, secrets,
               "{\"a\":\"[redacted]\"}");
    check_body("slow", "{\"a\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"}", 0,
               slow, "{\"a\":\"[redacted]\"}");

    text = record_body(ccp_lit("{\"a\":\"12345\xc3\xa9" "7890\",\"b\":\"123\"}"),
                       6, NULL);
    UT_CHECK(text && strncmp(text, "{\"a\":\"12345\xe2\x80\xa6 [cut: 11 bytes, "
                             "sha256 0b0b", 40) == 0
             && strstr(text, "\"b\":\"123\""), "cut: %s",
             text ? text : "nothing");
    free(text);
}


static void
mask(void *ctx, uint8_t *p, size_t n)
{
    ccp_mask(p, n, ccp_cstr(ctx));
}


/* A secret of which a cut would leave the beginning. */

static void
test_secret(void)
{
    char                *text;
    record_t             r;
    ccp_record_rules_t   rules;

    static char  secret[] = "secret-one";

    record_open(&r);
    memset(&rules, 0, sizeof(rules));
    rules.digest = digest;
    rules.mask = mask;
    rules.ctx = secret;
    rules.text_max = 12;

    UT_CHECK(ccp_record_body(&rules, ccp_lit("{\"a\":\"12345secret-one, and "
                             "more\"}"), r.arena, &r.out) == CCP_OK,
             "the body is written");

    text = record_close(&r);
    UT_CHECK(text && strncmp(text, "{\"a\":\"12345*******\xe2\x80\xa6 [cut: "
                             "25 bytes, ", 38) == 0,
             "a secret at the cut: %s", text ? text : "nothing");
    free(text);
}


static void
test_pattern(void)
{
    size_t                i;
    char                  wrong[128];
    ccp_arena_t          *a;
    ccp_record_pattern_t  p;

    static const char  *const bad[] = { "(", "a*", "[", NULL };

    a = ut_arena();

    for (i = 0; bad[i]; i++) {
        wrong[0] = '\0';
        UT_CHECK(ccp_record_pattern(&p, ccp_cstr(bad[i]), a, wrong,
                                    sizeof(wrong)) == CCP_INVALID
                 && wrong[0], "%s is refused: %s", bad[i], wrong);
    }

    ccp_arena_destroy(a);
}


/* ---- answers ---- */

static char *
record_answer(ccp_proto_e proto, ccp_str_t bytes, char *error, size_t size)
{
    record_t        r;
    ccp_error_t     err;
    ccp_endpoint_t  ep;

    record_open(&r);
    memset(&ep, 0, sizeof(ep));
    ep.proto = proto;
    ep.op = CCP_OP_GENERATE;

    UT_CHECK(ccp_record_answer(&ep, ccp_none, bytes, r.arena, &r.out, &err)
             == CCP_OK, "the answer is written");

    snprintf(error, size, "%.*s", err.cls ? (int) err.message.n : 0,
             err.message.p ? (const char *) err.message.p : "");

    return record_close(&r);
}


#define CHAT(delta, finish)                                                   \
    "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":5,"   \
    "\"model\":\"gpt\",\"choices\":[{\"index\":0,\"delta\":" delta               \
    ",\"finish_reason\":" finish "}]}\n\n"

static const char  chat[] =
    CHAT("{\"role\":\"assistant\",\"content\":\"Hel\"}", "null")
    CHAT("{\"content\":\"lo\"}", "null")
    CHAT("{\"tool_calls\":[{\"index\":0,\"id\":\"t1\",\"type\":\"function\","
         "\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":\"}}]}", "null")
    CHAT("{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"1}\"}}]}",
         "null")
    CHAT("{}", "\"tool_calls\"")
    "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":5,"
    "\"model\":\"gpt\",\"choices\":[],\"usage\":{\"prompt_tokens\":3,"
    "\"completion_tokens\":4,\"total_tokens\":7}}\n\n"
    "data: [DONE]\n\n";


static void
test_answer(void)
{
    char  *text, error[256];

    text = record_answer(CCP_CHAT, ccp_cstr(chat), error, sizeof(error));
    UT_CHECK(text && strstr(text, "\"object\":\"chat.completion\"")
             && strstr(text, "\"content\":\"Hello\"")
             && strstr(text, "\"arguments\":\"{\\\"a\\\":1}\"")
             && strstr(text, "\"prompt_tokens\":3") && error[0] == '\0',
             "a stream: %s", text ? text : "nothing");
    free(text);

    text = record_answer(CCP_CHAT,
                         ccp_cstr(CHAT("{\"content\":\"so fa\"}", "null")
                                  CHAT("{\"content\":\"r\"}", "null")
                                  "data: {\"id\":"), error, sizeof(error));
    UT_CHECK(text && strstr(text, "\"content\":\"so far\"") && error[0],
             "a stream that is cut: %s, %s", text ? text : "nothing", error);
    free(text);

    text = record_answer(CCP_CHAT, ccp_lit(" {\"x\": 1}"), error,
                         sizeof(error));
    UT_CHECK(text && strcmp(text, " {\"x\": 1}") == 0, "a document: %s",
             text ? text : "nothing");
    free(text);

    text = record_answer(CCP_CHAT, ccp_lit(""), error, sizeof(error));
    UT_CHECK(text && strcmp(text, "null") == 0, "nothing: %s", text);
    free(text);

    text = record_answer(CCP_OLLAMA,
                         ccp_lit("{\"model\":\"q\",\"message\":{\"role\":"
                                 "\"assistant\",\"content\":\"a\"},\"done\":"
                                 "false}\n{\"model\":\"q\",\"message\":{\"role\":"
                                 "\"assistant\",\"content\":\"b\"},\"done\":true,"
                                 "\"done_reason\":\"stop\"}\n"), error,
                         sizeof(error));
    UT_CHECK(text && strstr(text, "\"content\":\"ab\""), "lines: %s, %s",
             text ? text : "nothing", error);
    free(text);
}


typedef struct {
    const char  *request;
    const char  *answer;
} fail_t;


static int
fail_body(const ccp_mem_t *mem, void *arg)
{
    int                   rc;
    fail_t               *f = arg;
    ccp_out_t             out;
    ccp_arena_t          *a;
    ccp_record_rules_t    rules;
    ccp_record_pattern_t  p;
    char                  wrong[64];

    a = ccp_arena_create(mem, 0);
    if (a == NULL) {
        return CCP_NOMEM;
    }

    memset(&rules, 0, sizeof(rules));
    memset(&p, 0, sizeof(p));
    rules.digest = digest;
    rules.patterns = &p;
    rules.text_max = 9;
    ccp_out_init(&out, a, 0);

    rc = ccp_record_pattern(&p, ccp_lit("s[a-z]+"), a, wrong, sizeof(wrong));

    if (rc == CCP_OK) {
        rc = ccp_record_body(&rules, ccp_cstr(f->request), a, &out);
    }

    if (rc == CCP_OK) {
        rc = ccp_out_finish(&out);
    }

    ccp_arena_destroy(a);

    return rc;
}


static int
fail_answer(const ccp_mem_t *mem, void *arg)
{
    int             rc;
    fail_t         *f = arg;
    ccp_out_t       out;
    ccp_error_t     err;
    ccp_arena_t    *a;
    ccp_endpoint_t  ep;

    a = ccp_arena_create(mem, 0);
    if (a == NULL) {
        return CCP_NOMEM;
    }

    memset(&ep, 0, sizeof(ep));
    ep.proto = CCP_CHAT;
    ep.op = CCP_OP_GENERATE;
    ccp_out_init(&out, a, 0);

    rc = ccp_record_answer(&ep, ccp_cstr(f->request), ccp_cstr(f->answer), a,
                           &out, &err);

    if (rc == CCP_OK) {
        rc = ccp_out_finish(&out);
    }

    ccp_arena_destroy(a);

    return rc;
}


static void
test_memory(void)
{
    static fail_t  f = {
        "{\"model\":\"gpt\",\"messages\":[{\"role\":\"user\",\"content\":\"a "
        "secret that is long\"}],\"data\":\"" PIXELS "\"}", chat
    };

    ut_fail_each("bodies", fail_body, &f);
    ut_fail_each("answers", fail_answer, &f);
}


int
main(void)
{
    test_body();
    test_secret();
    test_pattern();
    test_answer();
    test_memory();

    return ut_done();
}
