
/*
 * The address of a provider's API root: http[s]://HOST[:PORT][/PATH], or
 * http://unix:/SOCKET:[/PATH].
 */

#include "nginx/conf/ngx_http_ccproxy_conf.h"


/* RFC 3986, 3: what an API root can't have, with the reason. */

static char *
ngx_http_ccproxy_url_check(ngx_str_t *url)
{
    u_char  *p, *last;

    last = url->data + url->len;

    for (p = url->data; p < last; p++) {

        switch (*p) {

        case '@':
            return "must not hold a user and password: write a \"key\" or a "
                   "\"header\" statement instead";

        case '?':
            return "must not hold a query: end it before the \"?\"";

        case '#':
            return "must not hold a fragment: end it before the \"#\"";

        case '$':
            return "can't hold variables";

        case '\\':
        case '"':
        case '<':
        case '>':
            return "holds a character that no URL has";

        default:
            if (*p <= ' ' || *p >= 0x7f) {
                return "holds a character that no URL has";
            }
        }
    }

    return NULL;
}


ngx_int_t
ngx_http_ccproxy_url_host(ngx_str_t *host)
{
    size_t  i;
    u_char  c;

    for (i = 0; i < host->len; i++) {
        c = ngx_tolower(host->data[i]);

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'
              || c == '.' || c == '_' || c == ':' || c == '[' || c == ']'))
        {
            return NGX_ERROR;
        }
    }

    return host->len == 0 ? NGX_ERROR : NGX_OK;
}


/* Host header: RFC 9110, 7.2; the scheme's own port is left out. */

static ngx_int_t
ngx_http_ccproxy_url_host_header(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p, ngx_url_t *u)
{
    u_char     *c;
    ngx_str_t   host;

    host = u->host;

    if (u->family == AF_UNIX) {
        ngx_str_set(&host, "localhost");
    }

    c = ngx_pnalloc(cf->pool, host.len + sizeof("[]:65535"));
    if (c == NULL) {
        return NGX_ERROR;
    }

    p->host_header.data = c;

    if (u->family == AF_INET6 && *host.data != '[') {
        c = ngx_sprintf(c, "[%V]", &host);

    } else {
        c = ngx_cpymem(c, host.data, host.len);
    }

    if (u->family != AF_UNIX && p->host.port != (p->ssl ? 443 : 80)) {
        c = ngx_sprintf(c, ":%ui", (ngx_uint_t) p->host.port);
    }

    p->host_header.len = c - p->host_header.data;

    return NGX_OK;
}


char *
ngx_http_ccproxy_url(ngx_conf_t *cf, ngx_http_ccproxy_provider_t *p,
    ngx_str_t *url)
{
    char       *rv;
    size_t      skip;
    ngx_url_t   u;

    rv = ngx_http_ccproxy_url_check(url);

    if (rv != NULL) {
        return rv;
    }

    if (url->len > 8 && ngx_strncasecmp(url->data, (u_char *) "https://", 8)
                        == 0)
    {
        p->ssl = 1;
        skip = 8;

    } else if (url->len > 7
               && ngx_strncasecmp(url->data, (u_char *) "http://", 7) == 0)
    {
        skip = 7;

    } else {
        return "must begin with \"https://\" or \"http://\" and a host";
    }

    ngx_memzero(&u, sizeof(ngx_url_t));

    u.url.data = url->data + skip;
    u.url.len = url->len - skip;
    u.default_port = p->ssl ? 443 : 80;
    u.uri_part = 1;
    u.no_resolve = 1;

    if (ngx_parse_url(cf->pool, &u) != NGX_OK) {
        return u.err ? "has no valid host or port: write "
                       "\"url https://HOST[:PORT][/PATH];\""
                     : NGX_CONF_ERROR;
    }

    if (u.family != AF_UNIX && ngx_http_ccproxy_url_host(&u.host) != NGX_OK) {
        return "has no valid host: write "
               "\"url https://HOST[:PORT][/PATH];\"";
    }

    if (u.family != AF_UNIX) {
        ngx_strlow(u.host.data, u.host.data, u.host.len);
    }

    p->host.name = u.host;
    p->host.port = u.port;
    p->root = u.uri;

    while (p->root.len != 0 && p->root.data[p->root.len - 1] == '/') {
        p->root.len--;
    }

    if (u.family == AF_UNIX) {

        if (p->ssl) {
            return "to a unix socket can't be \"https://\"";
        }

        ngx_str_set(&p->host.name, "localhost");
    }

    if (u.naddrs != 0) {
        p->host.addrs = u.addrs;
        p->host.naddrs = u.naddrs;
        p->host.literal = (u.family != AF_UNIX);

    } else {
        p->host.resolve = 1;
    }

    if (ngx_http_ccproxy_url_host_header(cf, p, &u) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}
