
/*
 * Anthropic Messages, answers: what the files of the decoder and the encoder
 * share.
 */

#ifndef CCP_ANTHROPIC_ANSWER_H
#define CCP_ANTHROPIC_ANSWER_H

#include "codec/anthropic/anthropic_words.h"
#include "codec/base/base_index.h"
#include "codec/stage/stage_say.h"

/* Decoder of answers. */
typedef struct {
    ccp_say_t          say;
    ccp_say_block_t    block;  /* the open one */
    long               source; /* its number at the source */
    ccp_buf_t          input;  /* input given whole in content_block_start */
    unsigned           args:1; /* a delta of the open call was seen */
} ccp_anthropic_dec_t;

/* What the encoder of streams does with the block that is open. */
typedef enum {
    CCP_ANTHROPIC_IDLE = 0,    /* none open */
    CCP_ANTHROPIC_HELD,        /* begun, nothing written: its signature may
                                  have to go before it */
    CCP_ANTHROPIC_HIDDEN,      /* thinking not shown, or redacted: written
                                  once its signature is known */
    CCP_ANTHROPIC_SHOWN,       /* written, deltas follow */
    CCP_ANTHROPIC_SKIP         /* nothing of it is written */
} ccp_anthropic_open_e;

/* What other providers' citations name (anthropic_answer_out_search.c). */
typedef struct {
    ccp_answer_ctx_t  *ac;
    ccp_json_t         doc;
    ccp_buf_t          list;   /* results by comma */
    ccp_buf_t          query;
    ccp_index_t        seen;   /* addresses, by their hashes */
    unsigned           wanted:1;   /* the client asked for a search */
} ccp_anthropic_links_t;

typedef struct {
    ccp_answer_ctx_t      *ac;
    ccp_anthropic_open_e   state;
    ccp_block_e            kind;     /* of the open block */
    int                    index;    /* of the next or the open block */
    int64_t                bytes;    /* of deltas, for the estimate */
    ccp_buf_t              id;       /* of a held call, JSON spelling */
    ccp_buf_t              name;
    ccp_buf_t              item;     /* item id of open thinking */
    ccp_buf_t              sig;      /* signature as the client gets it */
    ccp_buf_t              input;    /* free text of a free-text call,
                                        spelled */
    ccp_anthropic_links_t  links;    /* of all citations */
    ccp_buf_t              search;   /* id of a search whose result is to
                                        come */
    unsigned               searched:1; /* the upstream told of one */
    unsigned               cited:1;  /* … of its sources alone */
    unsigned               started:1;
    unsigned               finished:1;
    unsigned               failed:1;
    unsigned               text:1;   /* a text block was written */
    unsigned               redacted:1;
    unsigned               free_text:1; /* the open call's input is free
                                           text */
    unsigned               begun:1;  /* … and its object was opened */
    unsigned               tail:1;   /* thinking ended without a signature:
                                        its stop is unwritten, because the
                                        next block's may belong to it */
} ccp_anthropic_enc_t;

/* A search of another provider's (anthropic_answer_out_search.c). */
typedef struct {
    ccp_str_t  id;
    ccp_str_t  input;          /* {"query":…} */
    ccp_str_t  links;          /* the list of results */
    unsigned   listed:1;       /* the call itself has them */
} ccp_anthropic_search_t;

/*
 * Reads a hosted call; links that it lacks are those of the texts in the
 * blocks behind it (NULL: not known yet).  CCP_OK, CCP_DECLINED (no search), CCP_NOMEM.
 */
int ccp_anthropic_enc_search(ccp_answer_ctx_t *ac, const ccp_block_t *call,
    const ccp_block_t *blocks, ccp_anthropic_search_t *s);
/* The same of citations alone, where the upstream tells of no search. */
int ccp_anthropic_enc_search_cites(ccp_anthropic_links_t *l,
    ccp_anthropic_search_t *s);

/* The links so far as a search's. */
int ccp_anthropic_enc_search_links(ccp_anthropic_links_t *l,
    ccp_anthropic_search_t *s);

void ccp_anthropic_links_init(ccp_anthropic_links_t *l, ccp_answer_ctx_t *ac);
/* Takes what a citation of whatever protocol names.  CCP_OK or CCP_NOMEM. */
int ccp_anthropic_links_add(ccp_anthropic_links_t *l, ccp_str_t raw);

/* The two blocks, as objects. */
void ccp_anthropic_enc_search_use(ccp_out_t *o,
    const ccp_anthropic_search_t *s, ccp_str_t input);
void ccp_anthropic_enc_search_result(ccp_out_t *o,
    const ccp_anthropic_search_t *s);

/* In a stream: a hosted call, where it is a search; what is left to tell of
 * searches at its end.  CCP_OK or CCP_NOMEM. */
int ccp_anthropic_enc_hosted_other(ccp_anthropic_enc_t *e,
    const ccp_block_t *b, ccp_out_t *o);
int ccp_anthropic_enc_end_cites(ccp_anthropic_enc_t *e, ccp_out_t *o);

/* Events of a block (anthropic_answer_out.c): what ends before it, its start
 * up to its object, its stop, a piece of a tool's input. */
void ccp_anthropic_enc_end_tail(ccp_anthropic_enc_t *e, ccp_out_t *o);
void ccp_anthropic_enc_put_start(ccp_anthropic_enc_t *e, ccp_out_t *o);
void ccp_anthropic_enc_put_stop(ccp_anthropic_enc_t *e, ccp_out_t *o);
void ccp_anthropic_enc_put_input(ccp_anthropic_enc_t *e, ccp_out_t *o,
    ccp_str_t json);

/* The rows of ccp_anthropic_ops; contracts in proto.h. */
int ccp_anthropic_dec_init(void *d, ccp_answer_ctx_t *ac);
int ccp_anthropic_dec_event(void *data, ccp_str_t event, ccp_str_t text,
    ccp_jval_t v);
int ccp_anthropic_dec_whole(void *d, ccp_jval_t root);
int ccp_anthropic_dec_eof(void *d);
int ccp_anthropic_enc_init(void *e, ccp_answer_ctx_t *ac);
int ccp_anthropic_enc_resume(void *e, const void *d);
int ccp_anthropic_enc_event(void *e, const ccp_event_t *ev, ccp_out_t *out);
int ccp_anthropic_enc_whole(ccp_answer_ctx_t *ac, const ccp_answer_t *ans,
    ccp_out_t *out);

#endif /* CCP_ANTHROPIC_ANSWER_H */
