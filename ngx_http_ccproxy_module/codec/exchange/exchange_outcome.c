
/*
 * What became of an answer: an error in place of it, and its state for logs.
 */

#include "codec/base/base_mask.h"
#include "codec/exchange/exchange_private.h"
#include "codec/provider/provider_error.h"


/* A copy, with stars over our own key, should an upstream quote it. */

static int
ccp_answer_copy(ccp_try_t *t, ccp_str_t *to, ccp_str_t s)
{
    *to = ccp_str_dup(t->reply.arena, s);

    if (s.p && to->p == NULL) {
        return CCP_NOMEM;
    }

    ccp_mask((uint8_t *) to->p, to->n, t->key);

    return CCP_OK;
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

    rc = ccp_exchange_error_document(t->x, &rp->error, &rp->head, out);
    if (rc != CCP_OK) {
        return rc;
    }

    ccp_answer_finish(rp);

    return CCP_OK;
}


void
ccp_answer_date(ccp_try_t *t, int64_t date)
{
    t->reply.date = date;
}


int
ccp_answer_note_error(ccp_try_t *t, const ccp_error_t *err)
{
    int           same;
    int64_t       now;
    ccp_reply_t  *rp;

    rp = &t->reply;
    now = rp->date ? rp->date : rp->ac.created;

    rp->error = *err;
    ccp_provider_blame(t->target.provider, &rp->error);
    ccp_try_note_refused(t, &rp->error);

    if (err->resets_at > now && err->retry_after == 0) {
        rp->error.retry_after =
            ccp_wait_seconds((double) (err->resets_at - now));
    }

    same = ccp_answer_same_error(t, &rp->error);

    if (same == CCP_NOMEM
        || ccp_answer_copy(t, &rp->error.message, err->message) != CCP_OK
        || ccp_answer_copy(t, &rp->error.code, err->code) != CCP_OK
        || ccp_answer_copy(t, &rp->error.type, err->type) != CCP_OK
        || ccp_answer_copy(t, &rp->error.raw,
                           same == CCP_OK ? err->raw : ccp_none) != CCP_OK)
    {
        return CCP_NOMEM;
    }

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
    o->calls = rp->calls ? ccp_calls_made(rp->calls) : 0;
}


int64_t
ccp_answer_unread(const ccp_reply_t *rp)
{
    return rp->kind == CCP_BODY_WHOLE ? (int64_t) rp->body.n : 0;
}


/* Whether it refused the request, by a word of the upstream's own. */

static int
ccp_answer_turned_down(const ccp_reply_t *rp)
{
    return rp->status >= 400
           || (ccp_answer_failed(rp) && !rp->content && !rp->lost
               && rp->error.cls != CCP_E_MALFORMED);
}


void
ccp_answer_used(ccp_try_t *t, ccp_usage_t *u)
{
    ccp_reply_t  *rp;

    rp = &t->reply;
    *u = ccp_usage_none;

    if (t->x->req.op == CCP_OP_COUNT) {
        return;
    }

    if (rp->flow == NULL && rp->content) {
        *u = rp->embed_usage;
        return;
    }

    if (ccp_answer_turned_down(rp)) {

        if (rp->flow) {
            *u = *ccp_flow_usage(rp->flow);
        }

        return;
    }

    if (rp->flow) {
        ccp_flow_used(rp->flow, rp->unread + ccp_answer_unread(rp), u);
        return;
    }

    u->in_fresh = ccp_exchange_estimate(t->x);
    u->estimated = 1;
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
