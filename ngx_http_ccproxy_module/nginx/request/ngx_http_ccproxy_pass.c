
/*
 * Where "proxy_pass" of a location leads, told before nginx goes there.  The
 * directive comes here first, because the proxy module keeps its text and its
 * line to itself.
 */

#include "nginx/balance/ngx_http_ccproxy_balance.h"
#include "nginx/request/ngx_http_ccproxy_request.h"


char *
ngx_http_ccproxy_stock(ngx_conf_t *cf, ngx_command_t *cmd,
    ngx_module_t *module, ngx_uint_t context, void *conf)
{
    ngx_command_t  *stock;

    for (stock = module->commands; stock->name.len; stock++) {

        if ((stock->type & context)
            && ngx_http_ccproxy_eq(&stock->name, &cmd->name))
        {
            return stock->set(cf, stock, conf);
        }
    }

    return "directive is not known to this nginx";
}


static char *
ngx_http_ccproxy_pass_place(ngx_conf_t *cf, ngx_http_ccproxy_loc_conf_t *lcf)
{
    ngx_http_ccproxy_place_t      *place;
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);

    place = ngx_array_push(&mcf->places);
    if (place == NULL) {
        return NGX_CONF_ERROR;
    }

    place->lcf = lcf;
    place->clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    place->u = ngx_http_conf_get_module_loc_conf(cf, ngx_http_proxy_module);

    return NGX_CONF_OK;
}


char *
ngx_http_ccproxy_pass(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char                              *rv;
    ngx_str_t                         *value, text;
    ngx_http_ccproxy_pass_t           *pass;
    ngx_http_ccproxy_loc_conf_t       *lcf;
    ngx_http_compile_complex_value_t   ccv;

    (void) conf;

    value = cf->args->elts;
    lcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_ccproxy_module);

    /* compiled first: the stock handler changes its argument */

    pass = ngx_pcalloc(cf->pool, sizeof(ngx_http_ccproxy_pass_t));
    text.data = ngx_pstrdup(cf->pool, &value[1]);
    text.len = value[1].len;

    if (pass == NULL || text.data == NULL) {
        return NGX_CONF_ERROR;
    }

    pass->text = text;
    pass->file = cf->conf_file->file.name.data;
    pass->line = cf->conf_file->line;

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = &text;
    ccv.complex_value = &pass->value;

    if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    rv = ngx_http_ccproxy_stock(cf, cmd, &ngx_http_proxy_module,
                                NGX_HTTP_LOC_CONF,
                                ngx_http_conf_get_module_loc_conf(cf,
                                                      ngx_http_proxy_module));
    if (rv == NGX_CONF_OK) {
        lcf->pass = pass;
        rv = ngx_http_ccproxy_pass_place(cf, lcf);
    }

    return rv;
}


char *
ngx_http_ccproxy_enable(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ccproxy_loc_conf_t  *lcf = conf;

    char  *rv;

    rv = ngx_conf_set_flag_slot(cf, cmd, conf);

    if (rv != NGX_CONF_OK || !lcf->enable
        || !(cf->cmd_type & NGX_HTTP_LOC_CONF))
    {
        return rv;
    }

    lcf->file = cf->conf_file->file.name.data;
    lcf->line = cf->conf_file->line;

    return ngx_http_ccproxy_pass_place(cf, lcf);
}


void
ngx_http_ccproxy_pass_merge(ngx_conf_t *cf, ngx_http_ccproxy_loc_conf_t *prev,
    ngx_http_ccproxy_loc_conf_t *conf)
{
    ngx_http_core_loc_conf_t  *clcf;

    /* as the proxy module has it: "if" and "limit_except" alone inherit */

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (conf->pass == NULL && clcf->noname) {
        conf->pass = prev->pass;
    }
}


ngx_http_ccproxy_pool_t *
ngx_http_ccproxy_pass_fixed(ngx_http_request_t *r)
{
    ngx_http_upstream_conf_t  *u;

    u = ngx_http_ccproxy_proxy_conf(r->loc_conf);

    /* without srv_conf it is an address */

    return u->upstream && u->upstream->srv_conf
           ? ngx_http_conf_upstream_srv_conf(u->upstream,
                                             ngx_http_ccproxy_module)
           : NULL;
}


/* The pool whose name stands in http://NAME[:PORT][/PATH]. */

static ngx_http_ccproxy_pool_t *
ngx_http_ccproxy_pass_named(ngx_http_ccproxy_main_conf_t *mcf,
    ngx_str_t *value)
{
    u_char                    *p, *last, *end;
    ngx_str_t                  name, *host;
    ngx_uint_t                 i;
    ngx_http_ccproxy_pool_t  **pp;

    p = value->data;
    last = p + value->len;

    if (value->len > 7 && ngx_strncasecmp(p, (u_char *) "http://", 7) == 0) {
        p += 7;

    } else if (value->len > 8
               && ngx_strncasecmp(p, (u_char *) "https://", 8) == 0)
    {
        p += 8;

    } else {
        return NULL;
    }

    for (end = p; end < last && *end != '/' && *end != ':' && *end != '?';
         end++)
    {
        /* void */
    }

    name.data = p;
    name.len = end - p;
    pp = mcf->pools.elts;

    for (i = 0; i < mcf->pools.nelts; i++) {
        host = &pp[i]->uscf->host;

        if (host->len == name.len
            && ngx_strncasecmp(host->data, name.data, name.len) == 0)
        {
            return pp[i];
        }
    }

    return NULL;
}


ngx_int_t
ngx_http_ccproxy_pass_pool(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx,
    ngx_str_t *group, ngx_str_t *model, ngx_http_ccproxy_pool_t **pool)
{
    size_t                          n;
    ngx_int_t                       rc;
    ngx_str_t                       value;
    ngx_http_ccproxy_name_t         name, asked;
    ngx_http_core_main_conf_t      *cmcf;
    ngx_http_variable_value_t      *saved;
    ngx_http_ccproxy_loc_conf_t    *lcf;
    ngx_http_ccproxy_main_conf_t   *mcf;

    *pool = ngx_http_ccproxy_pass_fixed(r);
    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);

    if (*pool != NULL || lcf->pass == NULL) {
        return NGX_OK;
    }

    mcf = ngx_http_get_module_main_conf(r, ngx_http_ccproxy_module);
    cmcf = ngx_http_get_module_main_conf(r, ngx_http_core_module);

    /* nothing of this question may be left in variables that are cached */

    n = cmcf->variables.nelts * sizeof(ngx_http_variable_value_t);

    saved = ngx_palloc(r->pool, n ? n : 1);
    if (saved == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(saved, r->variables, n);
    name = ctx->name;

    ngx_memzero(&asked, sizeof(ngx_http_ccproxy_name_t));
    asked.group = *group;
    asked.model = *model;
    asked.known = 1;

    ctx->name = asked;

    rc = ngx_http_complex_value(r, &lcf->pass->value, &value);

    if (rc == NGX_OK) {
        *pool = ngx_http_ccproxy_pass_named(mcf, &value);
    }

    ctx->name = name;
    ngx_memcpy(r->variables, saved, n);

    if (n >= ngx_pagesize) {
        (void) ngx_pfree(r->pool, saved);
    }

    return rc;
}


/* ---- mistakes ---- */

/*
 * Whether the module of nginx's has rules for the location, which may lead
 * elsewhere.  Its configuration begins with a pointer to them.
 */

static ngx_uint_t
ngx_http_ccproxy_pass_rules(ngx_conf_t *cf, ngx_http_core_loc_conf_t *clcf,
    const char *name)
{
    void           **rules;
    ngx_uint_t       i;
    ngx_module_t   **modules;

    modules = cf->cycle->modules;

    for (i = 0; modules[i]; i++) {
        if (modules[i]->name && ngx_strcmp(modules[i]->name, name) == 0) {
            rules = clcf->loc_conf[modules[i]->ctx_index];
            return rules && *rules;
        }
    }

    return 0;
}


/* "ccproxy on" without "proxy_pass". */

static ngx_int_t
ngx_http_ccproxy_pass_none(ngx_conf_t *cf, ngx_http_ccproxy_place_t *place)
{
    if (place->clcf->handler) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"ccproxy on\" stands in a location with another "
                      "handler than \"proxy_pass\": remove one of them in "
                      "%s:%ui", place->lcf->file, place->lcf->line);
        return NGX_ERROR;
    }

    if (place->clcf->locations != NULL
        || ngx_http_ccproxy_pass_rules(cf, place->clcf,
                                       "ngx_http_rewrite_module")
        || ngx_http_ccproxy_pass_rules(cf, place->clcf,
                                       "ngx_http_try_files_module"))
    {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "\"ccproxy on\" needs \"proxy_pass http://POOL;\" beside it "
                  "in %s:%ui", place->lcf->file, place->lcf->line);

    return NGX_ERROR;
}


static ngx_int_t
ngx_http_ccproxy_pass_path(ngx_conf_t *cf, ngx_http_ccproxy_pass_t *pass)
{
    u_char  *p, *last;

    last = pass->text.data + pass->text.len;
    p = ngx_strlchr(pass->text.data, last, ':');

    for (p = p ? p + 3 : last; p < last && *p != '/'; p++) {
        /* void */
    }

    if (p + 1 >= last) {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "a path in \"proxy_pass\" to a pool is not used: the "
                  "provider's \"url\" has it; write \"proxy_pass %*s;\" in "
                  "%s:%ui", (size_t) (p - pass->text.data), pass->text.data,
                  pass->file, pass->line);

    return NGX_ERROR;
}


static ngx_int_t
ngx_http_ccproxy_pass_place_check(ngx_conf_t *cf,
    ngx_http_ccproxy_place_t *place)
{
    ngx_uint_t                    routed;
    ngx_http_ccproxy_pass_t      *pass;
    ngx_http_ccproxy_pool_t      *pool;
    ngx_http_ccproxy_route_t    **route;
    ngx_http_ccproxy_loc_conf_t  *lcf;

    lcf = place->lcf;
    pass = lcf->pass;

    if (pass && ngx_http_ccproxy_cache_check(cf, lcf, place->u, pass->file,
                                             pass->line)
                != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (!lcf->enable) {
        return NGX_OK;
    }

    if (pass == NULL) {
        return lcf->file ? ngx_http_ccproxy_pass_none(cf, place) : NGX_OK;
    }

    routed = ngx_strlcasestrn(pass->text.data,
                              pass->text.data + pass->text.len,
                              (u_char *) "ccproxy_pool", 12 - 1)
             != NULL;

    if (routed && lcf->routes == NULL) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"$ccproxy_pool\" is empty without routes: add "
                      "\"ccproxy_route * POOL;\", or write \"proxy_pass "
                      "http://POOL;\" in %s:%ui", pass->file, pass->line);
        return NGX_ERROR;
    }

    if (ngx_http_ccproxy_stock_check(cf, lcf) != NGX_OK
        || ngx_http_ccproxy_through_check(cf, lcf, pass->file, pass->line)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    pool = place->u->upstream && place->u->upstream->srv_conf
           ? ngx_http_conf_upstream_srv_conf(place->u->upstream,
                                             ngx_http_ccproxy_module)
           : NULL;

    if ((routed || (pool && pool->enable))
        && ngx_http_ccproxy_pass_path(cf, pass) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (place->u->upstream && lcf->own_routes) {
        route = lcf->routes->elts;

        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"ccproxy_route\" has no effect beside \"proxy_pass "
                      "%V\": write \"proxy_pass http://$ccproxy_pool;\", or "
                      "remove the routes in %s:%ui", &pass->text,
                      route[0]->file, route[0]->line);
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_ccproxy_pass_check(ngx_conf_t *cf)
{
    ngx_uint_t                     i;
    ngx_http_ccproxy_place_t      *place;
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);
    place = mcf->places.elts;

    for (i = 0; i < mcf->places.nelts; i++) {
        if (ngx_http_ccproxy_pass_place_check(cf, &place[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}
