
/*
 * Signs of life: a client whose stream is silent for long would take it for
 * dead, and what lies between may close the connection.
 *
 * The upstream's own time-out is not touched by them: an upstream that is
 * dead is given up as if there were none.
 */

#include "nginx/filter/ngx_http_ccproxy_filter.h"


static void ngx_http_ccproxy_ping_cleanup(void *data);
static void ngx_http_ccproxy_ping_handler(ngx_event_t *ev);


ngx_int_t
ngx_http_ccproxy_ping_start(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_pool_cleanup_t           *cln;
    ngx_http_ccproxy_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);

    if (lcf->ping == 0) {
        return NGX_OK;
    }

    cln = ngx_pool_cleanup_add(r->pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    cln->handler = ngx_http_ccproxy_ping_cleanup;
    cln->data = ctx;

    ctx->out.ping_after = lcf->ping;
    ctx->out.sent = ngx_current_msec;

    ctx->out.ping.handler = ngx_http_ccproxy_ping_handler;
    ctx->out.ping.data = r->connection;
    ctx->out.ping.log = r->connection->log;
    ctx->out.ping.cancelable = 1;

    ngx_add_timer(&ctx->out.ping, ctx->out.ping_after);

    return NGX_OK;
}


static void
ngx_http_ccproxy_ping_cleanup(void *data)
{
    ngx_http_ccproxy_ping_stop(data);
}


void
ngx_http_ccproxy_ping_stop(ngx_http_ccproxy_ctx_t *ctx)
{
    if (ctx->out.ping.timer_set) {
        ngx_del_timer(&ctx->out.ping);
    }
}


/*
 * Bytes that were sent meanwhile only note the time: the timer is not set
 * anew for each event of a stream.
 */

static void
ngx_http_ccproxy_ping_handler(ngx_event_t *ev)
{
    ngx_int_t                  rc;
    ngx_msec_t                 silent;
    ngx_connection_t          *c;
    ngx_http_request_t        *r;
    ngx_http_ccproxy_ctx_t    *ctx;
    ngx_http_core_loc_conf_t  *clcf;

    c = ev->data;
    r = c->data;
    r = r->main;

    ctx = (ngx_http_ccproxy_ctx_t *)
              ((u_char *) ev - offsetof(ngx_http_ccproxy_ctx_t, out.ping));

    if (ctx->out.state != NGX_HTTP_CCPROXY_OUT_OPEN || c->error) {
        return;
    }

    silent = ngx_current_msec - ctx->out.sent;

    if (silent < ctx->out.ping_after) {
        ngx_add_timer(ev, ctx->out.ping_after - silent);
        return;
    }

    ngx_add_timer(ev, ctx->out.ping_after);

    ngx_http_set_log_request(c->log, r);

    rc = ngx_http_ccproxy_body_ping(r, ctx);

    if (rc == NGX_ERROR) {

        /* the client is gone: whoever watches its connection finds out */

        ngx_http_ccproxy_ping_stop(ctx);
        ngx_post_event(c->read, &ngx_posted_events);
        return;
    }

    if (rc == NGX_AGAIN && !c->write->timer_set) {
        clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

        ngx_add_timer(c->write, clcf->send_timeout);

        if (ngx_handle_write_event(c->write, clcf->send_lowat) != NGX_OK) {
            ngx_http_ccproxy_ping_stop(ctx);
            ngx_post_event(c->read, &ngx_posted_events);
        }
    }

    ngx_http_run_posted_requests(c);
}
