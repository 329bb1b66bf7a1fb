
/*
 * Ids of our own: answers, calls, requests.
 */

#include "codec/base/base_id.h"


/* xorshift128+: ids need to be unlike, not unguessable. */

static uint64_t
ccp_id_random(ccp_clock_t *c)
{
    uint64_t  s1, s0;

    s1 = c->seed[0];
    s0 = c->seed[1];

    c->seed[0] = s0;
    s1 ^= s1 << 23;
    c->seed[1] = s1 ^ s0 ^ (s1 >> 18) ^ (s0 >> 5);

    return c->seed[1] + s0;
}


ccp_str_t
ccp_id_new(ccp_clock_t *c, ccp_arena_t *a, const char *prefix, size_t n)
{
    size_t             i, len;
    uint8_t           *p;
    uint64_t           r;
    ccp_str_t          s = ccp_none;
    static const char  digits[] =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    len = strlen(prefix);

    p = ccp_alloc(a, len + n);
    if (p == NULL) {
        return s;
    }

    s.p = p;
    s.n = len + n;

    memcpy(p, prefix, len);
    p += len;
    r = 0;

    for (i = 0; i < n; i++) {
        if (i % 8 == 0) {
            r = ccp_id_random(c);
        }
        *p++ = (uint8_t) digits[r % 62];
        r /= 62;
    }

    return s;
}
