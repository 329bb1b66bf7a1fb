
/*
 * Conversations that are held for the client: a request that names one, and
 * the answer that becomes a part of it.
 */

#include "codec/exchange/exchange_private.h"
#include "codec/proto/proto_held.h"


void
ccp_exchange_keeper(ccp_exchange_t *x, const ccp_keeper_t *keeper)
{
    x->keeper = keeper;
}


uint64_t
ccp_exchange_owner(const ccp_exchange_t *x)
{
    return x->keep.owner;
}


int
ccp_exchange_recall(ccp_exchange_t *x, ccp_error_t *err)
{
    int             rc;
    ccp_out_t       whole;
    ccp_edit_t      edit;
    ccp_recall_t    recall;
    ccp_request_t  *r;

    r = &x->req;

    ccp_edit_init(&edit, &r->doc, x->arena);

    memset(&recall, 0, sizeof(ccp_recall_t));
    recall.keeper = x->keeper;
    recall.arena = x->arena;
    recall.r = r;
    recall.keep = &x->keep;
    recall.edit = &edit;
    recall.err = err;

    rc = ccp_proto_ops(r->proto)->recall(&recall);

    if (rc == CCP_OK && edit.n != 0) {

        ccp_out_init(&whole, x->arena, 0);

        rc = ccp_edit_write(&edit, &whole);

        if (rc == CCP_OK) {
            x->named = r->body;
            r->body = ccp_out_all(&whole);
            rc = ccp_json_parse(&r->doc, r->body.p, r->body.n, 0, NULL);
            r->root = ccp_json_root(&r->doc);
        }
    }

    ccp_edit_free(&edit);

    return rc;
}


int
ccp_exchange_named(ccp_exchange_t *x, ccp_request_t **r, ccp_error_t *err)
{
    int             rc;
    ccp_request_t  *n;

    if (x->named_req == NULL) {

        n = ccp_calloc(x->arena, sizeof(ccp_request_t));
        if (n == NULL) {
            return CCP_NOMEM;
        }

        ccp_json_init(&n->doc, x->arena);
        ccp_request_init(n, &x->ep);

        n->body = x->named;
        n->version = x->req.version;

        rc = ccp_json_parse(&n->doc, n->body.p, n->body.n, 0, NULL);

        if (rc == CCP_OK) {
            n->root = ccp_json_root(&n->doc);
            rc = ccp_exchange_prompt(x, n, err);
        }

        if (rc == CCP_OK) {
            rc = ccp_proto_ops(n->proto)->read_request(n, x->arena, err);
        }

        if (rc != CCP_OK) {
            return rc;
        }

        x->named_req = n;
    }

    *r = x->named_req;

    return CCP_OK;
}


/* The client has its answer: one that can't be kept is forgotten. */

void
ccp_answer_keep(ccp_try_t *t)
{
    ccp_reply_t  *rp;

    rp = &t->reply;

    if (rp->ac.keep == NULL || !rp->keep.wanted || rp->keep.kept
        || rp->state != CCP_REPLY_DONE)
    {
        return;
    }

    rp->keep.kept = 1;

    (void) rp->client->keep(&rp->keep, t->x->keeper, rp->arena);
}
