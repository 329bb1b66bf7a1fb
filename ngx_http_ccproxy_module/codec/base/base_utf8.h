
/*
 * UTF-8 (RFC 3629) in small inline pieces.
 */

#ifndef CCP_BASE_UTF8_H
#define CCP_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Writes a code point, which must be below 0x110000; returns its bytes. */
static inline size_t
ccp_utf8_put(uint32_t cp, uint8_t *out)
{
    if (cp < 0x80) {
        out[0] = (uint8_t) cp;
        return 1;
    }

    if (cp < 0x800) {
        out[0] = (uint8_t) (0xc0 | cp >> 6);
        out[1] = (uint8_t) (0x80 | (cp & 0x3f));
        return 2;
    }

    if (cp < 0x10000) {
        out[0] = (uint8_t) (0xe0 | cp >> 12);
        out[1] = (uint8_t) (0x80 | (cp >> 6 & 0x3f));
        out[2] = (uint8_t) (0x80 | (cp & 0x3f));
        return 3;
    }

    out[0] = (uint8_t) (0xf0 | cp >> 18);
    out[1] = (uint8_t) (0x80 | (cp >> 12 & 0x3f));
    out[2] = (uint8_t) (0x80 | (cp >> 6 & 0x3f));
    out[3] = (uint8_t) (0x80 | (cp & 0x3f));
    return 4;
}

/* Length of the well-formed sequence at p (lead byte >= 0x80), 0 if bad. */
static inline size_t
ccp_utf8_len(const uint8_t *p, const uint8_t *end)
{
    size_t   n;
    uint8_t  lo, hi;

    lo = 0x80;
    hi = 0xbf;

    if (p[0] >= 0xc2 && p[0] <= 0xdf) {
        n = 2;

    } else if (p[0] >= 0xe0 && p[0] <= 0xef) {
        n = 3;
        lo = p[0] == 0xe0 ? 0xa0 : lo;
        hi = p[0] == 0xed ? 0x9f : hi;

    } else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
        n = 4;
        lo = p[0] == 0xf0 ? 0x90 : lo;
        hi = p[0] == 0xf4 ? 0x8f : hi;

    } else {
        return 0;
    }

    if ((size_t) (end - p) < n || p[1] < lo || p[1] > hi
        || (n > 2 && (p[2] & 0xc0) != 0x80)
        || (n > 3 && (p[3] & 0xc0) != 0x80))
    {
        return 0;
    }

    return n;
}

/* Value of a hex digit, -1 if it is none. */
static inline int
ccp_hex(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c |= 0x20;

    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Four hex digits, which must have been checked. */
static inline uint32_t
ccp_hex4(const uint8_t *p)
{
    return (uint32_t) (ccp_hex(p[0]) << 12 | ccp_hex(p[1]) << 8
                       | ccp_hex(p[2]) << 4 | ccp_hex(p[3]));
}

#endif /* CCP_BASE_UTF8_H */
