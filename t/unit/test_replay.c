
/*
 * Every recorded answer to a client of every protocol, streamed and whole.
 *
 * What the client gets is read back by that protocol's own decoder and must
 * say what the recording says: text, tool calls, usage, error message.  The
 * upstream's bytes arrive at once, byte by byte, in odd sizes and, where they
 * are few, cut in two at every place.
 */

#define _GNU_SOURCE

#include <stdarg.h>

#include <jansson.h>

#include "ccp.h"
#include "ccp_stage.h"
#include "ut.h"


#define UT_TWO_PIECES_MAX   3000


/* What an answer says, in a form that can be compared. */

typedef struct {
    char      *text;           /* TEXT and REFUSAL, joined */
    char      *think;
    char      *calls;          /* name(arguments) each, in order */
    char      *error;          /* message, NULL without one */
    ccp_stop_e stop;
    int64_t    in;
    int64_t    fresh;          /* of it, not from a cache */
    int64_t    out;
} ut_said_t;


typedef struct {
    ccp_proto_e   up;
    ccp_proto_e   client;
    int           stream;      /* the client wants one */
    ccp_str_t     bytes;
    int           status;
} ut_replay_t;


static const char  *const ut_requests[CCP_NPROTO] = {
    "{\"model\":\"m\",\"max_tokens\":64,\"thinking\":{\"type\":\"enabled\","
        "\"budget_tokens\":1024},\"messages\":[{\"role\":\"user\","
        "\"content\":\"x\"}],\"stream\":%s}",
    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],"
        "\"reasoning_effort\":\"high\",\"stream_options\":"
        "{\"include_usage\":true},\"stream\":%s}",
    "{\"model\":\"m\",\"input\":\"x\",\"reasoning\":{\"effort\":\"high\","
        "\"summary\":\"auto\"},\"stream\":%s}",
    "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"x\"}]}],"
        "\"generationConfig\":{\"thinkingConfig\":"
        "{\"includeThoughts\":true}}}",
    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],"
        "\"think\":true,\"stream\":%s}"
};

static const char  *const ut_paths[CCP_NPROTO][2] = {
    { "/v1/messages", "/v1/messages" },
    { "/v1/chat/completions", "/v1/chat/completions" },
    { "/v1/responses", "/v1/responses" },
    { "/v1beta/models/m:generateContent",
      "/v1beta/models/m:streamGenerateContent" },
    { "/api/chat", "/api/chat" }
};

static const char  *const ut_protocols[CCP_NPROTO] = {
    "anthropic", "openai-chat", "openai-responses", "gemini", "ollama"
};


static int64_t
ut_now(void *ctx)
{
    (void) ctx;
    return 1763800000LL * 1000000000;
}


static ut_mem_t  ut_m = { 0, 0, -1 };


static ccp_exchange_t *
ut_exchange(ccp_proto_e client, ccp_proto_e up, int stream)
{
    char              body[512];
    ccp_env_t         env;
    ccp_str_t         uri;
    ccp_error_t       err;
    ccp_target_t      t;
    ccp_endpoint_t    ep;
    ccp_exchange_t   *x;
    const ccp_out_t  *out;

    /* the body must outlive the exchange: it is kept in the arena */

    memset(&env, 0, sizeof(env));
    env.mem = ut_mem(&ut_m);
    env.answer_limit = 8 << 20;
    env.clock.seed[0] = 1;
    env.clock.seed[1] = 2;
    env.clock.now_ns = ut_now;

    ccp_endpoint(&ep, ccp_cstr(ut_paths[client][stream]),
                 ccp_cstr("alt=sse"), 0);

    snprintf(body, sizeof(body), ut_requests[client],
             stream ? "true" : "false");

    memset(&t, 0, sizeof(t));
    memset(&err, 0, sizeof(err));
    t.dialect = ccp_dialect_plain(up);
    t.proto = up;
    t.root = ccp_lit("/v1");
    t.model = ccp_lit("up-model");
    t.max_tokens = CCP_UNSET_INT;
    t.context = CCP_UNSET_INT;

    x = ccp_exchange_create(&env, &ep);

    if (ccp_exchange_request(x, ccp_str_dup(ccp_exchange_arena(x),
                                            ccp_cstr(body)),
                             ccp_none, &err) != CCP_OK
        || ccp_exchange_target(x, &t, ccp_none, &out, &uri, &err) != CCP_OK)
    {
        ccp_exchange_destroy(x);
        return NULL;
    }

    return x;
}


/* Feeds bytes in pieces: first of size cut, then of size step. */

static ccp_str_t
ut_feed(ccp_exchange_t *x, ccp_str_t bytes, int status, size_t cut,
    size_t step, ccp_head_t *head)
{
    size_t      i, n;
    ccp_buf_t   all;
    ccp_out_t   o;
    uint8_t    *copy;
    int         rc;

    ccp_buf_init(&all, ccp_exchange_arena(x), 0);
    ccp_out_init(&o, ccp_exchange_arena(x), 0);

    rc = ccp_response_begin(x, status, ccp_none, ccp_none);

    for (i = 0; rc == CCP_OK && i < bytes.n; i += n) {
        n = (i == 0 && cut) ? cut : step;
        n = bytes.n - i < n ? bytes.n - i : n;

        copy = malloc(n);
        memcpy(copy, bytes.p + i, n);
        rc = ccp_response_feed(x, copy, n, &o);
        free(copy);

        (void) ccp_buf_add(&all, ccp_out_all(&o).p, ccp_out_all(&o).n);
        ccp_out_reset(&o);
    }

    if (rc == CCP_OK) {
        rc = ccp_response_end(x, &o);
        (void) ccp_buf_add(&all, ccp_out_all(&o).p, ccp_out_all(&o).n);
    }

    memset(head, 0, sizeof(ccp_head_t));

    if (rc != CCP_OK || ccp_response_head(x, head) != CCP_OK) {
        return ccp_none;
    }

    return ccp_buf_str(&all, 0);
}


static void
ut_append(char **s, const char *fmt, ...)
{
    char     *old, *more;
    va_list   ap;

    va_start(ap, fmt);
    if (vasprintf(&more, fmt, ap) < 0) {
        abort();
    }
    va_end(ap);

    old = *s;
    if (asprintf(s, "%s%s", old ? old : "", more) < 0) {
        abort();
    }

    free(old);
    free(more);
}


static char *
ut_canonical(ccp_arena_t *a, ccp_str_t args)
{
    char    *s;
    json_t  *j;

    args = ccp_str_plain(a, args);
    j = json_loadb((const char *) args.p, args.n, JSON_ALLOW_NUL, NULL);
    s = j ? json_dumps(j, JSON_SORT_KEYS | JSON_COMPACT) : NULL;
    json_decref(j);

    return s ? s : ut_cstr(args);
}


/* Reads bytes by their protocol's decoder, with no gateway in between. */

static void
ut_read_answer(ut_said_t *said, ccp_proto_e proto, ccp_str_t bytes, int status)
{
    char                  *s;
    ccp_str_t              t;
    ccp_head_t             head;
    ccp_arena_t           *a;
    ccp_outcome_t          o;
    ccp_exchange_t        *x;
    const ccp_block_t     *b;
    const ccp_error_t     *err;
    const ccp_answer_t    *ans;

    /* a whole answer wanted by a client of the same protocol: aggregated */

    memset(said, 0, sizeof(ut_said_t));
    said->in = -1;
    said->out = -1;

    x = ut_exchange(proto, proto, 0);
    if (x == NULL) {
        return;
    }

    (void) ut_feed(x, bytes, status, 0, bytes.n ? bytes.n : 1, &head);
    a = ccp_exchange_arena(x);
    ccp_response_outcome(x, &o);

    ans = ccp_response_aggregate(x, &err);

    for (b = ans ? ans->blocks : NULL; b; b = b->next) {
        t = ccp_str_plain(a, b->text);

        if (b->kind == CCP_B_TEXT || b->kind == CCP_B_REFUSAL) {
            ut_append(&said->text, "%.*s", (int) t.n, t.p);

        } else if (b->kind == CCP_B_THINK) {
            ut_append(&said->think, "%.*s", (int) t.n, t.p);

        } else if (b->kind == CCP_B_CALL) {
            s = ut_canonical(a, b->text);
            t = ccp_str_plain(a, b->name);
            ut_append(&said->calls, "%.*s(%s)", (int) t.n, t.p, s);
            free(s);
        }
    }

    if (o.error) {
        t = ccp_str_plain(a, o.error->message);
        said->error = ut_cstr(t);
    }

    if (ans) {
        said->stop = ans->stop;
        said->in = (ans->usage.in_fresh > 0 ? ans->usage.in_fresh : 0)
                   + (ans->usage.in_read > 0 ? ans->usage.in_read : 0)
                   + (ans->usage.in_write > 0 ? ans->usage.in_write : 0)
                   + (ans->usage.in_tool > 0 ? ans->usage.in_tool : 0);
        said->fresh = ans->usage.in_fresh;
        said->out = ans->usage.out_total > 0 ? ans->usage.out_total : 0;
    }

    ccp_exchange_destroy(x);
}


static void
ut_said_free(ut_said_t *said)
{
    free(said->text);
    free(said->think);
    free(said->calls);
    free(said->error);
}


static int
ut_same(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}


/* How the five spell what some of them can't tell apart. */

static int
ut_same_stop(ccp_proto_e client, ccp_stop_e want, ccp_stop_e got)
{
    if (want == got) {
        return 1;
    }

    switch (want) {

    case CCP_STOP_SEQ:
    case CCP_STOP_PAUSE:
        return got == CCP_STOP_END || got == CCP_STOP_TOOL;

    case CCP_STOP_REFUSAL:
    case CCP_STOP_FILTER:
        return got == CCP_STOP_REFUSAL || got == CCP_STOP_FILTER
               || (client != CCP_ANTHROPIC && got == CCP_STOP_END);

    case CCP_STOP_CONTEXT:
        return got == CCP_STOP_LENGTH;

    case CCP_STOP_LENGTH:
        return client == CCP_ANTHROPIC && got == CCP_STOP_CONTEXT;

    default:
        return 0;
    }
}


/*
 * T11: where only whole calls can be told a cut one is dropped; where its
 * arguments must be an object they are not the same bytes.
 */

static int
ut_same_cut(ccp_proto_e client, const char *want, const char *got)
{
    size_t       n;
    const char  *last;

    if (client == CCP_GEMINI || client == CCP_OLLAMA) {
        return 1;
    }

    last = want ? strrchr(want, '(') : NULL;
    n = last ? (size_t) (last - want) : 0;

    return client == CCP_ANTHROPIC && got && strncmp(want, got, n) == 0;
}


static const char *
ut_differs(const ut_replay_t *r, const ut_said_t *want, const ut_said_t *got)
{
    int  cut;

    if ((want->error != NULL) != (got->error != NULL)) {
        return "error";
    }

    if (want->error) {
        return strstr(got->error, want->error) ? NULL : "error message";
    }

    cut = (want->stop == CCP_STOP_LENGTH);

    /* a refusal without words gets its explanation as text */

    if (!ut_same(want->text, got->text)
        && !(want->text == NULL && want->stop >= CCP_STOP_REFUSAL)
        && !(want->text && strncmp(want->text, "<think>", 7) == 0))
    {
        return "text";
    }

    if (!ut_same(want->calls, got->calls)
        && !(cut && ut_same_cut(r->client, want->calls, got->calls)))
    {
        return "calls";
    }

    if (!ut_same_stop(r->client, want->stop, got->stop)) {
        return "stop";
    }

    /* a count of 0 can't replace the estimate of a stream's beginning */

    if (want->fresh > 0 && want->in != got->in) {
        return "input tokens";
    }

    if (want->out > 0 && want->out != got->out) {
        return "output tokens";
    }

    return NULL;
}


static const char *
ut_replay_once(const ut_replay_t *r, const ut_said_t *want, size_t cut,
    size_t step, ccp_str_t *first)
{
    ccp_str_t        got;
    ut_said_t        said;
    ccp_head_t       head;
    const char      *diff;
    ccp_exchange_t  *x;

    x = ut_exchange(r->client, r->up, r->stream);
    if (x == NULL) {
        return NULL;
    }

    got = ut_feed(x, r->bytes, r->status, cut, step, &head);

    if (got.p == NULL) {
        ccp_exchange_destroy(x);
        return "no answer";
    }

    diff = NULL;

    if (first->p == NULL) {
        ut_read_answer(&said, r->client, got, head.status);
        diff = ut_differs(r, want, &said);

        if (diff) {
            printf("# want %d in=%ld out=%ld [%s] [%s] err=%s\n",
                   want->stop, (long) want->in, (long) want->out, want->text,
                   want->calls, want->error);
            printf("# got  %d in=%ld out=%ld [%s] [%s] err=%s\n",
                   said.stop, (long) said.in, (long) said.out, said.text,
                   said.calls, said.error);
        }

        ut_said_free(&said);
        first->p = (uint8_t *) ut_cstr(got);
        first->n = got.n;

    } else if (first->n != got.n || memcmp(first->p, got.p, got.n) != 0) {

        /* ids and time are fixed here, so any difference is the split's */

        diff = "split";
    }

    ccp_exchange_destroy(x);

    return diff;
}


static void
ut_replay(const ut_rec_t *rec, void *arg)
{
    size_t              i, k, bad, runs;
    ccp_str_t           first;
    ut_said_t           want;
    const char         *diff;
    ut_replay_t         r;
    static const size_t steps[] = { 1 << 30, 1, 2, 3, 7, 100, 1021 };

    (void) arg;

    for (k = 0; k < CCP_NPROTO; k++) {
        if (strcmp(rec->protocol, ut_protocols[k]) == 0) {
            break;
        }
    }

    memset(&r, 0, sizeof(r));
    r.up = (ccp_proto_e) k;
    r.status = rec->status;
    r.bytes = ut_rec_response(rec);

    if (k == CCP_NPROTO || r.bytes.p == NULL) {
        UT_CHECK(r.bytes.p != NULL, "%s has a response", rec->prefix);
        return;
    }

    ut_read_answer(&want, r.up, r.bytes, r.status);
    bad = 0;
    runs = 0;

    for (k = 0; k < 2 * CCP_NPROTO; k++) {
        r.client = (ccp_proto_e) (k / 2);
        r.stream = (int) (k % 2);
        first = ccp_none;

        for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
            runs++;
            diff = ut_replay_once(&r, &want, 0, steps[i], &first);
            if (diff) {
                bad++;
                printf("# %s: %s %s by %zu: %s\n", rec->prefix,
                       ut_protocols[r.client], r.stream ? "stream" : "whole",
                       steps[i], diff);
                break;
            }
        }

        for (i = 1; !bad && i < r.bytes.n && rec->stream
                    && r.bytes.n <= UT_TWO_PIECES_MAX; i++)
        {
            runs++;
            diff = ut_replay_once(&r, &want, i, 1 << 30, &first);
            if (diff) {
                bad++;
                printf("# %s: %s %s cut at %zu: %s\n", rec->prefix,
                       ut_protocols[r.client], r.stream ? "stream" : "whole",
                       i, diff);
                break;
            }
        }

        free((void *) first.p);
    }

    UT_CHECK(bad == 0, "%s to all clients, %zu runs", rec->prefix, runs);

    ut_said_free(&want);
    free((void *) r.bytes.p);
}


int
main(int argc, char **argv)
{
    (void) ut_recordings(argc > 1 ? argv[1] : NULL, ut_replay, NULL);

    UT_CHECK(ut_m.live == 0, "nothing is left allocated");

    return ut_done();
}
