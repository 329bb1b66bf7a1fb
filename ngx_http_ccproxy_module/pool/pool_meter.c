
/*
 * The meter: labels, rows, minutes.  Each table is an array that is filled
 * from its beginning, with an index of hashes beside it.
 */

#include <string.h>

#include "pool/pool.h"
#include "pool/pool_meter.h"


/* Room; an index is a power of 2 that is never more than half full. */

#define CCP_METER_TEXTS          2048
#define CCP_METER_TEXTS_INDEX    4096
#define CCP_METER_FLOWS          8192
#define CCP_METER_FLOWS_INDEX    16384
#define CCP_METER_LATENCIES      1024
#define CCP_METER_LATENCIES_INDEX  2048

/* Pools that have their minutes, and all requests, which come first. */
#define CCP_METER_HOURS          17


typedef struct {
    uint64_t  hash;
    uint16_t  label;
    uint16_t  len;
    char      text[CCP_METER_TEXT];
} ccp_meter_value_t;

typedef struct {
    uint16_t            pool;
    ccp_meter_minute_t  minute[CCP_METER_MINUTES];
} ccp_meter_hour_t;

struct ccp_meter_s {
    unsigned long        counters[CCP_METER_COUNTERS];
    uint32_t             ntexts;
    uint32_t             nflows;
    uint32_t             nlatencies;
    uint32_t             nhours;
    uint32_t             values[CCP_METER_LABELS];  /* texts of each label */
    uint16_t             text_index[CCP_METER_TEXTS_INDEX];
    uint16_t             flow_index[CCP_METER_FLOWS_INDEX];
    uint16_t             latency_index[CCP_METER_LATENCIES_INDEX];
    ccp_meter_value_t    text[CCP_METER_TEXTS];
    ccp_meter_hour_t     hour[CCP_METER_HOURS];
    ccp_meter_flow_t     flow[CCP_METER_FLOWS];
    ccp_meter_latency_t  latency[CCP_METER_LATENCIES];
};


/* Values that a label may have; together less than CCP_METER_TEXTS. */

static const uint32_t  ccp_meter_room[CCP_METER_LABELS] = {
    [CCP_METER_POOL] = 128,
    [CCP_METER_PROVIDER] = 128,
    [CCP_METER_MODEL] = 512,
    [CCP_METER_PROTOCOL] = 32,
    [CCP_METER_OPERATION] = 32,
    [CCP_METER_CLIENT] = 1024
};

/*
 * As OpenTelemetry's conventions for generative AI advise: request duration,
 * time to first token, time per output token, token usage.
 */

static const struct {
    size_t    n;
    uint32_t  bound[CCP_METER_BUCKETS];
} ccp_meter_hists[CCP_METER_HISTS] = {
    [CCP_METER_DURATION] = { 14, {
        10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10240, 20480, 40960,
        81920 } },
    [CCP_METER_TTFT] = { 16, {
        1, 5, 10, 20, 40, 60, 80, 100, 250, 500, 750, 1000, 2500, 5000, 7500,
        10000 } },
    [CCP_METER_TPOT] = { 13, {
        10000, 25000, 50000, 75000, 100000, 150000, 200000, 300000, 400000,
        500000, 750000, 1000000, 2500000 } },
    [CCP_METER_IN] = { 14, {
        1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304,
        16777216, 67108864 } },
    [CCP_METER_OUT] = { 14, {
        1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304,
        16777216, 67108864 } }
};


size_t
ccp_meter_size(void)
{
    return sizeof(ccp_meter_t);
}


/* A value that all labels share. */

static void
ccp_meter_fixed(ccp_meter_t *m, const char *text)
{
    ccp_meter_value_t  *v;

    v = &m->text[m->ntexts++];
    v->label = CCP_METER_LABELS;
    v->len = (uint16_t) strlen(text);
    memcpy(v->text, text, v->len);
}


ccp_meter_t *
ccp_meter_init(void *mem)
{
    ccp_meter_t  *m = mem;

    /* the order is that of CCP_METER_NONE and CCP_METER_OTHER */

    ccp_meter_fixed(m, "");
    ccp_meter_fixed(m, "other");

    m->nhours = 1;

    return m;
}


/* ---- labels ---- */

static int
ccp_meter_same(const ccp_meter_value_t *v, unsigned label, uint64_t hash,
    const ccp_meter_text_t *t, size_t n)
{
    return v->hash == hash && v->label == label && v->len == n
           && memcmp(v->text, t->p, n) == 0;
}


static uint16_t
ccp_meter_value(ccp_meter_t *m, unsigned label, const ccp_meter_text_t *t)
{
    size_t              n;
    uint32_t            i;
    uint64_t            hash;
    ccp_meter_value_t  *v;

    if (t->n == 0) {
        return CCP_METER_NONE;
    }

    n = t->n < CCP_METER_TEXT ? t->n : CCP_METER_TEXT;
    hash = ccp_pool_hash(label, t->p, n);

    for (i = hash & (CCP_METER_TEXTS_INDEX - 1); m->text_index[i];
         i = (i + 1) & (CCP_METER_TEXTS_INDEX - 1))
    {
        v = &m->text[m->text_index[i]];

        if (ccp_meter_same(v, label, hash, t, n)) {
            return m->text_index[i];
        }
    }

    if (m->values[label] == ccp_meter_room[label]) {
        return CCP_METER_OTHER;
    }

    v = &m->text[m->ntexts];
    v->hash = hash;
    v->label = (uint16_t) label;
    v->len = (uint16_t) n;
    memcpy(v->text, t->p, n);

    m->values[label]++;
    m->text_index[i] = (uint16_t) m->ntexts;

    return (uint16_t) m->ntexts++;
}


ccp_meter_text_t
ccp_meter_text(const ccp_meter_t *m, unsigned value)
{
    ccp_meter_text_t  t;

    value = value < CCP_METER_TEXTS ? value : CCP_METER_OTHER;

    t.p = m->text[value].text;
    t.n = m->text[value].len;

    return t;
}


/* ---- rows ---- */

/* Where the index has a row of the key, or room for one. */

#define ccp_meter_find(i, index, size, rows, key, len)                        \
    for (i = ccp_pool_hash(0, key, len) & (size - 1);                         \
         index[i] && memcmp(&rows[index[i] - 1], key, len) != 0;              \
         i = (i + 1) & (size - 1))                                            \
    {                                                                         \
        /* void */                                                            \
    }


static ccp_meter_flow_t *
ccp_meter_flow(ccp_meter_t *m, const uint16_t *label, unsigned status)
{
    size_t             len;
    uint32_t           i;
    ccp_meter_flow_t   key;

    memset(&key, 0, sizeof(ccp_meter_flow_t));
    memcpy(key.label, label, sizeof(key.label));
    key.status = (uint16_t) status;

    len = offsetof(ccp_meter_flow_t, n);

    ccp_meter_find(i, m->flow_index, CCP_METER_FLOWS_INDEX, m->flow, &key,
                   len);

    if (m->flow_index[i]) {
        return &m->flow[m->flow_index[i] - 1];
    }

    if (m->nflows == CCP_METER_FLOWS) {
        return NULL;
    }

    m->flow[m->nflows] = key;
    m->flow_index[i] = (uint16_t) ++m->nflows;

    return &m->flow[m->nflows - 1];
}


static ccp_meter_latency_t *
ccp_meter_latency(ccp_meter_t *m, const uint16_t *label)
{
    size_t    len;
    uint32_t  i;
    uint16_t  key[CCP_METER_LABELS];

    memcpy(key, label, sizeof(key));
    key[CCP_METER_CLIENT] = CCP_METER_NONE;
    len = sizeof(key);

    ccp_meter_find(i, m->latency_index, CCP_METER_LATENCIES_INDEX, m->latency,
                   key, len);

    if (m->latency_index[i]) {
        return &m->latency[m->latency_index[i] - 1];
    }

    if (m->nlatencies == CCP_METER_LATENCIES) {
        return NULL;
    }

    memcpy(m->latency[m->nlatencies].label, key, len);
    m->latency_index[i] = (uint16_t) ++m->nlatencies;

    return &m->latency[m->nlatencies - 1];
}


/*
 * A table that is full has one row left for all that is new; it was made
 * when the table was.
 */

static void
ccp_meter_others(uint16_t *label)
{
    size_t  i;

    for (i = 0; i < CCP_METER_LABELS; i++) {
        label[i] = CCP_METER_OTHER;
    }
}


static size_t
ccp_meter_bucket(ccp_meter_hist_e h, uint64_t value)
{
    size_t  i;

    for (i = 0; i < ccp_meter_hists[h].n; i++) {
        if (value <= ccp_meter_hists[h].bound[i]) {
            return i;
        }
    }

    return i;
}


static void
ccp_meter_observe(ccp_meter_latency_t *row, ccp_meter_hist_e h, int64_t value)
{
    if (value < 0) {
        return;
    }

    row->hist[h].count[ccp_meter_bucket(h, (uint64_t) value)]++;
    row->hist[h].sum += (uint64_t) value;
}


static void
ccp_meter_add_latency(ccp_meter_t *m, uint16_t *label,
    const ccp_meter_sample_t *s)
{
    ccp_meter_latency_t  *row;

    row = ccp_meter_latency(m, label);

    if (row == NULL) {
        row = &m->latency[0];
    }

    ccp_meter_observe(row, CCP_METER_DURATION, s->duration);
    ccp_meter_observe(row, CCP_METER_TTFT, s->ttft);
    ccp_meter_observe(row, CCP_METER_IN, s->in);
    ccp_meter_observe(row, CCP_METER_OUT, s->out);

    if (s->ttft >= 0 && s->out > 1 && s->duration >= s->ttft) {
        ccp_meter_observe(row, CCP_METER_TPOT,
                          (s->duration - s->ttft) * 1000 / (s->out - 1));
    }
}


static void
ccp_meter_add_flow(ccp_meter_t *m, uint16_t *label,
    const ccp_meter_sample_t *s)
{
    size_t             i;
    ccp_meter_flow_t  *row;

    const int64_t  figures[CCP_METER_FIGURES] = {
        [CCP_METER_F_REQUESTS] = 1,
        [CCP_METER_F_BROKEN] = s->broken,
        [CCP_METER_F_LEFT] = s->left,
        [CCP_METER_F_TRIES] = s->tries,
        [CCP_METER_F_IN] = s->in,
        [CCP_METER_F_CACHED] = s->cached,
        [CCP_METER_F_WRITTEN] = s->written,
        [CCP_METER_F_OUT] = s->out,
        [CCP_METER_F_REASON] = s->reason,
        [CCP_METER_F_COST] = s->cost,
        [CCP_METER_F_UNPRICED] = s->cost < 0 && (s->in >= 0 || s->out >= 0)
    };

    row = ccp_meter_flow(m, label, s->status);

    if (row == NULL) {
        row = &m->flow[0];
    }

    for (i = 0; i < CCP_METER_FIGURES; i++) {
        if (figures[i] > 0) {
            row->n[i] += (uint64_t) figures[i];
        }
    }
}


/* ---- minutes ---- */

static void
ccp_meter_add_minute(ccp_meter_hour_t *hour, const ccp_meter_sample_t *s)
{
    ccp_meter_minute_t  *t;

    t = &hour->minute[s->minute % CCP_METER_MINUTES];

    if (t->minute != s->minute) {
        memset(t, 0, sizeof(ccp_meter_minute_t));
        t->minute = s->minute;
    }

    t->requests++;
    t->errors += (s->status >= 400 || s->broken);
    t->in += s->in > 0 ? (uint64_t) s->in : 0;
    t->out += s->out > 0 ? (uint64_t) s->out : 0;
    t->cost += s->cost > 0 ? (uint64_t) s->cost : 0;

    if (s->duration >= 0) {
        t->duration[ccp_meter_bucket(CCP_METER_DURATION,
                                     (uint64_t) s->duration)]++;
    }

    if (s->ttft >= 0) {
        t->ttft[ccp_meter_bucket(CCP_METER_TTFT, (uint64_t) s->ttft)]++;
    }
}


static void
ccp_meter_add_hour(ccp_meter_t *m, uint16_t pool, const ccp_meter_sample_t *s)
{
    uint32_t  i;

    ccp_meter_add_minute(&m->hour[0], s);

    if (pool == CCP_METER_NONE || pool == CCP_METER_OTHER) {
        return;
    }

    for (i = 1; i < m->nhours && m->hour[i].pool != pool; i++) {
        /* void */
    }

    if (i == CCP_METER_HOURS) {
        return;
    }

    if (i == m->nhours) {
        m->hour[i].pool = pool;
        m->nhours++;
    }

    ccp_meter_add_minute(&m->hour[i], s);
}


int
ccp_meter_hour(const ccp_meter_t *m, const void *name, size_t n,
    uint64_t minute, ccp_meter_minute_t *minutes)
{
    uint32_t                  i;
    uint64_t                  at;
    ccp_meter_text_t          t;
    const ccp_meter_minute_t  *from;

    i = 0;

    if (name) {
        for (i = 1; i < m->nhours; i++) {
            t = ccp_meter_text(m, m->hour[i].pool);

            if (t.n == n && memcmp(t.p, name, n) == 0) {
                break;
            }
        }

        if (i == m->nhours) {
            return 0;
        }
    }

    for (at = minute - CCP_METER_MINUTES + 1; at <= minute;
         at++, minutes++)
    {
        from = &m->hour[i].minute[at % CCP_METER_MINUTES];

        if (from->minute == at) {
            *minutes = *from;

        } else {
            memset(minutes, 0, sizeof(ccp_meter_minute_t));
        }
    }

    return 1;
}


/* ---- counting and reading ---- */

void
ccp_meter_add(ccp_meter_t *m, const ccp_meter_sample_t *s)
{
    unsigned  i;
    uint16_t  label[CCP_METER_LABELS];

    if (m->nflows == 0) {

        /* the rows of all that find no room */

        ccp_meter_others(label);
        (void) ccp_meter_flow(m, label, 0);
        (void) ccp_meter_latency(m, label);
    }

    for (i = 0; i < CCP_METER_LABELS; i++) {
        label[i] = ccp_meter_value(m, i, &s->label[i]);
    }

    ccp_meter_add_flow(m, label, s);
    ccp_meter_add_latency(m, label, s);
    ccp_meter_add_hour(m, label[CCP_METER_POOL], s);
}


void
ccp_meter_bump(ccp_meter_t *m, ccp_meter_counter_e c, unsigned n)
{
    (void) __sync_fetch_and_add(&m->counters[c], n);
}


uint64_t
ccp_meter_counter(const ccp_meter_t *m, ccp_meter_counter_e c)
{
    const volatile unsigned long  *n;

    n = &m->counters[c];

    return *n;
}


size_t
ccp_meter_flows(const ccp_meter_t *m, size_t from, ccp_meter_flow_t *rows,
    size_t max)
{
    size_t  n;

    n = from < m->nflows ? m->nflows - from : 0;
    n = n < max ? n : max;

    memcpy(rows, &m->flow[from], n * sizeof(ccp_meter_flow_t));

    return n;
}


size_t
ccp_meter_latencies(const ccp_meter_t *m, size_t from,
    ccp_meter_latency_t *rows, size_t max)
{
    size_t  n;

    n = from < m->nlatencies ? m->nlatencies - from : 0;
    n = n < max ? n : max;

    memcpy(rows, &m->latency[from], n * sizeof(ccp_meter_latency_t));

    return n;
}


const uint32_t *
ccp_meter_bounds(ccp_meter_hist_e h, size_t *n)
{
    *n = ccp_meter_hists[h].n;

    return ccp_meter_hists[h].bound;
}
