
/*
 * A protocol that is added by its row alone (telex.c), through the codec's
 * face: its clients to Chat, Chat's clients to it, and what the module answers
 * itself.  Built with a copy of the codec that knows it.
 */

#include "codec/exchange/exchange_models.h"
#include "codec/rewrite/rewrite_params.h"
#include "ut_exchange.h"


typedef struct {
    const char   *name;
    const char   *path;        /* of the client */
    const char   *request;
    ccp_proto_e   up;
    const char   *uri;         /* what the upstream gets */
    const char   *body;        /* NULL: the client's own bytes */
    const char   *type;
    const char   *answer;
    const char   *got;         /* by the client; CRLF is nowhere in it */
    const char   *note;        /* or NULL */
} ut_way_t;


static const ut_way_t  ut_ways[] = {
    { "telex to Chat", "/g/telex/send",
      "{\"to\":\"m\",\"orders\":\"be brief\",\"words\":9,\"talk\":["
      "{\"by\":\"me\",\"say\":\"h\\u00e9\"},{\"by\":\"it\",\"say\":\"ho\"},"
      "{\"by\":\"me\",\"say\":\"?\"}],\"colour\":\"red\"}",
      CCP_CHAT, "/v1/chat/completions",
      "{\"model\":\"m\",\"max_tokens\":9,\"messages\":["
      "{\"role\":\"system\",\"content\":\"be brief\"},"
      "{\"role\":\"user\",\"content\":\"h\\u00e9\"},"
      "{\"role\":\"assistant\",\"content\":\"ho\"},"
      "{\"role\":\"user\",\"content\":\"?\"}]}",
      "application/json",
      "{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,"
      "\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":"
      "\"assistant\",\"content\":\"y\\\"s\"},\"finish_reason\":\"length\"}],"
      "\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":2,"
      "\"total_tokens\":9}}",
      "{\"say\":\"y\\\"s\",\"why\":\"cut\",\"used\":[7,2]}",
      "colour: known to telex alone" },

    { "telex to Chat, live", "/telex/send",
      "{\"to\":\"m\",\"live\":true,\"talk\":[{\"by\":\"me\",\"say\":\"?\"}]}",
      CCP_CHAT, "/v1/chat/completions",
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"?\"}],"
      "\"stream\":true,\"stream_options\":{\"include_usage\":true}}",
      "text/event-stream",
      "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
      "\"y\"}}]}\n\n"
      "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
      "\"es\"},\"finish_reason\":\"stop\"}]}\n\n"
      "data: {\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":7,"
      "\"completion_tokens\":2}}\n\ndata: [DONE]\n\n",
      "{\"bit\":\"y\"}\n{\"bit\":\"es\"}\n"
      "{\"why\":\"end\",\"used\":[7,2]}\n", NULL },

    { "Chat to telex", "/v1/chat/completions",
      "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"s\"},"
      "{\"role\":\"user\",\"content\":\"?\"}],\"max_tokens\":9,"
      "\"logit_bias\":{\"1\":2}}",
      CCP_TELEX, "/v1/telex/send",
      "{\"to\":\"m\",\"orders\":\"s\",\"words\":9,\"talk\":[{\"by\":\"me\","
      "\"say\":\"?\"}]}",
      "application/json", "{\"say\":\"yes\",\"why\":\"end\",\"used\":[3,1]}",
      "{\"role\":\"assistant\",\"content\":\"yes\"", "logit_bias: known to "
      "chat alone" },

    { "Chat to telex, live", "/v1/chat/completions",
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"?\"}],"
      "\"stream\":true}",
      CCP_TELEX, "/v1/telex/send",
      "{\"to\":\"m\",\"live\":true,\"talk\":[{\"by\":\"me\",\"say\":\"?\"}]}",
      "application/x-telex",
      "{\"bit\":\"y\"}\n{\"bit\":\"es\"}\n{\"why\":\"cut\",\"used\":[3,1]}\n",
      "\"finish_reason\":\"length\"", NULL },

    { "telex to telex", "/telex/send",
      "{\"to\":\"m\", \"talk\":[ {\"by\":\"me\",\"say\":\"?\"} ], "
      "\"ribbon\":1}",
      CCP_TELEX, "/v1/telex/send", NULL,
      "application/json", "{\"say\": \"yes\", \"why\":\"end\"}",
      "{\"say\": \"yes\", \"why\":\"end\"}", NULL },

    { "a count that an upstream makes", "/telex/weigh",
      "{\"to\":\"m\",\"talk\":[{\"by\":\"me\",\"say\":\"?\"}]}",
      CCP_ANTHROPIC, "/v1/messages/count_tokens",
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":["
      "{\"type\":\"text\",\"text\":\"?\","
      "\"cache_control\":{\"type\":\"ephemeral\"}}]}]}",
      "application/json", "{\"input_tokens\":41}", "{\"weight\":41}", NULL },

    { "a count of telex", "/v1/messages/count_tokens",
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"?\"}]}",
      CCP_TELEX, "/v1/telex/weigh",
      "{\"to\":\"m\",\"talk\":[{\"by\":\"me\",\"say\":\"?\"}]}",
      "application/json", "{\"weight\":41}", "{\"input_tokens\":41}", NULL }
};


/* A provider of that protocol; telex has none in the table. */

static const ccp_provider_t *
ut_provider(ccp_proto_e proto)
{
    static ccp_provider_t  telex;

    if (proto != CCP_TELEX) {
        return ccp_provider_plain(proto);
    }

    telex = *ccp_provider_plain(CCP_CHAT);
    telex.name = "telex";
    telex.proto = CCP_TELEX;

    return &telex;
}


/* What a try sends, and what comes of the answer. */

static int
ut_go(ccp_exchange_t *x, const ut_way_t *w, ccp_try_t **try, char **sent,
    char **uri, ccp_out_t *out)
{
    int               rc;
    ccp_str_t         s;
    ccp_error_t       err;
    ccp_target_t      t;
    const ccp_out_t  *body;

    memset(&err, 0, sizeof(err));
    ut_target(&t, ut_provider(w->up));

    rc = ccp_exchange_request(x, ccp_cstr(w->request), ccp_none, &err);

    if (rc == CCP_OK) {
        rc = ut_try(try, x, &t, ccp_none, &body, &s, &err);
    }

    if (rc != CCP_OK) {
        return rc;
    }

    *sent = ut_out_text(body);
    *uri = ut_cstr(s);

    rc = ccp_answer_begin(*try, 200, ccp_cstr(w->type), ccp_none);

    if (rc == CCP_OK) {
        rc = ccp_answer_feed(*try, (const uint8_t *) w->answer,
                             strlen(w->answer), out);
    }

    return rc == CCP_OK ? ccp_answer_end(*try, out) : rc;
}


static int
ut_way(const ccp_mem_t *mem, void *arg)
{
    int              rc;
    char            *sent, *uri, *got;
    ccp_out_t        out;
    ccp_try_t       *try;
    ccp_exchange_t  *x;
    const ut_way_t  *w = arg;

    x = ut_exchange_create(mem, w->path, NULL);
    if (x == NULL) {
        return CCP_NOMEM;
    }

    sent = NULL;
    uri = NULL;
    ccp_out_init(&out, ccp_exchange_arena(x), 0);
    rc = ut_go(x, w, &try, &sent, &uri, &out);

    if (rc == CCP_OK) {
        rc = ccp_out_finish(&out);
    }

    if (rc == CCP_OK) {
        got = ut_out_text(&out);

        UT_CHECK(strcmp(uri, w->uri) == 0, "%s: path %s", w->name, uri);
        UT_CHECK(strcmp(sent, w->body ? w->body : w->request) == 0,
                 "%s: sent %s", w->name, sent);
        UT_CHECK(w->path[1] == 'v' ? strstr(got, w->got) != NULL
                                   : strcmp(got, w->got) == 0,
                 "%s: got %s", w->name, got);
        UT_CHECK(ccp_try_spliced(try) == (w->body == NULL)
                 && (w->note == NULL || ut_noted(try, w->note)),
                 "%s: spliced or noted", w->name);
        free(got);
    }

    free(sent);
    free(uri);
    ccp_exchange_destroy(x);

    return rc;
}


static void
ut_endpoints(void)
{
    size_t          i;
    ccp_endpoint_t  ep;

    static const struct {
        const char  *path;
        ccp_op_e     op;
        const char  *group;
        const char  *model;
    } paths[] = {
        { "/telex/send", CCP_OP_GENERATE, "", NULL },
        { "/a/b/compat/telex/send", CCP_OP_GENERATE, "a/b", NULL },
        { "/telex/weigh", CCP_OP_COUNT, "", NULL },
        { "/a/telex/desks/", CCP_OP_MODELS, "a", NULL },
        { "/a/telex/desks/x/y", CCP_OP_MODEL, "a", "x/y" },
        { "/telex/year", CCP_OP_VERSION, "", NULL },
        { "/telex/repair", CCP_OP_UNKNOWN, "telex/repair", NULL }
    };

    for (i = 0; i < ccp_countof(paths); i++) {
        ccp_endpoint_parse(&ep, ccp_cstr(paths[i].path), ccp_none, 0);

        UT_CHECK(ep.proto == CCP_TELEX && ep.op == paths[i].op
                 && (ep.op == CCP_OP_UNKNOWN
                     || ccp_str_is(ep.group, paths[i].group))
                 && (paths[i].model ? ccp_str_is(ep.model, paths[i].model)
                                    : ep.model.p == NULL),
                 "%s", paths[i].path);
    }

    ccp_endpoint_parse(&ep, ccp_cstr("/v1/chat/completions"), ccp_none, 0);
    UT_CHECK(ep.proto == CCP_CHAT && ccp_proto_find(ccp_lit("telex"))
             == CCP_TELEX && CCP_TELEX == CCP_NPROTO - 1,
             "the others stay where they were");
}


static int
ut_lists(const ccp_mem_t *mem, void *arg)
{
    int              rc;
    char            *got;
    ccp_out_t        out;
    ccp_exchange_t  *x;

    static const ccp_model_t  models[] = {
        { .id = { (const uint8_t *) "a", 1, 0, 0 }, .only = CCP_NPROTO },
        { .id = { (const uint8_t *) "b", 1, 0, 0 }, .only = CCP_CHAT },
        { .id = { (const uint8_t *) "c", 1, 0, 0 }, .only = CCP_TELEX },
        { .id = { (const uint8_t *) "d", 1, 0, 0 }, .only = CCP_NPROTO }
    };

    (void) arg;

    x = ut_exchange_create(mem, "/telex/desks", NULL);
    if (x == NULL) {
        return CCP_NOMEM;
    }

    ccp_out_init(&out, ccp_exchange_arena(x), 0);
    rc = ccp_models_list(x, models, 4, ccp_lit("first=2"), 1, &out);

    if (rc == CCP_OK) {
        rc = ccp_models_one(x, &models[3], 1, &out);
    }

    if (rc == CCP_OK) {
        got = ut_out_text(&out);
        UT_CHECK(strstr(got, "{\"desks\":[{\"desk\":\"a\"},{\"desk\":\"c\"}]}")
                 && strstr(got, "{\"desk\":\"d\"}"), "lists: %s", got);
        UT_CHECK(ut_str_is(ccp_model_known(CCP_TELEX, 0), "desk-1")
                 && ccp_model_known(CCP_TELEX, 1).p == NULL, "known names");
        free(got);
    }

    ccp_exchange_destroy(x);

    return rc;
}


/* Errors, the estimate and the version: documents that need no upstream. */

static void
ut_local(void)
{
    char            *got;
    ccp_out_t        out;
    ccp_head_t       head;
    ccp_error_t      err;
    ccp_exchange_t  *x;

    x = ut_exchange_create(NULL, "/telex/weigh", NULL);
    ccp_out_init(&out, ccp_exchange_arena(x), 0);

    UT_CHECK(ccp_exchange_request(x, ccp_lit("{\"talk\":[]}"), ccp_none, &err)
             == CCP_INVALID
             && ccp_exchange_error(x, &err, &head, &out) == CCP_OK
             && head.status == 422, "an error of the module's own");
    got = ut_out_text(&out);
    UT_CHECK(strcmp(got, "{\"fault\":\"to: nobody is named\"}") == 0, "%s",
             got);
    free(got);

    ccp_out_reset(&out);
    UT_CHECK(ccp_exchange_request(x, ccp_lit("{\"to\":\"m\",\"talk\":["
                                             "{\"by\":\"me\",\"say\":\"hi\"}]}"
                                            ), ccp_none, &err) == CCP_OK
             && ccp_exchange_count(x, &head, &out) == CCP_OK,
             "an estimate in its form");
    got = ut_out_text(&out);
    UT_CHECK(strncmp(got, "{\"weight\":", 10) == 0 && got[10] > '0', "%s",
             got);
    free(got);
    ccp_exchange_destroy(x);

    x = ut_exchange_create(NULL, "/telex/year", NULL);
    ccp_out_init(&out, ccp_exchange_arena(x), 0);
    UT_CHECK(ccp_exchange_local(x, &out) == CCP_OK
             && ut_str_is(ccp_out_all(&out), "{\"version\":\"1933\"}"),
             "its version");
    ccp_exchange_destroy(x);
}


/* What the configuration changes, and what may pass. */

static void
ut_rules(void)
{
    char               *got;
    ccp_out_t           heads;
    ccp_str_t           uri;
    ccp_error_t         err;
    ccp_target_t        t;
    ccp_prompt_t        prompt;
    ccp_try_t          *try;
    ccp_exchange_t     *x;
    const ccp_out_t    *body;
    ccp_prompt_rules_t  rules;

    static const ccp_header_t  in[] = {
        { { (const uint8_t *) "X-Telex-Line", 12, 0, 0 },
          { (const uint8_t *) "7", 1, 0, 0 } },
        { { (const uint8_t *) "X-Other", 7, 0, 0 },
          { (const uint8_t *) "8", 1, 0, 0 } }
    };

    memset(&err, 0, sizeof(err));
    memset(&prompt, 0, sizeof(prompt));
    memset(&rules, 0, sizeof(rules));
    prompt.text = ccp_lit("in capitals");
    rules.prompts = &prompt;
    rules.nprompts = 1;
    rules.ratio = 1;

    x = ut_exchange_create(NULL, "/telex/send", NULL);
    ccp_exchange_rules(x, &rules);
    ut_target(&t, ut_provider(CCP_TELEX));
    t.max_tokens = 5;
    t.model = ccp_lit("other");

    UT_CHECK(ccp_exchange_request(x, ccp_lit("{\"to\":\"m\",\"words\":9}"),
                                  ccp_none, &err) == CCP_OK
             && ut_try(&try, x, &t, ccp_none, &body, &uri, &err)
                == CCP_OK && ccp_try_spliced(try), "a splice");
    got = ut_out_text(body);
    UT_CHECK(strcmp(got, "{\"to\":\"other\",\"words\":5,"
                         "\"orders\":\"in capitals\"}") == 0,
             "model, cap and prompt are at their places: %s", got);
    free(got);

    ccp_out_init(&heads, ccp_exchange_arena(x), 0);
    UT_CHECK(ccp_try_headers(try, ccp_none, in, 2, &heads) == CCP_OK,
             "headers");
    got = ut_out_text(&heads);
    UT_CHECK(strstr(got, "X-Telex-Line: 7\r\n") && !strstr(got, "X-Other"),
             "its clients' headers pass, no others: %s", got);
    free(got);

    t.proto = CCP_CHAT;
    t.provider = ut_provider(CCP_CHAT);
    UT_CHECK(ccp_exchange_request(x, ccp_lit("{\"to\":\"m\",\"ribbon\":1,"
                                             "\"talk\":[]}"), ccp_none, &err)
             == CCP_OK
             && ut_try(&try, x, &t, ccp_none, &body, &uri, &err)
                == CCP_INVALID
             && ut_str_is(err.message, "ribbon: no other machine has one"),
             "what no other protocol has");
    ccp_exchange_destroy(x);

    UT_CHECK(ccp_param_is_owned(ccp_proto_ops(CCP_TELEX), "talk")
             && !ccp_param_is_owned(ccp_proto_ops(CCP_TELEX), "messages"),
             "no parameter sets the conversation");
}


int
main(void)
{
    size_t  i;

    ut_endpoints();

    for (i = 0; i < ccp_countof(ut_ways); i++) {
        ut_fail_each(ut_ways[i].name, ut_way, (void *) &ut_ways[i]);
    }

    ut_fail_each("lists", ut_lists, NULL);
    ut_local();
    ut_rules();

    return ut_done();
}
