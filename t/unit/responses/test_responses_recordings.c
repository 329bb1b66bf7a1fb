
/*
 * Responses: everything recorded decodes to what it says, however its bytes
 * are cut, and what is written from it is a valid stream that says the same.
 */

#include "ut_responses.h"


/* ---- what a recording says by its own terminal response ---- */

typedef struct {
    ccp_buf_t   text;
    ccp_buf_t   calls;         /* name(arguments) each */
    ccp_str_t   status;
    ccp_jval_t  usage;
    int         error;
} rs_truth_t;


typedef struct {
    ccp_arena_t  *a;
    ccp_json_t    doc;
    ccp_str_t     last;        /* terminal payload */
} rs_find_t;


static int
rs_find_terminal(void *ctx, ccp_str_t event, ccp_str_t data, int comment)
{
    ccp_jerr_t   jerr;
    ccp_str_t    type;
    rs_find_t   *f = ctx;

    (void) event;

    if (comment
        || ccp_json_parse(&f->doc, data.p, data.n, 0, &jerr) != CCP_OK)
    {
        return CCP_OK;
    }

    type = ccp_json_gets(ccp_json_root(&f->doc), "type");

    /* some recordings hold several responses: the first one counts */

    if (f->last.p) {
        return CCP_OK;
    }

    if (ccp_str_is(type, "response.completed")
        || ccp_str_is(type, "response.incomplete")
        || ccp_str_is(type, "response.failed"))
    {
        f->last = ccp_str_dup(f->a, data);
    }

    return CCP_OK;
}


static void
rs_truth_item(rs_truth_t *t, ccp_jval_t item)
{
    ccp_str_t    type, args;
    ccp_jiter_t  it;

    type = ccp_json_gets(item, "type");

    if (ccp_str_is(type, "message")) {
        for (it = ccp_json_iter(ccp_json_get(item, "content"));
             ccp_json_next(&it); )
        {
            (void) ccp_buf_add_plain(&t->text, ccp_json_gets(it.val, "text"));
            (void) ccp_buf_add_plain(&t->text,
                                     ccp_json_gets(it.val, "refusal"));
        }

    } else if (ccp_str_is(type, "function_call")
               || ccp_str_is(type, "custom_tool_call"))
    {
        (void) ccp_buf_add_plain(&t->calls, ccp_json_gets(item, "name"));
        (void) ccp_buf_add(&t->calls, "(", 1);
        args = ccp_json_gets(item, "arguments");
        args = args.p ? args : ccp_json_gets(item, "input");
        (void) ccp_buf_add_plain(&t->calls, args);
        (void) ccp_buf_add(&t->calls, ")", 1);
    }
}


static void
rs_truth(rs_truth_t *t, ccp_arena_t *a, ccp_json_t *doc, ccp_str_t body,
    int stream)
{
    rs_find_t     f;
    ccp_jerr_t    jerr;
    ccp_jval_t    r;
    ccp_frame_t   frame;
    ccp_jiter_t   it;

    memset(t, 0, sizeof(rs_truth_t));
    ccp_buf_init(&t->text, a, 0);
    ccp_buf_init(&t->calls, a, 0);

    if (stream) {
        memset(&f, 0, sizeof(f));
        f.a = a;
        ccp_json_init(&f.doc, a);
        ccp_frame_init(&frame, CCP_FRAME_SSE, a, 0);
        (void) ccp_frame_feed(&frame, body.p, body.n, rs_find_terminal, &f);
        (void) ccp_frame_end(&frame, rs_find_terminal, &f);
        body = f.last;
    }

    if (ccp_json_parse(doc, body.p, body.n, 0, &jerr) != CCP_OK) {
        abort();
    }

    r = ccp_json_root(doc);
    r = stream ? ccp_json_get(r, "response") : r;

    t->status = ccp_json_gets(r, "status");
    t->usage = ccp_json_opt(r, "usage");
    t->error = ccp_json_has(ccp_json_opt(r, "error"));

    for (it = ccp_json_iter(ccp_json_get(r, "output")); ccp_json_next(&it); ) {
        rs_truth_item(t, it.val);
    }
}


/* ---- one recording ---- */

static int64_t
rs_part(ccp_jval_t usage, const char *details, const char *name)
{
    return ccp_json_int(ccp_json_opt(ccp_json_opt(usage, details), name), 0);
}


static int64_t
rs_sum(int64_t a, int64_t b, int64_t c)
{
    return (a > 0 ? a : 0) + (b > 0 ? b : 0) + (c > 0 ? c : 0);
}


static int
rs_usage_same(const ccp_usage_t *u, ccp_jval_t v)
{
    if (!ccp_json_has(v)) {
        return u->estimated;
    }

    return rs_sum(u->in_fresh, u->in_read, u->in_write)
               == ccp_json_int(ccp_json_get(v, "input_tokens"), 0)
           && rs_sum(u->in_read, 0, 0)
               == rs_part(v, "input_tokens_details", "cached_tokens")
           && rs_sum(u->out_total, 0, 0)
               == ccp_json_int(ccp_json_get(v, "output_tokens"), 0)
           && rs_sum(u->out_reason, 0, 0)
               == rs_part(v, "output_tokens_details", "reasoning_tokens");
}


static void
rs_run(rs_pipe_t *p, ccp_str_t body, int stream, size_t cut, size_t step)
{
    rs_pipe(p, CCP_RESPONSES, NULL);

    if (stream) {
        rs_stream(p, body, cut, step);

    } else {
        rs_whole(p, body);
    }
}


/* Cut at each byte: the summary and the bytes written stay the same. */

static void
rs_split(const ut_rec_t *rec, ccp_str_t body, const rs_pipe_t *one)
{
    int         same;
    size_t      i, step;
    rs_pipe_t   p;

    same = 1;
    step = body.n < 8000 ? 1 : body.n / 100;

    for (i = 0; i < body.n; i += step) {
        /* the first one: all bytes by themselves */

        rs_run(&p, body, 1, i, i == 0);

        same = same && p.nsaid == one->nsaid
               && memcmp(p.said, one->said, p.nsaid) == 0
               && ccp_out_size(&p.out) == ccp_out_size(&one->out)
               && memcmp(p.out.buf.p, one->out.buf.p, p.out.buf.n) == 0;
        rs_pipe_free(&p);
    }

    UT_CHECK(same, "%s: the same at every split", rec->prefix);
}


/* What was written is valid and says the same to the next reader. */

static void
rs_again(const ut_rec_t *rec, const rs_pipe_t *one)
{
    char       *s, *with;
    ccp_str_t   out;
    rs_pipe_t   p;
    const char *bad;

    out = ccp_out_all(&one->out);
    bad = rs_grammar(out);
    UT_CHECK(bad == NULL, "%s: written anew: %s", rec->prefix,
             bad ? bad : "valid");

    rs_run(&p, out, 1, out.n, 0);
    s = ut_cstr(ccp_buf_str(&p.text, 0));
    with = ut_cstr(ccp_buf_str(&one->text, 0));
    UT_CHECK(strcmp(s, with) == 0 && p.stop == one->stop
             && p.cls == one->cls
             && ccp_str_eq(ccp_buf_str(&p.calls, 0),
                           ccp_buf_str(&one->calls, 0))
             && p.usage.out_total == one->usage.out_total,
             "%s: written and read again", rec->prefix);
    free(s);
    free(with);
    rs_pipe_free(&p);
}


static void
rs_recording(const ut_rec_t *rec, void *arg)
{
    int          *n = arg;
    int           stop;
    ccp_str_t     body;
    ccp_json_t    doc;
    rs_pipe_t     p;
    rs_truth_t    t;
    ccp_arena_t  *a;

    if (rec->status >= 400) {
        return;
    }

    (*n)++;
    body = ut_rec_response(rec);
    a = ut_arena();
    ccp_json_init(&doc, a);
    rs_truth(&t, a, &doc, body, rec->stream);

    rs_run(&p, body, rec->stream, body.n, 0);
    UT_CHECK(p.ended == 1, "%s: ends once", rec->prefix);

    if (t.error) {
        UT_CHECK(p.cls != CCP_E_NONE, "%s: an error", rec->prefix);

    } else if (ccp_str_is(t.status, "queued")) {
        UT_CHECK(p.cls == CCP_E_NONE && p.text.n == 0 && p.calls.n == 0,
                 "%s: made later", rec->prefix);

    } else {
        UT_CHECK(ccp_str_eq(ccp_buf_str(&p.text, 0),
                            ccp_buf_str(&t.text, 0)),
                 "%s: text", rec->prefix);
        UT_CHECK(ccp_str_eq(ccp_buf_str(&p.calls, 0),
                            ccp_buf_str(&t.calls, 0)),
                 "%s: calls", rec->prefix);
        UT_CHECK(rs_usage_same(&p.usage, t.usage), "%s: usage", rec->prefix);

        stop = ccp_str_is(t.status, "incomplete") ? CCP_STOP_LENGTH
               : t.calls.n ? CCP_STOP_TOOL
               : strstr(rec->features, "refusal") ? CCP_STOP_REFUSAL
               : CCP_STOP_END;
        UT_CHECK((int) p.stop == stop, "%s: stop", rec->prefix);
    }

    if (rec->stream || p.cls == CCP_E_NONE) {
        rs_again(rec, &p);
    }

    if (rec->stream) {
        rs_split(rec, body, &p);
    }

    rs_pipe_free(&p);
    ccp_arena_destroy(a);
    free((void *) body.p);
}


int
main(void)
{
    int  n;

    n = 0;

    if (ut_recordings("openai-responses", rs_recording, &n) > 0) {
        UT_CHECK(n > 30, "recordings were read");
    }

    return ut_done();
}
