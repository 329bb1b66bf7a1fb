
/*
 * Read-only JSON reader (RFC 8259) over somebody's bytes.
 *
 * One pass checks grammar, UTF-8 and depth and writes a tape of nodes; no
 * string is copied or decoded.  Values are handles into the tape and live as
 * long as the document and the bytes do.
 */

#ifndef CCP_JSON_READ_H
#define CCP_JSON_READ_H

#include <string.h>

#include "codec/base/base_arena.h"

/* Nesting allowed; jansson's own bound (JSON_PARSER_MAX_DEPTH). */
#define CCP_JSON_MAX_DEPTH   2048

typedef enum {
    CCP_J_ABSENT = 0,
    CCP_J_NULL,
    CCP_J_FALSE,
    CCP_J_TRUE,
    CCP_J_NUMBER,
    CCP_J_STRING,
    CCP_J_ARRAY,
    CCP_J_OBJECT
} ccp_jtype_e;

typedef struct {
    uint32_t  off;             /* first byte; strings: after the quote */
    uint32_t  next;            /* index of the node after this value */
    uint32_t  len;             /* bytes; strings: without the quotes */
    uint8_t   type;
    uint8_t   esc;
    uint16_t  tag;             /* of strings: ccp_json_tag(); of objects:
                                  the signs of their names */
} ccp_jnode_t;

/* First and last byte of the string from p to end, in its quotes: with the
 * length, what tells most names apart. */
#define ccp_json_tag(p, end)                                                 \
    ((unsigned) (p)[0] | (unsigned) (end)[-1] << 8)

/* A bit by which an object tells at once that it has no such name: of a name's
 * first and last byte and length.  A name with escapes may be any. */
#define CCP_JSON_SIGNS  256u
#define ccp_json_sign(first, last, n)                                        \
    (((unsigned) (first) ^ (unsigned) (last) ^ (unsigned) (n)) & 255)
#define ccp_json_sign_bit(sign)                                              \
    ((sign) == CCP_JSON_SIGNS ? 0xffffu : 1u << ((sign) & 15))

typedef struct {
    const uint8_t  *base;
    size_t          size;
    ccp_jnode_t    *nodes;
    uint32_t        n;
    uint32_t        cap;
    ccp_arena_t    *arena;
} ccp_json_t;

typedef struct {
    const ccp_json_t  *doc;    /* NULL: absent */
    uint32_t           i;
} ccp_jval_t;

typedef struct {
    size_t       offset;       /* of the offending byte */
    const char  *what;         /* static text, "unexpected end of input" … */
} ccp_jerr_t;

#define CCP_JSON_STRICT      1 /* lone surrogate escapes and \u0000 refused */
#define CCP_JSON_ANY         2 /* a scalar is allowed at the root */

#define ccp_jabsent  ((ccp_jval_t) { NULL, 0 })

/* Prepares a document; parsing again reuses its tape. */
void ccp_json_init(ccp_json_t *doc, ccp_arena_t *a);
void ccp_json_free(ccp_json_t *doc);

/*
 * CCP_OK; CCP_INVALID (err filled: bytes after the value, bad UTF-8, depth,
 * more nodes than CCP_JSON_MAX_NODES …); CCP_NOMEM.  The bytes must stay.
 */
int ccp_json_parse(ccp_json_t *doc, const uint8_t *p, size_t n, unsigned flags,
    ccp_jerr_t *err);

/*
 * The same for a text that may begin as one before did: what was read of that
 * is taken from the arena's memo, as far as the bytes are equal.  The document
 * and errors are as ccp_json_parse() has them.
 */
int ccp_json_recall(ccp_json_t *doc, const uint8_t *p, size_t n,
    unsigned flags, ccp_jerr_t *err);

/* The readers, of which ccp_json_parse() takes the fastest that the processor
 * has.  All read the same. */
typedef enum {
    CCP_JSON_PORTABLE,
    CCP_JSON_SSE2,
    CCP_JSON_AVX2,
    CCP_JSON_NEON,
    CCP_JSON_NREADERS
} ccp_json_reader_e;

/* "avx2"; NULL if this processor has it not. */
const char *ccp_json_reader_name(ccp_json_reader_e reader);
/* The one that ccp_json_parse() takes. */
ccp_json_reader_e ccp_json_reader(void);
/* As ccp_json_parse(), by a reader that the processor has. */
int ccp_json_parse_by(ccp_json_reader_e reader, ccp_json_t *doc,
    const uint8_t *p, size_t n, unsigned flags, ccp_jerr_t *err);

ccp_jval_t ccp_json_root(const ccp_json_t *doc);
/* The array or object whose text is this slice of the document's bytes, found
 * by halving; absent if there is none. */
ccp_jval_t ccp_json_at(const ccp_json_t *doc, ccp_str_t raw);

/* Member of an object by its (ASCII) name of n bytes, last one wins; else
 * absent. */
ccp_jval_t ccp_json_member(ccp_jval_t obj, const char *name, size_t n);

/*
 * Iteration: for (it = ccp_json_iter(v); ccp_json_next(&it);) with it.val
 * and, in objects, it.key.  Anything but array and object: no step.
 */
typedef struct {
    ccp_jval_t  val;
    ccp_str_t   key;
    ccp_jval_t  keyval;
    uint32_t    pos;
    uint32_t    end;
    unsigned    object:1;
} ccp_jiter_t;

/* Elements or members. */
size_t ccp_json_count(ccp_jval_t v);

/* Integer (1.0 and 1e3 too, and strings of digits), all of int64; dflt
 * otherwise. */
/* Whether it is a string that is not blank. */
int ccp_json_text(ccp_jval_t v);
int64_t ccp_json_int(ccp_jval_t v, int64_t dflt);
double ccp_json_num(ccp_jval_t v, double dflt);
/* The value of a number in its spelling, 0 if it has 64 characters or more. */
double ccp_str_double(ccp_str_t s);
/* 1, 0, or dflt if it is no boolean. */
int ccp_json_bool(ccp_jval_t v, int dflt);
/* The spelling of a number; absent for any other type. */
ccp_str_t ccp_json_number(ccp_jval_t v);

/* "object", "string" … for messages. */
const char *ccp_json_typename(ccp_jval_t v);


/* ---- what is asked of each value, inline: names are mostly literals ---- */

static inline ccp_jtype_e
ccp_json_type(ccp_jval_t v)
{
    return v.doc ? (ccp_jtype_e) v.doc->nodes[v.i].type : CCP_J_ABSENT;
}

/* Present and not null. */
static inline int
ccp_json_has(ccp_jval_t v)
{
    return ccp_json_type(v) > CCP_J_NULL;
}

/* Whether the object, if it is one, may have a member of that name. */
static inline int
ccp_json_may_have(ccp_jval_t obj, const char *name, size_t n)
{
    const ccp_jnode_t  *node;

    if (obj.doc == NULL) {
        return 0;
    }

    node = &obj.doc->nodes[obj.i];

    return node->type == CCP_J_OBJECT
           && (n == 0
               || (node->tag
                   & ccp_json_sign_bit(ccp_json_sign(name[0], name[n - 1],
                                                     n))));
}

/* Member of an object by its (ASCII) name, last one wins; else absent. */
static inline ccp_jval_t
ccp_json_get(ccp_jval_t obj, const char *name)
{
    size_t  n = strlen(name);

    return ccp_json_may_have(obj, name, n) ? ccp_json_member(obj, name, n)
                                           : ccp_jabsent;
}

/* As ccp_json_get, but null counts as absent. */
static inline ccp_jval_t
ccp_json_opt(ccp_jval_t obj, const char *name)
{
    ccp_jval_t  v = ccp_json_get(obj, name);

    return ccp_json_has(v) ? v : ccp_jabsent;
}

/* Content of a string (json spelling); absent for any other type. */
static inline ccp_str_t
ccp_json_str(ccp_jval_t v)
{
    ccp_str_t           s = ccp_none;
    const ccp_jnode_t  *node;

    if (ccp_json_type(v) == CCP_J_STRING) {
        node = &v.doc->nodes[v.i];

        s.p = v.doc->base + node->off;
        s.n = node->len;
        s.json = 1;
        s.esc = node->esc;
    }

    return s;
}

/* String member or absent: ccp_json_str(ccp_json_get()). */
static inline ccp_str_t
ccp_json_gets(ccp_jval_t obj, const char *name)
{
    return ccp_json_str(ccp_json_get(obj, name));
}

/* Whether the value is a string equal to lit. */
static inline int
ccp_json_is(ccp_jval_t v, const char *lit)
{
    return ccp_str_is(ccp_json_str(v), lit);
}

/* The value's JSON text, quotes included, as it stands in the source. */
static inline ccp_str_t
ccp_json_raw(ccp_jval_t v)
{
    ccp_str_t           s = ccp_none;
    const ccp_jnode_t  *node;

    if (v.doc == NULL) {
        return s;
    }

    node = &v.doc->nodes[v.i];

    s.p = v.doc->base + node->off;
    s.n = node->len;

    if (node->type == CCP_J_STRING) {
        s.p--;
        s.n += 2;
    }

    return s;
}

static inline ccp_jiter_t
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
        it.end = v.doc->nodes[v.i].next;
        it.object = (type == CCP_J_OBJECT);
    }

    return it;
}

static inline int
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
    it->pos = it->val.doc->nodes[it->val.i].next;

    return 1;
}

#endif /* CCP_JSON_READ_H */
