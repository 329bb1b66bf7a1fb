
/*
 * ccproxy_pass: endpoints that nobody converts.  The request goes to a pool as
 * any other, with key, access rules and limits, but its body and that of the
 * answer stream by: neither is looked into but for the first bytes of an
 * answer, which name what was made on the provider's account.
 */

#include "nginx/account/ngx_http_ccproxy_account.h"
#include "nginx/filter/ngx_http_ccproxy_filter.h"
#include "nginx/balance/ngx_http_ccproxy_balance.h"
#include "nginx/request/ngx_http_ccproxy_request.h"


char *
ngx_http_ccproxy_through(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ccproxy_loc_conf_t  *lcf = conf;

    ngx_str_t                     *value, *name;
    ngx_uint_t                     i;
    ngx_http_ccproxy_main_conf_t  *mcf;

    (void) cmd;

    if (lcf->through != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (cf->args->nelts == 2 && value[1].len == 3
        && ngx_memcmp(value[1].data, "off", 3) == 0)
    {
        lcf->through = NULL;
        return NGX_CONF_OK;
    }

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);
    mcf->through = 1;

    lcf->through = ngx_array_create(cf->pool, cf->args->nelts,
                                    sizeof(ngx_str_t));
    if (lcf->through == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 1; i < cf->args->nelts; i++) {

        if (!ccp_other_known(ngx_http_ccproxy_slice(&value[i]))) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"ccproxy_pass\" knows no \"%V\": write "
                               "\"files\", \"batches\", \"images\" or another "
                               "of the names on the page", &value[i]);
            return NGX_CONF_ERROR;
        }

        name = ngx_array_push(lcf->through);
        if (name == NULL) {
            return NGX_CONF_ERROR;
        }

        *name = value[i];
    }

    return NGX_CONF_OK;
}


ngx_int_t
ngx_http_ccproxy_through_check(ngx_conf_t *cf,
    ngx_http_ccproxy_loc_conf_t *lcf, u_char *file, ngx_uint_t line)
{
    ngx_str_t   *names;
    ngx_uint_t   i;

    if (lcf->through == NULL || lcf->rules == NULL) {
        return NGX_OK;
    }

    names = lcf->through->elts;

    for (i = 0; i < lcf->through->nelts; i++) {

        if (ccp_other_known(ngx_http_ccproxy_slice(&names[i])) > 1) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "\"ccproxy_pass %V\" would pass by the location's "
                          "rules for prompts, tools or the temperature: give "
                          "it a location of its own, in %s:%ui", &names[i],
                          file, line);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static int
ngx_http_ccproxy_through_named(void *data, const char *name)
{
    ngx_http_ccproxy_loc_conf_t  *lcf = data;

    ngx_str_t   *names;
    ngx_uint_t   i;

    names = lcf->through->elts;

    for (i = 0; i < lcf->through->nelts; i++) {
        if (names[i].len == ngx_strlen(name)
            && ngx_memcmp(names[i].data, name, names[i].len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/* Whether the path as it was sent hides slashes or dots from nginx. */

static ngx_uint_t
ngx_http_ccproxy_through_hidden(ngx_http_request_t *r)
{
    u_char  *p, *last;

    last = r->unparsed_uri.data + r->unparsed_uri.len;

    for (p = r->unparsed_uri.data; p < last && *p != '?'; p++) {
        if (*p == '%' || *p == '\\') {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
ngx_http_ccproxy_through_refuse(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ccp_err_e cls, const char *why)
{
    ngx_http_ccproxy_error_set(r, ctx, cls, "%V %V: %s", &r->method_name,
                               &r->uri, why);

    return ngx_http_ccproxy_error_send(r, ctx);
}


static ngx_uint_t
ngx_http_ccproxy_through_method(ngx_http_request_t *r, const char *methods)
{
    size_t       n;
    const char  *p;

    for (p = methods; *p; p += n + (p[n] == ' ')) {
        n = strcspn(p, " ");

        if (n == r->method_name.len
            && ngx_memcmp(p, r->method_name.data, n) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/*
 * Objects of one account: a client with a name sees its own, by name; it
 * can't list them, as a list has everybody's.  NGX_OK, or as error_send().
 */

static ngx_int_t
ngx_http_ccproxy_through_object(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    size_t                       n;
    uint64_t                     owner;
    ccp_str_t                    rest;
    ngx_http_ccproxy_through_t  *t;

    t = ctx->through;
    rest = t->rest;

    if (t->row->object == NULL || r->method == NGX_HTTP_POST) {
        if (t->row->object == NULL || rest.n == 0) {
            return NGX_OK;
        }
    }

    if (rest.n == 0) {
        return ctx->client.len == 0
               ? NGX_OK
               : ngx_http_ccproxy_through_refuse(r, ctx, CCP_E_FORBIDDEN,
                     "a list would show objects of other clients: ask for "
                     "one by its name");
    }

    rest.p++;
    rest.n--;

    for (n = 0; n < rest.n && rest.p[n] != '/' && rest.p[n] != ':'; n++) {
        /* void */
    }

    rest.n = n;

    if (ngx_http_ccproxy_object_find(r, t->row, rest, &t->key, &owner)
        != NGX_OK)
    {
        /* unknown here: without clients there is nobody to keep it from */

        owner = 0;
    }

    return owner == ngx_http_ccproxy_object_client(ctx)
           ? NGX_OK
           : ngx_http_ccproxy_through_refuse(r, ctx, CCP_E_NOT_FOUND,
                 "there is no such object");
}


/* The name of what was made, and whose it is. */

static void
ngx_http_ccproxy_through_learn(ngx_http_ccproxy_ctx_t *ctx, u_char *p,
    size_t n)
{
    ccp_str_t                    body, name;
    ngx_http_ccproxy_through_t  *t;

    t = ctx->through;

    n = ngx_min(n, sizeof(t->begin) - t->nbegin);
    ngx_memcpy(t->begin + t->nbegin, p, n);
    t->nbegin += n;

    body = ccp_none;
    body.p = t->begin;
    body.n = t->nbegin;

    name = ccp_other_object(t->row, body);

    if (name.p == NULL) {
        if (t->nbegin == sizeof(t->begin)) {
            ctx->learn = NULL;
        }

        return;
    }

    ctx->learn = NULL;
    ngx_http_ccproxy_object_add(ctx->request, t->row, name,
                                ctx->tries.pool->list.pairs[
                                    ctx->try.pair - ctx->tries.pool->pairs]
                                .key,
                                ngx_http_ccproxy_object_client(ctx));
}


/* Who may, where to.  NGX_OK, or as error_send(). */

static ngx_int_t
ngx_http_ccproxy_through_route(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_int_t                 rc;
    ngx_http_ccproxy_pool_t  *pool;

    if (ctx->access && ctx->access->models && ctx->through->row->asks) {
        return ngx_http_ccproxy_through_refuse(r, ctx, CCP_E_FORBIDDEN,
            "the access key is bound to models, which are not looked at here");
    }

    rc = ngx_http_ccproxy_name_group(r, ctx, &ctx->name.group);

    if (rc != NGX_OK) {
        return rc == NGX_DECLINED
               ? ngx_http_ccproxy_through_refuse(r, ctx, CCP_E_NOT_FOUND,
                                                 "there is no such group")
               : NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_str_null(&ctx->name.model);
    ctx->name.known = 1;

    if (ngx_http_ccproxy_pass_pool(r, ctx, &ctx->name.group, &ctx->name.model,
                                   &pool)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (pool == NULL) {
        return ngx_http_ccproxy_through_refuse(r, ctx, CCP_E_NOT_FOUND,
                                               "no route leads to a pool");
    }

    if (!ngx_http_ccproxy_access_pool(ctx, pool)) {
        return ngx_http_ccproxy_through_refuse(r, ctx, CCP_E_FORBIDDEN,
            "the access key is not good for the pool");
    }

    return ngx_http_ccproxy_through_object(r, ctx);
}


ngx_int_t
ngx_http_ccproxy_through_start(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    int                           rc;
    ngx_int_t                     ok;
    ccp_str_t                     rest;
    ccp_endpoint_t                ep;
    const ccp_other_t            *row;
    ngx_http_ccproxy_through_t   *t;
    ngx_http_ccproxy_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);

    if (lcf->through == NULL || ctx->through) {
        return NGX_DECLINED;
    }

    rc = ccp_other_find(&ep, ngx_http_ccproxy_slice(&r->uri),
                        ngx_http_ccproxy_asker(r),
                        ngx_http_ccproxy_through_named, lcf, &row, &rest);

    if (rc == CCP_DECLINED) {
        return NGX_DECLINED;
    }

    if (rc == CCP_INVALID || ngx_http_ccproxy_through_hidden(r)) {
        return ngx_http_ccproxy_through_refuse(r, ctx, CCP_E_NOT_FOUND,
            "the path has what no object's name has");
    }

    ctx->endpoint = ep;

    if (!ngx_http_ccproxy_through_method(r, row->methods)) {
        return ngx_http_ccproxy_through_refuse(r, ctx, CCP_E_METHOD,
                                               "the method is not allowed");
    }

    if (ngx_http_ccproxy_exchange(r, ctx) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (lcf->betas) {
        ccp_exchange_betas(ctx->exchange, lcf->betas->elts,
                           lcf->betas->nelts);
    }

    t = ngx_pcalloc(r->pool, sizeof(ngx_http_ccproxy_through_t));
    if (t == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    t->row = row;
    t->rest = rest;
    ctx->through = t;

    ngx_http_ccproxy_access_identify(r, ctx);

    ok = ngx_http_ccproxy_through_route(r, ctx);

    if (ok != NGX_OK) {
        return ok;
    }

    if (row->object && r->method == NGX_HTTP_POST) {
        ctx->learn = ngx_http_ccproxy_through_learn;
    }

    switch (ngx_http_ccproxy_limit_enter(r, ctx, NULL)) {

    case NGX_OK:
        break;

    case NGX_DECLINED:
        return ngx_http_ccproxy_error_send(r, ctx);

    default:
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_http_ccproxy_counter_add(r);

    /* the body goes on as it comes */

    if (r == r->main && r->request_body == NULL) {
        r->request_body_no_buffering = 1;
    }

    return NGX_OK;
}
