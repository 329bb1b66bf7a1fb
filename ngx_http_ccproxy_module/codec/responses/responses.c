
/*
 * OpenAI Responses, https://platform.openai.com/docs/api-reference/responses:
 * the row of operations, paths, and which requests can leave the protocol.
 */

#include "codec/responses/responses.h"
#include "codec/responses/responses_answer.h"
#include "codec/responses/responses_held.h"
#include "codec/responses/responses_request.h"
#include "codec/proto/proto_models.h"
#include "codec/proto/proto_out.h"


/* What a request may hold that its first server alone can resolve. */

typedef struct {
    const char  *name;
    const char  *why;
    const char  *code;             /* that clients act on; NULL: none */
} ccp_responses_bound_t;

static const ccp_responses_bound_t  ccp_responses_bound_fields[] = {
    { "previous_response_id", "the answer it names is not stored here",
      "previous_response_not_found" },
    { "conversation", "the conversation it names is not stored here",
      "conversation_not_found" },
    { "prompt", "the stored prompt it names is not known here", NULL },
    { "multi_agent", "no agents run on this target", NULL },
    { NULL, NULL, NULL }
};

static const ccp_responses_bound_t  ccp_responses_bound_items[] = {
    { "item_reference", "the item it names is not stored here",
      "item_not_found" },
    { "compaction", "only the server that compacted it can read it", NULL },
    { "compaction_trigger", "this target compacts no history", NULL },
    { NULL, NULL, NULL }
};


static int
ccp_responses_refuse_bound(ccp_arena_t *a, ccp_error_t *err,
    const ccp_responses_bound_t *bound)
{
    int  rc;

    rc = ccp_refuse(err, a, CCP_E_BAD_REQUEST,
                    "%s: %s; send the whole conversation in input",
                    bound->name, bound->why);

    err->code = bound->code ? ccp_cstr(bound->code) : ccp_none;

    return rc;
}


static int
ccp_responses_check_block(const ccp_block_t *b, ccp_arena_t *a,
    ccp_error_t *err)
{
    const ccp_responses_bound_t  *f;

    for ( ; b; b = b->next) {
        for (f = ccp_responses_bound_items; f->name; f++) {
            if (b->kind == CCP_B_OPAQUE && b->origin == CCP_RESPONSES
                && ccp_str_is(b->type, f->name))
            {
                return ccp_responses_refuse_bound(a, err, f);
            }
        }
    }

    return CCP_OK;
}


/* A tool that only the first server has and that must be called. */

static int
ccp_responses_check_choice(const ccp_request_t *r, ccp_arena_t *a,
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
            return ccp_refuse(err, a, CCP_E_BAD_REQUEST,
                              "tool_choice: tool type %.*s isn't "
                              "available on this target",
                              (int) t->type.n, (const char *) t->type.p);
        }
    }

    return CCP_OK;
}


static int
ccp_responses_convertible(const ccp_request_t *r, ccp_arena_t *a,
    ccp_error_t *err)
{
    int                           rc;
    const ccp_message_t          *m;
    const ccp_responses_bound_t  *f;

    for (f = ccp_responses_bound_fields; f->name; f++) {
        if (ccp_json_has(ccp_json_opt(r->root, f->name))) {
            return ccp_responses_refuse_bound(a, err, f);
        }
    }

    if (ccp_json_bool(ccp_json_opt(r->root, "background"), 0) == 1) {
        return ccp_refuse(err, a, CCP_E_BAD_REQUEST,
                          "background: this target answers at once or "
                          "not at all; leave it out");
    }

    for (m = r->msgs; m; m = m->next) {
        rc = ccp_responses_check_block(m->blocks, a, err);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    return ccp_responses_check_choice(r, a, err);
}


static int
ccp_responses_write_path(ccp_write_ctx_t *x, ccp_out_t *out)
{
    ccp_out_lit(out, "/responses");

    if (x->req->op == CCP_OP_HELD) {
        ccp_out_lit(out, "/");
        ccp_out_bytes(out, x->req->held.p, x->req->held.n);
    }

    if (x->req->op == CCP_OP_COUNT) {
        ccp_out_lit(out, "/input_tokens");

    } else if (x->req->op == CCP_OP_COMPACT) {
        ccp_out_lit(out, "/compact");
    }

    return out->err ? CCP_NOMEM : CCP_OK;
}


static const ccp_endpoint_row_t  ccp_responses_endpoints[] = {
    { .path = "/v1/responses", .op = CCP_OP_GENERATE, .post = 1 },
    { .path = "/v1/responses/input_tokens", .op = CCP_OP_COUNT, .post = 1 },
    { .path = "/v1/responses/compact", .op = CCP_OP_COMPACT, .post = 1 },
    { .path = "/v1/responses/", .op = CCP_OP_HELD, .tail = 1 },
    { .path = "/v1/conversations", .op = CCP_OP_HELD, .list = 1 },
    { .path = "/v1/conversations/", .op = CCP_OP_HELD, .tail = 1, .list = 1 },
    { .path = NULL }
};


static const ccp_member_path_t  ccp_responses_lost[] = {
    { NULL, "client_metadata" },
    { NULL, "context_management" },
    { NULL, "max_tool_calls" },
    { NULL, "moderation" },
    { NULL, "truncation" },
    { NULL, NULL }
};


static const ccp_member_path_t  ccp_responses_caps[] = {
    { NULL, "max_output_tokens" },
    { NULL, NULL }
};


static const char *const  ccp_responses_forward[] = {
    "openai-beta", "x-stainless-*", "session_id", "session-id", "thread-id",
    "conversation_id", "originator", "x-codex-*", "x-openai-subagent",
    "x-client-request-id", NULL
};


static const char *const  ccp_responses_owned[] = { "input", NULL };


/* What its documents tell of, and what else its servers are known to take. */

static const ccp_known_t  ccp_responses_known[] = {
    { "model", CCP_HOLDS_NOTHING },
    { "input", CCP_HOLDS_NOTHING },
    { "instructions", CCP_HOLDS_NOTHING },
    { "stream", CCP_HOLDS_NOTHING },
    { "stream_options", CCP_HOLDS_NOTHING },
    { "max_output_tokens", CCP_HOLDS_NOTHING },
    { "max_tool_calls", CCP_HOLDS_NOTHING },
    { "temperature", CCP_HOLDS_NOTHING },
    { "top_p", CCP_HOLDS_NOTHING },
    { "top_logprobs", CCP_HOLDS_NOTHING },
    { "text", CCP_HOLDS_NOTHING },
    { "reasoning", CCP_HOLDS_NOTHING },
    { "tools", CCP_HOLDS_NOTHING },
    { "tool_choice", CCP_HOLDS_NOTHING },
    { "parallel_tool_calls", CCP_HOLDS_NOTHING },
    { "include", CCP_HOLDS_NOTHING },
    { "service_tier", CCP_HOLDS_NOTHING },
    { "user", CCP_HOLDS_NOTHING },
    { "safety_identifier", CCP_HOLDS_NOTHING },
    { "metadata", CCP_HOLDS_NOTHING },
    { "client_metadata", CCP_HOLDS_NOTHING },
    { "store", CCP_HOLDS_NOTHING },
    { "background", CCP_HOLDS_NOTHING },
    { "truncation", CCP_HOLDS_NOTHING },
    { "moderation", CCP_HOLDS_NOTHING },
    { "prompt_cache_key", CCP_HOLDS_NOTHING },
    { "prompt_cache_retention", CCP_HOLDS_NOTHING },
    { "prompt_cache_options", CCP_HOLDS_NOTHING },
    { "context_management", CCP_HOLDS_EDITS },
    { "previous_response_id", CCP_HOLDS_STORED },
    { "conversation", CCP_HOLDS_STORED },
    { "prompt", CCP_HOLDS_STORED },
    { NULL, CCP_HOLDS_NOTHING }
};


static const ccp_places_t  ccp_responses_places = {
    .system = { "instructions" },
    .list = "input",
    .content = "content",
    .make = "\"%\"",
    .part = "{\"type\":\"input_text\",\"text\":\"%\"}",
    .hot = 2
};


/* What a model may refuse while it could serve the rest. */

static const ccp_wish_member_t  ccp_responses_wishes[] = {
    { CCP_WISH_THINK, NULL, "reasoning" },
    { CCP_WISH_FORMAT, "text", "format" },
    { CCP_WISH_STREAM_USAGE, NULL, "stream_options" },
    { CCP_WISH_PARALLEL, NULL, "parallel_tool_calls" },
    { CCP_WISH_TEMPERATURE, NULL, "temperature" },
    { CCP_WISH_TOOL_CHOICE, NULL, "tool_choice" },
    { CCP_NWISH, NULL, NULL }
};

static const ccp_wish_image_t  ccp_responses_wish_images[] = {
    { "type", "input_image",
      "{\"type\":\"input_text\",\"text\":\"[image omitted]\"}" },
    { NULL, NULL, NULL }
};


const ccp_ops_t  ccp_responses_ops = {
    .name = "responses",
    .stream_type = "text/event-stream; charset=utf-8",
    .framing = CCP_FRAME_SSE,
    .read_request = ccp_responses_read_request,
    .recall = ccp_responses_recall,
    .keep = ccp_responses_keep,
    .held = ccp_responses_held,
    .write_request = ccp_responses_write_request,
    .path = ccp_responses_write_path,
    .convertible = ccp_responses_convertible,
    .dec_size = sizeof(ccp_responses_dec_t),
    .dec_init = ccp_responses_dec_init,
    .dec_event = ccp_responses_dec_event,
    .dec_whole = ccp_responses_dec_whole,
    .dec_eof = ccp_responses_dec_eof,
    .enc_size = sizeof(ccp_responses_enc_t),
    .enc_init = ccp_responses_enc_init,
    .enc_resume = ccp_responses_enc_resume,
    .enc_event = ccp_responses_enc_event,
    .enc_whole = ccp_responses_enc_whole,
    .error = ccp_openai_error,
    .error_status = ccp_openai_status,
    .own_error = ccp_openai_own_error,
    .endpoints = ccp_responses_endpoints,
    .hint = "/responses",
    .lost = ccp_responses_lost,
    .caps = ccp_responses_caps,
    .splice = &ccp_responses_splice_ops,
    .wishes = ccp_responses_wishes,
    .wish_images = ccp_responses_wish_images,
    .forward = ccp_responses_forward,
    .owned = ccp_responses_owned,
    .known = ccp_responses_known,
    .places = &ccp_responses_places,
    .call_prefix = "call_",
    .call_digits = 24,
    .count = "input_tokens",
    .count_object = "response.input_tokens",
    .family = "gpt",
    .models = &ccp_openai_models,
    .free_text = 1,
    .no_stop = 1,
    .detail = 1,
    .strict = 1,
    .closes = 1,
    .sealed = 1,
    .think_silent = 1,
    .typed = 1
};
