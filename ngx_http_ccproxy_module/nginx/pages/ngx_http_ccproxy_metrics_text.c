
/*
 * The metrics as text: Prometheus' format 0.0.4, or OpenMetrics.  All samples
 * of a family stand together, so that the tables are read once for each.
 */

#include "nginx/account/ngx_http_ccproxy_account.h"
#include "nginx/record/ngx_http_ccproxy_record.h"
#include "nginx/pages/ngx_http_ccproxy_metrics.h"
#include "codec/base/base_utf8.h"


/* A piece of text, about, and rows that are read under one lock. */
#define NGX_HTTP_CCPROXY_METRICS_PIECE      32768
#define NGX_HTTP_CCPROXY_METRICS_FLOWS      32
#define NGX_HTTP_CCPROXY_METRICS_LATENCIES  8


typedef enum {
    NGX_HTTP_CCPROXY_METRICS_FLOW,
    NGX_HTTP_CCPROXY_METRICS_COST,
    NGX_HTTP_CCPROXY_METRICS_HIST,
    NGX_HTTP_CCPROXY_METRICS_EVENT,
    NGX_HTTP_CCPROXY_METRICS_TRANSCRIPT,
    NGX_HTTP_CCPROXY_METRICS_BUDGET,
    NGX_HTTP_CCPROXY_METRICS_INFO
} ngx_http_ccproxy_metrics_kind_e;


/* Samples of a family; kind says what n is of.  text NULL ends a list. */

typedef struct {
    ngx_uint_t                       n;
    const char                      *text;    /* value of the label */
} ngx_http_ccproxy_metrics_part_t;


typedef struct {
    ngx_http_ccproxy_metrics_kind_e  kind;
    const char                      *name;    /* without "_total" */
    const char                      *help;
    ngx_uint_t                       n;       /* the figure, or */
    const char                      *label;   /* … one for each value of a */
    const ngx_http_ccproxy_metrics_part_t
                                    *parts;   /* label */
} ngx_http_ccproxy_metrics_family_t;


static const ngx_http_ccproxy_metrics_part_t  ngx_http_ccproxy_tokens[] = {
    { CCP_METER_F_IN, "input" },
    { CCP_METER_F_CACHED, "input_cached" },
    { CCP_METER_F_WRITTEN, "input_cache_write" },
    { CCP_METER_F_OUT, "output" },
    { CCP_METER_F_REASON, "output_reasoning" },
    { 0, NULL }
};

static const ngx_http_ccproxy_metrics_part_t  ngx_http_ccproxy_usage[] = {
    { CCP_METER_IN, "input" },
    { CCP_METER_OUT, "output" },
    { 0, NULL }
};

static const ngx_http_ccproxy_metrics_part_t  ngx_http_ccproxy_limited[] = {
    { CCP_METER_LIMITED, "rate" },
    { CCP_METER_BROKE, "budget" },
    { 0, NULL }
};

static const ngx_http_ccproxy_metrics_part_t  ngx_http_ccproxy_store[] = {
    { CCP_METER_STORE_HITS, "hit" },
    { CCP_METER_STORE_MISSES, "miss" },
    { 0, NULL }
};

static const ngx_http_ccproxy_metrics_part_t
                                      ngx_http_ccproxy_transcripts_parts[] =
{
    { offsetof(ngx_http_ccproxy_transcripts_t, written), "written" },
    { offsetof(ngx_http_ccproxy_transcripts_t, dropped), "dropped" },
    { offsetof(ngx_http_ccproxy_transcripts_t, failed), "failed" },
    { 0, NULL }
};


/* The names of gen_ai_… are OpenTelemetry's, as Prometheus spells them. */

static const ngx_http_ccproxy_metrics_family_t  ngx_http_ccproxy_families[] = {

    { NGX_HTTP_CCPROXY_METRICS_INFO, "ccproxy_build",
      "Versions of the module and of nginx.", 0, NULL, NULL },

    { NGX_HTTP_CCPROXY_METRICS_FLOW, "ccproxy_requests",
      "Requests to models, by the status of the client's answer.",
      CCP_METER_F_REQUESTS, NULL, NULL },

    { NGX_HTTP_CCPROXY_METRICS_FLOW, "ccproxy_tries",
      "Pairs of a target and a key that were asked.",
      CCP_METER_F_TRIES, NULL, NULL },

    { NGX_HTTP_CCPROXY_METRICS_FLOW, "ccproxy_broken_answers",
      "Answers that ended in an error behind their header.",
      CCP_METER_F_BROKEN, NULL, NULL },

    { NGX_HTTP_CCPROXY_METRICS_FLOW, "ccproxy_abandoned_answers",
      "Answers whose client left before their end.",
      CCP_METER_F_LEFT, NULL, NULL },

    { NGX_HTTP_CCPROXY_METRICS_FLOW, "ccproxy_tokens",
      "Tokens of prompts and answers; what is cached or reasoning is part of "
      "input or output.",
      0, "type", ngx_http_ccproxy_tokens },

    { NGX_HTTP_CCPROXY_METRICS_COST, "ccproxy_cost",
      "Cost of answers, in the unit of the prices.",
      CCP_METER_F_COST, NULL, NULL },

    { NGX_HTTP_CCPROXY_METRICS_FLOW, "ccproxy_unpriced_answers",
      "Answers whose tokens have no price.",
      CCP_METER_F_UNPRICED, NULL, NULL },

    { NGX_HTTP_CCPROXY_METRICS_HIST, "gen_ai_server_request_duration_seconds",
      "Time to the end of the answer.", CCP_METER_DURATION, NULL, NULL },

    { NGX_HTTP_CCPROXY_METRICS_HIST,
      "gen_ai_server_time_to_first_token_seconds",
      "Time to the first content of the answer.", CCP_METER_TTFT, NULL,
      NULL },

    { NGX_HTTP_CCPROXY_METRICS_HIST,
      "gen_ai_server_time_per_output_token_seconds",
      "Time for each token behind the first content.", CCP_METER_TPOT, NULL,
      NULL },

    { NGX_HTTP_CCPROXY_METRICS_HIST, "gen_ai_client_token_usage",
      "Tokens of a request and of its answer.", 0, "gen_ai_token_type",
      ngx_http_ccproxy_usage },

    { NGX_HTTP_CCPROXY_METRICS_EVENT, "ccproxy_failovers",
      "Pairs that were asked after another had failed.",
      CCP_METER_FAILOVERS, NULL, NULL },

    { NGX_HTTP_CCPROXY_METRICS_EVENT, "ccproxy_hedges",
      "Pairs that were asked beside a silent one.",
      CCP_METER_HEDGES, NULL, NULL },

    { NGX_HTTP_CCPROXY_METRICS_EVENT, "ccproxy_cooldowns",
      "Faults for which a key or a target was left alone.",
      CCP_METER_COOLDOWNS, NULL, NULL },

    { NGX_HTTP_CCPROXY_METRICS_EVENT, "ccproxy_refused_wishes",
      "Wishes that a model refused and was asked without.",
      CCP_METER_REFUSALS, NULL, NULL },

    { NGX_HTTP_CCPROXY_METRICS_EVENT, "ccproxy_compat_calls",
      "Calls of tools that were read from a model's text.",
      CCP_METER_COMPAT_CALLS, NULL, NULL },

    { NGX_HTTP_CCPROXY_METRICS_EVENT, "ccproxy_limited_requests",
      "Requests that a client's limit turned away.", 0, "reason",
      ngx_http_ccproxy_limited },

    { NGX_HTTP_CCPROXY_METRICS_BUDGET, "ccproxy_budget_limit",
      "Budgets of clients and groups: money in the unit of the prices, or "
      "tokens.", 0, NULL, NULL },

    { NGX_HTTP_CCPROXY_METRICS_BUDGET, "ccproxy_budget_used",
      "What is used up of a budget in its present period.", 1, NULL, NULL },

    { NGX_HTTP_CCPROXY_METRICS_EVENT, "ccproxy_lost_requests",
      "Requests whose worker died.", CCP_METER_LOST, NULL, NULL },

    { NGX_HTTP_CCPROXY_METRICS_EVENT, "ccproxy_store_lookups",
      "Objects of conversations that were looked for in a store.", 0,
      "result", ngx_http_ccproxy_store },

    { NGX_HTTP_CCPROXY_METRICS_TRANSCRIPT, "ccproxy_transcripts",
      "Transcripts of requests.", 0, NULL, NULL }
};


static const char  *ngx_http_ccproxy_metrics_labels[CCP_METER_LABELS] = {
    [CCP_METER_POOL] = "pool",
    [CCP_METER_PROVIDER] = "provider",
    [CCP_METER_MODEL] = "model",
    [CCP_METER_PROTOCOL] = "protocol",
    [CCP_METER_OPERATION] = "operation",
    [CCP_METER_CLIENT] = "client"
};


/* ---- samples ---- */

static void
ngx_http_ccproxy_metrics_puts(ngx_http_ccproxy_metrics_t *m, const char *s)
{
    ccp_out_bytes(&m->out, s, ngx_strlen(s));
}


/* A label's value; bytes that are no UTF-8 can't stand there. */

static void
ngx_http_ccproxy_metrics_escape(ngx_http_ccproxy_metrics_t *m,
    ccp_meter_text_t t)
{
    size_t          n;
    const uint8_t  *p, *last;

    p = t.p;
    last = p + t.n;

    while (p < last) {

        if (*p == '"' || *p == '\\') {
            ccp_out_lit(&m->out, "\\");
            ccp_out_bytes(&m->out, p, 1);
            p++;

        } else if (*p == '\n') {
            ccp_out_lit(&m->out, "\\n");
            p++;

        } else if (*p < 0x80) {
            ccp_out_bytes(&m->out, p, 1);
            p++;

        } else {
            n = ccp_utf8_len(p, last);

            if (n) {
                ccp_out_bytes(&m->out, p, n);
                p += n;

            } else {
                ccp_out_lit(&m->out, "?");
                p++;
            }
        }
    }
}


static void
ngx_http_ccproxy_metrics_label(ngx_http_ccproxy_metrics_t *m,
    const char *name, ccp_meter_text_t value, ngx_uint_t *n)
{
    ngx_http_ccproxy_metrics_puts(m, (*n)++ ? "," : "{");
    ngx_http_ccproxy_metrics_puts(m, name);
    ccp_out_lit(&m->out, "=\"");
    ngx_http_ccproxy_metrics_escape(m, value);
    ccp_out_lit(&m->out, "\"");
}


static void
ngx_http_ccproxy_metrics_word(ngx_http_ccproxy_metrics_t *m,
    const char *name, const char *value, ngx_uint_t *n)
{
    ccp_meter_text_t  t;

    if (name) {
        t.p = value;
        t.n = ngx_strlen(value);
        ngx_http_ccproxy_metrics_label(m, name, t, n);
    }
}


/* What stands in front of a sample's labels: its name. */

static void
ngx_http_ccproxy_metrics_name(ngx_http_ccproxy_metrics_t *m,
    const char *suffix)
{
    ngx_http_ccproxy_metrics_puts(m,
                                  ngx_http_ccproxy_families[m->family].name);
    ngx_http_ccproxy_metrics_puts(m, suffix);
}


static ngx_uint_t
ngx_http_ccproxy_metrics_row_labels(ngx_http_ccproxy_metrics_t *m,
    const uint16_t *label, ngx_uint_t labels)
{
    ngx_uint_t  i, n;

    n = 0;

    for (i = 0; i < labels; i++) {
        ngx_http_ccproxy_metrics_label(m, ngx_http_ccproxy_metrics_labels[i],
                                       ccp_meter_text(m->ledger->meter,
                                                      label[i]),
                                       &n);
    }

    return n;
}


static void
ngx_http_ccproxy_metrics_value(ngx_http_ccproxy_metrics_t *m,
    ngx_uint_t labels, uint64_t value)
{
    u_char  buf[NGX_INT64_LEN + 4], *p;

    p = ngx_sprintf(buf, labels ? "} %uL\n" : " %uL\n", value);
    ccp_out_bytes(&m->out, buf, p - buf);
}


/* A value of which one is 10^9 of the metric's unit. */

static void
ngx_http_ccproxy_metrics_decimal(ngx_http_ccproxy_metrics_t *m,
    uint64_t value)
{
    size_t  n;
    char    buf[CCP_MONEY_LEN];

    n = ccp_money_print(buf, (int64_t) value);
    ccp_out_bytes(&m->out, buf, n);

    if (m->openmetrics && memchr(buf, '.', n) == NULL) {
        ccp_out_lit(&m->out, ".0");
    }
}


/* ---- families ---- */

static void
ngx_http_ccproxy_metrics_head(ngx_http_ccproxy_metrics_t *m)
{
    const char                               *type, *suffix;
    const ngx_http_ccproxy_metrics_family_t  *f;

    f = &ngx_http_ccproxy_families[m->family];

    suffix = m->openmetrics ? "" : "_total";
    type = "counter";

    switch (f->kind) {

    case NGX_HTTP_CCPROXY_METRICS_HIST:
        type = "histogram";
        suffix = "";
        break;

    case NGX_HTTP_CCPROXY_METRICS_BUDGET:
        type = "gauge";
        suffix = "";
        break;

    case NGX_HTTP_CCPROXY_METRICS_INFO:
        type = m->openmetrics ? "info" : "gauge";
        suffix = m->openmetrics ? "" : "_info";
        break;

    default:
        break;
    }

    ccp_out_lit(&m->out, "# HELP ");
    ngx_http_ccproxy_metrics_name(m, suffix);
    ccp_out_lit(&m->out, " ");
    ngx_http_ccproxy_metrics_puts(m, f->help);
    ccp_out_lit(&m->out, "\n# TYPE ");
    ngx_http_ccproxy_metrics_name(m, suffix);
    ccp_out_lit(&m->out, " ");
    ngx_http_ccproxy_metrics_puts(m, type);
    ccp_out_lit(&m->out, "\n");

    if (m->openmetrics && ngx_strstr(f->name, "_seconds")) {
        ccp_out_lit(&m->out, "# UNIT ");
        ngx_http_ccproxy_metrics_name(m, " seconds\n");
    }
}


static void
ngx_http_ccproxy_metrics_flow(ngx_http_ccproxy_metrics_t *m,
    const ccp_meter_flow_t *row, ngx_uint_t figure, const char *label,
    const char *text)
{
    u_char      status[NGX_INT_T_LEN + 1];
    ngx_uint_t  n;

    if (row->n[figure] == 0) {
        return;
    }

    *ngx_sprintf(status, "%ui", (ngx_uint_t) row->status) = '\0';

    ngx_http_ccproxy_metrics_name(m, "_total");
    n = ngx_http_ccproxy_metrics_row_labels(m, row->label, CCP_METER_LABELS);
    ngx_http_ccproxy_metrics_word(m, "status",
                                  row->status ? (char *) status : "other",
                                  &n);
    ngx_http_ccproxy_metrics_word(m, label, text, &n);

    if (ngx_http_ccproxy_families[m->family].kind
        == NGX_HTTP_CCPROXY_METRICS_COST)
    {
        ccp_out_lit(&m->out, "} ");
        ngx_http_ccproxy_metrics_decimal(m, row->n[figure]);
        ccp_out_lit(&m->out, "\n");
        return;
    }

    ngx_http_ccproxy_metrics_value(m, n, row->n[figure]);
}


/* Some rows of the family; 0: there are no more. */

static ngx_uint_t
ngx_http_ccproxy_metrics_flows(ngx_http_ccproxy_metrics_t *m)
{
    size_t                                    i, n;
    ccp_meter_flow_t                          rows
                                         [NGX_HTTP_CCPROXY_METRICS_FLOWS];
    const ngx_http_ccproxy_metrics_part_t    *part;
    const ngx_http_ccproxy_metrics_family_t  *f;

    f = &ngx_http_ccproxy_families[m->family];

    ngx_http_ccproxy_ledger_lock(m->ledger);
    n = ccp_meter_flows(m->ledger->meter, m->row, rows,
                        NGX_HTTP_CCPROXY_METRICS_FLOWS);
    ngx_http_ccproxy_ledger_unlock(m->ledger);

    m->row += n;

    for (i = 0; i < n; i++) {

        if (f->parts == NULL) {
            ngx_http_ccproxy_metrics_flow(m, &rows[i], f->n, NULL, NULL);
            continue;
        }

        for (part = f->parts; part->text; part++) {
            ngx_http_ccproxy_metrics_flow(m, &rows[i], part->n, f->label,
                                          part->text);
        }
    }

    return n != 0;
}


static void
ngx_http_ccproxy_metrics_hist(ngx_http_ccproxy_metrics_t *m,
    const ccp_meter_latency_t *row, ngx_uint_t h, const char *label,
    const char *text)
{
    size_t                   i, nbounds;
    uint64_t                 sum, scale;
    ngx_uint_t               n;
    const uint32_t          *bounds;
    const ccp_meter_hist_t  *hist;

    static const uint64_t  scales[CCP_METER_HISTS] = {
        1000000, 1000000, 1000, CCP_MONEY_UNIT, CCP_MONEY_UNIT
    };

    hist = &row->hist[h];
    scale = scales[h];
    bounds = ccp_meter_bounds((ccp_meter_hist_e) h, &nbounds);

    for (i = 0, sum = 0; i <= nbounds; i++) {
        sum += hist->count[i];
    }

    if (sum == 0) {
        return;
    }

    for (i = 0, sum = 0; i <= nbounds; i++) {
        sum += hist->count[i];

        ngx_http_ccproxy_metrics_name(m, "_bucket");
        n = ngx_http_ccproxy_metrics_row_labels(m, row->label,
                                                CCP_METER_CLIENT);
        ngx_http_ccproxy_metrics_word(m, label, text, &n);

        ccp_out_lit(&m->out, ",le=\"");

        if (i < nbounds) {
            ngx_http_ccproxy_metrics_decimal(m, bounds[i] * scale);
        } else {
            ccp_out_lit(&m->out, "+Inf");
        }

        ccp_out_lit(&m->out, "\"");
        ngx_http_ccproxy_metrics_value(m, n, sum);
    }

    ngx_http_ccproxy_metrics_name(m, "_sum");
    n = ngx_http_ccproxy_metrics_row_labels(m, row->label, CCP_METER_CLIENT);
    ngx_http_ccproxy_metrics_word(m, label, text, &n);

    if (scale == CCP_MONEY_UNIT) {
        ngx_http_ccproxy_metrics_value(m, n, hist->sum);

    } else {
        ccp_out_lit(&m->out, "} ");
        ngx_http_ccproxy_metrics_decimal(m, hist->sum * scale);
        ccp_out_lit(&m->out, "\n");
    }

    ngx_http_ccproxy_metrics_name(m, "_count");
    n = ngx_http_ccproxy_metrics_row_labels(m, row->label, CCP_METER_CLIENT);
    ngx_http_ccproxy_metrics_word(m, label, text, &n);
    ngx_http_ccproxy_metrics_value(m, n, sum);
}


static ngx_uint_t
ngx_http_ccproxy_metrics_hists(ngx_http_ccproxy_metrics_t *m)
{
    size_t                                    i, n;
    ccp_meter_latency_t                       rows
                                     [NGX_HTTP_CCPROXY_METRICS_LATENCIES];
    const ngx_http_ccproxy_metrics_part_t    *part;
    const ngx_http_ccproxy_metrics_family_t  *f;

    f = &ngx_http_ccproxy_families[m->family];

    ngx_http_ccproxy_ledger_lock(m->ledger);
    n = ccp_meter_latencies(m->ledger->meter, m->row, rows,
                            NGX_HTTP_CCPROXY_METRICS_LATENCIES);
    ngx_http_ccproxy_ledger_unlock(m->ledger);

    m->row += n;

    for (i = 0; i < n; i++) {

        if (f->parts == NULL) {
            ngx_http_ccproxy_metrics_hist(m, &rows[i], f->n, NULL, NULL);
            continue;
        }

        for (part = f->parts; part->text; part++) {
            ngx_http_ccproxy_metrics_hist(m, &rows[i], part->n, f->label,
                                          part->text);
        }
    }

    return n != 0;
}


static void
ngx_http_ccproxy_metrics_event(ngx_http_ccproxy_metrics_t *m,
    ngx_uint_t counter, const char *label, const char *text)
{
    ngx_uint_t  n;

    n = 0;

    ngx_http_ccproxy_metrics_name(m, "_total");
    ngx_http_ccproxy_metrics_word(m, label, text, &n);
    ngx_http_ccproxy_metrics_value(m, n,
                                   ccp_meter_counter(m->ledger->meter,
                                       (ccp_meter_counter_e) counter));
}


/* Those are counted where they are written. */

static void
ngx_http_ccproxy_metrics_transcripts(ngx_http_ccproxy_metrics_t *m)
{
    ngx_uint_t                              n;
    ngx_atomic_t                           *value;
    ngx_http_ccproxy_transcripts_t         *t;
    const ngx_http_ccproxy_metrics_part_t  *part;

    t = ngx_http_ccproxy_transcripts(m->mcf);

    for (part = ngx_http_ccproxy_transcripts_parts; t && part->text; part++) {
        n = 0;
        value = (ngx_atomic_t *) ((u_char *) t + part->n);

        ngx_http_ccproxy_metrics_name(m, "_total");
        ngx_http_ccproxy_metrics_word(m, "result", part->text, &n);
        ngx_http_ccproxy_metrics_value(m, n, (uint64_t) *value);
    }
}


static void
ngx_http_ccproxy_metrics_events(ngx_http_ccproxy_metrics_t *m)
{
    const ngx_http_ccproxy_metrics_part_t    *part;
    const ngx_http_ccproxy_metrics_family_t  *f;

    f = &ngx_http_ccproxy_families[m->family];

    if (f->parts == NULL) {
        ngx_http_ccproxy_metrics_event(m, f->n, NULL, NULL);
        return;
    }

    for (part = f->parts; part->text; part++) {
        ngx_http_ccproxy_metrics_event(m, part->n, f->label, part->text);
    }
}


static void
ngx_http_ccproxy_metrics_budget(ngx_http_ccproxy_metrics_t *m,
    ngx_http_ccproxy_account_t *account, const ccp_budget_t *b,
    int64_t value)
{
    ngx_uint_t        n;
    ccp_meter_text_t  name;

    static const char  *periods[CCP_BUDGET_PERIODS] = {
        "day", "week", "month", "total"
    };

    name.p = account->name.data;
    name.n = account->name.len;
    n = 0;

    ngx_http_ccproxy_metrics_name(m, "");
    ngx_http_ccproxy_metrics_label(m, account->group ? "group" : "client",
                                   name, &n);
    ngx_http_ccproxy_metrics_word(m, "unit", b->tokens ? "tokens" : "money",
                                  &n);
    ngx_http_ccproxy_metrics_word(m, "period", periods[b->period], &n);

    if (b->tokens) {
        ngx_http_ccproxy_metrics_value(m, n, (uint64_t) value);
        return;
    }

    ccp_out_lit(&m->out, "} ");
    ngx_http_ccproxy_metrics_decimal(m, (uint64_t) value);
    ccp_out_lit(&m->out, "\n");
}


/* The next account that has budgets; 0: there is none. */

static ngx_uint_t
ngx_http_ccproxy_metrics_budgets(ngx_http_ccproxy_metrics_t *m)
{
    uint32_t                      i;
    ccp_budget_t                 *b;
    ccp_account_look_t            look;
    ngx_http_ccproxy_account_t  **owner;

    owner = m->ledger->owners.elts;

    while (m->row < m->ledger->owners.nelts
           && (owner[m->row]->twin || owner[m->row]->limits.nbudgets == 0))
    {
        m->row++;
    }

    if (m->row == m->ledger->owners.nelts) {
        return 0;
    }

    owner += m->row++;

    ngx_http_ccproxy_ledger_lock(m->ledger);
    ccp_account_look(m->ledger->accounts, &(*owner)->limits, ngx_current_msec,
                     ngx_time(), &look);
    ngx_http_ccproxy_ledger_unlock(m->ledger);

    for (i = 0; i < (*owner)->limits.nbudgets; i++) {
        b = &(*owner)->limits.budget[i];

        ngx_http_ccproxy_metrics_budget(m, *owner, b,
            ngx_http_ccproxy_families[m->family].n == 0
            ? b->limit
            : b->tokens ? look.spent[b->period].tokens
                        : look.spent[b->period].money);
    }

    return 1;
}


static void
ngx_http_ccproxy_metrics_info(ngx_http_ccproxy_metrics_t *m)
{
    ngx_uint_t  n;

    n = 0;

    ngx_http_ccproxy_metrics_name(m, "_info");
    ngx_http_ccproxy_metrics_word(m, "version", NGX_HTTP_CCPROXY_VERSION, &n);
    ngx_http_ccproxy_metrics_word(m, "nginx", NGINX_VERSION, &n);
    ngx_http_ccproxy_metrics_value(m, n, 1);
}


/* Some of the present family; 0: it has no more. */

static ngx_uint_t
ngx_http_ccproxy_metrics_some(ngx_http_ccproxy_metrics_t *m)
{
    switch (ngx_http_ccproxy_families[m->family].kind) {

    case NGX_HTTP_CCPROXY_METRICS_FLOW:
    case NGX_HTTP_CCPROXY_METRICS_COST:
        return ngx_http_ccproxy_metrics_flows(m);

    case NGX_HTTP_CCPROXY_METRICS_HIST:
        return ngx_http_ccproxy_metrics_hists(m);

    case NGX_HTTP_CCPROXY_METRICS_TRANSCRIPT:
        ngx_http_ccproxy_metrics_transcripts(m);
        return 0;

    case NGX_HTTP_CCPROXY_METRICS_BUDGET:
        return ngx_http_ccproxy_metrics_budgets(m);

    case NGX_HTTP_CCPROXY_METRICS_EVENT:
        ngx_http_ccproxy_metrics_events(m);
        return 0;

    default: /* NGX_HTTP_CCPROXY_METRICS_INFO */
        ngx_http_ccproxy_metrics_info(m);
        return 0;
    }
}


void
ngx_http_ccproxy_metrics_write(ngx_http_ccproxy_metrics_t *m)
{
    while (ccp_out_size(&m->out) < NGX_HTTP_CCPROXY_METRICS_PIECE) {

        if (m->family == ccp_countof(ngx_http_ccproxy_families)) {

            if (m->openmetrics) {
                ccp_out_lit(&m->out, "# EOF\n");
            }

            m->done = 1;
            return;
        }

        if (!m->headed) {
            ngx_http_ccproxy_metrics_head(m);
            m->headed = 1;
        }

        if (!ngx_http_ccproxy_metrics_some(m)) {
            m->family++;
            m->row = 0;
            m->headed = 0;
        }
    }
}
