
/*
 * Slices in either spelling: decoded, compared, hashed.  Copies of them are in
 * base_arena.c, patterns in base_match.c.
 */

#include "codec/base/base_str.h"
#include "codec/base/base_utf8.h"


ccp_str_t
ccp_cstr(const char *s)
{
    ccp_str_t  r = ccp_none;

    r.p = (const uint8_t *) s;
    r.n = s ? strlen(s) : 0;

    return r;
}


/*
 * Decodes one escape at p (after the backslash, the grammar was checked) into
 * out, at most 4 bytes; *in is the number of bytes after the backslash.
 */

static size_t
ccp_buf_escape(const uint8_t *p, size_t n, size_t *in, uint8_t *out)
{
    uint32_t  cp, lo;

    *in = 1;

    switch (p[0]) {
    case 'b': out[0] = '\b'; return 1;
    case 'f': out[0] = '\f'; return 1;
    case 'n': out[0] = '\n'; return 1;
    case 'r': out[0] = '\r'; return 1;
    case 't': out[0] = '\t'; return 1;
    case 'u': break;
    default:  out[0] = p[0]; return 1;
    }

    if (n < 5) {

        /* cut off: never longer than what is there */

        *in = n;
        out[0] = '?';
        return 1;
    }

    cp = ccp_hex4(p + 1);
    *in = 5;

    if (cp >= 0xd800 && cp < 0xdc00 && n >= 11 && p[5] == '\\' && p[6] == 'u')
    {
        lo = ccp_hex4(p + 7);
        if (lo >= 0xdc00 && lo < 0xe000) {
            *in = 11;
            cp = 0x10000 + ((cp - 0xd800) << 10) + (lo - 0xdc00);
            return ccp_utf8_put(cp, out);
        }
    }

    if (cp >= 0xd800 && cp < 0xe000) {
        cp = 0xfffd;
    }

    return ccp_utf8_put(cp, out);
}


size_t
ccp_str_decode(ccp_str_t s, uint8_t *out)
{
    size_t          in;
    uint8_t        *start;
    const uint8_t  *p, *q, *end;

    start = out;
    p = s.p;
    end = p + s.n;

    while (p < end) {
        q = memchr(p, '\\', end - p);
        if (q == NULL || q + 1 == end) {
            q = end;
        }

        memcpy(out, p, q - p);
        out += q - p;
        p = q;

        if (p < end) {
            out += ccp_buf_escape(p + 1, end - p - 1, &in, out);
            p += 1 + in;
        }
    }

    return out - start;
}


/* A cursor over the decoded bytes of a slice. */

typedef struct {
    const uint8_t  *p;
    const uint8_t  *end;
    uint8_t         out[4];
    uint8_t         have;
    uint8_t         at;
    uint8_t         json;
} ccp_cur_t;


static void
ccp_cur_init(ccp_cur_t *c, ccp_str_t s)
{
    c->p = s.p;
    c->end = s.p ? s.p + s.n : s.p;
    c->have = 0;
    c->at = 0;
    c->json = (s.json && s.esc);
}


static int
ccp_cur_next(ccp_cur_t *c)
{
    size_t  in;

    if (c->at < c->have) {
        return c->out[c->at++];
    }

    if (c->p == c->end) {
        return -1;
    }

    if (*c->p != '\\' || !c->json || c->p + 1 == c->end) {
        return *c->p++;
    }

    c->have = (uint8_t) ccp_buf_escape(c->p + 1, c->end - c->p - 1, &in,
                                       c->out);
    c->at = 1;
    c->p += 1 + in;

    return c->out[0];
}


int
ccp_str_eq(ccp_str_t a, ccp_str_t b)
{
    int        x, y;
    ccp_cur_t  ca, cb;

    if (!(a.json && a.esc) && !(b.json && b.esc)) {
        return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
    }

    ccp_cur_init(&ca, a);
    ccp_cur_init(&cb, b);

    do {
        x = ccp_cur_next(&ca);
        y = ccp_cur_next(&cb);
    } while (x == y && x != -1);

    return x == y;
}


int
ccp_str_starts(ccp_str_t s, const char *lit)
{
    ccp_cur_t  c;

    if (s.p == NULL) {
        return 0;
    }

    ccp_cur_init(&c, s);

    for ( /* void */ ; *lit; lit++) {
        if (ccp_cur_next(&c) != (uint8_t) *lit) {
            return 0;
        }
    }

    return 1;
}


int
ccp_str_blank(ccp_str_t s)
{
    int        ch;
    ccp_cur_t  c;

    ccp_cur_init(&c, s);

    for ( ;; ) {
        ch = ccp_cur_next(&c);

        if (ch == -1) {
            return 1;
        }

        if (ch != ' ' && ch != '\t' && ch != '\n' && ch != '\r') {
            return 0;
        }
    }
}


ccp_str_t
ccp_str_trim_end(ccp_str_t s)
{
    int             ch;
    ccp_cur_t       c;
    const uint8_t  *end;

    ccp_cur_init(&c, s);
    end = s.p;

    while ((ch = ccp_cur_next(&c)) != -1) {
        if (ch != ' ' && ch != '\t' && ch != '\n' && ch != '\r') {
            end = c.p;
        }
    }

    s.n = s.p ? (size_t) (end - s.p) : 0;

    return s;
}


uint64_t
ccp_str_hash(ccp_str_t s, uint64_t seed)
{
    int        ch;
    size_t     i;
    uint64_t   h;
    ccp_cur_t  c;

    h = 0xcbf29ce484222325ULL ^ seed;

    if (!(s.json && s.esc)) {
        for (i = 0; s.p != NULL && i < s.n; i++) {
            h = (h ^ s.p[i]) * 0x100000001b3ULL;
        }

        return h;
    }

    ccp_cur_init(&c, s);

    while ((ch = ccp_cur_next(&c)) != -1) {
        h = (h ^ (uint64_t) ch) * 0x100000001b3ULL;
    }

    return h;
}
