
/*
 * What the stages share: copies of blocks that must outlive their event, the
 * bound on choices, surrogate halves, characters of text.
 */

#ifndef CCP_STAGE_COPY_H
#define CCP_STAGE_COPY_H

#include "codec/base/base_buf.h"
#include "codec/form/form_request.h"
#include "codec/proto/proto.h"

/* Choices one answer may have, the most any protocol allows. */
#define CCP_MAX_CHOICES   128

/* Choices the client asked for: 1 unless it gave n, never more than
 * CCP_MAX_CHOICES. */
int ccp_answer_choices(const ccp_answer_ctx_t *ac);

/* Bytes a copy of the block needs, its parts and all slices included. */
size_t ccp_block_bytes(const ccp_block_t *b);

/*
 * Copies the block with all it points to into mem, which has
 * ccp_block_bytes(b) bytes aligned for pointers; "next" is NULL in the copy.
 */
ccp_block_t *ccp_block_place(void *mem, const ccp_block_t *b);

/* The same in the arena; NULL without memory. */
ccp_block_t *ccp_block_dup(ccp_arena_t *a, const ccp_block_t *b);

/*
 * Puts a copy into a buffer that is emptied first and reused from block to
 * block; NULL without memory.
 */
ccp_block_t *ccp_block_keep(ccp_buf_t *slab, const ccp_block_t *b);

#define CCP_HALF   6               /* bytes of an escape \uXXXX */

/* Whether the slice ends with the first escape of a surrogate pair / begins
 * with a second one. */
int ccp_half_is_high(ccp_str_t s);
int ccp_half_is_low(ccp_str_t s);

/* The character at that byte if it is ASCII, else -1 (part of another one);
 * *n is the bytes it takes in the slice's spelling. */
int ccp_text_char(ccp_str_t s, size_t at, size_t *n);

#endif /* CCP_STAGE_COPY_H */
