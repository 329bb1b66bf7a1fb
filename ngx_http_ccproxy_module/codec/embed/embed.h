
/*
 * Embeddings: requests and answers of CCP_OP_EMBED.  What a protocol makes of
 * them stands in its folder (PROTO_embed.c).  Answers come whole, so there are
 * no events: vectors are read from the upstream's document and written to the
 * client's.
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

/* An answer: each vector is an array of numbers or a base64 string. */
typedef struct {
    ccp_jval_t   *vectors;
    size_t        n;
    ccp_usage_t   usage;
} ccp_embed_vectors_t;

/*
 * A protocol's embeddings.  Results as those of the functions below;
 * enc_answer: CCP_INVALID if a vector can't be read.
 */
typedef struct ccp_embed_ops_s {
    int  (*read_request)(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err);
    int  (*write_request)(ccp_write_ctx_t *x, ccp_out_t *out);
    int  (*dec_answer)(ccp_embed_vectors_t *e, ccp_answer_ctx_t *ac,
                       ccp_jval_t root);
    int  (*enc_answer)(const ccp_embed_vectors_t *e, ccp_answer_ctx_t *ac,
                       ccp_out_t *out);
} ccp_embed_ops_t;

/* Fills r->embed_*; r->root is set.  CCP_OK, CCP_INVALID (err), CCP_NOMEM. */
int ccp_embed_read_request(const ccp_ops_t *ops, ccp_request_t *r,
    ccp_arena_t *a, ccp_error_t *err);

/*
 * The body for x->target.  CCP_INVALID: the target can't take these inputs,
 * or its protocol has no embeddings (CCP_E_NOT_FOUND).
 */
int ccp_embed_write_request(ccp_write_ctx_t *x, ccp_out_t *out);

/*
 * Reads the answer of ac->target's protocol; the document must stay.
 * CCP_INVALID: it is an error or not an answer (err).
 */
int ccp_embed_dec_answer(ccp_embed_vectors_t *e, ccp_answer_ctx_t *ac,
    ccp_jval_t root, ccp_error_t *err);
/* Writes it as ac->req's client wants it.  Same results. */
int ccp_embed_enc_answer(const ccp_embed_vectors_t *e, ccp_answer_ctx_t *ac,
    ccp_out_t *out, ccp_error_t *err);

/*
 * What protocols do alike.  read_model: "model" at the root.  read_dims: v is
 * the size of a vector or absent.  write_members: model, input and
 * dimensions.  dec_room: room for n vectors.  dec_list: a list of vectors, or
 * of objects with the vector in member.  enc_numbers: a vector as numbers.
 */
int ccp_embed_read_type_error(ccp_arena_t *a, ccp_error_t *err,
    const char *where, const char *want, ccp_jval_t v);
int ccp_embed_read_model(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err);
int ccp_embed_read_dims(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err,
    ccp_jval_t v);
void ccp_embed_write_members(ccp_write_ctx_t *x, ccp_out_t *out);
int ccp_embed_dec_room(ccp_embed_vectors_t *e, ccp_answer_ctx_t *ac,
    size_t n);
int ccp_embed_dec_list(ccp_embed_vectors_t *e, ccp_answer_ctx_t *ac,
    ccp_jval_t list, const char *member);
int ccp_embed_dec_one(ccp_embed_vectors_t *e, ccp_answer_ctx_t *ac,
    ccp_jval_t v);
int ccp_embed_enc_numbers(ccp_answer_ctx_t *ac, ccp_out_t *out, ccp_jval_t v);

/*
 * Vectors in other spellings (embed_vector.c).  pack: an array of numbers
 * as a string of base64, little-endian 32-bit floats; unpack: the reverse,
 * each number in the shortest form that gives the same float.  CCP_INVALID:
 * v is neither.
 */
int ccp_embed_pack(ccp_out_t *out, ccp_arena_t *a, ccp_jval_t v);
int ccp_embed_unpack(ccp_out_t *out, ccp_arena_t *a, ccp_jval_t v);

#endif /* CCP_EMBED_H */
