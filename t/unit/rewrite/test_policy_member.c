
/*
 * Members of requests that rules of a place leave, take out and refuse, and
 * limits of tokens in all their spellings; at random: test_policy.c.
 */

#include "codec/exchange/exchange.h"
#include "codec/rewrite/rewrite_prompt.h"
#include "ut_exchange.h"


/*
 * What a target of the same protocol gets, or why it gets nothing.  got:
 * size bytes.
 */

static int
sent(const char *path, const ccp_prompt_rules_t *rules, int64_t limit,
    const char *body, ccp_proto_e to, char *got, size_t size)
{
    int               rc;
    char             *text;
    ccp_str_t         uri;
    ccp_try_t        *try;
    ccp_error_t       err;
    ccp_target_t      target;
    ccp_exchange_t   *x;
    const ccp_out_t  *out;

    x = ut_exchange_create(NULL, path, NULL);
    if (x == NULL) {
        abort();
    }

    memset(&err, 0, sizeof(err));
    ccp_exchange_rules(x, rules);
    rc = ccp_exchange_request(x, ccp_cstr(body), ccp_none, &err);

    if (rc == CCP_OK) {
        ut_target(&target, ccp_provider_plain(to));
        target.max_tokens = limit;
        rc = ut_try(&try, x, &target, ccp_none, &out, &uri, &err);
    }

    if (rc == CCP_OK) {
        text = ut_out_text(out);
        snprintf(got, size, "%s", text);
        free(text);

    } else {
        text = ut_cstr(err.message);
        snprintf(got, size, "%s", text);
        free(text);
    }

    ccp_exchange_destroy(x);

    return rc;
}


/* Members that stay, go and are refused. */

static void
test_members(void)
{
    int                 rc;
    char                got[2048];
    size_t              i;
    ccp_prompt_t        replace, enhance;
    ccp_prompt_rules_t  rules[4];

    static const ccp_str_t  bash = ccp_lit("Bash");

    static const struct {
        const char  *name;
        unsigned     rules;
        const char  *path;
        ccp_proto_e  proto;
        const char  *in;
        int          rc;
        const char  *want;         /* all of it; of an error a part */
    } cases[] = {
        { "a template, a context and raw go, what is a number stays", 0,
          "/api/generate", CCP_OLLAMA,
          "{\"model\":\"m\",\"raw\":true,\"context\":[1,2],\"template\":\"x\","
          "\"z\":7,\"prompt\":\"u\",\"system\":\"s\"}", CCP_OK,
          "{\"model\":\"m\",\"z\":7,\"prompt\":\"u\",\"system\":\"POLICY\"}" },
        { "a request that is counted", 0, "/v1beta/models/m:countTokens",
          CCP_GEMINI,
          "{\"generateContentRequest\":{\"model\":\"models/m\","
          "\"system_instruction\":{\"parts\":[{\"text\":\"s\"}]},"
          "\"contents\":[{\"parts\":[{\"text\":\"u\"}]}]},\"contents\":"
          "[{\"parts\":[{\"text\":\"v\"}]}]}", CCP_OK,
          "{\"generateContentRequest\":{\"model\":\"models/m\","
          "\"system_instruction\":{\"parts\":[{\"text\":\"POLICY\"}]},"
          "\"contents\":[{\"parts\":[{\"text\":\"u\"}]}]}}" },
        { "unknown texts and switches go, the rest is as it was", 0,
          "/v1/chat/completions", CCP_CHAT,
          "{\"model\":\"m\", \"a\":[ ], \"b\":\"t\",\"c\":1.50,\"d\":true,"
          "\"e\":null,\"messages\":[ {\"role\":\"user\",\"content\":\"u\"}]}",
          CCP_OK,
          "{\"model\":\"m\", \"a\":[ ],\"c\":1.50,\"e\":null,\"messages\":"
          "[{\"role\":\"system\",\"content\":\"POLICY\"}, {\"role\":\"user\","
          "\"content\":\"u\"}]}" },
        { "a stored conversation is refused", 0, "/v1/responses",
          CCP_RESPONSES,
          "{\"model\":\"m\",\"previous_response_id\":\"r\",\"input\":\"u\"}",
          CCP_INVALID, "previous_response_id: not taken here" },
        { "… not where a text is only added", 1, "/v1/responses",
          CCP_RESPONSES,
          "{\"model\":\"m\",\"previous_response_id\":\"r\",\"input\":\"u\"}",
          CCP_OK,
          "{\"model\":\"m\",\"previous_response_id\":\"r\",\"input\":\"u\","
          "\"instructions\":\"POLICY\"}" },
        { "nor by a ratio", 3, "/v1/responses", CCP_RESPONSES,
          "{\"model\":\"m\",\"x\":\"y\",\"previous_response_id\":\"r\","
          "\"input\":\"u\",\"temperature\":1}", CCP_OK,
          "{\"model\":\"m\",\"x\":\"y\",\"previous_response_id\":\"r\","
          "\"input\":\"u\",\"temperature\":0.5}" },
        { "servers of tools are refused where tools are filtered", 2,
          "/v1/messages", CCP_ANTHROPIC,
          "{\"model\":\"m\",\"max_tokens\":9,\"mcp_servers\":[{\"type\":"
          "\"url\",\"url\":\"https://x\",\"name\":\"z\"}],\"messages\":[{"
          "\"role\":\"user\",\"content\":\"u\"}]}", CCP_INVALID,
          "mcp_servers: not taken here" },
        { "of one that tells its tools the names are looked at", 2,
          "/v1/responses", CCP_RESPONSES,
          "{\"model\":\"m\",\"input\":\"u\",\"tools\":[{\"type\":\"mcp\","
          "\"server_label\":\"z\",\"allowed_tools\":[\"a\",\"Bash\"]}]}",
          CCP_OK,
          "{\"model\":\"m\",\"input\":\"u\",\"tools\":[{\"type\":\"mcp\","
          "\"server_label\":\"z\",\"allowed_tools\":[\"a\"]}]}" },
        { "one that does not is refused", 2, "/v1/responses", CCP_RESPONSES,
          "{\"model\":\"m\",\"input\":\"u\",\"tools\":[{\"type\":\"mcp\","
          "\"server_label\":\"z\"}]}", CCP_INVALID, "tools" },
        { "a container is a place, its skills are tools", 2, "/v1/messages",
          CCP_ANTHROPIC,
          "{\"model\":\"m\",\"max_tokens\":9,\"container\":\"c\",\"messages\":"
          "[{\"role\":\"user\",\"content\":\"u\"}]}", CCP_OK,
          "{\"model\":\"m\",\"max_tokens\":9,\"container\":\"c\",\"messages\":"
          "[{\"role\":\"user\",\"content\":\"u\"}]}" },
        { "a change of tools stays, without its words", 0, "/v1/messages",
          CCP_ANTHROPIC,
          "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\","
          "\"content\":\"u\"},{\"role\":\"system\",\"content\":[{\"type\":"
          "\"text\",\"text\":\"s\"},{\"type\":\"tool_removal\",\"tool\":{"
          "\"tool_name\":\"a\"}}]}]}", CCP_OK,
          "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\","
          "\"content\":\"u\"},{\"role\":\"system\",\"content\":[{\"type\":"
          "\"tool_removal\",\"tool\":{\"tool_name\":\"a\"}}]}],\"system\":"
          "\"POLICY\"}" }
    };

    memset(&replace, 0, sizeof(replace));
    replace.text = ccp_lit("POLICY");
    enhance = replace;
    replace.replace = 1;

    memset(rules, 0, sizeof(rules));

    for (i = 0; i < ccp_countof(rules); i++) {
        rules[i].ratio = 1;
    }

    rules[0].prompts = &replace;
    rules[0].nprompts = 1;
    rules[1].prompts = &enhance;
    rules[1].nprompts = 1;
    rules[2].filter = &bash;
    rules[2].nfilter = 1;
    rules[3].ratio = 0.5;

    for (i = 0; i < ccp_countof(cases); i++) {

        rc = sent(cases[i].path, &rules[cases[i].rules], CCP_UNSET_INT,
                  cases[i].in, cases[i].proto, got, sizeof(got));

        UT_CHECK(rc == cases[i].rc
                 && (rc == CCP_OK ? strcmp(got, cases[i].want) == 0
                                  : strstr(got, cases[i].want) != NULL),
                 "%s", cases[i].name);

        if (rc != cases[i].rc || strstr(got, cases[i].want) == NULL) {
            printf("# %d %s\n", rc, got);
        }
    }
}


/* The limit of a target holds, however a client spells its own. */

static void
test_limits(void)
{
    int     to, bad;
    char    got[2048];
    size_t  i;

    static const struct {
        const char  *path;
        const char  *in;
    } cases[] = {
        { "/v1/messages", "\"max_tokens\":77777,\"messages\":[{\"role\":"
          "\"user\",\"content\":\"u\"}]" },
        { "/v1/chat/completions", "\"max_tokens\":77777,\"messages\":[{"
          "\"role\":\"user\",\"content\":\"u\"}]" },
        { "/v1/chat/completions", "\"max_completion_tokens\":77777,"
          "\"max_tokens\":77777,\"messages\":[{\"role\":\"user\","
          "\"content\":\"u\"}]" },
        { "/v1/responses", "\"max_output_tokens\":77777,\"input\":\"u\"" },
        { "/v1beta/models/m:generateContent", "\"generationConfig\":{"
          "\"maxOutputTokens\":77777},\"contents\":[{\"parts\":[{\"text\":"
          "\"u\"}]}]" },
        { "/v1beta/models/m:generateContent", "\"generation_config\":{"
          "\"max_output_tokens\":\"77777\"},\"contents\":[{\"parts\":[{"
          "\"text\":\"u\"}]}]" },
        { "/v1beta/models/m:generateContent", "\"generationConfig\":{"
          "\"max_output_tokens\":77777},\"contents\":[{\"parts\":[{"
          "\"text\":\"u\"}]}]" },
        { "/v1beta/models/m:generateContent", "\"generation_config\":{"
          "\"maxOutputTokens\":7.7777e4},\"contents\":[{\"parts\":[{"
          "\"text\":\"u\"}]}]" },
        { "/api/chat", "\"options\":{\"num_predict\":77777},\"messages\":[{"
          "\"role\":\"user\",\"content\":\"u\"}]" },
        { "/api/chat", "\"options\":{\"num_predict\":-1},\"messages\":[{"
          "\"role\":\"user\",\"content\":\"u\"}]" },
        { "/api/generate", "\"options\":{\"num_predict\":-2},\"prompt\":"
          "\"u\"" }
    };

    for (i = 0; i < ccp_countof(cases); i++) {
        char  body[512];

        bad = 0;
        snprintf(body, sizeof(body), "{\"model\":\"m\",%s}", cases[i].in);

        for (to = 0; to < CCP_NPROTO; to++) {

            if (sent(cases[i].path, NULL, 55, body, (ccp_proto_e) to, got,
                     sizeof(got)) != CCP_OK
                || strstr(got, "7777") || strstr(got, ":-")
                || (strstr(cases[i].in, "7777") && strstr(got, "55") == NULL))
            {
                bad++;
                printf("# to %d: %s\n", to, got);
            }
        }

        UT_CHECK(bad == 0, "limit: %s", cases[i].in);
    }
}


int
main(void)
{
    test_members();
    test_limits();

    return ut_done();
}
