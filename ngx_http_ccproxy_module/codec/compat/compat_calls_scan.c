
/*
 * Finds calls that a model wrote as text, a byte at a time: words that open
 * and close them, tags between, and the ends of JSON values (T15).  Each byte
 * is looked at once, and once more if a word ends in vain with it, so time is
 * linear in the text whatever stands in it.
 */

#include "codec/compat/compat_calls.h"


#define CCP_CALLS_LEAD       64    /* white space before a call, bytes */
#define CCP_CALLS_TAGLEN     512   /* longest tag with a name, bytes */
#define CCP_CALLS_NAMELEN    192   /* longest bare name with its marks */
#define CCP_CALLS_FENCE_LEN  3     /* backquotes */


static int
ccp_calls_scan_space(int ch)
{
    return ch == ' ' || ch == '\n' || ch == '\r' || ch == '\t';
}


static int
ccp_calls_scan_alnum(int ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z')
           || (ch >= '0' && ch <= '9') || ch == '_' || ch == '-';
}


/* ---- code ---- */

/*
 * Fenced code: from a line that begins with three backquotes or more and has
 * no more of them, to one that has at least as many and nothing else; tildes
 * do the same.  Code in a line: between runs of backquotes of one length.
 */

static void
ccp_calls_scan_run(ccp_calls_code_t *k)
{
    if (k->run == 0) {
        return;
    }

    if (!k->words) {
        if (k->fence == 0 && k->run >= CCP_CALLS_FENCE_LEN) {
            k->fence = k->run;
            k->opens = 1;
            k->words = 1;

        } else if (k->fence && !k->opens && k->run >= k->fence) {
            k->shuts = 1;
        }
    }

    if (k->fence == 0 && k->mark == '`') {
        k->span = k->span == 0 ? k->run : k->span == k->run ? 0 : k->span;
    }

    k->run = 0;
    k->words = 1;
}


void
ccp_calls_scan_code(ccp_calls_code_t *k, int ch)
{
    if (ch == '\n') {
        ccp_calls_scan_run(k);
        k->fence = k->shuts ? 0 : k->fence;
        k->span = 0;
        k->words = 0;
        k->opens = 0;
        k->shuts = 0;
        return;
    }

    if (ch == '`' || ch == '~') {

        if (k->run && k->mark == ch) {
            k->run++;
            return;
        }

        ccp_calls_scan_run(k);

        if (k->opens && ch == '`' && ch == k->mark) {
            /* the line begins with code that is no fence */
            k->span = k->fence;
            k->fence = 0;
            k->opens = 0;
        }

        k->shuts = 0;

        if (k->fence == 0 || k->mark == ch) {
            k->mark = ch;
            k->run = 1;
        } else {
            k->words = 1;
        }

        return;
    }

    ccp_calls_scan_run(k);

    if (!ccp_calls_scan_space(ch)) {
        k->words = 1;
        k->shuts = 0;
    }
}


int
ccp_calls_scan_coded(const ccp_calls_code_t *k)
{
    if (k->fence || (k->run >= CCP_CALLS_FENCE_LEN && !k->words)) {
        return 1;
    }

    return k->run && k->mark == '`' ? k->span != k->run : k->span != 0;
}


void
ccp_calls_scan_begin(ccp_calls_choice_t *c)
{
    c->lead = 1;
    memset(&c->code, 0, sizeof(ccp_calls_code_t));
}


/* ---- words ---- */

/* What a word needs besides its state. */

static int
ccp_calls_scan_may(const ccp_calls_choice_t *c, const ccp_calls_word_t *w)
{
    if (!(w->states & c->state) || !(w->modes & c->mode)) {
        return 0;
    }

    if (w->next == CCP_CALLS_VOID) {
        return c->called;
    }

    if (w->text[0] != '`') {
        return 1;
    }

    if (w->next == CCP_CALLS_AFTER) {
        return c->fenced;
    }

    if (w->next == CCP_CALLS_NONE) {
        return c->block;
    }

    return !(c->state & CCP_CALLS_OUT)
           || (!c->fenced && (c->n || (!c->code.words && c->code.run == 0)));
}


/* Whether ch goes on with a word; c->word is one that begins so. */

static int
ccp_calls_scan_step(ccp_calls_choice_t *c, int ch)
{
    int                      second;
    size_t                   i;
    const ccp_calls_word_t  *w;

    if (c->n == 0 && ch != '<' && ch != '[' && ch != '`' && ch != '"') {
        return CCP_DECLINED;
    }

    second = c->n < 2 ? ch : (uint8_t) c->word->text[1];

    for (i = 0; i < ccp_calls_nwords; i++) {
        w = &ccp_calls_words[i];

        /* most are told apart by their second character */

        if ((uint8_t) w->text[c->n != 0] != second) {
            continue;
        }

        if ((c->n == 0 || strncmp(w->text, c->word->text, c->n) == 0)
            && (uint8_t) w->text[c->n] == ch && ccp_calls_scan_may(c, w))
        {
            if (c->n == 0) {
                c->mark = c->hold.n;
            }

            c->word = w;
            c->n++;
            c->whole = (w->text[c->n] == '\0');

            return CCP_OK;
        }
    }

    return CCP_DECLINED;
}


/* ---- JSON ---- */

static ccp_calls_does_e
ccp_calls_scan_json(ccp_calls_choice_t *c)
{
    c->state = CCP_CALLS_VALUE;
    c->value = c->hold.n;
    c->depth = 1;
    c->string = 0;
    c->escape = 0;

    return CCP_CALLS_HOLD;
}


/* Brackets and strings; a line end in a string is a habit of models. */

static ccp_calls_does_e
ccp_calls_scan_value(ccp_calls_choice_t *c, int ch)
{
    if (c->string) {
        if (c->escape) {
            c->escape = 0;

        } else if (ch == '\\') {
            c->escape = 1;

        } else if (ch == '"') {
            c->string = 0;
        }

        return CCP_CALLS_HOLD;
    }

    switch (ch) {

    case '"':
        c->string = 1;
        break;

    case '{':
    case '[':
        c->depth++;
        break;

    case '}':
    case ']':
        if (--c->depth == 0) {
            c->whole = !c->alone;
            c->state = c->alone ? CCP_CALLS_TAIL : CCP_CALLS_VALUE;
            c->n = 0;
        }
        break;

    default:
        /* of numbers, true, false and null */
        if (!ccp_calls_scan_alnum(ch) && !ccp_calls_scan_space(ch)
            && (ch == 0 || strchr(",:.+", ch) == NULL))
        {
            return CCP_CALLS_NO;
        }
    }

    return CCP_CALLS_HOLD;
}


/* An object, or a list of them, whose first member is one of a call's. */

static ccp_calls_does_e
ccp_calls_scan_bare(ccp_calls_choice_t *c, int ch)
{
    if (c->kids && ccp_calls_scan_step(c, ch) == CCP_OK) {
        return CCP_CALLS_HOLD;
    }

    if (c->n) {
        return CCP_CALLS_NO;
    }

    if (ch == '{' && c->kids == 0) {
        c->kids = 1;

    } else if (ch != '[' || c->depth) {
        return ccp_calls_scan_space(ch) ? CCP_CALLS_HOLD : CCP_CALLS_NO;
    }

    if (c->depth++ == 0) {
        c->value = c->hold.n;
    }

    return CCP_CALLS_HOLD;
}


/* Behind JSON that is a call only if it is all: more of it, or the end. */

static ccp_calls_does_e
ccp_calls_scan_tail(ccp_calls_choice_t *c, int ch)
{
    if (ccp_calls_scan_step(c, ch) == CCP_OK) {
        return CCP_CALLS_HOLD;
    }

    if (c->n) {
        return CCP_CALLS_NO;
    }

    if (ch == '{' && !c->block) {
        c->state = CCP_CALLS_BARE;
        c->depth = 1;
        c->kids = 1;

        return CCP_CALLS_HOLD;
    }

    return ccp_calls_scan_space(ch) || (ch == ';' && !c->block)
           ? CCP_CALLS_HOLD : CCP_CALLS_NO;
}


/* ---- tags and names ---- */

static ccp_calls_does_e
ccp_calls_scan_child(ccp_calls_choice_t *c)
{
    c->state = CCP_CALLS_CHILD;
    c->mark = c->hold.n;
    c->ntag = 0;
    c->tagged = 0;
    c->slash = 0;

    return CCP_CALLS_HOLD;
}


/* Up to the end of a tag in the body; its name is remembered. */

static ccp_calls_does_e
ccp_calls_scan_tag(ccp_calls_choice_t *c, int ch)
{
    if (ch == '<' || ch == '\n' || c->hold.n - c->mark > CCP_CALLS_TAGLEN) {
        return CCP_CALLS_NO;
    }

    if (ch == '>') {
        c->whole = 1;
        return CCP_CALLS_HOLD;
    }

    if (!c->tagged && (ccp_calls_scan_alnum(ch) || ch >= 0x80 || ch == ':'
                       || ch == '.' || (ch == '/' && c->ntag == 0)))
    {
        if (c->ntag == CCP_CALLS_TAG - 1) {
            return CCP_CALLS_NO;
        }

        c->tag[c->ntag++] = (char) ch;

    } else if (c->ntag == 0) {
        return CCP_CALLS_NO;

    } else {
        c->tagged = 1;
    }

    c->slash = (ch == '/' && c->ntag > 1);

    return CCP_CALLS_HOLD;
}


/* In a parameter: "</tag>" ends it. */

static ccp_calls_does_e
ccp_calls_scan_param(ccp_calls_choice_t *c, int ch)
{
    int  want;

    want = c->n == 0 ? '<' : c->n == 1 ? '/'
           : c->n == c->ntag + 2 ? '>' : (uint8_t) c->tag[c->n - 2];

    if (ch == want) {
        c->whole = (c->n++ == c->ntag + 2);

    } else {
        c->n = (ch == '<');
    }

    return CCP_CALLS_HOLD;
}


/* Between parameters, or before the JSON that stands for them. */

static ccp_calls_does_e
ccp_calls_scan_body(ccp_calls_choice_t *c, int ch)
{
    int  json;

    json = ccp_calls_forms[c->form].json && c->mode == CCP_CALLS_COMPAT
           && c->kids == 0;

    if (json && (c->n || ch == '`')) {
        return ccp_calls_scan_step(c, ch) == CCP_OK ? CCP_CALLS_HOLD
                                                    : CCP_CALLS_NO;
    }

    if (ch == '<' && !c->fenced) {
        return ccp_calls_scan_child(c);
    }

    if (json && ch == '{') {
        return ccp_calls_scan_json(c);
    }

    return ccp_calls_scan_space(ch) ? CCP_CALLS_HOLD : CCP_CALLS_NO;
}


/* A name without a tag: before JSON, or before pairs of tags. */

static ccp_calls_does_e
ccp_calls_scan_name(ccp_calls_choice_t *c, int ch)
{
    if (c->hold.n - c->from > CCP_CALLS_NAMELEN) {
        return CCP_CALLS_NO;
    }

    if (c->form == CCP_CALLS_FORM_PAIRS) {

        if (ch == '<' || ccp_calls_scan_space(ch)) {
            c->whole = 1;
            c->state = CCP_CALLS_BODY;

            return ch == '<' ? ccp_calls_scan_child(c) : CCP_CALLS_HOLD;
        }

        return ccp_calls_scan_alnum(ch) || ch == '.' || ch == ':'
               ? CCP_CALLS_HOLD
               : CCP_CALLS_NO;
    }

    if (ccp_calls_scan_step(c, ch) == CCP_OK) {
        return CCP_CALLS_HOLD;
    }

    if (c->n) {
        return CCP_CALLS_NO;
    }

    if (ch == '{') {
        c->whole = 1;
        return ccp_calls_scan_json(c);
    }

    c->fenced |= (ch == '`');

    return ccp_calls_scan_alnum(ch) || ccp_calls_scan_space(ch)
           || (ch && strchr(".:/=`", ch)) ? CCP_CALLS_HOLD : CCP_CALLS_NO;
}


/* The language of fenced code, which must be one of JSON. */

static ccp_calls_does_e
ccp_calls_scan_fence(ccp_calls_choice_t *c, int ch)
{
    if (ch == '\n') {
        c->whole = 1;

    } else if (ccp_calls_scan_alnum(ch) && c->ntag < CCP_CALLS_TAG - 1) {
        c->tag[c->ntag++] = (char) ch;

    } else if (ch != ' ' && ch != '\r') {
        return CCP_CALLS_NO;
    }

    return CCP_CALLS_HOLD;
}


/* ---- states ---- */

/* Between an opener and what must follow it. */

static ccp_calls_does_e
ccp_calls_scan_before(ccp_calls_choice_t *c, int ch)
{
    int  more;

    more = (c->mode == CCP_CALLS_COMPAT);

    if (!c->fenced && ccp_calls_scan_step(c, ch) == CCP_OK) {
        return CCP_CALLS_HOLD;
    }

    if (c->n) {
        return CCP_CALLS_NO;
    }

    if ((ch == '{' && (c->state == CCP_CALLS_WRAP
                       || (c->state == CCP_CALLS_LIST && more)))
        || (ch == '[' && (c->state == CCP_CALLS_LIST
                          || (c->state == CCP_CALLS_WRAP && more))))
    {
        c->form = CCP_CALLS_FORM_JSON;
        c->from = c->hold.n;

        return ccp_calls_scan_json(c);
    }

    if (more && ccp_calls_scan_alnum(ch)
        && (c->state & (CCP_CALLS_WRAP|CCP_CALLS_LIST)))
    {
        c->form = c->state == CCP_CALLS_WRAP ? CCP_CALLS_FORM_PAIRS
                                             : CCP_CALLS_FORM_NAMED;
        c->state = CCP_CALLS_NAME;
        c->from = c->hold.n;

        return CCP_CALLS_HOLD;
    }

    return ccp_calls_scan_space(ch) ? CCP_CALLS_HOLD : CCP_CALLS_NO;
}


/* JSON that may be the whole answer, or one more call behind a call. */

static int
ccp_calls_scan_opens(ccp_calls_choice_t *c, int ch)
{
    int  list;

    list = (c->n == 1 && c->word->text[0] == '[');

    if (c->mode != CCP_CALLS_COMPAT || (c->n && !list)
        || !(c->next ? c->state == CCP_CALLS_AFTER : c->lead && !c->called)
        || (list ? ch != '{' && !ccp_calls_scan_space(ch) : ch != '{')
        || (!list && ccp_calls_scan_coded(&c->code)))
    {
        return 0;
    }

    c->from = list ? c->mark : c->hold.n;
    c->value = c->from;
    c->form = CCP_CALLS_FORM_JSON;
    c->state = CCP_CALLS_BARE;
    c->alone = !c->next;
    c->block = 0;
    c->fenced = 0;
    c->depth = list;
    c->kids = 0;
    c->n = 0;

    return 1;
}


static ccp_calls_does_e
ccp_calls_scan_outside(ccp_calls_choice_t *c, int ch)
{
    if ((c->n || !ccp_calls_scan_coded(&c->code))
        && ccp_calls_scan_step(c, ch) == CCP_OK)
    {
        return CCP_CALLS_HOLD;
    }

    if (ccp_calls_scan_opens(c, ch)) {
        return ccp_calls_scan_bare(c, ch);
    }

    if (c->n == 0 && c->state == CCP_CALLS_AFTER
        && (ccp_calls_scan_space(ch) || (ch == ';' && c->next)
            || (ch == '}' && c->mode == CCP_CALLS_COMPAT)))
    {
        /* small models write a bracket too many */
        return CCP_CALLS_DROP;
    }

    if (c->n == 0 && ccp_calls_scan_space(ch)) {

        if (c->lead && c->hold.n < CCP_CALLS_LEAD) {
            return CCP_CALLS_HOLD;
        }
    }

    return c->n || c->hold.n ? CCP_CALLS_NO : CCP_CALLS_PASS;
}


ccp_calls_does_e
ccp_calls_scan_char(ccp_calls_choice_t *c, int ch)
{
    switch (c->state) {

    case CCP_CALLS_TEXT:
    case CCP_CALLS_AFTER:
        return ccp_calls_scan_outside(c, ch);

    case CCP_CALLS_HEAD:
        if (ch == '<' || ch == '\n'
            || c->hold.n - c->from > CCP_CALLS_TAGLEN)
        {
            return CCP_CALLS_NO;
        }

        c->whole = (ch == '>');
        c->slash = (ch == '/' || (c->slash && c->whole));
        return CCP_CALLS_HOLD;

    case CCP_CALLS_NAME:
        return ccp_calls_scan_name(c, ch);

    case CCP_CALLS_BODY:
        return ccp_calls_scan_body(c, ch);

    case CCP_CALLS_CHILD:
        return ccp_calls_scan_tag(c, ch);

    case CCP_CALLS_PARAM:
        return ccp_calls_scan_param(c, ch);

    case CCP_CALLS_FENCE:
        return ccp_calls_scan_fence(c, ch);

    case CCP_CALLS_BARE:
        return ccp_calls_scan_bare(c, ch);

    case CCP_CALLS_VALUE:
        return ccp_calls_scan_value(c, ch);

    case CCP_CALLS_TAIL:
        return ccp_calls_scan_tail(c, ch);

    case CCP_CALLS_VOID:
        return CCP_CALLS_DROP;

    default:
        return ccp_calls_scan_before(c, ch);
    }
}
