
/*
 * Anthropic: every recorded exchange.  Streams split at every byte give the
 * same events; whole and streamed answers agree; what was encoded again reads
 * the same; requests survive decoding and encoding.
 */

#include "ut_anthropic.h"
#include "codec/provider/provider_error.h"
#include "codec/prepare/prepare.h"
#include "codec/form/form_block.h"


#define UT_EVERY_SPLIT   6000  /* bytes of a stream that is cut everywhere */


static int  ut_streams, ut_wholes, ut_errors, ut_requests;


/* The events of a streamed or whole answer; malloc'ed. */

static char *
ut_events(ccp_str_t body, int stream, size_t first, size_t n)
{
    int      rc;
    char    *s;
    ut_an_t  u;

    rc = ut_an_open(&u, NULL, CCP_ANTHROPIC);

    if (rc == CCP_OK) {
        rc = stream ? ut_an_stream(&u, body, first, n)
                    : ut_an_whole(&u, body);
    }

    s = strdup(rc == CCP_OK ? ut_trace(&u.trace) : "failed");
    ut_an_close(&u);

    return s;
}


static int
ut_same_events(const char *want, ccp_str_t body, int stream, size_t first,
    size_t n)
{
    int    same;
    char  *s;

    s = ut_events(body, stream, first, n);
    same = (strcmp(s, want) == 0);

    if (!same) {
        printf("# want %.2000s\n# got  %.2000s\n", want, s);
    }

    free(s);

    return same;
}


static void
ut_splits(const ut_rec_t *rec, ccp_str_t body, const char *want)
{
    int     ok;
    size_t  i;

    UT_CHECK(ut_same_events(want, body, 1, 1, 1),
             "T36 %s: byte by byte", rec->prefix);

    ok = 1;

    for (i = 1; i < body.n && i < UT_EVERY_SPLIT && ok; i++) {
        ok = ut_same_events(want, body, 1, i, body.n);
    }

    UT_CHECK(ok, "T36 %s: cut once, at every byte", rec->prefix);
}


/* Encoded again, streamed and whole. */

static void
ut_again(const ut_rec_t *rec, ccp_str_t body)
{
    int        rc;
    char      *want;
    ut_an_t    u;
    ccp_out_t  message;

    rc = ut_an_open(&u, NULL, CCP_ANTHROPIC);

    if (rc == CCP_OK) {
        rc = rec->stream ? ut_an_stream(&u, body, body.n, body.n)
                         : ut_an_whole(&u, body);
    }

    UT_CHECK(rc == CCP_OK, "%s: decoded", rec->prefix);

    want = strdup(ut_trace(&u.trace));

    UT_CHECK(ut_same_events(want, ccp_out_all(&u.out), 1, u.out.total,
                            u.out.total),
             "%s: encoded as a stream, it reads the same", rec->prefix);

    if (strstr(want, "X:") == NULL) {
        rc = ut_an_message(&u, &message);

        UT_CHECK(rc == CCP_OK
                 && ut_same_events(want, ccp_out_all(&message), 0, 0, 0),
                 "%s: encoded whole, it reads the same", rec->prefix);
    }

    if (rec->stream) {
        ut_splits(rec, body, want);
    }

    free(want);
    ut_an_close(&u);
}


static void
ut_error(const ut_rec_t *rec, ccp_str_t body)
{
    ut_mem_t      m;
    ccp_mem_t     mem;
    ccp_out_t     o;
    ccp_str_t     type;
    ccp_jerr_t    jerr;
    ccp_json_t    in, out;
    ccp_jval_t    e;
    ccp_arena_t  *a;
    ccp_error_t   err;

    ut_mem_init(&m);
    mem = ut_mem(&m);
    a = ccp_arena_create(&mem, 0);

    ccp_out_init(&o, a, 0);
    ccp_json_init(&in, a);
    ccp_json_init(&out, a);

    UT_CHECK(ccp_error_read(&err, a, rec->status, body, ccp_none) == CCP_OK
             && ccp_anthropic_ops.error(&err, ccp_lit("R1"), &o) == CCP_OK
             && ccp_out_finish(&o) == CCP_OK
             && ccp_json_parse(&in, body.p, body.n, 0, &jerr) == CCP_OK
             && ccp_json_parse(&out, o.buf.p, o.buf.n, 0, &jerr) == CCP_OK,
             "%s: error read and written", rec->prefix);

    e = ccp_json_get(ccp_json_root(&in), "error");
    type = ccp_json_gets(ccp_json_get(ccp_json_root(&out), "error"), "type");

    UT_CHECK(ccp_str_eq(type, ccp_json_gets(e, "type"))
             && ccp_anthropic_ops.error_status(&err) == rec->status,
             "%s: type and status kept", rec->prefix);

    e = ccp_json_get(e, "message");

    UT_CHECK(ccp_str_eq(ccp_json_gets(ccp_json_get(ccp_json_root(&out),
                                                   "error"), "message"),
                        ccp_json_str(e)),
             "%s: message kept", rec->prefix);

    ccp_arena_destroy(a);
}


/* A request in the neutral form, in short. */

static char *
ut_shape(const ccp_request_t *r)
{
    char                 *s;
    size_t                n;
    const ccp_tool_t     *t;
    const ccp_block_t    *b, *p;
    const ccp_message_t  *m;

    s = calloc(1, 1 << 16);
    if (s == NULL) {
        abort();
    }

    n = 0;

    for (b = r->system; b; b = b->next) {
        n += (size_t) sprintf(s + n, "S%zu ", b->text.n);
    }

    for (t = r->tools; t && n < 60000; t = t->next) {
        n += (size_t) sprintf(s + n, "T%.*s/%zu ", (int) t->name.n,
                              (const char *) t->name.p, t->schema.n);
    }

    for (m = r->msgs; m && n < 60000; m = m->next) {
        n += (size_t) sprintf(s + n, "m%d[", m->role);

        for (b = m->blocks; b && n < 60000; b = b->next) {
            n += (size_t) sprintf(s + n, "%d:%zu:%zu:%zu:%d:%d(", b->kind,
                                  b->text.n, b->sig.n, b->media.data.n,
                                  b->error, b->cache);

            for (p = b->parts; p && n < 60000; p = p->next) {
                n += (size_t) sprintf(s + n, "%d:%zu ", p->kind, p->text.n);
            }

            n += (size_t) sprintf(s + n, ")");
        }

        n += (size_t) sprintf(s + n, "] ");
    }

    sprintf(s + n, "max %ld tc %d par %d stream %d think %d out %d",
            (long) r->max_tokens, r->tool_choice.mode, r->parallel == 0,
            r->stream, r->think.mode, r->out.kind);

    return s;
}


static int
ut_decode(ccp_request_t *r, ccp_arena_t *a, ccp_str_t body, ccp_error_t *err)
{
    int         rc;
    ccp_jerr_t  jerr;

    memset(r, 0, sizeof(ccp_request_t));
    ccp_request_unset(r);
    memset(err, 0, sizeof(ccp_error_t));

    r->proto = CCP_ANTHROPIC;
    r->body = body;
    ccp_json_init(&r->doc, a);

    rc = ccp_json_parse(&r->doc, body.p, body.n, 0, &jerr);
    if (rc != CCP_OK) {
        return rc;
    }

    r->root = ccp_json_root(&r->doc);

    rc = ccp_anthropic_ops.read_request(r, a, err);

    return rc == CCP_OK ? ccp_history_normalise(r, a) : rc;
}


static int
ut_encode(ccp_request_t *r, ccp_arena_t *a, ccp_out_t *o, ccp_error_t *err)
{
    int              rc;
    ccp_target_t     t;
    ccp_write_ctx_t  x;

    memset(&t, 0, sizeof(t));
    memset(&x, 0, sizeof(x));

    t.proto = CCP_ANTHROPIC;
    t.max_tokens = CCP_UNSET_INT;
    t.context = CCP_UNSET_INT;
    t.provider =
        ccp_provider_for_model(ccp_provider_find(ccp_lit("anthropic")),
                               r->model, a);
    if (t.provider == NULL) {
        return CCP_NOMEM;
    }

    x.arena = a;
    x.req = r;
    x.target = &t;
    x.model = r->model;
    x.err = err;

    ccp_out_init(o, a, 0);
    rc = ccp_names_build(&x.names, r, a, 64, 1);

    if (rc == CCP_OK) {
        rc = ccp_anthropic_ops.write_request(&x, o);
    }

    return rc == CCP_OK ? ccp_out_finish(o) : rc;
}


static void
ut_request(const ut_rec_t *rec, ccp_str_t body)
{
    int             rc;
    char           *one, *two;
    ut_mem_t        m;
    ccp_mem_t       mem;
    ccp_out_t       o;
    ccp_arena_t    *a;
    ccp_error_t     err;
    ccp_request_t   r, again;

    ut_mem_init(&m);
    mem = ut_mem(&m);
    a = ccp_arena_create(&mem, 0);

    rc = ut_decode(&r, a, body, &err);

    UT_CHECK(rc == CCP_OK, "%s: request decoded", rec->prefix);

    one = ut_shape(&r);

    UT_CHECK(ut_encode(&r, a, &o, &err) == CCP_OK
             && ut_decode(&again, a, ccp_out_all(&o), &err) == CCP_OK,
             "%s: request encoded and decoded again", rec->prefix);

    two = ut_shape(&again);

    UT_CHECK(strcmp(one, two) == 0, "%s: request says the same",
             rec->prefix);

    if (strcmp(one, two) != 0) {
        printf("# %s\n# %s\n", one, two);
    }

    free(one);
    free(two);
    ccp_arena_destroy(a);
}


static void
ut_record(const ut_rec_t *rec, void *arg)
{
    ccp_str_t  body;

    (void) arg;

    body = ut_rec_response(rec);

    if (rec->status >= 400) {
        ut_error(rec, body);
        ut_errors++;

    } else {
        ut_again(rec, body);
        ut_streams += rec->stream;
        ut_wholes += !rec->stream;
    }

    free((void *) body.p);

    body = ut_rec_request(rec);

    if (body.p && rec->status < 400) {
        ut_request(rec, body);
        ut_requests++;
    }

    free((void *) body.p);
}


/* ---- every allocation failed once ---- */

static int
ut_fail_answer(const ccp_mem_t *mem, void *arg)
{
    int              rc;
    ut_an_t          u;
    ccp_out_t        o;
    const ut_rec_t  *rec = arg;
    ccp_str_t        body;

    body = ut_rec_response(rec);
    rc = ut_an_open(&u, mem, CCP_ANTHROPIC);

    if (rc == CCP_OK) {
        rc = rec->stream ? ut_an_stream(&u, body, 400, 400)
                         : ut_an_whole(&u, body);
    }

    if (rc == CCP_OK) {
        rc = ut_an_message(&u, &o);
    }

    ut_an_close(&u);
    free((void *) body.p);

    return rc;
}


static int
ut_fail_request(const ccp_mem_t *mem, void *arg)
{
    int            rc;
    ccp_str_t      body;
    ccp_out_t      o;
    ccp_arena_t   *a;
    ccp_error_t    err;
    ccp_request_t  r;

    a = ccp_arena_create(mem, 0);
    if (a == NULL) {
        return CCP_NOMEM;
    }

    body = ut_rec_request(arg);
    rc = ut_decode(&r, a, body, &err);

    if (rc == CCP_OK) {
        /* as from a client of another protocol */
        r.proto = CCP_CHAT;
        rc = ut_encode(&r, a, &o, &err);
    }

    ccp_arena_destroy(a);
    free((void *) body.p);

    return rc;
}


static void
ut_failures(const ut_rec_t *rec, void *arg)
{
    static const char  *const names[] = {
        "anthropic/llm-tools",
        "anthropic/pai-anthropic-model-web-search-tool-stream",
        "anthropic/pai-anthropic-model-thinking-part-redacted-2",
        ("anthropic/rubyllm-function-calling-anthropic-claude-haiku-4-5-"
         "can-use-parallel-tool-calls")
    };

    size_t  i;

    (void) arg;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(rec->prefix, names[i]) == 0) {
            ut_fail_each(rec->prefix, ut_fail_answer, (void *) rec);
            ut_fail_each("its request", ut_fail_request, (void *) rec);
        }
    }
}


int
main(void)
{
    if (ut_recordings("anthropic", ut_record, NULL)) {
        UT_CHECK(ut_streams >= 15 && ut_wholes >= 12 && ut_errors >= 5
                 && ut_requests >= 20,
                 "%d streams, %d whole answers, %d errors, %d requests",
                 ut_streams, ut_wholes, ut_errors, ut_requests);

        ut_recordings("anthropic", ut_failures, NULL);
    }

    return ut_done();
}
