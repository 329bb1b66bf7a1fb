
/*
 * Anthropic: answers in and out, case by case.  Events are written as in
 * ut_events.h; frames that went out as "type payload" lines.
 */

#include "ut_anthropic.h"


/* Plays events through flow and encoder: the bytes, malloc'ed. */

static char *
ut_encode(const char *script, ccp_proto_e up, int show, int *rc)
{
    char     *s;
    ut_an_t   u;

    *rc = ut_an_open(&u, NULL, up);
    u.ac.show_think = show;

    if (*rc == CCP_OK) {
        *rc = ut_play(script, &u.ac.sink);
    }

    if (*rc == CCP_OK) {
        *rc = ccp_flow_eof(u.flow);
    }

    (void) ccp_out_finish(&u.out);
    s = ut_cstr(ccp_out_all(&u.out));
    ut_an_close(&u);

    return s;
}


/* All of the wanted pieces, in this order. */

static int
ut_in_order(const char *s, const char *const *want)
{
    for ( /* void */ ; *want; want++) {
        s = strstr(s, *want);

        if (s == NULL) {
            printf("# missing: %s\n", *want);
            return 0;
        }

        s += strlen(*want);
    }

    return 1;
}


static int
ut_count(const char *s, const char *what)
{
    int  n;

    for (n = 0; (s = strstr(s, what)) != NULL; n++) {
        s += strlen(what);
    }

    return n;
}


typedef struct {
    const char   *name;
    const char   *script;
    ccp_proto_e   up;
    int           show;
    const char   *want[12];
    const char   *not[4];
} ut_out_t;


#define UT_THINK  "\"content_block\":{\"type\":\"thinking\",\"thinking\":"    \
                  "\"\",\"signature\":\"\"}"

static const ut_out_t  ut_outs[] = {

    { "text", "S{7,2,1}|B0T|D0:Hi|E0|F:END|U:7,2,5|.", CCP_CHAT, 1,
      { "event: message_start\ndata: {\"type\":\"message_start\",\"message\":"
        "{\"id\":\"msg_R1\",\"type\":\"message\",\"role\":\"assistant\","
        "\"model\":\"alias\",\"content\":[],\"stop_reason\":null,"
        "\"stop_sequence\":null,\"stop_details\":null,\"usage\":"
        "{\"input_tokens\":7,\"cache_creation_input_tokens\":0,"
        "\"cache_read_input_tokens\":2,\"output_tokens\":1}}}\n\n",
        "event: content_block_start\ndata: {\"type\":\"content_block_start\","
        "\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\","
        "\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hi\"}}\n\n",
        "event: content_block_stop\ndata: {\"type\":\"content_block_stop\","
        "\"index\":0}\n\n",
        "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":"
        "{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":"
        "{\"input_tokens\":7,\"cache_creation_input_tokens\":0,"
        "\"cache_read_input_tokens\":2,\"output_tokens\":5}}\n\n",
        "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n", NULL },
      { "[DONE]", NULL } },

    { "T32: input estimated at the start, real at the end",
      "S|B0T|D0:Hi|E0|F:END|U:7,2,5|.", CCP_CHAT, 1,
      { "message_start", "\"input_tokens\":11", "\"cache_read_input_tokens\":"
        "0", "message_delta", "\"input_tokens\":7",
        "\"cache_read_input_tokens\":2", NULL }, { NULL } },

    { "no usage at all: estimated", "S|B0T|D0:12345678|E0|F:END|.", CCP_CHAT,
      1, { "message_delta", "\"input_tokens\":11", "\"output_tokens\":2",
           NULL }, { NULL } },

    { "T02: arguments given whole are one delta of an empty input",
      "S|B0C:f:c1|D0:{\"a\":1}|E0|F:TOOL|.", CCP_OLLAMA, 1,
      { "\"content_block\":{\"type\":\"tool_use\",\"id\":\"c1\",\"name\":"
        "\"f\",\"input\":{}}", "\"type\":\"input_json_delta\","
        "\"partial_json\":\"{\\\"a\\\":1}\"", "\"stop_reason\":\"tool_use\"",
        NULL }, { NULL } },

    { "T04, T05: interleaved calls come one after the other",
      "S|B0C:f:c1|B1C:g:c2|D0:{\"a\"|D1:{}|D0::1}|E0|E1|F:TOOL|.", CCP_CHAT,
      1, { "\"index\":0,\"content_block\"", "\"c1\"", "\"index\":0,\"delta\"",
           "\"index\":0,\"delta\"", "content_block_stop\",\"index\":0",
           "\"index\":1,\"content_block\"", "\"c2\"", "\"index\":1,\"delta\"",
           "content_block_stop\",\"index\":1", NULL },
      { "\"index\":2", NULL } },

    { "free text of a custom call is a member of its input",
      "S|B0Q:f:c1|D0:4 \"|J0:\\n4|E0|F:TOOL|.", CCP_RESPONSES, 1,
      { "\"partial_json\":\"{\\\"input\\\":\\\"4 \\\\\\\"\"",
        "\"partial_json\":\"\\\\n4\"", "\"partial_json\":\"\\\"}\"",
        "content_block_stop", NULL }, { NULL } },
    { "a custom call without text", "S|B0Q:f:c1|E0|F:TOOL|.", CCP_RESPONSES,
      1, { "\"partial_json\":\"{\\\"input\\\":\\\"\\\"}\"", NULL },
      { NULL } },

    { "T09: a call without arguments", "S|B0C:f:c1|E0|F:TOOL|.", CCP_CHAT, 1,
      { "\"partial_json\":\"{}\"", NULL }, { NULL } },

    { "T10: a call makes it tool_use, whatever was said",
      "S|B0C:f:c1|D0:{}|E0|F:END|.", CCP_GEMINI, 1,
      { "\"stop_reason\":\"tool_use\"", NULL }, { "end_turn", NULL } },

    { "T11: cut in the arguments", "S|B0C:f:c1|D0:{\"a|F:LENGTH|.", CCP_CHAT,
      1, { "\"partial_json\":\"{\\\"a\"", "content_block_stop",
           "\"stop_reason\":\"max_tokens\"", NULL }, { NULL } },

    { "T11: cut before the first byte of arguments",
      "S|B0C:f:c1|F:LENGTH|.", CCP_CHAT, 1,
      { "tool_use", "content_block_stop", "max_tokens", NULL },
      { "partial_json", NULL } },

    { "T17: stop_sequence", "S|B0T|D0:x|E0|F:SEQ:5|.", CCP_CHAT, 1,
      { "\"stop_reason\":\"stop_sequence\",\"stop_sequence\":\"5\"", NULL },
      { NULL } },
    { "T17: filter", "S|B0T|D0:x|E0|F:FILTER|.", CCP_CHAT, 1,
      { "\"stop_reason\":\"refusal\"", "\"stop_details\":{\"type\":"
        "\"refusal\",\"category\":null,\"explanation\":null}", NULL },
      { NULL } },
    { "T17: pause", "S|B0T|D0:x|E0|F:PAUSE|.", CCP_ANTHROPIC, 1,
      { "\"stop_reason\":\"pause_turn\"", NULL }, { NULL } },
    { "T17: context", "S|B0T|D0:x|E0|F:CONTEXT|.", CCP_ANTHROPIC, 1,
      { "\"stop_reason\":\"max_tokens\"", NULL }, { NULL } },

    { "a refusal without text shows its reason", "S|F:REFUSAL:no way|.",
      CCP_ANTHROPIC, 1,
      { "{\"type\":\"text_delta\",\"text\":\"no way\"}", "\"stop_reason\":"
        "\"refusal\"", "\"explanation\":\"no way\"", NULL }, { NULL } },
    { "refusal text is a text block", "S|B0R|D0:I can't|E0|F:REFUSAL|.",
      CCP_CHAT, 1, { "{\"type\":\"text_delta\",\"text\":\"I can't\"}",
                     "\"refusal\"", NULL }, { NULL } },

    { "T21: an empty text block is never opened",
      "S|B0T|E0|B1C:f:c|D1:{}|E1|F:TOOL|.", CCP_CHAT, 1,
      { "\"index\":0,\"content_block\":{\"type\":\"tool_use\"", NULL },
      { "\"type\":\"text\"", NULL } },

    { "an empty answer", "S|F:END|.", CCP_CHAT, 1,
      { "message_start", "end_turn", "message_stop", NULL },
      { "content_block", NULL } },

    { "T28: thinking ends with its signature before the text",
      "S|B0K|D0:hm|G0:SIG|B1T|D1:x|E1|F:END|.", CCP_ANTHROPIC, 1,
      { UT_THINK, "{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}",
        "{\"type\":\"signature_delta\",\"signature\":\"SIG\"}",
        "content_block_stop\",\"index\":0", "\"index\":1,\"content_block\":"
        "{\"type\":\"text\"", NULL }, { NULL } },

    { "an early signature waits for the end of its block",
      "S|B0K|G0:SIG|D0:hm|E0|B1T|D1:x|E1|F:END|.", CCP_ANTHROPIC, 1,
      { "thinking_delta", "signature_delta", "content_block_stop", NULL },
      { NULL } },

    { "hidden thinking keeps its signature",
      "S|B0K|D0:secret|G0:SIG|E0|B1T|D1:x|E1|F:END|.", CCP_ANTHROPIC, 0,
      { UT_THINK, "\"signature\":\"SIG\"", "content_block_stop\",\"index\":0",
        "\"index\":1", NULL }, { "secret", "thinking_delta", NULL } },
    { "hidden thinking without a signature leaves nothing",
      "S|B0K|D0:secret|E0|B1T|D1:x|E1|F:END|.", CCP_CHAT, 0,
      { "\"index\":0,\"content_block\":{\"type\":\"text\"", NULL },
      { "thinking", "\"index\":1", NULL } },

    { "redacted thinking comes whole", "S|B0Z:DATA|E0|B1T|D1:x|E1|F:END|.",
      CCP_ANTHROPIC, 1,
      { "\"index\":0,\"content_block\":{\"type\":\"redacted_thinking\","
        "\"data\":\"DATA\"}", "content_block_stop\",\"index\":0", NULL },
      { NULL } },

    { "a foreign signature travels in a carrier",
      "S|B0K|D0:hm|G0:ENC|E0|B1T|D1:x|E1|F:END|.", CCP_RESPONSES, 1,
      { "thinking_delta", "\"signature\":\"ccp1.r.", "ENC", NULL },
      { NULL } },
    { "a signed call: its signature closes the thinking before it",
      "S|B0K|D0:hm|E0|B1C:f:c|G1:TS|D1:{}|E1|F:TOOL|.", CCP_GEMINI, 1,
      { "thinking_delta", "\"index\":0,\"delta\":{\"type\":"
        "\"signature_delta\",\"signature\":\"ccp1.g.", "content_block_stop\","
        "\"index\":0", "\"index\":1,\"content_block\":{\"type\":\"tool_use\"",
        NULL }, { "\"index\":2", NULL } },
    { "a signed call without thinking: an empty block goes before it",
      "S|B0C:f:c|G0:TS|D0:{}|E0|F:TOOL|.", CCP_GEMINI, 1,
      { "\"index\":0," UT_THINK, "signature_delta", "ccp1.g.",
        "content_block_stop\",\"index\":0", "\"index\":1,\"content_block\":"
        "{\"type\":\"tool_use\"", "content_block_stop\",\"index\":1", NULL },
      { NULL } },
    { "a signature after the text is dropped",
      "S|B0T|D0:x|G0:TS|E0|F:END|.", CCP_GEMINI, 1,
      { "text_delta", "content_block_stop", NULL },
      { "TS", "thinking", NULL } },
    { "thinking without a signature still closes",
      "S|B0K|D0:hm|E0|F:END|.", CCP_CHAT, 1,
      { "thinking_delta", "content_block_stop", "message_delta", NULL },
      { "signature_delta", NULL } },

    { "T33: usage before and after the finish: the last non-zero wins",
      "S|U:9,0,0|B0T|D0:x|E0|F:END|U:0,0,3|.", CCP_CHAT, 1,
      { "message_delta", "\"input_tokens\":9", "\"output_tokens\":3", NULL },
      { NULL } },

    { "T35: an escaped surrogate pair in two deltas",
      "S|B0T|J0:a\\ud83d|J0:\\ude00b|E0|F:END|.", CCP_CHAT, 1,
      { "\\ud83d\\ude00", NULL }, { "\\ud83d\"", NULL } },

    { "T37: the end without a finish reason", "S|B0T|D0:x", CCP_CHAT, 1,
      { "text_delta", "event: error\ndata: {\"type\":\"error\",\"error\":{"
        "\"type\":\"api_error\",\"message\":", "\"request_id\":\"R1\"}\n\n",
        NULL }, { "message_stop", "message_delta", NULL } },
    { "T37: a finish reason without an end", "S|B0T|D0:x|E0|F:END", CCP_CHAT,
      1, { "end_turn", "message_stop", NULL }, { "error", NULL } },
    { "T38: an error after content", "S|B0T|D0:x|X:13:busy|.", CCP_CHAT, 1,
      { "text_delta", "event: error\ndata: {\"type\":\"error\",\"error\":{"
        "\"type\":\"overloaded_error\",\"message\":\"busy\"}", NULL },
      { "message_stop", NULL } },

    { "T39: pings pass", "S|P|B0T|D0:x|E0|F:END|.", CCP_CHAT, 1,
      { "message_start", "event: ping\ndata: {\"type\":\"ping\"}\n\n",
        "text_delta", NULL }, { NULL } }
};


static void
ut_test_out(void)
{
    int              rc, ok;
    char            *s;
    size_t           i, k;
    const ut_out_t  *t;

    for (i = 0; i < sizeof(ut_outs) / sizeof(ut_outs[0]); i++) {
        t = &ut_outs[i];
        s = ut_encode(t->script, t->up, t->show, &rc);
        ok = (rc == CCP_OK) && ut_in_order(s, t->want);

        for (k = 0; t->not[k]; k++) {
            ok = ok && strstr(s, t->not[k]) == NULL;
        }

        ok = ok && ut_count(s, "event: message_start\n") == 1
             && ut_count(s, "event: ") == ut_count(s, "\n\n")
             && ut_count(s, "content_block_start\",") >=
                ut_count(s, "content_block_stop\",");

        UT_CHECK(ok, "out: %s", t->name);

        if (!ok) {
            printf("# %s\n", s);
        }

        free(s);
    }
}


/* ---- in ---- */

typedef struct {
    const char  *name;
    const char  *data;         /* payloads by newline */
    const char  *want;
} ut_in_t;


#define UT_START  "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\"," \
                  "\"usage\":{\"input_tokens\":5,\"output_tokens\":1}}}\n"
#define UT_BLOCK(i, b)  "{\"type\":\"content_block_start\",\"index\":" i      \
                        ",\"content_block\":" b "}\n"
#define UT_DELTA(i, d)  "{\"type\":\"content_block_delta\",\"index\":" i      \
                        ",\"delta\":" d "}\n"
#define UT_STOP(i)      "{\"type\":\"content_block_stop\",\"index\":" i "}\n"
#define UT_TEXT(i, s)   UT_DELTA(i, "{\"type\":\"text_delta\",\"text\":\"" s  \
                                 "\"}")
#define UT_ARGS(i, s)   UT_DELTA(i, "{\"type\":\"input_json_delta\","         \
                                 "\"partial_json\":\"" s "\"}")
#define UT_END(r, u)    "{\"type\":\"message_delta\",\"delta\":{"             \
                        "\"stop_reason\":\"" r "\",\"stop_sequence\":null},"  \
                        "\"usage\":{" u "}}\n{\"type\":\"message_stop\"}\n"
#define UT_CALL         "{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"f\"," \
                        "\"input\":{}}"

static const ut_in_t  ut_ins[] = {

    { "text, padding, ping inside a block",
      UT_START UT_BLOCK("0", "{\"type\":\"text\",\"text\":\"\"}")
      "{\"type\": \"ping\"}\n" UT_TEXT("0", "a")
      "{\"type\":\"content_block_stop\",\"index\":0      }\n"
      UT_END("end_turn", "\"output_tokens\":3"),
      "B0T|D0:a|E0|F:END{5,0,3}|." },

    { "T46: cached tokens stand beside the input",
      UT_START UT_END("end_turn", "\"input_tokens\":4,"
                      "\"cache_read_input_tokens\":100,\"output_tokens\":3"),
      "F:END{4,100,3}|." },

    { "the input grows with server tools",
      UT_START UT_END("end_turn", "\"input_tokens\":22397,"
                      "\"output_tokens\":3"),
      "F:END{22397,0,3}|." },

    { "T03, T09: an empty first delta, no arguments",
      UT_START UT_BLOCK("0", UT_CALL) UT_ARGS("0", "") UT_STOP("0")
      UT_END("tool_use", "\"output_tokens\":3"),
      "B0C:f:t|D0:{}|E0|F:TOOL{5,0,3}|." },

    { "arguments in pieces",
      UT_START UT_BLOCK("0", UT_CALL) UT_ARGS("0", "") UT_ARGS("0",
      "{\\\"a\\\"") UT_ARGS("0", ":1}") UT_STOP("0")
      UT_END("tool_use", "\"output_tokens\":3"),
      "B0C:f:t|D0:{\"a\":1}|E0|F:TOOL{5,0,3}|." },

    { "T02: input given whole in the block, no deltas",
      UT_START UT_BLOCK("0", "{\"type\":\"tool_use\",\"id\":\"t\",\"name\":"
      "\"f\",\"input\":{\"a\":1}}") UT_STOP("0")
      UT_END("tool_use", "\"output_tokens\":3"),
      "B0C:f:t|D0:{\"a\":1}|E0|F:TOOL{5,0,3}|." },

    { "T01: input given whole and in deltas: the deltas count",
      UT_START UT_BLOCK("0", "{\"type\":\"tool_use\",\"id\":\"t\",\"name\":"
      "\"f\",\"input\":{\"a\":1}}") UT_ARGS("0", "{\\\"a\\\":1}") UT_STOP("0")
      UT_END("tool_use", "\"output_tokens\":3"),
      "B0C:f:t|D0:{\"a\":1}|E0|F:TOOL{5,0,3}|." },

    { "T05: gaps in the numbering",
      UT_START UT_BLOCK("3", "{\"type\":\"text\",\"text\":\"\"}")
      UT_TEXT("3", "a") UT_STOP("3") UT_BLOCK("7", UT_CALL)
      UT_ARGS("7", "{}") UT_STOP("7")
      UT_END("tool_use", "\"output_tokens\":3"),
      "B0T|D0:a|E0|B1C:f:t|D1:{}|E1|F:TOOL{5,0,3}|." },

    { "T28: thinking in a text block, text after it",
      UT_START UT_BLOCK("0", "{\"type\":\"text\",\"text\":\"\"}")
      UT_DELTA("0", "{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}")
      UT_TEXT("0", "a") UT_STOP("0")
      UT_END("end_turn", "\"output_tokens\":3"),
      "B0K|D0:hm|E0|B1T|D1:a|E1|F:END{5,0,3}|." },

    { "T28: two message_start",
      UT_START UT_START UT_BLOCK("0", "{\"type\":\"text\",\"text\":\"\"}")
      UT_TEXT("0", "a") UT_STOP("0")
      UT_END("end_turn", "\"output_tokens\":3"),
      "B0T|D0:a|E0|F:END{5,0,3}|." },

    { "deltas without a block's start",
      UT_START UT_TEXT("0", "a") UT_STOP("0")
      UT_END("end_turn", "\"output_tokens\":3"),
      "B0T|D0:a|E0|F:END{5,0,3}|." },

    { "redacted thinking and a signature",
      UT_START UT_BLOCK("0", "{\"type\":\"redacted_thinking\",\"data\":"
      "\"RD\"}") UT_STOP("0") UT_BLOCK("1", "{\"type\":\"thinking\","
      "\"thinking\":\"\",\"signature\":\"\"}")
      UT_DELTA("1", "{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}")
      UT_DELTA("1", "{\"type\":\"signature_delta\",\"signature\":\"SG\"}")
      UT_STOP("1") UT_END("end_turn", "\"output_tokens\":3"),
      "B0Z:RD|G0:RD|E0|B1K|D1:hm|G1:SG|E1|F:END{5,0,3}|." },

    { "unknown events, blocks and deltas",
      UT_START "{\"type\":\"news\",\"x\":1}\n"
      UT_BLOCK("0", "{\"type\":\"novel\",\"x\":[1]}")
      UT_DELTA("0", "{\"type\":\"novel_delta\",\"x\":\"y\"}") UT_STOP("0")
      UT_BLOCK("1", "{\"type\":\"text\",\"text\":\"\"}") UT_TEXT("1", "a")
      UT_STOP("1") UT_END("end_turn", "\"output_tokens\":3"),
      "B0X|E0|B1T|D1:a|E1|F:END{5,0,3}|." },

    { "T17: stop sequence",
      UT_START "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
      "\"stop_sequence\",\"stop_sequence\":\"5\"},\"usage\":{"
      "\"output_tokens\":3}}\n{\"type\":\"message_stop\"}\n",
      "F:SEQ:5{5,0,3}|." },

    { "refusal with its explanation",
      UT_START "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
      "\"refusal\",\"stop_details\":{\"type\":\"refusal\",\"category\":\"bio\""
      ",\"explanation\":\"no\"}},\"usage\":{\"output_tokens\":3}}\n"
      "{\"type\":\"message_stop\"}\n",
      "F:REFUSAL:no{5,0,3}|." },

    { "T11: max_tokens in the arguments",
      UT_START UT_BLOCK("0", UT_CALL) UT_ARGS("0", "{\\\"a") UT_STOP("0")
      UT_END("max_tokens", "\"output_tokens\":3"),
      "B0C:f:t|D0:{\"a|E0|F:LENGTH{5,0,3}|." },

    { "T37: no message_stop",
      UT_START UT_BLOCK("0", "{\"type\":\"text\",\"text\":\"\"}")
      UT_TEXT("0", "a") UT_STOP("0")
      "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},"
      "\"usage\":{\"output_tokens\":3}}\n",
      "B0T|D0:a|E0|F:END{5,0,3}|." },

    { "T38: an error first",
      "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
      "\"message\":\"Overloaded\"}}\n",
      "X:13:Overloaded|." },

    { "T38: an error in the middle",
      UT_START UT_BLOCK("0", "{\"type\":\"text\",\"text\":\"\"}")
      UT_TEXT("0", "a") "{\"type\":\"error\",\"error\":{\"type\":"
      "\"rate_limit_error\",\"message\":\"slow\"}}\n",
      "B0T|D0:a|X:11:slow|." },

    { "a [DONE] after the end",
      UT_START UT_END("end_turn", "\"output_tokens\":3") "[DONE]\n",
      "F:END{5,0,3}|." }
};


static void
ut_test_in(void)
{
    int             rc, ok;
    char           *sse;
    size_t          i, n;
    ut_an_t         u;
    const char     *p;
    const ut_in_t  *t;

    for (i = 0; i < sizeof(ut_ins) / sizeof(ut_ins[0]); i++) {
        t = &ut_ins[i];
        sse = calloc(1, strlen(t->data) * 8 + 64);
        n = 0;

        for (p = t->data; *p; p += strcspn(p, "\n") + 1) {
            n += (size_t) sprintf(sse + n, "data: %.*s\n\n",
                                  (int) strcspn(p, "\n"), p);
        }

        rc = ut_an_open(&u, NULL, CCP_ANTHROPIC);

        if (rc == CCP_OK) {
            rc = ut_an_stream(&u, ccp_cstr(sse), 1, 1);
        }

        ok = (rc == CCP_OK && strcmp(ut_trace(&u.trace), t->want) == 0);

        UT_CHECK(ok, "in: %s", t->name);

        if (!ok) {
            printf("# want %s\n# got  %s\n", t->want, ut_trace(&u.trace));
        }

        ut_an_close(&u);
        free(sse);
    }
}


/* The type comes from the event line where the data has none. */

static void
ut_test_event_line(void)
{
    ut_an_t            u;
    static const char  sse[] =
        "event: message_start\ndata: {\"message\":{\"id\":\"msg_1\"}}\n\n"
        "event: content_block_delta\ndata: {\"index\":0,\"delta\":{\"type\":"
        "\"text_delta\",\"text\":\"a\"}}\n\n"
        "event: message_delta\ndata: {\"delta\":{\"stop_reason\":"
        "\"end_turn\"},\"usage\":{\"output_tokens\":1}}\n\n"
        "event: message_stop\ndata: {}\n\n";

    UT_CHECK(ut_an_open(&u, NULL, CCP_ANTHROPIC) == CCP_OK
             && ut_an_stream(&u, ccp_cstr(sse), 1, 1) == CCP_OK
             && strncmp(ut_trace(&u.trace), "B0T|D0:a|E0|F:END", 17) == 0,
             "in: the event line names the type");
    ut_an_close(&u);

    UT_CHECK(ut_an_open(&u, NULL, CCP_ANTHROPIC) == CCP_OK
             && ut_an_stream(&u, ccp_lit("data: <html>\n\n"), 1, 1) == CCP_OK
             && strncmp(ut_trace(&u.trace), "X:15:", 5) == 0,
             "in: data that is no JSON is an error");
    ut_an_close(&u);
}


/* ---- whole answers and errors ---- */

static void
ut_test_whole(void)
{
    ut_an_t    u;
    ccp_out_t  o;

    UT_CHECK(ut_an_open(&u, NULL, CCP_GEMINI) == CCP_OK
             && ut_play("S{3,1,2}|B0K|D0:hm|E0|B1C:f:c|G1:TS|D1:{\"n\":1.0}|"
                        "E1|F:TOOL|U:3,1,2|.", &u.ac.sink) == CCP_OK
             && ut_an_message(&u, &o) == CCP_OK
             && strstr((char *) o.buf.p, "{\"type\":\"thinking\","
                       "\"thinking\":\"hm\",\"signature\":\"ccp1.g.")
             && strstr((char *) o.buf.p, "{\"type\":\"tool_use\",\"id\":"
                       "\"c\",\"name\":\"f\",\"input\":{\"n\":1.0}}],"
                       "\"stop_reason\":\"tool_use\",\"stop_sequence\":null,"
                       "\"stop_details\":null,\"usage\":{\"input_tokens\":3,"),
             "whole: a signed call after thinking, numbers as spelled");
    ut_an_close(&u);

    UT_CHECK(ut_an_open(&u, NULL, CCP_CHAT) == CCP_OK
             && ut_play("S|B0T|D0:x\n\"y\"|E0|F:SEQ:5|.", &u.ac.sink)
             == CCP_OK
             && ut_an_message(&u, &o) == CCP_OK
             && strstr((char *) o.buf.p, "\"content\":[{\"type\":\"text\","
                       "\"text\":\"x\\n\\\"y\\\"\"}],\"stop_reason\":"
                       "\"stop_sequence\",\"stop_sequence\":\"5\""),
             "whole: text and stop sequence");
    ut_an_close(&u);

    UT_CHECK(ut_an_open(&u, NULL, CCP_CHAT) == CCP_OK
             && ut_play("S|F:FILTER:not this|.", &u.ac.sink) == CCP_OK
             && ut_an_message(&u, &o) == CCP_OK
             && strstr((char *) o.buf.p, "\"text\":\"not this\"}],"
                       "\"stop_reason\":\"refusal\""),
             "whole: a refusal without text shows its reason");
    ut_an_close(&u);
}


static void
ut_test_errors(void)
{
    size_t       i;
    ut_an_t      u;
    ccp_out_t    o;
    ccp_error_t  e;

    static const struct {
        ccp_err_e    cls;
        int          status;
        const char  *message;
        const char  *want;
    } t[] = {
        { CCP_E_BAD_REQUEST, 400, "m", "{\"type\":\"error\",\"error\":{"
          "\"type\":\"invalid_request_error\",\"message\":\"m\"},"
          "\"request_id\":\"R1\"}" },
        { CCP_E_AUTH, 401, "m", "\"authentication_error\"" },
        { CCP_E_BILLING, 402, "m", "\"billing_error\"" },
        { CCP_E_FORBIDDEN, 403, "m", "\"permission_error\"" },
        { CCP_E_NOT_FOUND, 404, "m", "\"not_found_error\"" },
        { CCP_E_METHOD, 405, "m", "\"invalid_request_error\"" },
        { CCP_E_CONFLICT, 409, "m", "\"conflict_error\"" },
        { CCP_E_TOO_LARGE, 413, "m", "\"request_too_large\"" },
        { CCP_E_RATE, 429, "Slow down", "{\"type\":\"error\",\"error\":{"
          "\"type\":\"rate_limit_error\",\"message\":\"Slow down\"}" },
        { CCP_E_SERVER, 500, "m", "\"api_error\"" },
        { CCP_E_MALFORMED, 502, "m", "\"api_error\"" },
        { CCP_E_TIMEOUT, 504, "m", "\"timeout_error\"" },
        { CCP_E_OVERLOADED, 529, "m", "\"overloaded_error\"" },
        { CCP_E_TOO_LONG, 400, "maximum context length is 8 tokens",
          "\"message\":\"prompt is too long: maximum context length is 8 "
          "tokens\"" },
        { CCP_E_TOO_LONG, 400, "Prompt is too long: 9 tokens > 8 maximum",
          "\"message\":\"Prompt is too long: 9 tokens > 8 maximum\"" },
        { CCP_E_TOO_LONG, 400, "This model's maximum context length is 8192 "
          "tokens. However, you requested 9001 tokens (8001 in the messages, "
          "1000 in the completion)", "\"message\":\"prompt is too long: 9001 "
          "tokens > 8192 maximum: This model's maximum" },
        { CCP_E_TOO_LONG, 400, "The input token count (1,200,000) exceeds the "
          "maximum number of tokens allowed (1048576) for m-2048-20991231",
          "\"prompt is too long: 1200000 tokens > 1048576 maximum: The" },
        { CCP_E_TOO_LONG, 400, "Range of input length should be [1, 30720]",
          "\"message\":\"prompt is too long: Range of" },
        { CCP_E_TOO_LONG, 400, "max context length 99999999999999999999999999 "
          "9999, 8888", "\"prompt is too long: 9999 tokens > 8888 maximum" },
        { CCP_E_TOO_LONG, 400, NULL, "\"message\":\"prompt is too long\"" }
    };

    for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        (void) ut_an_open(&u, NULL, CCP_CHAT);
        ccp_out_init(&o, u.a, 0);
        memset(&e, 0, sizeof(e));
        e.cls = t[i].cls;
        e.message = t[i].message ? ccp_cstr(t[i].message) : ccp_none;

        UT_CHECK(ccp_anthropic_ops.error(&e, ccp_lit("R1"), &o) == CCP_OK
                 && ccp_anthropic_ops.error_status(&e) == t[i].status
                 && ccp_buf_add(&o.buf, "", 1) == CCP_OK
                 && strstr((char *) o.buf.p, t[i].want),
                 "T52: error of class %d: %d %s", t[i].cls, t[i].status,
                 t[i].want);

        ut_an_close(&u);
    }
}


/* Once a stream runs, events cost no memory. */

static void
ut_test_memory(void)
{
    int          i;
    size_t       size;
    ut_an_t      u;
    ccp_event_t  ev;
    ccp_block_t  b;

    (void) ut_an_open(&u, NULL, CCP_CHAT);

    memset(&b, 0, sizeof(b));
    memset(&ev, 0, sizeof(ev));
    ev.kind = CCP_EV_BLOCK_START;
    ev.block = &b;
    (void) ccp_anthropic_ops.enc_event(u.enc, &ev, &u.out);

    ev.kind = CCP_EV_DELTA;
    ev.text = ccp_lit("some text of a delta");
    size = 0;

    for (i = 0; i < 1000; i++) {
        ccp_out_reset(&u.out);

        if (ccp_anthropic_ops.enc_event(u.enc, &ev, &u.out) != CCP_OK) {
            break;
        }

        size = i == 10 ? ccp_arena_size(u.a) : size;
    }

    UT_CHECK(i == 1000 && size && size == ccp_arena_size(u.a),
             "out: no memory is taken per delta");

    ut_an_close(&u);
}


int
main(void)
{
    ut_test_memory();
    ut_test_out();
    ut_test_in();
    ut_test_event_line();
    ut_test_whole();
    ut_test_errors();

    return ut_done();
}
