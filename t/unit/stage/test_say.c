
/*
 * Say: what decoders call, and the events that come of it.
 */

#include "ut_events.h"
#include "codec/stage/stage_say.h"


static ut_trace_t   ut_out;
static ut_stage_t   ut_stage;
static ccp_arena_t *ut_mem_arena;


static void
ut_say_init(ccp_say_t *s)
{
    ut_trace_init(&ut_out, 0);
    ut_stage_init(&ut_stage, ut_mem_arena);
    ut_stage.ac.sink.fn = ut_trace_event;
    ut_stage.ac.sink.ctx = &ut_out;
    ccp_say_init(s, &ut_stage.ac, CCP_OLLAMA);
}


static void
ut_said(const char *want, const char *name)
{
    UT_CHECK(strcmp(ut_trace(&ut_out), want) == 0, "%s: %s", name,
             ut_trace(&ut_out));
    ut_trace_free(&ut_out);
}


static void
ut_text(void)
{
    ccp_say_t        s;
    ccp_say_block_t  at = { 0 };

    ut_say_init(&s);
    ccp_say_text(&s, &at, CCP_B_THINK, ccp_lit("why"));
    ccp_say_text(&s, &at, CCP_B_THINK, ccp_none);
    ccp_say_text(&s, &at, CCP_B_THINK, ccp_lit("!"));
    ccp_say_sig(&s, &at, CCP_OLLAMA, ccp_lit("sig"));
    ccp_say_text(&s, &at, CCP_B_TEXT, ccp_lit("so"));
    ccp_say_cite(&s, &at, ccp_lit("1"));
    ccp_say_logprobs(&s, &at, ccp_lit("2"));
    ccp_say_stop(&s, &at, 1);
    ccp_say_stop(&s, &at, 0);
    ut_said("B0K|D0:why|D0:!|G0:sig|E0|B1T|D1:so|C1:1|L1:2|E1!",
            "text goes on in its block or begins one");
}


static void
ut_closed(void)
{
    ccp_say_t        s;
    ccp_say_block_t  at = { 0 };

    ut_say_init(&s);
    ccp_say_delta(&s, &at, ccp_lit("a"));
    ccp_say_sig(&s, &at, CCP_OLLAMA, ccp_lit("b"));
    ccp_say_cite(&s, &at, ccp_lit("1"));
    ccp_say_logprobs(&s, &at, ccp_lit("2"));
    ccp_say_stop(&s, &at, 0);
    ut_said("", "nothing is said of a block that is not open");
}


static void
ut_calls(void)
{
    ccp_say_t        s;
    ccp_block_t      b = { 0 };
    ccp_say_block_t  one = { 0 }, two = { 0 };

    ut_say_init(&s);
    two.choice = 1;
    b.kind = CCP_B_CALL;
    b.name = ccp_lit("f");
    b.id = ccp_lit("1");
    ccp_say_block(&s, &one, &b);
    UT_CHECK(b.origin == CCP_OLLAMA, "a block has the answer's origin");
    b.id = ccp_lit("2");
    ccp_say_block(&s, &two, &b);
    ccp_say_delta(&s, &one, ccp_lit("{"));
    ccp_say_delta(&s, &two, ccp_lit("["));
    b.id = ccp_lit("3");
    ccp_say_block(&s, &one, &b);
    ccp_say_stop(&s, &two, 0);
    ut_said("B0C:f:1|1#B1C:f:2|D0:{|1#D1:[|E0|B2C:f:3|1#E1",
            "blocks of several places are open at a time");
}


static void
ut_ends(void)
{
    ccp_say_t    s;
    ccp_usage_t  u = ccp_usage_none;

    ut_say_init(&s);
    u.in_fresh = 3;
    ccp_say_start(&s, ccp_none, ccp_none, 0, &u);
    ccp_say_start(&s, ccp_none, ccp_none, 0, NULL);
    UT_CHECK(!s.over, "an answer that began is not over");
    ccp_say_finish(&s, 1, CCP_STOP_SEQ, ccp_lit("###"), ccp_none);
    ccp_say_end(&s);
    UT_CHECK(s.over, "END: over");
    ut_said("S{3,-1,-1}|1#F:SEQ:###|.", "one START, FINISH, END");

    ut_say_init(&s);
    ccp_say_fail(&s, CCP_E_MALFORMED, "no");
    UT_CHECK(s.over, "ERROR: over");
    ut_said("X:15:no", "an error in our own words");
}


int
main(void)
{
    ut_mem_arena = ut_arena();
    ut_text();
    ut_closed();
    ut_calls();
    ut_ends();
    ccp_arena_destroy(ut_mem_arena);

    return ut_done();
}
