
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
ccp_chat_tool_allowed(ccp_chat_out_t *co, const ccp_tool_t *t)
{
    const ccp_item_t  *it;

    if (co->only.p != NULL) {
        return ccp_str_eq(t->name, co->only);
    }

    if (co->r->tool_choice.mode != CCP_TC_ALLOWED) {
        return 1;
    }

    for (it = co->r->tool_choice.allowed; it; it = it->next) {
        if (ccp_str_eq(t->name, it->s)) {
            return 1;
        }
    }

    return 0;
}


static int
ccp_chat_tool_sent(ccp_chat_out_t *co, const ccp_tool_t *t)
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

    return ccp_chat_tool_allowed(co, t);
}


/*
 * What the tools come to: which are sent, or CCP_INVALID if what the client
 * demands can't be had here.
 */

static int
ccp_chat_survey_tools(ccp_chat_out_t *co)
{
    unsigned           tc;
    const ccp_tool_t  *t, *lost;

    tc = co->thinks && co->d->tc_think ? co->d->tc_think : co->d->tc;
    co->tc = tc ? tc : CCP_TC_BIT_AUTO | CCP_TC_BIT_NONE
                       | CCP_TC_BIT_REQUIRED | CCP_TC_BIT_FUNCTION;

    if (co->r->tool_choice.mode == CCP_TC_NAMED
        && !(co->tc & CCP_TC_BIT_FUNCTION)
        && (co->tc & CCP_TC_BIT_REQUIRED))
    {
        /* the same by other means: one tool that must be called */
        co->only = co->r->tool_choice.name;
    }

    lost = NULL;

    for (t = co->r->tools; t; t = t->next) {
        if (ccp_chat_tool_sent(co, t)) {
            co->tools = 1;

        } else if (t->kind == CCP_T_HOSTED || t->kind == CCP_T_BUILTIN) {
            if (ccp_tool_searches(t)
                && !ccp_dialect_drops(co->d, "web_search_options"))
            {
                co->search = t;
                continue;
            }

            if (lost == NULL || ccp_tool_forced(co->r, t)) {
                lost = t;
            }

            ccp_note(co->r, co->x->arena, "tool %.*s: dropped, %s has none",
                     (int) t->type.n, (const char *) t->type.p, co->d->name);
        }
    }

    if (co->r->tool_choice.mode == CCP_TC_NONE
        && !(co->tc & CCP_TC_BIT_NONE))
    {
        ccp_note(co->r, co->x->arena, "tools: dropped, tool_choice is none");
        co->tools = 0;
        return CCP_OK;
    }

    if (lost && (ccp_tool_forced(co->r, lost)
                 || (!co->tools && !co->search
                     && co->r->tool_choice.mode != CCP_TC_NONE)))
    {
        return ccp_error_set(co->x->err, co->x->arena, CCP_E_BAD_REQUEST,
                             "tool type %.*s isn't available on this target",
                             (int) lost->type.n,
                             (const char *) lost->type.p);
    }

    return CCP_OK;
}


/* strict as the provider takes it: -1 not at all. */

static int
ccp_chat_strict(ccp_chat_out_t *co, const ccp_tool_t *t)
{
    const ccp_tool_t  *o;

    if (co->d->strict == CCP_STRICT_DROP) {
        return -1;
    }

    if (co->d->strict == CCP_STRICT_UNIFORM) {
        for (o = co->r->tools; o; o = o->next) {
            if (ccp_chat_tool_sent(co, o) && o->strict != 1) {
                return -1;
            }
        }
    }

    return t->strict;
}


static void
ccp_chat_write_custom(ccp_chat_out_t *co, const ccp_tool_t *t, ccp_str_t name)
{
    ccp_out_t  *out;

    out = co->out;

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
ccp_chat_write_schema(ccp_chat_out_t *co, const ccp_tool_t *t, int strict)
{
    ccp_str_t  schema, desc;

    desc = t->desc;
    schema = t->schema;

    if (t->kind == CCP_T_BUILTIN) {
        schema = ccp_builtin_schema(t->type, &desc);
        desc = t->desc.n ? t->desc : desc;
    }

    ccp_w_kstr_opt(co->out, "description", desc);

    schema = strict == 1
             ? ccp_chat_closed(co, schema, t->dialect)
             : ccp_schema_of(co->x->arena, &co->r->doc, schema, t->dialect,
                             co->d->schema);

    if (schema.p == NULL) {
        return CCP_NOMEM;
    }

    ccp_w_kraw(co->out, "parameters", schema);

    if (strict >= 0) {
        ccp_w_kbool(co->out, "strict", strict);
    }

    return CCP_OK;
}


static int
ccp_chat_write_tool(ccp_chat_out_t *co, const ccp_tool_t *t)
{
    int                rc;
    ccp_out_t         *out;
    ccp_str_t          name;
    const ccp_name_t  *map;

    rc = CCP_OK;
    out = co->out;
    name = ccp_name_wire(co->x->names, t->space, t->name);
    map = ccp_name_client(co->x->names, name);

    ccp_w_obj(out);

    if (t->kind == CCP_T_CUSTOM && !(map && map->custom)) {
        ccp_chat_write_custom(co, t, name);

    } else {
        ccp_w_kcstr(out, "type", "function");
        ccp_w_key(out, "function");
        ccp_w_obj(out);
        ccp_w_kstr(out, "name", name);

        if (t->kind == CCP_T_CUSTOM) {
            ccp_w_freetext(out, t);
            ccp_w_kraw(out, "parameters", ccp_cstr(ccp_freetext_schema));

        } else {
            rc = ccp_chat_write_schema(co, t, ccp_chat_strict(co, t));
        }

        ccp_w_obj_end(out);
    }

    if (co->d->cache == CCP_CC_KEEP) {
        ccp_chat_write_mark(out, t->cache);
    }

    ccp_w_obj_end(out);

    return rc;
}


static void
ccp_chat_write_choice_word(ccp_chat_out_t *co, unsigned bit, const char *word)
{
    if (co->tc & bit) {
        ccp_w_kcstr(co->out, "tool_choice", word);
        return;
    }

    ccp_note(co->r, co->x->arena, "tool_choice: %s isn't taken by %s", word,
             co->d->name);

    if (co->tc & CCP_TC_BIT_AUTO) {
        ccp_w_kcstr(co->out, "tool_choice", "auto");
    }
}


static void
ccp_chat_write_choice(ccp_chat_out_t *co)
{
    ccp_str_t    name;
    ccp_out_t   *out;
    const char  *any;

    out = co->out;
    any = co->d->tc_any ? co->d->tc_any : "required";

    switch (co->r->tool_choice.mode) {

    case CCP_TC_UNSET:
        break;

    case CCP_TC_AUTO:
        if (co->tc & CCP_TC_BIT_AUTO) {
            ccp_w_kcstr(out, "tool_choice", "auto");
        }

        break;

    case CCP_TC_NONE:
        ccp_chat_write_choice_word(co, CCP_TC_BIT_NONE, "none");
        break;

    case CCP_TC_ANY:
        ccp_chat_write_choice_word(co, CCP_TC_BIT_REQUIRED, any);
        break;

    case CCP_TC_ALLOWED:
        /* the others are not sent */
        if (co->r->tool_choice.any) {
            ccp_chat_write_choice_word(co, CCP_TC_BIT_REQUIRED, any);

        } else {
            ccp_chat_write_choice_word(co, CCP_TC_BIT_AUTO, "auto");
        }

        break;

    case CCP_TC_NAMED:
        if (co->search && ccp_tool_forced(co->r, co->search)) {
            ccp_note(co->r, co->x->arena, "tool_choice: %s searches when it "
                     "sees fit", co->d->name);
            break;
        }

        if (co->only.p || !(co->tc & CCP_TC_BIT_FUNCTION)) {
            ccp_chat_write_choice_word(co, CCP_TC_BIT_REQUIRED, any);
            break;
        }

        name = ccp_name_wire(co->x->names, ccp_none, co->r->tool_choice.name);
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
ccp_chat_write_tools(ccp_chat_out_t *co)
{
    int                rc;
    ccp_out_t         *out;
    const char        *par;
    const ccp_tool_t  *t;

    out = co->out;

    if (co->search) {
        ccp_w_key(out, "web_search_options");

        if (co->search->origin == CCP_CHAT && co->search->raw.p) {
            ccp_w_raw(out, co->search->raw);

        } else {
            ccp_w_obj(out);
            ccp_w_obj_end(out);
        }
    }

    if (!co->tools) {
        /* a choice among nothing is refused (T17) */
        return CCP_OK;
    }

    ccp_w_key(out, "tools");
    ccp_w_arr(out);

    for (t = co->r->tools; t; t = t->next) {
        if (ccp_chat_tool_sent(co, t)) {
            rc = ccp_chat_write_tool(co, t);
            if (rc != CCP_OK) {
                return rc;
            }
        }
    }

    ccp_w_arr_end(out);
    ccp_chat_write_choice(co);

    if (co->r->parallel >= 0) {
        par = co->d->par ? co->d->par : "parallel_tool_calls";

        if (strcmp(par, "-") != 0) {
            ccp_w_kbool(out, par, co->r->parallel);

        } else if (co->r->parallel == 0) {
            ccp_note(co->r, co->x->arena,
                     "parallel_tool_calls: not taken by %s", co->d->name);
        }
    }

    return CCP_OK;
}


/* The cap to send: the client's within what the target allows (T44). */

static int64_t
ccp_chat_limit(ccp_encode_t *x)
{
    int64_t               n, cap;
    const ccp_dialect_t  *d;

    d = x->target->dialect;
    n = x->req->max_tokens;
    cap = x->target->max_tokens;

    if (n == CCP_UNSET_INT || n <= 0) {
        if (d->max_req <= 0) {
            return CCP_UNSET_INT;
        }

        n = d->max_req;
    }

    n = d->max_lo > n ? d->max_lo : n;
    n = d->max_hi > 0 && n > d->max_hi ? d->max_hi : n;

    return cap != CCP_UNSET_INT && cap > 0 && n > cap ? cap : n;
}


int
ccp_chat_encode(ccp_encode_t *x, ccp_out_t *out)
{
    int             rc;
    ccp_chat_out_t  co;

    memset(&co, 0, sizeof(ccp_chat_out_t));
    co.x = x;
    co.r = x->req;
    co.d = x->target->dialect;
    co.out = out;
    co.max = ccp_chat_limit(x);
    co.wanted = ccp_think_wanted(&x->req->think);
    co.thinks = co.wanted == 1 || co.d->think_off == CCP_OFF_NEVER
                || (co.wanted == -1 && co.d->think_default);

    rc = ccp_chat_survey_tools(&co);
    if (rc != CCP_OK) {
        return rc;
    }

    ccp_chat_survey_format(&co);

    ccp_w_obj(out);
    ccp_w_kstr(out, "model", x->model);

    if (co.max != CCP_UNSET_INT) {
        ccp_w_kint(out, co.d->max_field ? co.d->max_field : "max_tokens",
                   co.max);
    }

    rc = ccp_chat_write_messages(&co);

    if (rc == CCP_OK) {
        rc = ccp_chat_write_tools(&co);
    }

    if (rc == CCP_OK) {
        rc = ccp_chat_write_params(&co);
    }

    ccp_w_obj_end(out);

    if (rc != CCP_OK) {
        return rc;
    }

    return out->err ? CCP_NOMEM : CCP_OK;
}
