
/*
 * Read-only JSON reader: one pass from bytes to a tape of nodes.
 *
 * An array or object is followed on the tape by its content (in objects key
 * and value alternate); "next" of a node is the index behind its content.
 * While a container is open its "next" holds the index of its parent, so the
 * reader needs no stack.
 *
 * The pass itself is json_read_loop.h, once for each kind of processor.
 */

#include "codec/json/json_read_private.h"
#include "codec/base/base_utf8.h"


/* Values one document may hold: bounds the tape at 64 MB. */
#define CCP_JSON_MAX_NODES   (4u << 20)

/* Room for so many values at first, and one for so many bytes of text. */
#define CCP_JSON_FIRST_CAP   64
#define CCP_JSON_FIRST_MOST  8192
#define CCP_JSON_PER_VALUE   16


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


int
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


int
ccp_json_read_grow(ccp_json_read_t *r, uint32_t n, const uint8_t *at)
{
    void        *nodes;
    uint32_t     cap;
    ccp_json_t  *doc;

    doc = r->doc;

    if (n >= CCP_JSON_MAX_NODES) {
        return ccp_json_read_fail(r, at, "too many values");
    }

    cap = doc->cap ? doc->cap * 2 : ccp_json_read_first(doc->size);

    nodes = ccp_regrow(doc->arena, doc->nodes, n * sizeof(ccp_jnode_t),
                       cap * sizeof(ccp_jnode_t));
    if (nodes == NULL) {
        return CCP_NOMEM;
    }

    doc->nodes = nodes;
    doc->cap = cap;

    return CCP_OK;
}


int
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


/* ---- the readers ---- */

#if defined(CCP_JSON_HAVE_X86)
#define ccp_json_has_sse2()  1
#define ccp_json_has_avx2()                                                  \
    (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi"))
#else
#define ccp_json_read_sse2   ccp_json_read_portable
#define ccp_json_read_avx2   ccp_json_read_portable
#define ccp_json_has_sse2()  0
#define ccp_json_has_avx2()  0
#endif

#if defined(CCP_JSON_HAVE_NEON)
#define ccp_json_has_neon()  1
#else
#define ccp_json_read_neon   ccp_json_read_portable
#define ccp_json_has_neon()  0
#endif


static const struct {
    const char        *name;
    ccp_json_read_pt   read;
} ccp_json_readers[CCP_JSON_NREADERS] = {
    { "portable", ccp_json_read_portable },
    { "sse2", ccp_json_read_sse2 },
    { "avx2", ccp_json_read_avx2 },
    { "neon", ccp_json_read_neon }
};


const char *
ccp_json_reader_name(ccp_json_reader_e reader)
{
    int  has;

    has = reader == CCP_JSON_PORTABLE
          || (reader == CCP_JSON_SSE2 && ccp_json_has_sse2())
          || (reader == CCP_JSON_AVX2 && ccp_json_has_avx2())
          || (reader == CCP_JSON_NEON && ccp_json_has_neon());

    return has ? ccp_json_readers[reader].name : NULL;
}


ccp_json_reader_e
ccp_json_reader(void)
{
    return ccp_json_has_avx2() ? CCP_JSON_AVX2
           : ccp_json_has_sse2() ? CCP_JSON_SSE2
           : ccp_json_has_neon() ? CCP_JSON_NEON : CCP_JSON_PORTABLE;
}


static const uint8_t *
ccp_json_read_blank(const uint8_t *p, const uint8_t *end)
{
    while (p < end
           && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
    {
        p++;
    }

    return p;
}


int
ccp_json_parse(ccp_json_t *doc, const uint8_t *p, size_t n, unsigned flags,
    ccp_jerr_t *err)
{
    return ccp_json_parse_by(ccp_json_reader(), doc, p, n, flags, err);
}


int
ccp_json_read_on(ccp_json_reader_e reader, ccp_json_read_t *r, int resumed,
    ccp_jerr_t *err)
{
    int  rc;

    rc = ccp_json_readers[reader].read(r, resumed);

    if (rc == CCP_OK) {
        r->p = ccp_json_read_blank(r->p, r->end);

        if (r->p != r->end) {
            rc = ccp_json_read_fail(r, r->p,
                                    "unexpected data after the JSON value");
        }
    }

    if (rc == CCP_OK || rc == CCP_DECLINED) {
        return rc;
    }

    r->doc->n = 0;

    if (err) {
        err->offset = r->p - r->doc->base;
        err->what = rc == CCP_NOMEM ? "no memory" : r->what;
    }

    return rc;
}


int
ccp_json_parse_by(ccp_json_reader_e reader, ccp_json_t *doc,
    const uint8_t *p, size_t n, unsigned flags, ccp_jerr_t *err)
{
    const char       *what;
    ccp_json_read_t   r;

    doc->base = p;
    doc->size = n;
    doc->n = 0;

    memset(&r, 0, sizeof(ccp_json_read_t));
    r.doc = doc;
    r.p = ccp_json_read_blank(p, p + n);
    r.end = p + n;
    r.parent = CCP_JSON_NO_PARENT;
    r.flags = flags;

    what = NULL;

    if (n > UINT32_MAX) {
        r.p = p;
        what = "document too large";

    } else if (r.p < r.end && *r.p != '{' && *r.p != '['
               && !(flags & CCP_JSON_ANY))
    {
        what = "an object or array expected";
    }

    if (what == NULL) {
        return ccp_json_read_on(reader, &r, 0, err);
    }

    if (err) {
        err->offset = r.p - p;
        err->what = what;
    }

    return CCP_INVALID;
}
