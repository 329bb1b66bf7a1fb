
/*
 * Anthropic Messages: what the codec's own files of this protocol share.
 * https://docs.anthropic.com/en/api/messages
 */

#ifndef CCP_ANTHROPIC_H
#define CCP_ANTHROPIC_H

#include "codec/base/base_buf.h"
#include "codec/json/json_out.h"
#include "codec/json/json_read.h"
#include "codec/form/form_event.h"
#include "codec/proto/proto.h"

/* The rows of ccp_anthropic_ops; contracts in proto.h. */
int ccp_anthropic_decode(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err);
int ccp_anthropic_encode(ccp_encode_t *x, ccp_out_t *out);
int ccp_anthropic_dec_init(void *d, ccp_res_t *rs);
int ccp_anthropic_dec_event(void *data, ccp_str_t event, ccp_str_t text,
    ccp_jval_t v);
int ccp_anthropic_dec_whole(void *d, ccp_jval_t root);
int ccp_anthropic_dec_eof(void *d);
int ccp_anthropic_enc_init(void *e, ccp_res_t *rs);
int ccp_anthropic_enc_event(void *e, const ccp_event_t *ev, ccp_out_t *out);
int ccp_anthropic_enc_whole(ccp_res_t *rs, const ccp_answer_t *ans,
    ccp_out_t *out);
int ccp_anthropic_error(const ccp_error_t *err, ccp_str_t request_id,
    ccp_out_t *out);

/* Decoder of answers. */
typedef struct {
    ccp_res_t    *rs;
    int           next;        /* number of the next block */
    long          source;      /* the open block's number at the source */
    ccp_block_e   kind;        /* of the open block */
    ccp_buf_t     input;       /* input given whole in content_block_start */
    unsigned      open:1;
    unsigned      args:1;      /* a delta of the open call was seen */
} ccp_anthropic_dec_t;

/* What the encoder of streams does with the block that is open. */
typedef enum {
    CCP_AN_IDLE = 0,           /* none open */
    CCP_AN_HELD,               /* begun, nothing written: its signature may
                                  have to go before it */
    CCP_AN_HIDDEN,             /* thinking not shown, or redacted: written
                                  once its signature is known */
    CCP_AN_SHOWN,              /* written, deltas follow */
    CCP_AN_SKIP                /* nothing of it is written */
} ccp_anthropic_open_e;

typedef struct {
    ccp_res_t             *rs;
    ccp_anthropic_open_e   state;
    ccp_block_e            kind;     /* of the open block */
    int                    index;    /* of the next or the open block */
    int64_t                bytes;    /* of deltas, for the estimate */
    ccp_buf_t              id;       /* of a held call, JSON spelling */
    ccp_buf_t              name;
    ccp_buf_t              item;     /* item id of open thinking */
    ccp_buf_t              sig;      /* signature as the client gets it */
    ccp_buf_t              input;    /* free text of a custom call, spelled */
    unsigned               started:1;
    unsigned               finished:1;
    unsigned               failed:1;
    unsigned               text:1;   /* a text block was written */
    unsigned               redacted:1;
    unsigned               custom:1; /* the open call's input is free text */
    unsigned               begun:1;  /* … and its object was opened */
    unsigned               tail:1;   /* thinking ended without a signature:
                                        its stop is unwritten, because the
                                        next block's may belong to it */
} ccp_anthropic_enc_t;

/* Kind of a content block by its type; OPAQUE for unknown ones. */
ccp_block_e ccp_anthropic_kind(ccp_str_t type);

/* stop_reason in and out; version: the client's anthropic-version. */
ccp_stop_e ccp_anthropic_stop(ccp_str_t reason);
const char *ccp_anthropic_stop_name(ccp_stop_e stop, ccp_str_t version);

/* Whether the answer was refused, by the model or by a filter. */
int ccp_anthropic_refused(ccp_stop_e stop);

/* Writes stop_details or, with always, null in its place. */
void ccp_anthropic_w_details(ccp_out_t *o, ccp_stop_e stop,
    ccp_str_t category, ccp_str_t text, int always);

/*
 * Writes the usage member: fresh and tool tokens as input_tokens.  Members
 * that u (or its absence) leaves open are input and output.
 */
void ccp_anthropic_w_usage(ccp_out_t *o, const ccp_usage_t *u, int64_t input,
    int64_t output);

/* Writes "id": the upstream's if it is of this protocol's form, else ours. */
void ccp_anthropic_w_id(ccp_out_t *o, const ccp_res_t *rs, ccp_str_t id);

/* Who signed: the protocol of the target that answers. */
ccp_proto_e ccp_anthropic_signer(const ccp_res_t *rs, ccp_proto_e origin);

/*
 * A signature as the client gets it: itself if Anthropic made it, else in a
 * carrier.  Absent: no memory.
 */
ccp_str_t ccp_anthropic_sig(const ccp_res_t *rs, ccp_proto_e origin,
    ccp_str_t item_id, ccp_str_t sig);

/* Appends a JSON value without line ends, so that it fits an SSE line. */
void ccp_anthropic_w_line(ccp_out_t *o, ccp_str_t raw);

/* Class of an error type; CCP_E_NONE if it is unknown. */
ccp_err_e ccp_anthropic_class(ccp_str_t type);

#endif /* CCP_ANTHROPIC_H */
