
/*
 * Calls in text and what they give in compatibility mode, a row each; for
 * test_calls_compat.c.
 */

#ifndef UT_CALLS_H
#define UT_CALLS_H

#include "codec/form/form_event.h"

/* In what is wanted a call stands between two control characters. */
#define UT_OPEN        "\001"
#define UT_SHUT        "\002"
#define CALL(name, args)  UT_OPEN name " " args UT_SHUT

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

#endif /* UT_CALLS_H */
