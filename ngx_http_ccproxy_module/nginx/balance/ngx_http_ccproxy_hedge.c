
/*
 * Hedging: a pair that is silent for too long stays in the race, but the next
 * one is asked beside it.
 *
 * nginx has one connection per upstream request.  The silent try is taken out
 * of it, with its ticket and its connection on which the request was sent,
 * and nginx is made to go on to another peer as if the try had failed.  When
 * the one that was set aside speaks first, or the other fails, they change
 * places in the same way: nginx finds the connection as one made already and
 * the request for it empty, as it was sent.  The codec keeps a try for each, so
 * that nothing is encoded for that.
 */

#include "nginx/account/ngx_http_ccproxy_account.h"
#include "nginx/net/ngx_http_ccproxy_net.h"
#include "nginx/balance/ngx_http_ccproxy_balance.h"


static void ngx_http_ccproxy_hedge_timer(ngx_event_t *ev);
static void ngx_http_ccproxy_hedge_read(ngx_event_t *ev);
static void ngx_http_ccproxy_hedge_write(ngx_event_t *ev);
static ssize_t ngx_http_ccproxy_hedge_recv(ngx_connection_t *c, u_char *buf,
    size_t size);


/* Moves the present try out of ctx, and one into it. */

static void
ngx_http_ccproxy_hedge_save(ngx_http_ccproxy_ctx_t *ctx,
    ngx_http_ccproxy_rival_t *rival)
{
    ngx_memzero(rival, sizeof(ngx_http_ccproxy_rival_t));

    rival->try = ctx->try;
    ctx->try.ticket.held = 0;
    ctx->try.codec = NULL;
}


static void
ngx_http_ccproxy_hedge_load(ngx_http_ccproxy_ctx_t *ctx,
    ngx_http_ccproxy_rival_t *rival)
{
    ccp_try_destroy(ctx->try.codec);

    ctx->try = rival->try;
    rival->try.pair = NULL;
}


/* It is out of the race. */

static void
ngx_http_ccproxy_hedge_drop(ngx_http_ccproxy_ctx_t *ctx,
    ngx_http_ccproxy_rival_t *rival, ccp_pool_outcome_e outcome)
{
    ngx_http_ccproxy_try_t  present;

    if (rival->try.pair == NULL) {
        return;
    }

    present = ctx->try;
    ctx->try = rival->try;
    rival->try.pair = NULL;

    ngx_http_ccproxy_choice_report(ctx, outcome, 0);
    ngx_http_ccproxy_choice_free(ctx, rival->connection
                                      ? NGX_HTTP_CCPROXY_COST_KEY
                                      : NGX_HTTP_CCPROXY_COST_NONE);

    ctx->try = present;

    ccp_try_destroy(rival->try.codec);

    if (rival->connection) {
        ngx_http_ccproxy_connection_close(rival->connection);
        rival->connection = NULL;
    }
}


void
ngx_http_ccproxy_hedge_stop(ngx_http_ccproxy_ctx_t *ctx)
{
    if (ctx->race.timer.timer_set) {
        ngx_del_timer(&ctx->race.timer);
    }
}


void
ngx_http_ccproxy_hedge_end(ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_http_ccproxy_hedge_stop(ctx);
    ngx_http_ccproxy_hedge_drop(ctx, &ctx->race.coming, CCP_POOL_NOTHING);
    ngx_http_ccproxy_hedge_drop(ctx, &ctx->race.aside, CCP_POOL_NOTHING);
}


void
ngx_http_ccproxy_hedge_start(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_event_t  *timer;

    timer = &ctx->race.timer;

    if (ctx->tries.pool->hedge == 0 || ctx->race.aside.try.pair
        || timer->timer_set)
    {
        return;
    }

    timer->handler = ngx_http_ccproxy_hedge_timer;
    timer->data = r->connection;
    timer->log = r->connection->log;
    timer->cancelable = 1;

    ngx_add_timer(timer, ctx->tries.pool->hedge);
}


/*
 * Makes nginx take ctx->race.coming in place of the present try, which is in
 * ctx->race.aside: reading fails, so that nginx frees its peer and asks for
 * another.  The request may be gone after that.
 */

static void
ngx_http_ccproxy_hedge_turn(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_connection_t     *c;
    ngx_http_upstream_t  *u;

    u = r->upstream;
    c = u->peer.connection;

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "ccproxy hedge: pair %ui aside, pair %ui comes",
                   (ngx_uint_t) ctx->race.aside.try.ticket.index,
                   (ngx_uint_t) ctx->race.coming.try.ticket.index);

    ctx->tries.next = NGX_HTTP_CCPROXY_NEXT_SWAP;
    ctx->race.aside.recv = c->recv;
    c->recv = ngx_http_ccproxy_hedge_recv;

    u->read_event_handler(r, u);
}


static ssize_t
ngx_http_ccproxy_hedge_recv(ngx_connection_t *c, u_char *buf, size_t size)
{
    (void) c;
    (void) buf;
    (void) size;

    return NGX_ERROR;
}


static void
ngx_http_ccproxy_hedge_log(ngx_http_request_t *r,
    ngx_http_ccproxy_rival_t *rival, const char *what)
{
    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                  "ccproxy: provider \"%V\", key \"%V\" %s",
                  &rival->try.target->provider->name,
                  ngx_http_ccproxy_key_name(rival->try.key), what);
}


/* The present try was silent for too long. */

static void
ngx_http_ccproxy_hedge_timer(ngx_event_t *ev)
{
    ngx_connection_t          *c;
    ngx_http_request_t        *r;
    ngx_http_upstream_t       *u;
    ngx_http_ccproxy_ctx_t    *ctx;
    ngx_http_ccproxy_rival_t   rival;

    ctx = (ngx_http_ccproxy_ctx_t *)
              ((u_char *) ev - offsetof(ngx_http_ccproxy_ctx_t, race.timer));

    r = ctx->request;
    c = r->connection;
    u = r->upstream;

    ngx_http_set_log_request(c->log, r);

    if (u->request_sent && !u->request_body_sent) {

        /* nobody answers while the question is under way */

        ngx_add_timer(ev, ctx->tries.pool->hedge);
        return;
    }

    if (!ngx_http_ccproxy_peek_retry(r, ctx)) {
        return;
    }

    ngx_http_ccproxy_hedge_save(ctx, &rival);

    if (ngx_http_ccproxy_choice_next(r, ctx) != NGX_OK) {
        ngx_http_ccproxy_hedge_load(ctx, &rival);
        return;
    }

    ngx_http_ccproxy_hedge_log(r, &rival, "is silent, the next pair is asked "
                               "too");
    ngx_http_ccproxy_count_event(r, CCP_METER_HEDGES, 1);

    ngx_http_ccproxy_hedge_save(ctx, &ctx->race.coming);
    ctx->race.coming.fresh = 1;
    ctx->race.aside = rival;

    ngx_http_ccproxy_hedge_turn(r, ctx);

    ngx_http_run_posted_requests(c);
}


void
ngx_http_ccproxy_hedge_leave(ngx_peer_connection_t *pc,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_connection_t          *c;
    ngx_http_ccproxy_rival_t  *aside;

    aside = &ctx->race.aside;
    c = pc->connection;

    ctx->tries.next = NGX_HTTP_CCPROXY_NEXT_SWAPPED;
    pc->cached = 0;

    if (ctx->race.coming.fresh) {
        pc->tries--;
    }

    if (!ctx->request->upstream->request_body_sent) {

        /* it is not asked yet, and will be if no other answers */

        return;
    }

    aside->connection = c;
    aside->sockaddr = pc->sockaddr;
    aside->socklen = pc->socklen;
    aside->name = pc->name;

    c->recv = aside->recv;
    c->data = ctx;
    c->read->handler = ngx_http_ccproxy_hedge_read;
    c->write->handler = ngx_http_ccproxy_hedge_write;

#if (NGX_HTTP_SSL)
    if (c->ssl) {
        aside->save_session = c->ssl->save_session;
        c->ssl->save_session = NULL;
    }
#endif

    pc->connection = NULL;
}


ngx_uint_t
ngx_http_ccproxy_hedge_back(ngx_http_ccproxy_ctx_t *ctx)
{
    if (ctx->race.aside.try.pair == NULL) {
        return 0;
    }

    ctx->race.coming = ctx->race.aside;
    ctx->race.aside.try.pair = NULL;

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, ctx->request->connection->log, 0,
                   "ccproxy hedge: back to pair %ui",
                   (ngx_uint_t) ctx->race.coming.try.ticket.index);

    return 1;
}


ngx_int_t
ngx_http_ccproxy_hedge_next(ngx_peer_connection_t *pc,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_connection_t          *c;
    ngx_http_ccproxy_rival_t  *coming;

    coming = &ctx->race.coming;

    if (coming->try.pair == NULL) {
        return NGX_DECLINED;
    }

    ngx_http_ccproxy_hedge_load(ctx, coming);

    c = coming->connection;

    if (c == NULL) {
        return NGX_OK;
    }

#if (NGX_HTTP_SSL)
    if (c->ssl) {
        c->ssl->save_session = coming->save_session;
    }
#endif

    pc->connection = c;
    pc->cached = 0;
    pc->sockaddr = coming->sockaddr;
    pc->socklen = coming->socklen;
    pc->name = coming->name;

    /* it has been sent already, and ctx->try.codec waits for its answer */

    ctx->request->upstream->request_bufs = NULL;
    ngx_memzero(&ctx->error, sizeof(ccp_error_t));

    return NGX_DONE;
}


/* NGX_OK: an answer begins; NGX_AGAIN; NGX_ERROR: none will come. */

static ngx_int_t
ngx_http_ccproxy_hedge_peek(ngx_connection_t *c)
{
    ssize_t  n;
    u_char   buf[1];

#if (NGX_HTTP_SSL)

    if (c->ssl) {

        /* what is readable may be no more than a session ticket */

        ERR_clear_error();

        n = SSL_peek(c->ssl->connection, buf, 1);

        if (n > 0) {
            return NGX_OK;
        }

        if (SSL_get_error(c->ssl->connection, n) == SSL_ERROR_WANT_READ) {
            c->read->ready = 0;
            return NGX_AGAIN;
        }

        ERR_clear_error();

        return NGX_ERROR;
    }

#endif

    n = recv(c->fd, buf, 1, MSG_PEEK);

    if (n > 0) {
        return NGX_OK;
    }

    if (n == -1 && ngx_socket_errno == NGX_EAGAIN) {
        c->read->ready = 0;
        return NGX_AGAIN;
    }

    return NGX_ERROR;
}


/* Something came from the pair that was set aside, or nothing for too long. */

static void
ngx_http_ccproxy_hedge_read(ngx_event_t *ev)
{
    ngx_int_t                  rc;
    ngx_connection_t          *c;
    ngx_http_request_t        *r;
    ngx_http_ccproxy_ctx_t    *ctx;
    ngx_http_ccproxy_rival_t   rival;

    c = ev->data;
    ctx = c->data;
    r = ctx->request;

    ngx_http_set_log_request(r->connection->log, r);

    rc = ev->timedout ? NGX_ERROR : ngx_http_ccproxy_hedge_peek(c);

    if (rc != NGX_ERROR && ngx_handle_read_event(ev, 0) != NGX_OK) {
        rc = NGX_ERROR;
    }

    if (rc == NGX_AGAIN) {
        return;
    }

    if (rc == NGX_ERROR) {
        ngx_http_ccproxy_hedge_log(r, &ctx->race.aside,
                                   "was silent to the end");
        ngx_http_ccproxy_hedge_drop(ctx, &ctx->race.aside, CCP_POOL_CONNECT);
        return;
    }

    if (ev->timer_set) {
        ngx_del_timer(ev);
    }

    if (ctx->try.heard != NGX_HTTP_CCPROXY_HEARD_NOTHING) {

        /* the other's answer is being looked at: this one waits for that */

        return;
    }

    ngx_http_ccproxy_hedge_log(r, &ctx->race.aside, "speaks first");

    ngx_http_ccproxy_hedge_save(ctx, &rival);
    ctx->race.coming = ctx->race.aside;
    ctx->race.aside = rival;

    c = r->connection;

    ngx_http_ccproxy_hedge_turn(r, ctx);

    ngx_http_run_posted_requests(c);
}


static void
ngx_http_ccproxy_hedge_write(ngx_event_t *ev)
{
    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, ev->log, 0,
                   "ccproxy silent connection can write");
}
