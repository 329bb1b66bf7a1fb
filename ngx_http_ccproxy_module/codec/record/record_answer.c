
/*
 * The message that an answer's bytes tell.  A stream is read by its protocol's
 * own decoder and written by the same protocol's encoder of whole answers.
 */

#include "codec/record/record.h"
#include "codec/exchange/exchange.h"
#include "codec/form/form_block.h"
#include "codec/stage/stage.h"


/* Longest payload of a stream. */
#define CCP_RECORD_PAYLOAD  (16 * 1024 * 1024)


typedef struct {
    ccp_arena_t       *arena;
    const ccp_ops_t   *ops;
    ccp_request_t      req;
    ccp_target_t       target;
    ccp_clock_t        clock;
    ccp_answer_ctx_t   ac;
    ccp_flow_t        *flow;
    ccp_aggregate_t   *agg;
    void              *dec;
    ccp_json_t         doc;        /* of one payload */
    ccp_error_t       *err;
    unsigned           started:1;  /* there is something to tell */
    unsigned           ended:1;
} ccp_record_read_t;


/* Ids that a decoder must make up are the same each time. */

static int64_t
ccp_record_now(void *ctx)
{
    (void) ctx;
    return 0;
}


/* An error is told beside the message, which keeps what came before it. */

static int
ccp_record_sink(void *ctx, const ccp_event_t *ev)
{
    ccp_record_read_t  *rd = ctx;

    switch (ev->kind) {

    case CCP_EV_ERROR:
        *rd->err = *ev->error;
        rd->err->raw = ccp_none;
        return ccp_error_keep(rd->err, rd->arena);

    case CCP_EV_START:
        rd->started = 1;
        break;

    case CCP_EV_END:
        rd->ended = 1;
        break;

    default:
        break;
    }

    return ccp_aggregate_event(rd->agg, ev);
}


static int
ccp_record_payload(void *ctx, ccp_str_t event, ccp_str_t data, int comment)
{
    int                 rc;
    ccp_jval_t          v;
    ccp_record_read_t  *rd = ctx;

    if (comment) {
        return CCP_OK;
    }

    rc = ccp_json_parse(&rd->doc, data.p, data.n, 0, NULL);

    if (rc == CCP_NOMEM) {
        return rc;
    }

    v = rc == CCP_OK ? ccp_json_root(&rd->doc) : ccp_jabsent;

    return rd->ops->dec_event(rd->dec, event, data, v);
}


/* What the decoder may ask of the request; it can do without. */

static int
ccp_record_request(ccp_record_read_t *rd, const ccp_endpoint_t *ep,
    ccp_str_t body)
{
    int             rc;
    ccp_error_t     err;
    ccp_request_t  *r;

    r = &rd->req;
    r->proto = ep->proto;
    r->op = CCP_OP_GENERATE;
    r->model = ep->model;
    r->generate = ep->generate;
    ccp_request_unset(r);
    ccp_json_init(&r->doc, rd->arena);

    if (body.p == NULL
        || ccp_json_parse(&r->doc, body.p, body.n, 0, NULL) != CCP_OK)
    {
        return CCP_OK;
    }

    r->body = body;
    r->root = ccp_json_root(&r->doc);

    if (ccp_json_type(r->root) != CCP_J_OBJECT) {
        return CCP_OK;
    }

    memset(&err, 0, sizeof(ccp_error_t));
    rc = rd->ops->read_request(r, rd->arena, &err);

    return rc == CCP_NOMEM ? rc : CCP_OK;
}


static int
ccp_record_begin(ccp_record_read_t *rd)
{
    ccp_sink_t         sink;
    ccp_answer_ctx_t  *ac;

    rd->clock.seed[0] = 1;
    rd->clock.seed[1] = 2;
    rd->clock.now_ns = ccp_record_now;

    rd->target.proto = rd->req.proto;
    rd->target.provider = ccp_provider_plain(rd->req.proto);
    rd->target.max_tokens = CCP_UNSET_INT;
    rd->target.context = CCP_UNSET_INT;

    ac = &rd->ac;
    ac->arena = rd->arena;
    ac->req = &rd->req;
    ac->target = &rd->target;
    ac->client = rd->ops;
    ac->up = rd->ops;
    ac->clock = &rd->clock;
    ac->model = ccp_lit("");
    ac->request_id = ccp_lit("");
    ac->show_think = 1;

    rd->agg = ccp_aggregate_create(ac, 0);
    if (rd->agg == NULL) {
        return CCP_NOMEM;
    }

    sink.fn = ccp_record_sink;
    sink.ctx = rd;

    rd->flow = ccp_flow_create(ac, sink, 0);
    if (rd->flow == NULL) {
        return CCP_NOMEM;
    }

    ac->sink.fn = ccp_flow_event;
    ac->sink.ctx = rd->flow;

    ccp_json_init(&rd->doc, rd->arena);

    rd->dec = ccp_calloc(rd->arena, rd->ops->dec_size);
    if (rd->dec == NULL) {
        return CCP_NOMEM;
    }

    return rd->ops->dec_init(rd->dec, ac);
}


static int
ccp_record_stream(ccp_record_read_t *rd, ccp_str_t bytes, ccp_out_t *out)
{
    int                  rc;
    ccp_frame_t          frame;
    const ccp_error_t   *err;
    const ccp_answer_t  *ans;

    ccp_frame_init(&frame, bytes.p[0] == '[' ? CCP_FRAME_ARRAY
                                             : rd->ops->framing,
                   rd->arena, CCP_RECORD_PAYLOAD);

    rc = ccp_frame_feed(&frame, bytes.p, bytes.n, ccp_record_payload, rd);

    if (rc == CCP_OK) {
        rc = ccp_frame_end(&frame, ccp_record_payload, rd);
    }

    if (rc == CCP_OK) {
        rc = rd->ops->dec_eof(rd->dec);
    }

    if (rc == CCP_OK && !rd->ended) {
        rc = ccp_flow_eof(rd->flow);
    }

    if (rc != CCP_OK) {
        return rc;
    }

    ans = ccp_aggregate_answer(rd->agg, &err);

    if (ans == NULL || !rd->started) {

        /* no message: what came instead speaks for itself */

        ccp_out_bytes(out, bytes.p, bytes.n);
        return CCP_OK;
    }

    return rd->ops->enc_whole(&rd->ac, ans, out);
}


/* Whether it is one document, which needs no reading. */

static int
ccp_record_whole(ccp_str_t bytes, ccp_arena_t *a)
{
    int         rc;
    ccp_json_t  doc;

    if (bytes.p[0] != '{') {
        return bytes.p[0] == '<' ? CCP_OK : CCP_DECLINED;
    }

    ccp_json_init(&doc, a);
    rc = ccp_json_parse(&doc, bytes.p, bytes.n, 0, NULL);
    ccp_json_free(&doc);

    return rc == CCP_INVALID ? CCP_DECLINED : rc;
}


int
ccp_record_answer(const ccp_endpoint_t *ep, ccp_str_t request,
    ccp_str_t bytes, ccp_arena_t *a, ccp_out_t *out, ccp_error_t *err)
{
    int                 rc;
    ccp_str_t           body;
    ccp_record_read_t  *rd;

    memset(err, 0, sizeof(ccp_error_t));
    body = bytes;

    while (body.n && (*body.p == ' ' || *body.p == '\n' || *body.p == '\r'
                      || *body.p == '\t'))
    {
        body.p++;
        body.n--;
    }

    if (body.n == 0) {
        ccp_out_lit(out, "null");
        return CCP_OK;
    }

    rc = ccp_record_whole(body, a);

    if (rc == CCP_DECLINED && ep->op != CCP_OP_GENERATE) {
        rc = CCP_OK;
    }

    if (rc == CCP_OK) {
        ccp_out_bytes(out, bytes.p, bytes.n);
    }

    if (rc != CCP_DECLINED) {
        return rc;
    }

    rd = ccp_calloc(a, sizeof(ccp_record_read_t));
    if (rd == NULL) {
        return CCP_NOMEM;
    }

    rd->arena = a;
    rd->ops = ccp_proto_ops(ep->proto);
    rd->err = err;

    rc = ccp_record_request(rd, ep, request);

    if (rc == CCP_OK) {
        rc = ccp_record_begin(rd);
    }

    return rc == CCP_OK ? ccp_record_stream(rd, body, out) : rc;
}
