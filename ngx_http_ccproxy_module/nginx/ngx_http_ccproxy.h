
/*
 * ngx_http_ccproxy_module: structures and functions shared by the files of
 * this folder.  Protocols are known here only as rows of the codec's table.
 */

#ifndef _NGX_HTTP_CCPROXY_H_INCLUDED_
#define _NGX_HTTP_CCPROXY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ccp.h"
#include "ccp_param.h"
#include "ccp_pool.h"

#include "ngx_http_ccproxy_compat.h"


#define NGX_HTTP_CCPROXY_VERSION     "0.1.0"

/* Defaults of locations with "ccproxy on", where nginx's own would not fit. */
#define NGX_HTTP_CCPROXY_BODY_SIZE        (64 * 1024 * 1024)
#define NGX_HTTP_CCPROXY_CONNECT_TIMEOUT  10000
#define NGX_HTTP_CCPROXY_READ_TIMEOUT     600000
#define NGX_HTTP_CCPROXY_SEND_TIMEOUT     600000
#define NGX_HTTP_CCPROXY_BUFFER_SIZE      16384

/* Idle upstream connections kept per provider and worker, and how long. */
#define NGX_HTTP_CCPROXY_KEEPALIVE          16
#define NGX_HTTP_CCPROXY_KEEPALIVE_TIMEOUT  60000

/* Shared memory of pools, unless "ccproxy_zone" says otherwise. */
#define NGX_HTTP_CCPROXY_ZONE_NAME        "ccproxy"
#define NGX_HTTP_CCPROXY_ZONE_SIZE        (1024 * 1024)

/* Addresses of one host that outlast a worker. */
#define NGX_HTTP_CCPROXY_REMEMBER_MAX     8

/* Pairs of a target and a key that one request may try: by default, and at
 * most. */
#define NGX_HTTP_CCPROXY_TRIES_MAX        8
#define NGX_HTTP_CCPROXY_TRIES_LIMIT      1000

/* Silence of a stream after which the client gets a sign of life. */
#define NGX_HTTP_CCPROXY_PING             15000

/* Bytes for the client that may wait before input is held back. */
#define NGX_HTTP_CCPROXY_BUSY_MAX         65536

/* The longest name of a group, and of a model that patterns are tried on. */
#define NGX_HTTP_CCPROXY_GROUP_MAX        64
#define NGX_HTTP_CCPROXY_MODEL_MAX        1024


typedef struct ngx_http_ccproxy_provider_s  ngx_http_ccproxy_provider_t;
typedef struct ngx_http_ccproxy_param_s     ngx_http_ccproxy_param_t;
typedef struct ngx_http_ccproxy_pool_s      ngx_http_ccproxy_pool_t;
typedef struct ngx_http_ccproxy_ctx_s       ngx_http_ccproxy_ctx_t;


/* Where connections are made to: a provider's host, or a proxy's. */

typedef struct {
    ngx_str_t                      name;      /* or a literal address */
    ngx_str_t                      owner;     /* for logs: provider "x" */
    in_port_t                      port;
    unsigned                       resolve:1; /* name needs the resolver */
    unsigned                       literal:1; /* name is an IP address */

    /* per worker */
    ngx_addr_t                    *addrs;     /* resolved, or literal */
    ngx_uint_t                     naddrs;
    ngx_uint_t                     next;      /* index of the one to use */
    ngx_event_t                    timer;     /* resolves again */
    ngx_msec_t                     ask_again; /* after a failure */
    ngx_connection_t               timer_conn;
    ngx_pool_t                    *pool;      /* of resolved addresses */
} ngx_http_ccproxy_host_t;


/* An HTTP proxy on the way to providers, reached with CONNECT. */

typedef struct {
    ngx_http_ccproxy_host_t        host;
    ngx_str_t                      auth;      /* secret: "Basic …" or empty */
} ngx_http_ccproxy_proxy_t;


typedef struct {
    ngx_str_t                      name;      /* for logs, never the secret */
    ngx_str_t                      value;     /* the secret */
    ngx_uint_t                     weight;
    ngx_uint_t                     rpm;       /* requests a minute; 0: any */
    ngx_uint_t                     tpm;       /* tokens a minute; 0: any */
    ngx_http_ccproxy_proxy_t      *proxy;     /* NULL: the provider's */
    unsigned                       direct:1;  /* no proxy for this key */
} ngx_http_ccproxy_key_t;


typedef struct {
    ngx_str_t                      name;
    ngx_http_complex_value_t       value;
} ngx_http_ccproxy_header_t;


/* What the user knows better than the dialect's row. */

typedef struct {
    ngx_str_t                      column;
    ngx_str_t                      value;
    u_char                        *file;
    ngx_uint_t                     line;
} ngx_http_ccproxy_quirk_t;


struct ngx_http_ccproxy_provider_s {
    ngx_str_t                      name;
    ccp_dialect_t                  dialect;   /* own copy */
    ngx_array_t                    keys;      /* ngx_http_ccproxy_key_t */
    ngx_array_t                    headers;   /* ngx_http_ccproxy_header_t */
    ngx_array_t                   *models;    /* ngx_str_t; NULL: none */
    ngx_array_t                    params;    /* …_param_t * */
    const ccp_param_t             *param_list; /* the same for the codec */
    ngx_array_t                    quirks;    /* …_quirk_t */

    ngx_http_ccproxy_host_t        host;
    ngx_str_t                      host_header;  /* with a port if needed */
    ngx_str_t                      root;      /* path of the API root */
    ngx_http_ccproxy_proxy_t      *proxy;     /* NULL: none */
    unsigned                       ssl:1;
    unsigned                       bare:1;    /* a preset as target */
    unsigned                       tls_verify:1;
    unsigned                       used:1;    /* a target names it */

    ngx_msec_t                     connect_timeout;  /* UNSET: location's */
    ngx_msec_t                     read_timeout;
    ngx_uint_t                     keepalive; /* idle connections kept */
    ngx_msec_t                     keepalive_timeout;
    ngx_str_t                      tls_ca;    /* empty: system's bundle */
    ngx_str_t                      tls_certificate; /* of ours; empty: none */
    ngx_str_t                      tls_certificate_key;
    ngx_uint_t                     tls_certificate_line;
    ccp_tools_e                    tools;     /* for targets without tools= */
    ngx_ssl_t                     *tls;       /* NULL without ssl */

    /* per worker */
    ngx_queue_t                    idle;      /* kept connections */
    ngx_queue_t                    spare;     /* unused entries for them */
    void                          *session;   /* TLS session to resume */

    u_char                        *file;      /* where it was declared */
    ngx_uint_t                     line;
};


typedef struct {
    ngx_http_ccproxy_provider_t   *provider;
    ngx_str_t                      provider_name;
    ccp_target_t                   target;    /* root, model, dialect */
    ngx_uint_t                     weight;
    ngx_uint_t                     max_inflight;  /* 0: no bound */
    unsigned                       backup:1;
    u_char                        *file;
    ngx_uint_t                     line;
} ngx_http_ccproxy_target_t;


/* One share of the rotation: a target with one of its provider's keys. */

typedef struct {
    ngx_http_ccproxy_target_t     *target;
    ngx_http_ccproxy_key_t        *key;       /* NULL: no credential */
} ngx_http_ccproxy_pair_t;


/* The configuration of an upstream {} block with "ccproxy". */

struct ngx_http_ccproxy_pool_s {
    ngx_flag_t                     enable;
    ngx_array_t                   *targets;   /* ngx_http_ccproxy_target_t */
    ngx_http_upstream_srv_conf_t  *uscf;
    ngx_http_ccproxy_pair_t       *pairs;
    ngx_uint_t                     npairs;
    ccp_pool_list_t                list;      /* the same, in that order */
    ngx_http_complex_value_t      *sticky;    /* NULL: not sticky */
    ngx_uint_t                     tries;
    ngx_msec_t                     tries_timeout; /* 0: the location's */
    ngx_msec_t                     hedge;     /* 0: off */
    int64_t                        context;   /* longest of all targets that
                                                 have one; 0: none has */
    unsigned                       estimate:1; /* the prompt's length counts */
};


/* The shared memory of all pools, and this process' place in it. */

typedef struct {
    ngx_shm_zone_t                *shm;
    ngx_slab_pool_t               *shpool;
    ccp_pool_t                    *pool;
    ngx_array_t                   *pools;     /* …_pool_t *, of this cycle */

    /* per worker */
    ccp_pool_worker_t              worker;
    ngx_event_t                    beat;
    ngx_connection_t               beat_conn;
} ngx_http_ccproxy_zone_t;


typedef struct {
    ngx_array_t                    providers; /* …_provider_t * */
    ngx_array_t                    pools;     /* …_pool_t * */
    ngx_array_t                    direct;    /* …_pool_t *, one for each
                                                 provider */
    ngx_array_t                    routes;    /* …_route_t *, of all levels */
    ngx_array_t                    hosts;     /* …_host_t *, to be resolved */
    ngx_array_t                    proxies;   /* …_proxy_t * */
    ngx_str_t                      active;    /* group at first; empty: none */
    u_char                        *active_file;
    ngx_uint_t                     active_line;
    ngx_shm_zone_t                *group;     /* ngx_http_ccproxy_group.c */
    ngx_resolver_t                *resolver;
    ngx_msec_t                     resolver_timeout;
    ngx_shm_zone_t                *addresses; /* ngx_http_ccproxy_remember.c,
                                                 NULL: no hosts */
    ngx_shm_zone_t                *counters;  /* ngx_http_ccproxy_local.c */
    ngx_shm_zone_t                *tools;     /* ngx_http_ccproxy_tools.c,
                                                 NULL: no pools */
    ngx_http_ccproxy_zone_t       *zone;      /* NULL: no pools */
    time_t                         started;
    ccp_arena_t                   *arena;     /* of the configuration */
} ngx_http_ccproxy_main_conf_t;


typedef struct {
    ngx_str_t                      name;
    ngx_str_t                      secret;
} ngx_http_ccproxy_access_key_t;


typedef struct {
    ngx_flag_t                     enable;
    ngx_flag_t                     direct;      /* PROVIDER,MODEL */
    ngx_array_t                   *routes;      /* …_route_t * */
    ngx_array_t                   *access_keys; /* …_access_key_t */
    ngx_msec_t                     ping;        /* 0: off */
    ngx_uint_t                     tools;       /* ccp_tools_e; beats those
                                                   of targets if set */

    /* per worker */
    ngx_array_t                   *models;      /* of ..._models.c; NULL: no
                                                   list was asked for yet */

    /* ngx_http_ccproxy_prompt.c */
    ngx_array_t                   *prompts;     /* ccp_prompt_t */
    ngx_array_t                   *replaces;    /* ccp_prompt_pair_t */
    ngx_array_t                   *tool_filter; /* ccp_str_t */
    double                         temperature_ratio;
    ccp_prompt_rules_t            *rules;       /* of all of them; NULL:
                                                   none */
} ngx_http_ccproxy_loc_conf_t;


/* A try that is not the one nginx knows of (ngx_http_ccproxy_hedge.c). */

typedef struct {
    ngx_http_ccproxy_pair_t       *pair;      /* NULL: there is none */
    ccp_pool_ticket_t              ticket;
    ngx_uint_t                     addrs;
    ccp_tools_e                    tools;
    ngx_connection_t              *connection; /* NULL: not asked yet */
    struct sockaddr               *sockaddr;
    socklen_t                      socklen;
    ngx_str_t                     *name;
    ngx_recv_pt                    recv;      /* of the connection */
#if (NGX_HTTP_SSL)
    void                         (*save_session)(ngx_connection_t *c);
#endif
    unsigned                       fresh:1;   /* never asked before */
} ngx_http_ccproxy_rival_t;


struct ngx_http_ccproxy_ctx_s {
    ngx_http_request_t            *request;
    ccp_endpoint_t                 endpoint;
    ccp_exchange_t                *exchange;

    /* request (ngx_http_ccproxy_request.c) */
    u_char                        *body;
    size_t                         body_len;
    size_t                         body_cap;  /* 0: the body isn't ours */
    size_t                         body_hint; /* Content-Length; 0: unknown */
    ccp_error_t                    error;     /* our own, to be sent */
    ngx_str_t                      secret;    /* of the query, masked there */
    ngx_str_t                      client;    /* name of the access key */

    /* what the client named (ngx_http_ccproxy_name.c) */
    ngx_str_t                      group;
    ngx_str_t                      model;     /* without group or provider */
    ngx_http_ccproxy_pool_t       *direct;    /* the provider's that it named */
    ngx_http_ccproxy_target_t     *asked;     /* the target of that provider
                                                 and model, if there is one */

    /* upstream (ngx_http_ccproxy_upstream.c) */
    ngx_http_ccproxy_pool_t       *upstream;
    ngx_http_ccproxy_target_t     *target;    /* of the present try */
    ngx_http_ccproxy_key_t        *key;       /* NULL: none */
    ngx_http_ccproxy_pair_t       *pair;
    ngx_http_ccproxy_zone_t       *zone;
    ccp_pool_request_t             choice;    /* over all tries */
    ccp_pool_ticket_t              ticket;    /* of the present one */
    ngx_uint_t                     addrs;     /* addresses left for the pair */
    ngx_uint_t                     tries;     /* pairs asked so far */
    ngx_msec_t                     tries_timeout; /* 0: none */
    ngx_uint_t                     upstream_status;
    ngx_http_upstream_conf_t       conf;      /* the request's own copy */
    ngx_http_upstream_conf_t      *stock;     /* of the location */
    ngx_int_t                    (*process_header)(ngx_http_request_t *r);
    ngx_int_t                    (*reinit_request)(ngx_http_request_t *r);
    void                         (*finalize_request)(ngx_http_request_t *r,
                                                     ngx_int_t rc);
    ngx_str_t                      retry_after;   /* upstream's, seconds */
    ccp_error_t                    failure;   /* the most telling of tries */
    ccp_tools_e                    tools;     /* of the present try; AUTO:
                                                 native, and a refusal of
                                                 them is no answer yet */
    uint64_t                       tools_name; /* … who is known by it */
    unsigned                       retell:1;  /* the same pair once more, with
                                                 tools as text */
    unsigned                       again:1;   /* the same pair once more */
    unsigned                       fresh:1;   /* on a new connection */
    unsigned                       peeking:1; /* the answer is not yet
                                                 known to be one */
    unsigned                       spoken:1;  /* some of it came */
    unsigned                       turning:1; /* nginx is made to change the
                                                 present try for coming */
    unsigned                       turned:1;  /* … and did */

    ngx_event_t                    hedge;     /* ngx_http_ccproxy_hedge.c */
    ngx_http_ccproxy_rival_t       aside;     /* asked, silent so far */
    ngx_http_ccproxy_rival_t       coming;    /* becomes the present try */

    /* response (ngx_http_ccproxy_response.c) */
    ngx_chain_t                   *held;      /* input not yet taken */
    ngx_chain_t                   *free;
    ngx_chain_t                   *busy;
    ccp_out_t                      out;
    ngx_msec_t                     start_msec;
    ngx_msec_t                     ttft;      /* first byte of content */
    ngx_event_t                    ping;      /* ngx_http_ccproxy_ping.c */
    ngx_msec_t                     ping_after;
    ngx_msec_t                     sent_msec; /* last bytes for the client */
    ngx_str_t                      page;      /* document sent instead of
                                                 nginx's own error page */

    unsigned                       body_read:1;
    unsigned                       body_in_place:1; /* of one buffer */
    unsigned                       accepted:1;    /* body decoded */
    unsigned                       named:1;       /* group and model are set */
    unsigned                       renamed:1;     /* model is not the whole
                                                     name */
    unsigned                       unrouted:1;    /* no route was found */
    unsigned                       answering:1;   /* header of an upstream
                                                     of ours was seen */
    unsigned                       content:1;     /* ttft is set */
    unsigned                       active:1;      /* an upstream answers */
    unsigned                       header_held:1; /* not yet sent on */
    unsigned                       synthetic:1;   /* a page of nginx's is
                                                     replaced */
    unsigned                       done:1;        /* last_buf was sent */
    unsigned                       out_ready:1;   /* ctx->out is set up */
    unsigned                       passthrough:1; /* nothing of ours */
};


extern ngx_module_t  ngx_http_ccproxy_module;
extern ngx_module_t  ngx_http_ccproxy_defaults_module;


/* ngx_http_ccproxy_request.c */

/* The request's context, created on first use; NULL without memory. */
ngx_http_ccproxy_ctx_t *ngx_http_ccproxy_get_ctx(ngx_http_request_t *r);
/* The same without creating one, found after internal redirects, too. */
ngx_http_ccproxy_ctx_t *ngx_http_ccproxy_find_ctx(ngx_http_request_t *r);
/* Makes ctx->exchange, if there is none yet.  NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_ccproxy_exchange(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);
/* Reads ctx->endpoint from the present URI. */
void ngx_http_ccproxy_endpoint(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);
/* Value of a request header by its lower-case name; NULL if there is none. */
ngx_str_t *ngx_http_ccproxy_header_in(ngx_http_request_t *r,
    const char *name);
ngx_int_t ngx_http_ccproxy_request_init(ngx_conf_t *cf);

/* ngx_http_ccproxy_error.c: our own errors as the client's documents */
/* Sets ctx->error; printf-like as ngx_sprintf.  Without memory the message
 * is left out. */
void ngx_http_ccproxy_error_set(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ccp_err_e cls, const char *fmt, ...);
/* Answers with ctx->error; its status member, if set, overrides that of the
 * class.  Finalizes the request: NGX_DONE for a phase handler. */
ngx_int_t ngx_http_ccproxy_error_send(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);
/* Makes ctx->page and the headers for it, in place of an error page. */
ngx_int_t ngx_http_ccproxy_error_page(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);
/* Answers with a document that is complete.  As ngx_http_output_filter. */
ngx_int_t ngx_http_ccproxy_send(ngx_http_request_t *r, ngx_uint_t status,
    ngx_str_t *type, ngx_str_t *body);
/*
 * Answers with a JSON document of our own; out is of the exchange's arena.
 * As ngx_http_ccproxy_error_send().
 */
ngx_int_t ngx_http_ccproxy_answer(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ccp_out_t *out);
/* Adds a header line to the answer; name and value must last. */
ngx_int_t ngx_http_ccproxy_header_out(ngx_http_request_t *r,
    const char *name, ngx_str_t *value);

/* Sets ctx->error, and logs the remedy, where "proxy_pass" of a location with
 * "ccproxy on" leads to no pool. */
void ngx_http_ccproxy_error_no_pool(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);

/* ngx_http_ccproxy_response.c */
ngx_int_t ngx_http_ccproxy_response_init(ngx_conf_t *cf);
/*
 * Ends the client's answer with an error of its own protocol after the
 * upstream failed with rc, a status of 300 and more, but not 408 or 499;
 * called before the upstream is closed, and only once the header was sent
 * (which the header filter may have held back).  Failures before that come
 * as nginx's own error page; ctx->error, if its class is set, tells why.
 */
void ngx_http_ccproxy_response_abort(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ngx_int_t rc);
/*
 * Sends a sign of life, unless bytes for the client wait already.  NGX_OK,
 * NGX_AGAIN (not all of it could be sent), NGX_ERROR.
 */
ngx_int_t ngx_http_ccproxy_response_ping(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);

/* ngx_http_ccproxy_ping.c: when a client gets a sign of life */
char *ngx_http_ccproxy_ping(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
/* Watches over a stream whose header was sent, till ping_stop(). */
void ngx_http_ccproxy_ping_start(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);
void ngx_http_ccproxy_ping_stop(ngx_http_ccproxy_ctx_t *ctx);

/* ngx_http_ccproxy_response_header.c */
/* Status and header lines of the codec's for the client. */
ngx_int_t ngx_http_ccproxy_response_header(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ccp_head_t *head);

/* ngx_http_ccproxy_access.c */
ngx_int_t ngx_http_ccproxy_access_init(ngx_conf_t *cf);
/* Overwrites a credential in the query, so that it gets into no log. */
void ngx_http_ccproxy_access_mask(ngx_http_request_t *r);
char *ngx_http_ccproxy_access_key(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* ngx_http_ccproxy_variables.c */
ngx_int_t ngx_http_ccproxy_add_variables(ngx_conf_t *cf);

/* ngx_http_ccproxy_demo.c: the built-in model */
char *ngx_http_ccproxy_demo(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
/* Whether this location is the demo model's. */
ngx_uint_t ngx_http_ccproxy_is_demo(ngx_http_request_t *r);

/* ngx_http_ccproxy_local.c: /health, /status */
/* The counter of requests; called at configuration time. */
ngx_int_t ngx_http_ccproxy_local_init(ngx_conf_t *cf);
/* Counts one request that was converted. */
void ngx_http_ccproxy_local_count(ngx_http_request_t *r);
/* Makes the function the location's content handler, if it has none. */
char *ngx_http_ccproxy_local_handler(ngx_conf_t *cf,
    ngx_http_handler_pt handler);
/* Answers with the document that the function writes. */
ngx_int_t ngx_http_ccproxy_local_document(ngx_http_request_t *r,
    ngx_str_t *type, void (*write)(ngx_http_request_t *r, ccp_out_t *out));
char *ngx_http_ccproxy_status(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_ccproxy_health(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* ngx_http_ccproxy_status.c: what the status page tells of pools */
/* The member "pools" of an object; keys by name, never their secrets. */
void ngx_http_ccproxy_status_pools(ngx_http_ccproxy_main_conf_t *mcf,
    ccp_out_t *out);
/* All of it, for a browser. */
void ngx_http_ccproxy_status_page(ngx_http_ccproxy_main_conf_t *mcf,
    ccp_out_t *out, time_t uptime, ngx_uint_t requests);
/* Whether the client would rather have that, by its Accept. */
ngx_uint_t ngx_http_ccproxy_status_wants_page(ngx_http_request_t *r);

/* ngx_http_ccproxy_provider.c */
char *ngx_http_ccproxy_provider(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
/*
 * The provider of that name, or the preset of that name made into one.  NULL:
 * there is none or it can't be used, logged with file and line of whoever
 * asks.
 */
ngx_http_ccproxy_provider_t *ngx_http_ccproxy_provider_find(ngx_conf_t *cf,
    ngx_str_t *name, u_char *file, ngx_uint_t line);

/* ngx_http_ccproxy_secret.c: secrets in the configuration */
/*
 * Reads env:NAME, file:PATH, literal:SECRET or the secret itself; what ("key")
 * is for messages, any_mode allows a file that others may read.  NGX_CONF_OK
 * or NGX_CONF_ERROR, logged.
 */
char *ngx_http_ccproxy_secret(ngx_conf_t *cf, char *what, ngx_str_t *value,
    ngx_uint_t any_mode, ngx_str_t *secret);
/* A copy of the environment's variable; NGX_DECLINED: none or empty. */
ngx_int_t ngx_http_ccproxy_secret_env(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *secret);
/*
 * A secret becomes part of a header line: NULL, or why it can't.  Line ends
 * behind it, as editors leave them in files, are cut off.
 */
char *ngx_http_ccproxy_secret_check(ngx_str_t *s);

/* ngx_http_ccproxy_models.c: what clients may ask for */
/* The statement "models" of a provider; cf->args holds it. */
char *ngx_http_ccproxy_models(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p);
/* The pool that "proxy_pass" of the location names; NULL: variables tell. */
ngx_http_ccproxy_pool_t *ngx_http_ccproxy_models_pool(ngx_http_request_t *r);
/*
 * Answers an endpoint about models; the body was read if there is one.  As
 * ngx_http_ccproxy_error_send().
 */
ngx_int_t ngx_http_ccproxy_models_answer(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);

/* ngx_http_ccproxy_count.c: numbers of tokens */
/* Whether a target of the location's pool might be asked to count. */
ngx_uint_t ngx_http_ccproxy_count_asks(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);
/* Answers with our own estimate, as ngx_http_ccproxy_error_send(). */
ngx_int_t ngx_http_ccproxy_count_send(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);

/* ngx_http_ccproxy_preset.c */
/*
 * The value of the variable VARSsuffix in nginx's environment, of the
 * preset's column vars.  NGX_OK, NGX_DECLINED: it is not set, NGX_ERROR.
 */
ngx_int_t ngx_http_ccproxy_preset_var(ngx_conf_t *cf, const ccp_dialect_t *d,
    const char *suffix, ngx_str_t *value);

/* Model and max_tokens of a target that gives none, from the environment. */
ngx_int_t ngx_http_ccproxy_preset_target(ngx_conf_t *cf,
    ngx_http_ccproxy_target_t *t);

/* "a, b, c": the names of all presets, in the temporary pool. */
ngx_int_t ngx_http_ccproxy_preset_list(ngx_conf_t *cf, ngx_str_t *list);

/* ngx_http_ccproxy_provider_param.c */
/* The codec's memory that lives as long as the configuration; NULL without
 * memory. */
ccp_arena_t *ngx_http_ccproxy_conf_arena(ngx_conf_t *cf);
/* The statements "default" and "param" of a provider; cf->args holds one. */
char *ngx_http_ccproxy_provider_param(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p);
/* Makes p->param_list once all statements were read.  NGX_OK, or NGX_ERROR
 * (logged). */
ngx_int_t ngx_http_ccproxy_provider_params(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p);

/* ngx_http_ccproxy_provider_quirk.c */
/* The statement "quirk" of a provider; cf->args holds it. */
char *ngx_http_ccproxy_provider_quirk(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p);
/* Sets the columns of p->dialect once all statements were read, for the model
 * rules as well.  NGX_OK, or NGX_ERROR (logged). */
ngx_int_t ngx_http_ccproxy_provider_quirks(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p);

/* ngx_http_ccproxy_prompt.c: what a location changes in requests */
char *ngx_http_ccproxy_prompt(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_ccproxy_replace(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_ccproxy_tool_filter(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_ccproxy_temperature_ratio(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
/* Parts of creating and merging a location's configuration. */
void ngx_http_ccproxy_prompt_create(ngx_http_ccproxy_loc_conf_t *lcf);
char *ngx_http_ccproxy_prompt_merge(ngx_conf_t *cf,
    ngx_http_ccproxy_loc_conf_t *prev, ngx_http_ccproxy_loc_conf_t *conf);

/* ngx_http_ccproxy_key.c */
/* The statement "key" of a provider; cf->args holds it. */
char *ngx_http_ccproxy_key(ngx_conf_t *cf, ngx_http_ccproxy_provider_t *p);
/*
 * Adds the key found in the first variable of the list (names by comma) that
 * the environment has.  NGX_OK, NGX_DECLINED (none of them), NGX_ERROR.
 */
ngx_int_t ngx_http_ccproxy_key_env(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p, const char *list);

/* ngx_http_ccproxy_network.c: statements of a provider about connections */
char *ngx_http_ccproxy_network_keepalive(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p);
char *ngx_http_ccproxy_network_idle(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p);
char *ngx_http_ccproxy_network_connect(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p);
char *ngx_http_ccproxy_network_read(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p);
char *ngx_http_ccproxy_network_verify(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p);
char *ngx_http_ccproxy_network_ca(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p);
char *ngx_http_ccproxy_network_certificate(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p);
char *ngx_http_ccproxy_network_certificate_key(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p);

/* ngx_http_ccproxy_url.c */
/*
 * Reads an API root into p: host, port, path, addresses if they are literal.
 * NULL, or what is wrong with it.
 */
char *ngx_http_ccproxy_url(ngx_conf_t *cf, ngx_http_ccproxy_provider_t *p,
    ngx_str_t *url);
/* Whether these are bytes of a name or an address: NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_ccproxy_url_host(ngx_str_t *host);

/* ngx_http_ccproxy_upstream.c */
char *ngx_http_ccproxy_pool(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_ccproxy_pool_target(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_ccproxy_pool_tries(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_ccproxy_pool_timeout(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
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
/*
 * Chooses ctx->pair, target and key for the next try, which is under way
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
ccp_pool_outcome_e ngx_http_ccproxy_choice_outcome(ccp_err_e cls);
/* The present try is over; tokens that it used, negative: unknown. */
void ngx_http_ccproxy_choice_free(ngx_http_ccproxy_ctx_t *ctx,
    int64_t tokens);
/* So is the answer, which tells what the try came to. */
void ngx_http_ccproxy_choice_end(ngx_http_ccproxy_ctx_t *ctx);

/* ngx_http_ccproxy_peer.c: which pair serves the present try */
ngx_int_t ngx_http_ccproxy_peer_init(ngx_http_request_t *r,
    ngx_http_upstream_srv_conf_t *us);

/* ngx_http_ccproxy_try.c */
/*
 * Puts the request for ctx->target and ctx->key into r->upstream.  NGX_OK;
 * NGX_DECLINED: the target can't take it, ctx->error says why; NGX_ERROR.
 */
ngx_int_t ngx_http_ccproxy_try(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);
/* Puts our handlers around those of the proxy module. */
void ngx_http_ccproxy_try_wrap(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);
/* Makes ready for the answer of ctx->target, to which the request was sent
 * before it went to another.  NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_ccproxy_try_again(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);

/* ngx_http_ccproxy_hedge.c: a second pair is asked if the first is silent */
char *ngx_http_ccproxy_hedge(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
/* The present pair is asked, from now on: begins to wait for its answer. */
void ngx_http_ccproxy_hedge_start(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);
/* It speaks or is given up. */
void ngx_http_ccproxy_hedge_stop(ngx_http_ccproxy_ctx_t *ctx);
/* The present answer is the client's, or there will be none: all other tries
 * end without blame. */
void ngx_http_ccproxy_hedge_end(ngx_http_ccproxy_ctx_t *ctx);
/* For pc->free, if ctx->turning is set: sets the present try aside. */
void ngx_http_ccproxy_hedge_leave(ngx_peer_connection_t *pc,
    ngx_http_ccproxy_ctx_t *ctx);
/* Has ngx_http_ccproxy_hedge_next() go back to the try that was set aside;
 * 0: there is none. */
ngx_uint_t ngx_http_ccproxy_hedge_back(ngx_http_ccproxy_ctx_t *ctx);
/*
 * For pc->get.  NGX_OK: ctx has the pair that is next, its ticket is held;
 * NGX_DONE: it has been asked, on the connection that pc holds now;
 * NGX_DECLINED: no pair was chosen here; NGX_ERROR.
 */
ngx_int_t ngx_http_ccproxy_hedge_next(ngx_peer_connection_t *pc,
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
/* Puts the most telling error of all tries into ctx->error, if there is one. */
void ngx_http_ccproxy_peek_tell(ngx_http_ccproxy_ctx_t *ctx);

/* ngx_http_ccproxy_tools.c: native calls of tools, or calls as text */
char *ngx_http_ccproxy_tools(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
/* The statement "tools" of a provider; cf->args holds it. */
char *ngx_http_ccproxy_provider_tools(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p);
/* The mode of that name; CCP_TOOLS_UNSET, and the mistake is logged. */
ccp_tools_e ngx_http_ccproxy_tools_word(ngx_conf_t *cf, ngx_str_t *word);
/* Adds the memory of who refused tools, if there are pools. */
ngx_int_t ngx_http_ccproxy_tools_init(ngx_conf_t *cf);
/*
 * Sets target->tools and ctx->tools for a new try of ctx->target: what the
 * location, the target or the provider say, UNSET if nothing does; where that
 * is AUTO, native or as text by what is known of the target.
 */
void ngx_http_ccproxy_tools_choose(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ccp_target_t *target);
/*
 * Whether the answer err refuses tools that the present try sent in AUTO
 * mode.  That is remembered, and ctx->retell set.
 */
ngx_uint_t ngx_http_ccproxy_tools_refused(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, const ccp_error_t *err);

/* ngx_http_ccproxy_redact.c */
/* Overwrites the present key where it stands in bytes of an upstream's. */
void ngx_http_ccproxy_redact(ngx_http_ccproxy_ctx_t *ctx, u_char *p,
    u_char *last);

/* ngx_http_ccproxy_wait.c: how long an upstream wants to be left alone */
/* Sets *wait to seconds, from Retry-After or what stands for it; empty if
 * there is nothing of the kind.  NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_ccproxy_wait(ngx_http_request_t *r, ngx_list_t *headers,
    ngx_str_t *wait);

/* ngx_http_ccproxy_connection.c: connections to providers, new and kept */
ngx_int_t ngx_http_ccproxy_connection_init(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p);
/* The proxy on the way to p with that key (NULL: none); NULL: directly. */
ngx_http_ccproxy_proxy_t *ngx_http_ccproxy_connection_proxy(
    ngx_http_ccproxy_provider_t *p, ngx_http_ccproxy_key_t *key);
/* What it says that no connection could be made with that key. */
ccp_pool_outcome_e ngx_http_ccproxy_connection_fault(
    ngx_http_ccproxy_key_t *key);
/* The host whose addresses a connection with that key is made to. */
ngx_http_ccproxy_host_t *ngx_http_ccproxy_connection_host(
    ngx_http_ccproxy_provider_t *p, ngx_http_ccproxy_key_t *key);
/* Whether an address is known for a connection with any key. */
ngx_uint_t ngx_http_ccproxy_connection_ready(ngx_http_ccproxy_provider_t *p);
/*
 * For pc->get.  Sets address and name in pc, copied to pool; the host must
 * have an address.  fresh: no kept connection.
 *
 * NGX_OK        connect to pc->sockaddr
 * NGX_DONE      pc->connection is a kept one, pc->cached is set
 * NGX_AGAIN     pc->connection is being made, as ngx_event_connect_peer()
 *               says it: through a proxy.  Handlers, data and the connect
 *               timer that the caller sets before he returns to the event
 *               loop hold: the write handler is called when the tunnel
 *               stands.  If it fails, the read handler is called, and recv()
 *               gives NGX_ERROR; what went wrong was logged.
 * NGX_DECLINED  no connection can be made to that address
 * NGX_ERROR
 */
ngx_int_t ngx_http_ccproxy_connection_open(ngx_peer_connection_t *pc,
    ngx_pool_t *pool, ngx_http_ccproxy_provider_t *p,
    ngx_http_ccproxy_key_t *key, ngx_uint_t fresh);
void ngx_http_ccproxy_connection_close(ngx_connection_t *c);
/* Makes a kept connection fail where the peer's system confirms nothing of what
 * is sent for so long, in milliseconds. */
void ngx_http_ccproxy_connection_watch(ngx_connection_t *c, ngx_msec_t time);
/* Takes pc->connection, made with key, over (it is NULL then) if it can serve
 * again. */
void ngx_http_ccproxy_connection_keep(ngx_peer_connection_t *pc,
    ngx_http_ccproxy_provider_t *p, ngx_http_ccproxy_key_t *key,
    ngx_http_upstream_t *u, ngx_uint_t state);

/* ngx_http_ccproxy_proxy.c: proxies in the configuration */
/*
 * Reads http://[USER:PASSWORD@]HOST:PORT, env:NAME or file:PATH.  NULL, or
 * what is wrong with it (NGX_CONF_ERROR: logged already).
 */
char *ngx_http_ccproxy_proxy(ngx_conf_t *cf, ngx_str_t *value,
    ngx_http_ccproxy_proxy_t **proxy);
/* The statement "proxy" of a provider. */
char *ngx_http_ccproxy_proxy_statement(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p);

/* ngx_http_ccproxy_tunnel.c: connections through proxies */
/* As ngx_http_ccproxy_connection_open() with pc's address being the proxy's:
 * NGX_AGAIN, NGX_DECLINED or NGX_ERROR. */
ngx_int_t ngx_http_ccproxy_tunnel(ngx_peer_connection_t *pc,
    ngx_http_ccproxy_provider_t *p, ngx_http_ccproxy_proxy_t *proxy);

/* ngx_http_ccproxy_hosts.c */
/* Addresses known without asking, and the resolver for the others. */
ngx_int_t ngx_http_ccproxy_hosts_init(ngx_conf_t *cf);

/* ngx_http_ccproxy_remember.c: addresses that outlast a worker */
/* Adds the shared memory for them.  NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_ccproxy_remember_init(ngx_conf_t *cf);
/* Notes the host's present addresses. */
void ngx_http_ccproxy_remember(ngx_http_ccproxy_main_conf_t *mcf,
    ngx_http_ccproxy_host_t *h);
/*
 * Addresses noted for the host, without port: their number.  Both arrays have
 * NGX_HTTP_CCPROXY_REMEMBER_MAX elements; addrs point into sa.
 */
ngx_uint_t ngx_http_ccproxy_recall(ngx_http_ccproxy_main_conf_t *mcf,
    ngx_http_ccproxy_host_t *h, ngx_sockaddr_t *sa,
    ngx_resolver_addr_t *addrs);

/* ngx_http_ccproxy_resolve.c */
/* Begins to ask for addresses in a worker, and goes on with their TTL. */
ngx_int_t ngx_http_ccproxy_resolve_process(ngx_cycle_t *cycle);

#if (NGX_HTTP_SSL)
/* ngx_http_ccproxy_tls.c */
ngx_int_t ngx_http_ccproxy_tls_init(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p);
/* Session of the provider, for a connection being made and one made. */
ngx_int_t ngx_http_ccproxy_tls_set_session(ngx_peer_connection_t *pc,
    ngx_http_ccproxy_provider_t *p);
void ngx_http_ccproxy_tls_save_session(ngx_peer_connection_t *pc,
    ngx_http_ccproxy_provider_t *p);
#endif

static ngx_inline ccp_str_t
ngx_http_ccproxy_slice(ngx_str_t *s)
{
    ccp_str_t  r;

    r.p = s->data;
    r.n = s->len;
    r.json = 0;
    r.esc = 0;

    return r;
}


static ngx_inline ngx_uint_t
ngx_http_ccproxy_eq(ngx_str_t *a, ngx_str_t *b)
{
    return a->len == b->len && ngx_memcmp(a->data, b->data, a->len) == 0;
}


#include "ngx_http_ccproxy_route.h"


#endif /* _NGX_HTTP_CCPROXY_H_INCLUDED_ */
