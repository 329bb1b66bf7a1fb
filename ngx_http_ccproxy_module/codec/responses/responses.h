
/*
 * What the files of the Responses codec share.  The error document is
 * OpenAI's in both of its protocols: see proto_out.h.
 */

#ifndef CCP_RESPONSES_H
#define CCP_RESPONSES_H

#include "codec/base/base_buf.h"
#include "codec/json/json_out.h"
#include "codec/json/json_read.h"
#include "codec/form/form_event.h"
#include "codec/provider/provider.h"
#include "codec/proto/proto.h"

/* Tools that the client runs and that have item types of their own. */
typedef struct {
    const char  *tool;         /* type, also the name */
    const char  *call;         /* item type of a call */
    const char  *output;       /* … and of its result */
    const char  *member;       /* of the call: the arguments */
} ccp_responses_builtin_t;

/* The row of a tool, or of the item type of its call or result; NULL. */
const ccp_responses_builtin_t *ccp_responses_builtin(ccp_str_t tool);
const ccp_responses_builtin_t *ccp_responses_builtin_item(ccp_str_t item);

/*
 * Whether a request can leave this protocol at all: nothing in it lives on
 * the first server alone.  CCP_OK, CCP_INVALID (err), CCP_NOMEM.
 */
int ccp_responses_convertible(const ccp_request_t *r, ccp_arena_t *a,
    ccp_error_t *err);

/* Request in: responses_request_in.c, items in responses_request_in_items.c,
 * their parts in responses_request_in_parts.c, tools in
 * responses_request_in_tools.c. */
typedef struct {
    ccp_request_t   *r;
    ccp_arena_t     *a;
    ccp_error_t     *err;
    ccp_block_t    **system;       /* tails */
    ccp_message_t  **msgs;
    ccp_tool_t     **tools;
    ccp_message_t   *last;         /* message that items may still join */
    ccp_block_t    **blocks;       /* its tail */
    unsigned         said:1;       /* it has more than reasoning */
    unsigned         results:1;    /* it is made of results */
    unsigned         needed:1;     /* the server has no history itself */
    unsigned         item;         /* where we are, for error texts */
} ccp_responses_in_t;

int ccp_responses_decode(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err);
int ccp_responses_decode_items(ccp_responses_in_t *in, ccp_jval_t input);
/* A string or a list of parts, a member of the item; appends to *tail. */
int ccp_responses_decode_content(ccp_responses_in_t *in, ccp_jval_t v,
    const char *member, ccp_block_t ***tail);
/* A type error in a member of the item. */
int ccp_responses_item_error(ccp_responses_in_t *in, ccp_jval_t v,
    const char *want, const char *member);
/* Appends the tools of a list; where names it in errors. */
int ccp_responses_decode_tools(ccp_responses_in_t *in, ccp_jval_t list,
    ccp_str_t space, const char *where);

/*
 * CCP_INVALID with "WHERE: expected WANT, got a TYPE"; where is a printf
 * form.
 */
int ccp_responses_type_error(ccp_responses_in_t *in, ccp_jval_t v,
    const char *want, const char *where, ...)
    __attribute__((format(printf, 4, 5)));

/* Request out: responses_request_out.c, items in responses_request_out_items.c
 * and responses_request_out_parts.c, tools in
 * responses_request_out_tools.c. */
typedef struct {
    ccp_encode_t         *x;
    ccp_request_t        *r;
    const ccp_dialect_t  *d;
    ccp_out_t            *out;
    int                   wanted;  /* reasoning: 1, 0, -1 */
    const ccp_message_t  *last;    /* the last user message */
    const ccp_message_t  *calls;   /* the last message of the model's */
    const ccp_message_t  *moved;   /* … whose media are not written yet */
    unsigned              thinks:1;    /* the model will reason */
    unsigned              hint:1;  /* JSON mode has to be spoken of */
} ccp_responses_out_t;

int ccp_responses_encode(ccp_encode_t *x, ccp_out_t *out);
/* The client's own request, but for the model, the cap and reasoning that
 * was packed for the client. */
int ccp_responses_rewrite(ccp_encode_t *x, ccp_out_t *out);
int ccp_responses_write_input(ccp_responses_out_t *ro);
int ccp_responses_write_tools(ccp_responses_out_t *ro);
/* One part of a message or result; old turns may lose media. */
int ccp_responses_write_part(ccp_responses_out_t *ro, const ccp_block_t *b,
    int now);
int ccp_responses_is_media(const ccp_block_t *b);
/* Name under which a field is sent; NULL (and a note) if it is refused. */
const char *ccp_responses_field(ccp_responses_out_t *ro, const char *name);

/* Whether reasoning bytes come from the server that now gets them back. */
int ccp_responses_own(const ccp_encode_t *x, ccp_proto_e origin,
    uint32_t family);

/* Response in: responses_answer_in.c, whole items in
 * responses_answer_in_items.c. */
typedef struct ccp_responses_item_s  ccp_responses_item_t;

struct ccp_responses_item_s {
    int                     index;     /* output_index, -1 unknown */
    ccp_block_e             kind;
    int                     block;     /* index of its open block, -1 */
    int                     part;      /* content or summary index, -1 */
    size_t                  seen;      /* units of that part's deltas */
    unsigned                cites;     /* annotations of it */
    unsigned                content:1; /* THINK: content, not summary */
    unsigned                any:1;     /* some text was passed */
    unsigned                probs:1;   /* log probabilities were */
    unsigned                done:1;
    ccp_str_t               id;
    ccp_responses_item_t   *next;
};

typedef struct {
    ccp_res_t              *rs;
    ccp_responses_item_t   *items;
    ccp_responses_item_t  **tail;
    ccp_error_t             error;     /* of an error event, held back */
    int                     next;      /* index of the next block */
    unsigned                started:1;
    unsigned                held:1;    /* error is set */
    unsigned                refusal:1;
    unsigned                over:1;
} ccp_responses_dec_t;

#define CCP_RESPONSES_DEC_SIZE  sizeof(ccp_responses_dec_t)

int ccp_responses_dec_init(void *d, ccp_res_t *rs);
int ccp_responses_dec_event(void *data, ccp_str_t event, ccp_str_t text,
    ccp_jval_t v);
int ccp_responses_dec_whole(void *d, ccp_jval_t root);
int ccp_responses_dec_eof(void *d);

int ccp_responses_emit(ccp_responses_dec_t *d, ccp_event_e kind, int block,
    ccp_str_t text);
ccp_responses_item_t *ccp_responses_item_new(ccp_responses_dec_t *d,
    int index, ccp_block_e kind, ccp_str_t id);
/* Kind of block that an output item becomes. */
ccp_block_e ccp_responses_kind(ccp_str_t type);
/* Begins the block of a call; CCP_OK without one while its name is unknown. */
int ccp_responses_begin_call(ccp_responses_dec_t *d, ccp_responses_item_t *it,
    ccp_jval_t item);
/* Bytes of a part: a delta, or the whole part, of which the rest is new. */
int ccp_responses_text(ccp_responses_dec_t *d, ccp_responses_item_t *it,
    ccp_block_e kind, int part, ccp_str_t text, int whole);
/* Arguments or input of a call, likewise; none before it is begun. */
int ccp_responses_args(ccp_responses_dec_t *d, ccp_responses_item_t *it,
    ccp_str_t args, int whole);
/* The complete item: what was not seen of it yet, and its end. */
int ccp_responses_finish_item(ccp_responses_dec_t *d,
    ccp_responses_item_t *it, ccp_jval_t item);
/* Ends the open block of an item. */
int ccp_responses_close(ccp_responses_dec_t *d, ccp_responses_item_t *it,
    int cut);
int ccp_responses_cite(ccp_responses_dec_t *d, ccp_responses_item_t *it,
    ccp_jval_t annotation);

/* Response out: the answer in responses_answer_out.c, its items in
 * responses_answer_out_items.c, their JSON and the response object in
 * responses_answer_out_document.c, sources of texts in
 * responses_answer_out_cites.c. */
typedef struct {
    ccp_res_t                      *rs;
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
    unsigned                        custom:1;
    unsigned                        redacted:1;
    unsigned                        quiet:1;   /* no events: whole answer */
    unsigned                        text_seen:1;
    unsigned                        refusal_seen:1;
} ccp_responses_enc_t;

#define CCP_RESPONSES_ENC_SIZE  sizeof(ccp_responses_enc_t)

int ccp_responses_enc_init(void *e, ccp_res_t *rs);
int ccp_responses_enc_event(void *e, const ccp_event_t *ev, ccp_out_t *out);
int ccp_responses_enc_whole(ccp_res_t *rs, const ccp_answer_t *ans,
    ccp_out_t *out);

/* Status words of an answer. */
typedef struct {
    const char  *status;
    const char  *reason;       /* of incomplete_details, or NULL */
} ccp_responses_status_t;

/* An event's beginning and end; its members stand between. */
void ccp_responses_open(ccp_responses_enc_t *e, ccp_out_t *out,
    const char *type);
void ccp_responses_end(ccp_out_t *out);
/* Makes the block the open one; e->open says if there is an item for it. */
int ccp_responses_open_block(ccp_responses_enc_t *e, const ccp_block_t *b);
/* The client learns of the item, and of the part of a message with it. */
void ccp_responses_announce(ccp_responses_enc_t *e, ccp_out_t *out);
int ccp_responses_add_text(ccp_responses_enc_t *e, ccp_str_t text,
    ccp_out_t *out);
int ccp_responses_add_sig(ccp_responses_enc_t *e, ccp_str_t sig,
    ccp_out_t *out);
/* The open block is complete, or cut. */
int ccp_responses_close_block(ccp_responses_enc_t *e, int cut,
    ccp_out_t *out);

/* The open item, empty or complete, with that status. */
void ccp_responses_w_item(ccp_responses_enc_t *e, ccp_out_t *out, int done,
    const char *status);
/* A part of the open message, empty or complete. */
void ccp_responses_w_part(ccp_responses_enc_t *e, ccp_out_t *out, int done);
/* A part of a reasoning item. */
void ccp_responses_w_summary(ccp_out_t *out, ccp_str_t text);
/* A reasoning item that is nothing but proof. */
void ccp_responses_w_proof(ccp_out_t *out, ccp_str_t id, ccp_str_t sig);
/* The response object; usage NULL: null, err NULL: none. */
void ccp_responses_w_response(ccp_responses_enc_t *e, ccp_out_t *out,
    const ccp_responses_status_t *st, const ccp_usage_t *usage,
    const ccp_error_t *err);
/* Appends JSON text without line ends, so that it fits an SSE line. */
void ccp_responses_w_line(ccp_out_t *out, ccp_str_t raw);
/* Adds a source of the open text; passes it on to the client. */
int ccp_responses_enc_cite(ccp_responses_enc_t *e, const ccp_event_t *ev,
    ccp_out_t *out);
int ccp_responses_enc_probs(ccp_responses_enc_t *e, ccp_str_t raw);
/* The code that clients know the error by. */
ccp_str_t ccp_responses_error_code(const ccp_error_t *err);
ccp_str_t ccp_responses_error_text(const ccp_error_t *err);

#endif /* CCP_RESPONSES_H */
