
/*
 * Media: data URLs without touching their base64; one alphabet, one name for a
 * type, text for what is text.
 */

#include "codec/form/form_media.h"
#include "codec/base/base_buf.h"
#include "codec/base/base_utf8.h"
#include "codec/json/json_write.h"


/* Media without a type of its own. */
#define CCP_MEDIA_MIME  "application/octet-stream"

#define CCP_MEDIA_PDF   "application/pdf"
#define CCP_MEDIA_SVG   "image/svg+xml"
/* How a PDF begins, in base64. */
#define CCP_MEDIA_PDF_HEAD  "JVBE"

/* No base64 digit. */
#define CCP_MEDIA_NONE64  64


typedef struct {
    const char  *from;
    const char  *to;
} ccp_media_name_t;


/* Names that browsers and phones write. */
static const ccp_media_name_t  ccp_media_aliases[] = {
    { "image/jpg", "image/jpeg" },
    { "image/pjpeg", "image/jpeg" },
    { "image/jfif", "image/jpeg" },
    { "image/x-png", "image/png" },
    { "image/apng", "image/png" },
    { "image/x-webp", "image/webp" },
    { "image/svg", CCP_MEDIA_SVG },
    { "application/x-pdf", CCP_MEDIA_PDF },
    { "text/pdf", CCP_MEDIA_PDF },
    { NULL, NULL }
};

/* Types of files that say none. */
static const ccp_media_name_t  ccp_media_suffixes[] = {
    { ".pdf", CCP_MEDIA_PDF },
    { ".txt", "text/plain" },
    { ".log", "text/plain" },
    { ".md", "text/markdown" },
    { ".markdown", "text/markdown" },
    { ".csv", "text/csv" },
    { ".tsv", "text/tab-separated-values" },
    { ".json", "application/json" },
    { ".jsonl", "application/json" },
    { ".xml", "application/xml" },
    { ".yaml", "application/yaml" },
    { ".yml", "application/yaml" },
    { ".html", "text/html" },
    { ".htm", "text/html" },
    { ".docx", "application/vnd.openxmlformats-officedocument."
               "wordprocessingml.document" },
    { ".xlsx", "application/vnd.openxmlformats-officedocument."
               "spreadsheetml.sheet" },
    { ".pptx", "application/vnd.openxmlformats-officedocument."
               "presentationml.presentation" },
    { ".doc", "application/msword" },
    { ".xls", "application/vnd.ms-excel" },
    { ".ppt", "application/vnd.ms-powerpoint" },
    { NULL, NULL }
};

/* Text beside text/…, …+json and …+xml. */
static const char *const  ccp_media_texts[] = {
    "application/json", "application/jsonl", "application/x-ndjson",
    "application/xml", "application/yaml", "application/x-yaml",
    "application/toml", "application/csv", "application/javascript",
    "application/x-javascript", "application/typescript", "application/sql",
    "application/x-sh", "application/markdown", NULL
};

static const char *const  ccp_media_images[] = {
    "image/jpeg", "image/png", "image/gif", "image/webp", NULL
};


static ccp_str_t
ccp_media_slice(ccp_str_t s, const uint8_t *p, const uint8_t *end)
{
    s.p = p;
    s.n = (size_t) (end - p);
    s.esc = s.json && s.n > 0 && memchr(p, '\\', s.n) != NULL;

    return s;
}


void
ccp_media_url(ccp_media_t *m, ccp_str_t url)
{
    const uint8_t  *p, *end, *comma, *semi;

    m->kind = CCP_MEDIA_URL;
    m->data = url;

    if (!ccp_str_starts(url, "data:")) {
        return;
    }

    end = url.p + url.n;
    p = memchr(url.p, ':', url.n);
    if (p == NULL) {
        return;
    }

    p++;
    comma = memchr(p, ',', (size_t) (end - p));

    /* "data:,text" and percent-encoded ones stay URLs */

    if (comma == NULL || comma - p < 7 || memcmp(comma - 7, ";base64", 7) != 0)
    {
        return;
    }

    semi = memchr(p, ';', (size_t) (comma - p));

    if (semi > p) {
        m->mime = ccp_media_slice(url, p, semi);
    }

    m->kind = CCP_MEDIA_B64;
    m->data = ccp_media_slice(url, comma + 1, end);
}


void
ccp_w_media_url(ccp_out_t *o, const ccp_media_t *m)
{
    if (m->kind != CCP_MEDIA_B64) {
        ccp_w_str(o, m->data);
        return;
    }

    ccp_w_str_open(o);
    ccp_w_str_part(o, ccp_lit("data:"));
    ccp_w_str_part(o, m->mime.n > 0 ? m->mime : ccp_lit(CCP_MEDIA_MIME));
    ccp_w_str_part(o, ccp_lit(";base64,"));
    ccp_w_str_part(o, m->data);
    ccp_w_str_close(o);
}


/* ---- types ---- */

static int
ccp_media_ends(ccp_str_t s, const char *end)
{
    size_t  n;

    n = strlen(end);

    return s.n >= n && memcmp(s.p + s.n - n, end, n) == 0;
}


static int
ccp_media_in(ccp_str_t mime, const char *const *list)
{
    for ( ; *list != NULL; list++) {
        if (ccp_str_is(mime, *list)) {
            return 1;
        }
    }

    return 0;
}


static int
ccp_media_is_text(ccp_str_t mime)
{
    return ccp_str_starts(mime, "text/") || ccp_media_ends(mime, "+json")
           || ccp_media_ends(mime, "+xml") || ccp_media_ends(mime, "+yaml")
           || ccp_media_in(mime, ccp_media_texts);
}


static uint8_t
ccp_media_lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t) (c | 0x20) : c;
}


/* "IMAGE/JPG; q=1" as "image/jpeg". */
static int
ccp_media_settle_mime(ccp_arena_t *a, ccp_str_t *mime)
{
    size_t                   i;
    uint8_t                 *p;
    ccp_str_t                s;
    const uint8_t           *semi;
    const ccp_media_name_t  *alias;

    s = ccp_str_plain(a, *mime);

    if (s.p == NULL) {
        return CCP_NOMEM;
    }

    semi = s.n > 0 ? memchr(s.p, ';', s.n) : NULL;

    if (semi != NULL) {
        s.n = (size_t) (semi - s.p);
    }

    for ( ; s.n > 0 && s.p[0] == ' '; s.n--) {
        s.p++;
    }

    while (s.n > 0 && s.p[s.n - 1] == ' ') {
        s.n--;
    }

    for (i = 0; i < s.n && s.p[i] == ccp_media_lower(s.p[i]); i++) {
        /* void */
    }

    if (i < s.n) {
        p = ccp_alloc(a, s.n);
        if (p == NULL) {
            return CCP_NOMEM;
        }

        for (i = 0; i < s.n; i++) {
            p[i] = ccp_media_lower(s.p[i]);
        }

        s.p = p;
        s.json = 0;
    }

    for (alias = ccp_media_aliases; alias->from != NULL; alias++) {
        if (ccp_str_is(s, alias->from)) {
            s = ccp_cstr(alias->to);
        }
    }

    *mime = s;

    return CCP_OK;
}


/* The type that a file's name tells; absent if it tells none. */
static ccp_str_t
ccp_media_named(ccp_str_t name)
{
    size_t                   i, n;
    const ccp_media_name_t  *suffix;

    for (suffix = ccp_media_suffixes; suffix->from != NULL; suffix++) {
        n = strlen(suffix->from);

        if (name.n < n) {
            continue;
        }

        for (i = 0; i < n; i++) {
            if (ccp_media_lower(name.p[name.n - n + i])
                != (uint8_t) suffix->from[i])
            {
                break;
            }
        }

        if (i == n) {
            return ccp_cstr(suffix->to);
        }
    }

    return ccp_none;
}


/* ---- base64 ---- */

static unsigned
ccp_media_digit(uint8_t c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }

    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }

    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }

    return c == '+' || c == '-' ? 62
           : c == '/' || c == '_' ? 63 : CCP_MEDIA_NONE64;
}


/* Whether it stands in the standard alphabet, with its padding. */
static int
ccp_media_is_settled(ccp_str_t s)
{
    size_t          n;
    const uint8_t  *p, *end;

    n = s.n;
    end = s.p + s.n;

    /* a slash may be spelled with a backslash in front of it */

    for (p = s.p; s.esc && p < end; p += 2) {
        p = memchr(p, '\\', (size_t) (end - p));

        if (p == NULL) {
            break;
        }

        if (end - p < 2 || p[1] != '/') {
            return 0;
        }

        n--;
    }

    return n % 4 == 0 && memchr(s.p, '-', s.n) == NULL
           && memchr(s.p, '_', s.n) == NULL
           && memchr(s.p, ' ', s.n) == NULL
           && memchr(s.p, '\n', s.n) == NULL;
}


static int
ccp_media_settle_data(ccp_arena_t *a, ccp_str_t *data)
{
    size_t             i, n;
    uint8_t           *p;
    unsigned           d;
    ccp_str_t          s;
    static const char  digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    if (data->n == 0 || ccp_media_is_settled(*data)) {
        return CCP_OK;
    }

    s = ccp_str_plain(a, *data);
    p = s.p != NULL ? ccp_alloc(a, s.n + 3) : NULL;

    if (p == NULL) {
        return CCP_NOMEM;
    }

    for (n = 0, i = 0; i < s.n && s.p[i] != '='; i++) {
        d = ccp_media_digit(s.p[i]);

        if (d != CCP_MEDIA_NONE64) {
            p[n++] = (uint8_t) digits[d];

        } else if (s.p[i] != ' ' && s.p[i] != '\n' && s.p[i] != '\r'
                   && s.p[i] != '\t')
        {
            /* no base64 at all: the target may say so */
            return CCP_OK;
        }
    }

    if (n % 4 == 1) {
        return CCP_OK;
    }

    while (n % 4 != 0) {
        p[n++] = '=';
    }

    s.p = p;
    s.n = n;
    s.json = 0;
    s.esc = 0;
    *data = s;

    return CCP_OK;
}


/* The bytes of settled base64. */
static int
ccp_media_decode(ccp_arena_t *a, ccp_str_t data, ccp_str_t *out)
{
    size_t     i, n;
    uint8_t   *p;
    uint32_t   bits;
    unsigned   d, have;

    data = ccp_str_plain(a, data);
    p = data.p != NULL ? ccp_alloc(a, data.n / 4 * 3 + 3) : NULL;

    if (p == NULL) {
        return CCP_NOMEM;
    }

    n = 0;
    bits = 0;
    have = 0;

    for (i = 0; i < data.n; i++) {
        d = ccp_media_digit(data.p[i]);

        if (d == CCP_MEDIA_NONE64) {
            break;
        }

        bits = (bits << 6 | d) & 0xffffff;
        have += 6;

        if (have >= 8) {
            have -= 8;
            p[n++] = (uint8_t) (bits >> have);
        }
    }

    *out = ccp_none;
    out->p = p;
    out->n = n;

    return CCP_OK;
}


/* ---- text ---- */

static int
ccp_media_is_utf8(ccp_str_t s)
{
    size_t          n;
    const uint8_t  *p, *end;

    end = s.p + s.n;

    for (p = s.p; p < end; p += n) {
        n = *p < 0x80 ? *p != 0 : ccp_utf8_len(p, end);

        if (n == 0) {
            return 0;
        }
    }

    return 1;
}


/* Bytes that are text become a document of text, but for other encodings. */
static int
ccp_media_settle_text(ccp_arena_t *a, ccp_block_t *b)
{
    ccp_str_t  text;

    if (ccp_media_decode(a, b->media.data, &text) != CCP_OK) {
        return CCP_NOMEM;
    }

    if (text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0) {
        text.p += 3;
        text.n -= 3;
    }

    if (!ccp_media_is_utf8(text)) {
        return CCP_OK;
    }

    b->kind = CCP_B_DOC;
    b->media.kind = CCP_MEDIA_TEXT;
    b->media.data = text;

    if (b->title.n == 0) {
        b->title = b->media.filename;
    }

    return CCP_OK;
}


/* Readers look at the type in its first spelling. */
static ccp_block_e
ccp_media_sort(ccp_block_e kind, ccp_str_t mime)
{
    if (kind != CCP_B_DOC) {
        return kind;
    }

    return ccp_str_starts(mime, "image/") ? CCP_B_IMAGE
           : ccp_str_starts(mime, "audio/") ? CCP_B_AUDIO
           : ccp_str_starts(mime, "video/") ? CCP_B_VIDEO : kind;
}


int
ccp_media_settle(ccp_arena_t *a, ccp_block_t *b)
{
    ccp_str_t     named;
    ccp_media_t  *m;

    m = &b->media;

    if (m->mime.n > 0 && ccp_media_settle_mime(a, &m->mime) != CCP_OK) {
        return CCP_NOMEM;
    }

    if (m->kind != CCP_MEDIA_B64) {
        return CCP_OK;
    }

    b->kind = ccp_media_sort(b->kind, m->mime);

    if (ccp_media_settle_data(a, &m->data) != CCP_OK) {
        return CCP_NOMEM;
    }

    if (b->kind == CCP_B_DOC
        && (m->mime.n == 0 || ccp_str_is(m->mime, CCP_MEDIA_MIME)
            || (ccp_str_is(m->mime, CCP_MEDIA_PDF)
                && !ccp_str_starts(m->data, CCP_MEDIA_PDF_HEAD))))
    {
        /* readers take a file without a type for a PDF */

        named = ccp_media_named(m->filename.n > 0 ? m->filename : b->title);
        m->mime = named.p != NULL ? named : m->mime;
    }

    return (b->kind == CCP_B_DOC || b->kind == CCP_B_IMAGE)
           && ccp_media_is_text(m->mime)
           ? ccp_media_settle_text(a, b) : CCP_OK;
}


int
ccp_media_type_known(const ccp_block_t *b)
{
    if (b->media.kind != CCP_MEDIA_B64 || b->media.mime.n == 0) {
        return 1;
    }

    switch (b->kind) {

    case CCP_B_IMAGE:
        return ccp_media_in(b->media.mime, ccp_media_images);

    case CCP_B_DOC:
        return ccp_str_is(b->media.mime, CCP_MEDIA_PDF);

    default:
        return 1;
    }
}
