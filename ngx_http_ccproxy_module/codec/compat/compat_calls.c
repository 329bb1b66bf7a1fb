
/*
 * Tool calls in text: what a model wrote as text, in the spelling that it was
 * trained on, becomes a CALL block (T15).
 *
 * A text block of index i begins as 2i + 1; calls, and the text between and
 * behind them, take even indexes of a count of their own; other blocks take
 * 2i + 1.  Flow renumbers them.  As with think tags, characters are matched
 * decoded and what is held keeps its spelling.
 */

#include "codec/compat/compat_calls.h"
#include "codec/base/base_id.h"
#include "codec/base/base_utf8.h"
#include "codec/stage/stage_copy.h"


static int  ccp_calls_delta(ccp_calls_t *t, ccp_calls_choice_t *c,
    ccp_str_t s);


ccp_calls_t *
ccp_calls_create(ccp_answer_ctx_t *ac, ccp_sink_t next, ccp_calls_mode_e mode,
    size_t limit)
{
    int           i;
    ccp_calls_t  *t;

    t = ccp_calloc(ac->arena, sizeof(ccp_calls_t));
    if (t == NULL) {
        return NULL;
    }

    t->ac = ac;
    t->next = next;
    t->limit = limit;
    t->n = ccp_answer_choices(ac);
    ccp_calls_read_init(&t->read, ac);
    ccp_buf_init(&t->head, ac->arena, 0);
    ccp_buf_init(&t->text, ac->arena, 0);
    ccp_buf_init(&t->again, ac->arena, 0);

    t->choices = ccp_calloc(ac->arena, t->n * sizeof(ccp_calls_choice_t));
    if (t->choices == NULL) {
        return NULL;
    }

    for (i = 0; i < t->n; i++) {
        t->choices[i].choice = i;
        t->choices[i].mode = mode;
        ccp_buf_init(&t->choices[i].hold, ac->arena, 0);
    }

    return t;
}


/* ---- text ---- */

static int
ccp_calls_hold(ccp_calls_t *t, ccp_calls_choice_t *c, ccp_str_t s, size_t at,
    size_t n)
{
    s.p += at;
    s.n = n;

    if (ccp_buf_add_json(&c->hold, s) != CCP_OK) {
        return CCP_NOMEM;
    }

    if (!c->whole) {
        return t->limit && c->hold.n > t->limit ? ccp_calls_flush(t, c)
                                                : CCP_OK;
    }

    if (ccp_calls_turn(t, c) != CCP_OK) {
        return CCP_NOMEM;
    }

    if (t->again.n == 0) {
        return CCP_OK;
    }

    s = ccp_buf_str(&t->again, 1);
    t->again.n = 0;

    return ccp_calls_delta(t, c, s);
}


/*
 * What is held is no call.  If it ends with the beginning of a word, that may
 * begin a call itself.
 */

static int
ccp_calls_reject(ccp_calls_t *t, ccp_calls_choice_t *c)
{
    size_t  n;

    if (c->n == 0 || c->mark == 0 || (c->state & CCP_CALLS_OUT)
        || ccp_calls_scan_coded(&c->code))
    {
        return ccp_calls_flush(t, c);
    }

    n = c->mark;
    c->mark = 0;
    c->state = CCP_CALLS_TEXT;
    c->lead = 0;

    if (ccp_calls_pass(t, c, (ccp_str_t) { c->hold.p, n, 1, 1 }, 0, n)
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
ccp_calls_here(const ccp_calls_choice_t *c)
{
    return c->n && c->hold.n == 0 && (c->state & CCP_CALLS_OUT);
}


/*
 * The bytes of the character at that place as decoded text, of which the
 * words consist; *n is what it takes in the slice.  The halves of a surrogate
 * pair are three bytes each, which no word has.
 */

static size_t
ccp_calls_bytes(ccp_str_t s, size_t at, uint8_t bytes[3], size_t *n)
{
    int       ch;
    uint32_t  cp;

    ch = ccp_text_char(s, at, n);

    if (ch >= 0 || *n != CCP_HALF) {
        bytes[0] = ch >= 0 ? (uint8_t) ch : s.p[at + *n - 1];
        return 1;
    }

    cp = ccp_hex4(s.p + at + 2);

    if (cp < 0x800) {
        bytes[0] = (uint8_t) (0xc0 | cp >> 6);
        bytes[1] = (uint8_t) (0x80 | (cp & 0x3f));
        return 2;
    }

    bytes[0] = (uint8_t) (0xe0 | cp >> 12);
    bytes[1] = (uint8_t) (0x80 | (cp >> 6 & 0x3f));
    bytes[2] = (uint8_t) (0x80 | (cp & 0x3f));

    return 3;
}


/* The next character: what becomes of it, once what it ends is let go. */

static int
ccp_calls_next(ccp_calls_t *t, ccp_calls_choice_t *c, const uint8_t *bytes,
    size_t n, ccp_calls_does_e *does)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        *does = ccp_calls_scan_char(c, bytes[i]);

        if (*does != CCP_CALLS_NO) {
            continue;
        }

        c->n -= c->n < i ? c->n : i;

        if (ccp_calls_reject(t, c) != CCP_OK) {
            return CCP_NOMEM;
        }

        i = (size_t) -1;
    }

    ccp_calls_scan_code(&c->code, bytes[0]);

    return CCP_OK;
}


/*
 * Behind a character of a line that passed: how many bytes follow that mean
 * nothing either.
 */

static size_t
ccp_calls_plain(const ccp_calls_choice_t *c, ccp_str_t s, size_t at)
{
    size_t  i;

    static const uint8_t  means[256] = {
        ['<'] = 1, ['['] = 1, ['`'] = 1, ['~'] = 1, ['\\'] = 1, ['\n'] = 1
    };

    if (!c->code.words || c->code.shuts || c->code.run) {
        return 0;
    }

    for (i = at; i < s.n && !means[s.p[i]]; i++) {
        /* void */
    }

    return i - at;
}


static int
ccp_calls_delta(ccp_calls_t *t, ccp_calls_choice_t *c, ccp_str_t s)
{
    size_t            at, from, word, n, k;
    uint8_t           bytes[3];
    ccp_calls_does_e  does;

    if (c->invented || c->finish) {
        return c->invented ? CCP_OK : ccp_calls_pass(t, c, s, 0, s.n);
    }

    word = s.n;

    for (at = 0, from = 0; at < s.n; at += n) {
        k = ccp_calls_bytes(s, at, bytes, &n);

        if (ccp_calls_next(t, c, bytes, k, &does) != CCP_OK) {
            return CCP_NOMEM;
        }

        if (does == CCP_CALLS_PASS) {
            c->state = CCP_CALLS_TEXT;
            c->lead = 0;
            word = s.n;
            n += ccp_calls_plain(c, s, at + n);
            continue;
        }

        word = word == s.n || c->n == 1 || does == CCP_CALLS_DROP ? at : word;

        if (ccp_calls_here(c) && !c->whole) {
            continue;
        }

        if (ccp_calls_pass(t, c, s, from, word) != CCP_OK) {
            return CCP_NOMEM;
        }

        from = at + n;

        if (does == CCP_CALLS_HOLD
            && ccp_calls_hold(t, c, s, word, from - word) != CCP_OK)
        {
            return CCP_NOMEM;
        }

        word = s.n;
    }

    if (!ccp_calls_here(c)) {
        return ccp_calls_pass(t, c, s, from, s.n);
    }

    if (ccp_calls_pass(t, c, s, from, word) != CCP_OK) {
        return CCP_NOMEM;
    }

    return ccp_calls_hold(t, c, s, word, s.n - word);
}


/* ---- events ---- */

/* No more text comes, or not now: what is held is a call, or text. */

static int
ccp_calls_end(ccp_calls_t *t, ccp_calls_choice_t *c, int cut)
{
    if (ccp_calls_turn_settle(t, c, cut) != CCP_OK) {
        return CCP_NOMEM;
    }

    if (!c->ended) {
        return CCP_OK;
    }

    c->ended = 0;
    c->state = CCP_CALLS_NONE;

    if (!c->open) {
        return CCP_OK;
    }

    c->open = 0;

    return ccp_calls_emit(t, c, CCP_EV_BLOCK_STOP, c->out, NULL, ccp_none);
}


static int
ccp_calls_start(ccp_calls_t *t, ccp_calls_choice_t *c, const ccp_event_t *ev)
{
    if (ccp_calls_end(t, c, 0) != CCP_OK) {
        return CCP_NOMEM;
    }

    if (ev->block->kind != CCP_B_TEXT) {
        return CCP_DECLINED;
    }

    c->state = CCP_CALLS_TEXT;
    c->src = ev->index;
    c->out = 2 * ev->index + 1;
    c->origin = ev->origin;
    c->open = 1;
    ccp_calls_scan_begin(c);

    return CCP_DECLINED;
}


/* An event of the text block; CCP_DECLINED: pass it on. */

static int
ccp_calls_content(ccp_calls_t *t, ccp_calls_choice_t *c, const ccp_event_t *ev)
{
    switch (ev->kind) {

    case CCP_EV_DELTA:
        return ccp_calls_delta(t, c, ev->text);

    case CCP_EV_LOGPROBS:
        return c->open && c->hold.n == 0 ? CCP_DECLINED : CCP_OK;

    case CCP_EV_BLOCK_STOP:
        /* how the answer ends tells whether a call was cut */
        c->ended = ccp_calls_turn_almost(c) && !ev->truncated;

        if (c->ended) {
            return CCP_OK;
        }

        break;

    default:
        break;
    }

    if (ccp_calls_flush(t, c) != CCP_OK) {
        return CCP_NOMEM;
    }

    if (ev->kind == CCP_EV_BLOCK_STOP) {
        c->state = CCP_CALLS_NONE;

        return c->open ? CCP_DECLINED : CCP_OK;
    }

    return ccp_calls_open(t, c) == CCP_OK ? CCP_DECLINED : CCP_NOMEM;
}


/* Events of the whole answer: what was held goes before an end. */

static int
ccp_calls_answer(ccp_calls_t *t, const ccp_event_t *ev)
{
    int                  i, cut;
    ccp_calls_choice_t  *c;

    cut = ev->kind == CCP_EV_ERROR
          || (ev->kind == CCP_EV_FINISH && ev->stop >= CCP_STOP_REFUSAL);

    for (i = 0; i < t->n; i++) {
        c = &t->choices[i];

        if ((ev->kind == CCP_EV_FINISH && i == ev->choice)
            || ev->kind == CCP_EV_END || ev->kind == CCP_EV_ERROR)
        {
            c->finish = 1;

            if (ccp_calls_end(t, c, cut) != CCP_OK
                || ccp_calls_twice_end(t, c) != CCP_OK)
            {
                return CCP_NOMEM;
            }
        }
    }

    return ccp_emit(&t->next, ev);
}


int
ccp_calls_event(void *stage, const ccp_event_t *ev)
{
    int                  rc, text;
    ccp_event_t          e;
    ccp_calls_choice_t  *c;
    ccp_calls_t         *t = stage;

    switch (ev->kind) {

    case CCP_EV_BLOCK_START:
    case CCP_EV_DELTA:
    case CCP_EV_SIG:
    case CCP_EV_CITE:
    case CCP_EV_LOGPROBS:
    case CCP_EV_BLOCK_STOP:
        break;

    default:
        return ccp_calls_answer(t, ev);
    }

    if (ev->choice < 0 || ev->choice >= t->n) {
        return CCP_OK;
    }

    c = &t->choices[ev->choice];

    if (ev->kind == CCP_EV_BLOCK_START) {
        text = 0;
        rc = ccp_calls_start(t, c, ev);

    } else {
        text = (c->state != CCP_CALLS_NONE && c->src == ev->index
                && !c->ended);
        rc = text ? ccp_calls_content(t, c, ev) : CCP_DECLINED;
    }

    if (rc == CCP_DECLINED && !text) {
        rc = ccp_calls_twice_event(t, c, ev);
    }

    if (rc != CCP_DECLINED) {
        return rc;
    }

    e = *ev;
    e.index = text ? c->out : 2 * ev->index + 1;

    return ccp_emit(&t->next, &e);
}
