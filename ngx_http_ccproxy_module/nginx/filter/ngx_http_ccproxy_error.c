
/*
 * Errors of our own and of nginx's as documents of the client's protocol.
 */

#include "nginx/filter/ngx_http_ccproxy_filter.h"


/* What is said in place of nginx's own page of that status. */

typedef struct {
    ngx_uint_t   status;
    ccp_err_e    cls;
    const char  *message;
} ngx_http_ccproxy_page_t;


static const ngx_http_ccproxy_page_t  ngx_http_ccproxy_pages[] = {
    { NGX_HTTP_BAD_REQUEST, CCP_E_BAD_REQUEST,
      "the HTTP request is malformed or its body ended too early" },
    { NGX_HTTP_UNAUTHORIZED, CCP_E_AUTH,
      "a valid access key is required" },
    { NGX_HTTP_FORBIDDEN, CCP_E_FORBIDDEN,
      "access is denied by the configuration of this server" },
    { NGX_HTTP_NOT_FOUND, CCP_E_NOT_FOUND,
      "there is no such endpoint here" },
    { NGX_HTTP_NOT_ALLOWED, CCP_E_METHOD,
      "this method is not allowed here" },
    { NGX_HTTP_REQUEST_ENTITY_TOO_LARGE, CCP_E_TOO_LARGE,
      "the request body is larger than client_max_body_size allows" },
    { NGX_HTTP_TOO_MANY_REQUESTS, CCP_E_RATE,
      "too many requests: a limit of this server was reached" },
    { NGX_HTTP_INTERNAL_SERVER_ERROR, CCP_E_SERVER,
      "internal error: the server's error log tells more" },
    { NGX_HTTP_BAD_GATEWAY, CCP_E_SERVER,
      "no upstream could be reached" },
    { NGX_HTTP_SERVICE_UNAVAILABLE, CCP_E_OVERLOADED,
      "too many requests, or the service is not available" },
    { NGX_HTTP_GATEWAY_TIME_OUT, CCP_E_TIMEOUT,
      "no upstream answered in time" },
    { 0, CCP_E_NONE, NULL }
};


void
ngx_http_ccproxy_error_set(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx,
    ccp_err_e cls, const char *fmt, ...)
{
    u_char   *p, *last, buf[1024];
    va_list   args;

    ngx_memzero(&ctx->error, sizeof(ccp_error_t));
    ctx->error.cls = cls;

    va_start(args, fmt);
    last = ngx_vslprintf(buf, buf + sizeof(buf), fmt, args);
    va_end(args);

    /* parts of the request are quoted: nothing but text may get through */

    for (p = buf; p < last; p++) {
        if (*p < 0x20 || *p >= 0x7f) {
            *p = '?';
        }
    }

    p = ngx_pnalloc(r->pool, last - buf);
    if (p == NULL) {
        return;
    }

    ngx_memcpy(p, buf, last - buf);

    ctx->error.message.p = p;
    ctx->error.message.n = last - buf;
}


void
ngx_http_ccproxy_error_no_pool(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    if (ctx->name.unrouted) {
        ngx_http_ccproxy_error_set(r, ctx, CCP_E_NOT_FOUND,
                                   ctx->name.group.len
                                   ? "no route for the model \"%V\" in the "
                                     "group \"%V\""
                                   : "no route for the model \"%V\"",
                                   &ctx->name.model, &ctx->name.group);
        ctx->error.code = ccp_lit("model_not_found");
        return;
    }

    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "\"proxy_pass\" of a location with \"ccproxy on\" does not "
                  "lead to a pool: let it name an \"upstream\" that has "
                  "\"ccproxy;\" and \"ccproxy_target PROVIDER MODEL;\" in "
                  "place of \"server\"");

    ngx_http_ccproxy_error_set(r, ctx, CCP_E_SERVER,
                               "this location's proxy_pass does not lead to a "
                               "pool of ccproxy: the server's error log tells "
                               "what to write");
    ctx->error.status = NGX_HTTP_INTERNAL_SERVER_ERROR;
}


/* The document of ctx->error in the request's pool. */

static ngx_int_t
ngx_http_ccproxy_error_document(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ccp_head_t *head, ngx_str_t *doc)
{
    int        rc;
    ccp_str_t  all;
    ccp_out_t  out;

    if (ngx_http_ccproxy_exchange(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    ccp_out_init(&out, ccp_exchange_arena(ctx->exchange), 0);

    rc = CCP_DECLINED;

    if (ctx->in.state == NGX_HTTP_CCPROXY_IN_DECODED) {

        /* who asks for a number of tokens gets one, whatever failed */

        rc = ccp_exchange_count(ctx->exchange, head, &out);
    }

    if (rc == CCP_DECLINED) {
        rc = ccp_exchange_error(ctx->exchange, &ctx->error, head, &out);
    }

    if (rc != CCP_OK || ccp_out_finish(&out) != CCP_OK) {
        ccp_out_free(&out);
        return NGX_ERROR;
    }

    all = ccp_out_all(&out);

    doc->data = ngx_pnalloc(r->pool, all.n);

    if (doc->data) {
        ngx_memcpy(doc->data, all.p, all.n);
        doc->len = all.n;
    }

    ccp_out_free(&out);

    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                  "ccproxy: error %d for the client: %*s", head->status,
                  ctx->error.message.n, ctx->error.message.p);

    return doc->data ? NGX_OK : NGX_ERROR;
}


ngx_int_t
ngx_http_ccproxy_error_send(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx)
{
    ccp_head_t  head;
    ngx_str_t   doc, type;

    if (ngx_http_ccproxy_error_document(r, ctx, &head, &doc) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ngx_http_ccproxy_reply_header(r, ctx, &head) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->err_status = head.status;
    type = r->headers_out.content_type;

    return ngx_http_ccproxy_reply(r, ctx, head.status, &type, &doc);
}


/* Class and words for a status of nginx's own. */

static void
ngx_http_ccproxy_error_of_status(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_uint_t                      status;
    ngx_http_core_loc_conf_t       *clcf;
    const ngx_http_ccproxy_page_t  *page;

    status = r->headers_out.status;

    for (page = ngx_http_ccproxy_pages; page->status; page++) {
        if (page->status == status) {
            break;
        }
    }

    if (page->status == 0) {
        ngx_http_ccproxy_error_set(r, ctx,
                                   ccp_error_class((int) status),
                                   "the request failed with status %ui",
                                   status);

    } else if (status == NGX_HTTP_REQUEST_ENTITY_TOO_LARGE) {
        clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

        ngx_http_ccproxy_error_set(r, ctx, page->cls,
                                   "%s: %O bytes", page->message,
                                   clcf->client_max_body_size);

    } else if (r->upstream && status >= NGX_HTTP_BAD_GATEWAY
               && r->upstream->upstream)
    {
        ngx_http_ccproxy_error_set(r, ctx, page->cls, "%s (pool \"%V\")",
                                   page->message,
                                   ctx->tries.pool
                                   ? &ctx->tries.pool->uscf->host
                                   : &r->upstream->upstream->host);

    } else {
        ngx_http_ccproxy_error_set(r, ctx, page->cls, "%s", page->message);
    }

    ctx->error.status = status;
}


ngx_int_t
ngx_http_ccproxy_error_page(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx)
{
    ccp_head_t  head;

    if (ctx->error.cls == CCP_E_NONE) {

        /* "proxy_pass" led nowhere at all, as its variable was empty */

        if (ctx->name.unrouted && r->upstream
            && r->upstream->resolved == NULL)
        {
            ngx_http_ccproxy_error_no_pool(r, ctx);

        } else {
            ngx_http_ccproxy_error_of_status(r, ctx);
        }
    }

    if (ngx_http_ccproxy_error_document(r, ctx, &head, &ctx->out.page)
        != NGX_OK
        || ngx_http_ccproxy_reply_header(r, ctx, &head) != NGX_OK)
    {
        return NGX_ERROR;
    }

    r->err_status = head.status;
    r->headers_out.content_length_n = ctx->out.page.len;

    return NGX_OK;
}
