
/*
 * Tool calls in text: what a model wrote as text, in the spelling that it was
 * trained on, becomes a CALL block (T15).
 *
 * A text block of index i begins as 2i + 1; calls, and the text between and
 * behind them, take even indexes of a count of their own; other blocks take
 * 2i + 1.  Flow renumbers them.  As with think tags, characters are matched
 * decoded and what is held keeps its spelling.
 */

#include "ccp_copy.h"
#include "ccp_stage.h"
#include "ccp_toolcall.h"


#define CCP_CALL_DIGITS  24        /* of a call's id */


struct ccp_toolcall_s {
    ccp_res_t       *rs;
    ccp_sink_t       next;
    size_t           limit;
    int              n;
    ccp_calling_t   *choices;
    ccp_calltext_t   read;
    ccp_buf_t        text;         /* a call, decoded */
};


ccp_toolcall_t *
ccp_toolcall_create(ccp_res_t *rs, ccp_sink_t next, ccp_calls_e mode,
    size_t limit)
{
    int              i;
    ccp_toolcall_t  *t;

    t = ccp_calloc(rs->arena, sizeof(ccp_toolcall_t));
    if (t == NULL) {
        return NULL;
    }

    t->rs = rs;
    t->next = next;
    t->limit = limit;
    t->n = ccp_choices(rs);
    ccp_calltext_init(&t->read, rs);
    ccp_buf_init(&t->text, rs->arena, 0);

    t->choices = ccp_calloc(rs->arena, t->n * sizeof(ccp_calling_t));
    if (t->choices == NULL) {
        return NULL;
    }

    for (i = 0; i < t->n; i++) {
        t->choices[i].choice = i;
        t->choices[i].mode = mode;
        ccp_buf_init(&t->choices[i].hold, rs->arena, 0);
    }

    return t;
}


/* ---- what goes out ---- */

static int
ccp_call_emit(ccp_toolcall_t *t, ccp_calling_t *c, ccp_event_e kind,
    int index, const ccp_block_t *block, ccp_str_t text)
{
    ccp_event_t  ev;

    memset(&ev, 0, sizeof(ccp_event_t));

    ev.kind = kind;
    ev.choice = c->choice;
    ev.index = index;
    ev.origin = c->origin;
    ev.block = block;
    ev.text = text;

    return ccp_emit(&t->next, &ev);
}


/* Text behind a call is a block of its own. */

static int
ccp_call_open(ccp_toolcall_t *t, ccp_calling_t *c)
{
    ccp_block_t  block;

    if (c->open) {
        return CCP_OK;
    }

    c->open = 1;
    c->out = 2 * c->serial++;

    memset(&block, 0, sizeof(ccp_block_t));
    block.kind = CCP_B_TEXT;
    block.origin = c->origin;

    return ccp_call_emit(t, c, CCP_EV_BLOCK_START, c->out, &block, ccp_none);
}


static int
ccp_call_pass(ccp_toolcall_t *t, ccp_calling_t *c, ccp_str_t s, size_t from,
    size_t to)
{
    if (from == to) {
        return CCP_OK;
    }

    s.p += from;
    s.n = to - from;

    if (ccp_call_open(t, c) != CCP_OK) {
        return CCP_NOMEM;
    }

    return ccp_call_emit(t, c, CCP_EV_DELTA, c->out, NULL, s);
}


/* What was held is text. */

static int
ccp_call_flush(ccp_toolcall_t *t, ccp_calling_t *c)
{
    size_t  n;

    n = c->hold.n;

    if (n || c->n) {
        c->lead = 0;
    }

    c->hold.n = 0;
    c->n = 0;
    c->whole = 0;

    if (c->state != CCP_CALL_NONE) {
        c->state = CCP_CALL_TEXT;
    }

    return ccp_call_pass(t, c, (ccp_str_t) { c->hold.p, n, 1, 1 }, 0, n);
}


static int
ccp_call_block(ccp_toolcall_t *t, ccp_calling_t *c, ccp_str_t name,
    ccp_str_t args)
{
    int          index;
    ccp_block_t  block;

    if (c->open) {
        c->open = 0;

        if (ccp_call_emit(t, c, CCP_EV_BLOCK_STOP, c->out, NULL, ccp_none)
            != CCP_OK)
        {
            return CCP_NOMEM;
        }
    }

    memset(&block, 0, sizeof(ccp_block_t));

    block.kind = CCP_B_CALL;
    block.origin = c->origin;
    block.name = name;
    block.id = ccp_new_id(t->rs->clock, t->rs->arena, "call_",
                          CCP_CALL_DIGITS);
    if (block.id.p == NULL) {
        return CCP_NOMEM;
    }

    index = 2 * c->serial++;

    if (ccp_call_emit(t, c, CCP_EV_BLOCK_START, index, &block, ccp_none)
        != CCP_OK
        || ccp_call_emit(t, c, CCP_EV_DELTA, index, NULL, args) != CCP_OK)
    {
        return CCP_NOMEM;
    }

    return ccp_call_emit(t, c, CCP_EV_BLOCK_STOP, index, NULL, ccp_none);
}


/* All calls of a JSON value, or none: CCP_DECLINED. */

static int
ccp_call_values(ccp_toolcall_t *t, ccp_calling_t *c, ccp_str_t text)
{
    int          rc, pass;
    ccp_str_t    name, args;
    ccp_jval_t   root;
    ccp_jerr_t   err;
    ccp_jiter_t  it;

    rc = ccp_json_parse(&t->read.doc, text.p, text.n, 0, &err);
    if (rc != CCP_OK) {
        return rc == CCP_NOMEM ? CCP_NOMEM : CCP_DECLINED;
    }

    root = ccp_json_root(&t->read.doc);

    if (ccp_json_type(root) == CCP_J_OBJECT) {
        rc = ccp_calltext_json(&t->read, root, &name, &args);

        return rc == CCP_OK ? ccp_call_block(t, c, name, args) : rc;
    }

    if (ccp_json_count(root) == 0) {
        return CCP_DECLINED;
    }

    for (pass = 0; pass < 2; pass++) {
        it = ccp_json_iter(root);

        while (ccp_json_next(&it)) {
            rc = ccp_calltext_json(&t->read, it.val, &name, &args);

            if (rc == CCP_OK && pass == 1) {
                rc = ccp_call_block(t, c, name, args);
            }

            if (rc != CCP_OK) {
                return rc;
            }
        }
    }

    return CCP_OK;
}


static int
ccp_call_decode(ccp_toolcall_t *t, const ccp_calling_t *c)
{
    t->text.n = 0;

    return ccp_buf_add_plain(&t->text,
                             (ccp_str_t) { c->hold.p + c->from,
                                           c->hold.n - c->from, 1, 1 });
}


static int
ccp_call_done(ccp_toolcall_t *t, ccp_calling_t *c)
{
    int        rc;
    ccp_str_t  text, name, args;

    if (ccp_call_decode(t, c) != CCP_OK) {
        return CCP_NOMEM;
    }

    text = ccp_buf_str(&t->text, 0);

    if (c->form == CCP_CT_JSON) {
        rc = ccp_call_values(t, c, text);

    } else {
        rc = ccp_calltext_tags(&t->read, text, c->form, &name, &args);

        if (rc == CCP_OK) {
            rc = ccp_call_block(t, c, name, args);
        }
    }

    if (rc == CCP_DECLINED) {
        return ccp_call_flush(t, c);
    }

    c->state = CCP_CALL_AFTER;
    c->hold.n = 0;
    c->whole = 0;
    ccp_call_begin(c);

    return rc;
}


/* The tag with the tool's name is complete. */

static int
ccp_call_head(ccp_toolcall_t *t, ccp_calling_t *c)
{
    size_t     at;
    ccp_str_t  name;

    if (ccp_call_decode(t, c) != CCP_OK) {
        return CCP_NOMEM;
    }

    name = ccp_calltext_name(ccp_buf_str(&t->text, 0), c->form, &at);

    if (name.p == NULL || ccp_calltext_tool(&t->read, name) == NULL) {
        return ccp_call_flush(t, c);
    }

    c->state = CCP_CALL_BODY;

    return CCP_OK;
}


/* A word, a tag or a JSON value is complete. */

static int
ccp_call_turn(ccp_toolcall_t *t, ccp_calling_t *c)
{
    const ccp_cword_t  *w;

    c->whole = 0;

    if (c->state == CCP_CALL_VALUE) {
        return ccp_call_done(t, c);
    }

    if (c->state == CCP_CALL_HEAD_TAG) {
        return ccp_call_head(t, c);
    }

    w = c->word;
    c->n = 0;

    if (w->next == CCP_CALL_NONE) {
        return ccp_call_done(t, c);
    }

    if (w->next == CCP_CALL_HEAD_TAG) {
        c->form = w->form;
        c->from = c->mark;
    }

    if (w->next == CCP_CALL_AFTER) {
        c->hold.n = 0;
    }

    c->state = w->next;

    return CCP_OK;
}


static int
ccp_call_hold(ccp_toolcall_t *t, ccp_calling_t *c, ccp_str_t s, size_t at,
    size_t n)
{
    s.p += at;
    s.n = n;

    if (ccp_buf_add_json(&c->hold, s) != CCP_OK) {
        return CCP_NOMEM;
    }

    if (c->whole) {
        return ccp_call_turn(t, c);
    }

    return t->limit && c->hold.n > t->limit ? ccp_call_flush(t, c) : CCP_OK;
}


/*
 * What is held is no call.  If it ends with the beginning of a word, that may
 * begin a call itself.
 */

static int
ccp_call_reject(ccp_toolcall_t *t, ccp_calling_t *c)
{
    size_t  n;

    if (c->n == 0 || c->mark == 0 || (c->state & CCP_CALL_OUT)) {
        return ccp_call_flush(t, c);
    }

    n = c->mark;
    c->mark = 0;
    c->state = CCP_CALL_TEXT;
    c->lead = 0;

    if (ccp_call_pass(t, c, (ccp_str_t) { c->hold.p, n, 1, 1 }, 0, n)
        != CCP_OK)
    {
        return CCP_NOMEM;
    }

    c->hold.n -= n;
    memmove(c->hold.p, c->hold.p + n, c->hold.n);

    return CCP_OK;
}


/* A word began in this delta: nothing need be copied before its end. */

static int
ccp_call_here(const ccp_calling_t *c)
{
    return c->n && c->hold.n == 0 && (c->state & CCP_CALL_OUT);
}


static int
ccp_call_delta(ccp_toolcall_t *t, ccp_calling_t *c, ccp_str_t s)
{
    int         ch;
    size_t      at, from, word, n;
    ccp_does_e  does;

    if (c->finish) {
        return ccp_call_pass(t, c, s, 0, s.n);
    }

    for (at = 0, from = 0, word = 0; at < s.n; at += n) {
        ch = ccp_text_char(s, at, &n);
        does = ccp_call_char(c, ch);

        while (does == CCP_CALL_NO) {
            if (ccp_call_reject(t, c) != CCP_OK) {
                return CCP_NOMEM;
            }

            does = ccp_call_char(c, ch);
        }

        ccp_call_fence(c, ch);

        if (does == CCP_CALL_PASS) {
            c->state = CCP_CALL_TEXT;
            c->lead = 0;
            continue;
        }

        word = ccp_call_here(c) && c->n > 1 ? word : at;

        if (ccp_call_here(c) && !c->whole) {
            continue;
        }

        if (ccp_call_pass(t, c, s, from, word) != CCP_OK) {
            return CCP_NOMEM;
        }

        from = at + n;

        if (does == CCP_CALL_HOLD
            && ccp_call_hold(t, c, s, word, from - word) != CCP_OK)
        {
            return CCP_NOMEM;
        }
    }

    if (!ccp_call_here(c)) {
        return ccp_call_pass(t, c, s, from, s.n);
    }

    if (ccp_call_pass(t, c, s, from, word) != CCP_OK) {
        return CCP_NOMEM;
    }

    return ccp_call_hold(t, c, s, word, s.n - word);
}


/* ---- events ---- */

static int
ccp_call_start(ccp_toolcall_t *t, ccp_calling_t *c, const ccp_event_t *ev)
{
    if (ccp_call_flush(t, c) != CCP_OK) {
        return CCP_NOMEM;
    }

    if (ev->block->kind != CCP_B_TEXT) {
        return CCP_DECLINED;
    }

    c->state = CCP_CALL_TEXT;
    c->src = ev->index;
    c->out = 2 * ev->index + 1;
    c->origin = ev->origin;
    c->open = 1;
    ccp_call_begin(c);

    return CCP_DECLINED;
}


/* An event of the text block; CCP_DECLINED: pass it on. */

static int
ccp_call_content(ccp_toolcall_t *t, ccp_calling_t *c, const ccp_event_t *ev)
{
    switch (ev->kind) {

    case CCP_EV_DELTA:
        return ccp_call_delta(t, c, ev->text);

    case CCP_EV_LOGPROBS:
        return c->open && c->hold.n == 0 ? CCP_DECLINED : CCP_OK;

    default:
        break;
    }

    if (ccp_call_flush(t, c) != CCP_OK) {
        return CCP_NOMEM;
    }

    if (ev->kind == CCP_EV_BLOCK_STOP) {
        c->state = CCP_CALL_NONE;

        return c->open ? CCP_DECLINED : CCP_OK;
    }

    return ccp_call_open(t, c) == CCP_OK ? CCP_DECLINED : CCP_NOMEM;
}


/* Events of the whole answer: what was held goes before an end. */

static int
ccp_call_other(ccp_toolcall_t *t, const ccp_event_t *ev)
{
    int             i;
    ccp_calling_t  *c;

    for (i = 0; i < t->n; i++) {
        c = &t->choices[i];

        if ((ev->kind == CCP_EV_FINISH && i == ev->choice)
            || ev->kind == CCP_EV_END || ev->kind == CCP_EV_ERROR)
        {
            c->finish = 1;

            if (ccp_call_flush(t, c) != CCP_OK) {
                return CCP_NOMEM;
            }
        }
    }

    return ccp_emit(&t->next, ev);
}


int
ccp_toolcall_event(void *stage, const ccp_event_t *ev)
{
    int              rc, text;
    ccp_event_t      e;
    ccp_calling_t   *c;
    ccp_toolcall_t  *t = stage;

    switch (ev->kind) {

    case CCP_EV_BLOCK_START:
    case CCP_EV_DELTA:
    case CCP_EV_SIG:
    case CCP_EV_CITE:
    case CCP_EV_LOGPROBS:
    case CCP_EV_BLOCK_STOP:
        break;

    default:
        return ccp_call_other(t, ev);
    }

    if (ev->choice < 0 || ev->choice >= t->n) {
        return CCP_OK;
    }

    c = &t->choices[ev->choice];

    if (ev->kind == CCP_EV_BLOCK_START) {
        text = 0;
        rc = ccp_call_start(t, c, ev);

    } else {
        text = (c->state != CCP_CALL_NONE && c->src == ev->index);
        rc = text ? ccp_call_content(t, c, ev) : CCP_DECLINED;
    }

    if (rc != CCP_DECLINED) {
        return rc;
    }

    e = *ev;
    e.index = text ? c->out : 2 * ev->index + 1;

    return ccp_emit(&t->next, &e);
}
