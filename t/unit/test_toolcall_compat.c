
/*
 * Calls in the text of models that were told of their tools in the prompt
 * (T15): every spelling, whole, in pieces of every small size and cut in two
 * at every byte, in three spellings of the text itself.  What comes out is
 * the same, and text before a call comes before the call's first byte.
 */

#include "ccp.h"
#include "ut_events.h"


/* In what is wanted a call stands between two control characters. */
#define UT_OPEN        "\001"
#define UT_SHUT        "\002"
#define CALL(name, args)  UT_OPEN name " " args UT_SHUT

#define UT_PIECES      9           /* sizes of pieces */
#define UT_SPELLINGS   3
#define UT_ENDS        2           /* with the block's own end, without */

#define UT_CALL(args)  "<ccp:call name=\"get\">" args "</ccp:call>"
#define UT_GET         CALL("get", "{\"s\":\"x\"}")
#define UT_ARGS        "{\"s\":\"x\"}"
#define UT_JSON        "{\"name\":\"get\",\"arguments\":{\"s\":\"x\"}}"
#define UT_JSON2       "{\"name\": \"put\", \"parameters\": {\"a\": [1]}}"
#define UT_PUT         CALL("put", "{\"a\": [1]}")


typedef struct {
    const char  *name;
    const char  *in;
    const char  *want;         /* NULL: the input, unchanged */
    ccp_stop_e   stop;         /* NONE: END */
} ut_row_t;


static const ut_row_t  ut_rows[] = {

    /* our own tag */

    { "<ccp:call>", "I look." UT_CALL(UT_ARGS), "I look." UT_GET, 0 },
    { "<ccp:call> over lines", "I look.\n<ccp:call name=\"get\">\n"
      UT_ARGS "\n</ccp:call>\n", "I look.\n" UT_GET, 0 },
    { "two of them", UT_CALL(UT_ARGS) "\n\n" UT_CALL("{\"i\":1}") "\n\n",
      UT_GET CALL("get", "{\"i\":1}"), 0 },
    { "text between and behind", "a " UT_CALL(UT_ARGS) "\n b "
      UT_CALL("{}") " c ", "a " UT_GET "b " CALL("get", "{}") "c ", 0 },
    { "no end tag", "x <ccp:call name=\"get\">" UT_ARGS, "x " UT_GET, 0 },
    { "no end tag before the next one", "<ccp:call name=\"get\">" UT_ARGS
      "\n<ccp:call name=\"put\">{\"a\": [1]}</ccp:call>", UT_GET UT_PUT, 0 },
    { "single quotes, more attributes", "<ccp:call id='7' name = 'get' "
      "x>" UT_ARGS "</ccp:call>", UT_GET, 0 },
    { "no quotes", "<ccp:call name=get>" UT_ARGS "</ccp:call>", UT_GET, 0 },
    { "white space", "<ccp:call  name=\"get\"  > \n " UT_ARGS " \n </ccp:call>",
      UT_GET, 0 },
    { "a fence inside", "<ccp:call name=\"get\">\n```json\n" UT_ARGS
      "\n```\n</ccp:call>\nok", UT_GET "ok", 0 },
    { "a fence inside, fenced code behind", "<ccp:call name=\"get\">```\n"
      UT_ARGS "\n```\n```\nx\n```\n", UT_GET "```\nx\n```\n", 0 },
    { "a fence inside, no end tag", "<ccp:call name=\"get\">```\n" UT_ARGS
      "\n```", UT_GET, 0 },
    { "the whole call inside", UT_CALL(UT_JSON), UT_GET, 0 },
    { "the name inside alone", "<ccp:call>" UT_JSON "</ccp:call>", UT_GET, 0 },
    { "members that only look so", UT_CALL("{\"name\":\"x\","
      "\"arguments\":{}}"), CALL("get", "{\"name\":\"x\",\"arguments\":{}}"),
      0 },
    { "a whole call of another tool inside", UT_CALL("{\"name\":\"put\","
      "\"arguments\":{}}"),
      CALL("get", "{\"name\":\"put\",\"arguments\":{}}"), 0 },
    { "parameters as tags", UT_CALL("<parameter name=\"s\">x</parameter>"
      "<arg name='i' type=\"integer\">7</arg><b>true</b>"),
      CALL("get", "{\"s\":\"x\",\"i\":7,\"b\":true}"), 0 },
    { "parameters as tags, no end tag", "<ccp:call name=\"get\">\n"
      "<arg name=\"s\">x</arg>\n", UT_GET, 0 },
    { "parameters as tags, half an end tag", "<ccp:call name=\"get\">"
      "<arg name=\"s\">x</arg></ccp:ca", UT_GET, 0 },
    { "parameters as tags, then the next one", "<ccp:call name=\"get\">"
      "<arg name=\"s\">x</arg><ccp:call name=\"put\">{\"a\": [1]}",
      UT_GET UT_PUT, 0 },
    { "arguments in a tag of their own", UT_CALL("<arguments>" UT_ARGS
      "</arguments>"), UT_GET, 0 },
    { "an empty tag", "<ccp:call name=\"put\"/> ok",
      CALL("put", "{}") "ok", 0 },
    { "names are the wire's", "<ccp:call name=\"wire\">{}</ccp:call>",
      CALL("client", "{}"), 0 },
    { "a custom tool's text", "<tool_call>{\"name\":\"note\",\"arguments\":"
      "\"a\\nb\"}</tool_call>", CALL("note", "{\"input\":\"a\\nb\"}"), 0 },

    /* the habits of models */

    { "<tool_call>", "Hm.\n<tool_call>\n" UT_JSON "\n</tool_call>",
      "Hm.\n" UT_GET, 0 },
    { "<tool_call> with parameters", "<tool_call>" UT_JSON2 "</tool_call>",
      UT_PUT, 0 },
    { "<tool_call> with a list", "<tool_call>[" UT_JSON "," UT_JSON2
      "]</tool_call>", UT_GET UT_PUT, 0 },
    { "<tool_call> with arguments as a string", "<tool_call>{\"name\":\"get\","
      "\"arguments\":\"{\\\"s\\\":\\\"x\\\"}\"}</tool_call>", UT_GET, 0 },
    { "… that has raw line ends", "<tool_call>{\"name\":\"get\","
      "\"arguments\":\"{\\\"s\\\":\\\"a\\nb\\\"}\"}</tool_call>",
      CALL("get", "{\"s\":\"a\\nb\"}"), 0 },
    { "<tool_call> with a name", "<tool_call name=\"get\">" UT_ARGS
      "</tool_call>", UT_GET, 0 },
    { "<tool_call> with pairs", "<tool_call>get\n<arg_key>s</arg_key>\n"
      "<arg_value>x</arg_value>\n<arg_key>i</arg_key>\n<arg_value>5"
      "</arg_value>\n</tool_call>", CALL("get", "{\"s\":\"x\",\"i\":5}"), 0 },
    { "<tool_call> with pairs on one line", "a<tool_call>get<arg_key>s"
      "</arg_key><arg_value>x</arg_value></tool_call>b", "a" UT_GET "b", 0 },
    { "<tool_call> with a name and nothing else", "<tool_call>put\n"
      "</tool_call>", CALL("put", "{}"), 0 },
    { "<tool_call> in <tool_calls>", "<tool_calls>\n<invoke name=\"get\">"
      "<parameter name=\"s\">x</parameter></invoke>\n</tool_calls>", UT_GET,
      0 },
    { "<function=…>", "ok <function=get>\n<parameter=s>\nx\n</parameter>\n"
      "</function>\n</tool_call>", "ok " UT_GET, 0 },
    { "<function=…> without an end", "<function=get><parameter=s>x"
      "</parameter>", UT_GET, 0 },
    { "<function=…> with JSON", "<function=get>" UT_ARGS "</function>",
      UT_GET, 0 },
    { "<function name=…>", "<function name=\"get\"><parameter name=\"s\">x"
      "</parameter></function>", UT_GET, 0 },
    { "<invoke>", "<function_calls>\n<invoke name=\"get\">\n"
      "<parameter name=\"s\">x</parameter>\n</invoke>\n<invoke name=\"put\">"
      "\n</invoke></function_calls>\n", UT_GET CALL("put", "{}"), 0 },
    { "[TOOL_CALLS] list", "[TOOL_CALLS][" UT_JSON ", " UT_JSON2 "]",
      UT_GET UT_PUT, 0 },
    { "[TOOL_CALLS] name", "[TOOL_CALLS]get[ARGS]" UT_ARGS, UT_GET, 0 },
    { "[TOOL_CALLS] name, twice", "x[TOOL_CALLS]get" UT_ARGS
      "[TOOL_CALLS]put[CALL_ID]a1[ARGS]{\"a\": [1]}", "x" UT_GET UT_PUT, 0 },
    { "<|python_tag|>", "<|python_tag|>" UT_JSON "<|eom_id|>", UT_GET, 0 },
    { "<|python_tag|> several", "so <|python_tag|>" UT_JSON "; " UT_JSON2
      "<|eot_id|>", "so " UT_GET UT_PUT, 0 },
    { "the whole answer", " \n" UT_JSON "\n", UT_GET, 0 },
    { "the whole answer, a list", "[" UT_JSON2 "]", UT_PUT, 0 },
    { "the whole answer, a list over lines", "[\n  " UT_JSON2 "\n]", UT_PUT,
      0 },
    { "the whole answer, several", UT_JSON ";\n" UT_JSON2 "<|eom_id|>",
      UT_GET UT_PUT, 0 },
    { "the whole answer, function", "{\"type\":\"function\",\"function\":"
      UT_JSON "}", UT_GET, 0 },
    { "the whole answer, function by name", "{\"type\":\"function\","
      "\"function\":\"get\",\"parameters\":" UT_ARGS "}", UT_GET, 0 },
    { "the whole answer, tool", "{\"tool\":\"get\",\"args\":" UT_ARGS "}",
      UT_GET, 0 },
    { "the whole answer, tool_calls", "{\"tool_calls\":[" UT_JSON ","
      "{\"id\":\"1\",\"type\":\"function\",\"function\":{\"name\":\"get\","
      "\"arguments\":\"{}\"}}]}", UT_GET CALL("get", "{}"), 0 },
    { "a fenced block", "I call:\n```json\n" UT_JSON "\n```\nSo.",
      "I call:\n" UT_GET "So.", 0 },
    { "a fenced block without a language", "```\n" UT_JSON "\n```", UT_GET,
      0 },
    { "a fenced block of its own", "```tool_call\n{\n  \"tool\": \"get\",\n"
      "  \"arguments\": {\"s\":\"x\"}\n}\n```\n", UT_GET, 0 },
    { "a fenced block without an end", "a\n```json\n" UT_JSON "\n",
      "a\n" UT_GET, 0 },
    { "a fenced block, half an end", "```json\n" UT_JSON "\n``", UT_GET, 0 },
    { "<cs:tool_use>", "a<cs:tool_use><name>get</name><args><arg name=\"s\""
      " type=\"string\">x &lt; &amp;lt;</arg></args></cs:tool_use>b",
      "a" CALL("get", "{\"s\":\"x < &lt;\"}") "b", 0 },
    { "<cs:tool_use> over lines", "<cs:tool_use>\n<name>get</name>\n<args>\n"
      "<arg name=\"l\" type=\"array\">[1]</arg>\n</args>\n</cs:tool_use>\n",
      CALL("get", "{\"l\":[1]}"), 0 },
    { "<cs:tool_use> without </args>", "<cs:tool_use><name>get</name><args>"
      "<arg name=\"s\">x</arg></cs:tool_use>", UT_GET, 0 },
    { "<cs:tool_use> with value=", "<cs:tool_use><name>get</name><args>"
      "<arg name=\"s\" value=\"x\"/></args></cs:tool_use>", UT_GET, 0 },
    { "<cs:tool_use> with tags of its own", "<cs:tool_use><name>get</name>"
      "<args><s>x</s><i>5</i></args></cs:tool_use>",
      CALL("get", "{\"s\":\"x\",\"i\":5}"), 0 },
    { "<cs:tool_use> without the last tag", "<cs:tool_use><name>get</name>"
      "<args><arg name=\"s\">x</arg></args>", UT_GET, 0 },
    { "<cs:tool_use> twice", "<cs:tool_use><name>get</name><args>"
      "<arg name=\"s\">x</arg></args><cs:tool_use><name>put</name>"
      "</cs:tool_use>", UT_GET CALL("put", "{}"), 0 },
    { "<cs:tool_use> with a type of its own", "<cs:tool_use><name>put</name>"
      "<args><arg name=\"k\" type=\"number\">5</arg><arg name=\"t\">5</arg>"
      "</args></cs:tool_use>", CALL("put", "{\"k\":5,\"t\":\"5\"}"), 0 },
    { "DeepSeek", "a<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function"
      "<｜tool▁sep｜>get\n```json\n" UT_ARGS "\n```<｜tool▁call▁end｜>"
      "<｜tool▁calls▁end｜>", "a" UT_GET, 0 },
    { "DeepSeek, newer, twice", "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get"
      "<｜tool▁sep｜>" UT_ARGS "<｜tool▁call▁end｜><｜tool▁call▁begin｜>put"
      "<｜tool▁sep｜>{\"a\": [1]}<｜tool▁call▁end｜><｜tool▁calls▁end｜>"
      "<｜end▁of▁sentence｜>", UT_GET UT_PUT, 0 },
    { "Kimi", "<|tool_calls_section_begin|><|tool_call_begin|>functions.get:0"
      "<|tool_call_argument_begin|>" UT_ARGS "<|tool_call_end|>"
      "<|tool_call_begin|>put:1 <|tool_call_argument_begin|> {\"a\": [1]}"
      "<|tool_call_end|><|tool_calls_section_end|>", UT_GET UT_PUT, 0 },
    { "gpt-oss", "<|channel|>commentary to=functions.get <|constrain|>json"
      "<|message|>" UT_ARGS "<|call|>", UT_GET, 0 },
    { "gpt-oss, the role first", "x<|start|>assistant to=functions.get"
      "<|channel|>commentary json<|message|>" UT_ARGS "<|call|>", "x" UT_GET,
      0 },

    { "DeepSeek, tags", "a<｜DSML｜function_calls>\n<｜DSML｜invoke name=\"get\""
      ">\n<｜DSML｜parameter name=\"s\" string=\"true\">x</｜DSML｜parameter>"
      "\n</｜DSML｜invoke>\n</｜DSML｜function_calls>", "a" UT_GET, 0 },
    { "Phi", "<|tool_call|>[" UT_JSON "]<|/tool_call|>", UT_GET, 0 },
    { "a bracket too many", "<tool_call>" UT_JSON "}\n</tool_call>\nok",
      UT_GET "ok", 0 },

    /* types of parameters */

    { "nullable and unions", "<function=get><parameter=q>null</parameter>"
      "<parameter=u>7</parameter><parameter=u2>a7</parameter>"
      "<parameter=e>2</parameter><parameter=t>5</parameter>"
      "<parameter=r>{\"k\":1}</parameter></function>",
      CALL("get", "{\"q\":null,\"u\":7,\"u2\":\"a7\",\"e\":2,\"t\":\"5\","
           "\"r\":{\"k\":1}}"), 0 },
    { "each tool has its own types", "<function=get><parameter=i>5"
      "</parameter></function><function=wire><parameter=i>5</parameter>"
      "</function>",
      CALL("get", "{\"i\":5}") CALL("client", "{\"i\":\"5\"}"), 0 },
    { "nullable", "<function=get><parameter=b>null</parameter></function>",
      CALL("get", "{\"b\":null}"), 0 },
    { "words of other languages", "<function=get><parameter=b>True"
      "</parameter><parameter=q>None</parameter><parameter=s>True"
      "</parameter></function>",
      CALL("get", "{\"b\":true,\"q\":null,\"s\":\"True\"}"), 0 },
    { "strings stay as they are", "<function=get><parameter=s>null"
      "</parameter><parameter=i>0x5</parameter><parameter=z>[1]</parameter>"
      "</function>", CALL("get", "{\"s\":\"null\",\"i\":\"0x5\","
      "\"z\":\"[1]\"}"), 0 },
    { "other alphabets", "Ich schau’ 日本 🙂 " UT_CALL("{\"s\":\"日本 🙂\"}")
      " fertig é", "Ich schau’ 日本 🙂 " CALL("get", "{\"s\":\"日本 🙂\"}")
      "fertig é", 0 },
    { "line ends in strings", UT_CALL("{\"s\":\"a\n\tb \\\" }\n\"}"),
      CALL("get", "{\"s\":\"a\\n\\tb \\\" }\\n\"}"), 0 },

    /* text */

    { "an unknown tool", "a <ccp:call name=\"rm\">{}</ccp:call> b", NULL, 0 },
    { "a hosted tool", "<ccp:call name=\"search\">{}</ccp:call>", NULL, 0 },
    { "an unknown name inside", "<ccp:call>{\"name\":\"rm\"}</ccp:call>",
      NULL, 0 },
    { "broken JSON", "a " UT_CALL("{\"s\":}") " b", "a <ccp:call name=\"get\">"
      "{\"s\":}</ccp:call> b", 0 },
    { "JSON of another kind", UT_CALL("[1]"), NULL, 0 },
    { "JSON that is cut", "<ccp:call name=\"get\">{\"s\":\"x\"", NULL, 0 },
    { "prose between", UT_CALL("so: " UT_ARGS), NULL, 0 },
    { "longer names of tags", "<ccp:calls name=\"get\">{}</ccp:calls>",
      NULL, 0 },
    { "an opener in a sentence", "The tag <ccp:call name=\"get\"> opens it.",
      NULL, 0 },
    { "one at the end", "Write <ccp:call name=\"get\">", NULL, 0 },
    { "broken, then a good one", "<ccp:call name=\"get\"> no " UT_CALL(UT_ARGS),
      "<ccp:call name=\"get\"> no " UT_GET, 0 },
    { "an opener in an opener", "<ccp:call name=\"get\">" UT_CALL(UT_ARGS),
      "<ccp:call name=\"get\">" UT_GET, 0 },
    { "another form in an opener", "<function=get>\n<tool_call>" UT_JSON
      "</tool_call>", "<function=get>\n" UT_GET, 0 },
    { "a tag of no form in an opener", "<invoke name=\"get\"><b>x</b>"
      "</invoke>", NULL, 0 },
    { "the other form's end", "<invoke name=\"get\"></function>", NULL, 0 },
    { "fenced code of another language", "```xml\n" UT_CALL(UT_ARGS)
      "\n```\n", NULL, 0 },
    { "fenced code with a tag", "```\n" UT_CALL(UT_ARGS) "\n```\n", NULL, 0 },
    { "a fence of four", "````\n```json\n" UT_JSON "\n```\n````\n", NULL, 0 },
    { "a fence of four around one of three", "````\n```\n"
      UT_CALL(UT_ARGS) "\n```\n````\n", NULL, 0 },
    { "JSON of another language", "```python\n" UT_JSON "\n```\n", NULL, 0 },
    { "a fence of tildes", "~~~\n" UT_CALL(UT_ARGS) "\n~~~\nso "
      UT_CALL(UT_ARGS), "~~~\n" UT_CALL(UT_ARGS) "\n~~~\nso " UT_GET, 0 },
    { "fenced code, more in it", "```json\n" UT_JSON "\n# so\n```\n", NULL,
      0 },
    { "fenced code with two", "```json\n" UT_JSON "\n" UT_JSON2 "\n```\n",
      NULL, 0 },
    { "fenced code with a list of two", "```json\n[" UT_JSON "," UT_JSON2
      "]\n```\n", NULL, 0 },
    { "fenced code of another tool", "```json\n{\"name\":\"rm\","
      "\"arguments\":{}}\n```\n", NULL, 0 },
    { "fenced JSON that is none", "```json\n{\"a\":{\"name\":\"get\"}}\n```\n",
      NULL, 0 },
    { "code in a line", "Use `" UT_CALL(UT_ARGS) "` or ``<tool_call>" UT_JSON
      "`</tool_call>``.", NULL, 0 },
    { "behind code in a line", "Use `x` ```y``` " UT_CALL(UT_ARGS),
      "Use `x` ```y``` " UT_GET, 0 },
    { "behind code at the start of a line", "```x``` " UT_CALL(UT_ARGS),
      "```x``` " UT_GET, 0 },
    { "behind fenced code", "```\nx\n```\n" UT_CALL(UT_ARGS),
      "```\nx\n```\n" UT_GET, 0 },
    { "JSON in an answer", "See " UT_JSON, NULL, 0 },
    { "an answer of JSON, then text", UT_JSON " is it.", NULL, 0 },
    { "an answer of other JSON", "{\"a\": 1, \"name\": \"get\"}", NULL, 0 },
    { "an answer of other JSON with a name", "{\"name\":\"Ada\",\"age\":36}",
      NULL, 0 },
    { "an answer that names a tool only", "{\"name\":\"get\",\"age\":36}",
      NULL, 0 },
    { "an answer that is a list", "[1, 2]", NULL, 0 },
    { "an answer in brackets", "[x] done", NULL, 0 },
    { "one unknown tool among several", UT_JSON ";{\"name\":\"rm\","
      "\"arguments\":{}}", NULL, 0 },
    { "a bare name", "<tool_call>getting</tool_call>", NULL, 0 },
    { "a mark in prose", "[TOOL_CALLS] is a mark, <tool_call> too: "
      UT_CALL(UT_ARGS), "[TOOL_CALLS] is a mark, <tool_call> too: " UT_GET,
      0 },
    { "prose behind a bare name", "[TOOL_CALLS]get me " UT_ARGS, NULL, 0 },
    { "a mark, then code in a line", "[TOOL_CALLS]a`<tool_call>" UT_JSON
      "</tool_call>`", NULL, 0 },
    { "almost a mark", "[TOOL_CALLS]a<｝ <｜tool▁call▁begin｝ x", NULL, 0 },
    { "other marks", "<|channel|>analysis<|message|>x<|end|> <｜tool▁ <｜x｜>",
      NULL, 0 },
    { "Python behind its mark", "<|python_tag|>get.call(s=\"x\")", NULL, 0 },

    /* the limit of tokens (T11) */

    { "cut: a whole call", UT_CALL(UT_ARGS), UT_GET, CCP_STOP_LENGTH },
    { "cut: half a call", "x" UT_CALL(UT_ARGS) "\n<ccp:call name=\"get\">{\"s",
      "x" UT_GET "<ccp:call name=\"get\">{\"s", CCP_STOP_LENGTH },
    { "cut: tags", "<function=get><parameter=s>x</parameter>", NULL,
      CCP_STOP_LENGTH },
    { "cut: tags in half an end", "<function=get><parameter=s>x</parameter>"
      "</fun", NULL, CCP_STOP_LENGTH },
    { "cut: the whole answer", UT_JSON, NULL, CCP_STOP_LENGTH },
    { "cut: a fenced block", "```json\n" UT_JSON "\n", NULL,
      CCP_STOP_LENGTH },

    /* results that are made up */

    { "a result behind a call", "a\n" UT_CALL(UT_ARGS) "\n<ccp:result "
      "name=\"get\">5</ccp:result>\nIt is 5. " UT_CALL("{}"),
      "a\n" UT_GET, 0 },
    { "a result behind a call and text", UT_CALL(UT_ARGS) "\nI wait.\n"
      "<tool_response>5</tool_response>", UT_GET "I wait.\n", 0 },
    { "a result in code", UT_CALL(UT_ARGS) "so `<ccp:result>`",
      UT_GET "so `<ccp:result>`", 0 },
    { "a result without a call", "<ccp:result>5</ccp:result> x", NULL, 0 }
};

#define UT_ROWS  (sizeof(ut_rows) / sizeof(ut_rows[0]))


static const char  ut_schema[] =
    "{\"type\":\"object\",\"$defs\":{\"O\":{\"type\":\"object\"}},"
    "\"properties\":{\"s\":{\"type\":\"string\"},\"i\":{\"type\":\"integer\"},"
    "\"b\":{\"type\":\"boolean\",\"nullable\":true},"
    "\"l\":{\"type\":\"ARRAY\"},\"q\":{\"type\":[\"integer\",\"null\"]},"
    "\"u\":{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"integer\"}]},"
    "\"u2\":{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"integer\"}]},"
    "\"e\":{\"enum\":[1,2]},\"t\":{\"type\":[\"string\",\"integer\"],"
    "\"enum\":[\"5\",6]},\"r\":{\"$ref\":\"#/$defs/O\"}}}";


/* What a client sees: text, and calls between marks. */

typedef struct {
    ut_stage_t   s;
    ccp_name_t   name;
    ccp_tool_t   tools[6];
    ccp_buf_t    out;
    ccp_flow_t  *flow;
    ccp_sink_t   first;
    int          call;         /* the open block is one */
    ccp_stop_e   stop;
} ut_seen_t;


static int
ut_see(void *ctx, const ccp_event_t *ev)
{
    ut_seen_t  *c = ctx;

    switch (ev->kind) {

    case CCP_EV_BLOCK_START:
        c->call = (ev->block->kind == CCP_B_CALL);

        if (c->call) {
            ccp_buf_add(&c->out, UT_OPEN, 1);
            ccp_buf_add_plain(&c->out, ev->block->name);
            ccp_buf_add(&c->out, " ", 1);
        }
        break;

    case CCP_EV_DELTA:
        ccp_buf_add_plain(&c->out, ev->text);
        break;

    case CCP_EV_BLOCK_STOP:
        if (c->call) {
            ccp_buf_add(&c->out, UT_SHUT, 1);
        }
        c->call = 0;
        break;

    case CCP_EV_FINISH:
        c->stop = ev->stop;
        break;

    default:
        break;
    }

    return c->out.err ? CCP_NOMEM : CCP_OK;
}


static int
ut_seen(ut_seen_t *c, ccp_arena_t *a, ccp_calls_e mode)
{
    size_t      i;
    ccp_sink_t  out;

    static const char *const  names[] = {
        "get", "put", "client", "note", "search"
    };

    memset(c, 0, sizeof(ut_seen_t));
    ut_stage_init(&c->s, a);
    ccp_buf_init(&c->out, a, 0);

    for (i = 0; i < 5; i++) {
        c->tools[i].kind = i == 4 ? CCP_T_HOSTED : i == 3 ? CCP_T_CUSTOM
                                                          : CCP_T_FUNCTION;
        c->tools[i].name = ccp_cstr(names[i]);
        c->tools[i].next = i == 4 ? NULL : &c->tools[i + 1];
    }

    c->tools[0].schema = ccp_cstr(ut_schema);
    c->tools[2].schema = ccp_lit("{\"properties\":{\"i\":{\"type\":"
                                 "\"string\"}}}");
    c->s.req.tools = c->tools;

    c->name.wire = ccp_lit("wire");
    c->name.client = ccp_lit("client");
    c->s.rs.names = &c->name;

    out.fn = ut_see;
    out.ctx = c;
    c->flow = ccp_flow_create(&c->s.rs, out, 0);
    if (c->flow == NULL) {
        return CCP_NOMEM;
    }

    out.fn = ccp_flow_event;
    out.ctx = c->flow;

    c->first.fn = ccp_toolcall_event;
    c->first.ctx = ccp_toolcall_create(&c->s.rs, out, mode, 0);

    return c->first.ctx ? CCP_OK : CCP_NOMEM;
}


static int
ut_send(ut_seen_t *c, ccp_event_e kind, ccp_stop_e stop, ccp_str_t text)
{
    int           rc;
    uint8_t      *copy;
    ccp_block_t   block;
    ccp_event_t   ev;

    memset(&ev, 0, sizeof(ev));
    memset(&block, 0, sizeof(block));
    block.kind = CCP_B_TEXT;
    ev.kind = kind;
    ev.block = kind == CCP_EV_BLOCK_START ? &block : NULL;
    ev.stop = stop;
    ev.text = text;

    /* of exact size and gone behind the event: the sanitizer sees a slice
     * that is kept or read past its end */

    copy = malloc(text.n + 1);

    if (text.n) {
        memcpy(copy, text.p, text.n);
        ev.text.p = copy;
    }

    rc = ccp_emit(&c->first, &ev);
    free(copy);

    return rc;
}


/* The text in a spelling: plain, JSON's, JSON's with all escapes. */

static ccp_str_t
ut_spell(ccp_buf_t *b, const char *text, int spelling)
{
    char      u[16];
    uint32_t  cp;

    b->n = 0;

    if (spelling == 0) {
        ccp_buf_add(b, text, strlen(text));
        return ccp_buf_str(b, 0);
    }

    if (spelling == 1) {
        ccp_buf_add_json(b, ccp_cstr(text));
        return ccp_buf_str(b, 1);
    }

    for ( ; *text; text++) {
        cp = (uint8_t) *text;

        if (cp < 0x80 && cp >= ' ' && strchr("<>\"`{|\\", (int) cp) == NULL) {
            ccp_buf_add(b, text, 1);
            continue;
        }

        if (cp >= 0xf0) {
            cp = (cp & 7) << 18 | (text[1] & 63) << 12 | (text[2] & 63) << 6
                 | (text[3] & 63);
            cp -= 0x10000;
            snprintf(u, sizeof(u), "\\u%04x\\u%04x", 0xd800 + (cp >> 10),
                     0xdc00 + (cp & 0x3ff));
            text += 3;
            ccp_buf_add(b, u, 12);
            continue;
        }

        if (cp >= 0xe0) {
            cp = (cp & 15) << 12 | (text[1] & 63) << 6 | (text[2] & 63);
            text += 2;

        } else if (cp >= 0xc0) {
            cp = (cp & 31) << 6 | (text[1] & 63);
            text++;
        }

        snprintf(u, sizeof(u), "\\u%04X", cp);
        ccp_buf_add(b, u, 6);
    }

    return ccp_buf_str(b, 1);
}


/* A place of at least `to` at which no escape is cut. */

static size_t
ut_place(ccp_str_t s, size_t to)
{
    size_t  at;

    for (at = 0; at < to && at < s.n; ) {
        at += !s.json || s.p[at] != '\\' ? 1 : s.p[at + 1] == 'u' ? 6 : 2;
    }

    return at < s.n ? at : s.n;
}


/* Plays the text in pieces (0: whole), or cut in two at a place. */

static int
ut_play_text(ut_seen_t *c, ccp_str_t s, size_t piece, size_t cut,
    ccp_stop_e stop, int end)
{
    int        rc;
    size_t     at, to;
    ccp_str_t  part;

    rc = ut_send(c, CCP_EV_START, 0, ccp_none);

    if (rc == CCP_OK) {
        rc = ut_send(c, CCP_EV_BLOCK_START, 0, ccp_none);
    }

    for (at = 0; at < s.n && rc == CCP_OK; at = to) {
        to = piece ? ut_place(s, at + piece)
                   : cut > at ? ut_place(s, cut) : s.n;
        part = s;
        part.p += at;
        part.n = to - at;
        part.esc = part.json;

        rc = ut_send(c, CCP_EV_DELTA, 0, part);
    }

    if (rc == CCP_OK && end) {
        rc = ut_send(c, CCP_EV_BLOCK_STOP, 0, ccp_none);
    }

    if (rc == CCP_OK) {
        rc = ut_send(c, CCP_EV_FINISH, stop ? stop : CCP_STOP_END, ccp_none);
    }

    return rc == CCP_OK ? ut_send(c, CCP_EV_END, 0, ccp_none) : rc;
}


static int
ut_right(const ut_row_t *r, ccp_str_t s, size_t piece, size_t cut, int end,
    int shown)
{
    int           ok, calls;
    ut_seen_t     c;
    const char   *want;
    ccp_arena_t  *a;

    a = ut_arena();
    want = r->want ? r->want : r->in;
    calls = strchr(want, UT_OPEN[0]) != NULL;

    ok = ut_seen(&c, a, CCP_CALLS_COMPAT) == CCP_OK
         && ut_play_text(&c, s, piece, cut, r->stop, end) == CCP_OK
         && c.out.n == strlen(want) && memcmp(c.out.p, want, c.out.n) == 0
         && c.stop == (r->stop ? r->stop
                       : calls ? CCP_STOP_TOOL : CCP_STOP_END);

    if (!ok && !shown) {
        printf("# piece %zu cut %zu end %d got  %.*s\n# want %s (stop %d)\n",
               piece, cut, end, (int) c.out.n, (char *) c.out.p, want, c.stop);
    }

    ccp_arena_destroy(a);

    return ok;
}


static void
ut_row(const ut_row_t *r)
{
    int           ok, spelling, end;
    size_t        i;
    ccp_buf_t     b;
    ccp_str_t     s;
    ccp_arena_t  *a;

    a = ut_arena();
    ccp_buf_init(&b, a, 0);
    ok = 1;

    for (spelling = 0; spelling < UT_SPELLINGS; spelling++) {
        s = ut_spell(&b, r->in, spelling);

        for (end = 0; end < UT_ENDS; end++) {
            for (i = 0; i <= UT_PIECES; i++) {
                ok = ut_right(r, s, i, 0, end, !ok) && ok;
            }
        }

        for (i = 1; i < s.n; i++) {
            ok = ut_right(r, s, 0, i, 0, !ok) && ok;
        }
    }

    UT_CHECK(ok, "T15: %s", r->name);
    ccp_arena_destroy(a);
}


/* Text before the first call has come when the call begins. */

static void
ut_prompt(const ut_row_t *r)
{
    size_t        n;
    ut_seen_t     c;
    ccp_str_t     s;
    const char   *want;
    ccp_arena_t  *a;

    want = r->want ? r->want : "";
    n = strcspn(want, UT_OPEN);

    if (n == 0 || want[n] == '\0' || memchr(want, '<', n) != NULL) {
        return;
    }

    a = ut_arena();
    s = (ccp_str_t) { (const uint8_t *) r->in, n, 0, 0 };

    UT_CHECK(ut_seen(&c, a, CCP_CALLS_COMPAT) == CCP_OK
             && ut_send(&c, CCP_EV_START, 0, ccp_none) == CCP_OK
             && ut_send(&c, CCP_EV_BLOCK_START, 0, ccp_none) == CCP_OK
             && ut_send(&c, CCP_EV_DELTA, 0, s) == CCP_OK
             && c.out.n == n && memcmp(c.out.p, want, n) == 0,
             "T15: %s: the text before it does not wait", r->name);
    ccp_arena_destroy(a);
}


/* A text on one line, for the name of a check. */

static const char *
ut_line(const char *text)
{
    char        *p;
    static char  line[64];

    snprintf(line, sizeof(line), "%s", text);

    while ((p = strchr(line, '\n'))) {
        *p = '~';
    }

    return line;
}


/* What is sure to be no call does not wait for its end. */

static void
ut_soon(void)
{
    size_t        i, n;
    char          prose[300];
    ut_seen_t     c;
    ccp_arena_t  *a;

    static const char *const  texts[] = {
        "<ccp:call name=\"rm\">", "<ccp:call>so", "<tool_call>so it is",
        "<tool_call>{so!", "<tool_call>[\"a\"; ", "{\"a\"", "{ so",
        "{\"name\": ?", "[ 1", "```python\n", "```json\n[1", "`{\"name\"",
        "<cs:tool_use>so", "[TOOL_CALLS]rm[ARGS]{", "<|python_tag|>get.call(",
        "<function=get><b>", "<invoke name=\"get\">\n so"
    };

    memset(prose, 'a', sizeof(prose));
    memcpy(prose, "[TOOL_CALLS]", 12);
    prose[sizeof(prose) - 1] = '\0';

    for (i = 0; i <= sizeof(texts) / sizeof(texts[0]); i++) {
        a = ut_arena();
        n = strlen(i ? texts[i - 1] : prose);

        UT_CHECK(ut_seen(&c, a, CCP_CALLS_COMPAT) == CCP_OK
                 && ut_send(&c, CCP_EV_START, 0, ccp_none) == CCP_OK
                 && ut_send(&c, CCP_EV_BLOCK_START, 0, ccp_none) == CCP_OK
                 && ut_send(&c, CCP_EV_DELTA, 0,
                            ccp_cstr(i ? texts[i - 1] : prose)) == CCP_OK
                 && c.out.n == n,
                 "T15: does not wait: %s",
                 ut_line(i ? texts[i - 1] : prose));
        ccp_arena_destroy(a);
    }
}


/* Blocks: what is invented goes on in the next one; a cut block is cut. */

static void
ut_blocks(void)
{
    ut_seen_t     c;
    ccp_arena_t  *a;

    a = ut_arena();
    ut_seen(&c, a, CCP_CALLS_COMPAT);
    ut_send(&c, CCP_EV_START, 0, ccp_none);
    ut_send(&c, CCP_EV_BLOCK_START, 0, ccp_none);
    ut_send(&c, CCP_EV_DELTA, 0, ccp_lit(UT_CALL(UT_ARGS) "<tool_response>5"));
    ut_send(&c, CCP_EV_BLOCK_STOP, 0, ccp_none);
    ut_send(&c, CCP_EV_BLOCK_START, 0, ccp_none);
    ut_send(&c, CCP_EV_DELTA, 0, ccp_lit("It is 5."));
    ut_send(&c, CCP_EV_BLOCK_STOP, 0, ccp_none);
    ut_send(&c, CCP_EV_FINISH, CCP_STOP_END, ccp_none);
    ut_send(&c, CCP_EV_END, 0, ccp_none);
    UT_CHECK(ccp_str_is(ccp_buf_str(&c.out, 0), UT_GET),
             "T15: nothing of a block behind invented results");
    ccp_arena_destroy(a);

    a = ut_arena();
    ut_seen(&c, a, CCP_CALLS_COMPAT);
    ut_send(&c, CCP_EV_START, 0, ccp_none);
    ut_send(&c, CCP_EV_BLOCK_START, 0, ccp_none);
    ut_send(&c, CCP_EV_DELTA, 0, ccp_lit(UT_JSON));
    ut_send(&c, CCP_EV_BLOCK_STOP, 0, ccp_none);
    UT_CHECK(c.out.n == 0, "T15: a whole answer waits for how it ends");
    ut_send(&c, CCP_EV_BLOCK_START, 0, ccp_none);
    ut_send(&c, CCP_EV_DELTA, 0, ccp_lit("b"));
    ut_send(&c, CCP_EV_BLOCK_STOP, 0, ccp_none);
    UT_CHECK(ccp_str_is(ccp_buf_str(&c.out, 0), UT_GET "b"),
             "T15: or for another block");
    ccp_arena_destroy(a);
}


/* What is meant for prompts is text where the server knows the tools. */

static void
ut_native(void)
{
    size_t        i;
    ut_seen_t     c;
    ccp_arena_t  *a;

    static const char *const  texts[] = {
        UT_CALL(UT_ARGS), UT_JSON, "```json\n" UT_JSON "\n```",
        "<|python_tag|>" UT_JSON, "[TOOL_CALLS]get" UT_ARGS,
        "<cs:tool_use><name>get</name></cs:tool_use>",
        "<tool_call>get\n</tool_call>",
        "<function=get><parameter=s>x</parameter>",
        "<function=get></function><tool_response>"
    };

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        a = ut_arena();
        UT_CHECK(ut_seen(&c, a, CCP_CALLS_NATIVE) == CCP_OK
                 && ut_play_text(&c, ccp_cstr(texts[i]), 0, 0, 0, 1) == CCP_OK
                 && c.out.n >= 15
                 && memcmp(c.out.p + c.out.n - 15,
                           texts[i] + strlen(texts[i]) - 15, 15) == 0,
                 "T15: native mode: %s", ut_line(texts[i]));
        ccp_arena_destroy(a);
    }
}


static int
ut_mem_row(const ccp_mem_t *mem, void *arg)
{
    int              rc;
    ut_seen_t        c;
    ccp_arena_t     *a;
    const ut_row_t  *r = arg;

    a = ccp_arena_create(mem, 0);
    if (a == NULL) {
        return CCP_NOMEM;
    }

    rc = ut_seen(&c, a, CCP_CALLS_COMPAT);

    if (rc == CCP_OK) {
        rc = ut_play_text(&c, ccp_cstr(r->in), 3, 0, r->stop, 1);
    }

    ccp_arena_destroy(a);

    return rc;
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < UT_ROWS; i++) {
        ut_row(&ut_rows[i]);
        ut_prompt(&ut_rows[i]);
    }

    ut_soon();
    ut_blocks();
    ut_native();

    for (i = 0; i < UT_ROWS; i++) {
        ut_fail_each(ut_rows[i].name, ut_mem_row, (void *) &ut_rows[i]);
    }

    return ut_done();
}
