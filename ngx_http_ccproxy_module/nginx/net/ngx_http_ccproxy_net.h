
/*
 * How providers are reached: addresses, proxies, connections, TLS.
 */

#ifndef _NGX_HTTP_CCPROXY_NET_H_INCLUDED_
#define _NGX_HTTP_CCPROXY_NET_H_INCLUDED_


#include "nginx/core/ngx_http_ccproxy.h"


/* ngx_http_ccproxy_connection.c: connections to providers, new and kept */
/* Makes ready to connect to the providers that targets name. */
ngx_int_t ngx_http_ccproxy_connection_init(ngx_conf_t *cf);
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

/* ngx_http_ccproxy_tunnel.c: connections through proxies */
/* As ngx_http_ccproxy_connection_open() with pc's address being the proxy's:
 * NGX_AGAIN, NGX_DECLINED or NGX_ERROR. */
ngx_int_t ngx_http_ccproxy_tunnel(ngx_peer_connection_t *pc,
    ngx_http_ccproxy_provider_t *p, ngx_http_ccproxy_proxy_t *proxy);

/* ngx_http_ccproxy_hosts.c */
/* Addresses known without asking, and the resolver for the others. */
ngx_int_t ngx_http_ccproxy_hosts_init(ngx_conf_t *cf);

/* ngx_http_ccproxy_addresses.c: addresses that outlast a worker */
/* Adds the shared memory for them.  NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_ccproxy_addresses_init(ngx_conf_t *cf);
/* Notes the host's present addresses. */
void ngx_http_ccproxy_addresses_note(ngx_http_ccproxy_main_conf_t *mcf,
    ngx_http_ccproxy_host_t *h);
/*
 * Addresses noted for the host, without port: their number.  Both arrays have
 * NGX_HTTP_CCPROXY_REMEMBER_MAX elements; addrs point into sa.
 */
ngx_uint_t ngx_http_ccproxy_addresses_recall(ngx_http_ccproxy_main_conf_t *mcf,
    ngx_http_ccproxy_host_t *h, ngx_sockaddr_t *sa,
    ngx_resolver_addr_t *addrs);

/* ngx_http_ccproxy_resolve.c */
/* Begins to ask for addresses in a worker, and goes on with their TTL. */
ngx_int_t ngx_http_ccproxy_resolve_process(ngx_cycle_t *cycle);

/* ngx_http_ccproxy_tls.c */
#if (NGX_HTTP_SSL)
ngx_int_t ngx_http_ccproxy_tls_init(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p);
/* Session of the provider, for a connection being made and one made. */
ngx_int_t ngx_http_ccproxy_tls_set_session(ngx_peer_connection_t *pc,
    ngx_http_ccproxy_provider_t *p);
void ngx_http_ccproxy_tls_save_session(ngx_peer_connection_t *pc,
    ngx_http_ccproxy_provider_t *p);
#endif


#endif /* _NGX_HTTP_CCPROXY_NET_H_INCLUDED_ */
