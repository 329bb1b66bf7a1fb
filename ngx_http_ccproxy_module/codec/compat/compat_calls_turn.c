
/*
 * What the parts of a call that was found lead to: the next state, a call,
 * or text after all.
 */

#include "codec/compat/compat_calls.h"


/* Languages of fenced code that may hold a call's JSON. */
static const char *const  ccp_call_langs[] = {
    "", "json", "JSON", "tool_call", "tool_calls", "tool_code"
};

#define CCP_NLANGS  ccp_countof(ccp_call_langs)


/* A part of what is held, as plain text. */

static int
ccp_call_decode(ccp_calling_t *c, ccp_buf_t *b, size_t from, size_t to)
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
ccp_call_each(ccp_toolcall_t *t, ccp_calling_t *c, ccp_jval_t v, int emit)
{
    int          rc;
    size_t       n;
    ccp_str_t    name, args;
    ccp_jval_t   list, one;
    ccp_jiter_t  it;

    list = ccp_calltext_list(v);
    it = ccp_json_iter(list);
    one = v;

    for (n = 0; ccp_json_type(list) == CCP_J_ABSENT ? n == 0
                                                    : ccp_json_next(&it);
         n++)
    {
        if (ccp_json_type(list) != CCP_J_ABSENT) {
            one = it.val;
        }

        rc = ccp_calltext_json(&t->read, one, c->alone, &name, &args);

        if (rc == CCP_OK && emit) {
            rc = ccp_call_block(t, c, name, args);
        }

        if (rc != CCP_OK) {
            return rc;
        }
    }

    return n == 0 || (c->block && n > 1) ? CCP_DECLINED : CCP_OK;
}


/* All calls of a text of JSON values, or none: CCP_DECLINED. */

static int
ccp_call_values(ccp_toolcall_t *t, ccp_calling_t *c, ccp_str_t text)
{
    int         rc, pass;
    size_t      n;
    ccp_str_t   rest, value;
    ccp_jval_t  v;

    n = 0;

    for (pass = 0; pass < 2; pass++) {
        rest = text;

        for ( ;; ) {
            value = ccp_calltext_value(rest, &rest);

            if (value.p == NULL) {
                break;
            }

            n++;

            rc = ccp_calltext_parse(&t->read, value, &v);

            if (rc == CCP_OK) {
                rc = ccp_call_each(t, c, v, pass);
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
ccp_call_named(ccp_toolcall_t *t, ccp_calling_t *c, ccp_str_t text)
{
    int         rc;
    ccp_str_t   name, args;
    ccp_jval_t  v;

    rc = ccp_calltext_name(&t->read, ccp_buf_str(&t->head, 0), c->form,
                           &name);

    if (rc != CCP_OK || name.p == NULL) {
        return rc == CCP_OK ? ccp_call_values(t, c, text) : rc;
    }

    args = ccp_none;
    rc = ccp_calltext_parse(&t->read, text, &v);

    if (rc == CCP_OK) {
        rc = ccp_calltext_args(&t->read, v, name, &args);
    }

    return rc == CCP_OK ? ccp_call_block(t, c, name, args) : rc;
}


/* The call that ends there; *done: it is one, else all that is held went. */

static int
ccp_call_done(ccp_toolcall_t *t, ccp_calling_t *c, size_t end, int *done)
{
    int        rc, json;
    ccp_str_t  text, name, args;

    json = (c->state & (CCP_CALL_VALUE|CCP_CALL_TAIL)) != 0;

    if (ccp_call_decode(c, &t->text, json ? c->value : c->from, end)
        != CCP_OK
        || (json && ccp_call_decode(c, &t->head, c->from, c->value)
                    != CCP_OK))
    {
        return CCP_NOMEM;
    }

    text = ccp_buf_str(&t->text, 0);

    if (!json) {
        rc = ccp_calltext_tags(&t->read, text, c->form, &name, &args);

        if (rc == CCP_OK) {
            rc = ccp_call_block(t, c, name, args);
        }

    } else {
        rc = c->form == CCP_CT_JSON ? ccp_call_values(t, c, text)
                                    : ccp_call_named(t, c, text);
    }

    *done = (rc == CCP_OK);

    if (rc == CCP_DECLINED) {
        return ccp_call_flush(t, c);
    }

    c->state = CCP_CALL_AFTER;
    c->n = 0;
    ccp_call_begin(c);

    return rc;
}


static int
ccp_call_whole(ccp_toolcall_t *t, ccp_calling_t *c)
{
    int  done;

    if (ccp_call_done(t, c, c->hold.n, &done) != CCP_OK) {
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
ccp_call_known(ccp_toolcall_t *t, ccp_calling_t *c)
{
    int        rc;
    size_t     end;
    ccp_str_t  name;

    end = c->state == CCP_CALL_VALUE ? c->value : c->hold.n;

    if (ccp_call_decode(c, &t->text, c->from, end) != CCP_OK) {
        return CCP_NOMEM;
    }

    rc = ccp_calltext_name(&t->read, ccp_buf_str(&t->text, 0), c->form,
                           &name);

    if (rc == CCP_DECLINED && ccp_call_flush(t, c) != CCP_OK) {
        return CCP_NOMEM;
    }

    return rc;
}


static int
ccp_call_head(ccp_toolcall_t *t, ccp_calling_t *c)
{
    int  rc;

    rc = ccp_call_known(t, c);

    if (rc != CCP_OK) {
        return rc == CCP_DECLINED ? CCP_OK : rc;
    }

    if (c->slash && c->mode == CCP_CALLS_COMPAT) {
        return ccp_call_whole(t, c);
    }

    c->state = CCP_CALL_BODY;
    c->kids = 0;

    return CCP_OK;
}


/* Another call begins before this one has its end. */

static int
ccp_call_again(ccp_toolcall_t *t, ccp_calling_t *c)
{
    int     done;
    size_t  end;

    end = c->mark;

    if (ccp_call_done(t, c, end, &done) != CCP_OK) {
        return CCP_NOMEM;
    }

    return done ? ccp_call_replay(t, c, end) : CCP_OK;
}


/* A tag that does not belong to the call may begin another one. */

static int
ccp_call_other(ccp_toolcall_t *t, ccp_calling_t *c)
{
    size_t  end;

    end = c->mark;
    c->state = CCP_CALL_TEXT;
    c->lead = 0;

    return ccp_call_pass(t, c, (ccp_str_t) { c->hold.p, end, 1, 1 }, 0, end)
           == CCP_OK ? ccp_call_replay(t, c, end) : CCP_NOMEM;
}


/* A tag between parameters is complete. */

static int
ccp_call_tagged(ccp_toolcall_t *t, ccp_calling_t *c)
{
    int                 close;
    ccp_str_t           tag;
    const ccp_cform_t  *f;

    f = &ccp_cforms[c->form];
    close = (c->ntag && c->tag[0] == '/');
    tag = (ccp_str_t) { (uint8_t *) c->tag + close, c->ntag - close, 0, 0 };

    if (ccp_str_is(tag, f->tag)) {

        if (close) {
            return ccp_call_whole(t, c);
        }

        return c->mode == CCP_CALLS_COMPAT && c->kids
               ? ccp_call_again(t, c) : ccp_call_other(t, c);
    }

    if (c->mode == CCP_CALLS_COMPAT && ccp_calltext_group(tag)) {
        c->state = CCP_CALL_BODY;
        return CCP_OK;
    }

    if (close || c->ntag == 0
        || (f->child && strncmp(c->tag, f->child, strlen(f->child)) != 0))
    {
        return ccp_call_other(t, c);
    }

    c->kids++;
    c->n = 0;
    c->state = c->slash ? CCP_CALL_BODY : CCP_CALL_PARAM;

    return CCP_OK;
}


/* The line that opens fenced code is complete. */

static int
ccp_call_fenced(ccp_toolcall_t *t, ccp_calling_t *c)
{
    size_t     i;
    ccp_str_t  lang;

    lang = (ccp_str_t) { (uint8_t *) c->tag, c->ntag, 0, 0 };

    for (i = 0; i < CCP_NLANGS; i++) {
        if (ccp_str_is(lang, ccp_call_langs[i])) {
            break;
        }
    }

    if (i == CCP_NLANGS) {
        return ccp_call_flush(t, c);
    }

    c->state = c->back;
    c->alone = (c->state == CCP_CALL_BARE);
    c->block = c->alone;
    c->fenced = !c->alone;

    return CCP_OK;
}


/* ---- words ---- */

static int
ccp_call_word(ccp_toolcall_t *t, ccp_calling_t *c)
{
    const ccp_cword_t  *w;

    w = c->word;
    c->n = 0;

    if (w->next == CCP_CALL_NONE) {
        return ccp_call_whole(t, c);
    }

    if (w->next == CCP_CALL_AFTER) {
        c->hold.n = 0;
        c->fenced = 0;
        ccp_call_begin(c);
        return CCP_OK;
    }

    if (w->next == CCP_CALL_FENCE) {
        c->back = c->state & CCP_CALL_OUT ? CCP_CALL_BARE : c->state;
        c->ntag = 0;
    }

    if (c->state & CCP_CALL_OUT) {
        c->form = CCP_CT_JSON;
        c->from = c->mark;
        c->value = c->mark;
        c->kids = 0;
        c->depth = 0;
        c->alone = 0;
        c->block = 0;
        c->fenced = 0;
        c->next = (w->next == CCP_CALL_BARE);
    }

    if (w->form != CCP_CT_JSON) {
        c->form = w->form;
        c->from = w->next == CCP_CALL_NAME ? c->hold.n : c->mark;
        c->slash = 0;
    }

    if (w->next == CCP_CALL_VALUE) {
        c->string = 0;
        c->escape = 0;
    }

    if (w->next == CCP_CALL_VOID) {
        c->hold.n = 0;
        c->invented = 1;
    }

    c->state = w->next;

    return CCP_OK;
}


int
ccp_call_turn(ccp_toolcall_t *t, ccp_calling_t *c)
{
    int  rc;

    c->whole = 0;

    switch (c->state) {

    case CCP_CALL_HEAD:
        return ccp_call_head(t, c);

    case CCP_CALL_PARAM:
        c->state = CCP_CALL_BODY;
        c->n = 0;
        return CCP_OK;

    case CCP_CALL_FENCE:
        return ccp_call_fenced(t, c);

    case CCP_CALL_VALUE:
        if (c->depth == 0) {
            return ccp_call_whole(t, c);
        }

        break;

    case CCP_CALL_CHILD:
        if (c->ntag) {
            return ccp_call_tagged(t, c);
        }

        break;

    default:
        if (c->n) {
            return ccp_call_word(t, c);
        }
    }

    /* a name without a tag ended */

    rc = ccp_call_known(t, c);

    return rc == CCP_DECLINED ? CCP_OK : rc;
}


/* ---- the end of the text ---- */

int
ccp_call_almost(const ccp_calling_t *c)
{
    if (c->mode != CCP_CALLS_COMPAT) {
        return 0;
    }

    switch (c->state) {

    case CCP_CALL_TAIL:
        return 1;

    case CCP_CALL_BODY:
        return c->kids > 0;

    case CCP_CALL_CHILD:
        return c->kids > 0 && (c->ntag == 0 || c->tag[0] == '/');

    default:
        return 0;
    }
}


int
ccp_call_settle(ccp_toolcall_t *t, ccp_calling_t *c, int cut)
{
    int  done;

    if (cut || !ccp_call_almost(c)) {
        return ccp_call_flush(t, c);
    }

    if (ccp_call_done(t, c, c->state == CCP_CALL_CHILD ? c->mark : c->hold.n,
                      &done)
        != CCP_OK)
    {
        return CCP_NOMEM;
    }

    c->hold.n = 0;

    return CCP_OK;
}
