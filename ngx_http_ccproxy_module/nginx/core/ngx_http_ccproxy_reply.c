
/*
 * Answers of the module: header lines, and documents that are complete.  What
 * comes from an upstream is the filters'.
 */

#include "nginx/core/ngx_http_ccproxy.h"


ngx_int_t
ngx_http_ccproxy_header_out(ngx_http_request_t *r, const char *name,
    ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->hash = 1;
    h->key.data = (u_char *) name;
    h->key.len = ngx_strlen(name);
    h->value = *value;
    ngx_http_ccproxy_header_single(h);

    return NGX_OK;
}


ngx_int_t
ngx_http_ccproxy_reply_header(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ccp_head_t *head)
{
    u_char           *p;
    size_t            n;
    ccp_str_t         id;
    ngx_str_t         value;

    static ngx_str_t  no_cache = ngx_string("no-cache");
    static ngx_str_t  no = ngx_string("no");
    static ngx_str_t  not_again = ngx_string("false");

    ngx_http_clear_content_length(r);
    ngx_http_clear_accept_ranges(r);
    ngx_http_clear_last_modified(r);
    ngx_http_clear_etag(r);
    r->allow_ranges = 0;

    r->headers_out.status = head->status;
    r->headers_out.status_line.len = 0;

    r->headers_out.charset.len = 0;
    r->headers_out.content_type.data = (u_char *) head->content_type.p;
    r->headers_out.content_type.len = head->content_type.n;
    r->headers_out.content_type_lowcase = NULL;

    p = memchr(head->content_type.p, ';', head->content_type.n);
    n = p ? (size_t) (p - head->content_type.p) : head->content_type.n;
    r->headers_out.content_type_len = n;

    if (head->retry_after > 0) {
        value.data = ngx_pnalloc(r->pool, NGX_INT_T_LEN);
        if (value.data == NULL) {
            return NGX_ERROR;
        }

        value.len = ngx_sprintf(value.data, "%d", head->retry_after)
                    - value.data;

        if (ngx_http_ccproxy_header_out(r, "Retry-After", &value) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (head->lasting) {

        /* official SDKs try each 429 and 5xx again */

        if (ngx_http_ccproxy_header_out(r, "x-should-retry", &not_again)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    if (head->stream
        && (ngx_http_ccproxy_header_out(r, "Cache-Control", &no_cache)
            != NGX_OK
            || ngx_http_ccproxy_header_out(r, "X-Accel-Buffering", &no)
               != NGX_OK))
    {
        return NGX_ERROR;
    }

    id = ccp_exchange_id(ctx->exchange);
    value.data = (u_char *) id.p;
    value.len = id.n;

    return ngx_http_ccproxy_header_out(r, "X-Ccproxy-Request-Id", &value);
}


ngx_int_t
ngx_http_ccproxy_send(ngx_http_request_t *r, ngx_uint_t status,
    ngx_str_t *type, ngx_str_t *body)
{
    ngx_int_t     rc;
    ngx_buf_t    *b;
    ngx_chain_t   out;

    r->headers_out.status = status;
    r->headers_out.content_length_n = body->len;
    r->headers_out.content_type = *type;
    r->headers_out.content_type_len = type->len;
    r->headers_out.content_type_lowcase = NULL;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->pos = body->data;
    b->last = body->data + body->len;
    b->memory = body->len ? 1 : 0;
    b->last_buf = (r == r->main);
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}


ngx_int_t
ngx_http_ccproxy_reply(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx,
    ngx_uint_t status, ngx_str_t *type, ngx_str_t *body)
{
    if (ngx_http_discard_request_body(r) != NGX_OK) {
        r->keepalive = 0;
    }

    ctx->out.state = NGX_HTTP_CCPROXY_OUT_OWN;
    ctx->out.page = *body;

    ngx_http_finalize_request(r, ngx_http_ccproxy_send(r, status, type,
                                                       body));
    return NGX_DONE;
}


ngx_int_t
ngx_http_ccproxy_answer(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx,
    ccp_out_t *out)
{
    ngx_str_t  body;
    ccp_str_t  all;

    static ngx_str_t  type = ngx_string("application/json");

    if (ccp_out_finish(out) != CCP_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    all = ccp_out_all(out);
    body.data = (u_char *) all.p;
    body.len = all.n;

    return ngx_http_ccproxy_reply(r, ctx, NGX_HTTP_OK, &type, &body);
}


static void *
ngx_http_ccproxy_reply_alloc(void *data, size_t n)
{
    return ngx_alloc(n, data);
}


static void
ngx_http_ccproxy_reply_free(void *data, void *p)
{
    (void) data;

    ngx_free(p);
}


ngx_int_t
ngx_http_ccproxy_reply_text(ngx_http_request_t *r, ngx_pool_t *pool,
    void (*write)(ngx_http_request_t *r, ccp_out_t *out), ngx_str_t *text)
{
    ccp_mem_t     mem;
    ccp_out_t     out;
    ccp_str_t     all;
    ccp_arena_t  *arena;

    mem.alloc = ngx_http_ccproxy_reply_alloc;
    mem.free = ngx_http_ccproxy_reply_free;
    mem.ctx = r->connection->log;

    arena = ccp_arena_create(&mem, 0);
    if (arena == NULL) {
        return NGX_ERROR;
    }

    ccp_out_init(&out, arena, 0);

    write(r, &out);

    text->data = NULL;
    text->len = 0;

    if (ccp_out_finish(&out) == CCP_OK) {
        all = ccp_out_all(&out);
        text->data = ngx_pnalloc(pool, all.n);

        if (text->data) {
            ngx_memcpy(text->data, all.p, all.n);
            text->len = all.n;
        }
    }

    ccp_arena_destroy(arena);

    return text->data ? NGX_OK : NGX_ERROR;
}


ngx_int_t
ngx_http_ccproxy_reply_document(ngx_http_request_t *r, ngx_uint_t status,
    ngx_str_t *type, void (*write)(ngx_http_request_t *r, ccp_out_t *out))
{
    ngx_str_t  body;

    return ngx_http_ccproxy_reply_text(r, r->pool, write, &body) == NGX_OK
           ? ngx_http_ccproxy_send(r, status, type, &body)
           : NGX_HTTP_INTERNAL_SERVER_ERROR;
}


char *
ngx_http_ccproxy_reply_handler(ngx_conf_t *cf, ngx_http_handler_pt handler)
{
    ngx_http_core_loc_conf_t     *clcf;
    ngx_http_ccproxy_loc_conf_t  *lcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->handler) {
        return "stands in a location that has a handler already";
    }

    clcf->handler = handler;

    /* nothing is converted here, though it may be around */

    lcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_ccproxy_module);
    lcf->enable = 0;

    return NGX_CONF_OK;
}


/* JSON is for whoever does not ask for HTML by name. */

ngx_uint_t
ngx_http_ccproxy_wants_page(ngx_http_request_t *r)
{
    u_char     *last, *html, *json;
    ngx_str_t  *accept;

    accept = ngx_http_ccproxy_header_in(r, "accept");

    if (accept == NULL || accept->len == 0) {
        return 0;
    }

    last = accept->data + accept->len;
    html = ngx_strlcasestrn(accept->data, last, (u_char *) "text/html", 9 - 1);
    json = ngx_strlcasestrn(accept->data, last, (u_char *) "application/json",
                            16 - 1);

    return html && (json == NULL || html < json);
}


ngx_int_t
ngx_http_ccproxy_reply_refuse(ngx_http_request_t *r, ngx_uint_t status,
    char *why)
{
    ngx_str_t  type, body;

    ngx_str_set(&type, "application/json");

    body.len = sizeof("{\"error\":\"\"}" "\n") - 1 + ngx_strlen(why);
    body.data = ngx_pnalloc(r->pool, body.len);
    if (body.data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_sprintf(body.data, "{\"error\":\"%s\"}\n", why);

    return ngx_http_ccproxy_send(r, status, &type, &body);
}


/* A page of ours loads nothing, and nobody frames it. */

ngx_int_t
ngx_http_ccproxy_page_headers(ngx_http_request_t *r, ngx_str_t *policy)
{
    ngx_uint_t  i;

    static struct {
        const char  *name;
        ngx_str_t    value;
    } headers[] = {
        { "X-Content-Type-Options", ngx_string("nosniff") },
        { "Referrer-Policy", ngx_string("no-referrer") },
        { "Cache-Control", ngx_string("no-store") },
        { "Vary", ngx_string("Accept") }
    };

    for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        if (ngx_http_ccproxy_header_out(r, headers[i].name, &headers[i].value)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return ngx_http_ccproxy_header_out(r, "Content-Security-Policy", policy);
}
