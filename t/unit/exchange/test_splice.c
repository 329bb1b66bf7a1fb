
/*
 * Chat clients of Chat providers: what passes as it came, what a preset's
 * rules change in place, and when a body is written anew.
 */

#include "ut_preset.h"


#define U        "{\"role\":\"user\",\"content\":\"hi\"}"
#define SAY      "\"messages\":[" U "]"
#define TOOLS    "\"tools\":[{\"type\":\"function\",\"function\":"            \
                 "{\"name\":\"t\",\"parameters\":{\"type\":\"object\","       \
                 "\"properties\":{}}}}]"


typedef struct {
    const char  *preset;       /* NULL: the plain row */
    const char  *model;
    const char  *in;           /* behind the model */
    const char  *want;         /* the same of the result; NULL: refused */
    const char  *note;
} case_t;


static const case_t  edited[] = {

    { NULL, "m", "\"x\" : 1,\"logit_bias\":{},\"store\":true,\"n\":3,"
      "\"max_tokens\":5,\"max_completion_tokens\":6,\"temperature\":9,"
      "\"messages\":[{\"role\":\"developer\",\"content\":\"d\",\"name\":\"n\"}]",
      "\"x\" : 1,\"logit_bias\":{},\"store\":true,\"n\":3,"
      "\"max_tokens\":5,\"max_completion_tokens\":6,\"temperature\":9,"
      "\"messages\":[{\"role\":\"developer\",\"content\":\"d\",\"name\":\"n\"}]",
      NULL },

    { "groq", "m", "\"x\" : 1,\"logprobs\":true,\"top_logprobs\":2,\"store\":"
      "true," SAY ",\"y\":[ ]", "\"x\" : 1," SAY ",\"y\":[ ]",
      "logprobs: not taken by groq" },

    { "mistral", "m", "\"seed\":7,\"user\":\"u\",\"stream\":true,"
      "\"stream_options\":{\"include_usage\":true}," SAY,
      "\"random_seed\":7,\"stream\":true," SAY, "stream_options: not taken" },

    { "mistral", "m", "\"max_completion_tokens\":9,\"tool_choice\":"
      "\"required\"," TOOLS "," SAY,
      "\"max_tokens\":9,\"tool_choice\":\"any\"," TOOLS "," SAY, NULL },

    { "openai", "gpt-5", "\"max_tokens\":9,\"temperature\":1,\"top_p\":1,"
      "\"messages\":[{\"role\":\"system\",\"content\":\"s\"}," U "]",
      "\"max_completion_tokens\":9,\"messages\":[{\"role\":\"developer\","
      "\"content\":\"s\"}," U "]", "temperature: not taken by openai" },

    { "openai", "gpt-4o", "\"max_tokens\":9,\"max_completion_tokens\":8,"
      "\"top_k\":3," SAY, "\"max_completion_tokens\":8," SAY,
      "top_k: not taken by openai" },

    { "zai", "glm-4", "\"temperature\":1.5,\"stop\":[\"a\",\"b\"],\"n\":1,"
      "\"parallel_tool_calls\":true," SAY,
      "\"temperature\":1,\"stop\":[\"a\"]," SAY ",\"tool_stream\":true",
      "stop: only the first 1" },

    { "minimax", "m", "\"temperature\":0,\"max_tokens\":3," SAY,
      "\"temperature\":0.01,\"max_completion_tokens\":3," SAY
      ",\"reasoning_split\":true", "temperature: raised" },

    { "xai", "m", "\"stop\":\"x\",\"presence_penalty\":0,\"frequency_penalty\""
      ":0," SAY, SAY, "stop: not taken by xai" },

    { "xai", "m", "\"parallel_tool_calls\":false," TOOLS "," SAY,
      "\"parallel_function_calling\":false," TOOLS "," SAY, NULL },

    { "groq", "m", "\"response_format\":{\"type\":\"json_object\"}," TOOLS ","
      SAY, TOOLS "," SAY, "response_format: not taken by groq" },

    { "groq", "m", "\"messages\":[{\"role\":\"developer\",\"content\":\"d\"},"
      "{\"role\":\"user\",\"name\":\"n\",\"content\":\"hi\"}]",
      "\"messages\":[{\"role\":\"system\",\"content\":\"d\"},"
      "{\"role\":\"user\",\"content\":\"hi\"}]", NULL },

    { "groq", "openai/gpt-oss-120b", "\"reasoning_effort\":\"none\"," SAY,
      "\"reasoning_effort\":\"low\"," SAY, "reasoning_effort: sent as low" },

    { "groq", "llama-3.3-70b", "\"reasoning_effort\":\"high\"," SAY, SAY,
      "reasoning_effort: not taken by groq" },

    { "openrouter", "m", "\"reasoning\":{\"effort\":\"high\"},\"provider\":"
      "{\"order\":[\"x\"]},\"messages\":[" U ",{\"role\":\"assistant\","
      "\"content\":\"a\",\"reasoning\":\"r\",\"reasoning_details\":[]}," U "]",
      "\"reasoning\":{\"effort\":\"high\"},\"provider\":{\"order\":[\"x\"]},"
      "\"messages\":[" U ",{\"role\":\"assistant\",\"content\":\"a\","
      "\"reasoning\":\"r\",\"reasoning_details\":[]}," U "]", NULL },

    { "openai", "gpt-4o", "\"tools\":[{\"type\":\"function\",\"function\":"
      "{\"name\":\"t\",\"parameters\":{\"type\" : \"object\"}}}]," SAY,
      "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"t\","
      "\"parameters\":{\"type\" : \"object\",\"properties\":{}}}}]," SAY,
      NULL },

    { "deepseek", "m", "\"n\":2," SAY, NULL, NULL },

    /* the wish to reason, in another's words */

    { "groq", "m", "\"reasoning\":{\"effort\":\"high\"},\"x\":{ \"a\" : 1},"
      "\"store\":true," SAY, "\"x\":{ \"a\" : 1}," SAY,
      "reasoning: not taken by groq" },

    { "zai", "glm-4", "\"reasoning_effort\":\"high\",\"web\":1," SAY,
      "\"web\":1," SAY ",\"thinking\":{\"type\":\"enabled\"},"
      "\"tool_stream\":true", NULL },

    /* written anew: what the neutral form doesn't know comes behind */

    { "nvidia", "m", "\"messages\":[" U ",{\"role\":\"assistant\","
      "\"content\":[{\"type\":\"text\",\"text\":\"a\"}]}," U "],"
      "\"keep\":true", "\"messages\":[" U ",{\"role\":\"assistant\","
      "\"content\":\"a\"}," U "],\"keep\":true", NULL },

    { "mistral", "m", "\"messages\":[" U ",{\"role\":\"assistant\","
      "\"content\":null,\"tool_calls\":[{\"id\":\"call_123456789\",\"type\":"
      "\"function\",\"function\":{\"name\":\"t\",\"arguments\":\"{}\"}}]},"
      "{\"role\":\"tool\",\"tool_call_id\":\"call_123456789\",\"content\":"
      "\"r\"}]," TOOLS ",\"safe_prompt\":true,\"own\":\"field\"", "", NULL },
};


static void
run(const case_t *c)
{
    int           same, ok;
    char          in[2048], want[2048];
    ut_preset_t   u;
    const char   *name;

    name = c->preset ? c->preset : "plain";

    snprintf(in, sizeof(in), "{\"model\":\"%s\",%s}", c->model, c->in);
    snprintf(want, sizeof(want), "{\"model\":\"%s\",%s}", c->model,
             c->want ? c->want : "");

    ut_preset_send(&u, c->preset ? ut_preset_row(c->preset)
                                 : ccp_provider_plain(CCP_CHAT),
                   CCP_CHAT, NULL, in, NULL);

    if (c->want == NULL) {
        UT_CHECK(u.rc == CCP_INVALID
                 && ut_str_is(u.err.message, "n: 2 answers can't be had from "
                              "this target"), "%s refuses %s", name, c->in);
        ut_preset_free(&u);
        return;
    }

    if (*c->want) {
        ok = u.rc == CCP_OK && strcmp(u.body, want) == 0;

    } else {
        /* the encoder's own tests know its form */
        same = u.rc == CCP_OK && strcmp(u.body, in) == 0;
        ok = u.rc == CCP_OK && !same && !ccp_try_spliced(u.try)
             && strstr(u.body, ",\"own\":\"field\"}");
    }

    if (!ok) {
        printf("# %s\n", u.body ? u.body : "refused");
    }

    UT_CHECK(ok, "%s: %.60s", name, c->in);
    UT_CHECK(c->note == NULL || ut_preset_noted(&u, c->note), "%s: noted %s",
             name, c->note ? c->note : "nothing");

    ut_preset_free(&u);
}


/* Columns that the user set on a plain provider. */

static void
test_user(void)
{
    ut_preset_t             u;
    ccp_provider_t          d;

    static const ccp_column_value_t  set[] = {
        { "drop", "x" }, { "stop_max", "1" }, { NULL, NULL }
    };

    d = *ccp_provider_plain(CCP_CHAT);
    d.user = set;

    ut_preset_send(&u, &d, CCP_CHAT, NULL,
                   "{\"model\":\"m\",\"x\":1,\"max_completion_tokens\":2,"
                   "\"store\":true,\"top_k\":1,\"stop\":[\"a\",\"b\"],"
                   "\"messages\":[{\"role\":\"developer\",\"content\":\"d\"}]}",
                   NULL);
    UT_CHECK(u.rc == CCP_OK
             && strcmp(u.body, "{\"model\":\"m\",\"max_completion_tokens\":2,"
                       "\"store\":true,\"top_k\":1,\"stop\":[\"a\"],"
                       "\"messages\":[{\"role\":\"developer\",\"content\":"
                       "\"d\"}]}") == 0,
             "quirks of a plain provider, and nothing else: %s", u.body);
    ut_preset_free(&u);

    d.max_req = 333;
    d.max_hi = 300;

    ut_preset_send(&u, &d, CCP_CHAT, NULL,
                   "{\"model\":\"m\",\"max_tokens\":null," SAY "}", NULL);
    UT_CHECK(u.rc == CCP_OK
             && strcmp(u.body, "{\"model\":\"m\",\"max_tokens\":300," SAY
                       "}") == 0,
             "a limit in place of null: %s", u.body);
    ut_preset_free(&u);

    ut_preset_send(&u, &d, CCP_CHAT, NULL, "{\"model\":\"m\"," SAY "}", NULL);
    UT_CHECK(u.rc == CCP_OK
             && strcmp(u.body, "{\"model\":\"m\"," SAY ",\"max_tokens\":300}")
                == 0,
             "a limit where the client gave none: %s", u.body);
    ut_preset_free(&u);
}


/* Anthropic's protocol passes as it came, whoever serves it. */

static void
test_anthropic(void)
{
    ut_preset_t   u;
    const char   *in;

    in = "{\"model\":\"m\",\"max_tokens\":1,\"temperature\":0,\"top_k\":1,"
         "\"store\":1,\"messages\":[" U "]}";

    ut_preset_send(&u, ut_preset_row("moonshot-anthropic"), CCP_ANTHROPIC,
                   NULL, in, NULL);
    UT_CHECK(u.rc == CCP_OK && strcmp(u.body, in) == 0, "anthropic: %s",
             u.body);
    ut_preset_free(&u);
}


/* T73: threads pass to who holds them; elsewhere one is begun in silence, and is
 * not known when it is to go on. */

static void
test_threads(void)
{
    char          in[300], want[300];
    size_t        i;
    ut_preset_t   u;

    static const char  *const presets[] = {
        "deepseek-anthropic", "moonshot-anthropic", "kimi-coding",
        "zai-anthropic", "zhipu-anthropic", "minimax-anthropic"
    };

    snprintf(want, sizeof(want), "{\"model\":\"m\",\"max_tokens\":1,"
             "\"messages\":[" U "]}");

    for (i = 0; i <= ccp_countof(presets); i++) {
        snprintf(in, sizeof(in), "{\"model\":\"m\",\"max_tokens\":1,"
                 "\"thread\":{\"type\":\"create\"},\"messages\":[" U "]}");

        ut_preset_send(&u, ut_preset_row(i ? presets[i - 1] : "anthropic"),
                       CCP_ANTHROPIC, NULL, in, NULL);
        UT_CHECK(u.rc == CCP_OK && strcmp(u.body, i ? want : in) == 0,
                 "a thread begins: %s", u.body);
        ut_preset_free(&u);

        snprintf(in, sizeof(in), "{\"model\":\"m\",\"max_tokens\":1,"
                 "\"thread\":{\"type\":\"continue\","
                 "\"previous_message_id\":\"x\"},\"messages\":[" U "]}");

        ut_preset_send(&u, ut_preset_row(i ? presets[i - 1] : "anthropic"),
                       CCP_ANTHROPIC, NULL, in, NULL);

        if (i == 0) {
            UT_CHECK(u.rc == CCP_OK && strcmp(u.body, in) == 0, "goes on: %s",
                     u.body);
        } else {
            UT_CHECK(u.rc == CCP_INVALID && u.err.cls == CCP_E_NOT_FOUND
                     && ccp_str_is(u.err.code, "thread_not_found"),
                     "%s holds none", presets[i - 1]);
        }

        ut_preset_free(&u);
    }
}


/* Each allocation fails once: edited in place, and written anew. */

static int
starved(const ccp_mem_t *mem, void *arg)
{
    int               rc;
    const case_t     *c = arg;
    ccp_str_t         uri;
    ccp_try_t        *try;
    ccp_error_t       err;
    ccp_target_t      t;
    ccp_exchange_t   *x;
    const ccp_out_t  *body;

    x = ut_exchange_create(mem, "/v1/chat/completions", NULL);
    if (x == NULL) {
        return CCP_NOMEM;
    }

    ut_target(&t, ut_preset_row(c->preset));
    t.model = ccp_cstr(c->model);
    t.max_tokens = 7;

    rc = ccp_exchange_request(x, ccp_cstr(c->in), ccp_none, &err);

    if (rc == CCP_OK) {
        rc = ut_try(&try, x, &t, ccp_none, &body, &uri, &err);
    }

    ccp_exchange_destroy(x);

    return rc;
}


static void
test_memory(void)
{
    static case_t  c[] = {
        { "openai", "gpt-5", "{\"model\":\"m\",\"max_tokens\":9,"
          "\"temperature\":1,\"reasoning_effort\":\"max\",\"tools\":["
          "{\"type\":\"function\",\"function\":{\"name\":\"t\","
          "\"parameters\":{\"type\":\"object\"}}}]," SAY "}", NULL, NULL },
        { "zai", "glm-4", "{\"model\":\"m\",\"reasoning_effort\":\"high\","
          "\"own\":[1],\"temperature\":0," SAY "}", NULL, NULL },
        { "nvidia", "m", "{\"model\":\"m\",\"reasoning_effort\":\"high\","
          "\"own\":[1],\"messages\":[" U ",{\"role\":\"assistant\","
          "\"content\":[{\"type\":\"text\",\"text\":\"a\"}]}," U "]}", NULL,
          NULL }
    };

    ut_fail_each("edited in place", starved, &c[0]);
    ut_fail_each("a wish in other words", starved, &c[1]);
    ut_fail_each("written anew", starved, &c[2]);
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(edited) / sizeof(edited[0]); i++) {
        run(&edited[i]);
    }

    test_user();
    test_anthropic();
    test_threads();
    test_memory();

    return ut_done();
}
