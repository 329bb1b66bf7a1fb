
/*
 * The balancer of a pool: which pair of a target and a key serves the next
 * try, and what becomes of its connection.
 */

#include "nginx/account/ngx_http_ccproxy_account.h"
#include "nginx/net/ngx_http_ccproxy_net.h"
#include "nginx/filter/ngx_http_ccproxy_filter.h"
#include "nginx/balance/ngx_http_ccproxy_balance.h"


/* Addresses of one provider that are tried for one pair. */
#define NGX_HTTP_CCPROXY_ADDRS_MAX  4

/* How long an upstream may go on after the answer was complete. */
#define NGX_HTTP_CCPROXY_TAIL       1000


static ngx_int_t ngx_http_ccproxy_peer_get(ngx_peer_connection_t *pc,
    void *data);
static void ngx_http_ccproxy_peer_free(ngx_peer_connection_t *pc, void *data,
    ngx_uint_t state);
#if (NGX_HTTP_SSL)
static ngx_int_t ngx_http_ccproxy_peer_set_session(ngx_peer_connection_t *pc,
    void *data);
static void ngx_http_ccproxy_peer_save_session(ngx_peer_connection_t *pc,
    void *data);
#endif


/*
 * The request's own copy of the location's settings: another try must be
 * possible although the method is POST, the upstream's answer passes the
 * filters whatever its status, and no header of it steers nginx.
 */

static void
ngx_http_ccproxy_peer_conf(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_http_upstream_t       *u;
    ngx_http_upstream_conf_t  *conf;

    u = r->upstream;
    conf = &ctx->up.conf;

    ctx->up.stock = u->conf;
    *conf = *u->conf;

    conf->next_upstream = NGX_HTTP_UPSTREAM_FT_ERROR
                          |NGX_HTTP_UPSTREAM_FT_TIMEOUT
                          |NGX_HTTP_UPSTREAM_FT_INVALID_HEADER
                          |NGX_HTTP_UPSTREAM_FT_NON_IDEMPOTENT;

    conf->ignore_headers = NGX_CONF_BITMASK_SET
                           |NGX_HTTP_UPSTREAM_IGN_XA_REDIRECT
                           |NGX_HTTP_UPSTREAM_IGN_XA_EXPIRES
                           |NGX_HTTP_UPSTREAM_IGN_EXPIRES
                           |NGX_HTTP_UPSTREAM_IGN_CACHE_CONTROL
                           |NGX_HTTP_UPSTREAM_IGN_SET_COOKIE
                           |NGX_HTTP_UPSTREAM_IGN_XA_LIMIT_RATE
                           |NGX_HTTP_UPSTREAM_IGN_XA_BUFFERING
                           |NGX_HTTP_UPSTREAM_IGN_XA_CHARSET
                           |NGX_HTTP_UPSTREAM_IGN_VARY;

    /* this is watched over here */

    conf->next_upstream_timeout = 0;

    conf->intercept_404 = 0;
    conf->change_buffering = 0;
    conf->buffering = 0;
    conf->store = 0;

#if (NGX_HTTP_SSL)
    conf->ssl_name = NULL;
    conf->ssl_server_name = 1;
    conf->ssl_session_reuse = 1;
    conf->ssl_certificate = NULL;
#endif

    u->conf = conf;
    u->buffering = 0;
    u->store = 0;

#if (NGX_HTTP_CACHE)

    /*
     * A failure is not kept, nor is what is kept an answer to one; whether an
     * answer may be is known when it begins.
     */

    if (!u->cacheable) {
        ctx->cached = NULL;
    }

    u->cacheable = 0;
    conf->cache_use_stale = NGX_HTTP_UPSTREAM_FT_OFF;
#endif
}


/* The upstream has nothing more to say: see ctx->answered. */

static void
ngx_http_ccproxy_peer_answered(ngx_http_ccproxy_ctx_t *ctx)
{
    /* a moment for the end of the framing: the connection is kept then */

    ctx->up.conf.read_timeout = ngx_min(ctx->up.conf.read_timeout,
                                        NGX_HTTP_CCPROXY_TAIL);

    /* not only with the request, for which nginx may linger */

    ngx_http_ccproxy_choice_end(ctx);
    ngx_http_ccproxy_settle(ctx);
}


static ssize_t
ngx_http_ccproxy_peer_stopped(ngx_connection_t *c, u_char *buf, size_t size)
{
    (void) buf;
    (void) size;

    c->read->ready = 0;
    c->read->error = 1;

    return NGX_ERROR;
}


/*
 * An operator ends the request: reading fails, as if the upstream were gone,
 * but no other is asked and nobody is blamed.
 */

static void
ngx_http_ccproxy_peer_stop(ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_connection_t     *c;
    ngx_http_request_t   *r;
    ngx_http_upstream_t  *u;

    r = ctx->request;
    u = r->upstream;
    c = r->connection;

    if (u == NULL || u->peer.connection == NULL
        || ctx->out.state == NGX_HTTP_CCPROXY_OUT_DONE)
    {
        return;
    }

    ngx_http_set_log_request(c->log, r);

    ngx_http_ccproxy_hedge_end(ctx);
    ngx_http_ccproxy_choice_report(ctx, CCP_POOL_NOTHING, 0);

    ctx->stopped = 1;
    ngx_http_ccproxy_error_set(r, ctx, CCP_E_SERVER, "%s",
                               NGX_HTTP_CCPROXY_STOPPED);

    u->peer.tries = 0;
    u->peer.connection->read->ready = 1;
    u->peer.connection->recv = ngx_http_ccproxy_peer_stopped;
    u->read_event_handler(r, u);

    ngx_http_run_posted_requests(c);
}


ngx_int_t
ngx_http_ccproxy_peer_init(ngx_http_request_t *r,
    ngx_http_upstream_srv_conf_t *us)
{
    ngx_http_upstream_t      *u;
    ngx_http_ccproxy_ctx_t   *ctx;
    ngx_http_ccproxy_pool_t  *pool;

    u = r->upstream;
    ctx = ngx_http_get_module_ctx(r, ngx_http_ccproxy_module);

    if (ctx == NULL || ctx->exchange == NULL) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "upstream \"%V\" is a pool of ccproxy: its location "
                      "needs \"ccproxy on;\"", &us->host);
        return NGX_ERROR;
    }

    if (u->output.tag != (ngx_buf_tag_t) &ngx_http_proxy_module) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "upstream \"%V\" is a pool of ccproxy: its location "
                      "needs \"proxy_pass\", and HTTP/1.1 as "
                      "\"proxy_http_version\"", &us->host);
        return NGX_ERROR;
    }

    pool = ctx->name.direct
           ? ctx->name.direct
           : ngx_http_conf_upstream_srv_conf(us, ngx_http_ccproxy_module);

    /* an earlier try of this request, before an internal redirect */

    ngx_http_ccproxy_choice_end(ctx);

    ccp_try_destroy(ctx->try.codec);
    ngx_memzero(&ctx->try, sizeof(ngx_http_ccproxy_try_t));

    ctx->tries.pool = pool;
    ctx->tries.next = NGX_HTTP_CCPROXY_NEXT_PAIR;
    ctx->tries.n = 0;
    ctx->tries.before = 0;
    ctx->tries.failure.cls = CCP_E_NONE;

    if (ngx_http_ccproxy_choice_init(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    u->peer.data = ctx;
    u->peer.get = ngx_http_ccproxy_peer_get;
    u->peer.free = ngx_http_ccproxy_peer_free;
    u->peer.tries = ngx_min(pool->npairs, pool->tries);

    if (u->conf->next_upstream & NGX_HTTP_UPSTREAM_FT_OFF) {
        u->peer.tries = 1;
    }

#if (NGX_HTTP_SSL)
    u->peer.set_session = ngx_http_ccproxy_peer_set_session;
    u->peer.save_session = ngx_http_ccproxy_peer_save_session;
#endif

    ngx_http_ccproxy_peer_conf(r, ctx);

    ctx->answered = ngx_http_ccproxy_peer_answered;
    ctx->stop = ngx_http_ccproxy_peer_stop;

    ctx->tries.timeout = pool->tries_timeout
                         ? pool->tries_timeout
                         : ctx->up.stock->next_upstream_timeout;

    ngx_http_ccproxy_try_wrap(r, ctx);

    return NGX_OK;
}


/* The next pair that can take the request, with the request for it. */

static ngx_int_t
ngx_http_ccproxy_peer_next(ngx_peer_connection_t *pc,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_int_t                     rc;
    ngx_http_ccproxy_host_t      *host;
    ngx_http_ccproxy_provider_t  *p;

    rc = NGX_BUSY;

    for ( ;; ) {

        switch (ngx_http_ccproxy_hedge_next(pc, ctx)) {

        case NGX_OK:
            break;

        case NGX_DONE:
            return NGX_DONE;

        default: /* NGX_DECLINED */
            if (ngx_http_ccproxy_choice_next(ctx->request, ctx) == NGX_OK) {
                break;
            }

            if (ngx_http_ccproxy_hedge_back(ctx)) {
                continue;
            }

            return rc;
        }

        if (ctx->endpoint.op == CCP_OP_COUNT
            && !ccp_target_counts(&ctx->try.target->target))
        {
            ngx_http_ccproxy_choice_back(ctx, CCP_POOL_NOTHING);
            rc = NGX_ERROR;
            continue;
        }

        if (ctx->through && !ngx_http_ccproxy_other_takes(ctx)) {
            ngx_http_ccproxy_choice_back(ctx, CCP_POOL_NOTHING);
            ngx_http_ccproxy_error_set(ctx->request, ctx, CCP_E_NOT_FOUND,
                                       "no target of the pool serves this, or "
                                       "none has the object");
            continue;
        }

        p = ctx->try.target->provider;
        host = ngx_http_ccproxy_connection_host(p, ctx->try.key);
        ctx->try.addrs = ngx_min(host->naddrs, NGX_HTTP_CCPROXY_ADDRS_MAX);

        if (ctx->try.addrs != 0) {

            switch (ctx->through ? ngx_http_ccproxy_other(ctx->request, ctx)
                                 : ngx_http_ccproxy_try(ctx->request, ctx))
            {

            case NGX_OK:
                ctx->error.cls = CCP_E_NONE;
                return NGX_OK;

            case NGX_DECLINED:
                ngx_http_ccproxy_choice_back(ctx, CCP_POOL_NOTHING);
                rc = NGX_ERROR;
                break;

            default:
                return NGX_ERROR;
            }

        } else {
            ngx_http_ccproxy_choice_back(
                ctx, ngx_http_ccproxy_connection_fault(ctx->try.key));
            ngx_log_error(NGX_LOG_ERR, pc->log, 0,
                          "provider \"%V\" is skipped: no address of \"%V\" "
                          "is known", &p->name, &host->name);
        }

        if (pc->tries > 1) {
            pc->tries--;
        }
    }
}


/* What differs from provider to provider in the way it is talked to. */

static void
ngx_http_ccproxy_peer_settings(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_http_upstream_t          *u;
    ngx_http_ccproxy_provider_t  *p;

    u = r->upstream;
    p = ctx->try.target->provider;

    ctx->up.conf.connect_timeout = p->connect_timeout;
    ngx_conf_init_msec_value(ctx->up.conf.connect_timeout,
                             ctx->up.stock->connect_timeout);

    ctx->up.conf.read_timeout = p->read_timeout;
    ngx_conf_init_msec_value(ctx->up.conf.read_timeout,
                             ctx->up.stock->read_timeout);

#if (NGX_HTTP_SSL)
    u->ssl = p->ssl;
    u->ssl_name = p->host.name;
    ctx->up.conf.ssl = p->tls;

    /* an address' certificate is verified by the context itself */

    ctx->up.conf.ssl_verify = p->tls_verify && !p->host.literal;
#endif

    if (p->ssl) {
        ngx_str_set(&u->schema, "https://");
    } else {
        ngx_str_set(&u->schema, "http://");
    }
}


/* $upstream_status tells what the last try was answered, if it was, not
 * 502. */

static void
ngx_http_ccproxy_peer_log_status(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_uint_t                  n;
    ngx_http_upstream_state_t  *state;

    state = r->upstream_states->elts;
    n = r->upstream_states->nelts;

    if (n > 1 && ctx->tries.next == NGX_HTTP_CCPROXY_NEXT_WAITED) {
        state[n - 2].status = 0;
        return;
    }

    if (n > 1
        && (ctx->try.status
            || ctx->tries.next == NGX_HTTP_CCPROXY_NEXT_SWAPPED))
    {
        state[n - 2].status = ctx->try.status;
    }
}


/* The try of a pair that was not the present one. */

static ngx_int_t
ngx_http_ccproxy_peer_pair(ngx_peer_connection_t *pc,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_int_t  rc;

    rc = ngx_http_ccproxy_peer_next(pc, ctx);

    if (rc == NGX_OK || rc == NGX_DONE) {
        ngx_http_ccproxy_peer_settings(ctx->request, ctx);
        ctx->tries.n = ctx->tries.before + ctx->tries.choice.tries;
    }

    if (rc == NGX_OK && !ctx->through) {
        ngx_http_ccproxy_hedge_start(ctx->request, ctx);
    }

    return rc;
}


/*
 * Who is asked next is decided when a try ends, by pc->free or by who makes
 * nginx call that, and asked for by the pc->get that follows:
 *
 *                       the try failed, or there was none
 *             +-----------------------------------------------------+
 *             |                                                     |
 *             v         not connected, another address      get     |
 *       +----------+  -------------------------------> ADDRESS --->-+
 *       |   PAIR   |    a kept connection was stale         get     |
 *  ---> |          |  -------------------------------> FRESH ----->-+
 *       | (a try   |    a wish was refused (peek)           get     |
 *       |  is      |  -------------------------------> WITHOUT --->-+
 *       |  asked)  |    a rival is to take its place (hedge)        |
 *       +----------+  -------> SWAP ---- free ----> SWAPPED --get->-+
 *
 * ADDRESS and FRESH ask the request that was made already; WITHOUT makes it
 * anew for the same pair; PAIR and SWAPPED go to a pair, chosen by the pool
 * or put into race.coming.
 */

static ngx_int_t
ngx_http_ccproxy_peer_get(ngx_peer_connection_t *pc, void *data)
{
    ngx_http_ccproxy_ctx_t  *ctx = data;

    ngx_int_t            rc;
    ngx_uint_t           fresh;
    ngx_http_request_t  *r;

    r = ctx->request;

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, pc->log, 0,
                   "ccproxy peer get: %s, %ui tries left",
                   ngx_http_ccproxy_next_name(ctx->tries.next), pc->tries);

    ngx_http_ccproxy_peer_log_status(r, ctx);

    ctx->try.heard = NGX_HTTP_CCPROXY_HEARD_NOTHING;
    ctx->try.status = 0;
    ngx_str_null(&ctx->try.retry_after);
    ctx->try.date = 0;
    ngx_str_null(&ctx->try.encoding);

    /* a body that was sent in vain can't be sent again */

    fresh = (ctx->through != NULL);

    switch (ctx->tries.next) {

    case NGX_HTTP_CCPROXY_NEXT_ADDRESS:
        break;

    case NGX_HTTP_CCPROXY_NEXT_FRESH:
        fresh = 1;
        break;

    case NGX_HTTP_CCPROXY_NEXT_WITHOUT:

        ccp_try_destroy(ctx->try.codec);
        ctx->try.codec = NULL;

        if (ngx_http_ccproxy_try(r, ctx) != NGX_OK) {
            return NGX_ERROR;
        }

        ngx_http_ccproxy_hedge_start(r, ctx);
        break;

    default: /* NEXT_PAIR, NEXT_SWAPPED */

        ctx->tries.next = NGX_HTTP_CCPROXY_NEXT_PAIR;

        rc = ngx_http_ccproxy_peer_pair(pc, ctx);

        if (rc == NGX_BUSY && ngx_http_ccproxy_patience(pc, ctx) == NGX_AGAIN)
        {
            return NGX_AGAIN;
        }

        if (rc != NGX_OK) {
            return rc;
        }
    }

    ctx->tries.next = NGX_HTTP_CCPROXY_NEXT_PAIR;

    rc = ngx_http_ccproxy_connection_open(pc, r->pool,
                                          ctx->try.target->provider,
                                          ctx->try.key, fresh);

    if (rc == NGX_DONE) {
        ngx_http_ccproxy_connection_watch(pc->connection,
                                          ctx->up.conf.connect_timeout);
    }

    return rc;
}


/* No further pair if it is too late, but there may be one that was asked. */

static void
ngx_http_ccproxy_peer_failed(ngx_peer_connection_t *pc,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_http_ccproxy_hedge_stop(ctx);

    if (ngx_http_ccproxy_peek_late(pc, ctx)) {
        pc->tries = 0;
    }

    if (pc->tries == 0 && (ngx_http_ccproxy_hedge_back(ctx)
                           || ngx_http_ccproxy_patience_time(ctx) != 0))
    {
        pc->tries = 1;
    }

    ngx_log_debug3(NGX_LOG_DEBUG_HTTP, pc->log, 0,
                   "ccproxy failover: provider \"%V\", key \"%V\" failed, %ui "
                   "tries left", &ctx->try.target->provider->name,
                   ngx_http_ccproxy_key_name(ctx->try.key), pc->tries);
}


/* What a failed try says of its pair. */

static ccp_pool_outcome_e
ngx_http_ccproxy_peer_outcome(ngx_http_ccproxy_ctx_t *ctx)
{
    if (ctx->try.status) {
        return CCP_POOL_SERVER;
    }

    if (ctx->request->upstream->state->connect_time != (ngx_msec_t) -1) {
        return CCP_POOL_CONNECT;
    }

    return ngx_http_ccproxy_connection_fault(ctx->try.key);
}


static void
ngx_http_ccproxy_peer_free(ngx_peer_connection_t *pc, void *data,
    ngx_uint_t state)
{
    ngx_http_ccproxy_ctx_t  *ctx = data;

    ngx_connection_t             *c;
    ngx_http_upstream_t          *u;
    ngx_http_ccproxy_provider_t  *p;

    ngx_log_debug3(NGX_LOG_DEBUG_HTTP, pc->log, 0,
                   "ccproxy peer free: state %ui, %s, %ui tries left", state,
                   ngx_http_ccproxy_next_name(ctx->tries.next), pc->tries);

    switch (ctx->tries.next) {

    case NGX_HTTP_CCPROXY_NEXT_SWAP:
        ngx_http_ccproxy_hedge_leave(pc, ctx);
        return;

    case NGX_HTTP_CCPROXY_NEXT_WAIT:
        ngx_http_ccproxy_patience_end(pc, ctx);
        return;

    case NGX_HTTP_CCPROXY_NEXT_WITHOUT:

        /* the try goes on, on another connection */

        return;

    default: /* NEXT_PAIR */
        break;
    }

    c = pc->connection;
    u = ctx->request->upstream;
    p = ctx->try.target->provider;

    if ((state & NGX_PEER_FAILED) && pc->cached) {

        /*
         * The kept connection was stale, if it did not just time out: nginx
         * gives this try back, and it goes to the same pair.
         */

        if (c != NULL && !c->read->timedout && !c->write->timedout
            && ctx->try.status == 0)
        {
            ctx->tries.next = NGX_HTTP_CCPROXY_NEXT_FRESH;
        }

    } else if ((state & NGX_PEER_FAILED)
               && u->state->connect_time == (ngx_msec_t) -1)
    {
        /* never connected: the pair's next address, as part of the try */

        ngx_http_ccproxy_connection_host(p, ctx->try.key)->next++;

        if (ctx->try.addrs > 1 && !ngx_http_ccproxy_peek_late(pc, ctx)) {
            ctx->try.addrs--;
            ctx->tries.next = NGX_HTTP_CCPROXY_NEXT_ADDRESS;
            return;
        }
    }

    if (pc->tries) {
        pc->tries--;
    }

    if (ctx->tries.next == NGX_HTTP_CCPROXY_NEXT_FRESH) {

        /* the try is not over */

    } else if (state & NGX_PEER_FAILED) {
        ngx_http_ccproxy_peer_failed(pc, ctx);
        ngx_http_ccproxy_choice_report(ctx, ngx_http_ccproxy_peer_outcome(ctx),
                                       0);
        ngx_http_ccproxy_choice_free(ctx, ngx_http_ccproxy_choice_asked(ctx)
                                          ? NGX_HTTP_CCPROXY_COST_KEY
                                          : NGX_HTTP_CCPROXY_COST_NONE);

    } else if (!ngx_http_ccproxy_answering(ctx)) {
        ngx_http_ccproxy_choice_free(ctx, ngx_http_ccproxy_choice_asked(ctx)
                                          ? NGX_HTTP_CCPROXY_COST_CLIENT
                                          : NGX_HTTP_CCPROXY_COST_NONE);
    }

    /* else the codec has not yet been told that this was the answer's end */

    ngx_http_ccproxy_connection_keep(pc, p, ctx->try.key, u, state);
}


#if (NGX_HTTP_SSL)

static ngx_int_t
ngx_http_ccproxy_peer_set_session(ngx_peer_connection_t *pc, void *data)
{
    ngx_http_ccproxy_ctx_t  *ctx = data;

    return ngx_http_ccproxy_tls_set_session(pc, ctx->try.target->provider);
}


static void
ngx_http_ccproxy_peer_save_session(ngx_peer_connection_t *pc, void *data)
{
    ngx_http_ccproxy_ctx_t  *ctx = data;

    ngx_http_ccproxy_tls_save_session(pc, ctx->try.target->provider);
}

#endif
