
/*
 * Ollama answer in: lines of /api/chat and /api/generate.  A whole answer
 * is the last line with everything in it.
 */

#include "codec/ollama/ollama_answer.h"
#include "codec/ollama/ollama.h"
#include "codec/json/json_write.h"
#include "codec/prepare/prepare.h"


int
ccp_ollama_dec_init(void *dec, ccp_answer_ctx_t *ac)
{
    ccp_ollama_dec_t  *d = dec;

    d->ac = ac;
    ccp_say_init(&d->say, ac, CCP_OLLAMA);

    return CCP_OK;
}


/*
 * Arguments as the text of an object.  Old clones write that text as a
 * string (T12); one that holds no object is the value of "input".
 */

static int
ccp_ollama_dec_args(ccp_ollama_dec_t *d, ccp_jval_t v)
{
    int        rc, err;
    ccp_str_t  s;
    ccp_out_t  out;

    if (ccp_json_type(v) == CCP_J_OBJECT) {
        return ccp_say_delta(&d->say, &d->block, ccp_json_raw(v));
    }

    err = 0;
    s = ccp_json_type(v) == CCP_J_STRING ? ccp_json_str(v) : ccp_json_raw(v);

    if (ccp_args_object(d->ac->arena, s, &err).p) {
        return ccp_say_delta(&d->say, &d->block, s);
    }

    if (err) {
        return CCP_NOMEM;
    }

    ccp_out_init(&out, d->ac->arena, 0);
    ccp_w_obj(&out);
    ccp_w_kstr(&out, "input", s);
    ccp_w_obj_end(&out);

    if (ccp_out_finish(&out) != CCP_OK) {
        return CCP_NOMEM;
    }

    rc = ccp_say_delta(&d->say, &d->block, ccp_out_all(&out));
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
    b.id = ccp_json_gets(v, "id");
    b.name = ccp_json_gets(fn, "name");

    rc = ccp_say_block(&d->say, &d->block, &b);

    if (rc == CCP_OK) {
        rc = ccp_ollama_dec_args(d, ccp_json_get(fn, "arguments"));
    }

    return rc == CCP_OK ? ccp_say_stop(&d->say, &d->block, 0) : rc;
}


/* message of /api/chat; in /api/generate its members are the line's own. */

static int
ccp_ollama_dec_content(ccp_ollama_dec_t *d, ccp_jval_t root)
{
    int          rc;
    ccp_str_t    text;
    ccp_jval_t   v, msg;
    ccp_jiter_t  it;

    msg = ccp_json_opt(root, "message");

    if (ccp_json_has(msg)) {
        text = ccp_json_gets(msg, "content");

    } else {
        msg = root;
        text = ccp_json_gets(root, "response");
    }

    rc = ccp_say_text(&d->say, &d->block, CCP_B_THINK,
                      ccp_json_gets(msg, "thinking"));

    if (rc == CCP_OK) {
        rc = ccp_say_text(&d->say, &d->block, CCP_B_TEXT, text);
    }

    v = ccp_json_opt(root, "logprobs");

    if (rc == CCP_OK && ccp_json_count(v)) {
        rc = ccp_say_logprobs(&d->say, &d->block, ccp_json_raw(v));
    }

    for (it = ccp_json_iter(ccp_json_opt(msg, "tool_calls"));
         rc == CCP_OK && ccp_json_next(&it); )
    {
        rc = ccp_ollama_dec_call(d, it.val);
    }

    return rc;
}


/* Calls make a TOOL of it in the flow stage; load and unload are empty
 * answers. */

static int
ccp_ollama_dec_done(ccp_ollama_dec_t *d, ccp_jval_t root)
{
    int          rc, cut;
    ccp_usage_t  usage;

    cut = ccp_json_is(ccp_json_get(root, "done_reason"), "length");

    usage = ccp_usage_none;
    usage.in_fresh = ccp_usage_count(root, "prompt_eval_count");
    usage.out_total = ccp_usage_count(root, "eval_count");

    rc = ccp_say_stop(&d->say, &d->block, cut);

    if (rc == CCP_OK) {
        rc = ccp_say_usage(&d->say, &usage);
    }

    if (rc == CCP_OK) {
        rc = ccp_say_finish(&d->say, 0, cut ? CCP_STOP_LENGTH : CCP_STOP_END,
                            ccp_none, ccp_none);
    }

    return rc == CCP_OK ? ccp_say_end(&d->say) : rc;
}


static int
ccp_ollama_dec_is_answer(ccp_jval_t root)
{
    return ccp_json_has(ccp_json_opt(root, "message"))
           || ccp_json_has(ccp_json_opt(root, "response"))
           || ccp_json_has(ccp_json_opt(root, "done"))
           || ccp_json_has(ccp_json_opt(root, "error"));
}


static int
ccp_ollama_dec_line(ccp_ollama_dec_t *d, ccp_jval_t root)
{
    int         rc;
    ccp_jval_t  err;

    err = ccp_json_opt(root, "error");

    if (ccp_json_has(err)) {
        return ccp_say_refusal(&d->say,
                               ccp_json_int(ccp_json_opt(root, "status_code"),
                                            0),
                               err, CCP_E_NONE);
    }

    rc = d->say.started
         ? CCP_OK
         : ccp_say_start(&d->say, ccp_none, ccp_json_gets(root, "model"), 0,
                         NULL);

    return rc == CCP_OK ? ccp_ollama_dec_content(d, root) : rc;
}


int
ccp_ollama_dec_event(void *dec, ccp_str_t event, ccp_str_t data, ccp_jval_t v)
{
    int                rc;
    ccp_ollama_dec_t  *d = dec;

    (void) event;

    if (d->say.over || (ccp_str_blank(data) && !ccp_json_has(v))) {
        return CCP_OK;
    }

    if (ccp_json_type(v) != CCP_J_OBJECT) {
        return ccp_say_fail(&d->say, CCP_E_MALFORMED,
                            "the upstream sent a line that is no JSON object");
    }

    if (!ccp_ollama_dec_is_answer(v)) {
        return CCP_OK;
    }

    rc = ccp_ollama_dec_line(d, v);

    if (rc == CCP_OK && !d->say.over
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

    if (!ccp_ollama_dec_is_answer(root)) {
        return ccp_say_fail(&d->say, CCP_E_MALFORMED,
                            "the upstream's answer has no message");
    }

    rc = ccp_ollama_dec_line(d, root);

    return rc == CCP_OK && !d->say.over ? ccp_ollama_dec_done(d, root) : rc;
}


/* Ends nothing of its own: without "done" the answer is cut. */

int
ccp_ollama_dec_eof(void *dec)
{
    (void) dec;

    return CCP_OK;
}
