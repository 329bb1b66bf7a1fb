
/*
 * Web pages: which of them may ask (ccproxy_cors), and that without keys none
 * but those of this machine do.  A page whose name was rebound to a loopback
 * address sends its own name as Host, any other its Origin.
 */

#include "nginx/filter/ngx_http_ccproxy_filter.h"
#include "nginx/request/ngx_http_ccproxy_request.h"
#include "codec/base/base_match.h"


/* Header names that a page may send, echoed from its own list. */
#define NGX_HTTP_CCPROXY_CORS_NAMES  1024


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;


char *
ngx_http_ccproxy_cors(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ccproxy_loc_conf_t  *lcf = conf;

    u_char      *p, *last;
    ngx_str_t   *value, *origin;
    ngx_uint_t   i;

    (void) cmd;

    value = cf->args->elts;

    if (lcf->cors != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {
        lcf->cors = NULL;
        return NGX_CONF_OK;
    }

    lcf->cors = ngx_array_create(cf->pool, cf->args->nelts,
                                 sizeof(ngx_str_t));
    if (lcf->cors == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 1; i < cf->args->nelts; i++) {

        last = value[i].data + value[i].len;
        p = (u_char *) ngx_strstr(value[i].data, "://");

        if (ngx_strcmp(value[i].data, "*") != 0
            && (p == NULL || p == value[i].data || p + 3 == last
                || ngx_strlchr(p + 3, last, '/') != NULL))
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid origin \"%V\": write scheme, host and "
                               "port as browsers send them, "
                               "\"https://app.example.com\" or "
                               "\"https://*.example.com\", or \"*\"",
                               &value[i]);
            return NGX_CONF_ERROR;
        }

        origin = ngx_array_push(lcf->cors);
        if (origin == NULL) {
            return NGX_CONF_ERROR;
        }

        *origin = value[i];
    }

    return NGX_CONF_OK;
}


/* Whether "ccproxy_cors" has the origin; *any: by "*" alone. */

static ngx_uint_t
ngx_http_ccproxy_origin_listed(ngx_http_request_t *r, ngx_str_t *origin,
    ngx_uint_t *any)
{
    ngx_str_t                    *listed;
    ngx_uint_t                    i;
    ngx_http_ccproxy_loc_conf_t  *lcf;

    *any = 0;
    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);

    if (lcf->cors == NULL) {
        return 0;
    }

    listed = lcf->cors->elts;

    for (i = 0; i < lcf->cors->nelts; i++) {

        if (listed[i].len == 1) {
            *any = 1;

        } else if (ccp_str_glob(ngx_http_ccproxy_slice(&listed[i]),
                                ngx_http_ccproxy_slice(origin)))
        {
            *any = 0;
            return 1;
        }
    }

    return *any;
}


/* ---- this machine ---- */

/* localhost, its subdomains (RFC 6761, 6.3), and loopback addresses. */

static ngx_uint_t
ngx_http_ccproxy_origin_loopback(u_char *p, size_t n)
{
    in_addr_t  addr;
    ngx_str_t  name;

    static ngx_str_t  local = ngx_string("localhost");

    if (n > 1 && p[n - 1] == '.') {
        n--;
    }

    name.data = p;
    name.len = n;

    if (n >= local.len
        && ngx_strncasecmp(p + n - local.len, local.data, local.len) == 0
        && (n == local.len || p[n - local.len - 1] == '.'))
    {
        return 1;
    }

    if (n == 5 && ngx_strncmp(p, "[::1]", 5) == 0) {
        return 1;
    }

    addr = ngx_inet_addr(name.data, name.len);

    return addr != INADDR_NONE && ntohl(addr) >> 24 == 127;
}


/* Origin: SCHEME://HOST[:PORT] (RFC 6454, 7). */

static ngx_uint_t
ngx_http_ccproxy_origin_local(ngx_str_t *origin)
{
    u_char  *p, *last, *end;

    last = origin->data + origin->len;

    if (origin->len > 7
        && ngx_strncasecmp(origin->data, (u_char *) "http://", 7) == 0)
    {
        p = origin->data + 7;

    } else if (origin->len > 8
               && ngx_strncasecmp(origin->data, (u_char *) "https://", 8)
                  == 0)
    {
        p = origin->data + 8;

    } else {
        return 0;
    }

    end = p;

    while (end < last && (*end != ':' || *p == '[') && *end != ']') {
        end++;
    }

    if (end < last && *end == ']') {
        end++;
    }

    return ngx_http_ccproxy_origin_loopback(p, end - p);
}


const char *
ngx_http_ccproxy_origin_foreign(ngx_http_request_t *r)
{
    ngx_str_t   *origin;
    ngx_uint_t   any;

    /* a browser can't reach a unix socket */

    if (r->connection->sockaddr->sa_family != AF_UNIX
        && r->headers_in.server.len
        && !ngx_http_ccproxy_origin_loopback(r->headers_in.server.data,
                                             r->headers_in.server.len))
    {
        return "Host";
    }

    origin = ngx_http_ccproxy_header_in(r, "origin");

    /* "*" is for servers that ask for keys */

    if (origin == NULL || origin->len == 0
        || ngx_http_ccproxy_origin_local(origin)
        || (ngx_http_ccproxy_origin_listed(r, origin, &any) && !any))
    {
        return NULL;
    }

    return "Origin";
}


/* ---- what browsers are told ---- */

static ngx_int_t
ngx_http_ccproxy_cors_headers(ngx_http_request_t *r)
{
    ngx_str_t   *origin, value;
    ngx_uint_t   any;

    static ngx_str_t  vary = ngx_string("Origin");
    static ngx_str_t  expose = ngx_string("*, Retry-After, "
                                          "X-Ccproxy-Request-Id");

    origin = ngx_http_ccproxy_header_in(r, "origin");

    if (origin == NULL || origin->len == 0
        || !ngx_http_ccproxy_origin_listed(r, origin, &any))
    {
        return NGX_OK;
    }

    value = *origin;

    if (any) {
        ngx_str_set(&value, "*");

    } else if (ngx_http_ccproxy_header_out(r, "Vary", &vary) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_ccproxy_header_out(r, "Access-Control-Allow-Origin",
                                       &value)
           == NGX_OK
           ? ngx_http_ccproxy_header_out(r, "Access-Control-Expose-Headers",
                                         &expose)
           : NGX_ERROR;
}


static ngx_int_t
ngx_http_ccproxy_cors_header_filter(ngx_http_request_t *r)
{
    ngx_http_ccproxy_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);

    if (r == r->main && lcf->cors != NULL
        && ngx_http_ccproxy_cors_headers(r) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_next_header_filter(r);
}


/* Names of headers are tokens (RFC 9110, 5.1), and nothing else is echoed. */

static ngx_uint_t
ngx_http_ccproxy_cors_names(ngx_str_t *names)
{
    u_char  *p;

    for (p = names->data; p < names->data + names->len; p++) {
        if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z')
              || (*p >= '0' && *p <= '9') || *p == '-' || *p == '_'
              || *p == ',' || *p == ' '))
        {
            return 0;
        }
    }

    return names->len && names->len <= NGX_HTTP_CCPROXY_CORS_NAMES;
}


ngx_int_t
ngx_http_ccproxy_cors_preflight(ngx_http_request_t *r)
{
    ngx_str_t                    *origin, *names;
    ngx_uint_t                    any;
    ngx_http_ccproxy_loc_conf_t  *lcf;

    static ngx_str_t  methods = ngx_string("GET, HEAD, POST");
    static ngx_str_t  age = ngx_string("600");
    static ngx_str_t  yes = ngx_string("true");

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);

    if (r->method != NGX_HTTP_OPTIONS || r != r->main || lcf->cors == NULL) {
        return NGX_DECLINED;
    }

    origin = ngx_http_ccproxy_header_in(r, "origin");

    if (origin == NULL
        || ngx_http_ccproxy_header_in(r, "access-control-request-method")
           == NULL
        || !ngx_http_ccproxy_origin_listed(r, origin, &any))
    {
        return NGX_DECLINED;
    }

    names = ngx_http_ccproxy_header_in(r, "access-control-request-headers");

    if (names && ngx_http_ccproxy_cors_names(names)
        && ngx_http_ccproxy_header_out(r, "Access-Control-Allow-Headers",
                                       names)
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ngx_http_ccproxy_header_in(r, "access-control-request-private-network")
        && ngx_http_ccproxy_header_out(r,
                                       "Access-Control-Allow-Private-Network",
                                       &yes)
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ngx_http_ccproxy_header_out(r, "Access-Control-Allow-Methods",
                                    &methods)
        != NGX_OK
        || ngx_http_ccproxy_header_out(r, "Access-Control-Max-Age", &age)
           != NGX_OK
        || ngx_http_discard_request_body(r) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->headers_out.status = NGX_HTTP_NO_CONTENT;
    r->header_only = 1;

    ngx_http_finalize_request(r, ngx_http_send_header(r));

    return NGX_DONE;
}


void
ngx_http_ccproxy_cors_init(void)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_ccproxy_cors_header_filter;
}
