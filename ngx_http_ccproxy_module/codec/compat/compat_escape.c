
/*
 * Text for the elements of tool compatibility mode: whatever a tool or a
 * schema says, it can't be taken for a tag of ours.
 */

#include "codec/compat/compat.h"
#include "codec/stage/stage_copy.h"


void
ccp_compat_add(ccp_buf_t *b, const char *s)
{
    (void) ccp_buf_add_json(b, ccp_cstr(s));
}


/* A part of a slice, in the slice's spelling. */

static void
ccp_compat_part(ccp_buf_t *b, ccp_str_t s, size_t from, size_t to)
{
    if (from < to) {
        s.p += from;
        s.n = to - from;
        (void) ccp_buf_add_json(b, s);
    }
}


/* Whether "ccp:" or "/ccp:" stands there, in any case of its letters. */

static int
ccp_compat_tag(ccp_str_t s, size_t at)
{
    int          ch;
    size_t       n;
    const char  *p;

    static const char  name[] = "ccp:";

    for (p = name; *p != '\0' && at < s.n; at += n) {
        ch = ccp_text_char(s, at, &n);

        if (ch == '/' && p == name) {
            continue;
        }

        if (ch != *p && (ch | 0x20) != *p) {
            return 0;
        }

        p++;
    }

    return *p == '\0';
}


static void
ccp_compat_escape(ccp_buf_t *b, ccp_str_t s, const char *lt)
{
    size_t  i, n, from;

    from = 0;

    for (i = 0; i < s.n; i += n) {
        n = 1;

        if ((s.p[i] != '<' && s.p[i] != '\\')
            || ccp_text_char(s, i, &n) != '<' || !ccp_compat_tag(s, i + n))
        {
            continue;
        }

        ccp_compat_part(b, s, from, i);
        ccp_compat_add(b, lt);
        from = i + n;
    }

    ccp_compat_part(b, s, from, s.n);
}


void
ccp_compat_add_text(ccp_buf_t *b, ccp_str_t s)
{
    ccp_compat_escape(b, s, "&lt;");
}


/* Only a string of JSON can hold "<". */

void
ccp_compat_add_json(ccp_buf_t *b, ccp_str_t s)
{
    ccp_compat_escape(b, s, "\\u003c");
}


void
ccp_compat_add_attr(ccp_buf_t *b, ccp_str_t s)
{
    int          ch;
    size_t       i, n, from;
    const char  *word;

    from = 0;

    for (i = 0; i < s.n; i += n) {
        ch = ccp_text_char(s, i, &n);

        switch (ch) {
        case '"': word = "&quot;"; break;
        case '<': word = "&lt;"; break;
        case '>': word = "&gt;"; break;
        case '&': word = "&amp;"; break;
        default: word = ch >= 0 && ch < ' ' ? " " : NULL; break;
        }

        if (word != NULL) {
            ccp_compat_part(b, s, from, i);
            ccp_compat_add(b, word);
            from = i + n;
        }
    }

    ccp_compat_part(b, s, from, s.n);
}
