
/*
 * Conversations held for clients: the memory that workers share, and who gets
 * at which object in it.
 */

#ifndef _NGX_HTTP_CCPROXY_STORE_H_INCLUDED_
#define _NGX_HTTP_CCPROXY_STORE_H_INCLUDED_


#include "nginx/core/ngx_http_ccproxy.h"
#include "codec/form/form_held.h"
#include "store/store.h"


struct ngx_http_ccproxy_store_s {
    ngx_str_t           name;
    ngx_msec_t          ttl;
    size_t              item;      /* the longest object, before compression */
    ngx_shm_zone_t     *shm;       /* NULL: a location named it, no directive
                                      gave its size yet */
    u_char             *file;
    ngx_uint_t          line;

    ngx_slab_pool_t    *shpool;
    ccp_store_t        *store;
};


/* ngx_http_ccproxy_store_conf.c */

char *ngx_http_ccproxy_store(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
/* The store of a location; makes the default one if nothing names any. */
char *ngx_http_ccproxy_store_merge(ngx_conf_t *cf,
    ngx_http_ccproxy_loc_conf_t *prev, ngx_http_ccproxy_loc_conf_t *conf);
/* Refuses names of stores that no directive makes. */
ngx_int_t ngx_http_ccproxy_store_check(ngx_conf_t *cf);

/* ngx_http_ccproxy_store.c */

/* Who keeps objects for the request's client, which is identified, in the
 * request's pool; *keeper is NULL where the location has no store.  NGX_OK or
 * NGX_ERROR. */
ngx_int_t ngx_http_ccproxy_store_keeper(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, const ccp_keeper_t **keeper);

/* ngx_http_ccproxy_store_pack.c */

/*
 * The bytes, shorter, in memory of ngx_alloc(): NULL if they don't get much
 * shorter, or can't be packed.
 */
u_char *ngx_http_ccproxy_store_pack(ngx_log_t *log, const u_char *p, size_t n,
    size_t *len);
/* The other way, into raw bytes at dst.  NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_ccproxy_store_unpack(ngx_log_t *log, const u_char *p,
    size_t n, u_char *dst, size_t raw);


#endif /* _NGX_HTTP_CCPROXY_STORE_H_INCLUDED_ */
