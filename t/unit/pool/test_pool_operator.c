
/*
 * An operator's word: holds, weights, the end of a cooldown.
 */

#include "ut_pool.h"


static void
count(ut_pool_t *u, int n, int *counts)
{
    int  i;

    memset(counts, 0, UT_POOL_PAIRS * sizeof(int));

    while (n--) {
        u->now += 7;
        i = ut_pool_once(u, CCP_POOL_GOOD, 0);

        if (i >= 0) {
            counts[i]++;
        }
    }
}


/* Two providers of two keys. */

static ut_pool_t *
four(ccp_pool_mode_e mode)
{
    int         i;
    ut_pool_t  *u;

    u = ut_pool_new(mode);

    for (i = 0; i < 4; i++) {
        ut_pool_pair(u, i / 2, 0, i % 2, 1);
    }

    return u;
}


static void
test_hold(void)
{
    int         n[UT_POOL_PAIRS];
    ut_pool_t  *u;

    u = four(CCP_POOL_ROTATE);

    UT_CHECK(ccp_pool_hold(u->pool, &u->pairs[0], CCP_POOL_THE_PAIR, 1),
             "a pair is held");
    count(u, 300, n);
    UT_CHECK(n[0] == 0 && n[1] == 100 && n[2] == 100 && n[3] == 100,
             "others have its turns: %d %d %d %d", n[0], n[1], n[2], n[3]);
    UT_CHECK(ut_pool_look(u, 0).held == CCP_POOL_THE_PAIR
             && ut_pool_look(u, 1).held == 0, "which is told");

    ccp_pool_hold(u->pool, &u->pairs[0], CCP_POOL_THE_PAIR, 0);
    ccp_pool_hold(u->pool, &u->pairs[2], CCP_POOL_THE_TARGET, 1);
    count(u, 100, n);
    UT_CHECK(n[0] == 50 && n[1] == 50 && n[2] == 0 && n[3] == 0,
             "a target is held with all its keys: %d %d %d %d", n[0], n[1],
             n[2], n[3]);
    UT_CHECK(ut_pool_look(u, 3).held == CCP_POOL_THE_TARGET, "which is told");

    ccp_pool_hold(u->pool, &u->pairs[0], CCP_POOL_THE_KEY, 1);
    count(u, 100, n);
    UT_CHECK(n[1] == 100, "a key is held: %d", n[1]);

    ccp_pool_hold(u->pool, &u->pairs[1], CCP_POOL_THE_KEY, 1);
    UT_CHECK(ut_pool_once(u, CCP_POOL_GOOD, 0) == -1
             && u->rq.reason == CCP_POOL_R_HELD, "nothing is left");

    free(u);
}


static void
test_weigh(void)
{
    int         i, kept, n[UT_POOL_PAIRS];
    ut_pool_t  *u;

    u = four(CCP_POOL_ROTATE);

    UT_CHECK(ccp_pool_weigh(u->pool, &u->pairs[0], 5), "a weight is set");
    count(u, 800, n);
    UT_CHECK(n[0] == 500 && n[1] == 100 && n[2] == 100 && n[3] == 100,
             "and holds: %d %d %d %d", n[0], n[1], n[2], n[3]);
    UT_CHECK(ut_pool_look(u, 0).weight == 5 && ut_pool_look(u, 1).weight == 1,
             "and is told");

    ccp_pool_hold(u->pool, &u->pairs[0], CCP_POOL_THE_PAIR, 1);
    ccp_pool_hold(u->pool, &u->pairs[0], CCP_POOL_THE_PAIR, 0);
    UT_CHECK(ut_pool_look(u, 0).weight == 5, "a hold leaves it");

    ccp_pool_weigh(u->pool, &u->pairs[0], 0);
    count(u, 400, n);
    UT_CHECK(n[0] == 100, "taken back: %d", n[0]);

    free(u);

    u = four(CCP_POOL_STICKY);
    ccp_pool_weigh(u->pool, &u->pairs[3], 1000000);

    for (i = 1, kept = 0; i <= 50; i++) {
        ut_pool_request(u);
        u->rq.session = (uint64_t) i * 7919;
        kept += ut_pool_try(u) == 3;
        ut_pool_end(u, CCP_POOL_GOOD, 0);
    }

    UT_CHECK(kept == 50, "sticky sessions go by it: %d of 50", kept);

    free(u);
}


static void
test_thaw(void)
{
    ut_pool_t  *u;

    u = four(CCP_POOL_ROTATE);
    ccp_pool_hold(u->pool, &u->pairs[1], CCP_POOL_THE_PAIR, 1);
    ccp_pool_hold(u->pool, &u->pairs[2], CCP_POOL_THE_TARGET, 1);

    UT_CHECK(ut_pool_once(u, CCP_POOL_RATE, 90000) == 0
             && ut_pool_look(u, 0).wait, "a pair cools");

    ccp_pool_thaw(u->pool, &u->pairs[0]);
    UT_CHECK(ut_pool_look(u, 0).wait == 0 && !ut_pool_look(u, 0).probing,
             "until an operator ends it");
    UT_CHECK(ut_pool_once(u, CCP_POOL_GOOD, 0) == 0, "and serves");

    free(u);
}


int
main(void)
{
    test_hold();
    test_weigh();
    test_thaw();

    return ut_done();
}
