
/*
 * The block, and its table of names that the configuration gives.
 *
 * Slots are taken one after the other and stay where they are; an index of
 * twice as many places leads from a hash to its slot, with open addressing.
 * It is never more than half full, so that no search is long.
 */

#include <stdlib.h>

#include "pool/pool_private.h"


#define CCP_POOL_MAGIC      0x636370706f6f6c04ull      /* "ccppool", 4 */

#define CCP_POOL_MIN_SLOTS  16

/* A line of the processor's cache. */
#define CCP_POOL_LINE       64

/* The part of the block that clients' models have. */
#define CCP_POOL_MODELS     4


static size_t
ccp_pool_align(size_t n)
{
    return (n + CCP_POOL_LINE - 1) / CCP_POOL_LINE * CCP_POOL_LINE;
}


ccp_pool_t *
ccp_pool_init(void *mem, size_t size, uint32_t workers)
{
    size_t       head, stride, nsets, nslots, rest;
    ccp_pool_t  *pool;

    workers = workers < 2 ? 2 : workers;
    workers = workers > CCP_POOL_WORKERS_MAX ? CCP_POOL_WORKERS_MAX : workers;

    head = ccp_pool_align(sizeof(ccp_pool_t)
                          + workers * sizeof(ccp_pool_place_t));
    stride = ccp_pool_align(sizeof(ccp_pool_slot_t)
                            + workers * sizeof(uint32_t));

    if (size < head + CCP_POOL_LINE) {
        return NULL;
    }

    rest = (size - head - CCP_POOL_LINE);
    nsets = rest / CCP_POOL_MODELS / sizeof(ccp_pool_set_t);
    rest -= nsets * sizeof(ccp_pool_set_t);
    nslots = rest / (stride + 2 * sizeof(uint32_t));

    if (nslots < CCP_POOL_MIN_SLOTS || nsets == 0) {
        return NULL;
    }

    pool = mem;
    pool->size = size;
    pool->sets = head;
    pool->slots = pool->sets + nsets * sizeof(ccp_pool_set_t);
    pool->index = pool->slots + nslots * stride;
    pool->nslots = (uint32_t) nslots;
    pool->nindex = (uint32_t) (2 * nslots);
    pool->nsets = (uint32_t) nsets;
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


/* Places of the index hold the number of a slot plus 1; 0: free. */

static uint32_t *
ccp_pool_index(const ccp_pool_t *pool)
{
    return (uint32_t *) ((uint8_t *) pool + pool->index);
}


static size_t
ccp_pool_index_next(const ccp_pool_t *pool, size_t i)
{
    return i + 1 == pool->nindex ? 0 : i + 1;
}


/* The place of the name, or the free one that ends the search for it. */

static size_t
ccp_pool_index_place(const ccp_pool_t *pool, uint64_t hash)
{
    size_t           i;
    const uint32_t  *index;

    index = ccp_pool_index(pool);
    i = hash % pool->nindex;

    while (index[i] && ccp_pool_nth(pool, index[i] - 1)->hash != hash) {
        i = ccp_pool_index_next(pool, i);
    }

    return i;
}


/* Frees a place; what lies behind it moves up where else a gap would end the
 * search for it. */

static void
ccp_pool_index_drop(ccp_pool_t *pool, size_t gap)
{
    size_t     i, home;
    uint32_t  *index;

    index = ccp_pool_index(pool);

    for (i = ccp_pool_index_next(pool, gap);
         index[i];
         i = ccp_pool_index_next(pool, i))
    {
        home = ccp_pool_nth(pool, index[i] - 1)->hash % pool->nindex;

        /* from its home to i the gap lies between */

        if ((i + pool->nindex - home) % pool->nindex
            >= (i + pool->nindex - gap) % pool->nindex)
        {
            index[gap] = index[i];
            gap = i;
        }
    }

    index[gap] = 0;
}


ccp_pool_slot_t *
ccp_pool_find(const ccp_pool_t *pool, uint64_t hash)
{
    uint32_t  i;

    i = ccp_pool_index(pool)[ccp_pool_index_place(pool, hash)];

    return i ? ccp_pool_nth(pool, i - 1) : NULL;
}


static ccp_pool_slot_t *
ccp_pool_name(ccp_pool_t *pool, uint32_t i, uint64_t hash)
{
    ccp_pool_slot_t  *s;

    s = ccp_pool_nth(pool, i);

    memset(s, 0, pool->stride);
    s->hash = hash;

    ccp_pool_index(pool)[ccp_pool_index_place(pool, hash)] = i + 1;

    return s;
}


ccp_pool_slot_t *
ccp_pool_slot(ccp_pool_t *pool, uint64_t hash, uint32_t *hint)
{
    uint32_t          i;
    ccp_pool_slot_t  *s;

    if (*hint < pool->used) {
        s = ccp_pool_nth(pool, *hint);

        if (s->hash == hash) {
            return s;
        }
    }

    i = ccp_pool_index(pool)[ccp_pool_index_place(pool, hash)];

    if (i == 0) {

        if (pool->used == pool->nslots) {
            return NULL;
        }

        i = ++pool->used;
        (void) ccp_pool_name(pool, i - 1, hash);
    }

    *hint = i - 1;

    return ccp_pool_nth(pool, i - 1);
}


/* ---- a new configuration ---- */

uint64_t
ccp_pool_pair_name(const ccp_pool_pair_t *p, int slot)
{
    switch (slot) {

    case CCP_POOL_S_COOL:
        return p->cool;

    case CCP_POOL_S_KEY:
        return p->key;

    case CCP_POOL_S_TARGET:
        return p->target;

    case CCP_POOL_S_RATE:
        return p->rate;

    default:
        return p->pair;
    }
}


/* Whether a slot may be given up for another name. */

static int
ccp_pool_stale(const ccp_pool_slot_t *s, uint64_t now)
{
    return s->inflight == 0 && s->gate.until <= now && !s->ruled
           && s->seen + CCP_POOL_STALE < now;
}


/* From *next on, a slot whose name is given up for the new one. */

static ccp_pool_slot_t *
ccp_pool_rename(ccp_pool_t *pool, uint64_t hash, uint32_t *next, uint64_t now)
{
    uint32_t          i;
    ccp_pool_slot_t  *s;

    while (*next < pool->used) {

        i = (*next)++;
        s = ccp_pool_nth(pool, i);

        if (!ccp_pool_stale(s, now)) {
            continue;
        }

        ccp_pool_index_drop(pool, ccp_pool_index_place(pool, s->hash));

        return ccp_pool_name(pool, i, hash);
    }

    return NULL;
}


/* What was there is seen before something else may take its place. */

static void
ccp_pool_bind_known(ccp_pool_t *pool, const ccp_pool_list_t *list,
    uint64_t now)
{
    int               k;
    size_t            i;
    uint64_t          hash;
    ccp_pool_slot_t  *s;

    for (i = 0; i < list->n; i++) {
        for (k = 0; k < CCP_POOL_NSLOTS; k++) {

            hash = ccp_pool_pair_name(&list->pairs[i], k);
            s = hash ? ccp_pool_find(pool, hash) : NULL;

            if (s) {
                s->seen = now;
            }
        }
    }
}


static size_t
ccp_pool_bind_list(ccp_pool_t *pool, ccp_pool_list_t *list, uint32_t *next,
    uint64_t now)
{
    int               k, whole;
    size_t            i, missing;
    uint64_t          hash;
    ccp_pool_pair_t  *p;
    ccp_pool_slot_t  *s;

    missing = 0;

    for (i = 0; i < list->n; i++) {

        p = &list->pairs[i];
        whole = 1;

        for (k = 0; k < CCP_POOL_NSLOTS; k++) {

            hash = ccp_pool_pair_name(p, k);

            if (hash == 0) {
                continue;
            }

            s = ccp_pool_slot(pool, hash, &p->slot[k]);

            if (s == NULL && ccp_pool_rename(pool, hash, next, now)) {
                s = ccp_pool_slot(pool, hash, &p->slot[k]);
            }

            if (s) {
                s->seen = now;
            }

            whole &= (s != NULL);
        }

        missing += !whole;
    }

    return missing;
}


size_t
ccp_pool_bind(ccp_pool_t *pool, ccp_pool_list_t **lists, size_t n,
    uint64_t now)
{
    size_t    i, missing;
    uint32_t  next;

    for (i = 0; i < n; i++) {
        ccp_pool_bind_known(pool, lists[i], now);
    }

    next = 0;
    missing = 0;

    for (i = 0; i < n; i++) {
        missing += ccp_pool_bind_list(pool, lists[i], &next, now);
    }

    return missing;
}


/* ---- the same, before it is in force ---- */

size_t
ccp_pool_names(ccp_pool_list_t *const *lists, size_t n)
{
    size_t  i, names;

    for (i = 0, names = 0; i < n; i++) {
        names += lists[i]->n * CCP_POOL_NSLOTS;
    }

    return names;
}


static int
ccp_pool_name_order(const void *a, const void *b)
{
    const uint64_t  *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}


/* All names of the lists in order, each once; their number. */

static size_t
ccp_pool_gather(ccp_pool_list_t *const *lists, size_t n, uint64_t *names)
{
    int       k;
    size_t    i, j, count, unique;
    uint64_t  hash;

    count = 0;

    for (i = 0; i < n; i++) {
        for (j = 0; j < lists[i]->n; j++) {
            for (k = 0; k < CCP_POOL_NSLOTS; k++) {

                hash = ccp_pool_pair_name(&lists[i]->pairs[j], k);

                if (hash) {
                    names[count++] = hash;
                }
            }
        }
    }

    qsort(names, count, sizeof(uint64_t), ccp_pool_name_order);

    for (i = 0, unique = 0; i < count; i++) {
        if (unique == 0 || names[unique - 1] != names[i]) {
            names[unique++] = names[i];
        }
    }

    return unique;
}


size_t
ccp_pool_missing(const ccp_pool_t *pool, ccp_pool_list_t *const *lists,
    size_t n, uint64_t *names, uint64_t now)
{
    size_t                  i, count, new, room;
    const ccp_pool_slot_t  *s;

    count = ccp_pool_gather(lists, n, names);

    for (i = 0, new = 0; i < count; i++) {
        new += ccp_pool_find(pool, names[i]) == NULL;
    }

    room = pool->nslots - pool->used;

    for (i = 0; i < pool->used && room < new; i++) {
        s = ccp_pool_nth(pool, i);

        room += ccp_pool_stale(s, now)
                && bsearch(&s->hash, names, count, sizeof(uint64_t),
                           ccp_pool_name_order) == NULL;
    }

    /* a pair of whose names one alone has no room is missing as well */

    return new > room ? (new - room + CCP_POOL_NSLOTS - 2)
                        / (CCP_POOL_NSLOTS - 1) : 0;
}
