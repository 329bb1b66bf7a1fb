
/*
 * The client's request: endpoint, body, decoding.
 *
 * The body never gets to nginx's own buffering: a request body filter takes
 * it into one piece of memory, whatever the framing (HTTP/1.1, chunked,
 * HTTP/2), and a handler of the PRECONTENT phase waits for it, so that what
 * depends on the body is known when the upstream is chosen.
 */

#include "nginx/core/ngx_http_ccproxy.h"


/*
 * First piece of memory for a body: what Content-Length promises, so that it
 * is never copied to a larger one.  A promise costs nothing: pages that no
 * byte was written to take no memory.
 */
#define NGX_HTTP_CCPROXY_BODY_FIRST    NGX_HTTP_CCPROXY_BODY_SIZE
#define NGX_HTTP_CCPROXY_BODY_MIN      4096

/* An answer that must be held whole before it can be converted. */
#define NGX_HTTP_CCPROXY_ANSWER_MAX    (32 * 1024 * 1024)

/*
 * Memory that an exchange may hold: so much per byte of the body, and room
 * for the largest answer while its buffer grows (the old one, the new one)
 * and the document made of it.
 */
#define NGX_HTTP_CCPROXY_MEMORY_RATIO  4
#define NGX_HTTP_CCPROXY_MEMORY        (4 * NGX_HTTP_CCPROXY_ANSWER_MAX)


extern ngx_module_t  ngx_http_proxy_module;


static void ngx_http_ccproxy_cleanup(void *data);
static ngx_int_t ngx_http_ccproxy_request_handler(ngx_http_request_t *r);

static ngx_http_request_body_filter_pt  ngx_http_next_request_body_filter;


ngx_http_ccproxy_ctx_t *
ngx_http_ccproxy_find_ctx(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t      *cln;
    ngx_http_ccproxy_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_ccproxy_module);

    if (ctx == NULL && (r->internal || r->filter_finalize) && r == r->main) {

        /* a redirect clears the contexts, but the body is read only once */

        for (cln = r->pool->cleanup; cln; cln = cln->next) {
            if (cln->handler == ngx_http_ccproxy_cleanup) {
                ctx = cln->data;
                ngx_http_set_ctx(r, ctx, ngx_http_ccproxy_module);
                break;
            }
        }
    }

    return ctx;
}


ngx_http_ccproxy_ctx_t *
ngx_http_ccproxy_get_ctx(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t      *cln;
    ngx_http_ccproxy_ctx_t  *ctx;

    ctx = ngx_http_ccproxy_find_ctx(r);
    if (ctx) {
        return ctx;
    }

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_ccproxy_ctx_t));
    if (cln == NULL) {
        return NULL;
    }

    ctx = cln->data;
    ngx_memzero(ctx, sizeof(ngx_http_ccproxy_ctx_t));

    ctx->request = r;
    ctx->start_msec = ngx_current_msec;

    cln->handler = ngx_http_ccproxy_cleanup;

    ngx_http_ccproxy_endpoint(r, ctx);
    ngx_http_set_ctx(r, ctx, ngx_http_ccproxy_module);

    return ctx;
}


static void
ngx_http_ccproxy_cleanup(void *data)
{
    ngx_http_ccproxy_ctx_t  *ctx = data;

    ccp_exchange_destroy(ctx->exchange);
    ctx->exchange = NULL;

    ngx_http_ccproxy_ping_stop(ctx);

    if (ctx->body_cap) {
        ngx_free(ctx->body);
    }

    ctx->body = NULL;
    ctx->body_cap = 0;
}


ngx_str_t *
ngx_http_ccproxy_header_in(ngx_http_request_t *r, const char *name)
{
    size_t            len;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *header;

    len = ngx_strlen(name);
    part = &r->headers_in.headers.part;
    header = part->elts;

    for (i = 0; /* void */ ; i++) {

        if (i >= part->nelts) {
            if (part->next == NULL) {
                return NULL;
            }

            part = part->next;
            header = part->elts;
            i = 0;
        }

        if (header[i].key.len == len
            && ngx_strncasecmp(header[i].key.data, (u_char *) name, len) == 0)
        {
            return &header[i].value;
        }
    }
}


void
ngx_http_ccproxy_endpoint(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx)
{
    ccp_endpoint(&ctx->endpoint, ngx_http_ccproxy_slice(&r->uri),
                 ngx_http_ccproxy_slice(&r->args),
                 ngx_http_ccproxy_header_in(r, CCP_VERSION_HEADER) != NULL);
}


static void *
ngx_http_ccproxy_mem_alloc(void *data, size_t n)
{
    ngx_http_request_t  *r = data;

    return ngx_alloc(n, r->connection->log);
}


static void
ngx_http_ccproxy_mem_free(void *data, void *p)
{
    (void) data;

    ngx_free(p);
}


static int64_t
ngx_http_ccproxy_now(void *data)
{
    ngx_time_t  *tp;

    (void) data;

    tp = ngx_timeofday();

    return (int64_t) tp->sec * 1000000000 + (int64_t) tp->msec * 1000000;
}


ngx_int_t
ngx_http_ccproxy_exchange(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx)
{
    ccp_env_t   env;
    ngx_uint_t  i;

    if (ctx->exchange) {
        return NGX_OK;
    }

    ngx_memzero(&env, sizeof(ccp_env_t));

    env.mem.alloc = ngx_http_ccproxy_mem_alloc;
    env.mem.free = ngx_http_ccproxy_mem_free;
    env.mem.ctx = r;

    env.limit = NGX_HTTP_CCPROXY_MEMORY
                + ctx->body_len * NGX_HTTP_CCPROXY_MEMORY_RATIO;
    env.answer_limit = NGX_HTTP_CCPROXY_ANSWER_MAX;

    env.clock.now_ns = ngx_http_ccproxy_now;

    /* random() gives 31 bits */

    for (i = 0; i < 2; i++) {
        env.clock.seed[i] = (uint64_t) ngx_random() << 33
                            ^ (uint64_t) ngx_random() << 11
                            ^ (uint64_t) ngx_random()
                            ^ (uint64_t) ngx_pid << 48
                            ^ (uint64_t) r->connection->number << 24;
        env.clock.seed[i] |= i + 1;
    }

    ctx->exchange = ccp_exchange_create(&env, &ctx->endpoint);

    return ctx->exchange ? NGX_OK : NGX_ERROR;
}


/* Memory for "need" bytes of the body in all. */

static ngx_int_t
ngx_http_ccproxy_body_grow(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx,
    size_t need)
{
    u_char  *p;
    size_t   cap;

    if (need <= ctx->body_cap) {
        return NGX_OK;
    }

    cap = ctx->body_cap * 2;

    if (cap == 0) {
        cap = ngx_min(ctx->body_hint, NGX_HTTP_CCPROXY_BODY_FIRST);
        cap = ngx_max(cap, NGX_HTTP_CCPROXY_BODY_MIN);
    }

    while (cap < need) {
        cap *= 2;
    }

    if (need <= ctx->body_hint && cap > ctx->body_hint) {
        cap = ctx->body_hint;
    }

    p = ngx_alloc(cap, r->connection->log);
    if (p == NULL) {
        return NGX_ERROR;
    }

    if (ctx->body) {
        ngx_memcpy(p, ctx->body, ctx->body_len);
    }

    if (ctx->body_cap) {
        ngx_free(ctx->body);
    }

    ctx->body = p;
    ctx->body_cap = cap;

    return NGX_OK;
}


/*
 * Adds what the buffer holds.  Nothing is copied if it lies behind the rest
 * of the body already, in a buffer that nginx fills once and to the end.
 */

static ngx_int_t
ngx_http_ccproxy_body_add(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx,
    ngx_buf_t *b)
{
    size_t  n;

    n = b->last - b->pos;

    if (n == 0) {
        return NGX_OK;
    }

    if (ctx->body_in_place && ctx->body == NULL
        && (size_t) (b->end - b->pos) >= ctx->body_hint)
    {
        ctx->body = b->pos;
    }

    if (ctx->body_in_place && b->pos == ctx->body + ctx->body_len) {
        ctx->body_len += n;
        return NGX_OK;
    }

    if (ngx_http_ccproxy_body_grow(r, ctx, ctx->body_len + n) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_memcpy(ctx->body + ctx->body_len, b->pos, n);
    ctx->body_len += n;

    return NGX_OK;
}


/* Takes the body away from nginx, who only hears of its end. */

static ngx_int_t
ngx_http_ccproxy_request_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_buf_t                     *b;
    ngx_uint_t                     last;
    ngx_chain_t                   *cl, out;
    ngx_http_ccproxy_ctx_t        *ctx;
    ngx_http_ccproxy_loc_conf_t   *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);

    if (r != r->main || (!lcf->enable && !ngx_http_ccproxy_is_demo(r))) {
        return ngx_http_next_request_body_filter(r, in);
    }

    ctx = ngx_http_ccproxy_get_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    last = 0;

    for (cl = in; cl; cl = cl->next) {

        if (ngx_http_ccproxy_body_add(r, ctx, cl->buf) != NGX_OK) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        cl->buf->pos = cl->buf->last;

        if (cl->buf->last_buf) {
            last = 1;
        }
    }

    if (!last) {
        return ngx_http_next_request_body_filter(r, NULL);
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    b->last_buf = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_next_request_body_filter(r, &out);
}


static void
ngx_http_ccproxy_body_handler(ngx_http_request_t *r)
{
    ngx_http_ccproxy_ctx_t  *ctx;

    ctx = ngx_http_ccproxy_find_ctx(r);

    ctx->body_read = 1;

    /* who sends it on anyway, not being ours, must not promise more to come */

    r->headers_in.content_length_n = 0;

    r->preserve_body = 1;
    r->write_event_handler = ngx_http_core_run_phases;

    ngx_http_core_run_phases(r);
}


/*
 * Has nginx read a body of known length into one buffer, where it stays.
 * nginx reads into the header's buffer if the body fits in there: it gets one
 * that begins with what came with the header and has room for all the rest.
 * If nothing came yet, it takes a buffer of its own, made as large.
 */

static ngx_int_t
ngx_http_ccproxy_body_read(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx)
{
    size_t                     n, size;
    ngx_buf_t                 *header, buf;
    ngx_int_t                  rc;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    header = r->header_in;
    size = clcf->client_body_buffer_size;
    n = header->last - header->pos;

    if (r->http_version < NGX_HTTP_VERSION_20 && ctx->body_hint
        && ctx->body_hint <= NGX_HTTP_CCPROXY_BODY_FIRST)
    {
        ctx->body_in_place = 1;
    }

    if (!ctx->body_in_place || n >= ctx->body_hint
        || ctx->body_hint <= (size_t) (header->end - header->pos))
    {
        return ngx_http_read_client_request_body(r,
                                                ngx_http_ccproxy_body_handler);
    }

    if (n == 0) {
        clcf->client_body_buffer_size = ctx->body_hint;
        rc = ngx_http_read_client_request_body(r,
                                               ngx_http_ccproxy_body_handler);
        clcf->client_body_buffer_size = size;

        return rc;
    }

    if (ngx_http_ccproxy_body_grow(r, ctx, ctx->body_hint) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_memzero(&buf, sizeof(ngx_buf_t));

    buf.start = ctx->body;
    buf.pos = ctx->body;
    buf.last = ngx_cpymem(ctx->body, header->pos, n);
    buf.end = ctx->body + ctx->body_cap;
    buf.temporary = 1;

    header->pos = header->last;
    r->header_in = &buf;

    rc = ngx_http_read_client_request_body(r, ngx_http_ccproxy_body_handler);

    r->header_in = header;

    return rc;
}


/*
 * Whether "proxy_pass" of the location names something that is no pool, which
 * would get neither the body nor an answer that can be converted.  Of a name
 * with variables nothing is known here: see the header filter.
 */

static ngx_uint_t
ngx_http_ccproxy_request_no_pool(ngx_http_request_t *r)
{
    ngx_http_upstream_conf_t  *u;

    /* the proxy module's own configuration begins with this part */

    u = ngx_http_get_module_loc_conf(r, ngx_http_proxy_module);

    return r->content_handler && u->upstream
           && u->upstream->peer.init != ngx_http_ccproxy_peer_init;
}


static ngx_int_t
ngx_http_ccproxy_request_decode(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    int                           rc;
    ccp_str_t                     body, version;
    ngx_str_t                    *h;
    ngx_http_ccproxy_loc_conf_t  *lcf;

    if (ngx_http_ccproxy_exchange(r, ctx) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    body = ccp_lit("");

    if (ctx->body) {
        body.p = ctx->body;
        body.n = ctx->body_len;
    }

    version = ccp_none;
    h = ngx_http_ccproxy_header_in(r, CCP_VERSION_HEADER);

    if (h) {
        version = ngx_http_ccproxy_slice(h);
    }

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);

    ccp_exchange_rules(ctx->exchange, lcf->rules);

    rc = ccp_exchange_request(ctx->exchange, body, version, &ctx->error);

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

        ctx->accepted = 1;
        ngx_http_ccproxy_local_count(r);

        return ctx->endpoint.op != CCP_OP_COUNT
               || ngx_http_ccproxy_count_asks(r, ctx)
               ? NGX_DECLINED : ngx_http_ccproxy_count_send(r, ctx);
    }

    if (rc == CCP_NOMEM) {
        ngx_http_ccproxy_error_set(r, ctx, CCP_E_TOO_LARGE,
                                   "reading this request of %uz bytes takes "
                                   "more memory than one request may have",
                                   ctx->body_len);
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


/* What can be said before the body is there.  NGX_OK: read it. */

static ngx_int_t
ngx_http_ccproxy_request_check(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_int_t   rc;
    ngx_str_t  *coding;

    if (ctx->endpoint.op == CCP_OP_UNKNOWN) {
        ngx_http_ccproxy_error_set(r, ctx, CCP_E_NOT_FOUND,
                                   "no endpoint %V %V here", &r->method_name,
                                   &r->uri);
        ctx->error.code = ccp_lit("unknown_url");
        return ngx_http_ccproxy_error_send(r, ctx);
    }

    rc = ngx_http_ccproxy_request_method(r, ctx);
    if (rc != NGX_OK) {
        return rc;
    }

    switch (ctx->endpoint.op) {

    case CCP_OP_ROOT:
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

    coding = ngx_http_ccproxy_header_in(r, "content-encoding");

    if (coding && coding->len
        && !(coding->len == 8
             && ngx_strncasecmp(coding->data, (u_char *) "identity", 8) == 0))
    {
        ngx_http_ccproxy_error_set(r, ctx, CCP_E_BAD_REQUEST,
                                   "Content-Encoding %V of a request is not "
                                   "supported: send the body as it is",
                                   coding);
        ctx->error.status = NGX_HTTP_UNSUPPORTED_MEDIA_TYPE;
        return ngx_http_ccproxy_error_send(r, ctx);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_ccproxy_request_handler(ngx_http_request_t *r)
{
    ngx_int_t                      rc;
    ngx_http_ccproxy_ctx_t        *ctx;
    ngx_http_ccproxy_loc_conf_t   *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);

    if (!lcf->enable || r != r->main) {
        return NGX_DECLINED;
    }

    ctx = ngx_http_ccproxy_get_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ctx->accepted) {
        return NGX_DECLINED;
    }

    if (ctx->body_read) {
        return ctx->endpoint.op == CCP_OP_MODEL
               ? ngx_http_ccproxy_models_answer(r, ctx)
               : ngx_http_ccproxy_request_decode(r, ctx);
    }

    ngx_http_ccproxy_endpoint(r, ctx);

    rc = ngx_http_ccproxy_request_check(r, ctx);
    if (rc != NGX_OK) {
        return rc;
    }

    if (!r->headers_in.chunked && r->headers_in.content_length_n > 0) {
        ctx->body_hint = (size_t) r->headers_in.content_length_n;
    }

    rc = ngx_http_ccproxy_body_read(r, ctx);
    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }

    ngx_http_finalize_request(r, NGX_DONE);

    return NGX_DONE;
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

    ngx_http_next_request_body_filter = ngx_http_top_request_body_filter;
    ngx_http_top_request_body_filter = ngx_http_ccproxy_request_body_filter;

    return ngx_http_ccproxy_local_init(cf);
}
