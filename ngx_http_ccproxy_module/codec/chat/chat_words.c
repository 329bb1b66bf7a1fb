
/*
 * Chat Completions: reasons to stop in both directions, ids of answers.  It
 * calls no other file of the protocol.
 */

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
