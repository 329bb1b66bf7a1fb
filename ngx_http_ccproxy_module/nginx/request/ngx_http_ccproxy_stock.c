
/*
 * Directives of nginx's proxy module in locations of ours: those that would do
 * nothing there, or harm, are refused with what to write instead.  They come
 * here first, as the proxy module keeps to itself what it read.
 */

#include "nginx/request/ngx_http_ccproxy_request.h"


/* Where a directive counts as meant for the location. */

#define NGX_HTTP_CCPROXY_STOCK_OWN   0        /* written in it */
#define NGX_HTTP_CCPROXY_STOCK_ANY   1        /* or in a level above */


struct ngx_http_ccproxy_stock_row_s {
    ngx_str_t    name;
    ngx_uint_t   where;
    const char  *fine;        /* arguments that are not refused */
    const char  *remedy;
};


#define ngx_http_ccproxy_row(name, where, fine, remedy)                       \
    { ngx_string(name), NGX_HTTP_CCPROXY_STOCK_##where, fine, remedy }

#define NGX_HTTP_CCPROXY_TLS  "TLS to providers is set in their blocks: write "


static const ngx_http_ccproxy_stock_row_t  ngx_http_ccproxy_stock_rows[] = {

    ngx_http_ccproxy_row("proxy_set_body", ANY, "",
        "the body is made for the provider: write \"param\" or \"default\" in "
        "its block, or \"ccproxy_replace\" here"),
    ngx_http_ccproxy_row("proxy_method", ANY, "POST",
        "providers are asked by the method of their protocol: remove it"),
    ngx_http_ccproxy_row("proxy_pass_request_body", ANY, "on",
        "a provider needs the request: remove it"),
    ngx_http_ccproxy_row("proxy_http_version", ANY, "1.1",
        "providers are asked in HTTP/1.1: remove it"),
    ngx_http_ccproxy_row("proxy_store", ANY, "off",
        "answers can't be stored as files, use \"proxy_cache\": remove it"),
    ngx_http_ccproxy_row("proxy_cache_background_update", ANY, "off",
        "an answer is asked for by who waits for it: remove it"),
    ngx_http_ccproxy_row("proxy_cache_convert_head", OWN, "on",
        "there is no HEAD of an answer: remove it"),
    ngx_http_ccproxy_row("proxy_cache_use_stale", OWN, "off",
        "no old answer stands in for a failure: remove it"),
    ngx_http_ccproxy_row("proxy_cache_revalidate", OWN, "off",
        "no provider says whether an old answer still holds: remove it"),
    ngx_http_ccproxy_row("proxy_force_ranges", ANY, "off",
        "answers have no ranges: remove it"),

    ngx_http_ccproxy_row("proxy_buffering", OWN, "off",
        "streams are never held back: remove it"),
    ngx_http_ccproxy_row("proxy_next_upstream", OWN, "off",
        "the pool knows which failures another target may mend: write "
        "\"ccproxy_tries\" in its \"upstream\", or \"proxy_next_upstream "
        "off;\""),
    ngx_http_ccproxy_row("proxy_redirect", OWN, "off default",
        "no redirect of a provider's reaches a client: remove it"),
    ngx_http_ccproxy_row("proxy_cookie_domain", OWN, "off",
        "no cookie of a provider's reaches a client: remove it"),
    ngx_http_ccproxy_row("proxy_cookie_path", OWN, "off",
        "no cookie of a provider's reaches a client: remove it"),
    ngx_http_ccproxy_row("proxy_cookie_flags", OWN, "off",
        "no cookie of a provider's reaches a client: remove it"),
    ngx_http_ccproxy_row("proxy_pass_header", OWN, "",
        "headers of answers pass by a list: use \"add_header\""),
    ngx_http_ccproxy_row("proxy_limit_rate", OWN, "0",
        "streams are never held back: use \"limit_rate\", which slows the "
        "client down"),
    ngx_http_ccproxy_row("proxy_bind", OWN, "off",
        "connections to providers are not bound to an address: remove it"),

    ngx_http_ccproxy_row("proxy_ssl_verify", OWN, "on",
        NGX_HTTP_CCPROXY_TLS "\"tls_verify\" there"),
    ngx_http_ccproxy_row("proxy_ssl_trusted_certificate", OWN, "",
        NGX_HTTP_CCPROXY_TLS "\"tls_ca\" there"),
    ngx_http_ccproxy_row("proxy_ssl_certificate", OWN, "",
        NGX_HTTP_CCPROXY_TLS "\"tls_certificate\" there"),
    ngx_http_ccproxy_row("proxy_ssl_certificate_key", OWN, "",
        NGX_HTTP_CCPROXY_TLS "\"tls_certificate_key\" there"),
    ngx_http_ccproxy_row("proxy_ssl_name", OWN, "",
        NGX_HTTP_CCPROXY_TLS "the name in \"url\" there"),
    ngx_http_ccproxy_row("proxy_ssl_server_name", OWN, "on",
        "the name of the provider is always sent: remove it"),
    { ngx_null_string, 0, NULL, NULL }
};


/* Headers that no location sets: the provider's, and those of the framing. */

static const struct {
    ngx_str_t    name;
    const char  *remedy;      /* NULL: they are as they are, nobody minds */
} ngx_http_ccproxy_stock_headers[] = {
    { ngx_string("Host"), "it is the provider's, from its \"url\"" },
    { ngx_string("Authorization"), "write \"key\" in the provider's block" },
    { ngx_string("x-api-key"), "write \"key\" in the provider's block" },
    { ngx_string("api-key"), "write \"key\" in the provider's block" },
    { ngx_string("x-goog-api-key"), "write \"key\" in the provider's block" },
    { ngx_string("Content-Type"), "the body is made for the provider" },
    { ngx_string("Content-Encoding"), "the body is made for the provider" },
    { ngx_string("Content-Length"), "the body is made for the provider" },
    { ngx_string("Transfer-Encoding"), "the body is made for the provider" },
    { ngx_string("Connection"), NULL },
    { ngx_string("Keep-Alive"), NULL },
    { ngx_string("Upgrade"), NULL },
    { ngx_string("TE"), NULL },
    { ngx_string("Trailer"), NULL },
    { ngx_string("Expect"), NULL },
    { ngx_string("Accept-Encoding"), NULL },
    { ngx_null_string, NULL }
};


static ngx_uint_t
ngx_http_ccproxy_stock_fine(const char *fine, ngx_str_t *value)
{
    size_t       n;
    const char  *p;

    for (p = fine; *p; p += n + (p[n] == ' ')) {
        n = strcspn(p, " ");

        if (n == value->len && ngx_memcmp(p, value->data, n) == 0) {
            return 1;
        }
    }

    return 0;
}


static ngx_http_ccproxy_stock_t *
ngx_http_ccproxy_stock_add(ngx_conf_t *cf, ngx_http_ccproxy_loc_conf_t *lcf)
{
    ngx_http_ccproxy_stock_t  *s;

    if (lcf->stock == NULL) {
        lcf->stock = ngx_array_create(cf->pool, 2,
                                      sizeof(ngx_http_ccproxy_stock_t));
        if (lcf->stock == NULL) {
            return NULL;
        }
    }

    s = ngx_array_push(lcf->stock);
    if (s == NULL) {
        return NULL;
    }

    ngx_memzero(s, sizeof(ngx_http_ccproxy_stock_t));

    s->file = cf->conf_file->file.name.data;
    s->line = cf->conf_file->line;

    return s;
}


char *
ngx_http_ccproxy_stock_note(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                           *value;
    ngx_http_ccproxy_stock_t            *s;
    ngx_http_ccproxy_loc_conf_t         *lcf;
    const ngx_http_ccproxy_stock_row_t  *row;

    value = cf->args->elts;
    lcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_ccproxy_module);

    for (row = ngx_http_ccproxy_stock_rows; row->name.len; row++) {
        if (ngx_http_ccproxy_eq((ngx_str_t *) &row->name, &cmd->name)) {
            break;
        }
    }

    s = ngx_http_ccproxy_stock_add(cf, lcf);
    if (s == NULL) {
        return NGX_CONF_ERROR;
    }

    s->row = row;
    s->fine = ngx_http_ccproxy_stock_fine(row->fine, &value[1]);

    return ngx_http_ccproxy_early_pass(cf, cmd, conf);
}


/* "proxy_set_header": counts, but for headers that are not the location's. */

char *
ngx_http_ccproxy_stock_header(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                         *value, text;
    ngx_uint_t                         i;
    ngx_http_ccproxy_stock_t          *s;
    ngx_http_ccproxy_header_t         *h;
    ngx_http_ccproxy_loc_conf_t       *lcf;
    ngx_http_compile_complex_value_t   ccv;

    value = cf->args->elts;
    lcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_ccproxy_module);

    if (lcf->set_headers == NGX_CONF_UNSET_PTR) {
        lcf->set_headers = ngx_array_create(cf->pool, 2,
                                           sizeof(ngx_http_ccproxy_header_t));
        if (lcf->set_headers == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    for (i = 0; ngx_http_ccproxy_stock_headers[i].name.len; i++) {

        if (ngx_http_ccproxy_stock_headers[i].name.len != value[1].len
            || ngx_strncasecmp(ngx_http_ccproxy_stock_headers[i].name.data,
                               value[1].data, value[1].len)
               != 0)
        {
            continue;
        }

        s = ngx_http_ccproxy_stock_add(cf, lcf);
        if (s == NULL) {
            return NGX_CONF_ERROR;
        }

        s->header = ngx_http_ccproxy_stock_headers[i].name;
        s->remedy = ngx_http_ccproxy_stock_headers[i].remedy;
        s->fine = (s->remedy == NULL);

        return ngx_http_ccproxy_early_pass(cf, cmd, conf);
    }

    h = ngx_array_push(lcf->set_headers);
    text.data = ngx_pstrdup(cf->pool, &value[2]);
    text.len = value[2].len;

    if (h == NULL || text.data == NULL) {
        return NGX_CONF_ERROR;
    }

    h->name = value[1];

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = &text;
    ccv.complex_value = &h->value;

    if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return ngx_http_ccproxy_early_pass(cf, cmd, conf);
}


/* "proxy_cache_key": its text tells whether answers may be mixed up. */

char *
ngx_http_ccproxy_stock_key(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                    *value;
    ngx_http_ccproxy_loc_conf_t  *lcf;

    value = cf->args->elts;
    lcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_ccproxy_module);

    lcf->cache_key.len = value[1].len;
    lcf->cache_key.data = ngx_pstrdup(cf->pool, &value[1]);

    if (lcf->cache_key.data == NULL) {
        return NGX_CONF_ERROR;
    }

    return ngx_http_ccproxy_early_pass(cf, cmd, conf);
}


/* Those that count from levels above, unless the level has its own. */

char *
ngx_http_ccproxy_stock_merge(ngx_conf_t *cf, ngx_http_ccproxy_loc_conf_t *prev,
    ngx_http_ccproxy_loc_conf_t *conf)
{
    ngx_uint_t                 i, k, n;
    ngx_http_ccproxy_stock_t  *above, *own, *s;

    ngx_conf_merge_ptr_value(conf->set_headers, prev->set_headers, NULL);

    if (conf->cache_key.len == 0) {
        conf->cache_key = prev->cache_key;
    }

    if (prev->stock == NULL) {
        return NGX_CONF_OK;
    }

    above = prev->stock->elts;
    n = conf->stock ? conf->stock->nelts : 0;

    for (i = 0; i < prev->stock->nelts; i++) {

        if (above[i].row == NULL
            || above[i].row->where != NGX_HTTP_CCPROXY_STOCK_ANY)
        {
            continue;
        }

        own = conf->stock ? conf->stock->elts : NULL;

        for (k = 0; k < n; k++) {
            if (own[k].row == above[i].row) {
                break;
            }
        }

        if (k < n) {
            continue;
        }

        s = ngx_http_ccproxy_stock_add(cf, conf);
        if (s == NULL) {
            return NGX_CONF_ERROR;
        }

        *s = above[i];
    }

    return NGX_CONF_OK;
}


ngx_int_t
ngx_http_ccproxy_stock_check(ngx_conf_t *cf, ngx_http_ccproxy_loc_conf_t *lcf)
{
    ngx_uint_t                 i;
    ngx_http_ccproxy_stock_t  *s;

    if (lcf->stock == NULL) {
        return NGX_OK;
    }

    s = lcf->stock->elts;

    for (i = 0; i < lcf->stock->nelts; i++) {

        if (s[i].fine) {
            continue;
        }

        if (s[i].row) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "\"%V\" can't be used with \"ccproxy on\": %s in "
                          "%s:%ui", &s[i].row->name, s[i].row->remedy,
                          s[i].file, s[i].line);

        } else {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "\"proxy_set_header %V\" can't be used with "
                          "\"ccproxy on\": %s in %s:%ui", &s[i].header,
                          s[i].remedy, s[i].file, s[i].line);
        }

        return NGX_ERROR;
    }

    return NGX_OK;
}
