
/*
 * Gemini generateContent: the row of operations, paths, and which requests
 * can leave the protocol.
 */

#include "codec/gemini/gemini.h"
#include "codec/gemini/gemini_answer.h"
#include "codec/gemini/gemini_request.h"
#include "codec/base/base_match.h"
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


/* What stands behind the last colon of a path. */

static const struct {
    const char   *verb;
    ccp_op_e      op;
    unsigned      stream:1;
    unsigned      single:1;
} ccp_gemini_verbs[] = {
    { "generateContent", CCP_OP_GENERATE, 0, 0 },
    { "streamGenerateContent", CCP_OP_GENERATE, 1, 0 },
    { "countTokens", CCP_OP_COUNT, 0, 0 },
    { "embedContent", CCP_OP_EMBED, 0, 1 },
    { "batchEmbedContents", CCP_OP_EMBED, 0, 0 }
};


/* Whether the query holds name=value. */

static int
ccp_gemini_arg_is(ccp_str_t args, const char *pair)
{
    size_t          n;
    const uint8_t  *p;

    p = args.p ? ccp_str_find(args, pair) : NULL;
    n = strlen(pair);

    return p && (p == args.p || p[-1] == '&')
           && (p + n == args.p + args.n || p[n] == '&');
}


/* …/models/M:verb and …/tunedModels/M:verb; M may hold slashes and colons.
 * before: what stands before the verb. */

static int
ccp_gemini_endpoint_verb(ccp_endpoint_t *ep, ccp_str_t path, ccp_str_t args,
    char before, const uint8_t **start)
{
    size_t          i;
    ccp_str_t       verb;
    const uint8_t  *p, *colon, *end;

    end = path.p + path.n;

    for (colon = end; colon > path.p && colon[-1] != before; colon--) {
        /* void */
    }

    if (colon == path.p) {
        return CCP_DECLINED;
    }

    verb = ccp_str_range(colon, end);
    path = ccp_str_range(path.p, colon - 1);

    for (i = 0; i < ccp_countof(ccp_gemini_verbs); i++) {
        if (ccp_str_is(verb, ccp_gemini_verbs[i].verb)) {
            break;
        }
    }

    p = ccp_str_find(path, "/v1beta/");
    if (p == NULL) {
        p = ccp_str_find(path, "/v1/");
    }

    if (i == ccp_countof(ccp_gemini_verbs) || p == NULL) {
        return CCP_DECLINED;
    }

    *start = p;
    end = path.p + path.n;

    p = ccp_str_find(ccp_str_range(p, end), "odels/");
    if (p == NULL) {
        return CCP_DECLINED;
    }

    ep->op = ccp_gemini_verbs[i].op;
    ep->post = 1;
    ep->single = ccp_gemini_verbs[i].single;
    ep->model = ccp_str_range(p + 6, end);
    ep->stream = ccp_gemini_verbs[i].stream;
    ep->array = ep->stream && !ccp_gemini_arg_is(args, "alt=sse");

    return CCP_OK;
}


/* Some clients write M/verb. */

static int
ccp_gemini_endpoint(ccp_endpoint_t *ep, ccp_str_t path, ccp_str_t args,
    const uint8_t **start)
{
    return ccp_gemini_endpoint_verb(ep, path, args, ':', start) == CCP_OK
           ? CCP_OK : ccp_gemini_endpoint_verb(ep, path, args, '/', start);
}


static const ccp_endpoint_row_t  ccp_gemini_endpoints[] = {
    { .path = "/v1beta/models", .op = CCP_OP_MODELS },
    { .path = "/v1beta/models/", .op = CCP_OP_MODEL, .tail = 1 },
    { .path = NULL }
};


static const ccp_other_t  ccp_gemini_others[] = {
    { .name = "files", .before = "/upload", .version = "/v1beta",
      .path = "/files", .methods = "POST",
      .object = "name" },
    { .name = "files", .before = "", .version = "/v1beta",
      .path = "/files", .methods = "GET POST DELETE",
      .object = "name", .sub = 1 },
    { .name = "cachedContents", .before = "", .version = "/v1beta",
      .path = "/cachedContents", .methods = "GET POST PATCH DELETE",
      .object = "name", .sub = 1, .asks = 1 },
    { .name = NULL }
};


static const ccp_member_path_t  ccp_gemini_lost[] = {
    { NULL, "labels" },
    { NULL, "modelArmorConfig" },
    { NULL, "safetySettings" },
    { NULL, "safety_settings" },
    { "generationConfig", "imageConfig" },
    { "generationConfig", "mediaResolution" },
    { "generationConfig", "routingConfig" },
    { "generationConfig", "speechConfig" },
    { NULL, NULL }
};


static const ccp_member_path_t  ccp_gemini_caps[] = {
    { "generationConfig", "maxOutputTokens" },
    { "generationConfig", "max_output_tokens" },
    { "generation_config", "maxOutputTokens" },
    { "generation_config", "max_output_tokens" },
    { NULL, NULL }
};


static const char *const  ccp_gemini_forward[] = {
    "x-goog-api-client", NULL
};


static const char *const  ccp_gemini_owned[] = { "contents", NULL };


/* What its documents tell of, and what else its servers are known to take. */

static const ccp_known_t  ccp_gemini_known[] = {
    { "model", CCP_HOLDS_NOTHING },
    { "contents", CCP_HOLDS_NOTHING },
    { "systemInstruction", CCP_HOLDS_NOTHING },
    { "tools", CCP_HOLDS_NOTHING },
    { "toolConfig", CCP_HOLDS_NOTHING },
    { "generationConfig", CCP_HOLDS_NOTHING },
    { "safetySettings", CCP_HOLDS_NOTHING },
    { "serviceTier", CCP_HOLDS_NOTHING },
    { "labels", CCP_HOLDS_NOTHING },
    { "modelArmorConfig", CCP_HOLDS_NOTHING },
    { "cachedContent", CCP_HOLDS_STORED },
    { NULL, CCP_HOLDS_NOTHING }
};


static const ccp_places_t  ccp_gemini_places = {
    .counted = "generateContentRequest",
    .system = { "systemInstruction", "system_instruction" },
    .list = "contents",
    .content = "parts",
    .config = { "generationConfig", "generation_config" },
    .make = "{\"parts\":[{\"text\":\"%\"}]}",
    .part = "{\"text\":\"%\"}",
    .hot = 2
};


/* What a model may refuse while it could serve the rest. */

static const ccp_wish_member_t  ccp_gemini_wishes[] = {
    { CCP_WISH_THINK, "generationConfig", "thinkingConfig" },
    { CCP_WISH_FORMAT, "generationConfig", "responseMimeType" },
    { CCP_WISH_FORMAT, "generationConfig", "responseFormat" },
    { CCP_WISH_FORMAT, "generationConfig", "responseSchema" },
    { CCP_WISH_FORMAT, "generationConfig", "responseJsonSchema" },
    { CCP_WISH_TEMPERATURE, "generationConfig", "temperature" },
    { CCP_WISH_TOOL_CHOICE, "toolConfig", "functionCallingConfig" },
    { CCP_NWISH, NULL, NULL }
};

static const ccp_wish_image_t  ccp_gemini_wish_images[] = {
    { "inlineData", NULL,
      "{\"text\":\"[image omitted]\"}" },
    { "fileData", NULL,
      "{\"text\":\"[image omitted]\"}" },
    { NULL, NULL, NULL }
};


static const char *const  ccp_gemini_marks[] = {
    "x-goog-api-key", "x-goog-api-client", NULL
};


const ccp_ops_t  ccp_gemini_ops = {
    .marks = ccp_gemini_marks,
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
    .enc_resume = ccp_gemini_enc_resume,
    .enc_event = ccp_gemini_enc_event,
    .enc_whole = ccp_gemini_enc_whole,
    .error = ccp_gemini_enc_error_document,
    .error_status = ccp_gemini_error_status,
    .own_error = ccp_gemini_own_error,
    .endpoints = ccp_gemini_endpoints,
    .others = ccp_gemini_others,
    .endpoint = ccp_gemini_endpoint,
    .hint = "/v1beta/",
    .lost = ccp_gemini_lost,
    .caps = ccp_gemini_caps,
    .wishes = ccp_gemini_wishes,
    .wish_images = ccp_gemini_wish_images,
    .wish_result = "functionResponse",
    .forward = ccp_gemini_forward,
    .owned = ccp_gemini_owned,
    .known = ccp_gemini_known,
    .places = &ccp_gemini_places,
    .call_prefix = "call_",
    .call_digits = 24,
    .count = "totalTokens",
    .family = "gemini",
    .models = &ccp_gemini_models,
    .embed = &ccp_gemini_embed,
    .model_twice = 1,
    .snake = 1,
    .think_silent = 1
};
