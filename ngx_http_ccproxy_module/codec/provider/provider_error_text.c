
/*
 * What an error body that is no JSON says: plain text, or of a page its title
 * or its first words.
 */

#include "codec/provider/provider_error.h"
#include "codec/base/base_match.h"
#include "codec/base/base_utf8.h"


#define CCP_ERROR_TEXT  2000      /* of a plain text body, bytes */
#define CCP_ERROR_WORDS 200       /* of a page */
#define CCP_ERROR_PAGE  16384     /* what is looked at of it */


ccp_str_t
ccp_error_trim(ccp_str_t s)
{
    while (s.n && s.p[0] <= ' ') {
        s.p++;
        s.n--;
    }

    while (s.n && s.p[s.n - 1] <= ' ') {
        s.n--;
    }

    return s;
}


/* The text cut at a bound, if it is readable. */

static ccp_str_t
ccp_error_readable(ccp_str_t body)
{
    size_t          n;
    const uint8_t  *p, *end;

    end = body.p + body.n;

    for (p = body.p; p < end && p - body.p < CCP_ERROR_TEXT; p += n) {
        n = *p < 0x80 ? 1 : ccp_utf8_len(p, end);

        if (n == 0 || *p == 0) {
            return ccp_none;
        }
    }

    body.n = (size_t) (p - body.p);

    return body;
}


/* Where the element that opens at p ends, of those that hold no words. */

static const uint8_t *
ccp_error_skip_element(ccp_str_t tag)
{
    size_t          i;
    const uint8_t  *p;
    ccp_str_t       name;

    static const char *const  elements[][2] = {
        { "<script", "</script" }, { "<style", "</style" },
        { "<head", "</head" }, { "<!--", "--" }
    };

    for (i = 0; i < ccp_countof(elements); i++) {
        name = tag;
        name.n = strlen(elements[i][0]);

        if (name.n > tag.n
            || ccp_str_after(name, ccp_cstr(elements[i][0])) == NULL)
        {
            continue;
        }

        p = ccp_str_after(tag, ccp_cstr(elements[i][1]));

        if (p) {
            tag.n -= (size_t) (p - tag.p);
            tag.p = p;
        }
    }

    p = memchr(tag.p, '>', tag.n);

    return p ? p + 1 : tag.p + tag.n;
}


/* The first words between tags, with single blanks; absent without memory. */

static ccp_str_t
ccp_error_first_words(ccp_arena_t *a, ccp_str_t page)
{
    uint8_t        *out;
    ccp_str_t       rest, text;
    const uint8_t  *p, *end;

    out = ccp_alloc(a, CCP_ERROR_WORDS);
    if (out == NULL) {
        return ccp_none;
    }

    text = ccp_none;
    text.p = out;
    end = page.p + page.n;

    for (p = page.p; p < end && text.n < CCP_ERROR_WORDS; /* void */) {

        if (*p == '<') {
            rest = page;
            rest.p = p;
            rest.n = (size_t) (end - p);
            p = ccp_error_skip_element(rest);

        } else if (*p > ' ') {
            out[text.n++] = *p++;
            continue;

        } else {
            p++;
        }

        if (text.n && out[text.n - 1] != ' ') {
            out[text.n++] = ' ';
        }
    }

    /* no half of a character */

    while (text.n && p < end && (*p & 0xc0) == 0x80) {
        p--;
        text.n--;
    }

    return ccp_error_trim(text);
}


static ccp_str_t
ccp_error_title(ccp_str_t page)
{
    ccp_str_t       title;
    const uint8_t  *p;

    title = ccp_none;

    p = ccp_str_after(page, ccp_lit("<title"));
    p = p ? memchr(p, '>', (size_t) (page.p + page.n - p)) : NULL;

    if (p) {
        title.p = p + 1;
        p = memchr(title.p, '<', (size_t) (page.p + page.n - title.p));
        title.n = p ? (size_t) (p - title.p) : 0;
    }

    return ccp_error_trim(title);
}


int
ccp_error_plain(ccp_arena_t *a, ccp_str_t body, ccp_str_t *text)
{
    ccp_str_t  page;

    *text = ccp_none;

    if (body.n == 0 || body.p[0] == '{' || body.p[0] == '[') {
        return CCP_OK;
    }

    if (body.p[0] != '<') {
        *text = ccp_error_readable(body);
        return CCP_OK;
    }

    page = body;
    page.n = page.n < CCP_ERROR_PAGE ? page.n : CCP_ERROR_PAGE;

    body = ccp_error_title(page);

    if (body.n == 0) {
        body = ccp_error_first_words(a, page);

        if (body.p == NULL) {
            return CCP_NOMEM;
        }
    }

    body.n = body.n < CCP_ERROR_TEXT ? body.n : CCP_ERROR_TEXT;

    if (body.n) {
        *text = ccp_error_readable(body);
    }

    return CCP_OK;
}
