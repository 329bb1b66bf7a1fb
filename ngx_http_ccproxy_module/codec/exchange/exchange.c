
/*
 * One exchange: its life, the client's request, decoded once, and errors of
 * the module's own.  Its tries: exchange_target.c.
 */

#include "codec/embed/embed.h"
#include "codec/exchange/exchange_private.h"
#include <stdio.h>
#include "codec/form/form_block.h"
#include "codec/form/form_think.h"
#include "codec/prepare/prepare.h"
#include "codec/compat/compat.h"


#define CCP_EXCHANGE_ID_DIGITS  24


ccp_exchange_t *
ccp_exchange_create(const ccp_env_t *env, const ccp_endpoint_t *ep)
{
    ccp_arena_t     *a;
    ccp_exchange_t  *x;

    a = ccp_arena_create(&env->mem, env->limit);
    if (a == NULL) {
        return NULL;
    }

    x = ccp_calloc(a, sizeof(ccp_exchange_t));
    if (x == NULL) {
        ccp_arena_destroy(a);
        return NULL;
    }

    x->env = *env;
    x->arena = a;
    ccp_arena_set_memo(a, env->memo, env->scope);
    x->ep = *ep;

    x->id = ccp_id_new(&x->env.clock, a, "", CCP_EXCHANGE_ID_DIGITS);
    if (x->id.p == NULL) {
        ccp_arena_destroy(a);
        return NULL;
    }

    ccp_json_init(&x->req.doc, a);

    return x;
}


void
ccp_exchange_destroy(ccp_exchange_t *x)
{
    if (x == NULL) {
        return;
    }

    while (x->tries) {
        ccp_try_destroy(x->tries);
    }

    ccp_arena_destroy(x->arena);
}


ccp_arena_t *
ccp_exchange_arena(ccp_exchange_t *x)
{
    return x->arena;
}


ccp_str_t
ccp_exchange_id(const ccp_exchange_t *x)
{
    return x->id;
}


const ccp_request_t *
ccp_exchange_req(const ccp_exchange_t *x)
{
    return x && x->decoded ? &x->req : NULL;
}


/*
 * Bytes of members that only servers of the client's protocol understand, if
 * anybody does: a text in one of them is read where the body is spliced.
 */

#define CCP_EXCHANGE_SHORT  64
#define CCP_EXCHANGE_BYTES  4          /* of a token */

static int64_t
ccp_exchange_besides(const ccp_exchange_t *x)
{
    int64_t             n;
    ccp_str_t           raw;
    ccp_jiter_t         it;
    const ccp_known_t  *k;

    n = 0;

    for (it = ccp_json_iter(x->req.root); ccp_json_next(&it); /* void */ ) {

        raw = ccp_json_raw(it.val);

        if (raw.n < CCP_EXCHANGE_SHORT) {
            continue;
        }

        for (k = ccp_proto_ops(x->req.proto)->known; k && k->name; k++) {
            if (ccp_str_is(it.key, k->name)) {
                break;
            }
        }

        if (k && (k->name == NULL ? !ccp_proto_ops(x->req.proto)->snake
                                  : k->holds != CCP_HOLDS_NOTHING))
        {
            n += (int64_t) raw.n;
        }
    }

    return n;
}


int64_t
ccp_exchange_estimate(ccp_exchange_t *x)
{
    if (!x->decoded) {
        return -1;
    }

    if (!x->estimated) {
        x->estimate =
            ccp_estimate_request(&x->req, ccp_proto_ops(x->req.proto)->family,
                                 ccp_proto_ops(x->req.proto)->sealed);
        x->estimate += ccp_exchange_besides(x) / CCP_EXCHANGE_BYTES;
        x->estimated = 1;
    }

    return x->estimate;
}


void
ccp_request_init(ccp_request_t *r, const ccp_endpoint_t *ep)
{
    r->proto = ep->proto;
    r->op = ep->op;
    r->model = ep->model;
    r->stream = ep->stream;
    r->stream_array = ep->array;
    r->generate = ep->generate;
    r->embed_single = ep->single;

    ccp_request_unset(r);
}


void
ccp_exchange_rules(ccp_exchange_t *x, const ccp_prompt_rules_t *rules)
{
    x->rules = rules;
}


void
ccp_exchange_betas(ccp_exchange_t *x, const ccp_str_t *betas, size_t n)
{
    x->betas = betas;
    x->nbetas = n;
    x->beta_rules = 1;
}


/* The body with what the prompt tools change, read again. */

int
ccp_exchange_prompt(ccp_exchange_t *x, ccp_request_t *r, ccp_error_t *err)
{
    int               rc;
    ccp_str_t         model;
    ccp_out_t         prompted;
    ccp_edit_t        e;
    const ccp_ops_t  *ops;

    if (x->rules == NULL || r->op == CCP_OP_EMBED) {
        return CCP_OK;
    }

    ops = ccp_proto_ops(r->proto);
    model = ccp_json_gets(r->root, "model");

    ccp_edit_init(&e, &r->doc, x->arena);
    ccp_out_init(&prompted, x->arena, 0);

    rc = ccp_prompt_edit(&e, x->rules, ops, r->generate,
                         model.p ? model : x->ep.model, err);

    if (rc == CCP_OK && e.n != 0) {
        ccp_out_reserve(&prompted, r->body.n);
        rc = ccp_edit_write(&e, &prompted);

        if (rc == CCP_OK) {
            r->body = ccp_out_all(&prompted);
            rc = ccp_json_parse(&r->doc, r->body.p, r->body.n, 0, NULL);
        }
    }

    ccp_edit_free(&e);
    r->root = ccp_json_root(&r->doc);

    return rc;
}


int
ccp_exchange_request(ccp_exchange_t *x, ccp_str_t body, ccp_str_t version,
    ccp_error_t *err)
{
    int               rc;
    ccp_jerr_t        je;
    ccp_edit_t        e;
    ccp_request_t    *r;
    const ccp_ops_t  *ops;

    r = &x->req;
    ops = ccp_proto_ops(x->ep.proto);
    ccp_request_init(r, &x->ep);

    r->body = body;
    r->version = version;

    if (ccp_str_blank(body)) {
        return ccp_refuse(err, x->arena, CCP_E_BAD_REQUEST,
                          "the request body is empty: a JSON object is "
                          "expected");
    }

    rc = ccp_json_recall(&r->doc, body.p, body.n, 0, &je);

    if (rc == CCP_INVALID) {
        return ccp_refuse(err, x->arena, CCP_E_BAD_REQUEST,
                          "the request body is not valid JSON: %s at byte "
                          "%zu of %zu", je.what, je.offset, body.n);
    }

    if (rc != CCP_OK) {
        return rc;
    }

    r->root = ccp_json_root(&r->doc);

    if (ccp_json_type(r->root) != CCP_J_OBJECT) {
        return ccp_refuse(err, x->arena, CCP_E_BAD_REQUEST,
                          "the request body is %s: a JSON object is "
                          "expected", ccp_json_typename(r->root));
    }

    if (x->keeper && ops->recall && r->op != CCP_OP_EMBED) {
        rc = ccp_exchange_recall(x, err);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    rc = ccp_exchange_prompt(x, r, err);
    if (rc != CCP_OK) {
        return rc;
    }

    rc = r->op == CCP_OP_EMBED
         ? ccp_embed_read_request(ops, r, x->arena, err)
         : ops->read_request(r, x->arena, err);

    if (rc == CCP_OK && x->rules && r->op != CCP_OP_EMBED) {
        ccp_edit_init(&e, &r->doc, x->arena);
        rc = ccp_prompt_hold(&e, x->rules, r, err);
    }

    x->decoded = (rc == CCP_OK);

    return rc;
}


int
ccp_exchange_error_document(ccp_exchange_t *x, const ccp_error_t *err,
    ccp_head_t *head, ccp_out_t *out)
{
    const ccp_ops_t  *ops;

    ops = ccp_proto_ops(x->ep.proto);

    memset(head, 0, sizeof(ccp_head_t));
    head->status = err->reply ? err->reply : ops->error_status(err);
    head->content_type = ccp_lit("application/json");
    head->retry_after = err->retry_after;
    head->lasting = head->status >= 429
                    && (err->cls == CCP_E_BILLING || err->cls == CCP_E_QUOTA
                        || err->cls == CCP_E_UNSUPPORTED);

    if (err->raw.p) {
        head->status = err->status;
        ccp_out_bytes(out, err->raw.p, err->raw.n);
        return out->err ? CCP_NOMEM : CCP_OK;
    }

    return ops->error(err, x->id, out);
}


int
ccp_exchange_error(ccp_exchange_t *x, const ccp_error_t *err,
    ccp_head_t *head, ccp_out_t *out)
{
    int          rc;
    ccp_error_t  own;

    own = *err;
    own.reply = err->status;

    rc = ccp_exchange_error_document(x, &own, head, out);

    return rc == CCP_OK ? ccp_out_finish(out) : rc;
}
