
/*
 * Ollama, answers: the states of decoder and encoder.
 */

#ifndef CCP_OLLAMA_ANSWER_H
#define CCP_OLLAMA_ANSWER_H

#include "codec/ollama/ollama_words.h"
#include "codec/stage/stage_say.h"

/* Answer in: ollama_answer_in.c. */
typedef struct {
    ccp_answer_ctx_t  *ac;
    ccp_say_t          say;
    ccp_say_block_t    block;      /* one is open at a time */
} ccp_ollama_dec_t;

/* Answer out: ollama_answer_out.c. */
typedef struct {
    ccp_answer_ctx_t  *ac;
    ccp_str_t          head;       /* a line's constant beginning */
    ccp_block_t        call;       /* the open one */
    ccp_buf_t          name;       /* its name and id */
    ccp_buf_t          id;
    ccp_buf_t          args;
    ccp_out_t          flat;       /* JSON text without line ends */
    ccp_json_t         doc;        /* for log probabilities */
    int                calls;      /* lines written */
    ccp_block_e        kind;       /* of the open block */
    int64_t            first;      /* when the first content came; 0: never */
    unsigned           text:1;     /* text was written */
} ccp_ollama_enc_t;

/* The rows of ccp_ollama_ops; contracts in proto.h. */
int ccp_ollama_dec_init(void *d, ccp_answer_ctx_t *ac);
int ccp_ollama_dec_event(void *dec, ccp_str_t event, ccp_str_t data,
    ccp_jval_t v);
int ccp_ollama_dec_whole(void *d, ccp_jval_t root);
int ccp_ollama_dec_eof(void *d);
int ccp_ollama_enc_init(void *e, ccp_answer_ctx_t *ac);
int ccp_ollama_enc_event(void *e, const ccp_event_t *ev, ccp_out_t *out);
int ccp_ollama_enc_whole(ccp_answer_ctx_t *ac, const ccp_answer_t *ans,
    ccp_out_t *out);

#endif /* CCP_OLLAMA_ANSWER_H */
