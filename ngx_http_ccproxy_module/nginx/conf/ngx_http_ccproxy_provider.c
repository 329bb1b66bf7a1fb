
/*
 * ccproxy_provider NAME { … }: who answers, where, with which keys; and
 * presets that are named in place of one.
 */

#include "nginx/conf/ngx_http_ccproxy_conf.h"


static ngx_http_ccproxy_provider_t *
ngx_http_ccproxy_provider_create(ngx_conf_t *cf, ngx_str_t *name,
    u_char *file, ngx_uint_t line)
{
    ngx_http_ccproxy_provider_t  *p;

    p = ngx_pcalloc(cf->pool, sizeof(ngx_http_ccproxy_provider_t));
    if (p == NULL) {
        return NULL;
    }

    if (ngx_array_init(&p->keys, cf->pool, 2, sizeof(ngx_http_ccproxy_key_t))
        != NGX_OK
        || ngx_array_init(&p->headers, cf->pool, 2,
                          sizeof(ngx_http_ccproxy_header_t))
           != NGX_OK
        || ngx_array_init(&p->params, cf->pool, 2, sizeof(void *)) != NGX_OK
        || ngx_array_init(&p->quirks, cf->pool, 2,
                          sizeof(ngx_http_ccproxy_quirk_t))
           != NGX_OK)
    {
        return NULL;
    }

    p->host.owner.data = ngx_pnalloc(cf->pool, name->len
                                               + sizeof("provider \"\""));
    if (p->host.owner.data == NULL) {
        return NULL;
    }

    p->host.owner.len = ngx_sprintf(p->host.owner.data, "provider \"%V\"",
                                    name)
                        - p->host.owner.data;

    p->name = *name;
    p->file = file;
    p->line = line;
    p->connect_timeout = NGX_CONF_UNSET_MSEC;
    p->read_timeout = NGX_CONF_UNSET_MSEC;
    p->keepalive = NGX_CONF_UNSET_UINT;
    p->keepalive_timeout = NGX_CONF_UNSET_MSEC;
    p->tls_verify = NGX_CONF_UNSET;
    p->tools = NGX_CONF_UNSET_UINT;

    return p;
}


static ngx_int_t
ngx_http_ccproxy_provider_add(ngx_conf_t *cf, ngx_http_ccproxy_provider_t *p)
{
    ccp_arena_t                    *arena;
    ngx_http_ccproxy_provider_t   **pp;
    ngx_http_ccproxy_main_conf_t   *mcf;

    arena = ngx_http_ccproxy_conf_arena(cf);

    if (arena == NULL || ccp_provider_make(&p->row, arena) != CCP_OK) {
        return NGX_ERROR;
    }

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);

    pp = ngx_array_push(&mcf->providers);
    if (pp == NULL) {
        return NGX_ERROR;
    }

    *pp = p;

    ngx_conf_init_uint_value(p->keepalive, NGX_HTTP_CCPROXY_KEEPALIVE);
    ngx_conf_init_msec_value(p->keepalive_timeout,
                             NGX_HTTP_CCPROXY_KEEPALIVE_TIMEOUT);
    ngx_conf_init_value(p->tls_verify, 1);
    ngx_conf_init_uint_value(p->tools, CCP_TOOLS_UNSET);

    return NGX_OK;
}


static ngx_http_ccproxy_provider_t *
ngx_http_ccproxy_provider_lookup(ngx_conf_t *cf, ngx_str_t *name)
{
    ngx_uint_t                      i;
    ngx_http_ccproxy_provider_t   **pp;
    ngx_http_ccproxy_main_conf_t   *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);
    pp = mcf->providers.elts;

    for (i = 0; i < mcf->providers.nelts; i++) {
        if (pp[i]->name.len == name->len
            && ngx_strncmp(pp[i]->name.data, name->data, name->len) == 0)
        {
            return pp[i];
        }
    }

    return NULL;
}


/* Takes the preset's address; NULL or what is wrong. */

static char *
ngx_http_ccproxy_provider_base(ngx_conf_t *cf, ngx_http_ccproxy_provider_t *p)
{
    u_char     *c;
    ngx_int_t   rc;
    ngx_str_t   url;

    rc = ngx_http_ccproxy_preset_var(cf, &p->row, "_BASE_URL", &url);

    if (rc != NGX_DECLINED) {
        return rc == NGX_OK ? ngx_http_ccproxy_url(cf, p, &url)
                            : NGX_CONF_ERROR;
    }

    /* a copy, because a host is written in lower case */

    url.len = ngx_strlen(p->row.base);
    url.data = ngx_pnalloc(cf->pool, url.len);
    if (url.data == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memcpy(url.data, p->row.base, url.len);

    /* capitals stand for what each customer has of his own */

    for (c = url.data; c < url.data + url.len; c++) {
        if (*c >= 'A' && *c <= 'Z') {
            return "has an address of your own: add a \"url\" statement to a "
                   "\"ccproxy_provider\" of this preset";
        }
    }

    return ngx_http_ccproxy_url(cf, p, &url);
}


/* What a block must say, and say rightly, once all of it was read. */

static char *
ngx_http_ccproxy_provider_check(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p)
{
    char  *rv;

    if (p->row.name == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "provider \"%V\" needs \"preset NAME;\", or "
                           "\"protocol NAME;\" and \"url URL;\"", &p->name);
        return NGX_CONF_ERROR;
    }

    if (p->host.name.len == 0) {

        if (p->row.base == NULL) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "provider \"%V\" needs a \"url\" statement",
                               &p->name);
            return NGX_CONF_ERROR;
        }

        rv = ngx_http_ccproxy_provider_base(cf, p);

        if (rv != NGX_CONF_OK) {
            if (rv != NGX_CONF_ERROR) {
                ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                                   "provider \"%V\" %s", &p->name, rv);
            }

            return NGX_CONF_ERROR;
        }
    }

    if (p->url_line) {
        rv = ngx_http_ccproxy_url_root(p);

        if (rv != NULL) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "\"url\" of provider \"%V\" %s in %s:%ui", &p->name,
                          rv, p->file, p->url_line);
            return NGX_CONF_ERROR;
        }
    }

    if ((p->tls_certificate.len == 0) != (p->tls_certificate_key.len == 0)) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "provider \"%V\" needs both \"tls_certificate\" and "
                      "\"tls_certificate_key\" in %s:%ui", &p->name, p->file,
                      p->tls_certificate_line);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


char *
ngx_http_ccproxy_provider(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char                         *rv;
    ngx_str_t                    *value;
    ngx_http_ccproxy_provider_t  *p, *other;

    value = cf->args->elts;

    if (value[1].len == 0
        || ngx_strlchr(value[1].data, value[1].data + value[1].len, ',')
           != NULL)
    {
        return "needs a name without a comma, which separates provider and "
               "model where clients name both";
    }

    other = ngx_http_ccproxy_provider_lookup(cf, &value[1]);

    if (other != NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "provider \"%V\" is declared already in %s:%ui; "
                           "give this one another name",
                           &value[1], other->file, other->line);
        return NGX_CONF_ERROR;
    }

    p = ngx_http_ccproxy_provider_create(cf, &value[1],
                                         cf->conf_file->file.name.data,
                                         cf->conf_file->line);
    if (p == NULL) {
        return NGX_CONF_ERROR;
    }

    rv = ngx_http_ccproxy_provider_block(cf, p);

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    if (ngx_http_ccproxy_provider_check(cf, p) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    if (ngx_http_ccproxy_provider_quirks(cf, p) != NGX_OK
        || ngx_http_ccproxy_provider_params(cf, p) != NGX_OK
        || ngx_http_ccproxy_price_list(cf, p) != NGX_OK
        || ngx_http_ccproxy_provider_add(cf, p) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* The preset of that name as if it had been declared. */

static ngx_http_ccproxy_provider_t *
ngx_http_ccproxy_provider_bare(ngx_conf_t *cf, ngx_str_t *name, u_char *file,
    ngx_uint_t line)
{
    char                         *rv;
    ngx_int_t                     rc;
    const ccp_provider_t         *pr;
    ngx_http_ccproxy_provider_t  *p;

    pr = ccp_provider_find(ngx_http_ccproxy_slice(name));

    if (pr == NULL) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "unknown provider \"%V\": declare it with "
                      "\"ccproxy_provider %V { … }\" or use a preset's name "
                      "in %s:%ui", name, name, file, line);
        return NULL;
    }

    p = ngx_http_ccproxy_provider_create(cf, name, file, line);
    if (p == NULL) {
        return NULL;
    }

    p->row = *pr;
    p->bare = 1;

    rv = ngx_http_ccproxy_provider_base(cf, p);

    if (rv != NGX_CONF_OK) {
        if (rv != NGX_CONF_ERROR) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "preset \"%V\" %s in %s:%ui", name, rv, file, line);
        }

        return NULL;
    }

    if (pr->env == NULL) {
        return p;
    }

    rc = ngx_http_ccproxy_key_env(cf, p, pr->env);

    /* a server of one's own (no TLS) is used without a key as well */

    if (rc == NGX_DECLINED && pr->auth != CCP_AUTH_NONE && p->ssl) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "no key for \"%V\": set %s in nginx's environment, or "
                      "declare \"ccproxy_provider\" with a \"key\" in %s:%ui",
                      name, pr->env, file, line);
        return NULL;
    }

    return rc == NGX_ERROR ? NULL : p;
}


ngx_http_ccproxy_provider_t *
ngx_http_ccproxy_provider_find(ngx_conf_t *cf, ngx_str_t *name, u_char *file,
    ngx_uint_t line)
{
    ngx_http_ccproxy_provider_t  *p;

    p = ngx_http_ccproxy_provider_lookup(cf, name);

    if (p == NULL) {
        p = ngx_http_ccproxy_provider_bare(cf, name, file, line);

        if (p == NULL || ngx_http_ccproxy_provider_add(cf, p) != NGX_OK) {
            return NULL;
        }
    }

    if (p->used) {
        return p;
    }

    p->used = 1;

#if !(NGX_HTTP_SSL)
    if (p->ssl) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "provider \"%V\" needs TLS, which this nginx was built "
                      "without in %s:%ui", name, file, line);
        return NULL;
    }
#endif

    return p;
}
