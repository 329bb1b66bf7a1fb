
/*
 * A memory of what was made of bytes: by equal bytes, or by the longest equal
 * beginning.  Bounded; what was not asked for longest goes first.
 *
 * It outlives arenas and is the caller's: one a worker, say.  Nothing is taken
 * for equal by a hash alone.  Of different scopes nothing is shared, so that
 * nobody learns from the time a request takes what others sent.
 */

#ifndef CCP_BASE_MEMO_H
#define CCP_BASE_MEMO_H

#include "codec/base/base_arena.h"

typedef struct ccp_memo_s       ccp_memo_t;
typedef struct ccp_memo_item_s  ccp_memo_item_t;

/* limit: bytes of memory in all.  NULL without memory. */
ccp_memo_t *ccp_memo_create(const ccp_mem_t *mem, size_t limit,
    uint64_t seed);
void ccp_memo_destroy(ccp_memo_t *m);
/* Bytes held now. */
size_t ccp_memo_size(const ccp_memo_t *m);

/* What is kept: both stay until the next call that keeps something. */
ccp_str_t ccp_memo_key(const ccp_memo_item_t *item);
ccp_str_t ccp_memo_value(const ccp_memo_item_t *item);
/* The value's bytes, to be changed in place. */
void *ccp_memo_data(ccp_memo_item_t *item);

/*
 * By all bytes of the key; tag: what else the value depends on.  NULL: it is
 * not known.
 */
const ccp_memo_item_t *ccp_memo_find(ccp_memo_t *m, uint64_t scope,
    uint64_t tag, ccp_str_t key);
/* Keeps it, if there is room and memory. */
void ccp_memo_keep(ccp_memo_t *m, uint64_t scope, uint64_t tag, ccp_str_t key,
    ccp_str_t value);

/*
 * The item whose key has the longest beginning in common with this one, and
 * its length; of few that look alike.  Keys of fewer bytes than
 * CCP_MEMO_LEAST are not kept.
 */
#define CCP_MEMO_LEAST  512

ccp_memo_item_t *ccp_memo_nearest(ccp_memo_t *m, uint64_t scope,
    ccp_str_t key, size_t *common);
/*
 * Keeps it, in the place of item if there is one, of which so many bytes of
 * key and value stay.  The item; NULL: it is not kept, nor is the one before.
 */
ccp_memo_item_t *ccp_memo_keep_after(ccp_memo_t *m, uint64_t scope, ccp_memo_item_t *item,
    ccp_str_t key, size_t same, ccp_str_t value, size_t value_same);

/* Bytes that both have in common at the beginning; at the end. */
size_t ccp_memo_common(const uint8_t *a, const uint8_t *b, size_t n);
size_t ccp_memo_common_end(const uint8_t *a_end, const uint8_t *b_end,
    size_t n);

#endif /* CCP_BASE_MEMO_H */
