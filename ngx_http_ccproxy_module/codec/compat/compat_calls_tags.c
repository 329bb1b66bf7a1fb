
/*
 * Reads one call that a model wrote in tags (T15): a tag for the call, one
 * for each parameter.
 */

#include "codec/compat/compat_calls.h"
#include "codec/prepare/prepare.h"


#define CCP_CALLS_KIMI  "functions." /* before a bare name, in some forms */
#define CCP_CALLS_SEP   "<｜tool▁sep｜>" /* before it or behind it */


typedef struct {
    ccp_str_t  name;
    ccp_str_t  rest;               /* attributes */
    size_t     n;                  /* bytes, brackets included */
    unsigned   close:1;
    unsigned   empty:1;            /* <…/> */
} ccp_calls_tag_t;


static void
ccp_calls_tags_skip(ccp_str_t *s, size_t n)
{
    s->p += n;
    s->n -= n;
}


/* What of s stands before the first of these characters; *s is the rest. */

static ccp_str_t
ccp_calls_tags_until(ccp_str_t *s, const char *ends)
{
    size_t     n;
    ccp_str_t  first;

    for (n = 0; n < s->n && s->p[n] && strchr(ends, s->p[n]) == NULL; n++) {
        /* void */
    }

    first = *s;
    first.n = n;
    ccp_calls_tags_skip(s, n);

    return first;
}


/* Where a text stands in s; s.n if it does not. */

static size_t
ccp_calls_tags_find(ccp_str_t s, ccp_str_t text)
{
    size_t          i;
    const uint8_t  *p;

    for (i = 0; s.n - i >= text.n; i++) {
        p = memchr(s.p + i, text.p[0], s.n - i - text.n + 1);
        if (p == NULL) {
            break;
        }

        i = (size_t) (p - s.p);

        if (memcmp(p, text.p, text.n) == 0) {
            return i;
        }
    }

    return s.n;
}


/* ---- tags ---- */

/* The tag that s begins with. */

static int
ccp_calls_tags_tag(ccp_str_t s, ccp_calls_tag_t *t)
{
    const uint8_t  *end;

    end = s.n && s.p[0] == '<' ? memchr(s.p, '>', s.n) : NULL;

    if (end == NULL) {
        return CCP_DECLINED;
    }

    t->n = (size_t) (end - s.p) + 1;
    s.n = t->n - 1;
    ccp_calls_tags_skip(&s, 1);

    t->close = (s.n && s.p[0] == '/');
    if (t->close) {
        ccp_calls_tags_skip(&s, 1);
    }

    t->empty = (s.n && s.p[s.n - 1] == '/');
    s.n -= t->empty;

    t->name = ccp_calls_tags_until(&s, " \t\r\n=/");
    t->rest = ccp_calls_read_trim(s);

    return CCP_OK;
}


/* The value of an attribute, in quotes of either kind or in none. */

static ccp_str_t
ccp_calls_tags_attr(ccp_str_t s, const char *name)
{
    char       quote[2];
    ccp_str_t  key, value;

    for ( ;; ) {
        s = ccp_calls_read_trim(s);
        key = ccp_calls_read_trim(ccp_calls_tags_until(&s, "= \t\r\n"));
        s = ccp_calls_read_trim(s);

        if (s.n == 0 || (s.p[0] != '=' && key.n == 0)) {
            return ccp_none;
        }

        if (s.p[0] != '=') {
            continue;
        }

        ccp_calls_tags_skip(&s, 1);
        s = ccp_calls_read_trim(s);

        if (s.n && (s.p[0] == '"' || s.p[0] == '\'')) {
            quote[0] = (char) s.p[0];
            quote[1] = '\0';
            ccp_calls_tags_skip(&s, 1);
            value = ccp_calls_tags_until(&s, quote);
            ccp_calls_tags_skip(&s, s.n != 0);

        } else {
            value = ccp_calls_tags_until(&s, " \t\r\n");
        }

        if (ccp_str_is(key, name)) {
            return value;
        }
    }
}


/* What a tag names: <tag=NAME>, <tag name="NAME">; absent if nothing. */

static ccp_str_t
ccp_calls_tags_named(const ccp_calls_tag_t *t)
{
    size_t     n;
    ccp_str_t  s;

    if (t->rest.n == 0 || t->rest.p[0] != '=') {
        s = ccp_calls_tags_attr(t->rest, "name");

        return s.n ? s : ccp_none;
    }

    s = t->rest;
    ccp_calls_tags_skip(&s, 1);
    s = ccp_calls_read_trim(s);
    n = s.n;

    if (n > 2 && s.p[0] == s.p[n - 1] && (s.p[0] == '"' || s.p[0] == '\''))
    {
        ccp_calls_tags_skip(&s, 1);
        s.n--;
    }

    return s.n ? s : ccp_none;
}


/* ---- names ---- */

/* Whether nothing but the marks of a form stands behind a bare name. */

static int
ccp_calls_tags_marks(ccp_str_t s)
{
    size_t  i;

    static const char *const  marks[] = {
        "[ARGS]", "[CALL_ID]", "<|tool_call_argument_begin|>", CCP_CALLS_SEP,
        "<|constrain|>", "<|message|>", "<|channel|>", "json", "commentary",
        "```"
    };

    for (s = ccp_calls_read_trim(s); s.n; s = ccp_calls_read_trim(s)) {

        for (i = 0; i < ccp_countof(marks); i++) {
            if (ccp_str_starts(s, marks[i])) {
                break;
            }
        }

        if (i == ccp_countof(marks)) {
            return 0;
        }

        ccp_calls_tags_skip(&s, strlen(marks[i]));

        if (strcmp(marks[i], "[CALL_ID]") == 0) {
            (void) ccp_calls_tags_until(&s, " \t\r\n[<`");
        }
    }

    return 1;
}


/* A bare name; a kind may stand before it, a count behind it. */

static int
ccp_calls_tags_bare(ccp_calls_read_t *ct, ccp_str_t text, ccp_str_t *name)
{
    ccp_str_t  s, rest;

    static const char  kind[] = "function" CCP_CALLS_SEP;

    text = ccp_calls_read_trim(text);

    if (ccp_str_starts(text, kind)) {
        ccp_calls_tags_skip(&text, sizeof(kind) - 1);
        text = ccp_calls_read_trim(text);
    }

    s = ccp_calls_tags_until(&text, " \t\r\n[<`");

    if (!ccp_calls_tags_marks(text)) {
        return CCP_DECLINED;
    }

    if (ccp_calls_read_tool(ct, s) == NULL
        && ccp_str_starts(s, CCP_CALLS_KIMI))
    {
        ccp_calls_tags_skip(&s, sizeof(CCP_CALLS_KIMI) - 1);
    }

    if (ccp_calls_read_tool(ct, s) == NULL) {
        rest = s;
        s = ccp_calls_tags_until(&rest, ":");
    }

    *name = s;

    return ccp_calls_read_tool(ct, s) ? CCP_OK : CCP_DECLINED;
}


int
ccp_calls_read_name(ccp_calls_read_t *ct, ccp_str_t text,
    ccp_calls_form_e form, ccp_str_t *name)
{
    ccp_calls_tag_t  tag;

    *name = ccp_none;

    if (form == CCP_CALLS_FORM_JSON || form == CCP_CALLS_FORM_USE) {
        return CCP_OK;
    }

    if (form == CCP_CALLS_FORM_PAIRS) {
        *name = ccp_calls_tags_until(&text, " \t\r\n<");

        return ccp_calls_read_tool(ct, *name) ? CCP_OK : CCP_DECLINED;
    }

    if (form == CCP_CALLS_FORM_NAMED) {
        return ccp_calls_tags_bare(ct, text, name);
    }

    if (ccp_calls_tags_tag(text, &tag) != CCP_OK
        || !ccp_str_is(tag.name, ccp_calls_forms[form].tag))
    {
        return CCP_DECLINED;
    }

    *name = ccp_calls_tags_named(&tag);

    if (name->p == NULL) {
        return ccp_calls_forms[form].loose && !tag.empty ? CCP_OK
                                                         : CCP_DECLINED;
    }

    return ccp_calls_read_tool(ct, *name) ? CCP_OK : CCP_DECLINED;
}


/* ---- calls ---- */

typedef struct {
    ccp_calls_read_t        *ct;
    const ccp_calls_form_t  *form;
    ccp_str_t                rest; /* of the call's text */
    ccp_str_t                name; /* of the tool */
    ccp_str_t                key;  /* of a pair */
    ccp_jval_t               schema;
} ccp_calls_body_t;


static int
ccp_calls_tags_schema(ccp_calls_body_t *r)
{
    int                rc;
    ccp_str_t          schema, desc;
    ccp_jerr_t         err;
    const ccp_tool_t  *tool;

    r->schema = ccp_jabsent;
    tool = r->name.p ? ccp_calls_read_tool(r->ct, r->name) : NULL;

    if (tool == NULL) {
        return r->name.p ? CCP_DECLINED : CCP_OK;
    }

    schema = tool->schema.p || tool->kind != CCP_T_BUILTIN
             ? tool->schema : ccp_builtin_schema(tool->type, &desc);

    if (schema.n == 0 || tool->kind == CCP_T_FREE_TEXT) {
        return CCP_OK;
    }

    rc = CCP_OK;

    if (r->ct->tool != tool) {
        r->ct->tool = NULL;
        rc = ccp_json_parse(&r->ct->schema, schema.p, schema.n, 0, &err);
    }

    if (rc == CCP_OK) {
        r->ct->tool = tool;
        r->schema = ccp_json_root(&r->ct->schema);
    }

    return rc == CCP_NOMEM ? CCP_NOMEM : CCP_OK;
}


static int
ccp_calls_tags_add(ccp_calls_body_t *r, ccp_str_t key, ccp_str_t hint,
    ccp_str_t value)
{
    ccp_jval_t         prop;
    ccp_calls_read_t  *ct;

    ct = r->ct;

    if (ct->args.n > 1) {
        (void) ccp_buf_add(&ct->args, ",", 1);
    }

    (void) ccp_buf_add(&ct->args, "\"", 1);
    (void) ccp_buf_add_json(&ct->args, key);
    (void) ccp_buf_add(&ct->args, "\":", 2);

    prop = ccp_calls_read_member(ccp_json_get(r->schema, "properties"), key);

    return ccp_calls_read_typed(ct, r->schema, prop, hint, value);
}


/* Values in which & < > are escaped. */

static int
ccp_calls_tags_entities(ccp_calls_read_t *ct, ccp_str_t s, ccp_str_t *out)
{
    size_t  i, n;

    static const char *const  from[] = {
        "&lt;", "&gt;", "&quot;", "&apos;", "&#39;", "&amp;"
    };
    static const char  to[] = "<>\"''&";

    ct->text.n = 0;
    (void) ccp_buf_reserve(&ct->text, s.n + 1);

    while (s.n && !ct->text.err) {

        for (i = 0; i < sizeof(to) - 1; i++) {
            n = strlen(from[i]);

            if (s.p[0] == '&' && s.n >= n && memcmp(s.p, from[i], n) == 0) {
                break;
            }
        }

        n = i < sizeof(to) - 1 ? strlen(from[i]) : 1;
        (void) ccp_buf_add(&ct->text, n > 1 ? (const void *) &to[i] : s.p, 1);
        ccp_calls_tags_skip(&s, n);
    }

    *out = ccp_buf_str(&ct->text, 0);

    return ct->text.err ? CCP_NOMEM : CCP_OK;
}


/* The line ends that the form puts around a value are none of it. */

static ccp_str_t
ccp_calls_tags_lines(ccp_str_t s)
{
    if (s.n && s.p[0] == '\n') {
        ccp_calls_tags_skip(&s, 1);
    }

    if (s.n && s.p[s.n - 1] == '\n') {
        s.n--;
    }

    return s;
}


/* The text of a parameter's tag, which is skipped up to its end. */

static int
ccp_calls_tags_content(ccp_calls_body_t *r, const ccp_calls_tag_t *tag,
    ccp_str_t *value)
{
    char    end[CCP_CALLS_TAG + 4];
    size_t  n;

    ccp_calls_tags_skip(&r->rest, tag->n);

    if (tag->empty) {
        *value = ccp_calls_tags_attr(tag->rest, "value");
        return value->p ? CCP_OK : CCP_DECLINED;
    }

    if (tag->name.n == 0 || tag->name.n >= CCP_CALLS_TAG) {
        return CCP_DECLINED;
    }

    n = tag->name.n + 3;
    memcpy(end, "</", 2);
    memcpy(end + 2, tag->name.p, tag->name.n);
    end[n - 1] = '>';

    *value = r->rest;
    value->n = ccp_calls_tags_find(r->rest,
                                   (ccp_str_t) { (uint8_t *) end, n, 0, 0 });

    if (value->n == r->rest.n) {
        return CCP_DECLINED;
    }

    ccp_calls_tags_skip(&r->rest, value->n + n);

    if (r->form->lines) {
        *value = ccp_calls_tags_lines(*value);
    }

    return CCP_OK;
}


/* One parameter: its name is an attribute, a tag before it, or its tag. */

static int
ccp_calls_tags_child(ccp_calls_body_t *r, const ccp_calls_tag_t *tag)
{
    int        rc;
    ccp_str_t  key, value;

    rc = ccp_calls_tags_content(r, tag, &value);

    if (rc != CCP_OK) {
        return rc;
    }

    if (r->form == &ccp_calls_forms[CCP_CALLS_FORM_PAIRS]) {

        if (ccp_str_is(tag->name, "arg_key")) {
            r->key = ccp_calls_read_trim(value);
            return CCP_OK;
        }

        key = r->key;
        r->key = ccp_none;

    } else {
        if (r->form->loose && r->name.p == NULL) {

            if (!ccp_str_is(tag->name, "name")) {
                return ccp_str_is(tag->name, "id") ? CCP_OK : CCP_DECLINED;
            }

            r->name = ccp_calls_read_trim(value);
            return ccp_calls_tags_schema(r);
        }

        key = ccp_calls_tags_named(tag);

        if (key.p == NULL && r->form->child == NULL) {
            key = tag->name;
        }
    }

    if (key.n == 0) {
        return CCP_DECLINED;
    }

    if (r->form->entities
        && ccp_calls_tags_entities(r->ct, value, &value) != CCP_OK)
    {
        return CCP_NOMEM;
    }

    return ccp_calls_tags_add(r, key, ccp_calls_tags_attr(tag->rest, "type"),
                              value);
}


/* Up to the tag that ends the call, or to the end of its text. */

static int
ccp_calls_tags_body(ccp_calls_body_t *r)
{
    int              rc;
    ccp_calls_tag_t  tag;

    for ( ;; ) {
        r->rest = ccp_calls_read_trim(r->rest);

        if (r->rest.n == 0) {
            return CCP_OK;
        }

        if (ccp_calls_tags_tag(r->rest, &tag) != CCP_OK) {
            return CCP_DECLINED;
        }

        if (ccp_str_is(tag.name, r->form->tag)) {
            return tag.close && tag.n == r->rest.n ? CCP_OK : CCP_DECLINED;
        }

        if (ccp_calls_read_group(tag.name)) {
            ccp_calls_tags_skip(&r->rest, tag.n);
            continue;
        }

        rc = tag.close ? CCP_DECLINED : ccp_calls_tags_child(r, &tag);

        if (rc != CCP_OK) {
            return rc;
        }
    }
}


int
ccp_calls_read_tags(ccp_calls_read_t *ct, ccp_str_t text,
    ccp_calls_form_e form, ccp_str_t *name, ccp_str_t *args)
{
    int               rc;
    ccp_calls_tag_t   tag;
    ccp_calls_body_t  r;

    r.ct = ct;
    r.form = &ccp_calls_forms[form];
    r.rest = text;
    r.key = ccp_none;

    rc = ccp_calls_read_name(ct, text, form, &r.name);

    if (rc == CCP_OK) {
        rc = ccp_calls_tags_schema(&r);
    }

    if (rc != CCP_OK) {
        return rc;
    }

    if (form == CCP_CALLS_FORM_PAIRS) {
        (void) ccp_calls_tags_until(&r.rest, " \t\r\n<");

    } else if (ccp_calls_tags_tag(text, &tag) == CCP_OK) {
        ccp_calls_tags_skip(&r.rest, tag.n);
    }

    ct->args.n = 0;
    (void) ccp_buf_add(&ct->args, "{", 1);

    rc = ccp_calls_tags_body(&r);

    if (rc != CCP_OK || r.name.p == NULL) {
        return rc == CCP_OK ? CCP_DECLINED : rc;
    }

    (void) ccp_buf_add(&ct->args, "}", 1);
    *name = r.name;
    *args = ccp_buf_str(&ct->args, 0);

    return ct->args.err ? CCP_NOMEM : CCP_OK;
}
