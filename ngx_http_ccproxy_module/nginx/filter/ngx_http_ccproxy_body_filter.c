
/*
 * The body of the answer: what an upstream of ours sends goes through the
 * codec.
 *
 * Input is held while the client is slow, so that nginx sees its buffers busy
 * and stops reading from the upstream.
 */

#include "nginx/filter/ngx_http_ccproxy_filter.h"
#include "nginx/record/ngx_http_ccproxy_record.h"


/* Sizes of output buffers, which are used again and again. */
#define NGX_HTTP_CCPROXY_BUF_MIN   4096
#define NGX_HTTP_CCPROXY_BUF_MAX   32768


typedef struct {
    ngx_chain_t   *chain;
    ngx_chain_t  **last;
    size_t         size;
} ngx_http_ccproxy_list_t;


static ngx_http_output_body_filter_pt    ngx_http_next_body_filter;


/* ---- output ---- */

/* A buffer with room, used before if there is one. */

static ngx_chain_t *
ngx_http_ccproxy_out_buf(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx,
    size_t size)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    cl = ngx_chain_get_free_buf(r->pool, &ctx->out.free);
    if (cl == NULL) {
        return NULL;
    }

    b = cl->buf;

    if (b->start == NULL && size) {
        size = ngx_align(size, NGX_HTTP_CCPROXY_BUF_MIN);
        size = ngx_min(size, NGX_HTTP_CCPROXY_BUF_MAX);

        b->start = ngx_palloc(r->pool, size);
        if (b->start == NULL) {
            return NULL;
        }

        b->end = b->start + size;
    }

    b->pos = b->start;
    b->last = b->start;
    b->tag = (ngx_buf_tag_t) &ngx_http_ccproxy_module;
    b->temporary = 0;
    b->flush = 0;
    b->sync = 0;
    b->last_buf = 0;
    b->last_in_chain = 0;

    return cl;
}


static void
ngx_http_ccproxy_list_add(ngx_http_ccproxy_list_t *list, ngx_chain_t *cl)
{
    cl->next = NULL;
    *list->last = cl;
    list->last = &cl->next;
    list->size += cl->buf->last - cl->buf->pos;
}


/*
 * Moves what the codec has written to output buffers.  flush marks the last
 * of them, last ends the answer.
 */

static ngx_int_t
ngx_http_ccproxy_out_move(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx,
    ngx_http_ccproxy_list_t *list, ngx_uint_t last)
{
    size_t          n, room;
    ngx_buf_t      *b;
    ccp_str_t       all;
    ngx_chain_t    *cl;

    if (ccp_out_finish(&ctx->out.codec) != CCP_OK) {
        return NGX_ERROR;
    }

    all = ccp_out_all(&ctx->out.codec);
    n = all.n;
    ngx_http_ccproxy_tape_client(ctx, all.p, n);

    while (n || last) {

        cl = ngx_http_ccproxy_out_buf(r, ctx, n);
        if (cl == NULL) {
            return NGX_ERROR;
        }

        b = cl->buf;
        room = ngx_min((size_t) (b->end - b->start), n);

        if (room) {
            b->last = ngx_cpymem(b->last, all.p + all.n - n, room);
            b->temporary = 1;
            n -= room;
        }

        if (n == 0) {
            b->flush = 1;
            b->last_buf = last && r == r->main;
            b->last_in_chain = last;
            last = 0;
        }

        ngx_http_ccproxy_list_add(list, cl);
    }

    ccp_out_reset(&ctx->out.codec);

    return NGX_OK;
}


static size_t
ngx_http_ccproxy_busy(ngx_http_ccproxy_ctx_t *ctx)
{
    size_t        n;
    ngx_chain_t  *cl;

    n = 0;

    for (cl = ctx->out.busy; cl; cl = cl->next) {
        n += cl->buf->last - cl->buf->pos;
    }

    return n;
}


/* ---- input ---- */

/* Ends of subrequests are marked in another way. */

static ngx_inline ngx_uint_t
ngx_http_ccproxy_last(ngx_http_request_t *r, ngx_buf_t *b)
{
    return b->last_buf || (b->last_in_chain && r != r->main);
}


static void
ngx_http_ccproxy_note_content(ngx_http_ccproxy_ctx_t *ctx)
{
    ccp_outcome_t  o;

    if (ctx->out.content) {
        return;
    }

    ccp_answer_outcome(ctx->try.codec, &o);

    if (o.content) {
        ctx->out.content = 1;
        ctx->out.ttft = ngx_current_msec - ctx->start;

        ngx_log_debug1(NGX_LOG_DEBUG_HTTP, ctx->request->connection->log, 0,
                       "ccproxy answer: first content after %M ms",
                       ctx->out.ttft);
    }
}


/* All of it was taken. */

static ngx_uint_t
ngx_http_ccproxy_used_up(ngx_http_ccproxy_ctx_t *ctx, ngx_buf_t *b)
{
    return b->pos == b->last && !ctx->out.more;
}


/* What of the buffer the codec takes at a time. */

static int
ngx_http_ccproxy_feed_bytes(ngx_http_ccproxy_ctx_t *ctx, ngx_buf_t *b)
{
    int        rc;
    ngx_str_t  bytes;

    rc = ngx_http_ccproxy_encoding_bytes(ctx, &b->pos, b->last, &bytes);

    if (rc != CCP_OK || bytes.len == 0) {
        return rc;
    }

    if (ctx->try.status >= NGX_HTTP_BAD_REQUEST) {
        ngx_http_ccproxy_redact(ctx, bytes.data, bytes.data + bytes.len);
    }

    ngx_http_ccproxy_tape_up(ctx, bytes.data, bytes.len);

    rc = ccp_answer_feed(ctx->try.codec, bytes.data, bytes.len,
                         &ctx->out.codec);
    ngx_http_ccproxy_note_content(ctx);

    return rc;
}


static int
ngx_http_ccproxy_feed_end(ngx_http_ccproxy_ctx_t *ctx)
{
    int  rc;

    if (ngx_http_ccproxy_encoding_cut(ctx)) {
        return CCP_INVALID;
    }

    rc = ccp_answer_end(ctx->try.codec, &ctx->out.codec);
    ngx_http_ccproxy_note_content(ctx);

    return rc;
}


/* The answer can't go on, for one of two reasons. */

static void
ngx_http_ccproxy_feed_fail(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx,
    int rc)
{
    const char  *message;

    if (rc == CCP_INVALID) {
        message = "the upstream's answer is not encoded as its "
                  "Content-Encoding says, or was cut off";

    } else {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "ccproxy: the upstream's answer takes more memory than "
                      "one answer may have");

        message = "the upstream's answer is too large to be converted";
    }

    ctx->out.more = 0;

    (void) ccp_answer_abort(ctx->try.codec, CCP_E_MALFORMED, message,
                            &ctx->out.codec);
}


#if (NGX_HTTP_CACHE)

/*
 * An answer that turns out to be none is not kept, or no longer: nginx keeps
 * it before its end is seen here.  A file that is gone is a miss.
 */

static void
ngx_http_ccproxy_spoil(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx)
{
    u_char         *name;
    ccp_outcome_t   o;

    ccp_answer_outcome(ctx->try.codec, &o);

    if (o.error == NULL) {
        return;
    }

    r->upstream->cacheable = 0;
    name = r->cache->file.name.data;

    if ((r->cached || r->cache->updated)
        && ngx_delete_file(name) == NGX_FILE_ERROR && ngx_errno != NGX_ENOENT)
    {
        ngx_log_error(NGX_LOG_CRIT, r->connection->log, ngx_errno,
                      ngx_delete_file_n " \"%s\" failed", name);
    }
}

#endif


/*
 * Gives a piece of input to the codec.  An answer that can't go on ends in
 * an error of the client's protocol.
 */

static ngx_int_t
ngx_http_ccproxy_feed(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx,
    ngx_buf_t *b, ngx_http_ccproxy_list_t *list)
{
    int         rc;
    ngx_int_t   sent;
    ngx_uint_t  cut, done, end;

    rc = ngx_http_ccproxy_feed_bytes(ctx, b);

    end = ngx_http_ccproxy_last(r, b) && ngx_http_ccproxy_used_up(ctx, b);

    if (rc == CCP_OK && end) {
        rc = ngx_http_ccproxy_feed_end(ctx);
    }

    cut = (rc != CCP_OK);

    if (cut) {
        ngx_http_ccproxy_feed_fail(r, ctx, rc);
    }

#if (NGX_HTTP_CACHE)
    if (ctx->cached && r->cache) {
        ngx_http_ccproxy_spoil(r, ctx);
    }
#endif

    done = cut || end || ccp_answer_done(ctx->try.codec);

    sent = ngx_http_ccproxy_header_send(r, ctx);

    if (sent != NGX_OK) {
        return sent == NGX_DECLINED && !done ? NGX_OK : NGX_ERROR;
    }

    if (ngx_http_ccproxy_out_move(r, ctx, list, done) != NGX_OK) {
        return NGX_ERROR;
    }

    if (done) {
        ctx->out.state = NGX_HTTP_CCPROXY_OUT_DONE;

        ngx_log_debug1(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                       "ccproxy answer: %s", cut ? "cut" : "complete");

        if (cut) {
            r->upstream->length = 0;
            r->upstream->keepalive = 0;
        }
    }

    return NGX_OK;
}


/* The first of the held buffers is used up. */

static void
ngx_http_ccproxy_release(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_chain_t  *cl;

    cl = ctx->out.held;
    ctx->out.held = cl->next;

    ngx_free_chain(r->pool, cl);
}


/* Converts held input until the limit of waiting bytes is reached. */

static ngx_int_t
ngx_http_ccproxy_take(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx,
    ngx_http_ccproxy_list_t *list, size_t limit)
{
    ngx_buf_t  *b;

    while (ctx->out.held) {

        b = ctx->out.held->buf;

        if (ctx->out.state == NGX_HTTP_CCPROXY_OUT_DONE) {
            b->pos = b->last;
            ngx_http_ccproxy_release(r, ctx);
            continue;
        }

        if (!ngx_http_ccproxy_used_up(ctx, b)
            || ngx_http_ccproxy_last(r, b))
        {
            if (list->size >= limit
                && (ctx->out.unpack || !ngx_http_ccproxy_last(r, b)))
            {
                return NGX_OK;
            }

            if (ngx_http_ccproxy_feed(r, ctx, b, list) != NGX_OK) {
                return NGX_ERROR;
            }
        }

        if (ngx_http_ccproxy_used_up(ctx, b)) {
            ngx_http_ccproxy_release(r, ctx);
        }
    }

    return NGX_OK;
}


/* What nobody hears. */

static ngx_int_t
ngx_http_ccproxy_drop(ngx_chain_t *cl)
{
    for ( /* void */ ; cl; cl = cl->next) {
        cl->buf->pos = cl->buf->last;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_ccproxy_pass(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx,
    ngx_http_ccproxy_list_t *list)
{
    ngx_int_t  rc;

    if (list->chain) {
        ctx->out.sent = ngx_current_msec;
    }

    if (ctx->out.state == NGX_HTTP_CCPROXY_OUT_DONE) {
        ngx_http_ccproxy_ping_stop(ctx);
        ctx->answered(ctx);
    }

    rc = ngx_http_ccproxy_unheard(r)
         ? ngx_http_ccproxy_drop(list->chain)
         : ngx_http_next_body_filter(r, list->chain);

    ngx_chain_update_chains(r->pool, &ctx->out.free, &ctx->out.busy,
                            &list->chain,
                            (ngx_buf_tag_t) &ngx_http_ccproxy_module);

    return rc;
}


/* ---- body ---- */

static ngx_int_t
ngx_http_ccproxy_body_convert(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ngx_chain_t *in)
{
    size_t                    busy;
    ngx_int_t                 rc;
    ngx_http_ccproxy_list_t   list;

    if (in && ngx_chain_add_copy(r->pool, &ctx->out.held, in) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = NGX_OK;

    if ((in == NULL || ctx->out.busy)
        && ctx->out.state != NGX_HTTP_CCPROXY_OUT_HELD)
    {

        /* what waits goes first: without that no event would come again */

        list.chain = NULL;
        rc = ngx_http_ccproxy_pass(r, ctx, &list);

        if (rc == NGX_ERROR) {
            return rc;
        }
    }

    while (ctx->out.held) {

        busy = ngx_http_ccproxy_busy(ctx);

        list.chain = NULL;
        list.last = &list.chain;
        list.size = busy;

        if (ngx_http_ccproxy_take(r, ctx, &list, NGX_HTTP_CCPROXY_BUSY_MAX)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (list.chain == NULL) {
            break;
        }

        rc = ngx_http_ccproxy_pass(r, ctx, &list);

        if (rc == NGX_ERROR) {
            return rc;
        }
    }

    return rc;
}


ngx_int_t
ngx_http_ccproxy_body_ping(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_http_ccproxy_list_t  list;

    if (ctx->out.busy || ctx->out.held || r->connection->buffered) {
        return NGX_OK;
    }

    list.chain = NULL;
    list.last = &list.chain;
    list.size = 0;

    if (ccp_answer_ping(ctx->try.codec, &ctx->out.codec) != CCP_OK
        || ngx_http_ccproxy_out_move(r, ctx, &list, 0) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return list.chain ? ngx_http_ccproxy_pass(r, ctx, &list) : NGX_OK;
}


static ngx_int_t
ngx_http_ccproxy_body_page(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx,
    ngx_chain_t *in)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl, out;

    for (cl = in; cl; cl = cl->next) {
        cl->buf->pos = cl->buf->last;
        cl->buf->file_pos = cl->buf->file_last;
    }

    if (ctx->out.state == NGX_HTTP_CCPROXY_OUT_PAGED) {
        return ngx_http_next_body_filter(r, NULL);
    }

    if (in == NULL) {
        return NGX_OK;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->pos = ctx->out.page.data;
    b->last = ctx->out.page.data + ctx->out.page.len;
    b->memory = 1;
    b->last_buf = (r == r->main);
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    ctx->out.state = NGX_HTTP_CCPROXY_OUT_PAGED;

    return ngx_http_next_body_filter(r, &out);
}


/* What nobody converts: no key gets out, and what was made is learned. */

static void
ngx_http_ccproxy_body_through(ngx_http_ccproxy_ctx_t *ctx, ngx_chain_t *cl)
{
    ngx_buf_t  *b;

    for ( /* void */ ; cl; cl = cl->next) {
        b = cl->buf;

        if (!ngx_buf_in_memory(b) || b->pos == b->last) {
            continue;
        }

        if (ctx->try.status >= NGX_HTTP_BAD_REQUEST) {
            ngx_http_ccproxy_redact(ctx, b->pos, b->last);
        }

        if (ctx->learn) {
            ctx->learn(ctx, b->pos, b->last - b->pos);
        }
    }
}


static ngx_int_t
ngx_http_ccproxy_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_http_ccproxy_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_ccproxy_module);

    if (ctx == NULL) {
        return ngx_http_next_body_filter(r, in);
    }

    switch (ctx->out.state) {

    case NGX_HTTP_CCPROXY_OUT_THROUGH:
        ngx_http_ccproxy_body_through(ctx, in);

        /* fall through */

    case NGX_HTTP_CCPROXY_OUT_NONE:
    case NGX_HTTP_CCPROXY_OUT_OWN:
        return ngx_http_next_body_filter(r, in);

    case NGX_HTTP_CCPROXY_OUT_PAGE:
    case NGX_HTTP_CCPROXY_OUT_PAGED:
        return ngx_http_ccproxy_body_page(r, ctx, in);

    default: /* OUT_HELD, OUT_OPEN, OUT_DONE */
        break;
    }

    if (ctx->out.kept) {

        /*
         * The upstream failed, for which nginx gives the client's connection
         * up; but the client got an end that is whole, and may have sent its
         * next request already.
         */

        r->keepalive = 1;
    }

    return ngx_http_ccproxy_body_convert(r, ctx, in);
}


void
ngx_http_ccproxy_body_abort(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ngx_int_t rc)
{
    ccp_err_e                 cls;
    ngx_uint_t                ended;
    const char               *message;
    ngx_http_ccproxy_list_t   list;

    if (!ngx_http_ccproxy_answering(ctx) || r->connection->error) {
        return;
    }

    if (ctx->out.state == NGX_HTTP_CCPROXY_OUT_DONE) {
        ctx->out.kept = r->keepalive;
        return;
    }

    if (rc == NGX_HTTP_GATEWAY_TIME_OUT) {
        cls = CCP_E_TIMEOUT;
        message = "the upstream sent nothing for too long and was given up";

    } else if (ctx->up.broken) {
        cls = CCP_E_MALFORMED;
        message = "the upstream's answer broke off in what is no HTTP";

    } else {
        cls = CCP_E_MALFORMED;
        message = ctx->stopped
                  ? NGX_HTTP_CCPROXY_STOPPED
                  : "the upstream closed the connection before its answer was "
                    "complete";
    }

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "ccproxy answer: aborted, rc %i", rc);

    list.chain = NULL;
    list.last = &list.chain;
    list.size = 0;

    if (ngx_http_ccproxy_take(r, ctx, &list, (size_t) -1) != NGX_OK) {
        return;
    }

    if (ctx->out.state != NGX_HTTP_CCPROXY_OUT_DONE) {

        ended = (ccp_answer_abort(ctx->try.codec, cls, message,
                                  &ctx->out.codec)
                 == CCP_OK
                 && ngx_http_ccproxy_header_send(r, ctx) == NGX_OK
                 && ngx_http_ccproxy_out_move(r, ctx, &list, 1) == NGX_OK);

        ctx->out.state = NGX_HTTP_CCPROXY_OUT_DONE;

        if (!ended) {
            return;
        }
    }

    if (ngx_http_ccproxy_pass(r, ctx, &list) != NGX_ERROR) {
        ctx->out.kept = r->keepalive;
    }
}


void
ngx_http_ccproxy_body_filter_init(void)
{
    ngx_http_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_ccproxy_body_filter;
}
