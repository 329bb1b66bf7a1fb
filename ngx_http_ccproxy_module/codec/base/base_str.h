
/*
 * Base types of the codec: results, slices, memory.
 *
 * The codec never calls malloc itself: all memory comes from an arena over
 * the caller's allocator, is bounded by the arena's limit and is released at
 * once with the arena.  Nothing here is global, so arenas of different
 * threads or requests are independent.
 */

#ifndef CCP_BASE_STR_H
#define CCP_BASE_STR_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef enum {
    CCP_OK = 0,
    CCP_NOMEM = -1,        /* allocation failed or the arena's limit is hit */
    CCP_INVALID = -2,      /* bad input; the ccp_error_t says what and where */
    CCP_DECLINED = -3      /* not found, not applicable */
} ccp_rc_e;

/*
 * A slice: bytes somebody else owns.  With json set the bytes are the inside
 * of a JSON string in its JSON spelling (without the quotes); esc tells that
 * a backslash occurs in it, so that without esc both spellings are equal.
 * p == NULL is "absent", p != NULL with n == 0 is "empty".
 */
typedef struct {
    const uint8_t  *p;
    size_t          n;
    unsigned        json:1;
    unsigned        esc:1;
} ccp_str_t;

#define ccp_lit(s)   ((ccp_str_t) { (const uint8_t *) (s), sizeof(s) - 1, 0, 0 })
#define ccp_none     ((ccp_str_t) { NULL, 0, 0, 0 })

/* A slice of a NUL-terminated string. */
ccp_str_t ccp_cstr(const char *s);

/* Equality of two slices in whatever spelling. */
int ccp_str_eq(ccp_str_t a, ccp_str_t b);

/* Equality with a literal, after decoding escapes where there are any; inline,
 * so that its length is known. */
static inline int
ccp_str_is(ccp_str_t s, const char *lit)
{
    size_t  n = strlen(lit);

    if (s.json && s.esc) {
        return ccp_str_eq(s, ccp_cstr(lit));
    }

    return s.p != NULL && s.n == n && memcmp(s.p, lit, n) == 0;
}

/* Whether the decoded slice begins with the literal (ASCII, case kept). */
int ccp_str_starts(ccp_str_t s, const char *lit);

/* Whether the slice holds nothing but white space (or nothing at all). */
int ccp_str_blank(ccp_str_t s);

/* Whether the plain slice matches a pattern of '*' and '?', whatever the case
 * of ASCII letters. */
int ccp_str_glob(ccp_str_t pattern, ccp_str_t s);

/* Where a plain word ends in the plain slice, whatever the case of ASCII
 * letters; NULL: it isn't there. */
const uint8_t *ccp_str_after(ccp_str_t s, ccp_str_t word);

/* Whether the bytes are well-formed UTF-8 without null characters. */
int ccp_str_utf8(ccp_str_t s);

/* 64-bit FNV-1a of the decoded bytes; stable over runs and machines. */
uint64_t ccp_str_hash(ccp_str_t s, uint64_t seed);


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

#endif /* CCP_BASE_STR_H */
