
/*
 * What became of an answer: an error in place of it, and its state for logs.
 */

#include "codec/exchange/exchange_private.h"


/* A key shorter than this is too ordinary to be masked in texts. */
#define CCP_MASK_MIN        8


/* Stars over our own key, should an upstream quote it. */

static ccp_str_t
ccp_response_mask(ccp_exchange_t *x, ccp_str_t s)
{
    size_t    i;
    uint8_t  *p;

    if (s.p == NULL || x->key.n < CCP_MASK_MIN || s.n < x->key.n) {
        return s;
    }

    p = NULL;

    for (i = 0; i + x->key.n <= s.n; i++) {

        if (memcmp(s.p + i, x->key.p, x->key.n) != 0) {
            continue;
        }

        if (p == NULL) {
            s = ccp_str_dup(x->res.arena, s);
            p = (uint8_t *) s.p;
            if (p == NULL) {
                return s;
            }
        }

        memset(p + i, '*', x->key.n);
    }

    return s;
}


int
ccp_response_failed(const ccp_response_t *res)
{
    return res->state == CCP_REPLY_REFUSED || res->state == CCP_REPLY_BROKEN
           || res->state == CCP_REPLY_FAILED;
}


void
ccp_response_finish(ccp_response_t *res)
{
    res->state = ccp_response_failed(res) ? CCP_REPLY_FAILED
                                          : CCP_REPLY_DONE;
}


int
ccp_response_fail(ccp_exchange_t *x, ccp_out_t *out)
{
    int              rc;
    ccp_response_t  *res;

    res = &x->res;

    if (x->req.op == CCP_OP_COUNT) {

        /* a client may do without the upstream's word, not without a number */

        ccp_response_finish(res);
        return ccp_exchange_count(x, &res->head, out);
    }

    rc = res->client->error(&res->error, x->id, out);
    if (rc != CCP_OK) {
        return rc;
    }

    res->head.status = res->client->error_status(&res->error);
    res->head.content_type = ccp_lit("application/json");
    res->head.retry_after = res->error.retry_after;
    res->head.stream = 0;
    ccp_response_finish(res);

    return CCP_OK;
}


int
ccp_response_note_error(ccp_exchange_t *x, const ccp_error_t *err)
{
    ccp_response_t  *res;

    res = &x->res;

    res->error = *err;
    ccp_dialect_blame(x->target.dialect, &res->error);
    res->error.message = ccp_str_dup(res->arena, err->message);
    res->error.code = ccp_str_dup(res->arena, err->code);
    res->error.type = ccp_str_dup(res->arena, err->type);
    res->error.raw = ccp_none;

    if ((err->message.p && res->error.message.p == NULL)
        || (err->code.p && res->error.code.p == NULL)
        || (err->type.p && res->error.type.p == NULL))
    {
        return CCP_NOMEM;
    }

    res->error.message = ccp_response_mask(x, res->error.message);

    if (res->state == CCP_REPLY_NONE) {
        res->state = CCP_REPLY_REFUSED;

    } else if (res->state == CCP_REPLY_OPEN) {
        res->state = CCP_REPLY_BROKEN;
    }

    return CCP_OK;
}


int
ccp_response_head(ccp_exchange_t *x, ccp_head_t *head)
{
    if (x->res.head.status == 0) {
        return CCP_DECLINED;
    }

    *head = x->res.head;

    return CCP_OK;
}


int
ccp_response_done(const ccp_exchange_t *x)
{
    return x->res.state >= CCP_REPLY_DONE;
}


void
ccp_response_outcome(const ccp_exchange_t *x, ccp_outcome_t *o)
{
    const ccp_response_t  *res;

    res = &x->res;

    memset(o, 0, sizeof(ccp_outcome_t));

    if (res->flow) {
        o->usage = ccp_flow_usage(res->flow);
        o->stop = ccp_flow_stop(res->flow);

    } else if (res->content) {
        o->usage = &res->embed_usage;
    }

    o->error = ccp_response_failed(res) ? &res->error : NULL;
    o->content = res->content;
}


const ccp_answer_t *
ccp_response_aggregate(const ccp_exchange_t *x, const ccp_error_t **err)
{
    *err = NULL;

    return x->res.agg ? ccp_aggregate_answer(x->res.agg, err) : NULL;
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
