
/*
 * Connections to providers, new and idle ones.  Idle ones are kept for each
 * provider on its own, and for each proxy on the way to it: nginx's
 * "keepalive" tells connections apart by address alone, so that one made
 * under the TLS name of one provider would serve another at the same address.
 */

#include "nginx/net/ngx_http_ccproxy_net.h"


typedef struct {
    ngx_queue_t                   queue;
    ngx_connection_t             *connection;
    ngx_http_ccproxy_provider_t  *provider;
    ngx_http_ccproxy_proxy_t     *proxy;     /* NULL: none */
} ngx_http_ccproxy_idle_t;


static void ngx_http_ccproxy_connection_close_handler(ngx_event_t *ev);
static void ngx_http_ccproxy_connection_dummy_handler(ngx_event_t *ev);


/* Whether a proxy leads to the provider with any of its keys. */

static ngx_uint_t
ngx_http_ccproxy_connection_tunnels(ngx_http_ccproxy_provider_t *p)
{
    ngx_uint_t               i;
    ngx_http_ccproxy_key_t  *key;

    key = p->keys.elts;

    for (i = 0; i < p->keys.nelts; i++) {
        if (ngx_http_ccproxy_connection_proxy(p, &key[i]) != NULL) {
            return 1;
        }
    }

    return p->proxy != NULL;
}


static ngx_int_t
ngx_http_ccproxy_connection_queues(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p)
{
    ngx_uint_t                i;
    ngx_http_ccproxy_idle_t  *item;

    if (p->host.naddrs != 0 && !p->host.literal
        && ngx_http_ccproxy_connection_tunnels(p))
    {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "provider \"%V\" is a unix socket, which no proxy leads "
                      "to: remove \"proxy\" in %s:%ui", &p->name, p->file,
                      p->line);
        return NGX_ERROR;
    }

    ngx_queue_init(&p->idle);
    ngx_queue_init(&p->spare);

    if (p->keepalive == 0) {
        return NGX_OK;
    }

    item = ngx_pcalloc(cf->pool,
                       p->keepalive * sizeof(ngx_http_ccproxy_idle_t));
    if (item == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < p->keepalive; i++) {
        item[i].provider = p;
        ngx_queue_insert_head(&p->spare, &item[i].queue);
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_ccproxy_connection_init(ngx_conf_t *cf)
{
    ngx_uint_t                      i;
    ngx_http_ccproxy_provider_t   **pp;
    ngx_http_ccproxy_main_conf_t   *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);
    pp = mcf->providers.elts;

    for (i = 0; i < mcf->providers.nelts; i++) {

        if (!pp[i]->used) {
            continue;
        }

        if (ngx_http_ccproxy_connection_queues(cf, pp[i]) != NGX_OK) {
            return NGX_ERROR;
        }

#if (NGX_HTTP_SSL)
        if (pp[i]->ssl && ngx_http_ccproxy_tls_init(cf, pp[i]) != NGX_OK) {
            return NGX_ERROR;
        }
#endif
    }

    return NGX_OK;
}


void
ngx_http_ccproxy_connection_close(ngx_connection_t *c)
{
#if (NGX_HTTP_SSL)

    if (c->ssl) {
        c->ssl->no_wait_shutdown = 1;
        c->ssl->no_send_shutdown = 1;

        if (ngx_ssl_shutdown(c) == NGX_AGAIN) {
            c->ssl->handler = ngx_http_ccproxy_connection_close;
            return;
        }
    }

#endif

    ngx_destroy_pool(c->pool);
    ngx_close_connection(c);
}


ngx_http_ccproxy_proxy_t *
ngx_http_ccproxy_connection_proxy(ngx_http_ccproxy_provider_t *p,
    ngx_http_ccproxy_key_t *key)
{
    if (key != NULL && (key->direct || key->proxy != NULL)) {
        return key->proxy;
    }

    return p->proxy;
}


ccp_pool_outcome_e
ngx_http_ccproxy_connection_fault(ngx_http_ccproxy_key_t *key)
{
    return key != NULL && key->proxy != NULL ? CCP_POOL_PATH
                                             : CCP_POOL_CONNECT;
}


ngx_http_ccproxy_host_t *
ngx_http_ccproxy_connection_host(ngx_http_ccproxy_provider_t *p,
    ngx_http_ccproxy_key_t *key)
{
    ngx_http_ccproxy_proxy_t  *proxy;

    proxy = ngx_http_ccproxy_connection_proxy(p, key);

    return proxy != NULL ? &proxy->host : &p->host;
}


ngx_uint_t
ngx_http_ccproxy_connection_ready(ngx_http_ccproxy_provider_t *p)
{
    ngx_uint_t               i;
    ngx_http_ccproxy_key_t  *key;

    key = p->keys.elts;

    for (i = 0; i < p->keys.nelts; i++) {
        if (ngx_http_ccproxy_connection_host(p, &key[i])->naddrs != 0) {
            return 1;
        }
    }

    return i == 0 && ngx_http_ccproxy_connection_host(p, NULL)->naddrs != 0;
}


/* The address is copied: the resolver may replace the host's meanwhile. */

static ngx_int_t
ngx_http_ccproxy_connection_address(ngx_peer_connection_t *pc,
    ngx_pool_t *pool, ngx_http_ccproxy_host_t *host)
{
    ngx_addr_t  *addr, *copy;

    addr = &host->addrs[host->next % host->naddrs];

    copy = ngx_palloc(pool,
                      sizeof(ngx_addr_t) + addr->socklen + addr->name.len);
    if (copy == NULL) {
        return NGX_ERROR;
    }

    copy->sockaddr = (struct sockaddr *) (copy + 1);
    copy->socklen = addr->socklen;
    copy->name.data = (u_char *) copy->sockaddr + addr->socklen;
    copy->name.len = addr->name.len;

    ngx_memcpy(copy->sockaddr, addr->sockaddr, addr->socklen);
    ngx_memcpy(copy->name.data, addr->name.data, addr->name.len);

    pc->sockaddr = copy->sockaddr;
    pc->socklen = copy->socklen;
    pc->name = &copy->name;

    return NGX_OK;
}


/* The one used last is the least likely to be closed by the peer. */

static ngx_http_ccproxy_idle_t *
ngx_http_ccproxy_connection_find(ngx_http_ccproxy_provider_t *p,
    ngx_http_ccproxy_proxy_t *proxy)
{
    ngx_queue_t              *q;
    ngx_http_ccproxy_idle_t  *item;

    for (q = ngx_queue_head(&p->idle);
         q != ngx_queue_sentinel(&p->idle);
         q = ngx_queue_next(q))
    {
        item = ngx_queue_data(q, ngx_http_ccproxy_idle_t, queue);

        if (item->proxy == proxy) {
            return item;
        }
    }

    return NULL;
}


ngx_int_t
ngx_http_ccproxy_connection_open(ngx_peer_connection_t *pc, ngx_pool_t *pool,
    ngx_http_ccproxy_provider_t *p, ngx_http_ccproxy_key_t *key,
    ngx_uint_t fresh)
{
    ngx_connection_t          *c;
    ngx_http_ccproxy_idle_t   *item;
    ngx_http_ccproxy_host_t   *host;
    ngx_http_ccproxy_proxy_t  *proxy;

    pc->cached = 0;
    pc->connection = NULL;

    proxy = ngx_http_ccproxy_connection_proxy(p, key);
    host = ngx_http_ccproxy_connection_host(p, key);

    if (ngx_http_ccproxy_connection_address(pc, pool, host) != NGX_OK) {
        return NGX_ERROR;
    }

    item = fresh ? NULL : ngx_http_ccproxy_connection_find(p, proxy);

    if (item == NULL) {
        return proxy != NULL ? ngx_http_ccproxy_tunnel(pc, p, proxy) : NGX_OK;
    }

    c = item->connection;

    ngx_queue_remove(&item->queue);
    ngx_queue_insert_head(&p->spare, &item->queue);

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, pc->log, 0,
                   "ccproxy connection of \"%V\" is used again", &p->name);

    c->idle = 0;
    c->sent = 0;
    c->data = NULL;
    c->log = pc->log;
    c->read->log = pc->log;
    c->write->log = pc->log;
    c->pool->log = pc->log;

    if (c->read->timer_set) {
        ngx_del_timer(c->read);
    }

    pc->connection = c;
    pc->cached = 1;

    return NGX_DONE;
}


/*
 * A firewall on the way may have forgotten the connection: without a word from
 * it, the answer would be waited for as long as a model may think.  RFC 5482.
 */

void
ngx_http_ccproxy_connection_watch(ngx_connection_t *c, ngx_msec_t time)
{
#ifdef TCP_USER_TIMEOUT

    int  value;

    value = (int) ngx_min(time, 0x7fffffff);

    if (setsockopt(c->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, (const void *) &value,
                   sizeof(int))
        == -1)
    {
        /* such as of a unix socket */

        ngx_log_debug0(NGX_LOG_DEBUG_HTTP, c->log, ngx_socket_errno,
                       "ccproxy connection is not watched");
    }

#endif
}


static ngx_uint_t
ngx_http_ccproxy_connection_usable(ngx_connection_t *c,
    ngx_http_upstream_t *u, ngx_uint_t state)
{
    if ((state & NGX_PEER_FAILED)
        || c == NULL
        || c->read->eof
        || c->read->error
        || c->read->timedout
        || c->write->error
        || c->write->timedout)
    {
        return 0;
    }

    if (!u->keepalive || !u->request_body_sent) {
        return 0;
    }

    if (ngx_terminate || ngx_exiting) {
        return 0;
    }

    return ngx_handle_read_event(c->read, 0) == NGX_OK;
}


void
ngx_http_ccproxy_connection_keep(ngx_peer_connection_t *pc,
    ngx_http_ccproxy_provider_t *p, ngx_http_ccproxy_key_t *key,
    ngx_http_upstream_t *u, ngx_uint_t state)
{
    ngx_queue_t              *q;
    ngx_connection_t         *c;
    ngx_http_ccproxy_idle_t  *item;

    c = pc->connection;

    if (p->keepalive == 0
        || !ngx_http_ccproxy_connection_usable(c, u, state))
    {
        return;
    }

    if (ngx_queue_empty(&p->spare)) {
        q = ngx_queue_last(&p->idle);
        item = ngx_queue_data(q, ngx_http_ccproxy_idle_t, queue);
        ngx_http_ccproxy_connection_close(item->connection);

    } else {
        q = ngx_queue_head(&p->spare);
        item = ngx_queue_data(q, ngx_http_ccproxy_idle_t, queue);
    }

    ngx_queue_remove(q);
    ngx_queue_insert_head(&p->idle, q);

    item->connection = c;
    item->proxy = ngx_http_ccproxy_connection_proxy(p, key);
    pc->connection = NULL;

    c->read->delayed = 0;
    ngx_add_timer(c->read, p->keepalive_timeout);

    if (c->write->timer_set) {
        ngx_del_timer(c->write);
    }

    c->write->handler = ngx_http_ccproxy_connection_dummy_handler;
    c->read->handler = ngx_http_ccproxy_connection_close_handler;

    c->data = item;
    c->idle = 1;
    c->log = ngx_cycle->log;
    c->read->log = ngx_cycle->log;
    c->write->log = ngx_cycle->log;
    c->pool->log = ngx_cycle->log;

    if (c->read->ready) {
        ngx_http_ccproxy_connection_close_handler(c->read);
    }
}


static void
ngx_http_ccproxy_connection_dummy_handler(ngx_event_t *ev)
{
    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, ev->log, 0,
                   "ccproxy idle connection can write");
}


/* Whatever a peer sends on an idle connection ends it; so does time. */

static void
ngx_http_ccproxy_connection_close_handler(ngx_event_t *ev)
{
    int                           n;
    char                          buf[1];
    ngx_connection_t             *c;
    ngx_http_ccproxy_idle_t      *item;

    c = ev->data;

    if (!c->close && !c->read->timedout) {

        n = recv(c->fd, buf, 1, MSG_PEEK);

        if (n == -1 && ngx_socket_errno == NGX_EAGAIN) {
            ev->ready = 0;

            if (ngx_handle_read_event(c->read, 0) == NGX_OK) {
                return;
            }
        }
    }

    item = c->data;

    ngx_queue_remove(&item->queue);
    ngx_queue_insert_head(&item->provider->spare, &item->queue);

    ngx_http_ccproxy_connection_close(c);
}
