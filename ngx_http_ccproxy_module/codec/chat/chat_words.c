
/*
 * Chat Completions: reasons to stop in both directions, ids of answers, and
 * type errors of a request.  It calls no other file of the protocol.
 */

#include <stdarg.h>
#include <stdio.h>

#include "codec/chat/chat_request.h"


const ccp_word_t  ccp_chat_dec_stop_words[] = {
    { "stop", CCP_STOP_END },
    { "tool_calls", CCP_STOP_TOOL },
    { "length", CCP_STOP_LENGTH },
    { "content_filter", CCP_STOP_FILTER },
    { "function_call", CCP_STOP_TOOL },
    { "eos", CCP_STOP_END },
    { "end", CCP_STOP_END },
    { "end_turn", CCP_STOP_END },
    { "stop_sequence", CCP_STOP_SEQ },
    { "tool_use", CCP_STOP_TOOL },
    { "max_tokens", CCP_STOP_LENGTH },
    { "model_length", CCP_STOP_CONTEXT },
    { "model_context_window_exceeded", CCP_STOP_CONTEXT },
    { "sensitive", CCP_STOP_FILTER },
    { "refusal", CCP_STOP_REFUSAL },
    { "error", CCP_CHAT_STOP_FAILED },
    { "abort", CCP_CHAT_STOP_FAILED },
    { "network_error", CCP_CHAT_STOP_FAILED },
    { "insufficient_system_resource", CCP_CHAT_STOP_BUSY },
    { NULL, 0 }
};


static const char *const  ccp_chat_enc_stop_words[] = {
    [CCP_STOP_NONE] = "stop",
    [CCP_STOP_END] = "stop",
    [CCP_STOP_PAUSE] = "stop",
    [CCP_STOP_SEQ] = "stop",
    [CCP_STOP_TOOL] = "tool_calls",
    [CCP_STOP_COMPACT] = "stop",
    [CCP_STOP_REFUSAL] = "content_filter",
    [CCP_STOP_FILTER] = "content_filter",
    [CCP_STOP_LENGTH] = "length",
    [CCP_STOP_CONTEXT] = "length",
};


const char *
ccp_chat_enc_stop_word(const ccp_answer_ctx_t *ac, ccp_stop_e stop,
    int refusal)
{
    if (stop == CCP_STOP_TOOL && ac->req->legacy_fn) {
        return "function_call";
    }

    if (stop == CCP_STOP_REFUSAL && refusal) {
        return "stop";
    }

    return ccp_chat_enc_stop_words[stop];
}


ccp_str_t
ccp_chat_enc_id(ccp_answer_ctx_t *ac, ccp_str_t id)
{
    ccp_buf_t  b;

    if (ccp_str_starts(id, "chatcmpl-")) {
        return id;
    }

    ccp_buf_init(&b, ac->arena, 0);

    if (ccp_buf_add(&b, "chatcmpl-", 9) != CCP_OK
        || ccp_buf_add_plain(&b, ac->request_id) != CCP_OK)
    {
        return ccp_none;
    }

    return ccp_buf_str(&b, 0);
}


int
ccp_chat_read_type_error(ccp_chat_reader_t *in, ccp_jval_t v, const char *want,
    const char *where, ...)
{
    char     buf[192];
    va_list  ap;

    va_start(ap, where);
    vsnprintf(buf, sizeof(buf), where, ap);
    va_end(ap);

    if (!ccp_json_has(v) && ccp_json_type(v) != CCP_J_NULL) {
        return ccp_refuse(in->err, in->a, CCP_E_BAD_REQUEST,
                          "%s: missing, expected %s", buf, want);
    }

    return ccp_refuse(in->err, in->a, CCP_E_BAD_REQUEST,
                      "%s: expected %s, got %s", buf, want,
                      ccp_json_typename(v));
}
