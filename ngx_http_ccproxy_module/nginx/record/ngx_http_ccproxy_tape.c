
/*
 * What is taken down of a request while it goes on: its tries, and the bytes
 * of its answer on both sides.  They are read when it is over.
 */

#include "nginx/record/ngx_http_ccproxy_record.h"


#define NGX_HTTP_CCPROXY_REEL_MIN  4096


static void
ngx_http_ccproxy_tape_cleanup(void *data)
{
    ngx_http_ccproxy_tape_t  *tape = data;

    if (tape->up.data) {
        ngx_free(tape->up.data);
    }

    if (tape->client.data) {
        ngx_free(tape->client.data);
    }
}


ngx_int_t
ngx_http_ccproxy_tape_start(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_pool_cleanup_t           *cln;
    ngx_http_ccproxy_tape_t      *tape;
    ngx_http_ccproxy_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);

    if (lcf->transcript == NULL || ctx->tape) {
        return NGX_OK;
    }

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_ccproxy_tape_t));
    if (cln == NULL) {
        return NGX_ERROR;
    }

    tape = cln->data;
    ngx_memzero(tape, sizeof(ngx_http_ccproxy_tape_t));

    if (ngx_array_init(&tape->tries, r->pool, 2,
                       sizeof(ngx_http_ccproxy_tried_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    tape->meta = lcf->transcript->meta;

    cln->handler = ngx_http_ccproxy_tape_cleanup;
    ctx->tape = tape;

    return NGX_OK;
}


/* Without memory the rest is missing, which the total tells. */

static void
ngx_http_ccproxy_reel_add(ngx_http_ccproxy_reel_t *reel, const u_char *p,
    size_t n, ngx_log_t *log)
{
    size_t   cap;
    u_char  *data;

    if (reel->total > reel->len) {
        reel->total += n;
        return;
    }

    reel->total += n;
    n = ngx_min(n, NGX_HTTP_CCPROXY_REEL_MAX - reel->len);

    if (n > reel->cap - reel->len) {

        cap = ngx_max(reel->cap * 2, NGX_HTTP_CCPROXY_REEL_MIN);
        cap = ngx_max(cap, reel->len + n);

        data = ngx_alloc(cap, log);
        if (data == NULL) {
            return;
        }

        if (reel->data) {
            ngx_memcpy(data, reel->data, reel->len);
            ngx_free(reel->data);
        }

        reel->data = data;
        reel->cap = cap;
    }

    ngx_memcpy(reel->data + reel->len, p, n);
    reel->len += n;
}


void
ngx_http_ccproxy_tape_rewind(ngx_http_ccproxy_ctx_t *ctx)
{
    if (ctx->tape) {
        ctx->tape->up.len = 0;
        ctx->tape->up.total = 0;
    }
}


void
ngx_http_ccproxy_tape_up(ngx_http_ccproxy_ctx_t *ctx, u_char *p, size_t n)
{
    if (ctx->tape && !ctx->tape->meta && n) {
        ngx_http_ccproxy_reel_add(&ctx->tape->up, p, n,
                                  ctx->request->connection->log);
    }
}


void
ngx_http_ccproxy_tape_client(ngx_http_ccproxy_ctx_t *ctx, const u_char *p,
    size_t n)
{
    if (ctx->tape && !ctx->tape->meta && n) {
        ngx_http_ccproxy_reel_add(&ctx->tape->client, p, n,
                                  ctx->request->connection->log);
    }
}


/*
 * The ticket tells which pair it was: where two are asked at once, ctx->try
 * may be the other one.
 */

void
ngx_http_ccproxy_tape_try(ngx_http_ccproxy_ctx_t *ctx,
    ccp_pool_outcome_e outcome)
{
    ngx_http_ccproxy_tried_t  *tried;

    if (ctx->tape == NULL) {
        return;
    }

    tried = ngx_array_push(&ctx->tape->tries);
    if (tried == NULL) {
        return;
    }

    tried->pair = &ctx->tries.pool->pairs[ctx->try.ticket.index];
    tried->outcome = outcome;
    tried->time = ngx_current_msec - (ngx_msec_t) ctx->try.ticket.begun;
    tried->status = tried->pair == ctx->try.pair ? ctx->try.status : 0;
}
