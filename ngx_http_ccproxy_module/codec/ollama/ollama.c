
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
};
