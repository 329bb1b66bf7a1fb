
/*
 * The stream of a splice, cut anywhere: T70.  The client gets whole payloads
 * of the upstream's, then an error of its protocol or the end that the answer
 * had; T71: what is said twice of a beginning is passed once.
 */

#include "ut_exchange.h"


#define EVENT(type, rest)                                                     \
    "event: " type "\ndata: {\"type\":\"" type "\"," rest "}\n\n"

#define CREATED(seq)                                                          \
    EVENT("response.created", "\"sequence_number\":" seq ",\"response\":"     \
          "{\"id\":\"resp_up\",\"status\":\"in_progress\",\"output\":[]}")

#define DELTA(seq)                                                            \
    EVENT("response.output_text.delta", "\"sequence_number\":" seq ","        \
          "\"item_id\":\"i\",\"output_index\":0,\"content_index\":0,"         \
          "\"delta\":\"Hi\"")

#define MESSAGE_START                                                         \
    EVENT("message_start", "\"message\":{\"id\":\"msg_1\",\"type\":"          \
          "\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[],"\
          "\"stop_reason\":null,\"usage\":{\"input_tokens\":7,"               \
          "\"output_tokens\":1}}")

#define CHUNK(delta, finish)                                                  \
    "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1," \
    "\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":" delta ","          \
    "\"finish_reason\":" finish "}]}\n\n"

#define PARTS(end)                                                            \
    "{\"candidates\":[{\"index\":0,\"content\":{\"role\":\"model\",\"parts\":"\
    "[{\"text\":\"a]\\\"[b\"}]}" end "}]}"

#define LINE(text, end)                                                       \
    "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\""     \
    text "\"},\"done\":" end "}\n"


/* A stream, and how it ends for the client where it was cut. */

typedef struct {
    const char  *name;
    ccp_proto_e  proto;
    const char  *path;
    const char  *args;
    const char  *body;
    const char  *payloads[8];  /* of the stream; a NULL behind */
    const char  *finish;       /* is in the one that ends the answer */
    const char  *error;        /* what the error begins with */
    const char  *shut;         /* behind all that is complete */
} ut_raw_t;


static const ut_raw_t  ut_raws[] = {

    { "anthropic", CCP_ANTHROPIC, "/v1/messages", NULL,
      "{\"model\":\"m\",\"max_tokens\":9,\"stream\":true,\"messages\":"
      "[{\"role\":\"user\",\"content\":\"x\"}]}",
      { MESSAGE_START,
        EVENT("content_block_start", "\"index\":0,\"content_block\":"
              "{\"type\":\"text\",\"text\":\"\"}"),
        EVENT("content_block_delta", "\"index\":0,\"delta\":{\"type\":"
              "\"text_delta\",\"text\":\"Hi\"}"),
        EVENT("content_block_stop", "\"index\":0"),
        EVENT("message_delta", "\"delta\":{\"stop_reason\":\"end_turn\"},"
              "\"usage\":{\"output_tokens\":3}"),
        EVENT("message_stop", "\"x\":1") },
      "end_turn", "event: error\ndata: {\"type\":\"error\"",
      "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n" },

    { "chat", CCP_CHAT, "/v1/chat/completions", NULL,
      "{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"user\","
      "\"content\":\"x\"}]}",
      { CHUNK("{\"role\":\"assistant\",\"content\":\"H\"}", "null"),
        CHUNK("{\"content\":\"i\"}", "null"), CHUNK("{}", "\"stop\""),
        "data: [DONE]\n\n" },
      "\"stop\"", "data: {\"error\":{", "data: [DONE]\n\n" },

    { "responses", CCP_RESPONSES, "/v1/responses", NULL,
      "{\"model\":\"m\",\"stream\":true,\"input\":\"x\"}",
      { CREATED("0"), DELTA("1"), DELTA("4"),
        EVENT("response.completed", "\"sequence_number\":5,\"response\":"
              "{\"id\":\"resp_up\",\"status\":\"completed\","
              "\"output\":[]}") },
      "response.completed",
      "event: error\ndata: {\"type\":\"error\",\"sequence_number\":", "" },

    { "gemini", CCP_GEMINI, "/v1beta/models/m:streamGenerateContent",
      "alt=sse", "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":"
      "\"x\"}]}]}",
      { "data: " PARTS("") "\r\n\r\n",
        "data: " PARTS(",\"finishReason\":\"STOP\"") "\r\n\r\n" },
      "STOP", "data: {\"error\":{\"code\":502", "" },

    { "gemini's array", CCP_GEMINI, "/v1beta/models/m:streamGenerateContent",
      NULL, "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"x\"}]}]}",
      { "[" PARTS(""), "\n,\r\n" PARTS(",\"finishReason\":\"STOP\""), "]" },
      "STOP", ",\r\n{\"error\":{\"code\":502", "]\r\n" },

    { "ollama", CCP_OLLAMA, "/api/chat", NULL,
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}",
      { LINE("H", "false"), LINE("i", "false"), LINE("", "true") },
      "\"done\":true", "{\"error\":\"", "" }
};


typedef struct {
    ccp_exchange_t  *x;
    ccp_try_t       *try;
    ccp_out_t        out;
} ut_raw_x_t;


static int
ut_raw_open(ut_raw_x_t *u, const ccp_mem_t *mem, const ut_raw_t *c)
{
    int               rc;
    ccp_str_t         uri;
    ccp_error_t       err;
    ccp_target_t      t;
    const ccp_out_t  *body;

    u->try = NULL;
    u->x = ut_exchange_create(mem, c->path, c->args);

    if (u->x == NULL) {
        return CCP_NOMEM;
    }

    ccp_out_init(&u->out, ccp_exchange_arena(u->x), 0);
    ut_target(&t, ccp_provider_plain(c->proto));

    rc = ccp_exchange_request(u->x, ccp_cstr(c->body), ccp_none, &err);

    if (rc == CCP_OK) {
        rc = ut_try(&u->try, u->x, &t, c->args ? ccp_cstr(c->args) : ccp_none,
                    &body, &uri, &err);
    }

    return rc == CCP_OK ? ccp_answer_begin(u->try, 200, ccp_none, ccp_none)
                        : rc;
}


/* n bytes in steps, then their end, or the connection's. */

static int
ut_raw_feed(ut_raw_x_t *u, const char *p, size_t n, size_t step, int cut)
{
    int        rc;
    size_t     k;
    uint8_t   *copy;

    rc = CCP_OK;

    while (n && rc == CCP_OK) {
        k = n < step ? n : step;

        /* of its own size: nothing beside it may be read, then or later */

        copy = malloc(k);
        memcpy(copy, p, k);
        rc = ccp_answer_feed(u->try, copy, k, &u->out);
        free(copy);

        p += k;
        n -= k;
    }

    if (rc != CCP_OK) {
        return rc;
    }

    return cut ? ccp_answer_abort(u->try, CCP_E_MALFORMED, "cut off", &u->out)
               : ccp_answer_end(u->try, &u->out);
}


/* The whole stream, malloc'ed. */

static char *
ut_raw_stream(const ut_raw_t *c)
{
    size_t       i, n;
    char        *all;

    for (i = 0, n = 1; c->payloads[i]; i++) {
        n += strlen(c->payloads[i]);
    }

    all = calloc(1, n);

    for (i = 0; c->payloads[i]; i++) {
        strcat(all, c->payloads[i]);
    }

    return all;
}


static size_t
ut_raw_trimmed(const char *s)
{
    size_t  n;

    n = strlen(s);

    while (n && (s[n - 1] == '\n' || s[n - 1] == '\r')) {
        n--;
    }

    return n;
}


/*
 * Whether the client got what it should of n bytes.  The last payload may lack
 * its line ends where the bytes ended; a CR ends a line.
 */

static int
ut_raw_is(const ut_raw_t *c, const char *stream, size_t n, int cut,
    const char *got, const ccp_head_t *head)
{
    int          finished;
    size_t       i, len, full, whole;
    const char  *p, *rest;

    finished = 0;
    whole = 0;

    for (i = 0; (p = c->payloads[i]); i++) {
        len = strlen(p);
        full = len - (strchr(p, '\r') && p[len - 1] == '\n');

        if (whole + len > n) {
            len = whole + full <= n ? full : ut_raw_trimmed(p);
        }

        if (whole + len > n || (cut && len < full) || strcmp(p, "]") == 0) {
            break;
        }

        finished |= strstr(p, c->finish) != NULL;
        whole += len;
    }

    if (whole == 0) {
        return head->status == 502 && *got == '{';
    }

    if (head->status != 200 || strncmp(got, stream, whole) != 0) {
        return 0;
    }

    rest = got + whole;

    if (finished) {
        rest += strspn(rest, "\r\n");

        return *rest == '\0' || strcmp(rest, c->shut) == 0
               || strcmp(rest, "]") == 0;
    }

    rest += strncmp(rest, c->error, strlen(c->error)) == 0
            ? 0 : strspn(rest, "\r\n");

    return strncmp(rest, c->error, strlen(c->error)) == 0
           && strstr(rest + 1, c->error) == NULL;
}


static void
test_cut(const ut_raw_t *c)
{
    int          cut;
    char        *got;
    char        *stream;
    size_t       n, step, bad, len, done;
    ccp_head_t   head;
    ut_raw_x_t   u;

    static const size_t  steps[] = { 1, 7, 1000000 };

    stream = ut_raw_stream(c);
    len = strlen(stream);
    bad = 0;
    done = 0;

    for (n = 0; n <= len; n++) {
        for (step = 0; step < ccp_countof(steps); step++) {
            for (cut = 0; cut < 2; cut++) {
                memset(&head, 0, sizeof(ccp_head_t));

                if (ut_raw_open(&u, NULL, c) != CCP_OK
                    || ut_raw_feed(&u, stream, n, steps[step], cut)
                       != CCP_OK
                    || ccp_answer_head(u.try, &head) != CCP_OK
                    || !ccp_answer_done(u.try))
                {
                    bad++;
                    ccp_exchange_destroy(u.x);
                    continue;
                }

                got = ut_out_text(&u.out);

                bad += !ut_raw_is(c, stream, n, cut, got, &head);
                done += n == len && strcmp(got, stream) == 0;
                free(got);
                ccp_exchange_destroy(u.x);
            }
        }
    }

    UT_CHECK(bad == 0, "T70 %s, cut at any byte", c->name);
    UT_CHECK(done >= 3, "%s as it came where it is whole", c->name);
    free(stream);
}


/* ---- what is said twice ---- */

typedef struct {
    const char  *name;
    size_t       raw;          /* of ut_raws */
    const char  *in;
    const char  *want;
} ut_twice_t;


static const ut_twice_t  ut_twices[] = {

    { "message_start", 0,
      MESSAGE_START MESSAGE_START ": x\n\n" MESSAGE_START
      EVENT("ping", "\"x\":1"),
      MESSAGE_START ": x\n\n" EVENT("ping", "\"x\":1") },

    { "response.created", 2, CREATED("0") DELTA("1") CREATED("2") DELTA("3"),
      CREATED("0") DELTA("1") DELTA("3") },

    { "a role", 1,
      CHUNK("{\"role\":\"assistant\",\"content\":\"\"}", "null")
      CHUNK("{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":null}",
            "null")
      CHUNK("{\"role\":\"assistant\",\"content\":\"x\"}", "null")
      CHUNK("{\"role\":\"assistant\"}", "\"stop\""),
      CHUNK("{\"role\":\"assistant\",\"content\":\"\"}", "null")
      CHUNK("{\"role\":\"assistant\",\"content\":\"x\"}", "null")
      CHUNK("{\"role\":\"assistant\"}", "\"stop\"") },
};


static void
test_twice(const ut_twice_t *t)
{
    char        *got;
    size_t       n, step, bad;
    ut_raw_x_t   u;

    n = strlen(t->in);
    bad = 0;

    for (step = 1; step <= n; step++) {

        if (ut_raw_open(&u, NULL, &ut_raws[t->raw]) != CCP_OK
            || ut_raw_feed(&u, t->in, n, step, 0) != CCP_OK)
        {
            bad++;
            ccp_exchange_destroy(u.x);
            continue;
        }

        got = ut_out_text(&u.out);
        bad += strncmp(got, t->want, strlen(t->want)) != 0;
        free(got);
        ccp_exchange_destroy(u.x);
    }

    UT_CHECK(bad == 0, "T71 %s, at every split", t->name);
}


/* ---- a payload that can't be read ---- */

static void
test_unreadable(void)
{
    char        *got;
    ut_raw_x_t   u;

    (void) ut_raw_open(&u, NULL, &ut_raws[2]);
    (void) ut_raw_feed(&u, CREATED("0") "data: {\"x\":\n\n" DELTA("9"),
                       strlen(CREATED("0") "data: {\"x\":\n\n" DELTA("9")),
                       1000000, 0);
    got = ut_out_text(&u.out);

    UT_CHECK(strncmp(got, CREATED("0"), strlen(CREATED("0"))) == 0
             && strncmp(got + strlen(CREATED("0")), "event: error\n", 13) == 0
             && strstr(got, "\"sequence_number\":1,\"code\"")
             && strstr(got, "\"sequence_number\":2,\"response\":{\"id\":"
                       "\"resp_up\"")
             && !strstr(got, "{\"x\":") && !strstr(got, "\"delta\""),
             "T70 what can't be read is an error, and nothing behind it: %s",
             got);
    free(got);
    ccp_exchange_destroy(u.x);
}


/* Our own key, wherever a step cuts it. */

static void
test_mask(void)
{
    char        *got;
    size_t       n, step, bad;
    ccp_out_t    lines;
    ut_raw_x_t   u;

    static const char  in[] = CHUNK("{\"content\":\"key-1234567890 x\"}",
                                    "null")
                              CHUNK("{\"content\":\"y\"}", "\"stop\"");

    n = strlen(in);
    bad = 0;

    for (step = 1; step <= n; step++) {
        (void) ut_raw_open(&u, NULL, &ut_raws[1]);
        ccp_out_init(&lines, ccp_exchange_arena(u.x), 0);
        (void) ccp_try_headers(u.try, ccp_lit("key-1234567890"), NULL, 0,
                               &lines);
        (void) ut_raw_feed(&u, in, n, step, 0);
        got = ut_out_text(&u.out);
        bad += strstr(got, "1234567890") != NULL
               || strstr(got, "\"************** x\"") == NULL;
        free(got);
        ccp_exchange_destroy(u.x);
    }

    UT_CHECK(bad == 0, "a key is covered at every split");
}


static int
ut_raw_nomem(const ccp_mem_t *mem, void *arg)
{
    int         rc;
    ut_raw_x_t  u;

    (void) arg;

    rc = ut_raw_open(&u, mem, &ut_raws[2]);

    if (rc == CCP_OK) {
        rc = ut_raw_feed(&u, CREATED("0") DELTA("1"),
                         strlen(CREATED("0") DELTA("1")) - 2, 5, 1);
    }

    if (u.x) {
        ccp_exchange_destroy(u.x);
    }

    return rc;
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < ccp_countof(ut_raws); i++) {
        test_cut(&ut_raws[i]);
    }

    for (i = 0; i < ccp_countof(ut_twices); i++) {
        test_twice(&ut_twices[i]);
    }

    test_unreadable();
    test_mask();
    ut_fail_each("a cut splice", ut_raw_nomem, NULL);

    return ut_done();
}
