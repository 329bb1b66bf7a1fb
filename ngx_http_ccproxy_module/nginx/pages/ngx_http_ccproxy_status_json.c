
/*
 * ccproxy_status: what the module is and does, as JSON.
 */

#include "nginx/net/ngx_http_ccproxy_net.h"
#include "nginx/request/ngx_http_ccproxy_request.h"
#include "nginx/pages/ngx_http_ccproxy_pages.h"
#include "nginx/core/ngx_http_ccproxy.h"
#include "codec/json/json_write.h"


static ngx_str_t  ngx_http_ccproxy_type_json = ngx_string("application/json");
static ngx_str_t  ngx_http_ccproxy_type_html =
    ngx_string("text/html; charset=utf-8");


static void
ngx_http_ccproxy_status_provider(ngx_http_ccproxy_main_conf_t *mcf,
    ngx_http_ccproxy_provider_t *p, ccp_out_t *out)
{
    ccp_w_obj(out);
    ccp_w_kstr(out, "name", ngx_http_ccproxy_slice(&p->name));
    ccp_w_kcstr(out, "protocol", ccp_proto_ops(p->row.proto)->name);
    ccp_w_kstr(out, "host", ngx_http_ccproxy_slice(&p->host_header));
    ccp_w_kbool(out, "tls", p->ssl);
    ccp_w_kint(out, "keys", (int64_t) p->keys.nelts);
    ccp_w_kbool(out, "resolved", ngx_http_ccproxy_connection_ready(p));
    ngx_http_ccproxy_health_provider(mcf, p, out);
    ccp_w_obj_end(out);
}


/* Names that monitoring of other gateways knows: of the gateway, and of the
 * first provider. */

static void
ngx_http_ccproxy_status_proxy(ngx_http_ccproxy_main_conf_t *mcf,
    ccp_out_t *out)
{
    time_t                          up;
    u_char                          buf[3 * NGX_INT_T_LEN + 3], *p;
    ccp_str_t                       text;
    ngx_http_ccproxy_counters_t    *counters;
    ngx_http_ccproxy_provider_t   **pp;

    counters = mcf->counters->data;
    up = ngx_time() - counters->started;

    p = ngx_sprintf(buf, "%Th%Tm%Ts", up / 3600, up / 60 % 60, up % 60);

    text = ccp_none;
    text.p = buf;
    text.n = p - buf;

    ccp_w_key(out, "proxy");
    ccp_w_obj(out);
    ccp_w_kcstr(out, "version", NGX_HTTP_CCPROXY_VERSION);
    ccp_w_kstr(out, "uptime", text);
    ccp_w_kint(out, "requests_served", (int64_t) counters->requests);
    ccp_w_obj_end(out);

    if (mcf->providers.nelts) {
        pp = mcf->providers.elts;

        ccp_w_key(out, "provider");
        ccp_w_obj(out);
        ccp_w_kstr(out, "name", ngx_http_ccproxy_slice(&pp[0]->name));
        ngx_http_ccproxy_health_provider(mcf, pp[0], out);
        ccp_w_obj_end(out);
    }
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
    ngx_http_ccproxy_status_proxy(mcf, out);
    ccp_w_kint(out, "uptime_seconds",
               (int64_t) (ngx_time() - counters->started));
    ccp_w_kint(out, "requests_served", (int64_t) counters->requests);

    ccp_w_key(out, "providers");
    ccp_w_arr(out);

    p = mcf->providers.elts;

    for (i = 0; i < mcf->providers.nelts; i++) {
        ngx_http_ccproxy_status_provider(mcf, p[i], out);
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
           ? ngx_http_ccproxy_reply_document(r, NGX_HTTP_OK,
                                             &ngx_http_ccproxy_type_html,
                                             ngx_http_ccproxy_status_html)
           : ngx_http_ccproxy_reply_document(r, NGX_HTTP_OK,
                                             &ngx_http_ccproxy_type_json,
                                             ngx_http_ccproxy_status_write);
}


char *
ngx_http_ccproxy_status(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    (void) cmd;
    (void) conf;

    return ngx_http_ccproxy_reply_handler(cf, ngx_http_ccproxy_status_handler);
}
