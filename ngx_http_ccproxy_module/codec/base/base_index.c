
/*
 * An index: open addressing in a table that doubles.  A number that was taken
 * away keeps its slot until the table grows.
 */

#include "codec/base/base_index.h"


#define CCP_INDEX_MIN  16


void
ccp_index_init(ccp_index_t *x, ccp_arena_t *a)
{
    memset(x, 0, sizeof(ccp_index_t));
    x->arena = a;
}


/* Numbers come from a peer: where the table lies is what it doesn't know. */

static size_t
ccp_index_place(const ccp_index_t *x, uint64_t key)
{
    key ^= (uint64_t) (uintptr_t) x->slots;
    key = (key ^ key >> 33) * 0xff51afd7ed558ccdULL;
    key = (key ^ key >> 33) * 0xc4ceb9fe1a85ec53ULL;

    return (size_t) (key ^ key >> 33) & (x->cap - 1);
}


/* The slot of that number, or the free one that it would take. */

static ccp_index_slot_t *
ccp_index_find(const ccp_index_t *x, uint64_t key)
{
    size_t  i;

    for (i = ccp_index_place(x, key);
         x->slots[i].used && x->slots[i].key != key;
         i = (i + 1) & (x->cap - 1))
    {
        /* void */
    }

    return &x->slots[i];
}


void *
ccp_index_get(const ccp_index_t *x, uint64_t key)
{
    return x->n ? ccp_index_find(x, key)->p : NULL;
}


static int
ccp_index_grow(ccp_index_t *x)
{
    size_t             i, cap;
    ccp_index_t        old;
    ccp_index_slot_t  *slots;

    old = *x;

    for (i = 0, x->n = 0; i < old.cap; i++) {
        x->n += old.slots[i].p != NULL;
    }

    for (cap = CCP_INDEX_MIN; cap < 4 * (x->n + 1); cap *= 2) {
        /* void */
    }

    slots = ccp_regrow(x->arena, NULL, 0, cap * sizeof(ccp_index_slot_t));
    if (slots == NULL) {
        *x = old;
        return CCP_NOMEM;
    }

    memset(slots, 0, cap * sizeof(ccp_index_slot_t));
    x->slots = slots;
    x->cap = cap;

    for (i = 0; i < old.cap; i++) {
        if (old.slots[i].p) {
            *ccp_index_find(x, old.slots[i].key) = old.slots[i];
        }
    }

    ccp_release(x->arena, old.slots);

    return CCP_OK;
}


int
ccp_index_put(ccp_index_t *x, uint64_t key, void *p)
{
    ccp_index_slot_t  *s;

    if (p == NULL) {
        if (x->n) {
            ccp_index_find(x, key)->p = NULL;
        }

        return CCP_OK;
    }

    if (2 * x->n >= x->cap && ccp_index_grow(x) != CCP_OK) {
        return CCP_NOMEM;
    }

    s = ccp_index_find(x, key);
    x->n += !s->used;
    s->key = key;
    s->p = p;
    s->used = 1;

    return CCP_OK;
}
