
/*
 * The client's request: endpoint, decoding, and what is answered at once.
 *
 * A handler of the PRECONTENT phase waits for the body, so that what depends
 * on it is known when the upstream is chosen.
 */

#include "nginx/filter/ngx_http_ccproxy_filter.h"
#include "nginx/account/ngx_http_ccproxy_account.h"
#include "nginx/balance/ngx_http_ccproxy_balance.h"
#include "nginx/request/ngx_http_ccproxy_request.h"
#include "nginx/record/ngx_http_ccproxy_record.h"


static ngx_int_t ngx_http_ccproxy_request_handler(ngx_http_request_t *r);


/*
 * Whether "proxy_pass" of the location names something that is no pool, which
 * would get neither the body nor an answer that can be converted.  Of a name
 * with variables nothing is known here: see the header filter.
 */

static ngx_uint_t
ngx_http_ccproxy_request_no_pool(ngx_http_request_t *r)
{
    ngx_http_upstream_conf_t  *u;

    u = ngx_http_ccproxy_proxy_conf(r->loc_conf);

    return r->content_handler && u->upstream
           && u->upstream->peer.init != ngx_http_ccproxy_peer_init;
}


/* What a model is to answer is booked on the client's account; as
 * ngx_http_ccproxy_limit_enter(). */

static ngx_int_t
ngx_http_ccproxy_request_limit(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_http_ccproxy_pool_t  *pool;

    if (ctx->endpoint.op == CCP_OP_COUNT) {
        return NGX_OK;
    }

    pool = ctx->name.direct;

    if (pool == NULL && ngx_http_ccproxy_limit_prices(ctx)
        && ngx_http_ccproxy_pass_pool(r, ctx, &ctx->name.group,
                                      &ctx->name.model, &pool)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_ccproxy_limit_enter(r, ctx, pool);
}


static ngx_int_t
ngx_http_ccproxy_request_decode(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    int                           rc;
    ccp_str_t                     body, version;
    ngx_str_t                    *h;
    ngx_http_ccproxy_loc_conf_t  *lcf;

    if (ngx_http_ccproxy_tape_start(r, ctx) != NGX_OK
        || ngx_http_ccproxy_exchange(r, ctx) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    body = ccp_lit("");

    if (ctx->in.body) {
        body.p = ctx->in.body;
        body.n = ctx->in.len;

    } else if (r != r->main && ctx->endpoint.post) {
        ngx_http_ccproxy_error_set(r, ctx, CCP_E_BAD_REQUEST,
                                   "the subrequest to %V has no body: give it "
                                   "one, or have the request's own read "
                                   "before it is sent", &r->uri);
        return ngx_http_ccproxy_error_send(r, ctx);
    }

    version = ccp_none;
    h = ngx_http_ccproxy_header_in(r, CCP_VERSION_HEADER);

    if (h) {
        version = ngx_http_ccproxy_slice(h);
    }

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);

    ccp_exchange_rules(ctx->exchange, lcf->rules);

    if (lcf->betas) {
        ccp_exchange_betas(ctx->exchange, lcf->betas->elts,
                           lcf->betas->nelts);
    }

    if (ngx_http_ccproxy_held_keeper(r, ctx) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ccp_exchange_request(ctx->exchange, body, version, &ctx->error);

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "ccproxy request: decoded, rc %d, error %d", rc,
                   (int) ctx->error.cls);

    if (rc == CCP_OK && ngx_http_ccproxy_request_no_pool(r)) {
        ngx_http_ccproxy_error_no_pool(r, ctx);
        return ngx_http_ccproxy_error_send(r, ctx);
    }

    if (rc == CCP_OK) {

        switch (ngx_http_ccproxy_name(r, ctx)) {

        case NGX_OK:
            break;

        case NGX_DECLINED:
            return ngx_http_ccproxy_error_send(r, ctx);

        default:
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        ctx->in.state = NGX_HTTP_CCPROXY_IN_DECODED;
        ngx_http_ccproxy_counter_add(r);

        switch (ngx_http_ccproxy_request_limit(r, ctx)) {

        case NGX_OK:
            break;

        case NGX_DECLINED:
            return ngx_http_ccproxy_error_send(r, ctx);

        default:
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        return ctx->endpoint.op != CCP_OP_COUNT
               || ngx_http_ccproxy_count_asks(r, ctx)
               ? NGX_DECLINED : ngx_http_ccproxy_count_send(r, ctx);
    }

    if (rc == CCP_NOMEM) {
        ngx_http_ccproxy_error_set(r, ctx, CCP_E_TOO_LARGE,
                                   "reading this request of %uz bytes takes "
                                   "more memory than one request may have",
                                   ctx->in.len);
    }

    return ngx_http_ccproxy_error_send(r, ctx);
}


static ngx_int_t
ngx_http_ccproxy_request_local(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ccp_out_t  out;

    if (ngx_http_ccproxy_exchange(r, ctx) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ccp_out_init(&out, ccp_exchange_arena(ctx->exchange), 0);

    return ccp_exchange_local(ctx->exchange, &out) == CCP_OK
           ? ngx_http_ccproxy_answer(r, ctx, &out)
           : NGX_HTTP_INTERNAL_SERVER_ERROR;
}


static ngx_int_t
ngx_http_ccproxy_request_method(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    static ngx_str_t  post = ngx_string("POST");
    static ngx_str_t  get = ngx_string("GET, HEAD");

    if (ctx->endpoint.post ? r->method == NGX_HTTP_POST
                           : r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))
    {
        return NGX_OK;
    }

    if (ngx_http_ccproxy_header_out(r, "Allow",
                                    ctx->endpoint.post ? &post : &get)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_http_ccproxy_error_set(r, ctx, CCP_E_METHOD,
                               "method %V is not allowed for %V: use %s",
                               &r->method_name, &r->uri,
                               ctx->endpoint.post ? "POST" : "GET");

    return ngx_http_ccproxy_error_send(r, ctx);
}


/* Clients that try a WebSocket first fall back at once on this status. */

static ngx_int_t
ngx_http_ccproxy_request_upgrade(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_str_t  *upgrade;

    static ngx_str_t  http = ngx_string("HTTP/1.1");

    upgrade = ngx_http_ccproxy_header_in(r, "upgrade");

    if (r->method != NGX_HTTP_GET || upgrade == NULL
        || ngx_strlcasestrn(upgrade->data, upgrade->data + upgrade->len,
                            (u_char *) "websocket", 9 - 1)
           == NULL)
    {
        return NGX_OK;
    }

    if (ngx_http_ccproxy_header_out(r, "Upgrade", &http) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_http_ccproxy_error_set(r, ctx, CCP_E_METHOD,
                               "no WebSocket is served here: send a POST");
    ctx->error.status = 426;

    return ngx_http_ccproxy_error_send(r, ctx);
}


/* A body that is compressed is read as it comes, if it can be. */

static ngx_int_t
ngx_http_ccproxy_request_encoding(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_int_t  rc;
    ngx_str_t  name, names;

    ccp_unpack_destroy(ctx->in.unpack);
    ctx->in.unpack = NULL;

    if (ngx_http_ccproxy_unpack_value(r->pool, &r->headers_in.headers,
                                      &ctx->in.encoding)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_ccproxy_unpack(r, &ctx->in.encoding, &ctx->in.unpack, &name);

    if (rc != NGX_DECLINED) {
        return rc == NGX_OK ? NGX_OK : NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    names.data = (u_char *) ccp_unpack_names();
    names.len = ngx_strlen(names.data);

    if (ngx_http_ccproxy_header_out(r, "Accept-Encoding", &names) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_http_ccproxy_error_set(r, ctx, CCP_E_BAD_REQUEST,
                               "Content-Encoding %V of a request is not "
                               "supported: use one of %V, or send the body as "
                               "it is", &name, &names);
    ctx->error.status = NGX_HTTP_UNSUPPORTED_MEDIA_TYPE;
    ctx->error.code = ccp_lit("request_body_encoding_unsupported");
    ctx->error.detailed = 1;

    return ngx_http_ccproxy_error_send(r, ctx);
}


/* What can be said before the body is there.  NGX_OK: read it. */

static ngx_int_t
ngx_http_ccproxy_request_check(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_int_t  rc;

    if (ctx->endpoint.op == CCP_OP_UNKNOWN) {
        ngx_http_ccproxy_error_set(r, ctx, CCP_E_NOT_FOUND,
                                   "no endpoint %V %V here", &r->method_name,
                                   &r->uri);
        ctx->error.code = ccp_lit("unknown_url");
        return ngx_http_ccproxy_error_send(r, ctx);
    }

    rc = ngx_http_ccproxy_request_upgrade(r, ctx);
    if (rc != NGX_OK) {
        return rc;
    }

    if (ctx->endpoint.op == CCP_OP_HELD) {
        return r->method == NGX_HTTP_POST
               ? NGX_OK : ngx_http_ccproxy_held_answer(r, ctx);
    }

    rc = ngx_http_ccproxy_request_method(r, ctx);
    if (rc != NGX_OK) {
        return rc;
    }

    switch (ctx->endpoint.op) {

    case CCP_OP_ROOT:
        return ngx_http_ccproxy_wants_page(r)
               ? ngx_http_ccproxy_index_answer(r, ctx)
               : ngx_http_ccproxy_request_local(r, ctx);

    case CCP_OP_HEALTH:
    case CCP_OP_VERSION:
        return ngx_http_ccproxy_request_local(r, ctx);

    case CCP_OP_MODELS:
    case CCP_OP_MODEL:
    case CCP_OP_PS:
        if (!ctx->endpoint.post) {
            return ngx_http_ccproxy_models_answer(r, ctx);
        }

        break;

    default:
        break;
    }

    return ngx_http_ccproxy_request_encoding(r, ctx);
}


/* NGX_DECLINED: nginx's own handler asks the pool. */

static ngx_int_t
ngx_http_ccproxy_request_go(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_int_t  rc;

    switch (ctx->in.state) {

    case NGX_HTTP_CCPROXY_IN_DECODED:

        /* "error_page" with a path makes a GET of it: there is no page */

        return r->method == NGX_HTTP_POST || !ctx->endpoint.post
               ? NGX_DECLINED
               : ctx->error.cls != CCP_E_NONE
               ? ngx_http_ccproxy_error_send(r, ctx)
               : ngx_http_ccproxy_request_method(r, ctx);

    case NGX_HTTP_CCPROXY_IN_READ:
        switch (ctx->endpoint.op) {

        case CCP_OP_HELD:
            return ngx_http_ccproxy_held_answer(r, ctx);

        case CCP_OP_MODEL:
            return ngx_http_ccproxy_models_answer(r, ctx);

        default:
            return ngx_http_ccproxy_request_decode(r, ctx);
        }

    case NGX_HTTP_CCPROXY_IN_NONE:
        break;
    }

    /* an access rule that refused may have been overruled: "satisfy any" */

    ctx->error.cls = CCP_E_NONE;

    ngx_http_ccproxy_endpoint(r, ctx);

    rc = ngx_http_ccproxy_through_start(r, ctx);
    if (rc != NGX_DECLINED) {
        return rc == NGX_OK ? NGX_DECLINED : rc;
    }

    rc = ngx_http_ccproxy_request_check(r, ctx);
    if (rc != NGX_OK) {
        return rc;
    }

    if (!r->headers_in.chunked && r->headers_in.content_length_n > 0
        && ctx->in.unpack == NULL)
    {
        ctx->in.hint = (size_t) r->headers_in.content_length_n;
    }

    if (r->request_body_no_buffering) {
        ngx_http_ccproxy_error_set(r, ctx, CCP_E_SERVER,
                                   "the body is gone: it went to another "
                                   "upstream unbuffered; write "
                                   "\"proxy_request_buffering on;\" in the "
                                   "location that leads here");
        return ngx_http_ccproxy_error_send(r, ctx);
    }

    if (r != r->main) {

        /* nginx asks no access rules of subrequests, but limits count */

        ngx_http_ccproxy_access_identify(r, ctx);
    }

    rc = ngx_http_ccproxy_body_read(r, ctx);
    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }

    ngx_http_finalize_request(r, NGX_DONE);

    return NGX_DONE;
}


static ngx_int_t
ngx_http_ccproxy_request_handler(ngx_http_request_t *r)
{
    ngx_int_t                     rc;
    ngx_http_ccproxy_ctx_t       *ctx;
    ngx_http_ccproxy_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);

    if (!lcf->enable) {
        return NGX_DECLINED;
    }

    ctx = ngx_http_ccproxy_get_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_ccproxy_request_go(r, ctx);

    if (rc != NGX_DECLINED || ctx->through) {
        return rc;
    }

    return ngx_http_ccproxy_cache_start(r, ctx) == NGX_OK
           ? NGX_DECLINED : NGX_HTTP_INTERNAL_SERVER_ERROR;
}


ngx_int_t
ngx_http_ccproxy_request_init(ngx_conf_t *cf)
{
    ngx_http_handler_pt        *h;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_PRECONTENT_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_ccproxy_request_handler;

    ngx_http_ccproxy_body_init();

    return NGX_OK;
}
