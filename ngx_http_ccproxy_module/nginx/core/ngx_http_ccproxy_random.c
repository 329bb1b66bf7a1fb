
/*
 * Bytes that nobody can guess.  They are drawn from OpenSSL in advance, many
 * at a time, so that a request costs a copy.
 */

#include "nginx/core/ngx_http_ccproxy.h"

#if (NGX_SSL)
#include <openssl/rand.h>
#endif


#define NGX_HTTP_CCPROXY_RANDOM  1024


#if (NGX_SSL)

/* Each byte is given once; a process draws its own, after it was forked. */

static ngx_int_t
ngx_http_ccproxy_random_drawn(u_char *p, size_t n)
{
    static u_char     drawn[NGX_HTTP_CCPROXY_RANDOM];
    static size_t     left;
    static ngx_pid_t  owner;

    if (owner != ngx_pid || left < n) {

        if (RAND_bytes(drawn, sizeof(drawn)) != 1) {
            return NGX_ERROR;
        }

        owner = ngx_pid;
        left = sizeof(drawn);
    }

    left -= n;
    ngx_memcpy(p, drawn + left, n);
    ngx_memzero(drawn + left, n);

    return NGX_OK;
}

#endif


void
ngx_http_ccproxy_random(u_char *p, size_t n)
{
    ngx_time_t  *tp;

#if (NGX_SSL)
    if (n <= NGX_HTTP_CCPROXY_RANDOM
        && ngx_http_ccproxy_random_drawn(p, n) == NGX_OK)
    {
        return;
    }
#endif

    /* random() gives 31 bits */

    tp = ngx_timeofday();

    while (n-- > 0) {
        p[n] = (u_char) (ngx_random() >> 11 ^ ngx_random() >> 5
                         ^ ngx_pid << (n % 8) ^ tp->msec >> (n % 4));
    }
}
