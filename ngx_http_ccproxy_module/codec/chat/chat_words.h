
/*
 * Chat Completions: words that requests and answers share (chat_words.c).
 */

#ifndef CCP_CHAT_WORDS_H
#define CCP_CHAT_WORDS_H

#include "codec/proto/proto.h"
#include "codec/proto/proto_words.h"

/* What finish_reason says: a ccp_stop_e, or that the answer failed. */
#define CCP_CHAT_FAILED  -1
#define CCP_CHAT_BUSY    -2

extern const ccp_chat_word_t  ccp_chat_reasons[];

const char *ccp_chat_finish_word(const ccp_res_t *rs, ccp_stop_e stop,
    int refusal);

/* "chatcmpl-…": the upstream's id if it has that form, else our own. */
ccp_str_t ccp_chat_answer_id(ccp_res_t *rs, ccp_str_t id);

#endif /* CCP_CHAT_WORDS_H */
