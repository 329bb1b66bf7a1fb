
/*
 * Gemini, requests: what the files of the reader and the writer share.
 */

#ifndef CCP_GEMINI_REQUEST_H
#define CCP_GEMINI_REQUEST_H

#include "codec/gemini/gemini_words.h"
#include "codec/proto/proto_in.h"

/* The rows of ccp_gemini_ops; contracts in proto.h. */
int ccp_gemini_read_request(ccp_request_t *r, ccp_arena_t *a,
    ccp_error_t *err);
int ccp_gemini_write_request(ccp_write_ctx_t *x, ccp_out_t *out);

/* Request in: gemini_request_in.c, contents in gemini_request_in_parts.c. */
typedef struct {
    ccp_in_t         at;
    ccp_request_t   *r;
    ccp_str_t        detail;   /* mediaResolution of the whole request */
    ccp_block_t    **tail;     /* of the content that is read */
    ccp_block_t    **anchor;   /* behind its last call: where reasoning that
                                  a signature stands for goes */
} ccp_gemini_reader_t;

void ccp_gemini_read_contents(ccp_gemini_reader_t *in);
void ccp_gemini_read_system(ccp_gemini_reader_t *in);
/* "low", "high" … of a mediaResolution; absent for any other. */
ccp_str_t ccp_gemini_read_detail(ccp_jval_t v);

/* Request out: gemini_request_out.c, contents in
 * gemini_request_out_contents.c, tools in gemini_request_out_tools.c. */
typedef struct {
    ccp_write_ctx_t       *x;
    ccp_request_t         *r;
    const ccp_provider_t  *pr;
    ccp_arena_t           *a;
    ccp_out_t             *o;
    uint32_t               family;     /* hash of the target model's */
    int                    wanted;     /* reasoning: 1, 0, -1 */
    ccp_format_e           format;     /* as it is sent */
    const ccp_message_t   *current;    /* first message of the turn at hand */
    ccp_str_t              pending;    /* signature for the next call */
    unsigned               same:1;     /* the client speaks Gemini too */
    unsigned               third:1;    /* Gemini 3 or later */
    unsigned               functions:1; /* functions are sent */
    unsigned               hint:1;     /* the format goes into the prompt */
    unsigned               open:1;     /* a content is being written */
    unsigned               model:1;    /* … of the model */
    unsigned               any:1;      /* something was written */
    unsigned               called:1;   /* the open content has a call */
    unsigned               now:1;      /* the turn at hand is written */
} ccp_gemini_writer_t;

int ccp_gemini_write_contents(ccp_gemini_writer_t *w);
/* What the tools come to; before anything is written. */
int ccp_gemini_survey_tools(ccp_gemini_writer_t *w);
int ccp_gemini_write_tools(ccp_gemini_writer_t *w);
/* A schema in the form that the target's provider takes; *empty: it says
 * nothing. */
int ccp_gemini_fit_schema(ccp_gemini_writer_t *w, ccp_str_t schema,
    ccp_schema_e from, ccp_schema_root_e want, ccp_str_t *to, int *empty);

#endif /* CCP_GEMINI_REQUEST_H */
