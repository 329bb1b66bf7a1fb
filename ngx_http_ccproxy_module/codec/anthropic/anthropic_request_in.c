
/*
 * Anthropic Messages, request in: everything but content blocks.
 */

#include "codec/anthropic/anthropic_request.h"
#include "codec/anthropic/anthropic.h"
#include "codec/form/form_block.h"
#include "codec/form/form_think.h"


/* "messages.3.content.0.text.text: Field required" */

static const ccp_in_words_t  ccp_anthropic_read_words = {
    .open = ".",
    .close = "",
    .missing = "Field required",
    .wrong = "Input should be ",
    .bare = 1,
    .null = 1,
    .wants = {
        [CCP_M_NUMBER] = "a valid number",
        [CCP_M_INT] = "a valid integer",
        [CCP_M_BOOL] = "a valid boolean",
        [CCP_M_STRING] = "a valid string",
        [CCP_M_NAME] = "a valid string",
        [CCP_M_OBJECT] = "an object",
        [CCP_M_ARRAY] = "a valid list"
    }
};


static const ccp_in_style_t  ccp_anthropic_read_style = {
    .words = &ccp_anthropic_read_words
};


static const char *const  ccp_anthropic_read_names[] = {
    "model", "messages", "system", "max_tokens", "stream", "temperature",
    "top_p", "top_k", "stop_sequences", "tools", "tool_choice", "thinking",
    "metadata", "service_tier", "output_config", "output_format",
    "mcp_servers", "container", "context_management", "cache_control",
    "speed", "thread", "fallbacks", NULL
};


static const ccp_member_t  ccp_anthropic_read_table[] = {
    { "stream", CCP_M_BOOL, ccp_at(stream) },
    { "temperature", CCP_M_NUMBER, ccp_at(temperature) },
    { "top_p", CCP_M_NUMBER, ccp_at(top_p) },
    { "top_k", CCP_M_NUMBER, ccp_at(top_k) },
    { NULL, 0, 0 }
};


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


/* ---- tools ---- */

static ccp_tool_t *
ccp_anthropic_read_tool(ccp_anthropic_reader_t *in, ccp_jval_t v,
    ccp_tool_t ***tail)
{
    size_t       i;
    ccp_tool_t  *t;

    if (!ccp_in_is_object(&in->at, v)) {
        return NULL;
    }

    t = ccp_in_tool(&in->at, CCP_T_FUNCTION, CCP_ANTHROPIC, v, tail);
    if (t == NULL) {
        return NULL;
    }

    t->name = ccp_json_gets(v, "name");
    t->type = ccp_json_gets(v, "type");
    t->desc = ccp_json_gets(v, "description");
    t->schema = ccp_json_raw(ccp_json_opt(v, "input_schema"));
    t->strict = ccp_json_bool(ccp_json_opt(v, "strict"), -1);
    t->defer = (ccp_json_bool(ccp_json_opt(v, "defer_loading"), 0) == 1);
    t->cache = ccp_anthropic_read_cache_mark(v);

    if (t->type.p == NULL || ccp_str_is(t->type, "custom")) {
        t->type = ccp_none;

        if (t->name.n == 0) {
            ccp_in_wrong(&in->at, "custom.name", ccp_jabsent, "");
        }

        return t;
    }

    t->kind = CCP_T_HOSTED;

    for (i = 0; i < ccp_countof(ccp_anthropic_read_tool_types); i++) {
        if (ccp_str_starts(t->type, ccp_anthropic_read_tool_types[i].prefix)) {
            t->kind = ccp_anthropic_read_tool_types[i].kind;
        }
    }

    return t;
}


static void
ccp_anthropic_read_tools(ccp_anthropic_reader_t *in)
{
    ccp_tool_t    **tail;
    ccp_in_list_t   l;

    tail = &in->r->tools;

    for (l = ccp_in_list(&in->at, in->r->root, "tools"); ccp_in_next(&l); ) {
        (void) ccp_anthropic_read_tool(in, l.val, &tail);
    }
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

static void
ccp_anthropic_read_tool_change(ccp_anthropic_reader_t *in, ccp_jval_t v)
{
    int           add;
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
        return;
    }

    if (!ccp_json_is(ccp_json_get(tool, "type"), "tool_definition")) {
        ccp_anthropic_read_move_tool(&in->removed, &in->r->tools, name);

        for (t = in->r->tools; t; t = t->next) {
            if (ccp_str_eq(t->name, name)) {
                t->defer = 0;
            }
        }

        return;
    }

    def = ccp_json_opt(tool, "definition");
    if (def.doc == NULL) {
        def = ccp_json_opt(tool, "tool");
    }

    for (tail = &in->r->tools; *tail; tail = &(*tail)->next) { /* void */ }

    t = ccp_anthropic_read_tool(in, def.doc ? def : tool, &tail);

    /* the definition may stand beside its own type */

    if (t && ccp_str_is(t->type, "tool_definition")) {
        t->kind = CCP_T_FUNCTION;
        t->type = ccp_none;
    }
}


static const ccp_word_t  ccp_anthropic_read_choice_words[] = {
    { "auto", CCP_TC_AUTO },
    { "none", CCP_TC_NONE },
    { "any", CCP_TC_ANY },
    { "tool", CCP_TC_NAMED },
    { NULL, 0 }
};


static void
ccp_anthropic_read_tool_choice(ccp_anthropic_reader_t *in)
{
    int             serial;
    ccp_jval_t      v, type;
    ccp_request_t  *r;

    r = in->r;
    v = ccp_in_opt(&in->at, r->root, "tool_choice", CCP_M_OBJECT);

    if (!ccp_json_has(v)) {
        return;
    }

    type = ccp_json_opt(v, "type");
    r->tool_choice.mode = ccp_word_find(ccp_anthropic_read_choice_words,
                                        ccp_json_str(type), CCP_TC_UNSET);

    if (r->tool_choice.mode == CCP_TC_NAMED) {
        ccp_in_enter(&in->at, "tool_choice.tool");
        r->tool_choice.name = ccp_json_str(ccp_in_need(&in->at, v, "name",
                                                       CCP_M_STRING));
        ccp_in_leave(&in->at);

    } else if (r->tool_choice.mode == CCP_TC_UNSET) {
        ccp_in_wrong(&in->at, "tool_choice.type", type,
                     "'auto', 'any', 'tool' or 'none'");
    }

    serial = ccp_json_bool(ccp_json_opt(v, "disable_parallel_tool_use"), -1);
    if (serial >= 0) {
        r->parallel = !serial;
    }
}


/* ---- messages ---- */

static void
ccp_anthropic_read_effort(ccp_anthropic_reader_t *in, ccp_jval_t config)
{
    ccp_effort_e  effort;

    effort = ccp_effort_find(ccp_json_gets(config, "effort"));

    if (effort != CCP_EFFORT_UNSET) {
        in->r->think.effort = effort;
    }
}


static void
ccp_anthropic_read_system_extras(ccp_anthropic_reader_t *in, ccp_jval_t v,
    ccp_message_t *m)
{
    ccp_jval_t      type, content;
    ccp_block_t   **b;
    ccp_in_list_t   l;

    m->clear_next = ccp_json_is(ccp_json_get(v, "clear_at"),
                                "next_user_message");

    ccp_anthropic_read_effort(in, ccp_json_opt(v, "output_config"));
    content = ccp_json_opt(v, "content");

    if (ccp_json_type(content) != CCP_J_ARRAY) {
        return;
    }

    for (l = ccp_in_each(&in->at, content, "content"); ccp_in_next(&l); ) {
        type = ccp_json_get(l.val, "type");

        if (ccp_json_is(type, "tool_addition")
            || ccp_json_is(type, "tool_removal"))
        {
            ccp_anthropic_read_tool_change(in, l.val);
        }
    }

    for (b = &m->blocks; *b; /* void */) {
        if ((*b)->kind == CCP_B_OPAQUE) {
            *b = (*b)->next;
        } else {
            b = &(*b)->next;
        }
    }
}


static const ccp_word_t  ccp_anthropic_read_role_words[] = {
    { "user", CCP_ROLE_USER },
    { "assistant", CCP_ROLE_ASSISTANT },
    { "system", CCP_ROLE_SYSTEM },
    { NULL, 0 }
};


static void
ccp_anthropic_read_message(ccp_anthropic_reader_t *in, ccp_jval_t v,
    ccp_message_t ***tail)
{
    int             role;
    ccp_jval_t      type, content;
    ccp_block_t   **b;
    ccp_message_t  *m;

    if (!ccp_in_is_object(&in->at, v)) {
        return;
    }

    type = ccp_in_need(&in->at, v, "role", CCP_M_STRING);
    role = ccp_word_find(ccp_anthropic_read_role_words, ccp_json_str(type),
                         -1);
    content = ccp_json_opt(v, "content");

    if (role < 0) {
        ccp_in_wrong(&in->at, "role", type, "'user', 'assistant' or 'system'");

    } else if (content.doc == NULL
               && (role != CCP_ROLE_SYSTEM
                   || !ccp_json_has(ccp_json_get(v, "output_config"))))
    {
        ccp_in_wrong(&in->at, "content", content, "");
    }

    m = ccp_message_new(in->at.a, role);
    if (m == NULL) {
        ccp_in_nomem(&in->at);
        return;
    }

    ccp_anthropic_read_blocks(in, content, "content", &m->blocks);

    if (role == CCP_ROLE_SYSTEM) {
        ccp_anthropic_read_system_extras(in, v, m);

        if (m->blocks == NULL) {
            return;
        }

        if (in->r->msgs == NULL && !m->clear_next) {
            for (b = &in->r->system; *b; b = &(*b)->next) { /* void */ }
            *b = m->blocks;
            return;
        }
    }

    **tail = m;
    *tail = &m->next;
}


static void
ccp_anthropic_read_messages(ccp_anthropic_reader_t *in)
{
    ccp_jval_t       v;
    ccp_in_list_t    l;
    ccp_message_t  **tail;

    tail = &in->r->msgs;
    v = ccp_in_need(&in->at, in->r->root, "messages", CCP_M_ARRAY);

    if (ccp_json_has(v) && ccp_json_count(v) == 0) {
        ccp_in_refuse(&in->at, "messages",
                      "at least one message is required");
    }

    for (l = ccp_in_each(&in->at, v, "messages"); ccp_in_next(&l); ) {
        ccp_anthropic_read_message(in, l.val, &tail);
    }
}


/* ---- the rest ---- */

static const ccp_word_t  ccp_anthropic_read_think_words[] = {
    { "enabled", CCP_THINK_ON },
    { "adaptive", CCP_THINK_AUTO },
    { "disabled", CCP_THINK_OFF },
    { "between_tools", CCP_THINK_BETWEEN },
    { NULL, 0 }
};


static void
ccp_anthropic_read_thinking(ccp_anthropic_reader_t *in)
{
    ccp_jval_t    v, type, display;
    ccp_think_t  *t;

    t = &in->r->think;
    v = ccp_in_opt(&in->at, in->r->root, "thinking", CCP_M_OBJECT);

    if (!ccp_json_has(v)) {
        return;
    }

    type = ccp_json_opt(v, "type");
    display = ccp_json_get(v, "display");

    if (!ccp_json_has(type)) {
        ccp_in_wrong(&in->at, "thinking.type", type, "");
    }

    t->mode = ccp_word_find(ccp_anthropic_read_think_words,
                            ccp_json_str(type), t->mode);

    if (t->mode == CCP_THINK_ON) {
        t->budget = ccp_json_int(ccp_json_opt(v, "budget_tokens"),
                                 CCP_UNSET_INT);
    }

    if (ccp_json_is(display, "omitted")) {
        t->display = CCP_DISPLAY_OMIT;

    } else if (ccp_json_is(display, "summarized")) {
        t->display = CCP_DISPLAY_SUMMARY;
    }
}


static void
ccp_anthropic_read_output(ccp_anthropic_reader_t *in)
{
    ccp_jval_t      config, format, old;
    ccp_request_t  *r;

    r = in->r;
    config = ccp_in_opt(&in->at, r->root, "output_config", CCP_M_OBJECT);
    old = ccp_in_opt(&in->at, r->root, "output_format", CCP_M_OBJECT);

    ccp_anthropic_read_effort(in, config);

    format = ccp_json_opt(config, "format");
    if (format.doc == NULL) {
        format = old;
    }

    if (ccp_json_is(ccp_json_get(format, "type"), "json_schema")) {
        r->out.kind = CCP_F_SCHEMA;
        r->out.schema = ccp_json_raw(ccp_json_opt(format, "schema"));
        r->out.name = ccp_json_gets(format, "name");
    }
}


static void
ccp_anthropic_read_max_tokens(ccp_anthropic_reader_t *in)
{
    ccp_jval_t      v;
    ccp_request_t  *r;

    r = in->r;
    v = ccp_json_opt(r->root, "max_tokens");

    if (!ccp_json_has(v) && r->op == CCP_OP_COUNT) {
        return;
    }

    r->max_tokens = ccp_json_int(v, -1);

    if (ccp_json_type(v) != CCP_J_NUMBER) {
        ccp_in_wrong(&in->at, "max_tokens", v, "a valid integer");

    } else if (r->max_tokens < 0) {
        ccp_in_wrong(&in->at, "max_tokens", v, "greater than or equal to 0");
    }
}


static void
ccp_anthropic_read_misc(ccp_anthropic_reader_t *in)
{
    ccp_jval_t      v;
    ccp_jiter_t     it;
    ccp_request_t  *r;

    r = in->r;
    v = ccp_in_opt(&in->at, r->root, "stop_sequences", CCP_M_ARRAY);

    for (it = ccp_json_iter(v); ccp_json_next(&it); /* void */) {
        if (ccp_json_type(it.val) != CCP_J_STRING) {
            ccp_in_refuse(&in->at, "stop_sequences",
                          "Input should be a list of strings");
            return;
        }

        ccp_in_item(&in->at, &r->stop, ccp_json_str(it.val));
    }

    v = ccp_in_opt(&in->at, r->root, "metadata", CCP_M_OBJECT);
    r->user = ccp_json_gets(v, "user_id");
    r->tier = ccp_json_gets(r->root, "service_tier");
    r->cache_auto = ccp_anthropic_read_cache_mark(r->root);
}


int
ccp_anthropic_read_request(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err)
{
    ccp_anthropic_reader_t  in;

    ccp_in_init(&in.at, &ccp_anthropic_read_style, a, err);
    in.r = r;
    in.removed = NULL;
    in.inner = 0;

    ccp_in_distinct(&in.at, r->root, ccp_anthropic_read_names);

    r->model_val = ccp_in_need(&in.at, r->root, "model", CCP_M_STRING);
    r->model = ccp_json_str(r->model_val);

    if (r->model.n == 0) {
        ccp_in_refuse(&in.at, "model",
                      "String should have at least 1 character");
    }

    ccp_anthropic_read_max_tokens(&in);
    ccp_in_members(&in.at, r->root, ccp_anthropic_read_table, r);
    ccp_anthropic_read_misc(&in);
    ccp_anthropic_read_thinking(&in);
    ccp_anthropic_read_output(&in);
    ccp_anthropic_read_tool_choice(&in);
    ccp_anthropic_read_tools(&in);
    ccp_anthropic_read_blocks(&in, ccp_json_opt(r->root, "system"), "system",
                              &r->system);
    ccp_anthropic_read_messages(&in);

    return in.at.rc;
}
