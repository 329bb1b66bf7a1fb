
/*
 * Tries: which pairs are fit for one, and what its outcome changes.
 */

#include "ccp_pool_in.h"


#define CCP_POOL_RANKS  4


/* What stands in the way of a pair. */

typedef struct {
    ccp_pool_level_e    level;     /* of its three gates, the highest */
    ccp_pool_reason_e   reason;    /* not by a gate; CCP_POOL_R_NONE: fit */
    ccp_pool_outcome_e  why;
    uint64_t            wait;
} ccp_pool_state_t;


/* The gates of a pair, in the order of a ticket's probe bits. */

static const int  ccp_pool_gated[3] = {
    CCP_POOL_S_COOL, CCP_POOL_S_KEY, CCP_POOL_S_TARGET
};

/* Which gate an outcome closes; those behind it in that order are well: a
 * provider that answers 429 lives.  -1: none. */

static const int  ccp_pool_closes[CCP_POOL_OUTCOMES] = {
    -1,                                    /* NOTHING */
    -1,                                    /* GOOD */
    0,                                     /* RATE */
    1,                                     /* KEY */
    1,                                     /* MONEY */
    2,                                     /* SERVER */
    2                                      /* CONNECT */
};


static void
ccp_pool_gates(ccp_pool_slot_t *s[CCP_POOL_NSLOTS], uint64_t now,
    ccp_pool_state_t *st)
{
    int                     k;
    ccp_pool_level_e        level;
    const ccp_pool_gate_t  *g;

    st->level = CCP_POOL_OPEN;
    st->why = CCP_POOL_NOTHING;
    st->wait = 0;

    for (k = 0; k < 3; k++) {

        if (s[ccp_pool_gated[k]] == NULL) {
            continue;
        }

        g = &s[ccp_pool_gated[k]]->gate;
        level = ccp_pool_gate_level(g, now);

        st->level = level > st->level ? level : st->level;

        if (g->until > now && g->until - now > st->wait) {
            st->wait = g->until - now;
            st->why = (ccp_pool_outcome_e) g->why;
        }
    }
}


static void
ccp_pool_state(ccp_pool_t *pool, ccp_pool_pair_t *p,
    const ccp_pool_request_t *rq, uint64_t now, ccp_pool_state_t *st)
{
    ccp_pool_slot_t  *s[CCP_POOL_NSLOTS];

    ccp_pool_pair_slots(pool, p, now, s);
    ccp_pool_gates(s, now, st);

    st->reason = CCP_POOL_R_NONE;

    if (p->context && rq->tokens > p->context) {
        st->reason = CCP_POOL_R_CONTEXT;
        return;
    }

    if (st->level == CCP_POOL_HARD) {
        st->reason = CCP_POOL_R_COOLING;
        return;
    }

    if (p->max_inflight && s[CCP_POOL_S_TARGET]
        && s[CCP_POOL_S_TARGET]->inflight >= p->max_inflight)
    {
        st->reason = CCP_POOL_R_BUSY;
        st->wait = 0;
        return;
    }

    if (s[CCP_POOL_S_KEY]
        && !ccp_pool_rate_fits(&s[CCP_POOL_S_KEY]->rate, p, rq->tokens, now))
    {
        st->reason = CCP_POOL_R_LIMIT;
        st->wait = ccp_pool_rate_wait(now);
    }
}


/* Of reasons the one that will pass is told, of those the one that will pass
 * first. */

static void
ccp_pool_why_not(ccp_pool_request_t *rq, const ccp_pool_state_t *st)
{
    if (st->reason < rq->reason
        || (st->reason == rq->reason && st->wait >= rq->wait))
    {
        return;
    }

    rq->reason = st->reason;
    rq->why = st->why;
    rq->wait = st->wait;
}


/*
 * The rank of a pair: the lowest that is ready serves.  A pair of a target
 * that failed for this request comes after all others, backups too.
 */

static int
ccp_pool_rank(const ccp_pool_list_t *list, const ccp_pool_request_t *rq,
    size_t i)
{
    return 2 * !!(rq->flags[i] & CCP_POOL_AVOID) + list->pairs[i].backup;
}


static size_t
ccp_pool_ready(ccp_pool_t *pool, ccp_pool_list_t *list,
    ccp_pool_request_t *rq, uint64_t now)
{
    int               rank, best;
    size_t            i;
    ccp_pool_state_t  st;

    best = CCP_POOL_RANKS;

    for (i = 0; i < list->n; i++) {

        rq->flags[i] &= (unsigned char) ~CCP_POOL_FIT;

        if (rq->flags[i] & CCP_POOL_TRIED) {
            continue;
        }

        ccp_pool_state(pool, &list->pairs[i], rq, now, &st);

        if (st.reason != CCP_POOL_R_NONE) {
            ccp_pool_why_not(rq, &st);
            continue;
        }

        if (st.level > CCP_POOL_PROBE) {
            st.reason = CCP_POOL_R_COOLING;
            ccp_pool_why_not(rq, &st);
            continue;
        }

        rank = ccp_pool_rank(list, rq, i);
        best = rank < best ? rank : best;
        rq->flags[i] |= CCP_POOL_FIT;
    }

    if (best == CCP_POOL_RANKS) {
        return list->n;
    }

    for (i = 0; i < list->n; i++) {
        if (ccp_pool_rank(list, rq, i) != best) {
            rq->flags[i] &= (unsigned char) ~CCP_POOL_FIT;
        }
    }

    return ccp_pool_choose(pool, list, rq->flags, rq->session, now);
}


/* The pair that only our own rules keep back, and for the shortest time. */

static size_t
ccp_pool_last_resort(ccp_pool_t *pool, ccp_pool_list_t *list,
    const ccp_pool_request_t *rq, uint64_t now)
{
    size_t            i, best;
    uint64_t          wait;
    ccp_pool_state_t  st;

    best = list->n;
    wait = 0;

    for (i = 0; i < list->n; i++) {

        if (rq->flags[i] & CCP_POOL_TRIED) {
            continue;
        }

        ccp_pool_state(pool, &list->pairs[i], rq, now, &st);

        if (st.reason != CCP_POOL_R_NONE) {
            continue;
        }

        if (best == list->n
            || list->pairs[i].backup < list->pairs[best].backup
            || (list->pairs[i].backup == list->pairs[best].backup
                && st.wait < wait))
        {
            best = i;
            wait = st.wait;
        }
    }

    return best;
}


static void
ccp_pool_take(ccp_pool_t *pool, ccp_pool_list_t *list,
    const ccp_pool_worker_t *w, ccp_pool_request_t *rq, uint64_t now,
    ccp_pool_ticket_t *t)
{
    int               k;
    ccp_pool_slot_t  *s[CCP_POOL_NSLOTS];

    ccp_pool_pair_slots(pool, &list->pairs[t->index], now, s);

    t->worker = w->id;
    t->gen = w->gen;
    t->begun = now;
    t->tokens = rq->tokens > 0 ? rq->tokens : 0;
    t->held = 1;

    for (k = 0; k < 3; k++) {

        if (s[ccp_pool_gated[k]]
            && ccp_pool_gate_level(&s[ccp_pool_gated[k]]->gate, now)
               == CCP_POOL_PROBE)
        {
            ccp_pool_gate_probe(&s[ccp_pool_gated[k]]->gate, now);
            t->probes |= 1u << k;
        }
    }

    if (s[CCP_POOL_S_PAIR]) {
        ccp_pool_count(pool, s[CCP_POOL_S_PAIR], t->worker, t->gen, 1);
    }

    if (s[CCP_POOL_S_TARGET]) {
        ccp_pool_count(pool, s[CCP_POOL_S_TARGET], t->worker, t->gen, 1);
    }

    if (s[CCP_POOL_S_KEY]) {
        ccp_pool_rate_charge(&s[CCP_POOL_S_KEY]->rate, 1, t->tokens, now);
    }

    rq->flags[t->index] |= CCP_POOL_TRIED;
    rq->tries++;
}


int
ccp_pool_pick(ccp_pool_t *pool, ccp_pool_list_t *list,
    const ccp_pool_worker_t *w, ccp_pool_request_t *rq, uint64_t now,
    ccp_pool_ticket_t *t)
{
    size_t  i;

    memset(t, 0, sizeof(ccp_pool_ticket_t));

    rq->reason = CCP_POOL_R_TRIED;
    rq->why = CCP_POOL_NOTHING;
    rq->wait = 0;

    i = ccp_pool_ready(pool, list, rq, now);

    if (i == list->n && rq->tries == 0) {
        i = ccp_pool_last_resort(pool, list, rq, now);
    }

    if (i == list->n) {
        return 0;
    }

    t->index = (uint32_t) i;
    ccp_pool_take(pool, list, w, rq, now, t);

    return 1;
}


/* The request's further tries go to other targets first. */

static void
ccp_pool_avoid(const ccp_pool_list_t *list, ccp_pool_request_t *rq,
    uint64_t target)
{
    size_t  i;

    for (i = 0; i < list->n; i++) {
        if (list->pairs[i].target == target) {
            rq->flags[i] |= CCP_POOL_AVOID;
        }
    }
}


void
ccp_pool_report(ccp_pool_t *pool, ccp_pool_list_t *list,
    ccp_pool_request_t *rq, ccp_pool_ticket_t *t, ccp_pool_outcome_e outcome,
    uint64_t wait, uint64_t now)
{
    int               k, closes, probe;
    ccp_pool_slot_t  *s[CCP_POOL_NSLOTS];
    ccp_pool_pair_t  *p;

    if (t->told || !t->held) {
        return;
    }

    t->told = 1;

    p = &list->pairs[t->index];
    ccp_pool_pair_slots(pool, p, now, s);

    closes = ccp_pool_closes[outcome];

    if (closes == 2 && rq) {
        ccp_pool_avoid(list, rq, p->target);
    }

    if (s[CCP_POOL_S_PAIR]) {
        s[CCP_POOL_S_PAIR]->served += (outcome == CCP_POOL_GOOD);
        s[CCP_POOL_S_PAIR]->failed += (closes != -1);
    }

    /* whoever named a time means this key and this model */

    if (wait && closes == 2 && s[CCP_POOL_S_COOL]) {
        probe = t->probes & 1;
        ccp_pool_gate_fault(&s[CCP_POOL_S_COOL]->gate, outcome, probe,
                            t->begun, wait, now);
        wait = 0;
    }

    for (k = 0; k < 3; k++) {

        if (s[ccp_pool_gated[k]] == NULL) {
            continue;
        }

        probe = !!(t->probes & (1u << k));

        if (k == closes) {
            ccp_pool_gate_fault(&s[ccp_pool_gated[k]]->gate, outcome, probe,
                                t->begun, wait, now);

        } else if (outcome == CCP_POOL_GOOD || (closes != -1 && k > closes)) {
            ccp_pool_gate_good(&s[ccp_pool_gated[k]]->gate, t->begun);

        } else if (probe) {
            ccp_pool_gate_unprobe(&s[ccp_pool_gated[k]]->gate);
        }
    }
}


void
ccp_pool_free(ccp_pool_t *pool, ccp_pool_list_t *list,
    ccp_pool_ticket_t *t, int64_t tokens, uint64_t now)
{
    ccp_pool_slot_t  *s[CCP_POOL_NSLOTS];

    if (!t->held) {
        return;
    }

    ccp_pool_report(pool, list, NULL, t, CCP_POOL_NOTHING, 0, now);

    t->held = 0;

    ccp_pool_pair_slots(pool, &list->pairs[t->index], now, s);

    if (s[CCP_POOL_S_PAIR]) {
        ccp_pool_count(pool, s[CCP_POOL_S_PAIR], t->worker, t->gen, -1);
    }

    if (s[CCP_POOL_S_TARGET]) {
        ccp_pool_count(pool, s[CCP_POOL_S_TARGET], t->worker, t->gen, -1);
    }

    if (s[CCP_POOL_S_KEY] && tokens >= 0) {
        ccp_pool_rate_charge(&s[CCP_POOL_S_KEY]->rate, 0, tokens - t->tokens,
                             now);
    }
}


void
ccp_pool_look(ccp_pool_t *pool, const ccp_pool_pair_t *pair, uint64_t now,
    ccp_pool_look_t *look)
{
    ccp_pool_slot_t   *s[CCP_POOL_NSLOTS];
    ccp_pool_state_t   st;

    memset(look, 0, sizeof(ccp_pool_look_t));

    s[CCP_POOL_S_PAIR] = ccp_pool_find(pool, pair->pair);
    s[CCP_POOL_S_COOL] = ccp_pool_find(pool, pair->cool);
    s[CCP_POOL_S_KEY] = ccp_pool_find(pool, pair->key);
    s[CCP_POOL_S_TARGET] = ccp_pool_find(pool, pair->target);

    if (s[CCP_POOL_S_PAIR]) {
        look->inflight = s[CCP_POOL_S_PAIR]->inflight;
        look->served = s[CCP_POOL_S_PAIR]->served;
        look->failed = s[CCP_POOL_S_PAIR]->failed;
    }

    if (s[CCP_POOL_S_TARGET]) {
        look->target_inflight = s[CCP_POOL_S_TARGET]->inflight;
    }

    ccp_pool_gates(s, now, &st);

    look->wait = st.wait;
    look->why = st.why;
    look->probing = (st.wait == 0 && st.level != CCP_POOL_OPEN);
}
