
/*
 * Ollama, requests: what the files of the reader and the writer share.
 */

#ifndef CCP_OLLAMA_REQUEST_H
#define CCP_OLLAMA_REQUEST_H

#include "codec/ollama/ollama_words.h"

/* The rows of ccp_ollama_ops; contracts in proto.h. */
int ccp_ollama_read_request(ccp_request_t *r, ccp_arena_t *a,
    ccp_error_t *err);
int ccp_ollama_write_request(ccp_write_ctx_t *x, ccp_out_t *out);

/* Request in: ollama_request_in.c, messages in
 * ollama_request_in_messages.c. */
typedef struct {
    ccp_in_t         at;
    ccp_request_t   *r;
    ccp_block_t    **system;       /* tails */
    ccp_message_t  **msgs;
    ccp_block_t    **results;      /* tail of the last message if that is
                                      made of results */
} ccp_ollama_reader_t;

void ccp_ollama_read_messages(ccp_ollama_reader_t *in);
/* The one message that /api/generate stands for. */
void ccp_ollama_read_prompt(ccp_ollama_reader_t *in);

/* Request out: ollama_request_out.c, messages in
 * ollama_request_out_messages.c. */
typedef struct {
    ccp_write_ctx_t       *x;
    ccp_request_t         *r;
    const ccp_provider_t  *pr;
    ccp_out_t             *o;
} ccp_ollama_writer_t;

int ccp_ollama_write_messages(ccp_ollama_writer_t *w);

#endif /* CCP_OLLAMA_REQUEST_H */
