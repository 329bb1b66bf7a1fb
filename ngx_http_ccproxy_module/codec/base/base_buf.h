
/*
 * Byte buffers that grow.
 */

#ifndef CCP_BASE_BUF_H
#define CCP_BASE_BUF_H

#include "codec/base/base_arena.h"

/* A growable byte buffer; err latches an allocation failure or the limit. */
typedef struct {
    uint8_t      *p;
    size_t        n;
    size_t        cap;
    ccp_arena_t  *arena;
    size_t        limit;       /* 0: none but the arena's */
    unsigned      err:1;
} ccp_buf_t;

void ccp_buf_init(ccp_buf_t *b, ccp_arena_t *a, size_t limit);
/* CCP_OK or CCP_NOMEM (also latched in b->err). */
int ccp_buf_reserve(ccp_buf_t *b, size_t n);
/* Appends bytes: CCP_OK or CCP_NOMEM.  Inline where there is room, which is
 * the usual case; the other makes it. */
int ccp_buf_grow_add(ccp_buf_t *b, const void *p, size_t n);

static inline int
ccp_buf_add(ccp_buf_t *b, const void *p, size_t n)
{
    if (n - 1 < b->cap - b->n && !b->err) {
        memcpy(b->p + b->n, p, n);
        b->n += n;
        return CCP_OK;
    }

    return ccp_buf_grow_add(b, p, n);
}

/* Appends the slice in JSON string spelling (escaping where it is plain). */
int ccp_buf_add_json(ccp_buf_t *b, ccp_str_t s);
/* Appends the decoded bytes of the slice. */
int ccp_buf_add_plain(ccp_buf_t *b, ccp_str_t s);
/* The content as a slice; json says how it was collected. */
ccp_str_t ccp_buf_str(const ccp_buf_t *b, int json);
void ccp_buf_free(ccp_buf_t *b);

#endif /* CCP_BASE_BUF_H */
