
/*
 * How long an upstream wants to be left alone: its header lines for
 * provider_wait.c, which reads them.
 */

#include "nginx/balance/ngx_http_ccproxy_balance.h"
#include "codec/provider/provider_error.h"


ngx_int_t
ngx_http_ccproxy_wait(ngx_http_request_t *r, ngx_list_t *headers,
    ngx_str_t *wait)
{
    int            t, status;
    size_t         n;
    ccp_header_t  *lines;

    ngx_str_null(wait);

    status = (int) r->upstream->headers_in.status_n;

    if (status < NGX_HTTP_BAD_REQUEST) {
        return NGX_OK;
    }

    if (ngx_http_ccproxy_header_lines(r->pool, headers, &lines, &n)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    t = ccp_provider_wait(lines, n, status, ngx_time());

    if (t == -1) {
        return NGX_OK;
    }

    wait->data = ngx_pnalloc(r->pool, NGX_INT_T_LEN);
    if (wait->data == NULL) {
        return NGX_ERROR;
    }

    wait->len = ngx_sprintf(wait->data, "%d", t) - wait->data;

    return NGX_OK;
}
