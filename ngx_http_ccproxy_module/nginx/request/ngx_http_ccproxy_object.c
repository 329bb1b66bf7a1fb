
/*
 * Objects that live on providers' accounts: with which key, and whose they
 * are.  The memory is bounded; what was not asked for longest is forgotten.
 */

#include "nginx/request/ngx_http_ccproxy_request.h"


#define NGX_HTTP_CCPROXY_OBJECT_SETS  4096
#define NGX_HTTP_CCPROXY_OBJECT_WAYS  8


typedef struct {
    uint64_t  name;              /* 0: free */
    uint64_t  key;               /* name of the provider's key */
    uint64_t  client;
    uint64_t  used;
} ngx_http_ccproxy_object_t;


typedef struct {
    uint64_t                   used;
    ngx_http_ccproxy_object_t  set[NGX_HTTP_CCPROXY_OBJECT_SETS]
                                  [NGX_HTTP_CCPROXY_OBJECT_WAYS];
} ngx_http_ccproxy_objects_t;


static void *
ngx_http_ccproxy_object_create(void *mem, size_t size)
{
    return size >= sizeof(ngx_http_ccproxy_objects_t) ? mem : NULL;
}


ngx_int_t
ngx_http_ccproxy_object_init(ngx_conf_t *cf)
{
    ngx_http_ccproxy_main_conf_t  *mcf;

    static ngx_http_ccproxy_shm_t  shm = {
        ngx_string("ccproxy_objects"),
        sizeof(ngx_http_ccproxy_objects_t) + 64 * 1024,
        sizeof(ngx_http_ccproxy_objects_t),
        ngx_http_ccproxy_object_create
    };

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);

    if (!mcf->through) {
        return NGX_OK;
    }

    mcf->objects = ngx_http_ccproxy_shm_add(cf, &shm);

    return mcf->objects ? NGX_OK : NGX_ERROR;
}


uint64_t
ngx_http_ccproxy_object_client(ngx_http_ccproxy_ctx_t *ctx)
{
    return ctx->client.len
           ? ccp_pool_hash(0, ctx->client.data, ctx->client.len) : 0;
}


static ngx_http_ccproxy_object_t *
ngx_http_ccproxy_object_set(ngx_http_request_t *r, const ccp_other_t *row,
    ccp_str_t name, uint64_t *hash, ngx_slab_pool_t **shpool)
{
    ngx_http_ccproxy_objects_t    *all;
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_ccproxy_module);
    all = mcf->objects->data;

    *shpool = (ngx_slab_pool_t *) mcf->objects->shm.addr;
    *hash = ccp_pool_hash(0, row->path, ngx_strlen(row->path));
    *hash = ccp_pool_hash(*hash, name.p, name.n) | 1;

    return all->set[(*hash >> 8) % NGX_HTTP_CCPROXY_OBJECT_SETS];
}


ngx_int_t
ngx_http_ccproxy_object_find(ngx_http_request_t *r, const ccp_other_t *row,
    ccp_str_t name, uint64_t *key, uint64_t *client)
{
    uint64_t                    hash;
    ngx_int_t                   rc;
    ngx_uint_t                  i;
    ngx_slab_pool_t            *shpool;
    ngx_http_ccproxy_object_t  *o;

    rc = NGX_DECLINED;
    o = ngx_http_ccproxy_object_set(r, row, name, &hash, &shpool);

    ngx_shmtx_lock(&shpool->mutex);

    for (i = 0; i < NGX_HTTP_CCPROXY_OBJECT_WAYS; i++) {
        if (o[i].name == hash) {
            *key = o[i].key;
            *client = o[i].client;
            o[i].used = ngx_current_msec;
            rc = NGX_OK;
            break;
        }
    }

    ngx_shmtx_unlock(&shpool->mutex);

    return rc;
}


/* Whose it is stays so, whoever comes with the same name. */

void
ngx_http_ccproxy_object_add(ngx_http_request_t *r, const ccp_other_t *row,
    ccp_str_t name, uint64_t key, uint64_t client)
{
    uint64_t                    hash;
    ngx_uint_t                  i, oldest;
    ngx_slab_pool_t            *shpool;
    ngx_http_ccproxy_object_t  *o;

    o = ngx_http_ccproxy_object_set(r, row, name, &hash, &shpool);
    oldest = 0;

    ngx_shmtx_lock(&shpool->mutex);

    for (i = 0; i < NGX_HTTP_CCPROXY_OBJECT_WAYS; i++) {

        if (o[i].name == hash || o[i].name == 0) {
            oldest = i;
            break;
        }

        if (o[i].used < o[oldest].used) {
            oldest = i;
        }
    }

    if (o[oldest].name != hash || o[oldest].client == client) {
        o[oldest].name = hash;
        o[oldest].key = key;
        o[oldest].client = client;
        o[oldest].used = ngx_current_msec;
    }

    ngx_shmtx_unlock(&shpool->mutex);
}
