
/*
 * Chat Completions, https://platform.openai.com/docs/api-reference/chat:
 * the row of the table of protocols, and paths.
 */

#include "codec/chat/chat_answer.h"
#include "codec/chat/chat_member.h"
#include "codec/chat/chat_request.h"
#include "codec/proto/proto_models.h"
#include "codec/proto/proto_out.h"


static int
ccp_chat_write_path(ccp_write_ctx_t *x, ccp_out_t *out)
{
    if (x->req->op == CCP_OP_EMBED) {
        ccp_out_lit(out, "/embeddings");

    } else {
        ccp_out_lit(out, "/chat/completions");
    }

    return out->err ? CCP_NOMEM : CCP_OK;
}


/* A spoken answer has no form in the other protocols. */

static int
ccp_chat_convertible(const ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err)
{
    ccp_jiter_t  it;

    it = ccp_json_iter(ccp_json_get(r->root, "modalities"));

    while (ccp_json_next(&it)) {
        if (ccp_json_is(it.val, "audio")) {
            return ccp_refuse(err, a, CCP_E_BAD_REQUEST,
                              "modalities: audio is not available on this "
                              "model");
        }
    }

    return CCP_OK;
}


static const ccp_endpoint_row_t  ccp_chat_endpoints[] = {
    { .path = "/v1/chat/completions", .op = CCP_OP_GENERATE, .post = 1 },
    { .path = "/v1/embeddings", .op = CCP_OP_EMBED, .post = 1 },
    { .path = "/v1/models", .op = CCP_OP_MODELS },
    { .path = "/v1/models/", .op = CCP_OP_MODEL, .tail = 1 },
    { .path = NULL }
};


static const ccp_other_t  ccp_chat_others[] = {
    { .name = "completions", .before = "", .version = "/v1",
      .path = "/completions", .methods = "POST", .asks = 1 },
    { .name = "images", .before = "", .version = "/v1",
      .path = "/images", .methods = "POST", .sub = 1, .asks = 1 },
    { .name = "audio", .before = "", .version = "/v1",
      .path = "/audio", .methods = "POST", .sub = 1, .asks = 1 },
    { .name = "moderations", .before = "", .version = "/v1",
      .path = "/moderations", .methods = "POST" },
    { .name = "rerank", .before = "", .version = "/v1",
      .path = "/rerank", .methods = "POST" },
    { .name = "files", .before = "", .version = "/v1",
      .path = "/files", .methods = "GET POST DELETE",
      .object = "id", .sub = 1 },
    { .name = "uploads", .before = "", .version = "/v1",
      .path = "/uploads", .methods = "POST",
      .object = "id", .sub = 1 },
    { .name = "batches", .before = "", .version = "/v1",
      .path = "/batches", .methods = "GET POST",
      .object = "id", .sub = 1, .asks = 1 },
    { .name = NULL }
};


static const ccp_member_path_t  ccp_chat_lost[] = {
    { NULL, "logit_bias" },
    { NULL, "moderation" },
    { NULL, "prediction" },
    { NULL, "store" },
    { NULL, NULL }
};


static const ccp_member_path_t  ccp_chat_caps[] = {
    { NULL, "max_tokens" },
    { NULL, "max_completion_tokens" },
    { NULL, NULL }
};


static const ccp_splice_ops_t  ccp_chat_splice_ops = {
    .is_ruled = ccp_chat_splice_is_ruled,
    .is_anew = ccp_chat_splice_is_anew,
    .edit = ccp_chat_splice_edit,
    .caps = 1
};


static const char *const  ccp_chat_forward[] = {
    "openai-beta", "x-stainless-*", NULL
};


static const char *const  ccp_chat_owned[] = { "messages", NULL };


/* What its documents tell of, and what else its servers are known to take. */

static const ccp_known_t  ccp_chat_known[] = {
    { "model", CCP_HOLDS_NOTHING },
    { "messages", CCP_HOLDS_NOTHING },
    { "stream", CCP_HOLDS_NOTHING },
    { "stream_options", CCP_HOLDS_NOTHING },
    { "max_tokens", CCP_HOLDS_NOTHING },
    { "max_completion_tokens", CCP_HOLDS_NOTHING },
    { "temperature", CCP_HOLDS_NOTHING },
    { "top_p", CCP_HOLDS_NOTHING },
    { "top_k", CCP_HOLDS_NOTHING },
    { "min_p", CCP_HOLDS_NOTHING },
    { "n", CCP_HOLDS_NOTHING },
    { "stop", CCP_HOLDS_NOTHING },
    { "stop_token_ids", CCP_HOLDS_NOTHING },
    { "seed", CCP_HOLDS_NOTHING },
    { "random_seed", CCP_HOLDS_NOTHING },
    { "frequency_penalty", CCP_HOLDS_NOTHING },
    { "presence_penalty", CCP_HOLDS_NOTHING },
    { "repetition_penalty", CCP_HOLDS_NOTHING },
    { "logit_bias", CCP_HOLDS_NOTHING },
    { "logprobs", CCP_HOLDS_NOTHING },
    { "top_logprobs", CCP_HOLDS_NOTHING },
    { "tools", CCP_HOLDS_NOTHING },
    { "tool_choice", CCP_HOLDS_NOTHING },
    { "parallel_tool_calls", CCP_HOLDS_NOTHING },
    { "functions", CCP_HOLDS_NOTHING },
    { "function_call", CCP_HOLDS_NOTHING },
    { "web_search_options", CCP_HOLDS_NOTHING },
    { "response_format", CCP_HOLDS_NOTHING },
    { "structured_outputs", CCP_HOLDS_NOTHING },
    { "guided_json", CCP_HOLDS_NOTHING },
    { "guided_choice", CCP_HOLDS_NOTHING },
    { "guided_regex", CCP_HOLDS_NOTHING },
    { "guided_grammar", CCP_HOLDS_NOTHING },
    { "reasoning_effort", CCP_HOLDS_NOTHING },
    { "reasoning", CCP_HOLDS_NOTHING },
    { "reasoning_format", CCP_HOLDS_NOTHING },
    { "include_reasoning", CCP_HOLDS_NOTHING },
    { "thinking", CCP_HOLDS_NOTHING },
    { "thinking_budget", CCP_HOLDS_NOTHING },
    { "enable_thinking", CCP_HOLDS_NOTHING },
    { "verbosity", CCP_HOLDS_NOTHING },
    { "modalities", CCP_HOLDS_NOTHING },
    { "audio", CCP_HOLDS_NOTHING },
    { "prediction", CCP_HOLDS_TEXT },
    { "user", CCP_HOLDS_NOTHING },
    { "safety_identifier", CCP_HOLDS_NOTHING },
    { "metadata", CCP_HOLDS_NOTHING },
    { "store", CCP_HOLDS_NOTHING },
    { "service_tier", CCP_HOLDS_NOTHING },
    { "moderation", CCP_HOLDS_NOTHING },
    { "safe_prompt", CCP_HOLDS_NOTHING },
    { "prompt_cache_key", CCP_HOLDS_NOTHING },
    { "prompt_cache_retention", CCP_HOLDS_NOTHING },
    { "prompt_cache_options", CCP_HOLDS_NOTHING },
    { "usage", CCP_HOLDS_NOTHING },
    { "provider", CCP_HOLDS_NOTHING },
    { "transforms", CCP_HOLDS_NOTHING },
    { "chat_template", CCP_HOLDS_FORM },
    { "documents", CCP_HOLDS_FORM },
    { "prompt_mode", CCP_HOLDS_FORM },
    { "chat_template_kwargs", CCP_HOLDS_WORDS },
    { NULL, CCP_HOLDS_NOTHING }
};


static const ccp_places_t  ccp_chat_places = {
    .list = "messages",
    .content = "content",
    .make = "{\"role\":\"system\",\"content\":\"%\"}",
    .part = "{\"type\":\"text\",\"text\":\"%\"}",
    .hot = 2
};


/* What a model may refuse while it could serve the rest. */

static const ccp_wish_member_t  ccp_chat_wishes[] = {
    { CCP_WISH_THINK, NULL, "reasoning_effort" },
    { CCP_WISH_THINK, NULL, "reasoning" },
    { CCP_WISH_THINK, NULL, "reasoning_format" },
    { CCP_WISH_THINK, NULL, "include_reasoning" },
    { CCP_WISH_THINK, NULL, "thinking" },
    { CCP_WISH_THINK, NULL, "thinking_budget" },
    { CCP_WISH_THINK, NULL, "enable_thinking" },
    { CCP_WISH_THINK, "chat_template_kwargs", "thinking" },
    { CCP_WISH_THINK, "chat_template_kwargs", "enable_thinking" },
    { CCP_WISH_FORMAT, NULL, "response_format" },
    { CCP_WISH_STREAM_USAGE, NULL, "stream_options" },
    { CCP_WISH_PARALLEL, NULL, "parallel_tool_calls" },
    { CCP_WISH_TEMPERATURE, NULL, "temperature" },
    { CCP_WISH_TOOL_CHOICE, NULL, "tool_choice" },
    { CCP_WISH_TOOL_CHOICE, NULL, "function_call" },
    { CCP_NWISH, NULL, NULL }
};

static const ccp_wish_image_t  ccp_chat_wish_images[] = {
    { "type", "image_url",
      "{\"type\":\"text\",\"text\":\"[image omitted]\"}" },
    { NULL, NULL, NULL }
};


const ccp_ops_t  ccp_chat_ops = {
    .name = "chat",
    .stream_type = "text/event-stream; charset=utf-8",
    .framing = CCP_FRAME_SSE,
    .read_request = ccp_chat_read_request,
    .convertible = ccp_chat_convertible,
    .write_request = ccp_chat_write_request,
    .path = ccp_chat_write_path,
    .dec_size = sizeof(ccp_chat_dec_t),
    .dec_init = ccp_chat_dec_init,
    .dec_event = ccp_chat_dec_event,
    .dec_whole = ccp_chat_dec_whole,
    .dec_eof = ccp_chat_dec_eof,
    .enc_size = sizeof(ccp_chat_enc_t),
    .enc_init = ccp_chat_enc_init,
    .enc_event = ccp_chat_enc_event,
    .enc_whole = ccp_chat_enc_whole,
    .error = ccp_openai_error,
    .error_status = ccp_openai_status,
    .own_error = ccp_openai_own_error,
    .endpoints = ccp_chat_endpoints,
    .others = ccp_chat_others,
    .lost = ccp_chat_lost,
    .caps = ccp_chat_caps,
    .wishes = ccp_chat_wishes,
    .wish_images = ccp_chat_wish_images,
    .splice = &ccp_chat_splice_ops,
    .forward = ccp_chat_forward,
    .owned = ccp_chat_owned,
    .known = ccp_chat_known,
    .places = &ccp_chat_places,
    .call_prefix = "call_",
    .call_digits = 24,
    .family = "",
    .models = &ccp_openai_models,
    .embed = &ccp_chat_embed,
    .detail = 1,
    .strict = 1,
    .closes = 1
};
