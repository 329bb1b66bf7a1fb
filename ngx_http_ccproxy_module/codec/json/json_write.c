
/*
 * JSON into an output; commas are placed here.
 */

#include <stdio.h>

#include "codec/json/json_write.h"


/*
 * Room for n own bytes, which the caller writes all; NULL if there is none
 * yet: then they are added the long way, which makes it.
 */

static inline uint8_t *
ccp_out_room(ccp_out_t *o, size_t n)
{
    uint8_t  *p;

    if (n > o->buf.cap - o->buf.n || o->buf.err) {
        return NULL;
    }

    p = o->buf.p + o->buf.n;
    o->buf.n += n;
    o->total += n;

    return p;
}


static inline void
ccp_out_byte(ccp_out_t *o, uint8_t c)
{
    uint8_t  *p;

    p = ccp_out_room(o, 1);

    if (p) {
        *p = c;
    } else {
        ccp_out_bytes(o, &c, 1);
    }
}


static inline void
ccp_out_comma(ccp_out_t *o)
{
    if (o->comma) {
        ccp_out_byte(o, ',');
    }
}


void
ccp_w_obj(ccp_out_t *o)
{
    ccp_out_comma(o);
    ccp_out_byte(o, '{');
    o->comma = 0;
}


void
ccp_w_obj_end(ccp_out_t *o)
{
    ccp_out_byte(o, '}');
    o->comma = 1;
}


void
ccp_w_arr(ccp_out_t *o)
{
    ccp_out_comma(o);
    ccp_out_byte(o, '[');
    o->comma = 0;
}


void
ccp_w_arr_end(ccp_out_t *o)
{
    ccp_out_byte(o, ']');
    o->comma = 1;
}


void
ccp_w_key_of(ccp_out_t *o, const char *name, size_t n)
{
    uint8_t  *p;

    p = ccp_out_room(o, n + 3 + o->comma);

    if (p == NULL) {
        ccp_w_keys(o, ccp_cstr(name));
        return;
    }

    if (o->comma) {
        *p++ = ',';
    }

    *p++ = '"';
    memcpy(p, name, n);
    p[n] = '"';
    p[n + 1] = ':';
    o->comma = 0;
}


void
ccp_w_key_any(ccp_out_t *o, const char *name)
{
    size_t  n;

    for (n = 0; (uint8_t) name[n] >= 0x20; n++) {
        if (name[n] == '"' || name[n] == '\\') {
            break;
        }
    }

    if (name[n] == '\0') {
        ccp_w_key_of(o, name, n);
    } else {
        ccp_w_keys(o, ccp_cstr(name));
    }
}


void
ccp_w_keys(ccp_out_t *o, ccp_str_t name)
{
    ccp_w_str(o, name);
    ccp_out_byte(o, ':');
    o->comma = 0;
}


void
ccp_w_str_open(ccp_out_t *o)
{
    ccp_out_comma(o);
    ccp_out_byte(o, '"');
}


void
ccp_w_str_part(ccp_out_t *o, ccp_str_t s)
{
    size_t  before;

    if (s.json) {
        ccp_out_ref(o, s.p, s.n);
        return;
    }

    before = o->buf.n;

    if (ccp_buf_add_json(&o->buf, s) != CCP_OK) {
        o->err = 1;
        return;
    }

    o->total += o->buf.n - before;
}


void
ccp_w_str_close(ccp_out_t *o)
{
    ccp_out_byte(o, '"');
    o->comma = 1;
}


void
ccp_w_str(ccp_out_t *o, ccp_str_t s)
{
    ccp_w_str_open(o);
    ccp_w_str_part(o, s);
    ccp_w_str_close(o);
}


void
ccp_w_cstr_any(ccp_out_t *o, const char *s)
{
    ccp_w_str(o, ccp_cstr(s));
}


void
ccp_w_word(ccp_out_t *o, const char *s, size_t n)
{
    size_t    i;
    uint8_t  *p;

    /* a text of ours, that the compiler knew, may be no word after all */

    for (i = 0; i < n; i++) {
        if ((uint8_t) s[i] < 0x20 || s[i] == '"' || s[i] == '\\') {
            ccp_w_cstr_any(o, s);
            return;
        }
    }

    p = ccp_out_room(o, n + 2 + o->comma);

    if (p == NULL) {
        ccp_w_cstr_any(o, s);
        return;
    }

    if (o->comma) {
        *p++ = ',';
    }

    *p++ = '"';
    memcpy(p, s, n);
    p[n] = '"';
    o->comma = 1;
}


void
ccp_w_raw(ccp_out_t *o, ccp_str_t s)
{
    size_t  before;

    ccp_out_comma(o);
    o->comma = 1;

    if (!(s.json && s.esc)) {
        ccp_out_ref(o, s.p, s.n);
        return;
    }

    before = o->buf.n;

    if (ccp_buf_add_plain(&o->buf, s) != CCP_OK) {
        o->err = 1;
        return;
    }

    o->total += o->buf.n - before;
}


void
ccp_w_int(ccp_out_t *o, int64_t v)
{
    char       buf[24], *p;
    uint64_t   n;

    p = buf + sizeof(buf);
    n = v < 0 ? 0 - (uint64_t) v : (uint64_t) v;

    do {
        *--p = (char) ('0' + n % 10);
        n /= 10;
    } while (n);

    if (v < 0) {
        *--p = '-';
    }

    ccp_out_comma(o);
    ccp_out_bytes(o, p, (size_t) (buf + sizeof(buf) - p));
    o->comma = 1;
}


void
ccp_w_num(ccp_out_t *o, double v)
{
    char  buf[32];
    int   n;

    n = snprintf(buf, sizeof(buf), "%.15g", v);

    ccp_out_comma(o);
    ccp_out_bytes(o, buf, (size_t) n);
    o->comma = 1;
}


void
ccp_w_bool(ccp_out_t *o, int v)
{
    ccp_w_raw(o, v ? ccp_lit("true") : ccp_lit("false"));
}


void
ccp_w_null(ccp_out_t *o)
{
    ccp_w_raw(o, ccp_lit("null"));
}
