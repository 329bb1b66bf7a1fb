
/*
 * Accounts: who is let in, what is booked, what outlasts a process and a
 * restart.
 */

#include <string.h>

#include "pool/pool_account.h"
#include "ut.h"


#define UT_DAY   86400
#define UT_NOW   1000000000000

/* 2026-11-29, a Sunday, noon. */
#define UT_WALL  INT64_C(1795953600)


static ccp_accounts_t *
ut_accounts(void)
{
    return ccp_accounts_init(calloc(1, ccp_accounts_size()));
}


static ccp_limits_t
ut_limits(uint64_t name)
{
    ccp_limits_t  l;

    memset(&l, 0, sizeof(l));
    l.name = name;

    return l;
}


static void
ut_budget(ccp_limits_t *l, ccp_budget_period_e period, int tokens,
    int64_t limit)
{
    l->budget[l->nbudgets].period = period;
    l->budget[l->nbudgets].tokens = tokens != 0;
    l->budget[l->nbudgets++].limit = limit;
}


/* What stands in the way of a request that may use so much. */

static ccp_refusal_t
ut_enter(ccp_accounts_t *a, ccp_limits_t **l, size_t n, int64_t may,
    uint64_t now, int64_t wall, ccp_account_ticket_t *t)
{
    int            in;
    ccp_amount_t   amount;
    ccp_refusal_t  r;

    amount.tokens = may;
    amount.money = may;

    in = ccp_account_enter(a, 7, l, n, &amount, now, wall, t, &r);
    UT_CHECK(in == (r.limit == CCP_LIMIT_NONE), "in, or a reason");

    return r;
}


static void
ut_leave(ccp_accounts_t *a, ccp_account_ticket_t *t, int64_t used,
    uint64_t now, int64_t wall)
{
    ccp_amount_t  amount;

    amount.tokens = used;
    amount.money = used;

    (void) ccp_account_leave(a, t, &amount, now, wall);
}


static void
ut_minute(void)
{
    int                    i;
    ccp_limits_t           l, *p;
    ccp_refusal_t          r;
    ccp_accounts_t        *a;
    ccp_account_ticket_t   t;

    a = ut_accounts();
    l = ut_limits(1);
    l.rpm = 3;
    p = &l;

    for (i = 0; i < 3; i++) {
        r = ut_enter(a, &p, 1, 0, UT_NOW, UT_WALL, &t);
        UT_CHECK(r.limit == CCP_LIMIT_NONE, "request %d of 3", i + 1);
        ut_leave(a, &t, 0, UT_NOW, UT_WALL);
    }

    r = ut_enter(a, &p, 1, 0, UT_NOW, UT_WALL, &t);
    UT_CHECK(r.limit == CCP_LIMIT_RPM && r.wait > 0 && r.wait <= 120000,
             "the fourth has to wait");

    UT_CHECK(ut_enter(a, &p, 1, 0, UT_NOW + r.wait - 2, UT_WALL, &t).limit
             == CCP_LIMIT_RPM, "not a moment less");
    UT_CHECK(ut_enter(a, &p, 1, 0, UT_NOW + r.wait, UT_WALL, &t).limit
             == CCP_LIMIT_NONE, "than it was told");

    free(a);
}


static void
ut_reserve(void)
{
    ccp_limits_t           l, *p;
    ccp_accounts_t        *a;
    ccp_account_look_t     look;
    ccp_account_ticket_t   t[3], copy;

    a = ut_accounts();
    l = ut_limits(1);
    l.concurrency = 3;
    ut_budget(&l, CCP_BUDGET_DAY, 1, 100);
    p = &l;

    UT_CHECK(ut_enter(a, &p, 1, 60, UT_NOW, UT_WALL, &t[0]).limit == 0
             && ut_enter(a, &p, 1, 60, UT_NOW, UT_WALL, &t[1]).limit == 0,
             "two reserve more than there is");
    UT_CHECK(ut_enter(a, &p, 1, 60, UT_NOW, UT_WALL, &t[2]).limit
             == CCP_LIMIT_RESERVED, "a third does not");

    ccp_account_look(a, &l, UT_NOW, UT_WALL, &look);
    UT_CHECK(look.inflight == 2 && look.reserved.tokens == 120
             && look.spent[CCP_BUDGET_DAY].tokens == 0, "what is reserved");

    copy = t[0];
    ut_leave(a, &t[0], 42, UT_NOW, UT_WALL);
    ut_leave(a, &t[0], 42, UT_NOW, UT_WALL);
    ut_leave(a, &copy, 42, UT_NOW, UT_WALL);

    ccp_account_look(a, &l, UT_NOW, UT_WALL, &look);
    UT_CHECK(look.inflight == 1 && look.reserved.tokens == 60
             && look.spent[CCP_BUDGET_DAY].tokens == 42
             && look.spent[CCP_BUDGET_TOTAL].money == 42,
             "what was used is booked once, however often it is told");

    ut_leave(a, &t[1], 60, UT_NOW, UT_WALL);
    UT_CHECK(ut_enter(a, &p, 1, 1, UT_NOW, UT_WALL, &t[2]).limit
             == CCP_LIMIT_BUDGET, "the budget is used up");

    free(a);
}


static void
ut_periods(void)
{
    size_t                 i;
    int64_t                end;
    ccp_limits_t           l, *p;
    ccp_refusal_t          r;
    ccp_accounts_t        *a;
    ccp_account_ticket_t   t;

    static const struct {
        ccp_budget_period_e  period;
        int64_t              wall;
        int64_t              end;
    } ends[] = {
        { CCP_BUDGET_DAY, UT_WALL, INT64_C(1795996800) },
        { CCP_BUDGET_WEEK, UT_WALL, INT64_C(1795996800) },
        { CCP_BUDGET_WEEK, UT_WALL + UT_DAY, INT64_C(1796601600) },
        { CCP_BUDGET_MONTH, UT_WALL, INT64_C(1796083200) },
        { CCP_BUDGET_MONTH, 0, 31 * UT_DAY },
        { CCP_BUDGET_MONTH, INT64_C(1709164800), INT64_C(1709251200) },
        { CCP_BUDGET_MONTH, INT64_C(1704067199), INT64_C(1704067200) },
        { CCP_BUDGET_MONTH, INT64_C(4107542399), INT64_C(4107542400) },
        { CCP_BUDGET_TOTAL, UT_WALL, 0 }
    };

    for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        end = ccp_budget_end(ends[i].period, ends[i].wall);
        UT_CHECK(end == ends[i].end, "period %d of %lld ends at %lld",
                 (int) ends[i].period, (long long) ends[i].wall,
                 (long long) end);
    }

    for (i = 0; i < CCP_BUDGET_PERIODS; i++) {
        a = ut_accounts();
        l = ut_limits(1);
        ut_budget(&l, (ccp_budget_period_e) i, 0, 10);
        p = &l;

        (void) ut_enter(a, &p, 1, 0, UT_NOW, UT_WALL, &t);
        ut_leave(a, &t, 10, UT_NOW, UT_WALL);

        r = ut_enter(a, &p, 1, 0, UT_NOW, UT_WALL, &t);
        end = ccp_budget_end((ccp_budget_period_e) i, UT_WALL);

        UT_CHECK(r.limit == CCP_LIMIT_BUDGET
                 && r.budget.period == (ccp_budget_period_e) i
                 && r.wait == (end ? (uint64_t) (end - UT_WALL) * 1000 : 0),
                 "period %d: used up, and for how long", (int) i);

        r = ut_enter(a, &p, 1, 0, UT_NOW, UT_WALL + 40 * UT_DAY, &t);
        UT_CHECK(r.limit == (i == CCP_BUDGET_TOTAL ? CCP_LIMIT_BUDGET
                                                   : CCP_LIMIT_NONE),
                 "period %d: and after it", (int) i);

        free(a);
    }
}


static void
ut_group(void)
{
    ccp_limits_t           one, two, group, *p[2];
    ccp_refusal_t          r;
    ccp_accounts_t        *a;
    ccp_account_look_t     look;
    ccp_account_ticket_t   t;

    a = ut_accounts();
    one = ut_limits(1);
    two = ut_limits(2);
    group = ut_limits(3);
    group.rpm = 2;

    p[1] = &group;
    p[0] = &one;
    (void) ut_enter(a, p, 2, 0, UT_NOW, UT_WALL, &t);
    ut_leave(a, &t, 5, UT_NOW, UT_WALL);

    p[0] = &two;
    (void) ut_enter(a, p, 2, 0, UT_NOW, UT_WALL, &t);
    ut_leave(a, &t, 6, UT_NOW, UT_WALL);

    r = ut_enter(a, p, 2, 0, UT_NOW, UT_WALL, &t);
    UT_CHECK(r.limit == CCP_LIMIT_RPM && r.of == 1,
             "a group's limit is that of all its clients");

    ccp_account_look(a, &two, UT_NOW, UT_WALL, &look);
    UT_CHECK(look.requests == 1 && look.spent[CCP_BUDGET_DAY].tokens == 6,
             "who is turned away by the group has nothing booked");

    ccp_account_look(a, &group, UT_NOW, UT_WALL, &look);
    UT_CHECK(look.requests == 2 && look.spent[CCP_BUDGET_DAY].tokens == 11,
             "the group has all of it");

    free(a);
}


static void
ut_dead(void)
{
    size_t                 i;
    ccp_amount_t           amount = { 5, 5 };
    ccp_limits_t           l, *p;
    ccp_refusal_t          r;
    ccp_accounts_t        *a;
    ccp_account_look_t     look;
    ccp_account_ticket_t   t[4];

    a = ut_accounts();
    l = ut_limits(1);
    p = &l;

    for (i = 0; i < 4; i++) {
        (void) ccp_account_enter(a, i < 3 ? 11 : 12, &p, 1, &amount, UT_NOW,
                                 UT_WALL, &t[i], &r);
    }

    i = 0;
    UT_CHECK(ccp_account_process(a, &i) == 11
             && ccp_account_process(a, &i) == 12
             && ccp_account_process(a, &i) == 0, "processes with requests");

    UT_CHECK(ccp_account_forget(a, 11) == 3, "three of the one that died");

    ccp_account_look(a, &l, UT_NOW, UT_WALL, &look);
    UT_CHECK(look.inflight == 1 && look.reserved.tokens == 5
             && look.spent[CCP_BUDGET_DAY].tokens == 0 && look.total == 4,
             "are given back");

    UT_CHECK(ccp_account_leave(a, &t[0], &amount, UT_NOW, UT_WALL) == 0,
             "and can't be booked any more");
    UT_CHECK(ccp_account_leave(a, &t[3], &amount, UT_NOW, UT_WALL) == 1,
             "the other can");
    UT_CHECK(ccp_account_forget(a, 12) == 0, "it has none left");

    free(a);
}


static void
ut_state(void)
{
    size_t                     n, size;
    unsigned char             *text;
    ccp_limits_t               l, *p;
    ccp_accounts_t            *a, *b;
    ccp_account_look_t         look;
    ccp_account_ticket_t       t;
    const ccp_account_row_t   *rows;

    a = ut_accounts();
    l = ut_limits(77);
    p = &l;

    (void) ut_enter(a, &p, 1, 9, UT_NOW, UT_WALL, &t);
    ut_leave(a, &t, 42, UT_NOW, UT_WALL);
    (void) ut_enter(a, &p, 1, 9, UT_NOW, UT_WALL, &t);

    size = CCP_STATE_HEAD + 2 * sizeof(ccp_account_row_t);
    text = calloc(1, size);

    n = ccp_accounts_copy(a, 0,
                          (ccp_account_row_t *) (text + CCP_STATE_HEAD), 2);
    UT_CHECK(n == 1 && ccp_accounts_number(a) == 1, "one account");

    ccp_state_seal(text, n);
    size -= sizeof(ccp_account_row_t);

    rows = ccp_state_open(text, size, &n);
    UT_CHECK(rows && n == 1 && ccp_state_ours(text), "a snapshot of it");

    b = ut_accounts();
    UT_CHECK(ccp_accounts_new(b) && !ccp_accounts_new(b), "new once");
    ccp_accounts_load(b, rows, n);

    l.at = 0;
    ccp_account_look(b, &l, UT_NOW, UT_WALL, &look);
    UT_CHECK(look.spent[CCP_BUDGET_WEEK].tokens == 42 && look.total == 2
             && look.inflight == 0 && look.reserved.tokens == 0,
             "what was spent is there, what was reserved is not");

    ccp_account_look(b, &l, UT_NOW, UT_WALL + UT_DAY, &look);
    UT_CHECK(look.spent[CCP_BUDGET_DAY].tokens == 0
             && look.spent[CCP_BUDGET_MONTH].tokens == 42, "the next day");

    UT_CHECK(ccp_state_open(text, size - 1, &n) == NULL
             && ccp_state_open(text, 10, &n) == NULL, "cut off");

    for (n = 0; n < size; n++) {
        text[n] ^= 1;

        if (n < 32 || n >= CCP_STATE_HEAD) {
            size_t  m;

            UT_CHECK(ccp_state_open(text, size, &m) == NULL,
                     "a bit at %d", (int) n);
        }

        text[n] ^= 1;
    }

    free(text);
    free(a);
    free(b);
}


/* More names than there is room for, over many configurations. */

static void
ut_room(void)
{
    size_t                 i, n, max;
    ccp_limits_t          *l, **p;
    ccp_accounts_t        *a;
    ccp_account_look_t     look;
    ccp_account_ticket_t   t;

    a = ut_accounts();
    max = ccp_accounts_max();
    n = max * 3 / 4;

    l = calloc(n, sizeof(ccp_limits_t));
    p = calloc(n, sizeof(ccp_limits_t *));

    for (i = 0; i < n; i++) {
        l[i].name = 1 + i * 2654435761u;
        p[i] = &l[i];
    }

    UT_CHECK(ccp_accounts_bind(a, p, n) == 0, "all have an account");

    (void) ut_enter(a, &p[5], 1, 0, UT_NOW, UT_WALL, &t);
    ut_leave(a, &t, 42, UT_NOW, UT_WALL);

    for (i = 100; i < n; i++) {
        l[i].name += 1;
    }

    UT_CHECK(ccp_accounts_bind(a, p, n) == 0,
             "so have others in the place of most of them");
    UT_CHECK(ccp_accounts_number(a) <= max, "in the same room");

    ccp_account_look(a, &l[5], UT_NOW, UT_WALL, &look);
    UT_CHECK(look.spent[CCP_BUDGET_DAY].tokens == 42,
             "who stays has what was there");

    free(l);
    free(p);
    free(a);
}


int
main(void)
{
    ut_minute();
    ut_reserve();
    ut_periods();
    ut_group();
    ut_dead();
    ut_state();
    ut_room();

    return ut_done();
}
