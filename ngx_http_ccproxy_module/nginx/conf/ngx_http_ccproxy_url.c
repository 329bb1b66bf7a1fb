
/*
 * The address of a provider's API root: http[s]://HOST[:PORT][/PATH], or
 * http://unix:/SOCKET:[/PATH].
 */

#include "nginx/conf/ngx_http_ccproxy_conf.h"


/* How much of a path's end tells an endpoint. */
#define NGX_HTTP_CCPROXY_URL_TAIL  128


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


/* The length of "https://" or "http://"; 0: it is neither, or all there is. */

static size_t
ngx_http_ccproxy_url_scheme(ngx_http_ccproxy_provider_t *p, ngx_str_t *url)
{
    if (url->len > 8
        && ngx_strncasecmp(url->data, (u_char *) "https://", 8) == 0)
    {
        p->ssl = 1;
        return 8;
    }

    return url->len > 7
           && ngx_strncasecmp(url->data, (u_char *) "http://", 7) == 0 ? 7 : 0;
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

    skip = ngx_http_ccproxy_url_scheme(p, url);

    if (skip == 0) {
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

    p->slash = (p->root.len == 1);

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


/* Where a segment "v1", "v1beta" or the like begins; NULL: there is none. */

static u_char *
ngx_http_ccproxy_url_version(u_char *p, size_t n)
{
    u_char  *last;

    for (last = p + n; p + 2 < last; p++) {
        if (p[0] == '/' && p[1] == 'v' && p[2] >= '0' && p[2] <= '9') {
            return p;
        }
    }

    return NULL;
}


/* Whether roots of the protocol have a version, as its first preset shows. */

static ngx_uint_t
ngx_http_ccproxy_url_versioned(ngx_http_ccproxy_provider_t *p)
{
    size_t                 i;
    const char            *base;
    const ccp_provider_t  *row;

    base = p->row.base;

    for (i = 0; base == NULL && (row = ccp_provider_row(i)) != NULL; i++) {
        if (row->proto == p->row.proto) {
            base = row->base;
        }
    }

    return base && ngx_http_ccproxy_url_version((u_char *) base,
                                                ngx_strlen(base));
}


/* Whether the path ends as an endpoint does, whatever its version. */

static ngx_uint_t
ngx_http_ccproxy_url_endpoint(ngx_str_t *root)
{
    u_char          *p, *last, buf[NGX_HTTP_CCPROXY_URL_TAIL + 4];
    ccp_str_t        path;
    ngx_uint_t       segments;
    ccp_endpoint_t   ep;

    last = root->data + root->len;
    segments = 0;

    path = ccp_none;
    path.p = buf;

    for (p = last - 1; p >= root->data && segments < 2; p--) {

        if (*p != '/' || last - p > NGX_HTTP_CCPROXY_URL_TAIL) {
            continue;
        }

        segments++;
        path.n = ngx_sprintf(buf, "/v1%*s", (size_t) (last - p), p) - buf;

        ccp_endpoint_parse(&ep, path, ccp_none, 0);

        if (ep.op != CCP_OP_UNKNOWN && ep.op != CCP_OP_HEALTH) {
            return 1;
        }
    }

    return 0;
}


static ngx_uint_t
ngx_http_ccproxy_url_ends(ngx_str_t *root, const char *end)
{
    size_t  n;

    n = ngx_strlen(end);

    return root->len >= n
           && ngx_memcmp(root->data + root->len - n, end, n) == 0;
}


char *
ngx_http_ccproxy_url_root(ngx_http_ccproxy_provider_t *p)
{
    size_t      n;
    u_char     *version;
    ngx_str_t  *root;
    ngx_uint_t  versioned;

    root = &p->root;
    versioned = ngx_http_ccproxy_url_versioned(p);

    if (root->len == 0) {
        return versioned && !p->slash
               ? "ends before the version of the API: write \".../v1\", or "
                 "\".../\" if the provider has none"
               : NULL;
    }

    /* … or half of one */

    if (ngx_http_ccproxy_url_endpoint(root)
        || ngx_http_ccproxy_url_ends(root, "/chat")
        || (!versioned && ngx_http_ccproxy_url_ends(root, "/api")))
    {
        return "ends with an endpoint's path, which is the module's to "
               "choose: write the API root alone, such as "
               "\"https://HOST/v1\", or \"http://HOST:PORT\" where there is none";
    }

    version = ngx_http_ccproxy_url_version(root->data, root->len);
    n = version ? root->len - (version - root->data) : 0;

    if (!versioned && p->row.base == NULL && version
        && memchr(version + 1, '/', n - 1) == NULL)
    {
        return "ends with a version, which this protocol has not: remove it";
    }

    return NULL;
}
