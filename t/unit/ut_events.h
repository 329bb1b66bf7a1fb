
/*
 * Response events in one line of text, for tests of stages.
 *
 * Fields are separated by '|'; "k#" before one sets its choice:
 *
 *   S  S{f,r,o}       START, with usage (fresh, read, out; -1 unknown)
 *   B0T B0K B0R B0X   BLOCK_START of text, thinking, refusal, opaque
 *   B0H B0C:name:id   … of a hosted call, of a call; B0Q: a free-text call
 *   B0Z:data          … of redacted thinking
 *   D0:text J0:text   DELTA, plain or in JSON spelling
 *   G0:t C0:j L0:j    SIG, CITE, LOGPROBS
 *   E0 E0!            BLOCK_STOP, truncated
 *   U:f,r,o           USAGE
 *   F:word:text       FINISH
 *   X:class:message   ERROR, P PING, . END
 *
 * The same is written by the recording sink; with merge set, neighbouring
 * deltas of a block are one.  FINISH shows usage as {f,r,o}, "~" before it if
 * estimated.
 */

#ifndef UT_EVENTS_H
#define UT_EVENTS_H

#include "codec/base/base_id.h"
#include "codec/form/form_event.h"
#include "codec/proto/proto.h"
#include "ut.h"

typedef struct {
    char      *p;
    size_t     n;
    int        merge;
    int        last_index;     /* of the block whose DELTA came last, or -1 */
    int        last_choice;
    long       fail_after;     /* events until CCP_NOMEM, -1 never */
} ut_trace_t;

void ut_trace_init(ut_trace_t *t, int merge);
/* The text so far; freed by ut_trace_free. */
const char *ut_trace(ut_trace_t *t);
void ut_trace_free(ut_trace_t *t);
int ut_trace_event(void *ctx, const ccp_event_t *ev);

/* Plays a script to a sink; the sink's result. */
int ut_play(const char *script, ccp_sink_t *sink);
/* The same with each delta cut into pieces of at most n bytes of its
 * spelling (whole escapes). */
int ut_play_split(const char *script, ccp_sink_t *sink, size_t n);

/* What stages get: a request of that protocol, n choices, no names. */
typedef struct {
    ccp_request_t     req;
    ccp_clock_t       clock;
    ccp_answer_ctx_t  ac;
} ut_stage_t;

void ut_stage_init(ut_stage_t *s, ccp_arena_t *a);

#endif /* UT_EVENTS_H */
