
/*
 * Append-only JSON writer.
 *
 * Output is a list of segments: own bytes, and references to long slices of
 * the caller's memory (which must outlive the output).  Failures latch in
 * out->err; it is checked once, at the end.  Commas are placed by the writer.
 */

#ifndef CCP_JSON_OUT_H
#define CCP_JSON_OUT_H

#include "codec/base/base_str.h"
#include "codec/json/json_read.h"

typedef struct {
    const uint8_t  *ref;       /* NULL: own bytes from off on */
    size_t          off;
    size_t          n;
} ccp_seg_t;

typedef struct {
    ccp_buf_t    buf;          /* own bytes */
    ccp_seg_t   *segs;         /* only once something is referenced */
    size_t       nsegs;
    size_t       seg_cap;
    size_t       mark;         /* own bytes already in a segment */
    size_t       total;        /* bytes of all segments */
    size_t       ref_min;      /* shortest slice to reference; 0: copy all */
    unsigned     comma:1;
    unsigned     err:1;
} ccp_out_t;

void ccp_out_init(ccp_out_t *o, ccp_arena_t *a, size_t ref_min);
/* Empties it, keeps the memory. */
void ccp_out_reset(ccp_out_t *o);
void ccp_out_free(ccp_out_t *o);

/* Makes room for n more own bytes at once; a failure latches. */
void ccp_out_reserve(ccp_out_t *o, size_t n);

/* Total bytes written so far. */
size_t ccp_out_size(const ccp_out_t *o);

/*
 * Segment k (from 0) as a plain slice; absent after the last.  Slices of own
 * bytes are valid until the next write.  Call ccp_out_finish() before.
 */
int ccp_out_finish(ccp_out_t *o);         /* CCP_OK or CCP_NOMEM */
ccp_str_t ccp_out_seg(const ccp_out_t *o, size_t k);
/* With ref_min 0: everything as one slice. */
ccp_str_t ccp_out_all(const ccp_out_t *o);

/* Bytes, outside of the comma logic. */
void ccp_out_bytes(ccp_out_t *o, const void *p, size_t n);
#define ccp_out_lit(o, s)   ccp_out_bytes(o, s, sizeof(s) - 1)

void ccp_w_obj(ccp_out_t *o);             /* { */
void ccp_w_obj_end(ccp_out_t *o);
void ccp_w_arr(ccp_out_t *o);
void ccp_w_arr_end(ccp_out_t *o);
void ccp_w_key(ccp_out_t *o, const char *name);
void ccp_w_keys(ccp_out_t *o, ccp_str_t name);
/* A JSON string whose content is the slice (escaped or copied as spelled). */
void ccp_w_str(ccp_out_t *o, ccp_str_t s);
void ccp_w_cstr(ccp_out_t *o, const char *s);
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

/* key and value in one; the opt forms write nothing for an absent slice. */
void ccp_w_kstr(ccp_out_t *o, const char *key, ccp_str_t s);
void ccp_w_kcstr(ccp_out_t *o, const char *key, const char *s);
void ccp_w_kraw(ccp_out_t *o, const char *key, ccp_str_t s);
void ccp_w_kint(ccp_out_t *o, const char *key, int64_t v);
void ccp_w_kbool(ccp_out_t *o, const char *key, int v);
void ccp_w_knull(ccp_out_t *o, const char *key);
void ccp_w_kstr_opt(ccp_out_t *o, const char *key, ccp_str_t s);
void ccp_w_kraw_opt(ccp_out_t *o, const char *key, ccp_str_t s);

#endif /* CCP_JSON_OUT_H */
