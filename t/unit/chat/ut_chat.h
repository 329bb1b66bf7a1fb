
/*
 * What the tests of the Chat codec share: a request or a response taken
 * through the codec, with the outcome as text.
 */

#ifndef UT_CHAT_H
#define UT_CHAT_H

#include <stdarg.h>

#include "codec/base/base_id.h"
#include "codec/json/json_out.h"
#include "codec/json/json_read.h"
#include "codec/wire/wire_frame.h"
#include "codec/form/form_block.h"
#include "codec/form/form_event.h"
#include "codec/provider/provider.h"
#include "codec/prepare/prepare.h"
#include "codec/chat/chat.h"
#include "codec/proto/proto.h"
#include "codec/stage/stage.h"
#include "codec/exchange/exchange.h"
#include "codec/prepare/prepare.h"
#include "ut_exchange.h"


/* ---- requests ---- */

typedef struct {
    ccp_arena_t    *a;
    ccp_request_t   r;
    ccp_clock_t     clock;
    ccp_target_t    target;
    ccp_name_t     *names;
    ccp_error_t     err;
    ccp_out_t       out;
    int             rc;
} chat_req_t;


static inline void
chat_req_init(chat_req_t *x, ccp_arena_t *a)
{
    memset(x, 0, sizeof(chat_req_t));
    x->a = a;
    x->clock.seed[0] = 1;
    x->clock.seed[1] = 2;
    x->clock.now_ns = ut_now;
    x->target.proto = CCP_CHAT;
    x->target.max_tokens = CCP_UNSET_INT;
    x->target.context = CCP_UNSET_INT;
    ccp_json_init(&x->r.doc, a);
    ccp_request_unset(&x->r);
}


static inline int
chat_decode(chat_req_t *x, ccp_proto_e from, const char *json)
{
    ccp_jerr_t  je;

    x->r.proto = from;
    x->r.op = CCP_OP_GENERATE;
    x->r.body = ccp_cstr(json);
    x->rc = ccp_json_parse(&x->r.doc, x->r.body.p, x->r.body.n, 0, &je);

    if (x->rc == CCP_OK) {
        x->r.root = ccp_json_root(&x->r.doc);
        x->rc = ccp_proto_ops(from)->read_request(&x->r, x->a, &x->err);
    }

    return x->rc;
}


/* The request as dialect (a preset, or NULL: plain) of protocol to gets it. */

static inline int
chat_encode(chat_req_t *x, ccp_proto_e to, const char *dialect,
    const char *model)
{
    ccp_write_ctx_t        e;
    const ccp_provider_t  *pr;

    pr = dialect ? ccp_provider_find(ccp_cstr(dialect))
                 : ccp_provider_plain(to);

    if (pr == NULL) {
        return x->rc = CCP_DECLINED;
    }

    x->target.proto = to;
    x->target.model = model ? ccp_cstr(model) : ccp_none;
    x->target.provider = ccp_provider_for_model(pr, model ? ccp_cstr(model)
                                                          : x->r.model, x->a);
    if (x->target.provider == NULL) {
        return x->rc = CCP_NOMEM;
    }

    x->rc = ccp_history_normalise(&x->r, x->a);

    if (x->rc == CCP_OK) {
        x->rc = ccp_names_build(&x->names, &x->r, x->a,
                                x->target.provider->name_max
                                ? (size_t) x->target.provider->name_max : 64,
                                to != CCP_RESPONSES);
    }

    if (x->rc != CCP_OK) {
        return x->rc;
    }

    memset(&e, 0, sizeof(ccp_write_ctx_t));
    e.arena = x->a;
    e.req = &x->r;
    e.target = &x->target;
    e.model = model ? ccp_cstr(model) : x->r.model;
    e.names = x->names;
    e.clock = &x->clock;
    e.err = &x->err;

    ccp_out_init(&x->out, x->a, 0);
    x->rc = ccp_proto_ops(to)->write_request(&e, &x->out);

    if (x->rc == CCP_OK) {
        x->rc = ccp_out_finish(&x->out);
    }

    return x->rc;
}


static inline int
chat_noted(const chat_req_t *x, const char *text)
{
    ccp_item_t  *it;
    char        *s;
    int          found;

    for (it = x->r.notes; it; it = it->next) {
        s = ut_cstr(it->s);
        found = strstr(s, text) != NULL;
        free(s);

        if (found) {
            return 1;
        }
    }

    return 0;
}


/* ---- responses ---- */

typedef struct {
    ccp_mem_t         mem;
    ccp_arena_t      *a;
    ccp_request_t     req;
    ccp_target_t      target;
    ccp_clock_t       clock;
    ccp_answer_ctx_t  ac;
    ccp_frame_t       frame;
    ccp_json_t        doc;
    void             *dec;
    ccp_flow_t       *flow;
    ccp_aggregate_t  *agg;
    void             *enc;         /* of the Chat client */
    ccp_out_t         out;
    ccp_proto_e       from;
    char             *log;         /* events as text, malloc'ed */
    size_t            n;
    size_t            cap;
    char              text[4][65536];  /* by kind, of choice 0 */
    int               calls;
    ccp_usage_t       usage;
    ccp_stop_e        stop;
    int               errors;
    int               finishes;
    int               ends;
} chat_res_t;

enum { CHAT_TEXT, CHAT_THINK, CHAT_ARGS, CHAT_NAMES };


static inline void
chat_log(chat_res_t *x, const char *fmt, ...)
{
    int      n;
    va_list  ap;

    if (x->cap - x->n < 262144) {
        x->cap = x->cap * 2 + 524288;
        x->log = realloc(x->log, x->cap);
    }

    va_start(ap, fmt);
    n = vsnprintf(x->log + x->n, x->cap - x->n, fmt, ap);
    va_end(ap);
    x->n += n;
}


/* The decoded text, malloc'ed. */

static inline char *
chat_cstr(ccp_str_t s)
{
    static ccp_arena_t  *a;

    if (a == NULL) {
        a = ut_arena();
    }

    return ut_cstr(s.p ? ccp_str_plain(a, s) : s);
}


static inline void
chat_add(char *to, ccp_str_t s)
{
    char    *p;
    size_t   n;

    p = chat_cstr(s);
    n = strlen(to);
    snprintf(to + n, 65536 - n, "%s", p);
    free(p);
}


static inline int
chat_event(void *ctx, const ccp_event_t *ev)
{
    int                 rc;
    char               *s;
    chat_res_t         *x = ctx;
    static const char  *kinds[] = {
        "text", "refusal", "think", "image", "doc", "audio", "video", "call",
        "result", "hcall", "hresult", "opaque"
    };
    static int          kind;

    s = chat_cstr(ev->text);

    switch (ev->kind) {

    case CCP_EV_START:
        chat_log(x, "start\n");
        break;

    case CCP_EV_BLOCK_START:
        kind = ev->block->kind;
        free(s);
        s = chat_cstr(ev->block->name);
        chat_log(x, "%d open %d %s %s%s", ev->choice, ev->index, kinds[kind],
                 s, ev->block->free_text ? " custom" : "");
        free(s);
        s = chat_cstr(ev->block->id);
        chat_log(x, " %s\n", s);

        if (kind == CCP_B_CALL && ev->choice == 0) {
            x->calls++;
            chat_add(x->text[CHAT_NAMES], ev->block->name);
            strcat(x->text[CHAT_NAMES], " ");
        }

        break;

    case CCP_EV_DELTA:
        chat_log(x, "%d %d %s\n", ev->choice, ev->index, s);

        if (ev->choice == 0) {
            chat_add(x->text[kind == CCP_B_CALL ? CHAT_ARGS
                             : kind == CCP_B_THINK ? CHAT_THINK : CHAT_TEXT],
                     ev->text);
        }

        break;

    case CCP_EV_SIG:
        chat_log(x, "%d %d sig %s\n", ev->choice, ev->index, s);
        break;

    case CCP_EV_CITE:
        free(s);
        s = chat_cstr(ev->raw);
        chat_log(x, "%d %d cite %s\n", ev->choice, ev->index, s);
        break;

    case CCP_EV_BLOCK_STOP:
        chat_log(x, "%d close %d%s\n", ev->choice, ev->index,
                 ev->truncated ? " cut" : "");
        break;

    case CCP_EV_FINISH:
        x->stop = ev->stop;
        x->finishes++;

        if (ev->usage) {
            x->usage = *ev->usage;
        }

        chat_log(x, "%d finish %d\n", ev->choice, ev->stop);
        break;

    case CCP_EV_ERROR:
        x->errors++;
        free(s);
        s = chat_cstr(ev->error->message);
        chat_log(x, "error %d %s\n", ev->error->cls, s);
        break;

    case CCP_EV_END:
        x->ends++;
        chat_log(x, "end\n");
        break;

    default:
        break;
    }

    free(s);

    rc = x->agg ? ccp_aggregate_event(x->agg, ev) : CCP_OK;

    return rc == CCP_OK && x->enc
           ? ccp_chat_ops.enc_event(x->enc, ev, &x->out) : rc;
}


/* from: the upstream's protocol; the client speaks Chat. */

static inline int
chat_res_init(chat_res_t *x, const ccp_mem_t *mem, ccp_proto_e from,
    const char *dialect, int stream)
{
    ccp_sink_t  sink;

    x->from = from;
    x->a = ccp_arena_create(mem, 0);

    if (x->a == NULL) {
        return CCP_NOMEM;
    }

    x->target.proto = from;
    x->target.provider = dialect ? ccp_provider_find(ccp_cstr(dialect))
                                 : ccp_provider_plain(from);
    x->clock.seed[0] = 1;
    x->clock.seed[1] = 2;
    x->clock.now_ns = ut_now;
    x->ac.arena = x->a;
    x->ac.req = &x->req;
    x->ac.target = &x->target;
    x->ac.client = &ccp_chat_ops;
    x->ac.up = ccp_proto_ops(from);
    x->ac.clock = &x->clock;
    x->ac.model = ccp_lit("m");
    x->ac.request_id = ccp_lit("0123456789abcdefABCDEFGH");
    x->ac.created = UT_NOW / 1000000000;

    sink.fn = chat_event;
    sink.ctx = x;
    x->flow = ccp_flow_create(&x->ac, sink, 1 << 20);
    x->dec = ccp_calloc(x->a, ccp_proto_ops(from)->dec_size);
    x->enc = ccp_calloc(x->a, ccp_chat_ops.enc_size);

    if (x->flow == NULL || x->dec == NULL || x->enc == NULL) {
        return CCP_NOMEM;
    }

    x->ac.sink.fn = ccp_flow_event;
    x->ac.sink.ctx = x->flow;

    if (!stream) {
        x->enc = NULL;
        x->agg = ccp_aggregate_create(&x->ac, 1 << 20);
        if (x->agg == NULL) {
            return CCP_NOMEM;
        }
    }

    ccp_json_init(&x->doc, x->a);
    ccp_out_init(&x->out, x->a, 0);

    if (x->enc && ccp_chat_ops.enc_init(x->enc, &x->ac) != CCP_OK) {
        return CCP_NOMEM;
    }

    return ccp_proto_ops(from)->dec_init(x->dec, &x->ac);
}


static inline void
chat_res_free(chat_res_t *x)
{
    ccp_arena_destroy(x->a);
    free(x->log);
    free(x);
}


static inline int
chat_payload(void *ctx, ccp_str_t event, ccp_str_t data, int comment)
{
    int          rc;
    ccp_jval_t   v;
    ccp_jerr_t   je;
    chat_res_t  *x = ctx;

    if (comment) {
        return CCP_OK;
    }

    v = ccp_jabsent;
    rc = ccp_json_parse(&x->doc, data.p, data.n, 0, &je);

    if (rc == CCP_NOMEM) {
        return rc;
    }

    if (rc == CCP_OK) {
        v = ccp_json_root(&x->doc);
    }

    return ccp_proto_ops(x->from)->dec_event(x->dec, event, data, v);
}


/* The bytes in pieces: up to split, the rest; split 0: byte by byte. */

static inline int
chat_feed(chat_res_t *x, ccp_str_t s, size_t split)
{
    int     rc;
    size_t  i, n;

    ccp_frame_init(&x->frame, ccp_proto_ops(x->from)->framing, x->a, 0);

    for (rc = CCP_OK, i = 0; i < s.n && rc == CCP_OK; i += n) {
        n = split == 0 ? 1 : i == 0 && split < s.n ? split : s.n - i;
        rc = ccp_frame_feed(&x->frame, s.p + i, n, chat_payload, x);
    }

    if (rc == CCP_OK) {
        rc = ccp_frame_end(&x->frame, chat_payload, x);
    }

    if (rc == CCP_OK) {
        rc = ccp_proto_ops(x->from)->dec_eof(x->dec);
    }

    return rc == CCP_OK ? ccp_flow_eof(x->flow) : rc;
}


static inline int
chat_whole(chat_res_t *x, ccp_str_t s)
{
    int         rc;
    ccp_jerr_t  je;

    rc = ccp_json_parse(&x->doc, s.p, s.n, 0, &je);

    if (rc == CCP_OK) {
        rc = ccp_proto_ops(x->from)->dec_whole(x->dec, ccp_json_root(&x->doc));
    }

    return rc == CCP_OK ? ccp_flow_eof(x->flow) : rc;
}


static inline chat_res_t *
chat_res_new_n(ccp_proto_e from, const char *dialect, int stream, int n)
{
    ut_mem_t    *m;
    ccp_mem_t    mem;
    chat_res_t  *x;
    static ut_mem_t  shared;

    m = &shared;
    ut_mem_init(m);
    mem = ut_mem(m);
    x = calloc(1, sizeof(chat_res_t));
    x->req.n = n > 1 ? n : CCP_UNSET_INT;
    x->req.logprobs = -1;
    x->ac.show_think = 1;

    if (chat_res_init(x, &mem, from, dialect, stream) != CCP_OK) {
        abort();
    }

    return x;
}


static inline chat_res_t *
chat_res_new(ccp_proto_e from, const char *dialect, int stream)
{
    return chat_res_new_n(from, dialect, stream, 1);
}

#endif /* UT_CHAT_H */
