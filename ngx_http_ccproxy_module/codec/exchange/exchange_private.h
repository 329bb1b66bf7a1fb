
/*
 * Inside of an exchange, for the files that implement exchange.h.
 */

#ifndef CCP_EXCHANGE_PRIVATE_H
#define CCP_EXCHANGE_PRIVATE_H

#include "codec/exchange/exchange.h"
#include "codec/base/base_buf.h"
#include "codec/json/json_edit.h"
#include "codec/wire/wire_frame.h"
#include "codec/stage/stage.h"


/* The upstream's side of an answer: how its body is read. */
typedef enum {
    CCP_BODY_UNKNOWN = 0,      /* no byte came yet */
    CCP_BODY_STREAM,           /* through the framer */
    CCP_BODY_WHOLE,            /* collected, one JSON document */
    CCP_BODY_ERROR,            /* collected, status >= 400 */
    CCP_BODY_OVER              /* in end or abort: an error that comes now is
                                  none of the body's */
} ccp_body_e;


/* The client's side: what it has got; the ways between these are drawn above
 * ccp_answer_sink(). */
typedef enum {
    CCP_REPLY_NONE = 0,        /* nothing: an error can still be a status */
    CCP_REPLY_REFUSED,         /* nothing yet, but an error came */
    CCP_REPLY_OPEN,            /* the head and a part of the stream */
    CCP_REPLY_BROKEN,          /* … with an error in it */
    CCP_REPLY_DONE,            /* an answer, complete */
    CCP_REPLY_FAILED           /* an error, alone or as a stream's end, or the
                                  count that stands for it */
} ccp_reply_e;


typedef struct {
    ccp_arena_t       *arena;      /* of one reading of the answer */
    ccp_answer_ctx_t   ac;
    ccp_keep_t         keep;       /* the exchange's, with the answer */
    const ccp_ops_t   *up;         /* the upstream's protocol */
    const ccp_ops_t   *client;
    void              *dec;
    void              *enc;
    ccp_flow_t        *flow;
    ccp_calls_t       *calls;      /* NULL: text is not searched for any */
    ccp_aggregate_t   *agg;        /* the client wants one document */
    ccp_aggregate_t   *kept;       /* … or who keeps a stream does */
    ccp_frame_t        frame;
    ccp_json_t         doc;        /* tape, used again for each payload */
    ccp_buf_t          body;       /* WHOLE, ERROR */
    ccp_buf_t          held;       /* of a splice's stream: the beginning of a
                                      payload; all until the head is decided */
    const uint8_t     *bytes;      /* … what is fed now, */
    size_t             passed;     /* … and how much of it is done with */
    ccp_out_t         *out;        /* during a call */
    ccp_body_e         kind;
    ccp_reply_e        state;
    int                status;     /* the upstream's */
    int64_t            date;       /* by the upstream's clock; 0 unknown */
    int64_t            unread;     /* bytes of an answer that broke off before
                                      it could be read */
    ccp_str_t          retry_after;
    ccp_head_t         head;       /* final once its status is set */
    ccp_error_t        error;      /* set in REFUSED, BROKEN and FAILED */
    unsigned           refused;    /* bit of the wish that it refuses */
    ccp_usage_t        embed_usage; /* of an answer that has no events */
    unsigned           sse_type:1; /* the content type allows a stream */
    unsigned           raw:1;      /* the client gets the upstream's bytes */
    unsigned           content:1;  /* a first content event was passed */
    unsigned           odd:1;      /* the present payload is no JSON object */
    unsigned           skip:1;     /* … is left out of a splice */
    unsigned           lost:1;     /* the upstream was gone before its end */
} ccp_reply_t;


struct ccp_try_s {
    ccp_exchange_t    *x;
    ccp_try_t         *prev;
    ccp_try_t         *next;
    ccp_arena_t       *arena;
    ccp_target_t       target;
    ccp_request_t     *src;        /* the client's, or without some wishes */
    ccp_request_t      req;        /* as it is written, tools as text or not;
                                      notes are the try's alone */
    ccp_out_t          body;
    ccp_out_t          edited;     /* body with the target's parameters; empty:
                                      it needs none */
    ccp_edit_t         edit;       /* in use while edited is */
    ccp_out_t          uri;
    ccp_name_t        *names;
    ccp_str_t          key;        /* the caller's; masked in errors */
    ccp_reply_t        reply;
    unsigned           without;    /* bits of wishes that src lacks */
    unsigned           written:1;  /* body and uri are there */
    unsigned           spliced:1;
    unsigned           compat:1;   /* tools are text in it */
};


struct ccp_exchange_s {
    ccp_env_t          env;
    ccp_arena_t       *arena;
    ccp_endpoint_t     ep;
    ccp_str_t          id;
    const ccp_prompt_rules_t  *rules;      /* or NULL */
    const ccp_str_t   *betas;      /* patterns */
    size_t             nbetas;
    unsigned           beta_rules:1; /* those alone pass */
    const ccp_keeper_t *keeper;    /* or NULL */
    ccp_keep_t         keep;
    ccp_str_t          named;      /* the client's body, that names what is
                                      held; absent: req has that */
    ccp_request_t     *named_req;  /* … once a target needed it */
    ccp_request_t      req;
    ccp_provider_memo_t  *providers; /* of the targets so far */
    ccp_request_t     *compat_req; /* the request with its tools as text, */
    ccp_name_t        *compat_names; /* … once a target needed it */
    ccp_try_t         *tries;      /* that are not destroyed */
    int64_t            estimate;   /* of input tokens, */
    unsigned           wishes;     /* bits of the request's, */
    unsigned           wished:1;   /* … once they were asked for */
    unsigned           estimated:1; /* … once it was asked for */
    unsigned           decoded:1;
    unsigned           normalised:1;
};


/* The protocol whose endpoints others share, and that answers on a path that
 * is nearest to none. */
extern const ccp_proto_e  ccp_proto_common;

/* What the path says of a request; the rest of it is unset (exchange.c). */
void ccp_request_init(ccp_request_t *r, const ccp_endpoint_t *ep);

/*
 * Conversations that are held (exchange_held.c).  recall: puts what the request
 * names into its body, before it is read.  named: the request as the client
 * wrote it, for the upstream that has what it names.  Both as read_request().
 */
int ccp_exchange_recall(ccp_exchange_t *x, ccp_error_t *err);
int ccp_exchange_named(ccp_exchange_t *x, ccp_request_t **r,
    ccp_error_t *err);
/* A request of CCP_OP_HELD for the upstream that has what it is about: writes
 * it, as an encoder; its answer, as it came. */
int ccp_try_held(ccp_try_t *t, ccp_write_ctx_t *e, ccp_error_t *err);
int ccp_answer_held(ccp_try_t *t);
/* Keeps the answer, if it shall be and is complete. */
void ccp_answer_keep(ccp_try_t *t);

/* Applies the prompt rules to the request, whose body is parsed. */
int ccp_exchange_prompt(ccp_exchange_t *x, ccp_request_t *r,
    ccp_error_t *err);

/* Which of these wishes (bits) the upstream's error refuses, CCP_NWISH: none
 * (exchange_refused.c). */
ccp_wish_e ccp_wish_refused(const ccp_error_t *err, unsigned wishes);

/* Takes note of it in the try's answer, if it's one of those that were sent. */
void ccp_try_note_refused(ccp_try_t *t, const ccp_error_t *err);

/*
 * Reads into r what the client would have asked without these wishes (bits;
 * exchange_wish.c); tools stay.  As read_request() of a protocol's row.
 */
int ccp_wish_leave_out(ccp_exchange_t *x, unsigned without, ccp_request_t *r,
    ccp_arena_t *a, ccp_error_t *err);

/*
 * What must change in the client's body where it is spliced
 * (exchange_splice.c): the model, the output cap, and members that the
 * target's provider refuses or names otherwise.  CCP_OK; CCP_INVALID (err):
 * this target can't serve it.
 */
int ccp_splice_edit(ccp_request_t *r, const ccp_target_t *t, ccp_edit_t *e,
    ccp_error_t *err);

/* Whether the provider has rules for which a body of its protocol must be
 * written anew all the same.  1, 0; CCP_NOMEM. */
int ccp_splice_is_anew(ccp_request_t *r, const ccp_target_t *t,
    ccp_arena_t *a);

/* Writes the path and query of a request (exchange_uri.c); args is the
 * client's query, for a splice.  As an encoder. */
int ccp_uri_write(ccp_write_ctx_t *x, ccp_str_t args, ccp_out_t *out);

/* Whether the client's bytes may go to this target as they are: of a request
 * for an answer, for a count, for embeddings. */
int ccp_splice_fits(const ccp_request_t *r, const ccp_target_t *t);
int ccp_splice_fits_count(const ccp_request_t *r, const ccp_target_t *t);
int ccp_splice_fits_embed(const ccp_request_t *r, const ccp_target_t *t);

/* Notes what the client's own protocol knows and the target's does not
 * (exchange_lost.c). */
void ccp_lost_note(ccp_request_t *r, ccp_arena_t *a,
    const ccp_target_t *target);

/*
 * The answer is an error (exchange_outcome.c): note_error keeps a copy of it,
 * with our own key masked; fail writes status and document of the one kept,
 * where nothing was sent yet.  CCP_OK or CCP_NOMEM.  finish: nothing more is
 * sent.
 */
void ccp_answer_finish(ccp_reply_t *rp);
int ccp_answer_failed(const ccp_reply_t *rp);
int ccp_answer_note_error(ccp_try_t *t, const ccp_error_t *err);
int ccp_answer_fail(ccp_try_t *t, ccp_out_t *out);

/*
 * Whether the client can have the error's own document as it is
 * (exchange_same.c): CCP_OK, CCP_DECLINED, CCP_NOMEM.
 */
int ccp_answer_same_error(ccp_try_t *t, const ccp_error_t *err);

/* Head and document of an error (exchange.c), its own where raw is set. */
int ccp_exchange_error_document(ccp_exchange_t *x, const ccp_error_t *err,
    ccp_head_t *head, ccp_out_t *out);

/*
 * Token counts (exchange_count.c): the upstream's whole answer for the client.
 * CCP_OK, CCP_DECLINED (there is no number in it), CCP_NOMEM.
 */
int ccp_answer_count(ccp_try_t *t);

/*
 * The stream of a splice (exchange_raw.c), while rp->raw is set; CCP_OK,
 * CCP_NOMEM, feed also what cb returned.  payload, skip: in cb, before and
 * after the payload was read: it is left out if it says what was said.
 * last: what the stream's end cut off was a whole payload all the same.
 * leave: what the client gets now is the encoder's; half a payload is dropped.
 */
int ccp_raw_feed(ccp_try_t *t, const uint8_t *p, size_t n, ccp_frame_pt cb);
void ccp_raw_payload(ccp_try_t *t);
int ccp_raw_skip(ccp_try_t *t);
int ccp_raw_last(ccp_try_t *t);
int ccp_raw_leave(ccp_try_t *t);

/* Bytes of an answer that is read once it is whole. */
int64_t ccp_answer_unread(const ccp_reply_t *rp);

/* The head of an answer that is none of an error (exchange_answer.c). */
void ccp_answer_commit(ccp_try_t *t, int stream);


#endif /* CCP_EXCHANGE_PRIVATE_H */
