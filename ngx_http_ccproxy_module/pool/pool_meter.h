
/*
 * The meter: what requests come to, as numbers that processes share.
 *
 * It lies in a caller's block of memory, and the caller holds one lock around
 * each call, but for those that say otherwise.  A row is what was counted
 * under the same labels.  Rows are made as labels come and stay; where there
 * is no room, a label becomes "other".  Nothing in the block points anywhere.
 *
 *   flows       by all labels and the status: requests, tokens, cost
 *   latencies   by all labels but the client: histograms
 *   minutes     of the last hour, of all requests and of some pools
 *   counters    without labels, bumped by whoever knows of the event
 */

#ifndef CCP_POOL_METER_H
#define CCP_POOL_METER_H

#include <stddef.h>
#include <stdint.h>

typedef struct ccp_meter_s  ccp_meter_t;

/* Labels; the protocol is the client's, the operation "chat", "embeddings". */

typedef enum {
    CCP_METER_POOL = 0,
    CCP_METER_PROVIDER,
    CCP_METER_MODEL,
    CCP_METER_PROTOCOL,
    CCP_METER_OPERATION,
    CCP_METER_CLIENT,          /* not of latencies */
    CCP_METER_LABELS
} ccp_meter_label_e;

/* Bytes of a label's value; longer ones are cut. */
#define CCP_METER_TEXT   128

/* The value of what has none, and of what found no room. */
#define CCP_METER_NONE   0
#define CCP_METER_OTHER  1

typedef enum {
    CCP_METER_TRIES = 0,       /* pairs that were asked */
    CCP_METER_FAILOVERS,       /* … after another had failed */
    CCP_METER_HEDGES,          /* … beside one that was silent */
    CCP_METER_COOLDOWNS,       /* faults that close a gate */
    CCP_METER_REFUSALS,        /* wishes that a model refused */
    CCP_METER_COMPAT_CALLS,    /* calls of tools that were read from text */
    CCP_METER_LIMITED,         /* requests turned away: rate or concurrency */
    CCP_METER_BROKE,           /* … their budget is used up */
    CCP_METER_LOST,            /* requests whose worker died */
    CCP_METER_STORE_HITS,
    CCP_METER_STORE_MISSES,
    CCP_METER_COUNTERS
} ccp_meter_counter_e;

typedef enum {
    CCP_METER_DURATION = 0,    /* of an answer, ms */
    CCP_METER_TTFT,            /* to the first content, ms */
    CCP_METER_TPOT,            /* for each token behind it, µs */
    CCP_METER_IN,              /* tokens of a prompt */
    CCP_METER_OUT,             /* tokens of an answer */
    CCP_METER_HISTS
} ccp_meter_hist_e;

/* Bounds of a histogram, upper ends; what is above all of them goes into one
 * bucket more. */
#define CCP_METER_BUCKETS  16

typedef struct {
    uint64_t  count[CCP_METER_BUCKETS + 1];
    uint64_t  sum;
} ccp_meter_hist_t;

/* One request, when all is known of it. */

typedef struct {
    const void  *p;
    size_t       n;            /* 0: none */
} ccp_meter_text_t;

typedef struct {
    ccp_meter_text_t  label[CCP_METER_LABELS];
    unsigned          status;  /* of the client's answer */
    int64_t           duration;/* ms */
    int64_t           ttft;    /* ms; negative, here and below: unknown */
    int64_t           in;      /* tokens: the whole prompt, */
    int64_t           cached;  /* … of it read from a cache */
    int64_t           written; /* … of it written into one */
    int64_t           out;     /* the answer with its reasoning */
    int64_t           reason;
    int64_t           cost;    /* 10^-9 of the unit */
    unsigned          tries;
    unsigned          calls;   /* of tools, read from text: the caller's */
    uint64_t          minute;  /* of the wall clock, since 1970 */
    unsigned          broken:1;/* an error in place of the answer's end */
    unsigned          left:1;  /* the client did, before the end */
} ccp_meter_sample_t;

/* Figures of a flow. */

typedef enum {
    CCP_METER_F_REQUESTS = 0,
    CCP_METER_F_BROKEN,
    CCP_METER_F_LEFT,
    CCP_METER_F_TRIES,
    CCP_METER_F_IN,
    CCP_METER_F_CACHED,
    CCP_METER_F_WRITTEN,
    CCP_METER_F_OUT,
    CCP_METER_F_REASON,
    CCP_METER_F_COST,
    CCP_METER_F_UNPRICED,      /* answers with usage and without a price */
    CCP_METER_FIGURES
} ccp_meter_figure_e;

typedef struct {
    uint16_t  label[CCP_METER_LABELS];
    uint16_t  status;
    uint16_t  unused;
    uint64_t  n[CCP_METER_FIGURES];
} ccp_meter_flow_t;

typedef struct {
    uint16_t          label[CCP_METER_LABELS]; /* without a client */
    uint16_t          unused[2];
    ccp_meter_hist_t  hist[CCP_METER_HISTS];
} ccp_meter_latency_t;

/* One minute. */

#define CCP_METER_MINUTES  60

typedef struct {
    uint64_t  minute;          /* since 1970; 0: nothing was counted */
    uint64_t  requests;
    uint64_t  errors;          /* status 400 and above, and broken ones */
    uint64_t  in;
    uint64_t  out;
    uint64_t  cost;
    uint32_t  duration[CCP_METER_BUCKETS + 1];
    uint32_t  ttft[CCP_METER_BUCKETS + 1];
} ccp_meter_minute_t;


/* ---- memory ---- */

/* How many bytes a meter takes. */
size_t ccp_meter_size(void);
/* Makes one of that many zeroed bytes, aligned to 8. */
ccp_meter_t *ccp_meter_init(void *mem);


/* ---- counting ---- */

void ccp_meter_add(ccp_meter_t *m, const ccp_meter_sample_t *s);
/* Adds to a counter; needs no lock. */
void ccp_meter_bump(ccp_meter_t *m, ccp_meter_counter_e c, unsigned n);


/* ---- reading ---- */

/* Needs no lock. */
uint64_t ccp_meter_counter(const ccp_meter_t *m, ccp_meter_counter_e c);

/*
 * Copies up to max rows, from that one on; returns their number, 0: there are
 * no more.
 */
size_t ccp_meter_flows(const ccp_meter_t *m, size_t from,
    ccp_meter_flow_t *rows, size_t max);
size_t ccp_meter_latencies(const ccp_meter_t *m, size_t from,
    ccp_meter_latency_t *rows, size_t max);

/* The text of a label's value, which lasts; needs no lock for a value that
 * was read from a row. */
ccp_meter_text_t ccp_meter_text(const ccp_meter_t *m, unsigned value);

/*
 * Copies the last hour of a pool, or of all (name NULL), the oldest minute
 * first; minutes of which nothing is known have zeros.  0: no such pool is
 * counted.
 */
int ccp_meter_hour(const ccp_meter_t *m, const void *name, size_t n,
    uint64_t minute, ccp_meter_minute_t *minutes);

/* The bounds of a histogram in its unit; *n becomes their number. */
const uint32_t *ccp_meter_bounds(ccp_meter_hist_e h, size_t *n);


#endif /* CCP_POOL_METER_H */
