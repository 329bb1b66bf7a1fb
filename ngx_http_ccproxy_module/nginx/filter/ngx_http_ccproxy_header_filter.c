
/*
 * The header of the answer.  It is held until the codec knows whether what an
 * upstream of ours sends is an error; nginx's own error pages become documents
 * of the client's protocol.
 */

#include "nginx/filter/ngx_http_ccproxy_filter.h"
#include "nginx/record/ngx_http_ccproxy_record.h"


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;


static ngx_int_t
ngx_http_ccproxy_header_page(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ctx->out.state = NGX_HTTP_CCPROXY_OUT_PAGE;

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "ccproxy answer: in place of a page, status %ui, error %d",
                   r->headers_out.status, (int) ctx->error.cls);

    if (ngx_http_ccproxy_error_page(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_next_header_filter(r);
}


/*
 * Nobody follows a redirect of an upstream's: the key must not go elsewhere.
 * The client, and who runs the server, learn where it leads, without a query
 * that might hold a secret.
 */

static ngx_int_t
ngx_http_ccproxy_answer_redirect(ngx_http_ccproxy_ctx_t *ctx,
    ngx_uint_t status)
{
    size_t            i, n;
    u_char           *p, text[400];
    ngx_table_elt_t  *h;

    h = ctx->request->upstream->headers_in.location;

    p = ngx_sprintf(text, "the upstream answered %ui, a redirect", status);

    if (h && h->value.len) {
        p = ngx_cpymem(p, " to ", sizeof(" to ") - 1);
        n = ngx_min(h->value.len, 200);

        for (i = 0; i < n && h->value.data[i] != '?'; i++) {
            *p++ = h->value.data[i] > 0x20 && h->value.data[i] < 0x7f
                   ? h->value.data[i] : '?';
        }
    }

    ngx_sprintf(p, ", which is not followed: the provider's \"url\" must be "
                "the last address%Z");

    ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                  "ccproxy: provider \"%V\": %s",
                  &ctx->try.target->provider->name, text);

    return ccp_answer_abort(ctx->try.codec, CCP_E_MALFORMED, (char *) text,
                            &ctx->out.codec)
           == CCP_OK ? NGX_OK : NGX_ERROR;
}


ngx_int_t
ngx_http_ccproxy_answer_begin(ngx_http_ccproxy_ctx_t *ctx, ngx_uint_t status,
    ccp_str_t type)
{
    ccp_str_t  retry_after;

    if (!ctx->out.ready) {
        ccp_out_init(&ctx->out.codec, ccp_exchange_arena(ctx->exchange), 0);
        ctx->out.ready = 1;
    }

    ccp_out_reset(&ctx->out.codec);

    retry_after = ccp_none;

    if (ctx->try.retry_after.len) {
        retry_after = ngx_http_ccproxy_slice(&ctx->try.retry_after);
    }

    if (ccp_answer_begin(ctx->try.codec, (int) status, type, retry_after)
        != CCP_OK)
    {
        return NGX_ERROR;
    }

    ccp_answer_date(ctx->try.codec, ctx->try.date);

    if (status >= NGX_HTTP_SPECIAL_RESPONSE && status < NGX_HTTP_BAD_REQUEST) {
        return ngx_http_ccproxy_answer_redirect(ctx, status);
    }

    return ngx_http_ccproxy_encoding_begin(ctx, status);
}


/* An upstream of ours answers. */

static ngx_int_t
ngx_http_ccproxy_header_begin(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    if (ngx_http_ccproxy_answer_begin(ctx, ctx->try.status
                                           ? ctx->try.status
                                           : r->headers_out.status,
                                      ngx_http_ccproxy_slice(
                                          &r->headers_out.content_type))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    r->filter_need_in_memory = 1;
    r->main_filter_need_in_memory = 1;

    if (ngx_http_ccproxy_unheard(r)) {

        /* nobody hears it, but it is read to its end: who mirrors requests
         * wants them served */

        r->header_only = 0;
    }

    ctx->out.state = NGX_HTTP_CCPROXY_OUT_HELD;
    ctx->out.kept = 0;
    ngx_http_ccproxy_tape_rewind(ctx);

    return NGX_OK;
}


/*
 * "proxy_pass" with variables led to an upstream that is no pool.  Nothing of
 * its header belongs to the document that is sent instead.
 */

static ngx_int_t
ngx_http_ccproxy_header_no_pool(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    for (part = &r->headers_out.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            h[i].hash = 0;
        }
    }

    r->headers_out.content_encoding = NULL;
    r->headers_out.location = NULL;

    ngx_http_ccproxy_error_no_pool(r, ctx);

    return ngx_http_ccproxy_header_page(r, ctx);
}


/* Whether what is sent now comes from an upstream, pool or not. */

static ngx_uint_t
ngx_http_ccproxy_from_upstream(ngx_http_request_t *r)
{
    return r->upstream && r->upstream->peer.connection && r->err_status == 0;
}


/* What nobody converts keeps the upstream's header. */

static ngx_int_t
ngx_http_ccproxy_header_through(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ccp_str_t  id;
    ngx_str_t  value;

    id = ccp_exchange_id(ctx->exchange);
    value.data = (u_char *) id.p;
    value.len = id.n;

    if (ngx_http_ccproxy_header_out(r, "X-Ccproxy-Request-Id", &value)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    r->filter_need_in_memory = 1;
    ctx->out.state = NGX_HTTP_CCPROXY_OUT_THROUGH;

    return ngx_http_next_header_filter(r);
}


/* Tells the client which of its wishes the model was not asked for. */

static ngx_int_t
ngx_http_ccproxy_header_note(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    size_t       len;
    u_char      *p;
    unsigned     without;
    ngx_str_t    value;
    ngx_uint_t   i;
    const char  *name;

    static const char  text[] = "refused by the model: ";
    static const char  tools[] = " (sent as text)";

    without = ccp_try_without(ctx->try.codec);

    if (without == 0) {
        return NGX_OK;
    }

    len = sizeof(text) + sizeof(tools);

    for (i = 0; i < CCP_NWISH; i++) {
        len += ngx_strlen(ccp_wish_name((ccp_wish_e) i)) + 2;
    }

    value.data = ngx_pnalloc(r->pool, len);
    if (value.data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(value.data, text, sizeof(text) - 1);

    for (i = 0; i < CCP_NWISH; i++) {
        if (without & CCP_WISH_BIT(i)) {
            name = ccp_wish_name((ccp_wish_e) i);
            p = ngx_sprintf(p, "%s%s, ", name,
                            i == CCP_WISH_TOOLS ? tools : "");
        }
    }

    value.len = p - value.data - 2;

    return ngx_http_ccproxy_header_out(r, "X-Ccproxy-Note", &value);
}


ngx_int_t
ngx_http_ccproxy_header_send(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_int_t   rc;
    ccp_str_t   all;
    ccp_head_t  head;

    if (ctx->out.state != NGX_HTTP_CCPROXY_OUT_HELD) {
        return NGX_OK;
    }

    if (ccp_answer_head(ctx->try.codec, &head) != CCP_OK) {
        return NGX_DECLINED;
    }

    ctx->out.state = NGX_HTTP_CCPROXY_OUT_OPEN;

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "ccproxy answer: status %d, %s", head.status,
                   head.stream ? "a stream" : "whole");

    if (ngx_http_ccproxy_reply_header(r, ctx, &head) != NGX_OK
        || ngx_http_ccproxy_header_note(r, ctx) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ccp_answer_done(ctx->try.codec)) {
        all = ccp_out_all(&ctx->out.codec);
        r->headers_out.content_length_n = all.n;
    }

    rc = ngx_http_next_header_filter(r);

    if (rc == NGX_ERROR || rc > NGX_OK) {
        return NGX_ERROR;
    }

    return head.stream && !ccp_answer_done(ctx->try.codec) && r == r->main
           ? ngx_http_ccproxy_ping_start(r, ctx) : NGX_OK;
}


/*
 * States of the answer.  OWN is set by who sends a document of the module's,
 * all others here and in the body filter:
 *
 *             ngx_http_ccproxy_reply()
 *      NONE -------------------------------> OWN
 *       | |
 *       | |   ngx_http_ccproxy_header_through()
 *       | +-------------------------------> THROUGH
 *       | |
 *       | |   a page of nginx's own             its body
 *       | +-------------------------------> PAGE --------> PAGED
 *       |                                    ^
 *       | a pool's upstream answers          | nginx gives up
 *       |                                    |
 *       +----------------------------------> HELD
 *                                            |
 *                                            | ngx_http_ccproxy_header_send():
 *                                            | the codec knows the status
 *                                            v
 *                                           OPEN ---------> DONE
 *                                                 its end, or an error
 *                                                 in place of it
 */

static ngx_int_t
ngx_http_ccproxy_header_filter(ngx_http_request_t *r)
{
    ngx_uint_t                     decoded;
    ngx_http_ccproxy_ctx_t        *ctx;
    ngx_http_ccproxy_loc_conf_t   *lcf;

    ctx = ngx_http_ccproxy_find_ctx(r);
    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);

    decoded = (ctx && ctx->in.state == NGX_HTTP_CCPROXY_IN_DECODED);

    if (lcf->enable) {

        /* a request that failed before the phases began */

        ngx_http_ccproxy_mask(r);

    } else if (!decoded) {
        return ngx_http_next_header_filter(r);
    }

    if (ctx && ctx->out.state == NGX_HTTP_CCPROXY_OUT_OWN) {
        return ngx_http_next_header_filter(r);
    }

    if (ctx && ctx->through && ngx_http_ccproxy_from_upstream(r)) {
        return ngx_http_ccproxy_header_through(r, ctx);
    }

#if (NGX_HTTP_CACHE)
    if (decoded && r->cached && ctx->cached && lcf->enable) {
        return ctx->cached(r, ctx) == NGX_OK
               ? ngx_http_ccproxy_header_begin(r, ctx) : NGX_ERROR;
    }
#endif

    if (decoded && ngx_http_ccproxy_from_upstream(r)) {

        if (r->upstream->conf == &ctx->up.conf) {
            return ngx_http_ccproxy_header_begin(r, ctx);
        }

        if (lcf->enable) {
            return ngx_http_ccproxy_header_no_pool(r, ctx);
        }
    }

    if (decoded && !lcf->enable && r->upstream
        && r->upstream->conf != &ctx->up.conf)
    {
        /* "error_page" led to an upstream that answers in place of a pool */

        ctx->out.state = NGX_HTTP_CCPROXY_OUT_NONE;
        return ngx_http_next_header_filter(r);
    }

    if (r->err_status < NGX_HTTP_BAD_REQUEST) {
        return ngx_http_next_header_filter(r);
    }

    ctx = ngx_http_ccproxy_get_ctx(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    return ngx_http_ccproxy_header_page(r, ctx);
}


void
ngx_http_ccproxy_header_filter_init(void)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_ccproxy_header_filter;
}
