
/*
 * $ccproxy_digest: what a request asks, of whom, for whom, in one word that
 * does for the key of a cache.  The order of members and their spelling don't
 * count, as far as the body is of reasonable length.
 */

#include <jansson.h>

#include "nginx/core/ngx_http_ccproxy_shm.h"
#include "nginx/request/ngx_http_ccproxy_request.h"


/* Longer bodies count as they are. */
#define NGX_HTTP_CCPROXY_DIGEST_SORTED  (256 * 1024)


/* The body with its members in order, or as it is; free() it. */

static char *
ngx_http_ccproxy_digest_body(ngx_http_ccproxy_ctx_t *ctx)
{
    char    *text;
    json_t  *root;

    if (ctx->in.len > NGX_HTTP_CCPROXY_DIGEST_SORTED) {
        return NULL;
    }

    root = json_loadb((char *) ctx->in.body, ctx->in.len, JSON_ALLOW_NUL,
                      NULL);
    if (root == NULL) {
        return NULL;
    }

    text = json_dumps(root, JSON_COMPACT|JSON_SORT_KEYS);
    json_decref(root);

    return text;
}


/* A part of what counts, told apart from the next. */

static ngx_int_t
ngx_http_ccproxy_digest_add(ngx_array_t *all, const void *p, size_t n)
{
    u_char  *to;

    to = ngx_array_push_n(all, sizeof(size_t) + n);
    if (to == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(to, &n, sizeof(size_t));

    if (n) {
        ngx_memcpy(to + sizeof(size_t), p, n);
    }

    return NGX_OK;
}


/* Who asks: a client by name, else by all that may tell one from another. */

static ngx_int_t
ngx_http_ccproxy_digest_client(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ngx_array_t *all)
{
    ngx_str_t   *h;
    ngx_uint_t   i;

    ngx_http_ccproxy_access_identify(r, ctx);

    if (ngx_http_ccproxy_digest_add(all, ctx->client.data, ctx->client.len)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ctx->client.len) {
        return NGX_OK;
    }

    for (i = 0; i < NGX_HTTP_CCPROXY_CREDENTIALS; i++) {
        h = ngx_http_ccproxy_header_in(r, ngx_http_ccproxy_credentials[i]);

        if (ngx_http_ccproxy_digest_add(all, h ? h->data : NULL,
                                        h ? h->len : 0)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return ngx_http_ccproxy_digest_add(all, ctx->secret.data,
                                       ctx->secret.len);
}


/* Where it goes: a location, a pool's name, and what its targets are. */

static ngx_int_t
ngx_http_ccproxy_digest_pool(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ngx_array_t *all)
{
    ngx_uint_t                    i;
    ngx_http_ccproxy_pool_t      *pool;
    ngx_http_ccproxy_pass_t      *pass;
    ngx_http_ccproxy_loc_conf_t  *lcf;

    pool = ctx->name.direct;

    if (pool == NULL
        && ngx_http_ccproxy_pass_pool(r, ctx, &ctx->name.group,
                                      &ctx->name.model, &pool)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);

    pass = lcf->pass;

    /* rules of one location are not those of another */

    if (ngx_http_ccproxy_digest_add(all, pass ? pass->file : NULL,
                                    pass ? ngx_strlen(pass->file) : 0)
        != NGX_OK
        || ngx_http_ccproxy_digest_add(all, pass ? &pass->line : NULL,
                                       pass ? sizeof(ngx_uint_t) : 0)
           != NGX_OK
        || ngx_http_ccproxy_digest_add(all, pool ? pool->uscf->host.data
                                                 : NULL,
                                       pool ? pool->uscf->host.len : 0)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; pool && i < pool->npairs; i++) {
        if (ngx_http_ccproxy_digest_add(all, &pool->list.pairs[i].target,
                                        sizeof(uint64_t))
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_ccproxy_digest_write(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ngx_array_t *all)
{
    char        *body;
    u_char       ep[6];
    ngx_int_t    rc;
    ngx_str_t   *h;
    ngx_uint_t   i;

    static const char  *const  names[] = {
        CCP_VERSION_HEADER, "anthropic-beta", "openai-beta"
    };

    ep[0] = (u_char) ctx->endpoint.proto;
    ep[1] = (u_char) ctx->endpoint.op;
    ep[2] = ctx->endpoint.stream;
    ep[3] = ctx->endpoint.generate;
    ep[4] = ctx->endpoint.compat;
    ep[5] = ctx->endpoint.array | (u_char) (ctx->endpoint.single << 1);

    if (ngx_http_ccproxy_digest_add(all, ep, sizeof(ep)) != NGX_OK
        || ngx_http_ccproxy_digest_add(all, ctx->name.group.data,
                                       ctx->name.group.len)
           != NGX_OK
        || ngx_http_ccproxy_digest_add(all, ctx->name.model.data,
                                       ctx->name.model.len)
           != NGX_OK
        || ngx_http_ccproxy_digest_client(r, ctx, all) != NGX_OK
        || ngx_http_ccproxy_digest_pool(r, ctx, all) != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        h = ngx_http_ccproxy_header_in(r, names[i]);

        if (ngx_http_ccproxy_digest_add(all, h ? h->data : NULL,
                                        h ? h->len : 0)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    body = ngx_http_ccproxy_digest_body(ctx);

    rc = body ? ngx_http_ccproxy_digest_add(all, body, ngx_strlen(body))
              : ngx_http_ccproxy_digest_add(all, ctx->in.body, ctx->in.len);

    free(body);

    return rc;
}


ngx_int_t
ngx_http_ccproxy_digest(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx,
    ngx_str_t *value)
{
    u_char       digest[NGX_HTTP_CCPROXY_SHA256];
    ngx_str_t    text;
    ngx_pool_t  *pool;
    ngx_int_t    rc;
    ngx_array_t  all;

    ngx_str_null(value);

    if (ctx->in.state != NGX_HTTP_CCPROXY_IN_DECODED) {
        return NGX_OK;
    }

    if (ctx->digest.len) {
        *value = ctx->digest;
        return NGX_OK;
    }

    pool = ngx_create_pool(4096, r->connection->log);
    if (pool == NULL) {
        return NGX_ERROR;
    }

    rc = NGX_ERROR;

    if (ngx_array_init(&all, pool, 1024 + ctx->in.len, 1) == NGX_OK
        && ngx_http_ccproxy_digest_write(r, ctx, &all) == NGX_OK)
    {
        text.data = all.elts;
        text.len = all.nelts;

        ngx_http_ccproxy_sha256(&text, digest);

        value->data = ngx_pnalloc(r->pool, 2 * NGX_HTTP_CCPROXY_SHA256);

        if (value->data) {
            value->len = 2 * NGX_HTTP_CCPROXY_SHA256;
            (void) ngx_hex_dump(value->data, digest, NGX_HTTP_CCPROXY_SHA256);
            ctx->digest = *value;
            rc = NGX_OK;
        }
    }

    ngx_destroy_pool(pool);

    return rc;
}
