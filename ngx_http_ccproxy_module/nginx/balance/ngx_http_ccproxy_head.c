
/*
 * The head of a request to an upstream: its line, what the codec writes, and
 * the headers that the provider's block and "proxy_set_header" set.
 */

#include "nginx/balance/ngx_http_ccproxy_balance.h"


/* Lines of our own that may be replaced. */
#define NGX_HTTP_CCPROXY_LINES  "User-Agent: ccproxy/"                        \
                                NGX_HTTP_CCPROXY_VERSION CRLF                 \
                                "Accept-Encoding: identity" CRLF


static ngx_inline ngx_uint_t
ngx_http_ccproxy_same_name(u_char *a, size_t n, ngx_str_t *b)
{
    return n == b->len && ngx_strncasecmp(a, b->data, n) == 0;
}


/* Whether a header of that name is set; an empty one is set to be left out. */

static ngx_uint_t
ngx_http_ccproxy_head_has(ngx_array_t *set, u_char *name, size_t n)
{
    ngx_uint_t     i;
    ngx_keyval_t  *kv;

    kv = set->elts;

    for (i = 0; i < set->nelts; i++) {
        if (ngx_http_ccproxy_same_name(name, n, &kv[i].key)) {
            return 1;
        }
    }

    return 0;
}


/* The codec's header lines without those that are set. */

static u_char *
ngx_http_ccproxy_head_lines(u_char *p, ccp_str_t lines, ngx_array_t *set)
{
    u_char  *line, *last, *end, *colon;

    line = (u_char *) lines.p;
    last = line + lines.n;

    while (line < last) {

        end = ngx_strlchr(line, last, LF);
        end = (end == NULL) ? last : end + 1;

        colon = ngx_strlchr(line, end, ':');

        if (colon == NULL) {
            break;
        }

        if (!ngx_http_ccproxy_head_has(set, line, colon - line)) {
            p = ngx_cpymem(p, line, end - line);
        }

        line = end;
    }

    return p;
}


/*
 * Adds headers to those that are set, with their values for this request; the
 * first of a name counts, unless more of them stand in one block.
 */

static ngx_int_t
ngx_http_ccproxy_head_set(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx,
    ngx_array_t *headers, ngx_array_t *set)
{
    size_t                      k;
    ngx_uint_t                  i;
    ngx_array_t                 before;
    ngx_keyval_t               *kv;
    ngx_http_ccproxy_header_t  *h;

    if (headers == NULL) {
        return NGX_OK;
    }

    before = *set;
    h = headers->elts;

    for (i = 0; i < headers->nelts; i++) {

        before.elts = set->elts;

        if (ngx_http_ccproxy_head_has(&before, h[i].name.data, h[i].name.len))
        {
            continue;
        }

        kv = ngx_array_push(set);
        if (kv == NULL) {
            return NGX_ERROR;
        }

        kv->key = h[i].name;

        if (ngx_http_complex_value(r, &h[i].value, &kv->value) != NGX_OK) {
            return NGX_ERROR;
        }

        for (k = 0; k < kv->value.len; k++) {

            if (kv->value.data[k] < ' ' && kv->value.data[k] != '\t') {
                ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                              "header \"%V\" of provider \"%V\" is not sent: "
                              "its value holds a control character",
                              &kv->key, &ctx->try.target->provider->name);
                kv->value.len = 0;
            }
        }
    }

    return NGX_OK;
}


static size_t
ngx_http_ccproxy_head_size(ngx_http_ccproxy_head_t *head,
    ngx_http_ccproxy_provider_t *p, ngx_array_t *set)
{
    size_t         len;
    ngx_uint_t     i;
    ngx_keyval_t  *kv;

    len = sizeof("  HTTP/1.1" CRLF "Host: " CRLF NGX_HTTP_CCPROXY_LINES
                 "Transfer-Encoding: chunked" CRLF "Connection: close" CRLF
                 CRLF)
          + NGX_OFF_T_LEN + head->method.len + head->uri.n
          + p->host_header.len + head->lines.n;

    kv = set->elts;

    for (i = 0; i < set->nelts; i++) {
        len += kv[i].key.len + sizeof(": " CRLF) - 1 + kv[i].value.len;
    }

    return len;
}


ngx_buf_t *
ngx_http_ccproxy_head(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx,
    ngx_http_ccproxy_head_t *head)
{
    ngx_buf_t                    *b;
    ngx_uint_t                    i;
    ngx_array_t                   set;
    ngx_keyval_t                 *kv;
    ngx_http_ccproxy_provider_t  *p;
    ngx_http_ccproxy_loc_conf_t  *lcf;

    p = ctx->try.target->provider;
    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);

    if (ngx_array_init(&set, r->pool, 4, sizeof(ngx_keyval_t)) != NGX_OK
        || ngx_http_ccproxy_head_set(r, ctx, &p->headers, &set) != NGX_OK
        || ngx_http_ccproxy_head_set(r, ctx, lcf->set_headers, &set)
           != NGX_OK)
    {
        return NULL;
    }

    b = ngx_create_temp_buf(r->pool,
                            ngx_http_ccproxy_head_size(head, p, &set));
    if (b == NULL) {
        return NULL;
    }

    b->last = ngx_sprintf(b->last, "%V ", &head->method);

    /* for messages in the log */

    r->upstream->uri.data = b->last;
    r->upstream->uri.len = head->uri.n;

    b->last = ngx_cpymem(b->last, head->uri.p, head->uri.n);
    b->last = ngx_sprintf(b->last, " HTTP/1.1" CRLF "Host: %V" CRLF,
                          &p->host_header);

    if (head->length >= 0) {
        b->last = ngx_sprintf(b->last, "Content-Length: %O" CRLF,
                              head->length);

    } else if (head->length == NGX_HTTP_CCPROXY_HEAD_CHUNKED) {
        b->last = ngx_cpymem(b->last, "Transfer-Encoding: chunked" CRLF,
                             sizeof("Transfer-Encoding: chunked" CRLF) - 1);
    }

    if (p->keepalive == 0) {
        b->last = ngx_cpymem(b->last, "Connection: close" CRLF,
                             sizeof("Connection: close" CRLF) - 1);
    }

    b->last = ngx_http_ccproxy_head_lines(b->last,
                                          ccp_lit(NGX_HTTP_CCPROXY_LINES),
                                          &set);
    b->last = ngx_http_ccproxy_head_lines(b->last, head->lines, &set);

    kv = set.elts;

    for (i = 0; i < set.nelts; i++) {
        if (kv[i].value.len != 0) {
            b->last = ngx_sprintf(b->last, "%V: %V" CRLF, &kv[i].key,
                                  &kv[i].value);
        }
    }

    *b->last++ = CR;
    *b->last++ = LF;

    return b;
}
