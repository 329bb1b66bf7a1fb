
/*
 * Responses: output items and the response object, as the client gets them.
 */

#include "codec/responses/responses_answer.h"
#include "codec/responses/responses.h"
#include "codec/json/json_write.h"


/* Members of the request that the response repeats. */

typedef struct {
    const char  *name;
    const char  *dflt;             /* JSON; NULL: only what was given */
} ccp_responses_echo_t;

static const ccp_responses_echo_t  ccp_responses_enc_echo_head[] = {
    { "background", "false" },
    { "instructions", "null" },
    { "max_output_tokens", "null" },
    { "max_tool_calls", "null" },
    { "metadata", "{}" },
    { NULL, NULL }
};

static const ccp_responses_echo_t  ccp_responses_enc_echo_tail[] = {
    { "parallel_tool_calls", "true" },
    { "frequency_penalty", "0" },
    { "presence_penalty", "0" },
    { "previous_response_id", "null" },
    { "prompt_cache_key", "null" },
    { "reasoning", "{\"effort\":null,\"summary\":null}" },
    { "safety_identifier", "null" },
    { "service_tier", "\"default\"" },
    { "store", "false" },
    { "temperature", "1" },
    { "text", "{\"format\":{\"type\":\"text\"}}" },
    { "tool_choice", "\"auto\"" },
    { "tools", "[]" },
    { "top_logprobs", "0" },
    { "top_p", "1" },
    { "truncation", "\"disabled\"" },
    { "user", NULL },
    { NULL, NULL }
};


void
ccp_responses_enc_event_begin(ccp_responses_enc_t *e, ccp_out_t *out,
    const char *type)
{
    ccp_out_lit(out, "event: ");
    ccp_out_bytes(out, type, strlen(type));
    ccp_out_lit(out, "\ndata: ");
    out->comma = 0;
    ccp_w_obj(out);
    ccp_w_kcstr(out, "type", type);
    ccp_w_kint(out, "sequence_number", e->seq++);
}


void
ccp_responses_enc_event_end(ccp_out_t *out)
{
    ccp_w_obj_end(out);
    ccp_out_lit(out, "\n\n");
    out->comma = 0;
}


static void
ccp_responses_enc_list(ccp_out_t *out, const char *name,
    const ccp_buf_t *items)
{
    ccp_w_key(out, name);
    ccp_w_arr(out);

    if (items->n) {
        ccp_w_raw(out, ccp_buf_str(items, 0));
    }

    ccp_w_arr_end(out);
}


void
ccp_responses_enc_part(ccp_responses_enc_t *e, ccp_out_t *out, int done)
{
    ccp_str_t         text;
    static const ccp_buf_t  none;

    text = done ? ccp_buf_str(&e->text, 1) : ccp_lit("");

    ccp_w_obj(out);

    if (e->kind == CCP_B_REFUSAL) {
        ccp_w_kcstr(out, "type", "refusal");
        ccp_w_kstr(out, "refusal", text);

    } else {
        ccp_w_kcstr(out, "type", "output_text");
        ccp_w_kstr(out, "text", text);
        ccp_responses_enc_list(out, "annotations", done ? &e->notes : &none);

        if (e->ac->req->logprobs == 1) {
            ccp_responses_enc_list(out, "logprobs", done ? &e->probs : &none);
        }
    }

    ccp_w_obj_end(out);
}


void
ccp_responses_enc_summary(ccp_out_t *out, ccp_str_t text)
{
    ccp_w_obj(out);
    ccp_w_kcstr(out, "type", "summary_text");
    ccp_w_kstr(out, "text", text);
    ccp_w_obj_end(out);
}


void
ccp_responses_enc_proof(ccp_out_t *out, ccp_str_t id, ccp_str_t sig)
{
    ccp_w_obj(out);
    ccp_w_kstr(out, "id", id);
    ccp_w_kcstr(out, "type", "reasoning");
    ccp_w_key(out, "summary");
    ccp_w_arr(out);
    ccp_w_arr_end(out);
    ccp_w_kstr(out, "encrypted_content", sig);
    ccp_w_obj_end(out);
}


static void
ccp_responses_enc_message(ccp_responses_enc_t *e, ccp_out_t *out, int done,
    const char *status)
{
    ccp_w_kcstr(out, "type", "message");
    ccp_w_kcstr(out, "status", status);
    ccp_w_kcstr(out, "role", "assistant");
    ccp_w_key(out, "content");
    ccp_w_arr(out);

    if (done) {
        ccp_responses_enc_part(e, out, 1);
    }

    ccp_w_arr_end(out);
}


static void
ccp_responses_enc_reasoning(ccp_responses_enc_t *e, ccp_out_t *out, int done)
{
    ccp_w_kcstr(out, "type", "reasoning");
    ccp_w_key(out, "summary");
    ccp_w_arr(out);

    if (done && e->text.n && e->ac->show_think) {
        ccp_responses_enc_summary(out, ccp_buf_str(&e->text, 1));
    }

    ccp_w_arr_end(out);

    if (done && e->sig.n) {
        ccp_w_kstr(out, "encrypted_content", ccp_buf_str(&e->sig, 1));
    }
}


/* The action of a local shell has members that a model leaves out. */

static void
ccp_responses_enc_exec(ccp_out_t *out, ccp_jval_t args)
{
    ccp_jiter_t  it;

    ccp_w_obj(out);
    ccp_w_kcstr(out, "type", "exec");

    for (it = ccp_json_iter(args); ccp_json_next(&it); ) {
        if (!ccp_str_is(it.key, "type")) {
            ccp_w_keys(out, it.key);
            ccp_responses_enc_line(out, ccp_json_raw(it.val));
        }
    }

    if (!ccp_json_has(ccp_json_get(args, "env"))) {
        ccp_w_key(out, "env");
        ccp_w_obj(out);
        ccp_w_obj_end(out);
    }

    ccp_w_obj_end(out);
}


/* e->doc holds the arguments, which are an object. */

static void
ccp_responses_enc_builtin(ccp_responses_enc_t *e, ccp_out_t *out,
    const char *status)
{
    ccp_jval_t                      args;
    const ccp_responses_builtin_t  *b;

    b = e->builtin;
    args = ccp_json_root(&e->doc);

    ccp_w_kcstr(out, "type", b->call);
    ccp_w_kcstr(out, "status", status);
    ccp_w_kstr(out, "call_id", ccp_buf_str(&e->call, 1));

    if (strcmp(b->tool, "tool_search") == 0) {
        ccp_w_kcstr(out, "execution", "client");
    }

    ccp_w_key(out, b->member);

    if (strcmp(b->tool, "local_shell") == 0) {
        ccp_responses_enc_exec(out, args);

    } else {
        ccp_responses_enc_line(out, ccp_json_raw(args));
    }
}


static void
ccp_responses_enc_call(ccp_responses_enc_t *e, ccp_out_t *out, int done,
    const char *status)
{
    ccp_w_kcstr(out, "type", e->free_text ? "custom_tool_call"
                                          : "function_call");
    ccp_w_kcstr(out, "status", status);
    ccp_w_kstr(out, "call_id", ccp_buf_str(&e->call, 1));
    ccp_w_kstr(out, "name", ccp_buf_str(&e->name, 1));

    if (e->space.n) {
        ccp_w_kstr(out, "namespace", ccp_buf_str(&e->space, 1));
    }

    ccp_w_kstr(out, e->free_text ? "input" : "arguments",
               done ? ccp_buf_str(&e->text, 1) : ccp_lit(""));
}


void
ccp_responses_enc_item(ccp_responses_enc_t *e, ccp_out_t *out, int done,
    const char *status)
{
    if (e->raw.n) {
        if (out->comma) {
            ccp_out_lit(out, ",");
        }

        ccp_responses_enc_line(out, ccp_buf_str(&e->raw, 0));
        return;
    }

    ccp_w_obj(out);
    ccp_w_kstr(out, "id", ccp_buf_str(&e->item, 1));

    if (e->kind == CCP_B_THINK) {
        ccp_responses_enc_reasoning(e, out, done);

    } else if (e->kind != CCP_B_CALL) {
        ccp_responses_enc_message(e, out, done, status);

    } else if (e->builtin) {
        ccp_responses_enc_builtin(e, out, status);

    } else {
        ccp_responses_enc_call(e, out, done, status);
    }

    ccp_w_obj_end(out);
}


/* ---- the response ---- */

/* Members that are about what is held here, which its upstream was not
 * asked for. */

static int
ccp_responses_enc_echo_held(ccp_responses_enc_t *e, ccp_out_t *out,
    const char *name)
{
    const ccp_keep_t  *keep;

    keep = e->ac->keep;

    if (keep == NULL) {
        return 0;
    }

    if (keep->wanted && strcmp(name, "store") == 0) {
        ccp_w_kbool(out, "store", 1);
        return 1;
    }

    if (keep->named.n && strcmp(name, "previous_response_id") == 0) {
        ccp_w_kstr(out, "previous_response_id", keep->named);
        return 1;
    }

    return 0;
}


/* A function that an answer repeats has members that a request may leave out. */

static void
ccp_responses_enc_echo_function(ccp_out_t *out, ccp_jval_t tool)
{
    int          strict, parameters;
    ccp_jiter_t  it;

    strict = 0;
    parameters = 0;

    ccp_w_obj(out);

    for (it = ccp_json_iter(tool); ccp_json_next(&it); ) {
        strict |= ccp_str_is(it.key, "strict");
        parameters |= ccp_str_is(it.key, "parameters");

        ccp_w_keys(out, it.key);
        ccp_responses_enc_line(out, ccp_json_raw(it.val));
    }

    if (!parameters) {
        ccp_w_knull(out, "parameters");
    }

    if (!strict) {
        ccp_w_knull(out, "strict");
    }

    ccp_w_obj_end(out);
}


static void
ccp_responses_enc_echo_tools(ccp_out_t *out, ccp_jval_t tools)
{
    ccp_jiter_t  it;

    ccp_w_arr(out);

    for (it = ccp_json_iter(tools); ccp_json_next(&it); ) {
        if (ccp_str_is(ccp_json_gets(it.val, "type"), "function")) {
            ccp_responses_enc_echo_function(out, it.val);

        } else {
            if (out->comma) {
                ccp_out_lit(out, ",");
            }

            ccp_responses_enc_line(out, ccp_json_raw(it.val));
        }
    }

    ccp_w_arr_end(out);
}


static void
ccp_responses_enc_echo(ccp_responses_enc_t *e, ccp_out_t *out,
    const ccp_responses_echo_t *m)
{
    ccp_jval_t  v;

    for ( ; m->name; m++) {
        v = ccp_json_opt(e->ac->req->root, m->name);

        if (ccp_responses_enc_echo_held(e, out, m->name)) {
            continue;
        }

        if (ccp_json_type(v) == CCP_J_ARRAY && strcmp(m->name, "tools") == 0) {
            ccp_w_key(out, m->name);
            ccp_responses_enc_echo_tools(out, v);

        } else if (ccp_json_has(v)) {
            ccp_w_key(out, m->name);
            ccp_responses_enc_line(out, ccp_json_raw(v));

        } else if (m->dflt) {
            ccp_w_kraw(out, m->name, ccp_cstr(m->dflt));
        }
    }
}


static int64_t
ccp_responses_enc_known_or_zero(int64_t n)
{
    return n > 0 ? n : 0;
}


static void
ccp_responses_enc_usage(ccp_out_t *out, const ccp_usage_t *u)
{
    int64_t  in, gen;

    if (u == NULL) {
        ccp_w_knull(out, "usage");
        return;
    }

    in = ccp_responses_enc_known_or_zero(u->in_fresh)
         + ccp_responses_enc_known_or_zero(u->in_read)
         + ccp_responses_enc_known_or_zero(u->in_write)
         + ccp_responses_enc_known_or_zero(u->in_tool);
    gen = ccp_responses_enc_known_or_zero(u->out_total);

    ccp_w_key(out, "usage");
    ccp_w_obj(out);
    ccp_w_kint(out, "input_tokens", in);
    ccp_w_key(out, "input_tokens_details");
    ccp_w_obj(out);
    ccp_w_kint(out, "cached_tokens",
               ccp_responses_enc_known_or_zero(u->in_read));
    ccp_w_kint(out, "cache_write_tokens",
               ccp_responses_enc_known_or_zero(u->in_write));
    ccp_w_obj_end(out);
    ccp_w_kint(out, "output_tokens", gen);
    ccp_w_key(out, "output_tokens_details");
    ccp_w_obj(out);
    ccp_w_kint(out, "reasoning_tokens",
               ccp_responses_enc_known_or_zero(u->out_reason));
    ccp_w_obj_end(out);
    ccp_w_kint(out, "total_tokens", in + gen);
    ccp_w_obj_end(out);
}


static void
ccp_responses_enc_error(ccp_out_t *out, const ccp_error_t *err)
{
    if (err == NULL) {
        ccp_w_knull(out, "error");
        return;
    }

    ccp_w_key(out, "error");
    ccp_w_obj(out);
    ccp_w_kstr(out, "code", ccp_responses_enc_error_code(err));
    ccp_w_kstr(out, "message", ccp_responses_enc_error_text(err));
    ccp_w_obj_end(out);
}


void
ccp_responses_enc_document(ccp_responses_enc_t *e, ccp_out_t *out,
    const ccp_responses_status_t *st, const ccp_usage_t *usage,
    const ccp_error_t *err)
{
    ccp_str_t  items;

    items = ccp_out_all(&e->output);

    ccp_w_obj(out);
    ccp_w_kstr(out, "id", e->id);
    ccp_w_kcstr(out, "object", "response");
    ccp_w_kint(out, "created_at", e->ac->created);

    if (strcmp(st->status, "completed") == 0) {
        ccp_w_kint(out, "completed_at",
                   e->ac->clock->now_ns(e->ac->clock->ctx) / 1000000000);
    } else {
        ccp_w_knull(out, "completed_at");
    }

    ccp_w_kcstr(out, "status", st->status);
    ccp_responses_enc_error(out, err);

    if (st->reason) {
        ccp_w_key(out, "incomplete_details");
        ccp_w_obj(out);
        ccp_w_kcstr(out, "reason", st->reason);
        ccp_w_obj_end(out);

    } else {
        ccp_w_knull(out, "incomplete_details");
    }

    ccp_responses_enc_echo(e, out, ccp_responses_enc_echo_head);
    ccp_w_kstr(out, "model", e->ac->model);

    ccp_w_key(out, "output");
    ccp_w_arr(out);

    if (items.n) {
        ccp_w_raw(out, items);
    }

    ccp_w_arr_end(out);
    ccp_responses_enc_echo(e, out, ccp_responses_enc_echo_tail);

    if (e->ac->keep && e->ac->keep->list.id.n) {
        ccp_w_key(out, "conversation");
        ccp_w_obj(out);
        ccp_w_kstr(out, "id", e->ac->keep->list.id);
        ccp_w_obj_end(out);
    }

    ccp_responses_enc_usage(out, usage);
    ccp_w_obj_end(out);
}


int
ccp_responses_enc_keep(ccp_responses_enc_t *e,
    const ccp_responses_status_t *st, const ccp_usage_t *usage)
{
    ccp_out_t    out, output;
    ccp_keep_t  *keep;

    keep = e->ac->keep;

    if (keep == NULL || !keep->wanted) {
        return CCP_OK;
    }

    ccp_out_init(&out, e->ac->arena, 0);

    output = e->output;
    memset(&e->output, 0, sizeof(ccp_out_t));
    ccp_responses_enc_document(e, &out, st, usage, NULL);
    e->output = output;

    if (ccp_out_finish(&out) != CCP_OK) {
        return CCP_NOMEM;
    }

    keep->id = e->id;
    keep->output = ccp_out_all(&e->output);
    keep->document = ccp_out_all(&out);
    keep->whole = ccp_none;

    return CCP_OK;
}
