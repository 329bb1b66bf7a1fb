
/*
 * Paths to protocols and operations; groups; the compat segment.
 */

#include "codec/form/form_request.h"
#include "codec/exchange/exchange.h"
#include "ut.h"


typedef struct {
    const char   *path;
    const char   *args;
    ccp_proto_e   proto;
    ccp_op_e      op;
    const char   *group;
    const char   *model;
    int           stream;
    int           array;
    int           compat;
} ut_case_t;


static const ut_case_t  ut_cases[] = {
    { "/v1/messages", "beta=true", CCP_ANTHROPIC, CCP_OP_GENERATE, "", NULL,
      0, 0, 0 },
    { "/coder/v1/messages", "", CCP_ANTHROPIC, CCP_OP_GENERATE, "coder", NULL,
      0, 0, 0 },
    { "/a/b/compat/v1/chat/completions", "", CCP_CHAT, CCP_OP_GENERATE, "a/b",
      NULL, 0, 0, 1 },
    { "/compat_mode/v1/responses", "", CCP_RESPONSES, CCP_OP_GENERATE, "",
      NULL, 0, 0, 1 },
    { "/v1/messages/count_tokens", "", CCP_ANTHROPIC, CCP_OP_COUNT, "", NULL,
      0, 0, 0 },
    { "/v1beta/models/gemini-2.5-pro:generateContent", "", CCP_GEMINI,
      CCP_OP_GENERATE, "", "gemini-2.5-pro", 0, 0, 0 },
    { "/g/v1beta/models/gemini-2.5-pro:streamGenerateContent", "alt=sse",
      CCP_GEMINI, CCP_OP_GENERATE, "g", "gemini-2.5-pro", 1, 0, 0 },
    { "/v1/models/m:streamGenerateContent", "key=x", CCP_GEMINI,
      CCP_OP_GENERATE, "", "m", 1, 1, 0 },
    { "/v1beta/models/qwen3:8b/x:countTokens", "", CCP_GEMINI, CCP_OP_COUNT,
      "", "qwen3:8b/x", 0, 0, 0 },
    { "/v1beta/tunedModels/m:generateContent", "", CCP_GEMINI,
      CCP_OP_GENERATE, "", "m", 0, 0, 0 },
    { "/v1beta/models/m:embedContent", "", CCP_GEMINI, CCP_OP_EMBED, "", "m",
      0, 0, 0 },
    { "/v1beta/models/org/m/generateContent", "", CCP_GEMINI,
      CCP_OP_GENERATE, "", "org/m", 0, 0, 0 },
    { "/g/v1/models/m/streamGenerateContent", "alt=sse", CCP_GEMINI,
      CCP_OP_GENERATE, "g", "m", 1, 0, 0 },
    { "/v1beta/models/generateContent", "", CCP_GEMINI, CCP_OP_MODEL, "",
      "generateContent", 0, 0, 0 },
    { "/v1beta/models", "", CCP_GEMINI, CCP_OP_MODELS, "", NULL, 0, 0, 0 },
    { "/v1beta/models/m", "", CCP_GEMINI, CCP_OP_MODEL, "", "m", 0, 0, 0 },
    { "/v1/models", "", CCP_CHAT, CCP_OP_MODELS, "", NULL, 0, 0, 0 },
    { "/v1/models/a/b", "", CCP_CHAT, CCP_OP_MODEL, "", "a/b", 0, 0, 0 },
    { "/api/chat", "", CCP_OLLAMA, CCP_OP_GENERATE, "", NULL, 0, 0, 0 },
    { "/x/api/generate", "", CCP_OLLAMA, CCP_OP_GENERATE, "x", NULL, 0, 0, 0 },
    { "/api/embeddings", "", CCP_OLLAMA, CCP_OP_EMBED, "", NULL, 0, 0, 0 },
    { "/api/version", "", CCP_OLLAMA, CCP_OP_VERSION, "", NULL, 0, 0, 0 },
    { "/", "", CCP_CHAT, CCP_OP_ROOT, "", NULL, 0, 0, 0 },
    { "/health", "", CCP_CHAT, CCP_OP_HEALTH, "", NULL, 0, 0, 0 },
    { "/v1/messages/", "", CCP_ANTHROPIC, CCP_OP_GENERATE, "", NULL, 0, 0, 0 },
    { "/x/v1/responses/input_tokens", "", CCP_RESPONSES, CCP_OP_COUNT, "x",
      NULL, 0, 0, 0 },
    { "/responses/compact", "", CCP_RESPONSES, CCP_OP_COMPACT, "", NULL,
      0, 0, 0 },
    { "/messages", "beta=true", CCP_ANTHROPIC, CCP_OP_GENERATE, "", NULL,
      0, 0, 0 },
    { "/messages/count_tokens", "", CCP_ANTHROPIC, CCP_OP_COUNT, "", NULL,
      0, 0, 0 },
    { "/a/compat/chat/completions/", "", CCP_CHAT, CCP_OP_GENERATE, "a", NULL,
      0, 0, 1 },
    { "/responses", "", CCP_RESPONSES, CCP_OP_GENERATE, "", NULL, 0, 0, 0 },
    { "/embeddings", "", CCP_CHAT, CCP_OP_EMBED, "", NULL, 0, 0, 0 },
    { "/coder/models", "", CCP_CHAT, CCP_OP_MODELS, "coder", NULL, 0, 0, 0 },
    { "/v1/threads/t/messages", "", CCP_ANTHROPIC, CCP_OP_UNKNOWN, "", NULL,
      0, 0, 0 },
    { "/v2/chat/completions", "", CCP_CHAT, CCP_OP_UNKNOWN, "", NULL,
      0, 0, 0 },
    { "/mymessages", "", CCP_CHAT, CCP_OP_UNKNOWN, "", NULL, 0, 0, 0 },
    { "/v1/messages/batches", "", CCP_ANTHROPIC, CCP_OP_UNKNOWN, "", NULL,
      0, 0, 0 },
    { "/v1beta/models/m:predict", "", CCP_GEMINI, CCP_OP_MODEL, "",
      "m:predict", 0, 0, 0 },
    { "/api/pull", "", CCP_OLLAMA, CCP_OP_UNKNOWN, "", NULL, 0, 0, 0 },
    { "/v1/files", "", CCP_CHAT, CCP_OP_UNKNOWN, "", NULL, 0, 0, 0 },
    { "/nothing", "", CCP_CHAT, CCP_OP_UNKNOWN, "", NULL, 0, 0, 0 }
};


static void
test_names(void)
{
    int          proto;
    const char  *name;

    static const char *const  names[CCP_NPROTO] = {
#define ut_name(id, name, letter)  #name,
        CCP_PROTOCOLS(ut_name)
    };

    for (proto = 0; proto < CCP_NPROTO; proto++) {
        name = ccp_proto_ops(proto)->name;

        UT_CHECK(strcmp(name, names[proto]) == 0
                 && ccp_proto_find(ccp_cstr(name)) == (ccp_proto_e) proto,
                 "%s is the name of its row and of its list", name);
    }

    UT_CHECK(ccp_proto_find(ccp_lit("soap")) == CCP_NPROTO,
             "no protocol of another name");
}


int
main(void)
{
    size_t            i;
    unsigned          asker;
    const char       *mark;
    const ut_case_t  *c;
    ccp_endpoint_t    ep;

    for (i = 0; i < sizeof(ut_cases) / sizeof(ut_cases[0]); i++) {
        c = &ut_cases[i];
        ccp_endpoint_parse(&ep, ccp_cstr(c->path), ccp_cstr(c->args), 0);

        UT_CHECK(ep.proto == c->proto && ep.op == c->op
                 && (c->op == CCP_OP_UNKNOWN || ccp_str_is(ep.group, c->group))
                 && (c->model ? ccp_str_is(ep.model, c->model)
                              : ep.model.p == NULL)
                 && ep.stream == (unsigned) c->stream
                 && ep.array == (unsigned) c->array
                 && ep.compat == (unsigned) c->compat,
                 "%s?%s", c->path, c->args);
    }

    for (i = 0; (mark = ccp_endpoint_mark(i, &asker)) != NULL; i++) {
        ccp_endpoint_parse(&ep, ccp_cstr("/v1/models"), ccp_none, asker);
        UT_CHECK(ep.op == CCP_OP_MODELS
                 && ep.proto == (strcmp(mark, "anthropic-version") == 0
                                 ? CCP_ANTHROPIC : CCP_GEMINI),
                 "%s decides for the model list", mark);
    }

    UT_CHECK(i == 3, "of two protocols");

    ccp_endpoint_parse(&ep, ccp_cstr("/v1/chat/completions"), ccp_none, 1);
    UT_CHECK(ep.proto == CCP_CHAT, "but not for an endpoint of its own");

    test_names();

    return ut_done();
}
