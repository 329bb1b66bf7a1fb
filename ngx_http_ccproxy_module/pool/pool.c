
/*
 * Tries: which pairs are fit for one, and what its outcome changes.
 */

#include "pool/pool_private.h"


#define CCP_POOL_RANKS  4


/* What stands in the way of a pair. */

typedef struct {
    ccp_pool_level_e    level;     /* of its three gates, the highest */
    ccp_pool_reason_e   reason;    /* not by a gate; CCP_POOL_R_NONE: fit */
    ccp_pool_outcome_e  why;
    uint64_t            wait;
} ccp_pool_state_t;


/*
 * Which gate of a pair an outcome closes, by slot (-1: none), and whether those
 * behind it in that order are well: a provider that answers 429 lives.
 */

static const struct {
    int  closes;
    int  lives;
} ccp_pool_effects[CCP_POOL_OUTCOMES] = {
    { -1, 0 },                             /* NOTHING */
    { -1, 1 },                             /* GOOD */
    { CCP_POOL_S_COOL, 1 },                /* RATE */
    { CCP_POOL_S_KEY, 1 },                 /* KEY */
    { CCP_POOL_S_KEY, 1 },                 /* MONEY */
    { CCP_POOL_S_TARGET, 0 },              /* SERVER */
    { CCP_POOL_S_TARGET, 0 },              /* CONNECT */
    { CCP_POOL_S_KEY, 0 },                 /* PATH */
    { CCP_POOL_S_KEY, 1 },                 /* PLAN */
    { CCP_POOL_S_KEY, 1 }                  /* DOUBT */
};


/* What a pair's gates hang on, for a try of that name of key and model. */

static void
ccp_pool_found(ccp_pool_t *pool, ccp_pool_pair_t *p, uint64_t cool,
    ccp_pool_found_t *f)
{
    int  k;

    f->slot[CCP_POOL_S_KEY] = ccp_pool_slot(pool, p->key,
                                            &p->slot[CCP_POOL_S_KEY]);
    f->slot[CCP_POOL_S_TARGET] = ccp_pool_slot(pool, p->target,
                                               &p->slot[CCP_POOL_S_TARGET]);

    f->slot[CCP_POOL_S_COOL] = ccp_pool_slot(pool, p->cool,
                                             &p->slot[CCP_POOL_S_COOL]);

    f->slot[CCP_POOL_S_RATE] =
        p->rate ? ccp_pool_slot(pool, p->rate, &p->slot[CCP_POOL_S_RATE])
                : NULL;

    for (k = 0; k < CCP_POOL_NGATES; k++) {
        f->gate[k] = f->slot[k] ? &f->slot[k]->gate : NULL;
    }

    if (p->client) {
        f->gate[CCP_POOL_S_COOL] = ccp_pool_model_find(pool, cool);
    }
}


static void
ccp_pool_gates(ccp_pool_gate_t *const gate[CCP_POOL_NGATES], uint64_t now,
    ccp_pool_state_t *st)
{
    int                     k;
    ccp_pool_level_e        level;
    const ccp_pool_gate_t  *g;

    st->level = CCP_POOL_OPEN;
    st->why = CCP_POOL_NOTHING;
    st->wait = 0;

    for (k = 0; k < CCP_POOL_NGATES; k++) {

        g = gate[k];

        if (g == NULL || g->until == 0) {
            continue;
        }

        level = ccp_pool_gate_level(g, now);

        st->level = level > st->level ? level : st->level;

        if (g->until > now && g->until - now > st->wait) {
            st->wait = g->until - now;
            st->why = (ccp_pool_outcome_e) g->why;
        }
    }
}


/* Whether an operator keeps requests from the pair, its key or its target. */

static int
ccp_pool_held(ccp_pool_t *pool, ccp_pool_pair_t *p, const ccp_pool_found_t *f)
{
    const ccp_pool_slot_t  *s;

    s = ccp_pool_slot(pool, p->pair, &p->slot[CCP_POOL_S_PAIR]);

    return (s && (s->ruled & CCP_POOL_HELD))
           || (f->slot[CCP_POOL_S_KEY]
               && (f->slot[CCP_POOL_S_KEY]->ruled & CCP_POOL_HELD))
           || (f->slot[CCP_POOL_S_TARGET]
               && (f->slot[CCP_POOL_S_TARGET]->ruled & CCP_POOL_HELD));
}


static void
ccp_pool_state(ccp_pool_t *pool, ccp_pool_pair_t *p,
    const ccp_pool_request_t *rq, uint64_t now, ccp_pool_state_t *st)
{
    ccp_pool_found_t  f;

    ccp_pool_found(pool, p, ccp_pool_model_name(p, rq->model), &f);
    ccp_pool_gates(f.gate, now, st);

    st->reason = CCP_POOL_R_NONE;

    if (ccp_pool_held(pool, p, &f)) {
        st->reason = CCP_POOL_R_HELD;
        st->wait = 0;
        return;
    }

    if (p->context && rq->tokens > p->context) {
        st->reason = CCP_POOL_R_CONTEXT;
        return;
    }

    if (st->level == CCP_POOL_HARD) {
        st->reason = CCP_POOL_R_COOLING;
        return;
    }

    if (p->max_inflight && f.slot[CCP_POOL_S_TARGET]
        && f.slot[CCP_POOL_S_TARGET]->inflight >= p->max_inflight)
    {
        st->reason = CCP_POOL_R_BUSY;
        st->wait = 0;
        return;
    }

    if (f.slot[CCP_POOL_S_RATE]
        && !ccp_pool_rate_fits(&f.slot[CCP_POOL_S_RATE]->rate, p, rq->tokens,
                               now))
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

        rq->flags[i] &= (unsigned char) ~(CCP_POOL_FIT|CCP_POOL_TURN);

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

        if (!(rq->flags[i] & CCP_POOL_FIT)
            && list->pairs[i].backup == best % 2)
        {
            rq->flags[i] |= CCP_POOL_TURN;
        }
    }

    for (i = 0; rq->owner && i < list->n; i++) {
        if (rq->flags[i] & CCP_POOL_FIT && list->pairs[i].key == rq->owner) {
            return i;
        }
    }

    return ccp_pool_choose(pool, list, rq->flags, rq->session);
}


/* The less hope for a pair that cools, the higher. */

static int
ccp_pool_despair(const ccp_pool_list_t *list, const ccp_pool_request_t *rq,
    size_t i, const ccp_pool_state_t *st)
{
    int  refused;

    refused = st->why == CCP_POOL_KEY || st->why == CCP_POOL_MONEY;

    return 4 * refused + ccp_pool_rank(list, rq, i);
}


/* The pair that only our own rules keep back, and for the shortest time. */

static size_t
ccp_pool_last_resort(ccp_pool_t *pool, ccp_pool_list_t *list,
    const ccp_pool_request_t *rq, uint64_t now)
{
    int               despair, least;
    size_t            i, best;
    uint64_t          wait;
    ccp_pool_state_t  st;

    best = list->n;
    wait = 0;
    least = 0;

    for (i = 0; i < list->n; i++) {

        if (rq->flags[i] & CCP_POOL_TRIED) {
            continue;
        }

        ccp_pool_state(pool, &list->pairs[i], rq, now, &st);

        if (st.reason != CCP_POOL_R_NONE) {
            continue;
        }

        despair = ccp_pool_despair(list, rq, i, &st);

        if (best == list->n || despair < least
            || (despair == least && st.wait < wait))
        {
            best = i;
            wait = st.wait;
            least = despair;
        }
    }

    return best;
}


/* Counts a try in (1) or out (-1), for its pair and its target. */

static void
ccp_pool_counts(ccp_pool_t *pool, ccp_pool_pair_t *p,
    const ccp_pool_ticket_t *t, int n)
{
    ccp_pool_slot_t  *s;

    s = ccp_pool_slot(pool, p->pair, &p->slot[CCP_POOL_S_PAIR]);

    if (s) {
        ccp_pool_count(pool, s, t->worker, t->gen, n);
    }

    s = ccp_pool_slot(pool, p->target, &p->slot[CCP_POOL_S_TARGET]);

    if (s) {
        ccp_pool_count(pool, s, t->worker, t->gen, n);
    }
}


static void
ccp_pool_take(ccp_pool_t *pool, ccp_pool_list_t *list,
    const ccp_pool_worker_t *w, ccp_pool_request_t *rq, uint64_t now,
    ccp_pool_ticket_t *t)
{
    int                k;
    ccp_pool_pair_t   *p;
    ccp_pool_found_t   f;

    p = &list->pairs[t->index];

    t->worker = w->id;
    t->gen = w->gen;
    t->begun = now;
    t->cool = ccp_pool_model_name(p, rq->model);
    t->tokens = rq->tokens > 0 ? rq->tokens : 0;
    t->held = 1;

    ccp_pool_found(pool, p, t->cool, &f);

    for (k = 0; k < CCP_POOL_NGATES; k++) {

        if (f.gate[k]
            && ccp_pool_gate_level(f.gate[k], now) == CCP_POOL_PROBE)
        {
            ccp_pool_gate_probe(f.gate[k], t->worker, now);
            t->probes |= 1u << k;
        }
    }

    f.slot[CCP_POOL_S_PAIR] = ccp_pool_slot(pool, p->pair,
                                            &p->slot[CCP_POOL_S_PAIR]);

    for (k = 0; k < CCP_POOL_NSLOTS; k++) {
        if (f.slot[k]) {
            f.slot[k]->seen = now;
            f.slot[k]->asked = (uint32_t) (now / 1000);
        }
    }

    if (p->client) {
        ccp_pool_model_seen(pool, t->cool, now);
    }

    if (f.slot[CCP_POOL_S_RATE]) {
        ccp_pool_rate_charge(&f.slot[CCP_POOL_S_RATE]->rate, 1, t->tokens,
                             now);
    }

    ccp_pool_counts(pool, p, t, 1);

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

    if (i == list->n) {
        i = ccp_pool_last_resort(pool, list, rq, now);
    }

    if (i == list->n) {
        return 0;
    }

    t->index = (uint32_t) i;
    ccp_pool_take(pool, list, w, rq, now, t);

    return 1;
}


uint64_t
ccp_pool_wait(ccp_pool_t *pool, ccp_pool_list_t *list,
    const ccp_pool_request_t *rq, uint64_t now)
{
    size_t            i;
    uint64_t          wait;
    ccp_pool_state_t  st;

    wait = 0;

    for (i = 0; i < list->n; i++) {

        ccp_pool_state(pool, &list->pairs[i], rq, now, &st);

        if ((st.reason == CCP_POOL_R_COOLING || st.reason == CCP_POOL_R_LIMIT)
            && (wait == 0 || st.wait < wait))
        {
            wait = st.wait;
        }
    }

    return wait;
}


void
ccp_pool_renew(const ccp_pool_list_t *list, ccp_pool_request_t *rq)
{
    size_t  i;

    for (i = 0; i < list->n; i++) {
        rq->flags[i] &= (unsigned char) ~(CCP_POOL_TRIED|CCP_POOL_AVOID);
    }

    rq->tries = 0;
}


/*
 * A fault of a target or a key: the request's further tries go to other
 * targets first.  Whether the request has told of it already.
 */

static int
ccp_pool_again(const ccp_pool_list_t *list, ccp_pool_request_t *rq,
    size_t index, int closes)
{
    int            again;
    size_t         i;
    uint64_t       name;
    unsigned char  flag;

    flag = closes == CCP_POOL_S_TARGET ? CCP_POOL_AVOID : CCP_POOL_STRUCK;
    again = !!(rq->flags[index] & flag);
    name = ccp_pool_pair_name(&list->pairs[index], closes);

    for (i = 0; i < list->n && !again; i++) {
        if (ccp_pool_pair_name(&list->pairs[i], closes) == name) {
            rq->flags[i] |= flag;
        }
    }

    return again;
}


/* Closes the gate of key and model, which clients' models get by that. */

static void
ccp_pool_cool(ccp_pool_t *pool, const ccp_pool_pair_t *p,
    const ccp_pool_found_t *f, const ccp_pool_ticket_t *t,
    ccp_pool_outcome_e outcome, uint64_t wait, uint64_t now)
{
    ccp_pool_gate_t  *g, *last;

    g = p->client ? ccp_pool_model_make(pool, t->cool, now)
                  : f->gate[CCP_POOL_S_COOL];

    if (g == NULL) {
        return;
    }

    ccp_pool_gate_fault(g, outcome, t->probes >> CCP_POOL_S_COOL & 1,
                        t->begun, wait, now);

    if (p->client && f->slot[CCP_POOL_S_COOL]) {
        last = &f->slot[CCP_POOL_S_COOL]->gate;
        *last = g->until > last->until ? *g : *last;
    }
}


void
ccp_pool_report(ccp_pool_t *pool, ccp_pool_list_t *list,
    ccp_pool_request_t *rq, ccp_pool_ticket_t *t, ccp_pool_outcome_e outcome,
    uint64_t wait, uint64_t now)
{
    int                k, closes, probe, fault;
    ccp_pool_pair_t   *p;
    ccp_pool_slot_t   *s;
    ccp_pool_found_t   f;

    if (t->told || !t->held) {
        return;
    }

    t->told = 1;

    p = &list->pairs[t->index];
    ccp_pool_found(pool, p, t->cool, &f);

    closes = ccp_pool_effects[outcome].closes;

    fault = 1;

    if (rq && (closes == CCP_POOL_S_TARGET || closes == CCP_POOL_S_KEY)) {
        fault = !ccp_pool_again(list, rq, t->index, closes);
    }

    if (outcome == CCP_POOL_DOUBT && f.gate[CCP_POOL_S_KEY]) {
        fault &= ccp_pool_gate_doubt(f.gate[CCP_POOL_S_KEY],
                                     rq ? rq->client : 0);
    }

    s = ccp_pool_slot(pool, p->pair, &p->slot[CCP_POOL_S_PAIR]);

    if (s) {
        s->served += (outcome == CCP_POOL_GOOD);
        s->failed += (closes != -1);
    }

    /* whoever named a time means this key and this model */

    if (wait && closes == CCP_POOL_S_TARGET) {
        ccp_pool_cool(pool, p, &f, t, outcome, wait, now);
        wait = 0;
    }

    if (closes == CCP_POOL_S_COOL) {
        ccp_pool_cool(pool, p, &f, t, outcome, wait, now);
    }

    for (k = 0; k < CCP_POOL_NGATES; k++) {

        if (f.gate[k] == NULL || (k == closes && k == CCP_POOL_S_COOL)) {
            continue;
        }

        probe = !!(t->probes & (1u << k));

        if (k == closes && fault) {
            ccp_pool_gate_fault(f.gate[k], outcome, probe, t->begun, wait,
                                now);

        } else if (ccp_pool_effects[outcome].lives && k > closes) {
            ccp_pool_gate_good(f.gate[k], t->begun);

        } else if (probe) {
            ccp_pool_gate_unprobe(f.gate[k]);
        }
    }

    if (p->client) {
        ccp_pool_model_seen(pool, t->cool, now);
    }
}


void
ccp_pool_free(ccp_pool_t *pool, ccp_pool_list_t *list,
    ccp_pool_ticket_t *t, int64_t tokens, uint64_t now)
{
    ccp_pool_pair_t  *p;
    ccp_pool_slot_t  *s;

    if (!t->held) {
        return;
    }

    ccp_pool_report(pool, list, NULL, t, CCP_POOL_NOTHING, 0, now);

    t->held = 0;

    p = &list->pairs[t->index];
    ccp_pool_counts(pool, p, t, -1);

    s = p->rate ? ccp_pool_slot(pool, p->rate, &p->slot[CCP_POOL_S_RATE])
                : NULL;

    if (s && tokens >= 0 && tokens <= CCP_POOL_TOKENS_MAX) {
        ccp_pool_rate_charge(&s->rate, 0, tokens - t->tokens, now);
    }
}


void
ccp_pool_look(ccp_pool_t *pool, const ccp_pool_pair_t *pair, uint64_t now,
    ccp_pool_look_t *look)
{
    int                k;
    ccp_pool_slot_t   *s[CCP_POOL_NSLOTS];
    ccp_pool_gate_t   *last, *gate[CCP_POOL_NGATES];
    ccp_pool_state_t   st;

    memset(look, 0, sizeof(ccp_pool_look_t));

    for (k = 0; k < CCP_POOL_S_RATE; k++) {
        s[k] = ccp_pool_find(pool, ccp_pool_pair_name(pair, k));
    }

    for (k = 0; k < CCP_POOL_NGATES; k++) {
        gate[k] = s[k] ? &s[k]->gate : NULL;
    }

    if (s[CCP_POOL_S_PAIR]) {
        look->inflight = s[CCP_POOL_S_PAIR]->inflight;
        look->served = s[CCP_POOL_S_PAIR]->served;
        look->failed = s[CCP_POOL_S_PAIR]->failed;
        look->asked = s[CCP_POOL_S_PAIR]->asked;
    }

    if (s[CCP_POOL_S_TARGET]) {
        look->target_inflight = s[CCP_POOL_S_TARGET]->inflight;
    }

    look->weight = ccp_pool_weight(s[CCP_POOL_S_PAIR], pair);
    look->held = ccp_pool_rulings(s);

    last = NULL;

    if (pair->client) {
        last = gate[CCP_POOL_S_COOL];
        gate[CCP_POOL_S_COOL] = NULL;
    }

    ccp_pool_gates(gate, now, &st);

    /* what one model waits for hides nothing that all of them wait for */

    if (st.wait == 0 && last && last->until > now) {
        look->models = 1;
        st.wait = last->until - now;
        st.why = (ccp_pool_outcome_e) last->why;
    }

    look->wait = st.wait;
    look->why = st.why;
    look->probing = (st.wait == 0 && st.level != CCP_POOL_OPEN);
}
