
/*
 * What conversions cost, counted in instructions: each row of the table runs
 * once unmeasured and once in cost_measured(), which callgrind is told to
 * collect (cost.py).
 *
 *   cost NAME=FILE …       request bodies of an Anthropic client; before=FILE
 *                          in front of one: what it sent the turn before
 *
 * Prints what the counts depend on, then the name of each row in the order
 * of the measured runs.  A word in COST_ROWS takes the rows that hold it.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gnu/libc-version.h>
#include <jansson.h>

#include "codec/exchange/exchange.h"


#define COST_EVENTS   200          /* of a stream that carry text */
#define COST_STREAM   (64 * 1024)
#define COST_NAME     64
#define COST_MEMO     (16 << 20)


/* One conversion, and all that has to stand ready for it. */
typedef struct {
    ccp_proto_e        client;
    ccp_proto_e        up;
    ccp_str_t          body;       /* the client's */
    ccp_str_t          before;     /* its turn before, remembered; absent:
                                      nothing was seen */
    ccp_str_t          answer;     /* absent: the request is measured */
    int                split;      /* a frame at a time */
    int                stream;
} cost_row_t;

typedef struct {
    size_t             n;
    size_t             len[4 * COST_EVENTS];
} cost_pieces_t;


static const char  *const cost_names[CCP_NPROTO] = {
    "anthropic", "chat", "responses", "gemini", "ollama"
};

static const char  *const cost_paths[CCP_NPROTO][2] = {
    { "/v1/messages", "/v1/messages" },
    { "/v1/chat/completions", "/v1/chat/completions" },
    { "/v1/responses", "/v1/responses" },
    { "/v1beta/models/m:generateContent",
      "/v1beta/models/m:streamGenerateContent" },
    { "/api/chat", "/api/chat" }
};

static const char  cost_chat_head[] =
    "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\","
    "\"created\":1763800000,\"model\":\"mock-model\",\"choices\":[{\"index\":"
    "0,\"delta\":";


static void *
cost_alloc(void *ctx, size_t n)
{
    (void) ctx;
    return malloc(n);
}


static void
cost_free(void *ctx, void *p)
{
    (void) ctx;
    free(p);
}


static int64_t
cost_now(void *ctx)
{
    (void) ctx;
    return 1763800000LL * 1000000000;
}


static void
cost_fail(const char *what, const ccp_error_t *err)
{
    fprintf(stderr, "cost: %s: %.*s\n", what, (int) err->message.n,
            err->message.p ? (const char *) err->message.p : "");
    exit(2);
}


static ccp_str_t
cost_copy(const char *p, size_t n)
{
    ccp_str_t  s = ccp_none;
    uint8_t   *to;

    to = malloc(n + 1);
    if (to == NULL) {
        exit(2);
    }

    memcpy(to, p, n);
    to[n] = '\0';
    s.p = to;
    s.n = n;

    return s;
}


static ccp_str_t
cost_join(const ccp_out_t *out)
{
    char       *p;
    size_t      k, n;
    ccp_str_t   s, all;

    p = malloc(ccp_out_size(out) + 1);
    if (p == NULL) {
        exit(2);
    }

    n = 0;
    for (k = 0; (s = ccp_out_seg(out, k)).p; k++) {
        memcpy(p + n, s.p, s.n);
        n += s.n;
    }

    all = cost_copy(p, n);
    free(p);

    return all;
}


static ccp_exchange_t *
cost_exchange(ccp_proto_e client, int stream, ccp_memo_t *memo)
{
    ccp_env_t        env;
    ccp_endpoint_t   ep;
    ccp_exchange_t  *x;

    memset(&env, 0, sizeof(env));
    env.mem.alloc = cost_alloc;
    env.mem.free = cost_free;
    env.answer_limit = 256 << 20;
    env.clock.seed[0] = 1;
    env.clock.seed[1] = 2;
    env.clock.now_ns = cost_now;
    env.memo = memo;

    ccp_endpoint_parse(&ep, ccp_cstr(cost_paths[client][stream]),
                       ccp_lit("alt=sse"), 0);

    x = ccp_exchange_create(&env, &ep);
    if (x == NULL) {
        exit(2);
    }

    return x;
}


/* The request read and written for the target. */

static ccp_try_t *
cost_ask(ccp_exchange_t *x, ccp_proto_e up, ccp_str_t body,
    const ccp_out_t **out)
{
    int            rc;
    ccp_str_t      uri;
    ccp_try_t     *try;
    ccp_error_t    err;
    ccp_target_t   t;

    memset(&err, 0, sizeof(err));
    memset(&t, 0, sizeof(t));
    t.provider = ccp_provider_plain(up);
    t.proto = up;
    t.root = ccp_lit("/v1");
    t.model = ccp_lit("mock-model");
    t.max_tokens = CCP_UNSET_INT;
    t.context = CCP_UNSET_INT;

    rc = ccp_exchange_request(x, body, ccp_none, &err);
    if (rc != CCP_OK) {
        cost_fail("request", &err);
    }

    try = ccp_try_create(x, &t);
    if (try == NULL) {
        exit(2);
    }

    rc = ccp_try_request(try, ccp_none, out, &uri, &err);
    if (rc != CCP_OK) {
        cost_fail("target", &err);
    }

    return try;
}


/* The bytes of the answer that come at once: up to an empty line, or a line
 * where the protocol has no empty ones. */

static void
cost_cut(const cost_row_t *row, cost_pieces_t *pieces)
{
    const uint8_t  *p, *q, *end;

    pieces->n = 0;
    end = row->answer.p + row->answer.n;

    for (p = q = row->answer.p; q < end; q++) {
        if (q + 1 == end
            || (row->split && *q == '\n' && pieces->n < 4 * COST_EVENTS - 1
                && (row->up == CCP_OLLAMA || (q > p && q[-1] == '\n')
                    || (q > p + 2 && q[-1] == '\r' && q[-2] == '\n'))))
        {
            pieces->len[pieces->n++] = (size_t) (q + 1 - p);
            p = q + 1;
        }
    }
}


static void
cost_feed(const cost_row_t *row, const cost_pieces_t *pieces, ccp_try_t *try,
    ccp_out_t *out)
{
    int             rc;
    size_t          i;
    const uint8_t  *p;

    rc = ccp_answer_begin(try, 200, ccp_none, ccp_none);
    p = row->answer.p;

    for (i = 0; rc == CCP_OK && i < pieces->n; i++) {
        rc = ccp_answer_feed(try, p, pieces->len[i], out);

        if (rc == CCP_OK) {
            rc = ccp_out_finish(out);
        }
        ccp_out_reset(out);
        p += pieces->len[i];
    }

    if (rc == CCP_OK) {
        rc = ccp_answer_end(try, out);
    }

    if (rc != CCP_OK) {
        fprintf(stderr, "cost: answer: %d\n", rc);
        exit(2);
    }
}


__attribute__((noinline)) static void
cost_measured(const cost_row_t *row, const cost_pieces_t *pieces,
    ccp_exchange_t *x, ccp_try_t *try, ccp_out_t *out)
{
    const ccp_out_t  *body;

    if (row->answer.p == NULL) {
        cost_ask(x, row->up, row->body, &body);

    } else {
        cost_feed(row, pieces, try, out);
    }

    /* no tail call: the frame must stand until it ends */

    __asm__ volatile ("" ::: "memory");
}


/* A memory that has seen the turn before. */

static ccp_memo_t *
cost_remember(const cost_row_t *row)
{
    ccp_mem_t         mem;
    ccp_memo_t       *memo;
    ccp_exchange_t   *x;
    const ccp_out_t  *body;

    if (row->before.p == NULL) {
        return NULL;
    }

    mem.alloc = cost_alloc;
    mem.free = cost_free;
    mem.ctx = NULL;

    memo = ccp_memo_create(&mem, COST_MEMO, 1);
    if (memo == NULL) {
        exit(2);
    }

    x = cost_exchange(row->client, row->stream, memo);
    cost_ask(x, row->up, row->before, &body);
    ccp_exchange_destroy(x);

    return memo;
}


static void
cost_run(const cost_row_t *row, int measured)
{
    ccp_out_t         out;
    ccp_try_t        *try;
    ccp_memo_t       *memo;
    cost_pieces_t     pieces;
    ccp_exchange_t   *x;
    const ccp_out_t  *body;

    memo = cost_remember(row);
    x = cost_exchange(row->client, row->stream, memo);
    ccp_out_init(&out, ccp_exchange_arena(x), 0);
    try = row->answer.p ? cost_ask(x, row->up, row->body, &body) : NULL;
    cost_cut(row, &pieces);

    if (measured) {
        cost_measured(row, &pieces, x, try, &out);

    } else if (row->answer.p) {
        cost_feed(row, &pieces, try, &out);

    } else {
        cost_ask(x, row->up, row->body, &body);
    }

    ccp_exchange_destroy(x);
    ccp_memo_destroy(memo);
}


static void
cost_row(const cost_row_t *row, const char *what)
{
    char         name[COST_NAME];
    const char  *word;

    snprintf(name, sizeof(name), "%s %s %s", what, cost_names[row->client],
             cost_names[row->up]);

    word = getenv("COST_ROWS");
    if (word && strstr(name, word) == NULL) {
        return;
    }

    cost_run(row, 0);
    cost_run(row, 1);
    printf("%s\n", name);
}


/* ---- what the rows are made of ---- */

static ccp_str_t
cost_read(const char *path)
{
    char       *p;
    FILE       *f;
    size_t      n;
    ccp_str_t   s;

    f = fopen(path, "rb");
    p = malloc(4 << 20);

    if (f == NULL || p == NULL) {
        perror(path);
        exit(2);
    }

    n = fread(p, 1, 4 << 20, f);
    fclose(f);
    s = cost_copy(p, n);
    free(p);

    return s;
}


/* The body as a client of another protocol would send it. */

static ccp_str_t
cost_body(ccp_proto_e client, ccp_str_t body, int stream)
{
    ccp_str_t         s;
    ccp_exchange_t   *x;
    const ccp_out_t  *out;

    if (client == CCP_ANTHROPIC) {
        return body;
    }

    x = cost_exchange(CCP_ANTHROPIC, stream, NULL);
    cost_ask(x, client, body, &out);
    s = cost_join(out);
    ccp_exchange_destroy(x);

    return s;
}


/* A Chat upstream's stream, or its whole answer. */

static ccp_str_t
cost_chat(int stream)
{
    int         i;
    char       *p;
    size_t      n;
    ccp_str_t   s;

    p = malloc(COST_STREAM);
    if (p == NULL) {
        exit(2);
    }

    n = 0;

    if (!stream) {
        n = (size_t) snprintf(p, COST_STREAM,
            "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion\","
            "\"created\":1763800000,\"model\":\"mock-model\",\"choices\":[{"
            "\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"");

        for (i = 0; i < COST_EVENTS / 4; i++) {
            n += (size_t) snprintf(p + n, COST_STREAM - n,
                                   "word %d of it.\\n", i);
        }

        n += (size_t) snprintf(p + n, COST_STREAM - n,
            "\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":"
            "11,\"completion_tokens\":200,\"total_tokens\":211}}");

        s = cost_copy(p, n);
        free(p);
        return s;
    }

    n += (size_t) snprintf(p, COST_STREAM, "data: %s{\"role\":\"assistant\","
                           "\"content\":\"\"},\"finish_reason\":null}]}\n\n",
                           cost_chat_head);

    for (i = 0; i < COST_EVENTS; i++) {
        n += (size_t) snprintf(p + n, COST_STREAM - n, "data: %s{\"content\":"
                               "\" word %d\"},\"finish_reason\":null}]}\n\n",
                               cost_chat_head, i);
    }

    n += (size_t) snprintf(p + n, COST_STREAM - n, "data: %s{},"
        "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":11,"
        "\"completion_tokens\":200,\"total_tokens\":211}}\n\n"
        "data: [DONE]\n\n", cost_chat_head);

    s = cost_copy(p, n);
    free(p);

    return s;
}


/* The same as an upstream of another protocol says it. */

static ccp_str_t
cost_answer(ccp_proto_e up, ccp_str_t body, ccp_str_t chat, int stream)
{
    int               rc;
    ccp_out_t         out;
    ccp_str_t         s;
    ccp_try_t        *try;
    ccp_exchange_t   *x;
    const ccp_out_t  *asked;

    if (up == CCP_CHAT) {
        return chat;
    }

    x = cost_exchange(up, stream, NULL);
    try = cost_ask(x, CCP_CHAT, cost_body(up, body, stream), &asked);
    ccp_out_init(&out, ccp_exchange_arena(x), 0);

    rc = ccp_answer_begin(try, 200, ccp_none, ccp_none);
    if (rc == CCP_OK) {
        rc = ccp_answer_feed(try, chat.p, chat.n, &out);
    }
    if (rc == CCP_OK) {
        rc = ccp_answer_end(try, &out);
    }
    if (rc != CCP_OK || ccp_out_finish(&out) != CCP_OK) {
        fprintf(stderr, "cost: no answer of %s\n", cost_names[up]);
        exit(2);
    }

    s = cost_join(&out);
    ccp_exchange_destroy(x);

    return s;
}


static void
cost_requests(const char *name, ccp_str_t body, ccp_str_t before, int all)
{
    int         client, up;
    cost_row_t  row;

    memset(&row, 0, sizeof(row));

    for (client = 0; client < CCP_NPROTO; client++) {
        row.client = (ccp_proto_e) client;
        row.body = cost_body(row.client, body, 0);
        row.before = before.p ? cost_body(row.client, before, 0) : ccp_none;

        for (up = 0; up < CCP_NPROTO; up++) {
            row.up = (ccp_proto_e) up;

            if (all || (client == CCP_ANTHROPIC && up <= CCP_CHAT)) {
                cost_row(&row, name);
            }
        }
    }
}


static void
cost_answers(ccp_str_t small, ccp_str_t small_stream)
{
    int         client, up;
    cost_row_t  row;
    ccp_str_t   whole, stream;

    memset(&row, 0, sizeof(row));

    for (up = 0; up < CCP_NPROTO; up++) {
        row.up = (ccp_proto_e) up;
        whole = cost_answer(row.up, small, cost_chat(0), 0);
        stream = cost_answer(row.up, small_stream, cost_chat(1), 1);

        for (client = 0; client < CCP_NPROTO; client++) {
            row.client = (ccp_proto_e) client;

            row.stream = 0;
            row.body = cost_body(row.client, small, 0);
            row.answer = whole;
            row.split = 0;
            cost_row(&row, "whole");

            row.stream = 1;
            row.body = cost_body(row.client, small_stream, 1);
            row.answer = stream;
            row.split = 1;
            cost_row(&row, "split");

            row.split = 0;
            if (client == CCP_ANTHROPIC && up <= CCP_CHAT) {
                cost_row(&row, "burst");
            }
        }
    }
}


int
main(int argc, char **argv)
{
    int         i;
    char       *path, name[COST_NAME];
    ccp_str_t   body, before, small, small_stream;

    json_object_seed(1);
    printf("# gcc %s, C library %s\n", __VERSION__, gnu_get_libc_version());

    small = ccp_none;
    small_stream = ccp_none;

    before = ccp_none;

    for (i = 1; i < argc; i++) {
        path = strchr(argv[i], '=');
        if (path == NULL) {
            fprintf(stderr, "usage: cost NAME=FILE ...\n");
            return 2;
        }

        snprintf(name, sizeof(name), "%.*s", (int) (path - argv[i]), argv[i]);
        body = cost_read(path + 1);

        if (strcmp(name, "stream") == 0) {
            small_stream = body;
            continue;
        }

        if (strcmp(name, "before") == 0) {
            before = body;
            continue;
        }

        if (strcmp(name, "1K") == 0) {
            small = body;
        }

        cost_requests(name, body, before, body.n < 100 * 1024);
        before = ccp_none;
    }

    if (small.p && small_stream.p) {
        cost_answers(small, small_stream);
    }

    return 0;
}
