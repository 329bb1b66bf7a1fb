
/*
 * Answers about the module itself: ccproxy_health, ccproxy_status.
 */

#include "nginx/core/ngx_http_ccproxy.h"
#include "codec/json/json_write.h"


typedef struct {
    ngx_atomic_t  requests;
    time_t        started;
} ngx_http_ccproxy_counters_t;


static ngx_str_t  ngx_http_ccproxy_local_type = ngx_string("application/json");
static ngx_str_t  ngx_http_ccproxy_local_page =
    ngx_string("text/html; charset=utf-8");


/* Workers share the counter, and a reload hands it on. */

static ngx_int_t
ngx_http_ccproxy_counters_init(ngx_shm_zone_t *zone, void *data)
{
    ngx_slab_pool_t              *shpool;
    ngx_http_ccproxy_counters_t  *counters;

    shpool = (ngx_slab_pool_t *) zone->shm.addr;

    if (data) {
        zone->data = data;
        return NGX_OK;
    }

    if (zone->shm.exists) {
        zone->data = shpool->data;
        return NGX_OK;
    }

    counters = ngx_slab_calloc(shpool, sizeof(ngx_http_ccproxy_counters_t));
    if (counters == NULL) {
        return NGX_ERROR;
    }

    counters->started = ngx_time();
    shpool->data = counters;
    zone->data = counters;

    return NGX_OK;
}


ngx_int_t
ngx_http_ccproxy_local_init(ngx_conf_t *cf)
{
    ngx_shm_zone_t                *zone;
    ngx_http_ccproxy_main_conf_t  *mcf;

    static ngx_str_t  name = ngx_string("ccproxy_counters");

    zone = ngx_shared_memory_add(cf, &name, 8 * ngx_pagesize,
                                 &ngx_http_ccproxy_module);
    if (zone == NULL) {
        return NGX_ERROR;
    }

    zone->init = ngx_http_ccproxy_counters_init;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);
    mcf->counters = zone;

    return NGX_OK;
}


void
ngx_http_ccproxy_local_count(ngx_http_request_t *r)
{
    ngx_http_ccproxy_counters_t   *counters;
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_ccproxy_module);
    counters = mcf->counters->data;

    (void) ngx_atomic_fetch_add(&counters->requests, 1);
}


static ngx_int_t
ngx_http_ccproxy_local_method(ngx_http_request_t *r)
{
    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    return ngx_http_discard_request_body(r);
}


static ngx_int_t
ngx_http_ccproxy_health_handler(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    static ngx_str_t  body = ngx_string("{\"status\":\"ok\"}" "\n");

    rc = ngx_http_ccproxy_local_method(r);

    return rc == NGX_OK ? ngx_http_ccproxy_send(r, NGX_HTTP_OK,
                                                &ngx_http_ccproxy_local_type,
                                                &body)
                        : rc;
}


static void *
ngx_http_ccproxy_local_alloc(void *data, size_t n)
{
    return ngx_alloc(n, data);
}


static void
ngx_http_ccproxy_local_free(void *data, void *p)
{
    (void) data;

    ngx_free(p);
}


static void
ngx_http_ccproxy_status_provider(ccp_out_t *out,
    ngx_http_ccproxy_provider_t *p)
{
    ccp_w_obj(out);
    ccp_w_kstr(out, "name", ngx_http_ccproxy_slice(&p->name));
    ccp_w_kcstr(out, "protocol", ccp_ops(p->dialect.proto)->name);
    ccp_w_kstr(out, "host", ngx_http_ccproxy_slice(&p->host_header));
    ccp_w_kbool(out, "tls", p->ssl);
    ccp_w_kint(out, "keys", (int64_t) p->keys.nelts);
    ccp_w_kbool(out, "resolved", ngx_http_ccproxy_connection_ready(p));
    ccp_w_obj_end(out);
}


static void
ngx_http_ccproxy_status_write(ngx_http_request_t *r, ccp_out_t *out)
{
    ngx_uint_t                      i;
    ngx_http_ccproxy_counters_t    *counters;
    ngx_http_ccproxy_provider_t   **p;
    ngx_http_ccproxy_main_conf_t   *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_ccproxy_module);
    counters = mcf->counters->data;

    ccp_w_obj(out);
    ccp_w_kcstr(out, "status", "ok");
    ccp_w_kcstr(out, "version", NGX_HTTP_CCPROXY_VERSION);
    ccp_w_kcstr(out, "nginx_version", NGINX_VERSION);
    ccp_w_kint(out, "uptime_seconds",
               (int64_t) (ngx_time() - counters->started));
    ccp_w_kint(out, "requests_served", (int64_t) counters->requests);

    ccp_w_key(out, "providers");
    ccp_w_arr(out);

    p = mcf->providers.elts;

    for (i = 0; i < mcf->providers.nelts; i++) {
        ngx_http_ccproxy_status_provider(out, p[i]);
    }

    ccp_w_arr_end(out);

    ngx_http_ccproxy_status_pools(mcf, out);
    ngx_http_ccproxy_group_write(r, out);

    ccp_w_obj_end(out);
    ccp_out_lit(out, "\n");
}


static void
ngx_http_ccproxy_status_html(ngx_http_request_t *r, ccp_out_t *out)
{
    ngx_http_ccproxy_counters_t   *counters;
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_ccproxy_module);
    counters = mcf->counters->data;

    ngx_http_ccproxy_status_page(mcf, out, ngx_time() - counters->started,
                                 counters->requests);
}


ngx_int_t
ngx_http_ccproxy_local_document(ngx_http_request_t *r, ngx_str_t *type,
    void (*write)(ngx_http_request_t *r, ccp_out_t *out))
{
    ngx_str_t     body;
    ccp_mem_t     mem;
    ccp_out_t     out;
    ccp_str_t     all;
    ccp_arena_t  *arena;

    mem.alloc = ngx_http_ccproxy_local_alloc;
    mem.free = ngx_http_ccproxy_local_free;
    mem.ctx = r->connection->log;

    arena = ccp_arena_create(&mem, 0);
    if (arena == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ccp_out_init(&out, arena, 0);

    write(r, &out);

    body.data = NULL;
    body.len = 0;

    if (ccp_out_finish(&out) == CCP_OK) {
        all = ccp_out_all(&out);
        body.data = ngx_pnalloc(r->pool, all.n);

        if (body.data) {
            ngx_memcpy(body.data, all.p, all.n);
            body.len = all.n;
        }
    }

    ccp_arena_destroy(arena);

    return body.data ? ngx_http_ccproxy_send(r, NGX_HTTP_OK, type, &body)
                     : NGX_HTTP_INTERNAL_SERVER_ERROR;
}


static ngx_int_t
ngx_http_ccproxy_status_handler(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    rc = ngx_http_ccproxy_group_post(r);

    if (rc == NGX_DECLINED) {
        rc = ngx_http_discard_request_body(r);
    }

    if (rc != NGX_OK || r->header_sent) {
        return rc;
    }

    return ngx_http_ccproxy_status_wants_page(r)
           ? ngx_http_ccproxy_local_document(r, &ngx_http_ccproxy_local_page,
                                             ngx_http_ccproxy_status_html)
           : ngx_http_ccproxy_local_document(r, &ngx_http_ccproxy_local_type,
                                             ngx_http_ccproxy_status_write);
}


char *
ngx_http_ccproxy_local_handler(ngx_conf_t *cf, ngx_http_handler_pt handler)
{
    ngx_http_core_loc_conf_t     *clcf;
    ngx_http_ccproxy_loc_conf_t  *lcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->handler) {
        return "stands in a location that has a handler already";
    }

    clcf->handler = handler;

    /* nothing is converted here, though it may be around */

    lcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_ccproxy_module);
    lcf->enable = 0;

    return NGX_CONF_OK;
}


char *
ngx_http_ccproxy_status(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    (void) cmd;
    (void) conf;

    return ngx_http_ccproxy_local_handler(cf, ngx_http_ccproxy_status_handler);
}


char *
ngx_http_ccproxy_health(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    (void) cmd;
    (void) conf;

    return ngx_http_ccproxy_local_handler(cf, ngx_http_ccproxy_health_handler);
}
