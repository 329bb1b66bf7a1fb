
/*
 * Differences between nginx's versions, 1.22 to mainline.
 */

#ifndef _NGX_HTTP_CCPROXY_VERSIONS_H_INCLUDED_
#define _NGX_HTTP_CCPROXY_VERSIONS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


#if (nginx_version < 1022000)
#error ngx_http_ccproxy_module needs nginx 1.22 or newer
#endif


/* 1.23.0: header lines of one name are a list. */

#if (nginx_version >= 1023000)
#define ngx_http_ccproxy_header_single(h)  (h)->next = NULL
#else
#define ngx_http_ccproxy_header_single(h)
#endif


/* 1.27.2: trailers can be kept. */

#if (nginx_version >= 1027002)
#define ngx_http_ccproxy_parse_chunked(r, b, ctx)                             \
    ngx_http_parse_chunked(r, b, ctx, 0)
#else
#define ngx_http_ccproxy_parse_chunked(r, b, ctx)                             \
    ngx_http_parse_chunked(r, b, ctx)
#endif


#endif /* _NGX_HTTP_CCPROXY_VERSIONS_H_INCLUDED_ */
