
/*
 * Media URLs, joined texts, arguments, user ids (T45), estimates, built-ins.
 */

#include "ut.h"
#include "codec/json/json_out.h"
#include "codec/json/json_read.h"
#include "codec/form/form_block.h"
#include "codec/form/form_media.h"
#include "codec/schema/schema.h"
#include "codec/prepare/prepare.h"
#include "codec/proto/proto_out.h"


static ccp_str_t
json_str(const char *s)
{
    ccp_str_t  r;

    r = ccp_cstr(s);
    r.json = 1;
    r.esc = strchr(s, '\\') != NULL;

    return r;
}


static void
test_urls(void)
{
    ccp_out_t     o;
    ccp_arena_t  *a;
    ccp_media_t   m;

    a = ut_arena();
    memset(&m, 0, sizeof(m));

    ccp_media_url(&m, json_str("data:image\\/png;base64,iVBOR\\/w0="));
    UT_CHECK(m.kind == CCP_MEDIA_B64 && ut_str_is(m.mime, "image/png")
             && ut_str_is(m.data, "iVBOR/w0="), "a data URL with escapes");

    ccp_out_init(&o, a, 0);
    ccp_w_media_url(&o, &m);
    UT_CHECK(ccp_out_finish(&o) == CCP_OK
             && ut_str_is(ccp_out_all(&o),
                          "\"data:image\\/png;base64,iVBOR\\/w0=\""),
             "and back, byte by byte");

    memset(&m, 0, sizeof(m));
    ccp_media_url(&m, ccp_lit("data:text/plain;charset=utf-8;base64,QQ=="));
    UT_CHECK(m.kind == CCP_MEDIA_B64 && ut_str_is(m.mime, "text/plain")
             && ut_str_is(m.data, "QQ=="), "parameters of the type");

    memset(&m, 0, sizeof(m));
    ccp_media_url(&m, ccp_lit("data:;base64,QQ=="));
    UT_CHECK(m.kind == CCP_MEDIA_B64 && m.mime.p == NULL, "no type");

    memset(&m, 0, sizeof(m));
    ccp_media_url(&m, ccp_lit("https://example.com/a;base64,b.png"));
    UT_CHECK(m.kind == CCP_MEDIA_URL && m.mime.p == NULL
             && ut_str_is(m.data, "https://example.com/a;base64,b.png"),
             "other URLs stay whole");
    ccp_media_url(&m, ccp_lit("data:,hi"));
    UT_CHECK(m.kind == CCP_MEDIA_URL, "a data URL without base64");

    ccp_out_reset(&o);
    ccp_w_media_url(&o, &m);
    UT_CHECK(ccp_out_finish(&o) == CCP_OK
             && ut_str_is(ccp_out_all(&o), "\"data:,hi\""), "a URL written");

    ccp_arena_destroy(a);
}


static void
test_settle(void)
{
    size_t         i;
    ccp_arena_t   *a;
    ccp_block_t    b;
    static const struct {
        ccp_block_e  kind;
        const char  *mime;
        const char  *data;
        const char  *name;
        ccp_block_e  to;
        const char  *mime_to;
        const char  *data_to;
        int          known;
    } cases[] = {
        { CCP_B_IMAGE, "image/png", "iVBORw0KGgo_-w", NULL,
          CCP_B_IMAGE, "image/png", "iVBORw0KGgo/+w==", 1 },
        { CCP_B_IMAGE, "image/png", "iVBORw0KGgo", NULL,
          CCP_B_IMAGE, "image/png", "iVBORw0KGgo=", 1 },
        { CCP_B_AUDIO, "audio/wav", "UklG\\nRg-_", NULL,
          CCP_B_AUDIO, "audio/wav", "UklGRg+/", 1 },
        { CCP_B_DOC, "application/pdf", "JVBERi0_", NULL,
          CCP_B_DOC, "application/pdf", "JVBERi0/", 1 },
        { CCP_B_IMAGE, "IMAGE/JPG; q=1", "\\/9j\\/4AAQ", NULL,
          CCP_B_IMAGE, "image/jpeg", "/9j/4AAQ", 1 },
        { CCP_B_DOC, "IMAGE/PNG", "AAAA", NULL,
          CCP_B_IMAGE, "image/png", "AAAA", 1 },
        { CCP_B_IMAGE, "image/png", "not base64!", NULL,
          CCP_B_IMAGE, "image/png", "not base64!", 1 },
        { CCP_B_IMAGE, "image/tiff", "SUkqAA==", NULL,
          CCP_B_IMAGE, "image/tiff", "SUkqAA==", 0 },
        { CCP_B_IMAGE, "image/svg+xml", "PHN2Zy8-", NULL,
          CCP_B_DOC, "image/svg+xml", "<svg/>", 1 },
        { CCP_B_DOC, "text/csv; charset=utf-8", "77u_YSxiCjEsMg", NULL,
          CCP_B_DOC, "text/csv", "a,b\n1,2", 1 },
        { CCP_B_DOC, "text/plain", "5A==", NULL,
          CCP_B_DOC, "text/plain", "5A==", 0 },
        { CCP_B_DOC, "application/pdf", "e30=", "A.JSON",
          CCP_B_DOC, "application/json", "{}", 1 },
        { CCP_B_DOC, "application/octet-stream", "UEsDBA", "a.docx",
          CCP_B_DOC, "application/vnd.openxmlformats-officedocument."
                     "wordprocessingml.document", "UEsDBA==", 0 },
        { CCP_B_DOC, NULL, "JVBERi0K", NULL,
          CCP_B_DOC, NULL, "JVBERi0K", 1 }
    };

    a = ut_arena();

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        memset(&b, 0, sizeof(b));
        b.kind = cases[i].kind;
        b.media.kind = CCP_MEDIA_B64;
        b.media.data = json_str(cases[i].data);

        if (cases[i].mime) {
            b.media.mime = json_str(cases[i].mime);
        }

        if (cases[i].name) {
            b.media.filename = json_str(cases[i].name);
        }

        UT_CHECK(ccp_media_settle(a, &b) == CCP_OK && b.kind == cases[i].to
                 && (cases[i].mime_to ? ut_str_is(b.media.mime,
                                                  cases[i].mime_to)
                                      : b.media.mime.p == NULL)
                 && ut_str_is(b.media.data, cases[i].data_to)
                 && ccp_media_type_known(&b) == cases[i].known,
                 "T55: %s of %s", cases[i].data, cases[i].mime
                 ? cases[i].mime : "no type");
    }

    memset(&b, 0, sizeof(b));
    b.kind = CCP_B_IMAGE;
    b.media.kind = CCP_MEDIA_B64;
    b.media.data = ccp_lit("iVBORw0KGgo=");
    b.media.mime = ccp_lit("image/png");

    UT_CHECK(ccp_media_settle(a, &b) == CCP_OK
             && b.media.data.p == ccp_lit("iVBORw0KGgo=").p,
             "T55: what is fine is not copied");

    ccp_arena_destroy(a);
}


static ccp_block_t *
text(ccp_arena_t *a, ccp_str_t s)
{
    ccp_block_t  *b;

    b = ccp_block_new(a, CCP_B_TEXT);

    if (b != NULL) {
        b->text = s;
    }

    return b;
}


static void
test_text(void)
{
    int            err;
    ccp_arena_t   *a;
    ccp_block_t   *list, **tail;
    ccp_str_t      s;

    a = ut_arena();
    err = 0;
    list = NULL;
    tail = &list;

    UT_CHECK(ccp_block_join_text(a, NULL, "\n", &err).p == NULL, "no text");

    tail = ccp_block_push(tail, text(a, json_str("a\\tb")));
    tail = ccp_block_push(tail, ccp_block_new(a, CCP_B_IMAGE));
    s = ccp_block_join_text(a, list, "\n", &err);
    UT_CHECK(s.p == list->text.p, "one text is not copied");

    tail = ccp_block_push(tail, text(a, ccp_lit("c\"d")));
    s = ccp_block_join_text(a, list, "\n", &err);
    UT_CHECK(ut_str_is(s, "a\tb\nc\"d") && !err,
             "texts of both spellings joined");
    UT_CHECK(*tail == NULL, "the tail ends the list");

    ccp_arena_destroy(a);
}


static char *
args(ccp_arena_t *a, ccp_str_t text, int custom, int str)
{
    ccp_out_t     o;
    ccp_block_t  *b;

    b = ccp_block_new(a, CCP_B_CALL);
    b->text = text;
    b->free_text = custom != 0;

    ccp_out_init(&o, a, 0);

    if (str) {
        ccp_w_args_str(&o, a, b);

    } else {
        ccp_w_args(&o, a, b);
    }

    if (ccp_out_finish(&o) != CCP_OK) {
        abort();
    }

    return ut_cstr(ccp_out_all(&o));
}


static void
test_args(void)
{
    char         *s;
    size_t        i;
    ccp_arena_t  *a;
    struct {
        ccp_str_t    text;
        int          custom;
        const char  *object;
        const char  *string;
        const char  *what;
    } t[] = {
        { json_str("{\\\"a\\\": 1.50}"), 0, "{\"a\": 1.50}",
          "\"{\\\"a\\\": 1.50}\"", "T12: an object keeps its bytes" },
        { ccp_lit("{\"b\":[1e3]}"), 0, "{\"b\":[1e3]}",
          "\"{\\\"b\\\":[1e3]}\"", "T12: an object in the open" },
        { json_str(""), 0, "{}", "\"{}\"", "T09: empty" },
        { json_str(" \\n"), 0, "{}", "\"{}\"", "T09: blank" },
        { ccp_none, 0, "{}", "\"{}\"", "T09: absent" },
        { json_str("[1]"), 0, "{\"input\":\"[1]\"}",
          "\"{\\\"input\\\":\\\"[1]\\\"}\"", "no object: wrapped" },
        { json_str("{\\\"a\\\":"), 0, "{\"input\":\"{\\\"a\\\":\"}",
          "\"{\\\"input\\\":\\\"{\\\\\\\"a\\\\\\\":\\\"}\"",
          "T11: half an object is never sent as one" },
        { json_str("{}"), 1, "{\"input\":\"{}\"}",
          "\"{\\\"input\\\":\\\"{}\\\"}\"", "T16: free text stays text" },
        { ccp_lit("x\n\"y\""), 1, "{\"input\":\"x\\n\\\"y\\\"\"}",
          "\"{\\\"input\\\":\\\"x\\\\n\\\\\\\"y\\\\\\\"\\\"}\"",
          "T16: with quotes and lines" },
    };

    a = ut_arena();

    for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        s = args(a, t[i].text, t[i].custom, 0);
        UT_CHECK(strcmp(s, t[i].object) == 0, "%s", t[i].what);
        free(s);

        s = args(a, t[i].text, t[i].custom, 1);
        UT_CHECK(strcmp(s, t[i].string) == 0, "%s, as a string", t[i].what);
        free(s);
    }

    ccp_arena_destroy(a);
}


static void
test_user(void)
{
    char          id[200], *hex;
    ccp_str_t     s, x, y;
    ccp_arena_t  *a;

    a = ut_arena();
    memset(id, 'u', sizeof(id) - 1);
    id[sizeof(id) - 1] = '\0';
    s = ccp_cstr(id);

    x = ccp_request_fit_user(a, s, 64);
    y = ccp_request_fit_user(a, s, 64);
    hex = ut_cstr(x);
    UT_CHECK(x.n == 32 && ccp_str_eq(x, y)
             && strspn(hex, "0123456789abcdef") == 32,
             "T45: a long user id: 32 hex digits, always the same");
    free(hex);
    UT_CHECK(ccp_request_fit_user(a, s, 256).p == s.p,
             "T45: within the limit it stays");
    UT_CHECK(ccp_request_fit_user(a, ccp_none, 64).p == NULL,
             "T45: none stays none");

    ccp_arena_destroy(a);
}


static void
test_estimate(void)
{
    char           *big;
    int64_t         n, k;
    ccp_arena_t    *a;
    ccp_block_t    *b;
    ccp_message_t   m;
    ccp_request_t   r;

    a = ut_arena();
    memset(&r, 0, sizeof(r));
    memset(&m, 0, sizeof(m));
    r.msgs = &m;
    m.blocks = text(a, ccp_lit("12345678"));

    k = ccp_estimate_request(&r, "gemini", 0);
    n = ccp_estimate_request(&r, "claude", 0);
    UT_CHECK(n > 3 && n < 16, "T32: 8 bytes and a message");

    b = ccp_block_new(a, CCP_B_IMAGE);
    m.blocks->next = b;
    big = calloc(1, 1000000);
    b->media.kind = CCP_MEDIA_B64;
    b->media.data.p = (uint8_t *) big;
    b->media.data.n = 1000000;

    UT_CHECK(ccp_estimate_request(&r, "claude", 0) == n + 1600,
             "an image is flat, whatever its bytes");
    UT_CHECK(ccp_estimate_request(&r, "gemini", 0) == k + 258,
             "and each family's own");

    b->kind = CCP_B_DOC;
    UT_CHECK(ccp_estimate_request(&r, "gemini", 0) == k + 38 * 2000,
             "a PDF by its pages");

    b->kind = CCP_B_RESULT;
    b->parts = text(a, ccp_lit("one two three four five"));
    n = ccp_estimate_request(&r, "gemini", 0) - k;
    UT_CHECK(n >= 5 && n < 20, "results count");

    free(big);
    ccp_arena_destroy(a);
}


static void
test_builtin(void)
{
    size_t        i;
    ccp_str_t     s, desc, out;
    ccp_arena_t  *a;
    ccp_json_t    doc;
    ccp_jerr_t    err;
    static const char *const  types[] = {
        "bash_20250124", "text_editor_20250728", "memory_20250818",
        "computer_20251124", "local_shell", "shell", "apply_patch"
    };

    a = ut_arena();

    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        s = ccp_builtin_schema(ccp_cstr(types[i]), &desc);
        ccp_json_init(&doc, a);
        UT_CHECK(s.p != NULL && desc.n > 0
                 && ccp_json_parse(&doc, s.p, s.n, 0, &err) == CCP_OK
                 && ccp_json_is(ccp_json_get(ccp_json_root(&doc), "type"),
                                "object")
                 && ccp_json_count(ccp_json_get(ccp_json_root(&doc),
                                                "properties")) > 0,
                 "the input of %s", types[i]);
        out = ccp_schema_of(a, NULL, s, CCP_SCHEMA_JSON, CCP_SCHEMA_TIDY,
                            CCP_SCHEMA_ARGS);
        UT_CHECK(out.p != NULL && ut_json_same(out, s),
                 "%s needs no tidying", types[i]);
    }

    UT_CHECK(ccp_builtin_schema(ccp_lit("web_search_20260318"), &desc).p
             == NULL && desc.p == NULL
             && ccp_builtin_schema(ccp_lit("shells"), &desc).p == NULL
             && ccp_builtin_schema(ccp_none, &desc).p == NULL,
             "others are unknown");

    ccp_arena_destroy(a);
}


static int
fail_text(const ccp_mem_t *mem, void *arg)
{
    int            rc, err;
    ccp_out_t      o;
    ccp_arena_t   *a;
    ccp_block_t   *b, *c;

    (void) arg;

    a = ccp_arena_create(mem, 0);
    if (a == NULL) {
        return CCP_NOMEM;
    }

    rc = CCP_NOMEM;
    err = 0;
    b = text(a, json_str("{\\\"a\\\":1}"));
    c = text(a, json_str("x\\ny"));

    if (b != NULL && c != NULL) {
        b->next = c;
        ccp_out_init(&o, a, 0);
        ccp_w_args(&o, a, b);
        ccp_w_args_str(&o, a, c);

        if (ccp_out_finish(&o) == CCP_OK
            && ccp_block_join_text(a, b, "\n", &err).p != NULL
            && ccp_request_fit_user(a, ccp_lit("0123456789"), 4).p != NULL)
        {
            rc = CCP_OK;
        }
    }

    ccp_arena_destroy(a);

    return rc;
}


int
main(void)
{
    test_urls();
    test_settle();
    test_text();
    test_args();
    test_user();
    test_estimate();
    test_builtin();
    ut_fail_each("text and arguments", fail_text, NULL);

    return ut_done();
}
