
/*
 * Embeddings: each client to each upstream, requests and answers, inputs of
 * every kind, both spellings of vectors.
 */

#include "codec/base/base_buf.h"
#include "codec/json/json_out.h"
#include "codec/form/form_error.h"
#include "codec/form/form_request.h"
#include "codec/provider/provider.h"
#include "codec/prepare/prepare.h"
#include "codec/exchange/exchange.h"
#include "ut_exchange.h"


/* The five doors of clients. */

enum { CHAT, SINGLE, BATCH, EMBED, OLD, DOORS };

typedef struct {
    const char   *path;
    const char   *one;         /* request with one input */
    const char   *two;         /* … with two; NULL: not possible */
    const char   *answer_one;  /* with vector [0.10,-2] */
    const char   *answer_two;  /* … and [1e3] */
    int64_t       tokens;      /* that these answers tell, -1: they don't */
} ut_door_t;


static const ut_door_t  ut_doors[DOORS] = {
    [CHAT] = {
        "/v1/embeddings",
        "{\"model\":\"m\",\"input\":\"a\\u00e9\",\"dimensions\":2}",
        "{\"model\":\"m\",\"input\":[\"a\\u00e9\",\"b\"],\"dimensions\":2}",
        "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"index\":0,"
            "\"embedding\":[0.10,-2]}],\"model\":\"m\",\"usage\":"
            "{\"prompt_tokens\":%d,\"total_tokens\":%d}}",
        "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"index\":0,"
            "\"embedding\":[0.10,-2]},{\"object\":\"embedding\",\"index\":1,"
            "\"embedding\":[1e3]}],\"model\":\"m\",\"usage\":"
            "{\"prompt_tokens\":%d,\"total_tokens\":%d}}",
        7
    },
    [SINGLE] = {
        "/v1beta/models/m:embedContent",
        "{\"content\":{\"parts\":[{\"text\":\"a\\u00e9\"}]},"
            "\"outputDimensionality\":2}",
        NULL,
        "{\"embedding\":{\"values\":[0.10,-2]}}",
        NULL, -1
    },
    [BATCH] = {
        "/v1beta/models/m:batchEmbedContents",
        "{\"requests\":[{\"model\":\"models/m\",\"content\":{\"parts\":"
            "[{\"text\":\"a\\u00e9\"}]},\"outputDimensionality\":2}]}",
        "{\"requests\":[{\"model\":\"models/m\",\"content\":{\"parts\":"
            "[{\"text\":\"a\\u00e9\"}]},\"outputDimensionality\":2},"
            "{\"model\":\"models/m\",\"content\":{\"parts\":"
            "[{\"text\":\"b\"}]},"
            "\"outputDimensionality\":2}]}",
        "{\"embeddings\":[{\"values\":[0.10,-2]}]}",
        "{\"embeddings\":[{\"values\":[0.10,-2]},{\"values\":[1e3]}]}",
        -1
    },
    [EMBED] = {
        "/api/embed",
        "{\"model\":\"m\",\"input\":[\"a\\u00e9\"],\"dimensions\":2}",
        "{\"model\":\"m\",\"input\":[\"a\\u00e9\",\"b\"],\"dimensions\":2}",
        "{\"model\":\"m\",\"embeddings\":[[0.10,-2]],\"total_duration\":0,"
            "\"load_duration\":0,\"prompt_eval_count\":%d}",
        "{\"model\":\"m\",\"embeddings\":[[0.10,-2],[1e3]],"
            "\"total_duration\":0,\"load_duration\":0,"
            "\"prompt_eval_count\":%d}",
        7
    },
    [OLD] = {
        "/api/embeddings",
        "{\"model\":\"m\",\"prompt\":\"a\\u00e9\",\"dimensions\":2}",
        NULL,
        "{\"embedding\":[0.10,-2]}",
        NULL, -1
    }
};

/* The three upstreams: which door their request and answer look like. */

static const struct {
    ccp_proto_e   proto;
    const char   *root;
} ut_ups[] = {
    { CCP_CHAT, "/v1" }, { CCP_GEMINI, "/v1beta" }, { CCP_OLLAMA, "" }
};


static ut_mem_t  ut_m = { 0, 0, -1 };


typedef struct {
    ccp_exchange_t   *x;
    ccp_try_t        *try;
    ccp_str_t         body;
    ccp_str_t         uri;
    ccp_out_t         out;
    ccp_head_t        head;
    ccp_error_t       err;
    int               rc;
} ut_em_t;


/* A request from a client's door to an upstream; u->rc tells how it went. */

static void
ut_open(ut_em_t *u, const ccp_mem_t *mem, const char *path, const char *body,
    ccp_proto_e up, const char *root, const char *model)
{
    size_t            k;
    ccp_buf_t         all;
    ccp_target_t      t;
    const ccp_out_t  *o;

    memset(u, 0, sizeof(*u));

    ut_target(&t, ccp_provider_plain(up));
    t.root = ccp_cstr(root);
    t.model = model ? ccp_cstr(model) : ccp_none;

    u->rc = CCP_NOMEM;
    u->x = ut_exchange_create(mem, path, NULL);
    if (u->x == NULL) {
        return;
    }

    u->rc = ccp_exchange_request(u->x, ccp_cstr(body), ccp_none, &u->err);

    if (u->rc == CCP_OK) {
        u->rc = ut_try(&u->try, u->x, &t, ccp_none, &o, &u->uri, &u->err);
    }

    if (u->rc != CCP_OK) {
        return;
    }

    ccp_buf_init(&all, ccp_exchange_arena(u->x), 0);

    for (k = 0; ccp_out_seg(o, k).p; k++) {
        (void) ccp_buf_add(&all, ccp_out_seg(o, k).p, ccp_out_seg(o, k).n);
    }

    u->body = ccp_buf_str(&all, 0);
    u->rc = all.err ? CCP_NOMEM : CCP_OK;
}


static void
ut_answer(ut_em_t *u, int status, const char *bytes)
{
    size_t  i, n;

    ccp_out_init(&u->out, ccp_exchange_arena(u->x), 0);
    u->rc = ccp_answer_begin(u->try, status, ccp_lit("application/json"),
                             ccp_none);
    n = strlen(bytes);

    for (i = 0; i < n && u->rc == CCP_OK; i++) {
        u->rc = ccp_answer_feed(u->try, (const uint8_t *) bytes + i, 1,
                                &u->out);
    }

    if (u->rc == CCP_OK) {
        u->rc = ccp_answer_end(u->try, &u->out);
    }

    if (u->rc == CCP_OK) {
        u->rc = ccp_answer_head(u->try, &u->head);
    }
}


static void
ut_close(ut_em_t *u)
{
    ccp_exchange_destroy(u->x);
}


static int
ut_is(ccp_str_t got, const char *want)
{
    int  same;

    same = ut_json_same(got, ccp_cstr(want));

    if (!same) {
        printf("# want %s\n# got  %.*s\n", want, (int) got.n, got.p);
    }

    return same;
}


/* The door that requests of a client look like at an upstream. */

static int
ut_upstream_door(int client, size_t up, int two)
{
    if (ut_ups[up].proto == CCP_CHAT) {
        return CHAT;
    }

    if (ut_ups[up].proto == CCP_GEMINI) {
        return two || client == BATCH || client == EMBED ? BATCH : SINGLE;
    }

    return client == OLD ? OLD : EMBED;
}


/* Whether the client's bytes pass as they are. */

static int
ut_own(int client, size_t up)
{
    static const ccp_proto_e  protos[DOORS] = {
        CCP_CHAT, CCP_GEMINI, CCP_GEMINI, CCP_OLLAMA, CCP_OLLAMA
    };

    return protos[client] == ut_ups[up].proto;
}


static void
ut_pair(int client, size_t up, int two)
{
    int                   door, same;
    char                  bytes[512], want[512], uri[128], *got;
    ut_em_t               u;
    int64_t               tokens;
    ccp_mem_t             mem;
    ccp_outcome_t         o;
    const ut_door_t      *c, *d;

    c = &ut_doors[client];
    door = ut_upstream_door(client, up, two);
    d = &ut_doors[door];

    mem = ut_mem(&ut_m);
    ut_open(&u, &mem, c->path, two ? c->two : c->one, ut_ups[up].proto,
            ut_ups[up].root, NULL);
    UT_CHECK(u.rc == CCP_OK, "%s to %s: encoded", c->path, d->path);

    /* one input as a list of one is the same request, differently spelled */

    if (door == CHAT && !two && !ut_own(client, up)
        && (client == BATCH || client == EMBED))
    {
        snprintf(want, sizeof(want), "%s", ut_doors[EMBED].one);

    } else if (door == EMBED && !two && client != EMBED
               && client != BATCH)
    {
        snprintf(want, sizeof(want), "%s", ut_doors[CHAT].one);

    } else {
        snprintf(want, sizeof(want), "%s", two ? d->two : d->one);
    }

    UT_CHECK(ut_is(u.body, want), "%s to %s: body", c->path, d->path);

    got = ut_cstr(u.uri);
    snprintf(uri, sizeof(uri), "%s", d->path);
    UT_CHECK(strcmp(got, uri) == 0, "%s to %s: path %s", c->path, d->path,
             got);
    free(got);

    snprintf(bytes, sizeof(bytes), two ? d->answer_two : d->answer_one, 7, 7);
    ut_answer(&u, 200, bytes);
    UT_CHECK(u.rc == CCP_OK && u.head.status == 200, "%s to %s: answered",
             c->path, d->path);

    ccp_answer_outcome(u.try, &o);
    tokens = d->tokens >= 0 ? d->tokens : ccp_exchange_estimate(u.x);
    snprintf(want, sizeof(want), two ? c->answer_two : c->answer_one,
             (int) tokens, (int) tokens);

    same = ut_is(ccp_out_all(&u.out), ut_own(client, up) ? bytes : want);
    UT_CHECK(same, "%s to %s: answer", c->path, d->path);
    UT_CHECK(o.usage && o.usage->in_fresh == tokens
             && o.usage->estimated == (d->tokens < 0),
             "%s to %s: usage", c->path, d->path);

    /* numbers keep their spelling */

    got = ut_cstr(ccp_out_all(&u.out));
    UT_CHECK(strstr(got, "[0.10,-2]") != NULL, "%s to %s: spelling", c->path,
             d->path);
    free(got);

    ut_close(&u);
}


static void
ut_refused(const char *path, const char *body, ccp_proto_e up, ccp_err_e cls,
    const char *word)
{
    char      *text;
    ut_em_t    u;
    ccp_mem_t  mem;

    mem = ut_mem(&ut_m);
    ut_open(&u, &mem, path, body, up, "", NULL);
    text = ut_cstr(u.err.message);
    UT_CHECK(u.rc == CCP_INVALID && u.err.cls == cls && strstr(text, word),
             "refused: %s", text);
    free(text);
    ut_close(&u);
}


static void
ut_requests(void)
{
    char      *s;
    ut_em_t    u;
    ccp_mem_t  mem;

    ut_refused("/v1/embeddings", ut_doors[CHAT].one, CCP_ANTHROPIC,
               CCP_E_NOT_FOUND, "no embeddings");
    ut_refused("/api/embed", ut_doors[EMBED].one, CCP_RESPONSES,
               CCP_E_NOT_FOUND, "no embeddings");
    ut_refused("/v1/embeddings", "{\"model\":\"m\",\"input\":[1,2]}",
               CCP_GEMINI, CCP_E_BAD_REQUEST, "token");
    ut_refused("/v1/embeddings", "{\"model\":\"m\",\"input\":[[1],[2]]}",
               CCP_OLLAMA, CCP_E_BAD_REQUEST, "token");
    ut_refused("/v1/embeddings", "{\"model\":\"m\",\"input\":true}",
               CCP_CHAT, CCP_E_BAD_REQUEST, "input");
    ut_refused("/v1/embeddings", "{\"input\":\"x\"}", CCP_CHAT,
               CCP_E_BAD_REQUEST, "model");
    ut_refused("/api/embed", "{\"model\":\"m\",\"input\":[]}", CCP_CHAT,
               CCP_E_BAD_REQUEST, "no input");
    ut_refused("/v1beta/models/m:embedContent",
               "{\"content\":{\"parts\":[{\"inlineData\":{}}]}}", CCP_CHAT,
               CCP_E_BAD_REQUEST, "text alone");
    ut_refused("/v1beta/models/m:batchEmbedContents", "{\"content\":{}}",
               CCP_CHAT, CCP_E_BAD_REQUEST, "requests");

    /* tokens go to their own protocol, every byte as it came */

    mem = ut_mem(&ut_m);
    ut_open(&u, &mem, "/v1/embeddings",
            "{\"input\": [[1, 2]],\"model\":\"m\",\"x\":1e2}", CCP_CHAT, "/v1",
            "up");
    s = ut_cstr(u.body);
    UT_CHECK(u.rc == CCP_OK
             && strcmp(s, "{\"input\": [[1, 2]],\"model\":\"up\",\"x\":1e2}")
                == 0, "tokens to Chat: %s", s);
    free(s);
    ut_close(&u);

    /* another model for Gemini's batch is named with each input */

    ut_open(&u, &mem, ut_doors[BATCH].path, ut_doors[BATCH].two, CCP_GEMINI,
            "/v1beta", "up");
    s = ut_cstr(u.body);
    UT_CHECK(u.rc == CCP_OK && strstr(s, "models/up") && !strstr(s, "models/m"),
             "a batch for another model: %s", s);
    UT_CHECK(ut_str_is(u.uri, "/v1beta/models/up:batchEmbedContents"),
             "… and its path");
    free(s);
    ut_close(&u);

    /* task and both spellings of Gemini's members */

    ut_open(&u, &mem, ut_doors[SINGLE].path,
            "{\"content\":{\"parts\":[{\"text\":\"x\"},{\"text\":\"y\"}]},"
            "\"task_type\":\"CLUSTERING\",\"output_dimensionality\":3}",
            CCP_GEMINI, "/v1beta", "up");
    UT_CHECK(u.rc == CCP_OK
             && ut_is(u.body, "{\"content\":{\"parts\":[{\"text\":\"x\\ny\"}]},"
                      "\"taskType\":\"CLUSTERING\","
                      "\"outputDimensionality\":3}"),
             "Gemini's task and size");
    ut_close(&u);
}


/* path, body: the client; up, bytes: who answers what. */

static void
ut_one_answer(const char *path, const char *body, ccp_proto_e up, int status,
    const char *bytes, int want_status, const char *want, const char *what)
{
    ut_em_t    u;
    ccp_mem_t  mem;

    mem = ut_mem(&ut_m);
    ut_open(&u, &mem, path, body, up, "", "up");
    UT_CHECK(u.rc == CCP_OK, "%s: request", what);
    ut_answer(&u, status, bytes);
    UT_CHECK(u.rc == CCP_OK && u.head.status == want_status
             && ut_is(ccp_out_all(&u.out), want), "%s (%d)", what,
             u.head.status);
    ut_close(&u);
}


static void
ut_answers(void)
{
    const char  *base64;

    base64 = "{\"model\":\"m\",\"input\":\"x\",\"encoding_format\":"
             "\"base64\"}";

    /* 1.0, -2.5, 0.1 as little-endian floats */

    ut_one_answer("/v1/embeddings", base64, CCP_OLLAMA, 200,
                  "{\"embeddings\":[[1.0,-2.5,0.1]],\"prompt_eval_count\":3}",
                  200, "{\"object\":\"list\",\"data\":[{\"object\":"
                  "\"embedding\",\"index\":0,\"embedding\":"
                  "\"AACAPwAAIMDNzMw9\"}],\"model\":\"m\",\"usage\":"
                  "{\"prompt_tokens\":3,\"total_tokens\":3}}",
                  "base64 from numbers");
    ut_one_answer("/v1/embeddings", base64, CCP_GEMINI, 200,
                  "{\"embedding\":{\"values\":[1]}}",
                  200, "{\"object\":\"list\",\"data\":[{\"object\":"
                  "\"embedding\",\"index\":0,\"embedding\":\"AACAPw==\"}],"
                  "\"model\":\"m\",\"usage\":{\"prompt_tokens\":1,"
                  "\"total_tokens\":1}}", "base64 with padding");
    ut_one_answer("/api/embed", ut_doors[EMBED].one, CCP_CHAT, 200,
                  "{\"data\":[{\"index\":0,\"embedding\":"
                  "\"AACAPwAAIMDNzMw9\"}],\"usage\":{\"prompt_tokens\":3}}",
                  200, "{\"model\":\"m\",\"embeddings\":[[1,-2.5,0.1]],"
                  "\"total_duration\":0,\"load_duration\":0,"
                  "\"prompt_eval_count\":3}", "numbers from base64");
    ut_one_answer("/api/embed", ut_doors[EMBED].two, CCP_CHAT, 200,
                  "{\"data\":[{\"index\":1,\"embedding\":[2]},{\"index\":0,"
                  "\"embedding\":[1]}],\"usage\":{\"prompt_tokens\":3}}",
                  200, "{\"model\":\"m\",\"embeddings\":[[1],[2]],"
                  "\"total_duration\":0,\"load_duration\":0,"
                  "\"prompt_eval_count\":3}", "ordered by index");
    ut_one_answer("/api/embed", ut_doors[EMBED].two, CCP_CHAT, 200,
                  "{\"data\":[{\"index\":0,\"embedding\":[2]},{\"index\":0,"
                  "\"embedding\":[1]}],\"usage\":{\"prompt_tokens\":3}}",
                  200, "{\"model\":\"m\",\"embeddings\":[[2],[1]],"
                  "\"total_duration\":0,\"load_duration\":0,"
                  "\"prompt_eval_count\":3}", "indexes that are no order");

    /* what is no answer */

    ut_one_answer("/api/embed", ut_doors[EMBED].one, CCP_CHAT, 200, "{}",
                  502, "{\"error\":\"the upstream's answer has no embedding\"}",
                  "an empty answer");
    ut_one_answer("/api/embed", ut_doors[EMBED].one, CCP_CHAT, 200, "<html>",
                  502, "{\"error\":\"the upstream's answer is not JSON\"}",
                  "HTML");
    ut_one_answer("/api/embed", ut_doors[EMBED].one, CCP_CHAT, 200,
                  "{\"data\":[{\"index\":0}]}", 502,
                  "{\"error\":\"the upstream's answer has an embedding that "
                  "is no vector\"}", "a hole");
    ut_one_answer("/api/embed", ut_doors[EMBED].one, CCP_CHAT, 200,
                  "{\"data\":[{\"index\":0,\"embedding\":\"A*AA\"}]}", 502,
                  "{\"error\":\"the upstream's answer has an embedding that "
                  "can't be read\"}", "no base64");
    ut_one_answer("/api/embed", ut_doors[EMBED].one, CCP_CHAT, 200,
                  "{\"data\":[{\"index\":0,\"embedding\":\"AADAfw==\"}]}", 502,
                  "{\"error\":\"the upstream's answer has an embedding that "
                  "can't be read\"}", "not a number");
    ut_one_answer("/v1/embeddings", ut_doors[CHAT].one, CCP_OLLAMA, 404,
                  "{\"error\":\"model 'm' not found\"}", 404,
                  "{\"error\":{\"message\":\"model 'm' not found\",\"type\":"
                  "\"not_found_error\",\"param\":null,\"code\":"
                  "\"model_not_found\"}}", "an error");
    ut_one_answer("/v1/embeddings", ut_doors[CHAT].one, CCP_OLLAMA, 200,
                  "{\"error\":\"out of memory\"}", 500,
                  "{\"error\":{\"message\":\"out of memory\",\"type\":"
                  "\"server_error\",\"param\":null,\"code\":null}}",
                  "an error in a 200");
}


static void
ut_cut(void)
{
    ut_em_t    u;
    ccp_mem_t  mem;

    mem = ut_mem(&ut_m);
    ut_open(&u, &mem, "/api/embed", ut_doors[EMBED].one, CCP_CHAT, "/v1",
            NULL);
    ccp_out_init(&u.out, ccp_exchange_arena(u.x), 0);

    UT_CHECK(ccp_answer_begin(u.try, 200, ccp_none, ccp_none) == CCP_OK
             && ccp_answer_feed(u.try, (const uint8_t *) "{\"data\"", 7,
                                &u.out) == CCP_OK
             && ccp_answer_abort(u.try, CCP_E_TIMEOUT, "too late", &u.out)
             == CCP_OK
             && ccp_answer_head(u.try, &u.head) == CCP_OK
             && u.head.status == 504
             && ut_is(ccp_out_all(&u.out), "{\"error\":\"too late\"}"),
             "an upstream that dies");
    ut_close(&u);
}


static int
ut_memory(const ccp_mem_t *mem, void *arg)
{
    int          rc;
    ut_em_t      u;
    const int   *pair = arg;
    char         bytes[512];

    ut_open(&u, mem, ut_doors[pair[0]].path, ut_doors[pair[0]].one,
            ut_ups[pair[1]].proto, "", "up");

    if (u.rc == CCP_OK) {
        snprintf(bytes, sizeof(bytes),
                 ut_doors[ut_upstream_door(pair[0], pair[1], 0)].answer_one,
                 7, 7);
        ut_answer(&u, 200, bytes);
    }

    rc = u.rc;
    ut_close(&u);

    return rc;
}


int
main(void)
{
    int     client, pair[2];
    size_t  up;

    for (client = 0; client < DOORS; client++) {
        for (up = 0; up < sizeof(ut_ups) / sizeof(ut_ups[0]); up++) {
            ut_pair(client, up, 0);

            if (ut_doors[client].two) {
                ut_pair(client, up, 1);
            }

            pair[0] = client;
            pair[1] = (int) up;
            ut_fail_each("every allocation of an embedding", ut_memory, pair);
        }
    }

    ut_requests();
    ut_answers();
    ut_cut();

    UT_CHECK(ut_m.live == 0, "nothing is left allocated");

    return ut_done();
}
