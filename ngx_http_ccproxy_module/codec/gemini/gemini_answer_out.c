
/*
 * Gemini answer out: events into the client's stream.
 *
 * stream := chunk* last-chunk | chunk* error
 *
 * Each chunk is a whole GenerateContentResponse; there is no start and no
 * terminal but the finishReason.  Framed as SSE, or as one JSON array where
 * the client did not ask for alt=sse.
 */

#include "codec/gemini/gemini_answer.h"
#include "codec/gemini/gemini.h"
#include "codec/json/json_write.h"
#include "codec/prepare/prepare.h"


int
ccp_gemini_enc_init(void *enc, ccp_answer_ctx_t *ac)
{
    ccp_gemini_enc_t  *e = enc;

    e->ac = ac;
    e->usage = ccp_usage_none;

    ccp_buf_init(&e->name, ac->arena, 0);
    ccp_buf_init(&e->call, ac->arena, 0);
    ccp_buf_init(&e->item, ac->arena, 0);
    ccp_buf_init(&e->args, ac->arena, 0);
    ccp_buf_init(&e->sig, ac->arena, 0);
    ccp_out_init(&e->line, ac->arena, 0);

    return CCP_OK;
}


/* ---- framing ---- */

static void
ccp_gemini_enc_open_frame(ccp_gemini_enc_t *e, ccp_out_t *o)
{
    if (!e->ac->req->stream_array) {
        ccp_out_lit(o, "data: ");

    } else if (!e->written) {
        ccp_out_lit(o, "[");

    } else {
        ccp_out_lit(o, ",\r\n");
    }

    e->written = 1;
    o->comma = 0;
}


static void
ccp_gemini_enc_shut_frame(ccp_gemini_enc_t *e, ccp_out_t *o)
{
    if (!e->ac->req->stream_array) {
        ccp_out_lit(o, "\r\n\r\n");
    }

    o->comma = 0;
}


/* Line ends, which in JSON are white space, must not cut an SSE line. */

static int
ccp_gemini_enc_flatten(ccp_gemini_enc_t *e, ccp_out_t *o)
{
    size_t          n;
    ccp_str_t       s;
    const uint8_t  *p, *end;

    if (ccp_out_finish(&e->line) != CCP_OK) {
        return CCP_NOMEM;
    }

    s = ccp_out_all(&e->line);
    end = s.p + s.n;

    for (p = s.p; p < end; p += n) {
        for (n = 0; p + n < end && p[n] != '\n' && p[n] != '\r'; n++) {
            /* void */
        }

        ccp_out_bytes(o, p, n);

        if (p + n < end) {
            ccp_out_lit(o, " ");
            n++;
        }
    }

    ccp_out_reset(&e->line);

    return CCP_OK;
}


/* ---- chunks ---- */

static const char  ccp_gemini_enc_chunk_head[] =
    "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[";


/* What a chunk ends with as long as nothing new is known of usage. */

static int
ccp_gemini_enc_start(ccp_gemini_enc_t *e, const ccp_event_t *ev)
{
    ccp_out_t  o;
    ccp_str_t  id;

    if (e->tail.p) {
        return CCP_OK;
    }

    id = ccp_none;

    if (ev->kind == CCP_EV_START) {
        id = ev->id;

        if (ev->usage) {
            e->usage = *ev->usage;
            e->usage.tier = ccp_none;
        }
    }

    e->id = ccp_str_dup(e->ac->arena, ccp_gemini_enc_id(e->ac, id));
    if (e->id.p == NULL) {
        return CCP_NOMEM;
    }

    ccp_out_init(&o, e->ac->arena, 0);
    ccp_out_lit(&o, "]},\"index\":0}],\"usageMetadata\":");
    ccp_gemini_enc_usage(&o, e->ac, &e->usage, 1);
    ccp_w_kstr(&o, "modelVersion", e->ac->model);
    ccp_w_kstr(&o, "responseId", e->id);
    ccp_out_lit(&o, "}");

    if (ccp_out_finish(&o) != CCP_OK) {
        return CCP_NOMEM;
    }

    e->tail = ccp_out_all(&o);

    return CCP_OK;
}


static void
ccp_gemini_enc_chunk(ccp_gemini_enc_t *e, ccp_out_t *o)
{
    ccp_gemini_enc_open_frame(e, o);
    ccp_out_lit(o, ccp_gemini_enc_chunk_head);
    o->comma = 0;
    e->content = 1;
}


static void
ccp_gemini_enc_chunk_end(ccp_gemini_enc_t *e, ccp_out_t *o)
{
    ccp_out_bytes(o, e->tail.p, e->tail.n);
    ccp_gemini_enc_shut_frame(e, o);
}


static void
ccp_gemini_enc_text(ccp_gemini_enc_t *e, ccp_str_t text, int thought,
    ccp_str_t sig, ccp_out_t *o)
{
    ccp_gemini_enc_chunk(e, o);
    ccp_w_obj(o);
    ccp_w_kstr(o, "text", text);

    if (thought) {
        ccp_w_kbool(o, "thought", 1);
    }

    if (sig.n) {
        ccp_w_kstr(o, "thoughtSignature", sig);
    }

    ccp_w_obj_end(o);
    ccp_gemini_enc_chunk_end(e, o);
}


/* Keeps a signature for the next call; an older one goes out alone. */

static int
ccp_gemini_enc_keep_sig(ccp_gemini_enc_t *e, ccp_proto_e origin, ccp_str_t sig,
    ccp_out_t *o)
{
    ccp_str_t  item;

    if (sig.n == 0) {
        return CCP_OK;
    }

    item = e->kind == CCP_B_THINK && e->item.n ? ccp_buf_str(&e->item, 1)
                                               : ccp_none;
    sig = ccp_gemini_enc_sig(e->ac, origin, item, sig,
                             e->redacted && e->kind == CCP_B_THINK);
    if (sig.p == NULL) {
        return CCP_NOMEM;
    }

    if (e->sig.n) {
        ccp_gemini_enc_text(e, ccp_lit(""), 0, ccp_buf_str(&e->sig, 1), o);
        e->sig.n = 0;
    }

    return ccp_buf_add_json(&e->sig, sig);
}


static int
ccp_gemini_enc_keep(ccp_buf_t *b, ccp_str_t s)
{
    b->n = 0;

    return s.n ? ccp_buf_add_json(b, s) : CCP_OK;
}


/* A part of Gemini's that only its own clients know. */

static int
ccp_gemini_enc_raw(ccp_gemini_enc_t *e, const ccp_block_t *b, ccp_out_t *o)
{
    if (b->origin != CCP_GEMINI || b->raw.n == 0) {
        return CCP_OK;
    }

    ccp_gemini_enc_chunk(e, &e->line);
    ccp_w_raw(&e->line, b->raw);
    ccp_out_bytes(&e->line, e->tail.p, e->tail.n);

    if (ccp_gemini_enc_flatten(e, o) != CCP_OK) {
        return CCP_NOMEM;
    }

    ccp_gemini_enc_shut_frame(e, o);

    return CCP_OK;
}


static int
ccp_gemini_enc_block_start(ccp_gemini_enc_t *e, const ccp_block_t *b,
    ccp_out_t *o)
{
    e->kind = b->kind;
    e->free_text = b->free_text;
    e->redacted = b->redacted;
    e->args.n = 0;

    switch (b->kind) {

    case CCP_B_CALL:
        return ccp_gemini_enc_keep(&e->name, b->name) == CCP_OK
               && ccp_gemini_enc_keep(&e->call, b->id) == CCP_OK
               ? CCP_OK : CCP_NOMEM;

    case CCP_B_THINK:
        if (ccp_gemini_enc_keep(&e->item, b->item_id) != CCP_OK) {
            return CCP_NOMEM;
        }

        return ccp_gemini_enc_keep_sig(e, b->origin, b->sig, o);

    case CCP_B_TEXT:
    case CCP_B_REFUSAL:
        return CCP_OK;

    default:
        return ccp_gemini_enc_raw(e, b, o);
    }
}


static int
ccp_gemini_enc_delta(ccp_gemini_enc_t *e, ccp_str_t text, ccp_out_t *o)
{
    switch (e->kind) {

    case CCP_B_TEXT:
    case CCP_B_REFUSAL:
        ccp_gemini_enc_text(e, text, 0, ccp_none, o);
        return CCP_OK;

    case CCP_B_THINK:
        if (e->ac->show_think) {
            ccp_gemini_enc_text(e, text, 1, ccp_none, o);
        }

        return CCP_OK;

    case CCP_B_CALL:
        return ccp_buf_add_json(&e->args, text);

    default:
        return CCP_OK;
    }
}


/* The open call as far as it came. */

static ccp_block_t
ccp_gemini_enc_open_call(const ccp_gemini_enc_t *e)
{
    ccp_block_t  b;

    memset(&b, 0, sizeof(ccp_block_t));
    b.kind = CCP_B_CALL;
    b.free_text = e->free_text;
    b.text = ccp_buf_str(&e->args, 1);

    return b;
}


static int
ccp_gemini_enc_call(ccp_gemini_enc_t *e, ccp_out_t *out)
{
    ccp_out_t    *o;
    ccp_block_t   b;

    b = ccp_gemini_enc_open_call(e);
    e->held = 0;

    o = &e->line;
    ccp_gemini_enc_chunk(e, o);
    ccp_w_obj(o);
    ccp_w_key(o, "functionCall");
    ccp_w_obj(o);
    ccp_w_kstr(o, "id", ccp_buf_str(&e->call, 1));
    ccp_w_kstr(o, "name", ccp_buf_str(&e->name, 1));
    ccp_w_key(o, "args");
    ccp_w_args(o, e->ac->arena, &b);
    ccp_w_obj_end(o);

    if (e->sig.n) {
        ccp_w_kstr(o, "thoughtSignature", ccp_buf_str(&e->sig, 1));
        e->sig.n = 0;
    }

    ccp_w_obj_end(o);
    ccp_out_bytes(o, e->tail.p, e->tail.n);

    if (ccp_gemini_enc_flatten(e, out) != CCP_OK) {
        return CCP_NOMEM;
    }

    ccp_gemini_enc_shut_frame(e, out);

    return CCP_OK;
}


/* A call is whole or not at all: one that was cut is dropped (T11). */

static int
ccp_gemini_enc_call_stop(ccp_gemini_enc_t *e, int cut, ccp_out_t *out)
{
    ccp_block_t  b;

    if (cut) {
        return CCP_OK;
    }

    b = ccp_gemini_enc_open_call(e);

    if (!ccp_gemini_enc_args_are_whole(e->ac->arena, &b)) {
        /* what follows tells whether it was cut */
        e->held = 1;
        return CCP_OK;
    }

    return ccp_gemini_enc_call(e, out);
}


/* Sources of Gemini's own, in a chunk without content. */

static int
ccp_gemini_enc_cite(ccp_gemini_enc_t *e, const ccp_event_t *ev, ccp_out_t *out)
{
    int         source;
    ccp_out_t  *o;

    if (ev->origin != CCP_GEMINI) {
        return CCP_OK;
    }

    if (ccp_gemini_enc_is_source(e->ac->arena, ev->raw, &source) != CCP_OK) {
        return CCP_NOMEM;
    }

    o = &e->line;
    ccp_gemini_enc_open_frame(e, o);
    ccp_out_lit(o, "{\"candidates\":[{\"index\":0");

    if (ev->kind == CCP_EV_LOGPROBS) {
        ccp_out_lit(o, ",\"logprobsResult\":");
        ccp_out_bytes(o, ev->raw.p, ev->raw.n);

    } else if (source) {
        ccp_out_lit(o, ",\"citationMetadata\":{\"citationSources\":[");
        ccp_out_bytes(o, ev->raw.p, ev->raw.n);
        ccp_out_lit(o, "]}");

    } else {
        ccp_out_lit(o, ",\"groundingMetadata\":");
        ccp_out_bytes(o, ev->raw.p, ev->raw.n);
    }

    ccp_out_lit(o, "}]}");

    if (ccp_gemini_enc_flatten(e, out) != CCP_OK) {
        return CCP_NOMEM;
    }

    ccp_gemini_enc_shut_frame(e, out);

    return CCP_OK;
}


static void
ccp_gemini_enc_last_candidate(ccp_gemini_enc_t *e, const ccp_event_t *ev,
    ccp_out_t *o)
{
    ccp_w_key(o, "candidates");
    ccp_w_arr(o);
    ccp_w_obj(o);

    if (ev->stop != CCP_STOP_FILTER || e->content || e->sig.n) {
        ccp_w_key(o, "content");
        ccp_w_obj(o);
        ccp_w_kcstr(o, "role", "model");
        ccp_w_key(o, "parts");
        ccp_w_arr(o);
        ccp_w_obj(o);
        ccp_w_kcstr(o, "text", "");

        if (e->sig.n) {
            ccp_w_kstr(o, "thoughtSignature", ccp_buf_str(&e->sig, 1));
        }

        ccp_w_obj_end(o);
        ccp_w_arr_end(o);
        ccp_w_obj_end(o);
    }

    ccp_w_kcstr(o, "finishReason",
                ccp_gemini_enc_stop_word(ev->stop, ev->category));

    if ((ev->stop == CCP_STOP_FILTER || ev->stop == CCP_STOP_REFUSAL)
        && ev->stop_text.n)
    {
        ccp_w_kstr(o, "finishMessage", ev->stop_text);
    }

    ccp_w_kint(o, "index", 0);
    ccp_w_obj_end(o);
    ccp_w_arr_end(o);
}


static void
ccp_gemini_enc_finish(ccp_gemini_enc_t *e, const ccp_event_t *ev, ccp_out_t *o)
{
    e->finished = 1;

    ccp_gemini_enc_open_frame(e, o);
    ccp_w_obj(o);

    if (!e->content && e->sig.n == 0
        && ccp_gemini_enc_is_blocked(ev->usage, ev->stop))
    {
        ccp_gemini_enc_feedback(o, ev->category, ev->stop_text);

    } else {
        ccp_gemini_enc_last_candidate(e, ev, o);
    }

    ccp_w_key(o, "usageMetadata");
    ccp_gemini_enc_usage(o, e->ac, ev->usage ? ev->usage : &e->usage, 0);
    ccp_w_kstr(o, "modelVersion", e->ac->model);
    ccp_w_kstr(o, "responseId", e->id);
    ccp_w_obj_end(o);
    ccp_gemini_enc_shut_frame(e, o);
}


static int
ccp_gemini_enc_error_event(ccp_gemini_enc_t *e, const ccp_error_t *err,
    ccp_out_t *o)
{
    int  rc;

    e->failed = 1;
    ccp_gemini_enc_open_frame(e, o);
    rc = ccp_gemini_enc_error_document(err, e->ac->request_id, o);
    ccp_gemini_enc_shut_frame(e, o);

    return rc;
}


static void
ccp_gemini_enc_end(ccp_gemini_enc_t *e, ccp_out_t *o)
{
    if (!e->ac->req->stream_array) {
        return;
    }

    if (!e->written) {
        ccp_out_lit(o, "[");
    }

    ccp_out_lit(o, "]\r\n");
}


static int
ccp_gemini_enc_content_event(ccp_gemini_enc_t *e, const ccp_event_t *ev,
    ccp_out_t *o)
{
    if (e->held && (ev->kind == CCP_EV_BLOCK_START
                    || (ev->kind == CCP_EV_FINISH
                        && ev->stop < CCP_STOP_LENGTH))
        && ccp_gemini_enc_call(e, o) != CCP_OK)
    {
        return CCP_NOMEM;
    }

    switch (ev->kind) {

    case CCP_EV_BLOCK_START:
        return ccp_gemini_enc_block_start(e, ev->block, o);

    case CCP_EV_DELTA:
        return ccp_gemini_enc_delta(e, ev->text, o);

    case CCP_EV_SIG:
        return ccp_gemini_enc_keep_sig(e, ev->origin, ev->text, o);

    case CCP_EV_CITE:
    case CCP_EV_LOGPROBS:
        return ccp_gemini_enc_cite(e, ev, o);

    case CCP_EV_BLOCK_STOP:
        return e->kind == CCP_B_CALL
               ? ccp_gemini_enc_call_stop(e, ev->truncated, o) : CCP_OK;

    case CCP_EV_FINISH:
        ccp_gemini_enc_finish(e, ev, o);
        return CCP_OK;

    default:
        return CCP_OK;
    }
}


int
ccp_gemini_enc_resume(void *data, const void *d)
{
    ccp_gemini_enc_t  *e;

    (void) d;

    e = data;
    e->written = 1;

    return CCP_OK;
}


int
ccp_gemini_enc_event(void *enc, const ccp_event_t *ev, ccp_out_t *o)
{
    int                rc;
    ccp_gemini_enc_t  *e = enc;

    rc = CCP_OK;

    switch (ev->kind) {

    case CCP_EV_PING:
        /* Google's own client takes a comment for a broken frame */
        break;

    case CCP_EV_ERROR:
        if (!e->failed) {
            rc = ccp_gemini_enc_error_event(e, ev->error, o);
        }

        break;

    case CCP_EV_END:
        ccp_gemini_enc_end(e, o);
        break;

    default:
        if (e->failed || e->finished || ev->choice != 0) {
            break;
        }

        rc = ccp_gemini_enc_start(e, ev);

        if (rc == CCP_OK) {
            rc = ccp_gemini_enc_content_event(e, ev, o);
        }
    }

    return rc != CCP_OK || o->err || e->line.err ? CCP_NOMEM : CCP_OK;
}
