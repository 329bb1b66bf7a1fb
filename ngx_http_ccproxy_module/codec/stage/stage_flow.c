
/*
 * Flow: the stage that gives encoders one order to rely on.
 *
 * In the usual case, one block open and nothing queued, an event passes as it
 * came.  Here: usage, finish reasons, errors and the end; stage_flow_blocks.c
 * orders the blocks.
 */

#include "codec/stage/stage_flow.h"
#include "codec/proto/proto_out.h"


/* Bytes of answer that make one token, where no usage came. */

#define CCP_FLOW_BYTES_PER_TOKEN   4


ccp_flow_t *
ccp_flow_create(ccp_answer_ctx_t *ac, ccp_sink_t next, size_t limit)
{
    int          i;
    ccp_flow_t  *f;

    f = ccp_calloc(ac->arena, sizeof(ccp_flow_t));
    if (f == NULL) {
        return NULL;
    }

    f->ac = ac;
    f->next = next;
    f->limit = limit;
    f->usage = ccp_usage_none;
    f->n = ccp_answer_choices(ac);

    f->choices = ccp_calloc(ac->arena, f->n * sizeof(ccp_flow_choice_t));
    if (f->choices == NULL) {
        return NULL;
    }

    for (i = 0; i < f->n; i++) {
        ccp_index_init(&f->choices[i].waiting, ac->arena);
    }

    return f;
}


static int
ccp_flow_usage_merge(ccp_flow_t *f, const ccp_usage_t *u)
{
    size_t          i;
    int64_t        *to;
    const int64_t  *from;

    for (i = 0; i < CCP_USAGE_NCOUNT; i++) {
        from = (const int64_t *) ((const char *) u + ccp_usage_counts[i]);
        to = (int64_t *) ((char *) &f->usage + ccp_usage_counts[i]);

        if (*from > 0 || (*from == 0 && *to < 0)) {
            *to = *from;
        }
    }

    f->usage.estimated |= u->estimated;

    if (u->tier.n && !ccp_str_eq(u->tier, f->usage.tier)) {
        f->usage.tier = ccp_str_dup(f->ac->arena, u->tier);
        return f->usage.tier.p ? CCP_OK : CCP_NOMEM;
    }

    return CCP_OK;
}


/* Remembers a finish reason if it beats what came before. */

static int
ccp_flow_finish(ccp_flow_t *f, ccp_flow_choice_t *c, const ccp_event_t *ev)
{
    c->finish = 1;

    if (ev->stop == CCP_STOP_TOOL) {
        c->tool = 1;
        return CCP_OK;
    }

    if (ev->stop < c->stop) {
        return CCP_OK;
    }

    if (ev->stop > c->stop) {
        c->stop_text = ccp_none;
        c->category = ccp_none;
    }

    c->stop = ev->stop;

    if (ev->stop_text.p) {
        c->stop_text = ccp_str_dup(f->ac->arena, ev->stop_text);
        if (c->stop_text.p == NULL) {
            return CCP_NOMEM;
        }
    }

    if (ev->category.p) {
        c->category = ccp_str_dup(f->ac->arena, ev->category);
        if (c->category.p == NULL) {
            return CCP_NOMEM;
        }
    }

    return CCP_OK;
}


static ccp_stop_e
ccp_flow_verdict(const ccp_flow_choice_t *c)
{
    if (c->call && c->stop < CCP_STOP_TOOL) {
        return CCP_STOP_TOOL;
    }

    return c->stop == CCP_STOP_NONE ? CCP_STOP_END : c->stop;
}


static int
ccp_flow_terminal(ccp_flow_t *f)
{
    ccp_event_t  ev;

    f->done = 1;

    ccp_event_init(&ev, CCP_EV_END, 0, 0, 0);

    return ccp_emit(&f->next, &ev);
}


static int
ccp_flow_fail(ccp_flow_t *f, const ccp_event_t *ev)
{
    if (ccp_emit(&f->next, ev) != CCP_OK) {
        return CCP_NOMEM;
    }

    return ccp_flow_terminal(f);
}


static int64_t
ccp_flow_tokens(int64_t bytes)
{
    return (bytes + CCP_FLOW_BYTES_PER_TOKEN - 1) / CCP_FLOW_BYTES_PER_TOKEN;
}


/* An answer without a word about its cost gets an estimate. */

static void
ccp_flow_estimate(ccp_flow_t *f)
{
    ccp_usage_t  *u;

    u = &f->usage;

    if (u->in_fresh >= 0 || u->in_read >= 0 || u->in_write >= 0
        || u->in_tool >= 0 || u->out_total >= 0)
    {
        return;
    }

    u->in_fresh = ccp_estimate_answer(f->ac, u);
    u->out_total = ccp_flow_tokens(f->out_bytes);
    u->estimated = 1;
}


/* The answer is complete: what waited, FINISH of each choice, END. */

static int
ccp_flow_complete(ccp_flow_t *f)
{
    int                 i, last;
    ccp_event_t         ev;
    ccp_flow_choice_t  *c;

    if (ccp_flow_start(f, NULL) != CCP_OK) {
        return CCP_NOMEM;
    }

    for (last = f->n - 1; last > 0 && !f->choices[last].seen; last--) {
        /* void */
    }

    f->choices[last].seen = 1;
    ccp_usage_settle(&f->usage);
    ccp_flow_estimate(f);

    for (i = 0; i <= last; i++) {
        c = &f->choices[i];

        if (!c->seen) {
            continue;
        }

        if (ccp_flow_settle(f, c) != CCP_OK) {
            return CCP_NOMEM;
        }

        ccp_event_init(&ev, CCP_EV_FINISH, i, 0, 0);
        ev.stop = ccp_flow_verdict(c);
        ev.stop_text = c->stop_text;
        ev.category = c->category;
        ev.usage = i == last ? &f->usage : NULL;

        if (ev.stop != c->stop) {
            ev.stop_text = ccp_none;
            ev.category = ccp_none;
        }

        if (ccp_emit(&f->next, &ev) != CCP_OK) {
            return CCP_NOMEM;
        }
    }

    f->complete = 1;

    return ccp_flow_terminal(f);
}


/* Events of one choice. */

static int
ccp_flow_choice_event(ccp_flow_t *f, const ccp_event_t *ev)
{
    ccp_flow_choice_t  *c;

    if (ev->choice < 0 || ev->choice >= f->n) {
        return CCP_OK;
    }

    c = &f->choices[ev->choice];
    c->seen = 1;

    switch (ev->kind) {

    case CCP_EV_BLOCK_START:
        return ccp_flow_block(f, c, ev);

    case CCP_EV_BLOCK_STOP:
        return ccp_flow_stop_block(f, c, ev);

    case CCP_EV_FINISH:
        return ccp_flow_finish(f, c, ev);

    default:
        return ccp_flow_content(f, c, ev);
    }
}


int
ccp_flow_event(void *flow, const ccp_event_t *ev)
{
    ccp_flow_t  *f = flow;

    if (f->done) {
        return CCP_OK;
    }

    if (ev->usage && ccp_flow_usage_merge(f, ev->usage) != CCP_OK) {
        return CCP_NOMEM;
    }

    switch (ev->kind) {

    case CCP_EV_START:
        return ccp_flow_start(f, ev);

    case CCP_EV_USAGE:
        return CCP_OK;

    case CCP_EV_PING:
        return ccp_emit(&f->next, ev);

    case CCP_EV_ERROR:
        return ccp_flow_fail(f, ev);

    case CCP_EV_END:
        return ccp_flow_complete(f);

    default:
        return ccp_flow_choice_event(f, ev);
    }
}


int
ccp_flow_finished(const ccp_flow_t *f)
{
    int  i, finish;

    finish = f->done;

    for (i = 0; i < f->n && !f->done; i++) {
        if (f->choices[i].finish) {
            finish = 1;

        } else if (f->choices[i].seen) {
            return 0;
        }
    }

    return finish;
}


int
ccp_flow_eof(ccp_flow_t *f)
{
    ccp_error_t  err;
    ccp_event_t  ev;

    if (f->done) {
        return CCP_OK;
    }

    if (ccp_flow_finished(f)) {
        return ccp_flow_complete(f);
    }

    memset(&err, 0, sizeof(ccp_error_t));
    err.cls = CCP_E_MALFORMED;
    err.message = ccp_lit("the upstream's answer ended early");

    ccp_event_init(&ev, CCP_EV_ERROR, 0, 0, 0);
    ev.error = &err;

    return ccp_flow_fail(f, &ev);
}


const ccp_usage_t *
ccp_flow_usage(const ccp_flow_t *flow)
{
    return &flow->usage;
}


void
ccp_flow_used(ccp_flow_t *f, int64_t unread, ccp_usage_t *u)
{
    int64_t  out;

    *u = f->usage;

    if (u->in_fresh < 0 && u->in_read < 0 && u->in_write < 0) {
        u->in_fresh = ccp_estimate_answer(f->ac, u);
        u->estimated = 1;
    }

    /* figures in the middle of an answer are of what came before them */

    out = ccp_flow_tokens(f->out_bytes + (int64_t) f->held + unread);

    if (u->out_total < 0 || (!f->complete && u->out_total < out)) {
        u->out_total = out;
        u->estimated = 1;
    }

    ccp_usage_settle(u);
}


ccp_stop_e
ccp_flow_stop(const ccp_flow_t *flow)
{
    const ccp_flow_choice_t  *c;

    c = &flow->choices[0];

    return c->finish || flow->done ? ccp_flow_verdict(c) : CCP_STOP_NONE;
}


int
ccp_flow_done(const ccp_flow_t *flow)
{
    return flow->done;
}


int
ccp_flow_started(const ccp_flow_t *flow)
{
    return flow->content;
}
