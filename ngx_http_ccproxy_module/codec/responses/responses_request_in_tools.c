
/*
 * Responses request in: tools.
 */

#include "codec/responses/responses_request.h"


static ccp_tool_t *
ccp_responses_read_tool_new(ccp_responses_reader_t *in, ccp_tool_e kind,
    ccp_jval_t v, ccp_str_t space)
{
    ccp_tool_t  *t;

    t = ccp_in_tool(&in->at, kind, CCP_RESPONSES, v, &in->tools);

    if (t) {
        t->defer = ccp_json_bool(ccp_json_opt(v, "defer_loading"), 0);
        t->space = space;
        t->type = ccp_json_gets(v, "type");
        t->desc = ccp_json_gets(v, "description");
    }

    return t;
}


static void
ccp_responses_read_function(ccp_responses_reader_t *in, ccp_jval_t v,
    ccp_str_t space)
{
    ccp_tool_t  *t;

    t = ccp_responses_read_tool_new(in, CCP_T_FUNCTION, v, space);

    if (t) {
        t->type = ccp_none;
        t->desc = ccp_in_str(&in->at, v, "description");
        t->name = ccp_in_name(&in->at, v, "name");
        t->schema = ccp_in_raw(&in->at, v, "parameters");
        t->strict = ccp_json_bool(ccp_json_opt(v, "strict"), -1);
    }
}


static void
ccp_responses_read_free_text(ccp_responses_reader_t *in, ccp_jval_t v,
    ccp_str_t space)
{
    ccp_jval_t   format;
    ccp_tool_t  *t;

    t = ccp_responses_read_tool_new(in, CCP_T_FREE_TEXT, v, space);
    if (t == NULL) {
        return;
    }

    t->type = ccp_none;
    t->name = ccp_in_name(&in->at, v, "name");
    format = ccp_json_opt(v, "format");

    if (ccp_json_is(ccp_json_get(format, "type"), "grammar")) {
        t->grammar = ccp_json_gets(format, "definition");
        t->syntax = ccp_json_gets(format, "syntax");
    }
}


/*
 * A search for tools that the client runs is a function with a schema of its
 * own; run by the server it is a hosted tool.
 */

static void
ccp_responses_read_search(ccp_responses_reader_t *in, ccp_jval_t v)
{
    int          client;
    ccp_tool_t  *t;

    client = ccp_json_is(ccp_json_get(v, "execution"), "client");

    t = ccp_responses_read_tool_new(in, client ? CCP_T_FUNCTION : CCP_T_HOSTED,
                                    v, ccp_none);
    if (t == NULL) {
        return;
    }

    t->name = ccp_lit("tool_search");

    if (client) {
        t->schema = ccp_in_raw(&in->at, v, "parameters");
    }
}


static void
ccp_responses_read_other_tool(ccp_responses_reader_t *in, ccp_jval_t v,
    ccp_str_t type)
{
    ccp_tool_e   kind;
    ccp_tool_t  *t;

    kind = ccp_responses_find_builtin(type) ? CCP_T_BUILTIN : CCP_T_HOSTED;

    t = ccp_responses_read_tool_new(in, kind, v, ccp_none);
    if (t == NULL) {
        return;
    }

    t->name = ccp_str_starts(type, "web_search") ? ccp_lit("web_search")
                                                 : type;

    if (ccp_str_is(type, "mcp")) {
        t->space = ccp_json_gets(v, "server_label");
    }
}


/* Namespaces hold tools, not namespaces. */

static void
ccp_responses_read_namespace(ccp_responses_reader_t *in, ccp_jval_t v)
{
    ccp_str_t  name;

    name = ccp_in_name(&in->at, v, "name");

    if (ccp_json_has(ccp_in_need(&in->at, v, "tools", CCP_M_ARRAY))) {
        ccp_responses_read_tool_list(in, v, name);
    }
}


static void
ccp_responses_read_tool(ccp_responses_reader_t *in, ccp_jval_t v,
    ccp_str_t space)
{
    ccp_str_t   type;
    ccp_jval_t  val;

    if (!ccp_in_is_object(&in->at, v)) {
        return;
    }

    val = ccp_json_get(v, "type");
    type = ccp_json_str(val);

    if (type.n == 0) {
        ccp_in_wrong(&in->at, "type", val, "a string");

    } else if (ccp_str_is(type, "function")) {
        ccp_responses_read_function(in, v, space);

    } else if (ccp_str_is(type, "custom")) {
        ccp_responses_read_free_text(in, v, space);

    } else if (ccp_str_is(type, "tool_search")) {
        ccp_responses_read_search(in, v);

    } else if (!ccp_str_is(type, "namespace")) {
        ccp_responses_read_other_tool(in, v, type);

    } else if (space.n) {
        ccp_in_refuse(&in->at, "", "a namespace holds no namespaces");

    } else {
        ccp_responses_read_namespace(in, v);
    }
}


void
ccp_responses_read_tool_list(ccp_responses_reader_t *in, ccp_jval_t obj,
    ccp_str_t space)
{
    ccp_in_list_t  l;

    for (l = ccp_in_list(&in->at, obj, "tools"); ccp_in_next(&l); ) {
        ccp_responses_read_tool(in, l.val, space);
    }
}
