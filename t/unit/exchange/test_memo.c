
/*
 * What an exchange remembers of those before changes no byte: each recorded
 * request, and each of its turns, to all protocols, with memory and without.
 */

#include "codec/base/base_memo.h"
#include "ut_exchange.h"


static const char  *const ut_paths[CCP_NPROTO] = {
    "/v1/messages", "/v1/chat/completions", "/v1/responses",
    "/v1beta/models/m:generateContent", "/api/chat"
};

typedef struct {
    ccp_memo_t  *memo;
    int          sent;
    int          refused;
    int          differ;
} ut_both_t;


/* What the upstream gets, or why it gets nothing; malloc'ed. */

static char *
ut_sent(ccp_proto_e client, const ccp_provider_t *up, ccp_str_t body,
    ccp_memo_t *memo, int *refused)
{
    int               rc;
    char             *text;
    ccp_env_t         env;
    ccp_str_t         uri;
    ccp_try_t        *try;
    ccp_error_t       err;
    ccp_target_t      t;
    ccp_endpoint_t    ep;
    ccp_exchange_t   *x;
    const ccp_out_t  *out;

    ut_env(&env, NULL);
    env.memo = memo;
    ccp_endpoint_parse(&ep, ccp_cstr(ut_paths[client]), ccp_none, 0);

    x = ccp_exchange_create(&env, &ep);
    ut_target(&t, up);
    memset(&err, 0, sizeof(ccp_error_t));

    rc = ccp_exchange_request(x, body, ccp_none, &err);

    if (rc == CCP_OK) {
        rc = ut_try(&try, x, &t, ccp_none, &out, &uri, &err);
    }

    *refused = (rc != CCP_OK);
    text = rc == CCP_OK ? ut_out_text(out) : ut_cstr(err.message);
    ccp_exchange_destroy(x);

    return text;
}


static void
ut_both(ut_both_t *b, ccp_proto_e client, ccp_str_t body, const char *name)
{
    int                    i, up, refused;
    char                  *anew, *known;
    const ccp_provider_t  *pr;

    for (up = 0; up < CCP_NPROTO; up++) {
        pr = ccp_provider_plain((ccp_proto_e) up);
        anew = ut_sent(client, pr, body, NULL, &refused);
        b->refused += refused;
        b->sent += !refused;

        for (i = 0; i < 2; i++) {
            known = ut_sent(client, pr, body, b->memo, &refused);

            if (strcmp(anew, known) != 0 && b->differ++ < 3) {
                printf("# %s to %s:\n# %.300s\n# %.300s\n", name, pr->name,
                       anew, known);
            }

            free(known);
        }

        free(anew);
    }
}


static void
ut_recorded(const ut_rec_t *rec, void *arg)
{
    ccp_str_t    s;
    ut_both_t   *b = arg;
    ccp_proto_e  client;

    s = ut_rec_request(rec);

    if (s.p == NULL) {
        return;
    }

    client = strcmp(rec->protocol, "anthropic") == 0 ? CCP_ANTHROPIC
             : strcmp(rec->protocol, "gemini") == 0 ? CCP_GEMINI
             : strcmp(rec->protocol, "ollama") == 0 ? CCP_OLLAMA
             : strcmp(rec->protocol, "openai-responses") == 0 ? CCP_RESPONSES
             : CCP_CHAT;

    ut_both(b, client, s, rec->prefix);
    free((void *) s.p);
}


/* Turns of two conversations with the same tools, one after the other. */

static void
test_turns(ut_both_t *b)
{
    int                i, k, turns;
    size_t             n;
    static char        p[100000];
    static const char  schema[] =
        "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\","
        "\"format\":\"uri\",\"x\":null},\"b\":{\"$ref\":\"#/$defs/c\"}},"
        "\"$defs\":{\"c\":{\"type\":\"integer\"}},\"required\":[\"a\"]}";

    for (turns = 0; turns < 24; turns++) {
        n = (size_t) snprintf(p, sizeof(p), "{\"model\":\"m\",\"max_tokens\":"
                              "9,\"tools\":[");

        for (k = 0; k < 9; k++) {
            n += (size_t) snprintf(p + n, sizeof(p) - n, "%s{\"name\":\"f%d\","
                                   "\"description\":\"d%d\",\"input_schema\":"
                                   "%s}", k ? "," : "", k, turns / 20, schema);
        }

        n += (size_t) snprintf(p + n, sizeof(p) - n, "],\"messages\":[");

        for (i = 0; i <= turns / 2; i++) {
            n += (size_t) snprintf(p + n, sizeof(p) - n,
                "%s{\"role\":\"user\",\"content\":\"who %d turn %d\"},"
                "{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\","
                "\"id\":\"t%d\",\"name\":\"f%d\",\"input\":{\"a\":\"%d\"}}]},"
                "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
                "\"tool_use_id\":\"t%d\",\"content\":\"r%d\"%s}]}",
                i ? "," : "", turns % 2, i, i, i % 9, i, i, i,
                i == turns / 2 ? ",\"cache_control\":{\"type\":\"ephemeral\"}"
                               : "");
        }

        n += (size_t) snprintf(p + n, sizeof(p) - n, "]}");
        ut_both(b, CCP_ANTHROPIC,
                ccp_str_range((uint8_t *) p, (uint8_t *) p + n), "turns");
    }
}


int
main(void)
{
    int        n;
    ccp_mem_t  mem;
    ut_mem_t   counted;
    ut_both_t  b;

    ut_mem_init(&counted);
    mem = ut_mem(&counted);

    memset(&b, 0, sizeof(ut_both_t));
    b.memo = ccp_memo_create(&mem, 4 << 20, 99);

    test_turns(&b);
    UT_CHECK(b.sent == 120 && b.differ == 0,
             "turns of two conversations, %d sent, %d differ", b.sent,
             b.differ);

    n = ut_recordings(NULL, ut_recorded, &b);
    if (n) {
        UT_CHECK(b.sent > 300 && b.differ == 0,
                 "%d recorded requests, %d sent, %d refused, %d differ", n,
                 b.sent, b.refused, b.differ);
    }

    UT_CHECK(ccp_memo_size(b.memo) > 100000, "something was kept: %zu bytes",
             ccp_memo_size(b.memo));

    ccp_memo_destroy(b.memo);
    UT_CHECK(counted.live == 0, "all memory is given back");

    return ut_done();
}
