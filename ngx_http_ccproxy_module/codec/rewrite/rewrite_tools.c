
/*
 * Prompt tools: tools that are not offered.  The history stays, calls of
 * such tools included.
 *
 * A tool goes by all of its names, whatever the member that tells them: its
 * name, that of the function in it, and its type where that is one of a
 * provider's.  What brings tools under names that the request does not tell
 * (a server of tools) goes by its own name, or is refused.
 */

#include "codec/rewrite/rewrite_private.h"
#include "codec/base/base_match.h"
#include "codec/proto/proto_in.h"


/* Members that mean nothing without tools, and are refused by some. */

static const char *const  ccp_prompt_lone[] = {
    "tool_choice", "parallel_tool_calls", "function_call", "toolConfig",
    "tool_config", NULL
};

/* The names below are in camelCase, for ccp_prompt_spells_any(). */

/* Lists of tools, at the root, in a message and in a tool. */

static const char *const  ccp_prompt_lists[] = {
    "tools", "functions", "functionDeclarations", NULL
};

/* Members that are a tool by being there. */

static const char *const  ccp_prompt_single[] = { "webSearchOptions", NULL };

/* Members that name servers of tools. */

static const char *const  ccp_prompt_servers[] = { "mcpServers", NULL };

/* Types that are a function's, and tell nothing of the tool. */

static const char *const  ccp_prompt_types[] = {
    "function", "custom", "namespace", "tool_definition", "builtin_function",
    "tool", NULL
};


static int
ccp_prompt_is_any(ccp_str_t s, const char *const *names)
{
    for ( /* void */ ; *names; names++) {
        if (ccp_str_is(s, *names)) {
            return 1;
        }
    }

    return 0;
}


/* … in whatever spelling a server may take it in. */

static int
ccp_prompt_spells_any(ccp_str_t s, const char *const *names)
{
    for ( /* void */ ; *names; names++) {
        if (ccp_in_spelling(s, 1, *names) != CCP_IN_OTHER) {
            return 1;
        }
    }

    return 0;
}


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


int
ccp_prompt_filtered(ccp_prompt_x_t *x, ccp_str_t name)
{
    size_t  i;

    if (name.p == NULL) {
        return 0;
    }

    name = ccp_str_plain(x->e->arena, name);
    if (name.p == NULL) {
        x->e->err = 1;
        return 0;
    }

    for (i = 0; i < x->rules->nfilter; i++) {
        if (ccp_str_glob(x->rules->filter[i], name)) {
            return 1;
        }
    }

    return 0;
}


/* Whether a name of the tool is filtered; inner: of the object in it that a
 * protocol wraps a function in. */

static int
ccp_prompt_tool_filtered(ccp_prompt_x_t *x, ccp_jval_t tool, int inner)
{
    ccp_str_t    s;
    ccp_jiter_t  it;

    static const char  *const names[] = { "name", "serverLabel",
                                          "mcpServerName", "toolName", NULL };
    static const char  *const types[] = { "type", NULL };
    static const char  *const inners[] = { "function", "custom", "definition",
                                           "tool", NULL };

    for (it = ccp_json_iter(tool); ccp_json_next(&it); /* void */ ) {

        if (!it.object) {
            return 0;
        }

        s = ccp_json_str(it.val);

        if (s.p && ccp_prompt_spells_any(it.key, names)) {
            if (ccp_prompt_filtered(x, s)) {
                return 1;
            }

        } else if (s.p && ccp_prompt_spells_any(it.key, types)) {
            if (!ccp_prompt_is_any(s, ccp_prompt_types)
                && ccp_prompt_filtered(x, s))
            {
                return 1;
            }

        } else if (inner < 2 && ccp_prompt_spells_any(it.key, inners)
                   && ccp_prompt_tool_filtered(x, it.val, inner + 1))
        {
            return 1;
        }
    }

    return 0;
}


static size_t ccp_prompt_filter_list(ccp_prompt_x_t *x, ccp_jval_t list,
    unsigned depth);


/*
 * Lists of tools in a tool: a namespace's, Gemini's functions, in either
 * spelling.  Other members of a tool without a name are tools of servers by
 * their own names.  Returns whether anything stays.
 */

static int
ccp_prompt_filter_members(ccp_prompt_x_t *x, ccp_jval_t tool, int named,
    unsigned depth)
{
    size_t       kept;
    ccp_jiter_t  it;

    kept = (size_t) named;

    for (it = ccp_json_iter(tool); ccp_json_next(&it); /* void */ ) {

        if (ccp_prompt_spells_any(it.key, ccp_prompt_lists)) {
            if (ccp_prompt_filter_list(x, it.val, depth + 1)) {
                kept++;

            } else if (named) {

                /* a namespace is nothing without its tools */

                return 0;

            } else {
                ccp_edit_drop(x->e, it.val);
            }

        } else if (!named && ccp_prompt_filtered(x, it.key)) {
            ccp_edit_drop(x->e, it.val);

        } else {

            if (!named && ccp_prompt_spells_any(it.key, ccp_prompt_servers)) {
                x->refused = "tools.mcpServers";
            }

            kept++;
        }
    }

    return kept != 0;
}


/*
 * A tool that stands for those of a server.  Where they are told by name, the
 * names are filtered.  Returns whether any stays.
 */

static int
ccp_prompt_filter_server(ccp_prompt_x_t *x, ccp_jval_t tool, unsigned depth)
{
    ccp_jval_t  list, names;

    static const char  *const inner[] = { "tool_names", NULL };

    list = ccp_json_opt(tool, "allowed_tools");
    names = ccp_prompt_any(list, inner);
    list = names.doc ? names : list;

    if (ccp_json_type(list) != CCP_J_ARRAY) {
        x->refused = "tools: a server of tools";
        return 1;
    }

    return ccp_prompt_filter_list(x, list, depth + 1) != 0;
}


static int
ccp_prompt_filter_tool(ccp_prompt_x_t *x, ccp_jval_t tool, unsigned depth)
{
    ccp_str_t  type;

    if (ccp_json_type(tool) == CCP_J_STRING) {
        return !ccp_prompt_filtered(x, ccp_json_str(tool));
    }

    if (ccp_json_type(tool) != CCP_J_OBJECT) {
        return 1;
    }

    if (ccp_prompt_tool_filtered(x, tool, 0)) {
        return 0;
    }

    type = ccp_json_gets(tool, "type");

    if (ccp_str_starts(type, "mcp")) {
        return ccp_prompt_filter_server(x, tool, depth);
    }

    return ccp_prompt_filter_members(x, tool,
                                     type.p != NULL
                                     || ccp_json_gets(tool, "name").p != NULL,
                                     depth);
}


/* Lists in lists that no server reads are not looked into, but left out. */

#define CCP_PROMPT_DEPTH  8


/* Returns how many tools of the list, which may be one alone, stay. */

static size_t
ccp_prompt_filter_list(ccp_prompt_x_t *x, ccp_jval_t list, unsigned depth)
{
    size_t       kept;
    ccp_jiter_t  it;

    if (depth > CCP_PROMPT_DEPTH) {
        return 0;
    }

    if (ccp_json_type(list) == CCP_J_OBJECT) {
        return (size_t) ccp_prompt_filter_tool(x, list, depth);
    }

    kept = 0;

    for (it = ccp_json_iter(list); ccp_json_next(&it); /* void */ ) {
        if (ccp_prompt_filter_tool(x, it.val, depth)) {
            kept++;
        } else {
            ccp_edit_drop(x->e, it.val);
        }
    }

    return kept;
}


/*
 * Whether the choice can't be made any more: its tool is gone, or all of
 * those that are allowed.
 */

static int
ccp_prompt_choice_gone(ccp_prompt_x_t *x, ccp_jval_t choice)
{
    ccp_jval_t  list;

    static const char  *const configs[] = {
        "functionCallingConfig", "function_calling_config", NULL
    };
    static const char  *const lists[] = {
        "tools", "allowedFunctionNames", "allowed_function_names", NULL
    };
    static const char  *const words[] = {
        "auto", "any", "none", "required", "validated", "tool",
        "allowed_tools", NULL
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
        return ccp_prompt_filter_list(x, list, 0) == 0;
    }

    if (ccp_json_gets(choice, "name").p == NULL
        && ccp_prompt_is_any(ccp_json_gets(choice, "type"), words))
    {
        return 0;
    }

    return ccp_prompt_tool_filtered(x, choice, 0);
}


/* Tools that a message brings, and a part of one. */

static void
ccp_prompt_filter_message(ccp_prompt_x_t *x, ccp_jval_t message, int part)
{
    ccp_jiter_t  it;

    static const char  *const tool[] = { "tool", NULL };

    for (it = ccp_json_iter(message); ccp_json_next(&it); /* void */ ) {

        if (!it.object) {
            return;
        }

        if (ccp_prompt_spells_any(it.key, ccp_prompt_lists)) {
            if (ccp_prompt_filter_list(x, it.val, 0) == 0
                && ccp_json_count(it.val))
            {
                ccp_edit_set(x->e, it.val, ccp_lit("[]"));
            }

        } else if (part && ccp_prompt_spells_any(it.key, tool)
                   && ccp_prompt_filter_list(x, it.val, 0) == 0
                   && ccp_json_count(it.val))
        {
            ccp_edit_drop(x->e, message);
        }
    }
}


static void
ccp_prompt_filter_messages(ccp_prompt_x_t *x)
{
    ccp_jval_t   list;
    ccp_jiter_t  it, part;

    list = x->places->list ? ccp_json_get(x->root, x->places->list)
                           : ccp_jabsent;

    for (it = ccp_json_iter(list); ccp_json_next(&it); /* void */ ) {

        if (ccp_json_type(it.val) != CCP_J_OBJECT) {
            continue;
        }

        ccp_prompt_filter_message(x, it.val, 0);

        part = ccp_json_iter(ccp_json_get(it.val, x->places->content));

        for ( /* void */ ; ccp_json_next(&part); ) {
            if (!part.object) {
                ccp_prompt_filter_message(x, part.val, 1);
            }
        }
    }
}


void
ccp_prompt_filter(ccp_prompt_x_t *x)
{
    size_t       had, kept;
    ccp_jval_t   v;
    ccp_jiter_t  it;

    had = 0;
    kept = 0;

    for (it = ccp_json_iter(x->root); ccp_json_next(&it); /* void */ ) {

        if (!ccp_json_has(it.val)) {
            continue;
        }

        if (ccp_prompt_spells_any(it.key, ccp_prompt_lists)) {

            if (ccp_json_count(it.val) == 0) {
                continue;
            }

            had++;

            if (ccp_prompt_filter_list(x, it.val, 0)) {
                kept++;
            } else {
                ccp_edit_drop(x->e, it.val);
            }

        } else if (ccp_prompt_spells_any(it.key, ccp_prompt_single)) {
            had++;

            if (ccp_prompt_filtered(x, it.key)
                || ccp_prompt_filtered(x, ccp_lit("web_search")))
            {
                ccp_edit_drop(x->e, it.val);

            } else {
                kept++;
            }

        } else if (ccp_prompt_spells_any(it.key, ccp_prompt_servers)
                   && ccp_json_count(it.val))
        {
            if (ccp_prompt_filtered(x, it.key)
                || ccp_prompt_filtered(x, ccp_lit("mcp_toolset")))
            {
                ccp_edit_drop(x->e, it.val);
            } else {
                x->refused = "mcp_servers";
            }
        }
    }

    ccp_prompt_filter_messages(x);

    for (it = ccp_json_iter(x->root); ccp_json_next(&it) && had; ) {
        v = it.val;

        if (ccp_json_has(v) && ccp_prompt_is_any(it.key, ccp_prompt_lone)
            && (kept == 0 || ccp_prompt_choice_gone(x, v)))
        {
            ccp_edit_drop(x->e, v);
        }
    }
}
