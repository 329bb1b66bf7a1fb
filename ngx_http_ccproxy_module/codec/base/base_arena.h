
/*
 * Memory of the codec.
 *
 * The codec never calls malloc itself: all memory comes from an arena over
 * the caller's allocator, is bounded by the arena's limit and is released at
 * once with the arena.  Nothing here is global, so arenas of different
 * threads or requests are independent.
 */

#ifndef CCP_BASE_ARENA_H
#define CCP_BASE_ARENA_H

#include "codec/base/base_str.h"

/* The caller's allocator; alloc may return NULL. */
typedef struct {
    void  *(*alloc)(void *ctx, size_t n);
    void   (*free)(void *ctx, void *p);
    void    *ctx;
} ccp_mem_t;

typedef struct ccp_arena_s  ccp_arena_t;

/*
 * Creates an arena.  mem is copied; limit bounds the sum of bytes taken from
 * it (0: no bound).  NULL when the first block can't be had.
 */
ccp_arena_t *ccp_arena_create(const ccp_mem_t *mem, size_t limit);
void ccp_arena_destroy(ccp_arena_t *a);

/*
 * What outlives the arena and may serve those who allocate in it: base_memo.h,
 * and the scope to ask it for.  NULL: there is none.
 */
struct ccp_memo_s;

void ccp_arena_set_memo(ccp_arena_t *a, struct ccp_memo_s *memo,
    uint64_t scope);
struct ccp_memo_s *ccp_arena_memo(const ccp_arena_t *a, uint64_t *scope);

/* Aligned for any type, not zeroed / zeroed; NULL on failure. */
void *ccp_alloc(ccp_arena_t *a, size_t n);
void *ccp_calloc(ccp_arena_t *a, size_t n);

/*
 * Grows a block taken by an earlier ccp_regrow (or NULL) from "used" bytes to
 * a capacity of n; the old block goes back to the allocator, so a growing
 * buffer leaves nothing behind.  NULL: failure, the old block stays valid.
 */
void *ccp_regrow(ccp_arena_t *a, void *p, size_t used, size_t n);

/* Gives back a block taken by ccp_regrow; NULL is allowed. */
void ccp_release(ccp_arena_t *a, void *p);

/* Bytes held now. */
size_t ccp_arena_size(const ccp_arena_t *a);

/* Copy of a slice in the arena, same spelling; ccp_none on failure. */
ccp_str_t ccp_str_dup(ccp_arena_t *a, ccp_str_t s);

/*
 * The decoded bytes of a slice (json == 0 in the result): the slice itself
 * if nothing is escaped, else a copy in the arena.  Lone surrogates become
 * U+FFFD.  Absent stays absent; p == NULL for a present s means no memory.
 */
ccp_str_t ccp_str_plain(ccp_arena_t *a, ccp_str_t s);

#endif /* CCP_BASE_ARENA_H */
