
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

#include "ngx_http_ccproxy_compat.h"


#define NGX_HTTP_CCPROXY_VERSION     "0.1.0"

/* Defaults of locations with "ccproxy on", where nginx's own would not fit. */
#define NGX_HTTP_CCPROXY_BODY_SIZE        (64 * 1024 * 1024)
#define NGX_HTTP_CCPROXY_CONNECT_TIMEOUT  10000
#define NGX_HTTP_CCPROXY_READ_TIMEOUT     600000
#define NGX_HTTP_CCPROXY_BUFFER_SIZE      16384

/* Bytes for the client that may wait before input is held back. */
#define NGX_HTTP_CCPROXY_BUSY_MAX         65536


typedef struct ngx_http_ccproxy_provider_s  ngx_http_ccproxy_provider_t;
typedef struct ngx_http_ccproxy_pool_s      ngx_http_ccproxy_pool_t;
typedef struct ngx_http_ccproxy_ctx_s       ngx_http_ccproxy_ctx_t;


typedef struct {
    ngx_str_t                      name;      /* for logs, never the secret */
    ngx_str_t                      value;
    ngx_uint_t                     weight;
} ngx_http_ccproxy_key_t;


typedef struct {
    ngx_str_t                      name;
    ngx_http_complex_value_t       value;
} ngx_http_ccproxy_header_t;


struct ngx_http_ccproxy_provider_s {
    ngx_str_t                      name;
    ccp_dialect_t                  dialect;   /* own copy */
    ngx_array_t                    keys;      /* ngx_http_ccproxy_key_t */
    ngx_array_t                    headers;   /* ngx_http_ccproxy_header_t */

    ngx_str_t                      host;      /* name or literal address */
    ngx_str_t                      host_header;  /* with a port if needed */
    ngx_str_t                      root;      /* path of the API root */
    in_port_t                      port;
    unsigned                       ssl:1;
    unsigned                       resolve:1; /* host needs the resolver */
    unsigned                       tls_verify:1;

    ngx_msec_t                     connect_timeout;  /* UNSET: location's */
    ngx_msec_t                     read_timeout;
    ngx_uint_t                     keepalive; /* idle connections kept */
    ngx_str_t                      tls_ca;
    ngx_ssl_t                     *tls;       /* NULL without ssl */

    /* per worker */
    ngx_addr_t                    *addrs;     /* resolved, or literal */
    ngx_uint_t                     naddrs;
    ngx_uint_t                     next_addr;
    ngx_queue_t                    idle;      /* kept connections */
    ngx_uint_t                     nidle;
    ngx_event_t                    timer;     /* resolves again */
    ngx_connection_t               timer_conn;
    ngx_pool_t                    *addr_pool;
    u_char                        *file;      /* where it was declared */
    ngx_uint_t                     line;
};


typedef struct {
    ngx_http_ccproxy_provider_t   *provider;
    ngx_str_t                      provider_name;
    ccp_target_t                   target;    /* root, model, dialect */
    ngx_uint_t                     weight;
    unsigned                       backup:1;
    u_char                        *file;
    ngx_uint_t                     line;
} ngx_http_ccproxy_target_t;


/* The configuration of an upstream {} block with "ccproxy". */

struct ngx_http_ccproxy_pool_s {
    ngx_flag_t                     enable;
    ngx_array_t                   *targets;   /* ngx_http_ccproxy_target_t */
    ngx_http_upstream_srv_conf_t  *uscf;
    ngx_uint_t                     next;      /* per worker: rotation */
};


typedef struct {
    ngx_array_t                    providers; /* …_provider_t * */
    ngx_array_t                    pools;     /* …_pool_t * */
    ngx_array_t                    enabled;   /* ngx_http_conf_ctx_t *: levels
                                                 with "ccproxy on" */
    ngx_resolver_t                *resolver;
    ngx_msec_t                     resolver_timeout;
    time_t                         started;
} ngx_http_ccproxy_main_conf_t;


typedef struct {
    ngx_str_t                      pattern;
    ngx_str_t                      pool;
    ngx_int_t                      condition; /* variable index or -1 */
} ngx_http_ccproxy_route_t;


typedef struct {
    ngx_str_t                      name;
    ngx_str_t                      secret;
} ngx_http_ccproxy_access_key_t;


typedef struct {
    ngx_flag_t                     enable;
    ngx_array_t                   *routes;      /* …_route_t */
    ngx_array_t                   *access_keys; /* …_access_key_t */
} ngx_http_ccproxy_loc_conf_t;


struct ngx_http_ccproxy_ctx_s {
    ngx_http_request_t            *request;
    ccp_endpoint_t                 endpoint;
    ccp_exchange_t                *exchange;

    /* request (ngx_http_ccproxy_request.c) */
    u_char                        *body;
    size_t                         body_len;
    size_t                         body_cap;
    ccp_error_t                    error;     /* our own, to be sent */
    ngx_str_t                      client;    /* name of the access key */
    ngx_str_t                      pool;      /* chosen by a route */

    /* upstream (ngx_http_ccproxy_upstream.c) */
    ngx_http_ccproxy_pool_t       *upstream;
    ngx_http_ccproxy_target_t     *target;    /* of the present try */
    ngx_http_ccproxy_key_t        *key;
    ngx_uint_t                     tries;
    ngx_uint_t                     upstream_status;
    ngx_http_upstream_conf_t       conf;      /* the request's own copy */
    ngx_int_t                    (*process_header)(ngx_http_request_t *r);
    ngx_int_t                    (*reinit_request)(ngx_http_request_t *r);
    void                         (*finalize_request)(ngx_http_request_t *r,
                                                     ngx_int_t rc);
    ngx_str_t                      retry_after;   /* upstream's header */

    /* response (ngx_http_ccproxy_response.c) */
    ngx_chain_t                   *held;      /* input not yet taken */
    ngx_chain_t                   *free;
    ngx_chain_t                   *busy;
    ccp_out_t                      out;
    ngx_msec_t                     start_msec;
    ngx_msec_t                     ttft;      /* first byte of content */

    unsigned                       body_read:1;
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
ngx_int_t ngx_http_ccproxy_request_init(ngx_conf_t *cf);

/* ngx_http_ccproxy_response.c */
ngx_int_t ngx_http_ccproxy_response_init(ngx_conf_t *cf);
/*
 * Ends the client's answer with an error of its own protocol after the
 * upstream failed with rc; called before the upstream is closed.
 */
void ngx_http_ccproxy_response_abort(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ngx_int_t rc);

/* ngx_http_ccproxy_access.c */
ngx_int_t ngx_http_ccproxy_access_init(ngx_conf_t *cf);
char *ngx_http_ccproxy_access_key(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* ngx_http_ccproxy_variables.c */
ngx_int_t ngx_http_ccproxy_add_variables(ngx_conf_t *cf);

/* ngx_http_ccproxy_local.c: GET /, /health, /status, the demo model */
char *ngx_http_ccproxy_demo(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_ccproxy_status(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_ccproxy_health(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* ngx_http_ccproxy_provider.c */
char *ngx_http_ccproxy_provider(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
/* The provider of that name, or a preset of that name made into one; NULL:
 * there is none, or (logged) it can't be used. */
ngx_http_ccproxy_provider_t *ngx_http_ccproxy_provider_find(ngx_conf_t *cf,
    ngx_str_t *name);

/* ngx_http_ccproxy_upstream.c */
char *ngx_http_ccproxy_pool(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_ccproxy_pool_target(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
/* Links pools with providers; after the whole configuration was read. */
ngx_int_t ngx_http_ccproxy_upstream_init(ngx_conf_t *cf);

/* ngx_http_ccproxy_connection.c: idle upstream connections, per provider */
ngx_int_t ngx_http_ccproxy_connection_get(ngx_peer_connection_t *pc,
    ngx_http_ccproxy_provider_t *p);
void ngx_http_ccproxy_connection_keep(ngx_peer_connection_t *pc,
    ngx_http_ccproxy_provider_t *p, ngx_http_upstream_t *u,
    ngx_uint_t state);

/* ngx_http_ccproxy_resolve.c */
ngx_int_t ngx_http_ccproxy_resolve_init(ngx_conf_t *cf);
ngx_int_t ngx_http_ccproxy_resolve_process(ngx_cycle_t *cycle);

/* ngx_http_ccproxy_tls.c */
ngx_int_t ngx_http_ccproxy_tls_init(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p);

/* ngx_http_ccproxy_route.c: sets $ccproxy_pool */
char *ngx_http_ccproxy_route(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
/* The pool of the first route that matches; empty if none does. */
ngx_str_t *ngx_http_ccproxy_route_match(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);


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


#endif /* _NGX_HTTP_CCPROXY_H_INCLUDED_ */
