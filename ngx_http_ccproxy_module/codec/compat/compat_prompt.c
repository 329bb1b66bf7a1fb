
/*
 * What a model without function calling is told of the tools.  The text
 * depends on the tools first and on the choice among them last, so that what
 * providers cache of a prompt stays valid as long as the tools are the same.
 */

#include "codec/compat/compat.h"
#include "codec/form/form_block.h"
#include "codec/prepare/prepare.h"


static const char  ccp_compat_intro[] =
    "# Tools\n\n"
    "You can call the tools listed below. To call one, write this element as "
    "plain text in your answer, outside of any code block:\n\n"
    "<ccp:call name=\"TOOL\">{\"argument\":\"value\"}</ccp:call>\n\n"
    "- name is the name of a listed tool. Between the tags stands exactly one "
    "JSON object with the arguments, valid against the tool's JSON schema. "
    "Inside of JSON strings a line break is \\n, a quote is \\\" and a "
    "backslash is \\\\.\n";

static const char  ccp_compat_several[] =
    "- For several calls write several elements, one after the other.\n";

static const char  ccp_compat_one[] =
    "- Write one call at a time: at most one element in an answer.\n";

static const char  ccp_compat_rules[] =
    "- Text for the user may stand in front of the calls. Behind the last "
    "call write nothing more: end your answer there.\n"
    "- The tools are run for you, and the next message brings what they "
    "returned, in the order of the calls:\n\n"
    "<ccp:result name=\"TOOL\" id=\"ID\">text</ccp:result>\n\n"
    "error=\"true\" in it marks a call that failed. Never write a "
    "ccp:result yourself and never make up what a tool would return: call it "
    "and wait.\n"
    "- When no tool is needed, answer without such an element.\n\n";

static const char  ccp_compat_past[] =
    "Earlier in this conversation tools were called with ccp:call elements "
    "and returned ccp:result elements. No tool can be called now: answer in "
    "text, without such elements.";


int
ccp_compat_callable(const ccp_request_t *r)
{
    const ccp_tool_t  *t;

    if (r->tool_choice.mode == CCP_TC_NONE) {
        return 0;
    }

    for (t = r->tools; t; t = t->next) {
        if (t->kind != CCP_T_HOSTED) {
            return 1;
        }
    }

    return 0;
}


/* ---- one tool ---- */

/* Free text travels as the one member of an object. */

static void
ccp_compat_free_text(ccp_buf_t *b, const ccp_tool_t *t)
{
    ccp_compat_add(b, "Its argument is free text: {\"input\":\"the text\"}\n");

    if (t->grammar.n) {
        ccp_compat_add(b, "The text follows this grammar");

        if (t->syntax.n) {
            ccp_compat_add(b, " (");
            ccp_compat_add_text(b, t->syntax);
            ccp_compat_add(b, ")");
        }

        ccp_compat_add(b, ":\n");
        ccp_compat_add_text(b, t->grammar);
        ccp_compat_add(b, "\n");
    }
}


static void
ccp_compat_tool(ccp_buf_t *b, const ccp_tool_t *t, ccp_str_t name)
{
    ccp_str_t  schema, desc, own;

    schema = t->schema;
    desc = t->desc;

    if (t->kind == CCP_T_BUILTIN && schema.n == 0) {
        schema = ccp_builtin_schema(t->type, &own);
        desc = desc.n ? desc : own;
    }

    ccp_compat_add(b, "<ccp:tool name=\"");
    ccp_compat_add_attr(b, name);
    ccp_compat_add(b, "\">\n");

    if (desc.n) {
        ccp_compat_add_text(b, desc);
        ccp_compat_add(b, "\n");
    }

    if (t->kind == CCP_T_FREE_TEXT) {
        ccp_compat_free_text(b, t);

    } else {
        ccp_compat_add(b, "JSON schema of the arguments: ");
        ccp_compat_add_json(b, schema.n ? schema
                            : ccp_lit("{\"type\":\"object\","
                                      "\"properties\":{}}"));
        ccp_compat_add(b, "\n");
    }

    ccp_compat_add(b, "</ccp:tool>\n");
}


static void
ccp_compat_tools(ccp_buf_t *b, ccp_request_t *r, const ccp_name_t *names,
    ccp_arena_t *a)
{
    const ccp_tool_t  *t;

    for (t = r->tools; t; t = t->next) {
        if (t->kind != CCP_T_HOSTED) {
            ccp_compat_tool(b, t, ccp_name_wire(names, t->space, t->name));
            continue;
        }

        ccp_request_note(r, a,
                         "tools: %.*s is run by its provider, this model has "
                         "no tools", (int) t->type.n,
                         (const char *) t->type.p);
    }
}


/* ---- what is demanded ---- */

static void
ccp_compat_choice(ccp_buf_t *b, const ccp_request_t *r,
    const ccp_name_t *names)
{
    const ccp_item_t  *it;

    switch (r->tool_choice.mode) {

    case CCP_TC_ANY:
        ccp_compat_add(b, "\nThis time you must call at least one tool.");
        break;

    case CCP_TC_NAMED:
        ccp_compat_add(b, "\nThis time you must call the tool ");
        ccp_compat_add_attr(b, ccp_name_wire(names, ccp_none,
                                             r->tool_choice.name));
        ccp_compat_add(b, " and no other.");
        break;

    case CCP_TC_ALLOWED:
        ccp_compat_add(b, "\nThis time you may call these tools only: ");

        for (it = r->tool_choice.allowed; it; it = it->next) {
            ccp_compat_add_attr(b, ccp_name_wire(names, ccp_none, it->s));
            ccp_compat_add(b, it->next ? ", " : ".");
        }

        if (r->tool_choice.any) {
            ccp_compat_add(b, " You must call at least one of them.");
        }

        break;

    default:
        break;
    }
}


/*
 * A form of the answer that the provider enforces would make calls
 * impossible: it is asked for in words.
 */

static void
ccp_compat_format(ccp_buf_t *b, const ccp_request_t *r)
{
    if (r->out.kind != CCP_F_JSON && r->out.kind != CCP_F_SCHEMA) {
        return;
    }

    ccp_compat_add(b, "\nAn answer without a call is one JSON object and "
                   "nothing else");

    if (r->out.kind == CCP_F_SCHEMA && r->out.schema.n) {
        ccp_compat_add(b, ", valid against this JSON schema: ");
        ccp_compat_add_json(b, r->out.schema);

    } else {
        ccp_compat_add(b, ".");
    }
}


int
ccp_compat_prompt(ccp_request_t *r, const ccp_name_t *names, ccp_arena_t *a,
    int calls, ccp_str_t *text)
{
    ccp_buf_t  b;

    *text = ccp_none;

    if (!ccp_compat_callable(r)) {
        if (calls) {
            *text = ccp_lit(ccp_compat_past);
        }

        return CCP_OK;
    }

    ccp_buf_init(&b, a, 0);

    ccp_compat_add(&b, ccp_compat_intro);
    ccp_compat_add(&b, r->parallel == 0 ? ccp_compat_one
                                        : ccp_compat_several);
    ccp_compat_add(&b, ccp_compat_rules);
    ccp_compat_tools(&b, r, names, a);
    ccp_compat_choice(&b, r, names);
    ccp_compat_format(&b, r);

    *text = ccp_buf_str(&b, 1);

    return b.err ? CCP_NOMEM : CCP_OK;
}
