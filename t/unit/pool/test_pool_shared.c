
/*
 * The block itself: names over reloads, stale names, processes that die,
 * many threads and processes at once.
 */

#include "ut_pool.h"

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>


#define PROCESSES  4
#define THREADS    4
#define ROUNDS     6000


typedef struct {
    pthread_mutex_t   lock;
    uint64_t          clock;
    long              served[27];
    uint64_t          mem[UT_POOL_SIZE / 8];
} shared_t;


static void
test_block(void)
{
    uint64_t  mem[1024] = { 0 };

    UT_CHECK(ccp_pool_init(mem, 64, 4) == NULL, "too small a block");
    UT_CHECK(ccp_pool_at(mem, sizeof(mem)) == NULL, "no pool in it");
    UT_CHECK(ccp_pool_init(mem, sizeof(mem), 2) == (void *) mem, "a pool");
    UT_CHECK(ccp_pool_at(mem, sizeof(mem)) == (void *) mem, "found again");
    UT_CHECK(ccp_pool_at(mem, sizeof(mem) - 8) == NULL, "not at another size");
    UT_CHECK(ccp_pool_hash(ccp_pool_hash(0, "a", 1), "bc", 2)
             != ccp_pool_hash(ccp_pool_hash(0, "ab", 2), "c", 1),
             "names end where their parts end");
}


/* The same names in another order, as after a reload. */

static void
test_reload(void)
{
    ut_pool_t        *u;
    ccp_pool_pair_t   a;

    u = ut_pool_new(CCP_POOL_ROTATE);
    ut_pool_pair(u, 0, 0, 0, 1);
    ut_pool_pair(u, 0, 0, 1, 1);
    a = u->pairs[0];

    UT_CHECK(ut_pool_once(u, CCP_POOL_RATE, 50000) == 0, "the first cools");

    memset(u->pairs, 0, sizeof(u->pairs));
    u->list.n = 0;
    ut_pool_pair(u, 7, 0, 0, 1);
    ut_pool_pair(u, 0, 0, 1, 1);
    ut_pool_pair(u, 0, 0, 0, 1);

    UT_CHECK(u->pairs[2].cool == a.cool && ut_pool_look(u, 2).wait == 50000
             && ut_pool_look(u, 0).wait == 0 && ut_pool_look(u, 1).wait == 0,
             "it does under its name in another place");
    free(u);
}


static void
test_stale(void)
{
    int                 i;
    size_t              missing;
    ut_pool_t          *u;
    ccp_pool_list_t    *list;
    ccp_pool_ticket_t   held;

    u = ut_pool_new(CCP_POOL_ROTATE);
    list = &u->list;
    memset(u->mem, 0, sizeof(u->mem));
    u->pool = ccp_pool_init(u->mem, 6000, 2);
    ccp_pool_worker_attach(u->pool, &u->w, 1, u->now);

    ut_pool_pair(u, 100, 0, 0, 1);
    ut_pool_request(u);
    (void) ut_pool_try(u);
    held = u->t;
    u->list.n = 0;

    for (i = 0, missing = 0; i < 60 && missing == 0; i++) {
        ut_pool_pair(u, i, 0, 0, 1);
        missing = ccp_pool_bind(u->pool, &list, 1, u->now);
    }

    UT_CHECK(missing == 1, "%zu names fill the block with %d pairs",
             ccp_pool_slots(u->pool), i - 1);
    UT_CHECK(ut_pool_once(u, CCP_POOL_GOOD, 0) != -1,
             "pairs without room serve all the same");

    u->now += CCP_POOL_STALE + 1;
    u->list.n = 0;
    ut_pool_pair(u, 200, 0, 0, 1);

    UT_CHECK(ccp_pool_bind(u->pool, &list, 1, u->now) == 0,
             "what nobody asked for in an hour makes room");

    u->list.n = 0;
    ut_pool_pair(u, 100, 0, 0, 1);
    UT_CHECK(ut_pool_look(u, 0).inflight == 1,
             "but nothing that is under way");
    ccp_pool_free(u->pool, &u->list, &held, -1, u->now);
    UT_CHECK(ut_pool_look(u, 0).inflight == 0, "until it ends");
    free(u);
}


static void
test_dead_worker(void)
{
    ut_pool_t          *u;
    ccp_pool_worker_t   two;
    ccp_pool_ticket_t   old;

    u = ut_pool_new(CCP_POOL_ROTATE);
    ut_pool_pair(u, 0, 0, 0, 1)->max_inflight = 2;

    ccp_pool_worker_attach(u->pool, &two, 2, u->now);

    ut_pool_request(u);
    (void) ut_pool_try(u);
    old = u->t;
    ut_pool_request(u);
    (void) ut_pool_try(u);
    UT_CHECK(ut_pool_once(u, CCP_POOL_GOOD, 0) == -1, "two are under way");

    u->now += CCP_POOL_LEASE / 2;
    ccp_pool_worker_beat(u->pool, &two, u->now);
    UT_CHECK(ut_pool_look(u, 0).inflight == 2, "a silent process may live");

    u->now += CCP_POOL_LEASE / 2 + 1;
    ccp_pool_worker_beat(u->pool, &two, u->now);
    UT_CHECK(ut_pool_look(u, 0).inflight == 0
             && ut_pool_look(u, 0).target_inflight == 0,
             "after its lease what it had is forgotten");

    /* it was only asleep */

    ccp_pool_free(u->pool, &u->list, &old, -1, u->now);
    UT_CHECK(ut_pool_look(u, 0).inflight == 0, "its old tries count no more");
    ccp_pool_worker_beat(u->pool, &u->w, u->now);
    ut_pool_request(u);
    (void) ut_pool_try(u);
    UT_CHECK(ut_pool_look(u, 0).inflight == 1, "its new ones do");

    ccp_pool_worker_attach(u->pool, &u->w, 1, u->now);
    UT_CHECK(ut_pool_look(u, 0).inflight == 0,
             "a process with the pid of a dead one begins anew");

    ccp_pool_worker_attach(u->pool, &two, 2, u->now);
    ut_pool_request(u);
    (void) ut_pool_try(u);
    ccp_pool_worker_forget(u->pool, 2);
    UT_CHECK(ccp_pool_worker_owner(u->pool, two.id) == 0
             && ccp_pool_worker_owner(u->pool, u->w.id) == 1
             && ut_pool_look(u, 0).inflight == 1,
             "a process known to be dead has its place no more");
    ccp_pool_worker_forget(u->pool, 1);
    UT_CHECK(ut_pool_look(u, 0).inflight == 0, "nor its tries");
    ccp_pool_worker_attach(u->pool, &u->w, 1, u->now);

    ut_pool_request(u);
    (void) ut_pool_try(u);
    ccp_pool_worker_detach(u->pool, &u->w);
    UT_CHECK(ut_pool_look(u, 0).inflight == 0, "one that leaves takes its own");

    ut_pool_request(u);
    (void) ut_pool_try(u);
    UT_CHECK(ut_pool_look(u, 0).inflight == 1, "without a place all count");
    ut_pool_end(u, CCP_POOL_GOOD, 0);
    UT_CHECK(ut_pool_look(u, 0).inflight == 0, "and are counted off");
    free(u);
}


/* One worker: requests of three tries at a time. */

static void
work(shared_t *sh, uint64_t owner, unsigned seed, int rounds)
{
    int                 i, k, n;
    uint64_t            now;
    unsigned char       flags[27];
    ccp_pool_t         *pool;
    ccp_pool_list_t     list;
    ccp_pool_pair_t     pairs[27];
    ccp_pool_worker_t   w;
    ccp_pool_ticket_t   t[3];
    ccp_pool_request_t  rq;
    ut_pool_t          *u;

    u = calloc(1, sizeof(ut_pool_t));
    if (u == NULL) {
        abort();
    }

    for (i = 0; i < 27; i++) {
        ut_pool_pair(u, i / 9, i / 3 % 3, i % 3, 1);
    }

    memcpy(pairs, u->pairs, sizeof(pairs));
    free(u);

    list.mode = CCP_POOL_ROTATE;
    list.pairs = pairs;
    list.n = 27;
    pool = ccp_pool_at(sh->mem, sizeof(sh->mem));

    pthread_mutex_lock(&sh->lock);
    ccp_pool_worker_attach(pool, &w, owner, sh->clock);
    pthread_mutex_unlock(&sh->lock);

    for (i = 0; i < rounds; i++) {

        memset(&rq, 0, sizeof(ccp_pool_request_t));
        memset(flags, 0, sizeof(flags));
        rq.flags = flags;

        for (n = 0; n < 3; n++) {
            pthread_mutex_lock(&sh->lock);
            now = ++sh->clock;
            k = ccp_pool_pick(pool, &list, &w, &rq, now, &t[n]);

            if (k) {
                sh->served[t[n].index]++;
            }

            pthread_mutex_unlock(&sh->lock);

            if (!k) {
                break;
            }
        }

        while (n-- > 0) {
            pthread_mutex_lock(&sh->lock);
            now = ++sh->clock;

            seed = seed * 1103515245 + 12345;

            if (seed >> 16 & 1) {
                ccp_pool_report(pool, &list, &rq, &t[n], CCP_POOL_GOOD, 0,
                                now);
            }

            ccp_pool_free(pool, &list, &t[n], -1, now);
            pthread_mutex_unlock(&sh->lock);
        }

        if (i % 100 == 0) {
            pthread_mutex_lock(&sh->lock);
            ccp_pool_worker_beat(pool, &w, sh->clock);
            pthread_mutex_unlock(&sh->lock);
        }
    }
}


static void *
thread(void *arg)
{
    static uint64_t  owner = 1000;

    work(arg, __atomic_add_fetch(&owner, 1, __ATOMIC_RELAXED), 7, ROUNDS);

    return NULL;
}


static shared_t *
shared_new(void)
{
    shared_t             *sh;
    pthread_mutexattr_t   attr;

    sh = mmap(NULL, sizeof(shared_t), PROT_READ|PROT_WRITE,
              MAP_SHARED|MAP_ANONYMOUS, -1, 0);
    if (sh == MAP_FAILED) {
        abort();
    }

    pthread_mutexattr_init(&attr);
    pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&sh->lock, &attr);
    pthread_mutexattr_destroy(&attr);

    sh->clock = 1000000;
    (void) ccp_pool_init(sh->mem, sizeof(sh->mem), 16);

    return sh;
}


/* Tries under way, and whether each pair had its share of what was served. */

static long
shared_check(shared_t *sh, int *even)
{
    int               i;
    long              total, inflight;
    ut_pool_t        *u;
    ccp_pool_look_t   look;

    u = calloc(1, sizeof(ut_pool_t));
    if (u == NULL) {
        abort();
    }

    for (i = 0, total = 0; i < 27; i++) {
        ut_pool_pair(u, i / 9, i / 3 % 3, i % 3, 1);
        total += sh->served[i];
    }

    *even = 1;

    for (i = 0, inflight = 0; i < 27; i++) {
        ccp_pool_look(ccp_pool_at(sh->mem, sizeof(sh->mem)), &u->pairs[i],
                      sh->clock, &look);
        inflight += look.inflight + look.target_inflight;

        if (labs(sh->served[i] * 27 - total) * 5 > total) {
            *even = 0;
        }
    }

    free(u);

    return inflight;
}


static void
test_threads(void)
{
    int         i, even;
    shared_t   *sh;
    pthread_t   th[THREADS];

    sh = shared_new();

    for (i = 0; i < THREADS; i++) {
        pthread_create(&th[i], NULL, thread, sh);
    }

    for (i = 0; i < THREADS; i++) {
        pthread_join(th[i], NULL);
    }

    UT_CHECK(shared_check(sh, &even) == 0 && even,
             "%d threads: none left under way, even shares", THREADS);
    munmap(sh, sizeof(shared_t));
}


static void
test_processes(void)
{
    int        i, even, status, bad;
    pid_t      pid[PROCESSES];
    shared_t  *sh;

    sh = shared_new();

    for (i = 0; i < PROCESSES; i++) {
        pid[i] = fork();

        if (pid[i] == 0) {
            work(sh, (uint64_t) getpid(), (unsigned) i, ROUNDS);
            _exit(0);
        }
    }

    for (i = bad = 0; i < PROCESSES; i++) {
        bad += waitpid(pid[i], &status, 0) == -1 || status != 0;
    }

    UT_CHECK(bad == 0 && shared_check(sh, &even) == 0 && even,
             "%d processes: none left under way, even shares", PROCESSES);
    munmap(sh, sizeof(shared_t));
}


/* A process is killed amid its tries, holding the lock or not. */

static void
test_killed(void)
{
    int                 even;
    long                left;
    pid_t               pid;
    shared_t           *sh;
    ccp_pool_t         *pool;
    ccp_pool_worker_t   w;

    sh = shared_new();
    pool = ccp_pool_at(sh->mem, sizeof(sh->mem));

    pid = fork();

    if (pid == 0) {
        work(sh, (uint64_t) getpid(), 3, 1 << 30);
        _exit(0);
    }

    /* once it is at work, at a time when something is under way */

    do {
        pthread_mutex_lock(&sh->lock);
        left = sh->clock > 1002000 ? shared_check(sh, &even) : 0;

        if (left == 0) {
            pthread_mutex_unlock(&sh->lock);
            usleep(50);
        }

    } while (left == 0);

    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);

    UT_CHECK(shared_check(sh, &even) == left, "a killed process leaves %ld",
             left);

    ccp_pool_worker_attach(pool, &w, 1, sh->clock);
    sh->clock += CCP_POOL_LEASE + 1;
    ccp_pool_worker_beat(pool, &w, sh->clock);
    UT_CHECK(shared_check(sh, &even) == 0, "until its lease is over");
    munmap(sh, sizeof(shared_t));
}


int
main(void)
{
    test_block();
    test_reload();
    test_stale();
    test_dead_worker();
    test_threads();
    test_processes();
    test_killed();

    return ut_done();
}
