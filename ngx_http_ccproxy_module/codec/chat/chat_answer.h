
/*
 * Chat Completions, answers: what the files of the decoder and the encoder
 * share.
 */

#ifndef CCP_CHAT_ANSWER_H
#define CCP_CHAT_ANSWER_H

#include "codec/chat/chat_words.h"
#include "codec/stage/stage_say.h"
#include "codec/base/base_index.h"

/* The rows of ccp_chat_ops; contracts in proto.h. */
int ccp_chat_dec_init(void *d, ccp_answer_ctx_t *ac);
int ccp_chat_dec_event(void *dec, ccp_str_t event, ccp_str_t data,
    ccp_jval_t v);
int ccp_chat_dec_whole(void *d, ccp_jval_t root);
int ccp_chat_dec_eof(void *d);
int ccp_chat_enc_init(void *e, ccp_answer_ctx_t *ac);
int ccp_chat_enc_event(void *e, const ccp_event_t *ev, ccp_out_t *out);
int ccp_chat_enc_whole(ccp_answer_ctx_t *ac, const ccp_answer_t *ans,
    ccp_out_t *out);

/* Answer in: chat_answer_in.c, tool calls in chat_answer_in_calls.c. */
typedef struct ccp_chat_dec_call_s    ccp_chat_dec_call_t;
typedef struct ccp_chat_dec_choice_s  ccp_chat_dec_choice_t;

struct ccp_chat_dec_call_s {
    int                   key;       /* index on the wire, -1: none */
    ccp_say_block_t       block;     /* open from its name on */
    ccp_str_t             id;
    ccp_str_t             name;
    ccp_buf_t             held;      /* arguments that came before the name */
    int                   depth;     /* of the arguments' JSON */
    unsigned              free_text:1;
    unsigned              legacy:1;
    unsigned              started:1;
    unsigned              args:1;    /* some have come */
    unsigned              whole:1;   /* they form a complete object */
    unsigned              string:1;  /* inside a string of them */
    unsigned              escape:1;
    unsigned              touched;   /* the last payload that had a part */
    ccp_chat_dec_call_t  *next;
    ccp_chat_dec_call_t  *next_whole;
};

struct ccp_chat_dec_choice_s {
    ccp_say_block_t         text;      /* calls have blocks of their own */
    unsigned                signed_:1; /* the open THINK has its signature */
    unsigned                refusal:1;
    unsigned                finished:1;
    unsigned                role:1;    /* its role came */
    unsigned                cited:1;   /* top-level citations were passed */
    ccp_chat_dec_call_t    *calls;
    ccp_chat_dec_call_t    *last;
    ccp_chat_dec_call_t    *whole;     /* complete and open, latest first */
    ccp_index_t             by_key;    /* the latest of each */
    ccp_index_t             by_id;
    unsigned                payload;   /* its number, for touched */
    ccp_chat_dec_choice_t  *next;
};

typedef struct {
    ccp_answer_ctx_t       *ac;
    ccp_say_t               say;
    ccp_chat_dec_choice_t  *choices;
    unsigned                whole:1;   /* the answer is one document */
} ccp_chat_dec_t;

/* tool_calls and function_call of a delta or message. */
int ccp_chat_dec_calls(ccp_chat_dec_t *d, ccp_chat_dec_choice_t *c,
    ccp_jval_t delta);
/* Starts calls that wait for an id. */
int ccp_chat_dec_start_calls(ccp_chat_dec_t *d, ccp_chat_dec_choice_t *c);
/* Ends calls: those whose arguments are complete, or all. */
int ccp_chat_dec_stop_calls(ccp_chat_dec_t *d, ccp_chat_dec_choice_t *c,
    int all, int cut);

/* Answer out: chat_answer_out.c, whole answers in
 * chat_answer_out_whole.c. */
typedef struct ccp_chat_enc_choice_s  ccp_chat_enc_choice_t;

struct ccp_chat_enc_choice_s {           /* one choice on its way out */
    int                     choice;
    int                     calls;       /* begun so far, also their index */
    ccp_block_e             kind;        /* of the open block */
    unsigned                free_text:1; /* that call takes free text */
    unsigned                role:1;      /* the role chunk was written */
    unsigned                text:1;      /* text or refusal was written */
    unsigned                refusal:1;
    unsigned                redacted:1;  /* the open THINK has no text */
    ccp_str_t               item_id;     /* of the open block */
    ccp_buf_t               cites;       /* annotations, by comma */
    ccp_chat_enc_choice_t  *next;
};

typedef struct {
    ccp_answer_ctx_t       *ac;
    ccp_str_t               head;  /* a chunk's constant beginning */
    ccp_chat_enc_choice_t  *said;
    ccp_usage_t             usage;
    ccp_json_t              doc;   /* for citations */
    unsigned                finished:1;
    unsigned                done:1;
} ccp_chat_enc_t;

/* chat_answer_out_cites.c: a source of the open text, and all of a whole
 * message, as annotations.  CCP_OK or CCP_NOMEM. */
int ccp_chat_enc_cite(ccp_chat_enc_t *e, ccp_chat_enc_choice_t *s,
    ccp_str_t raw);
int ccp_chat_enc_whole_cites(ccp_answer_ctx_t *ac, ccp_out_t *out,
    const ccp_answer_t *ans);

/* chat_usage.c; r_out: reasoning is outside completion_tokens. */
void ccp_chat_dec_token_counts(ccp_usage_t *usage, ccp_jval_t u, int r_out);
void ccp_chat_enc_usage(ccp_out_t *out, const ccp_usage_t *u);
/* One member of reasoning_details: proof for a later request. */
int ccp_chat_enc_carrier(ccp_answer_ctx_t *ac, ccp_out_t *out,
    ccp_proto_e origin, ccp_str_t item_id, ccp_str_t sig, int redacted);

#endif /* CCP_CHAT_ANSWER_H */
