
/*
 * Names in the block: models that clients make up, without end, beside what
 * the configuration names, over many configurations.
 */

#include "ut_pool.h"

#include <time.h>


#define FLOOD  100000


/* Targets without a model: so many keys of one provider. */

static ut_pool_t *
client_pool(int keys)
{
    int         i;
    ut_pool_t  *u;

    u = ut_pool_new(CCP_POOL_ROTATE);

    for (i = 0; i < keys; i++) {
        ut_pool_pair(u, 0, 0, i, 1)->client = 1;
    }

    return u;
}


static int
ask(ut_pool_t *u, uint64_t model, ccp_pool_outcome_e outcome, uint64_t wait)
{
    int  i;

    ut_pool_request(u);
    u->rq.model = ut_pool_name("model", (int) model, 0, 0);
    i = ut_pool_try(u);

    if (i != -1) {
        ut_pool_end(u, outcome, wait);
    }

    return i;
}


/* Each model of a key has a cooldown of its own, whatever its name. */

static void
test_exact(void)
{
    int         n, bad;
    ut_pool_t  *u;

    u = client_pool(1);

    for (n = bad = 0; n < 300; n++) {
        bad += ask(u, (uint64_t) n, CCP_POOL_GOOD, 0) != 0;
        bad += ask(u, (uint64_t) n, CCP_POOL_RATE,
                   10000 + 10 * (uint64_t) n) != 0;
    }

    UT_CHECK(bad == 0, "300 models cool one after the other");

    for (n = bad = 0; n < 300; n++) {
        bad += ask(u, (uint64_t) n, CCP_POOL_GOOD, 0) != -1
               || u->rq.reason != CCP_POOL_R_COOLING
               || u->rq.wait != 10000 + 10 * (uint64_t) n;
        bad += ask(u, (uint64_t) n + 1000, CCP_POOL_GOOD, 0) != 0;
    }

    UT_CHECK(bad == 0, "each for its time, other models not at all");
    UT_CHECK(ut_pool_look(u, 0).wait == 12990 && ut_pool_look(u, 0).models
             && ut_pool_look(u, 0).why == CCP_POOL_RATE,
             "the longest can be seen");

    u->now += 11500;

    for (n = bad = 0; n < 300; n++) {
        bad += ask(u, (uint64_t) n, CCP_POOL_GOOD, 0) != (n <= 150 ? 0 : -1);
    }

    UT_CHECK(bad == 0, "and no longer");

    (void) ask(u, 2000, CCP_POOL_KEY, 0);
    UT_CHECK(ut_pool_look(u, 0).wait == 300000 && !ut_pool_look(u, 0).models,
             "a fault of the key is told before that");
    free(u);
}


/* The probe of a client's model is one, its failures double the time. */

static void
test_probe(void)
{
    int                 i;
    ut_pool_t          *u;
    ccp_pool_ticket_t   probe;

    u = client_pool(2);

    i = ask(u, 7, CCP_POOL_RATE, 0);
    u->now += 1000;

    (void) ask(u, 8, CCP_POOL_GOOD, 0);

    ut_pool_request(u);
    u->rq.model = ut_pool_name("model", 7, 0, 0);
    UT_CHECK(ut_pool_try(u) == i, "half open");
    probe = u->t;

    UT_CHECK(ask(u, 7, CCP_POOL_GOOD, 0) == 1 - i
             && ask(u, 7, CCP_POOL_GOOD, 0) == 1 - i, "for one");

    u->t = probe;
    ut_pool_end(u, CCP_POOL_RATE, 0);
    UT_CHECK(ut_pool_look(u, i).wait == 2000, "twice the time");

    u->now += 2000;
    (void) ask(u, 7, CCP_POOL_GOOD, 0);
    (void) ask(u, 7, CCP_POOL_GOOD, 0);
    i = ask(u, 7, CCP_POOL_RATE, 0);
    UT_CHECK(ut_pool_look(u, i).wait == 1000, "forgotten once it was well");
    free(u);
}


/* Pairs that fail, each for one model after the other, don't come in rows. */

static void
test_rows(void)
{
    int         i, n, tries, most, lost;
    ut_pool_t  *u;

    u = client_pool(40);

    for (n = most = lost = 0; n < 3000; n++) {
        ut_pool_request(u);
        u->rq.model = ut_pool_name("model", n % 300, 0, 0);

        for (tries = 1; (i = ut_pool_try(u)) != -1; tries++) {

            if (i % 10 >= 5) {
                ut_pool_end(u, CCP_POOL_GOOD, 0);
                break;
            }

            ut_pool_end(u, CCP_POOL_RATE, 3000000);
        }

        lost += (i == -1);
        most = tries > most ? tries : most;
    }

    UT_CHECK(lost == 0 && most <= 8, "half of the pairs fail: a request is "
             "served by the %dth at the latest", most);
    free(u);
}


/* What the configuration names stays, whatever clients make up. */

static void
test_flood(void)
{
    int         n, bad, first;
    ut_pool_t  *u;

    u = client_pool(3);
    ut_pool_pair(u, 1, 0, 0, 1)->backup = 1;
    ut_pool_pair(u, 2, 0, 0, 1)->backup = 1;
    u->list.n -= 2;

    /* a backup of the configuration cools, and a client's model */

    u->list.n = 5;

    for (n = 0; n < 3; n++) {
        (void) ask(u, 1, CCP_POOL_RATE, 3000000);
    }

    first = ask(u, 1, CCP_POOL_RATE, 2000000);
    UT_CHECK(first == 3, "the model cools with each key, and a backup");

    for (n = bad = 0; n < FLOOD; n++) {
        bad += ask(u, (uint64_t) n + 10, CCP_POOL_GOOD, 0) > 2;
        u->now += n % 10 == 0;
    }

    UT_CHECK(bad == 0, "%d models that are well leave no trace", FLOOD);

    for (n = bad = 0; n < FLOOD; n++) {
        bad += ask(u, (uint64_t) n + 10, CCP_POOL_RATE, 30000) > 2;
        u->now += n % 10 == 0;
    }

    UT_CHECK(bad == 0, "%d models that cool, each with a pair of its own",
             FLOOD);
    UT_CHECK(ccp_pool_models(u->pool) < FLOOD / 10, "in room for %zu",
             ccp_pool_models(u->pool));

    UT_CHECK(ask(u, 1, CCP_POOL_GOOD, 0) == 4 && ut_pool_look(u, 3).wait
             == 2000000 - 2 * FLOOD / 10,
             "a model that cools longer than others, and the backup, still do");

    for (n = bad = 0; n < 3; n++) {
        bad += ut_pool_look(u, n).inflight != 0
               || ut_pool_look(u, n).served + ut_pool_look(u, n).failed
                  < FLOOD / 2;
    }

    UT_CHECK(bad == 0, "the pairs' own counters as well");

    u->now += 40000;

    for (n = bad = 0; n < FLOOD; n++) {
        bad += ask(u, (uint64_t) n + 10, CCP_POOL_GOOD, 0) > 2;
    }

    UT_CHECK(bad == 0 && ask(u, 1, CCP_POOL_GOOD, 0) == 4,
             "once well they make room again");
    free(u);
}


/* Nanoseconds of n choices; the least of some rounds. */

static double
choices(ut_pool_t *u, int n)
{
    int              i, round;
    double           t, least;
    struct timespec  a, b;

    for (round = 0, least = 0; round < 7; round++) {

        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);

        for (i = 0; i < n; i++) {
            (void) ask(u, 500000 + (uint64_t) i, CCP_POOL_GOOD, 0);
        }

        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);

        t = (double) (b.tv_sec - a.tv_sec) * 1e9
            + (double) (b.tv_nsec - a.tv_nsec);
        least = round == 0 || t < least ? t : least;
    }

    return least;
}


/* A block of no more room costs a choice what an empty one does. */

static void
test_bounded(void)
{
    int                i;
    double             empty, full;
    size_t             missing;
    ut_pool_t         *u;
    ccp_pool_list_t    many, *lists[2];

    u = client_pool(40);
    lists[0] = &u->list;
    (void) ccp_pool_bind(u->pool, lists, 1, u->now);
    empty = choices(u, 200);

    many.mode = CCP_POOL_ROTATE;
    many.n = ccp_pool_slots(u->pool);
    many.pairs = calloc(many.n, sizeof(ccp_pool_pair_t));
    if (many.pairs == NULL) {
        abort();
    }

    for (i = 0; i < (int) many.n; i++) {
        many.pairs[i].pair = ut_pool_name("other", i, 0, 0);
        many.pairs[i].cool = ut_pool_name("other", i, 1, 0);
        many.pairs[i].key = ut_pool_name("other", i, 2, 0);
        many.pairs[i].target = ut_pool_name("other", i, 3, 0);
        many.pairs[i].weight = 1;
    }

    lists[0] = &many;
    lists[1] = &u->list;
    missing = ccp_pool_bind(u->pool, lists, 2, u->now);

    for (i = 0; i < FLOOD; i++) {
        (void) ask(u, (uint64_t) i, CCP_POOL_RATE, 3000000);
    }

    full = choices(u, 200);

    UT_CHECK(missing > many.n / 2, "%zu pairs have no room", missing);
    UT_CHECK(full < 8 * empty, "a choice takes %.1f times as long",
             full / empty);

    /* pairs that have none at all */

    memset(u->mem, 0, sizeof(u->mem));
    u->pool = ccp_pool_init(u->mem, sizeof(u->mem), 4);
    ccp_pool_worker_attach(u->pool, &u->w, 1, u->now);
    lists[0] = &many;
    (void) ccp_pool_bind(u->pool, lists, 1, u->now);
    full = choices(u, 200);

    UT_CHECK(ut_pool_look(u, 0).served == 0, "nothing is known of a pair");
    UT_CHECK(full < 8 * empty, "a choice takes %.1f times as long",
             full / empty);

    free(many.pairs);
    free(u);
}


/*
 * Many configurations, each of 40 of 200 pairs.  What a pair of the last one
 * counted stays, and all of them have room, though the block has not enough
 * for all 200.
 */

static void
test_reloads(void)
{
    int                i, k, n, bad, lost, same, id[40] = { 0 },
                       old[40];
    char              *copy;
    size_t             missing;
    uint64_t           seed, served[200] = { 0 }, names[5 * UT_POOL_PAIRS];
    ut_pool_t         *u;
    ccp_pool_list_t   *list;

    copy = malloc(sizeof(u->mem));
    if (copy == NULL) {
        abort();
    }

    u = ut_pool_new(CCP_POOL_ROTATE);
    list = &u->list;
    memset(u->mem, 0, sizeof(u->mem));
    u->pool = ccp_pool_init(u->mem, 75000, 2);
    ccp_pool_worker_attach(u->pool, &u->w, 1, u->now);

    UT_CHECK(ccp_pool_slots(u->pool) < 4 * 80 && ccp_pool_slots(u->pool)
             > 4 * 60, "room for %zu names", ccp_pool_slots(u->pool));

    for (n = bad = lost = 0, missing = 0, seed = 1; n < 500; n++) {

        /* half of the pairs are others than before */

        memcpy(old, id, sizeof(old));

        for (i = 0; i < 40; i++) {
            seed = ccp_pool_hash(seed, "next", 4);

            if (n == 0 || seed % 2) {
                id[i] = i * 5 + (int) (seed / 2 % 5);
            }
        }

        list->n = 0;

        for (i = 0; i < 40; i++) {
            ut_pool_pair(u, id[i], 0, 0, 1)->rate = 0;
        }

        u->now += CCP_POOL_STALE / 2 + 1;

        memcpy(copy, u->mem, sizeof(u->mem));
        missing += ccp_pool_missing(u->pool, &list, 1, names, u->now);
        bad += memcmp(copy, u->mem, sizeof(u->mem)) != 0;
        missing += ccp_pool_bind(u->pool, &list, 1, u->now);

        for (i = 0; i < 40; i++) {
            same = n > 0 && old[i] == id[i];
            bad += same && ut_pool_look(u, i).served != served[id[i]];
            lost += !same && ut_pool_look(u, i).served < served[id[i]];
            served[id[i]] = ut_pool_look(u, i).served;
        }

        for (k = 0; k < 80; k++) {
            i = ut_pool_once(u, CCP_POOL_GOOD, 0);
            served[id[i]]++;
        }

        for (i = 0; i < 40; i++) {
            bad += ut_pool_look(u, i).served != served[id[i]]
                   || ut_pool_look(u, i).inflight != 0;
        }
    }

    UT_CHECK(missing == 0, "500 configurations find room, and say so before");

    list->n = 0;

    for (i = 0; i < UT_POOL_PAIRS; i++) {
        ut_pool_pair(u, 1000 + i, 0, 0, 1);
    }

    memcpy(copy, u->mem, sizeof(u->mem));
    UT_CHECK(ccp_pool_names(&list, 1) <= sizeof(names) / sizeof(names[0])
             && ccp_pool_missing(u->pool, &list, 1, names, u->now) > 0
             && memcmp(copy, u->mem, sizeof(u->mem)) == 0,
             "one that is too large is told, and takes nothing");
    free(copy);
    UT_CHECK(bad == 0, "each pair counts for itself");
    UT_CHECK(lost > 500 && lost < 8000,
             "what is stale is forgotten where room is needed: %d", lost);
    free(u);
}


int
main(void)
{
    test_exact();
    test_probe();
    test_rows();
    test_flood();
    test_bounded();
    test_reloads();

    return ut_done();
}
