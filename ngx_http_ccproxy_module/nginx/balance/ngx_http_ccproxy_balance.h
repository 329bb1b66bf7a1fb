
/*
 * Which of a pool's targets serves a request: choice, tries, and what they
 * come to.
 */

#ifndef _NGX_HTTP_CCPROXY_BALANCE_H_INCLUDED_
#define _NGX_HTTP_CCPROXY_BALANCE_H_INCLUDED_


#include "nginx/core/ngx_http_ccproxy.h"


/* Who pays for a try. */

typedef enum {
    NGX_HTTP_CCPROXY_COST_NONE = 0,           /* nobody: it was not asked */
    NGX_HTTP_CCPROXY_COST_KEY,                /* the key's limits alone: the
                                                 client got nothing of it */
    NGX_HTTP_CCPROXY_COST_CLIENT              /* and the client, who left
                                                 though it might have */
} ngx_http_ccproxy_cost_e;


/* ngx_http_ccproxy_upstream.c */
char *ngx_http_ccproxy_pool(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_ccproxy_pool_target(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
/* A pool of which nothing is set; NULL without memory. */
ngx_http_ccproxy_pool_t *ngx_http_ccproxy_pool_create(ngx_conf_t *cf);
/* Gives the pool's targets their providers, and makes its pairs. */
ngx_int_t ngx_http_ccproxy_pool_link(ngx_conf_t *cf,
    ngx_http_ccproxy_pool_t *pool);
/* Refuses what can't stand in a pool, before nginx stumbles over it. */
ngx_int_t ngx_http_ccproxy_upstream_check(ngx_conf_t *cf);
/* Links pools with providers; after the whole configuration was read. */
ngx_int_t ngx_http_ccproxy_upstream_init(ngx_conf_t *cf);
/* The pool of that name, NULL if there is none. */
ngx_http_ccproxy_pool_t *ngx_http_ccproxy_pool_find(ngx_conf_t *cf,
    ngx_str_t *name);

/* ngx_http_ccproxy_zone.c: the memory that workers share */
char *ngx_http_ccproxy_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
/* Adds the zone if there are pools and no directive did. */
ngx_int_t ngx_http_ccproxy_zone_init(ngx_conf_t *cf);
/* The configuration is in force: its pairs take their places. */
void ngx_http_ccproxy_zone_commit(ngx_cycle_t *cycle);
/* A worker begins, and ends. */
ngx_int_t ngx_http_ccproxy_zone_process(ngx_cycle_t *cycle);
void ngx_http_ccproxy_zone_exit(ngx_cycle_t *cycle);

/* ngx_http_ccproxy_choice.c: what the pool is asked and told */
/* Makes the pool's list of pairs.  NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_ccproxy_choice_list(ngx_conf_t *cf,
    ngx_http_ccproxy_pool_t *pool);
/* Prepares the choices of a request.  NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_ccproxy_choice_init(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);
/* A number for who has what the present pair keeps itself. */
uint64_t ngx_http_ccproxy_choice_owner(ngx_http_ccproxy_ctx_t *ctx);
/*
 * Chooses ctx->try.pair, target and key for the next try, which is under way
 * from then on.  NGX_OK; NGX_BUSY: there is none, and ctx->error tells why if
 * no try does.
 */
ngx_int_t ngx_http_ccproxy_choice_next(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);
/* The pair chosen last was not tried at all. */
void ngx_http_ccproxy_choice_back(ngx_http_ccproxy_ctx_t *ctx,
    ccp_pool_outcome_e outcome);
/* What the present try came to, as soon as it is known; wait in seconds. */
void ngx_http_ccproxy_choice_report(ngx_http_ccproxy_ctx_t *ctx,
    ccp_pool_outcome_e outcome, ngx_uint_t wait);
/* What an error of that class says of the pair. */
/* Logs an upstream's error, once, and reports what it says of the pair. */
void ngx_http_ccproxy_choice_error(ngx_http_ccproxy_ctx_t *ctx,
    const ccp_error_t *err);
/* Whether the present try's request is on its way, or was answered. */
ngx_uint_t ngx_http_ccproxy_choice_asked(ngx_http_ccproxy_ctx_t *ctx);
/* The present try is over: what it used is settled, once. */
void ngx_http_ccproxy_choice_free(ngx_http_ccproxy_ctx_t *ctx,
    ngx_http_ccproxy_cost_e cost);
/* So is the answer, which tells what the try came to. */
void ngx_http_ccproxy_choice_end(ngx_http_ccproxy_ctx_t *ctx);

/* ngx_http_ccproxy_peer.c: which pair serves the present try */
ngx_int_t ngx_http_ccproxy_peer_init(ngx_http_request_t *r,
    ngx_http_upstream_srv_conf_t *us);

/* ngx_http_ccproxy_head.c: the head of a request to an upstream */

#define NGX_HTTP_CCPROXY_HEAD_CHUNKED  -1
#define NGX_HTTP_CCPROXY_HEAD_NO_BODY  -2

typedef struct {
    ngx_str_t                      method;
    ccp_str_t                      uri;
    off_t                          length;    /* of the body, or _CHUNKED, or
                                                 _NO_BODY */
    ccp_str_t                      lines;     /* headers of the codec's */
} ngx_http_ccproxy_head_t;

/* The head for ctx->try.target, with what its provider and the location set;
 * sets u->uri.  NULL without memory. */
ngx_buf_t *ngx_http_ccproxy_head(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ngx_http_ccproxy_head_t *head);

/* ngx_http_ccproxy_cached.c: answers that nginx's cache keeps */
/* Has nginx keep the answer that begins, if it may. */
void ngx_http_ccproxy_cached_keep(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);
/* Makes ctx->try of an answer from the cache.  NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_ccproxy_cached(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);

/* ngx_http_ccproxy_other.c: tries of requests that go through as they are */
/* Whether the pair that was chosen may take it. */
ngx_uint_t ngx_http_ccproxy_other_takes(ngx_http_ccproxy_ctx_t *ctx);
/* As ngx_http_ccproxy_try(): the head; the body follows as it comes. */
ngx_int_t ngx_http_ccproxy_other(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);
/* The answer's header is there. */
ngx_int_t ngx_http_ccproxy_other_header(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);

/* ngx_http_ccproxy_try.c */
/*
 * Puts the request for ctx->try.target and ctx->try.key into r->upstream; it is
 * encoded if ctx->try.codec has none.  NGX_OK; NGX_DECLINED: the target can't
 * take it, ctx->error says why; NGX_ERROR.
 */
ngx_int_t ngx_http_ccproxy_try(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);
/* Puts our handlers around those of the proxy module. */
void ngx_http_ccproxy_try_wrap(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);

/* ngx_http_ccproxy_hedge.c: a second pair is asked if the first is silent */
/* The present pair is asked, from now on: begins to wait for its answer. */
void ngx_http_ccproxy_hedge_start(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);
/* It speaks or is given up. */
void ngx_http_ccproxy_hedge_stop(ngx_http_ccproxy_ctx_t *ctx);
/* The present answer is the client's, or there will be none: all other tries
 * end without blame. */
void ngx_http_ccproxy_hedge_end(ngx_http_ccproxy_ctx_t *ctx);
/* For pc->free, if NEXT_SWAP is next: sets the present try aside. */
void ngx_http_ccproxy_hedge_leave(ngx_peer_connection_t *pc,
    ngx_http_ccproxy_ctx_t *ctx);
/* Has ngx_http_ccproxy_hedge_next() go back to the try that was set aside;
 * 0: there is none. */
ngx_uint_t ngx_http_ccproxy_hedge_back(ngx_http_ccproxy_ctx_t *ctx);
/*
 * For pc->get.  NGX_OK: ctx has the pair that is next, its ticket is held;
 * NGX_DONE: it has been asked, on the connection that pc holds now;
 * NGX_DECLINED: no pair was chosen here.
 */
ngx_int_t ngx_http_ccproxy_hedge_next(ngx_peer_connection_t *pc,
    ngx_http_ccproxy_ctx_t *ctx);

/* ngx_http_ccproxy_patience.c: waiting for pairs instead of failing */
/* How long the request may wait for a pair; 0: it fails. */
ngx_msec_t ngx_http_ccproxy_patience_time(ngx_http_ccproxy_ctx_t *ctx);
/* For pc->get: NGX_AGAIN, the request waits; NGX_DECLINED: it does not. */
ngx_int_t ngx_http_ccproxy_patience(ngx_peer_connection_t *pc,
    ngx_http_ccproxy_ctx_t *ctx);
/* For pc->free, if NEXT_WAIT is next: it is over. */
void ngx_http_ccproxy_patience_end(ngx_peer_connection_t *pc,
    ngx_http_ccproxy_ctx_t *ctx);

/* ngx_http_ccproxy_peek.c: is an answer one, or the next pair's chance */
/* Whether another try can follow if the present one fails. */
ngx_uint_t ngx_http_ccproxy_peek_retry(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);
/* Whether so much time has passed that no further pair is asked. */
ngx_uint_t ngx_http_ccproxy_peek_late(ngx_peer_connection_t *pc,
    ngx_http_ccproxy_ctx_t *ctx);
/* Whether the answer that begins should be looked at: something could be done
 * about it. */
ngx_uint_t ngx_http_ccproxy_peek_wanted(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);
/*
 * Looks at what came of the answer's body.  NGX_OK: it goes to the client;
 * NGX_AGAIN: more of it must be seen; NGX_DECLINED: this try failed.
 */
ngx_int_t ngx_http_ccproxy_peek(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);
/* Puts the most telling error of all tries into ctx->error, if there is
 * any. */
void ngx_http_ccproxy_peek_tell(ngx_http_ccproxy_ctx_t *ctx);

/* ngx_http_ccproxy_wishes.c: what models refuse, and are asked without */
/* Adds the memory of who refused what, if there are pools. */
ngx_int_t ngx_http_ccproxy_wishes_init(ngx_conf_t *cf);
/*
 * Sets target->tools and ->without, and those of ctx->try, for a new request to
 * ctx->try.target.  tools: what the location, the target or the provider say,
 * UNSET if nothing does; where that is AUTO, native or as text by what is
 * known of the target.
 */
void ngx_http_ccproxy_wishes_choose(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ccp_target_t *target);
/* Whether the answer that begins may be the refusal of a wish. */
ngx_uint_t ngx_http_ccproxy_wishes_open(ngx_http_ccproxy_ctx_t *ctx);
/*
 * Whether the answer, an error, refuses a wish that the present try sent, and
 * that may be left out.  That is remembered, and NEXT_WITHOUT is next.
 */
ngx_uint_t ngx_http_ccproxy_wishes_refused(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);

/*
 * Header lines of nginx as the codec wants to see them: an array of *n in the
 * pool, whose strings are nginx's.  NGX_ERROR without memory.
 */

ngx_int_t ngx_http_ccproxy_header_lines(ngx_pool_t *pool, ngx_list_t *headers,
    ccp_header_t **lines, size_t *n);

/* ngx_http_ccproxy_wait.c: how long an upstream wants to be left alone */
/* Sets *wait to seconds, from Retry-After or what stands for it; empty if
 * there is nothing of the kind.  *date: the upstream's time, of an answer that is
 * an error; else 0.  NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_ccproxy_wait(ngx_http_request_t *r, ngx_list_t *headers,
    ngx_str_t *wait, time_t *date);


#endif /* _NGX_HTTP_CCPROXY_BALANCE_H_INCLUDED_ */
