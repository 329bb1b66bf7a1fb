
/*
 * Say: how decoders tell of an answer.  It numbers blocks, opens and ends
 * them, and makes the events; their order is the flow stage's business.
 */

#ifndef CCP_STAGE_SAY_H
#define CCP_STAGE_SAY_H

#include "codec/proto/proto.h"

typedef struct {
    ccp_answer_ctx_t  *ac;
    ccp_proto_e        origin;     /* whose answer it is */
    int                next;       /* number of the next block */
    unsigned           started:1;
    unsigned           over:1;     /* nothing more is to be said */
} ccp_say_t;

/* A block on its way.  Zeroed: none is open, of the first choice. */
typedef struct {
    int                choice;
    int                index;      /* its number */
    ccp_block_e        kind;
    unsigned           open:1;
} ccp_say_block_t;

void ccp_say_init(ccp_say_t *s, ccp_answer_ctx_t *ac, ccp_proto_e origin);

/* All below: CCP_OK or CCP_NOMEM. */

/* START; once, what is said again is passed over.  usage may be NULL. */
int ccp_say_start(ccp_say_t *s, ccp_str_t id, ccp_str_t model,
    int64_t created, const ccp_usage_t *usage);

/* Begins a block; the one that is open there ends before.  Sets b->origin. */
int ccp_say_block(ccp_say_t *s, ccp_say_block_t *to, ccp_block_t *b);

/* Text of that kind: goes on with the open block if it is of that kind, else
 * begins one.  Nothing if there is no text. */
int ccp_say_text(ccp_say_t *s, ccp_say_block_t *to, ccp_block_e kind,
    ccp_str_t text);

/* To the open block, if one is: text or arguments, a signature, a citation
 * or log probabilities (JSON text). */
int ccp_say_delta(ccp_say_t *s, const ccp_say_block_t *to, ccp_str_t text);
int ccp_say_sig(ccp_say_t *s, const ccp_say_block_t *to, ccp_proto_e origin,
    ccp_str_t sig);
int ccp_say_cite(ccp_say_t *s, const ccp_say_block_t *to, ccp_str_t raw);
int ccp_say_logprobs(ccp_say_t *s, const ccp_say_block_t *to, ccp_str_t raw);

/* Ends the open block, if one is; cut: it is incomplete. */
int ccp_say_stop(ccp_say_t *s, ccp_say_block_t *to, int cut);

int ccp_say_usage(ccp_say_t *s, const ccp_usage_t *usage);
/* text and category as in ccp_event_t; absent: none. */
int ccp_say_finish(ccp_say_t *s, int choice, ccp_stop_e stop, ccp_str_t text,
    ccp_str_t category);
int ccp_say_ping(ccp_say_t *s);
int ccp_say_end(ccp_say_t *s);

/* ERROR: as it is, in words of our own, or read from an upstream's error
 * member; a status that is none of an error is unknown.  cls: what an error
 * is that tells nothing of its class; NONE: it stays unknown. */
int ccp_say_error(ccp_say_t *s, const ccp_error_t *err);
int ccp_say_fail(ccp_say_t *s, ccp_err_e cls, const char *text);
int ccp_say_refusal(ccp_say_t *s, int64_t status, ccp_jval_t v,
    ccp_err_e cls);

#endif /* CCP_STAGE_SAY_H */
