
/*
 * What the columns drop, samplers and effort come to, made once of their
 * words: sets of members, and a word for each effort.
 */

#include "codec/provider/provider_table.h"
#include "codec/base/base_match.h"
#include "codec/form/form_think.h"


/* Refused members where a row says nothing: known to OpenAI alone. */
#define CCP_PROVIDER_DROP                                                     \
    "store,metadata,service_tier,prediction,modalities,audio,verbosity,"      \
    "safety_identifier,web_search_options,prompt_cache_key,"                  \
    "prompt_cache_retention,logit_bias"

/* Which word an effort travels as where a row says nothing. */
#define CCP_PROVIDER_EFFORT                                                   \
    "none:none,minimal:low,low:low,medium:medium,high:high,xhigh:high,"       \
    "max:high"


/* In the order of the letters. */

const char *const  ccp_field_names[CCP_NFIELDS] = {
    [CCP_FIELD_AUDIO] = "audio",
    [CCP_FIELD_CHAT_TEMPLATE_KWARGS] = "chat_template_kwargs",
    [CCP_FIELD_ENABLE_THINKING] = "enable_thinking",
    [CCP_FIELD_FREQUENCY_PENALTY] = "frequency_penalty",
    [CCP_FIELD_FUNCTION_CALL] = "function_call",
    [CCP_FIELD_FUNCTIONS] = "functions",
    [CCP_FIELD_INCLUDE_REASONING] = "include_reasoning",
    [CCP_FIELD_LOGIT_BIAS] = "logit_bias",
    [CCP_FIELD_LOGPROBS] = "logprobs",
    [CCP_FIELD_MAX_COMPLETION_TOKENS] = "max_completion_tokens",
    [CCP_FIELD_MAX_TOKENS] = "max_tokens",
    [CCP_FIELD_MESSAGES] = "messages",
    [CCP_FIELD_METADATA] = "metadata",
    [CCP_FIELD_MIN_P] = "min_p",
    [CCP_FIELD_MODALITIES] = "modalities",
    [CCP_FIELD_MODEL] = "model",
    [CCP_FIELD_N] = "n",
    [CCP_FIELD_PARALLEL_TOOL_CALLS] = "parallel_tool_calls",
    [CCP_FIELD_PREDICTION] = "prediction",
    [CCP_FIELD_PRESENCE_PENALTY] = "presence_penalty",
    [CCP_FIELD_PROMPT_CACHE_KEY] = "prompt_cache_key",
    [CCP_FIELD_PROMPT_CACHE_RETENTION] = "prompt_cache_retention",
    [CCP_FIELD_RANDOM_SEED] = "random_seed",
    [CCP_FIELD_REASONING] = "reasoning",
    [CCP_FIELD_REASONING_EFFORT] = "reasoning_effort",
    [CCP_FIELD_REASONING_FORMAT] = "reasoning_format",
    [CCP_FIELD_REPETITION_PENALTY] = "repetition_penalty",
    [CCP_FIELD_RESPONSE_FORMAT] = "response_format",
    [CCP_FIELD_SAFETY_IDENTIFIER] = "safety_identifier",
    [CCP_FIELD_SEED] = "seed",
    [CCP_FIELD_SERVICE_TIER] = "service_tier",
    [CCP_FIELD_STOP] = "stop",
    [CCP_FIELD_STORE] = "store",
    [CCP_FIELD_STREAM] = "stream",
    [CCP_FIELD_STREAM_OPTIONS] = "stream_options",
    [CCP_FIELD_TEMPERATURE] = "temperature",
    [CCP_FIELD_THINKING] = "thinking",
    [CCP_FIELD_THINKING_BUDGET] = "thinking_budget",
    [CCP_FIELD_TOOL_CHOICE] = "tool_choice",
    [CCP_FIELD_TOOLS] = "tools",
    [CCP_FIELD_TOP_K] = "top_k",
    [CCP_FIELD_TOP_LOGPROBS] = "top_logprobs",
    [CCP_FIELD_TOP_P] = "top_p",
    [CCP_FIELD_USER] = "user",
    [CCP_FIELD_VERBOSITY] = "verbosity",
    [CCP_FIELD_WEB_SEARCH_OPTIONS] = "web_search_options"
};


ccp_field_e
ccp_field_find(ccp_str_t name)
{
    int     order;
    size_t  lo, hi, mid, n;

    if (name.p == NULL || name.esc) {
        return CCP_NFIELDS;
    }

    lo = 0;
    hi = CCP_NFIELDS;

    while (lo < hi) {
        mid = (lo + hi) / 2;
        n = strlen(ccp_field_names[mid]);

        order = memcmp(name.p, ccp_field_names[mid], name.n < n ? name.n : n);

        if (order == 0 && name.n == n) {
            return (ccp_field_e) mid;
        }

        if (order < 0 || (order == 0 && name.n < n)) {
            hi = mid;
        } else {
            lo = mid + 1;
        }
    }

    return CCP_NFIELDS;
}


/*
 * The set of a list's members.  A sign holds for the items that follow it: a
 * member behind '-' is taken out; "=" or no sign at the start replaces what
 * was in the set.
 */

static uint64_t
ccp_provider_set(uint64_t set, const char *list)
{
    char         mode;
    ccp_str_t    item = ccp_none;
    const char  *p;
    ccp_field_e  f;

    mode = *list;

    if (mode != '+' && mode != '-') {
        mode = '+';
        set = 0;
        list += *list == '=';
    }

    while (*list != '\0') {
        p = list;
        item.n = ccp_list_item(&list);

        if (item.n > 0 && (*p == '+' || *p == '-')) {
            mode = *p++;
            item.n--;
        }

        item.p = (const uint8_t *) p;
        f = ccp_field_find(item);

        if (f != CCP_NFIELDS) {
            set = mode == '-' ? set & ~CCP_FIELD_BIT(f)
                              : set | CCP_FIELD_BIT(f);
        }
    }

    return set;
}


/* A word that ends; those of efforts are there already. */

static const char *
ccp_provider_word(ccp_arena_t *a, const char *p, size_t n)
{
    char          *word;
    ccp_str_t      s = ccp_none;
    ccp_effort_e   effort;

    s.p = (const uint8_t *) p;
    s.n = n;
    effort = ccp_effort_find(s);

    if (effort != CCP_EFFORT_UNSET) {
        return ccp_provider_effort_words[effort];
    }

    word = ccp_alloc(a, n + 1);

    if (word != NULL) {
        memcpy(word, p, n);
        word[n] = '\0';
    }

    return word;
}


/* "from:to" pairs, the last one of a word holds; "*" is all but none.  An
 * empty word sends none. */

static int
ccp_provider_efforts(ccp_provider_t *pr, ccp_arena_t *a, const char *list)
{
    int            all;
    size_t         i, n, k;
    ccp_str_t      from = ccp_none;
    const char    *item, *colon, *word;

    while (list != NULL && *list != '\0') {
        item = list;
        n = ccp_list_item(&list);
        colon = memchr(item, ':', n);

        if (colon == NULL) {
            continue;
        }

        k = (size_t) (colon - item);
        from.p = (const uint8_t *) item;
        from.n = k;
        all = k == 1 && *item == '*';
        word = NULL;

        if (n - k > 1) {
            word = ccp_provider_word(a, colon + 1, n - k - 1);
            if (word == NULL) {
                return CCP_NOMEM;
            }
        }

        for (i = CCP_EFFORT_NONE; i <= CCP_EFFORT_MAX; i++) {
            if ((all && i != CCP_EFFORT_NONE)
                || ccp_str_is(from, ccp_provider_effort_words[i]))
            {
                pr->made.effort[i] = word;
            }
        }
    }

    return CCP_OK;
}


int
ccp_provider_make(ccp_provider_t *pr, ccp_arena_t *a)
{
    const char  **effort;

    pr->made.drop = ccp_provider_set(0, CCP_PROVIDER_DROP);

    if (pr->drop != NULL) {
        pr->made.drop = ccp_provider_set(pr->made.drop, pr->drop);
    }

    pr->made.samplers = pr->samplers != NULL
                        ? ccp_provider_set(0, pr->samplers) : 0;
    effort = pr->made.effort;
    effort[CCP_EFFORT_UNSET] = NULL;

    if (ccp_provider_efforts(pr, a, CCP_PROVIDER_EFFORT) != CCP_OK
        || ccp_provider_efforts(pr, a, pr->effort) != CCP_OK)
    {
        return CCP_NOMEM;
    }

    if (pr->think_off == CCP_OFF_NEVER) {
        /* the least there is */
        effort[CCP_EFFORT_NONE] = effort[CCP_EFFORT_MINIMAL];

    } else if (pr->think_off != CCP_OFF_EFFORT) {
        effort[CCP_EFFORT_NONE] = NULL;
    }

    pr->made.done = 1;

    return CCP_OK;
}


int
ccp_provider_drops(const ccp_provider_t *pr, const char *field)
{
    ccp_field_e  f;

    f = ccp_field_find(ccp_cstr(field));

    if (f != CCP_NFIELDS) {
        return (pr->made.drop & CCP_FIELD_BIT(f)) != 0;
    }

    return ccp_provider_drops_other(pr, ccp_cstr(field));
}


/* Members that no row speaks of, in the words of the user's own list. */

int
ccp_provider_drops_other(const ccp_provider_t *pr, ccp_str_t field)
{
    int          drops;
    size_t       n;
    const char  *p, *item;
    char         mode;

    drops = 0;
    mode = '+';

    for (p = pr->drop; p != NULL && *p != '\0'; ) {
        item = p;
        n = ccp_list_item(&p);

        if (n > 0 && (*item == '+' || *item == '-' || *item == '=')) {
            mode = *item++;
            n--;
        }

        if (n == field.n && memcmp(item, field.p, n) == 0) {
            drops = mode != '-';
        }
    }

    return drops;
}


const char *
ccp_provider_field(const ccp_provider_t *pr, const char *field)
{
    size_t       len;
    const char  *p;

    len = strlen(field);

    for (p = pr->rename; p != NULL && *p != '\0'; p += strlen(p) + 1) {
        if (strncmp(p, field, len) == 0 && p[len] == ':') {
            return p + len + 1;
        }
    }

    return field;
}
