
/*
 * Exchanges: splice, addresses, headers, and answers in every mismatch of
 * stream and whole, error and end.
 */

#include "codec/json/json_out.h"
#include "codec/form/form_event.h"
#include "codec/provider/provider.h"
#include "codec/exchange/exchange.h"
#include "ut_exchange.h"


typedef struct {
    ccp_exchange_t   *x;
    ccp_try_t        *try;
    ccp_out_t         out;     /* what the client got */
    ccp_head_t        head;
    int               status;  /* 0: undecided */
    const ccp_out_t  *body;
    ccp_str_t         uri;
    ccp_error_t       err;
} ut_x_t;


static ut_mem_t  ut_m = { 0, 0, -1 };


/* A client's request at path, encoded for a target of protocol up. */

static int
ut_open(ut_x_t *u, const ccp_mem_t *mem, const char *path, const char *args,
    const char *body, ccp_proto_e up, const char *model, int64_t cap)
{
    int           rc;
    ccp_mem_t     m;
    ccp_target_t  t;

    memset(u, 0, sizeof(ut_x_t));
    m = ut_mem(&ut_m);
    u->x = ut_exchange_create(mem ? mem : &m, path, args);
    if (u->x == NULL) {
        return CCP_NOMEM;
    }

    ccp_out_init(&u->out, ccp_exchange_arena(u->x), 0);

    ut_target(&t, ccp_provider_plain(up));
    t.root = ccp_lit("/base/v1");
    t.model = model ? ccp_cstr(model) : ccp_none;
    t.max_tokens = cap;

    rc = ccp_exchange_request(u->x, ccp_cstr(body), ccp_none, &u->err);

    if (rc == CCP_OK) {
        rc = ut_try(&u->try, u->x, &t, ccp_cstr(args), &u->body, &u->uri,
                    &u->err);
    }

    return rc;
}


/* The upstream's answer in pieces of step bytes; what the client gets is
 * collected in u->out. */

static int
ut_answer(ut_x_t *u, int status, const char *type, const char *bytes,
    size_t step, int cut)
{
    int        rc;
    size_t     i, k, n, len;
    ccp_out_t  o;

    len = strlen(bytes);
    ccp_out_init(&o, ccp_exchange_arena(u->x), 0);
    ccp_out_reset(&u->out);
    u->status = 0;

    rc = ccp_answer_begin(u->try, status, ccp_cstr(type), ccp_none);

    for (i = 0; rc == CCP_OK && i <= len; i += n) {
        n = len - i < step ? len - i : step;

        if (n == 0) {
            rc = cut ? ccp_answer_abort(u->try, CCP_E_SERVER, "cut off", &o)
                     : ccp_answer_end(u->try, &o);
            n = 1;
        } else {
            rc = ccp_answer_feed(u->try, (const uint8_t *) bytes + i, n, &o);
        }

        for (k = 0; rc == CCP_OK && ccp_out_seg(&o, k).p; k++) {
            ccp_out_bytes(&u->out, ccp_out_seg(&o, k).p, ccp_out_seg(&o, k).n);
        }

        ccp_out_reset(&o);
    }

    if (rc == CCP_OK) {
        rc = ccp_out_finish(&u->out);
    }

    if (rc == CCP_OK && ccp_answer_head(u->try, &u->head) == CCP_OK) {
        u->status = u->head.status;
    }

    ccp_out_free(&o);

    return rc;
}


static size_t
ut_count(const char *text, const char *word)
{
    size_t  n;

    for (n = 0; (text = strstr(text, word)); n++) {
        text += strlen(word);
    }

    return n;
}


static const char  ut_a_req[] =
    "{ \"model\" : \"claude-x\",\"max_tokens\":4096 ,\t\"messages\":[{\"role\":"
    "\"user\",\"content\":\"h\\u00e9llo\"}],\"future_field\":{\"b\":1,\"a\":"
    "1.0},\"stream\":true}";

static const char  ut_a_whole[] =
    "{\"model\":\"claude-x\",\"max_tokens\":64,\"messages\":[{\"role\":"
    "\"user\",\"content\":\"hi\"}]}";

static const char  ut_a_stream[] =
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":"
    "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":"
    "\"m\",\"content\":[],\"stop_reason\":null,\"usage\":{\"input_tokens\":7,"
    "\"output_tokens\":1}}   }\n\n"
    "event: content_block_start\ndata: {\"type\":\"content_block_start\","
    "\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
    "event: brand_new\ndata: {\"type\":\"brand_new\"}\n\n"
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\","
    "\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hi\"}}\n\n"
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\","
    "\"index\":0}\n\n"
    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":"
    "{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":"
    "{\"output_tokens\":3}}\n\n"
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

static const char  ut_c_stream[] =
    "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,"
    "\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":"
    "\"assistant\",\"content\":\"Hi\"},\"finish_reason\":null}]}\n\n"
    "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,"
    "\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},"
    "\"finish_reason\":\"stop\"}]}\n\n"
    "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,"
    "\"model\":\"m\",\"choices\":[],\"usage\":{\"prompt_tokens\":9,"
    "\"completion_tokens\":2,\"total_tokens\":11}}\n\n"
    "data: [DONE]\n\n";

static const char  ut_c_whole[] =
    "{\"id\":\"c1\",\"object\":\"chat.completion\",\"created\":1,\"model\":"
    "\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
    "\"content\":\"Hi\"},\"finish_reason\":\"stop\"}],\"usage\":"
    "{\"prompt_tokens\":9,\"completion_tokens\":2,\"total_tokens\":11}}";


static void
test_splice_request(void)
{
    char    *got, *want, *p;
    ut_x_t   u;

    UT_CHECK(ut_open(&u, NULL, "/v1/messages", "beta=true&key=secret",
                     ut_a_req, CCP_ANTHROPIC, NULL, CCP_UNSET_INT) == CCP_OK
             && ccp_try_spliced(u.try), "same protocol: splice");
    got = ut_out_text(u.body);
    UT_CHECK(strcmp(got, ut_a_req) == 0, "T24 T45 byte-exact");
    UT_CHECK(ccp_str_is(u.uri, "/base/v1/messages?beta=true"),
             "the query passes but for the credential");
    free(got);
    ccp_exchange_destroy(u.x);

    (void) ut_open(&u, NULL, "/v1/messages", "", ut_a_req, CCP_ANTHROPIC,
                   "other\"model", 1000);
    got = ut_out_text(u.body);

    want = malloc(sizeof(ut_a_req) + 64);
    p = strstr(ut_a_req, "\"claude-x\"");
    sprintf(want, "%.*s\"other\\\"model\",\"max_tokens\":1000%s",
            (int) (p - ut_a_req), ut_a_req, strstr(ut_a_req, "4096") + 4);
    UT_CHECK(strcmp(got, want) == 0,
             "T24 only the model and the output cap are replaced");
    free(got);
    free(want);
    ccp_exchange_destroy(u.x);

    (void) ut_open(&u, NULL, "/v1/messages", "", ut_a_req, CCP_ANTHROPIC,
                   NULL, 8000);
    got = ut_out_text(u.body);
    UT_CHECK(strcmp(got, ut_a_req) == 0, "a cap above the wish changes nothing");
    free(got);
    ccp_exchange_destroy(u.x);
}


static void
test_carrier_is_no_splice(void)
{
    ut_x_t             u;
    static const char  req[] =
        "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\","
        "\"content\":\"a\"},{\"role\":\"assistant\",\"content\":[{\"type\":"
        "\"thinking\",\"thinking\":\"t\",\"signature\":\"ccp1.g.AAAAAA.abc\"},"
        "{\"type\":\"text\",\"text\":\"b\"}]},{\"role\":\"user\",\"content\":"
        "\"c\"}]}";
    char              *got;

    UT_CHECK(ut_open(&u, NULL, "/v1/messages", "", req, CCP_ANTHROPIC, NULL,
                     CCP_UNSET_INT) == CCP_OK && !ccp_try_spliced(u.try),
             "T26 a signature of another origin is no splice");
    got = ut_out_text(u.body);
    UT_CHECK(strstr(got, "ccp1") == NULL && strstr(got, "\"b\""),
             "T26 it is dropped, the rest stays");
    free(got);
    ccp_exchange_destroy(u.x);
}


static void
test_headers(void)
{
    char                 *got;
    ut_x_t                u;
    ccp_out_t             o;
    static ccp_header_t   in[6];

    in[0].name = ccp_lit("Authorization");
    in[0].value = ccp_lit("Bearer client-secret");
    in[1].name = ccp_lit("Anthropic-Beta");
    in[1].value = ccp_lit("a,b");
    in[2].name = ccp_lit("Cookie");
    in[2].value = ccp_lit("c=1");
    in[3].name = ccp_lit("anthropic-version");
    in[3].value = ccp_lit("2026-10-21");
    in[4].name = ccp_lit("x-api-key");
    in[4].value = ccp_lit("client-secret");
    in[5].name = ccp_lit("X-Claude-Code-Session-Id");
    in[5].value = ccp_lit("s1");

    (void) ut_open(&u, NULL, "/v1/messages", "", ut_a_req, CCP_ANTHROPIC,
                   NULL, CCP_UNSET_INT);
    ccp_out_init(&o, ccp_exchange_arena(u.x), 0);
    (void) ccp_try_headers(u.try, ccp_lit("provider-key"), in, 6, &o);
    got = ut_out_text(&o);
    UT_CHECK(strstr(got, "client-secret") == NULL && !strstr(got, "Cookie"),
             "the client's credentials stay here");
    UT_CHECK(strstr(got, "x-api-key: provider-key\r\n")
             && strstr(got, "Anthropic-Beta: a,b\r\n")
             && strstr(got, "X-Claude-Code-Session-Id: s1\r\n"),
             "the provider's key and the protocol's own headers go out");
    UT_CHECK(strstr(got, "anthropic-version: 2026-10-21\r\n")
             && ut_count(got, "nthropic-version") == 1,
             "the client's version replaces the default");
    free(got);
    ccp_exchange_destroy(u.x);

    (void) ut_open(&u, NULL, "/v1/messages", "", ut_a_req, CCP_CHAT, "m",
                   CCP_UNSET_INT);
    ccp_out_init(&o, ccp_exchange_arena(u.x), 0);
    (void) ccp_try_headers(u.try, ccp_lit("provider-key"), in, 6, &o);
    got = ut_out_text(&o);
    UT_CHECK(strstr(got, "Authorization: Bearer provider-key\r\n")
             && !strstr(got, "nthropic") && !strstr(got, "Claude"),
             "another protocol's headers are not sent");
    UT_CHECK(ccp_str_is(u.uri, "/base/v1/chat/completions"), "and its path");
    free(got);
    ccp_exchange_destroy(u.x);
}


static void
test_splice_stream(void)
{
    int      same;
    char    *got;
    size_t   step;
    ut_x_t   u;

    same = 0;

    for (step = 1; step < sizeof(ut_a_stream); step++) {
        (void) ut_open(&u, NULL, "/v1/messages", "", ut_a_req, CCP_ANTHROPIC,
                       NULL, CCP_UNSET_INT);
        (void) ut_answer(&u, 200, "text/event-stream", ut_a_stream, step, 0);
        got = ut_out_text(&u.out);
        same += (strcmp(got, ut_a_stream) == 0 && u.status == 200
                 && u.head.stream);
        free(got);
        ccp_exchange_destroy(u.x);
    }

    UT_CHECK(same == (int) sizeof(ut_a_stream) - 1,
             "a spliced stream is byte-exact at every split");
}


/* A splice ends with the upstream, or what it says after an error is lost. */

static void
test_splice_error(void)
{
    char              *got;
    ut_x_t             u;
    ccp_out_t          o;
    static const char  bytes[] =
        "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":"
        "{\"content\":\"x\"}}]}\n\n"
        "data: {\"error\":{\"message\":\"gone\"}}\n\n";

    (void) ut_open(&u, NULL, "/v1/chat/completions", "",
                   "{\"model\":\"m\",\"messages\":[{\"role\":\"user\","
                   "\"content\":\"x\"}],\"stream\":true}", CCP_CHAT, NULL,
                   CCP_UNSET_INT);
    ccp_out_init(&o, ccp_exchange_arena(u.x), 0);
    (void) ccp_answer_begin(u.try, 200, ccp_lit("text/event-stream"),
                            ccp_none);
    (void) ccp_answer_feed(u.try, (const uint8_t *) bytes, strlen(bytes), &o);
    UT_CHECK(!ccp_answer_done(u.try), "a spliced error is not the end yet");

    ccp_out_reset(&o);
    (void) ccp_answer_ping(u.try, &o);
    (void) ccp_answer_feed(u.try, (const uint8_t *) "data: [DONE]\n\n", 14,
                           &o);
    got = ut_out_text(&o);
    UT_CHECK(strcmp(got, "data: [DONE]\n\n") == 0, "what follows it passes");
    free(got);

    ccp_out_reset(&o);
    (void) ccp_answer_end(u.try, &o);
    UT_CHECK(ccp_answer_done(u.try) && ccp_out_size(&o) == 0,
             "and the upstream's end ends it");
    ccp_exchange_destroy(u.x);
}


static void
test_splice_usage(void)
{
    ut_x_t         u;
    ccp_outcome_t  o;

    (void) ut_open(&u, NULL, "/v1/messages", "", ut_a_req, CCP_ANTHROPIC,
                   NULL, CCP_UNSET_INT);
    (void) ut_answer(&u, 200, "text/event-stream", ut_a_stream, 7, 0);
    ccp_answer_outcome(u.try, &o);
    UT_CHECK(o.usage && o.usage->in_fresh == 7 && o.usage->out_total == 3
             && o.stop == CCP_STOP_END && o.error == NULL && o.content,
             "a splice is read for usage and stop reason");
    ccp_exchange_destroy(u.x);
}


/* Where the bytes of a splice end early, and at its very first event. */

static void
test_splice_ends(void)
{
    char    *got, *part;
    ut_x_t   u;
    size_t   n;

    n = strstr(ut_a_stream, "event: message_delta") - ut_a_stream;
    part = strndup(ut_a_stream, n);

    (void) ut_open(&u, NULL, "/v1/messages", "", ut_a_req, CCP_ANTHROPIC,
                   NULL, CCP_UNSET_INT);
    (void) ut_answer(&u, 200, "text/event-stream", part, 11, 0);
    got = ut_out_text(&u.out);
    UT_CHECK(strncmp(got, part, n) == 0 && ut_count(got, "event: error") == 1
             && !strstr(got, "message_stop"),
             "T37 a spliced stream without its end gets an error event");
    free(got);
    ccp_exchange_destroy(u.x);
    free(part);

    (void) ut_open(&u, NULL, "/v1/messages", "", ut_a_req, CCP_ANTHROPIC,
                   NULL, CCP_UNSET_INT);
    (void) ut_answer(&u, 200, "text/event-stream",
                     "event: error\ndata: {\"type\":\"error\",\"error\":"
                     "{\"type\":\"overloaded_error\",\"message\":\"Busy\"}}"
                     "\n\n", 5, 0);
    got = ut_out_text(&u.out);
    UT_CHECK(u.status == 529 && !u.head.stream && strstr(got, "\"Busy\"")
             && strstr(got, "overloaded_error"),
             "T38 an error as the first event becomes a status");
    free(got);
    ccp_exchange_destroy(u.x);
}


static void
test_convert(void)
{
    char    *got;
    ut_x_t   u;

    (void) ut_open(&u, NULL, "/v1/messages", "", ut_a_req, CCP_CHAT, "m",
                   CCP_UNSET_INT);
    UT_CHECK(!ccp_try_spliced(u.try), "another protocol: conversion");

    (void) ut_answer(&u, 200, "text/event-stream", ut_c_stream, 13, 0);
    got = ut_out_text(&u.out);
    UT_CHECK(u.status == 200 && u.head.stream
             && ut_count(got, "event: message_start") == 1
             && ut_count(got, "\"text\":\"Hi\"") == 1
             && ut_count(got, "event: message_stop") == 1
             && strstr(got, "\"input_tokens\":9"), "stream from stream");
    free(got);

    (void) ut_answer(&u, 200, "application/json", ut_c_whole, 13, 0);
    got = ut_out_text(&u.out);
    UT_CHECK(u.head.stream && ut_count(got, "event: message_stop") == 1
             && strstr(got, "\"text\":\"Hi\""), "stream from a whole answer");
    free(got);

    (void) ut_answer(&u, 200, "text/event-stream", ut_c_stream, 13, 1);
    got = ut_out_text(&u.out);
    UT_CHECK(ut_count(got, "event: message_stop") == 1
             && ut_count(got, "event: error") == 0,
             "T37 a cut after the end is no error");
    free(got);
    ccp_exchange_destroy(u.x);

    (void) ut_open(&u, NULL, "/v1/messages", "", ut_a_whole, CCP_CHAT, "m",
                   CCP_UNSET_INT);
    (void) ut_answer(&u, 200, "application/json", ut_c_whole, 9, 0);
    got = ut_out_text(&u.out);
    UT_CHECK(u.status == 200 && !u.head.stream
             && strstr(got, "\"type\":\"message\"")
             && strstr(got, "\"text\":\"Hi\""), "whole from whole");
    free(got);

    (void) ut_answer(&u, 200, "text/event-stream", ut_c_stream, 9, 0);
    got = ut_out_text(&u.out);
    UT_CHECK(u.status == 200 && !u.head.stream
             && strstr(got, "\"text\":\"Hi\""), "whole from a stream");
    free(got);
    ccp_exchange_destroy(u.x);
}


/* T39: an upstream's sign of life, in the forms that clients can read. */

static void
test_ping(void)
{
    char                     *got;
    size_t                    i;
    ut_x_t                    u;
    static const struct {
        const char  *path;
        const char  *req;
        const char  *sign;     /* NULL: nothing may be seen */
    } cases[] = {
        { "/v1/messages", ut_a_req, "event: ping\n" },
        { "/v1/chat/completions", "{\"model\":\"m\",\"stream\":true,"
          "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}",
          ": ping\n" },
        { "/v1beta/models/m:streamGenerateContent", "{\"contents\":[{"
          "\"parts\":[{\"text\":\"x\"}]}]}", NULL },
        { "/api/chat", "{\"model\":\"m\",\"messages\":[{\"role\":"
          "\"user\",\"content\":\"x\"}]}", NULL }
    };

    for (i = 0; i < 4; i++) {
        (void) ut_open(&u, NULL, cases[i].path, "alt=sse", cases[i].req,
                       CCP_RESPONSES, "m", CCP_UNSET_INT);
        (void) ut_answer(&u, 200, "text/event-stream",
                         "data: {\"type\":\"response.output_text.delta\","
                         "\"item_id\":\"i\",\"output_index\":0,"
                         "\"content_index\":0,\"delta\":\"Hi\"}\n\n"
                         ": still there\n\n", 1000, 0);
        got = ut_out_text(&u.out);
        UT_CHECK(strstr(got, "Hi") && (cases[i].sign
                 ? strstr(got, cases[i].sign) != NULL
                 : strstr(got, "ping") == NULL && strstr(got, ": still")
                   == NULL), "T34 T39 %s", cases[i].path);
        free(got);
        ccp_exchange_destroy(u.x);
    }
}


/* What would change its meaning elsewhere is refused there, not here. */

static void
test_convertible(void)
{
    int                       there, here;
    size_t                    i;
    ut_x_t                    u;
    static const char  *const reqs[][2] = {
        { "/v1/messages", "{\"model\":\"m\",\"max_tokens\":0,\"messages\":"
          "[{\"role\":\"user\",\"content\":\"x\"}]}" },
        { "/v1/messages", "{\"model\":\"m\",\"max_tokens\":9,\"compaction\":"
          "{\"type\":\"summarize\"},\"messages\":[{\"role\":\"user\","
          "\"content\":\"x\"}]}" },
        { "/v1/messages", "{\"model\":\"m\",\"max_tokens\":9,\"thread\":"
          "{\"type\":\"continue\",\"previous_message_id\":\"m1\"},"
          "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}" },
        { "/v1/chat/completions", "{\"model\":\"m\",\"modalities\":"
          "[\"text\",\"audio\"],\"messages\":[{\"role\":\"user\","
          "\"content\":\"x\"}]}" },
        { "/v1/chat/completions", "{\"model\":\"m\",\"n\":2,\"messages\":"
          "[{\"role\":\"user\",\"content\":\"x\"}]}" }
    };

    for (i = 0; i < 5; i++) {
        there = ut_open(&u, NULL, reqs[i][0], "", reqs[i][1],
                        i >= 3 ? CCP_ANTHROPIC : CCP_CHAT, "m",
                        CCP_UNSET_INT);
        UT_CHECK(there == CCP_INVALID
                 && u.err.cls == (i == 2 ? CCP_E_NOT_FOUND : CCP_E_BAD_REQUEST)
                 && u.err.message.n, "refused elsewhere, case %zu", i);
        ccp_exchange_destroy(u.x);

        here = ut_open(&u, NULL, reqs[i][0], "", reqs[i][1],
                       i >= 3 ? CCP_CHAT : CCP_ANTHROPIC, "m",
                       CCP_UNSET_INT);
        UT_CHECK(here == CCP_OK, "spliced at home, case %zu", i);
        ccp_exchange_destroy(u.x);
    }
}


typedef struct {
    const char  *name;
    int          status;
    const char  *type;
    const char  *bytes;
    int          want;         /* status; 200: an error event */
    const char  *text;
} ut_err_t;


static const ut_err_t  ut_errs[] = {
    { "status and text are kept", 429, "application/json",
      "{\"error\":{\"message\":\"Slow down\",\"type\":\"x\"}}", 429,
      "Slow down" },
    { "401 stays 401", 401, "application/json",
      "{\"error\":{\"message\":\"bad key provider-key!\"}}", 401,
      "bad key ************!" },
    { "HTML", 502, "text/html", "<html>Bad gateway</html>", 500, "Bad gateway" },
    { "HTML with 200", 200, "text/html", "<html>login</html>", 502, "JSON" },
    { "an error object in a 200", 200, "application/json",
      "{\"error\":{\"message\":\"no such model\",\"code\":404}}", 404,
      "no such model" },
    { "nothing at all", 200, "text/event-stream", "", 502, "empty" },
    { "comments only", 200, "text/event-stream", ": hi\n\n", 502, "upstream" },
    { "no JSON", 200, "application/json", "{\"a\":", 502, "JSON" }
};


static void
test_errors(void)
{
    char            *got;
    size_t           i, k;
    ut_x_t           u;
    ccp_out_t        o;
    const char      *req;
    const ut_err_t  *e;

    for (k = 0; k < 2; k++) {
        req = k ? ut_a_req : ut_a_whole;

        for (i = 0; i < sizeof(ut_errs) / sizeof(ut_errs[0]); i++) {
            e = &ut_errs[i];

            (void) ut_open(&u, NULL, "/v1/messages", "", req, CCP_CHAT, "m",
                           CCP_UNSET_INT);
            ccp_out_init(&o, ccp_exchange_arena(u.x), 0);
            (void) ccp_try_headers(u.try, ccp_lit("provider-key"), NULL, 0,
                                   &o);
            (void) ut_answer(&u, e->status, e->type, e->bytes, 4, 0);
            got = ut_out_text(&u.out);
            UT_CHECK(u.status == e->want && strstr(got, e->text)
                     && ut_count(got, "\"type\":\"error\"") == 1,
                     "%s: %s", k ? "stream" : "whole", e->name);
            free(got);
            ccp_exchange_destroy(u.x);
        }
    }
}


static void
test_cut(void)
{
    char    *got, *part;
    size_t   n, bad, end;
    ut_x_t   u;

    bad = 0;
    end = strstr(ut_c_stream, "\"stop\"") - ut_c_stream;

    /* cut at every byte before the finish reason */

    for (n = 0; n < end; n++) {
        part = strndup(ut_c_stream, n);
        (void) ut_open(&u, NULL, "/v1/messages", "", ut_a_req, CCP_CHAT, "m",
                       CCP_UNSET_INT);
        (void) ut_answer(&u, 200, "text/event-stream", part, 1000, 1);
        got = ut_out_text(&u.out);
        bad += (ut_count(got, "\"type\":\"error\"") != 1
                || strstr(got, "message_stop") != NULL
                || (u.status != 200 && strstr(got, "event:") != NULL));
        free(got);
        free(part);
        ccp_exchange_destroy(u.x);
    }

    UT_CHECK(bad == 0, "T37 cut at every byte: one error, never a stop");
}


typedef struct {
    ccp_proto_e  up;
    const char  *req;
    int          status;
    const char  *bytes;
} ut_nomem_t;


static int
test_nomem(const ccp_mem_t *mem, void *arg)
{
    int          rc;
    ut_x_t       u;
    ut_nomem_t  *c;

    c = arg;
    rc = ut_open(&u, mem, "/v1/messages", "", c->req, c->up, "m", 16);

    if (rc == CCP_OK) {
        rc = ut_answer(&u, c->status, "application/json", c->bytes, 17, 0);
    }

    ccp_exchange_destroy(u.x);

    return rc;
}


int
main(void)
{
    size_t       i;
    ut_nomem_t   cases[] = {
        { CCP_ANTHROPIC, ut_a_req, 200, ut_a_stream },
        { CCP_CHAT, ut_a_req, 200, ut_c_stream },
        { CCP_CHAT, ut_a_whole, 200, ut_c_whole },
        { CCP_CHAT, ut_a_whole, 500, "{\"error\":{\"message\":\"m\"}}" }
    };

    test_splice_request();
    test_carrier_is_no_splice();
    test_headers();
    test_splice_stream();
    test_splice_error();
    test_splice_usage();
    test_splice_ends();
    test_convert();
    test_ping();
    test_convertible();
    test_errors();
    test_cut();

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ut_fail_each("exchange", test_nomem, &cases[i]);
    }

    UT_CHECK(ut_m.live == 0, "nothing is left allocated");

    return ut_done();
}
