
/*
 * What the files of the Ollama codec share.
 */

#ifndef CCP_OLLAMA_H
#define CCP_OLLAMA_H

#include "codec/base/base_buf.h"
#include "codec/json/json_out.h"
#include "codec/json/json_read.h"
#include "codec/form/form_event.h"
#include "codec/provider/provider.h"
#include "codec/proto/proto.h"

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

int ccp_ollama_decode(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err);
int ccp_ollama_decode_messages(ccp_ollama_in_t *in);
/* The one message that /api/generate stands for. */
int ccp_ollama_decode_prompt(ccp_ollama_in_t *in);

/* CCP_INVALID: "WHERE: expected WANT, got a TYPE"; where is a printf form. */
int ccp_ollama_type_error(ccp_ollama_in_t *in, ccp_jval_t v, const char *want,
    const char *where, ...) __attribute__((format(printf, 4, 5)));

/*
 * Whether a client's request can go to another protocol at all: CCP_OK, or
 * CCP_INVALID with the reason.
 */
int ccp_ollama_convertible(const ccp_request_t *r, ccp_arena_t *a,
    ccp_error_t *err);

/* Fields of options that have a place in the neutral form. */
typedef struct {
    const char  *name;
    size_t       off;              /* of a ccp_str_t in ccp_request_t */
} ccp_ollama_option_t;

extern const ccp_ollama_option_t  ccp_ollama_options[];

/* Request out: ollama_request_out.c, messages in
 * ollama_request_out_messages.c. */
typedef struct {
    ccp_encode_t         *x;
    ccp_request_t        *r;
    const ccp_dialect_t  *d;
    ccp_out_t            *out;
    const ccp_message_t  *last;    /* last user message */
} ccp_ollama_out_t;

int ccp_ollama_encode(ccp_encode_t *x, ccp_out_t *out);
int ccp_ollama_write_messages(ccp_ollama_out_t *oo);

/* Response in: ollama_answer_in.c. */
typedef struct {
    ccp_res_t    *rs;
    int           nblocks;         /* started so far */
    ccp_block_e   kind;            /* of the open text */
    ccp_json_t    args;            /* arguments that came as a string */
    unsigned      open:1;
    unsigned      started:1;
    unsigned      over:1;          /* END or ERROR was emitted */
} ccp_ollama_dec_t;

int ccp_ollama_dec_init(void *d, ccp_res_t *rs);
int ccp_ollama_dec_event(void *dec, ccp_str_t event, ccp_str_t data,
    ccp_jval_t v);
int ccp_ollama_dec_whole(void *d, ccp_jval_t root);
int ccp_ollama_dec_eof(void *d);

/* Response out: ollama_answer_out.c. */
typedef struct {
    ccp_res_t    *rs;
    ccp_str_t     head;            /* a line's constant beginning */
    ccp_block_t   call;            /* the open one */
    ccp_buf_t     name;            /* its name and id */
    ccp_buf_t     id;
    ccp_buf_t     args;
    ccp_out_t     flat;            /* JSON text without line ends */
    ccp_json_t    doc;             /* for log probabilities */
    int           calls;           /* lines written */
    ccp_block_e   kind;            /* of the open block */
    int64_t       first;           /* when the first content came; 0: never */
    unsigned      text:1;          /* text was written */
} ccp_ollama_enc_t;

int ccp_ollama_enc_init(void *e, ccp_res_t *rs);
int ccp_ollama_enc_event(void *e, const ccp_event_t *ev, ccp_out_t *out);
int ccp_ollama_enc_whole(ccp_res_t *rs, const ccp_answer_t *ans,
    ccp_out_t *out);

#endif /* CCP_OLLAMA_H */
