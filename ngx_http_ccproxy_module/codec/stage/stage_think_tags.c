
/*
 * Think tags: reasoning that a model writes into its text, between tags,
 * becomes a THINK block of its own (T29).
 *
 * A text block of index i turns into at most two: 2i the reasoning, 2i + 1
 * the text; other blocks take 2i + 1.  Flow renumbers them.  Tags are matched
 * over decoded characters, since some servers escape angle brackets; the
 * bytes that pass keep their spelling.
 */

#include "codec/stage/stage.h"
#include "codec/stage/stage_copy.h"


#define CCP_THINK_TAGS_MAX   16    /* longest tag, bytes */
#define CCP_THINK_TAGS_LEAD  64    /* white space before a tag, bytes */


typedef enum {
    CCP_THINK_TAGS_NONE,           /* no text block */
    CCP_THINK_TAGS_START,          /* white space, or a beginning of a tag */
    CCP_THINK_TAGS_INSIDE,         /* reasoning, up to the closing tag */
    CCP_THINK_TAGS_AFTER,          /* white space behind the closing tag */
    CCP_THINK_TAGS_TEXT            /* no tag can come any more */
} ccp_think_tags_state_e;


typedef struct {
    ccp_think_tags_state_e  state;
    int                     choice;
    int                     src;      /* index of the text block */
    int                     tag;      /* which was opened; -1: not known */
    ccp_proto_e             origin;
    ccp_block_t            *copy;     /* of the text block's start */
    ccp_buf_t               slab;
    ccp_buf_t               hold;     /* what may be a tag, in JSON spelling */
    size_t                  n;        /* characters matched so far */
    char                    match[CCP_THINK_TAGS_MAX];
    unsigned                think:1;  /* the reasoning's block was started */
    unsigned                text:1;   /* the text's block was started */
    unsigned                trim:1;   /* drop white space that follows a tag */
    unsigned                implicit:1;
    unsigned                finish:1; /* nothing is held back any more */
} ccp_think_tags_choice_t;


struct ccp_think_tags_s {
    ccp_answer_ctx_t         *ac;
    ccp_sink_t                next;
    int                       n;
    ccp_think_tags_choice_t  *choices;
};


static const char *const  ccp_think_tags_names[] = {
    "think>", "thinking>", "reasoning>", "thought>"
};

#define CCP_THINK_NTAGS  ccp_countof(ccp_think_tags_names)


ccp_think_tags_t *
ccp_think_tags_create(ccp_answer_ctx_t *ac, ccp_sink_t next, int implicit)
{
    int                i;
    ccp_think_tags_t  *t;

    t = ccp_calloc(ac->arena, sizeof(ccp_think_tags_t));
    if (t == NULL) {
        return NULL;
    }

    t->ac = ac;
    t->next = next;
    t->n = ccp_answer_choices(ac);

    t->choices = ccp_calloc(ac->arena, t->n * sizeof(ccp_think_tags_choice_t));
    if (t->choices == NULL) {
        return NULL;
    }

    for (i = 0; i < t->n; i++) {
        t->choices[i].choice = i;
        t->choices[i].implicit = implicit ? 1 : 0;
        ccp_buf_init(&t->choices[i].slab, ac->arena, 0);
        ccp_buf_init(&t->choices[i].hold, ac->arena, 0);
    }

    return t;
}


static int
ccp_think_tags_space(int c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}


/*
 * Whether c goes on with the tag that is being matched: CCP_DECLINED no,
 * CCP_OK yes, and *tag >= 0 once it is complete.
 */

static int
ccp_think_tags_step(ccp_think_tags_choice_t *c, int ch, int *tag)
{
    int          rc;
    size_t       i, lead;
    const char  *open;

    *tag = -1;
    rc = CCP_DECLINED;
    open = c->state == CCP_THINK_TAGS_INSIDE ? "</" : "<";
    lead = strlen(open);

    if (ch < 0 || c->n == CCP_THINK_TAGS_MAX) {
        return CCP_DECLINED;
    }

    if (c->n < lead) {
        rc = ch == open[c->n] ? CCP_OK : CCP_DECLINED;

    } else {
        for (i = 0; i < CCP_THINK_NTAGS; i++) {
            if ((c->state == CCP_THINK_TAGS_INSIDE && c->tag >= 0
                 && c->tag != (int) i)
                || strncmp(ccp_think_tags_names[i], c->match, c->n - lead) != 0
                || ccp_think_tags_names[i][c->n - lead] != ch)
            {
                continue;
            }

            rc = CCP_OK;

            if (ch == '>') {
                *tag = (int) i;
            }
        }
    }

    if (rc == CCP_OK) {
        if (c->n >= lead) {
            c->match[c->n - lead] = (char) ch;
        }
        c->n++;
    }

    return rc;
}


static int
ccp_think_tags_index(const ccp_think_tags_choice_t *c)
{
    return c->state == CCP_THINK_TAGS_INSIDE ? 2 * c->src : 2 * c->src + 1;
}


/* Starts the block that the state calls for, if it is not yet. */

static int
ccp_think_tags_open(ccp_think_tags_t *t, ccp_think_tags_choice_t *c)
{
    ccp_block_t  think;
    ccp_event_t  ev;

    ccp_event_init(&ev, CCP_EV_BLOCK_START, c->choice, ccp_think_tags_index(c),
                   c->origin);

    if (c->state == CCP_THINK_TAGS_INSIDE) {
        if (c->think) {
            return CCP_OK;
        }

        c->think = 1;

        memset(&think, 0, sizeof(ccp_block_t));
        think.kind = CCP_B_THINK;
        think.origin = c->origin;
        ev.block = &think;

    } else {
        if (c->text) {
            return CCP_OK;
        }

        c->text = 1;
        ev.block = c->copy;
    }

    return ccp_emit(&t->next, &ev);
}


static int
ccp_think_tags_emit(ccp_think_tags_t *t, ccp_think_tags_choice_t *c,
    ccp_event_e kind, ccp_str_t text)
{
    ccp_event_t  ev;

    if (kind == CCP_EV_DELTA
        && (text.n == 0 || ccp_think_tags_open(t, c) != CCP_OK))
    {
        return text.n ? CCP_NOMEM : CCP_OK;
    }

    ccp_event_init(&ev, kind, c->choice, ccp_think_tags_index(c), c->origin);
    ev.text = text;

    return ccp_emit(&t->next, &ev);
}


/* What was held back is no tag. */

static int
ccp_think_tags_flush(ccp_think_tags_t *t, ccp_think_tags_choice_t *c)
{
    ccp_str_t  s;

    s = ccp_buf_str(&c->hold, 1);
    c->hold.n = 0;
    c->n = 0;

    return ccp_think_tags_emit(t, c, CCP_EV_DELTA, s);
}


static int
ccp_think_tags_hold(ccp_think_tags_choice_t *c, ccp_str_t s, size_t at,
    size_t n)
{
    s.p += at;
    s.n = n;

    return ccp_buf_add_json(&c->hold, s);
}


static int
ccp_think_tags_pass(ccp_think_tags_t *t, ccp_think_tags_choice_t *c,
    ccp_str_t s, size_t from, size_t to)
{
    s.p += from;
    s.n = to - from;

    return ccp_think_tags_emit(t, c, CCP_EV_DELTA, s);
}


/* Before a tag: consumes characters until it is clear what they are. */

static int
ccp_think_tags_start(ccp_think_tags_t *t, ccp_think_tags_choice_t *c,
    ccp_str_t s, size_t *at)
{
    int     ch, tag;
    size_t  n;

    while (*at < s.n) {
        ch = ccp_text_char(s, *at, &n);

        if (c->n == 0 && ccp_think_tags_space(ch)
            && c->hold.n < CCP_THINK_TAGS_LEAD)
        {
            tag = -1;

        } else if (ccp_think_tags_step(c, ch, &tag) != CCP_OK) {

            c->state = c->implicit ? CCP_THINK_TAGS_INSIDE
                                   : CCP_THINK_TAGS_TEXT;
            c->tag = -1;
            c->trim = 0;

            return ccp_think_tags_flush(t, c);
        }

        if (ccp_think_tags_hold(c, s, *at, n) != CCP_OK) {
            return CCP_NOMEM;
        }

        *at += n;

        if (tag >= 0) {
            c->state = CCP_THINK_TAGS_INSIDE;
            c->tag = tag;
            c->trim = 1;
            c->n = 0;
            c->hold.n = 0;
            return CCP_OK;
        }
    }

    return CCP_OK;
}


/* Inside: passes reasoning up to the closing tag. */

static int
ccp_think_tags_inside(ccp_think_tags_t *t, ccp_think_tags_choice_t *c,
    ccp_str_t s, size_t *at)
{
    int     ch, tag;
    size_t  n, from;

    tag = -1;

    for (from = *at; *at < s.n; *at += n) {
        ch = ccp_text_char(s, *at, &n);

        if (c->trim && ccp_think_tags_space(ch)) {
            from = *at + n;
            continue;
        }

        c->trim = 0;

        if (c->n && ccp_think_tags_step(c, ch, &tag) != CCP_OK) {
            if (ccp_think_tags_flush(t, c) != CCP_OK) {
                return CCP_NOMEM;
            }

            from = *at;
        }

        if (c->n == 0) {
            if (ccp_think_tags_step(c, ch, &tag) != CCP_OK) {
                continue;
            }

            if (ccp_think_tags_pass(t, c, s, from, *at) != CCP_OK) {
                return CCP_NOMEM;
            }
        }

        if (ccp_think_tags_hold(c, s, *at, n) != CCP_OK) {
            return CCP_NOMEM;
        }

        from = *at + n;

        if (tag >= 0) {
            *at += n;
            c->n = 0;
            c->hold.n = 0;

            if (c->think
                && ccp_think_tags_emit(t, c, CCP_EV_BLOCK_STOP, ccp_none)
                != CCP_OK)
            {
                return CCP_NOMEM;
            }

            c->state = CCP_THINK_TAGS_AFTER;
            return CCP_OK;
        }
    }

    return ccp_think_tags_pass(t, c, s, from, s.n);
}


static int
ccp_think_tags_delta(ccp_think_tags_t *t, ccp_think_tags_choice_t *c,
    ccp_str_t s)
{
    int     ch, rc;
    size_t  at, n;

    rc = CCP_OK;
    at = 0;

    while (rc == CCP_OK && at < s.n) {

        if (c->finish && c->state != CCP_THINK_TAGS_INSIDE) {
            c->state = CCP_THINK_TAGS_TEXT;
        }

        switch (c->state) {

        case CCP_THINK_TAGS_START:
            rc = ccp_think_tags_start(t, c, s, &at);
            break;

        case CCP_THINK_TAGS_INSIDE:
            if (c->finish) {
                return ccp_think_tags_pass(t, c, s, at, s.n);
            }

            rc = ccp_think_tags_inside(t, c, s, &at);
            break;

        case CCP_THINK_TAGS_AFTER:
            ch = ccp_text_char(s, at, &n);

            if (ccp_think_tags_space(ch)) {
                at += n;
            } else {
                c->state = CCP_THINK_TAGS_TEXT;
            }
            break;

        default:
            return ccp_think_tags_pass(t, c, s, at, s.n);
        }
    }

    return rc;
}


/* Nothing will follow for now: lets go of what was held back. */

static int
ccp_think_tags_release(ccp_think_tags_t *t, ccp_think_tags_choice_t *c)
{
    if (c->hold.n == 0) {
        return CCP_OK;
    }

    if (c->state == CCP_THINK_TAGS_START) {
        c->state = CCP_THINK_TAGS_TEXT;
    }

    return ccp_think_tags_flush(t, c);
}


static int
ccp_think_tags_block(ccp_think_tags_t *t, ccp_think_tags_choice_t *c,
    const ccp_event_t *ev)
{
    if (ccp_think_tags_release(t, c) != CCP_OK) {
        return CCP_NOMEM;
    }

    if (ev->block->kind != CCP_B_TEXT) {
        return CCP_DECLINED;
    }

    if (c->state != CCP_THINK_TAGS_NONE) {
        c->implicit = 0;
    }

    c->copy = ccp_block_keep(&c->slab, ev->block);
    if (c->copy == NULL) {
        return CCP_NOMEM;
    }

    c->state = CCP_THINK_TAGS_START;
    c->src = ev->index;
    c->origin = ev->origin;
    c->think = 0;
    c->text = 0;
    c->n = 0;

    return CCP_OK;
}


/* An event of the text block; CCP_DECLINED: pass it on. */

static int
ccp_think_tags_content(ccp_think_tags_t *t, ccp_think_tags_choice_t *c,
    const ccp_event_t *ev)
{
    switch (ev->kind) {

    case CCP_EV_DELTA:
        return ccp_think_tags_delta(t, c, ev->text);

    case CCP_EV_LOGPROBS:
        return c->state == CCP_THINK_TAGS_TEXT ? CCP_DECLINED : CCP_OK;

    default:
        break;
    }

    if (ccp_think_tags_release(t, c) != CCP_OK) {
        return CCP_NOMEM;
    }

    if (ev->kind == CCP_EV_SIG || ev->kind == CCP_EV_CITE) {

        if (c->state == CCP_THINK_TAGS_START) {
            c->state = CCP_THINK_TAGS_TEXT;
        }

        return ccp_think_tags_open(t, c) == CCP_OK ? CCP_DECLINED : CCP_NOMEM;
    }

    return CCP_DECLINED;
}


int
ccp_think_tags_event(void *stage, const ccp_event_t *ev)
{
    int                       i, rc, text;
    ccp_event_t               e;
    ccp_think_tags_choice_t  *c;
    ccp_think_tags_t         *t = stage;

    switch (ev->kind) {

    case CCP_EV_BLOCK_START:
    case CCP_EV_DELTA:
    case CCP_EV_SIG:
    case CCP_EV_CITE:
    case CCP_EV_LOGPROBS:
    case CCP_EV_BLOCK_STOP:
        break;

    case CCP_EV_FINISH:
    case CCP_EV_END:
        for (i = 0; i < t->n; i++) {
            if (ev->kind == CCP_EV_FINISH && i != ev->choice) {
                continue;
            }

            t->choices[i].finish = 1;

            if (ccp_think_tags_release(t, &t->choices[i]) != CCP_OK) {
                return CCP_NOMEM;
            }
        }

        return ccp_emit(&t->next, ev);

    default:
        return ccp_emit(&t->next, ev);
    }

    if (ev->choice < 0 || ev->choice >= t->n) {
        return CCP_OK;
    }

    c = &t->choices[ev->choice];
    text = (c->state != CCP_THINK_TAGS_NONE && c->src == ev->index);

    if (ev->kind == CCP_EV_BLOCK_START) {
        text = 0;
        rc = ccp_think_tags_block(t, c, ev);

    } else {
        rc = text ? ccp_think_tags_content(t, c, ev) : CCP_DECLINED;
    }

    if (rc != CCP_DECLINED) {
        return rc;
    }

    e = *ev;
    e.index = text ? ccp_think_tags_index(c) : 2 * ev->index + 1;

    if (text && ev->kind == CCP_EV_BLOCK_STOP) {
        c->src = -1;
    }

    return ccp_emit(&t->next, &e);
}
