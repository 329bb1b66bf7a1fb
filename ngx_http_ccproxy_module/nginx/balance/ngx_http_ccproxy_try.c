
/*
 * One try: the request for its target, and what is read from the upstream's
 * header before nginx looks at it.
 */

#include "nginx/filter/ngx_http_ccproxy_filter.h"
#include "nginx/balance/ngx_http_ccproxy_balance.h"
#include "nginx/record/ngx_http_ccproxy_record.h"


static ngx_int_t ngx_http_ccproxy_try_process_header(ngx_http_request_t *r);
static ngx_int_t ngx_http_ccproxy_try_reinit(ngx_http_request_t *r);
static void ngx_http_ccproxy_try_finalize(ngx_http_request_t *r,
    ngx_int_t rc);


#define NGX_HTTP_CCPROXY_AGENT  "User-Agent: ccproxy/"                        \
                                NGX_HTTP_CCPROXY_VERSION CRLF


static ngx_inline ngx_uint_t
ngx_http_ccproxy_same_name(u_char *a, size_t n, ngx_str_t *b)
{
    return n == b->len && ngx_strncasecmp(a, b->data, n) == 0;
}


ngx_int_t
ngx_http_ccproxy_header_lines(ngx_pool_t *pool, ngx_list_t *headers,
    ccp_header_t **lines, size_t *n)
{
    size_t            count;
    ngx_uint_t        i;
    ccp_header_t     *h;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *elt;

    count = 0;

    for (part = &headers->part; part; part = part->next) {
        count += part->nelts;
    }

    h = ngx_palloc(pool, (count + 1) * sizeof(ccp_header_t));
    if (h == NULL) {
        return NGX_ERROR;
    }

    *lines = h;
    *n = count;

    for (part = &headers->part; part; part = part->next) {
        elt = part->elts;

        for (i = 0; i < part->nelts; i++, h++) {
            h->name = ngx_http_ccproxy_slice(&elt[i].key);
            h->value = ngx_http_ccproxy_slice(&elt[i].value);
        }
    }

    return NGX_OK;
}


/* The codec's header lines without those that the provider block sets. */

static u_char *
ngx_http_ccproxy_try_lines(u_char *p, ccp_str_t lines,
    ngx_http_ccproxy_provider_t *provider)
{
    u_char                     *line, *last, *end, *colon;
    ngx_uint_t                  i;
    ngx_http_ccproxy_header_t  *h;

    line = (u_char *) lines.p;
    last = line + lines.n;
    h = provider->headers.elts;

    while (line < last) {

        end = ngx_strlchr(line, last, LF);
        end = (end == NULL) ? last : end + 1;

        colon = ngx_strlchr(line, end, ':');

        if (colon == NULL) {
            break;
        }

        for (i = 0; i < provider->headers.nelts; i++) {
            if (ngx_http_ccproxy_same_name(line, colon - line, &h[i].name)) {
                break;
            }
        }

        if (i == provider->headers.nelts) {
            p = ngx_cpymem(p, line, end - line);
        }

        line = end;
    }

    return p;
}


/*
 * Values of the provider block's headers; an empty one leaves its header out.
 * Adds the length of the lines to *len.
 */

static ngx_int_t
ngx_http_ccproxy_try_provider_headers(ngx_http_request_t *r,
    ngx_http_ccproxy_provider_t *provider, ngx_str_t **values, size_t *len)
{
    size_t                      k;
    ngx_str_t                  *value;
    ngx_uint_t                  i;
    ngx_http_ccproxy_header_t  *h;

    h = provider->headers.elts;

    value = ngx_palloc(r->pool,
                       (provider->headers.nelts + 1) * sizeof(ngx_str_t));
    if (value == NULL) {
        return NGX_ERROR;
    }

    *values = value;

    for (i = 0; i < provider->headers.nelts; i++) {

        if (ngx_http_complex_value(r, &h[i].value, &value[i]) != NGX_OK) {
            return NGX_ERROR;
        }

        for (k = 0; k < value[i].len; k++) {

            if (value[i].data[k] < ' ' && value[i].data[k] != '\t') {
                ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                              "header \"%V\" of provider \"%V\" is not sent: "
                              "its value holds a control character",
                              &h[i].name, &provider->name);
                value[i].len = 0;
            }
        }

        *len += h[i].name.len + sizeof(": " CRLF) - 1 + value[i].len;
    }

    return NGX_OK;
}


/* The request line and all headers; u->uri is set for messages in the log. */

static ngx_buf_t *
ngx_http_ccproxy_try_head(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx,
    ccp_str_t uri, size_t length, ccp_str_t lines)
{
    size_t                        len;
    ngx_buf_t                    *b;
    ngx_str_t                    *values;
    ngx_uint_t                    i;
    ngx_http_ccproxy_header_t    *h;
    ngx_http_ccproxy_provider_t  *p;

    p = ctx->try.target->provider;
    h = p->headers.elts;

    len = sizeof("POST  HTTP/1.1" CRLF "Host: " CRLF NGX_HTTP_CCPROXY_AGENT
                 "Content-Length: " CRLF "Connection: close" CRLF CRLF)
          + uri.n + p->host_header.len + NGX_SIZE_T_LEN + lines.n;

    if (ngx_http_ccproxy_try_provider_headers(r, p, &values, &len) != NGX_OK) {
        return NULL;
    }

    b = ngx_create_temp_buf(r->pool, len);
    if (b == NULL) {
        return NULL;
    }

    b->last = ngx_cpymem(b->last, "POST ", sizeof("POST ") - 1);

    r->upstream->uri.data = b->last;
    r->upstream->uri.len = uri.n;

    b->last = ngx_cpymem(b->last, uri.p, uri.n);

    b->last = ngx_sprintf(b->last, " HTTP/1.1" CRLF "Host: %V" CRLF
                          NGX_HTTP_CCPROXY_AGENT
                          "Content-Length: %uz" CRLF,
                          &p->host_header, length);

    if (p->keepalive == 0) {
        b->last = ngx_cpymem(b->last, "Connection: close" CRLF,
                             sizeof("Connection: close" CRLF) - 1);
    }

    b->last = ngx_http_ccproxy_try_lines(b->last, lines, p);

    for (i = 0; i < p->headers.nelts; i++) {
        if (values[i].len != 0) {
            b->last = ngx_sprintf(b->last, "%V: %V" CRLF, &h[i].name,
                                  &values[i]);
        }
    }

    *b->last++ = CR;
    *b->last++ = LF;

    return b;
}


/* A chain of the body's segments; they stay where they are. */

static ngx_int_t
ngx_http_ccproxy_try_body(ngx_http_request_t *r, const ccp_out_t *body,
    ngx_chain_t **ll, ngx_buf_t **last)
{
    size_t        k;
    ngx_buf_t    *b;
    ccp_str_t     seg;
    ngx_chain_t  *cl;

    for (k = 0; /* void */; k++) {

        seg = ccp_out_seg(body, k);

        if (seg.p == NULL) {
            break;
        }

        if (seg.n == 0) {
            continue;
        }

        b = ngx_calloc_buf(r->pool);
        if (b == NULL) {
            return NGX_ERROR;
        }

        /* start as well: another connection sends from there again */

        b->start = (u_char *) seg.p;
        b->pos = b->start;
        b->last = b->start + seg.n;
        b->end = b->last;
        b->memory = 1;

        cl = ngx_alloc_chain_link(r->pool);
        if (cl == NULL) {
            return NGX_ERROR;
        }

        cl->buf = b;
        *ll = cl;
        ll = &cl->next;
        *last = b;
    }

    *ll = NULL;

    return NGX_OK;
}


static ngx_buf_t *
ngx_http_ccproxy_try_header(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx,
    ccp_str_t uri, size_t length)
{
    size_t         n;
    ngx_buf_t     *b;
    ccp_out_t      lines;
    ccp_str_t      key;
    ccp_header_t  *in;

    if (ngx_http_ccproxy_header_lines(r->pool, &r->headers_in.headers,
                                      &in, &n)
        != NGX_OK)
    {
        return NULL;
    }

    key = ctx->try.key ? ngx_http_ccproxy_slice(&ctx->try.key->value)
                       : ccp_none;

    ccp_out_init(&lines, ccp_exchange_arena(ctx->exchange), 0);

    b = NULL;

    if (ccp_try_headers(ctx->try.codec, key, in, n, &lines) == CCP_OK
        && ccp_out_finish(&lines) == CCP_OK)
    {
        b = ngx_http_ccproxy_try_head(r, ctx, uri, length,
                                      ccp_out_all(&lines));
    }

    ccp_out_free(&lines);

    return b;
}


/* The target as this request asks for it. */

static void
ngx_http_ccproxy_try_target(ngx_http_ccproxy_ctx_t *ctx,
    ccp_target_t *target)
{
    *target = ctx->name.asked ? ctx->name.asked->target
                              : ctx->try.target->target;

    if (target->model.p == NULL && ctx->name.partial) {
        target->model = ngx_http_ccproxy_slice(&ctx->name.model);
    }
}


/* The request for the target, encoded.  As ngx_http_ccproxy_try(). */

static ngx_int_t
ngx_http_ccproxy_try_encode(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx,
    const ccp_out_t **body, ccp_str_t *uri)
{
    int           rc;
    ccp_target_t  target;

    ngx_http_ccproxy_try_target(ctx, &target);
    ngx_http_ccproxy_wishes_choose(r, ctx, &target);

    ctx->try.codec = ccp_try_create(ctx->exchange, &target);

    if (ctx->try.codec == NULL) {
        return NGX_ERROR;
    }

    rc = ccp_try_request(ctx->try.codec, ngx_http_ccproxy_slice(&r->args),
                         body, uri, &ctx->error);

    if (rc == CCP_OK) {

        ngx_log_debug4(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                       "ccproxy try: provider \"%V\", %s, %uz bytes, tools %d",
                       &ctx->try.target->provider->name,
                       ccp_try_spliced(ctx->try.codec) ? "the client's bytes"
                                                       : "written anew",
                       ccp_out_size(*body), (int) ctx->try.tools);

        return NGX_OK;
    }

    ccp_try_destroy(ctx->try.codec);
    ctx->try.codec = NULL;

    if (rc != CCP_INVALID) {
        return NGX_ERROR;
    }

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "ccproxy try: provider \"%V\" can't take it, error %d",
                   &ctx->try.target->provider->name, (int) ctx->error.cls);

    return NGX_DECLINED;
}


ngx_int_t
ngx_http_ccproxy_try(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_int_t         rc;
    ngx_buf_t        *b;
    ccp_str_t         uri;
    ngx_chain_t      *cl;
    const ccp_out_t  *body;

    ngx_memzero(&ctx->error, sizeof(ccp_error_t));

    if (ctx->try.codec) {

        /* it was set aside before it could be sent */

        rc = ccp_try_request(ctx->try.codec, ccp_none, &body, &uri,
                             &ctx->error) == CCP_OK ? NGX_OK : NGX_ERROR;

    } else {
        rc = ngx_http_ccproxy_try_encode(r, ctx, &body, &uri);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    ngx_http_ccproxy_sent_keep(ctx, body, uri);

    b = ngx_http_ccproxy_try_header(r, ctx, uri, ccp_out_size(body));
    if (b == NULL) {
        return NGX_ERROR;
    }

    cl = ngx_alloc_chain_link(r->pool);
    if (cl == NULL) {
        return NGX_ERROR;
    }

    cl->buf = b;

    r->upstream->request_bufs = cl;

    if (ngx_http_ccproxy_try_body(r, body, &cl->next, &b) != NGX_OK) {
        return NGX_ERROR;
    }

    /* on the last one, else TLS keeps the tail of the body in its buffer */

    b->flush = 1;

    return NGX_OK;
}


void
ngx_http_ccproxy_try_wrap(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_http_upstream_t  *u;

    u = r->upstream;

    ctx->up.process_header = u->process_header;
    ctx->up.reinit_request = u->reinit_request;
    ctx->up.finalize_request = u->finalize_request;

    u->process_header = ngx_http_ccproxy_try_process_header;
    u->reinit_request = ngx_http_ccproxy_try_reinit;
    u->finalize_request = ngx_http_ccproxy_try_finalize;
}


/*
 * Takes note of what concerns us in the upstream's header and leaves only
 * what may reach the client, in a new list: nginx has pointers into the old.
 */

static ngx_int_t
ngx_http_ccproxy_try_read_header(ngx_http_request_t *r,
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

    if (ngx_http_ccproxy_wait(r, &u->headers_in.headers, &ctx->try.retry_after)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (part = &u->headers_in.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (!ccp_try_passes(ctx->try.codec,
                                ngx_http_ccproxy_slice(&h[i].key)))
            {
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

    return NGX_OK;
}


/* Holds the header until the answer is known to be one. */

static ngx_int_t
ngx_http_ccproxy_try_peek(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_int_t  rc;

    rc = ngx_http_ccproxy_peek(r, ctx);

    if (rc == NGX_AGAIN) {
        ctx->try.heard = NGX_HTTP_CCPROXY_HEARD_HEADER;
        return NGX_AGAIN;
    }

    ctx->try.heard = NGX_HTTP_CCPROXY_HEARD_SOME;

    if (rc == NGX_OK) {
        ngx_http_ccproxy_hedge_end(ctx);
    }

    /* for nginx any failed try is one with a broken header */

    return rc == NGX_DECLINED ? NGX_HTTP_UPSTREAM_INVALID_HEADER : rc;
}


static ngx_int_t
ngx_http_ccproxy_try_process_header(ngx_http_request_t *r)
{
    ngx_int_t                rc;
    ngx_uint_t               version;
    ngx_http_upstream_t     *u;
    ngx_http_ccproxy_ctx_t  *ctx;

    u = r->upstream;
    ctx = u->peer.data;

    ngx_http_ccproxy_hedge_stop(ctx);

    if (ctx->try.heard == NGX_HTTP_CCPROXY_HEARD_HEADER) {
        return ngx_http_ccproxy_try_peek(r, ctx);
    }

    ctx->try.heard = NGX_HTTP_CCPROXY_HEARD_SOME;

    version = r->http_version;

    rc = ctx->up.process_header(r);

    /* the proxy module goes on with another function after the status line */

    if (u->process_header != ngx_http_ccproxy_try_process_header) {
        ctx->up.process_header = u->process_header;
        u->process_header = ngx_http_ccproxy_try_process_header;
    }

    if (rc != NGX_OK) {
        return rc;
    }

    if (u->headers_in.status_n < NGX_HTTP_OK) {

        /* no final answer, or no HTTP at all, which nginx takes for 0.9 */

        r->http_version = version;

        return NGX_HTTP_UPSTREAM_INVALID_HEADER;
    }

    if (ngx_http_ccproxy_try_read_header(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "ccproxy try: status %ui, wait \"%V\"", ctx->try.status,
                   &ctx->try.retry_after);

    return ngx_http_ccproxy_peek_wanted(r, ctx)
           ? ngx_http_ccproxy_try_peek(r, ctx) : NGX_OK;
}


static ngx_int_t
ngx_http_ccproxy_try_reinit(ngx_http_request_t *r)
{
    ngx_int_t                rc;
    ngx_http_upstream_t     *u;
    ngx_http_ccproxy_ctx_t  *ctx;

    u = r->upstream;
    ctx = u->peer.data;

    rc = ctx->up.reinit_request(r);

    ctx->up.process_header = u->process_header;
    u->process_header = ngx_http_ccproxy_try_process_header;

    return rc;
}


static void
ngx_http_ccproxy_try_finalize(ngx_http_request_t *r, ngx_int_t rc)
{
    ngx_http_upstream_t     *u;
    ngx_http_ccproxy_ctx_t  *ctx;

    u = r->upstream;
    ctx = u->peer.data;

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "ccproxy upstream: ends with rc %i after %ui tries", rc,
                   ctx->tries.n);

    ngx_http_ccproxy_hedge_end(ctx);

    if (u->header_sent
        && rc >= NGX_HTTP_SPECIAL_RESPONSE
        && rc != NGX_HTTP_REQUEST_TIME_OUT
        && rc != NGX_HTTP_CLIENT_CLOSED_REQUEST)
    {
        ngx_http_ccproxy_body_abort(r, ctx, rc);

    } else if (!u->header_sent && rc >= NGX_HTTP_INTERNAL_SERVER_ERROR) {
        ngx_http_ccproxy_peek_tell(ctx);
    }

    if (rc != NGX_OK && ngx_http_ccproxy_answering(ctx)) {

        /* cut, or left: what came till now is all that it used */

        ngx_http_ccproxy_choice_end(ctx);
    }

    ctx->up.finalize_request(r, rc);
}
