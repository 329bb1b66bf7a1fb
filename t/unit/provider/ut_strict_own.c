
/*
 * Strict upstreams of the protocols of Anthropic, OpenAI's Responses, Gemini
 * and Ollama.
 */

#include <stdio.h>
#include <string.h>

#include "ut_strict.h"


static const char *
ut_str(json_t *obj, const char *name)
{
    const char  *s;

    s = json_string_value(json_object_get(obj, name));

    return s != NULL ? s : "";
}


static int64_t
ut_num(json_t *obj, const char *name)
{
    return json_integer_value(json_object_get(obj, name));
}


/* ---- Anthropic ---- */

static int  ut_an_marks;


static int
ut_an_block(json_t *facts, json_t *b, const char *role, json_t *open)
{
    size_t       i;
    json_t      *part;
    const char  *type;

    type = ut_str(b, "type");

    if (json_object_get(b, "cache_control") != NULL) {
        ut_an_marks++;

        if (json_is_false(json_object_get(facts, "cache_control"))) {
            return ut_wrong("cache_control");
        }
    }

    if (strcmp(type, "text") == 0) {
        return strspn(ut_str(b, "text"), " \n\t") < strlen(ut_str(b, "text"))
               ? 1 : ut_wrong("text content blocks must be non-empty");
    }

    if (strcmp(type, "image") == 0 || strcmp(type, "document") == 0) {
        return strcmp(ut_fact(facts, type), "none") != 0
               && strcmp(role, "user") == 0 ? 1 : ut_wrong("%s", type);
    }

    if (strcmp(type, "tool_use") == 0 && strcmp(role, "assistant") == 0) {
        json_object_set_new(open, ut_str(b, "id"), json_true());

        return json_is_object(json_object_get(b, "input"))
               && ut_strict_matches(ut_fact(facts, "id"), ut_str(b, "id"))
               && ut_strict_matches("^[A-Za-z0-9_-]{1,64}$",
                                    ut_str(b, "name"))
               ? 1 : ut_wrong("tool_use %s", ut_str(b, "id"));
    }

    if (strcmp(type, "tool_result") == 0 && strcmp(role, "user") == 0) {
        if (json_object_del(open, ut_str(b, "tool_use_id")) != 0) {
            return ut_wrong("unexpected tool_use_id");
        }

        if (json_is_string(json_object_get(b, "content"))) {
            return 1;
        }

        json_array_foreach(json_object_get(b, "content"), i, part) {
            if (!ut_an_block(facts, part, role, open)) {
                return 0;
            }
        }

        return 1;
    }

    /* the client's own, which it had from the provider */

    if (strcmp(type, "thinking") == 0 && strcmp(role, "assistant") == 0) {
        return *ut_str(b, "signature") ? 1 : ut_wrong("an unsigned thinking");
    }

    return ut_wrong("a block of type %s in the %s's turn", type, role);
}


static int
ut_an_messages(json_t *facts, json_t *body, json_t *open)
{
    int          rest;
    size_t       i, k;
    json_t      *m, *b, *content;
    const char  *role;

    json_array_foreach(json_object_get(body, "messages"), i, m) {
        role = ut_str(m, "role");
        content = json_object_get(m, "content");
        rest = 0;

        if (strcmp(role, "user") != 0 && strcmp(role, "assistant") != 0
            && !(strcmp(role, "system") == 0 && i > 0
                 && json_is_true(json_object_get(facts, "version"))))
        {
            return ut_wrong("role %s", role);
        }

        if (i == 0 && strcmp(role, "user") != 0) {
            return ut_wrong("the first message is not the user's");
        }

        if (json_is_string(content)) {
            if (json_string_length(content) == 0 || json_object_size(open)) {
                return ut_wrong("empty, or tool_use without tool_result");
            }

            continue;
        }

        json_array_foreach(content, k, b) {
            rest |= strcmp(ut_str(b, "type"), "tool_result") != 0;

            if (rest && strcmp(role, "user") == 0 && json_object_size(open)) {
                return ut_wrong("tool_use ids without tool_result first");
            }

            if (!ut_an_block(facts, b, role, open)) {
                return 0;
            }
        }

        if (strcmp(role, "user") == 0 && json_object_size(open)) {
            return ut_wrong("tool_use ids without tool_result");
        }
    }

    return i > 0 ? 1 : ut_wrong("no messages");
}


static int
ut_an_think(json_t *facts, json_t *body)
{
    int          on, forced;
    json_t      *v;
    const char  *type, *choice;

    v = json_object_get(body, "thinking");
    type = ut_str(v, "type");
    choice = ut_str(json_object_get(body, "tool_choice"), "type");
    forced = strcmp(choice, "any") == 0 || strcmp(choice, "tool") == 0;
    on = v != NULL ? strcmp(type, "disabled") != 0
                   : json_is_true(json_object_get(facts, "thinks"));

    if (v != NULL && !ut_word(ut_fact(facts, "thinking"), type)) {
        return ut_wrong("\"thinking.type.%s\" is not supported for this "
                        "model", type);
    }

    if (strcmp(type, "enabled") == 0
        && !json_is_true(json_object_get(facts, "no_budget"))
        && (ut_num(v, "budget_tokens") < 1024
            || ut_num(v, "budget_tokens") >= ut_num(body, "max_tokens")))
    {
        return ut_wrong("budget_tokens");
    }

    if (on && forced && !json_is_true(json_object_get(facts, "forced"))) {
        return ut_wrong("tool_choice %s while thinking", choice);
    }

    v = json_object_get(json_object_get(body, "output_config"), "effort");

    if (v != NULL && !ut_word(ut_fact(facts, "efforts"),
                              json_string_value(v)))
    {
        return ut_wrong("effort %s", json_string_value(v));
    }

    if (on && json_is_true(json_object_get(facts, "version"))
        && json_object_get(body, "temperature") != NULL
        && json_number_value(json_object_get(body, "temperature")) != 1)
    {
        return ut_wrong("temperature while thinking");
    }

    if (json_is_true(json_object_get(facts, "unsampled"))
        ? json_object_get(body, "temperature")
          || json_object_get(body, "top_p") || json_object_get(body, "top_k")
        : (json_object_get(body, "temperature")
           && json_object_get(body, "top_p"))
          || (on && json_is_true(json_object_get(facts, "version"))
              && json_object_get(body, "top_k")))
    {
        return ut_wrong("sampling");
    }

    return 1;
}


int
ut_strict_anthropic(json_t *facts, json_t *body)
{
    int      ok;
    size_t   i;
    json_t  *open, *t;

    ut_an_marks = 0;

    if (!ut_strict_fields(body, "model max_tokens messages system tools "
                          "tool_choice temperature top_p top_k stop_sequences "
                          "stream thinking output_config metadata "
                          "service_tier cache_control", "the request")
        || !ut_strict_range("temperature",
                            json_object_get(body, "temperature"),
                            ut_fact(facts, "temperature")))
    {
        return 0;
    }

    if (ut_num(body, "max_tokens") < 1
        || (ut_num(facts, "cap")
            && ut_num(body, "max_tokens") > ut_num(facts, "cap")))
    {
        return ut_wrong("max_tokens %d", (int) ut_num(body, "max_tokens"));
    }

    open = json_object();
    ok = ut_an_messages(facts, body, open) && ut_an_think(facts, body);
    json_decref(open);

    json_array_foreach(json_object_get(body, "system"), i, t) {
        ut_an_marks += json_object_get(t, "cache_control") != NULL;
    }

    json_array_foreach(json_object_get(body, "tools"), i, t) {
        ut_an_marks += json_object_get(t, "cache_control") != NULL;
        ok = ok && ut_strict_schema(json_object_get(t, "input_schema"),
                                    ut_fact(facts, "schema"), 1);

        if (!ut_strict_matches("^[A-Za-z0-9_-]{1,64}$", ut_str(t, "name"))) {
            return ut_wrong("name %s", ut_str(t, "name"));
        }
    }

    if (json_object_get(body, "tool_choice") != NULL
        && json_object_get(body, "tools") == NULL)
    {
        return ut_wrong("tool_choice without tools");
    }

    if (ok && ut_an_marks > (json_is_false(json_object_get(facts,
                                                          "cache_control"))
                             ? 0 : 4))
    {
        return ut_wrong("%d cache marks", ut_an_marks);
    }

    return ok;
}


/* ---- Responses ---- */

static int
ut_rs_items(json_t *body)
{
    size_t       i;
    json_t      *item, *open, *input;
    const char  *type, *id;

    input = json_object_get(body, "input");

    if (json_is_string(input)) {
        return 1;
    }

    open = json_object();

    json_array_foreach(input, i, item) {
        type = ut_str(item, "type");
        id = ut_str(item, "call_id");

        if (strcmp(type, "function_call") == 0
            || strcmp(type, "custom_tool_call") == 0)
        {
            json_object_set_new(open, id, json_true());

            if (!ut_strict_matches("^.{1,64}$", id)) {
                json_decref(open);
                return ut_wrong("call_id %s", id);
            }

        } else if (strcmp(type, "function_call_output") == 0
                   || strcmp(type, "custom_tool_call_output") == 0)
        {
            if (json_object_del(open, id) != 0) {
                json_decref(open);
                return ut_wrong("an output of no call: %s", id);
            }

        } else if (strcmp(type, "reasoning") == 0) {
            if (*ut_str(item, "encrypted_content") == '\0') {
                json_decref(open);
                return ut_wrong("reasoning without encrypted_content");
            }
        }
    }

    i = json_object_size(open);
    json_decref(open);

    return i == 0 ? 1 : ut_wrong("No tool output found for tool call");
}


int
ut_strict_responses(json_t *facts, json_t *body)
{
    int          on;
    size_t       i;
    json_t      *v, *t;
    const char  *key, *effort, *unsampled;

    effort = ut_str(json_object_get(body, "reasoning"), "effort");
    on = *effort ? strcmp(effort, "none") != 0
                 : json_is_true(json_object_get(facts, "thinks"));

    if (!ut_strict_fields(body, ut_fact(facts, "fields"), "the request")
        || !ut_rs_items(body)
        || !ut_strict_range("temperature",
                            json_object_get(body, "temperature"), "0 2"))
    {
        return 0;
    }

    v = json_object_get(body, "max_output_tokens");

    if (v != NULL && json_integer_value(v) < ut_num(facts, "least")) {
        return ut_wrong("max_output_tokens below %d",
                        (int) ut_num(facts, "least"));
    }

    if (*effort && !ut_word(ut_fact(facts, "efforts"), effort)) {
        return ut_wrong("reasoning.effort %s", effort);
    }

    unsampled = ut_fact(facts, "unsampled");

    json_object_foreach(body, key, v) {
        if (unsampled && on && ut_word(unsampled, key)) {
            return ut_wrong("%s of a model that thinks", key);
        }
    }

    json_array_foreach(json_object_get(body, "tools"), i, t) {
        if (strcmp(ut_str(t, "type"), "function") == 0
            && !ut_strict_schema(json_object_get(t, "parameters"),
                                 ut_fact(facts, "schema"), 1))
        {
            return 0;
        }
    }

    return json_object_get(body, "tool_choice") == NULL
           || json_object_get(body, "tools") != NULL
           ? 1 : ut_wrong("tool_choice without tools");
}


/* ---- Gemini ---- */

static int
ut_ge_contents(json_t *facts, json_t *body)
{
    size_t       i, k, calls, answers, turn;
    json_t      *c, *p;
    const char  *role;

    calls = 0;
    turn = 0;

    /* proofs are asked for since the user's last words */

    json_array_foreach(json_object_get(body, "contents"), i, c) {
        json_array_foreach(json_object_get(c, "parts"), k, p) {
            if (strcmp(ut_str(c, "role"), "user") == 0
                && json_object_get(p, "functionResponse") == NULL)
            {
                turn = i;
            }
        }
    }

    json_array_foreach(json_object_get(body, "contents"), i, c) {
        role = ut_str(c, "role");
        answers = 0;

        if (strcmp(role, "user") != 0 && strcmp(role, "model") != 0) {
            return ut_wrong("Please use a valid role: user, model.");
        }

        if (i == 0 && strcmp(role, "model") == 0) {
            return ut_wrong("the model's turn first");
        }

        json_array_foreach(json_object_get(c, "parts"), k, p) {
            answers += json_object_get(p, "functionResponse") != NULL;
        }

        if (answers != calls) {
            return ut_wrong("the number of function response parts");
        }

        calls = 0;

        json_array_foreach(json_object_get(c, "parts"), k, p) {
            if (json_object_get(p, "functionCall") == NULL) {
                continue;
            }

            if (calls++ == 0 && i > turn && ut_fact(facts, "levels")
                && *ut_str(p, "thoughtSignature") == '\0')
            {
                return ut_wrong("Function call is missing a "
                                "thought_signature");
            }

            if (!json_is_object(json_object_get(
                    json_object_get(p, "functionCall"), "args"))
                || !ut_strict_matches("^[A-Za-z_][A-Za-z0-9_.:-]{0,63}$",
                                      ut_str(json_object_get(p,
                                                 "functionCall"), "name")))
            {
                return ut_wrong("a functionCall");
            }
        }
    }

    return i > 0 ? 1 : ut_wrong("no contents");
}


static int
ut_ge_config(json_t *facts, json_t *g)
{
    int          lo, hi;
    json_t      *t, *v;

    if (!ut_strict_fields(g, "maxOutputTokens temperature topP topK "
                          "stopSequences seed presencePenalty "
                          "frequencyPenalty responseMimeType responseSchema "
                          "responseJsonSchema thinkingConfig "
                          "responseLogprobs logprobs candidateCount",
                          "generationConfig"))
    {
        return 0;
    }

    if ((json_int_t) json_array_size(json_object_get(g, "stopSequences"))
        > ut_num(facts, "stop"))
    {
        return ut_wrong("stopSequences");
    }

    v = json_object_get(g, "responseSchema");

    if (v != NULL && !ut_strict_schema(v, "gemini", 1)) {
        return 0;
    }

    t = json_object_get(g, "thinkingConfig");
    v = json_object_get(t, "thinkingBudget");

    if (v != NULL
        && (ut_fact(facts, "budget") == NULL
            || sscanf(ut_fact(facts, "budget"), "%d %d", &lo, &hi) != 2
            || (json_integer_value(v) != -1
                && (json_integer_value(v) < lo
                    || json_integer_value(v) > hi))))
    {
        return ut_wrong("thinkingBudget %d", (int) json_integer_value(v));
    }

    v = json_object_get(t, "thinkingLevel");

    return v == NULL || ut_word(ut_fact(facts, "levels"),
                                json_string_value(v))
           ? 1 : ut_wrong("thinkingLevel %s", json_string_value(v));
}


int
ut_strict_gemini(json_t *facts, json_t *body)
{
    size_t   i, k;
    json_t  *t, *f, *s;

    if (!ut_strict_fields(body, "contents systemInstruction tools toolConfig "
                          "generationConfig cachedContent safetySettings "
                          "labels serviceTier", "the request")
        || !ut_ge_contents(facts, body)
        || !ut_ge_config(facts, json_object_get(body, "generationConfig")))
    {
        return 0;
    }

    json_array_foreach(json_object_get(body, "tools"), i, t) {
        json_array_foreach(json_object_get(t, "functionDeclarations"), k, f) {
            s = json_object_get(f, "parameters");

            if (!ut_strict_fields(f, "name description parameters "
                                  "parametersJsonSchema", "a function")
                || (s != NULL && !ut_strict_schema(s, "gemini", 1)))
            {
                return 0;
            }

            if (!ut_strict_matches("^[A-Za-z_][A-Za-z0-9_.:-]{0,63}$",
                                   ut_str(f, "name")))
            {
                return ut_wrong("name %s", ut_str(f, "name"));
            }
        }
    }

    return json_object_get(body, "toolConfig") == NULL
           || json_object_get(body, "tools") != NULL
           ? 1 : ut_wrong("toolConfig without tools");
}


/* ---- Ollama ---- */

int
ut_strict_ollama(json_t *facts, json_t *body)
{
    size_t       i, k;
    json_t      *m, *c, *v;
    const char  *words;

    if (!ut_strict_fields(body, "model messages tools stream format options "
                          "think keep_alive logprobs top_logprobs",
                          "the request")
        || !ut_strict_fields(json_object_get(body, "options"), "temperature "
                             "top_p top_k min_p seed stop num_predict num_ctx "
                             "repeat_penalty presence_penalty "
                             "frequency_penalty", "options"))
    {
        return 0;
    }

    v = json_object_get(body, "think");
    words = ut_fact(facts, "think");

    if (v != NULL && !ut_word(words, json_is_string(v) ? json_string_value(v)
                                                       : "bool"))
    {
        return ut_wrong("think");
    }

    json_array_foreach(json_object_get(body, "messages"), i, m) {
        if (!ut_strict_fields(m, "role content images tool_calls thinking "
                              "tool_name tool_call_id", "a message")
            || !ut_word("system user assistant tool", ut_str(m, "role"))
            || !json_is_string(json_object_get(m, "content")))
        {
            return ut_wrong("a message of %s", ut_str(m, "role"));
        }

        json_array_foreach(json_object_get(m, "tool_calls"), k, c) {
            if (!json_is_object(json_object_get(json_object_get(c, "function"),
                                                "arguments")))
            {
                return ut_wrong("cannot unmarshal string into object");
            }
        }

        json_array_foreach(json_object_get(m, "images"), k, c) {
            if (!ut_strict_matches("^[A-Za-z0-9+/=]+$",
                                   json_string_value(c)))
            {
                return ut_wrong("an image is no base64");
            }
        }
    }

    return i > 0 ? 1 : ut_wrong("no messages");
}
