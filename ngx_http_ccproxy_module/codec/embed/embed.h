
/*
 * Embeddings: requests and answers of CCP_OP_EMBED, one table by protocol.
 * Answers come whole, so there are no events: vectors are read from the
 * upstream's document and written to the client's.
 */

#ifndef CCP_EMBED_H
#define CCP_EMBED_H

#include "codec/base/base_arena.h"
#include "codec/json/json_out.h"
#include "codec/json/json_read.h"
#include "codec/form/form_event.h"
#include "codec/provider/provider.h"
#include "codec/proto/proto.h"

/*
 * An input is text (json set) or, in Chat, a list of token numbers as JSON
 * text (json clear).
 */
#define ccp_embed_is_tokens(s)   (!(s).json)

/* Fills r->embed_*; r->root is set.  CCP_OK, CCP_INVALID (err), CCP_NOMEM. */
int ccp_embed_read_request(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err);

/* Whether the client's bytes may go to this target as they are. */
int ccp_embed_splice_fits(const ccp_request_t *r, const ccp_target_t *t);

/*
 * The body for x->target.  CCP_INVALID: the target can't take these inputs,
 * or its protocol has no embeddings (CCP_E_NOT_FOUND).
 */
int ccp_embed_write_request(ccp_write_ctx_t *x, ccp_out_t *out);

/* An answer: each vector is an array of numbers or a base64 string. */
typedef struct {
    ccp_jval_t   *vectors;
    size_t        n;
    ccp_usage_t   usage;
} ccp_embed_vectors_t;

/*
 * Reads the answer of rs->target's protocol; the document must stay.
 * CCP_INVALID: it is an error or not an answer (err).
 */
int ccp_embed_dec_answer(ccp_embed_vectors_t *e, ccp_answer_ctx_t *ac,
    ccp_jval_t root, ccp_error_t *err);
/* Writes it as rs->req's client wants it.  Same results. */
int ccp_embed_enc_answer(const ccp_embed_vectors_t *e, ccp_answer_ctx_t *ac,
    ccp_out_t *out, ccp_error_t *err);

/*
 * Vectors in other spellings (embed_vector.c).  pack: an array of numbers
 * as a string of base64, little-endian 32-bit floats; unpack: the reverse,
 * each number in the shortest form that gives the same float.  CCP_INVALID:
 * v is neither.
 */
int ccp_embed_pack(ccp_out_t *out, ccp_arena_t *a, ccp_jval_t v);
int ccp_embed_unpack(ccp_out_t *out, ccp_arena_t *a, ccp_jval_t v);

#endif /* CCP_EMBED_H */
