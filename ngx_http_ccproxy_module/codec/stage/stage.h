
/*
 * Stages between a decoder and an encoder: each takes events and passes
 * events on, in the order of the table in exchange_answer.c.
 */

#ifndef CCP_STAGE_H
#define CCP_STAGE_H

#include "codec/form/form_event.h"
#include "codec/proto/proto.h"

/*
 * Flow: makes the order that encoders may rely on, whatever the decoder saw.
 *
 *   START (BLOCK_START (DELTA|SIG|CITE|LOGPROBS)* BLOCK_STOP)* FINISH END
 *   or, at any point, ERROR END
 *
 * - START once, invented if the upstream had none; PING anywhere.
 * - One block open at a time.  A text, refusal or thinking block is closed by
 *   the next BLOCK_START; blocks that begin while a CALL is open are queued
 *   and follow when it closes (T04).  The queue is bounded.
 * - Indexes are renumbered 0, 1, 2 …; choices above 0 are dropped unless
 *   req->n > 1.  TEXT, REFUSAL and THINK blocks that never got a byte (nor a
 *   signature) are not passed.  Empty DELTAs are dropped.
 * - A delta that ends between the two escapes of a surrogate pair is held
 *   until its other half comes (T35).
 * - CALL: names are mapped back through rs->names; block.id is never empty
 *   (synthesised); a CALL that closes without a byte of arguments, not cut,
 *   gets one DELTA "{}" (not for free-text calls).
 * - USAGE is merged, last non-zero member wins (T33), and travels with FINISH
 *   (ev->usage), never alone.
 * - FINISH is held until the end is sure (END, or eof after a finish reason);
 *   its stop is sticky: LENGTH > FILTER, REFUSAL > TOOL > SEQ > END (T10,
 *   T11); END with calls seen becomes TOOL, TOOL without any call END.
 *   Blocks still open at LENGTH close with truncated set.
 * - The end without a finish reason is ERROR (CCP_E_MALFORMED), except after
 *   END: then TOOL or END (T37).  A finish reason without END is complete.
 * - After END nothing is passed.
 */
typedef struct ccp_flow_s  ccp_flow_t;

/* limit: bytes that may wait in the queue.  NULL without memory. */
ccp_flow_t *ccp_flow_create(ccp_answer_ctx_t *ac, ccp_sink_t next,
    size_t limit);
int ccp_flow_event(void *flow, const ccp_event_t *ev);
/* Whether all that is left to say is the end: finish reasons came. */
int ccp_flow_finished(const ccp_flow_t *flow);
/* The upstream's bytes ended (eof); emits FINISH or ERROR, then END. */
int ccp_flow_eof(ccp_flow_t *flow);
/* State for the caller: merged usage, the stop, whether END was passed,
 * whether any content was. */
const ccp_usage_t *ccp_flow_usage(const ccp_flow_t *flow);
/* The same with estimates of what was not told: all of it, or what came after
 * the last figures of an answer that was cut.  unread: bytes of the answer
 * that no event was made of. */
void ccp_flow_used(ccp_flow_t *flow, int64_t unread, ccp_usage_t *u);
ccp_stop_e ccp_flow_stop(const ccp_flow_t *flow);
int ccp_flow_done(const ccp_flow_t *flow);
int ccp_flow_started(const ccp_flow_t *flow);

/*
 * Think tags: <think>…</think> (and <thinking>, <reasoning>, <thought>) at
 * the start of text blocks becomes THINK.  Only a possible beginning of a tag
 * is held back.  implicit: the answer begins inside the tag (T29).
 */
typedef struct ccp_think_tags_s  ccp_think_tags_t;
ccp_think_tags_t *ccp_think_tags_create(ccp_answer_ctx_t *ac, ccp_sink_t next,
    int implicit);
int ccp_think_tags_event(void *stage, const ccp_event_t *ev);

/*
 * Tool calls in text: calls that a model wrote as text in one of the known
 * spellings become CALL blocks, if the request offers that tool (by its name
 * on the wire) and the arguments can be read (T15).  Only a possible
 * beginning of a call is held back, then the call until it is complete; what
 * turns out to be none, is cut by the limit of tokens (T11), or is longer
 * than limit bytes (0: no bound), passes as the text it is.  Nothing is
 * looked at in code, fenced or in a line.
 *
 * NATIVE: for models whose server should read their calls itself: the
 * spellings that are hardly ever meant as text.
 * COMPAT: for models that were told of the tools in the prompt: all of them,
 * our own <ccp:call name="…">{…}</ccp:call> first; also a fenced block and a
 * whole answer that are a call's JSON.  Results that a model invents behind
 * its call are dropped with all that follows, for it is built on them.
 */
typedef struct ccp_calls_s  ccp_calls_t;
typedef enum { CCP_CALLS_NATIVE = 1, CCP_CALLS_COMPAT = 2 } ccp_calls_mode_e;
/* NULL without memory. */
ccp_calls_t *ccp_calls_create(ccp_answer_ctx_t *ac, ccp_sink_t next,
    ccp_calls_mode_e mode, size_t limit);
int ccp_calls_event(void *stage, const ccp_event_t *ev);
/* How many calls text made so far. */
unsigned ccp_calls_made(const ccp_calls_t *t);

/*
 * Free-text tools: calls of a function that stands for a free-text tool
 * (ccp_name_t.free_text) come back as free-text calls with their free text.
 */
typedef struct ccp_free_text_s  ccp_free_text_t;
ccp_free_text_t *ccp_free_text_create(ccp_answer_ctx_t *ac, ccp_sink_t next,
    size_t limit);
int ccp_free_text_event(void *stage, const ccp_event_t *ev);

/*
 * Nulls: calls of strict tools whose optional members had to be nullable for
 * a server's strict mode (schema_nulls.h) come back without these nulls.  Only
 * a member whose value may begin a null is held back, or what may be its name.
 */
typedef struct ccp_nulls_s  ccp_nulls_t;
/* Whether the request has such tools; NULL without memory. */
int ccp_nulls_wanted(const ccp_request_t *r);
ccp_nulls_t *ccp_nulls_create(ccp_answer_ctx_t *ac, ccp_sink_t next);
int ccp_nulls_event(void *stage, const ccp_event_t *ev);

/*
 * Stop text: cuts text at the request's stop sequences for upstreams without
 * such a field, reports STOP_SEQ; holds back only a possible beginning.
 */
typedef struct ccp_stop_text_s  ccp_stop_text_t;
ccp_stop_text_t *ccp_stop_text_create(ccp_answer_ctx_t *ac, ccp_sink_t next,
    const ccp_item_t *stop);
int ccp_stop_text_event(void *stage, const ccp_event_t *ev);

/*
 * Aggregate: collects flow's events into one answer, for clients that did
 * not ask for a stream.  limit bounds its bytes (then CCP_NOMEM).
 */
typedef struct ccp_aggregate_s  ccp_aggregate_t;
ccp_aggregate_t *ccp_aggregate_create(ccp_answer_ctx_t *ac, size_t limit);
int ccp_aggregate_event(void *agg, const ccp_event_t *ev);
/* The answer after END; NULL if it ended in an error (then *err). */
const ccp_answer_t *ccp_aggregate_answer(ccp_aggregate_t *agg,
    const ccp_error_t **err);

/* The reverse: plays an answer's blocks as events to a sink. */
int ccp_answer_play(const ccp_answer_t *ans, ccp_sink_t *sink);

#endif /* CCP_STAGE_H */
