
/*
 * Chat Completions request in: everything but the messages.
 */

#include <stddef.h>
#include <stdio.h>

#include "codec/chat/chat_request.h"
#include "codec/chat/chat.h"
#include "codec/form/form_block.h"
#include "codec/form/form_think.h"
#include "codec/proto/proto_words.h"


/* Top-level fields that are one scalar. */

typedef struct {
    const char  *name;
    size_t       off;
} ccp_chat_member_t;

#define ccp_chat_read_off(f)  offsetof(ccp_request_t, f)
#define ccp_chat_read_at(r, off, type)                                       \
    ((type *) (void *) ((uint8_t *) (r) + off))

/* the later of two names for one member wins */

static const ccp_chat_member_t  ccp_chat_read_number_table[] = {
    { "temperature", ccp_chat_read_off(temperature) },
    { "top_p", ccp_chat_read_off(top_p) },
    { "top_k", ccp_chat_read_off(top_k) },
    { "min_p", ccp_chat_read_off(min_p) },
    { "random_seed", ccp_chat_read_off(seed) },
    { "seed", ccp_chat_read_off(seed) },
    { "frequency_penalty", ccp_chat_read_off(freq_pen) },
    { "presence_penalty", ccp_chat_read_off(pres_pen) },
    { "repetition_penalty", ccp_chat_read_off(rep_pen) },
    { NULL, 0 }
};

static const ccp_chat_member_t  ccp_chat_read_string_table[] = {
    { "user", ccp_chat_read_off(user) },
    { "safety_identifier", ccp_chat_read_off(user) },
    { "service_tier", ccp_chat_read_off(tier) },
    { "prompt_cache_key", ccp_chat_read_off(cache_key) },
    { "verbosity", ccp_chat_read_off(out.verbosity) },
    { NULL, 0 }
};

static const ccp_chat_member_t  ccp_chat_read_int_table[] = {
    { "max_tokens", ccp_chat_read_off(max_tokens) },
    { "max_completion_tokens", ccp_chat_read_off(max_tokens) },
    { "n", ccp_chat_read_off(n) },
    { "top_logprobs", ccp_chat_read_off(top_logprobs) },
    { NULL, 0 }
};

static const ccp_chat_member_t  ccp_chat_read_flag_table[] = {
    { "stream", ccp_chat_read_off(stream) },
    { "logprobs", ccp_chat_read_off(logprobs) },
    { "parallel_tool_calls", ccp_chat_read_off(parallel) },
    { NULL, 0 }
};


static int
ccp_chat_read_scalars(ccp_chat_reader_t *in)
{
    int64_t                   n;
    ccp_jval_t                v, root;
    ccp_request_t            *r;
    const ccp_chat_member_t  *f;

    r = in->r;
    root = r->root;

    for (f = ccp_chat_read_number_table; f->name; f++) {
        v = ccp_json_opt(root, f->name);

        if (!ccp_json_has(v)) {
            continue;
        }

        if (ccp_json_type(v) != CCP_J_NUMBER) {
            return ccp_chat_read_type_error(in, v, "a number", "%s", f->name);
        }

        *ccp_chat_read_at(r, f->off, ccp_str_t) = ccp_json_number(v);
    }

    for (f = ccp_chat_read_string_table; f->name; f++) {
        v = ccp_json_opt(root, f->name);

        if (!ccp_json_has(v)) {
            continue;
        }

        if (ccp_json_type(v) != CCP_J_STRING) {
            return ccp_chat_read_type_error(in, v, "a string", "%s", f->name);
        }

        *ccp_chat_read_at(r, f->off, ccp_str_t) = ccp_json_str(v);
    }

    for (f = ccp_chat_read_int_table; f->name; f++) {
        v = ccp_json_opt(root, f->name);

        if (!ccp_json_has(v)) {
            continue;
        }

        n = ccp_json_int(v, CCP_UNSET_INT);

        if (ccp_json_type(v) != CCP_J_NUMBER || n == CCP_UNSET_INT) {
            return ccp_chat_read_type_error(in, v, "an integer", "%s",
                                            f->name);
        }

        *ccp_chat_read_at(r, f->off, int64_t) = n;
    }

    for (f = ccp_chat_read_flag_table; f->name; f++) {
        v = ccp_json_opt(root, f->name);

        if (!ccp_json_has(v)) {
            continue;
        }

        *ccp_chat_read_at(r, f->off, int) = ccp_json_bool(v, -1);

        if (ccp_json_bool(v, -1) < 0) {
            return ccp_chat_read_type_error(in, v, "a boolean", "%s", f->name);
        }
    }

    return CCP_OK;
}


static int
ccp_chat_read_stop(ccp_chat_reader_t *in)
{
    int            i;
    ccp_jval_t     v;
    ccp_jiter_t    it;
    ccp_request_t *r;

    r = in->r;
    v = ccp_json_opt(r->root, "stop");

    switch (ccp_json_type(v)) {

    case CCP_J_ABSENT:
        return CCP_OK;

    case CCP_J_STRING:
        return ccp_item_add(in->a, &r->stop, ccp_json_str(v));

    case CCP_J_ARRAY:
        break;

    default:
        return ccp_chat_read_type_error(in, v,
                                        "a string or an array of strings",
                                        "stop");
    }

    for (i = 0, it = ccp_json_iter(v); ccp_json_next(&it); i++) {
        if (ccp_json_type(it.val) != CCP_J_STRING) {
            return ccp_chat_read_type_error(in, it.val, "a string", "stop[%d]",
                                            i);
        }

        if (ccp_item_add(in->a, &r->stop, ccp_json_str(it.val)) != CCP_OK) {
            return CCP_NOMEM;
        }
    }

    return CCP_OK;
}


static ccp_tool_t *
ccp_chat_read_tool_new(ccp_chat_reader_t *in, ccp_tool_t ***tail,
    ccp_tool_e kind, ccp_jval_t raw)
{
    ccp_tool_t  *t;

    t = ccp_calloc(in->a, sizeof(ccp_tool_t));
    if (t == NULL) {
        return NULL;
    }

    t->kind = kind;
    t->strict = -1;
    t->origin = CCP_CHAT;
    t->raw = ccp_json_raw(raw);
    t->cache = ccp_chat_read_cache_mark(ccp_json_get(raw, "cache_control"));

    **tail = t;
    *tail = &t->next;

    return t;
}


static int
ccp_chat_read_function(ccp_chat_reader_t *in, ccp_tool_t *t, ccp_jval_t fn,
    const char *where)
{
    ccp_jval_t  v;

    v = ccp_json_get(fn, "name");

    if (ccp_json_str(v).n == 0) {
        return ccp_chat_read_type_error(in, v, "a non-empty string", "%s.name",
                                        where);
    }

    t->name = ccp_json_str(v);

    v = ccp_json_opt(fn, "description");

    if (ccp_json_has(v) && ccp_json_type(v) != CCP_J_STRING) {
        return ccp_chat_read_type_error(in, v, "a string", "%s.description",
                                        where);
    }

    t->desc = ccp_json_str(v);

    v = ccp_json_opt(fn, "parameters");

    if (ccp_json_has(v)) {
        if (ccp_json_type(v) != CCP_J_OBJECT) {
            return ccp_chat_read_type_error(in, v, "an object",
                                            "%s.parameters", where);
        }

        t->schema = ccp_json_raw(v);
    }

    t->strict = ccp_json_bool(ccp_json_opt(fn, "strict"), -1);

    return CCP_OK;
}


static int
ccp_chat_read_tool(ccp_chat_reader_t *in, ccp_tool_t ***tail, ccp_jval_t v,
    int i)
{
    char         where[64];
    ccp_str_t    type;
    ccp_tool_t  *t;
    ccp_jval_t   body, format;

    if (ccp_json_type(v) != CCP_J_OBJECT) {
        return ccp_chat_read_type_error(in, v, "an object", "tools[%d]", i);
    }

    type = ccp_json_gets(v, "type");
    body = ccp_json_opt(v, "function");

    if (ccp_str_is(type, "function") || type.p == NULL) {
        /* some clients write the members of function beside type */
        snprintf(where, sizeof(where), "tools[%d]%s", i,
                 ccp_json_has(body) ? ".function" : "");

        t = ccp_chat_read_tool_new(in, tail, CCP_T_FUNCTION, v);
        return t == NULL
               ? CCP_NOMEM
               : ccp_chat_read_function(in, t, ccp_json_has(body) ? body : v,
                                        where);
    }

    if (!ccp_str_is(type, "custom")) {
        t = ccp_chat_read_tool_new(in, tail, CCP_T_HOSTED, v);
        if (t == NULL) {
            return CCP_NOMEM;
        }

        t->type = type;
        t->name = ccp_json_gets(v, "name");
        return CCP_OK;
    }

    t = ccp_chat_read_tool_new(in, tail, CCP_T_FREE_TEXT, v);
    if (t == NULL) {
        return CCP_NOMEM;
    }

    body = ccp_json_opt(v, "custom");
    t->name = ccp_json_gets(body, "name");
    t->desc = ccp_json_gets(body, "description");

    if (t->name.n == 0) {
        return ccp_chat_read_type_error(in, ccp_json_get(body, "name"),
                                        "a non-empty string",
                                        "tools[%d].custom.name", i);
    }

    format = ccp_json_opt(body, "format");

    if (ccp_json_is(ccp_json_get(format, "type"), "grammar")) {
        /* flat in Responses, nested here; both are met */
        body = ccp_json_opt(format, "grammar");
        body = ccp_json_has(body) ? body : format;
        t->grammar = ccp_json_gets(body, "definition");
        t->syntax = ccp_json_gets(body, "syntax");
    }

    return CCP_OK;
}


static int
ccp_chat_read_tools(ccp_chat_reader_t *in)
{
    int            i, rc;
    char           where[64];
    ccp_jval_t     v;
    ccp_tool_t    *t, **tail;
    ccp_jiter_t    it;
    ccp_request_t *r;

    r = in->r;
    tail = &r->tools;
    v = ccp_json_opt(r->root, "tools");

    if (ccp_json_has(v) && ccp_json_type(v) != CCP_J_ARRAY) {
        return ccp_chat_read_type_error(in, v, "an array", "tools");
    }

    for (i = 0, it = ccp_json_iter(v); ccp_json_next(&it); i++) {
        rc = ccp_chat_read_tool(in, &tail, it.val, i);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    v = ccp_json_opt(r->root, "functions");

    if (ccp_json_has(v) && ccp_json_type(v) != CCP_J_ARRAY) {
        return ccp_chat_read_type_error(in, v, "an array", "functions");
    }

    for (i = 0, it = ccp_json_iter(v); ccp_json_next(&it); i++) {
        r->legacy_fn = 1;
        snprintf(where, sizeof(where), "functions[%d]", i);

        t = ccp_chat_read_tool_new(in, &tail, CCP_T_FUNCTION, it.val);
        if (t == NULL) {
            return CCP_NOMEM;
        }

        rc = ccp_chat_read_function(in, t, it.val, where);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    v = ccp_json_opt(r->root, "web_search_options");

    if (ccp_json_has(v)) {
        t = ccp_chat_read_tool_new(in, &tail, CCP_T_HOSTED, v);
        if (t == NULL) {
            return CCP_NOMEM;
        }

        t->type = ccp_lit("web_search");
    }

    return CCP_OK;
}


static const ccp_word_t  ccp_chat_choice_words[] = {
    { "auto", CCP_TC_AUTO },
    { "none", CCP_TC_NONE },
    { "required", CCP_TC_ANY },
    { "any", CCP_TC_ANY },
    { NULL, 0 }
};


/* {"type":"function","function":{"name":…}}, also custom and flat. */

static ccp_str_t
ccp_chat_read_tool_name(ccp_jval_t v)
{
    ccp_str_t  name;

    name = ccp_json_gets(ccp_json_get(v, "function"), "name");

    if (name.n == 0) {
        name = ccp_json_gets(ccp_json_get(v, "custom"), "name");
    }

    return name.n ? name : ccp_json_gets(v, "name");
}


static int
ccp_chat_read_allowed(ccp_chat_reader_t *in, ccp_jval_t v)
{
    int            i;
    ccp_str_t      name;
    ccp_jval_t     list;
    ccp_jiter_t    it;
    ccp_request_t *r;

    r = in->r;
    list = ccp_json_opt(v, "allowed_tools");
    v = ccp_json_has(list) ? list : v;
    list = ccp_json_opt(v, "tools");

    if (ccp_json_type(list) != CCP_J_ARRAY) {
        return ccp_chat_read_type_error(in, list, "an array",
                                        "tool_choice.allowed_tools.tools");
    }

    r->tool_choice.mode = CCP_TC_ALLOWED;
    r->tool_choice.any = ccp_json_is(ccp_json_get(v, "mode"), "required");

    for (i = 0, it = ccp_json_iter(list); ccp_json_next(&it); i++) {
        name = ccp_chat_read_tool_name(it.val);

        if (name.n == 0) {
            return ccp_chat_read_type_error(in, it.val, "a tool with a name",
                "tool_choice.allowed_tools.tools[%d]",
                i);
        }

        if (ccp_item_add(in->a, &r->tool_choice.allowed, name) != CCP_OK) {
            return CCP_NOMEM;
        }
    }

    return CCP_OK;
}


static int
ccp_chat_read_tool_choice(ccp_chat_reader_t *in)
{
    ccp_jval_t      v;
    const char     *field;
    ccp_request_t  *r;

    r = in->r;
    field = "tool_choice";
    v = ccp_json_opt(r->root, field);

    if (!ccp_json_has(v)) {
        field = "function_call";
        v = ccp_json_opt(r->root, field);
    }

    if (!ccp_json_has(v)) {
        return CCP_OK;
    }

    if (ccp_json_type(v) == CCP_J_STRING) {
        r->tool_choice.mode = ccp_word_find(ccp_chat_choice_words,
                                            ccp_json_str(v), CCP_TC_UNSET);
        if (r->tool_choice.mode == CCP_TC_UNSET) {
            return ccp_refuse(in->err, in->a, CCP_E_BAD_REQUEST,
                              "%s: expected none, auto, required or an "
                              "object", field);
        }

        return CCP_OK;
    }

    if (ccp_json_type(v) != CCP_J_OBJECT) {
        return ccp_chat_read_type_error(in, v, "a string or an object", "%s",
                                        field);
    }

    if (ccp_json_is(ccp_json_get(v, "type"), "allowed_tools")) {
        return ccp_chat_read_allowed(in, v);
    }

    r->tool_choice.name = ccp_chat_read_tool_name(v);

    if (r->tool_choice.name.n) {
        r->tool_choice.mode = CCP_TC_NAMED;
        return CCP_OK;
    }

    /* {"type":"auto"}, as clients that grew up with Anthropic write it */

    r->tool_choice.mode = ccp_word_find(ccp_chat_choice_words,
                                        ccp_json_gets(v, "type"),
                                        CCP_TC_UNSET);
    if (r->tool_choice.mode == CCP_TC_UNSET) {
        return ccp_refuse(in->err, in->a, CCP_E_BAD_REQUEST,
                          "%s: expected the name of a tool", field);
    }

    return CCP_OK;
}


static const ccp_word_t  ccp_chat_format_words[] = {
    { "text", CCP_F_TEXT },
    { "json_object", CCP_F_JSON },
    { "json_schema", CCP_F_SCHEMA },
    { NULL, 0 }
};


static int
ccp_chat_read_format(ccp_chat_reader_t *in)
{
    ccp_jval_t      v, js, schema;
    ccp_request_t  *r;

    r = in->r;
    v = ccp_json_opt(r->root, "response_format");

    if (!ccp_json_has(v)) {
        return CCP_OK;
    }

    if (ccp_json_type(v) != CCP_J_OBJECT) {
        return ccp_chat_read_type_error(in, v, "an object", "response_format");
    }

    if (ccp_json_type(ccp_json_get(v, "type")) != CCP_J_STRING) {
        return ccp_chat_read_type_error(in, ccp_json_get(v, "type"),
                                        "a string", "response_format.type");
    }

    r->out.kind = ccp_word_find(ccp_chat_format_words,
                                ccp_json_gets(v, "type"), CCP_F_UNSET);
    js = ccp_json_opt(v, "json_schema");
    schema = ccp_json_opt(js, "schema");

    if (!ccp_json_has(schema)) {
        /* llama.cpp's form: {"type":"json_object","schema":…} */
        schema = ccp_json_opt(v, "schema");
    }

    if (ccp_json_has(schema)) {
        if (ccp_json_type(schema) != CCP_J_OBJECT) {
            return ccp_chat_read_type_error(in, schema, "an object",
                "response_format.json_schema.schema");
        }

        r->out.kind = CCP_F_SCHEMA;
        r->out.schema = ccp_json_raw(schema);

    } else if (r->out.kind == CCP_F_SCHEMA) {
        r->out.kind = CCP_F_JSON;
    }

    r->out.name = ccp_json_gets(js, "name");
    r->out.desc = ccp_json_gets(js, "description");
    r->out.strict = ccp_json_bool(ccp_json_opt(js, "strict"), -1);

    return CCP_OK;
}


static void
ccp_chat_read_effort(ccp_think_t *th, ccp_str_t word)
{
    ccp_effort_e  effort;

    effort = ccp_effort_find(word);

    if (effort != CCP_EFFORT_UNSET) {
        th->effort = effort;
        th->mode = effort == CCP_EFFORT_NONE ? CCP_THINK_OFF : CCP_THINK_ON;
    }
}


static void
ccp_chat_read_switch(ccp_think_t *th, int on)
{
    if (on >= 0) {
        th->mode = on ? CCP_THINK_ON : CCP_THINK_OFF;
    }
}


/*
 * The spellings of "do reason" that providers invented; reasoning_effort is
 * the protocol's own and comes last.
 */

static int
ccp_chat_read_think(ccp_chat_reader_t *in)
{
    ccp_jval_t    v, root;
    ccp_think_t  *th;

    root = in->r->root;
    th = &in->r->think;

    v = ccp_json_opt(root, "chat_template_kwargs");
    ccp_chat_read_switch(th, ccp_json_bool(ccp_json_get(v, "thinking"), -1));
    ccp_chat_read_switch(th,
                         ccp_json_bool(ccp_json_get(v, "enable_thinking"),
                                       -1));
    ccp_chat_read_switch(th,
                     ccp_json_bool(ccp_json_get(root, "enable_thinking"), -1));

    th->budget = ccp_json_int(ccp_json_opt(root, "thinking_budget"),
                              CCP_UNSET_INT);

    v = ccp_json_opt(root, "thinking");

    if (ccp_json_is(ccp_json_get(v, "type"), "adaptive")) {
        th->mode = CCP_THINK_AUTO;

    } else if (ccp_json_is(ccp_json_get(v, "type"), "enabled")) {
        th->mode = CCP_THINK_ON;
        th->budget = ccp_json_int(ccp_json_opt(v, "budget_tokens"),
                                  th->budget);

    } else if (ccp_json_is(ccp_json_get(v, "type"), "disabled")) {
        th->mode = CCP_THINK_OFF;
    }

    v = ccp_json_opt(root, "reasoning");
    ccp_chat_read_switch(th, ccp_json_bool(ccp_json_get(v, "enabled"), -1));
    ccp_chat_read_effort(th, ccp_json_gets(v, "effort"));

    if (ccp_json_int(ccp_json_opt(v, "max_tokens"), 0) > 0) {
        th->mode = CCP_THINK_ON;
        th->budget = ccp_json_int(ccp_json_opt(v, "max_tokens"), 0);
    }

    if (ccp_json_bool(ccp_json_get(v, "exclude"), 0) == 1
        || ccp_json_bool(ccp_json_get(root, "include_reasoning"), 1) == 0
        || ccp_json_is(ccp_json_get(root, "reasoning_format"), "hidden"))
    {
        th->display = CCP_DISPLAY_OMIT;
    }

    v = ccp_json_opt(root, "reasoning_effort");

    if (ccp_json_has(v) && ccp_json_type(v) != CCP_J_STRING) {
        return ccp_chat_read_type_error(in, v, "a string", "reasoning_effort");
    }

    ccp_chat_read_effort(th, ccp_json_str(v));

    return CCP_OK;
}


static int
ccp_chat_read_rest(ccp_chat_reader_t *in)
{
    ccp_jval_t      v;
    ccp_request_t  *r;

    r = in->r;

    if (r->n != CCP_UNSET_INT && r->n < 1) {
        return ccp_refuse(in->err, in->a, CCP_E_BAD_REQUEST,
                          "n: expected at least 1");
    }

    v = ccp_json_opt(r->root, "metadata");

    if (ccp_json_has(v)) {
        if (ccp_json_type(v) != CCP_J_OBJECT) {
            return ccp_chat_read_type_error(in, v, "an object", "metadata");
        }

        r->meta = ccp_json_raw(v);
    }

    v = ccp_json_opt(r->root, "stream_options");

    if (ccp_json_has(v) && ccp_json_type(v) != CCP_J_OBJECT) {
        return ccp_chat_read_type_error(in, v, "an object", "stream_options");
    }

    r->include_usage = ccp_json_bool(ccp_json_get(v, "include_usage"), 0);

    v = ccp_json_opt(r->root, "prompt_cache_options");

    if (ccp_json_is(ccp_json_get(v, "mode"), "implicit")) {
        r->cache_auto = CCP_CACHE_30M;
    }

    if (ccp_json_is(ccp_json_get(r->root, "prompt_cache_retention"), "24h")) {
        r->cache_auto = CCP_CACHE_1H;
    }

    return CCP_OK;
}


int
ccp_chat_read_request(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err)
{
    int                rc;
    size_t             i;
    ccp_jval_t         v;
    ccp_chat_reader_t  in;

    static int  (*const steps[])(ccp_chat_reader_t *in) = {
        ccp_chat_read_scalars, ccp_chat_read_stop, ccp_chat_read_tools,
        ccp_chat_read_tool_choice, ccp_chat_read_format, ccp_chat_read_think,
        ccp_chat_read_rest
    };

    memset(&in, 0, sizeof(ccp_chat_reader_t));
    in.r = r;
    in.a = a;
    in.err = err;
    in.system = &r->system;
    in.msgs = &r->msgs;

    v = ccp_json_get(r->root, "model");

    if (ccp_json_str(v).n == 0) {
        return ccp_chat_read_type_error(&in, v, "a non-empty string", "model");
    }

    r->model = ccp_json_str(v);
    r->model_val = v;

    for (i = 0; i < ccp_countof(steps); i++) {
        rc = steps[i](&in);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    v = ccp_json_get(r->root, "messages");

    if (ccp_json_type(v) != CCP_J_ARRAY) {
        return ccp_chat_read_type_error(&in, v, "an array of messages",
                                        "messages");
    }

    if (ccp_json_count(v) == 0) {
        return ccp_refuse(err, a, CCP_E_BAD_REQUEST,
                          "messages: expected at least one message");
    }

    return ccp_chat_read_messages(&in, v);
}
