
/*
 * The reader's loop: one pass from bytes to the tape.  Each file that includes
 * it defines before
 *
 *   CCP_JSON_READER       the name of the function
 *   CCP_JSON_TARGET       attribute of functions that use its instructions
 *   CCP_JSON_STEP         bytes that ccp_json_special() looks at
 *   CCP_JSON_SHIFT        a byte has 1 << SHIFT bits in its mask
 *   ccp_json_bytes_t      what it compares with, held in registers
 *   ccp_json_bytes()      that
 *   ccp_json_special(p, bytes)
 *                         mask of bytes that end plain text: quote, backslash,
 *                         below 0x20, from 0x80 on
 *   CCP_JSON_FIRST_ONLY   if no bit of it but the first is sure
 *   CCP_JSON_BLOCKS       ccp_json_read_blocks(), if it has that, too
 */

#include "codec/base/base_utf8.h"


/* Bytes behind a stop of ccp_json_read_blocks() that are read one by one, so
 * that dense \u escapes don't pay for 64 bytes each. */
#define CCP_JSON_PAUSE       32

#define ccp_json_likely(x)   __builtin_expect(!!(x), 1)


/* Where the first byte is that ends plain text, or the end. */

CCP_JSON_TARGET static inline const uint8_t *
ccp_json_read_plain(const uint8_t *p, const uint8_t *base, const uint8_t *end)
{
    size_t            left;
    uint64_t          mask;
    ccp_json_bytes_t  bytes;

    (void) base;
    bytes = ccp_json_bytes();

    for ( ;; ) {
        left = (size_t) (end - p);

        if (ccp_json_likely(left >= CCP_JSON_STEP)) {
            mask = ccp_json_special(p, bytes);

#if !defined(CCP_JSON_FIRST_ONLY)
        } else if ((size_t) (end - base) >= CCP_JSON_STEP && left) {

            /* the last step again, without what was seen */

            mask = ccp_json_special(end - CCP_JSON_STEP, bytes)
                   >> ((CCP_JSON_STEP - left) << CCP_JSON_SHIFT);

#endif
        } else {
            break;
        }

        if (mask) {
            return p + ((unsigned) __builtin_ctzll(mask) >> CCP_JSON_SHIFT);
        }

        if (left <= CCP_JSON_STEP) {
            return end;
        }

        p += CCP_JSON_STEP;
    }

    while (p < end && *p >= 0x20 && *p < 0x80 && *p != '"' && *p != '\\') {
        p++;
    }

    return p;
}


static inline int
ccp_json_read_letter_is(uint8_t c)
{
    switch (c) {
    case '"': case '\\': case '/':
    case 'b': case 'f': case 'n': case 'r': case 't':
        return 1;
    default:
        return 0;
    }
}


static const uint8_t *
ccp_json_read_cut(ccp_json_read_t *r)
{
    ccp_json_read_fail(r, r->end, "unexpected end of input in a string");
    return NULL;
}


/* The closing quote of a string; p is somewhere inside.  NULL: it's wrong. */

CCP_JSON_TARGET static __attribute__((noinline)) const uint8_t *
ccp_json_read_string(ccp_json_read_t *r, const uint8_t *p, unsigned *esc)
{
    size_t          n;
#if defined(CCP_JSON_BLOCKS)
    const uint8_t  *next;

    next = p;
#endif

    for ( ;; ) {

#if defined(CCP_JSON_BLOCKS)
        if (p >= next) {
            p = ccp_json_read_blocks(p, r->end, esc);
            next = p + CCP_JSON_PAUSE;
        }
#endif

        p = ccp_json_read_plain(p, r->doc->base, r->end);

        if (p == r->end) {
            return ccp_json_read_cut(r);
        }

        if (*p == '"') {
            return p;
        }

        if (*p == '\\') {
            *esc = 1;

            if (++p == r->end) {
                return ccp_json_read_cut(r);
            }

            if (*p == 'u') {
                if (ccp_json_read_unicode(r, &p) != CCP_OK) {
                    return NULL;
                }
                continue;
            }

            if (!ccp_json_read_letter_is(*p)) {
                ccp_json_read_fail(r, p, "invalid escape in a string");
                return NULL;
            }

            p++;
            continue;
        }

        if (*p < 0x20) {
            ccp_json_read_fail(r, p, "control character in a string");
            return NULL;
        }

        while (p < r->end && *p >= 0x80) {
            n = ccp_utf8_len(p, r->end);
            if (n == 0) {
                ccp_json_read_fail(r, p, "invalid UTF-8");
                return NULL;
            }
            p += n;
        }
    }
}


/* Behind the number that begins at p; NULL: it's wrong. */

static inline const uint8_t *
ccp_json_read_number(ccp_json_read_t *r, const uint8_t *p,
    const uint8_t *end)
{
    const uint8_t  *q;

    if (*p == '-') {
        p++;
    }

    for (q = p; q < end && *q >= '0' && *q <= '9'; q++) {
        /* void */
    }

    if (q == p || (*p == '0' && q > p + 1)) {
        ccp_json_read_fail(r, p, "invalid number");
        return NULL;
    }

    p = q;

    if (p < end && *p == '.') {
        for (q = p + 1; q < end && *q >= '0' && *q <= '9'; q++) {
            /* void */
        }

        if (q == p + 1) {
            ccp_json_read_fail(r, q, "invalid number");
            return NULL;
        }

        p = q;
    }

    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < end && (*p == '+' || *p == '-')) {
            p++;
        }

        for (q = p; q < end && *q >= '0' && *q <= '9'; q++) {
            /* void */
        }

        if (q == p) {
            ccp_json_read_fail(r, q, "invalid number");
            return NULL;
        }

        p = q;
    }

    return p;
}


static inline const uint8_t *
ccp_json_read_word(ccp_json_read_t *r, const uint8_t *p, ccp_jtype_e *type)
{
    if (r->end - p >= 4) {

        if (memcmp(p, "true", 4) == 0) {
            *type = CCP_J_TRUE;
            return p + 4;
        }

        if (memcmp(p, "null", 4) == 0) {
            *type = CCP_J_NULL;
            return p + 4;
        }

        if (r->end - p >= 5 && memcmp(p, "false", 5) == 0) {
            *type = CCP_J_FALSE;
            return p + 5;
        }
    }

    ccp_json_read_fail(r, p, *p == 't' || *p == 'f' || *p == 'n'
                             ? "invalid literal" : "unexpected character");
    return NULL;
}


/* Where the loop is, all of it in registers. */
typedef struct {
    const uint8_t     *p;
    const uint8_t     *end;
    const uint8_t     *base;
    ccp_jnode_t       *nodes;
    uint32_t           n;
    uint32_t           cap;
    uint32_t           parent;
    uint8_t            closer;     /* of the parent */
    unsigned           sign;       /* of the last string; above 255: it may be
                                      any, for its escapes */
    ccp_json_bytes_t   bytes;
} ccp_json_at_t;

#define CCP_JSON_INLINE                                                      \
    CCP_JSON_TARGET static inline __attribute__((always_inline))


static __attribute__((noinline)) const uint8_t *
ccp_json_read_space(const uint8_t *p, const uint8_t *end)
{
    while (p < end
           && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
    {
        p++;
    }

    return p;
}


/* The next byte that is no white space; -1: the end.  Bytes below a space
 * that are no white space either are nobody's. */

CCP_JSON_INLINE int
ccp_json_read_next(ccp_json_at_t *t)
{
    if (t->p == t->end) {
        return -1;
    }

    if (*t->p > ' ') {
        return *t->p;
    }

    t->p = ccp_json_read_space(t->p, t->end);

    return t->p == t->end ? -1 : *t->p;
}


CCP_JSON_INLINE int
ccp_json_read_push(ccp_json_read_t *r, ccp_json_at_t *t, ccp_jnode_t node)
{
    int  rc;

    if (__builtin_expect(t->n == t->cap, 0)) {
        rc = ccp_json_read_grow(r, t->n, t->base + node.off);
        if (rc != CCP_OK) {
            return rc;
        }

        t->nodes = r->doc->nodes;
        t->cap = r->doc->cap;
    }

    t->nodes[t->n++] = node;

    return CCP_OK;
}


#define ccp_json_read_node(t, p, next, len, type, esc, tag)                  \
    ((ccp_jnode_t) { (uint32_t) ((p) - (t)->base), next,                     \
                     (uint32_t) (len), (uint8_t) (type), (uint8_t) (esc),    \
                     (uint16_t) (tag) })


/* t->p is at the opening quote, and behind the closing one after it. */

CCP_JSON_INLINE int
ccp_json_read_text(ccp_json_read_t *r, ccp_json_at_t *t)
{
    uint64_t        mask;
    unsigned        esc;
    const uint8_t  *p, *start;

    start = t->p + 1;
    p = start;

    if (ccp_json_likely((size_t) (t->end - start) >= CCP_JSON_STEP)) {
        mask = ccp_json_special(start, t->bytes);
        p += mask ? (unsigned) __builtin_ctzll(mask) >> CCP_JSON_SHIFT
                  : CCP_JSON_STEP;

        if (ccp_json_likely(mask && *p == '"')) {
            t->p = p + 1;
            t->sign = ccp_json_sign(start[0], p[-1], p - start);
            return ccp_json_read_push(r, t,
                       ccp_json_read_node(t, start, t->n + 1, p - start,
                                          CCP_J_STRING, 0,
                                          ccp_json_tag(start, p)));
        }
    }

    esc = 0;
    p = ccp_json_read_string(r, p, &esc);
    if (p == NULL) {
        return CCP_INVALID;
    }

    t->p = p + 1;
    t->sign = esc ? CCP_JSON_SIGNS
                  : ccp_json_sign(start[0], p[-1], p - start);

    return ccp_json_read_push(r, t,
               ccp_json_read_node(t, start, t->n + 1, p - start, CCP_J_STRING,
                                  esc, ccp_json_tag(start, p)));
}


/* A number, true, false or null. */

CCP_JSON_INLINE int
ccp_json_read_scalar(ccp_json_read_t *r, ccp_json_at_t *t)
{
    ccp_jtype_e     type;
    const uint8_t  *p, *q;

    p = t->p;

    if (*p == '-' || (*p >= '0' && *p <= '9')) {
        type = CCP_J_NUMBER;
        q = ccp_json_read_number(r, p, t->end);

    } else {
        q = ccp_json_read_word(r, p, &type);
    }

    if (q == NULL) {
        return CCP_INVALID;
    }

    t->p = q;

    return ccp_json_read_push(r, t, ccp_json_read_node(t, p, t->n + 1, q - p,
                                                       type, 0, 0));
}


CCP_JSON_INLINE int
ccp_json_read_enter(ccp_json_read_t *r, ccp_json_at_t *t, uint8_t c)
{
    int  rc;

    if (++r->depth > CCP_JSON_MAX_DEPTH) {
        return ccp_json_read_fail(r, t->p, "nested too deeply");
    }

    rc = ccp_json_read_push(r, t,
             ccp_json_read_node(t, t->p, t->parent, 0,
                                c == '{' ? CCP_J_OBJECT : CCP_J_ARRAY, 0, 0));
    t->parent = t->n - 1;
    t->closer = c + 2;             /* in ASCII, of both brackets */
    t->p++;

    return rc;
}


CCP_JSON_INLINE void
ccp_json_read_leave(ccp_json_read_t *r, ccp_json_at_t *t)
{
    ccp_jnode_t  *node;

    t->p++;
    r->depth--;

    node = &t->nodes[t->parent];
    t->parent = node->next;
    node->next = t->n;
    node->len = (uint32_t) (t->p - t->base) - node->off;

    if (t->parent != CCP_JSON_NO_PARENT) {
        t->closer = t->nodes[t->parent].type == CCP_J_OBJECT ? '}' : ']';
    }
}


/* Why c, -1 at the end, is none of those that may stand here. */

static __attribute__((noinline)) int
ccp_json_read_unexpected(ccp_json_read_t *r, const uint8_t *p,
    const char *what)
{
    return ccp_json_read_fail(r, p, p == r->end ? "unexpected end of input"
                                                : what);
}


CCP_JSON_TARGET int
CCP_JSON_READER(ccp_json_read_t *r, int resumed)
{
    int            c, rc;
    ccp_json_at_t  t;

    t.p = r->p;
    t.end = r->end;
    t.base = r->doc->base;
    t.nodes = r->doc->nodes;
    t.n = r->doc->n;
    t.cap = r->doc->cap;
    t.parent = r->parent;
    t.closer = resumed && t.nodes[t.parent].type == CCP_J_OBJECT ? '}' : ']';
    t.bytes = ccp_json_bytes();
    t.sign = 0;
    rc = CCP_OK;

    c = ccp_json_read_next(&t);

    if (resumed) {
        if (t.n == t.parent + 1) {
            goto first;
        }

        goto after;
    }

value:

    if (c == '"') {
        rc = ccp_json_read_text(r, &t);

    } else if (c == '{' || c == '[') {
        rc = ccp_json_read_enter(r, &t, (uint8_t) c);
        c = ccp_json_read_next(&t);

        if (ccp_json_likely(rc == CCP_OK)) {
            goto first;
        }

    } else if (c == -1) {
        return ccp_json_read_unexpected(r, t.p, NULL);

    } else {
        rc = ccp_json_read_scalar(r, &t);
    }

    if (rc != CCP_OK) {
        return rc;
    }

done:

    if (t.parent == CCP_JSON_NO_PARENT) {
        r->p = t.p;
        r->doc->n = t.n;
        return CCP_OK;
    }

    c = ccp_json_read_next(&t);

after:

    if (c == ',') {
        t.p++;
        c = ccp_json_read_next(&t);

        if (t.closer == '}') {
            goto key;
        }

        goto value;
    }

    if (c != t.closer) {
        return ccp_json_read_unexpected(r, t.p, t.closer == '}'
                                                ? "',' or '}' expected"
                                                : "',' or ']' expected");
    }

close:

    ccp_json_read_leave(r, &t);

    if (t.parent == 0 && t.p == r->stop) {
        r->p = t.p;
        r->doc->n = t.n;
        return CCP_DECLINED;
    }

    goto done;

first:

    if (c == t.closer) {
        goto close;
    }

    if (t.closer == ']') {
        goto value;
    }

key:

    if (c != '"') {
        return ccp_json_read_unexpected(r, t.p,
                                        "a member name in quotes expected");
    }

    rc = ccp_json_read_text(r, &t);

    if (rc != CCP_OK) {
        return rc;
    }

    t.nodes[t.parent].tag |= (uint16_t) ccp_json_sign_bit(t.sign);
    c = ccp_json_read_next(&t);

    if (c != ':') {
        return ccp_json_read_unexpected(r, t.p, "':' expected");
    }

    t.p++;
    c = ccp_json_read_next(&t);
    goto value;
}
