
/*
 * Aggregate: what flow passes, as one answer, and that answer played back.
 */

#include "ut_events.h"
#include "codec/stage/stage.h"


typedef struct {
    ut_stage_t        s;
    ccp_flow_t       *flow;
    ccp_aggregate_t  *agg;
    ccp_sink_t        first;
} ut_whole_t;


static int
ut_whole(ut_whole_t *w, ccp_arena_t *a, size_t limit, int64_t n)
{
    ccp_sink_t  out;

    ut_stage_init(&w->s, a);
    w->s.req.n = n;

    w->agg = ccp_aggregate_create(&w->s.ac, limit);
    if (w->agg == NULL) {
        return CCP_NOMEM;
    }

    out.fn = ccp_aggregate_event;
    out.ctx = w->agg;
    w->flow = ccp_flow_create(&w->s.ac, out, 0);
    w->first.fn = ccp_flow_event;
    w->first.ctx = w->flow;

    return w->flow ? CCP_OK : CCP_NOMEM;
}


/* An answer played back must be the events it was made of, deltas joined. */

static const struct {
    const char  *name;
    const char  *in;
    const char  *want;
} ut_cases[] = {
    { "text", "S|B0T|D0:a|D0:b|E0|F:END|U:1,2,3|.",
      "S{1,2,3}|B0T|D0:ab|E0|F:END{1,2,3}|." },
    { "everything",
      "S|B0K|D0:why|G0:sig|E0|B1T|D1:x|C1:{}|D1:\"y\"|L1:[]|B2C:f:i|D2:{"
      "|G2:s|D2:}|E2|B3Z:blob|E3|B4H|D4:1|E4|F:SEQ:stop|U:1,0,1|.",
      "S{1,0,1}|B0K|D0:why|G0:sig|E0|B1T|D1:x\\\"y\\\"|C1:{}|L1:[]|E1"
      "|B2C:f:i|D2:{}|G2:s|E2|B3Z:blob|E3|B4H|D4:1|E4"
      "|F:TOOL{1,0,1}|." },
    { "the stop's text", "S|B0T|D0:a|F:SEQ:stop|U:1,0,1|.",
      "S{1,0,1}|B0T|D0:a|E0|F:SEQ:stop{1,0,1}|." },
    { "an empty answer", "S|F:END|U:1,0,1|.", "S{1,0,1}|F:END{1,0,1}|." },
    { "T09: a call without arguments", "S|B0C:f:i|F:TOOL|U:1,0,1|.",
      "S{1,0,1}|B0C:f:i|D0:{}|E0|F:TOOL{1,0,1}|." },
    { "T11: what was cut", "S|B0C:f:i|D0:{|F:LENGTH|U:1,0,1|.",
      "S{1,0,1}|B0C:f:i|D0:{|E0!|F:LENGTH{1,0,1}|." },
    { "T35: a pair in pieces", "S|B0T|J0:\\ud83d|J0:\\ude00|F:END|U:1,0,1|.",
      "S{1,0,1}|B0T|D0:\\ud83d\\ude00|E0|F:END{1,0,1}|." },
    { "pings leave no trace", "P|S|P|B0T|P|D0:a|P|F:END|U:1,0,1|.",
      "S{1,0,1}|B0T|D0:a|E0|F:END{1,0,1}|." }
};


static void
ut_round(const char *name, const char *in, const char *want)
{
    int                  k;
    ut_whole_t           w;
    ut_trace_t           t;
    ccp_sink_t           out;
    ccp_arena_t         *a;
    const ccp_error_t   *err;
    const ccp_answer_t  *ans;

    a = ut_arena();
    ut_whole(&w, a, 0, CCP_UNSET_INT);
    ut_play(in, &w.first);

    /* the second time from an answer made of a played answer */

    for (k = 0; k < 2; k++) {
        ans = ccp_aggregate_answer(w.agg, &err);
        UT_CHECK(ans != NULL && err == NULL, "%s: an answer", name);

        if (ans == NULL) {
            break;
        }

        ut_trace_init(&t, 0);
        out.fn = ut_trace_event;
        out.ctx = &t;
        ccp_answer_play(ans, &out);

        UT_CHECK(strcmp(ut_trace(&t), want) == 0, "%s: %s", name,
                 ut_trace(&t));
        ut_trace_free(&t);

        ut_whole(&w, a, 0, CCP_UNSET_INT);
        ccp_answer_play(ans, &w.first);
    }

    ccp_arena_destroy(a);
}


static void
ut_members(void)
{
    ut_whole_t           w;
    ccp_arena_t         *a;
    const ccp_block_t   *b;
    const ccp_error_t   *err;
    const ccp_answer_t  *ans;

    a = ut_arena();
    ut_whole(&w, a, 0, CCP_UNSET_INT);
    ut_play("S|B0K|D0:a|G0:s|B1T|D1:\"|C1:{\"u\":1}", &w.first);
    UT_CHECK(ccp_aggregate_answer(w.agg, &err) == NULL && err == NULL,
             "no answer before END");
    ut_play("F:SEQ:x|U:4,5,6|.", &w.first);

    ans = ccp_aggregate_answer(w.agg, &err);
    UT_CHECK(ut_str_is(ans->id, "id1") && ut_str_is(ans->model, "m1")
             && ans->created == 7, "id, model, created");
    UT_CHECK(ans->stop == CCP_STOP_SEQ && ut_str_is(ans->stop_text, "x"),
             "stop");
    UT_CHECK(ans->usage.in_fresh == 4 && ans->usage.in_read == 5
             && ans->usage.out_total == 6, "usage");

    b = ans->blocks;
    UT_CHECK(b->kind == CCP_B_THINK && ut_str_is(b->sig, "s"), "signature");
    b = b->next;
    UT_CHECK(b->kind == CCP_B_TEXT && b->text.json && ut_str_is(b->text, "\"")
             && b->next == NULL, "text in JSON spelling");
    UT_CHECK(b->parts && b->parts->kind == CCP_B_OPAQUE
             && ut_str_is(b->parts->type, "citation")
             && ut_str_is(b->parts->raw, "{\"u\":1}"), "citation");
    ccp_arena_destroy(a);

    a = ut_arena();
    ut_whole(&w, a, 0, CCP_UNSET_INT);
    ut_play("S|B0T|D0:a|X:12:busy|.", &w.first);
    ans = ccp_aggregate_answer(w.agg, &err);
    UT_CHECK(ans == NULL && err && err->cls == 12
             && ut_str_is(err->message, "busy"), "T37: an error is no answer");
    ccp_arena_destroy(a);

    a = ut_arena();
    ut_whole(&w, a, 0, CCP_UNSET_INT);
    ut_play("S|B0T|D0:a", &w.first);
    ccp_flow_eof(w.flow);
    ans = ccp_aggregate_answer(w.agg, &err);
    UT_CHECK(ans == NULL && err && err->cls == CCP_E_MALFORMED,
             "T37: half an answer is none");
    ccp_arena_destroy(a);

    a = ut_arena();
    ut_whole(&w, a, 0, 2);
    ut_play("S|B0T|D0:a|1#B0T|1#D0:z|F:END|1#F:LENGTH|U:4,5,6|.", &w.first);
    ans = ccp_aggregate_answer(w.agg, &err);
    UT_CHECK(ans && ut_str_is(ans->blocks->text, "a")
             && ans->blocks->next == NULL && ans->stop == CCP_STOP_END
             && ans->usage.out_total == 6, "the first of two choices");
    ccp_arena_destroy(a);
}


static void
ut_limit(void)
{
    int           k, rc;
    ut_whole_t    w;
    ccp_arena_t  *a;

    a = ut_arena();
    ut_whole(&w, a, 4096, CCP_UNSET_INT);
    rc = ut_play("S|B0T", &w.first);

    for (k = 0; k < 10000 && rc == CCP_OK; k++) {
        rc = ut_play("D0:0123456789", &w.first);
    }

    UT_CHECK(rc == CCP_NOMEM && k > 100 && k < 500, "text is bounded (%d)",
             k);
    ccp_arena_destroy(a);

    a = ut_arena();
    ut_whole(&w, a, 4096, CCP_UNSET_INT);
    rc = ut_play("S", &w.first);

    for (k = 0; k < 10000 && rc == CCP_OK; k++) {
        rc = ut_play("B0T|D0:x|E0", &w.first);
    }

    UT_CHECK(rc == CCP_NOMEM && k < 20, "blocks are bounded (%d)", k);
    ccp_arena_destroy(a);
}


static int
ut_aggregate_mem(const ccp_mem_t *mem, void *arg)
{
    int                  rc;
    ut_whole_t           w, again;
    ccp_arena_t         *a;
    const ccp_error_t   *err;
    const ccp_answer_t  *ans;

    a = ccp_arena_create(mem, 0);
    if (a == NULL) {
        return CCP_NOMEM;
    }

    rc = ut_whole(&w, a, 0, CCP_UNSET_INT);

    if (rc == CCP_OK) {
        rc = ut_play(arg, &w.first);
    }

    if (rc == CCP_OK) {
        rc = ut_whole(&again, a, 0, CCP_UNSET_INT);
    }

    if (rc == CCP_OK) {
        ans = ccp_aggregate_answer(w.agg, &err);
        rc = ans ? ccp_answer_play(ans, &again.first) : CCP_OK;
    }

    ccp_arena_destroy(a);

    return rc;
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(ut_cases) / sizeof(ut_cases[0]); i++) {
        ut_round(ut_cases[i].name, ut_cases[i].in, ut_cases[i].want);
    }

    ut_members();
    ut_limit();

    ut_fail_each("aggregate", ut_aggregate_mem, (void *) ut_cases[1].in);
    ut_fail_each("aggregate, error", ut_aggregate_mem, "S|B0T|D0:a|X:12:no|.");

    return ut_done();
}
