
/*
 * What keeps secrets out of logs, pages and records.  A part of
 * ngx_http_ccproxy.h.
 */

#ifndef _NGX_HTTP_CCPROXY_REDACT_H_INCLUDED_
#define _NGX_HTTP_CCPROXY_REDACT_H_INCLUDED_


/* ngx_http_ccproxy_redact.c */

/* Headers of clients that hold credentials, "authorization" first. */
#define NGX_HTTP_CCPROXY_CREDENTIALS  5
extern const char  *const ngx_http_ccproxy_credentials[
                                                NGX_HTTP_CCPROXY_CREDENTIALS];

/* Overwrites the present key where it stands in bytes of an upstream's. */
void ngx_http_ccproxy_redact(ngx_http_ccproxy_ctx_t *ctx, u_char *p,
    u_char *last);
/* Overwrites a credential in the query, so that it gets into no log. */
void ngx_http_ccproxy_mask(ngx_http_request_t *r);
/* Puts it back. */
void ngx_http_ccproxy_unmask(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);


#endif /* _NGX_HTTP_CCPROXY_REDACT_H_INCLUDED_ */
