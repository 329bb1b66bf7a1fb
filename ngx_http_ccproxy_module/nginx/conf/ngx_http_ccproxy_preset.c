
/*
 * Variables of the environment that set a preset's address, model and cap of
 * output: GROQ_BASE_URL, GROQ_MODEL, GROQ_MAX_TOKENS, and so on.
 */

#include "nginx/conf/ngx_http_ccproxy_conf.h"


#define NGX_HTTP_CCPROXY_TOKENS_MAX  1000000000


/* "a, b, c" of all presets, in the temporary pool. */

ngx_int_t
ngx_http_ccproxy_preset_list(ngx_conf_t *cf, ngx_str_t *list)
{
    size_t                 i, n;
    u_char                *p;
    const ccp_provider_t  *pr;

    n = 1;

    for (i = 0; (pr = ccp_provider_row(i)) != NULL; i++) {
        n += ngx_strlen(pr->name) + 2;
    }

    list->data = ngx_pnalloc(cf->temp_pool, n);
    if (list->data == NULL) {
        return NGX_ERROR;
    }

    p = list->data;

    for (i = 0; (pr = ccp_provider_row(i)) != NULL; i++) {
        if (i != 0) {
            *p++ = ',';
            *p++ = ' ';
        }

        p = ngx_cpymem(p, pr->name, ngx_strlen(pr->name));
    }

    list->len = p - list->data;

    return NGX_OK;
}


ngx_int_t
ngx_http_ccproxy_preset_var(ngx_conf_t *cf, const ccp_provider_t *pr,
    const char *suffix, ngx_str_t *value)
{
    size_t      n;
    ngx_str_t   name;

    if (pr->vars == NULL) {
        return NGX_DECLINED;
    }

    n = ngx_strlen(pr->vars) + ngx_strlen(suffix);

    name.data = ngx_pnalloc(cf->temp_pool, n);
    if (name.data == NULL) {
        return NGX_ERROR;
    }

    name.len = ngx_sprintf(name.data, "%s%s", pr->vars, suffix) - name.data;

    return ngx_http_ccproxy_secret_env(cf, &name, value);
}


ngx_int_t
ngx_http_ccproxy_preset_target(ngx_conf_t *cf, ngx_http_ccproxy_target_t *t)
{
    ngx_int_t              n, rc;
    ngx_str_t              value;
    const ccp_provider_t  *pr;

    pr = &t->provider->row;

    if (t->target.model.p == NULL) {
        rc = ngx_http_ccproxy_preset_var(cf, pr, "_MODEL", &value);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (rc == NGX_OK) {
            t->target.model = ngx_http_ccproxy_slice(&value);
        }
    }

    if (t->target.max_tokens != CCP_UNSET_INT) {
        return NGX_OK;
    }

    rc = ngx_http_ccproxy_preset_var(cf, pr, "_MAX_TOKENS", &value);

    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? NGX_OK : NGX_ERROR;
    }

    n = ngx_atoi(value.data, value.len);

    if (n == NGX_ERROR || n == 0 || n > NGX_HTTP_CCPROXY_TOKENS_MAX) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "the environment's %s_MAX_TOKENS is \"%V\": it must be "
                      "a number of tokens, or unset in %s:%ui",
                      pr->vars, &value, t->file, t->line);
        return NGX_ERROR;
    }

    t->target.max_tokens = n;

    return NGX_OK;
}
