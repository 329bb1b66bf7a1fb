
/*
 * "proxy_cache" in a location of ours.  nginx keeps an upstream's whole answer
 * as it came; what it came from stands in place of its ETag, so that it can be
 * converted again.  Streams go past the cache.
 */

#include "nginx/balance/ngx_http_ccproxy_balance.h"
#include "nginx/request/ngx_http_ccproxy_request.h"


#if (NGX_HTTP_CACHE)

/*
 * The content handler's place: a request that can't be cached does not get to
 * the cache.  All of its body is there, so nginx looks at the settings within
 * this call (point 25 of ngx_http_ccproxy_internals.c).
 */

static ngx_int_t
ngx_http_ccproxy_cache_handler(ngx_http_request_t *r)
{
    ngx_int_t                  rc;
    ngx_uint_t                 cache;
    ngx_http_ccproxy_ctx_t    *ctx;
    ngx_http_upstream_conf_t  *u;
    ngx_http_complex_value_t  *value;

    ctx = ngx_http_get_module_ctx(r, ngx_http_ccproxy_module);
    u = ngx_http_ccproxy_proxy_conf(r->loc_conf);

    if (ctx->cached) {
        return ctx->content(r);
    }

    cache = u->cache;
    value = u->cache_value;

    u->cache = 0;
    u->cache_value = NULL;

    rc = ctx->content(r);

    u->cache = cache;
    u->cache_value = value;

    return rc;
}

#endif


ngx_int_t
ngx_http_ccproxy_cache_start(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
#if (NGX_HTTP_CACHE)

    ngx_http_ccproxy_pool_t   *pool;
    ngx_http_upstream_conf_t  *u;

    u = ngx_http_ccproxy_proxy_conf(r->loc_conf);

    ctx->cached = NULL;

    if ((!u->cache && u->cache_value == NULL) || r->content_handler == NULL) {
        return NGX_OK;
    }

    ctx->content = r->content_handler;
    r->content_handler = ngx_http_ccproxy_cache_handler;

    if (ctx->tries.pool
        || (ctx->endpoint.op != CCP_OP_GENERATE
            && ctx->endpoint.op != CCP_OP_EMBED)
        || ccp_exchange_req(ctx->exchange)->stream)
    {
        return NGX_OK;
    }

    pool = ctx->name.direct;

    if (pool == NULL
        && ngx_http_ccproxy_pass_pool(r, ctx, &ctx->name.group,
                                      &ctx->name.model, &pool)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (pool) {
        ctx->tries.pool = pool;
        ctx->cached = ngx_http_ccproxy_cached;
    }

#else

    (void) r;
    (void) ctx;

#endif

    return NGX_OK;
}


ngx_int_t
ngx_http_ccproxy_cache_check(ngx_conf_t *cf, ngx_http_ccproxy_loc_conf_t *lcf,
    ngx_http_upstream_conf_t *u, u_char *file, ngx_uint_t line)
{
#if (NGX_HTTP_CACHE)

    ngx_uint_t  digest;

    if (!u->cache && u->cache_value == NULL) {
        return NGX_OK;
    }

    digest = lcf->cache_key.len
             && ngx_strlcasestrn(lcf->cache_key.data,
                                 lcf->cache_key.data + lcf->cache_key.len,
                                 (u_char *) "$ccproxy_digest", 15 - 1)
                != NULL;

    if (lcf->enable && !digest) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"proxy_cache\" would give one request another's "
                      "answer: write \"proxy_cache_key $ccproxy_digest;\", or "
                      "\"proxy_cache off;\", in %s:%ui", file, line);
        return NGX_ERROR;
    }

    if (lcf->enable && lcf->through) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"proxy_cache\" does not keep what \"ccproxy_pass\" "
                      "lets through: write \"ccproxy_pass off;\", or "
                      "\"proxy_cache off;\", in %s:%ui", file, line);
        return NGX_ERROR;
    }

    if (!lcf->enable && digest) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"$ccproxy_digest\" is empty without \"ccproxy on\": "
                      "move \"proxy_cache\" to such a location, in %s:%ui",
                      file, line);
        return NGX_ERROR;
    }

#else

    (void) cf;
    (void) lcf;
    (void) u;
    (void) file;
    (void) line;

#endif

    return NGX_OK;
}
