
/*
 * What the columns of the table of providers do beside the bodies of requests:
 * names, further protocols, whom an error blames, headers, the user's own
 * columns.
 */

#include "ut_preset.h"


#define SAY  "\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]"


static void
test_names(void)
{
    size_t                i;
    static const char    *const presets[] = {
        "groq", "openrouter", "openai", "xai", "gemini", "mistral", "ollama",
        "anthropic", "deepseek", "azure", "together", "fireworks", "cerebras",
        "nvidia", "moonshot", "qwen", "zhipu", "minimax", "perplexity",
        "huggingface", "sambanova", "cohere", "vercel", "llamacpp",
        "lmstudio", "vllm", "openai-responses"
    };
    static const char    *const also[][2] = {
        { "dashscope", "qwen" }, { "kimi", "moonshot" }, { "grok", "xai" },
        { "zhipuai", "zhipu" }, { "google", "gemini" }
    };

    for (i = 0; i < sizeof(presets) / sizeof(presets[0]); i++) {
        UT_CHECK(strcmp(ut_preset_row(presets[i])->name, presets[i]) == 0,
                 "preset %s", presets[i]);
    }

    for (i = 0; i < sizeof(also) / sizeof(also[0]); i++) {
        UT_CHECK(ut_preset_row(also[i][0]) == ut_preset_row(also[i][1]),
                 "%s is %s", also[i][0], also[i][1]);
    }
}


static void
test_rows(void)
{
    int                    ok;
    size_t                 i, k;
    const char            *url;
    const ccp_provider_t  *pr, *e;

    ok = 1;

    for (i = 0; (pr = ccp_provider_row(i)) != NULL; i++) {
        if (pr->cite == NULL || strncmp(pr->cite, "https://", 8) != 0) {
            printf("# %s cites nothing\n", pr->name);
            ok = 0;
        }

        if (pr->like != NULL
            && ut_preset_row(pr->like)->proto != pr->proto)
        {
            printf("# %s is not like %s\n", pr->name, pr->like);
            ok = 0;
        }

        /* a URL is taken as a C string: it must be the last item */

        url = pr->also ? strstr(pr->also, "http") : NULL;

        if (url != NULL && strchr(url, ',') != NULL) {
            printf("# %s: a URL that is not the last\n", pr->name);
            ok = 0;
        }

        for (k = 0; k < i; k++) {
            e = ccp_provider_row(k);

            if (strcmp(e->name, pr->name) == 0
                || (strcmp(e->base, pr->base) == 0 && e->proto == pr->proto))
            {
                printf("# %s and %s are one\n", pr->name, e->name);
                ok = 0;
            }
        }
    }

    UT_CHECK(ok, "each of %d rows is one of its kind and cites a document",
             (int) i);
}


static void
test_also(void)
{
    ccp_provider_t  d;

    UT_CHECK(ccp_provider_also(ut_preset_row("deepseek"), CCP_ANTHROPIC, &d)
             == CCP_OK && strcmp(d.name, "deepseek-anthropic") == 0
             && d.auth == CCP_AUTH_X_API_KEY,
             "another protocol that has a row of its own");
    UT_CHECK(ccp_provider_also(ut_preset_row("groq"), CCP_RESPONSES, &d)
             == CCP_OK && d.proto == CCP_RESPONSES
             && strcmp(d.base, "https://api.groq.com/openai/v1") == 0
             && strcmp(d.env, "GROQ_API_KEY") == 0
             && d.max_lo == 16
             && strcmp(d.name, "groq") == 0 && d.doc == CCP_DOC_NONE,
             "one at the same base: the protocol's row, the provider's ways");
    UT_CHECK(ccp_provider_also(ut_preset_row("vercel"), CCP_ANTHROPIC, &d)
             == CCP_OK && d.proto == CCP_ANTHROPIC
             && d.auth == CCP_AUTH_BEARER
             && strcmp(d.head, "anthropic-version:2023-06-01") == 0,
             "its credential is spelled as in the first one");
    UT_CHECK(ccp_provider_also(ut_preset_row("zhipu"), CCP_ANTHROPIC, &d)
             == CCP_OK && strcmp(d.name, "zhipu-anthropic") == 0,
             "at another address");
    UT_CHECK(ccp_provider_also(ut_preset_row("cerebras"), CCP_RESPONSES, &d)
             == CCP_DECLINED
             && ccp_provider_also(ut_preset_row("zai"), CCP_RESPONSES, &d)
             == CCP_DECLINED, "what a provider doesn't speak");
    UT_CHECK(ccp_provider_also(ut_preset_row("cohere"), CCP_CHAT, &d) == CCP_OK
             && d.base == ut_preset_row("cohere")->base, "its own protocol");
}


static void
test_user(void)
{
    ccp_arena_t                     *a;
    ccp_provider_t                   own;
    const ccp_provider_t            *pr;
    static const ccp_column_value_t  set[] = {
        { "think", "none" }, { "sampling", "keep" }, { "drop", "+seed" },
        { "stream_opts", "off" }, { "bridge", "on" }, { NULL, NULL }
    };

    a = ut_arena();
    own = *ut_preset_row("openai");
    own.user = set;

    pr = ccp_provider_for_model(&own, ccp_lit("o3"), a);
    UT_CHECK(pr->think == CCP_RZ_NONE && pr->sampling == CCP_KEEP
             && pr->sys == CCP_SYS_DEVELOPER && pr->no_stream_opts
             && pr->bridge, "the user's columns beat the model's rules");
    pr = ccp_provider_for_model(&own, ccp_none, a);
    UT_CHECK(pr != &own && pr->think == CCP_RZ_NONE, "without a model too");
    UT_CHECK(ccp_provider_drops(pr, "seed") && !ccp_provider_drops(pr, "n"),
             "a sign adds to the fields that are dropped");

    own = *ut_preset_row("mistral");
    own.user = set;
    pr = ccp_provider_for_model(&own, ccp_lit("x"), a);
    UT_CHECK(ccp_provider_drops(pr, "seed") && ccp_provider_drops(pr, "user")
             && ccp_provider_drops(pr, "store"), "… of a row with a list");

    pr = ccp_provider_for_model(ut_preset_row("zhipu"), ccp_lit("glm-5.3"), a);
    UT_CHECK(pr->think_off == CCP_OFF_NEVER, "rules of the row it is like");
    pr = ccp_provider_for_model(ut_preset_row("azure"), ccp_lit("gpt-5-mini"),
                                a);
    UT_CHECK(pr->sys == CCP_SYS_DEVELOPER && pr->auth == CCP_AUTH_API_KEY,
             "OpenAI's models at Azure");

    ccp_arena_destroy(a);
}


typedef struct {
    const char  *preset;
    int          status;
    const char  *body;
    ccp_err_e    cls;
} blame_t;


/* providers.md 11, a row each where a column decides. */

static const blame_t  blames[] = {
    { "groq", 498, "{\"error\":{\"message\":\"busy\"}}", CCP_E_OVERLOADED },
    { "groq", 413, "{\"error\":{\"message\":\"Please reduce the length of "
      "the messages or completion\"}}", CCP_E_TOO_LARGE },
    { "groq", 400, "{\"error\":{\"message\":\"Please reduce the length of "
      "the messages or completion\"}}", CCP_E_TOO_LONG },
    { "openrouter", 502, "{\"error\":{\"message\":\"Provider returned "
      "error\",\"code\":502}}", CCP_E_OVERLOADED },
    { "openai", 502, "{\"error\":{\"message\":\"bad gateway\"}}",
      CCP_E_SERVER },
    { "vercel", 424, "{\"error\":{\"message\":\"no\"}}", CCP_E_OVERLOADED },
    { "xai", 400, "{\"code\":\"invalid-argument\",\"error\":\"Incorrect API "
      "key provided: ab***\"}", CCP_E_AUTH },
    { "gemini", 400, "{\"error\":{\"code\":400,\"message\":\"no\",\"details\":"
      "[{\"reason\":\"API_KEY_INVALID\"}]}}", CCP_E_AUTH },
    { "gemini-openai", 400, "[{\"error\":{\"code\":400,\"message\":\"no\","
      "\"details\":[{\"reason\":\"API_KEY_INVALID\"}]}}]", CCP_E_AUTH },
    { "together", 403, "{\"error\":{\"message\":\"The sum of prompt tokens "
      "and max_tokens must be less than the context length\"}}",
      CCP_E_TOO_LONG },
    { "together", 403, "{\"error\":{\"message\":\"no\"}}",
      CCP_E_BAD_REQUEST },
    { "together", 401, "{\"error\":{\"message\":\"no\"}}", CCP_E_AUTH },
    { "openai", 403, "{\"error\":{\"message\":\"no\"}}", CCP_E_FORBIDDEN },
    { "cerebras", 400, "", CCP_E_TOO_LONG },
    { "cerebras", 400, "{\"message\":\"no\"}", CCP_E_BAD_REQUEST },
    { "openai", 400, "", CCP_E_BAD_REQUEST },
    { "moonshot", 403, "{\"error\":{\"message\":\"Your balance is not "
      "enough\"}}", CCP_E_BILLING },
    { "moonshot", 429, "{\"error\":{\"type\":\"engine_overloaded_error\","
      "\"message\":\"The engine is currently overloaded\"}}",
      CCP_E_OVERLOADED },
    { "moonshot", 429, "{\"error\":{\"type\":\"rate_limit_reached_error\","
      "\"message\":\"slower\"}}", CCP_E_RATE },
    { "moonshot", 400, "{\"error\":{\"message\":\"Your request exceeded model "
      "token limit: 8192\"}}", CCP_E_TOO_LONG },
    { "kimi-coding", 403, "{\"error\":{\"message\":\"You've reached your "
      "usage limit for this billing cycle\"}}", CCP_E_BILLING },
    { "qwen", 400, "{\"error\":{\"code\":\"Arrearage\",\"message\":\"no\"}}",
      CCP_E_BILLING },
    { "qwen", 403, "{\"error\":{\"code\":\"AllocationQuota.FreeTierOnly\","
      "\"message\":\"no\"}}", CCP_E_BILLING },
    { "zai", 429, "{\"error\":{\"code\":\"1113\",\"message\":\"no\"}}",
      CCP_E_QUOTA },
    { "zai", 429, "{\"error\":{\"code\":\"1302\",\"message\":\"no\"}}",
      CCP_E_RATE },
    { "zai", 400, "{\"error\":{\"code\":\"x\",\"message\":"
      "\"model_context_window_exceeded\"}}", CCP_E_TOO_LONG },
    { "anthropic", 400, "{\"type\":\"error\",\"error\":{\"message\":\"Your "
      "credit balance is too low\"}}", CCP_E_BILLING },
    { "mistral", 400, "{\"message\":\"Prompt contains 9 tokens, too large for "
      "model with 8\"}", CCP_E_TOO_LONG },
    { "minimax", 200, "{\"base_resp\":{\"status_code\":2013,\"status_msg\":"
      "\"invalid params, context window exceeds limit\"}}", CCP_E_TOO_LONG },
};


static ccp_err_e
blame(ut_preset_t *u, const ccp_provider_t *pr, int status, const char *body)
{
    ccp_out_t      out;
    ccp_outcome_t  o;

    if (ut_preset_send(u, pr, CCP_CHAT, NULL, "{\"model\":\"m\"," SAY "}",
                       NULL)
        != CCP_OK)
    {
        return CCP_E_NONE;
    }

    ccp_out_init(&out, ccp_exchange_arena(u->x), 0);

    if (ccp_answer_begin(u->try, status, ccp_lit("application/json"),
                         ccp_none) != CCP_OK
        || ccp_answer_feed(u->try, (const uint8_t *) body, strlen(body), &out)
        != CCP_OK
        || ccp_answer_end(u->try, &out) != CCP_OK)
    {
        return CCP_E_NONE;
    }

    ccp_answer_outcome(u->try, &o);

    return o.error ? o.error->cls : CCP_E_NONE;
}


static void
test_blame(void)
{
    size_t          i;
    ccp_err_e       cls;
    ut_preset_t     u;
    ccp_provider_t  d;
    const blame_t  *b;

    for (i = 0; i < sizeof(blames) / sizeof(blames[0]); i++) {
        b = &blames[i];
        cls = blame(&u, ut_preset_row(b->preset), b->status, b->body);
        UT_CHECK(cls == b->cls, "%s: %d %.40s is class %d (%d)", b->preset,
                 b->status, b->body, b->cls, cls);
        ut_preset_free(&u);
    }

    d = *ccp_provider_plain(CCP_CHAT);
    d.e_over = "503,400/come back";
    cls = blame(&u, &d, 400, "{\"error\":{\"message\":\"COME BACK later\"}}");
    UT_CHECK(cls == CCP_E_OVERLOADED, "words of the user's own");
    ut_preset_free(&u);
}


static void
test_headers(void)
{
    size_t                i, n;
    ut_preset_t           u;
    static const char    *const lines[][2] = {
        { "openai", "\r\nAuthorization: Bearer sk-secret-key\r\n" },
        { "anthropic", "\r\nx-api-key: sk-secret-key\r\n" },
        { "anthropic", "\r\nanthropic-version: 2023-06-01\r\n" },
        { "gemini", "\r\nx-goog-api-key: sk-secret-key\r\n" },
        { "gemini-openai", "\r\nAuthorization: Bearer sk-secret-key\r\n" },
        { "azure", "\r\napi-key: sk-secret-key\r\n" },
        { "ollama", "\r\nAuthorization: Bearer sk-secret-key\r\n" },
        { "deepseek-anthropic", "\r\nx-api-key: sk-secret-key\r\n" },
        { "zhipu-anthropic", "\r\nx-api-key: sk-secret-key\r\n" },
        { "xai", "\r\nx-grok-conv-id: conv-1\r\n" },
        { "mistral", "\r\nx-affinity: conv-1\r\n" }
    };

    n = sizeof(lines) / sizeof(lines[0]);

    for (i = 0; i < n; i++) {
        ut_preset_send(&u, ut_preset_row(lines[i][0]), CCP_RESPONSES, NULL,
                       "{\"model\":\"m\",\"input\":\"x\","
                       "\"prompt_cache_key\":\"conv-1\"}", NULL);
        UT_CHECK(u.headers != NULL && strstr(u.headers, lines[i][1]),
                 "%s sends %.20s", lines[i][0], lines[i][1] + 2);
        ut_preset_free(&u);
    }

    ut_preset_send(&u, ut_preset_row("mistral"), CCP_ANTHROPIC, NULL,
                   "{\"model\":\"m\",\"max_tokens\":9,\"metadata\":"
                   "{\"user_id\":\"jane\"}," SAY "}", NULL);
    UT_CHECK(strstr(u.headers, "x-affinity: ") != NULL
             && strstr(u.headers, "jane") == NULL
             && strstr(u.body, "jane") == NULL,
             "a user's conversations stay together, without the name");
    ut_preset_free(&u);

    ut_preset_send(&u, ut_preset_row("xai"), CCP_CHAT, NULL,
                   "{\"model\":\"m\",\"prompt_cache_key\":\"a\\r\\nb: c\","
                   SAY "}", NULL);
    UT_CHECK(strstr(u.headers, "x-grok-conv-id: ") != NULL
             && strstr(u.headers, "b: c") == NULL,
             "a key can't begin a line of its own");
    ut_preset_free(&u);

    ut_preset_send(&u, ut_preset_row("groq"), CCP_RESPONSES, NULL,
                   "{\"model\":\"m\",\"input\":\"x\","
                   "\"prompt_cache_key\":\"conv-1\"}", NULL);
    UT_CHECK(strstr(u.headers, "conv-1") == NULL, "no header without a column");
    ut_preset_free(&u);
}


#define TOOL                                                                  \
    "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\","         \
    "\"parameters\":{\"type\":\"object\",\"properties\":{}}}}]"

static void
test_reroute(void)
{
    ut_preset_t                      u;
    ccp_provider_t                   d;
    static const ccp_column_value_t  stay[] = {
        { "tools_proto", "chat" }, { NULL, NULL }
    };

    ut_preset_send(&u, ut_preset_row("openai"), CCP_CHAT, NULL,
                   "{\"model\":\"gpt-5.6\"," SAY "," TOOL "}", NULL);
    UT_CHECK(u.rc == CCP_OK && strcmp(u.uri, "/root/responses") == 0
             && strstr(u.body, "\"input\":") != NULL,
             "a model that takes tools in another protocol only");
    ut_preset_free(&u);

    ut_preset_send(&u, ut_preset_row("openai"), CCP_CHAT, NULL,
                   "{\"model\":\"gpt-5.6\"," SAY "}", NULL);
    UT_CHECK(strcmp(u.uri, "/root/chat/completions") == 0, "without tools");
    ut_preset_free(&u);

    ut_preset_send(&u, ut_preset_row("openai"), CCP_CHAT, NULL,
                   "{\"model\":\"gpt-5.6\",\"reasoning_effort\":\"none\","
                   SAY "," TOOL "}", NULL);
    UT_CHECK(strcmp(u.uri, "/root/chat/completions") == 0,
             "without reasoning");
    ut_preset_free(&u);

    ut_preset_send(&u, ut_preset_row("openai"), CCP_CHAT, NULL,
                   "{\"model\":\"gpt-4o\"," SAY "," TOOL "}", NULL);
    UT_CHECK(strcmp(u.uri, "/root/chat/completions") == 0, "another model");
    ut_preset_free(&u);

    d = *ut_preset_row("openai");
    d.user = stay;
    ut_preset_send(&u, &d, CCP_CHAT, NULL,
                   "{\"model\":\"gpt-5.6\"," SAY "," TOOL "}", NULL);
    UT_CHECK(strcmp(u.uri, "/root/chat/completions") == 0,
             "the user may have it stay");
    ut_preset_free(&u);

    ut_preset_send(&u, ut_preset_row("azure"), CCP_ANTHROPIC, NULL,
                   "{\"model\":\"gpt-5.4\",\"max_tokens\":9,"
                   "\"tools\":[{\"name\":\"a\",\"input_schema\":{\"type\":"
                   "\"object\"}}]," SAY "}", NULL);
    UT_CHECK(u.rc == CCP_OK && strcmp(u.uri, "/root/responses") == 0
             && strstr(u.headers, "api-key: sk-secret-key") != NULL,
             "at Azure with Azure's credential");
    ut_preset_free(&u);
}


/* T68: where the model has its web search, whoever asks for it. */

static void
test_search(void)
{
    size_t       i;
    ut_preset_t  u;

    static const struct {
        const char   *preset;
        ccp_proto_e   from;
        const char   *body;
        const char   *uri;
        const char   *has;
    } rows[] = {
        { "openai", CCP_ANTHROPIC,
          "{\"model\":\"gpt-5\",\"max_tokens\":99,\"tools\":[{\"type\":"
          "\"web_search_20250305\",\"name\":\"web_search\"}]," SAY "}",
          "/root/responses", "{\"type\":\"web_search\"}" },
        { "openai", CCP_CHAT,
          "{\"model\":\"gpt-4.1\",\"web_search_options\":{}," SAY "}",
          "/root/responses", "{\"type\":\"web_search\"}" },
        { "openai", CCP_CHAT,
          "{\"model\":\"gpt-4o-search-preview\",\"web_search_options\":{},"
          SAY "}", "/root/chat/completions", "\"web_search_options\":{}" },
        { "openai", CCP_ANTHROPIC,
          "{\"model\":\"gpt-5-search-api\",\"max_tokens\":99,\"tools\":"
          "[{\"type\":\"web_search_20250305\",\"name\":\"web_search\"}],"
          SAY "}", "/root/chat/completions", "\"web_search_options\":{}" },
        { "xai", CCP_ANTHROPIC,
          "{\"model\":\"grok-4.3\",\"max_tokens\":99,\"tools\":[{\"type\":"
          "\"web_search_20250305\",\"name\":\"web_search\"}]," SAY "}",
          "/root/responses", "{\"type\":\"web_search\"}" },
        { "openai", CCP_CHAT,
          "{\"model\":\"gpt-4.1\"," SAY "," TOOL "}",
          "/root/chat/completions", "\"tools\"" }
    };

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ut_preset_send(&u, ut_preset_row(rows[i].preset), rows[i].from, NULL,
                       rows[i].body, NULL);
        UT_CHECK(u.rc == CCP_OK && strcmp(u.uri, rows[i].uri) == 0
                 && strstr(u.body, rows[i].has) != NULL,
                 "T68: a web search, row %d", (int) i);
        ut_preset_free(&u);
    }
}


static void
test_embed(void)
{
    ut_preset_t  u;

    ut_preset_send(&u, ut_preset_row("groq"), CCP_CHAT, "/v1/embeddings",
                   "{\"model\":\"m\",\"input\":\"x\"}", NULL);
    UT_CHECK(u.rc == CCP_INVALID && ut_str_is(u.err.message,
                                              "groq makes no embeddings"),
             "no embeddings there");
    ut_preset_free(&u);

    ut_preset_send(&u, ut_preset_row("together"), CCP_CHAT, "/v1/embeddings",
                   "{\"model\":\"m\",\"input\":\"x\"}", NULL);
    UT_CHECK(u.rc == CCP_OK && strcmp(u.uri, "/root/embeddings") == 0,
             "but there");
    ut_preset_free(&u);
}


static void
test_limits(void)
{
    ut_preset_t     u;
    ccp_provider_t  d;

    d = *ut_preset_row("together");
    d.max_hi = 100;
    ut_preset_send(&u, &d, CCP_ANTHROPIC, NULL,
                   "{\"model\":\"m\",\"max_tokens\":32000," SAY "}", NULL);
    UT_CHECK(u.rc == CCP_OK && strstr(u.body, "\"max_tokens\":100") != NULL,
             "T44: no more than the model's cap");
    ut_preset_free(&u);

    d.max_lo = 16;
    ut_preset_send(&u, &d, CCP_ANTHROPIC, NULL,
                   "{\"model\":\"m\",\"max_tokens\":1," SAY "}", NULL);
    UT_CHECK(u.rc == CCP_OK && strstr(u.body, "\"max_tokens\":16") != NULL,
             "T44: no less than the least");
    ut_preset_free(&u);
}


/* A tool with free text goes as a function and its calls come back (T16). */

static void
test_custom(void)
{
    char         *text;
    ccp_out_t     out;
    ut_preset_t   u;

    static const char  answer[] =
        "{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,"
        "\"model\":\"m\",\"choices\":[{\"index\":0,\"finish_reason\":"
        "\"tool_calls\",\"message\":{\"role\":\"assistant\",\"content\":null,"
        "\"tool_calls\":[{\"id\":\"c1\",\"type\":\"function\",\"function\":"
        "{\"name\":\"apply_patch\",\"arguments\":\"{\\\"input\\\":\\\"*** "
        "Begin\\\"}\"}}]}}],\"usage\":{\"prompt_tokens\":1,"
        "\"completion_tokens\":1}}";

    ut_preset_send(&u, ut_preset_row("groq"), CCP_RESPONSES, NULL,
                   "{\"model\":\"m\",\"input\":\"x\",\"tools\":[{\"type\":"
                   "\"custom\",\"name\":\"apply_patch\"}]}", NULL);
    UT_CHECK(u.rc == CCP_OK && strstr(u.body, "\"type\":\"function\"") != NULL,
             "T16: a free-text tool as a function");

    ccp_out_init(&out, ccp_exchange_arena(u.x), 0);
    u.rc = ccp_answer_begin(u.try, 200, ccp_lit("application/json"), ccp_none);

    if (u.rc == CCP_OK) {
        u.rc = ccp_answer_feed(u.try, (const uint8_t *) answer,
                               sizeof(answer) - 1, &out);
    }

    if (u.rc == CCP_OK) {
        u.rc = ccp_answer_end(u.try, &out);
    }

    text = ut_out_text(&out);
    UT_CHECK(u.rc == CCP_OK && strstr(text, "\"custom_tool_call\"") != NULL
             && strstr(text, "\"input\":\"*** Begin\"") != NULL,
             "T16: and its call as what the client knows");
    free(text);
    ut_preset_free(&u);
}


int
main(void)
{
    test_names();
    test_rows();
    test_also();
    test_user();
    test_blame();
    test_headers();
    test_reroute();
    test_search();
    test_embed();
    test_limits();
    test_custom();

    return ut_done();
}
