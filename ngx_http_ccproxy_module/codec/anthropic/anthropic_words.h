
/*
 * Anthropic Messages: words, usage, signatures and errors (anthropic_words.c).
 */

#ifndef CCP_ANTHROPIC_WORDS_H
#define CCP_ANTHROPIC_WORDS_H

#include "codec/proto/proto.h"
#include "codec/proto/proto_models.h"
#include "codec/prepare/prepare.h"

/* Kind of a content block by its type; OPAQUE for unknown ones. */
ccp_block_e ccp_anthropic_block_kind(ccp_str_t type);

/* stop_reason in and out; version: the client's anthropic-version. */
ccp_stop_e ccp_anthropic_dec_stop(ccp_str_t reason);
const char *ccp_anthropic_enc_stop_name(ccp_stop_e stop, ccp_str_t version);

/* Whether the answer was refused, by the model or by a filter. */
int ccp_anthropic_is_refusal(ccp_stop_e stop);

/* Writes stop_details or, with always, null in its place. */
void ccp_anthropic_enc_stop_details(ccp_out_t *o, ccp_stop_e stop,
    ccp_str_t category, ccp_str_t text, int always);

/*
 * Writes the usage member: fresh and tool tokens as input_tokens.  Members
 * that u (or its absence) leaves open are input and output.
 */
void ccp_anthropic_enc_usage(ccp_out_t *o, const ccp_usage_t *u, int64_t input,
    int64_t output);

/* Writes "id": the upstream's if it is of this protocol's form, else ours. */
void ccp_anthropic_enc_id(ccp_out_t *o, const ccp_answer_ctx_t *ac,
    ccp_str_t id);

/* Who signed: the protocol of the target that answers. */
ccp_proto_e ccp_anthropic_signer(const ccp_answer_ctx_t *ac,
    ccp_proto_e origin);

/*
 * A signature as the client gets it: itself if Anthropic made it, else in a
 * carrier.  Absent: no memory.
 */
ccp_str_t ccp_anthropic_enc_sig(const ccp_answer_ctx_t *ac, ccp_proto_e origin,
    ccp_str_t item_id, ccp_str_t sig);

/* Appends a JSON value without line ends, so that it fits an SSE line. */
void ccp_anthropic_enc_line(ccp_out_t *o, ccp_str_t raw);

/* Class of an error type; CCP_E_NONE if it is unknown. */
ccp_err_e ccp_anthropic_error_class(ccp_str_t type);

/* The error document and its status, as the row has them. */
int ccp_anthropic_enc_error_document(const ccp_error_t *err,
    ccp_str_t request_id, ccp_out_t *out);
int ccp_anthropic_error_status(const ccp_error_t *err);
int ccp_anthropic_own_error(const ccp_error_t *err, ccp_jval_t root);

/* Parts of the row: anthropic_models.c. */
extern const ccp_models_ops_t  ccp_anthropic_models;

#endif /* CCP_ANTHROPIC_WORDS_H */
