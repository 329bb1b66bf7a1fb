
/*
 * Conversations that are held: what requests become that name them, what is
 * kept of answers, and all of it without memory.
 */

#include "ut_exchange.h"

#include "codec/form/form_held.h"
#include "codec/provider/provider.h"


/* ---- a shelf, which is what the caller has ---- */

#define SHELF  512

typedef struct {
    ccp_held_e  kind;
    char        id[128];
    uint8_t    *p;
    size_t      n;
    uint64_t    serial;
    uint64_t    owner;
} book_t;

typedef struct {
    book_t        books[SHELF];
    int           n;
    uint64_t      serial;
    ccp_keeper_t  keeper;
} shelf_t;


static book_t *
find(shelf_t *s, const ccp_held_ref_t *ref)
{
    int  i;

    for (i = 0; i < s->n; i++) {
        if (s->books[i].p && s->books[i].kind == ref->kind
            && ccp_str_eq(ref->id, ccp_cstr(s->books[i].id)))
        {
            return &s->books[i];
        }
    }

    return NULL;
}


static int
shelf_get(void *ctx, ccp_held_ref_t *ref, ccp_arena_t *a, ccp_str_t *bytes,
    uint64_t *owner)
{
    book_t     *b;
    ccp_str_t   s;

    b = find(ctx, ref);
    if (b == NULL) {
        return CCP_DECLINED;
    }

    s = ccp_str_dup(a, ccp_str_range(b->p, b->p + b->n));
    if (s.p == NULL) {
        return CCP_NOMEM;
    }

    *bytes = s;
    *owner = b->owner;
    ref->serial = b->serial;

    return CCP_OK;
}


static int
shelf_put(void *ctx, ccp_held_ref_t *ref, ccp_str_t bytes, uint64_t owner)
{
    book_t   *b;
    shelf_t  *s = ctx;

    b = find(s, ref);

    if (ref->serial && (b == NULL || b->serial != ref->serial)) {
        return CCP_DECLINED;
    }

    if (b == NULL) {
        if (s->n == SHELF) {
            abort();
        }

        b = &s->books[s->n++];
        b->kind = ref->kind;
        snprintf(b->id, sizeof(b->id), "%.*s", (int) ref->id.n,
                 (const char *) ref->id.p);
    }

    free(b->p);
    b->p = malloc(bytes.n + 1);
    memcpy(b->p, bytes.p, bytes.n);
    b->n = bytes.n;
    b->owner = owner;
    b->serial = ref->serial = ++s->serial;

    return CCP_OK;
}


static int
shelf_drop(void *ctx, const ccp_held_ref_t *ref)
{
    book_t  *b;

    b = find(ctx, ref);
    if (b == NULL) {
        return CCP_DECLINED;
    }

    free(b->p);
    b->p = NULL;
    b->id[0] = '\0';

    return CCP_OK;
}


static shelf_t *
new_shelf(void)
{
    shelf_t  *s;

    s = calloc(1, sizeof(shelf_t));
    s->keeper.ctx = s;
    s->keeper.get = shelf_get;
    s->keeper.put = shelf_put;
    s->keeper.drop = shelf_drop;

    return s;
}


static void
free_shelf(shelf_t *s)
{
    int  i;

    for (i = 0; i < s->n; i++) {
        free(s->books[i].p);
    }

    free(s);
}


/* ---- a turn ---- */

typedef struct {
    shelf_t      *shelf;
    const char   *path;
    const char   *request;
    const char   *answer;      /* NULL: none is asked for */
    const char   *type;
    const char   *provider;
    uint64_t      owner;
    char          sent[32768];
    char          got[32768];
    ccp_error_t   err;
    char          code[64];
    unsigned      seed;
} turn_t;


/* A text is known before the turn that writes it is over. */

static void
copy(char *to, const ccp_out_t *out)
{
    char  *text;

    text = ut_out_text(out);
    snprintf(to, 32768, "%s", text);
    free(text);
}


static int
take_turn(const ccp_mem_t *mem, void *arg)
{
    int                rc;
    turn_t            *t = arg;
    ccp_str_t          uri;
    ccp_out_t          out;
    ccp_env_t          env;
    ccp_try_t         *try;
    ccp_target_t       target;
    ccp_endpoint_t     ep;
    ccp_exchange_t    *x;
    const ccp_out_t   *body;

    t->sent[0] = '\0';
    t->got[0] = '\0';
    memset(&t->err, 0, sizeof(ccp_error_t));

    ut_env(&env, mem);
    env.clock.seed[0] = ++t->seed * 7919;
    ccp_endpoint_parse(&ep, ccp_cstr(t->path), ccp_none, 0);

    x = ccp_exchange_create(&env, &ep);
    if (x == NULL) {
        return CCP_NOMEM;
    }

    ccp_exchange_keeper(x, &t->shelf->keeper);
    ut_target(&target, ccp_provider_find(ccp_cstr(t->provider)));
    target.owner = t->owner;

    rc = ccp_exchange_request(x, ccp_cstr(t->request), ccp_none, &t->err);

    if (rc == CCP_OK) {
        rc = ut_try(&try, x, &target, ccp_none, &body, &uri, &t->err);
    }

    if (rc == CCP_OK) {
        copy(t->sent, body);
    }

    if (rc == CCP_OK && t->answer) {
        ccp_out_init(&out, ccp_exchange_arena(x), 0);

        rc = ccp_answer_begin(try, 200, ccp_cstr(t->type), ccp_none);

        if (rc == CCP_OK) {
            rc = ccp_answer_feed(try, (const uint8_t *) t->answer,
                                 strlen(t->answer), &out);
        }

        if (rc == CCP_OK) {
            rc = ccp_answer_end(try, &out);
        }

        if (rc == CCP_OK) {
            copy(t->got, &out);
        }
    }

    snprintf(t->code, sizeof(t->code), "%.*s", (int) t->err.code.n,
             t->err.code.p ? (const char *) t->err.code.p : "");
    ccp_exchange_destroy(x);

    return rc;
}


static int
turn(turn_t *t, const char *request, const char *answer)
{
    t->request = request;
    t->answer = answer;

    return take_turn(NULL, t) == CCP_OK ? 1 : 0;
}


/* The value of the last "id" that begins so, malloc'ed. */

static char *
last_id(const char *text, const char *prefix)
{
    char         pattern[32];
    const char  *p, *found;

    snprintf(pattern, sizeof(pattern), "\"id\":\"%s", prefix);

    for (found = NULL, p = text; (p = strstr(p, pattern)); p++) {
        found = p + 6;
    }

    return found ? strndup(found, strcspn(found, "\"")) : strdup("none");
}


#define CHAT(text)                                                            \
    "{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,"             \
    "\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":"        \
    "\"assistant\",\"content\":\"" text "\"},\"finish_reason\":\"stop\"}],"   \
    "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1,"                 \
    "\"total_tokens\":4}}"

#define CHUNK(delta, reason)                                                  \
    "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1," \
    "\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":" delta ","          \
    "\"finish_reason\":" reason "}]}\n\n"

#define STREAM                                                                \
    CHUNK("{\"role\":\"assistant\",\"content\":\"al\"}", "null")              \
    CHUNK("{\"content\":\"pha\"}", "null")                                    \
    CHUNK("{\"tool_calls\":[{\"index\":0,\"id\":\"call_1\",\"type\":"         \
          "\"function\",\"function\":{\"name\":\"look\",\"arguments\":"       \
          "\"{}\"}}]}", "null")                                               \
    CHUNK("{}", "\"tool_calls\"") "data: [DONE]\n\n"


static void
init(turn_t *t, const char *path, const char *provider, int stream)
{
    memset(t, 0, sizeof(turn_t));
    t->shelf = new_shelf();
    t->path = path;
    t->provider = provider;
    t->type = stream ? "text/event-stream" : "application/json";
}


static void
done(turn_t *t)
{
    free_shelf(t->shelf);
}


/* A copy of the format with the id in it. */

static char *
with(const char *fmt, const char *id)
{
    char    *s;
    size_t   n;

    n = strlen(fmt) + strlen(id) + 1;
    s = malloc(n);
    (void) snprintf(s, n, fmt, id);

    return s;
}


static void
test_previous(int stream)
{
    char    *id, *item, *request;
    turn_t   t;

    init(&t, "/v1/responses", "vllm", stream);

    UT_CHECK(turn(&t, stream
                  ? "{\"model\":\"m\",\"input\":\"one\",\"stream\":true,"
                    "\"instructions\":\"be\"}"
                  : "{\"model\":\"m\",\"input\":\"one\","
                    "\"instructions\":\"be\"}",
                  stream ? STREAM : CHAT("alpha")), "the first turn");
    id = last_id(t.got, "resp_");
    item = last_id(t.got, "msg_");

    request = with("{\"model\":\"m\",\"input\":[{\"role\":\"user\","
                   "\"content\":\"two\"}],\"previous_response_id\":\"%s\"}",
                   id);
    UT_CHECK(turn(&t, request, NULL), "the second turn: %s", t.code);
    UT_CHECK(strstr(t.sent, "one") && strstr(t.sent, "alpha")
             && strstr(t.sent, "two") && !strstr(t.sent, "be\""),
             "has what was before, without its instructions: %s", t.sent);
    UT_CHECK(!stream || strstr(t.sent, "call_1"), "and its call");
    free(request);

    request = with("{\"model\":\"m\",\"input\":[{\"id\":\"%s\"},{\"role\":"
                   "\"user\",\"content\":\"two\"}]}", item);
    UT_CHECK(turn(&t, request, NULL) && strstr(t.sent, "alpha")
             && !strstr(t.sent, "one"), "an item by its id: %s", t.sent);
    free(request);

    /* nothing is there any more */

    t.shelf->books[0].p[0] ^= 1;
    request = with("{\"model\":\"m\",\"input\":\"two\","
                   "\"previous_response_id\":\"%s\"}", id);
    UT_CHECK(!turn(&t, request, NULL)
             && strcmp(t.code, "previous_response_not_found") == 0,
             "what is not as it was is not there: %s", t.code);
    free(request);

    free(id);
    free(item);
    done(&t);
}


/* An answer whose first part is gone has no history at all. */

static void
test_gap(void)
{
    int      i;
    char    *id, *request, first[64];
    turn_t   t;

    init(&t, "/v1/responses", "vllm", 0);
    first[0] = '\0';
    id = strdup("");

    for (i = 0; i < 3; i++) {
        request = *id ? with("{\"model\":\"m\",\"input\":\"x\","
                             "\"previous_response_id\":\"%s\"}", id)
                      : strdup("{\"model\":\"m\",\"input\":\"x\"}");
        UT_CHECK(turn(&t, request, CHAT("y")), "turn %d", i);
        free(request);
        free(id);
        id = last_id(t.got, "resp_");

        if (i == 0) {
            snprintf(first, sizeof(first), "%s", id);
        }
    }

    request = with("{\"model\":\"m\",\"input\":\"x\","
                   "\"previous_response_id\":\"%s\"}", id);
    UT_CHECK(turn(&t, request, NULL), "all is there");

    for (i = 0; i < t.shelf->n; i++) {
        if (strcmp(t.shelf->books[i].id, first) == 0) {
            t.shelf->books[i].serial += 1000;
        }
    }

    UT_CHECK(!turn(&t, request, NULL)
             && strcmp(t.code, "previous_response_not_found") == 0,
             "another answer in the first one's place is none of it");
    free(request);
    free(id);
    done(&t);
}


/* An upstream that keeps its answers has them: it is told the id. */

static void
test_owner(void)
{
    turn_t  t;

    static const char  answer[] =
        "{\"id\":\"resp_up\",\"object\":\"response\",\"created_at\":1,"
        "\"model\":\"m\",\"status\":\"completed\",\"output\":["
        "{\"id\":\"rs_1\",\"type\":\"reasoning\",\"summary\":[]},"
        "{\"id\":\"rs_2\",\"type\":\"reasoning\",\"summary\":[],"
        "\"encrypted_content\":\"sealed\"},"
        "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\","
        "\"status\":\"completed\",\"content\":[{\"type\":\"output_text\","
        "\"text\":\"alpha\",\"annotations\":[]}]}],"
        "\"usage\":{\"input_tokens\":1,\"output_tokens\":1,"
        "\"total_tokens\":2}}";

    init(&t, "/v1/responses", "openai-responses", 0);
    t.owner = 7;

    UT_CHECK(turn(&t, "{\"model\":\"m\",\"input\":\"one\"}", answer)
             && strcmp(t.got, answer) == 0, "the first turn, as it came");

    UT_CHECK(turn(&t, "{\"model\":\"m\",\"input\":\"two\","
                  "\"previous_response_id\":\"resp_up\"}", NULL)
             && strstr(t.sent, "resp_up") && !strstr(t.sent, "alpha"),
             "its own upstream is told the id: %s", t.sent);

    t.owner = 8;
    UT_CHECK(turn(&t, "{\"model\":\"m\",\"input\":\"two\","
                  "\"previous_response_id\":\"resp_up\"}", NULL)
             && !strstr(t.sent, "resp_up") && strstr(t.sent, "alpha"),
             "another one is told all: %s", t.sent);
    UT_CHECK(!strstr(t.sent, "rs_1") && strstr(t.sent, "sealed"),
             "but for reasoning that it can't read");

    done(&t);
}


static void
test_threads(int stream)
{
    char    *id, *request;
    turn_t   t;

    init(&t, "/v1/messages", "vllm", stream);

    request = with("{\"model\":\"m\",\"max_tokens\":9,\"system\":\"be\","
                   "\"tools\":[{\"name\":\"look\",\"input_schema\":{\"type\":"
                   "\"object\"}}],\"messages\":[{\"role\":\"user\","
                   "\"content\":\"one\"}],%s\"thread\":{\"type\":"
                   "\"create\"}}", stream ? "\"stream\":true," : "");
    UT_CHECK(turn(&t, request, stream ? STREAM : CHAT("alpha")),
             "a thread begins");
    free(request);
    id = last_id(t.got, "msg_");

    request = with("{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":"
                   "\"user\",\"content\":\"two\"}],\"thread\":{\"type\":"
                   "\"continue\",\"previous_message_id\":\"%s\"}}", id);
    UT_CHECK(turn(&t, request, CHAT("beta")), "it goes on: %s", t.code);
    UT_CHECK(strstr(t.sent, "\"be\"") && strstr(t.sent, "look")
             && strstr(t.sent, "one") && strstr(t.sent, "alpha")
             && strstr(t.sent, "two"),
             "with all, the system prompt and the tools too: %s", t.sent);
    free(request);
    free(id);
    id = last_id(t.got, "msg_");

    request = with("{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":"
                   "\"user\",\"content\":\"three\"}],\"thread\":{\"type\":"
                   "\"continue\",\"previous_message_id\":\"%s\"}}", id);
    t.provider = "anthropic";
    UT_CHECK(turn(&t, request, NULL) && strstr(t.sent, "\"be\"")
             && strstr(t.sent, "one") && strstr(t.sent, "beta")
             && strstr(t.sent, "three") && !strstr(t.sent, "thread"),
             "another upstream has all: %s", t.sent);
    free(request);

    UT_CHECK(!turn(&t, "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[],"
                   "\"thread\":{\"type\":\"continue\","
                   "\"previous_message_id\":\"msg_x\"}}", NULL)
             && strcmp(t.code, "thread_not_found") == 0,
             "what is not held is told by the code that SDKs act on");

    free(id);
    done(&t);
}


/* ---- without memory ---- */

static void
test_memory(void)
{
    char    *id, *item, *request;
    turn_t   t;

    init(&t, "/v1/responses", "vllm", 1);
    (void) turn(&t, "{\"model\":\"m\",\"input\":\"one\",\"stream\":true}",
                STREAM);
    id = last_id(t.got, "resp_");
    item = last_id(t.got, "fc_");

    request = with("{\"model\":\"m\",\"input\":[{\"type\":\"item_reference\","
                   "\"id\":\"IIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIII\"},"
                   "{\"role\":\"user\",\"content\":\"two\"}],"
                   "\"previous_response_id\":\"%s\",\"stream\":true}", id);
    memset(strstr(request, "III"), ' ', 33);
    memcpy(strstr(request, "\"id\":\"") + 6, item, strlen(item));
    memcpy(strstr(request, "\"id\":\"") + 6 + strlen(item), "\"", 1);
    *strstr(strstr(request, "\"id\":\"") + 7 + strlen(item), "\"") = ' ';

    t.request = request;
    t.answer = STREAM;
    ut_fail_each("a turn that goes on from another", take_turn, &t);

    free(request);
    free(id);
    free(item);
    done(&t);

    init(&t, "/v1/messages", "vllm", 1);
    (void) turn(&t, "{\"model\":\"m\",\"max_tokens\":9,\"stream\":true,"
                "\"system\":\"s\",\"messages\":[{\"role\":\"user\","
                "\"content\":\"one\"}],\"thread\":{\"type\":\"create\"}}",
                STREAM);
    id = last_id(t.got, "msg_");
    request = with("{\"model\":\"m\",\"max_tokens\":9,\"stream\":true,"
                   "\"messages\":[{\"role\":\"user\",\"content\":\"two\"}],"
                   "\"thread\":{\"type\":\"continue\","
                   "\"previous_message_id\":\"%s\"}}", id);
    t.request = request;
    t.answer = STREAM;
    ut_fail_each("a thread that goes on", take_turn, &t);

    free(request);
    free(id);
    done(&t);
}


typedef struct {
    shelf_t     *shelf;
    const char  *method;
    char         path[256];
    const char  *body;
    char         got[65536];
} call_t;


static int
take_call(const ccp_mem_t *mem, void *arg)
{
    int              rc;
    call_t          *c = arg;
    ccp_out_t        out;
    ccp_env_t        env;
    ccp_error_t      err;
    ccp_endpoint_t   ep;
    ccp_exchange_t  *x;
    static unsigned  seed = 1;

    ut_env(&env, mem);
    env.clock.seed[1] = ++seed * 104729;
    ccp_endpoint_parse(&ep, ccp_cstr(c->path), ccp_none, 0);
    x = ccp_exchange_create(&env, &ep);
    if (x == NULL) {
        return CCP_NOMEM;
    }

    memset(&err, 0, sizeof(ccp_error_t));
    ccp_exchange_keeper(x, &c->shelf->keeper);
    ccp_out_init(&out, ccp_exchange_arena(x), 0);

    rc = ccp_exchange_held(x, ccp_cstr(c->method), ccp_none,
                           ccp_cstr(c->body), &out, &err);
    if (rc == CCP_OK) {
        snprintf(c->got, sizeof(c->got), "%.*s", (int) ccp_out_all(&out).n,
                 (const char *) ccp_out_all(&out).p);
    }

    ccp_exchange_destroy(x);

    return rc;
}


static void
test_calls(void)
{
    char    *id, *item;
    turn_t   t;
    call_t   c;

    init(&t, "/v1/responses", "vllm", 0);
    memset(&c, 0, sizeof(call_t));
    c.shelf = t.shelf;

    c.method = "POST";
    c.body = "{\"items\":[{\"role\":\"user\",\"content\":\"zero\"}]}";
    snprintf(c.path, sizeof(c.path), "/v1/conversations");
    ut_fail_each("a conversation is made", take_call, &c);
    id = last_id(c.got, "conv_");

    snprintf(c.path, sizeof(c.path), "/v1/conversations/%s/items", id);
    ut_fail_each("an item is added", take_call, &c);
    item = last_id(c.got, "msg_");

    c.method = "GET";
    c.body = "";
    ut_fail_each("items are listed", take_call, &c);
    UT_CHECK(strstr(c.got, item) && strstr(c.got, "zero"), "%s", c.got);

    c.method = "DELETE";
    snprintf(c.path, sizeof(c.path), "/v1/conversations/%s/items/%s", id,
             item);
    UT_CHECK(take_call(NULL, &c) == CCP_OK, "an item is deleted");
    UT_CHECK(take_call(NULL, &c) == CCP_INVALID, "once");

    free(item);
    (void) turn(&t, "{\"model\":\"m\",\"input\":\"one\"}", CHAT("alpha"));
    item = last_id(t.got, "resp_");

    c.method = "GET";
    snprintf(c.path, sizeof(c.path), "/v1/responses/%s", item);
    ut_fail_each("an answer by its id", take_call, &c);
    UT_CHECK(strcmp(c.got, t.got) == 0, "is as it was: %s", c.got);

    snprintf(c.path, sizeof(c.path), "/v1/responses/%s/input_items", item);
    ut_fail_each("what led to it", take_call, &c);

    free(item);
    free(id);
    done(&t);
}


int
main(void)
{
    test_previous(0);
    test_previous(1);
    test_gap();
    test_owner();
    test_threads(0);
    test_threads(1);
    test_memory();
    test_calls();

    return ut_done();
}
