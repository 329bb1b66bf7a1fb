
/*
 * Responses, requests: what the files of the reader and the writer share.
 */

#ifndef CCP_RESPONSES_REQUEST_H
#define CCP_RESPONSES_REQUEST_H

#include "codec/proto/proto.h"
#include "codec/proto/proto_in.h"
#include "codec/responses/responses_words.h"

/* The rows of ccp_responses_ops; contracts in proto.h. */
int ccp_responses_read_request(ccp_request_t *r, ccp_arena_t *a,
    ccp_error_t *err);
int ccp_responses_write_request(ccp_write_ctx_t *x, ccp_out_t *out);

/* Request in: responses_request_in.c, items in responses_request_in_items.c,
 * their parts in responses_request_in_parts.c, tools in
 * responses_request_in_tools.c. */
typedef struct {
    ccp_in_t         at;
    ccp_request_t   *r;
    ccp_block_t    **system;       /* tails */
    ccp_message_t  **msgs;
    ccp_tool_t     **tools;
    ccp_message_t   *last;         /* message that items may still join */
    ccp_block_t    **blocks;       /* its tail */
    unsigned         said:1;       /* it has more than reasoning */
    unsigned         results:1;    /* it is made of results */
    unsigned         needed:1;     /* the server has no history itself */
} ccp_responses_reader_t;

void ccp_responses_read_items(ccp_responses_reader_t *in, ccp_jval_t input);
/* A member that is a string or a list of parts; appends to *tail. */
void ccp_responses_read_content(ccp_responses_reader_t *in, ccp_jval_t obj,
    const char *member, ccp_block_t ***tail);
/* Appends the tools of the object's list. */
void ccp_responses_read_tool_list(ccp_responses_reader_t *in, ccp_jval_t obj,
    ccp_str_t space);

/* Request out: responses_request_out.c, items in responses_request_out_items.c
 * and responses_request_out_parts.c, tools in
 * responses_request_out_tools.c. */
typedef struct {
    ccp_write_ctx_t       *x;
    ccp_request_t         *r;
    const ccp_provider_t  *pr;
    ccp_out_t             *o;
    int                    wanted; /* reasoning: 1, 0, -1 */
    const ccp_block_t     *call;   /* where the next result's call is sought:
                                      results have the order of their calls */
    const ccp_message_t   *moved;  /* … whose media are not written yet */
    unsigned               thinks:1;   /* the model will reason */
    unsigned               hint:1; /* JSON mode has to be spoken of */
} ccp_responses_writer_t;

/* The client's own request, but for the model, the cap and reasoning that
 * was packed for the client. */
int ccp_responses_write_same(ccp_write_ctx_t *x, ccp_out_t *out);
int ccp_responses_write_input(ccp_responses_writer_t *w);
int ccp_responses_write_tools(ccp_responses_writer_t *w);
/* One part of a message or result; old turns may lose media. */
int ccp_responses_write_part(ccp_responses_writer_t *w, const ccp_block_t *b,
    int now);

/* The splice (responses_splice.c), and what becomes of an item's member there:
 * it fits, gets another value (*fit), or goes. */
extern const ccp_splice_ops_t  ccp_responses_splice_ops;

typedef enum { CCP_RESPONSES_FITS, CCP_RESPONSES_ANEW, CCP_RESPONSES_DROP,
    CCP_RESPONSES_NOMEM } ccp_responses_fit_e;

ccp_responses_fit_e ccp_responses_fit_member(const ccp_provider_t *pr,
    ccp_arena_t *a, ccp_jval_t item, ccp_str_t key, ccp_jval_t v,
    ccp_str_t *fit);

/* Name under which a field is sent; NULL (and a note) if it is refused. */
const char *ccp_responses_member_name(ccp_responses_writer_t *w,
    const char *name);

/* Whether reasoning bytes come from the server that now gets them back. */
int ccp_responses_goes_back(const ccp_write_ctx_t *x, ccp_proto_e origin,
    uint32_t family);

#endif /* CCP_RESPONSES_REQUEST_H */
