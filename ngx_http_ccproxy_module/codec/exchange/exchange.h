
/*
 * The codec as its users see it: one exchange is one client request and the
 * answer to it.  A try is that request at one target, with that target's
 * answer; an exchange has as many as it takes, several at a time if need be.
 *
 *   ccp_endpoint_parse()      which protocol and operation is this path
 *   ccp_exchange_create()
 *   ccp_exchange_request()    the client's body, decoded once
 *   for each target:
 *       ccp_try_create()
 *       ccp_try_request()     body and path for it, encoded once
 *       ccp_try_headers()
 *       ccp_answer_begin()    status and content type came
 *       ccp_answer_feed() …   bytes came; writes what goes to the client
 *       ccp_answer_end()      the upstream's bytes ended, or
 *       ccp_answer_abort()    it died
 *       ccp_try_destroy()
 *   ccp_exchange_destroy()
 */

#ifndef CCP_EXCHANGE_H
#define CCP_EXCHANGE_H

#include "codec/base/base_id.h"
#include "codec/base/base_memo.h"
#include "codec/json/json_out.h"
#include "codec/form/form_event.h"
#include "codec/provider/provider.h"
#include "codec/proto/proto.h"
#include "codec/rewrite/rewrite_prompt.h"

#define CCP_VERSION         "0.1.0"

/* The request header whose value ccp_exchange_request() takes. */
#define CCP_VERSION_HEADER  "anthropic-version"

/* What "protocol" may name in a configuration. */
#define CCP_PROTOCOL_NAMES  "anthropic, chat, responses, gemini and ollama"

/* ---- protocols ---- */

/* Never NULL for a value below CCP_NPROTO. */
const ccp_ops_t *ccp_proto_ops(ccp_proto_e proto);
/* CCP_NPROTO if there is no such protocol. */
ccp_proto_e ccp_proto_find(ccp_str_t name);

/* Headers that tell clients of the protocol of their limits. */
const ccp_limit_names_t *ccp_proto_limits(ccp_proto_e proto);

/* ---- endpoints ---- */

/*
 * Header number k that clients of one protocol alone send, and who they are
 * (*asker); NULL after the last.
 */
const char *ccp_endpoint_mark(size_t k, unsigned *asker);

/*
 * Reads path (decoded, without query) and args.  asker: as one of the request's
 * headers says, 0: none does; decides for GET /v1/models.
 */
void ccp_endpoint_parse(ccp_endpoint_t *ep, ccp_str_t path, ccp_str_t args,
    unsigned asker);

/* ---- exchanges ---- */

typedef struct ccp_exchange_s  ccp_exchange_t;
typedef struct ccp_try_s  ccp_try_t;

typedef struct {
    ccp_mem_t    mem;
    size_t       limit;        /* bytes of memory that the client's request,
                                  each try and each answer may hold */
    size_t       answer_limit; /* bytes of an answer that must be held whole */
    ccp_clock_t  clock;
    ccp_memo_t  *memo;         /* NULL: nothing is kept from one exchange to
                                  the next */
    uint64_t     scope;        /* of whom it may be shared with */
} ccp_env_t;

/* NULL without memory. */
ccp_exchange_t *ccp_exchange_create(const ccp_env_t *env,
    const ccp_endpoint_t *ep);
/* Releases its tries, too. */
void ccp_exchange_destroy(ccp_exchange_t *x);
ccp_arena_t *ccp_exchange_arena(ccp_exchange_t *x);
/* Our own id of this request: 24 base62 digits. */
ccp_str_t ccp_exchange_id(const ccp_exchange_t *x);

/* Prompt tools for this request, set before ccp_exchange_request(); rules
 * must stay until destroy. */
void ccp_exchange_rules(ccp_exchange_t *x, const ccp_prompt_rules_t *rules);
/* Patterns of the betas that its client may ask for; they must stay.  Without a
 * call it may ask for all. */
void ccp_exchange_betas(ccp_exchange_t *x, const ccp_str_t *betas, size_t n);
/* Who holds conversations for this client; likewise.  Without one a request
 * that names what is held is one for an upstream that holds it. */
void ccp_exchange_keeper(ccp_exchange_t *x, const ccp_keeper_t *keeper);
/* The upstream that has what the request names, as ccp_target_t.owner; 0:
 * any serves it. */
uint64_t ccp_exchange_owner(const ccp_exchange_t *x);
/*
 * Decodes the client's body, which must stay where it is until destroy.
 * CCP_OK, CCP_INVALID (err), CCP_NOMEM.
 */
int ccp_exchange_request(ccp_exchange_t *x, ccp_str_t body,
    ccp_str_t version, ccp_error_t *err);
/* The decoded request: for variables and routes. */
const ccp_request_t *ccp_exchange_req(const ccp_exchange_t *x);
/* Its input tokens (ccp_estimate_request()), counted once; -1 without a
 * request. */
int64_t ccp_exchange_estimate(ccp_exchange_t *x);

/* Bits of the request's wishes that a model may refuse. */
unsigned ccp_exchange_wishes(ccp_exchange_t *x);
/* A word for a wish, "thinking". */
const char *ccp_wish_name(ccp_wish_e wish);

/* ---- tries ---- */

/* The request at that target, of which a copy is kept.  NULL without
 * memory. */
ccp_try_t *ccp_try_create(ccp_exchange_t *x, const ccp_target_t *target);
/* Releases all that the try holds, its answer too; NULL is allowed. */
void ccp_try_destroy(ccp_try_t *t);
ccp_exchange_t *ccp_try_exchange(const ccp_try_t *t);

/*
 * What the target is sent; both stay valid as long as the try, long slices in
 * body point to the client's body.  args: the client's query; secrets in it
 * are not passed on.  Encoded by the first call that is CCP_OK, the same for
 * further ones.  CCP_OK; CCP_INVALID (err: this target can't take the
 * request; its texts stay as long as the exchange); CCP_NOMEM.  After a
 * failure the try can only be destroyed.
 */
int ccp_try_request(ccp_try_t *t, ccp_str_t args, const ccp_out_t **body,
    ccp_str_t *uri, ccp_error_t *err);
/* 1 if the target gets the client's bytes (same protocol). */
int ccp_try_spliced(const ccp_try_t *t);
/* Bits of the request's wishes that were left out, as target->without says; of
 * tools as text. */
unsigned ccp_try_without(const ccp_try_t *t);
/* Which wish of those that were sent the target's answer refuses, so that it
 * may serve the request without; CCP_NWISH: none.  Tools only where
 * target->tools is AUTO. */
ccp_wish_e ccp_try_refused(const ccp_try_t *t);
/* What was dropped or changed for the target; NULL: nothing.  What reading the
 * request had to mend is in ccp_exchange_req()->notes. */
const ccp_item_t *ccp_try_notes(const ccp_try_t *t);

/*
 * Writes the codec's header lines ("Name: value" CR LF each) of the request:
 * content type, accept, version, credential (key; absent: none; it must stay
 * as long as the try) and those of the client's headers that this upstream
 * may see.
 */
int ccp_try_headers(ccp_try_t *t, ccp_str_t key, const ccp_header_t *in,
    size_t n, ccp_out_t *out);

/* 1 if a header of that name (any case) of the target's answer may reach the
 * client, 0 if not. */
int ccp_try_passes(const ccp_try_t *t, ccp_str_t name);

/*
 * Token counts.  counts: 1 if this target can be asked for one.  count: the
 * client's document with our own estimate, for targets that can't, or that
 * fail; CCP_OK, CCP_DECLINED (this was no such request, or it could not be
 * read), CCP_NOMEM.
 */
int ccp_target_counts(const ccp_target_t *t);

/* ---- answers ---- */

typedef struct {
    int          status;       /* for the client */
    ccp_str_t    content_type;
    int          retry_after;  /* seconds; 0: no such header */
    unsigned     lasting:1;    /* an error that the same request meets again,
                                  though its status tells otherwise */
    unsigned     stream:1;
} ccp_head_t;

/* The target answered ccp_try_request(); discards what an earlier begin of the
 * same try left. */
int ccp_answer_begin(ccp_try_t *t, int status, ccp_str_t content_type,
    ccp_str_t retry_after);
/* The time by the target's own clock, by which it names moments; 0: it doesn't
 * tell.  Seconds. */
void ccp_answer_date(ccp_try_t *t, int64_t date);

/*
 * Takes bytes, appends to out what the client gets now.  CCP_OK; CCP_NOMEM
 * (memory or answer limit: end with ccp_answer_abort).
 */
int ccp_answer_feed(ccp_try_t *t, const uint8_t *p, size_t n,
    ccp_out_t *out);
int ccp_answer_end(ccp_try_t *t, ccp_out_t *out);
/* The upstream is gone or the answer can't go on: an error in the client's
 * protocol, exactly once; nothing if the answer was complete. */
int ccp_answer_abort(ccp_try_t *t, ccp_err_e cls, const char *message,
    ccp_out_t *out);
/* A sign of life in the client's protocol; may write nothing. */
int ccp_answer_ping(ccp_try_t *t, ccp_out_t *out);

/*
 * Status and content type for the client.  CCP_DECLINED while undecided: the
 * first event has not come, so that an error can still become a status.
 * Decided at the latest after ccp_answer_end or ccp_answer_abort.
 */
int ccp_answer_head(ccp_try_t *t, ccp_head_t *head);

/* The client's terminal (or an error) was written: nothing more will come. */
int ccp_answer_done(const ccp_try_t *t);

/* For logs and counters; error NULL if none. */
typedef struct {
    const ccp_usage_t  *usage;
    ccp_stop_e          stop;
    const ccp_error_t  *error;
    unsigned            calls;         /* that were read from text */
    unsigned            content:1;     /* a first content event was passed */
} ccp_outcome_t;

void ccp_answer_outcome(const ccp_try_t *t, ccp_outcome_t *o);

/*
 * What a target that was asked used of what is paid for, its answer complete,
 * broken off, left by the client, or none: the upstream's figures, and where
 * it gave none an estimate of the prompt and of what it sent.  Nothing is known
 * (all -1) of one that refused the request.
 */
void ccp_answer_used(ccp_try_t *t, ccp_usage_t *u);

/* The aggregated answer of a request that asked for no stream, NULL without
 * one; *err then tells why.  Valid until the try's next begin or its end. */
const ccp_answer_t *ccp_answer_aggregate(const ccp_try_t *t,
    const ccp_error_t **err);
const char *ccp_stop_name(ccp_stop_e stop);

/*
 * An error of our own as the client's document; head is filled too.  Its
 * status, if it has one, is the client's.  x may be without a request (bad
 * body, unknown path).
 */
int ccp_exchange_error(ccp_exchange_t *x, const ccp_error_t *err,
    ccp_head_t *head, ccp_out_t *out);

/* See ccp_target_counts(). */
int ccp_exchange_count(ccp_exchange_t *x, ccp_head_t *head, ccp_out_t *out);

/*
 * Answers a request of CCP_OP_HELD, from what the keeper has.  CCP_OK;
 * CCP_INVALID (err); CCP_NOMEM; CCP_DECLINED: there is no such endpoint, or
 * method of it, or, if the exchange has a request then, an upstream is to be
 * tried with it.
 */
int ccp_exchange_held(ccp_exchange_t *x, ccp_str_t method, ccp_str_t args,
    ccp_str_t body, ccp_out_t *out, ccp_error_t *err);

/* Answers of the module's own for GET /, /health and /api/version;
 * CCP_DECLINED for any other operation. */
int ccp_exchange_local(ccp_exchange_t *x, ccp_out_t *out);

/*
 * What servers of a protocol answer besides (ccp_other_t), which goes through
 * as it is: exchange_other.c, exchange_headers.c.
 */

/* Whether some protocol has one of that name; above 1 if a model is asked
 * there. */
int ccp_other_known(ccp_str_t name);
/*
 * The one that the path means, of those whose names the caller has; sets
 * protocol and group of ep, and what follows the row's path.  asker: as
 * in ccp_endpoint_parse().  CCP_OK; CCP_DECLINED: none; CCP_INVALID: what
 * follows can't stand there.
 */
int ccp_other_find(ccp_endpoint_t *ep, ccp_str_t path, unsigned asker,
    int (*named)(void *data, const char *name), void *data,
    const ccp_other_t **found, ccp_str_t *rest);
/* Path and query for a server whose API root is that path. */
void ccp_other_uri(const ccp_other_t *row, ccp_str_t root, ccp_str_t rest,
    ccp_str_t args, ccp_out_t *out);
/* Header lines, as ccp_try_headers(). */
int ccp_other_headers(const ccp_exchange_t *x, const ccp_provider_t *pr,
    ccp_str_t key, const ccp_header_t *in, size_t n, ccp_out_t *out);
/* Whether a header of an answer passes. */
int ccp_other_passes(ccp_str_t name);
/* The name of what was made, in the first bytes of an answer; absent. */
ccp_str_t ccp_other_object(const ccp_other_t *row, ccp_str_t body);


#endif /* CCP_EXCHANGE_H */
