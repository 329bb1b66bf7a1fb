
/*
 * ngx_http_ccproxy_module: any LLM client to any LLM provider.
 *
 * This file holds the directives and the stages of configuration; the work
 * is done by the other files of this folder.
 */

#include "nginx/conf/ngx_http_ccproxy_conf.h"
#include "nginx/account/ngx_http_ccproxy_account.h"
#include "nginx/net/ngx_http_ccproxy_net.h"
#include "nginx/record/ngx_http_ccproxy_record.h"
#include "nginx/filter/ngx_http_ccproxy_filter.h"
#include "nginx/balance/ngx_http_ccproxy_balance.h"
#include "nginx/request/ngx_http_ccproxy_request.h"
#include "nginx/store/ngx_http_ccproxy_store.h"
#include "nginx/pages/ngx_http_ccproxy_pages.h"


static ngx_int_t ngx_http_ccproxy_preconfiguration(ngx_conf_t *cf);
static ngx_int_t ngx_http_ccproxy_postconfiguration(ngx_conf_t *cf);
static void *ngx_http_ccproxy_create_main_conf(ngx_conf_t *cf);
static void *ngx_http_ccproxy_create_srv_conf(ngx_conf_t *cf);
static void *ngx_http_ccproxy_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_ccproxy_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);
static ngx_int_t ngx_http_ccproxy_init_module(ngx_cycle_t *cycle);
static ngx_int_t ngx_http_ccproxy_init_process(ngx_cycle_t *cycle);
static void ngx_http_ccproxy_exit_process(ngx_cycle_t *cycle);


#define NGX_HTTP_CCPROXY_LEVELS                                               \
    (NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF)


static ngx_http_ccproxy_slot_t  ngx_http_ccproxy_tries = {
    "invalid number of tries \"%V\": write 1 to "
    ngx_value(NGX_HTTP_CCPROXY_TRIES_LIMIT)
    "; with 1 there is no failover",
    NULL, 1, NGX_HTTP_CCPROXY_TRIES_LIMIT, 0
};

static ngx_http_ccproxy_slot_t  ngx_http_ccproxy_tries_timeout = {
    "invalid time \"%V\": write \"30s\" or \"5m\"", NULL, 0, 0, 0
};

static ngx_http_ccproxy_slot_t  ngx_http_ccproxy_hedge = {
    "invalid time \"%V\" in \"ccproxy_hedge\": write a time such as \"5s\" "
    "or \"800ms\", or \"off\"",
    NULL, 0, 0, 1
};

static ngx_http_ccproxy_slot_t  ngx_http_ccproxy_patient = {
    "invalid time \"%V\" in \"ccproxy_wait\": write a time such as \"5s\", "
    "or \"off\"",
    NULL, 0, 0, 1
};

static ngx_http_ccproxy_slot_t  ngx_http_ccproxy_ping = {
    "invalid time \"%V\" in \"ccproxy_ping\": write a time such as \"15s\", "
    "or \"off\"",
    NULL, 0, 0, 1
};


static ngx_command_t  ngx_http_ccproxy_commands[] = {

    { ngx_string("ccproxy_zone"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE12,
      ngx_http_ccproxy_zone,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("ccproxy_prefix_cache"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_ccproxy_prefix_cache,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("ccproxy_provider"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_BLOCK|NGX_CONF_TAKE1,
      ngx_http_ccproxy_provider,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("ccproxy"),
      NGX_HTTP_UPS_CONF|NGX_CONF_ANY,
      ngx_http_ccproxy_pool,
      NGX_HTTP_SRV_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("ccproxy_target"),
      NGX_HTTP_UPS_CONF|NGX_CONF_1MORE,
      ngx_http_ccproxy_pool_target,
      NGX_HTTP_SRV_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("ccproxy_tries"),
      NGX_HTTP_UPS_CONF|NGX_CONF_TAKE1,
      ngx_http_ccproxy_number_slot,
      NGX_HTTP_SRV_CONF_OFFSET,
      offsetof(ngx_http_ccproxy_pool_t, tries),
      &ngx_http_ccproxy_tries },

    { ngx_string("ccproxy_tries_timeout"),
      NGX_HTTP_UPS_CONF|NGX_CONF_TAKE1,
      ngx_http_ccproxy_time_slot,
      NGX_HTTP_SRV_CONF_OFFSET,
      offsetof(ngx_http_ccproxy_pool_t, tries_timeout),
      &ngx_http_ccproxy_tries_timeout },

    { ngx_string("ccproxy_hedge"),
      NGX_HTTP_UPS_CONF|NGX_CONF_TAKE1,
      ngx_http_ccproxy_time_slot,
      NGX_HTTP_SRV_CONF_OFFSET,
      offsetof(ngx_http_ccproxy_pool_t, hedge),
      &ngx_http_ccproxy_hedge },

    { ngx_string("ccproxy_wait"),
      NGX_HTTP_UPS_CONF|NGX_CONF_TAKE1,
      ngx_http_ccproxy_time_slot,
      NGX_HTTP_SRV_CONF_OFFSET,
      offsetof(ngx_http_ccproxy_pool_t, wait),
      &ngx_http_ccproxy_patient },

    { ngx_string("ccproxy"),
      NGX_HTTP_CCPROXY_LEVELS|NGX_CONF_FLAG,
      ngx_http_ccproxy_enable,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_ccproxy_loc_conf_t, enable),
      NULL },

    { ngx_string("ccproxy_route"),
      NGX_HTTP_CCPROXY_LEVELS|NGX_CONF_TAKE23|NGX_CONF_TAKE4,
      ngx_http_ccproxy_route,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("ccproxy_direct"),
      NGX_HTTP_CCPROXY_LEVELS|NGX_CONF_1MORE,
      ngx_http_ccproxy_direct,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("ccproxy_pass"),
      NGX_HTTP_CCPROXY_LEVELS|NGX_CONF_1MORE,
      ngx_http_ccproxy_through,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("ccproxy_active_group"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_ccproxy_active_group,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("ccproxy_active_group"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_ccproxy_active_group_handler,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("ccproxy_access_key"),
      NGX_HTTP_CCPROXY_LEVELS|NGX_CONF_1MORE,
      ngx_http_ccproxy_access_key,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("ccproxy_access"),
      NGX_HTTP_CCPROXY_LEVELS|NGX_CONF_TAKE1,
      ngx_http_ccproxy_access,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("ccproxy_access_group"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_1MORE,
      ngx_http_ccproxy_access_group,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("ccproxy_client"),
      NGX_HTTP_CCPROXY_LEVELS|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_ccproxy_loc_conf_t, client),
      NULL },

    { ngx_string("ccproxy_cors"),
      NGX_HTTP_CCPROXY_LEVELS|NGX_CONF_1MORE,
      ngx_http_ccproxy_cors,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("ccproxy_store"),
      NGX_HTTP_CCPROXY_LEVELS|NGX_CONF_TAKE123,
      ngx_http_ccproxy_store,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("ccproxy_ping"),
      NGX_HTTP_CCPROXY_LEVELS|NGX_CONF_TAKE1,
      ngx_http_ccproxy_time_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_ccproxy_loc_conf_t, ping),
      &ngx_http_ccproxy_ping },

    { ngx_string("ccproxy_tools"),
      NGX_HTTP_CCPROXY_LEVELS|NGX_CONF_TAKE1,
      ngx_http_ccproxy_tools_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_ccproxy_loc_conf_t, tools),
      NULL },

    { ngx_string("ccproxy_prompt"),
      NGX_HTTP_CCPROXY_LEVELS|NGX_CONF_1MORE,
      ngx_http_ccproxy_prompt,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("ccproxy_replace"),
      NGX_HTTP_CCPROXY_LEVELS|NGX_CONF_1MORE,
      ngx_http_ccproxy_replace,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("ccproxy_tool_filter"),
      NGX_HTTP_CCPROXY_LEVELS|NGX_CONF_1MORE,
      ngx_http_ccproxy_patterns,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_ccproxy_loc_conf_t, tool_filter),
      "needs names of tools" },

    { ngx_string("ccproxy_beta"),
      NGX_HTTP_CCPROXY_LEVELS|NGX_CONF_1MORE,
      ngx_http_ccproxy_patterns,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_ccproxy_loc_conf_t, betas),
      "needs names of betas: write \"ccproxy_beta context-1m-*;\", or "
      "\"ccproxy_beta off;\"" },

    { ngx_string("ccproxy_temperature_ratio"),
      NGX_HTTP_CCPROXY_LEVELS|NGX_CONF_TAKE1,
      ngx_http_ccproxy_temperature_ratio,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("ccproxy_transcript"),
      NGX_HTTP_CCPROXY_LEVELS|NGX_CONF_1MORE,
      ngx_http_ccproxy_transcript,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("ccproxy_redact"),
      NGX_HTTP_CCPROXY_LEVELS|NGX_CONF_1MORE,
      ngx_http_ccproxy_redact_pattern,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("ccproxy_demo"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_ccproxy_demo,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("ccproxy_status"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS|NGX_CONF_TAKE12,
      ngx_http_ccproxy_status,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("ccproxy_metrics"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_ccproxy_metrics,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("ccproxy_health"),
      NGX_HTTP_LOC_CONF|NGX_CONF_ANY,
      ngx_http_ccproxy_health,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_ccproxy_module_ctx = {
    ngx_http_ccproxy_preconfiguration,     /* preconfiguration */
    ngx_http_ccproxy_postconfiguration,    /* postconfiguration */

    ngx_http_ccproxy_create_main_conf,     /* create main configuration */
    NULL,                                  /* init main configuration */

    ngx_http_ccproxy_create_srv_conf,      /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_ccproxy_create_loc_conf,      /* create location configuration */
    ngx_http_ccproxy_merge_loc_conf        /* merge location configuration */
};


ngx_module_t  ngx_http_ccproxy_module = {
    NGX_MODULE_V1,
    &ngx_http_ccproxy_module_ctx,          /* module context */
    ngx_http_ccproxy_commands,             /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    ngx_http_ccproxy_init_module,          /* init module */
    ngx_http_ccproxy_init_process,         /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_http_ccproxy_exit_process,         /* exit process */
    ngx_http_ccproxy_ledger_end,           /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_int_t
ngx_http_ccproxy_preconfiguration(ngx_conf_t *cf)
{
    return ngx_http_ccproxy_add_variables(cf);
}


static ngx_int_t
ngx_http_ccproxy_postconfiguration(ngx_conf_t *cf)
{
    if (ngx_http_ccproxy_upstream_init(cf) != NGX_OK
        || ngx_http_ccproxy_zone_init(cf) != NGX_OK
        || ngx_http_ccproxy_name_init(cf) != NGX_OK
        || ngx_http_ccproxy_route_init(cf) != NGX_OK
        || ngx_http_ccproxy_direct_init(cf) != NGX_OK
        || ngx_http_ccproxy_access_check(cf) != NGX_OK
        || ngx_http_ccproxy_limit_check(cf) != NGX_OK
        || ngx_http_ccproxy_pass_check(cf) != NGX_OK
        || ngx_http_ccproxy_health_check(cf) != NGX_OK
        || ngx_http_ccproxy_object_init(cf) != NGX_OK
        || ngx_http_ccproxy_connection_init(cf) != NGX_OK
        || ngx_http_ccproxy_hosts_init(cf) != NGX_OK
        || ngx_http_ccproxy_group_init(cf) != NGX_OK
        || ngx_http_ccproxy_wishes_init(cf) != NGX_OK
        || ngx_http_ccproxy_counter_init(cf) != NGX_OK
        || ngx_http_ccproxy_store_check(cf) != NGX_OK
        || ngx_http_ccproxy_record_init(cf) != NGX_OK
        || ngx_http_ccproxy_recent_init(cf) != NGX_OK
        || ngx_http_ccproxy_ledger_init(cf) != NGX_OK
        || ngx_http_ccproxy_settle_init(cf) != NGX_OK
        || ngx_http_ccproxy_request_init(cf) != NGX_OK
        || ngx_http_ccproxy_access_init(cf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_http_ccproxy_limit_init();
    ngx_http_ccproxy_header_filter_init();
    ngx_http_ccproxy_body_filter_init();
    ngx_http_ccproxy_cors_init();

    return NGX_OK;
}


static void *
ngx_http_ccproxy_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_ccproxy_main_conf_t));
    if (mcf == NULL) {
        return NULL;
    }

    if (ngx_array_init(&mcf->providers, cf->pool, 4, sizeof(void *)) != NGX_OK
        || ngx_array_init(&mcf->pools, cf->pool, 4, sizeof(void *)) != NGX_OK
        || ngx_array_init(&mcf->direct, cf->pool, 4, sizeof(void *)) != NGX_OK
        || ngx_array_init(&mcf->routes, cf->pool, 4, sizeof(void *)) != NGX_OK
        || ngx_array_init(&mcf->directs, cf->pool, 4, sizeof(void *))
           != NGX_OK
        || ngx_array_init(&mcf->accesses, cf->pool, 4, sizeof(void *))
           != NGX_OK
        || ngx_array_init(&mcf->places, cf->pool, 4,
                          sizeof(ngx_http_ccproxy_place_t))
           != NGX_OK
        || ngx_array_init(&mcf->healths, cf->pool, 1,
                          sizeof(ngx_http_ccproxy_health_t))
           != NGX_OK
        || ngx_array_init(&mcf->hosts, cf->pool, 4, sizeof(void *)) != NGX_OK
        || ngx_array_init(&mcf->proxies, cf->pool, 4, sizeof(void *))
           != NGX_OK
        || ngx_array_init(&mcf->stores, cf->pool, 1, sizeof(void *))
           != NGX_OK)
    {
        return NULL;
    }

    mcf->ledger = ngx_pcalloc(cf->pool, sizeof(ngx_http_ccproxy_ledger_t));
    if (mcf->ledger == NULL
        || ngx_array_init(&mcf->ledger->owners, cf->pool, 4, sizeof(void *))
           != NGX_OK)
    {
        return NULL;
    }

    mcf->started = ngx_time();
    mcf->prefix_cache = NGX_CONF_UNSET_SIZE;

    return mcf;
}


static void *
ngx_http_ccproxy_create_srv_conf(ngx_conf_t *cf)
{
    return ngx_http_ccproxy_pool_create(cf);
}


static void *
ngx_http_ccproxy_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_ccproxy_loc_conf_t  *lcf;

    lcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_ccproxy_loc_conf_t));
    if (lcf == NULL) {
        return NULL;
    }

    lcf->enable = NGX_CONF_UNSET;
    lcf->set_headers = NGX_CONF_UNSET_PTR;
    lcf->through = NGX_CONF_UNSET_PTR;
    lcf->direct = NGX_CONF_UNSET_PTR;
    lcf->routes = NGX_CONF_UNSET_PTR;
    lcf->access = NGX_CONF_UNSET_PTR;
    lcf->cors = NGX_CONF_UNSET_PTR;
    lcf->ping = NGX_CONF_UNSET_MSEC;
    lcf->store = NGX_CONF_UNSET_PTR;
    lcf->tools = NGX_CONF_UNSET_UINT;
    lcf->transcript = NGX_CONF_UNSET_PTR;
    lcf->redact = NGX_CONF_UNSET_PTR;
    ngx_http_ccproxy_prompt_create(lcf);

    return lcf;
}


static char *
ngx_http_ccproxy_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_ccproxy_loc_conf_t  *prev = parent;
    ngx_http_ccproxy_loc_conf_t  *conf = child;

    ngx_conf_merge_value(conf->enable, prev->enable, 0);
    ngx_conf_merge_ptr_value(conf->direct, prev->direct, NULL);
    ngx_conf_merge_ptr_value(conf->through, prev->through, NULL);
    ngx_http_ccproxy_pass_merge(cf, prev, conf);
    conf->own_routes = (conf->routes != NGX_CONF_UNSET_PTR);
    ngx_conf_merge_ptr_value(conf->routes, prev->routes, NULL);
    ngx_conf_merge_ptr_value(conf->access, prev->access, NULL);
    ngx_conf_merge_ptr_value(conf->cors, prev->cors, NULL);
    ngx_conf_merge_ptr_value(conf->transcript, prev->transcript, NULL);
    ngx_conf_merge_ptr_value(conf->redact, prev->redact, NULL);

    if (conf->client == NULL) {
        conf->client = prev->client;
    }

    ngx_conf_merge_msec_value(conf->ping, prev->ping, NGX_HTTP_CCPROXY_PING);
    ngx_conf_merge_uint_value(conf->tools, prev->tools, CCP_TOOLS_UNSET);

    if (ngx_http_ccproxy_stock_merge(cf, prev, conf) != NGX_CONF_OK
        || ngx_http_ccproxy_store_merge(cf, prev, conf) != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    return ngx_http_ccproxy_prompt_merge(cf, prev, conf);
}


/* nginx can't refuse the configuration any more: what outlasts one is changed
 * from here on. */

static ngx_int_t
ngx_http_ccproxy_init_module(ngx_cycle_t *cycle)
{
    ngx_http_ccproxy_zone_commit(cycle);
    ngx_http_ccproxy_group_commit(cycle);

    return ngx_http_ccproxy_ledger_module(cycle);
}


static ngx_int_t
ngx_http_ccproxy_init_process(ngx_cycle_t *cycle)
{
    /* those of nginx's cache take no requests, and have no threads */

    if (ngx_process == NGX_PROCESS_HELPER) {
        return NGX_OK;
    }

    if (ngx_http_ccproxy_zone_process(cycle) != NGX_OK
        || ngx_http_ccproxy_ledger_process(cycle) != NGX_OK
        || ngx_http_ccproxy_prefix_process(cycle) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_ccproxy_resolve_process(cycle);
}


static void
ngx_http_ccproxy_exit_process(ngx_cycle_t *cycle)
{
    ngx_http_ccproxy_queue_exit();
    ngx_http_ccproxy_zone_exit(cycle);
    ngx_http_ccproxy_ledger_exit(cycle);
}
