
/*
 * Chat Completions request in: everything but the messages.
 */

#include "codec/chat/chat_request.h"
#include "codec/chat/chat.h"
#include "codec/form/form_block.h"
#include "codec/form/form_think.h"
#include "codec/proto/proto_words.h"


/*
 * Scalars, as the reader finds them and, of the numbers, in the order in which
 * the writer tells them.  The later of two names for one member wins.
 */

const ccp_member_t  ccp_chat_scalars[] = {
    { "temperature", CCP_M_NUMBER, ccp_at(temperature) },
    { "top_p", CCP_M_NUMBER, ccp_at(top_p) },
    { "top_k", CCP_M_NUMBER, ccp_at(top_k) },
    { "min_p", CCP_M_NUMBER, ccp_at(min_p) },
    { "repetition_penalty", CCP_M_NUMBER, ccp_at(rep_pen) },
    { "frequency_penalty", CCP_M_NUMBER, ccp_at(freq_pen) },
    { "presence_penalty", CCP_M_NUMBER, ccp_at(pres_pen) },
    { "random_seed", CCP_M_NUMBER, ccp_at(seed) },
    { "seed", CCP_M_NUMBER, ccp_at(seed) },
    { "user", CCP_M_STRING, ccp_at(user) },
    { "safety_identifier", CCP_M_STRING, ccp_at(user) },
    { "service_tier", CCP_M_STRING, ccp_at(tier) },
    { "prompt_cache_key", CCP_M_STRING, ccp_at(cache_key) },
    { "verbosity", CCP_M_STRING, ccp_at(out.verbosity) },
    { "max_tokens", CCP_M_INT, ccp_at(max_tokens) },
    { "max_completion_tokens", CCP_M_INT, ccp_at(max_tokens) },
    { "n", CCP_M_INT, ccp_at(n) },
    { "top_logprobs", CCP_M_INT, ccp_at(top_logprobs) },
    { "stream", CCP_M_BOOL, ccp_at(stream) },
    { "logprobs", CCP_M_BOOL, ccp_at(logprobs) },
    { "parallel_tool_calls", CCP_M_BOOL, ccp_at(parallel) },
    { "metadata", CCP_M_OBJECT, ccp_at(meta) },
    { NULL, 0, 0 }
};


static void
ccp_chat_read_stop(ccp_chat_reader_t *in)
{
    ccp_jval_t  v;

    v = ccp_json_opt(in->r->root, "stop");

    switch (ccp_json_type(v)) {

    case CCP_J_ABSENT:
        return;

    case CCP_J_STRING:
        ccp_in_item(&in->at, &in->r->stop, ccp_json_str(v));
        return;

    case CCP_J_ARRAY:
        ccp_in_items(&in->at, ccp_in_each(&in->at, v, "stop"), &in->r->stop,
                     "a string");
        return;

    default:
        ccp_in_wrong(&in->at, "stop", v, "a string or an array of strings");
    }
}


/* ---- tools ---- */

static ccp_tool_t *
ccp_chat_read_tool_new(ccp_chat_reader_t *in, ccp_tool_t ***tail,
    ccp_tool_e kind, ccp_jval_t raw)
{
    ccp_tool_t  *t;

    t = ccp_in_tool(&in->at, kind, CCP_CHAT, raw, tail);

    if (t) {
        t->cache = ccp_chat_read_cache_mark(ccp_json_get(raw,
                                                         "cache_control"));
    }

    return t;
}


static void
ccp_chat_read_function(ccp_chat_reader_t *in, ccp_tool_t ***tail,
    ccp_jval_t v, ccp_jval_t fn)
{
    ccp_tool_t  *t;

    t = ccp_chat_read_tool_new(in, tail, CCP_T_FUNCTION, v);

    if (t) {
        t->name = ccp_in_name(&in->at, fn, "name");
        t->desc = ccp_in_str(&in->at, fn, "description");
        t->schema = ccp_in_raw(&in->at, fn, "parameters");
        t->strict = ccp_json_bool(ccp_json_opt(fn, "strict"), -1);
    }
}


static void
ccp_chat_read_free_text(ccp_chat_reader_t *in, ccp_tool_t ***tail,
    ccp_jval_t v)
{
    ccp_tool_t  *t;
    ccp_jval_t   body, format;

    t = ccp_chat_read_tool_new(in, tail, CCP_T_FREE_TEXT, v);
    if (t == NULL) {
        return;
    }

    body = ccp_json_opt(v, "custom");

    ccp_in_enter(&in->at, "custom");
    t->name = ccp_in_name(&in->at, body, "name");
    t->desc = ccp_json_gets(body, "description");
    ccp_in_leave(&in->at);

    format = ccp_json_opt(body, "format");

    if (ccp_json_is(ccp_json_get(format, "type"), "grammar")) {
        /* flat in Responses, nested here; both are met */
        body = ccp_json_opt(format, "grammar");
        body = ccp_json_has(body) ? body : format;
        t->grammar = ccp_json_gets(body, "definition");
        t->syntax = ccp_json_gets(body, "syntax");
    }
}


static void
ccp_chat_read_tool(ccp_chat_reader_t *in, ccp_tool_t ***tail, ccp_jval_t v)
{
    ccp_str_t    type;
    ccp_tool_t  *t;
    ccp_jval_t   fn;

    if (!ccp_in_is_object(&in->at, v)) {
        return;
    }

    type = ccp_json_gets(v, "type");
    fn = ccp_json_opt(v, "function");

    if (ccp_str_is(type, "custom")) {
        ccp_chat_read_free_text(in, tail, v);

    } else if (type.p != NULL && !ccp_str_is(type, "function")) {
        t = ccp_chat_read_tool_new(in, tail, CCP_T_HOSTED, v);

        if (t) {
            t->type = type;
            t->name = ccp_json_gets(v, "name");
        }

    } else if (ccp_json_has(fn)) {
        ccp_in_enter(&in->at, "function");
        ccp_chat_read_function(in, tail, v, fn);
        ccp_in_leave(&in->at);

    } else {
        /* some clients write the members of function beside type */
        ccp_chat_read_function(in, tail, v, v);
    }
}


static void
ccp_chat_read_tools(ccp_chat_reader_t *in)
{
    ccp_jval_t      v;
    ccp_tool_t     *t, **tail;
    ccp_in_list_t   l;
    ccp_request_t  *r;

    r = in->r;
    tail = &r->tools;

    for (l = ccp_in_list(&in->at, r->root, "tools"); ccp_in_next(&l); ) {
        ccp_chat_read_tool(in, &tail, l.val);
    }

    for (l = ccp_in_list(&in->at, r->root, "functions"); ccp_in_next(&l); ) {
        r->legacy_fn = 1;
        ccp_chat_read_function(in, &tail, l.val, l.val);
    }

    v = ccp_json_opt(r->root, "web_search_options");

    if (ccp_json_has(v)) {
        t = ccp_chat_read_tool_new(in, &tail, CCP_T_HOSTED, v);

        if (t) {
            t->type = ccp_lit("web_search");
        }
    }
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


static void
ccp_chat_read_allowed(ccp_chat_reader_t *in, ccp_jval_t v)
{
    ccp_str_t       name;
    ccp_jval_t      list;
    ccp_in_list_t   l;
    ccp_request_t  *r;

    r = in->r;
    list = ccp_json_opt(v, "allowed_tools");
    v = ccp_json_has(list) ? list : v;

    r->tool_choice.mode = CCP_TC_ALLOWED;
    r->tool_choice.any = ccp_json_is(ccp_json_get(v, "mode"), "required");

    ccp_in_enter(&in->at, "tool_choice.allowed_tools");
    list = ccp_in_need(&in->at, v, "tools", CCP_M_ARRAY);

    for (l = ccp_in_each(&in->at, list, "tools"); ccp_in_next(&l); ) {
        name = ccp_chat_read_tool_name(l.val);

        if (name.n == 0) {
            ccp_in_wrong(&in->at, "", l.val, "a tool with a name");
        }

        ccp_in_item(&in->at, &r->tool_choice.allowed, name);
    }

    ccp_in_leave(&in->at);
}


static void
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
        return;
    }

    if (ccp_json_type(v) == CCP_J_STRING) {
        r->tool_choice.mode = ccp_word_find(ccp_chat_choice_words,
                                            ccp_json_str(v), CCP_TC_UNSET);
        if (r->tool_choice.mode == CCP_TC_UNSET) {
            ccp_in_refuse(&in->at, field, "expected none, auto, required or "
                          "an object");
        }

        return;
    }

    if (ccp_json_type(v) != CCP_J_OBJECT) {
        ccp_in_wrong(&in->at, field, v, "a string or an object");
        return;
    }

    if (ccp_json_is(ccp_json_get(v, "type"), "allowed_tools")) {
        ccp_chat_read_allowed(in, v);
        return;
    }

    r->tool_choice.name = ccp_chat_read_tool_name(v);

    if (r->tool_choice.name.n) {
        r->tool_choice.mode = CCP_TC_NAMED;
        return;
    }

    /* {"type":"auto"}, as clients that grew up with Anthropic write it */

    r->tool_choice.mode = ccp_word_find(ccp_chat_choice_words,
                                        ccp_json_gets(v, "type"),
                                        CCP_TC_UNSET);
    if (r->tool_choice.mode == CCP_TC_UNSET) {
        ccp_in_refuse(&in->at, field, "expected the name of a tool");
    }
}


static const ccp_word_t  ccp_chat_format_words[] = {
    { "text", CCP_F_TEXT },
    { "json_object", CCP_F_JSON },
    { "json_schema", CCP_F_SCHEMA },
    { NULL, 0 }
};


static void
ccp_chat_read_format(ccp_chat_reader_t *in)
{
    ccp_str_t       type;
    ccp_jval_t      v, js, schema;
    ccp_request_t  *r;

    r = in->r;
    v = ccp_in_opt(&in->at, r->root, "response_format", CCP_M_OBJECT);

    if (!ccp_json_has(v)) {
        return;
    }

    ccp_in_enter(&in->at, "response_format");

    type = ccp_json_str(ccp_in_need(&in->at, v, "type", CCP_M_STRING));
    r->out.kind = ccp_word_find(ccp_chat_format_words, type, CCP_F_UNSET);
    js = ccp_json_opt(v, "json_schema");
    schema = ccp_json_opt(js, "schema");

    if (!ccp_json_has(schema)) {
        /* llama.cpp's form: {"type":"json_object","schema":…} */
        schema = ccp_json_opt(v, "schema");
    }

    if (ccp_json_type(schema) == CCP_J_OBJECT) {
        r->out.kind = CCP_F_SCHEMA;
        r->out.schema = ccp_json_raw(schema);

    } else if (ccp_json_has(schema)) {
        ccp_in_wrong(&in->at, "json_schema.schema", schema, "an object");

    } else if (r->out.kind == CCP_F_SCHEMA) {
        r->out.kind = CCP_F_JSON;
    }

    r->out.name = ccp_json_gets(js, "name");
    r->out.desc = ccp_json_gets(js, "description");
    r->out.strict = ccp_json_bool(ccp_json_opt(js, "strict"), -1);

    ccp_in_leave(&in->at);
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

static void
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

    ccp_chat_read_effort(th, ccp_in_str(&in->at, root, "reasoning_effort"));
}


static void
ccp_chat_read_rest(ccp_chat_reader_t *in)
{
    ccp_jval_t      v;
    ccp_request_t  *r;

    r = in->r;

    if (r->n != CCP_UNSET_INT && r->n < 1) {
        ccp_in_refuse(&in->at, "n", "expected at least 1");
    }

    v = ccp_in_opt(&in->at, r->root, "stream_options", CCP_M_OBJECT);
    r->include_usage = ccp_json_bool(ccp_json_get(v, "include_usage"), 0);

    v = ccp_json_opt(r->root, "prompt_cache_options");

    if (ccp_json_is(ccp_json_get(v, "mode"), "implicit")) {
        r->cache_auto = CCP_CACHE_30M;
    }

    if (ccp_json_is(ccp_json_get(r->root, "prompt_cache_retention"), "24h")) {
        r->cache_auto = CCP_CACHE_1H;
    }
}


int
ccp_chat_read_request(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err)
{
    ccp_chat_reader_t  in;

    memset(&in, 0, sizeof(ccp_chat_reader_t));
    ccp_in_init(&in.at, &ccp_in_plain_style, a, err);
    in.r = r;
    in.system = &r->system;
    in.msgs = &r->msgs;

    ccp_in_distinct(&in.at, r->root, ccp_field_names);

    r->model_val = ccp_in_need(&in.at, r->root, "model", CCP_M_NAME);
    r->model = ccp_json_str(r->model_val);

    ccp_in_members(&in.at, r->root, ccp_chat_scalars, r);
    ccp_chat_read_stop(&in);
    ccp_chat_read_tools(&in);
    ccp_chat_read_tool_choice(&in);
    ccp_chat_read_format(&in);
    ccp_chat_read_think(&in);
    ccp_chat_read_rest(&in);
    ccp_chat_read_messages(&in);

    return in.at.rc;
}
