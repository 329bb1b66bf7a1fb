
/*
 * Model lists, answered from the configuration: names that routes spell out,
 * the models of targets, and those of "models" where a target names none.
 */

#include "ngx_http_ccproxy.h"
#include "ccp_models.h"


extern ngx_module_t  ngx_http_proxy_module;


/* The statement "models NAME …;" of a provider. */

char *
ngx_http_ccproxy_models(ngx_conf_t *cf, ngx_http_ccproxy_provider_t *p)
{
    ngx_str_t   *value, *name;
    ngx_uint_t   i;

    value = cf->args->elts;

    if (p->models == NULL) {
        p->models = ngx_array_create(cf->pool, 4, sizeof(ngx_str_t));
        if (p->models == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    for (i = 1; i < cf->args->nelts; i++) {

        if (value[i].len == 0) {
            return "holds an empty name: write \"models NAME ...;\"";
        }

        name = ngx_array_push(p->models);
        if (name == NULL) {
            return NGX_CONF_ERROR;
        }

        *name = value[i];
    }

    return NGX_CONF_OK;
}


/* ---- what a location serves ---- */

ngx_http_ccproxy_pool_t *
ngx_http_ccproxy_models_pool(ngx_http_request_t *r)
{
    ngx_http_upstream_conf_t  *u;

    /* the proxy module's own configuration begins with this part */

    u = ngx_http_get_module_loc_conf(r, ngx_http_proxy_module);

    return u->upstream
           ? ngx_http_conf_upstream_srv_conf(u->upstream,
                                             ngx_http_ccproxy_module)
           : NULL;
}


/* Whether a request for that model finds a pool in this location. */

static ngx_uint_t
ngx_http_ccproxy_models_served(ngx_http_ccproxy_loc_conf_t *lcf,
    ngx_http_ccproxy_pool_t *pool, ccp_str_t id)
{
    ngx_uint_t                  i;
    ngx_http_ccproxy_route_t  **routes;

    if (pool != NULL || lcf->routes == NULL) {
        return 1;
    }

    routes = lcf->routes->elts;

    for (i = 0; i < lcf->routes->nelts; i++) {
        if (ngx_http_ccproxy_route_takes(routes[i], id)) {
            return 1;
        }
    }

    return 0;
}


/* Adds a model, unless it is there.  NGX_OK or NGX_ERROR. */

static ngx_int_t
ngx_http_ccproxy_models_add(ngx_array_t *models, ccp_str_t id,
    ngx_str_t *owner, ngx_http_ccproxy_target_t *t, ccp_proto_e only)
{
    ngx_uint_t    i;
    ccp_model_t  *m;

    m = models->elts;

    for (i = 0; i < models->nelts; i++) {
        if (ccp_str_eq(m[i].id, id)) {
            return NGX_OK;
        }
    }

    m = ngx_array_push(models);
    if (m == NULL) {
        return NGX_ERROR;
    }

    m->id = id;
    m->owner = ngx_http_ccproxy_slice(owner);
    m->context = CCP_UNSET_INT;
    m->max_tokens = CCP_UNSET_INT;
    m->only = only;

    if (t != NULL) {
        m->context = t->target.context > 0 ? t->target.context
                                           : CCP_UNSET_INT;
        m->max_tokens = t->target.max_tokens;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_ccproxy_models_of_target(ngx_http_ccproxy_loc_conf_t *lcf,
    ngx_http_ccproxy_pool_t *pool, ngx_http_ccproxy_target_t *t)
{
    ccp_str_t     id;
    ngx_str_t    *names;
    ngx_uint_t    i, n;
    ngx_array_t  *list;

    list = t->provider->models;
    names = list ? list->elts : NULL;
    n = t->target.model.p ? 1 : list ? list->nelts : 0;

    for (i = 0; i < n; i++) {

        id = t->target.model.p ? t->target.model
                               : ngx_http_ccproxy_slice(&names[i]);

        if (ngx_http_ccproxy_models_served(lcf, pool, id)
            && ngx_http_ccproxy_models_add(lcf->models, id,
                                           &t->provider->name, t, CCP_NPROTO)
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_ccproxy_models_of_pool(ngx_http_ccproxy_loc_conf_t *lcf,
    ngx_http_ccproxy_pool_t *fixed, ngx_http_ccproxy_pool_t *pool)
{
    ngx_uint_t                  i;
    ngx_http_ccproxy_target_t  *t;

    t = pool->targets ? pool->targets->elts : NULL;

    for (i = 0; t && i < pool->targets->nelts; i++) {
        if (ngx_http_ccproxy_models_of_target(lcf, fixed, &t[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* A route's pool by its name. */

static ngx_http_ccproxy_pool_t *
ngx_http_ccproxy_models_named(ngx_http_ccproxy_main_conf_t *mcf,
    ngx_str_t *name)
{
    ngx_uint_t                 i;
    ngx_http_ccproxy_pool_t  **pools;

    pools = mcf->pools.elts;

    for (i = 0; i < mcf->pools.nelts; i++) {
        if (pools[i]->uscf->host.len == name->len
            && ngx_strncasecmp(pools[i]->uscf->host.data, name->data,
                               name->len)
               == 0)
        {
            return pools[i];
        }
    }

    return NULL;
}


/* Names that routes spell out are the client's choice: they come first. */

static ngx_int_t
ngx_http_ccproxy_models_of_routes(ngx_http_ccproxy_main_conf_t *mcf,
    ngx_http_ccproxy_loc_conf_t *lcf)
{
    ngx_uint_t                  i;
    ngx_http_ccproxy_pool_t    *pool;
    ngx_http_ccproxy_route_t  **routes;

    routes = lcf->routes->elts;

    for (i = 0; i < lcf->routes->nelts; i++) {

        if (!ngx_http_ccproxy_route_literal(routes[i])) {
            continue;
        }

        pool = ngx_http_ccproxy_models_named(mcf, &routes[i]->pool);

        if (ngx_http_ccproxy_models_add(lcf->models,
                            ngx_http_ccproxy_slice(&routes[i]->pattern),
                            &routes[i]->pool,
                            pool && pool->targets && pool->targets->nelts == 1
                            ? pool->targets->elts : NULL,
                            CCP_NPROTO)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    for (i = 0; i < lcf->routes->nelts; i++) {

        pool = ngx_http_ccproxy_models_named(mcf, &routes[i]->pool);

        if (pool
            && ngx_http_ccproxy_models_of_pool(lcf, NULL, pool) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* Names that clients of one protocol know without asking. */

static ngx_int_t
ngx_http_ccproxy_models_known(ngx_http_ccproxy_loc_conf_t *lcf,
    ngx_http_ccproxy_pool_t *pool)
{
    size_t       k;
    ccp_str_t    id;
    ccp_proto_e  proto;

    static ngx_str_t  owner = ngx_string("ccproxy");

    for (proto = 0; proto < CCP_NPROTO; proto++) {
        for (k = 0; (id = ccp_model_known(proto, k)).p; k++) {

            if (ngx_http_ccproxy_models_served(lcf, pool, id)
                && ngx_http_ccproxy_models_add(lcf->models, id, &owner, NULL,
                                               proto)
                   != NGX_OK)
            {
                return NGX_ERROR;
            }
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_ccproxy_models_collect(ngx_http_request_t *r,
    ngx_http_ccproxy_loc_conf_t *lcf, ngx_http_ccproxy_pool_t *pool)
{
    ngx_int_t                      rc;
    ngx_uint_t                     i;
    ngx_http_ccproxy_pool_t      **pools;
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_ccproxy_module);
    pools = mcf->pools.elts;
    rc = NGX_OK;

    if (pool != NULL) {
        rc = ngx_http_ccproxy_models_of_pool(lcf, pool, pool);

    } else if (lcf->routes != NULL) {
        rc = ngx_http_ccproxy_models_of_routes(mcf, lcf);

    } else {

        /* a map may lead to any of them */

        for (i = 0; rc == NGX_OK && i < mcf->pools.nelts; i++) {
            rc = ngx_http_ccproxy_models_of_pool(lcf, NULL, pools[i]);
        }
    }

    return rc == NGX_OK ? ngx_http_ccproxy_models_known(lcf, pool) : rc;
}


/* Made at the first request of each worker: configuration alone decides. */

static ngx_int_t
ngx_http_ccproxy_models_init(ngx_http_request_t *r,
    ngx_http_ccproxy_loc_conf_t *lcf, ngx_http_ccproxy_pool_t *pool)
{
    if (lcf->models) {
        return NGX_OK;
    }

    lcf->models = ngx_array_create(ngx_cycle->pool, 16, sizeof(ccp_model_t));

    if (lcf->models == NULL) {
        return NGX_ERROR;
    }

    if (ngx_http_ccproxy_models_collect(r, lcf, pool) != NGX_OK) {
        lcf->models = NULL;
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* ---- answers ---- */

/* The model asked about; one that is only accepted is described, too. */

static ngx_int_t
ngx_http_ccproxy_models_one(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ngx_http_ccproxy_loc_conf_t *lcf,
    ngx_http_ccproxy_pool_t *pool, ccp_model_t *one)
{
    int           rc;
    ngx_uint_t    i;
    ccp_str_t     id, body;
    ccp_model_t  *m;

    body = ccp_lit("");

    if (ctx->body) {
        body.p = ctx->body;
        body.n = ctx->body_len;
    }

    rc = ccp_models_asked(ctx->exchange, body, &id, &ctx->error);

    if (rc != CCP_OK) {
        return rc == CCP_INVALID ? NGX_DECLINED : NGX_ERROR;
    }

    m = lcf->models->elts;

    for (i = 0; i < lcf->models->nelts; i++) {
        if (ccp_str_eq(m[i].id, id)) {
            *one = m[i];
            return NGX_OK;
        }
    }

    if (!ngx_http_ccproxy_models_served(lcf, pool, id)) {
        ngx_http_ccproxy_error_set(r, ctx, CCP_E_NOT_FOUND,
                                   "model \"%*s\" is not served here",
                                   id.n, id.p);
        ctx->error.code = ccp_lit("model_not_found");
        return NGX_DECLINED;
    }

    ngx_memzero(one, sizeof(ccp_model_t));
    one->id = id;
    one->owner = ccp_lit("ccproxy");
    one->context = CCP_UNSET_INT;
    one->max_tokens = CCP_UNSET_INT;
    one->only = CCP_NPROTO;

    return NGX_OK;
}


static ngx_int_t
ngx_http_ccproxy_models_write(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ccp_out_t *out)
{
    int                            rc;
    ngx_int_t                      found;
    ccp_model_t                    one;
    ngx_http_ccproxy_pool_t       *pool;
    ngx_http_ccproxy_loc_conf_t   *lcf;
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_ccproxy_module);
    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);
    pool = ngx_http_ccproxy_models_pool(r);

    if (ngx_http_ccproxy_models_init(r, lcf, pool) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ctx->endpoint.op == CCP_OP_MODEL) {

        found = ngx_http_ccproxy_models_one(r, ctx, lcf, pool, &one);
        if (found != NGX_OK) {
            return found;
        }

        rc = ccp_models_one(ctx->exchange, &one, mcf->started, out);

    } else if (ctx->endpoint.op == CCP_OP_PS) {
        rc = ccp_models_loaded(ctx->exchange, out);

    } else {
        rc = ccp_models_list(ctx->exchange, lcf->models->elts,
                             lcf->models->nelts,
                             ngx_http_ccproxy_slice(&r->args), mcf->started,
                             out);
    }

    return rc == CCP_OK ? NGX_OK : NGX_ERROR;
}


ngx_int_t
ngx_http_ccproxy_models_answer(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_int_t  rc;
    ccp_out_t  out;

    if (ngx_http_ccproxy_exchange(r, ctx) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ccp_out_init(&out, ccp_exchange_arena(ctx->exchange), 0);

    rc = ngx_http_ccproxy_models_write(r, ctx, &out);

    if (rc == NGX_DECLINED) {
        return ngx_http_ccproxy_error_send(r, ctx);
    }

    return rc == NGX_OK ? ngx_http_ccproxy_answer(r, ctx, &out)
                        : NGX_HTTP_INTERNAL_SERVER_ERROR;
}
