
/*
 * Wishes that models refuse: the target is asked again without, at once, and
 * not asked for it again for a while.  Tools, where they may be, go as text in
 * the prompt then.
 */

#include "nginx/account/ngx_http_ccproxy_account.h"
#include "nginx/balance/ngx_http_ccproxy_balance.h"
#include "codec/compat/compat.h"
#include "pool/pool_marks.h"


/* How long it is remembered that a model refused a wish, and how many times, 16
 * bytes each. */
#define NGX_HTTP_CCPROXY_WISHES_TIME  (60 * 60 * 1000)
#define NGX_HTTP_CCPROXY_WISHES_SIZE  (8 * 4096)


/* ---- who refused what ---- */

static void *
ngx_http_ccproxy_wishes_create(void *mem, size_t size)
{
    return ccp_pool_marks_init(mem, size);
}


ngx_int_t
ngx_http_ccproxy_wishes_init(ngx_conf_t *cf)
{
    ngx_http_ccproxy_main_conf_t  *mcf;

    static ngx_http_ccproxy_shm_t  shm = {
        ngx_string("ccproxy_tools"),
        NGX_HTTP_CCPROXY_WISHES_SIZE,
        0,
        ngx_http_ccproxy_wishes_create
    };

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);

    if (mcf->pools.nelts == 0) {
        return NGX_OK;
    }

    mcf->wishes = ngx_http_ccproxy_shm_add(cf, &shm);

    return mcf->wishes ? NGX_OK : NGX_ERROR;
}


/* A provider's model, or the one the client names. */

static uint64_t
ngx_http_ccproxy_wishes_model(ngx_http_ccproxy_ctx_t *ctx, ccp_str_t model)
{
    uint64_t    h;
    ngx_str_t  *provider;

    provider = &ctx->try.target->provider->name;

    if (model.p == NULL) {
        model = ccp_exchange_req(ctx->exchange)->model;
    }

    h = ccp_pool_hash(0, provider->data, provider->len);

    return ccp_pool_hash(h, model.p, model.n);
}


/*
 * What a model refuses beside tools or thinking it may take without: these two
 * are part of a mark's name.  That of tools is the model's alone.
 */

static uint64_t
ngx_http_ccproxy_wishes_mark(ngx_http_ccproxy_ctx_t *ctx, ngx_uint_t wish)
{
    u_char    name[2];
    unsigned  beside;

    if (wish == CCP_WISH_TOOLS) {
        return ctx->try.model;
    }

    beside = ccp_exchange_wishes(ctx->exchange)
             & (CCP_WISH_BIT(CCP_WISH_TOOLS) | CCP_WISH_BIT(CCP_WISH_THINK));

    name[0] = (u_char) wish;
    name[1] = (u_char) beside;

    return ccp_pool_hash(ctx->try.model, name, 2);
}


/* Those of the request's wishes that are known to be refused. */

static unsigned
ngx_http_ccproxy_wishes_known(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    unsigned                       wishes, known;
    ngx_uint_t                     i;
    ngx_slab_pool_t               *shpool;
    ngx_http_ccproxy_main_conf_t  *mcf;

    known = 0;
    wishes = ccp_exchange_wishes(ctx->exchange);

    if (wishes == 0) {
        return 0;
    }

    mcf = ngx_http_get_module_main_conf(r, ngx_http_ccproxy_module);
    shpool = (ngx_slab_pool_t *) mcf->wishes->shm.addr;

    ngx_shmtx_lock(&shpool->mutex);

    for (i = 0; i < CCP_NWISH; i++) {
        if ((wishes & CCP_WISH_BIT(i))
            && ccp_pool_marks_has(mcf->wishes->data,
                                  ngx_http_ccproxy_wishes_mark(ctx, i),
                                  ngx_current_msec))
        {
            known |= CCP_WISH_BIT(i);
        }
    }

    ngx_shmtx_unlock(&shpool->mutex);

    return known;
}


static void
ngx_http_ccproxy_wishes_remember(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ngx_uint_t wish)
{
    ngx_slab_pool_t               *shpool;
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_ccproxy_module);
    shpool = (ngx_slab_pool_t *) mcf->wishes->shm.addr;

    ngx_shmtx_lock(&shpool->mutex);
    ccp_pool_marks_set(mcf->wishes->data,
                       ngx_http_ccproxy_wishes_mark(ctx, wish),
                       NGX_HTTP_CCPROXY_WISHES_TIME, ngx_current_msec);
    ngx_shmtx_unlock(&shpool->mutex);
}


/* ---- tries ---- */

static ccp_tools_e
ngx_http_ccproxy_wishes_tools(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ccp_target_t *target)
{
    ccp_tools_e                   mode;
    ngx_http_ccproxy_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);

    if (lcf->tools != CCP_TOOLS_UNSET) {
        mode = (ccp_tools_e) lcf->tools;

    } else if (target->tools != CCP_TOOLS_UNSET) {
        mode = target->tools;

    } else {
        mode = (ccp_tools_e) ctx->try.target->provider->tools;
    }

    if (ccp_compat_mode(target->provider, mode) != CCP_TOOLS_AUTO) {
        return mode;
    }

    if (ctx->endpoint.compat
        || (ctx->try.without & CCP_WISH_BIT(CCP_WISH_TOOLS)))
    {
        return CCP_TOOLS_COMPAT;
    }

    return ccp_compat_needed(ccp_exchange_req(ctx->exchange))
           ? CCP_TOOLS_AUTO : CCP_TOOLS_NATIVE;
}


void
ngx_http_ccproxy_wishes_choose(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ccp_target_t *target)
{
    if (ctx->tries.next != NGX_HTTP_CCPROXY_NEXT_WITHOUT) {
        ctx->try.without = 0;
        ctx->try.model = ngx_http_ccproxy_wishes_model(ctx, target->model);
    }

    ctx->try.without |= ngx_http_ccproxy_wishes_known(r, ctx);
    ctx->try.tools = ngx_http_ccproxy_wishes_tools(r, ctx, target);

    if (ctx->try.tools != CCP_TOOLS_COMPAT) {
        ctx->try.without &= ~CCP_WISH_BIT(CCP_WISH_TOOLS);
    }

    target->without = ctx->try.without;
    target->tools = ctx->try.tools;
}


ngx_uint_t
ngx_http_ccproxy_wishes_open(ngx_http_ccproxy_ctx_t *ctx)
{
    if (ctx->try.tools == CCP_TOOLS_AUTO) {
        return 1;
    }

    /* but for tools, refusals come with a status of their own */

    return ctx->try.status >= NGX_HTTP_BAD_REQUEST
           && (ccp_exchange_wishes(ctx->exchange) & ~ctx->try.without) != 0;
}


ngx_uint_t
ngx_http_ccproxy_wishes_refused(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ccp_wish_e  wish;

    wish = ccp_try_refused(ctx->try.codec);

    if (wish == CCP_NWISH) {
        return 0;
    }

    if (wish == CCP_WISH_TOOLS) {
        ngx_log_error(NGX_LOG_NOTICE, r->connection->log, 0,
                      "ccproxy: provider \"%V\" refused tools with status "
                      "%ui, this model gets them as text for an hour",
                      &ctx->try.target->provider->name, ctx->try.status);

    } else {
        ngx_log_error(NGX_LOG_NOTICE, r->connection->log, 0,
                      "ccproxy: provider \"%V\" refused %s with status %ui, "
                      "this model is asked without for an hour",
                      &ctx->try.target->provider->name, ccp_wish_name(wish),
                      ctx->try.status);
    }

    ngx_http_ccproxy_wishes_remember(r, ctx, wish);
    ngx_http_ccproxy_count_event(r, CCP_METER_REFUSALS, 1);

    ctx->try.without |= CCP_WISH_BIT(wish);
    ctx->tries.next = NGX_HTTP_CCPROXY_NEXT_WITHOUT;

    return 1;
}
