
/*
 * A row of the table of protocols (exchange_protocols.c): what each folder
 * under codec/ provides, and what it gets.
 */

#ifndef CCP_PROTO_H
#define CCP_PROTO_H

#include "codec/base/base_id.h"
#include "codec/json/json_edit.h"
#include "codec/json/json_out.h"
#include "codec/json/json_read.h"
#include "codec/wire/wire_frame.h"
#include "codec/form/form_event.h"
#include "codec/form/form_held.h"
#include "codec/provider/provider.h"

/* A protocol's row: below. */
typedef struct ccp_ops_s  ccp_ops_t;

/* What a writer of requests gets. */
typedef struct {
    ccp_arena_t         *arena;
    ccp_request_t       *req;      /* normalised (prepare.h) */
    const ccp_target_t  *target;
    const ccp_ops_t     *ops;      /* row of target's protocol */
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
    const ccp_ops_t     *client;   /* row of req's protocol */
    const ccp_ops_t     *up;       /* … of target's */
    ccp_name_t          *names;
    ccp_clock_t         *clock;
    ccp_str_t            model;    /* name the client asked for */
    ccp_str_t            request_id;   /* of our own, 24 base62 chars */
    int64_t              created;  /* seconds */
    int64_t              started;  /* ns */
    int64_t              estimate; /* input tokens; negative: not estimated
                                      yet, see ccp_estimate_answer() */
    unsigned             show_think:1; /* the client wants reasoning text */
    unsigned             again:1;  /* decoders: this payload of a stream says
                                      no more than that it begins, as one
                                      before did */
    ccp_keep_t          *keep;     /* NULL: the answer is not kept */
    unsigned             pending:1; /* decoders: the answer is made later; the
                                       client gets its document as it came */
    ccp_sink_t           sink;     /* decoders: the first stage */
} ccp_answer_ctx_t;

/* What a path means. */
typedef struct {
    ccp_proto_e  proto;        /* of unknown paths: the nearest one */
    ccp_op_e     op;
    ccp_str_t    group;        /* path before the endpoint, no slashes at its
                                  ends; empty if none */
    ccp_str_t    model;        /* from the path; or absent */
    unsigned     stream:1;     /* the path says so (Gemini) */
    unsigned     array:1;      /* … as one JSON array */
    unsigned     generate:1;   /* /api/generate */
    unsigned     single:1;     /* :embedContent, /api/embeddings */
    unsigned     compat:1;     /* a compat segment: tool compatibility */
    unsigned     post:1;       /* the method to use is POST, else GET, HEAD */
    unsigned     list:1;       /* HELD: of conversations */
    ccp_str_t    held;         /* HELD: what follows the endpoint; or absent */
} ccp_endpoint_t;

/* An endpoint of a protocol; a list ends without a path. */
typedef struct {
    const char  *path;         /* the end of paths, "/v1/messages" */
    ccp_op_e     op;
    unsigned     post:1;       /* the next three: as in ccp_endpoint_t */
    unsigned     generate:1;
    unsigned     single:1;
    unsigned     list:1;
    unsigned     tail:1;       /* path stands anywhere; what follows it is the
                                  model, or what is held */
} ccp_endpoint_row_t;

/*
 * What servers of a protocol answer besides and nobody converts; a list ends
 * without a name.  Below the API root stands what follows the version.
 */
typedef struct {
    const char  *name;         /* by which it is let through, "files" */
    const char  *before;       /* what stands before the root, or "" */
    const char  *version;      /* of the root in a client's path, "/v1" */
    const char  *path;         /* "/files" */
    const char  *methods;      /* "GET POST" */
    const char  *object;       /* member of an answer to POST that names what
                                  was made there; NULL: nothing stays there */
    unsigned     sub:1;        /* path may go on */
    unsigned     asks:1;       /* a model is asked */
} ccp_other_t;

/* A member of a request; a list ends without a name. */
typedef struct {
    const char  *parent;       /* NULL: the request itself */
    const char  *name;
} ccp_member_path_t;

/*
 * What the members of a request hold that rules for prompts and tools have to
 * know (rewrite_policy.c).  A list has all that the protocol's documents tell
 * of, and ends without a name.
 */
typedef enum {
    CCP_HOLDS_NOTHING,         /* neither prompts nor tools, or where
                                  ccp_places_t and the tools' filter look */
    CCP_HOLDS_TEXT,            /* likewise, but a text of the prompt's */
    CCP_HOLDS_FORM,            /* how a prompt is put together */
    CCP_HOLDS_WORDS,           /* words for that, beside switches */
    CCP_HOLDS_EDITS,           /* how it is shortened, with instructions */
    CCP_HOLDS_STORED,          /* prompts or tools that lie elsewhere */
    CCP_HOLDS_SKILLS           /* likewise, if it is an object */
} ccp_holds_e;

typedef struct {
    const char  *name;
    ccp_holds_e  holds;
} ccp_known_t;

/* Where a request keeps the system prompt, what users wrote and the
 * temperature (rewrite_prompt.h).  NULL: nowhere. */
typedef struct {
    const char  *counted;      /* member of a request to count tokens that
                                  holds a request */
    const char  *system[2];    /* members at the root with the prompt, */
    const char  *list;         /* the conversation */
    const char  *content;      /* of a message; without list: at the root */
    const char  *config[2];    /* member that holds the temperature */
    const char  *make;         /* a system prompt where there is none: the
                                  member's value, or an element of list; "%"
                                  is the text, inside of a JSON string */
    const char  *part;         /* a text in a content that has none */
    double       hot;          /* the highest temperature */
} ccp_places_t;

/*
 * Splices to providers that refuse or rename members.  is_ruled: whether this
 * provider has such rules.  is_anew: whether the body must be written anew for
 * them all the same; 1, 0, CCP_NOMEM; NULL: never.  edit: the edits besides
 * those of model and output's cap; as write_request.
 */
typedef struct {
    int    (*is_ruled)(const ccp_provider_t *pr);
    int    (*is_anew)(ccp_request_t *r, const ccp_target_t *t,
                      ccp_arena_t *a);
    int    (*edit)(ccp_request_t *r, const ccp_target_t *t, ccp_edit_t *e,
                   ccp_error_t *err);
    unsigned  caps:1;              /* edit does the cap's, too */
} ccp_splice_ops_t;

/* Where a client says what a model may refuse; name NULL ends. */
typedef struct {
    ccp_wish_e   wish;
    const char  *parent;       /* NULL: the request itself */
    const char  *name;
} ccp_wish_member_t;

/*
 * How an image stands in a client's body: an object with that member, of that
 * value where there is one; and what stands in its place in a list of blocks.
 * member NULL ends.
 */
typedef struct {
    const char  *member;
    const char  *value;
    const char  *instead;
} ccp_wish_image_t;

/* Headers of answers that tell a client of its limits for a minute. */

enum {
    CCP_LIMIT_NAME_LIMIT = 0,
    CCP_LIMIT_NAME_LEFT,
    CCP_LIMIT_NAME_RESET,      /* when all of it is there again */
    CCP_LIMIT_NAMES
};

typedef struct {
    const char  *requests[CCP_LIMIT_NAMES];
    const char  *tokens[CCP_LIMIT_NAMES];
    unsigned     date:1;       /* RESET is a moment of RFC 3339, else a number
                                  of seconds with "s" behind it */
} ccp_limit_names_t;

/* Model lists: proto_models.h; embeddings: embed.h. */
struct ccp_models_ops_s;
struct ccp_embed_ops_s;
/* Conversations that are held: proto_held.h. */
struct ccp_recall_s;
struct ccp_held_call_s;

/* A pointer may be NULL where its comment says so, and that of any list. */
struct ccp_ops_s {
    const char   *name;            /* "anthropic" */
    const char   *stream_type;     /* content type of a streamed answer */
    ccp_frame_e   framing;         /* of a streamed answer */

    /* ---- paths ---- */

    const ccp_endpoint_row_t  *endpoints;
    const ccp_other_t         *others;     /* NULL: none */

    /*
     * Endpoints that a list can't hold, or NULL: fills op, post and what the
     * path tells, *start becomes where the endpoint begins.  CCP_DECLINED:
     * the path is none of them.
     */
    int   (*endpoint)(ccp_endpoint_t *ep, ccp_str_t path, ccp_str_t args,
                      const uint8_t **start);

    const char   *hint;            /* an unknown path that holds it is nearest
                                      to this protocol; NULL: none is */
    const char   *version;         /* what CCP_OP_VERSION tells */

    /* ---- requests ---- */

    /*
     * Request in.  r->body, doc, root, op and what the path told are set, root
     * is an object and the rest is unset (ccp_request_unset()): fills it.
     * CCP_OK, CCP_INVALID (err: what and where, such as
     * "messages.3.content.0: …"), CCP_NOMEM.
     */
    int (*read_request)(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err);

    /*
     * What a request names of the objects that are held for its client goes
     * into its body, before read_request; fills the keep.  NULL: the protocol
     * has no such requests.  CCP_OK, CCP_INVALID (err), CCP_NOMEM.
     */
    int (*recall)(struct ccp_recall_s *rc);

    /* Keeps an answer that is complete.  CCP_OK, CCP_DECLINED, CCP_NOMEM. */
    int (*keep)(ccp_keep_t *keep, const ccp_keeper_t *keeper,
                ccp_arena_t *a);

    /*
     * Answers a request of CCP_OP_HELD.  CCP_OK, CCP_INVALID (err),
     * CCP_DECLINED (there is no such endpoint or method), CCP_NOMEM.
     */
    int (*held)(struct ccp_held_call_s *c);

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

    /* Members that only servers of this protocol know and that may be left
     * out elsewhere, with a note. */
    const ccp_member_path_t   *lost;

    const ccp_member_path_t   *caps;       /* hold the output's cap */
    const ccp_splice_ops_t    *splice;     /* NULL: no provider has rules */

    /* What is left out of a client's body where a model refuses it. */
    const ccp_wish_member_t   *wishes;
    const ccp_wish_image_t    *wish_images;
    const char   *wish_image_drop; /* a message's list of images; or NULL */
    const char   *wish_result;     /* a part whose parts hold no text; or
                                      NULL */

    /* Headers of clients, in patterns, that a server of this protocol may
     * see; NULL ends. */
    const char *const         *forward;

    /* Members at the root that no parameter of the configuration may set: the
     * conversation itself.  NULL ends. */
    const char *const         *owned;

    /* Its members, for rules of a place; NULL: those leave all of them. */
    const ccp_known_t         *known;

    const ccp_places_t        *places;
    const ccp_places_t        *places_generate;    /* of endpoints with
                                                      generate */

    /* ---- answers ---- */

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
     * passed the flow stage (stage.h); enc_whole a whole answer.  enc_resume,
     * or NULL: so far the client has the upstream's own bytes, which d of the
     * same protocol has read; what is written now goes on behind them.
     */
    size_t   enc_size;
    int      (*enc_init)(void *e, ccp_answer_ctx_t *ac);
    int      (*enc_resume)(void *e, const void *d);
    int    (*enc_event)(void *e, const ccp_event_t *ev, ccp_out_t *out);
    int    (*enc_whole)(ccp_answer_ctx_t *ac, const ccp_answer_t *ans,
                        ccp_out_t *out);

    /* The protocol's error document and the HTTP status it goes with. */
    int    (*error)(const ccp_error_t *err, ccp_str_t request_id,
                    ccp_out_t *out);
    int    (*error_status)(const ccp_error_t *err);
    /* whether a client of the protocol finds in an upstream's document all
     * that it must have, and the words that it acts on */
    int    (*own_error)(const ccp_error_t *err, ccp_jval_t root);

    const ccp_limit_names_t  *limits;  /* NULL: as clients of OpenAI know them */

    const char   *call_prefix;     /* ids for calls that came without one: */
    uint8_t       call_digits;     /* … and digits behind it */

    /* ---- counts, models, embeddings ---- */

    const char   *count;           /* member of an answer to CCP_OP_COUNT with
                                      the number; NULL: there is no such call */
    const char   *count_object;    /* its member "object"; NULL: none */
    const char   *family;          /* of models whose name tells none, for
                                      ccp_estimate_request() */

    const struct ccp_models_ops_s  *models;
    const struct ccp_embed_ops_s   *embed;     /* NULL: no embeddings */

    /* ---- habits ---- */

    const char *const  *marks;     /* headers that its clients alone send: they
                                      decide for endpoints that others share;
                                      NULL ends, may be NULL */
    unsigned      model_twice:1;   /* the model is in the path, and bodies of
                                      counts and embeddings may repeat it */
    unsigned      keep_whole:1;    /* what is kept of an answer is made of its
                                      document, streamed or not */
    unsigned      snake:1;         /* members may stand under their names in
                                      snake_case, too */
    unsigned      typed:1;         /* what stands in the conversation has a
                                      type, and may be no message */
    unsigned      free_text:1;     /* has tools that take free text */
    unsigned      no_stop:1;       /* requests can't name stop sequences */
    unsigned      detail:1;        /* takes an image's detail */
    unsigned      strict:1;        /* takes a tool's strict */
    unsigned      closes:1;        /* … without optional members in it: what
                                      is null may be missing (stage.h) */
    unsigned      sealed:1;        /* a client's history has the summary of its
                                      reasoning, the rest is encrypted */
    unsigned      think_silent:1;  /* clients get text of the reasoning only
                                      if they ask for that very text */
};

#endif /* CCP_PROTO_H */
