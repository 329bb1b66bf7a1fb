
/*
 * ccproxy_route PATTERN POOL [if=$variable] [group=NAME]: the pool for the
 * model's name that the client sent, as $ccproxy_pool.
 */

#include "nginx/balance/ngx_http_ccproxy_balance.h"
#include "nginx/request/ngx_http_ccproxy_request.h"
#include "nginx/core/ngx_http_ccproxy.h"
#include "codec/base/base_match.h"


/* The group of requests that name none. */
#define NGX_HTTP_CCPROXY_GROUP_DEFAULT  "default"


static char *
ngx_http_ccproxy_route_regex(ngx_conf_t *cf, ngx_http_ccproxy_route_t *route)
{
#if (NGX_PCRE)
    u_char               errstr[NGX_MAX_CONF_ERRSTR];
    ngx_regex_compile_t  rc;

    ngx_memzero(&rc, sizeof(ngx_regex_compile_t));

    rc.pattern.data = route->pattern.data + 1;
    rc.pattern.len = route->pattern.len - 1;
    rc.pool = cf->pool;
    rc.err.len = NGX_MAX_CONF_ERRSTR;
    rc.err.data = errstr;

    if (rc.pattern.len && rc.pattern.data[0] == '*') {
        rc.pattern.data++;
        rc.pattern.len--;
        rc.options = NGX_REGEX_CASELESS;
    }

    if (rc.pattern.len == 0) {
        return "needs a regular expression after \"~\", such as "
               "\"~^gpt-[45]\"";
    }

    if (ngx_regex_compile(&rc) != NGX_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%V", &rc.err);
        return NGX_CONF_ERROR;
    }

    route->regex = rc.regex;

    return NGX_CONF_OK;
#else
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "\"%V\" needs PCRE, which this nginx was built "
                       "without: write a pattern with \"*\" and \"?\"",
                       &route->pattern);
    return NGX_CONF_ERROR;
#endif
}


static char *
ngx_http_ccproxy_route_if(ngx_conf_t *cf, ngx_http_ccproxy_route_t *route,
    ngx_str_t *value)
{
    ngx_str_t  name;

    if (value->len < 5 || ngx_strncmp(value->data, "if=$", 4) != 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid condition \"%V\": write "
                           "\"ccproxy_route PATTERN POOL [if=$VARIABLE] "
                           "[group=NAME];\"", value);
        return NGX_CONF_ERROR;
    }

    if (route->condition != NGX_ERROR) {
        return "has two conditions: make one of them by \"map\"";
    }

    name.data = value->data + 4;
    name.len = value->len - 4;

    route->condition = ngx_http_get_variable_index(cf, &name);

    return route->condition == NGX_ERROR ? NGX_CONF_ERROR : NGX_CONF_OK;
}


static char *
ngx_http_ccproxy_route_group(ngx_conf_t *cf, ngx_http_ccproxy_route_t *route,
    ngx_str_t *value)
{
    ngx_str_t  name;

    name.data = value->data + sizeof("group=") - 1;
    name.len = value->len - (sizeof("group=") - 1);

    if (route->group.len) {
        return "has two groups: write a route for each";
    }

    if (ngx_http_ccproxy_group_name(&name) != NGX_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid group \"%V\": write letters, digits, "
                           "\"-\", \"_\" and \".\", %d at most, but not "
                           "\"switch\"", &name, NGX_HTTP_CCPROXY_GROUP_MAX);
        return NGX_CONF_ERROR;
    }

    route->group = name;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_ccproxy_route_add(ngx_array_t *routes,
    ngx_http_ccproxy_route_t *route)
{
    ngx_http_ccproxy_route_t  **p;

    p = ngx_array_push(routes);
    if (p == NULL) {
        return NGX_ERROR;
    }

    *p = route;

    return NGX_OK;
}


char *
ngx_http_ccproxy_route(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ccproxy_loc_conf_t  *lcf = conf;

    char                           *rv;
    ngx_str_t                      *value;
    ngx_uint_t                      i;
    ngx_http_ccproxy_route_t       *route;
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

    rv = value[1].data[0] == '~' ? ngx_http_ccproxy_route_regex(cf, route)
                                 : NGX_CONF_OK;

    for (i = 3; i < cf->args->nelts && rv == NGX_CONF_OK; i++) {
        rv = ngx_strncmp(value[i].data, "group=", 6) == 0
             ? ngx_http_ccproxy_route_group(cf, route, &value[i])
             : ngx_http_ccproxy_route_if(cf, route, &value[i]);
    }

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    if (ngx_http_ccproxy_route_add(lcf->routes, route) != NGX_OK
        || ngx_http_ccproxy_route_add(&mcf->routes, route) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

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

        routes[i]->upstream = ngx_http_ccproxy_pool_find(cf,
                                                         &routes[i]->pool);

        if (routes[i]->upstream == NULL) {
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


ngx_http_ccproxy_route_t *
ngx_http_ccproxy_route_next(ngx_http_ccproxy_loc_conf_t *lcf,
    ngx_str_t *group, ngx_uint_t *i)
{
    ngx_str_t                  *name;
    ngx_http_ccproxy_route_t  **routes;

    static ngx_str_t  none = ngx_string(NGX_HTTP_CCPROXY_GROUP_DEFAULT);

    if (lcf->routes == NULL) {
        return NULL;
    }

    name = group->len ? group : &none;

    while (*i < lcf->routes->nelts) {

        routes = (ngx_http_ccproxy_route_t **) lcf->routes->elts + (*i)++;

        if ((*routes)->group.len == 0
            || ngx_http_ccproxy_eq(&(*routes)->group, name))
        {
            return *routes;
        }
    }

    return NULL;
}


ngx_uint_t
ngx_http_ccproxy_route_takes(ngx_http_ccproxy_route_t *route, ccp_str_t model)
{
#if (NGX_PCRE)
    ngx_int_t  n;
    ngx_str_t  name;

    if (route->regex) {

        if (model.n > NGX_HTTP_CCPROXY_MODEL_MAX) {
            return 0;
        }

        name.data = (u_char *) model.p;
        name.len = model.n;

        n = ngx_regex_exec(route->regex, &name, NULL, 0);

        if (n < 0 && n != NGX_REGEX_NO_MATCHED) {
            ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                          ngx_regex_exec_n " failed: %i on a model's name "
                          "using \"%V\"", n, &route->pattern);
        }

        return n >= 0;
    }
#endif

    return ccp_str_glob(ngx_http_ccproxy_slice(&route->pattern), model);
}


ngx_uint_t
ngx_http_ccproxy_route_literal(ngx_http_ccproxy_route_t *route)
{
    size_t  i;

    if (route->pattern.data[0] == '~') {
        return 0;
    }

    for (i = 0; i < route->pattern.len; i++) {
        if (route->pattern.data[i] == '*' || route->pattern.data[i] == '?') {
            return 0;
        }
    }

    return 1;
}


ngx_uint_t
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
    ccp_str_t                       model;
    ngx_uint_t                      i;
    ngx_http_ccproxy_pool_t       **pp;
    ngx_http_ccproxy_route_t       *route;
    ngx_http_ccproxy_loc_conf_t    *lcf;
    ngx_http_ccproxy_main_conf_t   *mcf;

    static ngx_str_t  none = ngx_null_string;

    if (!ctx->name.known) {
        return &none;
    }

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);

    i = 0;
    model = ngx_http_ccproxy_slice(&ctx->name.model);
    ctx->name.unrouted = 0;

    for ( ;; ) {

        route = ngx_http_ccproxy_route_next(lcf, &ctx->name.group, &i);

        if (route == NULL) {
            break;
        }

        if (ngx_http_ccproxy_route_takes(route, model)
            && ngx_http_ccproxy_route_condition(r, route))
        {
            ngx_log_debug3(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                           "ccproxy route: \"%V\" of group \"%V\" to \"%V\"",
                           &route->pattern, &route->group, &route->pool);
            return &route->pool;
        }
    }

    if (ctx->name.direct) {
        mcf = ngx_http_get_module_main_conf(r, ngx_http_ccproxy_module);
        pp = mcf->pools.elts;

        return &pp[0]->uscf->host;
    }

    ctx->name.unrouted = (lcf->routes != NULL);

    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "ccproxy route: none");

    return &none;
}
