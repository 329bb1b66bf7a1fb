
/*
 * Values of a parsed document: members, elements, strings, numbers.
 */

#include <math.h>
#include <stdlib.h>

#include "codec/json/json_read.h"


ccp_jval_t
ccp_json_root(const ccp_json_t *doc)
{
    ccp_jval_t  v;

    v.doc = doc->n ? doc : NULL;
    v.i = 0;

    return v;
}


ccp_jval_t
ccp_json_at(const ccp_json_t *doc, ccp_str_t raw)
{
    size_t               off;
    uint32_t             lo, hi, mid;
    ccp_jval_t           v;
    const ccp_jnode_t   *node;

    v = ccp_jabsent;

    if (raw.json || raw.p < doc->base || raw.p >= doc->base + doc->size) {
        return v;
    }

    /* the tape is in the order of the text */

    off = (size_t) (raw.p - doc->base);
    lo = 0;
    hi = doc->n;

    while (lo < hi) {
        mid = lo + (hi - lo) / 2;

        if (doc->nodes[mid].off < off) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }

    node = &doc->nodes[lo];

    if (lo < doc->n && node->off == off && node->len == raw.n
        && (node->type == CCP_J_OBJECT || node->type == CCP_J_ARRAY))
    {
        v.doc = doc;
        v.i = lo;
    }

    return v;
}


/* What a key's node holds of its length, kind and tag, in one word. */

static inline uint64_t
ccp_json_key_word(const ccp_jnode_t *node)
{
    uint64_t  word;

    memcpy(&word, &node->len, sizeof(uint64_t));

    return word;
}


/* Equal words, so first and last bytes are equal too. */

static inline int
ccp_json_same_name(const uint8_t *p, const char *name, size_t n)
{
    uint32_t  a, b, c, d;

    if (n > 8 || n < 4) {
        return n < 3 || (n == 3 ? p[1] == (uint8_t) name[1]
                                : memcmp(p, name, n) == 0);
    }

    memcpy(&a, p, 4);
    memcpy(&b, p + n - 4, 4);
    memcpy(&c, name, 4);
    memcpy(&d, name + n - 4, 4);

    return ((a ^ c) | (b ^ d)) == 0;
}


ccp_jval_t
ccp_json_member(ccp_jval_t obj, const char *name, size_t len)
{
    uint32_t             i, end, found;
    uint64_t             want;
    ccp_jval_t           key;
    ccp_jnode_t          like;
    const uint8_t       *base;
    const ccp_jnode_t   *nodes;

    if (!ccp_json_may_have(obj, name, len)) {
        return ccp_jabsent;
    }

    nodes = obj.doc->nodes;
    base = obj.doc->base;
    end = nodes[obj.i].next;
    found = 0;

    like.len = (uint32_t) len;
    like.type = CCP_J_STRING;
    like.esc = 0;
    like.tag = (uint16_t) (len ? ccp_json_tag((const uint8_t *) name,
                                              (const uint8_t *) name + len)
                               : '"' << 8 | '"');
    want = ccp_json_key_word(&like);

    /* no early end: the last of equal names wins */

    for (i = obj.i + 1; i < end; i = nodes[i + 1].next) {

        if (ccp_json_key_word(&nodes[i]) == want) {
            if (ccp_json_same_name(base + nodes[i].off, name, len)) {
                found = i + 1;
            }
            continue;
        }

        if (nodes[i].esc) {
            key.doc = obj.doc;
            key.i = i;
            if (ccp_str_is(ccp_json_str(key), name)) {
                found = i + 1;
            }
        }
    }

    return found ? (ccp_jval_t) { obj.doc, found } : ccp_jabsent;
}


size_t
ccp_json_count(ccp_jval_t v)
{
    size_t       n;
    ccp_jiter_t  it;

    n = 0;

    for (it = ccp_json_iter(v); ccp_json_next(&it); n++) {
        /* void */
    }

    return n;
}


ccp_str_t
ccp_json_number(ccp_jval_t v)
{
    return ccp_json_type(v) == CCP_J_NUMBER ? ccp_json_raw(v) : ccp_none;
}


double
ccp_json_num(ccp_jval_t v, double dflt)
{
    char         buf[64], *end;
    double       d;
    ccp_str_t    s;

    s = ccp_json_type(v) == CCP_J_STRING ? ccp_json_str(v)
                                         : ccp_json_number(v);

    if (s.p == NULL || s.n == 0 || s.n >= sizeof(buf)) {
        return dflt;
    }

    memcpy(buf, s.p, s.n);
    buf[s.n] = '\0';

    if (buf[0] != '-' && (buf[0] < '0' || buf[0] > '9')) {
        return dflt;
    }

    d = strtod(buf, &end);

    return *end == '\0' && isfinite(d) ? d : dflt;
}


double
ccp_str_double(ccp_str_t s)
{
    char  buf[64];

    if (s.n >= sizeof(buf)) {
        return 0;
    }

    memcpy(buf, s.p, s.n);
    buf[s.n] = '\0';

    return strtod(buf, NULL);
}


int64_t
ccp_json_int(ccp_jval_t v, int64_t dflt)
{
    int          neg;
    size_t       i;
    double       d;
    uint64_t     n, max;
    ccp_str_t    s;

    s = ccp_json_type(v) == CCP_J_STRING ? ccp_json_str(v)
                                         : ccp_json_number(v);
    if (s.p == NULL || s.n == 0) {
        return dflt;
    }

    neg = (s.p[0] == '-');
    max = (uint64_t) INT64_MAX + (uint64_t) neg;
    n = 0;

    for (i = neg; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++) {

        if (n > max / 10 || n * 10 > max - (uint64_t) (s.p[i] - '0')) {
            return dflt;
        }

        n = n * 10 + (uint64_t) (s.p[i] - '0');
    }

    if (i == s.n && i > (size_t) neg) {
        return neg ? (int64_t) (0 - n) : (int64_t) n;
    }

    d = ccp_json_num(v, HUGE_VAL);

    /* 2^63 is a double, the greatest int64 is not */

    if (!(d >= (double) INT64_MIN && d < -(double) INT64_MIN)
        || d != (double) (int64_t) d) {
        return dflt;
    }

    return (int64_t) d;
}


int
ccp_json_bool(ccp_jval_t v, int dflt)
{
    switch (ccp_json_type(v)) {
    case CCP_J_TRUE:  return 1;
    case CCP_J_FALSE: return 0;
    default:          return dflt;
    }
}


const char *
ccp_json_typename(ccp_jval_t v)
{
    static const char  *const names[] = {
        "nothing", "null", "a boolean", "a boolean", "a number", "a string",
        "an array", "an object"
    };

    return names[ccp_json_type(v)];
}


int
ccp_json_text(ccp_jval_t v)
{
    return ccp_json_type(v) == CCP_J_STRING
           && !ccp_str_blank(ccp_json_str(v));
}
