
/*
 * Limits of clients: requests that begin are let in or turned away.
 */

#include "nginx/conf/ngx_http_ccproxy_conf.h"
#include "nginx/filter/ngx_http_ccproxy_filter.h"
#include "nginx/account/ngx_http_ccproxy_account.h"


/* What an answer without a bound is taken to have, tokens. */
#define NGX_HTTP_CCPROXY_LIMIT_OUTPUT  4096


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;

static const char  *ngx_http_ccproxy_limit_periods[CCP_BUDGET_PERIODS] = {
    "a day", "a week", "a month", "in all"
};


/* The accounts of the client; their number. */

static ngx_uint_t
ngx_http_ccproxy_limit_accounts(ngx_http_ccproxy_ctx_t *ctx,
    ngx_http_ccproxy_account_t **account)
{
    ngx_uint_t  n;

    n = 0;

    if (ctx->access) {
        account[n++] = ctx->access->account;

        if (ctx->access->group) {
            account[n++] = ctx->access->group;
        }
    }

    return n;
}


static ngx_uint_t
ngx_http_ccproxy_limit_has(ccp_limits_t *limits, ngx_uint_t tokens)
{
    uint32_t  i;

    for (i = 0; i < limits->nbudgets; i++) {
        if (limits->budget[i].tokens == tokens) {
            return 1;
        }
    }

    return 0;
}


ngx_uint_t
ngx_http_ccproxy_limit_prices(ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_uint_t                   i, n;
    ngx_http_ccproxy_account_t  *account[CCP_ACCOUNTS_OF];

    n = ngx_http_ccproxy_limit_accounts(ctx, account);

    for (i = 0; i < n; i++) {
        if (ngx_http_ccproxy_limit_has(&account[i]->limits, 0)) {
            return 1;
        }
    }

    return 0;
}


/* ---- what the request may use ---- */

/* The longest answer that the request asks for, or its targets give. */

static int64_t
ngx_http_ccproxy_limit_output(ngx_http_ccproxy_ctx_t *ctx,
    ngx_http_ccproxy_pool_t *pool)
{
    int64_t     most, cap;
    ngx_uint_t  i;

    if (ctx->endpoint.op == CCP_OP_EMBED
        || ccp_exchange_req(ctx->exchange) == NULL)
    {
        return 0;
    }

    most = ccp_exchange_req(ctx->exchange)->max_tokens;
    most = most > 0 && most <= CCP_PRICE_TOKENS_MAX ? most : 0;

    cap = 0;

    for (i = 0; pool && i < pool->npairs; i++) {
        cap = ngx_max(cap, pool->pairs[i].target->target.max_tokens);
    }

    if (most == 0) {
        return cap > 0 ? cap : NGX_HTTP_CCPROXY_LIMIT_OUTPUT;
    }

    return cap > 0 ? ngx_min(most, cap) : most;
}


/* What it costs at the most expensive of the pool's targets. */

static int64_t
ngx_http_ccproxy_limit_money(ngx_http_ccproxy_ctx_t *ctx,
    ngx_http_ccproxy_pool_t *pool, int64_t in, int64_t out)
{
    int64_t                    most, cost;
    ccp_str_t                  model;
    ngx_uint_t                 i;
    ccp_price_t                price;
    ccp_price_use_t            use;
    ngx_http_ccproxy_target_t *t;

    ngx_memzero(&use, sizeof(ccp_price_use_t));

    use.in = in;
    use.out = out;
    most = 0;

    for (i = 0; pool && i < pool->npairs; i++) {

        t = pool->pairs[i].target;

        if (i && t == pool->pairs[i - 1].target) {
            continue;
        }

        model = t->target.model.p ? t->target.model
                                  : ngx_http_ccproxy_slice(&ctx->name.model);

        if (ngx_http_ccproxy_price_find(t->provider, model, in, &price)) {
            cost = ccp_price_cost(&price, &use);
            most = ngx_max(most, cost);
        }
    }

    return most;
}


static void
ngx_http_ccproxy_limit_amount(ngx_http_ccproxy_ctx_t *ctx,
    ngx_http_ccproxy_account_t **account, ngx_uint_t n,
    ngx_http_ccproxy_pool_t *pool, ccp_amount_t *amount)
{
    int64_t     in, out;
    ngx_uint_t  i, tokens, money;

    amount->tokens = 0;
    amount->money = 0;

    tokens = 0;
    money = 0;

    for (i = 0; i < n; i++) {
        money |= ngx_http_ccproxy_limit_has(&account[i]->limits, 0);
        tokens |= account[i]->limits.tpm != 0
                  || ngx_http_ccproxy_limit_has(&account[i]->limits, 1);
    }

    if (!tokens && !money) {
        return;
    }

    in = ngx_max(ccp_exchange_estimate(ctx->exchange), 0);
    out = ngx_http_ccproxy_limit_output(ctx, pool);

    amount->tokens = in + out;

    if (money) {
        amount->money = ngx_http_ccproxy_limit_money(ctx, pool, in, out);
    }
}


/* ---- refusals ---- */

static void
ngx_http_ccproxy_limit_budget_error(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ccp_refusal_t *ref,
    ngx_http_ccproxy_account_t *account)
{
    char          amount[CCP_MONEY_LEN];
    const char   *what;
    ccp_budget_t *b;

    b = &ref->budget;
    what = ngx_http_ccproxy_limit_periods[b->period];

    if (b->tokens) {
        *ngx_sprintf((u_char *) amount, "%L", b->limit) = '\0';

    } else {
        (void) ccp_money_print(amount, b->limit);
    }

    if (ref->limit == CCP_LIMIT_RESERVED) {
        ngx_http_ccproxy_error_set(r, ctx, CCP_E_RATE,
                                   "what is left of the budget of \"%V\", "
                                   "%s%s %s, is reserved by requests under "
                                   "way: try again in %ui seconds",
                                   &account->name, amount,
                                   b->tokens ? " tokens" : "", what,
                                   (ngx_uint_t) (ref->wait + 999) / 1000);
        return;
    }

    ngx_http_ccproxy_error_set(r, ctx, CCP_E_BUDGET,
                                 "the budget of \"%V\", %s%s %s, is used up",
                                 &account->name, amount,
                               b->tokens ? " tokens" : "", what);
}


static void
ngx_http_ccproxy_limit_error(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ccp_refusal_t *ref,
    ngx_http_ccproxy_account_t *account)
{
    ngx_uint_t     wait;
    ccp_limits_t  *limits;

    limits = &account->limits;
    wait = (ngx_uint_t) (ref->wait + 999) / 1000;

    switch (ref->limit) {

    case CCP_LIMIT_RPM:
        ngx_http_ccproxy_error_set(r, ctx, CCP_E_RATE,
                                   "the limit of \"%V\", %uD requests a "
                                   "minute, is reached: try again in %ui "
                                   "seconds", &account->name, limits->rpm,
                                   wait);
        break;

    case CCP_LIMIT_TPM:
        ngx_http_ccproxy_error_set(r, ctx, CCP_E_RATE,
                                   "the limit of \"%V\", %uL tokens a "
                                   "minute, is reached: try again in %ui "
                                   "seconds", &account->name, limits->tpm,
                                   wait);
        break;

    case CCP_LIMIT_CONCURRENCY:
        ngx_http_ccproxy_error_set(r, ctx, CCP_E_RATE,
                                   "the limit of \"%V\", %uD requests at a "
                                   "time, is reached: try again in %ui "
                                   "seconds", &account->name,
                                   limits->concurrency, wait);
        break;

    default: /* CCP_LIMIT_BUDGET, CCP_LIMIT_RESERVED */
        ngx_http_ccproxy_limit_budget_error(r, ctx, ref, account);
        break;
    }

    ctx->error.retry_after = (int) wait;
}


/* nginx logs no subrequests: what nobody settled till the end is settled
 * there. */

static void
ngx_http_ccproxy_limit_cleanup(void *data)
{
    ngx_http_ccproxy_settle(data);
}


ngx_int_t
ngx_http_ccproxy_limit_enter(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ngx_http_ccproxy_pool_t *pool)
{
    int                            in;
    ngx_uint_t                     i, n;
    ccp_limits_t                  *limits[CCP_ACCOUNTS_OF];
    ccp_amount_t                   amount;
    ccp_refusal_t                  ref;
    ngx_pool_cleanup_t            *cln;
    ngx_http_ccproxy_ledger_t     *ledger;
    ngx_http_ccproxy_account_t    *account[CCP_ACCOUNTS_OF];
    ngx_http_ccproxy_main_conf_t  *mcf;

    if (ctx->bill.entered) {
        return NGX_OK;
    }

    cln = ngx_pool_cleanup_add(r->pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    cln->handler = ngx_http_ccproxy_limit_cleanup;
    cln->data = ctx;

    ctx->bill.entered = 1;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_ccproxy_module);
    ledger = mcf->ledger;

    n = ngx_http_ccproxy_limit_accounts(ctx, account);

    for (i = 0; i < n; i++) {
        limits[i] = &account[i]->limits;
    }

    ngx_http_ccproxy_limit_amount(ctx, account, n, pool, &amount);

    ngx_http_ccproxy_ledger_lock(ledger);
    in = ccp_account_enter(ledger->accounts, (uint32_t) ngx_pid, limits, n,
                           &amount, ngx_current_msec, ngx_time(),
                           &ctx->bill.ticket, &ref);
    ngx_http_ccproxy_ledger_unlock(ledger);

    if (in) {
        return NGX_OK;
    }

    ngx_http_ccproxy_limit_error(r, ctx, &ref, account[ref.of]);

    ccp_meter_bump(ledger->meter, ref.limit == CCP_LIMIT_BUDGET
                                  ? CCP_METER_BROKE : CCP_METER_LIMITED, 1);

    return NGX_DECLINED;
}


/* ---- headers ---- */

/* One that was there is not told of: an upstream's is about our key. */

static void
ngx_http_ccproxy_limit_drop(ngx_http_request_t *r, const char *name)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    for (part = &r->headers_out.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (h[i].key.len == ngx_strlen(name)
                && ngx_strncasecmp(h[i].key.data, (u_char *) name,
                                   h[i].key.len)
                   == 0)
            {
                h[i].hash = 0;
            }
        }
    }
}


/* Limit, what is left of it, and when all of it is there again. */

static ngx_int_t
ngx_http_ccproxy_limit_header(ngx_http_request_t *r,
    const ccp_limit_names_t *names, const char *const *name, uint64_t limit,
    uint64_t used, uint64_t wait)
{
    u_char      *p;
    ngx_tm_t     tm;
    ngx_str_t    value;
    ngx_uint_t   i;

    for (i = 0; i < CCP_LIMIT_NAMES; i++) {

        p = ngx_pnalloc(r->pool, NGX_INT64_LEN + sizeof("0000-00-00T00:00:00Z"));
        if (p == NULL) {
            return NGX_ERROR;
        }

        value.data = p;

        switch (i) {

        case CCP_LIMIT_NAME_LIMIT:
            p = ngx_sprintf(p, "%uL", limit);
            break;

        case CCP_LIMIT_NAME_LEFT:
            p = ngx_sprintf(p, "%uL", used < limit ? limit - used : 0);
            break;

        default: /* CCP_LIMIT_NAME_RESET */

            if (names->date) {
                ngx_gmtime(ngx_time() + (time_t) (wait + 999) / 1000, &tm);
                p = ngx_sprintf(p, "%4d-%02d-%02dT%02d:%02d:%02dZ",
                                tm.ngx_tm_year, tm.ngx_tm_mon, tm.ngx_tm_mday,
                                tm.ngx_tm_hour, tm.ngx_tm_min, tm.ngx_tm_sec);

            } else {
                p = ngx_sprintf(p, "%uLs", (wait + 999) / 1000);
            }
        }

        value.len = p - value.data;

        ngx_http_ccproxy_limit_drop(r, name[i]);

        if (ngx_http_ccproxy_header_out(r, name[i], &value) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* Of client and group that which has the limit, the client's first. */

static ngx_int_t
ngx_http_ccproxy_limit_tell(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_uint_t                     i, n, done;
    ccp_limits_t                  *limits;
    ccp_account_look_t             look;
    const ccp_limit_names_t       *names;
    ngx_http_ccproxy_account_t    *account[CCP_ACCOUNTS_OF];
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_ccproxy_module);
    names = ccp_proto_limits(ctx->endpoint.proto);

    n = ngx_http_ccproxy_limit_accounts(ctx, account);
    done = 0;

    for (i = 0; i < n; i++) {

        limits = &account[i]->limits;

        if ((limits->rpm == 0 || (done & 1))
            && (limits->tpm == 0 || (done & 2)))
        {
            continue;
        }

        ngx_http_ccproxy_ledger_lock(mcf->ledger);
        ccp_account_look(mcf->ledger->accounts, limits, ngx_current_msec,
                         ngx_time(), &look);
        ngx_http_ccproxy_ledger_unlock(mcf->ledger);

        if (limits->rpm && !(done & 1)) {

            if (ngx_http_ccproxy_limit_header(r, names, names->requests,
                                              limits->rpm, look.requests,
                                              look.requests_wait)
                != NGX_OK)
            {
                return NGX_ERROR;
            }

            done |= 1;
        }

        if (limits->tpm && !(done & 2)) {

            if (ngx_http_ccproxy_limit_header(r, names, names->tokens,
                                              limits->tpm, look.tokens,
                                              look.tokens_wait)
                != NGX_OK)
            {
                return NGX_ERROR;
            }

            done |= 2;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_ccproxy_limit_header_filter(ngx_http_request_t *r)
{
    ngx_http_ccproxy_ctx_t  *ctx;

    if (r == r->main) {

        ctx = ngx_http_ccproxy_find_ctx(r);

        if (ctx && ctx->access && ctx->bill.entered
            && ngx_http_ccproxy_limit_tell(r, ctx) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return ngx_http_next_header_filter(r);
}


void
ngx_http_ccproxy_limit_init(void)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_ccproxy_limit_header_filter;
}
