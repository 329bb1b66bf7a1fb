
/*
 * What the parts of a call that was found lead to: the next state, a call,
 * or text after all.
 */

#include "codec/compat/compat_calls.h"


/* Languages of fenced code that may hold a call's JSON. */
static const char *const  ccp_calls_turn_langs[] = {
    "", "json", "JSON", "tool_call", "tool_calls", "tool_code"
};

#define CCP_CALLS_NLANGS  ccp_countof(ccp_calls_turn_langs)


/* A part of what is held, as plain text. */

static int
ccp_calls_turn_decode(ccp_calls_choice_t *c, ccp_buf_t *b, size_t from,
    size_t to)
{
    b->n = 0;

    if (from == to) {
        return CCP_OK;
    }

    return ccp_buf_add_plain(b, (ccp_str_t) { c->hold.p + from, to - from,
                                              1, 1 });
}


/* ---- a call is complete ---- */

/* One pass over the calls of a value: checks them all, or emits them. */

static int
ccp_calls_turn_each(ccp_calls_t *t, ccp_calls_choice_t *c, ccp_jval_t v,
    int emit)
{
    int          rc;
    size_t       n;
    ccp_str_t    name, args;
    ccp_jval_t   list, one;
    ccp_jiter_t  it;

    list = ccp_calls_read_list(v);
    it = ccp_json_iter(list);
    one = v;

    for (n = 0; ccp_json_type(list) == CCP_J_ABSENT ? n == 0
                                                    : ccp_json_next(&it);
         n++)
    {
        if (ccp_json_type(list) != CCP_J_ABSENT) {
            one = it.val;
        }

        rc = ccp_calls_read_json(&t->read, one, c->alone, &name, &args);

        if (rc == CCP_OK && emit) {
            rc = ccp_calls_block(t, c, name, args);
        }

        if (rc != CCP_OK) {
            return rc;
        }
    }

    return n == 0 || (c->block && n > 1) ? CCP_DECLINED : CCP_OK;
}


/* All calls of a text of JSON values, or none: CCP_DECLINED. */

static int
ccp_calls_turn_values(ccp_calls_t *t, ccp_calls_choice_t *c, ccp_str_t text)
{
    int         rc, pass;
    size_t      n;
    ccp_str_t   rest, value;
    ccp_jval_t  v;

    n = 0;

    for (pass = 0; pass < 2; pass++) {
        rest = text;

        for ( ;; ) {
            value = ccp_calls_read_value(rest, &rest);

            if (value.p == NULL) {
                break;
            }

            n++;

            rc = ccp_calls_read_parse(&t->read, value, &v);

            if (rc == CCP_OK) {
                rc = ccp_calls_turn_each(t, c, v, pass);
            }

            if (rc != CCP_OK) {
                return rc;
            }
        }
    }

    return n ? CCP_OK : CCP_DECLINED;
}


/* JSON behind a name, or in a tag that may name a tool. */

static int
ccp_calls_turn_named(ccp_calls_t *t, ccp_calls_choice_t *c, ccp_str_t text)
{
    int         rc;
    ccp_str_t   name, args;
    ccp_jval_t  v;

    rc = ccp_calls_read_name(&t->read, ccp_buf_str(&t->head, 0), c->form,
                             &name);

    if (rc != CCP_OK || name.p == NULL) {
        return rc == CCP_OK ? ccp_calls_turn_values(t, c, text) : rc;
    }

    args = ccp_none;
    rc = ccp_calls_read_parse(&t->read, text, &v);

    if (rc == CCP_OK) {
        rc = ccp_calls_read_args(&t->read, v, name, &args);
    }

    return rc == CCP_OK ? ccp_calls_block(t, c, name, args) : rc;
}


/* The call that ends there; *done: it is one, else all that is held went. */

static int
ccp_calls_turn_done(ccp_calls_t *t, ccp_calls_choice_t *c, size_t end,
    int *done)
{
    int        rc, json;
    ccp_str_t  text, name, args;

    json = (c->state & (CCP_CALLS_VALUE|CCP_CALLS_TAIL)) != 0;

    if (ccp_calls_turn_decode(c, &t->text, json ? c->value : c->from, end)
        != CCP_OK
        || (json && ccp_calls_turn_decode(c, &t->head, c->from, c->value)
            != CCP_OK))
    {
        return CCP_NOMEM;
    }

    text = ccp_buf_str(&t->text, 0);

    if (!json) {
        rc = ccp_calls_read_tags(&t->read, text, c->form, &name, &args);

        if (rc == CCP_OK) {
            rc = ccp_calls_block(t, c, name, args);
        }

    } else {
        rc = c->form == CCP_CALLS_FORM_JSON ? ccp_calls_turn_values(t, c, text)
                                            : ccp_calls_turn_named(t, c, text);
    }

    *done = (rc == CCP_OK);

    if (rc == CCP_DECLINED) {
        return ccp_calls_flush(t, c);
    }

    c->state = CCP_CALLS_AFTER;
    c->n = 0;
    ccp_calls_scan_begin(c);

    return rc;
}


static int
ccp_calls_turn_whole(ccp_calls_t *t, ccp_calls_choice_t *c)
{
    int  done;

    if (ccp_calls_turn_done(t, c, c->hold.n, &done) != CCP_OK) {
        return CCP_NOMEM;
    }

    c->hold.n = 0;

    return CCP_OK;
}


/* ---- parts of a call ---- */

/*
 * The name of the tool is there: in a tag, before JSON, before other tags.
 * DECLINED: no such tool, and what was held is let go.
 */

static int
ccp_calls_turn_known(ccp_calls_t *t, ccp_calls_choice_t *c)
{
    int        rc;
    size_t     end;
    ccp_str_t  name;

    end = c->state == CCP_CALLS_VALUE ? c->value : c->hold.n;

    if (ccp_calls_turn_decode(c, &t->text, c->from, end) != CCP_OK) {
        return CCP_NOMEM;
    }

    rc = ccp_calls_read_name(&t->read, ccp_buf_str(&t->text, 0), c->form,
                             &name);

    if (rc == CCP_DECLINED && ccp_calls_flush(t, c) != CCP_OK) {
        return CCP_NOMEM;
    }

    return rc;
}


static int
ccp_calls_turn_head(ccp_calls_t *t, ccp_calls_choice_t *c)
{
    int  rc;

    rc = ccp_calls_turn_known(t, c);

    if (rc != CCP_OK) {
        return rc == CCP_DECLINED ? CCP_OK : rc;
    }

    if (c->slash && c->mode == CCP_CALLS_COMPAT) {
        return ccp_calls_turn_whole(t, c);
    }

    c->state = CCP_CALLS_BODY;
    c->kids = 0;

    return CCP_OK;
}


/* Another call begins before this one has its end. */

static int
ccp_calls_turn_again(ccp_calls_t *t, ccp_calls_choice_t *c)
{
    int     done;
    size_t  end;

    end = c->mark;

    if (ccp_calls_turn_done(t, c, end, &done) != CCP_OK) {
        return CCP_NOMEM;
    }

    return done ? ccp_calls_replay(t, c, end) : CCP_OK;
}


/* A tag that does not belong to the call may begin another one. */

static int
ccp_calls_turn_other(ccp_calls_t *t, ccp_calls_choice_t *c)
{
    size_t  end;

    end = c->mark;
    c->state = CCP_CALLS_TEXT;
    c->lead = 0;

    return ccp_calls_pass(t, c, (ccp_str_t) { c->hold.p, end, 1, 1 }, 0, end)
           == CCP_OK ? ccp_calls_replay(t, c, end) : CCP_NOMEM;
}


/* A tag between parameters is complete. */

static int
ccp_calls_turn_tagged(ccp_calls_t *t, ccp_calls_choice_t *c)
{
    int                      close;
    ccp_str_t                tag;
    const ccp_calls_form_t  *f;

    f = &ccp_calls_forms[c->form];
    close = (c->ntag && c->tag[0] == '/');
    tag = (ccp_str_t) { (uint8_t *) c->tag + close, c->ntag - close, 0, 0 };

    if (ccp_str_is(tag, f->tag)) {

        if (close) {
            return ccp_calls_turn_whole(t, c);
        }

        return c->mode == CCP_CALLS_COMPAT && c->kids
               ? ccp_calls_turn_again(t, c) : ccp_calls_turn_other(t, c);
    }

    if (c->mode == CCP_CALLS_COMPAT && ccp_calls_read_group(tag)) {
        c->state = CCP_CALLS_BODY;
        return CCP_OK;
    }

    if (close || c->ntag == 0
        || (f->child && strncmp(c->tag, f->child, strlen(f->child)) != 0))
    {
        return ccp_calls_turn_other(t, c);
    }

    c->kids++;
    c->n = 0;
    c->state = c->slash ? CCP_CALLS_BODY : CCP_CALLS_PARAM;

    return CCP_OK;
}


/* The line that opens fenced code is complete. */

static int
ccp_calls_turn_fenced(ccp_calls_t *t, ccp_calls_choice_t *c)
{
    size_t     i;
    ccp_str_t  lang;

    lang = (ccp_str_t) { (uint8_t *) c->tag, c->ntag, 0, 0 };

    for (i = 0; i < CCP_CALLS_NLANGS; i++) {
        if (ccp_str_is(lang, ccp_calls_turn_langs[i])) {
            break;
        }
    }

    if (i == CCP_CALLS_NLANGS) {
        return ccp_calls_flush(t, c);
    }

    c->state = c->back;
    c->alone = (c->state == CCP_CALLS_BARE);
    c->block = c->alone;
    c->fenced = !c->alone;

    return CCP_OK;
}


/* ---- words ---- */

static int
ccp_calls_turn_word(ccp_calls_t *t, ccp_calls_choice_t *c)
{
    const ccp_calls_word_t  *w;

    w = c->word;
    c->n = 0;

    if (w->next == CCP_CALLS_NONE) {
        return ccp_calls_turn_whole(t, c);
    }

    if (w->next == CCP_CALLS_AFTER) {
        c->hold.n = 0;
        c->fenced = 0;
        ccp_calls_scan_begin(c);
        return CCP_OK;
    }

    if (w->next == CCP_CALLS_FENCE) {
        c->back = c->state & CCP_CALLS_OUT ? CCP_CALLS_BARE : c->state;
        c->ntag = 0;
    }

    if (c->state & CCP_CALLS_OUT) {
        c->form = CCP_CALLS_FORM_JSON;
        c->from = c->mark;
        c->value = c->mark;
        c->kids = 0;
        c->depth = 0;
        c->alone = 0;
        c->block = 0;
        c->fenced = 0;
        c->next = (w->next == CCP_CALLS_BARE);
    }

    if (w->form != CCP_CALLS_FORM_JSON) {
        c->form = w->form;
        c->from = w->next == CCP_CALLS_NAME ? c->hold.n : c->mark;
        c->slash = 0;
    }

    if (w->next == CCP_CALLS_VALUE) {
        c->string = 0;
        c->escape = 0;
    }

    if (w->next == CCP_CALLS_VOID) {
        c->hold.n = 0;
        c->invented = 1;
    }

    c->state = w->next;

    return CCP_OK;
}


int
ccp_calls_turn(ccp_calls_t *t, ccp_calls_choice_t *c)
{
    int  rc;

    c->whole = 0;

    switch (c->state) {

    case CCP_CALLS_HEAD:
        return ccp_calls_turn_head(t, c);

    case CCP_CALLS_PARAM:
        c->state = CCP_CALLS_BODY;
        c->n = 0;
        return CCP_OK;

    case CCP_CALLS_FENCE:
        return ccp_calls_turn_fenced(t, c);

    case CCP_CALLS_VALUE:
        if (c->depth == 0) {
            return ccp_calls_turn_whole(t, c);
        }

        break;

    case CCP_CALLS_CHILD:
        if (c->ntag) {
            return ccp_calls_turn_tagged(t, c);
        }

        break;

    default:
        if (c->n) {
            return ccp_calls_turn_word(t, c);
        }
    }

    /* a name without a tag ended */

    rc = ccp_calls_turn_known(t, c);

    return rc == CCP_DECLINED ? CCP_OK : rc;
}


/* ---- the end of the text ---- */

int
ccp_calls_turn_almost(const ccp_calls_choice_t *c)
{
    if (c->mode != CCP_CALLS_COMPAT) {
        return 0;
    }

    switch (c->state) {

    case CCP_CALLS_TAIL:
        return 1;

    case CCP_CALLS_BODY:
        return c->kids > 0;

    case CCP_CALLS_CHILD:
        return c->kids > 0 && (c->ntag == 0 || c->tag[0] == '/');

    default:
        return 0;
    }
}


int
ccp_calls_turn_settle(ccp_calls_t *t, ccp_calls_choice_t *c, int cut)
{
    int  done;

    if (cut || !ccp_calls_turn_almost(c)) {
        return ccp_calls_flush(t, c);
    }

    if (ccp_calls_turn_done(t, c, c->state == CCP_CALLS_CHILD ? c->mark
                                                              : c->hold.n,
                            &done)
        != CCP_OK)
    {
        return CCP_NOMEM;
    }

    c->hold.n = 0;

    return CCP_OK;
}
