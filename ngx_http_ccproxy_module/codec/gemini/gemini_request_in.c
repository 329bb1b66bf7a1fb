
/*
 * Gemini request in: everything but the contents.
 */

#include "codec/gemini/gemini_request.h"
#include "codec/gemini/gemini.h"
#include "codec/form/form_block.h"


/* Both spellings of a name on every level, one object for a list of one,
 * int64 as a string: as Google's own parser. */

static const ccp_in_style_t  ccp_gemini_read_style = {
    .words = &ccp_in_plain_words,
    .get = ccp_gemini_get,
    .is_named = ccp_gemini_is_named,
    .digits = 1,
    .single = 1
};


static const char *const  ccp_gemini_read_names[] = {
    "model", "contents", "systemInstruction", "tools", "toolConfig",
    "generationConfig", "safetySettings", "cachedContent", "serviceTier",
    "labels", NULL
};

static const char *const  ccp_gemini_read_config_names[] = {
    "temperature", "topP", "topK", "seed", "presencePenalty",
    "frequencyPenalty", "maxOutputTokens", "candidateCount", "stopSequences",
    "logprobs", "responseLogprobs", "responseMimeType", "responseSchema",
    "responseJsonSchema", "responseFormat", "responseModalities",
    "thinkingConfig", "mediaResolution", "speechConfig", NULL
};


static const ccp_member_t  ccp_gemini_read_table[] = {
    { "cachedContent", CCP_M_STRING, ccp_at(cache_resource) },
    { NULL, 0, 0 }
};

/* generationConfig */

static const ccp_member_t  ccp_gemini_read_config_table[] = {
    { "temperature", CCP_M_NUMBER, ccp_at(temperature) },
    { "topP", CCP_M_NUMBER, ccp_at(top_p) },
    { "topK", CCP_M_NUMBER, ccp_at(top_k) },
    { "seed", CCP_M_NUMBER, ccp_at(seed) },
    { "presencePenalty", CCP_M_NUMBER, ccp_at(pres_pen) },
    { "frequencyPenalty", CCP_M_NUMBER, ccp_at(freq_pen) },
    { "maxOutputTokens", CCP_M_INT, ccp_at(max_tokens) },
    { "candidateCount", CCP_M_INT, ccp_at(n) },
    { "logprobs", CCP_M_INT, ccp_at(top_logprobs) },
    { "responseLogprobs", CCP_M_BOOL, ccp_at(logprobs) },
    { NULL, 0, 0 }
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


static void
ccp_gemini_read_stop(ccp_gemini_reader_t *in, ccp_jval_t config)
{
    ccp_jval_t  v;

    v = ccp_gemini_get(config, "stopSequences");

    if (ccp_json_has(v) && ccp_json_type(v) != CCP_J_ARRAY) {
        ccp_in_wrong(&in->at, "stopSequences", v, "an array of strings");
        return;
    }

    ccp_in_items(&in->at, ccp_in_each(&in->at, v, "stopSequences"),
                 &in->r->stop, "a string");
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
    ccp_str_t      mime;
    ccp_jval_t     text;
    ccp_in_list_t  l;

    mime = ccp_in_str(&in->at, config, "responseMimeType");

    /* the newer spelling: a list with one member for each kind of output */

    text = ccp_jabsent;

    for (l = ccp_in_list(&in->at, config, "responseFormat");
         ccp_in_next(&l); )
    {
        if (!ccp_json_has(text)) {
            text = ccp_in_opt(&in->at, l.val, "text", CCP_M_OBJECT);
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
    ccp_gemini_read_schema(in, ccp_in_opt(&in->at, config, "responseSchema",
                                          CCP_M_OBJECT),
                           CCP_SCHEMA_GEMINI);
    ccp_gemini_read_schema(in, ccp_gemini_get(config, "responseJsonSchema"),
                           CCP_SCHEMA_JSON);
}


static void
ccp_gemini_read_think(ccp_gemini_reader_t *in, ccp_jval_t config)
{
    int           show;
    size_t        i;
    int64_t       budget;
    ccp_str_t     level;
    ccp_jval_t    v;
    ccp_think_t  *t;

    t = &in->r->think;
    v = ccp_in_opt(&in->at, config, "thinkingConfig", CCP_M_OBJECT);

    ccp_in_enter(&in->at, "thinkingConfig");
    show = ccp_json_bool(ccp_in_opt(&in->at, v, "includeThoughts",
                                    CCP_M_BOOL), -1);
    budget = ccp_json_int(ccp_in_opt(&in->at, v, "thinkingBudget", CCP_M_INT),
                          CCP_UNSET_INT);
    level = ccp_in_str(&in->at, v, "thinkingLevel");

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
            ccp_in_refuse(&in->at, "", "only one of thinkingBudget and "
                          "thinkingLevel may be set");
        }

        t->budget = budget;
        t->mode = budget < 0 ? CCP_THINK_AUTO
                             : budget ? CCP_THINK_ON : CCP_THINK_OFF;
    }

    ccp_in_leave(&in->at);
}


static void
ccp_gemini_read_config(ccp_gemini_reader_t *in)
{
    ccp_jval_t  v;

    v = ccp_in_opt(&in->at, in->r->root, "generationConfig", CCP_M_OBJECT);

    if (!ccp_json_has(v)) {
        return;
    }

    ccp_in_enter(&in->at, "generationConfig");
    ccp_in_distinct(&in->at, v, ccp_gemini_read_config_names);
    in->detail = ccp_gemini_read_detail(ccp_gemini_get(v, "mediaResolution"));
    ccp_in_members(&in->at, v, ccp_gemini_read_config_table, in->r);
    ccp_gemini_read_stop(in, v);
    ccp_gemini_read_format(in, v);
    ccp_gemini_read_think(in, v);
    ccp_in_leave(&in->at);
}


static void
ccp_gemini_read_function(ccp_gemini_reader_t *in, ccp_tool_t ***tail,
    ccp_jval_t v)
{
    ccp_tool_t  *t;

    if (!ccp_in_is_object(&in->at, v)) {
        return;
    }

    t = ccp_in_tool(&in->at, CCP_T_FUNCTION, CCP_GEMINI, v, tail);
    if (t == NULL) {
        return;
    }

    t->name = ccp_in_name(&in->at, v, "name");
    t->desc = ccp_in_str(&in->at, v, "description");
    t->schema = ccp_in_raw(&in->at, v, "parametersJsonSchema");

    if (t->schema.p == NULL) {
        t->schema = ccp_in_raw(&in->at, v, "parameters");
        t->dialect = CCP_SCHEMA_GEMINI;
    }
}


static void
ccp_gemini_read_tool(ccp_gemini_reader_t *in, ccp_tool_t ***tail, ccp_jval_t v)
{
    size_t          i;
    ccp_tool_t     *t;
    ccp_jiter_t     it;
    ccp_in_list_t   fn;

    if (!ccp_in_is_object(&in->at, v)) {
        return;
    }

    for (fn = ccp_in_list(&in->at, v, "functionDeclarations");
         ccp_in_next(&fn); )
    {
        ccp_gemini_read_function(in, tail, fn.val);
    }

    for (it = ccp_json_iter(v); ccp_json_next(&it); ) {
        for (i = 0; i < ccp_countof(ccp_gemini_read_hosted_names); i++) {
            if (!ccp_json_has(it.val)
                || !ccp_gemini_is_named(it.key,
                                        ccp_gemini_read_hosted_names[i]))
            {
                continue;
            }

            t = ccp_in_tool(&in->at, CCP_T_HOSTED, CCP_GEMINI, it.val, tail);

            if (t) {
                t->type = ccp_cstr(ccp_gemini_read_hosted_names[i]);
            }
        }
    }
}


static void
ccp_gemini_read_tools(ccp_gemini_reader_t *in)
{
    ccp_tool_t    **tail;
    ccp_in_list_t   l;

    tail = &in->r->tools;

    for (l = ccp_in_list(&in->at, in->r->root, "tools"); ccp_in_next(&l); ) {
        ccp_gemini_read_tool(in, &tail, l.val);
    }
}


/* An enumerator's word or its number. */

static int
ccp_gemini_read_mode(ccp_gemini_reader_t *in, ccp_jval_t config)
{
    int         mode;
    ccp_jval_t  v;

    v = ccp_gemini_get(config, "mode");

    if (ccp_json_type(v) == CCP_J_NUMBER) {
        return (int) ccp_json_int(v, CCP_GEMINI_MODE_UNSPECIFIED);
    }

    v = ccp_in_opt(&in->at, config, "mode", CCP_M_STRING);

    for (mode = CCP_GEMINI_MODE_VALIDATED; mode > 0; mode--) {
        if (ccp_gemini_is_word(ccp_json_str(v), ccp_gemini_mode_words[mode])) {
            break;
        }
    }

    return mode;
}


static void
ccp_gemini_read_tool_choice(ccp_gemini_reader_t *in)
{
    int             mode;
    ccp_jval_t      config;
    ccp_item_t     *names;
    ccp_request_t  *r;

    r = in->r;
    names = NULL;
    config = ccp_in_opt(&in->at, r->root, "toolConfig", CCP_M_OBJECT);

    ccp_in_enter(&in->at, "toolConfig");
    config = ccp_in_opt(&in->at, config, "functionCallingConfig",
                        CCP_M_OBJECT);

    ccp_in_enter(&in->at, "functionCallingConfig");
    mode = ccp_gemini_read_mode(in, config);
    ccp_in_items(&in->at, ccp_in_list(&in->at, config,
                                      "allowedFunctionNames"),
                 &names, "a string");
    ccp_in_leave(&in->at);
    ccp_in_leave(&in->at);

    r->tool_choice.any = mode == CCP_GEMINI_MODE_ANY;

    switch (mode) {

    case CCP_GEMINI_MODE_NONE:
        r->tool_choice.mode = CCP_TC_NONE;
        return;

    case CCP_GEMINI_MODE_AUTO:
        r->tool_choice.mode = CCP_TC_AUTO;
        return;

    case CCP_GEMINI_MODE_ANY:
    case CCP_GEMINI_MODE_VALIDATED:
        break;

    default:
        return;
    }

    if (names == NULL) {
        r->tool_choice.mode = mode == CCP_GEMINI_MODE_ANY ? CCP_TC_ANY
                                                          : CCP_TC_AUTO;

    } else if (names->next == NULL && mode == CCP_GEMINI_MODE_ANY) {
        r->tool_choice.mode = CCP_TC_NAMED;
        r->tool_choice.name = names->s;

    } else {
        r->tool_choice.mode = CCP_TC_ALLOWED;
        r->tool_choice.allowed = names;
    }
}


static void
ccp_gemini_read_misc(ccp_gemini_reader_t *in)
{
    ccp_str_t       tier;
    ccp_jval_t      v;
    ccp_request_t  *r;

    static const char  prefix[] = "models/";

    r = in->r;
    v = ccp_in_opt(&in->at, r->root, "model", CCP_M_STRING);

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

    tier = ccp_in_str(&in->at, r->root, "serviceTier");

    if (ccp_gemini_is_word(tier, "STANDARD")) {
        r->tier = ccp_lit("default");

    } else if (ccp_gemini_is_word(tier, "FLEX")) {
        r->tier = ccp_lit("flex");

    } else if (ccp_gemini_is_word(tier, "PRIORITY")) {
        r->tier = ccp_lit("priority");
    }

    ccp_in_members(&in->at, r->root, ccp_gemini_read_table, r);
    r->include_usage = 1;
}


int
ccp_gemini_read_request(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err)
{
    ccp_jval_t           v;
    ccp_gemini_reader_t  in;

    memset(&in, 0, sizeof(in));
    ccp_in_init(&in.at, &ccp_gemini_read_style, a, err);
    in.r = r;

    r->think.want_sig = 1;

    if (r->op == CCP_OP_COUNT) {
        /* what is counted may be a whole request */
        v = ccp_in_opt(&in.at, r->root, "generateContentRequest",
                       CCP_M_OBJECT);
        r->root = ccp_json_has(v) ? v : r->root;
    }

    ccp_in_distinct(&in.at, r->root, ccp_gemini_read_names);
    ccp_gemini_read_misc(&in);

    if (r->model.p != NULL && r->model.n == 0) {
        ccp_in_wrong(&in.at, "model", ccp_jabsent, "a non-empty string");
    }

    if (r->op != CCP_OP_EMBED) {
        ccp_gemini_read_config(&in);
        ccp_gemini_read_tools(&in);
        ccp_gemini_read_tool_choice(&in);
        ccp_gemini_read_system(&in);
        ccp_gemini_read_contents(&in);
    }

    return in.at.rc;
}
