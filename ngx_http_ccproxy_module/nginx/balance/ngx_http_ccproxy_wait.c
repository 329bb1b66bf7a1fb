
/*
 * How long an upstream wants to be left alone: its header lines for
 * provider_wait.c, which reads them.
 */

#include "nginx/balance/ngx_http_ccproxy_balance.h"
#include "codec/base/base_time.h"
#include "codec/provider/provider_error.h"


/* The present time as the upstream has it: moments that it names are by its
 * clock.  ngx_time() if it doesn't say. */

static time_t
ngx_http_ccproxy_wait_date(ccp_header_t *lines, size_t n)
{
    size_t   i;
    int64_t  t;

    for (i = 0; i < n; i++) {

        if (lines[i].name.n != 4
            || ngx_strncasecmp((u_char *) lines[i].name.p, (u_char *) "date",
                               4) != 0)
        {
            continue;
        }

        t = ccp_time_http(lines[i].value);

        if (t > 0) {
            return (time_t) t;
        }
    }

    return ngx_time();
}


ngx_int_t
ngx_http_ccproxy_wait(ngx_http_request_t *r, ngx_list_t *headers,
    ngx_str_t *wait, time_t *date)
{
    int            t, status;
    size_t         n;
    ccp_header_t  *lines;

    ngx_str_null(wait);
    *date = 0;

    status = (int) r->upstream->headers_in.status_n;

    if (status < NGX_HTTP_BAD_REQUEST) {
        return NGX_OK;
    }

    if (ngx_http_ccproxy_header_lines(r->pool, headers, &lines, &n)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    *date = ngx_http_ccproxy_wait_date(lines, n);
    t = ccp_provider_wait(lines, n, status, *date);

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
