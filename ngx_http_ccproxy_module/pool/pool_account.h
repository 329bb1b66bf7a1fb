
/*
 * Accounts: what clients and groups of them used, and whether their limits
 * let another request in.
 *
 * Accounts lie in a caller's block of memory that processes share; the caller
 * holds one lock around each call.  An account is known by the hash of its
 * name.  A request that enters reserves what it may use; when it leaves, that
 * is given back and what it used is booked, once.  Requests under way are held
 * in a list by process, so that those of a process that died are given back.
 *
 * A request is let in while something is left: what is reserved counts as
 * used.  So requests at a time overdraw a limit by no more than one of them
 * takes beyond its reservation.
 *
 * now: milliseconds of a clock that processes share and that never goes back.
 * wall: seconds since 1970; budgets end with days, weeks from Monday on and
 * months of UTC.  Money is counted in 10^-9 of its unit.
 */

#ifndef CCP_POOL_ACCOUNT_H
#define CCP_POOL_ACCOUNT_H

#include <stddef.h>
#include <stdint.h>

typedef struct ccp_accounts_s  ccp_accounts_t;

typedef enum {
    CCP_BUDGET_DAY = 0,
    CCP_BUDGET_WEEK,
    CCP_BUDGET_MONTH,
    CCP_BUDGET_TOTAL,
    CCP_BUDGET_PERIODS
} ccp_budget_period_e;

typedef struct {
    ccp_budget_period_e  period;
    unsigned             tokens:1;    /* else money */
    int64_t              limit;
} ccp_budget_t;

/* One for each period and unit. */
#define CCP_BUDGETS_MAX  (2 * CCP_BUDGET_PERIODS)

/* What one account may use; 0: no limit. */

typedef struct {
    uint64_t      name;
    uint32_t      rpm;                /* requests a minute */
    uint32_t      concurrency;        /* requests at a time */
    uint64_t      tpm;                /* tokens a minute */
    ccp_budget_t  budget[CCP_BUDGETS_MAX];
    uint32_t      nbudgets;
    uint32_t      at;                 /* where it was found; of ours */
} ccp_limits_t;

/* Accounts that one request is booked on: the client's and its group's. */
#define CCP_ACCOUNTS_OF  2

typedef enum {
    CCP_LIMIT_NONE = 0,
    CCP_LIMIT_RPM,
    CCP_LIMIT_TPM,
    CCP_LIMIT_CONCURRENCY,
    CCP_LIMIT_BUDGET,                 /* nothing of it is left */
    CCP_LIMIT_RESERVED                /* what is left of it is reserved */
} ccp_limit_e;

typedef struct {
    ccp_limit_e    limit;
    uint32_t       of;                /* which of the accounts */
    uint64_t       wait;              /* ms; 0: there is no use in waiting */
    ccp_budget_t   budget;            /* of the last two */
} ccp_refusal_t;

/* A request under way; the caller's memory. */

typedef struct {
    uint32_t  hold;                   /* 0: none */
    uint32_t  gen;
} ccp_account_ticket_t;

typedef struct {
    int64_t  tokens;
    int64_t  money;
} ccp_amount_t;

/* An account as pages and headers show it. */

typedef struct {
    uint64_t      requests;           /* of this minute */
    uint64_t      tokens;             /* of this minute, reserved ones too */
    uint64_t      requests_wait;      /* ms until all of the limit is there */
    uint64_t      tokens_wait;
    uint32_t      inflight;
    ccp_amount_t  reserved;
    ccp_amount_t  spent[CCP_BUDGET_PERIODS];
    uint64_t      total;              /* requests ever */
} ccp_account_look_t;

/* An account as a snapshot keeps it. */

typedef struct {
    uint64_t      name;
    int64_t       seen;               /* wall: last use */
    uint64_t      total;
    int64_t       since[CCP_BUDGET_PERIODS];  /* wall: a period's beginning */
    ccp_amount_t  spent[CCP_BUDGET_PERIODS];
} ccp_account_row_t;


/* ---- memory ---- */

size_t ccp_accounts_size(void);
/* Makes accounts of that many zeroed bytes, aligned to 8; memory is touched as
 * accounts come. */
ccp_accounts_t *ccp_accounts_init(void *mem);

/* The most accounts there can be; how many there are. */
size_t ccp_accounts_max(void);
size_t ccp_accounts_number(const ccp_accounts_t *a);

/* 1 when it is called for the first time: a snapshot may be loaded. */
int ccp_accounts_new(ccp_accounts_t *a);

/*
 * Finds the accounts of all limits, or makes them.  Where there is no room,
 * accounts that are not among them and were longest without use are forgotten.
 * Returns how many found no room.
 */
size_t ccp_accounts_bind(ccp_accounts_t *a, ccp_limits_t **limits, size_t n);


/* ---- requests ---- */

/*
 * Books a request that begins, of the process with that pid, on n accounts;
 * limits may be without any limit.  amount: what it may use.  1: t is filled;
 * 0: r tells why not, and nothing was booked.
 */
int ccp_account_enter(ccp_accounts_t *a, uint32_t pid, ccp_limits_t **limits,
    size_t n, const ccp_amount_t *amount, uint64_t now, int64_t wall,
    ccp_account_ticket_t *t, ccp_refusal_t *r);

/* It is over; what it used.  A second call does nothing: 0. */
int ccp_account_leave(ccp_accounts_t *a, ccp_account_ticket_t *t,
    const ccp_amount_t *used, uint64_t now, int64_t wall);

/* Gives back what requests of that process reserved; returns how many there
 * were. */
size_t ccp_account_forget(ccp_accounts_t *a, uint32_t pid);

/* A process that has requests under way, each once; *i is 0 at first.  0: no
 * more. */
uint32_t ccp_account_process(const ccp_accounts_t *a, size_t *i);

void ccp_account_look(ccp_accounts_t *a, ccp_limits_t *limits, uint64_t now,
    int64_t wall, ccp_account_look_t *look);

/* The end of the period, wall; 0: it has none. */
int64_t ccp_budget_end(ccp_budget_period_e period, int64_t wall);


/* ---- snapshots ---- */

/* Changes with each booking. */
uint64_t ccp_accounts_version(const ccp_accounts_t *a);

/* Copies up to max accounts from that one on; returns their number, 0: there
 * are no more. */
size_t ccp_accounts_copy(const ccp_accounts_t *a, size_t from,
    ccp_account_row_t *rows, size_t max);

/* A snapshot of n rows, which lie behind CCP_STATE_HEAD bytes at p: writes
 * what stands before them. */
void ccp_state_seal(void *p, size_t n);
/* Whether these CCP_STATE_HEAD bytes begin a snapshot, of whatever version. */
int ccp_state_ours(const void *p);
/* Rows of a snapshot of size bytes, NULL: it is none, or broken. */
const ccp_account_row_t *ccp_state_open(const void *p, size_t size,
    size_t *n);
/* Books the rows of a snapshot on accounts that are new. */
void ccp_accounts_load(ccp_accounts_t *a, const ccp_account_row_t *rows,
    size_t n);

#define CCP_STATE_HEAD  40


#endif /* CCP_POOL_ACCOUNT_H */
