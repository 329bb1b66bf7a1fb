
/*
 * Chat Completions, https://platform.openai.com/docs/api-reference/chat: what
 * others see of the protocol.  Responses has its words and error object too.
 */

#ifndef CCP_CHAT_H
#define CCP_CHAT_H

#include "codec/proto/proto.h"
#include "codec/prepare/prepare.h"

extern const ccp_ops_t  ccp_chat_ops;

/* One word of the wire and its number here; a table ends with NULL. */
typedef struct {
    const char  *word;
    int          value;
} ccp_chat_word_t;

/* The number of a word, dflt if the table doesn't have it. */
int ccp_chat_find(const ccp_chat_word_t *t, ccp_str_t s, int dflt);

extern const ccp_chat_word_t  ccp_chat_efforts[];

/* The error object, without braces of the document around it. */
void ccp_chat_write_error(ccp_out_t *out, const ccp_error_t *err);

#endif /* CCP_CHAT_H */
