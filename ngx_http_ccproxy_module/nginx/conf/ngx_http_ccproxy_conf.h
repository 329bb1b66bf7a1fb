
/*
 * The configuration: providers with their statements, keys and presets, and
 * what a location changes in requests.
 */

#ifndef _NGX_HTTP_CCPROXY_CONF_H_INCLUDED_
#define _NGX_HTTP_CCPROXY_CONF_H_INCLUDED_


#include "nginx/core/ngx_http_ccproxy.h"


/* What cmd->post of a slot points to. */

typedef struct {
    char                          *invalid;   /* logged: a format for the
                                                 value; or */
    char                          *wrong;     /* what follows the directive's
                                                 name */
    ngx_int_t                      min;       /* of a number */
    ngx_int_t                      max;
    unsigned                       off:1;     /* a time may be "off" */
} ngx_http_ccproxy_slot_t;


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

/* ngx_http_ccproxy_provider_statement.c */
/* Reads the statements of a provider's block into p. */
char *ngx_http_ccproxy_provider_block(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p);

/* ngx_http_ccproxy_preset.c */
/*
 * The value of the variable VARSsuffix in nginx's environment, of the
 * preset's column vars.  NGX_OK, NGX_DECLINED: it is not set, NGX_ERROR.
 */
ngx_int_t ngx_http_ccproxy_preset_var(ngx_conf_t *cf, const ccp_provider_t *pr,
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
char *ngx_http_ccproxy_provider_param(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
/* Makes p->param_list once all statements were read.  NGX_OK, or NGX_ERROR
 * (logged). */
ngx_int_t ngx_http_ccproxy_provider_params(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p);

/* ngx_http_ccproxy_provider_quirk.c */
/* The statement "quirk" of a provider; cf->args holds it. */
char *ngx_http_ccproxy_provider_quirk(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
/* Sets the columns of p->row once all statements were read, for the model
 * rules as well.  NGX_OK, or NGX_ERROR (logged). */
ngx_int_t ngx_http_ccproxy_provider_quirks(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p);

/* ngx_http_ccproxy_price.c: what models cost */
/* The statement "price" of a provider; cf->args holds it. */
char *ngx_http_ccproxy_price(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
/* Finds the list of "price default;" once all statements were read.  NGX_OK,
 * or NGX_ERROR (logged). */
ngx_int_t ngx_http_ccproxy_price_list(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p);
/* Sets *price to that of the provider's model (plain) for a prompt of so many
 * tokens; 0: it has none. */
ngx_uint_t ngx_http_ccproxy_price_find(ngx_http_ccproxy_provider_t *p,
    ccp_str_t model, int64_t prompt, ccp_price_t *price);

/* ngx_http_ccproxy_key.c */
/* The statement "key" of a provider; cf->args holds it. */
char *ngx_http_ccproxy_key(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
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
/* Whether "mode=any" is among the words of the directive, from that one on. */
ngx_uint_t ngx_http_ccproxy_secret_any_mode(ngx_conf_t *cf, ngx_uint_t from);
/* A copy of the environment's variable; NGX_DECLINED: none or empty. */
ngx_int_t ngx_http_ccproxy_secret_env(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *secret);
/*
 * A secret becomes part of a header line: NULL, or why it can't.  Line ends
 * behind it, as editors leave them in files, are cut off.
 */
char *ngx_http_ccproxy_secret_check(ngx_str_t *s);

/* ngx_http_ccproxy_url.c */
/*
 * Reads an API root into p: host, port, path, addresses if they are literal.
 * NULL, or what is wrong with it.
 */
char *ngx_http_ccproxy_url(ngx_conf_t *cf, ngx_http_ccproxy_provider_t *p,
    ngx_str_t *url);
/* Whether the path of a provider's "url" can be an API root: NULL, or what is
 * wrong with it. */
char *ngx_http_ccproxy_url_root(ngx_http_ccproxy_provider_t *p);
/* Whether these are bytes of a name or an address: NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_ccproxy_url_host(ngx_str_t *host);

/* ngx_http_ccproxy_slot.c: values of directives and statements */
/* Milliseconds, NGX_CONF_UNSET_MSEC at first; "off" is 0. */
char *ngx_http_ccproxy_time_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
/* An ngx_uint_t, NGX_CONF_UNSET_UINT at first. */
char *ngx_http_ccproxy_number_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
/* An ngx_flag_t, NGX_CONF_UNSET at first. */
char *ngx_http_ccproxy_flag_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
/* The name of a file with what post->invalid says. */
char *ngx_http_ccproxy_pem_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* ngx_http_ccproxy_proxy.c: proxies in the configuration */
/*
 * Reads http://[USER:PASSWORD@]HOST:PORT, env:NAME or file:PATH.  NULL, or
 * what is wrong with it (NGX_CONF_ERROR: logged already).
 */
char *ngx_http_ccproxy_proxy(ngx_conf_t *cf, ngx_str_t *value,
    ngx_http_ccproxy_proxy_t **proxy);
/* The statement "proxy" of a provider. */
char *ngx_http_ccproxy_proxy_statement(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* ngx_http_ccproxy_tools_mode.c: how models get tools */
/* A ccp_tools_e in an ngx_uint_t, NGX_CONF_UNSET_UINT at first. */
char *ngx_http_ccproxy_tools_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
/* The mode of that name; CCP_TOOLS_UNSET, and the mistake is logged. */
ccp_tools_e ngx_http_ccproxy_tools_word(ngx_conf_t *cf, ngx_str_t *word);

/* ngx_http_ccproxy_prompt.c: what a location changes in requests */
char *ngx_http_ccproxy_prompt(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_ccproxy_replace(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_ccproxy_patterns(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_ccproxy_temperature_ratio(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
/* Parts of creating and merging a location's configuration. */
void ngx_http_ccproxy_prompt_create(ngx_http_ccproxy_loc_conf_t *lcf);
char *ngx_http_ccproxy_prompt_merge(ngx_conf_t *cf,
    ngx_http_ccproxy_loc_conf_t *prev, ngx_http_ccproxy_loc_conf_t *conf);


/* ngx_http_ccproxy_service.c: the environment that the service has */
/*
 * Has nginx hand the variable on to the binary that takes its place (USR2).
 * NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_ccproxy_service_keep(ngx_conf_t *cf, ngx_str_t *name);
/*
 * For nginx -t and -s while an nginx runs, which may have what this
 * environment lacks: a stand-in for the secret, and a warning.  NGX_OK;
 * NGX_DECLINED: the variable is missing; NGX_ERROR.
 */
ngx_int_t ngx_http_ccproxy_service_has(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *secret);


#endif /* _NGX_HTTP_CCPROXY_CONF_H_INCLUDED_ */
