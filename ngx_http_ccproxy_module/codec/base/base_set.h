
/*
 * A set of strings, by their hashes.
 */

#ifndef CCP_BASE_SET_H
#define CCP_BASE_SET_H

#include "codec/base/base_arena.h"

typedef struct {
    ccp_arena_t  *arena;
    ccp_str_t    *slots;
    size_t        mask;
} ccp_set_t;

/* Room for n strings, which are not copied; CCP_OK or CCP_NOMEM. */
int ccp_set_init(ccp_set_t *set, ccp_arena_t *a, size_t n);
void ccp_set_free(ccp_set_t *set);

/* 1: the string is new, 0: it was there.  An absent one is an empty one. */
int ccp_set_add(ccp_set_t *set, ccp_str_t s);
int ccp_set_has(const ccp_set_t *set, ccp_str_t s);

#endif /* CCP_BASE_SET_H */
