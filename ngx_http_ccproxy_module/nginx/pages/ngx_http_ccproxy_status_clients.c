
/*
 * What the status tells of clients: their limits, and what they used of them.
 */

#include "nginx/account/ngx_http_ccproxy_account.h"
#include "nginx/pages/ngx_http_ccproxy_pages.h"
#include "codec/json/json_write.h"


/* Clients and groups that are listed; others are told by their number. */
#define NGX_HTTP_CCPROXY_STATUS_CLIENTS  500


static const char  *const ngx_http_ccproxy_status_periods[
                                                    CCP_BUDGET_PERIODS] = {
    [CCP_BUDGET_DAY] = "day",
    [CCP_BUDGET_WEEK] = "week",
    [CCP_BUDGET_MONTH] = "month",
    [CCP_BUDGET_TOTAL] = "total"
};


static void
ngx_http_ccproxy_status_amount(ccp_out_t *out, const char *name, int64_t n,
    ngx_uint_t tokens)
{
    if (tokens) {
        ccp_w_kint(out, name, n);
        return;
    }

    ccp_w_key(out, name);
    ngx_http_ccproxy_status_money(out, (uint64_t) ngx_max(n, 0));
}


static void
ngx_http_ccproxy_status_budget(ccp_out_t *out, const ccp_budget_t *b,
    const ccp_account_look_t *look)
{
    int64_t              ends;
    const ccp_amount_t  *spent;

    spent = &look->spent[b->period];
    ends = ccp_budget_end(b->period, ngx_time());

    ccp_w_obj(out);
    ccp_w_kcstr(out, "period", ngx_http_ccproxy_status_periods[b->period]);
    ccp_w_kcstr(out, "unit", b->tokens ? "tokens" : "money");
    ngx_http_ccproxy_status_amount(out, "limit", b->limit, b->tokens);
    ngx_http_ccproxy_status_amount(out, "used",
                                   b->tokens ? spent->tokens : spent->money,
                                   b->tokens);
    ngx_http_ccproxy_status_amount(out, "reserved",
                                   b->tokens ? look->reserved.tokens
                                             : look->reserved.money,
                                   b->tokens);

    if (ends) {
        ccp_w_kint(out, "ends", ends);
    }

    ccp_w_obj_end(out);
}


static void
ngx_http_ccproxy_status_client(ccp_out_t *out,
    ngx_http_ccproxy_account_t *account, const ccp_account_look_t *look)
{
    uint32_t             i;
    const ccp_limits_t  *l;

    l = &account->limits;

    ccp_w_obj(out);
    ccp_w_kstr(out, "name", ngx_http_ccproxy_slice(&account->name));

    if (account->group) {
        ccp_w_kbool(out, "group", 1);
    }

    ccp_w_kint(out, "requests", (int64_t) look->total);
    ccp_w_kint(out, "inflight", look->inflight);
    ccp_w_kint(out, "minute_requests", (int64_t) look->requests);
    ccp_w_kint(out, "minute_tokens", (int64_t) look->tokens);

    if (l->rpm) {
        ccp_w_kint(out, "rpm", l->rpm);
    }

    if (l->tpm) {
        ccp_w_kint(out, "tpm", (int64_t) l->tpm);
    }

    if (l->concurrency) {
        ccp_w_kint(out, "concurrency", l->concurrency);
    }

    ccp_w_key(out, "budgets");
    ccp_w_arr(out);

    for (i = 0; i < l->nbudgets; i++) {
        ngx_http_ccproxy_status_budget(out, &l->budget[i], look);
    }

    ccp_w_arr_end(out);
    ccp_w_obj_end(out);
}


void
ngx_http_ccproxy_status_clients(ngx_http_ccproxy_main_conf_t *mcf,
    ccp_out_t *out)
{
    ngx_uint_t                    i, n;
    ccp_account_look_t            look;
    ngx_http_ccproxy_ledger_t    *ledger;
    ngx_http_ccproxy_account_t  **account;

    ledger = mcf->ledger;
    account = ledger->owners.elts;
    n = ngx_min(ledger->owners.nelts, NGX_HTTP_CCPROXY_STATUS_CLIENTS);

    if (n == 0) {
        return;
    }

    ccp_w_key(out, "clients");
    ccp_w_arr(out);

    for (i = 0; i < n; i++) {

        ngx_http_ccproxy_ledger_lock(ledger);
        ccp_account_look(ledger->accounts, &account[i]->limits,
                         ngx_current_msec, ngx_time(), &look);
        ngx_http_ccproxy_ledger_unlock(ledger);

        ngx_http_ccproxy_status_client(out, account[i], &look);
    }

    ccp_w_arr_end(out);

    if (ledger->owners.nelts > n) {
        ccp_w_kint(out, "clients_not_listed",
                   (int64_t) (ledger->owners.nelts - n));
    }
}
