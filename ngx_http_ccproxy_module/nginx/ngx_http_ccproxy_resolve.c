
/*
 * Addresses of hosts, asked for by each worker, again when their TTL is over:
 * nginx starts with DNS down and recovers alone.
 */

#include "ngx_http_ccproxy.h"


/* Bounds of a TTL in seconds. */
#define NGX_HTTP_CCPROXY_TTL_MIN      5
#define NGX_HTTP_CCPROXY_TTL_MAX      3600

/* When to ask again after a failure: twice as late each time. */
#define NGX_HTTP_CCPROXY_AGAIN_MIN    1000
#define NGX_HTTP_CCPROXY_AGAIN_MAX    30000


static void ngx_http_ccproxy_resolve_cleanup(void *data);
static void ngx_http_ccproxy_resolve_again(ngx_http_ccproxy_host_t *h);
static void ngx_http_ccproxy_resolve_timer(ngx_event_t *ev);
static void ngx_http_ccproxy_resolve_handler(ngx_resolver_ctx_t *rctx);


ngx_int_t
ngx_http_ccproxy_resolve_process(ngx_cycle_t *cycle)
{
    ngx_uint_t                      i;
    ngx_pool_cleanup_t             *cln;
    ngx_http_ccproxy_host_t       **hp, *h;
    ngx_http_ccproxy_main_conf_t   *mcf;

    if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE)
    {
        return NGX_OK;
    }

    mcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_ccproxy_module);

    if (mcf == NULL || mcf->resolver == NULL) {
        return NGX_OK;
    }

    hp = mcf->hosts.elts;

    for (i = 0; i < mcf->hosts.nelts; i++) {
        h = hp[i];

        cln = ngx_pool_cleanup_add(cycle->pool, 0);
        if (cln == NULL) {
            return NGX_ERROR;
        }

        cln->handler = ngx_http_ccproxy_resolve_cleanup;
        cln->data = h;

        /* a timer needs a connection to be named by in the debug log */

        h->timer_conn.fd = (ngx_socket_t) -1;
        h->timer_conn.data = h;

        h->timer.data = &h->timer_conn;
        h->timer.handler = ngx_http_ccproxy_resolve_timer;
        h->timer.log = cycle->log;
        h->timer.cancelable = 1;

        ngx_http_ccproxy_resolve_timer(&h->timer);
    }

    return NGX_OK;
}


static void
ngx_http_ccproxy_resolve_cleanup(void *data)
{
    ngx_http_ccproxy_host_t  *h = data;

    if (h->timer.timer_set) {
        ngx_del_timer(&h->timer);
    }

    if (h->pool != NULL) {
        ngx_destroy_pool(h->pool);
        h->pool = NULL;
        h->naddrs = 0;
    }
}


static void
ngx_http_ccproxy_resolve_timer(ngx_event_t *ev)
{
    ngx_connection_t              *c;
    ngx_resolver_ctx_t            *rctx;
    ngx_http_ccproxy_host_t       *h;
    ngx_http_ccproxy_main_conf_t  *mcf;

    if (ngx_exiting || ngx_terminate) {
        return;
    }

    c = ev->data;
    h = c->data;

    mcf = ngx_http_cycle_get_module_main_conf(ngx_cycle,
                                              ngx_http_ccproxy_module);

    rctx = ngx_resolve_start(mcf->resolver, NULL);

    if (rctx == NULL || rctx == NGX_NO_RESOLVER) {
        ngx_http_ccproxy_resolve_again(h);
        return;
    }

    rctx->name = h->name;
    rctx->handler = ngx_http_ccproxy_resolve_handler;
    rctx->data = h;
    rctx->timeout = mcf->resolver_timeout;
    rctx->cancelable = 1;

    if (ngx_resolve_name(rctx) != NGX_OK) {
        ngx_http_ccproxy_resolve_again(h);
    }
}


static void
ngx_http_ccproxy_resolve_again(ngx_http_ccproxy_host_t *h)
{
    if (ngx_exiting || ngx_terminate) {
        return;
    }

    h->ask_again = ngx_max(2 * h->ask_again, NGX_HTTP_CCPROXY_AGAIN_MIN);
    h->ask_again = ngx_min(h->ask_again, NGX_HTTP_CCPROXY_AGAIN_MAX);

    ngx_add_timer(&h->timer, h->ask_again);
}


/* Replaces the host's addresses; requests have copies of their own. */

static ngx_int_t
ngx_http_ccproxy_resolve_take(ngx_http_ccproxy_host_t *h,
    ngx_resolver_ctx_t *rctx)
{
    u_char      *text;
    ngx_uint_t   i;
    ngx_addr_t  *addrs;
    ngx_pool_t  *pool;

    pool = ngx_create_pool(512, ngx_cycle->log);
    if (pool == NULL) {
        return NGX_ERROR;
    }

    addrs = ngx_palloc(pool, rctx->naddrs * sizeof(ngx_addr_t));
    if (addrs == NULL) {
        goto failed;
    }

    for (i = 0; i < rctx->naddrs; i++) {

        addrs[i].socklen = rctx->addrs[i].socklen;
        addrs[i].sockaddr = ngx_palloc(pool, addrs[i].socklen);
        text = ngx_pnalloc(pool, NGX_SOCKADDR_STRLEN);

        if (addrs[i].sockaddr == NULL || text == NULL) {
            goto failed;
        }

        ngx_memcpy(addrs[i].sockaddr, rctx->addrs[i].sockaddr,
                   addrs[i].socklen);
        ngx_inet_set_port(addrs[i].sockaddr, h->port);

        addrs[i].name.data = text;
        addrs[i].name.len = ngx_sock_ntop(addrs[i].sockaddr, addrs[i].socklen,
                                          text, NGX_SOCKADDR_STRLEN, 1);
    }

    if (h->pool != NULL) {
        ngx_destroy_pool(h->pool);
    }

    h->pool = pool;
    h->addrs = addrs;
    h->naddrs = rctx->naddrs;

    return NGX_OK;

failed:

    ngx_destroy_pool(pool);

    return NGX_ERROR;
}


static void
ngx_http_ccproxy_resolve_handler(ngx_resolver_ctx_t *rctx)
{
    time_t                    ttl;
    ngx_http_ccproxy_host_t  *h;

    h = rctx->data;

    if (rctx->state) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "host \"%V\" of %V could not be resolved (%i: %s)",
                      &h->name, &h->owner, rctx->state,
                      ngx_resolver_strerror(rctx->state));

        ngx_http_ccproxy_resolve_again(h);

    } else if (ngx_http_ccproxy_resolve_take(h, rctx) != NGX_OK) {
        ngx_http_ccproxy_resolve_again(h);

    } else {
        ttl = rctx->valid - ngx_time();
        ttl = ngx_max(ttl, NGX_HTTP_CCPROXY_TTL_MIN);
        ttl = ngx_min(ttl, NGX_HTTP_CCPROXY_TTL_MAX);

        h->ask_again = 0;

        if (!ngx_exiting && !ngx_terminate) {
            ngx_add_timer(&h->timer, ttl * 1000);
        }
    }

    ngx_resolve_name_done(rctx);
}
