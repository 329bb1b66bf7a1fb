
/*
 * limit_req_zone and limit_conn_zone look before the body was read: variables
 * that come of it would be empty there, and the limit none.
 */

#include "nginx/request/ngx_http_ccproxy_request.h"


#define NGX_HTTP_CCPROXY_PREFIX  "ccproxy_"


/* Those of ours that are known then. */

static ngx_str_t  ngx_http_ccproxy_early_names[] = {
    ngx_string("protocol"),
    ngx_string("group"),
    ngx_string("client"),
    ngx_string("session"),
    ngx_string("uuid"),
    ngx_null_string
};


/* The first variable that is not known; empty: none. */

static ngx_str_t
ngx_http_ccproxy_early_unknown(ngx_str_t *text)
{
    u_char     *p, *last;
    size_t      n;
    ngx_str_t   name, *known;

    n = sizeof(NGX_HTTP_CCPROXY_PREFIX) - 1;
    last = text->data + text->len;

    for (p = text->data; p < last; p++) {

        if (*p != '$') {
            continue;
        }

        if (p + 1 < last && p[1] == '{') {
            p++;
        }

        name.data = ++p;

        while (p < last
               && ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z')
                   || (*p >= '0' && *p <= '9') || *p == '_'))
        {
            p++;
        }

        name.len = p - name.data;
        p--;

        if (name.len <= n
            || ngx_strncasecmp(name.data, (u_char *) NGX_HTTP_CCPROXY_PREFIX,
                               n)
               != 0)
        {
            continue;
        }

        for (known = ngx_http_ccproxy_early_names; known->len; known++) {
            if (known->len == name.len - n
                && ngx_strncasecmp(known->data, name.data + n, known->len)
                   == 0)
            {
                break;
            }
        }

        if (known->len == 0) {
            return name;
        }
    }

    ngx_str_null(&name);

    return name;
}


/* The module of nginx's that has the directive, and its entry there. */

static ngx_command_t *
ngx_http_ccproxy_early_stock(ngx_conf_t *cf, ngx_str_t *name,
    ngx_module_t **module)
{
    ngx_uint_t      i;
    ngx_command_t  *stock;

    for (i = 0; cf->cycle->modules[i]; i++) {

        *module = cf->cycle->modules[i];

        if ((*module)->type != NGX_HTTP_MODULE
            || *module == &ngx_http_ccproxy_defaults_module)
        {
            continue;
        }

        for (stock = (*module)->commands; stock && stock->name.len; stock++) {
            if ((stock->type & cf->cmd_type)
                && ngx_http_ccproxy_eq(&stock->name, name))
            {
                return stock;
            }
        }
    }

    return NULL;
}


char *
ngx_http_ccproxy_early_pass(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    void           **confs;
    ngx_module_t    *module;
    ngx_command_t   *stock;

    (void) conf;

    stock = ngx_http_ccproxy_early_stock(cf, &cmd->name, &module);
    if (stock == NULL) {
        return "is not known to this nginx";
    }

    confs = *(void ***) ((u_char *) cf->ctx + stock->conf);

    return stock->set(cf, stock, confs ? confs[module->ctx_index] : NULL);
}


char *
ngx_http_ccproxy_early(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t  *value, name;

    value = cf->args->elts;
    name = ngx_http_ccproxy_early_unknown(&value[1]);

    if (name.len) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"$%V\" is not known before the request's body: "
                           "\"%V\" may use $ccproxy_client, $ccproxy_group, "
                           "$ccproxy_protocol, $ccproxy_session", &name,
                           &cmd->name);
        return NGX_CONF_ERROR;
    }

    return ngx_http_ccproxy_early_pass(cf, cmd, conf);
}
