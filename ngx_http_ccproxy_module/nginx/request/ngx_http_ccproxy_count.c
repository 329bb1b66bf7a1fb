
/*
 * Token counts without an upstream: our own estimate.
 */

#include "nginx/request/ngx_http_ccproxy_request.h"


ngx_uint_t
ngx_http_ccproxy_count_asks(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_uint_t                  i;
    ngx_http_ccproxy_pool_t    *pool;
    ngx_http_ccproxy_target_t  *t;

    pool = ctx->name.direct ? ctx->name.direct
                            : ngx_http_ccproxy_pass_fixed(r);

    if (pool == NULL || pool->targets == NULL) {
        return 1;
    }

    t = pool->targets->elts;

    for (i = 0; i < pool->targets->nelts; i++) {
        if (ccp_target_counts(&t[i].target)) {
            return 1;
        }
    }

    return 0;
}


ngx_int_t
ngx_http_ccproxy_count_send(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx)
{
    ccp_out_t   out;
    ccp_head_t  head;

    ccp_out_init(&out, ccp_exchange_arena(ctx->exchange), 0);

    return ccp_exchange_count(ctx->exchange, &head, &out) == CCP_OK
           ? ngx_http_ccproxy_answer(r, ctx, &out)
           : NGX_HTTP_INTERNAL_SERVER_ERROR;
}
