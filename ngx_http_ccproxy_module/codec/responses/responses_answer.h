
/*
 * Responses, answers: what the files of the decoder and the encoder share.
 */

#ifndef CCP_RESPONSES_ANSWER_H
#define CCP_RESPONSES_ANSWER_H

#include "codec/proto/proto.h"
#include "codec/responses/responses_words.h"
#include "codec/stage/stage_say.h"
#include "codec/base/base_index.h"

/* The rows of ccp_responses_ops; contracts in proto.h. */
int ccp_responses_dec_init(void *d, ccp_answer_ctx_t *ac);
int ccp_responses_dec_event(void *data, ccp_str_t event, ccp_str_t text,
    ccp_jval_t v);
int ccp_responses_dec_whole(void *d, ccp_jval_t root);
int ccp_responses_dec_eof(void *d);
int ccp_responses_enc_init(void *e, ccp_answer_ctx_t *ac);
int ccp_responses_enc_resume(void *e, const void *d);
int ccp_responses_enc_event(void *e, const ccp_event_t *ev, ccp_out_t *out);
int ccp_responses_enc_whole(ccp_answer_ctx_t *ac, const ccp_answer_t *ans,
    ccp_out_t *out);

/* Answer in: responses_answer_in.c, whole items in
 * responses_answer_in_items.c. */
typedef struct ccp_responses_dec_item_s  ccp_responses_dec_item_t;

struct ccp_responses_dec_item_s {
    int                        index;     /* output_index, -1 unknown */
    ccp_block_e                kind;
    ccp_say_block_t            block;     /* its open one */
    int                        part;      /* content or summary index, -1 */
    size_t                     seen;      /* units of that part's deltas */
    unsigned                   cites;     /* annotations of it */
    unsigned                   content:1; /* THINK: content, not summary */
    unsigned                   any:1;     /* some text was passed */
    unsigned                   probs:1;   /* log probabilities were */
    unsigned                   done:1;
    ccp_str_t                  id;
    ccp_responses_dec_item_t  *next;
    ccp_responses_dec_item_t  *same;      /* the next one of this kind */
};

/* Items of a kind: the terminal output is matched with them by order. */
typedef struct {
    ccp_responses_dec_item_t   *first;
    ccp_responses_dec_item_t  **tail;
    ccp_responses_dec_item_t   *last;
    ccp_index_t                 by_index; /* the first of each */
    ccp_index_t                 by_id;
} ccp_responses_dec_kind_items_t;

typedef struct {
    ccp_answer_ctx_t           *ac;
    ccp_say_t                   say;
    ccp_responses_dec_item_t   *items;
    ccp_responses_dec_item_t  **tail;
    ccp_responses_dec_kind_items_t  kinds[CCP_B_OPAQUE + 1];
    ccp_error_t                 error;  /* of an error event, held back */
    ccp_str_t                   id;     /* of the response; or absent */
    int64_t                     seq;    /* the next event's number */
    int                         searches;
    unsigned                    held:1; /* error is set */
    unsigned                    refusal:1;
} ccp_responses_dec_t;

ccp_responses_dec_item_t *ccp_responses_dec_new_item(ccp_responses_dec_t *d,
    int index, ccp_block_e kind, ccp_str_t id);
/* The first item of that kind and index, if it is given, else id. */
ccp_responses_dec_item_t *ccp_responses_dec_known_item(
    const ccp_responses_dec_t *d, int index, ccp_block_e kind, ccp_str_t id);
/* Kind of block that an output item becomes. */
ccp_block_e ccp_responses_dec_kind(const ccp_responses_dec_t *d,
    ccp_jval_t item);
/* Begins the block of a call; CCP_OK without one while its name is unknown. */
int ccp_responses_dec_begin_call(ccp_responses_dec_t *d,
    ccp_responses_dec_item_t *it, ccp_jval_t item);
/* Bytes of a part: a delta, or the whole part, of which the rest is new. */
int ccp_responses_dec_text(ccp_responses_dec_t *d,
    ccp_responses_dec_item_t *it, ccp_block_e kind, int part, ccp_str_t text,
    int whole);
/* Arguments or input of a call, likewise; none before it is begun. */
int ccp_responses_dec_args(ccp_responses_dec_t *d,
    ccp_responses_dec_item_t *it, ccp_str_t args, int whole);
/* The complete item: what was not seen of it yet, and its end. */
int ccp_responses_dec_finish_item(ccp_responses_dec_t *d,
    ccp_responses_dec_item_t *it, ccp_jval_t item);
int ccp_responses_dec_cite(ccp_responses_dec_t *d,
    ccp_responses_dec_item_t *it, ccp_jval_t annotation);

/* Answer out: the answer in responses_answer_out.c, its items in
 * responses_answer_out_items.c, their JSON and the response object in
 * responses_answer_out_document.c, sources of texts in
 * responses_answer_out_cites.c. */
typedef struct {
    ccp_answer_ctx_t               *ac;
    ccp_str_t                       id;
    int64_t                         seq;
    int                             index;     /* of the open or next item */
    ccp_out_t                       output;    /* items that are complete */
    const ccp_responses_builtin_t  *builtin;   /* the open call is one's */
    ccp_block_e                     kind;      /* of the open block */
    ccp_buf_t                       item;      /* its item id */
    ccp_buf_t                       call;      /* call id, JSON spelling */
    ccp_buf_t                       name;
    ccp_buf_t                       space;
    ccp_buf_t                       text;
    ccp_buf_t                       sig;       /* as the client gets it */
    ccp_buf_t                       notes;     /* annotations, by comma */
    ccp_buf_t                       probs;     /* log probabilities, by comma */
    ccp_buf_t                       raw;       /* item of a hosted tool */
    int                             nnotes;
    ccp_json_t                      doc;       /* for texts that are JSON */
    unsigned                        open:1;
    unsigned                        added:1;   /* the client knows of it */
    unsigned                        part:1;    /* … and of its part */
    unsigned                        free_text:1;
    unsigned                        redacted:1;
    unsigned                        quiet:1;   /* no events: whole answer */
    unsigned                        text_seen:1;
    unsigned                        refusal_seen:1;
} ccp_responses_enc_t;

/* Status words of an answer. */
typedef struct {
    const char  *status;
    const char  *reason;       /* of incomplete_details, or NULL */
} ccp_responses_status_t;

/* An event's beginning and end; its members stand between. */
void ccp_responses_enc_event_begin(ccp_responses_enc_t *e, ccp_out_t *out,
    const char *type);
void ccp_responses_enc_event_end(ccp_out_t *out);
/* Makes the block the open one; e->open says if there is an item for it. */
int ccp_responses_enc_open_block(ccp_responses_enc_t *e, const ccp_block_t *b);
/* The client learns of the item, and of the part of a message with it. */
void ccp_responses_enc_announce(ccp_responses_enc_t *e, ccp_out_t *out);
int ccp_responses_enc_add_text(ccp_responses_enc_t *e, ccp_str_t text,
    ccp_out_t *out);
int ccp_responses_enc_add_sig(ccp_responses_enc_t *e, ccp_str_t sig,
    ccp_out_t *out);
/* The open block is complete, or cut. */
int ccp_responses_enc_close_block(ccp_responses_enc_t *e, int cut,
    ccp_out_t *out);

/* The open item, empty or complete, with that status. */
void ccp_responses_enc_item(ccp_responses_enc_t *e, ccp_out_t *out, int done,
    const char *status);
/* A part of the open message, empty or complete. */
void ccp_responses_enc_part(ccp_responses_enc_t *e, ccp_out_t *out, int done);
/* A part of a reasoning item. */
void ccp_responses_enc_summary(ccp_out_t *out, ccp_str_t text);
/* A reasoning item that is nothing but proof. */
void ccp_responses_enc_proof(ccp_out_t *out, ccp_str_t id, ccp_str_t sig);
/* The response object; usage NULL: null, err NULL: none. */
void ccp_responses_enc_document(ccp_responses_enc_t *e, ccp_out_t *out,
    const ccp_responses_status_t *st, const ccp_usage_t *usage,
    const ccp_error_t *err);
/* The same without its output, for who keeps it. */
int ccp_responses_enc_keep(ccp_responses_enc_t *e,
    const ccp_responses_status_t *st, const ccp_usage_t *usage);
/* Adds a source of the open text; passes it on to the client. */
int ccp_responses_enc_cite(ccp_responses_enc_t *e, const ccp_event_t *ev,
    ccp_out_t *out);
int ccp_responses_enc_logprobs(ccp_responses_enc_t *e, ccp_str_t raw);

#endif /* CCP_RESPONSES_ANSWER_H */
