
/*
 * Strict upstreams: what all protocols have in common.
 */

#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ut_strict.h"


static char  ut_strict_text[1024];


int
ut_wrong(const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    vsnprintf(ut_strict_text, sizeof(ut_strict_text), fmt, args);
    va_end(args);

    return 0;
}


const char *
ut_strict_last(void)
{
    return ut_strict_text;
}


const char *
ut_fact(json_t *facts, const char *name)
{
    return json_string_value(json_object_get(facts, name));
}


int
ut_word(const char *list, const char *word)
{
    size_t       n;
    const char  *p;

    n = strlen(word);

    for (p = list; p != NULL && *p != '\0'; p += strcspn(p, " ")) {
        p += strspn(p, " ");

        if (n > 0 && strncmp(p, word, n) == 0
            && (p[n] == ' ' || p[n] == '\0'))
        {
            return 1;
        }
    }

    return 0;
}


int
ut_strict_matches(const char *pattern, const char *s)
{
    int      rc;
    regex_t  re;

    if (regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB) != 0) {
        return 0;
    }

    rc = regexec(&re, s, 0, NULL, 0);
    regfree(&re);

    return rc == 0;
}


/* "0 1.5", "(0 1": a number within, zero itself not with the parenthesis. */

int
ut_strict_range(const char *name, json_t *v, const char *range)
{
    int     open;
    double  lo, hi, n;

    if (v == NULL || range == NULL) {
        return 1;
    }

    open = *range == '(';

    if (!json_is_number(v) || sscanf(range + open, "%lf %lf", &lo, &hi) != 2) {
        return ut_wrong("%s is no number", name);
    }

    n = json_number_value(v);

    return n < lo || n > hi || (open && n == lo)
           ? ut_wrong("%s is %g, not in %s", name, n, range) : 1;
}


int
ut_strict_fields(json_t *obj, const char *allowed, const char *where)
{
    json_t      *v;
    const char  *key;

    json_object_foreach(obj, key, v) {
        if (!ut_word(allowed, key)) {
            return ut_wrong("%s has %s", where, key);
        }
    }

    return 1;
}


/* Keywords that are refused where a schema stands. */

static const struct {
    const char  *kind;
    const char  *words;
} ut_schema_refused[] = {
    { "gemini", "$schema $id $comment $defs $ref definitions const "
                "exclusiveMinimum exclusiveMaximum propertyNames oneOf allOf "
                "patternProperties additionalProperties uniqueItems not if "
                "then else default contains" },
    { "inline", "$defs $ref definitions" },
    { "mfjs", "$schema" },
    { NULL, NULL }
};


static int
ut_schema_type(json_t *s, const char *kind)
{
    json_t  *type;

    type = json_object_get(s, "type");

    if (kind == NULL) {
        return 1;
    }

    if (strcmp(kind, "gemini") == 0) {
        if (type != NULL && !json_is_string(type)) {
            return ut_wrong("a schema has a list of types");
        }

        if (type != NULL && strcasecmp(json_string_value(type), "array") == 0
            && json_object_get(s, "items") == NULL)
        {
            return ut_wrong("an array without items");
        }
    }

    if (strcmp(kind, "openai") == 0) {
        if (strstr(ut_fact(s, "pattern") ? ut_fact(s, "pattern") : "",
                   "\\p{"))
        {
            return ut_wrong("a pattern with \\p{}");
        }

        if (json_is_null(type) || json_is_null(json_object_get(s, "required")))
        {
            return ut_wrong("type or required is null");
        }

        if (type != NULL && json_is_string(type)
            && strcmp(json_string_value(type), "object") == 0
            && json_object_get(s, "properties") == NULL
            && json_object_get(s, "additionalProperties") == NULL)
        {
            return ut_wrong("an object without properties");
        }
    }

    if (strcmp(kind, "mfjs") == 0) {
        if (type != NULL && json_object_get(s, "anyOf") != NULL) {
            return ut_wrong("type beside anyOf");
        }

        if (json_is_array(json_object_get(s, "items"))) {
            return ut_wrong("items is a list");
        }
    }

    return 1;
}


int
ut_strict_schema(json_t *s, const char *kind, int root)
{
    size_t       i, k;
    json_t      *v, *m;
    const char  *key, *name;

    static const char *const  maps[] = { "properties", "$defs", "definitions",
                                         "patternProperties" };

    if (json_is_boolean(s) && !root) {
        return 1;
    }

    if (!json_is_object(s)) {
        return ut_wrong("a schema is no object");
    }

    v = json_object_get(s, "type");

    if (root && (!json_is_string(v)
                 || strcasecmp(json_string_value(v), "object") != 0))
    {
        return ut_wrong("the root of a schema is no object");
    }

    if (!ut_schema_type(s, kind)) {
        return 0;
    }

    json_object_foreach(s, key, v) {

        for (i = 0; kind && ut_schema_refused[i].kind; i++) {
            if (strcmp(kind, ut_schema_refused[i].kind) == 0
                && ut_word(ut_schema_refused[i].words, key))
            {
                return ut_wrong("a schema has %s", key);
            }
        }

        for (k = 0; k < 4; k++) {
            if (strcmp(key, maps[k]) == 0) {
                json_object_foreach(v, name, m) {
                    if (!ut_strict_schema(m, kind, 0)) {
                        return 0;
                    }
                }
            }
        }

        if (strcmp(key, "items") == 0 && !json_is_array(v)
            && !ut_strict_schema(v, kind, 0))
        {
            return 0;
        }

        if (strcmp(key, "anyOf") == 0 || strcmp(key, "oneOf") == 0
            || strcmp(key, "allOf") == 0)
        {
            json_array_foreach(v, i, m) {
                if (!ut_strict_schema(m, kind, 0)) {
                    return 0;
                }
            }
        }
    }

    return 1;
}


const char *
ut_strict(json_t *facts, const char *uri, const char *headers, json_t *body)
{
    int          ok;
    char         line[128];
    const char  *proto, *auth;

    proto = ut_fact(facts, "proto");
    auth = ut_fact(facts, "auth");
    ut_strict_text[0] = '\0';

    if (strncmp(uri, ut_fact(facts, "path"), strlen(ut_fact(facts, "path")))
        != 0)
    {
        (void) ut_wrong("path %s", uri);
        return ut_strict_text;
    }

    snprintf(line, sizeof(line), "%s sk-secret-key\r\n", auth);

    if (strstr(headers, line) == NULL
        || strstr(headers, "sk-secret-key")
           != strstr(headers, line) + strlen(auth) + 1)
    {
        (void) ut_wrong("credential: %s", headers);
        return ut_strict_text;
    }

    ok = strcmp(proto, "chat") == 0 ? ut_strict_chat(facts, body)
         : strcmp(proto, "anthropic") == 0 ? ut_strict_anthropic(facts, body)
         : strcmp(proto, "responses") == 0 ? ut_strict_responses(facts, body)
         : strcmp(proto, "gemini") == 0 ? ut_strict_gemini(facts, body)
                                        : ut_strict_ollama(facts, body);

    return ok ? NULL : ut_strict_text;
}
