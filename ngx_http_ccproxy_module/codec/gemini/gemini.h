
/*
 * Gemini generateContent: what the codec's own files of this protocol share.
 * https://ai.google.dev/api/generate-content
 */

#ifndef CCP_GEMINI_H
#define CCP_GEMINI_H

#include "codec/base/base_buf.h"
#include "codec/json/json_out.h"
#include "codec/json/json_read.h"
#include "codec/form/form_event.h"
#include "codec/provider/provider.h"
#include "codec/proto/proto.h"

/* Item id that marks a carrier of redacted reasoning. */
#define CCP_GEMINI_REDACTED  "redacted"

/* A name of the wire: camelCase is canonical, snake_case is read too. */
int ccp_gemini_named(ccp_str_t key, const char *name);
/* Member by either spelling; null counts as absent. */
ccp_jval_t ccp_gemini_get(ccp_jval_t obj, const char *name);
ccp_str_t ccp_gemini_gets(ccp_jval_t obj, const char *name);
/* Equality with an upper-case word, in whatever case. */
int ccp_gemini_word(ccp_str_t s, const char *word);

/* What a finishReason means. */
typedef enum {
    CCP_GM_STOP,               /* stop says what */
    CCP_GM_OPEN,               /* says nothing: fine if there was content */
    CCP_GM_FAIL                /* the model failed */
} ccp_gemini_end_e;

typedef struct {
    const char        *word;
    int                number; /* of the enumerator; 0 unknown */
    ccp_gemini_end_e   end;
    ccp_stop_e         stop;
} ccp_gemini_reason_t;

/* The row of a finishReason, a word or a number; never NULL. */
const ccp_gemini_reason_t *ccp_gemini_reason(ccp_jval_t v);
/*
 * The word for a stop; category: the upstream's own word, which is kept if it
 * is one of this protocol's and means the same.
 */
const char *ccp_gemini_stop_word(ccp_stop_e stop, ccp_str_t category);

/* Writes {"error":{code,message,status}}, without framing. */
int ccp_gemini_error(const ccp_error_t *err, ccp_str_t request_id,
    ccp_out_t *out);

/* Request in: gemini_request_in.c, contents in gemini_request_in_parts.c. */
typedef struct {
    ccp_request_t   *r;
    ccp_arena_t     *a;
    ccp_error_t     *err;
    ccp_str_t        detail;   /* mediaResolution of the whole request */
} ccp_gemini_in_t;

int ccp_gemini_decode(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err);
int ccp_gemini_in_contents(ccp_gemini_in_t *in, ccp_jval_t contents);
int ccp_gemini_in_system(ccp_gemini_in_t *in, ccp_jval_t content);
/* "low", "high" … of a mediaResolution; absent for any other. */
ccp_str_t ccp_gemini_detail(ccp_jval_t v);
/* Fills media; the block's kind comes from its mime type. */
ccp_block_e ccp_gemini_media(ccp_media_t *m, ccp_jval_t v, int file);
/* CCP_INVALID with "WHERE: expected WANT, got a TYPE". */
int ccp_gemini_type_error(ccp_gemini_in_t *in, ccp_jval_t v,
    const char *want, const char *where);
/*
 * Steps over a list's elements; one object alone is taken as a list of one,
 * as the service does.
 */
typedef struct {
    ccp_jiter_t  it;
    ccp_jval_t   val;
    unsigned     single:1;
} ccp_gemini_iter_t;

ccp_gemini_iter_t ccp_gemini_iter(ccp_jval_t list);
int ccp_gemini_next(ccp_gemini_iter_t *it);

/* Request out: gemini_request_out.c, contents in
 * gemini_request_out_contents.c, tools in gemini_request_out_tools.c. */
typedef struct {
    ccp_encode_t         *x;
    ccp_request_t        *r;
    const ccp_dialect_t  *d;
    ccp_arena_t          *a;
    ccp_out_t            *o;
    uint32_t              family;      /* hash of the target model's */
    int                   wanted;      /* reasoning: 1, 0, -1 */
    ccp_format_e          format;      /* as it is sent */
    const ccp_message_t  *current;     /* first message of the turn at hand */
    ccp_str_t             pending;     /* signature for the next call */
    unsigned              same:1;      /* the client speaks Gemini too */
    unsigned              third:1;     /* Gemini 3 or later */
    unsigned              functions:1; /* functions are sent */
    unsigned              hint:1;      /* the format goes into the prompt */
    unsigned              open:1;      /* a content is being written */
    unsigned              model:1;     /* … of the model */
    unsigned              any:1;       /* something was written */
    unsigned              called:1;    /* the open content has a call */
    unsigned              now:1;       /* the turn at hand is written */
    unsigned              last:1;      /* the user's last message is written */
} ccp_gemini_req_t;

int ccp_gemini_encode(ccp_encode_t *x, ccp_out_t *out);
int ccp_gemini_w_contents(ccp_gemini_req_t *w);
/* What the tools come to; before anything is written. */
int ccp_gemini_survey_tools(ccp_gemini_req_t *w);
int ccp_gemini_w_tools(ccp_gemini_req_t *w);
/* A schema in the target's dialect; *empty: it says nothing. */
int ccp_gemini_schema(ccp_gemini_req_t *w, ccp_str_t schema,
    ccp_schema_e from, ccp_str_t *to, int *empty);

/* Response in: gemini_answer_in.c, parts in gemini_answer_in_parts.c,
 * arguments that arrive in pieces in gemini_answer_in_args.c. */
typedef struct ccp_gemini_node_s  ccp_gemini_node_t;

struct ccp_gemini_node_s {
    ccp_jtype_e         type;
    ccp_str_t           key;       /* in an object */
    uint32_t            index;     /* in an array */
    ccp_buf_t           text;      /* a string's content, else JSON text */
    ccp_gemini_node_t  *child;
    ccp_gemini_node_t  *next;
};

/* Adds one element of partialArgs to the tree; paths that make no sense are
 * passed over.  CCP_OK or CCP_NOMEM. */
int ccp_gemini_args_add(ccp_gemini_node_t *root, ccp_arena_t *a,
    ccp_jval_t part);
/* Writes the tree as a JSON object. */
void ccp_gemini_args_write(const ccp_gemini_node_t *root, ccp_out_t *o);

typedef struct ccp_gemini_choice_s  ccp_gemini_choice_t;

struct ccp_gemini_choice_s {
    int                         index;
    int                         nblocks;   /* blocks started so far */
    int                         block;     /* the open one, or the last text */
    ccp_block_e                 kind;      /* of it */
    const ccp_gemini_reason_t  *reason;    /* strongest seen */
    ccp_str_t                   message;   /* finishMessage */
    ccp_str_t                   word;      /* finishReason as it came */
    ccp_gemini_node_t          *args;      /* of a call that goes on */
    unsigned                    open:1;    /* a text or thought is open */
    unsigned                    content:1;
    ccp_gemini_choice_t        *next;
};

typedef struct {
    ccp_res_t            *rs;
    ccp_gemini_choice_t  *choices;
    ccp_str_t             blocked;     /* blockReason */
    ccp_str_t             why;         /* blockReasonMessage */
    unsigned              started:1;
    unsigned              whole:1;
    unsigned              over:1;      /* ERROR or FINISH was emitted */
} ccp_gemini_dec_t;

/* Events of one choice (NULL: the first) to the sink; text is raw JSON for
 * CITE and LOGPROBS. */
int ccp_gemini_emit(ccp_gemini_dec_t *d, ccp_gemini_choice_t *c,
    ccp_event_t *ev);
int ccp_gemini_emit_text(ccp_gemini_dec_t *d, ccp_gemini_choice_t *c,
    ccp_event_e kind, int index, ccp_str_t text);
/* One part of a candidate: gemini_answer_in_parts.c. */
int ccp_gemini_dec_part(ccp_gemini_dec_t *d, ccp_gemini_choice_t *c,
    ccp_jval_t part);
/* Ends the open text, if any. */
int ccp_gemini_dec_close(ccp_gemini_dec_t *d, ccp_gemini_choice_t *c);
/* Ends a call that arrived in pieces, if any. */
int ccp_gemini_dec_end_call(ccp_gemini_dec_t *d, ccp_gemini_choice_t *c,
    int cut);

int ccp_gemini_dec_init(void *d, ccp_res_t *rs);
int ccp_gemini_dec_event(void *dec, ccp_str_t event, ccp_str_t data,
    ccp_jval_t v);
int ccp_gemini_dec_whole(void *d, ccp_jval_t root);
int ccp_gemini_dec_eof(void *d);

/* Response out: gemini_answer_out.c, whole answers in
 * gemini_answer_out_whole.c, both with gemini_answer_out_meta.c. */
typedef struct {
    ccp_res_t    *rs;
    ccp_str_t     tail;        /* a chunk's constant end */
    ccp_str_t     id;
    ccp_usage_t   usage;
    ccp_block_e   kind;        /* of the open block */
    ccp_buf_t     name;        /* of the open call, JSON spelling */
    ccp_buf_t     call;        /* its id */
    ccp_buf_t     item;        /* item id of open reasoning */
    ccp_buf_t     args;
    ccp_buf_t     sig;         /* signature for the next call */
    ccp_out_t     line;        /* a chunk that may hold line ends */
    unsigned      custom:1;
    unsigned      redacted:1;
    unsigned      held:1;      /* a call whose arguments look cut waits */
    unsigned      content:1;
    unsigned      written:1;   /* array: an element was written */
    unsigned      finished:1;
    unsigned      failed:1;
} ccp_gemini_enc_t;

int ccp_gemini_enc_init(void *e, ccp_res_t *rs);
int ccp_gemini_enc_event(void *e, const ccp_event_t *ev, ccp_out_t *out);
int ccp_gemini_enc_whole(ccp_res_t *rs, const ccp_answer_t *ans,
    ccp_out_t *out);

/* usageMetadata's object; partial: nothing was generated yet. */
void ccp_gemini_w_usage(ccp_out_t *o, ccp_res_t *rs,
    const ccp_usage_t *u, int partial);
/* responseId: Gemini's own, or one of ours. */
ccp_str_t ccp_gemini_id(const ccp_res_t *rs, ccp_str_t id);
/*
 * A signature as a Gemini client gets it: Gemini's own as it is, any other in
 * a carrier, in base64.  Absent: no memory.
 */
ccp_str_t ccp_gemini_sig(ccp_res_t *rs, ccp_proto_e origin,
    ccp_str_t item_id, ccp_str_t sig, int redacted);
/* *is: a citation of Gemini's is one of citationSources; else it is the whole
 * groundingMetadata.  CCP_OK or CCP_NOMEM. */
int ccp_gemini_source(ccp_arena_t *a, ccp_str_t raw, int *is);
/*
 * Whether a call's arguments are complete: some upstreams end the block of a
 * call that the length limit cut like any other.
 */
int ccp_gemini_args_whole(ccp_arena_t *a, const ccp_block_t *call);
/* Whether the prompt was refused before anything was generated. */
int ccp_gemini_blocked(const ccp_usage_t *u, ccp_stop_e stop);
void ccp_gemini_w_feedback(ccp_out_t *o, ccp_str_t category,
    ccp_str_t text);

#endif /* CCP_GEMINI_H */
