
/*
 * The pool: which pair of a target and a key serves a request, on a block of
 * memory that processes share and with the caller's clock.
 *
 *   ccp_pool_init()           once, by whoever made the block
 *   ccp_pool_worker_attach()  by each process
 *   ccp_pool_bind()           all lists of pairs, once read
 *   for each try:
 *       ccp_pool_pick()           a pair and a ticket for it
 *       ccp_pool_report()         what became of it, as soon as it is known
 *       ccp_pool_free()           the try is over
 *   ccp_pool_worker_beat()    every few seconds
 *   ccp_pool_worker_detach()
 *
 * Locking.  The caller holds one lock, the same for all processes, around
 * each call that takes a ccp_pool_t: a call is short (it walks the pairs of
 * one list), and the owner of the memory can release the lock of a process
 * that died, which a lock of our own could not.  The block holds arrays and
 * numbers only, no pointers and no lists, so that it may be mapped anywhere,
 * and a process that dies inside of a call spoils one counter at worst, which
 * goes with its worker's lease.
 *
 * Time is in milliseconds of a clock that all processes share and that never
 * goes back; 0 is no time.
 */

#ifndef CCP_POOL_H
#define CCP_POOL_H

#include <stddef.h>
#include <stdint.h>


/* Processes that can have their tries counted at a time: 2 up to this. */
#define CCP_POOL_WORKERS_MAX   1024

/* A worker is taken for dead when it gave no sign of life for so long. */
#define CCP_POOL_LEASE         30000

/* A figure of tokens beyond this is no use of one request. */
#define CCP_POOL_TOKENS_MAX    1000000000

/* A name that served nothing for so long may lose its place to a new one. */
#define CCP_POOL_STALE         3600000

typedef struct ccp_pool_s  ccp_pool_t;

/* What a try came to. */

typedef enum {
    CCP_POOL_NOTHING = 0,      /* nothing is known: the client left */
    CCP_POOL_GOOD,             /* an answer, or the request's own fault */
    CCP_POOL_RATE,             /* the key's rate of this model is used up */
    CCP_POOL_KEY,              /* the key is wrong or may not do this */
    CCP_POOL_MONEY,            /* the key's account has nothing left */
    CCP_POOL_SERVER,           /* the provider failed or is overloaded */
    CCP_POOL_CONNECT,          /* it could not be reached, or in time */
    CCP_POOL_PATH,             /* not on the key's own way to it */
    CCP_POOL_PLAN,             /* the plan's limit of the key is reached */
    CCP_POOL_DOUBT,            /* the key's fault, if other clients meet with
                                  the same */
    CCP_POOL_OUTCOMES
} ccp_pool_outcome_e;

typedef enum {
    CCP_POOL_ROTATE = 0,       /* smooth weighted round robin */
    CCP_POOL_LEAST,            /* least tries under way, by weight */
    CCP_POOL_STICKY            /* rendezvous hashing of the session */
} ccp_pool_mode_e;

/* Why no pair was found; the pair that will be ready first decides. */

typedef enum {
    CCP_POOL_R_NONE = 0,
    CCP_POOL_R_TRIED,          /* each was tried by this request */
    CCP_POOL_R_HELD,           /* an operator keeps requests from it */
    CCP_POOL_R_CONTEXT,        /* the prompt is too long for all of them */
    CCP_POOL_R_BUSY,           /* max_inflight is reached */
    CCP_POOL_R_LIMIT,          /* rpm or tpm is reached */
    CCP_POOL_R_COOLING         /* cooling, as the provider told us to */
} ccp_pool_reason_e;

/*
 * One share of the rotation.  The hashes are names, made by ccp_pool_hash():
 * what has the same name shares its state, over lists and over reloads.
 */

typedef struct {
    uint64_t  pair;            /* place in this list: rotation, counters */
    uint64_t  cool;            /* key and model: rate limits; the key alone
                                  with client */
    uint64_t  key;             /* the key: its faults */
    uint64_t  rate;            /* its secret, whoever has it: rpm, tpm; 0: it
                                  has no limits */
    uint64_t  target;          /* provider and model: breaker, inflight */

    uint32_t  weight;          /* 1 … 10^8 */
    uint32_t  max_inflight;    /* of the target; 0: no bound */
    uint32_t  rpm;             /* of the key, requests a minute; 0: none */
    uint64_t  tpm;             /* of the key, tokens a minute; 0: none */
    int64_t   context;         /* longest prompt, tokens; 0: no bound */
    unsigned  backup:1;        /* only when no other is ready */
    unsigned  client:1;        /* the model is the one that clients name */

    uint32_t  slot[5];         /* where they were found; the pool's own */
} ccp_pool_pair_t;

typedef struct {
    ccp_pool_mode_e   mode;
    ccp_pool_pair_t  *pairs;
    size_t            n;
} ccp_pool_list_t;

/* A process' place in the block; its own memory. */

typedef struct {
    uint64_t  owner;
    uint32_t  id;
    uint32_t  gen;
} ccp_pool_worker_t;

/* One request, over all of its tries. */

typedef struct {
    uint64_t            session;  /* for CCP_POOL_STICKY; 0: none, which
                                     rotates */
    uint64_t            model;    /* hash of the model that it names */
    uint64_t            client;   /* hash of who asks; 0: unknown */
    uint64_t            owner;    /* hash of the key that has what it goes on
                                     from, and that serves it if it can; 0:
                                     none has */
    int64_t             tokens;   /* estimate of the prompt; 0 unknown */
    unsigned char      *flags;    /* one for each pair, zeroed at first */
    unsigned            tries;    /* pairs given so far; a caller that did
                                     not use one may count it off again */

    /* set where no pair was found */
    ccp_pool_reason_e   reason;
    ccp_pool_outcome_e  why;      /* what the pair is cooling for */
    uint64_t            wait;     /* until it is ready, ms; 0 unknown */
} ccp_pool_request_t;

/* One try; the caller's memory, filled by ccp_pool_pick(). */

typedef struct {
    uint32_t            index;    /* of the pair in its list */
    uint32_t            worker;
    uint32_t            gen;
    uint64_t            cool;     /* name of key and model */
    uint64_t            begun;
    int64_t             tokens;   /* charged to the key */
    unsigned            probes:3; /* gates that it is the probe of */
    unsigned            held:1;   /* counted as under way */
    unsigned            told:1;   /* an outcome was reported */
} ccp_pool_ticket_t;

/* A pair as status pages show it. */

typedef struct {
    uint32_t            inflight; /* tries of the pair under way */
    uint32_t            target_inflight;
    uint64_t            served;
    uint64_t            failed;
    uint32_t            asked;    /* when a try last began, in seconds of the
                                     clock; 0: never */
    uint64_t            wait;     /* cooling for so long yet; 0: it is not */
    ccp_pool_outcome_e  why;
    unsigned            probing:1;  /* its wait is over, unless it fails */
    unsigned            models:1;   /* it waits with some model of clients,
                                       not with all */
    unsigned            held:3;     /* by an operator: bits of
                                       ccp_pool_what_e */
    uint32_t            weight;     /* an operator's, or the pair's own */
} ccp_pool_look_t;


/* ---- memory ---- */

/*
 * Makes a pool of size bytes at mem (zeros, aligned to 8; to 64 is faster)
 * with room for the counters of so many workers.  NULL if it is too small for
 * anything.  Memory is touched as names come.  The block needs no destruction.
 *
 * A quarter of it remembers cooldowns of models that clients name, and forgets
 * the least important ones when it is full; what the configuration names has
 * the rest for itself.  Whatever is looked for is found in bounded time.
 */
ccp_pool_t *ccp_pool_init(void *mem, size_t size, uint32_t workers);
/* The pool that ccp_pool_init() made there; NULL if there is none of this
 * version. */
ccp_pool_t *ccp_pool_at(void *mem, size_t size);
/* How many names it has room for; a pair takes up to five. */
size_t ccp_pool_slots(const ccp_pool_t *pool);
/* How many cooldowns of clients' models it has room for. */
size_t ccp_pool_models(const ccp_pool_t *pool);

/* Goes on with the hash h (0 at first) of a name's next part. */
uint64_t ccp_pool_hash(uint64_t h, const void *p, size_t n);

/*
 * Finds the state of each pair of all lists, or makes it.  Returns the number
 * of pairs for which there was no room: those are served without memory of
 * what befell them.  Calling it is no duty, but shows too small a block at
 * once, and only it gives places of stale names to others.
 */
size_t ccp_pool_bind(ccp_pool_t *pool, ccp_pool_list_t **lists, size_t n,
    uint64_t now);


/*
 * How many pairs would find no room, about; nothing is changed.  names: room
 * for ccp_pool_names() of them.
 */
size_t ccp_pool_missing(const ccp_pool_t *pool, ccp_pool_list_t *const *lists,
    size_t n, uint64_t *names, uint64_t now);
size_t ccp_pool_names(ccp_pool_list_t *const *lists, size_t n);


/* ---- workers ---- */

/*
 * Gives this process a place, so that its tries are forgotten when it dies.
 * owner: what no other living process has (a pid), not 0.  Without a free
 * place its tries are counted, but stay if it dies.
 */
void ccp_pool_worker_attach(ccp_pool_t *pool, ccp_pool_worker_t *w,
    uint64_t owner, uint64_t now);
/*
 * Tells that the process lives, at least each third of CCP_POOL_LEASE, and
 * forgets the tries of those that do not.
 */
void ccp_pool_worker_beat(ccp_pool_t *pool, ccp_pool_worker_t *w,
    uint64_t now);
/* Forgets the tries of this process, which ends. */
void ccp_pool_worker_detach(ccp_pool_t *pool, ccp_pool_worker_t *w);
/*
 * Who has the place i, from 0 up to ccp_pool_workers(); 0: nobody.  A caller
 * that knows of a process' death need not wait for the end of its lease.
 */
uint64_t ccp_pool_worker_owner(const ccp_pool_t *pool, uint32_t i);
uint32_t ccp_pool_workers(const ccp_pool_t *pool);
/* Forgets the tries of a process that died. */
void ccp_pool_worker_forget(ccp_pool_t *pool, uint64_t owner);


/* ---- tries ---- */

/*
 * Chooses the pair for the next try of a request and counts it as under way.
 * 1: t is filled; 0: there is none, rq->reason tells why.  Never the same
 * pair twice for one request.
 *
 * Pairs that cool are left out.  If all that are left cool, a request still
 * gets one, provided that no Retry-After forbids it: better the provider's own
 * word than ours.  Each of them is given once before there is none; pairs of a
 * target that failed for this request come last, and such whose key was
 * refused.
 */
int ccp_pool_pick(ccp_pool_t *pool, ccp_pool_list_t *list,
    const ccp_pool_worker_t *w, ccp_pool_request_t *rq, uint64_t now,
    ccp_pool_ticket_t *t);

/*
 * How long until the first of the list's pairs is ready that is kept back by
 * its provider's word or by limits of its key; 0: there is none such.
 */
uint64_t ccp_pool_wait(ccp_pool_t *pool, ccp_pool_list_t *list,
    const ccp_pool_request_t *rq, uint64_t now);
/* All pairs may be given to the request again. */
void ccp_pool_renew(const ccp_pool_list_t *list, ccp_pool_request_t *rq);

/*
 * What became of a try; the first word counts, later ones are ignored.  wait:
 * what the provider asked for (Retry-After), ms; 0: nothing.  rq may be NULL;
 * else its further tries avoid a target that failed, and however many pairs of
 * it were tried, they are one fault.
 */
void ccp_pool_report(ccp_pool_t *pool, ccp_pool_list_t *list,
    ccp_pool_request_t *rq, ccp_pool_ticket_t *t, ccp_pool_outcome_e outcome,
    uint64_t wait, uint64_t now);

/*
 * The try is over; without a report this is CCP_POOL_NOTHING.  tokens: all
 * that the provider counted, to correct the estimate; negative: unknown.  A
 * second call does nothing.
 */
void ccp_pool_free(ccp_pool_t *pool, ccp_pool_list_t *list,
    ccp_pool_ticket_t *t, int64_t tokens, uint64_t now);

/* The present state of one pair; makes none. */
void ccp_pool_look(ccp_pool_t *pool, const ccp_pool_pair_t *pair,
    uint64_t now, ccp_pool_look_t *look);


/* ---- an operator ---- */

/* What of a pair. */

typedef enum {
    CCP_POOL_THE_PAIR = 1,
    CCP_POOL_THE_KEY = 2,      /* with all pairs that have it */
    CCP_POOL_THE_TARGET = 4
} ccp_pool_what_e;

/*
 * These hold until they are taken back, over reloads; 0: there is no room for
 * it.  hold: no new try goes there.  weight: in place of the pair's own, of
 * which 0 takes it back.
 */
int ccp_pool_hold(ccp_pool_t *pool, ccp_pool_pair_t *pair,
    ccp_pool_what_e what, int on);
int ccp_pool_weigh(ccp_pool_t *pool, ccp_pool_pair_t *pair, uint32_t weight);
/* Ends what a pair waits for; not what it does with single models that
 * clients name. */
void ccp_pool_thaw(ccp_pool_t *pool, const ccp_pool_pair_t *pair);


#endif /* CCP_POOL_H */
