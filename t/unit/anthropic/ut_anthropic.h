
/*
 * Anthropic answers through framer, decoder, flow and encoder, for tests.
 */

#ifndef UT_ANTHROPIC_H
#define UT_ANTHROPIC_H

#include "codec/base/base_buf.h"
#include "codec/json/json_out.h"
#include "codec/json/json_read.h"
#include "codec/wire/wire_frame.h"
#include "codec/provider/provider.h"
#include "codec/anthropic/anthropic.h"
#include "codec/exchange/exchange.h"
#include "codec/stage/stage.h"
#include "ut_events.h"

typedef struct {
    ut_mem_t          mem;
    ccp_arena_t      *a;
    ccp_request_t     req;
    ccp_target_t      target;
    ccp_clock_t       clock;
    ccp_answer_ctx_t  ac;
    ccp_flow_t       *flow;
    ccp_aggregate_t  *agg;
    ccp_frame_t       frame;
    ccp_json_t        doc;
    void             *dec;
    void             *enc;
    ccp_out_t         out;     /* what an Anthropic client gets, streamed */
    ut_trace_t        trace;   /* flow's events without START, PING, CITE */
} ut_an_t;


static inline int64_t
ut_an_now(void *ctx)
{
    (void) ctx;
    return 1700000000LL * 1000000000;
}


/* Texts without their escapes and unknown cache reads as none: what may
 * differ between two spellings of one answer is taken out. */

static inline int
ut_an_trace(ut_an_t *u, const ccp_event_t *ev)
{
    ccp_event_t  e;
    ccp_usage_t  usage;

    e = *ev;

    if (e.text.p) {
        e.text = ccp_str_plain(u->a, e.text);
        if (e.text.p == NULL) {
            return CCP_NOMEM;
        }
    }

    if (e.usage) {
        usage = *e.usage;
        usage.in_read = usage.in_read < 0 ? 0 : usage.in_read;
        e.usage = &usage;
    }

    return ut_trace_event(&u->trace, &e);
}


static inline int
ut_an_sink(void *ctx, const ccp_event_t *ev)
{
    int       rc;
    ut_an_t  *u = ctx;

    if (ev->kind != CCP_EV_PING && ev->kind != CCP_EV_START
        && ev->kind != CCP_EV_CITE && ut_an_trace(u, ev) != CCP_OK)
    {
        return CCP_NOMEM;
    }

    rc = ccp_aggregate_event(u->agg, ev);

    return rc == CCP_OK ? ccp_anthropic_ops.enc_event(u->enc, ev, &u->out)
                        : rc;
}


/* up: protocol of the target; mem NULL: an allocator of our own. */

static inline int
ut_an_open(ut_an_t *u, const ccp_mem_t *mem, ccp_proto_e up)
{
    ccp_mem_t   m;
    ccp_sink_t  next;

    memset(u, 0, sizeof(ut_an_t));
    ut_mem_init(&u->mem);
    m = mem ? *mem : ut_mem(&u->mem);
    ut_trace_init(&u->trace, 1);

    u->a = ccp_arena_create(&m, 0);
    if (u->a == NULL) {
        return CCP_NOMEM;
    }

    u->req.proto = CCP_ANTHROPIC;
    u->req.n = CCP_UNSET_INT;
    u->clock.seed[0] = 1;
    u->clock.seed[1] = 2;
    u->clock.now_ns = ut_an_now;
    u->target.proto = up;
    u->target.provider = ccp_provider_plain(up);
    u->target.model = ccp_lit("up-model");

    u->ac.arena = u->a;
    u->ac.req = &u->req;
    u->ac.target = &u->target;
    u->ac.client = &ccp_anthropic_ops;
    u->ac.up = ccp_proto_ops(up);
    u->ac.clock = &u->clock;
    u->ac.model = ccp_lit("alias");
    u->ac.request_id = ccp_lit("R1");
    u->ac.estimate = 11;
    u->ac.show_think = 1;

    ccp_out_init(&u->out, u->a, 0);
    ccp_json_init(&u->doc, u->a);
    ccp_frame_init(&u->frame, CCP_FRAME_SSE, u->a, 0);

    next.fn = ut_an_sink;
    next.ctx = u;

    u->flow = ccp_flow_create(&u->ac, next, 1 << 20);
    u->agg = ccp_aggregate_create(&u->ac, 1 << 20);
    u->enc = ccp_calloc(u->a, ccp_anthropic_ops.enc_size);
    u->dec = ccp_calloc(u->a, ccp_anthropic_ops.dec_size);

    if (u->flow == NULL || u->agg == NULL || u->enc == NULL
        || u->dec == NULL)
    {
        return CCP_NOMEM;
    }

    u->ac.sink.fn = ccp_flow_event;
    u->ac.sink.ctx = u->flow;

    if (ccp_anthropic_ops.enc_init(u->enc, &u->ac) != CCP_OK) {
        return CCP_NOMEM;
    }

    return ccp_anthropic_ops.dec_init(u->dec, &u->ac);
}


static inline void
ut_an_close(ut_an_t *u)
{
    ut_trace_free(&u->trace);
    ccp_arena_destroy(u->a);
}


static inline int
ut_an_payload(void *ctx, ccp_str_t event, ccp_str_t data, int comment)
{
    int          rc;
    ut_an_t     *u = ctx;
    ccp_jerr_t   err;
    ccp_jval_t   v;

    if (comment) {
        return CCP_OK;
    }

    rc = ccp_json_parse(&u->doc, data.p, data.n, 0, &err);
    if (rc == CCP_NOMEM) {
        return rc;
    }

    v = rc == CCP_OK ? ccp_json_root(&u->doc) : ccp_jabsent;

    return ccp_anthropic_ops.dec_event(u->dec, event, data, v);
}


/* A stream in pieces of n bytes, the first of them of "first" bytes. */

static inline int
ut_an_stream(ut_an_t *u, ccp_str_t body, size_t first, size_t n)
{
    int      rc;
    size_t   at, k;
    uint8_t *copy;

    rc = CCP_OK;

    for (at = 0; at < body.n && rc == CCP_OK; at += k) {
        k = at == 0 ? first : n;
        k = k < body.n - at ? k : body.n - at;

        copy = malloc(k);
        if (copy == NULL) {
            abort();
        }

        memcpy(copy, body.p + at, k);
        rc = ccp_frame_feed(&u->frame, copy, k, ut_an_payload, u);
        free(copy);
    }

    if (rc == CCP_OK) {
        rc = ccp_frame_end(&u->frame, ut_an_payload, u);
    }

    if (rc == CCP_OK) {
        rc = ccp_anthropic_ops.dec_eof(u->dec);
    }

    if (rc == CCP_OK) {
        rc = ccp_flow_eof(u->flow);
    }

    if (rc == CCP_OK) {
        rc = ccp_out_finish(&u->out);
    }

    return rc;
}


static inline int
ut_an_whole(ut_an_t *u, ccp_str_t body)
{
    int         rc;
    ccp_jerr_t  err;

    rc = ccp_json_parse(&u->doc, body.p, body.n, 0, &err);
    if (rc != CCP_OK) {
        return rc;
    }

    rc = ccp_anthropic_ops.dec_whole(u->dec, ccp_json_root(&u->doc));

    if (rc == CCP_OK) {
        rc = ccp_flow_eof(u->flow);
    }

    if (rc == CCP_OK) {
        rc = ccp_out_finish(&u->out);
    }

    return rc;
}


/* The answer that was collected, as a whole message with a NUL behind. */

static inline int
ut_an_message(ut_an_t *u, ccp_out_t *o)
{
    int                  rc;
    const ccp_error_t   *err;
    const ccp_answer_t  *ans;

    ccp_out_init(o, u->a, 0);

    ans = ccp_aggregate_answer(u->agg, &err);
    if (ans == NULL) {
        return CCP_INVALID;
    }

    rc = ccp_anthropic_ops.enc_whole(&u->ac, ans, o);

    if (rc == CCP_OK) {
        rc = ccp_buf_add(&o->buf, "", 1);
    }

    if (rc == CCP_OK) {
        o->buf.n--;
        rc = ccp_out_finish(o);
    }

    return rc;
}

#endif /* UT_ANTHROPIC_H */
