
/*
 * Lookups in the table of providers and model rules.
 */

#include "codec/provider/provider_table.h"
#include "codec/base/base_match.h"
#include "codec/form/form_think.h"


/* Refused fields where a row says nothing: known to OpenAI alone. */
#define CCP_PROVIDER_DROP                                                     \
    "store,metadata,service_tier,prediction,modalities,audio,verbosity,"      \
    "safety_identifier,web_search_options,prompt_cache_key,"                  \
    "prompt_cache_retention,logit_bias"

/* Which word an effort travels as where a row says nothing. */
#define CCP_PROVIDER_EFFORT                                                   \
    "none:none,minimal:low,low:low,medium:medium,high:high,xhigh:high,"       \
    "max:high"


const ccp_provider_t *
ccp_provider_row(size_t k)
{
    size_t  i;

    for (i = 0; ccp_provider_rows[i].name != NULL; i++) {
        if (i == k) {
            return &ccp_provider_rows[i];
        }
    }

    return NULL;
}


const ccp_provider_t *
ccp_provider_find(ccp_str_t name)
{
    size_t  i;

    if (name.p == NULL) {
        return NULL;
    }

    for (i = 0; ccp_provider_rows[i].name != NULL; i++) {
        if (ccp_str_is(name, ccp_provider_rows[i].name)) {
            return &ccp_provider_rows[i];
        }
    }

    for (i = 0; ccp_provider_aliases[i].name != NULL; i++) {
        if (ccp_str_is(name, ccp_provider_aliases[i].name)) {
            return ccp_provider_find(ccp_cstr(ccp_provider_aliases[i].row));
        }
    }

    return NULL;
}


const ccp_provider_t *
ccp_provider_plain(ccp_proto_e proto)
{
    return &ccp_provider_plains[proto];
}


/*
 * "from:to" pairs: what word becomes; the last pair wins.  A "*" matches all
 * words but `except`.  NULL if there is no pair.
 */
static const char *
ccp_list_map(const char *list, const char *word, const char *except,
    size_t *len)
{
    size_t       n, k;
    const char  *item, *colon, *found;

    found = NULL;

    while (list != NULL && *list != '\0') {
        item = list;
        n = ccp_list_item(&list);
        colon = memchr(item, ':', n);

        if (colon == NULL) {
            continue;
        }

        k = (size_t) (colon - item);

        if ((k == strlen(word) && memcmp(item, word, k) == 0)
            || (except != NULL && k == 1 && *item == '*'
                && strcmp(word, except) != 0))
        {
            found = colon + 1;
            *len = n - k - 1;
        }
    }

    return found;
}


int
ccp_provider_samples(const ccp_provider_t *pr, const char *field)
{
    return pr->samplers != NULL && ccp_list_has(pr->samplers, field);
}


int
ccp_provider_drops(const ccp_provider_t *pr, const char *field)
{
    int          drops;
    size_t       n, len;
    const char  *p, *item, *list;
    char         mode;

    list = pr->drop;

    if (list == NULL) {
        return ccp_list_has(CCP_PROVIDER_DROP, field);
    }

    mode = *list;

    if (mode == '=' || mode == '+' || mode == '-') {
        list++;

    } else {
        mode = '=';
    }

    drops = mode == '=' ? 0 : ccp_list_has(CCP_PROVIDER_DROP, field);
    len = strlen(field);

    /* a sign holds for the items that follow it */

    for (p = list; *p != '\0'; ) {
        item = p;
        n = ccp_list_item(&p);

        if (n > 0 && (*item == '+' || *item == '-')) {
            mode = *item++;
            n--;
        }

        if (n == len && memcmp(item, field, n) == 0) {
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


const char *
ccp_provider_effort(const ccp_provider_t *pr, ccp_effort_e effort, char *buf,
    size_t size)
{
    size_t       len;
    const char  *word, *to;

    if (effort == CCP_EFFORT_UNSET) {
        return NULL;
    }

    if (effort == CCP_EFFORT_NONE) {
        if (pr->think_off == CCP_OFF_NEVER) {
            /* the least there is */
            effort = CCP_EFFORT_MINIMAL;

        } else if (pr->think_off != CCP_OFF_EFFORT) {
            return NULL;
        }
    }

    word = ccp_provider_effort_words[effort];
    to = ccp_list_map(pr->effort, word, "none", &len);

    if (to == NULL) {
        to = ccp_list_map(CCP_PROVIDER_EFFORT, word, NULL, &len);
    }

    if (to == NULL || len == 0 || len >= size) {
        return NULL;
    }

    memcpy(buf, to, len);
    buf[len] = '\0';

    return buf;
}


static int
ccp_provider_rule_matches(const ccp_provider_rule_t *rule,
    const char *provider, ccp_str_t model)
{
    ccp_str_t    pattern = ccp_none;
    const char  *p, *item;

    if (!ccp_list_has(rule->providers, provider)) {
        return 0;
    }

    for (p = rule->models; *p != '\0'; ) {
        item = p;
        pattern.n = ccp_list_item(&p);
        pattern.p = (const uint8_t *) item;

        if (ccp_str_glob(pattern, model)) {
            return 1;
        }
    }

    return 0;
}


/* What the provider keeps in another protocol, whose plain row out is. */
static void
ccp_provider_carry(const ccp_provider_t *pr, ccp_provider_t *out)
{
    out->name = pr->name;
    out->like = pr->like;
    out->cite = pr->cite;
    out->env = pr->env;
    out->auth = pr->auth;
    out->also = NULL;
    out->no_embed = pr->no_embed;
    out->no_count = pr->no_count;
    out->temp_hi = pr->temp_hi != 0 ? pr->temp_hi : out->temp_hi;
    out->temp_open = pr->temp_open;
    out->sampling = pr->sampling != CCP_KEEP ? pr->sampling : out->sampling;
    out->tools_compat = pr->tools_compat;
    out->tc = pr->tc;
    out->tc_think = pr->tc_think;
    out->strict = pr->strict;
    out->effort = pr->effort != NULL ? pr->effort : out->effort;
    out->think_default = pr->think_default;
    out->think_tags = pr->think_tags;
    out->call_text = pr->call_text;
    out->e_key = pr->e_key;
    out->e_money = pr->e_money;
    out->e_over = pr->e_over;
    out->e_ctx = pr->e_ctx;
    out->e_ctx_st = pr->e_ctx_st;

    if (pr->think_off == CCP_OFF_NEVER) {
        out->think_off = CCP_OFF_NEVER;
    }

    if (pr->img == CCP_IMG_NONE || pr->img == CCP_IMG_DATA) {
        out->img = pr->img;
    }

    if (pr->doc == CCP_DOC_NONE) {
        out->doc = CCP_DOC_NONE;
    }

    if (pr->cache == CCP_CC_AUTO_KEY || pr->cache == CCP_CC_STRIP) {
        out->cache = pr->cache;
    }
}


int
ccp_provider_also(const ccp_provider_t *pr, ccp_proto_e proto,
    ccp_provider_t *out)
{
    size_t                 n;
    const char            *p, *item, *url;
    const ccp_provider_t  *row;

    static const char      letters[] = "acrgo";

    if (proto == pr->proto) {
        *out = *pr;
        return CCP_OK;
    }

    url = NULL;

    for (p = pr->also; p != NULL && *p != '\0'; ) {
        item = p;
        n = ccp_list_item(&p);

        if (n >= 2 && item[0] == letters[proto] && item[1] == ':') {
            url = n > 2 ? item + 2 : pr->base;
            break;
        }
    }

    if (url == NULL) {
        return CCP_DECLINED;
    }

    for (row = ccp_provider_rows; row->name != NULL; row++) {
        if (row->proto == proto && strcmp(row->base, url) == 0) {
            *out = *row;
            return CCP_OK;
        }
    }

    *out = ccp_provider_plains[proto];
    out->base = url;
    ccp_provider_carry(pr, out);

    return CCP_OK;
}


static int
ccp_provider_apply(ccp_provider_t *pr, ccp_arena_t *a,
    const ccp_column_value_t *set, size_t max)
{
    size_t  i;

    for (i = 0; i < max && set[i].column != NULL; i++) {
        if (ccp_provider_set_column(pr, a, set[i].column, set[i].value)
            == CCP_NOMEM)
        {
            return CCP_NOMEM;
        }
    }

    return CCP_OK;
}


const ccp_provider_t *
ccp_provider_for_model(const ccp_provider_t *base, ccp_str_t model,
    ccp_arena_t *a)
{
    ccp_provider_t             *pr;
    const ccp_provider_rule_t  *rule;

    rule = NULL;

    if (model.p != NULL) {
        model = ccp_str_plain(a, model);
        if (model.p == NULL) {
            return NULL;
        }

        for (rule = ccp_provider_rules; rule->providers != NULL; rule++) {
            if (ccp_provider_rule_matches(rule, base->like != NULL
                                          ? base->like
                                          : base->name,
                                          model))
            {
                break;
            }
        }

        rule = rule->providers != NULL ? rule : NULL;
    }

    if (rule == NULL && base->user == NULL) {
        return base;
    }

    pr = ccp_alloc(a, sizeof(ccp_provider_t));
    if (pr == NULL) {
        return NULL;
    }

    *pr = *base;

    if (rule != NULL
        && ccp_provider_apply(pr, a, rule->set, CCP_RULE_COLUMNS) != CCP_OK)
    {
        return NULL;
    }

    /* the user's word is the last */

    if (base->user != NULL
        && ccp_provider_apply(pr, a, base->user, SIZE_MAX) != CCP_OK)
    {
        return NULL;
    }

    return pr;
}
