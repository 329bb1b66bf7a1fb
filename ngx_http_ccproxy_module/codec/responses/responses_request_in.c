
/*
 * Responses request in: everything but the items and the tools.
 */

#include "codec/responses/responses_request.h"
#include "codec/responses/responses.h"
#include "codec/form/form_block.h"
#include "codec/form/form_think.h"
#include "codec/proto/proto_words.h"


static const char *const  ccp_responses_read_names[] = {
    "model", "input", "instructions", "stream", "tools", "tool_choice",
    "parallel_tool_calls", "max_output_tokens", "max_tool_calls",
    "temperature", "top_p", "top_logprobs", "text", "reasoning", "include",
    "previous_response_id", "conversation", "prompt", "service_tier", "user",
    "safety_identifier", "metadata", "store", "background", "truncation",
    "prompt_cache_key", NULL
};


/* the later of two names for one member wins */

static const ccp_member_t  ccp_responses_read_table[] = {
    { "temperature", CCP_M_NUMBER, ccp_at(temperature) },
    { "top_p", CCP_M_NUMBER, ccp_at(top_p) },
    { "user", CCP_M_STRING, ccp_at(user) },
    { "safety_identifier", CCP_M_STRING, ccp_at(user) },
    { "service_tier", CCP_M_STRING, ccp_at(tier) },
    { "prompt_cache_key", CCP_M_STRING, ccp_at(cache_key) },
    { "max_output_tokens", CCP_M_INT, ccp_at(max_tokens) },
    { "top_logprobs", CCP_M_INT, ccp_at(top_logprobs) },
    { "stream", CCP_M_BOOL, ccp_at(stream) },
    { "parallel_tool_calls", CCP_M_BOOL, ccp_at(parallel) },
    { "metadata", CCP_M_OBJECT, ccp_at(meta) },
    { NULL, 0, 0 }
};


static void
ccp_responses_read_instructions(ccp_responses_reader_t *in)
{
    ccp_str_t  text;

    text = ccp_in_str(&in->at, in->r->root, "instructions");

    if (text.n) {
        (void) ccp_in_text(&in->at, text, &in->system);
    }
}


static const ccp_word_t  ccp_responses_read_choice_words[] = {
    { "auto", CCP_TC_AUTO },
    { "none", CCP_TC_NONE },
    { "required", CCP_TC_ANY },
    { NULL, 0 }
};


/* A choice's tool: by name, of hosted and built-in ones by type. */

static ccp_str_t
ccp_responses_read_tool_name(ccp_jval_t v)
{
    ccp_str_t  name;

    name = ccp_json_gets(v, "name");

    if (name.n && !ccp_json_is(ccp_json_get(v, "type"), "mcp")) {
        return name;
    }

    name = ccp_json_gets(v, "type");

    return ccp_str_starts(name, "web_search") ? ccp_lit("web_search") : name;
}


static void
ccp_responses_read_allowed(ccp_responses_reader_t *in, ccp_jval_t v)
{
    ccp_str_t       name;
    ccp_jval_t      list;
    ccp_in_list_t   l;
    ccp_request_t  *r;

    r = in->r;
    r->tool_choice.mode = CCP_TC_ALLOWED;
    r->tool_choice.any = ccp_json_is(ccp_json_get(v, "mode"), "required");

    ccp_in_enter(&in->at, "tool_choice");
    list = ccp_in_need(&in->at, v, "tools", CCP_M_ARRAY);

    for (l = ccp_in_each(&in->at, list, "tools"); ccp_in_next(&l); ) {
        name = ccp_responses_read_tool_name(l.val);

        if (name.n == 0) {
            ccp_in_wrong(&in->at, "", l.val, "a tool");
        }

        ccp_in_item(&in->at, &r->tool_choice.allowed, name);
    }

    ccp_in_leave(&in->at);
}


static void
ccp_responses_read_tool_choice(ccp_responses_reader_t *in)
{
    ccp_jval_t      v;
    ccp_request_t  *r;

    r = in->r;
    v = ccp_json_opt(r->root, "tool_choice");

    switch (ccp_json_type(v)) {

    case CCP_J_ABSENT:
        return;

    case CCP_J_STRING:
        r->tool_choice.mode = ccp_word_find(ccp_responses_read_choice_words,
                                            ccp_json_str(v), CCP_TC_UNSET);
        if (r->tool_choice.mode == CCP_TC_UNSET) {
            ccp_in_refuse(&in->at, "tool_choice", "expected none, auto, "
                          "required or an object");
        }

        return;

    case CCP_J_OBJECT:
        break;

    default:
        ccp_in_wrong(&in->at, "tool_choice", v, "a string or an object");
        return;
    }

    if (ccp_json_is(ccp_json_get(v, "type"), "allowed_tools")) {
        ccp_responses_read_allowed(in, v);
        return;
    }

    r->tool_choice.mode = CCP_TC_NAMED;
    r->tool_choice.name = ccp_responses_read_tool_name(v);

    if (r->tool_choice.name.n == 0) {
        ccp_in_wrong(&in->at, "tool_choice.type", ccp_json_get(v, "type"),
                     "a string");
    }
}


static const ccp_word_t  ccp_responses_read_format_words[] = {
    { "text", CCP_F_TEXT },
    { "json_object", CCP_F_JSON },
    { "json_schema", CCP_F_SCHEMA },
    { NULL, 0 }
};


static void
ccp_responses_read_format(ccp_responses_reader_t *in, ccp_jval_t v)
{
    ccp_str_t       type;
    ccp_jval_t      schema;
    ccp_request_t  *r;

    r = in->r;
    type = ccp_json_str(ccp_in_need(&in->at, v, "type", CCP_M_STRING));
    r->out.kind = ccp_word_find(ccp_responses_read_format_words, type,
                                CCP_F_UNSET);

    if (r->out.kind != CCP_F_SCHEMA) {
        return;
    }

    schema = ccp_in_need(&in->at, v, "schema", CCP_M_OBJECT);
    r->out.schema = ccp_json_raw(schema);
    r->out.name = ccp_json_gets(v, "name");
    r->out.desc = ccp_json_gets(v, "description");
    r->out.strict = ccp_json_bool(ccp_json_opt(v, "strict"), -1);
}


static void
ccp_responses_read_text(ccp_responses_reader_t *in)
{
    ccp_jval_t  v, format;

    v = ccp_in_opt(&in->at, in->r->root, "text", CCP_M_OBJECT);
    in->r->out.verbosity = ccp_json_gets(v, "verbosity");
    format = ccp_json_opt(v, "format");

    if (ccp_json_has(format)) {
        ccp_in_enter(&in->at, "text.format");
        ccp_responses_read_format(in, format);
        ccp_in_leave(&in->at);
    }
}


static void
ccp_responses_read_think(ccp_responses_reader_t *in)
{
    ccp_str_t     effort, summary;
    ccp_jval_t    v;
    ccp_think_t  *th;

    th = &in->r->think;
    v = ccp_in_opt(&in->at, in->r->root, "reasoning", CCP_M_OBJECT);

    ccp_in_enter(&in->at, "reasoning");
    effort = ccp_in_str(&in->at, v, "effort");
    ccp_in_leave(&in->at);

    th->effort = ccp_str_is(effort, "ultra") ? CCP_EFFORT_MAX
                                             : ccp_effort_find(effort);

    if (th->effort != CCP_EFFORT_UNSET) {
        th->mode = th->effort == CCP_EFFORT_NONE ? CCP_THINK_OFF
                                                 : CCP_THINK_ON;
    }

    summary = ccp_json_gets(v, "summary");

    if (summary.n == 0) {
        summary = ccp_json_gets(v, "generate_summary");
    }

    if (summary.n) {
        th->display = ccp_str_is(summary, "none") ? CCP_DISPLAY_OMIT
                                                  : CCP_DISPLAY_SUMMARY;
    }
}


static void
ccp_responses_read_rest(ccp_responses_reader_t *in)
{
    ccp_jval_t      v;
    ccp_in_list_t   l;
    ccp_request_t  *r;

    r = in->r;

    for (l = ccp_in_list(&in->at, r->root, "include"); ccp_in_next(&l); ) {
        if (ccp_json_is(l.val, "reasoning.encrypted_content")) {
            r->think.want_sig = 1;

        } else if (ccp_json_is(l.val, "message.output_text.logprobs")) {
            r->logprobs = 1;
        }
    }

    v = ccp_json_opt(r->root, "prompt_cache_options");

    if (ccp_json_is(ccp_json_get(v, "mode"), "implicit")) {
        r->cache_auto = CCP_CACHE_30M;
    }

    if (ccp_json_is(ccp_json_get(r->root, "prompt_cache_retention"), "24h")) {
        r->cache_auto = CCP_CACHE_1H;
    }

    /* the protocol's usage is always there */

    r->include_usage = 1;
}


/* The history, unless the server has it. */

static void
ccp_responses_read_input(ccp_responses_reader_t *in)
{
    size_t      i;
    ccp_jval_t  v;

    static const char *const  stand_ins[] = {
        "previous_response_id", "conversation", "prompt"
    };

    in->needed = 1;

    for (i = 0; i < ccp_countof(stand_ins); i++) {
        if (ccp_json_has(ccp_json_opt(in->r->root, stand_ins[i]))) {
            in->needed = 0;
        }
    }

    v = ccp_json_opt(in->r->root, "input");

    if (ccp_json_has(v) || in->needed) {
        ccp_responses_read_items(in, v);
    }
}


int
ccp_responses_read_request(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err)
{
    ccp_responses_reader_t  in;

    memset(&in, 0, sizeof(ccp_responses_reader_t));
    ccp_in_init(&in.at, &ccp_in_plain_style, a, err);
    in.r = r;
    in.system = &r->system;
    in.msgs = &r->msgs;
    in.tools = &r->tools;

    ccp_in_distinct(&in.at, r->root, ccp_responses_read_names);

    r->model_val = ccp_in_need(&in.at, r->root, "model", CCP_M_NAME);
    r->model = ccp_json_str(r->model_val);

    ccp_in_members(&in.at, r->root, ccp_responses_read_table, r);
    ccp_responses_read_instructions(&in);
    ccp_responses_read_tool_list(&in, r->root, ccp_none);
    ccp_responses_read_tool_choice(&in);
    ccp_responses_read_text(&in);
    ccp_responses_read_think(&in);
    ccp_responses_read_rest(&in);
    ccp_responses_read_input(&in);

    return in.at.rc;
}
