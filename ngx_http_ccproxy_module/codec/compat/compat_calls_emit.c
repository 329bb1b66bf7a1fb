
/*
 * Tool calls in text, what goes out: text blocks and call blocks to the next
 * stage, and what was held, as text or to be played again.
 */

#include "codec/compat/compat_calls.h"


#define CCP_CALLS_DIGITS  24       /* of a call's id */


int
ccp_calls_emit(ccp_calls_t *t, ccp_calls_choice_t *c, ccp_event_e kind,
    int index, const ccp_block_t *block, ccp_str_t text)
{
    ccp_event_t  ev;

    ccp_event_init(&ev, kind, c->choice, index, c->origin);
    ev.block = block;
    ev.text = text;

    return ccp_emit(&t->next, &ev);
}


/* Text behind a call is a block of its own. */

int
ccp_calls_open(ccp_calls_t *t, ccp_calls_choice_t *c)
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

    return ccp_calls_emit(t, c, CCP_EV_BLOCK_START, c->out, &block, ccp_none);
}


int
ccp_calls_pass(ccp_calls_t *t, ccp_calls_choice_t *c, ccp_str_t s, size_t from,
    size_t to)
{
    if (from == to) {
        return CCP_OK;
    }

    s.p += from;
    s.n = to - from;

    if (ccp_calls_open(t, c) != CCP_OK) {
        return CCP_NOMEM;
    }

    return ccp_calls_emit(t, c, CCP_EV_DELTA, c->out, NULL, s);
}


/* What was held is text. */

int
ccp_calls_flush(ccp_calls_t *t, ccp_calls_choice_t *c)
{
    size_t  n;

    n = c->hold.n;

    if (n || c->n) {
        c->lead = 0;
    }

    c->hold.n = 0;
    c->n = 0;
    c->whole = 0;

    if (c->state != CCP_CALLS_NONE) {
        c->state = CCP_CALLS_TEXT;
    }

    return ccp_calls_pass(t, c, (ccp_str_t) { c->hold.p, n, 1, 1 }, 0, n);
}


unsigned
ccp_calls_made(const ccp_calls_t *t)
{
    return t->made;
}


int
ccp_calls_block(ccp_calls_t *t, ccp_calls_choice_t *c, ccp_str_t name,
    ccp_str_t args)
{
    int          index;
    ccp_block_t  block;

    if (c->open) {
        c->open = 0;

        if (ccp_calls_emit(t, c, CCP_EV_BLOCK_STOP, c->out, NULL, ccp_none)
            != CCP_OK)
        {
            return CCP_NOMEM;
        }
    }

    memset(&block, 0, sizeof(ccp_block_t));

    block.kind = CCP_B_CALL;
    block.origin = c->origin;
    block.name = name;
    block.id = ccp_id_new(t->ac->clock, t->ac->arena, "call_",
                          CCP_CALLS_DIGITS);
    if (block.id.p == NULL) {
        return CCP_NOMEM;
    }

    if (ccp_calls_twice_note(t, c, name, args) != CCP_OK) {
        return CCP_NOMEM;
    }

    c->called = 1;
    t->made++;
    index = 2 * c->serial++;

    if (ccp_calls_emit(t, c, CCP_EV_BLOCK_START, index, &block, ccp_none)
        != CCP_OK
        || ccp_calls_emit(t, c, CCP_EV_DELTA, index, NULL, args) != CCP_OK)
    {
        return CCP_NOMEM;
    }

    return ccp_calls_emit(t, c, CCP_EV_BLOCK_STOP, index, NULL, ccp_none);
}


int
ccp_calls_replay(ccp_calls_t *t, ccp_calls_choice_t *c, size_t from)
{
    size_t  n;

    n = c->hold.n - from;
    c->hold.n = 0;
    c->n = 0;
    t->again.n = 0;

    return n ? ccp_buf_add(&t->again, c->hold.p + from, n) : CCP_OK;
}
