
/*
 * Tool and format schemas in the form that a target takes (field reference,
 * 3.3; T43).  A schema is parsed by jansson only where the reader finds
 * something to change.
 */

#include "ccp_schema.h"

#include <ctype.h>


/* Digits that give a double back as it was spelled. */
#define CCP_SCHEMA_DIGITS  15
/* A longer value is no hint that helps. */
#define CCP_SCHEMA_HINT    200

#define CCP_SCHEMA_EMPTY   "{\"type\":\"object\",\"properties\":{}}"


typedef struct {
    const char  *name;
    ccp_sub_e    sub;
} ccp_keyword_t;


static const ccp_keyword_t  ccp_keywords[] = {
    { "properties", CCP_SUB_MAP },
    { "items", CCP_SUB_EITHER },
    { "anyOf", CCP_SUB_LIST },
    { "oneOf", CCP_SUB_LIST },
    { "allOf", CCP_SUB_LIST },
    { "$defs", CCP_SUB_MAP },
    { "definitions", CCP_SUB_MAP },
    { "additionalProperties", CCP_SUB_ONE },
    { "prefixItems", CCP_SUB_LIST },
    { "patternProperties", CCP_SUB_MAP },
    { "propertyNames", CCP_SUB_ONE },
    { "additionalItems", CCP_SUB_ONE },
    { "unevaluatedItems", CCP_SUB_ONE },
    { "unevaluatedProperties", CCP_SUB_ONE },
    { "contains", CCP_SUB_ONE },
    { "not", CCP_SUB_ONE },
    { "if", CCP_SUB_ONE },
    { "then", CCP_SUB_ONE },
    { "else", CCP_SUB_ONE },
    { "dependentSchemas", CCP_SUB_MAP },
    { "dependencies", CCP_SUB_MAP },
    { NULL, CCP_SUB_NONE }
};

/* Counts that Gemini spells as strings. */
static const char *const  ccp_gemini_counts[] = {
    "minItems", "maxItems", "minLength", "maxLength", "minProperties",
    "maxProperties", NULL
};

/* Keywords whose value may well be null. */
static const char *const  ccp_null_values[] = {
    "const", "default", "example", NULL
};

/* Refused by servers that check schemas themselves. */
static const char *const  ccp_untidy[] = {
    "$schema", "$id", "$comment", NULL
};


static int
ccp_in(const char *const *list, const char *word)
{
    for ( ; *list != NULL; list++) {
        if (strcmp(*list, word) == 0) {
            return 1;
        }
    }

    return 0;
}


static int
ccp_str_in(const char *const *list, ccp_str_t s)
{
    for ( ; *list != NULL; list++) {
        if (ccp_str_is(s, *list)) {
            return 1;
        }
    }

    return 0;
}


ccp_sub_e
ccp_schema_sub(const char *keyword)
{
    const ccp_keyword_t  *k;

    for (k = ccp_keywords; k->name != NULL; k++) {
        if (strcmp(k->name, keyword) == 0) {
            return k->sub;
        }
    }

    return CCP_SUB_NONE;
}


int
ccp_schema_bad_pattern(const char *re)
{
    for ( ; *re != '\0'; re++) {
        if (re[0] == '\\') {
            re++;

            if (*re == 'p' || *re == 'P' || (*re >= '1' && *re <= '9')) {
                return 1;
            }

            if (*re == '\0') {
                return 1;
            }

        } else if (re[0] == '(' && re[1] == '?'
                   && (re[2] == '=' || re[2] == '!' || re[2] == '<'))
        {
            return 1;
        }
    }

    return 0;
}


/* ---- is there anything to change ---- */

static int
ccp_scan_upper(ccp_jval_t type)
{
    size_t       i;
    ccp_str_t    s;
    ccp_jiter_t  it;

    if (ccp_json_type(type) == CCP_J_ARRAY) {
        for (it = ccp_json_iter(type); ccp_json_next(&it); ) {
            if (ccp_scan_upper(it.val)) {
                return 1;
            }
        }

        return 0;
    }

    s = ccp_json_str(type);

    for (i = 0; s.p != NULL && i < s.n; i++) {
        if (isupper(s.p[i])) {
            return 1;
        }
    }

    return 0;
}


/* Whether the pattern holds what may be refused: escapes, "(?". */
static int
ccp_scan_pattern(ccp_str_t s)
{
    size_t  i;

    for (i = 0; s.p != NULL && i + 1 < s.n; i++) {
        if (s.p[i] == '\\' || (s.p[i] == '(' && s.p[i + 1] == '?')) {
            return 1;
        }
    }

    return 0;
}


/* Whether this node by itself, without the schemas in it, must change. */
static int
ccp_scan_node(ccp_jval_t s, ccp_schema_e from, ccp_schemas_e to, int level)
{
    ccp_jval_t   type;
    ccp_jiter_t  it;

    for (it = ccp_json_iter(s); ccp_json_next(&it); ) {
        if (ccp_json_type(it.val) == CCP_J_NULL
            && !ccp_str_in(ccp_null_values, it.key))
        {
            return 1;
        }

        if (to != CCP_SCHEMA_FULL
            && (ccp_str_in(ccp_untidy, it.key)
                || (ccp_str_is(it.key, "pattern")
                    && ccp_scan_pattern(ccp_json_str(it.val)))))
        {
            return 1;
        }

        if (to == CCP_SCHEMA_INLINE
            && (ccp_str_is(it.key, "$ref") || ccp_str_is(it.key, "$defs")
                || ccp_str_is(it.key, "definitions")))
        {
            return 1;
        }
    }

    type = ccp_json_get(s, "type");

    if (ccp_scan_upper(type)) {
        return 1;
    }

    if (ccp_json_type(ccp_json_get(s, "properties")) != CCP_J_OBJECT
        && (ccp_json_is(type, "object")
            ? level == 0 || to != CCP_SCHEMA_FULL
            : level == 0 && type.doc == NULL))
    {
        return 1;
    }

    if (level == 0 && type.doc == NULL) {
        return 1;
    }

    if (from == CCP_SCHEMA_GEMINI) {
        return 1;
    }

    return to == CCP_SCHEMA_MFJS
           && (ccp_json_type(ccp_json_get(s, "items")) == CCP_J_ARRAY
               || (type.doc != NULL
                   && ccp_json_has(ccp_json_get(s, "anyOf"))));
}


static int
ccp_scan(ccp_jval_t s, ccp_schema_e from, ccp_schemas_e to, int level)
{
    ccp_sub_e             sub;
    ccp_jiter_t           it, in;
    const ccp_keyword_t  *k;

    if (ccp_json_type(s) != CCP_J_OBJECT || level > CCP_SCHEMA_LEVELS) {
        return level == 0;
    }

    if (ccp_scan_node(s, from, to, level)) {
        return 1;
    }

    for (it = ccp_json_iter(s); ccp_json_next(&it); ) {
        if (ccp_json_type(it.val) < CCP_J_ARRAY) {
            continue;
        }

        for (k = ccp_keywords; k->name != NULL; k++) {
            if (ccp_str_is(it.key, k->name)) {
                break;
            }
        }

        sub = k->sub;

        if (sub == CCP_SUB_NONE) {
            continue;
        }

        if (sub == CCP_SUB_ONE
            || (sub == CCP_SUB_EITHER
                && ccp_json_type(it.val) == CCP_J_OBJECT))
        {
            if (ccp_scan(it.val, from, to, level + 1)) {
                return 1;
            }

            continue;
        }

        for (in = ccp_json_iter(it.val); ccp_json_next(&in); ) {
            if (ccp_scan(in.val, from, to, level + 1)) {
                return 1;
            }
        }
    }

    return 0;
}


/* ---- changing ---- */

void
ccp_schema_set(ccp_schema_ctx_t *x, json_t *s, const char *key,
    json_t *value)
{
    if (value == NULL || json_object_set_new(s, key, value) != 0) {
        x->nomem = 1;
    }
}


void
ccp_schema_each(ccp_schema_ctx_t *x, json_t *s, int level,
    void (*fn)(ccp_schema_ctx_t *x, json_t *s, int level))
{
    size_t       i;
    void        *in;
    json_t      *v, *e;
    ccp_sub_e    sub;
    const char  *key, *name;

    json_object_foreach_safe(s, in, key, v) {
        sub = ccp_schema_sub(key);

        if (sub == CCP_SUB_MAP && json_is_object(v)) {
            json_object_foreach(v, name, e) {
                if (json_is_object(e)) {
                    fn(x, e, level + 1);
                }
            }

        } else if ((sub == CCP_SUB_LIST || sub == CCP_SUB_EITHER)
                   && json_is_array(v))
        {
            json_array_foreach(v, i, e) {
                if (json_is_object(e)) {
                    fn(x, e, level + 1);
                }
            }

        } else if ((sub == CCP_SUB_ONE || sub == CCP_SUB_EITHER)
                   && json_is_object(v))
        {
            fn(x, v, level + 1);
        }
    }
}


void
ccp_schema_hint(ccp_schema_ctx_t *x, json_t *s, const char *key,
    const json_t *value)
{
    char        *text;
    json_t      *d;
    const char  *old;

    text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY
                             | JSON_REAL_PRECISION(CCP_SCHEMA_DIGITS));
    if (text == NULL) {
        x->nomem = 1;
        return;
    }

    if (strlen(text) <= CCP_SCHEMA_HINT) {
        old = json_string_value(json_object_get(s, "description"));

        d = old != NULL && *old != '\0'
            ? json_sprintf("%s (%s: %s)", old, key, text)
            : json_sprintf("(%s: %s)", key, text);

        ccp_schema_set(x, s, "description", d);
    }

    free(text);
}


static json_t *
ccp_tidy_lower(const json_t *type)
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
ccp_tidy_type(ccp_schema_ctx_t *x, json_t *s)
{
    size_t   i;
    json_t  *type, *e;

    type = json_object_get(s, "type");

    if (json_is_string(type)) {
        ccp_schema_set(x, s, "type", ccp_tidy_lower(type));
        return;
    }

    json_array_foreach(type, i, e) {
        if (json_is_string(e)
            && json_array_set_new(type, i, ccp_tidy_lower(e)) != 0)
        {
            x->nomem = 1;
        }
    }
}


/* Gemini's own words in those of JSON Schema. */
static void
ccp_tidy_gemini(ccp_schema_ctx_t *x, json_t *s)
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

    for (key = ccp_gemini_counts; *key != NULL; key++) {
        text = json_string_value(json_object_get(s, *key));

        if (text != NULL) {
            n = strtoll(text, &end, 10);

            if (*end == '\0') {
                ccp_schema_set(x, s, *key, json_integer(n));
            }
        }
    }
}


/* Kimi's form: lists of items by position, no type beside alternatives. */
static void
ccp_tidy_mfjs(ccp_schema_ctx_t *x, json_t *s)
{
    size_t   i;
    json_t  *items, *any, *type, *e;

    items = json_object_get(s, "items");

    if (json_is_array(items)) {
        if (json_object_set(s, "prefixItems", items) != 0) {
            x->nomem = 1;
        }

        (void) json_object_del(s, "items");
    }

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
ccp_tidy(ccp_schema_ctx_t *x, json_t *s, int level)
{
    void        *in;
    json_t      *v;
    const char  *key, *type;

    if (level > CCP_SCHEMA_LEVELS) {
        (void) json_object_clear(s);
        ccp_schema_set(x, s, "type", json_string("object"));
        return;
    }

    json_object_foreach_safe(s, in, key, v) {
        if ((json_is_null(v) && !ccp_in(ccp_null_values, key))
            || (x->to != CCP_SCHEMA_FULL && ccp_in(ccp_untidy, key))
            || (x->to != CCP_SCHEMA_FULL && strcmp(key, "pattern") == 0
                && json_is_string(v)
                && ccp_schema_bad_pattern(json_string_value(v))))
        {
            (void) json_object_del(s, key);
        }
    }

    ccp_tidy_type(x, s);

    if (x->from == CCP_SCHEMA_GEMINI) {
        ccp_tidy_gemini(x, s);
    }

    if (x->to == CCP_SCHEMA_MFJS) {
        ccp_tidy_mfjs(x, s);
    }

    if (level == 0 && json_object_get(s, "type") == NULL
        && json_object_get(s, "$ref") == NULL)
    {
        ccp_schema_set(x, s, "type", json_string("object"));
    }

    type = json_string_value(json_object_get(s, "type"));

    if (type != NULL && strcmp(type, "object") == 0
        && !json_is_object(json_object_get(s, "properties"))
        && (level == 0 || x->to != CCP_SCHEMA_FULL))
    {
        ccp_schema_set(x, s, "properties", json_object());
    }

    ccp_schema_each(x, s, level, ccp_tidy);
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


/* CCP_OK: must change; CCP_DECLINED: fit as it is; CCP_INVALID; CCP_NOMEM. */
static int
ccp_schema_check(ccp_arena_t *a, ccp_str_t schema, ccp_schema_e from,
    ccp_schemas_e to)
{
    int         rc;
    ccp_jval_t  root;
    ccp_json_t  doc;
    ccp_jerr_t  err;

    ccp_json_init(&doc, a);
    rc = ccp_json_parse(&doc, schema.p, schema.n, 0, &err);

    if (rc == CCP_OK) {
        root = ccp_json_root(&doc);

        if (ccp_json_type(root) != CCP_J_OBJECT) {
            rc = CCP_INVALID;

        } else if (to == CCP_SCHEMA_SUBSET) {
            rc = ccp_schema_subset_ok(root, 0) ? CCP_DECLINED : CCP_OK;

        } else {
            rc = ccp_scan(root, from, to, 0) ? CCP_OK : CCP_DECLINED;
        }
    }

    ccp_json_free(&doc);

    return rc;
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


static ccp_str_t
ccp_schema_rewrite(ccp_arena_t *a, ccp_str_t schema, ccp_schema_e from,
    ccp_schemas_e to, int strict)
{
    int               nomem, inl;
    json_t           *root, *made;
    ccp_str_t         s;
    ccp_schema_ctx_t  x;

    root = ccp_schema_load(schema, &nomem);

    if (root == NULL) {
        /* escapes that jansson refuses: left to the upstream to judge */
        return nomem ? ccp_none
                     : to == CCP_SCHEMA_SUBSET ? ccp_lit(CCP_SCHEMA_EMPTY)
                                               : schema;
    }

    memset(&x, 0, sizeof(ccp_schema_ctx_t));
    x.root = root;
    x.from = from;
    x.to = to;

    /* strict mode merges allOf, which it can't with references in it */

    inl = to == CCP_SCHEMA_INLINE
          || (strict && ccp_schema_says(schema, "\"allOf\"")
              && ccp_schema_says(schema, "\"$ref\""));

    if (to == CCP_SCHEMA_SUBSET || inl) {
        made = to == CCP_SCHEMA_SUBSET ? ccp_schema_subset(&x, root, 0)
                                       : ccp_schema_inline(&x, root, 0);
        json_decref(root);
        root = made;
        x.root = made;
    }

    if (root != NULL && to != CCP_SCHEMA_SUBSET) {
        ccp_tidy(&x, root, 0);
    }

    if (root != NULL && strict) {
        ccp_schema_strict(&x, root, 0);
    }

    s = root != NULL && !x.nomem ? ccp_schema_dump(a, root) : ccp_none;
    json_decref(root);

    return s;
}


ccp_str_t
ccp_schema_for(ccp_arena_t *a, ccp_str_t schema, ccp_schema_e from,
    ccp_schemas_e to)
{
    if (schema.p == NULL) {
        return ccp_lit(CCP_SCHEMA_EMPTY);
    }

    schema = ccp_str_plain(a, schema);
    if (schema.p == NULL) {
        return schema;
    }

    switch (ccp_schema_check(a, schema, from, to)) {

    case CCP_OK:
        return ccp_schema_rewrite(a, schema, from, to, 0);

    case CCP_DECLINED:
        return schema;

    case CCP_INVALID:
        return ccp_lit(CCP_SCHEMA_EMPTY);

    default:
        return ccp_none;
    }
}


ccp_str_t
ccp_schema_closed(ccp_arena_t *a, ccp_str_t schema, ccp_schema_e from)
{
    if (schema.p == NULL) {
        schema = ccp_lit(CCP_SCHEMA_EMPTY);
    }

    schema = ccp_str_plain(a, schema);
    if (schema.p == NULL) {
        return schema;
    }

    switch (ccp_schema_check(a, schema, from, CCP_SCHEMA_TIDY)) {

    case CCP_OK:
    case CCP_DECLINED:
        return ccp_schema_rewrite(a, schema, from, CCP_SCHEMA_TIDY, 1);

    case CCP_INVALID:
        return ccp_schema_closed(a, ccp_none, from);

    default:
        return ccp_none;
    }
}
