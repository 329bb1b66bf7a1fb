
/*
 * Anthropic Messages: events into the client's streamed answer.
 *
 * stream := message_start (ping | block)* message_delta message_stop
 *         | message_start? (ping | block)* error
 *
 * A signature goes into a thinking block.  Upstreams that sign a call or a
 * text get an empty thinking block before it, so the start of such a block is
 * held until its first delta shows that no signature comes.
 */

#include "codec/anthropic/anthropic_answer.h"
#include "codec/anthropic/anthropic.h"
#include "codec/json/json_write.h"
#include "codec/proto/proto_out.h"


#define ccp_anthropic_enc_put_head(name)                                     \
    "event: " name "\ndata: {\"type\":\"" name "\""


static void
ccp_anthropic_enc_put_index(ccp_anthropic_enc_t *e, ccp_out_t *o)
{
    char  c;

    ccp_out_lit(o, ",\"index\":");

    if (e->index < 10) {
        c = (char) ('0' + e->index);
        ccp_out_bytes(o, &c, 1);
        return;
    }

    o->comma = 0;
    ccp_w_int(o, e->index);
}


static void
ccp_anthropic_enc_put_value(ccp_out_t *o, ccp_str_t s)
{
    o->comma = 0;
    ccp_w_str(o, s);
    o->comma = 0;
}


/* A delta of the open block; what: from the comma to its value. */

#define ccp_anthropic_enc_put_delta(e, o, what, s)                           \
    do {                                                                     \
        ccp_out_lit(o, ccp_anthropic_enc_put_head("content_block_delta"));   \
        ccp_anthropic_enc_put_index(e, o);                                   \
        ccp_out_lit(o, ",\"delta\":{\"type\":" what ":");                    \
        ccp_anthropic_enc_put_value(o, s);                                   \
        ccp_out_lit(o, "}}\n\n");                                            \
    } while (0)


static void
ccp_anthropic_enc_message_start(ccp_anthropic_enc_t *e, const ccp_event_t *ev,
    ccp_out_t *o)
{
    int                start;
    ccp_answer_ctx_t  *ac;

    if (e->started) {
        return;
    }

    e->started = 1;
    ac = e->ac;
    start = (ev->kind == CCP_EV_START);

    ccp_out_lit(o,
                ccp_anthropic_enc_put_head("message_start") ",\"message\":");

    o->comma = 0;
    ccp_w_obj(o);
    ccp_anthropic_enc_id(o, ac, start ? ev->id : ccp_none);
    ccp_w_kcstr(o, "type", "message");
    ccp_w_kcstr(o, "role", "assistant");
    ccp_w_kstr(o, "model", ac->model);
    ccp_w_key(o, "content");
    ccp_w_arr(o);
    ccp_w_arr_end(o);
    ccp_w_knull(o, "stop_reason");
    ccp_w_knull(o, "stop_sequence");
    ccp_w_knull(o, "stop_details");
    ccp_anthropic_enc_usage(o, start ? ev->usage : NULL,
                            ccp_estimate_answer(ac, start ? ev->usage : NULL),
                            1);
    ccp_w_obj_end(o);

    ccp_out_lit(o, "}\n\n");
}


void
ccp_anthropic_enc_put_start(ccp_anthropic_enc_t *e, ccp_out_t *o)
{
    ccp_out_lit(o, ccp_anthropic_enc_put_head("content_block_start"));
    ccp_anthropic_enc_put_index(e, o);
    ccp_out_lit(o, ",\"content_block\":");
}


static void
ccp_anthropic_enc_put_start_text(ccp_anthropic_enc_t *e, ccp_out_t *o)
{
    ccp_anthropic_enc_put_start(e, o);
    ccp_out_lit(o, "{\"type\":\"text\",\"text\":\"\"}}\n\n");
    e->text = 1;
}


static void
ccp_anthropic_enc_put_start_think(ccp_anthropic_enc_t *e, ccp_out_t *o)
{
    ccp_anthropic_enc_put_start(e, o);
    ccp_out_lit(o, "{\"type\":\"thinking\",\"thinking\":\"\","
                   "\"signature\":\"\"}}\n\n");
}


void
ccp_anthropic_enc_put_stop(ccp_anthropic_enc_t *e, ccp_out_t *o)
{
    ccp_out_lit(o, ccp_anthropic_enc_put_head("content_block_stop"));
    ccp_anthropic_enc_put_index(e, o);
    ccp_out_lit(o, "}\n\n");

    e->index++;
}


/* Ends a thinking block, with its signature if there is one. */

static void
ccp_anthropic_enc_put_stop_think(ccp_anthropic_enc_t *e, ccp_out_t *o)
{
    if (e->sig.n) {
        ccp_anthropic_enc_put_delta(e, o, "\"signature_delta\",\"signature\"",
                                    ccp_buf_str(&e->sig, 1));
        e->sig.n = 0;
    }

    e->tail = 0;
    ccp_anthropic_enc_put_stop(e, o);
}


void
ccp_anthropic_enc_put_input(ccp_anthropic_enc_t *e, ccp_out_t *o,
    ccp_str_t json)
{
    ccp_anthropic_enc_put_delta(e, o, "\"input_json_delta\",\"partial_json\"",
                                json);
}


void
ccp_anthropic_enc_end_tail(ccp_anthropic_enc_t *e, ccp_out_t *o)
{
    if (e->tail) {
        ccp_anthropic_enc_put_stop_think(e, o);
    }
}


/* Writes the start that was held. */

static void
ccp_anthropic_enc_release(ccp_anthropic_enc_t *e, ccp_out_t *o)
{
    ccp_anthropic_enc_end_tail(e, o);

    e->state = CCP_ANTHROPIC_SHOWN;

    if (e->kind == CCP_B_TEXT) {
        ccp_anthropic_enc_put_start_text(e, o);
        return;
    }

    ccp_anthropic_enc_put_start(e, o);
    ccp_out_lit(o, "{\"type\":\"tool_use\",\"id\":");
    ccp_anthropic_enc_put_value(o, ccp_buf_str(&e->id, 1));
    ccp_out_lit(o, ",\"name\":");
    ccp_anthropic_enc_put_value(o, ccp_buf_str(&e->name, 1));
    ccp_out_lit(o, ",\"input\":{}}}\n\n");
}


static void
ccp_anthropic_enc_keep(ccp_buf_t *b, ccp_str_t s)
{
    b->n = 0;

    if (s.p) {
        (void) ccp_buf_add_json(b, s);
    }
}


static void
ccp_anthropic_enc_hosted_start(ccp_anthropic_enc_t *e, const ccp_block_t *b,
    ccp_out_t *o)
{
    ccp_anthropic_enc_end_tail(e, o);
    ccp_anthropic_enc_put_start(e, o);

    if (b->kind != CCP_B_HCALL) {
        ccp_anthropic_enc_line(o, b->raw);
        ccp_out_lit(o, "}\n\n");
        return;
    }

    o->comma = 0;
    ccp_w_obj(o);
    ccp_w_kstr(o, "type", b->type);
    ccp_w_kstr(o, "id", b->id);
    ccp_w_kstr(o, "name", b->name);
    ccp_w_kstr_opt(o, "server_name", b->space);
    ccp_out_lit(o, ",\"input\":{}");
    ccp_w_obj_end(o);
    ccp_out_lit(o, "}\n\n");
}


/* Keeps a signature in the form that the client gets. */

static int
ccp_anthropic_enc_sign(ccp_anthropic_enc_t *e, ccp_proto_e origin,
    ccp_str_t sig)
{
    ccp_str_t  item;

    item = ccp_none;

    if (e->kind == CCP_B_THINK && e->item.n) {
        item = ccp_buf_str(&e->item, 1);
    }

    sig = ccp_anthropic_enc_sig(e->ac, ccp_anthropic_signer(e->ac, origin),
                                item, sig);
    ccp_anthropic_enc_keep(&e->sig, sig);

    return sig.p ? CCP_OK : CCP_NOMEM;
}


static int
ccp_anthropic_enc_think_start(ccp_anthropic_enc_t *e, const ccp_block_t *b,
    ccp_out_t *o)
{
    ccp_anthropic_enc_end_tail(e, o);
    ccp_anthropic_enc_keep(&e->item, b->item_id);
    e->sig.n = 0;
    e->redacted = b->redacted;

    if (e->redacted || !e->ac->show_think) {
        e->state = CCP_ANTHROPIC_HIDDEN;

    } else {
        ccp_anthropic_enc_put_start_think(e, o);
        e->state = CCP_ANTHROPIC_SHOWN;
    }

    return b->sig.n ? ccp_anthropic_enc_sign(e, b->origin, b->sig) : CCP_OK;
}


static int
ccp_anthropic_enc_block_start(ccp_anthropic_enc_t *e, const ccp_block_t *b,
    ccp_out_t *o)
{
    e->kind = b->kind == CCP_B_REFUSAL ? CCP_B_TEXT : b->kind;

    switch (e->kind) {

    case CCP_B_TEXT:
        e->state = CCP_ANTHROPIC_HELD;
        return CCP_OK;

    case CCP_B_CALL:
        ccp_anthropic_enc_keep(&e->id, b->id);
        ccp_anthropic_enc_keep(&e->name, b->name);
        e->free_text = b->free_text;
        e->begun = 0;
        e->state = CCP_ANTHROPIC_HELD;
        return CCP_OK;

    case CCP_B_THINK:
        return ccp_anthropic_enc_think_start(e, b, o);

    case CCP_B_HCALL:
    case CCP_B_HRESULT:
    case CCP_B_OPAQUE:
        if (b->origin == CCP_ANTHROPIC && b->raw.p) {
            ccp_anthropic_enc_hosted_start(e, b, o);
            e->state = CCP_ANTHROPIC_SHOWN;
            return CCP_OK;
        }

        e->state = CCP_ANTHROPIC_SKIP;

        return ccp_anthropic_enc_hosted_other(e, b, o);

    default:
        break;
    }

    e->state = CCP_ANTHROPIC_SKIP;

    return CCP_OK;
}


/*
 * A piece of a free-text call's free text, or its end (absent): a tool's input
 * is an object here, so that the text becomes its only member.
 */

static void
ccp_anthropic_enc_free_text(ccp_anthropic_enc_t *e, ccp_str_t s, ccp_out_t *o)
{
    e->input.n = 0;

    if (!e->begun) {
        (void) ccp_buf_add(&e->input, "{\"input\":\"", 10);
        e->begun = 1;
    }

    if (s.p) {
        (void) ccp_buf_add_json(&e->input, s);

    } else {
        (void) ccp_buf_add(&e->input, "\"}", 2);
    }

    ccp_anthropic_enc_put_delta(e, o, "\"input_json_delta\",\"partial_json\"",
                                ccp_buf_str(&e->input, 0));
}


static void
ccp_anthropic_enc_block_delta(ccp_anthropic_enc_t *e, ccp_str_t s,
    ccp_out_t *o)
{
    if (s.n == 0) {
        return;
    }

    e->bytes += (int64_t) s.n;

    if (e->state == CCP_ANTHROPIC_HELD) {
        ccp_anthropic_enc_release(e, o);
    }

    if (e->state != CCP_ANTHROPIC_SHOWN) {
        return;
    }

    switch (e->kind) {

    case CCP_B_TEXT:
        ccp_anthropic_enc_put_delta(e, o, "\"text_delta\",\"text\"", s);
        return;

    case CCP_B_THINK:
        ccp_anthropic_enc_put_delta(e, o, "\"thinking_delta\",\"thinking\"",
                                    s);
        return;

    case CCP_B_CALL:
    case CCP_B_HCALL:
        if (e->kind == CCP_B_CALL && e->free_text) {
            ccp_anthropic_enc_free_text(e, s, o);
            return;
        }

        ccp_anthropic_enc_put_delta(e, o,
                                    "\"input_json_delta\",\"partial_json\"",
                                    s);
        return;

    default:
        return;
    }
}


static int
ccp_anthropic_enc_sig_event(ccp_anthropic_enc_t *e, const ccp_event_t *ev,
    ccp_out_t *o)
{
    int  rc;

    if (ev->text.n == 0
        || (e->kind == CCP_B_THINK
            ? e->state != CCP_ANTHROPIC_SHOWN
            && e->state != CCP_ANTHROPIC_HIDDEN
            : e->state != CCP_ANTHROPIC_HELD))
    {
        /* a thinking block may not follow what it signs */
        return CCP_OK;
    }

    rc = ccp_anthropic_enc_sign(e, ev->origin, ev->text);
    if (rc != CCP_OK) {
        return rc;
    }

    if (e->kind == CCP_B_THINK) {
        return CCP_OK;
    }

    if (!e->tail) {
        ccp_anthropic_enc_put_start_think(e, o);
    }

    ccp_anthropic_enc_put_stop_think(e, o);

    return CCP_OK;
}


static int
ccp_anthropic_enc_cite(ccp_anthropic_enc_t *e, const ccp_event_t *ev,
    ccp_out_t *o)
{
    if (ccp_anthropic_signer(e->ac, ev->origin) != CCP_ANTHROPIC) {
        return e->links.wanted || e->search.n
               ? ccp_anthropic_links_add(&e->links, ev->raw) : CCP_OK;
    }

    if (e->kind != CCP_B_TEXT) {
        return CCP_OK;
    }

    if (e->state == CCP_ANTHROPIC_HELD) {
        ccp_anthropic_enc_release(e, o);
    }

    ccp_out_lit(o, ccp_anthropic_enc_put_head("content_block_delta"));
    ccp_anthropic_enc_put_index(e, o);
    ccp_out_lit(o, ",\"delta\":{\"type\":\"citations_delta\",\"citation\":");
    ccp_anthropic_enc_line(o, ev->raw);
    ccp_out_lit(o, "}}\n\n");

    return CCP_OK;
}


static void
ccp_anthropic_enc_hidden_stop(ccp_anthropic_enc_t *e, ccp_out_t *o)
{
    if (e->sig.n == 0) {
        return;
    }

    if (!e->redacted) {
        ccp_anthropic_enc_put_start_think(e, o);
        ccp_anthropic_enc_put_stop_think(e, o);
        return;
    }

    ccp_anthropic_enc_put_start(e, o);
    ccp_out_lit(o, "{\"type\":\"redacted_thinking\",\"data\":");
    ccp_anthropic_enc_put_value(o, ccp_buf_str(&e->sig, 1));
    ccp_out_lit(o, "}}\n\n");
    e->sig.n = 0;
    ccp_anthropic_enc_put_stop(e, o);
}


static void
ccp_anthropic_enc_block_stop(ccp_anthropic_enc_t *e, int cut, ccp_out_t *o)
{
    switch (e->state) {

    case CCP_ANTHROPIC_HELD:
        /* a call cut before its first byte is shown, an empty text is not */

        if (e->kind == CCP_B_CALL) {
            ccp_anthropic_enc_release(e, o);

            if (e->free_text && !cut) {
                ccp_anthropic_enc_free_text(e, ccp_none, o);
            }

            ccp_anthropic_enc_put_stop(e, o);
        }

        break;

    case CCP_ANTHROPIC_HIDDEN:
        ccp_anthropic_enc_hidden_stop(e, o);
        break;

    case CCP_ANTHROPIC_SHOWN:
        if (e->kind == CCP_B_THINK && e->sig.n == 0) {
            e->tail = 1;

        } else if (e->kind == CCP_B_THINK) {
            ccp_anthropic_enc_put_stop_think(e, o);

        } else {
            if (e->kind == CCP_B_CALL && e->free_text && !cut) {
                ccp_anthropic_enc_free_text(e, ccp_none, o);
            }

            ccp_anthropic_enc_put_stop(e, o);
        }

        break;

    default:
        break;
    }

    e->state = CCP_ANTHROPIC_IDLE;
}


static int
ccp_anthropic_enc_finish(ccp_anthropic_enc_t *e, const ccp_event_t *ev,
    ccp_out_t *o)
{
    int          rc;
    ccp_usage_t  usage;

    if (e->state != CCP_ANTHROPIC_IDLE) {
        ccp_anthropic_enc_block_stop(e, 1, o);
    }

    ccp_anthropic_enc_end_tail(e, o);
    rc = ccp_anthropic_enc_end_cites(e, o);

    /* a refusal without any text: the reason is what the user sees */

    if (ccp_anthropic_is_refusal(ev->stop) && !e->text && ev->stop_text.n) {
        e->kind = CCP_B_TEXT;
        ccp_anthropic_enc_put_start_text(e, o);
        ccp_anthropic_enc_put_delta(e, o, "\"text_delta\",\"text\"",
                                    ev->stop_text);
        ccp_anthropic_enc_put_stop(e, o);
    }

    e->finished = 1;

    ccp_out_lit(o, ccp_anthropic_enc_put_head("message_delta") ",\"delta\":");

    o->comma = 0;
    ccp_w_obj(o);
    ccp_w_kcstr(o, "stop_reason", ccp_anthropic_enc_stop_name(ev->stop,
                                  e->ac->req ? e->ac->req->version
                                             : ccp_none));

    if (ev->stop == CCP_STOP_SEQ && ev->stop_text.p) {
        ccp_w_kstr(o, "stop_sequence", ev->stop_text);
    } else {
        ccp_w_knull(o, "stop_sequence");
    }

    ccp_anthropic_enc_stop_details(o, ev->stop, ev->category, ev->stop_text,
                                   0);
    ccp_w_obj_end(o);

    usage = ev->usage ? *ev->usage : ccp_usage_none;

    if (e->cited && usage.searches < 1) {
        usage.searches = 1;
    }

    ccp_anthropic_enc_usage(o, &usage, ccp_estimate_answer(e->ac, ev->usage),
                            (e->bytes + 3) / 4);

    ccp_out_lit(o, "}\n\n");

    return rc;
}


static int
ccp_anthropic_enc_error(ccp_anthropic_enc_t *e, const ccp_event_t *ev,
    ccp_out_t *o)
{
    int  rc;

    e->failed = 1;

    ccp_out_lit(o, "event: error\ndata: ");
    o->comma = 0;
    rc = ccp_anthropic_enc_error_document(ev->error, e->ac->request_id, o);
    ccp_out_lit(o, "\n\n");

    return rc;
}


int
ccp_anthropic_enc_init(void *data, ccp_answer_ctx_t *ac)
{
    ccp_anthropic_enc_t  *e;

    e = data;
    e->ac = ac;

    ccp_buf_init(&e->id, ac->arena, 0);
    ccp_buf_init(&e->name, ac->arena, 0);
    ccp_buf_init(&e->item, ac->arena, 0);
    ccp_buf_init(&e->sig, ac->arena, 0);
    ccp_buf_init(&e->input, ac->arena, 0);
    ccp_buf_init(&e->search, ac->arena, 0);
    ccp_anthropic_links_init(&e->links, ac);

    return CCP_OK;
}


int
ccp_anthropic_enc_resume(void *data, const void *d)
{
    ccp_anthropic_enc_t  *e;

    (void) d;

    e = data;
    e->started = 1;
    e->finished = 1;

    return CCP_OK;
}


int
ccp_anthropic_enc_event(void *data, const ccp_event_t *ev, ccp_out_t *o)
{
    int                   rc;
    ccp_anthropic_enc_t  *e;

    e = data;
    rc = CCP_OK;

    if (e->failed || (e->finished && ev->kind != CCP_EV_END
                      && ev->kind != CCP_EV_ERROR))
    {
        return CCP_OK;
    }

    /* a ping may stand in a splice, whose beginning this encoder never saw */

    if (ev->kind != CCP_EV_ERROR && ev->kind != CCP_EV_PING) {
        ccp_anthropic_enc_message_start(e, ev, o);
    }

    switch (ev->kind) {

    case CCP_EV_BLOCK_START:
        rc = ccp_anthropic_enc_block_start(e, ev->block, o);
        break;

    case CCP_EV_DELTA:
        ccp_anthropic_enc_block_delta(e, ev->text, o);
        break;

    case CCP_EV_SIG:
        rc = ccp_anthropic_enc_sig_event(e, ev, o);
        break;

    case CCP_EV_CITE:
        rc = ccp_anthropic_enc_cite(e, ev, o);
        break;

    case CCP_EV_BLOCK_STOP:
        ccp_anthropic_enc_block_stop(e, ev->truncated, o);
        break;

    case CCP_EV_FINISH:
        rc = ccp_anthropic_enc_finish(e, ev, o);
        break;

    case CCP_EV_ERROR:
        rc = ccp_anthropic_enc_error(e, ev, o);
        break;

    case CCP_EV_PING:
        ccp_out_lit(o, "event: ping\ndata: {\"type\":\"ping\"}\n\n");
        break;

    case CCP_EV_END:
        if (e->finished) {
            ccp_out_lit(o, ccp_anthropic_enc_put_head("message_stop") "}\n\n");
        }
        break;

    default:
        /* START was taken above; USAGE travels with FINISH; no LOGPROBS */
        break;
    }

    if (o->err || e->id.err || e->name.err || e->item.err || e->sig.err
        || e->input.err)
    {
        return CCP_NOMEM;
    }

    return rc;
}
