
/*
 * Responses: events to the client, and whole answers by the same way.
 *
 *   created in_progress item* (completed | incomplete | failed)
 *
 * Each block is an item (responses_answer_out_items.c).
 */

#include "codec/responses/responses_answer.h"
#include "codec/responses/responses.h"
#include "codec/json/json_write.h"
#include "codec/proto/proto_out.h"
#include "codec/stage/stage.h"


static const ccp_responses_status_t  ccp_responses_enc_running_status = {
    "in_progress", NULL
};

static const ccp_responses_status_t  ccp_responses_enc_failed_status =
    { "failed", NULL };

static const ccp_responses_status_t  ccp_responses_enc_stop_statuses[] = {
    [CCP_STOP_NONE] = { "completed", NULL },
    [CCP_STOP_END] = { "completed", NULL },
    [CCP_STOP_PAUSE] = { "completed", NULL },
    [CCP_STOP_SEQ] = { "completed", NULL },
    [CCP_STOP_TOOL] = { "completed", NULL },
    [CCP_STOP_COMPACT] = { "completed", NULL },
    [CCP_STOP_REFUSAL] = { "incomplete", "content_filter" },
    [CCP_STOP_FILTER] = { "incomplete", "content_filter" },
    [CCP_STOP_LENGTH] = { "incomplete", "max_output_tokens" },
    [CCP_STOP_CONTEXT] = { "incomplete", "max_output_tokens" }
};


int
ccp_responses_enc_init(void *enc, ccp_answer_ctx_t *ac)
{
    size_t                i;
    ccp_responses_enc_t  *e = enc;

    ccp_buf_t  *bufs[] = {
        &e->item, &e->call, &e->name, &e->space, &e->text, &e->sig,
        &e->notes, &e->probs, &e->raw
    };

    e->ac = ac;
    ccp_json_init(&e->doc, ac->arena);
    ccp_out_init(&e->output, ac->arena, 0);

    for (i = 0; i < ccp_countof(bufs); i++) {
        ccp_buf_init(bufs[i], ac->arena, 0);
    }

    return CCP_OK;
}


static void
ccp_responses_enc_document_event(ccp_responses_enc_t *e, ccp_out_t *out,
    const char *type, const ccp_responses_status_t *st,
    const ccp_usage_t *usage, const ccp_error_t *err)
{
    ccp_responses_enc_event_begin(e, out, type);
    ccp_w_key(out, "response");
    ccp_responses_enc_document(e, out, st, usage, err);
    ccp_responses_enc_event_end(out);
}


/* ---- beginning ---- */

static int
ccp_responses_enc_set_id(ccp_responses_enc_t *e, ccp_str_t id)
{
    ccp_buf_t  b;

    if (e->id.p) {
        return CCP_OK;
    }

    ccp_buf_init(&b, e->ac->arena, 0);

    if (ccp_str_starts(id, "resp_")) {
        (void) ccp_buf_add_plain(&b, id);

    } else {
        (void) ccp_buf_add(&b, "resp_", 5);
        (void) ccp_buf_add_plain(&b, e->ac->request_id);
    }

    e->id = ccp_buf_str(&b, 0);

    return b.err ? CCP_NOMEM : CCP_OK;
}


int
ccp_responses_enc_resume(void *enc, const void *dec)
{
    ccp_responses_enc_t        *e = enc;
    const ccp_responses_dec_t  *d = dec;

    e->id = d->id;
    e->seq = d->seq;

    return CCP_OK;
}


static int
ccp_responses_enc_start(ccp_responses_enc_t *e, const ccp_event_t *ev,
    ccp_out_t *out)
{
    if (ccp_responses_enc_set_id(e, ev->id) != CCP_OK) {
        return CCP_NOMEM;
    }

    if (!e->quiet) {
        ccp_responses_enc_document_event(e, out, "response.created",
                                         &ccp_responses_enc_running_status,
                                         NULL, NULL);
        ccp_responses_enc_document_event(e, out, "response.in_progress",
                                         &ccp_responses_enc_running_status,
                                         NULL, NULL);
    }

    return CCP_OK;
}


/* ---- end of the answer ---- */

/* A refusal without a word gets one: the user shall see a reason. */

static int
ccp_responses_enc_explain_stop(ccp_responses_enc_t *e, ccp_str_t why,
    ccp_out_t *out)
{
    ccp_block_t  b;

    memset(&b, 0, sizeof(ccp_block_t));
    b.kind = CCP_B_REFUSAL;

    if (ccp_responses_enc_open_block(e, &b) != CCP_OK
        || ccp_responses_enc_add_text(e, why, out) != CCP_OK)
    {
        return CCP_NOMEM;
    }

    return ccp_responses_enc_close_block(e, 0, out);
}


static int
ccp_responses_enc_finish(ccp_responses_enc_t *e, const ccp_event_t *ev,
    ccp_out_t *out)
{
    ccp_responses_status_t  st;

    if ((ev->stop == CCP_STOP_REFUSAL || ev->stop == CCP_STOP_FILTER)
        && !e->text_seen && !e->refusal_seen && ev->stop_text.n
        && ccp_responses_enc_explain_stop(e, ev->stop_text, out) != CCP_OK)
    {
        return CCP_NOMEM;
    }

    st = ccp_responses_enc_stop_statuses[ev->stop];

    if (ev->stop == CCP_STOP_REFUSAL && e->refusal_seen) {
        st = ccp_responses_enc_stop_statuses[CCP_STOP_END];
    }

    if (ccp_responses_enc_keep(e, &st, ev->usage) != CCP_OK) {
        return CCP_NOMEM;
    }

    if (e->quiet) {
        ccp_responses_enc_document(e, out, &st, ev->usage, NULL);
        return CCP_OK;
    }

    ccp_responses_enc_document_event(e, out, st.reason ? "response.incomplete"
                                                       : "response.completed",
                                     &st, ev->usage, NULL);

    return CCP_OK;
}


/* Flat, as the protocol has it, and nested, as its server sends it. */

static int
ccp_responses_enc_error_event(ccp_responses_enc_t *e, const ccp_error_t *err,
    ccp_out_t *out)
{
    if (ccp_responses_enc_set_id(e, ccp_none) != CCP_OK) {
        return CCP_NOMEM;
    }

    ccp_responses_enc_event_begin(e, out, "error");
    ccp_w_kstr(out, "code", ccp_responses_enc_error_code(err));
    ccp_w_kstr(out, "message", ccp_responses_enc_error_text(err));
    ccp_w_knull(out, "param");
    ccp_w_key(out, "error");
    ccp_w_openai_error(out, err);
    ccp_responses_enc_event_end(out);

    ccp_responses_enc_document_event(e, out, "response.failed",
                                     &ccp_responses_enc_failed_status, NULL,
                                     err);

    return CCP_OK;
}


/* Events of the open block. */

static int
ccp_responses_enc_content_event(ccp_responses_enc_t *e, const ccp_event_t *ev,
    ccp_out_t *out)
{
    if (!e->open) {
        return CCP_OK;
    }

    switch (ev->kind) {

    case CCP_EV_DELTA:
        return ccp_responses_enc_add_text(e, ev->text, out);

    case CCP_EV_SIG:
        return ev->text.n ? ccp_responses_enc_add_sig(e, ev->text, out)
                          : CCP_OK;

    case CCP_EV_CITE:
        if (e->kind != CCP_B_TEXT) {
            return CCP_OK;
        }

        ccp_responses_enc_announce(e, out);
        return ccp_responses_enc_cite(e, ev, out);

    case CCP_EV_LOGPROBS:
        return e->kind == CCP_B_TEXT ? ccp_responses_enc_logprobs(e, ev->raw)
                                     : CCP_OK;

    default:
        return ccp_responses_enc_close_block(e, ev->truncated, out);
    }
}


int
ccp_responses_enc_event(void *enc, const ccp_event_t *ev, ccp_out_t *out)
{
    int                   rc;
    ccp_responses_enc_t  *e = enc;

    rc = CCP_OK;

    if (ev->choice != 0) {
        /* an answer of this protocol holds one */
        return CCP_OK;
    }

    switch (ev->kind) {

    case CCP_EV_START:
        rc = ccp_responses_enc_start(e, ev, out);
        break;

    case CCP_EV_BLOCK_START:
        rc = ccp_responses_enc_open_block(e, ev->block);

        if (rc == CCP_OK && e->open && e->kind == CCP_B_THINK) {
            ccp_responses_enc_announce(e, out);
        }

        /* a proof that came with the block's beginning */

        if (rc == CCP_OK && e->open && ev->block->sig.n) {
            rc = ccp_responses_enc_add_sig(e, ev->block->sig, out);
        }

        break;

    case CCP_EV_DELTA:
    case CCP_EV_SIG:
    case CCP_EV_CITE:
    case CCP_EV_LOGPROBS:
    case CCP_EV_BLOCK_STOP:
        rc = ccp_responses_enc_content_event(e, ev, out);
        break;

    case CCP_EV_FINISH:
        rc = ccp_responses_enc_finish(e, ev, out);
        break;

    case CCP_EV_ERROR:
        rc = ccp_responses_enc_error_event(e, ev->error, out);
        break;

    case CCP_EV_PING:
        ccp_out_lit(out, ": ping\n\n");
        break;

    default:
        break;
    }

    return rc != CCP_OK || out->err ? CCP_NOMEM : CCP_OK;
}


/* ---- whole answers ---- */

typedef struct {
    ccp_responses_enc_t  *e;
    ccp_out_t            *out;
} ccp_responses_enc_whole_t;


static int
ccp_responses_enc_whole_event(void *ctx, const ccp_event_t *ev)
{
    ccp_responses_enc_whole_t  *w = ctx;

    return ccp_responses_enc_event(w->e, ev, w->out);
}


int
ccp_responses_enc_whole(ccp_answer_ctx_t *ac, const ccp_answer_t *ans,
    ccp_out_t *out)
{
    ccp_sink_t                 sink;
    ccp_responses_enc_whole_t  w;
    ccp_responses_enc_t        e;

    memset(&e, 0, sizeof(ccp_responses_enc_t));
    (void) ccp_responses_enc_init(&e, ac);
    e.quiet = 1;

    w.e = &e;
    w.out = out;
    sink.fn = ccp_responses_enc_whole_event;
    sink.ctx = &w;

    if (ccp_answer_play(ans, &sink) != CCP_OK || out->err) {
        return CCP_NOMEM;
    }

    return CCP_OK;
}
