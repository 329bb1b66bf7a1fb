
/*
 * Inside of the room: the words of JSON Schema and where schemas stand in a
 * schema; what the files that change them, on their bytes or as jansson
 * documents, ask of one another.  A failed allocation latches in the context.
 */

#ifndef CCP_SCHEMA_TREE_H
#define CCP_SCHEMA_TREE_H

#include <jansson.h>

#include "codec/schema/schema.h"

/* Nesting that is looked at; what lies deeper becomes {"type":"object"}. */
#define CCP_SCHEMA_LEVELS  64
/* References followed inside one another. */
#define CCP_SCHEMA_REFS    8
/* Digits that give a double back as it was spelled. */
#define CCP_SCHEMA_DIGITS  15
/* Nodes that inlining may make of one schema. */
#define CCP_SCHEMA_NODES   20000

/* A member of schemas that may be null for our sake (schema_nulls.h). */
#define CCP_SCHEMA_MARK    "x-ccp-null"

typedef struct {
    json_t        *root;       /* references start here */
    ccp_schema_e   from;
    ccp_schemas_e  to;
    ccp_schema_root_e  want;   /* of the root */
    const json_t  *refs[CCP_SCHEMA_REFS];
    int            nrefs;
    int            nodes;
    unsigned       nomem:1;
    unsigned       optional:1; /* strict mode: properties may be missing */
    unsigned       mark:1;     /* … those made nullable are marked, */
    int            marks;      /* so many */
} ccp_schema_ctx_t;

/* Where the schemas in a schema are. */
typedef enum {
    CCP_SCHEMA_SUB_NONE,
    CCP_SCHEMA_SUB_ONE,        /* a schema (or a boolean) */
    CCP_SCHEMA_SUB_LIST,
    CCP_SCHEMA_SUB_EITHER,     /* items: one, or a list */
    CCP_SCHEMA_SUB_MAP         /* by names that are no keywords */
} ccp_schema_sub_e;

/* What a member does to the schema around it. */
typedef enum {
    CCP_SCHEMA_WORD_OTHER,
    CCP_SCHEMA_WORD_TYPE,
    CCP_SCHEMA_WORD_PROPS,
    CCP_SCHEMA_WORD_ITEMS,
    CCP_SCHEMA_WORD_PREFIX,
    CCP_SCHEMA_WORD_ANY,
    CCP_SCHEMA_WORD_REF,
    CCP_SCHEMA_WORD_DEFS,
    CCP_SCHEMA_WORD_PATTERN,
    CCP_SCHEMA_WORD_NULL,      /* its value may well be null */
    CCP_SCHEMA_WORD_UNTIDY,    /* refused by servers that check schemas */
    CCP_SCHEMA_NWORDS
} ccp_schema_word_e;

typedef struct {
    ccp_str_t          name;
    ccp_schema_sub_e   sub;
    ccp_schema_word_e  role;
} ccp_schema_keyword_t;

/* ---- schema_tree.c ---- */

/* What is known of a member by its name; never NULL. */
const ccp_schema_keyword_t *ccp_schema_word(ccp_str_t key);

/* Calls fn for each schema directly inside s. */
void ccp_schema_each(ccp_schema_ctx_t *x, json_t *s, int level,
    void (*fn)(ccp_schema_ctx_t *x, json_t *s, int level));

/* Sets a member, takes the reference; NULL counts as no memory. */
void ccp_schema_set(ccp_schema_ctx_t *x, json_t *s, const char *key,
    json_t *value);

/* Adds " (key: value)" to the description; long values are left out. */
void ccp_schema_hint(ccp_schema_ctx_t *x, json_t *s, const char *key,
    const json_t *value);

/* Whether nothing but null fits. */
int ccp_schema_is_null(const json_t *s);

/* Whether an array has to say what it holds. */
static inline int
ccp_schema_lacks_items(ccp_schemas_e to, int items, int prefix)
{
    return !items && to != CCP_SCHEMA_FULL
           && !(prefix && to == CCP_SCHEMA_MFJS);
}

/* A pattern that RE2 refuses: \p{…}, look-around, references. */
int ccp_schema_bad_pattern(const char *re, size_t n);

/* ---- schema_refs.c ---- */

/* What "#/…" names, borrowed; NULL if there is nothing. */
json_t *ccp_schema_ref(const ccp_schema_ctx_t *x, const char *ref);
/* Follows a schema's $ref one step down, the same, onto the stack; NULL:
 * unknown, too deep or a cycle. */
json_t *ccp_schema_ref_enter(ccp_schema_ctx_t *x, const json_t *s);
/* Whether a member holds definitions: gone once they are inlined. */
int ccp_schema_is_defs(const char *key);

/*
 * Merges s into m: $ref followed, allOf taken apart, own members last.  The
 * references stay on the context's stack until the caller resets nrefs, so
 * that cycles are seen in the members too.
 */
void ccp_schema_merge(ccp_schema_ctx_t *x, json_t *m, json_t *s, int level);

/* A new document without references; NULL without memory. */
json_t *ccp_schema_inline(ccp_schema_ctx_t *x, json_t *s, int level);

/* ---- schema_edit.c ---- */

/*
 * Changes a schema in JSON Schema's own words, an object with an object's
 * root, without a document (not for CCP_SCHEMA_SUBSET).  *out is its source if nothing changes.
 * CCP_OK, CCP_NOMEM; CCP_DECLINED: it takes a document.
 */
int ccp_schema_edit(ccp_arena_t *a, ccp_jval_t root, ccp_schemas_e to,
    ccp_str_t *out);

/* ---- schema_subset.c ---- */

/* A new document; NULL without memory. */
json_t *ccp_schema_subset(ccp_schema_ctx_t *x, json_t *s, int level);

/* Whether a schema is within the subset as it stands. */
int ccp_schema_subset_ok(ccp_arena_t *a, ccp_jval_t v, int level,
    ccp_schema_root_e want);

/* ---- schema.c ---- */

/* As ccp_schema_closed(), of arguments, with marks and their number. */
ccp_str_t ccp_schema_marked(ccp_arena_t *a, ccp_str_t schema,
    ccp_schema_e from, int *marks);

/* ---- schema_root.c ---- */

/* Whether a root isn't the one object that is wanted. */
int ccp_schema_root_is_odd(ccp_jval_t root, ccp_schema_root_e want);

/* A new document in which it is; s itself where that can't be.  NULL without
 * memory. */
json_t *ccp_schema_root(ccp_schema_ctx_t *x, json_t *s,
    ccp_schema_root_e want);

/* ---- schema_strict.c ---- */

/* In place: strict mode's form of a tidy schema. */
void ccp_schema_strict(ccp_schema_ctx_t *x, json_t *s, int level);

#endif /* CCP_SCHEMA_TREE_H */
