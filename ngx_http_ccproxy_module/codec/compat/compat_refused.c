
/*
 * Errors by which an upstream says that it takes no tools.  There is no code
 * for it that providers agree on, only words.
 */

#include "codec/compat/compat.h"
#include "codec/stage/stage_copy.h"


/* An error's text beyond that is no provider's own words. */
#define CCP_COMPAT_REFUSED_MAX  1024


/*
 * In lower case; "t support" is the end of "not support", "doesn't support"
 * and "that support".  Words about one tool, its schema or tool_choice alone
 * don't belong here.
 */

static const char  *const ccp_compat_refusals[] = {
    "t support tools",                 /* Ollama */
    "t support tool use",              /* OpenRouter, xAI, Bedrock */
    "t support tool call",
    "t support function call",
    "tools is not support",            /* OpenAI */
    "tools are not support",
    "tool use is not support",
    "tool calling is not support",     /* DeepInfra */
    "tool calling is not enabled",
    "tool calls are not support",
    "function calling is not support",
    "function calling is not enabled", /* Gemini */
    "function calling not support",    /* Novita */
    "unsupported param: tools",        /* llama.cpp, as the next one */
    "tools param requires",
    "tools param is not",
    "unsupported parameter: tools",
    "unsupported parameter: 'tools'",
    "argument supplied: tools",        /* Azure */
    "unknown name \"tools\"",          /* Gemini */
    "--enable-auto-tool-choice",       /* vLLM, as the next one */
    "--tool-call-parser"
};

#define CCP_COMPAT_NREFUSALS  ccp_countof(ccp_compat_refusals)


int
ccp_compat_refused(const ccp_error_t *err)
{
    int        ch;
    char       text[CCP_COMPAT_REFUSED_MAX + 1];
    size_t     i, n, at;
    ccp_str_t  s;

    s = err->message;
    n = 0;

    for (i = 0; s.p && i < s.n && n < CCP_COMPAT_REFUSED_MAX; i += at) {
        ch = ccp_text_char(s, i, &at);

        if (ch > 0) {
            text[n++] = (char) (ch >= 'A' && ch <= 'Z' ? ch | 0x20 : ch);
        }
    }

    text[n] = '\0';

    for (i = 0; i < CCP_COMPAT_NREFUSALS; i++) {
        if (strstr(text, ccp_compat_refusals[i]) != NULL) {
            return 1;
        }
    }

    return 0;
}
