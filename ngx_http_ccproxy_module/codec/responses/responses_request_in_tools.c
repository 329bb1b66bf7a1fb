
/*
 * Responses request in: tools.
 */

#include <stdio.h>

#include "codec/responses/responses_request.h"


/* Namespaces hold tools, not namespaces. */
#define CCP_RESPONSES_WHERE  96


static ccp_tool_t *
ccp_responses_read_tool_new(ccp_responses_reader_t *in, ccp_tool_e kind,
    ccp_jval_t v, ccp_str_t space)
{
    ccp_tool_t  *t;

    t = ccp_calloc(in->a, sizeof(ccp_tool_t));
    if (t == NULL) {
        return NULL;
    }

    t->kind = kind;
    t->strict = -1;
    t->defer = ccp_json_bool(ccp_json_opt(v, "defer_loading"), 0);
    t->origin = CCP_RESPONSES;
    t->raw = ccp_json_raw(v);
    t->space = space;
    t->type = ccp_json_gets(v, "type");
    t->desc = ccp_json_gets(v, "description");

    *in->tools = t;
    in->tools = &t->next;

    return t;
}


static int
ccp_responses_read_tool_own_name(ccp_responses_reader_t *in, ccp_tool_t *t,
    ccp_jval_t v, const char *where)
{
    ccp_jval_t  name;

    name = ccp_json_get(v, "name");

    if (ccp_json_str(name).n == 0) {
        return ccp_responses_read_type_error(in, name, "a non-empty string",
                                             "%s.name", where);
    }

    t->name = ccp_json_str(name);

    return CCP_OK;
}


static int
ccp_responses_read_tool_schema(ccp_responses_reader_t *in, ccp_tool_t *t,
    ccp_jval_t v, const char *where)
{
    v = ccp_json_opt(v, "parameters");

    if (!ccp_json_has(v)) {
        return CCP_OK;
    }

    if (ccp_json_type(v) != CCP_J_OBJECT) {
        return ccp_responses_read_type_error(in, v, "an object",
                                             "%s.parameters", where);
    }

    t->schema = ccp_json_raw(v);

    return CCP_OK;
}


static int
ccp_responses_read_function(ccp_responses_reader_t *in, ccp_jval_t v,
    ccp_str_t space, const char *where)
{
    int          rc;
    ccp_jval_t   desc;
    ccp_tool_t  *t;

    t = ccp_responses_read_tool_new(in, CCP_T_FUNCTION, v, space);
    if (t == NULL) {
        return CCP_NOMEM;
    }

    desc = ccp_json_opt(v, "description");

    if (ccp_json_has(desc) && ccp_json_type(desc) != CCP_J_STRING) {
        return ccp_responses_read_type_error(in, desc, "a string",
                                             "%s.description", where);
    }

    t->type = ccp_none;
    t->strict = ccp_json_bool(ccp_json_opt(v, "strict"), -1);

    rc = ccp_responses_read_tool_own_name(in, t, v, where);

    return rc == CCP_OK ? ccp_responses_read_tool_schema(in, t, v, where) : rc;
}


static int
ccp_responses_read_free_text(ccp_responses_reader_t *in, ccp_jval_t v,
    ccp_str_t space, const char *where)
{
    ccp_jval_t   format;
    ccp_tool_t  *t;

    t = ccp_responses_read_tool_new(in, CCP_T_FREE_TEXT, v, space);
    if (t == NULL) {
        return CCP_NOMEM;
    }

    t->type = ccp_none;
    format = ccp_json_opt(v, "format");

    if (ccp_json_is(ccp_json_get(format, "type"), "grammar")) {
        t->grammar = ccp_json_gets(format, "definition");
        t->syntax = ccp_json_gets(format, "syntax");
    }

    return ccp_responses_read_tool_own_name(in, t, v, where);
}


/*
 * A search for tools that the client runs is a function with a schema of its
 * own; run by the server it is a hosted tool.
 */

static int
ccp_responses_read_search(ccp_responses_reader_t *in, ccp_jval_t v,
    const char *where)
{
    int          client;
    ccp_tool_t  *t;

    client = ccp_json_is(ccp_json_get(v, "execution"), "client");

    t = ccp_responses_read_tool_new(in, client ? CCP_T_FUNCTION : CCP_T_HOSTED,
                                    v, ccp_none);
    if (t == NULL) {
        return CCP_NOMEM;
    }

    t->name = ccp_lit("tool_search");

    return client ? ccp_responses_read_tool_schema(in, t, v, where) : CCP_OK;
}


static int
ccp_responses_read_other_tool(ccp_responses_reader_t *in, ccp_jval_t v,
    ccp_str_t type)
{
    ccp_tool_t  *t;

    t = ccp_responses_read_tool_new(in, ccp_responses_find_builtin(type)
                                    ? CCP_T_BUILTIN
                                    : CCP_T_HOSTED,
                                    v, ccp_none);
    if (t == NULL) {
        return CCP_NOMEM;
    }

    t->name = ccp_str_starts(type, "web_search") ? ccp_lit("web_search")
                                                 : type;

    if (ccp_str_is(type, "mcp")) {
        t->space = ccp_json_gets(v, "server_label");
    }

    return CCP_OK;
}


static int
ccp_responses_read_tool(ccp_responses_reader_t *in, ccp_jval_t v,
    ccp_str_t space, const char *where)
{
    char        inner[CCP_RESPONSES_WHERE];
    ccp_str_t   type;
    ccp_jval_t  list;

    if (ccp_json_type(v) != CCP_J_OBJECT) {
        return ccp_responses_read_type_error(in, v, "an object", "%s", where);
    }

    type = ccp_json_gets(v, "type");

    if (type.n == 0) {
        return ccp_responses_read_type_error(in, ccp_json_get(v, "type"),
                                             "a string", "%s.type", where);
    }

    if (ccp_str_is(type, "function")) {
        return ccp_responses_read_function(in, v, space, where);
    }

    if (ccp_str_is(type, "custom")) {
        return ccp_responses_read_free_text(in, v, space, where);
    }

    if (ccp_str_is(type, "tool_search")) {
        return ccp_responses_read_search(in, v, where);
    }

    if (!ccp_str_is(type, "namespace")) {
        return ccp_responses_read_other_tool(in, v, type);
    }

    list = ccp_json_opt(v, "tools");
    space = ccp_json_gets(v, "name");

    if (space.n == 0) {
        return ccp_responses_read_type_error(in, ccp_json_get(v, "name"),
                                             "a non-empty string", "%s.name",
                                             where);
    }

    if (ccp_json_type(list) != CCP_J_ARRAY) {
        return ccp_responses_read_type_error(in, list, "an array", "%s.tools",
                                             where);
    }

    snprintf(inner, sizeof(inner), "%.64s.tools", where);

    return ccp_responses_read_tool_list(in, list, space, inner);
}


int
ccp_responses_read_tool_list(ccp_responses_reader_t *in, ccp_jval_t list,
    ccp_str_t space, const char *where)
{
    int          i, rc;
    char         at[CCP_RESPONSES_WHERE];
    ccp_jiter_t  it;

    for (i = 0, it = ccp_json_iter(list); ccp_json_next(&it); i++) {
        snprintf(at, sizeof(at), "%.80s[%d]", where, i);

        if (space.n
            && ccp_json_is(ccp_json_get(it.val, "type"), "namespace"))
        {
            return ccp_refuse(in->err, in->a, CCP_E_BAD_REQUEST,
                              "%s: a namespace holds no namespaces", at);
        }

        rc = ccp_responses_read_tool(in, it.val, space, at);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    return CCP_OK;
}
