
/*
 * What the tests of the Responses codec share: exchanges, and the path of an
 * answer through decoder, flow and encoder.
 */

#ifndef UT_RESPONSES_H
#define UT_RESPONSES_H

#include "codec/form/form_block.h"
#include "codec/exchange/exchange.h"
#include "codec/responses/responses_answer.h"
#include "codec/responses/responses_request.h"
#include "codec/base/base_buf.h"
#include "codec/base/base_id.h"
#include "codec/json/json_out.h"
#include "codec/json/json_read.h"
#include "codec/wire/wire_frame.h"
#include "codec/form/form_event.h"
#include "codec/provider/provider.h"
#include "codec/proto/proto.h"
#include "codec/stage/stage.h"
#include "codec/responses/responses.h"
#include "codec/exchange/exchange.h"
#include "ut.h"
#include "ut_exchange.h"


/* ---- an exchange ---- */

typedef struct {
    ccp_exchange_t   *x;
    ccp_try_t        *try;
    const ccp_out_t  *body;
    ccp_error_t       err;
    ut_mem_t          mem;
} rs_x_t;


/* A client's request at path, decoded and encoded for a target. */

static inline int
rs_open(rs_x_t *u, const ccp_mem_t *mem, const char *path, const char *body,
    ccp_proto_e up, const char *model)
{
    int           rc;
    ccp_mem_t     m;
    ccp_str_t     uri;
    ccp_target_t  t;

    memset(u, 0, sizeof(rs_x_t));
    ut_mem_init(&u->mem);
    m = ut_mem(&u->mem);

    u->x = ut_exchange_create(mem ? mem : &m, path, NULL);
    if (u->x == NULL) {
        return CCP_NOMEM;
    }

    ut_target(&t, ccp_provider_plain(up));
    t.model = model ? ccp_cstr(model) : ccp_none;

    rc = ccp_exchange_request(u->x, ccp_cstr(body), ccp_none, &u->err);

    return rc == CCP_OK ? ut_try(&u->try, u->x, &t, ccp_none, &u->body,
                                 &uri, &u->err)
                        : rc;
}


static inline void
rs_close(rs_x_t *u)
{
    ccp_exchange_destroy(u->x);
    u->x = NULL;
}


/* The decoded request as it stands before it is normalised or encoded. */

typedef struct {
    ccp_arena_t    *a;
    ccp_request_t   r;
    ccp_error_t     err;
    int             rc;
} rs_req_t;


static inline int
rs_decode(rs_req_t *q, const char *body)
{
    ccp_jerr_t  jerr;

    memset(q, 0, sizeof(rs_req_t));
    q->a = ut_arena();
    ccp_request_unset(&q->r);
    q->r.proto = CCP_RESPONSES;
    q->r.body = ccp_cstr(body);
    ccp_json_init(&q->r.doc, q->a);

    if (ccp_json_parse(&q->r.doc, q->r.body.p, q->r.body.n, 0, &jerr)
        != CCP_OK)
    {
        abort();
    }

    q->r.root = ccp_json_root(&q->r.doc);
    q->rc = ccp_responses_read_request(&q->r, q->a, &q->err);

    return q->rc;
}


/* ---- an answer ---- */

/* What an answer comes to, as text: "kind:text" by line, calls with name and
 * id, then stop and usage or the error. */

typedef struct {
    ccp_arena_t      *a;
    ccp_request_t     req;
    ccp_target_t      target;
    ccp_clock_t       clock;
    ccp_answer_ctx_t  ac;
    ccp_flow_t       *flow;
    ccp_frame_t       frame;
    ccp_json_t        doc;
    void             *dec;
    void             *enc;
    ccp_out_t         out;     /* encoded */
    char             *said;    /* the summary */
    size_t            nsaid;
    ccp_buf_t         text;    /* of all texts and refusals */
    ccp_buf_t         calls;   /* name(arguments) of each */
    ccp_block_e       kind;    /* of the open block */
    ccp_stop_e        stop;
    ccp_usage_t       usage;
    ccp_err_e         cls;     /* of its error */
    int               ended;
    int               encode;
} rs_pipe_t;


static inline void
rs_say(rs_pipe_t *p, const char *s, size_t n)
{
    p->said = realloc(p->said, p->nsaid + n + 1);
    memcpy(p->said + p->nsaid, s, n);
    p->nsaid += n;
    p->said[p->nsaid] = '\0';
}


static inline void
rs_sayf(rs_pipe_t *p, const char *fmt, long long a, long long b, long long c)
{
    char  buf[128];

    snprintf(buf, sizeof(buf), fmt, a, b, c);
    rs_say(p, buf, strlen(buf));
}


static inline void
rs_say_str(rs_pipe_t *p, ccp_str_t s)
{
    char  *t;

    t = ut_cstr(s);
    rs_say(p, t, strlen(t));
    free(t);
}


static inline void
rs_collect(rs_pipe_t *p, const ccp_event_t *ev)
{
    switch (ev->kind) {

    case CCP_EV_BLOCK_START:
        p->kind = ev->block->kind;

        if (p->kind == CCP_B_CALL) {
            (void) ccp_buf_add_plain(&p->calls, ev->block->name);
            (void) ccp_buf_add(&p->calls, "(", 1);
        }

        break;

    case CCP_EV_DELTA:
        if (p->kind == CCP_B_CALL) {
            (void) ccp_buf_add_plain(&p->calls, ev->text);

        } else if (p->kind == CCP_B_TEXT || p->kind == CCP_B_REFUSAL) {
            (void) ccp_buf_add_plain(&p->text, ev->text);
        }

        break;

    case CCP_EV_BLOCK_STOP:
        if (p->kind == CCP_B_CALL) {
            (void) ccp_buf_add(&p->calls, ")", 1);
        }

        break;

    case CCP_EV_FINISH:
        p->stop = ev->stop;
        p->usage = *ev->usage;
        break;

    case CCP_EV_ERROR:
        p->cls = ev->error->cls;
        break;

    default:
        break;
    }
}


static inline int
rs_sink(void *ctx, const ccp_event_t *ev)
{
    rs_pipe_t           *p = ctx;
    const ccp_usage_t   *u;

    static const char *const  kinds[] = {
        [CCP_B_TEXT] = "text:", [CCP_B_REFUSAL] = "refusal:",
        [CCP_B_THINK] = "think:", [CCP_B_CALL] = "call:",
        [CCP_B_HCALL] = "hosted:", [CCP_B_HRESULT] = "hosted:",
        [CCP_B_OPAQUE] = "opaque:"
    };

    rs_collect(p, ev);

    switch (ev->kind) {

    case CCP_EV_BLOCK_START:
        rs_say(p, kinds[ev->block->kind], strlen(kinds[ev->block->kind]));

        if (ev->block->kind == CCP_B_CALL) {
            rs_say_str(p, ev->block->name);
            rs_say(p, ev->block->free_text ? "!" : ",", 1);
            rs_say_str(p, ev->block->id);
            rs_say(p, ":", 1);

        } else if (ev->block->kind >= CCP_B_HCALL) {
            rs_say_str(p, ev->block->type);
        }

        break;

    case CCP_EV_DELTA:
        rs_say_str(p, ev->text);
        break;

    case CCP_EV_SIG:
        rs_say(p, "#", 1);
        rs_say_str(p, ev->text);
        break;

    case CCP_EV_CITE:
        rs_say(p, "@", 1);
        break;

    case CCP_EV_BLOCK_STOP:
        rs_say(p, ev->truncated ? "~\n" : "\n", ev->truncated ? 2 : 1);
        break;

    case CCP_EV_FINISH:
        u = ev->usage;
        rs_sayf(p, "stop %lld", ev->stop, 0, 0);
        rs_sayf(p, " in %lld+%lld+%lld", u->in_fresh, u->in_read, u->in_write);
        rs_sayf(p, " out %lld/%lld\n", u->out_total, u->out_reason, 0);
        break;

    case CCP_EV_ERROR:
        rs_sayf(p, "error %lld ", ev->error->cls, 0, 0);
        rs_say_str(p, ev->error->message);
        rs_say(p, "\n", 1);
        break;

    case CCP_EV_END:
        p->ended++;
        break;

    default:
        break;
    }

    return p->encode ? ccp_responses_enc_event(p->enc, ev, &p->out) : CCP_OK;
}


/* request: the client's, for the echo and its tools; NULL: a plain one. */

static inline void
rs_pipe(rs_pipe_t *p, ccp_proto_e up, const char *request)
{
    ccp_sink_t   next;
    ccp_error_t  err;
    ccp_jerr_t   jerr;

    memset(p, 0, sizeof(rs_pipe_t));
    p->a = ut_arena();
    p->req.proto = CCP_RESPONSES;
    ccp_request_unset(&p->req);
    p->req.body = ccp_cstr(request ? request
                           : "{\"model\":\"m\",\"input\":\"x\","
                             "\"stream\":true}");
    ccp_json_init(&p->req.doc, p->a);

    if (ccp_json_parse(&p->req.doc, p->req.body.p, p->req.body.n, 0, &jerr)
        != CCP_OK)
    {
        abort();
    }

    p->req.root = ccp_json_root(&p->req.doc);

    if (ccp_responses_read_request(&p->req, p->a, &err) != CCP_OK) {
        abort();
    }

    if (request == NULL) {
        /* what answers call may be any tool */
        p->req.msgs = NULL;
    }

    p->target.provider = ccp_provider_plain(up);
    p->target.proto = up;
    p->clock.seed[0] = 1;
    p->clock.seed[1] = 2;
    p->clock.now_ns = ut_now;

    p->ac.arena = p->a;
    p->ac.req = &p->req;
    p->ac.target = &p->target;
    p->ac.client = &ccp_responses_ops;
    p->ac.up = ccp_proto_ops(up);
    p->ac.clock = &p->clock;
    p->ac.model = p->req.model;
    p->ac.request_id = ccp_lit("0123456789abcdefghijklmn");
    p->ac.created = 1763800000;
    p->ac.show_think = 1;

    ccp_out_init(&p->out, p->a, 0);
    ccp_json_init(&p->doc, p->a);
    ccp_buf_init(&p->text, p->a, 0);
    ccp_buf_init(&p->calls, p->a, 0);
    p->encode = 1;

    next.fn = rs_sink;
    next.ctx = p;
    p->flow = ccp_flow_create(&p->ac, next, 0);
    p->ac.sink.fn = ccp_flow_event;
    p->ac.sink.ctx = p->flow;

    p->dec = ccp_calloc(p->a, ccp_proto_ops(up)->dec_size);
    p->enc = ccp_calloc(p->a, sizeof(ccp_responses_enc_t));
    (void) ccp_proto_ops(up)->dec_init(p->dec, &p->ac);
    (void) ccp_responses_enc_init(p->enc, &p->ac);
    ccp_frame_init(&p->frame, ccp_proto_ops(up)->framing, p->a, 0);
}


static inline void
rs_pipe_free(rs_pipe_t *p)
{
    ccp_arena_destroy(p->a);
    free(p->said);
}


static inline int
rs_payload(void *ctx, ccp_str_t event, ccp_str_t data, int comment)
{
    ccp_jval_t   v;
    ccp_jerr_t   jerr;
    rs_pipe_t   *p = ctx;

    if (comment) {
        return CCP_OK;
    }

    v = ccp_jabsent;

    if (ccp_json_parse(&p->doc, data.p, data.n, 0, &jerr) == CCP_OK) {
        v = ccp_json_root(&p->doc);
    }

    return ccp_proto_ops(p->target.proto)->dec_event(p->dec, event, data, v);
}


/* A stream in pieces: two, cut at byte "cut", or all of "step" bytes. */

static inline void
rs_stream(rs_pipe_t *p, ccp_str_t s, size_t cut, size_t step)
{
    size_t  i, n;

    for (i = 0; i < s.n; i += n) {
        n = step ? step : i < cut ? cut - i : s.n - i;
        n = n > s.n - i ? s.n - i : n;
        (void) ccp_frame_feed(&p->frame, s.p + i, n, rs_payload, p);
    }

    (void) ccp_frame_end(&p->frame, rs_payload, p);
    (void) ccp_proto_ops(p->target.proto)->dec_eof(p->dec);
    (void) ccp_flow_eof(p->flow);
    (void) ccp_out_finish(&p->out);
}


static inline void
rs_whole(rs_pipe_t *p, ccp_str_t s)
{
    ccp_json_t  *doc;
    ccp_jerr_t   jerr;

    doc = ccp_calloc(p->a, sizeof(ccp_json_t));
    ccp_json_init(doc, p->a);

    if (ccp_json_parse(doc, s.p, s.n, 0, &jerr) != CCP_OK) {
        abort();
    }

    (void) ccp_proto_ops(p->target.proto)->dec_whole(p->dec,
                                                     ccp_json_root(doc));
    (void) ccp_proto_ops(p->target.proto)->dec_eof(p->dec);
    (void) ccp_flow_eof(p->flow);
    (void) ccp_out_finish(&p->out);
}


/* ---- the grammar of a stream ---- */

typedef struct {
    ccp_arena_t  *a;
    ccp_json_t    doc;
    int           seq;
    int           items;       /* done so far */
    int           open;        /* an item is added, not done */
    int           parts;       /* parts open in it */
    ccp_buf_t     text;        /* of the deltas since the last done */
    ccp_buf_t     output;      /* items done, by comma */
    ccp_str_t     id;          /* of the response */
    ccp_str_t     item;        /* id of the open item */
    int           over;
    const char   *bad;         /* the first fault */
    char          last[64];    /* type of the last event */
} rs_grammar_t;


static inline void
rs_bad(rs_grammar_t *g, const char *what)
{
    g->bad = g->bad ? g->bad : what;
}


static inline void
rs_check_response(rs_grammar_t *g, ccp_jval_t v, int final)
{
    size_t       i;
    ccp_buf_t    all;
    ccp_jval_t   r;

    static const char *const  needed[] = {
        "id", "object", "created_at", "status", "error",
        "incomplete_details", "instructions", "metadata", "model", "output",
        "parallel_tool_calls", "temperature", "tool_choice", "tools", "top_p",
        "usage"
    };

    r = ccp_json_get(v, "response");

    for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        if (ccp_json_type(ccp_json_get(r, needed[i])) == CCP_J_ABSENT) {
            rs_bad(g, needed[i]);
        }
    }

    if (g->id.p == NULL) {
        g->id = ccp_str_dup(g->a, ccp_json_gets(r, "id"));
    }

    if (!ccp_str_eq(g->id, ccp_json_gets(r, "id"))) {
        rs_bad(g, "the response's id changes");
    }

    ccp_buf_init(&all, g->a, 0);
    (void) ccp_buf_add(&all, "[", 1);
    (void) ccp_buf_add(&all, g->output.p, g->output.n);
    (void) ccp_buf_add(&all, "]", 1);

    if (final && !ut_json_same(ccp_json_raw(ccp_json_get(r, "output")),
                               ccp_buf_str(&all, 0)))
    {
        rs_bad(g, "output is not the items that were done");
    }
}


static inline void
rs_check_item(rs_grammar_t *g, ccp_jval_t v, int done)
{
    ccp_str_t   raw;
    ccp_jval_t  item;

    item = ccp_json_get(v, "item");

    if (ccp_json_int(ccp_json_get(v, "output_index"), -1) != g->items) {
        rs_bad(g, "output_index");
    }

    if (done != g->open) {
        rs_bad(g, "added and done of items don't alternate");
    }

    if (!done) {
        g->open = 1;
        g->item = ccp_str_dup(g->a, ccp_json_gets(item, "id"));
        return;
    }

    if (g->parts || g->text.n) {
        rs_bad(g, "an item is done before its parts");
    }

    if (!ccp_str_eq(g->item, ccp_json_gets(item, "id"))) {
        rs_bad(g, "the item's id changes");
    }

    raw = ccp_json_raw(item);

    if (g->output.n) {
        (void) ccp_buf_add(&g->output, ",", 1);
    }

    (void) ccp_buf_add(&g->output, raw.p, raw.n);
    g->items++;
    g->open = 0;
}


static inline void
rs_check_inner(rs_grammar_t *g, ccp_jval_t v, const char *type)
{
    size_t     i;
    ccp_str_t  s;

    static const char *const  wholes[] = {
        "text", "refusal", "arguments", "input"
    };

    if (!g->open
        || ccp_json_int(ccp_json_get(v, "output_index"), -1) != g->items
        || !ccp_str_eq(ccp_json_gets(v, "item_id"), g->item))
    {
        rs_bad(g, "an event of no open item");
    }

    if (strstr(type, "part.added")) {
        g->parts++;

    } else if (strstr(type, "part.done")) {
        g->parts--;

    } else if (strstr(type, ".delta")) {
        s = ccp_json_gets(v, "delta");

        if (s.n == 0) {
            rs_bad(g, "an empty delta");
        }

        (void) ccp_buf_add_plain(&g->text, s);

    } else if (strstr(type, ".done")) {
        for (i = 0; i < 4; i++) {
            s = ccp_json_gets(v, wholes[i]);

            if (s.p && !ccp_str_eq(s, ccp_buf_str(&g->text, 0))) {
                rs_bad(g, "the whole is not what the deltas said");
            }
        }

        g->text.n = 0;
    }
}


static inline int
rs_check_event(void *ctx, ccp_str_t event, ccp_str_t data, int comment)
{
    char          *type;
    ccp_jval_t     v;
    ccp_jerr_t     jerr;
    rs_grammar_t  *g = ctx;

    if (comment) {
        return CCP_OK;
    }

    if (ccp_json_parse(&g->doc, data.p, data.n, CCP_JSON_STRICT, &jerr)
        != CCP_OK)
    {
        rs_bad(g, "no JSON");
        return CCP_OK;
    }

    v = ccp_json_root(&g->doc);
    type = ut_cstr(ccp_json_gets(v, "type"));

    if (!ut_str_is(event, type)) {
        rs_bad(g, "event is not type");
    }

    if (ccp_json_int(ccp_json_get(v, "sequence_number"), -1) != g->seq) {
        rs_bad(g, "sequence_number");
    }

    if (g->over) {
        rs_bad(g, "an event after the end");
    }

    if (g->seq == 0 && strcmp(type, "response.created") != 0) {
        rs_bad(g, "the first event is not response.created");
    }

    if (g->seq == 1 && strcmp(type, "response.in_progress") != 0
        && strcmp(type, "error") != 0)
    {
        rs_bad(g, "the second event is not response.in_progress");
    }

    if (strcmp(type, "response.completed") == 0
        || strcmp(type, "response.incomplete") == 0
        || strcmp(type, "response.failed") == 0)
    {
        g->over = 1;
        rs_check_response(g, v, 1);

        if (g->open && strcmp(type, "response.failed") != 0) {
            rs_bad(g, "an item is never done");
        }

    } else if (strcmp(type, "response.created") == 0
               || strcmp(type, "response.in_progress") == 0)
    {
        rs_check_response(g, v, 0);

    } else if (strcmp(type, "response.output_item.added") == 0) {
        rs_check_item(g, v, 0);

    } else if (strcmp(type, "response.output_item.done") == 0) {
        rs_check_item(g, v, 1);

    } else if (strcmp(type, "error") != 0) {
        rs_check_inner(g, v, type);
    }

    snprintf(g->last, sizeof(g->last), "%s", type);
    g->seq++;
    free(type);

    return CCP_OK;
}


/* NULL if the stream is valid, else its first fault. */

static inline const char *
rs_grammar(ccp_str_t s)
{
    const char    *bad;
    ccp_frame_t    f;
    rs_grammar_t   g;

    memset(&g, 0, sizeof(g));
    g.a = ut_arena();
    ccp_json_init(&g.doc, g.a);
    ccp_buf_init(&g.text, g.a, 0);
    ccp_buf_init(&g.output, g.a, 0);
    ccp_frame_init(&f, CCP_FRAME_SSE, g.a, 0);

    (void) ccp_frame_feed(&f, s.p, s.n, rs_check_event, &g);
    (void) ccp_frame_end(&f, rs_check_event, &g);

    if (!g.over) {
        rs_bad(&g, "no end");
    }

    bad = g.bad;
    ccp_arena_destroy(g.a);

    return bad;
}


/* ---- events of an upstream ---- */

#define EV(type, rest)                                                        \
    "event: " type "\ndata: {\"type\":\"" type "\"," rest "}\n\n"

#define CREATED                                                               \
    EV("response.created", "\"response\":{\"id\":\"resp_u\",\"model\":"       \
       "\"up\",\"created_at\":5,\"status\":\"in_progress\",\"output\":[]}")

#define DONE(output)                                                          \
    EV("response.completed", "\"response\":{\"id\":\"resp_u\",\"status\":"    \
       "\"completed\",\"output\":[" output "],\"usage\":{\"input_tokens\":9," \
       "\"output_tokens\":4}}")

#endif /* UT_RESPONSES_H */
