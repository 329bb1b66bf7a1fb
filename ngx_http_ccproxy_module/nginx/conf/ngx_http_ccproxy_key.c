
/*
 * Keys of providers.  The secret goes nowhere but into the request.
 */

#include "nginx/conf/ngx_http_ccproxy_conf.h"


typedef struct {
    ngx_str_t   name;                      /* with "=" */
    size_t      offset;                    /* ngx_uint_t of a key */
    ngx_int_t   max;
    char       *wrong;
} ngx_http_ccproxy_key_param_t;


static ngx_http_ccproxy_key_param_t  ngx_http_ccproxy_key_params[] = {

    { ngx_string("weight="), offsetof(ngx_http_ccproxy_key_t, weight), 10000,
      "needs a number from 1 to 10000 behind \"weight=\"" },

    { ngx_string("rpm="), offsetof(ngx_http_ccproxy_key_t, rpm), 1000000000,
      "needs the requests that may be sent in a minute behind \"rpm=\"" },

    { ngx_string("tpm="), offsetof(ngx_http_ccproxy_key_t, tpm), 1000000000,
      "needs the tokens that may be used in a minute behind \"tpm=\"" },

    { ngx_null_string, 0, 0, NULL }
};


static ngx_http_ccproxy_key_t *
ngx_http_ccproxy_key_add(ngx_conf_t *cf, ngx_http_ccproxy_provider_t *p,
    ngx_str_t *value)
{
    ngx_http_ccproxy_key_t  *key;

    key = ngx_array_push(&p->keys);
    if (key == NULL) {
        return NULL;
    }

    ngx_memzero(key, sizeof(ngx_http_ccproxy_key_t));

    key->value = *value;
    key->weight = 1;

    /* unless it gets a name, a key is known by its place: groq-1 */

    key->name.data = ngx_pnalloc(cf->pool, p->name.len + 1 + NGX_INT_T_LEN);
    if (key->name.data == NULL) {
        return NULL;
    }

    key->name.len = ngx_sprintf(key->name.data, "%V-%ui", &p->name,
                                p->keys.nelts)
                    - key->name.data;

    return key;
}


/* A parameter that is a number; NGX_CONF_ERROR: it is none of these. */

static char *
ngx_http_ccproxy_key_number(ngx_conf_t *cf, ngx_http_ccproxy_key_t *key,
    ngx_str_t *value)
{
    ngx_int_t                      n;
    ngx_uint_t                    *field;
    ngx_http_ccproxy_key_param_t  *param;

    for (param = ngx_http_ccproxy_key_params; param->name.len; param++) {

        if (value->len < param->name.len
            || ngx_strncmp(value->data, param->name.data, param->name.len)
               != 0)
        {
            continue;
        }

        n = ngx_atoi(value->data + param->name.len,
                     value->len - param->name.len);

        if (n == NGX_ERROR || n == 0 || n > param->max) {
            return param->wrong;
        }

        field = (ngx_uint_t *) ((u_char *) key + param->offset);
        *field = n;

        return NGX_CONF_OK;
    }

    return NGX_CONF_ERROR;
}


/* Parameters that are words; NGX_CONF_ERROR: it is none of these. */

static char *
ngx_http_ccproxy_key_word(ngx_conf_t *cf, ngx_http_ccproxy_key_t *key,
    ngx_str_t *value)
{
    char       *rv;
    ngx_str_t   url;

    if (ngx_strncmp(value->data, "name=", 5) == 0) {
        key->name.data = value->data + 5;
        key->name.len = value->len - 5;

        return key->name.len == 0 ? "needs a name behind \"name=\""
                                  : NGX_CONF_OK;
    }

    /* read already, before the secret was */

    if (ngx_strncmp(value->data, "mode=", 5) == 0) {
        return ngx_strcmp(value->data + 5, "any") == 0
               ? NGX_CONF_OK : "takes \"mode=any\" and no other mode";
    }

    if (ngx_strncmp(value->data, "proxy=", 6) != 0) {
        return NGX_CONF_ERROR;
    }

    if (ngx_strcmp(value->data + 6, "off") == 0) {
        key->direct = 1;
        return NGX_CONF_OK;
    }

    url.data = value->data + 6;
    url.len = value->len - 6;

    rv = ngx_http_ccproxy_proxy(cf, &url, &key->proxy);

    if (rv != NGX_CONF_OK && rv != NGX_CONF_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"proxy=\" of a key %s, "
                           "or \"off\"", rv);
        return "has no usable proxy";
    }

    return rv == NGX_CONF_OK ? rv : "has no usable proxy";
}


char *
ngx_http_ccproxy_key(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ccproxy_provider_t  *p = conf;

    char                    *rv;
    u_char                  *eq;
    ngx_str_t               *value, secret;
    ngx_uint_t               i;
    ngx_http_ccproxy_key_t  *key;

    value = cf->args->elts;

    if (ngx_http_ccproxy_secret(cf, "key", &value[1],
                                ngx_http_ccproxy_secret_any_mode(cf, 2),
                                &secret)
        != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    key = ngx_http_ccproxy_key_add(cf, p, &secret);
    if (key == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 2; i < cf->args->nelts; i++) {

        rv = ngx_http_ccproxy_key_word(cf, key, &value[i]);

        if (rv == NGX_CONF_ERROR) {
            rv = ngx_http_ccproxy_key_number(cf, key, &value[i]);
        }

        if (rv == NGX_CONF_OK) {
            continue;
        }

        if (rv != NGX_CONF_ERROR) {
            return rv;
        }

        /* a secret with a blank in it could stand here: show no value */

        eq = ngx_strlchr(value[i].data, value[i].data + value[i].len, '=');

        if (eq == NULL) {
            return "has a word too many: write \"key SOURCE [name=NAME] "
                   "[weight=N] [rpm=N] [tpm=N] [proxy=URL] [mode=any];\"";
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "unknown parameter of \"key\" in word %ui: there "
                           "are \"name=\", \"weight=\", \"rpm=\", \"tpm=\", "
                           "\"proxy=\" and \"mode=\"", i + 1);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


ngx_int_t
ngx_http_ccproxy_key_env(ngx_conf_t *cf, ngx_http_ccproxy_provider_t *p,
    const char *list)
{
    char       *rv;
    size_t      n;
    ngx_int_t   rc;
    ngx_str_t   name, secret;

    while (*list != '\0') {

        n = strcspn(list, ",");

        name.data = (u_char *) list;
        name.len = n;

        list += n;
        list += (*list == ',');

        rc = ngx_http_ccproxy_secret_env(cf, &name, &secret);

        if (rc == NGX_DECLINED) {
            continue;
        }

        if (rc != NGX_OK) {
            return NGX_ERROR;
        }

        rv = ngx_http_ccproxy_secret_check(&secret);

        if (rv != NULL) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "the key in the environment's \"%V\" %s in %s:%ui",
                          &name, rv, p->file, p->line);
            return NGX_ERROR;
        }

        if (ngx_http_ccproxy_key_add(cf, p, &secret) == NULL) {
            return NGX_ERROR;
        }

        return NGX_OK;
    }

    return NGX_DECLINED;
}
