
/*
 * Ollama request in: everything but the messages.
 */

#include "codec/ollama/ollama_request.h"
#include <stdarg.h>
#include <stdio.h>
#include "codec/ollama/ollama.h"
#include "codec/form/form_block.h"


#define ccp_ollama_read_at(r, off)  ((ccp_str_t *) ((uint8_t *) (r) + (off)))


static const struct {
    const char    *word;
    ccp_effort_e   effort;
} ccp_ollama_level_words[] = {
    { "low", CCP_EFFORT_LOW },
    { "medium", CCP_EFFORT_MEDIUM },
    { "high", CCP_EFFORT_HIGH },
    { "max", CCP_EFFORT_MAX }
};

#define CCP_OLLAMA_NLEVELS  ccp_countof(ccp_ollama_level_words)


static int
ccp_ollama_read_flag(ccp_ollama_reader_t *in, const char *name, int *flag)
{
    ccp_jval_t  v;

    v = ccp_json_opt(in->r->root, name);

    if (!ccp_json_has(v)) {
        return CCP_OK;
    }

    if (ccp_json_bool(v, -1) < 0) {
        return ccp_ollama_read_type_error(in, v, "a boolean", "%s", name);
    }

    *flag = ccp_json_bool(v, 0);

    return CCP_OK;
}


static int
ccp_ollama_read_stop(ccp_ollama_reader_t *in, ccp_jval_t v)
{
    int          i;
    ccp_jiter_t  it;

    if (ccp_json_type(v) == CCP_J_STRING) {
        return ccp_json_str(v).n
               ? ccp_item_add(in->a, &in->r->stop, ccp_json_str(v)) : CCP_OK;
    }

    if (ccp_json_has(v) && ccp_json_type(v) != CCP_J_ARRAY) {
        return ccp_ollama_read_type_error(in, v, "an array of strings",
                                          "options.stop");
    }

    for (i = 0, it = ccp_json_iter(v); ccp_json_next(&it); i++) {
        if (ccp_json_type(it.val) != CCP_J_STRING) {
            return ccp_ollama_read_type_error(in, it.val, "a string",
                                              "options.stop[%d]", i);
        }

        if (ccp_json_str(it.val).n == 0) {
            continue;
        }

        if (ccp_item_add(in->a, &in->r->stop, ccp_json_str(it.val)) != CCP_OK)
        {
            return CCP_NOMEM;
        }
    }

    return CCP_OK;
}


static int
ccp_ollama_read_options(ccp_ollama_reader_t *in)
{
    int64_t                     n;
    ccp_jval_t                  v, options;
    const ccp_ollama_option_t  *o;

    options = ccp_json_opt(in->r->root, "options");

    if (ccp_json_has(options) && ccp_json_type(options) != CCP_J_OBJECT) {
        return ccp_ollama_read_type_error(in, options, "an object", "options");
    }

    for (o = ccp_ollama_option_table; o->name; o++) {
        v = ccp_json_opt(options, o->name);

        if (!ccp_json_has(v)) {
            continue;
        }

        if (ccp_json_type(v) != CCP_J_NUMBER) {
            return ccp_ollama_read_type_error(in, v, "a number", "options.%s",
                                              o->name);
        }

        *ccp_ollama_read_at(in->r, o->off) = ccp_json_number(v);
    }

    v = ccp_json_opt(options, "num_predict");

    if (ccp_json_has(v)) {
        n = ccp_json_int(v, CCP_UNSET_INT);

        if (ccp_json_type(v) != CCP_J_NUMBER || n == CCP_UNSET_INT) {
            return ccp_ollama_read_type_error(in, v, "an integer",
                                              "options.num_predict");
        }

        /* -1 and -2 stand for "no bound" */

        in->r->max_tokens = n > 0 ? n : CCP_UNSET_INT;
    }

    return ccp_ollama_read_stop(in, ccp_json_opt(options, "stop"));
}


static int
ccp_ollama_read_think(ccp_ollama_reader_t *in)
{
    size_t         i;
    ccp_jval_t     v;
    ccp_think_t   *think;

    v = ccp_json_opt(in->r->root, "think");
    think = &in->r->think;

    switch (ccp_json_type(v)) {

    case CCP_J_ABSENT:
        return CCP_OK;

    case CCP_J_TRUE:
        think->mode = CCP_THINK_AUTO;
        return CCP_OK;

    case CCP_J_FALSE:
        think->mode = CCP_THINK_OFF;
        return CCP_OK;

    default:
        break;
    }

    for (i = 0; i < CCP_OLLAMA_NLEVELS; i++) {
        if (ccp_json_is(v, ccp_ollama_level_words[i].word)) {
            think->mode = CCP_THINK_ON;
            think->effort = ccp_ollama_level_words[i].effort;
            return CCP_OK;
        }
    }

    return ccp_refuse(in->err, in->a, CCP_E_BAD_REQUEST,
                      "think: expected true, false, \"low\", \"medium\", "
                      "\"high\" or \"max\"");
}


static int
ccp_ollama_read_format(ccp_ollama_reader_t *in)
{
    ccp_jval_t  v;

    v = ccp_json_opt(in->r->root, "format");

    if (!ccp_json_has(v)
        || (ccp_json_type(v) == CCP_J_STRING && ccp_json_str(v).n == 0))
    {
        return CCP_OK;
    }

    if (ccp_json_is(v, "json")) {
        in->r->out.kind = CCP_F_JSON;
        return CCP_OK;
    }

    if (ccp_json_type(v) != CCP_J_OBJECT) {
        return ccp_refuse(in->err, in->a, CCP_E_BAD_REQUEST,
                          "format: expected \"json\" or a JSON schema");
    }

    in->r->out.kind = CCP_F_SCHEMA;
    in->r->out.schema = ccp_json_raw(v);

    return CCP_OK;
}


static int
ccp_ollama_read_tool(ccp_ollama_reader_t *in, ccp_jval_t raw, int i,
    ccp_tool_t ***tail)
{
    ccp_jval_t   fn, v;
    ccp_tool_t  *t;

    fn = ccp_json_get(raw, "function");

    if (ccp_json_type(fn) != CCP_J_OBJECT) {
        return ccp_ollama_read_type_error(in, fn, "an object",
                                          "tools[%d].function", i);
    }

    v = ccp_json_get(fn, "name");

    if (ccp_json_str(v).n == 0) {
        return ccp_ollama_read_type_error(in, v, "a non-empty string",
                                          "tools[%d].function.name", i);
    }

    t = ccp_calloc(in->a, sizeof(ccp_tool_t));
    if (t == NULL) {
        return CCP_NOMEM;
    }

    t->kind = CCP_T_FUNCTION;
    t->strict = -1;
    t->origin = CCP_OLLAMA;
    t->raw = ccp_json_raw(raw);
    t->name = ccp_json_str(v);
    t->desc = ccp_json_gets(fn, "description");

    v = ccp_json_opt(fn, "parameters");

    if (ccp_json_has(v)) {
        if (ccp_json_type(v) != CCP_J_OBJECT) {
            return ccp_ollama_read_type_error(in, v, "an object",
                                              "tools[%d].function.parameters",
                                              i);
        }

        t->schema = ccp_json_raw(v);
    }

    **tail = t;
    *tail = &t->next;

    return CCP_OK;
}


static int
ccp_ollama_read_tools(ccp_ollama_reader_t *in)
{
    int           i, rc;
    ccp_jval_t    v;
    ccp_jiter_t   it;
    ccp_tool_t  **tail;

    v = ccp_json_opt(in->r->root, "tools");
    tail = &in->r->tools;

    if (ccp_json_has(v) && ccp_json_type(v) != CCP_J_ARRAY) {
        return ccp_ollama_read_type_error(in, v, "an array", "tools");
    }

    for (i = 0, it = ccp_json_iter(v); ccp_json_next(&it); i++) {
        rc = ccp_ollama_read_tool(in, it.val, i, &tail);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    return CCP_OK;
}


/* What /api/chat and /api/generate have in common. */

static int
ccp_ollama_read_common(ccp_ollama_reader_t *in)
{
    int         rc;
    ccp_jval_t  v;

    in->r->stream = 1;
    rc = ccp_ollama_read_flag(in, "stream", &in->r->stream);

    if (rc == CCP_OK) {
        rc = ccp_ollama_read_flag(in, "logprobs", &in->r->logprobs);
    }

    if (rc != CCP_OK) {
        return rc;
    }

    v = ccp_json_opt(in->r->root, "top_logprobs");

    if (ccp_json_has(v)) {
        in->r->top_logprobs = ccp_json_int(v, CCP_UNSET_INT);

        if (ccp_json_type(v) != CCP_J_NUMBER
            || in->r->top_logprobs == CCP_UNSET_INT)
        {
            return ccp_ollama_read_type_error(in, v, "an integer",
                                              "top_logprobs");
        }
    }

    rc = ccp_ollama_read_options(in);

    if (rc == CCP_OK) {
        rc = ccp_ollama_read_think(in);
    }

    return rc == CCP_OK ? ccp_ollama_read_format(in) : rc;
}


int
ccp_ollama_read_request(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err)
{
    int                  rc;
    ccp_ollama_reader_t  in;

    memset(&in, 0, sizeof(ccp_ollama_reader_t));
    in.r = r;
    in.a = a;
    in.err = err;
    in.system = &r->system;
    in.msgs = &r->msgs;

    r->model_val = ccp_json_get(r->root, "model");
    r->model = ccp_ollama_untag(ccp_json_str(r->model_val));

    if (r->model.n == 0) {
        return ccp_ollama_read_type_error(&in, r->model_val,
                                          "a non-empty string", "model");
    }

    rc = ccp_ollama_read_common(&in);

    if (rc != CCP_OK) {
        return rc;
    }

    if (r->generate) {
        return ccp_ollama_read_prompt(&in);
    }

    rc = ccp_ollama_read_tools(&in);

    return rc == CCP_OK ? ccp_ollama_read_messages(&in) : rc;
}
