
/*
 * An answer's bytes: from the upstream's body to its protocol's decoder, and
 * what is no stream and no document of blocks: errors, embeddings, counts.
 */

#include "codec/base/base_mask.h"
#include "codec/embed/embed.h"
#include "codec/exchange/exchange_private.h"
#include "codec/provider/provider_error.h"


/* Longest payload of a stream, and what of an error body is looked at. */
#define CCP_PAYLOAD_MAX     (16 * 1024 * 1024)
#define CCP_ERROR_BODY_MAX  (256 * 1024)


/* An answer that can't be read is an error event of its own. */

static int
ccp_answer_malformed(ccp_try_t *t, ccp_err_e cls, const char *message)
{
    int          rc;
    ccp_error_t  err;
    ccp_event_t  ev;

    memset(&err, 0, sizeof(ccp_error_t));
    err.cls = cls;
    err.message = ccp_cstr(message);

    ccp_event_init(&ev, CCP_EV_ERROR, 0, 0, 0);
    ev.error = &err;

    rc = ccp_flow_event(t->reply.flow, &ev);

    return rc == CCP_OK ? ccp_flow_eof(t->reply.flow) : rc;
}


static int
ccp_answer_dec_payload(void *ctx, ccp_str_t event, ccp_str_t data, int comment)
{
    int           rc;
    ccp_try_t    *t;
    ccp_jval_t    v;
    ccp_event_t   ev;
    ccp_reply_t  *rp;

    t = ctx;
    rp = &t->reply;

    if (rp->raw) {
        ccp_raw_payload(t);
    }

    if (ccp_answer_done(t)) {
        return CCP_OK;
    }

    if (comment) {
        ccp_event_init(&ev, CCP_EV_PING, 0, 0, 0);
        return ccp_emit(&rp->ac.sink, &ev);
    }

    v = ccp_jabsent;
    rc = ccp_json_parse(&rp->doc, data.p, data.n, 0, NULL);

    if (rc == CCP_NOMEM) {
        return rc;
    }

    if (rc == CCP_OK) {
        v = ccp_json_root(&rp->doc);
    }

    rp->odd = ccp_json_type(v) != CCP_J_OBJECT;

    rc = rp->up->dec_event(rp->dec, event, data, v);

    rp->odd = 0;

    return rc == CCP_OK && rp->raw ? ccp_raw_skip(t) : rc;
}


/*
 * What the end of the bytes cut off: a payload all the same, if it can be read
 * as one.  Else it is nothing: the answer had its end before, or has none.
 */

static int
ccp_answer_dec_tail(void *ctx, ccp_str_t event, ccp_str_t data, int comment)
{
    int           rc;
    ccp_try_t    *t;
    ccp_reply_t  *rp;

    t = ctx;
    rp = &t->reply;

    rc = ccp_json_parse(&rp->doc, data.p, data.n, 0, NULL);

    if (rc == CCP_NOMEM) {
        return rc;
    }

    if (comment || (rc != CCP_OK && !ccp_str_starts(data, "[DONE]"))) {
        return CCP_OK;
    }

    rc = ccp_answer_dec_payload(ctx, event, data, 0);

    return rc == CCP_OK && rp->raw ? ccp_raw_last(t) : rc;
}


/* The first byte that is no white space tells how the body is read. */

static void
ccp_answer_sniff(ccp_try_t *t, const uint8_t *p, size_t n)
{
    size_t        i;
    ccp_frame_e   frame;
    ccp_reply_t  *rp;

    rp = &t->reply;

    for (i = 0; i < n; i++) {
        if (p[i] != ' ' && p[i] != '\n' && p[i] != '\r' && p[i] != '\t') {
            break;
        }
    }

    if (i == n) {
        return;
    }

    frame = rp->up->framing;
    rp->kind = CCP_BODY_STREAM;

    if (p[i] == '{' && (frame != CCP_FRAME_NDJSON || !t->x->req.stream)) {
        rp->kind = CCP_BODY_WHOLE;

    } else if (p[i] == '[') {
        frame = CCP_FRAME_ARRAY;

    } else if (p[i] == '<' || !rp->sse_type) {
        rp->kind = CCP_BODY_WHOLE;
    }

    /*
     * The client may get these very bytes if they are what it asked for: a
     * stream, in its framing, for a stream, one document for one document.
     */

    rp->raw = t->spliced
              && (t->x->req.stream ? rp->kind == CCP_BODY_STREAM
                  && (frame == CCP_FRAME_ARRAY)
                  == (t->x->req.stream_array != 0)
                                : rp->kind == CCP_BODY_WHOLE);

    ccp_frame_init(&rp->frame, frame, rp->arena, CCP_PAYLOAD_MAX);

    if (rp->raw && rp->kind == CCP_BODY_STREAM) {

        /* white space that came before */

        rp->held = rp->body;
        ccp_buf_init(&rp->body, rp->arena, 0);
    }
}


static int
ccp_answer_collect(ccp_reply_t *rp, const uint8_t *p, size_t n)
{
    size_t  room;

    if (rp->kind == CCP_BODY_ERROR) {
        room = CCP_ERROR_BODY_MAX - rp->body.n;
        n = n < room ? n : room;
    }

    return ccp_buf_add(&rp->body, p, n);
}


int
ccp_answer_feed(ccp_try_t *t, const uint8_t *p, size_t n, ccp_out_t *out)
{
    int           rc;
    ccp_reply_t  *rp;

    rp = &t->reply;
    rp->out = out;

    if (n == 0) {
        return CCP_OK;
    }

    /* what follows the end: of a splice's bytes no payload is withheld */

    if (ccp_answer_done(t) && !(rp->raw && rp->head.stream)) {
        return ccp_out_finish(out);
    }

    if (rp->kind == CCP_BODY_UNKNOWN) {
        ccp_answer_sniff(t, p, n);
    }

    if (rp->kind != CCP_BODY_STREAM) {
        return ccp_answer_collect(rp, p, n);
    }

    rc = rp->raw
         ? ccp_raw_feed(t, p, n, ccp_answer_dec_payload)
         : ccp_frame_feed(&rp->frame, p, n, ccp_answer_dec_payload, t);

    ccp_answer_keep(t);

    return rc == CCP_OK ? ccp_out_finish(out) : rc;
}


/*
 * The end of a stream, which is an error if nothing ended the answer.  Of a
 * splice's bytes the closing of an array is left, where no error goes before.
 */

static int
ccp_answer_eof(ccp_try_t *t, const ccp_error_t *err)
{
    int           rc;
    const char   *close;
    ccp_event_t   ev;
    ccp_reply_t  *rp;

    rp = &t->reply;
    rp->kind = CCP_BODY_STREAM;

    rc = rp->up->dec_eof(rp->dec);

    rp->kind = CCP_BODY_OVER;

    if (rc == CCP_OK && err && !ccp_flow_finished(rp->flow)) {
        ccp_event_init(&ev, CCP_EV_ERROR, 0, 0, 0);
        ev.error = err;
        rc = ccp_flow_event(rp->flow, &ev);
    }

    if (rc == CCP_OK) {
        rc = ccp_flow_eof(rp->flow);
    }

    if (rc != CCP_OK || !rp->raw || !rp->head.stream) {
        return rc;
    }

    if (rp->frame.closed) {
        return ccp_raw_last(t);
    }

    close = ccp_frame_close(&rp->frame);
    ccp_out_bytes(rp->out, close, strlen(close));

    return CCP_OK;
}


/* The bytes ended, which may complete their last payload. */

static int
ccp_answer_last(ccp_try_t *t)
{
    int           rc;
    ccp_reply_t  *rp;

    rp = &t->reply;
    rp->kind = CCP_BODY_STREAM;

    rc = ccp_frame_end(&rp->frame, ccp_answer_dec_tail, t);

    return rc == CCP_OK ? ccp_answer_eof(t, NULL) : rc;
}


/* A document and lines begin alike: here are lines nobody asked for. */

static int
ccp_answer_lines(ccp_try_t *t)
{
    int           rc;
    ccp_reply_t  *rp;

    rp = &t->reply;
    rp->raw = 0;

    rc = ccp_frame_feed(&rp->frame, rp->body.p, rp->body.n,
                        ccp_answer_dec_payload, t);

    return rc == CCP_OK ? ccp_answer_last(t) : rc;
}


/* Embeddings: from one document to the other. */

static int
ccp_answer_embed(ccp_try_t *t)
{
    int                  rc;
    ccp_out_t            doc;
    ccp_error_t          err;
    ccp_embed_vectors_t  e;
    ccp_reply_t         *rp;

    rp = &t->reply;
    memset(&err, 0, sizeof(ccp_error_t));
    ccp_out_init(&doc, rp->arena, 0);

    rc = ccp_json_parse(&rp->doc, rp->body.p, rp->body.n, 0, NULL);

    if (rc == CCP_INVALID) {
        rc = ccp_refuse(&err, rp->arena, CCP_E_MALFORMED,
                        "the upstream's answer is not JSON");

    } else if (rc == CCP_OK) {
        rc = ccp_embed_dec_answer(&e, &rp->ac, ccp_json_root(&rp->doc), &err);
    }

    if (rc == CCP_OK && !t->spliced) {
        rc = ccp_embed_enc_answer(&e, &rp->ac, &doc, &err);
    }

    if (rc == CCP_INVALID) {
        rc = ccp_answer_note_error(t, &err);
        return rc == CCP_OK ? ccp_answer_fail(t, rp->out) : rc;
    }

    if (rc != CCP_OK) {
        return rc;
    }

    rp->embed_usage = e.usage;
    rp->content = 1;
    ccp_answer_finish(rp);
    ccp_answer_commit(t, 0);

    if (t->spliced) {
        ccp_out_bytes(rp->out, rp->body.p, rp->body.n);

    } else {
        ccp_out_bytes(rp->out, doc.buf.p, doc.buf.n);
    }

    return CCP_OK;
}


/* A document that nobody but the client reads, but for its usage. */

static int
ccp_answer_as_it_is(ccp_try_t *t)
{
    int           rc;
    ccp_error_t   err;
    ccp_jval_t    usage;
    ccp_reply_t  *rp;

    rp = &t->reply;

    rc = ccp_json_parse(&rp->doc, rp->body.p, rp->body.n, 0, NULL);

    if (rc == CCP_NOMEM) {
        return rc;
    }

    if (rc != CCP_OK
        || ccp_json_type(ccp_json_root(&rp->doc)) != CCP_J_OBJECT)
    {
        memset(&err, 0, sizeof(ccp_error_t));
        err.cls = CCP_E_MALFORMED;
        err.message = ccp_lit("the upstream's answer is not JSON");

        rc = ccp_answer_note_error(t, &err);
        return rc == CCP_OK ? ccp_answer_fail(t, rp->out) : rc;
    }

    usage = ccp_json_opt(ccp_json_root(&rp->doc), "usage");

    rp->embed_usage = ccp_usage_none;
    ccp_usage_split(&rp->embed_usage, ccp_usage_count(usage, "input_tokens"));
    rp->embed_usage.out_total = ccp_usage_count(usage, "output_tokens");
    rp->content = 1;

    ccp_answer_finish(rp);
    ccp_answer_commit(t, 0);

    ccp_mask(rp->body.p, rp->body.n, t->key);
    ccp_out_bytes(rp->out, rp->body.p, rp->body.n);

    return CCP_OK;
}


static int
ccp_answer_dec_whole(ccp_try_t *t)
{
    int           rc;
    ccp_reply_t  *rp;

    rp = &t->reply;

    rc = ccp_json_parse(&rp->doc, rp->body.p, rp->body.n, 0, NULL);

    if (rc == CCP_NOMEM) {
        return rc;
    }

    if (rc != CCP_OK && rp->frame.kind == CCP_FRAME_NDJSON) {
        return ccp_answer_lines(t);
    }

    if (rc != CCP_OK) {
        return ccp_answer_malformed(t, CCP_E_MALFORMED,
                                    "the upstream's answer is not JSON");
    }

    rc = rp->up->dec_whole(rp->dec, ccp_json_root(&rp->doc));

    if (rc == CCP_OK) {
        rc = rp->up->dec_eof(rp->dec);
    }

    return rc == CCP_OK ? ccp_flow_eof(rp->flow) : rc;
}


static int
ccp_answer_dec_document(ccp_try_t *t)
{
    int  rc;

    switch (t->x->req.op) {

    case CCP_OP_EMBED:
        return ccp_answer_embed(t);

    case CCP_OP_COMPACT:
        return ccp_answer_as_it_is(t);

    case CCP_OP_HELD:
        return ccp_answer_held(t);

    case CCP_OP_COUNT:
        rc = ccp_answer_count(t);
        return rc == CCP_DECLINED ? ccp_answer_fail(t, t->reply.out) : rc;

    default:
        return ccp_answer_dec_whole(t);
    }
}


static int
ccp_answer_error_body(ccp_try_t *t)
{
    int           rc;
    ccp_error_t   err;
    ccp_reply_t  *rp;

    rp = &t->reply;
    memset(&err, 0, sizeof(ccp_error_t));

    rc = ccp_error_read(&err, rp->arena, rp->status,
                        ccp_buf_str(&rp->body, 0), rp->retry_after);
    if (rc != CCP_OK) {
        return rc;
    }

    rc = ccp_answer_note_error(t, &err);

    return rc == CCP_OK ? ccp_answer_fail(t, rp->out) : rc;
}


int
ccp_answer_end(ccp_try_t *t, ccp_out_t *out)
{
    int           rc;
    ccp_body_e    kind;
    ccp_reply_t  *rp;

    rp = &t->reply;
    rp->out = out;

    if (ccp_answer_done(t)) {
        return ccp_out_finish(out);
    }

    kind = rp->kind;
    rp->kind = CCP_BODY_OVER;

    switch (kind) {

    case CCP_BODY_ERROR:
        rc = ccp_answer_error_body(t);
        break;

    case CCP_BODY_WHOLE:
        rc = ccp_answer_dec_document(t);
        break;

    case CCP_BODY_STREAM:
        rc = ccp_answer_last(t);
        break;

    default:
        rc = ccp_answer_malformed(t, CCP_E_MALFORMED,
                                  "the upstream's answer is empty");
    }

    ccp_answer_finish(rp);
    ccp_answer_keep(t);

    return rc == CCP_OK ? ccp_out_finish(out) : rc;
}


int
ccp_answer_abort(ccp_try_t *t, ccp_err_e cls, const char *message,
    ccp_out_t *out)
{
    int           rc, stream;
    ccp_error_t   err;
    ccp_reply_t  *rp;

    rp = &t->reply;
    rp->out = out;

    if (ccp_answer_done(t)) {
        return ccp_out_finish(out);
    }

    stream = rp->kind == CCP_BODY_STREAM;
    rp->lost = 1;
    rp->unread = ccp_answer_unread(rp);
    rp->kind = CCP_BODY_OVER;

    memset(&err, 0, sizeof(ccp_error_t));
    err.cls = cls;
    err.message = ccp_cstr(message);

    if (stream) {
        rc = ccp_answer_eof(t, &err);

    } else if (rp->flow) {
        rc = ccp_answer_malformed(t, cls, message);

    } else {
        rc = ccp_answer_note_error(t, &err);
        if (rc == CCP_OK) {
            rc = ccp_answer_fail(t, out);
        }
    }

    ccp_answer_finish(rp);

    return rc == CCP_OK ? ccp_out_finish(out) : rc;
}


int
ccp_answer_ping(ccp_try_t *t, ccp_out_t *out)
{
    int           rc;
    ccp_event_t   ev;
    ccp_reply_t  *rp;

    rp = &t->reply;

    if (rp->state != CCP_REPLY_OPEN) {
        return CCP_OK;
    }

    ccp_event_init(&ev, CCP_EV_PING, 0, 0, 0);

    rc = rp->client->enc_event(rp->enc, &ev, out);

    return rc == CCP_OK ? ccp_out_finish(out) : rc;
}
