
/*
 * Types of parameters that a model wrote as text: what the tool's schema
 * allows decides whether 5 is a number or a string (T15).
 */

#include "codec/compat/compat_calls.h"


#define CCP_CALLS_TYPE_DEPTH  8    /* of references and unions */

/* Sets of types: a bit for each. */
#define ccp_calls_type_row(type)  (1u << (type))

#define CCP_CALLS_TYPE_BOOL                                                  \
    (ccp_calls_type_row(CCP_J_TRUE) | ccp_calls_type_row(CCP_J_FALSE))
#define CCP_CALLS_TYPE_STR   ccp_calls_type_row(CCP_J_STRING)


typedef struct {
    const char  *word;
    unsigned     types;
} ccp_calls_type_t;


static const ccp_calls_type_t  ccp_calls_types[] = {
    { "string",  CCP_CALLS_TYPE_STR },
    { "number",  ccp_calls_type_row(CCP_J_NUMBER) },
    { "integer", ccp_calls_type_row(CCP_J_NUMBER) },
    { "boolean", CCP_CALLS_TYPE_BOOL },
    { "object",  ccp_calls_type_row(CCP_J_OBJECT) },
    { "array",   ccp_calls_type_row(CCP_J_ARRAY) },
    { "null",    ccp_calls_type_row(CCP_J_NULL) }
};

#define CCP_CALLS_NTYPES  ccp_countof(ccp_calls_types)

/* How other languages spell what JSON has in small letters. */
static const char *const  ccp_calls_type_words[][2] = {
    { "true", "True" }, { "false", "False" }, { "null", "None" },
    { "true", "TRUE" }, { "false", "FALSE" }, { "null", "Null" }
};

#define CCP_CALLS_NTYPE_WORDS  ccp_countof(ccp_calls_type_words)


static int
ccp_calls_tags_space(uint8_t c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}


ccp_str_t
ccp_calls_read_trim(ccp_str_t s)
{
    while (s.n && ccp_calls_tags_space(s.p[0])) {
        s.p++;
        s.n--;
    }

    while (s.n && ccp_calls_tags_space(s.p[s.n - 1])) {
        s.n--;
    }

    return s;
}


ccp_jval_t
ccp_calls_read_member(ccp_jval_t obj, ccp_str_t key)
{
    ccp_jiter_t  it;

    it = ccp_json_iter(obj);

    while (ccp_json_next(&it)) {
        if (it.object && ccp_str_eq(it.key, key)) {
            return it.val;
        }
    }

    return ccp_jabsent;
}


/* Gemini writes types in capitals. */

static unsigned
ccp_calls_type_word(ccp_str_t s)
{
    size_t  i, k;
    char    word[16];

    if (s.n == 0 || s.n >= sizeof(word)) {
        return 0;
    }

    for (k = 0; k < s.n; k++) {
        word[k] = (char) (s.p[k] >= 'A' && s.p[k] <= 'Z' ? s.p[k] | 0x20
                                                         : s.p[k]);
    }

    word[k] = '\0';

    for (i = 0; i < CCP_CALLS_NTYPES; i++) {
        if (strcmp(word, ccp_calls_types[i].word) == 0) {
            return ccp_calls_types[i].types;
        }
    }

    return 0;
}


/* What "#/$defs/NAME" refers to. */

static ccp_jval_t
ccp_calls_type_ref(ccp_jval_t root, ccp_str_t ref)
{
    size_t          n;
    ccp_str_t       key;
    const uint8_t  *p;

    if (ref.n < 2 || memcmp(ref.p, "#/", 2) != 0) {
        return ccp_jabsent;
    }

    ref.p++;
    ref.n--;

    while (ref.n) {
        p = memchr(ref.p + 1, '/', ref.n - 1);
        n = p ? (size_t) (p - ref.p) : ref.n;

        key = ref;
        key.p++;
        key.n = n - 1;
        root = ccp_calls_read_member(root, key);

        ref.p += n;
        ref.n -= n;
    }

    return root;
}


static unsigned ccp_calls_type_types(ccp_jval_t root, ccp_jval_t v, int depth);


/* Of a list: types by name (named), schemas, or values. */

static unsigned
ccp_calls_type_list(ccp_jval_t root, ccp_jval_t list, int named, int depth)
{
    unsigned     types;
    ccp_jiter_t  it;

    types = 0;
    it = ccp_json_iter(list);

    while (ccp_json_next(&it)) {
        types |= named ? ccp_calls_type_word(ccp_json_str(it.val))
                 : depth ? ccp_calls_type_types(root, it.val, depth)
                         : ccp_calls_type_row(ccp_json_type(it.val));
    }

    return types;
}


/* The types that a schema allows; 0 if it does not say. */

static unsigned
ccp_calls_type_types(ccp_jval_t root, ccp_jval_t v, int depth)
{
    unsigned    types;
    ccp_str_t   ref;
    ccp_jval_t  type;

    if (depth > CCP_CALLS_TYPE_DEPTH || ccp_json_type(v) != CCP_J_OBJECT) {
        return 0;
    }

    ref = ccp_json_gets(v, "$ref");

    if (ref.p != NULL) {
        return ccp_calls_type_types(root, ccp_calls_type_ref(root, ref),
                                    depth + 1);
    }

    type = ccp_json_get(v, "type");
    types = ccp_json_type(type) == CCP_J_ARRAY
            ? ccp_calls_type_list(root, type, 1, 0)
            : ccp_calls_type_word(ccp_json_str(type));

    if (types == 0) {
        types = ccp_calls_type_list(root, ccp_json_get(v, "anyOf"), 0,
                                    depth + 1)
              | ccp_calls_type_list(root, ccp_json_get(v, "oneOf"), 0,
                                    depth + 1)
              | ccp_calls_type_list(root, ccp_json_get(v, "allOf"), 0,
                                    depth + 1);
    }

    if (types == 0) {
        types = ccp_calls_type_list(root, ccp_json_get(v, "enum"), 0, 0);

        if (ccp_json_has(ccp_json_get(v, "const"))) {
            types |= ccp_calls_type_row(ccp_json_type(ccp_json_get(v,
                                                                   "const")));
        }
    }

    if (ccp_json_bool(ccp_json_get(v, "nullable"), 0)) {
        types |= ccp_calls_type_row(CCP_J_NULL);
    }

    return types;
}


/* Whether the schema lists that very text as a value. */

static int
ccp_calls_type_listed(ccp_jval_t v, ccp_str_t text)
{
    ccp_str_t    s;
    ccp_jiter_t  it;

    it = ccp_json_iter(ccp_json_get(v, "enum"));

    while (ccp_json_next(&it)) {
        s = ccp_json_str(it.val);

        if (s.p && ccp_str_eq(s, text)) {
            return 1;
        }
    }

    return 0;
}


int
ccp_calls_read_typed(ccp_calls_read_t *ct, ccp_jval_t root, ccp_jval_t schema,
    ccp_str_t hint, ccp_str_t value)
{
    int         rc;
    size_t      i;
    unsigned    types;
    ccp_str_t   json;
    ccp_jerr_t  err;

    types = ccp_calls_type_types(root, schema, 1);

    if (types == 0) {
        types = ccp_calls_type_word(hint);
    }

    json = ccp_calls_read_trim(value);

    for (i = 0; i < CCP_CALLS_NTYPE_WORDS && !(types & CCP_CALLS_TYPE_STR);
         i++)
    {
        if (ccp_str_is(json, ccp_calls_type_words[i][1])) {
            json = ccp_cstr(ccp_calls_type_words[i][0]);
        }
    }

    rc = CCP_DECLINED;

    if ((types & ~CCP_CALLS_TYPE_STR) && json.n
        && !ccp_calls_type_listed(schema, value))
    {
        rc = ccp_json_parse(&ct->value, json.p, json.n, CCP_JSON_ANY, &err);

        if (rc == CCP_NOMEM) {
            return CCP_NOMEM;
        }

        if (rc == CCP_OK
            && !(types & ~CCP_CALLS_TYPE_STR
            & ccp_calls_type_row(ccp_json_type(ccp_json_root(&ct->value)))))
        {
            rc = CCP_DECLINED;
        }
    }

    if (rc == CCP_OK) {
        (void) ccp_buf_add(&ct->args, json.p, json.n);

    } else {
        (void) ccp_buf_add(&ct->args, "\"", 1);
        (void) ccp_buf_add_json(&ct->args, value);
        (void) ccp_buf_add(&ct->args, "\"", 1);
    }

    return ct->args.err ? CCP_NOMEM : CCP_OK;
}
