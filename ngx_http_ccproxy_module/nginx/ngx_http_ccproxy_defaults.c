
/*
 * ngx_http_ccproxy_defaults_module: what must happen before nginx's own HTTP
 * modules have their turn, so it stands before them in the list of modules.
 *
 * Locations with "ccproxy on" get values fit for LLM traffic for directives
 * of nginx's that nobody set: neither the location nor a level above it.  The
 * values are put in before levels are merged, so they are inherited (and
 * overridden) as if they had been written there.
 */

#include "nginx/balance/ngx_http_ccproxy_balance.h"
#include "nginx/request/ngx_http_ccproxy_request.h"


/* Which directives a level or one above it sets. */

#define NGX_HTTP_CCPROXY_SET_BODY     0x01
#define NGX_HTTP_CCPROXY_SET_CONNECT  0x02
#define NGX_HTTP_CCPROXY_SET_SEND     0x04
#define NGX_HTTP_CCPROXY_SET_READ     0x08
#define NGX_HTTP_CCPROXY_SET_BUFFERS  0x10
#define NGX_HTTP_CCPROXY_SET_BUFFER   0x20
#define NGX_HTTP_CCPROXY_SET_OUTPUT   0x40


typedef struct {
    off_t       body_size;
    size_t      output_size;
    ngx_msec_t  connect_timeout;
    ngx_msec_t  send_timeout;
    ngx_msec_t  read_timeout;
    size_t      buffer_size;
    size_t      busy_size;
    ngx_flag_t  buffering;
} ngx_http_ccproxy_values_t;


static char *ngx_http_ccproxy_server(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_ccproxy_defaults_init(ngx_conf_t *cf, void *conf);


#define NGX_HTTP_CCPROXY_LEVELS                                               \
    (NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF)

#define ngx_http_ccproxy_noted(name, args)                                    \
    { ngx_string(name), NGX_HTTP_CCPROXY_LEVELS|args,                         \
      ngx_http_ccproxy_stock_note, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL }


static ngx_command_t  ngx_http_ccproxy_defaults_commands[] = {

    { ngx_string("server"),
      NGX_HTTP_UPS_CONF|NGX_CONF_1MORE,
      ngx_http_ccproxy_server,
      NGX_HTTP_SRV_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("limit_req_zone"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE3,
      ngx_http_ccproxy_early,
      0,
      0,
      NULL },

    { ngx_string("limit_conn_zone"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE2,
      ngx_http_ccproxy_early,
      0,
      0,
      NULL },

    { ngx_string("log_format"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_2MORE,
      ngx_http_ccproxy_log_format,
      0,
      0,
      NULL },

    { ngx_string("access_log"),
      NGX_HTTP_CCPROXY_LEVELS|NGX_HTTP_LIF_CONF|NGX_HTTP_LMT_CONF
      |NGX_CONF_1MORE,
      ngx_http_ccproxy_log_access,
      0,
      0,
      NULL },

    { ngx_string("proxy_pass"),
      NGX_HTTP_LOC_CONF|NGX_HTTP_LIF_CONF|NGX_HTTP_LMT_CONF|NGX_CONF_TAKE1,
      ngx_http_ccproxy_pass,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("proxy_cache_key"),
      NGX_HTTP_CCPROXY_LEVELS|NGX_CONF_TAKE1,
      ngx_http_ccproxy_stock_key,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("proxy_set_header"),
      NGX_HTTP_CCPROXY_LEVELS|NGX_CONF_TAKE2,
      ngx_http_ccproxy_stock_header,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    ngx_http_ccproxy_noted("proxy_set_body", NGX_CONF_TAKE1),
    ngx_http_ccproxy_noted("proxy_method", NGX_CONF_TAKE1),
    ngx_http_ccproxy_noted("proxy_pass_request_body", NGX_CONF_FLAG),
    ngx_http_ccproxy_noted("proxy_http_version", NGX_CONF_TAKE1),
    ngx_http_ccproxy_noted("proxy_store", NGX_CONF_TAKE1),
    ngx_http_ccproxy_noted("proxy_cache_background_update", NGX_CONF_FLAG),
    ngx_http_ccproxy_noted("proxy_cache_convert_head", NGX_CONF_FLAG),
    ngx_http_ccproxy_noted("proxy_cache_use_stale", NGX_CONF_1MORE),
    ngx_http_ccproxy_noted("proxy_cache_revalidate", NGX_CONF_FLAG),
    ngx_http_ccproxy_noted("proxy_force_ranges", NGX_CONF_FLAG),
    ngx_http_ccproxy_noted("proxy_buffering", NGX_CONF_FLAG),
    ngx_http_ccproxy_noted("proxy_next_upstream", NGX_CONF_1MORE),
    ngx_http_ccproxy_noted("proxy_redirect", NGX_CONF_TAKE12),
    ngx_http_ccproxy_noted("proxy_cookie_domain", NGX_CONF_TAKE12),
    ngx_http_ccproxy_noted("proxy_cookie_path", NGX_CONF_TAKE12),
    ngx_http_ccproxy_noted("proxy_cookie_flags", NGX_CONF_TAKE1234),
    ngx_http_ccproxy_noted("proxy_pass_header", NGX_CONF_TAKE1),
    ngx_http_ccproxy_noted("proxy_limit_rate", NGX_CONF_TAKE1),
    ngx_http_ccproxy_noted("proxy_bind", NGX_CONF_TAKE12),
    ngx_http_ccproxy_noted("proxy_ssl_verify", NGX_CONF_FLAG),
    ngx_http_ccproxy_noted("proxy_ssl_trusted_certificate", NGX_CONF_TAKE1),
    ngx_http_ccproxy_noted("proxy_ssl_certificate", NGX_CONF_TAKE1),
    ngx_http_ccproxy_noted("proxy_ssl_certificate_key", NGX_CONF_TAKE1),
    ngx_http_ccproxy_noted("proxy_ssl_name", NGX_CONF_TAKE1),
    ngx_http_ccproxy_noted("proxy_ssl_server_name", NGX_CONF_FLAG),

      ngx_null_command
};


static ngx_http_module_t  ngx_http_ccproxy_defaults_module_ctx = {
    NULL,                                  /* preconfiguration */
    NULL,                                  /* postconfiguration */

    NULL,                                  /* create main configuration */
    ngx_http_ccproxy_defaults_init,        /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    NULL,                                  /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_ccproxy_defaults_module = {
    NGX_MODULE_V1,
    &ngx_http_ccproxy_defaults_module_ctx, /* module context */
    ngx_http_ccproxy_defaults_commands,    /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static const ngx_http_ccproxy_values_t  ngx_http_ccproxy_ours = {
    NGX_HTTP_CCPROXY_BODY_SIZE,
    NGX_HTTP_CCPROXY_OUTPUT_SIZE,
    NGX_HTTP_CCPROXY_CONNECT_TIMEOUT,
    NGX_HTTP_CCPROXY_SEND_TIMEOUT,
    NGX_HTTP_CCPROXY_READ_TIMEOUT,
    NGX_HTTP_CCPROXY_BUFFER_SIZE,
    NGX_HTTP_CCPROXY_BUFFER_SIZE,
    0
};


/*
 * The stock directive "server" comes here first, because only here it is
 * known which line of a pool is the wrong one; any other upstream's line goes
 * on to nginx's handler.
 */

static char *
ngx_http_ccproxy_server(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ccproxy_pool_t       *pool;
    ngx_http_upstream_srv_conf_t  *uscf;

    pool = ngx_http_conf_get_module_srv_conf(cf, ngx_http_ccproxy_module);
    uscf = ngx_http_conf_get_module_srv_conf(cf, ngx_http_upstream_module);

    if (pool->enable || pool->targets != NULL) {
        return "can't stand beside \"ccproxy\": write "
               "\"ccproxy_target PROVIDER MODEL;\" instead";
    }

    return ngx_http_ccproxy_stock(cf, cmd, &ngx_http_upstream_module,
                                  NGX_HTTP_UPS_CONF, uscf);
}


static ngx_uint_t
ngx_http_ccproxy_defaults_explicit(ngx_http_core_loc_conf_t *clcf,
    ngx_http_upstream_conf_t *u)
{
    ngx_uint_t  set;

    set = 0;

    if (clcf->client_max_body_size != NGX_CONF_UNSET) {
        set |= NGX_HTTP_CCPROXY_SET_BODY;
    }

    if (clcf->subrequest_output_buffer_size != NGX_CONF_UNSET_SIZE) {
        set |= NGX_HTTP_CCPROXY_SET_OUTPUT;
    }

    if (u->connect_timeout != NGX_CONF_UNSET_MSEC) {
        set |= NGX_HTTP_CCPROXY_SET_CONNECT;
    }

    if (u->send_timeout != NGX_CONF_UNSET_MSEC) {
        set |= NGX_HTTP_CCPROXY_SET_SEND;
    }

    if (u->read_timeout != NGX_CONF_UNSET_MSEC) {
        set |= NGX_HTTP_CCPROXY_SET_READ;
    }

    if (u->buffering != NGX_CONF_UNSET) {
        set |= NGX_HTTP_CCPROXY_SET_BUFFERS;
    }

    /* sizes that nginx checks against each other are one group */

    if (u->buffer_size != NGX_CONF_UNSET_SIZE
        || u->busy_buffers_size_conf != NGX_CONF_UNSET_SIZE
        || u->bufs.num != 0)
    {
        set |= NGX_HTTP_CCPROXY_SET_BUFFER;
    }

    return set;
}


static void
ngx_http_ccproxy_defaults_apply(ngx_http_core_loc_conf_t *clcf,
    ngx_http_upstream_conf_t *u, ngx_uint_t set,
    const ngx_http_ccproxy_values_t *v)
{
    if (!(set & NGX_HTTP_CCPROXY_SET_BODY)) {
        clcf->client_max_body_size = v->body_size;
    }

    if (!(set & NGX_HTTP_CCPROXY_SET_OUTPUT)) {
        clcf->subrequest_output_buffer_size = v->output_size;
    }

    if (!(set & NGX_HTTP_CCPROXY_SET_CONNECT)) {
        u->connect_timeout = v->connect_timeout;
    }

    if (!(set & NGX_HTTP_CCPROXY_SET_SEND)) {
        u->send_timeout = v->send_timeout;
    }

    if (!(set & NGX_HTTP_CCPROXY_SET_READ)) {
        u->read_timeout = v->read_timeout;
    }

    if (!(set & NGX_HTTP_CCPROXY_SET_BUFFERS)) {
        u->buffering = v->buffering;
    }

#if (NGX_HTTP_CACHE)
    if (v == &ngx_http_ccproxy_ours && u->cache_methods == 0) {
        u->cache_methods = NGX_CONF_BITMASK_SET|NGX_HTTP_GET|NGX_HTTP_HEAD
                           |NGX_HTTP_POST;
    }
#endif

    if (!(set & NGX_HTTP_CCPROXY_SET_BUFFER)) {
        u->buffer_size = v->buffer_size;
        u->busy_buffers_size_conf = v->busy_size;
    }
}


/*
 * Walks the levels from loc_conf down.  Values are put in where "ccproxy"
 * changes, so that a location with "ccproxy off" has nginx's own again.
 */

static void
ngx_http_ccproxy_defaults_level(void **loc_conf, ngx_uint_t set,
    ngx_flag_t enabled)
{
    ngx_flag_t                        enable;
    ngx_queue_t                      *q;
    ngx_http_upstream_conf_t         *u;
    ngx_http_core_loc_conf_t         *clcf, *child;
    ngx_http_ccproxy_values_t         stock;
    ngx_http_location_queue_t        *lq;
    ngx_http_ccproxy_loc_conf_t      *lcf;

    lcf = loc_conf[ngx_http_ccproxy_module.ctx_index];
    clcf = loc_conf[ngx_http_core_module.ctx_index];

    u = ngx_http_ccproxy_proxy_conf(loc_conf);

    enable = (lcf->enable == NGX_CONF_UNSET) ? enabled : lcf->enable;
    set |= ngx_http_ccproxy_defaults_explicit(clcf, u);

    if (enable && !enabled) {
        ngx_http_ccproxy_defaults_apply(clcf, u, set, &ngx_http_ccproxy_ours);

    } else if (!enable && enabled) {
        stock.body_size = 1024 * 1024;
        stock.output_size = ngx_pagesize;
        stock.connect_timeout = 60000;
        stock.send_timeout = 60000;
        stock.read_timeout = 60000;
        stock.buffer_size = ngx_pagesize;
        stock.busy_size = 2 * ngx_pagesize;
        stock.buffering = 1;

        ngx_http_ccproxy_defaults_apply(clcf, u, set, &stock);
    }

    if (clcf->locations == NULL) {
        return;
    }

    for (q = ngx_queue_head(clcf->locations);
         q != ngx_queue_sentinel(clcf->locations);
         q = ngx_queue_next(q))
    {
        lq = (ngx_http_location_queue_t *) q;
        child = lq->exact ? lq->exact : lq->inclusive;

        ngx_http_ccproxy_defaults_level(child->loc_conf, set, enable);
    }
}


/*
 * Filters are called against the order of modules.  Those of modules that were
 * loaded after this one would see what no client gets, an upstream's answer:
 * the module moves behind them, to the copy filter, which alone goes first.
 * Point 23 of ngx_http_ccproxy_internals.c.
 */

static void
ngx_http_ccproxy_defaults_order(ngx_module_t **modules)
{
    ngx_uint_t  i;

    for (i = 0; modules[i] != &ngx_http_ccproxy_module; i++) {
        if (modules[i] == NULL) {
            return;
        }
    }

    for ( /* void */ ; modules[i + 1]; i++) {

        if (ngx_strcmp(modules[i + 1]->name, "ngx_http_copy_filter_module")
            == 0)
        {
            return;
        }

        modules[i] = modules[i + 1];
        modules[i + 1] = &ngx_http_ccproxy_module;
    }
}


static char *
ngx_http_ccproxy_defaults_init(ngx_conf_t *cf, void *conf)
{
    ngx_uint_t                     i, set;
    ngx_flag_t                     enable;
    ngx_http_conf_ctx_t           *ctx;
    ngx_http_core_loc_conf_t      *clcf;
    ngx_http_upstream_conf_t      *u;
    ngx_http_core_srv_conf_t     **cscfp;
    ngx_http_core_main_conf_t     *cmcf;
    ngx_http_ccproxy_loc_conf_t   *lcf;

    if (ngx_http_ccproxy_internals_check(cf) != NGX_OK
        || ngx_http_ccproxy_upstream_check(cf) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    ngx_http_ccproxy_defaults_order(cf->cycle->modules);

    ctx = cf->ctx;

    cmcf = ctx->main_conf[ngx_http_core_module.ctx_index];
    clcf = ctx->loc_conf[ngx_http_core_module.ctx_index];
    lcf = ctx->loc_conf[ngx_http_ccproxy_module.ctx_index];
    u = ngx_http_ccproxy_proxy_conf(ctx->loc_conf);

    set = ngx_http_ccproxy_defaults_explicit(clcf, u);
    enable = (lcf->enable == 1);

    if (enable) {
        ngx_http_ccproxy_defaults_apply(clcf, u, set, &ngx_http_ccproxy_ours);
    }

    cscfp = cmcf->servers.elts;

    for (i = 0; i < cmcf->servers.nelts; i++) {
        ngx_http_ccproxy_defaults_level(cscfp[i]->ctx->loc_conf, set, enable);
    }

    return NGX_CONF_OK;
}
