
/*
 * Ollama answers: lines and documents, in and out, and every recorded one.
 */

#include "ut_ollama.h"


static ut_mem_t  ut_m = { 0, 0, -1 };

static const char  ut_ask[] =
    "{\"model\":\"m\",\"think\":true,\"messages\":[{\"role\":\"user\","
    "\"content\":\"x\"}]}";

static const char  ut_ask_whole[] =
    "{\"model\":\"m\",\"think\":true,\"stream\":false,\"messages\":"
    "[{\"role\":\"user\",\"content\":\"x\"}]}";

static const char  ut_ask_anthropic[] =
    "{\"model\":\"m\",\"max_tokens\":9000,\"stream\":true,\"thinking\":"
    "{\"type\":\"enabled\",\"budget_tokens\":1024},\"messages\":[{\"role\":"
    "\"user\",\"content\":\"x\"}]}";

static const char  ut_ask_chat[] =
    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}";


#define UT_HEAD  "{\"model\":\"m\",\"created_at\":\"2025-11-22T08:26:40Z\","

/* A stream of Anthropic's: text, a call in two pieces, one without
 * arguments. */

static const char  ut_anthropic[] =
    "data: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\","
    "\"model\":\"up\",\"usage\":{\"input_tokens\":10,"
    "\"cache_read_input_tokens\":50,\"output_tokens\":1}}}\n\n"
    "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":"
    "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}}\n\n"
    "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":"
    "\"thinking_delta\",\"thinking\":\"hm\"}}\n\n"
    "data: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
    "data: {\"type\":\"content_block_start\",\"index\":1,\"content_block\":"
    "{\"type\":\"text\",\"text\":\"\"}}\n\n"
    "data: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":"
    "\"text_delta\",\"text\":\"caf\\u00e9\"}}\n\n"
    "data: {\"type\":\"content_block_stop\",\"index\":1}\n\n"
    "data: {\"type\":\"content_block_start\",\"index\":2,\"content_block\":"
    "{\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"f\",\"input\":{}}}\n\n"
    "data: {\"type\":\"content_block_delta\",\"index\":2,\"delta\":{\"type\":"
    "\"input_json_delta\",\"partial_json\":\"{\\\"b\\\":1.50,\\n\"}}\n\n"
    "data: {\"type\":\"content_block_delta\",\"index\":2,\"delta\":{\"type\":"
    "\"input_json_delta\",\"partial_json\":\"\\\"a\\\":\\\"\\\\n\\\"}\"}}\n\n"
    "data: {\"type\":\"content_block_stop\",\"index\":2}\n\n"
    "data: {\"type\":\"content_block_start\",\"index\":3,\"content_block\":"
    "{\"type\":\"tool_use\",\"id\":\"t2\",\"name\":\"g\",\"input\":{}}}\n\n"
    "data: {\"type\":\"content_block_stop\",\"index\":3}\n\n"
    "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
    "\"tool_use\"},\"usage\":{\"output_tokens\":15}}\n\n"
    "data: {\"type\":\"message_stop\"}\n\n";


/* What a client gets for these bytes; malloc'ed, u stays open. */

static char *
ut_get(ut_ol_t *u, ccp_proto_e client, const char *path, const char *ask,
    ccp_proto_e up, int status, const char *bytes, size_t step)
{
    ccp_mem_t  mem;

    mem = ut_mem(&ut_m);
    ut_ol_open(u, &mem, client, path, ask, up, NULL, NULL);

    if (u->rc != CCP_OK) {
        return ut_cstr(u->err.message);
    }

    ut_ol_answer(u, status, bytes, strlen(bytes), 0, step);

    return u->rc == CCP_OK ? ut_cstr(ccp_out_all(&u->out)) : strdup("failed");
}


static void
ut_says(const char *what, ccp_proto_e client, const char *path,
    const char *ask, ccp_proto_e up, const char *bytes, const char *want)
{
    char    *s;
    ut_ol_t  u;

    s = ut_get(&u, client, path, ask, up, 200, bytes, 1);

    if (strcmp(s, want) != 0) {
        printf("# want %s\n# got  %s\n", want, s);
    }

    UT_CHECK(strcmp(s, want) == 0, "%s", what);
    free(s);
    ut_ol_close(&u);
}


/* ---- out ---- */

static void
ut_stream_out(void)
{
    ut_says("4.5 a stream: thinking, text, whole calls, one last line (T02)",
            CCP_OLLAMA, NULL, ut_ask, CCP_ANTHROPIC, ut_anthropic,
            UT_HEAD "\"message\":{\"role\":\"assistant\",\"content\":\"\","
            "\"thinking\":\"hm\"},\"done\":false}\n"
            UT_HEAD "\"message\":{\"role\":\"assistant\",\"content\":"
            "\"caf\\u00e9\"},\"done\":false}\n"
            UT_HEAD "\"message\":{\"role\":\"assistant\",\"content\":\"\","
            "\"tool_calls\":[{\"id\":\"t1\",\"function\":{\"index\":0,"
            "\"name\":\"f\",\"arguments\":{\"b\":1.50, \"a\":\"\\n\"}}}]},"
            "\"done\":false}\n"
            UT_HEAD "\"message\":{\"role\":\"assistant\",\"content\":\"\","
            "\"tool_calls\":[{\"id\":\"t2\",\"function\":{\"index\":1,"
            "\"name\":\"g\",\"arguments\":{}}}]},\"done\":false}\n"
            UT_HEAD "\"message\":{\"role\":\"assistant\",\"content\":\"\"},"
            "\"done\":true,\"done_reason\":\"stop\",\"total_duration\":"
            "2000000,\"load_duration\":0,\"prompt_eval_count\":60,"
            "\"prompt_eval_duration\":1000000,\"eval_count\":15,"
            "\"eval_duration\":1000000}\n");

    ut_says("a whole answer", CCP_OLLAMA, NULL, ut_ask_whole, CCP_ANTHROPIC,
            ut_anthropic,
            UT_HEAD "\"message\":{\"role\":\"assistant\",\"content\":"
            "\"caf\\u00e9\",\"thinking\":\"hm\",\"tool_calls\":[{\"id\":"
            "\"t1\",\"function\":{\"index\":0,\"name\":\"f\",\"arguments\":"
            "{\"b\":1.50, \"a\":\"\\n\"}}},{\"id\":\"t2\",\"function\":"
            "{\"index\":1,\"name\":\"g\",\"arguments\":{}}}]},\"done\":true,"
            "\"done_reason\":\"stop\",\"total_duration\":1000000,"
            "\"load_duration\":0,\"prompt_eval_count\":60,"
            "\"prompt_eval_duration\":1,\"eval_count\":15,"
            "\"eval_duration\":1000000}");

    ut_says("/api/generate streams", CCP_OLLAMA, "/api/generate",
            "{\"model\":\"m\",\"prompt\":\"x\"}", CCP_ANTHROPIC, ut_anthropic,
            UT_HEAD "\"response\":\"caf\\u00e9\",\"done\":false}\n"
            UT_HEAD "\"response\":\"\",\"done\":true,\"done_reason\":"
            "\"stop\",\"context\":[],\"total_duration\":2000000,"
            "\"load_duration\":0,\"prompt_eval_count\":60,"
            "\"prompt_eval_duration\":1000000,\"eval_count\":15,"
            "\"eval_duration\":1000000}\n");

    ut_says("/api/generate whole", CCP_OLLAMA, "/api/generate",
            "{\"model\":\"m\",\"prompt\":\"x\",\"stream\":false}",
            CCP_ANTHROPIC, ut_anthropic,
            UT_HEAD "\"response\":\"caf\\u00e9\",\"done\":true,"
            "\"done_reason\":\"stop\",\"context\":[],\"total_duration\":"
            "1000000,\"load_duration\":0,\"prompt_eval_count\":60,"
            "\"prompt_eval_duration\":1,\"eval_count\":15,"
            "\"eval_duration\":1000000}");
}


#define UT_CHUNK(delta, finish)                                               \
    "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":" delta          \
    ",\"finish_reason\":" finish "}]}\n\n"

#define UT_CALL(id, args)                                                     \
    "{\"tool_calls\":[{\"index\":0" id ",\"function\":{\"name\":\"f\","       \
    "\"arguments\":\"" args "\"}}]}"

static void
ut_ends(void)
{
    char    *s, *last;
    size_t   i;
    ut_ol_t  u;

    static const struct {
        const char  *what;
        const char  *bytes;
        const char  *has;
        const char  *hasnt;
    } ends[] = {
        { "T11 a cut call is dropped, length",
          UT_CHUNK("{\"content\":\"t\"}", "null")
          UT_CHUNK(UT_CALL(",\"id\":\"i\"", "{\\\"a\\\":"), "null")
          UT_CHUNK("{}", "\"length\"") "data: [DONE]\n\n",
          "\"done_reason\":\"length\"", "tool_calls" },
        { "an empty answer is the last line",
          UT_CHUNK("{}", "\"stop\"") "data: [DONE]\n\n",
          "\"done\":true", "\"done\":false" },
        { "T37 an early end is an error line",
          UT_CHUNK("{\"content\":\"t\"}", "null"),
          "{\"error\":\"the upstream's answer ended early\"}\n", "true" },
        { "T38 an error on the way is a line",
          UT_CHUNK("{\"content\":\"t\"}", "null")
          "data: {\"error\":{\"message\":\"over\",\"code\":529}}\n\n",
          "{\"error\":\"over\"}\n", "true" },
        { "log probabilities are Chat's list",
          "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":"
          "{\"content\":\"t\"},\"logprobs\":{\"content\":[{\"token\":\"t\","
          "\"logprob\":-0.10}]},\"finish_reason\":null}]}\n\n"
          UT_CHUNK("{}", "\"stop\"") "data: [DONE]\n\n",
          "\"logprobs\":[{\"token\":\"t\",\"logprob\":-0.10}],\"done\":false",
          "error" },
        { "a refusal is text",
          UT_CHUNK("{\"refusal\":\"no\"}", "null")
          UT_CHUNK("{}", "\"stop\"") "data: [DONE]\n\n",
          "\"content\":\"no\"", "error" }
    };

    for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        s = ut_get(&u, CCP_OLLAMA, NULL,
                   "{\"model\":\"m\",\"logprobs\":true,\"messages\":[{"
                   "\"role\":\"user\",\"content\":\"x\"}]}", CCP_CHAT, 200,
                   ends[i].bytes, 1);
        UT_CHECK(u.rc == CCP_OK && u.head.status == 200
                 && strstr(s, ends[i].has)
                 && strstr(s, ends[i].hasnt) == NULL
                 && ut_str_is(u.head.content_type, "application/x-ndjson"),
                 "%s", ends[i].what);
        free(s);
        ut_ol_close(&u);
    }

    /* nothing follows, pings neither */

    s = ut_get(&u, CCP_OLLAMA, NULL, ut_ask, CCP_CHAT, 200,
               ": ping\n\n" UT_CHUNK("{\"content\":\"t\"}", "null")
               ": ping\n\n" UT_CHUNK("{}", "\"stop\"") "data: [DONE]\n\n"
               UT_CHUNK("{\"content\":\"late\"}", "null"), 1);
    last = strstr(s, "\"done\":true");
    UT_CHECK(last && strchr(last, '\n')[1] == '\0' && s[0] == '{'
             && strstr(s, "late") == NULL, "nothing follows the end");
    free(s);
    ut_ol_close(&u);
}


/* 3.14: class of status and the text. */

static void
ut_errors(void)
{
    char    *s;
    size_t   i;
    ut_ol_t  u;

    static const struct {
        int          status;
        const char  *bytes;
        int          want;
    } errors[] = {
        { 400, "{\"error\":{\"message\":\"e\"}}", 400 },
        { 401, "{\"error\":{\"message\":\"e\"}}", 401 },
        { 402, "{\"error\":{\"message\":\"e\"}}", 402 },
        { 403, "{\"error\":{\"message\":\"e\"}}", 403 },
        { 404, "{\"error\":{\"message\":\"e\"}}", 404 },
        { 413, "{\"error\":{\"message\":\"e\"}}", 413 },
        { 429, "{\"error\":{\"message\":\"e\"}}", 429 },
        { 500, "{\"error\":{\"message\":\"e\"}}", 500 },
        { 503, "{\"error\":{\"message\":\"e\"}}", 503 },
        { 529, "{\"error\":{\"message\":\"e\"}}", 503 },
        { 504, "{\"error\":{\"message\":\"e\"}}", 504 }
    };

    for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        s = ut_get(&u, CCP_OLLAMA, NULL, ut_ask, CCP_CHAT, errors[i].status,
                   errors[i].bytes, 3);
        UT_CHECK(u.head.status == errors[i].want
                 && strcmp(s, "{\"error\":\"e\"}") == 0,
                 "an error %d is %d: %s", errors[i].status, u.head.status, s);
        free(s);
        ut_ol_close(&u);
    }

    s = ut_get(&u, CCP_CHAT, NULL, ut_ask_chat, CCP_OLLAMA, 200,
               "{\"error\":\"model 'm' not found\"}", 1);
    UT_CHECK(u.head.status >= 400 && strstr(s, "model 'm' not found"),
             "an error in a 200: %d %s", u.head.status, s);
    free(s);
    ut_ol_close(&u);
}


/* ---- in ---- */

#define UT_LINE(message, rest)                                                \
    "{\"model\":\"up\",\"message\":{\"role\":\"assistant\"," message "},"     \
    rest "}\n"

static void
ut_stream_in(void)
{
    char    *s, *call, *text, *stop;
    ut_ol_t  u;

    /* thinking before content of the same line (rule 8); no ids; text before
     * calls; members of the last line in any order */

    s = ut_get(&u, CCP_ANTHROPIC, NULL, ut_ask_anthropic, CCP_OLLAMA, 200,
               UT_LINE("\"content\":\"t\",\"thinking\":\"hm\"",
                       "\"done\":false")
               UT_LINE("\"content\":\"\",\"tool_calls\":[{\"function\":"
                       "{\"name\":\"f\",\"arguments\":{\"a\":1.50}}},"
                       "{\"id\":\"i\",\"function\":{\"name\":\"g\","
                       "\"arguments\":\"{\\\"c\\\":3}\"}},{\"function\":"
                       "{\"name\":\"h\",\"arguments\":{}}}]",
                       "\"done\":false")
               "\n" UT_LINE("\"content\":\"\"", "\"done_reason\":\"stop\","
                            "\"done\":true,\"prompt_eval_count\":11,"
                            "\"eval_count\":5"), 1);

    text = strstr(s, "\"text\":\"t\"");
    call = strstr(s, "\"type\":\"tool_use\"");
    stop = strstr(s, "\"stop_reason\":\"tool_use\"");

    UT_CHECK(strstr(s, "\"thinking\":\"hm\"") && text && call && stop
             && strstr(s, "\"thinking\":\"hm\"") < text && text < call,
             "rule 8, T10: thinking, text, calls, tool_use");
    UT_CHECK(strstr(s, "\"partial_json\":\"{\\\"a\\\":1.50}\"")
             && strstr(s, "\"partial_json\":\"{\\\"c\\\":3}\"")
             && strstr(s, "\"partial_json\":\"{}\""),
             "T02, T12: one delta of whole arguments each");
    UT_CHECK(strstr(s, "\"id\":\"i\"") && !strstr(s, "\"id\":\"\""),
             "ids pass or are made");
    UT_CHECK(stop && strstr(stop, "\"input_tokens\":11")
             && strstr(stop, "\"output_tokens\":5"), "usage");
    free(s);
    ut_ol_close(&u);

    /* a string that is no object */

    s = ut_get(&u, CCP_CHAT, NULL, ut_ask_chat, CCP_OLLAMA, 200,
               "{\"message\":{\"content\":\"\",\"tool_calls\":[{\"function\":"
               "{\"name\":\"f\",\"arguments\":\"hello\"}}]},\"done\":true}",
               1000);
    UT_CHECK(strstr(s, "\"arguments\":\"{\\\"input\\\":\\\"hello\\\"}\"")
             && strstr(s, "\"finish_reason\":\"tool_calls\""),
             "text for arguments: %s", s);
    free(s);
    ut_ol_close(&u);

    /* lines where a document was asked for, and the reverse */

    s = ut_get(&u, CCP_CHAT, NULL, ut_ask_chat, CCP_OLLAMA, 200,
               UT_LINE("\"content\":\"a\"", "\"done\":false")
               UT_LINE("\"content\":\"b\"", "\"done\":false")
               UT_LINE("\"content\":\"\"", "\"done\":true,\"done_reason\":"
                       "\"length\""), 1);
    UT_CHECK(strstr(s, "\"content\":\"ab\"")
             && strstr(s, "\"finish_reason\":\"length\""),
             "lines for a document: %s", s);
    free(s);
    ut_ol_close(&u);

    s = ut_get(&u, CCP_ANTHROPIC, NULL, ut_ask_anthropic, CCP_OLLAMA, 200,
               "{\"message\":{\"content\":\"ab\"},\"done\":true}", 1);
    UT_CHECK(strstr(s, "\"text\":\"ab\"") && strstr(s, "message_stop"),
             "a document for a stream");
    free(s);
    ut_ol_close(&u);

    /* ends that are none, and lines that are none */

    s = ut_get(&u, CCP_ANTHROPIC, NULL, ut_ask_anthropic, CCP_OLLAMA, 200,
               UT_LINE("\"content\":\"a\"", "\"done\":false"), 1);
    UT_CHECK(strstr(s, "event: error") && !strstr(s, "message_stop"),
             "T37 no last line");
    free(s);
    ut_ol_close(&u);

    s = ut_get(&u, CCP_ANTHROPIC, NULL, ut_ask_anthropic, CCP_OLLAMA, 200,
               UT_LINE("\"content\":\"a\"", "\"done\":false")
               "{\"error\":\"out of memory\"}\n", 1);
    UT_CHECK(strstr(s, "event: error") && strstr(s, "out of memory")
             && !strstr(s, "message_stop"), "an error line");
    free(s);
    ut_ol_close(&u);

    s = ut_get(&u, CCP_ANTHROPIC, NULL, ut_ask_anthropic, CCP_OLLAMA, 200,
               UT_LINE("\"content\":\"a\"", "\"done\":false") "{oops\n", 1);
    UT_CHECK(strstr(s, "event: error") && strstr(s, "no JSON"),
             "a line that is no JSON");
    free(s);
    ut_ol_close(&u);

    s = ut_get(&u, CCP_CHAT, NULL, ut_ask_chat, CCP_OLLAMA, 200,
               "{\"hello\":1}", 1);
    UT_CHECK(u.head.status == 502 && strstr(s, "no message"), "no answer");
    free(s);
    ut_ol_close(&u);
}


/* Its own client gets the upstream's bytes. */

static void
ut_raw(void)
{
    static const char  lines[] =
        "{\"message\": {\"content\":\"a\"},\"new\":1e2,\"done\":false}\n"
        "{\"message\":{\"content\":\"\"},\"done\":true,\"x\":[1 ]}\n";

    ut_says("lines as they came", CCP_OLLAMA, NULL, ut_ask, CCP_OLLAMA, lines,
            lines);
    ut_says("one line as it came, and its end", CCP_OLLAMA, NULL, ut_ask,
            CCP_OLLAMA, "{\"response\": \"a\",\"done\":true}",
            "{\"response\": \"a\",\"done\":true}\n");
    ut_says("a document as it came", CCP_OLLAMA, NULL, ut_ask_whole,
            CCP_OLLAMA, "{ \"message\":{\"content\":\"a\"},\"done\":true}",
            "{ \"message\":{\"content\":\"a\"},\"done\":true}");
}


/* ---- recordings ---- */

static char *
ut_convert(const ut_rec_t *rec, ccp_str_t bytes, const char *ask, size_t cut,
    size_t step)
{
    char      *s;
    ut_ol_t    u;
    ccp_mem_t  mem;

    mem = ut_mem(&ut_m);
    ut_ol_open(&u, &mem, CCP_ANTHROPIC, NULL, ask, CCP_OLLAMA, NULL, NULL);
    ut_ol_answer(&u, rec->status, (const char *) bytes.p, bytes.n, cut, step);
    s = u.rc == CCP_OK ? ut_cstr(ccp_out_all(&u.out)) : strdup("failed");
    ut_ol_close(&u);

    return s;
}


static void
ut_recorded(const ut_rec_t *rec, void *arg)
{
    int        ok;
    char      *want, *s;
    size_t     i;
    ccp_str_t  bytes;

    bytes = ut_rec_response(rec);
    want = ut_convert(rec, bytes, ut_ask_anthropic, 0, bytes.n);
    ok = rec->status >= 400 ? strstr(want, "\"type\":\"error\"") != NULL
                            : strstr(want, "message_stop") != NULL;
    (*(int *) arg)++;

    UT_CHECK(ok, "%s: read", rec->prefix);

    s = ut_convert(rec, bytes, ut_ask_anthropic, 0, 1);
    ok = strcmp(s, want) == 0;
    free(s);

    for (i = 1; i < bytes.n && i < 3000 && ok; i++) {
        s = ut_convert(rec, bytes, ut_ask_anthropic, i, bytes.n);
        ok = strcmp(s, want) == 0;
        free(s);
    }

    UT_CHECK(ok, "T36 %s: split at every byte", rec->prefix);
    free(want);
    free((void *) bytes.p);
}


/* ---- memory ---- */

typedef struct {
    ccp_proto_e   client;
    const char   *ask;
    ccp_proto_e   up;
    const char   *bytes;
} ut_run_t;


static int
ut_memory(const ccp_mem_t *mem, void *arg)
{
    int              rc;
    ut_ol_t          u;
    const ut_run_t  *run = arg;

    ut_ol_open(&u, mem, run->client, NULL, run->ask, run->up, NULL, NULL);

    if (u.rc == CCP_OK) {
        ut_ol_answer(&u, 200, run->bytes, strlen(run->bytes), 0, 40);
    }

    rc = u.rc;
    ut_ol_close(&u);

    return rc;
}


int
main(void)
{
    int              n;
    static ut_run_t  runs[] = {
        { CCP_OLLAMA, ut_ask, CCP_ANTHROPIC, ut_anthropic },
        { CCP_OLLAMA, ut_ask_whole, CCP_ANTHROPIC, ut_anthropic },
        { CCP_ANTHROPIC, ut_ask_anthropic, CCP_OLLAMA,
          UT_LINE("\"content\":\"t\",\"thinking\":\"hm\"", "\"done\":false")
          UT_LINE("\"content\":\"\",\"tool_calls\":[{\"function\":{\"name\":"
                  "\"f\",\"arguments\":\"{\\\"a\\\":1}\"}},{\"function\":"
                  "{\"name\":\"g\",\"arguments\":\"x\"}}]", "\"done\":true") }
    };

    ut_stream_out();
    ut_ends();
    ut_errors();
    ut_stream_in();
    ut_raw();

    n = 0;
    (void) ut_recordings("ollama", ut_recorded, &n);

    ut_fail_each("every allocation of a stream out", ut_memory, &runs[0]);
    ut_fail_each("every allocation of a whole answer", ut_memory, &runs[1]);
    ut_fail_each("every allocation of a stream in", ut_memory, &runs[2]);

    UT_CHECK(ut_m.live == 0, "nothing is left allocated");

    return ut_done();
}
