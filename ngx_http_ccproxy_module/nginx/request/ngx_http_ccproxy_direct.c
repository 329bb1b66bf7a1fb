
/*
 * ccproxy_direct off|on|PROVIDER…: which providers a client may name as
 * PROVIDER,MODEL.  Those of the pools that the location routes to, and no
 * others but by their names.
 */

#include "nginx/balance/ngx_http_ccproxy_balance.h"
#include "nginx/request/ngx_http_ccproxy_request.h"


char *
ngx_http_ccproxy_direct(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ccproxy_loc_conf_t  *lcf = conf;

    ngx_str_t                      *value, *name;
    ngx_uint_t                      i;
    ngx_http_ccproxy_direct_t      *direct, **p;
    ngx_http_ccproxy_main_conf_t   *mcf;

    (void) cmd;

    value = cf->args->elts;
    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);

    if (lcf->direct != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {
        lcf->direct = NULL;
        return NGX_CONF_OK;
    }

    direct = ngx_pcalloc(cf->pool, sizeof(ngx_http_ccproxy_direct_t));
    if (direct == NULL
        || ngx_array_init(&direct->names, cf->pool, 2, sizeof(ngx_str_t))
           != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    direct->on = (cf->args->nelts == 2
                  && ngx_strcmp(value[1].data, "on") == 0);
    direct->file = cf->conf_file->file.name.data;
    direct->line = cf->conf_file->line;

    for (i = 1; i < cf->args->nelts && !direct->on; i++) {

        if (ngx_strcmp(value[i].data, "on") == 0
            || ngx_strcmp(value[i].data, "off") == 0)
        {
            return "takes \"on\", \"off\", or names of providers: those of "
                   "the location's own pools need not be named";
        }

        name = ngx_array_push(&direct->names);
        if (name == NULL) {
            return NGX_CONF_ERROR;
        }

        *name = value[i];
    }

    p = ngx_array_push(&mcf->directs);
    if (p == NULL) {
        return NGX_CONF_ERROR;
    }

    *p = direct;
    lcf->direct = direct;

    return NGX_CONF_OK;
}


static ngx_uint_t
ngx_http_ccproxy_direct_named(ngx_array_t *names, ngx_str_t *name)
{
    ngx_str_t   *n;
    ngx_uint_t   i;

    n = names->elts;

    for (i = 0; i < names->nelts; i++) {
        if (ngx_http_ccproxy_eq(&n[i], name)) {
            return 1;
        }
    }

    return 0;
}


ngx_int_t
ngx_http_ccproxy_direct_init(ngx_conf_t *cf)
{
    ngx_str_t                      *name;
    ngx_uint_t                      i, k, n;
    ngx_http_ccproxy_direct_t     **direct;
    ngx_http_ccproxy_provider_t   **p;
    ngx_http_ccproxy_main_conf_t   *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);
    direct = mcf->directs.elts;
    p = mcf->providers.elts;

    for (i = 0; i < mcf->directs.nelts; i++) {

        name = direct[i]->names.elts;

        for (k = 0; k < direct[i]->names.nelts; k++) {

            for (n = 0; n < mcf->providers.nelts; n++) {
                if (ngx_http_ccproxy_eq(&p[n]->name, &name[k])) {
                    break;
                }
            }

            if (n == mcf->providers.nelts) {
                ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                              "no provider \"%V\" for \"ccproxy_direct\": "
                              "declare \"ccproxy_provider %V { … }\", or "
                              "write \"on\" for those of the location's pools "
                              "in %s:%ui", &name[k], &name[k],
                              direct[i]->file, direct[i]->line);
                return NGX_ERROR;
            }
        }
    }

    return NGX_OK;
}


/* Whether the provider serves in the pool, if the client may use that. */

static ngx_uint_t
ngx_http_ccproxy_direct_in(ngx_http_ccproxy_ctx_t *ctx,
    ngx_http_ccproxy_pool_t *pool, ngx_http_ccproxy_provider_t *provider)
{
    ngx_uint_t                  i;
    ngx_http_ccproxy_target_t  *t;

    if (!ngx_http_ccproxy_access_pool(ctx, pool)) {
        return 0;
    }

    t = pool->targets ? pool->targets->elts : NULL;

    for (i = 0; t && i < pool->targets->nelts; i++) {
        if (t[i].provider == provider) {
            return 1;
        }
    }

    return 0;
}


ngx_int_t
ngx_http_ccproxy_direct_allows(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ngx_http_ccproxy_provider_t *provider)
{
    ngx_uint_t                    i;
    ngx_http_ccproxy_pool_t      *pool;
    ngx_http_ccproxy_route_t     *route;
    ngx_http_ccproxy_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);

    if (lcf->direct == NULL) {
        return NGX_DECLINED;
    }

    /* a key that is for some pools is for no provider beside them */

    if ((ctx->access == NULL || ctx->access->pools == NULL)
        && ngx_http_ccproxy_direct_named(&lcf->direct->names, &provider->name))
    {
        return NGX_OK;
    }

    if (ngx_http_ccproxy_pass_fixed(r) == NULL && lcf->routes != NULL) {

        i = 0;

        while ((route = ngx_http_ccproxy_route_next(lcf, &ctx->name.group,
                                                    &i)))
        {
            if (ngx_http_ccproxy_direct_in(ctx, route->upstream, provider)
                && ngx_http_ccproxy_route_condition(r, route))
            {
                return NGX_OK;
            }
        }

        return NGX_DECLINED;
    }

    if (ngx_http_ccproxy_pass_pool(r, ctx, &ctx->name.group,
                                   &ctx->name.model, &pool)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return pool && ngx_http_ccproxy_direct_in(ctx, pool, provider)
           ? NGX_OK : NGX_DECLINED;
}
