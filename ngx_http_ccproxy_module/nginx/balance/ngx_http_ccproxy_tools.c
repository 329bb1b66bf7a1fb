
/*
 * How a try's target gets the client's tools: by the fields of its protocol,
 * or as text in the prompt.
 */

#include "nginx/balance/ngx_http_ccproxy_balance.h"
#include "codec/compat/compat.h"
#include "pool/pool_marks.h"


/* How long it is remembered that a model refused tools, and of how many
 * models, 16 bytes each. */
#define NGX_HTTP_CCPROXY_TOOLS_TIME  (60 * 60 * 1000)
#define NGX_HTTP_CCPROXY_TOOLS_SIZE  (8 * 4096)


/* ---- who refused them ---- */

static void *
ngx_http_ccproxy_tools_create(void *mem, size_t size)
{
    return ccp_pool_marks_init(mem, size);
}


ngx_int_t
ngx_http_ccproxy_tools_init(ngx_conf_t *cf)
{
    ngx_http_ccproxy_main_conf_t  *mcf;

    static ngx_http_ccproxy_shm_t  shm = {
        ngx_string("ccproxy_tools"),
        NGX_HTTP_CCPROXY_TOOLS_SIZE,
        0,
        ngx_http_ccproxy_tools_create
    };

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);

    if (mcf->pools.nelts == 0) {
        return NGX_OK;
    }

    mcf->tools = ngx_http_ccproxy_shm_add(cf, &shm);

    return mcf->tools ? NGX_OK : NGX_ERROR;
}


/* A provider's model, or the one the client names. */

static uint64_t
ngx_http_ccproxy_tools_name(ngx_http_ccproxy_ctx_t *ctx, ccp_str_t model)
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


static ngx_uint_t
ngx_http_ccproxy_tools_known(ngx_http_request_t *r, uint64_t name)
{
    ngx_uint_t                     known;
    ngx_slab_pool_t               *shpool;
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_ccproxy_module);
    shpool = (ngx_slab_pool_t *) mcf->tools->shm.addr;

    ngx_shmtx_lock(&shpool->mutex);
    known = ccp_pool_marks_has(mcf->tools->data, name, ngx_current_msec);
    ngx_shmtx_unlock(&shpool->mutex);

    return known;
}


static void
ngx_http_ccproxy_tools_remember(ngx_http_request_t *r, uint64_t name)
{
    ngx_slab_pool_t               *shpool;
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_ccproxy_module);
    shpool = (ngx_slab_pool_t *) mcf->tools->shm.addr;

    ngx_shmtx_lock(&shpool->mutex);
    ccp_pool_marks_set(mcf->tools->data, name, NGX_HTTP_CCPROXY_TOOLS_TIME,
                       ngx_current_msec);
    ngx_shmtx_unlock(&shpool->mutex);
}


/* ---- tries ---- */

static ccp_tools_e
ngx_http_ccproxy_tools_mode(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ccp_tools_e wish)
{
    ngx_http_ccproxy_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);

    if (lcf->tools != CCP_TOOLS_UNSET) {
        return (ccp_tools_e) lcf->tools;
    }

    return wish != CCP_TOOLS_UNSET
           ? wish : (ccp_tools_e) ctx->try.target->provider->tools;
}


void
ngx_http_ccproxy_tools_choose(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ccp_target_t *target)
{
    ccp_tools_e  mode;

    mode = ngx_http_ccproxy_tools_mode(r, ctx, target->tools);

    if (ccp_compat_mode(target->provider, mode) == CCP_TOOLS_AUTO) {

        ctx->try.tools_name = ngx_http_ccproxy_tools_name(ctx, target->model);
        mode = CCP_TOOLS_AUTO;

        if (ctx->endpoint.compat
            || ctx->tries.next == NGX_HTTP_CCPROXY_NEXT_TOOLS
            || ngx_http_ccproxy_tools_known(r, ctx->try.tools_name))
        {
            mode = CCP_TOOLS_COMPAT;

        } else if (!ccp_compat_needed(ccp_exchange_req(ctx->exchange))) {
            mode = CCP_TOOLS_NATIVE;
        }
    }

    ctx->try.tools = mode;
    target->tools = mode;
}


ngx_uint_t
ngx_http_ccproxy_tools_refused(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, const ccp_error_t *err)
{
    if (ctx->try.tools != CCP_TOOLS_AUTO || !ccp_compat_refused(err)) {
        return 0;
    }

    ngx_log_error(NGX_LOG_NOTICE, r->connection->log, 0,
                  "ccproxy: provider \"%V\" refused tools with status %ui, "
                  "this model gets them as text for an hour",
                  &ctx->try.target->provider->name, ctx->try.status);

    ngx_http_ccproxy_tools_remember(r, ctx->try.tools_name);
    ctx->tries.next = NGX_HTTP_CCPROXY_NEXT_TOOLS;

    return 1;
}
