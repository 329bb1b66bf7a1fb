
/*
 * Chat Completions, requests: what the files of the reader and the writer
 * share.
 */

#ifndef CCP_CHAT_REQUEST_H
#define CCP_CHAT_REQUEST_H

#include "codec/chat/chat_words.h"
#include "codec/proto/proto_in.h"
#include "codec/chat/chat_member.h"

/* The rows of ccp_chat_ops; contracts in proto.h. */
int ccp_chat_read_request(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err);
int ccp_chat_write_request(ccp_write_ctx_t *x, ccp_out_t *out);

/* Request in: chat_request_in.c, messages in chat_request_in_messages.c and
 * chat_request_in_parts.c. */
typedef struct {
    ccp_in_t         at;
    ccp_request_t   *r;
    ccp_block_t    **system;       /* tails */
    ccp_message_t  **msgs;
    ccp_block_t    **results;      /* tail of the last message if that is
                                      made of results */
    ccp_str_t        legacy;       /* id of the last function_call */
    unsigned         ncalls;       /* calls whose id was made up */
} ccp_chat_reader_t;

/* Ends without a name; the numbers stand first. */
extern const ccp_member_t  ccp_chat_scalars[];

void ccp_chat_read_messages(ccp_chat_reader_t *in);
/* One content part. */
void ccp_chat_read_part(ccp_chat_reader_t *in, ccp_block_t *b, ccp_jval_t v);
ccp_cache_e ccp_chat_read_cache_mark(ccp_jval_t v);

/* Request out: chat_request_out.c; messages in chat_request_out_messages.c,
 * chat_request_out_assistant.c and chat_request_out_parts.c; other fields in
 * chat_request_out_members.c, chat_request_out_think.c and
 * chat_request_out_format.c. */
typedef struct {
    ccp_write_ctx_t       *x;
    ccp_request_t         *r;
    const ccp_provider_t  *pr;
    ccp_out_t             *o;
    ccp_chat_rules_t       k;
    ccp_str_t              only;   /* the one tool to be sent; absent: all */
    const ccp_tool_t      *search; /* to be sent as web_search_options */
    ccp_format_e           format; /* as it is sent */
    const ccp_message_t   *moved;  /* assistant's, whose media come with the
                                      next user message */
    int                    media;  /* numbers of media taken from results */
    unsigned               tools:1;    /* tools are sent */
    unsigned               loose:1;    /* … one of them not strict */
    unsigned               hint:1;     /* the format goes into the prompt */
    unsigned               after_tool:1;   /* a tool message was the last */
} ccp_chat_writer_t;

int ccp_chat_write_messages(ccp_chat_writer_t *w);
int ccp_chat_write_tools(ccp_chat_writer_t *w);
/* Everything else; survey_format first, as it decides on the prompt. */
int ccp_chat_write_members(ccp_chat_writer_t *w);
void ccp_chat_survey_format(ccp_chat_writer_t *w);
int ccp_chat_write_format(ccp_chat_writer_t *w);
/* The text that stands for response_format in the prompt. */
int ccp_chat_write_hint(ccp_chat_writer_t *w);
/* A strict schema in the words that the provider takes; absent: no memory. */
ccp_str_t ccp_chat_closed_schema(ccp_chat_writer_t *w, ccp_str_t schema,
    ccp_schema_e from, ccp_schema_root_e root);
void ccp_chat_write_mark(ccp_out_t *out, ccp_cache_e cache);
/* Whether a cache mark of this text block will be written. */
int ccp_chat_is_marked(ccp_chat_writer_t *w, const ccp_block_t *b);
/* Whether a block can be sent, as a part or as text. */
int ccp_chat_part_fits(ccp_chat_writer_t *w, const ccp_block_t *b);
/*
 * One content part.  What doesn't fit becomes words in old turns; in the
 * present one (now) it is CCP_INVALID.
 */
int ccp_chat_write_part(ccp_chat_writer_t *w, const ccp_block_t *b, int now);
/* The history as the target's template wants it; NULL without memory
 * (chat_request_out_order.c). */
const ccp_message_t *ccp_chat_arrange_messages(ccp_chat_writer_t *w, int *err);
/* Whether nothing of an assistant message could be written: no text, no
 * call. */
int ccp_chat_is_silent(ccp_chat_writer_t *w, const ccp_message_t *m);
int ccp_chat_write_assistant(ccp_chat_writer_t *w, const ccp_message_t *m);

#endif /* CCP_CHAT_REQUEST_H */
