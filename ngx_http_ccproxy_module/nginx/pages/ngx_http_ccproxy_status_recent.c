
/*
 * What the status tells of time: the last hour, minute by minute, what is
 * under way, and what failed lately, in plain words.
 */

#include "nginx/account/ngx_http_ccproxy_account.h"
#include "nginx/record/ngx_http_ccproxy_record.h"
#include "nginx/pages/ngx_http_ccproxy_pages.h"
#include "codec/json/json_write.h"


/* Why a pair failed. */

static const char  *const ngx_http_ccproxy_recent_outcomes[
                                                    CCP_POOL_OUTCOMES] = {
    [CCP_POOL_RATE] = "the rate limit of the key is reached",
    [CCP_POOL_KEY] = "the key is not accepted",
    [CCP_POOL_MONEY] = "the key's account has no credit left",
    [CCP_POOL_SERVER] = "the provider failed or is overloaded",
    [CCP_POOL_CONNECT] = "the provider could not be reached in time",
    [CCP_POOL_PATH] = "the proxy on the way to the provider failed",
    [CCP_POOL_PLAN] = "the usage limit of the plan is reached",
    [CCP_POOL_DOUBT] = "the provider refused without a clear cause"
};


/* Why a request failed that no pair is to blame for. */

static const char  *const ngx_http_ccproxy_recent_errors[CCP_E_MAX] = {
    [CCP_E_NONE] = "the request was refused",
    [CCP_E_BAD_REQUEST] = "the request is wrong",
    [CCP_E_TOO_LONG] = "the prompt is too long for the model",
    [CCP_E_AUTH] = "the client's key is wrong or missing",
    [CCP_E_BILLING] = "no credit is left",
    [CCP_E_QUOTA] = "the quota is used up",
    [CCP_E_FORBIDDEN] = "the client may not do this",
    [CCP_E_NOT_FOUND] = "the model or the endpoint is not known",
    [CCP_E_METHOD] = "the method is not allowed",
    [CCP_E_CONFLICT] = "the request is in conflict with another",
    [CCP_E_TOO_LARGE] = "the request is too large",
    [CCP_E_RATE] = "a rate limit is reached",
    [CCP_E_SERVER] = "the answer failed",
    [CCP_E_OVERLOADED] = "no target could take the request",
    [CCP_E_TIMEOUT] = "the answer took too long",
    [CCP_E_MALFORMED] = "the answer could not be read, or broke off",
    [CCP_E_UNSUPPORTED] = "no target can do what was asked"
};


/* ---- the hour ---- */

typedef enum {
    NGX_HTTP_CCPROXY_HOUR_REQUESTS,
    NGX_HTTP_CCPROXY_HOUR_ERRORS,
    NGX_HTTP_CCPROXY_HOUR_IN,
    NGX_HTTP_CCPROXY_HOUR_OUT,
    NGX_HTTP_CCPROXY_HOUR_COST,
    NGX_HTTP_CCPROXY_HOUR_TTFT_50,
    NGX_HTTP_CCPROXY_HOUR_TTFT_95,
    NGX_HTTP_CCPROXY_HOUR_TIME_50,
    NGX_HTTP_CCPROXY_HOUR_TIME_95
} ngx_http_ccproxy_hour_e;


static const struct {
    const char              *name;
    ngx_http_ccproxy_hour_e  figure;
} ngx_http_ccproxy_hour_rows[] = {
    { "requests", NGX_HTTP_CCPROXY_HOUR_REQUESTS },
    { "errors", NGX_HTTP_CCPROXY_HOUR_ERRORS },
    { "input_tokens", NGX_HTTP_CCPROXY_HOUR_IN },
    { "output_tokens", NGX_HTTP_CCPROXY_HOUR_OUT },
    { "cost", NGX_HTTP_CCPROXY_HOUR_COST },
    { "ttft_p50_ms", NGX_HTTP_CCPROXY_HOUR_TTFT_50 },
    { "ttft_p95_ms", NGX_HTTP_CCPROXY_HOUR_TTFT_95 },
    { "duration_p50_ms", NGX_HTTP_CCPROXY_HOUR_TIME_50 },
    { "duration_p95_ms", NGX_HTTP_CCPROXY_HOUR_TIME_95 },
    { NULL, NGX_HTTP_CCPROXY_HOUR_REQUESTS }
};


/* Below which so many of a hundred are, between the bounds of a bucket as if
 * they were spread evenly; -1: there are none. */

static int64_t
ngx_http_ccproxy_hour_percentile(const uint32_t *count, ccp_meter_hist_e h,
    uint64_t percent)
{
    size_t           i, n;
    uint64_t         all, below, rank, low;
    const uint32_t  *bound;

    bound = ccp_meter_bounds(h, &n);
    all = 0;

    for (i = 0; i <= n; i++) {
        all += count[i];
    }

    if (all == 0) {
        return -1;
    }

    rank = (all * percent + 99) / 100;
    below = 0;

    for (i = 0; i < n && below + count[i] < rank; i++) {
        below += count[i];
    }

    if (i == n) {
        return bound[n - 1];
    }

    low = i ? bound[i - 1] : 0;

    return (int64_t) (low + (bound[i] - low) * (rank - below) / count[i]);
}


void
ngx_http_ccproxy_status_money(ccp_out_t *out, uint64_t cost)
{
    u_char     buf[NGX_INT64_LEN + 12];
    ccp_str_t  s;

    s = ccp_none;
    s.p = buf;
    s.n = ngx_sprintf(buf, "%uL.%09uL", cost / 1000000000, cost % 1000000000)
          - buf;

    while (buf[s.n - 1] == '0') {
        s.n--;
    }

    s.n -= (buf[s.n - 1] == '.');

    ccp_w_raw(out, s);
}


static void
ngx_http_ccproxy_hour_value(ccp_out_t *out, const ccp_meter_minute_t *m,
    ngx_http_ccproxy_hour_e figure)
{
    int64_t  n;

    switch (figure) {

    case NGX_HTTP_CCPROXY_HOUR_REQUESTS:
        n = (int64_t) m->requests;
        break;

    case NGX_HTTP_CCPROXY_HOUR_ERRORS:
        n = (int64_t) m->errors;
        break;

    case NGX_HTTP_CCPROXY_HOUR_IN:
        n = (int64_t) m->in;
        break;

    case NGX_HTTP_CCPROXY_HOUR_OUT:
        n = (int64_t) m->out;
        break;

    case NGX_HTTP_CCPROXY_HOUR_COST:
        ngx_http_ccproxy_status_money(out, m->cost);
        return;

    case NGX_HTTP_CCPROXY_HOUR_TTFT_50:
        n = ngx_http_ccproxy_hour_percentile(m->ttft, CCP_METER_TTFT, 50);
        break;

    case NGX_HTTP_CCPROXY_HOUR_TTFT_95:
        n = ngx_http_ccproxy_hour_percentile(m->ttft, CCP_METER_TTFT, 95);
        break;

    case NGX_HTTP_CCPROXY_HOUR_TIME_50:
        n = ngx_http_ccproxy_hour_percentile(m->duration, CCP_METER_DURATION,
                                             50);
        break;

    default: /* NGX_HTTP_CCPROXY_HOUR_TIME_95 */
        n = ngx_http_ccproxy_hour_percentile(m->duration, CCP_METER_DURATION,
                                             95);
    }

    if (n < 0) {
        ccp_w_null(out);

    } else {
        ccp_w_int(out, n);
    }
}


static void
ngx_http_ccproxy_hour_sum(ccp_meter_minute_t *all, const ccp_meter_minute_t *m)
{
    ngx_uint_t  i;

    all->requests += m->requests;
    all->errors += m->errors;
    all->in += m->in;
    all->out += m->out;
    all->cost += m->cost;

    for (i = 0; i <= CCP_METER_BUCKETS; i++) {
        all->duration[i] += m->duration[i];
        all->ttft[i] += m->ttft[i];
    }
}


void
ngx_http_ccproxy_status_hour(ngx_http_ccproxy_main_conf_t *mcf, ccp_out_t *out)
{
    int                  known;
    uint64_t             now;
    ngx_uint_t           i, k;
    ccp_meter_minute_t   all, minute[CCP_METER_MINUTES];

    now = (uint64_t) ngx_time() / 60;

    ngx_http_ccproxy_ledger_lock(mcf->ledger);
    known = ccp_meter_hour(mcf->ledger->meter, NULL, 0, now, minute);
    ngx_http_ccproxy_ledger_unlock(mcf->ledger);

    if (!known) {
        ngx_memzero(minute, sizeof(minute));
    }

    ngx_memzero(&all, sizeof(ccp_meter_minute_t));

    ccp_w_key(out, "hour");
    ccp_w_obj(out);
    ccp_w_kint(out, "from", (int64_t) (now - CCP_METER_MINUTES + 1) * 60);

    for (i = 0; ngx_http_ccproxy_hour_rows[i].name; i++) {

        ccp_w_key(out, ngx_http_ccproxy_hour_rows[i].name);
        ccp_w_arr(out);

        for (k = 0; k < CCP_METER_MINUTES; k++) {
            ngx_http_ccproxy_hour_value(out, &minute[k],
                                        ngx_http_ccproxy_hour_rows[i].figure);
        }

        ccp_w_arr_end(out);
    }

    for (k = 0; k < CCP_METER_MINUTES; k++) {
        ngx_http_ccproxy_hour_sum(&all, &minute[k]);
    }

    ccp_w_key(out, "all");
    ccp_w_obj(out);

    for (i = 0; ngx_http_ccproxy_hour_rows[i].name; i++) {
        ccp_w_key(out, ngx_http_ccproxy_hour_rows[i].name);
        ngx_http_ccproxy_hour_value(out, &all,
                                    ngx_http_ccproxy_hour_rows[i].figure);
    }

    ccp_w_obj_end(out);
    ccp_w_obj_end(out);
}


/* ---- requests ---- */

static void
ngx_http_ccproxy_recent_text(ccp_out_t *out, const char *key,
    const ngx_http_ccproxy_recent_name_t *name)
{
    ccp_str_t  s;

    if (name->len == 0) {
        return;
    }

    s = ccp_none;
    s.p = name->data;
    s.n = name->len;

    ccp_w_kstr(out, key, s);
}


static void
ngx_http_ccproxy_recent_streams(ngx_http_ccproxy_main_conf_t *mcf,
    ccp_out_t *out)
{
    int64_t                   now;
    ngx_uint_t                i, n;
    ngx_time_t               *tp;
    ngx_http_ccproxy_open_t  *open;

    open = ngx_alloc(NGX_HTTP_CCPROXY_OPEN * sizeof(ngx_http_ccproxy_open_t),
                     ngx_cycle->log);
    if (open == NULL) {
        out->err = 1;
        return;
    }

    n = ngx_http_ccproxy_recent_opened(mcf, open);
    tp = ngx_timeofday();
    now = (int64_t) tp->sec * 1000 + tp->msec;

    ccp_w_key(out, "open");
    ccp_w_arr(out);

    for (i = 0; i < n; i++) {
        ccp_w_obj(out);
        ngx_http_ccproxy_recent_text(out, "id", &open[i].id);
        ccp_w_kint(out, "ms", ngx_max(now - (int64_t) open[i].time, 0));
        ngx_http_ccproxy_recent_text(out, "client", &open[i].client);
        ccp_w_kcstr(out, "protocol", ccp_proto_ops(open[i].proto)->name);
        ngx_http_ccproxy_recent_text(out, "model", &open[i].asked);
        ngx_http_ccproxy_recent_text(out, "pool", &open[i].pool);
        ngx_http_ccproxy_recent_text(out, "provider", &open[i].provider);
        ngx_http_ccproxy_recent_text(out, "target_model", &open[i].model);
        ngx_http_ccproxy_recent_text(out, "key", &open[i].key);
        ccp_w_kbool(out, "stream", open[i].stream);
        ccp_w_obj_end(out);
    }

    ccp_w_arr_end(out);

    ngx_free(open);
}


static void
ngx_http_ccproxy_recent_failures(ngx_http_ccproxy_main_conf_t *mcf,
    ccp_out_t *out)
{
    ngx_uint_t                   i, n;
    ngx_http_ccproxy_failure_t  *f;

    f = ngx_alloc(NGX_HTTP_CCPROXY_FAILURES
                  * sizeof(ngx_http_ccproxy_failure_t), ngx_cycle->log);
    if (f == NULL) {
        out->err = 1;
        return;
    }

    n = ngx_http_ccproxy_recent_failed(mcf, f);

    ccp_w_key(out, "failures");
    ccp_w_arr(out);

    for (i = 0; i < n; i++) {
        ccp_w_obj(out);
        ccp_w_kint(out, "time", (int64_t) (f[i].time / 1000));
        ngx_http_ccproxy_recent_text(out, "pool", &f[i].pool);
        ngx_http_ccproxy_recent_text(out, "client", &f[i].client);
        ngx_http_ccproxy_recent_text(out, "provider", &f[i].provider);
        ngx_http_ccproxy_recent_text(out, "model", &f[i].model);
        ngx_http_ccproxy_recent_text(out, "key", &f[i].key);

        if (f[i].status) {
            ccp_w_kint(out, "status", f[i].status);
        }

        ccp_w_kcstr(out, "cause",
                    f[i].outcome > CCP_POOL_GOOD
                    ? ngx_http_ccproxy_recent_outcomes[f[i].outcome]
                    : ngx_http_ccproxy_recent_errors[f[i].cls]);
        ccp_w_obj_end(out);
    }

    ccp_w_arr_end(out);

    ngx_free(f);
}


void
ngx_http_ccproxy_status_recent(ngx_http_ccproxy_main_conf_t *mcf,
    ccp_out_t *out)
{
    ngx_http_ccproxy_transcripts_t  *t;

    if (mcf->recent) {
        ngx_http_ccproxy_recent_streams(mcf, out);
        ngx_http_ccproxy_recent_failures(mcf, out);
    }

    t = ngx_http_ccproxy_transcripts(mcf);

    if (t) {
        ccp_w_key(out, "transcripts");
        ccp_w_obj(out);
        ccp_w_kint(out, "written", (int64_t) t->written);
        ccp_w_kint(out, "dropped", (int64_t) t->dropped);
        ccp_w_kint(out, "failed", (int64_t) t->failed);
        ccp_w_obj_end(out);
    }
}
