
/*
 * Searches that other providers ran, and sources that they name, reach an
 * Anthropic client that asked for a search as the server tool and its result
 * (T69).  All answers are fed whole and by single bytes.
 */

#include "ut_said.h"
#include "codec/provider/provider.h"


#define CHUNK(delta)                                                          \
    "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1," \
    "\"model\":\"m\",\"choices\":[{\"index\":0," delta "}]"

#define SOURCE  "{\"type\":\"url_citation\",\"url_citation\":{\"start_index\"" \
    ":0,\"end_index\":7,\"url\":\"https://example.org/a\",\"title\":\"T\"}}"

#define GROUNDED                                                              \
    "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":" \
    "\"The sky\"}]},\"finishReason\":\"STOP\",\"groundingMetadata\":"         \
    "{\"webSearchQueries\":[\"a \\\"b\\\"\",\"c\"],\"groundingChunks\":"      \
    "[{\"web\":{\"uri\":\"https://example.org/a\",\"title\":\"T\"}},{\"web\"" \
    ":{\"uri\":\"https://example.org/b\"}}]}}],\"usageMetadata\":"            \
    "{\"promptTokenCount\":1,\"candidatesTokenCount\":1,"                     \
    "\"totalTokenCount\":2}}"

#define LINK_A                                                                \
    "[{\"type\":\"web_search_result\",\"url\":\"https://example.org/a\","     \
    "\"title\":\"T\",\"encrypted_content\":\"\",\"page_age\":null}"

#define ITEM(n, body)                                                         \
    "data: {\"type\":\"response." n "\",\"output_index\":" body "}\n\n"


typedef struct {
    const char  *name;
    const char  *preset;       /* NULL: the plain row */
    ccp_proto_e  proto;
    int          stream;
    const char  *answer;
    const char  *has[4];       /* in that order */
} row_t;

static const row_t  rows[] = {
    { "annotations of a whole Chat answer", NULL, CCP_CHAT, 0,
      "{\"id\":\"x\",\"object\":\"chat.completion\",\"created\":1,\"model\":"
      "\"m\",\"choices\":[{\"index\":0,\"finish_reason\":\"stop\","
      "\"message\":{\"role\":\"assistant\",\"content\":\"The sky\","
      "\"annotations\":[" SOURCE "," SOURCE "]}}],\"usage\":"
      "{\"prompt_tokens\":1,\"completion_tokens\":1,\"total_tokens\":2}}",
      { "\"type\":\"server_tool_use\"", "\"content\":" LINK_A "]",
        "\"text\":\"The sky\"", "\"web_search_requests\":1" } },
    { "annotations of a streamed Chat answer", NULL, CCP_CHAT, 1,
      CHUNK("\"delta\":{\"role\":\"assistant\",\"content\":\"The sky\"}") "}"
      "\n\n" CHUNK("\"delta\":{\"annotations\":[" SOURCE "]}") "}\n\n"
      CHUNK("\"delta\":{},\"finish_reason\":\"stop\"") "}\n\ndata: [DONE]\n\n",
      { "\"text\":\"The sky\"", "\"type\":\"server_tool_use\"",
        "\"content\":" LINK_A "]", "\"web_search_requests\":1" } },
    { "Perplexity's sources with their titles", "perplexity", CCP_CHAT, 1,
      CHUNK("\"delta\":{\"role\":\"assistant\",\"content\":\"The \"}")
      ",\"citations\":[\"https://example.org/a\"],\"search_results\":"
      "[{\"title\":\"T\",\"url\":\"https://example.org/a\"}]}\n\n"
      CHUNK("\"delta\":{\"content\":\"sky\"},\"finish_reason\":\"stop\"")
      ",\"citations\":[\"https://example.org/a\"],\"search_results\":"
      "[{\"title\":\"T\",\"url\":\"https://example.org/a\"}]}\n\n",
      { "\"type\":\"server_tool_use\"", "\"content\":" LINK_A "]",
        "\"web_search_requests\":1", NULL } },
    { "Perplexity's addresses alone", "perplexity", CCP_CHAT, 0,
      "{\"id\":\"x\",\"object\":\"chat.completion\",\"created\":1,\"model\":"
      "\"m\",\"citations\":[\"https://example.org/a\"],\"choices\":[{\"index\""
      ":0,\"finish_reason\":\"stop\",\"message\":{\"role\":\"assistant\","
      "\"content\":\"The sky\"}}]}",
      { "\"type\":\"web_search_tool_result\"", "\"https://example.org/a\"",
        "\"text\":\"The sky\"", "\"web_search_requests\":1" } },
    { "Gemini's grounding", "gemini", CCP_GEMINI, 0, GROUNDED,
      { "\"input\":{\"query\":\"a \\\"b\\\"\"}", LINK_A ",",
        "\"https://example.org/b\"", "\"web_search_requests\":1" } },
    { "the same streamed", "gemini", CCP_GEMINI, 1, "data: " GROUNDED "\n\n",
      { "\\\"query\\\":\\\"a \\\\\\\"b\\\\\\\"\\\"", LINK_A ",",
        "\"https://example.org/b\"", "\"web_search_requests\":1" } },
    { "a search whose links are named by the text", NULL, CCP_RESPONSES, 1,
      "data: {\"type\":\"response.created\",\"response\":{\"id\":\"r\","
      "\"object\":\"response\",\"created_at\":1,\"status\":\"in_progress\","
      "\"model\":\"m\",\"output\":[]}}\n\n"
      ITEM("output_item.added", "0,\"item\":{\"id\":\"ws_1\",\"type\":"
           "\"web_search_call\",\"status\":\"in_progress\"}")
      ITEM("output_item.done", "0,\"item\":{\"id\":\"ws_1\",\"type\":"
           "\"web_search_call\",\"status\":\"completed\",\"action\":{\"type\":"
           "\"search\",\"query\":\"q\"}}")
      ITEM("output_item.added", "1,\"item\":{\"id\":\"msg_1\",\"type\":"
           "\"message\",\"role\":\"assistant\",\"content\":[]}")
      ITEM("content_part.added", "1,\"content_index\":0,\"item_id\":\"msg_1\","
           "\"part\":{\"type\":\"output_text\",\"text\":\"\","
           "\"annotations\":[]}")
      ITEM("output_text.delta", "1,\"content_index\":0,\"item_id\":\"msg_1\","
           "\"delta\":\"The sky\"")
      ITEM("output_text.annotation.added", "1,\"content_index\":0,\"item_id\":"
           "\"msg_1\",\"annotation_index\":0,\"annotation\":{\"type\":"
           "\"url_citation\",\"url\":\"https://example.org/a\",\"title\":"
           "\"T\"}")
      "data: {\"type\":\"response.completed\",\"response\":{\"id\":\"r\","
      "\"object\":\"response\",\"created_at\":1,\"status\":\"completed\","
      "\"model\":\"m\",\"output\":[],\"usage\":{\"input_tokens\":5,"
      "\"output_tokens\":2,\"total_tokens\":7}}}\n\n",
      { "\"type\":\"server_tool_use\"", "\"text\":\"The sky\"",
        "\"content\":" LINK_A "]", "\"web_search_requests\":1" } }
};

#define SAY    "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]"
#define TOOL   "\"tools\":[{\"type\":\"web_search_20250305\",\"name\":"       \
    "\"web_search\"}],"


/* What the client gets of an answer, malloc'ed; NULL: nothing. */

static char *
answer(const row_t *r, const char *tools, size_t step)
{
    char                  *got, *body;
    size_t                 n;
    ccp_str_t              uri, out;
    ccp_try_t             *try;
    ccp_head_t             head;
    ccp_error_t            err;
    ccp_target_t           t;
    ccp_exchange_t        *x;
    const ccp_out_t       *sent;
    const ccp_provider_t  *pr;

    pr = r->preset ? ccp_provider_find(ccp_cstr(r->preset))
                   : ccp_provider_plain(r->proto);
    ut_target(&t, pr);
    x = ut_exchange_create(NULL, "/v1/messages", NULL);

    n = strlen(tools) + 200;
    body = malloc(n);
    snprintf(body, n, "{\"model\":\"m\",\"max_tokens\":9,\"stream\":%s,%s"
             SAY "}", r->stream ? "true" : "false", tools);

    got = NULL;

    if (ccp_exchange_request(x, ccp_cstr(body), ccp_none, &err) == CCP_OK
        && ut_try(&try, x, &t, ccp_none, &sent, &uri, &err) == CCP_OK)
    {
        out = ut_said_feed(try, ccp_cstr(r->answer), 200, 0, step, &head);
        got = out.p ? ut_cstr(out) : NULL;
    }

    ccp_exchange_destroy(x);
    free(body);

    return got;
}


static void
test_row(const row_t *r, size_t step)
{
    char        *got;
    size_t       i;
    const char  *at;

    got = answer(r, TOOL, step);
    at = got;

    for (i = 0; at && i < 4 && r->has[i]; i++) {
        at = strstr(at, r->has[i]);
    }

    UT_CHECK(at != NULL, "T69: %s, by %d", r->name, (int) step);

    if (at == NULL) {
        printf("# got %s\n", got ? got : "nothing");
    }

    free(got);
}


int
main(void)
{
    char    *got;
    size_t   i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        test_row(&rows[i], 4096);
        test_row(&rows[i], 1);

        if (rows[i].proto != CCP_RESPONSES) {
            got = answer(&rows[i], "", 4096);
            UT_CHECK(got && strstr(got, "server_tool_use") == NULL
                     && strstr(got, "sky") != NULL,
                     "T69: none for who asked for no search");
            free(got);
        }
    }

    return ut_done();
}
