
/*
 * Framers: the whole grammar of event streams (T34, T36), NDJSON and JSON
 * arrays, each split at every byte.
 */

#include "codec/base/base_buf.h"
#include "codec/wire/wire_frame.h"
#include "ut.h"


typedef struct {
    const char   *name;
    ccp_frame_e   kind;
    const char   *in;
    const char   *want;        /* payloads as event|data; comments as #text */
} ut_case_t;


static const ut_case_t  ut_cases[] = {
    { "LF", CCP_FRAME_SSE, "data: a\n\ndata: b\n\n", "|a;|b;" },
    { "CR LF", CCP_FRAME_SSE, "data: a\r\n\r\ndata: b\r\n\r\n", "|a;|b;" },
    { "CR", CCP_FRAME_SSE, "data: a\r\rdata: b\r\r", "|a;|b;" },
    { "mixed ends", CCP_FRAME_SSE, "data: a\r\n\ndata: b\n\r\n", "|a;|b;" },
    { "no space after the colon", CCP_FRAME_SSE, "data:a\n\n", "|a;" },
    { "one space only is eaten", CCP_FRAME_SSE, "data:  a\n\n", "| a;" },
    { "event lines", CCP_FRAME_SSE, "event: x\ndata: a\n\ndata: b\n\n",
      "x|a;|b;" },
    { "event after data", CCP_FRAME_SSE, "data: a\nevent: x\n\n", "x|a;" },
    { "several data lines", CCP_FRAME_SSE, "data: a\ndata: b\ndata\n\n",
      "|a\nb\n;" },
    { "comments", CCP_FRAME_SSE, ": OPENROUTER PROCESSING\n\ndata: a\n:x\n\n",
      "# OPENROUTER PROCESSING;#x;|a;" },
    { "byte order mark", CCP_FRAME_SSE, "\xef\xbb\xbf" "data: a\n\n", "|a;" },
    { "unknown fields", CCP_FRAME_SSE, "id: 7\nretry: 1\ndata: a\nfoo\n\n",
      "|a;" },
    { "event without data", CCP_FRAME_SSE, "event: x\n\ndata: a\n\n", "|a;" },
    { "empty data", CCP_FRAME_SSE, "data:\n\n", "|;" },
    { "no empty line at the end", CCP_FRAME_SSE, "data: a\n\ndata: b\n",
      "|a;|b;" },
    { "no line end at the end", CCP_FRAME_SSE, "data: a\n\ndata: b",
      "|a;|b;" },
    { "blank lines first", CCP_FRAME_SSE, "\n\n\ndata: a\n\n\n\ndata: b\n\n",
      "|a;|b;" },
    { "NDJSON", CCP_FRAME_NDJSON, "{\"a\":1}\n{\"b\":2}\r\n\n  {\"c\":3}",
      "|{\"a\":1};|{\"b\":2};|{\"c\":3};" },
    { "array", CCP_FRAME_ARRAY,
      "[{\"a\":\"]}\"},\r\n{\"b\":\"\\\"}\"}\n, {\"c\":[1,{}]}]\n",
      "|{\"a\":\"]}\"};|{\"b\":\"\\\"}\"};|{\"c\":[1,{}]};" },
    { "array cut off", CCP_FRAME_ARRAY, "[{\"a\":1},{\"b\":",
      "|{\"a\":1};|{\"b\":;" },
    { "empty array", CCP_FRAME_ARRAY, "[]", "" },
    { "object for an array", CCP_FRAME_ARRAY, "{\"error\":{}}",
      "|{\"error\":{}};" }
};

#define UT_NCASES   (sizeof(ut_cases) / sizeof(ut_cases[0]))


static int
ut_payload(void *ctx, ccp_str_t event, ccp_str_t data, int comment)
{
    ccp_buf_t  *b;

    b = ctx;

    if (ccp_buf_add(b, comment ? "#" : "", comment ? 1 : 0) != CCP_OK
        || ccp_buf_add(b, event.p, event.n) != CCP_OK
        || (!comment && ccp_buf_add(b, "|", 1) != CCP_OK)
        || ccp_buf_add(b, data.p, data.n) != CCP_OK)
    {
        return CCP_NOMEM;
    }

    return ccp_buf_add(b, ";", 1);
}


/* Feeds in pieces that end at i and j; exact copies for the sanitizer. */

static int
ut_run(ccp_arena_t *a, const ut_case_t *c, size_t i, size_t j, ccp_buf_t *got)
{
    int          rc;
    size_t       k, n, ends[3], from;
    uint8_t     *copy;
    ccp_frame_t  f;

    ccp_frame_init(&f, c->kind, a, 0);
    ccp_buf_init(got, a, 0);
    n = strlen(c->in);

    ends[0] = i;
    ends[1] = j;
    ends[2] = n;
    from = 0;
    rc = CCP_OK;

    for (k = 0; k < 3 && rc == CCP_OK; k++) {
        if (ends[k] <= from) {
            continue;
        }

        copy = malloc(ends[k] - from);
        memcpy(copy, c->in + from, ends[k] - from);
        rc = ccp_frame_feed(&f, copy, ends[k] - from, ut_payload, got);
        free(copy);
        from = ends[k];
    }

    if (rc == CCP_OK) {
        rc = ccp_frame_end(&f, ut_payload, got);
    }

    ccp_frame_free(&f);

    return rc;
}


static int
ut_nomem(const ccp_mem_t *mem, void *arg)
{
    int           rc;
    ccp_buf_t     got;
    ccp_arena_t  *a;

    a = ccp_arena_create(mem, 0);
    if (a == NULL) {
        return CCP_NOMEM;
    }

    rc = ut_run(a, arg, 3, 9, &got);
    ccp_arena_destroy(a);

    return rc;
}


static void
ut_limit(void)
{
    int           rc;
    ccp_frame_t   f;
    ccp_buf_t     got;
    ccp_arena_t  *a;
    static char   line[4096];

    a = ut_arena();
    memset(line, 'x', sizeof(line));
    memcpy(line, "data: ", 6);

    ccp_buf_init(&got, a, 0);
    ccp_frame_init(&f, CCP_FRAME_SSE, a, 1024);
    rc = ccp_frame_feed(&f, (uint8_t *) line, sizeof(line), ut_payload, &got);
    UT_CHECK(rc == CCP_NOMEM, "a payload over the limit is refused");
    ccp_arena_destroy(a);
}


int
main(void)
{
    size_t        c, i, j, n, bad;
    ccp_buf_t     got;
    ccp_arena_t  *a;

    for (c = 0; c < UT_NCASES; c++) {
        n = strlen(ut_cases[c].in);
        bad = 0;

        for (i = 0; i <= n; i++) {
            for (j = i; j <= n; j++) {
                a = ut_arena();

                if (ut_run(a, &ut_cases[c], i, j, &got) != CCP_OK
                    || got.n != strlen(ut_cases[c].want)
                    || memcmp(got.p ? (char *) got.p : "",
                              ut_cases[c].want, got.n) != 0)
                {
                    bad++;
                }

                ccp_arena_destroy(a);
            }
        }

        UT_CHECK(bad == 0, "T36 %s, split at any two bytes",
                 ut_cases[c].name);
    }

    ut_fail_each("several data lines", ut_nomem, (void *) &ut_cases[8]);
    ut_limit();

    return ut_done();
}
