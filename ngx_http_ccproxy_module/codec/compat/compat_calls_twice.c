
/*
 * Tool calls in text, twice: servers that read a model's call themselves and
 * leave its text in place.  A call of a name that text has called already is
 * held until its arguments are known; the same call is not passed again.
 */

#include "codec/compat/compat_calls.h"
#include "codec/stage/stage_copy.h"


/* Calls of text that are remembered: what one turn has. */
#define CCP_CALLS_TWICE  32


struct ccp_calls_seen_s {
    ccp_str_t           name;
    ccp_str_t           args;      /* plain JSON */
    ccp_calls_seen_t   *next;
};

struct ccp_calls_held_s {
    int                 index;     /* the source's */
    ccp_proto_e         origin;
    ccp_block_t        *block;
    ccp_buf_t           args;      /* in JSON spelling */
    ccp_buf_t           sig;
    ccp_proto_e         signer;
    ccp_calls_held_t   *next;
};


int
ccp_calls_twice_note(ccp_calls_t *t, ccp_calls_choice_t *c, ccp_str_t name,
    ccp_str_t args)
{
    ccp_calls_seen_t  *s;

    if (c->nseen == CCP_CALLS_TWICE) {
        return CCP_OK;
    }

    s = ccp_calloc(t->ac->arena, sizeof(ccp_calls_seen_t));
    if (s == NULL) {
        return CCP_NOMEM;
    }

    s->name = ccp_str_dup(t->ac->arena, name);
    s->args = ccp_str_plain(t->ac->arena, args);

    if (s->args.p == args.p) {
        s->args = ccp_str_dup(t->ac->arena, args);
    }

    if (s->name.p == NULL || s->args.p == NULL) {
        return CCP_NOMEM;
    }

    s->next = c->seen;
    c->seen = s;
    c->nseen++;

    return CCP_OK;
}


/* Whether two texts say the same: spaces and escapes don't count. */

static int
ccp_calls_twice_same(ccp_calls_t *t, ccp_str_t a, ccp_str_t b)
{
    int            rc;
    uint32_t       i;
    ccp_json_t    *x, *y;
    ccp_jval_t     v, w;
    ccp_jtype_e    type;

    x = &t->read.doc;
    y = &t->read.inner;
    rc = ccp_json_parse(x, a.p, a.n, 0, NULL);

    if (rc == CCP_OK) {
        rc = ccp_json_parse(y, b.p, b.n, 0, NULL);
    }

    if (rc != CCP_OK) {
        return rc == CCP_NOMEM ? rc : CCP_DECLINED;
    }

    /* values stand in the order of the text, with what ends each */

    for (i = 0; i < x->n && x->n == y->n; i++) {
        v = (ccp_jval_t) { x, i };
        w = (ccp_jval_t) { y, i };
        type = ccp_json_type(v);

        if (type != ccp_json_type(w)
            || x->nodes[i].next != y->nodes[i].next
            || (type == CCP_J_STRING
                && !ccp_str_eq(ccp_json_str(v), ccp_json_str(w)))
            || (type == CCP_J_NUMBER
                && !ccp_str_eq(ccp_json_raw(v), ccp_json_raw(w))))
        {
            return CCP_DECLINED;
        }
    }

    return x->n == y->n ? CCP_OK : CCP_DECLINED;
}


/* Passes a held call on, as if it came now; it ends unless it goes on. */

static int
ccp_calls_twice_pass(ccp_calls_t *t, ccp_calls_choice_t *c,
    ccp_calls_held_t *h)
{
    ccp_event_t  ev;

    ccp_event_init(&ev, CCP_EV_BLOCK_START, c->choice, 2 * h->index + 1,
                   h->origin);
    ev.block = h->block;

    if (ccp_emit(&t->next, &ev) != CCP_OK) {
        return CCP_NOMEM;
    }

    ccp_event_init(&ev, CCP_EV_SIG, c->choice, 2 * h->index + 1, h->signer);
    ev.text = ccp_buf_str(&h->sig, 1);

    if (h->sig.n && ccp_emit(&t->next, &ev) != CCP_OK) {
        return CCP_NOMEM;
    }

    ccp_event_init(&ev, CCP_EV_DELTA, c->choice, 2 * h->index + 1, h->origin);
    ev.text = ccp_buf_str(&h->args, 1);

    return h->args.n ? ccp_emit(&t->next, &ev) : CCP_OK;
}


/* The arguments are complete: CCP_OK if text has made that call. */

static int
ccp_calls_twice_judge(ccp_calls_t *t, ccp_calls_choice_t *c,
    ccp_calls_held_t *h)
{
    int                 rc;
    ccp_str_t           args;
    ccp_calls_seen_t   *s, **at;

    args = h->args.n ? ccp_str_plain(t->ac->arena, ccp_buf_str(&h->args, 1))
                     : ccp_lit("{}");
    if (args.p == NULL) {
        return CCP_NOMEM;
    }

    for (at = &c->seen; *at; at = &(*at)->next) {
        s = *at;

        if (!ccp_str_eq(s->name, h->block->name)) {
            continue;
        }

        rc = ccp_calls_twice_same(t, s->args, args);

        if (rc == CCP_OK) {
            *at = s->next;
        }

        if (rc != CCP_DECLINED) {
            return rc;
        }
    }

    return CCP_DECLINED;
}


static int
ccp_calls_twice_hold(ccp_calls_t *t, ccp_calls_choice_t *c,
    const ccp_event_t *ev)
{
    ccp_calls_seen_t  *s;
    ccp_calls_held_t  *h;

    for (s = c->seen; s && !ccp_str_eq(s->name, ev->block->name); s = s->next)
    {
        /* void */
    }

    if (s == NULL || ev->block->kind != CCP_B_CALL || ev->block->free_text) {
        return CCP_DECLINED;
    }

    h = ccp_calloc(t->ac->arena, sizeof(ccp_calls_held_t));
    if (h == NULL) {
        return CCP_NOMEM;
    }

    h->index = ev->index;
    h->origin = ev->origin;
    h->block = ccp_block_dup(t->ac->arena, ev->block);
    ccp_buf_init(&h->args, t->ac->arena, t->limit);
    ccp_buf_init(&h->sig, t->ac->arena, t->limit);
    h->next = c->held;
    c->held = h;

    return h->block ? CCP_OK : CCP_NOMEM;
}


int
ccp_calls_twice_event(ccp_calls_t *t, ccp_calls_choice_t *c,
    const ccp_event_t *ev)
{
    int                 rc;
    ccp_calls_held_t   *h, **at;

    if (ev->kind == CCP_EV_BLOCK_START) {
        return c->seen ? ccp_calls_twice_hold(t, c, ev) : CCP_DECLINED;
    }

    for (at = &c->held; *at && (*at)->index != ev->index; at = &(*at)->next) {
        /* void */
    }

    h = *at;
    if (h == NULL) {
        return CCP_DECLINED;
    }

    switch (ev->kind) {

    case CCP_EV_DELTA:
        return ccp_buf_add_json(&h->args, ev->text);

    case CCP_EV_SIG:
        h->signer = ev->origin;
        return ccp_buf_add_json(&h->sig, ev->text);

    case CCP_EV_BLOCK_STOP:
        break;

    default:
        return CCP_OK;
    }

    *at = h->next;
    rc = ev->truncated ? CCP_DECLINED : ccp_calls_twice_judge(t, c, h);

    if (rc == CCP_DECLINED && ccp_calls_twice_pass(t, c, h) != CCP_OK) {
        return CCP_NOMEM;
    }

    return rc;
}


int
ccp_calls_twice_end(ccp_calls_t *t, ccp_calls_choice_t *c)
{
    ccp_calls_held_t  *h;

    while (c->held) {
        h = c->held;
        c->held = h->next;

        if (ccp_calls_twice_pass(t, c, h) != CCP_OK) {
            return CCP_NOMEM;
        }
    }

    return CCP_OK;
}
