
/*
 * The context of a request, which outlives internal redirects, and the codec's
 * exchange in it.  What is in the context's parts is their rooms' business.
 */

#include "nginx/core/ngx_http_ccproxy.h"


/* An answer that must be held whole before it can be converted. */
#define NGX_HTTP_CCPROXY_ANSWER_MAX    (32 * 1024 * 1024)

/*
 * Memory that an exchange may hold: so much per byte of the body, and room
 * for the largest answer while its buffer grows (the old one, the new one)
 * and the document made of it.
 */
#define NGX_HTTP_CCPROXY_MEMORY_RATIO  4
#define NGX_HTTP_CCPROXY_MEMORY        (4 * NGX_HTTP_CCPROXY_ANSWER_MAX)


static void ngx_http_ccproxy_cleanup(void *data);


ngx_http_ccproxy_ctx_t *
ngx_http_ccproxy_find_ctx(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t      *cln;
    ngx_http_ccproxy_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_ccproxy_module);

    if (ctx != NULL || !(r->internal || r->filter_finalize)) {
        return ctx;
    }

    /*
     * A redirect clears the contexts, but the body is read only once.  The
     * contexts of subrequests are in the same pool.
     */

    for (cln = r->pool->cleanup; cln; cln = cln->next) {

        if (cln->handler != ngx_http_ccproxy_cleanup) {
            continue;
        }

        ctx = cln->data;

        if (ctx->request == r) {
            ngx_http_set_ctx(r, ctx, ngx_http_ccproxy_module);
            return ctx;
        }
    }

    return NULL;
}


ngx_http_ccproxy_ctx_t *
ngx_http_ccproxy_get_ctx(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t      *cln;
    ngx_http_ccproxy_ctx_t  *ctx;

    ctx = ngx_http_ccproxy_find_ctx(r);
    if (ctx) {
        return ctx;
    }

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_ccproxy_ctx_t));
    if (cln == NULL) {
        return NULL;
    }

    ctx = cln->data;
    ngx_memzero(ctx, sizeof(ngx_http_ccproxy_ctx_t));

    ctx->request = r;
    ctx->start = ngx_current_msec;
    ctx->tries.used = ccp_usage_none;

    cln->handler = ngx_http_ccproxy_cleanup;

    ngx_http_ccproxy_endpoint(r, ctx);
    ngx_http_set_ctx(r, ctx, ngx_http_ccproxy_module);

    return ctx;
}


static void
ngx_http_ccproxy_cleanup(void *data)
{
    ngx_http_ccproxy_ctx_t  *ctx = data;

    ccp_exchange_destroy(ctx->exchange);
    ctx->exchange = NULL;
    ctx->try.codec = NULL;

    if (ctx->in.cap) {
        ngx_free(ctx->in.body);
    }

    ctx->in.body = NULL;
    ctx->in.cap = 0;

    ccp_unpack_destroy(ctx->in.unpack);
    ctx->in.unpack = NULL;

    ccp_unpack_destroy(ctx->out.unpack);
    ctx->out.unpack = NULL;
}


ngx_str_t *
ngx_http_ccproxy_header_in(ngx_http_request_t *r, const char *name)
{
    size_t            len;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *header;

    len = ngx_strlen(name);
    part = &r->headers_in.headers.part;
    header = part->elts;

    for (i = 0; /* void */ ; i++) {

        if (i >= part->nelts) {
            if (part->next == NULL) {
                return NULL;
            }

            part = part->next;
            header = part->elts;
            i = 0;
        }

        if (header[i].key.len == len
            && ngx_strncasecmp(header[i].key.data, (u_char *) name, len) == 0)
        {
            return &header[i].value;
        }
    }
}


unsigned
ngx_http_ccproxy_asker(ngx_http_request_t *r)
{
    size_t       k;
    unsigned     asker;
    const char  *mark;

    for (k = 0; (mark = ccp_endpoint_mark(k, &asker)) != NULL; k++) {

        if (ngx_http_ccproxy_header_in(r, mark)) {
            return asker;
        }
    }

    return 0;
}


void
ngx_http_ccproxy_endpoint(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx)
{
    ccp_endpoint_parse(&ctx->endpoint, ngx_http_ccproxy_slice(&r->uri),
                       ngx_http_ccproxy_slice(&r->args),
                       ngx_http_ccproxy_asker(r));

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "ccproxy endpoint: %s of %s",
                   ngx_http_ccproxy_op_name(ctx->endpoint.op),
                   ccp_proto_ops(ctx->endpoint.proto)->name);
}


static void *
ngx_http_ccproxy_mem_alloc(void *data, size_t n)
{
    ngx_http_request_t  *r = data;

    return ngx_alloc(n, r->connection->log);
}


static void
ngx_http_ccproxy_mem_free(void *data, void *p)
{
    (void) data;

    ngx_free(p);
}


void
ngx_http_ccproxy_mem(ngx_http_request_t *r, ccp_mem_t *mem)
{
    mem->alloc = ngx_http_ccproxy_mem_alloc;
    mem->free = ngx_http_ccproxy_mem_free;
    mem->ctx = r;
}


static int64_t
ngx_http_ccproxy_now(void *data)
{
    ngx_time_t  *tp;

    (void) data;

    tp = ngx_timeofday();

    return (int64_t) tp->sec * 1000000000 + (int64_t) tp->msec * 1000000;
}


ngx_int_t
ngx_http_ccproxy_exchange(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx)
{
    ccp_env_t   env;
    ngx_uint_t  i;

    if (ctx->exchange) {
        return NGX_OK;
    }

    ngx_memzero(&env, sizeof(ccp_env_t));

    ngx_http_ccproxy_mem(r, &env.mem);

    env.limit = NGX_HTTP_CCPROXY_MEMORY
                + ctx->in.len * NGX_HTTP_CCPROXY_MEMORY_RATIO;
    env.answer_limit = NGX_HTTP_CCPROXY_ANSWER_MAX;

    env.clock.now_ns = ngx_http_ccproxy_now;
    ngx_http_ccproxy_prefix_env(r, ctx, &env);

    ngx_http_ccproxy_random((u_char *) env.clock.seed,
                            sizeof(env.clock.seed));

    for (i = 0; i < 2; i++) {
        env.clock.seed[i] ^= (uint64_t) r->connection->number << 24;
        env.clock.seed[i] |= i + 1;
    }

    ctx->exchange = ccp_exchange_create(&env, &ctx->endpoint);

    return ctx->exchange ? NGX_OK : NGX_ERROR;
}
