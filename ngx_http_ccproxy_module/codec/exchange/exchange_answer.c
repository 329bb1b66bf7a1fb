
/*
 * Responses: from the upstream's bytes to the client's.
 *
 *   bytes -> framer -> decoder -> stages -> flow -> encoder or aggregate
 *
 * In a splice the client gets the upstream's bytes; the decoder then reads
 * along for usage, stop reason and errors.
 */

#include "codec/exchange/exchange_private.h"
#include "codec/form/form_think.h"
#include "codec/provider/provider_error.h"
#include "codec/compat/compat.h"
#include "codec/embed/embed.h"


/* Longest payload of a stream, and what of an error body is looked at. */
#define CCP_PAYLOAD_MAX     (16 * 1024 * 1024)
#define CCP_ERROR_BODY_MAX  (256 * 1024)


static int ccp_response_sink(void *ctx, const ccp_event_t *ev);


void
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


/* Whether the module must cut the text at the client's stop sequences, since
 * the upstream can't be told of any. */

static int
ccp_response_cuts(const ccp_exchange_t *x)
{
    return x->req.stop && !x->spliced
           && (x->target.proto == CCP_RESPONSES
               || x->target.dialect->stop_max < 0);
}


/* The stages that this answer needs, last one first. */

static int
ccp_response_stages(ccp_exchange_t *x, ccp_response_t *res)
{
    void              *stage;
    ccp_sink_t         next;
    const ccp_name_t  *name;

    next.fn = ccp_response_sink;
    next.ctx = x;

    res->flow = ccp_flow_create(&res->rs, next, x->env.answer_limit);
    if (res->flow == NULL) {
        return CCP_NOMEM;
    }

    next.fn = ccp_flow_event;
    next.ctx = res->flow;

    if (ccp_response_cuts(x)) {
        stage = ccp_stoptext_create(&res->rs, next, x->req.stop);
        if (stage == NULL) {
            return CCP_NOMEM;
        }
        next.fn = ccp_stoptext_event;
        next.ctx = stage;
    }

    for (name = x->names; name && !name->custom; name = name->next) {
        /* void */
    }

    if (name) {
        stage = ccp_custom_create(&res->rs, next, x->env.answer_limit);
        if (stage == NULL) {
            return CCP_NOMEM;
        }
        next.fn = ccp_custom_event;
        next.ctx = stage;
    }

    if ((x->compat || x->target.dialect->call_text) && !x->spliced
        && ccp_compat_callable(&x->req))
    {
        stage = ccp_toolcall_create(&res->rs, next,
                                    x->compat ? CCP_CALLS_COMPAT
                                              : CCP_CALLS_NATIVE,
                                    x->env.answer_limit);
        if (stage == NULL) {
            return CCP_NOMEM;
        }
        next.fn = ccp_toolcall_event;
        next.ctx = stage;
    }

    if (x->target.dialect->think_tags && !x->spliced) {
        stage = ccp_thinktag_create(&res->rs, next,
                                    x->target.dialect->think_tags > 1);
        if (stage == NULL) {
            return CCP_NOMEM;
        }
        next.fn = ccp_thinktag_event;
        next.ctx = stage;
    }

    res->rs.sink = next;

    return CCP_OK;
}


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

    if (ccp_response_stages(x, res) != CCP_OK) {
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


static void
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

    res->decided = 1;
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
        return res->failed ? ccp_response_fail(x, res->out) : CCP_NOMEM;
    }

    ccp_response_commit(x, 0);
    res->done = 1;

    if (res->raw) {
        return ccp_buf_add(&res->out->buf, res->body.p, res->body.n);
    }

    return res->client->enc_whole(&res->rs, ans, res->out);
}


/* Events that passed the flow stage. */

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

    if (!res->decided) {

        if (res->failed) {
            return ev->kind == CCP_EV_END ? ccp_response_fail(x, res->out)
                                          : CCP_OK;
        }

        if (ev->kind == CCP_EV_PING) {
            return CCP_OK;
        }

        ccp_response_commit(x, 1);
    }

    /* what a splice says after an error, such as [DONE], passes too */

    if (ev->kind == CCP_EV_END && (!res->raw || !res->failed)) {
        res->done = 1;
    }

    if (res->raw && !(res->ending && res->failed)) {

        /* the bytes speak for themselves, but for an end they don't have */

        return CCP_OK;
    }

    if (res->failed && ev->kind == CCP_EV_ERROR) {
        ccp_event_t  masked;

        masked = *ev;
        masked.error = &res->error;
        return res->client->enc_event(res->enc, &masked, res->out);
    }

    return res->client->enc_event(res->enc, ev, res->out);
}


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
    int              rc;
    unsigned         decided;
    ccp_response_t  *res;

    res = &x->res;
    res->out = out;

    if (n == 0) {
        return CCP_OK;
    }

    if (res->done) {

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

    decided = res->decided;

    if (res->raw && !decided && ccp_buf_add(&res->body, p, n) != CCP_OK) {
        return CCP_NOMEM;
    }

    rc = ccp_frame_feed(&res->frame, p, n, ccp_response_payload, x);
    if (rc != CCP_OK) {
        return rc;
    }

    if (res->raw && res->decided && res->head.stream) {
        if (decided) {
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
    int              rc;
    unsigned         decided;
    ccp_response_t  *res;

    res = &x->res;
    decided = res->decided;

    rc = ccp_frame_end(&res->frame, ccp_response_payload, x);
    if (rc != CCP_OK) {
        return rc;
    }

    if (res->raw && !decided && res->decided && res->head.stream) {
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
    res->done = 1;
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
    ccp_response_t  *res;

    res = &x->res;
    res->out = out;
    res->ending = 1;

    if (res->done) {
        return ccp_out_finish(out);
    }

    switch (res->kind) {

    case CCP_BODY_ERROR:
        rc = ccp_response_error_body(x);
        break;

    case CCP_BODY_WHOLE:
        rc = x->req.op == CCP_OP_EMBED ? ccp_response_embed(x)
             : x->req.op == CCP_OP_COUNT ? ccp_response_count(x)
             : ccp_response_whole(x);
        break;

    case CCP_BODY_STREAM:
        rc = ccp_response_last(x);
        break;

    default:
        rc = ccp_response_malformed(x, CCP_E_MALFORMED,
                                    "the upstream's answer is empty");
    }

    res->done = 1;

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
    res->ending = 1;

    if (res->done) {
        return ccp_out_finish(out);
    }

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

    res->done = 1;

    return rc == CCP_OK ? ccp_out_finish(out) : rc;
}


int
ccp_response_ping(ccp_exchange_t *x, ccp_out_t *out)
{
    int              rc;
    ccp_event_t      ev;
    ccp_response_t  *res;

    res = &x->res;

    if (!res->decided || !res->head.stream || res->done || res->failed) {
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
