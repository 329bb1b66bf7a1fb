
/*
 * ccproxy_wait: where providers told to leave their pairs alone for a short
 * time, a request waits for the first of them instead of failing.
 *
 * For nginx that is a connection to an upstream which takes its time: the
 * client may leave meanwhile, and all that ends a request ends this as well.
 * Points 4 and 7 of ngx_http_ccproxy_internals.c.
 */

#include "nginx/balance/ngx_http_ccproxy_balance.h"


/* How often one request may wait, and how many of a worker's may at a time. */
#define NGX_HTTP_CCPROXY_WAITS      5
#define NGX_HTTP_CCPROXY_WAITING    512

/* Requests that waited together don't come back in the same moment, ms. */
#define NGX_HTTP_CCPROXY_WAIT_SPREAD  50

/* nginx's own time-out for the connection comes after ours, ms. */
#define NGX_HTTP_CCPROXY_WAIT_SPARE   60000


static ngx_uint_t  ngx_http_ccproxy_waiting;


ngx_msec_t
ngx_http_ccproxy_patience_time(ngx_http_ccproxy_ctx_t *ctx)
{
    uint64_t                  wait;
    ngx_msec_t                spent, since;
    ngx_http_ccproxy_pool_t  *pool;
    ngx_http_ccproxy_zone_t  *zone;

    pool = ctx->tries.pool;
    zone = ctx->tries.zone;

    if (pool->wait == 0 || ctx->through
        || ctx->patience.n == NGX_HTTP_CCPROXY_WAITS
        || ngx_http_ccproxy_waiting >= NGX_HTTP_CCPROXY_WAITING)
    {
        return 0;
    }

    ngx_shmtx_lock(&zone->shpool->mutex);
    wait = ccp_pool_wait(zone->pool, &pool->list, &ctx->tries.choice,
                         ngx_current_msec);
    ngx_shmtx_unlock(&zone->shpool->mutex);

    spent = ctx->patience.spent;
    since = ngx_current_msec - ctx->request->upstream->peer.start_time;

    if (wait == 0 || wait >= pool->wait || wait + spent >= pool->wait
        || (ctx->tries.timeout && wait + since >= ctx->tries.timeout))
    {
        return 0;
    }

    return (ngx_msec_t) wait;
}


static ssize_t
ngx_http_ccproxy_patience_recv(ngx_connection_t *c, u_char *buf, size_t size)
{
    (void) c;
    (void) buf;
    (void) size;

    return NGX_ERROR;
}


/* It is time: reading fails, and nginx asks for another peer. */

static void
ngx_http_ccproxy_patience_timer(ngx_event_t *ev)
{
    ngx_connection_t        *c;
    ngx_http_request_t      *r;
    ngx_http_upstream_t     *u;
    ngx_http_ccproxy_ctx_t  *ctx;

    ctx = (ngx_http_ccproxy_ctx_t *)
          ((u_char *) ev - offsetof(ngx_http_ccproxy_ctx_t, patience.timer));

    r = ctx->request;
    c = r->connection;
    u = r->upstream;

    ngx_http_set_log_request(c->log, r);

    u->read_event_handler(r, u);

    ngx_http_run_posted_requests(c);
}


static ngx_connection_t *
ngx_http_ccproxy_patience_connection(ngx_log_t *log)
{
    ngx_socket_t       s;
    ngx_connection_t  *c;

    s = ngx_socket(AF_INET, SOCK_STREAM, 0);

    if (s == (ngx_socket_t) -1) {
        ngx_log_error(NGX_LOG_ERR, log, ngx_socket_errno,
                      ngx_socket_n " failed");
        return NULL;
    }

    c = ngx_get_connection(s, log);

    if (c == NULL) {
        (void) ngx_close_socket(s);
        return NULL;
    }

    c->type = SOCK_STREAM;
    c->recv = ngx_http_ccproxy_patience_recv;
    c->log = log;
    c->read->log = log;
    c->write->log = log;
    c->number = ngx_atomic_fetch_add(ngx_connection_counter, 1);

    return c;
}


ngx_int_t
ngx_http_ccproxy_patience(ngx_peer_connection_t *pc,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_msec_t          wait;
    ngx_event_t        *timer;
    ngx_connection_t   *c;

    static ngx_str_t           name = ngx_string("ccproxy_wait");
    static struct sockaddr_in  nowhere = { .sin_family = AF_INET };

    wait = ngx_http_ccproxy_patience_time(ctx);

    if (wait == 0) {
        return NGX_DECLINED;
    }

    c = ngx_http_ccproxy_patience_connection(pc->log);

    if (c == NULL) {
        return NGX_DECLINED;
    }

    ngx_log_error(NGX_LOG_INFO, pc->log, 0,
                  "ccproxy: pool \"%V\": the request waits %M ms, as its "
                  "providers asked for", &ctx->tries.pool->uscf->host, wait);

    pc->connection = c;
    pc->cached = 0;
    pc->sockaddr = (struct sockaddr *) &nowhere;
    pc->socklen = sizeof(struct sockaddr_in);
    pc->name = &name;

    ctx->up.conf.connect_timeout = wait + NGX_HTTP_CCPROXY_WAIT_SPARE;
    ctx->tries.next = NGX_HTTP_CCPROXY_NEXT_WAIT;
    ctx->patience.n++;
    ctx->patience.spent += wait;

    timer = &ctx->patience.timer;
    timer->handler = ngx_http_ccproxy_patience_timer;
    timer->data = ctx->request->connection;
    timer->log = ctx->request->connection->log;

    ngx_add_timer(timer, wait + ngx_random() % NGX_HTTP_CCPROXY_WAIT_SPREAD);
    ngx_http_ccproxy_waiting++;

    return NGX_AGAIN;
}


void
ngx_http_ccproxy_patience_end(ngx_peer_connection_t *pc,
    ngx_http_ccproxy_ctx_t *ctx)
{
    if (ctx->patience.timer.timer_set) {
        ngx_del_timer(&ctx->patience.timer);
    }

    ngx_http_ccproxy_waiting--;

    ctx->tries.next = NGX_HTTP_CCPROXY_NEXT_WAITED;
    ctx->tries.before += ctx->tries.choice.tries;

    ccp_pool_renew(&ctx->tries.pool->list, &ctx->tries.choice);

    pc->tries = ngx_min(ctx->tries.pool->npairs, ctx->tries.pool->tries);
}
