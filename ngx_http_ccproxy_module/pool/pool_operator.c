
/*
 * What an operator rules: pairs, keys and targets on hold, other weights, an
 * end of waiting.  It is kept with the state of each name.
 */

#include "pool/pool_private.h"


#define CCP_POOL_NWHATS  3


static const struct {
    ccp_pool_what_e  what;
    int              slot;
} ccp_pool_whats[CCP_POOL_NWHATS] = {
    { CCP_POOL_THE_PAIR, CCP_POOL_S_PAIR },
    { CCP_POOL_THE_KEY, CCP_POOL_S_KEY },
    { CCP_POOL_THE_TARGET, CCP_POOL_S_TARGET }
};


unsigned
ccp_pool_rulings(ccp_pool_slot_t *const slot[])
{
    size_t                  i;
    unsigned                held;
    const ccp_pool_slot_t  *s;

    held = 0;

    for (i = 0; i < CCP_POOL_NWHATS; i++) {
        s = slot[ccp_pool_whats[i].slot];

        if (s && (s->ruled & CCP_POOL_HELD)) {
            held |= ccp_pool_whats[i].what;
        }
    }

    return held;
}


static ccp_pool_slot_t *
ccp_pool_ruled(ccp_pool_t *pool, ccp_pool_pair_t *pair, ccp_pool_what_e what)
{
    int     k;
    size_t  i;

    for (i = 0; i < CCP_POOL_NWHATS; i++) {

        if (ccp_pool_whats[i].what == what) {
            k = ccp_pool_whats[i].slot;
            return ccp_pool_slot(pool, ccp_pool_pair_name(pair, k),
                                 &pair->slot[k]);
        }
    }

    return NULL;
}


int
ccp_pool_hold(ccp_pool_t *pool, ccp_pool_pair_t *pair, ccp_pool_what_e what,
    int on)
{
    ccp_pool_slot_t  *s;

    s = ccp_pool_ruled(pool, pair, what);
    if (s == NULL) {
        return 0;
    }

    if (on) {
        s->ruled |= CCP_POOL_HELD;

    } else {
        s->ruled &= ~CCP_POOL_HELD;
    }

    return 1;
}


int
ccp_pool_weigh(ccp_pool_t *pool, ccp_pool_pair_t *pair, uint32_t weight)
{
    ccp_pool_slot_t  *s;

    s = ccp_pool_ruled(pool, pair, CCP_POOL_THE_PAIR);
    if (s == NULL) {
        return 0;
    }

    s->ruled = (s->ruled & CCP_POOL_HELD) | (weight & ~CCP_POOL_HELD);
    s->current = 0;

    return 1;
}


void
ccp_pool_thaw(ccp_pool_t *pool, const ccp_pool_pair_t *pair)
{
    int               k;
    ccp_pool_slot_t  *s;

    for (k = 0; k < CCP_POOL_NGATES; k++) {

        if (pair->client && k == CCP_POOL_S_COOL) {

            /* of models that clients name nothing is known but their hashes */

            continue;
        }

        s = ccp_pool_find(pool, ccp_pool_pair_name(pair, k));

        if (s) {
            ccp_pool_gate_open(&s->gate);
        }
    }
}
