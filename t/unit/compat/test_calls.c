
/*
 * Tool calls that models write as text (T15): each script is played whole and
 * with its deltas cut at every length, in both spellings; neighbouring deltas
 * count as one, and an id that is made is "ID".
 */

#include <time.h>

#include "codec/base/base_buf.h"
#include "codec/json/json_out.h"
#include "codec/provider/provider.h"
#include "codec/stage/stage.h"
#include "codec/exchange/exchange.h"
#include "ut_exchange.h"
#include "ut_events.h"


#define UT_MADE    "call_"
#define UT_DIGITS  24

#define UT_BEGIN   "S|B0T|D0:"
#define UT_END     "|E0|F:END|U:1,0,1|."
#define UT_TOOL    "|F:TOOL{1,0,1}|."
#define UT_TEXT    "|E0|F:END{1,0,1}|."


typedef struct {
    const char  *name;
    const char  *in;           /* what the model writes, or a script */
    const char  *want;         /* behind flow; NULL: the text, unchanged */
} ut_case_t;


static const ut_case_t  ut_cases[] = {

    /* the spellings */

    { "<tool_call> with JSON",
      "<tool_call>\n{\"name\": \"get\", \"arguments\": {\"a\": 1}}\n</tool_call>",
      "S|B0C:get:ID|D0:{\"a\": 1}|E0" UT_TOOL },
    { "parameters in place of arguments",
      "<tool_call>{\"name\":\"get\",\"parameters\":{\"a\":1}}</tool_call>",
      "S|B0C:get:ID|D0:{\"a\":1}|E0" UT_TOOL },
    { "no arguments", "<tool_call>{\"name\":\"get\"}</tool_call>",
      "S|B0C:get:ID|D0:{}|E0" UT_TOOL },
    { "brackets, quotes and tags in strings",
      "<tool_call>{\"name\":\"get\",\"arguments\":{\"s\":\"}\\\"]\\\\\",\"t\":"
      "\"</tool_call><tool_call>\"}}</tool_call>",
      "S|B0C:get:ID|D0:{\"s\":\"}\\\"]\\\\\",\"t\":"
      "\"</tool_call><tool_call>\"}|E0" UT_TOOL },
    { "<function=…>",
      "<function=get><parameter=s>x</parameter></function>",
      "S|B0C:get:ID|D0:{\"s\":\"x\"}|E0" UT_TOOL },
    { "<function=…> over lines in <tool_call>",
      "<tool_call>\n<function=get>\n<parameter=s>\na\n b\n</parameter>\n"
      "<parameter=i>\n12\n</parameter>\n</function>\n</tool_call>",
      "S|B0C:get:ID|D0:{\"s\":\"a\\n b\",\"i\":12}|E0" UT_TOOL },
    { "<function=…> without parameters", "<function=get>\n</function>",
      "S|B0C:get:ID|D0:{}|E0" UT_TOOL },
    { "an end of <tool_call> that was not begun",
      "<function=get></function>\n</tool_call>",
      "S|B0C:get:ID|D0:{}|E0" UT_TOOL },
    { "<invoke>",
      "<invoke name=\"get\"><parameter name=\"s\">\"x\" & <b></parameter>"
      "</invoke>",
      "S|B0C:get:ID|D0:{\"s\":\"\\\"x\\\" & <b>\"}|E0" UT_TOOL },
    { "<invoke> in <function_calls>, twice",
      "<function_calls>\n<invoke name=\"get\">\n<parameter name=\"s\">\nx"
      "</parameter>\n</invoke>\n<invoke name='put'></invoke>\n"
      "</function_calls>\n",
      "S|B0C:get:ID|D0:{\"s\":\"\\nx\"}|E0|B1C:put:ID|D1:{}|E1" UT_TOOL },
    { "[TOOL_CALLS]",
      "[TOOL_CALLS][{\"name\":\"get\",\"arguments\":{\"a\":[1]}},"
      " {\"name\":\"put\",\"arguments\":{}}]",
      "S|B0C:get:ID|D0:{\"a\":[1]}|E0|B1C:put:ID|D1:{}|E1" UT_TOOL },
    { "end tags in a parameter",
      "<function=get><parameter=s></function></invoke></param"
      "</parameter></function>",
      "S|B0C:get:ID|D0:{\"s\":\"</function></invoke></param\"}|E0" UT_TOOL },

    /* types of parameters */

    { "types of the schema",
      "<function=get><parameter=i> 7 </parameter><parameter=n>-1.5e3"
      "</parameter><parameter=b>true</parameter><parameter=o>{\"k\": [1]}"
      "</parameter><parameter=l>\n[\"x\"]\n</parameter><parameter=s>5"
      "</parameter><parameter=z>5</parameter></function>",
      "S|B0C:get:ID|D0:{\"i\":7,\"n\":-1.5e3,\"b\":true,\"o\":{\"k\": [1]},"
      "\"l\":[\"x\"],\"s\":\"5\",\"z\":\"5\"}|E0" UT_TOOL },
    { "what is none of that type is a string",
      "<function=get><parameter=i>seven</parameter><parameter=b>1"
      "</parameter><parameter=o>{</parameter><parameter=l></parameter>"
      "</function>",
      "S|B0C:get:ID|D0:{\"i\":\"seven\",\"b\":\"1\",\"o\":\"{\",\"l\":\"\"}|E0"
      UT_TOOL },

    /* text around */

    { "text before and behind",
      "I look.\n<tool_call>{\"name\":\"get\"}</tool_call>\n\nDone. ",
      "S|B0T|D0:I look.\n|E0|B1C:get:ID|D1:{}|E1|B2T|D2:Done. |E2" UT_TOOL },
    { "several calls with text between",
      "a<tool_call>{\"name\":\"get\"}</tool_call>b<function=put></function>\n"
      "[TOOL_CALLS] [{\"name\":\"get\"}] c",
      "S|B0T|D0:a|E0|B1C:get:ID|D1:{}|E1|B2T|D2:b|E2|B3C:put:ID|D3:{}|E3"
      "|B4C:get:ID|D4:{}|E4|B5T|D5:c|E5" UT_TOOL },
    { "white space alone before a call",
      " \n\n<tool_call>{\"name\":\"get\"}</tool_call>",
      "S|B0C:get:ID|D0:{}|E0" UT_TOOL },
    { "a second opener behind one that is none",
      "<tool_call><tool_call>{\"name\":\"get\"}</tool_call>",
      "S|B0T|D0:<tool_call>|E0|B1C:get:ID|D1:{}|E1" UT_TOOL },
    { "another opener where a call should begin",
      "<function_calls>\n<tool_call>{\"name\":\"get\"}</tool_call>",
      "S|B0T|D0:<function_calls>\n|E0|B1C:get:ID|D1:{}|E1" UT_TOOL },
    { "almost an end tag behind a call",
      "<tool_call>{\"name\":\"get\"}</tool_cat>",
      "S|B0C:get:ID|D0:{}|E0|B1T|D1:</tool_cat>|E1" UT_TOOL },
    { "names are mapped back", "<function=wire></function>",
      "S|B0C:client:ID|D0:{}|E0" UT_TOOL },

    /* text */

    { "plain text", "a < b, [TOOL] and <b>c</b>", NULL },
    { "blank text", " \n ", NULL },
    { "much white space", "                                               "
      "                                   <", NULL },
    { "beginnings of openers",
      "<too <tool_call <tool_calls> <function <function> <functions=get> "
      "<invoice> <invoke> [TOOL_CALL] [TOOL_CALLS <<tool_cal [[", NULL },
    { "a beginning at the end", "x <tool_cal", NULL },
    { "an unknown tool", "<tool_call>{\"name\":\"rm\",\"arguments\":{}}"
      "</tool_call> x", NULL },
    { "an unknown function", "<function=rm><parameter=s>x</parameter>"
      "</function>", NULL },
    { "an unknown tool of <invoke>", "<function_calls>\n<invoke name=\"rm\">"
      "</invoke></function_calls>", NULL },
    { "the name of the client's side", "<function=client></function>", NULL },
    { "a hosted tool", "<function=search></function>", NULL },
    { "one unknown tool in a list", "[TOOL_CALLS][{\"name\":\"get\"},"
      "{\"name\":\"rm\"}]", NULL },
    { "an empty list", "[TOOL_CALLS][] x", NULL },
    { "broken JSON", "<tool_call>{\"name\":\"get\",\"arguments\":{,}}"
      "</tool_call>", NULL },
    { "JSON that ends too early", "<tool_call>{\"name\":\"get\","
      "\"arguments\":{}</tool_call> x", NULL },
    { "a line end in a string",
      "<tool_call>{\"name\":\"get\",\"arguments\":{\"s\":\"a\n\tb\"}}"
      "</tool_call>",
      "S|B0C:get:ID|D0:{\"s\":\"a\\n\\tb\"}|E0" UT_TOOL },
    { "arguments that are none", "<tool_call>{\"name\":\"get\",\"arguments\":"
      "[]}</tool_call>", NULL },
    { "no name", "<tool_call>{\"arguments\":{}}</tool_call>", NULL },
    { "an opener in a sentence", "write <tool_call> and then JSON", NULL },
    { "text between parameters", "<function=get>x<parameter=s>y</parameter>"
      "</function>", NULL },
    { "the other form's end", "<function=get></invoke>", NULL },
    { "a parameter without an end", "<function=get><parameter=s>y</function>",
      NULL },
    { "a call without an end", "<function=get><parameter=s>y</parameter>",
      NULL },
    { "JSON without an end", "<tool_call>{\"name\":\"get\",\"argum", NULL },
    { "fenced code",
      "x:\n```xml\n<tool_call>{\"name\":\"get\"}</tool_call>\n``` a\n"
      "[TOOL_CALLS][{\"name\":\"get\"}]\n```\n", NULL },
    { "fenced code at the start",
      "```\n<function=get></function>\n", NULL },

    { "code in a line",
      "write `<tool_call>{\"name\":\"get\"}</tool_call>` or ``a`b "
      "<function=get></function>", NULL },

    /* around fences */

    { "behind fenced code",
      "```\nx\n``` \n<tool_call>{\"name\":\"get\"}</tool_call>",
      "S|B0T|D0:```\nx\n``` \n|E0|B1C:get:ID|D1:{}|E1" UT_TOOL },
    { "code in a line is no fence",
      "```x``` y\na ``` b ``` <tool_call>{\"name\":\"get\"}</tool_call>",
      "S|B0T|D0:```x``` y\na ``` b ``` |E0|B1C:get:ID|D1:{}|E1" UT_TOOL },

    /* ends and other blocks: scripts */

    { "complete JSON without an end tag",
      "S|B0T|D0:<tool_call>{\"name\":\"get\"}|F:END|U:1,0,1|.",
      "S|B0C:get:ID|D0:{}|E0" UT_TOOL },
    { "cut by the limit of tokens",
      "S|B0T|D0:a<function=get><para|F:LENGTH|U:1,0,1|.",
      "S|B0T|D0:a<function=get><para|E0!|F:LENGTH{1,0,1}|." },
    { "cut by END alone", "S|B0T|D0:a<tool_call>{\"na|U:1,0,1|.",
      "S|B0T|D0:a<tool_call>{\"na|E0|F:END{1,0,1}|." },
    { "cut by an error", "S|B0T|D0:a<tool_call>{\"na|X:12:busy|.",
      "S|B0T|D0:a<tool_call>{\"na|X:12:busy|." },
    { "text goes on behind a call of the upstream's",
      "S|B0T|D0:a<too|B1C:f:i|D1:{}|E1|D0:l|F:TOOL|U:1,0,1|.",
      "S|B0T|D0:a<too|E0|B1C:f:i|D1:{}|E1|B2T|D2:l|E2" UT_TOOL },
    { "other blocks pass",
      "S|B0K|D0:<function=get></function>|E0|B1C:f:i|D1:{\"a\":"
      "\"<tool_call>\"}|E1|F:TOOL|U:1,0,1|.",
      "S|B0K|D0:<function=get></function>|E0|B1C:f:i|D1:{\"a\":"
      "\"<tool_call>\"}|E1" UT_TOOL },
    { "a citation lets go of what is held",
      "S|B0T|D0:a<tool|C0:{}|D0:_call>|E0|F:END|U:1,0,1|.",
      "S|B0T|D0:a<tool|C0:{}|D0:_call>" UT_TEXT },
    { "two text blocks",
      "S|B0T|D0:<function=get></function>|E0|B1T|D1:```|E1|B2T"
      "|D2:<function=get></function>x|E2|F:END|U:1,0,1|.",
      "S|B0C:get:ID|D0:{}|E0|B1T|D1:```|E1|B2C:get:ID|D2:{}|E2|B3T|D3:x|E3"
      UT_TOOL },
    { "escaped characters",
      "S|B0T|J0:\\u003cfunction=get\\u003e\\u003cparameter=s>\\ud83d\\ude00\\u00e9"
      "\\n\\u003c\\/parameter>\\n<\\/function>|E0|F:END|U:1,0,1|.",
      "S|B0C:get:ID|D0:{\"s\":\"\xf0\x9f\x98\x80\xc3\xa9\"}|E0" UT_TOOL },
    { "a pair of surrogates that was held in vain",
      "S|B0T|J0:<tool_call>{\\\"name\\\":\\\"\\ud83d\\ude00\\\"}|E0|F:END"
      "|U:1,0,1|.",
      "S|B0T|D0:<tool_call>{\"name\":\"\\ud83d\\ude00\"}" UT_TEXT }
};


#define UT_CASES  (sizeof(ut_cases) / sizeof(ut_cases[0]))


typedef struct {
    ut_stage_t   s;
    ut_trace_t   t;
    ccp_name_t   name;
    ccp_tool_t   tools[4];
    ccp_flow_t  *flow;
    ccp_sink_t   first;
} ut_chain_t;


static int
ut_chain(ut_chain_t *c, ccp_arena_t *a, size_t limit)
{
    size_t      i;
    ccp_sink_t  out;

    static const char *const  names[] = { "get", "put", "client", "search" };

    ut_stage_init(&c->s, a);
    ut_trace_init(&c->t, 1);

    memset(c->tools, 0, sizeof(c->tools));

    for (i = 0; i < 4; i++) {
        c->tools[i].kind = i == 3 ? CCP_T_HOSTED : CCP_T_FUNCTION;
        c->tools[i].name = ccp_cstr(names[i]);
        c->tools[i].next = i == 3 ? NULL : &c->tools[i + 1];
    }

    c->tools[0].schema = ccp_lit(
        "{\"type\":\"object\",\"properties\":{\"s\":{\"type\":\"string\"},"
        "\"i\":{\"type\":\"integer\"},\"n\":{\"type\":\"number\"},"
        "\"b\":{\"type\":\"boolean\"},\"o\":{\"type\":\"object\"},"
        "\"l\":{\"type\":\"ARRAY\"}}}");
    c->s.req.tools = c->tools;

    memset(&c->name, 0, sizeof(c->name));
    c->name.wire = ccp_lit("wire");
    c->name.client = ccp_lit("client");
    c->s.ac.names = &c->name;

    out.fn = ut_trace_event;
    out.ctx = &c->t;
    c->flow = ccp_flow_create(&c->s.ac, out, 0);
    if (c->flow == NULL) {
        return CCP_NOMEM;
    }

    out.fn = ccp_flow_event;
    out.ctx = c->flow;

    c->first.fn = ccp_calls_event;
    c->first.ctx = ccp_calls_create(&c->s.ac, out, CCP_CALLS_NATIVE,
                                    limit);

    return c->first.ctx ? CCP_OK : CCP_NOMEM;
}


/* The script of a case, and what it shall give; malloc'ed. */

static char *
ut_script(const ut_case_t *k, int json, char **want)
{
    char       *p;
    size_t      n;
    ccp_buf_t   b;

    n = strlen(k->in) + (k->want ? strlen(k->want) : strlen(k->in)) + 64;
    *want = malloc(n);
    snprintf(*want, n, k->want ? "%s" : UT_BEGIN "%s" UT_TEXT,
             k->want ? k->want : k->in);

    if (strncmp(k->in, "S|", 2) == 0) {
        return strdup(k->in);
    }

    ccp_buf_init(&b, ut_arena(), 0);
    ccp_buf_add(&b, json ? "S|B0T|J0:" : UT_BEGIN, sizeof(UT_BEGIN) - 1);

    if (json) {
        ccp_buf_add_json(&b, ccp_cstr(k->in));
    } else {
        ccp_buf_add_plain(&b, ccp_cstr(k->in));
    }

    ccp_buf_add(&b, UT_END, sizeof(UT_END));
    p = strdup((char *) b.p);
    ccp_arena_destroy(b.arena);

    return p;
}


/* Writes "ID" for each id that was made; 0 if one comes twice. */

static int
ut_ids(char *text)
{
    int     ok;
    char   *p, last[UT_DIGITS + 1];
    size_t  n;

    ok = 1;
    last[0] = '\0';

    while ((p = strstr(text, ":" UT_MADE))) {
        p++;
        n = strcspn(p + sizeof(UT_MADE) - 1, "|");

        ok = ok && n == UT_DIGITS
             && strncmp(p + sizeof(UT_MADE) - 1, last, n) != 0;

        snprintf(last, sizeof(last), "%s", p + sizeof(UT_MADE) - 1);
        memcpy(p, "ID", 2);
        memmove(p + 2, p + sizeof(UT_MADE) - 1 + n,
                strlen(p + sizeof(UT_MADE) - 1 + n) + 1);
        text = p;
    }

    return ok;
}


/* What passes keeps its spelling, what was held is in JSON's: escapes go. */

static void
ut_plain(char *p)
{
    char  *q;

    for (q = p; *p; p++) {
        if (*p == '\\' && p[1]) {
            p++;
            *q++ = *p == 'n' ? '\n' : *p;
        } else {
            *q++ = *p;
        }
    }

    *q = '\0';
}


static void
ut_run(const ut_case_t *k)
{
    int           bad, json, ids;
    char         *script, *want;
    size_t        split, most;
    ut_chain_t    c;
    ccp_arena_t  *a;

    bad = 0;

    for (json = 0; json < 2; json++) {
        script = ut_script(k, json, &want);
        most = strlen(script);
        ut_plain(want);

        for (split = 0; split < most; split++) {
            a = ut_arena();

            if (ut_chain(&c, a, 0) != CCP_OK
                || ut_play_split(script, &c.first, split) != CCP_OK)
            {
                bad = 1;
            }

            ids = c.t.p && ut_ids(c.t.p);

            if (ids) {
                ut_plain(c.t.p);
            }

            if (!ids || strcmp(ut_trace(&c.t), want) != 0) {
                if (!bad) {
                    printf("# split %zu got  %s\n# want %s\n", split,
                           ut_trace(&c.t), want);
                }
                bad = 1;
            }

            ut_trace_free(&c.t);
            ccp_arena_destroy(a);
        }

        free(script);
        free(want);
    }

    UT_CHECK(!bad, "T15: %s", k->name);
}


/* How much is held back, and how long. */

static void
ut_prompt(void)
{
    size_t        i, size;
    ut_chain_t    c;
    ccp_arena_t  *a;

    a = ut_arena();
    ut_chain(&c, a, 0);
    ut_play(UT_BEGIN "ab <", &c.first);
    UT_CHECK(strcmp(ut_trace(&c.t), UT_BEGIN "ab ") == 0,
             "T15: text passes up to what may be an opener");
    ut_play("D0:fun", &c.first);
    UT_CHECK(strcmp(ut_trace(&c.t), UT_BEGIN "ab ") == 0,
             "T15: which waits");
    ut_play("D0:!", &c.first);
    UT_CHECK(strcmp(ut_trace(&c.t), UT_BEGIN "ab <fun!") == 0,
             "T15: until it is none");
    ut_play("D0:<function=rm>", &c.first);
    UT_CHECK(strcmp(ut_trace(&c.t), UT_BEGIN "ab <fun!<function=rm>") == 0,
             "T15: an unknown tool passes with its name");
    ut_play("D0:<tool_call>{\"name\":\"get\"}", &c.first);
    UT_CHECK(strstr(ut_trace(&c.t), "|D1:{}|E1") != NULL,
             "T15: a call passes when its JSON is complete");
    ut_trace_free(&c.t);
    ccp_arena_destroy(a);

    a = ut_arena();
    ut_chain(&c, a, 32);
    ut_play(UT_BEGIN "<tool_call>{\"name\":\"get\",\"arguments\":{\"a\":1",
            &c.first);
    ut_plain(c.t.p);
    UT_CHECK(strcmp(ut_trace(&c.t), UT_BEGIN "<tool_call>{\"name\":\"get\","
                    "\"arguments\":{\"a\":1") == 0,
             "T15: what is longer than the limit is text");
    ut_trace_free(&c.t);
    ccp_arena_destroy(a);

    a = ut_arena();
    ut_chain(&c, a, 0);
    ut_play(UT_BEGIN "x", &c.first);
    size = ccp_arena_size(a);

    for (i = 0; i < 1000; i++) {
        ut_play("D0:a < b <tool_cat> [x]", &c.first);
    }

    UT_CHECK(ccp_arena_size(a) == size, "T15: text takes no memory");
    ut_trace_free(&c.t);
    ccp_arena_destroy(a);
}


static int
ut_count_event(void *ctx, const ccp_event_t *ev)
{
    size_t  *n = ctx;

    if (ev->kind == CCP_EV_DELTA) {
        n[0] += ev->text.n;
        n[1]++;
    }

    return CCP_OK;
}


/* CPU time of n bytes of a text that is repeated, in deltas of step. */

static double
ut_cost(const char *piece, size_t n, size_t step, size_t *got)
{
    char          *p;
    size_t         i, len;
    clock_t        begin;
    ut_chain_t     c;
    ccp_sink_t     out;
    ccp_event_t    ev;
    ccp_block_t    block;
    ccp_arena_t   *a;

    p = malloc(n);
    len = strlen(piece);

    for (i = 0; i < n; i++) {
        p[i] = piece[i % len];
    }

    a = ut_arena();
    ut_chain(&c, a, 0);
    out.fn = ut_count_event;
    out.ctx = got;
    c.first.ctx = ccp_calls_create(&c.s.ac, out, CCP_CALLS_NATIVE, 0);

    memset(&ev, 0, sizeof(ev));
    memset(&block, 0, sizeof(block));
    block.kind = CCP_B_TEXT;
    ev.kind = CCP_EV_BLOCK_START;
    ev.block = &block;
    got[0] = 0;
    got[1] = 0;

    begin = clock();
    ccp_calls_event(c.first.ctx, &ev);
    ev.kind = CCP_EV_DELTA;

    for (i = 0; i < n; i += step) {
        ev.text.p = (const uint8_t *) p + i;
        ev.text.n = n - i < step ? n - i : step;
        ccp_calls_event(c.first.ctx, &ev);
    }

    ev.kind = CCP_EV_END;
    ccp_calls_event(c.first.ctx, &ev);
    begin = clock() - begin;

    ccp_arena_destroy(a);
    free(p);

    return (double) begin / CLOCKS_PER_SEC;
}


static void
ut_linear(void)
{
    size_t  i, got[2];
    double  one, four;

    static const char *const  pieces[] = {
        "<", "<tool_call>", "<function=get>", "<function=rm>",
        "[TOOL_CALLS][", "<function=get><parameter=", "<tool_call>{\"",
        "</parameter"
    };

    for (i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        one = ut_cost(pieces[i], 1 << 18, 1 << 18, got);
        four = ut_cost(pieces[i], 1 << 20, 1 << 20, got);

        UT_CHECK(got[0] >= 1 << 20 && four < (one < 0.02 ? 0.02 : one) * 10,
                 "T15: a megabyte of %s: %.3f s, a quarter: %.3f s",
                 pieces[i], four, one);
    }

    ut_cost("<", 1 << 20, 1 << 20, got);
    UT_CHECK(got[0] == 1 << 20 && got[1] <= 2,
             "T15: what is no opener does not cut a delta");
    ut_cost("<", 1 << 16, 1, got);
    UT_CHECK(got[0] == 1 << 16, "T15: nor do deltas of a byte lose one");
}


static int
ut_mem_case(const ccp_mem_t *mem, void *arg)
{
    int           rc;
    ut_chain_t    c;
    ccp_arena_t  *a;

    a = ccp_arena_create(mem, 0);
    if (a == NULL) {
        return CCP_NOMEM;
    }

    rc = ut_chain(&c, a, 0);

    if (rc == CCP_OK) {
        rc = ut_play_split(arg, &c.first, 3);
    }

    ut_trace_free(&c.t);
    ccp_arena_destroy(a);

    return rc;
}


/* ---- through an exchange ---- */

static const char  ut_req[] =
    "{\"model\":\"m\",\"max_tokens\":64,\"stream\":true,\"messages\":[{\"role\":"
    "\"user\",\"content\":\"hi\"}],\"tools\":[{\"name\":\"get\","
    "\"input_schema\":{\"type\":\"object\",\"properties\":{\"i\":{\"type\":"
    "\"integer\"}}}}]%s}";

static const char  ut_stream[] =
    "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,"
    "\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":"
    "\"assistant\",\"content\":\"I look. <function=get>\\n<para\"},"
    "\"finish_reason\":null}]}\n\n"
    "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,"
    "\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
    "\"meter=i>\\n12\\n</parameter>\\n</function>\\n</tool_call>\"},"
    "\"finish_reason\":null}]}\n\n"
    "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,"
    "\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},"
    "\"finish_reason\":\"stop\"}]}\n\n"
    "data: [DONE]\n\n";


/* What a client gets whose upstream streams ut_stream; malloc'ed. */

static char *
ut_exchange(const char *path, const char *more, const char *dialect)
{
    int               rc;
    char              body[sizeof(ut_req) + 64], *p;
    size_t            k, n;
    ut_mem_t          m;
    ccp_mem_t         mem;
    ccp_out_t         out;
    ccp_str_t         s, uri;
    ccp_try_t        *try;
    ccp_error_t       err;
    ccp_target_t      target;
    ccp_exchange_t   *x;
    const ccp_out_t  *up;

    ut_mem_init(&m);
    mem = ut_mem(&m);

    ut_target(&target, dialect ? ccp_provider_find(ccp_cstr(dialect))
                               : ccp_provider_plain(CCP_CHAT));

    snprintf(body, sizeof(body), ut_req, more);
    x = ut_exchange_create(&mem, path, NULL);
    ccp_out_init(&out, ccp_exchange_arena(x), 0);

    rc = ccp_exchange_request(x, ccp_cstr(body), ccp_none, &err);
    if (rc == CCP_OK) {
        rc = ut_try(&try, x, &target, ccp_none, &up, &uri, &err);
    }
    if (rc == CCP_OK) {
        rc = ccp_answer_begin(try, 200, ccp_lit("text/event-stream"),
                              ccp_none);
    }
    if (rc == CCP_OK) {
        rc = ccp_answer_feed(try, (const uint8_t *) ut_stream,
                             sizeof(ut_stream) - 1, &out);
    }
    if (rc == CCP_OK) {
        rc = ccp_answer_end(try, &out);
    }

    p = calloc(1, ccp_out_size(&out) + 1);

    for (k = 0, n = 0; rc == CCP_OK && (s = ccp_out_seg(&out, k)).p; k++) {
        memcpy(p + n, s.p, s.n);
        n += s.n;
    }

    ccp_exchange_destroy(x);

    return p;
}


static void
ut_through(void)
{
    char  *p;

    p = ut_exchange("/v1/messages", "", NULL);
    UT_CHECK(strstr(p, "\"type\":\"tool_use\"") && strstr(p, "\"get\"")
             && strstr(p, "\"stop_reason\":\"tool_use\"")
             && strstr(p, "{\\\"i\\\":12}") && strstr(p, "I look. ")
             && !strstr(p, "function") && !strstr(p, "tool_call>"),
             "T15: plain Chat upstream, Anthropic client: tool_use");
    free(p);

    p = ut_exchange("/v1/messages", "", "vllm");
    UT_CHECK(strstr(p, "\"stop_reason\":\"tool_use\""), "T15: vllm too");
    free(p);

    p = ut_exchange("/v1/messages", "", "openai");
    UT_CHECK(strstr(p, "<function=get>")
             && strstr(p, "\"stop_reason\":\"end_turn\""),
             "T15: not of servers that read calls themselves");
    free(p);

    p = ut_exchange("/v1/messages", ",\"tool_choice\":{\"type\":\"none\"}",
                    NULL);
    UT_CHECK(!strstr(p, "\"type\":\"tool_use\"")
             && strstr(p, "\"stop_reason\":\"end_turn\""),
             "T15: not if the client wants no call");
    free(p);

    p = ut_exchange("/v1/chat/completions", "", NULL);
    UT_CHECK(strcmp(p, ut_stream) == 0, "T15: not of a splice");
    free(p);
}


int
main(void)
{
    char    *script, *want;
    size_t   i;

    for (i = 0; i < UT_CASES; i++) {
        ut_run(&ut_cases[i]);
    }

    ut_prompt();
    ut_linear();
    ut_through();

    for (i = 0; i < UT_CASES; i++) {
        script = ut_script(&ut_cases[i], 1, &want);
        ut_fail_each(ut_cases[i].name, ut_mem_case, script);
        free(script);
        free(want);
    }

    return ut_done();
}
