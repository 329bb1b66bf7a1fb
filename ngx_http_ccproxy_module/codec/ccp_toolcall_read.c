
/*
 * Reads one call that a model wrote as text (T15): strict in its form, since
 * what is no call must stay text.
 */

#include "ccp_toolcall.h"
#include "ccp_tools.h"


typedef struct {
    const char   *word;
    ccp_jtype_e   type;
    ccp_jtype_e   other;
} ccp_ctype_t;


/* Types of a schema whose values are not written as strings. */

static const ccp_ctype_t  ccp_ctypes[] = {
    { "number", CCP_J_NUMBER, CCP_J_NUMBER },
    { "integer", CCP_J_NUMBER, CCP_J_NUMBER },
    { "boolean", CCP_J_TRUE, CCP_J_FALSE },
    { "object", CCP_J_OBJECT, CCP_J_OBJECT },
    { "array", CCP_J_ARRAY, CCP_J_ARRAY },
    { "NUMBER", CCP_J_NUMBER, CCP_J_NUMBER },
    { "INTEGER", CCP_J_NUMBER, CCP_J_NUMBER },
    { "BOOLEAN", CCP_J_TRUE, CCP_J_FALSE },
    { "OBJECT", CCP_J_OBJECT, CCP_J_OBJECT },
    { "ARRAY", CCP_J_ARRAY, CCP_J_ARRAY }
};

#define CCP_NCTYPES  (sizeof(ccp_ctypes) / sizeof(ccp_ctypes[0]))


void
ccp_calltext_init(ccp_calltext_t *ct, ccp_res_t *rs)
{
    ct->rs = rs;
    ccp_json_init(&ct->doc, rs->arena);
    ccp_json_init(&ct->schema, rs->arena);
    ccp_json_init(&ct->value, rs->arena);
    ccp_buf_init(&ct->args, rs->arena, 0);
}


const ccp_tool_t *
ccp_calltext_tool(ccp_calltext_t *ct, ccp_str_t name)
{
    ccp_tool_t  *t;

    for (t = ct->rs->req->tools; t; t = t->next) {
        if (t->kind != CCP_T_HOSTED
            && ccp_str_eq(ccp_name_wire(ct->rs->names, t->space, t->name),
                          name))
        {
            return t;
        }
    }

    return NULL;
}


/* ---- JSON ---- */

int
ccp_calltext_json(ccp_calltext_t *ct, ccp_jval_t v, ccp_str_t *name,
    ccp_str_t *args)
{
    ccp_jval_t  a;

    if (ccp_json_type(v) != CCP_J_OBJECT) {
        return CCP_DECLINED;
    }

    *name = ccp_json_gets(v, "name");

    if (name->p == NULL || ccp_calltext_tool(ct, *name) == NULL) {
        return CCP_DECLINED;
    }

    a = ccp_json_opt(v, "arguments");

    if (ccp_json_type(a) == CCP_J_ABSENT) {
        a = ccp_json_opt(v, "parameters");
    }

    switch (ccp_json_type(a)) {

    case CCP_J_ABSENT:
        *args = ccp_lit("{}");
        return CCP_OK;

    case CCP_J_OBJECT:
        *args = ccp_json_raw(a);
        return CCP_OK;

    default:
        return CCP_DECLINED;
    }
}


/* ---- tags ---- */

static int
ccp_ct_space(uint8_t c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}


static void
ccp_ct_skip(ccp_str_t *s, size_t n)
{
    s->p += n;
    s->n -= n;
}


static ccp_str_t
ccp_ct_trim(ccp_str_t s)
{
    while (s.n && ccp_ct_space(s.p[0])) {
        ccp_ct_skip(&s, 1);
    }

    while (s.n && ccp_ct_space(s.p[s.n - 1])) {
        s.n--;
    }

    return s;
}


/* Where the tag begins in s; s.n if it does not. */

static size_t
ccp_ct_find(ccp_str_t s, const char *tag)
{
    size_t          n, i;
    const uint8_t  *p;

    n = strlen(tag);

    for (i = 0; s.n - i >= n; i++) {
        p = memchr(s.p + i, tag[0], s.n - i - n + 1);
        if (p == NULL) {
            break;
        }

        i = (size_t) (p - s.p);

        if (memcmp(p, tag, n) == 0) {
            return i;
        }
    }

    return s.n;
}


/*
 * What a tag names: "<word=NAME>" or "<word name="NAME" …>", where s begins.
 * *at: bytes of the tag.
 */

static ccp_str_t
ccp_ct_named(ccp_str_t s, const char *word, int attr, size_t *at)
{
    size_t          n;
    uint8_t         quote;
    const uint8_t  *end;

    n = strlen(word);
    end = s.n ? memchr(s.p, '>', s.n) : NULL;

    if (end == NULL || s.n < n || memcmp(s.p, word, n) != 0) {
        return ccp_none;
    }

    *at = (size_t) (end - s.p) + 1;
    s.n = *at - 1;
    ccp_ct_skip(&s, n);

    if (!attr) {
        if (s.n < 2 || s.p[0] != '=') {
            return ccp_none;
        }

        ccp_ct_skip(&s, 1);
        s = ccp_ct_trim(s);

        return s.n ? s : ccp_none;
    }

    s = ccp_ct_trim(s);

    if (s.n < 8 || memcmp(s.p, "name=", 5) != 0) {
        return ccp_none;
    }

    quote = s.p[5];
    ccp_ct_skip(&s, 6);
    end = memchr(s.p, quote, s.n);

    if ((quote != '"' && quote != '\'') || end == NULL || end == s.p) {
        return ccp_none;
    }

    s.n = (size_t) (end - s.p);

    return s;
}


ccp_str_t
ccp_calltext_name(ccp_str_t text, ccp_calltext_e form, size_t *at)
{
    return form == CCP_CT_INVOKE ? ccp_ct_named(text, "<invoke", 1, at)
                                 : ccp_ct_named(text, "<function", 0, at);
}


/* The member of a schema's properties for a parameter; absent if unknown. */

static ccp_jval_t
ccp_ct_property(ccp_jval_t schema, ccp_str_t key)
{
    ccp_jiter_t  it;

    it = ccp_json_iter(ccp_json_get(schema, "properties"));

    while (ccp_json_next(&it)) {
        if (it.object && ccp_str_eq(it.key, key)) {
            return it.val;
        }
    }

    return ccp_jabsent;
}


/* CCP_OK: the value is JSON of the property's type; else CCP_DECLINED. */

static int
ccp_ct_typed(ccp_calltext_t *ct, ccp_jval_t type, ccp_str_t value)
{
    int          rc;
    size_t       i;
    ccp_jerr_t   err;
    ccp_jtype_e  is;

    for (i = 0; i < CCP_NCTYPES; i++) {
        if (ccp_json_is(type, ccp_ctypes[i].word)) {
            break;
        }
    }

    if (i == CCP_NCTYPES || value.n == 0) {
        return CCP_DECLINED;
    }

    rc = ccp_json_parse(&ct->value, value.p, value.n, CCP_JSON_ANY, &err);
    if (rc != CCP_OK) {
        return rc == CCP_NOMEM ? CCP_NOMEM : CCP_DECLINED;
    }

    is = ccp_json_type(ccp_json_root(&ct->value));

    return is == ccp_ctypes[i].type || is == ccp_ctypes[i].other
           ? CCP_OK : CCP_DECLINED;
}


static int
ccp_ct_add(ccp_calltext_t *ct, ccp_jval_t schema, ccp_str_t key,
    ccp_str_t value)
{
    int         rc;
    ccp_str_t   trimmed;
    ccp_jval_t  type;

    if (ct->args.n > 1) {
        (void) ccp_buf_add(&ct->args, ",", 1);
    }

    (void) ccp_buf_add(&ct->args, "\"", 1);
    (void) ccp_buf_add_json(&ct->args, key);
    (void) ccp_buf_add(&ct->args, "\":", 2);

    trimmed = ccp_ct_trim(value);
    type = ccp_json_get(ccp_ct_property(schema, key), "type");
    rc = ccp_ct_typed(ct, type, trimmed);

    if (rc == CCP_NOMEM) {
        return CCP_NOMEM;
    }

    if (rc == CCP_OK) {
        (void) ccp_buf_add(&ct->args, trimmed.p, trimmed.n);

    } else {
        (void) ccp_buf_add(&ct->args, "\"", 1);
        (void) ccp_buf_add_json(&ct->args, value);
        (void) ccp_buf_add(&ct->args, "\"", 1);
    }

    return ct->args.err ? CCP_NOMEM : CCP_OK;
}


/* The line ends that the form puts around a value are none of it. */

static ccp_str_t
ccp_ct_lines(ccp_str_t s)
{
    if (s.n && s.p[0] == '\n') {
        ccp_ct_skip(&s, 1);
    }

    if (s.n && s.p[s.n - 1] == '\n') {
        s.n--;
    }

    return s;
}


static int
ccp_ct_schema(ccp_calltext_t *ct, const ccp_tool_t *tool, ccp_jval_t *v)
{
    int         rc;
    ccp_str_t   schema, desc;
    ccp_jerr_t  err;

    *v = ccp_jabsent;

    schema = tool->schema.p || tool->kind != CCP_T_BUILTIN
             ? tool->schema : ccp_builtin_schema(tool->type, &desc);

    if (schema.n == 0 || tool->kind == CCP_T_CUSTOM) {
        return CCP_OK;
    }

    rc = ccp_json_parse(&ct->schema, schema.p, schema.n, 0, &err);

    if (rc == CCP_OK) {
        *v = ccp_json_root(&ct->schema);
    }

    return rc == CCP_NOMEM ? CCP_NOMEM : CCP_OK;
}


int
ccp_calltext_tags(ccp_calltext_t *ct, ccp_str_t text, ccp_calltext_e form,
    ccp_str_t *name, ccp_str_t *args)
{
    size_t             at;
    ccp_str_t          key, value;
    ccp_jval_t         schema;
    const char        *end;
    const ccp_tool_t  *tool;

    end = form == CCP_CT_INVOKE ? "</invoke>" : "</function>";

    *name = ccp_calltext_name(text, form, &at);
    tool = name->p ? ccp_calltext_tool(ct, *name) : NULL;

    if (tool == NULL) {
        return CCP_DECLINED;
    }

    if (ccp_ct_schema(ct, tool, &schema) != CCP_OK) {
        return CCP_NOMEM;
    }

    ccp_ct_skip(&text, at);
    text = ccp_ct_trim(text);
    ct->args.n = 0;

    if (ccp_buf_add(&ct->args, "{", 1) != CCP_OK) {
        return CCP_NOMEM;
    }

    while (text.n != strlen(end) || memcmp(text.p, end, text.n) != 0) {

        key = ccp_ct_named(text, "<parameter", form == CCP_CT_INVOKE, &at);
        if (key.p == NULL) {
            return CCP_DECLINED;
        }

        ccp_ct_skip(&text, at);
        value = text;
        value.n = ccp_ct_find(text, "</parameter>");

        if (value.n == text.n) {
            return CCP_DECLINED;
        }

        ccp_ct_skip(&text, value.n + sizeof("</parameter>") - 1);
        text = ccp_ct_trim(text);

        if (form == CCP_CT_FUNCTION) {
            value = ccp_ct_lines(value);
        }

        if (ccp_ct_add(ct, schema, key, value) != CCP_OK) {
            return CCP_NOMEM;
        }
    }

    (void) ccp_buf_add(&ct->args, "}", 1);
    *args = ccp_buf_str(&ct->args, 0);

    return ct->args.err ? CCP_NOMEM : CCP_OK;
}
