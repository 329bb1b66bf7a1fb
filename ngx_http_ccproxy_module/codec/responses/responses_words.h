
/*
 * Responses: words that requests and answers share (responses_words.c).  Words,
 * error envelope and efforts are OpenAI's in both of its protocols: see chat.h.
 */

#ifndef CCP_RESPONSES_WORDS_H
#define CCP_RESPONSES_WORDS_H

#include "codec/prepare/prepare.h"

/* Tools that the client runs and that have item types of their own. */
typedef struct {
    const char  *tool;         /* type, also the name */
    const char  *call;         /* item type of a call */
    const char  *output;       /* … and of its result */
    const char  *member;       /* of the call: the arguments */
} ccp_responses_builtin_t;

/* The row of a tool, or of the item type of its call or result; NULL. */
const ccp_responses_builtin_t *ccp_responses_find_builtin(ccp_str_t tool);
const ccp_responses_builtin_t *ccp_responses_find_builtin_item(ccp_str_t item);

/* Appends JSON text without line ends, so that it fits an SSE line. */
void ccp_responses_enc_line(ccp_out_t *out, ccp_str_t raw);

/* The code that clients know the error by. */
ccp_str_t ccp_responses_enc_error_code(const ccp_error_t *err);
ccp_str_t ccp_responses_enc_error_text(const ccp_error_t *err);

#endif /* CCP_RESPONSES_WORDS_H */
