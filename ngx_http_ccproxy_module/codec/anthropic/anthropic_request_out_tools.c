
/*
 * Anthropic Messages, request out: tools and tool choice.
 */

#include "codec/anthropic/anthropic_request.h"
#include "codec/base/base_set.h"
#include "codec/json/json_write.h"
#include "codec/form/form_block.h"
#include "codec/form/form_error.h"
#include "codec/schema/schema.h"
#include "codec/prepare/prepare.h"


typedef enum {
    CCP_ANTHROPIC_T_DROP,
    CCP_ANTHROPIC_T_RAW,       /* as it came */
    CCP_ANTHROPIC_T_FUNCTION,
    CCP_ANTHROPIC_T_FREE_TEXT, /* free text, as a function of one string */
    CCP_ANTHROPIC_T_BUILTIN,   /* by its documented schema */
    CCP_ANTHROPIC_T_HOSTED     /* by the table below */
} ccp_anthropic_how_e;

typedef struct {
    const char  *from;         /* beginning of another protocol's type */
    const char  *type;
    const char  *name;
} ccp_anthropic_hosted_t;


static const ccp_anthropic_hosted_t  ccp_anthropic_hosted_tools[] = {
    { "web_search", "web_search_20250305", "web_search" },
    { "googleSearch", "web_search_20250305", "web_search" },
    { "google_search", "web_search_20250305", "web_search" },
    { "urlContext", "web_fetch_20250910", "web_fetch" },
    { "url_context", "web_fetch_20250910", "web_fetch" },
    { "codeExecution", "code_execution_20250825", "code_execution" },
    { "code_execution", "code_execution_20250825", "code_execution" },
    { "code_interpreter", "code_execution_20250825", "code_execution" }
};


static const ccp_anthropic_hosted_t *
ccp_anthropic_find_hosted(ccp_str_t type)
{
    size_t  i;

    for (i = 0; i < ccp_countof(ccp_anthropic_hosted_tools); i++) {
        if (type.p
            && ccp_str_starts(type, ccp_anthropic_hosted_tools[i].from))
        {
            return &ccp_anthropic_hosted_tools[i];
        }
    }

    return NULL;
}


static int
ccp_anthropic_allows_choice(const ccp_anthropic_writer_t *w, unsigned bit)
{
    int       thinks;
    unsigned  tc;

    thinks = w->think || w->pr->think_off == CCP_OFF_NEVER;
    tc = thinks && w->pr->tc_think ? w->pr->tc_think : w->pr->tc;

    return tc == 0 || (tc & bit);
}


static ccp_anthropic_how_e
ccp_anthropic_choose_how(ccp_anthropic_writer_t *w, const ccp_tool_t *t)
{
    ccp_str_t  desc;

    /* a history with calls needs their tools, wanted or not */

    if (w->r->tool_choice.mode == CCP_TC_NONE && !w->calls
        && !ccp_anthropic_allows_choice(w, CCP_TC_BIT_NONE))
    {
        return CCP_ANTHROPIC_T_DROP;
    }

    if (w->r->tool_choice.mode == CCP_TC_ALLOWED && !w->calls && !t->allowed) {
        return CCP_ANTHROPIC_T_DROP;
    }

    switch (t->kind) {

    case CCP_T_FUNCTION:
        return CCP_ANTHROPIC_T_FUNCTION;

    case CCP_T_FREE_TEXT:
        return CCP_ANTHROPIC_T_FREE_TEXT;

    case CCP_T_BUILTIN:
        if (w->same && t->raw.p) {
            return CCP_ANTHROPIC_T_RAW;
        }

        return ccp_builtin_schema(t->type, &desc).p ? CCP_ANTHROPIC_T_BUILTIN
                                                    : CCP_ANTHROPIC_T_DROP;

    default:
        if (w->same && t->raw.p) {
            return CCP_ANTHROPIC_T_RAW;
        }

        return ccp_anthropic_find_hosted(t->type) ? CCP_ANTHROPIC_T_HOSTED
                                                  : CCP_ANTHROPIC_T_DROP;
    }
}


static int
ccp_anthropic_write_function(ccp_anthropic_writer_t *w, const ccp_tool_t *t,
    ccp_str_t desc, ccp_str_t schema)
{
    ccp_out_t  *o;

    o = w->o;

    schema = ccp_schema_of(w->a, &w->r->doc, schema, t->dialect,
                           w->pr->schema, CCP_SCHEMA_ARGS);
    if (schema.p == NULL) {
        return CCP_NOMEM;
    }

    ccp_w_kstr(o, "name", ccp_name_wire(w->x->names, t->space, t->name));
    ccp_w_kstr_opt(o, "description", desc);
    ccp_w_kraw(o, "input_schema", schema);

    if (t->strict == 1 && w->pr->strict != CCP_STRICT_DROP) {
        ccp_w_kbool(o, "strict", 1);
    }

    if (t->defer && w->same) {
        ccp_w_kbool(o, "defer_loading", 1);
    }

    return CCP_OK;
}


static int
ccp_anthropic_write_tool(ccp_anthropic_writer_t *w, const ccp_tool_t *t,
    ccp_anthropic_how_e how, ccp_cache_e mark)
{
    int                            rc;
    ccp_str_t                      desc, schema;
    const ccp_anthropic_hosted_t  *h;

    if (how == CCP_ANTHROPIC_T_RAW) {
        ccp_w_raw(w->o, t->raw);
        return CCP_OK;
    }

    rc = CCP_OK;
    ccp_w_obj(w->o);

    switch (how) {

    case CCP_ANTHROPIC_T_FUNCTION:
        rc = ccp_anthropic_write_function(w, t, t->desc, t->schema);
        break;

    case CCP_ANTHROPIC_T_FREE_TEXT:
        ccp_w_kstr(w->o, "name",
                   ccp_name_wire(w->x->names, t->space, t->name));
        ccp_w_free_text(w->o, t);
        ccp_w_kraw(w->o, "input_schema", ccp_cstr(ccp_free_text_schema));
        break;

    case CCP_ANTHROPIC_T_BUILTIN:
        desc = ccp_none;
        schema = ccp_builtin_schema(t->type, &desc);
        rc = ccp_anthropic_write_function(w, t, t->desc.p ? t->desc : desc,
                                          schema);
        break;

    default:
        h = ccp_anthropic_find_hosted(t->type);
        ccp_w_kcstr(w->o, "type", h->type);
        ccp_w_kcstr(w->o, "name", h->name);
    }

    ccp_anthropic_write_mark(w, mark, &w->skip_rest);
    ccp_w_obj_end(w->o);

    return rc;
}


/*
 * A history with calls needs tools: one without a schema for each name that
 * was called, where the client sends none any more.
 */

static int
ccp_anthropic_write_stubs(ccp_anthropic_writer_t *w)
{
    int                   rc;
    size_t                n;
    ccp_set_t             seen;
    ccp_tool_t            t;
    const ccp_block_t    *b;
    const ccp_message_t  *m;

    n = 0;

    for (m = w->r->msgs; m; m = m->next) {
        for (b = m->blocks; b; b = b->next) {
            n += b->kind == CCP_B_CALL;
        }
    }

    rc = ccp_set_init(&seen, w->a, n);
    if (rc != CCP_OK) {
        return rc;
    }

    ccp_w_key(w->o, "tools");
    ccp_w_arr(w->o);

    for (m = w->r->msgs; m; m = m->next) {
        for (b = m->blocks; b && rc == CCP_OK; b = b->next) {

            if (b->kind == CCP_B_CALL && ccp_set_add(&seen, b->name)) {
                memset(&t, 0, sizeof(t));
                t.name = b->name;
                t.space = b->space;
                rc = ccp_anthropic_write_tool(w, &t, CCP_ANTHROPIC_T_FUNCTION,
                                              CCP_CACHE_NONE);
            }
        }
    }

    ccp_set_free(&seen);
    ccp_w_arr_end(w->o);

    if (rc == CCP_OK) {
        ccp_w_key(w->o, "tool_choice");
        ccp_w_obj(w->o);
        ccp_w_kcstr(w->o, "type", "none");
        ccp_w_obj_end(w->o);
    }

    return rc;
}


/* The name on the wire of the tool that must be called. */

static ccp_str_t
ccp_anthropic_named_tool(const ccp_anthropic_writer_t *w)
{
    const ccp_tool_t              *t;
    const ccp_anthropic_hosted_t  *h;

    for (t = w->r->tools; t && !w->same; t = t->next) {
        h = t->kind == CCP_T_HOSTED ? ccp_anthropic_find_hosted(t->type)
                                    : NULL;

        if (h && ccp_tool_forced(w->r, t)) {
            return ccp_cstr(h->name);
        }
    }

    return ccp_name_wire(w->x->names, ccp_none, w->r->tool_choice.name);
}


static void
ccp_anthropic_write_choice(ccp_anthropic_writer_t *w)
{
    ccp_str_t    name;
    ccp_out_t   *o;
    ccp_tc_e     mode;
    const char  *type;

    o = w->o;
    mode = w->r->tool_choice.mode;
    name = ccp_none;
    type = "auto";

    if (mode == CCP_TC_ALLOWED) {
        mode = w->r->tool_choice.any ? CCP_TC_ANY : CCP_TC_AUTO;
    }

    if (mode == CCP_TC_NAMED
        && ccp_anthropic_allows_choice(w, CCP_TC_BIT_FUNCTION))
    {
        type = "tool";
        name = ccp_anthropic_named_tool(w);

    } else if ((mode == CCP_TC_ANY || mode == CCP_TC_NAMED)
               && ccp_anthropic_allows_choice(w, CCP_TC_BIT_REQUIRED))
    {
        type = "any";

    } else if (mode == CCP_TC_NONE
               && ccp_anthropic_allows_choice(w, CCP_TC_BIT_NONE))
    {
        type = "none";

    } else if (mode != CCP_TC_UNSET && mode != CCP_TC_AUTO) {
        ccp_request_note(w->r, w->a,
                         "tool_choice: not taken by this target, auto");
    }

    if (mode == CCP_TC_UNSET && w->r->parallel != 0) {
        return;
    }

    ccp_w_key(o, "tool_choice");
    ccp_w_obj(o);
    ccp_w_kcstr(o, "type", type);
    ccp_w_kstr_opt(o, "name", name);

    if (w->r->parallel == 0 && strcmp(type, "none") != 0) {
        ccp_w_kbool(o, "disable_parallel_tool_use", 1);
    }

    ccp_w_obj_end(o);
}


/* A dropped tool that was forced or was the only one is missed: an error. */

static int
ccp_anthropic_note_missed(ccp_anthropic_writer_t *w, const ccp_tool_t *t,
    int only)
{
    if (only || ccp_tool_forced(w->r, t)) {
        return ccp_refuse(w->x->err, w->a, CCP_E_BAD_REQUEST,
                          "tool type %.*s isn't available on this target",
                          (int) (t->type.n > 100 ? 100 : t->type.n),
                          t->type.p ? (const char *) t->type.p : "");
    }

    ccp_request_note(w->r, w->a, "tools: type %.*s isn't available: dropped",
                     (int) (t->type.n > 100 ? 100 : t->type.n),
                     t->type.p ? (const char *) t->type.p : "");

    return CCP_OK;
}


int
ccp_anthropic_write_tools(ccp_anthropic_writer_t *w)
{
    int                  rc, n;
    ccp_cache_e          mark;
    ccp_anthropic_how_e  how;
    const ccp_tool_t    *t, *last;

    n = 0;
    last = NULL;

    for (t = w->r->tools; t; t = t->next) {
        if (ccp_anthropic_choose_how(w, t) != CCP_ANTHROPIC_T_DROP) {
            last = t;
            n++;
        }
    }

    for (t = w->r->tools; t; t = t->next) {
        if (ccp_anthropic_choose_how(w, t) == CCP_ANTHROPIC_T_DROP
            && w->r->tool_choice.mode != CCP_TC_NONE
            && w->r->tool_choice.mode != CCP_TC_ALLOWED
            && (t->kind == CCP_T_HOSTED || t->kind == CCP_T_BUILTIN))
        {
            rc = ccp_anthropic_note_missed(w, t, n == 0
                                           && w->r->tools->next == NULL);
            if (rc != CCP_OK) {
                return rc;
            }
        }
    }

    if (n == 0) {
        return w->calls ? ccp_anthropic_write_stubs(w) : CCP_OK;
    }

    ccp_w_key(w->o, "tools");
    ccp_w_arr(w->o);

    for (t = w->r->tools; t; t = t->next) {
        how = ccp_anthropic_choose_how(w, t);

        if (how == CCP_ANTHROPIC_T_DROP) {
            continue;
        }

        mark = t == last && w->automark ? CCP_CACHE_5M : t->cache;

        rc = ccp_anthropic_write_tool(w, t, how, mark);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    ccp_w_arr_end(w->o);
    ccp_anthropic_write_choice(w);

    return CCP_OK;
}
