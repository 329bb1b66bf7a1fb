
/*
 * ccproxy_route PATTERN POOL [if=$variable]: the pool for the model's name
 * that the client sent, as $ccproxy_pool.
 */

#include "ngx_http_ccproxy.h"


char *
ngx_http_ccproxy_route(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ccproxy_loc_conf_t  *lcf = conf;

    ngx_str_t                      *value, name;
    ngx_http_ccproxy_route_t       *route, **all;
    ngx_http_ccproxy_main_conf_t   *mcf;

    value = cf->args->elts;
    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);

    if (lcf->routes == NGX_CONF_UNSET_PTR) {

        lcf->routes = ngx_array_create(cf->pool, 4, sizeof(void *));
        if (lcf->routes == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    route = ngx_pcalloc(cf->pool, sizeof(ngx_http_ccproxy_route_t));
    if (route == NULL) {
        return NGX_CONF_ERROR;
    }

    route->pattern = value[1];
    route->pool = value[2];
    route->condition = NGX_ERROR;
    route->file = cf->conf_file->file.name.data;
    route->line = cf->conf_file->line;

    if (value[1].len == 0) {
        return "needs a pattern for the model's name, such as \"*\"";
    }

    if (cf->args->nelts == 4) {

        if (value[3].len < 5 || ngx_strncmp(value[3].data, "if=$", 4) != 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid condition \"%V\": write "
                               "\"ccproxy_route PATTERN POOL if=$VARIABLE;\"",
                               &value[3]);
            return NGX_CONF_ERROR;
        }

        name.data = value[3].data + 4;
        name.len = value[3].len - 4;

        route->condition = ngx_http_get_variable_index(cf, &name);
        if (route->condition == NGX_ERROR) {
            return NGX_CONF_ERROR;
        }
    }

    all = ngx_array_push(lcf->routes);
    if (all == NULL) {
        return NGX_CONF_ERROR;
    }

    *all = route;

    all = ngx_array_push(&mcf->routes);
    if (all == NULL) {
        return NGX_CONF_ERROR;
    }

    *all = route;

    return NGX_CONF_OK;
}


ngx_int_t
ngx_http_ccproxy_route_init(ngx_conf_t *cf)
{
    ngx_uint_t                      i;
    ngx_http_ccproxy_route_t      **routes;
    ngx_http_ccproxy_main_conf_t   *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);
    routes = mcf->routes.elts;

    for (i = 0; i < mcf->routes.nelts; i++) {

        if (ngx_http_ccproxy_pool_find(cf, &routes[i]->pool) == NULL) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "no pool \"%V\" for \"ccproxy_route\": declare "
                          "\"upstream %V { ccproxy; ccproxy_target … }\" "
                          "in %s:%ui", &routes[i]->pool, &routes[i]->pool,
                          routes[i]->file, routes[i]->line);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* '*' is any run of characters, '?' is one; case does not matter. */

static ngx_uint_t
ngx_http_ccproxy_route_glob(ngx_str_t *pattern, ccp_str_t s)
{
    u_char      c;
    size_t      i, k, star, back;

    i = 0;
    k = 0;
    back = 0;
    star = pattern->len;

    while (i < s.n) {

        c = k < pattern->len ? pattern->data[k] : '\0';

        if (c == '*') {
            star = k++;
            back = i;

        } else if (k < pattern->len
                   && (c == '?' || ngx_tolower(c) == ngx_tolower(s.p[i])))
        {
            i++;
            k++;

        } else if (star < pattern->len) {
            k = star + 1;
            i = ++back;

        } else {
            return 0;
        }
    }

    while (k < pattern->len && pattern->data[k] == '*') {
        k++;
    }

    return k == pattern->len;
}


ngx_uint_t
ngx_http_ccproxy_route_takes(ngx_http_ccproxy_route_t *route, ccp_str_t model)
{
    return ngx_http_ccproxy_route_glob(&route->pattern, model);
}


ngx_uint_t
ngx_http_ccproxy_route_literal(ngx_http_ccproxy_route_t *route)
{
    size_t  i;

    for (i = 0; i < route->pattern.len; i++) {
        if (route->pattern.data[i] == '*' || route->pattern.data[i] == '?') {
            return 0;
        }
    }

    return 1;
}


static ngx_uint_t
ngx_http_ccproxy_route_condition(ngx_http_request_t *r,
    ngx_http_ccproxy_route_t *route)
{
    ngx_http_variable_value_t  *v;

    if (route->condition == NGX_ERROR) {
        return 1;
    }

    v = ngx_http_get_flushed_variable(r, route->condition);

    return v != NULL
           && !v->not_found
           && v->len != 0
           && !(v->len == 1 && v->data[0] == '0');
}


ngx_str_t *
ngx_http_ccproxy_route_match(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ccp_str_t                      model;
    ngx_uint_t                     i;
    const ccp_request_t           *req;
    ngx_http_ccproxy_route_t     **routes;
    ngx_http_ccproxy_loc_conf_t   *lcf;

    static ngx_str_t  none = ngx_null_string;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);

    if (lcf->routes == NULL || ctx->exchange == NULL) {
        return &none;
    }

    req = ccp_exchange_req(ctx->exchange);

    if (req == NULL) {
        return &none;
    }

    model = ccp_str_plain(ccp_exchange_arena(ctx->exchange), req->model);

    if (model.p == NULL && req->model.p != NULL) {
        return NULL;
    }

    routes = lcf->routes->elts;

    for (i = 0; i < lcf->routes->nelts; i++) {

        if (ngx_http_ccproxy_route_takes(routes[i], model)
            && ngx_http_ccproxy_route_condition(r, routes[i]))
        {
            return &routes[i]->pool;
        }
    }

    return &none;
}
