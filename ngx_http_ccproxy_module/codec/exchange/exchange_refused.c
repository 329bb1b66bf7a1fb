
/*
 * Errors by which an upstream says which wish of a request its model, or the
 * server as it was started, does not take.  There is no code for it that
 * providers agree on, only words.  What a request has of such wishes, and the
 * request without them: exchange_wish.c.
 */

#include <ctype.h>

#include "codec/exchange/exchange_private.h"
#include "codec/stage/stage_copy.h"


/* An error's text beyond that is no provider's own words. */
#define CCP_REFUSED_MAX    1024

/* Between what is refused and the words that refuse it. */
#define CCP_REFUSED_NEAR   36

#define CCP_REFUSED_WORDS  24


/*
 * In lower case.  "t support" is the end of "not support", "doesn't support"
 * and "that support" (of endpoints that there are none of).
 */

static const char  *const ccp_refused_before[] = {
    "t support",                       /* Ollama, OpenRouter, xAI, Bedrock */
    "not supported:",                  /* xAI */
    "not supported on this model:",    /* xAI, older */
    "unsupported parameter",           /* OpenAI, Azure */
    "unsupported param",
    "unsupported value",
    "unsupported field",
    "unsupported option",
    "unsupported request",
    "unknown parameter",
    "unknown field",
    "unknown argument",
    "unknown variant",                 /* DeepSeek, Rust's serde */
    "unknown name",                    /* Gemini */
    "unrecognized request argument",   /* Azure */
    "unrecognized argument",
    "unrecognized field",
    "unrecognized key",
    "unexpected keyword argument",     /* Python's servers */
    "extra_forbidden",                 /* pydantic, as it is */
    "extraneous key",                  /* Bedrock */
    "not permitted:",
    "not allowed:",
    NULL
};

static const char  *const ccp_refused_after[] = {
    "not support",                     /* OpenAI and most */
    "n't support",
    "unsupported",                     /* Groq */
    "extra inputs are not permitted",  /* Anthropic, Mistral, Fireworks */
    "is not permitted",
    "is not allowed",
    "not available",
    "is unavailable",                  /* DeepSeek */
    "not enabled",                     /* Gemini */
    "only supported by",               /* OpenAI */
    "is deprecated",                   /* Anthropic */
    "is incompatible",                 /* Moonshot */
    "cannot be combined",              /* Groq */
    "cannot be used",
    "can't be used",
    "cannot both",                     /* Anthropic */
    "may only be set",                 /* Anthropic */
    "allowed for this model",          /* Moonshot */
    "unknown parameter",
    "unrecognized",
    NULL
};


/*
 * The wishes, in the order in which they are looked for: a choice of tools
 * that thinking forbids is a choice of tools.
 */

typedef struct {
    ccp_wish_e   wish;
    const char  *says[CCP_REFUSED_WORDS];      /* enough by itself */
    const char  *subjects[CCP_REFUSED_WORDS];  /* near a word that refuses */
    const char  *but[CCP_REFUSED_WORDS];       /* it is about something else */
} ccp_refused_t;


static const ccp_refused_t  ccp_refused_table[] = {

    /* words about one tool, its schema or tool_choice alone are none */

    { .wish = CCP_WISH_TOOLS,
      .says = { "t support tools",             /* Ollama */
                "t support tool use",          /* OpenRouter, xAI, Bedrock */
                "t support tool call", "t support function call",
                "tools is not support",        /* OpenAI */
                "tools are not support", "tool use is not support",
                "tool calling is not support", /* DeepInfra */
                "tool calling is not enabled", "tool calls are not support",
                "function calling is not support",
                "function calling is not enabled", /* Gemini */
                "function calling not support",    /* Novita */
                "unsupported param: tools",    /* llama.cpp, as the next */
                "tools param requires", "tools param is not",
                "unsupported parameter: tools",
                "unsupported parameter: 'tools'",
                "argument supplied: tools",    /* Azure */
                "unknown name \"tools\"",      /* Gemini */
                "--enable-auto-tool-choice",   /* vLLM, as the next */
                "--tool-call-parser" } },

    { .wish = CCP_WISH_TOOL_CHOICE,
      .says = { "when tool_choice forces" },   /* Anthropic */
      .subjects = { "tool_choice", "tool choice", "toolchoice", "toolconfig",
                    "tool_config", "functioncallingconfig",
                    "function_calling_config" },
      .but = { "--enable-auto-tool-choice", "tools or tool_choice" } },

    { .wish = CCP_WISH_PARALLEL,
      .subjects = { "parallel_tool_calls", "parallel tool",
                    "parallel function", "disable_parallel_tool_use",
                    "parallel_function_calling" } },

    { .wish = CCP_WISH_STREAM_USAGE,
      .subjects = { "stream_options", "streamoptions", "stream options",
                    "include_usage" } },

    { .wish = CCP_WISH_FORMAT,
      .says = { "'response_format.type' must be" },  /* LM Studio */
      .subjects = { "response_format", "response format", "json_schema",
                    "json schema", "json_object", "json mode",
                    "structured output", "output_format",
                    "output_config.format", "text.format", "response_schema",
                    "responseschema", "responsejsonschema",
                    "response_mime_type", "responsemimetype",
                    "response mime type", "response schema" },
      .but = { "invalid schema", "additionalproperties", "moved to",
               "keyword" } },

    { .wish = CCP_WISH_TEMPERATURE,
      .subjects = { "temperature" },
      .but = { "between", "range", "less than", "greater than" } },

    { .wish = CCP_WISH_IMAGE,
      .says = { "at most 0 image",             /* vLLM, as the next */
                "is not a multimodal model",
                "missing data required for image input", /* Ollama */
                "content must be a string",    /* Groq, as the next */
                "content' : value must be a string",
                "allowed values: ['text']" },  /* Z.ai */
      .subjects = { "image", "vision", "multimodal", "multi-modal",
                    "inline_data", "inlinedata" },
      .but = { "image/", "image format", "image type", "image size",
               "media type", "media_type", "mime", "dimension", "pixel",
               "too large", "download", "fetch", "generat", "webp", "svg",
               "tiff", "heic", "bmp", "image url", "detail" } },

    { .wish = CCP_WISH_THINK,
      .subjects = { "thinking", "reasoning", "think value", "enable_thinking",
                    "effort", "output_config", "think" },
      .but = { "reasoning_content", "reasoning_details", "thinking block",
               "thinking_block", "signature", "encrypted_content" } }
};

#define CCP_NREFUSED  ccp_countof(ccp_refused_table)


/* The text as it is searched. */

static size_t
ccp_refused_text(char *text, ccp_str_t s)
{
    int     ch;
    size_t  i, n, at;

    n = 0;

    for (i = 0; s.p && i < s.n && n < CCP_REFUSED_MAX; i += at) {
        ch = ccp_text_char(s, i, &at);

        if (ch > 0) {
            text[n++] = (char) (ch >= 'A' && ch <= 'Z' ? ch | 0x20 : ch);
        }
    }

    text[n] = '\0';

    return n;
}


static int
ccp_refused_has(const char *text, const char *const *words)
{
    for ( ; *words; words++) {
        if (strstr(text, *words)) {
            return 1;
        }
    }

    return 0;
}


/* Whether one of the words lies between the two, near enough to the subject:
 * in front of it, at to, or behind it, at from. */

static int
ccp_refused_near(const char *from, const char *to, int behind,
    const char *const *words)
{
    size_t       n;
    const char  *p, *last;

    for ( ; *words; words++) {
        n = strlen(*words);

        if ((size_t) (to - from) < n) {
            continue;
        }

        p = from;
        last = to - n;

        if (last - p > CCP_REFUSED_NEAR) {
            if (behind) {
                last = p + CCP_REFUSED_NEAR;
            } else {
                p = last - CCP_REFUSED_NEAR;
            }
        }

        for ( ; p <= last; p++) {
            if (memcmp(p, *words, n) == 0) {
                return 1;
            }
        }
    }

    return 0;
}


/* Whether a name goes on at p, of a model or another thing; "#/" begins a
 * path. */

static int
ccp_refused_inside(const char *text, const char *p)
{
    if (p == text) {
        return 0;
    }

    if (p[-1] == '/') {
        return p - text > 1 && isalnum((unsigned char) p[-2]);
    }

    return p[-1] == '-' || isalnum((unsigned char) p[-1]);
}


static int
ccp_refused_subject(const char *text, size_t len, const char *name)
{
    const char  *p, *end;

    for (p = strstr(text, name); p; p = strstr(end, name)) {
        end = p + strlen(name);

        if (!ccp_refused_inside(text, p)
            && (ccp_refused_near(text, p, 0, ccp_refused_before)
                || ccp_refused_near(end, text + len, 1, ccp_refused_after)))
        {
            return 1;
        }
    }

    return 0;
}


/* The wish that the text refuses; CCP_NWISH: none. */

static ccp_wish_e
ccp_refused_find(ccp_str_t message, unsigned wishes)
{
    char                  text[CCP_REFUSED_MAX + 1];
    size_t                i, k, n;
    const ccp_refused_t  *f;

    n = ccp_refused_text(text, message);

    for (i = 0; i < CCP_NREFUSED && n != 0; i++) {
        f = &ccp_refused_table[i];

        if (!(wishes & CCP_WISH_BIT(f->wish))
            || ccp_refused_has(text, f->but))
        {
            continue;
        }

        if (ccp_refused_has(text, f->says)) {
            return f->wish;
        }

        for (k = 0; f->subjects[k]; k++) {
            if (ccp_refused_subject(text, n, f->subjects[k])) {
                return f->wish;
            }
        }
    }

    return CCP_NWISH;
}


ccp_wish_e
ccp_wish_refused(const ccp_error_t *err, unsigned wishes)
{
    ccp_str_t   raw;
    ccp_wish_e  wish;

    switch (err->cls) {

    case CCP_E_NONE:
    case CCP_E_AUTH:
    case CCP_E_BILLING:
    case CCP_E_QUOTA:
    case CCP_E_RATE:
    case CCP_E_TOO_LONG:
        return CCP_NWISH;

    default:
        break;
    }

    if (wishes == 0) {
        return CCP_NWISH;
    }

    wish = ccp_refused_find(err->message, wishes);

    if (wish != CCP_NWISH) {
        return wish;
    }

    /* what is refused may stand beside the message alone: "param", "loc", the
     * words of a provider's own provider */

    raw = err->raw;
    raw.json = 1;

    return ccp_refused_find(raw, wishes);
}
