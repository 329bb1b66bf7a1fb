
/*
 * SHA-256 (FIPS 180-4), by which access keys are known.  nginx has none of its
 * own, and may be built without OpenSSL.
 */

#include "nginx/core/ngx_http_ccproxy.h"


#define ngx_http_ccproxy_ror(x, n)  ((x) >> (n) | (x) << (32 - (n)))


/* FIPS 180-4, 4.2.2 */

static const uint32_t  ngx_http_ccproxy_sha256_k[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
    0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
    0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
};


static uint32_t
ngx_http_ccproxy_sha256_word(const u_char *p)
{
    return (uint32_t) p[0] << 24 | (uint32_t) p[1] << 16
           | (uint32_t) p[2] << 8 | p[3];
}


/* One block of 64 bytes: FIPS 180-4, 6.2.2. */

static void
ngx_http_ccproxy_sha256_block(uint32_t *h, const u_char *p)
{
    uint32_t    w[64], v[8], s0, s1, t1, t2;
    ngx_uint_t  i;

    for (i = 0; i < 16; i++) {
        w[i] = ngx_http_ccproxy_sha256_word(p + 4 * i);
    }

    for ( /* void */ ; i < 64; i++) {
        s0 = ngx_http_ccproxy_ror(w[i - 15], 7)
             ^ ngx_http_ccproxy_ror(w[i - 15], 18) ^ w[i - 15] >> 3;
        s1 = ngx_http_ccproxy_ror(w[i - 2], 17)
             ^ ngx_http_ccproxy_ror(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }

    ngx_memcpy(v, h, sizeof(v));

    for (i = 0; i < 64; i++) {
        s1 = ngx_http_ccproxy_ror(v[4], 6) ^ ngx_http_ccproxy_ror(v[4], 11)
             ^ ngx_http_ccproxy_ror(v[4], 25);
        t1 = v[7] + s1 + ((v[4] & v[5]) ^ (~v[4] & v[6]))
             + ngx_http_ccproxy_sha256_k[i] + w[i];
        s0 = ngx_http_ccproxy_ror(v[0], 2) ^ ngx_http_ccproxy_ror(v[0], 13)
             ^ ngx_http_ccproxy_ror(v[0], 22);
        t2 = s0 + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));

        ngx_memmove(&v[1], &v[0], 7 * sizeof(uint32_t));
        v[4] += t1;
        v[0] = t1 + t2;
    }

    for (i = 0; i < 8; i++) {
        h[i] += v[i];
    }
}


void
ngx_http_ccproxy_sha256(ngx_str_t *text, u_char *digest)
{
    size_t      n, rest;
    u_char     *p, last[128];
    uint64_t    bits;
    ngx_uint_t  i;

    /* FIPS 180-4, 5.3.3 */

    uint32_t  h[8] = {
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19
    };

    p = text->data;

    for (n = text->len; n >= 64; n -= 64, p += 64) {
        ngx_http_ccproxy_sha256_block(h, p);
    }

    /* the rest, a bit that is set, and the length in bits: 5.1.1 */

    rest = n < 56 ? 64 : 128;
    bits = (uint64_t) text->len << 3;

    ngx_memzero(last, sizeof(last));

    if (n) {
        ngx_memcpy(last, p, n);
    }

    last[n] = 0x80;

    for (i = 0; i < 8; i++) {
        last[rest - 1 - i] = (u_char) (bits >> 8 * i);
    }

    for (i = 0; i < rest; i += 64) {
        ngx_http_ccproxy_sha256_block(h, last + i);
    }

    for (i = 0; i < NGX_HTTP_CCPROXY_SHA256; i++) {
        digest[i] = (u_char) (h[i / 4] >> 8 * (3 - i % 4));
    }

    ngx_explicit_memzero(last, sizeof(last));
}
