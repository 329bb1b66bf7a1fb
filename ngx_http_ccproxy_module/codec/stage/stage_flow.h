
/*
 * Inside of the flow stage: its state, and the part that orders blocks.
 */

#ifndef CCP_STAGE_FLOW_H
#define CCP_STAGE_FLOW_H

#include "codec/stage/stage.h"
#include "codec/stage/stage_copy.h"
#include "codec/base/base_index.h"


/* Text blocks closed by a later block whose source may still go on. */
#define CCP_FLOW_PAST    8

typedef struct ccp_flow_block_s  ccp_flow_block_t;

struct ccp_flow_block_s {
    int                src;            /* the source's index */
    int                dst;            /* ours, once opened */
    ccp_block_e        kind;
    ccp_proto_e        origin;
    ccp_block_t       *copy;           /* in slab, of a block not yet passed */
    ccp_buf_t          slab;
    ccp_buf_t          recs;           /* what waits, as records */
    ccp_buf_t          args;           /* arguments that are held */
    size_t             last;           /* offset of the last record */
    size_t             held;           /* bytes counted in flow->held */
    ccp_flow_block_t  *next;
    uint8_t            half[CCP_HALF]; /* first escape of a surrogate pair */
    unsigned           has_half:1;
    unsigned           opened:1;       /* BLOCK_START was passed */
    unsigned           bytes:1;        /* a DELTA was passed */
    unsigned           free_text:1;
    unsigned           stopped:1;      /* the source stopped it */
    unsigned           truncated:1;
};


typedef struct {
    ccp_event_e    kind;
    ccp_proto_e    origin;
    size_t         n;              /* bytes that follow */
    unsigned       json:1;
} ccp_flow_record_t;


typedef struct {
    int            src;
    ccp_block_e    kind;
    ccp_proto_e    origin;
} ccp_flow_past_t;


typedef struct {
    ccp_flow_block_t  *open;
    ccp_flow_block_t  *queue;
    ccp_flow_block_t  *tail;
    ccp_index_t        waiting;    /* of the queue, not stopped, by src */
    int                next;       /* index of the next block passed */
    ccp_flow_past_t    past[CCP_FLOW_PAST];
    int                npast;
    ccp_stop_e         stop;       /* strongest so far, TOOL apart */
    ccp_str_t          stop_text;
    ccp_str_t          category;
    unsigned           seen:1;     /* the choice exists */
    unsigned           finish:1;   /* its finish reason came */
    unsigned           tool:1;     /* … and was TOOL */
    unsigned           call:1;     /* a call was seen */
} ccp_flow_choice_t;


struct ccp_flow_s {
    ccp_answer_ctx_t   *ac;
    ccp_sink_t          next;
    size_t              limit;
    size_t              held;
    ccp_usage_t         usage;
    ccp_flow_choice_t  *choices;
    int                 n;
    ccp_flow_block_t   *spare;
    int64_t             out_bytes;
    unsigned            start:1;
    unsigned            content:1;
    unsigned            done:1;
    unsigned            complete:1;    /* … and without an error */
};


/* An event of ours about the open block. */
int ccp_flow_emit(ccp_flow_t *f, ccp_flow_choice_t *c, ccp_event_e kind,
    ccp_str_t text);

/* Counts bytes that wait with a block; CCP_NOMEM above the limit. */
int ccp_flow_hold(ccp_flow_t *f, ccp_flow_block_t *b, size_t n);

/*
 * Arguments of the open call before a byte of them was passed: what can't be
 * an object's beginning is held (CCP_OK) and judged when the call closes.
 * CCP_DECLINED: they pass.  stage_flow_args.c.
 */
int ccp_flow_args(ccp_flow_t *f, ccp_flow_choice_t *c, ccp_str_t s);
int ccp_flow_args_end(ccp_flow_t *f, ccp_flow_choice_t *c);

/* Passes START once: src, or one of our own (NULL). */
int ccp_flow_start(ccp_flow_t *f, const ccp_event_t *src);

/* BLOCK_START of a choice: opens the block or lets it wait. */
int ccp_flow_block(ccp_flow_t *f, ccp_flow_choice_t *c, const ccp_event_t *ev);

/* DELTA, SIG, CITE or LOGPROBS: passes it, lets it wait or drops it. */
int ccp_flow_content(ccp_flow_t *f, ccp_flow_choice_t *c,
    const ccp_event_t *ev);

/* BLOCK_STOP: closes the block, now or when its turn comes. */
int ccp_flow_stop_block(ccp_flow_t *f, ccp_flow_choice_t *c,
    const ccp_event_t *ev);

/* The answer is over: closes and passes all that is left of the choice. */
int ccp_flow_settle(ccp_flow_t *f, ccp_flow_choice_t *c);

#endif /* CCP_STAGE_FLOW_H */
