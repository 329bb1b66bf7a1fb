
/*
 * A reader of typed members, for the requests of all protocols.
 */

#include <stdio.h>

#include "codec/proto/proto_in.h"


#define CCP_IN_WHERE  192


const ccp_in_words_t  ccp_in_plain_words = {
    .open = "[",
    .close = "]",
    .missing = "missing, expected ",
    .wrong = "expected ",
    .got = ", got ",
    .wants = {
        [CCP_M_NUMBER] = "a number",
        [CCP_M_INT] = "an integer",
        [CCP_M_BOOL] = "a boolean",
        [CCP_M_STRING] = "a string",
        [CCP_M_NAME] = "a non-empty string",
        [CCP_M_OBJECT] = "an object",
        [CCP_M_ARRAY] = "an array"
    }
};


const ccp_in_style_t  ccp_in_plain_style = {
    .words = &ccp_in_plain_words
};


void
ccp_in_init(ccp_in_t *in, const ccp_in_style_t *style, ccp_arena_t *a,
    ccp_error_t *err)
{
    in->a = a;
    in->err = err;
    in->style = style;
    in->rc = CCP_OK;
    in->depth = 0;
}


/* "messages[3].content" with the member, ready for what is wrong there. */

static void
ccp_in_where(const ccp_in_t *in, const char *name, char *to)
{
    size_t                n;
    unsigned              i;
    const ccp_in_step_t  *s;

    n = 0;
    to[0] = '\0';

    for (i = 0; i < in->depth && i < CCP_IN_STEPS && n < CCP_IN_WHERE; i++) {
        s = &in->steps[i];
        n += (size_t) snprintf(to + n, CCP_IN_WHERE - n, "%s%s",
                               n && *s->name ? "." : "", s->name);

        if (s->index >= 0 && n < CCP_IN_WHERE) {
            n += (size_t) snprintf(to + n, CCP_IN_WHERE - n, "%s%ld%s",
                                   in->style->words->open, s->index,
                                   in->style->words->close);
        }
    }

    if (n < CCP_IN_WHERE) {
        snprintf(to + n, CCP_IN_WHERE - n, "%s%s", n && *name ? "." : "",
                 name);
    }
}


void
ccp_in_wrong(ccp_in_t *in, const char *name, ccp_jval_t v, const char *want)
{
    int                    none;
    char                   where[CCP_IN_WHERE];
    const ccp_in_words_t  *s;

    if (in->rc != CCP_OK) {
        return;
    }

    s = in->style->words;
    none = ccp_json_type(v) == CCP_J_ABSENT
           || (s->null && *name && !ccp_json_has(v));
    ccp_in_where(in, name, where);

    in->rc = ccp_refuse(in->err, in->a, CCP_E_BAD_REQUEST, "%s: %s%s%s%s",
                        where, none ? s->missing : s->wrong,
                        none && s->bare ? "" : want,
                        none || s->got == NULL ? "" : s->got,
                        none || s->got == NULL ? "" : ccp_json_typename(v));
}


void
ccp_in_refuse(ccp_in_t *in, const char *name, const char *text)
{
    char  where[CCP_IN_WHERE];

    if (in->rc == CCP_OK) {
        ccp_in_where(in, name, where);
        in->rc = ccp_refuse(in->err, in->a, CCP_E_BAD_REQUEST, "%s: %s",
                            where, text);
    }
}


void
ccp_in_nomem(ccp_in_t *in)
{
    if (in->rc == CCP_OK) {
        in->rc = CCP_NOMEM;
    }
}


/* ---- members ---- */

ccp_str_t
ccp_in_raw(ccp_in_t *in, ccp_jval_t obj, const char *name)
{
    return ccp_json_raw(ccp_in_opt(in, obj, name, CCP_M_OBJECT));
}


void
ccp_in_members(ccp_in_t *in, ccp_jval_t obj, const ccp_member_t *table,
    ccp_request_t *r)
{
    void        *to;
    ccp_jval_t   v;

    for ( /* void */ ; table->name; table++) {
        v = ccp_in_opt(in, obj, table->name, table->kind);

        if (!ccp_json_has(v)) {
            continue;
        }

        to = (uint8_t *) r + table->off;

        switch (table->kind) {

        case CCP_M_INT:
            *(int64_t *) to = ccp_json_int(v, CCP_UNSET_INT);
            break;

        case CCP_M_BOOL:
            *(int *) to = ccp_json_bool(v, 0);
            break;

        case CCP_M_STRING:
        case CCP_M_NAME:
            *(ccp_str_t *) to = ccp_json_str(v);
            break;

        default:
            *(ccp_str_t *) to = ccp_json_raw(v);
            break;
        }
    }
}


/* ---- lists ---- */

ccp_block_t *
ccp_in_block(ccp_in_t *in, ccp_block_e kind, ccp_block_t ***tail)
{
    ccp_block_t  *b;

    b = ccp_block_new(in->a, kind);

    if (b == NULL) {
        ccp_in_nomem(in);

    } else {
        *tail = ccp_block_push(*tail, b);
    }

    return b;
}


ccp_block_t *
ccp_in_text(ccp_in_t *in, ccp_str_t text, ccp_block_t ***tail)
{
    ccp_block_t  *b;

    b = ccp_in_block(in, CCP_B_TEXT, tail);

    if (b) {
        b->text = text;
    }

    return b;
}


ccp_message_t *
ccp_in_message(ccp_in_t *in, ccp_role_e role, ccp_message_t ***tail)
{
    ccp_message_t  *m;

    m = ccp_message_new(in->a, role);

    if (m == NULL) {
        ccp_in_nomem(in);

    } else {
        **tail = m;
        *tail = &m->next;
    }

    return m;
}


ccp_tool_t *
ccp_in_tool(ccp_in_t *in, ccp_tool_e kind, ccp_proto_e origin, ccp_jval_t v,
    ccp_tool_t ***tail)
{
    ccp_tool_t  *t;

    t = ccp_calloc(in->a, sizeof(ccp_tool_t));

    if (t == NULL) {
        ccp_in_nomem(in);
        return NULL;
    }

    t->kind = kind;
    t->strict = -1;
    t->origin = origin;
    t->raw = ccp_json_raw(v);

    **tail = t;
    *tail = &t->next;

    return t;
}


void
ccp_in_item(ccp_in_t *in, ccp_item_t **list, ccp_str_t s)
{
    if (ccp_item_add(in->a, list, s) != CCP_OK) {
        ccp_in_nomem(in);
    }
}


void
ccp_in_items(ccp_in_t *in, ccp_in_list_t l, ccp_item_t **list,
    const char *want)
{
    while (ccp_in_next(&l)) {
        if (ccp_json_type(l.val) != CCP_J_STRING) {
            ccp_in_wrong(in, "", l.val, want);
            continue;
        }

        ccp_in_item(in, list, ccp_json_str(l.val));
    }
}
