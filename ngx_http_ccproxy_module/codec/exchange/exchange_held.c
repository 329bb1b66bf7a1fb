
/*
 * Conversations that are held for the client: a request that names one, and
 * the answer that becomes a part of it.
 */

#include "codec/base/base_mask.h"
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


int
ccp_answer_held(ccp_try_t *t)
{
    ccp_reply_t  *rp;

    rp = &t->reply;

    ccp_answer_commit(t, 0);
    ccp_answer_finish(rp);

    ccp_mask(rp->body.p, rp->body.n, t->key);
    ccp_out_bytes(rp->out, rp->body.p, rp->body.n);

    rp->content = 1;
    rp->keep.whole = ccp_buf_str(&rp->body, 0);

    return rp->out->err ? CCP_NOMEM : CCP_OK;
}


int
ccp_try_held(ccp_try_t *t, ccp_write_ctx_t *e, ccp_error_t *err)
{
    if (t->target.owner != t->x->keep.owner
        || t->target.proto != t->x->ep.proto)
    {
        return ccp_refuse(err, t->x->arena, CCP_E_OVERLOADED,
                          "the key that has this response can't be asked "
                          "now: try again later");
    }

    t->req = *t->src;
    t->req.notes = NULL;
    t->spliced = 1;
    e->spliced = 1;
    e->ops = ccp_proto_ops(t->target.proto);

    return ccp_uri_write(e, ccp_none, &t->uri);
}


/* The document of an answer, of which the client may have got a stream. */

static int
ccp_answer_keep_whole(ccp_try_t *t)
{
    ccp_out_t            out;
    const ccp_error_t   *err;
    const ccp_answer_t  *ans;
    ccp_reply_t         *rp;

    rp = &t->reply;
    ans = ccp_aggregate_answer(rp->agg ? rp->agg : rp->kept, &err);

    if (ans == NULL) {
        return CCP_DECLINED;
    }

    ccp_out_init(&out, rp->arena, 0);

    if (rp->client->enc_whole(&rp->ac, ans, &out) != CCP_OK
        || ccp_out_finish(&out) != CCP_OK)
    {
        return CCP_NOMEM;
    }

    rp->keep.whole = ccp_out_all(&out);

    /* the client got the upstream's own id */

    rp->keep.id = rp->raw ? ans->id : ccp_none;

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

    if (rp->client->keep_whole && ccp_answer_keep_whole(t) != CCP_OK) {
        return;
    }

    (void) rp->client->keep(&rp->keep, t->x->keeper, rp->arena);
}


/* The request becomes one for the upstream that has what it is about. */

static void
ccp_exchange_forward(ccp_exchange_t *x, const ccp_held_call_t *c)
{
    ccp_request_t  *r;

    r = &x->req;

    ccp_request_init(r, &x->ep);

    r->model = c->model;
    r->held = c->path;
    r->body = ccp_lit("");

    x->keep.owner = c->owner;
    x->keep.known = 1;
    x->keep.wanted = ccp_str_is(c->method, "GET");
    x->decoded = 1;
}


int
ccp_exchange_held(ccp_exchange_t *x, ccp_str_t method, ccp_str_t args,
    ccp_str_t body, ccp_out_t *out, ccp_error_t *err)
{
    int               rc;
    ccp_held_call_t   c;
    const ccp_ops_t  *ops;

    ops = ccp_proto_ops(x->ep.proto);

    if (x->keeper == NULL || ops->held == NULL) {
        return CCP_DECLINED;
    }

    memset(&c, 0, sizeof(ccp_held_call_t));
    c.keeper = x->keeper;
    c.arena = x->arena;
    c.clock = &x->env.clock;
    c.method = method;
    c.path = x->ep.held;
    c.args = args;
    c.list = x->ep.list;
    c.out = out;
    c.err = err;

    if (!ccp_str_blank(body)) {

        rc = ccp_json_parse(&x->req.doc, body.p, body.n, 0, NULL);

        if (rc == CCP_INVALID
            || (rc == CCP_OK && ccp_json_type(ccp_json_root(&x->req.doc))
                                != CCP_J_OBJECT))
        {
            return ccp_refuse(err, x->arena, CCP_E_BAD_REQUEST,
                              "the request body is no JSON object");
        }

        if (rc != CCP_OK) {
            return rc;
        }

        c.root = ccp_json_root(&x->req.doc);
    }

    rc = ops->held(&c);

    if (rc == CCP_DECLINED && c.owner) {
        ccp_exchange_forward(x, &c);
    }

    return rc == CCP_OK && ccp_out_finish(out) != CCP_OK ? CCP_NOMEM : rc;
}
