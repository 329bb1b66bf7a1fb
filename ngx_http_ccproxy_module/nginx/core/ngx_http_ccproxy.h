
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
#include "codec/wire/wire_unpack.h"
#include "codec/rewrite/rewrite_params.h"
#include "pool/pool.h"

#include "nginx/core/ngx_http_ccproxy_ledger.h"
#include "nginx/core/ngx_http_ccproxy_versions.h"
#include "nginx/core/ngx_http_ccproxy_parts.h"
#include "nginx/core/ngx_http_ccproxy_shm.h"


#define NGX_HTTP_CCPROXY_VERSION     "0.1.0"

/* Defaults of locations with "ccproxy on", where nginx's own would not fit. */
#define NGX_HTTP_CCPROXY_BODY_SIZE        (64 * 1024 * 1024)
#define NGX_HTTP_CCPROXY_OUTPUT_SIZE      (1024 * 1024)
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

/* What the client of a request is told that an operator ended. */
#define NGX_HTTP_CCPROXY_STOPPED  "an operator ended this request"

/* The longest name of a group, and of a model that patterns are tried on. */
#define NGX_HTTP_CCPROXY_GROUP_MAX        64
#define NGX_HTTP_CCPROXY_MODEL_MAX        1024


typedef struct ngx_http_ccproxy_provider_s  ngx_http_ccproxy_provider_t;
typedef struct ngx_http_ccproxy_param_s     ngx_http_ccproxy_param_t;
typedef struct ngx_http_ccproxy_pool_s      ngx_http_ccproxy_pool_t;
typedef struct ngx_http_ccproxy_store_s     ngx_http_ccproxy_store_t;
typedef struct ngx_http_ccproxy_ctx_s       ngx_http_ccproxy_ctx_t;

/* nginx/record */
typedef struct ngx_http_ccproxy_transcript_s  ngx_http_ccproxy_transcript_t;
typedef struct ngx_http_ccproxy_tape_s      ngx_http_ccproxy_tape_t;
struct ccp_record_pattern_s;


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


/* What the user knows better than the preset's row. */

typedef struct {
    ngx_str_t                      column;
    ngx_str_t                      value;
    u_char                        *file;
    ngx_uint_t                     line;
} ngx_http_ccproxy_quirk_t;


struct ngx_http_ccproxy_provider_s {
    ngx_str_t                      name;
    ccp_provider_t                 row;       /* own copy */
    ngx_array_t                    keys;      /* ngx_http_ccproxy_key_t */
    ngx_array_t                    headers;   /* ngx_http_ccproxy_header_t */
    ngx_array_t                   *models;    /* ngx_str_t; NULL: none */
    ngx_array_t                    params;    /* …_param_t * */
    const ccp_param_t             *param_list; /* the same for the codec */
    ngx_array_t                    quirks;    /* …_quirk_t */
    ngx_array_t                   *prices;    /* …_price_t; NULL: none */
    const ccp_list_price_t        *list_prices; /* of its preset, behind
                                                 those; NULL: not wanted */
    ngx_uint_t                     list_line; /* "price default"; 0: none */

    ngx_http_ccproxy_host_t        host;
    ngx_str_t                      host_header;  /* with a port if needed */
    ngx_str_t                      root;      /* path of the API root */
    ngx_http_ccproxy_proxy_t      *proxy;     /* NULL: none */
    unsigned                       ssl:1;
    ngx_uint_t                     url_line;  /* of "url"; 0: none */
    unsigned                       slash:1;   /* the root's path is "/" */
    unsigned                       bare:1;    /* a preset as target */
    unsigned                       used:1;    /* a target names it */

    ngx_msec_t                     connect_timeout;  /* UNSET: location's */
    ngx_msec_t                     read_timeout;
    ngx_uint_t                     keepalive; /* idle connections kept */
    ngx_msec_t                     keepalive_timeout;
    ngx_flag_t                     tls_verify;
    ngx_str_t                      tls_ca;    /* empty: system's bundle */
    ngx_str_t                      tls_certificate; /* of ours; empty: none */
    ngx_str_t                      tls_certificate_key;
    ngx_uint_t                     tls_certificate_line;
    ngx_uint_t                     tools;     /* ccp_tools_e, for targets
                                                 without tools= */
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
    ccp_target_t                   target;    /* root, model, provider */
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
    ngx_msec_t                     wait;      /* 0: off */
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


/* Whose the log format "ccproxy" is. */

typedef enum {
    NGX_HTTP_CCPROXY_LOG_NONE = 0,            /* there is none yet */
    NGX_HTTP_CCPROXY_LOG_OURS,
    NGX_HTTP_CCPROXY_LOG_USERS
} ngx_http_ccproxy_log_e;


typedef struct {
    ngx_array_t                    providers; /* …_provider_t * */
    ngx_array_t                    pools;     /* …_pool_t * */
    ngx_array_t                    direct;    /* …_pool_t *, one for each
                                                 provider */
    ngx_array_t                    routes;    /* …_route_t *, of all levels */
    ngx_array_t                    directs;   /* …_direct_t *, likewise */
    ngx_array_t                    accesses;  /* …_access_t *, likewise */
    ngx_array_t                    places;    /* …_place_t: locations that are
                                                 checked in the end */
    ngx_shm_zone_t                *objects;   /* ngx_http_ccproxy_object.c */
    unsigned                       through:1; /* some location lets requests
                                                 through */
    ngx_array_t                    healths;   /* …_health_t: pools that are
                                                 named there */
    ngx_array_t                    stores;    /* …_store_t * */
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
    ngx_shm_zone_t                *wishes;    /* ngx_http_ccproxy_wishes.c,
                                                 NULL: no pools */
    ngx_shm_zone_t                *recent;    /* likewise, NULL: no page
                                                 shows it */
    ngx_shm_zone_t                *sent;      /* likewise, NULL: nobody tries
                                                 from a page */
    ngx_shm_zone_t                *transcripts; /* nginx/record, NULL: there
                                                   are none */
    ngx_http_ccproxy_zone_t       *zone;      /* NULL: no pools */
    ngx_http_ccproxy_ledger_t     *ledger;
    ngx_http_ccproxy_log_e         log_format;
    time_t                         started;
    ccp_arena_t                   *arena;     /* of the configuration */
    size_t                         prefix_cache; /* 0: off */
    ccp_memo_t                    *memo;      /* ngx_http_ccproxy_prefix.c, per
                                                 worker; NULL: off */
} ngx_http_ccproxy_main_conf_t;


/* Who may use a location (ngx_http_ccproxy_access.c). */

typedef enum {
    NGX_HTTP_CCPROXY_ACCESS_KEYS = 0,         /* who has one of the keys */
    NGX_HTTP_CCPROXY_ACCESS_OFF               /* nginx's own rules decide */
} ngx_http_ccproxy_access_e;


typedef struct {
    ngx_str_t                      name;
    u_char                         digest[NGX_HTTP_CCPROXY_SHA256];
    time_t                         expires;   /* 0: never */
    ngx_array_t                   *models;    /* ngx_str_t: patterns; NULL:
                                                 any */
    ngx_array_t                   *pools;     /* ngx_str_t; NULL: any */
    ngx_http_ccproxy_account_t    *account;
    ngx_http_ccproxy_account_t    *group;     /* NULL: none */
    ngx_str_t                      group_name;
    u_char                        *file;
    ngx_uint_t                     line;
} ngx_http_ccproxy_access_key_t;


typedef struct {
    ngx_http_ccproxy_access_e      mode;
    ngx_array_t                    keys;      /* …_access_key_t */
} ngx_http_ccproxy_access_t;


/* Who may be named as PROVIDER,MODEL (ngx_http_ccproxy_direct.c). */

typedef struct {
    ngx_array_t                    names;       /* ngx_str_t: of providers,
                                                   beside the location's own */
    unsigned                       on:1;
    u_char                        *file;
    ngx_uint_t                     line;
} ngx_http_ccproxy_direct_t;


/* Where "proxy_pass" of a location leads (ngx_http_ccproxy_pass.c). */

typedef struct {
    ngx_http_complex_value_t       value;
    ngx_str_t                      text;        /* as it was written */
    u_char                        *file;
    ngx_uint_t                     line;
} ngx_http_ccproxy_pass_t;


typedef struct {
    ngx_flag_t                     enable;
    ngx_array_t                   *stock;       /* …_stock_t; NULL: none */
    ngx_str_t                      cache_key;   /* of "proxy_cache_key" */
    ngx_array_t                   *set_headers; /* …_header_t, of
                                                   "proxy_set_header" */
    ngx_http_ccproxy_direct_t     *direct;      /* NULL: nobody */
    ngx_http_ccproxy_pass_t       *pass;        /* NULL: no "proxy_pass" */
    u_char                        *file;        /* of "ccproxy on" in a
                                                   location; NULL: none */
    ngx_uint_t                     line;
    unsigned                       own_routes:1; /* of this level */
    ngx_array_t                   *through;     /* ngx_str_t: names of
                                                   "ccproxy_pass" */
    ngx_array_t                   *health;      /* ngx_str_t: pools that it
                                                   is asked of; NULL: all */
    unsigned                       demo:1;      /* the demo model answers */
    unsigned                       admin:1;     /* "ccproxy_status admin" */
    unsigned                       try_it:1;    /* "ccproxy_status try" */
    ngx_array_t                   *routes;      /* …_route_t * */
    ngx_http_ccproxy_access_t     *access;      /* NULL: local programs */
    ngx_http_complex_value_t      *client;      /* who asks without a key;
                                                   NULL: not known */
    ngx_array_t                   *cors;        /* ngx_str_t; NULL: no pages
                                                   of other sites */
    ngx_http_ccproxy_store_t      *store;       /* NULL: nothing is kept */
    unsigned                       store_set:1; /* … as this level says */
    ngx_msec_t                     ping;        /* 0: off */
    ngx_uint_t                     tools;       /* ccp_tools_e; beats those
                                                   of targets if set */

    ngx_http_ccproxy_transcript_t *transcript;  /* NULL: off */
    struct ccp_record_pattern_s   *redact;      /* NULL: none */

    /* per worker */
    ngx_array_t                   *models;      /* of ..._models.c; NULL: no
                                                   list was asked for yet */

    /* ngx_http_ccproxy_prompt.c */
    ngx_array_t                   *prompts;     /* ccp_prompt_t */
    ngx_array_t                   *replaces;    /* ccp_prompt_pair_t */
    ngx_array_t                   *tool_filter; /* ccp_str_t */
    ngx_array_t                   *betas;       /* ccp_str_t; NULL: all pass */
    double                         temperature_ratio;
    ccp_prompt_rules_t            *rules;       /* of all of them; NULL:
                                                   none */
} ngx_http_ccproxy_loc_conf_t;


/* A location with "ccproxy on" or "proxy_pass" (ngx_http_ccproxy_pass.c). */

typedef struct {
    ngx_http_ccproxy_loc_conf_t   *lcf;
    ngx_http_core_loc_conf_t      *clcf;
    ngx_http_upstream_conf_t      *u;         /* of the proxy module */
} ngx_http_ccproxy_place_t;


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


/*
 * The context of a request.  Each part is written by the files named above it,
 * and read by others.
 */


/* The client's body: ngx_http_ccproxy_request.c, …_request_body.c */

typedef enum {
    NGX_HTTP_CCPROXY_IN_NONE = 0,             /* it is not all there */
    NGX_HTTP_CCPROXY_IN_READ,                 /* it is, nobody looked at it */
    NGX_HTTP_CCPROXY_IN_DECODED               /* the exchange has a request */
} ngx_http_ccproxy_in_e;


typedef struct {
    ngx_http_ccproxy_in_e          state;
    u_char                        *body;
    size_t                         len;
    size_t                         cap;       /* 0: the body isn't ours */
    size_t                         hint;      /* Content-Length; 0: unknown */
    ccp_unpack_t                  *unpack;    /* of a body that is encoded */
    ngx_str_t                      encoding;
    unsigned                       in_place:1; /* of one buffer of nginx's */
} ngx_http_ccproxy_in_t;


/* What the client named: ngx_http_ccproxy_model_name.c, …_route.c */

typedef struct {
    ngx_str_t                      group;
    ngx_str_t                      model;     /* without group or provider */
    ngx_http_ccproxy_pool_t       *direct;    /* of the provider it named */
    ngx_http_ccproxy_target_t     *asked;     /* the target of that provider
                                                 and model, if there is one */
    unsigned                       known:1;   /* group and model are set */
    unsigned                       partial:1; /* model is not the whole name */
    unsigned                       unrouted:1; /* no route was found */
} ngx_http_ccproxy_name_t;


/* One try, which is a pair that is asked: nginx/balance */

typedef enum {
    NGX_HTTP_CCPROXY_HEARD_NOTHING = 0,
    NGX_HTTP_CCPROXY_HEARD_SOME,              /* its answer comes */
    NGX_HTTP_CCPROXY_HEARD_HEADER             /* … which may be none: its body
                                                 is looked at */
} ngx_http_ccproxy_heard_e;


typedef struct {
    ngx_http_ccproxy_pair_t       *pair;
    ngx_http_ccproxy_target_t     *target;    /* of the pair */
    ngx_http_ccproxy_key_t        *key;       /* of the pair; NULL: none */
    ccp_try_t                     *codec;     /* its request and its answer;
                                                 NULL: none is made yet */
    ccp_pool_ticket_t              ticket;
    ngx_uint_t                     addrs;     /* addresses left for the pair */
    unsigned                       kept_tools; /* as the codec was told, for */
    unsigned                       kept_without; /* an answer that is cached */
    ccp_tools_e                    tools;     /* AUTO: native, and a refusal of
                                                 them is no answer yet */
    unsigned                       without;   /* bits of wishes that the model
                                                 refuses; of tools, too */
    uint64_t                       model;     /* … which is known by it */
    ngx_http_ccproxy_heard_e       heard;
    ngx_uint_t                     status;    /* of the answer; 0: none yet */
    ngx_str_t                      retry_after; /* of the answer, seconds */
    time_t                         date;      /* of an error, by the
                                                 upstream's clock; 0: unknown */
    ngx_str_t                      encoding;  /* of the answer; empty: none */
} ngx_http_ccproxy_try_t;


/* Who is asked next: see the diagram in ngx_http_ccproxy_peer.c. */

typedef enum {
    NGX_HTTP_CCPROXY_NEXT_PAIR = 0,           /* the one that is chosen then */
    NGX_HTTP_CCPROXY_NEXT_ADDRESS,            /* the same pair, at its next
                                                 address */
    NGX_HTTP_CCPROXY_NEXT_FRESH,              /* the same pair, not on a kept
                                                 connection */
    NGX_HTTP_CCPROXY_NEXT_WITHOUT,            /* the same pair, without what it
                                                 refused */
    NGX_HTTP_CCPROXY_NEXT_SWAP,               /* the try in race.coming: nginx
                                                 is made to drop its own */
    NGX_HTTP_CCPROXY_NEXT_SWAPPED,            /* … and did */
    NGX_HTTP_CCPROXY_NEXT_WAIT,               /* nobody: the request waits */
    NGX_HTTP_CCPROXY_NEXT_WAITED              /* … and did: any pair */
} ngx_http_ccproxy_next_e;


/* All tries of a request: nginx/balance */

typedef struct {
    ngx_http_ccproxy_pool_t       *pool;
    ngx_http_ccproxy_zone_t       *zone;
    ngx_http_ccproxy_next_e        next;
    ccp_pool_request_t             choice;
    ngx_uint_t                     n;         /* pairs asked so far */
    ngx_uint_t                     before;    /* … and before it waited */
    ngx_msec_t                     timeout;   /* 0: none */
    ccp_error_t                    failure;   /* the most telling of all */
    ccp_usage_t                    used;      /* by those that are over, and
                                                 that the client pays for */
} ngx_http_ccproxy_tries_t;


/* A try that is not the one nginx knows of: ngx_http_ccproxy_hedge.c */

typedef struct {
    ngx_http_ccproxy_try_t         try;       /* pair NULL: there is none */
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


typedef struct {
    ngx_event_t                    timer;     /* the present try is silent */
    ngx_http_ccproxy_rival_t       aside;     /* asked, silent so far */
    ngx_http_ccproxy_rival_t       coming;    /* becomes the present try */
} ngx_http_ccproxy_race_t;


/* What stands in for parts of nginx's upstream: ngx_http_ccproxy_peer.c,
 * …_try.c */

typedef struct {
    ngx_http_upstream_conf_t       conf;      /* the request's own copy */
    ngx_http_upstream_conf_t      *stock;     /* of the location */
    ngx_int_t                    (*process_header)(ngx_http_request_t *r);
    ngx_int_t                    (*reinit_request)(ngx_http_request_t *r);
    void                         (*finalize_request)(ngx_http_request_t *r,
                                                     ngx_int_t rc);
    ngx_int_t                    (*input_filter_init)(void *data);
    ngx_int_t                    (*input_filter)(void *data, ssize_t bytes);
    unsigned                       broken:1;  /* what comes is no HTTP */
} ngx_http_ccproxy_up_t;


/* The answer to the client: see the diagram in
 * ngx_http_ccproxy_header_filter.c. */

typedef enum {
    NGX_HTTP_CCPROXY_OUT_NONE = 0,            /* nothing was sent, or nothing
                                                 of ours */
    NGX_HTTP_CCPROXY_OUT_OWN,                 /* a document of the module's is
                                                 sent, in one piece */
    NGX_HTTP_CCPROXY_OUT_THROUGH,             /* an answer as it came */
    NGX_HTTP_CCPROXY_OUT_PAGE,                /* a page of nginx's is replaced:
                                                 header sent */
    NGX_HTTP_CCPROXY_OUT_PAGED,               /* … and the document */

    /* from here on it is an upstream's */

    NGX_HTTP_CCPROXY_OUT_HELD,                /* the header waits for the codec
                                                 to know if it is an error */
    NGX_HTTP_CCPROXY_OUT_OPEN,                /* header sent, more to come */
    NGX_HTTP_CCPROXY_OUT_DONE                 /* its end was passed on */
} ngx_http_ccproxy_out_e;


/* nginx/filter; OUT_OWN: ngx_http_ccproxy_reply.c */

typedef struct {
    ngx_http_ccproxy_out_e         state;
    ngx_chain_t                   *held;      /* input not yet taken */
    ngx_chain_t                   *free;
    ngx_chain_t                   *busy;
    ccp_unpack_t                  *unpack;    /* ngx_http_ccproxy_encoding.c */
    u_char                        *unpacked;  /* a piece of what it reads */
    ccp_out_t                      codec;     /* what the codec writes */
    ngx_msec_t                     ttft;      /* first byte of content */
    ngx_event_t                    ping;      /* ngx_http_ccproxy_ping.c */
    ngx_msec_t                     ping_after;
    ngx_msec_t                     sent;      /* last bytes for the client */
    ngx_str_t                      page;      /* document sent instead of
                                                 nginx's own error page, or of
                                                 OUT_OWN */
    unsigned                       ready:1;   /* codec is set up */
    unsigned                       content:1; /* ttft is set */
    unsigned                       more:1;    /* unpack may have more */
    unsigned                       skip:1;    /* this error can't be read */
    unsigned                       kept:1;    /* the end is of ours, in place
                                                 of an upstream that failed:
                                                 the connection is kept */
} ngx_http_ccproxy_out_t;


struct ngx_http_ccproxy_ctx_s {
    ngx_http_request_t            *request;
    ngx_msec_t                     start;
    ccp_endpoint_t                 endpoint;
    ccp_exchange_t                *exchange;
    ccp_error_t                    error;     /* our own, to be sent */
    ngx_str_t                      secret;    /* of the query, masked there:
                                                 ngx_http_ccproxy_redact.c */
    ngx_str_t                      client;    /* name of the access key:
                                                 ngx_http_ccproxy_access.c */
    ngx_http_ccproxy_access_key_t *access;    /* that key; NULL: none */
    ngx_http_ccproxy_access_t     *identified; /* whose keys were tried */
    ngx_http_ccproxy_in_t          in;
    ngx_http_ccproxy_through_t    *through;   /* NULL: it is converted */
    ngx_http_ccproxy_name_t        name;
    ngx_http_ccproxy_tries_t       tries;
    ngx_http_ccproxy_try_t         try;       /* the present one */
    ngx_http_ccproxy_race_t        race;
    ngx_http_ccproxy_patience_t    patience;
    ngx_http_ccproxy_up_t          up;
    ngx_http_ccproxy_out_t         out;
    ngx_http_ccproxy_tape_t       *tape;      /* NULL: nothing is recorded */
    ngx_uint_t                     open;      /* its entry, from 1 on:
                                                 ngx_http_ccproxy_recent.c */
    unsigned                       failed:1;  /* a pair did, which was told */
    unsigned                       stopped:1; /* an operator ended it */
    ngx_http_ccproxy_bill_t        bill;

    /* set by who chose the upstream, called when the client's answer is
     * complete */
    void                         (*answered)(ngx_http_ccproxy_ctx_t *ctx);

    /* likewise, called where an operator ends the request, which may be gone
     * after that */
    void                         (*stop)(ngx_http_ccproxy_ctx_t *ctx);

    ngx_str_t                      digest;    /* $ccproxy_digest */
    ngx_http_handler_pt            content;   /* nginx's own */

    /* makes a try of an answer that is in the cache; NULL: none is */
    ngx_int_t                    (*cached)(ngx_http_request_t *r,
                                           ngx_http_ccproxy_ctx_t *ctx);

    /* told the first bytes of an answer that goes through; NULL: nobody
     * wants them */
    void                         (*learn)(ngx_http_ccproxy_ctx_t *ctx,
                                          u_char *p, size_t n);
};


extern ngx_module_t  ngx_http_ccproxy_module;
extern ngx_module_t  ngx_http_ccproxy_defaults_module;
extern ngx_module_t  ngx_http_proxy_module;


/* ngx_http_ccproxy_ctx.c */

/* The request's context, created on first use; NULL without memory. */
ngx_http_ccproxy_ctx_t *ngx_http_ccproxy_get_ctx(ngx_http_request_t *r);
/* The same without creating one, found after internal redirects, too. */
ngx_http_ccproxy_ctx_t *ngx_http_ccproxy_find_ctx(ngx_http_request_t *r);
/* Makes ctx->exchange, if there is none yet.  NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_ccproxy_exchange(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);
/* ngx_http_ccproxy_prefix.c: the directive, a worker's beginning, and what of
 * it an exchange may use. */
char *ngx_http_ccproxy_prefix_cache(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
ngx_int_t ngx_http_ccproxy_prefix_process(ngx_cycle_t *cycle);
void ngx_http_ccproxy_prefix_env(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ccp_env_t *env);
/* Whose header the request has, as ccp_endpoint_parse() takes it. */
unsigned ngx_http_ccproxy_asker(ngx_http_request_t *r);
/* Reads ctx->endpoint from the present URI. */
void ngx_http_ccproxy_endpoint(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);
/* Value of a request header by its lower-case name; NULL if there is none. */
ngx_str_t *ngx_http_ccproxy_header_in(ngx_http_request_t *r,
    const char *name);

/* The memory of ctx->exchange. */
void ngx_http_ccproxy_mem(ngx_http_request_t *r, ccp_mem_t *mem);

/* ngx_http_ccproxy_unpack.c */

/* The value of all lines of Content-Encoding; empty: none. */
ngx_int_t ngx_http_ccproxy_unpack_value(ngx_pool_t *pool, ngx_list_t *headers,
    ngx_str_t *value);
/* What reads it, to be destroyed; NULL: the bytes are as they are.  NGX_OK,
 * NGX_DECLINED (*name can't be read), NGX_ERROR. */
ngx_int_t ngx_http_ccproxy_unpack(ngx_http_request_t *r, ngx_str_t *encoding,
    ccp_unpack_t **u, ngx_str_t *name);

/* ngx_http_ccproxy_counter.c */

/* Adds the counters of requests. */
ngx_int_t ngx_http_ccproxy_counter_init(ngx_conf_t *cf);
/* Counts one request that was converted. */
void ngx_http_ccproxy_counter_add(ngx_http_request_t *r);

/* ngx_http_ccproxy_debug.c: names for the log */

const char *ngx_http_ccproxy_op_name(ccp_op_e op);
const char *ngx_http_ccproxy_next_name(ngx_http_ccproxy_next_e next);
const char *ngx_http_ccproxy_outcome_name(ccp_pool_outcome_e outcome);
/* The key's name, never its value; empty without a key. */
ngx_str_t *ngx_http_ccproxy_key_name(ngx_http_ccproxy_key_t *key);

/* ngx_http_ccproxy_internals.c: what is relied on inside of nginx */

/* NGX_ERROR, logged, if this nginx is not as it should be. */
ngx_int_t ngx_http_ccproxy_internals_check(ngx_conf_t *cf);

/* ngx_http_ccproxy_file.c */

/*
 * Reads the file, of max bytes at most, into cf->pool; any_mode: other users
 * than its owner may read it.  After FILE_CLOSED ngx_errno tells why.
 */
ngx_http_ccproxy_file_e ngx_http_ccproxy_file(ngx_conf_t *cf,
    ngx_str_t *name, off_t max, ngx_uint_t any_mode, ngx_str_t *text);


/* What nginx's headers tell of the proxy module's configuration: point 12 of
 * ngx_http_ccproxy_internals.c. */

static ngx_inline ngx_http_upstream_conf_t *
ngx_http_ccproxy_proxy_conf(void **loc_conf)
{
    return loc_conf[ngx_http_proxy_module.ctx_index];
}


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


/* Whether the client's answer comes from an upstream. */

static ngx_inline ngx_uint_t
ngx_http_ccproxy_answering(ngx_http_ccproxy_ctx_t *ctx)
{
    return ctx->out.state >= NGX_HTTP_CCPROXY_OUT_HELD;
}


/* Whether nobody gets the answer: that of a mirror, for example. */

static ngx_inline ngx_uint_t
ngx_http_ccproxy_unheard(ngx_http_request_t *r)
{
    return r->background && !r->subrequest_in_memory;
}


static ngx_inline ngx_uint_t
ngx_http_ccproxy_eq(ngx_str_t *a, ngx_str_t *b)
{
    return a->len == b->len && ngx_memcmp(a->data, b->data, a->len) == 0;
}


#include "nginx/core/ngx_http_ccproxy_redact.h"
#include "nginx/core/ngx_http_ccproxy_reply.h"


#endif /* _NGX_HTTP_CCPROXY_H_INCLUDED_ */
