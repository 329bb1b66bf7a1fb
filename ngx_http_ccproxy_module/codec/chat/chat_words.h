
/*
 * Chat Completions: words that requests and answers share (chat_words.c).
 */

#ifndef CCP_CHAT_WORDS_H
#define CCP_CHAT_WORDS_H

#include "codec/proto/proto.h"
#include "codec/proto/proto_words.h"

/* What finish_reason says: a ccp_stop_e, or that the answer failed. */
#define CCP_CHAT_STOP_FAILED  -1
#define CCP_CHAT_STOP_BUSY    -2

extern const ccp_word_t  ccp_chat_dec_stop_words[];

const char *ccp_chat_enc_stop_word(const ccp_answer_ctx_t *ac, ccp_stop_e stop,
    int refusal);

/* "chatcmpl-…": the upstream's id if it has that form, else our own. */
ccp_str_t ccp_chat_enc_id(ccp_answer_ctx_t *ac, ccp_str_t id);

/* Parts of the row: chat_embed.c. */
extern const struct ccp_embed_ops_s  ccp_chat_embed;

#endif /* CCP_CHAT_WORDS_H */
