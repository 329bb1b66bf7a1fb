
/*
 * The pool's insides: what lies in the block, and what its files share.
 */

#ifndef CCP_POOL_PRIVATE_H
#define CCP_POOL_PRIVATE_H

#include <string.h>

#include "pool/pool.h"


/* Of a pair: the slots that its names have; gates are the first three. */

enum {
    CCP_POOL_S_COOL = 0,
    CCP_POOL_S_KEY,
    CCP_POOL_S_TARGET,
    CCP_POOL_NGATES,
    CCP_POOL_S_PAIR = CCP_POOL_NGATES,
    CCP_POOL_S_RATE,
    CCP_POOL_NSLOTS
};

/* Flags of a pair in a request. */
#define CCP_POOL_TRIED  0x01
#define CCP_POOL_AVOID  0x02
#define CCP_POOL_FIT    0x04
#define CCP_POOL_TURN   0x08   /* not fit, but has its turns */
#define CCP_POOL_STRUCK 0x10   /* its key has its fault of this request */

#define CCP_POOL_NOBODY  0xffffffff


/*
 * A gate lets tries through, or not.  Open: until is 0.  Cooling: until is to
 * come.  Half open: until has passed; one try at a time may go, the probe,
 * and its outcome opens the gate or closes it for longer.
 */

typedef struct {
    uint64_t  since;           /* it was closed */
    uint64_t  until;
    uint64_t  probe;           /* a probe is under way, at most until then */
    uint64_t  client;          /* who met with a doubtful fault; 0: none */
    uint32_t  faults;          /* in a row */
    uint8_t   why;             /* ccp_pool_outcome_e */
    uint8_t   hard;            /* the provider named the time */
    uint16_t  prober;          /* whose probe that is: worker's id and 1 */
} ccp_pool_gate_t;

/* What was asked of a secret within this minute and the one before. */

typedef struct {
    uint64_t  minute;
    uint64_t  tokens[2];
    uint32_t  requests[2];
} ccp_pool_rate_t;

/*
 * The state of one name; not all names use all of it.  What a choice looks at
 * comes first, in one line of the processor's cache.
 */

typedef struct {
    uint64_t         hash;
    ccp_pool_gate_t  gate;     /* with CCP_POOL_S_COOL of a client's model:
                                  the last that was closed */
    int64_t          current;  /* of the smooth rotation */
    uint64_t         seen;     /* it last served */
    uint32_t         inflight; /* sum of the workers' */
    uint32_t         asked;    /* when a try last began, seconds; 0: never */
    ccp_pool_rate_t  rate;
    uint64_t         ruled;    /* by an operator: CCP_POOL_HELD, the weight of
                                  a pair in the other bits; 0: it is not */
    uint64_t         served;
    uint64_t         failed;
    uint32_t         by[];     /* worker */
} ccp_pool_slot_t;

#define CCP_POOL_HELD  ((uint64_t) 0x80000000u)

/* Gates of clients' models whose hashes lead to the same place. */

#define CCP_POOL_WAYS  8

typedef struct {
    uint64_t         hash[CCP_POOL_WAYS];  /* 0: free */
    uint64_t         seen[CCP_POOL_WAYS];
    ccp_pool_gate_t  gate[CCP_POOL_WAYS];
} ccp_pool_set_t;

typedef struct {
    uint64_t  owner;           /* 0: free */
    uint64_t  beat;
    uint32_t  gen;             /* of its use; tickets of another are void */
    uint32_t  unused;
} ccp_pool_place_t;

struct ccp_pool_s {
    uint64_t          magic;
    uint64_t          size;
    uint64_t          index;   /* where it lies, from the beginning */
    uint64_t          slots;
    uint64_t          sets;
    uint32_t          nslots;
    uint32_t          used;    /* slots from the first on */
    uint32_t          stride;  /* bytes of a slot */
    uint32_t          nindex;
    uint32_t          nsets;
    uint32_t          nmodels; /* gates in the sets */
    uint32_t          nworkers;
    uint32_t          unused;
    ccp_pool_place_t  places[];
};

/* What a pair's names lead to; NULL: nothing. */

typedef struct {
    ccp_pool_slot_t  *slot[CCP_POOL_NSLOTS];
    ccp_pool_gate_t  *gate[CCP_POOL_NGATES];
} ccp_pool_found_t;


/* Whether a gate lets a try through. */

typedef enum {
    CCP_POOL_OPEN = 0,
    CCP_POOL_PROBE,            /* yes, as the probe */
    CCP_POOL_SOFT,             /* no, by our own rules */
    CCP_POOL_HARD              /* no, by the provider's word */
} ccp_pool_level_e;


static inline ccp_pool_slot_t *
ccp_pool_nth(const ccp_pool_t *pool, size_t i)
{
    return (ccp_pool_slot_t *) ((const uint8_t *) pool + pool->slots
                                + i * pool->stride);
}


/* The weight that a pair has now; s is its slot, or NULL. */

static inline uint32_t
ccp_pool_weight(const ccp_pool_slot_t *s, const ccp_pool_pair_t *p)
{
    return s && (s->ruled & ~CCP_POOL_HELD)
           ? (uint32_t) (s->ruled & ~CCP_POOL_HELD) : p->weight;
}


/* ---- pool_table.c ---- */

/* The slot of a name, made where there is none; *hint is where it was last.
 * NULL: there is no room. */
ccp_pool_slot_t *ccp_pool_slot(ccp_pool_t *pool, uint64_t hash,
    uint32_t *hint);
/* The same without making one. */
ccp_pool_slot_t *ccp_pool_find(const ccp_pool_t *pool, uint64_t hash);
/* Of a pair's names that of a slot; 0: there is none. */
uint64_t ccp_pool_pair_name(const ccp_pool_pair_t *p, int slot);

/* ---- pool_model.c ---- */

/* The name of key and model that a try of the pair cools. */
uint64_t ccp_pool_model_name(const ccp_pool_pair_t *p, uint64_t model);
/* The gate of such a name; NULL: it is open. */
ccp_pool_gate_t *ccp_pool_model_find(ccp_pool_t *pool, uint64_t name);
/* The same, made where there is none, at the cost of the least important. */
ccp_pool_gate_t *ccp_pool_model_make(ccp_pool_t *pool, uint64_t name,
    uint64_t now);
/* Probes of a worker that is gone. */
void ccp_pool_model_forget(ccp_pool_t *pool, uint32_t worker);
/* It was used; what is found open is given up. */
void ccp_pool_model_seen(ccp_pool_t *pool, uint64_t name, uint64_t now);

/* ---- pool_worker.c ---- */

/* Counts a try of that worker in (1) or out (-1); a void gen is ignored. */
void ccp_pool_count(ccp_pool_t *pool, ccp_pool_slot_t *s, uint32_t worker,
    uint32_t gen, int n);

/* ---- pool_gate.c ---- */

ccp_pool_level_e ccp_pool_gate_level(const ccp_pool_gate_t *g, uint64_t now);
/* A probe of that worker goes through. */
void ccp_pool_gate_probe(ccp_pool_gate_t *g, uint32_t worker, uint64_t now);
/* A probe came back without a word. */
void ccp_pool_gate_unprobe(ccp_pool_gate_t *g);
/* … or never will, if it is that worker's. */
void ccp_pool_gate_forget(ccp_pool_gate_t *g, uint32_t worker);
/* A try begun at that time found nothing wrong. */
void ccp_pool_gate_good(ccp_pool_gate_t *g, uint64_t begun);
/* … or did; wait: the provider's word, ms, or 0. */
/* Whether a doubtful fault was met with by another client before. */
int ccp_pool_gate_doubt(ccp_pool_gate_t *g, uint64_t client);
void ccp_pool_gate_fault(ccp_pool_gate_t *g, ccp_pool_outcome_e why,
    int probe, uint64_t begun, uint64_t wait, uint64_t now);

/* An operator ends its time. */
void ccp_pool_gate_open(ccp_pool_gate_t *g);

/* ---- pool_rate.c ---- */

/* 1 if a request of so many tokens fits into what is left. */
int ccp_pool_rate_fits(ccp_pool_rate_t *r, const ccp_pool_pair_t *p,
    int64_t tokens, uint64_t now);
void ccp_pool_rate_charge(ccp_pool_rate_t *r, uint32_t requests,
    int64_t tokens, uint64_t now);
/* What was used within a minute. */
void ccp_pool_rate_used(ccp_pool_rate_t *r, uint64_t now, uint64_t *requests,
    uint64_t *tokens);
/* Milliseconds until less than the limit, not 0, is used, if nothing comes to
 * what was used in the minute before and in this one. */
uint64_t ccp_pool_rate_until(uint64_t before, uint64_t used, uint64_t limit,
    uint64_t now);
/* Milliseconds until something of it is given back. */
uint64_t ccp_pool_rate_wait(uint64_t now);

/* ---- pool_operator.c ---- */

/* Which of a pair's slots are held, bits of ccp_pool_what_e; NULL: none is
 * there. */
unsigned ccp_pool_rulings(ccp_pool_slot_t *const slot[]);

/* ---- pool_choose.c ---- */

/*
 * The best of the pairs with CCP_POOL_FIT, by the list's mode; n if none.
 * Those with CCP_POOL_TURN have their turns in the rotation, which pass.
 */
size_t ccp_pool_choose(ccp_pool_t *pool, ccp_pool_list_t *list,
    const unsigned char *flags, uint64_t session);


#endif /* CCP_POOL_PRIVATE_H */
