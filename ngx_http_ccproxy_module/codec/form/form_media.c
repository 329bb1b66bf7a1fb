
/*
 * Media: data URLs without touching their base64.
 */

#include "codec/form/form_media.h"
#include "codec/json/json_write.h"


/* Media without a type of its own. */
#define CCP_MEDIA_MIME  "application/octet-stream"


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
