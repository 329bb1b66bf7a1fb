
/*
 * Answers in tool compatibility mode: what a model writes as text, over each
 * protocol, streamed or whole, comes to each client as calls of its own.
 */

#include "ut_compat.h"
#include "ut_said.h"
#include "codec/base/base_buf.h"


/* Before and behind each piece of text. */

typedef struct {
    const char  *whole[2];
    const char  *begin;
    const char  *piece[2];
    const char  *end;
} ut_speech_t;


static const ut_speech_t  ut_speech[CCP_NPROTO] = {

    { { "{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"model\":"
        "\"m\",\"content\":[{\"type\":\"text\",\"text\":\"",
        "\"}],\"stop_reason\":\"end_turn\",\"stop_sequence\":null,\"usage\":"
        "{\"input_tokens\":3,\"output_tokens\":2}}" },
      "event: message_start\ndata: {\"type\":\"message_start\",\"message\":"
      "{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"model\":"
      "\"m\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,"
      "\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}}\n\n"
      "event: content_block_start\ndata: {\"type\":\"content_block_start\","
      "\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
      { "event: content_block_delta\ndata: {\"type\":\"content_block_delta\","
        "\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"",
        "\"}}\n\n" },
      "event: content_block_stop\ndata: {\"type\":\"content_block_stop\","
      "\"index\":0}\n\nevent: message_delta\ndata: {\"type\":"
      "\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\","
      "\"stop_sequence\":null},\"usage\":{\"output_tokens\":2}}\n\n"
      "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n" },

    { { "{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":"
        "\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
        "\"content\":\"",
        "\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3,"
        "\"completion_tokens\":2,\"total_tokens\":5}}" },
      "",
      { "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,"
        "\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"",
        "\"},\"finish_reason\":null}]}\n\n" },
      "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,"
      "\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},"
      "\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n" },

    { { "{\"id\":\"r\",\"object\":\"response\",\"created_at\":1,\"status\":"
        "\"completed\",\"model\":\"m\",\"output\":[{\"type\":\"message\","
        "\"id\":\"i\",\"role\":\"assistant\",\"status\":\"completed\","
        "\"content\":[{\"type\":\"output_text\",\"annotations\":[],\"text\":\"",
        "\"}]}],\"usage\":{\"input_tokens\":3,\"output_tokens\":2,"
        "\"total_tokens\":5}}" },
      "event: response.created\ndata: {\"type\":\"response.created\","
      "\"response\":{\"id\":\"r\",\"object\":\"response\",\"created_at\":1,"
      "\"status\":\"in_progress\",\"model\":\"m\",\"output\":[]}}\n\n"
      "event: response.output_item.added\ndata: {\"type\":"
      "\"response.output_item.added\",\"output_index\":0,\"item\":{\"type\":"
      "\"message\",\"id\":\"i\",\"role\":\"assistant\",\"status\":"
      "\"in_progress\",\"content\":[]}}\n\n"
      "event: response.content_part.added\ndata: {\"type\":"
      "\"response.content_part.added\",\"item_id\":\"i\",\"output_index\":0,"
      "\"content_index\":0,\"part\":{\"type\":\"output_text\",\"text\":\"\","
      "\"annotations\":[]}}\n\n",
      { "event: response.output_text.delta\ndata: {\"type\":"
        "\"response.output_text.delta\",\"item_id\":\"i\",\"output_index\":0,"
        "\"content_index\":0,\"delta\":\"", "\"}\n\n" },
      "event: response.completed\ndata: {\"type\":\"response.completed\","
      "\"response\":{\"id\":\"r\",\"object\":\"response\",\"created_at\":1,"
      "\"status\":\"completed\",\"model\":\"m\",\"output\":[],\"usage\":"
      "{\"input_tokens\":3,\"output_tokens\":2,\"total_tokens\":5}}}\n\n" },

    { { "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{"
        "\"text\":\"",
        "\"}]},\"finishReason\":\"STOP\",\"index\":0}],\"usageMetadata\":"
        "{\"promptTokenCount\":3,\"candidatesTokenCount\":2}}" },
      "",
      { "data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{"
        "\"text\":\"", "\"}]},\"index\":0}]}\n\n" },
      "data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{"
      "\"text\":\"\"}]},\"finishReason\":\"STOP\",\"index\":0}],"
      "\"usageMetadata\":{\"promptTokenCount\":3,"
      "\"candidatesTokenCount\":2}}\n\n" },

    { { "{\"model\":\"m\",\"created_at\":\"2025-11-22T00:00:00Z\",\"message\":"
        "{\"role\":\"assistant\",\"content\":\"",
        "\"},\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":3,"
        "\"eval_count\":2}\n" },
      "",
      { "{\"model\":\"m\",\"created_at\":\"2025-11-22T00:00:00Z\",\"message\":"
        "{\"role\":\"assistant\",\"content\":\"", "\"},\"done\":false}\n" },
      "{\"model\":\"m\",\"created_at\":\"2025-11-22T00:00:00Z\",\"message\":"
      "{\"role\":\"assistant\",\"content\":\"\"},\"done\":true,\"done_reason\":"
      "\"stop\",\"prompt_eval_count\":3,\"eval_count\":2}\n" }
};


#define OBJECT  "{\"type\":\"object\",\"properties\":{\"path\":{\"type\":"    \
                "\"string\"},\"n\":{\"type\":\"number\"}}}"

/* What is asked, with a tool "read" and one that is called something else. */

static const char  *const ut_asked[CCP_NPROTO] = {
    "{\"model\":\"m\",\"max_tokens\":9,\"tools\":[{\"name\":\"read\","
    "\"input_schema\":" OBJECT "},{\"name\":\"ls\",\"input_schema\":{\"type\":"
    "\"object\"}}],\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],"
    "\"stream\":%s}",

    "{\"model\":\"m\",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":"
    "\"read\",\"parameters\":" OBJECT "}},{\"type\":\"function\","
    "\"function\":{\"name\":\"ls\"}}],\"messages\":[{\"role\":\"user\","
    "\"content\":\"x\"}],\"stream_options\":{\"include_usage\":true},"
    "\"stream\":%s}",

    "{\"model\":\"m\",\"tools\":[{\"type\":\"function\",\"name\":\"read\","
    "\"parameters\":" OBJECT "},{\"type\":\"function\",\"name\":\"ls\"}],"
    "\"input\":\"x\",\"stream\":%s}",

    "{\"tools\":[{\"functionDeclarations\":[{\"name\":\"read\","
    "\"parametersJsonSchema\":" OBJECT "},{\"name\":\"ls\"}]}],\"contents\":"
    "[{\"parts\":[{\"text\":\"x\"}]}]}",

    "{\"model\":\"m\",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":"
    "\"read\",\"parameters\":" OBJECT "}},{\"type\":\"function\","
    "\"function\":{\"name\":\"ls\"}}],\"messages\":[{\"role\":\"user\","
    "\"content\":\"x\"}],\"stream\":%s}"
};


#define CALLS                                                                 \
    "I look.\n\n<ccp:call name=\"read\">{\"path\": \"a <b> \\\"c\\\"\\n\\u00e9\"," \
    " \"n\": 2.50}</ccp:call>\n<ccp:call name=\"ls\">\n{}\n</ccp:call>"


/* Text of pieces of n bytes as the body that the upstream sends. */

static char *
ut_speak(ccp_proto_e up, const char *text, size_t n)
{
    char               *s;
    size_t              i, len;
    ccp_buf_t           b;
    ccp_str_t           piece;
    ccp_arena_t        *a;
    const ut_speech_t  *sp;

    a = ut_arena();
    ccp_buf_init(&b, a, 0);
    sp = &ut_speech[up];
    len = strlen(text);

    (void) ccp_buf_add(&b, n ? sp->begin : sp->whole[0],
                       strlen(n ? sp->begin : sp->whole[0]));

    for (i = 0; i < len; i += piece.n) {
        piece = ccp_cstr(text + i);
        piece.n = n && n < piece.n ? n : piece.n;

        if (n) {
            (void) ccp_buf_add(&b, sp->piece[0], strlen(sp->piece[0]));
        }

        (void) ccp_buf_add_json(&b, piece);

        if (n) {
            (void) ccp_buf_add(&b, sp->piece[1], strlen(sp->piece[1]));
        }
    }

    (void) ccp_buf_add(&b, n ? sp->end : sp->whole[1],
                       strlen(n ? sp->end : sp->whole[1]));

    s = ut_cstr(ccp_buf_str(&b, 0));
    ccp_arena_destroy(a);

    return s;
}


static int
ut_exchange(ut_compat_t *u, ccp_proto_e client, ccp_proto_e up, int stream,
    char *body, size_t size)
{
    int  rc;

    snprintf(body, size, ut_asked[client], stream ? "true" : "false");

    rc = ut_compat_open(u, NULL, client == CCP_GEMINI && stream
                        ? "/v1beta/models/m:streamGenerateContent"
                        : ut_compat_paths[client]);

    if (rc == CCP_OK) {
        rc = ccp_exchange_request(u->x, ccp_cstr(body), ccp_none, &u->err);
    }

    return rc == CCP_OK ? ut_compat_target(u, up, CCP_TOOLS_COMPAT) : rc;
}


/* What the client gets of an answer in pieces of n bytes, 0: whole. */

static int
ut_heard(ccp_proto_e client, ccp_proto_e up, int stream, const char *text,
    size_t n, ut_said_t *said)
{
    int           ok;
    char          body[2048], *speech;
    ccp_str_t     got;
    ccp_head_t    head;
    ut_compat_t   u;

    memset(said, 0, sizeof(ut_said_t));

    ok = ut_exchange(&u, client, up, stream, body, sizeof(body)) == CCP_OK;

    speech = ut_speak(up, text, n);

    if (ok) {
        got = ut_said_feed(u.try, ccp_cstr(speech), 200, 0, 1000, &head);
        ok = got.p && head.status == 200
             && ut_said_read(said, client, got, 200);
    }

    free(speech);
    ccp_exchange_destroy(u.x);

    return ok;
}


static void
ut_pair(ccp_proto_e client, ccp_proto_e up, int stream)
{
    int        ok;
    size_t     k;
    ut_said_t  said;

    static const size_t  sizes[] = { 0, 1, 5, 4096 };
    static const char    calls[] =
        "read({\"n\":2.5,\"path\":\"a <b> \\\"c\\\"\\n\303\251\"})ls({})";

    for (k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
        ok = ut_heard(client, up, stream, CALLS, sizes[k], &said);

        ok = ok && said.error == NULL && said.stop == CCP_STOP_TOOL
             && said.calls && strcmp(said.calls, calls) == 0
             && said.text && strncmp(said.text, "I look.", 7) == 0
             && strspn(said.text + 7, "\n") == strlen(said.text + 7);

        UT_CHECK(ok, "%s from %s, %s, pieces of %zu", ut_protocols[client],
                 ut_protocols[up], stream ? "streamed" : "whole", sizes[k]);

        if (!ok) {
            printf("# stop %d, error %s\n# text %s\n# calls %s\n", said.stop,
                   said.error, said.text, said.calls);
        }

        ut_said_free(&said);
    }
}


/* The description itself is no call, nor is an answer without one. */

static void
ut_text(void)
{
    int          i;
    char         body[2048], *sent, *system;
    ut_said_t    said;
    ut_compat_t  u, read;

    (void) ut_exchange(&u, CCP_CHAT, CCP_CHAT, 0, body, sizeof(body));
    sent = ut_compat_body(&u);
    (void) ut_compat_open(&read, NULL, ut_compat_paths[CCP_CHAT]);
    (void) ccp_exchange_request(read.x, ccp_cstr(sent), ccp_none, &read.err);
    system = ut_compat_system(ccp_exchange_req(read.x));

    UT_CHECK(strstr(system, "<ccp:call name=\"TOOL\">"), "a description");

    for (i = 0; i < 2; i++) {
        UT_CHECK(ut_heard(CCP_ANTHROPIC, CCP_CHAT, i, system, 7, &said)
                 && said.calls == NULL && said.stop == CCP_STOP_END,
                 "a model that repeats it calls nothing");
        ut_said_free(&said);
    }

    UT_CHECK(ut_heard(CCP_ANTHROPIC, CCP_CHAT, 1, "Done, <ccp:> all.", 3,
                      &said)
             && said.calls == NULL && said.stop == CCP_STOP_END
             && strcmp(said.text, "Done, <ccp:> all.") == 0,
             "text stays text");
    ut_said_free(&said);

    free(sent);
    free(system);
    ccp_exchange_destroy(u.x);
    ccp_exchange_destroy(read.x);
}


/* Free text and names in namespaces come back as they were declared. */

static void
ut_back(void)
{
    char         *speech;
    ccp_str_t     got;
    ccp_head_t    head;
    ut_compat_t   u;

    static const char  body[] =
        "{\"model\":\"m\",\"tools\":[{\"type\":\"custom\",\"name\":"
        "\"apply_patch\"},{\"type\":\"namespace\",\"name\":\"ns\",\"tools\":["
        "{\"type\":\"function\",\"name\":\"f\"}]},{\"type\":\"local_shell\"}],"
        "\"input\":\"x\"}";

    (void) ut_compat_ask(&u, CCP_RESPONSES, body, CCP_OLLAMA);
    speech = ut_speak(CCP_OLLAMA,
        "<ccp:call name=\"apply_patch\">{\"input\":\"*** Begin\\n+a\"}"
        "</ccp:call><ccp:call name=\"ns__f\">{\"k\":1}</ccp:call>"
        "<ccp:call name=\"local_shell\">{\"command\":[\"ls\",\"-l\"]}"
        "</ccp:call>", 0);
    got = ut_said_feed(u.try, ccp_cstr(speech), 200, 0, 9, &head);
    free(speech);
    speech = ut_cstr(got);

    UT_CHECK(strstr(speech, "\"custom_tool_call\"")
             && strstr(speech, "\"name\":\"apply_patch\",\"input\":"
                               "\"*** Begin\\n+a\""),
             "free text comes back as free text");
    UT_CHECK(strstr(speech, "\"name\":\"f\",") && !strstr(speech, "ns__f")
             && strstr(speech, "\"namespace\":\"ns\""),
             "a name comes back into its namespace");

    UT_CHECK(strstr(speech, "\"type\":\"local_shell_call\"")
             && strstr(speech, "\"command\":[\"ls\",\"-l\"]"),
             "a tool of the client's own comes back as its kind of call");

    free(speech);
    ccp_exchange_destroy(u.x);
}


int
main(void)
{
    int  client, up;

    for (client = 0; client < CCP_NPROTO; client++) {
        for (up = 0; up < CCP_NPROTO; up++) {
            ut_pair((ccp_proto_e) client, (ccp_proto_e) up, 0);
            ut_pair((ccp_proto_e) client, (ccp_proto_e) up, 1);
        }
    }

    ut_text();
    ut_back();

    UT_CHECK(ut_compat_clean(), "nothing stays allocated");

    return ut_done();
}
