
/*
 * An output: a list of segments, which are own bytes and references to long
 * slices of the caller's memory (which must outlive the output).  Failures
 * latch in out->err; it is checked once, at the end.
 */

#ifndef CCP_JSON_OUT_H
#define CCP_JSON_OUT_H

#include "codec/base/base_buf.h"

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
    unsigned     comma:1;      /* of json_write.h: a value stands before */
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

/* The content of a JSON string that needs no escaping, or has it already: by
 * reference from ref_min bytes on. */
void ccp_out_ref(ccp_out_t *o, const uint8_t *p, size_t n);

#endif /* CCP_JSON_OUT_H */
