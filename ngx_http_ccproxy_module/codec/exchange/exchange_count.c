
/*
 * Token counts: POST /v1/messages/count_tokens, /v1/responses/input_tokens
 * and models/M:countTokens.  The upstream is asked where it has such a call;
 * else, and where that fails, the client gets an estimate, never an error.
 */

#include "codec/exchange/exchange_private.h"
#include "codec/json/json_write.h"


int
ccp_target_counts(const ccp_target_t *t)
{
    return ccp_proto_ops(t->proto)->count != NULL && !t->provider->no_count;
}


static void
ccp_count_head(ccp_head_t *head)
{
    memset(head, 0, sizeof(ccp_head_t));
    head->status = 200;
    head->content_type = ccp_lit("application/json");
}


static int
ccp_count_write(const ccp_ops_t *ops, int64_t tokens, ccp_out_t *out)
{
    ccp_w_obj(out);

    if (ops->count_object) {
        ccp_w_kcstr(out, "object", ops->count_object);
    }

    ccp_w_kint(out, ops->count, tokens);
    ccp_w_obj_end(out);

    return ccp_out_finish(out);
}


int
ccp_exchange_count(ccp_exchange_t *x, ccp_head_t *head, ccp_out_t *out)
{
    if (!x->decoded || x->req.op != CCP_OP_COUNT) {
        return CCP_DECLINED;
    }

    ccp_count_head(head);

    return ccp_count_write(ccp_proto_ops(x->ep.proto),
                           ccp_exchange_estimate(x), out);
}


int
ccp_answer_count(ccp_try_t *t)
{
    int           rc;
    int64_t       tokens;
    ccp_reply_t  *rp;

    rp = &t->reply;
    tokens = -1;

    rc = ccp_json_parse(&rp->doc, rp->body.p, rp->body.n, 0, NULL);

    if (rc == CCP_NOMEM) {
        return rc;
    }

    if (rc == CCP_OK) {
        tokens = ccp_usage_count(ccp_json_root(&rp->doc), rp->up->count);
    }

    if (tokens < 0) {
        return CCP_DECLINED;
    }

    rp->content = 1;
    rp->state = CCP_REPLY_DONE;
    ccp_count_head(&rp->head);

    if (t->spliced) {
        ccp_out_bytes(rp->out, rp->body.p, rp->body.n);
        return ccp_out_finish(rp->out);
    }

    return ccp_count_write(rp->client, tokens, rp->out);
}
