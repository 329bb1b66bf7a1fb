
/*
 * Responses request in: everything but the items and the tools.
 */

#include <stddef.h>

#include "codec/responses/responses_request.h"
#include "codec/responses/responses.h"
#include "codec/form/form_block.h"
#include "codec/form/form_think.h"
#include "codec/proto/proto_words.h"


/* Top-level fields that are one scalar. */

typedef enum {
    CCP_RESPONSES_NUMBER,          /* a ccp_str_t */
    CCP_RESPONSES_STRING,
    CCP_RESPONSES_INT,             /* an int64_t */
    CCP_RESPONSES_FLAG             /* an int */
} ccp_responses_scalar_e;

typedef struct {
    const char             *name;
    ccp_responses_scalar_e  kind;
    size_t                  off;
} ccp_responses_member_t;

#define ccp_responses_read_off(f)  offsetof(ccp_request_t, f)
#define ccp_responses_read_at(r, off, type)                                  \
    ((type *) (void *) ((uint8_t *) (r) + off))

/* the later of two names for one member wins */

static const ccp_responses_member_t  ccp_responses_read_scalar_table[] = {
    { "temperature", CCP_RESPONSES_NUMBER,
      ccp_responses_read_off(temperature) },
    { "top_p", CCP_RESPONSES_NUMBER, ccp_responses_read_off(top_p) },
    { "user", CCP_RESPONSES_STRING, ccp_responses_read_off(user) },
    { "safety_identifier", CCP_RESPONSES_STRING,
      ccp_responses_read_off(user) },
    { "service_tier", CCP_RESPONSES_STRING, ccp_responses_read_off(tier) },
    { "prompt_cache_key", CCP_RESPONSES_STRING,
      ccp_responses_read_off(cache_key) },
    { "max_output_tokens", CCP_RESPONSES_INT,
      ccp_responses_read_off(max_tokens) },
    { "top_logprobs", CCP_RESPONSES_INT,
      ccp_responses_read_off(top_logprobs) },
    { "stream", CCP_RESPONSES_FLAG, ccp_responses_read_off(stream) },
    { "parallel_tool_calls", CCP_RESPONSES_FLAG,
      ccp_responses_read_off(parallel) },
    { NULL, CCP_RESPONSES_FLAG, 0 }
};

static const char *const  ccp_responses_read_scalar_wants[] = {
    [CCP_RESPONSES_NUMBER] = "a number",
    [CCP_RESPONSES_STRING] = "a string",
    [CCP_RESPONSES_INT] = "an integer",
    [CCP_RESPONSES_FLAG] = "a boolean"
};


/* 1 if the value is of that kind; it is stored then. */

static int
ccp_responses_read_scalar(ccp_request_t *r, const ccp_responses_member_t *f,
    ccp_jval_t v)
{
    int64_t  n;

    switch (f->kind) {

    case CCP_RESPONSES_NUMBER:
        *ccp_responses_read_at(r, f->off, ccp_str_t) = ccp_json_number(v);
        return ccp_json_type(v) == CCP_J_NUMBER;

    case CCP_RESPONSES_STRING:
        *ccp_responses_read_at(r, f->off, ccp_str_t) = ccp_json_str(v);
        return ccp_json_type(v) == CCP_J_STRING;

    case CCP_RESPONSES_INT:
        n = ccp_json_int(v, CCP_UNSET_INT);
        *ccp_responses_read_at(r, f->off, int64_t) = n;
        return ccp_json_type(v) == CCP_J_NUMBER && n != CCP_UNSET_INT;

    default:
        *ccp_responses_read_at(r, f->off, int) = ccp_json_bool(v, -1);
        return ccp_json_bool(v, -1) >= 0;
    }
}


static int
ccp_responses_read_scalars(ccp_responses_reader_t *in)
{
    ccp_jval_t                     v;
    const ccp_responses_member_t  *f;

    for (f = ccp_responses_read_scalar_table; f->name; f++) {
        v = ccp_json_opt(in->r->root, f->name);

        if (ccp_json_has(v) && !ccp_responses_read_scalar(in->r, f, v)) {
            return ccp_responses_read_type_error(in, v,
                ccp_responses_read_scalar_wants[f->kind],
                                                 "%s", f->name);
        }
    }

    return CCP_OK;
}


static int
ccp_responses_read_instructions(ccp_responses_reader_t *in)
{
    ccp_jval_t    v;
    ccp_block_t  *b;

    v = ccp_json_opt(in->r->root, "instructions");

    if (!ccp_json_has(v)) {
        return CCP_OK;
    }

    if (ccp_json_type(v) != CCP_J_STRING) {
        return ccp_responses_read_type_error(in, v, "a string",
                                             "instructions");
    }

    if (ccp_json_str(v).n == 0) {
        return CCP_OK;
    }

    b = ccp_block_new(in->a, CCP_B_TEXT);
    if (b == NULL) {
        return CCP_NOMEM;
    }

    b->text = ccp_json_str(v);
    in->system = ccp_block_push(in->system, b);

    return CCP_OK;
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


static int
ccp_responses_read_allowed(ccp_responses_reader_t *in, ccp_jval_t v)
{
    int             i;
    ccp_str_t       name;
    ccp_jval_t      list;
    ccp_jiter_t     it;
    ccp_request_t  *r;

    r = in->r;
    list = ccp_json_opt(v, "tools");

    if (ccp_json_type(list) != CCP_J_ARRAY) {
        return ccp_responses_read_type_error(in, list, "an array",
                                             "tool_choice.tools");
    }

    r->tool_choice.mode = CCP_TC_ALLOWED;
    r->tool_choice.any = ccp_json_is(ccp_json_get(v, "mode"), "required");

    for (i = 0, it = ccp_json_iter(list); ccp_json_next(&it); i++) {
        name = ccp_responses_read_tool_name(it.val);

        if (name.n == 0) {
            return ccp_responses_read_type_error(in, it.val, "a tool",
                                                 "tool_choice.tools[%d]", i);
        }

        if (ccp_item_add(in->a, &r->tool_choice.allowed, name) != CCP_OK) {
            return CCP_NOMEM;
        }
    }

    return CCP_OK;
}


static int
ccp_responses_read_tool_choice(ccp_responses_reader_t *in)
{
    ccp_jval_t      v;
    ccp_request_t  *r;

    r = in->r;
    v = ccp_json_opt(r->root, "tool_choice");

    switch (ccp_json_type(v)) {

    case CCP_J_ABSENT:
        return CCP_OK;

    case CCP_J_STRING:
        r->tool_choice.mode = ccp_word_find(ccp_responses_read_choice_words,
                                            ccp_json_str(v), CCP_TC_UNSET);
        if (r->tool_choice.mode != CCP_TC_UNSET) {
            return CCP_OK;
        }

        return ccp_refuse(in->err, in->a, CCP_E_BAD_REQUEST,
                          "tool_choice: expected none, auto, required or "
                          "an object");

    case CCP_J_OBJECT:
        break;

    default:
        return ccp_responses_read_type_error(in, v, "a string or an object",
                                             "tool_choice");
    }

    if (ccp_json_is(ccp_json_get(v, "type"), "allowed_tools")) {
        return ccp_responses_read_allowed(in, v);
    }

    r->tool_choice.mode = CCP_TC_NAMED;
    r->tool_choice.name = ccp_responses_read_tool_name(v);

    if (r->tool_choice.name.n == 0) {
        return ccp_responses_read_type_error(in, ccp_json_get(v, "type"),
                                             "a string", "tool_choice.type");
    }

    return CCP_OK;
}


static const ccp_word_t  ccp_responses_read_format_words[] = {
    { "text", CCP_F_TEXT },
    { "json_object", CCP_F_JSON },
    { "json_schema", CCP_F_SCHEMA },
    { NULL, 0 }
};


static int
ccp_responses_read_format(ccp_responses_reader_t *in, ccp_jval_t v)
{
    ccp_jval_t      schema;
    ccp_request_t  *r;

    r = in->r;

    if (!ccp_json_has(v)) {
        return CCP_OK;
    }

    if (ccp_json_type(ccp_json_get(v, "type")) != CCP_J_STRING) {
        return ccp_responses_read_type_error(in, ccp_json_get(v, "type"),
                                             "a string", "text.format.type");
    }

    r->out.kind = ccp_word_find(ccp_responses_read_format_words,
                                ccp_json_gets(v, "type"), CCP_F_UNSET);

    if (r->out.kind != CCP_F_SCHEMA) {
        return CCP_OK;
    }

    schema = ccp_json_opt(v, "schema");

    if (ccp_json_type(schema) != CCP_J_OBJECT) {
        return ccp_responses_read_type_error(in, schema, "an object",
                                             "text.format.schema");
    }

    r->out.schema = ccp_json_raw(schema);
    r->out.name = ccp_json_gets(v, "name");
    r->out.desc = ccp_json_gets(v, "description");
    r->out.strict = ccp_json_bool(ccp_json_opt(v, "strict"), -1);

    return CCP_OK;
}


static int
ccp_responses_read_text(ccp_responses_reader_t *in)
{
    ccp_jval_t  v;

    v = ccp_json_opt(in->r->root, "text");

    if (!ccp_json_has(v)) {
        return CCP_OK;
    }

    if (ccp_json_type(v) != CCP_J_OBJECT) {
        return ccp_responses_read_type_error(in, v, "an object", "text");
    }

    in->r->out.verbosity = ccp_json_gets(v, "verbosity");

    return ccp_responses_read_format(in, ccp_json_opt(v, "format"));
}


static int
ccp_responses_read_think(ccp_responses_reader_t *in)
{
    ccp_str_t     summary;
    ccp_jval_t    v, effort;
    ccp_think_t  *th;

    th = &in->r->think;
    v = ccp_json_opt(in->r->root, "reasoning");

    if (!ccp_json_has(v)) {
        return CCP_OK;
    }

    if (ccp_json_type(v) != CCP_J_OBJECT) {
        return ccp_responses_read_type_error(in, v, "an object", "reasoning");
    }

    effort = ccp_json_opt(v, "effort");

    if (ccp_json_has(effort) && ccp_json_type(effort) != CCP_J_STRING) {
        return ccp_responses_read_type_error(in, effort, "a string",
                                             "reasoning.effort");
    }

    th->effort = ccp_json_is(effort, "ultra")
                 ? CCP_EFFORT_MAX : ccp_effort_find(ccp_json_str(effort));

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

    return CCP_OK;
}


static int
ccp_responses_read_include(ccp_responses_reader_t *in)
{
    ccp_jval_t      v;
    ccp_jiter_t     it;
    ccp_request_t  *r;

    r = in->r;
    v = ccp_json_opt(r->root, "include");

    if (ccp_json_has(v) && ccp_json_type(v) != CCP_J_ARRAY) {
        return ccp_responses_read_type_error(in, v, "an array", "include");
    }

    for (it = ccp_json_iter(v); ccp_json_next(&it); ) {
        if (ccp_json_is(it.val, "reasoning.encrypted_content")) {
            r->think.want_sig = 1;

        } else if (ccp_json_is(it.val, "message.output_text.logprobs")) {
            r->logprobs = 1;
        }
    }

    return CCP_OK;
}


static int
ccp_responses_read_rest(ccp_responses_reader_t *in)
{
    ccp_jval_t      v;
    ccp_request_t  *r;

    r = in->r;
    v = ccp_json_opt(r->root, "metadata");

    if (ccp_json_has(v)) {
        if (ccp_json_type(v) != CCP_J_OBJECT) {
            return ccp_responses_read_type_error(in, v, "an object",
                                                 "metadata");
        }

        r->meta = ccp_json_raw(v);
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

    return CCP_OK;
}


static int
ccp_responses_read_tools(ccp_responses_reader_t *in)
{
    ccp_jval_t  v;

    v = ccp_json_opt(in->r->root, "tools");

    if (ccp_json_has(v) && ccp_json_type(v) != CCP_J_ARRAY) {
        return ccp_responses_read_type_error(in, v, "an array", "tools");
    }

    return ccp_responses_read_tool_list(in, v, ccp_none, "tools");
}


/* The history, unless the server has it. */

static int
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

    return ccp_json_has(v) || in->needed ? ccp_responses_read_items(in, v)
                                         : CCP_OK;
}


int
ccp_responses_read_request(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err)
{
    int                     rc;
    size_t                  i;
    ccp_jval_t              v;
    ccp_responses_reader_t  in;

    static int  (*const steps[])(ccp_responses_reader_t *in) = {
        ccp_responses_read_scalars, ccp_responses_read_instructions,
        ccp_responses_read_tools,
        ccp_responses_read_tool_choice, ccp_responses_read_text,
        ccp_responses_read_think,
        ccp_responses_read_include, ccp_responses_read_rest,
        ccp_responses_read_input
    };

    memset(&in, 0, sizeof(ccp_responses_reader_t));
    in.r = r;
    in.a = a;
    in.err = err;
    in.system = &r->system;
    in.msgs = &r->msgs;
    in.tools = &r->tools;

    v = ccp_json_get(r->root, "model");

    if (ccp_json_str(v).n == 0) {
        return ccp_responses_read_type_error(&in, v, "a non-empty string",
                                             "model");
    }

    r->model = ccp_json_str(v);
    r->model_val = v;

    for (i = 0; i < ccp_countof(steps); i++) {
        rc = steps[i](&in);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    return CCP_OK;
}
