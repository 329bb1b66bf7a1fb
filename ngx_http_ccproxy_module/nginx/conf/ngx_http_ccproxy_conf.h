
/*
 * Providers in the configuration: their statements, keys and presets.
 * Included by ngx_http_ccproxy.h.
 */

#ifndef _NGX_HTTP_CCPROXY_CONF_H_INCLUDED_
#define _NGX_HTTP_CCPROXY_CONF_H_INCLUDED_


/* ngx_http_ccproxy_provider.c */
char *ngx_http_ccproxy_provider(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
/*
 * The provider of that name, or the preset of that name made into one.  NULL:
 * there is none or it can't be used, logged with file and line of whoever
 * asks.
 */
ngx_http_ccproxy_provider_t *ngx_http_ccproxy_provider_find(ngx_conf_t *cf,
    ngx_str_t *name, u_char *file, ngx_uint_t line);

/* ngx_http_ccproxy_preset.c */
/*
 * The value of the variable VARSsuffix in nginx's environment, of the
 * preset's column vars.  NGX_OK, NGX_DECLINED: it is not set, NGX_ERROR.
 */
ngx_int_t ngx_http_ccproxy_preset_var(ngx_conf_t *cf, const ccp_dialect_t *d,
    const char *suffix, ngx_str_t *value);

/* Model and max_tokens of a target that gives none, from the environment. */
ngx_int_t ngx_http_ccproxy_preset_target(ngx_conf_t *cf,
    ngx_http_ccproxy_target_t *t);

/* "a, b, c": the names of all presets, in the temporary pool. */
ngx_int_t ngx_http_ccproxy_preset_list(ngx_conf_t *cf, ngx_str_t *list);

/* ngx_http_ccproxy_provider_param.c */
/* The codec's memory that lives as long as the configuration; NULL without
 * memory. */
ccp_arena_t *ngx_http_ccproxy_conf_arena(ngx_conf_t *cf);
/* The statements "default" and "param" of a provider; cf->args holds one. */
char *ngx_http_ccproxy_provider_param(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p);
/* Makes p->param_list once all statements were read.  NGX_OK, or NGX_ERROR
 * (logged). */
ngx_int_t ngx_http_ccproxy_provider_params(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p);

/* ngx_http_ccproxy_provider_quirk.c */
/* The statement "quirk" of a provider; cf->args holds it. */
char *ngx_http_ccproxy_provider_quirk(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p);
/* Sets the columns of p->dialect once all statements were read, for the model
 * rules as well.  NGX_OK, or NGX_ERROR (logged). */
ngx_int_t ngx_http_ccproxy_provider_quirks(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p);

/* ngx_http_ccproxy_key.c */
/* The statement "key" of a provider; cf->args holds it. */
char *ngx_http_ccproxy_key(ngx_conf_t *cf, ngx_http_ccproxy_provider_t *p);
/*
 * Adds the key found in the first variable of the list (names by comma) that
 * the environment has.  NGX_OK, NGX_DECLINED (none of them), NGX_ERROR.
 */
ngx_int_t ngx_http_ccproxy_key_env(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p, const char *list);

/* ngx_http_ccproxy_secret.c: secrets in the configuration */
/*
 * Reads env:NAME, file:PATH, literal:SECRET or the secret itself; what ("key")
 * is for messages, any_mode allows a file that others may read.  NGX_CONF_OK
 * or NGX_CONF_ERROR, logged.
 */
char *ngx_http_ccproxy_secret(ngx_conf_t *cf, char *what, ngx_str_t *value,
    ngx_uint_t any_mode, ngx_str_t *secret);
/* A copy of the environment's variable; NGX_DECLINED: none or empty. */
ngx_int_t ngx_http_ccproxy_secret_env(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *secret);
/*
 * A secret becomes part of a header line: NULL, or why it can't.  Line ends
 * behind it, as editors leave them in files, are cut off.
 */
char *ngx_http_ccproxy_secret_check(ngx_str_t *s);


#endif /* _NGX_HTTP_CCPROXY_CONF_H_INCLUDED_ */
