
/*
 * The readers for the kinds of processors: each reads and refuses as the
 * portable one, to the byte, wherever its steps begin and end.
 */

#define _GNU_SOURCE

#include <sys/mman.h>

#include "codec/json/json_read.h"
#include "ut.h"


#define UT_MOST     400            /* bytes of a text */
#define UT_PAGE     65536          /* a multiple of any page's size */


static int       ut_texts;
static int       ut_bad;
static uint32_t  ut_seed = 1;


static uint32_t
ut_random(uint32_t n)
{
    ut_seed = ut_seed * 1664525u + 1013904223u;

    return (ut_seed >> 8) % n;
}


/* Pages of text between two that nobody may read. */

static uint8_t *
ut_pages(void)
{
    size_t          page;
    uint8_t        *p;
    static uint8_t *text;

    if (text == NULL) {
        page = UT_PAGE;
        p = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (p == MAP_FAILED || mprotect(p, page, PROT_NONE) != 0
            || mprotect(p + 2 * page, page, PROT_NONE) != 0)
        {
            abort();
        }

        text = p + page;
    }

    return text;
}


/* The text by one reader, its first byte or its last one at the edge. */

static int
ut_by(ccp_json_reader_e reader, const uint8_t *text, size_t n, int last,
    ccp_json_t *doc, ccp_jerr_t *err)
{
    uint8_t  *p;

    p = ut_pages() + (last ? UT_PAGE - n : 0);
    memcpy(p, text, n);

    err->offset = 0;
    err->what = "";

    return ccp_json_parse_by(reader, doc, p, n,
                             CCP_JSON_ANY | CCP_JSON_STRICT, err);
}


static void
ut_same(const uint8_t *text, size_t n)
{
    int                rc, rc2, last;
    ccp_json_t         doc, doc2;
    ccp_jerr_t         err, err2;
    ccp_arena_t       *a;
    ccp_json_reader_e  reader;

    a = ut_arena();
    ccp_json_init(&doc, a);
    rc = ut_by(CCP_JSON_PORTABLE, text, n, 1, &doc, &err);

    for (reader = CCP_JSON_PORTABLE; reader < CCP_JSON_NREADERS; reader++) {
        for (last = 0; last < 2 && ccp_json_reader_name(reader); last++) {
            ccp_json_init(&doc2, a);
            rc2 = ut_by(reader, text, n, last, &doc2, &err2);

            if ((rc != rc2 || err.offset != err2.offset
                 || strcmp(err.what, err2.what) != 0 || doc.n != doc2.n
                 || (doc.n && memcmp(doc.nodes, doc2.nodes,
                                     doc.n * sizeof(ccp_jnode_t)) != 0))
                && ut_bad++ < 5)
            {
                printf("# %s, %d: %d %zu %s, not %d %zu %s: %.*s\n",
                       ccp_json_reader_name(reader), last, rc2, err2.offset,
                       err2.what, rc, err.offset, err.what, (int) n,
                       (const char *) text);
            }
        }
    }

    ut_texts++;
    ccp_arena_destroy(a);
}


/* What stands in a string and must be seen at every place of a step. */

static const char  *const ut_pieces[] = {
    "\"", "\\\"", "\\\\", "\\\\\\\"", "\\n", "\\/", "\\b", "\\f", "\\r",
    "\\t", "\\u00e9", "\\ud83d\\ude00", "\\ud83d", "\\ude00", "\\u0000",
    "\\u12g4", "\\u1", "\\x", "\\", "\\\\\\", "\n", "\x01", "\x1f", "\x7f",
    "\\a", "\\B", "\\N", "\\2", "\\R", "\\.", "\\\xc3\xa9", "\\\n",
    "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xed\x9f\xbf",
    "\xef\xbf\xbf", "\xf4\x8f\xbf\xbf", "\xe0\xa0\x80", "\xf0\x90\x80\x80",
    "\xc2\x80", "\xdf\xbf",
    "\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc3", "\xc3\xc3", "\xe2\x82",
    "\xe2", "\xe2\x82\xc3\xa9", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x9f",
    "\xf0\x9f\x98", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
    "\xff", "\xfe", "\xc3\xa9\xa9", "\xe2\x82\xac\xac",
    "\xf0\x9f\x98\x80\x80", "\xc3\\n", "\xe2\x82\"", "\xf0\x9f\x98\\\""
};


static void
test_pieces(void)
{
    size_t   i, at, k, n, tail;
    uint8_t  text[UT_MOST];

    ut_texts = 0;
    ut_bad = 0;

    for (i = 0; i < ccp_countof(ut_pieces); i++) {
        k = strlen(ut_pieces[i]);

        for (at = 0; at <= 140; at++) {
            for (tail = 0; tail < 100; tail += at % 7 ? 49 : 3) {
                text[0] = '[';
                text[1] = '"';
                memset(text + 2, 'x', at);
                memcpy(text + 2 + at, ut_pieces[i], k);
                memset(text + 2 + at + k, 'y', tail);
                n = 2 + at + k + tail;
                text[n++] = '"';
                text[n++] = ']';

                ut_same(text, n);
                ut_same(text, n - 2);
            }
        }
    }

    UT_CHECK(ut_bad == 0, "a piece at each place of a step, %d texts",
             ut_texts);
}


/* A step of pieces, some good, each of which may be the last byte. */

static void
test_strings(void)
{
    int      i;
    size_t   n, k;
    uint8_t  text[UT_MOST + 80];
    char     what;

    ut_texts = 0;
    ut_bad = 0;

    for (i = 0; i < 20000; i++) {
        text[0] = '"';
        n = 1;

        while (n < UT_MOST - 20 && ut_random(60)) {
            what = "aaaaeeuu\\\\npq"[ut_random(13)];

            if (what == 'p') {
                const char  *p = ut_pieces[ut_random(ccp_countof(ut_pieces))];

                k = ut_random(4) ? 0 : strlen(p);
                memcpy(text + n, p, k);

            } else if (what == 'e' || what == 'u') {
                const char  *p = what == 'e' ? "\xc3\xa9" : "\xf0\x9f\x98\x80";

                k = strlen(p);
                memcpy(text + n, p, k);

            } else {
                k = 1 + ut_random(what == 'a' ? 50 : 3);
                memset(text + n, what == 'q' ? 'x' : what, k);
            }

            n += k;
        }

        text[n++] = '"';
        ut_same(text, n - ut_random(2));
    }

    UT_CHECK(ut_bad == 0, "%d strings of random pieces", ut_texts);
}


/* Documents by a grammar, then with random bytes in them. */

static size_t
ut_value(uint8_t *p, size_t n, int level)
{
    uint32_t                   i, count, kind;
    static const char  *const  words[] = {
        "true", "false", "null", "0", "-1.5e+3", "12", "\"\"", "\"a\"",
        "\"type\"", "\"\\\"\"", "\"a string of some length, that is long\"",
        "\"caf\xc3\xa9 and \\u00e9\\n, and what not more, as it goes on and "
        "on, up to the end of it\""
    };

    kind = level > 4 || n > UT_MOST / 2 ? 0 : ut_random(4);

    if (kind < 2) {
        i = ut_random(ccp_countof(words));
        memcpy(p + n, words[i], strlen(words[i]));
        return n + strlen(words[i]);
    }

    p[n++] = kind == 2 ? '[' : '{';
    count = ut_random(4);

    for (i = 0; i < count; i++) {
        if (i) {
            p[n++] = ',';
        }
        if (ut_random(5) == 0) {
            p[n++] = (uint8_t) " \n\t\r"[ut_random(4)];
        }
        if (kind == 3) {
            memcpy(p + n, ut_random(2) ? "\"key\":" : "\"name\" :", 6);
            n += 5;
            p[n++] = ':';
        }
        n = ut_value(p, n, level + 1);
    }

    p[n++] = kind == 2 ? ']' : '}';

    return n;
}


static void
test_documents(void)
{
    int      i;
    size_t   n, k;
    uint8_t  text[4096];

    ut_texts = 0;
    ut_bad = 0;

    for (i = 0; i < 20000; i++) {
        n = ut_value(text, 0, 0);

        for (k = ut_random(3); k; k--) {
            text[ut_random((uint32_t) n)] =
                (uint8_t) "\"\\{}[],:0 x\x80\xc3\n"[ut_random(14)];
        }

        ut_same(text, n - (ut_random(4) == 0));
    }

    UT_CHECK(ut_bad == 0, "%d documents, good and spoilt", ut_texts);
}


/* What comes near to a byte that ends text, behind one, at a text's end. */

static void
test_near(void)
{
    int                at;
    char               text[64];
    size_t             i, n;
    ccp_json_t         doc;
    ccp_jerr_t         err;
    ccp_arena_t       *a;
    ccp_json_reader_e  reader;

    static const char *const  near[] = { "#", "\\\\]", "\\\"#", "\\\\\\\\]]" };

    ut_bad = 0;
    a = ut_arena();

    for (at = 0; at < 40; at++) {
        for (i = 0; i < ccp_countof(near); i++) {
            n = (size_t) snprintf(text, sizeof(text), "{\"%.*s\":\"%s\"}", at,
                                  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                                  near[i]);

            for (reader = 0; reader < CCP_JSON_NREADERS; reader++) {
                if (ccp_json_reader_name(reader)) {
                    ccp_json_init(&doc, a);
                    ut_bad += ut_by(reader, (uint8_t *) text, n, 1, &doc,
                                    &err) != CCP_OK || doc.n != 3;
                }
            }
        }
    }

    ccp_arena_destroy(a);

    UT_CHECK(ut_bad == 0, "bytes next to those that end text");
}


static void
test_names(void)
{
    int                i;
    char               text[128], name[32];
    ccp_json_t         doc;
    ccp_arena_t       *a;
    ccp_json_reader_e  best;

    best = ccp_json_reader();

    UT_CHECK(ccp_json_reader_name(best) != NULL
             && ccp_json_reader_name(CCP_JSON_PORTABLE) != NULL,
             "the best reader is one that the processor has: %s",
             ccp_json_reader_name(best));

    /* names of all lengths that differ by one byte in the middle */

    ut_bad = 0;
    a = ut_arena();

    for (i = 0; i < 20; i++) {
        snprintf(text, sizeof(text), "{\"%.*sX%.*s\":1,\"%.*sY%.*s\":2}",
                 i / 2, "aaaaaaaaaa", (i + 1) / 2, "bbbbbbbbbb",
                 i / 2, "aaaaaaaaaa", (i + 1) / 2, "bbbbbbbbbb");
        ccp_json_init(&doc, a);
        ut_bad += ccp_json_parse(&doc, (uint8_t *) text, strlen(text), 0,
                                 NULL) != CCP_OK;

        snprintf(name, sizeof(name), "%.*sX%.*s", i / 2, "aaaaaaaaaa",
                 (i + 1) / 2, "bbbbbbbbbb");
        ut_bad += ccp_json_int(ccp_json_get(ccp_json_root(&doc), name), 0)
                  != 1;
        name[i / 2] = 'Z';
        ut_bad += ccp_json_get(ccp_json_root(&doc), name).doc != NULL;
        ccp_json_free(&doc);
    }

    ccp_arena_destroy(a);

    UT_CHECK(ut_bad == 0, "names that differ in the middle");
}


int
main(void)
{
    test_pieces();
    test_strings();
    test_documents();
    test_near();
    test_names();

    return ut_done();
}
