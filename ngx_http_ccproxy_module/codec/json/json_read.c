
/*
 * Read-only JSON reader: one pass from bytes to a tape of nodes.
 *
 * An array or object is followed on the tape by its content (in objects key
 * and value alternate); "next" of a node is the index behind its content.
 * While a container is open its "next" holds the index of its parent, so the
 * reader needs no stack.
 */

#include "codec/json/json_read.h"
#include "codec/base/base_utf8.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif


/* Values one document may hold: bounds the tape at 64 MB. */
#define CCP_JSON_MAX_NODES   (4u << 20)

/* Room for so many values at first, and one for so many bytes of text. */
#define CCP_JSON_FIRST_CAP   64
#define CCP_JSON_FIRST_MOST  8192
#define CCP_JSON_PER_VALUE   32
#define CCP_JSON_NO_PARENT   UINT32_MAX

/* Bytes behind a stop of ccp_json_read_blocks() that are read one by one, so
 * that dense \u escapes or UTF-8 don't pay for 64 bytes each. */
#define CCP_JSON_PAUSE       32


typedef struct {
    ccp_json_t     *doc;
    const uint8_t  *p;
    const uint8_t  *end;
    const char     *what;
    uint32_t        parent;
    uint32_t        depth;
    unsigned        flags;
} ccp_json_read_t;


void
ccp_json_init(ccp_json_t *doc, ccp_arena_t *a)
{
    memset(doc, 0, sizeof(ccp_json_t));
    doc->arena = a;
}


void
ccp_json_free(ccp_json_t *doc)
{
    ccp_release(doc->arena, doc->nodes);
    doc->nodes = NULL;
    doc->cap = 0;
    doc->n = 0;
}


static int
ccp_json_read_fail(ccp_json_read_t *r, const uint8_t *at, const char *what)
{
    r->p = at;
    r->what = what;
    return CCP_INVALID;
}


static uint32_t
ccp_json_read_first(size_t size)
{
    size /= CCP_JSON_PER_VALUE;

    return size < CCP_JSON_FIRST_CAP ? CCP_JSON_FIRST_CAP
           : size > CCP_JSON_FIRST_MOST ? CCP_JSON_FIRST_MOST
           : (uint32_t) size;
}


static int
ccp_json_read_push(ccp_json_read_t *r, ccp_jtype_e type, const uint8_t *p,
    size_t len, unsigned esc)
{
    void         *nodes;
    uint32_t      cap;
    ccp_json_t   *doc;
    ccp_jnode_t  *node;

    doc = r->doc;

    if (doc->n == doc->cap) {

        if (doc->n >= CCP_JSON_MAX_NODES) {
            return ccp_json_read_fail(r, p, "too many values");
        }

        cap = doc->cap ? doc->cap * 2 : ccp_json_read_first(doc->size);

        nodes = ccp_regrow(doc->arena, doc->nodes,
                           doc->n * sizeof(ccp_jnode_t),
                           cap * sizeof(ccp_jnode_t));
        if (nodes == NULL) {
            return CCP_NOMEM;
        }

        doc->nodes = nodes;
        doc->cap = cap;
    }

    node = &doc->nodes[doc->n++];
    node->off = (uint32_t) (p - doc->base);
    node->len = (uint32_t) len;
    node->next = doc->n;
    node->type = (uint8_t) type;
    node->esc = (uint8_t) esc;

    return CCP_OK;
}


/*
 * Skips string bytes that need no look: printable ASCII but " and \.  Most
 * strings are names and short values, for which this is all.
 */

static inline const uint8_t *
ccp_json_read_plain(const uint8_t *p, const uint8_t *end)
{
#if defined(__SSE2__)
    int      mask;
    __m128i  v, special;

    const __m128i  quote = _mm_set1_epi8('"');
    const __m128i  slash = _mm_set1_epi8('\\');
    const __m128i  space = _mm_set1_epi8(0x20);

    /* signed compare: control bytes and bytes from 0x80 are below space */

    while (end - p >= 16) {
        v = _mm_loadu_si128((const __m128i *) (const void *) p);
        special = _mm_or_si128(_mm_cmpeq_epi8(v, quote),
                               _mm_cmpeq_epi8(v, slash));
        special = _mm_or_si128(special, _mm_cmplt_epi8(v, space));
        mask = _mm_movemask_epi8(special);
        if (mask) {
            return p + __builtin_ctz((unsigned) mask);
        }
        p += 16;
    }
#endif

    while (p < end && *p >= 0x20 && *p < 0x80 && *p != '"' && *p != '\\') {
        p++;
    }

    return p;
}


#if defined(__SSE2__)

typedef struct {
    uint64_t  quote;
    uint64_t  slash;
    uint64_t  other;               /* control bytes and those from 0x80 */
} ccp_json_mask_t;


/* A bit for each of the 64 bytes at p that is one of these. */
#define ccp_json_bits(v)      ((uint64_t) (uint16_t) _mm_movemask_epi8(v))
#define ccp_json_load(p, i)                                                  \
    _mm_loadu_si128((const __m128i *) (const void *) ((p) + (i) * 16))
#define ccp_json_join(a, b, c, d)                                            \
    (ccp_json_bits(a) | ccp_json_bits(b) << 16 | ccp_json_bits(c) << 32      \
     | ccp_json_bits(d) << 48)


static inline void
ccp_json_read_masks(ccp_json_mask_t *m, const uint8_t *p)
{
    __m128i  v0, v1, v2, v3;

    const __m128i  quote = _mm_set1_epi8('"');
    const __m128i  slash = _mm_set1_epi8('\\');
    const __m128i  space = _mm_set1_epi8(0x20);

    v0 = ccp_json_load(p, 0);
    v1 = ccp_json_load(p, 1);
    v2 = ccp_json_load(p, 2);
    v3 = ccp_json_load(p, 3);

    m->quote = ccp_json_join(_mm_cmpeq_epi8(v0, quote),
                             _mm_cmpeq_epi8(v1, quote),
                             _mm_cmpeq_epi8(v2, quote),
                             _mm_cmpeq_epi8(v3, quote));
    m->slash = ccp_json_join(_mm_cmpeq_epi8(v0, slash),
                             _mm_cmpeq_epi8(v1, slash),
                             _mm_cmpeq_epi8(v2, slash),
                             _mm_cmpeq_epi8(v3, slash));
    m->other = ccp_json_join(_mm_cmplt_epi8(v0, space),
                             _mm_cmplt_epi8(v1, space),
                             _mm_cmplt_epi8(v2, space),
                             _mm_cmplt_epi8(v3, space));
}


/* The letters of simple escapes: n r t b f, and the slash. */
static inline __m128i
ccp_json_read_letter(__m128i v)
{
    __m128i  a, b;

    a = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('n')),
                     _mm_cmpeq_epi8(v, _mm_set1_epi8('t')));
    b = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('r')),
                     _mm_cmpeq_epi8(v, _mm_set1_epi8('/')));
    a = _mm_or_si128(a, _mm_cmpeq_epi8(v, _mm_set1_epi8('b')));
    b = _mm_or_si128(b, _mm_cmpeq_epi8(v, _mm_set1_epi8('f')));

    return _mm_or_si128(a, b);
}


static inline uint64_t
ccp_json_read_letters(const uint8_t *p)
{
    return ccp_json_join(ccp_json_read_letter(ccp_json_load(p, 0)),
                         ccp_json_read_letter(ccp_json_load(p, 1)),
                         ccp_json_read_letter(ccp_json_load(p, 2)),
                         ccp_json_read_letter(ccp_json_load(p, 3)));
}


/*
 * Skips string bytes 64 at a time, simple escapes too, and stops where a look
 * is needed: at the closing quote, at the backslash of any other escape, at
 * UTF-8, or near the end.  A run of backslashes escapes by turns: adding the
 * bit where it begins carries through the run and out behind it, so that the
 * parity of both ends tells which of the bytes are escaped.
 */

static const uint8_t *
ccp_json_read_blocks(const uint8_t *p, const uint8_t *end, unsigned *esc)
{
    uint64_t         carry, escaped, follow, starts, sum, stop;
    ccp_json_mask_t  m;

    const uint64_t  even = 0x5555555555555555ULL;

    for (carry = 0; end - p >= 64; p += 64) {
        ccp_json_read_masks(&m, p);
        escaped = 0;
        stop = m.other | m.quote;

        if (m.slash | carry) {
            sum = m.slash & ~carry;
            follow = sum << 1 | carry;
            starts = sum & ~even & ~follow;
            carry = __builtin_add_overflow(starts, sum, &sum);
            escaped = (even ^ sum << 1) & follow;

            stop = m.other | (m.quote & ~escaped)
                   | (escaped
                      & ~(m.quote | m.slash | ccp_json_read_letters(p)));
        }

        if (stop) {
            stop &= ~(stop - 1);
            *esc |= (m.slash & (stop - 1)) != 0;
            p += __builtin_ctzll(stop);
            return stop & escaped ? p - 1 : p;
        }

        *esc |= m.slash != 0;
    }

    return carry ? p - 1 : p;
}

#else

#define ccp_json_read_blocks(p, end, esc)                                    \
    ((void) (end), (void) (esc), (p))

#endif


static int
ccp_json_read_unicode(ccp_json_read_t *r, const uint8_t **pp)
{
    int             i;
    uint32_t        cp, lo;
    const uint8_t  *p;

    p = *pp;                   /* at the u */

    if (r->end - p < 5) {
        return ccp_json_read_fail(r, r->end,
                                  "unexpected end of input in a string");
    }

    for (i = 1; i < 5; i++) {
        if (ccp_hex(p[i]) < 0) {
            return ccp_json_read_fail(r, p + i, "invalid \\u escape");
        }
    }

    *pp = p + 5;

    if (!(r->flags & CCP_JSON_STRICT)) {
        return CCP_OK;
    }

    cp = ccp_hex4(p + 1);

    if (cp == 0) {
        return ccp_json_read_fail(r, p, "\\u0000 is not allowed");
    }

    if (cp < 0xd800 || cp > 0xdfff) {
        return CCP_OK;
    }

    if (cp < 0xdc00 && r->end - p >= 11 && p[5] == '\\' && p[6] == 'u') {
        for (i = 7; i < 11; i++) {
            if (ccp_hex(p[i]) < 0) {
                return ccp_json_read_fail(r, p + i, "invalid \\u escape");
            }
        }

        lo = ccp_hex4(p + 7);
        if (lo >= 0xdc00 && lo <= 0xdfff) {
            *pp = p + 11;
            return CCP_OK;
        }
    }

    return ccp_json_read_fail(r, p, "lone surrogate escape");
}


/* r->p is behind the opening quote; pushes the string's node. */

static int
ccp_json_read_string(ccp_json_read_t *r)
{
    int             rc;
    size_t          n;
    unsigned        esc;
    const uint8_t  *p, *start, *next;

    esc = 0;
    start = r->p;
    p = start;
    next = start;

    for ( ;; ) {
        p = ccp_json_read_plain(p, r->end);

        if (p == r->end) {
            return ccp_json_read_fail(r, p,
                                      "unexpected end of input in a string");
        }

        if (*p == '"') {
            break;
        }

        if (p >= next) {
            p = ccp_json_read_blocks(p, r->end, &esc);
            next = p + CCP_JSON_PAUSE;
            continue;
        }

        if (*p == '\\') {
            esc = 1;

            if (++p == r->end) {
                return ccp_json_read_fail(r, p,
                    "unexpected end of input in a string");
            }

            if (*p == 'u') {
                rc = ccp_json_read_unicode(r, &p);
                if (rc != CCP_OK) {
                    return rc;
                }
                continue;
            }

            if (*p == 0 || strchr("\"\\/bfnrt", *p) == NULL) {
                return ccp_json_read_fail(r, p, "invalid escape in a string");
            }

            p++;
            continue;
        }

        if (*p < 0x20) {
            return ccp_json_read_fail(r, p, "control character in a string");
        }

        while (p < r->end && *p >= 0x80) {
            n = ccp_utf8_len(p, r->end);
            if (n == 0) {
                return ccp_json_read_fail(r, p, "invalid UTF-8");
            }
            p += n;
        }
    }

    r->p = p + 1;

    return ccp_json_read_push(r, CCP_J_STRING, start, p - start, esc);
}


static const uint8_t *
ccp_json_read_digits(const uint8_t *p, const uint8_t *end)
{
    while (p < end && *p >= '0' && *p <= '9') {
        p++;
    }

    return p;
}


static int
ccp_json_read_number(ccp_json_read_t *r)
{
    const uint8_t  *p, *q, *start;

    start = r->p;
    p = start;

    if (*p == '-') {
        p++;
    }

    q = ccp_json_read_digits(p, r->end);
    if (q == p || (*p == '0' && q > p + 1)) {
        return ccp_json_read_fail(r, p, "invalid number");
    }

    p = q;

    if (p < r->end && *p == '.') {
        q = ccp_json_read_digits(p + 1, r->end);
        if (q == p + 1) {
            return ccp_json_read_fail(r, q, "invalid number");
        }
        p = q;
    }

    if (p < r->end && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < r->end && (*p == '+' || *p == '-')) {
            p++;
        }

        q = ccp_json_read_digits(p, r->end);
        if (q == p) {
            return ccp_json_read_fail(r, q, "invalid number");
        }
        p = q;
    }

    r->p = p;

    return ccp_json_read_push(r, CCP_J_NUMBER, start, p - start, 0);
}


static int
ccp_json_read_word(ccp_json_read_t *r, const char *word, size_t n,
    ccp_jtype_e type)
{
    const uint8_t  *p;

    p = r->p;

    if ((size_t) (r->end - p) < n || memcmp(p, word, n) != 0) {
        return ccp_json_read_fail(r, p, "invalid literal");
    }

    r->p = p + n;

    return ccp_json_read_push(r, type, p, n, 0);
}


static void
ccp_json_read_space(ccp_json_read_t *r)
{
    const uint8_t  *p;

    for (p = r->p; p < r->end; p++) {
        if (*p != ' ' && *p != '\n' && *p != '\r' && *p != '\t') {
            break;
        }
    }

    r->p = p;
}


static int
ccp_json_read_open(ccp_json_read_t *r, ccp_jtype_e type)
{
    int       rc;
    uint32_t  self;

    if (++r->depth > CCP_JSON_MAX_DEPTH) {
        return ccp_json_read_fail(r, r->p, "nested too deeply");
    }

    self = r->doc->n;

    rc = ccp_json_read_push(r, type, r->p, 0, 0);
    if (rc != CCP_OK) {
        return rc;
    }

    r->doc->nodes[self].next = r->parent;
    r->parent = self;
    r->p++;

    return CCP_OK;
}


static void
ccp_json_read_close(ccp_json_read_t *r)
{
    ccp_jnode_t  *node;

    r->p++;
    node = &r->doc->nodes[r->parent];

    r->parent = node->next;
    r->depth--;

    node->next = r->doc->n;
    node->len = (uint32_t) (r->p - r->doc->base - node->off);
}


/* One value, or the opening of a container. */

static int
ccp_json_read_value(ccp_json_read_t *r)
{
    if (r->p == r->end) {
        return ccp_json_read_fail(r, r->p, "unexpected end of input");
    }

    switch (*r->p) {

    case '{':
        return ccp_json_read_open(r, CCP_J_OBJECT);

    case '[':
        return ccp_json_read_open(r, CCP_J_ARRAY);

    case '"':
        r->p++;
        return ccp_json_read_string(r);

    case 't':
        return ccp_json_read_word(r, "true", 4, CCP_J_TRUE);

    case 'f':
        return ccp_json_read_word(r, "false", 5, CCP_J_FALSE);

    case 'n':
        return ccp_json_read_word(r, "null", 4, CCP_J_NULL);

    default:
        if (*r->p == '-' || (*r->p >= '0' && *r->p <= '9')) {
            return ccp_json_read_number(r);
        }

        return ccp_json_read_fail(r, r->p, "unexpected character");
    }
}


static int
ccp_json_read_key(ccp_json_read_t *r)
{
    int  rc;

    ccp_json_read_space(r);

    if (r->p == r->end) {
        return ccp_json_read_fail(r, r->p, "unexpected end of input");
    }

    if (*r->p != '"') {
        return ccp_json_read_fail(r, r->p, "a member name in quotes expected");
    }

    r->p++;

    rc = ccp_json_read_string(r);
    if (rc != CCP_OK) {
        return rc;
    }

    ccp_json_read_space(r);

    if (r->p == r->end) {
        return ccp_json_read_fail(r, r->p, "unexpected end of input");
    }

    if (*r->p != ':') {
        return ccp_json_read_fail(r, r->p, "':' expected");
    }

    r->p++;
    ccp_json_read_space(r);

    return CCP_OK;
}


/*
 * After a value: closes what closes here and leaves r->p where the next
 * value begins; CCP_DECLINED once the root is complete.
 */

static int
ccp_json_read_after(ccp_json_read_t *r)
{
    int       object;
    uint32_t  parent;

    for ( ;; ) {
        parent = r->parent;

        if (parent == CCP_JSON_NO_PARENT) {
            return CCP_DECLINED;
        }

        ccp_json_read_space(r);

        if (r->p == r->end) {
            return ccp_json_read_fail(r, r->p, "unexpected end of input");
        }

        object = (r->doc->nodes[parent].type == CCP_J_OBJECT);

        if (*r->p == (object ? '}' : ']')) {
            ccp_json_read_close(r);
            continue;
        }

        if (r->doc->n > parent + 1) {

            if (*r->p != ',') {
                return ccp_json_read_fail(r, r->p, object
                                          ? "',' or '}' expected"
                                          : "',' or ']' expected");
            }

            r->p++;
            ccp_json_read_space(r);
        }

        return object ? ccp_json_read_key(r) : CCP_OK;
    }
}


int
ccp_json_parse(ccp_json_t *doc, const uint8_t *p, size_t n, unsigned flags,
    ccp_jerr_t *err)
{
    int              rc;
    ccp_json_read_t  r;

    doc->base = p;
    doc->size = n;
    doc->n = 0;

    r.doc = doc;
    r.p = p;
    r.end = p + n;
    r.what = NULL;
    r.parent = CCP_JSON_NO_PARENT;
    r.depth = 0;
    r.flags = flags;

    if (n > UINT32_MAX) {
        rc = ccp_json_read_fail(&r, p, "document too large");
        goto failed;
    }

    ccp_json_read_space(&r);

    if (r.p < r.end && *r.p != '{' && *r.p != '[' && !(flags & CCP_JSON_ANY)) {
        rc = ccp_json_read_fail(&r, r.p, "an object or array expected");
        goto failed;
    }

    do {
        rc = ccp_json_read_value(&r);

        if (rc == CCP_OK) {
            rc = ccp_json_read_after(&r);
        }

    } while (rc == CCP_OK);

    if (rc != CCP_DECLINED) {
        goto failed;
    }

    ccp_json_read_space(&r);

    if (r.p != r.end) {
        rc = ccp_json_read_fail(&r, r.p,
                                "unexpected data after the JSON value");
        goto failed;
    }

    return CCP_OK;

failed:

    doc->n = 0;

    if (err) {
        err->offset = r.p - p;
        err->what = rc == CCP_NOMEM ? "no memory" : r.what;
    }

    return rc;
}
