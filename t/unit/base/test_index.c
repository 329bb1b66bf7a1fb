
/*
 * An index: what is put is found, what is taken away is not, however many.
 */

#include "codec/base/base_index.h"
#include "ut.h"


#define UT_N  5000


static int  ut_things[UT_N];


static void
ut_many(void)
{
    int           i, found, gone, kept;
    ccp_arena_t  *a;
    ccp_index_t   x;

    a = ut_arena();
    ccp_index_init(&x, a);
    UT_CHECK(ccp_index_get(&x, 0) == NULL, "nothing in an empty index");
    UT_CHECK(ccp_index_put(&x, 7, NULL) == CCP_OK,
             "taking away from an empty index");

    for (i = 0; i < UT_N; i++) {
        (void) ccp_index_put(&x, (uint64_t) i << 32, &ut_things[i]);
    }

    for (i = 0, found = 0; i < UT_N; i++) {
        found += ccp_index_get(&x, (uint64_t) i << 32) == &ut_things[i];
    }

    UT_CHECK(found == UT_N, "all are found");
    UT_CHECK(ccp_index_get(&x, 1) == NULL, "another number is not");

    for (i = 0; i < UT_N; i += 2) {
        (void) ccp_index_put(&x, (uint64_t) i << 32, NULL);
    }

    for (i = 0, gone = 0, kept = 0; i < UT_N; i++) {
        gone += ccp_index_get(&x, (uint64_t) i << 32) == NULL;
        kept += ccp_index_get(&x, (uint64_t) i << 32) == &ut_things[i];
    }

    UT_CHECK(gone == UT_N / 2 && kept == UT_N / 2, "half is taken away");
    (void) ccp_index_put(&x, 0, &ut_things[1]);
    UT_CHECK(ccp_index_get(&x, 0) == &ut_things[1], "put again");
    (void) ccp_index_put(&x, 0, &ut_things[2]);
    UT_CHECK(ccp_index_get(&x, 0) == &ut_things[2], "the later one counts");
    ccp_arena_destroy(a);
}


/* A queue of one: the table doesn't grow with what has left. */

static void
ut_pass(void)
{
    int           i;
    size_t        size;
    ccp_arena_t  *a;
    ccp_index_t   x;

    a = ut_arena();
    ccp_index_init(&x, a);
    (void) ccp_index_put(&x, 0, &ut_things[0]);
    size = ccp_arena_size(a);

    for (i = 0; i < UT_N; i++) {
        (void) ccp_index_put(&x, (uint64_t) i, NULL);
        (void) ccp_index_put(&x, (uint64_t) i + 1, &ut_things[0]);
    }

    UT_CHECK(ccp_arena_size(a) == size, "what has left takes no room");
    ccp_arena_destroy(a);
}


static int
ut_fail(const ccp_mem_t *mem, void *arg)
{
    int           i, rc;
    ccp_arena_t  *a;
    ccp_index_t   x;

    (void) arg;
    a = ccp_arena_create(mem, 0);
    if (a == NULL) {
        return CCP_NOMEM;
    }

    ccp_index_init(&x, a);

    for (i = 0, rc = CCP_OK; i < 100 && rc == CCP_OK; i++) {
        rc = ccp_index_put(&x, (uint64_t) i, &ut_things[i]);
        if (rc != CCP_OK && i && ccp_index_get(&x, 0) != &ut_things[0]) {
            rc = CCP_INVALID;
        }
    }

    ccp_arena_destroy(a);

    return rc;
}


int
main(void)
{
    ut_many();
    ut_pass();
    ut_fail_each("without memory what was put stays", ut_fail, NULL);

    return ut_done();
}
