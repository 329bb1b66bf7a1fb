
/*
 * What the columns drop, samplers and effort come to, made once of their
 * words: sets of members, and a word for each effort.
 */

#include "codec/provider/provider_table.h"
#include "codec/base/base_match.h"
#include "codec/form/form_think.h"


/* Refused members where a row says nothing: known to OpenAI alone. */
#define CCP_PROVIDER_DROP                                                     \
    (CCP_FIELD(store) | CCP_FIELD(metadata) | CCP_FIELD(service_tier)         \
     | CCP_FIELD(prediction) | CCP_FIELD(modalities) | CCP_FIELD(audio)       \
     | CCP_FIELD(verbosity) | CCP_FIELD(safety_identifier)                    \
     | CCP_FIELD(web_search_options) | CCP_FIELD(prompt_cache_key)            \
     | CCP_FIELD(prompt_cache_retention) | CCP_FIELD(logit_bias))

/* Which word an effort travels as where a row says nothing. */
static const char *const  ccp_provider_efforts[CCP_EFFORT_MAX + 1] = {
    [CCP_EFFORT_NONE] = "none",
    [CCP_EFFORT_MINIMAL] = "low",
    [CCP_EFFORT_LOW] = "low",
    [CCP_EFFORT_MEDIUM] = "medium",
    [CCP_EFFORT_HIGH] = "high",
    [CCP_EFFORT_XHIGH] = "high",
    [CCP_EFFORT_MAX] = "high"
};


#define CCP_FIELD_NAME(name)  #name,

const char *const  ccp_field_names[CCP_NFIELDS + 1] = {
    CCP_FIELDS(CCP_FIELD_NAME)
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
 * The next item of a list of members, and its sign, which holds for those that
 * follow it; 0: there is none.
 */

static int
ccp_provider_item(const char **list, char *sign, ccp_str_t *item)
{
    const char  *p;

    if (*list == NULL || **list == '\0') {
        return 0;
    }

    p = *list;
    *item = ccp_none;
    item->n = ccp_list_item(list);

    if (item->n > 0 && (*p == '+' || *p == '-' || *p == '=')) {
        *sign = *p++;
        item->n--;
    }

    item->p = (const uint8_t *) p;

    return 1;
}


/* "=" or no sign at the start of a list replaces what was in the set. */

static uint64_t
ccp_provider_set(uint64_t set, const char *list)
{
    char         sign;
    ccp_str_t    item;
    ccp_field_e  f;

    sign = '=';

    if (list != NULL && *list != '+' && *list != '-') {
        set = 0;
    }

    while (ccp_provider_item(&list, &sign, &item)) {
        f = ccp_field_find(item);

        if (f != CCP_NFIELDS) {
            set = sign == '-' ? set & ~CCP_FIELD_BIT(f)
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
ccp_provider_make_efforts(ccp_provider_t *pr, ccp_arena_t *a)
{
    size_t         i, n, k;
    ccp_str_t      from = ccp_none;
    const char    *item, *colon, *word, *list;

    list = pr->effort;

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
        word = NULL;

        if (n - k > 1) {
            word = ccp_provider_word(a, colon + 1, n - k - 1);
            if (word == NULL) {
                return CCP_NOMEM;
            }
        }

        if (k == 1 && *item == '*') {
            for (i = CCP_EFFORT_MINIMAL; i <= CCP_EFFORT_MAX; i++) {
                pr->made.effort[i] = word;
            }

        } else if (ccp_effort_find(from) != CCP_EFFORT_UNSET) {
            pr->made.effort[ccp_effort_find(from)] = word;
        }
    }

    return CCP_OK;
}


int
ccp_provider_make(ccp_provider_t *pr, ccp_arena_t *a)
{
    const char  **effort;

    pr->made.drop = ccp_provider_set(CCP_PROVIDER_DROP, pr->drop);
    pr->made.samplers = ccp_provider_set(0, pr->samplers);
    effort = pr->made.effort;
    memcpy(effort, ccp_provider_efforts, sizeof(ccp_provider_efforts));

    if (ccp_provider_make_efforts(pr, a) != CCP_OK) {
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


int
ccp_provider_drops_other(const ccp_provider_t *pr, ccp_str_t field)
{
    int          drops;
    char         sign;
    ccp_str_t    item;
    const char  *list;

    drops = 0;
    sign = '=';
    list = pr->drop;

    while (ccp_provider_item(&list, &sign, &item)) {
        if (ccp_str_eq(item, field)) {
            drops = sign != '-';
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
