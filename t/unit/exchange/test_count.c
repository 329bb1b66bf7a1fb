
/*
 * Token counts and model lists: each client, each upstream that can count,
 * each allocation failing.
 */

#include "codec/base/base_time.h"
#include "codec/json/json_out.h"
#include "codec/form/form_error.h"
#include "codec/form/form_request.h"
#include "codec/provider/provider.h"
#include "codec/exchange/exchange_models.h"
#include "ut_exchange.h"


typedef struct {
    ccp_proto_e   proto;
    const char   *path;
    const char   *request;
    const char   *answer;      /* 41 tokens */
} ut_count_t;


static const ut_count_t  ut_counts[] = {
    { CCP_ANTHROPIC, "/v1/messages/count_tokens",
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],"
      "\"tools\":[{\"name\":\"f\",\"input_schema\":{\"type\":\"object\"}}]}",
      "{\"input_tokens\":41}" },
    { CCP_RESPONSES, "/v1/responses/input_tokens",
      "{\"model\":\"m\",\"input\":\"hi\",\"tools\":[{\"type\":\"function\","
      "\"name\":\"f\",\"parameters\":{\"type\":\"object\"}}]}",
      "{\"object\":\"response.input_tokens\",\"input_tokens\":41}" },
    { CCP_GEMINI, "/v1beta/models/m:countTokens",
      "{\"generateContentRequest\":{\"model\":\"models/m\",\"contents\":"
      "[{\"role\":\"user\",\"parts\":[{\"text\":\"hi\"}]}]}}",
      "{\"totalTokens\":41}" }
};

#define UT_NCOUNTS  (sizeof(ut_counts) / sizeof(ut_counts[0]))


typedef struct {
    const ut_count_t  *client;
    const ut_count_t  *up;
    int                status;
    const char        *answer;     /* of the upstream */
    char               got[512];
    char               body[2048]; /* sent to it */
    char               uri[256];
    int                code;
} ut_try_t;


static ccp_exchange_t *
ut_exchange(const ccp_mem_t *mem, const char *path, int anthropic)
{
    ccp_env_t       env;
    ccp_endpoint_t  ep;

    ut_env(&env, mem);
    ccp_endpoint_parse(&ep, ccp_cstr(path), ccp_none, anthropic);

    return ccp_exchange_create(&env, &ep);
}


static void
ut_copy(char *to, size_t size, const ccp_out_t *out)
{
    size_t     k, n;
    ccp_str_t  s;

    n = 0;

    for (k = 0; (s = ccp_out_seg(out, k)).p; k++) {
        if (n + s.n < size) {
            memcpy(to + n, s.p, s.n);
            n += s.n;
        }
    }

    to[n] = '\0';
}


static int
ut_ask(ccp_exchange_t *x, ut_try_t *t, ccp_out_t *out)
{
    int               rc;
    ccp_str_t         uri;
    ccp_try_t        *try;
    ccp_head_t        head;
    ccp_error_t       err;
    ccp_target_t      target;
    const ccp_out_t  *body;

    ut_target(&target, ccp_provider_plain(t->up->proto));
    target.root = ccp_lit("/root");
    target.model = ccp_lit("other");

    rc = ccp_exchange_request(x, ccp_cstr(t->client->request), ccp_none, &err);

    if (rc == CCP_OK) {
        rc = ut_try(&try, x, &target, ccp_none, &body, &uri, &err);
    }

    if (rc != CCP_OK) {
        return rc;
    }

    ut_copy(t->body, sizeof(t->body), body);
    snprintf(t->uri, sizeof(t->uri), "%.*s", (int) uri.n,
             (const char *) uri.p);

    rc = ccp_answer_begin(try, t->status, ccp_lit("application/json"),
                          ccp_none);

    if (rc == CCP_OK) {
        rc = ccp_answer_feed(try, (const uint8_t *) t->answer,
                             strlen(t->answer), out);
    }

    if (rc == CCP_OK) {
        rc = ccp_answer_end(try, out);
    }

    if (rc == CCP_OK) {
        t->code = ccp_answer_head(try, &head) == CCP_OK ? head.status : 0;
        ut_copy(t->got, sizeof(t->got), out);
    }

    return rc;
}


static int
ut_run(const ccp_mem_t *mem, void *arg)
{
    int              rc;
    ccp_out_t        out;
    ccp_exchange_t  *x;
    ut_try_t        *t = arg;

    x = ut_exchange(mem, t->client->path, 0);
    if (x == NULL) {
        return CCP_NOMEM;
    }

    ccp_out_init(&out, ccp_exchange_arena(x), 0);
    rc = ut_ask(x, t, &out);
    ccp_exchange_destroy(x);

    return rc;
}


static void
ut_pair(const ut_count_t *client, const ut_count_t *up)
{
    int        number;
    char       name[128];
    ut_try_t   t;
    ut_mem_t   m;
    ccp_mem_t  mem;

    snprintf(name, sizeof(name), "%s from %s",
             ccp_proto_ops(client->proto)->name,
             ccp_proto_ops(up->proto)->name);

    memset(&t, 0, sizeof(t));
    t.client = client;
    t.up = up;
    t.status = 200;
    t.answer = up->answer;

    ut_fail_each(name, ut_run, &t);

    UT_CHECK(t.code == 200 && strcmp(t.got, client->answer) == 0,
             "%s: the upstream's number: %s", name, t.got);
    UT_CHECK(strstr(t.body, "max_") == NULL && strstr(t.body, "stream") == NULL
             && strstr(t.body, "store") == NULL, "%s: %s", name, t.body);
    UT_CHECK(strncmp(t.uri, "/root/", 6) == 0
             && (strstr(t.uri, "count") || strstr(t.uri, "input_tokens")),
             "%s: %s", name, t.uri);

    /* failures of all kinds become an estimate */

    static const struct { int status; const char *answer; } bad[] = {
        { 404, "not here" }, { 429, "{\"error\":{\"message\":\"slow down\"}}" },
        { 500, "" }, { 200, "[]" }, { 200, "hello" }, { 200, "" },
        { 200, "{\"tokens\":5}" }
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ut_mem_init(&m);
        mem = ut_mem(&m);
        t.status = bad[i].status;
        t.answer = bad[i].answer;
        t.got[0] = '\0';
        number = 0;

        UT_CHECK(ut_run(&mem, &t) == CCP_OK && t.code == 200
                 && sscanf(strstr(t.got, "okens\":") ? strstr(t.got, "okens\":")
                           : "", "okens\":%d}", &number) == 1
                 && number > 0 && number != 41 && number < 600,
                 "%s: status %d gives an estimate: %s", name, t.status, t.got);
        UT_CHECK(m.live == 0, "%s: nothing is left", name);
    }
}


typedef struct {
    const char  *path;
    int          anthropic;
    const char  *has;
} ut_list_t;


static int
ut_list(const ccp_mem_t *mem, void *arg)
{
    int              rc;
    char             got[4096];
    ccp_out_t        out;
    ccp_exchange_t  *x;
    ut_list_t       *l = arg;

    static const ccp_model_t  models[] = {
        { { (const uint8_t *) "a\"b", 3, 0, 0 }, { NULL, 0, 0, 0 }, 100,
          CCP_UNSET_INT, CCP_NPROTO },
        { { (const uint8_t *) "only", 4, 0, 0 },
          { (const uint8_t *) "me", 2, 0, 0 }, CCP_UNSET_INT, 7,
          CCP_ANTHROPIC }
    };

    x = ut_exchange(mem, l->path, l->anthropic);
    if (x == NULL) {
        return CCP_NOMEM;
    }

    ccp_out_init(&out, ccp_exchange_arena(x), 0);
    rc = ccp_models_list(x, models, 2, ccp_none, 1763800000, &out);

    if (rc == CCP_OK) {
        ut_copy(got, sizeof(got), &out);
        UT_CHECK(strstr(got, l->has), "%s: %s", l->path, got);
        UT_CHECK(l->anthropic == (strstr(got, "only") != NULL),
                 "%s: what others may not see", l->path);
    }

    ccp_exchange_destroy(x);

    return rc;
}


static void
ut_lists(void)
{
    size_t  i;

    static ut_list_t  lists[] = {
        { "/v1/models", 1, "\"id\":\"a\\\"b\",\"display_name\":\"a\\\"b\","
          "\"created_at\":\"2025-11-22T08:26:40Z\",\"max_input_tokens\":100,"
          "\"max_tokens\":null" },
        { "/v1/models", 0, "\"id\":\"a\\\"b\"" },
        { "/v1beta/models", 0, "\"name\":\"models/a\\\"b\"" },
        { "/api/tags", 0, "\"name\":\"a\\\"b:latest\"" }
    };

    for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        ut_fail_each(lists[i].path, ut_list, &lists[i]);
    }
}


static void
ut_times(void)
{
    size_t  i;
    char    buf[CCP_TIME_LEN];

    static const struct { int64_t t; const char *text; } times[] = {
        { 0, "1970-01-01T00:00:00Z" },
        { 951782400, "2000-02-29T00:00:00Z" },
        { 1763800000, "2025-11-22T08:26:40Z" },
        { 4107542399, "2100-02-28T23:59:59Z" },
        { 4107542400, "2100-03-01T00:00:00Z" }
    };

    for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        ccp_time_write(buf, times[i].t);
        UT_CHECK(strcmp(buf, times[i].text) == 0, "%s", buf);
    }
}


int
main(void)
{
    size_t  i, k;

    for (i = 0; i < UT_NCOUNTS; i++) {
        for (k = 0; k < UT_NCOUNTS; k++) {
            ut_pair(&ut_counts[i], &ut_counts[k]);
        }
    }

    ut_lists();
    ut_times();

    return ut_done();
}
