
/*
 * Source of ids and time, the caller's.
 */

#ifndef CCP_BASE_ID_H
#define CCP_BASE_ID_H

#include "codec/base/base_arena.h"

typedef struct {
    uint64_t    seed[2];           /* state of the id generator, not zero */
    int64_t   (*now_ns)(void *ctx);    /* wall clock, ns since the epoch */
    void       *ctx;
} ccp_clock_t;

/* A fresh id: prefix and n base62 digits, in the arena; absent: no memory. */
ccp_str_t ccp_id_new(ccp_clock_t *c, ccp_arena_t *a, const char *prefix,
    size_t n);

#endif /* CCP_BASE_ID_H */
