
/*
 * Think tags, free-text tools, stop text: each script is played whole and with
 * its deltas cut at every length; neighbouring deltas count as one.
 */

#include "ut_events.h"
#include "codec/stage/stage.h"


typedef enum { UT_THINK, UT_IMPLICIT, UT_CUSTOM, UT_STOP } ut_which_e;

typedef struct {
    ut_which_e   which;
    const char  *name;
    const char  *in;
    const char  *want;         /* behind flow */
} ut_case_t;


static const ut_case_t  ut_cases[] = {

    /* T29 */

    { UT_THINK, "T29: tags at the start of the text",
      "S|B0T|D0:<think>why so</think>because|E0|F:END|U:1,0,1|.",
      "S|B0K|D0:why so|E0|B1T|D1:because|E1|F:END{1,0,1}|." },
    { UT_THINK, "T29: white space around tags goes",
      "S|B0T|J0:\\n <think>\\nwhy\\tso</think>\\n\\nbecause\\n|E0|F:END"
      "|U:1,0,1|.",
      "S|B0K|D0:why\\tso|E0|B1T|D1:because\\n|E1|F:END{1,0,1}|." },
    { UT_THINK, "T29: escaped angle brackets and solidus",
      "S|B0T|J0:\\u003cthink\\u003ea\\u00e9\\u003c\\/think\\u003eb|F:END"
      "|U:1,0,1|.",
      "S|B0K|D0:a\\u00e9|E0|B1T|D1:b|E1|F:END{1,0,1}|." },
    { UT_THINK, "T29: the other tags",
      "S|B0T|D0:<thinking>a</thinking>b|B1T|D1:<reasoning>c</reasoning>d"
      "|B2T|D2:<thought>e</thought>f|F:END|U:1,0,1|.",
      "S|B0K|D0:a|E0|B1T|D1:b|E1|B2K|D2:c|E2|B3T|D3:d|E3|B4K|D4:e|E4"
      "|B5T|D5:f|E5|F:END{1,0,1}|." },
    { UT_THINK, "T29: only the tag that was opened closes",
      "S|B0T|D0:<think>a</thinking>b</thought></think>c|F:END|U:1,0,1|.",
      "S|B0K|D0:a</thinking>b</thought>|E0|B1T|D1:c|E1|F:END{1,0,1}|." },
    { UT_THINK, "T29: beginnings of tags inside",
      "S|B0T|D0:<think>a<b <</think</</think>c|F:END|U:1,0,1|.",
      "S|B0K|D0:a<b <</think</|E0|B1T|D1:c|E1|F:END{1,0,1}|." },
    { UT_THINK, "T29: text without a tag",
      "S|B0T|D0:plain <think>no</think>|F:END|U:1,0,1|.",
      "S|B0T|D0:plain <think>no</think>|E0|F:END{1,0,1}|." },
    { UT_THINK, "T29: almost a tag", "S|B0T|D0: <thin ice|F:END|U:1,0,1|.",
      "S|B0T|D0: <thin ice|E0|F:END{1,0,1}|." },
    { UT_THINK, "T29: a tag that is cut is text",
      "S|B0T|D0:<thi|E0|F:END|U:1,0,1|.",
      "S|B0T|D0:<thi|E0|F:END{1,0,1}|." },
    { UT_THINK, "T29: a tag that FINISH cuts is text",
      "S|B0T|D0:<thi|F:LENGTH|U:1,0,1|.",
      "S|B0T|D0:<thi|E0!|F:LENGTH{1,0,1}|." },
    { UT_THINK, "T29: a closing tag that is cut",
      "S|B0T|D0:<think>a</thi|F:LENGTH|U:1,0,1|.",
      "S|B0K|D0:a</thi|E0!|F:LENGTH{1,0,1}|." },
    { UT_THINK, "T29: reasoning alone", "S|B0T|D0:<think>a</think>|E0|F:END|U:1,0,1|.",
      "S|B0K|D0:a|E0|F:END{1,0,1}|." },
    { UT_THINK, "T29: empty reasoning",
      "S|B0T|D0:<think></think>a|E0|F:END|U:1,0,1|.",
      "S|B0T|D0:a|E0|F:END{1,0,1}|." },
    { UT_THINK, "T29: a closing tag alone is text",
      "S|B0T|D0:a</think>b|F:END|U:1,0,1|.",
      "S|B0T|D0:a</think>b|E0|F:END{1,0,1}|." },
    { UT_THINK, "T29: blank text stays", "S|B0T|D0:  |E0|F:END|U:1,0,1|.",
      "S|B0T|D0:  |E0|F:END{1,0,1}|." },
    { UT_THINK, "T29: other blocks pass",
      "S|B0K|D0:x|G0:s|B1T|D1:<think>a</think>b|B2C:f:i|D2:{\"a\":\"<think>\"}"
      "|E2|F:TOOL|U:1,0,1|.",
      "S|B0K|D0:x|G0:s|E0|B1K|D1:a|E1|B2T|D2:b|E2"
      "|B3C:f:i|D3:{\"a\":\"<think>\"}|E3|F:TOOL{1,0,1}|." },
    { UT_THINK, "T29: text goes on behind another block",
      "S|B0T|D0:<think>a|B1C:f:i|D1:{}|E1|D0:b</think>c|F:TOOL|U:1,0,1|.",
      "S|B0K|D0:a|E0|B1C:f:i|D1:{}|E1|B2K|D2:b|E2|B3T|D3:c|E3"
      "|F:TOOL{1,0,1}|." },
    { UT_THINK, "T29: a citation settles that it is text",
      "S|B0T|C0:{}|D0:<think>|E0|F:END|U:1,0,1|.",
      "S|B0T|C0:{}|D0:<think>|E0|F:END{1,0,1}|." },
    { UT_IMPLICIT, "T29: only the closing tag comes",
      "S|B0T|D0:why</think>\n\nthis|E0|B1T|D1:that|F:END|U:1,0,1|.",
      "S|B0K|D0:why|E0|B1T|D1:this|E1|B2T|D2:that|E2|F:END{1,0,1}|." },
    { UT_IMPLICIT, "T29: the opening tag comes all the same",
      "S|B0T|D0:<think>why</think>this|E0|F:END|U:1,0,1|.",
      "S|B0K|D0:why|E0|B1T|D1:this|E1|F:END{1,0,1}|." },
    { UT_IMPLICIT, "T29: any closing tag will do",
      "S|B0T|D0:why</thought>this|E0|F:END|U:1,0,1|.",
      "S|B0K|D0:why|E0|B1T|D1:this|E1|F:END{1,0,1}|." },
    { UT_IMPLICIT, "T29: no closing tag: all is reasoning",
      "S|B0T|D0:why|F:LENGTH|U:1,0,1|.",
      "S|B0K|D0:why|E0!|F:LENGTH{1,0,1}|." },

    /* T16 */

    { UT_CUSTOM, "T16: a function's call becomes a custom one",
      "S|B0C:patch:i|D0:{\"input\": \"a\\n\\\"b\\u00e9\"}|E0|F:TOOL|U:1,0,1|.",
      "S|B0Q:apply:i|D0:a\\n\\\"b\\u00e9|E0|F:TOOL{1,0,1}|." },
    { UT_CUSTOM, "T16: arguments inside a JSON string",
      "S|B0C:patch:i|J0:{\\\"input\\\":\\\"a\\\\nb\\\"}|E0|F:TOOL|U:1,0,1|.",
      "S|B0Q:apply:i|D0:a\\nb|E0|F:TOOL{1,0,1}|." },
    { UT_CUSTOM, "T16: a call that only the end stops",
      "S|B0C:patch:i|D0:{\"input\":\"x\"}|B1C:patch:j|D1:{\"input\":\"y\"}"
      "|F:TOOL|U:1,0,1|.",
      "S|B0Q:apply:i|D0:x|E0|B1Q:apply:j|D1:y|E1|F:TOOL{1,0,1}|." },
    { UT_CUSTOM, "T16: interleaved calls",
      "S|B0C:patch:i|B1C:f:j|D0:{\"input\"|D1:{}|D0::\"x\"}|E0|E1|F:TOOL"
      "|U:1,0,1|.",
      "S|B0Q:apply:i|D0:x|E0|B1C:f:j|D1:{}|E1|F:TOOL{1,0,1}|." },
    { UT_CUSTOM, "T16: empty input",
      "S|B0C:patch:i|D0:{\"input\":\"\"}|E0|F:TOOL|U:1,0,1|.",
      "S|B0Q:apply:i|E0|F:TOOL{1,0,1}|." },
    { UT_CUSTOM, "T16: arguments of another form pass as they are",
      "S|B0C:patch:i|D0:{\"patch\":\"x\"}|E0|B1C:patch:j|D1:*** Begin|E1"
      "|F:TOOL|U:1,0,1|.",
      "S|B0Q:apply:i|D0:{\"patch\":\"x\"}|E0|B1Q:apply:j|D1:*** Begin|E1"
      "|F:TOOL{1,0,1}|." },
    { UT_CUSTOM, "T16: a cut call keeps what came",
      "S|B0C:patch:i|D0:{\"input\":\"abc|F:LENGTH|U:1,0,1|.",
      "S|B0Q:apply:i|D0:abc|E0!|F:LENGTH{1,0,1}|." },
    { UT_CUSTOM, "T16: without half an escape",
      "S|B0C:patch:i|D0:{\"input\":\"abc\\u12|F:LENGTH|U:1,0,1|.",
      "S|B0Q:apply:i|D0:abc|E0!|F:LENGTH{1,0,1}|." },
    { UT_CUSTOM, "T16: other calls and text pass",
      "S|B0T|D0:t|B1C:f:i|D1:{\"input\":\"x\"}|E1|F:TOOL|U:1,0,1|.",
      "S|B0T|D0:t|E0|B1C:f:i|D1:{\"input\":\"x\"}|E1|F:TOOL{1,0,1}|." },

    /* stop text: END, ###, é! (decoded) */

    { UT_STOP, "stop text is cut", "S|B0T|D0:abENDcd|E0|F:END|U:1,0,1|.",
      "S|B0T|D0:ab|E0|F:SEQ:END{1,0,1}|." },
    { UT_STOP, "stop text over several deltas",
      "S|B0T|D0:a#|D0:#|D0:#b|E0|F:END|U:1,0,1|.",
      "S|B0T|D0:a|E0|F:SEQ:###{1,0,1}|." },
    { UT_STOP, "stop text is compared decoded",
      "S|B0T|J0:a\\u0023\\u0023#b|E0|F:END|U:1,0,1|.",
      "S|B0T|D0:a|E0|F:SEQ:###{1,0,1}|." },
    { UT_STOP, "stop text beyond ASCII",
      "S|B0T|J0:a\\u00e9!b|E0|F:END|U:1,0,1|.",
      "S|B0T|D0:a|E0|F:SEQ:\xc3\xa9!{1,0,1}|." },
    { UT_STOP, "the first that ends counts",
      "S|B0T|D0:a##EN###END|E0|F:END|U:1,0,1|.",
      "S|B0T|D0:a##EN|E0|F:SEQ:###{1,0,1}|." },
    { UT_STOP, "almost stop text", "S|B0T|D0:aEN|D0:EN|E0|F:END|U:1,0,1|.",
      "S|B0T|D0:aENEN|E0|F:END{1,0,1}|." },
    { UT_STOP, "a beginning of stop text and eof",
      "S|B0T|D0:a##|F:END|U:1,0,1|eof",
      "S|B0T|D0:a##|E0|F:END{1,0,1}|." },
    { UT_STOP, "a beginning of stop text and END",
      "S|B0T|D0:a##|U:1,0,1|.", "S|B0T|D0:a##|E0|F:END{1,0,1}|." },
    { UT_STOP, "what follows is dropped",
      "S|B0T|D0:aENDb|D0:c|E0|B1T|D1:d|E1|B2C:f:i|D2:{}|E2|F:LENGTH"
      "|U:1,0,1|.",
      "S|B0T|D0:a|E0|F:SEQ:END{1,0,1}|." },
    { UT_STOP, "an error behind it is none of the client's",
      "S|B0T|D0:aENDb|U:1,0,1|X:12:busy|.",
      "S|B0T|D0:a|E0|F:SEQ:END{1,0,1}|." },
    { UT_STOP, "an error before it is",
      "S|B0T|D0:a|X:12:busy|.", "S|B0T|D0:a|X:12:busy|." },
    { UT_STOP, "thinking and calls may hold it",
      "S|B0K|D0:xEND|B1C:f:i|D1:{\"END\":1}|E1|B2T|D2:bENDc|F:END|U:1,0,1|.",
      "S|B0K|D0:xEND|E0|B1C:f:i|D1:{\"END\":1}|E1|B2T|D2:b|E2"
      "|F:TOOL{1,0,1}|." },
    { UT_STOP, "it does not reach over blocks",
      "S|B0T|D0:aEN|B1T|D1:Db|F:END|U:1,0,1|.",
      "S|B0T|D0:aEN|E0|B1T|D1:Db|E1|F:END{1,0,1}|." }
};


#define UT_CASES  (sizeof(ut_cases) / sizeof(ut_cases[0]))


typedef struct {
    ut_stage_t   s;
    ut_trace_t   t;
    ccp_name_t   name;
    ccp_item_t   stop[3];
    ccp_flow_t  *flow;
    ccp_sink_t   first;
} ut_chain_t;


static int
ut_chain(ut_chain_t *c, ccp_arena_t *a, ut_which_e which, size_t limit)
{
    ccp_sink_t  out;

    ut_stage_init(&c->s, a);
    ut_trace_init(&c->t, 1);

    memset(&c->name, 0, sizeof(c->name));
    c->name.wire = ccp_lit("patch");
    c->name.client = ccp_lit("apply");
    c->name.free_text = 1;
    c->s.ac.names = &c->name;

    c->stop[0].s = ccp_lit("END");
    c->stop[0].next = &c->stop[1];
    c->stop[1].s = ccp_lit("#\\u0023#");
    c->stop[1].s.json = 1;
    c->stop[1].s.esc = 1;
    c->stop[1].next = &c->stop[2];
    c->stop[2].s = ccp_lit("\xc3\xa9!");
    c->stop[2].next = NULL;

    out.fn = ut_trace_event;
    out.ctx = &c->t;
    c->flow = ccp_flow_create(&c->s.ac, out, 0);
    if (c->flow == NULL) {
        return CCP_NOMEM;
    }

    out.fn = ccp_flow_event;
    out.ctx = c->flow;

    switch (which) {

    case UT_THINK:
    case UT_IMPLICIT:
        c->first.fn = ccp_think_tags_event;
        c->first.ctx = ccp_think_tags_create(&c->s.ac, out,
                                             which == UT_IMPLICIT);
        break;

    case UT_CUSTOM:
        c->first.fn = ccp_free_text_event;
        c->first.ctx = ccp_free_text_create(&c->s.ac, out, limit);
        break;

    case UT_STOP:
        c->first.fn = ccp_stop_text_event;
        c->first.ctx = ccp_stop_text_create(&c->s.ac, out, c->stop);
        break;
    }

    return c->first.ctx ? CCP_OK : CCP_NOMEM;
}


static int
ut_script(ut_chain_t *c, const char *in, size_t split)
{
    int    rc, eof;
    char  *p, *script;

    script = strdup(in);
    p = strstr(script, "eof");
    eof = (p != NULL);
    if (eof) {
        *p = '\0';
    }

    rc = ut_play_split(script, &c->first, split);
    if (rc == CCP_OK && eof) {
        rc = ccp_flow_eof(c->flow);
    }

    free(script);

    return rc;
}


static void
ut_run(const ut_case_t *k)
{
    int           bad;
    size_t        split;
    ut_chain_t    c;
    ccp_arena_t  *a;

    for (split = 0, bad = 0; split < 24; split++) {
        a = ut_arena();

        if (ut_chain(&c, a, k->which, 0) != CCP_OK
            || ut_script(&c, k->in, split) != CCP_OK
            || strcmp(ut_trace(&c.t), k->want) != 0)
        {
            printf("# split %zu got  %s\n# want %s\n", split,
                   ut_trace(&c.t), k->want);
            bad = 1;
        }

        ut_trace_free(&c.t);
        ccp_arena_destroy(a);
    }

    UT_CHECK(!bad, "%s", k->name);
}


/* How much is held back: nothing that can't be a tag or stop text. */

static void
ut_prompt(void)
{
    ut_chain_t    c;
    ccp_arena_t  *a;

    a = ut_arena();
    ut_chain(&c, a, UT_THINK, 0);
    ut_play("S|B0T|D0:<think>a", &c.first);
    UT_CHECK(strcmp(ut_trace(&c.t), "S|B0K|D0:a") == 0,
             "T29: reasoning passes at once");
    ut_play("D0:b<", &c.first);
    UT_CHECK(strcmp(ut_trace(&c.t), "S|B0K|D0:ab") == 0,
             "T29: up to what may be a tag");
    ut_play("D0:/x", &c.first);
    UT_CHECK(strcmp(ut_trace(&c.t), "S|B0K|D0:ab</x") == 0,
             "T29: until it is none");
    ut_trace_free(&c.t);
    ccp_arena_destroy(a);

    a = ut_arena();
    ut_chain(&c, a, UT_STOP, 0);
    ut_play("S|B0T|D0:abE", &c.first);
    UT_CHECK(strcmp(ut_trace(&c.t), "S|B0T|D0:ab") == 0,
             "a beginning of stop text waits");
    ut_play("D0:x", &c.first);
    UT_CHECK(strcmp(ut_trace(&c.t), "S|B0T|D0:abEx") == 0, "and no longer");
    ut_trace_free(&c.t);
    ccp_arena_destroy(a);

    a = ut_arena();
    ut_chain(&c, a, UT_STOP, 0);
    ut_play("S|B0T|J0:\\ud83d|J0:\\ude00#|E0|F:END|U:1,0,1|.", &c.first);
    UT_CHECK(strcmp(ut_trace(&c.t),
                    "S|B0T|D0:\xf0\x9f\x98\x80#|E0|F:END{1,0,1}|.") == 0,
             "T35: a pair over two deltas of watched text");
    ut_trace_free(&c.t);
    ccp_arena_destroy(a);

    a = ut_arena();
    ut_chain(&c, a, UT_CUSTOM, 64);
    UT_CHECK(ut_play("S|B0C:patch:i|D0:{\"input\":\"0123456789012345678901234"
                     "567890123456789012345678901234567890123456789",
                     &c.first) == CCP_NOMEM,
             "T16: what is collected is bounded");
    ut_trace_free(&c.t);
    ccp_arena_destroy(a);
}


static int
ut_stage_mem(const ccp_mem_t *mem, void *arg)
{
    int               rc;
    ut_chain_t        c;
    ccp_arena_t      *a;
    const ut_case_t  *k = arg;

    a = ccp_arena_create(mem, 0);
    if (a == NULL) {
        return CCP_NOMEM;
    }

    rc = ut_chain(&c, a, k->which, 0);

    if (rc == CCP_OK) {
        rc = ut_script(&c, k->in, 3);
    }

    ut_trace_free(&c.t);
    ccp_arena_destroy(a);

    return rc;
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < UT_CASES; i++) {
        ut_run(&ut_cases[i]);
    }

    ut_prompt();

    for (i = 0; i < UT_CASES; i++) {
        ut_fail_each(ut_cases[i].name, ut_stage_mem, (void *) &ut_cases[i]);
    }

    return ut_done();
}
