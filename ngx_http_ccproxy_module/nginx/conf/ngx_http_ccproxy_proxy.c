
/*
 * Proxies on the way to providers, as the configuration names them.  Keys and
 * providers that name the same one share it.
 */

#include "nginx/conf/ngx_http_ccproxy_conf.h"


#define NGX_HTTP_CCPROXY_PROXY_SCHEME  "http://"
#define NGX_HTTP_CCPROXY_PROXY_FORM                                           \
    "must be \"http://[USER:PASSWORD@]HOST:PORT\""


/* RFC 7617: the credentials, which are percent-encoded within a URL. */

static char *
ngx_http_ccproxy_proxy_auth(ngx_conf_t *cf, ngx_str_t *user, ngx_str_t *auth)
{
    u_char     *dst, *src, *p;
    ngx_str_t   plain, coded;

    p = ngx_strlchr(user->data, user->data + user->len, ':');

    if (p == NULL || p == user->data) {
        return NGX_HTTP_CCPROXY_PROXY_FORM;
    }

    plain.data = ngx_pnalloc(cf->temp_pool, user->len);
    if (plain.data == NULL) {
        return NGX_CONF_ERROR;
    }

    dst = plain.data;
    src = user->data;

    ngx_unescape_uri(&dst, &src, user->len, 0);

    plain.len = dst - plain.data;

    auth->data = ngx_pnalloc(cf->pool, sizeof("Basic ")
                                       + ngx_base64_encoded_length(plain.len));
    if (auth->data == NULL) {
        return NGX_CONF_ERROR;
    }

    coded.data = ngx_cpymem(auth->data, "Basic ", sizeof("Basic ") - 1);
    ngx_encode_base64(&coded, &plain);

    auth->len = coded.data + coded.len - auth->data;

    return NGX_CONF_OK;
}


/* HOST:PORT, and nothing behind it but a slash. */

static char *
ngx_http_ccproxy_proxy_address(ngx_conf_t *cf, ngx_str_t *text,
    ngx_http_ccproxy_host_t *h)
{
    ngx_url_t  u;

    if (text->len != 0 && text->data[text->len - 1] == '/') {
        text->len--;
    }

    if (text->len >= 5 && ngx_strncasecmp(text->data, (u_char *) "unix:", 5)
                          == 0)
    {
        return NGX_HTTP_CCPROXY_PROXY_FORM;
    }

    ngx_memzero(&u, sizeof(ngx_url_t));

    u.url = *text;
    u.no_resolve = 1;

    if (ngx_parse_url(cf->pool, &u) != NGX_OK) {
        return u.err ? NGX_HTTP_CCPROXY_PROXY_FORM : NGX_CONF_ERROR;
    }

    if (u.no_port || ngx_http_ccproxy_url_host(&u.host) != NGX_OK) {
        return NGX_HTTP_CCPROXY_PROXY_FORM;
    }

    ngx_strlow(u.host.data, u.host.data, u.host.len);

    h->name = u.host;
    h->port = u.port;

    if (u.naddrs != 0) {
        h->addrs = u.addrs;
        h->naddrs = u.naddrs;
        h->literal = 1;

    } else {
        h->resolve = 1;
    }

    h->owner.data = ngx_pnalloc(cf->pool, u.host.len
                                          + sizeof("proxy \"\":65535"));
    if (h->owner.data == NULL) {
        return NGX_CONF_ERROR;
    }

    h->owner.len = ngx_sprintf(h->owner.data, "proxy \"%V\":%ui", &h->name,
                               (ngx_uint_t) h->port)
                   - h->owner.data;

    return NGX_CONF_OK;
}


static ngx_uint_t
ngx_http_ccproxy_proxy_same(ngx_str_t *a, ngx_str_t *b)
{
    return a->len == b->len && ngx_memcmp(a->data, b->data, a->len) == 0;
}


/* The proxy that was named before in the same way, or this one. */

static ngx_http_ccproxy_proxy_t *
ngx_http_ccproxy_proxy_share(ngx_conf_t *cf, ngx_http_ccproxy_proxy_t *proxy)
{
    ngx_uint_t                      i;
    ngx_http_ccproxy_proxy_t      **pp;
    ngx_http_ccproxy_main_conf_t   *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);
    pp = mcf->proxies.elts;

    for (i = 0; i < mcf->proxies.nelts; i++) {
        if (pp[i]->host.port == proxy->host.port
            && ngx_http_ccproxy_proxy_same(&pp[i]->host.name,
                                           &proxy->host.name)
            && ngx_http_ccproxy_proxy_same(&pp[i]->auth, &proxy->auth))
        {
            return pp[i];
        }
    }

    pp = ngx_array_push(&mcf->proxies);
    if (pp == NULL) {
        return NULL;
    }

    *pp = proxy;

    return proxy;
}


char *
ngx_http_ccproxy_proxy(ngx_conf_t *cf, ngx_str_t *value,
    ngx_http_ccproxy_proxy_t **shared)
{
    char                      *rv;
    u_char                    *p, *at;
    ngx_str_t                  url, user;
    ngx_http_ccproxy_proxy_t  *proxy;

    rv = ngx_http_ccproxy_secret(cf, "proxy", value, 0, &url);

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    if (url.len < sizeof(NGX_HTTP_CCPROXY_PROXY_SCHEME)
        || ngx_strncasecmp(url.data,
                           (u_char *) NGX_HTTP_CCPROXY_PROXY_SCHEME,
                           sizeof(NGX_HTTP_CCPROXY_PROXY_SCHEME) - 1)
           != 0)
    {
        return NGX_HTTP_CCPROXY_PROXY_FORM;
    }

    url.data += sizeof(NGX_HTTP_CCPROXY_PROXY_SCHEME) - 1;
    url.len -= sizeof(NGX_HTTP_CCPROXY_PROXY_SCHEME) - 1;

    proxy = ngx_pcalloc(cf->pool, sizeof(ngx_http_ccproxy_proxy_t));
    if (proxy == NULL) {
        return NGX_CONF_ERROR;
    }

    /* a password may hold "@": the last one ends it */

    at = NULL;

    for (p = url.data; p < url.data + url.len; p++) {
        if (*p == '@') {
            at = p;
        }
    }

    if (at != NULL) {
        user.data = url.data;
        user.len = at - url.data;

        rv = ngx_http_ccproxy_proxy_auth(cf, &user, &proxy->auth);

        if (rv != NGX_CONF_OK) {
            return rv;
        }

        url.len -= at + 1 - url.data;
        url.data = at + 1;
    }

    rv = ngx_http_ccproxy_proxy_address(cf, &url, &proxy->host);

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    *shared = ngx_http_ccproxy_proxy_share(cf, proxy);

    return *shared == NULL ? NGX_CONF_ERROR : NGX_CONF_OK;
}


char *
ngx_http_ccproxy_proxy_statement(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_ccproxy_provider_t  *p = conf;

    ngx_str_t  *value;

    value = cf->args->elts;

    return ngx_http_ccproxy_proxy(cf, &value[1], &p->proxy);
}
