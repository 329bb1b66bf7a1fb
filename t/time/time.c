
/*
 * No input may cost more than linear time: each element of elements.txt is
 * repeated n and 2n times, converted every way, and the steps compared.
 *
 *   time ELEMENTS [WORD …]
 *
 * Only elements whose name holds one of the words, if any.  A line for each
 * element: the worst of its ways, its steps for n and 2n, their ratio; with
 * VERBOSE in the environment a line for each way.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "codec/exchange/exchange.h"
#include "codec/rewrite/rewrite_params.h"
#include "count.h"
#include "elements.h"


#define TIME_N      400
#define TIME_RATIO  2.3            /* n log n gives 2.24 at this n */
#define TIME_PIECE  512            /* bytes of an answer that come at once */


/* One way through the codec. */
typedef struct {
    const char            *name;
    ccp_proto_e            client;
    const ccp_provider_t  *dialect;
    int                    stream; /* asked for */
    int                    compat;
    int                    params;
    int                    rules;
} time_way_t;

typedef struct {
    uint64_t  one;
    uint64_t  two;
} time_cost_t;


static const char  *const time_paths[CCP_NPROTO][2] = {
    { "/v1/messages", "/v1/messages" },
    { "/v1/chat/completions", "/v1/chat/completions" },
    { "/v1/responses", "/v1/responses" },
    { "/v1beta/models/m:generateContent",
      "/v1beta/models/m:streamGenerateContent" },
    { "/api/chat", "/api/chat" }
};

#define TIME_SCHEMA  "{\"type\":\"object\",\"properties\":"                   \
                     "{\"a\":{\"type\":\"string\"}}}"
#define TIME_TOOL    "\"tools\":[{\"type\":\"function\",\"function\":"        \
                     "{\"name\":\"f\",\"parameters\":" TIME_SCHEMA "}}]"

/* What a client asks before it gets an answer. */

static const char  *const time_requests[CCP_NPROTO] = {
    "{\"model\":\"m\",\"max_tokens\":9000,\"messages\":[{\"role\":\"user\","
        "\"content\":\"x\"}],\"thinking\":{\"type\":\"enabled\","
        "\"budget_tokens\":1024},\"tools\":[{\"name\":\"f\",\"input_schema\":"
        TIME_SCHEMA "}],\"stream\":%s}",
    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],"
        "\"reasoning_effort\":\"high\",\"stream_options\":"
        "{\"include_usage\":true},\"logprobs\":true," TIME_TOOL
        ",\"stream\":%s}",
    "{\"model\":\"m\",\"input\":\"x\",\"reasoning\":{\"effort\":\"high\","
        "\"summary\":\"auto\"},\"include\":[\"message.output_text.logprobs\"],"
        "\"tools\":[{\"type\":\"function\",\"name\":\"f\",\"parameters\":"
        TIME_SCHEMA "}],\"stream\":%s}",
    "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"x\"}]}],"
        "\"generationConfig\":{\"responseLogprobs\":true,\"thinkingConfig\":"
        "{\"includeThoughts\":true}},\"tools\":[{\"functionDeclarations\":"
        "[{\"name\":\"f\",\"parameters\":" TIME_SCHEMA "}]}]}",
    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],"
        "\"think\":true,\"logprobs\":true," TIME_TOOL ",\"stream\":%s}"
};

static const char  *const  time_path_a[] = { "temperature", NULL };
static const char  *const  time_path_b[] = { "metadata", "k", "j", NULL };
static const char  *const  time_path_c[] = { "top_p", NULL };

static const ccp_param_t  time_params[] = {
    { time_path_a, ccp_lit("0.5"), NULL, 0, 0, &time_params[1] },
    { time_path_b, ccp_lit("\"v\""), NULL, 0, 1, &time_params[2] },
    { time_path_c, ccp_none, NULL, 0, 0, NULL }
};


static void *
time_alloc(void *ctx, size_t n)
{
    (void) ctx;
    time_steps += 16;
    return malloc(n);
}


static void
time_free(void *ctx, void *p)
{
    (void) ctx;
    free(p);
}


static int64_t
time_now(void *ctx)
{
    (void) ctx;
    return 1763800000LL * 1000000000;
}


static const ccp_prompt_rules_t *
time_rules(ccp_arena_t *a)
{
    char                       wrong[256];
    static ccp_str_t           filter[] = { ccp_lit("g*"), ccp_lit("h*") };
    static ccp_prompt_t        prompts[2];
    static ccp_prompt_pair_t   pairs[2];
    static ccp_prompt_rules_t  rules;

    if (rules.pairs) {
        return &rules;
    }

    prompts[0].text = ccp_lit("Be brief.");
    prompts[1].text = ccp_lit("Please.");
    prompts[1].user = 1;

    if (ccp_prompt_pair(&pairs[0], ccp_lit("never"), ccp_lit("ever"), a,
                        wrong, sizeof(wrong)) != CCP_OK
        || ccp_prompt_pair(&pairs[1], ccp_lit("~u([0-9]+)z"), ccp_lit("$1"),
                           a, wrong, sizeof(wrong)) != CCP_OK)
    {
        fprintf(stderr, "time: %s\n", wrong);
        exit(2);
    }

    rules.prompts = prompts;
    rules.nprompts = 2;
    rules.pairs = pairs;
    rules.npairs = 2;
    rules.filter = filter;
    rules.nfilter = 2;
    rules.ratio = 0.5;

    return &rules;
}


static ccp_exchange_t *
time_exchange(const time_way_t *w, const char *path, ccp_arena_t *keep)
{
    char             text[128];
    ccp_env_t        env;
    ccp_endpoint_t   ep;
    ccp_exchange_t  *x;

    memset(&env, 0, sizeof(env));
    env.mem.alloc = time_alloc;
    env.mem.free = time_free;
    env.answer_limit = 256 << 20;
    env.clock.seed[0] = 1;
    env.clock.seed[1] = 2;
    env.clock.now_ns = time_now;

    snprintf(text, sizeof(text), "%s%s", w->compat ? "/compat" : "",
             *path ? path : time_paths[w->client][w->stream]);
    ccp_endpoint_parse(&ep, ccp_cstr(text), ccp_cstr("alt=sse"), 0);

    x = ccp_exchange_create(&env, &ep);
    if (x == NULL) {
        abort();
    }

    if (w->rules) {
        ccp_exchange_rules(x, time_rules(keep));
    }

    return x;
}


/* CCP_OK, or CCP_INVALID if this request can't go that way. */

static int
time_send(const time_way_t *w, ccp_exchange_t *x, ccp_str_t body,
    ccp_try_t **try)
{
    int               rc;
    ccp_str_t         uri;
    ccp_error_t       err;
    ccp_target_t      t;
    const ccp_out_t  *out;

    memset(&err, 0, sizeof(err));
    memset(&t, 0, sizeof(t));
    t.provider = w->dialect;
    t.proto = w->dialect->proto;
    t.root = ccp_lit("/v1");
    t.model = ccp_lit("other");
    t.max_tokens = CCP_UNSET_INT;
    t.context = CCP_UNSET_INT;
    t.tools = w->compat ? CCP_TOOLS_COMPAT : CCP_TOOLS_UNSET;
    t.params = w->params ? time_params : NULL;

    rc = ccp_exchange_request(x, body, ccp_none, &err);

    if (rc == CCP_OK) {
        *try = ccp_try_create(x, &t);
        rc = *try ? ccp_try_request(*try, ccp_none, &out, &uri, &err)
                  : CCP_NOMEM;
    }

    if (rc != CCP_OK && getenv("VERBOSE")) {
        printf("#   %s refused: %.*s\n", w->name, (int) err.message.n,
               err.message.p ? (const char *) err.message.p : "");
    }

    return rc;
}


/* Steps of a request; 0 if it is refused. */

static uint64_t
time_ask(const time_element_t *e, const time_way_t *w, const char *text,
    ccp_arena_t *keep)
{
    int              rc;
    uint64_t         t;
    ccp_try_t       *try;
    ccp_exchange_t  *x;

    x = time_exchange(w, e->path, keep);

    t = time_steps;
    rc = time_send(w, x, ccp_cstr(text), &try);
    (void) ccp_exchange_estimate(x);
    t = time_steps - t;

    ccp_exchange_destroy(x);

    return rc == CCP_OK ? t : 0;
}


/* Steps of an answer. */

static uint64_t
time_answer(const time_element_t *e, const time_way_t *w, const char *text,
    ccp_arena_t *keep)
{
    int              rc;
    char             body[1024];
    size_t           i, n, len;
    uint64_t         t;
    ccp_out_t        out;
    ccp_outcome_t    o;
    ccp_try_t       *try;
    ccp_exchange_t  *x;

    x = time_exchange(w, "", keep);
    snprintf(body, sizeof(body), time_requests[w->client],
             w->stream ? "true" : "false");

    if (time_send(w, x, ccp_cstr(body), &try) != CCP_OK) {
        ccp_exchange_destroy(x);
        return 0;
    }

    ccp_out_init(&out, ccp_exchange_arena(x), 0);
    len = strlen(text);

    t = time_steps;
    rc = ccp_answer_begin(try, e->kind == TIME_ERR ? 400 : 200, ccp_none,
                          ccp_none);

    for (i = 0; rc == CCP_OK && i < len; i += n) {
        n = len - i < TIME_PIECE ? len - i : TIME_PIECE;
        rc = ccp_answer_feed(try, (const uint8_t *) text + i, n, &out);
        ccp_out_reset(&out);
    }

    if (rc == CCP_OK) {
        rc = ccp_answer_end(try, &out);
    }
    t = time_steps - t;

    ccp_answer_outcome(try, &o);

    if (rc != CCP_OK || (o.error != NULL) != (e->kind == TIME_ERR)) {
        if (getenv("VERBOSE")) {
            printf("#   %s failed: %.*s\n", w->name,
                   o.error ? (int) o.error->message.n : 0,
                   o.error ? (const char *) o.error->message.p : "");
        }
        t = 0;
    }

    ccp_exchange_destroy(x);

    return t;
}


static uint64_t
time_steps_of(const time_element_t *e, const time_way_t *w, const char *text,
    ccp_arena_t *keep)
{
    return e->kind == TIME_ASK ? time_ask(e, w, text, keep)
                               : time_answer(e, w, text, keep);
}


/* ---- ways ---- */

static const char  *const time_presets[] = {
    "openai", "openai-responses", "gemini-openai", "groq", "mistral",
    "deepseek", "cerebras", "deepseek-anthropic", "zai", "ollama-v1", NULL
};


static size_t
time_ways_ask(const time_element_t *e, time_way_t *w)
{
    int          up;
    size_t       i, n;
    time_way_t   base;
    static char  names[CCP_NPROTO][4][48];
    static const char  *const kinds[] = { "", " compat", " params",
                                          " rules" };

    memset(&base, 0, sizeof(base));
    base.client = e->proto;
    n = 0;

    for (up = 0; up < CCP_NPROTO; up++) {
        base.dialect = ccp_provider_plain((ccp_proto_e) up);

        for (i = 0; i < (e->path[0] ? 1 : 4); i++) {
            w[n] = base;
            w[n].compat = (i == 1);
            w[n].params = (i == 2);
            w[n].rules = (i == 3);
            snprintf(names[up][i], sizeof(names[up][i]), "%s%s",
                     base.dialect->name, kinds[i]);
            w[n++].name = names[up][i];
        }
    }

    for (i = 0; e->path[0] == '\0' && time_presets[i]; i++) {
        base.dialect = ccp_provider_find(ccp_cstr(time_presets[i]));
        if (base.dialect == NULL) {
            fprintf(stderr, "time: no preset %s\n", time_presets[i]);
            exit(2);
        }
        w[n] = base;
        w[n++].name = time_presets[i];
    }

    return n;
}


static size_t
time_ways_answer(const time_element_t *e, time_way_t *w)
{
    int          client, stream, compat;
    size_t       n;
    static char  names[CCP_NPROTO][2][2][48];

    n = 0;

    for (client = 0; client < CCP_NPROTO; client++) {
        for (stream = 0; stream < 2; stream++) {
            for (compat = 0; compat < 2; compat++) {
                memset(&w[n], 0, sizeof(w[n]));
                w[n].client = (ccp_proto_e) client;
                w[n].dialect = ccp_provider_plain(e->proto);
                w[n].stream = stream;
                w[n].compat = compat;
                w[n].name = names[client][stream][compat];
                snprintf(names[client][stream][compat], 48, "%s %s%s",
                         ccp_provider_plain((ccp_proto_e) client)->name,
                         stream ? "stream" : "whole",
                         compat ? " compat" : "");
                n++;
            }
        }
    }

    return n;
}


/* ---- the table ---- */

static double
time_ratio(const time_cost_t *c)
{
    return c->one ? (double) c->two / (double) c->one : 0;
}


/* All ways of one element; 1 if one of them is worse than linear. */

static int
time_element(const time_element_t *e, ccp_arena_t *keep, size_t *ways)
{
    int                        bad;
    char                      *one, *two;
    size_t                     i, n, served, slow;
    time_way_t                 w[64];
    time_cost_t                c[64], worst;
    const char                *name;
    static const char  *const  kinds[] = { "ask", "say", "doc", "err" };

    one = time_expand(e, TIME_N);
    two = time_expand(e, 2 * TIME_N);
    n = e->kind == TIME_ASK ? time_ways_ask(e, w) : time_ways_answer(e, w);

    memset(&worst, 0, sizeof(worst));
    name = "nowhere";
    served = 0;
    slow = 0;

    for (i = 0; i < n; i++) {
        c[i].one = time_steps_of(e, &w[i], one, keep);
        c[i].two = c[i].one ? time_steps_of(e, &w[i], two, keep) : 0;

        served += (c[i].two != 0);
        slow += (time_ratio(&c[i]) > TIME_RATIO);

        if (time_ratio(&c[i]) > time_ratio(&worst)) {
            worst = c[i];
            name = w[i].name;
        }
    }

    /* an element that no one takes, or that costs nothing, tells nothing */

    bad = (slow || worst.one < TIME_N);

    printf("%s %s %-9s %-36s %-24s %11lu %11lu %5.2f\n",
           bad ? "not ok" : "ok    ", kinds[e->kind],
           ccp_provider_plain(e->proto)->name, e->name, name,
           (unsigned long) worst.one, (unsigned long) worst.two,
           time_ratio(&worst));

    for (i = 0; i < n; i++) {
        if (c[i].two && (slow > 1 || getenv("VERBOSE"))
            && (time_ratio(&c[i]) > TIME_RATIO || getenv("VERBOSE")))
        {
            printf("#   %-28s %11lu %11lu %5.2f\n", w[i].name,
                   (unsigned long) c[i].one, (unsigned long) c[i].two,
                   time_ratio(&c[i]));
        }
    }

    *ways += served;
    free(one);
    free(two);

    return bad;
}


static int
time_wanted(const char *name, char **words)
{
    if (*words == NULL) {
        return 1;
    }

    while (*words) {
        if (strstr(name, *words++)) {
            return 1;
        }
    }

    return 0;
}


int
main(int argc, char **argv)
{
    int              passed, failed;
    size_t           ways;
    ccp_mem_t        mem;
    ccp_arena_t     *keep;
    time_element_t  *e, *all;

    if (argc < 2) {
        fprintf(stderr, "usage: time ELEMENTS [WORD ...]\n");
        return 2;
    }

    json_object_seed(1);
    setvbuf(stdout, NULL, _IOLBF, 0);

    memset(&mem, 0, sizeof(mem));
    mem.alloc = time_alloc;
    mem.free = time_free;
    keep = ccp_arena_create(&mem, 0);
    if (keep == NULL) {
        abort();
    }

    all = time_elements(argv[1]);
    passed = 0;
    failed = 0;
    ways = 0;

    printf("# steps for %d and %d of each, the worst way; at most %.1f "
           "times\n", TIME_N, 2 * TIME_N, TIME_RATIO);

    for (e = all; e->text; e++) {
        if (time_wanted(e->name, argv + 2)) {
            if (time_element(e, keep, &ways)) {
                failed++;
            } else {
                passed++;
            }
        }
        free(e->text);
    }

    free(all);
    ccp_arena_destroy(keep);
    printf("# %zu ways\n%d passed, %d failed\n", ways, passed, failed);

    return failed != 0;
}
