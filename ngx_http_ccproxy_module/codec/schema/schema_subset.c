
/*
 * Gemini's `parameters`: a subset of OpenAPI 3.0 schemas in which unknown
 * words are refused (T42).  Only schema positions are cleaned: a property may
 * be named like a keyword.
 */

#include "codec/schema/schema_tree.h"
#include "codec/base/base_set.h"

#include <ctype.h>


typedef enum {
    CCP_SCHEMA_TYPE_STRING = 1,
    CCP_SCHEMA_TYPE_NUMBER = 2,
    CCP_SCHEMA_TYPE_INTEGER = 4,
    CCP_SCHEMA_TYPE_BOOLEAN = 8,
    CCP_SCHEMA_TYPE_ARRAY = 16,
    CCP_SCHEMA_TYPE_OBJECT = 32
} ccp_schema_type_e;

#define CCP_SCHEMA_TYPE_ANY  63
#define CCP_SCHEMA_TYPE_NUM  (CCP_SCHEMA_TYPE_NUMBER | CCP_SCHEMA_TYPE_INTEGER)


typedef struct {
    const char  *name;
    unsigned     types;        /* of which it may be said */
} ccp_schema_subset_word_t;


static const ccp_schema_subset_word_t  ccp_schema_subset_types[] = {
    { "string", CCP_SCHEMA_TYPE_STRING },
    { "number", CCP_SCHEMA_TYPE_NUMBER },
    { "integer", CCP_SCHEMA_TYPE_INTEGER },
    { "boolean", CCP_SCHEMA_TYPE_BOOLEAN },
    { "array", CCP_SCHEMA_TYPE_ARRAY },
    { "object", CCP_SCHEMA_TYPE_OBJECT },
    { NULL, 0 }
};

/* Written as they stand, beside type, format, enum, items, properties. */
static const ccp_schema_subset_word_t  ccp_schema_subset_plain[] = {
    { "title", CCP_SCHEMA_TYPE_ANY },
    { "description", CCP_SCHEMA_TYPE_ANY },
    { "example", CCP_SCHEMA_TYPE_ANY },
    { "minLength", CCP_SCHEMA_TYPE_STRING },
    { "maxLength", CCP_SCHEMA_TYPE_STRING },
    { "pattern", CCP_SCHEMA_TYPE_STRING },
    { "minimum", CCP_SCHEMA_TYPE_NUM },
    { "maximum", CCP_SCHEMA_TYPE_NUM },
    { "minItems", CCP_SCHEMA_TYPE_ARRAY },
    { "maxItems", CCP_SCHEMA_TYPE_ARRAY },
    { "minProperties", CCP_SCHEMA_TYPE_OBJECT },
    { "maxProperties", CCP_SCHEMA_TYPE_OBJECT },
    { "propertyOrdering", CCP_SCHEMA_TYPE_OBJECT },
    { NULL, 0 }
};

static const ccp_schema_subset_word_t  ccp_schema_subset_formats[] = {
    { "enum", CCP_SCHEMA_TYPE_STRING },
    { "date-time", CCP_SCHEMA_TYPE_STRING },
    { "int32", CCP_SCHEMA_TYPE_INTEGER },
    { "int64", CCP_SCHEMA_TYPE_INTEGER },
    { "float", CCP_SCHEMA_TYPE_NUMBER },
    { "double", CCP_SCHEMA_TYPE_NUMBER },
    { NULL, 0 }
};

/* Not to be said, but worth telling the model. */
static const char *const  ccp_schema_subset_hints[] = {
    "default", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    "uniqueItems", "propertyNames", "patternProperties", "examples", "not",
    "if", "then", "else", "dependentRequired", "dependentSchemas",
    "dependencies", NULL
};


/* The row's types, 0 if the word is not in the list; case is ignored. */
static unsigned
ccp_schema_subset_find(const ccp_schema_subset_word_t *list, const char *word)
{
    size_t  i;

    for ( ; word != NULL && list->name != NULL; list++) {
        for (i = 0; list->name[i] != '\0'; i++) {
            if (tolower((unsigned char) word[i]) != tolower(list->name[i])) {
                break;
            }
        }

        if (list->name[i] == '\0' && word[i] == '\0') {
            return list->types;
        }
    }

    return 0;
}


/* ---- fit as it stands? ---- */

static unsigned
ccp_schema_ok_word(const ccp_schema_subset_word_t *list, ccp_str_t word)
{
    for ( ; list->name != NULL; list++) {
        if (ccp_str_is(word, list->name)) {
            return list->types;
        }
    }

    return 0;
}


static int
ccp_schema_ok_enum(ccp_jval_t v)
{
    ccp_jiter_t  it;

    for (it = ccp_json_iter(v); ccp_json_next(&it); ) {
        if (ccp_json_str(it.val).n == 0) {
            return 0;
        }
    }

    return ccp_json_count(v) > 0;
}


/* Strings that are names of properties. */
static int
ccp_schema_ok_required(ccp_arena_t *a, ccp_jval_t v, ccp_jval_t properties)
{
    int          ok;
    ccp_set_t    names;
    ccp_jiter_t  it;

    if (ccp_json_count(v) == 0
        || ccp_set_init(&names, a, ccp_json_count(properties)) != CCP_OK)
    {
        return 0;
    }

    for (it = ccp_json_iter(properties); ccp_json_next(&it); ) {
        (void) ccp_set_add(&names, it.key);
    }

    for (ok = 1, it = ccp_json_iter(v); ok && ccp_json_next(&it); ) {
        ok = ccp_json_type(it.val) == CCP_J_STRING
             && ccp_set_has(&names, ccp_json_str(it.val));
    }

    ccp_set_free(&names);

    return ok;
}


static int
ccp_schema_ok_member(ccp_arena_t *a, ccp_jval_t s, ccp_str_t key,
    ccp_jval_t v, unsigned type, int level)
{
    size_t       i;
    ccp_str_t    str;
    ccp_jiter_t  it;

    str = ccp_json_str(v);

    if (ccp_str_is(key, "type")) {
        return 1;
    }

    if (ccp_str_is(key, "nullable")) {
        return ccp_json_bool(v, -1) != -1;
    }

    if (ccp_str_is(key, "format")) {
        return str.p != NULL
               && (ccp_schema_ok_word(ccp_schema_subset_formats, str) & type);
    }

    if (ccp_str_is(key, "enum")) {
        return type == CCP_SCHEMA_TYPE_STRING && ccp_schema_ok_enum(v);
    }

    if (ccp_str_is(key, "items")) {
        return type == CCP_SCHEMA_TYPE_ARRAY
               && ccp_schema_subset_ok(a, v, level + 1, CCP_SCHEMA_ANY);
    }

    if (ccp_str_is(key, "required")) {
        return type == CCP_SCHEMA_TYPE_OBJECT
               && ccp_schema_ok_required(a, v, ccp_json_get(s, "properties"));
    }

    if (ccp_str_is(key, "properties")) {
        for (it = ccp_json_iter(v); ccp_json_next(&it); ) {
            if (!ccp_schema_subset_ok(a, it.val, level + 1,
                                      CCP_SCHEMA_ANY)) {
                return 0;
            }
        }

        return type == CCP_SCHEMA_TYPE_OBJECT
               && (ccp_json_count(v) > 0 || level == 0);
    }

    if (ccp_str_is(key, "pattern")) {
        for (i = 0; str.p != NULL && i < str.n; i++) {
            if (str.p[i] == '\\' || str.p[i] == '?') {
                return 0;
            }
        }
    }

    if (ccp_json_type(v) == CCP_J_NULL
        || ((ccp_str_is(key, "description") || ccp_str_is(key, "title"))
            && str.p == NULL))
    {
        return 0;
    }

    return (ccp_schema_ok_word(ccp_schema_subset_plain, key) & type) != 0;
}


int
ccp_schema_subset_ok(ccp_arena_t *a, ccp_jval_t v, int level,
    ccp_schema_root_e want)
{
    unsigned     type;
    ccp_str_t    s;
    ccp_jiter_t  it;

    s = ccp_json_gets(v, "type");

    if (s.p == NULL || level > CCP_SCHEMA_LEVELS) {
        return 0;
    }

    type = ccp_schema_ok_word(ccp_schema_subset_types, s);

    if (type == 0
        || (type == CCP_SCHEMA_TYPE_ARRAY
            && ccp_json_get(v, "items").doc == NULL)
        || (level == 0 && want == CCP_SCHEMA_ARGS
            && type != CCP_SCHEMA_TYPE_OBJECT)
        || (level == 0 && type == CCP_SCHEMA_TYPE_OBJECT
            && ccp_json_get(v, "properties").doc == NULL))
    {
        return 0;
    }

    for (it = ccp_json_iter(v); ccp_json_next(&it); ) {
        if (!ccp_schema_ok_member(a, v, it.key, it.val, type, level)) {
            return 0;
        }
    }

    return 1;
}


/* ---- making it fit ---- */

typedef struct {
    json_t       *in;          /* merged, its members shared */
    json_t       *out;
    json_t       *any;         /* alternatives, already in the subset */
    const char   *word;        /* of the type, in the source's case */
    unsigned      type;
    unsigned      nullable:1;
    int           level;
} ccp_schema_subset_t;


/* A type for what does not say it. */
static void
ccp_schema_subset_infer(ccp_schema_subset_t *n)
{
    static const struct {
        const char  *key;
        const char  *type;
        unsigned     bit;
    } marks[] = {
        { "properties", "object", CCP_SCHEMA_TYPE_OBJECT },
        { "required", "object", CCP_SCHEMA_TYPE_OBJECT },
        { "additionalProperties", "object", CCP_SCHEMA_TYPE_OBJECT },
        { "patternProperties", "object", CCP_SCHEMA_TYPE_OBJECT },
        { "items", "array", CCP_SCHEMA_TYPE_ARRAY },
        { "prefixItems", "array", CCP_SCHEMA_TYPE_ARRAY },
        { "minimum", "number", CCP_SCHEMA_TYPE_NUMBER },
        { "maximum", "number", CCP_SCHEMA_TYPE_NUMBER },
        { NULL, "string", CCP_SCHEMA_TYPE_STRING }
    };
    size_t  i;

    for (i = 0; marks[i].key != NULL; i++) {
        if (json_object_get(n->in, marks[i].key) != NULL) {
            break;
        }
    }

    n->word = marks[i].type;
    n->type = marks[i].bit;
}


/* Alternatives of an anyOf or oneOf; null ones are a flag. */
static void
ccp_schema_subset_branches(ccp_schema_ctx_t *x, ccp_schema_subset_t *n,
    json_t *list)
{
    size_t   i;
    json_t  *e, *b;

    n->any = json_array();

    json_array_foreach(list, i, e) {
        if (ccp_schema_is_null(e)) {
            n->nullable = 1;
            continue;
        }

        b = ccp_schema_subset(x, e, n->level + 1);

        if (b == NULL || json_array_append_new(n->any, b) != 0) {
            x->nomem = 1;
        }
    }
}


/* A type that is one of several: an alternative for each. */
static void
ccp_schema_subset_types_any(ccp_schema_ctx_t *x, ccp_schema_subset_t *n,
    json_t *types)
{
    size_t   i;
    json_t  *e, *one, *b;

    n->any = json_array();

    json_array_foreach(types, i, e) {
        if (ccp_schema_subset_find(ccp_schema_subset_types,
                                   json_string_value(e)) == 0)
        {
            continue;
        }

        one = json_copy(n->in);
        if (one == NULL) {
            x->nomem = 1;
            return;
        }

        (void) json_object_del(one, "title");
        (void) json_object_del(one, "description");
        (void) json_object_del(one, "default");
        (void) json_object_del(one, "nullable");

        if (json_object_set(one, "type", e) != 0) {
            x->nomem = 1;
        }

        b = ccp_schema_subset(x, one, n->level + 1);
        json_decref(one);

        if (b == NULL || json_array_append_new(n->any, b) != 0) {
            x->nomem = 1;
        }
    }
}


/*
 * The type, or the alternatives.  Properties win over alternatives, which
 * beside them only narrow what is allowed.
 */
static void
ccp_schema_subset_type(ccp_schema_ctx_t *x, ccp_schema_subset_t *n)
{
    size_t   i, known;
    json_t  *t, *e, *list;

    n->nullable = json_is_true(json_object_get(n->in, "nullable"));

    list = json_object_get(n->in, "anyOf");
    list = json_is_array(list) ? list : json_object_get(n->in, "oneOf");

    if (json_array_size(list) > 0
        && json_object_get(n->in, "properties") == NULL)
    {
        ccp_schema_subset_branches(x, n, list);

        if (json_array_size(n->any) > 0) {
            return;
        }

        json_decref(n->any);
        n->any = NULL;
    }

    t = json_object_get(n->in, "type");
    known = 0;

    if (json_is_array(t)) {
        json_array_foreach(t, i, e) {
            if (ccp_schema_subset_find(ccp_schema_subset_types,
                                       json_string_value(e)) != 0)
            {
                known++;
                n->word = json_string_value(e);

            } else {
                n->nullable = 1;
            }
        }

        if (known > 1) {
            ccp_schema_subset_types_any(x, n, t);
            return;
        }

    } else {
        n->word = json_string_value(t);
        n->nullable |= ccp_schema_is_null(n->in);
    }

    n->type = ccp_schema_subset_find(ccp_schema_subset_types, n->word);

    if (n->type == 0) {
        ccp_schema_subset_infer(n);
    }
}


/* The value of an enum as a string; empty ones are refused, null is a flag. */
static json_t *
ccp_schema_subset_enum_value(ccp_schema_subset_t *n, const json_t *v,
    int *skip)
{
    char    *text;
    json_t  *s;

    *skip = 1;

    if (json_is_null(v)) {
        n->nullable = 1;
        return NULL;
    }

    if (json_is_string(v)) {
        *skip = json_string_length(v) == 0;
        return *skip ? NULL : json_stringn(json_string_value(v),
                                           json_string_length(v));
    }

    *skip = 0;

    text = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY
                         | JSON_REAL_PRECISION(15));
    s = json_string(text);
    free(text);

    return s;
}


/* enum and const: strings, the type with them. */
static void
ccp_schema_subset_enum(ccp_schema_ctx_t *x, ccp_schema_subset_t *n)
{
    int      skip;
    size_t   i;
    json_t  *from, *list, *e, *s;

    from = json_object_get(n->in, "const");

    from = from != NULL ? json_pack("[O]", from)
                        : json_incref(json_object_get(n->in, "enum"));

    if (!json_is_array(from)) {
        json_decref(from);
        return;
    }

    list = json_array();

    json_array_foreach(from, i, e) {
        s = ccp_schema_subset_enum_value(n, e, &skip);

        if (!skip && (s == NULL || json_array_append_new(list, s) != 0)) {
            x->nomem = 1;
        }
    }

    json_decref(from);

    if (json_array_size(list) == 0) {
        json_decref(list);
        return;
    }

    if (n->type != CCP_SCHEMA_TYPE_STRING) {
        s = json_string(n->word);
        ccp_schema_hint(x, n->out, "values are of type", s);
        json_decref(s);

        n->type = CCP_SCHEMA_TYPE_STRING;
        n->word = isupper((unsigned char) n->word[0]) ? "STRING" : "string";
        ccp_schema_set(x, n->out, "type", json_string(n->word));
    }

    ccp_schema_set(x, n->out, "enum", list);
}


/* Elements: a list by position becomes its alternatives. */
static void
ccp_schema_subset_items(ccp_schema_ctx_t *x, ccp_schema_subset_t *n)
{
    json_t  *v, *one, *items;

    v = json_object_get(n->in, "prefixItems");
    v = json_is_array(v) ? v : json_object_get(n->in, "items");

    items = NULL;

    if (json_is_object(v)) {
        items = ccp_schema_subset(x, v, n->level + 1);

    } else if (json_array_size(v) > 0) {
        one = json_array_size(v) == 1
              ? json_incref(json_array_get(v, 0))
              : json_pack("{sO}", "anyOf", v);

        if (one != NULL) {
            items = ccp_schema_subset(x, one, n->level + 1);
            json_decref(one);
        }

    } else {
        items = json_pack("{ss}", "type", "string");
    }

    ccp_schema_set(x, n->out, "items", items);
}


static void
ccp_schema_subset_properties(ccp_schema_ctx_t *x, ccp_schema_subset_t *n)
{
    size_t       i;
    json_t      *v, *e, *p, *list;
    const char  *name;

    p = json_object();
    v = json_object_get(n->in, "properties");

    json_object_foreach(v, name, e) {
        if (p != NULL) {
            ccp_schema_set(x, p, name,
                           ccp_schema_subset(x, e, n->level + 1));
        }
    }

    /* an empty list of properties is refused, none at all is taken; what is
     * empty at the root, the caller leaves out */

    if (json_object_size(p) == 0 && n->level > 0) {
        json_decref(p);
        return;
    }

    list = json_array();

    json_array_foreach(json_object_get(n->in, "required"), i, e) {
        if (json_is_string(e)
            && json_object_get(p, json_string_value(e)) != NULL
            && json_array_append(list, e) != 0)
        {
            x->nomem = 1;
        }
    }

    ccp_schema_set(x, n->out, "properties", p);

    if (json_array_size(list) > 0) {
        ccp_schema_set(x, n->out, "required", list);

    } else {
        json_decref(list);
    }
}


/* The members that may stand, in their order; hints for those that may not. */
static void
ccp_schema_subset_members(ccp_schema_ctx_t *x, ccp_schema_subset_t *n)
{
    int          i;
    json_t      *v;
    unsigned     types;
    const char  *key, *text;

    types = n->any != NULL ? CCP_SCHEMA_TYPE_ANY : n->type;

    json_object_foreach(n->in, key, v) {
        text = json_string_value(v);

        if ((ccp_schema_subset_find(ccp_schema_subset_plain, key) & types) == 0
            || json_is_null(v)
            || (n->any != NULL
                && ccp_schema_subset_find(ccp_schema_subset_plain, key)
                != CCP_SCHEMA_TYPE_ANY)
            || ((strcmp(key, "title") == 0 || strcmp(key, "description") == 0)
                && text == NULL)
            || (strcmp(key, "pattern") == 0
                && (text == NULL
                    || ccp_schema_bad_pattern(text, strlen(text)))))
        {
            continue;
        }

        if (json_object_set(n->out, key, v) != 0) {
            x->nomem = 1;
        }
    }

    for (i = 0; ccp_schema_subset_hints[i] != NULL; i++) {
        v = json_object_get(n->in, ccp_schema_subset_hints[i]);

        if (v != NULL && !json_is_null(v)) {
            ccp_schema_hint(x, n->out, ccp_schema_subset_hints[i], v);
        }
    }
}


static void
ccp_schema_subset_node(ccp_schema_ctx_t *x, ccp_schema_subset_t *n)
{
    json_t      *v;
    const char  *format;

    ccp_schema_subset_type(x, n);

    if (n->level == 0 && n->type != CCP_SCHEMA_TYPE_OBJECT
        && x->want == CCP_SCHEMA_ARGS)
    {
        /* the root holds arguments by their names, whatever it says */
        json_decref(n->any);
        n->any = NULL;
        n->type = CCP_SCHEMA_TYPE_OBJECT;
        n->word = "object";
    }

    if (n->any == NULL) {
        ccp_schema_set(x, n->out, "type", json_string(n->word));
    }

    ccp_schema_subset_members(x, n);

    if (n->any != NULL) {
        ccp_schema_set(x, n->out, "anyOf", n->any);
        n->any = NULL;

    } else {
        v = json_object_get(n->in, "format");
        format = json_string_value(v);

        if (format != NULL
            && (ccp_schema_subset_find(ccp_schema_subset_formats, format)
                & n->type) != 0)
        {
            if (json_object_set(n->out, "format", v) != 0) {
                x->nomem = 1;
            }

        } else if (format != NULL) {
            ccp_schema_hint(x, n->out, "format", v);
        }

        if (n->type != CCP_SCHEMA_TYPE_ARRAY
            && n->type != CCP_SCHEMA_TYPE_OBJECT)
        {
            ccp_schema_subset_enum(x, n);
        }

        if (n->type == CCP_SCHEMA_TYPE_ARRAY) {
            ccp_schema_subset_items(x, n);
        }

        if (n->type == CCP_SCHEMA_TYPE_OBJECT) {
            ccp_schema_subset_properties(x, n);
        }
    }

    if (n->nullable) {
        ccp_schema_set(x, n->out, "nullable", json_true());
    }
}


json_t *
ccp_schema_subset(ccp_schema_ctx_t *x, json_t *s, int level)
{
    int                  nrefs;
    json_t              *only;
    ccp_schema_subset_t  n;

    memset(&n, 0, sizeof(ccp_schema_subset_t));
    n.level = level;

    if (!json_is_object(s)) {
        /* true and false: anything, nothing */
        return json_pack("{ss}", "type", "string");
    }

    n.in = json_object();
    n.out = json_object();

    if (n.in == NULL || n.out == NULL) {
        x->nomem = 1;
        json_decref(n.in);
        return n.out;
    }

    nrefs = x->nrefs;
    ccp_schema_merge(x, n.in, s, level);
    ccp_schema_subset_node(x, &n);
    x->nrefs = nrefs;

    json_decref(n.in);

    /* a single alternative is no alternative */

    only = json_object_get(n.out, "anyOf");

    if (json_array_size(only) == 1) {
        only = json_incref(json_array_get(only, 0));
        (void) json_object_del(n.out, "anyOf");

        if (json_object_update(only, n.out) != 0) {
            x->nomem = 1;
        }

        json_decref(n.out);
        return only;
    }

    return n.out;
}
