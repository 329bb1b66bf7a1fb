
/*
 * Answers that nginx's cache keeps: which may be kept, and what is needed to
 * convert one again.
 */

#include "nginx/filter/ngx_http_ccproxy_filter.h"
#include "nginx/balance/ngx_http_ccproxy_balance.h"


#define NGX_HTTP_CCPROXY_CACHED_MARK  "ccproxy-"


static uint64_t
ngx_http_ccproxy_cached_name(ngx_http_ccproxy_target_t *t)
{
    uint64_t  h;

    h = ccp_pool_hash(0, t->provider->name.data, t->provider->name.len);
    h = ccp_pool_hash(h, &t->provider->row.proto, sizeof(ccp_proto_e));

    return ccp_pool_hash(h, t->target.model.p, t->target.model.n);
}


void
ngx_http_ccproxy_cached_keep(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
#if (NGX_HTTP_CACHE)

    u_char               *p;
    ngx_table_elt_t      *etag, *type;
    ngx_http_upstream_t  *u;

    u = r->upstream;

    if (!u->cacheable) {
        return;
    }

    type = u->headers_in.content_type;
    u->cacheable = 0;

    if (ctx->try.status != NGX_HTTP_OK || type == NULL
        || u->headers_in.content_encoding
        || ngx_strncasecmp(type->value.data, (u_char *) "application/json",
                           ngx_min(type->value.len, 16))
           != 0)
    {
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

    u->headers_in.etag = etag;
    u->cacheable = 1;
    u->buffering = 1;

#else

    (void) r;
    (void) ctx;

#endif
}


static void
ngx_http_ccproxy_cached_answered(ngx_http_ccproxy_ctx_t *ctx)
{
    (void) ctx;
}


#if (NGX_HTTP_CACHE)

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


/* Nothing of the upstream's header passes but what may. */

static void
ngx_http_ccproxy_cached_headers(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    for (part = &r->headers_out.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (!ccp_try_passes(ctx->try.codec,
                                ngx_http_ccproxy_slice(&h[i].key)))
            {
                h[i].hash = 0;
            }
        }
    }

    r->headers_out.location = NULL;
}


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

    ngx_http_ccproxy_cached_headers(r, ctx);

    return NGX_OK;

#else

    (void) r;
    (void) ctx;

    return NGX_ERROR;

#endif
}
