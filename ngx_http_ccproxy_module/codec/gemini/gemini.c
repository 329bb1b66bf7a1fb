
/*
 * Gemini generateContent: the row of operations, paths, and which requests
 * can leave the protocol.
 */

#include "codec/gemini/gemini.h"
#include "codec/gemini/gemini_answer.h"
#include "codec/gemini/gemini_request.h"
#include "codec/json/json_write.h"
#include "codec/proto/proto_out.h"



static const char *
ccp_gemini_path_verb(const ccp_request_t *r)
{
    switch (r->op) {

    case CCP_OP_COUNT:
        return "countTokens";

    case CCP_OP_EMBED:
        return r->embed_single ? "embedContent" : "batchEmbedContents";

    default:
        return r->stream ? "streamGenerateContent" : "generateContent";
    }
}


static int
ccp_gemini_write_path(ccp_write_ctx_t *x, ccp_out_t *out)
{
    ccp_str_t             model;
    const char           *verb;
    const ccp_request_t  *r;

    static const char  plain[] = "models/", tuned[] = "tunedModels/";

    r = x->req;

    model = ccp_str_plain(x->arena, x->model);
    if (model.p == NULL && x->model.p != NULL) {
        return CCP_NOMEM;
    }

    if (ccp_str_starts(model, tuned)) {
        model.p += sizeof(tuned) - 1;
        model.n -= sizeof(tuned) - 1;
        ccp_out_lit(out, "/tunedModels/");

    } else {
        if (ccp_str_starts(model, plain)) {
            model.p += sizeof(plain) - 1;
            model.n -= sizeof(plain) - 1;
        }

        ccp_out_lit(out, "/models/");
    }

    ccp_out_path_segment(out, model);

    verb = ccp_gemini_path_verb(r);
    ccp_out_lit(out, ":");
    ccp_out_bytes(out, verb, strlen(verb));

    /* a splice keeps the framing that the client asked for */

    if (r->op == CCP_OP_GENERATE && r->stream
        && !(x->spliced && r->stream_array))
    {
        ccp_out_lit(out, "?alt=sse");
    }

    return out->err ? CCP_NOMEM : CCP_OK;
}


/* What only Google's own servers can honour. */

static int
ccp_gemini_convertible(const ccp_request_t *r, ccp_arena_t *a,
    ccp_error_t *err)
{
    size_t       i;
    ccp_jval_t   v;
    ccp_jiter_t  mode;

    static const struct {
        const char  *name;
        const char  *why;
    } bound[] = {
        { "cachedContent", "send the contents themselves" },
        { "continuationToken", "send the whole conversation" }
    };

    for (i = 0; i < ccp_countof(bound); i++) {
        if (ccp_json_has(ccp_gemini_get(r->root, bound[i].name))) {
            return ccp_refuse(err, a, CCP_E_BAD_REQUEST,
                              "%s: kept by Google, unknown to this "
                              "target; %s", bound[i].name, bound[i].why);
        }
    }

    v = ccp_gemini_get(ccp_gemini_get(r->root, "generationConfig"),
                       "responseModalities");

    for (mode = ccp_json_iter(v); ccp_json_next(&mode); ) {
        if (ccp_json_str(mode.val).n
            && !ccp_gemini_is_word(ccp_json_str(mode.val), "TEXT"))
        {
            return ccp_refuse(err, a, CCP_E_BAD_REQUEST,
                              "generationConfig.responseModalities: this "
                              "target answers in text only");
        }
    }

    return CCP_OK;
}


const ccp_ops_t  ccp_gemini_ops = {
    .name = "gemini",
    .stream_type = "text/event-stream",
    .framing = CCP_FRAME_SSE,
    .read_request = ccp_gemini_read_request,
    .write_request = ccp_gemini_write_request,
    .path = ccp_gemini_write_path,
    .convertible = ccp_gemini_convertible,
    .dec_size = sizeof(ccp_gemini_dec_t),
    .dec_init = ccp_gemini_dec_init,
    .dec_event = ccp_gemini_dec_event,
    .dec_whole = ccp_gemini_dec_whole,
    .dec_eof = ccp_gemini_dec_eof,
    .enc_size = sizeof(ccp_gemini_enc_t),
    .enc_init = ccp_gemini_enc_init,
    .enc_event = ccp_gemini_enc_event,
    .enc_whole = ccp_gemini_enc_whole,
    .error = ccp_gemini_enc_error_document,
    .error_status = ccp_gemini_error_status
};
