
/*
 * Byte buffers that grow in an arena.
 */

#include "codec/base/base_buf.h"


/* Bytes that are escaped at once. */
#define CCP_BUF_PIECE  1024


void
ccp_buf_init(ccp_buf_t *b, ccp_arena_t *a, size_t limit)
{
    memset(b, 0, sizeof(ccp_buf_t));
    b->arena = a;
    b->limit = limit;
}


static int
ccp_buf_room(ccp_buf_t *b, size_t n)
{
    void    *p;
    size_t   cap;

    if (b->err) {
        return CCP_NOMEM;
    }

    if (n <= b->cap - b->n) {
        return CCP_OK;
    }

    if (n > SIZE_MAX / 4 || (b->limit && b->n + n > b->limit)) {
        b->err = 1;
        return CCP_NOMEM;
    }

    cap = b->cap ? b->cap * 2 : 512;
    while (cap < b->n + n) {
        cap *= 2;
    }

    p = ccp_regrow(b->arena, b->p, b->n, cap);
    if (p == NULL) {
        b->err = 1;
        return CCP_NOMEM;
    }

    b->p = p;
    b->cap = cap;

    return CCP_OK;
}


int
ccp_buf_reserve(ccp_buf_t *b, size_t n)
{
    return ccp_buf_room(b, n);
}


int
ccp_buf_grow_add(ccp_buf_t *b, const void *p, size_t n)
{
    if (n == 0) {
        return b->err ? CCP_NOMEM : CCP_OK;
    }

    if (ccp_buf_room(b, n) != CCP_OK) {
        return CCP_NOMEM;
    }

    memcpy(b->p + b->n, p, n);
    b->n += n;

    return CCP_OK;
}


int
ccp_buf_add_plain(ccp_buf_t *b, ccp_str_t s)
{
    if (!(s.json && s.esc)) {
        return ccp_buf_add(b, s.p, s.n);
    }

    if (ccp_buf_room(b, s.n) != CCP_OK) {
        return CCP_NOMEM;
    }

    b->n += ccp_str_decode(s, b->p + b->n);

    return CCP_OK;
}


#define ccp_buf_each(c)  (0x0101010101010101ULL * (c))


/* The top bit of each of 8 bytes that is to be escaped; those above the first
 * one may be wrong. */

static inline uint64_t
ccp_buf_special(uint64_t v)
{
    uint64_t  quote, slash, found;

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif

    quote = v ^ ccp_buf_each('"');
    slash = v ^ ccp_buf_each('\\');

    found = ((v - ccp_buf_each(0x20)) & ~v)
            | ((quote - ccp_buf_each(1)) & ~quote)
            | ((slash - ccp_buf_each(1)) & ~slash);

    return found & ccp_buf_each(0x80);
}


/* Writes a byte as a JSON string has it, at most 6 bytes. */

static inline uint8_t *
ccp_buf_put(uint8_t *q, uint8_t c)
{
    static const char  hex[] = "0123456789abcdef";

    if (c >= 0x20 && c != '"' && c != '\\') {
        *q++ = c;
        return q;
    }

    *q++ = '\\';

    switch (c) {
    case '"':
    case '\\': *q++ = c;   return q;
    case '\n': *q++ = 'n'; return q;
    case '\r': *q++ = 'r'; return q;
    case '\t': *q++ = 't'; return q;
    case '\b': *q++ = 'b'; return q;
    case '\f': *q++ = 'f'; return q;
    default:
        memcpy(q, "u00", 3);
        q[3] = (uint8_t) hex[c >> 4];
        q[4] = (uint8_t) hex[c & 15];
        return q + 5;
    }
}


/* Not a byte more room than it takes. */

static int
ccp_buf_add_json_bounded(ccp_buf_t *b, ccp_str_t s)
{
    size_t   i;
    uint8_t  one[6];

    for (i = 0; i < s.n; i++) {
        ccp_buf_add(b, one, (size_t) (ccp_buf_put(one, s.p[i]) - one));
    }

    return b->err ? CCP_NOMEM : CCP_OK;
}


int
ccp_buf_add_json(ccp_buf_t *b, ccp_str_t s)
{
    size_t          n;
    uint8_t        *q;
    uint64_t        v;
    const uint8_t  *p, *end, *stop;

    if (s.json || s.n == 0) {
        return ccp_buf_add(b, s.p, s.n);
    }

    if (b->limit) {
        return ccp_buf_add_json_bounded(b, s);
    }

    end = s.p + s.n;

    /* by pieces, each with room for the worst that may become of it */

    for (p = s.p; p < end; /* void */ ) {
        n = end - p < CCP_BUF_PIECE ? (size_t) (end - p) : CCP_BUF_PIECE;
        stop = p + n;

        if (ccp_buf_room(b, n * 6 + 8) != CCP_OK) {
            return CCP_NOMEM;
        }

        q = b->p + b->n;

        while (stop - p >= 8) {
            memcpy(&v, p, 8);
            memcpy(q, &v, 8);
            v = ccp_buf_special(v);

            if (v == 0) {
                p += 8;
                q += 8;
                continue;
            }

            n = (size_t) __builtin_ctzll(v) / 8;
            p += n;
            q = ccp_buf_put(q + n, *p++);
        }

        while (p < stop) {
            q = ccp_buf_put(q, *p++);
        }

        b->n = (size_t) (q - b->p);
    }

    return b->err ? CCP_NOMEM : CCP_OK;
}


ccp_str_t
ccp_buf_str(const ccp_buf_t *b, int json)
{
    ccp_str_t  s;

    s.p = b->p ? b->p : (const uint8_t *) "";
    s.n = b->n;
    s.json = json ? 1 : 0;
    s.esc = (json && b->n && memchr(b->p, '\\', b->n) != NULL);

    return s;
}


void
ccp_buf_free(ccp_buf_t *b)
{
    ccp_release(b->arena, b->p);
    b->p = NULL;
    b->n = 0;
    b->cap = 0;
}
