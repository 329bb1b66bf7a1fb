
/*
 * The workers' places: whose tries are under way, and which of them died.
 */

#include "pool/pool_private.h"


/* Forgets what the worker of this place had under way; its probes are others'
 * to make. */

static void
ccp_pool_place_clear(ccp_pool_t *pool, uint32_t id)
{
    size_t            i;
    ccp_pool_slot_t  *s;

    for (i = 0; i < pool->used; i++) {

        s = ccp_pool_nth(pool, i);

        if (s->by[id]) {
            s->inflight -= s->inflight < s->by[id] ? s->inflight : s->by[id];
            s->by[id] = 0;
        }

        ccp_pool_gate_forget(&s->gate, id);
    }

    ccp_pool_model_forget(pool, id);

    pool->places[id].owner = 0;
    pool->places[id].gen++;
}


static void
ccp_pool_places_reap(ccp_pool_t *pool, uint64_t now)
{
    uint32_t           i;
    ccp_pool_place_t  *p;

    for (i = 0; i < pool->nworkers; i++) {
        p = &pool->places[i];

        if (p->owner && p->beat + CCP_POOL_LEASE < now) {
            ccp_pool_place_clear(pool, i);
        }
    }
}


void
ccp_pool_worker_forget(ccp_pool_t *pool, uint64_t owner)
{
    uint32_t  i;

    for (i = 0; i < pool->nworkers; i++) {
        if (pool->places[i].owner == owner) {
            ccp_pool_place_clear(pool, i);
        }
    }
}


void
ccp_pool_worker_attach(ccp_pool_t *pool, ccp_pool_worker_t *w,
    uint64_t owner, uint64_t now)
{
    uint32_t           i;
    ccp_pool_place_t  *p;

    ccp_pool_places_reap(pool, now);

    w->owner = owner;
    w->id = CCP_POOL_NOBODY;
    w->gen = 0;

    /* one that had the same pid and died without a word */

    ccp_pool_worker_forget(pool, owner);

    for (i = 0; i < pool->nworkers; i++) {
        p = &pool->places[i];

        if (p->owner == 0) {
            p->owner = owner;
            p->beat = now;
            p->gen++;

            w->id = i;
            w->gen = p->gen;
            return;
        }
    }
}


void
ccp_pool_worker_beat(ccp_pool_t *pool, ccp_pool_worker_t *w, uint64_t now)
{
    if (w->id == CCP_POOL_NOBODY || pool->places[w->id].gen != w->gen) {
        ccp_pool_worker_attach(pool, w, w->owner, now);
        return;
    }

    pool->places[w->id].beat = now;
    ccp_pool_places_reap(pool, now);
}


void
ccp_pool_worker_detach(ccp_pool_t *pool, ccp_pool_worker_t *w)
{
    if (w->id != CCP_POOL_NOBODY && pool->places[w->id].gen == w->gen) {
        ccp_pool_place_clear(pool, w->id);
    }

    w->id = CCP_POOL_NOBODY;
}


uint32_t
ccp_pool_workers(const ccp_pool_t *pool)
{
    return pool->nworkers;
}


uint64_t
ccp_pool_worker_owner(const ccp_pool_t *pool, uint32_t i)
{
    return pool->places[i].owner;
}


void
ccp_pool_count(ccp_pool_t *pool, ccp_pool_slot_t *s, uint32_t worker,
    uint32_t gen, int n)
{
    if (worker != CCP_POOL_NOBODY) {

        if (pool->places[worker].gen != gen) {
            return;
        }

        if (n < 0 && s->by[worker] == 0) {
            return;
        }

        s->by[worker] += (uint32_t) n;
    }

    if (n > 0 || s->inflight) {
        s->inflight += (uint32_t) n;
    }
}
