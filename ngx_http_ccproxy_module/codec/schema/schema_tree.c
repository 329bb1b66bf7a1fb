
/*
 * The words of JSON Schema and what they hold, and single changes to a schema
 * that is a jansson document.
 */

#include "codec/schema/schema_tree.h"


/* A longer value is no hint that helps. */
#define CCP_SCHEMA_HINT    200


/* A row of the table: a literal, what its value holds, its part in it all. */
#define ccp_word(s, sub, role)                                               \
    { { (const uint8_t *) (s), sizeof(s) - 1, 0, 0 }, sub, role }


/* Those that occur most stand first. */
static const ccp_keyword_t  ccp_keywords[] = {
    ccp_word("type", CCP_SUB_NONE, CCP_WORD_TYPE),
    ccp_word("description", CCP_SUB_NONE, CCP_WORD_OTHER),
    ccp_word("properties", CCP_SUB_MAP, CCP_WORD_PROPS),
    ccp_word("items", CCP_SUB_EITHER, CCP_WORD_ITEMS),
    ccp_word("required", CCP_SUB_NONE, CCP_WORD_OTHER),
    ccp_word("enum", CCP_SUB_NONE, CCP_WORD_OTHER),
    ccp_word("additionalProperties", CCP_SUB_ONE, CCP_WORD_OTHER),
    ccp_word("default", CCP_SUB_NONE, CCP_WORD_NULL),
    ccp_word("title", CCP_SUB_NONE, CCP_WORD_OTHER),
    ccp_word("anyOf", CCP_SUB_LIST, CCP_WORD_ANY),
    ccp_word("oneOf", CCP_SUB_LIST, CCP_WORD_OTHER),
    ccp_word("allOf", CCP_SUB_LIST, CCP_WORD_OTHER),
    ccp_word("$schema", CCP_SUB_NONE, CCP_WORD_UNTIDY),
    ccp_word("$id", CCP_SUB_NONE, CCP_WORD_UNTIDY),
    ccp_word("$comment", CCP_SUB_NONE, CCP_WORD_UNTIDY),
    ccp_word("$ref", CCP_SUB_NONE, CCP_WORD_REF),
    ccp_word("$defs", CCP_SUB_MAP, CCP_WORD_DEFS),
    ccp_word("definitions", CCP_SUB_MAP, CCP_WORD_DEFS),
    ccp_word("pattern", CCP_SUB_NONE, CCP_WORD_PATTERN),
    ccp_word("const", CCP_SUB_NONE, CCP_WORD_NULL),
    ccp_word("example", CCP_SUB_NONE, CCP_WORD_NULL),
    ccp_word("prefixItems", CCP_SUB_LIST, CCP_WORD_OTHER),
    ccp_word("patternProperties", CCP_SUB_MAP, CCP_WORD_OTHER),
    ccp_word("propertyNames", CCP_SUB_ONE, CCP_WORD_OTHER),
    ccp_word("additionalItems", CCP_SUB_ONE, CCP_WORD_OTHER),
    ccp_word("unevaluatedItems", CCP_SUB_ONE, CCP_WORD_OTHER),
    ccp_word("unevaluatedProperties", CCP_SUB_ONE, CCP_WORD_OTHER),
    ccp_word("contains", CCP_SUB_ONE, CCP_WORD_OTHER),
    ccp_word("not", CCP_SUB_ONE, CCP_WORD_OTHER),
    ccp_word("if", CCP_SUB_ONE, CCP_WORD_OTHER),
    ccp_word("then", CCP_SUB_ONE, CCP_WORD_OTHER),
    ccp_word("else", CCP_SUB_ONE, CCP_WORD_OTHER),
    ccp_word("dependentSchemas", CCP_SUB_MAP, CCP_WORD_OTHER),
    ccp_word("dependencies", CCP_SUB_MAP, CCP_WORD_OTHER)
};

static const ccp_keyword_t  ccp_no_keyword =
    ccp_word("", CCP_SUB_NONE, CCP_WORD_OTHER);


const ccp_keyword_t *
ccp_schema_word(ccp_str_t key)
{
    const ccp_keyword_t  *k, *end;

    end = ccp_keywords + ccp_countof(ccp_keywords);

    for (k = ccp_keywords; k < end; k++) {
        if (key.esc ? ccp_str_eq(key, k->name)
                    : key.n == k->name.n
                      && memcmp(key.p, k->name.p, key.n) == 0)
        {
            return k;
        }
    }

    return &ccp_no_keyword;
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
    size_t       i;
    void        *in;
    json_t      *v, *e;
    ccp_sub_e    sub;
    const char  *key, *name;

    json_object_foreach_safe(s, in, key, v) {
        sub = ccp_schema_word(ccp_cstr(key))->sub;

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
