
/*
 * Strict upstreams of providers: whether one would take a request, by facts
 * that are stated apart from the code's own table (t/presets/facts.json, with
 * the sections of the providers' field reference they are from).
 */

#ifndef UT_STRICT_H
#define UT_STRICT_H

#include <jansson.h>

/*
 * What the provider would refuse in this request, a text that is valid until
 * the next call; NULL: nothing.  uri is below the API root.
 */
const char *ut_strict(json_t *facts, const char *uri, const char *headers,
    json_t *body);

/* What ut_wrong() said last. */
const char *ut_strict_last(void);

/* A member of facts as text or number; def where it has none. */
const char *ut_fact(json_t *facts, const char *name);
/* Whether the word is one of a list by blanks; NULL is an empty list. */
int ut_word(const char *list, const char *word);

/* Parts of it (ut_strict_chat.c, ut_strict_own.c): 0 if something is wrong,
 * said by ut_wrong(). */
int ut_wrong(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int ut_strict_chat(json_t *facts, json_t *body);
int ut_strict_anthropic(json_t *facts, json_t *body);
int ut_strict_responses(json_t *facts, json_t *body);
int ut_strict_gemini(json_t *facts, json_t *body);
int ut_strict_ollama(json_t *facts, json_t *body);

/* The same for parts that several protocols have. */
int ut_strict_matches(const char *pattern, const char *s);
int ut_strict_range(const char *name, json_t *v, const char *range);
int ut_strict_schema(json_t *schema, const char *kind, int root);
int ut_strict_fields(json_t *obj, const char *allowed, const char *where);

#endif /* UT_STRICT_H */
