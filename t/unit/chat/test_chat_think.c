
/*
 * One wish to reason leaves in one spelling (T30): whatever members a Chat
 * client says it with, whether its body is edited or written anew, and as a
 * client of another protocol has it.
 */

#include <jansson.h>

#include "codec/exchange/exchange_private.h"
#include "ut_preset.h"


/* Beside a body's limit and messages. */

typedef struct {
    const char  *name;
    const char  *chat[8];      /* spellings of a Chat client */
    const char  *anthropic;
} wish_t;


static const wish_t  wishes[] = {
    { "high",
      { "\"reasoning_effort\":\"high\"",
        "\"reasoning\":{\"effort\":\"high\"}",
        "\"thinking\":{\"type\":\"enabled\"},\"reasoning_effort\":\"high\"",
        "\"enable_thinking\":true,\"reasoning\":{\"effort\":\"high\"}",
        "\"chat_template_kwargs\":{\"enable_thinking\":true},"
        "\"reasoning_effort\":\"high\"", NULL },
      "\"thinking\":{\"type\":\"adaptive\"},"
      "\"output_config\":{\"effort\":\"high\"}" },
    { "on",
      { "\"thinking\":{\"type\":\"enabled\"}",
        "\"thinking\":{ \"type\" : \"adaptive\"}",
        "\"enable_thinking\":true",
        "\"chat_template_kwargs\":{\"enable_thinking\":true}",
        "\"chat_template_kwargs\":{\"thinking\":true}",
        "\"reasoning\":{\"enabled\":true}", NULL },
      "\"thinking\":{\"type\":\"adaptive\"}" },
    { "off",
      { "\"reasoning_effort\":\"none\"",
        "\"reasoning\":{\"effort\":\"none\"}",
        "\"reasoning\":{\"enabled\":false}",
        "\"thinking\":{\"type\":\"disabled\"}",
        "\"enable_thinking\":false",
        "\"chat_template_kwargs\":{\"enable_thinking\":false}",
        "\"chat_template_kwargs\":{\"thinking\":false}", NULL },
      "\"thinking\":{\"type\":\"disabled\"}" },
    { "5000 tokens",
      { "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":5000}",
        "\"enable_thinking\":true,\"thinking_budget\":5000",
        "\"thinking_budget\":5000",
        "\"reasoning\":{\"max_tokens\":5000}", NULL },
      "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":5000}" },
    { "nothing", { "\"x\":1", "\"reasoning\":null", NULL }, "\"top_p\":1" }
};


/* Models with rules of their own. */

static const char *const  models[][2] = {
    { "openai", "gpt-4o" }, { "openai", "gpt-5" }, { "openai", "gpt-5.2" },
    { "openai", "o3" }, { "groq", "openai/gpt-oss-120b" },
    { "groq", "qwen/qwen3-32b" }, { "xai", "grok-4.5" },
    { "xai", "grok-4.6" }, { "mistral", "magistral-medium" },
    { "mistral", "mistral-small-latest" }, { "moonshot", "kimi-k3" },
    { "moonshot", "kimi-k2.7-code" }, { "zai", "glm-5.3" },
    { "zai", "glm-5.2" }, { "qwen", "qwen3-8b" }, { "cerebras", "zai-glm-4.7" },
    { "sambanova", "gpt-oss-120b" }, { "nvidia", "openai/gpt-oss-20b" },
    { "nvidia", "deepseek-ai/deepseek-v4-pro" },
    { "ollama-v1", "gpt-oss" }, { NULL, NULL }
};


#define TOOL(name)  "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":"\
                    "\"" name "\",\"parameters\":{\"type\":\"object\","        \
                    "\"properties\":{}}}}]"

/* The first passes edited, the second has a name that no tool may bear. */

static const char *const  forms[] = {
    "{\"model\":\"m\",\"max_tokens\":9000,\"stream\":true," TOOL("t") ",%s,"
    "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}",
    "{\"model\":\"m\",\"max_tokens\":9000,\"stream\":true," TOOL("t.t") ",%s,"
    "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}",
    "{\"model\":\"m\",\"max_tokens\":9000,\"stream\":true,%s,"
    "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"
};


/* What is said of reasoning in what was sent; a new reference. */

static json_t *
said(const ut_preset_t *u)
{
    size_t   i;
    json_t  *body, *set, *v;

    static const char  *const names[] = {
        "reasoning_effort", "reasoning", "thinking", "enable_thinking",
        "thinking_budget", "chat_template_kwargs", "include_reasoning",
        "reasoning_format", "tool_stream", "reasoning_split", "prompt_mode"
    };

    body = u->body ? json_loads(u->body, JSON_REJECT_DUPLICATES, NULL) : NULL;
    set = json_object();

    if (body == NULL) {
        json_object_set_new(set, "no body", json_true());
    }

    for (i = 0; body && i < ccp_countof(names); i++) {
        v = json_object_get(body, names[i]);

        if (v && !json_is_null(v)) {
            json_object_set(set, names[i], v);
        }
    }

    json_decref(body);

    return set;
}


/* One wish in all its forms: 1 if all say the same. */

static int
same(const ccp_provider_t *pr, const char *model, const wish_t *w)
{
    int           ok, form;
    char          in[1024], *a, *b;
    size_t        i;
    json_t       *first, *set;
    ut_preset_t   u;
    const char   *spelled;

    ok = 1;
    first = NULL;

    for (form = 0; form < 3; form++) {
        for (i = 0; (spelled = form < 2 ? w->chat[i]
                                        : i == 0 ? w->anthropic : NULL); i++)
        {
            snprintf(in, sizeof(in), forms[form], spelled);
            ut_preset_send(&u, pr, form < 2 ? CCP_CHAT : CCP_ANTHROPIC, NULL,
                           in, model);
            set = said(&u);

            if (u.rc == CCP_OK && form < 2 && !u.try->compat) {
                ok &= ccp_try_spliced(u.try) == (form == 0)
                      || pr->schema == CCP_SCHEMA_SUBSET
                      || pr->schema == CCP_SCHEMA_MFJS
                      || pr->schema == CCP_SCHEMA_INLINE;
            }

            if (first == NULL) {
                first = json_incref(set);
            }

            if (!json_equal(first, set)) {
                a = json_dumps(first, JSON_COMPACT);
                b = json_dumps(set, JSON_COMPACT);
                printf("# %s\n#   is %s, not %s\n", in, b, a);
                free(a);
                free(b);
                ok = 0;
            }

            json_decref(set);
            ut_preset_free(&u);
        }
    }

    json_decref(first);

    return ok;
}


static void
test_same(void)
{
    int                    n;
    size_t                 i, k;
    const ccp_provider_t  *pr;

    for (i = 0; i < ccp_countof(wishes); i++) {

        for (n = 0, k = 0; (pr = ccp_provider_row(k)) != NULL; k++) {
            if (pr->proto == CCP_CHAT) {
                n++;
                UT_CHECK(same(pr, NULL, &wishes[i]), "%s: %s", pr->name,
                         wishes[i].name);
            }
        }

        UT_CHECK(n > 20, "%d presets", n);

        for (k = 0; models[k][0]; k++) {
            UT_CHECK(same(ut_preset_row(models[k][0]), models[k][1],
                          &wishes[i]),
                     "%s %s: %s", models[k][0], models[k][1], wishes[i].name);
        }
    }
}


typedef struct {
    const char  *preset;       /* NULL: the plain row with a quirk */
    const char  *model;
    const char  *in;
    const char  *want;         /* what is said, edited or anew */
} case_t;


static const case_t  cases[] = {

    /* the drift that was */

    { "deepseek", "m", "\"reasoning_effort\":\"high\"",
      "{\"thinking\":{\"type\":\"enabled\"},\"reasoning_effort\":\"high\"}" },
    { "deepseek", "m", "\"chat_template_kwargs\":{\"enable_thinking\":false}",
      "{\"thinking\":{\"type\":\"disabled\"}}" },
    { "qwen", "m", "\"chat_template_kwargs\":{\"enable_thinking\":false}",
      "{\"enable_thinking\":false}" },
    { "qwen", "m", "\"reasoning_effort\":\"none\"",
      "{\"enable_thinking\":false}" },
    { "qwen", "m", "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":7}",
      "{\"enable_thinking\":true,\"thinking_budget\":7}" },
    { "zai", "glm-4.7", "\"x\":1", "{\"tool_stream\":true}" },
    { "minimax", "m", "\"x\":1", "{\"reasoning_split\":true}" },

    /* what an object says beside the wish is kept */

    { "moonshot", "kimi-k2.6",
      "\"thinking\":{\"keep\":\"all\",\"type\":\"enabled\"}",
      "{\"thinking\":{\"type\":\"enabled\",\"keep\":\"all\"}}" },
    { "vllm", "m", "\"chat_template_kwargs\":{\"thinking\":false,\"x\":[1]}",
      "{\"chat_template_kwargs\":{\"enable_thinking\":false,\"x\":[1]}}" },
    { "vllm", "m", "\"chat_template_kwargs\":{\"x\":1},\"enable_thinking\":true",
      "{\"chat_template_kwargs\":{\"enable_thinking\":true,\"x\":1}}" },
    { "openrouter", "m",
      "\"reasoning\":{\"summary\":\"auto\"},\"reasoning_effort\":\"low\"",
      "{\"reasoning\":{\"effort\":\"low\",\"summary\":\"auto\"}}" },

    /* no wish: the provider's members pass, those of others don't */

    { "vllm", "m", "\"chat_template_kwargs\":{\"x\":1}",
      "{\"chat_template_kwargs\":{\"x\":1}}" },
    { "deepseek", "m", "\"chat_template_kwargs\":{\"x\":1}",
      "{\"chat_template_kwargs\":{\"x\":1}}" },
    { "groq", "qwen/qwen3-32b", "\"reasoning_effort\":\"default\"",
      "{\"reasoning_effort\":\"default\"}" },
    { "qwen", "m", "\"reasoning_effort\":\"default\"", "{}" },
    { "openrouter", "m", "\"reasoning\":{\"exclude\":true}",
      "{\"reasoning\":{\"exclude\":true}}" },

    /* who sees it */

    { "groq", "qwen/qwen3-32b", "\"reasoning_format\":\"hidden\"",
      "{\"reasoning_format\":\"hidden\"}" },
    { "openrouter", "m",
      "\"include_reasoning\":false,\"reasoning_effort\":\"low\"",
      "{\"reasoning\":{\"effort\":\"low\",\"exclude\":true}}" },

    /* the client's own word on a member beside the wish */

    { "minimax", "m", "\"reasoning_split\":false",
      "{\"reasoning_split\":false}" },

    /* NVIDIA: switches of the model's template, an effort where it is known */

    { "nvidia", "qwen/qwen3.5", "\"reasoning_effort\":\"high\"",
      "{\"chat_template_kwargs\":{\"enable_thinking\":true,"
      "\"thinking\":true}}" },
    { "nvidia", "z-ai/glm5", "\"chat_template_kwargs\":{\"enable_thinking\":"
      "true,\"clear_thinking\":false}",
      "{\"chat_template_kwargs\":{\"enable_thinking\":true,"
      "\"thinking\":true,\"clear_thinking\":false}}" },
    { "nvidia", "z-ai/glm5", "\"reasoning_effort\":\"none\"",
      "{\"chat_template_kwargs\":{\"enable_thinking\":false,"
      "\"thinking\":false}}" },
    { "nvidia", "deepseek-ai/deepseek-v4-pro", "\"reasoning_effort\":\"max\"",
      "{\"chat_template_kwargs\":{\"enable_thinking\":true,"
      "\"thinking\":true},\"reasoning_effort\":\"max\"}" },
    { "nvidia", "openai/gpt-oss-120b", "\"reasoning_effort\":\"max\"",
      "{\"reasoning_effort\":\"high\"}" },

    /* nothing is known of the wish: it passes */

    { NULL, "m", "\"reasoning_effort\":\"max\",\"thinking\":{\"type\":"
      "\"enabled\"}", "{\"reasoning_effort\":\"max\",\"thinking\":{\"type\":"
      "\"enabled\"}}" }
};


static void
test_cases(void)
{
    int             form;
    char            in[1024], *got;
    size_t          i;
    json_t         *want, *set;
    ut_preset_t     u;
    ccp_provider_t  own;

    static const ccp_column_value_t  quirk[] = {
        { "stop_max", "1" }, { NULL, NULL }
    };

    own = *ccp_provider_plain(CCP_CHAT);
    own.user = quirk;

    for (i = 0; i < ccp_countof(cases); i++) {
        for (form = 0; form < 2; form++) {
            snprintf(in, sizeof(in), forms[form], cases[i].in);
            ut_preset_send(&u, cases[i].preset
                               ? ut_preset_row(cases[i].preset) : &own,
                           CCP_CHAT, NULL, in, cases[i].model);

            set = said(&u);
            want = json_loads(cases[i].want, 0, NULL);
            got = json_dumps(set, JSON_COMPACT);

            UT_CHECK(json_equal(set, want), "%s %s: %s is %s",
                     cases[i].preset ? cases[i].preset : "plain",
                     form ? "anew" : "edited", cases[i].in, got);

            free(got);
            json_decref(want);
            json_decref(set);
            ut_preset_free(&u);
        }
    }
}


/* The user's columns rule members of the wish, too. */

static void
test_user(void)
{
    int             form;
    char            in[1024];
    ut_preset_t     u;
    ccp_provider_t  own;

    static const ccp_column_value_t  drop[] = {
        { "drop", "+reasoning_effort" }, { NULL, NULL }
    };
    static const ccp_column_value_t  name[] = {
        { "rename", "reasoning_effort:effort" }, { NULL, NULL }
    };

    own = *ut_preset_row("openai");

    for (form = 0; form < 2; form++) {
        snprintf(in, sizeof(in), forms[form], "\"reasoning_effort\":\"max\"");

        own.user = drop;
        ut_preset_send(&u, &own, CCP_CHAT, NULL, in, NULL);
        UT_CHECK(u.rc == CCP_OK && strstr(u.body, "effort") == NULL,
                 "a wish that is dropped: %s", u.body);
        UT_CHECK(ut_preset_noted(&u, "reasoning_effort: not taken by openai"),
                 "… and noted");
        ut_preset_free(&u);

        own.user = name;
        ut_preset_send(&u, &own, CCP_CHAT, NULL, in, NULL);
        UT_CHECK(u.rc == CCP_OK && strstr(u.body, "\"effort\":\"xhigh\"")
                 && strstr(u.body, "reasoning_effort") == NULL,
                 "a wish that is renamed: %s", u.body);
        ut_preset_free(&u);
    }
}


int
main(void)
{
    test_same();
    test_cases();
    test_user();

    return ut_done();
}
