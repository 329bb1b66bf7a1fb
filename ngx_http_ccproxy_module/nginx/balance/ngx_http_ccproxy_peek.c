
/*
 * A look at the beginning of an answer, before the client gets any of it: an
 * error, whether it has a status of its own or comes as a 200, is the next
 * pair's chance.
 *
 * The bytes stay in the upstream's buffer.  They go through the codec here to
 * be judged, and once more, from the start, on their way to the client.
 */

#include "nginx/filter/ngx_http_ccproxy_filter.h"
#include "nginx/balance/ngx_http_ccproxy_balance.h"


/* What is looked at is decoded twice: no more of it than is needed. */
#define NGX_HTTP_CCPROXY_PEEK_SLICE  1024


/*
 * By class of error: what the client is told when all tries failed, the
 * highest; the later one of equals.  0: the request's own fault, which no
 * other pair would mend.
 */

static const unsigned  ngx_http_ccproxy_telling[CCP_E_MAX] = {
    [CCP_E_AUTH] = 2,
    [CCP_E_BILLING] = 5,
    [CCP_E_QUOTA] = 5,
    [CCP_E_FORBIDDEN] = 2,
    [CCP_E_CONFLICT] = 3,
    [CCP_E_RATE] = 6,
    [CCP_E_SERVER] = 3,
    [CCP_E_OVERLOADED] = 4,
    [CCP_E_TIMEOUT] = 3,
    [CCP_E_MALFORMED] = 1
};


ngx_uint_t
ngx_http_ccproxy_peek_late(ngx_peer_connection_t *pc,
    ngx_http_ccproxy_ctx_t *ctx)
{
    return ctx->tries.timeout
           && ngx_current_msec - pc->start_time >= ctx->tries.timeout;
}


ngx_uint_t
ngx_http_ccproxy_peek_retry(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_peer_connection_t  *pc;

    pc = &r->upstream->peer;

    return ctx->race.aside.try.pair != NULL
           || (pc->tries > 1
               && ctx->tries.choice.tries < ctx->tries.pool->npairs
               && !ngx_http_ccproxy_peek_late(pc, ctx))
           || ngx_http_ccproxy_patience_time(ctx) != 0;
}


/* Whether "error_page" may take the place of the answer, and of its words. */

static ngx_uint_t
ngx_http_ccproxy_peek_page(ngx_http_ccproxy_ctx_t *ctx)
{
    return ctx->up.conf.intercept_errors
           && ctx->try.status >= NGX_HTTP_SPECIAL_RESPONSE;
}


ngx_uint_t
ngx_http_ccproxy_peek_wanted(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    return ngx_http_ccproxy_peek_page(ctx)
           || (ctx->tries.pool->wait
               && ctx->try.status >= NGX_HTTP_BAD_REQUEST)
           || ctx->tries.failure.cls != CCP_E_NONE
           || ngx_http_ccproxy_wishes_open(ctx)
           || ngx_http_ccproxy_peek_retry(r, ctx);
}


/* Types of answers that consist of events. */

static ngx_str_t  ngx_http_ccproxy_streams[] = {
    ngx_string("text/event-stream"),
    ngx_string("application/x-ndjson"),
    ngx_null_string
};


static ngx_uint_t
ngx_http_ccproxy_peek_stream(ngx_http_upstream_t *u)
{
    ngx_str_t        *type;
    ngx_table_elt_t  *h;

    h = u->headers_in.content_type;

    if (h == NULL) {
        return 0;
    }

    for (type = ngx_http_ccproxy_streams; type->len; type++) {
        if (h->value.len >= type->len
            && ngx_strncasecmp(h->value.data, type->data, type->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/*
 * Whether more of the body can be waited for: if the connection ends first,
 * nginx takes the answer for a broken one.  Of a body that only ends with its
 * connection this is true as long as it is empty, of streams also later.
 */

static ngx_uint_t
ngx_http_ccproxy_peek_more(ngx_http_ccproxy_ctx_t *ctx,
    ngx_http_upstream_t *u)
{
    if (u->buffer.last == u->buffer.end) {
        return 0;
    }

    if (u->headers_in.chunked || u->headers_in.content_length_n >= 0) {
        return 1;
    }

    return ctx->try.status < NGX_HTTP_BAD_REQUEST
           && (u->buffer.pos == u->buffer.last
               || ngx_http_ccproxy_peek_stream(u));
}


/* NGX_OK: more could change the judgement; NGX_AGAIN: none would. */

static ngx_int_t
ngx_http_ccproxy_peek_bytes(ngx_http_ccproxy_ctx_t *ctx, u_char *p, size_t n)
{
    int            rc;
    u_char        *last;
    ngx_str_t      bytes;
    ccp_outcome_t  o;

    last = p + n;

    while (p < last || ctx->out.more) {

        rc = ngx_http_ccproxy_encoding_bytes(
                 ctx, &p, p + ngx_min(last - p, NGX_HTTP_CCPROXY_PEEK_SLICE),
                 &bytes);

        if (rc == CCP_OK && bytes.len) {
            rc = ccp_answer_feed(ctx->try.codec, bytes.data, bytes.len,
                                 &ctx->out.codec);

        } else if (rc == CCP_INVALID) {
            rc = ccp_answer_abort(ctx->try.codec, CCP_E_MALFORMED,
                                  "the upstream's answer is not encoded as "
                                  "its Content-Encoding says",
                                  &ctx->out.codec);
        }

        if (rc != CCP_OK) {
            return NGX_ERROR;
        }

        ccp_answer_outcome(ctx->try.codec, &o);

        if (o.content || o.error) {
            return NGX_AGAIN;
        }
    }

    return NGX_OK;
}


/* NGX_DONE: the body is complete; NGX_AGAIN: not, or no more is needed. */

static ngx_int_t
ngx_http_ccproxy_peek_chunks(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    off_t               n;
    ngx_int_t           rc;
    ngx_buf_t           b;
    ngx_http_chunked_t  chunked;

    b = r->upstream->buffer;
    ngx_memzero(&chunked, sizeof(ngx_http_chunked_t));

    for ( ;; ) {

        rc = ngx_http_ccproxy_parse_chunked(r, &b, &chunked);

        if (rc == NGX_ERROR) {
            return NGX_DONE;
        }

        if (rc != NGX_OK) {
            return rc;
        }

        n = ngx_min(chunked.size, b.last - b.pos);

        if (n == 0) {
            return NGX_AGAIN;
        }

        rc = ngx_http_ccproxy_peek_bytes(ctx, b.pos, (size_t) n);

        if (rc != NGX_OK) {
            return rc;
        }

        b.pos += n;
        chunked.size -= n;
    }
}


static ngx_int_t
ngx_http_ccproxy_peek_body(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx)
{
    off_t                 length;
    size_t                n;
    ngx_int_t             rc;
    ngx_http_upstream_t  *u;

    u = r->upstream;

    if (u->headers_in.chunked) {
        return ngx_http_ccproxy_peek_chunks(r, ctx);
    }

    n = u->buffer.last - u->buffer.pos;
    length = u->headers_in.content_length_n;

    if (length >= 0 && length < (off_t) n) {
        n = (size_t) length;
    }

    rc = ngx_http_ccproxy_peek_bytes(ctx, u->buffer.pos, n);

    if (rc != NGX_OK) {
        return rc;
    }

    return length == (off_t) n ? NGX_DONE : NGX_AGAIN;
}


/* Keeps an error in the request's memory; NGX_ERROR without. */

static ngx_int_t
ngx_http_ccproxy_peek_note(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx,
    const ccp_error_t *err)
{
    size_t      i;
    u_char     *p;
    ccp_str_t  *s[3];

    ctx->tries.failure = *err;
    ctx->tries.failure.raw = ccp_none;

    s[0] = &ctx->tries.failure.message;
    s[1] = &ctx->tries.failure.code;
    s[2] = &ctx->tries.failure.type;

    for (i = 0; i < 3; i++) {

        if (s[i]->p == NULL) {
            continue;
        }

        p = ngx_pnalloc(r->pool, s[i]->n);
        if (p == NULL) {
            return NGX_ERROR;
        }

        ngx_memcpy(p, s[i]->p, s[i]->n);
        ngx_http_ccproxy_redact(ctx, p, p + s[i]->n);
        s[i]->p = p;
    }

    /* the status is the one that the client would have got */

    ctx->tries.failure.status = ccp_proto_ops(ctx->endpoint.proto)
                                ->error_status(&ctx->tries.failure);

    return NGX_OK;
}


void
ngx_http_ccproxy_peek_tell(ngx_http_ccproxy_ctx_t *ctx)
{
    if (ctx->tries.failure.cls != CCP_E_NONE) {
        ctx->error = ctx->tries.failure;
    }
}


/* err is NULL if the answer is good. */

static ngx_int_t
ngx_http_ccproxy_peek_judge(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, const ccp_error_t *err)
{
    unsigned    telling;
    ngx_uint_t  retry;

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "ccproxy peek: status %ui, error %d", ctx->try.status,
                   err ? (int) err->cls : 0);

    if (err && ngx_http_ccproxy_wishes_refused(r, ctx)) {
        return NGX_DECLINED;
    }

    telling = err && !err->final ? ngx_http_ccproxy_telling[err->cls] : 0;

    if (err) {
        ngx_http_ccproxy_redact(ctx, r->upstream->buffer.pos,
                                r->upstream->buffer.last);
    }

    if (err && ngx_http_ccproxy_peek_page(ctx)
        && ctx->tries.failure.cls == CCP_E_NONE
        && (telling == 0 || !ngx_http_ccproxy_peek_retry(r, ctx)))
    {
        if (ngx_http_ccproxy_peek_note(r, ctx, err) != NGX_OK) {
            return NGX_ERROR;
        }

        ngx_http_ccproxy_choice_error(ctx, err);

        return NGX_OK;
    }

    if (telling == 0) {
        if (err) {
            ngx_http_ccproxy_choice_error(ctx, err);

        } else {
            ngx_http_ccproxy_choice_report(ctx, CCP_POOL_GOOD, 0);
        }

        return NGX_OK;
    }

    ngx_http_ccproxy_choice_error(ctx, err);

    retry = ngx_http_ccproxy_peek_retry(r, ctx);

    if (!retry && ctx->tries.failure.cls == CCP_E_NONE) {

        /* the only pair: its error is the client's */

        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                  "ccproxy: provider \"%V\", key \"%V\" failed with status "
                  "%ui%s", &ctx->try.target->provider->name,
                  ngx_http_ccproxy_key_name(ctx->try.key), ctx->try.status,
                  retry ? ", the next pair is asked" : "");

    if (telling >= ngx_http_ccproxy_telling[ctx->tries.failure.cls]) {

        if (!retry) {
            return NGX_OK;
        }

        if (ngx_http_ccproxy_peek_note(r, ctx, err) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_DECLINED;
}


ngx_int_t
ngx_http_ccproxy_peek(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_int_t             rc;
    ccp_str_t             type;
    ngx_uint_t            cut;
    ccp_head_t            head;
    ccp_outcome_t         o;
    ngx_http_upstream_t  *u;

    u = r->upstream;
    cut = 0;

    if (ctx->try.status >= NGX_HTTP_BAD_REQUEST) {
        ngx_http_ccproxy_redact(ctx, u->buffer.pos, u->buffer.last);
    }

    type = u->headers_in.content_type
           ? ngx_http_ccproxy_slice(&u->headers_in.content_type->value)
           : ccp_none;

    if (ngx_http_ccproxy_answer_begin(ctx, ctx->try.status, type) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = ngx_http_ccproxy_peek_body(r, ctx);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    ccp_answer_outcome(ctx->try.codec, &o);

    if (o.content) {

        /* an error behind it is the client's */

        return ngx_http_ccproxy_peek_judge(r, ctx, NULL);
    }

    if (rc == NGX_AGAIN && o.error == NULL) {

        if (ccp_answer_head(ctx->try.codec, &head) == CCP_OK
            && head.status < NGX_HTTP_SPECIAL_RESPONSE)
        {
            /* it begins as an answer does */

            return ngx_http_ccproxy_peek_judge(r, ctx, NULL);
        }

        if (ngx_http_ccproxy_peek_more(ctx, u)) {
            return NGX_AGAIN;
        }

        cut = ctx->try.status < NGX_HTTP_BAD_REQUEST;
    }

    /* all of it is here, or as much of it as there is room for */

    if (o.error == NULL
        && ccp_answer_end(ctx->try.codec, &ctx->out.codec) != CCP_OK)
    {
        return NGX_ERROR;
    }

    ccp_answer_outcome(ctx->try.codec, &o);

    if (cut && o.error && o.error->cls == CCP_E_MALFORMED) {

        /* longer than any error that comes as a 200, or the rest follows */

        return ngx_http_ccproxy_peek_judge(r, ctx, NULL);
    }

    return ngx_http_ccproxy_peek_judge(r, ctx, o.error);
}
