
/*
 * Vectors of embeddings as numbers and as base64.
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "codec/embed/embed.h"
#include "codec/json/json_write.h"


#define CCP_EMBED_FLOAT_BYTES  4
/* Significant digits that tell any two 32-bit floats apart. */
#define CCP_EMBED_FLOAT_DIGITS 9


static const char  ccp_embed_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";


/* Little-endian, whatever this machine is. */

static void
ccp_embed_put_float(uint8_t *p, float f)
{
    uint32_t  u;

    memcpy(&u, &f, sizeof(u));
    p[0] = (uint8_t) u;
    p[1] = (uint8_t) (u >> 8);
    p[2] = (uint8_t) (u >> 16);
    p[3] = (uint8_t) (u >> 24);
}


static float
ccp_embed_get_float(const uint8_t *p)
{
    float     f;
    uint32_t  u;

    u = (uint32_t) p[0] | (uint32_t) p[1] << 8 | (uint32_t) p[2] << 16
        | (uint32_t) p[3] << 24;
    memcpy(&f, &u, sizeof(f));

    return f;
}


static void
ccp_embed_base64(ccp_out_t *out, const uint8_t *p, size_t n)
{
    size_t    i, k;
    char      quad[4];
    uint32_t  v;

    for (i = 0; i < n; i += 3) {
        v = (uint32_t) p[i] << 16;
        v |= i + 1 < n ? (uint32_t) p[i + 1] << 8 : 0;
        v |= i + 2 < n ? p[i + 2] : 0;

        for (k = 0; k < 4; k++) {
            quad[k] = i + k > n ? '=' : ccp_embed_digits[v >> (18 - 6 * k)
                                                         & 63];
        }

        ccp_out_bytes(out, quad, 4);
    }
}


int
ccp_embed_pack(ccp_out_t *out, ccp_arena_t *a, ccp_jval_t v)
{
    size_t       n;
    uint8_t     *p;
    ccp_jiter_t  it;

    if (ccp_json_type(v) != CCP_J_ARRAY) {
        return CCP_INVALID;
    }

    n = ccp_json_count(v) * CCP_EMBED_FLOAT_BYTES;

    p = ccp_regrow(a, NULL, 0, n + 1);
    if (p == NULL) {
        return CCP_NOMEM;
    }

    n = 0;

    for (it = ccp_json_iter(v); ccp_json_next(&it);
         n += CCP_EMBED_FLOAT_BYTES)
    {
        if (ccp_json_type(it.val) != CCP_J_NUMBER) {
            ccp_release(a, p);
            return CCP_INVALID;
        }

        ccp_embed_put_float(p + n, (float) ccp_json_num(it.val, 0));
    }

    ccp_w_str_open(out);
    ccp_embed_base64(out, p, n);
    ccp_w_str_close(out);
    ccp_release(a, p);

    return out->err ? CCP_NOMEM : CCP_OK;
}


/* Decodes in place of p, which has room for s.n bytes; -1: no base64. */

static long
ccp_embed_unbase64(uint8_t *p, ccp_str_t s)
{
    long         n;
    size_t       i;
    uint32_t     acc;
    unsigned     bits;
    const char  *c;

    n = 0;
    acc = 0;
    bits = 0;

    while (s.n && s.p[s.n - 1] == '=') {
        s.n--;
    }

    for (i = 0; i < s.n; i++) {
        c = s.p[i] ? strchr(ccp_embed_digits, s.p[i]) : NULL;

        if (c == NULL) {
            return -1;
        }

        acc = acc << 6 | (uint32_t) (c - ccp_embed_digits);
        bits += 6;

        if (bits >= 8) {
            bits -= 8;
            p[n++] = (uint8_t) (acc >> bits);
        }
    }

    return n;
}


static void
ccp_embed_write_float(ccp_out_t *out, float f)
{
    int        i;
    char       buf[32];
    ccp_str_t  s;

    for (i = 1; i <= CCP_EMBED_FLOAT_DIGITS; i++) {
        snprintf(buf, sizeof(buf), "%.*g", i, (double) f);

        if (strtof(buf, NULL) == f) {
            break;
        }
    }

    s = ccp_cstr(buf);
    ccp_w_raw(out, s);
}


int
ccp_embed_unpack(ccp_out_t *out, ccp_arena_t *a, ccp_jval_t v)
{
    int        rc;
    long       i, n;
    float      f;
    uint8_t   *p;
    ccp_str_t  s;

    if (ccp_json_type(v) != CCP_J_STRING) {
        return CCP_INVALID;
    }

    s = ccp_str_plain(a, ccp_json_str(v));
    p = s.p ? ccp_regrow(a, NULL, 0, s.n + 1) : NULL;

    if (p == NULL) {
        return CCP_NOMEM;
    }

    n = ccp_embed_unbase64(p, s);
    rc = n < 0 || n % CCP_EMBED_FLOAT_BYTES ? CCP_INVALID : CCP_OK;

    if (rc == CCP_OK) {
        ccp_w_arr(out);
    }

    for (i = 0; i < n && rc == CCP_OK; i += CCP_EMBED_FLOAT_BYTES) {
        f = ccp_embed_get_float(p + i);

        if (!isfinite(f)) {
            rc = CCP_INVALID;
            break;
        }

        ccp_embed_write_float(out, f);
    }

    if (rc == CCP_OK) {
        ccp_w_arr_end(out);
    }

    ccp_release(a, p);

    return rc == CCP_OK && out->err ? CCP_NOMEM : rc;
}
