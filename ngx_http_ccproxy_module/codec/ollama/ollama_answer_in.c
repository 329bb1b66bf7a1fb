
/*
 * Ollama answer in: lines of /api/chat and /api/generate.  A whole answer
 * is the last line with everything in it.
 */

#include "codec/ollama/ollama_answer.h"
#include "codec/ollama/ollama.h"
#include "codec/json/json_write.h"
#include "codec/provider/provider_error.h"


int
ccp_ollama_dec_init(void *dec, ccp_answer_ctx_t *ac)
{
    ccp_ollama_dec_t  *d = dec;

    d->ac = ac;
    ccp_json_init(&d->args, ac->arena);

    return CCP_OK;
}


static int
ccp_ollama_dec_emit(ccp_ollama_dec_t *d, ccp_event_t *ev, ccp_event_e kind)
{
    ev->kind = kind;

    return ccp_emit(&d->ac->sink, ev);
}


static int
ccp_ollama_dec_emit_error(ccp_ollama_dec_t *d, const ccp_error_t *err)
{
    ccp_event_t  ev;

    d->over = 1;
    memset(&ev, 0, sizeof(ccp_event_t));
    ev.error = err;

    return ccp_ollama_dec_emit(d, &ev, CCP_EV_ERROR);
}


static int
ccp_ollama_dec_malformed(ccp_ollama_dec_t *d, const char *text)
{
    ccp_error_t  err;

    memset(&err, 0, sizeof(ccp_error_t));
    err.cls = CCP_E_MALFORMED;
    err.message = ccp_cstr(text);

    return ccp_ollama_dec_emit_error(d, &err);
}


static int
ccp_ollama_dec_error(ccp_ollama_dec_t *d, ccp_jval_t v, ccp_jval_t root)
{
    int64_t      status;
    ccp_error_t  err;

    memset(&err, 0, sizeof(ccp_error_t));
    status = ccp_json_int(ccp_json_opt(root, "status_code"), 0);
    status = status >= 400 && status <= 599 ? status : 0;

    if (ccp_error_read_json(&err, d->ac->arena, (int) status, v) != CCP_OK) {
        return CCP_NOMEM;
    }

    return ccp_ollama_dec_emit_error(d, &err);
}


static int
ccp_ollama_dec_start(ccp_ollama_dec_t *d, ccp_jval_t root)
{
    ccp_event_t  ev;

    if (d->started) {
        return CCP_OK;
    }

    d->started = 1;
    memset(&ev, 0, sizeof(ccp_event_t));
    ev.model = ccp_json_gets(root, "model");

    return ccp_ollama_dec_emit(d, &ev, CCP_EV_START);
}


static int
ccp_ollama_dec_close(ccp_ollama_dec_t *d, int cut)
{
    ccp_event_t  ev;

    if (!d->open) {
        return CCP_OK;
    }

    d->open = 0;
    memset(&ev, 0, sizeof(ccp_event_t));
    ev.index = d->nblocks - 1;
    ev.truncated = cut;

    return ccp_ollama_dec_emit(d, &ev, CCP_EV_BLOCK_STOP);
}


static int
ccp_ollama_dec_start_block(ccp_ollama_dec_t *d, const ccp_block_t *b)
{
    int          rc;
    ccp_event_t  ev;

    rc = ccp_ollama_dec_close(d, 0);
    if (rc != CCP_OK) {
        return rc;
    }

    d->open = 1;
    d->kind = b->kind;
    memset(&ev, 0, sizeof(ccp_event_t));
    ev.index = d->nblocks++;
    ev.block = b;

    return ccp_ollama_dec_emit(d, &ev, CCP_EV_BLOCK_START);
}


static int
ccp_ollama_dec_delta(ccp_ollama_dec_t *d, ccp_str_t text)
{
    ccp_event_t  ev;

    memset(&ev, 0, sizeof(ccp_event_t));
    ev.index = d->nblocks - 1;
    ev.text = text;

    return ccp_ollama_dec_emit(d, &ev, CCP_EV_DELTA);
}


static int
ccp_ollama_dec_text(ccp_ollama_dec_t *d, ccp_block_e kind, ccp_str_t text)
{
    int          rc;
    ccp_block_t  b;

    if (text.n == 0) {
        return CCP_OK;
    }

    if (!d->open || d->kind != kind) {
        memset(&b, 0, sizeof(ccp_block_t));
        b.kind = kind;
        b.origin = CCP_OLLAMA;

        rc = ccp_ollama_dec_start_block(d, &b);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    return ccp_ollama_dec_delta(d, text);
}


/*
 * Arguments as the text of an object.  Old clones write that text as a
 * string (T12); one that holds no object is the value of "input".
 */

static int
ccp_ollama_dec_args(ccp_ollama_dec_t *d, ccp_jval_t v)
{
    int        rc;
    ccp_str_t  s, plain;
    ccp_out_t  out;

    if (ccp_json_type(v) == CCP_J_OBJECT) {
        return ccp_ollama_dec_delta(d, ccp_json_raw(v));
    }

    s = ccp_json_str(v);

    if (ccp_str_blank(s)) {
        /* the flow stage knows what no arguments are */
        return CCP_OK;
    }

    plain = ccp_str_plain(d->ac->arena, s);
    if (plain.p == NULL) {
        return CCP_NOMEM;
    }

    rc = ccp_json_parse(&d->args, plain.p, plain.n, 0, NULL);

    if (rc == CCP_NOMEM) {
        return rc;
    }

    if (rc == CCP_OK
        && ccp_json_type(ccp_json_root(&d->args)) == CCP_J_OBJECT)
    {
        return ccp_ollama_dec_delta(d, s);
    }

    ccp_out_init(&out, d->ac->arena, 0);
    ccp_w_obj(&out);
    ccp_w_kstr(&out, "input", s);
    ccp_w_obj_end(&out);

    if (ccp_out_finish(&out) != CCP_OK) {
        return CCP_NOMEM;
    }

    rc = ccp_ollama_dec_delta(d, ccp_out_all(&out));
    ccp_out_free(&out);

    return rc;
}


/* A call comes whole, on one line. */

static int
ccp_ollama_dec_call(ccp_ollama_dec_t *d, ccp_jval_t v)
{
    int          rc;
    ccp_jval_t   fn;
    ccp_block_t  b;

    fn = ccp_json_get(v, "function");

    if (ccp_json_gets(fn, "name").n == 0) {
        return CCP_OK;
    }

    memset(&b, 0, sizeof(ccp_block_t));
    b.kind = CCP_B_CALL;
    b.origin = CCP_OLLAMA;
    b.id = ccp_json_gets(v, "id");
    b.name = ccp_json_gets(fn, "name");

    rc = ccp_ollama_dec_start_block(d, &b);

    if (rc == CCP_OK) {
        rc = ccp_ollama_dec_args(d, ccp_json_get(fn, "arguments"));
    }

    return rc == CCP_OK ? ccp_ollama_dec_close(d, 0) : rc;
}


static int
ccp_ollama_dec_logprobs(ccp_ollama_dec_t *d, ccp_jval_t v)
{
    ccp_event_t  ev;

    if (!d->open || ccp_json_count(v) == 0) {
        return CCP_OK;
    }

    memset(&ev, 0, sizeof(ccp_event_t));
    ev.index = d->nblocks - 1;
    ev.origin = CCP_OLLAMA;
    ev.raw = ccp_json_raw(v);

    return ccp_ollama_dec_emit(d, &ev, CCP_EV_LOGPROBS);
}


/* message of /api/chat; in /api/generate its members are the line's own. */

static int
ccp_ollama_dec_content(ccp_ollama_dec_t *d, ccp_jval_t root)
{
    int          rc;
    ccp_str_t    text;
    ccp_jval_t   msg;
    ccp_jiter_t  it;

    msg = ccp_json_opt(root, "message");

    if (ccp_json_has(msg)) {
        text = ccp_json_gets(msg, "content");

    } else {
        msg = root;
        text = ccp_json_gets(root, "response");
    }

    rc = ccp_ollama_dec_text(d, CCP_B_THINK, ccp_json_gets(msg, "thinking"));

    if (rc == CCP_OK) {
        rc = ccp_ollama_dec_text(d, CCP_B_TEXT, text);
    }

    if (rc == CCP_OK) {
        rc = ccp_ollama_dec_logprobs(d, ccp_json_opt(root, "logprobs"));
    }

    for (it = ccp_json_iter(ccp_json_opt(msg, "tool_calls"));
         rc == CCP_OK && ccp_json_next(&it); )
    {
        rc = ccp_ollama_dec_call(d, it.val);
    }

    return rc;
}


static int
ccp_ollama_dec_usage(ccp_ollama_dec_t *d, ccp_jval_t root)
{
    ccp_event_t  ev;
    ccp_usage_t  usage = CCP_USAGE_INIT;

    usage.in_fresh = ccp_json_int(ccp_json_opt(root, "prompt_eval_count"), -1);
    usage.out_total = ccp_json_int(ccp_json_opt(root, "eval_count"), -1);

    memset(&ev, 0, sizeof(ccp_event_t));
    ev.usage = &usage;

    return ccp_ollama_dec_emit(d, &ev, CCP_EV_USAGE);
}


/* Calls make a TOOL of it in the flow stage; load and unload are empty
 * answers. */

static int
ccp_ollama_dec_done(ccp_ollama_dec_t *d, ccp_jval_t root)
{
    int          rc;
    ccp_event_t  ev;

    memset(&ev, 0, sizeof(ccp_event_t));
    ev.stop = ccp_json_is(ccp_json_get(root, "done_reason"), "length")
              ? CCP_STOP_LENGTH : CCP_STOP_END;

    rc = ccp_ollama_dec_close(d, ev.stop == CCP_STOP_LENGTH);

    if (rc == CCP_OK) {
        rc = ccp_ollama_dec_usage(d, root);
    }

    if (rc == CCP_OK) {
        rc = ccp_ollama_dec_emit(d, &ev, CCP_EV_FINISH);
    }

    if (rc != CCP_OK) {
        return rc;
    }

    d->over = 1;
    memset(&ev, 0, sizeof(ccp_event_t));

    return ccp_ollama_dec_emit(d, &ev, CCP_EV_END);
}


static int
ccp_ollama_dec_line(ccp_ollama_dec_t *d, ccp_jval_t root)
{
    int         rc;
    ccp_jval_t  err;

    err = ccp_json_opt(root, "error");

    if (ccp_json_has(err)) {
        return ccp_ollama_dec_error(d, err, root);
    }

    rc = ccp_ollama_dec_start(d, root);

    return rc == CCP_OK ? ccp_ollama_dec_content(d, root) : rc;
}


int
ccp_ollama_dec_event(void *dec, ccp_str_t event, ccp_str_t data, ccp_jval_t v)
{
    int                rc;
    ccp_ollama_dec_t  *d = dec;

    (void) event;

    if (d->over || (ccp_str_blank(data) && !ccp_json_has(v))) {
        return CCP_OK;
    }

    if (ccp_json_type(v) != CCP_J_OBJECT) {
        return ccp_ollama_dec_malformed(d,
                                        "the upstream sent a line that is no "
                                        "JSON object");
    }

    rc = ccp_ollama_dec_line(d, v);

    if (rc == CCP_OK && !d->over
        && ccp_json_bool(ccp_json_get(v, "done"), 0))
    {
        rc = ccp_ollama_dec_done(d, v);
    }

    return rc;
}


int
ccp_ollama_dec_whole(void *dec, ccp_jval_t root)
{
    int                rc;
    ccp_ollama_dec_t  *d = dec;

    if (!ccp_json_has(ccp_json_opt(root, "message"))
        && !ccp_json_has(ccp_json_opt(root, "response"))
        && !ccp_json_has(ccp_json_opt(root, "done"))
        && !ccp_json_has(ccp_json_opt(root, "error")))
    {
        return ccp_ollama_dec_malformed(d,
            "the upstream's answer has no message");
    }

    rc = ccp_ollama_dec_line(d, root);

    return rc == CCP_OK && !d->over ? ccp_ollama_dec_done(d, root) : rc;
}


/* Ends nothing of its own: without "done" the answer is cut. */

int
ccp_ollama_dec_eof(void *dec)
{
    (void) dec;

    return CCP_OK;
}
