
/*
 * The spellings of calls in text (T15): words that open and close them, and
 * what stands between tags.
 *
 *   Hermes, Qwen   <tool_call>{"name":…,"arguments":{…}}</tool_call>
 *   Qwen-Coder     <function=N><parameter=K>V</parameter></function>
 *   Llama          <function=N>{…}</function>, <|python_tag|>{…}; {…}
 *   Claude         <invoke name="N"><parameter name="K">V</parameter>
 *                  </invoke>
 *   Mistral        [TOOL_CALLS][{…}], [TOOL_CALLS]N[ARGS]{…}
 *   DeepSeek       <｜tool▁call▁begin｜>N<｜tool▁sep｜>{…}<｜tool▁call▁end｜>
 *                  <｜DSML｜invoke name="N"><｜DSML｜parameter name="K">…
 *   Phi            <|tool_call|>[{…}]<|/tool_call|>
 *   Kimi           <|tool_call_begin|>functions.N:0<|tool_call_argument_begin|>
 *   GLM            <tool_call>N <arg_key>K</arg_key><arg_value>V</arg_value>
 *   gpt-oss        <|channel|>commentary to=functions.N …<|message|>{…}
 *   prompts        <cs:tool_use><name>N</name><args><arg name="K">V</arg>
 *   our own        <ccp:call name="N">{…}</ccp:call>
 */

#include "codec/compat/compat_calls.h"


#define CCP_WORD_OUT      CCP_CALLS_OUT
#define CCP_WORD_BEFORE   (CCP_CALLS_OUT|CCP_CALLS_WRAP|CCP_CALLS_GROUP)
#define CCP_WORD_GROUPED  (CCP_CALLS_OUT|CCP_CALLS_GROUP)
#define CCP_WORD_ENDS     (CCP_CALLS_AFTER|CCP_CALLS_TAIL)
#define CCP_WORD_INSIDE   (CCP_CALLS_WRAP|CCP_CALLS_BODY)

#define ccp_word_both(text, states, next, form)                              \
    { text, CCP_CALLS_BOTH, states, CCP_CALLS_##next, CCP_CALLS_FORM_##form }
#define ccp_word_more(text, states, next, form)                              \
    { text, CCP_CALLS_COMPAT, states, CCP_CALLS_##next, CCP_CALLS_FORM_##form }
/* a word behind which the state is the same */
#define ccp_word_same(text, state)                                           \
    { text, CCP_CALLS_COMPAT, CCP_CALLS_##state, CCP_CALLS_##state,          \
      CCP_CALLS_FORM_JSON }


/*
 * In one state no word is the beginning of another one; that a word begins
 * with its own first character only makes a search without steps back right.
 */

const ccp_calls_word_t  ccp_calls_words[] = {

    /* openers */

    ccp_word_both("<tool_call>", CCP_WORD_OUT, WRAP, JSON),
    ccp_word_both("<function_calls>", CCP_WORD_OUT, GROUP, JSON),
    ccp_word_both("[TOOL_CALLS]", CCP_WORD_OUT, LIST, JSON),
    ccp_word_both("<function=", CCP_WORD_BEFORE, HEAD, FUNCTION),
    ccp_word_both("<invoke ", CCP_WORD_BEFORE, HEAD, INVOKE),

    ccp_word_more("<ccp:call", CCP_WORD_GROUPED, HEAD, CALL),
    ccp_word_more("<tool_call ", CCP_WORD_GROUPED, HEAD, TOOL),
    ccp_word_more("<tool_calls>", CCP_WORD_OUT, GROUP, JSON),
    ccp_word_more("<function name=", CCP_WORD_BEFORE, HEAD, FUNCTION),
    ccp_word_more("<cs:tool_use>", CCP_WORD_GROUPED, BODY, USE),
    ccp_word_more("<|python_tag|>", CCP_WORD_OUT, BARE, JSON),
    ccp_word_more("<|tool_calls_section_begin|>", CCP_WORD_OUT, GROUP, JSON),
    ccp_word_more("<|tool_call_begin|>", CCP_WORD_GROUPED, NAME, NAMED),
    ccp_word_more("<｜tool▁calls▁begin｜>", CCP_WORD_OUT, GROUP, JSON),
    ccp_word_more("<｜tool▁call▁begin｜>", CCP_WORD_GROUPED, NAME, NAMED),
    ccp_word_more("<｜DSML｜function_calls>", CCP_WORD_OUT, GROUP, JSON),
    ccp_word_more("<｜DSML｜invoke ", CCP_WORD_GROUPED, HEAD, DSML),
    ccp_word_more("<|tool_call|>", CCP_WORD_OUT, WRAP, JSON),
    ccp_word_more("<|channel|>commentary to=", CCP_WORD_OUT, NAME, NAMED),
    ccp_word_more("<|start|>assistant<|channel|>commentary to=", CCP_WORD_OUT,
                  NAME, NAMED),
    ccp_word_more("<|start|>assistant to=", CCP_WORD_OUT, NAME, NAMED),
    ccp_word_more("```", CCP_WORD_OUT, FENCE, JSON),
    ccp_word_more("```", CCP_WORD_INSIDE, FENCE, JSON),

    /* between a name and its JSON */

    ccp_word_same("[ARGS]", NAME),
    ccp_word_same("[CALL_ID]", NAME),
    ccp_word_same("<|tool_call_argument_begin|>", NAME),
    ccp_word_same("<｜tool▁sep｜>", NAME),
    ccp_word_same("<|channel|>", NAME),
    ccp_word_same("<|constrain|>", NAME),
    ccp_word_same("<|message|>", NAME),

    /* the first member of JSON that nothing else marks as a call */

    ccp_word_more("\"name\"", CCP_CALLS_BARE, VALUE, JSON),
    ccp_word_more("\"arguments\"", CCP_CALLS_BARE, VALUE, JSON),
    ccp_word_more("\"parameters\"", CCP_CALLS_BARE, VALUE, JSON),
    ccp_word_more("\"function\"", CCP_CALLS_BARE, VALUE, JSON),
    ccp_word_more("\"tool\"", CCP_CALLS_BARE, VALUE, JSON),
    ccp_word_more("\"tool_name\"", CCP_CALLS_BARE, VALUE, JSON),
    ccp_word_more("\"tool_calls\"", CCP_CALLS_BARE, VALUE, JSON),
    ccp_word_more("\"type\"", CCP_CALLS_BARE, VALUE, JSON),
    ccp_word_more("\"id\"", CCP_CALLS_BARE, VALUE, JSON),

    /* closers */

    ccp_word_both("</tool_call>", CCP_CALLS_AFTER, AFTER, JSON),
    ccp_word_both("</function_calls>", CCP_CALLS_AFTER, AFTER, JSON),

    ccp_word_same("</ccp:call>", AFTER),
    ccp_word_same("</tool_calls>", AFTER),
    ccp_word_same("</function>", AFTER),
    ccp_word_same("</invoke>", AFTER),
    ccp_word_same("</args>", AFTER),
    ccp_word_same("</arguments>", AFTER),
    ccp_word_same("</parameters>", AFTER),
    ccp_word_same("<|tool_call_end|>", AFTER),
    ccp_word_same("<|tool_calls_section_end|>", AFTER),
    ccp_word_same("<｜tool▁call▁end｜>", AFTER),
    ccp_word_same("<｜tool▁calls▁end｜>", AFTER),
    ccp_word_same("</｜DSML｜function_calls>", AFTER),
    ccp_word_same("<｜end▁of▁sentence｜>", AFTER),
    ccp_word_same("<|/tool_call|>", AFTER),
    ccp_word_same("<|call|>", AFTER),
    ccp_word_same("```", AFTER),
    ccp_word_more("```", CCP_CALLS_TAIL, NONE, JSON),

    ccp_word_same("<|eom_id|>", AFTER),
    ccp_word_same("<|eom_id|>", TAIL),
    ccp_word_same("<|eot_id|>", AFTER),
    ccp_word_same("<|eot_id|>", TAIL),
    ccp_word_same("<|im_end|>", AFTER),
    ccp_word_same("<|im_end|>", TAIL),

    /* results that a model makes up behind its calls */

    ccp_word_more("<ccp:result", CCP_WORD_OUT, VOID, JSON),
    ccp_word_more("<tool_response>", CCP_WORD_OUT, VOID, JSON),
    ccp_word_more("<tool_result", CCP_WORD_OUT, VOID, JSON),
    ccp_word_more("<function_results>", CCP_WORD_OUT, VOID, JSON),
    ccp_word_more("<cs:tool_result", CCP_WORD_OUT, VOID, JSON),
    ccp_word_more("[TOOL_RESULTS]", CCP_WORD_OUT, VOID, JSON),
    ccp_word_more("<｜tool▁outputs▁begin｜>", CCP_WORD_OUT, VOID, JSON)
};

const size_t  ccp_calls_nwords = ccp_countof(ccp_calls_words);


const ccp_calls_form_t  ccp_calls_forms[CCP_CALLS_NFORMS] = {
    [CCP_CALLS_FORM_FUNCTION] = { "function", "parameter", .json = 1,
                                  .lines = 1 },
    [CCP_CALLS_FORM_INVOKE]   = { "invoke", "parameter", .json = 1 },
    [CCP_CALLS_FORM_DSML]     = { "｜DSML｜invoke", "｜DSML｜parameter",
                                  .json = 0 },
    [CCP_CALLS_FORM_CALL]     = { "ccp:call", NULL, .json = 1, .loose = 1 },
    [CCP_CALLS_FORM_TOOL]     = { "tool_call", NULL, .json = 1, .loose = 1 },
    [CCP_CALLS_FORM_USE]      = { "cs:tool_use", NULL, .loose = 1,
                                  .entities = 1 },
    [CCP_CALLS_FORM_PAIRS]    = { "tool_call", "arg_", .lines = 1 }
};


static const char *const  ccp_calls_groups[] = {
    "args", "arguments", "parameters"
};

#define CCP_CALLS_NGROUPS  ccp_countof(ccp_calls_groups)


int
ccp_calls_read_group(ccp_str_t tag)
{
    size_t  i;

    for (i = 0; i < CCP_CALLS_NGROUPS; i++) {
        if (ccp_str_is(tag, ccp_calls_groups[i])) {
            return 1;
        }
    }

    return 0;
}
