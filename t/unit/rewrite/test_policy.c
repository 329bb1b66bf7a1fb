
/*
 * Rules of a place hold in every spelling: requests are put together at random
 * of all that may bring a prompt, a tool or a temperature, in keys and places
 * of all kinds, and what five upstreams get of them is looked at.
 *
 *   SEED=… ROUNDS=…
 */

#include <stdarg.h>

#include "codec/exchange/exchange.h"
#include "codec/rewrite/rewrite_prompt.h"
#include "ut_exchange.h"


#define ROUNDS  4000

/* What no upstream may see, and how it may be written. */
static const char *const  evils[] = { "EVIL", "EV\\u0049L", "\\u0045VIL" };

typedef struct {
    char    text[16384];
    size_t  n;
} body_t;

/* A member of the request: "#" is the evil text. */
typedef struct {
    const char  *name;
    const char  *value;
} member_t;

typedef struct {
    const char      *path;
    const char      *list;         /* the conversation */
    const char      *head;         /* members that each request has */
    const char      *user;         /* a message of the user's */
    const member_t  *members;
    const char *const *messages;   /* what may stand in the conversation */
    const char *const *tools;      /* what may stand among the tools */
    const char      *keep;         /* a tool that must stay */
    const char      *hot;          /* members with a temperature of 1.9 */
} client_t;


static uint64_t  seed;


static unsigned
pick(unsigned n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;

    return (unsigned) ((seed >> 20) % n);
}


/* ---- Anthropic ---- */

static const member_t  anthropic_members[] = {
    { "system", "\"#\"" },
    { "system", "[{\"type\":\"text\",\"text\":\"#\"}]" },
    { "system", "[{\"type\":\"text\",\"text\":\"a\"},{\"text\":\"#\","
                "\"type\":\"text\",\"cache_control\":{\"type\":\"ephemeral\"}}"
                "]" },
    { "mcp_servers", "[{\"type\":\"url\",\"url\":\"https://#\",\"name\":\"z\"}"
                     "]" },
    { "container", "{\"skills\":[{\"type\":\"custom\",\"skill_id\":\"#\"}]}" },
    { "context_management", "{\"edits\":[{\"type\":\"compact_20260112\","
                            "\"instructions\":\"#\"}]}" },
    { "system_prompt", "\"#\"" },
    { "thread", "{\"id\":\"#\"}" },
    { "prompt", "\"#\"" },
    { NULL, NULL }
};

static const char *const  anthropic_messages[] = {
    "{\"role\":\"system\",\"content\":\"#\"}",
    "{\"content\":[{\"type\":\"text\",\"text\":\"#\"}],\"role\":\"system\"}",
    "{\"role\":\"user\",\"role\":\"system\",\"content\":\"#\"}",
    "{\"role\":\"user\",\"content\":\"u\",\"Role\":\"system\",\"Content\":"
    "\"#\"}",
    "{\"role\":\"s\\u0079stem\",\"content\":\"#\"}",
    "{\"role\":\"system\",\"clear_at\":\"next_user_message\",\"content\":"
    "\"#\"}",
    "{\"type\":\"x\",\"role\":\"system\",\"content\":\"#\"}",
    "{\"role\":\"system\",\"content\":[{\"type\":\"tool_addition\",\"tool\":"
    "{\"type\":\"tool_definition\",\"definition\":{\"name\":\"Bash\","
    "\"description\":\"#\",\"input_schema\":{\"type\":\"object\"}}}},{\"type\":"
    "\"text\",\"text\":\"#\"}]}",
    "{\"role\":\"developer\",\"content\":\"#\"}",
    NULL
};

static const char *const  anthropic_tools[] = {
    "{\"name\":\"Bash\",\"description\":\"#\",\"input_schema\":{\"type\":"
    "\"object\"}}",
    "{\"type\":\"custom\",\"name\":\"B\\u0061sh\",\"description\":\"#\","
    "\"input_schema\":{\"type\":\"object\"}}",
    "{\"name\":\"x\",\"name\":\"Bash\",\"description\":\"#\",\"input_schema\":"
    "{\"type\":\"object\"}}",
    "{\"name\":\"Bash\",\"name\":\"x\",\"description\":\"#\",\"input_schema\":"
    "{\"type\":\"object\"}}",
    "{\"type\":\"web_search_20250305\",\"name\":\"web_search\","
    "\"allowed_domains\":[\"#\"]}",
    "{\"type\":\"web_search_20250305\",\"name\":\"x\",\"allowed_domains\":"
    "[\"#\"]}",
    "{\"type\":\"mcp_toolset\",\"mcp_server_name\":\"#\"}",
    NULL
};


/* ---- Chat ---- */

static const member_t  chat_members[] = {
    { "chat_template", "\"#\"" },
    { "chat_template_kwargs", "{\"enable_thinking\":false,"
                              "\"custom_instructions\":\"#\"}" },
    { "chat_template_kwargs", "{\"builtin_tools\":[\"#\"]}" },
    { "documents", "[{\"title\":\"t\",\"text\":\"#\"}]" },
    { "extra_body", "{\"system\":\"#\"}" },
    { "instructions", "\"#\"" },
    { "system", "\"#\"" },
    { "plugins", "[{\"id\":\"#\"}]" },
    { "preset", "\"#\"" },
    { "web_search_options", "{\"user_location\":{\"city\":\"#\"}}" },
    { "search_parameters", "{\"mode\":\"#\"}" },
    { "mcp_servers", "[{\"url\":\"#\"}]" },
    { "functions", "[{\"name\":\"Bash\",\"description\":\"#\","
                   "\"parameters\":{}}]" },
    { "functions", "{\"name\":\"Bash\",\"description\":\"#\"}" },
    { NULL, NULL }
};

static const char *const  chat_messages[] = {
    "{\"role\":\"system\",\"content\":\"#\"}",
    "{\"role\":\"developer\",\"content\":\"#\"}",
    "{\"role\":\"system\",\"content\":[{\"type\":\"text\",\"text\":\"#\"}]}",
    "{\"role\":\"developer\",\"name\":\"n\",\"content\":[{\"text\":\"#\","
    "\"type\":\"text\"},{\"type\":\"text\",\"text\":\"b\"}]}",
    "{\"type\":\"message\",\"role\":\"system\",\"content\":\"#\"}",
    "{\"type\":\"function_call\",\"role\":\"system\",\"content\":\"#\"}",
    "{\"role\":\"user\",\"role\":\"system\",\"content\":\"#\"}",
    "{\"role\":\"user\",\"content\":\"u\",\"Role\":\"system\",\"Content\":"
    "\"#\"}",
    "{\"role\":\"sys\\u0074em\",\"content\":\"#\"}",
    "{\"role\":\"System\",\"content\":\"#\"}",
    "{\"role\":\"user\",\"content\":\"u\",\"tools\":[{\"type\":\"function\","
    "\"function\":{\"name\":\"Bash\",\"description\":\"#\"}}]}",
    NULL
};

static const char *const  chat_tools[] = {
    "{\"type\":\"function\",\"function\":{\"name\":\"Bash\",\"description\":"
    "\"#\",\"parameters\":{\"type\":\"object\"}}}",
    "{\"type\":\"function\",\"name\":\"x\",\"function\":{\"name\":\"Bash\","
    "\"description\":\"#\"}}",
    "{\"function\":{\"name\":\"Bash\",\"description\":\"#\"}}",
    "{\"type\":\"function\",\"name\":\"Bash\",\"description\":\"#\"}",
    "{\"type\":\"custom\",\"custom\":{\"name\":\"Bash\",\"description\":\"#\"}"
    "}",
    "{\"type\":\"web_search\",\"web_search\":{\"query\":\"#\"}}",
    "{\"type\":\"mcp\",\"server_label\":\"z\",\"server_url\":\"https://#\"}",
    NULL
};


/* ---- Responses ---- */

static const member_t  responses_members[] = {
    { "instructions", "\"#\"" },
    { "prompt", "{\"id\":\"pmpt_#\"}" },
    { "prompt", "{\"id\":\"p\",\"variables\":{\"x\":\"#\"}}" },
    { "previous_response_id", "\"resp_#\"" },
    { "conversation", "\"conv_#\"" },
    { "conversation", "{\"id\":\"conv_#\"}" },
    { "context_management", "[{\"type\":\"compaction\",\"instructions\":\"#\"}"
                            "]" },
    { "system", "\"#\"" },
    { "personality", "\"#\"" },
    { NULL, NULL }
};

static const char *const  responses_messages[] = {
    "{\"role\":\"system\",\"content\":\"#\"}",
    "{\"role\":\"developer\",\"content\":\"#\"}",
    "{\"type\":\"message\",\"role\":\"developer\",\"content\":[{\"type\":"
    "\"input_text\",\"text\":\"#\"}]}",
    "{\"type\":\"message\",\"role\":\"user\",\"role\":\"system\",\"content\":"
    "[{\"type\":\"input_text\",\"text\":\"#\"}]}",
    "{\"type\":\"additional_tools\",\"role\":\"developer\",\"tools\":[{"
    "\"type\":\"function\",\"name\":\"Bash\",\"description\":\"#\","
    "\"parameters\":{\"type\":\"object\"}}]}",
    "{\"type\":\"tool_search_output\",\"call_id\":\"c\",\"execution\":"
    "\"client\",\"status\":\"completed\",\"tools\":[{\"type\":\"function\","
    "\"name\":\"Bash\",\"description\":\"#\",\"parameters\":{}}]}",
    "{\"type\":\"tool_search_output\",\"id\":\"t\",\"execution\":\"server\","
    "\"tools\":[{\"type\":\"namespace\",\"name\":\"n\",\"tools\":[{\"type\":"
    "\"function\",\"name\":\"Bash\",\"description\":\"#\",\"parameters\":{}}]}"
    "]}",
    "{\"type\":\"mcp_list_tools\",\"id\":\"m\",\"server_label\":\"s\","
    "\"tools\":[{\"name\":\"Bash\",\"description\":\"#\",\"input_schema\":{}}]"
    "}",
    NULL
};

static const char *const  responses_tools[] = {
    "{\"type\":\"function\",\"name\":\"Bash\",\"description\":\"#\","
    "\"parameters\":{\"type\":\"object\"}}",
    "{\"type\":\"custom\",\"name\":\"Bash\",\"description\":\"#\"}",
    "{\"type\":\"namespace\",\"name\":\"n\",\"description\":\"d\",\"tools\":[{"
    "\"type\":\"function\",\"name\":\"Bash\",\"description\":\"#\","
    "\"parameters\":{\"type\":\"object\"}}]}",
    "{\"type\":\"web_search\",\"user_location\":{\"type\":\"approximate\","
    "\"city\":\"#\"}}",
    "{\"type\":\"mcp\",\"server_label\":\"z\",\"server_url\":\"https://#\"}",
    "{\"type\":\"mcp\",\"server_label\":\"z\",\"connector_id\":\"#\","
    "\"allowed_tools\":[\"Bash\"]}",
    NULL
};


/* ---- Gemini ---- */

static const member_t  gemini_members[] = {
    { "systemInstruction", "{\"parts\":[{\"text\":\"#\"}]}" },
    { "system_instruction", "{\"parts\":{\"text\":\"#\"}}" },
    { "systemInstruction", "{\"role\":\"system\",\"parts\":[{\"text\":\"a\"},"
                           "{\"text\":\"#\"}]}" },
    { "system_instruction", "\"#\"" },
    { "cachedContent", "\"cachedContents/#\"" },
    { "cached_content", "\"cachedContents/#\"" },
    { "instructions", "\"#\"" },
    { "system", "\"#\"" },
    { NULL, NULL }
};

static const char *const  gemini_messages[] = {
    "{\"role\":\"system\",\"parts\":[{\"text\":\"#\"}]}",
    "{\"role\":\"user\",\"role\":\"system\",\"parts\":[{\"text\":\"#\"}]}",
    "{\"role\":\"user\",\"parts\":[{\"text\":\"u\"}],\"Parts\":[{\"text\":"
    "\"#\"}]}",
    "{\"role\":\"user\",\"parts\":[{\"text\":\"u\"}],\"tools\":[{"
    "\"functionDeclarations\":[{\"name\":\"Bash\",\"description\":\"#\"}]}]}",
    NULL
};

static const char *const  gemini_tools[] = {
    "{\"functionDeclarations\":[{\"name\":\"Bash\",\"description\":\"#\"}]}",
    "{\"function_declarations\":[{\"name\":\"Bash\",\"description\":\"#\"}]}",
    "{\"functionDeclarations\":{\"name\":\"Bash\",\"description\":\"#\"}}",
    "{\"functionDeclarations\":[{\"name\":\"Safe\"}],"
    "\"function_declarations\":[{\"name\":\"Bash\",\"description\":\"#\"}]}",
    "{\"googleSearch\":{\"timeRangeFilter\":{\"startTime\":\"#\"}}}",
    "{\"google_search\":{\"excludeDomains\":[\"#\"]}}",
    "{\"mcpServers\":[{\"name\":\"#\"}]}",
    NULL
};


/* ---- Ollama ---- */

static const member_t  ollama_members[] = {
    { "system", "\"#\"" },
    { "template", "\"# {{ .Prompt }}\"" },
    { "suffix_template", "\"#\"" },
    { "modelfile", "\"#\"" },
    { "prompt_template", "{\"a\":[\"#\"]}" },
    { NULL, NULL }
};

static const char *const  ollama_messages[] = {
    "{\"role\":\"system\",\"content\":\"#\"}",
    "{\"role\":\"developer\",\"content\":\"#\"}",
    "{\"role\":\"user\",\"Role\":\"system\",\"content\":\"u\",\"Content\":"
    "\"#\"}",
    "{\"role\":\"user\",\"content\":\"u\",\"role\":\"system\",\"content\":"
    "\"#\"}",
    "{\"role\":\"user\",\"content\":\"u\",\"ro\\u017fe\":\"x\",\"tools\":[{"
    "\"function\":{\"name\":\"Bash\",\"description\":\"#\"}}]}",
    NULL
};

static const char *const  ollama_tools[] = {
    "{\"type\":\"function\",\"function\":{\"name\":\"Bash\",\"description\":"
    "\"#\",\"parameters\":{\"type\":\"object\"}}}",
    "{\"type\":\"function\",\"function\":{\"name\":\"x\",\"Name\":\"Bash\","
    "\"description\":\"#\"}}",
    "{\"type\":\"function\",\"Function\":{\"name\":\"Bash\",\"description\":"
    "\"#\"},\"function\":{\"name\":\"x\"}}",
    NULL
};


static const client_t  clients[] = {
    { "/v1/messages", "messages", "\"model\":\"m\",\"max_tokens\":9",
      "{\"role\":\"user\",\"content\":\"hello\"}", anthropic_members,
      anthropic_messages, anthropic_tools,
      "{\"name\":\"Keep\",\"input_schema\":{\"type\":\"object\"}}",
      "\"temperature\":1.9" },
    { "/v1/chat/completions", "messages", "\"model\":\"m\"",
      "{\"role\":\"user\",\"content\":\"hello\"}", chat_members,
      chat_messages, chat_tools,
      "{\"type\":\"function\",\"function\":{\"name\":\"Keep\",\"parameters\":"
      "{\"type\":\"object\"}}}", "\"temperature\":1.9" },
    { "/v1/responses", "input", "\"model\":\"m\",\"store\":false",
      "{\"role\":\"user\",\"content\":\"hello\"}", responses_members,
      responses_messages, responses_tools,
      "{\"type\":\"function\",\"name\":\"Keep\",\"parameters\":{\"type\":"
      "\"object\"}}", "\"temperature\":1.9" },
    { "/v1beta/models/m:generateContent", "contents", "\"labels\":{}",
      "{\"role\":\"user\",\"parts\":[{\"text\":\"hello\"}]}", gemini_members,
      gemini_messages, gemini_tools,
      "{\"functionDeclarations\":[{\"name\":\"Keep\"}]}",
      "\"generation_config\":{\"temperature\":1.9}" },
    { "/api/chat", "messages", "\"model\":\"m\",\"stream\":false",
      "{\"role\":\"user\",\"content\":\"hello\"}", ollama_members,
      ollama_messages, ollama_tools,
      "{\"type\":\"function\",\"function\":{\"name\":\"Keep\",\"parameters\":"
      "{\"type\":\"object\"}}}", "\"options\":{\"temperature\":1.9}" }
};


/* ---- a request ---- */

static void
add(body_t *b, const char *fmt, ...)
{
    int      n;
    va_list  ap;

    va_start(ap, fmt);
    n = vsnprintf(b->text + b->n, sizeof(b->text) - b->n, fmt, ap);
    va_end(ap);

    if (n < 0 || (size_t) n >= sizeof(b->text) - b->n) {
        abort();
    }

    b->n += (size_t) n;
}


/* A value, with the evil text in one of its spellings. */

static void
add_value(body_t *b, const char *value)
{
    for ( /* void */ ; *value; value++) {
        if (*value == '#') {
            add(b, "%s", evils[pick(3)]);
        } else {
            add(b, "%c", *value);
        }
    }
}


/* A key as it is, with an escape, in capitals, in the other case. */

static void
add_key(body_t *b, const char *name)
{
    size_t    i, at;
    unsigned  how;

    how = pick(12);
    at = pick((unsigned) strlen(name));

    add(b, "\"");

    for (i = 0; name[i]; i++) {

        if (how == 0 && i == at) {
            add(b, "\\u%04x", (unsigned) name[i]);

        } else if (how == 1 && i == 0 && name[i] >= 'a') {
            add(b, "%c", name[i] & ~0x20);

        } else if (how == 2 && name[i] == '_') {
            i++;
            add(b, "%c", name[i] & ~0x20);

        } else {
            add(b, "%c", name[i]);
        }
    }

    add(b, "\":");
}


static unsigned
count(const char *const *list)
{
    unsigned  n;

    for (n = 0; list[n]; n++) { /* void */ }

    return n;
}


static void
add_members(body_t *b, const client_t *c, unsigned n)
{
    unsigned  k, all;

    for (all = 0; c->members[all].name; all++) { /* void */ }

    while (n--) {
        k = pick(all);
        add(b, ",");
        add_key(b, c->members[k].name);
        add_value(b, c->members[k].value);
    }
}


static void
add_messages(body_t *b, const client_t *c, unsigned n)
{
    unsigned  i, at;

    at = pick(n + 1);
    add(b, ",\"%s\":[", c->list);

    for (i = 0; i <= n; i++) {

        if (i == at) {
            add(b, "%s", c->user);
        } else {
            add_value(b, c->messages[pick(count(c->messages))]);
        }

        add(b, i < n ? "," : "]");
    }
}


static void
add_tools(body_t *b, const client_t *c, unsigned n)
{
    int  alone;

    if (n == 0) {
        return;
    }

    alone = n == 1 && pick(6) == 0;

    add(b, ",");
    add_key(b, "tools");
    add(b, alone ? "" : "[%s,", c->keep);

    while (n--) {
        add_value(b, c->tools[pick(count(c->tools))]);
        add(b, n ? "," : "");
    }

    add(b, alone ? "" : "]");
}


static void
make(body_t *b, const client_t *c)
{
    b->n = 0;

    add(b, "{%s", c->head);

    if (pick(3) == 0) {
        add(b, ",%s", c->hot);
    }

    if (pick(2)) {
        add_members(b, c, pick(3));
        add_messages(b, c, pick(4));
        add_tools(b, c, pick(3));

    } else {
        add_tools(b, c, pick(3));
        add_messages(b, c, pick(3));
        add_members(b, c, pick(3));
    }

    add(b, "}");
}


/* ---- what upstreams get ---- */

/* The text without \uXXXX of ASCII. */

static void
unescape(char *s)
{
    char      *to, hex[5];
    unsigned   c;

    for (to = s; *s; /* void */ ) {

        if (s[0] == '\\' && s[1] == 'u' && strlen(s) >= 6) {
            memcpy(hex, s + 2, 4);
            hex[4] = '\0';
            c = (unsigned) strtoul(hex, NULL, 16);

            if (c < 0x80) {
                *to++ = (char) c;
                s += 6;
                continue;
            }
        }

        *to++ = *s++;
    }

    *to = '\0';
}


typedef struct {
    unsigned  made;
    unsigned  refused;     /* by the reader, or by the rules */
    unsigned  passed;      /* requests that an upstream got */
    unsigned  bad;
} tally_t;


static void
look(const client_t *c, const char *body, ccp_proto_e to, char *got,
    tally_t *t)
{
    const char  *why;

    unescape(got);

    why = strstr(got, "EVIL") ? "the client's words came through"
          : strstr(got, "1.9") ? "the temperature came through"
          : strstr(got, "POLICY") == NULL ? "the prompt is missing"
          : strstr(got, "hello") == NULL ? "the user's words are missing"
          : strstr(body, "Keep") && strstr(got, "Keep") == NULL
            && strstr(got, "tools")
          ? "a tool is missing" : NULL;

    t->passed++;

    if (why && t->bad++ < 5) {
        printf("# %s to %d: %s\n# sent %s\n# got  %s\n", c->path, (int) to,
               why, body, got);
    }
}


static void
run(const client_t *c, const ccp_prompt_rules_t *rules, const char *body,
    tally_t *t)
{
    int               rc, to;
    char             *got;
    ccp_str_t         uri;
    ccp_try_t        *try;
    ccp_error_t       err;
    ccp_target_t      target;
    ccp_exchange_t   *x;
    const ccp_out_t  *out;

    x = ut_exchange_create(NULL, c->path, NULL);
    if (x == NULL) {
        abort();
    }

    memset(&err, 0, sizeof(err));
    ccp_exchange_rules(x, rules);
    rc = ccp_exchange_request(x, ccp_cstr(body), ccp_none, &err);
    t->made++;

    if (rc != CCP_OK) {
        t->refused++;
        t->bad += (rc != CCP_INVALID);
        ccp_exchange_destroy(x);
        return;
    }

    for (to = 0; to < CCP_NPROTO; to++) {

        ut_target(&target, ccp_provider_plain((ccp_proto_e) to));
        rc = ut_try(&try, x, &target, ccp_none, &out, &uri, &err);

        if (rc == CCP_OK) {
            got = ut_out_text(out);
            look(c, body, (ccp_proto_e) to, got, t);
            free(got);
        }

        ccp_try_destroy(try);
    }

    ccp_exchange_destroy(x);
}


int
main(void)
{
    size_t              i, k;
    body_t              b;
    tally_t             t, all;
    const char         *s;
    unsigned            rounds;
    ccp_prompt_t        prompt;
    ccp_prompt_rules_t  rules;

    static const ccp_str_t  filter[] = {
        ccp_lit("Bash"), ccp_lit("web_search*"), ccp_lit("google*")
    };

    s = getenv("SEED");
    seed = s ? strtoull(s, NULL, 0) : UINT64_C(0x9e3779b97f4a7c15);
    seed |= 1;
    s = getenv("ROUNDS");
    rounds = s ? (unsigned) strtoul(s, NULL, 0) : ROUNDS;
    printf("# SEED=%#llx\n", (unsigned long long) seed);

    memset(&prompt, 0, sizeof(prompt));
    prompt.text = ccp_lit("POLICY");
    prompt.replace = 1;

    memset(&rules, 0, sizeof(rules));
    rules.prompts = &prompt;
    rules.nprompts = 1;
    rules.filter = filter;
    rules.nfilter = 3;
    rules.ratio = 0.5;

    memset(&all, 0, sizeof(all));

    for (i = 0; i < ccp_countof(clients); i++) {
        memset(&t, 0, sizeof(t));

        for (k = 0; k < rounds; k++) {
            make(&b, &clients[i]);
            run(&clients[i], &rules, b.text, &t);
        }

        UT_CHECK(t.bad == 0, "%s: nothing comes through to any upstream",
                 clients[i].path);
        UT_CHECK(t.refused < t.made * 4 / 5 && t.passed > t.made / 2,
                 "%u requests, %u refused, %u sent", t.made, t.refused,
                 t.passed);

        all.made += t.made;
        all.refused += t.refused;
        all.passed += t.passed;
    }

    printf("# %u spellings, %u refused; looked at %u requests to upstreams\n",
           all.made, all.refused, all.passed);

    return ut_done();
}
