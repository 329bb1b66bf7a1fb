
/*
 * A row of the table of protocols (exchange_protocols.c): what each file set
 * under codec/ provides, and what it gets.
 */

#ifndef CCP_PROTO_H
#define CCP_PROTO_H

#include "codec/base/base_id.h"
#include "codec/json/json_out.h"
#include "codec/json/json_read.h"
#include "codec/wire/wire_frame.h"
#include "codec/form/form_event.h"
#include "codec/provider/provider.h"

/* What a writer of requests gets. */
typedef struct {
    ccp_arena_t         *arena;
    ccp_request_t       *req;      /* normalised (prepare.h) */
    const ccp_target_t  *target;
    ccp_str_t            model;    /* to be written */
    ccp_name_t          *names;    /* tool names on the wire; see
                                      ccp_name_wire() */
    ccp_clock_t         *clock;
    ccp_error_t         *err;
    unsigned             spliced:1; /* path(): the client's own bytes go out,
                                      so keep its framing */
    unsigned             changed:1; /* req says what its body doesn't */
} ccp_write_ctx_t;

/* What decoders and encoders of an answer get. */
typedef struct {
    ccp_arena_t         *arena;
    const ccp_request_t *req;      /* the client's */
    const ccp_target_t  *target;   /* who answers */
    ccp_name_t          *names;
    ccp_clock_t         *clock;
    ccp_str_t            model;    /* name the client asked for */
    ccp_str_t            request_id;   /* of our own, 24 base62 chars */
    int64_t              created;  /* seconds */
    int64_t              started;  /* ns */
    int64_t              estimate; /* input tokens; negative: not estimated
                                      yet, see ccp_estimate_answer() */
    unsigned             show_think:1; /* the client wants reasoning text */
    ccp_sink_t           sink;     /* decoders: the first stage */
} ccp_answer_ctx_t;

typedef struct {
    const char   *name;            /* "anthropic" */
    const char   *stream_type;     /* content type of a streamed answer */
    ccp_frame_e   framing;         /* of a streamed answer */

    /*
     * Request in.  r->body, doc, root, op and what the path told are set;
     * fills the rest.  CCP_OK, CCP_INVALID (err: what and where, such as
     * "messages.3.content.0: …"), CCP_NOMEM.
     */
    int (*read_request)(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err);

    /* Request out: the body for x->target.  Same results. */
    int (*write_request)(ccp_write_ctx_t *x, ccp_out_t *out);

    /* Path and query below the API root, "/messages". */
    int (*path)(ccp_write_ctx_t *x, ccp_out_t *out);

    /*
     * Whether a decoded request can be encoded for another protocol at all:
     * CCP_INVALID (err) if a part of it is known to its first server alone.
     * NULL: always.
     */
    int (*convertible)(const ccp_request_t *r, ccp_arena_t *a,
                       ccp_error_t *err);

    /*
     * Answer in: a state of dec_size zeroed bytes in the arena.  event: one
     * payload of a stream, v absent if data is no JSON ("[DONE]"); whole: an
     * answer in one JSON document; both emit to rs->sink.  eof: the stream
     * ended; emits what is still held back (the flow stage closes blocks and
     * judges the end).  CCP_OK or CCP_NOMEM; unreadable payloads become an
     * ERROR event.
     */
    size_t   dec_size;
    int      (*dec_init)(void *d, ccp_answer_ctx_t *ac);
    int    (*dec_event)(void *d, ccp_str_t event, ccp_str_t data,
                        ccp_jval_t v);
    int    (*dec_whole)(void *d, ccp_jval_t root);
    int    (*dec_eof)(void *d);

    /*
     * Answer out.  enc_event writes the framed bytes of one event that
     * passed the flow stage (stage.h); enc_whole a whole answer.
     */
    size_t   enc_size;
    int      (*enc_init)(void *e, ccp_answer_ctx_t *ac);
    int    (*enc_event)(void *e, const ccp_event_t *ev, ccp_out_t *out);
    int    (*enc_whole)(ccp_answer_ctx_t *ac, const ccp_answer_t *ans,
                        ccp_out_t *out);

    /* The protocol's error document and the HTTP status it goes with. */
    int    (*error)(const ccp_error_t *err, ccp_str_t request_id,
                    ccp_out_t *out);
    int    (*error_status)(const ccp_error_t *err);
} ccp_ops_t;

extern const ccp_ops_t  ccp_anthropic_ops;
extern const ccp_ops_t  ccp_chat_ops;
extern const ccp_ops_t  ccp_responses_ops;
extern const ccp_ops_t  ccp_gemini_ops;
extern const ccp_ops_t  ccp_ollama_ops;

#endif /* CCP_PROTO_H */
