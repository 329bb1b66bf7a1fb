
/*
 * The choice among pairs that are all fit to serve.
 */

#include "pool/pool_private.h"


/* Bits behind the point of a logarithm. */
#define CCP_POOL_LOG_BITS  24

/* Turns of pairs that are not fit that may pass before one that is gets its
 * own. */
#define CCP_POOL_PASSES    4


/*
 * Smooth weighted round robin: each pair gains its weight, the one that has
 * most gives what all have gained.  Pairs of the same share thus alternate
 * instead of coming in rows.
 *
 * A pair that is not fit loses its turn to the next: left out, all that fail
 * would fall behind together and come in a row later.
 */

static size_t
ccp_pool_choose_rotate(ccp_pool_t *pool, ccp_pool_list_t *list,
    const unsigned char *flags)
{
    int               pass;
    size_t            i, best, top;
    int64_t           total, current, most, highest;
    ccp_pool_pair_t  *p;
    ccp_pool_slot_t  *s;

    for (pass = 0; /* void */; pass++) {

        best = list->n;
        top = list->n;
        total = 0;
        most = 0;
        highest = 0;

        for (i = 0; i < list->n; i++) {

            if (!(flags[i] & (CCP_POOL_FIT|CCP_POOL_TURN))) {
                continue;
            }

            p = &list->pairs[i];
            s = ccp_pool_slot(pool, p->pair, &p->slot[CCP_POOL_S_PAIR]);

            current = ccp_pool_weight(s, p);
            total += current;

            if (s) {
                s->current += current;
                current = s->current;
            }

            if (top == list->n || current > highest) {
                top = i;
                highest = current;
            }

            if ((flags[i] & CCP_POOL_FIT)
                && (best == list->n || current > most))
            {
                best = i;
                most = current;
            }
        }

        if (best == list->n) {
            return best;
        }

        if (pass == CCP_POOL_PASSES) {
            top = best;
        }

        p = &list->pairs[top];
        s = ccp_pool_slot(pool, p->pair, &p->slot[CCP_POOL_S_PAIR]);

        if (s) {
            s->current -= total;
        }

        if (flags[top] & CCP_POOL_FIT) {
            return top;
        }
    }
}


/* Those with the least under way for their weight; they take turns. */

static size_t
ccp_pool_choose_least(ccp_pool_t *pool, ccp_pool_list_t *list,
    const unsigned char *flags)
{
    size_t            i, best;
    int64_t           total, most;
    uint64_t          n, w, least_n, least_w;
    ccp_pool_pair_t  *p;
    ccp_pool_slot_t  *s;

    best = list->n;
    total = 0;
    most = 0;
    least_n = 0;
    least_w = 0;

    for (i = 0; i < list->n; i++) {

        if (!(flags[i] & CCP_POOL_FIT)) {
            continue;
        }

        p = &list->pairs[i];
        s = ccp_pool_slot(pool, p->pair, &p->slot[CCP_POOL_S_PAIR]);
        n = s ? s->inflight : 0;
        w = ccp_pool_weight(s, p);

        if (s) {
            s->current += (int64_t) w;
        }

        total += (int64_t) w;

        if (best != list->n && n * least_w > least_n * w) {
            continue;
        }

        if (best == list->n || n * least_w < least_n * w
            || (s && s->current > most))
        {
            best = i;
            least_n = n;
            least_w = w;
            most = s ? s->current : 0;
        }
    }

    if (best != list->n) {
        p = &list->pairs[best];
        s = ccp_pool_slot(pool, p->pair, &p->slot[CCP_POOL_S_PAIR]);

        if (s) {
            s->current -= total;
        }
    }

    return best;
}


static uint64_t
ccp_pool_mix(uint64_t h)
{
    h ^= h >> 33;
    h *= 0xff51afd7ed558ccdull;
    h ^= h >> 33;
    h *= 0xc4ceb9fe1a85ec53ull;
    h ^= h >> 33;

    return h;
}


/* -log2(h / 2^64), with CCP_POOL_LOG_BITS behind the point; at least 1. */

static uint64_t
ccp_pool_neglog(uint64_t h)
{
    int       i, top;
    uint64_t  m, log;

    h |= 1;
    top = 63 - __builtin_clzll(h);

    /* the mantissa, 1 <= m < 2, with 31 bits behind the point */

    m = top >= 31 ? h >> (top - 31) : h << (31 - top);
    log = (uint64_t) top << CCP_POOL_LOG_BITS;

    for (i = CCP_POOL_LOG_BITS - 1; i >= 0; i--) {
        m = m * m >> 31;

        if (m >> 32) {
            m >>= 1;
            log |= (uint64_t) 1 << i;
        }
    }

    log = ((uint64_t) 64 << CCP_POOL_LOG_BITS) - log;

    return log ? log : 1;
}


/* A bound below of the same, for a few cycles: 1 - x <= -ln x. */

static uint64_t
ccp_pool_neglog_least(uint64_t h)
{
    uint64_t  least;

    least = (~h >> (64 - CCP_POOL_LOG_BITS)) * 1442 / 1000;

    return least ? least : 1;
}


/*
 * Rendezvous hashing: each session has its own order of all pairs, in which
 * it goes down only past those that can't serve; no other session moves.
 * The highest weight / -log(hash) gives each pair its share by weight.
 */

static size_t
ccp_pool_choose_sticky(ccp_pool_t *pool, ccp_pool_list_t *list,
    const unsigned char *flags, uint64_t session)
{
    size_t            i, best;
    uint64_t          h, score, most;
    ccp_pool_pair_t  *p;
    ccp_pool_slot_t  *s;

    best = list->n;
    most = 0;

    for (i = 0; i < list->n; i++) {

        if (!(flags[i] & CCP_POOL_FIT)) {
            continue;
        }

        p = &list->pairs[i];
        h = ccp_pool_mix(session ^ ccp_pool_mix(p->pair));
        s = ccp_pool_slot(pool, p->pair, &p->slot[CCP_POOL_S_PAIR]);
        score = (uint64_t) ccp_pool_weight(s, p) << 36;

        if (best != list->n && score / ccp_pool_neglog_least(h) <= most) {
            continue;
        }

        score /= ccp_pool_neglog(h);

        if (best == list->n || score > most) {
            best = i;
            most = score;
        }
    }

    return best;
}


size_t
ccp_pool_choose(ccp_pool_t *pool, ccp_pool_list_t *list,
    const unsigned char *flags, uint64_t session)
{
    if (list->mode == CCP_POOL_LEAST) {
        return ccp_pool_choose_least(pool, list, flags);
    }

    if (list->mode == CCP_POOL_STICKY && session) {
        return ccp_pool_choose_sticky(pool, list, flags, session);
    }

    return ccp_pool_choose_rotate(pool, list, flags);
}
