
/*
 * Base types of the codec: results and slices.
 */

#ifndef CCP_BASE_STR_H
#define CCP_BASE_STR_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The length of an array. */
#define ccp_countof(a)   (sizeof(a) / sizeof((a)[0]))

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

/* The plain slice from p up to end. */
static inline ccp_str_t
ccp_str_range(const uint8_t *p, const uint8_t *end)
{
    return (ccp_str_t) { p, (size_t) (end - p), 0, 0 };
}

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

/* The slice without the white space at its end. */
ccp_str_t ccp_str_trim_end(ccp_str_t s);

/* Whether the slice holds nothing but white space (or nothing at all). */
int ccp_str_blank(ccp_str_t s);

/* 64-bit FNV-1a of the decoded bytes; stable over runs and machines. */
uint64_t ccp_str_hash(ccp_str_t s, uint64_t seed);

/* Writes the decoded bytes of a present slice, never more than s.n; their
 * number. */
size_t ccp_str_decode(ccp_str_t s, uint8_t *out);

#endif /* CCP_BASE_STR_H */
