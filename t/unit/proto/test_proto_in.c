
/*
 * The reader of typed members: places and words of errors, members that
 * readers of JSON take for different ones, arguments of calls, audio.
 */

#include "ut.h"
#include "ut_exchange.h"
#include "codec/prepare/prepare.h"
#include "codec/proto/proto_in.h"


static const char *const  ut_paths[] = {
    [CCP_ANTHROPIC] = "/v1/messages",
    [CCP_CHAT] = "/v1/chat/completions",
    [CCP_RESPONSES] = "/v1/responses",
    [CCP_GEMINI] = "/v1beta/models/m:generateContent",
    [CCP_OLLAMA] = "/api/chat"
};


/* Reads a client's body; NULL without memory. */

static ccp_exchange_t *
ut_ask(ccp_proto_e proto, const char *path, const char *body, int *rc,
    ccp_error_t *err)
{
    ccp_exchange_t  *x;

    x = ut_exchange_create(NULL, path ? path : ut_paths[proto], NULL);

    if (x) {
        memset(err, 0, sizeof(ccp_error_t));
        *rc = ccp_exchange_request(x, ccp_cstr(body), ccp_none, err);
    }

    return x;
}


static void
ut_refuses(ccp_proto_e proto, const char *path, const char *body,
    const char *message)
{
    int              rc;
    char            *s;
    ccp_error_t      err;
    ccp_exchange_t  *x;

    x = ut_ask(proto, path, body, &rc, &err);
    if (x == NULL) {
        return;
    }

    s = ut_cstr(err.message);
    UT_CHECK(rc == CCP_INVALID && err.cls == CCP_E_BAD_REQUEST
             && strcmp(s, message) == 0, "refused: %s (%s)", body, s);
    free(s);
    ccp_exchange_destroy(x);
}


static void
ut_takes(ccp_proto_e proto, const char *path, const char *body)
{
    int              rc;
    char            *s;
    ccp_error_t      err;
    ccp_exchange_t  *x;

    x = ut_ask(proto, path, body, &rc, &err);
    if (x == NULL) {
        return;
    }

    s = ut_cstr(err.message);
    UT_CHECK(rc == CCP_OK, "taken: %s (%s)", body, s);
    free(s);
    ccp_exchange_destroy(x);
}


/* ---- members that are told apart ---- */

#define UT_ASK   "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]"
#define UT_PARTS "\"contents\":[{\"parts\":[{\"text\":\"x\"}]}]"
#define UT_OTHER ": another spelling of it is not taken"

static const struct {
    ccp_proto_e  proto;
    const char  *path;
    const char  *body;
    const char  *message;          /* NULL: it is taken */
} ut_members[] = {
    { CCP_CHAT, NULL, "{\"model\":\"m\",\"Model\":\"n\"," UT_ASK "}",
      "model" UT_OTHER },
    { CCP_CHAT, NULL, "{\"Model\":\"m\"," UT_ASK "}", "model" UT_OTHER },
    { CCP_CHAT, NULL, "{\"model\":\"m\",\"model\":\"n\"," UT_ASK "}",
      "model: given twice" },
    { CCP_CHAT, NULL, "{\"model\":\"m\",\"mod\\u0065l\":\"n\"," UT_ASK "}",
      "model: given twice" },
    { CCP_CHAT, NULL, "{\"model\":\"m\",\"MOD\\u0065L\":\"n\"," UT_ASK "}",
      "model" UT_OTHER },
    { CCP_CHAT, NULL, "{\"model\":\"m\",\"stream\":true,\"stream\":false,"
      UT_ASK "}", "stream: given twice" },
    { CCP_CHAT, NULL, "{\"model\":\"m\",\"\xc5\xbftream\":true," UT_ASK "}",
      "stream" UT_OTHER },
    { CCP_CHAT, NULL, "{\"model\":\"m\",\"max_to\\u212aens\":1," UT_ASK "}",
      "max_tokens" UT_OTHER },
    { CCP_CHAT, NULL, "{\"model\":\"m\",\"maxTokens\":1,\"X\":1,\"x\":2,"
      "\"x\":3,\"\":4," UT_ASK "}", NULL },
    { CCP_ANTHROPIC, NULL, "{\"model\":\"m\",\"max_tokens\":9,"
      "\"Max_Tokens\":99," UT_ASK "}", "max_tokens" UT_OTHER },
    { CCP_ANTHROPIC, "/v1/messages/count_tokens", "{\"model\":\"m\",\"SYSTEM\""
      ":\"s\"," UT_ASK "}", "system" UT_OTHER },
    { CCP_RESPONSES, NULL, "{\"model\":\"m\",\"Input\":\"y\",\"input\":\"x\"}",
      "input" UT_OTHER },
    { CCP_OLLAMA, NULL, "{\"model\":\"m\",\"Options\":{\"seed\":1}," UT_ASK
      "}", "options" UT_OTHER },
    { CCP_OLLAMA, "/api/generate", "{\"model\":\"m\",\"System\":\"s\","
      "\"prompt\":\"x\"}", "system" UT_OTHER },
    { CCP_GEMINI, NULL, "{\"system_instruction\":{\"parts\":{\"text\":\"a\"}},"
      "\"systemInstruction\":{\"parts\":{\"text\":\"b\"}}," UT_PARTS "}",
      "systemInstruction: given twice" },
    { CCP_GEMINI, NULL, "{\"SystemInstruction\":{}," UT_PARTS "}",
      "systemInstruction" UT_OTHER },
    { CCP_GEMINI, NULL, "{\"system\\u005finstruction\":{}," UT_PARTS "}",
      "systemInstruction" UT_OTHER },
    { CCP_GEMINI, NULL, "{\"generationConfig\":{\"topP\":1},"
      "\"generation_config\":{\"topP\":0}," UT_PARTS "}",
      "generationConfig: given twice" },
    { CCP_GEMINI, NULL, "{\"generation_config\":{\"topP\":1,\"top_p\":0},"
      UT_PARTS "}", "generationConfig.topP: given twice" },
    { CCP_GEMINI, NULL, "{\"generation_config\":{\"top_p\":1,\"topK\":2,"
      "\"max_output_tokens\":\"7\"},\"x\":1,\"x\":2," UT_PARTS "}", NULL },
    { CCP_CHAT, "/v1/embeddings", "{\"model\":\"m\",\"Model\":\"n\",\"input\":"
      "\"x\"}", "model" UT_OTHER },

    /* ---- a model ---- */

    { CCP_ANTHROPIC, NULL, "{\"model\":\"\",\"max_tokens\":9," UT_ASK "}",
      "model: String should have at least 1 character" },
    { CCP_CHAT, NULL, "{\"model\":\"\"," UT_ASK "}",
      "model: expected a non-empty string, got a string" },
    { CCP_RESPONSES, NULL, "{\"model\":\"\",\"input\":\"x\"}",
      "model: expected a non-empty string, got a string" },
    { CCP_OLLAMA, NULL, "{\"model\":\"\"," UT_ASK "}",
      "model: expected a non-empty string, got a string" },
    { CCP_GEMINI, "/v1beta/models/:generateContent", "{" UT_PARTS "}",
      "model: missing, expected a non-empty string" },

    /* ---- Gemini's types ---- */

    { CCP_GEMINI, NULL, "{\"contents\":[{\"role\":7,\"parts\":[{\"text\":"
      "\"x\"}]}]}", "contents[0].role: expected a string, got a number" },
    { CCP_GEMINI, NULL, "{\"contents\":[{\"parts\":[1,2]}]}",
      "contents[0].parts[0]: expected an object, got a number" },
    { CCP_GEMINI, NULL, "{\"contents\":{\"parts\":\"x\"}}",
      "contents[0].parts: expected an array, got a string" },
    { CCP_GEMINI, NULL, "{\"contents\":[{\"parts\":[{\"functionCall\":\"f\"}]}"
      "]}", "contents[0].parts[0].functionCall: expected an object, got a "
      "string" },
    { CCP_GEMINI, NULL, "{\"contents\":[{\"parts\":[{\"functionCall\":{"
      "\"name\":\"f\",\"args\":[]}}]}]}",
      "contents[0].parts[0].functionCall.args: expected an object, got an "
      "array" },
    { CCP_GEMINI, NULL, "{\"contents\":[{\"parts\":[{\"text\":\"x\","
      "\"thought\":\"yes\"}]}]}",
      "contents[0].parts[0].thought: expected a boolean, got a string" },
    { CCP_GEMINI, NULL, "{\"tools\":[{\"functionDeclarations\":\"f\"}],"
      UT_PARTS "}",
      "tools[0].functionDeclarations: expected an array, got a string" },
    { CCP_GEMINI, NULL, "{\"tools\":{\"function_declarations\":[7]}," UT_PARTS
      "}", "tools[0].functionDeclarations[0]: expected an object, got a "
      "number" },
    { CCP_GEMINI, NULL, "{\"systemInstruction\":\"s\"," UT_PARTS "}",
      "systemInstruction: expected an object, got a string" },
    { CCP_GEMINI, NULL, "{\"generationConfig\":{\"thinkingConfig\":{"
      "\"thinkingLevel\":3}}," UT_PARTS "}",
      "generationConfig.thinkingConfig.thinkingLevel: expected a string, got "
      "a number" },
    { CCP_GEMINI, NULL, "{\"toolConfig\":{\"functionCallingConfig\":{"
      "\"allowedFunctionNames\":[7]}}," UT_PARTS "}",
      "toolConfig.functionCallingConfig.allowedFunctionNames[0]: expected a "
      "string, got a number" },
    { CCP_GEMINI, NULL, "{\"tools\":{\"functionDeclarations\":{\"name\":\"f\"}"
      "},\"system_instruction\":{\"parts\":{\"text\":\"s\"}},\"contents\":{"
      "\"parts\":{\"text\":\"x\"}}}", NULL }
};


static void
ut_test_members(void)
{
    size_t  i;

    for (i = 0; i < sizeof(ut_members) / sizeof(ut_members[0]); i++) {
        if (ut_members[i].message) {
            ut_refuses(ut_members[i].proto, ut_members[i].path,
                       ut_members[i].body, ut_members[i].message);
        } else {
            ut_takes(ut_members[i].proto, ut_members[i].path,
                     ut_members[i].body);
        }
    }
}


/* ---- places ---- */

/* Deeper than steps are kept: the beginning is told, nothing is overrun. */

static void
ut_test_depth(void)
{
    int              rc;
    char             body[4096], *s;
    size_t           n;
    unsigned         i;
    ccp_error_t      err;
    ccp_exchange_t  *x;

    n = (size_t) snprintf(body, sizeof(body), "{\"model\":\"m\",\"max_tokens\""
                          ":9,\"messages\":[{\"role\":\"user\",\"content\":");

    for (i = 0; i < 2 * CCP_IN_STEPS; i++) {
        n += (size_t) snprintf(body + n, sizeof(body) - n,
                               "[{\"type\":\"tool_result\",\"tool_use_id\":"
                               "\"t\",\"content\":");
    }

    n += (size_t) snprintf(body + n, sizeof(body) - n, "[7]");

    for (i = 0; i < 2 * CCP_IN_STEPS; i++) {
        n += (size_t) snprintf(body + n, sizeof(body) - n, "}]");
    }

    snprintf(body + n, sizeof(body) - n, "}]}");

    x = ut_ask(CCP_ANTHROPIC, NULL, body, &rc, &err);
    if (x == NULL) {
        return;
    }

    s = ut_cstr(err.message);
    UT_CHECK(rc == CCP_INVALID
             && strncmp(s, "messages.0.content.0.tool_result.content.0.", 43)
                == 0
             && strstr(s, ": Input should be an object"), "deep: %s", s);
    free(s);
    ccp_exchange_destroy(x);
}


/* The first of two errors is told. */

static void
ut_test_first(void)
{
    ut_refuses(CCP_CHAT, NULL, "{\"model\":7,\"temperature\":\"x\"}",
               "model: expected a non-empty string, got a number");
    ut_refuses(CCP_CHAT, NULL, "{\"model\":\"m\",\"messages\":[{\"role\":"
               "\"user\",\"content\":[{\"type\":\"text\"}]},7]}",
               "messages[0].content[0].text: missing, expected a string");
    ut_refuses(CCP_OLLAMA, NULL, "{\"model\":\"m\",\"options\":{\"seed\":"
               "null,\"top_p\":\"1\",\"stop\":7}}",
               "options.top_p: expected a number, got a string");
}


/* ---- arguments ---- */

static const struct {
    const char  *spelled;          /* JSON */
    const char  *means;            /* text of the call */
} ut_args[] = {
    { "null", "{}" },
    { "\"\"", "{}" },
    { "\" \\n\"", "{}" },
    { "\"null\"", "{}" },
    { "\"[]\"", "{}" },
    { "[]", "{}" },
    { "{\"a\": 1.0}", "{\"a\": 1.0}" },
    { "\"{\\\"a\\\": 1.0}\"", "{\"a\": 1.0}" },
    { "\" {\\\"a\\\":1} \"", " {\"a\":1} " },
    { "\"\\n{\\\"a\\\":1}\"", "{\"a\":1}" },
    { "\"\\\"{\\\\\\\"a\\\\\\\":1}\\\"\"", "{\"a\":1}" },
    { "\"\\\"\\\"\"", "{}" },
    { "\"[{\\\"a\\\":1}]\"", "{\"a\":1}" },
    { "[{\"a\":1}]", "{\"a\":1}" },
    { "\"[1,2]\"", "[1,2]" },
    { "[1,2]", "[1,2]" },
    { "\"{\\\"a\\\":\"", "{\"a\":" },
    { "\"\\\"x\\\"\"", "\"x\"" },
    { "\"seven\"", "seven" },
    { "\"7\"", "7" }
};

static const char *const  ut_calls[] = {
    [CCP_ANTHROPIC] = "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{"
        "\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":"
        "\"c\",\"name\":\"f\",\"input\":%s}]}]}",
    [CCP_CHAT] = "{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\","
        "\"tool_calls\":[{\"id\":\"c\",\"type\":\"function\",\"function\":{"
        "\"name\":\"f\",\"arguments\":%s}}]}]}",
    [CCP_RESPONSES] = "{\"model\":\"m\",\"input\":[{\"type\":"
        "\"function_call\",\"call_id\":\"c\",\"name\":\"f\",\"arguments\":%s}"
        "]}",
    [CCP_GEMINI] = NULL,           /* an object there, or a 400 */
    [CCP_OLLAMA] = "{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\","
        "\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":%s}}]}]}"
};


static void
ut_test_args(void)
{
    int                   rc;
    char                  body[512];
    size_t                i;
    unsigned              p;
    ccp_error_t           err;
    ccp_exchange_t       *x;
    const ccp_message_t  *m;

    for (p = 0; p < CCP_NPROTO; p++) {
        for (i = 0; ut_calls[p] && i < sizeof(ut_args) / sizeof(ut_args[0]);
             i++)
        {
            snprintf(body, sizeof(body), ut_calls[p], ut_args[i].spelled);

            x = ut_ask(p, NULL, body, &rc, &err);
            if (x == NULL) {
                return;
            }

            m = rc == CCP_OK ? ccp_exchange_req(x)->msgs : NULL;
            UT_CHECK(m && m->blocks && m->blocks->kind == CCP_B_CALL
                     && ut_str_is(m->blocks->text, ut_args[i].means),
                     "%s: arguments %s", ccp_proto_name(p),
                     ut_args[i].spelled);
            ccp_exchange_destroy(x);
        }
    }

    ut_refuses(CCP_CHAT, NULL, "{\"model\":\"m\",\"messages\":[{\"role\":"
               "\"assistant\",\"tool_calls\":[{\"function\":{\"name\":\"f\","
               "\"arguments\":7}}]}]}",
               "messages[0].tool_calls[0].function.arguments: expected a "
               "string, got a number");
    ut_refuses(CCP_ANTHROPIC, NULL, "{\"model\":\"m\",\"max_tokens\":9,"
               "\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":"
               "\"tool_use\",\"id\":\"c\",\"name\":\"f\",\"input\":true}]}]}",
               "messages.0.content.0.tool_use.input: Input should be a valid "
               "dictionary");
}


/* ---- audio ---- */

static const struct {
    const char   *part;
    ccp_media_e   kind;
    const char   *mime;
    const char   *data;
} ut_audio[] = {
    { "{\"data\":\"AAAA\",\"format\":\"mp3\"}", CCP_MEDIA_B64, "audio/mp3",
      "AAAA" },
    { "{\"data\":\"AAAA\"}", CCP_MEDIA_B64, "audio/wav", "AAAA" },
    { "\"AAAA\"", CCP_MEDIA_B64, "audio/wav", "AAAA" },
    { "\"SUQzBAAA\"", CCP_MEDIA_B64, "audio/mp3", "SUQzBAAA" },
    { "\"//uQxAAA\"", CCP_MEDIA_B64, "audio/mp3", "//uQxAAA" },
    { "\"T2dnUwAC\"", CCP_MEDIA_B64, "audio/ogg", "T2dnUwAC" },
    { "\"data:audio/flac;base64,ZkxhQw\"", CCP_MEDIA_B64, "audio/flac",
      "ZkxhQw" },
    { "\"https://x/a.mp3\"", CCP_MEDIA_URL, NULL, "https://x/a.mp3" }
};

static void
ut_test_audio(void)
{
    int                 rc;
    char                body[512];
    size_t              i;
    unsigned            p;
    ccp_error_t         err;
    ccp_exchange_t     *x;
    const ccp_block_t  *b;

    static const char *const  asks[] = {
        [CCP_CHAT] = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\","
            "\"content\":[{\"type\":\"input_audio\",\"input_audio\":%s}]}]}",
        [CCP_RESPONSES] = "{\"model\":\"m\",\"input\":[{\"role\":\"user\","
            "\"content\":[{\"type\":\"input_audio\",\"input_audio\":%s}]}]}"
    };

    for (p = CCP_CHAT; p <= CCP_RESPONSES; p++) {
        for (i = 0; i < sizeof(ut_audio) / sizeof(ut_audio[0]); i++) {
            snprintf(body, sizeof(body), asks[p], ut_audio[i].part);

            x = ut_ask(p, NULL, body, &rc, &err);
            if (x == NULL) {
                return;
            }

            b = rc == CCP_OK ? ccp_exchange_req(x)->msgs->blocks : NULL;
            UT_CHECK(b && b->kind == CCP_B_AUDIO
                     && b->media.kind == ut_audio[i].kind
                     && ut_str_is(b->media.data, ut_audio[i].data)
                     && (ut_audio[i].mime == NULL
                         || ut_str_is(b->media.mime, ut_audio[i].mime)),
                     "%s: audio %s", ccp_proto_name(p), ut_audio[i].part);
            ccp_exchange_destroy(x);
        }
    }
}


/* Every allocation of what arguments come to. */

static int
ut_fail_args(const ccp_mem_t *mem, void *arg)
{
    int           err;
    ccp_arena_t  *a;

    (void) arg;

    err = 0;
    a = ccp_arena_create(mem, 0);
    if (a == NULL) {
        return CCP_NOMEM;
    }

    (void) ccp_args_settle(a, ccp_lit("\"\\\"{}\\\"\""), &err);
    ccp_arena_destroy(a);

    return err ? CCP_NOMEM : CCP_OK;
}


int
main(void)
{
    ut_test_members();
    ut_test_depth();
    ut_test_first();
    ut_test_args();
    ut_test_audio();
    ut_fail_each("arguments that are encoded twice", ut_fail_args, NULL);

    return ut_done();
}
