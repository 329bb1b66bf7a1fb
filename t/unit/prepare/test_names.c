
/*
 * Tool names (T14, T16) and call ids (T13) on the wire.
 */

#include "ut.h"
#include "codec/form/form_block.h"
#include "codec/provider/provider.h"
#include "codec/prepare/prepare.h"


static ccp_tool_t *
add_tool(ccp_arena_t *a, ccp_request_t *r, ccp_tool_e kind, const char *space,
    const char *name)
{
    ccp_tool_t  *t, **tail;

    t = ccp_calloc(a, sizeof(ccp_tool_t));
    if (t == NULL) {
        return NULL;
    }

    t->kind = kind;
    t->name = ccp_cstr(name);
    t->space = space != NULL ? ccp_cstr(space) : ccp_none;

    for (tail = &r->tools; *tail != NULL; tail = &(*tail)->next) {
        /* void */
    }

    *tail = t;

    return t;
}


#define LONG  "mcp__a_rather_long_server_name__and_a_tool_with_an_even_longer_"


static int
legal(ccp_str_t s, size_t max)
{
    size_t  i;

    for (i = 0; i < s.n; i++) {
        if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
                   "0123456789-", s.p[i]) == NULL)
        {
            return 0;
        }
    }

    return s.n > 0 && s.n <= max && !(s.p[0] >= '0' && s.p[0] <= '9');
}


static void
test_map(void)
{
    ccp_str_t          w[6];
    ccp_name_t        *names, *again;
    ccp_arena_t       *a;
    ccp_request_t      r;
    const ccp_name_t  *n;

    a = ut_arena();
    memset(&r, 0, sizeof(r));

    add_tool(a, &r, CCP_T_FUNCTION, NULL, "Read");
    add_tool(a, &r, CCP_T_FREE_TEXT, NULL, "apply_patch");
    add_tool(a, &r, CCP_T_HOSTED, NULL, "web search!");

    UT_CHECK(ccp_names_build(&names, &r, a, 64, 0) == CCP_OK && names == NULL,
             "nothing to map: no map");
    UT_CHECK(ut_str_is(ccp_name_wire(NULL, ccp_none, ccp_lit("Read")), "Read")
             && ccp_name_client(NULL, ccp_lit("Read")) == NULL,
             "names stand for themselves");

    UT_CHECK(ccp_names_build(&names, &r, a, 64, 1) == CCP_OK
             && (n = ccp_name_client(names, ccp_lit("apply_patch"))) != NULL
             && n->free_text && ut_str_is(n->client, "apply_patch")
             && ccp_name_client(names, ccp_lit("Read")) == NULL,
             "T16: a custom tool that travels as a function is marked");

    add_tool(a, &r, CCP_T_FUNCTION, NULL, "files.read");
    add_tool(a, &r, CCP_T_FUNCTION, NULL, "files_read");
    add_tool(a, &r, CCP_T_FUNCTION, NULL, "files/read");
    add_tool(a, &r, CCP_T_FUNCTION, NULL, LONG "one");
    add_tool(a, &r, CCP_T_FUNCTION, NULL, LONG "two");
    add_tool(a, &r, CCP_T_FUNCTION, "github", "search");
    add_tool(a, &r, CCP_T_FUNCTION, NULL, "3d");
    add_tool(a, &r, CCP_T_FUNCTION, NULL, "größe");

    UT_CHECK(ccp_names_build(&names, &r, a, 64, 1) == CCP_OK, "a full map");

    w[0] = ccp_name_wire(names, ccp_none, ccp_lit("files.read"));
    w[1] = ccp_name_wire(names, ccp_none, ccp_lit("files_read"));
    w[2] = ccp_name_wire(names, ccp_none, ccp_lit("files/read"));
    UT_CHECK(ut_str_is(w[1], "files_read"), "a legal name keeps itself");
    UT_CHECK(legal(w[0], 64) && legal(w[2], 64) && !ccp_str_eq(w[0], w[1])
             && !ccp_str_eq(w[0], w[2]) && !ccp_str_eq(w[1], w[2]),
             "T14: three that mend alike stay three");

    w[3] = ccp_name_wire(names, ccp_none, ccp_lit(LONG "one"));
    w[4] = ccp_name_wire(names, ccp_none, ccp_lit(LONG "two"));
    UT_CHECK(w[3].n == 64 && w[4].n == 64 && !ccp_str_eq(w[3], w[4])
             && memcmp(w[3].p, LONG, 55) == 0 && w[3].p[55] == '_',
             "T14: long names: 55 characters and a hash");

    w[5] = ccp_name_wire(names, ccp_lit("github"), ccp_lit("search"));
    n = ccp_name_client(names, w[5]);
    UT_CHECK(ut_str_is(w[5], "github__search") && n != NULL
             && ut_str_is(n->space, "github")
             && ut_str_is(n->client, "search"),
             "T16: a namespace goes and comes back");

    w[0] = ccp_name_wire(names, ccp_none, ccp_lit("3d"));
    UT_CHECK(ut_str_is(w[0], "_3d"), "no digit in front");
    w[0] = ccp_name_wire(names, ccp_none, ccp_lit("größe"));
    n = ccp_name_client(names, w[0]);
    UT_CHECK(legal(w[0], 64) && n != NULL && ut_str_is(n->client, "größe"),
             "letters of other scripts");
    UT_CHECK(ut_str_is(ccp_name_wire(names, ccp_none, ccp_lit("Read")),
                       "Read"), "the others are not in the way");

    UT_CHECK(ccp_names_build(&again, &r, a, 64, 1) == CCP_OK
             && ccp_str_eq(w[4], ccp_name_wire(again, ccp_none,
                                               ccp_lit(LONG "two"))),
             "the same request gives the same map");

    UT_CHECK(ccp_names_build(&names, &r, a, 32, 0) == CCP_OK
             && legal(ccp_name_wire(names, ccp_none, ccp_lit(LONG "one")), 32),
             "another limit");

    ccp_arena_destroy(a);
}


static void
test_history(void)
{
    ccp_arena_t    *a;
    ccp_block_t    *b;
    ccp_name_t     *names;
    ccp_message_t   m;
    ccp_request_t   r;
    ccp_str_t       w;

    a = ut_arena();
    memset(&r, 0, sizeof(r));
    memset(&m, 0, sizeof(m));
    r.msgs = &m;
    m.role = CCP_ROLE_ASSISTANT;

    b = ccp_block_new(a, CCP_B_CALL);
    b->name = ccp_lit("old.tool");
    m.blocks = b;
    add_tool(a, &r, CCP_T_FUNCTION, NULL, "new_tool");

    UT_CHECK(ccp_names_build(&names, &r, a, 64, 0) == CCP_OK && names != NULL,
             "a call of a tool that is gone");
    w = ccp_name_wire(names, ccp_none, ccp_lit("old.tool"));
    UT_CHECK(ut_str_is(w, "old_tool"), "T14: history uses the same map");

    ccp_arena_destroy(a);
}


static void
test_ids(void)
{
    ccp_str_t     x, y;
    ccp_arena_t  *a;

    a = ut_arena();

    x = ccp_call_id(a, ccp_lit("vAKGXGFZD"), CCP_ID_ALNUM9, "call_");
    UT_CHECK(ut_str_is(x, "vAKGXGFZD"), "T13: an id that fits stays");

    x = ccp_call_id(a, ccp_lit("toolu_01Abc"), CCP_ID_ALNUM9, "call_");
    y = ccp_call_id(a, ccp_lit("toolu_01Abc"), CCP_ID_ALNUM9, "call_");
    UT_CHECK(x.n == 9 && legal(x, 9) == (x.p[0] > '9') && ccp_str_eq(x, y)
             && memchr(x.p, '_', 9) == NULL,
             "T13: Mistral: nine alphanumerics, the same each time");
    y = ccp_call_id(a, ccp_lit("toolu_01Abd"), CCP_ID_ALNUM9, "call_");
    UT_CHECK(!ccp_str_eq(x, y), "T13: another id, another hash");

    x = ccp_call_id(a, ccp_lit("functions.bash:0"), CCP_ID_ANY, "call_");
    UT_CHECK(ut_str_is(x, "functions.bash:0"), "any form, within 64");
    x = ccp_call_id(a, ccp_lit("functions.bash:0"), CCP_ID_SAFE64, "toolu_");
    UT_CHECK(ccp_str_starts(x, "toolu_") && legal(x, 64),
             "T13: Anthropic's charset");
    x = ccp_call_id(a, ccp_lit("call_0123456789012345678901234567890123456"),
                    CCP_ID_MAX40, "call_");
    UT_CHECK(x.n <= 40 && ccp_str_starts(x, "call_"), "at most 40");
    x = ccp_call_id(a, ccp_lit("call_01234567890123456789012345678901234567"
                               "89012345678901234567890"), CCP_ID_ANY,
                    "call_");
    UT_CHECK(x.n <= 64 && ccp_str_starts(x, "call_"), "T13: more than 64");
    x = ccp_call_id(a, ccp_none, CCP_ID_SAFE64, "toolu_");
    UT_CHECK(x.p != NULL && x.n > 6, "no id at all");

    x = ccp_call_id(a, ((ccp_str_t) { (const uint8_t *) "call\\u005f1", 11, 1,
                                      1 }), CCP_ID_SAFE64, "toolu_");
    UT_CHECK(ut_str_is(x, "call_1"), "escapes are looked through");

    ccp_arena_destroy(a);
}


static int
fail_names(const ccp_mem_t *mem, void *arg)
{
    int             rc;
    ccp_name_t     *names;
    ccp_arena_t    *a;
    ccp_request_t   r;

    (void) arg;

    a = ccp_arena_create(mem, 0);
    if (a == NULL) {
        return CCP_NOMEM;
    }

    memset(&r, 0, sizeof(r));
    rc = CCP_NOMEM;

    if (add_tool(a, &r, CCP_T_FUNCTION, "s", "a b")
        && add_tool(a, &r, CCP_T_FUNCTION, NULL, LONG "one")
        && add_tool(a, &r, CCP_T_FREE_TEXT, NULL, "p"))
    {
        rc = ccp_names_build(&names, &r, a, 64, 1);

        if (rc == CCP_OK
            && ccp_call_id(a, ccp_lit("a.b"), CCP_ID_ALNUM9, "").p == NULL)
        {
            rc = CCP_NOMEM;
        }
    }

    ccp_arena_destroy(a);

    return rc;
}


int
main(void)
{
    test_map();
    test_history();
    test_ids();
    ut_fail_each("names and ids", fail_names, NULL);

    return ut_done();
}
