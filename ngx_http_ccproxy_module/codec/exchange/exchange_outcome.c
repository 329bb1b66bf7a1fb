
/*
 * What became of an answer: an error in place of it, and its state for logs.
 */

#include "codec/exchange/exchange_private.h"


/* A key shorter than this is too ordinary to be masked in texts. */
#define CCP_MASK_MIN        8


/* Stars over our own key, should an upstream quote it. */

static ccp_str_t
ccp_answer_mask(ccp_try_t *t, ccp_str_t s)
{
    size_t    i;
    uint8_t  *p;

    if (s.p == NULL || t->key.n < CCP_MASK_MIN || s.n < t->key.n) {
        return s;
    }

    p = NULL;

    for (i = 0; i + t->key.n <= s.n; i++) {

        if (memcmp(s.p + i, t->key.p, t->key.n) != 0) {
            continue;
        }

        if (p == NULL) {
            s = ccp_str_dup(t->reply.arena, s);
            p = (uint8_t *) s.p;
            if (p == NULL) {
                return s;
            }
        }

        memset(p + i, '*', t->key.n);
    }

    return s;
}


int
ccp_answer_failed(const ccp_reply_t *rp)
{
    return rp->state == CCP_REPLY_REFUSED || rp->state == CCP_REPLY_BROKEN
           || rp->state == CCP_REPLY_FAILED;
}


void
ccp_answer_finish(ccp_reply_t *rp)
{
    rp->state = ccp_answer_failed(rp) ? CCP_REPLY_FAILED
                                      : CCP_REPLY_DONE;
}


int
ccp_answer_fail(ccp_try_t *t, ccp_out_t *out)
{
    int           rc;
    ccp_reply_t  *rp;

    rp = &t->reply;

    if (t->x->req.op == CCP_OP_COUNT) {

        /* a client may do without the upstream's word, not without a number */

        ccp_answer_finish(rp);
        return ccp_exchange_count(t->x, &rp->head, out);
    }

    rc = rp->client->error(&rp->error, t->x->id, out);
    if (rc != CCP_OK) {
        return rc;
    }

    rp->head.status = rp->client->error_status(&rp->error);
    rp->head.content_type = ccp_lit("application/json");
    rp->head.retry_after = rp->error.retry_after;
    rp->head.stream = 0;
    ccp_answer_finish(rp);

    return CCP_OK;
}


int
ccp_answer_note_error(ccp_try_t *t, const ccp_error_t *err)
{
    ccp_reply_t  *rp;

    rp = &t->reply;

    rp->error = *err;
    ccp_provider_blame(t->target.provider, &rp->error);
    ccp_try_note_refused(t, &rp->error);

    if (ccp_error_keep(&rp->error, rp->arena) != CCP_OK) {
        return CCP_NOMEM;
    }

    rp->error.message = ccp_answer_mask(t, rp->error.message);

    if (rp->state == CCP_REPLY_NONE) {
        rp->state = CCP_REPLY_REFUSED;

    } else if (rp->state == CCP_REPLY_OPEN) {
        rp->state = CCP_REPLY_BROKEN;
    }

    return CCP_OK;
}


int
ccp_answer_head(ccp_try_t *t, ccp_head_t *head)
{
    if (t->reply.head.status == 0) {
        return CCP_DECLINED;
    }

    *head = t->reply.head;

    return CCP_OK;
}


int
ccp_answer_done(const ccp_try_t *t)
{
    return t->reply.state >= CCP_REPLY_DONE;
}


void
ccp_answer_outcome(const ccp_try_t *t, ccp_outcome_t *o)
{
    const ccp_reply_t  *rp;

    rp = &t->reply;

    memset(o, 0, sizeof(ccp_outcome_t));

    if (rp->flow) {
        o->usage = ccp_flow_usage(rp->flow);
        o->stop = ccp_flow_stop(rp->flow);

    } else if (rp->content) {
        o->usage = &rp->embed_usage;
    }

    o->error = ccp_answer_failed(rp) ? &rp->error : NULL;
    o->content = rp->content;
}


const ccp_answer_t *
ccp_answer_aggregate(const ccp_try_t *t, const ccp_error_t **err)
{
    *err = NULL;

    return t->reply.agg ? ccp_aggregate_answer(t->reply.agg, err) : NULL;
}


const char *
ccp_stop_name(ccp_stop_e stop)
{
    static const char  *const names[] = {
        "", "end", "pause", "stop_sequence", "tool_use", "compaction",
        "refusal", "filter", "length", "context"
    };

    return names[stop];
}
