
/*
 * Chat Completions answers, in: what a stream or a document of an upstream
 * becomes once the flow stage has put it in order.
 */

#include "ut_chat.h"


#define D(json)    "data: " json "\n\n"
#define DONE       "data: [DONE]\n\n"
#define HEAD       "{\"id\":\"x\",\"choices\":[{\"index\":0,"
#define DELTA(d)   D(HEAD "\"delta\":{" d "},\"finish_reason\":null}]}")
#define FIN(r)     D(HEAD "\"delta\":{},\"finish_reason\":\"" r "\"}]}")
#define CALL(c)    DELTA("\"tool_calls\":[" c "]")

#define FULL(i, id, name, args)                                               \
    "{\"index\":" i ",\"id\":\"" id "\",\"type\":\"function\",\"function\":"  \
    "{\"name\":\"" name "\",\"arguments\":\"" args "\"}}"
#define MORE(i, args)                                                         \
    "{\"index\":" i ",\"function\":{\"arguments\":\"" args "\"}}"


typedef struct {
    const char  *name;
    const char  *dialect;
    const char  *in;
    const char  *want;
} row_t;


static const row_t  rows[] = {
    { "text", NULL,
      DELTA("\"role\":\"assistant\",\"content\":\"\"")
      DELTA("\"content\":\"a\"") DELTA("\"content\":\"b\"")
      FIN("stop") DONE,
      "start\n0 open 0 text  \n0 0 a\n0 0 b\n0 close 0\n0 finish 1\nend\n" },
    { "T34: comments are no data", NULL,
      ": OPENROUTER PROCESSING\n\n" DELTA("\"content\":\"a\"")
      ": \n\n" FIN("stop") DONE,
      "start\n0 open 0 text  \n0 0 a\n0 close 0\n0 finish 1\nend\n" },
    { "T36: CR LF, no space, unterminated", NULL,
      "data:{\"id\":\"x\",\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\r\n"
      "\r\ndata:{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}",
      "start\n0 open 0 text  \n0 0 a\n0 close 0\n0 finish 1\nend\n" },
    { "T03: the finish chunk holds the last fragment", NULL,
      CALL(FULL("0", "c", "f", "{\\\"a\\\":"))
      D(HEAD "\"delta\":{\"tool_calls\":[" MORE("0", "1}") "]},"
        "\"finish_reason\":\"tool_calls\"}]}") DONE,
      "start\n0 open 0 call f c\n0 0 {\"a\":\n0 0 1}\n0 close 0\n"
      "0 finish 4\nend\n" },
    { "T04: interleaved calls are put in order", NULL,
      CALL(FULL("0", "c", "f", "{")) CALL(FULL("1", "d", "g", "{"))
      CALL(MORE("0", "}")) CALL(MORE("1", "}")) FIN("tool_calls") DONE,
      "start\n0 open 0 call f c\n0 0 {\n0 0 }\n0 close 0\n"
      "0 open 1 call g d\n0 1 {}\n0 close 1\n0 finish 4\nend\n" },
    { "T05: gaps in the indexes", NULL,
      CALL(FULL("3", "c", "f", "{}")) CALL(FULL("7", "d", "g", "{}"))
      FIN("tool_calls") DONE,
      "start\n0 open 0 call f c\n0 0 {}\n0 close 0\n"
      "0 open 1 call g d\n0 1 {}\n0 close 1\n0 finish 4\nend\n" },
    { "T07: a new id on a known index is a new call", NULL,
      CALL(FULL("0", "c", "f", "{\\\"a\\\":1}"))
      CALL(FULL("0", "d", "f", "{\\\"b\\\":2}")) FIN("tool_calls") DONE,
      "start\n0 open 0 call f c\n0 0 {\"a\":1}\n0 close 0\n"
      "0 open 1 call f d\n0 1 {\"b\":2}\n0 close 1\n0 finish 4\nend\n" },
    { "T07: no index, by id", NULL,
      CALL("{\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":"
           "\"{\"}},{\"id\":\"d\",\"function\":{\"name\":\"g\","
           "\"arguments\":\"{\"}}")
      CALL("{\"id\":\"c\",\"function\":{\"arguments\":\"}\"}}")
      CALL("{\"id\":\"d\",\"function\":{\"arguments\":\"}\"}}")
      FIN("tool_calls") DONE,
      "start\n0 open 0 call f c\n0 0 {\n0 0 }\n0 close 0\n"
      "0 open 1 call g d\n0 1 {}\n0 close 1\n0 finish 4\nend\n" },
    { "T07: neither index nor id: whole calls", NULL,
      CALL("{\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}")
      CALL("{\"id\":\"null\",\"function\":{\"name\":\"f\",\"arguments\":"
           "\"{}\"}}") FIN("tool_calls") DONE,
      "start\n0 open 0 call f *\n0 0 {}\n0 close 0\n"
      "0 open 1 call f *\n0 1 {}\n0 close 1\n0 finish 4\nend\n" },
    { "T08: the name repeated, null and empty", NULL,
      CALL("{\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"Read\","
           "\"arguments\":\"\"}}")
      CALL("{\"index\":0,\"id\":\"\",\"function\":{\"name\":\"Read\","
           "\"arguments\":\"{\"}}")
      CALL("{\"index\":0,\"id\":null,\"function\":{\"name\":null,"
           "\"arguments\":\"}\"}}")
      FIN("tool_calls") DONE,
      "start\n0 open 0 call Read c\n0 0 {\n0 0 }\n0 close 0\n"
      "0 finish 4\nend\n" },
    { "T08: the name comes after the arguments", NULL,
      CALL("{\"index\":0,\"id\":\"c\",\"function\":{\"arguments\":\"{\"}}")
      CALL("{\"index\":0,\"function\":{\"name\":\"\",\"arguments\":"
           "\"\\\"a\\\":\"}}")
      CALL("{\"index\":0,\"function\":{\"name\":\"f\",\"arguments\":"
           "\"1}\"}}") FIN("tool_calls") DONE,
      "start\n0 open 0 call f c\n0 0 {\"a\":1}\n0 close 0\n"
      "0 finish 4\nend\n" },
    { "T08: the id comes after the name", NULL,
      CALL("{\"index\":0,\"function\":{\"name\":\"f\",\"arguments\":\"\"}}")
      CALL("{\"index\":0,\"id\":\"c\",\"function\":{\"arguments\":\"{}\"}}")
      FIN("tool_calls") DONE,
      "start\n0 open 0 call f c\n0 0 {}\n0 close 0\n0 finish 4\nend\n" },
    { "T09: no arguments at all", NULL,
      CALL(FULL("0", "c", "f", "")) FIN("tool_calls") DONE,
      "start\n0 open 0 call f c\n0 0 {}\n0 close 0\n0 finish 4\nend\n" },
    { "T12: arguments as an object", NULL,
      CALL("{\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"f\","
           "\"arguments\":{\"a\":1.0}}}") FIN("tool_calls") DONE,
      "start\n0 open 0 call f c\n0 0 {\"a\":1.0}\n0 close 0\n"
      "0 finish 4\nend\n" },
    { "T10: stop after a call is a call", NULL,
      CALL(FULL("0", "c", "f", "{}")) FIN("stop") DONE,
      "start\n0 open 0 call f c\n0 0 {}\n0 close 0\n0 finish 4\nend\n" },
    { "T11: cut arguments end with length", NULL,
      CALL(FULL("0", "c", "f", "{\\\"a\\\"")) FIN("length") DONE,
      "start\n0 open 0 call f c\n0 0 {\"a\"\n0 close 0 cut\n"
      "0 finish 8\nend\n" },
    { "T11: the first call is whole, the second cut", NULL,
      CALL(FULL("0", "c", "f", "{}")) CALL(FULL("1", "d", "g", ""))
      FIN("length") DONE,
      "start\n0 open 0 call f c\n0 0 {}\n0 close 0\n"
      "0 open 1 call g d\n0 close 1 cut\n0 finish 8\nend\n" },
    { "T11: length beats a later finish", NULL,
      DELTA("\"content\":\"a\"") FIN("length") FIN("stop") DONE,
      "start\n0 open 0 text  \n0 0 a\n0 close 0 cut\n0 finish 8\nend\n" },
    { "T28: reasoning and content in one delta", NULL,
      DELTA("\"reasoning_content\":\"r\",\"content\":\"c\"") FIN("stop") DONE,
      "start\n0 open 0 think  \n0 0 r\n0 close 0\n0 open 1 text  \n0 1 c\n"
      "0 close 1\n0 finish 1\nend\n" },
    { "two reasoning fields with the same text", NULL,
      DELTA("\"reasoning_content\":\"r\",\"reasoning\":\"r\","
            "\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":"
            "\"r\",\"signature\":\"s\"}]") DELTA("\"content\":\"c\"")
      FIN("stop") DONE,
      "start\n0 open 0 think  \n0 0 r\n0 0 sig s\n0 close 0\n"
      "0 open 1 text  \n0 1 c\n0 close 1\n0 finish 1\nend\n" },
    { "content as an array with thinking (Mistral)", NULL,
      DELTA("\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":"
            "\"text\",\"text\":\"r\"}]}],\"p\":\"xx\"")
      DELTA("\"content\":[{\"type\":\"text\",\"text\":\"c\"}]")
      DELTA("\"content\":\"d\"") FIN("stop") DONE,
      "start\n0 open 0 think  \n0 0 r\n0 close 0\n0 open 1 text  \n0 1 c\n"
      "0 1 d\n0 close 1\n0 finish 1\nend\n" },
    { "Azure's empty first chunk", NULL,
      D("{\"id\":\"\",\"model\":\"\",\"choices\":[],"
        "\"prompt_filter_results\":[]}") DELTA("\"content\":\"a\"")
      FIN("stop") DONE,
      "start\n0 open 0 text  \n0 0 a\n0 close 0\n0 finish 1\nend\n" },
    { "empty strings for everything (Snowflake)", NULL,
      DELTA("\"content\":\"a\",\"refusal\":\"\",\"function_call\":{\"name\":"
            "\"\",\"arguments\":\"\"},\"audio\":{},\"tool_calls\":null")
      D("{\"id\":\"x\",\"error\":{},\"choices\":[{\"index\":0,\"delta\":{},"
        "\"finish_reason\":\"\"}]}") DONE,
      "start\n0 open 0 text  \n0 0 a\n0 close 0\n0 finish 1\nend\n" },
    { "T53: finish_reason empty, calls decide", NULL,
      CALL(FULL("0", "c", "f", "{}"))
      D(HEAD "\"delta\":{},\"finish_reason\":\"\"}]}") DONE,
      "start\n0 open 0 call f c\n0 0 {}\n0 close 0\n0 finish 4\nend\n" },
    { "T37: no finish reason and no [DONE] is an error", NULL,
      DELTA("\"content\":\"a\""), "start\n0 open 0 text  \n0 0 a\n*error 15" },
    { "T37: finish without [DONE] is complete", NULL,
      DELTA("\"content\":\"a\"") FIN("stop"),
      "start\n0 open 0 text  \n0 0 a\n0 close 0\n0 finish 1\nend\n" },
    { "T38: an error first", NULL,
      D("{\"error\":{\"message\":\"busy\",\"code\":503}}"),
      "error 13 busy\nend\n" },
    { "event: error without [DONE] (Groq)", NULL,
      DELTA("\"content\":\"a\"")
      "event: error\ndata: {\"error\":{\"message\":\"no\",\"type\":"
      "\"invalid_request_error\"},\"status_code\":400}\n\n",
      "start\n0 open 0 text  \n0 0 a\n*error 1 no\nend\n" },
    { "an error beside choices: the text first", NULL,
      D("{\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
        "\"a\"},\"finish_reason\":\"error\"}],\"error\":{\"message\":\"no\","
        "\"code\":502}}") DONE,
      "start\n0 open 0 text  \n0 0 a\n*error 12 no\nend\n" },
    { "unreadable data", NULL, DELTA("\"content\":\"a\"") "data: {oops\n\n",
      "start\n0 open 0 text  \n0 0 a\n*error 15" },
    { "MiniMax's failure inside a 200", "minimax",
      D("{\"base_resp\":{\"status_code\":1004,\"status_msg\":\"no\"}}"),
      "*no\nend\n" },
    { "legacy function_call", NULL,
      DELTA("\"function_call\":{\"name\":\"f\",\"arguments\":\"\"}")
      DELTA("\"function_call\":{\"arguments\":\"{}\"}")
      FIN("function_call") DONE,
      "start\n0 open 0 call f *\n0 0 {}\n0 close 0\n0 finish 4\nend\n" },
    { "refusal with stop", NULL,
      DELTA("\"refusal\":\"no\"") FIN("stop") DONE,
      "start\n0 open 0 refusal  \n0 0 no\n0 close 0\n0 finish 6\nend\n" },
    { "T17: eos", NULL, DELTA("\"content\":\"a\"") FIN("eos") DONE,
      "start\n0 open 0 text  \n0 0 a\n0 close 0\n0 finish 1\nend\n" },
    { "T17: content_filter", NULL,
      DELTA("\"content\":\"a\"") FIN("content_filter") DONE,
      "start\n0 open 0 text  \n0 0 a\n0 close 0\n0 finish 7\nend\n" },
    { "custom call", NULL,
      CALL("{\"index\":0,\"id\":\"c\",\"type\":\"custom\",\"custom\":"
           "{\"name\":\"p\",\"input\":\"x\"}}")
      CALL("{\"index\":0,\"custom\":{\"input\":\"y\"}}")
      FIN("tool_calls") DONE,
      "start\n0 open 0 call p custom c\n0 0 x\n0 0 y\n0 close 0\n"
      "0 finish 4\nend\n" },
    { "T25: Gemini's proof beside a call", "gemini-openai",
      CALL("{\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"f\","
           "\"arguments\":\"{}\"},\"extra_content\":{\"google\":"
           "{\"thought_signature\":\"s\"}}}") FIN("tool_calls") DONE,
      "start\n0 open 0 call f c\n0 0 {}\n0 0 sig s\n0 close 0\n"
      "0 finish 4\nend\n" },
    { "citations once (Perplexity)", NULL,
      D("{\"id\":\"x\",\"citations\":[\"https://e.x\"],\"choices\":[{"
        "\"index\":0,\"delta\":{\"content\":\"a\"}}]}")
      D("{\"id\":\"x\",\"citations\":[\"https://e.x\"],\"choices\":[{"
        "\"index\":0,\"delta\":{\"content\":\"b\"},\"finish_reason\":"
        "\"stop\"}]}"),
      "start\n0 open 0 text  \n0 0 a\n0 0 cite \"https://e.x\"\n0 0 b\n"
      "0 close 0\n0 finish 1\nend\n" },
    { "choices above the first are dropped", NULL,
      DELTA("\"content\":\"a\"")
      D("{\"id\":\"x\",\"choices\":[{\"index\":1,\"delta\":{\"content\":"
        "\"z\"}}]}") FIN("stop") DONE,
      "start\n0 open 0 text  \n0 0 a\n0 close 0\n0 finish 1\nend\n" },
    { "nothing after [DONE]", NULL,
      DELTA("\"content\":\"a\"") FIN("stop") DONE DELTA("\"content\":\"b\""),
      "start\n0 open 0 text  \n0 0 a\n0 close 0\n0 finish 1\nend\n" },
    { NULL, NULL, NULL, NULL }
};


/* want may hold '*' for anything. */

static int
matches(const char *want, const char *got)
{
    for ( ; *want; want++, got++) {
        if (*want == '*') {
            for (want++; *got; got++) {
                if (matches(want, got)) {
                    return 1;
                }
            }

            return *want == '\0';
        }

        if (*want != *got) {
            return 0;
        }
    }

    return *got == '\0' || want[-1] != '\n';
}


static void
test_rows(void)
{
    int           ok;
    size_t        i, n;
    chat_res_t   *x, *y;
    const row_t  *t;

    for (t = rows; t->name; t++) {
        x = chat_res_new(CCP_CHAT, t->dialect, 1);
        n = strlen(t->in);
        ok = chat_feed(x, ccp_cstr(t->in), n) == CCP_OK;

        UT_CHECK(ok && matches(t->want, x->log) && x->ends == 1, "%s",
                 t->name);

        if (!matches(t->want, x->log)) {
            printf("# got:\n%s# want:\n%s\n", x->log, t->want);
        }

        for (ok = 1, i = 0; i < n && ok; i++) {
            y = chat_res_new(CCP_CHAT, t->dialect, 1);
            ok = chat_feed(y, ccp_cstr(t->in), i) == CCP_OK
                 && strcmp(x->log, y->log) == 0;
            chat_res_free(y);
        }

        UT_CHECK(ok, "%s: the same, cut at every byte", t->name);
        chat_res_free(x);
    }
}


/* T35: bytes and escapes cut between characters come through. */

static void
test_surrogates(void)
{
    chat_res_t  *x;

    x = chat_res_new(CCP_CHAT, NULL, 1);
    chat_feed(x, ccp_cstr(CALL(FULL("0", "c", "f", "{\\\"a\\\":\\\"\\ud83d"))
                          CALL(MORE("0", "\\ude00\\\"}"))
                          FIN("tool_calls") DONE), 0);

    UT_CHECK(strcmp(x->text[CHAT_ARGS], "{\"a\":\"\xf0\x9f\x98\x80\"}") == 0,
             "T35: a surrogate pair cut in two");
    chat_res_free(x);
}


/* ---- usage ---- */

typedef struct {
    const char  *name;
    const char  *dialect;
    const char  *in;
    int64_t      fresh;
    int64_t      read;
    int64_t      write;
    int64_t      out;
    int64_t      reason;
} usage_t;


static const usage_t  usages[] = {
    { "T33: on choices []", NULL,
      FIN("stop") D("{\"choices\":[],\"usage\":{\"prompt_tokens\":9,"
                    "\"completion_tokens\":3,\"total_tokens\":12}}") DONE,
      9, -1, -1, 3, -1 },
    { "T33: zeros don't win", NULL,
      D("{\"choices\":[],\"id\":\"x\",\"usage\":{\"prompt_tokens\":9,"
        "\"completion_tokens\":3}}")
      FIN("stop") D("{\"choices\":[],\"usage\":{\"prompt_tokens\":0,"
                    "\"completion_tokens\":0}}") DONE, 9, -1, -1, 3, -1 },
    { "T33: x_groq", NULL,
      D("{\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{},"
        "\"finish_reason\":\"stop\"}],\"x_groq\":{\"usage\":{"
        "\"prompt_tokens\":9,\"completion_tokens\":3}}}") DONE,
      9, -1, -1, 3, -1 },
    { "inside the choice (Moonshot)", NULL,
      D("{\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{},"
        "\"finish_reason\":\"stop\",\"usage\":{\"prompt_tokens\":9,"
        "\"completion_tokens\":3,\"cached_tokens\":4}}]}") DONE,
      5, 4, -1, 3, -1 },
    { "T46: cached and written are in the prompt", NULL,
      FIN("stop") D("{\"choices\":[],\"usage\":{\"prompt_tokens\":1220,"
                    "\"completion_tokens\":3,\"prompt_tokens_details\":{"
                    "\"cached_tokens\":2,\"cache_write_tokens\":1217}}}")
      DONE, 1, 2, 1217, 3, -1 },
    { "DeepSeek's cache hits", NULL,
      FIN("stop") D("{\"choices\":[],\"usage\":{\"prompt_tokens\":10,"
                    "\"completion_tokens\":3,\"prompt_cache_hit_tokens\":4,"
                    "\"prompt_cache_miss_tokens\":6}}") DONE,
      6, 4, -1, 3, -1 },
    { "T53: xAI's reasoning is outside", "xai",
      FIN("stop") D("{\"choices\":[],\"usage\":{\"prompt_tokens\":496,"
                    "\"completion_tokens\":77,\"total_tokens\":694,"
                    "\"completion_tokens_details\":{\"reasoning_tokens\":"
                    "121}}}") DONE, 496, -1, -1, 198, 121 },
    { "OpenAI's reasoning is inside", NULL,
      FIN("stop") D("{\"choices\":[],\"usage\":{\"prompt_tokens\":10,"
                    "\"completion_tokens\":77,\"total_tokens\":87,"
                    "\"completion_tokens_details\":{\"reasoning_tokens\":"
                    "70}}}") DONE, 10, -1, -1, 77, 70 },
    { NULL, NULL, NULL, 0, 0, 0, 0, 0 }
};


static void
test_usage(void)
{
    chat_res_t     *x;
    const usage_t  *t;

    for (t = usages; t->name; t++) {
        x = chat_res_new(CCP_CHAT, t->dialect, 1);
        chat_feed(x, ccp_cstr(t->in), 0);

        UT_CHECK(x->usage.in_fresh == t->fresh && x->usage.in_read == t->read
                 && x->usage.in_write == t->write
                 && x->usage.out_total == t->out
                 && x->usage.out_reason == t->reason,
                 "usage %s (%d %d %d %d %d)", t->name,
                 (int) x->usage.in_fresh, (int) x->usage.in_read,
                 (int) x->usage.in_write, (int) x->usage.out_total,
                 (int) x->usage.out_reason);
        chat_res_free(x);
    }
}


/* Several choices, interleaved, with the same call id in both. */

static void
test_choices(void)
{
    chat_res_t  *x;

    x = chat_res_new_n(CCP_CHAT, NULL, 1, 2);
    chat_feed(x, ccp_cstr(
        D("{\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\""
          ":[" FULL("0", "c", "f", "{") "]}},{\"index\":1,\"delta\":{"
          "\"tool_calls\":[" FULL("0", "c", "f", "{}") "]}}]}")
        D("{\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\""
          ":[" MORE("0", "}") "]},\"finish_reason\":\"tool_calls\"}]}")
        D("{\"id\":\"x\",\"choices\":[{\"index\":1,\"delta\":{},"
          "\"finish_reason\":\"tool_calls\"}]}") DONE), 0);

    UT_CHECK(strstr(x->log, "0 open 0 call f c") != NULL
             && strstr(x->log, "1 open 0 call f c") != NULL
             && x->finishes == 2 && x->ends == 1 && x->errors == 0,
             "two choices with the same call id");
    chat_res_free(x);
}


/* A stop sequence that the upstream names. */

static void
test_stop_text(void)
{
    ccp_item_t   stop;
    chat_res_t  *x;

    memset(&stop, 0, sizeof(stop));
    stop.s = ccp_lit("END");
    x = chat_res_new(CCP_CHAT, NULL, 1);
    x->req.stop = &stop;
    chat_feed(x, ccp_cstr(
        D("{\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
          "\"a\"},\"finish_reason\":\"stop\",\"stop_reason\":\"END\"}]}")),
        0);

    UT_CHECK(x->stop == CCP_STOP_SEQ, "vLLM names the stop sequence");
    chat_res_free(x);
}


/* ---- whole answers ---- */

static void
test_whole(void)
{
    size_t       i;
    chat_res_t  *x;

    static const char *const t[][2] = {
        { "{\"id\":\"x\",\"choices\":[{\"index\":0,\"message\":{\"role\":"
          "\"assistant\",\"content\":null,\"reasoning_content\":\"r\","
          "\"tool_calls\":[" FULL("0", "c", "f", "{}") ","
          FULL("1", "d", "g", "") "]},\"finish_reason\":\"tool_calls\"}]}",
          "start\n0 open 0 think  \n0 0 r\n0 close 0\n0 open 1 call f c\n"
          "0 1 {}\n0 close 1\n0 open 2 call g d\n0 2 {}\n0 close 2\n"
          "0 finish 4\nend\n" },
        { "{\"id\":\"x\",\"choices\":[{\"index\":0,\"message\":{\"role\":"
          "\"assistant\",\"content\":\"a\"},\"finish_reason\":null}]}",
          "start\n0 open 0 text  \n0 0 a\n0 close 0\n0 finish 1\nend\n" },
        { "{\"id\":\"x\",\"choices\":[{\"index\":0,\"message\":{\"refusal\":"
          "\"no\",\"content\":null},\"finish_reason\":\"content_filter\"}]}",
          "start\n0 open 0 refusal  \n0 0 no\n0 close 0\n0 finish 6\nend\n" },
        { "{\"error\":{\"message\":\"no\",\"code\":429}}",
          "error 11 no\nend\n" },
        { "{\"id\":\"x\"}", "*error 15" },
        { "[]", "*error 15" },
    };

    for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        x = chat_res_new(CCP_CHAT, NULL, 0);
        chat_whole(x, ccp_cstr(t[i][0]));
        UT_CHECK(matches(t[i][1], x->log) && x->ends == 1, "whole answer %d",
                 (int) i);

        if (!matches(t[i][1], x->log)) {
            printf("# got:\n%s", x->log);
        }

        chat_res_free(x);
    }
}


/* ---- memory ---- */

static int
fail_one(const ccp_mem_t *mem, void *arg)
{
    int           rc;
    chat_res_t   *x;
    const row_t  *t = arg;

    x = calloc(1, sizeof(chat_res_t));
    x->req.n = CCP_UNSET_INT;
    x->req.include_usage = 1;
    x->ac.show_think = 1;

    rc = chat_res_init(x, mem, CCP_CHAT, t->dialect, 1);

    if (rc == CCP_OK) {
        rc = chat_feed(x, ccp_cstr(t->in), 7);
    }

    if (rc == CCP_OK) {
        rc = ccp_out_finish(&x->out);
    }

    chat_res_free(x);

    return rc;
}


static void
test_memory(void)
{
    const row_t  *t;

    for (t = rows; t->name; t++) {
        ut_fail_each(t->name, fail_one, (void *) t);
    }
}


/* T39: a running stream takes no more memory. */

static void
test_steady(void)
{
    int          i;
    size_t       before;
    ccp_str_t    s;
    chat_res_t  *x;

    s = ccp_cstr(DELTA("\"content\":\"0123456789\""));
    x = chat_res_new(CCP_CHAT, NULL, 1);
    ccp_frame_init(&x->frame, CCP_FRAME_SSE, x->a, 0);

    for (before = 0, i = 0; i < 1000; i++) {
        ccp_frame_feed(&x->frame, s.p, s.n, chat_payload, x);
        ccp_out_reset(&x->out);

        if (i == 10) {
            before = ccp_arena_size(x->a);
        }
    }

    UT_CHECK(before && ccp_arena_size(x->a) == before,
             "no memory is taken per event");
    chat_res_free(x);
}


int
main(void)
{
    test_rows();
    test_surrogates();
    test_usage();
    test_choices();
    test_stop_text();
    test_whole();
    test_memory();
    test_steady();

    return ut_done();
}
