
/*
 * Tries of requests that go through as they are: which pairs may take one, and
 * the head that is sent before the client's body.
 */

#include "nginx/balance/ngx_http_ccproxy_balance.h"


/*
 * Where the provider has the protocol's endpoints: the path of its API root.
 * NGX_DECLINED: it does not speak it.
 */

static ngx_int_t
ngx_http_ccproxy_other_root(ngx_http_ccproxy_provider_t *p, ccp_proto_e proto,
    ccp_provider_t *row, ccp_str_t *root)
{
    size_t       n;
    const char  *host, *path;

    if (p->row.proto == proto) {
        *row = p->row;
        *root = ngx_http_ccproxy_slice(&p->root);
        return NGX_OK;
    }

    /* another protocol of the preset's, on the host that it has itself */

    if (p->url_line || ccp_provider_also(&p->row, proto, row) != CCP_OK
        || row->base == NULL)
    {
        return NGX_DECLINED;
    }

    host = strstr(row->base, "://");
    host = host ? host + 3 : row->base;
    path = host + strcspn(host, "/");
    n = path - host;

    if (n != p->host_header.len
        || ngx_strncasecmp((u_char *) host, p->host_header.data, n) != 0)
    {
        return NGX_DECLINED;
    }

    *root = ccp_cstr(path);

    return NGX_OK;
}


/*
 * The key for what is new on an account: always the same of a client's, so
 * that what one request made is there for the next.
 */

static uint64_t
ngx_http_ccproxy_other_key(ngx_http_ccproxy_ctx_t *ctx)
{
    uint64_t                  h, most, key;
    ccp_str_t                 root;
    ngx_uint_t                i;
    ccp_provider_t            row;
    ngx_http_ccproxy_pool_t  *pool;

    pool = ctx->tries.pool;
    most = 0;
    key = 0;

    for (i = 0; i < pool->npairs; i++) {

        if (ngx_http_ccproxy_other_root(pool->pairs[i].target->provider,
                                        ctx->endpoint.proto, &row, &root)
            != NGX_OK)
        {
            continue;
        }

        h = ctx->tries.choice.client;
        h = ccp_pool_hash(h, &pool->list.pairs[i].key, sizeof(uint64_t));

        if (h >= most) {
            most = h;
            key = pool->list.pairs[i].key;
        }
    }

    return key;
}


ngx_uint_t
ngx_http_ccproxy_other_takes(ngx_http_ccproxy_ctx_t *ctx)
{
    uint64_t                     key;
    ccp_str_t                    root;
    ccp_provider_t               row;
    ngx_http_ccproxy_through_t  *t;

    t = ctx->through;

    if (t->row->object && t->key == 0) {
        t->key = ngx_http_ccproxy_other_key(ctx);
    }

    key = ctx->tries.pool->list.pairs[ctx->try.ticket.index].key;

    return (t->key == 0 || t->key == key)
           && ngx_http_ccproxy_other_root(ctx->try.target->provider,
                                          ctx->endpoint.proto, &row, &root)
              == NGX_OK;
}


ngx_int_t
ngx_http_ccproxy_other(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx)
{
    size_t                        n;
    ngx_int_t                     rc;
    ngx_buf_t                    *b;
    ccp_out_t                     uri, lines;
    ccp_str_t                     root, key;
    ngx_chain_t                  *cl;
    ccp_header_t                 *in;
    ccp_provider_t                row;
    ngx_http_ccproxy_head_t       head;
    ngx_http_ccproxy_through_t   *t;

    t = ctx->through;
    rc = NGX_ERROR;

    if (ngx_http_ccproxy_other_root(ctx->try.target->provider,
                                    ctx->endpoint.proto, &row, &root)
        != NGX_OK
        || ngx_http_ccproxy_header_lines(r->pool, &r->headers_in.headers, &in,
                                         &n)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (!ctx->up.stock->pass_request_headers) {
        n = 0;
    }

    key = ctx->try.key ? ngx_http_ccproxy_slice(&ctx->try.key->value)
                       : ccp_none;

    ccp_out_init(&uri, ccp_exchange_arena(ctx->exchange), 0);
    ccp_out_init(&lines, ccp_exchange_arena(ctx->exchange), 0);

    ccp_other_uri(t->row, root, t->rest, ngx_http_ccproxy_slice(&r->args),
                  &uri);

    if (ccp_out_finish(&uri) == CCP_OK
        && ccp_other_headers(ctx->exchange, &row, key, in, n, &lines) == CCP_OK)
    {
        head.method = r->method_name;
        head.uri = ccp_out_all(&uri);
        head.lines = ccp_out_all(&lines);

        /* of chunks nginx counts those that came: all, or it reads on */

        head.length = r->headers_in.chunked && r->reading_body
                      ? NGX_HTTP_CCPROXY_HEAD_CHUNKED
                      : r->headers_in.content_length_n >= 0
                      ? r->headers_in.content_length_n
                      : NGX_HTTP_CCPROXY_HEAD_NO_BODY;

        b = ngx_http_ccproxy_head(r, ctx, &head);
        cl = ngx_alloc_chain_link(r->pool);

        if (b && cl) {
            b->flush = 1;
            cl->buf = b;
            cl->next = r->request_body && !r->request_body_no_buffering
                       ? r->request_body->bufs : NULL;
            r->upstream->request_bufs = cl;
            rc = NGX_OK;
        }
    }

    ccp_out_free(&uri);
    ccp_out_free(&lines);

    return rc;
}


/* Of the answer's header only what may pass stays; the request's own faults
 * say nothing of the pair, whatever the status. */

ngx_int_t
ngx_http_ccproxy_other_header(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_list_t            list;
    ngx_uint_t            i;
    ngx_list_part_t      *part;
    ngx_table_elt_t      *h, *copy;
    ngx_http_upstream_t  *u;

    u = r->upstream;

    if (ngx_list_init(&list, r->pool, 4, sizeof(ngx_table_elt_t)) != NGX_OK) {
        return NGX_ERROR;
    }

    ctx->try.status = u->headers_in.status_n;

    for (part = &u->headers_in.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (!ccp_other_passes(ngx_http_ccproxy_slice(&h[i].key))) {
                continue;
            }

            copy = ngx_list_push(&list);
            if (copy == NULL) {
                return NGX_ERROR;
            }

            *copy = h[i];
            ngx_http_ccproxy_header_single(copy);
        }
    }

    u->headers_in.headers = list;

    /* the list's last part may be the one inside of the structure */

    if (list.last == &list.part) {
        u->headers_in.headers.last = &u->headers_in.headers.part;
    }

    u->headers_in.x_accel_redirect = NULL;
    u->upgrade = 0;

    if (ctx->try.status >= NGX_HTTP_SPECIAL_RESPONSE) {
        ctx->learn = NULL;

    } else {
        ngx_http_ccproxy_choice_report(ctx, CCP_POOL_GOOD, 0);
    }

    return NGX_OK;
}
