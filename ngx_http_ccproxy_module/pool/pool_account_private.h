
/*
 * Accounts: what lies in the block, and what its files share.
 */

#ifndef CCP_POOL_ACCOUNT_PRIVATE_H
#define CCP_POOL_ACCOUNT_PRIVATE_H

#include <string.h>

#include "pool/pool_account.h"
#include "pool/pool_private.h"


#define CCP_ACCOUNTS_MAX    65536
#define CCP_ACCOUNTS_INDEX  (2 * CCP_ACCOUNTS_MAX)

/* Requests under way at a time; of more none is given back if their process
 * dies, and they reserve nothing. */
#define CCP_HOLDS_MAX       65536


typedef struct {
    uint64_t         name;
    int64_t          seen;
    uint64_t         total;
    int64_t          since[CCP_BUDGET_PERIODS];
    ccp_amount_t     spent[CCP_BUDGET_PERIODS];
    ccp_amount_t     reserved;
    ccp_pool_rate_t  rate;
    uint32_t         inflight;
    uint32_t         kept;     /* while others are forgotten */
} ccp_account_t;

typedef struct {
    uint32_t         pid;      /* 0: free */
    uint32_t         gen;      /* of its use */
    uint32_t         next;     /* free one, + 1; 0: none */
    uint32_t         n;
    uint32_t         at[CCP_ACCOUNTS_OF];
    uint64_t         name[CCP_ACCOUNTS_OF];
    ccp_amount_t     amount;
} ccp_hold_t;

struct ccp_accounts_s {
    uint64_t         version;
    uint32_t         n;        /* accounts */
    uint32_t         nholds;   /* … that were ever used */
    uint32_t         free;     /* hold + 1; 0: none */
    uint32_t         old;      /* ccp_accounts_new() was asked */
    int64_t          day;      /* that the next two are of */
    int64_t          since[CCP_BUDGET_PERIODS];
    int64_t          end[CCP_BUDGET_PERIODS];
    uint32_t         index[CCP_ACCOUNTS_INDEX];  /* account + 1; 0: none */
    ccp_account_t    account[CCP_ACCOUNTS_MAX];
    ccp_hold_t       hold[CCP_HOLDS_MAX];
};


/* ---- pool_account_table.c ---- */

/* The account of that name; *at is where it was.  NULL: there is none. */
ccp_account_t *ccp_account_at(ccp_accounts_t *a, uint32_t *at,
    uint64_t name);
/* The same, made if there is none; NULL: there is no room. */
ccp_account_t *ccp_account_get(ccp_accounts_t *a, ccp_limits_t *limits);


#endif /* CCP_POOL_ACCOUNT_PRIVATE_H */
