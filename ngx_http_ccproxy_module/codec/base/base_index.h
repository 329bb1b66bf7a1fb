
/*
 * An index: things found by a number, however many there are.
 */

#ifndef CCP_BASE_INDEX_H
#define CCP_BASE_INDEX_H

#include "codec/base/base_arena.h"

typedef struct {
    uint64_t   key;
    void      *p;
    unsigned   used:1;
} ccp_index_slot_t;

typedef struct {
    ccp_arena_t       *arena;
    ccp_index_slot_t  *slots;
    size_t             cap;    /* a power of two, or none yet */
    size_t             n;      /* slots in use */
} ccp_index_t;

/* Zeroed memory and an arena are all it takes. */
void ccp_index_init(ccp_index_t *x, ccp_arena_t *a);

/* What was put under that number; NULL: nothing. */
void *ccp_index_get(const ccp_index_t *x, uint64_t key);

/* Puts it there in place of what there was; NULL takes that away.  CCP_OK or
 * CCP_NOMEM. */
int ccp_index_put(ccp_index_t *x, uint64_t key, void *p);

#endif /* CCP_BASE_INDEX_H */
