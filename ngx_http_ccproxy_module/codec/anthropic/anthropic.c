
/*
 * Anthropic Messages: the row of operations, paths, and which requests can
 * leave the protocol.
 */

#include "codec/anthropic/anthropic.h"
#include "codec/anthropic/anthropic_answer.h"
#include "codec/anthropic/anthropic_held.h"
#include "codec/anthropic/anthropic_request.h"
#include "codec/json/json_write.h"


static int
ccp_anthropic_write_path(ccp_write_ctx_t *x, ccp_out_t *out)
{
    if (x->req->op == CCP_OP_COUNT) {
        ccp_out_lit(out, "/messages/count_tokens");
    } else {
        ccp_out_lit(out, "/messages");
    }

    return out->err ? CCP_NOMEM : CCP_OK;
}


int
ccp_anthropic_check_thread(const ccp_request_t *r, ccp_arena_t *a,
    ccp_error_t *err)
{
    return ccp_json_is(ccp_json_get(ccp_json_opt(r->root, "thread"), "type"),
                       "continue")
           ? ccp_anthropic_thread_lost(err, a) : CCP_OK;
}


/* What only an Anthropic upstream can honour and nothing else stands for. */

static int
ccp_anthropic_convertible(const ccp_request_t *r, ccp_arena_t *a,
    ccp_error_t *err)
{
    if (ccp_json_has(ccp_json_get(r->root, "compaction"))) {
        return ccp_refuse(err, a, CCP_E_BAD_REQUEST,
                          "compaction: not available on this model, send "
                          "the messages themselves");
    }

    if (r->max_tokens == 0) {
        return ccp_refuse(err, a, CCP_E_BAD_REQUEST,
                          "max_tokens: 0 is not available on this model");
    }

    return ccp_anthropic_check_thread(r, a, err);
}


static const ccp_endpoint_row_t  ccp_anthropic_endpoints[] = {
    { .path = "/v1/messages", .op = CCP_OP_GENERATE, .post = 1 },
    { .path = "/v1/messages/count_tokens", .op = CCP_OP_COUNT, .post = 1 },
    { .path = NULL }
};


static const ccp_other_t  ccp_anthropic_others[] = {
    { .name = "batches", .before = "", .version = "/v1",
      .path = "/messages/batches", .methods = "GET POST DELETE",
      .object = "id", .sub = 1, .asks = 1 },
    { .name = "files", .before = "", .version = "/v1",
      .path = "/files", .methods = "GET POST DELETE",
      .object = "id", .sub = 1 },
    { .name = NULL }
};


static const ccp_member_path_t  ccp_anthropic_lost[] = {
    { NULL, "billing_policy" },
    { NULL, "container" },
    { NULL, "context_management" },
    { NULL, "diagnostics" },
    { NULL, "fallback_credit_token" },
    { NULL, "fallbacks" },
    { NULL, "inference_geo" },
    { NULL, "mcp_servers" },
    { NULL, "speed" },
    { "output_config", "task_budget" },
    { NULL, NULL }
};


static const ccp_member_path_t  ccp_anthropic_caps[] = {
    { NULL, "max_tokens" },
    { NULL, NULL }
};


static const char *const  ccp_anthropic_forward[] = {
    "anthropic-beta", "anthropic-version", "x-claude-code-*", "x-stainless-*", "x-app", NULL
};


static const char *const  ccp_anthropic_marks[] = {
    "anthropic-version", NULL
};


static const char *const  ccp_anthropic_owned[] = { "messages", NULL };


/* What its documents tell of, and what else its servers are known to take. */

static const ccp_known_t  ccp_anthropic_known[] = {
    { "model", CCP_HOLDS_NOTHING },
    { "messages", CCP_HOLDS_NOTHING },
    { "system", CCP_HOLDS_NOTHING },
    { "max_tokens", CCP_HOLDS_NOTHING },
    { "stream", CCP_HOLDS_NOTHING },
    { "temperature", CCP_HOLDS_NOTHING },
    { "top_p", CCP_HOLDS_NOTHING },
    { "top_k", CCP_HOLDS_NOTHING },
    { "stop_sequences", CCP_HOLDS_NOTHING },
    { "tools", CCP_HOLDS_NOTHING },
    { "tool_choice", CCP_HOLDS_NOTHING },
    { "thinking", CCP_HOLDS_NOTHING },
    { "metadata", CCP_HOLDS_NOTHING },
    { "service_tier", CCP_HOLDS_NOTHING },
    { "output_config", CCP_HOLDS_NOTHING },
    { "output_format", CCP_HOLDS_NOTHING },
    { "cache_control", CCP_HOLDS_NOTHING },
    { "speed", CCP_HOLDS_NOTHING },
    { "inference_geo", CCP_HOLDS_NOTHING },
    { "billing_policy", CCP_HOLDS_NOTHING },
    { "diagnostics", CCP_HOLDS_NOTHING },
    { "fallback_credit_token", CCP_HOLDS_NOTHING },
    { "mcp_servers", CCP_HOLDS_NOTHING },
    { "context_management", CCP_HOLDS_EDITS },
    { "anthropic_version", CCP_HOLDS_NOTHING },
    { "anthropic_beta", CCP_HOLDS_NOTHING },
    { "container", CCP_HOLDS_SKILLS },
    { "thread", CCP_HOLDS_STORED },
    { NULL, CCP_HOLDS_NOTHING }
};


static const ccp_places_t  ccp_anthropic_places = {
    .system = { "system" },
    .list = "messages",
    .content = "content",
    .make = "\"%\"",
    .part = "{\"type\":\"text\",\"text\":\"%\"}",
    .hot = 1
};


/* What a model may refuse while it could serve the rest. */

static const ccp_wish_member_t  ccp_anthropic_wishes[] = {
    { CCP_WISH_THINK, NULL, "thinking" },
    { CCP_WISH_THINK, "output_config", "effort" },
    { CCP_WISH_FORMAT, NULL, "output_format" },
    { CCP_WISH_FORMAT, "output_config", "format" },
    { CCP_WISH_TEMPERATURE, NULL, "temperature" },
    { CCP_WISH_TOOL_CHOICE, NULL, "tool_choice" },
    { CCP_WISH_PARALLEL, "tool_choice", "disable_parallel_tool_use" },
    { CCP_NWISH, NULL, NULL }
};

static const ccp_wish_image_t  ccp_anthropic_wish_images[] = {
    { "type", "image",
      "{\"type\":\"text\",\"text\":\"[image omitted]\"}" },
    { NULL, NULL, NULL }
};


static const ccp_limit_names_t  ccp_anthropic_limits = {
    { "anthropic-ratelimit-requests-limit",
      "anthropic-ratelimit-requests-remaining",
      "anthropic-ratelimit-requests-reset" },
    { "anthropic-ratelimit-tokens-limit",
      "anthropic-ratelimit-tokens-remaining",
      "anthropic-ratelimit-tokens-reset" },
    1
};


const ccp_ops_t  ccp_anthropic_ops = {
    .name = "anthropic",
    .stream_type = "text/event-stream; charset=utf-8",
    .framing = CCP_FRAME_SSE,
    .read_request = ccp_anthropic_read_request,
    .recall = ccp_anthropic_recall,
    .keep = ccp_anthropic_keep,
    .convertible = ccp_anthropic_convertible,
    .write_request = ccp_anthropic_write_request,
    .path = ccp_anthropic_write_path,
    .dec_size = sizeof(ccp_anthropic_dec_t),
    .dec_init = ccp_anthropic_dec_init,
    .dec_event = ccp_anthropic_dec_event,
    .dec_whole = ccp_anthropic_dec_whole,
    .dec_eof = ccp_anthropic_dec_eof,
    .enc_size = sizeof(ccp_anthropic_enc_t),
    .enc_init = ccp_anthropic_enc_init,
    .enc_resume = ccp_anthropic_enc_resume,
    .enc_event = ccp_anthropic_enc_event,
    .enc_whole = ccp_anthropic_enc_whole,
    .error = ccp_anthropic_enc_error_document,
    .error_status = ccp_anthropic_error_status,
    .own_error = ccp_anthropic_own_error,
    .endpoints = ccp_anthropic_endpoints,
    .others = ccp_anthropic_others,
    .hint = "/messages",
    .lost = ccp_anthropic_lost,
    .caps = ccp_anthropic_caps,
    .splice = &ccp_anthropic_splice_ops,
    .wishes = ccp_anthropic_wishes,
    .wish_images = ccp_anthropic_wish_images,
    .forward = ccp_anthropic_forward,
    .owned = ccp_anthropic_owned,
    .known = ccp_anthropic_known,
    .places = &ccp_anthropic_places,
    .limits = &ccp_anthropic_limits,
    .call_prefix = "toolu_",
    .call_digits = 24,
    .count = "input_tokens",
    .family = "claude",
    .models = &ccp_anthropic_models,
    .marks = ccp_anthropic_marks,
    .keep_whole = 1,
    .strict = 1
};
