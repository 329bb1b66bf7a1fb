
/*
 * Shared memory that holds one object: made when the zone is new, and found
 * again after a reload, or by a process that finds the zone mapped already.
 */

#include "nginx/core/ngx_http_ccproxy.h"


static ngx_int_t
ngx_http_ccproxy_shm_init(ngx_shm_zone_t *zone, void *data)
{
    void                    *mem;
    size_t                   size;
    ngx_slab_pool_t         *shpool;
    ngx_http_ccproxy_shm_t  *shm;

    shm = zone->data;
    shpool = (ngx_slab_pool_t *) zone->shm.addr;

    if (data) {
        zone->data = data;
        return NGX_OK;
    }

    if (zone->shm.exists) {
        zone->data = shpool->data;
        return NGX_OK;
    }

    size = shm->object ? shm->object : shpool->pfree * ngx_pagesize;

    /* a zone that is new is of zeros; its memory is touched as it is used */

    mem = ngx_slab_alloc(shpool, size);
    if (mem == NULL) {
        return NGX_ERROR;
    }

#if (NGX_DEBUG_MALLOC)
    ngx_memzero(mem, size);
#endif

    zone->data = shm->create(mem, size);
    shpool->data = zone->data;

    return zone->data ? NGX_OK : NGX_ERROR;
}


ngx_shm_zone_t *
ngx_http_ccproxy_shm_add(ngx_conf_t *cf, ngx_http_ccproxy_shm_t *shm)
{
    ngx_shm_zone_t  *zone;

    zone = ngx_shared_memory_add(cf, &shm->name,
                                 ngx_max(shm->size, 8 * ngx_pagesize),
                                 &ngx_http_ccproxy_module);
    if (zone == NULL) {
        return NULL;
    }

    zone->init = ngx_http_ccproxy_shm_init;
    zone->data = shm;

    return zone;
}
