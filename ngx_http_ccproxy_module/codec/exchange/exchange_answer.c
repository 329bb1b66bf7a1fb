
/*
 * An answer: its beginning, the stages that its events pass, and what the
 * client gets of them.
 *
 *   bytes -> framer -> decoder -> stages -> sink -> encoder or aggregate
 *
 * In a splice the client gets the upstream's bytes; the decoder then reads
 * along for usage, stop reason and errors.
 */

#include "codec/exchange/exchange_private.h"
#include "codec/form/form_think.h"
#include "codec/provider/provider_error.h"
#include "codec/compat/compat.h"
#include "codec/exchange/exchange_private.h"
#include "codec/prepare/prepare.h"
#include "codec/embed/embed.h"


static int ccp_response_sink(void *ctx, const ccp_event_t *ev);


/* Releases what an earlier try left. */

static void
ccp_response_clear(ccp_exchange_t *x)
{
    ccp_arena_destroy(x->res.arena);
    memset(&x->res, 0, sizeof(ccp_response_t));
}


/*
 * Whether the client wants to read the model's reasoning: by its own word,
 * else by asking for it at all.
 */

static int
ccp_response_show(const ccp_request_t *r)
{
    switch (r->think.display) {

    case CCP_DISPLAY_OMIT:
        return 0;

    case CCP_DISPLAY_SUMMARY:
    case CCP_DISPLAY_FULL:
        return 1;

    default:
        return (r->proto != CCP_RESPONSES && r->proto != CCP_GEMINI)
               && ccp_think_wanted(&r->think) == 1;
    }
}


/* ---- stages ---- */

static int
ccp_response_thinks(const ccp_exchange_t *x)
{
    return x->target.dialect->think_tags && !x->spliced;
}


static void *
ccp_response_thinktag(ccp_exchange_t *x, ccp_sink_t next)
{
    return ccp_thinktag_create(&x->res.rs, next,
                               x->target.dialect->think_tags > 1);
}


static int
ccp_response_calls(const ccp_exchange_t *x)
{
    return (x->compat || x->target.dialect->call_text) && !x->spliced
           && ccp_compat_callable(&x->req);
}


static void *
ccp_response_toolcall(ccp_exchange_t *x, ccp_sink_t next)
{
    return ccp_toolcall_create(&x->res.rs, next,
                               x->compat ? CCP_CALLS_COMPAT
                                         : CCP_CALLS_NATIVE,
                               x->env.answer_limit);
}


static int
ccp_response_free_text(const ccp_exchange_t *x)
{
    const ccp_name_t  *name;

    for (name = x->names; name && !name->custom; name = name->next) {
        /* void */
    }

    return name != NULL;
}


static void *
ccp_response_custom(ccp_exchange_t *x, ccp_sink_t next)
{
    return ccp_custom_create(&x->res.rs, next, x->env.answer_limit);
}


/* Whether the module must cut the text at the client's stop sequences, since
 * the upstream can't be told of any. */

static int
ccp_response_cuts(const ccp_exchange_t *x)
{
    return x->req.stop && !x->spliced
           && (x->target.proto == CCP_RESPONSES
               || x->target.dialect->stop_max < 0);
}


static void *
ccp_response_stoptext(ccp_exchange_t *x, ccp_sink_t next)
{
    return ccp_stoptext_create(&x->res.rs, next, x->req.stop);
}


static void *
ccp_response_flow(ccp_exchange_t *x, ccp_sink_t next)
{
    x->res.flow = ccp_flow_create(&x->res.rs, next, x->env.answer_limit);

    return x->res.flow;
}


/*
 * The stages in the order in which events pass them, from the decoder to the
 * sink.  Think tags come first, as calls that a model thinks of are none;
 * calls go before free text, which is the argument of a call, and before stop
 * sequences, which would cut them.  Flow is last: what encoders rely on must
 * hold for what the others made, too.
 */

static const struct {
    int   (*needed)(const ccp_exchange_t *x);      /* NULL: by all answers */
    void *(*create)(ccp_exchange_t *x, ccp_sink_t next);
    int   (*event)(void *stage, const ccp_event_t *ev);
} ccp_response_phases[] = {
    { ccp_response_thinks, ccp_response_thinktag, ccp_thinktag_event },
    { ccp_response_calls, ccp_response_toolcall, ccp_toolcall_event },
    { ccp_response_free_text, ccp_response_custom, ccp_custom_event },
    { ccp_response_cuts, ccp_response_stoptext, ccp_stoptext_event },
    { NULL, ccp_response_flow, ccp_flow_event }
};


/* The stages that this answer needs; each knows the next one. */

static int
ccp_response_stages(ccp_exchange_t *x)
{
    size_t      i;
    void       *stage;
    ccp_sink_t  next;

    next.fn = ccp_response_sink;
    next.ctx = x;

    i = ccp_countof(ccp_response_phases);

    while (i-- > 0) {
        if (ccp_response_phases[i].needed
            && !ccp_response_phases[i].needed(x))
        {
            continue;
        }

        stage = ccp_response_phases[i].create(x, next);
        if (stage == NULL) {
            return CCP_NOMEM;
        }

        next.fn = ccp_response_phases[i].event;
        next.ctx = stage;
    }

    x->res.rs.sink = next;

    return CCP_OK;
}


/* ---- the answer ---- */

int
ccp_response_begin(ccp_exchange_t *x, int status, ccp_str_t content_type,
    ccp_str_t retry_after)
{
    ccp_res_t       *rs;
    ccp_response_t  *res;

    ccp_response_clear(x);

    res = &x->res;
    res->arena = ccp_arena_create(&x->env.mem, x->env.limit);
    if (res->arena == NULL) {
        return CCP_NOMEM;
    }

    res->status = status;
    res->up = ccp_ops(x->target.proto);
    res->client = ccp_ops(x->ep.proto);

    rs = &res->rs;
    rs->arena = res->arena;
    rs->req = &x->req;
    rs->target = &x->target;
    rs->names = x->names;
    rs->clock = &x->env.clock;
    rs->model = ccp_json_has(x->req.model_val)
                ? ccp_json_str(x->req.model_val) : x->req.model;
    rs->request_id = x->id;
    rs->started = x->env.clock.now_ns(x->env.clock.ctx);
    rs->created = rs->started / 1000000000;
    rs->estimate = x->estimated ? x->estimate : -1;
    rs->show_think = ccp_response_show(&x->req);

    if (retry_after.p) {
        res->retry_after = ccp_str_dup(res->arena, retry_after);
        if (res->retry_after.p == NULL) {
            return CCP_NOMEM;
        }
    }

    ccp_buf_init(&res->body, res->arena,
                 status >= 400 ? 0 : x->env.answer_limit);
    ccp_json_init(&res->doc, res->arena);

    if (status >= 400) {
        res->kind = CCP_BODY_ERROR;
        return CCP_OK;
    }

    if (x->req.op != CCP_OP_GENERATE) {
        res->kind = CCP_BODY_WHOLE;
        return CCP_OK;
    }

    res->sse_type = (content_type.n == 0
                     || ccp_str_starts(content_type, "text/event-stream")
                     || ccp_str_starts(content_type, "text/plain")
                     || ccp_str_starts(content_type, "application/"));

    if (ccp_response_stages(x) != CCP_OK) {
        return CCP_NOMEM;
    }

    res->dec = ccp_calloc(res->arena, res->up->dec_size);
    res->enc = ccp_calloc(res->arena, res->client->enc_size);

    if (res->dec == NULL || res->enc == NULL
        || res->up->dec_init(res->dec, rs) != CCP_OK
        || res->client->enc_init(res->enc, rs) != CCP_OK)
    {
        return CCP_NOMEM;
    }

    if (!x->req.stream) {
        res->agg = ccp_aggregate_create(rs, x->env.answer_limit);
        if (res->agg == NULL) {
            return CCP_NOMEM;
        }
    }

    return CCP_OK;
}


void
ccp_response_commit(ccp_exchange_t *x, int stream)
{
    ccp_response_t  *res;

    res = &x->res;

    res->head.status = 200;
    res->head.stream = stream;
    res->head.content_type = stream ? ccp_cstr(res->client->stream_type)
                                    : ccp_lit("application/json");

    if (stream && x->req.stream_array) {
        res->head.content_type = ccp_lit("application/json");
    }
}


/* A whole answer for a client that asked for one. */

static int
ccp_response_answer(ccp_exchange_t *x)
{
    const ccp_error_t   *err;
    const ccp_answer_t  *ans;
    ccp_response_t      *res;

    res = &x->res;
    ans = ccp_aggregate_answer(res->agg, &err);

    if (ans == NULL) {
        return ccp_response_failed(res) ? ccp_response_fail(x, res->out)
                                        : CCP_NOMEM;
    }

    ccp_response_commit(x, 0);
    ccp_response_finish(res);

    if (res->raw) {
        return ccp_buf_add(&res->out->buf, res->body.p, res->body.n);
    }

    return res->client->enc_whole(&res->rs, ans, res->out);
}


/*
 * An event, into the client's stream.  In a splice the bytes speak for
 * themselves, but for an end they don't have.
 */

static int
ccp_response_say(ccp_exchange_t *x, const ccp_event_t *ev)
{
    ccp_event_t      masked;
    ccp_response_t  *res;

    res = &x->res;

    if (res->raw
        && (res->kind != CCP_BODY_OVER || !ccp_response_failed(res)))
    {
        return CCP_OK;
    }

    if (ev->kind == CCP_EV_ERROR) {
        masked = *ev;
        masked.error = &res->error;
        ev = &masked;
    }

    return res->client->enc_event(res->enc, ev, res->out);
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
ccp_response_sink(void *ctx, const ccp_event_t *ev)
{
    int              rc;
    ccp_exchange_t  *x;
    ccp_response_t  *res;

    x = ctx;
    res = &x->res;

    if (ev->kind == CCP_EV_ERROR) {
        rc = ccp_response_note_error(x, ev->error);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    if (ev->kind == CCP_EV_DELTA) {
        res->content = 1;
    }

    if (res->agg) {
        rc = ccp_aggregate_event(res->agg, ev);
        return rc == CCP_OK && ev->kind == CCP_EV_END
               ? ccp_response_answer(x) : rc;
    }

    switch (res->state) {

    case CCP_REPLY_NONE:
        if (ev->kind == CCP_EV_PING) {
            return CCP_OK;
        }

        ccp_response_commit(x, 1);
        res->state = CCP_REPLY_OPEN;
        break;

    case CCP_REPLY_REFUSED:
        return ev->kind == CCP_EV_END ? ccp_response_fail(x, res->out)
                                      : CCP_OK;

    default:
        break;
    }

    /* what a splice says after an error, such as [DONE], passes too */

    if (ev->kind == CCP_EV_END
        && !(res->raw && res->state == CCP_REPLY_BROKEN))
    {
        ccp_response_finish(res);
    }

    return ccp_response_say(x, ev);
}
