
/*
 * An answer's bytes: from the upstream's body to its protocol's decoder, and
 * what is no stream and no document of blocks: errors, embeddings, counts.
 */

#include "codec/embed/embed.h"
#include "codec/exchange/exchange_private.h"
#include "codec/provider/provider_error.h"


/* Longest payload of a stream, and what of an error body is looked at. */
#define CCP_PAYLOAD_MAX     (16 * 1024 * 1024)
#define CCP_ERROR_BODY_MAX  (256 * 1024)


/* An answer that can't be read is an error event of its own. */

static int
ccp_response_malformed(ccp_exchange_t *x, ccp_err_e cls, const char *message)
{
    int          rc;
    ccp_error_t  err;
    ccp_event_t  ev;

    memset(&err, 0, sizeof(ccp_error_t));
    err.cls = cls;
    err.message = ccp_cstr(message);

    memset(&ev, 0, sizeof(ccp_event_t));
    ev.kind = CCP_EV_ERROR;
    ev.error = &err;

    rc = ccp_flow_event(x->res.flow, &ev);

    return rc == CCP_OK ? ccp_flow_eof(x->res.flow) : rc;
}


static int
ccp_response_payload(void *ctx, ccp_str_t event, ccp_str_t data, int comment)
{
    int              rc;
    ccp_jval_t       v;
    ccp_event_t      ev;
    ccp_exchange_t  *x;
    ccp_response_t  *res;

    x = ctx;
    res = &x->res;

    if (comment) {
        memset(&ev, 0, sizeof(ccp_event_t));
        ev.kind = CCP_EV_PING;
        return ccp_emit(&res->rs.sink, &ev);
    }

    v = ccp_jabsent;
    rc = ccp_json_parse(&res->doc, data.p, data.n, 0, NULL);

    if (rc == CCP_NOMEM) {
        return rc;
    }

    if (rc == CCP_OK) {
        v = ccp_json_root(&res->doc);
    }

    return res->up->dec_event(res->dec, event, data, v);
}


/* The first byte that is no white space tells how the body is read. */

static void
ccp_response_sniff(ccp_exchange_t *x, const uint8_t *p, size_t n)
{
    size_t           i;
    ccp_frame_e      frame;
    ccp_response_t  *res;

    res = &x->res;

    for (i = 0; i < n; i++) {
        if (p[i] != ' ' && p[i] != '\n' && p[i] != '\r' && p[i] != '\t') {
            break;
        }
    }

    if (i == n) {
        return;
    }

    frame = res->up->framing;
    res->kind = CCP_BODY_STREAM;

    if (p[i] == '{' && (frame != CCP_FRAME_NDJSON || !x->req.stream)) {
        res->kind = CCP_BODY_WHOLE;

    } else if (p[i] == '[') {
        frame = CCP_FRAME_ARRAY;

    } else if (p[i] == '<' || !res->sse_type) {
        res->kind = CCP_BODY_WHOLE;
    }

    /*
     * The client may get these very bytes if they are what it asked for: a
     * stream, in its framing, for a stream, one document for one document.
     */

    res->raw = x->spliced
               && (x->req.stream ? res->kind == CCP_BODY_STREAM
                                   && (frame == CCP_FRAME_ARRAY)
                                      == (x->req.stream_array != 0)
                                 : res->kind == CCP_BODY_WHOLE);

    ccp_frame_init(&res->frame, frame, res->arena, CCP_PAYLOAD_MAX);
}


static int
ccp_response_collect(ccp_response_t *res, const uint8_t *p, size_t n)
{
    size_t  room;

    if (res->kind == CCP_BODY_ERROR) {
        room = CCP_ERROR_BODY_MAX - res->body.n;
        n = n < room ? n : room;
    }

    return ccp_buf_add(&res->body, p, n);
}


int
ccp_response_feed(ccp_exchange_t *x, const uint8_t *p, size_t n,
    ccp_out_t *out)
{
    int              rc, open;
    ccp_response_t  *res;

    res = &x->res;
    res->out = out;

    if (n == 0) {
        return CCP_OK;
    }

    if (ccp_response_done(x)) {

        /* what follows the end: of a splice's bytes nothing is withheld */

        if (res->raw && res->head.stream) {
            ccp_out_bytes(out, p, n);
        }

        return ccp_out_finish(out);
    }

    if (res->kind == CCP_BODY_UNKNOWN) {
        ccp_response_sniff(x, p, n);
    }

    if (res->kind != CCP_BODY_STREAM) {
        return ccp_response_collect(res, p, n);
    }

    open = res->head.stream;

    if (res->raw && !open && ccp_buf_add(&res->body, p, n) != CCP_OK) {
        return CCP_NOMEM;
    }

    rc = ccp_frame_feed(&res->frame, p, n, ccp_response_payload, x);
    if (rc != CCP_OK) {
        return rc;
    }

    if (res->raw && res->head.stream) {
        if (open) {
            ccp_out_bytes(out, p, n);

        } else {
            ccp_out_bytes(out, res->body.p, res->body.n);
            ccp_buf_free(&res->body);
        }
    }

    return ccp_out_finish(out);
}


/* The stream's end, which may complete its only payload. */

static int
ccp_response_last(ccp_exchange_t *x)
{
    int              rc, open;
    ccp_response_t  *res;

    res = &x->res;
    open = res->head.stream;

    rc = ccp_frame_end(&res->frame, ccp_response_payload, x);
    if (rc != CCP_OK) {
        return rc;
    }

    if (res->raw && !open && res->head.stream) {
        ccp_out_bytes(res->out, res->body.p, res->body.n);
        ccp_buf_free(&res->body);
    }

    rc = res->up->dec_eof(res->dec);

    return rc == CCP_OK ? ccp_flow_eof(res->flow) : rc;
}


/* A document and lines begin alike: here are lines nobody asked for. */

static int
ccp_response_lines(ccp_exchange_t *x)
{
    int              rc;
    ccp_response_t  *res;

    res = &x->res;
    res->raw = 0;

    rc = ccp_frame_feed(&res->frame, res->body.p, res->body.n,
                        ccp_response_payload, x);

    return rc == CCP_OK ? ccp_response_last(x) : rc;
}


/* Embeddings: from one document to the other. */

static int
ccp_response_embed(ccp_exchange_t *x)
{
    int              rc;
    ccp_out_t        doc;
    ccp_error_t      err;
    ccp_embedded_t   e;
    ccp_response_t  *res;

    res = &x->res;
    memset(&err, 0, sizeof(ccp_error_t));
    ccp_out_init(&doc, res->arena, 0);

    rc = ccp_json_parse(&res->doc, res->body.p, res->body.n, 0, NULL);

    if (rc == CCP_INVALID) {
        rc = ccp_error_set(&err, res->arena, CCP_E_MALFORMED,
                           "the upstream's answer is not JSON");

    } else if (rc == CCP_OK) {
        rc = ccp_embed_read(&e, &res->rs, ccp_json_root(&res->doc), &err);
    }

    if (rc == CCP_OK && !x->spliced) {
        rc = ccp_embed_write(&e, &res->rs, &doc, &err);
    }

    if (rc == CCP_INVALID) {
        rc = ccp_response_note_error(x, &err);
        return rc == CCP_OK ? ccp_response_fail(x, res->out) : rc;
    }

    if (rc != CCP_OK) {
        return rc;
    }

    res->embed_usage = e.usage;
    res->content = 1;
    ccp_response_finish(res);
    ccp_response_commit(x, 0);

    if (x->spliced) {
        ccp_out_bytes(res->out, res->body.p, res->body.n);

    } else {
        ccp_out_bytes(res->out, doc.buf.p, doc.buf.n);
    }

    return CCP_OK;
}


static int
ccp_response_whole(ccp_exchange_t *x)
{
    int              rc;
    ccp_response_t  *res;

    res = &x->res;

    rc = ccp_json_parse(&res->doc, res->body.p, res->body.n, 0, NULL);

    if (rc == CCP_NOMEM) {
        return rc;
    }

    if (rc != CCP_OK && res->frame.kind == CCP_FRAME_NDJSON) {
        return ccp_response_lines(x);
    }

    if (rc != CCP_OK) {
        return ccp_response_malformed(x, CCP_E_MALFORMED,
                                      "the upstream's answer is not JSON");
    }

    rc = res->up->dec_whole(res->dec, ccp_json_root(&res->doc));

    if (rc == CCP_OK) {
        rc = res->up->dec_eof(res->dec);
    }

    return rc == CCP_OK ? ccp_flow_eof(res->flow) : rc;
}


static int
ccp_response_document(ccp_exchange_t *x)
{
    int  rc;

    switch (x->req.op) {

    case CCP_OP_EMBED:
        return ccp_response_embed(x);

    case CCP_OP_COUNT:
        rc = ccp_response_count(x);
        return rc == CCP_DECLINED ? ccp_response_fail(x, x->res.out) : rc;

    default:
        return ccp_response_whole(x);
    }
}


static int
ccp_response_error_body(ccp_exchange_t *x)
{
    int              rc;
    ccp_error_t      err;
    ccp_response_t  *res;

    res = &x->res;
    memset(&err, 0, sizeof(ccp_error_t));

    rc = ccp_error_read(&err, res->arena, res->status,
                        ccp_buf_str(&res->body, 0), res->retry_after);
    if (rc != CCP_OK) {
        return rc;
    }

    rc = ccp_response_note_error(x, &err);

    return rc == CCP_OK ? ccp_response_fail(x, res->out) : rc;
}


int
ccp_response_end(ccp_exchange_t *x, ccp_out_t *out)
{
    int              rc;
    ccp_body_e       kind;
    ccp_response_t  *res;

    res = &x->res;
    res->out = out;

    if (ccp_response_done(x)) {
        return ccp_out_finish(out);
    }

    kind = res->kind;
    res->kind = CCP_BODY_OVER;

    switch (kind) {

    case CCP_BODY_ERROR:
        rc = ccp_response_error_body(x);
        break;

    case CCP_BODY_WHOLE:
        rc = ccp_response_document(x);
        break;

    case CCP_BODY_STREAM:
        rc = ccp_response_last(x);
        break;

    default:
        rc = ccp_response_malformed(x, CCP_E_MALFORMED,
                                    "the upstream's answer is empty");
    }

    ccp_response_finish(res);

    return rc == CCP_OK ? ccp_out_finish(out) : rc;
}


int
ccp_response_abort(ccp_exchange_t *x, ccp_err_e cls, const char *message,
    ccp_out_t *out)
{
    int              rc;
    ccp_error_t      err;
    ccp_response_t  *res;

    res = &x->res;
    res->out = out;

    if (ccp_response_done(x)) {
        return ccp_out_finish(out);
    }

    res->kind = CCP_BODY_OVER;

    if (res->flow) {
        rc = ccp_response_malformed(x, cls, message);

    } else {
        memset(&err, 0, sizeof(ccp_error_t));
        err.cls = cls;
        err.message = ccp_cstr(message);

        rc = ccp_response_note_error(x, &err);
        if (rc == CCP_OK) {
            rc = ccp_response_fail(x, out);
        }
    }

    ccp_response_finish(res);

    return rc == CCP_OK ? ccp_out_finish(out) : rc;
}


int
ccp_response_ping(ccp_exchange_t *x, ccp_out_t *out)
{
    int              rc;
    ccp_event_t      ev;
    ccp_response_t  *res;

    res = &x->res;

    if (res->state != CCP_REPLY_OPEN) {
        return CCP_OK;
    }

    /* of a splice the client may have half an event */

    if (res->raw && !ccp_frame_between(&res->frame)) {
        return CCP_OK;
    }

    memset(&ev, 0, sizeof(ccp_event_t));
    ev.kind = CCP_EV_PING;

    rc = res->client->enc_event(res->enc, &ev, out);

    return rc == CCP_OK ? ccp_out_finish(out) : rc;
}
