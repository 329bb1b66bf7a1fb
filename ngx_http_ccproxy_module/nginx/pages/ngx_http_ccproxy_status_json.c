
/*
 * ccproxy_status: what the module is and does, as JSON, a page, or events.
 */

#include "nginx/net/ngx_http_ccproxy_net.h"
#include "nginx/request/ngx_http_ccproxy_request.h"
#include "nginx/record/ngx_http_ccproxy_record.h"
#include "nginx/pages/ngx_http_ccproxy_pages.h"
#include "nginx/pages/ngx_http_ccproxy_page.h"
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
ngx_http_ccproxy_status_object(ngx_http_request_t *r, ccp_out_t *out)
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

    ccp_w_kint(out, "now", (int64_t) ngx_time());
    ngx_http_ccproxy_status_hour(mcf, out);
    ngx_http_ccproxy_status_clients(mcf, out);
    ngx_http_ccproxy_status_recent(mcf, out);

    ccp_w_obj_end(out);
}


static void
ngx_http_ccproxy_status_write(ngx_http_request_t *r, ccp_out_t *out)
{
    ngx_http_ccproxy_status_object(r, out);
    ccp_out_lit(out, "\n");
}


void
ngx_http_ccproxy_status_event(ngx_http_request_t *r, ccp_out_t *out)
{
    ccp_out_lit(out, "data: ");
    ngx_http_ccproxy_status_object(r, out);
    ccp_out_lit(out, "\n\n");
}


/* JSON inside of an element of HTML, which no text in it may end. */

static void
ngx_http_ccproxy_status_data(ngx_http_request_t *r, ccp_out_t *out,
    const char *id, void (*write)(ngx_http_request_t *r, ccp_out_t *out))
{
    size_t      i, from;
    ccp_out_t   json;
    ccp_str_t   all;

    ccp_out_init(&json, out->buf.arena, 0);
    write(r, &json);

    if (ccp_out_finish(&json) != CCP_OK) {
        out->err = 1;
        return;
    }

    all = ccp_out_all(&json);

    ccp_out_lit(out, "<script type=\"application/json\" id=\"");
    ccp_out_bytes(out, id, ngx_strlen(id));
    ccp_out_lit(out, "\">");

    for (i = 0, from = 0; i < all.n; i++) {

        if (all.p[i] == '<') {
            ccp_out_bytes(out, all.p + from, i - from);
            ccp_out_lit(out, "\\u003c");
            from = i + 1;
        }
    }

    ccp_out_bytes(out, all.p + from, all.n - from);
    ccp_out_lit(out, "</script>\n");

    ccp_out_free(&json);
}


static void
ngx_http_ccproxy_status_html(ngx_http_request_t *r, ccp_out_t *out)
{
    ngx_http_ccproxy_counters_t   *counters;
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_ccproxy_module);
    counters = mcf->counters->data;

    ccp_out_bytes(out, ngx_http_ccproxy_page_head,
                  sizeof(ngx_http_ccproxy_page_head) - 1);

    ngx_http_ccproxy_status_tables(mcf, out, ngx_time() - counters->started,
                                   counters->requests);

    ccp_out_lit(out, "</main>\n");
    ngx_http_ccproxy_status_data(r, out, "state",
                                 ngx_http_ccproxy_status_object);
    ngx_http_ccproxy_status_data(r, out, "operator",
                                 ngx_http_ccproxy_operator_write);

    ccp_out_bytes(out, ngx_http_ccproxy_page_tail,
                  sizeof(ngx_http_ccproxy_page_tail) - 1);
}


static ngx_int_t
ngx_http_ccproxy_status_handler(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    static ngx_str_t  policy = ngx_string(NGX_HTTP_CCPROXY_PAGE_POLICY);

    rc = ngx_http_ccproxy_operator(r);

    if (rc != NGX_DECLINED) {
        return rc;
    }

    rc = ngx_http_ccproxy_group_post(r);

    if (rc == NGX_DECLINED) {
        rc = ngx_http_discard_request_body(r);
    }

    if (rc != NGX_OK || r->header_sent) {
        return rc;
    }

    if (ngx_http_ccproxy_live_wanted(r) && r->method == NGX_HTTP_GET) {
        return ngx_http_ccproxy_live(r);
    }

    if (!ngx_http_ccproxy_wants_page(r)) {
        return ngx_http_ccproxy_reply_document(r, NGX_HTTP_OK,
                                               &ngx_http_ccproxy_type_json,
                                               ngx_http_ccproxy_status_write);
    }

    return ngx_http_ccproxy_page_headers(r, &policy) == NGX_OK
           ? ngx_http_ccproxy_reply_document(r, NGX_HTTP_OK,
                                             &ngx_http_ccproxy_type_html,
                                             ngx_http_ccproxy_status_html)
           : NGX_HTTP_INTERNAL_SERVER_ERROR;
}


char *
ngx_http_ccproxy_status(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ccproxy_loc_conf_t  *lcf = conf;

    ngx_str_t   *value;
    ngx_uint_t   i;

    (void) cmd;

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_strcmp(value[i].data, "admin") == 0) {
            lcf->admin = 1;

        } else if (ngx_strcmp(value[i].data, "try") == 0) {
            lcf->try_it = 1;

        } else {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter \"%V\" in "
                               "\"ccproxy_status\": write \"admin\", "
                               "\"try\", or nothing", &value[i]);
            return NGX_CONF_ERROR;
        }
    }

    if (ngx_http_ccproxy_recent_add(cf) != NGX_OK
        || (lcf->try_it && ngx_http_ccproxy_sent_add(cf) != NGX_OK))
    {
        return NGX_CONF_ERROR;
    }

    return ngx_http_ccproxy_reply_handler(cf, ngx_http_ccproxy_status_handler);
}
