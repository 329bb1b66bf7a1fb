
/*
 * Arenas: all memory of one request, bounded and released at once.  Buffers
 * that grow are in base_buf.c.
 */

#include "codec/base/base_arena.h"


#define CCP_ARENA_BLOCK   4096
#define CCP_ALIGN         16

#define ccp_align(n)      (((n) + CCP_ALIGN - 1) & ~(size_t) (CCP_ALIGN - 1))


/* Every piece taken from the caller is in one list, so that it can be freed
 * alone (ccp_release) or with the arena. */

typedef struct ccp_piece_s  ccp_piece_t;

struct ccp_piece_s {
    ccp_piece_t  *prev;
    ccp_piece_t  *next;
    size_t        size;
    size_t        pad;
};


struct ccp_arena_s {
    ccp_piece_t   head;            /* the arena's own piece, list anchor */
    ccp_mem_t     mem;
    size_t        limit;
    size_t        size;
    uint8_t      *pos;
    uint8_t      *end;

    struct ccp_memo_s  *memo;
    uint64_t            scope;     /* of what is asked of it */
};


static ccp_piece_t *
ccp_piece_take(ccp_arena_t *a, size_t n)
{
    ccp_piece_t  *pc;

    if (n > SIZE_MAX - sizeof(ccp_piece_t)) {
        return NULL;
    }

    n += sizeof(ccp_piece_t);

    if (a->limit && (n > a->limit || a->size > a->limit - n)) {
        return NULL;
    }

    pc = a->mem.alloc(a->mem.ctx, n);
    if (pc == NULL) {
        return NULL;
    }

    pc->size = n;
    pc->prev = &a->head;
    pc->next = a->head.next;
    if (pc->next) {
        pc->next->prev = pc;
    }
    a->head.next = pc;
    a->size += n;

    return pc;
}


ccp_arena_t *
ccp_arena_create(const ccp_mem_t *mem, size_t limit)
{
    ccp_arena_t  *a;

    a = mem->alloc(mem->ctx, CCP_ARENA_BLOCK);
    if (a == NULL) {
        return NULL;
    }

    memset(a, 0, sizeof(ccp_arena_t));
    a->mem = *mem;
    a->limit = limit;
    a->size = CCP_ARENA_BLOCK;
    a->pos = (uint8_t *) a + ccp_align(sizeof(ccp_arena_t));
    a->end = (uint8_t *) a + CCP_ARENA_BLOCK;

    return a;
}


void
ccp_arena_destroy(ccp_arena_t *a)
{
    ccp_mem_t     mem;
    ccp_piece_t  *pc, *next;

    if (a == NULL) {
        return;
    }

    mem = a->mem;

    for (pc = a->head.next; pc; pc = next) {
        next = pc->next;
        mem.free(mem.ctx, pc);
    }

    mem.free(mem.ctx, a);
}


void
ccp_arena_set_memo(ccp_arena_t *a, struct ccp_memo_s *memo, uint64_t scope)
{
    a->memo = memo;
    a->scope = scope;
}


struct ccp_memo_s *
ccp_arena_memo(const ccp_arena_t *a, uint64_t *scope)
{
    *scope = a->scope;

    return a->memo;
}


void *
ccp_alloc(ccp_arena_t *a, size_t n)
{
    void         *p;
    ccp_piece_t  *pc;

    if (n > SIZE_MAX / 2) {
        return NULL;
    }

    n = ccp_align(n ? n : 1);

#if defined(CCP_DEBUG_ARENA)
    /* a piece each, so that sanitizers see the borders */
    pc = ccp_piece_take(a, n);
    return pc ? (void *) (pc + 1) : NULL;
#endif

    if (n <= (size_t) (a->end - a->pos)) {
        p = a->pos;
        a->pos += n;
        return p;
    }

    if (n > CCP_ARENA_BLOCK / 4) {
        pc = ccp_piece_take(a, n);
        return pc ? (void *) (pc + 1) : NULL;
    }

    pc = ccp_piece_take(a, CCP_ARENA_BLOCK - sizeof(ccp_piece_t));
    if (pc == NULL) {
        return NULL;
    }

    p = pc + 1;
    a->pos = (uint8_t *) p + n;
    a->end = (uint8_t *) pc + CCP_ARENA_BLOCK;

    return p;
}


void *
ccp_calloc(ccp_arena_t *a, size_t n)
{
    void  *p;

    p = ccp_alloc(a, n);
    if (p) {
        memset(p, 0, n);
    }

    return p;
}


void *
ccp_regrow(ccp_arena_t *a, void *p, size_t used, size_t n)
{
    ccp_piece_t  *pc;

    pc = ccp_piece_take(a, n);
    if (pc == NULL) {
        return NULL;
    }

    if (p) {
        memcpy(pc + 1, p, used);
        ccp_release(a, p);
    }

    return pc + 1;
}


void
ccp_release(ccp_arena_t *a, void *p)
{
    ccp_piece_t  *pc;

    if (p == NULL) {
        return;
    }

    pc = (ccp_piece_t *) p - 1;

    pc->prev->next = pc->next;
    if (pc->next) {
        pc->next->prev = pc->prev;
    }

    a->size -= pc->size;
    a->mem.free(a->mem.ctx, pc);
}


size_t
ccp_arena_size(const ccp_arena_t *a)
{
    return a->size;
}


ccp_str_t
ccp_str_dup(ccp_arena_t *a, ccp_str_t s)
{
    uint8_t  *p;

    if (s.p == NULL) {
        return s;
    }

    p = ccp_alloc(a, s.n);
    if (p == NULL) {
        return ccp_none;
    }

    memcpy(p, s.p, s.n);
    s.p = p;

    return s;
}


ccp_str_t
ccp_str_plain(ccp_arena_t *a, ccp_str_t s)
{
    uint8_t  *p;

    if (s.p == NULL) {
        return s;
    }

    if (s.json && s.esc) {

        /* no escape is shorter than what it stands for */

        p = ccp_alloc(a, s.n);
        if (p == NULL) {
            return ccp_none;
        }

        s.n = ccp_str_decode(s, p);
        s.p = p;
    }

    s.json = 0;
    s.esc = 0;

    return s;
}
