
/*
 * Chat Completions answer out: the chunks of a stream.
 */

#include "codec/chat/chat_answer.h"
#include <stdio.h>
#include "codec/json/json_write.h"
#include "codec/proto/proto_out.h"
#include "codec/prepare/prepare.h"


int
ccp_chat_enc_carrier(ccp_answer_ctx_t *ac, ccp_out_t *out, ccp_proto_e origin,
    ccp_str_t item_id, ccp_str_t sig, int redacted)
{
    ccp_str_t  model, carrier;

    model = ac->target->model.p ? ac->target->model : ac->req->model;
    carrier = ccp_carrier_pack(ac->arena, origin, model, item_id, sig);

    if (carrier.p == NULL) {
        return CCP_NOMEM;
    }

    ccp_w_obj(out);
    ccp_w_kcstr(out, "type", "reasoning.encrypted");

    if (redacted) {
        ccp_w_kcstr(out, "id", "redacted");
    }

    ccp_w_kstr(out, "data", carrier);
    ccp_w_kcstr(out, "format", "ccp1");
    ccp_w_obj_end(out);

    return CCP_OK;
}


int
ccp_chat_enc_init(void *enc, ccp_answer_ctx_t *ac)
{
    ccp_chat_enc_t  *e = enc;

    e->ac = ac;
    ccp_json_init(&e->doc, ac->arena);

    return CCP_OK;
}


/* What all chunks begin with; the same bytes throughout. */

static int
ccp_chat_enc_start(ccp_chat_enc_t *e, const ccp_event_t *ev)
{
    ccp_out_t          head;
    ccp_str_t          id;
    ccp_answer_ctx_t  *ac;

    ac = e->ac;
    id = ccp_chat_enc_id(ac, ev->id);

    if (id.p == NULL) {
        return CCP_NOMEM;
    }

    ccp_out_init(&head, ac->arena, 0);
    ccp_out_lit(&head, "data: ");
    ccp_w_obj(&head);
    ccp_w_kstr(&head, "id", id);
    ccp_w_kcstr(&head, "object", "chat.completion.chunk");
    ccp_w_kint(&head, "created", ac->created);
    ccp_w_kstr(&head, "model", ac->model);
    ccp_w_key(&head, "choices");
    ccp_w_arr(&head);

    if (ccp_out_finish(&head) != CCP_OK) {
        return CCP_NOMEM;
    }

    e->head = ccp_out_all(&head);

    return CCP_OK;
}


static ccp_chat_enc_choice_t *
ccp_chat_enc_choice(ccp_chat_enc_t *e, int choice)
{
    ccp_chat_enc_choice_t  *s, **tail;

    for (tail = &e->said; *tail; tail = &(*tail)->next) {
        if ((*tail)->choice == choice) {
            return *tail;
        }
    }

    s = ccp_calloc(e->ac->arena, sizeof(ccp_chat_enc_choice_t));

    if (s != NULL) {
        s->choice = choice;
        ccp_buf_init(&s->cites, e->ac->arena, 0);
        *tail = s;
    }

    return s;
}


/* Begins a chunk; the delta object is open then. */

static void
ccp_chat_enc_chunk(ccp_chat_enc_t *e, ccp_chat_enc_choice_t *s, ccp_out_t *out)
{
    ccp_out_bytes(out, e->head.p, e->head.n);
    out->comma = 0;
    ccp_w_obj(out);
    ccp_w_kint(out, "index", s->choice);
    ccp_w_key(out, "delta");
    ccp_w_obj(out);
}


static void
ccp_chat_enc_chunk_end(ccp_chat_enc_t *e, ccp_out_t *out, const char *finish,
    ccp_str_t logprobs)
{
    ccp_w_obj_end(out);
    ccp_w_kraw_opt(out, "logprobs", logprobs);

    if (finish) {
        ccp_w_kcstr(out, "finish_reason", finish);

    } else {
        ccp_w_knull(out, "finish_reason");
    }

    ccp_w_obj_end(out);

    if (e->ac->req->include_usage) {
        ccp_out_lit(out, "],\"usage\":null}\n\n");

    } else {
        ccp_out_lit(out, "]}\n\n");
    }

    out->comma = 0;
}


static void
ccp_chat_enc_text(ccp_chat_enc_t *e, ccp_chat_enc_choice_t *s, ccp_out_t *out,
    const char *member, ccp_str_t text)
{
    ccp_chat_enc_chunk(e, s, out);
    ccp_w_kstr(out, member, text);
    ccp_chat_enc_chunk_end(e, out, NULL, ccp_none);
}


static void
ccp_chat_enc_role(ccp_chat_enc_t *e, ccp_chat_enc_choice_t *s, ccp_out_t *out,
    int call)
{
    if (s->role) {
        return;
    }

    s->role = 1;

    ccp_chat_enc_chunk(e, s, out);
    ccp_w_kcstr(out, "role", "assistant");

    if (call) {
        ccp_w_knull(out, "content");

    } else {
        ccp_w_kcstr(out, "content", "");
    }

    ccp_chat_enc_chunk_end(e, out, NULL, ccp_none);
}


static void
ccp_chat_enc_call_begin(ccp_chat_enc_t *e, ccp_chat_enc_choice_t *s,
    const ccp_block_t *b, ccp_out_t *out)
{
    const char  *body;

    body = b->free_text ? "custom" : "function";
    s->free_text = b->free_text;

    ccp_chat_enc_chunk(e, s, out);

    if (e->ac->req->legacy_fn) {
        ccp_w_key(out, "function_call");

    } else {
        ccp_w_key(out, "tool_calls");
        ccp_w_arr(out);
        ccp_w_obj(out);
        ccp_w_kint(out, "index", s->calls);
        ccp_w_kstr(out, "id", b->id);
        ccp_w_kcstr(out, "type", body);
        ccp_w_key(out, body);
    }

    ccp_w_obj(out);
    ccp_w_kstr(out, "name", b->name);
    ccp_w_kcstr(out, b->free_text ? "input" : "arguments", "");
    ccp_w_obj_end(out);

    if (!e->ac->req->legacy_fn) {
        ccp_w_obj_end(out);
        ccp_w_arr_end(out);
    }

    ccp_chat_enc_chunk_end(e, out, NULL, ccp_none);
    s->calls++;
}


static void
ccp_chat_enc_call_more(ccp_chat_enc_t *e, ccp_chat_enc_choice_t *s,
    ccp_str_t text, ccp_out_t *out)
{
    ccp_chat_enc_chunk(e, s, out);

    if (e->ac->req->legacy_fn) {
        ccp_w_key(out, "function_call");

    } else {
        ccp_w_key(out, "tool_calls");
        ccp_w_arr(out);
        ccp_w_obj(out);
        ccp_w_kint(out, "index", s->calls - 1);
        ccp_w_key(out, s->free_text ? "custom" : "function");
    }

    ccp_w_obj(out);
    ccp_w_kstr(out, s->free_text ? "input" : "arguments", text);
    ccp_w_obj_end(out);

    if (!e->ac->req->legacy_fn) {
        ccp_w_obj_end(out);
        ccp_w_arr_end(out);
    }

    ccp_chat_enc_chunk_end(e, out, NULL, ccp_none);
}


static int
ccp_chat_enc_block_start(ccp_chat_enc_t *e, ccp_chat_enc_choice_t *s,
    const ccp_block_t *b, ccp_out_t *out)
{
    s->kind = b->kind;
    s->redacted = b->redacted;
    s->item_id = ccp_none;

    if (b->item_id.n) {
        s->item_id = ccp_str_dup(e->ac->arena, b->item_id);
        if (s->item_id.p == NULL) {
            return CCP_NOMEM;
        }
    }

    ccp_chat_enc_role(e, s, out, b->kind == CCP_B_CALL);

    if (b->kind == CCP_B_CALL) {
        ccp_chat_enc_call_begin(e, s, b, out);
    }

    return CCP_OK;
}


static void
ccp_chat_enc_delta(ccp_chat_enc_t *e, ccp_chat_enc_choice_t *s, ccp_str_t text,
    ccp_out_t *out)
{
    switch (s->kind) {

    case CCP_B_TEXT:
        s->text = 1;
        ccp_chat_enc_text(e, s, out, "content", text);
        break;

    case CCP_B_REFUSAL:
        s->text = 1;
        s->refusal = 1;
        ccp_chat_enc_text(e, s, out, "refusal", text);
        break;

    case CCP_B_THINK:
        if (e->ac->show_think) {
            ccp_chat_enc_text(e, s, out, "reasoning_content", text);
        }

        break;

    case CCP_B_CALL:
        ccp_chat_enc_call_more(e, s, text, out);
        break;

    default:
        break;
    }
}


static int
ccp_chat_enc_sig(ccp_chat_enc_t *e, ccp_chat_enc_choice_t *s,
    const ccp_event_t *ev, ccp_out_t *out)
{
    int  rc;

    if (ev->text.n == 0) {
        return CCP_OK;
    }

    ccp_chat_enc_chunk(e, s, out);
    ccp_w_key(out, "reasoning_details");
    ccp_w_arr(out);
    rc = ccp_chat_enc_carrier(e->ac, out, ev->origin, s->item_id, ev->text,
                              s->redacted && s->kind == CCP_B_THINK);
    ccp_w_arr_end(out);
    ccp_chat_enc_chunk_end(e, out, NULL, ccp_none);

    return rc;
}


static void
ccp_chat_enc_logprobs(ccp_chat_enc_t *e, ccp_chat_enc_choice_t *s,
    const ccp_event_t *ev, ccp_out_t *out)
{
    if (ev->origin != CCP_CHAT || e->ac->req->logprobs != 1) {
        return;
    }

    ccp_chat_enc_chunk(e, s, out);
    ccp_chat_enc_chunk_end(e, out, NULL, ev->raw);
}


static void
ccp_chat_enc_finish(ccp_chat_enc_t *e, ccp_chat_enc_choice_t *s,
    const ccp_event_t *ev, ccp_out_t *out)
{
    ccp_chat_enc_role(e, s, out, 0);

    if ((ev->stop == CCP_STOP_REFUSAL || ev->stop == CCP_STOP_FILTER)
        && !s->text && ev->stop_text.n)
    {
        /* the user shall see a reason */
        ccp_chat_enc_text(e, s, out, "content", ev->stop_text);
    }

    ccp_chat_enc_chunk(e, s, out);

    if (s->cites.n) {
        ccp_w_key(out, "annotations");
        ccp_w_arr(out);
        ccp_w_raw(out, ccp_buf_str(&s->cites, 0));
        ccp_w_arr_end(out);
    }

    ccp_chat_enc_chunk_end(e, out,
                           ccp_chat_enc_stop_word(e->ac, ev->stop, s->refusal),
                           ccp_none);

    if (ev->usage) {
        e->usage = *ev->usage;
        e->finished = 1;
    }
}


static void
ccp_chat_enc_error(ccp_chat_enc_t *e, const ccp_error_t *err, ccp_out_t *out)
{
    e->finished = 0;

    ccp_out_lit(out, "data: ");
    out->comma = 0;
    ccp_w_obj(out);
    ccp_w_key(out, "error");
    ccp_w_openai_error(out, err);
    ccp_w_obj_end(out);
    ccp_out_lit(out, "\n\n");
    out->comma = 0;
}


static void
ccp_chat_enc_end(ccp_chat_enc_t *e, ccp_out_t *out)
{
    if (e->done) {
        return;
    }

    e->done = 1;

    if (e->finished && e->ac->req->include_usage) {
        ccp_out_bytes(out, e->head.p, e->head.n);
        ccp_out_lit(out, "],\"usage\":");
        out->comma = 0;
        ccp_chat_enc_usage(out, &e->usage);
        ccp_out_lit(out, "}\n\n");
        out->comma = 0;
    }

    ccp_out_lit(out, "data: [DONE]\n\n");
}


int
ccp_chat_enc_event(void *enc, const ccp_event_t *ev, ccp_out_t *out)
{
    int                     rc;
    ccp_chat_enc_t         *e = enc;
    ccp_chat_enc_choice_t  *s;

    s = ccp_chat_enc_choice(e, ev->choice);
    if (s == NULL) {
        return CCP_NOMEM;
    }

    rc = CCP_OK;

    switch (ev->kind) {

    case CCP_EV_START:
        rc = ccp_chat_enc_start(e, ev);
        break;

    case CCP_EV_BLOCK_START:
        rc = ccp_chat_enc_block_start(e, s, ev->block, out);
        break;

    case CCP_EV_DELTA:
        ccp_chat_enc_delta(e, s, ev->text, out);
        break;

    case CCP_EV_SIG:
        rc = ccp_chat_enc_sig(e, s, ev, out);
        break;

    case CCP_EV_CITE:
        rc = ccp_chat_enc_cite(e, s, ev->raw);
        break;

    case CCP_EV_LOGPROBS:
        ccp_chat_enc_logprobs(e, s, ev, out);
        break;

    case CCP_EV_FINISH:
        ccp_chat_enc_finish(e, s, ev, out);
        break;

    case CCP_EV_ERROR:
        ccp_chat_enc_error(e, ev->error, out);
        break;

    case CCP_EV_PING:
        ccp_out_lit(out, ": ping\n\n");
        break;

    case CCP_EV_END:
        ccp_chat_enc_end(e, out);
        break;

    default:
        break;
    }

    return rc != CCP_OK || out->err ? CCP_NOMEM : CCP_OK;
}
