
/*
 * What the status page tells of pools: each pair of a target and a key, as
 * JSON, or as a page for browsers.  Keys are told by their names alone.
 */

#include "nginx/pages/ngx_http_ccproxy_pages.h"
#include "nginx/core/ngx_http_ccproxy.h"
#include "codec/json/json_write.h"


/* Pairs that are listed; others are told by their number. */
#define NGX_HTTP_CCPROXY_STATUS_PAIRS  1000


typedef struct {
    ngx_http_ccproxy_pool_t    *pool;
    ngx_http_ccproxy_pair_t    *pair;
    const ccp_pool_pair_t      *share;
    ccp_pool_look_t             look;
} ngx_http_ccproxy_status_row_t;

typedef void (*ngx_http_ccproxy_status_row_pt)(ccp_out_t *out,
    const ngx_http_ccproxy_status_row_t *row);


/* Why a pair is left alone. */

static const char  *ngx_http_ccproxy_status_why[CCP_POOL_OUTCOMES] = {
    "unknown", "unknown", "rate_limit", "key_refused", "no_credit",
    "server_error", "unreachable", "proxy_error", "plan_limit", "refused"
};

static const char  *ngx_http_ccproxy_status_modes[] = {
    "rotate", "least_inflight", "sticky"
};


static const char *
ngx_http_ccproxy_status_state(const ccp_pool_look_t *look)
{
    if (look->held) {
        return "held";
    }

    if (look->wait && !look->models) {
        return "cooling";
    }

    if (look->probing) {
        return "probing";
    }

    return "ready";
}


static ccp_str_t
ngx_http_ccproxy_status_model(const ngx_http_ccproxy_status_row_t *row)
{
    return row->pair->target->target.model;
}


/* Calls f for the first pairs of a pool; *left is how many more may follow.
 * The lock is held for one pair at a time. */

static void
ngx_http_ccproxy_status_rows(ngx_http_ccproxy_zone_t *zone,
    ngx_http_ccproxy_pool_t *pool, ccp_out_t *out, ngx_uint_t *left,
    ngx_http_ccproxy_status_row_pt f)
{
    ngx_uint_t                     i;
    ngx_http_ccproxy_status_row_t  row;

    row.pool = pool;

    for (i = 0; i < pool->npairs && *left; i++, (*left)--) {

        row.pair = &pool->pairs[i];
        row.share = &pool->list.pairs[i];

        ngx_shmtx_lock(&zone->shpool->mutex);
        ccp_pool_look(zone->pool, row.share, ngx_current_msec, &row.look);
        ngx_shmtx_unlock(&zone->shpool->mutex);

        f(out, &row);
    }
}


/* A pool that a provider has for requests which name it is told of once it
 * was used. */

static ngx_uint_t
ngx_http_ccproxy_status_used(ngx_http_ccproxy_zone_t *zone,
    ngx_http_ccproxy_pool_t *pool)
{
    ngx_uint_t       i;
    ccp_pool_look_t  look;

    for (i = 0; i < pool->npairs; i++) {

        ngx_shmtx_lock(&zone->shpool->mutex);
        ccp_pool_look(zone->pool, &pool->list.pairs[i], ngx_current_msec,
                      &look);
        ngx_shmtx_unlock(&zone->shpool->mutex);

        if (look.served || look.failed || look.inflight) {
            return 1;
        }
    }

    return 0;
}


/* The pools that are told of, one after the other; NULL: no more. */

static ngx_http_ccproxy_pool_t *
ngx_http_ccproxy_status_next(ngx_http_ccproxy_main_conf_t *mcf, ngx_uint_t *n)
{
    ngx_uint_t                 i;
    ngx_http_ccproxy_pool_t  **pp;

    if (mcf->zone == NULL) {
        return NULL;
    }

    while (*n < mcf->pools.nelts + mcf->direct.nelts) {

        i = (*n)++;

        if (i < mcf->pools.nelts) {
            pp = mcf->pools.elts;
            return pp[i];
        }

        pp = mcf->direct.elts;
        i -= mcf->pools.nelts;

        if (ngx_http_ccproxy_status_used(mcf->zone, pp[i])) {
            return pp[i];
        }
    }

    return NULL;
}


/* What an operator changed. */

static void
ngx_http_ccproxy_status_ruled(ccp_out_t *out,
    const ngx_http_ccproxy_status_row_t *row)
{
    if (row->look.weight != row->share->weight) {
        ccp_w_kint(out, "operator_weight", row->look.weight);
    }

    if (row->look.held == 0) {
        return;
    }

    ccp_w_key(out, "held");
    ccp_w_arr(out);

    if (row->look.held & CCP_POOL_THE_PAIR) {
        ccp_w_cstr(out, "pair");
    }

    if (row->look.held & CCP_POOL_THE_KEY) {
        ccp_w_cstr(out, "key");
    }

    if (row->look.held & CCP_POOL_THE_TARGET) {
        ccp_w_cstr(out, "target");
    }

    ccp_w_arr_end(out);
}


static void
ngx_http_ccproxy_status_json(ccp_out_t *out,
    const ngx_http_ccproxy_status_row_t *row)
{
    ngx_http_ccproxy_key_t     *key;
    ngx_http_ccproxy_target_t  *t;

    t = row->pair->target;
    key = row->pair->key;

    ccp_w_obj(out);
    ccp_w_kstr(out, "provider", ngx_http_ccproxy_slice(&t->provider->name));
    ccp_w_kstr_opt(out, "model", ngx_http_ccproxy_status_model(row));

    if (key) {
        ccp_w_kstr(out, "key", ngx_http_ccproxy_slice(&key->name));
    }

    ccp_w_kint(out, "weight", row->share->weight);

    if (t->backup) {
        ccp_w_kbool(out, "backup", 1);
    }

    ccp_w_kint(out, "inflight", row->look.inflight);

    if (t->max_inflight) {
        ccp_w_kint(out, "target_inflight", row->look.target_inflight);
        ccp_w_kint(out, "max_inflight", (int64_t) t->max_inflight);
    }

    ccp_w_kint(out, "served", (int64_t) row->look.served);
    ccp_w_kint(out, "failed", (int64_t) row->look.failed);
    ccp_w_kcstr(out, "state", ngx_http_ccproxy_status_state(&row->look));

    if (row->look.wait) {
        ccp_w_kint(out, "cooling_seconds",
                   (int64_t) (row->look.wait + 999) / 1000);
        ccp_w_kcstr(out, "why", ngx_http_ccproxy_status_why[row->look.why]);

        if (row->look.models) {
            ccp_w_kbool(out, "cooling_some_models", 1);
        }
    }

    ngx_http_ccproxy_status_ruled(out, row);

    ccp_w_obj_end(out);
}


void
ngx_http_ccproxy_status_pools(ngx_http_ccproxy_main_conf_t *mcf,
    ccp_out_t *out)
{
    ngx_uint_t                 n, left, listed, total;
    ngx_http_ccproxy_pool_t   *pool;
    ngx_http_ccproxy_shape_t   shape;

    n = 0;
    left = NGX_HTTP_CCPROXY_STATUS_PAIRS;
    total = 0;

    ccp_w_key(out, "pools");
    ccp_w_arr(out);

    while ((pool = ngx_http_ccproxy_status_next(mcf, &n)) != NULL) {

        total += pool->npairs;

        if (left == 0) {
            continue;
        }

        ccp_w_obj(out);
        ccp_w_kstr(out, "name", ngx_http_ccproxy_slice(&pool->uscf->host));
        ccp_w_kcstr(out, "balancing",
                    ngx_http_ccproxy_status_modes[pool->list.mode]);

        ccp_w_key(out, "pairs");
        ccp_w_arr(out);
        ngx_http_ccproxy_status_rows(mcf->zone, pool, out, &left,
                                     ngx_http_ccproxy_status_json);
        ccp_w_arr_end(out);

        ngx_memzero(&shape, sizeof(ngx_http_ccproxy_shape_t));
        ngx_http_ccproxy_shape(mcf, pool, NULL, &shape);
        ccp_w_kbool(out, "usable", shape.usable != 0);

        ccp_w_obj_end(out);
    }

    ccp_w_arr_end(out);

    listed = NGX_HTTP_CCPROXY_STATUS_PAIRS - left;

    if (total > listed) {
        ccp_w_kint(out, "pairs_not_listed", (int64_t) (total - listed));
    }
}


/* ---- the page ---- */

static void
ngx_http_ccproxy_status_text(ccp_out_t *out, ccp_str_t s)
{
    size_t         i, k;
    const uint8_t  *p;

    static const struct {
        u_char       c;
        const char  *entity;
    } entities[] = {
        { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" },
        { '"', "&quot;" }, { '\'', "&#39;" }, { 0, NULL }
    };

    p = (const uint8_t *) s.p;

    for (i = 0; i < s.n; i++) {

        for (k = 0; entities[k].c && entities[k].c != p[i]; k++) {
            /* void */
        }

        if (entities[k].c) {
            ccp_out_bytes(out, entities[k].entity,
                          ngx_strlen(entities[k].entity));
        } else {
            ccp_out_bytes(out, &p[i], 1);
        }
    }
}


static void
ngx_http_ccproxy_status_cell(ccp_out_t *out, ccp_str_t s)
{
    ccp_out_lit(out, "<td>");
    ngx_http_ccproxy_status_text(out, s);
}


static void
ngx_http_ccproxy_status_printf(ccp_out_t *out, const char *fmt, ...)
{
    u_char   buf[256], *p;
    va_list  args;

    va_start(args, fmt);
    p = ngx_vslprintf(buf, buf + sizeof(buf), fmt, args);
    va_end(args);

    ccp_out_bytes(out, buf, p - buf);
}


static void
ngx_http_ccproxy_status_html(ccp_out_t *out,
    const ngx_http_ccproxy_status_row_t *row)
{
    ngx_http_ccproxy_target_t  *t;

    t = row->pair->target;

    ccp_out_lit(out, "<tr>");
    ngx_http_ccproxy_status_cell(out,
                                 ngx_http_ccproxy_slice(&row->pool->uscf->host));
    ngx_http_ccproxy_status_cell(out,
                                 ngx_http_ccproxy_slice(&t->provider->name));
    ngx_http_ccproxy_status_cell(out, ngx_http_ccproxy_status_model(row));
    ngx_http_ccproxy_status_cell(out, row->pair->key
                           ? ngx_http_ccproxy_slice(&row->pair->key->name)
                           : ccp_none);

    ngx_http_ccproxy_status_printf(out, "<td>%uD%s<td>%uD<td>%uL<td>%uL<td>%s",
                                   row->share->weight,
                                   t->backup ? " (backup)" : "",
                                   row->look.inflight, row->look.served,
                                   row->look.failed,
                                   ngx_http_ccproxy_status_state(&row->look));

    if (row->look.wait) {
        ngx_http_ccproxy_status_printf(out, ", %s%s for %uL s",
                                   row->look.models ? "some models " : "",
                                   ngx_http_ccproxy_status_why[row->look.why],
                                   (row->look.wait + 999) / 1000);
    }

    ccp_out_lit(out, "\n");
}


void
ngx_http_ccproxy_status_tables(ngx_http_ccproxy_main_conf_t *mcf,
    ccp_out_t *out, time_t uptime, ngx_uint_t requests)
{
    ngx_uint_t                      i, n, left;
    ngx_http_ccproxy_pool_t        *pool;
    ngx_http_ccproxy_provider_t   **p;

    ngx_http_ccproxy_status_printf(out, "<p>version %s, nginx %s, up %T s, "
                                   "%ui requests served\n",
                                   NGX_HTTP_CCPROXY_VERSION, NGINX_VERSION,
                                   uptime, requests);

    ccp_out_lit(out, "<h2>Providers</h2><table>"
                "<tr><th>name<th>protocol<th>host<th>keys\n");

    p = mcf->providers.elts;

    for (i = 0; i < mcf->providers.nelts; i++) {
        ccp_out_lit(out, "<tr>");
        ngx_http_ccproxy_status_cell(out, ngx_http_ccproxy_slice(&p[i]->name));
        ngx_http_ccproxy_status_printf(out, "<td>%s",
                                       ccp_proto_ops(p[i]->row.proto)->name);
        ngx_http_ccproxy_status_cell(out,
                                  ngx_http_ccproxy_slice(&p[i]->host_header));
        ngx_http_ccproxy_status_printf(out, "<td>%ui\n", p[i]->keys.nelts);
    }

    ccp_out_lit(out, "</table><h2>Pools</h2><table><tr><th>pool<th>provider"
                "<th>model<th>key<th>weight<th>under way<th>served<th>failed"
                "<th>state\n");

    n = 0;
    left = NGX_HTTP_CCPROXY_STATUS_PAIRS;

    while ((pool = ngx_http_ccproxy_status_next(mcf, &n)) != NULL) {
        ngx_http_ccproxy_status_rows(mcf->zone, pool, out, &left,
                                     ngx_http_ccproxy_status_html);
    }

    ccp_out_lit(out, "</table>\n");

    if (left == 0) {
        ccp_out_lit(out, "<p>Other pairs are not listed.\n");
    }
}
