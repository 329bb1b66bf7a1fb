
/*
 * Accounts: where they lie, and their snapshots.
 */

#include <stdlib.h>

#include "pool/pool_account_private.h"


/* "ccpstate", and the version of what lies behind. */
#define CCP_STATE_MAGIC    UINT64_C(0x6574617473706363)
#define CCP_STATE_VERSION  1


typedef struct {
    uint64_t  magic;
    uint32_t  version;
    uint32_t  row;             /* bytes of one */
    uint64_t  n;
    uint64_t  sum;             /* hash of all rows */
    uint64_t  unused;
} ccp_state_head_t;

_Static_assert(sizeof(ccp_state_head_t) == CCP_STATE_HEAD, "head of a state");


size_t
ccp_accounts_size(void)
{
    return sizeof(ccp_accounts_t);
}


size_t
ccp_accounts_max(void)
{
    return CCP_ACCOUNTS_MAX;
}


size_t
ccp_accounts_number(const ccp_accounts_t *a)
{
    return a->n;
}


int
ccp_accounts_new(ccp_accounts_t *a)
{
    int  is_new;

    is_new = !a->old;
    a->old = 1;

    return is_new;
}


ccp_accounts_t *
ccp_accounts_init(void *mem)
{
    ccp_accounts_t  *a = mem;

    a->day = -1;
    a->version = 1;

    return a;
}


/* The place in the index of a name, or where it would be. */

static uint32_t
ccp_account_place(const ccp_accounts_t *a, uint64_t name)
{
    uint32_t  i;

    for (i = name & (CCP_ACCOUNTS_INDEX - 1); a->index[i];
         i = (i + 1) & (CCP_ACCOUNTS_INDEX - 1))
    {
        if (a->account[a->index[i] - 1].name == name) {
            break;
        }
    }

    return i;
}


ccp_account_t *
ccp_account_at(ccp_accounts_t *a, uint32_t *at, uint64_t name)
{
    uint32_t  i;

    if (*at < a->n && a->account[*at].name == name) {
        return &a->account[*at];
    }

    i = a->index[ccp_account_place(a, name)];

    if (i == 0) {
        return NULL;
    }

    *at = i - 1;

    return &a->account[*at];
}


static ccp_account_t *
ccp_account_make(ccp_accounts_t *a, uint64_t name)
{
    ccp_account_t  *c;

    if (a->n == CCP_ACCOUNTS_MAX) {
        return NULL;
    }

    c = &a->account[a->n];

    memset(c, 0, sizeof(ccp_account_t));
    c->name = name;

    a->index[ccp_account_place(a, name)] = ++a->n;

    return c;
}


ccp_account_t *
ccp_account_get(ccp_accounts_t *a, ccp_limits_t *limits)
{
    ccp_account_t  *c;

    c = ccp_account_at(a, &limits->at, limits->name);

    if (c == NULL) {
        c = ccp_account_make(a, limits->name);

        if (c) {
            limits->at = (uint32_t) (c - a->account);
        }
    }

    return c;
}


/* ---- room ---- */

static int
ccp_account_later(const void *one, const void *two)
{
    const ccp_account_t  *a = one;
    const ccp_account_t  *b = two;

    if (a->kept != b->kept) {
        return a->kept ? -1 : 1;
    }

    return a->seen < b->seen ? 1 : a->seen > b->seen ? -1 : 0;
}


/* Forgets what was longest without use, and nobody keeps: a quarter at least,
 * so that it happens seldom. */

static void
ccp_accounts_thin(ccp_accounts_t *a, size_t room)
{
    uint32_t  i, n;

    qsort(a->account, a->n, sizeof(ccp_account_t), ccp_account_later);

    n = a->n;
    a->n -= a->n / 4;

    if (a->n + room > CCP_ACCOUNTS_MAX) {
        a->n = room < CCP_ACCOUNTS_MAX
               ? (uint32_t) (CCP_ACCOUNTS_MAX - room) : 0;
    }

    while (a->n < n && a->account[a->n].kept) {
        a->n++;
    }

    memset(a->index, 0, sizeof(a->index));

    for (i = 0; i < a->n; i++) {
        a->index[ccp_account_place(a, a->account[i].name)] = i + 1;
    }
}


size_t
ccp_accounts_bind(ccp_accounts_t *a, ccp_limits_t **limits, size_t n)
{
    size_t          i, missing;
    ccp_account_t  *c;

    missing = 0;

    for (i = 0; i < n; i++) {
        c = ccp_account_at(a, &limits[i]->at, limits[i]->name);

        if (c) {
            c->kept = 1;

        } else {
            missing++;
        }
    }

    if (a->n + missing > CCP_ACCOUNTS_MAX) {
        ccp_accounts_thin(a, missing);
    }

    missing = 0;

    for (i = 0; i < n; i++) {
        c = ccp_account_get(a, limits[i]);

        if (c) {
            c->kept = 0;

        } else {
            missing++;
        }
    }

    return missing;
}


/* ---- snapshots ---- */

uint64_t
ccp_accounts_version(const ccp_accounts_t *a)
{
    return a->version;
}


size_t
ccp_accounts_copy(const ccp_accounts_t *a, size_t from,
    ccp_account_row_t *rows, size_t max)
{
    size_t                i, n;
    const ccp_account_t  *c;

    n = from < a->n ? a->n - from : 0;
    n = n < max ? n : max;

    for (i = 0; i < n; i++) {
        c = &a->account[from + i];

        rows[i].name = c->name;
        rows[i].seen = c->seen;
        rows[i].total = c->total;
        memcpy(rows[i].since, c->since, sizeof(c->since));
        memcpy(rows[i].spent, c->spent, sizeof(c->spent));
    }

    return n;
}


void
ccp_state_seal(void *p, size_t n)
{
    ccp_state_head_t  *head = p;

    memset(head, 0, sizeof(ccp_state_head_t));

    head->magic = CCP_STATE_MAGIC;
    head->version = CCP_STATE_VERSION;
    head->row = sizeof(ccp_account_row_t);
    head->n = n;
    head->sum = ccp_pool_hash(n, head + 1, n * sizeof(ccp_account_row_t));
}


int
ccp_state_ours(const void *p)
{
    const ccp_state_head_t  *head = p;

    return head->magic == CCP_STATE_MAGIC;
}


const ccp_account_row_t *
ccp_state_open(const void *p, size_t size, size_t *n)
{
    const ccp_state_head_t  *head = p;

    if (size < sizeof(ccp_state_head_t)
        || head->magic != CCP_STATE_MAGIC
        || head->version != CCP_STATE_VERSION
        || head->row != sizeof(ccp_account_row_t)
        || head->n > CCP_ACCOUNTS_MAX
        || size != sizeof(ccp_state_head_t)
                   + head->n * sizeof(ccp_account_row_t)
        || head->sum != ccp_pool_hash(head->n, head + 1,
                                      head->n * sizeof(ccp_account_row_t)))
    {
        return NULL;
    }

    *n = head->n;

    return (const ccp_account_row_t *) (head + 1);
}


void
ccp_accounts_load(ccp_accounts_t *a, const ccp_account_row_t *rows, size_t n)
{
    size_t          i;
    uint32_t        at;
    ccp_account_t  *c;

    for (i = 0; i < n; i++) {
        at = 0;

        if (ccp_account_at(a, &at, rows[i].name)) {
            continue;
        }

        c = ccp_account_make(a, rows[i].name);

        if (c == NULL) {
            return;
        }

        c->seen = rows[i].seen;
        c->total = rows[i].total;
        memcpy(c->since, rows[i].since, sizeof(c->since));
        memcpy(c->spent, rows[i].spent, sizeof(c->spent));
    }
}
