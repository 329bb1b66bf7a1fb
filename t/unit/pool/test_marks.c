
/*
 * Marks: names that are known for a while, in a table that is never full.
 */

#include "pool/pool_marks.h"
#include "ut.h"


static void
ut_time(void)
{
    ccp_pool_marks_t  *m;

    m = ccp_pool_marks_init(calloc(1, 4096), 4096);

    UT_CHECK(!ccp_pool_marks_has(m, 7, 100), "nothing is marked at first");

    ccp_pool_marks_set(m, 7, 50, 100);
    UT_CHECK(ccp_pool_marks_has(m, 7, 100) && ccp_pool_marks_has(m, 7, 149),
             "a mark holds for its time");
    UT_CHECK(!ccp_pool_marks_has(m, 7, 150), "and no longer");
    UT_CHECK(!ccp_pool_marks_has(m, 8, 120), "another name has none");

    ccp_pool_marks_set(m, 7, 10, 145);
    UT_CHECK(ccp_pool_marks_has(m, 7, 154) && !ccp_pool_marks_has(m, 7, 155),
             "the later word counts");

    free(m);
}


/* Far more names than there is room for: the latest are known. */

static void
ut_full(void)
{
    uint64_t           i, known;
    ccp_pool_marks_t  *m;

    m = ccp_pool_marks_init(calloc(1, 4096), 4096);

    for (i = 1; i <= 10000; i++) {
        ccp_pool_marks_set(m, i, 1000, i);
    }

    for (i = 1, known = 0; i <= 10000; i++) {
        known += ccp_pool_marks_has(m, i, 10000) != 0;
    }

    UT_CHECK(ccp_pool_marks_has(m, 10000, 10000), "a new one finds room");
    UT_CHECK(known == 248, "%d of 248 places are in use",
             (int) known);

    for (i = 9900, known = 0; i <= 10000; i++) {
        known += ccp_pool_marks_has(m, i, 10000) != 0;
    }

    UT_CHECK(known == 101, "those that end soonest have gone");

    free(m);
}


static void
ut_small(void)
{
    char              *mem;
    ccp_pool_marks_t  *m;

    mem = calloc(1, 8 + 8 * 16);

    UT_CHECK(ccp_pool_marks_init(mem, 8 + 8 * 16 - 1) == NULL,
             "too small a block");

    m = ccp_pool_marks_init(mem, 8 + 8 * 16);
    UT_CHECK(m != NULL, "the smallest one");

    ccp_pool_marks_set(m, 1, 1000, 1);
    ccp_pool_marks_set(m, 2, 10, 1);
    ccp_pool_marks_set(m, 3, 1000, 1);
    ccp_pool_marks_set(m, 4, 1000, 1);
    ccp_pool_marks_set(m, 5, 1000, 1);
    ccp_pool_marks_set(m, 6, 1000, 1);
    ccp_pool_marks_set(m, 7, 1000, 1);
    ccp_pool_marks_set(m, 8, 1000, 1);
    ccp_pool_marks_set(m, 9, 1000, 5);

    UT_CHECK(ccp_pool_marks_has(m, 9, 5) && !ccp_pool_marks_has(m, 2, 5)
             && ccp_pool_marks_has(m, 1, 5) && ccp_pool_marks_has(m, 8, 5),
             "full: the one that ends soonest goes");

    free(mem);
}


int
main(void)
{
    ut_time();
    ut_full();
    ut_small();

    return ut_done();
}
