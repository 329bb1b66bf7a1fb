
/*
 * What a client names besides an endpoint: a group, by the path before the
 * endpoint or as GROUP@MODEL, and a provider, as PROVIDER,MODEL.
 */

#include "nginx/filter/ngx_http_ccproxy_filter.h"
#include "nginx/balance/ngx_http_ccproxy_balance.h"
#include "nginx/request/ngx_http_ccproxy_request.h"


#define NGX_HTTP_CCPROXY_SWITCH  "switch"

/* How many names an error lists. */
#define NGX_HTTP_CCPROXY_LISTED  16


/* Names for an error: "a, b, c". */

typedef struct {
    u_char      *p;
    u_char      *last;
    ngx_uint_t   n;
    u_char       buf[512];
} ngx_http_ccproxy_names_t;


static void
ngx_http_ccproxy_names_add(ngx_http_ccproxy_names_t *names, ngx_str_t *name)
{
    if (names->n == NGX_HTTP_CCPROXY_LISTED) {
        return;
    }

    names->p = ngx_slprintf(names->p, names->last, names->n ? ", %V" : "%V",
                            name);
    names->n++;
}


static void
ngx_http_ccproxy_names_init(ngx_http_ccproxy_names_t *names)
{
    names->p = names->buf;
    names->last = names->buf + sizeof(names->buf) - 1;
    names->n = 0;
}


/* ---- groups ---- */

/* The k-th route of a location that is for one group alone. */

static ngx_http_ccproxy_route_t *
ngx_http_ccproxy_name_route(ngx_http_ccproxy_loc_conf_t *lcf, ngx_uint_t *k)
{
    ngx_http_ccproxy_route_t  **route;

    if (lcf->routes == NULL) {
        return NULL;
    }

    route = lcf->routes->elts;

    while (*k < lcf->routes->nelts) {
        if (route[(*k)++]->group.len) {
            return route[*k - 1];
        }
    }

    return NULL;
}


static ngx_uint_t
ngx_http_ccproxy_name_known(ngx_http_ccproxy_loc_conf_t *lcf, ngx_str_t *name)
{
    ngx_uint_t                 k;
    ngx_http_ccproxy_route_t  *route;

    k = 0;

    while ((route = ngx_http_ccproxy_name_route(lcf, &k)) != NULL) {
        if (ngx_http_ccproxy_eq(&route->group, name)) {
            return 1;
        }
    }

    return 0;
}


static ngx_uint_t
ngx_http_ccproxy_name_groups(ngx_http_ccproxy_loc_conf_t *lcf)
{
    ngx_uint_t  k;

    k = 0;

    return ngx_http_ccproxy_name_route(lcf, &k) != NULL;
}


void
ngx_http_ccproxy_name_no_group(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ngx_str_t *name)
{
    ngx_uint_t                    i, k;
    ngx_http_ccproxy_names_t      names;
    ngx_http_ccproxy_route_t    **all;
    ngx_http_ccproxy_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);
    all = lcf->routes->elts;

    ngx_http_ccproxy_names_init(&names);

    for (i = 0; i < lcf->routes->nelts; i++) {

        for (k = 0; k < i; k++) {
            if (ngx_http_ccproxy_eq(&all[k]->group, &all[i]->group)) {
                break;
            }
        }

        if (k == i && all[i]->group.len
            && ngx_http_ccproxy_access_pool(ctx, all[i]->upstream))
        {
            ngx_http_ccproxy_names_add(&names, &all[i]->group);
        }
    }

    ngx_http_ccproxy_error_set(r, ctx, CCP_E_NOT_FOUND,
                               "there is no group \"%V\" here; there are %*s",
                               name, (size_t) (names.p - names.buf),
                               names.buf);
}


/* The last segment of a path without slashes at its ends. */

static ngx_str_t
ngx_http_ccproxy_name_last(ngx_str_t *path)
{
    u_char     *p;
    ngx_str_t   last;

    for (p = path->data + path->len; p > path->data && p[-1] != '/'; p--) {
        /* void */
    }

    last.data = p;
    last.len = path->data + path->len - p;

    return last;
}


/* Whether the path is what the location itself is called. */

static ngx_uint_t
ngx_http_ccproxy_name_location(ngx_http_request_t *r, ngx_str_t *path)
{
    ngx_str_t                  name;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (clcf->named
#if (NGX_PCRE)
        || clcf->regex
#endif
        )
    {
        return 0;
    }

    name = clcf->name;

    while (name.len && name.data[0] == '/') {
        name.data++;
        name.len--;
    }

    while (name.len && name.data[name.len - 1] == '/') {
        name.len--;
    }

    return ngx_http_ccproxy_eq(&name, path);
}


/* The name, or that of the active group if it is "switch". */

static ngx_int_t
ngx_http_ccproxy_name_switch(ngx_http_request_t *r, ngx_str_t *name)
{
    ngx_str_t  active;

    static ngx_str_t  word = ngx_string(NGX_HTTP_CCPROXY_SWITCH);

    if (!ngx_http_ccproxy_eq(name, &word)) {
        return NGX_OK;
    }

    if (ngx_http_ccproxy_group_active(r, &active) != NGX_OK) {
        return NGX_ERROR;
    }

    if (active.len) {
        *name = active;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_ccproxy_name_group(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ngx_str_t *group)
{
    ngx_str_t                     path, last, name;
    ngx_http_ccproxy_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);

    path.data = (u_char *) ctx->endpoint.group.p;
    path.len = ctx->endpoint.group.n;

    last = ngx_http_ccproxy_name_last(&path);
    name = last;

    if (ngx_http_ccproxy_name_switch(r, &name) != NGX_OK) {
        return NGX_ERROR;
    }

    if (!ngx_http_ccproxy_name_groups(lcf)) {
        *group = name.data == last.data ? path : name;
        return NGX_OK;
    }

    if (ngx_http_ccproxy_name_known(lcf, &name)) {
        *group = name;
        return NGX_OK;
    }

    if (path.len == 0 || ngx_http_ccproxy_name_location(r, &path)) {
        ngx_str_null(group);
        return NGX_OK;
    }

    /* which group is active is no business of those it does not serve */

    *group = last;

    return NGX_DECLINED;
}


/* ---- the model's name ---- */

/* Takes what stands before the character away; 0: nothing, or nothing else. */

static ngx_uint_t
ngx_http_ccproxy_name_split(ngx_http_ccproxy_ctx_t *ctx, u_char c,
    ngx_str_t *head)
{
    u_char  *p, *last;

    last = ctx->name.model.data + ctx->name.model.len;
    p = ngx_strlchr(ctx->name.model.data, last, c);

    if (p == NULL || p == ctx->name.model.data || p + 1 == last) {
        return 0;
    }

    head->data = ctx->name.model.data;
    head->len = p - ctx->name.model.data;

    ctx->name.model.data = p + 1;
    ctx->name.model.len -= head->len + 1;
    ctx->name.partial = 1;

    return 1;
}


/* GROUP@MODEL; without groups it is a name like others. */

static ngx_int_t
ngx_http_ccproxy_name_at(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_str_t                     name, asked;
    ngx_http_ccproxy_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);

    if (!ngx_http_ccproxy_name_groups(lcf)
        || !ngx_http_ccproxy_name_split(ctx, '@', &name))
    {
        return NGX_OK;
    }

    asked = name;

    if (ngx_http_ccproxy_name_switch(r, &name) != NGX_OK) {
        return NGX_ERROR;
    }

    if (!ngx_http_ccproxy_name_known(lcf, &name)) {
        ngx_http_ccproxy_name_no_group(r, ctx, &asked);
        ctx->error.code = ccp_lit("model_not_found");
        return NGX_DECLINED;
    }

    ctx->name.group = name;

    return NGX_OK;
}


/* The target that is this model of this provider, whatever its pool. */

static ngx_http_ccproxy_target_t *
ngx_http_ccproxy_name_target(ngx_http_ccproxy_main_conf_t *mcf,
    ngx_http_ccproxy_provider_t *provider, ngx_str_t *model)
{
    ngx_uint_t                   i, k;
    ngx_http_ccproxy_pool_t    **pp;
    ngx_http_ccproxy_target_t   *t;

    pp = mcf->pools.elts;

    for (i = 0; i < mcf->pools.nelts; i++) {
        t = pp[i]->targets->elts;

        for (k = 0; k < pp[i]->targets->nelts; k++) {
            if (t[k].provider == provider
                && t[k].target.model.n == model->len
                && ngx_memcmp(t[k].target.model.p, model->data, model->len)
                   == 0)
            {
                return &t[k];
            }
        }
    }

    return NULL;
}


/* The error names those providers that this client may name. */

static ngx_int_t
ngx_http_ccproxy_name_no_provider(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ngx_str_t *name)
{
    ngx_int_t                       rc;
    ngx_uint_t                      i;
    ngx_http_ccproxy_pool_t       **pp;
    ngx_http_ccproxy_names_t        names;
    ngx_http_ccproxy_target_t      *t;
    ngx_http_ccproxy_main_conf_t   *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_ccproxy_module);
    pp = mcf->direct.elts;

    ngx_http_ccproxy_names_init(&names);

    for (i = 0; i < mcf->direct.nelts; i++) {
        t = pp[i]->targets->elts;

        rc = ngx_http_ccproxy_direct_allows(r, ctx, t->provider);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (rc == NGX_OK) {
            ngx_http_ccproxy_names_add(&names, &t->provider_name);
        }
    }

    ngx_http_ccproxy_error_set(r, ctx, CCP_E_NOT_FOUND,
                               names.n
                               ? "there is no provider \"%V\" here; there "
                                 "are %*s"
                               : "there is no provider \"%V\" here", name,
                               (size_t) (names.p - names.buf), names.buf);
    ctx->error.code = ccp_lit("model_not_found");

    return NGX_DECLINED;
}


/* PROVIDER,MODEL, where the location lets clients choose. */

static ngx_int_t
ngx_http_ccproxy_name_comma(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_int_t                       rc;
    ngx_str_t                       name;
    ngx_uint_t                      i;
    ngx_http_ccproxy_pool_t       **pp;
    ngx_http_ccproxy_target_t      *t;
    ngx_http_ccproxy_loc_conf_t    *lcf;
    ngx_http_ccproxy_main_conf_t   *mcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);
    mcf = ngx_http_get_module_main_conf(r, ngx_http_ccproxy_module);

    if (lcf->direct == NULL
        || !ngx_http_ccproxy_name_split(ctx, ',', &name))
    {
        return NGX_OK;
    }

    pp = mcf->direct.elts;

    for (i = 0; i < mcf->direct.nelts; i++) {
        t = pp[i]->targets->elts;

        if (!ngx_http_ccproxy_eq(&t->provider_name, &name)) {
            continue;
        }

        rc = ngx_http_ccproxy_direct_allows(r, ctx, t->provider);

        if (rc == NGX_OK) {
            ctx->name.direct = pp[i];
            ctx->name.asked = ngx_http_ccproxy_name_target(mcf, t->provider,
                                                           &ctx->name.model);
        }

        if (rc != NGX_DECLINED) {
            return rc;
        }

        break;
    }

    return ngx_http_ccproxy_name_no_provider(r, ctx, &name);
}


/* Whether the client's key is good for what it asks. */

static ngx_int_t
ngx_http_ccproxy_name_allowed(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_http_ccproxy_pool_t  *pool;

    if (!ngx_http_ccproxy_access_model(ctx,
                                       ngx_http_ccproxy_slice(
                                           &ctx->name.model)))
    {
        ngx_http_ccproxy_error_set(r, ctx, CCP_E_FORBIDDEN,
                                   "the model \"%V\" is not open to this "
                                   "access key", &ctx->name.model);
        ctx->error.code = ccp_lit("model_not_found");
        return NGX_DECLINED;
    }

    /* the pools of a provider that was named were looked at before */

    if (ctx->access == NULL || ctx->access->pools == NULL || ctx->name.direct)
    {
        return NGX_OK;
    }

    if (ngx_http_ccproxy_pass_pool(r, ctx, &ctx->name.group,
                                   &ctx->name.model, &pool)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_http_ccproxy_access_pool(ctx, pool)) {
        return NGX_OK;
    }

    ngx_http_ccproxy_error_set(r, ctx, CCP_E_FORBIDDEN,
                               "what serves the model \"%V\" is not open to "
                               "this access key", &ctx->name.model);
    ctx->error.code = ccp_lit("model_not_found");

    return NGX_DECLINED;
}


ngx_int_t
ngx_http_ccproxy_name(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_int_t             rc;
    ccp_str_t             model;
    const ccp_request_t  *req;

    ctx->name.direct = NULL;
    ctx->name.asked = NULL;
    ctx->name.partial = 0;

    req = ccp_exchange_req(ctx->exchange);

    model = ccp_str_plain(ccp_exchange_arena(ctx->exchange), req->model);

    if (model.p == NULL && req->model.p != NULL) {
        return NGX_ERROR;
    }

    ctx->name.model.data = (u_char *) model.p;
    ctx->name.model.len = model.p ? model.n : 0;

    rc = ngx_http_ccproxy_name_group(r, ctx, &ctx->name.group);

    if (rc == NGX_DECLINED) {
        ngx_http_ccproxy_name_no_group(r, ctx, &ctx->name.group);
    }

    if (rc == NGX_OK && ctx->name.model.len) {
        rc = ngx_http_ccproxy_name_at(r, ctx);
    }

    if (rc == NGX_OK && ctx->name.model.len) {
        rc = ngx_http_ccproxy_name_comma(r, ctx);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_ccproxy_name_allowed(r, ctx);
    }

    ctx->name.known = (rc == NGX_OK);

    return rc;
}


/* ---- pools of providers ---- */

static ngx_http_ccproxy_pool_t *
ngx_http_ccproxy_name_pool(ngx_conf_t *cf, ngx_http_ccproxy_provider_t *p)
{
    ngx_http_ccproxy_pool_t       *pool;
    ngx_http_ccproxy_target_t     *t;
    ngx_http_upstream_srv_conf_t  *uscf;

    pool = ngx_http_ccproxy_pool_create(cf);
    uscf = ngx_pcalloc(cf->pool, sizeof(ngx_http_upstream_srv_conf_t));

    if (pool == NULL || uscf == NULL) {
        return NULL;
    }

    /* what errors call it; nginx itself doesn't know this upstream */

    uscf->host.len = sizeof("provider ") - 1 + p->name.len;
    uscf->host.data = ngx_pnalloc(cf->pool, uscf->host.len);
    if (uscf->host.data == NULL) {
        return NULL;
    }

    ngx_sprintf(uscf->host.data, "provider %V", &p->name);

    pool->enable = 1;
    pool->uscf = uscf;

    pool->targets = ngx_array_create(cf->pool, 1,
                                     sizeof(ngx_http_ccproxy_target_t));
    if (pool->targets == NULL) {
        return NULL;
    }

    t = ngx_array_push(pool->targets);
    if (t == NULL) {
        return NULL;
    }

    ngx_memzero(t, sizeof(ngx_http_ccproxy_target_t));

    t->provider_name = p->name;
    t->weight = 1;
    t->target.max_tokens = CCP_UNSET_INT;
    t->target.context = CCP_UNSET_INT;
    t->file = p->file;
    t->line = p->line;

    return ngx_http_ccproxy_pool_link(cf, pool) == NGX_OK ? pool : NULL;
}


ngx_int_t
ngx_http_ccproxy_name_init(ngx_conf_t *cf)
{
    ngx_uint_t                      i;
    ngx_http_ccproxy_pool_t        *pool, **pp;
    ngx_http_ccproxy_provider_t   **p;
    ngx_http_ccproxy_main_conf_t   *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);

    if (mcf->pools.nelts == 0) {
        return NGX_OK;
    }

    for (i = 0; i < mcf->providers.nelts; i++) {

        p = mcf->providers.elts;

        pool = ngx_http_ccproxy_name_pool(cf, p[i]);
        if (pool == NULL) {
            return NGX_ERROR;
        }

        pp = ngx_array_push(&mcf->direct);
        if (pp == NULL) {
            return NGX_ERROR;
        }

        *pp = pool;
    }

    return NGX_OK;
}
