
/*
 * What the files of the Chat Completions codec share.
 */

#ifndef CCP_CHAT_H
#define CCP_CHAT_H

#include "codec/base/base_buf.h"
#include "codec/json/json_out.h"
#include "codec/json/json_read.h"
#include "codec/form/form_event.h"
#include "codec/provider/provider.h"
#include "codec/proto/proto.h"

/* Request in: chat_request_in.c, messages in chat_request_in_messages.c and
 * chat_request_in_parts.c. */
typedef struct {
    ccp_request_t   *r;
    ccp_arena_t     *a;
    ccp_error_t     *err;
    ccp_block_t    **system;       /* tails */
    ccp_message_t  **msgs;
    ccp_block_t    **results;      /* tail of the last message if that is
                                      made of results */
    ccp_str_t        legacy;       /* id of the last function_call */
    unsigned         ncalls;       /* calls whose id was made up */
    unsigned         msg;          /* where we are, for error texts */
} ccp_chat_in_t;

int ccp_chat_decode(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err);
int ccp_chat_decode_messages(ccp_chat_in_t *in, ccp_jval_t msgs);
/* One content part; i is its place. */
int ccp_chat_in_part(ccp_chat_in_t *in, ccp_block_t *b, ccp_jval_t v, int i);
ccp_cache_e ccp_chat_cache_mark(ccp_jval_t v);

/*
 * CCP_INVALID with "WHERE: expected WANT, got a TYPE"; where is a printf
 * form.
 */
int ccp_chat_type_error(ccp_chat_in_t *in, ccp_jval_t v, const char *want,
    const char *where, ...) __attribute__((format(printf, 4, 5)));

/* Request out: chat_request_out.c; messages in chat_request_out_messages.c,
 * chat_request_out_assistant.c and chat_request_out_parts.c; other fields in
 * chat_request_out_members.c, chat_request_out_think.c and
 * chat_request_out_format.c. */
typedef struct {
    ccp_encode_t         *x;
    ccp_request_t        *r;
    const ccp_dialect_t  *d;
    ccp_out_t            *out;
    int64_t               max;     /* limit that is sent, or CCP_UNSET_INT */
    int                   wanted;  /* reasoning: 1, 0, -1 */
    unsigned              tc;      /* bits of tool_choice that are taken */
    ccp_str_t             only;    /* the one tool to be sent; absent: all */
    const ccp_tool_t     *search;  /* to be sent as web_search_options */
    ccp_format_e          format;  /* as it is sent */
    const ccp_message_t  *last;    /* last user message */
    const ccp_message_t  *moved;   /* assistant's, whose media come with the
                                      next user message */
    int                   media;   /* numbers of media taken from results */
    unsigned              thinks:1;    /* the model will reason */
    unsigned              tools:1;     /* tools are sent */
    unsigned              hint:1;      /* the format goes into the prompt */
    unsigned              after_tool:1;    /* a tool message was the last */
} ccp_chat_out_t;

int ccp_chat_encode(ccp_encode_t *x, ccp_out_t *out);
int ccp_chat_write_messages(ccp_chat_out_t *co);
int ccp_chat_write_tools(ccp_chat_out_t *co);
/* Everything else; survey_format first, as it decides on the prompt. */
int ccp_chat_write_params(ccp_chat_out_t *co);
void ccp_chat_write_think(ccp_chat_out_t *co);
void ccp_chat_survey_format(ccp_chat_out_t *co);
int ccp_chat_write_format(ccp_chat_out_t *co);
/* The text that stands for response_format in the prompt. */
int ccp_chat_write_hint(ccp_chat_out_t *co);
/* A strict schema in the words that the provider takes; absent: no memory. */
ccp_str_t ccp_chat_closed(ccp_chat_out_t *co, ccp_str_t schema,
    ccp_schema_e from);
void ccp_chat_write_mark(ccp_out_t *out, ccp_cache_e cache);
/* Whether a cache mark of this text block will be written. */
int ccp_chat_marked(ccp_chat_out_t *co, const ccp_block_t *b);
/* Whether a block can be sent, as a part or as text. */
int ccp_chat_part_fits(ccp_chat_out_t *co, const ccp_block_t *b);
/*
 * One content part.  What doesn't fit becomes words in old turns; in the
 * present one (now) it is CCP_INVALID.
 */
int ccp_chat_write_part(ccp_chat_out_t *co, const ccp_block_t *b, int now);
int ccp_chat_refuse(ccp_chat_out_t *co, const ccp_block_t *b);
/* The history as the target's template wants it; NULL without memory. */
const ccp_message_t *ccp_chat_arrange(ccp_chat_out_t *co, int *err);
int ccp_chat_write_assistant(ccp_chat_out_t *co, const ccp_message_t *m);
/* Name under which a field is sent; NULL (and a note) if it is refused. */
const char *ccp_chat_field(ccp_chat_out_t *co, const char *name);

/* Response in: chat_answer_in.c, tool calls in chat_answer_in_calls.c. */
typedef struct ccp_chat_call_s    ccp_chat_call_t;
typedef struct ccp_chat_choice_s  ccp_chat_choice_t;

struct ccp_chat_call_s {
    int               key;         /* index on the wire, -1: none */
    int               block;       /* index of the block once started */
    ccp_str_t         id;
    ccp_str_t         name;
    ccp_buf_t         held;        /* arguments that came before the name */
    int               depth;       /* of the arguments' JSON */
    unsigned          custom:1;
    unsigned          legacy:1;
    unsigned          started:1;
    unsigned          stopped:1;
    unsigned          args:1;      /* some have come */
    unsigned          whole:1;     /* they form a complete object */
    unsigned          string:1;    /* inside a string of them */
    unsigned          escape:1;
    unsigned          touched:1;   /* by the payload at hand */
    ccp_chat_call_t  *next;
};

struct ccp_chat_choice_s {
    int                 index;
    int                 nblocks;   /* blocks started so far */
    ccp_block_e         kind;      /* of the open text, if open */
    int                 block;     /* its index */
    int                 text;      /* index of the last TEXT, -1 */
    unsigned            open:1;
    unsigned            signed_:1; /* the open THINK has its signature */
    unsigned            refusal:1;
    unsigned            finished:1;
    unsigned            cited:1;   /* top-level citations were passed */
    ccp_chat_call_t    *calls;
    ccp_chat_choice_t  *next;
};

typedef struct {
    ccp_res_t          *rs;
    ccp_chat_choice_t  *choices;
    unsigned            started:1;
    unsigned            over:1;    /* END or ERROR was emitted */
} ccp_chat_dec_t;

#define CCP_CHAT_DEC_SIZE  sizeof(ccp_chat_dec_t)

/* chat_answer_in_emit.c: finds an error in a document, *v describes it. */
int ccp_chat_has_error(ccp_jval_t root, ccp_jval_t *v);
/* ERROR events: of the upstream, read from v in root, and in own words. */
int ccp_chat_read_error(ccp_chat_dec_t *d, ccp_jval_t v, ccp_jval_t root);
int ccp_chat_own_error(ccp_chat_dec_t *d, ccp_err_e cls, const char *text);
/* An event of that choice to the sink. */
int ccp_chat_emit(ccp_chat_dec_t *d, ccp_chat_choice_t *c, ccp_event_t *ev);
/* Ends the open text block, if any. */
int ccp_chat_close_text(ccp_chat_dec_t *d, ccp_chat_choice_t *c, int cut);
/* tool_calls and function_call of a delta or message. */
int ccp_chat_dec_calls(ccp_chat_dec_t *d, ccp_chat_choice_t *c,
    ccp_jval_t delta);
/* Starts calls that wait for an id. */
int ccp_chat_start_calls(ccp_chat_dec_t *d, ccp_chat_choice_t *c);
/* Ends calls: all, or those whose arguments are complete. */
int ccp_chat_stop_calls(ccp_chat_dec_t *d, ccp_chat_choice_t *c, int all,
    int cut);

int ccp_chat_dec_init(void *d, ccp_res_t *rs);
int ccp_chat_dec_event(void *dec, ccp_str_t event, ccp_str_t data,
    ccp_jval_t v);
int ccp_chat_dec_whole(void *d, ccp_jval_t root);
int ccp_chat_dec_eof(void *d);

/* Response out: chat_answer_out.c, whole answers in
 * chat_answer_out_whole.c. */
typedef struct ccp_chat_said_s  ccp_chat_said_t;

struct ccp_chat_said_s {           /* one choice on its way out */
    int               choice;
    int               calls;       /* begun so far, also their index */
    ccp_block_e       kind;        /* of the open block */
    unsigned          custom:1;    /* that call takes free text */
    unsigned          role:1;      /* the role chunk was written */
    unsigned          text:1;      /* text or refusal was written */
    unsigned          refusal:1;
    unsigned          redacted:1;  /* the open THINK has no text */
    ccp_str_t         item_id;     /* of the open block */
    ccp_buf_t         cites;       /* annotations, by comma */
    ccp_chat_said_t  *next;
};

typedef struct {
    ccp_res_t        *rs;
    ccp_str_t         head;        /* a chunk's constant beginning */
    ccp_chat_said_t  *said;
    ccp_usage_t       usage;
    ccp_json_t        doc;         /* for citations */
    unsigned          finished:1;
    unsigned          done:1;
} ccp_chat_enc_t;

#define CCP_CHAT_ENC_SIZE  sizeof(ccp_chat_enc_t)

int ccp_chat_enc_init(void *e, ccp_res_t *rs);
int ccp_chat_enc_event(void *e, const ccp_event_t *ev, ccp_out_t *out);
int ccp_chat_enc_whole(ccp_res_t *rs, const ccp_answer_t *ans,
    ccp_out_t *out);
/* "chatcmpl-…": the upstream's id if it has that form, else our own. */
ccp_str_t ccp_chat_answer_id(ccp_res_t *rs, ccp_str_t id);
const char *ccp_chat_finish_word(const ccp_res_t *rs, ccp_stop_e stop,
    int refusal);
/* chat_usage.c; r_out: reasoning is outside completion_tokens. */
void ccp_chat_read_usage(ccp_usage_t *usage, ccp_jval_t u, int r_out);
void ccp_chat_write_usage(ccp_out_t *out, const ccp_usage_t *u);
/* One member of reasoning_details: proof for a later request. */
int ccp_chat_write_carrier(ccp_res_t *rs, ccp_out_t *out,
    ccp_proto_e origin, ccp_str_t item_id, ccp_str_t sig, int redacted);

#endif /* CCP_CHAT_H */
