
/*
 * What a request came to: counted once, when the client's answer is complete
 * or, where it never is, when nginx logs the request; of a subrequest, which it
 * does not log, when the client's request ends.
 */

#include "nginx/conf/ngx_http_ccproxy_conf.h"
#include "nginx/account/ngx_http_ccproxy_account.h"


/* ---- usage ---- */

/* What all tries used, each settled when it was over; NULL: nothing is
 * known. */

static const ccp_usage_t *
ngx_http_ccproxy_settle_usage(ngx_http_ccproxy_ctx_t *ctx)
{
    return ccp_usage_total(&ctx->tries.used) >= 0 ? &ctx->tries.used : NULL;
}


/* The whole prompt; -1: unknown. */

static int64_t
ngx_http_ccproxy_settle_prompt(const ccp_usage_t *u)
{
    if (u->in_fresh < 0 && u->in_read < 0 && u->in_write < 0) {
        return -1;
    }

    return ngx_max(u->in_fresh, 0) + ngx_max(u->in_read, 0)
           + ngx_max(u->in_write, 0) + ngx_max(u->in_tool, 0);
}


/* The model that is paid for. */

static ccp_str_t
ngx_http_ccproxy_settle_paid(ngx_http_ccproxy_ctx_t *ctx)
{
    ccp_str_t  model;

    model = ctx->try.target->target.model;

    return model.p ? model : ngx_http_ccproxy_slice(&ctx->name.model);
}


void
ngx_http_ccproxy_settle_try(ngx_http_ccproxy_ctx_t *ctx, const ccp_usage_t *u)
{
    int64_t          prompt, cost;
    ccp_price_t      price;
    ccp_price_use_t  use;

    prompt = ngx_http_ccproxy_settle_prompt(u);

    if (prompt < 0 && u->out_total < 0) {
        return;
    }

    if (!ngx_http_ccproxy_price_find(ctx->try.target->provider,
                                     ngx_http_ccproxy_settle_paid(ctx),
                                     prompt, &price))
    {
        return;
    }

    use.in = ngx_max(u->in_fresh, 0) + ngx_max(u->in_tool, 0);
    use.cached = u->in_read;
    use.write_1h = ngx_max(u->in_write_1h, 0);
    use.write = ngx_max(u->in_write, 0) - use.write_1h;
    use.out = u->out_total;

    cost = ccp_price_cost(&price, &use);

    if (cost >= 0) {
        ctx->bill.priced = 1;
        ctx->bill.cost += cost;
    }
}


int64_t
ngx_http_ccproxy_settle_cost(ngx_http_ccproxy_ctx_t *ctx)
{
    return ctx->bill.priced ? ctx->bill.cost : -1;
}


/* ---- counting ---- */

static void
ngx_http_ccproxy_settle_label(ccp_meter_sample_t *s, ccp_meter_label_e label,
    const void *p, size_t n)
{
    s->label[label].p = p;
    s->label[label].n = n;
}


/*
 * A model that the configuration names counts under its name; one that clients
 * name does where an upstream took it, so that nobody fills the table with
 * inventions.
 */

static void
ngx_http_ccproxy_settle_model(ngx_http_ccproxy_ctx_t *ctx,
    ccp_meter_sample_t *s)
{
    ccp_str_t  model;

    if (ctx->try.target == NULL) {
        return;
    }

    model = ctx->try.target->target.model;

    if (model.p) {
        ngx_http_ccproxy_settle_label(s, CCP_METER_MODEL, model.p, model.n);

    } else if (s->status < NGX_HTTP_BAD_REQUEST && !s->broken) {
        ngx_http_ccproxy_settle_label(s, CCP_METER_MODEL,
                                      ctx->name.model.data,
                                      ctx->name.model.len);

    } else {
        ngx_http_ccproxy_settle_label(s, CCP_METER_MODEL, "other", 5);
    }
}


static void
ngx_http_ccproxy_settle_labels(ngx_http_ccproxy_ctx_t *ctx,
    ccp_meter_sample_t *s)
{
    ngx_str_t   *name;
    const char  *word;

    word = ccp_proto_ops(ctx->endpoint.proto)->name;
    ngx_http_ccproxy_settle_label(s, CCP_METER_PROTOCOL, word,
                                  ngx_strlen(word));

    word = ctx->endpoint.op == CCP_OP_EMBED ? "embeddings" : "chat";
    ngx_http_ccproxy_settle_label(s, CCP_METER_OPERATION, word,
                                  ngx_strlen(word));

    ngx_http_ccproxy_settle_label(s, CCP_METER_CLIENT, ctx->client.data,
                                  ctx->client.len);

    if (ctx->tries.pool) {
        name = &ctx->tries.pool->uscf->host;
        ngx_http_ccproxy_settle_label(s, CCP_METER_POOL, name->data,
                                      name->len);
    }

    if (ctx->try.target) {
        name = &ctx->try.target->provider->name;
        ngx_http_ccproxy_settle_label(s, CCP_METER_PROVIDER, name->data,
                                      name->len);
    }

    ngx_http_ccproxy_settle_model(ctx, s);
}


/* The status that the client got, or would have got. */

static ngx_uint_t
ngx_http_ccproxy_settle_status(ngx_http_request_t *r)
{
    if (r->err_status) {
        return r->err_status;
    }

    if (r->headers_out.status) {
        return r->headers_out.status;
    }

    return NGX_HTTP_CLIENT_CLOSED_REQUEST;
}


static void
ngx_http_ccproxy_settle_answer(ngx_http_ccproxy_ctx_t *ctx,
    ccp_meter_sample_t *s)
{
    ccp_outcome_t       o;
    const ccp_usage_t  *u;

    s->ttft = ctx->out.content ? (int64_t) ctx->out.ttft : -1;
    s->in = -1;
    s->out = -1;
    s->cost = ngx_http_ccproxy_settle_cost(ctx);

    if (ngx_http_ccproxy_answering(ctx) && ctx->try.codec) {
        ccp_answer_outcome(ctx->try.codec, &o);
        s->calls = o.calls;
        s->broken = (o.error && s->status < NGX_HTTP_BAD_REQUEST);
        s->left = ctx->out.state != NGX_HTTP_CCPROXY_OUT_DONE;
    }

    u = ngx_http_ccproxy_settle_usage(ctx);

    if (u == NULL) {
        return;
    }

    s->in = ngx_http_ccproxy_settle_prompt(u);
    s->cached = u->in_read;
    s->written = u->in_write;
    s->out = u->out_total;
    s->reason = u->out_reason;
}


/* Whether this is a request that a model is to answer. */

static ngx_uint_t
ngx_http_ccproxy_settle_counts(ngx_http_ccproxy_ctx_t *ctx)
{
    return ctx->endpoint.op == CCP_OP_GENERATE
           || ctx->endpoint.op == CCP_OP_COMPACT
           || ctx->endpoint.op == CCP_OP_EMBED;
}


void
ngx_http_ccproxy_settle(ngx_http_ccproxy_ctx_t *ctx)
{
    ccp_amount_t                   used;
    ngx_http_request_t            *r;
    ccp_meter_sample_t             s;
    ngx_http_ccproxy_ledger_t     *ledger;
    ngx_http_ccproxy_main_conf_t  *mcf;

    if (ctx->bill.settled) {
        return;
    }

    ctx->bill.settled = 1;

    r = ctx->request;
    mcf = ngx_http_get_module_main_conf(r, ngx_http_ccproxy_module);
    ledger = mcf->ledger;

    ngx_memzero(&s, sizeof(ccp_meter_sample_t));

    s.status = (unsigned) ngx_http_ccproxy_settle_status(r);
    s.duration = (int64_t) (ngx_current_msec - ctx->start);
    s.tries = (unsigned) ctx->tries.n;
    s.minute = (uint64_t) ngx_time() / 60;

    ngx_http_ccproxy_settle_answer(ctx, &s);
    ngx_http_ccproxy_settle_labels(ctx, &s);

    used.tokens = ngx_max(s.in, 0) + ngx_max(s.out, 0);
    used.money = ngx_max(s.cost, 0);

    ngx_http_ccproxy_ledger_lock(ledger);

    if (ngx_http_ccproxy_settle_counts(ctx)) {
        ccp_meter_add(ledger->meter, &s);
    }

    (void) ccp_account_leave(ledger->accounts, &ctx->bill.ticket, &used,
                             ngx_current_msec, ngx_time());

    ngx_http_ccproxy_ledger_unlock(ledger);

    ccp_meter_bump(ledger->meter, CCP_METER_TRIES, s.tries);

    if (s.tries > 1) {
        ccp_meter_bump(ledger->meter, CCP_METER_FAILOVERS, s.tries - 1);
    }

    if (s.calls) {
        ccp_meter_bump(ledger->meter, CCP_METER_COMPAT_CALLS, s.calls);
    }
}


static ngx_int_t
ngx_http_ccproxy_settle_log(ngx_http_request_t *r)
{
    ngx_http_ccproxy_ctx_t       *ctx;
    ngx_http_ccproxy_loc_conf_t  *lcf;

    if (r != r->main) {
        return NGX_OK;
    }

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);
    ctx = ngx_http_ccproxy_find_ctx(r);

    if (ctx && (lcf->enable
                || ctx->in.state == NGX_HTTP_CCPROXY_IN_DECODED))
    {
        ngx_http_ccproxy_settle(ctx);
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_ccproxy_settle_init(ngx_conf_t *cf)
{
    ngx_http_handler_pt        *h;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_LOG_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_ccproxy_settle_log;

    return NGX_OK;
}
