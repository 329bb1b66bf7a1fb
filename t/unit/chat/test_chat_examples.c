
/*
 * Chat Completions requests in full: worked examples, from Anthropic and from
 * Chat itself, and every recorded one.
 */

#include "ut_chat.h"


static const char  ex1_a[] =
    "{\"model\":\"m\",\"max_tokens\":64,\"system\":\"Be brief.\",\"messages\""
    ":[{\"role\":\"user\",\"content\":\"Count: 1, 2\"}],\"temperature\":0.2,"
    "\"stop_sequences\":[\"5\"]}";
static const char  ex1_c[] =
    "{\"model\":\"m\",\"max_tokens\":64,\"messages\":[{\"role\":\"system\","
    "\"content\":\"Be brief.\"},{\"role\":\"user\",\"content\":"
    "\"Count: 1, 2\"}],\"temperature\":0.2,\"stop\":[\"5\"]}";

static const char  ex3_a[] =
    "{\"model\":\"m\",\"max_tokens\":256,\"messages\":[{\"role\":\"user\","
    "\"content\":\"Weather in Oslo, and the time?\"},{\"role\":\"assistant\","
    "\"content\":[{\"type\":\"text\",\"text\":\"Checking.\"},{\"type\":"
    "\"tool_use\",\"id\":\"toolu_a\",\"name\":\"weather\",\"input\":{\"city\""
    ":\"Oslo\"}},{\"type\":\"tool_use\",\"id\":\"toolu_b\",\"name\":\"now\","
    "\"input\":{}}]},{\"role\":\"user\",\"content\":[{\"type\":"
    "\"tool_result\",\"tool_use_id\":\"toolu_a\",\"content\":\"-3 \xc2\xb0""C,"
    " snow\"},{\"type\":\"tool_result\",\"tool_use_id\":\"toolu_b\","
    "\"content\":\"no clock\",\"is_error\":true}]}],\"tools\":[{\"name\":"
    "\"weather\",\"input_schema\":{\"type\":\"object\",\"properties\":"
    "{\"city\":{\"type\":\"string\"}}}},{\"name\":\"now\",\"input_schema\":"
    "{\"type\":\"object\",\"properties\":{}}}]}";
static const char  ex3_c[] =
    "{\"model\":\"m\",\"max_tokens\":256,\"messages\":[{\"role\":\"user\","
    "\"content\":\"Weather in Oslo, and the time?\"},{\"role\":\"assistant\","
    "\"content\":\"Checking.\",\"tool_calls\":[{\"id\":\"toolu_a\",\"type\":"
    "\"function\",\"function\":{\"name\":\"weather\",\"arguments\":"
    "\"{\\\"city\\\":\\\"Oslo\\\"}\"}},{\"id\":\"toolu_b\",\"type\":"
    "\"function\",\"function\":{\"name\":\"now\",\"arguments\":\"{}\"}}]},"
    "{\"role\":\"tool\",\"tool_call_id\":\"toolu_a\",\"content\":\"-3 "
    "\xc2\xb0""C, snow\"},{\"role\":\"tool\",\"tool_call_id\":\"toolu_b\","
    "\"content\":\"Error: no clock\"}],\"tools\":[{\"type\":\"function\","
    "\"function\":{\"name\":\"weather\",\"parameters\":{\"type\":\"object\","
    "\"properties\":{\"city\":{\"type\":\"string\"}}}}},{\"type\":"
    "\"function\",\"function\":{\"name\":\"now\",\"parameters\":{\"type\":"
    "\"object\",\"properties\":{}}}}]}";

static const char  ex4_a[] =
    "{\"model\":\"m\",\"max_tokens\":50,\"messages\":[{\"role\":\"user\","
    "\"content\":[{\"type\":\"image\",\"source\":{\"type\":\"base64\","
    "\"media_type\":\"image/png\",\"data\":\"iVBORw0KGgo=\"}},{\"type\":"
    "\"text\",\"text\":\"Main colour?\"}]}],\"output_config\":{\"format\":"
    "{\"type\":\"json_schema\",\"schema\":{\"type\":\"object\","
    "\"properties\":{\"colour\":{\"type\":\"string\"}},\"required\":["
    "\"colour\"],\"additionalProperties\":false}}}}";
static const char  ex4_c[] =
    "{\"model\":\"m\",\"max_tokens\":50,\"messages\":[{\"role\":\"user\","
    "\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":"
    "\"data:image/png;base64,iVBORw0KGgo=\"}},{\"type\":\"text\",\"text\":"
    "\"Main colour?\"}]}],\"response_format\":{\"type\":\"json_schema\","
    "\"json_schema\":{\"name\":\"response\",\"schema\":{\"type\":\"object\","
    "\"properties\":{\"colour\":{\"type\":\"string\"}},\"required\":["
    "\"colour\"],\"additionalProperties\":false},\"strict\":false}}}";

static const char  ex5_a[] =
    "{\"model\":\"m\",\"max_tokens\":9000,\"stream\":true,\"messages\":["
    "{\"role\":\"user\",\"content\":\"Time?\"}],\"thinking\":{\"type\":"
    "\"adaptive\"},\"output_config\":{\"effort\":\"medium\"},\"tools\":["
    "{\"name\":\"now\",\"input_schema\":{\"type\":\"object\",\"properties\":"
    "{}}}]}";
static const char  ex5_c[] =
    "{\"model\":\"m\",\"max_tokens\":9000,\"stream\":true,\"stream_options\":"
    "{\"include_usage\":true},\"messages\":[{\"role\":\"user\",\"content\":"
    "\"Time?\"}],\"reasoning_effort\":\"medium\",\"tools\":[{\"type\":"
    "\"function\",\"function\":{\"name\":\"now\",\"parameters\":{\"type\":"
    "\"object\",\"properties\":{}}}}]}";


static void
test_examples(void)
{
    int           ok;
    size_t        i;
    chat_req_t    x;
    ccp_arena_t  *a;

    static const struct {
        const char  *name;
        const char  *a;
        const char  *c;
    } t[] = {
        { "6.1", ex1_a, ex1_c },
        { "6.3", ex3_a, ex3_c },
        { "6.4", ex4_a, ex4_c },
        { "6.5", ex5_a, ex5_c },
    };

    for (i = 0; i < 2 * sizeof(t) / sizeof(t[0]); i++) {
        a = ut_arena();
        chat_req_init(&x, a);
        ok = 0;

        /* from Anthropic, and from Chat itself */

        if (chat_decode(&x, i % 2 ? CCP_CHAT : CCP_ANTHROPIC,
                        i % 2 ? t[i / 2].c : t[i / 2].a) == CCP_OK
            && chat_encode(&x, CCP_CHAT, NULL, NULL) == CCP_OK)
        {
            ok = ut_json_same(ccp_out_all(&x.out), ccp_cstr(t[i / 2].c));
        }

        UT_CHECK(ok, "example %s from %s", t[i / 2].name,
                 i % 2 ? "Chat" : "Anthropic");

        if (!ok) {
            printf("# rc %d got %.*s\n", x.rc,
                   (int) ccp_out_all(&x.out).n, ccp_out_all(&x.out).p);
        }

        ccp_arena_destroy(a);
    }
}


/* Every recorded request is one that a client sent: it must be read. */

static void
recorded(const ut_rec_t *rec, void *arg)
{
    int          *n = arg;
    char         *body;
    ccp_str_t     s;
    chat_req_t    x;
    ccp_arena_t  *a;

    s = ut_rec_request(rec);

    if (s.p == NULL) {
        return;
    }

    a = ut_arena();
    body = ut_cstr(s);
    chat_req_init(&x, a);
    chat_decode(&x, CCP_CHAT, body);

    if (x.rc == CCP_OK && rec->status == 200) {
        chat_encode(&x, CCP_CHAT, NULL, NULL);
    }

    if (rec->status == 200) {
        UT_CHECK(x.rc == CCP_OK, "recorded request %s%s%.*s", rec->prefix,
                 x.rc == CCP_OK ? "" : ": ", (int) x.err.message.n,
                 x.err.message.p ? (char *) x.err.message.p : "");
        (*n)++;
    }

    free(body);
    free((void *) s.p);
    ccp_arena_destroy(a);
}


int
main(void)
{
    int  n;

    test_examples();

    n = 0;

    if (ut_recordings("openai-chat", recorded, &n)) {
        UT_CHECK(n > 0, "there are recorded requests");
    }

    return ut_done();
}
