
/*
 * Anthropic Messages, request in: everything but content blocks.
 */

#include <stdio.h>

#include "codec/anthropic/anthropic_request.h"
#include "codec/anthropic/anthropic.h"
#include "codec/form/form_block.h"


typedef struct {
    const char   *prefix;
    ccp_tool_e    kind;
} ccp_anthropic_tool_type_t;


/* Tool types carry a date, so a beginning decides. */

static const ccp_anthropic_tool_type_t  ccp_anthropic_read_tool_types[] = {
    { "bash_", CCP_T_BUILTIN },
    { "text_editor_", CCP_T_BUILTIN },
    { "computer_", CCP_T_BUILTIN },
    { "memory_", CCP_T_BUILTIN },
    { "browser_toolset_", CCP_T_BUILTIN }
};


static const char *const  ccp_anthropic_read_efforts[] = {
    "", "none", "minimal", "low", "medium", "high", "xhigh", "max"
};


/* A member of that type or none. */

static int
ccp_anthropic_read_typed(ccp_anthropic_reader_t *in, const char *name,
    ccp_jtype_e type, ccp_jval_t *v)
{
    int          ok;
    ccp_jtype_e  got;

    *v = ccp_json_opt(in->r->root, name);

    if (v->doc == NULL) {
        return CCP_OK;
    }

    got = ccp_json_type(*v);
    ok = (got == type) || (type == CCP_J_TRUE && got == CCP_J_FALSE);

    if (ok) {
        return CCP_OK;
    }

    switch (type) {
    case CCP_J_NUMBER:
        return ccp_anthropic_read_error(in, name, "",
                                        "Input should be a valid number");
    case CCP_J_TRUE:
        return ccp_anthropic_read_error(in, name, "",
                                        "Input should be a valid boolean");
    case CCP_J_ARRAY:
        return ccp_anthropic_read_error(in, name, "",
                                        "Input should be a valid list");
    case CCP_J_STRING:
        return ccp_anthropic_read_error(in, name, "",
                                        "Input should be a valid string");
    default:
        return ccp_anthropic_read_error(in, name, "",
                                        "Input should be an object");
    }
}


static ccp_effort_e
ccp_anthropic_read_effort(ccp_jval_t config)
{
    int         i;
    ccp_jval_t  v;

    v = ccp_json_opt(config, "effort");

    for (i = CCP_EFFORT_NONE; i <= CCP_EFFORT_MAX; i++) {
        if (ccp_json_is(v, ccp_anthropic_read_efforts[i])) {
            return i;
        }
    }

    return CCP_EFFORT_UNSET;
}


static int
ccp_anthropic_read_tool(ccp_anthropic_reader_t *in, ccp_jval_t v, long k,
    ccp_tool_t **tool)
{
    char         at[48];
    size_t       i;
    ccp_tool_t  *t;

    if (ccp_json_type(v) != CCP_J_OBJECT) {
        snprintf(at, sizeof(at), "tools.%ld", k);
        return ccp_anthropic_read_error(in, at, "",
                                        "Input should be an object");
    }

    t = ccp_calloc(in->a, sizeof(ccp_tool_t));
    if (t == NULL) {
        return CCP_NOMEM;
    }

    *tool = t;

    t->kind = CCP_T_FUNCTION;
    t->name = ccp_json_gets(v, "name");
    t->type = ccp_json_gets(v, "type");
    t->desc = ccp_json_gets(v, "description");
    t->schema = ccp_json_raw(ccp_json_opt(v, "input_schema"));
    t->strict = ccp_json_bool(ccp_json_opt(v, "strict"), -1);
    t->defer = (ccp_json_bool(ccp_json_opt(v, "defer_loading"), 0) == 1);
    t->cache = ccp_anthropic_read_cache_mark(v);
    t->origin = CCP_ANTHROPIC;
    t->raw = ccp_json_raw(v);

    if (t->type.p && !ccp_str_is(t->type, "custom")) {
        t->kind = CCP_T_HOSTED;

        for (i = 0; i < ccp_countof(ccp_anthropic_read_tool_types); i++) {
            if (ccp_str_starts(t->type,
                               ccp_anthropic_read_tool_types[i].prefix))
            {
                t->kind = ccp_anthropic_read_tool_types[i].kind;
            }
        }

        return CCP_OK;
    }

    t->type = ccp_none;

    if (t->name.n == 0) {
        snprintf(at, sizeof(at), "tools.%ld.custom", k);
        return ccp_anthropic_read_error(in, at, "name", "Field required");
    }

    return CCP_OK;
}


static int
ccp_anthropic_read_tools(ccp_anthropic_reader_t *in)
{
    int           rc;
    long          k;
    ccp_jval_t    v;
    ccp_tool_t  **tail;
    ccp_jiter_t   it;

    rc = ccp_anthropic_read_typed(in, "tools", CCP_J_ARRAY, &v);
    if (rc != CCP_OK) {
        return rc;
    }

    tail = &in->r->tools;
    k = 0;

    for (it = ccp_json_iter(v); ccp_json_next(&it); k++) {
        rc = ccp_anthropic_read_tool(in, it.val, k, tail);
        if (rc != CCP_OK) {
            return rc;
        }

        tail = &(*tail)->next;
    }

    return CCP_OK;
}


/* Moves the named tool from one list to the end of the other. */

static void
ccp_anthropic_read_move_tool(ccp_tool_t **from, ccp_tool_t **to,
    ccp_str_t name)
{
    ccp_tool_t  *t;

    while (*from && !ccp_str_eq((*from)->name, name)) {
        from = &(*from)->next;
    }

    t = *from;
    if (t == NULL) {
        return;
    }

    *from = t->next;
    t->next = NULL;

    while (*to) {
        to = &(*to)->next;
    }

    *to = t;
}


/* tool_addition and tool_removal of a system message change the tools. */

static int
ccp_anthropic_read_tool_change(ccp_anthropic_reader_t *in, ccp_jval_t v)
{
    int           rc, add;
    ccp_str_t     name;
    ccp_jval_t    tool, def;
    ccp_tool_t  **tail, *t;

    add = ccp_json_is(ccp_json_get(v, "type"), "tool_addition");
    tool = ccp_json_opt(v, "tool");

    name = ccp_json_gets(tool, "tool_name");
    if (name.p == NULL) {
        name = ccp_json_gets(tool, "name");
    }

    if (!add) {
        ccp_anthropic_read_move_tool(&in->r->tools, &in->removed, name);
        return CCP_OK;
    }

    if (!ccp_json_is(ccp_json_get(tool, "type"), "tool_definition")) {
        ccp_anthropic_read_move_tool(&in->removed, &in->r->tools, name);

        for (t = in->r->tools; t; t = t->next) {
            if (ccp_str_eq(t->name, name)) {
                t->defer = 0;
            }
        }

        return CCP_OK;
    }

    def = ccp_json_opt(tool, "definition");
    if (def.doc == NULL) {
        def = ccp_json_opt(tool, "tool");
    }

    for (tail = &in->r->tools; *tail; tail = &(*tail)->next) { /* void */ }

    rc = ccp_anthropic_read_tool(in, def.doc ? def : tool, 0, tail);

    /* the definition may stand beside its own type */

    if (rc == CCP_OK && ccp_str_is((*tail)->type, "tool_definition")) {
        (*tail)->kind = CCP_T_FUNCTION;
        (*tail)->type = ccp_none;
    }

    return rc;
}


static int
ccp_anthropic_read_system_extras(ccp_anthropic_reader_t *in, ccp_jval_t v,
    ccp_message_t *m)
{
    int            rc;
    ccp_jval_t     type;
    ccp_jiter_t    it;
    ccp_block_t  **b;
    ccp_effort_e   effort;

    m->clear_next = ccp_json_is(ccp_json_get(v, "clear_at"),
                                "next_user_message");

    effort = ccp_anthropic_read_effort(ccp_json_opt(v, "output_config"));
    if (effort != CCP_EFFORT_UNSET) {
        in->r->think.effort = effort;
    }

    v = ccp_json_opt(v, "content");
    if (ccp_json_type(v) != CCP_J_ARRAY) {
        return CCP_OK;
    }

    for (it = ccp_json_iter(v); ccp_json_next(&it); /* void */) {
        type = ccp_json_get(it.val, "type");

        if (ccp_json_is(type, "tool_addition")
            || ccp_json_is(type, "tool_removal"))
        {
            rc = ccp_anthropic_read_tool_change(in, it.val);
            if (rc != CCP_OK) {
                return rc;
            }
        }
    }

    for (b = &m->blocks; *b; /* void */) {
        if ((*b)->kind == CCP_B_OPAQUE) {
            *b = (*b)->next;
        } else {
            b = &(*b)->next;
        }
    }

    return CCP_OK;
}


static int
ccp_anthropic_read_message(ccp_anthropic_reader_t *in, ccp_jval_t v,
    ccp_message_t ***tail)
{
    int             rc;
    ccp_role_e      role;
    ccp_str_t       name;
    ccp_jval_t      content;
    ccp_block_t   **b;
    ccp_message_t  *m;

    if (ccp_json_type(v) != CCP_J_OBJECT) {
        return ccp_anthropic_read_error(in, "", "",
                                        "Input should be an object");
    }

    rc = ccp_anthropic_read_needed(in, v, "", "role", &name);
    if (rc != CCP_OK) {
        return rc;
    }

    if (ccp_str_is(name, "user")) {
        role = CCP_ROLE_USER;

    } else if (ccp_str_is(name, "assistant")) {
        role = CCP_ROLE_ASSISTANT;

    } else if (ccp_str_is(name, "system")) {
        role = CCP_ROLE_SYSTEM;

    } else {
        return ccp_anthropic_read_error(in, "", "role",
                           "Input should be 'user', 'assistant' or 'system'");
    }

    content = ccp_json_opt(v, "content");

    if (content.doc == NULL && (role != CCP_ROLE_SYSTEM
                            || !ccp_json_has(ccp_json_get(v,
                                                          "output_config"))))
    {
        return ccp_anthropic_read_error(in, "", "content", "Field required");
    }

    m = ccp_message_new(in->a, role);
    if (m == NULL) {
        return CCP_NOMEM;
    }

    rc = ccp_anthropic_read_blocks(in, content, &m->blocks, NULL);

    if (rc == CCP_OK && role == CCP_ROLE_SYSTEM) {
        rc = ccp_anthropic_read_system_extras(in, v, m);

        if (m->blocks == NULL) {
            return rc;
        }
    }

    if (rc != CCP_OK) {
        return rc;
    }

    if (role == CCP_ROLE_SYSTEM && in->r->msgs == NULL && !m->clear_next) {
        for (b = &in->r->system; *b; b = &(*b)->next) { /* void */ }
        *b = m->blocks;
        return CCP_OK;
    }

    **tail = m;
    *tail = &m->next;

    return CCP_OK;
}


static int
ccp_anthropic_read_messages(ccp_anthropic_reader_t *in)
{
    int              rc;
    ccp_jval_t       v;
    ccp_jiter_t      it;
    ccp_message_t  **tail;

    rc = ccp_anthropic_read_typed(in, "messages", CCP_J_ARRAY, &v);
    if (rc != CCP_OK) {
        return rc;
    }

    if (v.doc == NULL) {
        return ccp_anthropic_read_error(in, "messages", "", "Field required");
    }

    tail = &in->r->msgs;

    for (it = ccp_json_iter(v); ccp_json_next(&it); /* void */) {
        in->msg++;

        rc = ccp_anthropic_read_message(in, it.val, &tail);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    if (in->msg < 0) {
        return ccp_anthropic_read_error(in, "messages", "",
                                        "at least one message is required");
    }

    in->msg = -1;

    return CCP_OK;
}


static int
ccp_anthropic_read_tool_choice(ccp_anthropic_reader_t *in)
{
    int             rc;
    ccp_jval_t      v, type;
    ccp_request_t  *r;

    r = in->r;

    rc = ccp_anthropic_read_typed(in, "tool_choice", CCP_J_OBJECT, &v);
    if (rc != CCP_OK || v.doc == NULL) {
        return rc;
    }

    type = ccp_json_opt(v, "type");

    if (ccp_json_is(type, "auto")) {
        r->tool_choice.mode = CCP_TC_AUTO;

    } else if (ccp_json_is(type, "none")) {
        r->tool_choice.mode = CCP_TC_NONE;

    } else if (ccp_json_is(type, "any")) {
        r->tool_choice.mode = CCP_TC_ANY;

    } else if (ccp_json_is(type, "tool")) {
        r->tool_choice.mode = CCP_TC_NAMED;

        rc = ccp_anthropic_read_needed(in, v, "tool_choice.tool", "name",
                                       &r->tool_choice.name);
        if (rc != CCP_OK) {
            return rc;
        }

    } else {
        return ccp_anthropic_read_error(in, "tool_choice", "type",
            type.doc == NULL
            ? "Field required"
            : "Input should be 'auto', 'any', 'tool' or 'none'");
    }

    rc = ccp_json_bool(ccp_json_opt(v, "disable_parallel_tool_use"), -1);
    if (rc >= 0) {
        r->parallel = !rc;
    }

    return CCP_OK;
}


static int
ccp_anthropic_read_thinking(ccp_anthropic_reader_t *in)
{
    int           rc;
    ccp_jval_t    v, type, display;
    ccp_think_t  *t;

    t = &in->r->think;

    rc = ccp_anthropic_read_typed(in, "thinking", CCP_J_OBJECT, &v);
    if (rc != CCP_OK || v.doc == NULL) {
        return rc;
    }

    type = ccp_json_get(v, "type");
    display = ccp_json_get(v, "display");

    if (ccp_json_is(type, "enabled")) {
        t->mode = CCP_THINK_ON;
        t->budget = ccp_json_int(ccp_json_opt(v, "budget_tokens"),
                                 CCP_UNSET_INT);

    } else if (ccp_json_is(type, "adaptive")) {
        t->mode = CCP_THINK_AUTO;

    } else if (ccp_json_is(type, "disabled")) {
        t->mode = CCP_THINK_OFF;

    } else if (ccp_json_is(type, "between_tools")) {
        t->mode = CCP_THINK_BETWEEN;

    } else if (!ccp_json_has(type)) {
        return ccp_anthropic_read_error(in, "thinking", "type",
                                        "Field required");
    }

    if (ccp_json_is(display, "omitted")) {
        t->display = CCP_DISPLAY_OMIT;

    } else if (ccp_json_is(display, "summarized")) {
        t->display = CCP_DISPLAY_SUMMARY;
    }

    return CCP_OK;
}


static int
ccp_anthropic_read_output(ccp_anthropic_reader_t *in)
{
    int             rc;
    ccp_jval_t      config, format, old;
    ccp_effort_e    effort;
    ccp_request_t  *r;

    r = in->r;
    old = ccp_jabsent;

    rc = ccp_anthropic_read_typed(in, "output_config", CCP_J_OBJECT, &config);
    if (rc == CCP_OK) {
        rc = ccp_anthropic_read_typed(in, "output_format", CCP_J_OBJECT, &old);
    }

    if (rc != CCP_OK) {
        return rc;
    }

    effort = ccp_anthropic_read_effort(config);
    if (effort != CCP_EFFORT_UNSET) {
        r->think.effort = effort;
    }

    format = ccp_json_opt(config, "format");
    if (format.doc == NULL) {
        format = old;
    }

    if (ccp_json_is(ccp_json_get(format, "type"), "json_schema")) {
        r->out.kind = CCP_F_SCHEMA;
        r->out.schema = ccp_json_raw(ccp_json_opt(format, "schema"));
        r->out.name = ccp_json_gets(format, "name");
    }

    return CCP_OK;
}


static int
ccp_anthropic_read_number(ccp_anthropic_reader_t *in, const char *name,
    ccp_str_t *number)
{
    int         rc;
    ccp_jval_t  v;

    rc = ccp_anthropic_read_typed(in, name, CCP_J_NUMBER, &v);
    *number = ccp_json_number(v);

    return rc;
}


static int
ccp_anthropic_read_sampling(ccp_anthropic_reader_t *in)
{
    int             rc;
    ccp_jval_t      v;
    ccp_jiter_t     it;
    ccp_request_t  *r;

    r = in->r;
    v = ccp_jabsent;

    rc = ccp_anthropic_read_number(in, "temperature", &r->temperature);

    if (rc == CCP_OK) {
        rc = ccp_anthropic_read_number(in, "top_p", &r->top_p);
    }

    if (rc == CCP_OK) {
        rc = ccp_anthropic_read_number(in, "top_k", &r->top_k);
    }

    if (rc == CCP_OK) {
        rc = ccp_anthropic_read_typed(in, "stop_sequences", CCP_J_ARRAY, &v);
    }

    if (rc != CCP_OK) {
        return rc;
    }

    for (it = ccp_json_iter(v); ccp_json_next(&it); /* void */) {
        if (ccp_json_type(it.val) != CCP_J_STRING) {
            return ccp_anthropic_read_error(in, "stop_sequences", "",
                               "Input should be a list of strings");
        }

        rc = ccp_item_add(in->a, &r->stop, ccp_json_str(it.val));
        if (rc != CCP_OK) {
            return rc;
        }
    }

    return CCP_OK;
}


static int
ccp_anthropic_read_limits(ccp_anthropic_reader_t *in)
{
    int             rc;
    ccp_jval_t      v;
    ccp_request_t  *r;

    r = in->r;
    v = ccp_json_opt(r->root, "max_tokens");

    if (v.doc == NULL) {
        rc = r->op == CCP_OP_COUNT ? CCP_OK
             : ccp_anthropic_read_error(in, "max_tokens", "",
                                        "Field required");

    } else {
        r->max_tokens = ccp_json_int(v, -1);
        rc = ccp_json_type(v) == CCP_J_NUMBER && r->max_tokens >= 0 ? CCP_OK
             : ccp_anthropic_read_error(in, "max_tokens", "",
                                        ccp_json_type(v) == CCP_J_NUMBER
                   ? "Input should be greater than or equal to 0"
                   : "Input should be a valid integer");
    }

    if (rc == CCP_OK) {
        rc = ccp_anthropic_read_typed(in, "stream", CCP_J_TRUE, &v);
        r->stream = (ccp_json_bool(v, 0) == 1);
    }

    return rc;
}


static int
ccp_anthropic_read_misc(ccp_anthropic_reader_t *in)
{
    int             rc;
    ccp_jval_t      v;
    ccp_request_t  *r;

    r = in->r;

    rc = ccp_anthropic_read_typed(in, "metadata", CCP_J_OBJECT, &v);
    if (rc != CCP_OK) {
        return rc;
    }

    r->user = ccp_json_gets(v, "user_id");
    r->tier = ccp_json_gets(r->root, "service_tier");
    r->cache_auto = ccp_anthropic_read_cache_mark(r->root);

    return CCP_OK;
}


static int
ccp_anthropic_read_model(ccp_anthropic_reader_t *in)
{
    in->r->model_val = ccp_json_get(in->r->root, "model");

    return ccp_anthropic_read_needed(in, in->r->root, "", "model",
                                     &in->r->model);
}


static int
ccp_anthropic_read_system(ccp_anthropic_reader_t *in)
{
    return ccp_anthropic_read_blocks(in, ccp_json_opt(in->r->root, "system"),
                                     &in->r->system, NULL);
}


int
ccp_anthropic_read_request(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err)
{
    int                     rc;
    size_t                  i;
    ccp_anthropic_reader_t  in;

    static int (*const  steps[])(ccp_anthropic_reader_t *in) = {
        ccp_anthropic_read_model, ccp_anthropic_read_limits,
        ccp_anthropic_read_sampling, ccp_anthropic_read_misc,
        ccp_anthropic_read_thinking, ccp_anthropic_read_output,
        ccp_anthropic_read_tool_choice, ccp_anthropic_read_tools,
        ccp_anthropic_read_system, ccp_anthropic_read_messages
    };

    memset(&in, 0, sizeof(in));
    in.r = r;
    in.a = a;
    in.err = err;
    in.msg = -1;
    in.blk = -1;
    in.sub = -1;

    for (i = 0; i < ccp_countof(steps); i++) {
        rc = steps[i](&in);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    return CCP_OK;
}
