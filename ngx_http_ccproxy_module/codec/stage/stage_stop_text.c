
/*
 * Stop text: the client's stop sequences, for upstreams that know none.
 *
 * Text is compared decoded.  What may be the beginning of a sequence waits;
 * behind a sequence that was found nothing but usage and the end is passed.
 */

#include "codec/stage/stage.h"
#include "codec/stage/stage_copy.h"


typedef struct {
    int          index;            /* of the text block; -1: none */
    ccp_buf_t    work;             /* decoded text that is not passed yet */
    uint8_t      half[CCP_HALF];
    unsigned     has_half:1;
    unsigned     cut:1;            /* a sequence was found */
    unsigned     finish:1;         /* nothing is held back any more */
} ccp_stop_text_choice_t;


struct ccp_stop_text_s {
    ccp_answer_ctx_t        *ac;
    ccp_sink_t               next;
    ccp_str_t               *words; /* decoded */
    size_t                   n;
    ccp_buf_t                join;  /* half a pair and a delta */
    ccp_stop_text_choice_t  *choices;
    int                      nchoices;
};


ccp_stop_text_t *
ccp_stop_text_create(ccp_answer_ctx_t *ac, ccp_sink_t next,
    const ccp_item_t *stop)
{
    int                i;
    size_t             n;
    ccp_stop_text_t   *t;
    const ccp_item_t  *it;

    t = ccp_calloc(ac->arena, sizeof(ccp_stop_text_t));
    if (t == NULL) {
        return NULL;
    }

    t->ac = ac;
    t->next = next;
    t->nchoices = ccp_answer_choices(ac);
    ccp_buf_init(&t->join, ac->arena, 0);

    for (n = 0, it = stop; it; it = it->next) {
        n++;
    }

    t->words = ccp_alloc(ac->arena, n * sizeof(ccp_str_t));
    t->choices = ccp_calloc(ac->arena,
                            t->nchoices * sizeof(ccp_stop_text_choice_t));

    if (t->words == NULL || t->choices == NULL) {
        return NULL;
    }

    for (it = stop; it; it = it->next) {
        if (it->s.n == 0) {
            continue;
        }

        t->words[t->n] = ccp_str_plain(ac->arena, it->s);
        if (t->words[t->n++].p == NULL) {
            return NULL;
        }
    }

    for (i = 0; i < t->nchoices; i++) {
        t->choices[i].index = -1;
        ccp_buf_init(&t->choices[i].work, ac->arena, 0);
    }

    return t;
}


/* Passes the first n bytes of what waits and keeps the rest. */

static int
ccp_stop_text_pass(ccp_stop_text_t *t, ccp_stop_text_choice_t *c, size_t n)
{
    ccp_event_t  ev;

    if (n == 0) {
        return CCP_OK;
    }

    ccp_event_init(&ev, CCP_EV_DELTA, (int) (c - t->choices), c->index, 0);
    ev.text = (ccp_str_t) { c->work.p, n, 0, 0 };

    if (ccp_emit(&t->next, &ev) != CCP_OK) {
        return CCP_NOMEM;
    }

    c->work.n -= n;
    memmove(c->work.p, c->work.p + n, c->work.n);

    return CCP_OK;
}


static int
ccp_stop_text_flush(ccp_stop_text_t *t, ccp_stop_text_choice_t *c)
{
    ccp_str_t  s;

    if (c->has_half) {
        c->has_half = 0;
        s = (ccp_str_t) { c->half, CCP_HALF, 1, 1 };

        if (ccp_buf_add_plain(&c->work, s) != CCP_OK) {
            return CCP_NOMEM;
        }
    }

    return ccp_stop_text_pass(t, c, c->work.n);
}


/* The sequence that ends first, the longest of those that end there. */

static const ccp_str_t *
ccp_stop_text_find(const ccp_stop_text_t *t, const ccp_stop_text_choice_t *c,
    size_t from, size_t *at)
{
    size_t            i, end;
    const ccp_str_t  *w, *best;

    for (end = from + 1, best = NULL; end <= c->work.n; end++) {

        for (i = 0; i < t->n; i++) {
            w = &t->words[i];

            if (w->n <= end && (best == NULL || w->n > best->n)
                && memcmp(c->work.p + end - w->n, w->p, w->n) == 0)
            {
                best = w;
            }
        }

        if (best) {
            *at = end - best->n;
            return best;
        }
    }

    return NULL;
}


/* Bytes at the end that may be the beginning of a sequence. */

static size_t
ccp_stop_text_maybe(const ccp_stop_text_t *t, const ccp_stop_text_choice_t *c)
{
    size_t            i, n, longest;
    const ccp_str_t  *w;

    for (i = 0, longest = 0; i < t->n; i++) {
        w = &t->words[i];
        n = w->n - 1 < c->work.n ? w->n - 1 : c->work.n;

        for ( /* void */ ; n > longest; n--) {
            if (memcmp(c->work.p + c->work.n - n, w->p, n) == 0) {
                longest = n;
            }
        }
    }

    return longest;
}


/* The text ends here: the answer's finish as far as the client sees it. */

static int
ccp_stop_text_cut(ccp_stop_text_t *t, ccp_stop_text_choice_t *c,
    const ccp_str_t *w, size_t at)
{
    ccp_event_t  ev;

    if (ccp_stop_text_pass(t, c, at) != CCP_OK) {
        return CCP_NOMEM;
    }

    c->cut = 1;
    c->work.n = 0;
    c->has_half = 0;

    ccp_event_init(&ev, CCP_EV_BLOCK_STOP, (int) (c - t->choices), c->index,
                   0);

    if (ccp_emit(&t->next, &ev) != CCP_OK) {
        return CCP_NOMEM;
    }

    ev.kind = CCP_EV_FINISH;
    ev.stop = CCP_STOP_SEQ;
    ev.stop_text = *w;

    return ccp_emit(&t->next, &ev);
}


/* Whether a delta can pass as it is: no sequence begins in it. */

static int
ccp_stop_text_clean(const ccp_stop_text_t *t, const ccp_stop_text_choice_t *c,
    ccp_str_t s)
{
    size_t  i;

    if (c->work.n || c->has_half || s.esc) {
        return 0;
    }

    for (i = 0; i < t->n; i++) {
        if (memchr(s.p, t->words[i].p[0], s.n)) {
            return 0;
        }
    }

    return 1;
}


static int
ccp_stop_text_delta(ccp_stop_text_t *t, ccp_stop_text_choice_t *c,
    const ccp_event_t *ev)
{
    size_t            from, at;
    ccp_str_t         s;
    const ccp_str_t  *w;

    s = ev->text;

    if (s.n == 0) {
        return CCP_OK;
    }

    if (c->finish || ccp_stop_text_clean(t, c, s)) {
        return ccp_emit(&t->next, ev);
    }

    if (c->has_half) {
        t->join.n = 0;
        ccp_buf_add(&t->join, c->half, CCP_HALF);

        if (ccp_buf_add_json(&t->join, s) != CCP_OK) {
            return CCP_NOMEM;
        }

        c->has_half = 0;
        s = ccp_buf_str(&t->join, 1);
    }

    if (ccp_half_is_high(s)) {
        s.n -= CCP_HALF;
        memcpy(c->half, s.p + s.n, CCP_HALF);
        c->has_half = 1;

        if (s.n == 0) {
            return CCP_OK;
        }
    }

    from = c->work.n;

    if (ccp_buf_add_plain(&c->work, s) != CCP_OK) {
        return CCP_NOMEM;
    }

    w = ccp_stop_text_find(t, c, from, &at);
    if (w) {
        return ccp_stop_text_cut(t, c, w, at);
    }

    return ccp_stop_text_pass(t, c, c->work.n - ccp_stop_text_maybe(t, c));
}


static int
ccp_stop_text_choice(ccp_stop_text_t *t, ccp_stop_text_choice_t *c,
    const ccp_event_t *ev)
{
    if (c->cut) {
        return CCP_OK;
    }

    switch (ev->kind) {

    case CCP_EV_BLOCK_START:
    case CCP_EV_FINISH:
        if (ccp_stop_text_flush(t, c) != CCP_OK) {
            return CCP_NOMEM;
        }

        c->finish |= (ev->kind == CCP_EV_FINISH);

        if (ev->kind == CCP_EV_BLOCK_START && ev->block->kind == CCP_B_TEXT) {
            c->index = ev->index;
        }
        break;

    case CCP_EV_DELTA:
        if (ev->index == c->index) {
            return ccp_stop_text_delta(t, c, ev);
        }
        break;

    case CCP_EV_BLOCK_STOP:
        if (ev->index == c->index) {
            if (ccp_stop_text_flush(t, c) != CCP_OK) {
                return CCP_NOMEM;
            }

            c->index = -1;
        }
        break;

    default:
        break;
    }

    return ccp_emit(&t->next, ev);
}


int
ccp_stop_text_event(void *stage, const ccp_event_t *ev)
{
    int               i, cut;
    ccp_event_t       end;
    ccp_stop_text_t  *t = stage;

    for (i = 0, cut = 1; i < t->nchoices; i++) {
        cut &= t->choices[i].cut;
    }

    switch (ev->kind) {

    case CCP_EV_START:
    case CCP_EV_USAGE:
    case CCP_EV_PING:
        return ccp_emit(&t->next, ev);

    case CCP_EV_ERROR:
        if (!cut) {
            return ccp_emit(&t->next, ev);
        }

        /* the client has its answer: what failed is beyond its end */

        memset(&end, 0, sizeof(ccp_event_t));
        end.kind = CCP_EV_END;
        return ccp_emit(&t->next, &end);

    case CCP_EV_END:
        for (i = 0; i < t->nchoices; i++) {
            if (!t->choices[i].cut
                && ccp_stop_text_flush(t, &t->choices[i]) != CCP_OK)
            {
                return CCP_NOMEM;
            }
        }

        return ccp_emit(&t->next, ev);

    default:
        break;
    }

    if (ev->choice < 0 || ev->choice >= t->nchoices) {
        return CCP_OK;
    }

    return ccp_stop_text_choice(t, &t->choices[ev->choice], ev);
}
