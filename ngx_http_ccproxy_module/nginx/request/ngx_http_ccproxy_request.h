
/*
 * The client's request: its body, who may send it, where it goes, and what is
 * answered without an upstream.
 */

#ifndef _NGX_HTTP_CCPROXY_REQUEST_H_INCLUDED_
#define _NGX_HTTP_CCPROXY_REQUEST_H_INCLUDED_


#include "nginx/core/ngx_http_ccproxy.h"


typedef struct {
    ngx_str_t                      pattern;   /* as it was written */
#if (NGX_PCRE)
    ngx_regex_t                   *regex;     /* NULL: '*' and '?' */
#endif
    ngx_str_t                      pool;
    ngx_http_ccproxy_pool_t       *upstream;  /* of that name */
    ngx_str_t                      group;     /* empty: any */
    ngx_int_t                      condition; /* variable index or -1 */
    u_char                        *file;
    ngx_uint_t                     line;
} ngx_http_ccproxy_route_t;


/* ngx_http_ccproxy_route.c: sets $ccproxy_pool */
char *ngx_http_ccproxy_route(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
/* Refuses routes to pools that do not exist. */
ngx_int_t ngx_http_ccproxy_route_init(ngx_conf_t *cf);
/* Whether the route's pattern matches the name, whatever its condition. */
ngx_uint_t ngx_http_ccproxy_route_takes(ngx_http_ccproxy_route_t *route,
    ccp_str_t model);
/* Whether its pattern is a name, and nothing else matches it. */
ngx_uint_t ngx_http_ccproxy_route_literal(ngx_http_ccproxy_route_t *route);
/*
 * The next route of a location that may serve a group (empty: requests that
 * name none), in the order in which they are tried; *i is 0 at first.  NULL:
 * there are no more.
 */
ngx_http_ccproxy_route_t *ngx_http_ccproxy_route_next(
    ngx_http_ccproxy_loc_conf_t *lcf, ngx_str_t *group, ngx_uint_t *i);
/*
 * The pool of the first route that fits the group and model of ctx->name.  A
 * client that named a provider gets one in any case, because the balancer then
 * goes to ctx->name.direct.  Empty: no route does.
 */
ngx_str_t *ngx_http_ccproxy_route_match(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);

/* Whether its condition holds for the request. */
ngx_uint_t ngx_http_ccproxy_route_condition(ngx_http_request_t *r,
    ngx_http_ccproxy_route_t *route);

/* ngx_http_ccproxy_pass.c: where "proxy_pass" leads */
/* Hands a directive on to the module of nginx's that it belongs to. */
char *ngx_http_ccproxy_stock(ngx_conf_t *cf, ngx_command_t *cmd,
    ngx_module_t *module, ngx_uint_t context, void *conf);
/* The directive "ccproxy" of locations and levels above. */
char *ngx_http_ccproxy_enable(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
/* Refuses locations that lead nowhere, or not where they seem to. */
ngx_int_t ngx_http_ccproxy_pass_check(ngx_conf_t *cf);
char *ngx_http_ccproxy_pass(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
void ngx_http_ccproxy_pass_merge(ngx_conf_t *cf,
    ngx_http_ccproxy_loc_conf_t *prev, ngx_http_ccproxy_loc_conf_t *conf);
/* The pool that "proxy_pass" of the location names; NULL: variables tell. */
ngx_http_ccproxy_pool_t *ngx_http_ccproxy_pass_fixed(ngx_http_request_t *r);
/*
 * The pool that a request of this client for the group and model goes to;
 * NULL: none.  Conditions and maps are asked.  NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_ccproxy_pass_pool(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ngx_str_t *group, ngx_str_t *model,
    ngx_http_ccproxy_pool_t **pool);

/* ngx_http_ccproxy_early.c: directives of nginx's that look before the body
 * is read; refuses variables of it in them */
char *ngx_http_ccproxy_early(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
/* Hands a directive on to the module of nginx's that it belongs to, with the
 * configuration that this module has at the same level. */
char *ngx_http_ccproxy_early_pass(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* ngx_http_ccproxy_stock.c: directives of nginx's that don't fit */
char *ngx_http_ccproxy_stock_note(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_ccproxy_stock_header(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_ccproxy_stock_key(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_ccproxy_stock_merge(ngx_conf_t *cf,
    ngx_http_ccproxy_loc_conf_t *prev, ngx_http_ccproxy_loc_conf_t *conf);
/* Refuses those of a location with "ccproxy on".  NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_ccproxy_stock_check(ngx_conf_t *cf,
    ngx_http_ccproxy_loc_conf_t *lcf);

/* ngx_http_ccproxy_digest.c */
/* $ccproxy_digest; empty before the request was decoded.  NGX_OK or
 * NGX_ERROR. */
ngx_int_t ngx_http_ccproxy_digest(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ngx_str_t *value);

/* ngx_http_ccproxy_cache.c: "proxy_cache" */
/* Has a request that was decoded go to the cache or past it. */
ngx_int_t ngx_http_ccproxy_cache_start(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);
/* Refuses keys by which answers would be mixed up. */
ngx_int_t ngx_http_ccproxy_cache_check(ngx_conf_t *cf,
    ngx_http_ccproxy_loc_conf_t *lcf, ngx_http_upstream_conf_t *u,
    u_char *file, ngx_uint_t line);

/* ngx_http_ccproxy_through.c: endpoints that nobody converts */
char *ngx_http_ccproxy_through(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
/*
 * Lets the request through, if the location names its endpoint.  NGX_OK: it
 * goes to the pool; NGX_DECLINED: it is none of them; else what a phase
 * handler returns.
 */
ngx_int_t ngx_http_ccproxy_through_start(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);
/* Refuses what would pass by the location's rules for prompts. */
ngx_int_t ngx_http_ccproxy_through_check(ngx_conf_t *cf,
    ngx_http_ccproxy_loc_conf_t *lcf, u_char *file, ngx_uint_t line);

/* ngx_http_ccproxy_object.c: what was made on providers' accounts */
ngx_int_t ngx_http_ccproxy_object_init(ngx_conf_t *cf);
/* Name of the request's client; 0: nobody knows. */
uint64_t ngx_http_ccproxy_object_client(ngx_http_ccproxy_ctx_t *ctx);
/* The key that the object was made with, and who did.  NGX_OK;
 * NGX_DECLINED: it is not known. */
ngx_int_t ngx_http_ccproxy_object_find(ngx_http_request_t *r,
    const ccp_other_t *row, ccp_str_t name, uint64_t *key, uint64_t *client);
void ngx_http_ccproxy_object_add(ngx_http_request_t *r,
    const ccp_other_t *row, ccp_str_t name, uint64_t key, uint64_t client);

/* ngx_http_ccproxy_log_format.c: "log_format" and "access_log", of which the
 * latter may name "ccproxy" */
char *ngx_http_ccproxy_log_format(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_ccproxy_log_access(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* ngx_http_ccproxy_direct.c: providers that clients may name */
char *ngx_http_ccproxy_direct(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
/* Refuses names of providers that do not exist. */
ngx_int_t ngx_http_ccproxy_direct_init(ngx_conf_t *cf);
/* Whether the client may name that provider; ctx->name has group and model.
 * NGX_OK, NGX_DECLINED, NGX_ERROR. */
ngx_int_t ngx_http_ccproxy_direct_allows(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ngx_http_ccproxy_provider_t *provider);

/* ngx_http_ccproxy_model_name.c: group, provider and model that a client
 * names */
/*
 * Sets ctx->name.group, model, direct and asked of a request that was decoded.
 * NGX_OK; NGX_DECLINED: there is no such group or provider, ctx->error says
 * so; NGX_ERROR.
 */
ngx_int_t ngx_http_ccproxy_name(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);
/* The group of the path alone, where it is known; any phase.  NGX_OK,
 * NGX_DECLINED (no route is for a group of that name), NGX_ERROR. */
ngx_int_t ngx_http_ccproxy_name_group(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ngx_str_t *group);
/* Sets ctx->error for a group that no route of the location is for, while
 * some is for another. */
void ngx_http_ccproxy_name_no_group(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ngx_str_t *name);
/* Makes the pools of providers that clients name; after all others. */
ngx_int_t ngx_http_ccproxy_name_init(ngx_conf_t *cf);

/* ngx_http_ccproxy_group.c: the group that /switch/ stands for */
char *ngx_http_ccproxy_active_group(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_ccproxy_active_group_handler(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
ngx_int_t ngx_http_ccproxy_group_init(ngx_conf_t *cf);
/* The configuration is in force, and with it its group. */
void ngx_http_ccproxy_group_commit(ngx_cycle_t *cycle);
/* NGX_OK if a group may be called so, else NGX_ERROR. */
ngx_int_t ngx_http_ccproxy_group_name(ngx_str_t *name);
/* The active group, in the request's pool; empty: there is none.  NGX_OK or
 * NGX_ERROR. */
ngx_int_t ngx_http_ccproxy_group_active(ngx_http_request_t *r,
    ngx_str_t *group);
/* Whether a route of this configuration, at whatever level, is for it. */
ngx_uint_t ngx_http_ccproxy_group_known(ngx_http_ccproxy_main_conf_t *mcf,
    ngx_str_t *group);
/* Writes "active_group" and "groups" as members of an object, if there is an
 * active group. */
void ngx_http_ccproxy_group_write(ngx_http_request_t *r, ccp_out_t *out);
/*
 * POST ?active_group=NAME on a page of our own.  NGX_DECLINED: it was set, or
 * this is a GET, and the page is to be sent; else what the handler returns.
 */
ngx_int_t ngx_http_ccproxy_group_post(ngx_http_request_t *r);
/* Without access rules of ours, pages of other sites are kept out. */
ngx_uint_t ngx_http_ccproxy_group_foreign(ngx_http_request_t *r);

/* ngx_http_ccproxy_request.c */
ngx_int_t ngx_http_ccproxy_request_init(ngx_conf_t *cf);

/* ngx_http_ccproxy_request_body.c */
void ngx_http_ccproxy_body_init(void);
/* Reads the body, and runs the phases again once it is there.  As
 * ngx_http_read_client_request_body(). */
ngx_int_t ngx_http_ccproxy_body_read(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);
/* Takes the body from nginx as it is now, once all of it was read, unless it
 * is the one in ctx->in.  NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_ccproxy_body_given(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);

/* ngx_http_ccproxy_access.c: who is served */
ngx_int_t ngx_http_ccproxy_access_init(ngx_conf_t *cf);
/* Sets ctx->client and ctx->access by the key that came; any phase. */
void ngx_http_ccproxy_access_identify(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);

/* ngx_http_ccproxy_origin.c: web pages */
char *ngx_http_ccproxy_cors(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
/* Adds what browsers want to know of each answer; before other filters. */
void ngx_http_ccproxy_cors_init(void);
/* Answers a browser that asks first.  NGX_DECLINED: it does not; else what a
 * phase handler returns. */
ngx_int_t ngx_http_ccproxy_cors_preflight(ngx_http_request_t *r);
/* The header that tells of a page of another site; NULL: none does. */
const char *ngx_http_ccproxy_origin_foreign(ngx_http_request_t *r);

/* ngx_http_ccproxy_access_key.c: keys, and what they are good for */
char *ngx_http_ccproxy_access_key(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_ccproxy_access(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
/* Refuses keys of one secret, and pools that do not exist. */
ngx_int_t ngx_http_ccproxy_access_check(ngx_conf_t *cf);
/* Whether the client's key is good for the model; for the pool. */
ngx_uint_t ngx_http_ccproxy_access_model(ngx_http_ccproxy_ctx_t *ctx,
    ccp_str_t model);
ngx_uint_t ngx_http_ccproxy_access_pool(ngx_http_ccproxy_ctx_t *ctx,
    ngx_http_ccproxy_pool_t *pool);

/* ngx_http_ccproxy_variables.c */
ngx_int_t ngx_http_ccproxy_add_variables(ngx_conf_t *cf);

/* ngx_http_ccproxy_models.c: what clients may ask for */
/*
 * Answers an endpoint about models; the body was read if there is one.  As
 * ngx_http_ccproxy_error_send().
 */
ngx_int_t ngx_http_ccproxy_models_answer(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);

/* ngx_http_ccproxy_index.c: "/" for a browser; as ngx_http_ccproxy_reply() */
ngx_int_t ngx_http_ccproxy_index_answer(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);

/* ngx_http_ccproxy_held.c: conversations that are held */
/* Has the exchange ask the location's store, if it has one.  NGX_OK or
 * NGX_ERROR. */
ngx_int_t ngx_http_ccproxy_held_keeper(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);
/* Answers a request of CCP_OP_HELD; the body was read if it is a POST.  As
 * ngx_http_ccproxy_error_send(). */
ngx_int_t ngx_http_ccproxy_held_answer(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);

/* ngx_http_ccproxy_count.c: numbers of tokens */
/* Whether a target of the location's pool might be asked to count. */
ngx_uint_t ngx_http_ccproxy_count_asks(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);
/* Answers with our own estimate, as ngx_http_ccproxy_error_send(). */
ngx_int_t ngx_http_ccproxy_count_send(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);


#endif /* _NGX_HTTP_CCPROXY_REQUEST_H_INCLUDED_ */
