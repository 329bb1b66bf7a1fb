
/*
 * Model lists, answered from the configuration: names that routes spell out,
 * the models of targets, and those of "models" where a target names none.
 */

#include "nginx/filter/ngx_http_ccproxy_filter.h"
#include "nginx/request/ngx_http_ccproxy_request.h"
#include "codec/exchange/exchange_models.h"


/* ---- what a location serves ---- */

/* What clients of one group may ask for in one location. */

typedef struct {
    ngx_str_t                     group;   /* empty: without a group, or where
                                              no route is for one */
    ngx_http_ccproxy_loc_conf_t  *lcf;
    ngx_http_ccproxy_pool_t      *pool;    /* NULL: variables tell */
    ngx_array_t                   list;    /* ccp_model_t */
} ngx_http_ccproxy_models_t;


/* Whether a request for that model finds a pool. */

static ngx_uint_t
ngx_http_ccproxy_models_served(ngx_http_ccproxy_models_t *m, ccp_str_t id)
{
    ngx_uint_t                 i;
    ngx_http_ccproxy_route_t  *route;

    if (m->pool != NULL || m->lcf->routes == NULL) {
        return 1;
    }

    i = 0;

    while ((route = ngx_http_ccproxy_route_next(m->lcf, &m->group, &i))) {
        if (ngx_http_ccproxy_route_takes(route, id)) {
            return 1;
        }
    }

    return 0;
}


/* Adds a model, unless it is there.  NGX_OK or NGX_ERROR. */

static ngx_int_t
ngx_http_ccproxy_models_add(ngx_http_ccproxy_models_t *m, ccp_str_t id,
    ngx_str_t *owner, ngx_http_ccproxy_target_t *t, ccp_proto_e only)
{
    ngx_uint_t    i;
    ccp_model_t  *model;

    model = m->list.elts;

    for (i = 0; i < m->list.nelts; i++) {
        if (ccp_str_eq(model[i].id, id)) {
            return NGX_OK;
        }
    }

    model = ngx_array_push(&m->list);
    if (model == NULL) {
        return NGX_ERROR;
    }

    model->id = id;
    model->owner = ngx_http_ccproxy_slice(owner);
    model->context = CCP_UNSET_INT;
    model->max_tokens = CCP_UNSET_INT;
    model->only = only;

    if (t != NULL) {
        model->context = t->target.context > 0 ? t->target.context
                                               : CCP_UNSET_INT;
        model->max_tokens = t->target.max_tokens;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_ccproxy_models_of_target(ngx_http_ccproxy_models_t *m,
    ngx_http_ccproxy_target_t *t)
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

        if (ngx_http_ccproxy_models_served(m, id)
            && ngx_http_ccproxy_models_add(m, id, &t->provider->name, t,
                                           CCP_NPROTO)
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_ccproxy_models_of_pool(ngx_http_ccproxy_models_t *m,
    ngx_http_ccproxy_pool_t *pool)
{
    ngx_uint_t                  i;
    ngx_http_ccproxy_target_t  *t;

    t = pool->targets ? pool->targets->elts : NULL;

    for (i = 0; t && i < pool->targets->nelts; i++) {
        if (ngx_http_ccproxy_models_of_target(m, &t[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* Names that routes spell out are the administrator's choice: they come
 * first, with the limits of their target if it is one. */

static ngx_int_t
ngx_http_ccproxy_models_of_routes(ngx_http_ccproxy_models_t *m)
{
    ngx_uint_t                  i;
    ngx_http_ccproxy_pool_t    *pool;
    ngx_http_ccproxy_route_t   *route;
    ngx_http_ccproxy_target_t  *t;

    i = 0;

    while ((route = ngx_http_ccproxy_route_next(m->lcf, &m->group, &i))) {

        if (!ngx_http_ccproxy_route_literal(route)) {
            continue;
        }

        pool = route->upstream;
        t = pool->targets && pool->targets->nelts == 1 ? pool->targets->elts
                                                       : NULL;

        if (ngx_http_ccproxy_models_add(m,
                                     ngx_http_ccproxy_slice(&route->pattern),
                                     &route->pool, t, CCP_NPROTO)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    i = 0;

    while ((route = ngx_http_ccproxy_route_next(m->lcf, &m->group, &i))) {
        if (ngx_http_ccproxy_models_of_pool(m, route->upstream) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* Names that clients of one protocol know without asking. */

static ngx_int_t
ngx_http_ccproxy_models_known(ngx_http_ccproxy_models_t *m)
{
    size_t       k;
    ccp_str_t    id;
    ccp_proto_e  proto;

    static ngx_str_t  owner = ngx_string("ccproxy");

    for (proto = 0; proto < CCP_NPROTO; proto++) {
        for (k = 0; (id = ccp_model_known(proto, k)).p; k++) {

            if (ngx_http_ccproxy_models_served(m, id)
                && ngx_http_ccproxy_models_add(m, id, &owner, NULL, proto)
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
    ngx_http_ccproxy_models_t *m)
{
    ngx_int_t                      rc;
    ngx_uint_t                     i;
    ngx_http_ccproxy_pool_t      **pools;
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_ccproxy_module);
    pools = mcf->pools.elts;
    rc = NGX_OK;

    if (m->pool != NULL) {
        rc = ngx_http_ccproxy_models_of_pool(m, m->pool);

    } else if (m->lcf->routes != NULL) {
        rc = ngx_http_ccproxy_models_of_routes(m);

    } else {

        /* a map may lead to any of them */

        for (i = 0; rc == NGX_OK && i < mcf->pools.nelts; i++) {
            rc = ngx_http_ccproxy_models_of_pool(m, pools[i]);
        }
    }

    return rc == NGX_OK ? ngx_http_ccproxy_models_known(m) : rc;
}


/* The group as routes spell it; empty if none is for it. */

static ngx_str_t
ngx_http_ccproxy_models_group(ngx_http_ccproxy_loc_conf_t *lcf,
    ngx_str_t *group)
{
    ngx_uint_t                  i;
    ngx_http_ccproxy_route_t  **routes;

    static ngx_str_t  none = ngx_null_string;

    routes = lcf->routes ? lcf->routes->elts : NULL;

    for (i = 0; routes && i < lcf->routes->nelts; i++) {
        if (ngx_http_ccproxy_eq(&routes[i]->group, group)) {
            return routes[i]->group;
        }
    }

    return none;
}


/* Made at the first request of each worker: configuration alone decides. */

static ngx_http_ccproxy_models_t *
ngx_http_ccproxy_models_get(ngx_http_request_t *r, ngx_str_t *group)
{
    ngx_str_t                      name;
    ngx_uint_t                     i;
    ngx_http_ccproxy_models_t     *m, **all;
    ngx_http_ccproxy_loc_conf_t   *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);
    name = ngx_http_ccproxy_models_group(lcf, group);

    if (lcf->models == NULL) {
        lcf->models = ngx_array_create(ngx_cycle->pool, 2, sizeof(void *));
        if (lcf->models == NULL) {
            return NULL;
        }
    }

    all = lcf->models->elts;

    for (i = 0; i < lcf->models->nelts; i++) {
        if (ngx_http_ccproxy_eq(&all[i]->group, &name)) {
            return all[i];
        }
    }

    m = ngx_pcalloc(ngx_cycle->pool, sizeof(ngx_http_ccproxy_models_t));
    if (m == NULL) {
        return NULL;
    }

    m->group = name;
    m->lcf = lcf;
    m->pool = ngx_http_ccproxy_pass_fixed(r);

    if (ngx_array_init(&m->list, ngx_cycle->pool, 16, sizeof(ccp_model_t))
        != NGX_OK
        || ngx_http_ccproxy_models_collect(r, m) != NGX_OK)
    {
        return NULL;
    }

    all = ngx_array_push(lcf->models);
    if (all == NULL) {
        return NULL;
    }

    *all = m;

    return m;
}


/* ---- answers ---- */

/* The model asked about; one that is only accepted is described, too. */

static ngx_int_t
ngx_http_ccproxy_models_one(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ngx_http_ccproxy_models_t *m,
    ccp_model_t *one)
{
    int           rc;
    ngx_uint_t    i;
    ccp_str_t     id, body;
    ccp_model_t  *model;

    body = ccp_lit("");

    if (ctx->in.body) {
        body.p = ctx->in.body;
        body.n = ctx->in.len;
    }

    rc = ccp_models_read_asked(ctx->exchange, body, &id, &ctx->error);

    if (rc != CCP_OK) {
        return rc == CCP_INVALID ? NGX_DECLINED : NGX_ERROR;
    }

    model = m->list.elts;

    for (i = 0; i < m->list.nelts; i++) {
        if (ccp_str_eq(model[i].id, id)) {
            *one = model[i];
            return NGX_OK;
        }
    }

    if (!ngx_http_ccproxy_models_served(m, id)) {
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
    ngx_str_t                      group;
    ccp_model_t                    one;
    ngx_http_ccproxy_models_t     *m;
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_ccproxy_module);

    found = ngx_http_ccproxy_name_group(r, ctx, &group);

    if (found != NGX_OK) {
        if (found == NGX_DECLINED) {
            ngx_http_ccproxy_name_no_group(r, ctx, &group);
        }

        return found;
    }

    m = ngx_http_ccproxy_models_get(r, &group);
    if (m == NULL) {
        return NGX_ERROR;
    }

    if (ctx->endpoint.op == CCP_OP_MODEL) {

        found = ngx_http_ccproxy_models_one(r, ctx, m, &one);
        if (found != NGX_OK) {
            return found;
        }

        rc = ccp_models_one(ctx->exchange, &one, mcf->started, out);

    } else if (ctx->endpoint.op == CCP_OP_PS) {
        rc = ccp_models_loaded(ctx->exchange, out);

    } else {
        rc = ccp_models_list(ctx->exchange, m->list.elts, m->list.nelts,
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
