
/*
 * Compression of what is stored, by the zlib that nginx was built with.  Its
 * state is a worker's, made once.
 */

#include "nginx/store/ngx_http_ccproxy_store.h"

#if (NGX_ZLIB)
#include <zlib.h>
#endif


/* Shorter objects take few chunks anyway. */
#define NGX_HTTP_CCPROXY_PACK_MIN    1024


#if (NGX_ZLIB)

static z_stream    ngx_http_ccproxy_deflate;
static z_stream    ngx_http_ccproxy_inflate;
static ngx_uint_t  ngx_http_ccproxy_deflate_ready;
static ngx_uint_t  ngx_http_ccproxy_inflate_ready;


u_char *
ngx_http_ccproxy_store_pack(ngx_log_t *log, const u_char *p, size_t n,
    size_t *len)
{
    int        rc;
    size_t     room;
    u_char    *dst;
    z_stream  *z;

    if (n < NGX_HTTP_CCPROXY_PACK_MIN) {
        return NULL;
    }

    z = &ngx_http_ccproxy_deflate;

    if (!ngx_http_ccproxy_deflate_ready) {

        if (deflateInit2(z, Z_BEST_SPEED, Z_DEFLATED, -MAX_WBITS,
                         MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY)
            != Z_OK)
        {
            return NULL;
        }

        ngx_http_ccproxy_deflate_ready = 1;
    }

    room = n - n / 8;

    dst = ngx_alloc(room, log);
    if (dst == NULL) {
        return NULL;
    }

    z->next_in = (Bytef *) p;
    z->avail_in = (uInt) n;
    z->next_out = dst;
    z->avail_out = (uInt) room;

    rc = deflate(z, Z_FINISH);

    *len = room - z->avail_out;

    (void) deflateReset(z);

    if (rc != Z_STREAM_END) {
        ngx_free(dst);
        return NULL;
    }

    return dst;
}


ngx_int_t
ngx_http_ccproxy_store_unpack(ngx_log_t *log, const u_char *p, size_t n,
    u_char *dst, size_t raw)
{
    int        rc;
    z_stream  *z;

    z = &ngx_http_ccproxy_inflate;

    if (!ngx_http_ccproxy_inflate_ready) {

        if (inflateInit2(z, -MAX_WBITS) != Z_OK) {
            return NGX_ERROR;
        }

        ngx_http_ccproxy_inflate_ready = 1;
    }

    z->next_in = (Bytef *) p;
    z->avail_in = (uInt) n;
    z->next_out = dst;
    z->avail_out = (uInt) raw;

    rc = inflate(z, Z_FINISH);
    raw = z->avail_out;

    (void) inflateReset(z);

    if (rc == Z_STREAM_END && raw == 0) {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_ALERT, log, 0,
                  "ccproxy store: inflate() returned %d", rc);

    return NGX_ERROR;
}

#else

u_char *
ngx_http_ccproxy_store_pack(ngx_log_t *log, const u_char *p, size_t n,
    size_t *len)
{
    (void) log;
    (void) p;
    (void) n;
    (void) len;

    return NULL;
}


ngx_int_t
ngx_http_ccproxy_store_unpack(ngx_log_t *log, const u_char *p, size_t n,
    u_char *dst, size_t raw)
{
    (void) log;
    (void) p;
    (void) n;
    (void) dst;
    (void) raw;

    return NGX_ERROR;
}

#endif
