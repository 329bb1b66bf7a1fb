
/*
 * The meter: what is counted where, and what happens when there is no room.
 */

#include <stdio.h>
#include <string.h>

#include "pool/pool_meter.h"
#include "ut.h"


static ccp_meter_t *
ut_meter(void)
{
    return ccp_meter_init(calloc(1, ccp_meter_size()));
}


static void
ut_label(ccp_meter_sample_t *s, ccp_meter_label_e label, const char *text)
{
    s->label[label].p = text;
    s->label[label].n = strlen(text);
}


static void
ut_sample(ccp_meter_sample_t *s, const char *model, const char *client)
{
    memset(s, 0, sizeof(ccp_meter_sample_t));

    ut_label(s, CCP_METER_POOL, "p");
    ut_label(s, CCP_METER_MODEL, model);
    ut_label(s, CCP_METER_CLIENT, client);

    s->status = 200;
    s->duration = 300;
    s->ttft = 100;
    s->in = 30;
    s->cached = -1;
    s->written = -1;
    s->out = 11;
    s->reason = -1;
    s->cost = 7;
    s->tries = 2;
    s->minute = 1000;
}


/* The flow of that model and client; a zeroed one if there is none. */

static ccp_meter_flow_t
ut_flow(const ccp_meter_t *m, const char *model, const char *client)
{
    size_t            i;
    ccp_meter_text_t  a, b;
    ccp_meter_flow_t  row;

    for (i = 0; ccp_meter_flows(m, i, &row, 1); i++) {
        a = ccp_meter_text(m, row.label[CCP_METER_MODEL]);
        b = ccp_meter_text(m, row.label[CCP_METER_CLIENT]);

        if (a.n == strlen(model) && memcmp(a.p, model, a.n) == 0
            && b.n == strlen(client) && memcmp(b.p, client, b.n) == 0
            && row.n[CCP_METER_F_REQUESTS])
        {
            return row;
        }
    }

    memset(&row, 0, sizeof(row));

    return row;
}


static void
ut_rows(void)
{
    size_t               n, i;
    ccp_meter_t         *m;
    ccp_meter_flow_t     row;
    ccp_meter_sample_t   s;
    ccp_meter_latency_t  l[4];

    m = ut_meter();

    ut_sample(&s, "a", "joe");
    ccp_meter_add(m, &s);
    ccp_meter_add(m, &s);

    ut_sample(&s, "a", "ann");
    s.cost = -1;
    s.broken = 1;
    ccp_meter_add(m, &s);

    row = ut_flow(m, "a", "joe");
    UT_CHECK(row.n[CCP_METER_F_REQUESTS] == 2 && row.n[CCP_METER_F_TRIES] == 4
             && row.n[CCP_METER_F_IN] == 60 && row.n[CCP_METER_F_OUT] == 22
             && row.n[CCP_METER_F_CACHED] == 0 && row.n[CCP_METER_F_COST] == 14
             && row.n[CCP_METER_F_UNPRICED] == 0
             && row.n[CCP_METER_F_BROKEN] == 0,
             "one client's requests");

    row = ut_flow(m, "a", "ann");
    UT_CHECK(row.n[CCP_METER_F_REQUESTS] == 1 && row.n[CCP_METER_F_COST] == 0
             && row.n[CCP_METER_F_UNPRICED] == 1
             && row.n[CCP_METER_F_BROKEN] == 1,
             "another's, without a price");

    n = ccp_meter_latencies(m, 0, l, 4);
    UT_CHECK(n == 2 && l[1].label[CCP_METER_CLIENT] == CCP_METER_NONE,
             "histograms are of all clients: %d rows", (int) n);
    UT_CHECK(l[1].hist[CCP_METER_DURATION].count[5] == 3
             && l[1].hist[CCP_METER_DURATION].sum == 900,
             "300 ms are in the bucket up to 320");
    UT_CHECK(l[1].hist[CCP_METER_TTFT].count[7] == 3,
             "100 ms are in the bucket that ends there");
    UT_CHECK(l[1].hist[CCP_METER_TPOT].count[1] == 3
             && l[1].hist[CCP_METER_TPOT].sum == 60000,
             "20 ms for each of ten tokens");
    UT_CHECK(l[1].hist[CCP_METER_IN].count[3] == 3
             && l[1].hist[CCP_METER_OUT].count[2] == 3, "tokens");

    s.duration = 100000;
    s.ttft = -1;
    s.in = -1;
    ccp_meter_add(m, &s);

    (void) ccp_meter_latencies(m, 1, l, 1);
    UT_CHECK(l[0].hist[CCP_METER_DURATION].count[14] == 1,
             "beyond all bounds");

    for (i = 0, n = 0; i <= CCP_METER_BUCKETS; i++) {
        n += l[0].hist[CCP_METER_IN].count[i];
    }

    UT_CHECK(n == 3, "what is unknown is in no histogram");

    free(m);
}


/* More labels than there is room for, and rows of them. */

static void
ut_full(void)
{
    char                name[200];
    size_t              n;
    unsigned            i, k;
    uint64_t            sum;
    ccp_meter_t        *m;
    ccp_meter_flow_t    row;
    ccp_meter_sample_t  s;

    m = ut_meter();

    for (i = 0; i < 2000; i++) {
        snprintf(name, sizeof(name), "client-%u", i);
        ut_sample(&s, "a", name);
        ccp_meter_add(m, &s);
    }

    UT_CHECK(ut_flow(m, "a", "client-1023").n[CCP_METER_F_REQUESTS] == 1
             && ut_flow(m, "a", "client-1024").n[CCP_METER_F_REQUESTS] == 0
             && ut_flow(m, "a", "other").n[CCP_METER_F_REQUESTS] == 976,
             "what finds no room is \"other\"");

    for (k = 0; k < 20; k++) {
        for (i = 0; i < 1000; i++) {
            snprintf(name, sizeof(name), "client-%u", i);
            ut_sample(&s, "a", name);
            s.status = 400 + k;
            ccp_meter_add(m, &s);
        }
    }

    for (n = 0, sum = 0; ccp_meter_flows(m, n, &row, 1); n++) {
        sum += row.n[CCP_METER_F_REQUESTS];
    }

    UT_CHECK(sum == 22000, "no request is lost: %d", (int) sum);
    UT_CHECK(n <= 8192, "in %d rows", (int) n);

    memset(name, 'x', 199);
    name[199] = '\0';
    ut_sample(&s, name, "joe");
    ccp_meter_add(m, &s);
    ccp_meter_add(m, &s);

    name[CCP_METER_TEXT] = '\0';
    UT_CHECK(ccp_meter_text(m, 60000).n == 5, "a value out of bounds");

    free(m);
}


static void
ut_hour(void)
{
    ccp_meter_t         *m;
    ccp_meter_minute_t   minute[CCP_METER_MINUTES];
    ccp_meter_sample_t   s;

    m = ut_meter();

    ut_sample(&s, "a", "joe");
    ccp_meter_add(m, &s);

    s.minute = 1001;
    s.status = 500;
    ccp_meter_add(m, &s);
    ut_label(&s, CCP_METER_POOL, "q");
    ccp_meter_add(m, &s);

    UT_CHECK(ccp_meter_hour(m, NULL, 0, 1001, minute)
             && minute[58].requests == 1 && minute[58].errors == 0
             && minute[59].requests == 2 && minute[59].errors == 2
             && minute[59].in == 60 && minute[59].out == 22
             && minute[59].cost == 14 && minute[57].requests == 0,
             "the last hour of all");
    UT_CHECK(ccp_meter_hour(m, "p", 1, 1001, minute)
             && minute[58].requests == 1 && minute[59].requests == 1,
             "of a pool");
    UT_CHECK(!ccp_meter_hour(m, "x", 1, 1001, minute), "of no pool");

    s.minute = 1060;
    ccp_meter_add(m, &s);
    UT_CHECK(ccp_meter_hour(m, NULL, 0, 1060, minute)
             && minute[59].requests == 1 && minute[0].requests == 2,
             "an hour later the first minute is gone");
    UT_CHECK(ccp_meter_hour(m, NULL, 0, 5000, minute)
             && minute[59].requests == 0 && minute[0].requests == 0,
             "after a while of nothing");

    ccp_meter_bump(m, CCP_METER_HEDGES, 2);
    ccp_meter_bump(m, CCP_METER_HEDGES, 1);
    UT_CHECK(ccp_meter_counter(m, CCP_METER_HEDGES) == 3
             && ccp_meter_counter(m, CCP_METER_LOST) == 0, "counters");

    free(m);
}


int
main(void)
{
    ut_rows();
    ut_full();
    ut_hour();

    return ut_done();
}
