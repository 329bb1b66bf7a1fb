
/*
 * Answers of the module's own, which are complete: documents and pages.  A
 * part of ngx_http_ccproxy.h.
 */

#ifndef _NGX_HTTP_CCPROXY_REPLY_H_INCLUDED_
#define _NGX_HTTP_CCPROXY_REPLY_H_INCLUDED_


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
/* Answers with a document of our own in place of all that nginx would do.
 * Finalizes the request: NGX_DONE for a phase handler. */
ngx_int_t ngx_http_ccproxy_reply(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ngx_uint_t status, ngx_str_t *type,
    ngx_str_t *body);
/* The same with JSON that was written; out is of the exchange's arena. */
ngx_int_t ngx_http_ccproxy_answer(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ccp_out_t *out);
/* Makes the function the location's content handler, if it has none. */
char *ngx_http_ccproxy_reply_handler(ngx_conf_t *cf,
    ngx_http_handler_pt handler);
/* What the function writes, in the pool.  NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_ccproxy_reply_text(ngx_http_request_t *r, ngx_pool_t *pool,
    void (*write)(ngx_http_request_t *r, ccp_out_t *out), ngx_str_t *text);
/* Answers a page's POST that can't be carried out: {"error":"why"}. */
ngx_int_t ngx_http_ccproxy_reply_refuse(ngx_http_request_t *r,
    ngx_uint_t status, char *why);
/* The headers of a page, with its policy, which must last. */
ngx_int_t ngx_http_ccproxy_page_headers(ngx_http_request_t *r,
    ngx_str_t *policy);
/* Whether the client would rather have a page than JSON, by its Accept. */
ngx_uint_t ngx_http_ccproxy_wants_page(ngx_http_request_t *r);
/* Answers with the document that the function writes. */
ngx_int_t ngx_http_ccproxy_reply_document(ngx_http_request_t *r,
    ngx_uint_t status, ngx_str_t *type,
    void (*write)(ngx_http_request_t *r, ccp_out_t *out));


#endif /* _NGX_HTTP_CCPROXY_REPLY_H_INCLUDED_ */
