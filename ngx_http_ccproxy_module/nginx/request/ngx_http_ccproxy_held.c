
/*
 * Conversations that are held: requests that are about them are answered from
 * the location's store.
 */

#include "nginx/filter/ngx_http_ccproxy_filter.h"
#include "nginx/request/ngx_http_ccproxy_request.h"
#include "nginx/store/ngx_http_ccproxy_store.h"


ngx_int_t
ngx_http_ccproxy_held_keeper(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    const ccp_keeper_t  *keeper;

    ngx_http_ccproxy_access_identify(r, ctx);

    if (ngx_http_ccproxy_store_keeper(r, ctx, &keeper) != NGX_OK) {
        return NGX_ERROR;
    }

    ccp_exchange_keeper(ctx->exchange, keeper);

    return NGX_OK;
}


/* An upstream has the object: the request goes to it, by the name of the
 * model. */

static ngx_int_t
ngx_http_ccproxy_held_forward(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    switch (ngx_http_ccproxy_name(r, ctx)) {

    case NGX_OK:
        ctx->in.state = NGX_HTTP_CCPROXY_IN_DECODED;
        return NGX_DECLINED;

    case NGX_DECLINED:
        return ngx_http_ccproxy_error_send(r, ctx);

    default:
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
}


ngx_int_t
ngx_http_ccproxy_held_answer(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    int        rc;
    ccp_str_t  body;
    ccp_out_t  out;

    if (ngx_http_ccproxy_exchange(r, ctx) != NGX_OK
        || ngx_http_ccproxy_held_keeper(r, ctx) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    body = ccp_lit("");

    if (ctx->in.body) {
        body.p = ctx->in.body;
        body.n = ctx->in.len;
    }

    ccp_out_init(&out, ccp_exchange_arena(ctx->exchange), 0);

    rc = ccp_exchange_held(ctx->exchange,
                           ngx_http_ccproxy_slice(&r->method_name),
                           ngx_http_ccproxy_slice(&r->args), body, &out,
                           &ctx->error);

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "ccproxy held: rc %d", rc);

    switch (rc) {

    case CCP_OK:
        return ngx_http_ccproxy_answer(r, ctx, &out);

    case CCP_INVALID:
        return ngx_http_ccproxy_error_send(r, ctx);

    case CCP_DECLINED:
        if (ccp_exchange_req(ctx->exchange)) {
            return ngx_http_ccproxy_held_forward(r, ctx);
        }

        ngx_http_ccproxy_error_set(r, ctx, CCP_E_NOT_FOUND,
                                   "no endpoint %V %V here", &r->method_name,
                                   &r->uri);
        ctx->error.code = ccp_lit("unknown_url");
        return ngx_http_ccproxy_error_send(r, ctx);

    default:
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
}
