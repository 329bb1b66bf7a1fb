
/*
 * Ollama answer out: lines of a stream and whole answers, of /api/chat and
 * of /api/generate.
 */

#include "codec/ollama/ollama_answer.h"
#include "codec/base/base_time.h"
#include "codec/json/json_write.h"
#include "codec/prepare/prepare.h"


static const char *
ccp_ollama_enc_stop_word(ccp_stop_e stop)
{
    return stop == CCP_STOP_LENGTH || stop == CCP_STOP_CONTEXT
           ? "length" : "stop";
}


/* Opens an object with what all lines begin with. */

static void
ccp_ollama_enc_head(ccp_answer_ctx_t *ac, ccp_out_t *out)
{
    char  when[CCP_TIME_LEN];

    ccp_time_write(when, ac->created);

    ccp_w_obj(out);
    ccp_w_kstr(out, "model", ac->model);
    ccp_w_kcstr(out, "created_at", when);
}


static int64_t
ccp_ollama_known_or_zero(int64_t n)
{
    return n > 0 ? n : 0;
}


/* Never 0: clients divide by durations. */

static int64_t
ccp_ollama_enc_duration(int64_t from, int64_t to)
{
    return to > from ? to - from : 1;
}


/* Members of the last line; first: when the first content came, 0: unknown,
 * then all the time is the answer's. */

static void
ccp_ollama_enc_done(ccp_answer_ctx_t *ac, ccp_out_t *out, ccp_stop_e stop,
    const ccp_usage_t *u, int64_t first)
{
    int64_t  now;

    now = ac->clock->now_ns(ac->clock->ctx);
    first = first ? first : ac->started;

    ccp_w_kbool(out, "done", 1);
    ccp_w_kcstr(out, "done_reason", ccp_ollama_enc_stop_word(stop));

    if (ac->req->generate) {
        ccp_w_key(out, "context");
        ccp_w_arr(out);
        ccp_w_arr_end(out);
    }

    ccp_w_kint(out, "total_duration",
               ccp_ollama_enc_duration(ac->started, now));
    ccp_w_kint(out, "load_duration", 0);

    if (u) {
        ccp_w_kint(out, "prompt_eval_count",
                   ccp_ollama_known_or_zero(u->in_fresh)
                   + ccp_ollama_known_or_zero(u->in_read)
                   + ccp_ollama_known_or_zero(u->in_write)
                   + ccp_ollama_known_or_zero(u->in_tool));
    }

    ccp_w_kint(out, "prompt_eval_duration",
               ccp_ollama_enc_duration(ac->started, first));

    if (u) {
        ccp_w_kint(out, "eval_count", ccp_ollama_known_or_zero(u->out_total));
    }

    ccp_w_kint(out, "eval_duration", ccp_ollama_enc_duration(first, now));
}


/* One entry of tool_calls; args: JSON text. */

static void
ccp_ollama_enc_call(ccp_out_t *out, const ccp_block_t *b, int index,
    ccp_str_t args)
{
    ccp_w_obj(out);
    ccp_w_kstr(out, "id", b->id);
    ccp_w_key(out, "function");
    ccp_w_obj(out);
    ccp_w_kint(out, "index", index);
    ccp_w_kstr(out, "name", b->name);
    ccp_w_kraw(out, "arguments", args);
    ccp_w_obj_end(out);
    ccp_w_obj_end(out);
}


/*
 * The arguments of a call, or another JSON text if there is no call, fit for
 * a line: line ends between tokens become blanks.  Absent: no memory.
 */

static ccp_str_t
ccp_ollama_enc_flatten(ccp_out_t *tmp, ccp_arena_t *a, const ccp_block_t *call,
    ccp_str_t raw)
{
    size_t  i;

    ccp_out_reset(tmp);

    if (call) {
        ccp_w_args(tmp, a, call);

    } else {
        ccp_w_raw(tmp, raw);
    }

    if (ccp_out_finish(tmp) != CCP_OK) {
        return ccp_none;
    }

    for (i = 0; i < tmp->buf.n; i++) {
        if (tmp->buf.p[i] == '\n' || tmp->buf.p[i] == '\r') {
            tmp->buf.p[i] = ' ';
        }
    }

    return ccp_out_all(tmp);
}


/* ---- streams ---- */

int
ccp_ollama_enc_init(void *enc, ccp_answer_ctx_t *ac)
{
    ccp_out_t          head;
    ccp_ollama_enc_t  *e = enc;

    e->ac = ac;
    ccp_buf_init(&e->name, ac->arena, 0);
    ccp_buf_init(&e->id, ac->arena, 0);
    ccp_buf_init(&e->args, ac->arena, 0);
    ccp_out_init(&e->flat, ac->arena, 0);
    ccp_json_init(&e->doc, ac->arena);

    ccp_out_init(&head, ac->arena, 0);
    ccp_ollama_enc_head(ac, &head);

    if (ccp_out_finish(&head) != CCP_OK) {
        return CCP_NOMEM;
    }

    e->head = ccp_out_all(&head);

    return CCP_OK;
}


/* Begins a line: its text is written, and in /api/chat the message open. */

static void
ccp_ollama_enc_line(ccp_ollama_enc_t *e, ccp_out_t *out, ccp_str_t text)
{
    ccp_out_bytes(out, e->head.p, e->head.n);
    out->comma = 1;

    if (e->ac->req->generate) {
        ccp_w_kstr(out, "response", text);
        return;
    }

    ccp_w_key(out, "message");
    ccp_w_obj(out);
    ccp_w_kcstr(out, "role", "assistant");
    ccp_w_kstr(out, "content", text);
}


static void
ccp_ollama_enc_line_message_end(ccp_ollama_enc_t *e, ccp_out_t *out)
{
    if (!e->ac->req->generate) {
        ccp_w_obj_end(out);
    }
}


static void
ccp_ollama_enc_line_end(ccp_out_t *out)
{
    ccp_out_lit(out, "}\n");
    out->comma = 0;
}


static void
ccp_ollama_enc_text(ccp_ollama_enc_t *e, ccp_out_t *out, ccp_str_t text,
    ccp_str_t thinking)
{
    ccp_ollama_enc_line(e, out, text);
    ccp_w_kstr_opt(out, "thinking", thinking);
    ccp_ollama_enc_line_message_end(e, out);
    ccp_w_kbool(out, "done", 0);
    ccp_ollama_enc_line_end(out);
}


static int
ccp_ollama_enc_block_start(ccp_ollama_enc_t *e, const ccp_block_t *b)
{
    e->kind = b->kind;

    if (b->kind != CCP_B_CALL) {
        return CCP_OK;
    }

    e->name.n = 0;
    e->id.n = 0;
    e->args.n = 0;

    if (ccp_buf_add_json(&e->name, b->name) != CCP_OK
        || ccp_buf_add_json(&e->id, b->id) != CCP_OK)
    {
        return CCP_NOMEM;
    }

    e->call.free_text = b->free_text;

    return CCP_OK;
}


static int
ccp_ollama_enc_delta(ccp_ollama_enc_t *e, ccp_str_t text, ccp_out_t *out)
{
    if (e->first == 0) {
        e->first = e->ac->clock->now_ns(e->ac->clock->ctx);
    }

    switch (e->kind) {

    case CCP_B_TEXT:
    case CCP_B_REFUSAL:
        e->text = 1;
        ccp_ollama_enc_text(e, out, text, ccp_none);
        return CCP_OK;

    case CCP_B_THINK:
        if (e->ac->show_think) {
            ccp_ollama_enc_text(e, out, ccp_lit(""), text);
        }

        return CCP_OK;

    case CCP_B_CALL:
        return ccp_buf_add_json(&e->args, text);

    default:
        return CCP_OK;
    }
}


/* A call is shown when it is whole; one that was cut never (T11). */

static int
ccp_ollama_enc_block_stop(ccp_ollama_enc_t *e, int cut, ccp_out_t *out)
{
    ccp_str_t  args;

    if (e->kind != CCP_B_CALL || cut || e->ac->req->generate) {
        return CCP_OK;
    }

    e->call.kind = CCP_B_CALL;
    e->call.name = ccp_buf_str(&e->name, 1);
    e->call.id = ccp_buf_str(&e->id, 1);
    e->call.text = ccp_buf_str(&e->args, 1);

    args = ccp_ollama_enc_flatten(&e->flat, e->ac->arena, &e->call, ccp_none);
    if (args.p == NULL) {
        return CCP_NOMEM;
    }

    ccp_ollama_enc_line(e, out, ccp_lit(""));
    ccp_w_key(out, "tool_calls");
    ccp_w_arr(out);
    ccp_ollama_enc_call(out, &e->call, e->calls++, args);
    ccp_w_arr_end(out);
    ccp_ollama_enc_line_message_end(e, out);
    ccp_w_kbool(out, "done", 0);
    ccp_ollama_enc_line_end(out);

    return CCP_OK;
}


/* Chat's form of log probabilities holds the same list. */

static int
ccp_ollama_enc_logprobs(ccp_ollama_enc_t *e, const ccp_event_t *ev,
    ccp_out_t *out)
{
    int         rc;
    ccp_str_t   raw;
    ccp_jval_t  list;

    if (ev->origin != CCP_CHAT || e->ac->req->logprobs != 1) {
        return CCP_OK;
    }

    rc = ccp_json_parse(&e->doc, ev->raw.p, ev->raw.n, 0, NULL);
    if (rc != CCP_OK) {
        return rc == CCP_NOMEM ? rc : CCP_OK;
    }

    list = ccp_json_get(ccp_json_root(&e->doc), "content");

    if (ccp_json_count(list) == 0) {
        return CCP_OK;
    }

    raw = ccp_ollama_enc_flatten(&e->flat, e->ac->arena, NULL,
                                 ccp_json_raw(list));
    if (raw.p == NULL) {
        return CCP_NOMEM;
    }

    ccp_ollama_enc_line(e, out, ccp_lit(""));
    ccp_ollama_enc_line_message_end(e, out);
    ccp_w_kraw(out, "logprobs", raw);
    ccp_w_kbool(out, "done", 0);
    ccp_ollama_enc_line_end(out);

    return CCP_OK;
}


static void
ccp_ollama_enc_finish(ccp_ollama_enc_t *e, const ccp_event_t *ev,
    ccp_out_t *out)
{
    if ((ev->stop == CCP_STOP_REFUSAL || ev->stop == CCP_STOP_FILTER)
        && !e->text && ev->stop_text.n)
    {
        /* the user shall see a reason */
        ccp_ollama_enc_text(e, out, ev->stop_text, ccp_none);
    }

    ccp_ollama_enc_line(e, out, ccp_lit(""));
    ccp_ollama_enc_line_message_end(e, out);
    ccp_ollama_enc_done(e->ac, out, ev->stop, ev->usage, e->first);
    ccp_ollama_enc_line_end(out);
}


int
ccp_ollama_enc_event(void *enc, const ccp_event_t *ev, ccp_out_t *out)
{
    int                rc;
    ccp_ollama_enc_t  *e = enc;

    if (ev->choice > 0) {
        return CCP_OK;
    }

    rc = CCP_OK;

    switch (ev->kind) {

    case CCP_EV_BLOCK_START:
        rc = ccp_ollama_enc_block_start(e, ev->block);
        break;

    case CCP_EV_DELTA:
        rc = ccp_ollama_enc_delta(e, ev->text, out);
        break;

    case CCP_EV_LOGPROBS:
        rc = ccp_ollama_enc_logprobs(e, ev, out);
        break;

    case CCP_EV_BLOCK_STOP:
        rc = ccp_ollama_enc_block_stop(e, ev->truncated, out);
        break;

    case CCP_EV_FINISH:
        ccp_ollama_enc_finish(e, ev, out);
        break;

    case CCP_EV_ERROR:
        rc = ccp_ollama_enc_error_document(ev->error, e->ac->request_id, out);
        ccp_out_lit(out, "\n");
        out->comma = 0;
        break;

    default:
        break;
    }

    return rc != CCP_OK || out->err ? CCP_NOMEM : CCP_OK;
}


/* ---- whole answers ---- */

/* All blocks of a kind as one string; returns whether there was any. */

static int
ccp_ollama_enc_whole_text(ccp_out_t *out, const char *member,
    const ccp_answer_t *ans, ccp_block_e kind, ccp_block_e other)
{
    int                 any;
    const ccp_block_t  *b;

    any = 0;

    for (b = ans->blocks; b; b = b->next) {
        if ((b->kind != kind && b->kind != other) || b->text.n == 0) {
            continue;
        }

        if (!any) {
            any = 1;
            ccp_w_key(out, member);
            ccp_w_str_open(out);
        }

        ccp_w_str_part(out, b->text);
    }

    if (any) {
        ccp_w_str_close(out);
    }

    return any;
}


static int
ccp_ollama_enc_whole_calls(ccp_answer_ctx_t *ac, ccp_out_t *out,
    const ccp_answer_t *ans)
{
    int                 n;
    ccp_out_t           tmp;
    ccp_str_t           args;
    const ccp_block_t  *b;

    ccp_out_init(&tmp, ac->arena, 0);

    for (n = 0, b = ans->blocks; b; b = b->next) {
        if (b->kind != CCP_B_CALL || b->truncated) {
            continue;
        }

        if (n == 0) {
            ccp_w_key(out, "tool_calls");
            ccp_w_arr(out);
        }

        args = ccp_ollama_enc_flatten(&tmp, ac->arena, b, ccp_none);
        if (args.p == NULL) {
            return CCP_NOMEM;
        }

        ccp_ollama_enc_call(out, b, n++, args);
    }

    if (n) {
        ccp_w_arr_end(out);
    }

    ccp_out_free(&tmp);

    return CCP_OK;
}


/* Text and thoughts; text is there even if empty. */

static void
ccp_ollama_enc_whole_content(ccp_answer_ctx_t *ac, ccp_out_t *out,
    const char *member, const ccp_answer_t *ans)
{
    int  refused;

    refused = ans->stop == CCP_STOP_REFUSAL || ans->stop == CCP_STOP_FILTER;

    if (!ccp_ollama_enc_whole_text(out, member, ans, CCP_B_TEXT,
                                   CCP_B_REFUSAL))
    {
        ccp_w_kstr(out, member, refused && ans->stop_text.n
                                ? ans->stop_text : ccp_lit(""));
    }

    if (ac->show_think) {
        ccp_ollama_enc_whole_text(out, "thinking", ans, CCP_B_THINK,
                                  CCP_B_THINK);
    }
}


int
ccp_ollama_enc_whole(ccp_answer_ctx_t *ac, const ccp_answer_t *ans,
    ccp_out_t *out)
{
    int  rc;

    rc = CCP_OK;
    ccp_ollama_enc_head(ac, out);

    if (ac->req->generate) {
        ccp_ollama_enc_whole_content(ac, out, "response", ans);

    } else {
        ccp_w_key(out, "message");
        ccp_w_obj(out);
        ccp_w_kcstr(out, "role", "assistant");
        ccp_ollama_enc_whole_content(ac, out, "content", ans);
        rc = ccp_ollama_enc_whole_calls(ac, out, ans);
        ccp_w_obj_end(out);
    }

    ccp_ollama_enc_done(ac, out, ans->stop, &ans->usage, 0);
    ccp_w_obj_end(out);

    return rc != CCP_OK || out->err ? CCP_NOMEM : CCP_OK;
}
