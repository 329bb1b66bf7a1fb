
/*
 * A try: its life, and what it sends, the request's body, path and query for
 * its target.  Its answer: exchange_answer.c.
 */

#include "codec/compat/compat.h"
#include "codec/embed/embed.h"
#include "codec/exchange/exchange_private.h"
#include "codec/rewrite/rewrite_params.h"
#include "codec/prepare/prepare.h"
#include "codec/form/form_block.h"
#include "codec/form/form_think.h"


/* Own bytes of a converted body to have room for at first, at most. */
#define CCP_OUT_FIRST    (48 * 1024)

/* Slices of the client's body from this length on are referenced. */
#define CCP_REF_MIN      2048


/* ---- life ---- */

ccp_try_t *
ccp_try_create(ccp_exchange_t *x, const ccp_target_t *target)
{
    ccp_try_t    *t;
    ccp_arena_t  *a;

    a = ccp_arena_create(&x->env.mem, x->env.limit);
    if (a == NULL) {
        return NULL;
    }

    t = ccp_calloc(a, sizeof(ccp_try_t));
    if (t == NULL) {
        ccp_arena_destroy(a);
        return NULL;
    }

    t->x = x;
    t->arena = a;
    ccp_arena_set_memo(a, x->env.memo, x->env.scope);
    t->target = *target;
    t->src = &x->req;

    ccp_out_init(&t->body, a, CCP_REF_MIN);
    ccp_out_init(&t->edited, a, CCP_REF_MIN);
    ccp_out_init(&t->uri, a, 0);

    t->next = x->tries;
    if (t->next) {
        t->next->prev = t;
    }
    x->tries = t;

    return t;
}


void
ccp_try_destroy(ccp_try_t *t)
{
    if (t == NULL) {
        return;
    }

    if (t->prev) {
        t->prev->next = t->next;
    } else {
        t->x->tries = t->next;
    }

    if (t->next) {
        t->next->prev = t->prev;
    }

    ccp_arena_destroy(t->reply.arena);
    ccp_arena_destroy(t->arena);
}


ccp_exchange_t *
ccp_try_exchange(const ccp_try_t *t)
{
    return t->x;
}


int
ccp_try_spliced(const ccp_try_t *t)
{
    return t->spliced;
}


const ccp_item_t *
ccp_try_notes(const ccp_try_t *t)
{
    return t->req.notes;
}


/* ---- body ---- */

/* Parameters of the configuration are about answers that are generated. */

static int
ccp_try_params(ccp_try_t *t, ccp_edit_t *edit, ccp_str_t model)
{
    if (t->target.params == NULL || t->req.op != CCP_OP_GENERATE) {
        return CCP_OK;
    }

    model = ccp_str_plain(t->arena, model);

    return ccp_params_edit(edit, t->target.params, model,
                           ccp_proto_ops(t->target.proto)->snake);
}


/* The client's bytes with what must change in them. */

static int
ccp_try_splice(ccp_try_t *t, ccp_str_t model, ccp_error_t *err)
{
    int         rc;
    ccp_edit_t  edit;

    ccp_edit_init(&edit, &t->src->doc, t->arena);

    rc = ccp_splice_edit(&t->req, &t->target, &edit, err);

    if (rc == CCP_OK) {
        rc = ccp_try_params(t, &edit, model);
    }

    if (rc == CCP_OK) {
        rc = ccp_edit_write(&edit, &t->body);
    }

    ccp_edit_free(&edit);

    return rc;
}


/* What was encoded, with the target's parameters. */

static int
ccp_try_edit_body(ccp_try_t *t, ccp_str_t model)
{
    int  rc;

    rc = ccp_edit_out(&t->edit, &t->body, t->arena);

    if (rc == CCP_OK) {
        rc = ccp_try_params(t, &t->edit, model);
    }

    if (rc == CCP_OK) {
        rc = ccp_edit_write(&t->edit, &t->edited);
    }

    return rc;
}


/* A request with its tools as text. */

static int
ccp_compat_make(ccp_request_t **to, ccp_name_t **names, ccp_request_t *r,
    ccp_arena_t *a)
{
    int             rc;
    ccp_item_t     *notes;
    ccp_request_t  *copy;

    rc = ccp_names_build(names, r, a, CCP_COMPAT_NAME_MAX, 1);
    if (rc != CCP_OK) {
        return rc;
    }

    copy = ccp_alloc(a, sizeof(ccp_request_t));
    if (copy == NULL) {
        return CCP_NOMEM;
    }

    /* its own notes alone */

    notes = r->notes;
    r->notes = NULL;

    rc = ccp_compat_request(copy, r, *names, a);

    r->notes = notes;

    if (rc != CCP_OK) {
        return CCP_NOMEM;
    }

    *to = copy;

    return CCP_OK;
}


/* The client's own request is made so once for all tries. */

static int
ccp_try_compat(ccp_try_t *t, ccp_write_ctx_t *e)
{
    int                rc;
    ccp_item_t        *notes;
    ccp_name_t        *names;
    ccp_request_t     *r;
    ccp_exchange_t    *x;
    const ccp_item_t  *it;

    x = t->x;

    if (t->src != &x->req) {
        rc = ccp_compat_make(&r, &names, t->src, t->arena);

    } else {
        rc = x->compat_req ? CCP_OK
                           : ccp_compat_make(&x->compat_req, &x->compat_names,
                                             &x->req, x->arena);
        r = x->compat_req;
        names = x->compat_names;
    }

    if (rc != CCP_OK) {
        return rc;
    }

    notes = t->req.notes;
    t->req = *r;
    t->req.notes = notes;

    for (it = r->notes; it; it = it->next) {
        if (ccp_item_add(t->arena, &t->req.notes, it->s) != CCP_OK) {
            return CCP_NOMEM;
        }
    }

    e->changed = 1;
    t->names = names;

    return CCP_OK;
}


/* Tool names on the wire; in text, those of the text. */

static int
ccp_try_names(ccp_try_t *t, ccp_write_ctx_t *e)
{
    if (t->compat) {
        return ccp_try_compat(t, e);
    }

    return ccp_names_build(&t->names, &t->req, t->arena,
                           e->target->provider->name_max
                           ? (size_t) e->target->provider->name_max : 64,
                           !e->ops->free_text);
}


/* Whether the target can have the request at all; it is made ready to be
 * written anew, once for all tries. */

static int
ccp_try_check(ccp_try_t *t, ccp_error_t *err)
{
    int               rc;
    ccp_request_t    *r;
    ccp_exchange_t   *x;
    const ccp_ops_t  *client;

    x = t->x;
    r = t->src;
    client = ccp_proto_ops(r->proto);

    if (r->op == CCP_OP_EMBED && t->target.provider->no_embed) {
        return ccp_refuse(err, x->arena, CCP_E_BAD_REQUEST,
                          "%s makes no embeddings",
                          t->target.provider->name);
    }

    if (r->op == CCP_OP_COMPACT && t->target.proto != r->proto) {

        /* as if there were no such endpoint: its clients go on without */

        rc = ccp_refuse(err, x->arena, CCP_E_NOT_FOUND,
                        "compact: this model's provider has no such call; "
                        "ask the model itself for a summary");
        err->code = ccp_lit("unknown_url");

        return rc;
    }

    if (t->spliced || r->op == CCP_OP_EMBED) {
        return CCP_OK;
    }

    if ((t->target.proto != r->proto || t->compat) && client->convertible) {
        rc = client->convertible(r, x->arena, err);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    /* a neutral answer is one choice: n answers are never cut to one */

    if (r->n > 1) {
        return ccp_refuse(err, x->arena, CCP_E_BAD_REQUEST,
                          "n: this model gives one answer at a time");
    }

    if (r != &x->req) {
        return ccp_history_normalise(r, t->arena);
    }

    if (!x->normalised) {
        rc = ccp_history_normalise(r, x->arena);
        if (rc != CCP_OK) {
            return rc;
        }
        x->normalised = 1;
    }

    return CCP_OK;
}


static int
ccp_try_write_body(ccp_try_t *t, ccp_write_ctx_t *e)
{
    int     rc;
    size_t  n;

    if (t->spliced) {
        return ccp_try_splice(t, e->model, e->err);
    }

    if (t->req.op == CCP_OP_EMBED) {
        rc = ccp_embed_write_request(e, &t->body);
        return rc == CCP_OK ? ccp_out_finish(&t->body) : rc;
    }

    if (e->target->proto != t->req.proto) {
        ccp_lost_note(&t->req, t->arena, e->target);
    }

    rc = ccp_try_names(t, e);
    if (rc != CCP_OK) {
        return rc;
    }

    e->names = t->names;

    /* about as long as the client's body, but for long slices */

    n = t->req.body.n;
    ccp_out_reserve(&t->body, n < CCP_OUT_FIRST ? n : CCP_OUT_FIRST);

    rc = e->ops->write_request(e, &t->body);
    if (rc != CCP_OK) {
        return rc;
    }

    rc = ccp_out_finish(&t->body);

    if (rc == CCP_OK && t->target.params && t->req.op == CCP_OP_GENERATE)
    {
        rc = ccp_try_edit_body(t, e->model);
    }

    return rc;
}


/* ---- target ---- */

/*
 * Some models take tools, or a web search, in another protocol of their
 * provider only; of those with tools, who asks not to reason may stay.
 */

static ccp_proto_e
ccp_try_tools_proto(const ccp_request_t *r, const ccp_provider_t *pr)
{
    const ccp_tool_t  *t;

    for (t = pr->search_proto ? r->tools : NULL; t; t = t->next) {
        if (ccp_tool_searches(t)) {
            return (ccp_proto_e) (pr->search_proto - 1);
        }
    }

    return ccp_think_wanted(&r->think) == 0 ? CCP_NPROTO : pr->tools_proto;
}


static int
ccp_try_reroute(ccp_try_t *t, ccp_str_t model)
{
    ccp_proto_e            proto;
    ccp_provider_t        *also;
    const ccp_request_t   *r;
    const ccp_provider_t  *pr;

    r = t->src;
    pr = t->target.provider;

    if (r->op != CCP_OP_GENERATE || r->tools == NULL || t->compat) {
        return CCP_OK;
    }

    proto = ccp_try_tools_proto(r, pr);

    if (proto == CCP_NPROTO || proto == t->target.proto) {
        return CCP_OK;
    }

    also = ccp_alloc(t->arena, sizeof(ccp_provider_t));
    if (also == NULL) {
        return CCP_NOMEM;
    }

    if (ccp_provider_also(pr, proto, also) != CCP_OK) {
        return CCP_OK;
    }

    t->target.provider = ccp_provider_for_model(also, model, t->arena);
    t->target.proto = also->proto;

    return t->target.provider ? CCP_OK : CCP_NOMEM;
}


/* The request as if the client had not made the wishes that this target does
 * not serve. */

static int
ccp_try_leave_out(ccp_try_t *t, ccp_error_t *err)
{
    int              rc;
    unsigned         without;
    ccp_request_t   *r;
    ccp_provider_t  *pr;

    if (t->target.without == 0) {
        return CCP_OK;
    }

    without = t->target.without & ccp_exchange_wishes(t->x);

    if (without & ~CCP_WISH_BIT(CCP_WISH_TOOLS)) {

        r = ccp_alloc(t->arena, sizeof(ccp_request_t));
        if (r == NULL) {
            return CCP_NOMEM;
        }

        rc = ccp_wish_leave_out(t->x, without, r, t->arena, err);
        if (rc != CCP_OK) {
            return rc;
        }

        t->src = r;
    }

    if (without & CCP_WISH_BIT(CCP_WISH_STREAM_USAGE)) {

        /* nor does the module wish it */

        pr = ccp_alloc(t->arena, sizeof(ccp_provider_t));
        if (pr == NULL) {
            return CCP_NOMEM;
        }

        *pr = *t->target.provider;
        pr->no_stream_opts = 1;
        t->target.provider = pr;
    }

    t->without = without;

    return CCP_OK;
}


/* The provider's rules for the model, and which way the request takes. */

static int
ccp_try_choose(ccp_try_t *t, ccp_str_t model)
{
    int                   rc;
    ccp_request_t        *r;

    r = t->src;

    t->target.provider = ccp_provider_remember(&t->x->providers,
                                               t->target.provider, model,
                                               t->x->arena);
    if (t->target.provider == NULL) {
        return CCP_NOMEM;
    }

    t->compat = r->op != CCP_OP_EMBED
                && (t->x->ep.compat
                    || ccp_compat_mode(t->target.provider, t->target.tools)
                    == CCP_TOOLS_COMPAT)
                && ccp_compat_needed(r);

    if (ccp_try_reroute(t, model) != CCP_OK) {
        return CCP_NOMEM;
    }

    t->spliced = r->op == CCP_OP_EMBED
                 ? ccp_splice_fits_embed(r, &t->target)
                 : r->op == CCP_OP_COUNT
                 ? !t->compat && ccp_splice_fits_count(r, &t->target)
                 : !t->compat && ccp_splice_fits(r, &t->target);

    if (t->spliced) {
        rc = ccp_splice_is_anew(r, &t->target, t->arena);
        if (rc == CCP_NOMEM) {
            return rc;
        }

        t->spliced = (rc == 0);
    }

    return CCP_OK;
}


static int
ccp_try_write(ccp_try_t *t, ccp_str_t args, ccp_error_t *err)
{
    int              rc;
    ccp_write_ctx_t  e;

    memset(&e, 0, sizeof(ccp_write_ctx_t));
    e.arena = t->arena;
    e.req = &t->req;
    e.target = &t->target;
    e.model = t->target.model.p ? t->target.model : t->x->req.model;
    e.clock = &t->x->env.clock;
    e.err = err;

    /* rules of a place want to see what the request names */

    if (t->src->op == CCP_OP_HELD) {
        return ccp_try_held(t, &e, err);
    }

    rc = t->target.owner && t->target.owner == ccp_exchange_owner(t->x)
         && t->x->rules == NULL && t->x->named.p
         ? ccp_exchange_named(t->x, &t->src, err) : CCP_OK;

    if (rc == CCP_OK) {
        rc = ccp_try_leave_out(t, err);
    }

    if (rc == CCP_OK) {
        rc = ccp_try_choose(t, e.model);
    }

    if (rc == CCP_OK) {
        rc = ccp_try_check(t, err);
    }

    if (rc != CCP_OK) {
        return rc;
    }

    t->req = *t->src;
    t->req.notes = NULL;
    e.ops = ccp_proto_ops(t->target.proto);
    e.spliced = t->spliced;

    rc = ccp_try_write_body(t, &e);

    return rc == CCP_OK ? ccp_uri_write(&e, args, &t->uri) : rc;
}


int
ccp_try_request(ccp_try_t *t, ccp_str_t args, const ccp_out_t **body,
    ccp_str_t *uri, ccp_error_t *err)
{
    int  rc;

    if (!t->written) {
        rc = ccp_try_write(t, args, err);

        if (rc == CCP_INVALID) {

            /* why is told to the client when the try is gone */

            return ccp_error_keep(err, t->x->arena) == CCP_OK ? rc : CCP_NOMEM;
        }

        if (rc != CCP_OK) {
            return rc;
        }

        t->written = 1;
    }

    *body = t->edited.total ? &t->edited : &t->body;
    *uri = ccp_out_all(&t->uri);

    return CCP_OK;
}
