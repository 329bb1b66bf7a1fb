
/*
 * Gemini: requests of other protocols written for it, and its own read and
 * written for others.
 */

#include "codec/prepare/prepare.h"
#include "ut_gemini.h"


typedef struct {
    const char  *name;
    const char  *path;
    const char  *body;
    const char  *dialect;      /* NULL: plain Gemini */
    const char  *model;
    const char  *want;         /* the whole body */
} ut_out_t;


/* Worked examples of the field reference, and what lies beside them. */

static const ut_out_t  ut_outs[] = {
    { "6.1 from Anthropic", GM_CLAUDE,
      "{\"model\":\"m\",\"max_tokens\":64,\"system\":\"Be brief.\","
      "\"messages\":[{\"role\":\"user\",\"content\":\"Count: 1, 2\"}],"
      "\"temperature\":0.2,\"stop_sequences\":[\"5\"]}", NULL, NULL,
      "{\"systemInstruction\":{\"parts\":[{\"text\":\"Be brief.\"}]},"
      "\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"Count: 1, 2\"}"
      "]}],\"generationConfig\":{\"maxOutputTokens\":64,\"temperature\":0.2,"
      "\"stopSequences\":[\"5\"]}}" },
    { "6.2 from Anthropic", GM_CLAUDE,
      "{\"model\":\"m\",\"max_tokens\":256,\"messages\":[{\"role\":\"user\","
      "\"content\":\"Weather in Oslo, and the time?\"}],\"tools\":[{\"name\":"
      "\"weather\",\"description\":\"Current weather\",\"input_schema\":"
      "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}},"
      "\"required\":[\"city\"]}},{\"name\":\"now\",\"input_schema\":{\"type\":"
      "\"object\",\"properties\":{}}}],\"tool_choice\":{\"type\":\"auto\"}}",
      NULL, NULL,
      "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"Weather in "
      "Oslo, and the time?\"}]}],\"tools\":[{\"functionDeclarations\":["
      "{\"name\":\"weather\",\"description\":\"Current weather\","
      "\"parametersJsonSchema\":{\"type\":\"object\",\"properties\":{\"city\":"
      "{\"type\":\"string\"}},\"required\":[\"city\"]}},{\"name\":\"now\"}]}],"
      "\"toolConfig\":{\"functionCallingConfig\":{\"mode\":\"AUTO\"}},"
      "\"generationConfig\":{\"maxOutputTokens\":256}}" },
    { "6.3 from Anthropic", GM_CLAUDE,
      "{\"model\":\"m\",\"max_tokens\":256,\"messages\":[{\"role\":\"user\","
      "\"content\":\"Weather?\"},{\"role\":\"assistant\",\"content\":[{"
      "\"type\":\"text\",\"text\":\"Checking.\"},{\"type\":\"tool_use\","
      "\"id\":\"toolu_a\",\"name\":\"weather\",\"input\":{\"city\":\"Oslo\"}}"
      ",{\"type\":\"tool_use\",\"id\":\"toolu_b\",\"name\":\"now\",\"input\":"
      "{}}]},{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
      "\"tool_use_id\":\"toolu_a\",\"content\":\"-3 \u00b0C, snow\"},{"
      "\"type\":\"tool_result\",\"tool_use_id\":\"toolu_b\",\"content\":"
      "\"no clock\",\"is_error\":true}]}],\"tools\":[{\"name\":\"weather\","
      "\"input_schema\":{\"type\":\"object\",\"properties\":{\"city\":"
      "{\"type\":\"string\"}}}},{\"name\":\"now\",\"input_schema\":{\"type\":"
      "\"object\",\"properties\":{}}}]}", NULL, NULL,
      "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"Weather?\"}]},"
      "{\"role\":\"model\",\"parts\":[{\"text\":\"Checking.\"},{"
      "\"functionCall\":{\"id\":\"toolu_a\",\"name\":\"weather\",\"args\":"
      "{\"city\":\"Oslo\"}}},{\"functionCall\":{\"id\":\"toolu_b\",\"name\":"
      "\"now\",\"args\":{}}}]},{\"role\":\"user\",\"parts\":[{"
      "\"functionResponse\":{\"id\":\"toolu_a\",\"name\":\"weather\","
      "\"response\":{\"output\":\"-3 \u00b0C, snow\"}}},{"
      "\"functionResponse\":{\"id\":\"toolu_b\",\"name\":\"now\","
      "\"response\":{\"error\":\"no clock\"}}}]}],\"tools\":[{"
      "\"functionDeclarations\":[{\"name\":\"weather\","
      "\"parametersJsonSchema\":{\"type\":\"object\",\"properties\":{\"city\":"
      "{\"type\":\"string\"}}}},{\"name\":\"now\"}]}],\"generationConfig\":"
      "{\"maxOutputTokens\":256}}" },
    { "6.4 from Chat", GM_CHAT,
      "{\"model\":\"m\",\"max_completion_tokens\":50,\"messages\":[{\"role\":"
      "\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":"
      "\"data:image/png;base64,iVBORw0KGgo=\"}},{\"type\":\"text\",\"text\":"
      "\"Main colour?\"}]}],\"response_format\":{\"type\":\"json_schema\","
      "\"json_schema\":{\"name\":\"response\",\"schema\":{\"type\":\"object\""
      ",\"properties\":{\"colour\":{\"type\":\"string\"}},\"required\":["
      "\"colour\"],\"additionalProperties\":false},\"strict\":false}}}",
      NULL, NULL,
      "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"inlineData\":{"
      "\"mimeType\":\"image/png\",\"data\":\"iVBORw0KGgo=\"}},{\"text\":"
      "\"Main colour?\"}]}],\"generationConfig\":{\"maxOutputTokens\":50,"
      "\"responseMimeType\":\"application/json\",\"responseJsonSchema\":{"
      "\"type\":\"object\",\"properties\":{\"colour\":{\"type\":\"string\"}},"
      "\"required\":[\"colour\"],\"additionalProperties\":false}}}" },
    { "6.5 from Anthropic", GM_CLAUDE,
      "{\"model\":\"m\",\"max_tokens\":9000,\"stream\":true,\"messages\":[{"
      "\"role\":\"user\",\"content\":\"Time?\"}],\"thinking\":{\"type\":"
      "\"adaptive\"},\"output_config\":{\"effort\":\"medium\"},\"tools\":[{"
      "\"name\":\"now\",\"input_schema\":{\"type\":\"object\",\"properties\":"
      "{}}}]}", NULL, NULL,
      "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"Time?\"}]}],"
      "\"tools\":[{\"functionDeclarations\":[{\"name\":\"now\"}]}],"
      "\"generationConfig\":{\"maxOutputTokens\":9000,\"thinkingConfig\":{"
      "\"includeThoughts\":true,\"thinkingLevel\":\"MEDIUM\"}}}" },
    { "6.5 from Chat", GM_CHAT,
      "{\"model\":\"m\",\"max_completion_tokens\":9000,\"stream\":true,"
      "\"stream_options\":{\"include_usage\":true},\"messages\":[{\"role\":"
      "\"user\",\"content\":\"Time?\"}],\"reasoning_effort\":\"medium\","
      "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"now\","
      "\"parameters\":{\"type\":\"object\",\"properties\":{}}}}]}", NULL, NULL,
      "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"Time?\"}]}],"
      "\"tools\":[{\"functionDeclarations\":[{\"name\":\"now\"}]}],"
      "\"generationConfig\":{\"maxOutputTokens\":9000,\"thinkingConfig\":{"
      "\"includeThoughts\":true,\"thinkingLevel\":\"MEDIUM\"}}}" },
    { "6.6 from Responses", "/v1/responses",
      "{\"model\":\"m\",\"max_output_tokens\":16,\"input\":\"Tell a story\","
      "\"store\":false}", NULL, NULL,
      "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"Tell a story\""
      "}]}],\"generationConfig\":{\"maxOutputTokens\":16}}" },
    { "sampling, penalties, seed", GM_CHAT,
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],"
      "\"temperature\":3,\"top_p\":0.5,\"seed\":4294967297,"
      "\"presence_penalty\":1.5,\"frequency_penalty\":-0.5,"
      "\"stop\":[\"a\",\"b\"],\"logprobs\":true,\"top_logprobs\":3}",
      NULL, NULL,
      "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"x\"}]}],"
      "\"generationConfig\":{\"temperature\":2,\"topP\":0.5,\"seed\":1,"
      "\"presencePenalty\":1.5,\"frequencyPenalty\":-0.5,\"stopSequences\":["
      "\"a\",\"b\"],\"responseLogprobs\":true,"
      "\"logprobs\":3}}" },
    { "a named tool", GM_CLAUDE,
      "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\","
      "\"content\":\"x\"}],\"tools\":[{\"name\":\"a\",\"input_schema\":{"
      "\"type\":\"object\"}}],\"tool_choice\":{\"type\":\"tool\",\"name\":"
      "\"a\"}}", NULL, NULL,
      "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"x\"}]}],"
      "\"tools\":[{\"functionDeclarations\":[{\"name\":\"a\"}]}],"
      "\"toolConfig\":{\"functionCallingConfig\":{\"mode\":\"ANY\","
      "\"allowedFunctionNames\":[\"a\"]}},\"generationConfig\":{"
      "\"maxOutputTokens\":9}}" },
    { "a nested search alone", GM_CLAUDE,
      "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\","
      "\"content\":\"x\"}],\"tools\":[{\"type\":\"web_search_20250305\","
      "\"name\":\"web_search\",\"max_uses\":8}],\"tool_choice\":{\"type\":"
      "\"tool\",\"name\":\"web_search\"}}", "gemini", "gemini-2.5-pro",
      "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"x\"}]}],"
      "\"tools\":[{\"googleSearch\":{}}],\"generationConfig\":{"
      "\"maxOutputTokens\":9}}" },
    { "T42: parameters in the subset", GM_CLAUDE,
      "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\","
      "\"content\":\"x\"}],\"tools\":[{\"name\":\"a\",\"input_schema\":{"
      "\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"type\":"
      "\"object\",\"properties\":{\"const\":{\"type\":\"string\",\"const\":"
      "\"k\"}},\"additionalProperties\":false}},{\"name\":\"b\","
      "\"input_schema\":{\"type\":\"object\",\"properties\":{},"
      "\"additionalProperties\":false}}]}", "gemini", "gemini-2.5-flash",
      "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"x\"}]}],"
      "\"tools\":[{\"functionDeclarations\":[{\"name\":\"a\",\"parameters\":{"
      "\"type\":\"object\",\"properties\":{\"const\":{\"type\":\"string\","
      "\"enum\":[\"k\"]}}}},{\"name\":\"b\"}]}],\"generationConfig\":{"
      "\"maxOutputTokens\":9}}" },
    { "a later system message stays in its place", GM_CHAT,
      "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"s\"},"
      "{\"role\":\"user\",\"content\":\"x\"},{\"role\":\"assistant\","
      "\"content\":\"y\"},{\"role\":\"system\",\"content\":\"t\"},{\"role\":"
      "\"user\",\"content\":\"z\"}]}", NULL, NULL,
      "{\"systemInstruction\":{\"parts\":[{\"text\":\"s\"}]},\"contents\":["
      "{\"role\":\"user\",\"parts\":[{\"text\":\"x\"}]},{\"role\":\"model\","
      "\"parts\":[{\"text\":\"y\"}]},{\"role\":\"user\",\"parts\":[{\"text\":"
      "\"<system-reminder>t</system-reminder>\"},{\"text\":\"z\"}]}],"
      "\"generationConfig\":{}}" },
    { "a history that begins with the model", GM_CHAT,
      "{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"content\":"
      "\"hello\"},{\"role\":\"user\",\"content\":\"x\"}]}", NULL, NULL,
      "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\".\"}]},{"
      "\"role\":\"model\",\"parts\":[{\"text\":\"hello\"}]},{\"role\":"
      "\"user\",\"parts\":[{\"text\":\"x\"}]}],\"generationConfig\":{}}" },
    { "T20: parallel results in one content", GM_CHAT,
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"},"
      "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":"
      "\"c1\",\"type\":\"function\",\"function\":{\"name\":\"a\","
      "\"arguments\":\"{\\\"k\\\": 1.0}\"}},{\"id\":\"c2\",\"type\":"
      "\"function\",\"function\":{\"name\":\"b\",\"arguments\":\"\"}}]},{"
      "\"role\":\"tool\",\"tool_call_id\":\"c2\",\"content\":\"two\"},{"
      "\"role\":\"tool\",\"tool_call_id\":\"c1\",\"content\":\"one\"}]}",
      NULL, NULL,
      "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"x\"}]},{"
      "\"role\":\"model\",\"parts\":[{\"functionCall\":{\"id\":\"c1\","
      "\"name\":\"a\",\"args\":{\"k\":1.0}}},{\"functionCall\":{\"id\":"
      "\"c2\",\"name\":\"b\",\"args\":{}}}]},{\"role\":\"user\",\"parts\":[{"
      "\"functionResponse\":{\"id\":\"c1\",\"name\":\"a\",\"response\":{"
      "\"output\":\"one\"}}},{\"functionResponse\":{\"id\":\"c2\",\"name\":"
      "\"b\",\"response\":{\"output\":\"two\"}}}]}],\"generationConfig\":{}}" }
};


static void
ut_requests_out(void)
{
    gm_t    g;
    size_t  i;

    for (i = 0; i < sizeof(ut_outs) / sizeof(ut_outs[0]); i++) {
        gm_open(&g, NULL, ut_outs[i].path, NULL, ut_outs[i].body);
        gm_target(&g, CCP_GEMINI, ut_outs[i].dialect, ut_outs[i].model);

        if (g.rc != CCP_OK) {
            UT_CHECK(0, "%s: %s", ut_outs[i].name, gm_err(&g));

        } else {
            UT_CHECK(ut_json_same(ccp_cstr(g.body), ccp_cstr(ut_outs[i].want)),
                     "%s", ut_outs[i].name);

            if (!ut_json_same(ccp_cstr(g.body), ccp_cstr(ut_outs[i].want))) {
                printf("# want %s\n# got  %s\n", ut_outs[i].want, g.body);
            }
        }

        gm_close(&g);
    }
}


/* ---- bits of a body ---- */

typedef struct {
    const char  *name;
    const char  *path;
    const char  *body;
    ccp_proto_e  up;
    const char  *dialect;
    const char  *model;
    const char  *has[3];
    const char  *hasnot[2];
} ut_bit_t;


#define UT_ASK(more)  "{\"model\":\"m\",\"max_tokens\":40000,\"messages\":["  \
    "{\"role\":\"user\",\"content\":\"x\"}]" more "}"

#define UT_LOOP(sig)                                                         \
    "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\","    \
    "\"content\":\"x\"},{\"role\":\"assistant\",\"content\":[" sig           \
    "{\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"a\",\"input\":{}},"     \
    "{\"type\":\"tool_use\",\"id\":\"t2\",\"name\":\"a\",\"input\":{}}]},"   \
    "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","             \
    "\"tool_use_id\":\"t1\",\"content\":\"1\"},{\"type\":\"tool_result\","   \
    "\"tool_use_id\":\"t2\",\"content\":\"2\"}]}],\"tools\":[{\"name\":"     \
    "\"a\",\"input_schema\":{\"type\":\"object\"}}]}"

#define UT_PICTURE                                                           \
    "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\","    \
    "\"content\":\"x\"},{\"role\":\"assistant\",\"content\":[{\"type\":"     \
    "\"tool_use\",\"id\":\"t1\",\"name\":\"a\",\"input\":{}}]},{\"role\":"   \
    "\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":"       \
    "\"t1\",\"content\":[{\"type\":\"text\",\"text\":\"see\"},{\"type\":"    \
    "\"image\",\"source\":{\"type\":\"base64\",\"media_type\":"              \
    "\"image/png\",\"data\":\"AAAA\"}}]},{\"type\":\"text\",\"text\":"       \
    "\"well?\"}]}]}"

#define UT_GEMINI(more)  "{\"contents\":[{\"role\":\"user\",\"parts\":["      \
    "{\"text\":\"x\"}]}]" more "}"

static const ut_bit_t  ut_bits[] = {
    { "budget for 2.5 Flash is clamped", GM_CLAUDE,
      UT_ASK(",\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":31999}"),
      CCP_GEMINI, "gemini", "gemini-2.5-flash",
      { "\"thinkingBudget\":24576", "\"includeThoughts\":true" },
      { "thinkingLevel" } },
    { "budget for 2.5 Pro", GM_CLAUDE,
      UT_ASK(",\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":31999}"),
      CCP_GEMINI, "gemini", "gemini-2.5-pro",
      { "\"thinkingBudget\":31999" }, { "thinkingLevel" } },
    { "low effort as a budget", GM_CHAT, UT_ASK(",\"reasoning_effort\":"
      "\"low\""), CCP_GEMINI, "gemini", "gemini-2.5-flash",
      { "\"thinkingBudget\":1024" }, { NULL } },
    { "adaptive as a budget", GM_CLAUDE,
      UT_ASK(",\"thinking\":{\"type\":\"adaptive\"}"),
      CCP_GEMINI, "gemini", "gemini-2.5-flash",
      { "\"thinkingBudget\":-1" }, { NULL } },
    { "off for 2.5 Flash", GM_CLAUDE,
      UT_ASK(",\"thinking\":{\"type\":\"disabled\"}"),
      CCP_GEMINI, "gemini", "gemini-2.5-flash",
      { "\"thinkingBudget\":0" }, { "includeThoughts" } },
    { "2.5 Pro can't be turned off", GM_CLAUDE,
      UT_ASK(",\"thinking\":{\"type\":\"disabled\"}"),
      CCP_GEMINI, "gemini", "gemini-2.5-pro",
      { "\"thinkingBudget\":128" }, { "includeThoughts" } },
    { "level for 3 Pro", GM_CHAT, UT_ASK(",\"reasoning_effort\":\"minimal\""),
      CCP_GEMINI, "gemini", "gemini-3-pro-preview",
      { "\"thinkingLevel\":\"LOW\"" }, { "thinkingBudget" } },
    { "medium for 3 Pro", GM_CHAT, UT_ASK(",\"reasoning_effort\":\"medium\""),
      CCP_GEMINI, "gemini", "gemini-3-pro-preview",
      { "\"thinkingLevel\":\"HIGH\"" }, { "thinkingBudget" } },
    { "budget as a level", GM_CLAUDE,
      UT_ASK(",\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":31999}"),
      CCP_GEMINI, "gemini", "gemini-3-flash-preview",
      { "\"thinkingLevel\":\"HIGH\"" }, { "thinkingBudget" } },
    { "off for 3 Flash", GM_CLAUDE,
      UT_ASK(",\"thinking\":{\"type\":\"disabled\"}"),
      CCP_GEMINI, "gemini", "gemini-3-flash-preview",
      { "\"thinkingLevel\":\"MINIMAL\"" }, { "includeThoughts" } },
    { "no wish, no thinkingConfig", GM_CLAUDE, UT_ASK(""),
      CCP_GEMINI, "gemini", "gemini-3-pro-preview",
      { "\"maxOutputTokens\":40000" }, { "thinkingConfig" } },

    { "T25: a lost signature", GM_CLAUDE, UT_LOOP(""),
      CCP_GEMINI, "gemini", "gemini-3-pro-preview",
      { "\"args\":{}},\"thoughtSignature\":"
        "\"skip_thought_signature_validator\"},{\"functionCall\":{\"id\":"
        "\"t2\",\"name\":\"a\",\"args\":{}}}" }, { NULL } },
    { "T25: older models need none", GM_CLAUDE, UT_LOOP(""),
      CCP_GEMINI, "gemini", "gemini-2.5-pro",
      { "\"functionCall\":{\"id\":\"t1\"" }, { "thoughtSignature" } },
    { "T26: foreign reasoning is dropped", GM_CLAUDE,
      UT_LOOP("{\"type\":\"thinking\",\"thinking\":\"hm\",\"signature\":"
              "\"EqQB\"},"),
      CCP_GEMINI, "gemini", "gemini-2.5-pro",
      { "\"functionCall\":{\"id\":\"t1\"" }, { "hm", "thoughtSignature" } },

    { "T19: a picture in a result, Gemini 3", GM_CLAUDE, UT_PICTURE,
      CCP_GEMINI, "gemini", "gemini-3-pro-preview",
      { "\"response\":{\"output\":\"see\"},\"parts\":[{\"inlineData\":{"
        "\"mimeType\":\"image/png\",\"data\":\"AAAA\"}}]}},{\"text\":"
        "\"well?\"}" }, { NULL } },
    { "T19: a picture in a result, Gemini 2.5", GM_CLAUDE, UT_PICTURE,
      CCP_GEMINI, "gemini", "gemini-2.5-pro",
      { "\"response\":{\"output\":\"see\"}}},{\"inlineData\":{\"mimeType\":"
        "\"image/png\",\"data\":\"AAAA\"}},{\"text\":\"well?\"}" },
      { "\"parts\":[{\"inlineData\"" } },
    { "an image by URL", GM_CHAT,
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{"
      "\"type\":\"image_url\",\"image_url\":{\"url\":"
      "\"https://example.com/a.png\"}}]}]}", CCP_GEMINI, NULL, NULL,
      { "{\"fileData\":{\"mimeType\":\"image/png\",\"fileUri\":"
        "\"https://example.com/a.png\"}}" }, { NULL } },
    { "a format beside functions, 2.5", GM_CHAT,
      UT_ASK(",\"response_format\":{\"type\":\"json_object\"},\"tools\":[{"
             "\"type\":\"function\",\"function\":{\"name\":\"a\"}}]"),
      CCP_GEMINI, "gemini", "gemini-2.5-pro",
      { "Answer with one JSON object only." }, { "responseMimeType" } },
    { "a format beside functions, 3", GM_CHAT,
      UT_ASK(",\"response_format\":{\"type\":\"json_object\"},\"tools\":[{"
             "\"type\":\"function\",\"function\":{\"name\":\"a\"}}]"),
      CCP_GEMINI, "gemini", "gemini-3-pro-preview",
      { "\"responseMimeType\":\"application/json\"" }, { "Answer with" } },
    { "search beside functions is dropped", GM_CLAUDE,
      UT_ASK(",\"tools\":[{\"type\":\"web_search_20250305\",\"name\":"
             "\"web_search\"},{\"name\":\"a\",\"input_schema\":{\"type\":"
             "\"object\"}}]"), CCP_GEMINI, "gemini", "gemini-2.5-pro",
      { "{\"name\":\"a\"}" }, { "googleSearch" } },

    { "snake case is read", GM_GENERATE,
      "{\"contents\":[{\"parts\":[{\"text\":\"x\"},{\"inline_data\":{"
      "\"mime_type\":\"image/png\",\"data\":\"AAAA\"}}]}],"
      "\"system_instruction\":{\"parts\":{\"text\":\"s\"}},"
      "\"generation_config\":{\"max_output_tokens\":5,\"top_p\":0.5,"
      "\"stop_sequences\":[\"q\"]},\"tools\":{\"function_declarations\":[{"
      "\"name\":\"f\",\"parameters_json_schema\":{\"type\":\"object\","
      "\"properties\":{\"k\":{\"type\":\"string\"}}}}]},\"tool_config\":{"
      "\"function_calling_config\":{\"mode\":\"any\","
      "\"allowed_function_names\":[\"f\"]}}}", CCP_CHAT, NULL, NULL,
      { "data:image/png;base64,AAAA", "\"max_tokens\":5",
        "\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":"
        "\"f\"}}" }, { NULL } },
    { "schema of OpenAPI in other words", GM_GENERATE,
      UT_GEMINI(",\"tools\":[{\"functionDeclarations\":[{\"name\":\"f\","
                "\"parameters\":{\"type\":\"OBJECT\",\"properties\":{\"k\":{"
                "\"type\":\"STRING\",\"nullable\":true}}}}]}]"),
      CCP_CHAT, NULL, NULL,
      { "\"type\":[\"string\",\"null\"]" }, { "OBJECT", "nullable" } },
    { "a schema for the answer", GM_GENERATE,
      UT_GEMINI(",\"generationConfig\":{\"responseMimeType\":"
                "\"application/json\",\"responseSchema\":{\"type\":\"OBJECT\""
                ",\"properties\":{\"k\":{\"type\":\"STRING\"}}}}"),
      CCP_CHAT, NULL, NULL,
      { "\"type\":\"json_schema\"", "\"k\":{\"type\":\"string\"}" },
      { NULL } },
    { "calls without ids find their results", GM_GENERATE,
      "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"x\"}]},{"
      "\"role\":\"model\",\"parts\":[{\"functionCall\":{\"name\":\"a\","
      "\"args\":{\"n\":1}}},{\"functionCall\":{\"name\":\"b\"}},{"
      "\"functionCall\":{\"name\":\"a\",\"args\":{\"n\":2}}}]},{\"role\":"
      "\"user\",\"parts\":[{\"functionResponse\":{\"name\":\"b\","
      "\"response\":{\"output\":\"rb\"}}},{\"functionResponse\":{\"name\":"
      "\"a\",\"response\":{\"result\":1}}},{\"functionResponse\":{\"name\":"
      "\"a\",\"response\":{\"error\":\"no\"}}}]}]}", CCP_CHAT, NULL, NULL,
      { "\"tool_call_id\":\"call_ccp_1\",\"content\":\"{\\\"result\\\":1}\"",
        "\"tool_call_id\":\"call_ccp_2\",\"content\":\"rb\"",
        "\"tool_call_id\":\"call_ccp_3\",\"content\":\"Error: no\"" },
      { NULL } },
    { "made ids stay here", GM_GENERATE,
      "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"x\"}]},{"
      "\"role\":\"model\",\"parts\":[{\"functionCall\":{\"name\":\"a\"},"
      "\"thoughtSignature\":\"Y2NwMS5hLkFBQUFBQS5TSUc=\"}]},{\"role\":"
      "\"user\",\"parts\":[{\"functionResponse\":{\"name\":\"a\","
      "\"response\":{\"result\":[1, 2.0]}}}]}],\"safetySettings\":[{"
      "\"category\":\"HARM_CATEGORY_HARASSMENT\",\"threshold\":"
      "\"BLOCK_NONE\"}]}", CCP_GEMINI, NULL, NULL,
      { "\"functionCall\":{\"name\":\"a\",\"args\":{}}}",
        "\"response\":{\"result\":[1, 2.0]}",
        "\"threshold\":\"BLOCK_NONE\"" },
      { "call_ccp", "thoughtSignature" } },
    { "Anthropic's proof comes back as its own block", GM_GENERATE,
      "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"x\"}]},{"
      "\"role\":\"model\",\"parts\":[{\"text\":\"hm\",\"thought\":true},{"
      "\"functionCall\":{\"id\":\"toolu_1\",\"name\":\"a\"},"
      "\"thoughtSignature\":\"%s\"}]},{\"role\":\"user\",\"parts\":[{"
      "\"functionResponse\":{\"id\":\"toolu_1\",\"name\":\"a\","
      "\"response\":{\"output\":\"1\"}}}]}]}", CCP_ANTHROPIC, "anthropic",
      "claude-sonnet-4-5",
      { "{\"type\":\"thinking\",\"thinking\":\"hm\",\"signature\":"
        "\"SIGNED\"},{\"type\":\"tool_use\"" }, { NULL } }
};


static ccp_str_t
ut_base64(ccp_arena_t *a, ccp_str_t s)
{
    size_t             i, n;
    uint8_t           *p, *q;
    uint32_t           v;
    static const char  d[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    p = q = ccp_alloc(a, s.n * 2 + 4);

    for (i = 0; i < s.n; i += 3) {
        n = s.n - i;
        v = (uint32_t) s.p[i] << 16 | (n > 1 ? s.p[i + 1] << 8 : 0)
            | (n > 2 ? s.p[i + 2] : 0);
        *q++ = d[v >> 18];
        *q++ = d[v >> 12 & 63];
        *q++ = n > 1 ? d[v >> 6 & 63] : '=';
        *q++ = n > 2 ? d[v & 63] : '=';
    }

    return (ccp_str_t) { p, (size_t) (q - p), 0, 0 };
}


static void
ut_request_bits(void)
{
    gm_t             g;
    char             body[4096], carrier[512];
    size_t           i, k;
    ccp_str_t        s;
    ccp_arena_t     *a;
    const ut_bit_t  *b;

    a = ut_arena();
    s = ccp_carrier_pack(a, CCP_ANTHROPIC, ccp_lit("claude-sonnet-4-5"),
                         ccp_none, ccp_lit("SIGNED"));
    s = ut_base64(a, ccp_str_plain(a, s));
    snprintf(carrier, sizeof(carrier), "%.*s", (int) s.n,
             (const char *) s.p);
    ccp_arena_destroy(a);

    for (i = 0; i < sizeof(ut_bits) / sizeof(ut_bits[0]); i++) {
        b = &ut_bits[i];
        snprintf(body, sizeof(body), "%s", b->body);

        if (gm_has(b->body, "\"%s\"")) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            snprintf(body, sizeof(body), b->body, carrier);
#pragma GCC diagnostic pop
        }

        gm_open(&g, NULL, b->path, NULL, body);
        gm_target(&g, b->up, b->dialect, b->model);
        UT_CHECK(g.rc == CCP_OK, "%s: %s", b->name, gm_err(&g));

        for (k = 0; g.rc == CCP_OK && k < 3; k++) {
            if (b->has[k] && !gm_has(g.body, b->has[k])) {
                UT_CHECK(0, "%s: no %s in %s", b->name, b->has[k], g.body);
            }

            if (k < 2 && b->hasnot[k] && gm_has(g.body, b->hasnot[k])) {
                UT_CHECK(0, "%s: %s in %s", b->name, b->hasnot[k], g.body);
            }
        }

        gm_close(&g);
    }
}


/* ---- refusals ---- */

static const struct {
    const char  *path;
    const char  *body;
    ccp_proto_e  up;
    const char  *message;
} ut_refused[] = {
    { GM_GENERATE, "{\"contents\":[]}", CCP_CHAT, "contents" },
    { GM_GENERATE, "{}", CCP_GEMINI, "contents: missing" },
    { GM_GENERATE, "{\"contents\":[{\"role\":\"invalid_role\",\"parts\":[]}]}",
      CCP_CHAT, "contents[0].role: please use a valid role: user, model" },
    { GM_GENERATE, "{\"contents\":[{\"parts\":[{\"text\":1}]}]}", CCP_CHAT,
      "contents[0].parts[0].text: expected a string, got a number" },
    { GM_GENERATE, "{\"contents\":[{\"parts\":[{\"functionCall\":{}}]}]}",
      CCP_CHAT, "contents[0].parts[0].functionCall.name: missing" },
    { GM_GENERATE, UT_GEMINI(",\"generationConfig\":{\"thinkingConfig\":{"
      "\"thinkingBudget\":5,\"thinkingLevel\":\"LOW\"}}"), CCP_CHAT,
      "only one of thinkingBudget" },
    { GM_GENERATE, UT_GEMINI(",\"generationConfig\":{\"topP\":\"x\"}"),
      CCP_CHAT, "generationConfig.topP: expected a number, got a string" },
    { GM_GENERATE, UT_GEMINI(",\"cachedContent\":\"cachedContents/1\""),
      CCP_CHAT, "cachedContent" },
    { GM_GENERATE, UT_GEMINI(",\"continuationToken\":\"t\""),
      CCP_ANTHROPIC, "continuationToken" },
    { GM_GENERATE, UT_GEMINI(",\"generationConfig\":{\"responseModalities\":["
      "\"TEXT\",\"IMAGE\"]}"), CCP_CHAT, "responseModalities" },
    { GM_CHAT, UT_ASK(",\"n\":2,\"stream\":true"), CCP_GEMINI,
      "n: " },
    { GM_CLAUDE, UT_ASK(",\"tools\":[{\"type\":\"advisor_20260301\",\"name\":"
      "\"advisor\"}]"), CCP_GEMINI, "isn't available on this target" },
    { GM_CLAUDE, "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":"
      "\"user\",\"content\":[{\"type\":\"image\",\"source\":{\"type\":"
      "\"file\",\"file_id\":\"file_1\"}}]}]}", CCP_GEMINI,
      "file id file_1 can't be resolved" }
};


static void
ut_requests_refused(void)
{
    gm_t    g;
    size_t  i;

    for (i = 0; i < sizeof(ut_refused) / sizeof(ut_refused[0]); i++) {
        gm_open(&g, NULL, ut_refused[i].path, NULL, ut_refused[i].body);
        gm_target(&g, ut_refused[i].up, NULL, NULL);

        UT_CHECK(g.rc == CCP_INVALID
                 && gm_has(gm_err(&g), ut_refused[i].message),
                 "refused: %s [%s]", ut_refused[i].message, gm_err(&g));
        gm_close(&g);
    }

    /* what is bound to Google goes to Google */

    gm_open(&g, NULL, GM_GENERATE, NULL,
            UT_GEMINI(",\"cachedContent\":\"cachedContents/1\""));
    gm_target(&g, CCP_GEMINI, NULL, NULL);
    UT_CHECK(g.rc == CCP_OK && gm_has(g.body, "cachedContents/1"),
             "cachedContent passes to the same protocol");
    gm_close(&g);
}


/* ---- paths ---- */

static const struct {
    const char  *path;
    const char  *args;
    ccp_proto_e  up;           /* CCP_GEMINI always; the client's by path */
    const char  *model;
    const char  *uri;
} ut_uris[] = {
    { GM_GENERATE, NULL, CCP_GEMINI, "gemini-2.5-pro",
      "/r/models/gemini-2.5-pro:generateContent" },
    { GM_GENERATE, NULL, CCP_GEMINI, "models/gemini-2.5-pro",
      "/r/models/gemini-2.5-pro:generateContent" },
    { GM_GENERATE, NULL, CCP_GEMINI, "a/b c",
      "/r/models/a%2Fb%20c:generateContent" },
    { GM_GENERATE, NULL, CCP_GEMINI, "tunedModels/t",
      "/r/tunedModels/t:generateContent" },
    { GM_STREAM, "alt=sse", CCP_GEMINI, NULL,
      "/r/models/m:streamGenerateContent?alt=sse" },
    { GM_STREAM, NULL, CCP_GEMINI, NULL,
      "/r/models/m:streamGenerateContent" },
    { "/v1beta/models/m:countTokens", NULL, CCP_GEMINI, NULL,
      "/r/models/m:countTokens" }
};


static void
ut_paths(void)
{
    gm_t    g;
    size_t  i;

    for (i = 0; i < sizeof(ut_uris) / sizeof(ut_uris[0]); i++) {
        gm_open(&g, NULL, ut_uris[i].path, ut_uris[i].args, UT_GEMINI(""));
        gm_target(&g, ut_uris[i].up, NULL, ut_uris[i].model);
        UT_CHECK(g.uri && strcmp(g.uri, ut_uris[i].uri) == 0, "path %s [%s]",
                 ut_uris[i].uri, g.uri ? g.uri : "");
        gm_close(&g);
    }

    /* no splice, so the framing is ours to choose */

    gm_open(&g, NULL, GM_CHAT, NULL, UT_ASK(",\"stream\":true"));
    gm_target(&g, CCP_GEMINI, NULL, "g");
    UT_CHECK(g.uri && strcmp(g.uri, "/r/models/g:streamGenerateContent"
                                    "?alt=sse") == 0, "a converted stream");
    gm_close(&g);
}


/* ---- memory ---- */

static int
ut_starved(const ccp_mem_t *mem, void *arg)
{
    int          rc;
    gm_t         g;
    const char **c = arg;

    gm_open(&g, mem, c[0], NULL, c[1]);
    rc = gm_target(&g, c[2] ? CCP_CHAT : CCP_GEMINI, NULL, NULL);
    gm_close(&g);

    return rc;
}


static void
ut_memory(void)
{
    size_t       i, k;
    const char  *c[3];

    for (i = 0; i < sizeof(ut_outs) / sizeof(ut_outs[0]); i++) {
        c[0] = ut_outs[i].path;
        c[1] = ut_outs[i].body;
        c[2] = NULL;
        ut_fail_each(ut_outs[i].name, ut_starved, c);
    }

    for (i = 0, k = 0; i < sizeof(ut_bits) / sizeof(ut_bits[0]); i++) {
        if (ut_bits[i].up == CCP_CHAT) {
            c[0] = ut_bits[i].path;
            c[1] = ut_bits[i].body;
            c[2] = "chat";
            ut_fail_each(ut_bits[i].name, ut_starved, c);
            k++;
        }
    }

    UT_CHECK(k >= 4, "requests for others without memory");
}


int
main(void)
{
    ut_requests_out();
    ut_request_bits();
    ut_requests_refused();
    ut_paths();
    ut_memory();

    UT_CHECK(gm_counter.live == 0, "nothing is left allocated");

    return ut_done();
}
