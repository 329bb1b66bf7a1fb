
/*
 * What is counted, booked and paid: the structures of nginx/account that other
 * rooms see.
 */

#ifndef _NGX_HTTP_CCPROXY_LEDGER_H_INCLUDED_
#define _NGX_HTTP_CCPROXY_LEDGER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#if (NGX_THREADS)
#include <ngx_thread_pool.h>
#endif

#include "codec/provider/provider_prices.h"
#include "pool/pool_account.h"
#include "pool/pool_meter.h"
#include "pool/pool_price.h"


/* What a provider's models cost. */

typedef struct {
    ngx_str_t                      model;     /* a pattern */
    int64_t                        above;     /* holds for longer prompts
                                                 only; 0: for all */
    ccp_price_t                    price;
} ngx_http_ccproxy_price_t;


/* Whose use is booked: an access key's client, or a group of them. */

typedef struct {
    ngx_str_t                      name;
    ccp_limits_t                   limits;
    unsigned                       group:1;
    unsigned                       twin:1;    /* another key is of that name,
                                                 and told of */
    u_char                        *file;
    ngx_uint_t                     line;
} ngx_http_ccproxy_account_t;


/* What all workers count and book (nginx/account). */

typedef struct {
    ngx_shm_zone_t                *shm;
    ngx_slab_pool_t               *shpool;
    ccp_meter_t                   *meter;
    ccp_accounts_t                *accounts;
    ngx_array_t                    owners;    /* …_account_t *, of all access
                                                 keys and groups */

    ngx_str_t                      state;     /* file that accounts outlast a
                                                 restart in; empty: none */
#if (NGX_THREADS)
    ngx_thread_pool_t             *threads;
    ngx_thread_task_t             *task;
#endif

    /* per worker */
    ngx_event_t                    beat;
    ngx_connection_t               beat_conn;
    uint64_t                       saved;     /* version of the accounts */
    unsigned                       saving:1;
    unsigned                       warned:1;
} ngx_http_ccproxy_ledger_t;


/* What the request is counted as and booked on: nginx/account */

typedef struct {
    ccp_account_ticket_t           ticket;
    int64_t                        cost;      /* of tries that are over */
    unsigned                       priced:1;  /* some of them had a price */
    unsigned                       entered:1; /* the ticket was asked for */
    unsigned                       settled:1; /* it was counted */
} ngx_http_ccproxy_bill_t;


#endif /* _NGX_HTTP_CCPROXY_LEDGER_H_INCLUDED_ */
