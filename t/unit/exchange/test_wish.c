
/*
 * T54: Wishes that a model refuses: by which words, and what it is asked then.
 */

#include "codec/exchange/exchange_private.h"
#include "ut_exchange.h"


#define ALL  ((1u << CCP_NWISH) - 1)


/* ---- words ---- */

typedef struct {
    const char  *text;
    ccp_wish_e   wish;
} words_t;


static const words_t  refusals[] = {
    { "registry.ollama.ai/library/gemma:2b does not support tools",
      CCP_WISH_TOOLS },
    { "No endpoints found that support tool use. Try disabling \"f\".",
      CCP_WISH_TOOLS },
    { "\"auto\" tool choice requires --enable-auto-tool-choice and "
      "--tool-call-parser to be set", CCP_WISH_TOOLS },
    { "tools param requires --jinja flag", CCP_WISH_TOOLS },
    { "Unsupported param: tools", CCP_WISH_TOOLS },
    { "Function calling is not enabled for models/gemma-3-27b-it",
      CCP_WISH_TOOLS },
    { "tools is not supported in this model. For a list of supported models, "
      "refer to the documentation", CCP_WISH_TOOLS },
    { "This model doesn't support tool use in streaming mode.",
      CCP_WISH_TOOLS },
    { "Tool calling is not supported for model: x", CCP_WISH_TOOLS },
    { "The model does not support tool use or function calling but tools or "
      "tool_choice have been specified", CCP_WISH_TOOLS },
    { "Invalid JSON payload received. Unknown name \\\"tools\\\": Cannot find "
      "field.", CCP_WISH_TOOLS },
    { "Unrecognized request argument supplied: tools", CCP_WISH_TOOLS },

    { "\\\"qwen3-coder:30b\\\" does not support thinking", CCP_WISH_THINK },
    { "registry.ollama.ai/library/gemma3n:e4b-it-q8_0 does not support "
      "thinking", CCP_WISH_THINK },
    { "think value \\\"medium\\\" is not supported for this model",
      CCP_WISH_THINK },
    { "Unsupported parameter: 'reasoning_effort' is not supported with this "
      "model.", CCP_WISH_THINK },
    { "Unsupported parameter: 'reasoning.effort' is not supported with this "
      "model.", CCP_WISH_THINK },
    { "`reasoning_effort` is not supported with this model", CCP_WISH_THINK },
    { "Unrecognized request argument supplied: reasoning_effort",
      CCP_WISH_THINK },
    { "Argument not supported on this model: reasoningEffort",
      CCP_WISH_THINK },
    { "adaptive thinking is not supported on this model", CCP_WISH_THINK },
    { "\\\"thinking.type.enabled\\\" is not supported for this model. Use "
      "\\\"thinking.type.adaptive\\\"", CCP_WISH_THINK },
    { "thinking: Extra inputs are not permitted", CCP_WISH_THINK },
    { "output_config: Extra inputs are not permitted", CCP_WISH_THINK },
    { "Thinking is not enabled for models/gemma-3-27b-it", CCP_WISH_THINK },
    { "Invalid JSON payload received. Unknown name \\\"thinkingConfig\\\" at "
      "'generation_config': Cannot find field.", CCP_WISH_THINK },
    { "Function tools with reasoning_effort are not supported for gpt-5.4 in "
      "/v1/chat/completions. Please use /v1/responses instead.",
      CCP_WISH_THINK },
    { "chat() got an unexpected keyword argument 'enable_thinking'",
      CCP_WISH_THINK },

    { "Invalid content type. image_url is only supported by certain models.",
      CCP_WISH_IMAGE },
    { "This model does not support image input", CCP_WISH_IMAGE },
    { "No endpoints found that support image input", CCP_WISH_IMAGE },
    { "Invalid image. The model does not support vision input.",
      CCP_WISH_IMAGE },
    { "multimodal content is not supported by this endpoint",
      CCP_WISH_IMAGE },
    { "image input is not supported - hint: if this is unexpected, you may "
      "need to provide the mmproj", CCP_WISH_IMAGE },
    { "Failed to deserialize the JSON body into the target type: messages[0]: "
      "unknown variant `image_url`, expected `text`", CCP_WISH_IMAGE },
    { "At most 0 image(s) may be provided in one prompt.", CCP_WISH_IMAGE },
    { "mistral-7b is not a multimodal model", CCP_WISH_IMAGE },
    { "this model is missing data required for image input",
      CCP_WISH_IMAGE },
    { "'messages.0' : for 'role:user' the following must be satisfied"
      "[('messages.0.content' : value must be a string)]", CCP_WISH_IMAGE },
    { "Image input modality is not enabled for models/gemma-3-1b-it",
      CCP_WISH_IMAGE },

    { "Invalid parameter: 'response_format' of type 'json_schema' is not "
      "supported with this model.", CCP_WISH_FORMAT },
    { "This response_format type is unavailable now", CCP_WISH_FORMAT },
    { "'response_format.type' must be 'json_schema' or 'text'",
      CCP_WISH_FORMAT },
    { "This model does not support response format `json_schema`. See "
      "supported models", CCP_WISH_FORMAT },
    { "JSON mode is not enabled for models/gemma-3-27b-it",
      CCP_WISH_FORMAT },
    { "json mode cannot be combined with tool/function calling",
      CCP_WISH_FORMAT },
    { "Function calling with a response mime type: 'application/json' is "
      "unsupported", CCP_WISH_FORMAT },
    { "output_format: Extra inputs are not permitted", CCP_WISH_FORMAT },
    { "structured outputs are not supported by this model",
      CCP_WISH_FORMAT },

    { "Argument not supported: stream_options", CCP_WISH_STREAM_USAGE },
    { "property 'stream_options' is unsupported, did you mean 'stream'?",
      CCP_WISH_STREAM_USAGE },
    { "Validation error at #/stream_options: Extra inputs are not permitted",
      CCP_WISH_STREAM_USAGE },
    { "extraneous key [include_usage] is not permitted",
      CCP_WISH_STREAM_USAGE },
    { "[{'type': 'extra_forbidden', 'loc': ('body', 'stream_options'), 'msg': "
      "'Extra inputs are not permitted'}]", CCP_WISH_STREAM_USAGE },
    { "Unrecognized request argument supplied: stream_options",
      CCP_WISH_STREAM_USAGE },

    { "Unsupported parameter: 'parallel_tool_calls' is not supported with "
      "this model.", CCP_WISH_PARALLEL },
    { "litellm.UnsupportedParamsError: ollama does not support parameters: "
      "['parallel_tool_calls'], for model=phi4-mini:3.8b.",
      CCP_WISH_PARALLEL },
    { "This model doesn't support parallel tool calls", CCP_WISH_PARALLEL },
    { "parallel_tool_calls: Extra inputs are not permitted",
      CCP_WISH_PARALLEL },

    { "Unsupported value: 'temperature' does not support 0.2 with this model. "
      "Only the default (1) value is supported.", CCP_WISH_TEMPERATURE },
    { "Unsupported parameter: 'temperature' is not supported with this "
      "model.", CCP_WISH_TEMPERATURE },
    { "invalid temperature: only 1 is allowed for this model",
      CCP_WISH_TEMPERATURE },
    { "`temperature` is deprecated for this model.", CCP_WISH_TEMPERATURE },
    { "`temperature` may only be set to 1 when thinking is enabled.",
      CCP_WISH_TEMPERATURE },
    { "`temperature` and `top_p` cannot both be specified for this model.",
      CCP_WISH_TEMPERATURE },

    { "<400> InternalError.Algo.InvalidParameter: The tool_choice parameter "
      "does not support being set to required or object in thinking mode",
      CCP_WISH_TOOL_CHOICE },
    { "tool_choice 'specified' is incompatible with thinking enabled",
      CCP_WISH_TOOL_CHOICE },
    { "Thinking mode does not support this tool_choice",
      CCP_WISH_TOOL_CHOICE },
    { "No endpoints found that support the provided 'tool_choice' value",
      CCP_WISH_TOOL_CHOICE },
    { "Thinking may not be enabled when tool_choice forces tool use.",
      CCP_WISH_TOOL_CHOICE },
    { "Unsupported param: tool_choice", CCP_WISH_TOOL_CHOICE },

    /* what is wrong with the request itself, or is no wish */

    { "Invalid schema for function 'f': 'pattern' is not supported",
      CCP_NWISH },
    { "Invalid schema for response_format 'x': 'format' is not permitted",
      CCP_NWISH },
    { "tools.0.name: String should match pattern", CCP_NWISH },
    { "Empty tool_calls is not supported in message.", CCP_NWISH },
    { "Unsupported image format: image/tiff is not supported", CCP_NWISH },
    { "messages.0.content.0.image.source.base64: unsupported media type",
      CCP_NWISH },
    { "image exceeds 5 MB maximum", CCP_NWISH },
    { "temperature: range: 0..1, 3 is not supported", CCP_NWISH },
    { "The model 'qwen3-235b-thinking' is not supported", CCP_NWISH },
    { "The requested model 'deepseek/deepseek-reasoning' is not supported",
      CCP_NWISH },
    { "The model llama-3.2-90b-vision is not available", CCP_NWISH },
    { "property 'messages.2.reasoning_content' is unsupported", CCP_NWISH },
    { "messages.1.content.0: Invalid `signature` in `thinking` block",
      CCP_NWISH },
    { "max_tokens must be greater than thinking.budget_tokens", CCP_NWISH },
    { "your key does not support this", CCP_NWISH },
    { "", CCP_NWISH }
};


/* Errors whose message does not say what it is about. */

static const words_t  beside[] = {
    { "{\"detail\":[{\"type\":\"extra_forbidden\",\"loc\":[\"body\","
      "\"stream_options\",\"include_usage\"],\"msg\":\"Extra inputs are not "
      "permitted\",\"input\":true}]}", CCP_WISH_STREAM_USAGE },
    { "{\"error\":{\"message\":\"Unsupported parameter.\",\"type\":"
      "\"invalid_request_error\",\"param\":\"temperature\",\"code\":"
      "\"unsupported_parameter\"}}", CCP_WISH_TEMPERATURE },
    { "{\"error\":{\"message\":\"Provider returned error\",\"code\":400,"
      "\"metadata\":{\"raw\":\"{\\\"error\\\":\\\"m does not support thinking"
      "\\\"}\"}}}", CCP_WISH_THINK },
    { "{\"error\":{\"message\":\"Provider returned error\",\"code\":400,"
      "\"metadata\":{\"provider_name\":\"thinking-machines\"}}}", CCP_NWISH }
};


static void
test_words(void)
{
    size_t          i;
    ccp_wish_e      wish;
    ccp_error_t     err;
    const words_t  *w;

    for (i = 0; i < ccp_countof(refusals); i++) {
        w = &refusals[i];

        memset(&err, 0, sizeof(err));
        err.cls = CCP_E_BAD_REQUEST;
        err.message = ccp_cstr(w->text);
        err.message.json = 1;
        err.message.esc = 1;

        wish = ccp_wish_refused(&err, ALL);
        UT_CHECK(wish == w->wish, "%s: %s",
                 wish == CCP_NWISH ? "none" : ccp_wish_name(wish), w->text);

        if (w->wish != CCP_NWISH) {
            UT_CHECK(ccp_wish_refused(&err, ALL & ~CCP_WISH_BIT(w->wish))
                     != w->wish, "not if it was not wished");
        }
    }

    memset(&err, 0, sizeof(err));
    err.cls = CCP_E_BAD_REQUEST;
    UT_CHECK(ccp_wish_refused(&err, ALL) == CCP_NWISH, "no words");

    for (i = 0; i < ccp_countof(beside); i++) {
        err.message = ccp_lit("Extra inputs are not permitted");
        err.raw = ccp_cstr(beside[i].text);
        UT_CHECK(ccp_wish_refused(&err, ALL) == beside[i].wish,
                 "beside the message: %s", beside[i].text);
    }

    err.cls = CCP_E_RATE;
    err.message = ccp_cstr("this model does not support thinking at this rate");
    UT_CHECK(ccp_wish_refused(&err, ALL) == CCP_NWISH, "another class");
}


/* ---- requests ---- */

#define IMG  "iVBORw0KGgo="

typedef struct {
    const char  *path;
    const char  *body;
    const char  *without[CCP_NWISH];   /* by wish: what the same protocol gets
                                          of it; NULL: there is no such wish */
} client_t;


/* Pieces that stand in the body in this order, and in what is sent. */

#define A1  "{\"model\":\"m\",\"max_tokens\":9000"
#define A2  ",\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1024}"
#define A3  ",\"temperature\":1.0"
#define A4  ",\"output_format\":{\"type\":\"json_schema\",\"schema\":"           \
            "{\"type\":\"object\"}}"
#define A5  ",\"tools\":[{\"name\":\"f\",\"input_schema\":{\"type\":"             \
            "\"object\"}}]"
#define A6  ",\"tool_choice\":{\"type\":\"any\""
#define A7  ",\"disable_parallel_tool_use\":true"
#define A8  "},\"messages\":[{\"role\":\"user\",\"content\":["
#define A9  "{\"type\":\"image\",\"source\":{\"type\":\"base64\","                \
            "\"media_type\":\"image/png\",\"data\":\"" IMG "\"}}"
#define A10 ",{\"type\":\"text\",\"text\":\"hi\"}]}],\"x\":{\"type\":\"image\"}}"
#define AT  "{\"type\":\"text\",\"text\":\"[image omitted]\"}"

#define C1  "{\"model\":\"m\",\"stream\":true"
#define C2  ",\"stream_options\":{\"include_usage\":true}"
#define C3  ",\"reasoning_effort\":\"high\""
#define C4  ",\"chat_template_kwargs\":{\"a\":1"
#define C5  ",\"enable_thinking\":true"
#define C6  "},\"temperature\":0.2"
#define C6N "}"
#define C7  ",\"response_format\":{\"type\":\"json_object\"}"
#define C8  ",\"parallel_tool_calls\":false"
#define C9  ",\"tool_choice\":\"required\""
#define C10 ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]"     \
            ",\"messages\":[{\"role\":\"user\",\"content\":["
#define C11 "{\"type\":\"image_url\",\"image_url\":{\"url\":"                      \
            "\"data:image/png;base64," IMG "\"}}"
#define C12 ",{\"type\":\"text\",\"text\":\"say JSON\"}]}],\"new\":{\"a\":1}}"

#define R1  "{\"model\":\"m\",\"stream\":true"
#define R2  ",\"reasoning\":{\"effort\":\"high\"}"
#define R3  ",\"temperature\":0.2"
#define R4  ",\"text\":{\"verbosity\":\"low\""
#define R5  ",\"format\":{\"type\":\"json_object\"}"
#define R6  "}"
#define R7  ",\"parallel_tool_calls\":false"
#define R8  ",\"tool_choice\":\"required\""
#define R9  ",\"tools\":[{\"type\":\"function\",\"name\":\"f\",\"parameters\":"      \
            "{\"type\":\"object\"}}],\"input\":[{\"role\":\"user\",\"content\":["
#define R10 "{\"type\":\"input_image\",\"image_url\":\"data:image/png;base64,"     \
            IMG "\"}"
#define R11 ",{\"type\":\"input_text\",\"text\":\"JSON\"}]}]}"
#define RT  "{\"type\":\"input_text\",\"text\":\"[image omitted]\"}"

#define G1  "{\"generationConfig\":{\"topP\":0.5"
#define G2  ",\"thinkingConfig\":{\"thinkingBudget\":99}"
#define G3  ",\"temperature\":0.2"
#define G4  ",\"response_mime_type\":\"application/json\""
#define G5  "},\"tools\":[{\"functionDeclarations\":[{\"name\":\"f\"}]}]"           \
            ",\"toolConfig\":{\"a\":1"
#define G6  ",\"functionCallingConfig\":{\"mode\":\"ANY\"}"
#define G7  "},\"contents\":[{\"role\":\"user\",\"parts\":["
#define G8  "{\"inlineData\":{\"mimeType\":\"image/png\",\"data\":\"" IMG "\"}}"
#define G9  ",{\"text\":\"hi\"}]}]}"
#define GT  "{\"text\":\"[image omitted]\"}"

#define O1  "{\"model\":\"m\",\"stream\":true"
#define O2  ",\"think\":true"
#define O3  ",\"format\":\"json\""
#define O4  ",\"options\":{\"seed\":1"
#define O5  ",\"temperature\":0.2"
#define O6  "},\"messages\":[{\"role\":\"user\",\"content\":\"hi\""
#define O7  ",\"images\":[\"" IMG "\"]"
#define O8  "}]}"

static const client_t  clients[CCP_NPROTO] = {
    [CCP_ANTHROPIC] = { "/v1/messages",
      A1 A2 A3 A4 A5 A6 A7 A8 A9 A10,
      { [CCP_WISH_THINK] = A1 A3 A4 A5 A6 A7 A8 A9 A10,
        [CCP_WISH_TEMPERATURE] = A1 A2 A4 A5 A6 A7 A8 A9 A10,
        [CCP_WISH_FORMAT] = A1 A2 A3 A5 A6 A7 A8 A9 A10,
        [CCP_WISH_TOOL_CHOICE] = A1 A2 A3 A4 A5
                                 ",\"messages\":[{\"role\":\"user\","
                                 "\"content\":[" A9 A10,
        [CCP_WISH_PARALLEL] = A1 A2 A3 A4 A5 A6 A8 A9 A10,
        [CCP_WISH_IMAGE] = A1 A2 A3 A4 A5 A6 A7 A8 AT A10 } },

    [CCP_CHAT] = { "/v1/chat/completions",
      C1 C2 C3 C4 C5 C6 C7 C8 C9 C10 C11 C12,
      { [CCP_WISH_STREAM_USAGE] = C1 C3 C4 C5 C6 C7 C8 C9 C10 C11 C12,
        [CCP_WISH_THINK] = C1 C2 C4 C6 C7 C8 C9 C10 C11 C12,
        [CCP_WISH_TEMPERATURE] = C1 C2 C3 C4 C5 C6N C7 C8 C9 C10 C11 C12,
        [CCP_WISH_FORMAT] = C1 C2 C3 C4 C5 C6 C8 C9 C10 C11 C12,
        [CCP_WISH_PARALLEL] = C1 C2 C3 C4 C5 C6 C7 C9 C10 C11 C12,
        [CCP_WISH_TOOL_CHOICE] = C1 C2 C3 C4 C5 C6 C7 C8 C10 C11 C12,
        [CCP_WISH_IMAGE] = C1 C2 C3 C4 C5 C6 C7 C8 C9 C10 AT C12 } },

    [CCP_RESPONSES] = { "/v1/responses",
      R1 R2 R3 R4 R5 R6 R7 R8 R9 R10 R11,
      { [CCP_WISH_THINK] = R1 R3 R4 R5 R6 R7 R8 R9 R10 R11,
        [CCP_WISH_TEMPERATURE] = R1 R2 R4 R5 R6 R7 R8 R9 R10 R11,
        [CCP_WISH_FORMAT] = R1 R2 R3 R4 R6 R7 R8 R9 R10 R11,
        [CCP_WISH_PARALLEL] = R1 R2 R3 R4 R5 R6 R8 R9 R10 R11,
        [CCP_WISH_TOOL_CHOICE] = R1 R2 R3 R4 R5 R6 R7 R9 R10 R11,
        [CCP_WISH_IMAGE] = R1 R2 R3 R4 R5 R6 R7 R8 R9 RT R11 } },

    [CCP_GEMINI] = { "/v1beta/models/m:generateContent",
      G1 G2 G3 G4 G5 G6 G7 G8 G9,
      { [CCP_WISH_THINK] = G1 G3 G4 G5 G6 G7 G8 G9,
        [CCP_WISH_TEMPERATURE] = G1 G2 G4 G5 G6 G7 G8 G9,
        [CCP_WISH_FORMAT] = G1 G2 G3 G5 G6 G7 G8 G9,
        [CCP_WISH_TOOL_CHOICE] = G1 G2 G3 G4 G5 G7 G8 G9,
        [CCP_WISH_IMAGE] = G1 G2 G3 G4 G5 G6 G7 GT G9 } },

    [CCP_OLLAMA] = { "/api/chat",
      O1 O2 O3 O4 O5 O6 O7 O8,
      { [CCP_WISH_THINK] = O1 O3 O4 O5 O6 O7 O8,
        [CCP_WISH_FORMAT] = O1 O2 O4 O5 O6 O7 O8,
        [CCP_WISH_TEMPERATURE] = O1 O2 O3 O4 O6 O7 O8,
        [CCP_WISH_IMAGE] = O1 O2 O3 O4 O5 O6 O8 } }
};


/* Words that stand in a converted body only where the wish is made. */

static const char  *const signs[CCP_NPROTO][CCP_NWISH] = {
    [CCP_ANTHROPIC] = { [CCP_WISH_THINK] = "\"thinking\"",
                        [CCP_WISH_TEMPERATURE] = "\"temperature\"",
                        [CCP_WISH_TOOL_CHOICE] = "\"tool_choice\":{\"type\":"
                                                 "\"any\"",
                        [CCP_WISH_PARALLEL] = "\"disable_parallel_tool_use\"",
                        [CCP_WISH_IMAGE] = IMG },
    [CCP_CHAT] = { [CCP_WISH_THINK] = "\"reasoning_effort\"",
                   [CCP_WISH_TEMPERATURE] = "\"temperature\"",
                   [CCP_WISH_FORMAT] = "\"response_format\"",
                   [CCP_WISH_STREAM_USAGE] = "\"stream_options\"",
                   [CCP_WISH_TOOL_CHOICE] = "\"tool_choice\"",
                   [CCP_WISH_PARALLEL] = "\"parallel_tool_calls\"",
                   [CCP_WISH_IMAGE] = IMG },
    [CCP_RESPONSES] = { [CCP_WISH_THINK] = "\"effort\"",
                        [CCP_WISH_TEMPERATURE] = "\"temperature\"",
                        [CCP_WISH_FORMAT] = "\"json_",
                        [CCP_WISH_TOOL_CHOICE] = "\"tool_choice\"",
                        [CCP_WISH_PARALLEL] = "\"parallel_tool_calls\"",
                        [CCP_WISH_IMAGE] = IMG },
    [CCP_GEMINI] = { [CCP_WISH_THINK] = "\"thinkingConfig\"",
                     [CCP_WISH_TEMPERATURE] = "\"temperature\"",
                     [CCP_WISH_FORMAT] = "\"responseMimeType\"",
                     [CCP_WISH_TOOL_CHOICE] = "\"ANY\"",
                     [CCP_WISH_IMAGE] = IMG },
    [CCP_OLLAMA] = { [CCP_WISH_THINK] = "\"think\":true",
                     [CCP_WISH_TEMPERATURE] = "\"temperature\"",
                     [CCP_WISH_FORMAT] = "\"format\"",
                     [CCP_WISH_IMAGE] = IMG }
};


/* What that target is sent, malloc'ed, NULL: nothing; the try's own answer to
 * what was left out in *without. */

static char *
sent(const ccp_mem_t *mem, const client_t *c, ccp_proto_e up, unsigned set,
    unsigned *without, int *rc)
{
    char            *text;
    ccp_str_t        uri;
    ccp_try_t       *try;
    ccp_error_t      err;
    ccp_target_t     t;
    ccp_exchange_t  *x;

    const ccp_out_t  *body;

    *rc = CCP_NOMEM;
    text = NULL;
    x = ut_exchange_create(mem, c->path, NULL);

    if (x == NULL) {
        return NULL;
    }

    ut_target(&t, ccp_provider_plain(up));
    t.without = set;
    memset(&err, 0, sizeof(ccp_error_t));

    *rc = ccp_exchange_request(x, ccp_cstr(c->body), ccp_none, &err);

    if (*rc == CCP_OK) {
        *rc = ut_try(&try, x, &t, ccp_none, &body, &uri, &err);
    }

    if (*rc == CCP_OK) {
        text = ut_out_text(body);
        *without = ccp_try_without(try);

        if (c == &clients[up] && !ccp_try_spliced(try)) {
            *rc = CCP_DECLINED;
        }
    } else if (*rc == CCP_INVALID) {
        printf("# %.*s\n", (int) err.message.n, (const char *) err.message.p);
    }

    ccp_exchange_destroy(x);

    return text;
}


/* Of the same protocol: the member is gone, each other byte is as it was. */

static void
test_splice(void)
{
    int          rc;
    char        *text;
    unsigned     without;
    ccp_wish_e   wish;
    ccp_proto_e  proto;
    const char  *want;

    for (proto = 0; proto < CCP_NPROTO; proto++) {
        for (wish = 0; wish < CCP_NWISH; wish++) {

            want = clients[proto].without[wish];
            text = sent(NULL, &clients[proto], proto, CCP_WISH_BIT(wish),
                        &without, &rc);

            if (want == NULL) {
                free(text);
                continue;
            }

            UT_CHECK(rc == CCP_OK && strcmp(text, want) == 0
                     && without == CCP_WISH_BIT(wish), "%s to itself, no %s",
                     ccp_proto_ops(proto)->name, ccp_wish_name(wish));

            if (text && strcmp(text, want) != 0) {
                printf("# got  %s\n# want %s\n", text, want);
            }

            free(text);
        }
    }
}


/* Of another protocol: nothing there says it any more. */

static void
test_converted(void)
{
    int          rc, had;
    char        *before, *after;
    unsigned     without;
    ccp_wish_e   wish;
    ccp_proto_e  from, to;
    const char  *sign;

    had = 0;

    for (from = 0; from < CCP_NPROTO; from++) {
        for (to = 0; to < CCP_NPROTO; to++) {
            before = sent(NULL, &clients[from], to, 0, &without, &rc);

            for (wish = 0; from != to && wish < CCP_NWISH; wish++) {
                sign = signs[to][wish];

                if (sign == NULL || before == NULL
                    || strstr(before, sign) == NULL)
                {
                    continue;
                }

                had++;
                after = sent(NULL, &clients[from], to, CCP_WISH_BIT(wish),
                             &without, &rc);
                UT_CHECK(after && strstr(after, sign) == NULL
                         && without == CCP_WISH_BIT(wish), "%s to %s, no %s",
                         ccp_proto_ops(from)->name, ccp_proto_ops(to)->name,
                         ccp_wish_name(wish));
                free(after);
            }

            free(before);
        }
    }

    UT_CHECK(had > 70, "%d wishes of converted requests", had);
}


/* All at once, and what the client never wished. */

static void
test_all(void)
{
    int          rc;
    char        *text;
    unsigned     without;
    ccp_wish_e   wish;
    ccp_proto_e  from, to;

    const client_t  plain = {
        "/v1/messages", "{\"model\":\"m\",\"max_tokens\":9,\"messages\":"
        "[{\"role\":\"user\",\"content\":\"hi\"}]}", { NULL }
    };

    for (from = 0; from < CCP_NPROTO; from++) {
        for (to = 0; to < CCP_NPROTO; to++) {
            text = sent(NULL, &clients[from], to, ALL, &without, &rc);

            for (wish = 0; wish < CCP_NWISH; wish++) {
                if (text && signs[to][wish] && strstr(text, signs[to][wish])) {
                    break;
                }
            }

            UT_CHECK(text && wish == CCP_NWISH, "%s to %s, none of all",
                     ccp_proto_ops(from)->name, ccp_proto_ops(to)->name);
            free(text);
        }
    }

    text = sent(NULL, &plain, CCP_ANTHROPIC, ALL, &without, &rc);
    UT_CHECK(text && strcmp(text, plain.body) == 0 && without == 0,
             "who wishes nothing gets what was asked");
    free(text);
}


/* Images in results, and what only looks like one. */

static void
test_images(void)
{
    int       rc;
    char     *text;
    unsigned  without;

    const client_t  c = {
        "/v1/messages", "{\"model\":\"m\",\"max_tokens\":9,\"messages\":["
        "{\"role\":\"user\",\"content\":\"go\"},{\"role\":\"assistant\","
        "\"content\":[{\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"f\","
        "\"input\":{\"type\":\"image\",\"content\":[{\"type\":\"image\"}]}}]},"
        "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
        "\"tool_use_id\":\"t1\",\"content\":[" A9 "]}]}]}", { NULL }
    };

    text = sent(NULL, &c, CCP_ANTHROPIC, CCP_WISH_BIT(CCP_WISH_IMAGE),
                &without, &rc);
    UT_CHECK(text && strstr(text, IMG) == NULL
             && strstr(text, "\"content\":[" AT "]}]}]}"),
             "an image in a result");
    UT_CHECK(text && strstr(text, "\"input\":{\"type\":\"image\",\"content\":"
                                  "[{\"type\":\"image\"}]}"),
             "arguments of a call are none");
    free(text);
}


typedef struct {
    ccp_proto_e  from;
    ccp_proto_e  to;
} starve_t;


static int
starved(const ccp_mem_t *mem, void *arg)
{
    int        rc;
    unsigned   without;
    starve_t  *s = arg;

    free(sent(mem, &clients[s->from], s->to, ALL, &without, &rc));

    return rc;
}


int
main(void)
{
    starve_t  s[] = { { CCP_CHAT, CCP_CHAT }, { CCP_ANTHROPIC, CCP_GEMINI } };

    test_words();
    test_splice();
    test_converted();
    test_all();
    test_images();
    ut_fail_each("without, spliced", starved, &s[0]);
    ut_fail_each("without, converted", starved, &s[1]);

    return ut_done();
}
