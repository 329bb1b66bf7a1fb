
/*
 * Metrics: the text of them (ngx_http_ccproxy_metrics_text.c), and how it gets
 * to who asks (ngx_http_ccproxy_metrics.c).
 */

#ifndef _NGX_HTTP_CCPROXY_METRICS_H_INCLUDED_
#define _NGX_HTTP_CCPROXY_METRICS_H_INCLUDED_


#include "nginx/core/ngx_http_ccproxy.h"


/* A walk over all that is told; of zeros at first, but for the pointers. */

typedef struct {
    ngx_http_ccproxy_main_conf_t  *mcf;
    ngx_http_ccproxy_ledger_t     *ledger;
    ccp_out_t                      out;
    ngx_uint_t                     family;    /* the present one */
    size_t                         row;       /* its next one */
    unsigned                       headed:1;  /* its head was written */
    unsigned                       openmetrics:1;
    unsigned                       done:1;
} ngx_http_ccproxy_metrics_t;


/* Writes some more into m->out; sets done at the end.  Locks are held for a few
 * rows at a time. */
void ngx_http_ccproxy_metrics_write(ngx_http_ccproxy_metrics_t *m);


#endif /* _NGX_HTTP_CCPROXY_METRICS_H_INCLUDED_ */
