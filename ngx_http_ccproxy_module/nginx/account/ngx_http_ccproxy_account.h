
/*
 * What requests come to: counted for all, booked on the accounts of clients.
 */

#ifndef _NGX_HTTP_CCPROXY_ACCOUNT_H_INCLUDED_
#define _NGX_HTTP_CCPROXY_ACCOUNT_H_INCLUDED_


#include "nginx/core/ngx_http_ccproxy.h"


/* ngx_http_ccproxy_ledger.c: the memory of it, which reloads hand on */
ngx_int_t ngx_http_ccproxy_ledger_init(ngx_conf_t *cf);
/* A worker begins, and ends. */
ngx_int_t ngx_http_ccproxy_ledger_process(ngx_cycle_t *cycle);
void ngx_http_ccproxy_ledger_exit(ngx_cycle_t *cycle);
/* Around calls of meter and accounts whose comments don't say that none is
 * needed. */
void ngx_http_ccproxy_ledger_lock(ngx_http_ccproxy_ledger_t *ledger);
void ngx_http_ccproxy_ledger_unlock(ngx_http_ccproxy_ledger_t *ledger);
/* Adds to a counter. */
void ngx_http_ccproxy_count_event(ngx_http_request_t *r,
    ccp_meter_counter_e counter, ngx_uint_t n);

/* ngx_http_ccproxy_settle.c: what a request came to */
/* Counts and books the request, once, whatever became of it. */
void ngx_http_ccproxy_settle(ngx_http_ccproxy_ctx_t *ctx);
/* What its answer cost, 10^-9 of the unit; -1: nobody knows. */
int64_t ngx_http_ccproxy_settle_cost(ngx_http_ccproxy_ctx_t *ctx);
ngx_int_t ngx_http_ccproxy_settle_init(ngx_conf_t *cf);


#endif /* _NGX_HTTP_CCPROXY_ACCOUNT_H_INCLUDED_ */
