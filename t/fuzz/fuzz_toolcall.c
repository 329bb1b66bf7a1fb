
/*
 * Calls in text: any text, in either mode, whole and in pieces.  What comes
 * out does not depend on the pieces, blocks begin and end in order, arguments
 * are JSON objects, text without a call is unchanged, and nothing comes twice.
 * Input: mode, limit and spelling, size of the pieces, how the answer ends,
 * text.
 */

#include <stdio.h>
#include <string.h>

#include "codec/base/base_buf.h"
#include "codec/base/base_id.h"
#include "codec/json/json_read.h"
#include "codec/form/form_event.h"
#include "codec/proto/proto.h"
#include "codec/anthropic/anthropic.h"
#include "codec/stage/stage.h"
#include "fuzz.h"


#define FUZZ_LIMIT  4096           /* where the input asks for one */


typedef struct {
    ccp_arena_t      *arena;
    ccp_request_t     req;
    ccp_clock_t       clock;
    ccp_answer_ctx_t  ac;
    ccp_tool_t        tools[2];
    ccp_buf_t         out;         /* all of it, with marks around blocks */
    ccp_buf_t         text;        /* text alone */
    ccp_buf_t         args;
    ccp_json_t        doc;
    size_t            calls;
    int               open;        /* index of the block, -1: none */
    int               call;
    ccp_sink_t        first;
} fuzz_run_t;


static int64_t
fuzz_now(void *ctx)
{
    (void) ctx;
    return 1;
}


static void
fuzz_block(fuzz_run_t *c, const ccp_event_t *ev)
{
    if (ev->kind == CCP_EV_BLOCK_START) {

        if (c->open >= 0) {
            abort();
        }

        c->open = ev->index;
        c->call = (ev->block->kind == CCP_B_CALL);
        c->calls += c->call;
        c->args.n = 0;
        ccp_buf_add(&c->out, c->call ? "\001C" : "\001T", 2);

        if (c->call) {
            ccp_buf_add_plain(&c->out, ev->block->name);
        }

        return;
    }

    if (c->open != ev->index) {
        abort();
    }

    c->open = -1;
    ccp_buf_add(&c->out, "\002", 1);

    if (c->call
        && (ccp_json_parse(&c->doc, c->args.p, c->args.n, 0, NULL) != CCP_OK
            || ccp_json_type(ccp_json_root(&c->doc)) != CCP_J_OBJECT))
    {
        abort();
    }
}


static int
fuzz_event(void *ctx, const ccp_event_t *ev)
{
    fuzz_run_t  *c = ctx;

    switch (ev->kind) {

    case CCP_EV_BLOCK_START:
    case CCP_EV_BLOCK_STOP:
        fuzz_block(c, ev);
        break;

    case CCP_EV_DELTA:
        if (c->open != ev->index) {
            abort();
        }

        /* in JSON's spelling, so that halves of pairs are left alone */
        ccp_buf_add_json(&c->out, ev->text);

        if (c->call) {
            ccp_buf_add_plain(&c->args, ev->text);
        } else {
            ccp_buf_add_json(&c->text, ev->text);
        }
        break;

    default:
        break;
    }

    return CCP_OK;
}


static void
fuzz_begin(fuzz_run_t *c, const uint8_t *head)
{
    ccp_mem_t   mem;
    ccp_sink_t  out;

    memset(c, 0, sizeof(fuzz_run_t));
    mem = fuzz_mem();
    c->arena = ccp_arena_create(&mem, 0);
    if (c->arena == NULL) {
        abort();
    }

    c->open = -1;
    ccp_buf_init(&c->out, c->arena, 0);
    ccp_buf_init(&c->text, c->arena, 0);
    ccp_buf_init(&c->args, c->arena, 0);
    ccp_json_init(&c->doc, c->arena);

    c->tools[0].name = ccp_lit("get");
    c->tools[0].schema = ccp_lit("{\"properties\":{\"s\":{\"type\":\"string\""
                                 "},\"i\":{\"type\":[\"integer\",\"null\"]},"
                                 "\"o\":{\"$ref\":\"#/properties/o\"}}}");
    c->tools[0].next = &c->tools[1];
    c->tools[1].name = ccp_lit("put");
    c->tools[1].kind = CCP_T_FREE_TEXT;

    c->req.tools = c->tools;
    c->req.n = CCP_UNSET_INT;
    c->clock.seed[0] = 1;
    c->clock.now_ns = fuzz_now;
    c->ac.arena = c->arena;
    c->ac.req = &c->req;
    c->ac.client = &ccp_anthropic_ops;
    c->ac.clock = &c->clock;

    out.fn = fuzz_event;
    out.ctx = c;
    c->first.fn = ccp_calls_event;
    c->first.ctx = ccp_calls_create(&c->ac, out, head[0] & 1
                                    ? CCP_CALLS_NATIVE : CCP_CALLS_COMPAT,
                                    head[0] & 2 ? FUZZ_LIMIT : 0);
    if (c->first.ctx == NULL) {
        abort();
    }
}


static void
fuzz_send(fuzz_run_t *c, ccp_event_e kind, ccp_stop_e stop, ccp_str_t text)
{
    uint8_t      *copy;
    ccp_block_t   block;
    ccp_event_t   ev;

    memset(&ev, 0, sizeof(ev));
    memset(&block, 0, sizeof(block));
    ev.kind = kind;
    ev.block = &block;
    ev.stop = stop;
    ev.text = text;

    copy = malloc(text.n + 1);

    if (text.n) {
        memcpy(copy, text.p, text.n);
        ev.text.p = copy;
    }

    if (ccp_emit(&c->first, &ev) != CCP_OK) {
        abort();
    }

    free(copy);
}


/* Plays the text; seed 0: whole, else in pieces that end at characters. */

static void
fuzz_play(fuzz_run_t *c, const uint8_t *head, ccp_str_t s, uint32_t seed)
{
    size_t     at, to, end;
    ccp_str_t  part;

    fuzz_begin(c, head);
    fuzz_send(c, CCP_EV_BLOCK_START, CCP_STOP_NONE, ccp_none);

    for (at = 0; at < s.n; at = to) {
        to = s.n;

        if (seed) {
            seed = seed * 1103515245 + 12345;
            end = at + 1 + (seed >> 16) % (head[1] % 32 + 1);

            for (to = at; to < end && to < s.n; ) {
                to += !s.json || s.p[to] != '\\' ? 1
                      : s.p[to + 1] == 'u' ? 6 : 2;
            }
        }

        part = s;
        part.p += at;
        part.n = to - at;
        fuzz_send(c, CCP_EV_DELTA, CCP_STOP_NONE, part);
    }

    if (head[2] & 1) {
        fuzz_send(c, CCP_EV_BLOCK_STOP, CCP_STOP_NONE, ccp_none);
    }

    fuzz_send(c, CCP_EV_FINISH, head[2] & 2 ? CCP_STOP_LENGTH : CCP_STOP_END,
              ccp_none);

    if (!(head[2] & 1) && c->open >= 0) {
        fuzz_send(c, CCP_EV_BLOCK_STOP, CCP_STOP_NONE, ccp_none);
    }

    fuzz_send(c, CCP_EV_END, CCP_STOP_NONE, ccp_none);

    if (c->open >= 0) {
        abort();
    }
}


int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    char        *string;
    ccp_str_t    s;
    ccp_buf_t    in;
    ccp_json_t   doc;
    fuzz_run_t   whole, split;

    if (n < 4) {
        return 0;
    }

    /* the text, or the inside of a JSON string with all its escapes */

    s = (ccp_str_t) { p + 3, n - 3, 0, 0 };
    string = NULL;

    fuzz_begin(&whole, p);
    ccp_json_init(&doc, whole.arena);
    string = malloc(s.n + 2);
    string[0] = '"';
    memcpy(string + 1, s.p, s.n);
    string[s.n + 1] = '"';

    if ((p[0] & 4)
        && ccp_json_parse(&doc, (uint8_t *) string, s.n + 2, CCP_JSON_ANY,
                          NULL) == CCP_OK)
    {
        s = ccp_json_str(ccp_json_root(&doc));
    }

    /* what is no UTF-8 never gets here */

    if (!s.json) {
        ccp_buf_init(&in, whole.arena, 0);
        ccp_buf_add(&in, "\"", 1);
        ccp_buf_add_json(&in, s);
        ccp_buf_add(&in, "\"", 1);

        if (ccp_json_parse(&doc, in.p, in.n, CCP_JSON_ANY, NULL) != CCP_OK) {
            ccp_arena_destroy(whole.arena);
            free(string);
            return 0;
        }
    }

    ccp_arena_destroy(whole.arena);

    fuzz_play(&whole, p, s, 0);
    fuzz_play(&split, p, s, p[1] + 1u);

    if (whole.out.n != split.out.n
        || (whole.out.n && memcmp(whole.out.p, split.out.p, whole.out.n) != 0))
    {
        abort();
    }

    /* without a call the text is what it was; it never grows */

    ccp_buf_init(&in, whole.arena, 0);
    ccp_buf_add_json(&in, s);

    if (whole.text.n > in.n
        || (whole.calls == 0
            && (whole.text.n != in.n
                || (in.n && memcmp(whole.text.p, in.p, in.n) != 0))))
    {
        abort();
    }

    ccp_arena_destroy(whole.arena);
    ccp_arena_destroy(split.arena);
    free(string);

    return 0;
}
