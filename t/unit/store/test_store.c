
/*
 * The store: objects that are found whole or not at all, whatever is put,
 * dropped, forgotten, or left half done by a process that died.
 */

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ut.h"
#include "store/store_private.h"


#define SEED  0x5eedull


static ccp_store_t *
new_store(size_t size)
{
    void         *mem;
    ccp_store_t  *s;

    mem = calloc(1, size);
    s = ccp_store_init(mem, size, SEED);

    if (s == NULL) {
        abort();
    }

    return s;
}


static void
make_key(uint8_t *key, unsigned n)
{
    memset(key, 0, CCP_STORE_KEY);
    memcpy(key, &n, sizeof(n));
}


/* The bytes of object n, which no other has. */

static void
fill(uint8_t *p, size_t len, unsigned n)
{
    size_t    i;
    uint32_t  x;

    x = n * 2654435761u + 1;

    for (i = 0; i < len; i++) {
        x = x * 1664525 + 1013904223;
        p[i] = (uint8_t) (x >> 24);
    }
}


static uint64_t
put(ccp_store_t *s, unsigned n, size_t len, uint64_t now)
{
    uint8_t            *p;
    uint64_t            serial;
    ccp_store_entry_t   e;

    p = malloc(len + 1);
    fill(p, len, n);

    memset(&e, 0, sizeof(e));
    make_key(e.key, n);
    e.len = (uint32_t) len;
    e.owner = n;
    e.sum = ccp_store_sum(s, p, len);

    (void) ccp_store_enter(s, 0);
    serial = ccp_store_put(s, &e, p, now) ? e.serial : 0;
    ccp_store_leave(s);

    free(p);

    return serial;
}


/* 1: there, as it was put; 0: not there; -1: wrong. */

static int
get(ccp_store_t *s, unsigned n, size_t len, uint64_t ttl, uint64_t now)
{
    int                 rc;
    uint8_t            *p, *want, key[CCP_STORE_KEY];
    uint32_t            at;
    ccp_store_entry_t   e;

    make_key(key, n);

    (void) ccp_store_enter(s, ttl);

    at = ccp_store_find(s, key, now, &e);

    if (at == 0) {
        ccp_store_leave(s);
        return 0;
    }

    p = malloc(e.len + 1);
    ccp_store_read(s, at, p);
    ccp_store_leave(s);

    want = malloc(len + 1);
    fill(want, len, n);

    rc = e.len == len && memcmp(p, want, len) == 0 && e.owner == n
         && ccp_store_is_whole(s, &e, p) ? 1 : -1;

    free(p);
    free(want);

    return rc;
}


static void
test_lengths(void)
{
    size_t        len, max;
    unsigned      n, bad;
    ccp_store_t  *s;

    s = new_store(256 * 1024);
    max = ccp_store_max(s);

    for (n = 1, bad = 0, len = 0; len < 3 * CCP_STORE_CHUNK; len++, n++) {
        bad += put(s, n, len, 1) == 0 || get(s, n, len, 0, 1) != 1;
    }

    UT_CHECK(bad == 0, "an object of any length is what was put");
    UT_CHECK(put(s, n, max, 1) && get(s, n, max, 0, 1) == 1,
             "and of the longest, %zu", max);
    UT_CHECK(put(s, n, max + 1, 1) == 0, "a longer one is not kept");
    UT_CHECK(get(s, n, max, 0, 1) == 1, "… and leaves what was there");

    free(s);
}


static void
test_small(void)
{
    uint64_t  mem[CCP_STORE_MIN / sizeof(uint64_t)];

    memset(mem, 0, sizeof(mem));

    UT_CHECK(ccp_store_init(mem, CCP_STORE_MIN - 1, SEED) == NULL,
             "a block that is too small is none");
    UT_CHECK(ccp_store_at(mem, sizeof(mem)) == NULL, "… nor found");
    UT_CHECK(ccp_store_init(mem, sizeof(mem), SEED) != NULL, "the least");
    UT_CHECK(ccp_store_at(mem, sizeof(mem)) != NULL, "… is found");
    UT_CHECK(ccp_store_at(mem, sizeof(mem) - 8) == NULL,
             "… by its size alone");
}


/* Many more objects than there is room: the last used ones stay. */

static void
test_eviction(void)
{
    int                bad, found;
    unsigned           n;
    ccp_store_t       *s;
    ccp_store_look_t   look;

    s = new_store(1024 * 1024);

    for (n = 1, bad = 0; n <= 10000; n++) {
        bad += put(s, n, 100 + n % 1500, n) == 0;

        /* the first one is used all the time */

        bad += get(s, 1, 101, 0, n) != 1;
    }

    UT_CHECK(bad == 0, "10,000 objects are put, one is used");

    for (n = 1, bad = 0, found = 0; n <= 10000; n++) {
        switch (get(s, n, 100 + n % 1500, 0, n)) {
        case 1:
            found++;
            break;
        case -1:
            bad++;
        }
    }

    UT_CHECK(bad == 0, "none is wrong");
    UT_CHECK(get(s, 1, 101, 0, n) == 1, "the used one is there");
    UT_CHECK(get(s, 2, 102, 0, n) == 0, "its neighbour is not");
    UT_CHECK(get(s, 10000, 1100, 0, n) == 1, "the last one is");

    ccp_store_look(s, &look);

    UT_CHECK((int) look.objects == found && look.evicted == 10000 - look.objects
             && look.bytes <= look.size,
             "all others were evicted: %d of 10000 stay", found);
    UT_CHECK(look.bytes > look.size * 9 / 10, "no room is lost");

    free(s);
}


static void
test_ttl(void)
{
    ccp_store_t       *s;
    ccp_store_look_t   look;

    s = new_store(64 * 1024);

    (void) put(s, 1, 10, 1000);
    (void) put(s, 2, 10, 1000);

    UT_CHECK(get(s, 1, 10, 500, 1500) == 1, "used in time");
    UT_CHECK(get(s, 2, 10, 500, 1501) == 0, "forgotten after that time");
    UT_CHECK(get(s, 1, 10, 500, 2000) == 1, "its use counts");
    UT_CHECK(get(s, 1, 10, 0, 900000) == 1, "no time, no end");
    UT_CHECK(get(s, 1, 10, 500, 2000) == 1, "a clock that went back");

    ccp_store_look(s, &look);
    UT_CHECK(look.expired == 1 && look.objects == 1, "one expired");

    free(s);
}


static void
test_replace(void)
{
    uint8_t             key[CCP_STORE_KEY];
    uint64_t            first, second;
    ccp_store_t        *s;
    ccp_store_entry_t   e;

    s = new_store(64 * 1024);

    first = put(s, 7, 600, 1);
    second = put(s, 7, 900, 1);

    UT_CHECK(second > first && get(s, 7, 900, 0, 1) == 1,
             "a later object takes the place, with a serial of its own");

    memset(&e, 0, sizeof(e));
    make_key(e.key, 7);
    e.serial = first;
    e.sum = ccp_store_sum(s, e.key, 0);

    (void) ccp_store_enter(s, 0);
    UT_CHECK(ccp_store_put(s, &e, e.key, 1) == 0,
             "what replaces an object that is gone is not put");
    e.serial = second;
    UT_CHECK(ccp_store_put(s, &e, e.key, 1) && e.serial > second,
             "… of the one that is there, it is");

    make_key(key, 7);
    UT_CHECK(ccp_store_drop(s, key) && !ccp_store_drop(s, key),
             "it is dropped once");
    UT_CHECK(ccp_store_find(s, key, 1, &e) == 0, "… and gone");
    ccp_store_leave(s);

    free(s);
}


/* Bytes that changed, of an object or of what is known of it. */

static void
test_digest(void)
{
    uint8_t            *p, key[CCP_STORE_KEY];
    uint32_t            at;
    ccp_store_t        *s;
    ccp_store_entry_t   e;

    s = new_store(64 * 1024);
    (void) put(s, 1, 700, 1);
    (void) put(s, 2, 700, 1);

    make_key(key, 1);
    (void) ccp_store_enter(s, 0);
    at = ccp_store_find(s, key, 1, &e);

    p = malloc(e.len);
    ccp_store_chunk(s, at)[CCP_STORE_CHUNK - 1] ^= 1;
    ccp_store_read(s, at, p);
    UT_CHECK(!ccp_store_is_whole(s, &e, p), "a bit of an object's bytes");

    make_key(key, 2);
    at = ccp_store_find(s, key, 1, &e);
    ccp_store_head(s, at)->entry.owner ^= 1;
    UT_CHECK(ccp_store_find(s, key, 1, &e) == 0, "a bit of its entry");
    ccp_store_leave(s);

    free(p);
    free(s);
}


/* Whatever a process leaves that dies inside, what is found is right. */

static void
test_torn(void)
{
    int           i, there, bad, kept;
    size_t        at, size;
    uint8_t      *mem, *copy;
    unsigned      n, x;
    ccp_store_t  *s;

    size = 64 * 1024;
    s = new_store(size);
    mem = (uint8_t *) s;
    copy = malloc(size);

    for (n = 1; n <= 40; n++) {
        (void) put(s, n, 50 + n * 20, n);
    }

    memcpy(copy, mem, size);
    x = 1;
    bad = 0;
    kept = 0;

    for (i = 0; i < 2000; i++) {

        memcpy(mem, copy, size);
        s->inside = 1;

        /* lists and chunks, of which a write came to half of it */

        at = s->buckets + (x = x * 1664525 + 1013904223)
             % ((size - s->buckets) / 4) * 4;
        memset(mem + at, (int) (x >> 16), 4);
        s->newest = x >> 3;
        s->free = x >> 5;

        for (n = 1, there = 0; n <= 40; n++) {
            switch (get(s, n, 50 + n * 20, 0, 50)) {
            case 1:
                there++;
                break;
            case -1:
                bad++;
            }
        }

        kept += there;
        bad += there < 38 || s->repaired != 1;

        /* and it can be written to again */

        bad += put(s, 100, 3000, 50) == 0 || get(s, 100, 3000, 0, 50) != 1;
    }

    UT_CHECK(bad == 0, "2000 torn writes: nothing wrong, %d of 80000 kept",
             kept);

    free(copy);
    free(s);
}


/* Processes that write all the time, and are killed. */

static void
test_killed(void)
{
    int           i, bad;
    pid_t         pid;
    size_t        size;
    unsigned      n, x;
    uint64_t      died;
    ccp_store_t  *s;

    size = 128 * 1024;
    s = mmap(NULL, size, PROT_READ|PROT_WRITE, MAP_SHARED|MAP_ANONYMOUS, -1,
             0);
    if (s == MAP_FAILED || ccp_store_init(s, size, SEED) == NULL) {
        abort();
    }

    x = 1;
    bad = 0;
    died = 0;

    for (i = 0; i < 200; i++) {

        pid = fork();

        if (pid == 0) {
            for (n = 1; ; n++) {
                (void) put(s, n % 300, 10 + n % 900, n);
            }
        }

        x = x * 1664525 + 1013904223;
        usleep((x >> 20) % 2000);
        kill(pid, SIGKILL);
        (void) waitpid(pid, NULL, 0);

        died += s->inside;

        for (n = 0; n < 300; n++) {

            /* which length it had last is not known here */

            uint8_t             key[CCP_STORE_KEY], *p, *want;
            uint32_t            at;
            ccp_store_entry_t   e;

            make_key(key, n);
            (void) ccp_store_enter(s, 0);
            at = ccp_store_find(s, key, 1, &e);

            if (at) {
                p = malloc(e.len);
                want = malloc(e.len);
                ccp_store_read(s, at, p);
                fill(want, e.len, n);
                bad += memcmp(p, want, e.len) != 0;
                free(p);
                free(want);
            }

            ccp_store_leave(s);
        }
    }

    UT_CHECK(bad == 0, "200 killed writers, nothing torn");
    UT_CHECK(died > 0 && s->repaired == died, "%d died inside", (int) died);

    munmap(s, size);
}


int
main(void)
{
    test_small();
    test_lengths();
    test_eviction();
    test_ttl();
    test_replace();
    test_digest();
    test_torn();
    test_killed();

    return ut_done();
}
