
/*
 * Tries of one exchange: several at a time, each with its own request and
 * answer; what is encoded once stays encoded; what is over is given back.
 */

#include "codec/json/json_out.h"
#include "codec/provider/provider.h"
#include "codec/exchange/exchange.h"
#include "ut_exchange.h"


#define TRIES  50


typedef struct {
    ccp_exchange_t   *x;
    ccp_try_t        *a;
    ccp_try_t        *b;
    const ccp_out_t  *body_a;
    const ccp_out_t  *body_b;
    ccp_str_t         uri_a;
    ccp_str_t         uri_b;
    ccp_error_t       err;
} pair_t;


/* A name that Chat can't take as it is: the maps of the tries differ. */

#define NAME  "a_tool_whose_name_is_longer_than_the_sixty_four_characters_that_"  \
              "chat_takes"

static const char  request[] =
    "{\"model\":\"m\",\"max_tokens\":9,\"tools\":[{\"name\":\"" NAME "\","
    "\"input_schema\":{\"type\":\"object\"}}],\"messages\":[{\"role\":"
    "\"user\",\"content\":\"hi\"}]}";

static const char  answer_a[] =
    "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":"
    "\"m\",\"content\":[{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":"
    "\"" NAME "\",\"input\":{\"of\":\"a\"}}],\"stop_reason\":\"tool_use\","
    "\"stop_sequence\":null,\"usage\":{\"input_tokens\":1,"
    "\"output_tokens\":2}}";

/* the name is filled in as it was sent */
static const char  answer_b[] =
    "{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":"
    "\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
    "\"content\":null,\"tool_calls\":[{\"id\":\"c1\",\"type\":\"function\","
    "\"function\":{\"name\":\"%s\",\"arguments\":\"{\\\"of\\\":\\\"b\\\"}\"}}]"
    "},\"finish_reason\":\"tool_calls\"}],\"usage\":{\"prompt_tokens\":3,"
    "\"completion_tokens\":4,\"total_tokens\":7}}";


static int
pair_open(pair_t *p, const ccp_mem_t *mem)
{
    int           rc;
    ccp_target_t  t;

    memset(p, 0, sizeof(pair_t));

    p->x = ut_exchange_create(mem, "/v1/messages", NULL);
    if (p->x == NULL) {
        return CCP_NOMEM;
    }

    rc = ccp_exchange_request(p->x, ccp_cstr(request), ccp_none, &p->err);

    if (rc == CCP_OK) {
        ut_target(&t, ccp_provider_plain(CCP_ANTHROPIC));
        rc = ut_try(&p->a, p->x, &t, ccp_none, &p->body_a, &p->uri_a,
                    &p->err);
    }

    if (rc == CCP_OK) {
        ut_target(&t, ccp_provider_plain(CCP_CHAT));
        t.model = ccp_lit("other");
        rc = ut_try(&p->b, p->x, &t, ccp_none, &p->body_b, &p->uri_b,
                    &p->err);
    }

    return rc;
}


static int
feed(ccp_try_t *try, const char *bytes, size_t n, ccp_out_t *out)
{
    return ccp_answer_feed(try, (const uint8_t *) bytes, n, out);
}


/* The answer b as the upstream gives it: it knows the tool by its wire name. */

static char *
named(const char *body)
{
    char  *name, *text;

    name = strstr(body, "\"name\":\"") + 8;

    name = strndup(name, strcspn(name, "\""));
    text = malloc(sizeof(answer_b) + strlen(name));
    sprintf(text, answer_b, name);
    free(name);

    return text;
}


/* Two answers at a time, in turns: each comes out as if it were alone. */

static void
test_in_turns(void)
{
    long        count;
    char       *text, *got, *sent;
    size_t      half;
    pair_t      p;
    ut_mem_t    m;
    ccp_mem_t   mem;
    ccp_out_t   out_a, out_b;
    ccp_str_t   uri;

    const ccp_out_t  *body;

    ut_mem_init(&m);
    mem = ut_mem(&m);

    UT_CHECK(pair_open(&p, &mem) == CCP_OK && ccp_try_spliced(p.a)
             && !ccp_try_spliced(p.b), "one is spliced, one converted");

    sent = ut_out_text(p.body_a);
    UT_CHECK(strcmp(sent, request) == 0
             && ccp_str_is(p.uri_a, "/v1/messages")
             && ccp_str_is(p.uri_b, "/v1/chat/completions"),
             "the first's request stands beside the second's");
    free(sent);

    sent = ut_out_text(p.body_b);
    text = named(sent);
    UT_CHECK(strstr(text, NAME) == NULL, "the second has another name");

    ccp_out_init(&out_a, ccp_exchange_arena(p.x), 0);
    ccp_out_init(&out_b, ccp_exchange_arena(p.x), 0);

    half = strlen(answer_a) / 2;

    UT_CHECK(ccp_answer_begin(p.a, 200, ccp_lit("application/json"), ccp_none)
             == CCP_OK && feed(p.a, answer_a, half, &out_a) == CCP_OK
             && ccp_answer_begin(p.b, 200, ccp_lit("application/json"),
                                 ccp_none) == CCP_OK
             && feed(p.b, text, strlen(text), &out_b) == CCP_OK
             && ccp_answer_end(p.b, &out_b) == CCP_OK
             && ccp_answer_done(p.b) && !ccp_answer_done(p.a),
             "the second answers in between");

    /* back to the first: nothing is encoded for that, not even allocated */

    count = m.count;
    UT_CHECK(ccp_try_request(p.a, ccp_none, &body, &uri, &p.err) == CCP_OK
             && body == p.body_a && uri.p == p.uri_a.p && m.count == count,
             "the first's request is as it was made");

    UT_CHECK(feed(p.a, answer_a + half, strlen(answer_a) - half, &out_a)
             == CCP_OK && ccp_answer_end(p.a, &out_a) == CCP_OK,
             "the first goes on");

    got = ut_out_text(&out_a);
    UT_CHECK(strcmp(got, answer_a) == 0, "its answer passes as it is");
    free(got);

    got = ut_out_text(&out_b);
    UT_CHECK(strstr(got, "\"name\":\"" NAME "\"")
             && strstr(got, "{\"of\":\"b\"}"),
             "the second's gets the client's name of the tool back");
    free(got);

    free(sent);
    free(text);
    ccp_exchange_destroy(p.x);
    UT_CHECK(m.live == 0, "the exchange gives its tries back");
}


/* Target after target: the request is decoded once, and nothing of a try that
 * is over stays. */

static void
test_released(void)
{
    int              i, grows;
    long             live;
    size_t           size;
    ut_mem_t         m;
    ccp_mem_t        mem;
    ccp_str_t        uri;
    ccp_try_t       *try;
    ccp_error_t      err;
    ccp_target_t     t;
    ccp_exchange_t  *x;

    const ccp_out_t  *body;

    ut_mem_init(&m);
    mem = ut_mem(&m);
    x = ut_exchange_create(&mem, "/v1/messages", NULL);

    UT_CHECK(ccp_exchange_request(x, ccp_cstr(request), ccp_none, &err)
             == CCP_OK, "a request");

    live = 0;
    size = 0;
    grows = 0;

    for (i = 0; i < TRIES * CCP_NPROTO; i++) {
        ut_target(&t, ccp_provider_plain((ccp_proto_e) (i % CCP_NPROTO)));
        t.tools = i / CCP_NPROTO % 2 ? CCP_TOOLS_COMPAT : CCP_TOOLS_NATIVE;
        t.model = ccp_lit("other");

        if (ut_try(&try, x, &t, ccp_none, &body, &uri, &err) != CCP_OK
            || ccp_answer_begin(try, 500, ccp_none, ccp_none) != CCP_OK)
        {
            UT_CHECK(0, "try %d", i);
        }

        ccp_try_destroy(try);

        /* what all tries share is there after one round of either kind */

        if (i >= 2 * CCP_NPROTO) {
            grows += m.live != live || ccp_arena_size(ccp_exchange_arena(x))
                                       != size;
        }

        live = m.live;
        size = ccp_arena_size(ccp_exchange_arena(x));
    }

    UT_CHECK(grows == 0, "%d tries take no more than two", i);

    ccp_exchange_destroy(x);
    UT_CHECK(m.live == 0, "nothing is left");
}


/* Why a target was not asked is told after its try is gone. */

static void
test_refused(void)
{
    ccp_str_t        uri;
    ccp_try_t       *try;
    ccp_error_t      err;
    ccp_target_t     t;
    ccp_exchange_t  *x;

    const ccp_out_t  *body;

    static const char  hosted[] =
        "{\"model\":\"m\",\"max_tokens\":9,\"tools\":[{\"type\":"
        "\"code_execution_20250825\",\"name\":\"code_execution\"}],"
        "\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"document\","
        "\"source\":{\"type\":\"file\",\"file_id\":\"f1\"}}]}]}";

    x = ut_exchange_create(NULL, "/v1/messages", NULL);
    memset(&err, 0, sizeof(ccp_error_t));

    UT_CHECK(ccp_exchange_request(x, ccp_cstr(hosted), ccp_none, &err)
             == CCP_OK, "a request for one provider alone");

    ut_target(&t, ccp_provider_plain(CCP_CHAT));

    UT_CHECK(ut_try(&try, x, &t, ccp_none, &body, &uri, &err) == CCP_INVALID,
             "it is refused");

    ccp_try_destroy(try);
    UT_CHECK(err.cls == CCP_E_BAD_REQUEST
             && ccp_str_starts(err.message, "tool type code_execution"),
             "and says why afterwards: %.*s", (int) err.message.n,
             (const char *) err.message.p);

    ccp_exchange_destroy(x);
}


static int
starved(const ccp_mem_t *mem, void *arg)
{
    int     rc;
    pair_t  p;

    (void) arg;

    rc = pair_open(&p, mem);
    ccp_try_destroy(p.a);
    ccp_exchange_destroy(p.x);

    return rc;
}


int
main(void)
{
    test_in_turns();
    test_released();
    test_refused();
    ut_fail_each("two tries", starved, NULL);

    return ut_done();
}
