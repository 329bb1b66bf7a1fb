
/*
 * Ollama request in: everything but the messages.
 */

#include "codec/ollama/ollama_request.h"
#include "codec/ollama/ollama.h"
#include "codec/form/form_block.h"


static const ccp_word_t  ccp_ollama_level_words[] = {
    { "low", CCP_EFFORT_LOW },
    { "medium", CCP_EFFORT_MEDIUM },
    { "high", CCP_EFFORT_HIGH },
    { "max", CCP_EFFORT_MAX },
    { NULL, 0 }
};


static const char *const  ccp_ollama_read_names[] = {
    "model", "messages", "prompt", "system", "template", "options", "stream",
    "think", "format", "tools", "images", "suffix", "raw", "context",
    "keep_alive", "logprobs", "top_logprobs", NULL
};


/* What /api/chat and /api/generate have in common. */

static const ccp_member_t  ccp_ollama_read_table[] = {
    { "stream", CCP_M_BOOL, ccp_at(stream) },
    { "logprobs", CCP_M_BOOL, ccp_at(logprobs) },
    { "top_logprobs", CCP_M_INT, ccp_at(top_logprobs) },
    { NULL, 0, 0 }
};

static const ccp_member_t  ccp_ollama_read_limit_table[] = {
    { "num_predict", CCP_M_INT, ccp_at(max_tokens) },
    { NULL, 0, 0 }
};


static void
ccp_ollama_read_stop(ccp_ollama_reader_t *in, ccp_jval_t v)
{
    ccp_in_list_t  l;

    if (ccp_json_type(v) == CCP_J_STRING) {
        if (ccp_json_str(v).n) {
            ccp_in_item(&in->at, &in->r->stop, ccp_json_str(v));
        }

        return;
    }

    if (ccp_json_has(v) && ccp_json_type(v) != CCP_J_ARRAY) {
        ccp_in_wrong(&in->at, "stop", v, "an array of strings");
        return;
    }

    for (l = ccp_in_each(&in->at, v, "stop"); ccp_in_next(&l); ) {
        if (ccp_json_type(l.val) != CCP_J_STRING) {
            ccp_in_wrong(&in->at, "", l.val, "a string");

        } else if (ccp_json_str(l.val).n) {
            ccp_in_item(&in->at, &in->r->stop, ccp_json_str(l.val));
        }
    }
}


static void
ccp_ollama_read_options(ccp_ollama_reader_t *in)
{
    ccp_jval_t      options;
    ccp_request_t  *r;

    r = in->r;
    options = ccp_in_opt(&in->at, r->root, "options", CCP_M_OBJECT);

    ccp_in_enter(&in->at, "options");
    ccp_in_members(&in->at, options, ccp_ollama_option_table, r);
    ccp_in_members(&in->at, options, ccp_ollama_read_limit_table, r);
    ccp_ollama_read_stop(in, ccp_json_opt(options, "stop"));
    ccp_in_leave(&in->at);

    if (r->max_tokens <= 0) {
        /* -1 and -2 stand for "no bound" */
        r->max_tokens = CCP_UNSET_INT;
    }
}


static void
ccp_ollama_read_think(ccp_ollama_reader_t *in)
{
    ccp_jval_t    v;
    ccp_think_t  *think;

    v = ccp_json_opt(in->r->root, "think");
    think = &in->r->think;

    switch (ccp_json_type(v)) {

    case CCP_J_ABSENT:
        return;

    case CCP_J_TRUE:
        think->mode = CCP_THINK_AUTO;
        return;

    case CCP_J_FALSE:
        think->mode = CCP_THINK_OFF;
        return;

    default:
        think->mode = CCP_THINK_ON;
        think->effort = ccp_word_find(ccp_ollama_level_words, ccp_json_str(v),
                                      CCP_EFFORT_UNSET);
    }

    if (think->effort == CCP_EFFORT_UNSET) {
        ccp_in_refuse(&in->at, "think", "expected true, false, \"low\", "
                      "\"medium\", \"high\" or \"max\"");
    }
}


static void
ccp_ollama_read_format(ccp_ollama_reader_t *in)
{
    ccp_jval_t  v;

    v = ccp_json_opt(in->r->root, "format");

    if (!ccp_json_has(v)
        || (ccp_json_type(v) == CCP_J_STRING && ccp_json_str(v).n == 0))
    {
        return;
    }

    if (ccp_json_is(v, "json")) {
        in->r->out.kind = CCP_F_JSON;

    } else if (ccp_json_type(v) == CCP_J_OBJECT) {
        in->r->out.kind = CCP_F_SCHEMA;
        in->r->out.schema = ccp_json_raw(v);

    } else {
        ccp_in_refuse(&in->at, "format",
                      "expected \"json\" or a JSON schema");
    }
}


static void
ccp_ollama_read_tools(ccp_ollama_reader_t *in)
{
    ccp_jval_t      fn;
    ccp_tool_t     *t, **tail;
    ccp_in_list_t   l;

    tail = &in->r->tools;

    for (l = ccp_in_list(&in->at, in->r->root, "tools"); ccp_in_next(&l); ) {
        fn = ccp_in_need(&in->at, l.val, "function", CCP_M_OBJECT);

        t = ccp_in_tool(&in->at, CCP_T_FUNCTION, CCP_OLLAMA, l.val, &tail);
        if (t == NULL) {
            return;
        }

        ccp_in_enter(&in->at, "function");
        t->name = ccp_in_name(&in->at, fn, "name");
        t->desc = ccp_json_gets(fn, "description");
        t->schema = ccp_in_raw(&in->at, fn, "parameters");
        ccp_in_leave(&in->at);
    }
}


int
ccp_ollama_read_request(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err)
{
    ccp_ollama_reader_t  in;

    ccp_in_init(&in.at, &ccp_in_plain_style, a, err);
    in.r = r;
    in.system = &r->system;
    in.msgs = &r->msgs;
    in.results = NULL;

    ccp_in_distinct(&in.at, r->root, ccp_ollama_read_names);

    r->stream = 1;
    r->model_val = ccp_in_need(&in.at, r->root, "model", CCP_M_NAME);
    r->model = ccp_ollama_untag(ccp_json_str(r->model_val));

    if (r->model.n == 0) {
        ccp_in_wrong(&in.at, "model", r->model_val, "a non-empty string");
    }

    ccp_in_members(&in.at, r->root, ccp_ollama_read_table, r);
    ccp_ollama_read_options(&in);
    ccp_ollama_read_think(&in);
    ccp_ollama_read_format(&in);

    if (r->generate) {
        ccp_ollama_read_prompt(&in);

    } else {
        ccp_ollama_read_tools(&in);
        ccp_ollama_read_messages(&in);
    }

    return in.at.rc;
}
