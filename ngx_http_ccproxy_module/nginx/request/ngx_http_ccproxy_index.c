
/*
 * "/" for a browser: the endpoints, and how to point a client at them.
 */

#include "nginx/request/ngx_http_ccproxy_request.h"
#include "nginx/request/ngx_http_ccproxy_index.h"


ngx_int_t
ngx_http_ccproxy_index_answer(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_str_t  body;

    static ngx_str_t  policy = ngx_string(NGX_HTTP_CCPROXY_INDEX_POLICY);
    static ngx_str_t  type = ngx_string("text/html; charset=utf-8");

    if (ngx_http_ccproxy_page_headers(r, &policy) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    body.data = (u_char *) ngx_http_ccproxy_index;
    body.len = sizeof(ngx_http_ccproxy_index) - 1;

    return ngx_http_ccproxy_reply(r, ctx, NGX_HTTP_OK, &type, &body);
}
