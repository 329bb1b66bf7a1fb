
/*
 * Parts of configurations and of requests that one file alone fills and none
 * but a few look at.
 */

#ifndef _NGX_HTTP_CCPROXY_PARTS_H_INCLUDED_
#define _NGX_HTTP_CCPROXY_PARTS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "codec/exchange/exchange.h"


/* A pool that "ccproxy_health" names (ngx_http_ccproxy_health.c). */

typedef struct {
    ngx_str_t                      name;
    u_char                        *file;
    ngx_uint_t                     line;
} ngx_http_ccproxy_health_t;


/* A directive of nginx's that a location of ours can't have
 * (ngx_http_ccproxy_stock.c). */

typedef struct ngx_http_ccproxy_stock_row_s  ngx_http_ccproxy_stock_row_t;


typedef struct {
    const ngx_http_ccproxy_stock_row_t  *row; /* NULL: a header is set */
    ngx_str_t                      header;
    const char                    *remedy;    /* for the header */
    u_char                        *file;
    ngx_uint_t                     line;
    unsigned                       fine:1;    /* its argument is no fault */
} ngx_http_ccproxy_stock_t;


/* A request that goes through as it is: ngx_http_ccproxy_through.c,
 * …_other.c */

typedef struct {
    const ccp_other_t             *row;
    ccp_str_t                      rest;      /* of the path, behind the row's
                                                 own */
    uint64_t                       key;       /* name of the only key that it
                                                 may go with; 0: any */
    size_t                         nbegin;
    u_char                         begin[4096]; /* of the answer */
} ngx_http_ccproxy_through_t;


/* Waiting for pairs: ngx_http_ccproxy_patience.c */

typedef struct {
    ngx_event_t                    timer;
    ngx_uint_t                     n;         /* times */
    ngx_msec_t                     spent;
} ngx_http_ccproxy_patience_t;


#endif /* _NGX_HTTP_CCPROXY_PARTS_H_INCLUDED_ */
