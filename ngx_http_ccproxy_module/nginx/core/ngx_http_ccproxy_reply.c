
/*
 * The header of the client's answer.
 */

#include "nginx/core/ngx_http_ccproxy.h"


ngx_int_t
ngx_http_ccproxy_response_header(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ccp_head_t *head)
{
    u_char           *p;
    size_t            n;
    ccp_str_t         id;
    ngx_str_t         value;

    static ngx_str_t  no_cache = ngx_string("no-cache");
    static ngx_str_t  no = ngx_string("no");

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
