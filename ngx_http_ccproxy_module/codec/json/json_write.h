
/*
 * Append-only JSON writer into an output, which latches its failures; commas
 * are placed by the writer.
 */

#ifndef CCP_JSON_WRITE_H
#define CCP_JSON_WRITE_H

#include "codec/json/json_out.h"

void ccp_w_obj(ccp_out_t *o);             /* { */
void ccp_w_obj_end(ccp_out_t *o);
void ccp_w_arr(ccp_out_t *o);
void ccp_w_arr_end(ccp_out_t *o);
void ccp_w_key_any(ccp_out_t *o, const char *name);
/* The same of n bytes in which nothing is to be escaped. */
void ccp_w_key_of(ccp_out_t *o, const char *name, size_t n);
void ccp_w_keys(ccp_out_t *o, ccp_str_t name);
/* A JSON string whose content is the slice (escaped or copied as spelled). */
void ccp_w_str(ccp_out_t *o, ccp_str_t s);
/* The same of n bytes in which nothing is to be escaped. */
void ccp_w_word(ccp_out_t *o, const char *s, size_t n);
void ccp_w_cstr_any(ccp_out_t *o, const char *s);
/* A JSON value: the decoded bytes of the slice, verbatim. */
void ccp_w_raw(ccp_out_t *o, ccp_str_t s);
void ccp_w_int(ccp_out_t *o, int64_t v);
void ccp_w_num(ccp_out_t *o, double v);
void ccp_w_bool(ccp_out_t *o, int v);
void ccp_w_null(ccp_out_t *o);

/* A string made of several slices: open, any number of parts, close. */
void ccp_w_str_open(ccp_out_t *o);
void ccp_w_str_part(ccp_out_t *o, ccp_str_t s);
void ccp_w_str_close(ccp_out_t *o);

/* Below: key and value in one; the opt forms write nothing for an absent
 * slice. */


/* ---- names and words are mostly literals: their length is known, where the
 * compiler sees them ---- */

#define CCP_W_INLINE  static inline __attribute__((always_inline))

/* Whether it is a literal; those of ours have nothing to be escaped in them,
 * which scripts/lint.sh checks. */
#define ccp_w_is_word(s)  __builtin_constant_p(strlen(s))

CCP_W_INLINE void
ccp_w_key(ccp_out_t *o, const char *name)
{
    if (ccp_w_is_word(name)) {
        ccp_w_key_of(o, name, strlen(name));
    } else {
        ccp_w_key_any(o, name);
    }
}

CCP_W_INLINE void
ccp_w_cstr(ccp_out_t *o, const char *s)
{
    if (ccp_w_is_word(s)) {
        ccp_w_word(o, s, strlen(s));
    } else {
        ccp_w_cstr_any(o, s);
    }
}

CCP_W_INLINE void
ccp_w_kcstr(ccp_out_t *o, const char *key, const char *s)
{
    ccp_w_key(o, key);
    ccp_w_cstr(o, s);
}

CCP_W_INLINE void
ccp_w_kstr(ccp_out_t *o, const char *key, ccp_str_t s)
{
    ccp_w_key(o, key);
    ccp_w_str(o, s);
}

CCP_W_INLINE void
ccp_w_kraw(ccp_out_t *o, const char *key, ccp_str_t s)
{
    ccp_w_key(o, key);
    ccp_w_raw(o, s);
}

CCP_W_INLINE void
ccp_w_kint(ccp_out_t *o, const char *key, int64_t v)
{
    ccp_w_key(o, key);
    ccp_w_int(o, v);
}

CCP_W_INLINE void
ccp_w_kbool(ccp_out_t *o, const char *key, int v)
{
    ccp_w_key(o, key);
    ccp_w_bool(o, v);
}

CCP_W_INLINE void
ccp_w_knull(ccp_out_t *o, const char *key)
{
    ccp_w_key(o, key);
    ccp_w_null(o);
}

CCP_W_INLINE void
ccp_w_kstr_opt(ccp_out_t *o, const char *key, ccp_str_t s)
{
    if (s.p) {
        ccp_w_kstr(o, key, s);
    }
}

CCP_W_INLINE void
ccp_w_kraw_opt(ccp_out_t *o, const char *key, ccp_str_t s)
{
    if (s.p) {
        ccp_w_kraw(o, key, s);
    }
}

#endif /* CCP_JSON_WRITE_H */
