
/*
 * What a request costs grows with its size, not with its square: histories
 * of n and 4n pieces are converted, and their allocations, bytes and CPU
 * time compared.
 */

#include <time.h>

#include "codec/json/json_out.h"
#include "codec/form/form_error.h"
#include "codec/form/form_request.h"
#include "codec/provider/provider.h"
#include "codec/exchange/exchange.h"
#include "ut_exchange.h"


#define LINEAR_N         1500
#define LINEAR_TIMES     4

/* A square would give 16; what is counted is exact, time is not. */
#define LINEAR_COUNT     5.0
#define LINEAR_CPU       8.0

/* Times too short to compare: as if they were so long. */
#define LINEAR_FLOOR     (CLOCKS_PER_SEC / 200)


typedef struct {
    double  count;
    double  bytes;
    double  cpu;
} cost_t;


typedef struct {
    const char   *what;
    const char   *path;
    ccp_proto_e   up;
    const char   *head;
    const char   *piece;           /* with the number, up to three times */
    const char   *middle;
    const char   *piece2;          /* NULL: none */
    const char   *tail;
    const char   *provider;        /* NULL: a plain one of up */
} history_t;


#define LINEAR_ANT   "/v1/messages"
#define LINEAR_CHAT  "/v1/chat/completions"
#define LINEAR_ASK   "{\"role\":\"user\",\"content\":\"x\"}"
#define LINEAR_BODY  "{\"model\":\"m\",\"max_tokens\":9,"
#define LINEAR_MSGS  LINEAR_BODY "\"messages\":[" LINEAR_ASK
#define LINEAR_END   "]}"

#define LINEAR_CALL                                                           \
    "{\"type\":\"tool_use\",\"id\":\"t%d\",\"name\":\"f%d\",\"input\":{}}"
#define LINEAR_RESULT                                                         \
    "{\"type\":\"tool_result\",\"tool_use_id\":\"t%d\",\"content\":\"r\"}"
#define LINEAR_LONG                                                           \
    "a_name_that_is_far_too_long_for_the_sixty_four_letters_which_it_may_have"


static const history_t  histories[] = {
    { "messages", LINEAR_ANT, CCP_CHAT, LINEAR_MSGS,
      ",{\"role\":\"assistant\",\"content\":\"a%d\"},"
      "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"u\"}]}",
      "", NULL, LINEAR_END, NULL },
    { "messages of one role", LINEAR_ANT, CCP_CHAT, LINEAR_MSGS,
      ",{\"role\":\"user\",\"content\":\"u%d\"}", "", NULL, LINEAR_END, NULL },
    { "messages of one role that become one", LINEAR_ANT, CCP_CHAT,
      LINEAR_MSGS, ",{\"role\":\"user\",\"content\":\"u%d\"}", "", NULL,
      LINEAR_END, "perplexity" },
    { "turns with a tool", LINEAR_ANT, CCP_CHAT, LINEAR_MSGS,
      ",{\"role\":\"assistant\",\"content\":[" LINEAR_CALL "]},"
      "{\"role\":\"user\",\"content\":[" LINEAR_RESULT "]}",
      "", NULL, LINEAR_END, NULL },
    { "turns with a tool, as text", "/compat" LINEAR_ANT, CCP_CHAT,
      LINEAR_MSGS,
      ",{\"role\":\"assistant\",\"content\":[" LINEAR_CALL "]},"
      "{\"role\":\"user\",\"content\":[" LINEAR_RESULT "]}",
      "", NULL, LINEAR_END, NULL },
    { "calls at once, as text", "/compat" LINEAR_ANT, CCP_CHAT,
      LINEAR_MSGS ",{\"role\":\"assistant\",\"content\":["
      "{\"type\":\"text\",\"text\":\"x\"}", "," LINEAR_CALL,
      "]},{\"role\":\"user\",\"content\":[{\"type\":\"text\","
      "\"text\":\"x\"}", "," LINEAR_RESULT, "]}" LINEAR_END, NULL },
    { "tags in a result, as text", "/compat" LINEAR_ANT, CCP_CHAT,
      LINEAR_MSGS ",{\"role\":\"assistant\",\"content\":["
      "{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"f\",\"input\":{}}"
      "]},{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
      "\"tool_use_id\":\"t\",\"content\":\"", "<<</ccp:result %d><ccp:",
      "", NULL, "\"}]}" LINEAR_END, NULL },
    { "blocks", LINEAR_ANT, CCP_CHAT,
      LINEAR_BODY "\"messages\":[{\"role\":\"user\",\"content\":["
      "{\"type\":\"text\",\"text\":\"x\"}",
      ",{\"type\":\"text\",\"text\":\"%d\"}", "", NULL,
      "]}" LINEAR_END, NULL },
    { "images", LINEAR_ANT, CCP_CHAT,
      LINEAR_BODY "\"messages\":[{\"role\":\"user\",\"content\":["
      "{\"type\":\"text\",\"text\":\"x\"}",
      ",{\"type\":\"image\",\"source\":{\"type\":\"base64\","
      "\"media_type\":\"image/png\",\"data\":\"AAAA\"},\"n\":%d}",
      "", NULL, "]}" LINEAR_END, NULL },
    { "system texts", LINEAR_ANT, CCP_CHAT,
      LINEAR_BODY "\"system\":[{\"type\":\"text\",\"text\":\"x\"}",
      ",{\"type\":\"text\",\"text\":\"%d\"}", "", NULL,
      "],\"messages\":[" LINEAR_ASK LINEAR_END, NULL },
    { "calls in parallel", LINEAR_ANT, CCP_CHAT,
      LINEAR_MSGS ",{\"role\":\"assistant\",\"content\":["
      "{\"type\":\"text\",\"text\":\"x\"}",
      "," LINEAR_CALL,
      "]},{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"x\"}",
      "," LINEAR_RESULT, "]}" LINEAR_END, NULL },
    { "results without calls", LINEAR_ANT, CCP_CHAT,
      LINEAR_BODY "\"messages\":[{\"role\":\"user\",\"content\":["
      "{\"type\":\"text\",\"text\":\"x\"}",
      "," LINEAR_RESULT, "", NULL, "]}" LINEAR_END, NULL },
    { "calls without results", LINEAR_ANT, CCP_CHAT,
      LINEAR_MSGS,
      ",{\"role\":\"assistant\",\"content\":[" LINEAR_CALL "]},"
      LINEAR_ASK, "", NULL, LINEAR_END, NULL },
    { "tools", LINEAR_ANT, CCP_CHAT,
      LINEAR_MSGS "],\"tools\":[{\"name\":\"g\",\"input_schema\":{\"type\":"
      "\"object\"}}",
      ",{\"name\":\"f%d\",\"input_schema\":{\"$schema\":\"x\",\"type\":"
      "\"object\",\"properties\":{\"a\":{\"type\":\"string\"}}}}",
      "", NULL, LINEAR_END, NULL },
    { "tools with long names, and their calls", LINEAR_ANT, CCP_CHAT,
      LINEAR_BODY "\"tools\":[{\"name\":\"g\",\"input_schema\":{\"type\":"
      "\"object\"}}",
      ",{\"name\":\"" LINEAR_LONG "%d\",\"input_schema\":{\"type\":"
      "\"object\"}}",
      "],\"messages\":[" LINEAR_ASK,
      ",{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":"
      "\"t%d\",\"name\":\"" LINEAR_LONG "%d\",\"input\":{}}]},{\"role\":"
      "\"user\",\"content\":[" LINEAR_RESULT "]}", LINEAR_END, NULL },
    { "members of a schema", LINEAR_ANT, CCP_CHAT,
      LINEAR_MSGS "],\"tools\":[{\"name\":\"g\",\"input_schema\":{\"type\":"
      "\"object\",\"properties\":{\"a\":{}",
      ",\"p%d\":{\"type\":\"string\",\"title\":null}", "", NULL,
      "}}}" LINEAR_END, NULL },
    { "stop sequences", LINEAR_ANT, CCP_CHAT,
      LINEAR_BODY "\"stop_sequences\":[\"x\"", ",\"s%d\"", "", NULL,
      "],\"messages\":[" LINEAR_ASK LINEAR_END, NULL },
    { "things that are noted", LINEAR_ANT, CCP_CHAT,
      LINEAR_MSGS "],\"tools\":[{\"name\":\"g\",\"input_schema\":{\"type\":"
      "\"object\"}}",
      ",{\"type\":\"code_execution_20250522\",\"name\":\"f%d\"}",
      "", NULL, LINEAR_END, NULL },
    { "unknown members", LINEAR_ANT, CCP_CHAT,
      LINEAR_BODY "\"x\":1", ",\"x%d\":1", "", NULL,
      ",\"messages\":[" LINEAR_ASK LINEAR_END, NULL },
    { "turns that are spliced", LINEAR_ANT, CCP_ANTHROPIC, LINEAR_MSGS,
      ",{\"role\":\"assistant\",\"content\":[" LINEAR_CALL "]},"
      "{\"role\":\"user\",\"content\":[" LINEAR_RESULT "]}",
      "", NULL, LINEAR_END, NULL },
    { "members that are spliced", LINEAR_ANT, CCP_ANTHROPIC,
      LINEAR_BODY "\"x\":1", ",\"x\":%d", "", NULL,
      ",\"messages\":[" LINEAR_ASK LINEAR_END, NULL },
    { "Chat's turns for Anthropic, without tools", LINEAR_CHAT, CCP_ANTHROPIC,
      LINEAR_MSGS,
      ",{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"t%d\",\"type\":"
      "\"function\",\"function\":{\"name\":\"f%d\",\"arguments\":"
      "\"{\\\"a\\\":1}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"t%d\","
      "\"content\":\"r\"}", "", NULL, LINEAR_END, NULL }
};


static cost_t  spent;


static void *
count_alloc(void *ctx, size_t n)
{
    (void) ctx;
    spent.count++;
    spent.bytes += (double) n;
    return malloc(n);
}


static void
count_free(void *ctx, void *p)
{
    (void) ctx;
    free(p);
}


#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
#endif

static char *
build(const history_t *h, int n)
{
    int      i;
    char    *text, *p;
    size_t   piece;

    piece = strlen(h->piece) + (h->piece2 ? strlen(h->piece2) : 0) + 64;
    text = malloc(strlen(h->head) + strlen(h->middle) + strlen(h->tail)
                  + (size_t) n * piece + 1);
    p = text + sprintf(text, "%s", h->head);

    for (i = 0; i < n; i++) {
        p += sprintf(p, h->piece, i, i, i);
    }

    p += sprintf(p, "%s", h->middle);

    for (i = 0; h->piece2 && i < n; i++) {
        p += sprintf(p, h->piece2, i, i, i);
    }

    sprintf(p, "%s", h->tail);

    return text;
}


static int
convert(const history_t *h, const char *body)
{
    int               rc;
    ccp_mem_t         mem;
    ccp_str_t         uri;
    ccp_try_t        *try;
    ccp_error_t       err;
    ccp_target_t      t;
    ccp_exchange_t   *x;
    const ccp_out_t  *out;

    memset(&mem, 0, sizeof(mem));
    mem.alloc = count_alloc;
    mem.free = count_free;

    ut_target(&t, h->provider ? ccp_provider_find(ccp_cstr(h->provider))
                              : ccp_provider_plain(h->up));
    t.model = ccp_lit("other");

    x = ut_exchange_create(&mem, h->path, NULL);
    if (x == NULL) {
        return CCP_NOMEM;
    }

    memset(&err, 0, sizeof(err));
    rc = ccp_exchange_request(x, ccp_cstr(body), ccp_none, &err);

    if (rc == CCP_OK) {
        rc = ut_try(&try, x, &t, ccp_none, &out, &uri, &err);
    }

    if (rc != CCP_OK) {
        printf("# %s: %.*s\n", h->what, (int) err.message.n,
               (const char *) err.message.p);
    }

    ccp_exchange_destroy(x);

    return rc;
}


/* The cheapest of a few runs. */
static int
measure(const history_t *h, int n, cost_t *best)
{
    int      i, rc;
    char    *body;
    clock_t  t;

    rc = CCP_OK;
    body = build(h, n);
    best->cpu = 1e30;

    for (i = 0; i < 3 && rc == CCP_OK; i++) {
        memset(&spent, 0, sizeof(spent));
        t = clock();
        rc = convert(h, body);
        t = clock() - t;

        best->count = spent.count;
        best->bytes = spent.bytes;

        if ((double) t < best->cpu) {
            best->cpu = (double) t;
        }
    }

    free(body);

    if (best->cpu < LINEAR_FLOOR) {
        best->cpu = LINEAR_FLOOR;
    }

    return rc;
}


int
main(void)
{
    int               rc;
    size_t            i;
    cost_t            one, four;
    const history_t  *h;

    for (i = 0; i < sizeof(histories) / sizeof(histories[0]); i++) {
        h = &histories[i];
        rc = measure(h, LINEAR_N, &one);

        if (rc == CCP_OK) {
            rc = measure(h, LINEAR_N * LINEAR_TIMES, &four);
        }

        UT_CHECK(rc == CCP_OK && four.count <= one.count * LINEAR_COUNT,
                 "%s: allocations", h->what);
        UT_CHECK(rc == CCP_OK && four.bytes <= one.bytes * LINEAR_COUNT,
                 "%s: memory", h->what);
        UT_CHECK(rc == CCP_OK && four.cpu <= one.cpu * LINEAR_CPU,
                 "%s: CPU time", h->what);

        if (rc == CCP_OK) {
            printf("# x%.2f allocations, x%.2f bytes, x%.2f CPU (%.1f ms)\n",
                   four.count / one.count, four.bytes / one.bytes,
                   four.cpu / one.cpu,
                   four.cpu * 1000 / CLOCKS_PER_SEC);
        }
    }

    return ut_done();
}
