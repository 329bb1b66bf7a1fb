
/*
 * A reader of typed members, for the requests of all protocols.
 */

#include <stdio.h>

#include "codec/base/base_buf.h"
#include "codec/form/form_media.h"
#include "codec/prepare/prepare.h"
#include "codec/proto/proto_in.h"


#define CCP_IN_WHERE  192

/* The longest key that is looked at, decoded. */
#define CCP_IN_KEY     64


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


/* The beginnings of base64 that tell a format. */

static const struct {
    const char  *head;
    const char  *format;
} ccp_in_audio_heads[] = {
    { "UklGR", "wav" },
    { "SUQz", "mp3" },
    { "//u", "mp3" },
    { "T2dnU", "ogg" },
    { "ZkxhQ", "flac" }
};


void
ccp_in_audio(ccp_in_t *in, ccp_media_t *m, ccp_str_t data, ccp_str_t format)
{
    size_t     i;
    ccp_buf_t  mime;

    ccp_media_url(m, data);

    if (m->kind == CCP_MEDIA_B64 || ccp_str_starts(data, "http")) {
        return;
    }

    m->kind = CCP_MEDIA_B64;
    m->data = data;

    for (i = 0; format.n == 0 && i < ccp_countof(ccp_in_audio_heads); i++) {
        if (ccp_str_starts(data, ccp_in_audio_heads[i].head)) {
            format = ccp_cstr(ccp_in_audio_heads[i].format);
        }
    }

    ccp_buf_init(&mime, in->a, 0);
    (void) ccp_buf_add(&mime, "audio/", 6);
    (void) ccp_buf_add_json(&mime, format.n ? format : ccp_lit("wav"));
    m->mime = ccp_buf_str(&mime, format.esc);

    if (mime.err) {
        ccp_in_nomem(in);
    }
}


/* ---- keys ---- */

/*
 * A key without what readers of JSON differ about: escapes, the case of
 * letters (Go's reader folds two that are not ASCII, too), underscores where
 * a name has a spelling without.  Returns its length, 0 if it is none of ours.
 */

static size_t
ccp_in_fold(ccp_str_t key, int camel, uint8_t *to)
{
    size_t          i, k, n;
    uint8_t         c, buf[6 * CCP_IN_KEY];
    const uint8_t  *p;

    p = key.p;
    n = key.n;

    if (key.esc) {
        if (n > sizeof(buf)) {
            return 0;
        }

        n = ccp_str_decode(key, buf);
        p = buf;
    }

    for (i = 0, k = 0; i < n && k < CCP_IN_KEY; i++) {
        c = p[i];

        if (c >= 'A' && c <= 'Z') {
            c |= 0x20;

        } else if (c == 0xc5 && i + 1 < n && p[i + 1] == 0xbf) {
            c = 's';               /* U+017F, long s */
            i++;

        } else if (c == 0xe2 && i + 2 < n && p[i + 1] == 0x84
                   && p[i + 2] == 0xaa)
        {
            c = 'k';               /* U+212A, kelvin */
            i += 2;
        }

        if (c != '_' || !camel) {
            to[k++] = c;
        }
    }

    return i < n ? 0 : k;
}


static int
ccp_in_is_alike(const uint8_t *p, size_t n, const char *name)
{
    size_t   i;
    uint8_t  c;

    for (i = 0; i < n; i++) {
        c = (uint8_t) name[i];
        c = c >= 'A' && c <= 'Z' ? c | 0x20 : c;

        if (c == '\0' || p[i] != c) {
            return 0;
        }
    }

    return name[n] == '\0';
}


int
ccp_in_is_snake(ccp_str_t key, const char *name)
{
    size_t   i;
    uint8_t  c;

    for (i = 0; i < key.n; i++) {
        c = key.p[i];

        if (c == '_' && i > 0 && i + 1 < key.n) {
            c = key.p[++i];

            if (c >= 'a' && c <= 'z') {
                c &= ~0x20;
            }
        }

        if (*name == '\0' || c != (uint8_t) *name++) {
            return 0;
        }
    }

    return *name == '\0';
}


ccp_in_spelling_e
ccp_in_spelling(ccp_str_t key, int snake, const char *name)
{
    size_t   n;
    uint8_t  c, to[CCP_IN_KEY];

    /* most keys begin with another letter, in any spelling */

    c = key.n ? key.p[0] : '\0';

    if (c < 0x80 && c != '\\' && c != '_' && (c | 0x20) != (name[0] | 0x20)) {
        return CCP_IN_OTHER;
    }

    if (snake ? ccp_in_is_snake(key, name) : ccp_str_is(key, name)) {
        return CCP_IN_NAMED;
    }

    n = ccp_in_fold(key, snake, to);

    return n && ccp_in_is_alike(to, n, name) ? CCP_IN_ALIKE : CCP_IN_OTHER;
}


void
ccp_in_distinct(ccp_in_t *in, ccp_jval_t obj, const char *const *names)
{
    int          named;
    size_t       i, n;
    uint8_t      key[CCP_IN_KEY];
    uint64_t     seen;
    ccp_jiter_t  it;

    seen = 0;

    for (it = ccp_json_iter(obj); ccp_json_next(&it); ) {
        n = ccp_in_fold(it.key, in->style->is_named != NULL, key);

        for (i = 0; n && names[i]; i++) {
            if (key[0] != (uint8_t) names[i][0]
                || !ccp_in_is_alike(key, n, names[i]))
            {
                continue;
            }

            named = in->style->is_named ? in->style->is_named(it.key, names[i])
                                        : ccp_str_is(it.key, names[i]);

            if (!named) {
                ccp_in_refuse(in, names[i],
                              "another spelling of it is not taken");

            } else if (seen & (uint64_t) 1 << i) {
                ccp_in_refuse(in, names[i], "given twice");
            }

            seen |= (uint64_t) 1 << i;
            break;
        }
    }
}


void
ccp_in_args(ccp_in_t *in, ccp_block_t *b, ccp_jval_t obj, const char *name,
    const char *want)
{
    int         err;
    ccp_jval_t  v;

    err = 0;
    v = ccp_in_get(in, obj, name);

    switch (ccp_json_type(v)) {

    case CCP_J_ABSENT:
    case CCP_J_NULL:
        b->text = ccp_lit("{}");
        return;

    case CCP_J_OBJECT:
        b->text = ccp_json_raw(v);
        return;

    case CCP_J_STRING:
        b->text = ccp_args_settle(in->a, ccp_json_str(v), &err);
        break;

    case CCP_J_ARRAY:
        b->text = ccp_args_settle(in->a, ccp_json_raw(v), &err);
        break;

    default:
        ccp_in_wrong(in, name, v, want);
    }

    if (err) {
        ccp_in_nomem(in);
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
