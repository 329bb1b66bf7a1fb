
/*
 * Chat Completions request out: the order of things, tools and their choice.
 */

#include "codec/chat/chat_request.h"
#include "codec/json/json_write.h"
#include "codec/form/form_block.h"
#include "codec/form/form_think.h"
#include "codec/prepare/prepare.h"


/* The only tool to be sent, or one of the allowed ones? */

static int
ccp_chat_tool_is_allowed(ccp_chat_writer_t *w, const ccp_tool_t *t)
{
    if (w->only.p != NULL) {
        return ccp_str_eq(t->name, w->only);
    }

    return w->r->tool_choice.mode != CCP_TC_ALLOWED || t->allowed;
}


static int
ccp_chat_tool_is_sent(ccp_chat_writer_t *w, const ccp_tool_t *t)
{
    ccp_str_t  desc;

    if (t->kind == CCP_T_HOSTED) {
        return 0;
    }

    if (t->kind == CCP_T_BUILTIN
        && ccp_builtin_schema(t->type, &desc).p == NULL)
    {
        return 0;
    }

    return ccp_chat_tool_is_allowed(w, t);
}


/*
 * What the tools come to: which are sent, or CCP_INVALID if what the client
 * demands can't be had here.
 */

static int
ccp_chat_survey_tools(ccp_chat_writer_t *w)
{
    const ccp_tool_t  *t, *lost;

    if (w->r->tool_choice.mode == CCP_TC_NAMED
        && !(w->k.tc & CCP_TC_BIT_FUNCTION)
        && (w->k.tc & CCP_TC_BIT_REQUIRED))
    {
        /* the same by other means: one tool that must be called */
        w->only = w->r->tool_choice.name;
    }

    lost = NULL;

    for (t = w->r->tools; t; t = t->next) {
        if (ccp_chat_tool_is_sent(w, t)) {
            w->tools = 1;
            w->loose |= t->strict != 1;

        } else if (t->kind == CCP_T_HOSTED || t->kind == CCP_T_BUILTIN) {
            if (ccp_tool_searches(t)
                && !(w->k.refused & CCP_FIELD(web_search_options)))
            {
                w->search = t;
                continue;
            }

            if (lost == NULL || ccp_tool_forced(w->r, t)) {
                lost = t;
            }

            ccp_request_note(w->r, w->x->arena,
                             "tool %.*s: dropped, %s has none",
                             (int) t->type.n, (const char *) t->type.p,
                             w->pr->name);
        }
    }

    if (w->r->tool_choice.mode == CCP_TC_NONE
        && !(w->k.tc & CCP_TC_BIT_NONE))
    {
        ccp_request_note(w->r, w->x->arena,
                         "tools: dropped, tool_choice is none");
        w->tools = 0;
        return CCP_OK;
    }

    if (lost && (ccp_tool_forced(w->r, lost)
                 || (!w->tools && !w->search
                     && w->r->tool_choice.mode != CCP_TC_NONE)))
    {
        return ccp_refuse(w->x->err, w->x->arena, CCP_E_BAD_REQUEST,
                          "tool type %.*s isn't available on this target",
                          (int) lost->type.n,
                          (const char *) lost->type.p);
    }

    return CCP_OK;
}


/* strict as the provider takes it: -1 not at all. */

static int
ccp_chat_tool_is_strict(ccp_chat_writer_t *w, const ccp_tool_t *t)
{
    if (w->pr->strict == CCP_STRICT_DROP
        || (w->pr->strict == CCP_STRICT_UNIFORM && w->loose))
    {
        return -1;
    }

    return t->strict;
}


static void
ccp_chat_write_free_text(ccp_chat_writer_t *w, const ccp_tool_t *t,
    ccp_str_t name)
{
    ccp_out_t  *out;

    out = w->o;

    ccp_w_kcstr(out, "type", "custom");
    ccp_w_key(out, "custom");
    ccp_w_obj(out);
    ccp_w_kstr(out, "name", name);
    ccp_w_kstr_opt(out, "description", t->desc);

    if (t->grammar.p != NULL) {
        ccp_w_key(out, "format");
        ccp_w_obj(out);
        ccp_w_kcstr(out, "type", "grammar");
        ccp_w_key(out, "grammar");
        ccp_w_obj(out);
        ccp_w_kstr(out, "definition", t->grammar);
        ccp_w_kstr(out, "syntax", t->syntax.p ? t->syntax : ccp_lit("lark"));
        ccp_w_obj_end(out);
        ccp_w_obj_end(out);
    }

    ccp_w_obj_end(out);
}


static int
ccp_chat_write_schema(ccp_chat_writer_t *w, const ccp_tool_t *t, int strict)
{
    ccp_str_t  schema, desc;

    desc = t->desc;
    schema = t->schema;

    if (t->kind == CCP_T_BUILTIN) {
        schema = ccp_builtin_schema(t->type, &desc);
        desc = t->desc.n ? t->desc : desc;
    }

    ccp_w_kstr_opt(w->o, "description", desc);

    schema = strict == 1
             ? ccp_chat_closed_schema(w, schema, t->dialect, CCP_SCHEMA_ARGS)
             : ccp_schema_of(w->x->arena, &w->r->doc, schema, t->dialect,
                             w->pr->schema, CCP_SCHEMA_ARGS);

    if (schema.p == NULL) {
        return CCP_NOMEM;
    }

    ccp_w_kraw(w->o, "parameters", schema);

    if (strict >= 0) {
        ccp_w_kbool(w->o, "strict", strict);
    }

    return CCP_OK;
}


static int
ccp_chat_write_tool(ccp_chat_writer_t *w, const ccp_tool_t *t)
{
    int                rc;
    ccp_out_t         *out;
    ccp_str_t          name;
    const ccp_name_t  *map;

    rc = CCP_OK;
    out = w->o;
    name = ccp_name_wire(w->x->names, t->space, t->name);
    map = ccp_name_client(w->x->names, name);

    ccp_w_obj(out);

    if (t->kind == CCP_T_FREE_TEXT && !(map && map->free_text)) {
        ccp_chat_write_free_text(w, t, name);

    } else {
        ccp_w_kcstr(out, "type", "function");
        ccp_w_key(out, "function");
        ccp_w_obj(out);
        ccp_w_kstr(out, "name", name);

        if (t->kind == CCP_T_FREE_TEXT) {
            ccp_w_free_text(out, t);
            ccp_w_kraw(out, "parameters", ccp_cstr(ccp_free_text_schema));

        } else {
            rc = ccp_chat_write_schema(w, t, ccp_chat_tool_is_strict(w, t));
        }

        ccp_w_obj_end(out);
    }

    if (w->pr->cache == CCP_CC_KEEP) {
        ccp_chat_write_mark(out, t->cache);
    }

    ccp_w_obj_end(out);

    return rc;
}


static void
ccp_chat_write_choice_word(ccp_chat_writer_t *w, unsigned bit,
    const char *word)
{
    if (w->k.tc & bit) {
        ccp_w_kcstr(w->o, "tool_choice", word);
        return;
    }

    ccp_request_note(w->r, w->x->arena, "tool_choice: %s isn't taken by %s",
                     word, w->pr->name);

    if (w->k.tc & CCP_TC_BIT_AUTO) {
        ccp_w_kcstr(w->o, "tool_choice", "auto");
    }
}


static void
ccp_chat_write_choice(ccp_chat_writer_t *w)
{
    ccp_str_t    name;
    ccp_out_t   *out;
    const char  *any;

    out = w->o;
    any = w->pr->tc_any ? w->pr->tc_any : "required";

    switch (w->r->tool_choice.mode) {

    case CCP_TC_UNSET:
        break;

    case CCP_TC_AUTO:
        if (w->k.tc & CCP_TC_BIT_AUTO) {
            ccp_w_kcstr(out, "tool_choice", "auto");
        }

        break;

    case CCP_TC_NONE:
        ccp_chat_write_choice_word(w, CCP_TC_BIT_NONE, "none");
        break;

    case CCP_TC_ANY:
        ccp_chat_write_choice_word(w, CCP_TC_BIT_REQUIRED, any);
        break;

    case CCP_TC_ALLOWED:
        /* the others are not sent */
        if (w->r->tool_choice.any) {
            ccp_chat_write_choice_word(w, CCP_TC_BIT_REQUIRED, any);

        } else {
            ccp_chat_write_choice_word(w, CCP_TC_BIT_AUTO, "auto");
        }

        break;

    case CCP_TC_NAMED:
        if (w->search && ccp_tool_forced(w->r, w->search)) {
            ccp_request_note(w->r, w->x->arena,
                             "tool_choice: %s searches when it "
                             "sees fit", w->pr->name);
            break;
        }

        if (w->only.p || !(w->k.tc & CCP_TC_BIT_FUNCTION)) {
            ccp_chat_write_choice_word(w, CCP_TC_BIT_REQUIRED, any);
            break;
        }

        name = ccp_name_wire(w->x->names, ccp_none, w->r->tool_choice.name);
        ccp_w_key(out, "tool_choice");
        ccp_w_obj(out);
        ccp_w_kcstr(out, "type", "function");
        ccp_w_key(out, "function");
        ccp_w_obj(out);
        ccp_w_kstr(out, "name", name);
        ccp_w_obj_end(out);
        ccp_w_obj_end(out);
        break;
    }
}


int
ccp_chat_write_tools(ccp_chat_writer_t *w)
{
    int                rc;
    ccp_out_t         *out;
    const char        *par;
    const ccp_tool_t  *t;

    out = w->o;

    if (w->search) {
        ccp_w_key(out, "web_search_options");

        if (w->search->origin == CCP_CHAT && w->search->raw.p) {
            ccp_w_raw(out, w->search->raw);

        } else {
            ccp_w_obj(out);
            ccp_w_obj_end(out);
        }
    }

    if (!w->tools) {
        /* a choice among nothing is refused (T17) */
        return CCP_OK;
    }

    ccp_w_key(out, "tools");
    ccp_w_arr(out);

    for (t = w->r->tools; t; t = t->next) {
        if (ccp_chat_tool_is_sent(w, t)) {
            rc = ccp_chat_write_tool(w, t);
            if (rc != CCP_OK) {
                return rc;
            }
        }
    }

    ccp_w_arr_end(out);
    ccp_chat_write_choice(w);

    if (w->r->parallel == 0
        || (w->r->parallel == 1
            && !(w->k.refused & CCP_FIELD(parallel_tool_calls))))
    {
        par = ccp_chat_judge(&w->k, CCP_FIELD_parallel_tool_calls,
                             "parallel_tool_calls");

        if (par) {
            ccp_w_kbool(out, par, w->r->parallel);
        }
    }

    return CCP_OK;
}


int
ccp_chat_write_request(ccp_write_ctx_t *x, ccp_out_t *out)
{
    int                rc;
    ccp_chat_writer_t  w;

    memset(&w, 0, sizeof(ccp_chat_writer_t));
    w.x = x;
    w.r = x->req;
    w.pr = x->target->provider;
    w.o = out;
    ccp_chat_rules(&w.k, x->req, x->target, x->arena);

    rc = ccp_chat_survey_tools(&w);
    if (rc != CCP_OK) {
        return rc;
    }

    ccp_chat_survey_format(&w);

    ccp_w_obj(out);
    ccp_w_kstr(out, "model", x->model);

    if (w.k.max != CCP_UNSET_INT) {
        ccp_w_kint(out, w.pr->max_field ? w.pr->max_field : "max_tokens",
                   w.k.max);
    }

    rc = ccp_chat_write_messages(&w);

    if (rc == CCP_OK) {
        rc = ccp_chat_write_tools(&w);
    }

    if (rc == CCP_OK) {
        rc = ccp_chat_write_members(&w);
    }

    ccp_w_obj_end(out);

    if (rc != CCP_OK) {
        return rc;
    }

    return out->err ? CCP_NOMEM : CCP_OK;
}
