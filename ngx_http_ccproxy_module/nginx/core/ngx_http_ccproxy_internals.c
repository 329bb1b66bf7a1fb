
/*
 * What the module relies on inside of nginx, beyond what modules are offered:
 * where, why, and how a nginx that has it no more is found out.  What changed
 * between versions is in ngx_http_ccproxy_versions.h.
 *
 * A member that is gone or has another type is found at build, by the compiler
 * or by the assertions below; the layout of the proxy module's configuration
 * when nginx reads its own; behaviour by t/, in the files named here.
 *
 *
 * The upstream of a request                nginx/balance, nginx/filter
 *
 *  1. u->conf is a pointer, and read anew at each step: the request gets a
 *     copy of the location's in peer.init, with settings of the provider for
 *     each try (ngx_http_ccproxy_peer.c).                       t/023, t/060
 *  2. process_header, reinit_request and finalize_request are called through
 *     u; ours stand around those of the proxy module, which changes
 *     process_header in both others (ngx_http_ccproxy_try.c).   t/023
 *     Likewise input_filter_init, which sets input_filter; both get the
 *     request.  After read->error of its connection u->length, which is not 0,
 *     makes an answer a broken one.                             t/066
 *  3. process_header may say NGX_AGAIN though the header is complete: nginx
 *     reads on into u->buffer, where the body's bytes stay as they came,
 *     chunks and all (ngx_http_ccproxy_peek.c).                 t/023, t/063
 *  4. After a failure nginx calls peer.free, then peer.get, in one go; it
 *     gives up if u->peer.tries is 0 between them, and gives a try back by
 *     itself if u->peer.cached is set (ngx_http_ccproxy_peer.c). t/061
 *  5. u->request_bufs is sent from b->start again on another connection, and
 *     peer.get may put other buffers there; with u->request_sent set and no
 *     buffers nothing is sent (ngx_http_ccproxy_hedge.c).       t/065
 *  6. peer.get may return NGX_DONE with a connection on which the request was
 *     sent.  nginx is made to go to another peer by u->read_event_handler()
 *     while c->recv fails (ngx_http_ccproxy_hedge.c).           t/065
 *  7. peer.get may return NGX_AGAIN with a connection whose handlers are set
 *     after that, before any event; c->pool is taken over if it is set
 *     (ngx_http_ccproxy_tunnel.c).                              t/060
 *  8. The last but one of r->upstream_states is that of the try which ended
 *     (ngx_http_ccproxy_peer.c).                                t/050
 *  9. u->headers_in.headers is a list that may be another one, while pointers
 *     beside it go on pointing into the first (ngx_http_ccproxy_try.c). t/067
 * 10. u->length == 0 ends an answer that is not buffered, u->keepalive == 0
 *     its connection (ngx_http_ccproxy_body_filter.c): of one that is too
 *     large nobody waits for the rest.
 * 11. u->output.tag names the module that made the request: the proxy module,
 *     not its twin for HTTP/2 upstreams (ngx_http_ccproxy_peer.c). t/020
 *
 * The configuration                        nginx/, nginx/balance
 *
 * 12. The proxy module's configuration begins with ngx_http_upstream_conf_t:
 *     ngx_http_ccproxy_internals_check().
 * 13. An upstream {} needs a server in uscf->servers, whoever balances; its
 *     directive "server" is the upstream module's command
 *     (ngx_http_ccproxy_upstream.c, ngx_http_ccproxy_defaults.c). t/001
 * 14. uscf->peer.init may be set after other modules wrapped it
 *     (ngx_http_ccproxy_upstream.c).                            t/061
 * 15. Before levels are merged, clcf->locations is a queue whose elements
 *     begin with their link, and clcf->loc_conf leads to what other modules
 *     have there; what is put in then is inherited as if it had been written
 *     (ngx_http_ccproxy_defaults.c).                            t/002
 * 16. Without "resolver" a location has one without servers
 *     (ngx_http_ccproxy_hosts.c).                               t/021
 * 23. nginx asks the first module that has a directive of some name and
 *     context, and no other: those of ngx_http_ccproxy_defaults_module stand
 *     before the stock "proxy_pass", "limit_req_zone" and "limit_conn_zone",
 *     whose handlers (cmd->set) they call with the stock module's
 *     configuration (ngx_http_ccproxy_pass.c, ngx_http_ccproxy_early.c).
 *                                                               t/004, t/050
 *
 * The client's body                        nginx/request
 *
 * 17. nginx goes on reading into the rest of r->header_in if the body fits in
 *     there.  For the time of one call, ngx_http_read_client_request_body(),
 *     it is a buffer that has room for all of it; nginx keeps pointers into
 *     its memory but none to the buffer itself.
 * 18. If nothing of the body came with the header, nginx takes a buffer of its
 *     length, if that is no more than client_body_buffer_size, which is that
 *     length for the time of the same call.
 *     (ngx_http_ccproxy_request_body.c)                         t/010
 *     Both are for speed alone: the body filter sees by the address if bytes
 *     lie where they should, and copies what lies elsewhere.  There is no
 *     other way to tell nginx where a body is to go.
 * 19. An end of the body (last_buf) may come alone, after buffers that were
 *     used up (ngx_http_ccproxy_request_body.c).                t/010, t/032
 *
 * Others
 *
 * 20. The start of a redirect clears contexts but not the pool's cleanups
 *     (ngx_http_ccproxy_ctx.c).                                 t/031
 * 21. r->keepalive may be set again after the upstream failed, until the
 *     request is finalized (ngx_http_ccproxy_body_filter.c).    t/030
 * 22. All free pages of a new zone are one block (ngx_http_ccproxy_shm.c,
 *     ngx_http_ccproxy_zone.c).                                 t/025
 * 23. cycle->modules may change its order until nginx sets up filters; modules
 *     are known by their indexes (ngx_http_ccproxy_defaults.c). t/005
 * 24. r->request_body->bufs is what others send, log and copy; who sends it
 *     copies the buffers, not the bytes (ngx_http_ccproxy_request_body.c).
 *                                                               t/005
 * 25. nginx looks whether there is a cache when the body is there, which it is
 *     before the content handler is called; an answer is kept with its header
 *     as it lies in u->buffer, its ETag apart, and is read from the cache
 *     before uscf->peer.init (ngx_http_ccproxy_cache.c,
 *     ngx_http_ccproxy_cached.c).                               t/042
 */

#include "nginx/core/ngx_http_ccproxy.h"


#define ngx_http_ccproxy_is(type, member, is, n)                              \
    _Static_assert(__builtin_types_compatible_p(                              \
                       __typeof__(((type *) 0)->member), is),                 \
                   #member " of " #type " is no " #is " in this nginx: see "  \
                   "point " #n " of ngx_http_ccproxy_internals.c")


typedef ngx_int_t (*ngx_http_ccproxy_upstream_pt)(ngx_http_request_t *r);
typedef void (*ngx_http_ccproxy_finalize_pt)(ngx_http_request_t *r,
    ngx_int_t rc);
typedef ngx_int_t (*ngx_http_ccproxy_init_pt)(void *data);
typedef ngx_int_t (*ngx_http_ccproxy_input_pt)(void *data, ssize_t bytes);
typedef void (*ngx_http_ccproxy_event_pt)(ngx_http_request_t *r,
    ngx_http_upstream_t *u);


ngx_http_ccproxy_is(ngx_http_upstream_t, conf, ngx_http_upstream_conf_t *, 1);
ngx_http_ccproxy_is(ngx_http_upstream_t, process_header,
                    ngx_http_ccproxy_upstream_pt, 2);
ngx_http_ccproxy_is(ngx_http_upstream_t, reinit_request,
                    ngx_http_ccproxy_upstream_pt, 2);
ngx_http_ccproxy_is(ngx_http_upstream_t, finalize_request,
                    ngx_http_ccproxy_finalize_pt, 2);
ngx_http_ccproxy_is(ngx_http_upstream_t, input_filter_init,
                    ngx_http_ccproxy_init_pt, 2);
ngx_http_ccproxy_is(ngx_http_upstream_t, input_filter,
                    ngx_http_ccproxy_input_pt, 2);
ngx_http_ccproxy_is(ngx_http_upstream_t, buffer, ngx_buf_t, 3);
ngx_http_ccproxy_is(ngx_http_upstream_t, peer, ngx_peer_connection_t, 4);
ngx_http_ccproxy_is(ngx_peer_connection_t, tries, ngx_uint_t, 4);
ngx_http_ccproxy_is(ngx_peer_connection_t, start_time, ngx_msec_t, 4);
ngx_http_ccproxy_is(ngx_http_upstream_t, request_bufs, ngx_chain_t *, 5);
ngx_http_ccproxy_is(ngx_http_upstream_t, read_event_handler,
                    ngx_http_ccproxy_event_pt, 6);
ngx_http_ccproxy_is(ngx_connection_t, recv, ngx_recv_pt, 6);
ngx_http_ccproxy_is(ngx_connection_t, pool, ngx_pool_t *, 7);
ngx_http_ccproxy_is(ngx_http_request_t, upstream_states, ngx_array_t *, 8);
ngx_http_ccproxy_is(ngx_http_upstream_headers_in_t, headers, ngx_list_t, 9);
ngx_http_ccproxy_is(ngx_http_upstream_t, length, off_t, 10);
ngx_http_ccproxy_is(ngx_output_chain_ctx_t, tag, ngx_buf_tag_t, 11);
ngx_http_ccproxy_is(ngx_http_upstream_srv_conf_t, servers, ngx_array_t *, 13);
ngx_http_ccproxy_is(ngx_http_upstream_peer_t, init,
                    ngx_http_upstream_init_peer_pt, 14);
ngx_http_ccproxy_is(ngx_http_core_loc_conf_t, locations, ngx_queue_t *, 15);
ngx_http_ccproxy_is(ngx_http_core_loc_conf_t, loc_conf, void **, 15);
ngx_http_ccproxy_is(ngx_resolver_t, connections, ngx_array_t, 16);
ngx_http_ccproxy_is(ngx_http_request_t, header_in, ngx_buf_t *, 17);
ngx_http_ccproxy_is(ngx_http_core_loc_conf_t, client_body_buffer_size,
                    size_t, 18);
ngx_http_ccproxy_is(ngx_slab_pool_t, pfree, ngx_uint_t, 22);

_Static_assert(offsetof(ngx_http_location_queue_t, queue) == 0,
               "a location does not begin with its link in this nginx: see "
               "point 15 of ngx_http_ccproxy_internals.c");


/*
 * The structure is the proxy module's own, but its directives tell where in it
 * their members are.
 */

ngx_int_t
ngx_http_ccproxy_internals_check(ngx_conf_t *cf)
{
    ngx_command_t  *cmd;

    static ngx_str_t  name = ngx_string("proxy_connect_timeout");

    for (cmd = ngx_http_proxy_module.commands; cmd->name.len; cmd++) {

        if (ngx_http_ccproxy_eq(&cmd->name, &name)
            && cmd->offset == offsetof(ngx_http_upstream_conf_t,
                                       connect_timeout))
        {
            return NGX_OK;
        }
    }

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "the configuration of \"proxy_pass\" is laid out in another "
                  "way in this nginx (" NGINX_VERSION ") than "
                  "ngx_http_ccproxy_module knows");

    return NGX_ERROR;
}
