
/*
 * ccproxy_health: whether pools can serve, for load balancers and the like.
 * Names are told, and no more of them than that.
 */

#include "nginx/net/ngx_http_ccproxy_net.h"
#include "nginx/balance/ngx_http_ccproxy_balance.h"
#include "nginx/pages/ngx_http_ccproxy_pages.h"
#include "codec/json/json_write.h"


static const char *
ngx_http_ccproxy_health_word(const ngx_http_ccproxy_shape_t *shape)
{
    return shape->usable || !shape->unusable ? "healthy" : "unhealthy";
}


/* A moment in UTC (RFC 3339). */

static void
ngx_http_ccproxy_health_time(ccp_out_t *out, const char *name, time_t t)
{
    u_char     buf[sizeof("1970-09-28T12:00:00Z") + NGX_TIME_T_LEN];
    ngx_tm_t   tm;
    ccp_str_t  text;

    ngx_gmtime(t, &tm);

    text = ccp_none;
    text.p = buf;
    text.n = ngx_sprintf(buf, "%4d-%02d-%02dT%02d:%02d:%02dZ", tm.ngx_tm_year,
                         tm.ngx_tm_mon, tm.ngx_tm_mday, tm.ngx_tm_hour,
                         tm.ngx_tm_min, tm.ngx_tm_sec)
             - buf;

    ccp_w_kstr(out, name, text);
}


/* The lock is held for one pair at a time. */

void
ngx_http_ccproxy_shape(ngx_http_ccproxy_main_conf_t *mcf,
    ngx_http_ccproxy_pool_t *pool, ngx_http_ccproxy_provider_t *provider,
    ngx_http_ccproxy_shape_t *shape)
{
    time_t                        asked;
    ngx_uint_t                    i;
    ccp_pool_look_t               look;
    ngx_http_ccproxy_zone_t      *zone;
    ngx_http_ccproxy_provider_t  *p;

    zone = mcf->zone;

    for (i = 0; i < pool->npairs; i++) {

        p = pool->pairs[i].target->provider;

        if (provider && p != provider) {
            continue;
        }

        ngx_shmtx_lock(&zone->shpool->mutex);
        ccp_pool_look(zone->pool, &pool->list.pairs[i], ngx_current_msec,
                      &look);
        ngx_shmtx_unlock(&zone->shpool->mutex);

        if ((look.wait == 0 || look.models) && look.held == 0
            && ngx_http_ccproxy_connection_ready(p))
        {
            shape->usable++;

        } else {
            shape->unusable++;
        }

        if (look.asked && look.asked <= ngx_current_msec / 1000) {
            asked = ngx_time()
                    - (time_t) (ngx_current_msec / 1000 - look.asked);
            shape->checked = ngx_max(shape->checked, asked);
        }
    }
}


void
ngx_http_ccproxy_health_provider(ngx_http_ccproxy_main_conf_t *mcf,
    ngx_http_ccproxy_provider_t *provider, ccp_out_t *out)
{
    ngx_uint_t                  i;
    ngx_http_ccproxy_pool_t   **pp;
    ngx_http_ccproxy_shape_t    shape;

    ngx_memzero(&shape, sizeof(ngx_http_ccproxy_shape_t));
    pp = mcf->pools.elts;

    for (i = 0; i < mcf->pools.nelts; i++) {
        ngx_http_ccproxy_shape(mcf, pp[i], provider, &shape);
    }

    ccp_w_kcstr(out, "status", ngx_http_ccproxy_health_word(&shape));

    if (shape.checked) {
        ngx_http_ccproxy_health_time(out, "last_check", shape.checked);

    } else {
        ccp_w_key(out, "last_check");
        ccp_w_null(out);
    }
}


/* Whether the location is asked of the pool. */

static ngx_uint_t
ngx_http_ccproxy_health_meant(ngx_http_ccproxy_loc_conf_t *lcf,
    ngx_http_ccproxy_pool_t *pool)
{
    ngx_str_t   *name;
    ngx_uint_t   i;

    if (lcf->health == NULL) {
        return 1;
    }

    name = lcf->health->elts;

    for (i = 0; i < lcf->health->nelts; i++) {
        if (name[i].len == pool->uscf->host.len
            && ngx_strncasecmp(name[i].data, pool->uscf->host.data,
                               name[i].len)
               == 0)
        {
            return 1;
        }
    }

    return 0;
}


/* How many of the pools can serve, and how many can't. */

static void
ngx_http_ccproxy_health_count(ngx_http_request_t *r, ngx_uint_t *well,
    ngx_uint_t *ill)
{
    ngx_uint_t                      i;
    ngx_http_ccproxy_pool_t       **pp;
    ngx_http_ccproxy_shape_t        shape;
    ngx_http_ccproxy_loc_conf_t    *lcf;
    ngx_http_ccproxy_main_conf_t   *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_ccproxy_module);
    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);

    *well = 0;
    *ill = 0;
    pp = mcf->pools.elts;

    for (i = 0; i < mcf->pools.nelts; i++) {

        if (!ngx_http_ccproxy_health_meant(lcf, pp[i])) {
            continue;
        }

        ngx_memzero(&shape, sizeof(ngx_http_ccproxy_shape_t));
        ngx_http_ccproxy_shape(mcf, pp[i], NULL, &shape);

        if (shape.usable) {
            (*well)++;

        } else {
            (*ill)++;
        }
    }
}


/* Whether a pool that the location is asked of has a target of the
 * provider. */

static ngx_uint_t
ngx_http_ccproxy_health_serves(ngx_http_ccproxy_main_conf_t *mcf,
    ngx_http_ccproxy_loc_conf_t *lcf, ngx_http_ccproxy_provider_t *provider)
{
    ngx_uint_t                   i, k;
    ngx_http_ccproxy_pool_t    **pp;
    ngx_http_ccproxy_target_t   *t;

    pp = mcf->pools.elts;

    for (i = 0; i < mcf->pools.nelts; i++) {

        if (!ngx_http_ccproxy_health_meant(lcf, pp[i])) {
            continue;
        }

        t = pp[i]->targets->elts;

        for (k = 0; k < pp[i]->targets->nelts; k++) {
            if (t[k].provider == provider) {
                return 1;
            }
        }
    }

    return 0;
}


static void
ngx_http_ccproxy_health_pools(ngx_http_ccproxy_main_conf_t *mcf,
    ngx_http_ccproxy_loc_conf_t *lcf, ccp_out_t *out)
{
    ngx_uint_t                  i;
    ngx_http_ccproxy_pool_t   **pp;
    ngx_http_ccproxy_shape_t    shape;

    ccp_w_key(out, "pools");
    ccp_w_arr(out);

    pp = mcf->pools.elts;

    for (i = 0; i < mcf->pools.nelts; i++) {

        if (!ngx_http_ccproxy_health_meant(lcf, pp[i])) {
            continue;
        }

        ngx_memzero(&shape, sizeof(ngx_http_ccproxy_shape_t));
        ngx_http_ccproxy_shape(mcf, pp[i], NULL, &shape);

        ccp_w_obj(out);
        ccp_w_kstr(out, "name", ngx_http_ccproxy_slice(&pp[i]->uscf->host));
        ccp_w_kcstr(out, "status", ngx_http_ccproxy_health_word(&shape));
        ccp_w_kbool(out, "usable", shape.usable != 0);
        ccp_w_obj_end(out);
    }

    ccp_w_arr_end(out);
}


static void
ngx_http_ccproxy_health_write(ngx_http_request_t *r, ccp_out_t *out)
{
    ngx_uint_t                      i, well, ill;
    ngx_http_ccproxy_loc_conf_t    *lcf;
    ngx_http_ccproxy_provider_t   **p;
    ngx_http_ccproxy_main_conf_t   *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_ccproxy_module);
    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);

    ngx_http_ccproxy_health_count(r, &well, &ill);

    ccp_w_obj(out);
    ccp_w_kcstr(out, "status", ill == 0 ? "healthy"
                               : well ? "degraded" : "unhealthy");
    ngx_http_ccproxy_health_time(out, "timestamp", ngx_time());

    ngx_http_ccproxy_health_pools(mcf, lcf, out);

    ccp_w_key(out, "providers");
    ccp_w_arr(out);

    p = mcf->providers.elts;

    for (i = 0; i < mcf->providers.nelts; i++) {

        if (!ngx_http_ccproxy_health_serves(mcf, lcf, p[i])) {
            continue;
        }

        ccp_w_obj(out);
        ccp_w_kstr(out, "name", ngx_http_ccproxy_slice(&p[i]->name));
        ngx_http_ccproxy_health_provider(mcf, p[i], out);
        ccp_w_obj_end(out);
    }

    ccp_w_arr_end(out);
    ccp_w_obj_end(out);
    ccp_out_lit(out, "\n");
}


static ngx_int_t
ngx_http_ccproxy_health_handler(ngx_http_request_t *r)
{
    ngx_int_t   rc;
    ngx_uint_t  well, ill;

    static ngx_str_t  type = ngx_string("application/json");
    static ngx_str_t  no_store = ngx_string("no-store");

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    ngx_http_ccproxy_health_count(r, &well, &ill);

    if (ngx_http_ccproxy_header_out(r, "Cache-Control", &no_store) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_ccproxy_reply_document(r, ill && !well
                                              ? NGX_HTTP_SERVICE_UNAVAILABLE
                                              : NGX_HTTP_OK,
                                           &type,
                                           ngx_http_ccproxy_health_write);
}


char *
ngx_http_ccproxy_health(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ccproxy_loc_conf_t  *lcf = conf;

    ngx_str_t                     *value, *name;
    ngx_uint_t                     i;
    ngx_http_ccproxy_health_t     *h;
    ngx_http_ccproxy_main_conf_t  *mcf;

    (void) cmd;

    value = cf->args->elts;
    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);

    if (cf->args->nelts > 1) {
        lcf->health = ngx_array_create(cf->pool, cf->args->nelts,
                                       sizeof(ngx_str_t));
        if (lcf->health == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    for (i = 1; i < cf->args->nelts; i++) {

        name = ngx_array_push(lcf->health);
        h = ngx_array_push(&mcf->healths);

        if (name == NULL || h == NULL) {
            return NGX_CONF_ERROR;
        }

        *name = value[i];
        h->name = value[i];
        h->file = cf->conf_file->file.name.data;
        h->line = cf->conf_file->line;
    }

    return ngx_http_ccproxy_reply_handler(cf, ngx_http_ccproxy_health_handler);
}


ngx_int_t
ngx_http_ccproxy_health_check(ngx_conf_t *cf)
{
    ngx_uint_t                     i;
    ngx_http_ccproxy_health_t     *h;
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);
    h = mcf->healths.elts;

    for (i = 0; i < mcf->healths.nelts; i++) {

        if (ngx_http_ccproxy_pool_find(cf, &h[i].name) == NULL) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "\"ccproxy_health\" names no pool \"%V\": write an "
                          "\"upstream\" with \"ccproxy;\" in %s:%ui",
                          &h[i].name, h[i].file, h[i].line);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}
