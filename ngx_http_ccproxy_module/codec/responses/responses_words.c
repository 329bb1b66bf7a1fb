
/*
 * Responses: tools with item types of their own, error codes, and small
 * things that both directions need.  It calls no other file of the protocol.
 */

#include "codec/responses/responses_answer.h"
#include "codec/responses/responses_request.h"
#include "codec/proto/proto.h"


static const ccp_responses_builtin_t  ccp_responses_builtins[] = {
    { "local_shell", "local_shell_call", "local_shell_call_output",
      "action" },
    { "shell", "shell_call", "shell_call_output", "action" },
    { "apply_patch", "apply_patch_call", "apply_patch_call_output",
      "operation" },
    { "tool_search", "tool_search_call", "tool_search_output", "arguments" }
};

#define CCP_NBUILTINS  ccp_countof(ccp_responses_builtins)


const ccp_responses_builtin_t *
ccp_responses_find_builtin(ccp_str_t tool)
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
ccp_responses_find_builtin_item(ccp_str_t item)
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


int
ccp_responses_goes_back(const ccp_write_ctx_t *x, ccp_proto_e origin,
    uint32_t family)
{
    return origin == CCP_RESPONSES
           && (family == 0 || family == ccp_model_hash(x->model));
}


/* The codes that clients act on; any other failure is the server's. */

static const struct {
    ccp_err_e    cls;
    const char  *code;
} ccp_responses_error_codes[] = {
    { CCP_E_RATE, "rate_limit_exceeded" },
    { CCP_E_TOO_LONG, "context_length_exceeded" },
    { CCP_E_QUOTA, "insufficient_quota" },
    { CCP_E_BUDGET, "insufficient_quota" },
    { CCP_E_BILLING, "insufficient_quota" },
    { CCP_E_BAD_REQUEST, "invalid_prompt" }
};


ccp_str_t
ccp_responses_enc_error_code(const ccp_error_t *err)
{
    size_t  i;

    for (i = 0;
         i < ccp_countof(ccp_responses_error_codes);
         i++)
    {
        if (ccp_responses_error_codes[i].cls == err->cls) {
            return ccp_cstr(ccp_responses_error_codes[i].code);
        }
    }

    return ccp_lit("server_error");
}


ccp_str_t
ccp_responses_enc_error_text(const ccp_error_t *err)
{
    return err->message.n ? err->message : ccp_lit("the upstream failed");
}


void
ccp_responses_enc_line(ccp_out_t *out, ccp_str_t raw)
{
    size_t  i, from;

    for (i = 0, from = 0; i < raw.n; i++) {
        if (raw.p[i] == '\n' || raw.p[i] == '\r') {
            ccp_out_bytes(out, raw.p + from, i - from);
            from = i + 1;
        }
    }

    ccp_out_bytes(out, raw.p + from, raw.n - from);
    out->comma = 1;
}
