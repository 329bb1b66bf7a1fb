
/*
 * The stream of a splice: the upstream's bytes, a payload at a time.
 *
 * A payload reaches the client once it is complete, so that what the module
 * itself may have to say never stands in the middle of one, and so that one
 * can be left out.  No payload waits longer than for its own last byte.
 */

#include "codec/base/base_mask.h"
#include "codec/exchange/exchange_private.h"


/* Bytes with stars over our own key; they are copied only if it is there. */

static int
ccp_raw_write(ccp_try_t *t, const uint8_t *p, size_t n)
{
    ccp_str_t   s;
    ccp_buf_t   copy;
    ccp_out_t  *out;

    out = t->reply.out;

    s = ccp_none;
    s.p = p;
    s.n = n;

    if (!ccp_mask_finds(s, t->key)) {
        ccp_out_bytes(out, p, n);
        return CCP_OK;
    }

    ccp_buf_init(&copy, t->reply.arena, 0);

    if (ccp_buf_add(&copy, p, n) != CCP_OK) {
        return CCP_NOMEM;
    }

    ccp_mask(copy.p, copy.n, t->key);
    ccp_out_bytes(out, copy.p, copy.n);
    ccp_buf_free(&copy);

    return CCP_OK;
}


/*
 * Payloads that are complete.  What is held of earlier bytes begins the first
 * of them, so it is whole as soon as the present bytes have an edge.
 */

static int
ccp_raw_flush(ccp_try_t *t)
{
    int             rc;
    size_t          n;
    ccp_reply_t    *rp;
    const uint8_t  *p;

    rp = &t->reply;

    if (rp->bytes == NULL || rp->frame.edge <= rp->passed) {
        return CCP_OK;
    }

    p = rp->bytes + rp->passed;
    n = rp->frame.edge - rp->passed;
    rp->passed = rp->frame.edge;

    if (rp->held.n == 0) {
        return ccp_raw_write(t, p, n);
    }

    /* as one piece: the key may stand across */

    rc = ccp_buf_add(&rp->held, p, n);

    if (rc == CCP_OK) {
        rc = ccp_raw_write(t, rp->held.p, rp->held.n);
    }

    ccp_buf_free(&rp->held);

    return rc;
}


/* Behind a payload that was left out. */

static void
ccp_raw_skipped(ccp_reply_t *rp)
{
    if (rp->skip) {
        rp->skip = 0;
        rp->passed = rp->frame.edge;
    }
}


void
ccp_raw_payload(ccp_try_t *t)
{
    ccp_raw_skipped(&t->reply);
    t->reply.ac.again = 0;
}


int
ccp_raw_skip(ccp_try_t *t)
{
    int           rc;
    ccp_reply_t  *rp;

    rp = &t->reply;

    if (!rp->ac.again || !rp->head.stream) {
        return CCP_OK;
    }

    rc = ccp_raw_flush(t);
    ccp_buf_free(&rp->held);
    rp->skip = 1;

    return rc;
}


int
ccp_raw_feed(ccp_try_t *t, const uint8_t *p, size_t n, ccp_frame_pt cb)
{
    int           rc;
    ccp_reply_t  *rp;

    rp = &t->reply;

    rp->bytes = p;
    rp->passed = 0;

    rc = ccp_frame_feed(&rp->frame, p, n, cb, t);

    if (rc == CCP_OK && rp->raw) {
        ccp_raw_skipped(rp);

        if (rp->head.stream) {
            rc = ccp_raw_flush(t);
        }

        if (rc == CCP_OK) {
            rc = ccp_buf_add(&rp->held, p + rp->passed, n - rp->passed);
        }
    }

    rp->bytes = NULL;
    rp->passed = 0;

    return rc;
}


int
ccp_raw_last(ccp_try_t *t)
{
    int           rc;
    const char   *shut;
    ccp_reply_t  *rp;

    rp = &t->reply;

    if (rp->held.n == 0 || !rp->head.stream) {
        return CCP_OK;
    }

    shut = ccp_frame_shut(&rp->frame, rp->held.p, rp->held.n);

    rc = ccp_raw_write(t, rp->held.p, rp->held.n);

    ccp_out_bytes(rp->out, shut, strlen(shut));
    ccp_buf_free(&rp->held);

    return rc;
}


int
ccp_raw_leave(ccp_try_t *t)
{
    int           rc;
    ccp_reply_t  *rp;

    rp = &t->reply;
    rc = ccp_raw_flush(t);

    ccp_buf_free(&rp->held);
    rp->raw = 0;

    if (rc == CCP_OK && rp->client->enc_resume) {
        rc = rp->client->enc_resume(rp->enc, rp->dec);
    }

    return rc;
}
