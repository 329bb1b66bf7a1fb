
/*
 * The JSON reader: grammar, UTF-8, depth, values; jansson is the oracle.
 */

#include <jansson.h>

#include "codec/json/json_read.h"
#include "ut.h"


typedef struct {
    const char  *text;
    int          ok;
} ut_case_t;


static const ut_case_t  ut_cases[] = {
    { "{}", 1 }, { "[]", 1 }, { " { } ", 1 }, { "[1,2,3]", 1 },
    { "{\"a\":1,\"b\":[true,false,null]}", 1 },
    { "[\"\\u00e9\\n\\\"\\\\\\/\"]", 1 }, { "[-0.5e+10,0,-0,1E5]", 1 },
    { "[\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"]", 1 },
    { "", 0 }, { " ", 0 }, { "{", 0 }, { "[", 0 }, { "[1", 0 }, { "[1,", 0 },
    { "[1,]", 0 }, { "[,1]", 0 }, { "{\"a\"}", 0 }, { "{\"a\":}", 0 },
    { "{\"a\":1,}", 0 }, { "{,}", 0 }, { "{a:1}", 0 }, { "[1 2]", 0 },
    { "[01]", 0 }, { "[1.]", 0 }, { "[.5]", 0 }, { "[1e]", 0 }, { "[+1]", 0 },
    { "[-]", 0 }, { "[tru]", 0 }, { "[nul", 0 }, { "[\"a]", 0 },
    { "[\"\\x\"]", 0 }, { "[\"\\u12g4\"]", 0 }, { "[\"\\u12", 0 },
    { "[\"a\nb\"]", 0 }, { "{}x", 0 }, { "[]]", 0 }, { "{]", 0 }, { "[}", 0 },
    { "[\"\xc0\x80\"]", 0 }, { "[\"\xed\xa0\x80\"]", 0 },
    { "[\"\xf4\x90\x80\x80\"]", 0 }, { "[\"\xe2\x82\"]", 0 },
    { "[\"\x80\"]", 0 }, { "[\"\xff\"]", 0 },
    { "[\"\\ud83d\\ude00\"]", 1 }, { "[\"\\ud83d\"]", 0 },
    { "[\"\\ude00\"]", 0 }, { "[\"\\u0000\"]", 0 }
};


/* By all readers that this processor has; -100 if they differ. */

static int
ut_parse(const char *text, size_t n, unsigned flags)
{
    int                 rc, rc2;
    char               *copy;
    ccp_json_t          doc;
    ccp_arena_t        *a;
    ccp_json_reader_e   reader;

    /* an exact copy, so that a sanitizer sees a read behind the end */

    copy = malloc(n ? n : 1);
    if (copy == NULL) {
        abort();
    }
    memcpy(copy, text, n);

    rc = 1;

    for (reader = 0; reader < CCP_JSON_NREADERS; reader++) {

        if (ccp_json_reader_name(reader) == NULL) {
            continue;
        }

        a = ut_arena();
        ccp_json_init(&doc, a);
        rc2 = ccp_json_parse_by(reader, &doc, (uint8_t *) copy, n, flags,
                                NULL);
        ccp_arena_destroy(a);

        rc = rc == 1 || rc == rc2 ? rc2 : -100;
    }

    free(copy);

    return rc;
}


static void
test_grammar(void)
{
    int      rc, oracle;
    size_t   i, n;
    json_t  *j;

    for (i = 0; i < sizeof(ut_cases) / sizeof(ut_cases[0]); i++) {
        n = strlen(ut_cases[i].text);
        rc = ut_parse(ut_cases[i].text, n, CCP_JSON_STRICT);

        j = json_loadb(ut_cases[i].text, n, 0, NULL);
        oracle = (j != NULL);
        json_decref(j);

        UT_CHECK((rc == CCP_OK) == ut_cases[i].ok && oracle == ut_cases[i].ok,
                 "grammar case %zu", i);
    }

    UT_CHECK(ut_parse("[\"\\ud83d\"]", 10, 0) == CCP_OK,
             "T35 a half of a surrogate pair passes where it isn't strict");
    UT_CHECK(ut_parse("17", 2, 0) == CCP_INVALID, "a scalar is no document");
    UT_CHECK(ut_parse("17", 2, CCP_JSON_ANY) == CCP_OK, "unless allowed");
}


static void
test_prefixes(void)
{
    size_t             i, n;
    static const char  text[] =
        "{\"a\":[1,-2.5e3,{\"b\":\"x\\u00e9\xc3\xa9\"}],\"c\":null,\"d\":true}";

    n = sizeof(text) - 1;

    for (i = 0; i < n; i++) {
        if (ut_parse(text, i, 0) != CCP_INVALID) {
            break;
        }
    }

    UT_CHECK(i == n, "every proper prefix is refused");
    UT_CHECK(ut_parse(text, n, 0) == CCP_OK, "the whole is accepted");
}


static void
test_depth(void)
{
    int     deepest;
    char   *p;
    size_t  n;

    n = 20000;
    p = malloc(n);
    memset(p, '[', n / 2);
    memset(p + n / 2, ']', n / 2);

    UT_CHECK(ut_parse(p, n, 0) == CCP_INVALID, "depth 10 000 is refused");

    deepest = CCP_JSON_MAX_DEPTH;
    UT_CHECK(ut_parse(p + n / 2 - deepest, 2 * deepest, 0) == CCP_OK,
             "the deepest nesting allowed");
    UT_CHECK(ut_parse(p + n / 2 - deepest - 1, 2 * deepest + 2, 0)
             == CCP_INVALID, "one level more is refused");
    free(p);
}


/* Every kind of byte at every place of a block, against jansson. */
static void
test_blocks(void)
{
    int            rc;
    char           text[256];
    size_t         i, k, n, len;
    long           runs, bad;
    json_t        *j;
    ccp_str_t      s, plain;
    ccp_json_t     doc;
    ccp_arena_t   *a;
    ccp_jiter_t    it;

    static const char  *const parts[] = {
        "\\n", "\\\\", "\\\\\\\\", "\\\\\\\"", "\\\"", "\\/\\b\\f\\r\\t",
        "\\u0041", "\\n\\u00e9\\n", "\\ud83d\\ude00", "\303\251",
        "\342\202\254\\t", "\\\\u12", "\\\\\\\\\\\\n",
        "\\x", "\\\\\\x", "\\u12g4", "\\ud800", "\001", "\177", "\377",
        "\\\001", "\303", "\\\303\251", "\\", "\\\\\\", "\"", "\\\\\""
    };

    runs = 0;
    bad = 0;

    for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        len = strlen(parts[i]);

        for (k = 0; k < 150; k++) {
            a = ut_arena();
            n = 2 + k + len;

            memset(text, 'a', sizeof(text));
            memcpy(text, "[\"", 2);
            memcpy(text + 2 + k, parts[i], len);
            n += (i + k) % 80;
            memcpy(text + n, "\"]", 2);
            n += 2;

            ccp_json_init(&doc, a);
            rc = ccp_json_parse(&doc, (const uint8_t *) text, n,
                                CCP_JSON_STRICT, NULL);
            j = json_loadb(text, n, 0, NULL);

            if ((j != NULL) != (rc == CCP_OK)) {
                bad++;

            } else if (j != NULL) {
                it = ccp_json_iter(ccp_json_root(&doc));
                (void) ccp_json_next(&it);
                s = ccp_json_str(it.val);
                plain = ccp_str_plain(a, s);
                bad += s.esc != (memchr(text, '\\', n) != NULL)
                       || plain.n != json_string_length(json_array_get(j, 0))
                       || memcmp(plain.p,
                                 json_string_value(json_array_get(j, 0)),
                                 plain.n) != 0;
            }

            runs++;
            json_decref(j);
            ccp_arena_destroy(a);
        }
    }

    UT_CHECK(bad == 0, "%ld strings read as jansson reads them", runs);
}


static void
test_values(void)
{
    int                rc;
    size_t             i;
    ccp_str_t          s;
    ccp_json_t         doc;
    ccp_jval_t         root;
    ccp_arena_t       *a;
    ccp_jiter_t        it;
    static const char  text[] =
        "{\"n\":12,\"f\":1.5,\"e\":1e3,\"s\":\"a\\u0062c\",\"t\":true,"
        "\"z\":null,\"l\":[1,[2,3],{\"x\":4}],\"n\":13,\"\\u006b\":\"esc\","
        "\"big\":123456789012345678901,\"q\":\"42\"}";

    static const struct {
        const char  *text;
        int64_t      value;
    } ints[] = {
        { "[9199999999999999999]", 9199999999999999999 },
        { "[9223372036854775807]", INT64_MAX },
        { "[9223372036854775808]", -7 },
        { "[18446744073709551617]", -7 },
        { "[-9223372036854775808]", INT64_MIN },
        { "[-9223372036854775809]", -7 },
        { "[-123456789012345678]", -123456789012345678 },
        { "[4e18]", 4000000000000000000 },
        { "[1e19]", -7 },
        { "[\"-\"]", -7 },
        { "[-0]", 0 }
    };

    a = ut_arena();
    ccp_json_init(&doc, a);

    for (i = 0; i < sizeof(ints) / sizeof(ints[0]); i++) {
        rc = ccp_json_parse(&doc, (const uint8_t *) ints[i].text,
                            strlen(ints[i].text), 0, NULL);
        it = ccp_json_iter(ccp_json_root(&doc));
        UT_CHECK(rc == CCP_OK && ccp_json_next(&it)
                 && ccp_json_int(it.val, -7) == ints[i].value,
                 "integer %s", ints[i].text);
    }

    ccp_json_free(&doc);
    ccp_json_init(&doc, a);
    UT_CHECK(ccp_json_parse(&doc, (const uint8_t *) text, sizeof(text) - 1,
                            0, NULL) == CCP_OK, "values parse");
    root = ccp_json_root(&doc);

    UT_CHECK(ccp_json_int(ccp_json_get(root, "n"), 0) == 13,
             "the last of equal names wins");
    UT_CHECK(ccp_json_int(ccp_json_get(root, "e"), 0) == 1000, "1e3 is 1000");
    UT_CHECK(ccp_json_int(ccp_json_get(root, "f"), -1) == -1,
             "1.5 is no integer");
    UT_CHECK(ccp_json_int(ccp_json_get(root, "big"), -1) == -1,
             "an integer out of range is the default");
    UT_CHECK(ccp_json_int(ccp_json_get(root, "q"), 0) == 42,
             "digits in a string");
    UT_CHECK(ccp_json_num(ccp_json_get(root, "f"), 0) == 1.5, "a real");
    UT_CHECK(ccp_json_is(ccp_json_get(root, "s"), "abc"), "escapes compare");
    UT_CHECK(ccp_json_is(ccp_json_get(root, "k"), "esc"), "escaped key");
    UT_CHECK(ccp_json_bool(ccp_json_get(root, "t"), 0) == 1, "true");
    UT_CHECK(ccp_json_type(ccp_json_get(root, "z")) == CCP_J_NULL
             && !ccp_json_has(ccp_json_get(root, "z"))
             && ccp_json_opt(root, "z").doc == NULL, "null counts as absent");
    UT_CHECK(ccp_json_get(root, "none").doc == NULL, "absent member");
    UT_CHECK(ccp_json_count(ccp_json_get(root, "l")) == 3
             && ccp_json_count(root) == 11, "counts");

    s = ccp_json_raw(ccp_json_get(root, "l"));
    UT_CHECK(ccp_str_is(s, "[1,[2,3],{\"x\":4}]"), "raw text");
    s = ccp_str_plain(a, ccp_json_gets(root, "s"));
    UT_CHECK(s.n == 3 && memcmp(s.p, "abc", 3) == 0, "decoded text");

    it = ccp_json_iter(ccp_json_get(root, "l"));
    UT_CHECK(ccp_json_next(&it) && ccp_json_int(it.val, 0) == 1
             && ccp_json_next(&it) && ccp_json_count(it.val) == 2
             && ccp_json_next(&it)
             && ccp_json_int(ccp_json_get(it.val, "x"), 0) == 4
             && !ccp_json_next(&it), "iteration steps over containers");

    ccp_arena_destroy(a);
}


static int
test_nomem(const ccp_mem_t *mem, void *arg)
{
    int           rc;
    char          text[8192];
    size_t        n;
    ccp_json_t    doc;
    ccp_arena_t  *a;

    (void) arg;

    n = 0;
    text[n++] = '[';
    while (n < 4000) {
        n += sprintf(text + n, "%s{\"a\":[1,2]}", n > 1 ? "," : "");
    }
    text[n++] = ']';

    a = ccp_arena_create(mem, 0);
    if (a == NULL) {
        return CCP_NOMEM;
    }

    ccp_json_init(&doc, a);
    rc = ccp_json_parse(&doc, (uint8_t *) text, n, 0, NULL);
    ccp_arena_destroy(a);

    return rc;
}


static void
test_error_place(void)
{
    ccp_jerr_t         err;
    ccp_json_t         doc;
    ccp_arena_t       *a;
    static const char  text[] = "{\"a\": 1, \"b\": tru }";

    a = ut_arena();
    ccp_json_init(&doc, a);
    UT_CHECK(ccp_json_parse(&doc, (const uint8_t *) text, sizeof(text) - 1,
                            0, &err) == CCP_INVALID
             && err.offset == 14 && strcmp(err.what, "invalid literal") == 0,
             "an error names its byte");
    ccp_arena_destroy(a);
}


static void
ut_oracle(const ut_rec_t *rec, void *arg)
{
    int          rc;
    int         *bad;
    json_t      *j;
    ccp_str_t    s;

    bad = arg;
    s = ut_rec_request(rec);
    if (s.p == NULL) {
        return;
    }

    rc = ut_parse((const char *) s.p, s.n, CCP_JSON_STRICT);
    j = json_loadb((const char *) s.p, s.n, 0, NULL);

    if ((rc == CCP_OK) != (j != NULL)) {
        (*bad)++;
    }

    json_decref(j);
    free((void *) s.p);
}


int
main(void)
{
    int  n, bad;

    test_grammar();
    test_prefixes();
    test_depth();
    test_blocks();
    test_values();
    test_error_place();
    ut_fail_each("parse", test_nomem, NULL);

    bad = 0;
    n = ut_recordings(NULL, ut_oracle, &bad);
    if (n) {
        UT_CHECK(bad == 0, "%d recorded requests as jansson reads them", n);
    }

    return ut_done();
}
