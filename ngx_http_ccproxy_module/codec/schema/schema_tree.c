
/*
 * The words of JSON Schema and what they hold, and single changes to a schema
 * that is a jansson document.
 */

#include "codec/schema/schema_tree.h"


/* A longer value is no hint that helps. */
#define CCP_SCHEMA_HINT    200


/* A row of the table: a literal, what its value holds, its part in it all. */
#define ccp_schema_row(s, sub, role)                                         \
    { { (const uint8_t *) (s), sizeof(s) - 1, 0, 0 }, sub, role }


/* Those that occur most stand first. */
static const ccp_schema_keyword_t  ccp_schema_keywords[] = {
    ccp_schema_row("type", CCP_SCHEMA_SUB_NONE, CCP_SCHEMA_WORD_TYPE),
    ccp_schema_row("description", CCP_SCHEMA_SUB_NONE, CCP_SCHEMA_WORD_OTHER),
    ccp_schema_row("properties", CCP_SCHEMA_SUB_MAP, CCP_SCHEMA_WORD_PROPS),
    ccp_schema_row("items", CCP_SCHEMA_SUB_EITHER, CCP_SCHEMA_WORD_ITEMS),
    ccp_schema_row("required", CCP_SCHEMA_SUB_NONE, CCP_SCHEMA_WORD_OTHER),
    ccp_schema_row("enum", CCP_SCHEMA_SUB_NONE, CCP_SCHEMA_WORD_OTHER),
    ccp_schema_row("additionalProperties", CCP_SCHEMA_SUB_ONE,
                   CCP_SCHEMA_WORD_OTHER),
    ccp_schema_row("default", CCP_SCHEMA_SUB_NONE, CCP_SCHEMA_WORD_NULL),
    ccp_schema_row("title", CCP_SCHEMA_SUB_NONE, CCP_SCHEMA_WORD_OTHER),
    ccp_schema_row("anyOf", CCP_SCHEMA_SUB_LIST, CCP_SCHEMA_WORD_ANY),
    ccp_schema_row("oneOf", CCP_SCHEMA_SUB_LIST, CCP_SCHEMA_WORD_OTHER),
    ccp_schema_row("allOf", CCP_SCHEMA_SUB_LIST, CCP_SCHEMA_WORD_OTHER),
    ccp_schema_row("$schema", CCP_SCHEMA_SUB_NONE, CCP_SCHEMA_WORD_UNTIDY),
    ccp_schema_row("$id", CCP_SCHEMA_SUB_NONE, CCP_SCHEMA_WORD_UNTIDY),
    ccp_schema_row("$comment", CCP_SCHEMA_SUB_NONE, CCP_SCHEMA_WORD_UNTIDY),
    ccp_schema_row("$ref", CCP_SCHEMA_SUB_NONE, CCP_SCHEMA_WORD_REF),
    ccp_schema_row("$defs", CCP_SCHEMA_SUB_MAP, CCP_SCHEMA_WORD_DEFS),
    ccp_schema_row("definitions", CCP_SCHEMA_SUB_MAP, CCP_SCHEMA_WORD_DEFS),
    ccp_schema_row("pattern", CCP_SCHEMA_SUB_NONE, CCP_SCHEMA_WORD_PATTERN),
    ccp_schema_row("const", CCP_SCHEMA_SUB_NONE, CCP_SCHEMA_WORD_NULL),
    ccp_schema_row("example", CCP_SCHEMA_SUB_NONE, CCP_SCHEMA_WORD_NULL),
    ccp_schema_row("prefixItems", CCP_SCHEMA_SUB_LIST, CCP_SCHEMA_WORD_PREFIX),
    ccp_schema_row("patternProperties", CCP_SCHEMA_SUB_MAP,
                   CCP_SCHEMA_WORD_OTHER),
    ccp_schema_row("propertyNames", CCP_SCHEMA_SUB_ONE, CCP_SCHEMA_WORD_OTHER),
    ccp_schema_row("additionalItems", CCP_SCHEMA_SUB_ONE,
                   CCP_SCHEMA_WORD_OTHER),
    ccp_schema_row("unevaluatedItems", CCP_SCHEMA_SUB_ONE,
                   CCP_SCHEMA_WORD_OTHER),
    ccp_schema_row("unevaluatedProperties", CCP_SCHEMA_SUB_ONE,
                   CCP_SCHEMA_WORD_OTHER),
    ccp_schema_row("contains", CCP_SCHEMA_SUB_ONE, CCP_SCHEMA_WORD_OTHER),
    ccp_schema_row("not", CCP_SCHEMA_SUB_ONE, CCP_SCHEMA_WORD_OTHER),
    ccp_schema_row("if", CCP_SCHEMA_SUB_ONE, CCP_SCHEMA_WORD_OTHER),
    ccp_schema_row("then", CCP_SCHEMA_SUB_ONE, CCP_SCHEMA_WORD_OTHER),
    ccp_schema_row("else", CCP_SCHEMA_SUB_ONE, CCP_SCHEMA_WORD_OTHER),
    ccp_schema_row("dependentSchemas", CCP_SCHEMA_SUB_MAP,
                   CCP_SCHEMA_WORD_OTHER),
    ccp_schema_row("dependencies", CCP_SCHEMA_SUB_MAP, CCP_SCHEMA_WORD_OTHER)
};

static const ccp_schema_keyword_t  ccp_schema_no_keyword =
    ccp_schema_row("", CCP_SCHEMA_SUB_NONE, CCP_SCHEMA_WORD_OTHER);


const ccp_schema_keyword_t *
ccp_schema_word(ccp_str_t key)
{
    const ccp_schema_keyword_t  *k, *end;

    end = ccp_schema_keywords + ccp_countof(ccp_schema_keywords);

    for (k = ccp_schema_keywords; k < end; k++) {
        if (key.esc ? ccp_str_eq(key, k->name)
                    : key.n == k->name.n
                      && memcmp(key.p, k->name.p, key.n) == 0)
        {
            return k;
        }
    }

    return &ccp_schema_no_keyword;
}


int
ccp_schema_is_null(const json_t *s)
{
    const json_t  *e;
    const char    *type;

    if (!json_is_object(s)) {
        return 0;
    }

    type = json_string_value(json_object_get(s, "type"));

    if (type != NULL && (strcmp(type, "null") == 0
                         || strcmp(type, "NULL") == 0))
    {
        return 1;
    }

    e = json_object_get(s, "enum");

    return (json_object_get(s, "const") != NULL
            && json_is_null(json_object_get(s, "const")))
           || (json_array_size(e) == 1 && json_is_null(json_array_get(e, 0)));
}


int
ccp_schema_bad_pattern(const char *re, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if (re[i] == '\\') {
            i++;

            if (i == n || re[i] == 'p' || re[i] == 'P'
                || (re[i] >= '1' && re[i] <= '9'))
            {
                return 1;
            }

        } else if (re[i] == '(' && n - i > 2 && re[i + 1] == '?'
                   && (re[i + 2] == '=' || re[i + 2] == '!'
                       || re[i + 2] == '<'))
        {
            return 1;
        }
    }

    return 0;
}


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
    size_t            i;
    void             *in;
    json_t           *v, *e;
    ccp_schema_sub_e  sub;
    const char       *key, *name;

    json_object_foreach_safe(s, in, key, v) {
        sub = ccp_schema_word(ccp_cstr(key))->sub;

        if (sub == CCP_SCHEMA_SUB_MAP && json_is_object(v)) {
            json_object_foreach(v, name, e) {
                if (json_is_object(e)) {
                    fn(x, e, level + 1);
                }
            }

        } else if ((sub == CCP_SCHEMA_SUB_LIST || sub == CCP_SCHEMA_SUB_EITHER)
                   && json_is_array(v))
        {
            json_array_foreach(v, i, e) {
                if (json_is_object(e)) {
                    fn(x, e, level + 1);
                }
            }

        } else if ((sub == CCP_SCHEMA_SUB_ONE || sub == CCP_SCHEMA_SUB_EITHER)
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
