
/*
 * upstream { ccproxy; ccproxy_target … }: pools and their targets.
 */

#include "nginx/conf/ngx_http_ccproxy_conf.h"
#include "nginx/balance/ngx_http_ccproxy_balance.h"


static ngx_int_t ngx_http_ccproxy_pool_init(ngx_conf_t *cf,
    ngx_http_upstream_srv_conf_t *us);


/* Parameters of a target. */

typedef struct {
    ngx_str_t   name;                      /* with "=" */
    size_t      offset;                    /* int64_t or ngx_uint_t */
    ngx_int_t   max;                       /* 0: a word */
} ngx_http_ccproxy_target_param_t;


typedef struct {
    ngx_str_t         name;
    ccp_pool_mode_e   mode;
    ngx_uint_t        words;               /* with the directive's name */
} ngx_http_ccproxy_mode_t;


#define NGX_HTTP_CCPROXY_WEIGHT_MAX  10000
#define NGX_HTTP_CCPROXY_TOKENS_MAX  1000000000
#define NGX_HTTP_CCPROXY_INFLIGHT_MAX  1000000


typedef struct {
    int64_t     weight;
    int64_t     max_tokens;
    int64_t     context;
    int64_t     max_inflight;
    int64_t     tools;
} ngx_http_ccproxy_target_values_t;


static ngx_http_ccproxy_target_param_t  ngx_http_ccproxy_target_params[] = {

    { ngx_string("weight="),
      offsetof(ngx_http_ccproxy_target_values_t, weight),
      NGX_HTTP_CCPROXY_WEIGHT_MAX },

    { ngx_string("max_tokens="),
      offsetof(ngx_http_ccproxy_target_values_t, max_tokens),
      NGX_HTTP_CCPROXY_TOKENS_MAX },

    { ngx_string("context="),
      offsetof(ngx_http_ccproxy_target_values_t, context),
      NGX_HTTP_CCPROXY_TOKENS_MAX },

    { ngx_string("max_inflight="),
      offsetof(ngx_http_ccproxy_target_values_t, max_inflight),
      NGX_HTTP_CCPROXY_INFLIGHT_MAX },

    { ngx_string("tools="),
      offsetof(ngx_http_ccproxy_target_values_t, tools),
      0 },

    { ngx_null_string, 0, 0 }
};


static ngx_http_ccproxy_mode_t  ngx_http_ccproxy_modes[] = {
    { ngx_string("rotate"), CCP_POOL_ROTATE, 2 },
    { ngx_string("least_inflight"), CCP_POOL_LEAST, 2 },
    { ngx_string("sticky"), CCP_POOL_STICKY, 3 },
    { ngx_null_string, CCP_POOL_ROTATE, 0 }
};


ngx_http_ccproxy_pool_t *
ngx_http_ccproxy_pool_create(ngx_conf_t *cf)
{
    ngx_http_ccproxy_pool_t  *pool;

    pool = ngx_pcalloc(cf->pool, sizeof(ngx_http_ccproxy_pool_t));
    if (pool == NULL) {
        return NULL;
    }

    pool->tries = NGX_CONF_UNSET_UINT;
    pool->tries_timeout = NGX_CONF_UNSET_MSEC;
    pool->hedge = NGX_CONF_UNSET_MSEC;
    pool->wait = NGX_CONF_UNSET_MSEC;

    return pool;
}


/*
 * Marks the upstream as ours.  nginx wants at least one server in it: an
 * empty one, which no balancer but ours ever sees.
 */

static ngx_int_t
ngx_http_ccproxy_pool_take(ngx_conf_t *cf, ngx_http_ccproxy_pool_t *pool)
{
    ngx_http_ccproxy_pool_t       **pp;
    ngx_http_upstream_server_t     *server;
    ngx_http_upstream_srv_conf_t   *uscf;
    ngx_http_ccproxy_main_conf_t   *mcf;

    uscf = ngx_http_conf_get_module_srv_conf(cf, ngx_http_upstream_module);
    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);

    if (uscf->peer.init_upstream != NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "another balancing directive stands before it in "
                           "upstream \"%V\": remove that, \"ccproxy\" itself "
                           "balances", &uscf->host);
        return NGX_ERROR;
    }

    pool->uscf = uscf;

    pool->targets = ngx_array_create(cf->pool, 4,
                                     sizeof(ngx_http_ccproxy_target_t));
    if (pool->targets == NULL) {
        return NGX_ERROR;
    }

    if (uscf->servers->nelts == 0) {

        server = ngx_array_push(uscf->servers);
        if (server == NULL) {
            return NGX_ERROR;
        }

        ngx_memzero(server, sizeof(ngx_http_upstream_server_t));

        server->name = uscf->host;
        server->weight = 1;

    } else {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"ccproxy\" can't stand beside \"server\": "
                           "write \"ccproxy_target PROVIDER MODEL;\" in place "
                           "of each \"server\"");
        return NGX_ERROR;
    }

    pp = ngx_array_push(&mcf->pools);
    if (pp == NULL) {
        return NGX_ERROR;
    }

    *pp = pool;

    uscf->peer.init_upstream = ngx_http_ccproxy_pool_init;

    return NGX_OK;
}


/* What "sticky" goes by: at least one variable. */

static char *
ngx_http_ccproxy_pool_sticky(ngx_conf_t *cf, ngx_http_ccproxy_pool_t *pool,
    ngx_str_t *value)
{
    ngx_http_compile_complex_value_t  ccv;

    if (ngx_http_script_variables_count(value) == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" is the same for all requests: write "
                           "\"ccproxy sticky $ccproxy_session;\"", value);
        return NGX_CONF_ERROR;
    }

    pool->sticky = ngx_palloc(cf->pool, sizeof(ngx_http_complex_value_t));
    if (pool->sticky == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = value;
    ccv.complex_value = pool->sticky;

    return ngx_http_compile_complex_value(&ccv) == NGX_OK ? NGX_CONF_OK
                                                          : NGX_CONF_ERROR;
}


static char *
ngx_http_ccproxy_pool_mode(ngx_conf_t *cf, ngx_http_ccproxy_pool_t *pool)
{
    ngx_str_t                   *value;
    ngx_http_ccproxy_mode_t     *mode;

    value = cf->args->elts;

    for (mode = ngx_http_ccproxy_modes; mode->name.len; mode++) {

        if (mode->name.len == value[1].len
            && ngx_strncmp(mode->name.data, value[1].data, value[1].len) == 0
            && cf->args->nelts == mode->words)
        {
            pool->list.mode = mode->mode;

            return mode->words == 3
                   ? ngx_http_ccproxy_pool_sticky(cf, pool, &value[2])
                   : NGX_CONF_OK;
        }
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid word \"%V\" in \"ccproxy\" of an upstream: "
                       "write \"ccproxy;\", \"ccproxy rotate;\", "
                       "\"ccproxy least_inflight;\" or \"ccproxy sticky "
                       "$ccproxy_session;\"", &value[cf->args->nelts - 1]);

    return NGX_CONF_ERROR;
}


char *
ngx_http_ccproxy_pool(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ccproxy_pool_t  *pool = conf;

    char  *rv;

    if (pool->enable) {
        return "is duplicate";
    }

    if (cf->args->nelts > 1) {
        rv = ngx_http_ccproxy_pool_mode(cf, pool);

        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    pool->enable = 1;

    if (pool->targets == NULL && ngx_http_ccproxy_pool_take(cf, pool) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_ccproxy_target_param(ngx_conf_t *cf, ngx_str_t *value,
    ngx_http_ccproxy_target_values_t *values)
{
    int64_t                          *field;
    ngx_int_t                         n;
    ngx_str_t                         word;
    ngx_http_ccproxy_target_param_t  *param;

    for (param = ngx_http_ccproxy_target_params; param->name.len; param++) {

        if (value->len < param->name.len
            || ngx_strncmp(value->data, param->name.data, param->name.len)
               != 0)
        {
            continue;
        }

        field = (int64_t *) ((u_char *) values + param->offset);

        if (param->max == 0) {
            word.data = value->data + param->name.len;
            word.len = value->len - param->name.len;
            *field = ngx_http_ccproxy_tools_word(cf, &word);

            return *field == CCP_TOOLS_UNSET ? NGX_CONF_ERROR : NGX_CONF_OK;
        }

        n = ngx_atoi(value->data + param->name.len,
                     value->len - param->name.len);

        if (n == NGX_ERROR || n == 0 || n > param->max) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid \"%V\": \"%V\" needs a number from 1 "
                               "to %i", value, &param->name, param->max);
            return NGX_CONF_ERROR;
        }

        *field = n;

        return NGX_CONF_OK;
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "unknown word \"%V\": write \"ccproxy_target PROVIDER "
                       "[MODEL] [weight=N] [backup] [max_tokens=N] [context=N] "
                       "[max_inflight=N] [tools=native|compat|auto];\"",
                       value);

    return NGX_CONF_ERROR;
}


/* A model's name may hold "=" but no target's parameter is one. */

static ngx_uint_t
ngx_http_ccproxy_target_is_param(ngx_str_t *value)
{
    ngx_http_ccproxy_target_param_t  *param;

    if (ngx_strcmp(value->data, "backup") == 0) {
        return 1;
    }

    for (param = ngx_http_ccproxy_target_params; param->name.len; param++) {
        if (ngx_strncmp(value->data, param->name.data, param->name.len) == 0) {
            return 1;
        }
    }

    return 0;
}


char *
ngx_http_ccproxy_pool_target(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ccproxy_pool_t  *pool = conf;

    char                              *rv;
    ngx_str_t                         *value;
    ngx_uint_t                         i;
    ngx_http_ccproxy_target_t         *t;
    ngx_http_ccproxy_target_values_t   values;

    value = cf->args->elts;

    if (pool->targets == NULL && ngx_http_ccproxy_pool_take(cf, pool) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    t = ngx_array_push(pool->targets);
    if (t == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(t, sizeof(ngx_http_ccproxy_target_t));

    t->provider_name = value[1];
    t->file = cf->conf_file->file.name.data;
    t->line = cf->conf_file->line;

    values.weight = 1;
    values.max_tokens = CCP_UNSET_INT;
    values.context = CCP_UNSET_INT;
    values.max_inflight = 0;
    values.tools = CCP_TOOLS_UNSET;

    for (i = 2; i < cf->args->nelts; i++) {

        if (i == 2 && !ngx_http_ccproxy_target_is_param(&value[2])) {

            if (value[2].len == 0) {
                return "needs a model's name that is not empty";
            }

            t->target.model = ngx_http_ccproxy_slice(&value[2]);
            continue;
        }

        if (ngx_strcmp(value[i].data, "backup") == 0) {
            t->backup = 1;
            continue;
        }

        rv = ngx_http_ccproxy_target_param(cf, &value[i], &values);

        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    t->weight = (ngx_uint_t) values.weight;
    t->target.max_tokens = values.max_tokens;
    t->target.context = values.context;
    t->target.tools = (ccp_tools_e) values.tools;
    t->max_inflight = (ngx_uint_t) values.max_inflight;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_ccproxy_pool_init(ngx_conf_t *cf, ngx_http_upstream_srv_conf_t *us)
{
    us->peer.init = ngx_http_ccproxy_peer_init;

    return NGX_OK;
}


static ngx_int_t
ngx_http_ccproxy_pool_providers(ngx_conf_t *cf, ngx_http_ccproxy_pool_t *pool)
{
    ngx_uint_t                    i;
    ngx_http_ccproxy_target_t    *t;
    ngx_http_ccproxy_provider_t  *p;

    t = pool->targets->elts;

    for (i = 0; i < pool->targets->nelts; i++) {

        p = ngx_http_ccproxy_provider_find(cf, &t[i].provider_name, t[i].file,
                                           t[i].line);
        if (p == NULL) {
            return NGX_ERROR;
        }

        t[i].provider = p;

        if (p->bare && ngx_http_ccproxy_preset_target(cf, &t[i]) != NGX_OK) {
            return NGX_ERROR;
        }

        t[i].target.provider = &p->row;
        t[i].target.proto = p->row.proto;
        t[i].target.root = ngx_http_ccproxy_slice(&p->root);
        t[i].target.params = p->param_list;

        pool->npairs += ngx_max(p->keys.nelts, 1);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_ccproxy_pool_pairs(ngx_conf_t *cf, ngx_http_ccproxy_pool_t *pool)
{
    ngx_uint_t                  i, k, n;
    ngx_http_ccproxy_key_t     *key;
    ngx_http_ccproxy_pair_t    *pair;
    ngx_http_ccproxy_target_t  *t;

    pool->pairs = ngx_pcalloc(cf->pool,
                              pool->npairs * sizeof(ngx_http_ccproxy_pair_t));
    if (pool->pairs == NULL) {
        return NGX_ERROR;
    }

    t = pool->targets->elts;
    pair = pool->pairs;

    for (i = 0; i < pool->targets->nelts; i++) {

        key = t[i].provider->keys.elts;
        n = t[i].provider->keys.nelts;

        for (k = 0; k < ngx_max(n, 1); k++, pair++) {
            pair->target = &t[i];
            pair->key = n ? &key[k] : NULL;
        }
    }

    return ngx_http_ccproxy_choice_list(cf, pool);
}


ngx_int_t
ngx_http_ccproxy_pool_link(ngx_conf_t *cf, ngx_http_ccproxy_pool_t *pool)
{
    ngx_conf_init_uint_value(pool->tries, NGX_HTTP_CCPROXY_TRIES_MAX);
    ngx_conf_init_msec_value(pool->tries_timeout, 0);
    ngx_conf_init_msec_value(pool->hedge, 0);
    ngx_conf_init_msec_value(pool->wait, 0);

    if (ngx_http_ccproxy_pool_providers(cf, pool) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_ccproxy_pool_pairs(cf, pool);
}


/* What else stands in the upstream {} and would get in the way. */

static ngx_int_t
ngx_http_ccproxy_pool_check(ngx_conf_t *cf, ngx_http_ccproxy_pool_t *pool)
{
    ngx_http_ccproxy_target_t     *t;
    ngx_http_upstream_srv_conf_t  *uscf;

    uscf = pool->uscf;

    if (!pool->enable) {
        t = pool->targets->elts;
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"ccproxy_target\" needs \"ccproxy;\" in upstream "
                      "\"%V\" in %s:%ui", &uscf->host, t->file, t->line);
        return NGX_ERROR;
    }

    if (pool->targets->nelts == 0) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "upstream \"%V\" has \"ccproxy\" but no target: add "
                      "\"ccproxy_target PROVIDER MODEL;\" in %s:%ui",
                      &uscf->host, uscf->file_name, uscf->line);
        return NGX_ERROR;
    }

    if (uscf->peer.init_upstream != ngx_http_ccproxy_pool_init
#if (NGX_HTTP_UPSTREAM_ZONE)
        || uscf->shm_zone != NULL
#endif
        )
    {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "upstream \"%V\" has \"ccproxy\": remove its \"zone\" "
                      "and other balancing directives in %s:%ui",
                      &uscf->host, uscf->file_name, uscf->line);
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_ccproxy_upstream_check(ngx_conf_t *cf)
{
    ngx_uint_t                      i;
    ngx_http_ccproxy_pool_t       **pp;
    ngx_http_ccproxy_main_conf_t   *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);
    pp = mcf->pools.elts;

    for (i = 0; i < mcf->pools.nelts; i++) {
        if (ngx_http_ccproxy_pool_check(cf, pp[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_ccproxy_upstream_init(ngx_conf_t *cf)
{
    ngx_uint_t                      i;
    ngx_http_ccproxy_pool_t       **pp;
    ngx_http_ccproxy_main_conf_t   *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);
    pp = mcf->pools.elts;

    for (i = 0; i < mcf->pools.nelts; i++) {

        if (ngx_http_ccproxy_pool_link(cf, pp[i]) != NGX_OK) {
            return NGX_ERROR;
        }

        /*
         * Once more, because "keepalive" (on by default since 1.29.7) wraps
         * it: connections would be shared by address alone.
         */

        pp[i]->uscf->peer.init = ngx_http_ccproxy_peer_init;
    }

    return NGX_OK;
}


ngx_http_ccproxy_pool_t *
ngx_http_ccproxy_pool_find(ngx_conf_t *cf, ngx_str_t *name)
{
    ngx_str_t                      *host;
    ngx_uint_t                      i;
    ngx_http_ccproxy_pool_t       **pp;
    ngx_http_ccproxy_main_conf_t   *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);
    pp = mcf->pools.elts;

    for (i = 0; i < mcf->pools.nelts; i++) {
        host = &pp[i]->uscf->host;

        if (host->len == name->len
            && ngx_strncasecmp(host->data, name->data, name->len) == 0)
        {
            return pp[i];
        }
    }

    return NULL;
}
