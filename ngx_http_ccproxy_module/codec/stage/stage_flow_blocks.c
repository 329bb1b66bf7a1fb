
/*
 * Flow, the order of blocks: one is open at a time, those that begin while a
 * call is open wait in a queue, each with a record of what arrived for it.
 * Records and their buffers are reused.
 */

#include "codec/stage/stage_flow.h"
#include "codec/base/base_id.h"
#include "codec/prepare/prepare.h"


static int
ccp_flow_choice(const ccp_flow_t *f, const ccp_flow_choice_t *c)
{
    return (int) (c - f->choices);
}


/* An event of ours about the open block. */

int
ccp_flow_emit(ccp_flow_t *f, ccp_flow_choice_t *c, ccp_event_e kind,
    ccp_str_t text)
{
    ccp_event_t  ev;

    ccp_event_init(&ev, kind, ccp_flow_choice(f, c), c->open->dst,
                   c->open->origin);
    ev.text = text;
    ev.truncated = c->open->truncated;

    if (kind == CCP_EV_DELTA) {
        c->open->bytes = 1;
        f->content = 1;
        f->out_bytes += text.n;
    }

    return ccp_emit(&f->next, &ev);
}


int
ccp_flow_start(ccp_flow_t *f, const ccp_event_t *src)
{
    ccp_event_t  ev;

    if (f->start) {
        return CCP_OK;
    }

    f->start = 1;

    if (src) {
        ev = *src;
        ev.usage = src->usage ? &f->usage : NULL;

    } else {
        ccp_event_init(&ev, CCP_EV_START, 0, 0, 0);
    }

    return ccp_emit(&f->next, &ev);
}


/* A call gets the client's name of its tool, and an id if it has none. */

static int
ccp_flow_call(ccp_flow_t *f, ccp_block_t *b)
{
    const ccp_name_t  *name;

    name = f->ac->names ? ccp_name_client(f->ac->names, b->name) : NULL;
    if (name) {
        b->name = name->client;
        b->space = name->space;
    }

    if (b->id.n) {
        return CCP_OK;
    }

    b->id = ccp_id_new(f->ac->clock, f->ac->arena,
                       f->ac->client->call_prefix,
                       f->ac->client->call_digits);

    return b->id.p ? CCP_OK : CCP_NOMEM;
}


/* Passes the BLOCK_START of the open block. */

static int
ccp_flow_open(ccp_flow_t *f, ccp_flow_choice_t *c, const ccp_block_t *b)
{
    ccp_block_t        copy;
    ccp_event_t        ev;
    ccp_flow_block_t  *o;

    if (ccp_flow_start(f, NULL) != CCP_OK) {
        return CCP_NOMEM;
    }

    o = c->open;
    o->opened = 1;
    o->dst = c->next++;

    ccp_event_init(&ev, CCP_EV_BLOCK_START, ccp_flow_choice(f, c), o->dst,
                   o->origin);
    ev.block = b;

    if (b->kind == CCP_B_CALL) {
        copy = *b;
        ev.block = &copy;

        if (ccp_flow_call(f, &copy) != CCP_OK) {
            return CCP_NOMEM;
        }
    }

    if (o->kind != CCP_B_TEXT && o->kind != CCP_B_REFUSAL) {
        f->content = 1;
    }

    return ccp_emit(&f->next, &ev);
}


static int
ccp_flow_ensure(ccp_flow_t *f, ccp_flow_choice_t *c)
{
    return c->open->opened ? CCP_OK : ccp_flow_open(f, c, c->open->copy);
}


/* Text-like blocks are passed with their first byte only. */

static int
ccp_flow_lazy(const ccp_block_t *b)
{
    return (b->kind == CCP_B_TEXT || b->kind == CCP_B_REFUSAL
            || b->kind == CCP_B_THINK)
           && b->sig.n == 0 && !b->redacted;
}


/* Kinds that the next block closes; a call is waited for. */

static int
ccp_flow_yields(ccp_block_e kind)
{
    return kind != CCP_B_CALL && kind != CCP_B_HCALL;
}


static ccp_flow_block_t *
ccp_flow_take(ccp_flow_t *f, const ccp_event_t *ev)
{
    ccp_buf_t          slab, recs, args;
    ccp_flow_block_t  *b;

    b = f->spare;

    if (b) {
        f->spare = b->next;
        slab = b->slab;
        recs = b->recs;
        args = b->args;
        recs.n = 0;
        args.n = 0;

    } else {
        b = ccp_alloc(f->ac->arena, sizeof(ccp_flow_block_t));
        if (b == NULL) {
            return NULL;
        }

        ccp_buf_init(&slab, f->ac->arena, 0);
        ccp_buf_init(&recs, f->ac->arena, 0);
        ccp_buf_init(&args, f->ac->arena, 0);
    }

    memset(b, 0, sizeof(ccp_flow_block_t));

    b->slab = slab;
    b->recs = recs;
    b->args = args;
    b->src = ev->index;
    b->kind = ev->block->kind;
    b->origin = ev->origin;
    b->free_text = ev->block->free_text;

    return b;
}


static void
ccp_flow_give(ccp_flow_t *f, ccp_flow_block_t *b)
{
    f->held -= b->held;
    b->next = f->spare;
    f->spare = b;
}


/* A surrogate half whose partner did not come. */

static int
ccp_flow_lone(ccp_flow_t *f, ccp_flow_choice_t *c)
{
    ccp_str_t  s;

    if (!c->open->has_half) {
        return CCP_OK;
    }

    c->open->has_half = 0;

    s = ccp_lit("\\ufffd");
    s.json = 1;
    s.esc = 1;

    if (ccp_flow_ensure(f, c) != CCP_OK) {
        return CCP_NOMEM;
    }

    return ccp_flow_emit(f, c, CCP_EV_DELTA, s);
}


/* Closes the open block, if any; the queue is not looked at. */

static int
ccp_flow_close(ccp_flow_t *f, ccp_flow_choice_t *c)
{
    int                rc;
    ccp_flow_block_t  *o;

    o = c->open;
    if (o == NULL) {
        return CCP_OK;
    }

    if (ccp_flow_lone(f, c) != CCP_OK) {
        return CCP_NOMEM;
    }

    rc = CCP_OK;

    if (o->opened) {

        if (o->kind == CCP_B_CALL && !o->bytes && !o->free_text) {
            rc = ccp_flow_args_end(f, c);
        }

        if (rc == CCP_OK) {
            rc = ccp_flow_emit(f, c, CCP_EV_BLOCK_STOP, ccp_none);
        }
    }

    c->open = NULL;
    ccp_flow_give(f, o);

    return rc;
}


/* Remembers a text block that another one closed, so that it can go on. */

static void
ccp_flow_past(ccp_flow_choice_t *c, const ccp_flow_block_t *b)
{
    if (!ccp_flow_yields(b->kind) || b->stopped) {
        return;
    }

    if (c->npast == CCP_FLOW_PAST) {
        memmove(c->past, c->past + 1,
                (CCP_FLOW_PAST - 1) * sizeof(ccp_flow_past_t));
        c->npast--;
    }

    c->past[c->npast].src = b->src;
    c->past[c->npast].kind = b->kind;
    c->past[c->npast].origin = b->origin;
    c->npast++;
}


static ccp_flow_past_t *
ccp_flow_find_past(ccp_flow_choice_t *c, int src)
{
    int  i;

    for (i = 0; i < c->npast; i++) {
        if (c->past[i].src == src) {
            return &c->past[i];
        }
    }

    return NULL;
}


static void
ccp_flow_forget(ccp_flow_choice_t *c, int src)
{
    ccp_flow_past_t  *p;

    p = ccp_flow_find_past(c, src);

    if (p) {
        c->npast--;
        memmove(p, p + 1,
                (c->npast - (p - c->past)) * sizeof(ccp_flow_past_t));
    }
}


/* The waiting block of that index; one that the source stopped is over. */

static ccp_flow_block_t *
ccp_flow_waiting(const ccp_flow_choice_t *c, int src)
{
    return c->queue ? ccp_index_get(&c->waiting, (uint64_t) src) : NULL;
}


/* Nothing more comes for the waiting block of that index, if there is one. */

static ccp_flow_block_t *
ccp_flow_stop_waiting(ccp_flow_choice_t *c, int src)
{
    ccp_flow_block_t  *b;

    b = ccp_flow_waiting(c, src);

    if (b) {
        b->stopped = 1;
        (void) ccp_index_put(&c->waiting, (uint64_t) src, NULL);
    }

    return b;
}


int
ccp_flow_hold(ccp_flow_t *f, ccp_flow_block_t *b, size_t n)
{
    b->held += n;
    f->held += n;

    return f->limit && f->held > f->limit ? CCP_NOMEM : CCP_OK;
}


static int
ccp_flow_enqueue(ccp_flow_t *f, ccp_flow_choice_t *c, const ccp_event_t *ev)
{
    ccp_flow_block_t  *b;

    b = ccp_flow_take(f, ev);
    if (b == NULL) {
        return CCP_NOMEM;
    }

    if (c->queue) {
        c->tail->next = b;
    } else {
        c->queue = b;
    }

    c->tail = b;

    b->copy = ccp_block_keep(&b->slab, ev->block);
    if (b->copy == NULL) {
        return CCP_NOMEM;
    }

    if (ccp_index_put(&c->waiting, (uint64_t) b->src, b) != CCP_OK) {
        return CCP_NOMEM;
    }

    return ccp_flow_hold(f, b, sizeof(ccp_flow_block_t) + b->slab.n);
}


/* Appends an event of a waiting block to its records. */

static int
ccp_flow_record(ccp_flow_t *f, ccp_flow_block_t *b, const ccp_event_t *ev)
{
    int                joins;
    size_t             before, at;
    ccp_str_t          s;
    ccp_flow_record_t  r;

    static const uint8_t  zero[sizeof(ccp_flow_record_t)];

    before = b->recs.n;
    s = ev->kind == CCP_EV_DELTA || ev->kind == CCP_EV_SIG ? ev->text
                                                           : ev->raw;
    joins = 0;

    if (before && ev->kind == CCP_EV_DELTA) {
        memcpy(&r, b->recs.p + b->last, sizeof(ccp_flow_record_t));
        joins = (r.kind == CCP_EV_DELTA);
    }

    if (!joins) {
        memset(&r, 0, sizeof(ccp_flow_record_t));
        r.kind = ev->kind;
        r.origin = ev->origin;
        r.json = (ev->kind == CCP_EV_DELTA || s.json);

        b->last = before;
        ccp_buf_add(&b->recs, zero, sizeof(ccp_flow_record_t));
    }

    at = b->last + sizeof(ccp_flow_record_t);

    /* deltas in one spelling, as they become one */

    if (ev->kind == CCP_EV_DELTA) {
        ccp_buf_add_json(&b->recs, s);
    } else {
        ccp_buf_add(&b->recs, s.p, s.n);
    }

    if (b->recs.err) {
        return CCP_NOMEM;
    }

    r.n = b->recs.n - at;
    memcpy(b->recs.p + b->last, &r, sizeof(ccp_flow_record_t));

    return ccp_flow_hold(f, b, b->recs.n - before);
}


/* An event of the open block; surrogate pairs are kept together. */

static int
ccp_flow_delta(ccp_flow_t *f, ccp_flow_choice_t *c, const ccp_event_t *ev)
{
    int                rc;
    uint8_t            pair[2 * CCP_HALF];
    ccp_str_t          s, t;
    ccp_flow_block_t  *o;

    o = c->open;
    s = ev->text;

    if (s.n == 0) {
        return CCP_OK;
    }

    if (o->kind == CCP_B_CALL && !o->bytes && !o->free_text) {
        rc = ccp_flow_args(f, c, s);
        if (rc != CCP_DECLINED) {
            return rc;
        }
    }

    if (o->has_half) {
        if (ccp_half_is_low(s)) {

            memcpy(pair, o->half, CCP_HALF);
            memcpy(pair + CCP_HALF, s.p, CCP_HALF);
            o->has_half = 0;

            t = (ccp_str_t) { pair, sizeof(pair), 1, 1 };
            s.p += CCP_HALF;
            s.n -= CCP_HALF;

            if (ccp_flow_ensure(f, c) != CCP_OK
                || ccp_flow_emit(f, c, CCP_EV_DELTA, t) != CCP_OK)
            {
                return CCP_NOMEM;
            }

        } else if (ccp_flow_lone(f, c) != CCP_OK) {
            return CCP_NOMEM;
        }
    }

    if (ccp_half_is_high(s)) {
        s.n -= CCP_HALF;
        memcpy(o->half, s.p + s.n, CCP_HALF);
        o->has_half = 1;
    }

    if (s.n == 0) {
        return CCP_OK;
    }

    rc = ccp_flow_ensure(f, c);
    if (rc != CCP_OK) {
        return rc;
    }

    if (s.n == ev->text.n && o->dst == ev->index) {
        o->bytes = 1;
        f->content = 1;
        f->out_bytes += s.n;
        return ccp_emit(&f->next, ev);
    }

    return ccp_flow_emit(f, c, CCP_EV_DELTA, s);
}


static int
ccp_flow_pass(ccp_flow_t *f, ccp_flow_choice_t *c, const ccp_event_t *ev)
{
    ccp_event_t  e;

    if (ev->kind == CCP_EV_DELTA) {
        return ccp_flow_delta(f, c, ev);
    }

    if ((ev->kind == CCP_EV_SIG && ev->text.n == 0)
        || (ev->kind != CCP_EV_SIG && ev->raw.n == 0))
    {
        return CCP_OK;
    }

    if (ccp_flow_lone(f, c) != CCP_OK || ccp_flow_ensure(f, c) != CCP_OK) {
        return CCP_NOMEM;
    }

    if (c->open->dst == ev->index) {
        return ccp_emit(&f->next, ev);
    }

    e = *ev;
    e.index = c->open->dst;

    return ccp_emit(&f->next, &e);
}


/* Makes the first waiting block the open one and passes what it has. */

static int
ccp_flow_advance(ccp_flow_t *f, ccp_flow_choice_t *c)
{
    size_t             at;
    ccp_flow_record_t  r;
    ccp_event_t        ev;
    ccp_flow_block_t  *b;

    b = c->queue;

    if (!b->stopped) {
        (void) ccp_index_put(&c->waiting, (uint64_t) b->src, NULL);
    }

    c->queue = b->next;
    b->next = NULL;
    c->open = b;

    if (!ccp_flow_lazy(b->copy) && ccp_flow_open(f, c, b->copy) != CCP_OK) {
        return CCP_NOMEM;
    }

    for (at = 0; at < b->recs.n; at += r.n) {
        memcpy(&r, b->recs.p + at, sizeof(ccp_flow_record_t));
        at += sizeof(ccp_flow_record_t);

        ccp_event_init(&ev, r.kind, ccp_flow_choice(f, c), b->src, r.origin);
        ev.text = (ccp_str_t) { b->recs.p + at, r.n, 0, 0 };
        ev.text.json = r.json;
        ev.text.esc = r.json && r.n && memchr(ev.text.p, '\\', r.n) != NULL;

        if (r.kind != CCP_EV_DELTA && r.kind != CCP_EV_SIG) {
            ev.raw = ev.text;
        }

        if (ccp_flow_pass(f, c, &ev) != CCP_OK) {
            return CCP_NOMEM;
        }
    }

    b->recs.n = 0;
    f->held -= b->held;
    b->held = 0;

    return CCP_OK;
}


/*
 * Passes waiting blocks up to one that is still open at the source.  end: the
 * answer is over, so none is; those that the source left open at a cut are
 * truncated.
 */

static int
ccp_flow_drain(ccp_flow_t *f, ccp_flow_choice_t *c, int end)
{
    ccp_flow_block_t  *o;

    while (c->open == NULL && c->queue) {

        if (ccp_flow_advance(f, c) != CCP_OK) {
            return CCP_NOMEM;
        }

        o = c->open;

        if (c->queue == NULL || !ccp_flow_yields(o->kind)) {
            if (!o->stopped && !end) {
                break;
            }

            o->truncated |= (!o->stopped && c->stop >= CCP_STOP_LENGTH);
        }

        ccp_flow_past(c, o);

        if (ccp_flow_close(f, c) != CCP_OK) {
            return CCP_NOMEM;
        }
    }

    return CCP_OK;
}


int
ccp_flow_block(ccp_flow_t *f, ccp_flow_choice_t *c, const ccp_event_t *ev)
{
    ccp_flow_block_t  *b;

    c->call |= (ev->block->kind == CCP_B_CALL);
    ccp_flow_forget(c, ev->index);

    (void) ccp_flow_stop_waiting(c, ev->index);
    b = c->open;

    if (b && b->src != ev->index && !ccp_flow_yields(b->kind)) {
        return ccp_flow_enqueue(f, c, ev);
    }

    if (b) {
        b->stopped = (b->src == ev->index);
        ccp_flow_past(c, b);

        if (ccp_flow_close(f, c) != CCP_OK
            || ccp_flow_drain(f, c, 0) != CCP_OK)
        {
            return CCP_NOMEM;
        }

        if (c->open) {
            return ccp_flow_block(f, c, ev);
        }
    }

    b = ccp_flow_take(f, ev);
    if (b == NULL) {
        return CCP_NOMEM;
    }

    c->open = b;

    if (!ccp_flow_lazy(ev->block)) {
        return ccp_flow_open(f, c, ev->block);
    }

    b->copy = ccp_block_keep(&b->slab, ev->block);

    return b->copy ? CCP_OK : CCP_NOMEM;
}


int
ccp_flow_stop_block(ccp_flow_t *f, ccp_flow_choice_t *c, const ccp_event_t *ev)
{
    ccp_flow_block_t  *b;

    if (c->open && c->open->src == ev->index) {
        c->open->truncated = ev->truncated;

        if (ccp_flow_close(f, c) != CCP_OK) {
            return CCP_NOMEM;
        }

        return ccp_flow_drain(f, c, 0);
    }

    b = ccp_flow_stop_waiting(c, ev->index);
    if (b) {
        b->truncated = ev->truncated;
        return CCP_OK;
    }

    ccp_flow_forget(c, ev->index);

    return CCP_OK;
}


/* DELTA, SIG, CITE or LOGPROBS. */

int
ccp_flow_content(ccp_flow_t *f, ccp_flow_choice_t *c, const ccp_event_t *ev)
{
    ccp_block_t        block;
    ccp_event_t        start;
    ccp_flow_past_t   *past;
    ccp_flow_block_t  *b;

    if (c->open && c->open->src == ev->index) {
        return ccp_flow_pass(f, c, ev);
    }

    b = ccp_flow_waiting(c, ev->index);
    if (b) {
        return ccp_flow_record(f, b, ev);
    }

    if (ev->kind != CCP_EV_DELTA || ev->text.n == 0) {
        return CCP_OK;
    }

    /* a text that another block interrupted goes on in a block of its own */

    past = ccp_flow_find_past(c, ev->index);
    if (past == NULL) {
        return CCP_OK;
    }

    memset(&block, 0, sizeof(ccp_block_t));
    block.kind = past->kind;
    block.origin = past->origin;

    ccp_event_init(&start, CCP_EV_BLOCK_START, ev->choice, ev->index,
                   past->origin);
    start.block = &block;

    if (ccp_flow_block(f, c, &start) != CCP_OK) {
        return CCP_NOMEM;
    }

    return ccp_flow_content(f, c, ev);
}


int
ccp_flow_settle(ccp_flow_t *f, ccp_flow_choice_t *c)
{
    if (c->open) {
        c->open->truncated = (c->stop >= CCP_STOP_LENGTH);
    }

    if (ccp_flow_close(f, c) != CCP_OK) {
        return CCP_NOMEM;
    }

    return ccp_flow_drain(f, c, 1);
}
