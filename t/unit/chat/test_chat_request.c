
/*
 * Chat Completions requests: what a client's body becomes, and what a Chat
 * upstream of each dialect gets.
 */

#include "ut_chat.h"


#define BODY(rest)                                                            \
    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]"  \
    rest "}"
#define A_BODY(rest)                                                          \
    "{\"model\":\"m\",\"max_tokens\":64,\"messages\":[{\"role\":\"user\","    \
    "\"content\":\"hi\"}]" rest "}"

#define USER    "{\"role\":\"user\",\"content\":\"hi\"}"
#define TOOLS                                                                 \
    ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\","        \
    "\"parameters\":{\"type\":\"object\",\"properties\":{\"a\":{\"type\":"    \
    "\"number\"}}}}},{\"type\":\"function\",\"function\":{\"name\":\"g\"}}]"
#define A_TOOLS                                                               \
    ",\"tools\":[{\"name\":\"f\",\"input_schema\":{\"type\":\"object\","      \
    "\"properties\":{}}},{\"name\":\"g\",\"input_schema\":{\"type\":"         \
    "\"object\",\"properties\":{}}}]"
#define PNG     "iVBORw0KGgo="
#define A_PNG                                                                 \
    "{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":"     \
    "\"image/png\",\"data\":\"" PNG "\"}}"


typedef struct {
    const char   *name;
    ccp_proto_e   from;
    const char   *dialect;     /* NULL: plain */
    const char   *model;
    const char   *body;
    const char   *member;      /* of the result that is looked at */
    const char   *want;        /* its JSON; NULL: absent */
} row_t;


static const row_t  rows[] = {

    /* decoding and the plain dialect */

    { "messages: string content", CCP_CHAT, NULL, NULL, BODY(""),
      "messages", "[" USER "]" },
    { "messages: parts stay parts", CCP_CHAT, NULL, NULL,
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":["
      "{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\",\"text\":\"b\"}"
      "]}]}", "messages",
      "[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},"
      "{\"type\":\"text\",\"text\":\"b\"}]}]" },
    { "leading developer becomes system", CCP_CHAT, NULL, NULL,
      "{\"model\":\"m\",\"messages\":[{\"role\":\"developer\",\"content\":"
      "\"s\"}," USER "]}", "messages",
      "[{\"role\":\"system\",\"content\":\"s\"}," USER "]" },
    { "image, audio and file parts", CCP_CHAT, NULL, NULL,
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":["
      "{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://e.x/a.png\","
      "\"detail\":\"low\"}},{\"type\":\"input_audio\",\"input_audio\":"
      "{\"data\":\"AAAA\",\"format\":\"mp3\"}},{\"type\":\"file\",\"file\":"
      "{\"file_data\":\"data:application/pdf;base64,JVBE\",\"filename\":"
      "\"a.pdf\"}}]}]}", "messages",
      "[{\"role\":\"user\",\"content\":["
      "{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://e.x/a.png\","
      "\"detail\":\"low\"}},{\"type\":\"input_audio\",\"input_audio\":"
      "{\"data\":\"AAAA\",\"format\":\"mp3\"}},{\"type\":\"file\",\"file\":"
      "{\"file_data\":\"data:application/pdf;base64,JVBE\",\"filename\":"
      "\"a.pdf\"}}]}]" },
    { "T12: arguments as an object become text", CCP_CHAT, NULL, NULL,
      "{\"model\":\"m\",\"messages\":[" USER ",{\"role\":\"assistant\","
      "\"tool_calls\":[{\"id\":\"c1\",\"type\":\"function\",\"function\":"
      "{\"name\":\"f\",\"arguments\":{\"a\":1.50}}}]},{\"role\":\"tool\","
      "\"tool_call_id\":\"c1\",\"content\":\"ok\"}]}", "messages",
      "[" USER ",{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
      "{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"f\","
      "\"arguments\":\"{\\\"a\\\":1.50}\"}}]},{\"role\":\"tool\","
      "\"tool_call_id\":\"c1\",\"content\":\"ok\"}]" },
    { "T09: empty arguments become {}; T21: content null", CCP_CHAT, NULL,
      NULL,
      "{\"model\":\"m\",\"messages\":[" USER ",{\"role\":\"assistant\","
      "\"content\":\"\",\"tool_calls\":[{\"id\":\"c1\",\"type\":\"function\","
      "\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]},{\"role\":"
      "\"tool\",\"tool_call_id\":\"c1\",\"content\":\"\"}]}", "messages",
      "[" USER ",{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
      "{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"f\","
      "\"arguments\":\"{}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"c1\","
      "\"content\":\"\"}]" },
    { "legacy function_call and role function", CCP_CHAT, NULL, NULL,
      "{\"model\":\"m\",\"messages\":[" USER ",{\"role\":\"assistant\","
      "\"content\":null,\"function_call\":{\"name\":\"f\",\"arguments\":"
      "\"{}\"}},{\"role\":\"function\",\"name\":\"f\",\"content\":\"7\"}],"
      "\"functions\":[{\"name\":\"f\",\"parameters\":{\"type\":\"object\","
      "\"properties\":{}}}],\"function_call\":{\"name\":\"f\"}}", "messages",
      "[" USER ",{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
      "{\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"f\","
      "\"arguments\":\"{}\"}}]},{\"role\":\"tool\",\"tool_call_id\":"
      "\"call_1\",\"content\":\"7\"}]" },
    { "legacy function_call as tool_choice", CCP_CHAT, NULL, NULL,
      BODY(",\"functions\":[{\"name\":\"f\"}],\"function_call\":{\"name\":"
           "\"f\"}"), "tool_choice",
      "{\"type\":\"function\",\"function\":{\"name\":\"f\"}}" },
    { "stop as a string", CCP_CHAT, NULL, NULL, BODY(",\"stop\":\"x\""),
      "stop", "[\"x\"]" },
    { "stop null", CCP_CHAT, NULL, NULL, BODY(",\"stop\":null"), "stop",
      NULL },
    { "stop: the fifth is dropped", CCP_ANTHROPIC, NULL, NULL,
      A_BODY(",\"stop_sequences\":[\"a\",\"b\",\"c\",\"d\",\"e\"]"), "stop",
      "[\"a\",\"b\",\"c\",\"d\"]" },
    { "T24: numbers keep their spelling", CCP_CHAT, NULL, NULL,
      BODY(",\"temperature\":0.70"), "temperature", "0.70" },
    { "temperature above the range is lowered", CCP_CHAT, NULL, NULL,
      BODY(",\"temperature\":3"), "temperature", "2" },
    { "max_completion_tokens beats max_tokens", CCP_CHAT, NULL, NULL,
      BODY(",\"max_completion_tokens\":7,\"max_tokens\":9"), "max_tokens",
      "7" },
    { "T44: OpenAI's name of the limit", CCP_CHAT, "openai", "gpt-4o",
      BODY(",\"max_tokens\":9"), "max_completion_tokens", "9" },
    { "T44: never both names", CCP_CHAT, "openai", "gpt-4o",
      BODY(",\"max_tokens\":9"), "max_tokens", NULL },
    { "allowed_tools filters", CCP_CHAT, NULL, NULL,
      BODY(TOOLS ",\"tool_choice\":{\"type\":\"allowed_tools\","
           "\"allowed_tools\":{\"mode\":\"required\",\"tools\":[{\"type\":"
           "\"function\",\"function\":{\"name\":\"g\"}}]}}"), "tools",
      "[{\"type\":\"function\",\"function\":{\"name\":\"g\",\"parameters\":"
      "{\"type\":\"object\",\"properties\":{}}}}]" },
    { "allowed_tools: one of them is required", CCP_CHAT, NULL, NULL,
      BODY(TOOLS ",\"tool_choice\":{\"type\":\"allowed_tools\","
           "\"allowed_tools\":{\"mode\":\"required\",\"tools\":[{\"type\":"
           "\"function\",\"function\":{\"name\":\"g\"}}]}}"), "tool_choice",
      "\"required\"" },
    { "T17: no tools, no tool_choice", CCP_CHAT, NULL, NULL,
      BODY(",\"tool_choice\":\"auto\",\"parallel_tool_calls\":true"),
      "tool_choice", NULL },
    { "T17: no tools, no parallel switch", CCP_CHAT, NULL, NULL,
      BODY(",\"tool_choice\":\"auto\",\"parallel_tool_calls\":true"),
      "parallel_tool_calls", NULL },
    { "response_format json_schema", CCP_CHAT, NULL, NULL,
      BODY(",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":"
           "{\"name\":\"n\",\"schema\":{\"type\":\"object\",\"properties\":"
           "{}}}}"), "response_format",
      "{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"n\",\"schema\":"
      "{\"type\":\"object\",\"properties\":{}},\"strict\":false}}" },
    { "JSON mode: the prompt must speak of it", CCP_CHAT, NULL, NULL,
      BODY(",\"response_format\":{\"type\":\"json_object\"}"), "messages",
      "[{\"role\":\"system\",\"content\":\"Answer with one JSON object only."
      "\"}," USER "]" },
    { "T33: usage is always asked for", CCP_CHAT, NULL, NULL,
      BODY(",\"stream\":true"), "stream_options",
      "{\"include_usage\":true}" },
    { "T53: … but not where the field is refused", CCP_CHAT, "mistral", NULL,
      BODY(",\"stream\":true"), "stream_options", NULL },
    { "T45: a long user id is hashed", CCP_CHAT, NULL, NULL,
      BODY(",\"user\":\"0123456789012345678901234567890123456789012345678901"
           "23456789012345\""), "user", "32 hex" },
    { "a Chat client may know better", CCP_CHAT, NULL, NULL,
      BODY(",\"stop\":[\"a\",\"b\",\"c\",\"d\",\"e\"]"), "stop",
      "[\"a\",\"b\",\"c\",\"d\",\"e\"]" },
    { "T45: metadata without store is dropped", CCP_RESPONSES, NULL, NULL,
      "{\"model\":\"m\",\"input\":\"hi\",\"metadata\":{\"a\":\"b\"},"
      "\"store\":false}", "metadata", NULL },
    { "T45: a Chat client's passes", CCP_CHAT, NULL, NULL,
      BODY(",\"metadata\":{\"a\":\"b\"}"), "metadata", "{\"a\":\"b\"}" },
    { "T53: … but not where it is refused", CCP_CHAT, "groq", NULL,
      BODY(",\"metadata\":{\"a\":\"b\"}"), "metadata", NULL },
    { "T22: later system stays in place", CCP_CHAT, NULL, NULL,
      "{\"model\":\"m\",\"messages\":[" USER ",{\"role\":\"assistant\","
      "\"content\":\"a\"},{\"role\":\"system\",\"content\":\"s\"}," USER "]}",
      "messages",
      "[" USER ",{\"role\":\"assistant\",\"content\":\"a\"},{\"role\":"
      "\"system\",\"content\":\"s\"}," USER "]" },
    { "T22: as a reminder for strict templates", CCP_CHAT, "llamacpp", NULL,
      "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"1\""
      "},{\"role\":\"system\",\"content\":\"2\"}," USER ",{\"role\":"
      "\"assistant\",\"content\":\"a\"},{\"role\":\"system\",\"content\":"
      "\"s\"}," USER "]}", "messages",
      "[{\"role\":\"system\",\"content\":\"1\\n\\n2\"}," USER ",{\"role\":"
      "\"assistant\",\"content\":\"a\"},{\"role\":\"user\",\"content\":"
      "\"<system-reminder>s</system-reminder>\"}," USER "]" },
    { "alternating roles", CCP_CHAT, "perplexity", NULL,
      "{\"model\":\"m\",\"messages\":[" USER "," USER ",{\"role\":"
      "\"assistant\",\"content\":\"a\"}]}", "messages",
      "[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"hi\"},"
      "{\"type\":\"text\",\"text\":\"hi\"}]},{\"role\":\"assistant\","
      "\"content\":\"a\"},{\"role\":\"user\",\"content\":\"Continue.\"}]" },

    /* from Anthropic */

    { "T22: Anthropic's later system", CCP_ANTHROPIC, NULL, NULL,
      "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[" USER ",{\"role\":"
      "\"assistant\",\"content\":\"a\"},{\"role\":\"system\",\"content\":"
      "\"s\"}," USER "]}", "messages",
      "[" USER ",{\"role\":\"assistant\",\"content\":\"a\"},{\"role\":"
      "\"system\",\"content\":\"s\"}," USER "]" },
    { "T23: the billing block goes", CCP_ANTHROPIC, NULL, NULL,
      A_BODY(",\"system\":[{\"type\":\"text\",\"text\":"
             "\"x-anthropic-billing-header: cch=1\"},{\"type\":\"text\","
             "\"text\":\"s\"}]"), "messages",
      "[{\"role\":\"system\",\"content\":\"s\"}," USER "]" },
    { "T47: cache marks are stripped", CCP_ANTHROPIC, NULL, NULL,
      A_BODY(",\"system\":[{\"type\":\"text\",\"text\":\"s\","
             "\"cache_control\":{\"type\":\"ephemeral\"}}]"), "messages",
      "[{\"role\":\"system\",\"content\":\"s\"}," USER "]" },
    { "T47: … or kept on text", CCP_ANTHROPIC, "openrouter", NULL,
      A_BODY(",\"system\":[{\"type\":\"text\",\"text\":\"s\","
             "\"cache_control\":{\"type\":\"ephemeral\"}}]"), "messages",
      "[{\"role\":\"system\",\"content\":[{\"type\":\"text\",\"text\":\"s\","
      "\"cache_control\":{\"type\":\"ephemeral\"}}]}," USER "]" },
    { "T18, T19: results, one with an image", CCP_ANTHROPIC, NULL, NULL,
      "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[" USER ",{\"role\":"
      "\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"a\","
      "\"name\":\"f\",\"input\":{\"z\":1,\"a\":2}},{\"type\":\"tool_use\","
      "\"id\":\"b\",\"name\":\"g\",\"input\":{}}]},{\"role\":\"user\","
      "\"content\":[{\"type\":\"text\",\"text\":\"look\"},{\"type\":"
      "\"tool_result\",\"tool_use_id\":\"b\",\"is_error\":true,\"content\":"
      "\"no\"},{\"type\":\"tool_result\",\"tool_use_id\":\"a\",\"content\":["
      "{\"type\":\"text\",\"text\":\"shot\"}," A_PNG "]}]}]}", "messages",
      "[" USER ",{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
      "{\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"f\","
      "\"arguments\":\"{\\\"z\\\":1,\\\"a\\\":2}\"}},{\"id\":\"b\",\"type\":"
      "\"function\",\"function\":{\"name\":\"g\",\"arguments\":\"{}\"}}]},"
      "{\"role\":\"tool\",\"tool_call_id\":\"a\",\"content\":"
      "\"shot\\n[image 1 follows]\"},{\"role\":\"tool\",\"tool_call_id\":"
      "\"b\",\"content\":\"Error: no\"},{\"role\":\"user\",\"content\":["
      "{\"type\":\"image_url\",\"image_url\":{\"url\":"
      "\"data:image/png;base64," PNG "\"}},{\"type\":\"text\",\"text\":"
      "\"look\"}]}]" },
    { "bridge between a result and the user (Mistral)", CCP_ANTHROPIC,
      "mistral", NULL,
      "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[" USER ",{\"role\":"
      "\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":"
      "\"abcdefghi\",\"name\":\"f\",\"input\":{}}]},{\"role\":\"user\","
      "\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"abcdefghi\","
      "\"content\":\"r\"},{\"type\":\"text\",\"text\":\"t\"}]}]}",
      "messages",
      "[" USER ",{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
      "{\"id\":\"abcdefghi\",\"type\":\"function\",\"function\":{\"name\":"
      "\"f\",\"arguments\":\"{}\"}}]},{\"role\":\"tool\",\"tool_call_id\":"
      "\"abcdefghi\",\"name\":\"f\",\"content\":\"r\"},{\"role\":"
      "\"assistant\",\"content\":\"Understood.\"},{\"role\":\"user\","
      "\"content\":\"t\"}]" },
    { "T27: DeepSeek gets its reasoning back", CCP_CHAT, "deepseek", NULL,
      "{\"model\":\"m\",\"messages\":[" USER ",{\"role\":\"assistant\","
      "\"content\":null,\"reasoning_content\":\"why\",\"tool_calls\":["
      "{\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"f\","
      "\"arguments\":\"{}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"a\","
      "\"content\":\"r\"},{\"role\":\"assistant\",\"tool_calls\":[{\"id\":"
      "\"b\",\"type\":\"function\",\"function\":{\"name\":\"f\","
      "\"arguments\":\"{}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"b\","
      "\"content\":\"r\"}]}", "messages",
      "[" USER ",{\"role\":\"assistant\",\"content\":null,"
      "\"reasoning_content\":\"why\",\"tool_calls\":[{\"id\":\"a\",\"type\":"
      "\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]},"
      "{\"role\":\"tool\",\"tool_call_id\":\"a\",\"content\":\"r\"},"
      "{\"role\":\"assistant\",\"content\":null,\"reasoning_content\":\" \","
      "\"tool_calls\":[{\"id\":\"b\",\"type\":\"function\",\"function\":"
      "{\"name\":\"f\",\"arguments\":\"{}\"}}]},{\"role\":\"tool\","
      "\"tool_call_id\":\"b\",\"content\":\"r\"}]" },
    { "reasoning_details go back to OpenRouter as they came", CCP_CHAT,
      "openrouter", NULL,
      "{\"model\":\"m\",\"messages\":[" USER ",{\"role\":\"assistant\","
      "\"content\":\"a\",\"reasoning_details\":[{\"type\":\"reasoning.text\","
      "\"text\":\"t\",\"signature\":\"s\",\"format\":\"f\",\"index\":0}]},"
      USER "]}", "messages",
      "[" USER ",{\"role\":\"assistant\",\"content\":\"a\","
      "\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"t\","
      "\"signature\":\"s\",\"format\":\"f\",\"index\":0}]}," USER "]" },
    { "T30: DeepSeek's switch and effort", CCP_CHAT, "deepseek", NULL,
      BODY(",\"reasoning_effort\":\"medium\""), "reasoning_effort",
      "\"high\"" },
    { "T30: disabled goes without effort", CCP_CHAT, "deepseek", NULL,
      BODY(",\"reasoning_effort\":\"none\""), "reasoning_effort", NULL },
    { "T30: disabled", CCP_CHAT, "deepseek", NULL,
      BODY(",\"reasoning_effort\":\"none\""), "thinking",
      "{\"type\":\"disabled\"}" },
    { "T30: Anthropic's budget as effort", CCP_ANTHROPIC, NULL, NULL,
      A_BODY(",\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":31999}"),
      "reasoning_effort", "\"high\"" },
    { "T30: adaptive without effort asks for nothing", CCP_ANTHROPIC, NULL,
      NULL, A_BODY(",\"thinking\":{\"type\":\"adaptive\"}"),
      "reasoning_effort", NULL },
    { "T44: OpenRouter's budget is below the limit", CCP_ANTHROPIC,
      "openrouter", NULL,
      "{\"model\":\"m\",\"max_tokens\":2000,\"messages\":[" USER "],"
      "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":5000}}",
      "reasoning", "{\"max_tokens\":1999}" },
    { "T53: xAI takes no penalties", CCP_CHAT, "xai", "grok-4",
      BODY(",\"presence_penalty\":0"), "presence_penalty", NULL },
    { "T53: xAI takes no stop", CCP_CHAT, "xai", "grok-4",
      BODY(",\"stop\":\"x\""), "stop", NULL },
    { "T53: no reasoning_effort for unlisted Grok", CCP_CHAT, "xai",
      "grok-2", BODY(",\"reasoning_effort\":\"high\""), "reasoning_effort",
      NULL },
    { "Mistral's seed", CCP_CHAT, "mistral", NULL, BODY(",\"seed\":7"),
      "random_seed", "7" },
    { "Mistral's any", CCP_CHAT, "mistral", NULL,
      BODY(TOOLS ",\"tool_choice\":\"required\""), "tool_choice",
      "\"any\"" },
    { "Groq: tools win over the format", CCP_CHAT, "groq", NULL,
      BODY(TOOLS ",\"response_format\":{\"type\":\"json_object\"}"),
      "response_format", NULL },
    { "forced choice degrades while DeepSeek thinks", CCP_CHAT, "deepseek",
      NULL, BODY(TOOLS ",\"tool_choice\":\"required\""), "tool_choice",
      "\"auto\"" },
    { "top_k isn't sent to OpenAI", CCP_ANTHROPIC, "openai", "gpt-4o",
      A_BODY(",\"top_k\":64"), "top_k", NULL },
    { "top_k is sent to vLLM", CCP_ANTHROPIC, "vllm", NULL,
      A_BODY(",\"top_k\":64"), "top_k", "64" },
    { "T28: reasoning model, no sampling", CCP_CHAT, "openai", "o3-mini",
      BODY(",\"temperature\":0.5"), "temperature", NULL },
    { "the system role of o-models", CCP_CHAT, "openai", "o3-mini",
      "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"s\""
      "}," USER "]}", "messages",
      "[{\"role\":\"developer\",\"content\":\"s\"}," USER "]" },
    { "T16: a custom tool becomes a function", CCP_CHAT, NULL, NULL,
      BODY(",\"tools\":[{\"type\":\"custom\",\"custom\":{\"name\":\"p\","
           "\"description\":\"d\",\"format\":{\"type\":\"grammar\","
           "\"grammar\":{\"definition\":\"g\",\"syntax\":\"lark\"}}}}]"),
      "tools",
      "[{\"type\":\"function\",\"function\":{\"name\":\"p\",\"description\":"
      "\"d\\n\\nInput grammar (lark): g\",\"parameters\":{\"type\":"
      "\"object\",\"properties\":{\"input\":{\"type\":\"string\"}},"
      "\"required\":[\"input\"]}}}]" },
    { "T16: … and its calls too", CCP_CHAT, NULL, NULL,
      "{\"model\":\"m\",\"messages\":[" USER ",{\"role\":\"assistant\","
      "\"tool_calls\":[{\"id\":\"c\",\"type\":\"custom\",\"custom\":{"
      "\"name\":\"p\",\"input\":\"a\\\"b\"}}]},{\"role\":\"tool\","
      "\"tool_call_id\":\"c\",\"content\":\"r\"}],\"tools\":[{\"type\":"
      "\"custom\",\"custom\":{\"name\":\"p\"}}]}", "messages",
      "[" USER ",{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
      "{\"id\":\"c\",\"type\":\"function\",\"function\":{\"name\":\"p\","
      "\"arguments\":\"{\\\"input\\\":\\\"a\\\\\\\"b\\\"}\"}}]},{\"role\":"
      "\"tool\",\"tool_call_id\":\"c\",\"content\":\"r\"}]" },
    { "T43: an object schema gets properties", CCP_ANTHROPIC, NULL, NULL,
      A_BODY(",\"tools\":[{\"name\":\"f\",\"input_schema\":{\"type\":"
             "\"object\",\"required\":null}}]"), "tools",
      "[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":"
      "{\"type\":\"object\",\"properties\":{}}}}]" },
    { "T46: nothing of the limit when there is none", CCP_CHAT, NULL, NULL,
      BODY(""), "max_tokens", NULL },
    { "old images to a text model become words", CCP_ANTHROPIC, "deepseek",
      NULL,
      "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\","
      "\"content\":[" A_PNG ",{\"type\":\"text\",\"text\":\"?\"}]},{\"role\":"
      "\"assistant\",\"content\":\"a\"}," USER "]}", "messages",
      "[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":"
      "\"[image omitted]\"},{\"type\":\"text\",\"text\":\"?\"}]},{\"role\":"
      "\"assistant\",\"content\":\"a\"}," USER "]" },
    { NULL, 0, NULL, NULL, NULL, NULL, NULL }
};


static int
hex32(ccp_str_t s)
{
    size_t  i;

    for (i = 0; i < s.n; i++) {
        if (!strchr("0123456789abcdef", s.p[i])) {
            return 0;
        }
    }

    return s.n == 32;
}


static void
test_rows(void)
{
    int           ok;
    ccp_json_t    doc;
    ccp_jerr_t    je;
    ccp_str_t     all;
    ccp_jval_t    v;
    chat_req_t    x;
    ccp_arena_t  *a;
    const row_t  *t;

    for (t = rows; t->name; t++) {
        a = ut_arena();
        chat_req_init(&x, a);
        x.r.model = ccp_lit("m");
        ok = 0;
        all = ccp_none;

        if (chat_decode(&x, t->from, t->body) == CCP_OK
            && chat_encode(&x, CCP_CHAT, t->dialect, t->model) == CCP_OK)
        {
            all = ccp_out_all(&x.out);
            ccp_json_init(&doc, a);

            if (ccp_json_parse(&doc, all.p, all.n, CCP_JSON_STRICT, &je)
                == CCP_OK)
            {
                v = ccp_json_get(ccp_json_root(&doc), t->member);
                ok = t->want == NULL
                     ? ccp_json_type(v) == CCP_J_ABSENT
                     : strcmp(t->want, "32 hex") == 0
                       ? hex32(ccp_json_str(v))
                       : ut_json_same(ccp_json_raw(v), ccp_cstr(t->want));
            }
        }

        UT_CHECK(ok, "%s", t->name);

        if (!ok) {
            printf("# rc %d err %.*s\n# got  %.*s\n# want %s\n", x.rc,
                   (int) x.err.message.n,
                   x.err.message.p ? (char *) x.err.message.p : "",
                   (int) all.n, all.p ? (char *) all.p : "",
                   t->want ? t->want : "(absent)");
        }

        ccp_arena_destroy(a);
    }
}


/* ---- refused bodies ---- */

static const char *const  bad[][2] = {
    { "{\"messages\":[" USER "]}", "model: " },
    { "{\"model\":7,\"messages\":[" USER "]}", "model: " },
    { "{\"model\":\"m\"}", "messages: " },
    { "{\"model\":\"m\",\"messages\":[]}", "messages: " },
    { "{\"model\":\"m\",\"messages\":{}}", "messages: " },
    { "{\"model\":\"m\",\"messages\":[7]}", "messages[0]: " },
    { "{\"model\":\"m\",\"messages\":[" USER ",{}]}", "messages[1].role: " },
    { "{\"model\":\"m\",\"messages\":[{\"role\":\"boss\"}]}",
      "messages[0].role: " },
    { "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":7}]}",
      "messages[0].content: " },
    { "{\"model\":\"m\",\"messages\":[" USER "," USER ",{\"role\":\"user\","
      "\"content\":[{\"text\":\"x\"}]}]}", "messages[2].content[0].type: " },
    { "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":["
      "{\"type\":\"text\",\"text\":\"x\"},{\"type\":\"text\"}]}]}",
      "messages[0].content[1].text: " },
    { "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":["
      "{\"type\":\"image_url\",\"image_url\":{}}]}]}",
      "messages[0].content[0].image_url: " },
    { "{\"model\":\"m\",\"messages\":[{\"role\":\"tool\",\"content\":\"x\"}]"
      "}", "messages[0].tool_call_id: " },
    { "{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\","
      "\"tool_calls\":[{\"id\":\"a\",\"type\":\"function\",\"function\":{}}]"
      "}]}", "messages[0].tool_calls[0].function.name: " },
    { BODY(",\"temperature\":\"hot\""), "temperature: " },
    { BODY(",\"stop\":7"), "stop: " },
    { BODY(",\"stop\":[\"a\",7]"), "stop[1]: " },
    { BODY(",\"n\":0"), "n: " },
    { BODY(",\"stream\":\"yes\""), "stream: " },
    { BODY(",\"max_tokens\":1.5"), "max_tokens: " },
    { BODY(",\"tools\":{}"), "tools: " },
    { BODY(",\"tools\":[{\"type\":\"function\",\"function\":{}}]"),
      "tools[0].function.name: " },
    { BODY(",\"tool_choice\":\"maybe\""), "tool_choice: " },
    { BODY(",\"response_format\":\"json\""), "response_format: " },
    { BODY(",\"metadata\":[]"), "metadata: " },
    { BODY(",\"reasoning_effort\":3"), "reasoning_effort: " },
};


static void
test_bad(void)
{
    char         *s;
    size_t        i;
    chat_req_t    x;
    ccp_arena_t  *a;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        a = ut_arena();
        chat_req_init(&x, a);
        chat_decode(&x, CCP_CHAT, bad[i][0]);
        s = ut_cstr(x.err.message);

        UT_CHECK(x.rc == CCP_INVALID && x.err.cls == CCP_E_BAD_REQUEST
                 && strncmp(s, bad[i][1], strlen(bad[i][1])) == 0,
                 "refused: %s (%s)", bad[i][1], s);
        free(s);
        ccp_arena_destroy(a);
    }
}


static void
test_refused_by_target(void)
{
    size_t        i;
    chat_req_t    x;
    ccp_arena_t  *a;

    static const struct {
        ccp_proto_e   from;
        const char   *dialect;
        const char   *body;
        const char   *what;
    } t[] = {
        { CCP_ANTHROPIC, "deepseek",
          "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":"
          "\"user\",\"content\":[" A_PNG "]}]}", "an image now" },
        { CCP_ANTHROPIC, NULL,
          "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":"
          "\"user\",\"content\":[{\"type\":\"image\",\"source\":{\"type\":"
          "\"file\",\"file_id\":\"file_1\"}}]}]}", "a foreign file id" },
        { CCP_CHAT, "ollama-v1",
          "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":["
          "{\"type\":\"image_url\",\"image_url\":{\"url\":"
          "\"https://e.x/a\"}}]}]}", "an image URL" },
        { CCP_ANTHROPIC, "groq",
          A_BODY(",\"tools\":[{\"type\":\"code_execution_20250825\","
                 "\"name\":\"code_execution\"}]"), "the only tool" },
        { CCP_RESPONSES, "groq",
          "{\"model\":\"m\",\"input\":\"x\",\"tools\":[{\"type\":"
          "\"function\",\"name\":\"a\"},{\"type\":\"web_search\"}],"
          "\"tool_choice\":{\"type\":\"web_search\"}}", "a forced search" },
        { CCP_ANTHROPIC, "groq",
          A_BODY(",\"tools\":[{\"name\":\"a\",\"input_schema\":{}},"
                 "{\"type\":\"web_search_20250305\",\"name\":"
                 "\"web_search\"}],\"tool_choice\":{\"type\":\"tool\","
                 "\"name\":\"web_search\"}"), "a forced search by name" },
    };

    for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        a = ut_arena();
        chat_req_init(&x, a);

        if (chat_decode(&x, t[i].from, t[i].body) == CCP_OK) {
            chat_encode(&x, CCP_CHAT, t[i].dialect, NULL);
        }

        UT_CHECK(x.rc == CCP_INVALID && x.err.message.n,
                 "the target refuses %s (%d %.*s)", t[i].what, x.rc,
                 (int) x.err.message.n, x.err.message.p);
        ccp_arena_destroy(a);
    }
}


static void
test_notes(void)
{
    chat_req_t    x;
    ccp_arena_t  *a;

    a = ut_arena();
    chat_req_init(&x, a);
    chat_decode(&x, CCP_CHAT,
                BODY(",\"presence_penalty\":0,\"stop\":\"x\",\"n\":1,"
                     "\"top_k\":4"));
    chat_encode(&x, CCP_CHAT, "openai", "o3-mini");

    UT_CHECK(chat_noted(&x, "presence_penalty")
             && chat_noted(&x, "stop") && chat_noted(&x, "top_k"),
             "T53: what is dropped is noted");
    ccp_arena_destroy(a);
}


/* T24: the same history gives the same bytes, whatever follows it. */

static void
test_prefix(void)
{
    char         *p, *q;
    size_t        n;
    chat_req_t    x, y;
    ccp_arena_t  *a, *b;

    static const char  one[] =
        "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":"
        "\"s\"}," USER ",{\"role\":\"assistant\",\"content\":\"a\"}" ;

    char  first[1024], second[1024];

    snprintf(first, sizeof(first), "%s]}", one);
    snprintf(second, sizeof(second), "%s," USER "]}", one);

    a = ut_arena();
    b = ut_arena();
    chat_req_init(&x, a);
    chat_req_init(&y, b);
    chat_decode(&x, CCP_CHAT, first);
    chat_encode(&x, CCP_CHAT, "deepseek", NULL);
    chat_decode(&y, CCP_CHAT, second);
    chat_encode(&y, CCP_CHAT, "deepseek", NULL);

    p = ut_cstr(ccp_out_all(&x.out));
    q = ut_cstr(ccp_out_all(&y.out));
    n = strlen(p) - 2;

    UT_CHECK(x.rc == CCP_OK && y.rc == CCP_OK && strncmp(p, q, n) == 0,
             "T24: a longer history begins with the same bytes");

    free(p);
    free(q);
    ccp_arena_destroy(a);
    ccp_arena_destroy(b);
}


/* T13, T14: ids and names fit the target, call and result alike. */

static void
test_ids(void)
{
    char         *s, *call, *result;
    chat_req_t    x;
    ccp_arena_t  *a;

    a = ut_arena();
    chat_req_init(&x, a);
    chat_decode(&x, CCP_ANTHROPIC,
        "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[" USER ",{\"role\":"
        "\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":"
        "\"toolu_01abcdefghijklmnopqrstuv\",\"name\":\"mcp.a/b\",\"input\":"
        "{}}]},{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
        "\"tool_use_id\":\"toolu_01abcdefghijklmnopqrstuv\",\"content\":"
        "\"r\"}]}],\"tools\":[{\"name\":\"mcp.a/b\",\"input_schema\":"
        "{\"type\":\"object\",\"properties\":{}}}]}");
    chat_encode(&x, CCP_CHAT, "mistral", NULL);

    s = ut_cstr(ccp_out_all(&x.out));
    call = strstr(s, "\"id\":\"");
    result = strstr(s, "\"tool_call_id\":\"");

    UT_CHECK(x.rc == CCP_OK && call && result
             && strncmp(call + 6, result + 16, 10) == 0
             && call[15] == '"' && call[6] != 't',
             "T13: nine characters, the same for call and result");
    UT_CHECK(strstr(s, "mcp.a/b") == NULL && strstr(s, "mcp_a_b") != NULL,
             "T14: the tool's name is mapped everywhere");
    free(s);
    ccp_arena_destroy(a);
}


/* ---- carriers ---- */

static void
test_carrier(void)
{
    char            body[2048];
    chat_req_t      x;
    ccp_str_t       c;
    ccp_arena_t    *a;
    ccp_block_t    *b;

    a = ut_arena();
    chat_req_init(&x, a);
    c = ccp_carrier_pack(a, CCP_ANTHROPIC, ccp_lit("claude-x"), ccp_none,
                         ccp_lit("U0lH"));
    snprintf(body, sizeof(body),
             "{\"model\":\"m\",\"messages\":[" USER ",{\"role\":"
             "\"assistant\",\"content\":\"a\",\"reasoning_content\":\"why\","
             "\"reasoning_details\":[{\"type\":\"reasoning.encrypted\","
             "\"data\":\"%.*s\",\"format\":\"ccp1\"}]}]}", (int) c.n, c.p);
    chat_decode(&x, CCP_CHAT, body);
    b = x.r.msgs->next->blocks;

    UT_CHECK(x.rc == CCP_OK && b->kind == CCP_B_THINK
             && b->origin == CCP_ANTHROPIC && ut_str_is(b->sig, "U0lH")
             && ut_str_is(b->text, "why")
             && b->sig_model == ccp_model_hash(ccp_lit("claude-x"))
             && b->next->kind == CCP_B_TEXT,
             "T31: a carrier comes back as its origin's thought");
    ccp_arena_destroy(a);
}


/* ---- memory ---- */

static int
fail_one(const ccp_mem_t *mem, void *arg)
{
    int           rc;
    chat_req_t    x;
    const row_t  *t = arg;
    ccp_arena_t  *a;

    a = ccp_arena_create(mem, 0);

    if (a == NULL) {
        return CCP_NOMEM;
    }

    chat_req_init(&x, a);
    x.r.model = ccp_lit("m");
    rc = chat_decode(&x, t->from, t->body);

    if (rc == CCP_OK) {
        rc = chat_encode(&x, CCP_CHAT, t->dialect, t->model);
    }

    ccp_arena_destroy(a);

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


int
main(void)
{
    test_rows();
    test_bad();
    test_refused_by_target();
    test_notes();
    test_prefix();
    test_ids();
    test_carrier();
    test_memory();

    return ut_done();
}
