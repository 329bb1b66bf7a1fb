
/*
 * Tool and format schemas in the form that a target takes (T43).  Most changes
 * are made on the schema's bytes (schema_edit.c); jansson serves for those
 * that move or merge members.
 */

#include <ctype.h>

#include "codec/base/base_memo.h"
#include "codec/schema/schema_tree.h"


#define CCP_SCHEMA_EMPTY   "{\"type\":\"object\",\"properties\":{}}"

/* How ccp_schema_make() ends: as it is, strict, strict but for optional. */
#define CCP_SCHEMA_CLOSE   1
#define CCP_SCHEMA_SEAL    2

/* Schemas below this many bytes are made faster than looked up. */
#define CCP_SCHEMA_KEPT_MIN  64


/* Counts that Gemini spells as strings. */
static const char *const  ccp_schema_gemini_counts[] = {
    "minItems", "maxItems", "minLength", "maxLength", "minProperties",
    "maxProperties", NULL
};


static json_t *
ccp_schema_tidy_lower(const json_t *type)
{
    size_t  i, n;
    char    buf[32];

    n = json_string_length(type);

    if (n >= sizeof(buf)) {
        return json_string("string");
    }

    for (i = 0; i < n; i++) {
        buf[i] = (char) tolower((unsigned char) json_string_value(type)[i]);
    }

    return json_stringn(buf, n);
}


static void
ccp_schema_tidy_type(ccp_schema_ctx_t *x, json_t *s)
{
    size_t   i;
    json_t  *type, *e;

    type = json_object_get(s, "type");

    if (json_is_string(type)) {
        ccp_schema_set(x, s, "type", ccp_schema_tidy_lower(type));
        return;
    }

    json_array_foreach(type, i, e) {
        if (json_is_string(e)
            && json_array_set_new(type, i, ccp_schema_tidy_lower(e)) != 0)
        {
            x->nomem = 1;
        }
    }
}


/* Gemini's own words in those of JSON Schema. */
static void
ccp_schema_tidy_gemini(ccp_schema_ctx_t *x, json_t *s)
{
    long long           n;
    char               *end;
    json_t             *v;
    const char         *text;
    const char *const  *key;

    v = json_object_get(s, "type");

    if (json_is_true(json_object_get(s, "nullable")) && json_is_string(v)) {
        ccp_schema_set(x, s, "type", json_pack("[Os]", v, "null"));

        v = json_copy(json_object_get(s, "enum"));

        if (json_is_array(v)) {
            if (json_array_append_new(v, json_null()) != 0) {
                x->nomem = 1;
            }

            ccp_schema_set(x, s, "enum", v);

        } else {
            json_decref(v);
        }
    }

    (void) json_object_del(s, "nullable");
    (void) json_object_del(s, "propertyOrdering");

    text = json_string_value(json_object_get(s, "format"));
    if (text != NULL && strcmp(text, "enum") == 0) {
        (void) json_object_del(s, "format");
    }

    v = json_object_get(s, "example");
    if (v != NULL) {
        ccp_schema_set(x, s, "examples", json_pack("[O]", v));
        (void) json_object_del(s, "example");
    }

    for (key = ccp_schema_gemini_counts; *key != NULL; key++) {
        text = json_string_value(json_object_get(s, *key));

        if (text != NULL) {
            n = strtoll(text, &end, 10);

            if (*end == '\0') {
                ccp_schema_set(x, s, *key, json_integer(n));
            }
        }
    }
}


static int
ccp_schema_is_list(const json_t *type)
{
    size_t   i;
    json_t  *e;

    json_array_foreach(type, i, e) {
        if (ccp_schema_is_list(e)) {
            return 1;
        }
    }

    return json_is_string(type)
           && strcmp(json_string_value(type), "array") == 0;
}


/* What is in an array: one schema, and lists by position in their own word. */
static void
ccp_schema_tidy_items(ccp_schema_ctx_t *x, json_t *s)
{
    json_t  *items;

    items = json_object_get(s, "items");

    if (json_is_array(items) && json_object_set(s, "prefixItems", items) != 0)
    {
        x->nomem = 1;
    }

    if (items != NULL && !json_is_object(items)) {
        (void) json_object_del(s, "items");
        items = NULL;
    }

    if (ccp_schema_lacks_items(x->to, items != NULL,
                               json_object_get(s, "prefixItems") != NULL)
        && ccp_schema_is_list(json_object_get(s, "type")))
    {
        ccp_schema_set(x, s, "items", x->to == CCP_SCHEMA_MFJS
                                      ? json_pack("{ss}", "type", "string")
                                      : json_object());
    }
}


/* Kimi's form: no type beside alternatives. */
static void
ccp_schema_tidy_mfjs(ccp_schema_ctx_t *x, json_t *s)
{
    size_t   i;
    json_t  *any, *type, *e;

    any = json_object_get(s, "anyOf");
    type = json_object_get(s, "type");

    if (!json_is_array(any) || type == NULL) {
        return;
    }

    json_array_foreach(any, i, e) {
        if (json_is_object(e) && json_object_get(e, "type") == NULL
            && json_object_get(e, "$ref") == NULL
            && json_object_set(e, "type", type) != 0)
        {
            x->nomem = 1;
        }
    }

    if (x->root != s) {
        (void) json_object_del(s, "type");
    }
}


static void
ccp_schema_tidy(ccp_schema_ctx_t *x, json_t *s, int level)
{
    void              *in;
    json_t            *v;
    ccp_schema_word_e  role;
    const char        *key, *type;

    if (level > CCP_SCHEMA_LEVELS) {
        (void) json_object_clear(s);
        ccp_schema_set(x, s, "type", json_string("object"));
        return;
    }

    json_object_foreach_safe(s, in, key, v) {
        role = ccp_schema_word(ccp_cstr(key))->role;

        if ((json_is_null(v) && role != CCP_SCHEMA_WORD_NULL)
            || (x->to > CCP_SCHEMA_FULL
                && (role == CCP_SCHEMA_WORD_UNTIDY
                    || (role == CCP_SCHEMA_WORD_PATTERN && json_is_string(v)
                        && ccp_schema_bad_pattern(json_string_value(v),
                                                  json_string_length(v))))))
        {
            (void) json_object_del(s, key);
        }
    }

    ccp_schema_tidy_type(x, s);

    if (x->from == CCP_SCHEMA_GEMINI) {
        ccp_schema_tidy_gemini(x, s);
    }

    if (x->to != CCP_SCHEMA_FULL) {
        ccp_schema_tidy_items(x, s);
    }

    if (x->to == CCP_SCHEMA_MFJS) {
        ccp_schema_tidy_mfjs(x, s);
    }

    if (level == 0 && json_object_get(s, "type") == NULL
        && json_object_get(s, "$ref") == NULL)
    {
        ccp_schema_set(x, s, "type", json_string("object"));
    }

    type = json_string_value(json_object_get(s, "type"));

    if (type != NULL && strcmp(type, "object") == 0
        && !json_is_object(json_object_get(s, "properties"))
        && (level == 0 || x->to > CCP_SCHEMA_FULL))
    {
        ccp_schema_set(x, s, "properties", json_object());
    }

    ccp_schema_each(x, s, level, ccp_schema_tidy);
}


/* ---- entries ---- */

/* NULL: no JSON that jansson takes, or no memory (*nomem). */
static json_t *
ccp_schema_load(ccp_str_t s, int *nomem)
{
    json_t        *root;
    json_error_t   err;

    root = json_loadb((const char *) s.p, s.n, JSON_ALLOW_NUL, &err);

    if (root == NULL
        && json_error_code(&err) == json_error_numeric_overflow)
    {
        /* integers above 63 bits */
        root = json_loadb((const char *) s.p, s.n,
                          JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &err);
    }

    /* a failed malloc isn't always told apart: no code is one, too */

    *nomem = root == NULL
             && (json_error_code(&err) == json_error_out_of_memory
                 || json_error_code(&err) == json_error_unknown);

    return root;
}


static ccp_str_t
ccp_schema_dump(ccp_arena_t *a, const json_t *root)
{
    size_t     n;
    uint8_t   *p;
    ccp_str_t  s;

    s = ccp_none;
    n = json_dumpb(root, NULL, 0, JSON_COMPACT
                                  | JSON_REAL_PRECISION(CCP_SCHEMA_DIGITS));
    if (n == 0) {
        return s;
    }

    p = ccp_alloc(a, n);
    if (p == NULL) {
        return s;
    }

    if (json_dumpb(root, (char *) p, n,
                   JSON_COMPACT | JSON_REAL_PRECISION(CCP_SCHEMA_DIGITS))
        != n)
    {
        return s;
    }

    s.p = p;
    s.n = n;

    return s;
}


static int
ccp_schema_says(ccp_str_t s, const char *word)
{
    size_t          n;
    const uint8_t  *p, *end;

    n = strlen(word);
    end = s.p + s.n;

    for (p = s.p; (size_t) (end - p) >= n; p++) {
        p = memchr(p, word[0], (size_t) (end - p));

        if (p == NULL || (size_t) (end - p) < n) {
            return 0;
        }

        if (memcmp(p, word, n) == 0) {
            return 1;
        }
    }

    return 0;
}


/* Whether a schema refers to what its root no longer holds. */
static int
ccp_schema_refers_to_root(ccp_str_t schema)
{
    return ccp_schema_says(schema, "\"#/anyOf")
           || ccp_schema_says(schema, "\"#/oneOf")
           || ccp_schema_says(schema, "\"#/allOf");
}


/* Puts another document, or NULL, in the place of one. */
static json_t *
ccp_schema_replace(ccp_schema_ctx_t *x, json_t *root, json_t *made)
{
    json_decref(root);
    x->root = made;
    x->nodes = 0;

    return made;
}


/* odd: the root has to become the object that is wanted. */
static ccp_str_t
ccp_schema_rewrite(ccp_arena_t *a, ccp_str_t schema, ccp_schema_ctx_t *x,
    int odd, int strict)
{
    int         nomem;
    json_t     *root;
    ccp_str_t   s;

    root = ccp_schema_load(schema, &nomem);

    if (root == NULL) {
        /* escapes that jansson refuses: left to the upstream to judge */
        return nomem ? ccp_none
                     : x->to == CCP_SCHEMA_SUBSET ? ccp_lit(CCP_SCHEMA_EMPTY)
                                                  : schema;
    }

    x->root = root;

    /* strict mode merges allOf, which it can't with references in it */

    if (x->to == CCP_SCHEMA_INLINE || (odd && ccp_schema_refers_to_root(schema))
        || (strict && ccp_schema_says(schema, "\"allOf\"")
            && ccp_schema_says(schema, "\"$ref\"")))
    {
        root = ccp_schema_replace(x, root, ccp_schema_inline(x, root, 0));
    }

    if (root != NULL && odd) {
        root = ccp_schema_replace(x, root, ccp_schema_root(x, root, x->want));
    }

    if (root != NULL && x->to == CCP_SCHEMA_SUBSET) {
        root = ccp_schema_replace(x, root, ccp_schema_subset(x, root, 0));

    } else if (root != NULL) {
        ccp_schema_tidy(x, root, 0);
    }

    if (root != NULL && strict) {
        x->optional = (strict == CCP_SCHEMA_SEAL);
        ccp_schema_strict(x, root, 0);
    }

    s = root != NULL && !x->nomem ? ccp_schema_dump(a, root) : ccp_none;
    json_decref(root);

    return s;
}


/* A schema that the reader took. */
static ccp_str_t
ccp_schema_read(ccp_arena_t *a, ccp_jval_t root, ccp_schema_ctx_t *x,
    int strict)
{
    int        rc, odd;
    ccp_str_t  schema;

    schema = ccp_json_raw(root);
    odd = x->to != CCP_SCHEMA_FULL && ccp_schema_root_is_odd(root, x->want);

    if (strict || odd) {
        return ccp_schema_rewrite(a, schema, x, odd, strict);
    }

    if (x->to == CCP_SCHEMA_SUBSET
        && ccp_schema_subset_ok(a, root, 0, x->want))
    {
        return schema;
    }

    if (x->to != CCP_SCHEMA_SUBSET && x->from == CCP_SCHEMA_JSON) {
        rc = ccp_schema_edit(a, root, x->to, &schema);

        if (rc != CCP_DECLINED) {
            return rc == CCP_OK ? schema : ccp_none;
        }
    }

    return ccp_schema_rewrite(a, schema, x, 0, 0);
}


static ccp_str_t
ccp_schema_make_anew(ccp_arena_t *a, const ccp_json_t *doc, ccp_str_t schema,
    ccp_schema_ctx_t *x, int strict)
{
    int         rc;
    ccp_jval_t  root;
    ccp_jerr_t  err;
    ccp_json_t  own;

    root = doc != NULL ? ccp_json_at(doc, schema) : ccp_jabsent;

    if (root.doc != NULL) {
        return ccp_schema_read(a, root, x, strict);
    }

    if (schema.p == NULL) {
        schema = ccp_lit(CCP_SCHEMA_EMPTY);
    }

    schema = ccp_str_plain(a, schema);
    if (schema.p == NULL) {
        return schema;
    }

    ccp_json_init(&own, a);
    rc = ccp_json_parse(&own, schema.p, schema.n, 0, &err);
    root = ccp_json_root(&own);

    if (rc == CCP_INVALID || (rc == CCP_OK
                              && ccp_json_type(root) != CCP_J_OBJECT))
    {
        ccp_json_free(&own);

        /* once: the empty schema is an object */

        return ccp_schema_make_anew(a, NULL, ccp_none, x, strict);
    }

    schema = rc == CCP_OK ? ccp_schema_read(a, root, x, strict) : ccp_none;

    ccp_json_free(&own);

    return schema;
}


/* All that a schema is made by, but for its bytes. */
#define ccp_schema_tag(x, strict, json)                                      \
    ((uint64_t) (x)->from << 32 | (uint64_t) (x)->to << 24                   \
     | (uint64_t) (x)->want << 16 | (uint64_t) (strict) << 8 | (json))


/* The same, from memory where it was made before: tools come again with each
 * turn.  An empty value: it is the source. */

static ccp_str_t
ccp_schema_make(ccp_arena_t *a, const ccp_json_t *doc, ccp_str_t schema,
    ccp_schema_ctx_t *x, int strict)
{
    uint64_t                scope, tag;
    ccp_str_t               made, kept;
    ccp_memo_t             *memo;
    const ccp_memo_item_t  *item;

    memo = ccp_arena_memo(a, &scope);

    /* marks are counted as they are made */

    if (memo == NULL || x->mark || schema.p == NULL
        || schema.n < CCP_SCHEMA_KEPT_MIN)
    {
        return ccp_schema_make_anew(a, doc, schema, x, strict);
    }

    tag = ccp_schema_tag(x, strict, schema.json);
    item = ccp_memo_find(memo, scope, tag, schema);

    if (item) {
        kept = ccp_memo_value(item);
        return kept.n ? ccp_str_dup(a, kept) : schema;
    }

    made = ccp_schema_make_anew(a, doc, schema, x, strict);

    if (made.p != NULL && !made.json) {
        kept = made.p == schema.p && made.n == schema.n && !schema.json
               ? ccp_none : made;
        ccp_memo_keep(memo, scope, tag, schema, kept);
    }

    return made;
}


static void
ccp_schema_init(ccp_schema_ctx_t *x, ccp_schema_e from, ccp_schemas_e to,
    ccp_schema_root_e root)
{
    memset(x, 0, sizeof(ccp_schema_ctx_t));
    x->from = from;
    x->to = to;
    x->want = root;
}


ccp_str_t
ccp_schema_of(ccp_arena_t *a, const ccp_json_t *doc, ccp_str_t schema,
    ccp_schema_e from, ccp_schemas_e to, ccp_schema_root_e root)
{
    ccp_schema_ctx_t  x;

    ccp_schema_init(&x, from, to, root);

    return ccp_schema_make(a, doc, schema, &x, 0);
}


ccp_str_t
ccp_schema_closed(ccp_arena_t *a, ccp_str_t schema, ccp_schema_e from,
    ccp_schema_root_e root)
{
    ccp_schema_ctx_t  x;

    ccp_schema_init(&x, from, CCP_SCHEMA_TIDY, root);

    return ccp_schema_make(a, NULL, schema, &x, CCP_SCHEMA_CLOSE);
}


ccp_str_t
ccp_schema_marked(ccp_arena_t *a, ccp_str_t schema, ccp_schema_e from,
    int *marks)
{
    ccp_schema_ctx_t  x;

    ccp_schema_init(&x, from, CCP_SCHEMA_TIDY, CCP_SCHEMA_ARGS);
    x.mark = 1;
    schema = ccp_schema_make(a, NULL, schema, &x, CCP_SCHEMA_CLOSE);
    *marks = x.marks;

    return schema;
}


ccp_str_t
ccp_schema_sealed(ccp_arena_t *a, ccp_str_t schema, ccp_schema_e from)
{
    ccp_schema_ctx_t  x;

    ccp_schema_init(&x, from, CCP_SCHEMA_TIDY, CCP_SCHEMA_ANY);

    return ccp_schema_make(a, NULL, schema, &x, CCP_SCHEMA_SEAL);
}
