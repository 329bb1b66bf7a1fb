
/*
 * Ollama, requests: what the files of the reader and the writer share.
 */

#ifndef CCP_OLLAMA_REQUEST_H
#define CCP_OLLAMA_REQUEST_H

#include "codec/ollama/ollama_words.h"

/* The rows of ccp_ollama_ops; contracts in proto.h. */
int ccp_ollama_decode(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err);
int ccp_ollama_encode(ccp_encode_t *x, ccp_out_t *out);

/* Request in: ollama_request_in.c, messages in
 * ollama_request_in_messages.c. */
typedef struct {
    ccp_request_t   *r;
    ccp_arena_t     *a;
    ccp_error_t     *err;
    ccp_block_t    **system;       /* tails */
    ccp_message_t  **msgs;
    ccp_block_t    **results;      /* tail of the last message if that is
                                      made of results */
} ccp_ollama_in_t;

int ccp_ollama_decode_messages(ccp_ollama_in_t *in);
/* The one message that /api/generate stands for. */
int ccp_ollama_decode_prompt(ccp_ollama_in_t *in);

/* CCP_INVALID: "WHERE: expected WANT, got a TYPE"; where is a printf form. */
int ccp_ollama_type_error(ccp_ollama_in_t *in, ccp_jval_t v, const char *want,
    const char *where, ...) __attribute__((format(printf, 4, 5)));

/* Request out: ollama_request_out.c, messages in
 * ollama_request_out_messages.c. */
typedef struct {
    ccp_encode_t         *x;
    ccp_request_t        *r;
    const ccp_dialect_t  *d;
    ccp_out_t            *out;
    const ccp_message_t  *last;    /* last user message */
} ccp_ollama_out_t;

int ccp_ollama_write_messages(ccp_ollama_out_t *oo);

#endif /* CCP_OLLAMA_REQUEST_H */
