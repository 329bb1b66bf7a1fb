
/*
 * Finds calls that a model wrote as text, a character at a time: words that
 * open and close them, and the ends of JSON values (T15).
 */

#include "ccp_toolcall.h"


#define CCP_CALL_LEAD    64        /* white space before a call, bytes */
#define CCP_CALL_HEAD    512       /* longest tag with a name, bytes */
#define CCP_FENCE        3         /* backquotes */

#define CCP_CALL_BEFORE  (CCP_CALL_OUT|CCP_CALL_WRAP|CCP_CALL_GROUP)


/* In one state no word is the beginning of another one. */

static const ccp_cword_t  ccp_cwords[] = {
    { "<tool_call>", CCP_CALL_OUT, CCP_CALL_WRAP, CCP_CT_JSON },
    { "<function_calls>", CCP_CALL_OUT, CCP_CALL_GROUP, CCP_CT_JSON },
    { "[TOOL_CALLS]", CCP_CALL_OUT, CCP_CALL_LIST, CCP_CT_JSON },
    { "<function=", CCP_CALL_BEFORE, CCP_CALL_HEAD_TAG, CCP_CT_FUNCTION },
    { "<invoke ", CCP_CALL_BEFORE, CCP_CALL_HEAD_TAG, CCP_CT_INVOKE },
    { "</tool_call>", CCP_CALL_AFTER, CCP_CALL_AFTER, CCP_CT_JSON },
    { "</function_calls>", CCP_CALL_AFTER, CCP_CALL_AFTER, CCP_CT_JSON },
    { "<parameter", CCP_CALL_BODY, CCP_CALL_PARAM, CCP_CT_JSON },
    { "</parameter>", CCP_CALL_PARAM, CCP_CALL_BODY, CCP_CT_JSON },
    { "</function>", CCP_CALL_BODY, CCP_CALL_NONE, CCP_CT_JSON },
    { "</invoke>", CCP_CALL_BODY, CCP_CALL_NONE, CCP_CT_JSON }
};

#define CCP_NCWORDS  (sizeof(ccp_cwords) / sizeof(ccp_cwords[0]))


static int
ccp_call_space(int ch)
{
    return ch == ' ' || ch == '\n' || ch == '\r' || ch == '\t';
}


/*
 * Fenced code: from a line that begins with three backquotes and has no more
 * of them, to one that has nothing else.
 */

void
ccp_call_fence(ccp_calling_t *c, int ch)
{
    if (ch == '\n') {
        c->fence = c->fence && !c->shuts;
        c->ticks = 0;
        c->words = 0;
        c->opens = 0;
        c->shuts = 0;

    } else if (ch != '`') {

        if (!ccp_call_space(ch)) {
            c->words = 1;
            c->shuts = 0;
        }

    } else if (c->words) {
        c->fence = c->fence && !c->opens;

    } else if (++c->ticks == CCP_FENCE) {
        c->opens = !c->fence;
        c->shuts = c->fence;
        c->fence = 1;
    }
}


void
ccp_call_begin(ccp_calling_t *c)
{
    c->lead = 1;
    c->fence = 0;
    c->opens = 0;
    c->shuts = 0;
    c->words = 0;
    c->ticks = 0;
}


/* Whether ch goes on with a word; c->word is one that begins so. */

static int
ccp_call_step(ccp_calling_t *c, int ch)
{
    size_t              i;
    const ccp_cword_t  *w;

    if (c->n == 0 && ch != '<' && ch != '[') {
        return CCP_DECLINED;
    }

    for (i = 0; i < CCP_NCWORDS; i++) {
        w = &ccp_cwords[i];

        if ((w->states & c->state)
            && (c->n == 0 || strncmp(w->text, c->word->text, c->n) == 0)
            && w->text[c->n] == ch)
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


/* Brackets and strings of JSON, which need not be right otherwise. */

static ccp_does_e
ccp_call_value(ccp_calling_t *c, int ch)
{
    if (c->string) {
        if (c->escape) {
            c->escape = 0;

        } else if (ch == '\\') {
            c->escape = 1;

        } else if (ch == '"') {
            c->string = 0;

        } else if (ch >= 0 && ch < ' ') {
            return CCP_CALL_NO;
        }

        return CCP_CALL_HOLD;
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
        c->whole = (--c->depth == 0);
        break;

    case '<':
        return CCP_CALL_NO;

    default:
        break;
    }

    return CCP_CALL_HOLD;
}


/* Between an opener and what must follow it. */

static ccp_does_e
ccp_call_before(ccp_calling_t *c, int ch)
{
    if (ccp_call_step(c, ch) == CCP_OK) {
        return CCP_CALL_HOLD;
    }

    if (c->n) {
        return CCP_CALL_NO;
    }

    if ((c->state == CCP_CALL_WRAP && ch == '{')
        || (c->state == CCP_CALL_LIST && ch == '['))
    {
        c->state = CCP_CALL_VALUE;
        c->form = CCP_CT_JSON;
        c->from = c->hold.n;
        c->depth = 1;
        c->string = 0;
        c->escape = 0;

        return CCP_CALL_HOLD;
    }

    return ccp_call_space(ch) ? CCP_CALL_HOLD : CCP_CALL_NO;
}


static ccp_does_e
ccp_call_outside(ccp_calling_t *c, int ch)
{
    if (!c->fence && ccp_call_step(c, ch) == CCP_OK) {
        return CCP_CALL_HOLD;
    }

    if (c->n == 0 && ccp_call_space(ch)) {

        if (c->state == CCP_CALL_AFTER) {
            return CCP_CALL_DROP;
        }

        if (c->lead && c->hold.n < CCP_CALL_LEAD) {
            return CCP_CALL_HOLD;
        }
    }

    return c->n || c->hold.n ? CCP_CALL_NO : CCP_CALL_PASS;
}


ccp_does_e
ccp_call_char(ccp_calling_t *c, int ch)
{
    switch (c->state) {

    case CCP_CALL_TEXT:
    case CCP_CALL_AFTER:
        return ccp_call_outside(c, ch);

    case CCP_CALL_HEAD_TAG:
        if (ch == '<' || ch == '\n' || c->hold.n - c->from > CCP_CALL_HEAD) {
            return CCP_CALL_NO;
        }

        c->whole = (ch == '>');
        return CCP_CALL_HOLD;

    case CCP_CALL_PARAM:
        if (ccp_call_step(c, ch) != CCP_OK) {
            c->n = 0;
            (void) ccp_call_step(c, ch);
        }

        return CCP_CALL_HOLD;

    case CCP_CALL_VALUE:
        return ccp_call_value(c, ch);

    default:
        return ccp_call_before(c, ch);
    }
}
