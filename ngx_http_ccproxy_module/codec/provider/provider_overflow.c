
/*
 * How providers say that a prompt, or it together with the output that was
 * asked for, exceeds the context window, and where the numbers stand.
 */

#include "codec/provider/provider_error.h"
#include "codec/base/base_match.h"

#include <ctype.h>


/* What is looked at of a message, and numbers that are believed. */
#define CCP_OVERFLOW_TEXT   2048
#define CCP_OVERFLOW_MIN    1000
#define CCP_OVERFLOW_MAX    1000000000000

/* Less room than this is none for an answer: the prompt must be shorter. */
#define CCP_OVERFLOW_ROOM   4000


/*
 * Texts in lower case.  "*" is any text, "%m" the limit, "%n" what the request
 * has, "%i" what its prompt has and "%o" the output that it asks for.  The
 * first that fits decides; those with numbers come before what they contain.
 */

static const char *const  ccp_overflow_words[] = {

    /* Anthropic, Bedrock */
    "prompt is too long: %n tokens > %m maximum",
    "input length and `max_tokens` exceed context limit: %i + %o > %m",
    "max input tokens: %m, request input token count: %n",
    "input is too long for requested model",
    "input is too long for the model",

    /* OpenAI, Azure, DeepSeek, OpenRouter, vLLM and all that are like them */
    "maximum context length is %m tokens*requested %n tokens*"
        "%o in the completion",
    "maximum context length is %m tokens*requested %n tokens*"
        "%o in the output",
    "maximum context length is %m tokens*requested %n tokens*%o in completion",
    "maximum context length is %m tokens*requested about %n tokens*"
        "%o in the output",
    "maximum context length is %m tokens*requested %n tokens",
    "maximum context length is %m tokens*requested about %n tokens",
    "maximum context length is %m tokens*resulted in %n tokens",
    "is too large: %o.*maximum context length is %m tokens and your request "
        "has %i input tokens",
    "maximum context length is %m tokens*requested %o output tokens and your "
        "prompt contains at least %i input tokens",
    "maximum context length is %m tokens*your request has %n input tokens",
    "maximum context length is %m tokens*prompt contains %n",
    "maximum context length of %m tokens*requested a total of %n tokens*"
        "%o tokens for the completion",
    "maximum context length of %m tokens*requested a total of %n tokens",
    "you passed %i input tokens and requested %o output tokens*"
        "context length is only %m tokens",
    "prompt (total length %n) is too long to fit into the model "
        "(context length %m)",
    "prompt (length %n) is longer than the maximum model length of %m",
    "input length (%n) exceeds model's maximum context length (%m)",
    "exceeds the context window",

    /* SGLang */
    "the input (%n tokens) is longer than the model's context length "
        "(%m tokens)",
    "longer than the model's context length",

    /* Fireworks */
    "prompt is too long: %n, model maximum context length: %m",

    /* TGI, Together */
    "`max_new_tokens` must be <= %m. given: %i `inputs` tokens and "
        "%o `max_new_tokens`",
    "must have less than %m tokens. given: %n",
    "must be less than the context length",

    /* llama.cpp, LM Studio, Ollama */
    "request (%n tokens) exceeds the available context size (%m tokens)",
    "exceeds the available context size",
    "n_keep: %n>= n_ctx: %m",
    "n_keep (%n) >= n_ctx (%m)",
    "keep the first %n tokens*context length of only %m tokens",
    "is greater than the context length",
    "prompt too long; exceeded max context length",
    "input length exceeds the context length",
    "input length exceeds maximum context length",

    /* Copilot, GitHub Models */
    "prompt token count of %n exceeds the limit of %m",
    "request body too large for*max size: %m tokens",

    /* Gemini */
    "input token count (%n) exceeds the maximum number of tokens allowed (%m)",
    "exceeds the maximum number of tokens allowed %m",
    "exceeds the maximum number of tokens allowed",

    /* xAI, Mistral, Cohere, Moonshot, Qwen, MiniMax, Z.ai, Perplexity */
    "maximum prompt length is %m but the request contains %n tokens",
    "maximum prompt length",
    "prompt contains %n tokens*too large for model with %m maximum context",
    "tokens in the prompt cannot exceed %m - received %n",
    "too many tokens: total number of tokens",
    "exceeded model token limit: %m (requested: %n)",
    "exceeded model token limit: %m",
    "exceeded model token limit",
    "input token length too long",
    "range of input length should be [1, %m]",
    "range of input length should be",
    "context window exceeds limit",
    "prompt exceeds max length",
    "total length of all messages is too long",

    /* Cerebras, Groq */
    "current length is %n while limit is %m",
    "reduce the length of the messages",

    /* whoever else */
    "prompt is too long",
    "prompt too long",
    "maximum context length",
    "max context length",
    "context length exceeded",
    "context window exceeded",
    "context size exceeded"
};


/* Length of a number, which may have "," between its thousands; 0: none. */

static size_t
ccp_overflow_number(const char *p, int64_t *value)
{
    size_t   i;
    int64_t  n;

    n = 0;

    for (i = 0; p[i] != '\0'; i++) {

        if (isdigit((unsigned char) p[i])) {
            n = n < CCP_OVERFLOW_MAX ? n * 10 + (p[i] - '0') : n;

        } else if (i == 0 || p[i] != ',' || !isdigit((unsigned char) p[i + 1])
                   || strspn(p + i + 1, "0123456789") != 3)
        {
            break;
        }
    }

    *value = n < CCP_OVERFLOW_MAX ? n : 0;

    return i;
}


/* Where the number begins that ends there. */

static const char *
ccp_overflow_back(const char *text, const char *end)
{
    while (end > text && (isdigit((unsigned char) end[-1])
                          || (end[-1] == ',' && isdigit((unsigned char) *end))))
    {
        end--;
    }

    return end;
}


/* The letters between two marks; where they end in the words. */

static size_t
ccp_overflow_letters(const char *words, char *buf, size_t size)
{
    size_t  n;

    n = strcspn(words, "*%");

    if (n >= size) {
        n = size - 1;
    }

    memcpy(buf, words, n);
    buf[n] = '\0';

    return n;
}


/*
 * Whether the words stand in the text; the numbers by their letters go to
 * found.  Each piece of words is looked for behind the one before.
 */

static int
ccp_overflow_fits(const char *text, const char *words,
    int64_t found[UINT8_MAX + 1])
{
    int          any, which;
    char         letters[128];
    size_t       n;
    const char  *p, *at;

    any = 1;
    p = text;

    while (*words != '\0') {

        if (*words == '*') {
            any = 1;
            words++;
            continue;
        }

        which = 0;

        if (*words == '%') {
            which = (unsigned char) words[1];
            words += 2;
        }

        n = ccp_overflow_letters(words, letters, sizeof(letters));
        words += n;

        at = p;

        if (any && n) {
            at = strstr(p, letters);
            if (at == NULL) {
                return 0;
            }

            p = which ? ccp_overflow_back(p, at) : at;
        }

        if (which) {
            p += ccp_overflow_number(p, &found[which]);

            if (found[which] == 0) {
                return 0;
            }
        }

        if (strncmp(p, letters, n) != 0) {
            return 0;
        }

        p += n;
        any = 0;
    }

    return 1;
}


/*
 * The numbers of a wording that isn't known: where there are but two, the
 * lesser is the limit.  Parts of names, such as gpt-4-1106, are none.
 */

static void
ccp_overflow_guess(const char *text, ccp_error_t *e)
{
    int          numbers;
    int64_t      n, more, less;
    const char  *p;

    numbers = 0;
    more = 0;
    less = 0;

    for (p = text; *p != '\0'; /* void */) {

        if (!isdigit((unsigned char) *p)) {
            p++;
            continue;
        }

        if (p > text && (strchr("-._", p[-1])
                         || isalpha((unsigned char) p[-1])))
        {
            p += ccp_overflow_number(p, &n);
            continue;
        }

        p += ccp_overflow_number(p, &n);

        if (n < CCP_OVERFLOW_MIN || n == more || n == less) {
            continue;
        }

        numbers++;
        less = n > more ? more : n;
        more = n > more ? n : more;
    }

    if (numbers == 2) {
        e->tokens = more;
        e->limit = less;
    }
}


static void
ccp_overflow_lower(ccp_str_t text, char buf[CCP_OVERFLOW_TEXT])
{
    size_t  i;

    for (i = 0; i < text.n && i < CCP_OVERFLOW_TEXT - 1; i++) {
        buf[i] = text.p[i] ? (char) tolower(text.p[i]) : ' ';
    }

    buf[i] = '\0';
}


static void
ccp_overflow_keep(ccp_error_t *e, const int64_t found[UINT8_MAX + 1])
{
    e->limit = found['m'];
    e->output = found['o'];
    e->tokens = found['n'] ? found['n']
                           : found['i'] ? found['i'] + found['o'] : 0;
}


/* Whether the lower case text is one of the table's. */

static int
ccp_overflow_find(ccp_error_t *e, const char *buf)
{
    size_t   i;
    int64_t  found[UINT8_MAX + 1];

    for (i = 0; i < ccp_countof(ccp_overflow_words); i++) {
        memset(found, 0, sizeof(found));

        if (!ccp_overflow_fits(buf, ccp_overflow_words[i], found)) {
            continue;
        }

        if (e->limit == 0) {
            ccp_overflow_keep(e, found);
        }

        return 1;
    }

    return 0;
}


int
ccp_overflow_read(ccp_error_t *e, ccp_str_t text)
{
    char  buf[CCP_OVERFLOW_TEXT];

    ccp_overflow_lower(text, buf);

    return text.n && ccp_overflow_find(e, buf);
}


void
ccp_overflow_numbers(ccp_error_t *e)
{
    char  buf[CCP_OVERFLOW_TEXT];

    if (e->limit != 0) {
        return;
    }

    ccp_overflow_lower(e->message, buf);

    (void) ccp_overflow_find(e, buf);

    if (e->limit == 0) {
        ccp_overflow_guess(buf, e);
    }
}


int
ccp_overflow_by_output(const ccp_error_t *e)
{
    return e->output > 0 && e->limit > 0 && e->tokens > e->limit
           && e->tokens - e->output + CCP_OVERFLOW_ROOM <= e->limit;
}
