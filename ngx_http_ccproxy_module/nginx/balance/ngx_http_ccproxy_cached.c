
/*
 * Answers that nginx's cache keeps: which may be kept, and what is needed to
 * convert one again.  The client's departure ends a request all the same, as
 * long as no answer has begun.
 */

#include "nginx/filter/ngx_http_ccproxy_filter.h"
#include "nginx/balance/ngx_http_ccproxy_balance.h"


#define NGX_HTTP_CCPROXY_CACHED_MARK  "ccproxy-"


#if (NGX_HTTP_CACHE)

static const char  ngx_http_ccproxy_cached_head[] =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Pad: ";


/* Whose answer it is, in one word. */

static uint64_t
ngx_http_ccproxy_cached_name(ngx_http_ccproxy_target_t *t)
{
    uint64_t  h;

    h = ccp_pool_hash(0, t->provider->name.data, t->provider->name.len);
    h = ccp_pool_hash(h, &t->provider->row.proto, sizeof(ccp_proto_e));

    return ccp_pool_hash(h, t->target.model.p, t->target.model.n);
}


static ngx_uint_t
ngx_http_ccproxy_cached_may(ngx_http_ccproxy_ctx_t *ctx,
    ngx_http_upstream_t *u)
{
    ngx_table_elt_t  *type;

    type = u->headers_in.content_type;

    /* without a length nobody knows whether it is all of it */

    return ctx->try.status == NGX_HTTP_OK && type
           && (u->headers_in.chunked || u->headers_in.content_length_n > 0)
           && ctx->try.encoding.len == 0
           && type->value.len >= 16
           && ngx_strncasecmp(type->value.data,
                              (u_char *) "application/json", 16)
              == 0;
}


/*
 * The header is kept as it lies in the buffer, in front of the body: nothing
 * of the upstream's is to be in there that would steer nginx next time.
 */

static ngx_int_t
ngx_http_ccproxy_cached_header(ngx_http_request_t *r)
{
    u_char  *p, *last;

    p = r->upstream->buffer.start + r->cache->header_start;
    last = r->upstream->buffer.pos;

    if (last - p < (ssize_t) sizeof(ngx_http_ccproxy_cached_head) - 1 + 4) {
        return NGX_DECLINED;
    }

    p = ngx_cpymem(p, ngx_http_ccproxy_cached_head,
                   sizeof(ngx_http_ccproxy_cached_head) - 1);
    ngx_memset(p, '-', last - 4 - p);
    ngx_memcpy(last - 4, "\r\n\r\n", 4);

    return NGX_OK;
}

#endif


void
ngx_http_ccproxy_cached_keep(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
#if (NGX_HTTP_CACHE)

    u_char               *p;
    time_t                valid;
    ngx_table_elt_t      *etag;
    ngx_http_upstream_t  *u;

    u = r->upstream;

    if (r->cache == NULL || ctx->cached == NULL
        || !ngx_http_ccproxy_cached_may(ctx, u))
    {
        return;
    }

    valid = ngx_http_file_cache_valid(ctx->up.conf.cache_valid, NGX_HTTP_OK);

    if (valid == 0) {
        return;
    }

    etag = ngx_pcalloc(r->pool, sizeof(ngx_table_elt_t));
    p = ngx_pnalloc(r->pool, NGX_HTTP_CACHE_ETAG_LEN);

    if (etag == NULL || p == NULL) {
        return;
    }

    etag->value.data = p;
    etag->value.len = ngx_snprintf(p, NGX_HTTP_CACHE_ETAG_LEN,
                                   NGX_HTTP_CCPROXY_CACHED_MARK "%uxL-%ud-%ud",
                                   ngx_http_ccproxy_cached_name(
                                       ctx->try.target),
                                   (uint32_t) ctx->try.kept_tools,
                                   (uint32_t) ctx->try.kept_without)
                      - p;

    if (ngx_http_ccproxy_cached_header(r) != NGX_OK) {
        return;
    }

    /* "proxy_cache_valid any" is not for an answer that breaks off */

    ctx->up.conf.cache_valid = NULL;
    r->cache->valid_sec = ngx_time() + valid;

    u->headers_in.etag = etag;
    u->cacheable = 1;
    u->buffering = 1;

#else

    (void) r;
    (void) ctx;

#endif
}


#if (NGX_HTTP_CACHE)

static void
ngx_http_ccproxy_cached_answered(ngx_http_ccproxy_ctx_t *ctx)
{
    (void) ctx;
}


/* The target that the mark tells; NULL: it is no mark, or of none of them. */

static ngx_http_ccproxy_target_t *
ngx_http_ccproxy_cached_target(ngx_http_ccproxy_ctx_t *ctx, ngx_str_t *etag,
    ccp_target_t *target)
{
    size_t                      n;
    u_char                      buf[NGX_HTTP_CACHE_ETAG_LEN + 1];
    unsigned                    tools, without;
    ngx_uint_t                  i;
    unsigned long long          name;
    ngx_http_ccproxy_target_t  *t;

    n = sizeof(NGX_HTTP_CCPROXY_CACHED_MARK) - 1;

    if (etag->len <= n || etag->len > NGX_HTTP_CACHE_ETAG_LEN
        || ngx_memcmp(etag->data, NGX_HTTP_CCPROXY_CACHED_MARK, n) != 0)
    {
        return NULL;
    }

    (void) ngx_cpystrn(buf, etag->data, etag->len + 1);

    if (sscanf((char *) buf + n, "%llx-%u-%u", &name, &tools, &without) != 3) {
        return NULL;
    }

    t = ctx->tries.pool->targets->elts;

    for (i = 0; i < ctx->tries.pool->targets->nelts; i++) {

        if (ngx_http_ccproxy_cached_name(&t[i]) == name) {
            *target = t[i].target;
            target->tools = (ccp_tools_e) tools;
            target->without = without;
            return &t[i];
        }
    }

    return NULL;
}

#endif


ngx_int_t
ngx_http_ccproxy_cached(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx)
{
#if (NGX_HTTP_CACHE)

    ccp_str_t                   uri;
    ccp_target_t                target;
    const ccp_out_t            *body;
    ngx_http_ccproxy_target_t  *t;

    t = ngx_http_ccproxy_cached_target(ctx, &r->cache->etag, &target);

    if (t == NULL) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "ccproxy: an answer in the cache is of no target of "
                      "pool \"%V\"", &ctx->tries.pool->uscf->host);
        return NGX_ERROR;
    }

    if (target.model.p == NULL && ctx->name.partial) {
        target.model = ngx_http_ccproxy_slice(&ctx->name.model);
    }

    ccp_try_destroy(ctx->try.codec);
    ngx_memzero(&ctx->try, sizeof(ngx_http_ccproxy_try_t));

    ctx->try.target = t;
    ctx->try.status = r->headers_out.status;
    ctx->try.codec = ccp_try_create(ctx->exchange, &target);

    if (ctx->try.codec == NULL
        || ccp_try_request(ctx->try.codec, ccp_none, &body, &uri, &ctx->error)
           != CCP_OK)
    {
        return NGX_ERROR;
    }

    ctx->answered = ngx_http_ccproxy_cached_answered;
    r->disable_not_modified = 1;

    return NGX_OK;

#else

    (void) r;
    (void) ctx;

    return NGX_ERROR;

#endif
}
