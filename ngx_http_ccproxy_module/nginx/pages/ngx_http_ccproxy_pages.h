
/*
 * Locations that answer for themselves: health, status, and the demo model.
 */

#ifndef _NGX_HTTP_CCPROXY_PAGES_H_INCLUDED_
#define _NGX_HTTP_CCPROXY_PAGES_H_INCLUDED_


#include "nginx/core/ngx_http_ccproxy.h"


/* ngx_http_ccproxy_health.c: whether pools can serve */

/* Whether a pool, or a provider's pairs in all pools, can serve. */
typedef struct {
    ngx_uint_t           usable;       /* pairs */
    ngx_uint_t           unusable;
    time_t               checked;      /* when one was last asked; 0: never */
} ngx_http_ccproxy_shape_t;

char *ngx_http_ccproxy_health(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
/* Refuses names of pools that do not exist. */
ngx_int_t ngx_http_ccproxy_health_check(ngx_conf_t *cf);
/* Adds what is known of the pool's pairs; of those of the provider alone, if
 * it is not NULL. */
void ngx_http_ccproxy_shape(ngx_http_ccproxy_main_conf_t *mcf,
    ngx_http_ccproxy_pool_t *pool, ngx_http_ccproxy_provider_t *provider,
    ngx_http_ccproxy_shape_t *shape);
/* The members "name", "status" and "last_check" of a provider's object. */
void ngx_http_ccproxy_health_provider(ngx_http_ccproxy_main_conf_t *mcf,
    ngx_http_ccproxy_provider_t *provider, ccp_out_t *out);

/* ngx_http_ccproxy_status_json.c: the status page */
char *ngx_http_ccproxy_status(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* The status as one line of JSON, an event of a stream. */
void ngx_http_ccproxy_status_event(ngx_http_request_t *r, ccp_out_t *out);

/* ngx_http_ccproxy_status.c: what the status page tells of pools */
/* The member "pools" of an object; keys by name, never their secrets. */
void ngx_http_ccproxy_status_pools(ngx_http_ccproxy_main_conf_t *mcf,
    ccp_out_t *out);
/* The same and the providers as tables, where no script runs. */
void ngx_http_ccproxy_status_tables(ngx_http_ccproxy_main_conf_t *mcf,
    ccp_out_t *out, time_t uptime, ngx_uint_t requests);

/* ngx_http_ccproxy_status_recent.c: members of the status */
/* "hour": figures of each minute. */
void ngx_http_ccproxy_status_hour(ngx_http_ccproxy_main_conf_t *mcf,
    ccp_out_t *out);
/* A value: an amount of 10^-9 of the unit. */
void ngx_http_ccproxy_status_money(ccp_out_t *out, uint64_t cost);
/* "open", "failures", "transcripts". */
void ngx_http_ccproxy_status_recent(ngx_http_ccproxy_main_conf_t *mcf,
    ccp_out_t *out);

/* ngx_http_ccproxy_status_clients.c */
/* "clients", if there are any. */
void ngx_http_ccproxy_status_clients(ngx_http_ccproxy_main_conf_t *mcf,
    ccp_out_t *out);

/* ngx_http_ccproxy_status_live.c */
/* Whether the client asks for events, by its Accept. */
ngx_uint_t ngx_http_ccproxy_live_wanted(ngx_http_request_t *r);
/* Answers with events from now on.  As a content handler. */
ngx_int_t ngx_http_ccproxy_live(ngx_http_request_t *r);

/* ngx_http_ccproxy_status_operator.c: "ccproxy_status admin" */
/* Carries out what a POST asks for, and answers.  As a content handler;
 * NGX_DECLINED: it asks for nothing of that kind. */
ngx_int_t ngx_http_ccproxy_operator(ngx_http_request_t *r);
/* What the page must know to ask for it: an object. */
void ngx_http_ccproxy_operator_write(ngx_http_request_t *r, ccp_out_t *out);

/* ngx_http_ccproxy_metrics.c: counters for monitoring */
char *ngx_http_ccproxy_metrics(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* ngx_http_ccproxy_demo.c: how the demo model's answer gets to the client */
char *ngx_http_ccproxy_demo(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);


/*
 * ngx_http_ccproxy_demo_model.c: what the demo model says.  It speaks Chat
 * Completions, as the upstreams do that it stands for.
 */

typedef struct {
    ccp_arena_t         *arena;
    ccp_json_t           doc;
    ccp_jval_t           root;         /* of the request */
    ccp_error_t          error;

    ccp_str_t            id;
    ccp_str_t            model;
    int64_t              created;
    ccp_str_t            tool;         /* name of the tool to call; absent:
                                          it answers with text */
    ccp_str_t            answer;       /* text, or the tool's arguments */
    int64_t              max_tokens;
    int64_t              prompt_tokens;
    int64_t              tokens;       /* of the answer: its words */
    size_t               pos;          /* in answer: said so far */

    unsigned             stream:1;
    unsigned             usage:1;      /* asked for in a stream */
    unsigned             started:1;
    unsigned             cut:1;        /* max_tokens reached */
} ngx_http_ccproxy_demo_t;


/*
 * Reads a request and decides on the answer.  CCP_OK, CCP_INVALID (d->error),
 * CCP_NOMEM.
 */
int ngx_http_ccproxy_demo_read(ngx_http_ccproxy_demo_t *d, ccp_str_t body);

/* Writes the whole answer as one document. */
void ngx_http_ccproxy_demo_whole(ngx_http_ccproxy_demo_t *d, ccp_out_t *out);

/* Writes the next word as an event of a stream; 0 after the last one. */
int ngx_http_ccproxy_demo_word(ngx_http_ccproxy_demo_t *d, ccp_out_t *out);


#endif /* _NGX_HTTP_CCPROXY_PAGES_H_INCLUDED_ */
