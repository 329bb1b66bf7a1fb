
/*
 * "quirk NAME VALUE;" of a provider: a column of its row, set by hand.
 */

#include "nginx/conf/ngx_http_ccproxy_conf.h"


char *
ngx_http_ccproxy_provider_quirk(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ccproxy_provider_t  *p = conf;

    ngx_str_t                 *value;
    ngx_uint_t                 i;
    ngx_http_ccproxy_quirk_t  *quirk;

    value = cf->args->elts;
    quirk = p->quirks.elts;

    for (i = 0; i < p->quirks.nelts; i++) {
        if (quirk[i].column.len == value[1].len
            && ngx_strncmp(quirk[i].column.data, value[1].data, value[1].len)
               == 0)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "quirk \"%V\" is set in line %ui already",
                               &value[1], quirk[i].line);
            return NGX_CONF_ERROR;
        }
    }

    quirk = ngx_array_push(&p->quirks);
    if (quirk == NULL) {
        return NGX_CONF_ERROR;
    }

    quirk->column = value[1];
    quirk->value = value[2];
    quirk->file = cf->conf_file->file.name.data;
    quirk->line = cf->conf_file->line;

    return NGX_CONF_OK;
}


/* "a, b, c": the names of all quirks, in the temporary pool. */

static ngx_int_t
ngx_http_ccproxy_quirk_list(ngx_conf_t *cf, ngx_str_t *list)
{
    size_t       k, n;
    u_char      *p;
    const char  *name;

    n = 1;

    for (k = 0; (name = ccp_provider_column(k)) != NULL; k++) {
        n += ngx_strlen(name) + 2;
    }

    list->data = ngx_pnalloc(cf->temp_pool, n);
    if (list->data == NULL) {
        return NGX_ERROR;
    }

    p = list->data;

    for (k = 0; (name = ccp_provider_column(k)) != NULL; k++) {
        p = ngx_sprintf(p, k ? ", %s" : "%s", name);
    }

    list->len = p - list->data;

    return NGX_OK;
}


static ngx_int_t
ngx_http_ccproxy_quirk_set(ngx_conf_t *cf, ngx_http_ccproxy_provider_t *p,
    ngx_http_ccproxy_quirk_t *quirk)
{
    int           rc;
    ngx_str_t     list;
    const char   *column, *values;
    ccp_arena_t  *arena;

    /* words of a configuration end with a null byte */

    column = (char *) quirk->column.data;
    values = ccp_provider_column_values(column);

    if (values == NULL) {

        if (ngx_http_ccproxy_quirk_list(cf, &list) == NGX_OK) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "unknown quirk \"%V\"; there are %V in %s:%ui",
                          &quirk->column, &list, quirk->file, quirk->line);
        }

        return NGX_ERROR;
    }

    arena = ngx_http_ccproxy_conf_arena(cf);
    if (arena == NULL) {
        return NGX_ERROR;
    }

    rc = ccp_provider_set_column(&p->row, arena, column,
                                 (char *) quirk->value.data);

    if (rc == CCP_OK) {
        return NGX_OK;
    }

    if (rc == CCP_INVALID) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "quirk \"%V\" can't be \"%V\": write %s in %s:%ui",
                      &quirk->column, &quirk->value, values, quirk->file,
                      quirk->line);
    }

    return NGX_ERROR;
}


ngx_int_t
ngx_http_ccproxy_provider_quirks(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p)
{
    ngx_uint_t                 i;
    ccp_column_value_t        *pairs;
    ngx_http_ccproxy_quirk_t  *quirk;

    quirk = p->quirks.elts;

    if (p->quirks.nelts == 0) {
        return NGX_OK;
    }

    pairs = ngx_pcalloc(cf->pool,
                        (p->quirks.nelts + 1) * sizeof(ccp_column_value_t));
    if (pairs == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < p->quirks.nelts; i++) {

        if (ngx_http_ccproxy_quirk_set(cf, p, &quirk[i]) != NGX_OK) {
            return NGX_ERROR;
        }

        pairs[i].column = (char *) quirk[i].column.data;
        pairs[i].value = (char *) quirk[i].value.data;
    }

    p->row.user = pairs;

    return NGX_OK;
}
