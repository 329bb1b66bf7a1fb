
/*
 * A memory of what was made of bytes.
 *
 * An item is in a table by the hash of its key, or, where beginnings are
 * looked for, by the hashes of a few bytes in front of each of some places,
 * 512, 2048, 8192 …: who has the same bytes at the same place has most likely
 * the same before it.  Then the bytes are compared.
 */

#include "codec/base/base_memo.h"


#define CCP_MEMO_BUCKETS   4096    /* a power of two */
#define CCP_MEMO_PROBES    4       /* items compared for one place */
#define CCP_MEMO_PLACES    8       /* up to 8 MB */
#define CCP_MEMO_SAMPLE    64      /* bytes that are hashed for a place */
#define CCP_MEMO_SHARE     4       /* an item may hold this part of all */
#define CCP_MEMO_STEP      4096    /* bytes compared at once */

/* Odd numbers without a pattern, as wyhash has them. */
#define CCP_MEMO_K0  0xa0761d6478bd642fULL
#define CCP_MEMO_K1  0xe7037ed1a0b428dbULL


typedef struct ccp_memo_link_s  ccp_memo_link_t;

struct ccp_memo_link_s {
    ccp_memo_link_t   *next;
    ccp_memo_link_t  **prev;
    ccp_memo_item_t   *item;       /* NULL: the link is not in use */
    uint64_t           hash;
};

typedef struct {
    uint8_t  *p;
    size_t    n;
    size_t    cap;
} ccp_memo_bytes_t;

struct ccp_memo_item_s {
    ccp_memo_item_t   *newer;
    ccp_memo_item_t   *older;
    uint64_t           scope;
    uint64_t           tag;
    ccp_memo_bytes_t   key;
    ccp_memo_bytes_t   value;
    ccp_memo_link_t    links[CCP_MEMO_PLACES];
};

struct ccp_memo_s {
    ccp_mem_t          mem;
    size_t             limit;
    size_t             size;
    uint64_t           seed;
    ccp_memo_item_t    ends;       /* of the list: its newest is the older */
    ccp_memo_link_t   *buckets[CCP_MEMO_BUCKETS];
};


ccp_memo_t *
ccp_memo_create(const ccp_mem_t *mem, size_t limit, uint64_t seed)
{
    ccp_memo_t  *m;

    m = mem->alloc(mem->ctx, sizeof(ccp_memo_t));
    if (m == NULL) {
        return NULL;
    }

    memset(m, 0, sizeof(ccp_memo_t));
    m->mem = *mem;
    m->limit = limit;
    m->size = sizeof(ccp_memo_t);
    m->seed = seed | 1;
    m->ends.newer = &m->ends;
    m->ends.older = &m->ends;

    return m;
}


static void
ccp_memo_unlink(ccp_memo_item_t *item)
{
    size_t            i;
    ccp_memo_link_t  *l;

    for (i = 0; i < CCP_MEMO_PLACES; i++) {
        l = &item->links[i];

        if (l->item) {
            *l->prev = l->next;
            if (l->next) {
                l->next->prev = l->prev;
            }
            l->item = NULL;
        }
    }
}


static void
ccp_memo_link(ccp_memo_t *m, ccp_memo_item_t *item, size_t i, uint64_t hash)
{
    ccp_memo_link_t  *l, **bucket;

    bucket = &m->buckets[hash & (CCP_MEMO_BUCKETS - 1)];

    l = &item->links[i];
    l->item = item;
    l->hash = hash;
    l->next = *bucket;
    l->prev = bucket;
    if (l->next) {
        l->next->prev = &l->next;
    }
    *bucket = l;
}


static void
ccp_memo_free(ccp_memo_t *m, ccp_memo_bytes_t *b)
{
    if (b->p) {
        m->size -= b->cap;
        m->mem.free(m->mem.ctx, b->p);
    }
}


static void
ccp_memo_forget(ccp_memo_t *m, ccp_memo_item_t *item)
{
    ccp_memo_unlink(item);

    item->newer->older = item->older;
    item->older->newer = item->newer;

    ccp_memo_free(m, &item->key);
    ccp_memo_free(m, &item->value);
    m->size -= sizeof(ccp_memo_item_t);
    m->mem.free(m->mem.ctx, item);
}


void
ccp_memo_destroy(ccp_memo_t *m)
{
    ccp_mem_t  mem;

    if (m == NULL) {
        return;
    }

    while (m->ends.older != &m->ends) {
        ccp_memo_forget(m, m->ends.older);
    }

    mem = m->mem;
    mem.free(mem.ctx, m);
}


size_t
ccp_memo_size(const ccp_memo_t *m)
{
    return m->size;
}


ccp_str_t
ccp_memo_key(const ccp_memo_item_t *item)
{
    return (ccp_str_t) { item->key.p, item->key.n, 0, 0 };
}


ccp_str_t
ccp_memo_value(const ccp_memo_item_t *item)
{
    return (ccp_str_t) { item->value.p, item->value.n, 0, 0 };
}


void *
ccp_memo_data(ccp_memo_item_t *item)
{
    return item->value.p;
}


/* ---- bytes ---- */

size_t
ccp_memo_common(const uint8_t *a, const uint8_t *b, size_t n)
{
    size_t    i, step;
    uint64_t  x, y;

    i = 0;

    for (step = CCP_MEMO_STEP; step >= 8; step /= 8) {
        while (n - i >= step && memcmp(a + i, b + i, step) == 0) {
            i += step;
        }
    }

    while (n - i >= 8) {
        memcpy(&x, a + i, 8);
        memcpy(&y, b + i, 8);
        if (x != y) {
            break;
        }
        i += 8;
    }

    while (i < n && a[i] == b[i]) {
        i++;
    }

    return i;
}


size_t
ccp_memo_common_end(const uint8_t *a_end, const uint8_t *b_end, size_t n)
{
    size_t  i, step;

    i = 0;

    for (step = CCP_MEMO_STEP; step >= 8; step /= 8) {
        while (n - i >= step
               && memcmp(a_end - i - step, b_end - i - step, step) == 0)
        {
            i += step;
        }
    }

    while (i < n && a_end[-1 - (ptrdiff_t) i] == b_end[-1 - (ptrdiff_t) i]) {
        i++;
    }

    return i;
}


static inline uint64_t
ccp_memo_fold(uint64_t a, uint64_t b)
{
#if defined(__SIZEOF_INT128__)
    unsigned __int128  r;

    r = (unsigned __int128) a * b;

    return (uint64_t) r ^ (uint64_t) (r >> 64);
#else
    a = (a ^ a >> 32) * CCP_MEMO_K0 ^ (b ^ b >> 29) * CCP_MEMO_K1;

    return a ^ a >> 32;
#endif
}


/* Seeded, so that nobody can fill a bucket on purpose. */

static uint64_t
ccp_memo_hash(const ccp_memo_t *m, uint64_t scope, uint64_t tag,
    const uint8_t *p, size_t n)
{
    size_t    i;
    uint64_t  h, a, b;

    h = ccp_memo_fold(scope ^ m->seed, tag ^ CCP_MEMO_K0) ^ n;

    for (i = 0; n - i >= 16; i += 16) {
        memcpy(&a, p + i, 8);
        memcpy(&b, p + i + 8, 8);
        h = ccp_memo_fold(a ^ m->seed, b ^ h);
    }

    a = 0;
    b = 0;
    memcpy(&a, p + i, n - i < 8 ? n - i : 8);
    if (n - i > 8) {
        memcpy(&b, p + i + 8, n - i - 8);
    }

    return ccp_memo_fold(a ^ m->seed ^ CCP_MEMO_K1, b ^ h ^ CCP_MEMO_K0);
}


/* ---- memory ---- */

static void
ccp_memo_touch(ccp_memo_t *m, ccp_memo_item_t *item)
{
    if (item->newer) {
        item->newer->older = item->older;
        item->older->newer = item->newer;
    }

    item->older = m->ends.older;
    item->newer = &m->ends;
    item->older->newer = item;
    m->ends.older = item;
}


/* Makes room for so many bytes more, if need be at the cost of all others
 * but the newest. */

static int
ccp_memo_room(ccp_memo_t *m, size_t n)
{
    if (n > m->limit / CCP_MEMO_SHARE) {
        return 0;
    }

    while (m->size + n > m->limit) {
        if (m->ends.newer == m->ends.older) {
            return 0;
        }
        ccp_memo_forget(m, m->ends.newer);
    }

    return 1;
}


/* Of s so many bytes are in b already. */

static int
ccp_memo_set(ccp_memo_t *m, ccp_memo_bytes_t *b, ccp_str_t s, size_t same,
    int grows)
{
    size_t    cap;
    uint8_t  *p;

    if (s.n > b->cap) {
        /* the next turn has room to be longer */

        cap = grows ? s.n + s.n / 4 : s.n;

        if (!ccp_memo_room(m, cap)) {
            return 0;
        }

        p = m->mem.alloc(m->mem.ctx, cap);
        if (p == NULL) {
            return 0;
        }

        if (b->p) {
            memcpy(p, b->p, same);
            m->mem.free(m->mem.ctx, b->p);
        }

        m->size += cap - b->cap;
        b->p = p;
        b->cap = cap;
    }

    if (s.n > same) {
        memcpy(b->p + same, s.p + same, s.n - same);
    }

    b->n = s.n;

    return 1;
}


static ccp_memo_item_t *
ccp_memo_new(ccp_memo_t *m, uint64_t scope, uint64_t tag)
{
    ccp_memo_item_t  *item;

    item = m->mem.alloc(m->mem.ctx, sizeof(ccp_memo_item_t));
    if (item == NULL) {
        return NULL;
    }

    memset(item, 0, sizeof(ccp_memo_item_t));
    item->scope = scope;
    item->tag = tag;
    m->size += sizeof(ccp_memo_item_t);
    ccp_memo_touch(m, item);

    return item;
}


/* ---- by all bytes ---- */

const ccp_memo_item_t *
ccp_memo_find(ccp_memo_t *m, uint64_t scope, uint64_t tag, ccp_str_t key)
{
    uint64_t          hash;
    ccp_memo_item_t  *item;
    ccp_memo_link_t  *l;

    hash = ccp_memo_hash(m, scope, tag, key.p, key.n);

    for (l = m->buckets[hash & (CCP_MEMO_BUCKETS - 1)]; l; l = l->next) {
        item = l->item;

        if (l->hash == hash && item->scope == scope && item->tag == tag
            && l == &item->links[0] && item->key.n == key.n
            && memcmp(item->key.p, key.p, key.n) == 0)
        {
            ccp_memo_touch(m, item);
            return item;
        }
    }

    return NULL;
}


void
ccp_memo_keep(ccp_memo_t *m, uint64_t scope, uint64_t tag, ccp_str_t key,
    ccp_str_t value)
{
    ccp_memo_item_t  *item;

    if (key.n + value.n + sizeof(ccp_memo_item_t) > m->limit / CCP_MEMO_SHARE
        || (item = ccp_memo_new(m, scope, tag)) == NULL)
    {
        return;
    }

    if (!ccp_memo_set(m, &item->key, key, 0, 0)
        || !ccp_memo_set(m, &item->value, value, 0, 0))
    {
        ccp_memo_forget(m, item);
        return;
    }

    ccp_memo_link(m, item, 0,
                  ccp_memo_hash(m, scope, tag, key.p, key.n));
}


/* ---- by the beginning ---- */

/* Where the bytes of a place end. */
#define ccp_memo_place(i)  ((size_t) CCP_MEMO_LEAST << (2 * (i)))

/* No tag of ccp_memo_keep(). */
#define CCP_MEMO_BEGINS    UINT64_MAX


static uint64_t
ccp_memo_place_hash(const ccp_memo_t *m, uint64_t scope, const uint8_t *p,
    size_t i)
{
    return ccp_memo_hash(m, scope, CCP_MEMO_BEGINS - i,
                         p + ccp_memo_place(i) - CCP_MEMO_SAMPLE,
                         CCP_MEMO_SAMPLE);
}


/* The best of those that have these bytes at the place. */

static ccp_memo_item_t *
ccp_memo_nearest_at(ccp_memo_t *m, uint64_t scope, ccp_str_t key, size_t i,
    size_t *common)
{
    size_t            n, most, probes;
    uint64_t          hash;
    ccp_memo_item_t  *item, *best;
    ccp_memo_link_t  *l;

    hash = ccp_memo_place_hash(m, scope, key.p, i);
    best = NULL;
    most = 0;
    probes = 0;

    for (l = m->buckets[hash & (CCP_MEMO_BUCKETS - 1)]; l; l = l->next) {
        item = l->item;

        if (l->hash != hash || l != &item->links[i] || item->scope != scope
            || item->tag != CCP_MEMO_BEGINS)
        {
            continue;
        }

        n = key.n < item->key.n ? key.n : item->key.n;
        n = ccp_memo_common(key.p, item->key.p, n);

        if (n > most) {
            most = n;
            best = item;
        }

        if (++probes == CCP_MEMO_PROBES) {
            break;
        }
    }

    *common = most;

    return best;
}


ccp_memo_item_t *
ccp_memo_nearest(ccp_memo_t *m, uint64_t scope, ccp_str_t key, size_t *common)
{
    size_t            i;
    ccp_memo_item_t  *item;

    for (i = CCP_MEMO_PLACES; i-- > 0; /* void */ ) {

        if (key.n < ccp_memo_place(i)) {
            continue;
        }

        item = ccp_memo_nearest_at(m, scope, key, i, common);

        if (item && *common >= ccp_memo_place(i)) {
            ccp_memo_touch(m, item);
            return item;
        }
    }

    return NULL;
}


ccp_memo_item_t *
ccp_memo_keep_after(ccp_memo_t *m, uint64_t scope, ccp_memo_item_t *item,
    ccp_str_t key, size_t same, ccp_str_t value, size_t value_same)
{
    size_t  i;

    if (key.n < CCP_MEMO_LEAST
        || key.n + value.n > m->limit / CCP_MEMO_SHARE)
    {
        return NULL;
    }

    if (item == NULL) {
        item = ccp_memo_new(m, scope, CCP_MEMO_BEGINS);
        if (item == NULL) {
            return NULL;
        }

        same = 0;
        value_same = 0;
    }

    ccp_memo_touch(m, item);
    ccp_memo_unlink(item);

    if (!ccp_memo_set(m, &item->key, key, same, 1)
        || !ccp_memo_set(m, &item->value, value, value_same, 1))
    {
        ccp_memo_forget(m, item);
        return NULL;
    }

    for (i = 0; i < CCP_MEMO_PLACES && key.n >= ccp_memo_place(i); i++) {
        ccp_memo_link(m, item, i, ccp_memo_place_hash(m, scope, key.p, i));
    }

    return item;
}
