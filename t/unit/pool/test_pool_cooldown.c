
/*
 * What failures do: cooldowns, probes, faults of keys and of providers.
 */

#include "ut_pool.h"


/* T48: one key's 429 for one model leaves all else as it is. */

static void
test_per_key_and_model(void)
{
    int         i, n, seen;
    ut_pool_t  *u;

    u = ut_pool_new(CCP_POOL_ROTATE);

    for (i = 0; i < 4; i++) {
        ut_pool_pair(u, 0, i / 2, i % 2, 1);
    }

    ut_pool_request(u);
    i = ut_pool_try(u);
    ut_pool_end(u, CCP_POOL_RATE, 20000);

    for (n = seen = 0; n < 40; n++) {
        seen |= 1 << ut_pool_once(u, CCP_POOL_GOOD, 0);
        u->now += 490;
    }

    UT_CHECK(seen == (15 & ~(1 << i)),
             "the key is not used for that model before Retry-After passed");

    u->now += 400;

    for (n = seen = 0; n < 8; n++) {
        seen |= 1 << ut_pool_once(u, CCP_POOL_GOOD, 0);
    }

    UT_CHECK(seen == 15, "and is used again after");
    free(u);
}


/* T49: one probe at a time; success opens, failure closes for longer. */

static void
test_half_open(void)
{
    ut_pool_t          *u;
    ccp_pool_ticket_t   probe;

    u = ut_pool_new(CCP_POOL_ROTATE);
    ut_pool_pair(u, 0, 0, 0, 1);
    ut_pool_pair(u, 1, 0, 0, 1)->backup = 1;

    (void) ut_pool_once(u, CCP_POOL_RATE, 10000);
    u->now += 10000;

    ut_pool_request(u);
    UT_CHECK(ut_pool_try(u) == 0, "after its time a pair is probed");
    probe = u->t;

    UT_CHECK(ut_pool_once(u, CCP_POOL_GOOD, 0) == 1
             && ut_pool_once(u, CCP_POOL_GOOD, 0) == 1,
             "by one request alone");
    UT_CHECK(ut_pool_look(u, 0).probing, "which can be seen");

    u->t = probe;
    ut_pool_end(u, CCP_POOL_RATE, 0);
    UT_CHECK(ut_pool_look(u, 0).wait == 2000, "that fails: twice the time");

    u->now += 2000;
    ut_pool_request(u);
    (void) ut_pool_try(u);
    ccp_pool_free(u->pool, &u->list, &u->t, -1, u->now);
    UT_CHECK(ut_pool_look(u, 0).probing, "that tells nothing: another one");

    ut_pool_request(u);
    UT_CHECK(ut_pool_try(u) == 0, "at once");
    ut_pool_end(u, CCP_POOL_GOOD, 0);
    UT_CHECK(!ut_pool_look(u, 0).probing
             && ut_pool_once(u, CCP_POOL_GOOD, 0) == 0
             && ut_pool_once(u, CCP_POOL_GOOD, 0) == 0,
             "that succeeds: open");

    (void) ut_pool_once(u, CCP_POOL_RATE, 0);
    UT_CHECK(ut_pool_look(u, 0).wait == 1000, "and the times begin anew");
    free(u);
}


/* A probe whose process died is no probe for ever. */

static void
test_lost_probe(void)
{
    ut_pool_t  *u;

    u = ut_pool_new(CCP_POOL_ROTATE);
    ut_pool_pair(u, 0, 0, 0, 1);
    ut_pool_pair(u, 1, 0, 0, 1)->backup = 1;

    (void) ut_pool_once(u, CCP_POOL_RATE, 10000);
    u->now += 10000;
    ut_pool_request(u);
    (void) ut_pool_try(u);

    u->now += 60000;
    UT_CHECK(ut_pool_once(u, CCP_POOL_GOOD, 0) == 1, "a slow probe is awaited");
    u->now += 61000;
    UT_CHECK(ut_pool_once(u, CCP_POOL_GOOD, 0) == 0, "but not for ever");
    free(u);
}


/* It is taken back at once where the death is known. */

static void
test_dead_probe(void)
{
    ut_pool_t  *u;

    u = ut_pool_new(CCP_POOL_ROTATE);
    ut_pool_pair(u, 0, 0, 0, 1);
    ut_pool_pair(u, 1, 0, 0, 1)->backup = 1;

    (void) ut_pool_once(u, CCP_POOL_RATE, 10000);
    u->now += 10000;
    ut_pool_request(u);
    UT_CHECK(ut_pool_try(u) == 0, "a worker probes");

    ccp_pool_worker_attach(u->pool, &u->w, 77, u->now);
    UT_CHECK(ut_pool_once(u, CCP_POOL_GOOD, 0) == 1,
             "others wait for what comes of it");

    ccp_pool_worker_forget(u->pool, 77);
    UT_CHECK(ut_pool_once(u, CCP_POOL_GOOD, 0) == 1,
             "and not for what another worker did");

    ccp_pool_worker_forget(u->pool, 1);
    ccp_pool_worker_attach(u->pool, &u->w, 78, u->now);
    UT_CHECK(ut_pool_once(u, CCP_POOL_GOOD, 0) == 0,
             "when it is dead the next one probes");
    free(u);
}


static void
test_times(void)
{
    int         n, ok;
    uint64_t    expect, max;
    ut_pool_t  *u;

    u = ut_pool_new(CCP_POOL_ROTATE);
    ut_pool_pair(u, 0, 0, 0, 1);
    ut_pool_pair(u, 1, 0, 0, 1)->backup = 1;

    for (n = 0, ok = 1, expect = 1000; n < 15; n++) {
        (void) ut_pool_once(u, CCP_POOL_RATE, 0);
        ok &= ut_pool_look(u, 0).wait == expect;
        u->now += expect;
        expect = expect * 2 > 300000 ? 300000 : expect * 2;
    }

    UT_CHECK(ok, "without Retry-After: 1 s, 2 s, 4 s … 300 s");

    (void) ut_pool_once(u, CCP_POOL_RATE, 90ull * 86400 * 1000);
    max = ut_pool_look(u, 0).wait;
    UT_CHECK(max == 3600000, "Retry-After is believed for an hour");
    free(u);
}


/* What was under way when the first 429 came doesn't add to it. */

static void
test_burst(void)
{
    int                 i;
    ut_pool_t          *u;
    ccp_pool_ticket_t   t[9];

    u = ut_pool_new(CCP_POOL_ROTATE);
    ut_pool_pair(u, 0, 0, 0, 1);

    for (i = 0; i < 9; i++) {
        ut_pool_request(u);
        (void) ut_pool_try(u);
        t[i] = u->t;
    }

    u->now += 100;

    for (i = 0; i < 8; i++) {
        u->t = t[i];
        ut_pool_end(u, CCP_POOL_RATE, 0);
    }

    UT_CHECK(ut_pool_look(u, 0).wait == 1000, "eight 429 at once are one");

    u->t = t[8];
    ut_pool_end(u, CCP_POOL_GOOD, 0);
    UT_CHECK(ut_pool_look(u, 0).wait == 1000,
             "an answer begun before them opens nothing");

    u->now += 500;
    UT_CHECK(ut_pool_look(u, 0).inflight == 0, "none is under way");
    free(u);
}


/* T50: a faulty key is left alone for all models, and for longer. */

static void
test_key_fault(void)
{
    int         n, seen, first;
    ut_pool_t  *u;

    u = ut_pool_new(CCP_POOL_ROTATE);
    ut_pool_pair(u, 0, 0, 0, 1);
    ut_pool_pair(u, 0, 1, 0, 1);
    ut_pool_pair(u, 0, 0, 1, 1);
    ut_pool_pair(u, 0, 1, 1, 1);

    ut_pool_request(u);
    first = ut_pool_try(u);
    ut_pool_end(u, CCP_POOL_KEY, 0);
    UT_CHECK(ut_pool_try(u) != -1, "the same request goes on");
    ut_pool_end(u, CCP_POOL_GOOD, 0);

    for (n = seen = 0; n < 40; n++) {
        seen |= 1 << ut_pool_once(u, CCP_POOL_GOOD, 0);
        u->now += 7000;
    }

    UT_CHECK(seen == (first < 2 ? 12 : 3), "its key serves no model");

    u->now += 20000;

    for (n = seen = 0; n < 8; n++) {
        seen |= 1 << ut_pool_once(u, CCP_POOL_GOOD, 0);
    }

    UT_CHECK(seen == 15, "for five minutes");

    (void) ut_pool_once(u, CCP_POOL_MONEY, 0);
    UT_CHECK(ut_pool_look(u, (int) u->t.index).wait == 600000,
             "for ten when it has no money");
    free(u);
}


/* Faults on a key's own way to the provider are the key's alone. */

static void
test_path(void)
{
    int         n, seen;
    ut_pool_t  *u;

    u = ut_pool_new(CCP_POOL_ROTATE);
    ut_pool_pair(u, 0, 0, 0, 1);
    ut_pool_pair(u, 0, 0, 1, 1);

    for (n = 0; n < 3; n++) {
        ut_pool_request(u);

        if (ut_pool_try(u) == 1) {
            ut_pool_end(u, CCP_POOL_GOOD, 0);
            ut_pool_request(u);
            (void) ut_pool_try(u);
        }

        ut_pool_end(u, CCP_POOL_PATH, 0);

        UT_CHECK(ut_pool_try(u) == 1, "the target's other key goes on");
        ut_pool_end(u, CCP_POOL_GOOD, 0);
    }

    for (n = seen = 0; n < 8; n++) {
        seen |= 1 << ut_pool_once(u, CCP_POOL_GOOD, 0);
    }

    UT_CHECK(seen == 2 && ut_pool_look(u, 0).why == CCP_POOL_PATH,
             "three in a row, and it is left alone");

    u->now += 1000;

    for (n = seen = 0; n < 8; n++) {
        seen |= 1 << ut_pool_once(u, CCP_POOL_GOOD, 0);
    }

    UT_CHECK(seen == 3, "for a second");
    free(u);
}


/* The provider's faults are its target's, whatever the key. */

static void
test_breaker(void)
{
    int         i, bad;
    ut_pool_t  *u;

    u = ut_pool_new(CCP_POOL_ROTATE);
    ut_pool_pair(u, 0, 0, 0, 1);
    ut_pool_pair(u, 0, 0, 1, 1);
    ut_pool_pair(u, 1, 0, 0, 1)->backup = 1;

    UT_CHECK(ut_pool_once(u, CCP_POOL_SERVER, 0) != 2
             && ut_pool_once(u, CCP_POOL_CONNECT, 0) != 2
             && ut_pool_once(u, CCP_POOL_GOOD, 0) != 2,
             "two faults in a row are bad luck");

    (void) ut_pool_once(u, CCP_POOL_SERVER, 0);
    (void) ut_pool_once(u, CCP_POOL_SERVER, 0);
    (void) ut_pool_once(u, CCP_POOL_CONNECT, 0);

    for (i = bad = 0; i < 9; i++) {
        bad += ut_pool_once(u, CCP_POOL_GOOD, 0) != 2;
        u->now += 100;
    }

    UT_CHECK(bad == 0, "three break the target for a second");
    u->now += 100;
    UT_CHECK(ut_pool_once(u, CCP_POOL_RATE, 0) != 2, "then it is probed");
    UT_CHECK(ut_pool_once(u, CCP_POOL_GOOD, 0) != 2,
             "a 429 shows that it lives");

    for (i = 0; i < 2; i++) {
        u->now += 60000;
        (void) ut_pool_once(u, CCP_POOL_GOOD, 0);
    }

    i = ut_pool_once(u, CCP_POOL_SERVER, 30000);
    u->now += 29000;
    UT_CHECK(ut_pool_look(u, i).wait == 1000
             && ut_pool_look(u, 1 - i).wait == 0,
             "a 503 with Retry-After cools its key and model");
    free(u);
}


/* One request is one fault of a target, with however many of its keys. */

static void
test_one_strike(void)
{
    int         i, k;
    ut_pool_t  *u;

    u = ut_pool_new(CCP_POOL_ROTATE);

    for (i = 0; i < 5; i++) {
        ut_pool_pair(u, 0, 0, i, 1);
    }

    for (k = 0; k < 2; k++) {
        ut_pool_request(u);

        for (i = 0; i < 5 && ut_pool_try(u) != -1; i++) {
            ut_pool_end(u, CCP_POOL_SERVER, 0);
        }

        UT_CHECK(i == 5 && ut_pool_look(u, 0).wait == 0,
                 "request %d fails with each key and closes nothing", k);
    }

    (void) ut_pool_once(u, CCP_POOL_SERVER, 0);
    UT_CHECK(ut_pool_look(u, 0).wait == 1000, "a third one is the third");
    free(u);
}


/* A key's way that fails for each of its models in one request. */

static void
test_one_strike_path(void)
{
    int         i;
    ut_pool_t  *u;

    u = ut_pool_new(CCP_POOL_ROTATE);

    for (i = 0; i < 4; i++) {
        ut_pool_pair(u, 0, i, 0, 1);
    }

    ut_pool_request(u);

    for (i = 0; i < 4 && ut_pool_try(u) != -1; i++) {
        ut_pool_end(u, CCP_POOL_PATH, 0);
    }

    UT_CHECK(i == 4 && ut_pool_look(u, 0).wait == 0, "is one fault as well");
    free(u);
}


/* What one client meets with says nothing of the key: two of them do. */

static void
test_doubt(void)
{
    ut_pool_t  *u;

    static const struct {
        uint64_t            client;
        ccp_pool_outcome_e  outcome;
        uint64_t            wait;
    } steps[] = {
        { 7, CCP_POOL_DOUBT, 0 },
        { 7, CCP_POOL_DOUBT, 0 },
        { 0, CCP_POOL_DOUBT, 0 },      /* nobody knows who that is */
        { 8, CCP_POOL_GOOD, 0 },
        { 8, CCP_POOL_DOUBT, 0 },
        { 8, CCP_POOL_DOUBT, 0 },
        { 7, CCP_POOL_DOUBT, 60000 }
    };

    u = ut_pool_new(CCP_POOL_ROTATE);
    ut_pool_pair(u, 0, 0, 0, 1);

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        ut_pool_request(u);
        u->rq.client = steps[i].client;
        (void) ut_pool_try(u);
        ut_pool_end(u, steps[i].outcome, 0);

        UT_CHECK(ut_pool_look(u, 0).wait == steps[i].wait,
                 "step %zu: closed for %u", i,
                 (unsigned) ut_pool_look(u, 0).wait);
    }

    free(u);
}


/* A plan is used up: the key rests till its time, for all models. */

static void
test_plan(void)
{
    ut_pool_t  *u;

    u = ut_pool_new(CCP_POOL_ROTATE);
    ut_pool_pair(u, 0, 0, 0, 1);
    ut_pool_pair(u, 0, 1, 0, 1);

    (void) ut_pool_once(u, CCP_POOL_PLAN, 3000000);
    UT_CHECK(ut_pool_look(u, 0).wait == 3000000
             && ut_pool_look(u, 1).wait == 3000000
             && ut_pool_once(u, CCP_POOL_GOOD, 0) == -1
             && u->rq.why == CCP_POOL_PLAN, "a plan's limit is the key's");
    free(u);
}


/* What cools by our own rules is asked before a client is turned away. */

static void
test_resort_after_tries(void)
{
    int         i;
    ut_pool_t  *u;

    u = ut_pool_new(CCP_POOL_ROTATE);
    ut_pool_pair(u, 0, 0, 0, 1);
    ut_pool_pair(u, 1, 0, 0, 1);
    ut_pool_pair(u, 2, 0, 0, 1);

    ut_pool_request(u);
    while ((i = ut_pool_try(u)) != -1) {
        ut_pool_end(u, i == 2 ? CCP_POOL_KEY : CCP_POOL_RATE,
                    i == 1 ? 60000 : 0);
    }

    u->now += 1;
    ut_pool_pair(u, 3, 0, 0, 1);
    ut_pool_request(u);
    UT_CHECK(ut_pool_try(u) == 3, "first what is well");
    ut_pool_end(u, CCP_POOL_CONNECT, 0);
    UT_CHECK(ut_pool_try(u) == 0, "then what cools");
    ut_pool_end(u, CCP_POOL_RATE, 0);
    UT_CHECK(ut_pool_try(u) == 2, "at last the key that was refused");
    ut_pool_end(u, CCP_POOL_KEY, 0);
    UT_CHECK(ut_pool_try(u) == -1, "none that a Retry-After forbids");
    free(u);
}


/* All cool: each is asked once, unless the provider forbade it. */

static void
test_last_resort(void)
{
    int         i;
    ut_pool_t  *u;

    u = ut_pool_new(CCP_POOL_ROTATE);
    ut_pool_pair(u, 0, 0, 0, 1);
    ut_pool_pair(u, 0, 0, 1, 1);

    (void) ut_pool_once(u, CCP_POOL_KEY, 0);
    i = ut_pool_once(u, CCP_POOL_RATE, 0);

    ut_pool_request(u);
    UT_CHECK(ut_pool_try(u) == i, "the one that is ready first");
    ut_pool_end(u, CCP_POOL_RATE, 0);
    UT_CHECK(ut_pool_try(u) == !i, "then the other");
    ut_pool_end(u, CCP_POOL_KEY, 0);
    UT_CHECK(ut_pool_try(u) == -1 && u->rq.reason == CCP_POOL_R_TRIED,
             "and none twice");

    ut_pool_request(u);

    for (i = 0; ut_pool_try(u) != -1 && i < 9; i++) {
        ut_pool_end(u, CCP_POOL_CONNECT, 0);
        u->rq.tries--;
    }

    UT_CHECK(i == 2, "a pair that could not be used is not given twice");

    (void) ut_pool_once(u, CCP_POOL_RATE, 20000);
    (void) ut_pool_once(u, CCP_POOL_MONEY, 9000);
    UT_CHECK(ut_pool_once(u, CCP_POOL_GOOD, 0) == -1
             && u->rq.reason == CCP_POOL_R_COOLING
             && u->rq.wait == 9000 && u->rq.why == CCP_POOL_MONEY,
             "none that a Retry-After forbids; the first to be ready is told");

    u->now += 9000;
    UT_CHECK(ut_pool_once(u, CCP_POOL_GOOD, 0) != -1, "until it has passed");
    free(u);
}


int
main(void)
{
    test_per_key_and_model();
    test_half_open();
    test_lost_probe();
    test_dead_probe();
    test_times();
    test_burst();
    test_key_fault();
    test_path();
    test_breaker();
    test_one_strike();
    test_one_strike_path();
    test_doubt();
    test_plan();
    test_resort_after_tries();
    test_last_resort();

    return ut_done();
}
