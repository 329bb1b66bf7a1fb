
/*
 * Accounts: requests enter and leave.
 */

#include "pool/pool_account_private.h"


/* While what is left is reserved, an answer may end at any moment. */
#define CCP_ACCOUNT_RETRY  2000

#define CCP_ACCOUNT_DAY    86400


/* ---- periods ---- */

/* The first day of the month, and of the next one, that a day since 1970
 * lies in. */

static void
ccp_account_month(int64_t day, int64_t *first, int64_t *next)
{
    int64_t   y, doy, d, n;
    unsigned  m;

    static const unsigned char  days[] = {
        31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
    };

    y = 1970 + day / 366;

#define ccp_leap(y)    ((y) % 4 == 0 && ((y) % 100 != 0 || (y) % 400 == 0))
#define ccp_before(y)  (((y) - 1) / 4 - ((y) - 1) / 100 + ((y) - 1) / 400)
#define ccp_year(y)    (((y) - 1970) * 365 + ccp_before(y) - ccp_before(1970))

    while (ccp_year(y + 1) <= day) {
        y++;
    }

    doy = day - ccp_year(y);
    d = 0;

    for (m = 0; /* void */; m++) {
        n = days[m] + (m == 1 && ccp_leap(y));

        if (doy < d + n) {
            break;
        }

        d += n;
    }

    *first = day - doy + d;
    *next = *first + n;
}


/* Beginning and end of the period that a moment lies in; 0, 0: it has none. */

static void
ccp_account_period(ccp_budget_period_e period, int64_t wall, int64_t *begin,
    int64_t *end)
{
    int64_t  day;

    day = wall / CCP_ACCOUNT_DAY;

    switch (period) {

    case CCP_BUDGET_DAY:
        *begin = day;
        *end = day + 1;
        break;

    case CCP_BUDGET_WEEK:

        /* 1970 began on a Thursday */

        *begin = day - (day + 3) % 7;
        *end = *begin + 7;
        break;

    case CCP_BUDGET_MONTH:
        ccp_account_month(day, begin, end);
        break;

    default: /* CCP_BUDGET_TOTAL */
        *begin = 0;
        *end = 0;
        break;
    }

    *begin *= CCP_ACCOUNT_DAY;
    *end *= CCP_ACCOUNT_DAY;
}


int64_t
ccp_budget_end(ccp_budget_period_e period, int64_t wall)
{
    int64_t  begin, end;

    ccp_account_period(period, wall, &begin, &end);

    return end;
}


/* Lets what was spent in earlier periods go. */

static void
ccp_account_roll(ccp_accounts_t *a, ccp_account_t *c, int64_t wall)
{
    int       i;
    int64_t   begin, day;

    day = wall / CCP_ACCOUNT_DAY;

    if (day != a->day) {
        a->day = day;

        for (i = 0; i < CCP_BUDGET_PERIODS; i++) {
            ccp_account_period((ccp_budget_period_e) i, wall, &begin,
                               &a->end[i]);
            a->since[i] = begin;
        }
    }

    for (i = 0; i < CCP_BUDGET_TOTAL; i++) {

        if (c->since[i] != a->since[i]) {
            c->since[i] = a->since[i];
            c->spent[i].tokens = 0;
            c->spent[i].money = 0;
        }
    }
}


/* ---- limits ---- */

static int
ccp_account_refuse(ccp_refusal_t *r, ccp_limit_e limit, uint32_t of,
    uint64_t wait)
{
    r->limit = limit;
    r->of = of;
    r->wait = wait;

    return 0;
}


static int
ccp_account_budgets(ccp_accounts_t *a, const ccp_account_t *c,
    const ccp_limits_t *l, uint32_t of, int64_t wall, ccp_refusal_t *r)
{
    uint32_t             i;
    int64_t              spent, reserved;
    const ccp_budget_t  *b;

    for (i = 0; i < l->nbudgets; i++) {
        b = &l->budget[i];

        spent = b->tokens ? c->spent[b->period].tokens
                          : c->spent[b->period].money;
        reserved = b->tokens ? c->reserved.tokens : c->reserved.money;

        if (spent < b->limit && spent + reserved < b->limit) {
            continue;
        }

        r->budget = *b;

        if (spent < b->limit) {
            return ccp_account_refuse(r, CCP_LIMIT_RESERVED, of,
                                      CCP_ACCOUNT_RETRY);
        }

        return ccp_account_refuse(r, CCP_LIMIT_BUDGET, of,
                                  b->period == CCP_BUDGET_TOTAL
                                  ? 0
                                  : (uint64_t) (a->end[b->period] - wall)
                                    * 1000);
    }

    return 1;
}


static int
ccp_account_rates(ccp_account_t *c, const ccp_limits_t *l, uint32_t of,
    uint64_t now, ccp_refusal_t *r)
{
    uint64_t  requests, tokens, reserved;

    if (l->concurrency && c->inflight >= l->concurrency) {
        return ccp_account_refuse(r, CCP_LIMIT_CONCURRENCY, of,
                                  CCP_ACCOUNT_RETRY);
    }

    if (l->rpm == 0 && l->tpm == 0) {
        return 1;
    }

    ccp_pool_rate_used(&c->rate, now, &requests, &tokens);

    if (l->rpm && requests >= l->rpm) {
        return ccp_account_refuse(r, CCP_LIMIT_RPM, of,
                                  ccp_pool_rate_until(c->rate.requests[1],
                                                      c->rate.requests[0],
                                                      l->rpm, now));
    }

    reserved = (uint64_t) c->reserved.tokens;

    if (l->tpm && tokens >= l->tpm) {
        return ccp_account_refuse(r, CCP_LIMIT_TPM, of,
                                  ccp_pool_rate_until(c->rate.tokens[1],
                                                      c->rate.tokens[0],
                                                      l->tpm, now));
    }

    if (l->tpm && tokens + reserved >= l->tpm) {
        return ccp_account_refuse(r, CCP_LIMIT_TPM, of, CCP_ACCOUNT_RETRY);
    }

    return 1;
}


/* ---- requests ---- */

static ccp_hold_t *
ccp_account_hold(ccp_accounts_t *a, ccp_account_ticket_t *t)
{
    uint32_t     id;
    ccp_hold_t  *h;

    id = a->free;

    if (id) {
        h = &a->hold[id - 1];
        a->free = h->next;

    } else if (a->nholds < CCP_HOLDS_MAX) {
        id = ++a->nholds;
        h = &a->hold[id - 1];

    } else {
        return NULL;
    }

    h->gen++;
    t->hold = id;
    t->gen = h->gen;

    return h;
}


/* What it reserved is free again, and its place too. */

static void
ccp_account_release(ccp_accounts_t *a, ccp_hold_t *h)
{
    uint32_t        i;
    ccp_account_t  *c;

    for (i = 0; i < h->n; i++) {
        c = ccp_account_at(a, &h->at[i], h->name[i]);

        if (c == NULL || c->inflight == 0) {
            continue;
        }

        c->inflight--;
        c->reserved.tokens -= h->amount.tokens;
        c->reserved.money -= h->amount.money;

        if (c->inflight == 0) {

            /* whatever a process left that died inside of a call */

            memset(&c->reserved, 0, sizeof(ccp_amount_t));
        }
    }

    h->pid = 0;
    h->next = a->free;
    a->free = (uint32_t) (h - a->hold) + 1;
}


static void
ccp_account_book(ccp_accounts_t *a, ccp_account_t *c, const ccp_amount_t *used,
    uint64_t now, int64_t wall)
{
    int  i;

    ccp_account_roll(a, c, wall);

    for (i = 0; i < CCP_BUDGET_PERIODS; i++) {
        c->spent[i].tokens += used->tokens;
        c->spent[i].money += used->money;
    }

    ccp_pool_rate_charge(&c->rate, 0, used->tokens, now);
}


int
ccp_account_enter(ccp_accounts_t *a, uint32_t pid, ccp_limits_t **limits,
    size_t n, const ccp_amount_t *amount, uint64_t now, int64_t wall,
    ccp_account_ticket_t *t, ccp_refusal_t *r)
{
    uint32_t        i;
    ccp_hold_t     *h;
    ccp_account_t  *c[CCP_ACCOUNTS_OF];

    t->hold = 0;
    r->limit = CCP_LIMIT_NONE;

    for (i = 0; i < n; i++) {
        c[i] = ccp_account_get(a, limits[i]);

        if (c[i] == NULL) {
            continue;
        }

        ccp_account_roll(a, c[i], wall);

        if (!ccp_account_budgets(a, c[i], limits[i], i, wall, r)
            || !ccp_account_rates(c[i], limits[i], i, now, r))
        {
            return 0;
        }
    }

    h = ccp_account_hold(a, t);

    if (h) {
        h->pid = pid;
        h->n = 0;
        h->amount = *amount;
    }

    for (i = 0; i < n; i++) {

        if (c[i] == NULL) {
            continue;
        }

        c[i]->seen = wall;
        c[i]->total++;
        ccp_pool_rate_charge(&c[i]->rate, 1, 0, now);

        if (h == NULL) {
            continue;
        }

        h->name[h->n] = limits[i]->name;
        h->at[h->n] = limits[i]->at;
        h->n++;

        c[i]->inflight++;
        c[i]->reserved.tokens += amount->tokens;
        c[i]->reserved.money += amount->money;
    }

    a->version += (n != 0);

    return 1;
}


int
ccp_account_leave(ccp_accounts_t *a, ccp_account_ticket_t *t,
    const ccp_amount_t *used, uint64_t now, int64_t wall)
{
    uint32_t        i;
    ccp_hold_t     *h;
    ccp_account_t  *c;

    if (t->hold == 0) {
        return 0;
    }

    h = &a->hold[t->hold - 1];
    t->hold = 0;

    if (h->pid == 0 || h->gen != t->gen) {
        return 0;
    }

    for (i = 0; i < h->n; i++) {
        c = ccp_account_at(a, &h->at[i], h->name[i]);

        if (c) {
            ccp_account_book(a, c, used, now, wall);
        }
    }

    a->version += (h->n != 0);

    ccp_account_release(a, h);

    return 1;
}


size_t
ccp_account_forget(ccp_accounts_t *a, uint32_t pid)
{
    size_t  i, n;

    n = 0;

    for (i = 0; i < a->nholds; i++) {

        if (a->hold[i].pid == pid) {
            ccp_account_release(a, &a->hold[i]);
            n++;
        }
    }

    return n;
}


uint32_t
ccp_account_process(const ccp_accounts_t *a, size_t *i)
{
    size_t    k;
    uint32_t  pid;

    for ( /* void */ ; *i < a->nholds; (*i)++) {
        pid = a->hold[*i].pid;

        if (pid == 0) {
            continue;
        }

        /* neighbours are mostly of the same */

        for (k = *i; k > 0 && k + 16 > *i; k--) {
            if (a->hold[k - 1].pid == pid) {
                break;
            }
        }

        if (k == 0 || k + 16 == *i) {
            (*i)++;
            return pid;
        }
    }

    return 0;
}


static uint64_t
ccp_account_drained(uint64_t before, uint64_t used, uint64_t now)
{
    return used ? ccp_pool_rate_until(0, used, 1, now)
                : before ? ccp_pool_rate_until(before, 0, 1, now) : 0;
}


void
ccp_account_look(ccp_accounts_t *a, ccp_limits_t *limits, uint64_t now,
    int64_t wall, ccp_account_look_t *look)
{
    ccp_account_t  *c;

    memset(look, 0, sizeof(ccp_account_look_t));

    c = ccp_account_get(a, limits);

    if (c == NULL) {
        return;
    }

    ccp_account_roll(a, c, wall);
    ccp_pool_rate_used(&c->rate, now, &look->requests, &look->tokens);

    look->requests_wait = ccp_account_drained(c->rate.requests[1],
                                              c->rate.requests[0], now);
    look->tokens_wait = ccp_account_drained(c->rate.tokens[1],
                                            c->rate.tokens[0], now);
    look->tokens += (uint64_t) c->reserved.tokens;
    look->inflight = c->inflight;
    look->reserved = c->reserved;
    look->total = c->total;
    memcpy(look->spent, c->spent, sizeof(c->spent));
}
