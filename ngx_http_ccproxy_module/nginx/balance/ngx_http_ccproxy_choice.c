
/*
 * What pools are asked and told: which pair is next, and what became of it.
 */

#include "nginx/account/ngx_http_ccproxy_account.h"
#include "nginx/filter/ngx_http_ccproxy_filter.h"
#include "nginx/balance/ngx_http_ccproxy_balance.h"
#include "nginx/record/ngx_http_ccproxy_record.h"
#include "codec/prepare/prepare.h"


/* What is told when no pair is found and none was tried. */

static const struct {
    ccp_err_e    cls;
    const char  *message;
} ngx_http_ccproxy_refusals[CCP_POOL_OUTCOMES] = {
    { CCP_E_OVERLOADED, "no target can be asked now" },
    { CCP_E_OVERLOADED, "no target can be asked now" },
    { CCP_E_RATE, "the rate limit of each key is used up" },
    { CCP_E_SERVER, "no key is accepted" },
    { CCP_E_QUOTA, "the account of each key is used up" },
    { CCP_E_OVERLOADED, "each target failed and asked for some time" },
    { CCP_E_OVERLOADED, "no target can be reached" },
    { CCP_E_OVERLOADED, "no target can be reached" },
    { CCP_E_RATE, "the usage limit of each plan is reached" },
    { CCP_E_SERVER, "no key is accepted" }
};


/* What is logged of an upstream's words, bytes. */
#define NGX_HTTP_CCPROXY_CHOICE_WORDS  256


static const char  *ngx_http_ccproxy_errors[CCP_E_MAX] = {
    [CCP_E_NONE] = "no error",
    [CCP_E_BAD_REQUEST] = "bad request",
    [CCP_E_TOO_LONG] = "prompt too long",
    [CCP_E_AUTH] = "credential refused",
    [CCP_E_BILLING] = "no credit",
    [CCP_E_QUOTA] = "quota used up",
    [CCP_E_FORBIDDEN] = "forbidden",
    [CCP_E_NOT_FOUND] = "not found",
    [CCP_E_METHOD] = "method not allowed",
    [CCP_E_CONFLICT] = "conflict",
    [CCP_E_TOO_LARGE] = "request too large",
    [CCP_E_RATE] = "rate limit",
    [CCP_E_SERVER] = "server error",
    [CCP_E_OVERLOADED] = "overloaded",
    [CCP_E_TIMEOUT] = "timed out",
    [CCP_E_MALFORMED] = "unreadable",
    [CCP_E_UNSUPPORTED] = "not implemented",
    [CCP_E_BUDGET] = "budget used up"
};


/* What an error says of the pair it came from, if it is not the request's. */

static const ccp_pool_outcome_e  ngx_http_ccproxy_outcomes[CCP_E_MAX] = {
    [CCP_E_NONE] = CCP_POOL_GOOD,
    [CCP_E_BAD_REQUEST] = CCP_POOL_GOOD,
    [CCP_E_TOO_LONG] = CCP_POOL_GOOD,
    [CCP_E_AUTH] = CCP_POOL_KEY,
    [CCP_E_BILLING] = CCP_POOL_MONEY,
    [CCP_E_QUOTA] = CCP_POOL_MONEY,
    [CCP_E_FORBIDDEN] = CCP_POOL_KEY,
    [CCP_E_NOT_FOUND] = CCP_POOL_GOOD,
    [CCP_E_METHOD] = CCP_POOL_GOOD,
    [CCP_E_CONFLICT] = CCP_POOL_NOTHING,
    [CCP_E_TOO_LARGE] = CCP_POOL_GOOD,
    [CCP_E_RATE] = CCP_POOL_RATE,
    [CCP_E_SERVER] = CCP_POOL_SERVER,
    [CCP_E_OVERLOADED] = CCP_POOL_SERVER,
    [CCP_E_TIMEOUT] = CCP_POOL_SERVER,
    [CCP_E_MALFORMED] = CCP_POOL_SERVER,
    [CCP_E_UNSUPPORTED] = CCP_POOL_GOOD,
    [CCP_E_BUDGET] = CCP_POOL_GOOD
};


static uint64_t
ngx_http_ccproxy_choice_hash(uint64_t h, ngx_str_t *s)
{
    return ccp_pool_hash(h, s->data, s->len);
}


/*
 * Names of a pair; n tells apart what stands in the pool more than once.  A
 * key is known by its secret: one that is put in its place begins anew, and
 * others may change their order.  Where a target has no model, the client's
 * one completes the name of key and model for each try.
 */

static void
ngx_http_ccproxy_choice_names(ngx_http_ccproxy_pool_t *pool,
    ngx_http_ccproxy_pair_t *pair, ccp_pool_pair_t *p, ngx_uint_t n)
{
    uint64_t                    h;
    ngx_str_t                  *secret, model;
    ngx_http_ccproxy_target_t  *t;

    static ngx_str_t  none = ngx_string("");

    t = pair->target;
    secret = pair->key ? &pair->key->value : &none;

    model.data = (u_char *) t->target.model.p;
    model.len = t->target.model.n;

    h = ngx_http_ccproxy_choice_hash(0, &t->provider->name);

    p->target = ngx_http_ccproxy_choice_hash(ccp_pool_hash(h, "target", 6),
                                             &model);

    h = ngx_http_ccproxy_choice_hash(h, secret);

    if (pair->key && pair->key->proxy) {

        /* the same secret by another way is another one */

        h = ngx_http_ccproxy_choice_hash(h, &pair->key->proxy->host.name);
        h = ccp_pool_hash(h, &pair->key->proxy->host.port, sizeof(in_port_t));
        h = ngx_http_ccproxy_choice_hash(h, &pair->key->proxy->auth);
    }

    p->key = ccp_pool_hash(h, "key", 3);
    p->cool = ngx_http_ccproxy_choice_hash(ccp_pool_hash(h, "cool", 4),
                                           &model);
    p->client = (model.data == NULL);

    p->pair = ngx_http_ccproxy_choice_hash(p->cool, &pool->uscf->host);
    p->pair = ccp_pool_hash(p->pair, &n, sizeof(ngx_uint_t));
}


/*
 * Limits of a minute are the secret's, whatever providers and keys it is known
 * by: they count together, and a name without a limit has that of another.
 */

static void
ngx_http_ccproxy_choice_limits(ngx_conf_t *cf, ngx_http_ccproxy_key_t *key,
    ccp_pool_pair_t *p)
{
    ngx_uint_t                      i, k, rpm, tpm;
    ngx_http_ccproxy_key_t         *other;
    ngx_http_ccproxy_provider_t   **provider;
    ngx_http_ccproxy_main_conf_t   *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);
    provider = mcf->providers.elts;

    rpm = 0;
    tpm = 0;

    for (i = 0; i < mcf->providers.nelts; i++) {
        other = provider[i]->keys.elts;

        for (k = 0; k < provider[i]->keys.nelts; k++) {

            if (!ngx_http_ccproxy_eq(&other[k].value, &key->value)) {
                continue;
            }

            /* 0, no limit, is the largest of all */

            rpm = ngx_min(rpm - 1, other[k].rpm - 1) + 1;
            tpm = ngx_min(tpm - 1, other[k].tpm - 1) + 1;
        }
    }

    p->rpm = (uint32_t) (key->rpm ? key->rpm : rpm);
    p->tpm = key->tpm ? key->tpm : tpm;

    if (p->rpm || p->tpm) {
        p->rate = ngx_http_ccproxy_choice_hash(ccp_pool_hash(0, "rate", 4),
                                               &key->value);
    }
}


ngx_int_t
ngx_http_ccproxy_choice_list(ngx_conf_t *cf, ngx_http_ccproxy_pool_t *pool)
{
    ngx_uint_t                  i, k, n;
    ccp_pool_pair_t            *p;
    ngx_http_ccproxy_pair_t    *pair;
    ngx_http_ccproxy_target_t  *t;

    p = ngx_pcalloc(cf->pool, pool->npairs * sizeof(ccp_pool_pair_t));
    if (p == NULL) {
        return NGX_ERROR;
    }

    pool->list.pairs = p;
    pool->list.n = pool->npairs;

    for (i = 0; i < pool->npairs; i++) {

        pair = &pool->pairs[i];
        t = pair->target;

        ngx_http_ccproxy_choice_names(pool, pair, &p[i], 0);

        for (k = 0, n = 0; k < i; k++) {
            n += (p[k].cool == p[i].cool);
        }

        if (n) {
            ngx_http_ccproxy_choice_names(pool, pair, &p[i], n);
        }

        p[i].weight = t->weight * (pair->key ? pair->key->weight : 1);
        p[i].max_inflight = t->max_inflight;

        if (pair->key) {
            ngx_http_ccproxy_choice_limits(cf, pair->key, &p[i]);
            pool->estimate |= (p[i].tpm != 0);
        }

        p[i].backup = t->backup;

        if (t->target.context > 0) {
            pool->estimate = 1;
            p[i].context = t->target.context;
            pool->context = ngx_max(pool->context, t->target.context);
        }
    }

    return NGX_OK;
}


/* Whatever way a request ends, its try is over then. */

static void
ngx_http_ccproxy_choice_cleanup(void *data)
{
    ngx_http_ccproxy_choice_end(data);
}


/* Requests that tell no session take their turns. */

static ngx_int_t
ngx_http_ccproxy_choice_session(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_str_t  value;

    if (ctx->tries.pool->sticky == NULL) {
        return NGX_OK;
    }

    if (ngx_http_complex_value(r, ctx->tries.pool->sticky, &value) != NGX_OK) {
        return NGX_ERROR;
    }

    if (value.len) {
        ctx->tries.choice.session = ngx_http_ccproxy_choice_hash(0, &value);

        /* one client doesn't choose the pair of another's session */

        if (ctx->client.len) {
            ctx->tries.choice.session =
                ngx_http_ccproxy_choice_hash(ctx->tries.choice.session,
                                             &ctx->client);
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_ccproxy_choice_init(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_pool_cleanup_t            *cln;
    const ccp_request_t           *req;
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_ccproxy_module);

    ngx_memzero(&ctx->tries.choice, sizeof(ccp_pool_request_t));

    ctx->tries.choice.flags = ngx_pcalloc(r->pool, ctx->tries.pool->npairs);
    if (ctx->tries.choice.flags == NULL) {
        return NGX_ERROR;
    }

    if (ngx_http_ccproxy_choice_session(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    ctx->tries.choice.client =
        ngx_http_ccproxy_choice_hash(0, ctx->client.len
                                        ? &ctx->client
                                        : &r->connection->addr_text);

    req = ccp_exchange_req(ctx->exchange);

    if (req) {
        ctx->tries.choice.owner = ccp_exchange_owner(ctx->exchange);
        ctx->tries.choice.model = ccp_pool_hash(0, ctx->name.model.data,
                                                ctx->name.model.len);
        ctx->tries.choice.tokens = ctx->tries.pool->estimate
                             ? ccp_exchange_estimate(ctx->exchange) : 0;
    }

    if (ctx->tries.zone == NULL) {
        cln = ngx_pool_cleanup_add(r->pool, 0);
        if (cln == NULL) {
            return NGX_ERROR;
        }

        cln->handler = ngx_http_ccproxy_choice_cleanup;
        cln->data = ctx;

        ctx->tries.zone = mcf->zone;
    }

    return NGX_OK;
}


uint64_t
ngx_http_ccproxy_choice_owner(ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_http_ccproxy_pool_t  *pool;

    pool = ctx->tries.pool;

    return pool->list.pairs[ctx->try.pair - pool->pairs].key;
}


static void
ngx_http_ccproxy_choice_lock(ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_shmtx_lock(&ctx->tries.zone->shpool->mutex);
}


static void
ngx_http_ccproxy_choice_unlock(ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_shmtx_unlock(&ctx->tries.zone->shpool->mutex);
}


/* Why no pair is there, in words for the client. */

static void
ngx_http_ccproxy_choice_refuse(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_uint_t           wait;
    ngx_str_t           *name;
    ccp_pool_request_t  *rq;

    rq = &ctx->tries.choice;
    name = &ctx->tries.pool->uscf->host;
    wait = (ngx_uint_t) ((rq->wait + 999) / 1000);

    switch (rq->reason) {

    case CCP_POOL_R_COOLING:
        ngx_http_ccproxy_error_set(r, ctx,
                                   ngx_http_ccproxy_refusals[rq->why].cls,
                                   "%s: try again in %ui seconds (pool "
                                   "\"%V\")",
                                   ngx_http_ccproxy_refusals[rq->why].message,
                                   wait, name);
        break;

    case CCP_POOL_R_LIMIT:
        ngx_http_ccproxy_error_set(r, ctx, CCP_E_RATE,
                                   "the limits set for each key are reached: "
                                   "try again in %ui seconds (pool \"%V\")",
                                   wait, name);
        break;

    case CCP_POOL_R_CONTEXT:
        ngx_http_ccproxy_error_set(r, ctx, CCP_E_TOO_LONG,
                                   "prompt is too long: %L tokens > %L "
                                   "maximum (estimate, pool \"%V\")",
                                   rq->tokens, ctx->tries.pool->context, name);
        break;

    case CCP_POOL_R_HELD:
        ngx_http_ccproxy_error_set(r, ctx, CCP_E_OVERLOADED,
                                   "each target is put on hold by an "
                                   "operator (pool \"%V\")", name);
        wait = 0;
        break;

    case CCP_POOL_R_BUSY:
        ngx_http_ccproxy_error_set(r, ctx, CCP_E_OVERLOADED,
                                   "each target has as many requests under "
                                   "way as it may have (pool \"%V\")", name);
        wait = 1;
        break;

    default:
        return;
    }

    ctx->error.retry_after = (int) wait;
}


ngx_int_t
ngx_http_ccproxy_choice_next(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    int                       found;
    ngx_http_ccproxy_pool_t  *pool;
    ngx_http_ccproxy_zone_t  *zone;

    pool = ctx->tries.pool;
    zone = ctx->tries.zone;

    ngx_http_ccproxy_choice_lock(ctx);
    found = ccp_pool_pick(zone->pool, &pool->list, &zone->worker,
                          &ctx->tries.choice, ngx_current_msec,
                          &ctx->try.ticket);
    ngx_http_ccproxy_choice_unlock(ctx);

    if (!found) {

        ngx_log_debug3(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                       "ccproxy choice: none of %ui pairs, reason %d, %uL ms",
                       pool->npairs, (int) ctx->tries.choice.reason,
                       (uint64_t) ctx->tries.choice.wait);

        if (ctx->error.cls == CCP_E_NONE && ctx->tries.n == 0) {
            ngx_http_ccproxy_choice_refuse(r, ctx);
        }

        return NGX_BUSY;
    }

    ccp_try_destroy(ctx->try.codec);
    ctx->try.codec = NULL;

    ctx->try.pair = &pool->pairs[ctx->try.ticket.index];
    ctx->try.target = ctx->try.pair->target;
    ctx->try.key = ctx->try.pair->key;

    ngx_http_ccproxy_recent_open(ctx);

    ngx_log_debug4(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "ccproxy choice: pair %ui of %ui, provider \"%V\", key "
                   "\"%V\"", (ngx_uint_t) ctx->try.ticket.index, pool->npairs,
                   &ctx->try.target->provider->name,
                   ngx_http_ccproxy_key_name(ctx->try.key));

    return NGX_OK;
}


void
ngx_http_ccproxy_choice_report(ngx_http_ccproxy_ctx_t *ctx,
    ccp_pool_outcome_e outcome, ngx_uint_t wait)
{
    if (!ctx->try.ticket.held || ctx->try.ticket.told) {
        return;
    }

    /* a server that can't count tokens may answer for all that */

    if (outcome == CCP_POOL_SERVER && ctx->endpoint.op == CCP_OP_COUNT) {
        outcome = CCP_POOL_NOTHING;
    }

    ngx_log_debug3(NGX_LOG_DEBUG_HTTP, ctx->request->connection->log, 0,
                   "ccproxy choice: pair %ui comes to %s, wait %ui s",
                   (ngx_uint_t) ctx->try.ticket.index,
                   ngx_http_ccproxy_outcome_name(outcome), wait);

    ngx_http_ccproxy_tape_try(ctx, outcome);
    ngx_http_ccproxy_recent_try(ctx, outcome);

    if (outcome > CCP_POOL_GOOD) {
        ngx_http_ccproxy_count_event(ctx->request, CCP_METER_COOLDOWNS, 1);
    }

    ngx_http_ccproxy_choice_lock(ctx);
    ccp_pool_report(ctx->tries.zone->pool, &ctx->tries.pool->list,
                    &ctx->tries.choice, &ctx->try.ticket, outcome,
                    (uint64_t) wait * 1000, ngx_current_msec);
    ngx_http_ccproxy_choice_unlock(ctx);
}


ngx_uint_t
ngx_http_ccproxy_choice_asked(ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_http_upstream_t  *u;

    u = ctx->request->upstream;

    return ngx_http_ccproxy_answering(ctx) || (u && u->request_sent);
}


static ccp_pool_outcome_e
ngx_http_ccproxy_choice_outcome(const ccp_error_t *err)
{
    ccp_pool_outcome_e  outcome;

    outcome = ngx_http_ccproxy_outcomes[err->cls];

    switch (err->blame) {

    case CCP_BLAME_REQUEST:
        return outcome == CCP_POOL_GOOD ? outcome : CCP_POOL_NOTHING;

    case CCP_BLAME_MODEL:
        return CCP_POOL_RATE;

    case CCP_BLAME_KEY:
        return err->cls == CCP_E_RATE ? CCP_POOL_PLAN : outcome;

    case CCP_BLAME_DOUBT:
        return CCP_POOL_DOUBT;

    default:
        return outcome;
    }
}


/* The upstream's words on one line, and no more of them than one can read. */

static ngx_str_t
ngx_http_ccproxy_choice_words(ccp_str_t message, u_char *buf, size_t size)
{
    size_t     i;
    ngx_str_t  words;

    words.data = buf;
    words.len = ngx_min(message.n, size);

    for (i = 0; i < words.len; i++) {
        buf[i] = message.p[i] < 0x20 || message.p[i] == 0x7f
                 ? ' ' : message.p[i];
    }

    return words;
}


void
ngx_http_ccproxy_choice_error(ngx_http_ccproxy_ctx_t *ctx,
    const ccp_error_t *err)
{
    u_char              buf[NGX_HTTP_CCPROXY_CHOICE_WORDS];
    ngx_str_t           words;
    ccp_pool_outcome_e  outcome;

    if (!ctx->try.ticket.held || ctx->try.ticket.told) {
        return;
    }

    outcome = ngx_http_ccproxy_choice_outcome(err);
    words = ngx_http_ccproxy_choice_words(err->message, buf, sizeof(buf));

    ngx_log_error(NGX_LOG_INFO, ctx->request->connection->log, 0,
                  "ccproxy: provider \"%V\", key \"%V\" answered %ui, %s: "
                  "%V", &ctx->try.target->provider->name,
                  ngx_http_ccproxy_key_name(ctx->try.key), ctx->try.status,
                  ngx_http_ccproxy_errors[err->cls], &words);

    ngx_http_ccproxy_choice_report(ctx, outcome,
                                   ngx_max(err->retry_after, 0));
}


void
ngx_http_ccproxy_choice_back(ngx_http_ccproxy_ctx_t *ctx,
    ccp_pool_outcome_e outcome)
{
    ngx_http_ccproxy_choice_report(ctx, outcome, 0);
    ngx_http_ccproxy_choice_free(ctx, NGX_HTTP_CCPROXY_COST_NONE);

    ctx->tries.choice.tries--;
}


/* What the present try used, for all who count it. */

static int64_t
ngx_http_ccproxy_choice_used(ngx_http_ccproxy_ctx_t *ctx,
    ngx_http_ccproxy_cost_e cost)
{
    ccp_usage_t  used;

    /* an estimate reads the prompt: not where nobody counts */

    if (ctx->try.codec == NULL
        || cost == NGX_HTTP_CCPROXY_COST_NONE
        || (cost == NGX_HTTP_CCPROXY_COST_KEY && !ctx->tries.pool->estimate))
    {
        return 0;
    }

    ccp_answer_used(ctx->try.codec, &used);

    if (cost == NGX_HTTP_CCPROXY_COST_CLIENT) {
        ccp_usage_add(&ctx->tries.used, &used);
        ngx_http_ccproxy_settle_try(ctx, &used);
    }

    return ngx_max(ccp_usage_total(&used), 0);
}


void
ngx_http_ccproxy_choice_free(ngx_http_ccproxy_ctx_t *ctx,
    ngx_http_ccproxy_cost_e cost)
{
    int64_t  tokens;

    if (!ctx->try.ticket.held) {
        return;
    }

    if (!ctx->try.ticket.told) {
        ngx_http_ccproxy_tape_try(ctx, CCP_POOL_NOTHING);
    }

    tokens = ngx_http_ccproxy_choice_used(ctx, cost);

    ngx_http_ccproxy_choice_lock(ctx);
    ccp_pool_free(ctx->tries.zone->pool, &ctx->tries.pool->list,
                  &ctx->try.ticket, tokens, ngx_current_msec);
    ngx_http_ccproxy_choice_unlock(ctx);
}


void
ngx_http_ccproxy_choice_end(ngx_http_ccproxy_ctx_t *ctx)
{
    ccp_outcome_t            o;
    ngx_http_ccproxy_cost_e  cost;

    if (!ctx->try.ticket.held) {
        return;
    }

    cost = ngx_http_ccproxy_choice_asked(ctx) ? NGX_HTTP_CCPROXY_COST_CLIENT
                                              : NGX_HTTP_CCPROXY_COST_NONE;

    if (ngx_http_ccproxy_answering(ctx)) {
        ccp_answer_outcome(ctx->try.codec, &o);

        if (o.error) {
            ngx_http_ccproxy_choice_error(ctx, o.error);

            if (!o.content) {
                cost = NGX_HTTP_CCPROXY_COST_KEY;
            }

        } else if (o.content || ccp_answer_done(ctx->try.codec)) {
            ngx_http_ccproxy_choice_report(ctx, CCP_POOL_GOOD, 0);
        }
    }

    ngx_http_ccproxy_choice_free(ctx, cost);
}
