
/*
 * Shared memory, digests and random bytes: what knows nothing of requests.
 */

#ifndef _NGX_HTTP_CCPROXY_SHM_H_INCLUDED_
#define _NGX_HTTP_CCPROXY_SHM_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* Bytes of a SHA-256. */
#define NGX_HTTP_CCPROXY_SHA256           32


/* One object in shared memory (ngx_http_ccproxy_shm.c). */

typedef struct {
    ngx_str_t                      name;      /* of the zone */
    size_t                         size;      /* of the zone, at least */
    size_t                         object;    /* 0: all that is free in it */
    /* Makes the object of zeroed memory; NULL if it can't. */
    void                        *(*create)(void *mem, size_t size);
} ngx_http_ccproxy_shm_t;


/* ngx_http_ccproxy_sha256.c */

/* The digest, of NGX_HTTP_CCPROXY_SHA256 bytes. */
void ngx_http_ccproxy_sha256(ngx_str_t *text, u_char *digest);

/* ngx_http_ccproxy_random.c */

/* n bytes that nobody can guess, where nginx has OpenSSL. */
void ngx_http_ccproxy_random(u_char *p, size_t n);

/* ngx_http_ccproxy_shm.c */

/* Adds the zone; its data is the object from the start of the workers on.
 * NULL: logged. */
ngx_shm_zone_t *ngx_http_ccproxy_shm_add(ngx_conf_t *cf,
    ngx_http_ccproxy_shm_t *shm);


#endif /* _NGX_HTTP_CCPROXY_SHM_H_INCLUDED_ */
