
/*
 * Gates: how long something that failed is left alone.
 */

#include "pool/pool_private.h"


/* A probe that never came back is given up after so long. */
#define CCP_POOL_PROBE_TIME  120000

/* The longest wait that a provider's word is good for; then comes a probe. */
#define CCP_POOL_WAIT_MAX    3600000


/*
 * By outcome: faults in a row that close the gate, the time it is closed for
 * at first, which doubles with each fault, and the longest.
 */

static const struct {
    uint32_t  faults;
    uint64_t  base;
    uint64_t  max;
} ccp_pool_gate_rules[CCP_POOL_OUTCOMES] = {
    { 0, 0, 0 },                           /* NOTHING */
    { 0, 0, 0 },                           /* GOOD */
    { 1, 1000, 300000 },                   /* RATE */
    { 1, 300000, 3600000 },                /* KEY */
    { 1, 600000, 3600000 },                /* MONEY */
    { 3, 1000, 60000 },                    /* SERVER */
    { 3, 1000, 60000 },                    /* CONNECT */
    { 3, 1000, 60000 },                    /* PATH */
    { 1, 60000, 3600000 },                 /* PLAN */
    { 1, 60000, 3600000 }                  /* DOUBT */
};


ccp_pool_level_e
ccp_pool_gate_level(const ccp_pool_gate_t *g, uint64_t now)
{
    if (g->until == 0) {
        return CCP_POOL_OPEN;
    }

    if (now < g->until) {
        return g->hard ? CCP_POOL_HARD : CCP_POOL_SOFT;
    }

    return now < g->probe ? CCP_POOL_SOFT : CCP_POOL_PROBE;
}


void
ccp_pool_gate_probe(ccp_pool_gate_t *g, uint32_t worker, uint64_t now)
{
    g->probe = now + CCP_POOL_PROBE_TIME;
    g->prober = worker < CCP_POOL_WORKERS_MAX ? (uint16_t) (worker + 1) : 0;
}


void
ccp_pool_gate_unprobe(ccp_pool_gate_t *g)
{
    g->probe = 0;
    g->prober = 0;
}


void
ccp_pool_gate_forget(ccp_pool_gate_t *g, uint32_t worker)
{
    if (g->probe && g->prober == worker + 1) {
        ccp_pool_gate_unprobe(g);
    }
}


void
ccp_pool_gate_good(ccp_pool_gate_t *g, uint64_t begun)
{
    /* what began before the fault says nothing about it */

    if (begun >= g->since) {
        memset(g, 0, sizeof(ccp_pool_gate_t));
    }
}


int
ccp_pool_gate_doubt(ccp_pool_gate_t *g, uint64_t client)
{
    if (g->client == 0) {
        g->client = client;
    }

    return client != 0 && g->client != client;
}


void
ccp_pool_gate_fault(ccp_pool_gate_t *g, ccp_pool_outcome_e why, int probe,
    uint64_t begun, uint64_t wait, uint64_t now)
{
    uint64_t  time;
    uint32_t  k;

    /*
     * Tries that were under way when the gate was closed fail for the same
     * reason: they may prolong its time, but they don't double it.
     */

    if (g->until == 0 || probe || begun >= g->until) {
        g->faults++;
    }

    if (probe) {
        g->probe = 0;
    }

    if (wait == 0 && g->faults < ccp_pool_gate_rules[why].faults) {
        return;
    }

    if (wait) {
        time = wait < CCP_POOL_WAIT_MAX ? wait : CCP_POOL_WAIT_MAX;

    } else {
        time = ccp_pool_gate_rules[why].base;

        for (k = ccp_pool_gate_rules[why].faults;
             k < g->faults && time < ccp_pool_gate_rules[why].max;
             k++)
        {
            time *= 2;
        }

        if (time > ccp_pool_gate_rules[why].max) {
            time = ccp_pool_gate_rules[why].max;
        }
    }

    /* the provider's word counts more than our rules, of equals the longer */

    if (g->until > now
        && (g->hard > (wait != 0)
            || (g->hard == (wait != 0) && g->until >= now + time)))
    {
        return;
    }

    g->hard = (wait != 0);
    g->since = now;
    g->until = now + time;
    g->why = (uint8_t) why;
}


void
ccp_pool_gate_open(ccp_pool_gate_t *g)
{
    g->until = 0;
    g->probe = 0;
    g->faults = 0;
    g->client = 0;
    g->hard = 0;
}
