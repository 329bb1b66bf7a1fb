
/*
 * Read-only JSON reader: one pass from bytes to a tape of nodes.
 *
 * An array or object is followed on the tape by its content (in objects key
 * and value alternate); "next" of a node is the index behind its content.
 * While a container is open its "next" holds the index of its parent, so the
 * reader needs no stack.
 */

#include <math.h>
#include <stdlib.h>

#include "ccp_json.h"
#include "ccp_utf8.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif


/* Values one document may hold: bounds the tape at 64 MB. */
#define CCP_JSON_MAX_NODES   (4u << 20)

#define CCP_JSON_FIRST_CAP   256
#define CCP_NO_PARENT        UINT32_MAX


typedef struct {
    ccp_json_t     *doc;
    const uint8_t  *p;
    const uint8_t  *end;
    const char     *what;
    uint32_t        parent;
    uint32_t        depth;
    unsigned        flags;
} ccp_jread_t;


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
ccp_jfail(ccp_jread_t *r, const uint8_t *at, const char *what)
{
    r->p = at;
    r->what = what;
    return CCP_INVALID;
}


static int
ccp_jpush(ccp_jread_t *r, ccp_jtype_e type, const uint8_t *p, size_t len,
    unsigned esc)
{
    void         *nodes;
    uint32_t      cap;
    ccp_json_t   *doc;
    ccp_jnode_t  *node;

    doc = r->doc;

    if (doc->n == doc->cap) {

        if (doc->n >= CCP_JSON_MAX_NODES) {
            return ccp_jfail(r, p, "too many values");
        }

        cap = doc->cap ? doc->cap * 2 : CCP_JSON_FIRST_CAP;

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


/* Skips string bytes that need no look: printable ASCII but " and \. */

static const uint8_t *
ccp_jplain(const uint8_t *p, const uint8_t *end)
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


static int
ccp_junicode(ccp_jread_t *r, const uint8_t **pp)
{
    int             i;
    uint32_t        cp, lo;
    const uint8_t  *p;

    p = *pp;                   /* at the u */

    if (r->end - p < 5) {
        return ccp_jfail(r, r->end, "unexpected end of input in a string");
    }

    for (i = 1; i < 5; i++) {
        if (ccp_hex(p[i]) < 0) {
            return ccp_jfail(r, p + i, "invalid \\u escape");
        }
    }

    *pp = p + 5;

    if (!(r->flags & CCP_JSON_STRICT)) {
        return CCP_OK;
    }

    cp = ccp_hex4(p + 1);

    if (cp == 0) {
        return ccp_jfail(r, p, "\\u0000 is not allowed");
    }

    if (cp < 0xd800 || cp > 0xdfff) {
        return CCP_OK;
    }

    if (cp < 0xdc00 && r->end - p >= 11 && p[5] == '\\' && p[6] == 'u') {
        for (i = 7; i < 11; i++) {
            if (ccp_hex(p[i]) < 0) {
                return ccp_jfail(r, p + i, "invalid \\u escape");
            }
        }

        lo = ccp_hex4(p + 7);
        if (lo >= 0xdc00 && lo <= 0xdfff) {
            *pp = p + 11;
            return CCP_OK;
        }
    }

    return ccp_jfail(r, p, "lone surrogate escape");
}


/* r->p is behind the opening quote; pushes the string's node. */

static int
ccp_jstring(ccp_jread_t *r)
{
    int             rc;
    size_t          n;
    unsigned        esc;
    const uint8_t  *p, *start;

    esc = 0;
    start = r->p;
    p = start;

    for ( ;; ) {
        p = ccp_jplain(p, r->end);

        if (p == r->end) {
            return ccp_jfail(r, p, "unexpected end of input in a string");
        }

        if (*p == '"') {
            break;
        }

        if (*p == '\\') {
            esc = 1;

            if (++p == r->end) {
                return ccp_jfail(r, p, "unexpected end of input in a string");
            }

            if (*p == 'u') {
                rc = ccp_junicode(r, &p);
                if (rc != CCP_OK) {
                    return rc;
                }
                continue;
            }

            if (*p == 0 || strchr("\"\\/bfnrt", *p) == NULL) {
                return ccp_jfail(r, p, "invalid escape in a string");
            }

            p++;
            continue;
        }

        if (*p < 0x20) {
            return ccp_jfail(r, p, "control character in a string");
        }

        while (p < r->end && *p >= 0x80) {
            n = ccp_utf8_len(p, r->end);
            if (n == 0) {
                return ccp_jfail(r, p, "invalid UTF-8");
            }
            p += n;
        }
    }

    r->p = p + 1;

    return ccp_jpush(r, CCP_J_STRING, start, p - start, esc);
}


static const uint8_t *
ccp_jdigits(const uint8_t *p, const uint8_t *end)
{
    while (p < end && *p >= '0' && *p <= '9') {
        p++;
    }

    return p;
}


static int
ccp_jnumber(ccp_jread_t *r)
{
    const uint8_t  *p, *q, *start;

    start = r->p;
    p = start;

    if (*p == '-') {
        p++;
    }

    q = ccp_jdigits(p, r->end);
    if (q == p || (*p == '0' && q > p + 1)) {
        return ccp_jfail(r, p, "invalid number");
    }

    p = q;

    if (p < r->end && *p == '.') {
        q = ccp_jdigits(p + 1, r->end);
        if (q == p + 1) {
            return ccp_jfail(r, q, "invalid number");
        }
        p = q;
    }

    if (p < r->end && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < r->end && (*p == '+' || *p == '-')) {
            p++;
        }

        q = ccp_jdigits(p, r->end);
        if (q == p) {
            return ccp_jfail(r, q, "invalid number");
        }
        p = q;
    }

    r->p = p;

    return ccp_jpush(r, CCP_J_NUMBER, start, p - start, 0);
}


static int
ccp_jword(ccp_jread_t *r, const char *word, size_t n, ccp_jtype_e type)
{
    const uint8_t  *p;

    p = r->p;

    if ((size_t) (r->end - p) < n || memcmp(p, word, n) != 0) {
        return ccp_jfail(r, p, "invalid literal");
    }

    r->p = p + n;

    return ccp_jpush(r, type, p, n, 0);
}


static void
ccp_jspace(ccp_jread_t *r)
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
ccp_jopen(ccp_jread_t *r, ccp_jtype_e type)
{
    int       rc;
    uint32_t  self;

    if (++r->depth > CCP_JSON_MAX_DEPTH) {
        return ccp_jfail(r, r->p, "nested too deeply");
    }

    self = r->doc->n;

    rc = ccp_jpush(r, type, r->p, 0, 0);
    if (rc != CCP_OK) {
        return rc;
    }

    r->doc->nodes[self].next = r->parent;
    r->parent = self;
    r->p++;

    return CCP_OK;
}


static void
ccp_jclose(ccp_jread_t *r)
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
ccp_jvalue(ccp_jread_t *r)
{
    if (r->p == r->end) {
        return ccp_jfail(r, r->p, "unexpected end of input");
    }

    switch (*r->p) {

    case '{':
        return ccp_jopen(r, CCP_J_OBJECT);

    case '[':
        return ccp_jopen(r, CCP_J_ARRAY);

    case '"':
        r->p++;
        return ccp_jstring(r);

    case 't':
        return ccp_jword(r, "true", 4, CCP_J_TRUE);

    case 'f':
        return ccp_jword(r, "false", 5, CCP_J_FALSE);

    case 'n':
        return ccp_jword(r, "null", 4, CCP_J_NULL);

    default:
        if (*r->p == '-' || (*r->p >= '0' && *r->p <= '9')) {
            return ccp_jnumber(r);
        }

        return ccp_jfail(r, r->p, "unexpected character");
    }
}


static int
ccp_jkey(ccp_jread_t *r)
{
    int  rc;

    ccp_jspace(r);

    if (r->p == r->end) {
        return ccp_jfail(r, r->p, "unexpected end of input");
    }

    if (*r->p != '"') {
        return ccp_jfail(r, r->p, "a member name in quotes expected");
    }

    r->p++;

    rc = ccp_jstring(r);
    if (rc != CCP_OK) {
        return rc;
    }

    ccp_jspace(r);

    if (r->p == r->end) {
        return ccp_jfail(r, r->p, "unexpected end of input");
    }

    if (*r->p != ':') {
        return ccp_jfail(r, r->p, "':' expected");
    }

    r->p++;
    ccp_jspace(r);

    return CCP_OK;
}


/*
 * After a value: closes what closes here and leaves r->p where the next
 * value begins; CCP_DECLINED once the root is complete.
 */

static int
ccp_jafter(ccp_jread_t *r)
{
    int       object;
    uint32_t  parent;

    for ( ;; ) {
        parent = r->parent;

        if (parent == CCP_NO_PARENT) {
            return CCP_DECLINED;
        }

        ccp_jspace(r);

        if (r->p == r->end) {
            return ccp_jfail(r, r->p, "unexpected end of input");
        }

        object = (r->doc->nodes[parent].type == CCP_J_OBJECT);

        if (*r->p == (object ? '}' : ']')) {
            ccp_jclose(r);
            continue;
        }

        if (r->doc->n > parent + 1) {

            if (*r->p != ',') {
                return ccp_jfail(r, r->p, object ? "',' or '}' expected"
                                                 : "',' or ']' expected");
            }

            r->p++;
            ccp_jspace(r);
        }

        return object ? ccp_jkey(r) : CCP_OK;
    }
}


int
ccp_json_parse(ccp_json_t *doc, const uint8_t *p, size_t n, unsigned flags,
    ccp_jerr_t *err)
{
    int          rc;
    ccp_jread_t  r;

    doc->base = p;
    doc->size = n;
    doc->n = 0;

    r.doc = doc;
    r.p = p;
    r.end = p + n;
    r.what = NULL;
    r.parent = CCP_NO_PARENT;
    r.depth = 0;
    r.flags = flags;

    if (n > UINT32_MAX) {
        rc = ccp_jfail(&r, p, "document too large");
        goto failed;
    }

    ccp_jspace(&r);

    if (r.p < r.end && *r.p != '{' && *r.p != '[' && !(flags & CCP_JSON_ANY)) {
        rc = ccp_jfail(&r, r.p, "an object or array expected");
        goto failed;
    }

    do {
        rc = ccp_jvalue(&r);

        if (rc == CCP_OK) {
            rc = ccp_jafter(&r);
        }

    } while (rc == CCP_OK);

    if (rc != CCP_DECLINED) {
        goto failed;
    }

    ccp_jspace(&r);

    if (r.p != r.end) {
        rc = ccp_jfail(&r, r.p, "unexpected data after the JSON value");
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


static const ccp_jnode_t *
ccp_jnode(ccp_jval_t v)
{
    return &v.doc->nodes[v.i];
}


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


ccp_jtype_e
ccp_json_type(ccp_jval_t v)
{
    return v.doc ? (ccp_jtype_e) ccp_jnode(v)->type : CCP_J_ABSENT;
}


int
ccp_json_has(ccp_jval_t v)
{
    return ccp_json_type(v) > CCP_J_NULL;
}


ccp_jiter_t
ccp_json_iter(ccp_jval_t v)
{
    ccp_jtype_e  type;
    ccp_jiter_t  it;

    memset(&it, 0, sizeof(ccp_jiter_t));
    type = ccp_json_type(v);

    if (type == CCP_J_ARRAY || type == CCP_J_OBJECT) {
        it.val.doc = v.doc;
        it.keyval.doc = v.doc;
        it.pos = v.i + 1;
        it.end = ccp_jnode(v)->next;
        it.object = (type == CCP_J_OBJECT);
    }

    return it;
}


int
ccp_json_next(ccp_jiter_t *it)
{
    if (it->pos >= it->end) {
        return 0;
    }

    if (it->object) {
        it->keyval.i = it->pos++;
        it->key = ccp_json_str(it->keyval);
    }

    it->val.i = it->pos;
    it->pos = ccp_jnode(it->val)->next;

    return 1;
}


ccp_jval_t
ccp_json_get(ccp_jval_t obj, const char *name)
{
    size_t               len;
    uint32_t             i, end;
    ccp_jval_t           key, found;
    const ccp_jnode_t   *nodes;

    found = ccp_jabsent;

    if (ccp_json_type(obj) != CCP_J_OBJECT) {
        return found;
    }

    len = strlen(name);
    nodes = obj.doc->nodes;
    end = nodes[obj.i].next;
    key.doc = obj.doc;

    /* no early end: the last of equal names wins */

    for (i = obj.i + 1; i < end; i = nodes[i + 1].next) {

        if (nodes[i].esc) {
            key.i = i;
            if (!ccp_str_is(ccp_json_str(key), name)) {
                continue;
            }

        } else if (nodes[i].len != len
                   || memcmp(obj.doc->base + nodes[i].off, name, len) != 0)
        {
            continue;
        }

        found.doc = obj.doc;
        found.i = i + 1;
    }

    return found;
}


ccp_jval_t
ccp_json_opt(ccp_jval_t obj, const char *name)
{
    ccp_jval_t  v;

    v = ccp_json_get(obj, name);

    return ccp_json_has(v) ? v : ccp_jabsent;
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
ccp_json_str(ccp_jval_t v)
{
    ccp_str_t            s;
    const ccp_jnode_t   *node;

    if (ccp_json_type(v) != CCP_J_STRING) {
        return ccp_none;
    }

    node = ccp_jnode(v);

    s.p = v.doc->base + node->off;
    s.n = node->len;
    s.json = 1;
    s.esc = node->esc;

    return s;
}


ccp_str_t
ccp_json_gets(ccp_jval_t obj, const char *name)
{
    return ccp_json_str(ccp_json_get(obj, name));
}


ccp_str_t
ccp_json_raw(ccp_jval_t v)
{
    ccp_str_t            s;
    const ccp_jnode_t   *node;

    if (v.doc == NULL) {
        return ccp_none;
    }

    node = ccp_jnode(v);

    s.p = v.doc->base + node->off;
    s.n = node->len;
    s.json = 0;
    s.esc = 0;

    if (node->type == CCP_J_STRING) {
        s.p--;
        s.n += 2;
    }

    return s;
}


int
ccp_json_is(ccp_jval_t v, const char *lit)
{
    return ccp_str_is(ccp_json_str(v), lit);
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

    if (!(d >= -0x1p63 && d < 0x1p63) || d != (double) (int64_t) d) {
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
