
/*
 * What several encoders write, of requests and of answers.
 */

#ifndef CCP_PROTO_OUT_H
#define CCP_PROTO_OUT_H

#include <stddef.h>

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

/* What a block is a medium of, "image"; NULL: it is none. */
const char *ccp_media_word(const ccp_block_t *b);
/* What stands in its place in an old turn, "[image omitted]". */
const char *ccp_media_remark(const ccp_block_t *b);

/*
 * Refuses a medium that the target can't take: its file id, its URL where its
 * data would be taken, or at all.  CCP_INVALID, CCP_NOMEM.
 */
int ccp_refuse_media(ccp_write_ctx_t *x, const ccp_block_t *b, int data);

/* Text documents as text, into an open string: the first tag; the whole, with
 * context or ccp_none before the text.  CCP_OK or CCP_NOMEM. */
void ccp_w_document_tag(ccp_out_t *out, ccp_str_t title);
int ccp_w_document(ccp_out_t *out, ccp_arena_t *a, const ccp_block_t *b,
    ccp_str_t context);

/*
 * The client's stop sequences as a list, unless there are none: max of them,
 * without empty ones and, with blank, without those of white space alone.
 * What is left out is noted.
 */
void ccp_w_stop(ccp_write_ctx_t *x, ccp_out_t *out, const char *key, int max,
    int blank);

/* A member of ccp_request_t, a ccp_str_t; a list ends without a name. */
typedef struct {
    const char  *name;
    size_t       off;
} ccp_absent_t;

/* Notes those of the list that the client gave: "NAME: ", why, who. */
void ccp_request_note_absent(ccp_request_t *r, ccp_arena_t *a,
    const ccp_absent_t *list, const char *why, const char *who);

/*
 * The error document of Chat and Responses, and the HTTP status it goes with;
 * the object in it alone, as events have it.
 */
int ccp_openai_error(const ccp_error_t *err, ccp_str_t request_id,
    ccp_out_t *out);
int ccp_openai_status(const ccp_error_t *err);
int ccp_openai_own_error(const ccp_error_t *err, ccp_jval_t root);
void ccp_w_openai_error(ccp_out_t *out, const ccp_error_t *err);

#endif /* CCP_PROTO_OUT_H */
