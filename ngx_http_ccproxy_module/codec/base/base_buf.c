
/*
 * Byte buffers that grow in an arena.
 */

#include "codec/base/base_buf.h"


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


int
ccp_buf_add_json(ccp_buf_t *b, ccp_str_t s)
{
    uint8_t               c;
    const uint8_t        *p, *q, *end;
    char                  e[6];
    static const char     hex[] = "0123456789abcdef";

    if (s.json || s.n == 0) {
        return ccp_buf_add(b, s.p, s.n);
    }

    p = s.p;
    end = p + s.n;

    while (p < end) {

        for (q = p; q < end && *q >= 0x20 && *q != '"' && *q != '\\'; q++) {
            /* void */
        }

        if (ccp_buf_add(b, p, q - p) != CCP_OK) {
            return CCP_NOMEM;
        }

        if (q == end) {
            break;
        }

        c = *q;
        p = q + 1;

        e[0] = '\\';
        e[1] = c == '\n' ? 'n' : c == '\r' ? 'r' : c == '\t' ? 't'
             : c == '\b' ? 'b' : c == '\f' ? 'f' : (char) c;

        if (c >= 0x20 || e[1] != (char) c) {
            if (ccp_buf_add(b, e, 2) != CCP_OK) {
                return CCP_NOMEM;
            }
            continue;
        }

        memcpy(e + 1, "u00", 3);
        e[4] = hex[c >> 4];
        e[5] = hex[c & 15];

        if (ccp_buf_add(b, e, 6) != CCP_OK) {
            return CCP_NOMEM;
        }
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
