
/*
 * Roots of schemas as one object, arrays that say what they hold, strict mode
 * of what says no type (T64).
 */

#include <limits.h>

#include "ut.h"
#include "codec/base/base_buf.h"
#include "codec/json/json_read.h"
#include "codec/form/form_request.h"
#include "codec/schema/schema.h"

#include <jansson.h>


/* ' stands for ". */
static ccp_str_t
quoted(ccp_arena_t *a, const char *s)
{
    char       *p;
    ccp_str_t   d;

    d = ccp_str_dup(a, ccp_cstr(s));

    for (p = (char *) (uintptr_t) d.p; p < (char *) (uintptr_t) d.p + d.n;
         p++)
    {
        *p = *p == '\'' ? '"' : *p;
    }

    return d;
}


#define STRICT  100

typedef struct {
    const char         *what;
    int                 to;        /* ccp_schemas_e, or STRICT */
    ccp_schema_root_e   root;
    const char         *in;
    const char         *out;       /* NULL: the same bytes */
} row_t;

#define A   "'a':{'type':'string'}"
#define B   "'b':{'type':'integer'}"
#define OA  "{'type':'object','properties':{" A "}"
#define OB  "{'type':'object','properties':{" B "}"
#define AB  "{'type':'object','properties':{" A "," B "}"

static const row_t  rows[] = {
    { "anyOf", CCP_SCHEMA_PLAIN, CCP_SCHEMA_ARGS,
      "{'anyOf':[" OA "}," OB "}]}", AB "}" },
    { "oneOf beside a type", CCP_SCHEMA_TIDY, CCP_SCHEMA_ARGS,
      "{'type':'object','oneOf':[" OA "}," OB "}]}", AB "}" },
    { "allOf", CCP_SCHEMA_MFJS, CCP_SCHEMA_ARGS,
      "{'allOf':[" OA ",'required':['a']}," OB ",'required':['b','a']}]}",
      AB ",'required':['a','b']}" },
    { "alternatives in the parts", CCP_SCHEMA_TIDY, CCP_SCHEMA_ARGS,
      "{'allOf':[{'anyOf':[" OA "}]},{'oneOf':[" OB "}]}]}", AB "}" },
    { "what all alternatives require", CCP_SCHEMA_TIDY, CCP_SCHEMA_ARGS,
      "{'description':'d','anyOf':[" OA ",'required':['a','c']},{'required':"
      "['c']}],'properties':{'c':{'type':'null'}}}",
      "{'type':'object','description':'d (requires one of: "
      "[[\\\"a\\\",\\\"c\\\"],[\\\"c\\\"]])','properties':{" A ",'c':{'type':"
      "'null'}},'required':['c']}" },
    { "alternatives that only narrow", CCP_SCHEMA_TIDY, CCP_SCHEMA_ARGS,
      OA ",'anyOf':[{'required':['a']},{'required':[]}]}",
      OA ",'description':'(requires one of: [[\\\"a\\\"],[]])'}" },
    { "a property of each alternative", CCP_SCHEMA_TIDY, CCP_SCHEMA_ARGS,
      "{'anyOf':[{'properties':{'k':{'type':'string','const':'x'},'v':"
      "{'type':'string'}}},{'properties':{'k':{'type':'string','enum':['y',"
      "'x']},'v':{'type':'number'}}}]}",
      "{'type':'object','properties':{'k':{'type':'string','enum':['x','y']},"
      "'v':{'anyOf':[{'type':'string'},{'type':'number'}]}}}" },
    { "its own property stands", CCP_SCHEMA_TIDY, CCP_SCHEMA_ARGS,
      OA ",'oneOf':[{'properties':{'a':{'const':'x'}}}]}", OA "}" },
    { "$ref", CCP_SCHEMA_TIDY, CCP_SCHEMA_ARGS,
      "{'$ref':'#/$defs/X','$defs':{'X':" OA "}}}", OA "}" },
    { "$ref to a reference", CCP_SCHEMA_PLAIN, CCP_SCHEMA_ARGS,
      "{'$ref':'#/definitions/X','definitions':{'X':{'$ref':"
      "'#/definitions/Y'},'Y':" OA "}}}", OA "}" },
    { "$ref that comes again", CCP_SCHEMA_TIDY, CCP_SCHEMA_ARGS,
      "{'$ref':'#/$defs/X','$defs':{'X':{'type':'object','properties':{'x':"
      "{'$ref':'#/$defs/X'}}}}}",
      "{'type':'object','properties':{'x':{'$ref':'#/$defs/X'}},'$defs':{'X':"
      "{'type':'object','properties':{'x':{'$ref':'#/$defs/X'}}}}}" },
    { "$ref in a circle", CCP_SCHEMA_TIDY, CCP_SCHEMA_ARGS,
      "{'$ref':'#'}", "{'type':'object','properties':{}}" },
    { "$ref to elsewhere", CCP_SCHEMA_TIDY, CCP_SCHEMA_ARGS,
      "{'$ref':'http://x/y'}", "{'type':'object','properties':{}}" },
    { "references into what goes", CCP_SCHEMA_TIDY, CCP_SCHEMA_ARGS,
      "{'anyOf':[" OA "},{'properties':{'b':{'$ref':'#/anyOf/0'}}}]}",
      "{'type':'object','properties':{" A ",'b':" OA "}}}" },
    { "types", CCP_SCHEMA_TIDY, CCP_SCHEMA_ARGS,
      "{'type':['object','null'],'properties':{" A "}}", OA "}" },
    { "types in capitals", CCP_SCHEMA_PLAIN, CCP_SCHEMA_ARGS,
      "{'type':['OBJECT','NULL'],'properties':{" A "}}", OA "}" },
    { "nullable", CCP_SCHEMA_TIDY, CCP_SCHEMA_ARGS,
      "{'type':'object','nullable':true,'properties':{" A "}}", OA "}" },
    { "or null", CCP_SCHEMA_TIDY, CCP_SCHEMA_ARGS,
      "{'anyOf':[" OA ",'required':['a']},{'type':'null'}]}",
      OA ",'required':['a']}" },
    { "what it isn't", CCP_SCHEMA_TIDY, CCP_SCHEMA_ARGS,
      OA ",'not':{'required':['a']},'enum':[{}]}", OA "}" },
    { "no object", CCP_SCHEMA_TIDY, CCP_SCHEMA_ARGS,
      "{'type':'string'}", "{'type':'object','properties':{}}" },
    { "no type", CCP_SCHEMA_TIDY, CCP_SCHEMA_ARGS,
      "{'properties':{" A "}}", OA "}" },
    { "all of it taken", CCP_SCHEMA_FULL, CCP_SCHEMA_ARGS,
      "{'type':'object','properties':{},'anyOf':[" OA "}," OB "}]}", NULL },
    { "deeper ones stay", CCP_SCHEMA_TIDY, CCP_SCHEMA_ARGS,
      "{'type':'object','properties':{'x':{'anyOf':[" OA "}," OB "}]}}}",
      NULL },

    { "Gemini: anyOf", CCP_SCHEMA_SUBSET, CCP_SCHEMA_ARGS,
      "{'anyOf':[" OA "}," OB "}]}", AB "}" },
    { "Gemini: $ref and alternatives", CCP_SCHEMA_SUBSET, CCP_SCHEMA_ARGS,
      "{'$ref':'#/$defs/X','$defs':{'X':{'oneOf':[" OA "},{'$ref':"
      "'#/$defs/Y'}]},'Y':" OB "}}}", AB "}" },
    { "Gemini: an answer of alternatives", CCP_SCHEMA_SUBSET, CCP_SCHEMA_ANY,
      "{'anyOf':[" OA "}," OB "}]}",
      "{'anyOf':[" OA "}," OB "}]}" },
    { "Gemini: an answer that is a list", CCP_SCHEMA_SUBSET, CCP_SCHEMA_ANY,
      "{'type':'array','items':" OA "}}", NULL },
    { "Gemini: arguments that are a list", CCP_SCHEMA_SUBSET, CCP_SCHEMA_ARGS,
      "{'type':'array','items':" OA "}}",
      "{'type':'object','properties':{}}" },

    { "an answer of alternatives", CCP_SCHEMA_TIDY, CCP_SCHEMA_OBJECT,
      "{'anyOf':[" OA "}," OB "}]}", AB "}" },
    { "an answer that is a list", CCP_SCHEMA_TIDY, CCP_SCHEMA_OBJECT,
      "{'type':'array','items':" OA "}}", NULL },
    { "an answer that refers to a list", CCP_SCHEMA_TIDY, CCP_SCHEMA_OBJECT,
      "{'$ref':'#/$defs/L','$defs':{'L':{'type':'array','items':" OA "}}}}",
      NULL },

    { "no items", CCP_SCHEMA_PLAIN, CCP_SCHEMA_ARGS,
      "{'type':'object','properties':{'n':{'type':'array'}}}",
      "{'type':'object','properties':{'n':{'type':'array','items':{}}}}" },
    { "no items deeper down", CCP_SCHEMA_TIDY, CCP_SCHEMA_ARGS,
      "{'type':'object','properties':{'o':{'type':'object','properties':{'v':"
      "{'oneOf':[{'type':['array','null']},{'type':'array','items':{'type':"
      "'array'}}]}}}},'$defs':{'D':{'type':'array'}}}",
      "{'type':'object','properties':{'o':{'type':'object','properties':{'v':"
      "{'oneOf':[{'type':['array','null'],'items':{}},{'type':'array','items':"
      "{'type':'array','items':{}}}]}}}},'$defs':{'D':{'type':'array','items':"
      "{}}}}" },
    { "no items, Kimi", CCP_SCHEMA_MFJS, CCP_SCHEMA_ARGS,
      "{'type':'object','properties':{'n':{'type':'array'},'p':{'type':"
      "'array','prefixItems':[{'type':'string'}]}}}",
      "{'type':'object','properties':{'n':{'type':'array','items':{'type':"
      "'string'}},'p':{'type':'array','prefixItems':[{'type':'string'}]}}}" },
    { "no items, all of it taken", CCP_SCHEMA_FULL, CCP_SCHEMA_ARGS,
      "{'type':'object','properties':{'n':{'type':'array'}}}", NULL },
    { "items that are a list or a flag", CCP_SCHEMA_TIDY, CCP_SCHEMA_ARGS,
      "{'type':'object','properties':{'n':{'type':'array','items':[{'type':"
      "'string'}]},'m':{'type':'array','items':true}}}",
      "{'type':'object','properties':{'n':{'type':'array','prefixItems':"
      "[{'type':'string'}],'items':{}},'m':{'type':'array','items':{}}}}" },

    { "strict: alternatives at the root", STRICT, CCP_SCHEMA_ARGS,
      "{'anyOf':[" OA ",'required':['a']}," OB ",'required':['b']}]}",
      "{'type':'object','description':'(requires one of: [[\\\"a\\\"],"
      "[\\\"b\\\"]])','properties':{'a':{'type':['string','null']},'b':"
      "{'type':['integer','null']}},'required':['a','b'],"
      "'additionalProperties':false}" },
    { "strict: no items", STRICT, CCP_SCHEMA_ARGS,
      "{'type':'object','properties':{'n':{'type':'array'}},'required':"
      "['n']}",
      "{'type':'object','properties':{'n':{'type':'array','items':{'type':"
      "'string'}}},'required':['n'],'additionalProperties':false}" },
    { "strict: no type", STRICT, CCP_SCHEMA_ARGS,
      "{'properties':{'c':{'const':1},'e':{'enum':['x','y']},'l':{'items':"
      "{'type':'string'}},'o':{'properties':{}},'n':{'type':'string',"
      "'nullable':true},'v':{'description':'d'}},'required':['c','e','l','o',"
      "'n','v']}",
      "{'type':'object','properties':{'c':{'const':1,'type':'integer'},'e':"
      "{'enum':['x','y'],'type':'string'},'l':{'items':{'type':'string'},"
      "'type':'array'},'o':{'properties':{},'type':'object','required':[],"
      "'additionalProperties':false},'n':{'type':['string','null']},'v':"
      "{'description':'d','anyOf':[{'type':'string'},{'type':'number'},"
      "{'type':'boolean'},{'type':'null'}]}},'required':['c','e','l','o','n',"
      "'v'],'additionalProperties':false}" }
};


static ccp_str_t
made(ccp_arena_t *a, const row_t *r, ccp_str_t in)
{
    return r->to == STRICT
           ? ccp_schema_closed(a, in, CCP_SCHEMA_JSON, r->root)
           : ccp_schema_of(a, NULL, in, CCP_SCHEMA_JSON,
                           (ccp_schemas_e) r->to, r->root);
}


static void
test_rows(void)
{
    int           ok;
    char         *got;
    size_t        i;
    ccp_str_t     s, in;
    ccp_arena_t  *a;

    a = ut_arena();

    for (i = 0; i < ccp_countof(rows); i++) {
        in = quoted(a, rows[i].in);
        s = made(a, &rows[i], in);

        ok = rows[i].out ? s.p != NULL && ut_json_same(s, quoted(a,
                                                             rows[i].out))
                         : ccp_str_eq(s, in);
        UT_CHECK(ok, "T64: %s", rows[i].what);

        if (!ok) {
            got = ut_cstr(s);
            printf("# got %s\n", got);
            free(got);
        }
    }

    ccp_arena_destroy(a);
}


/* ---- jansson's own memory ---- */

static long  left;


static void *
scarce(size_t n)
{
    return left-- > 0 ? malloc(n) : NULL;
}


/* Whatever malloc fails: nothing, or JSON; never a crash or a leak. */
static void
test_memory(void)
{
    int           ok, whole;
    long          n;
    size_t        i;
    ccp_str_t     s;
    ccp_json_t    doc;
    ccp_arena_t  *a;

    ok = 1;
    json_set_alloc_funcs(scarce, free);

    for (i = 0; i < ccp_countof(rows); i++) {
        for (n = 0, whole = 0; n < 3000 && !whole; n++) {
            a = ut_arena();
            left = n;
            s = made(a, &rows[i], quoted(a, rows[i].in));
            whole = left > 0;
            ok &= s.p != NULL || !whole;

            if (s.p != NULL) {
                ccp_json_init(&doc, a);
                ok &= ccp_json_parse(&doc, s.p, s.n, 0, NULL) == CCP_OK;
            }

            ccp_arena_destroy(a);
        }

        ok &= whole;
    }

    json_set_alloc_funcs(malloc, free);
    UT_CHECK(ok, "each of jansson's allocations failed once");
}


/* Many alternatives that are one large object: what is made of them costs in
 * proportion to their text, not to its square. */

#define MANY  2000


static long
costs(ccp_arena_t *a, int alternatives, int members)
{
    int        i;
    char       part[64];
    ccp_buf_t  b;
    ccp_str_t  s;

    ccp_buf_init(&b, a, 0);
    ccp_buf_add_plain(&b, ccp_lit("{\"anyOf\":[{}"));

    for (i = 0; i < alternatives; i++) {
        ccp_buf_add_plain(&b, ccp_lit(",{\"$ref\":\"#/$defs/a\"}"));
    }

    ccp_buf_add_plain(&b, ccp_lit("],\"$defs\":{\"a\":{\"properties\":{"
                                  "\"x\":{}"));

    for (i = 0; i < members; i++) {
        snprintf(part, sizeof(part), ",\"p%d\":{\"type\":\"string\"}", i);
        ccp_buf_add_plain(&b, ccp_cstr(part));
    }

    ccp_buf_add_plain(&b, ccp_lit("}}}}"));

    left = LONG_MAX;
    s = ccp_schema_of(a, NULL, ccp_buf_str(&b, 0), CCP_SCHEMA_JSON,
                      CCP_SCHEMA_TIDY, CCP_SCHEMA_ARGS);

    return s.p ? LONG_MAX - left : LONG_MAX;
}


static void
test_cost(void)
{
    long          both, apart;
    ccp_arena_t  *a;

    a = ut_arena();
    json_set_alloc_funcs(scarce, free);

    apart = costs(a, MANY, 1) + costs(a, 1, MANY);
    both = costs(a, MANY, MANY);

    json_set_alloc_funcs(malloc, free);

    UT_CHECK(both < apart * 10, "alternatives and members: %ld allocations, "
             "each alone %ld", both, apart);

    ccp_arena_destroy(a);
}


int
main(void)
{
    test_rows();
    test_memory();
    test_cost();

    return ut_done();
}
