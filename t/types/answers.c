
/*
 * Every recorded answer as clients of all five protocols get it, streamed and
 * whole, for the types to judge.
 *
 *   answers RECORDINGS [WORD …]
 *
 * RECORDINGS holds an index.tsv; only exchanges whose prefix holds one of the
 * words, if any.  For each answer one line: prefix, upstream protocol, client
 * protocol, stream or whole, how, status, content type, bytes; separated by
 * tabs.  The bytes follow, then a newline.  How is one of
 *
 *   asked   for the recorded request, converted to the client's protocol
 *   plain   for a small request of our own
 *   cut     the same, and the upstream dies half way
 *   own     no upstream: an error of each class
 *
 * Answers of the upstream's own protocol and form are not made: they are the
 * upstream's bytes.
 */

#include <jansson.h>

#include "codec/exchange/exchange.h"


#define ANS_NOW  (1763800000LL * 1000000000)


typedef struct {
    char         prefix[512];
    char         path[1024];
    ccp_proto_e  up;
    int          status;
    int          lines;                /* the answer came as a stream */
    ccp_str_t    request;
    ccp_str_t    answer;
} ans_rec_t;


static const char  *const ans_protocols[CCP_NPROTO] = {
    "anthropic", "openai-chat", "openai-responses", "gemini", "ollama"
};

static const char  *const ans_requests[CCP_NPROTO] = {
    "{\"model\":\"m\",\"max_tokens\":2048,\"messages\":[{\"role\":\"user\","
        "\"content\":\"x\"}],\"thinking\":{\"type\":\"enabled\","
        "\"budget_tokens\":1024}}",
    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],"
        "\"reasoning_effort\":\"high\"}",
    "{\"model\":\"m\",\"input\":\"x\",\"reasoning\":{\"effort\":\"high\","
        "\"summary\":\"auto\"}}",
    "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"x\"}]}],"
        "\"generationConfig\":{\"thinkingConfig\":"
        "{\"includeThoughts\":true}}}",
    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],"
        "\"think\":true}"
};

static const char  *const ans_paths[CCP_NPROTO][2] = {
    { "/v1/messages", "/v1/messages" },
    { "/v1/chat/completions", "/v1/chat/completions" },
    { "/v1/responses", "/v1/responses" },
    { "/v1beta/models/m:generateContent",
      "/v1beta/models/m:streamGenerateContent" },
    { "/api/chat", "/api/chat" }
};

enum { ANS_PLAIN, ANS_ASKED, ANS_CUT, ANS_OWN };

static const char  *const ans_how[] = { "plain", "asked", "cut", "own" };


static void *
ans_alloc(void *ctx, size_t n)
{
    (void) ctx;
    return malloc(n);
}


static void
ans_free(void *ctx, void *p)
{
    (void) ctx;
    free(p);
}


static int64_t
ans_now(void *ctx)
{
    (void) ctx;
    return ANS_NOW;
}


static ccp_str_t
ans_read(const char *path, const char *suffix)
{
    long       n;
    char       name[2048];
    FILE      *f;
    uint8_t   *p;
    ccp_str_t  s = ccp_none;

    snprintf(name, sizeof(name), "%s.%s", path, suffix);

    f = fopen(name, "rb");
    if (f == NULL) {
        return s;
    }

    if (fseek(f, 0, SEEK_END) == 0 && (n = ftell(f)) >= 0) {
        rewind(f);
        p = malloc((size_t) n + 1);
        if (p && fread(p, 1, (size_t) n, f) == (size_t) n) {
            s.p = p;
            s.n = (size_t) n;
        }
    }

    fclose(f);

    return s;
}


/* A try of a request that is decoded, at a plain target. */

static ccp_try_t *
ans_try(ccp_proto_e client, ccp_proto_e up, int stream, ccp_str_t body,
    const ccp_out_t **out)
{
    ccp_env_t        env;
    ccp_str_t        uri;
    ccp_error_t      err;
    ccp_target_t     t;
    ccp_endpoint_t   ep;
    ccp_try_t       *try;
    ccp_exchange_t  *x;

    memset(&env, 0, sizeof(env));
    env.mem.alloc = ans_alloc;
    env.mem.free = ans_free;
    env.clock.seed[0] = 1;
    env.clock.seed[1] = 2;
    env.clock.now_ns = ans_now;
    env.answer_limit = 64 << 20;

    memset(&t, 0, sizeof(t));
    t.provider = ccp_provider_plain(up);
    t.proto = up;
    t.root = ccp_lit("/v1");
    t.max_tokens = CCP_UNSET_INT;
    t.context = CCP_UNSET_INT;

    ccp_endpoint_parse(&ep, ccp_cstr(ans_paths[client][stream]),
                       ccp_cstr("alt=sse"), 0);

    x = ccp_exchange_create(&env, &ep);
    if (x == NULL) {
        return NULL;
    }

    memset(&err, 0, sizeof(err));
    try = ccp_try_create(x, &t);

    if (try == NULL
        || ccp_exchange_request(x, body, ccp_none, &err) != CCP_OK
        || ccp_try_request(try, ccp_none, out, &uri, &err) != CCP_OK)
    {
        ccp_exchange_destroy(x);
        return NULL;
    }

    return try;
}


/*
 * The recorded request as a client of that protocol would have sent it; NULL
 * where there is none, or none that can be had in that protocol.
 */

static json_t *
ans_asked(const ans_rec_t *rec, ccp_proto_e client)
{
    size_t            i;
    ccp_str_t         s;
    ccp_buf_t         b;
    json_t           *j;
    const ccp_out_t  *out;
    ccp_try_t        *try;

    if (rec->request.p == NULL) {
        return NULL;
    }

    if (rec->up == client) {
        return json_loadb((const char *) rec->request.p, rec->request.n,
                          JSON_ALLOW_NUL, NULL);
    }

    try = ans_try(rec->up, client, 0, rec->request, &out);
    if (try == NULL) {
        return NULL;
    }

    ccp_buf_init(&b, ccp_exchange_arena(ccp_try_exchange(try)), 0);
    for (i = 0; (s = ccp_out_seg(out, i)).p; i++) {
        (void) ccp_buf_add(&b, s.p, s.n);
    }

    s = ccp_buf_str(&b, 0);
    j = json_loadb((const char *) s.p, s.n, JSON_ALLOW_NUL, NULL);
    ccp_exchange_destroy(ccp_try_exchange(try));

    return j;
}


/* The client's body, streamed or not, or absent. */

static ccp_str_t
ans_body(const ans_rec_t *rec, ccp_proto_e client, int stream, int asked)
{
    char       *text;
    json_t     *j;
    ccp_str_t   s = ccp_none;

    j = asked ? ans_asked(rec, client)
              : json_loads(ans_requests[client], 0, NULL);

    if (j == NULL) {
        return s;
    }

    if (client != CCP_GEMINI) {
        json_object_set_new(j, "stream", json_boolean(stream));
        json_object_set_new(j, "model", json_string("m"));
    }

    if (client == CCP_CHAT) {
        json_object_del(j, "stream_options");
        if (stream) {
            json_object_set_new(j, "stream_options",
                                json_pack("{s:b}", "include_usage", 1));
        }
    }

    text = json_dumps(j, JSON_COMPACT);
    json_decref(j);

    if (text) {
        s = ccp_cstr(text);
    }

    return s;
}


static void
ans_write(const ans_rec_t *rec, ccp_proto_e client, int stream, int how,
    const ccp_head_t *head, ccp_out_t *out)
{
    ccp_str_t  s;

    s = ccp_out_all(out);
    printf("%s\t%s\t%s\t%s\t%s\t%d\t%.*s\t%zu\n", rec->prefix,
           ans_protocols[rec->up], ans_protocols[client],
           stream ? "stream" : "whole", ans_how[how], head->status,
           (int) head->content_type.n, head->content_type.p, s.n);
    fwrite(s.p, 1, s.n, stdout);
    putchar('\n');
}


static int
ans_feed(const ans_rec_t *rec, ccp_try_t *try, int how, ccp_out_t *out)
{
    int     rc;
    size_t  n;

    n = how == ANS_CUT ? rec->answer.n / 2 : rec->answer.n;

    rc = ccp_answer_begin(try, rec->status, ccp_none, ccp_none);
    if (rc == CCP_OK) {
        rc = ccp_answer_feed(try, rec->answer.p, n, out);
    }
    if (rc != CCP_OK) {
        return rc;
    }

    return how == ANS_CUT
           ? ccp_answer_abort(try, CCP_E_SERVER, "the upstream died", out)
           : ccp_answer_end(try, out);
}


static void
ans_convert(const ans_rec_t *rec, ccp_proto_e client, int stream, int how)
{
    int               rc;
    ccp_out_t         out;
    ccp_str_t         body;
    ccp_head_t        head;
    ccp_try_t        *try;
    const ccp_out_t  *sent;

    body = ans_body(rec, client, stream, how == ANS_ASKED);
    try = body.p ? ans_try(client, rec->up, stream, body, &sent) : NULL;

    if (try) {
        ccp_out_init(&out, ccp_exchange_arena(ccp_try_exchange(try)), 0);
        rc = ans_feed(rec, try, how, &out);

        if (rc != CCP_OK || ccp_answer_head(try, &head) != CCP_OK) {
            fprintf(stderr, "answers: %s to %s: no answer\n", rec->prefix,
                    ans_protocols[client]);
            exit(2);
        }

        ans_write(rec, client, stream, how, &head, &out);
        ccp_exchange_destroy(ccp_try_exchange(try));
    }

    free((void *) body.p);
}


/* Errors of our own, for requests that no upstream saw. */

static void
ans_own(void)
{
    int              client, cls;
    ccp_out_t        out;
    ans_rec_t        rec;
    ccp_head_t       head;
    ccp_error_t      err;
    ccp_try_t        *try;
    const ccp_out_t  *sent;

    for (client = 0; client < CCP_NPROTO; client++) {
        for (cls = CCP_E_NONE + 1; cls < CCP_E_MAX; cls++) {
            memset(&rec, 0, sizeof(rec));
            memset(&err, 0, sizeof(err));
            snprintf(rec.prefix, sizeof(rec.prefix), "error-%d", cls);
            rec.up = (ccp_proto_e) client;

            try = ans_try(rec.up, rec.up, 0,
                          ccp_cstr(ans_requests[client]), &sent);

            if (try == NULL
                || ccp_refuse(&err, ccp_exchange_arena(ccp_try_exchange(try)),
                              (ccp_err_e) cls, "no target") == CCP_NOMEM)
            {
                fprintf(stderr, "answers: no exchange\n");
                exit(2);
            }

            ccp_out_init(&out, ccp_exchange_arena(ccp_try_exchange(try)), 0);
            (void) ccp_exchange_error(ccp_try_exchange(try), &err, &head,
                                      &out);
            ans_write(&rec, rec.up, 0, ANS_OWN, &head, &out);
            ccp_exchange_destroy(ccp_try_exchange(try));
        }
    }
}


/* Whether the client gets the upstream's own bytes: one line of Ollama's is a
 * stream and a whole answer as well. */

static int
ans_same(const ans_rec_t *rec, int client, int stream)
{
    return client == (int) rec->up
           && (stream == rec->lines || client == CCP_OLLAMA);
}


static void
ans_exchange_all(ans_rec_t *rec)
{
    int                       client, stream, how;
    size_t                    i;
    static const char  *const suffix[] = {
        "response.sse", "response.ndjson", "response.json"
    };

    rec->request = ans_read(rec->path, "request.json");
    rec->answer = ccp_none;

    for (i = 0; i < 3 && rec->answer.p == NULL; i++) {
        rec->answer = ans_read(rec->path, suffix[i]);
        rec->lines = (i < 2);
    }

    for (client = 0; rec->answer.p && client < CCP_NPROTO; client++) {
        for (stream = 0; stream < 2; stream++) {

            if (ans_same(rec, client, stream)) {
                continue;
            }

            for (how = ANS_PLAIN; how <= ANS_CUT; how++) {
                if (how == ANS_CUT && (!stream || !rec->lines)) {
                    continue;
                }

                ans_convert(rec, (ccp_proto_e) client, stream, how);
            }
        }
    }

    free((void *) rec->request.p);
    free((void *) rec->answer.p);
}


static int
ans_wanted(const char *prefix, char **words)
{
    if (*words == NULL) {
        return 1;
    }

    while (*words) {
        if (strstr(prefix, *words++)) {
            return 1;
        }
    }

    return 0;
}


int
main(int argc, char **argv)
{
    int        up;
    char       line[8192], name[1024], *save, *f[4];
    FILE      *index;
    size_t     i;
    ans_rec_t  rec;

    if (argc < 2) {
        fprintf(stderr, "usage: answers RECORDINGS [WORD ...]\n");
        return 2;
    }

    snprintf(name, sizeof(name), "%s/index.tsv", argv[1]);
    index = fopen(name, "r");
    if (index == NULL) {
        perror(name);
        return 2;
    }

    while (fgets(line, sizeof(line), index)) {
        save = line;
        for (i = 0; i < 4; i++) {
            f[i] = save ? strsep(&save, "\t\n") : NULL;
        }

        for (up = 0; f[3] && up < CCP_NPROTO
             && strcmp(f[1], ans_protocols[up]); up++)
        {
            /* void */
        }

        if (f[3] == NULL || up == CCP_NPROTO || !ans_wanted(f[0], argv + 2)) {
            continue;
        }

        memset(&rec, 0, sizeof(rec));
        snprintf(rec.prefix, sizeof(rec.prefix), "%s", f[0]);
        snprintf(rec.path, sizeof(rec.path), "%s/%s", argv[1], f[0]);
        rec.up = (ccp_proto_e) up;
        rec.status = atoi(f[3]);
        ans_exchange_all(&rec);
    }

    fclose(index);

    if (argc == 2) {
        ans_own();
    }

    return 0;
}
