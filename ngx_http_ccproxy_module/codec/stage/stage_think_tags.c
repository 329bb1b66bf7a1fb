
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


#define CCP_TAG_MAX     16         /* longest tag, bytes */
#define CCP_TAG_LEAD    64         /* white space before a tag, bytes */


typedef enum {
    CCP_TAG_NONE,                  /* no text block */
    CCP_TAG_START,                 /* white space, or a beginning of a tag */
    CCP_TAG_INSIDE,                /* reasoning, up to the closing tag */
    CCP_TAG_AFTER,                 /* white space behind the closing tag */
    CCP_TAG_TEXT                   /* no tag can come any more */
} ccp_tag_e;


typedef struct {
    ccp_tag_e     state;
    int           choice;
    int           src;             /* index of the text block */
    int           tag;             /* which was opened; -1: not known */
    ccp_proto_e   origin;
    ccp_block_t  *copy;            /* of the text block's start */
    ccp_buf_t     slab;
    ccp_buf_t     hold;            /* what may be a tag, in JSON spelling */
    size_t        n;               /* characters matched so far */
    char          match[CCP_TAG_MAX];
    unsigned      think:1;         /* the reasoning's block was started */
    unsigned      text:1;          /* the text's block was started */
    unsigned      trim:1;          /* drop white space that follows a tag */
    unsigned      implicit:1;
    unsigned      finish:1;        /* nothing is held back any more */
} ccp_tagged_t;


struct ccp_thinktag_s {
    ccp_res_t     *rs;
    ccp_sink_t     next;
    int            n;
    ccp_tagged_t  *choices;
};


static const char *const  ccp_tag_names[] = {
    "think>", "thinking>", "reasoning>", "thought>"
};

#define CCP_NTAGS  ccp_countof(ccp_tag_names)


ccp_thinktag_t *
ccp_thinktag_create(ccp_res_t *rs, ccp_sink_t next, int implicit)
{
    int              i;
    ccp_thinktag_t  *t;

    t = ccp_calloc(rs->arena, sizeof(ccp_thinktag_t));
    if (t == NULL) {
        return NULL;
    }

    t->rs = rs;
    t->next = next;
    t->n = ccp_choices(rs);

    t->choices = ccp_calloc(rs->arena, t->n * sizeof(ccp_tagged_t));
    if (t->choices == NULL) {
        return NULL;
    }

    for (i = 0; i < t->n; i++) {
        t->choices[i].choice = i;
        t->choices[i].implicit = implicit ? 1 : 0;
        ccp_buf_init(&t->choices[i].slab, rs->arena, 0);
        ccp_buf_init(&t->choices[i].hold, rs->arena, 0);
    }

    return t;
}


static int
ccp_tag_space(int c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}


/*
 * Whether c goes on with the tag that is being matched: CCP_DECLINED no,
 * CCP_OK yes, and *tag >= 0 once it is complete.
 */

static int
ccp_tag_step(ccp_tagged_t *c, int ch, int *tag)
{
    int          rc;
    size_t       i, lead;
    const char  *open;

    *tag = -1;
    rc = CCP_DECLINED;
    open = c->state == CCP_TAG_INSIDE ? "</" : "<";
    lead = strlen(open);

    if (ch < 0 || c->n == CCP_TAG_MAX) {
        return CCP_DECLINED;
    }

    if (c->n < lead) {
        rc = ch == open[c->n] ? CCP_OK : CCP_DECLINED;

    } else {
        for (i = 0; i < CCP_NTAGS; i++) {
            if ((c->state == CCP_TAG_INSIDE && c->tag >= 0
                 && c->tag != (int) i)
                || strncmp(ccp_tag_names[i], c->match, c->n - lead) != 0
                || ccp_tag_names[i][c->n - lead] != ch)
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
ccp_tag_index(const ccp_tagged_t *c)
{
    return c->state == CCP_TAG_INSIDE ? 2 * c->src : 2 * c->src + 1;
}


/* Starts the block that the state calls for, if it is not yet. */

static int
ccp_tag_open(ccp_thinktag_t *t, ccp_tagged_t *c)
{
    ccp_block_t  think;
    ccp_event_t  ev;

    memset(&ev, 0, sizeof(ccp_event_t));

    ev.kind = CCP_EV_BLOCK_START;
    ev.choice = c->choice;
    ev.index = ccp_tag_index(c);
    ev.origin = c->origin;

    if (c->state == CCP_TAG_INSIDE) {
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
ccp_tag_emit(ccp_thinktag_t *t, ccp_tagged_t *c, ccp_event_e kind,
    ccp_str_t text)
{
    ccp_event_t  ev;

    if (kind == CCP_EV_DELTA
        && (text.n == 0 || ccp_tag_open(t, c) != CCP_OK))
    {
        return text.n ? CCP_NOMEM : CCP_OK;
    }

    memset(&ev, 0, sizeof(ccp_event_t));

    ev.kind = kind;
    ev.choice = c->choice;
    ev.index = ccp_tag_index(c);
    ev.origin = c->origin;
    ev.text = text;

    return ccp_emit(&t->next, &ev);
}


/* What was held back is no tag. */

static int
ccp_tag_flush(ccp_thinktag_t *t, ccp_tagged_t *c)
{
    ccp_str_t  s;

    s = ccp_buf_str(&c->hold, 1);
    c->hold.n = 0;
    c->n = 0;

    return ccp_tag_emit(t, c, CCP_EV_DELTA, s);
}


static int
ccp_tag_hold(ccp_tagged_t *c, ccp_str_t s, size_t at, size_t n)
{
    s.p += at;
    s.n = n;

    return ccp_buf_add_json(&c->hold, s);
}


static int
ccp_tag_pass(ccp_thinktag_t *t, ccp_tagged_t *c, ccp_str_t s, size_t from,
    size_t to)
{
    s.p += from;
    s.n = to - from;

    return ccp_tag_emit(t, c, CCP_EV_DELTA, s);
}


/* Before a tag: consumes characters until it is clear what they are. */

static int
ccp_tag_start(ccp_thinktag_t *t, ccp_tagged_t *c, ccp_str_t s, size_t *at)
{
    int     ch, tag;
    size_t  n;

    while (*at < s.n) {
        ch = ccp_text_char(s, *at, &n);

        if (c->n == 0 && ccp_tag_space(ch) && c->hold.n < CCP_TAG_LEAD) {
            tag = -1;

        } else if (ccp_tag_step(c, ch, &tag) != CCP_OK) {

            c->state = c->implicit ? CCP_TAG_INSIDE : CCP_TAG_TEXT;
            c->tag = -1;
            c->trim = 0;

            return ccp_tag_flush(t, c);
        }

        if (ccp_tag_hold(c, s, *at, n) != CCP_OK) {
            return CCP_NOMEM;
        }

        *at += n;

        if (tag >= 0) {
            c->state = CCP_TAG_INSIDE;
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
ccp_tag_inside(ccp_thinktag_t *t, ccp_tagged_t *c, ccp_str_t s, size_t *at)
{
    int     ch, tag;
    size_t  n, from;

    tag = -1;

    for (from = *at; *at < s.n; *at += n) {
        ch = ccp_text_char(s, *at, &n);

        if (c->trim && ccp_tag_space(ch)) {
            from = *at + n;
            continue;
        }

        c->trim = 0;

        if (c->n && ccp_tag_step(c, ch, &tag) != CCP_OK) {
            if (ccp_tag_flush(t, c) != CCP_OK) {
                return CCP_NOMEM;
            }

            from = *at;
        }

        if (c->n == 0) {
            if (ccp_tag_step(c, ch, &tag) != CCP_OK) {
                continue;
            }

            if (ccp_tag_pass(t, c, s, from, *at) != CCP_OK) {
                return CCP_NOMEM;
            }
        }

        if (ccp_tag_hold(c, s, *at, n) != CCP_OK) {
            return CCP_NOMEM;
        }

        from = *at + n;

        if (tag >= 0) {
            *at += n;
            c->n = 0;
            c->hold.n = 0;

            if (c->think
                && ccp_tag_emit(t, c, CCP_EV_BLOCK_STOP, ccp_none) != CCP_OK)
            {
                return CCP_NOMEM;
            }

            c->state = CCP_TAG_AFTER;
            return CCP_OK;
        }
    }

    return ccp_tag_pass(t, c, s, from, s.n);
}


static int
ccp_tag_delta(ccp_thinktag_t *t, ccp_tagged_t *c, ccp_str_t s)
{
    int     ch, rc;
    size_t  at, n;

    rc = CCP_OK;
    at = 0;

    while (rc == CCP_OK && at < s.n) {

        if (c->finish && c->state != CCP_TAG_INSIDE) {
            c->state = CCP_TAG_TEXT;
        }

        switch (c->state) {

        case CCP_TAG_START:
            rc = ccp_tag_start(t, c, s, &at);
            break;

        case CCP_TAG_INSIDE:
            if (c->finish) {
                return ccp_tag_pass(t, c, s, at, s.n);
            }

            rc = ccp_tag_inside(t, c, s, &at);
            break;

        case CCP_TAG_AFTER:
            ch = ccp_text_char(s, at, &n);

            if (ccp_tag_space(ch)) {
                at += n;
            } else {
                c->state = CCP_TAG_TEXT;
            }
            break;

        default:
            return ccp_tag_pass(t, c, s, at, s.n);
        }
    }

    return rc;
}


/* Nothing will follow for now: lets go of what was held back. */

static int
ccp_tag_release(ccp_thinktag_t *t, ccp_tagged_t *c)
{
    if (c->hold.n == 0) {
        return CCP_OK;
    }

    if (c->state == CCP_TAG_START) {
        c->state = CCP_TAG_TEXT;
    }

    return ccp_tag_flush(t, c);
}


static int
ccp_tag_block(ccp_thinktag_t *t, ccp_tagged_t *c, const ccp_event_t *ev)
{
    if (ccp_tag_release(t, c) != CCP_OK) {
        return CCP_NOMEM;
    }

    if (ev->block->kind != CCP_B_TEXT) {
        return CCP_DECLINED;
    }

    if (c->state != CCP_TAG_NONE) {
        c->implicit = 0;
    }

    c->copy = ccp_block_keep(&c->slab, ev->block);
    if (c->copy == NULL) {
        return CCP_NOMEM;
    }

    c->state = CCP_TAG_START;
    c->src = ev->index;
    c->origin = ev->origin;
    c->think = 0;
    c->text = 0;
    c->n = 0;

    return CCP_OK;
}


/* An event of the text block; CCP_DECLINED: pass it on. */

static int
ccp_tag_content(ccp_thinktag_t *t, ccp_tagged_t *c, const ccp_event_t *ev)
{
    switch (ev->kind) {

    case CCP_EV_DELTA:
        return ccp_tag_delta(t, c, ev->text);

    case CCP_EV_LOGPROBS:
        return c->state == CCP_TAG_TEXT ? CCP_DECLINED : CCP_OK;

    default:
        break;
    }

    if (ccp_tag_release(t, c) != CCP_OK) {
        return CCP_NOMEM;
    }

    if (ev->kind == CCP_EV_SIG || ev->kind == CCP_EV_CITE) {

        if (c->state == CCP_TAG_START) {
            c->state = CCP_TAG_TEXT;
        }

        return ccp_tag_open(t, c) == CCP_OK ? CCP_DECLINED : CCP_NOMEM;
    }

    return CCP_DECLINED;
}


int
ccp_thinktag_event(void *stage, const ccp_event_t *ev)
{
    int              i, rc, text;
    ccp_event_t      e;
    ccp_tagged_t    *c;
    ccp_thinktag_t  *t = stage;

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

            if (ccp_tag_release(t, &t->choices[i]) != CCP_OK) {
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
    text = (c->state != CCP_TAG_NONE && c->src == ev->index);

    if (ev->kind == CCP_EV_BLOCK_START) {
        text = 0;
        rc = ccp_tag_block(t, c, ev);

    } else {
        rc = text ? ccp_tag_content(t, c, ev) : CCP_DECLINED;
    }

    if (rc != CCP_DECLINED) {
        return rc;
    }

    e = *ev;
    e.index = text ? ccp_tag_index(c) : 2 * ev->index + 1;

    if (text && ev->kind == CCP_EV_BLOCK_STOP) {
        c->src = -1;
    }

    return ccp_emit(&t->next, &e);
}
