
/*
 * An output: own bytes and references.  JSON into it is json_write.c.
 */

#include "codec/json/json_out.h"


void
ccp_out_init(ccp_out_t *o, ccp_arena_t *a, size_t ref_min)
{
    memset(o, 0, sizeof(ccp_out_t));
    ccp_buf_init(&o->buf, a, 0);
    o->ref_min = ref_min;
}


void
ccp_out_reset(ccp_out_t *o)
{
    o->buf.n = 0;
    o->buf.err = 0;
    o->nsegs = 0;
    o->mark = 0;
    o->total = 0;
    o->comma = 0;
    o->err = 0;
}


void
ccp_out_free(ccp_out_t *o)
{
    ccp_release(o->buf.arena, o->segs);
    o->segs = NULL;
    o->seg_cap = 0;
    ccp_buf_free(&o->buf);
    ccp_out_reset(o);
}


void
ccp_out_reserve(ccp_out_t *o, size_t n)
{
    if (ccp_buf_reserve(&o->buf, n) != CCP_OK) {
        o->err = 1;
    }
}


size_t
ccp_out_size(const ccp_out_t *o)
{
    return o->total;
}


static void
ccp_out_add_seg(ccp_out_t *o, const uint8_t *ref, size_t off, size_t n)
{
    void    *segs;
    size_t   cap;

    if (n == 0 || o->err) {
        return;
    }

    if (o->nsegs == o->seg_cap) {
        cap = o->seg_cap ? o->seg_cap * 2 : 32;

        segs = ccp_regrow(o->buf.arena, o->segs,
                          o->nsegs * sizeof(ccp_seg_t),
                          cap * sizeof(ccp_seg_t));
        if (segs == NULL) {
            o->err = 1;
            return;
        }

        o->segs = segs;
        o->seg_cap = cap;
    }

    o->segs[o->nsegs].ref = ref;
    o->segs[o->nsegs].off = off;
    o->segs[o->nsegs].n = n;
    o->nsegs++;
}


int
ccp_out_finish(ccp_out_t *o)
{
    ccp_out_add_seg(o, NULL, o->mark, o->buf.n - o->mark);
    o->mark = o->buf.n;

    return o->err || o->buf.err ? CCP_NOMEM : CCP_OK;
}


ccp_str_t
ccp_out_seg(const ccp_out_t *o, size_t k)
{
    ccp_str_t  s = ccp_none;

    if (k < o->nsegs) {
        s.n = o->segs[k].n;
        s.p = o->segs[k].ref ? o->segs[k].ref : o->buf.p + o->segs[k].off;
    }

    return s;
}


ccp_str_t
ccp_out_all(const ccp_out_t *o)
{
    return ccp_buf_str(&o->buf, 0);
}


void
ccp_out_bytes(ccp_out_t *o, const void *p, size_t n)
{
    if (ccp_buf_add(&o->buf, p, n) != CCP_OK) {
        o->err = 1;
        return;
    }

    o->total += n;
}


void
ccp_out_ref(ccp_out_t *o, const uint8_t *p, size_t n)
{
    if (o->ref_min == 0 || n < o->ref_min) {
        ccp_out_bytes(o, p, n);
        return;
    }

    ccp_out_add_seg(o, NULL, o->mark, o->buf.n - o->mark);
    o->mark = o->buf.n;
    ccp_out_add_seg(o, p, 0, n);
    o->total += n;
}
