
/*
 * Nulls of strict tools (T65): each script is played whole and with its
 * deltas cut at every length, plain and in JSON spelling; what comes out is
 * one text.
 */

#define _GNU_SOURCE

#include <stdio.h>

#include "ut_events.h"
#include "codec/base/base_buf.h"
#include "codec/stage/stage.h"


/* ' stands for ". */

static const char  schema[] =
    "{'type':'object','properties':{'p':{'type':'string'},'limit':{'type':"
    "'integer'},'may':{'type':['string','null']},'any':{},'kind':{'enum':['a',"
    "'b']},'or':{'anyOf':[{'type':'string'},{'type':'null'}]},'o':{'type':"
    "'object','properties':{'q':{'type':'string'},'deep':{'type':'boolean'}},"
    "'required':['q']},'list':{'type':'array','items':{'type':'object',"
    "'properties':{'x':{'type':'number'},'y':{'type':'number'}},'required':"
    "['x']}},'tree':{'$ref':'#/$defs/T'},'u':{'anyOf':[{'type':'object',"
    "'properties':{'a':{'type':'string'},'c':{'type':['string','null']}}},"
    "{'type':'object','properties':{'a':{'type':'integer'},'c':{'type':"
    "'string'}}}]},'\\u00e9t\\u00e9':{'type':'string'},'q\\\"':{'type':"
    "'string'}},'required':['p'],'$defs':{'T':{'type':'object','properties':"
    "{'v':{'type':'string'},'kids':{'type':'array','items':{'$ref':"
    "'#/$defs/T'}}},'required':['v']}}}";


typedef struct {
    const char  *name;
    const char  *in;
    const char  *want;         /* NULL: all of it */
} ut_case_t;


static const ut_case_t  ut_cases[] = {
    { "the last", "{'p':'a','limit':null}", "{'p':'a'}" },
    { "the first", "{'limit':null,'p':'a'}", "{'p':'a'}" },
    { "one in the middle", "{'p':'a','limit':null,'kind':'b'}",
      "{'p':'a','kind':'b'}" },
    { "several", "{'limit':null,'kind':null,'p':'a','o':null,'list':null}",
      "{'p':'a'}" },
    { "all", "{'limit':null}", "{}" },
    { "white space", "{ 'limit' : null , 'p' : 'a' ,\n 'kind' : null }",
      "{   'p' : 'a'  }" },
    { "the client's own nulls", "{'p':'a','may':null,'any':null,'or':null}",
      NULL },
    { "what is required", "{'p':null}", NULL },
    { "what is unknown", "{'p':'a','other':null}", NULL },
    { "values like null", "{'limit':7,'kind':'null','p':'limit','x':nullx}",
      NULL },
    { "no null at all", "{'p':'a','limit':5,'o':{'q':'b','deep':true}}",
      NULL },
    { "in an object", "{'p':'a','o':{'q':'b','deep':null}}",
      "{'p':'a','o':{'q':'b'}}" },
    { "in an object and behind it",
      "{'o':{'deep':null,'q':'b'},'limit':null,'p':'a'}",
      "{'o':{'q':'b'},'p':'a'}" },
    { "in a list", "{'p':'a','list':[{'x':1,'y':null},null,[],{'y':null,"
      "'x':2}]}", "{'p':'a','list':[{'x':1},null,[],{'x':2}]}" },
    { "through references",
      "{'p':'a','tree':{'v':'b','kids':[{'v':'c','kids':null},{'kids':null,"
      "'v':'d'}]}}", "{'p':'a','tree':{'v':'b','kids':[{'v':'c'},{'v':'d'}]}}" },
    { "of alternatives, what none allows", "{'p':'a','u':{'a':null,'c':null}}",
      "{'p':'a','u':{'c':null}}" },
    { "a name with escapes", "{'li\\u006dit':null,'p':'a'}", "{'p':'a'}" },
    { "a name beyond ASCII", "{'\xc3\xa9t\xc3\xa9':null,'p':'a','q\\\"':null}",
      "{'p':'a'}" },
    { "a value that looks like a member",
      "{'p':'x\\\",\\\"limit\\\":null,\\\"','limit':null}",
      "{'p':'x\\\",\\\"limit\\\":null,\\\"'}" },
    { "a member that comes twice", "{'limit':null,'limit':3}",
      "{'limit':3}" },
    { "empty", "{}", NULL },
    { "cut in a name", "{'p':'a','lim", NULL },
    { "cut in a null", "{'p':'a','limit':nul", NULL },
    { "no object", "'limit'", NULL },
    { "a list", "[{'limit':null}]", NULL },
    { "more behind a string", "'limit','limit':null,'p':null}", NULL },
    { "more behind a word", "7,'limit':null,'p':null}", NULL },
    { "no JSON", "{'p':'a',,'limit':null}", NULL },
    { "bytes behind it", "{'p':'a'} {'limit':null}", NULL }
};

#define UT_CASES  (sizeof(ut_cases) / sizeof(ut_cases[0]))


static ccp_str_t
quoted(ccp_arena_t *a, const char *s)
{
    size_t      i;
    char       *p;
    ccp_str_t   d;

    d = ccp_str_dup(a, ccp_cstr(s));
    p = (char *) (uintptr_t) d.p;

    for (i = 0; d.p && i < d.n; i++) {
        p[i] = p[i] == '\'' ? '"' : p[i];
    }

    return d;
}


/* The arguments of the two calls, decoded. */

static int
ut_sink(void *ctx, const ccp_event_t *ev)
{
    ccp_buf_t  *args = ctx;

    return ev->kind == CCP_EV_DELTA
           ? ccp_buf_add_plain(&args[ev->index], ev->text) : CCP_OK;
}


/* Plays a call of another tool and one of the strict tool. */

static int
ut_nulls(ccp_arena_t *a, ccp_buf_t *args, const char *in, size_t cut, int json)
{
    int           rc;
    char         *script, *spelled;
    ccp_buf_t     buf;
    ccp_sink_t    sink, stage;
    ccp_tool_t    tool;
    ut_stage_t    st;

    ut_stage_init(&st, a);
    memset(&tool, 0, sizeof(tool));
    tool.kind = CCP_T_FUNCTION;
    tool.name = ccp_lit("f");
    tool.strict = 1;
    tool.schema = quoted(a, schema);
    st.req.tools = &tool;

    ccp_buf_init(&args[0], a, 0);
    ccp_buf_init(&args[1], a, 0);
    sink.fn = ut_sink;
    sink.ctx = args;

    stage.fn = ccp_nulls_event;
    stage.ctx = tool.schema.p ? ccp_nulls_create(&st.ac, sink) : NULL;

    if (stage.ctx == NULL) {
        return CCP_NOMEM;
    }

    ccp_buf_init(&buf, a, 0);
    if (json) {
        ccp_buf_add_json(&buf, quoted(a, in));
    } else {
        ccp_buf_add_plain(&buf, quoted(a, in));
    }

    spelled = ut_cstr(ccp_buf_str(&buf, 0));
    asprintf(&script, "B0C:g:h|D0:{\"limit\":null}|E0|B1C:f:i|%c1:%s|E1",
             json ? 'J' : 'D', spelled);
    free(spelled);

    rc = buf.err ? CCP_NOMEM
         : cut ? ut_play_split(script, &stage, cut) : ut_play(script, &stage);
    free(script);

    return rc;
}


static void
ut_check(const ut_case_t *c, size_t cut, int json)
{
    ccp_str_t     got, want;
    ccp_buf_t     args[2];
    ccp_arena_t  *a;

    a = ut_arena();
    want = quoted(a, c->want ? c->want : c->in);

    if (ut_nulls(a, args, c->in, cut, json) != CCP_OK
        || !ut_str_is(ccp_buf_str(&args[0], 0), "{\"limit\":null}"))
    {
        UT_CHECK(0, "%s, cut at %d: the other call", c->name, (int) cut);
    }

    got = ccp_buf_str(&args[1], 0);

    if (!ccp_str_eq(got, want)) {
        UT_CHECK(0, "%s, cut at %d, spelling %d", c->name, (int) cut, json);
        printf("# got  %.*s\n# want %.*s\n", (int) got.n, got.p,
               (int) want.n, want.p);
    }

    ccp_arena_destroy(a);
}


static int
ut_nulls_mem(const ccp_mem_t *mem, void *arg)
{
    int           rc;
    ccp_buf_t     args[2];
    ccp_arena_t  *a;

    a = ccp_arena_create(mem, 0);
    if (a == NULL) {
        return CCP_NOMEM;
    }

    rc = ut_nulls(a, args, ((const ut_case_t *) arg)->in, 3, 0);
    ccp_arena_destroy(a);

    return rc;
}


/* Calls that are open at once; each has its own place. */

static void
test_interleaved(void)
{
    ccp_sink_t    sink, stage;
    ccp_tool_t    tool;
    ut_stage_t    st;
    ut_trace_t    trace;
    ccp_arena_t  *a;

    a = ut_arena();
    ut_stage_init(&st, a);
    memset(&tool, 0, sizeof(tool));
    tool.kind = CCP_T_FUNCTION;
    tool.name = ccp_lit("f");
    tool.strict = 1;
    tool.schema = quoted(a, schema);
    st.req.tools = &tool;
    UT_CHECK(ccp_nulls_wanted(&st.req), "a strict tool is one to look at");

    ut_trace_init(&trace, 1);
    sink.fn = ut_trace_event;
    sink.ctx = &trace;
    stage.fn = ccp_nulls_event;
    stage.ctx = ccp_nulls_create(&st.ac, sink);

    ut_play("B0C:f:a|B1C:f:b|D0:{\"p\":\"1\",\"li|D1:{\"kind\":nu"
            "|D0:mit\":null}|D1:ll,\"p\":\"2\"}|E1|E0|B0C:f:c|D0:{\"p\":\"3\"}"
            "|E0", &stage);
    UT_CHECK(strcmp(ut_trace(&trace), "B0C:f:a|B1C:f:b|D0:{\"p\":\"1\"|D1:{"
                    "|D0:}|D1:\"p\":\"2\"}|E1|E0|B0C:f:c|D0:{\"p\":\"3\"}|E0")
             == 0, "T65: calls that come interleaved: %s", ut_trace(&trace));
    ut_trace_free(&trace);

    tool.strict = -1;
    UT_CHECK(!ccp_nulls_wanted(&st.req), "others are none");

    ccp_arena_destroy(a);
}


int
main(void)
{
    size_t  i, cut;

    for (i = 0; i < UT_CASES; i++) {
        for (cut = 0; cut <= strlen(ut_cases[i].in); cut++) {
            ut_check(&ut_cases[i], cut, 0);
            ut_check(&ut_cases[i], cut, 1);
        }

        UT_CHECK(1, "T65: %s", ut_cases[i].name);
    }

    test_interleaved();
    ut_fail_each("nulls", ut_nulls_mem, (void *) (uintptr_t) &ut_cases[14]);

    return ut_done();
}
