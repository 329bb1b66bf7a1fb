
/*
 * Reading by the help of what was read before: the document and the errors
 * are those of reading anew, whatever came before.
 */

#include "codec/base/base_memo.h"
#include "codec/json/json_read.h"
#include "ut.h"


#define UT_MOST   60000
#define UT_LIMIT  (4 << 20)


typedef struct {
    char    p[UT_MOST];
    size_t  n;
} ut_text_t;


static int       ut_bad;
static uint32_t  ut_seed = 7;


static uint32_t
ut_random(uint32_t n)
{
    ut_seed = ut_seed * 1664525u + 1013904223u;

    return (ut_seed >> 8) % n;
}


static void
ut_add(ut_text_t *t, const char *s)
{
    size_t  n = strlen(s);

    if (t->n + n > UT_MOST) {
        abort();
    }

    memcpy(t->p + t->n, s, n);
    t->n += n;
}


/* Reads it anew and by memory; both must be the same. */

static void
ut_same(ccp_memo_t *memo, uint64_t scope, const char *text, size_t n)
{
    int           rc, rc2;
    char         *copy;
    ccp_json_t    doc, doc2;
    ccp_jerr_t    err, err2;
    ccp_arena_t  *a;

    copy = malloc(n);
    if (copy == NULL) {
        abort();
    }
    memcpy(copy, text, n);

    a = ut_arena();
    ccp_arena_set_memo(a, memo, scope);
    memset(&err, 0, sizeof(err));
    memset(&err2, 0, sizeof(err2));

    ccp_json_init(&doc, a);
    rc = ccp_json_parse(&doc, (uint8_t *) copy, n, 0, &err);

    ccp_json_init(&doc2, a);
    rc2 = ccp_json_recall(&doc2, (uint8_t *) copy, n, 0, &err2);

    if (rc != rc2 || err.offset != err2.offset || doc.n != doc2.n
        || (err.what != err2.what && strcmp(err.what, err2.what) != 0)
        || (doc.n && memcmp(doc.nodes, doc2.nodes,
                            doc.n * sizeof(ccp_jnode_t)) != 0))
    {
        if (ut_bad++ < 3) {
            printf("# %d at %zu, not %d at %zu: %.*s\n", rc2, err2.offset, rc,
                   err.offset, n < 3000 ? (int) n : 3000, copy);
        }
    }

    free(copy);
    ccp_arena_destroy(a);
}


static ccp_memo_t *
ut_memo(size_t limit)
{
    ccp_mem_t        mem;
    ccp_memo_t      *memo;
    static ut_mem_t  ut;

    ut_mem_init(&ut);
    mem = ut_mem(&ut);
    memo = ccp_memo_create(&mem, limit, 12345);
    if (memo == NULL) {
        abort();
    }

    return memo;
}


static void
ut_message(ut_text_t *t, int i)
{
    char  s[256];

    snprintf(s, sizeof(s), "{\"role\":\"%s\",\"content\":[{\"type\":\"text\","
             "\"text\":\"turn %d says \\\"caf\xc3\xa9\\\" %u\",\"n\":[%u,"
             "true,null,{\"a\":{}},[]]}]}", i % 2 ? "assistant" : "user", i,
             ut_random(100000), ut_random(1000));
    ut_add(t, s);
}


/* A conversation's turns, its tools in front of or behind the messages. */

static void
ut_turn(ut_text_t *t, int turns, int behind, uint32_t seed)
{
    int  i;

    t->n = 0;
    ut_seed = seed;
    ut_add(t, " {\"model\":\"m\",\"n\":12");

    for (i = 0; i < 2; i++) {
        if (i != behind) {
            int  k;

            ut_add(t, ",\"tools\":[");
            for (k = 0; k < 12; k++) {
                ut_add(t, k ? "," : "");
                ut_add(t, "{\"name\":\"tool\",\"schema\":{\"type\":"
                          "\"object\",\"properties\":{\"a\":{\"type\":"
                          "\"string\",\"description\":\"what a tool may well "
                          "say of it, and more\"}},\"required\":[\"a\"]}}");
            }
            ut_add(t, "],\"system\":\"be brief\"");

        } else {
            int  k;

            ut_add(t, ",\"messages\":[");
            for (k = 0; k < turns; k++) {
                ut_add(t, k ? "," : "");
                ut_message(t, k);
            }
            ut_add(t, "]");
        }
    }

    ut_add(t, ",\"stream\":true } ");
}


static void
test_turns(int behind)
{
    int                i, turns;
    ccp_memo_t        *memo;
    static ut_text_t   t;

    ut_bad = 0;
    memo = ut_memo(UT_LIMIT);

    for (turns = 1; turns < 40; turns += 2) {
        for (i = 0; i < 6; i++) {
            ut_turn(&t, turns, behind, 100 + i);
            ut_same(memo, 0, t.p, t.n);
        }
    }

    UT_CHECK(ut_bad == 0, "six conversations by turns, tools %s the messages",
             behind ? "in front of" : "behind");
    ccp_memo_destroy(memo);
}


/* The next text is the one before with a piece cut out, doubled, spoilt. */

static void
test_edits(void)
{
    int                i, edits;
    size_t             at, k, len;
    ccp_memo_t        *memo;
    static ut_text_t   t, u;

    ut_bad = 0;
    memo = ut_memo(UT_LIMIT);

    for (i = 0; i < 3000; i++) {

        if (i % 10 == 0) {
            ut_turn(&t, 5 + i % 20, i / 10 % 2, 500 + i);
            ut_same(memo, 0, t.p, t.n);
        }

        u = t;
        ut_seed = (uint32_t) i * 7919 + 1;

        for (edits = 1 + ut_random(2); edits; edits--) {
            at = ut_random((uint32_t) u.n);
            len = 1 + ut_random(ut_random(2) ? 4 : 300);
            len = len > u.n - at ? u.n - at : len;

            switch (ut_random(4)) {
            case 0:
                memmove(u.p + at, u.p + at + len, u.n - at - len);
                u.n -= len;
                break;
            case 1:
                memmove(u.p + at + len, u.p + at, u.n - at);
                u.n += len;
                break;
            case 2:
                for (k = 0; k < len % 4; k++) {
                    u.p[at + k] = "\"\\{}[],:0 1e\x80\xc3\n"[ut_random(15)];
                }
                break;
            default:
                /* a digit more where numbers end */
                memmove(u.p + at + 1, u.p + at, u.n - at);
                u.p[at] = '7';
                u.n++;
            }
        }

        if (u.n) {
            ut_same(memo, 0, u.p, u.n);
        }
    }

    UT_CHECK(ut_bad == 0, "texts with edits, good and spoilt");
    ccp_memo_destroy(memo);
}


/* Cut at each byte, and longer by each byte. */

static void
test_cuts(void)
{
    size_t             n;
    ccp_memo_t        *memo;
    static ut_text_t   t;

    ut_bad = 0;
    memo = ut_memo(UT_LIMIT);
    ut_turn(&t, 12, 1, 1);

    for (n = t.n; n > 2040; n--) {
        ut_same(memo, 0, t.p, n);
    }

    /* "12" in the first text is "123" in the second */

    ut_turn(&t, 12, 0, 1);
    ut_same(memo, 0, t.p, t.n);
    memmove(t.p + 21, t.p + 20, t.n - 20);
    t.n++;
    ut_same(memo, 0, t.p, t.n);

    UT_CHECK(ut_bad == 0, "a text cut at each byte");
    ccp_memo_destroy(memo);
}


static void
test_bounds(void)
{
    int                i, ok;
    size_t             most;
    ccp_memo_t        *memo;
    static ut_text_t   t;

    ut_bad = 0;
    memo = ut_memo(200 * 1024);
    most = 0;

    for (i = 0; i < 100; i++) {
        ut_turn(&t, 10 + i % 30, i % 2, 1000 + i);
        ut_same(memo, i % 3, t.p, t.n);
        most = ccp_memo_size(memo) > most ? ccp_memo_size(memo) : most;
    }

    ok = ut_bad == 0 && most <= 200 * 1024 && most > 100 * 1024;
    UT_CHECK(ok, "memory stays below its bound: %zu", most);
    ccp_memo_destroy(memo);
}


static void
test_scopes(void)
{
    size_t             common;
    ccp_str_t          key;
    ccp_memo_t        *memo;
    static ut_text_t   t;

    memo = ut_memo(UT_LIMIT);
    ut_turn(&t, 10, 0, 1);
    ut_same(memo, 1, t.p, t.n);
    key = ccp_str_range((uint8_t *) t.p, (uint8_t *) t.p + t.n);

    UT_CHECK(ccp_memo_nearest(memo, 1, key, &common) != NULL
             && common == t.n, "a text is known again");
    UT_CHECK(ccp_memo_nearest(memo, 2, key, &common) == NULL,
             "nothing is known in another scope");

    ccp_memo_keep(memo, 1, 5, key, ccp_lit("made"));

    UT_CHECK(ccp_memo_find(memo, 1, 5, key) != NULL
             && ccp_str_is(ccp_memo_value(ccp_memo_find(memo, 1, 5, key)),
                           "made"), "what was made of it, too");
    UT_CHECK(ccp_memo_find(memo, 2, 5, key) == NULL
             && ccp_memo_find(memo, 1, 6, key) == NULL,
             "not in another scope, nor by another tag");
    key.n--;
    UT_CHECK(ccp_memo_find(memo, 1, 5, key) == NULL, "nor of other bytes");

    ccp_memo_destroy(memo);
}


int
main(void)
{
    test_turns(0);
    test_turns(1);
    test_edits();
    test_cuts();
    test_bounds();
    test_scopes();

    return ut_done();
}
