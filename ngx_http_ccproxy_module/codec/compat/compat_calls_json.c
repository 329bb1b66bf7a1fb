
/*
 * Reads calls that a model wrote as JSON (T15), whose members have other
 * names from model to model.
 */

#include "codec/compat/compat_calls.h"
#include "codec/prepare/prepare.h"


static const char *const  ccp_calls_json_names[] = { "name", "tool",
                                                     "tool_name" };

static const char *const  ccp_calls_json_args[] = {
    "arguments", "parameters", "args", "input", "tool_input"
};

#define CCP_CALLS_NNAMES  ccp_countof(ccp_calls_json_names)
#define CCP_CALLS_NARGS   ccp_countof(ccp_calls_json_args)


void
ccp_calls_read_init(ccp_calls_read_t *ct, ccp_answer_ctx_t *ac)
{
    ct->ac = ac;
    ct->tool = NULL;
    ccp_json_init(&ct->doc, ac->arena);
    ccp_json_init(&ct->inner, ac->arena);
    ccp_json_init(&ct->schema, ac->arena);
    ccp_json_init(&ct->value, ac->arena);
    ccp_buf_init(&ct->mended, ac->arena, 0);
    ccp_buf_init(&ct->plain, ac->arena, 0);
    ccp_buf_init(&ct->inside, ac->arena, 0);
    ccp_buf_init(&ct->text, ac->arena, 0);
    ccp_buf_init(&ct->args, ac->arena, 0);
}


const ccp_tool_t *
ccp_calls_read_tool(ccp_calls_read_t *ct, ccp_str_t name)
{
    ccp_tool_t  *t;

    for (t = ct->ac->req->tools; t; t = t->next) {
        if (t->kind != CCP_T_HOSTED
            && ccp_str_eq(ccp_name_wire(ct->ac->names, t->space, t->name),
                          name))
        {
            return t;
        }
    }

    return NULL;
}


/* ---- values ---- */

ccp_str_t
ccp_calls_read_value(ccp_str_t text, ccp_str_t *rest)
{
    int        string;
    size_t     i, from, depth;
    ccp_str_t  value;

    string = 0;
    depth = 0;
    from = 0;
    value = ccp_none;
    *rest = ccp_none;

    for (i = 0; i < text.n; i++) {

        if (string) {
            string = (text.p[i] != '"');
            i += (text.p[i] == '\\');
            continue;
        }

        switch (text.p[i]) {

        case '"':
            string = depth != 0;
            break;

        case '{':
        case '[':
            from = depth++ == 0 ? i : from;
            break;

        case '}':
        case ']':
            if (depth && --depth == 0) {
                value = text;
                value.p += from;
                value.n = i + 1 - from;
                *rest = text;
                rest->p += i + 1;
                rest->n -= i + 1;

                return value;
            }
            break;
        }
    }

    return value;
}


/* The same JSON with control characters of its strings escaped. */

static int
ccp_calls_json_mend(ccp_buf_t *b, ccp_str_t *text)
{
    int      string;
    size_t   i, from;
    uint8_t  ch;

    string = 0;
    from = 0;
    b->n = 0;

    for (i = 0; i < text->n; i++) {
        ch = text->p[i];

        if (ch == '"') {
            string = !string;

        } else if (string && ch == '\\') {
            i++;

        } else if (string && ch < ' ') {
            (void) ccp_buf_add(b, text->p + from, i - from);
            (void) ccp_buf_add_json(b, (ccp_str_t) { text->p + i, 1, 0, 0 });
            from = i + 1;
        }
    }

    if (from) {
        (void) ccp_buf_add(b, text->p + from, text->n - from);
        *text = ccp_buf_str(b, 0);
    }

    return b->err ? CCP_NOMEM : CCP_OK;
}


static int
ccp_calls_json_parse(ccp_json_t *doc, ccp_buf_t *b, ccp_str_t text,
    ccp_jval_t *v)
{
    int         rc;
    ccp_jerr_t  err;

    if (ccp_calls_json_mend(b, &text) != CCP_OK) {
        return CCP_NOMEM;
    }

    rc = ccp_json_parse(doc, text.p, text.n, 0, &err);

    if (rc == CCP_OK) {
        *v = ccp_json_root(doc);
    }

    return rc == CCP_OK || rc == CCP_NOMEM ? rc : CCP_DECLINED;
}


int
ccp_calls_read_parse(ccp_calls_read_t *ct, ccp_str_t text, ccp_jval_t *v)
{
    return ccp_calls_json_parse(&ct->doc, &ct->mended, text, v);
}


ccp_jval_t
ccp_calls_read_list(ccp_jval_t v)
{
    ccp_jval_t  list;

    list = ccp_json_type(v) == CCP_J_OBJECT ? ccp_json_get(v, "tool_calls")
                                            : v;

    return ccp_json_type(list) == CCP_J_ARRAY ? list : ccp_jabsent;
}


/* ---- calls ---- */

/* The first of these members that an object has. */

static ccp_jval_t
ccp_calls_json_any(ccp_jval_t obj, const char *const *names, size_t n)
{
    size_t      i;
    ccp_jval_t  v;

    for (i = 0, v = ccp_jabsent; i < n && !ccp_json_has(v); i++) {
        v = ccp_json_opt(obj, names[i]);
    }

    return v;
}


/* Arguments that are a string: an object's text, or a free-text tool's
 * input. */

static int
ccp_calls_json_string(ccp_calls_read_t *ct, ccp_str_t s,
    const ccp_tool_t *tool, ccp_str_t *args)
{
    int         rc;
    ccp_str_t   text;
    ccp_jval_t  v;

    ct->plain.n = 0;

    if (ccp_buf_add_plain(&ct->plain, s) != CCP_OK) {
        return CCP_NOMEM;
    }

    text = ccp_calls_read_trim(ccp_buf_str(&ct->plain, 0));

    if (text.n == 0 && tool->kind != CCP_T_FREE_TEXT) {
        *args = ccp_lit("{}");
        return CCP_OK;
    }

    rc = ccp_calls_json_parse(&ct->inner, &ct->inside, text, &v);

    if (rc == CCP_OK && ccp_json_type(v) == CCP_J_OBJECT) {
        *args = ccp_json_raw(v);
        return CCP_OK;
    }

    if (rc == CCP_NOMEM || tool->kind != CCP_T_FREE_TEXT) {
        return rc == CCP_NOMEM ? CCP_NOMEM : CCP_DECLINED;
    }

    ct->args.n = 0;
    (void) ccp_buf_add(&ct->args, "{\"input\":\"", 10);
    (void) ccp_buf_add_json(&ct->args, s);
    (void) ccp_buf_add(&ct->args, "\"}", 2);
    *args = ccp_buf_str(&ct->args, 0);

    return ct->args.err ? CCP_NOMEM : CCP_OK;
}


static int
ccp_calls_json_arguments(ccp_calls_read_t *ct, ccp_jval_t v,
    const ccp_tool_t *tool, ccp_str_t *args)
{
    switch (ccp_json_type(v)) {

    case CCP_J_ABSENT:
        *args = ccp_lit("{}");
        return CCP_OK;

    case CCP_J_OBJECT:
        *args = ccp_json_raw(v);
        return CCP_OK;

    case CCP_J_STRING:
        return ccp_calls_json_string(ct, ccp_json_str(v), tool, args);

    default:
        return CCP_DECLINED;
    }
}


int
ccp_calls_read_json(ccp_calls_read_t *ct, ccp_jval_t v, int full,
    ccp_str_t *name, ccp_str_t *args)
{
    ccp_jval_t         n, a, f;
    const ccp_tool_t  *tool;

    if (ccp_json_type(v) != CCP_J_OBJECT) {
        return CCP_DECLINED;
    }

    f = ccp_json_get(v, "function");

    if (ccp_json_type(f) == CCP_J_OBJECT) {
        v = f;
    }

    n = ccp_json_type(f) == CCP_J_STRING
        ? f : ccp_calls_json_any(v, ccp_calls_json_names, CCP_CALLS_NNAMES);

    *name = ccp_json_str(n);
    tool = name->p ? ccp_calls_read_tool(ct, *name) : NULL;
    a = ccp_calls_json_any(v, ccp_calls_json_args, CCP_CALLS_NARGS);

    if (tool == NULL || (full && !ccp_json_has(a))) {
        return CCP_DECLINED;
    }

    return ccp_calls_json_arguments(ct, a, tool, args);
}


int
ccp_calls_read_args(ccp_calls_read_t *ct, ccp_jval_t v, ccp_str_t name,
    ccp_str_t *args)
{
    ccp_str_t  inner;

    if (ccp_json_type(v) != CCP_J_OBJECT) {
        return CCP_DECLINED;
    }

    /* the whole call again, where its arguments are asked for */

    if (ccp_json_count(v) == 2
        && ccp_calls_read_json(ct, v, 1, &inner, args) == CCP_OK
        && ccp_str_eq(inner, name))
    {
        return CCP_OK;
    }

    *args = ccp_json_raw(v);

    return CCP_OK;
}
