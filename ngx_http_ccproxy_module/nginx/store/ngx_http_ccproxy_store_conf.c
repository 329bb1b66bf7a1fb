
/*
 * ccproxy_store: where conversations are held, for how long, and for whom not.
 */

#include "nginx/store/ngx_http_ccproxy_store.h"


#define NGX_HTTP_CCPROXY_STORE_NAME   "ccproxy_store"
#define NGX_HTTP_CCPROXY_STORE_SIZE   (16 * 1024 * 1024)
#define NGX_HTTP_CCPROXY_STORE_TTL    (3600 * 1000)
#define NGX_HTTP_CCPROXY_STORE_ITEM   (1024 * 1024)

#define NGX_HTTP_CCPROXY_STORE_MIN    (16 * ngx_pagesize)


static ngx_int_t
ngx_http_ccproxy_store_shm_init(ngx_shm_zone_t *shm, void *data)
{
    ngx_http_ccproxy_store_t  *old = data;

    void                      *block;
    size_t                     size;
    uint64_t                   seed;
    ngx_http_ccproxy_store_t  *store;

    store = shm->data;
    store->shpool = (ngx_slab_pool_t *) shm->shm.addr;

    if (old) {
        store->store = old->store;
        return NGX_OK;
    }

    if (shm->shm.exists) {
        store->store = store->shpool->data;
        return NGX_OK;
    }

    /* pages that no object comes to are never touched */

    size = store->shpool->pfree * ngx_pagesize;

    block = ngx_slab_alloc(store->shpool, size);
    if (block == NULL) {
        return NGX_ERROR;
    }

#if (NGX_DEBUG_MALLOC)
    ngx_memzero(block, size);
#endif

    ngx_http_ccproxy_random((u_char *) &seed, sizeof(uint64_t));

    store->store = ccp_store_init(block, size, seed);
    store->shpool->data = store->store;

    return store->store ? NGX_OK : NGX_ERROR;
}


static ngx_http_ccproxy_store_t *
ngx_http_ccproxy_store_find(ngx_conf_t *cf, ngx_str_t *name)
{
    ngx_uint_t                      i;
    ngx_http_ccproxy_store_t       *store, **stores;
    ngx_http_ccproxy_main_conf_t   *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);

    stores = mcf->stores.elts;

    for (i = 0; i < mcf->stores.nelts; i++) {
        if (ngx_http_ccproxy_eq(&stores[i]->name, name)) {
            return stores[i];
        }
    }

    store = ngx_pcalloc(cf->pool, sizeof(ngx_http_ccproxy_store_t));
    if (store == NULL) {
        return NULL;
    }

    stores = ngx_array_push(&mcf->stores);
    if (stores == NULL) {
        return NULL;
    }

    *stores = store;

    store->name = *name;
    store->ttl = NGX_HTTP_CCPROXY_STORE_TTL;
    store->item = NGX_HTTP_CCPROXY_STORE_ITEM;

    if (cf->conf_file) {
        store->file = cf->conf_file->file.name.data;
        store->line = cf->conf_file->line;
    }

    return store;
}


static ngx_int_t
ngx_http_ccproxy_store_add(ngx_conf_t *cf, ngx_http_ccproxy_store_t *store,
    size_t size)
{
    store->shm = ngx_shared_memory_add(cf, &store->name, size,
                                       &ngx_http_ccproxy_module);
    if (store->shm == NULL) {
        return NGX_ERROR;
    }

    if (store->shm->data) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the shared memory \"%V\" is in use for something "
                           "else: write another name", &store->name);
        return NGX_ERROR;
    }

    store->shm->init = ngx_http_ccproxy_store_shm_init;
    store->shm->data = store;

    return NGX_OK;
}


static char *
ngx_http_ccproxy_store_param(ngx_conf_t *cf, ngx_http_ccproxy_store_t *store,
    ngx_str_t *param)
{
    ssize_t     size;
    ngx_int_t   ms;
    ngx_str_t   value;

    if (param->len > 4 && ngx_strncmp(param->data, "ttl=", 4) == 0) {

        value.data = param->data + 4;
        value.len = param->len - 4;

        ms = ngx_parse_time(&value, 0);

        if (ms == NGX_ERROR || ms == 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid time in \"%V\": write a time such as "
                               "\"ttl=1h\" or \"ttl=7d\"", param);
            return NGX_CONF_ERROR;
        }

        store->ttl = ms;

        return NGX_CONF_OK;
    }

    if (param->len > 5 && ngx_strncmp(param->data, "item=", 5) == 0) {

        value.data = param->data + 5;
        value.len = param->len - 5;

        size = ngx_parse_size(&value);

        if (size == NGX_ERROR || size == 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid size in \"%V\": write a size such as "
                               "\"item=1m\"", param);
            return NGX_CONF_ERROR;
        }

        store->item = size;

        return NGX_CONF_OK;
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "unknown parameter \"%V\" of \"ccproxy_store\": "
                       "\"ttl=1h\" and \"item=1m\" are known", param);
    return NGX_CONF_ERROR;
}


/* Other memory of the module's: counters, addresses, groups, tools. */

static ngx_uint_t
ngx_http_ccproxy_store_reserved(ngx_str_t *name)
{
    static ngx_str_t  own = ngx_string(NGX_HTTP_CCPROXY_STORE_NAME);

    return name->len >= sizeof("ccproxy_") - 1
           && ngx_strncmp(name->data, "ccproxy_", sizeof("ccproxy_") - 1) == 0
           && !ngx_http_ccproxy_eq(name, &own);
}


/* NAME:SIZE, which is for the whole of http. */

static char *
ngx_http_ccproxy_store_declare(ngx_conf_t *cf,
    ngx_http_ccproxy_loc_conf_t *lcf, ngx_str_t *value, u_char *colon)
{
    char                      *rv;
    ssize_t                    n;
    ngx_str_t                  name, size;
    ngx_uint_t                 i;
    ngx_http_ccproxy_store_t  *store;

    if (cf->cmd_type != NGX_HTTP_MAIN_CONF) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"ccproxy_store NAME:SIZE\" belongs into "
                           "\"http {}\": write the name alone here, or "
                           "\"off\"");
        return NGX_CONF_ERROR;
    }

    name.data = value[1].data;
    name.len = colon - value[1].data;

    size.data = colon + 1;
    size.len = value[1].data + value[1].len - size.data;

    n = ngx_parse_size(&size);

    if (name.len == 0 || n == NGX_ERROR
        || n < (ssize_t) NGX_HTTP_CCPROXY_STORE_MIN)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid name or size in \"%V\": write "
                           "\"ccproxy_store conversations:16m;\"; the least "
                           "is %uzk", &value[1],
                           NGX_HTTP_CCPROXY_STORE_MIN / 1024);
        return NGX_CONF_ERROR;
    }

    if (ngx_http_ccproxy_store_reserved(&name)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "names that begin with \"ccproxy_\" are of the "
                           "module's own zones: write another one than "
                           "\"%V\", such as \"conversations\"", &name);
        return NGX_CONF_ERROR;
    }

    store = ngx_http_ccproxy_store_find(cf, &name);
    if (store == NULL) {
        return NGX_CONF_ERROR;
    }

    if (store->shm) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the store \"%V\" is declared twice: give each "
                           "its own name", &name);
        return NGX_CONF_ERROR;
    }

    if (ngx_http_ccproxy_store_add(cf, store, n) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    for (i = 2; i < cf->args->nelts; i++) {
        rv = ngx_http_ccproxy_store_param(cf, store, &value[i]);
        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    /* the first one is for all that names none */

    if (lcf->store == NGX_CONF_UNSET_PTR) {
        lcf->store = store;
    }

    return NGX_CONF_OK;
}


char *
ngx_http_ccproxy_store(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ccproxy_loc_conf_t  *lcf = conf;

    u_char     *colon;
    ngx_str_t  *value;

    value = cf->args->elts;

    colon = ngx_strlchr(value[1].data, value[1].data + value[1].len, ':');

    if (colon) {
        return ngx_http_ccproxy_store_declare(cf, lcf, value, colon);
    }

    if (cf->args->nelts > 2) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" stands beside the size of a store: write "
                           "\"ccproxy_store %V:16m %V;\" in \"http {}\"",
                           &value[2], &value[1], &value[2]);
        return NGX_CONF_ERROR;
    }

    if (lcf->store_set) {
        return "is duplicate";
    }

    lcf->store_set = 1;

    if (value[1].len == 3 && ngx_strncmp(value[1].data, "off", 3) == 0) {
        lcf->store = NULL;
        return NGX_CONF_OK;
    }

    lcf->store = ngx_http_ccproxy_store_find(cf, &value[1]);

    return lcf->store ? NGX_CONF_OK : NGX_CONF_ERROR;
}


char *
ngx_http_ccproxy_store_merge(ngx_conf_t *cf,
    ngx_http_ccproxy_loc_conf_t *prev, ngx_http_ccproxy_loc_conf_t *conf)
{
    ngx_http_ccproxy_store_t  *store;

    static ngx_str_t  name = ngx_string(NGX_HTTP_CCPROXY_STORE_NAME);

    if (conf->store == NGX_CONF_UNSET_PTR) {
        conf->store = prev->store;
    }

    if (conf->store != NGX_CONF_UNSET_PTR || !conf->enable) {
        return NGX_CONF_OK;
    }

    store = ngx_http_ccproxy_store_find(cf, &name);

    if (store == NULL
        || (store->shm == NULL
            && ngx_http_ccproxy_store_add(cf, store,
                                          NGX_HTTP_CCPROXY_STORE_SIZE)
               != NGX_OK))
    {
        return NGX_CONF_ERROR;
    }

    conf->store = store;

    return NGX_CONF_OK;
}


ngx_int_t
ngx_http_ccproxy_store_check(ngx_conf_t *cf)
{
    ngx_uint_t                      i;
    ngx_http_ccproxy_store_t      **stores;
    ngx_http_ccproxy_main_conf_t   *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);

    stores = mcf->stores.elts;

    for (i = 0; i < mcf->stores.nelts; i++) {

        if (stores[i]->shm == NULL) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "there is no store \"%V\": write \"ccproxy_store "
                          "%V:16m;\" in \"http {}\" in %s:%ui",
                          &stores[i]->name, &stores[i]->name, stores[i]->file,
                          stores[i]->line);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}
