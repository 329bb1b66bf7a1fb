
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
static ngx_int_t ngx_http_ccproxy_try_input_init(void *data);
static ngx_int_t ngx_http_ccproxy_try_input(void *data, ssize_t bytes);


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
    size_t                    n;
    ngx_buf_t                *b;
    ccp_out_t                 lines;
    ccp_str_t                 key;
    ccp_header_t             *in;
    ngx_http_ccproxy_head_t   head;

    static ngx_str_t  post = ngx_string("POST");

    if (ngx_http_ccproxy_header_lines(r->pool, &r->headers_in.headers,
                                      &in, &n)
        != NGX_OK)
    {
        return NULL;
    }

    if (!ctx->up.stock->pass_request_headers) {
        n = 0;
    }

    key = ctx->try.key ? ngx_http_ccproxy_slice(&ctx->try.key->value)
                       : ccp_none;

    ccp_out_init(&lines, ccp_exchange_arena(ctx->exchange), 0);

    b = NULL;

    if (ccp_try_headers(ctx->try.codec, key, in, n, &lines) == CCP_OK
        && ccp_out_finish(&lines) == CCP_OK)
    {
        head.method = ctx->endpoint.op == CCP_OP_HELD ? r->method_name : post;
        head.uri = uri;
        head.length = (off_t) length;
        head.lines = ccp_out_all(&lines);

        b = ngx_http_ccproxy_head(r, ctx, &head);
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

    target->owner = ngx_http_ccproxy_choice_owner(ctx);
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

    ctx->try.kept_tools = (unsigned) target.tools;
    ctx->try.kept_without = target.without;

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
    ctx->up.input_filter_init = u->input_filter_init;
    ctx->up.broken = 0;

    u->process_header = ngx_http_ccproxy_try_process_header;
    u->reinit_request = ngx_http_ccproxy_try_reinit;
    u->finalize_request = ngx_http_ccproxy_try_finalize;
    u->input_filter_init = ngx_http_ccproxy_try_input_init;
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

    if (ngx_http_ccproxy_wait(r, &u->headers_in.headers, &ctx->try.retry_after,
                              &ctx->try.date)
        != NGX_OK
        || ngx_http_ccproxy_unpack_value(r->pool, &u->headers_in.headers,
                                         &ctx->try.encoding)
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
        ngx_http_ccproxy_cached_keep(r, ctx);
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

    if (ctx->through) {
        return ngx_http_ccproxy_other_header(r, ctx);
    }

    if (ngx_http_ccproxy_try_read_header(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "ccproxy try: status %ui, wait \"%V\"", ctx->try.status,
                   &ctx->try.retry_after);

    if (ngx_http_ccproxy_peek_wanted(r, ctx)) {
        return ngx_http_ccproxy_try_peek(r, ctx);
    }

    ngx_http_ccproxy_cached_keep(r, ctx);

    return NGX_OK;
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


static ngx_int_t
ngx_http_ccproxy_try_input_init(void *data)
{
    ngx_http_request_t  *r = data;

    ngx_int_t                rc;
    ngx_http_upstream_t     *u;
    ngx_http_ccproxy_ctx_t  *ctx;

    u = r->upstream;
    ctx = u->peer.data;

    /* the proxy module takes another filter for chunks */

    rc = ctx->up.input_filter_init(data);

    ctx->up.input_filter = u->input_filter;
    u->input_filter = ngx_http_ccproxy_try_input;

    return rc;
}


/*
 * For nginx a body that can't be read is an error of its own, after which
 * nothing more is sent: here it is one of the upstream's, as if that had
 * closed the connection.
 */

static ngx_int_t
ngx_http_ccproxy_try_input(void *data, ssize_t bytes)
{
    ngx_http_request_t  *r = data;

    ngx_http_upstream_t     *u;
    ngx_http_ccproxy_ctx_t  *ctx;

    u = r->upstream;
    ctx = u->peer.data;

    if (ctx->up.broken || ctx->up.input_filter(data, bytes) == NGX_OK) {
        return NGX_OK;
    }

    ctx->up.broken = 1;
    u->length = 1;
    u->keepalive = 0;
    u->peer.connection->read->error = 1;

    return NGX_OK;
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

    } else if (!u->header_sent && rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        ngx_http_ccproxy_peek_tell(ctx);
    }

    if (rc != NGX_OK && ngx_http_ccproxy_answering(ctx)) {

        /* cut, or left: what came till now is all that it used */

        ngx_http_ccproxy_choice_end(ctx);
    }

    ctx->up.finalize_request(r, rc);
}
