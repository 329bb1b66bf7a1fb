
/*
 * Strict mode of Chat and Responses: every object closed, every property
 * required, what OpenAI's checker refuses left to the description.
 * Anthropic's checker refuses the same words, but takes optional properties.
 */

#include "codec/schema/schema_tree.h"


/* Refused: dropped with a hint. */
static const char *const  ccp_schema_strict_hints[] = {
    "minLength", "maxLength", "minProperties", "maxProperties", "uniqueItems",
    "contains", "minContains", "maxContains", "exclusiveMinimum",
    "exclusiveMaximum", "multipleOf", "propertyNames", "patternProperties",
    "if", "then", "else", "not", "dependentRequired", "dependentSchemas",
    "dependencies", "examples", NULL
};

/* Refused: dropped without a word. */
static const char *const  ccp_schema_strict_drops[] = {
    "default", "additionalItems", "unevaluatedItems", "unevaluatedProperties",
    "contentEncoding", "contentMediaType", "contentSchema", "readOnly",
    "writeOnly", "deprecated", "$anchor", NULL
};

static const char *const  ccp_schema_strict_formats[] = {
    "date-time", "time", "date", "duration", "email", "hostname", "uri",
    "ipv4", "ipv6", "uuid", NULL
};


static void
ccp_schema_strict_words(ccp_schema_ctx_t *x, json_t *s)
{
    int          i;
    json_t      *v;
    const char  *format;

    for (i = 0; ccp_schema_strict_hints[i] != NULL; i++) {
        v = json_object_get(s, ccp_schema_strict_hints[i]);

        if (v != NULL) {
            ccp_schema_hint(x, s, ccp_schema_strict_hints[i], v);
            (void) json_object_del(s, ccp_schema_strict_hints[i]);
        }
    }

    for (i = 0; ccp_schema_strict_drops[i] != NULL; i++) {
        (void) json_object_del(s, ccp_schema_strict_drops[i]);
    }

    v = json_object_get(s, "format");
    format = json_string_value(v);

    if (v == NULL) {
        return;
    }

    for (i = 0; format != NULL && ccp_schema_strict_formats[i] != NULL; i++) {
        if (strcmp(ccp_schema_strict_formats[i], format) == 0) {
            return;
        }
    }

    ccp_schema_hint(x, s, "format", v);
    (void) json_object_del(s, "format");
}


/* [X, null] and [null, X] may stand. */
static int
ccp_schema_strict_or_null(const json_t *types)
{
    size_t       i;
    json_t      *e;
    const char  *type;

    json_array_foreach(types, i, e) {
        type = json_string_value(e);

        if (type != NULL && strcmp(type, "null") == 0) {
            return json_array_size(types) == 2;
        }
    }

    return 0;
}


/* oneOf as anyOf; several types as alternatives, but for [X, null]. */
static void
ccp_schema_strict_alternatives(ccp_schema_ctx_t *x, json_t *s)
{
    size_t   i;
    json_t  *v, *e, *any;

    v = json_object_get(s, "oneOf");

    if (v != NULL) {
        if (json_object_get(s, "anyOf") == NULL
            && json_object_set(s, "anyOf", v) != 0)
        {
            x->nomem = 1;
        }

        (void) json_object_del(s, "oneOf");
    }

    v = json_object_get(s, "type");

    if (!json_is_array(v) || json_array_size(v) < 2
        || json_object_get(s, "anyOf") != NULL || ccp_schema_strict_or_null(v))
    {
        return;
    }

    any = json_array();

    json_array_foreach(v, i, e) {
        if (json_array_append_new(any, json_pack("{sO}", "type", e)) != 0) {
            x->nomem = 1;
        }
    }

    json_array_foreach(any, i, e) {
        v = json_object_get(e, "type");

        if (json_is_string(v) && strcmp(json_string_value(v), "array") == 0) {
            v = json_object_get(s, "items");
            v = v != NULL ? json_incref(v)
                          : json_pack("{ss}", "type", "string");
            ccp_schema_set(x, e, "items", v);

        } else if (json_is_string(v)
                   && strcmp(json_string_value(v), "object") == 0
                   && json_object_get(s, "properties") != NULL)
        {
            (void) json_object_set(e, "properties",
                                   json_object_get(s, "properties"));
        }
    }

    (void) json_object_del(s, "type");
    (void) json_object_del(s, "items");
    (void) json_object_del(s, "properties");
    (void) json_object_del(s, "required");
    (void) json_object_del(s, "additionalProperties");
    ccp_schema_set(x, s, "anyOf", any);
}


static const char *
ccp_schema_strict_word(const json_t *v)
{
    return json_is_string(v) ? "string"
           : json_is_integer(v) ? "integer"
           : json_is_real(v) ? "number"
           : json_is_boolean(v) ? "boolean" : NULL;
}


/* The type of constants; NULL: there are none, or of several types. */
static const char *
ccp_schema_strict_constant(json_t *s)
{
    size_t       i;
    json_t      *e;
    const char  *type, *word;

    type = ccp_schema_strict_word(json_object_get(s, "const"));

    json_array_foreach(json_object_get(s, "enum"), i, e) {
        word = ccp_schema_strict_word(e);

        if (word == NULL || (type != NULL && strcmp(type, word) != 0)) {
            return NULL;
        }

        type = word;
    }

    return type;
}


/*
 * A schema without a type is refused: what its other words are said of, or
 * any scalar.
 */
static void
ccp_schema_strict_type(ccp_schema_ctx_t *x, json_t *s)
{
    json_t      *type;
    const char  *word;

    type = json_object_get(s, "type");

    if (json_is_true(json_object_get(s, "nullable")) && json_is_string(type)) {
        ccp_schema_set(x, s, "type", json_pack("[Os]", type, "null"));
    }

    (void) json_object_del(s, "nullable");

    if (type == NULL && json_object_get(s, "anyOf") == NULL) {
        word = json_object_get(s, "properties") != NULL ? "object"
               : json_object_get(s, "items") != NULL ? "array"
               : ccp_schema_strict_constant(s);

        if (word != NULL) {
            ccp_schema_set(x, s, "type", json_string(word));

        } else if (json_object_get(s, "const") == NULL
                   && json_object_get(s, "enum") == NULL)
        {
            ccp_schema_set(x, s, "anyOf",
                           json_pack("[{ss}{ss}{ss}{ss}]", "type", "string",
                                     "type", "number", "type", "boolean",
                                     "type", "null"));
        }
    }

    /* nothing known of the elements is a schema without a type, too */

    type = json_object_get(s, "items");

    if (json_is_object(type) && json_object_size(type) == 0) {
        ccp_schema_set(x, s, "items", json_pack("{ss}", "type", "string"));
    }
}


/* A property that may be missing is one that may be null; itself if it may be
 * so already. */
static json_t *
ccp_schema_strict_nullable(json_t *p, int *made)
{
    size_t   i;
    json_t  *type, *list, *e;

    type = json_object_get(p, "type");
    list = json_object_get(p, "anyOf");

    if (json_is_array(list)) {
        json_array_foreach(list, i, e) {
            type = json_object_get(e, "type");

            if (json_is_string(type)
                && strcmp(json_string_value(type), "null") == 0)
            {
                *made = 0;
                return json_incref(p);
            }
        }

        (void) json_array_append_new(list, json_pack("{ss}", "type", "null"));
        return json_incref(p);
    }

    if (json_is_array(type)
        || (json_is_string(type)
            && strcmp(json_string_value(type), "null") == 0))
    {
        /* what is a list by now is [X, null] */

        *made = 0;
        return json_incref(p);
    }

    if (type == NULL || json_object_get(p, "const") != NULL
        || json_object_get(p, "enum") != NULL)
    {
        return json_pack("{s[O{ss}]}", "anyOf", p, "type", "null");
    }

    (void) json_object_set_new(p, "type", json_pack("[Os]", type, "null"));

    return json_incref(p);
}


static void
ccp_schema_strict_optional(ccp_schema_ctx_t *x, json_t *props,
    const char *name, json_t *p)
{
    int      made;
    json_t  *q;

    made = 1;
    q = ccp_schema_strict_nullable(p, &made);

    if (x->mark && made && q != NULL) {
        ccp_schema_set(x, q, CCP_SCHEMA_MARK, json_true());
        x->marks++;
    }

    ccp_schema_set(x, props, name, q);
}


static void
ccp_schema_strict_object(ccp_schema_ctx_t *x, json_t *s)
{
    void        *in;
    size_t       i;
    json_t      *props, *old, *all, *p, *e;
    const char  *name;

    ccp_schema_set(x, s, "additionalProperties", json_false());

    if (x->optional) {
        return;
    }

    props = json_object_get(s, "properties");
    all = json_array();
    old = json_object();

    json_array_foreach(json_object_get(s, "required"), i, e) {
        if (json_is_string(e)
            && json_object_set_new(old, json_string_value(e), json_true()))
        {
            x->nomem = 1;
        }
    }

    json_object_foreach_safe(props, in, name, p) {
        if (json_object_get(old, name) == NULL && json_is_object(p)) {
            ccp_schema_strict_optional(x, props, name, p);
        }

        if (json_array_append_new(all, json_string(name)) != 0) {
            x->nomem = 1;
        }
    }

    json_decref(old);
    ccp_schema_set(x, s, "required", all);
}


/* allOf in one; references in it were inlined before. */
static void
ccp_schema_strict_all(ccp_schema_ctx_t *x, json_t *s)
{
    json_t  *m;

    if (!json_is_array(json_object_get(s, "allOf"))) {
        return;
    }

    m = json_object();
    if (m == NULL) {
        x->nomem = 1;
        return;
    }

    ccp_schema_merge(x, m, s, 0);

    if (json_object_del(s, "allOf") != 0 || json_object_update(s, m) != 0) {
        x->nomem = 1;
    }

    json_decref(m);
}


void
ccp_schema_strict(ccp_schema_ctx_t *x, json_t *s, int level)
{
    void        *in;
    json_t      *v;
    const char  *key, *type;

    if (level > CCP_SCHEMA_LEVELS || x->nomem) {
        return;
    }

    ccp_schema_strict_all(x, s);

    if (json_is_string(json_object_get(s, "$ref"))) {
        json_object_foreach_safe(s, in, key, v) {
            if (strcmp(key, "$ref") != 0
                && ccp_schema_word(ccp_cstr(key))->sub != CCP_SCHEMA_SUB_MAP)
            {
                (void) json_object_del(s, key);
            }
        }

        ccp_schema_each(x, s, level, ccp_schema_strict);
        return;
    }

    ccp_schema_strict_words(x, s);
    ccp_schema_strict_alternatives(x, s);

    if (!x->optional) {
        ccp_schema_strict_type(x, s);
    }

    type = json_string_value(json_object_get(s, "type"));

    if ((type != NULL && strcmp(type, "object") == 0)
        || json_object_get(s, "properties") != NULL)
    {
        if (!json_is_object(json_object_get(s, "properties"))) {
            ccp_schema_set(x, s, "properties", json_object());
        }

        (void) json_object_del(s, "additionalProperties");
        ccp_schema_each(x, s, level, ccp_schema_strict);
        ccp_schema_strict_object(x, s);
        return;
    }

    ccp_schema_each(x, s, level, ccp_schema_strict);
}
