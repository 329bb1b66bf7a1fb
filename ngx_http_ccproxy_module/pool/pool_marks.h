
/*
 * Marks: names of which something is known for a while, such as a model that
 * refused tools.  They lie in a caller's block of memory, which processes may
 * share under a lock of the caller's; the clock is the caller's too.
 */

#ifndef CCP_POOL_MARKS_H
#define CCP_POOL_MARKS_H

#include <stddef.h>
#include <stdint.h>

typedef struct ccp_pool_marks_s  ccp_pool_marks_t;

/*
 * Makes a table of a block of size bytes, aligned for 64-bit numbers and
 * zeroed; it has room for size / 16 marks, about.  NULL if that is too small.
 */
ccp_pool_marks_t *ccp_pool_marks_init(void *mem, size_t size);

/*
 * Marks a name, a hash of ccp_pool_hash(), from now on for so many ms.  Where
 * there is no room, what would end soonest among its neighbours goes.
 */
void ccp_pool_marks_set(ccp_pool_marks_t *m, uint64_t name, uint64_t ms,
    uint64_t now);

/* Whether the name is marked. */
int ccp_pool_marks_has(const ccp_pool_marks_t *m, uint64_t name, uint64_t now);

#endif /* CCP_POOL_MARKS_H */
