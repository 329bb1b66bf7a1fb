
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


#define CCP_OUT     CCP_CALL_OUT
#define CCP_BEFORE  (CCP_CALL_OUT|CCP_CALL_WRAP|CCP_CALL_GROUP)
#define CCP_GROUPED (CCP_CALL_OUT|CCP_CALL_GROUP)
#define CCP_ENDS    (CCP_CALL_AFTER|CCP_CALL_TAIL)
#define CCP_INSIDE  (CCP_CALL_WRAP|CCP_CALL_BODY)

#define ccp_both(text, states, next, form)                                   \
    { text, CCP_CALLS_BOTH, states, CCP_CALL_##next, CCP_CT_##form }
#define ccp_more(text, states, next, form)                                   \
    { text, CCP_CALLS_COMPAT, states, CCP_CALL_##next, CCP_CT_##form }
/* a word behind which the state is the same */
#define ccp_same(text, state)                                                \
    { text, CCP_CALLS_COMPAT, CCP_CALL_##state, CCP_CALL_##state, CCP_CT_JSON }


/*
 * In one state no word is the beginning of another one; that a word begins
 * with its own first character only makes a search without steps back right.
 */

const ccp_cword_t  ccp_cwords[] = {

    /* openers */

    ccp_both("<tool_call>", CCP_OUT, WRAP, JSON),
    ccp_both("<function_calls>", CCP_OUT, GROUP, JSON),
    ccp_both("[TOOL_CALLS]", CCP_OUT, LIST, JSON),
    ccp_both("<function=", CCP_BEFORE, HEAD, FUNCTION),
    ccp_both("<invoke ", CCP_BEFORE, HEAD, INVOKE),

    ccp_more("<ccp:call", CCP_GROUPED, HEAD, CALL),
    ccp_more("<tool_call ", CCP_GROUPED, HEAD, TOOL),
    ccp_more("<tool_calls>", CCP_OUT, GROUP, JSON),
    ccp_more("<function name=", CCP_BEFORE, HEAD, FUNCTION),
    ccp_more("<cs:tool_use>", CCP_GROUPED, BODY, USE),
    ccp_more("<|python_tag|>", CCP_OUT, BARE, JSON),
    ccp_more("<|tool_calls_section_begin|>", CCP_OUT, GROUP, JSON),
    ccp_more("<|tool_call_begin|>", CCP_GROUPED, NAME, NAMED),
    ccp_more("<｜tool▁calls▁begin｜>", CCP_OUT, GROUP, JSON),
    ccp_more("<｜tool▁call▁begin｜>", CCP_GROUPED, NAME, NAMED),
    ccp_more("<｜DSML｜function_calls>", CCP_OUT, GROUP, JSON),
    ccp_more("<｜DSML｜invoke ", CCP_GROUPED, HEAD, DSML),
    ccp_more("<|tool_call|>", CCP_OUT, WRAP, JSON),
    ccp_more("<|channel|>commentary to=", CCP_OUT, NAME, NAMED),
    ccp_more("<|start|>assistant<|channel|>commentary to=", CCP_OUT, NAME,
             NAMED),
    ccp_more("<|start|>assistant to=", CCP_OUT, NAME, NAMED),
    ccp_more("```", CCP_OUT, FENCE, JSON),
    ccp_more("```", CCP_INSIDE, FENCE, JSON),

    /* between a name and its JSON */

    ccp_same("[ARGS]", NAME),
    ccp_same("[CALL_ID]", NAME),
    ccp_same("<|tool_call_argument_begin|>", NAME),
    ccp_same("<｜tool▁sep｜>", NAME),
    ccp_same("<|channel|>", NAME),
    ccp_same("<|constrain|>", NAME),
    ccp_same("<|message|>", NAME),

    /* the first member of JSON that nothing else marks as a call */

    ccp_more("\"name\"", CCP_CALL_BARE, VALUE, JSON),
    ccp_more("\"arguments\"", CCP_CALL_BARE, VALUE, JSON),
    ccp_more("\"parameters\"", CCP_CALL_BARE, VALUE, JSON),
    ccp_more("\"function\"", CCP_CALL_BARE, VALUE, JSON),
    ccp_more("\"tool\"", CCP_CALL_BARE, VALUE, JSON),
    ccp_more("\"tool_name\"", CCP_CALL_BARE, VALUE, JSON),
    ccp_more("\"tool_calls\"", CCP_CALL_BARE, VALUE, JSON),
    ccp_more("\"type\"", CCP_CALL_BARE, VALUE, JSON),
    ccp_more("\"id\"", CCP_CALL_BARE, VALUE, JSON),

    /* closers */

    ccp_both("</tool_call>", CCP_CALL_AFTER, AFTER, JSON),
    ccp_both("</function_calls>", CCP_CALL_AFTER, AFTER, JSON),

    ccp_same("</ccp:call>", AFTER),
    ccp_same("</tool_calls>", AFTER),
    ccp_same("</function>", AFTER),
    ccp_same("</invoke>", AFTER),
    ccp_same("</args>", AFTER),
    ccp_same("</arguments>", AFTER),
    ccp_same("</parameters>", AFTER),
    ccp_same("<|tool_call_end|>", AFTER),
    ccp_same("<|tool_calls_section_end|>", AFTER),
    ccp_same("<｜tool▁call▁end｜>", AFTER),
    ccp_same("<｜tool▁calls▁end｜>", AFTER),
    ccp_same("</｜DSML｜function_calls>", AFTER),
    ccp_same("<｜end▁of▁sentence｜>", AFTER),
    ccp_same("<|/tool_call|>", AFTER),
    ccp_same("<|call|>", AFTER),
    ccp_same("```", AFTER),
    ccp_more("```", CCP_CALL_TAIL, NONE, JSON),

    ccp_same("<|eom_id|>", AFTER),
    ccp_same("<|eom_id|>", TAIL),
    ccp_same("<|eot_id|>", AFTER),
    ccp_same("<|eot_id|>", TAIL),
    ccp_same("<|im_end|>", AFTER),
    ccp_same("<|im_end|>", TAIL),

    /* results that a model makes up behind its calls */

    ccp_more("<ccp:result", CCP_OUT, VOID, JSON),
    ccp_more("<tool_response>", CCP_OUT, VOID, JSON),
    ccp_more("<tool_result", CCP_OUT, VOID, JSON),
    ccp_more("<function_results>", CCP_OUT, VOID, JSON),
    ccp_more("<cs:tool_result", CCP_OUT, VOID, JSON),
    ccp_more("[TOOL_RESULTS]", CCP_OUT, VOID, JSON),
    ccp_more("<｜tool▁outputs▁begin｜>", CCP_OUT, VOID, JSON)
};

const size_t  ccp_ncwords = ccp_countof(ccp_cwords);


const ccp_cform_t  ccp_cforms[CCP_NCT] = {
    [CCP_CT_FUNCTION] = { "function", "parameter", .json = 1, .lines = 1 },
    [CCP_CT_INVOKE]   = { "invoke", "parameter", .json = 1 },
    [CCP_CT_DSML]     = { "｜DSML｜invoke", "｜DSML｜parameter", .json = 0 },
    [CCP_CT_CALL]     = { "ccp:call", NULL, .json = 1, .loose = 1 },
    [CCP_CT_TOOL]     = { "tool_call", NULL, .json = 1, .loose = 1 },
    [CCP_CT_USE]      = { "cs:tool_use", NULL, .loose = 1, .entities = 1 },
    [CCP_CT_PAIRS]    = { "tool_call", "arg_", .lines = 1 }
};


static const char *const  ccp_cgroups[] = {
    "args", "arguments", "parameters"
};

#define CCP_NCGROUPS  ccp_countof(ccp_cgroups)


int
ccp_calltext_group(ccp_str_t tag)
{
    size_t  i;

    for (i = 0; i < CCP_NCGROUPS; i++) {
        if (ccp_str_is(tag, ccp_cgroups[i])) {
            return 1;
        }
    }

    return 0;
}
