
/*
 * Gemini, answers: what the files of the decoder and the encoder share.
 */

#ifndef CCP_GEMINI_ANSWER_H
#define CCP_GEMINI_ANSWER_H

#include "codec/gemini/gemini_words.h"
#include "codec/stage/stage_say.h"
#include "codec/base/base_index.h"

/* The rows of ccp_gemini_ops; contracts in proto.h. */
int ccp_gemini_dec_init(void *d, ccp_answer_ctx_t *ac);
int ccp_gemini_dec_event(void *dec, ccp_str_t event, ccp_str_t data,
    ccp_jval_t v);
int ccp_gemini_dec_whole(void *d, ccp_jval_t root);
int ccp_gemini_dec_eof(void *d);
int ccp_gemini_enc_init(void *e, ccp_answer_ctx_t *ac);
int ccp_gemini_enc_resume(void *e, const void *d);
int ccp_gemini_enc_event(void *e, const ccp_event_t *ev, ccp_out_t *out);
int ccp_gemini_enc_whole(ccp_answer_ctx_t *ac, const ccp_answer_t *ans,
    ccp_out_t *out);

/* Answer in: gemini_answer_in.c, parts in gemini_answer_in_parts.c,
 * arguments that arrive in pieces in gemini_answer_in_args.c. */
typedef struct ccp_gemini_args_node_s  ccp_gemini_args_node_t;

struct ccp_gemini_args_node_s {
    ccp_jtype_e              type;
    ccp_str_t                key;   /* in an object */
    uint32_t                 index; /* in an array */
    ccp_buf_t                text;  /* a string's content, else JSON text */
    ccp_gemini_args_node_t  *parent;
    ccp_gemini_args_node_t  *child;
    ccp_gemini_args_node_t  *last;  /* child */
    ccp_gemini_args_node_t  *next;
};

/* Arguments of a call; root.type is OBJECT. */
typedef struct {
    ccp_gemini_args_node_t   root;
    ccp_index_t              nodes; /* by parent and place in it */
    ccp_arena_t             *arena;
} ccp_gemini_args_t;

/* Adds one element of partialArgs to the tree; paths that make no sense are
 * passed over.  CCP_OK or CCP_NOMEM. */
int ccp_gemini_args_add(ccp_gemini_args_t *args, ccp_jval_t part);
/* Writes the tree as a JSON object. */
void ccp_gemini_args_write(const ccp_gemini_args_node_t *root, ccp_out_t *o);

typedef struct ccp_gemini_dec_choice_s  ccp_gemini_dec_choice_t;

struct ccp_gemini_dec_choice_s {
    ccp_say_block_t             block;     /* one is open at a time */
    const ccp_gemini_reason_t  *reason;    /* strongest seen */
    ccp_str_t                   message;   /* finishMessage */
    ccp_str_t                   word;      /* finishReason as it came */
    ccp_gemini_args_t          *args;      /* of a call that goes on */
    unsigned                    content:1;
    ccp_gemini_dec_choice_t    *next;
};

typedef struct {
    ccp_answer_ctx_t         *ac;
    ccp_say_t                 say;
    ccp_gemini_dec_choice_t  *choices;
    ccp_str_t                 blocked; /* blockReason */
    ccp_str_t                 why;     /* blockReasonMessage */
    unsigned                  whole:1;
} ccp_gemini_dec_t;

/* One part of a candidate: gemini_answer_in_parts.c. */
int ccp_gemini_dec_part(ccp_gemini_dec_t *d, ccp_gemini_dec_choice_t *c,
    ccp_jval_t part);
/* Ends a call that arrived in pieces, if any. */
int ccp_gemini_dec_end_call(ccp_gemini_dec_t *d, ccp_gemini_dec_choice_t *c,
    int cut);

/* Answer out: gemini_answer_out.c, whole answers in
 * gemini_answer_out_whole.c, both with gemini_answer_out_meta.c. */
typedef struct {
    ccp_answer_ctx_t  *ac;
    ccp_str_t          tail;      /* a chunk's constant end */
    ccp_str_t          id;
    ccp_usage_t        usage;
    ccp_block_e        kind;      /* of the open block */
    ccp_buf_t          name;      /* of the open call, JSON spelling */
    ccp_buf_t          call;      /* its id */
    ccp_buf_t          item;      /* item id of open reasoning */
    ccp_buf_t          args;
    ccp_buf_t          sig;       /* signature for the next call */
    ccp_out_t          line;      /* a chunk that may hold line ends */
    unsigned           free_text:1;
    unsigned           redacted:1;
    unsigned           held:1;    /* a call whose arguments look cut waits */
    unsigned           content:1;
    unsigned           written:1; /* array: an element was written */
    unsigned           finished:1;
    unsigned           failed:1;
} ccp_gemini_enc_t;

/* usageMetadata's object; partial: nothing was generated yet. */
void ccp_gemini_enc_usage(ccp_out_t *o, ccp_answer_ctx_t *ac,
    const ccp_usage_t *u, int partial);
/* responseId: Gemini's own, or one of ours. */
ccp_str_t ccp_gemini_enc_id(const ccp_answer_ctx_t *ac, ccp_str_t id);
/*
 * A signature as a Gemini client gets it: Gemini's own as it is, any other in
 * a carrier, in base64.  Absent: no memory.
 */
ccp_str_t ccp_gemini_enc_sig(ccp_answer_ctx_t *ac, ccp_proto_e origin,
    ccp_str_t item_id, ccp_str_t sig, int redacted);
/* *is: a citation of Gemini's is one of citationSources; else it is the whole
 * groundingMetadata.  CCP_OK or CCP_NOMEM. */
int ccp_gemini_enc_is_source(ccp_arena_t *a, ccp_str_t raw, int *is);
/*
 * Whether a call's arguments are complete: some upstreams end the block of a
 * call that the length limit cut like any other.
 */
int ccp_gemini_enc_args_are_whole(ccp_arena_t *a, const ccp_block_t *call);
/* Whether the prompt was refused before anything was generated. */
int ccp_gemini_enc_is_blocked(const ccp_usage_t *u, ccp_stop_e stop);
void ccp_gemini_enc_feedback(ccp_out_t *o, ccp_str_t category,
    ccp_str_t text);

#endif /* CCP_GEMINI_ANSWER_H */
