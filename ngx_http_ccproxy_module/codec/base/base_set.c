
/*
 * A set of strings: open addressing in a table that is never more than half
 * full.
 */

#include "codec/base/base_set.h"


int
ccp_set_init(ccp_set_t *set, ccp_arena_t *a, size_t n)
{
    size_t  cap;

    for (cap = 16; cap / 2 < n; cap *= 2) {
        /* void */
    }

    set->arena = a;
    set->mask = cap - 1;
    set->slots = ccp_regrow(a, NULL, 0, cap * sizeof(ccp_str_t));

    if (set->slots == NULL) {
        return CCP_NOMEM;
    }

    memset(set->slots, 0, cap * sizeof(ccp_str_t));

    return CCP_OK;
}


void
ccp_set_free(ccp_set_t *set)
{
    ccp_release(set->arena, set->slots);
    set->slots = NULL;
}


/* The slot of the string, or the empty one where it belongs. */
static ccp_str_t *
ccp_set_slot(const ccp_set_t *set, ccp_str_t s)
{
    size_t    i;
    uint64_t  h;

    h = ccp_str_hash(s, 0);
    h ^= h >> 32;

    for (i = (size_t) h & set->mask;
         set->slots[i].p != NULL && !ccp_str_eq(set->slots[i], s);
         i = (i + 1) & set->mask)
    {
        /* void */
    }

    return &set->slots[i];
}


int
ccp_set_add(ccp_set_t *set, ccp_str_t s)
{
    ccp_str_t  *slot;

    s = s.p != NULL ? s : ccp_lit("");
    slot = ccp_set_slot(set, s);

    if (slot->p != NULL) {
        return 0;
    }

    *slot = s;

    return 1;
}


int
ccp_set_has(const ccp_set_t *set, ccp_str_t s)
{
    return ccp_set_slot(set, s.p != NULL ? s : ccp_lit(""))->p != NULL;
}
