
/*
 * Addresses of hosts, asked for by each worker, again when their TTL is over:
 * nginx starts with DNS down and recovers alone.  Where nobody answers, what
 * was known last is good.
 */

#include "nginx/net/ngx_http_ccproxy_net.h"


/* Bounds of a TTL in seconds. */
#define NGX_HTTP_CCPROXY_TTL_MIN      5
#define NGX_HTTP_CCPROXY_TTL_MAX      3600

/* When to ask again after a failure: twice as late each time. */
#define NGX_HTTP_CCPROXY_AGAIN_MIN    1000
#define NGX_HTTP_CCPROXY_AGAIN_MAX    30000


static void ngx_http_ccproxy_resolve_cleanup(void *data);
static void ngx_http_ccproxy_resolve_again(ngx_http_ccproxy_host_t *h);
static void ngx_http_ccproxy_resolve_recall(ngx_http_ccproxy_main_conf_t *mcf,
    ngx_http_ccproxy_host_t *h);
static void ngx_http_ccproxy_resolve_timer(ngx_event_t *ev);
static void ngx_http_ccproxy_resolve_handler(ngx_resolver_ctx_t *rctx);


ngx_int_t
ngx_http_ccproxy_resolve_process(ngx_cycle_t *cycle)
{
    ngx_uint_t                      i;
    ngx_pool_cleanup_t             *cln;
    ngx_http_ccproxy_host_t       **hp, *h;
    ngx_http_ccproxy_main_conf_t   *mcf;

    mcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_ccproxy_module);

    if (mcf == NULL) {
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

        ngx_http_ccproxy_resolve_recall(mcf, h);

        if (mcf->resolver != NULL) {
            ngx_http_ccproxy_resolve_timer(&h->timer);
        }
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


/*
 * Addresses of both families by turns, IPv4 first: where one of them leads
 * nowhere, the second address is of the other.
 */

static void
ngx_http_ccproxy_resolve_sort(ngx_resolver_addr_t *addrs, ngx_uint_t n)
{
    ngx_uint_t           i, k;
    ngx_resolver_addr_t  a;

    for (i = 0; i < n; i++) {

        for (k = i; k < n; k++) {
            if ((addrs[k].sockaddr->sa_family == AF_INET) == (i % 2 == 0)) {
                break;
            }
        }

        if (k == n) {
            return;
        }

        a = addrs[k];
        ngx_memmove(&addrs[i + 1], &addrs[i],
                    (k - i) * sizeof(ngx_resolver_addr_t));
        addrs[i] = a;
    }
}


/* Which of the new addresses is the one in use; 0 if none is. */

static ngx_uint_t
ngx_http_ccproxy_resolve_same(ngx_http_ccproxy_host_t *h, ngx_addr_t *addrs,
    ngx_uint_t n)
{
    ngx_uint_t   i;
    ngx_addr_t  *used;

    if (h->naddrs == 0) {
        return 0;
    }

    used = &h->addrs[h->next % h->naddrs];

    for (i = 0; i < n; i++) {
        if (ngx_cmp_sockaddr(addrs[i].sockaddr, addrs[i].socklen,
                             used->sockaddr, used->socklen, 1)
            == NGX_OK)
        {
            return i;
        }
    }

    return 0;
}


/*
 * Replaces the host's addresses by copies of these, which change their order;
 * requests have copies of their own.
 */

static ngx_int_t
ngx_http_ccproxy_resolve_take(ngx_http_ccproxy_host_t *h,
    ngx_resolver_addr_t *from, ngx_uint_t n)
{
    u_char      *text;
    ngx_uint_t   i;
    ngx_addr_t  *addrs;
    ngx_pool_t  *pool;

    pool = ngx_create_pool(512, ngx_cycle->log);
    if (pool == NULL) {
        return NGX_ERROR;
    }

    addrs = ngx_palloc(pool, n * sizeof(ngx_addr_t));
    if (addrs == NULL) {
        goto failed;
    }

    ngx_http_ccproxy_resolve_sort(from, n);

    for (i = 0; i < n; i++) {

        addrs[i].socklen = from[i].socklen;
        addrs[i].sockaddr = ngx_palloc(pool, addrs[i].socklen);
        text = ngx_pnalloc(pool, NGX_SOCKADDR_STRLEN);

        if (addrs[i].sockaddr == NULL || text == NULL) {
            goto failed;
        }

        ngx_memcpy(addrs[i].sockaddr, from[i].sockaddr, addrs[i].socklen);
        ngx_inet_set_port(addrs[i].sockaddr, h->port);

        addrs[i].name.data = text;
        addrs[i].name.len = ngx_sock_ntop(addrs[i].sockaddr, addrs[i].socklen,
                                          text, NGX_SOCKADDR_STRLEN, 1);
    }

    h->next = ngx_http_ccproxy_resolve_same(h, addrs, n);

    if (h->pool != NULL) {
        ngx_destroy_pool(h->pool);
    }

    h->pool = pool;
    h->addrs = addrs;
    h->naddrs = n;

    return NGX_OK;

failed:

    ngx_destroy_pool(pool);

    return NGX_ERROR;
}


/* What another worker was told, or one before this. */

static void
ngx_http_ccproxy_resolve_recall(ngx_http_ccproxy_main_conf_t *mcf,
    ngx_http_ccproxy_host_t *h)
{
    ngx_uint_t           n;
    ngx_sockaddr_t       sa[NGX_HTTP_CCPROXY_REMEMBER_MAX];
    ngx_resolver_addr_t  addrs[NGX_HTTP_CCPROXY_REMEMBER_MAX];

    n = ngx_http_ccproxy_addresses_recall(mcf, h, sa, addrs);

    if (n != 0) {
        (void) ngx_http_ccproxy_resolve_take(h, addrs, n);
    }
}


static void
ngx_http_ccproxy_resolve_handler(ngx_resolver_ctx_t *rctx)
{
    time_t                         ttl;
    ngx_http_ccproxy_host_t       *h;
    ngx_http_ccproxy_main_conf_t  *mcf;

    h = rctx->data;
    mcf = ngx_http_cycle_get_module_main_conf(ngx_cycle,
                                              ngx_http_ccproxy_module);

    if (rctx->state) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "host \"%V\" of %V could not be resolved (%i: %s)",
                      &h->name, &h->owner, rctx->state,
                      ngx_resolver_strerror(rctx->state));

        if (h->naddrs == 0) {
            ngx_http_ccproxy_resolve_recall(mcf, h);
        }

        ngx_http_ccproxy_resolve_again(h);

    } else if (ngx_http_ccproxy_resolve_take(h, rctx->addrs, rctx->naddrs)
               != NGX_OK)
    {
        ngx_http_ccproxy_resolve_again(h);

    } else {
        ngx_http_ccproxy_addresses_note(mcf, h);

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
