
/*
 * What the tests of the pool share: a block, a clock, lists of pairs.
 */

#ifndef UT_POOL_H
#define UT_POOL_H

#include "ut.h"
#include "pool/pool.h"

#define UT_POOL_SIZE   (256 * 1024)
#define UT_POOL_PAIRS  64


typedef struct {
    ccp_pool_t        *pool;
    ccp_pool_worker_t  w;
    uint64_t           now;
    ccp_pool_list_t    list;
    ccp_pool_pair_t    pairs[UT_POOL_PAIRS];
    unsigned char      flags[UT_POOL_PAIRS];
    ccp_pool_request_t rq;
    ccp_pool_ticket_t  t;
    uint64_t           mem[UT_POOL_SIZE / 8];
} ut_pool_t;


static inline uint64_t
ut_pool_name(const char *kind, int a, int b, int c)
{
    char  name[64];

    return ccp_pool_hash(0, name, (size_t) snprintf(name, sizeof(name),
                                                    "%s-%d-%d-%d", kind, a, b,
                                                    c));
}


/* A pair of provider, model and key, all by number. */

static inline ccp_pool_pair_t *
ut_pool_pair(ut_pool_t *u, int provider, int model, int key, uint32_t weight)
{
    ccp_pool_pair_t  *p;

    p = &u->pairs[u->list.n++];
    memset(p, 0, sizeof(ccp_pool_pair_t));

    p->pair = ut_pool_name("pair", provider, model, key);
    p->cool = ut_pool_name("cool", provider, model, key);
    p->key = ut_pool_name("key", provider, 0, key);
    p->rate = ut_pool_name("rate", provider, 0, key);
    p->target = ut_pool_name("target", provider, model, 0);
    p->weight = weight;

    return p;
}


static inline ut_pool_t *
ut_pool_new(ccp_pool_mode_e mode)
{
    ut_pool_t  *u;

    u = calloc(1, sizeof(ut_pool_t));
    if (u == NULL) {
        abort();
    }

    u->pool = ccp_pool_init(u->mem, sizeof(u->mem), 4);
    u->list.pairs = u->pairs;
    u->list.mode = mode;
    u->now = 1000000;
    u->rq.flags = u->flags;

    ccp_pool_worker_attach(u->pool, &u->w, 1, u->now);

    return u;
}


/* A new client request. */

static inline void
ut_pool_request(ut_pool_t *u)
{
    memset(&u->rq, 0, sizeof(ccp_pool_request_t));
    memset(u->flags, 0, sizeof(u->flags));
    u->rq.flags = u->flags;
}


/* Its next try: the pair's place in the list, -1 if there is none. */

static inline int
ut_pool_try(ut_pool_t *u)
{
    return ccp_pool_pick(u->pool, &u->list, &u->w, &u->rq, u->now, &u->t)
           ? (int) u->t.index : -1;
}


static inline void
ut_pool_end(ut_pool_t *u, ccp_pool_outcome_e outcome, uint64_t wait)
{
    ccp_pool_report(u->pool, &u->list, &u->rq, &u->t, outcome, wait, u->now);
    ccp_pool_free(u->pool, &u->list, &u->t, -1, u->now);
}


/* A request of one try. */

static inline int
ut_pool_once(ut_pool_t *u, ccp_pool_outcome_e outcome, uint64_t wait)
{
    int  i;

    ut_pool_request(u);
    i = ut_pool_try(u);

    if (i != -1) {
        ut_pool_end(u, outcome, wait);
    }

    return i;
}


static inline ccp_pool_look_t
ut_pool_look(ut_pool_t *u, int i)
{
    ccp_pool_look_t  look;

    ccp_pool_look(u->pool, &u->pairs[i], u->now, &look);

    return look;
}

#endif /* UT_POOL_H */
