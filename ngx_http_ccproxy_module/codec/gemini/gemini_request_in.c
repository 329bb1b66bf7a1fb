
/*
 * Gemini request in: everything but the contents.
 */

#include <stddef.h>
#include <stdio.h>

#include "codec/gemini/gemini_request.h"
#include "codec/gemini/gemini.h"
#include "codec/form/form_block.h"


#define ccp_gemini_read_off(f)  offsetof(ccp_request_t, f)
#define ccp_gemini_read_at(r, off, type)                                     \
    ((type *) (void *) ((uint8_t *) (r) + off))


typedef struct {
    const char  *name;
    size_t       off;
} ccp_gemini_member_t;

/* generationConfig, numbers that stay as they are spelled */

static const ccp_gemini_member_t  ccp_gemini_read_number_table[] = {
    { "temperature", ccp_gemini_read_off(temperature) },
    { "topP", ccp_gemini_read_off(top_p) },
    { "topK", ccp_gemini_read_off(top_k) },
    { "seed", ccp_gemini_read_off(seed) },
    { "presencePenalty", ccp_gemini_read_off(pres_pen) },
    { "frequencyPenalty", ccp_gemini_read_off(freq_pen) }
};

static const ccp_gemini_member_t  ccp_gemini_read_int_table[] = {
    { "maxOutputTokens", ccp_gemini_read_off(max_tokens) },
    { "candidateCount", ccp_gemini_read_off(n) },
    { "logprobs", ccp_gemini_read_off(top_logprobs) }
};


static const struct {
    const char    *word;
    ccp_effort_e   effort;
} ccp_gemini_level_words[] = {
    { "MINIMAL", CCP_EFFORT_MINIMAL },
    { "LOW", CCP_EFFORT_LOW },
    { "MEDIUM", CCP_EFFORT_MEDIUM },
    { "HIGH", CCP_EFFORT_HIGH }
};


/* functionCallingConfig.mode; the enumerator's number is the index. */

static const char *const  ccp_gemini_mode_words[] = {
    "MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"
};

enum { CCP_GEMINI_MODE_UNSPECIFIED, CCP_GEMINI_MODE_AUTO, CCP_GEMINI_MODE_ANY,
       CCP_GEMINI_MODE_NONE, CCP_GEMINI_MODE_VALIDATED };


/* Members of a Tool that are hosted tools, in their canonical spelling. */

static const char *const  ccp_gemini_read_hosted_names[] = {
    "googleSearch", "googleSearchRetrieval", "enterpriseWebSearch",
    "googleMaps", "urlContext", "codeExecution", "computerUse", "fileSearch",
    "mcpServers", "retrieval", "exaAiSearch", "parallelAiSearch"
};


static int
ccp_gemini_read_scalars(ccp_gemini_reader_t *in, ccp_jval_t config)
{
    char        at[64];
    size_t      i;
    int64_t     n;
    ccp_str_t   s;
    ccp_jval_t  v;

    for (i = 0; i < ccp_countof(ccp_gemini_read_number_table); i++) {
        v = ccp_gemini_get(config, ccp_gemini_read_number_table[i].name);

        if (!ccp_json_has(v)) {
            continue;
        }

        s = ccp_json_number(v);

        if (s.p == NULL) {
            snprintf(at, sizeof(at), "generationConfig.%s",
                     ccp_gemini_read_number_table[i].name);
            return ccp_gemini_read_type_error(in, v, "a number", at);
        }

        *ccp_gemini_read_at(in->r, ccp_gemini_read_number_table[i].off,
                            ccp_str_t) = s;
    }

    for (i = 0; i < ccp_countof(ccp_gemini_read_int_table); i++) {
        v = ccp_gemini_get(config, ccp_gemini_read_int_table[i].name);

        if (!ccp_json_has(v)) {
            continue;
        }

        n = ccp_json_int(v, CCP_UNSET_INT);

        if (n == CCP_UNSET_INT) {
            snprintf(at, sizeof(at), "generationConfig.%s",
                     ccp_gemini_read_int_table[i].name);
            return ccp_gemini_read_type_error(in, v, "an integer", at);
        }

        *ccp_gemini_read_at(in->r, ccp_gemini_read_int_table[i].off,
                            int64_t) = n;
    }

    in->r->logprobs = ccp_json_bool(ccp_gemini_get(config,
                                                   "responseLogprobs"), -1);

    return CCP_OK;
}


static int
ccp_gemini_read_stop(ccp_gemini_reader_t *in, ccp_jval_t config)
{
    ccp_jval_t   v;
    ccp_jiter_t  it;

    v = ccp_gemini_get(config, "stopSequences");

    if (ccp_json_has(v) && ccp_json_type(v) != CCP_J_ARRAY) {
        return ccp_gemini_read_type_error(in, v, "an array of strings",
                                          "generationConfig.stopSequences");
    }

    for (it = ccp_json_iter(v); ccp_json_next(&it); ) {
        if (ccp_json_type(it.val) != CCP_J_STRING) {
            return ccp_gemini_read_type_error(in, it.val, "a string",
                "generationConfig.stopSequences");
        }

        if (ccp_item_add(in->a, &in->r->stop, ccp_json_str(it.val))
            != CCP_OK)
        {
            return CCP_NOMEM;
        }
    }

    return CCP_OK;
}


static void
ccp_gemini_read_schema(ccp_gemini_reader_t *in, ccp_jval_t v,
    ccp_schema_e dialect)
{
    if (ccp_json_has(v)) {
        in->r->out.kind = CCP_F_SCHEMA;
        in->r->out.schema = ccp_json_raw(v);
        in->r->out.dialect = dialect;
    }
}


static void
ccp_gemini_read_format(ccp_gemini_reader_t *in, ccp_jval_t config)
{
    ccp_str_t          mime;
    ccp_jval_t         text;
    ccp_gemini_iter_t  it;

    mime = ccp_gemini_gets(config, "responseMimeType");

    /* the newer spelling: a list with one member for each kind of output */

    text = ccp_jabsent;

    for (it = ccp_gemini_list_iter(ccp_gemini_get(config, "responseFormat"));
         ccp_gemini_list_next(&it); )
    {
        if (!ccp_json_has(text)) {
            text = ccp_gemini_get(it.val, "text");
        }
    }

    if (mime.n == 0) {
        mime = ccp_gemini_gets(text, "mimeType");
    }

    if (ccp_str_is(mime, "application/json")) {
        in->r->out.kind = CCP_F_JSON;

    } else if (ccp_str_is(mime, "text/plain")) {
        in->r->out.kind = CCP_F_TEXT;
        return;
    }

    ccp_gemini_read_schema(in, ccp_gemini_get(text, "schema"),
                           CCP_SCHEMA_JSON);
    ccp_gemini_read_schema(in, ccp_gemini_get(config, "responseSchema"),
                           CCP_SCHEMA_GEMINI);
    ccp_gemini_read_schema(in, ccp_gemini_get(config, "responseJsonSchema"),
                           CCP_SCHEMA_JSON);
}


static int
ccp_gemini_read_think(ccp_gemini_reader_t *in, ccp_jval_t config)
{
    int           show;
    size_t        i;
    int64_t       budget;
    ccp_str_t     level;
    ccp_jval_t    v;
    ccp_think_t  *t;

    t = &in->r->think;
    v = ccp_gemini_get(config, "thinkingConfig");

    if (!ccp_json_has(v)) {
        return CCP_OK;
    }

    if (ccp_json_type(v) != CCP_J_OBJECT) {
        return ccp_gemini_read_type_error(in, v, "an object",
                                          "generationConfig.thinkingConfig");
    }

    show = ccp_json_bool(ccp_gemini_get(v, "includeThoughts"), -1);
    budget = ccp_json_int(ccp_gemini_get(v, "thinkingBudget"),
                          CCP_UNSET_INT);
    level = ccp_gemini_gets(v, "thinkingLevel");

    if (show >= 0) {
        t->display = show ? CCP_DISPLAY_SUMMARY : CCP_DISPLAY_OMIT;
        t->mode = show ? CCP_THINK_AUTO : t->mode;
    }

    for (i = 0; i < ccp_countof(ccp_gemini_level_words); i++) {
        if (ccp_gemini_is_word(level, ccp_gemini_level_words[i].word)) {
            t->effort = ccp_gemini_level_words[i].effort;
            t->mode = CCP_THINK_ON;
        }
    }

    if (budget != CCP_UNSET_INT) {
        if (t->effort != CCP_EFFORT_UNSET) {
            return ccp_refuse(in->err, in->a, CCP_E_BAD_REQUEST,
                              "generationConfig.thinkingConfig: only one "
                              "of thinkingBudget and thinkingLevel may be "
                              "set");
        }

        t->budget = budget;
        t->mode = budget < 0 ? CCP_THINK_AUTO
                             : budget ? CCP_THINK_ON : CCP_THINK_OFF;
    }

    return CCP_OK;
}


static int
ccp_gemini_read_config(ccp_gemini_reader_t *in)
{
    int         rc;
    ccp_jval_t  v;

    v = ccp_gemini_get(in->r->root, "generationConfig");

    if (!ccp_json_has(v)) {
        return CCP_OK;
    }

    if (ccp_json_type(v) != CCP_J_OBJECT) {
        return ccp_gemini_read_type_error(in, v, "an object",
                                          "generationConfig");
    }

    in->detail = ccp_gemini_read_detail(ccp_gemini_get(v, "mediaResolution"));

    rc = ccp_gemini_read_scalars(in, v);

    if (rc == CCP_OK) {
        rc = ccp_gemini_read_stop(in, v);
    }

    if (rc == CCP_OK) {
        ccp_gemini_read_format(in, v);
        rc = ccp_gemini_read_think(in, v);
    }

    return rc;
}


static ccp_tool_t *
ccp_gemini_read_tool_new(ccp_gemini_reader_t *in, ccp_tool_t ***tail,
    ccp_tool_e kind, ccp_jval_t raw)
{
    ccp_tool_t  *t;

    t = ccp_calloc(in->a, sizeof(ccp_tool_t));

    if (t) {
        t->kind = kind;
        t->strict = -1;
        t->origin = CCP_GEMINI;
        t->raw = ccp_json_raw(raw);
        **tail = t;
        *tail = &t->next;
    }

    return t;
}


static int
ccp_gemini_read_function(ccp_gemini_reader_t *in, ccp_tool_t ***tail,
    ccp_jval_t v)
{
    ccp_jval_t   schema;
    ccp_tool_t  *t;

    if (ccp_gemini_gets(v, "name").n == 0) {
        return ccp_gemini_read_type_error(in, ccp_gemini_get(v, "name"),
                                          "a non-empty string",
                                          "tools.functionDeclarations.name");
    }

    t = ccp_gemini_read_tool_new(in, tail, CCP_T_FUNCTION, v);
    if (t == NULL) {
        return CCP_NOMEM;
    }

    t->name = ccp_gemini_gets(v, "name");
    t->desc = ccp_gemini_gets(v, "description");

    schema = ccp_gemini_get(v, "parametersJsonSchema");

    if (!ccp_json_has(schema)) {
        schema = ccp_gemini_get(v, "parameters");
        t->dialect = CCP_SCHEMA_GEMINI;
    }

    if (ccp_json_has(schema)) {
        if (ccp_json_type(schema) != CCP_J_OBJECT) {
            return ccp_gemini_read_type_error(in, schema, "an object",
                                              "tools.functionDeclarations"
                                              ".parameters");
        }

        t->schema = ccp_json_raw(schema);
    }

    return CCP_OK;
}


static int
ccp_gemini_read_tool(ccp_gemini_reader_t *in, ccp_tool_t ***tail, ccp_jval_t v)
{
    int                 rc;
    size_t              i;
    ccp_tool_t         *t;
    ccp_jiter_t         it;
    ccp_gemini_iter_t   fn;

    for (it = ccp_json_iter(v); ccp_json_next(&it); ) {
        if (!ccp_json_has(it.val)) {
            continue;
        }

        if (ccp_gemini_is_named(it.key, "functionDeclarations")) {
            for (fn = ccp_gemini_list_iter(it.val);
                 ccp_gemini_list_next(&fn); )
            {
                rc = ccp_gemini_read_function(in, tail, fn.val);
                if (rc != CCP_OK) {
                    return rc;
                }
            }

            continue;
        }

        for (i = 0; i < ccp_countof(ccp_gemini_read_hosted_names); i++) {
            if (!ccp_gemini_is_named(it.key,
                                     ccp_gemini_read_hosted_names[i]))
            {
                continue;
            }

            t = ccp_gemini_read_tool_new(in, tail, CCP_T_HOSTED, it.val);
            if (t == NULL) {
                return CCP_NOMEM;
            }

            t->type = ccp_cstr(ccp_gemini_read_hosted_names[i]);
        }
    }

    return CCP_OK;
}


static int
ccp_gemini_read_tools(ccp_gemini_reader_t *in)
{
    int                 rc;
    ccp_jval_t          v;
    ccp_tool_t        **tail;
    ccp_gemini_iter_t   it;

    v = ccp_gemini_get(in->r->root, "tools");
    tail = &in->r->tools;
    rc = CCP_OK;

    if (ccp_json_has(v) && ccp_json_type(v) != CCP_J_ARRAY
        && ccp_json_type(v) != CCP_J_OBJECT)
    {
        return ccp_gemini_read_type_error(in, v, "an array", "tools");
    }

    for (it = ccp_gemini_list_iter(v);
         rc == CCP_OK && ccp_gemini_list_next(&it); )
    {
        rc = ccp_gemini_read_tool(in, &tail, it.val);
    }

    return rc;
}


static int
ccp_gemini_read_mode(ccp_gemini_reader_t *in)
{
    int          mode;
    ccp_jval_t   config, v;
    ccp_item_t  *names;
    ccp_jiter_t  it;

    config = ccp_gemini_get(ccp_gemini_get(in->r->root, "toolConfig"),
                            "functionCallingConfig");
    v = ccp_gemini_get(config, "mode");
    mode = (int) ccp_json_int(v, CCP_GEMINI_MODE_UNSPECIFIED);

    if (ccp_json_type(v) == CCP_J_STRING) {
        for (mode = CCP_GEMINI_MODE_VALIDATED; mode > 0; mode--) {
            if (ccp_gemini_is_word(ccp_json_str(v),
                                   ccp_gemini_mode_words[mode]))
            {
                break;
            }
        }
    }

    names = NULL;
    v = ccp_gemini_get(config, "allowedFunctionNames");

    for (it = ccp_json_iter(v); ccp_json_next(&it); ) {
        if (ccp_json_str(it.val).n
            && ccp_item_add(in->a, &names, ccp_json_str(it.val)) != CCP_OK)
        {
            return CCP_NOMEM;
        }
    }

    in->r->tool_choice.any = mode == CCP_GEMINI_MODE_ANY;

    switch (mode) {

    case CCP_GEMINI_MODE_NONE:
        in->r->tool_choice.mode = CCP_TC_NONE;
        return CCP_OK;

    case CCP_GEMINI_MODE_AUTO:
        in->r->tool_choice.mode = CCP_TC_AUTO;
        return CCP_OK;

    case CCP_GEMINI_MODE_ANY:
    case CCP_GEMINI_MODE_VALIDATED:
        break;

    default:
        return CCP_OK;
    }

    if (names == NULL) {
        in->r->tool_choice.mode = mode == CCP_GEMINI_MODE_ANY ? CCP_TC_ANY
                                                              : CCP_TC_AUTO;

    } else if (names->next == NULL && mode == CCP_GEMINI_MODE_ANY) {
        in->r->tool_choice.mode = CCP_TC_NAMED;
        in->r->tool_choice.name = names->s;

    } else {
        in->r->tool_choice.mode = CCP_TC_ALLOWED;
        in->r->tool_choice.allowed = names;
    }

    return CCP_OK;
}


static void
ccp_gemini_read_misc(ccp_gemini_reader_t *in)
{
    ccp_str_t       tier;
    ccp_jval_t      v;
    ccp_request_t  *r;

    static const char  prefix[] = "models/";

    r = in->r;
    v = ccp_gemini_get(r->root, "model");

    /* the path's model goes first */

    if (ccp_json_str(v).n && r->model.n == 0) {
        r->model = ccp_json_str(v);

        if (ccp_str_starts(r->model, prefix) && !r->model.esc) {
            r->model.p += sizeof(prefix) - 1;
            r->model.n -= sizeof(prefix) - 1;
        }
    }

    if (ccp_json_str(v).n) {
        r->model_val = v;
    }

    tier = ccp_gemini_gets(r->root, "serviceTier");

    if (ccp_gemini_is_word(tier, "STANDARD")) {
        r->tier = ccp_lit("default");

    } else if (ccp_gemini_is_word(tier, "FLEX")) {
        r->tier = ccp_lit("flex");

    } else if (ccp_gemini_is_word(tier, "PRIORITY")) {
        r->tier = ccp_lit("priority");
    }

    r->cache_resource = ccp_gemini_gets(r->root, "cachedContent");
    r->include_usage = 1;
}


static int
ccp_gemini_read_body(ccp_gemini_reader_t *in)
{
    int         rc;
    ccp_jval_t  v;

    rc = ccp_gemini_read_config(in);

    if (rc == CCP_OK) {
        rc = ccp_gemini_read_tools(in);
    }

    if (rc == CCP_OK) {
        rc = ccp_gemini_read_mode(in);
    }

    if (rc == CCP_OK) {
        rc = ccp_gemini_read_system(in, ccp_gemini_get(in->r->root,
                                                       "systemInstruction"));
    }

    if (rc != CCP_OK) {
        return rc;
    }

    v = ccp_gemini_get(in->r->root, "contents");

    if (ccp_json_count(v) == 0 || (ccp_json_type(v) != CCP_J_ARRAY
                                   && ccp_json_type(v) != CCP_J_OBJECT))
    {
        return ccp_gemini_read_type_error(in, v, "a non-empty array",
                                          "contents");
    }

    return ccp_gemini_read_contents(in, v);
}


int
ccp_gemini_read_request(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err)
{
    ccp_jval_t           v;
    ccp_gemini_reader_t  in;

    memset(&in, 0, sizeof(in));
    in.r = r;
    in.a = a;
    in.err = err;

    r->think.want_sig = 1;

    if (r->op == CCP_OP_COUNT) {
        /* what is counted may be a whole request */
        v = ccp_gemini_get(r->root, "generateContentRequest");
        r->root = ccp_json_has(v) ? v : r->root;
    }

    ccp_gemini_read_misc(&in);

    return r->op == CCP_OP_EMBED ? CCP_OK : ccp_gemini_read_body(&in);
}
