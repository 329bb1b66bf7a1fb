
/*
 * What workers count together: requests that were converted.  A reload hands
 * it on.
 */

#include "nginx/core/ngx_http_ccproxy.h"


static void *
ngx_http_ccproxy_counter_create(void *mem, size_t size)
{
    ngx_http_ccproxy_counters_t  *counters = mem;

    (void) size;

    counters->started = ngx_time();

    return counters;
}


ngx_int_t
ngx_http_ccproxy_counter_init(ngx_conf_t *cf)
{
    ngx_http_ccproxy_main_conf_t  *mcf;

    static ngx_http_ccproxy_shm_t  shm = {
        ngx_string("ccproxy_counters"),
        0,
        sizeof(ngx_http_ccproxy_counters_t),
        ngx_http_ccproxy_counter_create
    };

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);
    mcf->counters = ngx_http_ccproxy_shm_add(cf, &shm);

    return mcf->counters ? NGX_OK : NGX_ERROR;
}


void
ngx_http_ccproxy_counter_add(ngx_http_request_t *r)
{
    ngx_http_ccproxy_counters_t   *counters;
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_ccproxy_module);
    counters = mcf->counters->data;

    (void) ngx_atomic_fetch_add(&counters->requests, 1);
}
