
/*
 * Gates of the models that clients name where a target has none.
 *
 * Clients can invent names without end, so that only what is closed has a
 * gate.  They lie in sets of a few; a set that is full gives up what is not
 * cooling and was not used for the longest time, else what cools no longer
 * than the others.
 */

#include "pool/pool_private.h"


static ccp_pool_set_t *
ccp_pool_set(ccp_pool_t *pool, uint64_t name)
{
    return (ccp_pool_set_t *) ((uint8_t *) pool + pool->sets)
           + name % pool->nsets;
}


static int
ccp_pool_set_find(const ccp_pool_set_t *set, uint64_t name)
{
    int  i;

    for (i = 0; i < CCP_POOL_WAYS; i++) {
        if (set->hash[i] == name) {
            return i;
        }
    }

    return -1;
}


size_t
ccp_pool_models(const ccp_pool_t *pool)
{
    return (size_t) pool->nsets * CCP_POOL_WAYS;
}


/* Two rounds of mixing: neither half of it may cancel out the other. */

uint64_t
ccp_pool_model_name(const ccp_pool_pair_t *p, uint64_t model)
{
    uint64_t  h;

    if (!p->client) {
        return p->cool;
    }

    h = p->cool * 0x9e3779b97f4a7c15ull ^ model;
    h ^= h >> 32;
    h *= 0xd6e8feb86659fd93ull;
    h ^= h >> 32;

    return h ? h : 1;
}


ccp_pool_gate_t *
ccp_pool_model_find(ccp_pool_t *pool, uint64_t name)
{
    int              i;
    ccp_pool_set_t  *set;

    if (pool->nmodels == 0) {
        return NULL;
    }

    set = ccp_pool_set(pool, name);
    i = ccp_pool_set_find(set, name);

    return i == -1 ? NULL : &set->gate[i];
}


/* Whether a set can do without a rather than without b. */

static int
ccp_pool_set_less(const ccp_pool_set_t *set, int a, int b, uint64_t now)
{
    uint64_t  ua, ub;

    if (set->hash[a] == 0 || set->hash[b] == 0) {
        return set->hash[a] < set->hash[b];
    }

    ua = set->gate[a].until > now ? set->gate[a].until : 0;
    ub = set->gate[b].until > now ? set->gate[b].until : 0;

    return ua != ub ? ua < ub : set->seen[a] < set->seen[b];
}


ccp_pool_gate_t *
ccp_pool_model_make(ccp_pool_t *pool, uint64_t name, uint64_t now)
{
    int              i, k;
    ccp_pool_set_t  *set;

    set = ccp_pool_set(pool, name);
    i = ccp_pool_set_find(set, name);

    if (i == -1) {

        for (i = 0, k = 1; k < CCP_POOL_WAYS; k++) {
            i = ccp_pool_set_less(set, k, i, now) ? k : i;
        }

        pool->nmodels += (set->hash[i] == 0);

        memset(&set->gate[i], 0, sizeof(ccp_pool_gate_t));
        set->hash[i] = name;
    }

    set->seen[i] = now;

    return &set->gate[i];
}


void
ccp_pool_model_seen(ccp_pool_t *pool, uint64_t name, uint64_t now)
{
    int              i;
    ccp_pool_set_t  *set;

    set = ccp_pool_set(pool, name);
    i = ccp_pool_set_find(set, name);

    if (i == -1) {
        return;
    }

    set->seen[i] = now;

    if (set->gate[i].until == 0 && set->gate[i].faults == 0) {
        set->hash[i] = 0;
        pool->nmodels -= (pool->nmodels != 0);
    }
}


void
ccp_pool_model_forget(ccp_pool_t *pool, uint32_t worker)
{
    int              k;
    uint32_t         i;
    ccp_pool_set_t  *set;

    for (i = 0; i < pool->nsets && pool->nmodels; i++) {

        set = (ccp_pool_set_t *) ((uint8_t *) pool + pool->sets) + i;

        for (k = 0; k < CCP_POOL_WAYS; k++) {
            ccp_pool_gate_forget(&set->gate[k], worker);
        }
    }
}
