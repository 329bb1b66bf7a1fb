
/*
 * Soft limits of a key: a sliding minute, made of the present one and the
 * part of the one before that still counts.
 */

#include "pool/pool_private.h"


#define CCP_POOL_MINUTE  60000


static void
ccp_pool_rate_roll(ccp_pool_rate_t *r, uint64_t now)
{
    uint64_t  minute;

    minute = now / CCP_POOL_MINUTE;

    /* the clock of another process may be some milliseconds ahead */

    if (minute <= r->minute) {
        return;
    }

    if (minute == r->minute + 1) {
        r->tokens[1] = r->tokens[0];
        r->requests[1] = r->requests[0];

    } else {
        r->tokens[1] = 0;
        r->requests[1] = 0;
    }

    r->tokens[0] = 0;
    r->requests[0] = 0;
    r->minute = minute;
}


static uint64_t
ccp_pool_rate_sum(uint64_t before, uint64_t now_used, uint64_t now)
{
    uint64_t  left;

    left = CCP_POOL_MINUTE - now % CCP_POOL_MINUTE;

    return now_used + before / CCP_POOL_MINUTE * left
           + before % CCP_POOL_MINUTE * left / CCP_POOL_MINUTE;
}


int
ccp_pool_rate_fits(ccp_pool_rate_t *r, const ccp_pool_pair_t *p,
    int64_t tokens, uint64_t now)
{
    uint64_t  used;

    if (p->rpm == 0 && p->tpm == 0) {
        return 1;
    }

    ccp_pool_rate_roll(r, now);

    if (p->rpm
        && ccp_pool_rate_sum(r->requests[1], r->requests[0], now) >= p->rpm)
    {
        return 0;
    }

    if (p->tpm == 0) {
        return 1;
    }

    used = ccp_pool_rate_sum(r->tokens[1], r->tokens[0], now);

    /* one that exceeds the limit alone can only go when nothing else does */

    return used == 0
           || (used < p->tpm
               && (tokens <= 0 || (uint64_t) tokens <= p->tpm - used));
}


void
ccp_pool_rate_charge(ccp_pool_rate_t *r, uint32_t requests, int64_t tokens,
    uint64_t now)
{
    ccp_pool_rate_roll(r, now);

    r->requests[0] += requests;

    if (tokens >= 0) {
        r->tokens[0] += (uint64_t) tokens;

    } else {
        r->tokens[0] -= r->tokens[0] < (uint64_t) -tokens
                        ? r->tokens[0] : (uint64_t) -tokens;
    }
}


void
ccp_pool_rate_used(ccp_pool_rate_t *r, uint64_t now, uint64_t *requests,
    uint64_t *tokens)
{
    ccp_pool_rate_roll(r, now);

    *requests = ccp_pool_rate_sum(r->requests[1], r->requests[0], now);
    *tokens = ccp_pool_rate_sum(r->tokens[1], r->tokens[0], now);
}


uint64_t
ccp_pool_rate_until(uint64_t before, uint64_t used, uint64_t limit,
    uint64_t now)
{
    uint64_t  left;

    left = CCP_POOL_MINUTE - now % CCP_POOL_MINUTE;

    if (used < limit) {

        /* the part of the minute before has to shrink */

        return before * left <= (limit - used) * CCP_POOL_MINUTE
               ? 1
               : left - (limit - used) * CCP_POOL_MINUTE / before + 1;
    }

    /* … and then that of this one */

    return left + CCP_POOL_MINUTE - limit * CCP_POOL_MINUTE / used + 1;
}


uint64_t
ccp_pool_rate_wait(uint64_t now)
{
    return CCP_POOL_MINUTE - now % CCP_POOL_MINUTE;
}
