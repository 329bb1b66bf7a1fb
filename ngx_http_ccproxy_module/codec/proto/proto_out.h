
/*
 * What several encoders write, of requests and of answers.
 */

#ifndef CCP_PROTO_OUT_H
#define CCP_PROTO_OUT_H

#include "codec/proto/proto.h"

/* Writes a plain slice as a segment of a path, percent-encoded. */
void ccp_out_path_segment(ccp_out_t *out, ccp_str_t s);

/* Hash of a user id to 32 hex digits where it is longer than max. */
ccp_str_t ccp_request_fit_user(ccp_arena_t *a, ccp_str_t user, size_t max);

/*
 * The estimate of input tokens (prepare.h) for an answer whose usage, u or
 * NULL, may tell their number itself: then 0, and nothing is estimated.
 */
int64_t ccp_estimate_answer(ccp_answer_ctx_t *ac, const ccp_usage_t *u);

/*
 * The error document of Chat and Responses, and the HTTP status it goes with;
 * the object in it alone, as events have it.
 */
int ccp_openai_error(const ccp_error_t *err, ccp_str_t request_id,
    ccp_out_t *out);
int ccp_openai_status(const ccp_error_t *err);
void ccp_w_openai_error(ccp_out_t *out, const ccp_error_t *err);

#endif /* CCP_PROTO_OUT_H */
