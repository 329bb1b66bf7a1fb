
/*
 * What requests come to: counted for all, booked on the accounts of clients.
 */

#ifndef _NGX_HTTP_CCPROXY_ACCOUNT_H_INCLUDED_
#define _NGX_HTTP_CCPROXY_ACCOUNT_H_INCLUDED_


#include "nginx/core/ngx_http_ccproxy.h"


/* ngx_http_ccproxy_ledger.c: the memory of it, which reloads hand on */
ngx_int_t ngx_http_ccproxy_ledger_init(ngx_conf_t *cf);
/* The configuration is in force; a worker begins, and ends; so does the
 * master process. */
ngx_int_t ngx_http_ccproxy_ledger_module(ngx_cycle_t *cycle);
ngx_int_t ngx_http_ccproxy_ledger_process(ngx_cycle_t *cycle);
void ngx_http_ccproxy_ledger_exit(ngx_cycle_t *cycle);
void ngx_http_ccproxy_ledger_end(ngx_cycle_t *cycle);
/* Around calls of meter and accounts whose comments don't say that none is
 * needed. */
void ngx_http_ccproxy_ledger_lock(ngx_http_ccproxy_ledger_t *ledger);
void ngx_http_ccproxy_ledger_unlock(ngx_http_ccproxy_ledger_t *ledger);
/* Adds to a counter. */
void ngx_http_ccproxy_count_event(ngx_http_request_t *r,
    ccp_meter_counter_e counter, ngx_uint_t n);

/* ngx_http_ccproxy_state.c: accounts outlast a restart */
/* Reads "state=FILE" of ccproxy_zone. */
char *ngx_http_ccproxy_state(ngx_conf_t *cf, ngx_str_t *word);
/* Loads what there is, if the accounts are new. */
void ngx_http_ccproxy_state_read(ngx_http_ccproxy_ledger_t *ledger,
    ngx_log_t *log);
/* Writes it, if there is something new: now and then; in the end. */
void ngx_http_ccproxy_state_beat(ngx_http_ccproxy_ledger_t *ledger,
    ngx_log_t *log);
void ngx_http_ccproxy_state_end(ngx_http_ccproxy_ledger_t *ledger,
    ngx_log_t *log);

/* ngx_http_ccproxy_settle.c: what a request came to */
/* Counts and books the request, once, whatever became of it. */
void ngx_http_ccproxy_settle(ngx_http_ccproxy_ctx_t *ctx);
/* Adds what the present try used to what the request costs; once for each. */
void ngx_http_ccproxy_settle_try(ngx_http_ccproxy_ctx_t *ctx,
    const ccp_usage_t *u);
/* What its tries cost so far, 10^-9 of the unit; -1: nobody knows. */
int64_t ngx_http_ccproxy_settle_cost(ngx_http_ccproxy_ctx_t *ctx);
ngx_int_t ngx_http_ccproxy_settle_init(ngx_conf_t *cf);


/* ngx_http_ccproxy_limit_conf.c: limits in the configuration */
char *ngx_http_ccproxy_access_group(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
/* An account of that name; NULL without memory. */
ngx_http_ccproxy_account_t *ngx_http_ccproxy_limit_account(ngx_conf_t *cf,
    ngx_str_t *name, ngx_uint_t group);
/* Reads "rpm=60" and the like.  NGX_OK, NGX_DECLINED (it is another word),
 * NGX_ERROR (logged). */
ngx_int_t ngx_http_ccproxy_limit_word(ngx_conf_t *cf,
    ngx_http_ccproxy_account_t *account, ngx_str_t *word);
/* Finds the groups of keys; refuses budgets that nothing counts on. */
ngx_int_t ngx_http_ccproxy_limit_check(ngx_conf_t *cf);

/* ngx_http_ccproxy_limit.c: whether a client's limits let a request in */
/*
 * Books the request that begins, once.  pool: where it goes, NULL: unknown.
 * NGX_OK; NGX_DECLINED: a limit is reached, ctx->error says which; NGX_ERROR
 * without memory.
 */
ngx_int_t ngx_http_ccproxy_limit_enter(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ngx_http_ccproxy_pool_t *pool);
/* Whether that pool matters. */
ngx_uint_t ngx_http_ccproxy_limit_prices(ngx_http_ccproxy_ctx_t *ctx);
/* Tells clients in headers what is left of their limits for a minute; behind
 * the filters that make the answer's header. */
void ngx_http_ccproxy_limit_init(void);


#endif /* _NGX_HTTP_CCPROXY_ACCOUNT_H_INCLUDED_ */
