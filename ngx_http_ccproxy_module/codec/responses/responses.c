
/*
 * OpenAI Responses, https://platform.openai.com/docs/api-reference/responses:
 * the row of the table of protocols, words, errors, and what can't leave it.
 */

#include "codec/responses/responses.h"
#include "codec/prepare/prepare.h"
#include "codec/proto/proto_out.h"


static const ccp_responses_builtin_t  ccp_responses_builtins[] = {
    { "local_shell", "local_shell_call", "local_shell_call_output",
      "action" },
    { "shell", "shell_call", "shell_call_output", "action" },
    { "apply_patch", "apply_patch_call", "apply_patch_call_output",
      "operation" },
    { "tool_search", "tool_search_call", "tool_search_output", "arguments" }
};

#define CCP_NBUILTINS  (sizeof(ccp_responses_builtins)                        \
                        / sizeof(ccp_responses_builtins[0]))


/* What a request may hold that its first server alone can resolve. */

typedef struct {
    const char  *name;
    const char  *why;
} ccp_responses_bound_t;

static const ccp_responses_bound_t  ccp_responses_bound_fields[] = {
    { "previous_response_id", "the answer it names is not stored here" },
    { "conversation", "the conversation it names is not stored here" },
    { "prompt", "the stored prompt it names is not known here" },
    { "multi_agent", "no agents run on this target" },
    { NULL, NULL }
};

static const ccp_responses_bound_t  ccp_responses_bound_items[] = {
    { "item_reference", "the item it names is not stored here" },
    { "compaction", "only the server that compacted it can read it" },
    { "compaction_trigger", "this target compacts no history" },
    { NULL, NULL }
};


const ccp_responses_builtin_t *
ccp_responses_builtin(ccp_str_t tool)
{
    size_t  i;

    for (i = 0; tool.p && i < CCP_NBUILTINS; i++) {
        if (ccp_str_is(tool, ccp_responses_builtins[i].tool)) {
            return &ccp_responses_builtins[i];
        }
    }

    return NULL;
}


const ccp_responses_builtin_t *
ccp_responses_builtin_item(ccp_str_t item)
{
    size_t                          i;
    const ccp_responses_builtin_t  *b;

    for (i = 0; item.p && i < CCP_NBUILTINS; i++) {
        b = &ccp_responses_builtins[i];

        if (ccp_str_is(item, b->call) || ccp_str_is(item, b->output)) {
            return b;
        }
    }

    return NULL;
}


static int
ccp_responses_refuse(ccp_arena_t *a, ccp_error_t *err, const char *what,
    const char *why)
{
    return ccp_error_set(err, a, CCP_E_BAD_REQUEST,
                         "%s: %s; send the whole conversation in input", what,
                         why);
}


static int
ccp_responses_bound_block(const ccp_block_t *b, ccp_arena_t *a,
    ccp_error_t *err)
{
    const ccp_responses_bound_t  *f;

    for ( ; b; b = b->next) {
        for (f = ccp_responses_bound_items; f->name; f++) {
            if (b->kind == CCP_B_OPAQUE && b->origin == CCP_RESPONSES
                && ccp_str_is(b->type, f->name))
            {
                return ccp_responses_refuse(a, err, f->name, f->why);
            }
        }
    }

    return CCP_OK;
}


/* A tool that only the first server has and that must be called. */

static int
ccp_responses_bound_choice(const ccp_request_t *r, ccp_arena_t *a,
    ccp_error_t *err)
{
    const ccp_tool_t  *t;

    if (r->tool_choice.mode != CCP_TC_NAMED) {
        return CCP_OK;
    }

    for (t = r->tools; t; t = t->next) {
        if (t->kind == CCP_T_HOSTED
            && ccp_str_eq(t->name, r->tool_choice.name)
            && !ccp_str_starts(t->type, "web_search"))
        {
            return ccp_error_set(err, a, CCP_E_BAD_REQUEST,
                                 "tool_choice: tool type %.*s isn't "
                                 "available on this target",
                                 (int) t->type.n, (const char *) t->type.p);
        }
    }

    return CCP_OK;
}


int
ccp_responses_convertible(const ccp_request_t *r, ccp_arena_t *a,
    ccp_error_t *err)
{
    int                           rc;
    const ccp_message_t          *m;
    const ccp_responses_bound_t  *f;

    for (f = ccp_responses_bound_fields; f->name; f++) {
        if (ccp_json_has(ccp_json_opt(r->root, f->name))) {
            return ccp_responses_refuse(a, err, f->name, f->why);
        }
    }

    if (ccp_json_bool(ccp_json_opt(r->root, "background"), 0) == 1) {
        return ccp_error_set(err, a, CCP_E_BAD_REQUEST,
                             "background: this target answers at once or "
                             "not at all; leave it out");
    }

    for (m = r->msgs; m; m = m->next) {
        rc = ccp_responses_bound_block(m->blocks, a, err);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    return ccp_responses_bound_choice(r, a, err);
}


int
ccp_responses_own(const ccp_encode_t *x, ccp_proto_e origin, uint32_t family)
{
    return origin == CCP_RESPONSES
           && (family == 0 || family == ccp_model_hash(x->model));
}


static int
ccp_responses_path(ccp_encode_t *x, ccp_out_t *out)
{
    ccp_out_lit(out, "/responses");

    if (x->req->op == CCP_OP_COUNT) {
        ccp_out_lit(out, "/input_tokens");
    }

    return out->err ? CCP_NOMEM : CCP_OK;
}


/* The codes that clients act on; any other failure is the server's. */

static const struct {
    ccp_err_e    cls;
    const char  *code;
} ccp_responses_codes[] = {
    { CCP_E_RATE, "rate_limit_exceeded" },
    { CCP_E_TOO_LONG, "context_length_exceeded" },
    { CCP_E_QUOTA, "insufficient_quota" },
    { CCP_E_BILLING, "insufficient_quota" },
    { CCP_E_BAD_REQUEST, "invalid_prompt" }
};


ccp_str_t
ccp_responses_error_code(const ccp_error_t *err)
{
    size_t  i;

    for (i = 0; i < ccp_countof(ccp_responses_codes); i++) {
        if (ccp_responses_codes[i].cls == err->cls) {
            return ccp_cstr(ccp_responses_codes[i].code);
        }
    }

    return ccp_lit("server_error");
}


ccp_str_t
ccp_responses_error_text(const ccp_error_t *err)
{
    return err->message.n ? err->message : ccp_lit("the upstream failed");
}


const ccp_ops_t  ccp_responses_ops = {
    .name = "responses",
    .stream_type = "text/event-stream; charset=utf-8",
    .framing = CCP_FRAME_SSE,
    .decode = ccp_responses_decode,
    .encode = ccp_responses_encode,
    .path = ccp_responses_path,
    .convertible = ccp_responses_convertible,
    .dec_size = CCP_RESPONSES_DEC_SIZE,
    .dec_init = ccp_responses_dec_init,
    .dec_event = ccp_responses_dec_event,
    .dec_whole = ccp_responses_dec_whole,
    .dec_eof = ccp_responses_dec_eof,
    .enc_size = CCP_RESPONSES_ENC_SIZE,
    .enc_init = ccp_responses_enc_init,
    .enc_event = ccp_responses_enc_event,
    .enc_whole = ccp_responses_enc_whole,
    .error = ccp_openai_error,
    .error_status = ccp_openai_status,
};
