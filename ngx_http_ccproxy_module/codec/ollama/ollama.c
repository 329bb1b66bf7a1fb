
/*
 * Ollama, https://github.com/ollama/ollama/blob/main/docs/api.md: the row of
 * operations, paths, and which requests can leave the protocol.
 */

#include "codec/ollama/ollama.h"
#include "codec/ollama/ollama_answer.h"
#include "codec/ollama/ollama_request.h"
#include "codec/json/json_write.h"


/* The endpoints of old are reached by their own clients only. */

static int
ccp_ollama_write_path(ccp_write_ctx_t *x, ccp_out_t *out)
{
    const char  *path;

    if (x->req->op == CCP_OP_EMBED) {
        path = x->spliced && x->req->embed_single ? "/api/embeddings"
                                                  : "/api/embed";

    } else {
        path = x->spliced && x->req->generate ? "/api/generate" : "/api/chat";
    }

    ccp_out_bytes(out, path, strlen(path));

    return out->err ? CCP_NOMEM : CCP_OK;
}


static int
ccp_ollama_convertible(const ccp_request_t *r, ccp_arena_t *a,
    ccp_error_t *err)
{
    if (r->generate && ccp_json_gets(r->root, "suffix").n) {
        return ccp_refuse(err, a, CCP_E_BAD_REQUEST,
                          "suffix: only an Ollama target can fill in "
                          "between prompt and suffix");
    }

    if (r->msgs == NULL && r->system == NULL) {
        return ccp_refuse(err, a, CCP_E_BAD_REQUEST,
                          "%s: empty, which asks to load a model: only an "
                          "Ollama target has models to load",
                          r->generate ? "prompt" : "messages");
    }

    return CCP_OK;
}


/* What /api/version tells; clients compare it with the least they need. */
#define CCP_OLLAMA_VERSION  "0.12.6"


static const ccp_endpoint_row_t  ccp_ollama_endpoints[] = {
    { .path = "/api/chat", .op = CCP_OP_GENERATE, .post = 1 },
    { .path = "/api/generate", .op = CCP_OP_GENERATE, .post = 1,
      .generate = 1 },
    { .path = "/api/embed", .op = CCP_OP_EMBED, .post = 1 },
    { .path = "/api/embeddings", .op = CCP_OP_EMBED, .post = 1, .single = 1 },
    { .path = "/api/show", .op = CCP_OP_MODEL, .post = 1 },
    { .path = "/api/tags", .op = CCP_OP_MODELS },
    { .path = "/api/ps", .op = CCP_OP_PS },
    { .path = "/api/version", .op = CCP_OP_VERSION },
    { .path = NULL }
};


static const ccp_other_t  ccp_ollama_others[] = {
    { .name = "pull", .before = "", .version = "",
      .path = "/api/pull", .methods = "POST" },
    { .name = "push", .before = "", .version = "",
      .path = "/api/push", .methods = "POST" },
    { .name = "create", .before = "", .version = "",
      .path = "/api/create", .methods = "POST" },
    { .name = "copy", .before = "", .version = "",
      .path = "/api/copy", .methods = "POST" },
    { .name = "delete", .before = "", .version = "",
      .path = "/api/delete", .methods = "DELETE" },
    { .name = "show", .before = "", .version = "",
      .path = "/api/show", .methods = "POST" },
    { .name = "blobs", .before = "", .version = "",
      .path = "/api/blobs", .methods = "HEAD POST", .sub = 1 },
    { .name = NULL }
};


static const ccp_member_path_t  ccp_ollama_lost[] = {
    { NULL, "context" },
    { NULL, "keep_alive" },
    { NULL, "template" },
    { "options", "mirostat" },
    { "options", "num_ctx" },
    { "options", "num_keep" },
    { "options", "repeat_last_n" },
    { "options", "tfs_z" },
    { "options", "typical_p" },
    { NULL, NULL }
};


static const ccp_member_path_t  ccp_ollama_caps[] = {
    { "options", "num_predict" },
    { NULL, NULL }
};


static const char *const  ccp_ollama_owned[] = { "messages", "prompt", NULL };


/* What its documents tell of, and what else its servers are known to take. */

static const ccp_known_t  ccp_ollama_known[] = {
    { "model", CCP_HOLDS_NOTHING },
    { "messages", CCP_HOLDS_NOTHING },
    { "prompt", CCP_HOLDS_NOTHING },
    { "system", CCP_HOLDS_FORM },              /* but where prompts stand */
    { "tools", CCP_HOLDS_NOTHING },
    { "stream", CCP_HOLDS_NOTHING },
    { "think", CCP_HOLDS_NOTHING },
    { "format", CCP_HOLDS_NOTHING },
    { "options", CCP_HOLDS_NOTHING },
    { "images", CCP_HOLDS_NOTHING },
    { "suffix", CCP_HOLDS_TEXT },
    { "keep_alive", CCP_HOLDS_NOTHING },
    { "logprobs", CCP_HOLDS_NOTHING },
    { "top_logprobs", CCP_HOLDS_NOTHING },
    { "template", CCP_HOLDS_FORM },
    { "raw", CCP_HOLDS_FORM },
    { "context", CCP_HOLDS_FORM },
    { NULL, CCP_HOLDS_NOTHING }
};


static const ccp_places_t  ccp_ollama_places = {
    .list = "messages",
    .content = "content",
    .config = { "options" },
    .make = "{\"role\":\"system\",\"content\":\"%\"}",
    .hot = 2
};


static const ccp_places_t  ccp_ollama_places_generate = {
    .system = { "system" },
    .content = "prompt",
    .config = { "options" },
    .make = "\"%\"",
    .hot = 2
};


/* What a model may refuse while it could serve the rest. */

static const ccp_wish_member_t  ccp_ollama_wishes[] = {
    { CCP_WISH_THINK, NULL, "think" },
    { CCP_WISH_FORMAT, NULL, "format" },
    { CCP_WISH_TEMPERATURE, "options", "temperature" },
    { CCP_WISH_TOOL_CHOICE, NULL, "tool_choice" },
    { CCP_NWISH, NULL, NULL }
};


const ccp_ops_t  ccp_ollama_ops = {
    .name = "ollama",
    .stream_type = "application/x-ndjson",
    .framing = CCP_FRAME_NDJSON,
    .convertible = ccp_ollama_convertible,
    .read_request = ccp_ollama_read_request,
    .write_request = ccp_ollama_write_request,
    .path = ccp_ollama_write_path,
    .dec_size = sizeof(ccp_ollama_dec_t),
    .dec_init = ccp_ollama_dec_init,
    .dec_event = ccp_ollama_dec_event,
    .dec_whole = ccp_ollama_dec_whole,
    .dec_eof = ccp_ollama_dec_eof,
    .enc_size = sizeof(ccp_ollama_enc_t),
    .enc_init = ccp_ollama_enc_init,
    .enc_event = ccp_ollama_enc_event,
    .enc_whole = ccp_ollama_enc_whole,
    .error = ccp_ollama_enc_error_document,
    .error_status = ccp_ollama_error_status,
    .own_error = ccp_ollama_own_error,
    .endpoints = ccp_ollama_endpoints,
    .others = ccp_ollama_others,
    .hint = "/api/",
    .version = CCP_OLLAMA_VERSION,
    .lost = ccp_ollama_lost,
    .caps = ccp_ollama_caps,
    .wishes = ccp_ollama_wishes,
    .wish_image_drop = "images",
    .owned = ccp_ollama_owned,
    .known = ccp_ollama_known,
    .places = &ccp_ollama_places,
    .places_generate = &ccp_ollama_places_generate,
    .call_prefix = "call_",
    .call_digits = 8,
    .family = "qwen",
    .models = &ccp_ollama_models,
    .embed = &ccp_ollama_embed
};
