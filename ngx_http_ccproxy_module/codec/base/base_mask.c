
/*
 * Stars over a secret in texts.  JSON may spell any character of it as a
 * Unicode escape, and a slash with a backslash before it; JSON inside of JSON
 * doubles the backslash each time.
 */

#include "codec/base/base_mask.h"


#define CCP_MASK_DIGITS   5        /* of u0073 */
#define CCP_MASK_SLASHES  7        /* before it: JSON twice inside of JSON */


static int
ccp_mask_hex(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c |= 0x20;

    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}


/* The length of the spelling of c at p; 0 if another character stands there,
 * or the bytes end within. */

static int
ccp_mask_char(const uint8_t *p, const uint8_t *end, uint8_t c)
{
    int            i, n, h;
    const uint8_t  *u;

    if (p == end) {
        return 0;
    }

    if (*p == c) {
        return 1;
    }

    if (*p != '\\') {
        return 0;
    }

    for (u = p; u < end && *u == '\\' && u - p < CCP_MASK_SLASHES; u++) {
        /* void */
    }

    if (u == end) {
        return 0;
    }

    if (*u != 'u') {
        return *u == c && (c == '/' || c == '"') ? (int) (u - p) + 1 : 0;
    }

    for (n = 0, i = 1; i < CCP_MASK_DIGITS; i++) {

        if (u + i >= end) {
            return 0;
        }

        h = ccp_mask_hex(u[i]);

        if (h < 0) {
            return 0;
        }

        n = n * 16 + h;
    }

    return n == c ? (int) (u - p) + CCP_MASK_DIGITS : 0;
}


/* The same of the whole secret. */

static size_t
ccp_mask_at(const uint8_t *p, const uint8_t *end, ccp_str_t secret)
{
    int             n;
    size_t          i;
    const uint8_t  *at;

    at = p;

    for (i = 0; i < secret.n; i++) {
        n = ccp_mask_char(at, end, secret.p[i]);

        if (n == 0) {
            return 0;
        }

        at += n;
    }

    return (size_t) (at - p);
}


/* Where a spelling of the secret may begin next; end if nowhere. */

static const uint8_t *
ccp_mask_next(const uint8_t *p, const uint8_t *end, uint8_t first)
{
    while (p < end && *p != first && *p != '\\') {
        p++;
    }

    return p;
}


static int
ccp_mask_secret(ccp_str_t secret)
{
    return secret.p != NULL && secret.n >= CCP_MASK_MIN;
}


void
ccp_mask(uint8_t *p, size_t n, ccp_str_t secret)
{
    size_t    len;
    uint8_t  *end;

    if (!ccp_mask_secret(secret)) {
        return;
    }

    end = p + n;

    for ( ;; ) {
        p = (uint8_t *) ccp_mask_next(p, end, secret.p[0]);

        if (p == end) {
            return;
        }

        len = ccp_mask_at(p, end, secret);
        memset(p, '*', len);
        p += len ? len : 1;
    }
}


int
ccp_mask_finds(ccp_str_t s, ccp_str_t secret)
{
    const uint8_t  *p, *end;

    if (!ccp_mask_secret(secret) || s.p == NULL) {
        return 0;
    }

    end = s.p + s.n;

    for (p = s.p; p < end; p++) {
        p = ccp_mask_next(p, end, secret.p[0]);

        if (p < end && ccp_mask_at(p, end, secret)) {
            return 1;
        }
    }

    return 0;
}
