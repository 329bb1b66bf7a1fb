
/*
 * Lookups in the table of providers and model rules.
 */

#include "codec/provider/provider_table.h"
#include "codec/base/base_match.h"
#include "codec/form/form_think.h"


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
    out->no_threads = 1;
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


/* The first rule for that model; NULL: there is none. */

static const ccp_provider_rule_t *
ccp_provider_rule(const ccp_provider_t *base, ccp_str_t model)
{
    const char                 *name;
    const ccp_provider_rule_t  *rule;

    name = base->like != NULL ? base->like : base->name;

    for (rule = ccp_provider_rules; rule->providers != NULL; rule++) {
        if (ccp_provider_rule_matches(rule, name, model)) {
            return rule;
        }
    }

    return NULL;
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

        rule = ccp_provider_rule(base, model);
    }

    if (rule == NULL && base->made.done) {
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

    return ccp_provider_make(pr, a) == CCP_OK ? pr : NULL;
}


const ccp_provider_t *
ccp_provider_remember(ccp_provider_memo_t **memo, const ccp_provider_t *base,
    ccp_str_t model, ccp_arena_t *a)
{
    ccp_provider_memo_t  *m;

    for (m = *memo; m != NULL; m = m->next) {
        if (m->base == base && ccp_str_eq(m->model, model)) {
            return m->provider;
        }
    }

    m = ccp_alloc(a, sizeof(ccp_provider_memo_t));
    if (m == NULL) {
        return NULL;
    }

    m->base = base;
    m->model = model;
    m->provider = ccp_provider_for_model(base, model, a);

    if (m->provider == NULL) {
        return NULL;
    }

    m->next = *memo;
    *memo = m;

    return m->provider;
}
