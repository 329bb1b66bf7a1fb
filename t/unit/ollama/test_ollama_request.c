
/*
 * Ollama requests: from all clients to Ollama, from Ollama's clients to all.
 */

#include "ut_ollama.h"


typedef struct {
    const char  *name;
    const char  *anthropic;
    const char  *chat;
    const char  *ollama;
} ut_example_t;

/* The field reference's worked examples: one request in three protocols. */

static const ut_example_t  ut_examples[] = {
    {
        "6.1",
        "{\"model\":\"m\",\"max_tokens\":64,\"system\":\"Be brief.\",\"mess"
        "ages\":[{\"role\":\"user\",\"content\":\"Count: 1, 2\"}],\"tempera"
        "ture\":0.2,\"stop_sequences\":[\"5\"]}",
        "{\"model\":\"m\",\"max_completion_tokens\":64,\"messages\":[{\"rol"
        "e\":\"system\",\"content\":\"Be brief.\"},{\"role\":\"user\",\"con"
        "tent\":\"Count: 1, 2\"}],\"temperature\":0.2,\"stop\":[\"5\"]}",
        "{\"model\":\"m\",\"stream\":false,\"messages\":[{\"role\":\"system"
        "\",\"content\":\"Be brief.\"},{\"role\":\"user\",\"content\":\"Cou"
        "nt: 1, 2\"}],\"options\":{\"num_predict\":64,\"temperature\":0.2,"
        "\"stop\":[\"5\"]}}"
    },
    {
        "6.2",
        "{\"model\":\"m\",\"max_tokens\":256,\"messages\":[{\"role\":\"user"
        "\",\"content\":\"Weather in Oslo, and the time?\"}],\"tools\":[{\""
        "name\":\"weather\",\"description\":\"Current weather\",\"input_sch"
        "ema\":{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"st"
        "ring\"}},\"required\":[\"city\"]}},{\"name\":\"now\",\"input_schem"
        "a\":{\"type\":\"object\",\"properties\":{}}}],\"tool_choice\":{\"t"
        "ype\":\"auto\"}}",
        "{\"model\":\"m\",\"max_completion_tokens\":256,\"messages\":[{\"ro"
        "le\":\"user\",\"content\":\"Weather in Oslo, and the time?\"}],\"t"
        "ools\":[{\"type\":\"function\",\"function\":{\"name\":\"weather\","
        "\"description\":\"Current weather\",\"parameters\":{\"type\":\"obj"
        "ect\",\"properties\":{\"city\":{\"type\":\"string\"}},\"required\""
        ":[\"city\"]}}},{\"type\":\"function\",\"function\":{\"name\":\"now"
        "\",\"parameters\":{\"type\":\"object\",\"properties\":{}}}}],\"too"
        "l_choice\":\"auto\"}",
        "{\"model\":\"m\",\"stream\":false,\"messages\":[{\"role\":\"user\""
        ",\"content\":\"Weather in Oslo, and the time?\"}],\"tools\":[{\"ty"
        "pe\":\"function\",\"function\":{\"name\":\"weather\",\"description"
        "\":\"Current weather\",\"parameters\":{\"type\":\"object\",\"prope"
        "rties\":{\"city\":{\"type\":\"string\"}},\"required\":[\"city\"]}}"
        "},{\"type\":\"function\",\"function\":{\"name\":\"now\",\"paramete"
        "rs\":{\"type\":\"object\",\"properties\":{}}}}],\"options\":{\"num"
        "_predict\":256}}"
    },
    {
        "6.3",
        "{\"model\":\"m\",\"max_tokens\":256,\"messages\":[{\"role\":\"user"
        "\",\"content\":\"Weather in Oslo, and the time?\"},{\"role\":\"ass"
        "istant\",\"content\":[{\"type\":\"text\",\"text\":\"Checking.\"},{"
        "\"type\":\"tool_use\",\"id\":\"toolu_a\",\"name\":\"weather\",\"in"
        "put\":{\"city\":\"Oslo\"}},{\"type\":\"tool_use\",\"id\":\"toolu_b"
        "\",\"name\":\"now\",\"input\":{}}]},{\"role\":\"user\",\"content\""
        ":[{\"type\":\"tool_result\",\"tool_use_id\":\"toolu_a\",\"content"
        "\":\"-3 °C, snow\"},{\"type\":\"tool_result\",\"tool_use_id\":\"t"
        "oolu_b\",\"content\":\"no clock\",\"is_error\":true}]}],\"tools\":"
        "[{\"name\":\"weather\",\"input_schema\":{\"type\":\"object\",\"pro"
        "perties\":{\"city\":{\"type\":\"string\"}}}},{\"name\":\"now\",\"i"
        "nput_schema\":{\"type\":\"object\",\"properties\":{}}}]}",
        "{\"model\":\"m\",\"max_completion_tokens\":256,\"messages\":[{\"ro"
        "le\":\"user\",\"content\":\"Weather in Oslo, and the time?\"},{\"r"
        "ole\":\"assistant\",\"content\":\"Checking.\",\"tool_calls\":[{\"i"
        "d\":\"toolu_a\",\"type\":\"function\",\"function\":{\"name\":\"wea"
        "ther\",\"arguments\":\"{\\\"city\\\":\\\"Oslo\\\"}\"}},{\"id\":\"t"
        "oolu_b\",\"type\":\"function\",\"function\":{\"name\":\"now\",\"ar"
        "guments\":\"{}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"toolu_a"
        "\",\"content\":\"-3 °C, snow\"},{\"role\":\"tool\",\"tool_call_id"
        "\":\"toolu_b\",\"content\":\"Error: no clock\"}],\"tools\":[{\"typ"
        "e\":\"function\",\"function\":{\"name\":\"weather\",\"parameters\""
        ":{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string"
        "\"}}}}},{\"type\":\"function\",\"function\":{\"name\":\"now\",\"pa"
        "rameters\":{\"type\":\"object\",\"properties\":{}}}}]}",
        "{\"model\":\"m\",\"stream\":false,\"messages\":[{\"role\":\"user\""
        ",\"content\":\"Weather in Oslo, and the time?\"},{\"role\":\"assis"
        "tant\",\"content\":\"Checking.\",\"tool_calls\":[{\"id\":\"toolu_a"
        "\",\"function\":{\"index\":0,\"name\":\"weather\",\"arguments\":{"
        "\"city\":\"Oslo\"}}},{\"id\":\"toolu_b\",\"function\":{\"index\":1"
        ",\"name\":\"now\",\"arguments\":{}}}]},{\"role\":\"tool\",\"tool_n"
        "ame\":\"weather\",\"tool_call_id\":\"toolu_a\",\"content\":\"-3 °"
        "C, snow\"},{\"role\":\"tool\",\"tool_name\":\"now\",\"tool_call_id"
        "\":\"toolu_b\",\"content\":\"Error: no clock\"}],\"tools\":[{\"typ"
        "e\":\"function\",\"function\":{\"name\":\"weather\",\"parameters\""
        ":{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string"
        "\"}}}}},{\"type\":\"function\",\"function\":{\"name\":\"now\",\"pa"
        "rameters\":{\"type\":\"object\",\"properties\":{}}}}],\"options\":"
        "{\"num_predict\":256}}"
    },
    {
        "6.4",
        "{\"model\":\"m\",\"max_tokens\":50,\"messages\":[{\"role\":\"user"
        "\",\"content\":[{\"type\":\"image\",\"source\":{\"type\":\"base64"
        "\",\"media_type\":\"image/png\",\"data\":\"iVBORw0KGgo=\"}},{\"typ"
        "e\":\"text\",\"text\":\"Main colour?\"}]}],\"output_config\":{\"fo"
        "rmat\":{\"type\":\"json_schema\",\"schema\":{\"type\":\"object\","
        "\"properties\":{\"colour\":{\"type\":\"string\"}},\"required\":[\""
        "colour\"],\"additionalProperties\":false}}}}",
        "{\"model\":\"m\",\"max_completion_tokens\":50,\"messages\":[{\"rol"
        "e\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{"
        "\"url\":\"data:image/png;base64,iVBORw0KGgo=\"}},{\"type\":\"text"
        "\",\"text\":\"Main colour?\"}]}],\"response_format\":{\"type\":\"j"
        "son_schema\",\"json_schema\":{\"name\":\"response\",\"schema\":{\""
        "type\":\"object\",\"properties\":{\"colour\":{\"type\":\"string\"}"
        "},\"required\":[\"colour\"],\"additionalProperties\":false},\"stri"
        "ct\":false}}}",
        "{\"model\":\"m\",\"stream\":false,\"messages\":[{\"role\":\"user\""
        ",\"content\":\"Main colour?\",\"images\":[\"iVBORw0KGgo=\"]}],\"fo"
        "rmat\":{\"type\":\"object\",\"properties\":{\"colour\":{\"type\":"
        "\"string\"}},\"required\":[\"colour\"],\"additionalProperties\":fa"
        "lse},\"options\":{\"num_predict\":50}}"
    },
    {
        "6.5",
        "{\"model\":\"m\",\"max_tokens\":9000,\"stream\":true,\"messages\":"
        "[{\"role\":\"user\",\"content\":\"Time?\"}],\"thinking\":{\"type\""
        ":\"adaptive\"},\"output_config\":{\"effort\":\"medium\"},\"tools\""
        ":[{\"name\":\"now\",\"input_schema\":{\"type\":\"object\",\"proper"
        "ties\":{}}}]}",
        "{\"model\":\"m\",\"max_completion_tokens\":9000,\"stream\":true,\""
        "stream_options\":{\"include_usage\":true},\"messages\":[{\"role\":"
        "\"user\",\"content\":\"Time?\"}],\"reasoning_effort\":\"medium\","
        "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"now\","
        "\"parameters\":{\"type\":\"object\",\"properties\":{}}}}]}",
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Ti"
        "me?\"}],\"think\":true,\"tools\":[{\"type\":\"function\",\"functio"
        "n\":{\"name\":\"now\",\"parameters\":{\"type\":\"object\",\"proper"
        "ties\":{}}}}],\"options\":{\"num_predict\":9000}}"
    },
    {
        "6.6",
        "{\"model\":\"m\",\"max_tokens\":16,\"messages\":[{\"role\":\"user"
        "\",\"content\":\"Tell a story\"}]}",
        "{\"model\":\"m\",\"max_completion_tokens\":16,\"messages\":[{\"rol"
        "e\":\"user\",\"content\":\"Tell a story\"}]}",
        "{\"model\":\"m\",\"stream\":false,\"messages\":[{\"role\":\"user\""
        ",\"content\":\"Tell a story\"}],\"options\":{\"num_predict\":16}}"
    },
};


static ut_mem_t  ut_m = { 0, 0, -1 };


/* What the upstream gets is the JSON text want. */

static void
ut_gives(const char *what, ccp_proto_e client, const char *path,
    const char *body, ccp_proto_e up, const char *dialect, const char *model,
    const char *want)
{
    int        ok;
    char      *s;
    ut_ol_t    u;
    ccp_mem_t  mem;

    mem = ut_mem(&ut_m);
    ut_ol_open(&u, &mem, client, path, body, up, dialect, model);
    ok = u.rc == CCP_OK && ut_json_same(u.body, ccp_cstr(want));

    if (!ok) {
        s = ut_cstr(u.rc == CCP_OK ? u.body : u.err.message);
        printf("# want %s\n# got  %s\n", want, s);
        free(s);
    }

    UT_CHECK(ok, "%s", what);
    ut_ol_close(&u);
}


static void
ut_refused(const char *what, ccp_proto_e client, const char *path,
    const char *body, ccp_proto_e up, const char *word)
{
    char      *s;
    ut_ol_t    u;
    ccp_mem_t  mem;

    mem = ut_mem(&ut_m);
    ut_ol_open(&u, &mem, client, path, body, up, NULL, NULL);
    s = ut_cstr(u.err.message);
    UT_CHECK(u.rc == CCP_INVALID && u.err.cls == CCP_E_BAD_REQUEST
             && strstr(s, word), "%s: %s", what, s);
    free(s);
    ut_ol_close(&u);
}


static void
ut_examples_all(void)
{
    size_t               i;
    const ut_example_t  *e;

    for (i = 0; i < sizeof(ut_examples) / sizeof(ut_examples[0]); i++) {
        e = &ut_examples[i];
        ut_gives(e->name, CCP_ANTHROPIC, NULL, e->anthropic, CCP_OLLAMA, NULL,
                 NULL, e->ollama);
        ut_gives(e->name, CCP_CHAT, NULL, e->chat, CCP_OLLAMA, NULL, NULL,
                 e->ollama);
        ut_gives(e->name, CCP_OLLAMA, NULL, e->ollama, CCP_OLLAMA, NULL, NULL,
                 e->ollama);
    }

    /* back again: Ollama has ids, names and errors as text only */

    e = &ut_examples[2];
    ut_gives("6.3 from Ollama", CCP_OLLAMA, NULL, e->ollama, CCP_CHAT,
             "openai", NULL, e->chat);
}


/* T12: objects here, strings there; ids made and not sent back. */

static void
ut_calls(void)
{
    char      *s;
    ut_ol_t    u;
    ccp_mem_t  mem;

    static const char  history[] =
        "{\"model\":\"m\",\"stream\":false,\"messages\":["
        "{\"role\":\"user\",\"content\":\"x\"},"
        "{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":["
        "{\"function\":{\"name\":\"f\",\"arguments\":{\"b\":1.50,\"a\":2}}},"
        "{\"function\":{\"name\":\"g\",\"arguments\":\"{\\\"c\\\":3}\"}}]},"
        "{\"role\":\"tool\",\"content\":\"one\",\"tool_name\":\"f\"},"
        "{\"role\":\"tool\",\"content\":\"two\"}]}";

    mem = ut_mem(&ut_m);
    ut_ol_open(&u, &mem, CCP_OLLAMA, NULL, history, CCP_CHAT, NULL, NULL);
    s = ut_cstr(u.rc == CCP_OK ? u.body : u.err.message);
    UT_CHECK(strstr(s, "\"arguments\":\"{\\\"b\\\":1.50,\\\"a\\\":2}\"")
             && strstr(s, "\"arguments\":\"{\\\"c\\\":3}\""),
             "T12 objects become strings, bytes kept: %s", s);
    UT_CHECK(strstr(s, "\"id\":\"call_ccp") && strstr(s, "\"tool_call_id\":"
             "\"call_ccp"), "calls without id get one");
    free(s);
    ut_ol_close(&u);

    ut_gives("T12 strings become objects", CCP_CHAT, NULL,
             "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":"
             "\"x\"},{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
             "{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":"
             "\"f\",\"arguments\":\"{\\\"a\\\": 1}\"}},{\"id\":\"c2\",\"type\":"
             "\"function\",\"function\":{\"name\":\"g\",\"arguments\":\"\"}},"
             "{\"id\":\"c3\",\"type\":\"function\",\"function\":{\"name\":"
             "\"h\",\"arguments\":\"no\"}}]},"
             "{\"role\":\"tool\",\"tool_call_id\":\"c1\",\"content\":\"r1\"},"
             "{\"role\":\"tool\",\"tool_call_id\":\"c2\",\"content\":\"r2\"},"
             "{\"role\":\"tool\",\"tool_call_id\":\"c3\",\"content\":\"r3\"}"
             "]}", CCP_OLLAMA, NULL, NULL,
             "{\"model\":\"m\",\"stream\":false,\"messages\":["
             "{\"role\":\"user\",\"content\":\"x\"},{\"role\":\"assistant\","
             "\"content\":\"\",\"tool_calls\":[{\"id\":\"c1\",\"function\":"
             "{\"index\":0,\"name\":\"f\",\"arguments\":{\"a\":1}}},{\"id\":"
             "\"c2\",\"function\":{\"index\":1,\"name\":\"g\",\"arguments\":"
             "{}}},{\"id\":\"c3\",\"function\":{\"index\":2,\"name\":\"h\","
             "\"arguments\":{\"input\":\"no\"}}}]},"
             "{\"role\":\"tool\",\"tool_name\":\"f\",\"tool_call_id\":\"c1\","
             "\"content\":\"r1\"},"
             "{\"role\":\"tool\",\"tool_name\":\"g\",\"tool_call_id\":\"c2\","
             "\"content\":\"r2\"},"
             "{\"role\":\"tool\",\"tool_name\":\"h\",\"tool_call_id\":\"c3\","
             "\"content\":\"r3\"}]}");

    ut_gives("ids that were made stay home", CCP_GEMINI, NULL,
             "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"x\"}]},"
             "{\"role\":\"model\",\"parts\":[{\"functionCall\":{\"name\":"
             "\"f\",\"args\":{}}}]},{\"role\":\"user\",\"parts\":["
             "{\"functionResponse\":{\"name\":\"f\",\"response\":{\"output\":"
             "\"r\"}}}]}]}", CCP_OLLAMA, NULL, "m",
             "{\"model\":\"m\",\"stream\":false,\"messages\":["
             "{\"role\":\"user\",\"content\":\"x\"},{\"role\":\"assistant\","
             "\"content\":\"\",\"tool_calls\":[{\"function\":{\"index\":0,"
             "\"name\":\"f\",\"arguments\":{}}}]},{\"role\":\"tool\","
             "\"tool_name\":\"f\",\"content\":\"r\"}]}");

    ut_gives("T19 images of results; errors said once", CCP_ANTHROPIC, NULL,
             "{\"model\":\"m\",\"max_tokens\":5,\"messages\":[{\"role\":"
             "\"user\",\"content\":\"x\"},{\"role\":\"assistant\",\"content\":"
             "[{\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"f\",\"input\":"
             "{}}]},{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
             "\"tool_use_id\":\"t1\",\"is_error\":true,\"content\":[{\"type\":"
             "\"text\",\"text\":\"bad\"},{\"type\":\"image\",\"source\":"
             "{\"type\":\"base64\",\"media_type\":\"image/png\",\"data\":"
             "\"iVBORw0KGgo=\"}}]}]}]}", CCP_OLLAMA, NULL, NULL,
             "{\"model\":\"m\",\"stream\":false,\"messages\":["
             "{\"role\":\"user\",\"content\":\"x\"},{\"role\":\"assistant\","
             "\"content\":\"\",\"tool_calls\":[{\"id\":\"t1\",\"function\":"
             "{\"index\":0,\"name\":\"f\",\"arguments\":{}}}]},{\"role\":"
             "\"tool\",\"tool_name\":\"f\",\"tool_call_id\":\"t1\","
             "\"content\":\"Error: bad\",\"images\":[\"iVBORw0KGgo=\"]}],"
             "\"options\":{\"num_predict\":5}}");
}


static void
ut_fields(void)
{
    ut_gives("options in and out", CCP_OLLAMA, NULL,
             "{\"model\":\"m\",\"stream\":false,\"format\":\"json\",\"think\":"
             "false,\"keep_alive\":\"5m\",\"messages\":[{\"role\":\"user\","
             "\"content\":\"x JSON\"}],\"options\":{\"temperature\":0.50,"
             "\"top_p\":0.9,\"num_predict\":9,\"seed\":7,\"stop\":[\"a\","
             "\"b\"],\"frequency_penalty\":1,\"presence_penalty\":0.5,"
             "\"num_ctx\":1}}", CCP_CHAT, NULL, NULL,
             "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":"
             "\"user\",\"content\":\"x JSON\"}],\"temperature\":0.50,"
             "\"top_p\":0.9,\"seed\":7,\"stop\":[\"a\",\"b\"],"
             "\"frequency_penalty\":1,\"presence_penalty\":0.5,"
             "\"response_format\":{\"type\":\"json_object\"}}");

    ut_gives("empties say nothing", CCP_OLLAMA, NULL,
             "{\"model\":\"m\",\"stream\":false,\"format\":\"\",\"think\":null,"
             "\"options\":{\"num_predict\":-1,\"stop\":[]},\"tools\":[],"
             "\"keep_alive\":null,\"messages\":[{\"role\":\"system\","
             "\"content\":\"s\"},{\"role\":\"user\",\"content\":\"x\"}]}",
             CCP_CHAT, NULL, NULL,
             "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":"
             "\"s\"},{\"role\":\"user\",\"content\":\"x\"}]}");

    ut_gives("/api/generate", CCP_OLLAMA, "/api/generate",
             "{\"model\":\"m\",\"stream\":false,\"system\":\"s\",\"prompt\":"
             "\"p\",\"images\":[\"/9j/AA==\"],\"context\":[1],\"raw\":false,"
             "\"options\":{\"num_predict\":3}}", CCP_ANTHROPIC, NULL, NULL,
             "{\"model\":\"m\",\"max_tokens\":3,\"system\":[{\"type\":"
             "\"text\",\"text\":\"s\",\"cache_control\":{\"type\":"
             "\"ephemeral\"}}],\"messages\":[{\"role\":\"user\","
             "\"content\":[{\"type\":\"image\",\"source\":{\"type\":"
             "\"base64\",\"media_type\":\"image/jpeg\",\"data\":"
             "\"/9j/AA==\"}},{\"type\":\"text\",\"text\":\"p\","
             "\"cache_control\":{\"type\":\"ephemeral\"}}]}]}");

    ut_gives("a window, and levels where off is none", CCP_CHAT, NULL,
             "{\"model\":\"x\",\"reasoning_effort\":\"none\",\"messages\":"
             "[{\"role\":\"user\",\"content\":\"x\"}],\"top_k\":4,"
             "\"logit_bias\":{}}",
             CCP_OLLAMA, "ollama", "gpt-oss:20b",
             "{\"model\":\"gpt-oss:20b\",\"stream\":false,\"think\":\"low\","
             "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],"
             "\"options\":{\"num_ctx\":8192,\"top_k\":4}}");

    ut_gives("levels", CCP_CHAT, NULL,
             "{\"model\":\"x\",\"reasoning_effort\":\"high\",\"messages\":"
             "[{\"role\":\"user\",\"content\":\"x\"}]}",
             CCP_OLLAMA, "ollama", "gpt-oss:20b",
             "{\"model\":\"gpt-oss:20b\",\"stream\":false,\"think\":\"high\","
             "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],"
             "\"options\":{\"num_ctx\":8192}}");

    ut_gives("a tool that is named goes alone", CCP_CHAT, NULL,
             "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":"
             "\"x\"}],\"tools\":[{\"type\":\"function\",\"function\":{\"name\":"
             "\"f\"}},{\"type\":\"function\",\"function\":{\"name\":\"g\"}}],"
             "\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":"
             "\"g\"}}}", CCP_OLLAMA, NULL, NULL,
             "{\"model\":\"m\",\"stream\":false,\"messages\":[{\"role\":"
             "\"user\",\"content\":\"x\"}],\"tools\":[{\"type\":\"function\","
             "\"function\":{\"name\":\"g\",\"parameters\":{\"type\":"
             "\"object\",\"properties\":{}}}}]}");

    ut_gives("unsigned thoughts go back with calls, signed ones don't",
             CCP_ANTHROPIC, NULL,
             "{\"model\":\"m\",\"max_tokens\":5,\"messages\":[{\"role\":"
             "\"user\",\"content\":\"x\"},{\"role\":\"assistant\",\"content\":"
             "[{\"type\":\"thinking\",\"thinking\":\"hm\",\"signature\":\"\"},"
             "{\"type\":\"thinking\",\"thinking\":\"no\",\"signature\":"
             "\"U0lH\"},{\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"f\","
             "\"input\":{}}]},{\"role\":\"user\",\"content\":[{\"type\":"
             "\"tool_result\",\"tool_use_id\":\"t1\",\"content\":\"r\"},"
             "{\"type\":\"text\",\"text\":\"and?\"}]}]}",
             CCP_OLLAMA, NULL, NULL,
             "{\"model\":\"m\",\"stream\":false,\"messages\":["
             "{\"role\":\"user\",\"content\":\"x\"},{\"role\":\"assistant\","
             "\"content\":\"\",\"thinking\":\"hm\",\"tool_calls\":[{\"id\":"
             "\"t1\",\"function\":{\"index\":0,\"name\":\"f\",\"arguments\":"
             "{}}}]},{\"role\":\"tool\",\"tool_name\":\"f\",\"tool_call_id\":"
             "\"t1\",\"content\":\"r\"},{\"role\":\"user\",\"content\":"
             "\"and?\"}],\"options\":{\"num_predict\":5}}");

    ut_gives("old media become words, later system stays in place", CCP_CHAT,
             NULL,
             "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":["
             "{\"type\":\"image_url\",\"image_url\":{\"url\":"
             "\"https://x/y.png\"}},{\"type\":\"text\",\"text\":\"x\"}]},"
             "{\"role\":\"assistant\",\"content\":\"y\"},{\"role\":\"system\","
             "\"content\":\"s\"},{\"role\":\"user\",\"content\":\"z\"}]}",
             CCP_OLLAMA, NULL, NULL,
             "{\"model\":\"m\",\"stream\":false,\"messages\":[{\"role\":"
             "\"user\",\"content\":\"[image omitted]\\nx\"},{\"role\":"
             "\"assistant\",\"content\":\"y\"},{\"role\":\"system\","
             "\"content\":\"s\"},{\"role\":\"user\",\"content\":\"z\"}]}");
}


static void
ut_refusals(void)
{
    static const char  *const bad[][3] = {
        { "/api/chat", "{\"messages\":[]}", "model" },
        { "/api/chat", "{\"model\":\"m\",\"messages\":{}}", "messages" },
        { "/api/chat", "{\"model\":\"m\",\"messages\":[1]}", "messages[0]" },
        { "/api/chat", "{\"model\":\"m\",\"messages\":[{\"role\":\"x\"}]}",
          "messages[0].role" },
        { "/api/chat", "{\"model\":\"m\",\"messages\":[{\"role\":\"user\","
          "\"content\":[]}]}", "messages[0].content" },
        { "/api/chat", "{\"model\":\"m\",\"messages\":[{\"role\":\"user\","
          "\"images\":[1]}]}", "messages[0].images[0]" },
        { "/api/chat", "{\"model\":\"m\",\"messages\":[{\"role\":"
          "\"assistant\",\"tool_calls\":[{\"function\":{\"name\":\"f\","
          "\"arguments\":7}}]}]}", "tool_calls[0].function.arguments" },
        { "/api/chat", "{\"model\":\"m\",\"stream\":1}", "stream" },
        { "/api/chat", "{\"model\":\"m\",\"think\":\"much\"}", "think" },
        { "/api/chat", "{\"model\":\"m\",\"format\":\"xml\"}", "format" },
        { "/api/chat", "{\"model\":\"m\",\"options\":{\"top_k\":\"1\"}}",
          "options.top_k" },
        { "/api/chat", "{\"model\":\"m\",\"options\":{\"stop\":[1]}}",
          "options.stop[0]" },
        { "/api/chat", "{\"model\":\"m\",\"tools\":[{\"type\":\"x\"}]}",
          "tools[0].function" },
        { "/api/chat", "{\"model\":\"m\",\"messages\":[]}", "load" },
        { "/api/generate", "{\"model\":\"m\"}", "load" },
        { "/api/generate", "{\"model\":\"m\",\"prompt\":\"a\",\"suffix\":"
          "\"b\"}", "suffix" },
        { "/api/generate", "{\"model\":\"m\",\"prompt\":1}", "prompt" }
    };
    size_t  i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ut_refused("from Ollama", CCP_OLLAMA, bad[i][0], bad[i][1], CCP_CHAT,
                   bad[i][2]);
    }

    ut_refused("to Ollama", CCP_CHAT, NULL,
               "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":"
               "[{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://x\"}}"
               "]}]}", CCP_OLLAMA, "base64");
    ut_refused("to Ollama", CCP_CHAT, NULL,
               "{\"model\":\"m\",\"n\":2,\"messages\":[{\"role\":\"user\","
               "\"content\":\"x\"}]}", CCP_OLLAMA, "n: ");
    ut_refused("to Ollama", CCP_ANTHROPIC, NULL,
               "{\"model\":\"m\",\"max_tokens\":5,\"messages\":[{\"role\":"
               "\"user\",\"content\":\"x\"}],\"tools\":[{\"type\":"
               "\"web_search_20250305\",\"name\":\"web_search\"}]}",
               CCP_OLLAMA, "web_search");
}


/* What its own upstream gets: the client's bytes, at its own endpoint. */

static void
ut_splice(void)
{
    char      *s;
    size_t     i;
    ut_ol_t    u;
    ccp_mem_t  mem;

    static const char  *const asked[][2] = {
        { "/api/generate", "{\"model\": \"m\",\"suffix\":\"s\",\"new\":1e2}" },
        { "/api/chat", "{\"model\": \"m\",\"keep_alive\":0,\"new\":1e2}" }
    };

    mem = ut_mem(&ut_m);

    for (i = 0; i < 2; i++) {
        ut_ol_open(&u, &mem, CCP_OLLAMA, asked[i][0], asked[i][1], CCP_OLLAMA,
                   NULL, NULL);
        s = ut_cstr(u.body);
        UT_CHECK(u.rc == CCP_OK && strcmp(s, asked[i][1]) == 0
                 && ut_str_is(u.uri, asked[i][0])
                 && ccp_exchange_req(u.x)->stream == 1,
                 "%s to its own kind", asked[i][0]);
        free(s);
        ut_ol_close(&u);
    }
}


static int
ut_memory(const ccp_mem_t *mem, void *arg)
{
    int       rc;
    ut_ol_t   u;
    const ccp_proto_e  *way = arg;

    ut_ol_open(&u, mem, way[0], NULL,
               way[0] == CCP_OLLAMA ? ut_examples[2].ollama
                                    : ut_examples[2].anthropic,
               way[1], NULL, NULL);
    rc = u.rc;
    ut_ol_close(&u);

    return rc;
}


int
main(void)
{
    ccp_proto_e  in[2] = { CCP_OLLAMA, CCP_CHAT };
    ccp_proto_e  out[2] = { CCP_ANTHROPIC, CCP_OLLAMA };

    ut_examples_all();
    ut_calls();
    ut_fields();
    ut_refusals();
    ut_splice();
    ut_fail_each("every allocation of a request in", ut_memory, in);
    ut_fail_each("every allocation of a request out", ut_memory, out);

    UT_CHECK(ut_m.live == 0, "nothing is left allocated");

    return ut_done();
}
