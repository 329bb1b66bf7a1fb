
/*
 * Anthropic Messages, requests: what the files of the reader and the writer
 * share.
 */

#ifndef CCP_ANTHROPIC_REQUEST_H
#define CCP_ANTHROPIC_REQUEST_H

#include "codec/anthropic/anthropic_words.h"
#include "codec/proto/proto_in.h"

/* The rows of ccp_anthropic_ops; contracts in proto.h. */
int ccp_anthropic_read_request(ccp_request_t *r, ccp_arena_t *a,
    ccp_error_t *err);
int ccp_anthropic_write_request(ccp_write_ctx_t *x, ccp_out_t *out);

/* ---- in ---- */

typedef struct {
    ccp_in_t        at;
    ccp_request_t  *r;
    ccp_tool_t     *removed;       /* taken out by tool_removal */
    unsigned        inner;         /* lists of blocks that are read: 1 is that
                                      of a message or of the system */
} ccp_anthropic_reader_t;

/* The lifetime of the object's cache_control member. */
ccp_cache_e ccp_anthropic_read_cache_mark(ccp_jval_t obj);

/* Reads content, v: a string, a list of blocks, or nothing (absent). */
void ccp_anthropic_read_blocks(ccp_anthropic_reader_t *in, ccp_jval_t v,
    const char *name, ccp_block_t **head);

/* ---- out ---- */

/* What the user says where the model does not go on by itself. */
#define CCP_ANTHROPIC_GO_ON   "Continue."

/* Breakpoints of the prompt cache that one request may set. */
#define CCP_ANTHROPIC_MARKS   4

typedef struct {
    ccp_write_ctx_t        *x;
    ccp_request_t          *r;
    const ccp_provider_t   *pr;
    ccp_arena_t            *a;
    ccp_out_t              *o;
    uint32_t                family;    /* hash of the target model's */
    int64_t                 max_tokens;
    int64_t                 budget;    /* of thinking */
    int                     skip_msgs; /* surplus marks, the first ones */
    int                     skip_rest;
    unsigned                same:1;    /* the client speaks Anthropic too */
    unsigned                think:1;   /* reasoning is on */
    unsigned                off:1;     /* … and has to be switched off */
    unsigned                calls:1;   /* the history has tool calls */
    unsigned                marks:1;   /* the target takes cache marks */
    unsigned                automark:1;  /* we place them */
    unsigned                old:1;     /* the message being written is not
                                          the user's last */
} ccp_anthropic_writer_t;

/* Settles what the fields above hold.  CCP_OK, CCP_INVALID, CCP_NOMEM. */
int ccp_anthropic_plan_request(ccp_anthropic_writer_t *w);

/* Writes the cache mark c; *skip counts those to leave out
 * (anthropic_words.c). */
void ccp_anthropic_write_mark(ccp_anthropic_writer_t *w, ccp_cache_e c,
    int *skip);

/* Whether a thinking block goes back to the one who made it. */
int ccp_anthropic_goes_back(const ccp_anthropic_writer_t *w,
    const ccp_block_t *b);

/* Writes the messages.  CCP_OK, CCP_INVALID, CCP_NOMEM. */
int ccp_anthropic_write_messages(ccp_anthropic_writer_t *w);

/* Refuses a request that goes on with a thread which nobody holds. */
int ccp_anthropic_check_thread(const ccp_request_t *r, ccp_arena_t *a,
    ccp_error_t *err);

/* The splice (anthropic_splice.c). */
extern const ccp_splice_ops_t  ccp_anthropic_splice_ops;

/* Writes tools and tool_choice. */
int ccp_anthropic_write_tools(ccp_anthropic_writer_t *w);

#endif /* CCP_ANTHROPIC_REQUEST_H */
