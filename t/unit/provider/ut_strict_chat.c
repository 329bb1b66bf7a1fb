
/*
 * Strict upstreams of the Chat protocol.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ut_strict.h"


static int
ut_true(json_t *facts, const char *name)
{
    return json_is_true(json_object_get(facts, name));
}


static const char *
ut_str(json_t *obj, const char *name)
{
    const char  *s;

    s = json_string_value(json_object_get(obj, name));

    return s != NULL ? s : "";
}


/* Whether this request has the model think. */

static int
ut_chat_thinks(json_t *facts, json_t *body)
{
    json_t  *v;

    v = json_object_get(body, "thinking");
    if (v != NULL) {
        return strcmp(ut_str(v, "type"), "disabled") != 0;
    }

    v = json_object_get(body, "enable_thinking");
    if (v != NULL) {
        return json_is_true(v);
    }

    v = json_object_get(body, "reasoning_effort");
    if (v != NULL) {
        return strcmp(json_string_value(v), "none") != 0;
    }

    return ut_true(facts, "thinks");
}


/* ---- content ---- */

static int
ut_chat_image(json_t *facts, json_t *part)
{
    json_t      *v;
    const char  *kind, *url;

    kind = ut_fact(facts, "image");
    v = json_object_get(part, "image_url");

    if (strcmp(kind, "none") == 0) {
        return ut_wrong("unknown variant `image_url`, expected `text`");
    }

    if (json_is_string(v) != (strcmp(kind, "string") == 0)) {
        return ut_wrong("image_url is not of the form %s", kind);
    }

    url = json_is_string(v) ? json_string_value(v) : ut_str(v, "url");

    return strncmp(url, "data:image/", 11) == 0
           || (strcmp(kind, "data") != 0 && strncmp(url, "https:", 6) == 0)
           ? 1 : ut_wrong("image %.30s", url);
}


static int
ut_chat_document(json_t *facts, json_t *part)
{
    const char  *form, *type;

    form = ut_fact(facts, "document");
    type = ut_str(part, "type");

    if (strcmp(form, type) != 0) {
        return ut_wrong("a part of type %s", type);
    }

    if (strcmp(form, "file_url") == 0) {
        return strncmp(ut_str(json_object_get(part, "file_url"), "url"),
                       "data:", 5) != 0
               && *ut_str(part, "file_name")
               ? 1 : ut_wrong("file_url has a data URL or no file_name");
    }

    return 1;
}


static int
ut_chat_part(json_t *facts, json_t *part)
{
    const char  *type;

    type = ut_str(part, "type");

    if (json_object_get(part, "cache_control") != NULL
        && (!ut_true(facts, "cache_control") || strcmp(type, "text") != 0))
    {
        return ut_wrong("Extra inputs are not permitted: cache_control");
    }

    if (strcmp(type, "text") == 0) {
        return *ut_str(part, "text") ? 1 : ut_wrong("an empty text part");
    }

    if (strcmp(type, "image_url") == 0) {
        return ut_chat_image(facts, part);
    }

    if (strcmp(type, "input_audio") == 0) {
        return ut_true(facts, "audio") ? 1 : ut_wrong("audio");
    }

    return ut_chat_document(facts, part);
}


static int
ut_chat_content(json_t *facts, json_t *v, const char *role)
{
    size_t   i;
    json_t  *part;

    if (json_is_string(v)) {
        return strcmp(role, "user") != 0 || json_string_length(v) > 0
               ? 1 : ut_wrong("an empty message");
    }

    if (!json_is_array(v) || json_array_size(v) == 0) {
        return ut_wrong("content of %s is neither text nor parts", role);
    }

    json_array_foreach(v, i, part) {
        if (strcmp(ut_str(part, "type"), "thinking") == 0
            && strcmp(role, "assistant") == 0
            && ut_fact(facts, "replay") != NULL
            && strcmp(ut_fact(facts, "replay"), "content") == 0)
        {
            continue;
        }

        if (!ut_chat_part(facts, part)) {
            return 0;
        }
    }

    return 1;
}


/* ---- messages ---- */

static int
ut_chat_call(json_t *facts, json_t *call, int custom)
{
    json_t      *fn, *args;
    const char  *id;

    id = ut_str(call, "id");
    fn = json_object_get(call, "function");

    if (!ut_strict_matches(ut_fact(facts, "id") ? ut_fact(facts, "id")
                                                : "^.+$", id))
    {
        return ut_wrong("call id %s", id);
    }

    if (fn == NULL) {
        return custom && json_object_get(call, "custom")
               ? 1 : ut_wrong("a call of type %s", ut_str(call, "type"));
    }

    if (!ut_strict_matches("^[A-Za-z0-9_-]{1,64}$", ut_str(fn, "name"))) {
        return ut_wrong("name %s", ut_str(fn, "name"));
    }

    args = json_loads(ut_str(fn, "arguments"), 0, NULL);

    if (!json_is_object(args)) {
        json_decref(args);
        return ut_wrong("arguments are no text of an object");
    }

    json_decref(args);

    if (json_object_get(call, "extra_content") != NULL
        && strcmp(ut_fact(facts, "replay"), "extra_content") != 0)
    {
        return ut_wrong("extra_content");
    }

    return 1;
}


static int
ut_chat_assistant(json_t *facts, json_t *m, int thinks, json_t *open)
{
    char         fields[128];
    size_t       i;
    json_t      *content, *calls, *call;
    const char  *replay;

    calls = json_object_get(m, "tool_calls");
    content = json_object_get(m, "content");
    replay = ut_fact(facts, "replay");

    snprintf(fields, sizeof(fields), "role content tool_calls name %s",
             replay ? replay : "");

    if (!ut_strict_fields(m, fields, "an assistant's message")) {
        return 0;
    }

    if (ut_true(facts, "asst_string") ? !json_is_string(content)
        : json_is_null(content) ? calls == NULL
                                : !ut_chat_content(facts, content,
                                                   "assistant"))
    {
        return ut_wrong("the content of an assistant's message");
    }

    if (calls == NULL) {
        return json_is_string(content) && json_string_length(content) == 0
               ? ut_wrong("an empty assistant's message") : 1;
    }

    if (ut_true(facts, "replay_must") && thinks
        && *ut_str(m, replay) == '\0')
    {
        return ut_wrong("%s must be passed back", replay);
    }

    json_array_foreach(calls, i, call) {
        if (!ut_chat_call(facts, call, ut_true(facts, "custom"))) {
            return 0;
        }

        json_object_set_new(open, ut_str(call, "id"), json_true());
    }

    return json_array_size(calls) > 0 ? 1 : ut_wrong("tool_calls is empty");
}


static int
ut_chat_result(json_t *facts, json_t *m, json_t *open)
{
    const char  *id;

    id = ut_str(m, "tool_call_id");

    if (json_object_del(open, id) != 0) {
        return ut_wrong("a result of no call: %s", id);
    }

    if (!ut_strict_fields(m, ut_true(facts, "result_name")
                             ? "role tool_call_id content name"
                             : "role tool_call_id content", "a result")
        || !json_is_string(json_object_get(m, "content")))
    {
        return 0;
    }

    return !ut_true(facts, "result_name") || *ut_str(m, "name")
           ? 1 : ut_wrong("a result without the tool's name");
}


static int
ut_chat_order(json_t *facts, const char *role, const char *last, size_t i)
{
    if (!ut_word(ut_fact(facts, "roles"), role)) {
        return ut_wrong("role %s", role);
    }

    if (ut_true(facts, "system_first") && strcmp(role, "system") == 0 && i > 0)
    {
        return ut_wrong("a system message that is not the first");
    }

    if (ut_true(facts, "alternate") && strcmp(role, last) == 0) {
        return ut_wrong("two messages of %s", role);
    }

    if (ut_true(facts, "alternate") && strcmp(role, "assistant") == 0
        && strcmp(last, "user") != 0)
    {
        return ut_wrong("an assistant's message first");
    }

    if (ut_true(facts, "no_user_after_tool") && strcmp(last, "tool") == 0
        && (strcmp(role, "user") == 0 || strcmp(role, "system") == 0))
    {
        return ut_wrong("Unexpected role '%s' after role 'tool'", role);
    }

    return 1;
}


static int
ut_chat_messages(json_t *facts, json_t *body, json_t *open)
{
    int          thinks;
    size_t       i;
    json_t      *msgs, *m;
    const char  *role, *last;

    last = "";
    msgs = json_object_get(body, "messages");
    thinks = ut_chat_thinks(facts, body);

    json_array_foreach(msgs, i, m) {
        role = ut_str(m, "role");

        if (!ut_chat_order(facts, role, last, i)) {
            return 0;
        }

        if (strcmp(role, "tool") != 0 && json_object_size(open) > 0) {
            return ut_wrong("a call without its result");
        }

        if (json_object_get(m, "name") != NULL && strcmp(role, "tool") != 0
            && !ut_true(facts, "name"))
        {
            return ut_wrong("messages.name");
        }

        if (strcmp(role, "assistant") == 0
            ? !ut_chat_assistant(facts, m, thinks, open)
            : strcmp(role, "tool") == 0
              ? !ut_chat_result(facts, m, open)
              : !ut_chat_content(facts, json_object_get(m, "content"), role)
                || !ut_strict_fields(m, "role content name", role))
        {
            return 0;
        }

        last = role;
    }

    if (ut_true(facts, "alternate") && strcmp(last, "user") != 0) {
        return ut_wrong("the last message is not the user's");
    }

    return *last ? 1 : ut_wrong("no messages");
}


/* ---- tools ---- */

static int
ut_chat_tools(json_t *facts, json_t *tools)
{
    int          strict;
    size_t       i;
    json_t      *t, *fn;
    const char  *rule;

    strict = -1;
    rule = ut_fact(facts, "strict");

    if (tools != NULL && json_array_size(tools) == 0) {
        return ut_wrong("tools is empty");
    }

    if (tools != NULL && json_is_false(json_object_get(facts, "tools"))) {
        return ut_wrong("tools");
    }

    json_array_foreach(tools, i, t) {
        if (json_object_get(t, "cache_control") != NULL) {
            return ut_wrong("cache_control of a tool");
        }

        fn = json_object_get(t, "function");

        if (fn == NULL) {
            if (ut_true(facts, "custom") && json_object_get(t, "custom")) {
                continue;
            }

            return ut_wrong("a tool of type %s", ut_str(t, "type"));
        }

        if (!ut_strict_fields(fn, strcmp(rule, "none") == 0
                                  ? "name description parameters"
                                  : "name description parameters strict",
                              "a function")
            || !ut_strict_schema(json_object_get(fn, "parameters"),
                                 ut_fact(facts, "schema"), 1))
        {
            return 0;
        }

        if (!ut_strict_matches("^[A-Za-z0-9_-]{1,64}$", ut_str(fn, "name"))) {
            return ut_wrong("name %s", ut_str(fn, "name"));
        }

        if (strcmp(rule, "uniform") == 0 && i > 0
            && strict != ut_true(fn, "strict"))
        {
            return ut_wrong("tools that disagree on strict");
        }

        strict = ut_true(fn, "strict");
    }

    return 1;
}


static int
ut_chat_choice(json_t *facts, json_t *body)
{
    int          found;
    size_t       i;
    json_t      *v, *t;
    const char  *words, *name;

    v = json_object_get(body, "tool_choice");

    if (v == NULL) {
        return 1;
    }

    if (json_object_get(body, "tools") == NULL) {
        return ut_wrong("tool_choice without tools");
    }

    words = ut_fact(facts, "choice");

    if (ut_fact(facts, "choice_thinking") != NULL
        && ut_chat_thinks(facts, body))
    {
        words = ut_fact(facts, "choice_thinking");
    }

    if (json_is_string(v)) {
        return ut_word(words, json_string_value(v))
               ? 1 : ut_wrong("tool_choice %s", json_string_value(v));
    }

    name = ut_str(json_object_get(v, "function"), "name");
    found = 0;

    json_array_foreach(json_object_get(body, "tools"), i, t) {
        found |= strcmp(ut_str(json_object_get(t, "function"), "name"), name)
                 == 0;
    }

    return ut_word(words, "function") && found
           ? 1 : ut_wrong("tool_choice of function %s", name);
}


/* ---- parameters ---- */

static int
ut_chat_wish(json_t *facts, json_t *body)
{
    json_t      *v;
    const char  *type;

    v = json_object_get(body, "reasoning_effort");

    if (v != NULL && !ut_word(ut_fact(facts, "efforts"),
                              json_string_value(v)))
    {
        return ut_wrong("reasoning_effort %s", json_string_value(v));
    }

    type = ut_str(json_object_get(body, "thinking"), "type");

    if (*type && !ut_word(ut_fact(facts, "thinking"), type)) {
        return ut_wrong("thinking.type %s", type);
    }

    if (strcmp(type, "disabled") == 0 && v != NULL) {
        return ut_wrong("thinking type cannot be disabled when "
                        "reasoning_effort is set");
    }

    v = json_object_get(json_object_get(body, "reasoning"), "effort");

    if (v != NULL && !ut_word(ut_fact(facts, "reasoning_efforts"),
                              json_string_value(v)))
    {
        return ut_wrong("reasoning.effort %s", json_string_value(v));
    }

    if (ut_true(facts, "think_streams") && ut_chat_thinks(facts, body)
        && !json_is_true(json_object_get(body, "stream")))
    {
        return ut_wrong("parameter.enable_thinking must be set to false for "
                        "non-streaming calls");
    }

    return 1;
}


static int
ut_chat_format(json_t *facts, json_t *body)
{
    char        *text;
    json_t      *v;
    const char  *type;

    v = json_object_get(body, "response_format");

    if (v == NULL) {
        return 1;
    }

    type = ut_str(v, "type");

    if (!ut_word(ut_fact(facts, "formats"), type)) {
        return ut_wrong("response_format %s", type);
    }

    if (ut_true(facts, "format_alone")
        && json_object_get(body, "tools") != NULL)
    {
        return ut_wrong("tools with response_format");
    }

    if (strcmp(type, "json_object") == 0) {
        text = json_dumps(json_object_get(body, "messages"), 0);
        type = strstr(text, "JSON") ? "JSON" : strstr(text, "json");
        free(text);

        return type ? 1 : ut_wrong("the messages must mention JSON");
    }

    v = json_object_get(v, "json_schema");

    return *ut_str(v, "name")
           ? ut_strict_schema(json_object_get(v, "schema"),
                              ut_fact(facts, "schema"), 1)
           : ut_wrong("json_schema without name");
}


static int
ut_chat_params(json_t *facts, json_t *body)
{
    char         fields[1024];
    json_t      *v;
    const char  *key, *unsampled;

    snprintf(fields, sizeof(fields), "%s %s", ut_fact(facts, "fields"),
             ut_fact(facts, "limit"));

    if (!ut_strict_fields(body, fields, "the request")
        || !ut_strict_range("temperature",
                            json_object_get(body, "temperature"),
                            ut_fact(facts, "temperature")))
    {
        return 0;
    }

    v = json_object_get(body, "stop");

    if (v != NULL && (json_int_t) json_array_size(v)
                     > json_integer_value(json_object_get(facts, "stop")))
    {
        return ut_wrong("%d stops", (int) json_array_size(v));
    }

    unsampled = ut_fact(facts, "unsampled");

    json_object_foreach(body, key, v) {
        if (unsampled && ut_word(unsampled, key)
            && ut_chat_thinks(facts, body))
        {
            return ut_wrong("%s of a model that thinks", key);
        }
    }

    v = json_object_get(body, "stream_options");

    if (v != NULL && (!ut_true(facts, "stream_options")
                      || !json_is_true(json_object_get(body, "stream"))))
    {
        return ut_wrong("stream_options");
    }

    v = json_object_get(body, "user");

    return v == NULL || json_string_length(v) <= 64
           ? 1 : ut_wrong("user is too long");
}


int
ut_strict_chat(json_t *facts, json_t *body)
{
    int      ok;
    json_t  *open;

    open = json_object();

    ok = ut_chat_params(facts, body)
         && ut_chat_wish(facts, body)
         && ut_chat_messages(facts, body, open)
         && ut_chat_tools(facts, json_object_get(body, "tools"))
         && ut_chat_choice(facts, body)
         && ut_chat_format(facts, body);

    json_decref(open);

    return ok;
}
