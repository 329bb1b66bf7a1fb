
/*
 * Reading answers of all protocols and comparing what they say.
 */

#define _GNU_SOURCE

#include <stdarg.h>

#include <jansson.h>

#include "ut_said.h"
#include "codec/base/base_buf.h"
#include "codec/json/json_out.h"


const char  *const ut_protocols[CCP_NPROTO] = {
    "anthropic", "openai-chat", "openai-responses", "gemini", "ollama"
};

static const char  *const ut_said_requests[CCP_NPROTO] = {
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

static const char  *const ut_said_paths[CCP_NPROTO][2] = {
    { "/v1/messages", "/v1/messages" },
    { "/v1/chat/completions", "/v1/chat/completions" },
    { "/v1/responses", "/v1/responses" },
    { "/v1beta/models/m:generateContent",
      "/v1beta/models/m:streamGenerateContent" },
    { "/api/chat", "/api/chat" }
};

ccp_proto_e
ut_protocol(const char *name)
{
    size_t  i;

    for (i = 0; i < CCP_NPROTO; i++) {
        if (strcmp(name, ut_protocols[i]) == 0) {
            break;
        }
    }

    return (ccp_proto_e) i;
}


static ut_mem_t  ut_m = { 0, 0, -1 };


ccp_try_t *
ut_said_try(ccp_proto_e client, const ccp_provider_t *pr, int stream)
{
    char              body[512];
    ccp_env_t         env;
    ccp_mem_t         mem;
    ccp_str_t         uri;
    ccp_try_t        *try;
    ccp_error_t       err;
    ccp_target_t      t;
    ccp_endpoint_t    ep;
    ccp_exchange_t   *x;
    const ccp_out_t  *out;

    /* the body must outlive the exchange: it is kept in the arena */

    mem = ut_mem(&ut_m);
    ut_env(&env, &mem);
    env.answer_limit = 8 << 20;

    ccp_endpoint_parse(&ep, ccp_cstr(ut_said_paths[client][stream]),
                       ccp_cstr("alt=sse"), 0);

    snprintf(body, sizeof(body), ut_said_requests[client],
             stream ? "true" : "false");

    memset(&err, 0, sizeof(err));
    ut_target(&t, pr);
    t.model = ccp_lit("up-model");

    x = ccp_exchange_create(&env, &ep);

    if (ccp_exchange_request(x, ccp_str_dup(ccp_exchange_arena(x),
                                            ccp_cstr(body)),
                             ccp_none, &err) != CCP_OK
        || ut_try(&try, x, &t, ccp_none, &out, &uri, &err) != CCP_OK)
    {
        ccp_exchange_destroy(x);
        return NULL;
    }

    return try;
}


void
ut_said_close(ccp_try_t *try)
{
    if (try) {
        ccp_exchange_destroy(ccp_try_exchange(try));
    }
}


const ccp_provider_t *
ut_said_dialect(const ut_rec_t *rec, ccp_provider_t *own)
{
    size_t                 i;
    ccp_proto_e            proto;
    const char            *name;
    const ccp_provider_t  *pr;

    static const char  *const  names[][2] = {
        { "vercel-gateway", "vercel" }
    };

    name = rec->provider;
    proto = ut_protocol(rec->protocol);

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(name, names[i][0]) == 0) {
            name = names[i][1];
        }
    }

    pr = ccp_provider_find(ccp_cstr(name));

    if (pr == NULL || ccp_provider_also(pr, proto, own) != CCP_OK) {
        return ccp_provider_plain(proto);
    }

    return own;
}


ccp_str_t
ut_said_feed(ccp_try_t *try, ccp_str_t bytes, int status, size_t cut,
    size_t step, ccp_head_t *head)
{
    int           rc;
    size_t        i, n;
    uint8_t      *copy;
    ccp_buf_t     all;
    ccp_out_t     o;
    ccp_arena_t  *a;

    a = ccp_exchange_arena(ccp_try_exchange(try));
    ccp_buf_init(&all, a, 0);
    ccp_out_init(&o, a, 0);

    rc = ccp_answer_begin(try, status, ccp_none, ccp_none);

    for (i = 0; rc == CCP_OK && i < bytes.n; i += n) {
        n = (i == 0 && cut) ? cut : step;
        n = bytes.n - i < n ? bytes.n - i : n;

        copy = malloc(n);
        memcpy(copy, bytes.p + i, n);
        rc = ccp_answer_feed(try, copy, n, &o);
        free(copy);

        (void) ccp_buf_add(&all, ccp_out_all(&o).p, ccp_out_all(&o).n);
        ccp_out_reset(&o);
    }

    if (rc == CCP_OK) {
        rc = ccp_answer_end(try, &o);
        (void) ccp_buf_add(&all, ccp_out_all(&o).p, ccp_out_all(&o).n);
    }

    memset(head, 0, sizeof(ccp_head_t));

    if (rc != CCP_OK || ccp_answer_head(try, head) != CCP_OK) {
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


/*
 * Arguments with sorted members; the free text of a free-text tool as those
 * who have no such tools get it.
 */

static char *
ut_canonical(ccp_arena_t *a, const ccp_block_t *call)
{
    char       *s;
    json_t     *j;
    ccp_str_t   args;

    args = ccp_str_plain(a, call->text);

    if (call->free_text) {
        j = json_pack("{s:s%}", "input", args.p, args.n);

    } else {
        j = json_loadb((const char *) args.p, args.n, JSON_ALLOW_NUL, NULL);
    }

    s = j ? json_dumps(j, JSON_SORT_KEYS | JSON_COMPACT) : NULL;
    json_decref(j);

    return s ? s : ut_cstr(args);
}


/*
 * Reasoning that stands in the text, as the bare models write it, counts as
 * reasoning whether or not the gateway has told them apart.
 */

static void
ut_split_think(ut_said_t *said)
{
    char               *text, *end;
    static const char  *open = "<think>", *close = "</think>";

    text = said->text;

    if (text == NULL || strncmp(text, open, strlen(open)) != 0) {
        return;
    }

    end = strstr(text, close);
    said->text = NULL;

    if (end) {
        *end = '\0';
        end += strlen(close);
        end += strspn(end, "\n");
        ut_append(&said->text, "%s", end);
    }

    ut_append(&said->think, "%s", text + strlen(open));
    free(text);
}


int
ut_said_read(ut_said_t *said, ccp_proto_e proto, ccp_str_t bytes, int status)
{
    char                  *s;
    ccp_str_t              t;
    ccp_try_t             *try;
    ccp_head_t             head;
    ccp_arena_t           *a;
    ccp_outcome_t          o;
    const ccp_block_t     *b;
    const ccp_error_t     *err;
    const ccp_answer_t    *ans;

    /* a whole answer wanted by a client of the same protocol: aggregated */

    memset(said, 0, sizeof(ut_said_t));
    said->in = -1;
    said->out = -1;

    try = ut_said_try(proto, ccp_provider_plain(proto), 0);
    if (try == NULL) {
        return 0;
    }

    (void) ut_said_feed(try, bytes, status, 0, bytes.n ? bytes.n : 1,
                        &head);
    a = ccp_exchange_arena(ccp_try_exchange(try));
    ccp_answer_outcome(try, &o);

    ans = ccp_answer_aggregate(try, &err);

    for (b = ans ? ans->blocks : NULL; b; b = b->next) {
        t = ccp_str_plain(a, b->text);

        if (b->kind == CCP_B_TEXT || b->kind == CCP_B_REFUSAL) {
            ut_append(&said->text, "%.*s", (int) t.n, t.p);

        } else if (b->kind == CCP_B_THINK) {
            ut_append(&said->think, "%.*s", (int) t.n, t.p);

        } else if (b->kind == CCP_B_CALL) {
            s = ut_canonical(a, b);
            t = ccp_str_plain(a, b->name);
            ut_append(&said->calls, "%.*s(%s)", (int) t.n, t.p, s);
            free(s);
        }
    }

    if (o.error) {
        t = ccp_str_plain(a, o.error->message);
        said->error = ut_cstr(t);
    }

    ut_split_think(said);

    if (ans) {
        said->stop = ans->stop;
        said->in = (ans->usage.in_fresh > 0 ? ans->usage.in_fresh : 0)
                   + (ans->usage.in_read > 0 ? ans->usage.in_read : 0)
                   + (ans->usage.in_write > 0 ? ans->usage.in_write : 0)
                   + (ans->usage.in_tool > 0 ? ans->usage.in_tool : 0);
        said->fresh = ans->usage.in_fresh;
        said->estimated = ans->usage.estimated;
        said->cached = ans->usage.in_read > 0 ? ans->usage.in_read : 0;
        said->out = ans->usage.out_total > 0 ? ans->usage.out_total : 0;
        said->reason = ans->usage.out_reason > 0 ? ans->usage.out_reason : 0;
    }

    ut_said_close(try);

    return 1;
}


void
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
 * T11: where only whole calls can be told a cut one is dropped, by Anthropic
 * from whole answers alone: a stream has the same bytes.
 */

static int
ut_same_cut(ccp_proto_e client, const char *want, const char *got)
{
    size_t       n;
    const char  *last;

    if (client == CCP_GEMINI || client == CCP_OLLAMA || got == NULL) {
        return client != CCP_CHAT && client != CCP_RESPONSES;
    }

    last = want ? strrchr(want, '(') : NULL;
    n = last ? (size_t) (last - want) : 0;

    return client == CCP_ANTHROPIC
           && (strncmp(want ? want : "", got, n) == 0
               || strncmp(want ? want : "", got, strlen(got)) == 0);
}


const char *
ut_said_differs(ccp_proto_e client, const ut_said_t *want,
    const ut_said_t *got)
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
        && !(want->text == NULL && want->stop >= CCP_STOP_REFUSAL))
    {
        return "text";
    }

    if (!ut_same(want->think, got->think)) {
        return "reasoning";
    }

    if (!ut_same(want->calls, got->calls)
        && !(cut && ut_same_cut(client, want->calls, got->calls)))
    {
        return "calls";
    }

    if (!ut_same_stop(client, want->stop, got->stop)) {
        return "stop";
    }

    /* a count of 0 can't replace the estimate of a stream's beginning */

    if (!want->estimated && want->fresh > 0 && want->in != got->in) {
        return "input tokens";
    }

    if (want->out > 0 && want->out != got->out) {
        return "output tokens";
    }

    if (client != CCP_OLLAMA && want->cached != got->cached) {
        return "cached tokens";
    }

    if (client != CCP_OLLAMA && client != CCP_ANTHROPIC
        && want->reason != got->reason)
    {
        return "reasoning tokens";
    }

    return NULL;
}


void
ut_said_print(const ut_said_t *want, const ut_said_t *got)
{
    size_t            i;
    const ut_said_t  *s;

    for (i = 0; i < 2; i++) {
        s = i ? got : want;
        printf("# %s %s in=%ld cached=%ld out=%ld reason=%ld [%s] [%s] [%s]"
               " error=%s\n", i ? "got " : "want", ccp_stop_name(s->stop),
               (long) s->in, (long) s->cached, (long) s->out,
               (long) s->reason, s->think ? s->think : "",
               s->text ? s->text : "", s->calls ? s->calls : "",
               s->error ? s->error : "none");
    }
}


int
ut_said_clean(void)
{
    return ut_m.live == 0;
}


int
ut_said_later(ccp_str_t bytes)
{
    int           queued;
    ccp_json_t    doc;
    ccp_arena_t  *a;

    a = ut_arena();
    ccp_json_init(&doc, a);

    queued = ccp_json_parse(&doc, bytes.p, bytes.n, 0, NULL) == CCP_OK
             && ccp_str_is(ccp_json_gets(ccp_json_root(&doc), "status"),
                           "queued");
    ccp_arena_destroy(a);

    return queued;
}
