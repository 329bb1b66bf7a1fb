
/*
 * Responses request out: tools and their choice.
 */

#include "codec/responses/responses_request.h"
#include "codec/responses/responses.h"
#include "codec/json/json_write.h"
#include "codec/form/form_block.h"
#include "codec/schema/schema.h"
#include "codec/prepare/prepare.h"


/* Tools that providers run and this protocol has under another name. */

static const struct {
    const char  *from;             /* the type begins so */
    const char  *to;
} ccp_responses_hosted_types[] = {
    { "web_search", "web_search" },
    { "googleSearch", "web_search" },
    { "google_search", "web_search" },
    { "code_execution", "code_interpreter" },
    { "codeExecution", "code_interpreter" }
};


static const char *
ccp_responses_hosted_type(const ccp_tool_t *t)
{
    size_t  i;

    for (i = 0; i < ccp_countof(ccp_responses_hosted_types); i++) {
        if (ccp_str_starts(t->type, ccp_responses_hosted_types[i].from)) {
            return ccp_responses_hosted_types[i].to;
        }
    }

    return NULL;
}


static int
ccp_responses_tool_is_sent(const ccp_tool_t *t)
{
    return t->kind != CCP_T_HOSTED || ccp_responses_hosted_type(t) != NULL;
}


static const ccp_tool_t *
ccp_responses_find_tool(const ccp_request_t *r, ccp_str_t name)
{
    const ccp_tool_t  *t;

    for (t = r->tools; t; t = t->next) {
        if (ccp_str_eq(t->name, name)) {
            break;
        }
    }

    return t;
}


static void
ccp_responses_write_free_text(ccp_responses_writer_t *w, const ccp_tool_t *t)
{
    ccp_out_t  *out;

    out = w->o;

    ccp_w_kcstr(out, "type", "custom");
    ccp_w_kstr(out, "name", ccp_name_wire(w->x->names, t->space, t->name));
    ccp_w_kstr_opt(out, "description", t->desc);

    if (t->grammar.p) {
        ccp_w_key(out, "format");
        ccp_w_obj(out);
        ccp_w_kcstr(out, "type", "grammar");
        ccp_w_kstr(out, "syntax", t->syntax.p ? t->syntax : ccp_lit("lark"));
        ccp_w_kstr(out, "definition", t->grammar);
        ccp_w_obj_end(out);
    }
}


static int
ccp_responses_write_function(ccp_responses_writer_t *w, const ccp_tool_t *t)
{
    int         strict;
    ccp_str_t   schema, desc;
    ccp_out_t  *out;

    out = w->o;
    desc = ccp_none;
    schema = t->schema;
    strict = t->strict == 1 && w->pr->strict == CCP_STRICT_KEEP;

    if (t->kind == CCP_T_BUILTIN) {
        schema = ccp_builtin_schema(t->type, &desc);
    }

    desc = t->desc.n ? t->desc : desc;

    ccp_w_kcstr(out, "type", "function");
    ccp_w_kstr(out, "name", ccp_name_wire(w->x->names, t->space, t->name));
    ccp_w_kstr_opt(out, "description", desc);

    schema = strict
             ? ccp_schema_closed(w->x->arena, schema, t->dialect,
                                 CCP_SCHEMA_ARGS)
             : ccp_schema_of(w->x->arena, &w->r->doc, schema, t->dialect,
                             w->pr->schema, CCP_SCHEMA_ARGS);
    if (schema.p == NULL) {
        return CCP_NOMEM;
    }

    ccp_w_kraw(out, "parameters", schema);

    /* the protocol's own default is strict */

    if (w->pr->strict != CCP_STRICT_DROP) {
        ccp_w_kbool(out, "strict", strict);
    }

    return CCP_OK;
}


/*
 * Where Anthropic says the same of a search: the domains and the place.  The
 * tool's own text was checked with the request.
 */

static int
ccp_responses_write_search(ccp_responses_writer_t *w, const ccp_tool_t *t)
{
    int         rc;
    ccp_jerr_t  jerr;
    ccp_jval_t  v;
    ccp_json_t  doc;

    ccp_w_kcstr(w->o, "type", "web_search");

    if (t->origin != CCP_ANTHROPIC || t->raw.p == NULL) {
        return CCP_OK;
    }

    ccp_json_init(&doc, w->x->arena);
    rc = ccp_json_parse(&doc, t->raw.p, t->raw.n, 0, &jerr);

    if (rc == CCP_OK) {
        v = ccp_json_opt(ccp_json_root(&doc), "allowed_domains");

        if (ccp_json_type(v) == CCP_J_ARRAY) {
            ccp_w_key(w->o, "filters");
            ccp_w_obj(w->o);
            ccp_w_kraw(w->o, "allowed_domains", ccp_json_raw(v));
            ccp_w_obj_end(w->o);
        }

        v = ccp_json_opt(ccp_json_root(&doc), "user_location");

        if (ccp_json_type(v) == CCP_J_OBJECT) {
            ccp_w_kraw(w->o, "user_location", ccp_json_raw(v));
        }
    }

    ccp_json_free(&doc);

    return rc == CCP_NOMEM ? rc : CCP_OK;
}


static int
ccp_responses_write_tool(ccp_responses_writer_t *w, const ccp_tool_t *t)
{
    int          rc;
    const char  *type;

    rc = CCP_OK;
    ccp_w_obj(w->o);

    if (t->kind == CCP_T_FREE_TEXT) {
        ccp_responses_write_free_text(w, t);

    } else if (t->kind != CCP_T_HOSTED) {
        rc = ccp_responses_write_function(w, t);

    } else {
        type = ccp_responses_hosted_type(t);

        if (strcmp(type, "web_search") == 0) {
            rc = ccp_responses_write_search(w, t);

        } else {
            ccp_w_kcstr(w->o, "type", type);
            ccp_w_key(w->o, "container");
            ccp_w_obj(w->o);
            ccp_w_kcstr(w->o, "type", "auto");
            ccp_w_obj_end(w->o);
        }
    }

    ccp_w_obj_end(w->o);

    return rc;
}


/* {"type":"function","name":…}, or the kind that the tool (NULL: none that
 * is known) is of. */

static void
ccp_responses_write_named(ccp_responses_writer_t *w, const ccp_tool_t *t,
    ccp_str_t name)
{
    ccp_w_obj(w->o);

    if (t && t->kind == CCP_T_HOSTED) {
        ccp_w_kcstr(w->o, "type", ccp_responses_hosted_type(t));

    } else {
        ccp_w_kcstr(w->o, "type", t && t->kind == CCP_T_FREE_TEXT
                                  ? "custom" : "function");
        ccp_w_kstr(w->o, "name",
                   ccp_name_wire(w->x->names, t ? t->space : ccp_none,
                                 name));
    }

    ccp_w_obj_end(w->o);
}


static void
ccp_responses_write_allowed(ccp_responses_writer_t *w)
{
    const ccp_tool_t  *t;

    ccp_w_obj(w->o);
    ccp_w_kcstr(w->o, "type", "allowed_tools");
    ccp_w_kcstr(w->o, "mode", w->r->tool_choice.any ? "required"
                                                    : "auto");
    ccp_w_key(w->o, "tools");
    ccp_w_arr(w->o);

    for (t = w->r->tools; t; t = t->next) {
        if (t->allowed && ccp_responses_tool_is_sent(t)) {
            ccp_responses_write_named(w, t, t->name);
        }
    }

    ccp_w_arr_end(w->o);
    ccp_w_obj_end(w->o);
}


static void
ccp_responses_write_choice(ccp_responses_writer_t *w)
{
    static const struct {
        const char  *word;
        unsigned     bit;
    } words[] = {
        [CCP_TC_AUTO] = { "auto", CCP_TC_BIT_AUTO },
        [CCP_TC_NONE] = { "none", CCP_TC_BIT_NONE },
        [CCP_TC_ANY] = { "required", CCP_TC_BIT_REQUIRED },
        [CCP_TC_NAMED] = { "a tool by name", CCP_TC_BIT_FUNCTION },
        [CCP_TC_ALLOWED] = { "a list of tools", CCP_TC_BIT_FUNCTION }
    };

    unsigned  mode, takes;

    mode = w->r->tool_choice.mode;
    takes = w->thinks && w->pr->tc_think ? w->pr->tc_think : w->pr->tc;

    if (mode == CCP_TC_UNSET) {
        return;
    }

    if (takes && !(takes & words[mode].bit)) {
        ccp_request_note(w->r, w->x->arena,
                         "tool_choice: %s isn't taken by %s",
                         words[mode].word, w->pr->name);
        return;
    }

    ccp_w_key(w->o, "tool_choice");

    if (mode == CCP_TC_NAMED) {
        ccp_responses_write_named(w, ccp_responses_find_tool(w->r,
                                         w->r->tool_choice.name),
                                  w->r->tool_choice.name);

    } else if (mode == CCP_TC_ALLOWED) {
        ccp_responses_write_allowed(w);

    } else {
        ccp_w_cstr(w->o, words[mode].word);
    }
}


/* Whether there is any to send; CCP_INVALID if one is missing that must be
 * called, or if none is left of those the client has. */

static int
ccp_responses_survey_tools(ccp_responses_writer_t *w, int *sent)
{
    const ccp_tool_t  *t, *lost;

    lost = NULL;
    *sent = 0;

    for (t = w->r->tools; t; t = t->next) {
        if (ccp_responses_tool_is_sent(t)) {
            *sent = 1;
            continue;
        }

        if (lost == NULL
            || (w->r->tool_choice.mode == CCP_TC_NAMED
                && ccp_str_eq(w->r->tool_choice.name, t->name)))
        {
            lost = t;
        }

        ccp_request_note(w->r, w->x->arena, "tool %.*s: dropped, %s has none",
                         (int) t->type.n, (const char *) t->type.p,
                         w->pr->name);
    }

    if (lost && w->r->tool_choice.mode != CCP_TC_NONE
        && (!*sent || (w->r->tool_choice.mode == CCP_TC_NAMED
                       && ccp_str_eq(w->r->tool_choice.name, lost->name))))
    {
        return ccp_refuse(w->x->err, w->x->arena, CCP_E_BAD_REQUEST,
                          "tool type %.*s isn't available on this target",
                          (int) lost->type.n,
                          (const char *) lost->type.p);
    }

    return CCP_OK;
}


int
ccp_responses_write_tools(ccp_responses_writer_t *w)
{
    int                rc, sent;
    const char        *par;
    const ccp_tool_t  *t;

    rc = ccp_responses_survey_tools(w, &sent);

    if (rc != CCP_OK || !sent) {
        /* a choice among nothing is refused (T17) */
        return rc;
    }

    ccp_w_key(w->o, "tools");
    ccp_w_arr(w->o);

    for (t = w->r->tools; t; t = t->next) {
        if (ccp_responses_tool_is_sent(t)) {
            rc = ccp_responses_write_tool(w, t);
            if (rc != CCP_OK) {
                return rc;
            }
        }
    }

    ccp_w_arr_end(w->o);
    ccp_responses_write_choice(w);

    if (w->r->parallel >= 0) {
        par = w->pr->par ? w->pr->par : "parallel_tool_calls";

        if (strcmp(par, "-") != 0) {
            ccp_w_kbool(w->o, par, w->r->parallel);
        }
    }

    return CCP_OK;
}
