
/*
 * Edits of JSON texts, and parameters by them.
 */

#include "ut.h"
#include "codec/json/json_edit.h"
#include "codec/json/json_write.h"
#include "codec/form/form_request.h"
#include "ut_exchange.h"
#include "codec/rewrite/rewrite_params.h"
#include "codec/chat/chat.h"
#include "codec/gemini/gemini.h"


/* A document in an arena of its own. */

typedef struct {
    ccp_arena_t  *a;
    ccp_json_t    doc;
    ccp_edit_t    e;
} doc_t;


static ccp_jval_t
doc_open(doc_t *d, const char *json)
{
    d->a = ut_arena();
    ccp_json_init(&d->doc, d->a);

    if (ccp_json_parse(&d->doc, (const uint8_t *) json, strlen(json), 0, NULL)
        != CCP_OK)
    {
        printf("Bail out! no JSON: %s\n", json);
        exit(1);
    }

    ccp_edit_init(&d->e, &d->doc, d->a);

    return ccp_json_root(&d->doc);
}


/* Writes it and compares; closes the document. */

static void
doc_is(doc_t *d, const char *want, const char *name)
{
    char       *got;
    ccp_out_t   o;

    ccp_out_init(&o, d->a, 0);

    UT_CHECK(ccp_edit_write(&d->e, &o) == CCP_OK, "%s: written", name);

    got = ut_out_text(&o);
    UT_CHECK(strcmp(got, want) == 0, "%s: %s", name, got);
    free(got);

    ccp_edit_free(&d->e);
    ccp_arena_destroy(d->a);
}


static ccp_jval_t
get(ccp_jval_t v, const char *name)
{
    return ccp_json_get(v, name);
}


static ccp_jval_t
at(ccp_jval_t v, int i)
{
    ccp_jiter_t  it;

    for (it = ccp_json_iter(v); ccp_json_next(&it) && i > 0; i--) { }

    return it.val;
}


static void
test_values(void)
{
    doc_t       d;
    ccp_jval_t  r;

    r = doc_open(&d, " { \"a\" : 1 , \"b\":[ 1,2 ],\"c\":\"x\" }\n");
    doc_is(&d, " { \"a\" : 1 , \"b\":[ 1,2 ],\"c\":\"x\" }\n", "no edit");

    r = doc_open(&d, " { \"a\" : 1 , \"b\":[ 1,2 ],\"c\":\"x\" }\n");
    ccp_edit_set(&d.e, get(r, "c"), ccp_lit("null"));
    ccp_edit_set(&d.e, get(r, "a"), ccp_lit("{\"z\":0}"));
    ccp_edit_set_int(&d.e, at(get(r, "b"), 1), -7);
    doc_is(&d, " { \"a\" : {\"z\":0} , \"b\":[ 1,-7 ],\"c\":null }\n",
           "values replaced, out of order");

    r = doc_open(&d, "{\"a\":{\"x\":[1]},\"b\":\"y\"}");
    ccp_edit_set(&d.e, at(get(get(r, "a"), "x"), 0), ccp_lit("5"));
    ccp_edit_set(&d.e, get(r, "a"), ccp_lit("1"));
    ccp_edit_set_str(&d.e, get(r, "b"), ccp_lit("q\"\n"));
    doc_is(&d, "{\"a\":1,\"b\":\"q\\\"\\n\"}",
           "an edit inside of what is replaced is lost");

    r = doc_open(&d, "{\"a\":\"x\\ny\",\"b\":\"\"}");
    ccp_edit_last(&d.e, get(r, "a"), ccp_lit("\\u00e9"));
    ccp_edit_first(&d.e, get(r, "a"), ccp_lit("<"));
    ccp_edit_first(&d.e, get(r, "b"), ccp_lit("1"));
    ccp_edit_last(&d.e, get(r, "b"), ccp_lit("2"));
    doc_is(&d, "{\"a\":\"<x\\ny\\u00e9\",\"b\":\"12\"}", "texts in strings");
}


/* Every subset of four members is dropped, with something added or not. */

static void
test_members(void)
{
    int            k, m, add, n, bad;
    char           want[256], *got;
    doc_t          d;
    ccp_out_t      o;
    ccp_jval_t     r;
    static char  *name[] = { "a", "b", "c", "d" };
    static char  *text[] = { "\"a\" : 1", "\"b\":[{ }]", "\"c\":\"\"",
                             "\"d\":null" };
    static char  *sep[] = { "", " ,\n ", ", ", "," };

    bad = 0;

    for (m = 0; m < 32; m++) {
        add = m & 16;
        r = doc_open(&d, "{ \"a\" : 1 ,\n \"b\":[{ }], \"c\":\"\",\"d\":null }");
        strcpy(want, "{ ");
        n = 0;

        for (k = 0; k < 4; k++) {
            if (m & (1 << k)) {
                ccp_edit_drop(&d.e, get(r, name[k]));
                continue;
            }

            strcat(want, n++ ? sep[k] : "");
            strcat(want, text[k]);
        }

        if (add) {
            ccp_edit_add(&d.e, r, ccp_lit("e\""), ccp_lit("[0]"));
            strcat(want, n ? ",\"e\\\"\":[0]" : "\"e\\\"\":[0]");
        }

        strcat(want, " }");

        ccp_out_init(&o, d.a, 0);
        bad += ccp_edit_write(&d.e, &o) != CCP_OK;
        got = ut_out_text(&o);

        if (strcmp(got, want) != 0) {
            printf("# %s, not %s\n", got, want);
            bad++;
        }

        free(got);
        ccp_arena_destroy(d.a);
    }

    UT_CHECK(bad == 0, "members dropped and added, 32 ways");

    r = doc_open(&d, "{}");
    ccp_edit_add(&d.e, r, ccp_lit("a"), ccp_lit("1"));
    ccp_edit_add(&d.e, r, ccp_lit("b"), ccp_lit("2"));
    doc_is(&d, "{\"a\":1,\"b\":2}", "into an empty object");

    r = doc_open(&d, "{\"a\":{\"k\":[1]},\"b\":2}");
    ccp_edit_name(&d.e, get(r, "a"), ccp_lit("A\t"));
    ccp_edit_add(&d.e, get(r, "a"), ccp_lit("l"), ccp_lit("3"));
    ccp_edit_drop(&d.e, get(r, "b"));
    doc_is(&d, "{\"A\\t\":{\"k\":[1],\"l\":3}}", "renamed and entered");

    r = doc_open(&d, "[1, 2 ,3]");
    ccp_edit_drop(&d.e, at(r, 0));
    ccp_edit_first(&d.e, r, ccp_lit("{\"f\":0}"));
    ccp_edit_last(&d.e, r, ccp_lit("4"));
    ccp_edit_drop(&d.e, at(r, 2));
    doc_is(&d, "[{\"f\":0}, 2,4]", "elements");

    r = doc_open(&d, "[1,2]");
    ccp_edit_first(&d.e, r, ccp_lit("0"));
    doc_is(&d, "[0,1,2]", "an element in front");

    r = doc_open(&d, "[ ]");
    ccp_edit_first(&d.e, r, ccp_lit("0"));
    ccp_edit_last(&d.e, r, ccp_lit("9"));
    doc_is(&d, "[0,9 ]", "into an empty array");
}


/* ---- parameters ---- */

typedef struct {
    const char  *name;         /* "a.b", "-" in front: fills */
    const char  *value;
    const char  *model;
} said_t;


static ccp_param_t *
params(ccp_arena_t *a, const said_t *s)
{
    char          *p, *dot;
    size_t         n;
    const char   **path;
    ccp_str_t     *model;
    ccp_jerr_t     err;
    ccp_param_t   *list, **last, *new;

    list = NULL;
    last = &list;

    for ( /* void */ ; s->name; s++) {
        new = ccp_calloc(a, sizeof(ccp_param_t));
        new->fills = s->name[0] == '-';

        path = ccp_calloc(a, 8 * sizeof(char *));
        p = ccp_alloc(a, strlen(s->name) + 1);
        strcpy(p, s->name + new->fills);

        for (n = 0; p; p = dot) {
            path[n++] = p;
            dot = strchr(p, '.');

            if (dot) {
                *dot++ = '\0';
            }
        }

        new->path = path;

        if (ccp_param_value(ccp_cstr(s->value), a, &new->value, &err)
            != CCP_OK)
        {
            printf("Bail out! %s\n", s->value);
            exit(1);
        }

        if (s->model) {
            model = ccp_alloc(a, sizeof(ccp_str_t));
            *model = ccp_cstr(s->model);
            new->models = model;
            new->nmodels = 1;
        }

        *last = new;
        last = (ccp_param_t **) (void *) &new->next;
    }

    return list;
}


#define CASE(name, in, want, ...)                                             \
    do {                                                                      \
        doc_t   d;                                                            \
        said_t  s[] = { __VA_ARGS__, { NULL, NULL, NULL } };                  \
        doc_open(&d, in);                                                     \
        UT_CHECK(ccp_params_edit(&d.e, params(d.a, s), ccp_lit("Qwen3-8b"),   \
                                 snake) == CCP_OK, name);                     \
        doc_is(&d, want, name);                                               \
    } while (0)


static void
test_params(void)
{
    int  snake = 0;

    CASE("filled in", "{\"b\":1}", "{\"b\":1,\"a\":0.50}",
         { "-a", "0.50", NULL }, { "-b", "2", NULL });
    CASE("null counts as left out", "{\"a\":null}", "{\"a\":3}",
         { "-a", "3", NULL });
    CASE("overrides", "{\"a\":1,\"b\":2}", "{\"a\":\"word\",\"b\":[1]}",
         { "a", "word", NULL }, { "b", "[1]", NULL });
    CASE("an override beats what fills", "{}", "{\"a\":2}",
         { "-a", "1", NULL }, { "a", "2", NULL });
    CASE("removed, all of them", "{\"a\":1,\"b\":2,\"\\u0061\":3}",
         "{\"b\":2}", { "a", "null", NULL });
    CASE("nothing to remove", "{\"b\":2}", "{\"b\":2}", { "a", "null", NULL });
    CASE("the first that fits", "{}", "{\"a\":2}",
         { "a", "1", "gpt*" }, { "a", "2", "qwen*" }, { "a", "3", NULL });
    CASE("of no model", "{\"a\":0}", "{\"a\":0}", { "a", "1", "qwen" });
    CASE("nested: made", "{\"m\":1}",
         "{\"m\":1,\"k\":{\"e\":false,\"f\":{\"g\":1}}}",
         { "k.e", "false", NULL }, { "-k.f.g", "1", NULL },
         { "k.h", "null", NULL });
    CASE("nested: entered", "{\"k\":{\"e\":true,\"x\":[]},\"m\":1}",
         "{\"k\":{\"e\":false,\"x\":[],\"y\":2},\"m\":1}",
         { "k.e", "false", NULL }, { "-k.x", "1", NULL },
         { "-k.y", "2", NULL });
    CASE("nested: removed", "{\"k\":{\"e\":true}}", "{\"k\":{}}",
         { "k.e", "null", NULL });
    CASE("nested: removal makes nothing", "{}", "{}", { "k.e", "null", NULL });
    CASE("a parent that is no object stays where it fills",
         "{\"k\":\"x\"}", "{\"k\":\"x\"}", { "-k.e", "1", NULL });
    CASE("and gives way to an override", "{\"k\":\"x\"}", "{\"k\":{\"e\":1}}",
         { "k.e", "1", NULL }, { "-k.f", "2", NULL });
    CASE("a parent that is null", "{\"k\":null}", "{\"k\":{\"f\":2}}",
         { "-k.f", "2", NULL });

    snake = 1;
    CASE("snake case", "{\"generation_config\":{\"top_k\":1}}",
         "{\"generation_config\":{\"top_k\":2,\"topP\":1}}",
         { "generationConfig.topK", "2", NULL },
         { "generationConfig.topP", "1", NULL });
    CASE("snake case removed", "{\"generation_config\":1}", "{}",
         { "generationConfig", "null", NULL });
}


static void
test_words(void)
{
    size_t        i;
    ccp_str_t     v;
    ccp_jerr_t    err;
    ccp_arena_t  *a;

    static const struct {
        const char  *word;
        const char  *value;    /* NULL: refused */
    } words[] = {
        { "42", "42" }, { "0.5", "0.5" }, { "-1e3", "-1e3" },
        { "true", "true" }, { "\"42\"", "\"42\"" }, { "high", "\"high\"" },
        { "2024-10-21", "\"2024-10-21\"" }, { "", "\"\"" },
        { "a \"b\"", "\"a \\\"b\\\"\"" }, { "{\"a\":1}", "{\"a\":1}" },
        { "{a:1}", NULL }, { "[1,", NULL }, { "\"x", NULL }, { "\xff", NULL }
    };

    a = ut_arena();

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        v = ccp_none;

        if (ccp_param_value(ccp_cstr(words[i].word), a, &v, &err) != CCP_OK) {
            UT_CHECK(words[i].value == NULL, "word %s refused", words[i].word);
            continue;
        }

        UT_CHECK(words[i].value && ut_str_is(v, words[i].value),
                 "word %s", words[i].word);
    }

    v = ccp_lit("x");
    UT_CHECK(ccp_param_value(ccp_lit("null"), a, &v, &err) == CCP_OK
             && v.p == NULL, "null is no value");

    UT_CHECK(ccp_param_is_owned(&ccp_gemini_ops, "contents")
             && !ccp_param_is_owned(&ccp_chat_ops, "contents")
             && ccp_param_is_owned(&ccp_chat_ops, "model"), "owned members");

    ccp_arena_destroy(a);
}


/* What an encoder wrote: long parts by reference, in strings and as values. */

static int
overlay(const ccp_mem_t *mem, void *arg)
{
    int            rc;
    char          *got, *want, *big = arg;
    said_t         s[] = { { "t", "1", NULL }, { "o.n", "[2]", NULL },
                           { "gone", "null", NULL }, { NULL, NULL, NULL } };
    ccp_out_t      body, out;
    ccp_str_t      raw, str;
    ccp_edit_t     e;
    ccp_arena_t   *a, *ours;

    a = ccp_arena_create(mem, 0);
    if (a == NULL) {
        return CCP_NOMEM;
    }

    ours = ut_arena();
    memset(&e, 0, sizeof(e));
    raw = ccp_cstr(big);
    str = ccp_lit("");
    str.p = (const uint8_t *) big + 2;
    str.n = strlen(big) - 4;
    str.json = 1;

    ccp_out_init(&body, a, 16);
    ccp_out_init(&out, a, 16);

    ccp_w_obj(&body);
    ccp_w_kstr(&body, "s", str);
    ccp_w_kraw(&body, "gone", raw);
    ccp_w_key(&body, "o");
    ccp_w_obj(&body);
    ccp_w_kraw(&body, "r", raw);
    ccp_w_obj_end(&body);
    ccp_w_kint(&body, "t", 0);
    ccp_w_kstr(&body, "z", str);
    ccp_w_obj_end(&body);

    rc = ccp_out_finish(&body);

    if (rc == CCP_OK) {
        rc = ccp_edit_out(&e, &body, a);
    }

    if (rc == CCP_OK) {
        rc = ccp_params_edit(&e, params(ours, s), ccp_lit("m"), 0);
    }

    if (rc == CCP_OK) {
        rc = ccp_edit_write(&e, &out);
    }

    if (rc == CCP_OK) {
        want = malloc(4 * strlen(big) + 100);
        sprintf(want, "{\"s\":\"%.*s\",\"o\":{\"r\":%s,\"n\":[2]},\"t\":1,"
                "\"z\":\"%.*s\"}", (int) str.n, str.p, big, (int) str.n,
                str.p);
        got = ut_out_text(&out);

        if (strcmp(got, want) != 0) {
            printf("# %.200s\n", got);
            rc = CCP_INVALID;
        }

        if (ccp_out_seg(&out, 1).p != str.p) {
            printf("# copied\n");
            rc = CCP_INVALID;
        }

        free(got);
        free(want);
    }

    ccp_edit_free(&e);
    ccp_arena_destroy(ours);
    ccp_arena_destroy(a);

    return rc;
}


int
main(void)
{
    char  big[4096];

    memset(big, 'x', sizeof(big));
    memcpy(big, "[\"", 2);
    memcpy(big + sizeof(big) - 3, "\"]", 3);

    test_values();
    test_members();
    test_params();
    test_words();
    ut_fail_each("parameters over references", overlay, big);

    return ut_done();
}
