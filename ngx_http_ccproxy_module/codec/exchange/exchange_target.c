
/*
 * What one try gets: the request's body, path and query for a target.
 */

#include "codec/compat/compat.h"
#include "codec/embed/embed.h"
#include "codec/exchange/exchange_private.h"
#include "codec/rewrite/rewrite_params.h"
#include "codec/prepare/prepare.h"
#include "codec/form/form_think.h"


/* Own bytes of a converted body to have room for at first, at most. */
#define CCP_OUT_FIRST    (48 * 1024)


/* Parameters of the configuration are about answers that are generated. */

static int
ccp_exchange_params(ccp_exchange_t *x, ccp_edit_t *edit, ccp_str_t model)
{
    if (x->target.params == NULL || x->req.op != CCP_OP_GENERATE) {
        return CCP_OK;
    }

    model = ccp_str_plain(x->arena, model);

    return ccp_params_edit(edit, x->target.params, model,
                           x->target.proto == CCP_GEMINI);
}


/* The client's bytes with what must change in them. */

static int
ccp_exchange_splice(ccp_exchange_t *x, ccp_str_t model, ccp_error_t *err)
{
    int         rc;
    ccp_edit_t  edit;

    ccp_edit_init(&edit, &x->req.doc, x->arena);

    rc = ccp_splice_edit(&x->req, &x->target, &edit, err);

    if (rc == CCP_OK) {
        rc = ccp_exchange_params(x, &edit, model);
    }

    if (rc == CCP_OK) {
        rc = ccp_edit_write(&edit, &x->body);
    }

    ccp_edit_free(&edit);

    return rc;
}


/* What was encoded, with the target's parameters. */

static int
ccp_exchange_edit_body(ccp_exchange_t *x, ccp_str_t model,
    const ccp_out_t **body)
{
    int  rc;

    rc = ccp_edit_out(&x->edit, &x->body, x->arena);

    if (rc == CCP_OK) {
        rc = ccp_exchange_params(x, &x->edit, model);
    }

    if (rc == CCP_OK) {
        rc = ccp_edit_write(&x->edit, &x->edited);
    }

    *body = &x->edited;

    return rc;
}


/* The request with its tools as text, the same for all targets. */

static int
ccp_exchange_compat(ccp_exchange_t *x, ccp_write_ctx_t *e)
{
    int  rc;

    if (x->compat_req == NULL) {
        rc = ccp_names_build(&x->compat_names, &x->req, x->arena,
                             CCP_COMPAT_NAME_MAX, 1);
        if (rc != CCP_OK) {
            return rc;
        }

        e->req = ccp_alloc(x->arena, sizeof(ccp_request_t));

        if (e->req == NULL
            || ccp_compat_request(e->req, &x->req, x->compat_names, x->arena)
               != CCP_OK)
        {
            return CCP_NOMEM;
        }

        x->compat_req = e->req;
    }

    e->req = x->compat_req;
    e->changed = 1;
    x->names = x->compat_names;

    return CCP_OK;
}


/* Tool names on the wire; in text, those of the text. */

static int
ccp_exchange_names(ccp_exchange_t *x, ccp_write_ctx_t *e)
{
    if (x->compat) {
        return ccp_exchange_compat(x, e);
    }

    return ccp_names_build(&x->names, &x->req, x->arena,
                           e->target->provider->name_max
                           ? (size_t) e->target->provider->name_max : 64,
                           e->target->proto != CCP_RESPONSES);
}


static int
ccp_exchange_write_body(ccp_exchange_t *x, ccp_write_ctx_t *e)
{
    int               rc;
    ccp_request_t    *r;
    const ccp_ops_t  *client;

    r = &x->req;
    x->names = NULL;
    client = ccp_proto_ops(r->proto);

    if (r->op == CCP_OP_EMBED && x->target.provider->no_embed) {
        return ccp_refuse(e->err, x->arena, CCP_E_BAD_REQUEST,
                          "%s makes no embeddings",
                          x->target.provider->name);
    }

    if (x->spliced) {
        return ccp_exchange_splice(x, e->model, e->err);
    }

    if (r->op == CCP_OP_EMBED) {
        rc = ccp_embed_write_request(e, &x->body);
        return rc == CCP_OK ? ccp_out_finish(&x->body) : rc;
    }

    if ((e->target->proto != r->proto || x->compat) && client->convertible) {
        rc = client->convertible(r, x->arena, e->err);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    /* a neutral answer is one choice: n answers are never cut to one */

    if (r->n > 1) {
        return ccp_refuse(e->err, x->arena, CCP_E_BAD_REQUEST,
                          "n: this model gives one answer at a time");
    }

    if (e->target->proto != r->proto) {
        ccp_lost_note(r, x->arena, e->target);
    }

    if (!x->normalised) {
        rc = ccp_history_normalise(r, x->arena);
        if (rc != CCP_OK) {
            return rc;
        }
        x->normalised = 1;
    }

    rc = ccp_exchange_names(x, e);
    if (rc != CCP_OK) {
        return rc;
    }

    e->names = x->names;

    /* about as long as the client's body, but for long slices */

    ccp_out_reserve(&x->body, r->body.n < CCP_OUT_FIRST ? r->body.n
                                                        : CCP_OUT_FIRST);

    rc = ccp_proto_ops(e->target->proto)->write_request(e, &x->body);
    r->notes = e->req->notes;

    return rc == CCP_OK ? ccp_out_finish(&x->body) : rc;
}


/*
 * Some models take tools in another protocol of their provider only; who
 * asks not to reason may stay.
 */

static int
ccp_exchange_reroute(ccp_exchange_t *x, ccp_str_t model)
{
    ccp_provider_t        *also;
    const ccp_provider_t  *pr;

    pr = x->target.provider;

    if (pr->tools_proto == CCP_NPROTO || pr->tools_proto == x->target.proto
        || x->req.op != CCP_OP_GENERATE || x->req.tools == NULL || x->compat
        || ccp_think_wanted(&x->req.think) == 0)
    {
        return CCP_OK;
    }

    also = ccp_alloc(x->arena, sizeof(ccp_provider_t));
    if (also == NULL) {
        return CCP_NOMEM;
    }

    if (ccp_provider_also(pr, pr->tools_proto, also) != CCP_OK) {
        return CCP_OK;
    }

    x->target.provider = ccp_provider_for_model(also, model, x->arena);
    x->target.proto = also->proto;

    return x->target.provider ? CCP_OK : CCP_NOMEM;
}


int
ccp_exchange_target(ccp_exchange_t *x, const ccp_target_t *target,
    ccp_str_t args, const ccp_out_t **body, ccp_str_t *uri,
    ccp_error_t *err)
{
    int              rc;
    ccp_write_ctx_t  e;

    x->target = *target;

    memset(&e, 0, sizeof(ccp_write_ctx_t));
    e.arena = x->arena;
    e.req = &x->req;
    e.target = &x->target;
    e.model = target->model.p ? target->model : x->req.model;
    e.clock = &x->env.clock;
    e.err = err;

    x->target.provider = ccp_provider_remember(&x->providers, target->provider,
                                               e.model, x->arena);
    if (x->target.provider == NULL) {
        return CCP_NOMEM;
    }

    x->compat = x->req.op != CCP_OP_EMBED
                && (x->ep.compat
                    || ccp_compat_mode(x->target.provider, target->tools)
                    == CCP_TOOLS_COMPAT)
                && ccp_compat_needed(&x->req);

    if (ccp_exchange_reroute(x, e.model) != CCP_OK) {
        return CCP_NOMEM;
    }

    x->spliced = x->req.op == CCP_OP_EMBED
                 ? ccp_embed_splice_fits(&x->req, &x->target)
                 : x->req.op == CCP_OP_COUNT
                 ? !x->compat && ccp_splice_fits_count(&x->req, &x->target)
                 : !x->compat && ccp_splice_fits(&x->req, &x->target);

    if (x->spliced) {
        rc = ccp_splice_is_anew(&x->req, &x->target, x->arena);
        if (rc == CCP_NOMEM) {
            return rc;
        }

        x->spliced = (rc == 0);
    }

    e.spliced = x->spliced;

    ccp_edit_free(&x->edit);
    ccp_out_reset(&x->body);
    ccp_out_reset(&x->edited);
    ccp_out_reset(&x->uri);

    *body = &x->body;
    rc = ccp_exchange_write_body(x, &e);

    if (rc == CCP_OK && !x->spliced && target->params
        && x->req.op == CCP_OP_GENERATE)
    {
        rc = ccp_exchange_edit_body(x, e.model, body);
    }

    if (rc != CCP_OK) {
        return rc;
    }

    rc = ccp_uri_write(&e, args, &x->uri);
    if (rc != CCP_OK) {
        return rc;
    }

    *uri = ccp_out_all(&x->uri);

    return CCP_OK;
}
