
/*
 * ccproxy_prefix_cache: a worker's memory of the beginnings of requests.  What
 * was read and made of them is kept by the codec (codec/base/base_memo.h);
 * here it gets its bound, its memory and its end.
 */

#include "nginx/core/ngx_http_ccproxy.h"


#define NGX_HTTP_CCPROXY_PREFIX_DEFAULT  (16 * 1024 * 1024)
#define NGX_HTTP_CCPROXY_PREFIX_MIN      (1024 * 1024)


static void *ngx_http_ccproxy_prefix_alloc(void *data, size_t n);
static void ngx_http_ccproxy_prefix_free(void *data, void *p);
static void ngx_http_ccproxy_prefix_cleanup(void *data);


char *
ngx_http_ccproxy_prefix_cache(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ccproxy_main_conf_t  *mcf = conf;

    ssize_t     size;
    ngx_str_t  *value;

    (void) cmd;

    if (mcf->prefix_cache != NGX_CONF_UNSET_SIZE) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") == 0
        || ngx_strcmp(value[1].data, "0") == 0)
    {
        mcf->prefix_cache = 0;
        return NGX_CONF_OK;
    }

    size = ngx_parse_size(&value[1]);

    if (size == NGX_ERROR || size < NGX_HTTP_CCPROXY_PREFIX_MIN) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid size \"%V\" in \"ccproxy_prefix_cache\": "
                           "write a size of 1m or more, as in "
                           "\"ccproxy_prefix_cache 16m\", or \"off\"",
                           &value[1]);
        return NGX_CONF_ERROR;
    }

    mcf->prefix_cache = (size_t) size;

    return NGX_CONF_OK;
}


/* In each worker; the memory is the worker's alone. */

ngx_int_t
ngx_http_ccproxy_prefix_process(ngx_cycle_t *cycle)
{
    size_t                         size;
    ccp_mem_t                      mem;
    ngx_pool_cleanup_t            *cln;
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_ccproxy_module);

    if (mcf == NULL || mcf->zone == NULL || mcf->prefix_cache == 0) {
        return NGX_OK;
    }

    size = mcf->prefix_cache == NGX_CONF_UNSET_SIZE
           ? NGX_HTTP_CCPROXY_PREFIX_DEFAULT : mcf->prefix_cache;

    cln = ngx_pool_cleanup_add(cycle->pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    mem.alloc = ngx_http_ccproxy_prefix_alloc;
    mem.free = ngx_http_ccproxy_prefix_free;
    mem.ctx = NULL;

    mcf->memo = ccp_memo_create(&mem, size,
                                (uint64_t) ngx_random() << 33
                                ^ (uint64_t) ngx_random() << 11
                                ^ (uint64_t) ngx_pid << 48);
    if (mcf->memo == NULL) {
        return NGX_ERROR;
    }

    cln->handler = ngx_http_ccproxy_prefix_cleanup;
    cln->data = mcf;

    return NGX_OK;
}


/* What is shared is so among the requests of one access key. */

void
ngx_http_ccproxy_prefix_env(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ccp_env_t *env)
{
    ccp_str_t                      name;
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_ccproxy_module);

    name = ngx_http_ccproxy_slice(&ctx->client);

    env->memo = mcf->memo;
    env->scope = ctx->client.len ? ccp_str_hash(name, 0) : 0;
}


static void *
ngx_http_ccproxy_prefix_alloc(void *data, size_t n)
{
    (void) data;

    return ngx_alloc(n, ngx_cycle->log);
}


static void
ngx_http_ccproxy_prefix_free(void *data, void *p)
{
    (void) data;

    ngx_free(p);
}


static void
ngx_http_ccproxy_prefix_cleanup(void *data)
{
    ngx_http_ccproxy_main_conf_t  *mcf = data;

    ccp_memo_destroy(mcf->memo);
    mcf->memo = NULL;
}
