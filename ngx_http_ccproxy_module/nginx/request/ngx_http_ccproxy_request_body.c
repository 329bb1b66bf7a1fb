
/*
 * The client's body.  A request body filter takes it into one piece of memory,
 * whatever the framing (HTTP/1.1, chunked, HTTP/2), and hands that piece on to
 * nginx in the end: no body is buffered twice, and who else wants it has it.
 * One that nginx has already is taken from there.
 */

#include "nginx/filter/ngx_http_ccproxy_filter.h"
#include "nginx/request/ngx_http_ccproxy_request.h"


/*
 * First piece of memory for a body: what Content-Length promises, so that it
 * is never copied to a larger one.  A promise costs nothing: pages that no
 * byte was written to take no memory.
 */
#define NGX_HTTP_CCPROXY_BODY_FIRST    NGX_HTTP_CCPROXY_BODY_SIZE
#define NGX_HTTP_CCPROXY_BODY_MIN      4096

/* What a compressed body may be, where client_max_body_size says nothing. */
#define NGX_HTTP_CCPROXY_BODY_UNPACKED  (1024 * 1024 * 1024)


static ngx_http_request_body_filter_pt  ngx_http_next_request_body_filter;


/* Memory for "need" bytes of the body in all. */

static ngx_int_t
ngx_http_ccproxy_body_grow(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx,
    size_t need)
{
    u_char  *p;
    size_t   cap;

    if (need <= ctx->in.cap) {
        return NGX_OK;
    }

    cap = ctx->in.cap * 2;

    if (cap == 0) {
        cap = ngx_min(ctx->in.hint, NGX_HTTP_CCPROXY_BODY_FIRST);
        cap = ngx_max(cap, NGX_HTTP_CCPROXY_BODY_MIN);
    }

    while (cap < need) {
        cap *= 2;
    }

    if (need <= ctx->in.hint && cap > ctx->in.hint) {
        cap = ctx->in.hint;
    }

    p = ngx_alloc(cap, r->connection->log);
    if (p == NULL) {
        return NGX_ERROR;
    }

    if (ctx->in.body) {
        ngx_memcpy(p, ctx->in.body, ctx->in.len);
    }

    if (ctx->in.cap) {
        ngx_free(ctx->in.body);
    }

    ctx->in.body = p;
    ctx->in.cap = cap;

    return NGX_OK;
}


/*
 * Adds what the buffer holds.  Nothing is copied if it lies behind the rest
 * of the body already, in a buffer that nginx fills once and to the end.
 */

static ngx_int_t
ngx_http_ccproxy_body_add(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx,
    ngx_buf_t *b)
{
    size_t  n;

    n = b->last - b->pos;

    if (n == 0) {
        return NGX_OK;
    }

    if (ctx->in.in_place && ctx->in.body == NULL
        && (size_t) (b->end - b->pos) >= ctx->in.hint)
    {
        ctx->in.body = b->pos;
    }

    if (ctx->in.in_place && b->pos == ctx->in.body + ctx->in.len) {
        ctx->in.len += n;
        return NGX_OK;
    }

    if (ngx_http_ccproxy_body_grow(r, ctx, ctx->in.len + n) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_memcpy(ctx->in.body + ctx->in.len, b->pos, n);
    ctx->in.len += n;

    return NGX_OK;
}


/* Who sends the body on, not being ours, must not say what it was. */

static void
ngx_http_ccproxy_body_plain(ngx_http_request_t *r)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    static ngx_str_t  name = ngx_string("content-encoding");

    for (part = &r->headers_in.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (h[i].key.len == name.len
                && ngx_strncasecmp(h[i].key.data, name.data, name.len) == 0)
            {
                ngx_str_set(&h[i].value, "identity");
            }
        }
    }
}


/*
 * Adds what the buffer's bytes stand for, of a body that is compressed.  That
 * is bounded as any body is, before there is memory for more.
 */

static ngx_int_t
ngx_http_ccproxy_body_unpack(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ngx_buf_t *b)
{
    int                        rc;
    size_t                     n, size, max;
    const uint8_t             *p;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    max = clcf->client_max_body_size ? (size_t) clcf->client_max_body_size
                                     : NGX_HTTP_CCPROXY_BODY_UNPACKED;

    p = b->pos;
    n = b->last - b->pos;

    do {
        size = ngx_min(max - ctx->in.len + 1, NGX_HTTP_CCPROXY_BODY_MIN);

        if (ngx_http_ccproxy_body_grow(r, ctx, ctx->in.len + size) != NGX_OK) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        size = ngx_min(max - ctx->in.len + 1, ctx->in.cap - ctx->in.len);

        rc = ccp_unpack(ctx->in.unpack, &p, &n, ctx->in.body + ctx->in.len,
                        &size);

        if (rc == CCP_NOMEM) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        ctx->in.len += size;

        if (ctx->in.len > max) {
            ngx_http_ccproxy_error_set(r, ctx, CCP_E_TOO_LARGE,
                                       "the request body is, decoded, larger "
                                       "than client_max_body_size allows: "
                                       "%uz bytes", max);
            ctx->error.code = ccp_lit("request_body_too_large_after_decoding");
            ctx->error.detailed = 1;

            return NGX_HTTP_REQUEST_ENTITY_TOO_LARGE;
        }

    } while (rc == CCP_OK && size);

    if (rc == CCP_OK && (!b->last_buf || ccp_unpack_whole(ctx->in.unpack))) {
        return NGX_OK;
    }

    ngx_http_ccproxy_error_set(r, ctx, CCP_E_BAD_REQUEST,
                               "the request's body is not encoded as its "
                               "Content-Encoding \"%V\" says, or was cut off",
                               &ctx->in.encoding);
    ctx->error.code = ccp_lit("request_body_encoding_invalid");
    ctx->error.detailed = 1;

    return NGX_HTTP_BAD_REQUEST;
}


/* Takes pieces of the body away from nginx, who gets all of it as one. */

static ngx_int_t
ngx_http_ccproxy_body_take(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_buf_t                     *b;
    ngx_int_t                      rc;
    ngx_uint_t                     last;
    ngx_chain_t                   *cl, out;
    ngx_http_ccproxy_ctx_t        *ctx;
    ngx_http_ccproxy_loc_conf_t   *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);

    if (r != r->main || (!lcf->enable && !lcf->demo)) {
        return ngx_http_next_request_body_filter(r, in);
    }

    ctx = ngx_http_ccproxy_get_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ctx->through) {
        return ngx_http_next_request_body_filter(r, in);
    }

    last = 0;

    for (cl = in; cl; cl = cl->next) {

        if (ctx->in.unpack) {
            rc = ngx_http_ccproxy_body_unpack(r, ctx, cl->buf);

        } else {
            rc = ngx_http_ccproxy_body_add(r, ctx, cl->buf) == NGX_OK
                 ? NGX_OK : NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        if (rc != NGX_OK) {
            return rc;
        }

        cl->buf->pos = cl->buf->last;

        if (cl->buf->last_buf) {
            last = 1;
        }
    }

    if (!last) {
        return ngx_http_next_request_body_filter(r, NULL);
    }

    if (ctx->in.unpack) {
        ngx_http_ccproxy_body_plain(r);
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ctx->in.len) {
        b->start = ctx->in.body;
        b->pos = b->start;
        b->last = b->start + ctx->in.len;
        b->end = b->last;
        b->memory = 1;
    }

    b->last_buf = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_next_request_body_filter(r, &out);
}


/* Reads a piece that nginx put into a file, as it does itself to send it. */

static ngx_int_t
ngx_http_ccproxy_body_file(ngx_http_ccproxy_ctx_t *ctx, ngx_buf_t *b)
{
    off_t    pos;
    ssize_t  n;

    for (pos = b->file_pos; pos < b->file_last; pos += n) {

        n = ngx_read_file(b->file, ctx->in.body + ctx->in.len,
                          (size_t) (b->file_last - pos), pos);
        if (n <= 0) {
            return NGX_ERROR;
        }

        ctx->in.len += n;
    }

    return NGX_OK;
}


/*
 * The body as nginx has it now: the filter took it from there, or somebody
 * read it before the request came to this location, or put another in its
 * place.
 */

ngx_int_t
ngx_http_ccproxy_body_given(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    size_t        total;
    ngx_buf_t    *b;
    ngx_chain_t  *cl, *bufs;

    bufs = r->request_body ? r->request_body->bufs : NULL;
    b = bufs ? bufs->buf : NULL;

    if (b && bufs->next == NULL && ngx_buf_in_memory(b)
        && b->pos == ctx->in.body
        && (size_t) (b->last - b->pos) == ctx->in.len)
    {
        return NGX_OK;
    }

    total = 0;

    for (cl = bufs; cl; cl = cl->next) {
        total += (size_t) ngx_buf_size(cl->buf);
    }

    if (ctx->in.cap) {
        ngx_free(ctx->in.body);
    }

    ngx_memzero(&ctx->in, sizeof(ngx_http_ccproxy_in_t));
    ctx->in.hint = total;

    if (total == 0) {
        return NGX_OK;
    }

    if (ngx_http_ccproxy_body_grow(r, ctx, total) != NGX_OK) {
        return NGX_ERROR;
    }

    for (cl = bufs; cl; cl = cl->next) {
        b = cl->buf;

        if (ngx_buf_in_memory(b)) {
            ngx_memcpy(ctx->in.body + ctx->in.len, b->pos, b->last - b->pos);
            ctx->in.len += b->last - b->pos;

        } else if (b->in_file && ngx_http_ccproxy_body_file(ctx, b) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static void
ngx_http_ccproxy_body_handler(ngx_http_request_t *r)
{
    ngx_http_ccproxy_ctx_t  *ctx;

    ctx = ngx_http_ccproxy_find_ctx(r);

    if (ngx_http_ccproxy_body_given(r, ctx) != NGX_OK) {
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    ctx->in.state = NGX_HTTP_CCPROXY_IN_READ;

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "ccproxy body: %uz bytes, %s", ctx->in.len,
                   ctx->in.in_place ? "in one buffer" : "in pieces");

    r->preserve_body = 1;
    r->write_event_handler = ngx_http_core_run_phases;

    ngx_http_core_run_phases(r);
}


/*
 * Has nginx read a body of known length into one buffer, where it stays.
 * nginx reads into the header's buffer if the body fits in there: it gets one
 * that begins with what came with the header and has room for all the rest.
 * If nothing came yet, it takes a buffer of its own, made as large.  Points 17
 * and 18 of ngx_http_ccproxy_internals.c.
 */

ngx_int_t
ngx_http_ccproxy_body_read(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx)
{
    size_t                     n, size;
    ngx_buf_t                 *header, buf;
    ngx_int_t                  rc;
    ngx_http_core_loc_conf_t  *clcf;

    if (r != r->main || r->request_body) {

        /* it was read already */

        return ngx_http_read_client_request_body(r,
                                                ngx_http_ccproxy_body_handler);
    }

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    header = r->header_in;
    size = clcf->client_body_buffer_size;
    n = header->last - header->pos;

    if (r->http_version < NGX_HTTP_VERSION_20 && ctx->in.hint
        && ctx->in.hint <= NGX_HTTP_CCPROXY_BODY_FIRST)
    {
        ctx->in.in_place = 1;
    }

    if (!ctx->in.in_place || n >= ctx->in.hint
        || ctx->in.hint <= (size_t) (header->end - header->pos))
    {
        return ngx_http_read_client_request_body(r,
                                                ngx_http_ccproxy_body_handler);
    }

    if (n == 0) {
        clcf->client_body_buffer_size = ctx->in.hint;
        rc = ngx_http_read_client_request_body(r,
                                               ngx_http_ccproxy_body_handler);
        clcf->client_body_buffer_size = size;

        return rc;
    }

    if (ngx_http_ccproxy_body_grow(r, ctx, ctx->in.hint) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_memzero(&buf, sizeof(ngx_buf_t));

    buf.start = ctx->in.body;
    buf.pos = ctx->in.body;
    buf.last = ngx_cpymem(ctx->in.body, header->pos, n);
    buf.end = ctx->in.body + ctx->in.cap;
    buf.temporary = 1;

    header->pos = header->last;
    r->header_in = &buf;

    rc = ngx_http_read_client_request_body(r, ngx_http_ccproxy_body_handler);

    r->header_in = header;

    return rc;
}


void
ngx_http_ccproxy_body_init(void)
{
    ngx_http_next_request_body_filter = ngx_http_top_request_body_filter;
    ngx_http_top_request_body_filter = ngx_http_ccproxy_body_take;
}
