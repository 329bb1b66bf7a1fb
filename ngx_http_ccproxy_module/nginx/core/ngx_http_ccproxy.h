
/*
 * ngx_http_ccproxy_module: the structures that all rooms of nginx/ share, and
 * the functions of nginx/core/; those of other rooms are in their headers.
 * Protocols are known here only as rows of the codec's table.
 */

#ifndef _NGX_HTTP_CCPROXY_H_INCLUDED_
#define _NGX_HTTP_CCPROXY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "codec/exchange/exchange.h"
#include "codec/rewrite/rewrite_params.h"
#include "pool/pool.h"

#include "nginx/core/ngx_http_ccproxy_versions.h"


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
    ngx_shm_zone_t                *addresses; /* ngx_http_ccproxy_addresses.c,
                                                 NULL: no hosts */
    ngx_shm_zone_t                *counters;  /* ngx_http_ccproxy_counter.c */
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
    unsigned                       demo:1;      /* the demo model answers */
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


/* One object in shared memory (ngx_http_ccproxy_shm.c). */

typedef struct {
    ngx_str_t                      name;      /* of the zone */
    size_t                         size;      /* of the zone, at least */
    size_t                         object;    /* 0: all that is free in it */
    /* Makes the object of zeroed memory; NULL if it can't. */
    void                        *(*create)(void *mem, size_t size);
} ngx_http_ccproxy_shm_t;


typedef struct {
    ngx_atomic_t                   requests;
    time_t                         started;
} ngx_http_ccproxy_counters_t;


/* What came of reading a file (ngx_http_ccproxy_file.c). */

typedef enum {
    NGX_HTTP_CCPROXY_FILE_READ,
    NGX_HTTP_CCPROXY_FILE_CLOSED,             /* it can't be opened */
    NGX_HTTP_CCPROXY_FILE_KIND,               /* a folder, or the like */
    NGX_HTTP_CCPROXY_FILE_MODE,               /* open to other users */
    NGX_HTTP_CCPROXY_FILE_SIZE,               /* too long */
    NGX_HTTP_CCPROXY_FILE_FAILED              /* logged */
} ngx_http_ccproxy_file_e;


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

    /* what the client named (ngx_http_ccproxy_model_name.c) */
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
    void                         (*answered)(ngx_http_ccproxy_ctx_t *ctx);
                                              /* called once the client's
                                                 answer is complete */
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

    /* response (ngx_http_ccproxy_header_filter.c) */
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
    unsigned                       header_held:1; /* not yet sent on */
    unsigned                       synthetic:1;   /* a page of nginx's is
                                                     replaced */
    unsigned                       done:1;        /* last_buf was sent */
    unsigned                       whole:1;       /* … by us, in place of an
                                                     upstream that failed: the
                                                     connection is kept */
    unsigned                       out_ready:1;   /* ctx->out is set up */
    unsigned                       passthrough:1; /* nothing of ours */
};


extern ngx_module_t  ngx_http_ccproxy_module;
extern ngx_module_t  ngx_http_ccproxy_defaults_module;


/* ngx_http_ccproxy_ctx.c */

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

/* ngx_http_ccproxy_reply.c */

/* Adds a header line to the answer; name and value must last. */
ngx_int_t ngx_http_ccproxy_header_out(ngx_http_request_t *r,
    const char *name, ngx_str_t *value);
/* Status and header lines of the codec's for the client. */
ngx_int_t ngx_http_ccproxy_reply_header(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ccp_head_t *head);
/* Answers with a document that is complete.  As ngx_http_output_filter. */
ngx_int_t ngx_http_ccproxy_send(ngx_http_request_t *r, ngx_uint_t status,
    ngx_str_t *type, ngx_str_t *body);
/*
 * Answers with a JSON document of our own; out is of the exchange's arena.
 * Finalizes the request: NGX_DONE for a phase handler.
 */
ngx_int_t ngx_http_ccproxy_answer(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ccp_out_t *out);
/* Makes the function the location's content handler, if it has none. */
char *ngx_http_ccproxy_reply_handler(ngx_conf_t *cf,
    ngx_http_handler_pt handler);
/* Answers with the document that the function writes. */
ngx_int_t ngx_http_ccproxy_reply_document(ngx_http_request_t *r,
    ngx_str_t *type, void (*write)(ngx_http_request_t *r, ccp_out_t *out));

/* ngx_http_ccproxy_redact.c */

/* Overwrites the present key where it stands in bytes of an upstream's. */
void ngx_http_ccproxy_redact(ngx_http_ccproxy_ctx_t *ctx, u_char *p,
    u_char *last);
/* Overwrites a credential in the query, so that it gets into no log. */
void ngx_http_ccproxy_mask(ngx_http_request_t *r);
/* Puts it back. */
void ngx_http_ccproxy_unmask(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);

/* ngx_http_ccproxy_shm.c */

/* Adds the zone; its data is the object from the start of the workers on.
 * NULL: logged. */
ngx_shm_zone_t *ngx_http_ccproxy_shm_add(ngx_conf_t *cf,
    ngx_http_ccproxy_shm_t *shm);

/* ngx_http_ccproxy_counter.c */

/* Adds the counters of requests. */
ngx_int_t ngx_http_ccproxy_counter_init(ngx_conf_t *cf);
/* Counts one request that was converted. */
void ngx_http_ccproxy_counter_add(ngx_http_request_t *r);

/* ngx_http_ccproxy_file.c */

/*
 * Reads the file, of max bytes at most, into cf->pool; any_mode: other users
 * than its owner may read it.  After FILE_CLOSED ngx_errno tells why.
 */
ngx_http_ccproxy_file_e ngx_http_ccproxy_file(ngx_conf_t *cf,
    ngx_str_t *name, off_t max, ngx_uint_t any_mode, ngx_str_t *text);


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


#endif /* _NGX_HTTP_CCPROXY_H_INCLUDED_ */
