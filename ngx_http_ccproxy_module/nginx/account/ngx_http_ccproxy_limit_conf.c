
/*
 * Limits in the configuration: those of access keys, and of groups of them.
 */

#include "nginx/account/ngx_http_ccproxy_account.h"


static const struct {
    const char           *name;
    ccp_budget_period_e   period;
} ngx_http_ccproxy_periods[] = {
    { "day", CCP_BUDGET_DAY },
    { "week", CCP_BUDGET_WEEK },
    { "month", CCP_BUDGET_MONTH },
    { "total", CCP_BUDGET_TOTAL },
    { NULL, CCP_BUDGET_TOTAL }
};


ngx_http_ccproxy_account_t *
ngx_http_ccproxy_limit_account(ngx_conf_t *cf, ngx_str_t *name,
    ngx_uint_t group)
{
    ngx_http_ccproxy_account_t    *account, **p;
    ngx_http_ccproxy_main_conf_t  *mcf;

    account = ngx_pcalloc(cf->pool, sizeof(ngx_http_ccproxy_account_t));
    if (account == NULL) {
        return NULL;
    }

    account->name = *name;
    account->group = group;
    account->limits.name = ccp_pool_hash(group + 1, name->data, name->len);
    account->file = cf->conf_file->file.name.data;
    account->line = cf->conf_file->line;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);

    p = ngx_array_push(&mcf->ledger->owners);
    if (p == NULL) {
        return NULL;
    }

    *p = account;

    return account;
}


/* "2000000", "2M", "500k"; -1: it is no number above 0. */

static int64_t
ngx_http_ccproxy_limit_number(u_char *p, size_t n)
{
    int64_t  v, unit;

    unit = 1;

    if (n && (p[n - 1] == 'k' || p[n - 1] == 'K')) {
        unit = 1000;

    } else if (n && (p[n - 1] == 'm' || p[n - 1] == 'M')) {
        unit = 1000000;
    }

    v = ngx_atoof(p, n - (unit > 1));

    return v > 0 && v <= NGX_MAX_INT32_VALUE * (int64_t) 1000 / unit
           ? v * unit : -1;
}


static ngx_int_t
ngx_http_ccproxy_limit_budget(ngx_conf_t *cf, ccp_limits_t *limits,
    ngx_str_t *word)
{
    u_char        *p, *last, *slash;
    ngx_uint_t     i;
    ccp_budget_t   b;

    p = word->data + 7;
    last = word->data + word->len;

    slash = ngx_strlchr(p, last, '/');

    b.period = CCP_BUDGET_TOTAL;

    for (i = 0; slash && ngx_http_ccproxy_periods[i].name; i++) {
        if (ngx_strcmp(slash + 1, ngx_http_ccproxy_periods[i].name) == 0) {
            break;
        }
    }

    if (slash) {

        if (ngx_http_ccproxy_periods[i].name == NULL) {
            goto invalid;
        }

        b.period = ngx_http_ccproxy_periods[i].period;
        last = slash;
    }

    b.tokens = (last - p > 6 && ngx_strncmp(last - 6, "tokens", 6) == 0);

    b.limit = b.tokens ? ngx_http_ccproxy_limit_number(p, last - 6 - p)
                       : ccp_money_parse(p, last - p);

    if (b.limit <= 0) {
        goto invalid;
    }

    for (i = 0; i < limits->nbudgets; i++) {
        if (limits->budget[i].period == b.period
            && limits->budget[i].tokens == b.tokens)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"%V\" is a second budget of that period: "
                               "write one of both", word);
            return NGX_ERROR;
        }
    }

    limits->budget[limits->nbudgets++] = b;

    return NGX_OK;

invalid:

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid budget \"%V\": write \"budget=20/day\" for "
                       "money, \"budget=2Mtokens/day\" for tokens; there are "
                       "day, week, month and total", word);

    return NGX_ERROR;
}


ngx_int_t
ngx_http_ccproxy_limit_word(ngx_conf_t *cf,
    ngx_http_ccproxy_account_t *account, ngx_str_t *word)
{
    int64_t        n;
    size_t         len;
    ngx_uint_t     i;
    ccp_limits_t  *limits;

    static const ngx_str_t  words[] = {
        ngx_string("rpm="), ngx_string("tpm="), ngx_string("concurrency=")
    };

    limits = &account->limits;

    if (word->len >= 7 && ngx_strncmp(word->data, "budget=", 7) == 0) {
        return ngx_http_ccproxy_limit_budget(cf, limits, word);
    }

    for (i = 0; i < ccp_countof(words); i++) {
        if (word->len >= words[i].len
            && ngx_strncmp(word->data, words[i].data, words[i].len) == 0)
        {
            break;
        }
    }

    if (i == ccp_countof(words)) {
        return NGX_DECLINED;
    }

    len = words[i].len;
    n = ngx_http_ccproxy_limit_number(word->data + len, word->len - len);

    if (n < 0 || (i != 1 && n > NGX_MAX_INT32_VALUE)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid limit \"%V\": write a number above 0, "
                           "such as \"%V60\"", word, &words[i]);
        return NGX_ERROR;
    }

    switch (i) {

    case 0:
        limits->rpm = (uint32_t) n;
        break;

    case 1:
        limits->tpm = (uint64_t) n;
        break;

    default:
        limits->concurrency = (uint32_t) n;
        break;
    }

    return NGX_OK;
}


static ngx_http_ccproxy_account_t *
ngx_http_ccproxy_limit_group(ngx_http_ccproxy_main_conf_t *mcf,
    ngx_str_t *name)
{
    ngx_uint_t                    i;
    ngx_http_ccproxy_account_t  **account;

    account = mcf->ledger->owners.elts;

    for (i = 0; i < mcf->ledger->owners.nelts; i++) {
        if (account[i]->group
            && ngx_http_ccproxy_eq(&account[i]->name, name))
        {
            return account[i];
        }
    }

    return NULL;
}


char *
ngx_http_ccproxy_access_group(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ccproxy_main_conf_t  *mcf = conf;

    ngx_int_t                    rc;
    ngx_str_t                   *value;
    ngx_uint_t                   i;
    ngx_http_ccproxy_account_t  *account;

    (void) cmd;

    value = cf->args->elts;

    if (value[1].len == 0 || cf->args->nelts == 2) {
        return "needs a name and limits: write \"ccproxy_access_group NAME "
               "rpm=60 budget=20/day;\"";
    }

    if (ngx_http_ccproxy_limit_group(mcf, &value[1])) {
        return "has a name that another group has";
    }

    account = ngx_http_ccproxy_limit_account(cf, &value[1], 1);
    if (account == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 2; i < cf->args->nelts; i++) {

        rc = ngx_http_ccproxy_limit_word(cf, account, &value[i]);

        if (rc == NGX_ERROR) {
            return NGX_CONF_ERROR;
        }

        if (rc == NGX_DECLINED) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "unknown word \"%V\" in "
                               "\"ccproxy_access_group\"; there are \"rpm=\", "
                               "\"tpm=\", \"concurrency=\" and \"budget=\"",
                               &value[i]);
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


/* ---- once all is known ---- */

static ngx_int_t
ngx_http_ccproxy_limit_key_group(ngx_conf_t *cf,
    ngx_http_ccproxy_access_key_t *key)
{
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);

    key->group = ngx_http_ccproxy_limit_group(mcf, &key->group_name);

    if (key->group) {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "no group \"%V\" for the access key \"%V\": declare "
                  "\"ccproxy_access_group %V budget=20/day;\" in %s:%ui",
                  &key->group_name, &key->name, &key->group_name, key->file,
                  key->line);

    return NGX_ERROR;
}


/* Money is counted where prices tell how much. */

static ngx_int_t
ngx_http_ccproxy_limit_priced(ngx_conf_t *cf,
    ngx_http_ccproxy_account_t *account)
{
    ngx_uint_t                      i;
    ngx_http_ccproxy_provider_t   **p;
    ngx_http_ccproxy_main_conf_t   *mcf;

    for (i = 0; i < account->limits.nbudgets; i++) {
        if (!account->limits.budget[i].tokens) {
            break;
        }
    }

    if (i == account->limits.nbudgets) {
        return NGX_OK;
    }

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);
    p = mcf->providers.elts;

    for (i = 0; i < mcf->providers.nelts; i++) {
        if (p[i]->prices || p[i]->list_prices) {
            return NGX_OK;
        }
    }

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "the budget of \"%V\" is money, but no provider has prices: "
                  "write \"price MODEL in=PRICE out=PRICE;\" or \"price "
                  "default;\" in \"ccproxy_provider\", or a budget of tokens "
                  "in %s:%ui", &account->name, account->file, account->line);

    return NGX_ERROR;
}


static int ngx_libc_cdecl
ngx_http_ccproxy_limit_compare(const void *one, const void *two)
{
    const ngx_http_ccproxy_account_t  *const *a = one;
    const ngx_http_ccproxy_account_t  *const *b = two;

    if ((*a)->limits.name != (*b)->limits.name) {
        return (*a)->limits.name < (*b)->limits.name ? -1 : 1;
    }

    return (int) (*b)->limits.nbudgets - (int) (*a)->limits.nbudgets;
}


/* Of keys with one name the one with the most budgets is told of. */

static ngx_int_t
ngx_http_ccproxy_limit_twins(ngx_conf_t *cf, ngx_array_t *owners)
{
    ngx_uint_t                    i;
    ngx_http_ccproxy_account_t  **sorted;

    sorted = ngx_palloc(cf->temp_pool, (owners->nelts + 1) * sizeof(void *));
    if (sorted == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(sorted, owners->elts, owners->nelts * sizeof(void *));

    ngx_qsort(sorted, owners->nelts, sizeof(void *),
              ngx_http_ccproxy_limit_compare);

    for (i = 1; i < owners->nelts; i++) {
        sorted[i]->twin = sorted[i]->limits.name == sorted[i - 1]->limits.name;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_ccproxy_limit_check(ngx_conf_t *cf)
{
    ngx_uint_t                       i, k;
    ngx_http_ccproxy_access_t      **access;
    ngx_http_ccproxy_account_t     **account;
    ngx_http_ccproxy_access_key_t   *key;
    ngx_http_ccproxy_main_conf_t    *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);
    access = mcf->accesses.elts;

    for (i = 0; i < mcf->accesses.nelts; i++) {

        key = access[i]->keys.elts;

        for (k = 0; k < access[i]->keys.nelts; k++) {
            if (key[k].group_name.len
                && ngx_http_ccproxy_limit_key_group(cf, &key[k]) != NGX_OK)
            {
                return NGX_ERROR;
            }
        }
    }

    account = mcf->ledger->owners.elts;

    for (i = 0; i < mcf->ledger->owners.nelts; i++) {
        if (ngx_http_ccproxy_limit_priced(cf, account[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (ngx_http_ccproxy_limit_twins(cf, &mcf->ledger->owners) != NGX_OK) {
        return NGX_ERROR;
    }

    if (mcf->ledger->owners.nelts > ccp_accounts_max()) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "there are %ui access keys and groups; limits are "
                      "counted for %uz at most", mcf->ledger->owners.nelts,
                      ccp_accounts_max());
        return NGX_ERROR;
    }

    return NGX_OK;
}
