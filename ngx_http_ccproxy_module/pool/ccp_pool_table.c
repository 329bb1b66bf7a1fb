
/*
 * The block: a table of names with open addressing, and the workers' places.
 *
 * A slot never becomes empty again: one that is stale is given to another
 * name where it stands, so that no search is cut short by a gap.
 */

#include "ccp_pool_in.h"


#define CCP_POOL_MAGIC      0x636370706f6f6c01ull      /* "ccppool", 1 */

#define CCP_POOL_MIN_SLOTS  16


/*
 * Behind the places there is a byte for each slot that tells whether it has a
 * name, and then the slots: who walks them all touches no memory of those
 * that were never used.
 */

static uint8_t *
ccp_pool_names(const ccp_pool_t *pool)
{
    return (uint8_t *) (pool->places + pool->nworkers);
}


static ccp_pool_slot_t *
ccp_pool_nth(const ccp_pool_t *pool, size_t i)
{
    return (ccp_pool_slot_t *) (ccp_pool_names(pool)
                                + (pool->nslots + 7u) / 8 * 8
                                + i * pool->stride);
}


ccp_pool_t *
ccp_pool_init(void *mem, size_t size, uint32_t workers)
{
    size_t       head, stride;
    ccp_pool_t  *pool;

    workers = workers < 2 ? 2 : workers;
    workers = workers > CCP_POOL_WORKERS_MAX ? CCP_POOL_WORKERS_MAX : workers;

    head = sizeof(ccp_pool_t) + workers * sizeof(ccp_pool_place_t);
    stride = (sizeof(ccp_pool_slot_t) + workers * sizeof(uint32_t) + 7)
             / 8 * 8;

    if (size < head + CCP_POOL_MIN_SLOTS * (stride + 1)) {
        return NULL;
    }

    pool = mem;
    pool->size = size;
    pool->nslots = (uint32_t) ((size - head - 7) / (stride + 1));
    pool->stride = (uint32_t) stride;
    pool->nworkers = workers;
    pool->magic = CCP_POOL_MAGIC;

    return pool;
}


ccp_pool_t *
ccp_pool_at(void *mem, size_t size)
{
    ccp_pool_t  *pool;

    pool = mem;

    if (size < sizeof(ccp_pool_t) || pool->magic != CCP_POOL_MAGIC
        || pool->size != size)
    {
        return NULL;
    }

    return pool;
}


size_t
ccp_pool_slots(const ccp_pool_t *pool)
{
    return pool->nslots;
}


/* FNV-1a over the part and its end, so that ("a", "bc") isn't ("ab", "c"). */

uint64_t
ccp_pool_hash(uint64_t h, const void *p, size_t n)
{
    size_t          i;
    const uint8_t  *c;

    c = p;
    h ^= 0xcbf29ce484222325ull;

    for (i = 0; i < n; i++) {
        h = (h ^ c[i]) * 0x100000001b3ull;
    }

    h = (h ^ 0x100) * 0x100000001b3ull;
    h ^= h >> 32;
    h *= 0xd6e8feb86659fd93ull;
    h ^= h >> 32;

    return h ? h : 1;
}


static int
ccp_pool_stale(const ccp_pool_slot_t *s, uint64_t now)
{
    return s->inflight == 0
           && s->seen + CCP_POOL_STALE < now
           && s->gate.until <= now;
}


/*
 * Where the name is; else *room is the slot it can have, n: none.  A slot
 * that is free ends the search.
 */

static size_t
ccp_pool_search(ccp_pool_t *pool, uint64_t hash, uint64_t now, size_t *room)
{
    size_t                  i, k;
    const ccp_pool_slot_t  *s;

    *room = pool->nslots;
    i = hash % pool->nslots;

    for (k = 0; k < pool->nslots; k++) {

        if (ccp_pool_names(pool)[i] == 0) {
            *room = *room == pool->nslots ? i : *room;
            break;
        }

        s = ccp_pool_nth(pool, i);

        if (s->hash == hash) {
            return i;
        }

        if (*room == pool->nslots && ccp_pool_stale(s, now)) {
            *room = i;
        }

        i = i + 1 == pool->nslots ? 0 : i + 1;
    }

    return pool->nslots;
}


ccp_pool_slot_t *
ccp_pool_find(ccp_pool_t *pool, uint64_t hash)
{
    size_t  i, room;

    i = ccp_pool_search(pool, hash, 0, &room);

    return i == pool->nslots ? NULL : ccp_pool_nth(pool, i);
}


ccp_pool_slot_t *
ccp_pool_slot(ccp_pool_t *pool, uint64_t hash, uint32_t *hint, uint64_t now)
{
    size_t            i, room;
    ccp_pool_slot_t  *s;

    if (*hint < pool->nslots) {
        s = ccp_pool_nth(pool, *hint);

        if (s->hash == hash) {
            s->seen = now;
            return s;
        }
    }

    i = ccp_pool_search(pool, hash, now, &room);

    if (i == pool->nslots) {

        if (room == pool->nslots) {
            return NULL;
        }

        i = room;
        s = ccp_pool_nth(pool, i);

        memset(s, 0, pool->stride);
        s->hash = hash;
        ccp_pool_names(pool)[i] = 1;
    }

    s = ccp_pool_nth(pool, i);
    s->seen = now;
    *hint = (uint32_t) i;

    return s;
}


void
ccp_pool_pair_slots(ccp_pool_t *pool, ccp_pool_pair_t *p, uint64_t now,
    ccp_pool_slot_t *s[CCP_POOL_NSLOTS])
{
    s[CCP_POOL_S_PAIR] = ccp_pool_slot(pool, p->pair, &p->slot[0], now);
    s[CCP_POOL_S_COOL] = ccp_pool_slot(pool, p->cool, &p->slot[1], now);
    s[CCP_POOL_S_KEY] = ccp_pool_slot(pool, p->key, &p->slot[2], now);
    s[CCP_POOL_S_TARGET] = ccp_pool_slot(pool, p->target, &p->slot[3], now);
}


size_t
ccp_pool_bind(ccp_pool_t *pool, ccp_pool_list_t *list, uint64_t now)
{
    int               k;
    size_t            i, missing;
    ccp_pool_slot_t  *s[CCP_POOL_NSLOTS];

    missing = 0;

    for (i = 0; i < list->n; i++) {

        ccp_pool_pair_slots(pool, &list->pairs[i], now, s);

        for (k = 0; k < CCP_POOL_NSLOTS; k++) {
            if (s[k] == NULL) {
                missing++;
                break;
            }
        }
    }

    return missing;
}


/* ---- workers ---- */

/* Forgets what the worker of this place had under way. */

static void
ccp_pool_place_clear(ccp_pool_t *pool, uint32_t id)
{
    size_t            i;
    ccp_pool_slot_t  *s;

    for (i = 0; i < pool->nslots; i++) {

        if (ccp_pool_names(pool)[i] == 0) {
            continue;
        }

        s = ccp_pool_nth(pool, i);

        if (s->by[id]) {
            s->inflight -= s->inflight < s->by[id] ? s->inflight : s->by[id];
            s->by[id] = 0;
        }
    }

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

    for (i = 0; i < pool->nworkers; i++) {
        if (pool->places[i].owner == owner) {
            ccp_pool_place_clear(pool, i);
        }
    }

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
