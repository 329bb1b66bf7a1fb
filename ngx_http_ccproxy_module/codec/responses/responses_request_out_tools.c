
/*
 * Responses request out: tools and their choice.
 */

#include "codec/responses/responses.h"
#include "codec/json/json_write.h"
#include "codec/form/form_block.h"
#include "codec/schema/schema.h"
#include "codec/prepare/prepare.h"


/* Tools that providers run and this protocol has under another name. */

static const struct {
    const char  *from;             /* the type begins so */
    const char  *to;
} ccp_rs_hosted[] = {
    { "web_search", "web_search" },
    { "googleSearch", "web_search" },
    { "google_search", "web_search" },
    { "code_execution", "code_interpreter" },
    { "codeExecution", "code_interpreter" }
};


static const char *
ccp_rs_hosted_type(const ccp_tool_t *t)
{
    size_t  i;

    for (i = 0; i < ccp_countof(ccp_rs_hosted); i++) {
        if (ccp_str_starts(t->type, ccp_rs_hosted[i].from)) {
            return ccp_rs_hosted[i].to;
        }
    }

    return NULL;
}


static int
ccp_rs_tool_sent(const ccp_tool_t *t)
{
    return t->kind != CCP_T_HOSTED || ccp_rs_hosted_type(t) != NULL;
}


static const ccp_tool_t *
ccp_rs_tool_find(const ccp_request_t *r, ccp_str_t name)
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
ccp_rs_write_custom(ccp_responses_out_t *ro, const ccp_tool_t *t)
{
    ccp_out_t  *out;

    out = ro->out;

    ccp_w_kcstr(out, "type", "custom");
    ccp_w_kstr(out, "name", ccp_name_wire(ro->x->names, t->space, t->name));
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
ccp_rs_write_function(ccp_responses_out_t *ro, const ccp_tool_t *t)
{
    int         strict;
    ccp_str_t   schema, desc;
    ccp_out_t  *out;

    out = ro->out;
    desc = ccp_none;
    schema = t->schema;
    strict = t->strict == 1 && ro->d->strict == CCP_STRICT_KEEP;

    if (t->kind == CCP_T_BUILTIN) {
        schema = ccp_builtin_schema(t->type, &desc);
    }

    desc = t->desc.n ? t->desc : desc;

    ccp_w_kcstr(out, "type", "function");
    ccp_w_kstr(out, "name", ccp_name_wire(ro->x->names, t->space, t->name));
    ccp_w_kstr_opt(out, "description", desc);

    schema = strict
             ? ccp_schema_closed(ro->x->arena, schema, t->dialect)
             : ccp_schema_for(ro->x->arena, schema, t->dialect,
                              ro->d->schema);
    if (schema.p == NULL) {
        return CCP_NOMEM;
    }

    ccp_w_kraw(out, "parameters", schema);

    /* the protocol's own default is strict */

    if (ro->d->strict != CCP_STRICT_DROP) {
        ccp_w_kbool(out, "strict", strict);
    }

    return CCP_OK;
}


/*
 * Where Anthropic says the same of a search: the domains and the place.  The
 * tool's own text was checked with the request.
 */

static int
ccp_rs_write_search(ccp_responses_out_t *ro, const ccp_tool_t *t)
{
    int         rc;
    ccp_jerr_t  jerr;
    ccp_jval_t  v;
    ccp_json_t  doc;

    ccp_w_kcstr(ro->out, "type", "web_search");

    if (t->origin != CCP_ANTHROPIC || t->raw.p == NULL) {
        return CCP_OK;
    }

    ccp_json_init(&doc, ro->x->arena);
    rc = ccp_json_parse(&doc, t->raw.p, t->raw.n, 0, &jerr);

    if (rc == CCP_OK) {
        v = ccp_json_opt(ccp_json_root(&doc), "allowed_domains");

        if (ccp_json_type(v) == CCP_J_ARRAY) {
            ccp_w_key(ro->out, "filters");
            ccp_w_obj(ro->out);
            ccp_w_kraw(ro->out, "allowed_domains", ccp_json_raw(v));
            ccp_w_obj_end(ro->out);
        }

        v = ccp_json_opt(ccp_json_root(&doc), "user_location");

        if (ccp_json_type(v) == CCP_J_OBJECT) {
            ccp_w_kraw(ro->out, "user_location", ccp_json_raw(v));
        }
    }

    ccp_json_free(&doc);

    return rc == CCP_NOMEM ? rc : CCP_OK;
}


static int
ccp_rs_write_tool(ccp_responses_out_t *ro, const ccp_tool_t *t)
{
    int          rc;
    const char  *type;

    rc = CCP_OK;
    ccp_w_obj(ro->out);

    if (t->kind == CCP_T_CUSTOM) {
        ccp_rs_write_custom(ro, t);

    } else if (t->kind != CCP_T_HOSTED) {
        rc = ccp_rs_write_function(ro, t);

    } else {
        type = ccp_rs_hosted_type(t);

        if (strcmp(type, "web_search") == 0) {
            rc = ccp_rs_write_search(ro, t);

        } else {
            ccp_w_kcstr(ro->out, "type", type);
            ccp_w_key(ro->out, "container");
            ccp_w_obj(ro->out);
            ccp_w_kcstr(ro->out, "type", "auto");
            ccp_w_obj_end(ro->out);
        }
    }

    ccp_w_obj_end(ro->out);

    return rc;
}


/* {"type":"function","name":…}, or the kind that the tool is of. */

static void
ccp_rs_write_named(ccp_responses_out_t *ro, ccp_str_t name)
{
    const ccp_tool_t  *t;

    t = ccp_rs_tool_find(ro->r, name);

    ccp_w_obj(ro->out);

    if (t && t->kind == CCP_T_HOSTED) {
        ccp_w_kcstr(ro->out, "type", ccp_rs_hosted_type(t));

    } else {
        ccp_w_kcstr(ro->out, "type", t && t->kind == CCP_T_CUSTOM
                                     ? "custom" : "function");
        ccp_w_kstr(ro->out, "name",
                   ccp_name_wire(ro->x->names, t ? t->space : ccp_none,
                                 name));
    }

    ccp_w_obj_end(ro->out);
}


static void
ccp_rs_write_allowed(ccp_responses_out_t *ro)
{
    const ccp_item_t  *it;
    const ccp_tool_t  *t;

    ccp_w_obj(ro->out);
    ccp_w_kcstr(ro->out, "type", "allowed_tools");
    ccp_w_kcstr(ro->out, "mode", ro->r->tool_choice.any ? "required"
                                                        : "auto");
    ccp_w_key(ro->out, "tools");
    ccp_w_arr(ro->out);

    for (it = ro->r->tool_choice.allowed; it; it = it->next) {
        t = ccp_rs_tool_find(ro->r, it->s);

        if (t && ccp_rs_tool_sent(t)) {
            ccp_rs_write_named(ro, it->s);
        }
    }

    ccp_w_arr_end(ro->out);
    ccp_w_obj_end(ro->out);
}


static void
ccp_rs_write_choice(ccp_responses_out_t *ro)
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

    mode = ro->r->tool_choice.mode;
    takes = ro->thinks && ro->d->tc_think ? ro->d->tc_think : ro->d->tc;

    if (mode == CCP_TC_UNSET) {
        return;
    }

    if (takes && !(takes & words[mode].bit)) {
        ccp_note(ro->r, ro->x->arena, "tool_choice: %s isn't taken by %s",
                 words[mode].word, ro->d->name);
        return;
    }

    ccp_w_key(ro->out, "tool_choice");

    if (mode == CCP_TC_NAMED) {
        ccp_rs_write_named(ro, ro->r->tool_choice.name);

    } else if (mode == CCP_TC_ALLOWED) {
        ccp_rs_write_allowed(ro);

    } else {
        ccp_w_cstr(ro->out, words[mode].word);
    }
}


/* Whether there is any to send; CCP_INVALID if one is missing that must be
 * called, or if none is left of those the client has. */

static int
ccp_rs_survey(ccp_responses_out_t *ro, int *sent)
{
    const ccp_tool_t  *t, *lost;

    lost = NULL;
    *sent = 0;

    for (t = ro->r->tools; t; t = t->next) {
        if (ccp_rs_tool_sent(t)) {
            *sent = 1;
            continue;
        }

        if (lost == NULL
            || (ro->r->tool_choice.mode == CCP_TC_NAMED
                && ccp_str_eq(ro->r->tool_choice.name, t->name)))
        {
            lost = t;
        }

        ccp_note(ro->r, ro->x->arena, "tool %.*s: dropped, %s has none",
                 (int) t->type.n, (const char *) t->type.p, ro->d->name);
    }

    if (lost && ro->r->tool_choice.mode != CCP_TC_NONE
        && (!*sent || (ro->r->tool_choice.mode == CCP_TC_NAMED
                       && ccp_str_eq(ro->r->tool_choice.name, lost->name))))
    {
        return ccp_error_set(ro->x->err, ro->x->arena, CCP_E_BAD_REQUEST,
                             "tool type %.*s isn't available on this target",
                             (int) lost->type.n,
                             (const char *) lost->type.p);
    }

    return CCP_OK;
}


int
ccp_responses_write_tools(ccp_responses_out_t *ro)
{
    int                rc, sent;
    const char        *par;
    const ccp_tool_t  *t;

    rc = ccp_rs_survey(ro, &sent);

    if (rc != CCP_OK || !sent) {
        /* a choice among nothing is refused (T17) */
        return rc;
    }

    ccp_w_key(ro->out, "tools");
    ccp_w_arr(ro->out);

    for (t = ro->r->tools; t; t = t->next) {
        if (ccp_rs_tool_sent(t)) {
            rc = ccp_rs_write_tool(ro, t);
            if (rc != CCP_OK) {
                return rc;
            }
        }
    }

    ccp_w_arr_end(ro->out);
    ccp_rs_write_choice(ro);

    if (ro->r->parallel >= 0) {
        par = ro->d->par ? ro->d->par : "parallel_tool_calls";

        if (strcmp(par, "-") != 0) {
            ccp_w_kbool(ro->out, par, ro->r->parallel);
        }
    }

    return CCP_OK;
}
