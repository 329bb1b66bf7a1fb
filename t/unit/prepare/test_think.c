
/*
 * Reasoning wishes (T30, T44) and carriers of signatures (T25, T31).
 */

#include "ut.h"
#include "codec/form/form_think.h"
#include "codec/prepare/prepare.h"


static ccp_think_t
wish(ccp_think_e mode, ccp_effort_e effort, int64_t budget)
{
    ccp_think_t  t;

    memset(&t, 0, sizeof(t));
    t.mode = mode;
    t.effort = effort;
    t.budget = budget;
    t.want_sig = -1;

    return t;
}


static void
test_tables(void)
{
    size_t       i;
    ccp_think_t  t;
    static const struct {
        int64_t       budget;
        ccp_effort_e  effort;
    } up[] = {
        { 0, CCP_EFFORT_NONE }, { 1, CCP_EFFORT_MINIMAL },
        { 1535, CCP_EFFORT_MINIMAL }, { 1536, CCP_EFFORT_LOW },
        { 4095, CCP_EFFORT_LOW }, { 4096, CCP_EFFORT_MEDIUM },
        { 16383, CCP_EFFORT_MEDIUM }, { 16384, CCP_EFFORT_HIGH },
        { 31999, CCP_EFFORT_HIGH }, { 32768, CCP_EFFORT_XHIGH },
        { 49151, CCP_EFFORT_XHIGH }, { 49152, CCP_EFFORT_MAX },
        { INT64_MAX, CCP_EFFORT_MAX }, { -1, CCP_EFFORT_UNSET }
    };
    static const int64_t  down[] = {
        0, 1024, 2048, 8192, 24576, 32768, 65536
    };

    for (i = 0; i < sizeof(up) / sizeof(up[0]); i++) {
        t = wish(CCP_THINK_ON, CCP_EFFORT_UNSET, up[i].budget);
        UT_CHECK(ccp_think_effort(&t) == up[i].effort,
                 "T30: budget %lld as an effort", (long long) up[i].budget);
    }

    for (i = 0; i < sizeof(down) / sizeof(down[0]); i++) {
        t = wish(CCP_THINK_ON, CCP_EFFORT_NONE + (int) i, CCP_UNSET_INT);
        UT_CHECK(ccp_think_budget(&t) == down[i],
                 "T44: effort %d as a budget", (int) i);
    }

    t = wish(CCP_THINK_ON, CCP_EFFORT_LOW, 30000);
    UT_CHECK(ccp_think_effort(&t) == CCP_EFFORT_LOW
             && ccp_think_budget(&t) == 30000, "both given: each is its own");

    t = wish(CCP_THINK_AUTO, CCP_EFFORT_UNSET, CCP_UNSET_INT);
    UT_CHECK(ccp_think_budget(&t) == -1
             && ccp_think_effort(&t) == CCP_EFFORT_UNSET, "auto stays open");

    t = wish(CCP_THINK_OFF, CCP_EFFORT_HIGH, 5000);
    UT_CHECK(ccp_think_budget(&t) == 0
             && ccp_think_effort(&t) == CCP_EFFORT_NONE
             && ccp_think_wanted(&t) == 0, "off wins");

    t = wish(CCP_THINK_UNSET, CCP_EFFORT_UNSET, CCP_UNSET_INT);
    UT_CHECK(ccp_think_budget(&t) == CCP_UNSET_INT
             && ccp_think_wanted(&t) == -1, "nothing said, nothing wanted");

    t = wish(CCP_THINK_UNSET, CCP_EFFORT_LOW, CCP_UNSET_INT);
    UT_CHECK(ccp_think_wanted(&t) == 1, "an effort is a wish");
    t = wish(CCP_THINK_UNSET, CCP_EFFORT_NONE, CCP_UNSET_INT);
    UT_CHECK(ccp_think_wanted(&t) == 0, "effort none is a refusal");
    t = wish(CCP_THINK_ON, CCP_EFFORT_UNSET, 0);
    UT_CHECK(ccp_think_wanted(&t) == 0, "budget 0 is a refusal");
    t = wish(CCP_THINK_UNSET, CCP_EFFORT_UNSET, -1);
    UT_CHECK(ccp_think_wanted(&t) == 1, "a dynamic budget is a wish");
}


static void
test_words(void)
{
    int  e;

    for (e = CCP_EFFORT_NONE; e <= CCP_EFFORT_MAX; e++) {
        UT_CHECK(ccp_effort_find(ccp_cstr(ccp_provider_effort_words[e]))
                 == (ccp_effort_e) e,
                 "the effort %s by its word", ccp_provider_effort_words[e]);
    }

    UT_CHECK(ccp_effort_find(ccp_lit("")) == CCP_EFFORT_UNSET
             && ccp_effort_find(ccp_lit("High")) == CCP_EFFORT_UNSET
             && ccp_effort_find(ccp_none) == CCP_EFFORT_UNSET,
             "other words are none");
}


static void
test_hash(void)
{
    UT_CHECK(ccp_model_hash(ccp_lit("claude-sonnet-4-5-20250929"))
             == ccp_model_hash(ccp_lit("anthropic/Claude-Sonnet-4-5")),
             "T26: a date and a router's path are no other family");
    UT_CHECK(ccp_model_hash(ccp_lit("gpt-5-2025-08-07"))
             == ccp_model_hash(ccp_lit("gpt-5")), "a date with dashes");
    UT_CHECK(ccp_model_hash(ccp_lit("claude-sonnet-4-5@20250929"))
             == ccp_model_hash(ccp_lit("claude-sonnet-4-5-latest")),
             "deployment suffixes");
    UT_CHECK(ccp_model_hash(ccp_lit("claude-opus-4-1"))
             != ccp_model_hash(ccp_lit("claude-opus-4-5")),
             "another model is another family");
    UT_CHECK(ccp_model_hash(ccp_lit("gemini-2.5-pro"))
             != ccp_model_hash(ccp_lit("gemini-3-pro")), "so with gemini");
}


static void
test_carrier(void)
{
    int           proto;
    uint32_t      hash;
    ccp_str_t     c, item, bytes;
    ccp_proto_e   origin;
    ccp_arena_t  *a;

    a = ut_arena();

    for (proto = 0; proto < CCP_NPROTO; proto++) {
        c = ccp_carrier_pack(a, proto, ccp_lit("m-1"), ccp_lit("rs_0a"),
                             ccp_lit("AB+/=="));
        UT_CHECK(ccp_str_starts(c, "ccp1."), "a carrier says what it is");
        UT_CHECK(ccp_carrier_unpack(a, c, &origin, &hash, &item, &bytes) == 1
                 && origin == (ccp_proto_e) proto
                 && hash == ccp_model_hash(ccp_lit("m-1"))
                 && ut_str_is(item, "rs_0a") && ut_str_is(bytes, "AB+/=="),
                 "T31: everything comes back");
    }

    c = ccp_carrier_pack(a, CCP_GEMINI, ccp_lit("g"), ccp_none,
                         ccp_lit("SIG"));
    UT_CHECK(ccp_carrier_unpack(a, c, &origin, &hash, &item, &bytes) == 1
             && item.p == NULL && ut_str_is(bytes, "SIG"), "without an item");

    /* base64 of "ccp1.r.AAAAAA.~rs_1.QUJD" */
    c = ccp_lit("Y2NwMS5yLkFBQUFBQS5-cnNfMS5RVUpE");
    UT_CHECK(ccp_carrier_unpack(a, c, &origin, &hash, &item, &bytes) == 1
             && origin == CCP_RESPONSES && hash == 0
             && ut_str_is(item, "rs_1") && ut_str_is(bytes, "QUJD"),
             "T25: a carrier in a Gemini client's base64");

    origin = CCP_OLLAMA;
    UT_CHECK(ccp_carrier_unpack(a, ccp_lit("EqQBCgIYAhIk"), &origin, &hash,
                                &item, &bytes) == 0
             && origin == CCP_OLLAMA, "a provider's own proof is no carrier");
    UT_CHECK(ccp_carrier_unpack(a, ccp_lit("ccp1."), &origin, &hash, &item,
                                &bytes) == 0
             && ccp_carrier_unpack(a, ccp_lit("ccp1.q.AAAAAA.x"), &origin,
                                   &hash, &item, &bytes) == 0
             && ccp_carrier_unpack(a, ccp_lit("ccp1.a.AA!AAA.x"), &origin,
                                   &hash, &item, &bytes) == 0
             && ccp_carrier_unpack(a, ccp_none, &origin, &hash, &item,
                                   &bytes) == 0,
             "broken ones are refused");

    ccp_arena_destroy(a);
}


static int
fail_carrier(const ccp_mem_t *mem, void *arg)
{
    int           rc;
    uint32_t      hash;
    ccp_str_t     c, item, bytes;
    ccp_proto_e   origin;
    ccp_arena_t  *a;

    (void) arg;

    a = ccp_arena_create(mem, 0);
    if (a == NULL) {
        return CCP_NOMEM;
    }

    c = ccp_carrier_pack(a, CCP_RESPONSES, ccp_lit("m"), ccp_lit("rs_1"),
                         ccp_lit("ABCDEF"));
    rc = c.p != NULL && ccp_carrier_unpack(a, c, &origin, &hash, &item, &bytes)
         ? CCP_OK : CCP_NOMEM;

    ccp_arena_destroy(a);

    return rc;
}


int
main(void)
{
    test_tables();
    test_words();
    test_hash();
    test_carrier();
    ut_fail_each("carriers", fail_carrier, NULL);

    return ut_done();
}
