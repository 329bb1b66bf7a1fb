
/*
 * The table of providers: rows, model rules, columns by name (T44, T53).
 */

#include "ut.h"
#include "codec/form/form_request.h"
#include "codec/schema/schema.h"
#include "codec/provider/provider_table.h"


static const ccp_provider_t *
row(const char *name)
{
    const ccp_provider_t  *pr;

    pr = ccp_provider_find(ccp_cstr(name));

    if (pr == NULL) {
        printf("Bail out! no row %s\n", name);
        exit(1);
    }

    return pr;
}


static const char *
effort(const ccp_provider_t *pr, ccp_effort_e e)
{
    const char  *w;

    w = ccp_provider_effort(pr, e);

    return w != NULL ? w : "-";
}


static void
test_families(void)
{
    size_t                 i;
    ccp_arena_t           *a;
    const ccp_provider_t  *pr;
    static const struct {
        const char  *provider;
        const char  *model;
        const char  *xhigh;
        const char  *max;
        ccp_off_e    off;
    } cases[] = {
        { "openai", "gpt-5.4", "xhigh", "xhigh", CCP_OFF_EFFORT },
        { "openai-responses", "gpt-5.5", "xhigh", "xhigh", CCP_OFF_EFFORT },
        { "openai-responses", "gpt-5.6", "xhigh", "max", CCP_OFF_EFFORT },
        { "openai", "gpt-6-mini", "xhigh", "max", CCP_OFF_EFFORT },
        { "anthropic", "claude-fable-5", "xhigh", "max", CCP_OFF_NEVER },
        { "anthropic", "claude-opus-5", "xhigh", "max", CCP_OFF_DISABLED }
    };

    a = ut_arena();

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pr = ccp_provider_for_model(
                 ccp_provider_find(ccp_cstr(cases[i].provider)),
                 ccp_cstr(cases[i].model), a);

        UT_CHECK(strcmp(effort(pr, CCP_EFFORT_XHIGH), cases[i].xhigh) == 0
                 && strcmp(effort(pr, CCP_EFFORT_MAX), cases[i].max) == 0
                 && pr->think_off == cases[i].off,
                 "T30: efforts of %s", cases[i].model);
    }

    ccp_arena_destroy(a);
}


static void
test_rows(void)
{
    int                    ok;
    size_t                 k;
    const ccp_provider_t  *pr;

    ok = 1;

    for (k = 0; (pr = ccp_provider_row(k)) != NULL; k++) {
        ok &= pr->base != NULL && strncmp(pr->base, "http", 4) == 0
              && pr->base[strlen(pr->base) - 1] != '/'
              && pr->proto < CCP_NPROTO && pr->tools_proto == CCP_NPROTO
              && ccp_provider_find(ccp_cstr(pr->name)) == pr;
    }

    UT_CHECK(ok && k >= 34, "%d presets, each with an address", (int) k);
    UT_CHECK(ccp_provider_find(ccp_lit("nobody")) == NULL
             && ccp_provider_find(ccp_none) == NULL, "unknown presets");

    for (k = 0; k < CCP_NPROTO; k++) {
        pr = ccp_provider_plain((ccp_proto_e) k);
        UT_CHECK(pr->proto == (ccp_proto_e) k && pr->base == NULL
                 && pr->tools_proto == CCP_NPROTO,
                 "the plain row of protocol %d", (int) k);
    }

    pr = row("mistral");
    UT_CHECK(pr->id == CCP_ID_ALNUM9 && pr->bridge && pr->res_name
             && pr->no_stream_opts && pr->no_msg_name
             && strcmp(pr->tc_any, "any") == 0
             && strcmp(pr->cache_key, "header:x-affinity") == 0,
             "mistral by example");
    pr = row("perplexity");
    UT_CHECK(pr->stop_max == -1 && pr->tools_compat && pr->fmt_no_object
             && !pr->fmt_no_schema && pr->sys_first && pr->alternate,
             "perplexity by example");
    pr = row("zai");
    UT_CHECK(pr->temp_open && pr->temp_hi == 1 && pr->stop_max == 1
             && pr->tc == CCP_TC_BIT_AUTO
             && strcmp(pr->e_ctx, "model_context_window_exceeded|exceeds max "
                                  "length") == 0, "zai by example");
    pr = row("cerebras");
    UT_CHECK(pr->temp_hi == 1.5 && pr->strict == CCP_STRICT_UNIFORM
             && pr->drop_format && strcmp(pr->max_field,
                                          "max_completion_tokens") == 0,
             "cerebras by example");
}


static ccp_arena_t  *arena;


/* The row, with what is made of its columns. */

static const ccp_provider_t *
made(const char *name)
{
    return ccp_provider_for_model(row(name), ccp_none, arena);
}


static void
test_fields(void)
{
    const ccp_provider_t  *pr;

    arena = ut_arena();

    UT_CHECK(ccp_provider_drops(made("groq"), "store")
             && ccp_provider_drops(made("groq"), "logprobs")
             && ccp_provider_drops(made("groq"), "top_logprobs")
             && !ccp_provider_drops(made("groq"), "seed"), "drop: + adds");
    UT_CHECK(!ccp_provider_drops(made("openai"), "store")
             && !ccp_provider_drops(made("openai"), "logit_bias"),
             "drop: = is nothing");
    UT_CHECK(ccp_provider_drops(made("openai-responses"), "logit_bias")
             && ccp_provider_drops(made("openai-responses"), "stop")
             && !ccp_provider_drops(made("openai-responses"), "store"),
             "drop: = replaces");
    UT_CHECK(!ccp_provider_drops(made("together"), "logit_bias")
             && ccp_provider_drops(made("together"), "store"),
             "drop: - takes out");
    UT_CHECK(ccp_provider_drops(made("huggingface"), "prediction")
             && !ccp_provider_drops(made("huggingface"), "predict"),
             "drop: the default list, whole words");
    pr = made("xai");
    UT_CHECK(ccp_provider_drops(pr, "presence_penalty")
             && ccp_provider_drops(pr, "frequency_penalty")
             && pr->stop_max == -1, "T53: xai takes no penalties, no stop");

    UT_CHECK(strcmp(ccp_provider_field(made("mistral"), "seed"),
                    "random_seed") == 0
             && strcmp(ccp_provider_field(made("deepseek"), "user"),
                       "user_id") == 0
             && strcmp(ccp_provider_field(made("deepseek"), "use"), "use") == 0
             && strcmp(ccp_provider_field(made("groq"), "seed"), "seed") == 0,
             "renamed fields");

    ccp_arena_destroy(arena);
}


/* Each name is found, and names beside it are not. */

static void
test_numbers(void)
{
    int        ok;
    size_t     i;
    char       longer[64];
    ccp_str_t  name;

    ok = 1;

    for (i = 0; i < CCP_NFIELDS; i++) {
        name = ccp_cstr(ccp_field_names[i]);
        snprintf(longer, sizeof(longer), "%sx", ccp_field_names[i]);

        ok &= ccp_field_find(name) == i
              && ccp_field_find(ccp_cstr(longer)) == CCP_NFIELDS;
        name.n--;
        ok &= ccp_field_find(name) != i;
    }

    UT_CHECK(ok && CCP_NFIELDS <= 64, "members by number");
    UT_CHECK(ccp_field_find(ccp_none) == CCP_NFIELDS
             && ccp_field_find(ccp_lit("")) == CCP_NFIELDS
             && ccp_field_find(ccp_lit("zzz")) == CCP_NFIELDS,
             "what has none");
}


static void
test_rules(void)
{
    ccp_arena_t           *a;
    ccp_provider_memo_t   *memo;
    const ccp_provider_t  *pr, *base;

    a = ut_arena();
    base = ccp_provider_for_model(row("openai"), ccp_none, a);

    UT_CHECK(strcmp(effort(base, CCP_EFFORT_MINIMAL), "minimal") == 0
             && strcmp(effort(base, CCP_EFFORT_MAX), "xhigh") == 0
             && strcmp(effort(base, CCP_EFFORT_NONE), "none") == 0
             && strcmp(effort(base, CCP_EFFORT_UNSET), "-") == 0,
             "efforts of a row");

    pr = ccp_provider_for_model(base, ccp_lit("gpt-5"), a);
    UT_CHECK(pr->think_off == CCP_OFF_NEVER && pr->sys == CCP_SYS_DEVELOPER
             && strcmp(effort(pr, CCP_EFFORT_XHIGH), "high") == 0
             && strcmp(effort(pr, CCP_EFFORT_MINIMAL), "minimal") == 0
             && strcmp(effort(pr, CCP_EFFORT_NONE), "minimal") == 0,
             "T30: gpt-5 can't stop thinking: the least there is");

    pr = ccp_provider_for_model(base, ccp_lit("gpt-5.6-mini"), a);
    UT_CHECK(pr->tools_proto == CCP_RESPONSES && pr->stop_max == -1
             && strcmp(effort(pr, CCP_EFFORT_MINIMAL), "low") == 0
             && strcmp(effort(pr, CCP_EFFORT_XHIGH), "xhigh") == 0,
             "a rule's efforts edit the row's");

    pr = ccp_provider_for_model(base, ccp_lit("gpt-5.2-chat-latest"), a);
    UT_CHECK(pr->think == CCP_RZ_NONE && pr->sampling == CCP_DROP,
             "'?' is one character, the first rule wins");
    UT_CHECK(ccp_provider_for_model(base, ccp_lit("GPT-4o"), a)->think
             == CCP_RZ_NONE, "case does not matter");
    UT_CHECK(ccp_provider_for_model(base, ccp_lit("babbage"), a) == base
             && ccp_provider_for_model(base, ccp_none, a) == base,
             "no rule: the row itself, if it is made");
    UT_CHECK(ccp_provider_for_model(row("openai"), ccp_none, a) != row("openai"),
             "else a copy");
    pr = ccp_provider_for_model(base, ccp_lit("o3-mini"), a);
    UT_CHECK(pr->sampling == CCP_DROP && pr->stop_max == -1
             && strcmp(pr->max_field, "max_completion_tokens") == 0,
             "T44: o3 names its limit otherwise and samples alone");

    base = row("anthropic");
    pr = ccp_provider_for_model(base, ccp_lit("claude-sonnet-4-5-20250929"),
                                a);
    UT_CHECK(pr->think == CCP_RZ_BUDGET && pr->max_hi == 64000, "claude 4.5");
    pr = ccp_provider_for_model(base, ccp_lit("claude-opus-4-20250514"), a);
    UT_CHECK(pr->think == CCP_RZ_BUDGET && pr->max_hi == 32000, "claude 4");
    pr = ccp_provider_for_model(ccp_provider_plain(CCP_ANTHROPIC),
                                ccp_lit("claude-opus-4-8"), a);
    UT_CHECK(pr->think == CCP_RZ_ADAPTIVE && pr->sampling == CCP_DROP
             && pr->max_hi == 128000, "rules hold behind a proxy too");

    pr = ccp_provider_for_model(row("gemini"), ccp_lit("gemini-2.5-flash"), a);
    UT_CHECK(pr->think == CCP_RZ_BUDGET_GEMINI
             && pr->think_off == CCP_OFF_ZERO, "gemini 2.5 has budgets");
    pr = ccp_provider_for_model(row("gemini"),
                                ccp_lit("gemini-3.1-pro-preview"), a);
    UT_CHECK(strcmp(effort(pr, CCP_EFFORT_MEDIUM), "high") == 0,
             "gemini 3 pro has two levels");
    pr = ccp_provider_for_model(row("groq"), ccp_lit("qwen/qwen3-32b"), a);
    UT_CHECK(strcmp(effort(pr, CCP_EFFORT_HIGH), "default") == 0
             && strcmp(effort(pr, CCP_EFFORT_NONE), "none") == 0,
             "'*' is every effort but none");
    pr = ccp_provider_for_model(row("groq"), ccp_lit("groq/compound-mini"), a);
    UT_CHECK(pr->tools_compat && pr->think == CCP_RZ_NONE,
             "a model without tools gets them as text");
    UT_CHECK(ccp_provider_for_model(row("xai"), ccp_lit("grok-code-fast-1"),
                                    a)->think
             == CCP_RZ_NONE
             && ccp_provider_for_model(row("xai"), ccp_lit("grok-4.3"),
                                       a)->think
             == CCP_RZ_EFFORT, "T53: only some grok take an effort");
    pr = ccp_provider_for_model(row("moonshot"), ccp_lit("moonshot-v1-8k"), a);
    UT_CHECK(!pr->think_default && pr->sampling == CCP_KEEP && pr->temp_hi == 1
             && pr->replay_when == CCP_WHEN_NEVER, "columns back to zero");
    pr = ccp_provider_for_model(row("ollama"),
        ((ccp_str_t) { (const uint8_t *) "gpt\\u002doss:20b",
                       16, 1, 1 }), a);
    UT_CHECK(strcmp(effort(pr, CCP_EFFORT_NONE), "low") == 0,
             "a name with escapes");

    memo = NULL;
    pr = ccp_provider_remember(&memo, row("groq"), ccp_lit("qwen/a"), a);
    UT_CHECK(pr && ccp_provider_remember(&memo, row("groq"), ccp_lit("b"), a)
                != pr
             && ccp_provider_remember(&memo, row("xai"), ccp_lit("qwen/a"), a)
                != pr
             && ccp_provider_remember(&memo, row("groq"), ccp_lit("qwen/a"), a)
                == pr, "made once for a row and a model");

    ccp_arena_destroy(a);
}


static void
test_set(void)
{
    int                         i, ok;
    ccp_arena_t                *a;
    ccp_provider_t              d;
    const ccp_provider_rule_t  *r;

    static const ccp_column_value_t  wrong[] = {
        { "e_key", "abc" }, { "e_key", "401,99" }, { "e_money", "402," },
        { "e_over", "5033" }, { "e_key", "400/" }, { "e_ctx_st", "400/x" },
        { "head", "foo" }, { "head", "a b:c" }, { "think_extra", "x" },
        { "path", "foo" }, { "path", "/a b" }, { "query", "a b" },
        { "query", "?a=b" }, { "query", "a#b" }, { "cache_key", "a b" },
        { "max_field", "" }, { "par", "" }, { "cache_key", "header:" },
        { "tc_any", "a\nb" }, { NULL, NULL }
    };

    a = ut_arena();
    d = *ccp_provider_plain(CCP_CHAT);

    UT_CHECK(ccp_provider_set_column(&d, a, "stop_max", "0") == CCP_OK
             && d.stop_max == -1, "stop_max 0 is none");
    UT_CHECK(ccp_provider_set_column(&d, a, "stream_opts", "0") == CCP_OK
             && d.no_stream_opts == 1
             && ccp_provider_set_column(&d, a, "stream_opts", "1") == CCP_OK
             && d.no_stream_opts == 0, "stream_opts both ways");
    UT_CHECK(ccp_provider_set_column(&d, a, "rename", "a:b,c:dd") == CCP_OK
             && strcmp(ccp_provider_field(&d, "a"), "b") == 0
             && strcmp(ccp_provider_field(&d, "c"), "dd") == 0, "rename");
    UT_CHECK(ccp_provider_set_column(&d, a, "temp", "(0..1.5") == CCP_OK
             && d.temp_open && d.temp_hi == 1.5, "temp");
    UT_CHECK(ccp_provider_set_column(&d, a, "fmt", "schema") == CCP_OK
             && d.fmt_no_object && !d.fmt_no_schema, "fmt");
    UT_CHECK(ccp_provider_set_column(&d, a, "tc", "auto,function") == CCP_OK
             && d.tc == (CCP_TC_BIT_AUTO | CCP_TC_BIT_FUNCTION), "tc");
    UT_CHECK(ccp_provider_set_column(&d, a, "sys_pos", "first") == CCP_OK
             && d.sys_first == 1, "sys_pos");
    UT_CHECK(ccp_provider_set_column(&d, a, "schema", "gemini") == CCP_OK
             && d.schema == CCP_SCHEMA_SUBSET, "schema");
    UT_CHECK(ccp_provider_set_column(&d, a, "nonsense", "1") == CCP_DECLINED,
             "no such column");
    UT_CHECK(ccp_provider_set_column(&d, a, "schema", "loose") == CCP_INVALID
             && ccp_provider_set_column(&d, a, "name_max", "many")
             == CCP_INVALID
             && ccp_provider_set_column(&d, a, "bridge", "2") == CCP_INVALID
             && ccp_provider_set_column(&d, a, "temp", "1") == CCP_INVALID
             && ccp_provider_set_column(&d, a, "tc", "auto,some")
             == CCP_INVALID
             && ccp_provider_set_column(&d, a, "max_hi", "-5") == CCP_INVALID,
             "bad values are told");

    ok = 1;

    for (i = 0; wrong[i].column != NULL; i++) {
        ok &= ccp_provider_set_column(&d, a, wrong[i].column, wrong[i].value)
              == CCP_INVALID;
    }

    UT_CHECK(ok, "statuses, paths, queries and pairs that are none are told");
    UT_CHECK(ccp_provider_set_column(&d, a, "e_key", "401,400/Bad key: x")
             == CCP_OK
             && ccp_provider_set_column(&d, a, "e_ctx_st", "400,413") == CCP_OK
             && ccp_provider_set_column(&d, a, "head", "x-a:b,x-c:d e")
             == CCP_OK
             && ccp_provider_set_column(&d, a, "path", "/d/{model}{path}")
             == CCP_OK
             && ccp_provider_set_column(&d, a, "query", "a=b&c=%20") == CCP_OK
             && ccp_provider_set_column(&d, a, "cache_key", "header:x-a")
             == CCP_OK
             && ccp_provider_set_column(&d, a, "par", "-") == CCP_OK,
             "those that are some are taken");

    ok = 1;

    for (r = ccp_provider_rules; r->providers != NULL; r++) {
        for (i = 0; i < CCP_RULE_COLUMNS && r->set[i].column != NULL; i++) {
            ok &= ccp_provider_set_column(&d, a, r->set[i].column,
                                          r->set[i].value)
                  == CCP_OK;
        }

        ok &= i > 0;
    }

    UT_CHECK(ok, "every rule sets columns that exist to values they take");

    ccp_arena_destroy(a);
}


static int
fail_for(const ccp_mem_t *mem, void *arg)
{
    ccp_arena_t           *a;
    const ccp_provider_t  *pr;

    (void) arg;

    a = ccp_arena_create(mem, 0);
    if (a == NULL) {
        return CCP_NOMEM;
    }

    pr = ccp_provider_for_model(row("openai"), ccp_lit("gpt-5.6"), a);
    ccp_arena_destroy(a);

    return pr != NULL ? CCP_OK : CCP_NOMEM;
}


int
main(void)
{
    test_families();
    test_rows();
    test_fields();
    test_numbers();
    test_rules();
    test_set();
    ut_fail_each("model rules", fail_for, NULL);

    return ut_done();
}
