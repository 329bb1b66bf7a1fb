
/*
 * The block, its objects, and their order of use.
 *
 * An object is a chain of chunks of one size, so that room that becomes free
 * serves any other object.  Chunks are linked by a list of numbers apart from
 * them, which no client's bytes can be taken for.
 */

#include <string.h>

#include "store/store_private.h"


#define CCP_STORE_MAGIC     0x63637073746f7201ull      /* "ccpstor", 1 */

/* The part of the store that one object may take. */
#define CCP_STORE_PART      4


/* ---- sums ---- */

static uint64_t
ccp_store_mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * 0x9e3779b97f4a7c15ull;

    return h ^ (h >> 29);
}


uint64_t
ccp_store_sum_add(uint64_t h, const uint8_t *p, size_t n)
{
    uint64_t  v;

    for ( ; n >= sizeof(v); p += sizeof(v), n -= sizeof(v)) {
        memcpy(&v, p, sizeof(v));
        h = ccp_store_mix(h, v);
    }

    if (n) {
        v = 0;
        memcpy(&v, p, n);
        h = ccp_store_mix(h, v);
    }

    return h;
}


uint64_t
ccp_store_sum_end(uint64_t h, uint64_t n)
{
    return ccp_store_mix(ccp_store_mix(h, n), n >> 7);
}


uint64_t
ccp_store_sum(const ccp_store_t *s, const uint8_t *bytes, size_t n)
{
    return ccp_store_sum_end(ccp_store_sum_add(s->seed, bytes, n), n);
}


uint64_t
ccp_store_seal(const ccp_store_t *s, const ccp_store_entry_t *e)
{
    uint64_t  h;

    h = ccp_store_sum_add(s->seed, e->key, CCP_STORE_KEY);
    h = ccp_store_mix(h, e->serial);
    h = ccp_store_sum_add(h, e->parent, CCP_STORE_KEY);
    h = ccp_store_mix(h, e->parent_serial);
    h = ccp_store_mix(h, e->owner);
    h = ccp_store_mix(h, (uint64_t) e->kind << 32 | e->raw);
    h = ccp_store_mix(h, e->len);

    return ccp_store_mix(h, e->sum);
}


int
ccp_store_is_whole(const ccp_store_t *s, const ccp_store_entry_t *e,
    const uint8_t *bytes)
{
    return ccp_store_sum(s, bytes, e->len) == e->sum;
}


/* ---- the block ---- */

ccp_store_t *
ccp_store_init(void *mem, size_t size, uint64_t seed)
{
    size_t        n, buckets;
    ccp_store_t  *s;

    if (size < CCP_STORE_MIN) {
        return NULL;
    }

    n = (size - sizeof(ccp_store_t))
        / (CCP_STORE_CHUNK + 2 * sizeof(uint32_t));
    n = n > CCP_STORE_INDEX ? CCP_STORE_INDEX : n;

    for (buckets = 1; buckets * 2 <= n; buckets *= 2) { /* void */ }

    s = mem;
    s->size = size;
    s->seed = seed;
    s->nbuckets = (uint32_t) buckets;
    s->buckets = (sizeof(ccp_store_t) + 7) / 8 * 8;
    s->links = s->buckets + buckets * sizeof(uint32_t);
    s->chunks = (s->links + (n + 1) * sizeof(uint32_t) + 7) / 8 * 8;
    s->nchunks = (uint32_t) ((size - s->chunks) / CCP_STORE_CHUNK);
    s->nchunks = s->nchunks > n ? (uint32_t) n : s->nchunks;
    s->fresh = 1;
    s->magic = CCP_STORE_MAGIC;

    return s;
}


ccp_store_t *
ccp_store_at(void *mem, size_t size)
{
    ccp_store_t  *s;

    s = mem;

    return size >= CCP_STORE_MIN && s->magic == CCP_STORE_MAGIC
           && s->size == size
           ? s : NULL;
}


size_t
ccp_store_max(const ccp_store_t *s)
{
    return CCP_STORE_FIRST
           + ((size_t) s->nchunks / CCP_STORE_PART - 1) * CCP_STORE_CHUNK;
}


int
ccp_store_enter(ccp_store_t *s, uint64_t ttl)
{
    int  died;

    died = (s->inside != 0);

    if (died) {
        ccp_store_repair(s);
        s->repaired++;
    }

    s->inside = 1;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);

    s->ttl = ttl;

    return died;
}


void
ccp_store_leave(ccp_store_t *s)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    s->inside = 0;
}


/* ---- order ---- */

static void
ccp_store_unqueue(ccp_store_t *s, ccp_store_head_t *h)
{
    if (h->newer) {
        ccp_store_head(s, h->newer)->older = h->older;

    } else {
        s->newest = h->older;
    }

    if (h->older) {
        ccp_store_head(s, h->older)->newer = h->newer;

    } else {
        s->oldest = h->newer;
    }
}


static void
ccp_store_queue(ccp_store_t *s, ccp_store_head_t *h, uint32_t at)
{
    h->newer = 0;
    h->older = s->newest;

    if (s->newest) {
        ccp_store_head(s, s->newest)->newer = at;

    } else {
        s->oldest = at;
    }

    s->newest = at;
}


static uint32_t *
ccp_store_bucket(const ccp_store_t *s, const uint8_t *key)
{
    uint64_t  h;

    h = ccp_store_sum_add(s->seed, key, CCP_STORE_KEY);

    return ccp_store_buckets(s) + (h & (s->nbuckets - 1));
}


void
ccp_store_link(ccp_store_t *s, uint32_t at)
{
    uint32_t          *bucket;
    ccp_store_head_t  *h;

    h = ccp_store_head(s, at);
    bucket = ccp_store_bucket(s, h->entry.key);

    h->same = *bucket;
    *bucket = at;

    ccp_store_queue(s, h, at);
    s->nobjects++;
}


/* ---- objects ---- */

static void
ccp_store_forget(ccp_store_t *s, uint32_t at)
{
    uint32_t           i, next, *link, *bucket;
    ccp_store_head_t  *h;

    h = ccp_store_head(s, at);
    h->whole = 0;

    bucket = ccp_store_bucket(s, h->entry.key);

    while (*bucket != at) {
        bucket = &ccp_store_head(s, *bucket)->same;
    }

    *bucket = h->same;

    ccp_store_unqueue(s, h);
    s->nobjects--;

    link = ccp_store_links(s);

    for (i = at; i; i = next) {
        next = link[i] & CCP_STORE_INDEX;
        link[i] = s->free;
        s->free = i;
        s->nfree++;
    }
}


static uint32_t
ccp_store_lookup(const ccp_store_t *s, const uint8_t *key)
{
    uint32_t           at;
    ccp_store_head_t  *h;

    for (at = *ccp_store_bucket(s, key); at; at = h->same) {
        h = ccp_store_head(s, at);

        if (memcmp(h->entry.key, key, CCP_STORE_KEY) == 0) {
            return at;
        }
    }

    return 0;
}


/* What was not used for too long is at the end of the queue. */

static void
ccp_store_expire(ccp_store_t *s, uint64_t now)
{
    ccp_store_head_t  *h;

    if (s->ttl == 0) {
        return;
    }

    while (s->oldest) {
        h = ccp_store_head(s, s->oldest);

        if (now - h->used <= s->ttl || now < h->used) {
            return;
        }

        ccp_store_forget(s, s->oldest);
        s->expired++;
    }
}


uint32_t
ccp_store_find(ccp_store_t *s, const uint8_t *key, uint64_t now,
    ccp_store_entry_t *e)
{
    uint32_t           at;
    ccp_store_head_t  *h;

    ccp_store_expire(s, now);

    at = ccp_store_lookup(s, key);

    if (at == 0) {
        return 0;
    }

    h = ccp_store_head(s, at);

    if (h->seal != ccp_store_seal(s, &h->entry)) {
        ccp_store_forget(s, at);
        return 0;
    }

    h->used = now;
    ccp_store_unqueue(s, h);
    ccp_store_queue(s, h, at);

    *e = h->entry;

    return at;
}


void
ccp_store_read(const ccp_store_t *s, uint32_t at, uint8_t *dst)
{
    size_t           n, room;
    uint32_t        *link;
    const uint8_t   *p;

    link = ccp_store_links(s);
    n = ccp_store_head(s, at)->entry.len;
    p = ccp_store_chunk(s, at) + sizeof(ccp_store_head_t);
    room = CCP_STORE_FIRST;

    for ( ;; ) {
        room = n < room ? n : room;
        memcpy(dst, p, room);

        dst += room;
        n -= room;
        at = link[at] & CCP_STORE_INDEX;

        if (n == 0 || at == 0) {
            return;
        }

        p = ccp_store_chunk(s, at);
        room = CCP_STORE_CHUNK;
    }
}


/* A chunk that nothing uses; there is one. */

static uint32_t
ccp_store_take(ccp_store_t *s)
{
    uint32_t  at;

    at = s->free;

    if (at == 0) {
        return s->fresh++;
    }

    s->free = ccp_store_links(s)[at] & CCP_STORE_INDEX;
    s->nfree--;

    return at;
}


/* Makes an object of bytes, which nobody finds yet. */

static uint32_t
ccp_store_make(ccp_store_t *s, const ccp_store_entry_t *e,
    const uint8_t *bytes, uint32_t chunks, uint64_t now)
{
    size_t             n, room;
    uint8_t           *p;
    uint32_t           first, at, next, i, *link;
    ccp_store_head_t  *h;

    link = ccp_store_links(s);
    first = ccp_store_take(s);

    h = ccp_store_head(s, first);
    h->whole = 0;
    h->used = now;
    h->entry = *e;
    h->chunks = chunks;
    h->seal = ccp_store_seal(s, e);

    p = (uint8_t *) h + sizeof(ccp_store_head_t);
    room = CCP_STORE_FIRST;
    n = e->len;
    at = first;

    for (i = 1; ; i++) {
        room = n < room ? n : room;
        memcpy(p, bytes, room);

        bytes += room;
        n -= room;

        next = i < chunks ? ccp_store_take(s) : 0;
        link[at] = next | (at == first ? CCP_STORE_HEAD : 0);

        if (next == 0) {
            break;
        }

        at = next;
        p = ccp_store_chunk(s, at);
        room = CCP_STORE_CHUNK;
    }

    /* the rest of it is there before this mark is */

    __atomic_store_n(&h->whole, CCP_STORE_WHOLE, __ATOMIC_RELEASE);

    return first;
}


int
ccp_store_put(ccp_store_t *s, ccp_store_entry_t *e, const uint8_t *bytes,
    uint64_t now)
{
    uint32_t  at, chunks;

    if (e->len > ccp_store_max(s)) {
        return 0;
    }

    ccp_store_expire(s, now);

    at = ccp_store_lookup(s, e->key);

    if (e->serial
        && (at == 0 || ccp_store_head(s, at)->entry.serial != e->serial))
    {
        return 0;
    }

    if (at) {
        ccp_store_forget(s, at);
    }

    chunks = ccp_store_chunks_of(e->len);

    while (s->nfree + (s->nchunks - s->fresh + 1) < chunks) {
        ccp_store_forget(s, s->oldest);
        s->evicted++;
    }

    e->serial = ++s->serial;

    ccp_store_link(s, ccp_store_make(s, e, bytes, chunks, now));

    return 1;
}


int
ccp_store_drop(ccp_store_t *s, const uint8_t *key)
{
    uint32_t  at;

    at = ccp_store_lookup(s, key);

    if (at == 0) {
        return 0;
    }

    ccp_store_forget(s, at);

    return 1;
}


void
ccp_store_look(const ccp_store_t *s, ccp_store_look_t *look)
{
    look->objects = s->nobjects;
    look->size = (uint64_t) s->nchunks * CCP_STORE_CHUNK;
    look->bytes = ((uint64_t) s->fresh - 1 - s->nfree) * CCP_STORE_CHUNK;
    look->evicted = s->evicted;
    look->expired = s->expired;
    look->repaired = s->repaired;
}
