
/*
 * Gemini: its answers for clients of other protocols, and others' answers for
 * Gemini clients.  Each answer also arrives byte by byte and cut in two at
 * every place, which may change nothing.
 */

#include "ut_gemini.h"


#define UT_CHAT_BODY(more)                                                   \
    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]"   \
    more "}"

#define UT_CLAUDE_BODY(more)                                                 \
    "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\","    \
    "\"content\":\"x\"}]" more "}"

#define UT_GEMINI_BODY                                                       \
    "{\"contents\":[{\"parts\":[{\"text\":\"x\"}]}],\"generationConfig\":{"  \
    "\"thinkingConfig\":{\"includeThoughts\":true}}}"

#define UT_STREAMED     ",\"stream\":true"
#define UT_THINKING     ",\"thinking\":{\"type\":\"adaptive\"}"

#define UT_G(parts, more)                                                    \
    "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[" parts    \
    "]}" more "}]}"
#define UT_GD(parts, more)   "data: " UT_G(parts, more) "\r\n\r\n"
#define UT_STOP         ",\"finishReason\":\"STOP\""

#define UT_A(type, more)                                                     \
    "event: " type "\ndata: {\"type\":\"" type "\"" more "}\n\n"
#define UT_A_START                                                           \
    UT_A("message_start", ",\"message\":{\"id\":\"msg_05\",\"type\":"        \
         "\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":"   \
         "[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{"        \
         "\"input_tokens\":20,\"cache_creation_input_tokens\":0,"            \
         "\"cache_read_input_tokens\":50,\"output_tokens\":1}}")
#define UT_A_END(stop)                                                       \
    UT_A("message_delta", ",\"delta\":{\"stop_reason\":\"" stop "\","        \
         "\"stop_sequence\":null},\"usage\":{\"input_tokens\":20,"           \
         "\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":"    \
         "50,\"output_tokens\":15,\"output_tokens_details\":{"               \
         "\"thinking_tokens\":5}}")                                          \
    UT_A("message_stop", "")
#define UT_A_THINK                                                           \
    UT_A("content_block_start", ",\"index\":0,\"content_block\":{\"type\":"  \
         "\"thinking\",\"thinking\":\"\",\"signature\":\"\"}")               \
    UT_A("content_block_delta", ",\"index\":0,\"delta\":{\"type\":"          \
         "\"thinking_delta\",\"thinking\":\"Use now.\"}")                    \
    UT_A("content_block_delta", ",\"index\":0,\"delta\":{\"type\":"          \
         "\"signature_delta\",\"signature\":\"U0lH\"}")                      \
    UT_A("content_block_stop", ",\"index\":0")
#define UT_A_CALL(json)                                                      \
    UT_A("content_block_start", ",\"index\":1,\"content_block\":{\"type\":"  \
         "\"tool_use\",\"id\":\"toolu_c\",\"name\":\"now\",\"input\":{}}")   \
    UT_A("content_block_delta", ",\"index\":1,\"delta\":{\"type\":"          \
         "\"input_json_delta\",\"partial_json\":\"" json "\"}")

#define UT_META(prompt)                                                      \
    "\"usageMetadata\":{\"promptTokenCount\":70,"                            \
    "\"cachedContentTokenCount\":50," prompt "},\"modelVersion\":\"m\","     \
    "\"responseId\":\"(id)\"}"
#define UT_PART(part)                                                        \
    "data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":["    \
    part "]},\"index\":0}]," UT_META("\"totalTokenCount\":70") "\r\n\r\n"
#define UT_LAST(reason)                                                      \
    "data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":["    \
    "{\"text\":\"\"}]},\"finishReason\":\"" reason "\",\"index\":0}],"       \
    UT_META("\"candidatesTokenCount\":10,\"thoughtsTokenCount\":5,"          \
            "\"totalTokenCount\":85") "\r\n\r\n"


typedef struct {
    const char  *name;
    const char  *path;
    const char  *args;
    const char  *body;
    ccp_proto_e  up;
    int          status;       /* of the upstream */
    const char  *bytes;
    int          want;         /* status for the client */
    const char  *whole;        /* the reply; or */
    const char  *has[4];
    const char  *hasnot[2];
} ut_case_t;


static const ut_case_t  ut_cases[] = {
    { "T02: a whole call becomes start and one delta", GM_CLAUDE, NULL,
      UT_CLAUDE_BODY(UT_STREAMED), CCP_GEMINI, 200,
      UT_GD("{\"functionCall\":{\"name\":\"f\",\"args\":{\"a\":1.0}}}",
            UT_STOP), 200, NULL,
      { "\"name\":\"f\",\"input\":{}}", "\"partial_json\":\"{\\\"a\\\":1.0}\"",
        "\"stop_reason\":\"tool_use\"" }, { NULL } },
    { "T10: STOP after a call, then another STOP", GM_CHAT, NULL,
      UT_CHAT_BODY(UT_STREAMED), CCP_GEMINI, 200,
      UT_GD("{\"functionCall\":{\"name\":\"f\"}}", UT_STOP)
      UT_GD("{\"text\":\"\"}", UT_STOP), 200, NULL,
      { "\"arguments\":\"{}\"", "\"finish_reason\":\"tool_calls\"" },
      { "\"finish_reason\":\"stop\"" } },
    { "content after a finishReason", GM_CHAT, NULL,
      UT_CHAT_BODY(UT_STREAMED), CCP_GEMINI, 200,
      UT_GD("{\"text\":\"one\"}", UT_STOP)
      UT_GD("{\"text\":\"two\"}", UT_STOP), 200, NULL,
      { "\"content\":\"one\"", "\"content\":\"two\"", "[DONE]" }, { NULL } },
    { "T11: cut arguments in pieces", GM_CHAT, NULL,
      UT_CHAT_BODY(UT_STREAMED), CCP_GEMINI, 200,
      UT_GD("{\"functionCall\":{\"name\":\"f\",\"willContinue\":true}}", "")
      UT_GD("{\"functionCall\":{\"partialArgs\":[{\"jsonPath\":\"$.a\","
            "\"stringValue\":\"b\",\"willContinue\":true}],\"willContinue\":"
            "true}}", ",\"finishReason\":\"MAX_TOKENS\""), 200, NULL,
      { "\"finish_reason\":\"length\"" }, { "\"tool_calls\"}" } },
    { "arguments in pieces", GM_CHAT, NULL, UT_CHAT_BODY(UT_STREAMED),
      CCP_GEMINI, 200,
      UT_GD("{\"functionCall\":{\"name\":\"f\",\"willContinue\":true},"
            "\"thoughtSignature\":\"QUJD\"}", "")
      UT_GD("{\"functionCall\":{\"partialArgs\":[{\"jsonPath\":\"$.a.b[1]\","
            "\"stringValue\":\"x\\\"\\ud83d\",\"willContinue\":true}],"
            "\"willContinue\":true}}", "")
      UT_GD("{\"functionCall\":{\"partialArgs\":[{\"jsonPath\":\"$.a.b[1]\","
            "\"stringValue\":\"\\ude00\"},{\"jsonPath\":\"$['n']\","
            "\"numberValue\":1.50},{\"jsonPath\":\"$.t\",\"boolValue\":true},"
            "{\"jsonPath\":\"$.z\",\"nullValue\":\"NULL_VALUE\"},{"
            "\"jsonPath\":\"a\",\"numberValue\":1},{\"numberValue\":2}],"
            "\"willContinue\":true}}", "")
      UT_GD("{\"functionCall\":{}}", UT_STOP), 200, NULL,
      { "\"arguments\":\"{\\\"a\\\":{\\\"b\\\":[null,"
        "\\\"x\\\\\\\"\\\\ud83d\\\\ude00\\\"]},\\\"n\\\":1.50,\\\"t\\\":true,"
        "\\\"z\\\":null}\"" }, { NULL } },
    { "pieces of an array in any order", GM_CHAT, NULL,
      UT_CHAT_BODY(UT_STREAMED), CCP_GEMINI, 200,
      UT_GD("{\"functionCall\":{\"name\":\"f\",\"partialArgs\":["
            "{\"jsonPath\":\"$.a[3]\",\"numberValue\":3},"
            "{\"jsonPath\":\"$.a[0]\",\"numberValue\":0},"
            "{\"jsonPath\":\"$.a[5]\",\"numberValue\":5},"
            "{\"jsonPath\":\"$.a[1]\",\"numberValue\":1},"
            "{\"jsonPath\":\"$.a[3]\",\"numberValue\":4}]}}", UT_STOP),
      200, NULL,
      { "\"arguments\":\"{\\\"a\\\":[0,1,null,4,null,5]}\"" }, { NULL } },
    { "T41: a malformed call is an error", GM_CLAUDE, NULL,
      UT_CLAUDE_BODY(UT_STREAMED), CCP_GEMINI, 200,
      "data: {\"candidates\":[{\"finishReason\":\"MALFORMED_FUNCTION_CALL\","
      "\"finishMessage\":\"Malformed function call: f(\"}]}\r\n\r\n", 500,
      NULL, { "\"type\":\"error\"", "Malformed function call: f(" },
      { "end_turn" } },
    { "T41: … and after text", GM_CLAUDE, NULL, UT_CLAUDE_BODY(UT_STREAMED),
      CCP_GEMINI, 200, UT_GD("{\"text\":\"a\"}", "")
      "data: {\"candidates\":[{\"finishReason\":9}]}\r\n\r\n", 200, NULL,
      { "event: error", "MALFORMED_FUNCTION_CALL" },
      { "end_turn", "message_stop" } },
    { "T41: OTHER without content", GM_CHAT, NULL, UT_CHAT_BODY(""),
      CCP_GEMINI, 200, "{\"candidates\":[{\"finishReason\":\"OTHER\"}]}", 500,
      NULL, { "OTHER" }, { NULL } },
    { "OTHER with content", GM_CHAT, NULL, UT_CHAT_BODY(""), CCP_GEMINI, 200,
      UT_G("{\"text\":\"a\"}", ",\"finishReason\":5"), 200, NULL,
      { "\"finish_reason\":\"stop\"" }, { NULL } },
    { "T41: a whole answer without finishReason", GM_CHAT, NULL,
      UT_CHAT_BODY(""), CCP_GEMINI, 200, UT_G("{\"text\":\"a\"}", ""), 200,
      NULL, { "\"content\":\"a\"", "\"finish_reason\":\"stop\"" },
      { NULL } },
    { "T37: a stream without finishReason", GM_CHAT, NULL,
      UT_CHAT_BODY(UT_STREAMED), CCP_GEMINI, 200,
      UT_GD("{\"text\":\"a\"}", ""), 200, NULL,
      { "\"error\":{", "ended early" }, { "\"finish_reason\":\"stop\"" } },
    { "T41: a blocked prompt", GM_CLAUDE, NULL, UT_CLAUDE_BODY(""),
      CCP_GEMINI, 200, "{\"promptFeedback\":{\"blockReason\":\"SAFETY\","
      "\"blockReasonMessage\":\"No.\"}}", 200, NULL,
      { "\"stop_reason\":\"refusal\"", "\"text\":\"No.\"" }, { NULL } },
    { "filtered", GM_CHAT, NULL, UT_CHAT_BODY(""), CCP_GEMINI, 200,
      UT_G("{\"text\":\"a\"}", ",\"finishReason\":\"PROHIBITED_CONTENT\""),
      200, NULL, { "\"finish_reason\":\"content_filter\"" }, { NULL } },
    { "no parts at all", GM_CHAT, NULL, UT_CHAT_BODY(""), CCP_GEMINI, 200,
      "{\"candidates\":[{\"content\":{},\"finishReason\":2}]}", 200, NULL,
      { "\"finish_reason\":\"length\"" }, { NULL } },
    { "an error in a stream", GM_CHAT, NULL, UT_CHAT_BODY(UT_STREAMED),
      CCP_GEMINI, 200, UT_GD("{\"text\":\"a\"}", "")
      "data: {\"error\":{\"code\":503,\"message\":\"Overloaded.\",\"status\":"
      "\"UNAVAILABLE\"}}\r\n\r\n", 200, NULL,
      { "\"message\":\"Overloaded.\"" }, { "\"finish_reason\":\"stop\"" } },
    { "an error first in an array", GM_CHAT, NULL,
      UT_CHAT_BODY(UT_STREAMED), CCP_GEMINI, 200,
      "[{\"error\":{\"code\":429,\"message\":\"Slow.\",\"status\":"
      "\"RESOURCE_EXHAUSTED\"}}]", 429, NULL,
      { "\"message\":\"Slow.\"" }, { NULL } },
    { "an array as a stream", GM_CHAT, NULL, UT_CHAT_BODY(UT_STREAMED),
      CCP_GEMINI, 200, "[\n" UT_G("{\"text\":\"a\"}", "") "\n,\n"
      UT_G("{\"text\":\"b\"}", UT_STOP) "\n]\n", 200, NULL,
      { "\"content\":\"a\"", "\"content\":\"b\"", "[DONE]" }, { NULL } },
    { "thoughts, signature, text", GM_CLAUDE, NULL,
      UT_CLAUDE_BODY(UT_STREAMED UT_THINKING), CCP_GEMINI, 200,
      UT_GD("{\"text\":\"hm\",\"thought\":true}", "")
      UT_GD("{\"functionCall\":{\"name\":\"f\",\"args\":{}},"
            "\"thoughtSignature\":\"QUJD\"}", UT_STOP), 200, NULL,
      { "\"thinking_delta\",\"thinking\":\"hm\"",
        "\"signature_delta\",\"signature\":\"ccp1.g.",
        "\"type\":\"tool_use\"" }, { NULL } },
    { "usage with thoughts, cache and tools", GM_CHAT, NULL,
      UT_CHAT_BODY(""), CCP_GEMINI, 200,
      "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]},"
      "\"finishReason\":1}],\"usageMetadata\":{\"promptTokenCount\":100,"
      "\"cachedContentTokenCount\":60,\"candidatesTokenCount\":7,"
      "\"thoughtsTokenCount\":20,\"toolUsePromptTokenCount\":5,"
      "\"totalTokenCount\":132}}", 200, NULL,
      { "\"prompt_tokens\":105,\"completion_tokens\":27,\"total_tokens\":132",
        "\"cached_tokens\":60", "\"reasoning_tokens\":20" }, { NULL } },
    { "sources", GM_CHAT, NULL, UT_CHAT_BODY(UT_STREAMED), CCP_GEMINI, 200,
      UT_GD("{\"text\":\"a\"}", ",\"groundingMetadata\":{\"groundingChunks\":"
            "[{\"web\":{\"uri\":\"https://e.org/\",\"title\":\"E\"}}]}"
            UT_STOP), 200, NULL,
      { "\"url\":\"https://e.org/\"" }, { NULL } },

    { "6.5: thinking and a call, streamed", GM_STREAM, "alt=sse",
      UT_GEMINI_BODY, CCP_ANTHROPIC, 200,
      UT_A_START UT_A_THINK UT_A_CALL("{}")
      UT_A("content_block_stop", ",\"index\":1") UT_A_END("tool_use"), 200,
      UT_PART("{\"text\":\"Use now.\",\"thought\":true}")
      UT_PART("{\"functionCall\":{\"id\":\"toolu_c\",\"name\":\"now\","
              "\"args\":{}},\"thoughtSignature\":\"(sig)\"}")
      UT_LAST("STOP"), { NULL }, { NULL } },
    { "T11: a cut call is dropped, its proof is kept", GM_STREAM, "alt=sse",
      UT_GEMINI_BODY, CCP_ANTHROPIC, 200,
      UT_A_START UT_A_THINK UT_A_CALL("{\\\"a\\\":")
      UT_A_END("max_tokens"), 200, NULL,
      { "\"parts\":[{\"text\":\"\",\"thoughtSignature\":",
        "\"finishReason\":\"MAX_TOKENS\"" }, { "functionCall" } },
    { "cut off", GM_STREAM, "alt=sse", UT_GEMINI_BODY, CCP_ANTHROPIC, 200,
      UT_A_START UT_A_THINK, 200, NULL,
      { "data: {\"error\":{\"code\":502,", "\"status\":\"INTERNAL\"}}\r\n" },
      { "finishReason", "[DONE]" } },
    { "a JSON array where it was asked for", GM_STREAM, NULL, UT_GEMINI_BODY,
      CCP_CHAT, 200,
      "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
      "\"a\"}}]}\n\ndata: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":"
      "{\"content\":\"b\"},\"finish_reason\":\"stop\"}],\"usage\":{"
      "\"prompt_tokens\":3,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n",
      200, NULL,
      { "[{\"candidates\":", "},\r\n{", "\"candidatesTokenCount\":2", "}]" },
      { "data:" } },
    { "arguments with line ends", GM_STREAM, "alt=sse", UT_GEMINI_BODY,
      CCP_CHAT, 200,
      "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{"
      "\"tool_calls\":[{\"index\":0,\"id\":\"c1\",\"function\":{\"name\":"
      "\"f\",\"arguments\":\"{\\n  \\\"a\\\": \\\"\\\\n\\\"\\n}\"}}]},"
      "\"finish_reason\":\"tool_calls\"}]}\n\ndata: [DONE]\n\n", 200, NULL,
      { "\"args\":{   \"a\": \"\\n\" }}" }, { NULL } },
    { "a refusal in words", GM_STREAM, "alt=sse", UT_GEMINI_BODY, CCP_CHAT,
      200, "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{"
      "\"refusal\":\"I won't.\"},\"finish_reason\":\"stop\"}]}\n\n"
      "data: [DONE]\n\n", 200, NULL,
      { "\"text\":\"I won't.\"", "\"finishReason\":\"SAFETY\"" }, { NULL } },
    { "filtered, with tokens spent", GM_GENERATE, NULL, UT_GEMINI_BODY,
      CCP_CHAT, 200, "{\"id\":\"c\",\"choices\":[{\"index\":0,\"message\":{"
      "\"content\":\"\"},\"finish_reason\":\"content_filter\"}],\"usage\":{"
      "\"prompt_tokens\":3,\"completion_tokens\":2}}", 200, NULL,
      { "{\"candidates\":[{\"finishReason\":\"SAFETY\",\"index\":0}]" },
      { "promptFeedback", "parts" } },
    { "a blocked prompt", GM_GENERATE, NULL, UT_GEMINI_BODY, CCP_CHAT, 200,
      "{\"id\":\"c\",\"choices\":[{\"index\":0,\"message\":{\"content\":"
      "\"\"},\"finish_reason\":\"content_filter\"}],\"usage\":{"
      "\"prompt_tokens\":3,\"completion_tokens\":0}}", 200, NULL,
      { "{\"promptFeedback\":{\"blockReason\":\"SAFETY\"}" },
      { "candidates\"" } },
    { "6.3: a whole answer", GM_GENERATE, NULL, UT_GEMINI_BODY,
      CCP_ANTHROPIC, 200,
      "{\"id\":\"msg_03\",\"type\":\"message\",\"role\":\"assistant\","
      "\"model\":\"m\",\"content\":[{\"type\":\"text\",\"text\":\"snow\"}],"
      "\"stop_reason\":\"end_turn\",\"stop_sequence\":null,\"usage\":{"
      "\"input_tokens\":40,\"cache_creation_input_tokens\":0,"
      "\"cache_read_input_tokens\":100,\"output_tokens\":12}}", 200,
      "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{"
      "\"text\":\"snow\"}]},\"finishReason\":\"STOP\",\"index\":0}],"
      "\"usageMetadata\":{\"promptTokenCount\":140,"
      "\"cachedContentTokenCount\":100,\"candidatesTokenCount\":12,"
      "\"totalTokenCount\":152},\"modelVersion\":\"m\",\"responseId\":"
      "\"(id)\"}", { NULL }, { NULL } },
    { "6.2: whole calls", GM_GENERATE, NULL, UT_GEMINI_BODY, CCP_CHAT, 200,
      "{\"id\":\"chatcmpl-02\",\"object\":\"chat.completion\",\"created\":1,"
      "\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":"
      "\"assistant\",\"content\":\"Checking.\",\"tool_calls\":[{\"id\":"
      "\"toolu_a\",\"type\":\"function\",\"function\":{\"name\":\"weather\","
      "\"arguments\":\"{\\\"city\\\":\\\"Oslo\\\"}\"}},{\"id\":\"toolu_b\","
      "\"type\":\"function\",\"function\":{\"name\":\"now\",\"arguments\":"
      "\"{}\"}}]},\"finish_reason\":\"tool_calls\"}],\"usage\":{"
      "\"prompt_tokens\":80,\"completion_tokens\":30,\"total_tokens\":110}}",
      200,
      "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{"
      "\"text\":\"Checking.\"},{\"functionCall\":{\"id\":\"toolu_a\","
      "\"name\":\"weather\",\"args\":{\"city\":\"Oslo\"}}},{"
      "\"functionCall\":{\"id\":\"toolu_b\",\"name\":\"now\",\"args\":{}}}]},"
      "\"finishReason\":\"STOP\",\"index\":0}],\"usageMetadata\":{"
      "\"promptTokenCount\":80,\"candidatesTokenCount\":30,"
      "\"totalTokenCount\":110},\"modelVersion\":\"m\",\"responseId\":"
      "\"(id)\"}", { NULL }, { NULL } },
    { "6.6: rate limit", GM_GENERATE, NULL, UT_GEMINI_BODY, CCP_ANTHROPIC,
      429, "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\","
      "\"message\":\"Slow down\"},\"request_id\":\"req_6\"}", 429,
      "{\"error\":{\"code\":429,\"message\":\"Slow down\",\"status\":"
      "\"RESOURCE_EXHAUSTED\"}}", { NULL }, { NULL } },
    { "a key that is refused", GM_GENERATE, NULL, UT_GEMINI_BODY, CCP_CHAT,
      401, "{\"error\":{\"message\":\"bad key\"}}", 401, NULL,
      { "\"code\":401,\"message\":\"bad key\",\"status\":"
        "\"UNAUTHENTICATED\"" }, { NULL } }
};


/* Replaces what differs from run to run, or is opaque, by its name. */

static void
ut_blank(char *s, const char *before, const char *name)
{
    char    *p, *end;
    size_t   n;

    n = strlen(name);

    for (p = strstr(s, before); p; p = strstr(p, before)) {
        p += strlen(before);
        end = strchr(p, '"');

        if (end == NULL || (size_t) (end - p) < n) {
            return;
        }

        memmove(p + n, end, strlen(end) + 1);
        memcpy(p, name, n);
    }
}


static int
ut_run(gm_t *g, const ccp_mem_t *mem, const ut_case_t *c, size_t first,
    size_t step)
{
    gm_open(g, mem, c->path, c->args, c->body);
    gm_target(g, c->up, NULL, "up-model");

    return gm_answer(g, c->status, ccp_cstr(c->bytes), first, step);
}


static void
ut_compare(const ut_case_t *c, gm_t *g)
{
    int     i;
    char   *s;

    UT_CHECK(g->head.status == c->want, "%s: status %d", c->name,
             g->head.status);

    for (i = 0; i < 4; i++) {
        if (c->has[i] && !gm_has(g->reply, c->has[i])) {
            UT_CHECK(0, "%s: no %s in %s", c->name, c->has[i], g->reply);
        }

        if (i < 2 && c->hasnot[i] && gm_has(g->reply, c->hasnot[i])) {
            UT_CHECK(0, "%s: %s in %s", c->name, c->hasnot[i], g->reply);
        }
    }

    if (c->whole) {
        s = strdup(g->reply);
        ut_blank(s, "\"responseId\":\"", "(id)");
        ut_blank(s, "\"thoughtSignature\":\"", "(sig)");

        UT_CHECK(strcmp(s, c->whole) == 0, "%s: the reply", c->name);

        if (strcmp(s, c->whole) != 0) {
            printf("# want %s\n# got  %s\n", c->whole, s);
        }

        free(s);
    }
}


static int
ut_starved(const ccp_mem_t *mem, void *arg)
{
    int   rc;
    gm_t  g;

    rc = ut_run(&g, mem, arg, 0, 1 << 30);
    gm_close(&g);

    return rc;
}


static void
ut_one(const ut_case_t *c)
{
    gm_t    g, cut;
    size_t  i, n, bad;

    if (ut_run(&g, NULL, c, 0, 1 << 30) != CCP_OK) {
        UT_CHECK(0, "%s: %d %s", c->name, g.rc, gm_err(&g));
        gm_close(&g);
        return;
    }

    ut_compare(c, &g);

    bad = 0;
    n = strlen(c->bytes);

    for (i = 0; i < n && !bad; i++) {
        ut_run(&cut, NULL, c, i, i ? 1 << 30 : 1);

        if (cut.reply == NULL || strcmp(cut.reply, g.reply) != 0) {
            bad = i + 1;
        }

        gm_close(&cut);
    }

    UT_CHECK(bad == 0, "%s: cut at every byte (%zu)", c->name, bad);
    gm_close(&g);

    ut_fail_each(c->name, ut_starved, (void *) c);
}


/* ---- proofs that travel through a Gemini client and back ---- */

static char *
ut_between(const char *s, const char *before)
{
    const char  *p, *end;

    p = s ? strstr(s, before) : NULL;

    if (p == NULL) {
        return strdup("");
    }

    p += strlen(before);
    end = strchr(p, '"');

    return strndup(p, (size_t) (end - p));
}


static void
ut_carried(void)
{
    gm_t   g;
    char  *sig, body[2048];

    memset(&g, 0, sizeof(g));
    gm_open(&g, NULL, GM_STREAM, "alt=sse", UT_GEMINI_BODY);
    gm_target(&g, CCP_ANTHROPIC, NULL, "claude-sonnet-4-5");
    gm_answer(&g, 200,
              ccp_lit(UT_A_START UT_A_THINK UT_A_CALL("{}")
                      UT_A("content_block_stop", ",\"index\":1")
                      UT_A_END("tool_use")), 0, 1 << 30);
    sig = ut_between(g.reply, "\"thoughtSignature\":\"");
    gm_close(&g);

    UT_CHECK(strncmp(sig, "Y2NwMS", 6) == 0, "the carrier is base64");

    snprintf(body, sizeof(body),
             "{\"contents\":[{\"parts\":[{\"text\":\"x\"}]},{\"role\":"
             "\"model\",\"parts\":[{\"functionCall\":{\"id\":\"toolu_c\","
             "\"name\":\"now\",\"args\":{}},\"thoughtSignature\":\"%s\"}]},{"
             "\"role\":\"user\",\"parts\":[{\"functionResponse\":{\"id\":"
             "\"toolu_c\",\"name\":\"now\",\"response\":{\"output\":\"1\"}}}"
             "]}]}", sig);
    free(sig);

    gm_open(&g, NULL, GM_GENERATE, NULL, body);
    gm_target(&g, CCP_ANTHROPIC, "anthropic", "claude-sonnet-4-5");
    UT_CHECK(gm_has(g.body, "\"signature\":\"U0lH\"},{\"type\":\"tool_use\""),
             "back at its origin byte for byte");
    gm_close(&g);

    gm_open(&g, NULL, GM_GENERATE, NULL, body);
    gm_target(&g, CCP_GEMINI, "gemini", "gemini-3-pro-preview");
    UT_CHECK(g.rc == CCP_OK && !ccp_try_spliced(g.try)
             && gm_has(g.body, "skip_thought_signature_validator")
             && !gm_has(g.body, "Y2NwMS"),
             "Gemini gets a stand-in for another's proof");
    gm_close(&g);
}


static void
ut_carried_claude(void)
{
    gm_t   g;
    char  *sig, body[2048];

    gm_open(&g, NULL, GM_CLAUDE, NULL,
            UT_CLAUDE_BODY(UT_STREAMED UT_THINKING));
    gm_target(&g, CCP_GEMINI, "gemini", "gemini-3-pro-preview");
    gm_answer(&g, 200,
              ccp_lit(UT_GD("{\"functionCall\":{\"name\":\"f\",\"args\":{}},"
                            "\"thoughtSignature\":\"QUJD\"}", UT_STOP)),
              0, 1 << 30);
    sig = ut_between(g.reply, "\"signature_delta\",\"signature\":\"");
    gm_close(&g);

    snprintf(body, sizeof(body),
             "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":"
             "\"user\",\"content\":\"x\"},{\"role\":\"assistant\",\"content\""
             ":[{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":"
             "\"%s\"},{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"f\","
             "\"input\":{}}]},{\"role\":\"user\",\"content\":[{\"type\":"
             "\"tool_result\",\"tool_use_id\":\"t\",\"content\":\"1\"}]}],"
             "\"tools\":[{\"name\":\"f\",\"input_schema\":{\"type\":"
             "\"object\"}}]}", sig);
    free(sig);

    gm_open(&g, NULL, GM_CLAUDE, NULL, body);
    gm_target(&g, CCP_GEMINI, "gemini", "gemini-3-pro-preview");
    UT_CHECK(gm_has(g.body, "\"args\":{}},\"thoughtSignature\":\"QUJD\""),
             "Gemini's proof comes back through Claude Code");
    gm_close(&g);

    gm_open(&g, NULL, GM_CLAUDE, NULL, body);
    gm_target(&g, CCP_GEMINI, "gemini", "gemini-3-flash");
    UT_CHECK(gm_has(g.body, "skip_thought_signature_validator")
             && !gm_has(g.body, "QUJD"),
             "T26: another model doesn't get it");
    gm_close(&g);
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(ut_cases) / sizeof(ut_cases[0]); i++) {
        ut_one(&ut_cases[i]);
    }

    ut_carried();
    ut_carried_claude();

    UT_CHECK(gm_counter.live == 0, "nothing is left allocated");

    return ut_done();
}
