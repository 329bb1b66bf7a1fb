
/*
 * Responses answers: upstreams of every habit in, valid streams and whole
 * documents out.
 */

#define _GNU_SOURCE            /* memmem */

#include "ut_responses.h"


/* ---- in ---- */

#define USAGE  " in 9+-1+-1 out 4/-1\n"

#define CALL   "\"type\":\"function_call\",\"id\":\"fc_1\",\"call_id\":"      \
               "\"c1\",\"name\":\"f\""


static const struct {
    const char  *what;
    const char  *in;
    const char  *said;
} rs_ins[] = {
    { "T01 no deltas: the arguments come with done",
      CREATED
      EV("response.output_item.added", "\"output_index\":0,\"item\":{" CALL
         ",\"arguments\":\"\"}")
      EV("response.function_call_arguments.done", "\"output_index\":0,"
         "\"item_id\":\"fc_1\",\"arguments\":\"{\\\"a\\\":1}\"")
      EV("response.output_item.done", "\"output_index\":0,\"item\":{" CALL
         ",\"arguments\":\"{\\\"a\\\":1}\"}")
      DONE(""),
      "call:f,c1:{\\\"a\\\":1}\nstop 4" USAGE },

    { "T01 … or with the complete item alone, without added",
      CREATED
      EV("response.output_item.done", "\"output_index\":0,\"item\":{" CALL
         ",\"arguments\":\"{\\\"a\\\":1}\"}")
      DONE(""),
      "call:f,c1:{\\\"a\\\":1}\nstop 4" USAGE },

    { "T01 … or with the terminal response alone",
      CREATED
      DONE("{" CALL ",\"arguments\":\"{\\\"a\\\":1}\"}"),
      "call:f,c1:{\\\"a\\\":1}\nstop 4" USAGE },

    { "T01 deltas without added: the item brings name and arguments",
      CREATED
      EV("response.function_call_arguments.delta", "\"output_index\":0,"
         "\"item_id\":\"fc_1\",\"delta\":\"{\\\"a\\\":\"")
      EV("response.function_call_arguments.delta", "\"output_index\":0,"
         "\"item_id\":\"fc_1\",\"delta\":\"1}\"")
      EV("response.output_item.done", "\"output_index\":0,\"item\":{" CALL
         ",\"arguments\":\"{\\\"a\\\":1}\"}")
      DONE(""),
      "call:f,c1:{\\\"a\\\":1}\nstop 4" USAGE },

    { "T01 some deltas: only the rest is added",
      CREATED
      EV("response.output_item.added", "\"output_index\":0,\"item\":{" CALL
         ",\"arguments\":\"\"}")
      EV("response.function_call_arguments.delta", "\"output_index\":0,"
         "\"delta\":\"{\\\"k\\\":\\\"\\u00fc\\ud83d\"")
      EV("response.function_call_arguments.done", "\"output_index\":0,"
         "\"arguments\":\"{\\\"k\\\":\\\"\xc3\xbc\xf0\x9f\x98\x80z\\\"}\"")
      DONE(""),
      "call:f,c1:{\\\"k\\\":\\\"\\u00fc\\ufffdz\\\"}\nstop 4" USAGE },

    { "text without added or part, ended by nothing but the response",
      EV("response.output_text.delta", "\"output_index\":0,\"delta\":\"Hel\"")
      EV("response.output_text.delta", "\"output_index\":0,\"delta\":\"lo\"")
      DONE(""),
      "text:Hello\nstop 1" USAGE },

    { "text that only its done event holds, an unknown event between",
      CREATED
      EV("response.brand_new.thing", "\"x\":1")
      EV("response.output_text.done", "\"output_index\":0,\"text\":\"Hi\"")
      DONE("{\"type\":\"message\",\"id\":\"msg_other\",\"content\":"
           "[{\"type\":\"output_text\",\"text\":\"Hi\"}]}"),
      "text:Hi\nstop 1" USAGE },

    { "two parts of a message, the second a refusal",
      CREATED
      EV("response.output_text.delta", "\"output_index\":0,"
         "\"content_index\":0,\"delta\":\"a\"")
      EV("response.refusal.delta", "\"output_index\":0,\"content_index\":1,"
         "\"delta\":\"no\"")
      EV("response.refusal.done", "\"output_index\":0,\"content_index\":1,"
         "\"refusal\":\"no!\"")
      DONE(""),
      "text:a\nrefusal:no!\nstop 6" USAGE },

    { "reasoning: paragraphs, and the proof of the complete item",
      CREATED
      EV("response.output_item.added", "\"output_index\":0,\"item\":"
         "{\"type\":\"reasoning\",\"id\":\"rs_1\",\"encrypted_content\":"
         "\"early\"}")
      EV("response.reasoning_summary_text.delta", "\"output_index\":0,"
         "\"summary_index\":0,\"delta\":\"one\"")
      EV("response.reasoning_summary_text.delta", "\"output_index\":0,"
         "\"summary_index\":1,\"delta\":\"two\"")
      EV("response.output_item.done", "\"output_index\":0,\"item\":"
         "{\"type\":\"reasoning\",\"id\":\"rs_1\",\"summary\":"
         "[{\"text\":\"one\"},{\"text\":\"two\"}],\"encrypted_content\":"
         "\"gAAA\"}")
      EV("response.output_text.delta", "\"output_index\":1,\"delta\":\"x\"")
      DONE(""),
      "think:one\\n\\ntwo#gAAA\ntext:x\nstop 1" USAGE },

    { "open reasoning text",
      CREATED
      EV("response.reasoning_text.delta", "\"output_index\":0,\"delta\":"
         "\"hm\"")
      EV("response.output_item.done", "\"output_index\":0,\"item\":"
         "{\"type\":\"reasoning\",\"summary\":[],\"content\":"
         "[{\"type\":\"reasoning_text\",\"text\":\"hmm\"}]}")
      DONE(""),
      "think:hmm\nstop 1" USAGE },

    { "T11 cut in the arguments: incomplete beats the call",
      CREATED
      EV("response.output_item.added", "\"output_index\":0,\"item\":{" CALL
         "}")
      EV("response.function_call_arguments.delta", "\"output_index\":0,"
         "\"delta\":\"{\\\"a\"")
      EV("response.incomplete", "\"response\":{\"status\":\"incomplete\","
         "\"incomplete_details\":{\"reason\":\"max_output_tokens\"},"
         "\"output\":[{" CALL ",\"arguments\":\"{\\\"a\",\"status\":"
         "\"incomplete\"}],\"usage\":{\"input_tokens\":9,\"output_tokens\":"
         "4}}"),
      "call:f,c1:{\\\"a~\nstop 8" USAGE },

    { "the filter's end",
      CREATED
      EV("response.incomplete", "\"response\":{\"incomplete_details\":"
         "{\"reason\":\"content_filter\"},\"output\":[],\"usage\":"
         "{\"input_tokens\":9,\"output_tokens\":4}}"),
      "stop 7" USAGE },

    { "calls that the provider runs are none of the client's",
      CREATED
      EV("response.output_item.done", "\"output_index\":0,\"item\":"
         "{\"type\":\"shell_call\",\"id\":\"sh\",\"call_id\":\"c1\","
         "\"action\":{\"commands\":[\"ls\"]},"
         "\"environment\":{\"type\":\"container_reference\"}}")
      EV("response.output_text.delta", "\"output_index\":1,\"delta\":\"x\"")
      DONE(""),
      "hosted:shell_call\ntext:x\nstop 1" USAGE },

    { "a custom call and a built-in one",
      CREATED
      EV("response.output_item.added", "\"output_index\":0,\"item\":"
         "{\"type\":\"custom_tool_call\",\"id\":\"ctc_1\",\"call_id\":\"c1\","
         "\"name\":\"p\",\"input\":\"\"}")
      EV("response.custom_tool_call_input.delta", "\"output_index\":0,"
         "\"delta\":\"a\\n\"")
      EV("response.custom_tool_call_input.done", "\"output_index\":0,"
         "\"input\":\"a\\nb\"")
      EV("response.output_item.done", "\"output_index\":1,\"item\":"
         "{\"type\":\"local_shell_call\",\"id\":\"ls_1\",\"call_id\":\"c2\","
         "\"action\":{\"type\":\"exec\",\"command\":[\"ls\"]}}")
      DONE(""),
      "call:p!c1:a\\nb\ncall:local_shell,c2:{\\\"type\\\":\\\"exec\\\","
      "\\\"command\\\":[\\\"ls\\\"]}\nstop 4" USAGE },

    { "work of the server and its sources",
      CREATED
      EV("response.output_item.done", "\"output_index\":0,\"item\":"
         "{\"type\":\"web_search_call\",\"id\":\"ws_1\"}")
      EV("response.output_text.delta", "\"output_index\":1,\"delta\":\"x\"")
      EV("response.output_text.annotation.added", "\"output_index\":1,"
         "\"annotation\":{\"type\":\"url_citation\",\"url\":\"u\"}")
      EV("response.output_item.done", "\"output_index\":1,\"item\":{\"type\":"
         "\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"x\","
         "\"annotations\":[{\"type\":\"url_citation\",\"url\":\"u\"},"
         "{\"type\":\"url_citation\",\"url\":\"v\"}]}]}")
      DONE(""),
      "hosted:web_search_call\ntext:x@@\nstop 1" USAGE },

    { "calls in parallel whose deltas interleave come one after the other",
      CREATED
      EV("response.output_item.added", "\"output_index\":0,\"item\":{" CALL
         "}")
      EV("response.output_item.added", "\"output_index\":1,\"item\":"
         "{\"type\":\"function_call\",\"id\":\"fc_2\",\"call_id\":\"c2\","
         "\"name\":\"g\"}")
      EV("response.function_call_arguments.delta", "\"output_index\":1,"
         "\"delta\":\"{\\\"b\\\":\"")
      EV("response.function_call_arguments.delta", "\"output_index\":0,"
         "\"delta\":\"{}\"")
      EV("response.function_call_arguments.delta", "\"output_index\":1,"
         "\"delta\":\"2}\"")
      DONE(""),
      "call:f,c1:{}\ncall:g,c2:{\\\"b\\\":2}\nstop 4" USAGE },

    { "an error and the failure after it are one error, the fuller text",
      CREATED
      EV("error", "\"error\":{\"type\":\"server_error\",\"message\":\"Oh\"}")
      EV("response.failed", "\"response\":{\"status\":\"failed\",\"error\":"
         "{\"code\":\"rate_limit_exceeded\",\"message\":\"Oh, slow down\"}}"),
      "error 11 Oh, slow down\n" },

    { "an error alone, at the end of the stream",
      CREATED
      EV("error", "\"code\":\"server_error\",\"message\":\"Boom\""),
      "error 12 Boom\n" },

    { "an error, whatever follows it",
      CREATED
      EV("error", "\"code\":\"server_error\",\"message\":\"Boom\"")
      EV("response.output_text.delta", "\"delta\":\"x\"")
      DONE(""),
      "error 12 Boom\n" },

    { "T37 no end is an error, whatever came",
      CREATED
      EV("response.output_text.delta", "\"output_index\":0,\"delta\":\"x\""),
      "text:xerror 15 the upstream's answer ended early\n" },

    { "T37 an answer with its end but [DONE] and more behind it",
      CREATED
      EV("response.output_text.delta", "\"output_index\":0,\"delta\":\"x\"")
      DONE("")
      "data: [DONE]\n\n"
      EV("response.output_text.delta", "\"output_index\":0,\"delta\":\"y\""),
      "text:x\nstop 1" USAGE },

    { "what is no JSON is an error",
      CREATED
      "data: <html>\n\n",
      "error 15 the upstream sent an event that is no JSON object\n" }
};


static void
rs_test_ins(void)
{
    int          same;
    size_t       i, k;
    ccp_str_t    in;
    rs_pipe_t    p, q;
    const char  *bad;

    for (i = 0; i < sizeof(rs_ins) / sizeof(rs_ins[0]); i++) {
        in = ccp_cstr(rs_ins[i].in);

        rs_pipe(&p, CCP_RESPONSES, NULL);
        rs_stream(&p, in, in.n, 0);

        same = p.said && strcmp(p.said, rs_ins[i].said) == 0
               && p.ended == 1;
        UT_CHECK(same, "in: %s%s%s", rs_ins[i].what, same ? "" : ": ",
                 same || !p.said ? "" : p.said);

        bad = rs_grammar(ccp_out_all(&p.out));

        if (strstr(rs_ins[i].in, "response.created")) {
            UT_CHECK(bad == NULL, "… and written anew it is %s",
                     bad ? bad : "valid");
        }

        same = 1;

        for (k = 0; k < in.n; k++) {
            rs_pipe(&q, CCP_RESPONSES, NULL);
            rs_stream(&q, in, k, k == 0);
            same = same && q.nsaid == p.nsaid
                   && memcmp(q.said, p.said, p.nsaid) == 0;
            rs_pipe_free(&q);
        }

        UT_CHECK(same, "… cut at every byte");
        rs_pipe_free(&p);
    }
}


/* ---- out ---- */

#define TOOLS                                                                 \
    "{\"model\":\"asked\",\"input\":\"x\",\"stream\":true,"                   \
    "\"instructions\":\"be\\nbrief\",\n \"temperature\":0.25,\"tools\":\n["   \
    "{\"type\":\"local_shell\"},{\"type\":\"apply_patch\"},{\"type\":"       \
    "\"tool_search\",\"execution\":\"client\"},"                             \
    "{\"type\":\"namespace\",\"name\":\"ns\",\"tools\":"                      \
    "[{\"type\":\"function\",\"name\":\"f\"}]},{\"type\":\"function\","     \
    "\"name\":\"g\",\"parameters\":{}}]}"


/* Events to the encoder, without a decoder. */

static void
rs_put(rs_pipe_t *p, ccp_event_e kind, const char *text, ccp_proto_e origin)
{
    ccp_event_t  ev;

    memset(&ev, 0, sizeof(ev));
    ev.kind = kind;
    ev.text = text ? ccp_cstr(text) : ccp_none;
    ev.raw = ev.text;
    ev.origin = origin;
    ev.truncated = kind == CCP_EV_BLOCK_STOP && text;

    UT_CHECK(ccp_responses_enc_event(p->enc, &ev, &p->out) == CCP_OK,
             "encoded");
}


static void
rs_block(rs_pipe_t *p, ccp_block_e kind, const char *name, int custom)
{
    ccp_block_t  b;
    ccp_event_t  ev;

    memset(&b, 0, sizeof(b));
    b.kind = kind;
    b.free_text = custom != 0;

    if (name) {
        b.name = ccp_cstr(name);
        b.id = ccp_lit("call_1");
    }

    memset(&ev, 0, sizeof(ev));
    ev.kind = CCP_EV_BLOCK_START;
    ev.block = &b;

    UT_CHECK(ccp_responses_enc_event(p->enc, &ev, &p->out) == CCP_OK,
             "encoded");
}


static void
rs_finish(rs_pipe_t *p, ccp_stop_e stop, const char *text)
{
    ccp_event_t  ev;
    ccp_usage_t  u = ccp_usage_none;

    u.in_fresh = 10;
    u.in_read = 20;
    u.in_write = 3;
    u.out_total = 7;
    u.out_reason = 2;

    memset(&ev, 0, sizeof(ev));
    ev.kind = CCP_EV_FINISH;
    ev.stop = stop;
    ev.stop_text = text ? ccp_cstr(text) : ccp_none;
    ev.usage = &u;

    UT_CHECK(ccp_responses_enc_event(p->enc, &ev, &p->out) == CCP_OK,
             "encoded");
    (void) ccp_out_finish(&p->out);
}


static int
rs_has(rs_pipe_t *p, const char *s)
{
    ccp_str_t  out = ccp_out_all(&p->out);

    return memmem(out.p, out.n, s, strlen(s)) != NULL;
}


static const char *
rs_valid(rs_pipe_t *p)
{
    return rs_grammar(ccp_out_all(&p->out));
}


static void
rs_test_echo(void)
{
    rs_pipe_t  p;

    rs_pipe(&p, CCP_CHAT, TOOLS);
    rs_put(&p, CCP_EV_START, NULL, CCP_CHAT);
    rs_block(&p, CCP_B_TEXT, NULL, 0);
    rs_put(&p, CCP_EV_DELTA, "a\n\"b", CCP_CHAT);
    rs_put(&p, CCP_EV_PING, NULL, CCP_CHAT);
    rs_put(&p, CCP_EV_DELTA, "c", CCP_CHAT);
    rs_put(&p, CCP_EV_BLOCK_STOP, NULL, CCP_CHAT);
    rs_finish(&p, CCP_STOP_END, NULL);

    UT_CHECK(rs_valid(&p) == NULL
             && rs_has(&p, "\"id\":\"resp_0123456789abcdefghijklmn\""),
             "valid, with an id of our own");
    UT_CHECK(rs_has(&p, "\"created_at\":1763800000")
             && rs_has(&p, "\"model\":\"asked\"")
             && rs_has(&p, "\"instructions\":\"be\\nbrief\"")
             && rs_has(&p, "\"temperature\":0.25")
             && rs_has(&p, "\"tools\":[{\"type\":\"local_shell\"}"),
             "the request is repeated, on one line");
    UT_CHECK(rs_has(&p, "},{\"type\":\"function\",\"name\":\"g\","
             "\"parameters\":{},\"strict\":null}]"), "members of an answer");
    UT_CHECK(rs_has(&p, "\"usage\":{\"input_tokens\":33,"
             "\"input_tokens_details\":{\"cached_tokens\":20,"
             "\"cache_write_tokens\":3},\"output_tokens\":7,"
             "\"output_tokens_details\":{\"reasoning_tokens\":2},"
             "\"total_tokens\":40}"), "usage");
    UT_CHECK(rs_has(&p, "\"text\":\"a\\n\\\"bc\""), "the whole text");
    UT_CHECK(rs_has(&p, "\n\n: ping\n\n"), "a comment as sign of life");
    rs_pipe_free(&p);
}


static void
rs_test_calls(void)
{
    rs_pipe_t    p;
    ccp_block_t  b;
    ccp_event_t  ev;

    rs_pipe(&p, CCP_CHAT, TOOLS);
    rs_put(&p, CCP_EV_START, NULL, CCP_CHAT);

    rs_block(&p, CCP_B_CALL, "apply", 1);
    rs_put(&p, CCP_EV_DELTA, "*** Begin", CCP_CHAT);
    rs_put(&p, CCP_EV_BLOCK_STOP, NULL, CCP_CHAT);

    memset(&b, 0, sizeof(b));
    memset(&ev, 0, sizeof(ev));
    b.kind = CCP_B_CALL;
    b.name = ccp_lit("f");
    b.space = ccp_lit("ns");
    b.id = ccp_lit("call_2");
    ev.kind = CCP_EV_BLOCK_START;
    ev.block = &b;
    (void) ccp_responses_enc_event(p.enc, &ev, &p.out);
    rs_put(&p, CCP_EV_DELTA, "{}", CCP_CHAT);
    rs_put(&p, CCP_EV_BLOCK_STOP, NULL, CCP_CHAT);

    rs_block(&p, CCP_B_CALL, "local_shell", 0);
    rs_put(&p, CCP_EV_DELTA, "{\"command\":\n[\"ls\"]}", CCP_CHAT);
    rs_put(&p, CCP_EV_BLOCK_STOP, NULL, CCP_CHAT);

    rs_block(&p, CCP_B_CALL, "tool_search", 0);
    rs_put(&p, CCP_EV_DELTA, "{\"query\":\"x\"}", CCP_CHAT);
    rs_put(&p, CCP_EV_BLOCK_STOP, NULL, CCP_CHAT);

    rs_finish(&p, CCP_STOP_TOOL, NULL);

    UT_CHECK(rs_valid(&p) == NULL, "calls: valid");
    UT_CHECK(rs_has(&p, "\"type\":\"custom_tool_call\",\"status\":"
             "\"completed\",\"call_id\":\"call_1\",\"name\":\"apply\","
             "\"input\":\"*** Begin\""), "T16 a custom call");
    UT_CHECK(rs_has(&p, "\"call_id\":\"call_2\",\"name\":\"f\","
             "\"namespace\":\"ns\",\"arguments\":\"{}\""),
             "T16 the namespace is restored");
    UT_CHECK(rs_has(&p, "\"type\":\"local_shell_call\",\"status\":"
             "\"completed\",\"call_id\":\"call_1\",\"action\":{\"type\":"
             "\"exec\",\"command\":[\"ls\"],\"env\":{}}"),
             "a built-in's own item");
    UT_CHECK(rs_has(&p, "\"type\":\"tool_search_call\",\"status\":"
             "\"completed\",\"call_id\":\"call_1\",\"execution\":\"client\","
             "\"arguments\":{\"query\":\"x\"}"), "a search for tools");
    rs_pipe_free(&p);
}


static void
rs_test_cut(void)
{
    rs_pipe_t  p;

    rs_pipe(&p, CCP_CHAT, TOOLS);
    rs_put(&p, CCP_EV_START, NULL, CCP_CHAT);
    rs_block(&p, CCP_B_CALL, "local_shell", 0);
    rs_put(&p, CCP_EV_DELTA, "{\"comm", CCP_CHAT);
    rs_put(&p, CCP_EV_BLOCK_STOP, "cut", CCP_CHAT);
    rs_block(&p, CCP_B_CALL, "g", 0);
    rs_put(&p, CCP_EV_BLOCK_STOP, "cut", CCP_CHAT);
    rs_finish(&p, CCP_STOP_LENGTH, NULL);

    UT_CHECK(rs_valid(&p) == NULL, "cut: valid");
    UT_CHECK(rs_has(&p, "\"status\":\"incomplete\",\"error\":null,"
             "\"incomplete_details\":{\"reason\":\"max_output_tokens\"}"),
             "T11 the response is incomplete");
    UT_CHECK(rs_has(&p, "\"type\":\"function_call\",\"status\":"
             "\"incomplete\",\"call_id\":\"call_1\",\"name\":\"g\","
             "\"arguments\":\"\""), "T11 … the call too, nothing invented");
    UT_CHECK(!rs_has(&p, "local_shell_call"), "half an action is not shown");
    rs_pipe_free(&p);
}


static void
rs_test_think(void)
{
    rs_pipe_t  p;

    rs_pipe(&p, CCP_GEMINI, NULL);
    rs_put(&p, CCP_EV_START, NULL, CCP_GEMINI);
    rs_block(&p, CCP_B_THINK, NULL, 0);
    rs_put(&p, CCP_EV_DELTA, "hm", CCP_GEMINI);
    rs_put(&p, CCP_EV_BLOCK_STOP, NULL, CCP_GEMINI);
    rs_block(&p, CCP_B_CALL, "f", 0);
    rs_put(&p, CCP_EV_SIG, "c2ln", CCP_GEMINI);
    rs_put(&p, CCP_EV_DELTA, "{}", CCP_GEMINI);
    rs_put(&p, CCP_EV_BLOCK_STOP, NULL, CCP_GEMINI);
    rs_block(&p, CCP_B_TEXT, NULL, 0);
    rs_put(&p, CCP_EV_DELTA, "t", CCP_GEMINI);
    rs_put(&p, CCP_EV_SIG, "bGF0ZQ", CCP_GEMINI);
    rs_put(&p, CCP_EV_BLOCK_STOP, NULL, CCP_GEMINI);
    rs_finish(&p, CCP_STOP_TOOL, NULL);

    UT_CHECK(rs_valid(&p) == NULL, "think: valid");
    UT_CHECK(rs_has(&p, "\"summary\":[{\"type\":\"summary_text\",\"text\":"
             "\"hm\"}],\"encrypted_content\":\"ccp1.g.UMhYpA.\"}"),
             "reasoning is known for ours when it comes back");
    UT_CHECK(rs_has(&p, "\"type\":\"reasoning\",\"summary\":[],"
             "\"encrypted_content\":\"ccp1.g.UMhYpA.c2ln\"},{\"id\":\"fc_"),
             "T31 proof of a call stands before it");
    UT_CHECK(rs_has(&p, "\"annotations\":[]}]},{\"id\":\"rs_"),
             "T31 late proof of a text behind it");
    rs_pipe_free(&p);

    rs_pipe(&p, CCP_ANTHROPIC, NULL);
    p.ac.show_think = 0;
    rs_put(&p, CCP_EV_START, NULL, CCP_ANTHROPIC);
    rs_block(&p, CCP_B_THINK, NULL, 0);
    rs_put(&p, CCP_EV_DELTA, "secret", CCP_ANTHROPIC);
    rs_put(&p, CCP_EV_SIG, "Eo", CCP_ANTHROPIC);
    rs_put(&p, CCP_EV_BLOCK_STOP, NULL, CCP_ANTHROPIC);
    rs_finish(&p, CCP_STOP_END, NULL);
    UT_CHECK(rs_valid(&p) == NULL && !rs_has(&p, "secret")
             && rs_has(&p, "\"encrypted_content\":\"ccp1.a.UMhYpA.Eo\""),
             "hidden reasoning leaves its proof alone");
    rs_pipe_free(&p);
}


static void
rs_test_ends(void)
{
    ccp_error_t  err;
    ccp_event_t  ev;
    rs_pipe_t    p;

    rs_pipe(&p, CCP_ANTHROPIC, NULL);
    rs_put(&p, CCP_EV_START, NULL, CCP_ANTHROPIC);
    rs_finish(&p, CCP_STOP_REFUSAL, "I can't");
    UT_CHECK(rs_valid(&p) == NULL
             && rs_has(&p, "{\"type\":\"refusal\",\"refusal\":\"I can't\"}")
             && rs_has(&p, "event: response.completed"),
             "a refusal without text gets its reason");
    rs_pipe_free(&p);

    rs_pipe(&p, CCP_GEMINI, NULL);
    rs_put(&p, CCP_EV_START, NULL, CCP_GEMINI);
    rs_finish(&p, CCP_STOP_FILTER, NULL);
    UT_CHECK(rs_valid(&p) == NULL
             && rs_has(&p, "{\"reason\":\"content_filter\"}")
             && rs_has(&p, "\"output\":[]"), "the filter");
    rs_pipe_free(&p);

    rs_pipe(&p, CCP_CHAT, NULL);
    rs_put(&p, CCP_EV_START, NULL, CCP_CHAT);
    rs_block(&p, CCP_B_TEXT, NULL, 0);
    rs_put(&p, CCP_EV_DELTA, "x", CCP_CHAT);

    memset(&err, 0, sizeof(err));
    memset(&ev, 0, sizeof(ev));
    err.cls = CCP_E_TOO_LONG;
    err.message = ccp_lit("prompt is too long");
    ev.kind = CCP_EV_ERROR;
    ev.error = &err;
    UT_CHECK(ccp_responses_enc_event(p.enc, &ev, &p.out) == CCP_OK,
             "encoded");
    UT_CHECK(rs_valid(&p) == NULL
             && rs_has(&p, "\"code\":\"context_length_exceeded\",\"message\":"
                       "\"prompt is too long\",\"param\":null,\"error\":{")
             && rs_has(&p, "\"status\":\"failed\",\"error\":{\"code\":"
                       "\"context_length_exceeded\""),
             "an error in the middle: error, then response.failed");
    rs_pipe_free(&p);
}


static void
rs_test_cites(void)
{
    rs_pipe_t  p;

    rs_pipe(&p, CCP_ANTHROPIC,
            "{\"model\":\"m\",\"input\":\"x\",\"include\":"
            "[\"message.output_text.logprobs\"]}");
    rs_put(&p, CCP_EV_START, NULL, CCP_ANTHROPIC);
    rs_block(&p, CCP_B_TEXT, NULL, 0);
    rs_put(&p, CCP_EV_DELTA, "x", CCP_ANTHROPIC);
    rs_put(&p, CCP_EV_CITE, "{\"type\":\"web_search_result_location\","
           "\"url\":\"http://u\",\"title\":\"T\"}", CCP_ANTHROPIC);
    rs_put(&p, CCP_EV_CITE, "{\"groundingChunks\":[{\"web\":{\"uri\":"
           "\"http://v\"}},{\"other\":1}]}", CCP_GEMINI);
    rs_put(&p, CCP_EV_LOGPROBS, "{\"content\":[{\"token\":\"x\"}]}",
           CCP_CHAT);
    rs_put(&p, CCP_EV_BLOCK_STOP, NULL, CCP_ANTHROPIC);
    rs_finish(&p, CCP_STOP_END, NULL);

    UT_CHECK(rs_valid(&p) == NULL, "cites: valid");
    UT_CHECK(rs_has(&p, "\"annotations\":[{\"type\":\"url_citation\",\"url\":"
             "\"http://u\",\"title\":\"T\",\"start_index\":0,\"end_index\":"
             "0},{\"type\":\"url_citation\",\"url\":\"http://v\",\"title\":"
             "\"\",\"start_index\":0,\"end_index\":0}],\"logprobs\":"
             "[{\"token\":\"x\"}]"), "sources and log probabilities");
    rs_pipe_free(&p);
}


/* ---- whole answers ---- */

static void
rs_test_whole(void)
{
    rs_pipe_t     p;
    ccp_answer_t  ans;
    ccp_block_t   think, text, call;
    ccp_usage_t   none = ccp_usage_none;

    memset(&ans, 0, sizeof(ans));
    memset(&think, 0, sizeof(think));
    memset(&text, 0, sizeof(text));
    memset(&call, 0, sizeof(call));

    think.kind = CCP_B_THINK;
    think.text = ccp_lit("hm");
    think.sig = ccp_lit("Eo");
    think.next = &text;
    text.kind = CCP_B_TEXT;
    text.text = ccp_lit("Hi");
    text.next = &call;
    call.kind = CCP_B_CALL;
    call.name = ccp_lit("f");
    call.id = ccp_lit("toolu_1");
    call.text = ccp_lit("{}");
    ans.id = ccp_lit("resp_theirs");
    ans.blocks = &think;
    ans.usage = none;
    ans.usage.in_fresh = 3;
    ans.usage.out_total = 2;
    ans.stop = CCP_STOP_TOOL;

    rs_pipe(&p, CCP_ANTHROPIC, NULL);
    UT_CHECK(ccp_responses_enc_whole(&p.ac, &ans, &p.out) == CCP_OK,
             "whole: written");
    (void) ccp_out_finish(&p.out);
    UT_CHECK(!rs_has(&p, "event:") && rs_has(&p, "{\"id\":\"resp_theirs\""),
             "whole: one document with the upstream's id");
    UT_CHECK(rs_has(&p, "\"encrypted_content\":\"ccp1.a.UMhYpA.Eo\"")
             && rs_has(&p, "\"text\":\"Hi\",\"annotations\":[]")
             && rs_has(&p, "\"call_id\":\"toolu_1\",\"name\":\"f\","
                       "\"arguments\":\"{}\""), "whole: the items");
    UT_CHECK(ut_json_same(ccp_out_all(&p.out), ccp_out_all(&p.out)), "JSON");
    rs_pipe_free(&p);
}


/* Whole answers that are none. */

static void
rs_test_unwhole(void)
{
    size_t     i;
    rs_pipe_t  p;

    static const struct {
        const char  *in;
        const char  *said;
    } t[] = {
        { "{\"status\":\"cancelled\",\"output\":[]}", "error 15 " },
        { "{\"status\":\"failed\",\"output\":[]}", "error 15 " },
        { "{\"status\":\"failed\",\"error\":{\"code\":"
          "\"rate_limit_exceeded\",\"message\":\"slow\"}}",
          "error 11 slow\n" },
        { "{\"error\":\"plain\"}", "error 12 plain\n" },
        { "{\"id\":\"x\"}", "error 15 " }
    };

    for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        rs_pipe(&p, CCP_RESPONSES, NULL);
        p.encode = 0;
        rs_whole(&p, ccp_cstr(t[i].in));
        UT_CHECK(p.said && p.ended == 1
                 && strncmp(p.said, t[i].said, strlen(t[i].said)) == 0,
                 "whole: %s gives %s", t[i].in, p.said);
        rs_pipe_free(&p);
    }
}


/* ---- memory ---- */

static int
rs_try(const ccp_mem_t *mem, void *arg)
{
    int        rc;
    rs_x_t     u;
    size_t     i;
    ccp_str_t  in;
    ccp_out_t  out;

    (void) arg;

    in = ccp_cstr(rs_ins[12].in);

    rc = rs_open(&u, mem, "/v1/messages",
                 "{\"model\":\"m\",\"max_tokens\":99,\"stream\":true,"
                 "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}",
                 CCP_RESPONSES, NULL);

    if (rc == CCP_OK) {
        ccp_out_init(&out, ccp_exchange_arena(u.x), 0);
        rc = ccp_answer_begin(u.try, 200, ccp_lit("text/event-stream"),
                              ccp_none);

        for (i = 0; rc == CCP_OK && i < in.n; i += 16) {
            rc = ccp_answer_feed(u.try, in.p + i,
                                 in.n - i < 16 ? in.n - i : 16, &out);
            ccp_out_reset(&out);
        }

        rc = rc == CCP_OK ? ccp_answer_end(u.try, &out) : rc;
    }

    rs_close(&u);

    return rc;
}


static int
rs_try_out(const ccp_mem_t *mem, void *arg)
{
    int         rc;
    rs_x_t      u;
    ccp_out_t   out;
    const int  *stream = arg;

    static const char  answer[] =
        "{\"id\":\"a\",\"choices\":[{\"index\":0,\"message\":{\"role\":"
        "\"assistant\",\"reasoning_content\":\"hm\",\"content\":\"Hi\","
        "\"tool_calls\":[{\"id\":\"c1\",\"type\":\"function\",\"function\":"
        "{\"name\":\"local_shell\",\"arguments\":\"{\\\"command\\\":[]}\"}},"
        "{\"id\":\"c2\",\"type\":\"function\",\"function\":{\"name\":\"f\","
        "\"arguments\":\"{}\"}}]},\"finish_reason\":\"tool_calls\"}]}";

    rc = rs_open(&u, mem, "/v1/responses",
                 *stream ? "{\"model\":\"m\",\"input\":\"x\",\"stream\":true,"
                           "\"tools\":[{\"type\":\"local_shell\"}]}"
                         : "{\"model\":\"m\",\"input\":\"x\",\"tools\":"
                           "[{\"type\":\"local_shell\"}]}",
                 CCP_CHAT, NULL);

    if (rc == CCP_OK) {
        ccp_out_init(&out, ccp_exchange_arena(u.x), 0);
        rc = ccp_answer_begin(u.try, 200, ccp_lit("application/json"),
                              ccp_none);

        if (rc == CCP_OK) {
            rc = ccp_answer_feed(u.try, (const uint8_t *) answer,
                                 sizeof(answer) - 1, &out);
        }

        rc = rc == CCP_OK ? ccp_answer_end(u.try, &out) : rc;
    }

    rs_close(&u);

    return rc;
}


int
main(void)
{
    int  stream;

    rs_test_ins();
    rs_test_echo();
    rs_test_calls();
    rs_test_cut();
    rs_test_think();
    rs_test_ends();
    rs_test_cites();
    rs_test_whole();
    rs_test_unwhole();

    ut_fail_each("in: each allocation fails", rs_try, NULL);
    stream = 0;
    ut_fail_each("whole out: each allocation fails", rs_try_out, &stream);
    stream = 1;
    ut_fail_each("stream out: each allocation fails", rs_try_out, &stream);

    return ut_done();
}
