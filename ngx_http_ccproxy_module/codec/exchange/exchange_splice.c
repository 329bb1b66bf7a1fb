
/*
 * The splice: client and upstream speak the same protocol, so the client's
 * bytes pass as they came but for the values that must change.
 */

#include "codec/exchange/exchange_private.h"


/*
 * A signature of another origin, which this gateway packed for the client
 * (prepare.h), means nothing to this provider: such a history is written
 * anew, without it.
 */

int
ccp_splice_fits(const ccp_request_t *r, const ccp_target_t *t)
{
    const ccp_block_t    *b;
    const ccp_message_t  *m;

    if (r->proto != t->proto) {
        return 0;
    }

    for (m = r->msgs; m; m = m->next) {
        for (b = m->blocks; b; b = b->next) {
            if (b->sig.p && b->origin != r->proto) {
                return 0;
            }
        }
    }

    return 1;
}


/* Where a body names the model besides the path, it is written anew for
 * another one. */

static int
ccp_splice_keeps_model(const ccp_request_t *r, const ccp_target_t *t)
{
    return !ccp_proto_ops(t->proto)->model_twice || t->model.p == NULL
           || ccp_str_eq(t->model, r->model);
}


int
ccp_splice_fits_count(const ccp_request_t *r, const ccp_target_t *t)
{
    return ccp_splice_fits(r, t) && ccp_splice_keeps_model(r, t);
}


int
ccp_splice_fits_embed(const ccp_request_t *r, const ccp_target_t *t)
{
    return r->proto == t->proto && ccp_splice_keeps_model(r, t);
}


static void
ccp_splice_caps(const ccp_request_t *r, const ccp_target_t *t, ccp_edit_t *e)
{
    int64_t                   n;
    ccp_jval_t                v;
    const ccp_member_path_t  *m;

    if (t->max_tokens == CCP_UNSET_INT) {
        return;
    }

    for (m = ccp_proto_ops(r->proto)->caps; m && m->name; m++) {
        v = m->parent ? ccp_json_get(r->root, m->parent) : r->root;
        v = ccp_json_opt(v, m->name);

        n = ccp_json_int(v, 0);

        /* some take what is negative for no limit */

        if (n > t->max_tokens || n < 0) {
            ccp_edit_set_int(e, v, t->max_tokens);
        }
    }
}


/* What this provider refuses, where its protocol knows of such rules. */

static const ccp_splice_ops_t *
ccp_splice_rules(const ccp_request_t *r, const ccp_target_t *t)
{
    const ccp_splice_ops_t  *ops;

    ops = r->op == CCP_OP_GENERATE && r->proto == t->proto
          ? ccp_proto_ops(r->proto)->splice : NULL;

    return ops && ops->is_ruled(t->provider) ? ops : NULL;
}


int
ccp_splice_is_anew(ccp_request_t *r, const ccp_target_t *t,
    ccp_arena_t *a)
{
    const ccp_splice_ops_t  *ops;

    ops = ccp_splice_rules(r, t);

    return ops && ops->is_anew ? ops->is_anew(r, t, a) : 0;
}


int
ccp_splice_edit(ccp_request_t *r, const ccp_target_t *t, ccp_edit_t *e,
    ccp_error_t *err)
{
    const ccp_splice_ops_t  *ops;

    if (t->model.p && ccp_json_has(r->model_val)
        && !ccp_str_eq(t->model, r->model))
    {
        ccp_edit_set_str(e, r->model_val, t->model);
    }

    ops = ccp_splice_rules(r, t);

    if (ops == NULL || !ops->caps) {
        ccp_splice_caps(r, t, e);
    }

    return ops ? ops->edit(r, t, e, err) : CCP_OK;
}
