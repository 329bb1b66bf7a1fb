
/*
 * Which pair serves: rotation, weights, least_inflight, stickiness, backups,
 * bounds and limits.
 */

#include "ut_pool.h"


static int
within(int n, int share, int percent)
{
    return n * 100 >= share * (100 - percent)
           && n * 100 <= share * (100 + percent);
}


/* 3 providers × 3 keys × 3 models, requests of two workers in turns. */

static void
test_even(void)
{
    int                 i, n, bad, count[27] = { 0 };
    ut_pool_t          *u;
    ccp_pool_worker_t   one, two;

    u = ut_pool_new(CCP_POOL_ROTATE);

    for (i = 0; i < 27; i++) {
        ut_pool_pair(u, i / 9, i / 3 % 3, i % 3, 1);
    }

    one = u->w;
    ccp_pool_worker_attach(u->pool, &two, 2, u->now);

    for (n = 0; n < 2700; n++) {
        u->w = n % 2 ? one : two;
        u->now += 7;
        i = ut_pool_once(u, CCP_POOL_GOOD, 0);
        count[i]++;
    }

    for (i = bad = 0; i < 27; i++) {
        bad += !within(count[i], 100, 20);
    }

    UT_CHECK(bad == 0, "27 pairs serve 2700 requests of two workers evenly");

    for (i = bad = 0; i < 27; i++) {
        bad += ut_pool_look(u, i).served != (uint64_t) count[i]
               || ut_pool_look(u, i).inflight != 0;
    }

    UT_CHECK(bad == 0, "each is counted, none stays under way");
    free(u);
}


/* Each worker has its own list of the same names: they go on together. */

static void
test_two_lists(void)
{
    int               i, n, count[3] = { 0 };
    ut_pool_t        *u;
    ccp_pool_list_t   mine, other;
    ccp_pool_pair_t   pairs[3];

    u = ut_pool_new(CCP_POOL_ROTATE);

    for (i = 0; i < 3; i++) {
        ut_pool_pair(u, i, 0, 0, 1);
    }

    memcpy(pairs, u->pairs, sizeof(pairs));
    other = u->list;
    other.pairs = pairs;
    mine = u->list;

    for (n = 0; n < 6; n++) {
        u->list = n % 2 ? mine : other;
        count[ut_pool_once(u, CCP_POOL_GOOD, 0)]++;
    }

    UT_CHECK(count[0] == 2 && count[1] == 2 && count[2] == 2,
             "two lists of the same names share one rotation");
    free(u);
}


static void
test_weights(void)
{
    int         n, first, row, longest, count[2] = { 0 };
    ut_pool_t  *u;

    u = ut_pool_new(CCP_POOL_ROTATE);
    ut_pool_pair(u, 0, 0, 0, 3);
    ut_pool_pair(u, 1, 0, 0, 1);

    for (n = row = longest = 0; n < 400; n++) {
        first = ut_pool_once(u, CCP_POOL_GOOD, 0);
        count[first]++;
        row = first == 0 ? row + 1 : 0;
        longest = row > longest ? row : longest;
    }

    UT_CHECK(within(count[0], 300, 15) && within(count[1], 100, 15),
             "weights 3:1");
    UT_CHECK(longest <= 4, "smoothly: at most %d in a row", longest);
    free(u);
}


static void
test_tries(void)
{
    int         i, seen;
    ut_pool_t  *u;

    u = ut_pool_new(CCP_POOL_ROTATE);

    for (i = 0; i < 5; i++) {
        ut_pool_pair(u, 0, 0, i, 1);
    }

    ut_pool_request(u);

    for (seen = 0; (i = ut_pool_try(u)) != -1; ) {
        seen |= 1 << i;
        ut_pool_end(u, CCP_POOL_RATE, 0);
    }

    UT_CHECK(seen == 31 && u->rq.tries == 5, "a request tries each pair once");
    UT_CHECK(u->rq.reason == CCP_POOL_R_TRIED, "and then no more");
    free(u);
}


/* After a provider's fault its other keys come last. */

static void
test_avoid(void)
{
    int         a, b, c;
    ut_pool_t  *u;

    u = ut_pool_new(CCP_POOL_ROTATE);
    ut_pool_pair(u, 0, 0, 0, 9);
    ut_pool_pair(u, 0, 0, 1, 9);
    ut_pool_pair(u, 1, 0, 0, 1)->backup = 1;

    ut_pool_request(u);
    a = ut_pool_try(u);
    ut_pool_end(u, CCP_POOL_CONNECT, 0);
    b = ut_pool_try(u);
    ut_pool_end(u, CCP_POOL_CONNECT, 0);
    c = ut_pool_try(u);
    ut_pool_end(u, CCP_POOL_GOOD, 0);

    UT_CHECK(a < 2 && b == 2 && c == 1 - a,
             "a target that failed is tried again after all others");

    ut_pool_request(u);
    a = ut_pool_try(u);
    ut_pool_end(u, CCP_POOL_RATE, 0);
    b = ut_pool_try(u);

    UT_CHECK(a + b == 1, "another key of the same target before a backup");
    free(u);
}


static void
test_backup(void)
{
    int         n, i, bad;
    ut_pool_t  *u;

    u = ut_pool_new(CCP_POOL_ROTATE);
    ut_pool_pair(u, 0, 0, 0, 1);
    ut_pool_pair(u, 1, 0, 0, 100)->backup = 1;

    for (n = bad = 0; n < 10; n++) {
        bad += ut_pool_once(u, CCP_POOL_GOOD, 0) != 0;
    }

    UT_CHECK(bad == 0, "a backup has nothing to do while another is well");

    i = ut_pool_once(u, CCP_POOL_RATE, 5000);
    UT_CHECK(i == 0 && ut_pool_once(u, CCP_POOL_GOOD, 0) == 1,
             "it serves while that cools");

    u->now += 5000;
    UT_CHECK(ut_pool_once(u, CCP_POOL_GOOD, 0) == 0, "and no longer");
    free(u);
}


static void
test_least(void)
{
    int                 i, n, count[3] = { 0 };
    ut_pool_t          *u;
    ccp_pool_ticket_t   held[40];

    u = ut_pool_new(CCP_POOL_LEAST);

    for (i = 0; i < 3; i++) {
        ut_pool_pair(u, i, 0, 0, i == 2 ? 2 : 1);
    }

    for (n = 0; n < 40; n++) {
        ut_pool_request(u);
        i = ut_pool_try(u);
        held[n] = u->t;
        count[i]++;
    }

    UT_CHECK(count[0] == 10 && count[1] == 10 && count[2] == 20,
             "least_inflight by weight: %d %d %d", count[0], count[1],
             count[2]);

    /* the slow pair keeps its tries, the others end theirs */

    for (n = 0; n < 40; n++) {
        if (held[n].index != 0) {
            ccp_pool_free(u->pool, &u->list, &held[n], -1, u->now);
        }
    }

    memset(count, 0, sizeof(count));

    for (n = 0; n < 12; n++) {
        count[ut_pool_once(u, CCP_POOL_GOOD, 0)]++;
    }

    UT_CHECK(count[0] == 0 && count[1] > 0 && count[2] > 0,
             "the pair that is slow gets no more");
    free(u);
}


static int
session(ut_pool_t *u, int n, ccp_pool_outcome_e outcome, uint64_t wait)
{
    int  i;

    ut_pool_request(u);
    u->rq.session = 0x1234567u * (uint64_t) (n + 1);

    i = ut_pool_try(u);
    ut_pool_end(u, outcome, wait);

    return i;
}


/* T51: a session stays where its cache is, others don't move. */

static void
test_sticky(void)
{
    int         n, i, bad, moved, home[300], count[4] = { 0 };
    ut_pool_t  *u;

    u = ut_pool_new(CCP_POOL_STICKY);

    for (i = 0; i < 4; i++) {
        ut_pool_pair(u, 0, 0, i, i == 3 ? 3 : 1);
    }

    for (n = bad = 0; n < 300; n++) {
        home[n] = session(u, n, CCP_POOL_GOOD, 0);
        count[home[n]]++;
        bad += session(u, n, CCP_POOL_GOOD, 0) != home[n];
    }

    UT_CHECK(bad == 0, "a session keeps its pair");
    UT_CHECK(within(count[0], 50, 40) && within(count[1], 50, 40)
             && within(count[2], 50, 40) && within(count[3], 150, 20),
             "sessions spread by weight: %d %d %d %d", count[0], count[1],
             count[2], count[3]);

    for (n = 0; home[n] != 1; n++) { /* void */ }

    (void) session(u, n, CCP_POOL_RATE, 60000);

    for (n = bad = moved = 0; n < 300; n++) {
        i = session(u, n, CCP_POOL_GOOD, 0);
        bad += home[n] == 1 ? i == 1 : i != home[n];
        moved |= home[n] == 1 ? 1 << i : 0;
    }

    UT_CHECK(bad == 0, "only sessions of the cooling pair move");
    UT_CHECK(moved == 13, "to all the others");

    u->now += 60000;

    for (n = bad = 0; n < 300; n++) {
        bad += session(u, n, CCP_POOL_GOOD, 0) != home[n];
    }

    UT_CHECK(bad == 0, "and come back after");

    for (n = moved = 0; n < 6; n++) {
        moved |= 1 << session(u, -1, CCP_POOL_GOOD, 0);
    }

    UT_CHECK(moved == 15, "requests without a session take turns");
    free(u);
}


static void
test_bounds(void)
{
    int                 i;
    ut_pool_t          *u;
    ccp_pool_ticket_t   a, b;

    u = ut_pool_new(CCP_POOL_ROTATE);
    ut_pool_pair(u, 0, 0, 0, 1)->max_inflight = 2;
    ut_pool_pair(u, 0, 0, 1, 1)->max_inflight = 2;

    ut_pool_request(u);
    (void) ut_pool_try(u);
    a = u->t;
    ut_pool_request(u);
    (void) ut_pool_try(u);
    b = u->t;
    ut_pool_request(u);
    i = ut_pool_try(u);

    UT_CHECK(a.index != b.index && i == -1
             && u->rq.reason == CCP_POOL_R_BUSY,
             "max_inflight is the target's, over all of its keys");

    ccp_pool_free(u->pool, &u->list, &a, -1, u->now);
    ccp_pool_free(u->pool, &u->list, &a, -1, u->now);
    UT_CHECK(ut_pool_once(u, CCP_POOL_GOOD, 0) != -1, "until one ends");
    UT_CHECK(ut_pool_look(u, 0).target_inflight == 1, "which counts once");
    free(u);

    u = ut_pool_new(CCP_POOL_ROTATE);
    ut_pool_pair(u, 0, 0, 0, 1)->context = 1000;
    ut_pool_pair(u, 1, 0, 0, 1)->context = 5000;

    ut_pool_request(u);
    u->rq.tokens = 1001;
    UT_CHECK(ut_pool_try(u) == 1, "a prompt too long skips a target");
    ut_pool_request(u);
    u->rq.tokens = 5001;
    UT_CHECK(ut_pool_try(u) == -1 && u->rq.reason == CCP_POOL_R_CONTEXT,
             "or all of them");
    free(u);
}


static void
test_limits(void)
{
    int         n;
    ut_pool_t  *u;

    u = ut_pool_new(CCP_POOL_ROTATE);
    u->now = 60000 * 100;
    ut_pool_pair(u, 0, 0, 0, 1)->rpm = 10;

    for (n = 0; ut_pool_once(u, CCP_POOL_GOOD, 0) != -1; n++) {
        u->now += 10;
    }

    UT_CHECK(n == 10 && u->rq.reason == CCP_POOL_R_LIMIT, "rpm: %d", n);
    UT_CHECK(u->rq.wait > 0 && u->rq.wait <= 60000, "with a time to wait");

    u->now = 60000 * 101 + 30000;

    for (n = 0; ut_pool_once(u, CCP_POOL_GOOD, 0) != -1; n++) { /* void */ }

    UT_CHECK(n == 5, "the minute slides: %d", n);

    u->now += 600000;
    UT_CHECK(ut_pool_once(u, CCP_POOL_GOOD, 0) == 0, "and is over");

    /* two processes whose clocks differ, at the end of a minute */

    for (n = 0; n < 9; n++) {
        u->now = 60000 * 200 - 1 + (uint64_t) (n % 2);
        (void) ut_pool_once(u, CCP_POOL_GOOD, 0);
    }

    u->now = 60000 * 200;
    UT_CHECK(ut_pool_once(u, CCP_POOL_GOOD, 0) == 0
             && ut_pool_once(u, CCP_POOL_GOOD, 0) == -1,
             "a clock that is behind forgets nothing");
    free(u);

    u = ut_pool_new(CCP_POOL_ROTATE);
    u->now = 60000 * 100;
    ut_pool_pair(u, 0, 0, 0, 1)->tpm = 1000;
    ut_pool_pair(u, 0, 1, 0, 1)->tpm = 1000;

    ut_pool_request(u);
    u->rq.tokens = 600;
    (void) ut_pool_try(u);
    ccp_pool_free(u->pool, &u->list, &u->t, 900, u->now);
    ut_pool_request(u);
    u->rq.tokens = 200;

    UT_CHECK(ut_pool_try(u) == -1 && u->rq.reason == CCP_POOL_R_LIMIT,
             "tpm is the key's, with what was really used");

    u->now += 180000;
    ut_pool_request(u);
    u->rq.tokens = 100;
    (void) ut_pool_try(u);
    ccp_pool_free(u->pool, &u->list, &u->t, INT64_MAX, u->now);
    ut_pool_request(u);
    u->rq.tokens = 800;
    UT_CHECK(ut_pool_try(u) != -1, "a figure beyond reason is ignored");
    ccp_pool_free(u->pool, &u->list, &u->t, 800, u->now);
    ut_pool_request(u);
    u->rq.tokens = 100;
    UT_CHECK(ut_pool_try(u) != -1, "what fits goes");

    u->now += 180000;
    ut_pool_request(u);
    u->rq.tokens = 4000;
    UT_CHECK(ut_pool_try(u) != -1, "more than the limit goes when all is free");
    free(u);
}


int
main(void)
{
    test_even();
    test_two_lists();
    test_weights();
    test_tries();
    test_avoid();
    test_backup();
    test_least();
    test_sticky();
    test_bounds();
    test_limits();

    return ut_done();
}
