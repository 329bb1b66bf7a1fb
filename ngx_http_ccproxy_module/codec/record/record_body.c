
/*
 * Bodies as they are kept: media and long texts are told by length and hash,
 * matches of patterns are left out.
 */

#define _GNU_SOURCE                        /* memmem() */

#include <stdio.h>

#include "codec/record/record_private.h"
#include "codec/base/base_utf8.h"
#include "codec/json/json_read.h"
#include "codec/json/json_write.h"


/* Shorter runs of base64 are ids and signatures, or words. */
#define CCP_RECORD_MEDIA_MIN  64

#define CCP_RECORD_BASE64     ";base64,"

/* Behind the end of a text that is cut: a secret that goes on there. */
#define CCP_RECORD_AHEAD      16384

/* "[left out: N bytes, sha256 H]" */
#define CCP_RECORD_MARK_MAX   (64 + 2 * CCP_RECORD_DIGEST)


typedef struct {
    const ccp_record_rules_t  *rules;
    ccp_arena_t               *arena;
    ccp_out_t                 *out;
    ccp_buf_t                  plain;  /* a text's bytes without escapes */
    ccp_buf_t                  edited; /* … with what was left out of it */
    ccp_buf_t                  media;
} ccp_record_write_t;


/* Members that hold nothing but base64, in one protocol or another. */

static const char  *const ccp_record_media[] = {
    "data", "images", "file_data", "b64_json", "audio", "bytes", NULL
};


static int
ccp_record_is_media(ccp_str_t name)
{
    size_t  i;

    for (i = 0; ccp_record_media[i]; i++) {
        if (ccp_str_is(name, ccp_record_media[i])) {
            return 1;
        }
    }

    return 0;
}


/* ---- base64 ---- */

/* Of both alphabets; -1: none of it. */

static int
ccp_record_base64(uint8_t c)
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

    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}


/* The bytes of the run of base64 at p, padding included. */

static size_t
ccp_record_run(const uint8_t *p, const uint8_t *end)
{
    const uint8_t  *at;

    for (at = p; at < end && ccp_record_base64(*at) >= 0; at++) {
        /* void */
    }

    while (at < end && *at == '=') {
        at++;
    }

    return (size_t) (at - p);
}


/* What the run stands for, into w->media. */

static int
ccp_record_decode(ccp_record_write_t *w, const uint8_t *p, size_t n)
{
    int       bits, v;
    size_t    i;
    uint8_t   c;
    uint32_t  acc;

    w->media.n = 0;

    if (ccp_buf_reserve(&w->media, n / 4 * 3 + 3) != CCP_OK) {
        return CCP_NOMEM;
    }

    acc = 0;
    bits = 0;

    for (i = 0; i < n; i++) {
        v = ccp_record_base64(p[i]);

        if (v < 0) {
            break;
        }

        acc = acc << 6 | (uint32_t) v;
        bits += 6;

        if (bits >= 8) {
            bits -= 8;
            c = (uint8_t) (acc >> bits);

            if (ccp_buf_add(&w->media, &c, 1) != CCP_OK) {
                return CCP_NOMEM;
            }
        }
    }

    return CCP_OK;
}


/* ---- texts ---- */

static int
ccp_record_mark(ccp_record_write_t *w, const char *what, ccp_str_t of,
    ccp_buf_t *to)
{
    int      n;
    char     text[CCP_RECORD_MARK_MAX], hex[2 * CCP_RECORD_DIGEST + 1];
    size_t   i;
    uint8_t  digest[CCP_RECORD_DIGEST];

    w->rules->digest(of, digest);

    for (i = 0; i < CCP_RECORD_DIGEST; i++) {
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    }

    n = snprintf(text, sizeof(text), "[%s: %zu bytes, sha256 %s]", what, of.n,
                 hex);

    return ccp_buf_add(to, text, (size_t) n);
}


/*
 * Copies a text to w->edited with its media left out: all of it (whole), or
 * what stands in data URLs.  CCP_DECLINED: there are none.
 */

static int
ccp_record_left_out(ccp_record_write_t *w, ccp_str_t s, int whole)
{
    size_t          n;
    const uint8_t  *p, *at, *end;

    p = s.p;
    end = s.p + s.n;
    w->edited.n = 0;

    while (p < end) {

        at = p;

        if (!whole) {
            at = memmem(p, (size_t) (end - p), CCP_RECORD_BASE64,
                        sizeof(CCP_RECORD_BASE64) - 1);
            if (at == NULL) {
                break;
            }

            at += sizeof(CCP_RECORD_BASE64) - 1;
        }

        n = ccp_record_run(at, end);

        if (n < CCP_RECORD_MEDIA_MIN) {
            n = 0;
        }

        if (whole && n != s.n) {
            return CCP_DECLINED;
        }

        if (ccp_buf_add(&w->edited, p, (size_t) (at - p)) != CCP_OK
            || (n && (ccp_record_decode(w, at, n) != CCP_OK
                      || ccp_record_mark(w, "left out",
                                         ccp_buf_str(&w->media, 0), &w->edited)
                         != CCP_OK)))
        {
            return CCP_NOMEM;
        }

        p = at + n;
    }

    if (p == s.p) {
        return CCP_DECLINED;
    }

    return ccp_buf_add(&w->edited, p, (size_t) (end - p));
}


/* The beginning of a text that is too long, at a character's end. */

static int
ccp_record_cut(ccp_record_write_t *w, ccp_str_t s)
{
    size_t  n, ahead;

    n = w->rules->text_max;

    while (n && (s.p[n] & 0xc0) == 0x80) {
        n--;
    }

    ahead = s.n - n < CCP_RECORD_AHEAD ? s.n - n : CCP_RECORD_AHEAD;

    w->media.n = 0;

    if (ccp_buf_add(&w->media, s.p, n + ahead) != CCP_OK) {
        return CCP_NOMEM;
    }

    if (w->rules->mask) {
        w->rules->mask(w->rules->ctx, w->media.p, w->media.n);
    }

    w->media.n = n;

    if (ccp_buf_add(&w->media, "\xe2\x80\xa6 ", 4) != CCP_OK
        || ccp_record_mark(w, "cut", s, &w->media) != CCP_OK)
    {
        return CCP_NOMEM;
    }

    return CCP_OK;
}


/* A text, which is media if it looks like that and media is set. */

static int
ccp_record_string(ccp_record_write_t *w, ccp_str_t s, int media)
{
    int        rc;
    ccp_str_t  as;

    as = s;

    if (s.json && s.esc) {
        w->plain.n = 0;

        if (ccp_buf_add_plain(&w->plain, s) != CCP_OK) {
            return CCP_NOMEM;
        }

        as = ccp_buf_str(&w->plain, 0);
    }

    as.json = 0;
    as.esc = 0;

    rc = media ? ccp_record_left_out(w, as, 1) : CCP_DECLINED;

    if (rc == CCP_DECLINED) {
        rc = ccp_record_left_out(w, as, 0);
    }

    if (rc == CCP_OK) {
        as = ccp_buf_str(&w->edited, 0);
        s = as;

    } else if (rc == CCP_NOMEM) {
        return rc;
    }

    if (w->rules->patterns) {
        rc = ccp_record_redact(w->rules->patterns, as, w->arena, &w->media);

        if (rc == CCP_OK) {

            /* the text may be in w->edited, which is taken next */

            w->plain.n = 0;

            if (ccp_buf_add(&w->plain, w->media.p, w->media.n) != CCP_OK) {
                return CCP_NOMEM;
            }

            as = ccp_buf_str(&w->plain, 0);
            s = as;

        } else if (rc == CCP_NOMEM) {
            return rc;
        }
    }

    if (w->rules->text_max && as.n > w->rules->text_max) {

        if (ccp_record_cut(w, as) != CCP_OK) {
            return CCP_NOMEM;
        }

        s = ccp_buf_str(&w->media, 0);
    }

    ccp_w_str(w->out, s);

    return CCP_OK;
}


/* ---- documents ---- */

/* The reader bounds how deep this goes. */

static int
ccp_record_value(ccp_record_write_t *w, ccp_jval_t v, int media)
{
    int          rc;
    ccp_jiter_t  it;

    switch (ccp_json_type(v)) {

    case CCP_J_STRING:
        return ccp_record_string(w, ccp_json_str(v), media);

    case CCP_J_ARRAY:
    case CCP_J_OBJECT:
        break;

    default:
        ccp_w_raw(w->out, ccp_json_raw(v));
        return CCP_OK;
    }

    it = ccp_json_iter(v);

    if (it.object) {
        ccp_w_obj(w->out);
    } else {
        ccp_w_arr(w->out);
    }

    while (ccp_json_next(&it)) {

        if (it.object) {
            ccp_w_keys(w->out, it.key);
            media = ccp_record_is_media(it.key);
        }

        rc = ccp_record_value(w, it.val, media);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    if (it.object) {
        ccp_w_obj_end(w->out);
    } else {
        ccp_w_arr_end(w->out);
    }

    return CCP_OK;
}


static void
ccp_record_open(ccp_record_write_t *w, const ccp_record_rules_t *rules,
    ccp_arena_t *a, ccp_out_t *out)
{
    w->rules = rules;
    w->arena = a;
    w->out = out;

    ccp_buf_init(&w->plain, a, 0);
    ccp_buf_init(&w->edited, a, 0);
    ccp_buf_init(&w->media, a, 0);
}


static int
ccp_record_close(ccp_record_write_t *w, int rc)
{
    ccp_buf_free(&w->plain);
    ccp_buf_free(&w->edited);
    ccp_buf_free(&w->media);

    return rc == CCP_OK && w->out->err ? CCP_NOMEM : rc;
}


/* Bytes that nobody checked: what is no UTF-8 becomes U+FFFD. */

static int
ccp_record_sound(ccp_str_t s, ccp_buf_t *to)
{
    size_t   n;
    uint8_t  bad[4];

    while (s.n) {

        n = *s.p < 0x80 ? 1 : ccp_utf8_len(s.p, s.p + s.n);

        if (n == 0) {
            if (ccp_buf_add(to, bad, ccp_utf8_put(0xfffd, bad)) != CCP_OK) {
                return CCP_NOMEM;
            }

            n = 1;

        } else if (ccp_buf_add(to, s.p, n) != CCP_OK) {
            return CCP_NOMEM;
        }

        s.p += n;
        s.n -= n;
    }

    return CCP_OK;
}


int
ccp_record_text(const ccp_record_rules_t *rules, ccp_str_t text,
    ccp_arena_t *a, ccp_out_t *out)
{
    int                 rc;
    ccp_buf_t           sound;
    ccp_record_write_t  w;

    ccp_record_open(&w, rules, a, out);
    ccp_buf_init(&sound, a, 0);

    rc = ccp_record_sound(text, &sound);

    if (rc == CCP_OK) {
        rc = ccp_record_string(&w, sound.n ? ccp_buf_str(&sound, 0)
                                           : ccp_lit(""), 0);
    }

    ccp_buf_free(&sound);

    return ccp_record_close(&w, rc);
}


int
ccp_record_body(const ccp_record_rules_t *rules, ccp_str_t body,
    ccp_arena_t *a, ccp_out_t *out)
{
    int                 rc;
    ccp_json_t          doc;
    ccp_record_write_t  w;

    ccp_json_init(&doc, a);

    rc = body.p ? ccp_json_parse(&doc, body.p, body.n, CCP_JSON_ANY, NULL)
                : CCP_INVALID;

    if (rc == CCP_OK) {
        ccp_record_open(&w, rules, a, out);
        rc = ccp_record_value(&w, ccp_json_root(&doc), 0);
        rc = ccp_record_close(&w, rc);

    } else if (rc == CCP_INVALID) {
        rc = ccp_record_text(rules, body, a, out);
    }

    ccp_json_free(&doc);

    return rc;
}
