
/*
 * What the client gets: answers of upstreams, signs of life, and documents in
 * place of error pages.
 */

#ifndef _NGX_HTTP_CCPROXY_FILTER_H_INCLUDED_
#define _NGX_HTTP_CCPROXY_FILTER_H_INCLUDED_


#include "nginx/core/ngx_http_ccproxy.h"


/* Input goes to the codec in pieces of this size, to bound what it writes. */
#define NGX_HTTP_CCPROXY_SLICE     16384


/* ngx_http_ccproxy_error.c: errors as the client's documents */
/* Sets ctx->error; printf-like as ngx_sprintf.  Without memory the message
 * is left out. */
void ngx_http_ccproxy_error_set(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ccp_err_e cls, const char *fmt, ...);
/* Answers with ctx->error; its status member, if set, overrides that of the
 * class.  Finalizes the request: NGX_DONE for a phase handler. */
ngx_int_t ngx_http_ccproxy_error_send(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);
/* Makes ctx->out.page and the headers for it, in place of an error page. */
ngx_int_t ngx_http_ccproxy_error_page(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);
/* Sets ctx->error, and logs the remedy, where "proxy_pass" of a location with
 * "ccproxy on" leads to no pool. */
void ngx_http_ccproxy_error_no_pool(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);

/* ngx_http_ccproxy_header_filter.c */
void ngx_http_ccproxy_header_filter_init(void);
/* Has the codec begin with an answer of that status and content type, whatever
 * it had of another.  NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_ccproxy_answer_begin(ngx_http_ccproxy_ctx_t *ctx,
    ngx_uint_t status, ccp_str_t type);
/* Sends the header that is held back.  NGX_OK: it was sent; NGX_DECLINED: it
 * is not yet decided; NGX_ERROR. */
ngx_int_t ngx_http_ccproxy_header_send(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);

/* ngx_http_ccproxy_body_filter.c */
void ngx_http_ccproxy_body_filter_init(void);
/*
 * Ends the client's answer with an error of its own protocol after the
 * upstream failed with rc, a status of 300 and more, but not 408 or 499;
 * called before the upstream is closed, and only once the header was sent
 * (which the header filter may have held back).  Failures before that come
 * as nginx's own error page; ctx->error, if its class is set, tells why.
 */
void ngx_http_ccproxy_body_abort(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ngx_int_t rc);
/*
 * Sends a sign of life, unless bytes for the client wait already.  NGX_OK,
 * NGX_AGAIN (not all of it could be sent), NGX_ERROR.
 */
ngx_int_t ngx_http_ccproxy_body_ping(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);

/* ngx_http_ccproxy_encoding.c: answers that come compressed */
/* Takes ctx->try.encoding for an answer that the codec began with.  NGX_OK or
 * NGX_ERROR. */
ngx_int_t ngx_http_ccproxy_encoding_begin(ngx_http_ccproxy_ctx_t *ctx,
    ngx_uint_t status);
/*
 * The next bytes for the codec, NGX_HTTP_CCPROXY_SLICE at most and maybe none,
 * of *pos to last; *pos is moved.  If ctx->out.more is set, there may be more
 * without further input.  CCP_OK; CCP_INVALID: they are not encoded as was
 * said; CCP_NOMEM.
 */
int ngx_http_ccproxy_encoding_bytes(ngx_http_ccproxy_ctx_t *ctx, u_char **pos,
    u_char *last, ngx_str_t *bytes);
/* Whether an encoded answer that ends here is cut off. */
ngx_uint_t ngx_http_ccproxy_encoding_cut(ngx_http_ccproxy_ctx_t *ctx);

/* ngx_http_ccproxy_ping.c: when a client gets a sign of life */
/* Watches over a stream whose header was sent, till ping_stop().  NGX_OK or
 * NGX_ERROR. */
ngx_int_t ngx_http_ccproxy_ping_start(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);
void ngx_http_ccproxy_ping_stop(ngx_http_ccproxy_ctx_t *ctx);


#endif /* _NGX_HTTP_CCPROXY_FILTER_H_INCLUDED_ */
