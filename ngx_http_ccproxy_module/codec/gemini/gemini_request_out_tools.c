
/*
 * Gemini request out: tools, their choice, schemas.
 */

#include "codec/gemini/gemini_request.h"
#include "codec/gemini/gemini.h"
#include "codec/json/json_write.h"
#include "codec/form/form_block.h"
#include "codec/schema/schema.h"
#include "codec/prepare/prepare.h"


/* Other protocols' hosted tools by the beginning of their type. */

static const struct {
    const char  *from;
    const char  *to;
} ccp_gemini_hosted_map[] = {
    { "web_search", "googleSearch" },
    { "google_search", "googleSearch" },
    { "web_fetch", "urlContext" },
    { "url_context", "urlContext" },
    { "code_execution", "codeExecution" },
    { "code_interpreter", "codeExecution" }
};


/* The member of Tool that is this hosted tool; NULL if there is none. */

static const char *
ccp_gemini_hosted_name(const ccp_tool_t *t)
{
    size_t  i;

    for (i = 0; i < ccp_countof(ccp_gemini_hosted_map); i++) {
        if (t->type.p
            && ccp_str_starts(t->type, ccp_gemini_hosted_map[i].from))
        {
            return ccp_gemini_hosted_map[i].to;
        }
    }

    return NULL;
}


static int
ccp_gemini_is_function(const ccp_tool_t *t)
{
    ccp_str_t  desc;

    switch (t->kind) {

    case CCP_T_HOSTED:
        return 0;

    case CCP_T_BUILTIN:
        return ccp_builtin_schema(t->type, &desc).p != NULL;

    default:
        return t->name.n != 0;
    }
}


/*
 * Google refuses its own tools beside functions unless the client echoes
 * their runs, which only clients of this protocol can.
 */

static int
ccp_gemini_hosted_is_sent(const ccp_gemini_writer_t *w, const ccp_tool_t *t)
{
    if (t->kind != CCP_T_HOSTED) {
        return 0;
    }

    if (t->origin == CCP_GEMINI) {
        return w->same;
    }

    return !w->functions && ccp_gemini_hosted_name(t) != NULL;
}


int
ccp_gemini_survey_tools(ccp_gemini_writer_t *w)
{
    int                sent;
    const ccp_tool_t  *t, *lost;

    for (t = w->r->tools; t; t = t->next) {
        w->functions |= ccp_gemini_is_function(t);
    }

    /* a hosted tool that must be called leaves no room for functions */

    for (t = w->r->tools; t; t = t->next) {
        if (t->kind == CCP_T_HOSTED && ccp_tool_forced(w->r, t)
            && ccp_gemini_hosted_name(t))
        {
            w->functions = 0;
        }
    }

    lost = NULL;
    sent = w->functions;

    for (t = w->r->tools; t; t = t->next) {
        if (ccp_gemini_is_function(t) || ccp_gemini_hosted_is_sent(w, t)) {
            sent = 1;
            continue;
        }

        ccp_request_note(w->r, w->a, "tool %.*s: not available with %s",
                         (int) (t->type.n > 64 ? 64 : t->type.n),
                         t->type.p ? (const char *) t->type.p : "",
                         w->pr->name);

        lost = ccp_tool_forced(w->r, t) || lost == NULL ? t : lost;
    }

    if (lost && (!sent || ccp_tool_forced(w->r, lost))) {
        return ccp_refuse(w->x->err, w->a, CCP_E_BAD_REQUEST,
                          "tool type %.*s isn't available on this target",
                          (int) (lost->type.n > 64 ? 64 : lost->type.n),
                          lost->type.p ? (const char *) lost->type.p
                                       : "");
    }

    return CCP_OK;
}


/* Whether an object schema has nothing in it that says something. */

static int
ccp_gemini_schema_is_empty(ccp_jval_t v)
{
    size_t  i;

    static const char *const  words[] = {
        "anyOf", "oneOf", "allOf", "$ref", "patternProperties",
        "additionalProperties"
    };

    if (ccp_json_count(ccp_json_get(v, "properties"))) {
        return 0;
    }

    for (i = 0; i < ccp_countof(words); i++) {
        if (ccp_json_count(ccp_json_get(v, words[i]))
            || ccp_json_str(ccp_json_get(v, words[i])).n)
        {
            return 0;
        }
    }

    return 1;
}


int
ccp_gemini_fit_schema(ccp_gemini_writer_t *w, ccp_str_t schema,
    ccp_schema_e from, ccp_schema_root_e want, ccp_str_t *to, int *empty)
{
    int         rc;
    ccp_jerr_t  jerr;
    ccp_jval_t  root;
    ccp_json_t  doc;

    *to = ccp_schema_of(w->a, &w->r->doc, schema, from, w->pr->schema, want);
    if (to->p == NULL) {
        return CCP_NOMEM;
    }

    ccp_json_init(&doc, w->a);
    rc = ccp_json_parse(&doc, to->p, to->n, 0, &jerr);

    root = rc == CCP_OK ? ccp_json_root(&doc) : ccp_jabsent;
    *empty = ccp_gemini_schema_is_empty(root)
             && (!ccp_json_has(ccp_json_get(root, "type"))
                 || ccp_gemini_is_word(ccp_json_gets(root, "type"), "OBJECT"));
    ccp_json_free(&doc);

    return rc == CCP_NOMEM ? rc : CCP_OK;
}


static int
ccp_gemini_write_function(ccp_gemini_writer_t *w, const ccp_tool_t *t)
{
    int           rc, empty;
    ccp_out_t    *o;
    ccp_str_t     desc, schema, wire;
    ccp_schema_e  from;

    o = w->o;
    desc = t->desc;
    schema = t->schema;
    from = t->dialect;
    wire = ccp_name_wire(w->x->names, t->space, t->name);

    if (w->same && t->raw.p && ccp_str_eq(wire, t->name)) {
        ccp_w_raw(o, t->raw);
        return CCP_OK;
    }

    if (t->kind == CCP_T_FREE_TEXT) {
        schema = ccp_cstr(ccp_free_text_schema);
        from = CCP_SCHEMA_JSON;

    } else if (t->kind == CCP_T_BUILTIN) {
        schema = ccp_builtin_schema(t->type, &desc);
        desc = t->desc.n ? t->desc : desc;
        from = CCP_SCHEMA_JSON;
    }

    rc = ccp_gemini_fit_schema(w, schema, from, CCP_SCHEMA_ARGS, &schema,
                               &empty);
    if (rc != CCP_OK) {
        return rc;
    }

    ccp_w_obj(o);
    ccp_w_kstr(o, "name", wire);

    if (t->kind == CCP_T_FREE_TEXT) {
        ccp_w_free_text(o, t);

    } else if (desc.n) {
        ccp_w_kstr(o, "description", desc);
    }

    if (!empty) {
        ccp_w_kraw(o, w->pr->schema == CCP_SCHEMA_SUBSET
                      ? "parameters" : "parametersJsonSchema", schema);
    }

    ccp_w_obj_end(o);

    return CCP_OK;
}


static int
ccp_gemini_write_functions(ccp_gemini_writer_t *w)
{
    int                rc;
    const ccp_tool_t  *t;

    if (!w->functions) {
        return CCP_OK;
    }

    ccp_w_obj(w->o);
    ccp_w_key(w->o, "functionDeclarations");
    ccp_w_arr(w->o);

    for (t = w->r->tools; t; t = t->next) {
        if (ccp_gemini_is_function(t)) {
            rc = ccp_gemini_write_function(w, t);
            if (rc != CCP_OK) {
                return rc;
            }
        }
    }

    ccp_w_arr_end(w->o);
    ccp_w_obj_end(w->o);

    return CCP_OK;
}


static void
ccp_gemini_write_hosted_tools(ccp_gemini_writer_t *w)
{
    const char        *name;
    const ccp_tool_t  *t;

    for (t = w->r->tools; t; t = t->next) {
        if (!ccp_gemini_hosted_is_sent(w, t)) {
            continue;
        }

        ccp_w_obj(w->o);

        if (t->origin == CCP_GEMINI) {
            ccp_w_keys(w->o, t->type);
            ccp_w_raw(w->o, t->raw);

        } else {
            name = ccp_gemini_hosted_name(t);
            ccp_w_key(w->o, name);
            ccp_w_obj(w->o);
            ccp_w_obj_end(w->o);
        }

        ccp_w_obj_end(w->o);
    }
}


/* Names of the functions that may be called; those that exist. */

static void
ccp_gemini_write_allowed(ccp_gemini_writer_t *w)
{
    int                n, named;
    const ccp_tool_t  *t;

    named = w->r->tool_choice.mode == CCP_TC_NAMED;

    for (n = 0, t = w->r->tools; t; t = t->next) {
        if (!ccp_gemini_is_function(t)
            || (named ? !ccp_str_eq(t->name, w->r->tool_choice.name)
                      : !t->allowed))
        {
            continue;
        }

        if (n++ == 0) {
            ccp_w_key(w->o, "allowedFunctionNames");
            ccp_w_arr(w->o);
        }

        ccp_w_str(w->o, ccp_name_wire(w->x->names, t->space, t->name));
    }

    if (n) {
        ccp_w_arr_end(w->o);
    }
}


static int
ccp_gemini_is_strict(const ccp_request_t *r)
{
    const ccp_tool_t  *t;

    for (t = r->tools; t; t = t->next) {
        if (t->strict == 1) {
            return 1;
        }
    }

    return 0;
}


static void
ccp_gemini_write_choice(ccp_gemini_writer_t *w)
{
    ccp_tc_e     mode;
    const char  *word;

    mode = w->r->tool_choice.mode;

    if (!w->functions) {
        return;
    }

    if (w->r->parallel == 0) {
        ccp_request_note(w->r, w->a,
                         "parallel_tool_calls: not supported by gemini");
    }

    switch (mode) {

    case CCP_TC_NONE:
        word = "NONE";
        break;

    case CCP_TC_ANY:
    case CCP_TC_NAMED:
        word = "ANY";
        break;

    case CCP_TC_ALLOWED:
        word = w->r->tool_choice.any ? "ANY" : "VALIDATED";
        break;

    default:
        word = ccp_gemini_is_strict(w->r)
               ? "VALIDATED"
               : mode == CCP_TC_AUTO ? "AUTO" : NULL;
    }

    if (word == NULL) {
        return;
    }

    ccp_w_key(w->o, "toolConfig");
    ccp_w_obj(w->o);
    ccp_w_key(w->o, "functionCallingConfig");
    ccp_w_obj(w->o);
    ccp_w_kcstr(w->o, "mode", word);

    if (mode == CCP_TC_NAMED || mode == CCP_TC_ALLOWED) {
        ccp_gemini_write_allowed(w);
    }

    ccp_w_obj_end(w->o);
    ccp_w_obj_end(w->o);
}


int
ccp_gemini_write_tools(ccp_gemini_writer_t *w)
{
    int         rc;
    ccp_jval_t  config;

    if (w->r->tools == NULL) {
        return CCP_OK;
    }

    ccp_w_key(w->o, "tools");
    ccp_w_arr(w->o);

    rc = ccp_gemini_write_functions(w);
    if (rc != CCP_OK) {
        return rc;
    }

    ccp_gemini_write_hosted_tools(w);
    ccp_w_arr_end(w->o);

    config = ccp_gemini_get(w->r->root, "toolConfig");

    if (w->same && w->x->names == NULL && ccp_json_has(config)) {
        ccp_w_kraw(w->o, "toolConfig", ccp_json_raw(config));

    } else {
        ccp_gemini_write_choice(w);
    }

    return CCP_OK;
}
