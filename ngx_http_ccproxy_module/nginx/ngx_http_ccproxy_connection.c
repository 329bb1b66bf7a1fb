
/*
 * Idle upstream connections.  They are kept for each provider on its own:
 * nginx's "keepalive" tells connections apart by address alone, so that one
 * made under the TLS name of one provider would serve another at the same
 * address.
 */

#include "ngx_http_ccproxy.h"


typedef struct {
    ngx_queue_t                   queue;
    ngx_connection_t             *connection;
    ngx_http_ccproxy_provider_t  *provider;
} ngx_http_ccproxy_idle_t;


static void ngx_http_ccproxy_connection_close_handler(ngx_event_t *ev);
static void ngx_http_ccproxy_connection_dummy_handler(ngx_event_t *ev);


ngx_int_t
ngx_http_ccproxy_connection_init(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p)
{
    ngx_uint_t                i;
    ngx_http_ccproxy_idle_t  *item;

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


static void
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


ngx_int_t
ngx_http_ccproxy_connection_get(ngx_peer_connection_t *pc,
    ngx_http_ccproxy_provider_t *p)
{
    ngx_queue_t              *q;
    ngx_connection_t         *c;
    ngx_http_ccproxy_idle_t  *item;

    if (ngx_queue_empty(&p->idle)) {
        return NGX_OK;
    }

    /* the one used last is the least likely to be closed by the peer */

    q = ngx_queue_head(&p->idle);
    item = ngx_queue_data(q, ngx_http_ccproxy_idle_t, queue);
    c = item->connection;

    ngx_queue_remove(q);
    ngx_queue_insert_head(&p->spare, q);

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
    ngx_http_ccproxy_provider_t *p, ngx_http_upstream_t *u, ngx_uint_t state)
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
    pc->connection = NULL;

    c->read->delayed = 0;
    ngx_add_timer(c->read, NGX_HTTP_CCPROXY_KEEPALIVE_TIMEOUT);

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
