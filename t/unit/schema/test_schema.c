
/*
 * Schemas for each target (T42, T43), strict mode, and every tool schema in
 * the recordings through all of them.
 */

#include "ut.h"
#include "codec/json/json_read.h"
#include "codec/form/form_request.h"
#include "codec/schema/schema.h"

#include <jansson.h>


/* Without a document, as arguments' where it says so. */
static ccp_str_t
fit(ccp_arena_t *a, ccp_str_t schema, ccp_schema_e from,
    ccp_schemas_e to)
{
    return ccp_schema_of(a, NULL, schema, from, to, CCP_SCHEMA_ANY);
}


static void
same(ccp_arena_t *a, const char *what, const char *in, ccp_schema_e from,
    ccp_schemas_e to, const char *out)
{
    int        ok;
    char      *got;
    ccp_str_t  s;

    s = fit(a, ccp_cstr(in), from, to);
    ok = s.p != NULL && ut_json_same(s, ccp_cstr(out));
    UT_CHECK(ok, "%s", what);

    if (!ok) {
        got = ut_cstr(s);
        printf("# got %s\n", got);
        free(got);
    }
}


static void
test_tidy(void)
{
    char         *got;
    ccp_str_t     s, in;
    ccp_arena_t  *a;

    a = ut_arena();

    s = fit(a, ccp_none, CCP_SCHEMA_JSON, CCP_SCHEMA_FULL);
    UT_CHECK(ut_str_is(s, "{\"type\":\"object\",\"properties\":{}}"),
             "T43: no schema at all");

    in = ccp_lit("{ \"type\":\"object\", \"properties\":{\"a\":{\"type\":"
                 "\"number\",\"maximum\":1.50e2}} }");
    s = fit(a, in, CCP_SCHEMA_JSON, CCP_SCHEMA_TIDY);
    UT_CHECK(s.p == in.p && s.n == in.n, "T24: what is fit keeps its bytes");

    same(a, "T43: no properties", "{\"type\":\"object\"}", CCP_SCHEMA_JSON,
         CCP_SCHEMA_FULL, "{\"type\":\"object\",\"properties\":{}}");
    same(a, "T43: none deeper down",
         "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"object\"}}}",
         CCP_SCHEMA_JSON, CCP_SCHEMA_TIDY,
         "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"object\","
         "\"properties\":{}}}}");
    same(a, "T43: null members, but no null values",
         "{\"type\":\"object\",\"properties\":{\"required\":{\"type\":null,"
         "\"default\":null,\"enum\":[null,1]}},\"required\":null}",
         CCP_SCHEMA_JSON, CCP_SCHEMA_FULL,
         "{\"type\":\"object\",\"properties\":{\"required\":{"
         "\"default\":null,\"enum\":[null,1]}}}");
    same(a, "T43: patterns that RE2 refuses",
         "{\"type\":\"object\",\"properties\":{\"a\":{\"pattern\":"
         "\"^\\\\p{L}+$\"},\"b\":{\"pattern\":\"^(?!x)\"},\"c\":{\"pattern\":"
         "\"^\\\\d+$\"},\"pattern\":{\"type\":\"string\"}}}",
         CCP_SCHEMA_JSON, CCP_SCHEMA_TIDY,
         "{\"type\":\"object\",\"properties\":{\"a\":{},\"b\":{},\"c\":{"
         "\"pattern\":\"^\\\\d+$\"},\"pattern\":{\"type\":\"string\"}}}");
    same(a, "$schema, $id and $comment, but not properties of that name",
         "{\"$schema\":\"x\",\"$id\":\"y\",\"type\":\"object\",\"properties\":"
         "{\"$id\":{\"$comment\":\"z\",\"type\":\"string\"}}}",
         CCP_SCHEMA_JSON, CCP_SCHEMA_TIDY,
         "{\"type\":\"object\",\"properties\":{\"$id\":{\"type\":"
         "\"string\"}}}");
    same(a, "Gemini's types, nullable and counts",
         "{\"type\":\"OBJECT\",\"properties\":{\"a\":{\"type\":\"ARRAY\","
         "\"minItems\":\"2\",\"items\":{\"type\":\"STRING\",\"format\":"
         "\"enum\",\"enum\":[\"x\"],\"nullable\":true}}},"
         "\"propertyOrdering\":[\"a\"]}",
         CCP_SCHEMA_GEMINI, CCP_SCHEMA_FULL,
         "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"array\","
         "\"minItems\":2,\"items\":{\"type\":[\"string\",\"null\"],\"enum\":"
         "[\"x\",null]}}}}");
    same(a, "no object at all", "[1]", CCP_SCHEMA_JSON, CCP_SCHEMA_FULL,
         "{\"type\":\"object\",\"properties\":{}}");
    same(a, "MFJS: positions and alternatives",
         "{\"type\":\"object\",\"$schema\":\"x\",\"properties\":{\"a\":"
         "{\"type\":\"array\",\"items\":[{\"type\":\"string\"}]},\"b\":"
         "{\"type\":\"string\",\"anyOf\":[{\"minLength\":1},{\"enum\":"
         "[\"\"]}]}}}",
         CCP_SCHEMA_JSON, CCP_SCHEMA_MFJS,
         "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"array\","
         "\"prefixItems\":[{\"type\":\"string\"}]},\"b\":{\"anyOf\":"
         "[{\"minLength\":1,\"type\":\"string\"},{\"enum\":[\"\"],\"type\":"
         "\"string\"}]}}}");
    same(a, "references inlined",
         "{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#/$defs/A\","
         "\"description\":\"d\"}},\"$defs\":{\"A\":{\"type\":\"object\","
         "\"properties\":{\"n\":{\"$ref\":\"#/$defs/A\"}}}}}",
         CCP_SCHEMA_JSON, CCP_SCHEMA_INLINE,
         "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"object\","
         "\"description\":\"d\",\"properties\":{\"n\":{\"type\":\"object\","
         "\"properties\":{}}}}}}");

    s = fit(a, ccp_lit("{\"type\":\"OBJECT\",\"properties\":{\"z\":"
                       "{\"maximum\":0.1},\"a\":{\"maximum\":"
                       "18446744073709551615}}}"),
            CCP_SCHEMA_JSON, CCP_SCHEMA_FULL);
    got = ut_cstr(s);
    UT_CHECK(strstr(got, "{\"type\":\"object\",\"properties\":{\"z\":"
                         "{\"maximum\":0.1},\"a\":{\"maximum\":"
                         "1.8446744073709") == got,
             "T24: order and numbers survive a document");
    free(got);

    ccp_arena_destroy(a);
}


/* T24: what stays keeps every byte, with the changes made around it. */
static void
test_bytes(void)
{
    size_t        i;
    ccp_str_t     s, in;
    ccp_arena_t  *a;
    ccp_json_t    doc;

    static const struct {
        const char     *what;
        ccp_schemas_e   to;
        const char     *in;
        const char     *out;
    } rows[] = {
        { "first member", CCP_SCHEMA_TIDY,
          "{ \"$schema\" : \"x\" , \"type\" : \"object\",\n"
          " \"properties\" : {\"a\":{\"maximum\": 1.50e2}} }",
          "{ \"type\" : \"object\",\n"
          " \"properties\" : {\"a\":{\"maximum\": 1.50e2}} }" },
        { "first members", CCP_SCHEMA_TIDY,
          "{\"$schema\":\"x\", \"$id\":{\"a\":[1,2]}, \"type\":\"object\", "
          "\"properties\":{}}",
          "{\"type\":\"object\", \"properties\":{}}" },
        { "in the middle and last", CCP_SCHEMA_TIDY,
          "{\"type\":\"object\", \"$id\":\"i\" , \"required\":null, "
          "\"properties\":{ \"b\":{\"type\":\"string\", \"$comment\":\"\"} "
          "} , \"$schema\":\"x\" }",
          "{\"type\":\"object\", \"properties\":{ \"b\":{\"type\":"
          "\"string\"} } }" },
        { "all of them", CCP_SCHEMA_TIDY,
          "{\"type\":\"object\",\"properties\":{\"b\":{\"$id\":1,"
          "\"$comment\":2}}}",
          "{\"type\":\"object\",\"properties\":{\"b\":{}}}" },
        { "type and properties put in", CCP_SCHEMA_FULL,
          "{\"properties\":null}",
          "{\"type\":\"object\",\"properties\":{}}" },
        { "a type behind the members", CCP_SCHEMA_FULL,
          "{\"description\":\"\\u0064\", \"properties\":{\"\\ud800\":"
          "{\"maximum\":18446744073709551616}} }",
          "{\"description\":\"\\u0064\", \"properties\":{\"\\ud800\":"
          "{\"maximum\":18446744073709551616}} ,\"type\":\"object\"}" },
        { "escaped names", CCP_SCHEMA_TIDY,
          "{\"\\u0024schema\":\"x\",\"type\":\"object\",\"propert\\u0069"
          "es\":{\"a\":{\"$id\":1}}}",
          "{\"type\":\"object\",\"propert\\u0069es\":{\"a\":{}}}" },
        { "within lists and alternatives", CCP_SCHEMA_TIDY,
          "{\"type\":\"object\",\"properties\":{\"l\":{\"items\":{\"anyOf\":"
          "[{\"type\":\"object\"},{\"not\":{\"title\":null,\"type\":"
          "\"string\"}}, true]}}}}",
          "{\"type\":\"object\",\"properties\":{\"l\":{\"items\":{\"anyOf\":"
          "[{\"type\":\"object\",\"properties\":{}},{\"not\":{\"type\":"
          "\"string\"}}, true]}}}}" },
        { "a reference as the root", CCP_SCHEMA_FULL,
          "{\"$ref\":\"#/$defs/A\",\"title\":null,\"$defs\":{\"A\":{}}}",
          "{\"$ref\":\"#/$defs/A\",\"$defs\":{\"A\":{}}}" }
    };

    a = ut_arena();

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        s = fit(a, ccp_cstr(rows[i].in), CCP_SCHEMA_JSON, rows[i].to);
        UT_CHECK(ut_str_is(s, rows[i].out), "T24: %s", rows[i].what);
    }

    in = ccp_lit("{\"x\":[{\"type\":\"object\",\"properties\":{}},{\"a\":1,"
                 "\"$id\":2,\"type\":\"object\",\"properties\":{}}]}");
    ccp_json_init(&doc, a);
    UT_CHECK(ccp_json_parse(&doc, in.p, in.n, 0, NULL) == CCP_OK,
             "a document of schemas");

    s = in;
    s.p += 6;
    s.n = 33;
    UT_CHECK(ccp_json_at(&doc, s).i == 3, "a value found by its bytes");
    UT_CHECK(ccp_schema_of(a, &doc, s, CCP_SCHEMA_JSON,
                            CCP_SCHEMA_TIDY, CCP_SCHEMA_ARGS).p == s.p,
             "a schema of the document as it stands");
    s.n--;
    UT_CHECK(ccp_json_at(&doc, s).doc == NULL, "no value has these bytes");
    s.p += 34;
    s.n = in.n - 2 - 6 - 34;
    s = ccp_schema_of(a, &doc, s, CCP_SCHEMA_JSON, CCP_SCHEMA_TIDY,
                      CCP_SCHEMA_ARGS);
    UT_CHECK(ut_str_is(s, "{\"a\":1,\"type\":\"object\",\"properties\":{}}"),
             "a schema of the document changed");
    UT_CHECK(ccp_json_at(&doc, ccp_lit("{}")).doc == NULL
             && ccp_json_at(&doc, ccp_none).doc == NULL,
             "bytes of elsewhere");

    ccp_arena_destroy(a);
}


static void
test_subset(void)
{
    ccp_str_t     s, in;
    ccp_arena_t  *a;

    a = ut_arena();

    in = ccp_lit("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":"
                 "\"string\",\"description\":\"d\"}},\"required\":[\"a\"]}");
    s = fit(a, in, CCP_SCHEMA_JSON, CCP_SCHEMA_SUBSET);
    UT_CHECK(s.p == in.p, "T42: what is in the subset keeps its bytes");

#define SUBSET(what, in, out)                                                 \
    same(a, "T42: " what,                                                     \
         "{\"type\":\"object\",\"properties\":{\"p\":" in "}}",               \
         CCP_SCHEMA_JSON, CCP_SCHEMA_SUBSET,                                  \
         "{\"type\":\"object\",\"properties\":{\"p\":" out "}}")

    same(a, "T42: properties named like keywords",
         "{\"$schema\":\"s\",\"type\":\"object\",\"additionalProperties\":"
         "false,\"properties\":{\"title\":{\"type\":\"string\"},\"format\":"
         "{\"type\":\"string\",\"$comment\":\"x\"},\"const\":{\"type\":"
         "\"integer\"},\"$ref\":{\"type\":\"string\"}},\"required\":"
         "[\"const\",\"gone\"]}", CCP_SCHEMA_JSON, CCP_SCHEMA_SUBSET,
         "{\"type\":\"object\",\"properties\":{\"title\":{\"type\":\"string\"}"
         ",\"format\":{\"type\":\"string\"},\"const\":{\"type\":\"integer\"},"
         "\"$ref\":{\"type\":\"string\"}},\"required\":[\"const\"]}");

    SUBSET("const", "{\"const\":\"v\"}",
           "{\"type\":\"string\",\"enum\":[\"v\"]}");
    SUBSET("a type or null", "{\"type\":[\"integer\",\"null\"]}",
           "{\"type\":\"integer\",\"nullable\":true}");
    SUBSET("several types", "{\"type\":[\"string\",\"number\"],"
           "\"description\":\"d\",\"minLength\":1}",
           "{\"description\":\"d\",\"anyOf\":[{\"type\":\"string\","
           "\"minLength\":1},{\"type\":\"number\"}]}");
    SUBSET("oneOf", "{\"oneOf\":[{\"type\":\"string\"},{\"type\":\"boolean\"}"
           ",{\"type\":\"null\"}]}",
           "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"boolean\"}],"
           "\"nullable\":true}");
    SUBSET("one alternative", "{\"description\":\"d\",\"anyOf\":[{\"type\":"
           "\"string\"},{\"type\":\"null\"}]}",
           "{\"type\":\"string\",\"description\":\"d\",\"nullable\":true}");
    SUBSET("hints", "{\"type\":\"integer\",\"exclusiveMinimum\":0,"
           "\"default\":5,\"description\":\"d\"}",
           "{\"type\":\"integer\",\"description\":\"d (default: 5) "
           "(exclusiveMinimum: 0)\"}");
    SUBSET("formats", "{\"type\":\"string\",\"format\":\"uri\"}",
           "{\"type\":\"string\",\"description\":\"(format: \\\"uri\\\")\"}");
    SUBSET("formats that are known",
           "{\"type\":\"string\",\"format\":\"date-time\",\"$id\":\"x\"}",
           "{\"type\":\"string\",\"format\":\"date-time\"}");
    SUBSET("numbers as values", "{\"type\":\"integer\",\"enum\":[1,2]}",
           "{\"type\":\"string\",\"enum\":[\"1\",\"2\"],\"description\":"
           "\"(values are of type: \\\"integer\\\")\"}");
    SUBSET("null and empty values", "{\"enum\":[\"a\",\"\",null]}",
           "{\"type\":\"string\",\"enum\":[\"a\"],\"nullable\":true}");
    SUBSET("allOf", "{\"allOf\":[{\"type\":\"object\",\"properties\":{\"x\":"
           "{\"type\":\"string\"}},\"required\":[\"x\"]},{\"properties\":"
           "{\"y\":{\"type\":\"number\"}},\"required\":[\"y\"]}]}",
           "{\"type\":\"object\",\"properties\":{\"x\":{\"type\":\"string\"},"
           "\"y\":{\"type\":\"number\"}},\"required\":[\"x\",\"y\"]}");
    SUBSET("no items", "{\"type\":\"array\"}",
           "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}");
    SUBSET("items by position", "{\"type\":\"array\",\"items\":[{\"type\":"
           "\"string\"},{\"type\":\"number\"}]}",
           "{\"type\":\"array\",\"items\":{\"anyOf\":[{\"type\":\"string\"},"
           "{\"type\":\"number\"}]}}");
    SUBSET("anything", "true", "{\"type\":\"string\"}");
    SUBSET("a free object", "{\"type\":\"object\",\"additionalProperties\":"
           "{\"type\":\"string\"}}", "{\"type\":\"object\"}");
    SUBSET("patterns", "{\"type\":\"string\",\"pattern\":\"^\\\\p{L}\"}",
           "{\"type\":\"string\"}");
    SUBSET("alternatives that only narrow",
           "{\"type\":\"object\",\"properties\":{\"x\":{\"type\":\"string\"}},"
           "\"anyOf\":[{\"required\":[\"x\"]}]}",
           "{\"type\":\"object\",\"properties\":{\"x\":{\"type\":"
           "\"string\"}}}");

    same(a, "T42: $ref inlined, a cycle cut",
         "{\"type\":\"object\",\"properties\":{\"t\":{\"$ref\":"
         "\"#/definitions/T~1a\"}},\"definitions\":{\"T/a\":{\"type\":"
         "\"object\",\"properties\":{\"v\":{\"type\":\"string\"},\"kids\":"
         "{\"type\":\"array\",\"items\":{\"$ref\":\"#/definitions/T~1a\"}}}}}}",
         CCP_SCHEMA_JSON, CCP_SCHEMA_SUBSET,
         "{\"type\":\"object\",\"properties\":{\"t\":{\"type\":\"object\","
         "\"properties\":{\"v\":{\"type\":\"string\"},\"kids\":{\"type\":"
         "\"array\",\"items\":{\"type\":\"object\"}}}}}}");
    same(a, "T42: a reference to nothing",
         "{\"type\":\"object\",\"properties\":{\"t\":{\"$ref\":\"http://x\"}}}",
         CCP_SCHEMA_JSON, CCP_SCHEMA_SUBSET,
         "{\"type\":\"object\",\"properties\":{\"t\":{\"type\":"
         "\"object\"}}}");
    same(a, "T42: Gemini's own keeps its types",
         "{\"type\":\"OBJECT\",\"properties\":{\"a\":{\"type\":\"STRING\","
         "\"format\":\"enum\",\"enum\":[\"x\"]}}}", CCP_SCHEMA_GEMINI,
         CCP_SCHEMA_SUBSET,
         "{\"type\":\"OBJECT\",\"properties\":{\"a\":{\"type\":\"STRING\","
         "\"format\":\"enum\",\"enum\":[\"x\"]}}}");

    ccp_arena_destroy(a);
}


/* References that would multiply without end. */
static void
test_bomb(void)
{
    int           i;
    char          json[8192];
    size_t        n;
    ccp_str_t     s;
    ccp_arena_t  *a;

    a = ut_arena();
    n = (size_t) sprintf(json, "{\"type\":\"object\",\"properties\":{\"p\":"
                         "{\"$ref\":\"#/$defs/d0\"}},\"$defs\":{");

    for (i = 0; i < 8; i++) {
        n += (size_t) sprintf(json + n, "%s\"d%d\":{\"type\":\"object\","
                              "\"properties\":{", i ? "," : "", i);
        for (int k = 0; k < 12; k++) {
            n += (size_t) sprintf(json + n, "%s\"k%d\":{\"$ref\":"
                                  "\"#/$defs/d%d\"}", k ? "," : "", k, i + 1);
        }

        n += (size_t) sprintf(json + n, "}}");
    }

    sprintf(json + n, ",\"d8\":{\"type\":\"string\"}}}");

    s = fit(a, ccp_cstr(json), CCP_SCHEMA_JSON,
                       CCP_SCHEMA_SUBSET);
    UT_CHECK(s.p != NULL && s.n < 8000000, "T42: a bomb of references");
    s = fit(a, ccp_cstr(json), CCP_SCHEMA_JSON,
                       CCP_SCHEMA_INLINE);
    UT_CHECK(s.p != NULL && s.n < 8000000, "the same inlined");

    ccp_arena_destroy(a);
}


static void
closed(ccp_arena_t *a, const char *what, const char *in, const char *out)
{
    int        ok;
    char      *got;
    ccp_str_t  s;

    s = ccp_schema_closed(a, ccp_cstr(in), CCP_SCHEMA_JSON, CCP_SCHEMA_ARGS);
    ok = s.p != NULL && ut_json_same(s, ccp_cstr(out));
    UT_CHECK(ok, "%s", what);

    if (!ok) {
        got = ut_cstr(s);
        printf("# got %s\n", got);
        free(got);
    }
}


/* Anthropic's answers by schema: closed, but what is optional stays so. */

static void
test_sealed(void)
{
    ccp_str_t     s;
    ccp_arena_t  *a;

    a = ut_arena();

    s = ccp_schema_sealed(a, ccp_lit(
            "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":"
            "\"object\",\"properties\":{\"b\":{\"type\":\"string\","
            "\"minLength\":2}}},\"c\":{\"type\":\"string\"}},"
            "\"required\":[\"c\"]}"), CCP_SCHEMA_JSON);

    UT_CHECK(ut_json_same(s, ccp_lit(
            "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":"
            "\"object\",\"properties\":{\"b\":{\"type\":\"string\","
            "\"description\":\"(minLength: 2)\"}},\"additionalProperties\":"
            "false},\"c\":{\"type\":\"string\"}},\"required\":[\"c\"],"
            "\"additionalProperties\":false}")),
             "sealed: closed, the optional stay optional");

    ccp_arena_destroy(a);
}


static void
test_closed(void)
{
    ccp_arena_t  *a;

    a = ut_arena();

    closed(a, "strict: all required, the optional may be null",
           "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"},"
           "\"b\":{\"type\":\"integer\",\"default\":1},\"c\":{\"enum\":"
           "[\"x\"]}},\"required\":[\"a\"]}",
           "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"},"
           "\"b\":{\"type\":[\"integer\",\"null\"]},\"c\":{\"anyOf\":"
           "[{\"enum\":[\"x\"],\"type\":\"string\"},{\"type\":"
           "\"null\"}]}},\"required\":[\"a\","
           "\"b\",\"c\"],\"additionalProperties\":false}");
    closed(a, "strict: refused words become hints",
           "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\","
           "\"minLength\":2,\"format\":\"email\"},\"b\":{\"type\":\"string\","
           "\"format\":\"regex\"}},\"required\":[\"a\",\"b\"]}",
           "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\","
           "\"format\":\"email\",\"description\":\"(minLength: 2)\"},\"b\":"
           "{\"type\":\"string\",\"description\":\"(format: \\\"regex\\\")\"}}"
           ",\"required\":[\"a\",\"b\"],\"additionalProperties\":false}");
    closed(a, "strict: oneOf, several types, allOf",
           "{\"type\":\"object\",\"properties\":{\"a\":{\"oneOf\":[{\"type\":"
           "\"string\"},{\"type\":\"number\"}]},\"b\":{\"type\":[\"string\","
           "\"number\"]},\"c\":{\"allOf\":[{\"type\":\"object\","
           "\"properties\":{\"x\":{\"type\":\"string\"}}},{\"required\":"
           "[\"x\"]}]}},\"required\":[\"a\",\"b\",\"c\"]}",
           "{\"type\":\"object\",\"properties\":{\"a\":{\"anyOf\":[{\"type\":"
           "\"string\"},{\"type\":\"number\"}]},\"b\":{\"anyOf\":[{\"type\":"
           "\"string\"},{\"type\":\"number\"}]},\"c\":{\"type\":\"object\","
           "\"properties\":{\"x\":{\"type\":\"string\"}},\"required\":[\"x\"],"
           "\"additionalProperties\":false}},\"required\":[\"a\",\"b\",\"c\"],"
           "\"additionalProperties\":false}");
    closed(a, "strict: references stay, alone",
           "{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#/$defs/A\""
           ",\"description\":\"d\"}},\"required\":[\"a\"],\"$defs\":{\"A\":"
           "{\"type\":\"object\"}}}",
           "{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":"
           "\"#/$defs/A\"}},\"required\":[\"a\"],\"$defs\":{\"A\":{\"type\":"
           "\"object\",\"properties\":{},\"required\":[],"
           "\"additionalProperties\":false}},\"additionalProperties\":false}");
    closed(a, "strict: allOf of references to the root",
           "{\"type\":\"object\",\"properties\":{\"a\":{\"allOf\":[{\"$ref\":"
           "\"#\"},{\"$ref\":\"#\"}]}},\"required\":[\"a\"]}",
           "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"object\","
           "\"properties\":{\"a\":{\"type\":\"object\",\"properties\":{},"
           "\"required\":[],\"additionalProperties\":false}},\"required\":"
           "[\"a\"],\"additionalProperties\":false}},\"required\":[\"a\"],"
           "\"additionalProperties\":false}");

    ccp_arena_destroy(a);
}


/* ---- recordings ---- */

typedef struct {
    long  schemas;
    long  bad;
    long  forbidden;
} seen_t;


static const char *const  allowed[] = {
    "type", "format", "title", "description", "nullable", "items", "minItems",
    "maxItems", "enum", "properties", "required", "minProperties",
    "maxProperties", "minLength", "maxLength", "pattern", "example", "anyOf",
    "propertyOrdering", "minimum", "maximum", NULL
};


static int
within(json_t *s)
{
    size_t       i;
    json_t      *v, *e;
    const char  *key, *name;

    if (!json_is_object(s)) {
        return 0;
    }

    json_object_foreach(s, key, v) {
        for (i = 0; allowed[i] != NULL && strcmp(allowed[i], key) != 0; i++) {
            /* void */
        }

        if (allowed[i] == NULL) {
            return 0;
        }

        if (strcmp(key, "properties") == 0) {
            json_object_foreach(v, name, e) {
                if (!within(e)) {
                    return 0;
                }
            }
        }

        if (strcmp(key, "items") == 0 && !within(v)) {
            return 0;
        }

        if (strcmp(key, "type") == 0 && !json_is_string(v)) {
            return 0;
        }

        if (strcmp(key, "anyOf") == 0) {
            json_array_foreach(v, i, e) {
                if (!within(e)) {
                    return 0;
                }
            }
        }
    }

    return 1;
}


static void
one_schema(json_t *schema, seen_t *seen)
{
    int           to;
    char         *text;
    json_t       *j;
    ccp_str_t     s;
    ccp_arena_t  *a;

    a = ut_arena();
    text = json_dumps(schema, JSON_COMPACT);
    seen->schemas++;

    for (to = CCP_SCHEMA_PLAIN; to <= CCP_SCHEMA_INLINE + 1; to++) {
        s = to > CCP_SCHEMA_INLINE
            ? ccp_schema_closed(a, ccp_cstr(text), CCP_SCHEMA_JSON,
                                CCP_SCHEMA_ARGS)
            : fit(a, ccp_cstr(text), CCP_SCHEMA_JSON, to);

        j = s.p == NULL ? NULL
                        : json_loadb((const char *) s.p, s.n, 0, NULL);

        if (!json_is_object(j)) {
            seen->bad++;
            printf("# bad for %d: %s\n", to, text);

        } else if (to == CCP_SCHEMA_SUBSET && !within(j)) {
            seen->forbidden++;
            printf("# forbidden: %.*s\n", (int) s.n, (const char *) s.p);
        }

        json_decref(j);
    }

    free(text);
    ccp_arena_destroy(a);
}


/* Every member that holds a schema, wherever it is in the request. */
static void
walk(json_t *v, seen_t *seen)
{
    size_t       i, k;
    json_t      *e;
    const char  *key;
    static const char *const  names[] = {
        "parameters", "input_schema", "parametersJsonSchema", "schema",
        "responseSchema", "responseJsonSchema", NULL
    };

    json_array_foreach(v, i, e) {
        walk(e, seen);
    }

    json_object_foreach(v, key, e) {
        for (k = 0; names[k] != NULL; k++) {
            if (strcmp(names[k], key) == 0 && json_is_object(e)) {
                one_schema(e, seen);
            }
        }

        walk(e, seen);
    }
}


static void
recording(const ut_rec_t *rec, void *arg)
{
    json_t     *root;
    ccp_str_t   s;

    s = ut_rec_request(rec);

    if (s.p != NULL) {
        root = json_loadb((const char *) s.p, s.n, 0, NULL);
        walk(root, arg);
        json_decref(root);
        free((void *) s.p);
    }
}


static void
test_recordings(void)
{
    int     n;
    seen_t  seen = { 0, 0, 0 };

    n = ut_recordings(NULL, recording, &seen);

    if (n > 0) {
        UT_CHECK(seen.schemas > 100 && seen.bad == 0,
                 "%ld recorded schemas stay schemas for every target",
                 seen.schemas);
        UT_CHECK(seen.forbidden == 0, "T42: none keeps a forbidden word");
    }
}


static int
fail_schema(const ccp_mem_t *mem, void *arg)
{
    int           rc;
    ccp_arena_t  *a;

    a = ccp_arena_create(mem, 0);
    if (a == NULL) {
        return CCP_NOMEM;
    }

    rc = fit(a, ccp_cstr(arg), CCP_SCHEMA_JSON,
                        CCP_SCHEMA_SUBSET).p != NULL
         && fit(a, ccp_cstr(arg), CCP_SCHEMA_JSON,
                           CCP_SCHEMA_TIDY).p != NULL
         && ccp_schema_closed(a, ccp_cstr(arg), CCP_SCHEMA_JSON,
                              CCP_SCHEMA_ARGS).p != NULL
         ? CCP_OK : CCP_NOMEM;

    ccp_arena_destroy(a);

    return rc;
}


/* ---- jansson's own memory ---- */

static long  jansson_left;


static void *
jansson_alloc(size_t n)
{
    return jansson_left-- > 0 ? malloc(n) : NULL;
}


/* Whatever malloc fails: nothing, or JSON; never a crash or a leak. */
static void
test_jansson(void)
{
    int            rc, to, whole;
    long           n;
    json_t        *j;
    ccp_str_t      s;
    ccp_json_t     doc;
    ccp_jerr_t     err;
    ccp_arena_t   *a;
    static char    text[] =
        "{\"$schema\":\"x\",\"type\":\"object\",\"properties\":{\"a\":"
        "{\"const\":1,\"default\":2},\"b\":{\"$ref\":\"#/$defs/B\"},\"c\":"
        "{\"type\":[\"string\",\"array\"]},\"d\":{\"allOf\":[{\"type\":"
        "\"object\"},{\"required\":[\"x\"]}]},\"e\":{\"anyOf\":[{\"type\":"
        "\"string\"},{\"type\":\"null\"}]},\"f\":{\"type\":\"array\","
        "\"items\":[{\"type\":\"string\"}]}},\"$defs\":{\"B\":{\"type\":"
        "\"object\",\"properties\":{\"y\":{\"enum\":[\"u\"]}}}}}";

    rc = 1;
    json_set_alloc_funcs(jansson_alloc, free);

    for (to = CCP_SCHEMA_PLAIN; to <= CCP_SCHEMA_INLINE + 1; to++) {
        whole = 0;

        for (n = 0; n < 5000 && !whole; n++) {
            a = ut_arena();
            jansson_left = n;
            s = to > CCP_SCHEMA_INLINE
                ? ccp_schema_closed(a, ccp_cstr(text), CCP_SCHEMA_JSON,
                                CCP_SCHEMA_ARGS)
                : fit(a, ccp_cstr(text), CCP_SCHEMA_JSON, to);
            whole = jansson_left > 0;

            if (s.p != NULL) {
                ccp_json_init(&doc, a);
                rc &= ccp_json_parse(&doc, s.p, s.n, 0, &err) == CCP_OK;

            } else {
                rc &= !whole;
            }

            ccp_arena_destroy(a);
        }

        rc &= whole;
    }

    json_set_alloc_funcs(malloc, free);
    j = json_loads("{}", 0, NULL);
    UT_CHECK(rc && j != NULL, "each of jansson's allocations failed once");
    json_decref(j);
}


int
main(void)
{
    test_tidy();
    test_bytes();
    test_subset();
    test_bomb();
    test_closed();
    test_sealed();
    test_recordings();
    test_jansson();
    ut_fail_each("schemas", fail_schema,
                 "{\"$schema\":\"x\",\"type\":\"object\",\"properties\":"
                 "{\"a\":{\"const\":1}}}");

    return ut_done();
}
