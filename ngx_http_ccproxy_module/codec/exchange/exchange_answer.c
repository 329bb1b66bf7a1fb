
/*
 * An answer: its beginning, the stages that its events pass, and what the
 * client gets of them.
 *
 *   bytes -> framer -> decoder -> stages -> sink -> encoder or aggregate
 *
 * In a splice the client gets the upstream's bytes; the decoder then reads
 * along for usage, stop reason and errors.
 */

#include "codec/base/base_mask.h"
#include "codec/exchange/exchange_private.h"
#include "codec/form/form_think.h"
#include "codec/provider/provider_error.h"
#include "codec/compat/compat.h"
#include "codec/prepare/prepare.h"
#include "codec/embed/embed.h"


static int ccp_answer_sink(void *ctx, const ccp_event_t *ev);


/* Releases what an earlier look at the answer left. */

static void
ccp_answer_clear(ccp_try_t *t)
{
    ccp_arena_destroy(t->reply.arena);
    memset(&t->reply, 0, sizeof(ccp_reply_t));
}


/*
 * Whether the client wants to read the model's reasoning: by its own word,
 * else by asking for it at all.
 */

static int
ccp_answer_shows_think(const ccp_request_t *r)
{
    switch (r->think.display) {

    case CCP_DISPLAY_OMIT:
        return 0;

    case CCP_DISPLAY_SUMMARY:
    case CCP_DISPLAY_FULL:
        return 1;

    default:
        return !ccp_proto_ops(r->proto)->think_silent
               && ccp_think_wanted(&r->think) == 1;
    }
}


/* ---- stages ---- */

static int
ccp_answer_has_think_tags(const ccp_try_t *t)
{
    return t->target.provider->think_tags && !t->spliced;
}


static void *
ccp_answer_make_think_tags(ccp_try_t *t, ccp_sink_t next)
{
    return ccp_think_tags_create(&t->reply.ac, next,
                                 t->target.provider->think_tags > 1);
}


static int
ccp_answer_has_calls(const ccp_try_t *t)
{
    return (t->compat || t->target.provider->call_text) && !t->spliced
           && ccp_compat_callable(&t->x->req);
}


static void *
ccp_answer_make_calls(ccp_try_t *t, ccp_sink_t next)
{
    t->reply.calls = ccp_calls_create(&t->reply.ac, next,
                                      t->compat ? CCP_CALLS_COMPAT
                                                : CCP_CALLS_NATIVE,
                                      t->x->env.answer_limit);

    return t->reply.calls;
}


static int
ccp_answer_has_free_text(const ccp_try_t *t)
{
    const ccp_name_t  *name;

    for (name = t->names; name && !name->free_text; name = name->next) {
        /* void */
    }

    return name != NULL;
}


static void *
ccp_answer_make_free_text(ccp_try_t *t, ccp_sink_t next)
{
    return ccp_free_text_create(&t->reply.ac, next, t->x->env.answer_limit);
}


static int
ccp_answer_has_nulls(const ccp_try_t *t)
{
    return t->reply.up->closes && !t->spliced && !t->compat
           && t->target.provider->strict != CCP_STRICT_DROP
           && ccp_nulls_wanted(&t->x->req);
}


static void *
ccp_answer_make_nulls(ccp_try_t *t, ccp_sink_t next)
{
    return ccp_nulls_create(&t->reply.ac, next);
}


/* Whether the module must cut the text at the client's stop sequences, since
 * the upstream can't be told of any. */

static int
ccp_answer_cuts_stop(const ccp_try_t *t)
{
    return t->x->req.stop && !t->spliced
           && (t->reply.up->no_stop
               || t->target.provider->stop_max < 0);
}


static void *
ccp_answer_make_stop_text(ccp_try_t *t, ccp_sink_t next)
{
    return ccp_stop_text_create(&t->reply.ac, next, t->x->req.stop);
}


static void *
ccp_answer_make_flow(ccp_try_t *t, ccp_sink_t next)
{
    t->reply.flow = ccp_flow_create(&t->reply.ac, next,
                                    t->x->env.answer_limit);

    return t->reply.flow;
}


/*
 * The stages in the order in which events pass them, from the decoder to the
 * sink.  Think tags come first, as calls that a model thinks of are none;
 * calls go before free text, which is the argument of a call, and before stop
 * sequences, which would cut them.  Flow is last: what encoders rely on must
 * hold for what the others made, too.
 */

static const struct {
    int   (*needed)(const ccp_try_t *t);           /* NULL: by all answers */
    void *(*create)(ccp_try_t *t, ccp_sink_t next);
    int   (*event)(void *stage, const ccp_event_t *ev);
} ccp_answer_phases[] = {
    { ccp_answer_has_think_tags, ccp_answer_make_think_tags,
      ccp_think_tags_event },
    { ccp_answer_has_calls, ccp_answer_make_calls, ccp_calls_event },
    { ccp_answer_has_free_text, ccp_answer_make_free_text,
      ccp_free_text_event },
    { ccp_answer_has_nulls, ccp_answer_make_nulls, ccp_nulls_event },
    { ccp_answer_cuts_stop, ccp_answer_make_stop_text, ccp_stop_text_event },
    { NULL, ccp_answer_make_flow, ccp_flow_event }
};


/* The stages that this answer needs; each knows the next one. */

static int
ccp_answer_make_stages(ccp_try_t *t)
{
    size_t      i;
    void       *stage;
    ccp_sink_t  next;

    next.fn = ccp_answer_sink;
    next.ctx = t;

    i = ccp_countof(ccp_answer_phases);

    while (i-- > 0) {
        if (ccp_answer_phases[i].needed
            && !ccp_answer_phases[i].needed(t))
        {
            continue;
        }

        stage = ccp_answer_phases[i].create(t, next);
        if (stage == NULL) {
            return CCP_NOMEM;
        }

        next.fn = ccp_answer_phases[i].event;
        next.ctx = stage;
    }

    t->reply.ac.sink = next;

    return CCP_OK;
}


/* ---- the answer ---- */

static void
ccp_answer_make_context(ccp_try_t *t)
{
    ccp_reply_t       *rp;
    ccp_exchange_t    *x;
    ccp_answer_ctx_t  *ac;

    x = t->x;
    rp = &t->reply;
    ac = &rp->ac;

    ac->arena = rp->arena;
    ac->req = &x->req;
    ac->target = &t->target;
    ac->client = rp->client;
    ac->up = rp->up;
    ac->names = t->names;
    ac->clock = &x->env.clock;
    ac->model = ccp_json_has(x->req.model_val)
                ? ccp_json_str(x->req.model_val) : x->req.model;
    ac->request_id = x->id;
    ac->started = x->env.clock.now_ns(x->env.clock.ctx);
    ac->created = ac->started / 1000000000;
    ac->estimate = x->estimated ? x->estimate : -1;
    ac->show_think = ccp_answer_shows_think(&x->req);

    if (x->keeper && rp->client->keep) {
        rp->keep = x->keep;
        rp->keep.maker = rp->client == rp->up ? t->target.owner : 0;
        ac->keep = &rp->keep;
    }
}


int
ccp_answer_begin(ccp_try_t *t, int status, ccp_str_t content_type,
    ccp_str_t retry_after)
{
    ccp_reply_t     *rp;
    ccp_exchange_t  *x;

    ccp_answer_clear(t);

    x = t->x;
    rp = &t->reply;
    rp->arena = ccp_arena_create(&x->env.mem, x->env.limit);
    if (rp->arena == NULL) {
        return CCP_NOMEM;
    }

    rp->status = status;
    rp->up = ccp_proto_ops(t->target.proto);
    rp->client = ccp_proto_ops(x->ep.proto);

    ccp_answer_make_context(t);

    if (retry_after.p) {
        rp->retry_after = ccp_str_dup(rp->arena, retry_after);
        if (rp->retry_after.p == NULL) {
            return CCP_NOMEM;
        }
    }

    ccp_buf_init(&rp->body, rp->arena,
                 status >= 400 ? 0 : x->env.answer_limit);
    ccp_buf_init(&rp->held, rp->arena, 0);
    ccp_json_init(&rp->doc, rp->arena);

    if (status >= 400) {
        rp->kind = CCP_BODY_ERROR;
        return CCP_OK;
    }

    if (x->req.op != CCP_OP_GENERATE) {
        rp->kind = CCP_BODY_WHOLE;
        return CCP_OK;
    }

    rp->sse_type = (content_type.n == 0
                    || ccp_str_starts(content_type, "text/event-stream")
                    || ccp_str_starts(content_type, "text/plain")
                    || ccp_str_starts(content_type, "application/"));

    if (ccp_answer_make_stages(t) != CCP_OK) {
        return CCP_NOMEM;
    }

    rp->dec = ccp_calloc(rp->arena, rp->up->dec_size);
    rp->enc = ccp_calloc(rp->arena, rp->client->enc_size);

    if (rp->dec == NULL || rp->enc == NULL
        || rp->up->dec_init(rp->dec, &rp->ac) != CCP_OK
        || rp->client->enc_init(rp->enc, &rp->ac) != CCP_OK)
    {
        return CCP_NOMEM;
    }

    if (!x->req.stream) {
        rp->agg = ccp_aggregate_create(&rp->ac, x->env.answer_limit);
        if (rp->agg == NULL) {
            return CCP_NOMEM;
        }

    } else if (rp->ac.keep && rp->keep.wanted && rp->client->keep_whole) {
        rp->kept = ccp_aggregate_create(&rp->ac, x->env.answer_limit);
        if (rp->kept == NULL) {
            return CCP_NOMEM;
        }
    }

    return CCP_OK;
}


void
ccp_answer_commit(ccp_try_t *t, int stream)
{
    ccp_reply_t  *rp;

    rp = &t->reply;

    rp->head.status = 200;
    rp->head.stream = stream;
    rp->head.content_type = stream ? ccp_cstr(rp->client->stream_type)
                                   : ccp_lit("application/json");

    if (stream && t->x->req.stream_array) {
        rp->head.content_type = ccp_lit("application/json");
    }
}


/* A whole answer for a client that asked for one. */

static int
ccp_answer_enc_whole(ccp_try_t *t)
{
    const ccp_error_t   *err;
    const ccp_answer_t  *ans;
    ccp_reply_t         *rp;

    rp = &t->reply;
    ans = ccp_aggregate_answer(rp->agg, &err);

    if (ans == NULL) {
        return ccp_answer_failed(rp) ? ccp_answer_fail(t, rp->out)
                                     : CCP_NOMEM;
    }

    ccp_answer_commit(t, 0);
    ccp_answer_finish(rp);

    if (rp->raw || rp->ac.pending) {
        ccp_mask(rp->body.p, rp->body.n, t->key);
        ccp_out_bytes(rp->out, rp->body.p, rp->body.n);
        return rp->out->err ? CCP_NOMEM : CCP_OK;
    }

    return rp->client->enc_whole(&rp->ac, ans, rp->out);
}


/*
 * Whether the event is in a splice's bytes.  An end they don't have is not,
 * nor that they can't be read: behind that no more of them pass.
 */

static int
ccp_answer_in_bytes(const ccp_reply_t *rp, const ccp_event_t *ev)
{
    if (!rp->raw) {
        return 0;
    }

    if (ev->kind == CCP_EV_ERROR) {
        return rp->kind != CCP_BODY_OVER && !rp->odd;
    }

    return ev->kind != CCP_EV_END || rp->kind != CCP_BODY_OVER
           || rp->frame.closed;
}


/* An event, into the client's stream. */

static int
ccp_answer_enc_event(ccp_try_t *t, const ccp_event_t *ev)
{
    ccp_event_t   masked;
    ccp_reply_t  *rp;

    rp = &t->reply;

    if (ccp_answer_in_bytes(rp, ev)) {
        return CCP_OK;
    }

    if (rp->raw && ccp_raw_leave(t) != CCP_OK) {
        return CCP_NOMEM;
    }

    if (ev->kind == CCP_EV_ERROR) {
        masked = *ev;
        masked.error = &rp->error;
        ev = &masked;
    }

    return rp->client->enc_event(rp->enc, ev, rp->out);
}


/*
 * Events that passed the flow stage, and what they make of the answer:
 *
 *     NONE --- ERROR ---> REFUSED --- END, its document is written ---> FAILED
 *      |                                                                  ^
 *      +--- END of a whole answer --------------+                         |
 *      |                                        |                         |
 *      | the first event: the head is written   |                         |
 *      v                                        v                         |
 *     OPEN --- END --------------------------> DONE                       |
 *      |                                                                  |
 *      +--- ERROR ---> BROKEN --- END; in a splice the end of its bytes --+
 *
 * The end of the bytes, or their abort, leads to DONE or FAILED in any case.
 */

static int
ccp_answer_sink(void *ctx, const ccp_event_t *ev)
{
    int           rc;
    ccp_try_t    *t;
    ccp_reply_t  *rp;

    t = ctx;
    rp = &t->reply;

    if (ev->kind == CCP_EV_ERROR) {
        rc = ccp_answer_note_error(t, ev->error);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    if (ev->kind == CCP_EV_DELTA) {
        rp->content = 1;
    }

    if (rp->kept && ccp_aggregate_event(rp->kept, ev) != CCP_OK) {
        return CCP_NOMEM;
    }

    if (rp->agg) {
        rc = ccp_aggregate_event(rp->agg, ev);
        return rc == CCP_OK && ev->kind == CCP_EV_END
               ? ccp_answer_enc_whole(t) : rc;
    }

    switch (rp->state) {

    case CCP_REPLY_NONE:
        if (ev->kind == CCP_EV_PING) {
            return CCP_OK;
        }

        ccp_answer_commit(t, 1);
        rp->state = CCP_REPLY_OPEN;
        break;

    case CCP_REPLY_REFUSED:
        return ev->kind == CCP_EV_END ? ccp_answer_fail(t, rp->out)
                                      : CCP_OK;

    default:
        break;
    }

    /* what a splice says after an error, such as [DONE], passes too */

    if (ev->kind == CCP_EV_END
        && !(rp->raw && rp->state == CCP_REPLY_BROKEN))
    {
        ccp_answer_finish(rp);
    }

    return ccp_answer_enc_event(t, ev);
}
