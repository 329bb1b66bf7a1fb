
/*
 * Prompt tools: tools that are not offered.  The history stays, calls of
 * such tools included.
 */

#include "codec/rewrite/rewrite_prompt.h"
#include "codec/base/base_match.h"


/* Members that mean nothing without tools, and are refused by some. */

static const char *const  ccp_prompt_lone[] = {
    "tool_choice", "parallel_tool_calls", "function_call", "toolConfig",
    "tool_config", NULL
};

static const char *const  ccp_prompt_lists[] = { "tools", "functions", NULL };

static const char *const  ccp_prompt_inner[] = {
    "functionDeclarations", "function_declarations", NULL
};


static ccp_jval_t
ccp_prompt_any(ccp_jval_t obj, const char *const *names)
{
    ccp_jval_t  v;

    v = ccp_jabsent;

    for ( /* void */ ; *names && v.doc == NULL; names++) {
        v = ccp_json_opt(obj, *names);
    }

    return v;
}


/* The name of a tool, or of what a choice demands; else its type. */

static ccp_str_t
ccp_prompt_tool_name(ccp_jval_t tool)
{
    size_t     i;
    ccp_str_t  name;

    static const char  *const inner[] = { "function", "custom" };

    name = ccp_json_gets(tool, "name");

    for (i = 0; i < 2 && name.p == NULL; i++) {
        name = ccp_json_gets(ccp_json_get(tool, inner[i]), "name");
    }

    return name.p ? name : ccp_json_gets(tool, "type");
}


static int
ccp_prompt_filtered(ccp_edit_t *e, const ccp_prompt_rules_t *rules,
    ccp_str_t name)
{
    size_t  i;

    if (name.p == NULL) {
        return 0;
    }

    name = ccp_str_plain(e->arena, name);
    if (name.p == NULL) {
        e->err = 1;
        return 0;
    }

    for (i = 0; i < rules->nfilter; i++) {
        if (ccp_str_glob(rules->filter[i], name)) {
            return 1;
        }
    }

    return 0;
}


static size_t ccp_prompt_filter_list(ccp_edit_t *e,
    const ccp_prompt_rules_t *rules, ccp_jval_t list);


/* Gemini's: functions in a list of their own, servers' tools by member. */

static int
ccp_prompt_filter_members(ccp_edit_t *e, const ccp_prompt_rules_t *rules,
    ccp_jval_t tool)
{
    size_t       kept;
    ccp_jval_t   inner;
    ccp_jiter_t  it;

    kept = 0;
    inner = ccp_prompt_any(tool, ccp_prompt_inner);

    for (it = ccp_json_iter(tool); ccp_json_next(&it); /* void */ ) {

        if (inner.doc && it.val.i == inner.i) {
            if (ccp_prompt_filter_list(e, rules, inner)) {
                kept++;
            } else {
                ccp_edit_drop(e, it.val);
            }

        } else if (ccp_prompt_filtered(e, rules, it.key)) {
            ccp_edit_drop(e, it.val);

        } else {
            kept++;
        }
    }

    return kept != 0;
}


/* Returns how many tools of the list stay. */

static size_t
ccp_prompt_filter_list(ccp_edit_t *e, const ccp_prompt_rules_t *rules,
    ccp_jval_t list)
{
    int          keep;
    size_t       kept;
    ccp_str_t    name;
    ccp_jval_t   space;
    ccp_jiter_t  it;

    kept = 0;

    for (it = ccp_json_iter(list); ccp_json_next(&it); /* void */ ) {
        name = ccp_json_type(it.val) == CCP_J_STRING
               ? ccp_json_str(it.val) : ccp_prompt_tool_name(it.val);

        keep = name.p || ccp_json_type(it.val) != CCP_J_OBJECT
               ? !ccp_prompt_filtered(e, rules, name)
               : ccp_prompt_filter_members(e, rules, it.val);

        /* a namespace has tools of its own */

        space = ccp_json_opt(it.val, "tools");

        if (keep && ccp_json_count(space)) {
            keep = ccp_prompt_filter_list(e, rules, space) != 0;
        }

        if (keep) {
            kept++;
        } else {
            ccp_edit_drop(e, it.val);
        }
    }

    return kept;
}


/*
 * Whether the choice can't be made any more: its tool is gone, or all of
 * those that are allowed.
 */

static int
ccp_prompt_choice_gone(ccp_edit_t *e, const ccp_prompt_rules_t *rules,
    ccp_jval_t choice)
{
    ccp_str_t           name;
    ccp_jval_t          list;
    const char *const  *word;

    static const char  *const words[] = {
        "auto", "any", "none", "required", "validated", NULL
    };
    static const char  *const configs[] = {
        "functionCallingConfig", "function_calling_config", NULL
    };
    static const char  *const lists[] = {
        "tools", "allowedFunctionNames", "allowed_function_names", NULL
    };

    if (ccp_json_type(choice) != CCP_J_OBJECT) {
        return 0;
    }

    list = ccp_prompt_any(choice, configs);

    if (list.doc == NULL) {
        list = ccp_json_opt(choice, "allowed_tools");
    }

    list = ccp_prompt_any(list.doc ? list : choice, lists);

    if (list.doc) {
        return ccp_prompt_filter_list(e, rules, list) == 0;
    }

    name = ccp_prompt_tool_name(choice);

    for (word = words; *word; word++) {
        if (ccp_str_is(name, *word)) {
            return 0;
        }
    }

    return ccp_prompt_filtered(e, rules, name);
}


void
ccp_prompt_filter(ccp_edit_t *e, const ccp_prompt_rules_t *rules)
{
    size_t              had, kept;
    ccp_jval_t          root, v;
    const char *const  *name;

    had = 0;
    kept = 0;
    root = ccp_json_root(e->doc);

    for (name = ccp_prompt_lists; *name; name++) {
        v = ccp_json_opt(root, *name);

        if (ccp_json_count(v) == 0) {
            continue;
        }

        had++;

        if (ccp_prompt_filter_list(e, rules, v)) {
            kept++;
        } else {
            ccp_edit_drop(e, v);
        }
    }

    for (name = ccp_prompt_lone; *name && had; name++) {
        v = ccp_json_opt(root, *name);

        if (v.doc && (kept == 0 || ccp_prompt_choice_gone(e, rules, v))) {
            ccp_edit_drop(e, v);
        }
    }
}
