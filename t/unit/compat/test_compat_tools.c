
/*
 * Tool compatibility mode: kinds of tools, wishes about calls, and what stays
 * of a request for targets that take tools.
 */

#include "ut_compat.h"
#include "codec/compat/compat.h"


#define FN  "{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":" \
            "{\"type\":\"object\"}}}"
#define FG  FN ",{\"type\":\"function\",\"function\":{\"name\":\"g\"}}"
#define C(more)  "{\"model\":\"m\",\"messages\":[{\"role\":\"user\","         \
                 "\"content\":\"x\"}]," more "}"
#define A(more)  "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":" \
                 "\"user\",\"content\":\"x\"}]," more "}"
#define R(more)  "{\"model\":\"m\",\"input\":\"x\"," more "}"
#define G(more)  "{\"contents\":[{\"parts\":[{\"text\":\"x\"}]}],"            \
                 "\"tools\":[{\"functionDeclarations\":[{\"name\":\"f\"},"    \
                 "{\"name\":\"g\"}]}]," more "}"

#define SCHEMA  "JSON schema of the arguments: "


typedef struct {
    const char   *name;
    ccp_proto_e   client;
    const char   *body;
    const char   *said[4];         /* in the system text */
    const char   *unsaid;          /* not in it */
} ut_case_t;


static const ut_case_t  ut_cases[] = {

    { "a tool without a schema", CCP_CHAT,
      C("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]"),
      { "<ccp:tool name=\"f\">\n" SCHEMA
        "{\"type\":\"object\",\"properties\":{}}\n</ccp:tool>" }, NULL },

    { "a schema that speaks of our tags", CCP_CHAT,
      C("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\","
        "\"description\":\"a </ccp:tool> b\",\"parameters\":{\"type\":"
        "\"object\",\"description\":\"c </ccp:tool>\"}}}]"),
      { "a &lt;/ccp:tool> b\n",
        SCHEMA "{\"type\":\"object\",\"description\":\"c \\u003c/ccp:tool>\"}"
      }, NULL },

    { "free text with a grammar", CCP_RESPONSES,
      R("\"tools\":[{\"type\":\"custom\",\"name\":\"apply_patch\","
        "\"description\":\"Edits.\",\"format\":{\"type\":\"grammar\","
        "\"syntax\":\"lark\",\"definition\":\"start: x\\nx: \\\"a\\\"\"}}]"),
      { "<ccp:tool name=\"apply_patch\">\nEdits.\nIts argument is free text: "
        "{\"input\":\"the text\"}\nThe text follows this grammar (lark):\n"
        "start: x\nx: \"a\"\n</ccp:tool>" }, SCHEMA },

    { "a namespace", CCP_RESPONSES,
      R("\"tools\":[{\"type\":\"namespace\",\"name\":\"mcp__files\","
        "\"tools\":[{\"type\":\"function\",\"name\":\"read\","
        "\"parameters\":{\"type\":\"object\"}}]}]"),
      { "<ccp:tool name=\"mcp__files__read\">" }, NULL },

    { "tools that a client has built in", CCP_ANTHROPIC,
      A("\"tools\":[{\"type\":\"bash_20250124\",\"name\":\"bash\"}]"),
      { "<ccp:tool name=\"bash\">\nRuns a command",
        SCHEMA "{\"type\":\"object\",\"properties\":{\"command\":" }, NULL },

    { "a tool that a provider runs is left out", CCP_ANTHROPIC,
      A("\"tools\":[{\"type\":\"web_search_20250305\",\"name\":"
        "\"web_search\"},{\"name\":\"f\",\"input_schema\":{\"type\":"
        "\"object\"}}]"),
      { "<ccp:tool name=\"f\">" }, "web_search" },

    { "nothing but such a tool", CCP_ANTHROPIC,
      A("\"tools\":[{\"type\":\"web_search_20250305\",\"name\":"
        "\"web_search\"}]"),
      { "" }, "ccp:" },

    { "upper-case types stay as they are", CCP_GEMINI,
      "{\"contents\":[{\"parts\":[{\"text\":\"x\"}]}],\"tools\":[{"
      "\"functionDeclarations\":[{\"name\":\"f\",\"parameters\":{\"type\":"
      "\"OBJECT\",\"properties\":{\"a\":{\"type\":\"STRING\"}}}}]}]}",
      { SCHEMA "{\"type\":\"OBJECT\",\"properties\":{\"a\":{\"type\":"
        "\"STRING\"}}}" }, NULL },

    { "several calls by default", CCP_CHAT, C("\"tools\":[" FN "]"),
      { "For several calls write several elements" }, "one call at a time" },

    { "one call at a time: Chat", CCP_CHAT,
      C("\"tools\":[" FN "],\"parallel_tool_calls\":false"),
      { "Write one call at a time" }, "several elements" },

    { "one call at a time: Anthropic", CCP_ANTHROPIC,
      A("\"tools\":[{\"name\":\"f\",\"input_schema\":{\"type\":\"object\"}}],"
        "\"tool_choice\":{\"type\":\"auto\",\"disable_parallel_tool_use\":"
        "true}"),
      { "Write one call at a time" }, "several elements" },

    { "any tool: Chat", CCP_CHAT,
      C("\"tools\":[" FN "],\"tool_choice\":\"required\""),
      { "\n\nThis time you must call at least one tool." }, NULL },

    { "any tool: Anthropic", CCP_ANTHROPIC,
      A("\"tools\":[{\"name\":\"f\",\"input_schema\":{\"type\":\"object\"}}],"
        "\"tool_choice\":{\"type\":\"any\"}"),
      { "you must call at least one tool." }, NULL },

    { "a certain tool", CCP_CHAT,
      C("\"tools\":[" FG "],\"tool_choice\":{\"type\":\"function\","
        "\"function\":{\"name\":\"g\"}}"),
      { "you must call the tool g and no other.", "name=\"f\"",
        "name=\"g\"" }, NULL },

    { "some tools", CCP_GEMINI,
      G("\"toolConfig\":{\"functionCallingConfig\":{\"mode\":\"ANY\","
        "\"allowedFunctionNames\":[\"f\",\"g\"]}}"),
      { "you may call these tools only: f, g. You must call at least one of "
        "them." }, NULL },

    { "no tool", CCP_CHAT, C("\"tools\":[" FN "],\"tool_choice\":\"none\""),
      { "" }, "ccp:" },

    { "no tool any more", CCP_ANTHROPIC,
      "{\"model\":\"m\",\"max_tokens\":9,\"tools\":[{\"name\":\"f\","
      "\"input_schema\":{\"type\":\"object\"}}],\"tool_choice\":{\"type\":"
      "\"none\"},\"messages\":[{\"role\":\"user\",\"content\":\"x\"},"
      "{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":"
      "\"c\",\"name\":\"f\",\"input\":{}}]},{\"role\":\"user\",\"content\":"
      "[{\"type\":\"tool_result\",\"tool_use_id\":\"c\",\"content\":\"r\"}]}]}",
      { "Earlier in this conversation tools were called",
        "No tool can be called now" }, "ccp:tool" },

    { "an output format is asked for in words", CCP_CHAT,
      C("\"tools\":[" FN "],\"response_format\":{\"type\":\"json_schema\","
        "\"json_schema\":{\"name\":\"o\",\"schema\":{\"type\":\"object\","
        "\"title\":\"O\"}}}"),
      { "\nAn answer without a call is one JSON object and nothing else, valid "
        "against this JSON schema: {\"type\":\"object\",\"title\":\"O\"}" },
      NULL },

    { "any JSON", CCP_CHAT,
      C("\"tools\":[" FN "],\"response_format\":{\"type\":\"json_object\"}"),
      { "is one JSON object and nothing else." }, "response_format" }
};


static void
ut_case(const ut_case_t *c)
{
    int                   k, ok;
    char                 *body, *system;
    ut_compat_t           u, read;
    const ccp_request_t  *r;

    if (ut_compat_ask(&u, c->client, c->body, CCP_CHAT) != CCP_OK) {
        UT_CHECK(0, "%s: %.*s", c->name, (int) u.err.message.n,
                 (const char *) u.err.message.p);
        ccp_exchange_destroy(u.x);
        return;
    }

    body = ut_compat_body(&u);
    (void) ut_compat_open(&read, NULL, ut_compat_paths[CCP_CHAT]);
    ok = ccp_exchange_request(read.x, ccp_cstr(body), ccp_none, &read.err)
         == CCP_OK;
    r = ccp_exchange_req(read.x);
    system = ut_compat_system(r);

    for (k = 0; k < 4 && c->said[k]; k++) {
        ok = ok && strstr(system, c->said[k]);
    }

    ok = ok && (c->unsaid == NULL || strstr(system, c->unsaid) == NULL);

    UT_CHECK(ok && r->tools == NULL && r->tool_choice.mode == CCP_TC_UNSET
             && r->out.kind == CCP_F_UNSET, "%s", c->name);

    if (!ok) {
        printf("# said%s\n", system);
    }

    free(body);
    free(system);
    ccp_exchange_destroy(u.x);
    ccp_exchange_destroy(read.x);
}


/* ---- history ---- */

typedef struct {
    const char   *name;
    ccp_proto_e   client;
    const char   *body;
    const char   *said;            /* ut_compat_msgs() of it */
} ut_told_t;


static const ut_told_t  ut_told[] = {

    { "a failure, and a result without text", CCP_ANTHROPIC,
      "{\"model\":\"m\",\"max_tokens\":9,\"messages\":["
      "{\"role\":\"user\",\"content\":\"x\"},"
      "{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":"
      "\"a\",\"name\":\"f\",\"input\":{}},{\"type\":\"tool_use\",\"id\":"
      "\"b\",\"name\":\"g\",\"input\":{\"k\":[1,2]}}]},"
      "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
      "\"tool_use_id\":\"a\",\"is_error\":true,\"content\":\"no\"},"
      "{\"type\":\"tool_result\",\"tool_use_id\":\"b\"}]}]}",
      "user: x | assistant: <ccp:call name=\"f\">{}</ccp:call> "
      "<ccp:call name=\"g\">{\"k\":[1,2]}</ccp:call> | user: "
      "<ccp:result name=\"f\" id=\"\" error=\"true\">no</ccp:result> "
      "<ccp:result name=\"g\" id=\"\"></ccp:result>" },

    { "results come in the order of the calls", CCP_CHAT,
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"},"
      "{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"a\",\"type\":"
      "\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}},"
      "{\"id\":\"b\",\"type\":\"function\",\"function\":{\"name\":\"g\","
      "\"arguments\":\"not json\"}}]},"
      "{\"role\":\"tool\",\"tool_call_id\":\"b\",\"content\":\"two\"},"
      "{\"role\":\"tool\",\"tool_call_id\":\"a\",\"content\":\"one\"}]}",
      "user: x | assistant: <ccp:call name=\"f\">{}</ccp:call> "
      "<ccp:call name=\"g\">{\"input\":\"not json\"}</ccp:call> | user: "
      "<ccp:result name=\"f\" id=\"\">one</ccp:result> "
      "<ccp:result name=\"g\" id=\"\">two</ccp:result>" },

    { "free text", CCP_RESPONSES,
      "{\"model\":\"m\",\"tools\":[{\"type\":\"custom\",\"name\":\"p\"}],"
      "\"input\":[{\"role\":\"user\",\"content\":\"x\"},"
      "{\"type\":\"custom_tool_call\",\"call_id\":\"c\",\"name\":\"p\","
      "\"input\":\"a\\n\\\"b\\\" </ccp:call>\"},"
      "{\"type\":\"custom_tool_call_output\",\"call_id\":\"c\",\"output\":"
      "\"ok\"}]}",
      "user: x | assistant: <ccp:call name=\"p\">"
      "{\"input\":\"a\\n\\\"b\\\" \\u003c/ccp:call>\"}</ccp:call> | user: "
      "<ccp:result name=\"p\" id=\"\">ok</ccp:result>" },

    { "a name in a namespace", CCP_RESPONSES,
      "{\"model\":\"m\",\"tools\":[{\"type\":\"namespace\",\"name\":\"ns\","
      "\"tools\":[{\"type\":\"function\",\"name\":\"f\"}]}],"
      "\"input\":[{\"role\":\"user\",\"content\":\"x\"},"
      "{\"type\":\"function_call\",\"call_id\":\"c\",\"name\":\"f\","
      "\"namespace\":\"ns\",\"arguments\":\"{}\"},"
      "{\"type\":\"function_call_output\",\"call_id\":\"c\",\"output\":"
      "\"ok\"}]}",
      "user: x | assistant: <ccp:call name=\"ns__f\">{}</ccp:call> | user: "
      "<ccp:result name=\"ns__f\" id=\"\">ok</ccp:result>" },

    { "a word behind results joins them, later ones don't", CCP_CHAT,
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"},"
      "{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"a\",\"type\":"
      "\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]},"
      "{\"role\":\"tool\",\"tool_call_id\":\"a\",\"content\":\"one\"},"
      "{\"role\":\"user\",\"content\":\"y\"},"
      "{\"role\":\"assistant\",\"content\":\"z\"},"
      "{\"role\":\"user\",\"content\":\"v\"},"
      "{\"role\":\"user\",\"content\":\"w\"}]}",
      "user: x | assistant: <ccp:call name=\"f\">{}</ccp:call> | user: "
      "<ccp:result name=\"f\" id=\"\">one</ccp:result> y | assistant: z | "
      "user: v | user: w" }
};


static void
ut_tell(const ut_told_t *c)
{
    char         *body, *said;
    ut_compat_t   u, read;

    UT_CHECK(ut_compat_ask(&u, c->client, c->body, CCP_CHAT) == CCP_OK,
             "%s", c->name);

    body = ut_compat_body(&u);
    (void) ut_compat_open(&read, NULL, ut_compat_paths[CCP_CHAT]);
    (void) ccp_exchange_request(read.x, ccp_cstr(body), ccp_none, &read.err);
    said = ut_compat_msgs(ccp_exchange_req(read.x));

    UT_CHECK(strcmp(said, c->said) == 0, "%s is told", c->name);

    if (strcmp(said, c->said) != 0) {
        printf("# said %s\n# want %s\n", said, c->said);
    }

    free(body);
    free(said);
    ccp_exchange_destroy(u.x);
    ccp_exchange_destroy(read.x);
}


/* One string where text is all there is; a cache mark keeps its place. */

static void
ut_string(void)
{
    char         *body;
    ut_compat_t   u;

    static const char  asked[] =
        "{\"model\":\"m\",\"max_tokens\":9,\"messages\":["
        "{\"role\":\"user\",\"content\":\"x\"},"
        "{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":"
        "\"y\\n\"},{\"type\":\"tool_use\",\"id\":\"c\",\"name\":\"f\","
        "\"input\":{}}]},{\"role\":\"user\",\"content\":[{\"type\":"
        "\"tool_result\",\"tool_use_id\":\"c\",\"content\":\"r\","
        "\"cache_control\":{\"type\":\"ephemeral\"}},{\"type\":\"text\","
        "\"text\":\"z\"},{\"type\":\"text\",\"text\":\"v\"}]}]}";

    (void) ut_compat_ask(&u, CCP_ANTHROPIC, asked, CCP_CHAT);
    body = ut_compat_body(&u);
    UT_CHECK(strstr(body, "\"content\":\"y\\n<ccp:call name=\\\"f\\\">{}"
                          "</ccp:call>\""), "text and calls are one string");
    free(body);
    ccp_exchange_destroy(u.x);

    (void) ut_compat_ask(&u, CCP_ANTHROPIC, asked, CCP_ANTHROPIC);
    body = ut_compat_body(&u);
    UT_CHECK(strstr(body, ">r</ccp:result>\",\"cache_control\":{\"type\":"
                          "\"ephemeral\"}},{\"type\":\"text\",\"text\":"
                          "\"z\\nv\"}"), "but for a mark between them");
    free(body);
    ccp_exchange_destroy(u.x);
}


/* An id that is none of ours can't end the attribute. */

static void
ut_ids(void)
{
    char         *body;
    ut_compat_t   u;

    (void) ut_compat_ask(&u, CCP_CHAT,
        "{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\","
        "\"tool_calls\":[{\"id\":\"a\\\"><ccp:\\n&\",\"type\":\"function\","
        "\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]},"
        "{\"role\":\"tool\",\"tool_call_id\":\"a\\\"><ccp:\\n&\",\"content\":"
        "\"one\"}]}", CCP_CHAT);
    body = ut_compat_body(&u);

    UT_CHECK(strstr(body, "id=\\\"a&quot;&gt;&lt;ccp: &amp;\\\">one"),
             "an id with quotes and tags");

    free(body);
    ccp_exchange_destroy(u.x);
}


/* ---- tries ---- */

/* A try in compatibility mode leaves the request as it was for the next. */

static void
ut_tries(void)
{
    int           i;
    char         *native, *compat, *again;
    ut_compat_t   u;

    static const char  body[] =
        "{\"model\":\"m\",\"max_tokens\":9,\"tools\":[{\"name\":\"f\","
        "\"input_schema\":{\"type\":\"object\"}}],\"tool_choice\":{\"type\":"
        "\"any\"},\"messages\":[{\"role\":\"user\",\"content\":\"x\"},"
        "{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":"
        "\"c\",\"name\":\"f\",\"input\":{}}]},{\"role\":\"user\",\"content\":"
        "[{\"type\":\"tool_result\",\"tool_use_id\":\"c\",\"content\":"
        "\"r\"}]}]}";

    (void) ut_compat_open(&u, NULL, "/v1/messages");
    (void) ccp_exchange_request(u.x, ccp_cstr(body), ccp_none, &u.err);

    for (i = 0; i < CCP_NPROTO; i++) {
        (void) ut_compat_target(&u, (ccp_proto_e) i, CCP_TOOLS_NATIVE);
        native = ut_compat_body(&u);
        (void) ut_compat_target(&u, (ccp_proto_e) i, CCP_TOOLS_COMPAT);
        compat = ut_compat_body(&u);
        (void) ut_compat_target(&u, (ccp_proto_e) i, CCP_TOOLS_AUTO);
        again = ut_compat_body(&u);

        UT_CHECK(strstr(native, "\"tools\":") && strcmp(native, again) == 0,
                 "native tools behind a try without");
        UT_CHECK(strstr(compat, "\"tools\":") == NULL
                 && strstr(compat, "ccp:result"), "and text in it");

        free(native);
        free(compat);
        free(again);
    }

    ccp_exchange_destroy(u.x);
}


/* What asks for nothing of the kind passes as it came. */

static void
ut_plain(void)
{
    char         *body;
    ut_compat_t   u;

    static const char  plain[] = "{ \"model\": \"up-model\", \"x\": 1, "
        "\"messages\": [{\"role\":\"user\",\"content\":\"hi\"}] }";
    static const char  empty[] = "{\"model\":\"m\",\"tools\":[],"
        "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

    (void) ut_compat_ask(&u, CCP_CHAT, plain, CCP_CHAT);
    body = ut_compat_body(&u);
    UT_CHECK(ccp_try_spliced(u.try) && strcmp(body, plain) == 0,
             "a request without tools is not touched");
    free(body);
    ccp_exchange_destroy(u.x);

    (void) ut_compat_ask(&u, CCP_CHAT, empty, CCP_CHAT);
    body = ut_compat_body(&u);
    UT_CHECK(strstr(body, "tools") == NULL, "an empty list of tools goes");
    free(body);
    ccp_exchange_destroy(u.x);

    (void) ut_compat_open(&u, NULL, "/v1/messages/count_tokens");
    (void) ccp_exchange_request(u.x, ccp_cstr(A("\"tools\":[{\"name\":"
                                "\"f\",\"input_schema\":{\"type\":"
                                "\"object\"}}]")), ccp_none, &u.err);
    (void) ut_compat_target(&u, CCP_ANTHROPIC, CCP_TOOLS_COMPAT);
    body = ut_compat_body(&u);
    UT_CHECK(strstr(body, "\"tools\":") == NULL && strstr(body, "ccp:tool"),
             "the text is what is counted");
    free(body);
    ccp_exchange_destroy(u.x);

    (void) ut_compat_open(&u, NULL, "/compat/v1/chat/completions");
    (void) ccp_exchange_request(u.x, ccp_cstr(C("\"tools\":[" FN "]")),
                                ccp_none, &u.err);
    (void) ut_compat_target(&u, CCP_CHAT, CCP_TOOLS_NATIVE);
    body = ut_compat_body(&u);
    UT_CHECK(strstr(body, "\"tools\":") == NULL && strstr(body, "ccp:tool"),
             "the path decides");
    free(body);
    ccp_exchange_destroy(u.x);
}


/* A model that takes tools in another protocol only stays in its own. */

static void
ut_proto(void)
{
    int           i;
    ccp_target_t  t;
    ut_compat_t   u;

    memset(&t, 0, sizeof(t));
    t.provider = ccp_provider_find(ccp_lit("openai"));
    t.proto = CCP_CHAT;
    t.model = ccp_lit("gpt-5.4");
    t.max_tokens = CCP_UNSET_INT;
    t.context = CCP_UNSET_INT;

    (void) ut_compat_open(&u, NULL, "/v1/chat/completions");
    (void) ccp_exchange_request(u.x, ccp_cstr(C("\"tools\":[" FN "]")),
                                ccp_none, &u.err);

    for (i = 0; i < 2; i++) {
        t.tools = i ? CCP_TOOLS_COMPAT : CCP_TOOLS_NATIVE;
        (void) ut_try(&u.try, u.x, &t, ccp_none, &u.body, &u.uri, &u.err);
        UT_CHECK(ut_str_is(u.uri, i ? "/chat/completions" : "/responses"),
                 i ? "tools as text go by Chat" : "tools go by Responses");
    }

    ccp_exchange_destroy(u.x);
}


/* ---- memory ---- */

static int
ut_fail(const ccp_mem_t *mem, void *arg)
{
    int          rc;
    ut_compat_t  u;

    rc = ut_compat_open(&u, mem, "/v1/messages");
    if (rc != CCP_OK) {
        return rc;
    }

    rc = ccp_exchange_request(u.x, ccp_cstr(arg), ccp_none, &u.err);

    if (rc == CCP_OK) {
        rc = ut_compat_target(&u, CCP_CHAT, CCP_TOOLS_COMPAT);
    }

    ccp_exchange_destroy(u.x);

    return rc;
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(ut_cases) / sizeof(ut_cases[0]); i++) {
        ut_case(&ut_cases[i]);
    }

    for (i = 0; i < sizeof(ut_told) / sizeof(ut_told[0]); i++) {
        ut_tell(&ut_told[i]);
    }

    ut_string();
    ut_ids();
    ut_tries();
    ut_plain();
    ut_proto();
    ut_fail_each("a request with tools as text", ut_fail,
                 (void *) ut_told[0].body);

    UT_CHECK(ut_compat_clean(), "nothing stays allocated");

    return ut_done();
}
