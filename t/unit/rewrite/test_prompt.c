
/*
 * Prompt tools: each protocol's places, on the client's own bytes.
 */

#include "codec/json/json_out.h"
#include "codec/form/form_error.h"
#include "codec/form/form_request.h"
#include "codec/provider/provider.h"
#include "codec/rewrite/rewrite_prompt.h"
#include "codec/exchange/exchange.h"
#include "ut_exchange.h"


static const char  *const paths[CCP_NPROTO] = {
    "/v1/messages", "/v1/chat/completions", "/v1/responses",
    "/v1beta/models/m:generateContent", "/api/chat"
};


typedef struct {
    ccp_proto_e                proto;
    const char                *path;       /* NULL: the usual one */
    const ccp_prompt_rules_t  *rules;
    const char                *in;
    const char                *want;       /* NULL: not looked at */
} run_t;


/* What a target of the same protocol gets. */

static int
run_mem(const ccp_mem_t *mem, void *arg)
{
    int               rc;
    char              got[8192];
    size_t            k, n;
    run_t            *run = arg;
    ccp_str_t         s, uri;
    ccp_try_t        *try;
    ccp_error_t       err;
    ccp_target_t      t;
    ccp_exchange_t   *x;
    const ccp_out_t  *body;

    x = ut_exchange_create(mem, run->path ? run->path : paths[run->proto],
                           NULL);
    if (x == NULL) {
        return CCP_NOMEM;
    }

    ut_target(&t, ccp_provider_plain(run->proto));

    memset(&err, 0, sizeof(err));
    ccp_exchange_rules(x, run->rules);
    rc = ccp_exchange_request(x, ccp_cstr(run->in), ccp_none, &err);

    if (rc == CCP_OK) {
        rc = ut_try(&try, x, &t, ccp_none, &body, &uri, &err);
    }

    if (rc == CCP_OK) {
        for (k = 0, n = 0; (s = ccp_out_seg(body, k)).p; k++) {
            memcpy(got + n, s.p, s.n);
            n += s.n;
        }

        got[n] = '\0';

        if (run->want && strcmp(got, run->want) != 0) {
            printf("# got  %s\n# want %s\n", got, run->want);
            rc = CCP_INVALID;
        }

    } else if (rc == CCP_INVALID) {
        printf("# %.*s\n", (int) err.message.n, err.message.p);
    }

    ccp_exchange_destroy(x);

    return rc;
}


static void
check(const char *name, ccp_proto_e proto, const ccp_prompt_rules_t *rules,
    const char *in, const char *want)
{
    run_t      run = { proto, NULL, rules, in, want };
    ut_mem_t   m;
    ccp_mem_t  mem;

    ut_mem_init(&m);
    mem = ut_mem(&m);

    UT_CHECK(run_mem(&mem, &run) == CCP_OK && m.live == 0, "%s", name);
}


#define U  "{\"role\":\"user\",\"content\":\"hi\"}"


static void
test_prompts(void)
{
    ccp_prompt_t        p[3];
    ccp_prompt_rules_t  sys, user, both, rep, repuser;

    memset(p, 0, sizeof(p));
    memset(&sys, 0, sizeof(sys));

    p[0].text = ccp_lit("Be \"brief\".");
    p[1].text = ccp_lit("U");
    p[1].user = 1;
    p[2].text = ccp_lit("R");
    p[2].replace = 1;
    p[2].match = ccp_lit("m*");

    sys.ratio = 1;
    sys.prompts = p;
    sys.nprompts = 1;
    user = sys;
    user.prompts = p + 1;
    both = sys;
    both.nprompts = 2;
    rep = sys;
    rep.prompts = p + 2;

    check("anthropic: no system yet", CCP_ANTHROPIC, &sys,
          "{\"model\":\"m\", \"max_tokens\":1,\"messages\":[" U "]}",
          "{\"model\":\"m\", \"max_tokens\":1,\"messages\":[" U "],"
          "\"system\":\"Be \\\"brief\\\".\"}");
    check("anthropic: a string", CCP_ANTHROPIC, &sys,
          "{\"system\":\"S\\u0041\",\"model\":\"m\",\"max_tokens\":1,"
          "\"messages\":[" U "]}",
          "{\"system\":\"S\\u0041\\n\\nBe \\\"brief\\\".\",\"model\":\"m\","
          "\"max_tokens\":1,\"messages\":[" U "]}");
    check("anthropic: blocks; both places", CCP_ANTHROPIC, &both,
          "{\"system\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\","
          "\"text\":\"b\",\"cache_control\":{\"type\":\"ephemeral\"}}],"
          "\"model\":\"m\",\"max_tokens\":1,\"messages\":[{\"role\":\"user\","
          "\"content\":[{\"type\":\"text\",\"text\":\"x\"}]}," U "]}",
          "{\"system\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\","
          "\"text\":\"b\\n\\nBe \\\"brief\\\".\",\"cache_control\":"
          "{\"type\":\"ephemeral\"}}],\"model\":\"m\",\"max_tokens\":1,"
          "\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\","
          "\"text\":\"U\\n\\nx\"}]}," U "]}");
    check("anthropic: replaced", CCP_ANTHROPIC, &rep,
          "{\"system\":[{\"type\":\"text\",\"text\":\"a\"}],\"model\":\"m\","
          "\"max_tokens\":1,\"messages\":[" U "]}",
          "{\"system\":\"R\",\"model\":\"m\",\"max_tokens\":1,\"messages\":["
          U "]}");
    check("another model", CCP_ANTHROPIC, &rep,
          "{\"system\":\"a\",\"model\":\"x\",\"max_tokens\":1,\"messages\":["
          U "]}",
          "{\"system\":\"a\",\"model\":\"x\",\"max_tokens\":1,\"messages\":["
          U "]}");

    check("chat: no system yet", CCP_CHAT, &sys,
          "{\"model\":\"m\",\"messages\":[ " U "]}",
          "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":"
          "\"Be \\\"brief\\\".\"}, " U "]}");
    check("chat: behind the last of the prompt", CCP_CHAT, &sys,
          "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":"
          "\"a\"},{\"role\":\"developer\",\"content\":[{\"type\":\"text\","
          "\"text\":\"b\"}]}," U ",{\"role\":\"system\",\"content\":\"c\"}]}",
          "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":"
          "\"a\"},{\"role\":\"developer\",\"content\":[{\"type\":\"text\","
          "\"text\":\"b\\n\\nBe \\\"brief\\\".\"}]}," U ",{\"role\":\"system\","
          "\"content\":\"c\"}]}");
    check("chat: replaced", CCP_CHAT, &rep,
          "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":"
          "\"a\"},{\"role\":\"developer\",\"content\":\"b\"}, " U "]}",
          "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":"
          "\"R\"}, " U "]}");

    p[2].user = 1;
    repuser = rep;
    check("chat: in the user's place, the prompt goes", CCP_CHAT, &repuser,
          "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":"
          "\"a\"}," U "," U "]}",
          "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":"
          "\"R\\n\\nhi\"}," U "]}");
    check("chat: a user without a text", CCP_CHAT, &user,
          "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":"
          "[{\"type\":\"image_url\",\"image_url\":{\"url\":\"http://x/y\"}}]}]}",
          "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":"
          "[{\"type\":\"text\",\"text\":\"U\"},{\"type\":\"image_url\","
          "\"image_url\":{\"url\":\"http://x/y\"}}]}]}");
    check("anthropic: in the user's place, the prompt goes", CCP_ANTHROPIC,
          &repuser,
          "{\"system\":\"a\",\"model\":\"m\",\"max_tokens\":1,\"messages\":["
          U "]}",
          "{\"model\":\"m\",\"max_tokens\":1,\"messages\":[{\"role\":\"user\","
          "\"content\":\"R\\n\\nhi\"}]}");
    p[2].user = 0;

    check("responses: instructions and a string", CCP_RESPONSES, &both,
          "{\"model\":\"m\",\"input\":\"hi\",\"instructions\":null}",
          "{\"model\":\"m\",\"input\":\"U\\n\\nhi\",\"instructions\":"
          "\"Be \\\"brief\\\".\"}");
    check("responses: items", CCP_RESPONSES, &both,
          "{\"model\":\"m\",\"input\":[{\"role\":\"developer\",\"content\":"
          "\"d\"},{\"type\":\"message\",\"role\":\"user\",\"content\":"
          "[{\"type\":\"input_text\",\"text\":\"hi\"}]}]}",
          "{\"model\":\"m\",\"input\":[{\"role\":\"developer\",\"content\":"
          "\"d\\n\\nBe \\\"brief\\\".\"},{\"type\":\"message\",\"role\":"
          "\"user\",\"content\":[{\"type\":\"input_text\",\"text\":"
          "\"U\\n\\nhi\"}]}]}");

    check("gemini: none yet, and the model in the path", CCP_GEMINI, &rep,
          "{\"contents\":[{\"parts\":[{\"text\":\"hi\"}]}]}",
          "{\"contents\":[{\"parts\":[{\"text\":\"hi\"}]}],"
          "\"systemInstruction\":{\"parts\":[{\"text\":\"R\"}]}}");
    check("gemini: both", CCP_GEMINI, &both,
          "{\"system_instruction\":{\"parts\":[{\"text\":\"s\"}]},"
          "\"contents\":[{\"parts\":[{\"text\":\"hi\"}]}]}",
          "{\"system_instruction\":{\"parts\":[{\"text\":"
          "\"s\\n\\nBe \\\"brief\\\".\"}]},"
          "\"contents\":[{\"parts\":[{\"text\":\"U\\n\\nhi\"}]}]}");

    check("ollama", CCP_OLLAMA, &both, "{\"model\":\"m\",\"messages\":[" U "]}",
          "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":"
          "\"Be \\\"brief\\\".\"},{\"role\":\"user\",\"content\":"
          "\"U\\n\\nhi\"}]}");
}


static void
test_generate(void)
{
    run_t               run;
    ut_mem_t            m;
    ccp_mem_t           mem;
    ccp_prompt_t        p;
    ccp_prompt_rules_t  rules;

    memset(&p, 0, sizeof(p));
    memset(&rules, 0, sizeof(rules));
    memset(&run, 0, sizeof(run));
    p.text = ccp_lit("S");
    rules.ratio = 0.5;
    rules.prompts = &p;
    rules.nprompts = 1;
    run.proto = CCP_OLLAMA;
    run.path = "/api/generate";
    run.rules = &rules;
    run.in = "{\"model\":\"m\",\"prompt\":\"x\",\"options\":{\"temperature\":"
             "0.5}}";
    run.want = "{\"model\":\"m\",\"prompt\":\"x\",\"options\":{\"temperature\":"
               "0.25},\"system\":\"S\"}";

    ut_mem_init(&m);
    mem = ut_mem(&m);
    UT_CHECK(run_mem(&mem, &run) == CCP_OK, "ollama generate");
}


static void
test_replaced(void)
{
    int                 i, bad;
    char                wrong[128];
    ccp_arena_t        *a;
    ccp_prompt_t        p;
    ccp_prompt_pair_t   pair[4];
    ccp_prompt_rules_t  rules, one;

    static const struct {
        const char  *from;
        const char  *to;
    } good[] = {
        { "a\nb", "\"" }, { "~cat(s?)", "dog$1" }, { "~*HELLO", "bye" },
        { "x", "" }
    };

    a = ut_arena();
    memset(&rules, 0, sizeof(rules));
    rules.ratio = 1;
    rules.pairs = pair;
    rules.npairs = 4;
    bad = 0;

    for (i = 0; i < 4; i++) {
        bad += ccp_prompt_pair(&pair[i], ccp_cstr(good[i].from),
                               ccp_cstr(good[i].to), a, wrong, sizeof(wrong))
               != CCP_OK;
    }

    UT_CHECK(bad == 0, "pairs");

    check("texts of system and user, not of the assistant", CCP_CHAT, &rules,
          "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":"
          "\"1a\\nb2a\\u000ab3\"},{\"role\":\"user\",\"content\":\"cats, "
          "\\u00e9 cat\"},{\"role\":\"assistant\",\"content\":\"cat\"},"
          "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":"
          "\"hello Hello\"},{\"type\":\"text\",\"text\":\"xx\"}]}]}",
          "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":"
          "\"1\\\"2\\\"3\"},{\"role\":\"user\",\"content\":\"dogs, "
          "\303\251 dog\"},{\"role\":\"assistant\",\"content\":\"cat\"},"
          "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":"
          "\"bye bye\"},{\"type\":\"text\",\"text\":\"\"}]}]}");

    memset(&p, 0, sizeof(p));
    p.text = ccp_lit("cat");
    rules.prompts = &p;
    rules.nprompts = 1;
    check("what is put in stays as it is", CCP_ANTHROPIC, &rules,
          "{\"model\":\"m\",\"max_tokens\":1,\"system\":\"cat\",\"messages\":["
          U "]}",
          "{\"model\":\"m\",\"max_tokens\":1,\"system\":\"dog\\n\\ncat\","
          "\"messages\":[" U "]}");

    p.user = 1;
    check("the same in the user's text", CCP_ANTHROPIC, &rules,
          "{\"model\":\"m\",\"max_tokens\":1,\"messages\":[{\"role\":\"user\","
          "\"content\":\"cats\"}]}",
          "{\"model\":\"m\",\"max_tokens\":1,\"messages\":[{\"role\":\"user\","
          "\"content\":\"cat\\n\\ndogs\"}]}");

    p.user = 0;
    p.replace = 1;
    check("a prompt that goes is not changed before", CCP_ANTHROPIC, &rules,
          "{\"model\":\"m\",\"max_tokens\":1,\"system\":\"cats\","
          "\"messages\":[" U "]}",
          "{\"model\":\"m\",\"max_tokens\":1,\"system\":\"cat\","
          "\"messages\":[" U "]}");

    one = rules;
    one.nprompts = 0;
    one.npairs = 1;
    UT_CHECK(ccp_prompt_pair(&pair[0], ccp_lit("~(x+x+)+y"), ccp_lit("z"), a,
                             wrong, sizeof(wrong)) == CCP_OK, "a hungry one");
    check("an expression that gives up leaves the text", CCP_CHAT, &one,
          "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":"
          "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx!\"}]}",
          "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":"
          "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx!\"}]}");

    UT_CHECK(ccp_prompt_pair(&pair[0], ccp_lit("~a("), ccp_lit(""), a, wrong,
                             sizeof(wrong)) == CCP_INVALID
             && strstr(wrong, "at byte 3: missing closing parenthesis"),
             "no expression: %s", wrong);
    UT_CHECK(ccp_prompt_pair(&pair[0], ccp_lit("~a"), ccp_lit("${"), a, wrong,
                             sizeof(wrong)) == CCP_INVALID && *wrong,
             "no replacement: %s", wrong);
    UT_CHECK(ccp_prompt_pair(&pair[0], ccp_lit("~(a)(?<n>b)"), ccp_lit("$3"),
                             a, wrong, sizeof(wrong)) == CCP_INVALID && *wrong,
             "no such group: %s", wrong);
    UT_CHECK(ccp_prompt_pair(&pair[0], ccp_lit("~(a)(?<n>b)"),
                             ccp_lit("${m}"), a, wrong, sizeof(wrong))
             == CCP_INVALID && *wrong, "no group of that name: %s", wrong);
    UT_CHECK(ccp_prompt_pair(&pair[0], ccp_lit("~^(a)|(?<n>b)$"),
                             ccp_lit("$0$1${n}"), a, wrong, sizeof(wrong))
             == CCP_OK, "groups that are there");

    ccp_arena_destroy(a);
}


static void
test_filter(void)
{
    ccp_str_t           names[2] = { ccp_lit("bash*"), ccp_lit("web_search") };
    ccp_prompt_rules_t  rules;

    memset(&rules, 0, sizeof(rules));
    rules.ratio = 1;
    rules.filter = names;
    rules.nfilter = 2;

#define T(n)  "{\"name\":\"" n "\",\"input_schema\":{\"type\":\"object\"}}"
#define F(n)  "{\"type\":\"function\",\"function\":{\"name\":\"" n "\"}}"

    check("anthropic", CCP_ANTHROPIC, &rules,
          "{\"model\":\"m\",\"max_tokens\":1,\"messages\":[" U "],\"tools\":["
          T("Bash") ", " T("read") "," T("bash2") ",{\"type\":"
          "\"web_search_20250305\",\"name\":\"web_search\"}],\"tool_choice\":"
          "{\"type\":\"tool\",\"name\":\"bash2\"}}",
          "{\"model\":\"m\",\"max_tokens\":1,\"messages\":[" U "],\"tools\":["
          T("read") "]}");
    check("chat: none is left", CCP_CHAT, &rules,
          "{\"model\":\"m\",\"tools\":[" F("bash") "],\"messages\":[" U "],"
          "\"tool_choice\":\"auto\",\"parallel_tool_calls\":true}",
          "{\"model\":\"m\",\"messages\":[" U "]}");
    check("chat: a choice that stays", CCP_CHAT, &rules,
          "{\"model\":\"m\",\"tools\":[" F("a") "," F("bash") "],\"messages\":["
          U "],\"tool_choice\":\"auto\"}",
          "{\"model\":\"m\",\"tools\":[" F("a") "],\"messages\":[" U "],"
          "\"tool_choice\":\"auto\"}");
    check("responses: hosted, namespaces, allowed tools", CCP_RESPONSES,
          &rules,
          "{\"model\":\"m\",\"input\":\"x\",\"tools\":[{\"type\":"
          "\"web_search\"},{\"type\":\"namespace\",\"name\":\"n\",\"tools\":["
          "{\"type\":\"function\",\"name\":\"bash\"},{\"type\":\"function\","
          "\"name\":\"a\"}]}],\"tool_choice\":{\"type\":\"allowed_tools\","
          "\"mode\":\"auto\",\"tools\":[{\"type\":\"function\",\"name\":"
          "\"bash\"},{\"type\":\"function\",\"name\":\"a\"}]}}",
          "{\"model\":\"m\",\"input\":\"x\",\"tools\":[{\"type\":"
          "\"namespace\",\"name\":\"n\",\"tools\":[{\"type\":\"function\","
          "\"name\":\"a\"}]}],\"tool_choice\":{\"type\":\"allowed_tools\","
          "\"mode\":\"auto\",\"tools\":[{\"type\":\"function\",\"name\":"
          "\"a\"}]}}");
    check("gemini", CCP_GEMINI, &rules,
          "{\"contents\":[{\"parts\":[{\"text\":\"hi\"}]}],\"tools\":["
          "{\"functionDeclarations\":[{\"name\":\"bash\"}],\"googleSearch\":"
          "{}},{\"functionDeclarations\":[{\"name\":\"bash\"},{\"name\":"
          "\"a\"}]},{\"functionDeclarations\":[{\"name\":\"bash\"}]}],"
          "\"toolConfig\":{\"functionCallingConfig\":{\"mode\":\"ANY\","
          "\"allowedFunctionNames\":[\"bash\"]}}}",
          "{\"contents\":[{\"parts\":[{\"text\":\"hi\"}]}],\"tools\":["
          "{\"googleSearch\":{}},{\"functionDeclarations\":[{\"name\":"
          "\"a\"}]}]}");
    check("ollama", CCP_OLLAMA, &rules,
          "{\"model\":\"m\",\"messages\":[" U "],\"tools\":[" F("bash") ","
          F("a") "]}",
          "{\"model\":\"m\",\"messages\":[" U "],\"tools\":[" F("a") "]}");

    names[0] = ccp_lit("a*");
    check("words of a choice are no names", CCP_ANTHROPIC, &rules,
          "{\"model\":\"m\",\"max_tokens\":1,\"messages\":[" U "],\"tools\":["
          T("abc") "," T("read") "],\"tool_choice\":{\"type\":\"any\"}}",
          "{\"model\":\"m\",\"max_tokens\":1,\"messages\":[" U "],\"tools\":["
          T("read") "],\"tool_choice\":{\"type\":\"any\"}}");
}


static void
test_temperature(void)
{
    ccp_prompt_rules_t  rules;

    memset(&rules, 0, sizeof(rules));
    rules.ratio = 1.5;

    check("temperature", CCP_CHAT, &rules,
          "{\"model\":\"m\",\"temperature\": 0.7,\"messages\":[" U "]}",
          "{\"model\":\"m\",\"temperature\": 1.05,\"messages\":[" U "]}");
    check("no temperature", CCP_CHAT, &rules,
          "{\"model\":\"m\",\"messages\":[" U "]}",
          "{\"model\":\"m\",\"messages\":[" U "]}");
    check("not above the protocol's highest", CCP_ANTHROPIC, &rules,
          "{\"model\":\"m\",\"max_tokens\":1,\"temperature\":0.9,"
          "\"messages\":[" U "]}",
          "{\"model\":\"m\",\"max_tokens\":1,\"temperature\":1,"
          "\"messages\":[" U "]}");
    check("gemini's temperature", CCP_GEMINI, &rules,
          "{\"generationConfig\":{\"temperature\":1},\"contents\":[{\"parts\":"
          "[{\"text\":\"hi\"}]}]}",
          "{\"generationConfig\":{\"temperature\":1.5},\"contents\":[{"
          "\"parts\":[{\"text\":\"hi\"}]}]}");
}


static void
test_memory(void)
{
    run_t               run;
    char                wrong[64];
    ccp_str_t           name = ccp_lit("bash");
    ccp_arena_t        *a;
    ccp_prompt_t        p;
    ccp_prompt_pair_t   pair[2];
    ccp_prompt_rules_t  rules;

    a = ut_arena();
    memset(&p, 0, sizeof(p));
    p.text = ccp_lit("S");

    (void) ccp_prompt_pair(&pair[0], ccp_lit("hi"), ccp_lit("ho"), a, wrong,
                           sizeof(wrong));
    (void) ccp_prompt_pair(&pair[1], ccp_lit("~o"), ccp_lit("ooo"), a, wrong,
                           sizeof(wrong));

    rules.prompts = &p;
    rules.nprompts = 1;
    rules.pairs = pair;
    rules.npairs = 2;
    rules.filter = &name;
    rules.nfilter = 1;
    rules.ratio = 2;

    run.proto = CCP_CHAT;
    run.path = NULL;
    run.rules = &rules;
    run.in = "{\"model\":\"m\",\"temperature\":0.1,\"tools\":["
             F("bash") "," F("a") "],\"messages\":[" U "]}";
    run.want = "{\"model\":\"m\",\"temperature\":0.2,\"tools\":[" F("a") "],"
               "\"messages\":[{\"role\":\"system\",\"content\":\"S\"},"
               "{\"role\":\"user\",\"content\":\"hooo\"}]}";

    ut_fail_each("all tools", run_mem, &run);
    ccp_arena_destroy(a);
}


int
main(void)
{
    test_prompts();
    test_generate();
    test_replaced();
    test_filter();
    test_temperature();
    test_memory();

    return ut_done();
}
