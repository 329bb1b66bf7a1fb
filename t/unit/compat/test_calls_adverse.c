
/*
 * Texts that are made to hurt (T15): tags nested, unclosed, in code and in
 * other languages, from a seeded generator.  Each byte comes out as text or
 * in a call, once and in order, however the text is cut; time is linear in
 * the text, and memory bounded by the limit.
 */

#include <time.h>

#include "codec/base/base_buf.h"
#include "codec/stage/stage.h"
#include "ut_events.h"


#define UT_TEXTS    1000
#define UT_BATCH    50
#define UT_LIMIT    (64 * 1024)
#define UT_MIB      (1 << 20)


/* Words the generator strings together; each % becomes a mark of its own. */

static const char *const  ut_words[] = {
    "text % ", "日本語 % テキスト。", "ещё % ", "emoji 🙂 % ", "\n", "\n\n",
    "\n% ", " ", "a < b % > c ", "<", "<<", "< ", ">", "/>", "[", "]", "{", "}",
    "[{", "}]", "\"", "\\", "'", "%\"", "{\"", "`", "``", "```", "\n```\n",
    "\n```json\n", "\n```xml\n", "\n````\n", "\n~~~\n", "`%`", "``% ` %``",
    "<tool_call>", "</tool_call>", "<tool_call", "<tool_call name=\"get\">",
    "<tool_calls>", "</tool_calls>", "<function_calls>", "</function_calls>",
    "<function=get>", "<function=rm>", "<function=", "</function>",
    "<function name=\"get\">", "<parameter=s>", "<parameter=i>%",
    "</parameter>", "<parameter name=\"s\">", "<invoke name=\"get\">",
    "<invoke ", "</invoke>", "<ccp:call name=\"get\">", "<ccp:call",
    "<ccp:call>", "</ccp:call>", "</ccp:call", "<arg name=\"s\">", "%</arg>",
    "<s>%</s>", "<arguments>", "</arguments>", "<args>", "</args>",
    "<cs:tool_use>", "</cs:tool_use>", "<name>get</name>", "[TOOL_CALLS]",
    "[ARGS]", "get", "<arg_key>s</arg_key>", "<arg_value>%</arg_value>",
    "<|python_tag|>", "<|eom_id|>", "<|", "<｜tool▁calls▁begin｜>",
    "<｜tool▁call▁begin｜>", "function<｜tool▁sep｜>get", "<｜tool▁sep｜>", "<｜",
    "<｜tool▁call▁end｜>", "<|tool_call_begin|>", "functions.get:0",
    "<|tool_call_argument_begin|>", "<|tool_call_end|>",
    "<|channel|>commentary to=", "<|message|>", "<think>", "<b>%</b>",
    "{\"s\":\"%\"}", "{\"s\":\"%", "{\"name\":\"get\",\"arguments\":",
    "{\"name\":\"get\",\"arguments\":{\"s\":\"%\"}}",
    "{\"name\":\"rm\",\"arguments\":{\"s\":\"%\"}}",
    "[{\"name\":\"get\",\"arguments\":{\"s\":\"%\"}}]",
    "<ccp:call name=\"get\">{\"s\":\"%\"}</ccp:call>",
    "<ccp:call name=\"rm\">{\"s\":\"%\"}</ccp:call>",
    "<tool_call>{\"name\":\"get\",\"arguments\":{\"s\":\"%\"}}</tool_call>",
    "<tool_call>{\"name\":\"get\",\"arguments\":{\"s\":\"%\"}",
    "<function=get><parameter=s>%</parameter></function>",
    "<function=get><parameter=s>%</function>",
    "[TOOL_CALLS]get[ARGS]{\"s\":\"%\"}", "<|python_tag|>{\"name\":\"get\",",
    "<cs:tool_use><name>get</name><args><arg name=\"s\">%</arg></args>"
};

#define UT_WORDS  (sizeof(ut_words) / sizeof(ut_words[0]))


typedef struct {
    char     *p;
    size_t    n;
    size_t    cap;
} ut_text_t;

typedef struct {
    ut_stage_t   s;
    ccp_tool_t   tool;
    ut_text_t    out;
    size_t       calls;
    ccp_sink_t   first;
} ut_run_t;


static void
ut_add(ut_text_t *t, const char *p, size_t n)
{
    if (t->n + n + 1 > t->cap) {
        t->cap = 2 * (t->n + n + 1);
        t->p = realloc(t->p, t->cap);
    }

    memcpy(t->p + t->n, p, n);
    t->n += n;
    t->p[t->n] = '\0';
}


static uint32_t
ut_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005ull + 1442695040888963407ull;

    return (uint32_t) (*seed >> 33);
}


/* A text of about n bytes of words; a few of them come again and again. */

static void
ut_generate(ut_text_t *t, uint64_t seed, size_t n)
{
    char         mark[16];
    size_t       i, few[4], k;
    unsigned     marks;
    const char  *w;

    t->n = 0;
    marks = 0;

    for (i = 0; i < 4; i++) {
        few[i] = ut_random(&seed) % UT_WORDS;
    }

    k = ut_random(&seed) % 4;
    ut_add(t, "", 0);

    while (t->n < n) {
        i = ut_random(&seed);
        w = ut_words[i % 4 < k ? few[i / 4 % 4] : i / 4 % UT_WORDS];

        for ( ; *w; w++) {
            if (*w != '%') {
                ut_add(t, w, 1);
                continue;
            }

            snprintf(mark, sizeof(mark), "Q%uQ", marks++);
            ut_add(t, mark, strlen(mark));
        }
    }
}


static int
ut_out(void *ctx, const ccp_event_t *ev)
{
    ut_run_t   *c = ctx;
    ccp_buf_t   b;

    if (ev->kind == CCP_EV_BLOCK_START && ev->block->kind == CCP_B_CALL) {
        c->calls++;
        ut_add(&c->out, "\001", 1);
    }

    if (ev->kind == CCP_EV_DELTA) {
        ccp_buf_init(&b, c->s.ac.arena, 0);
        ccp_buf_add_plain(&b, ev->text);
        ut_add(&c->out, (char *) b.p, b.n);
        ccp_buf_free(&b);
    }

    return CCP_OK;
}


static int
ut_begin(ut_run_t *c, ccp_arena_t *a, size_t limit)
{
    ccp_sink_t  out;

    memset(c, 0, sizeof(ut_run_t));
    ut_stage_init(&c->s, a);
    c->tool.kind = CCP_T_FUNCTION;
    c->tool.name = ccp_lit("get");
    c->tool.schema = ccp_lit("{\"type\":\"object\",\"properties\":{\"s\":"
                             "{\"type\":\"string\"}}}");
    c->s.req.tools = &c->tool;

    out.fn = ut_out;
    out.ctx = c;
    c->first.fn = ccp_calls_event;
    c->first.ctx = ccp_calls_create(&c->s.ac, out, CCP_CALLS_COMPAT, limit);

    return c->first.ctx ? CCP_OK : CCP_NOMEM;
}


/* Plays a text in pieces of at most that size (0: whole); most: of random
 * size up to it. */

static int
ut_feed(ut_run_t *c, const char *p, size_t n, size_t piece, uint64_t seed)
{
    int          rc;
    size_t       at, len;
    ccp_block_t  block;
    ccp_event_t  ev;

    memset(&ev, 0, sizeof(ev));
    memset(&block, 0, sizeof(block));
    block.kind = CCP_B_TEXT;
    ev.block = &block;
    ev.kind = CCP_EV_BLOCK_START;
    rc = ccp_emit(&c->first, &ev);
    ev.kind = CCP_EV_DELTA;

    for (at = 0; at < n && rc == CCP_OK; at += len) {
        len = piece == 0 ? n : seed ? 1 + ut_random(&seed) % piece : piece;
        len = len < n - at ? len : n - at;
        ev.text = (ccp_str_t) { (const uint8_t *) p + at, len, 0, 0 };
        rc = ccp_emit(&c->first, &ev);
    }

    if (rc == CCP_OK) {
        ev.kind = CCP_EV_BLOCK_STOP;
        rc = ccp_emit(&c->first, &ev);
    }

    ev.kind = CCP_EV_FINISH;
    ev.stop = CCP_STOP_END;

    return rc == CCP_OK ? ccp_emit(&c->first, &ev) : rc;
}


/* The next mark at or behind p; NULL if there is none. */

static const char *
ut_mark(const char *p, unsigned *mark)
{
    char  *end;

    for (p = strchr(p, 'Q'); p; p = strchr(p + 1, 'Q')) {
        if (p[1] < '0' || p[1] > '9') {
            continue;
        }

        *mark = (unsigned) strtoul(p + 1, &end, 10);

        if (*end == 'Q') {
            return end + 1;
        }
    }

    return NULL;
}


/* Whether all marks came, each once and in their order. */

static int
ut_marks(const ut_text_t *in, const ut_text_t *out)
{
    unsigned     mark, want, count;
    const char  *p, *q;

    for (count = 0, p = in->p; (p = ut_mark(p, &mark)); count++) {
        /* void */
    }

    for (want = 0, q = out->p ? out->p : ""; (q = ut_mark(q, &mark)); want++) {
        if (mark != want) {
            return 0;
        }
    }

    return want == count;
}


static int
ut_generated(uint64_t seed, size_t *calls, size_t *bytes)
{
    int           ok;
    size_t        i;
    ut_run_t      whole, c;
    ut_text_t     in;
    ccp_arena_t  *a;

    static const size_t  pieces[] = { 1, 7, 100, 50 };

    memset(&in, 0, sizeof(in));
    ut_generate(&in, seed, 64 + seed * 7919 % 3000);

    a = ut_arena();
    ok = ut_begin(&whole, a, UT_LIMIT) == CCP_OK
         && ut_feed(&whole, in.p, in.n, 0, 0) == CCP_OK
         && ut_marks(&in, &whole.out)
         && (whole.calls || (in.n == whole.out.n
                             && memcmp(in.p, whole.out.p, in.n) == 0));

    for (i = 0; i < sizeof(pieces) / sizeof(pieces[0]) && ok; i++) {
        ok = ut_begin(&c, a, UT_LIMIT) == CCP_OK
             && ut_feed(&c, in.p, in.n, pieces[i], i == 3 ? seed + 1 : 0)
                == CCP_OK
             && c.out.n == whole.out.n && c.calls == whole.calls
             && (c.out.n == 0 || memcmp(c.out.p, whole.out.p, c.out.n) == 0);

        if (!ok) {
            printf("# pieces of %zu: %.*s\n", pieces[i], (int) c.out.n,
                   c.out.p);
        }

        free(c.out.p);
    }

    if (!ok) {
        printf("# seed %llu: %s\n# whole: %s\n", (unsigned long long) seed,
               in.p, whole.out.p);
    }

    *calls += whole.calls;
    *bytes += in.n;

    ccp_arena_destroy(a);
    free(whole.out.p);
    free(in.p);

    return ok;
}


static void
ut_all_generated(void)
{
    int       ok;
    size_t    calls, bytes;
    uint64_t  seed;

    calls = 0;
    bytes = 0;

    for (ok = 1, seed = 1; ok && seed <= UT_TEXTS; seed++) {
        ok = ut_generated(seed, &calls, &bytes);
    }

    UT_CHECK(ok, "T15: %d generated texts: every byte once, however cut",
             UT_TEXTS);
    UT_CHECK(calls > UT_TEXTS / 2 && calls < bytes / 100,
             "T15: with %zu calls in %zu bytes", calls, bytes);
}


/* ---- time and memory ---- */

/* CPU time of a text of n bytes that repeats another one; *size: memory. */

static double
ut_time(const char *piece, size_t len, size_t n, size_t step, size_t *size)
{
    char         *p;
    size_t        i;
    clock_t       begin;
    ut_run_t      c;
    ccp_arena_t  *a;

    p = malloc(n);

    for (i = 0; i < n; i++) {
        p[i] = piece[i % len];
    }

    a = ut_arena();
    ut_begin(&c, a, UT_LIMIT);

    begin = clock();
    ut_feed(&c, p, n, step, 0);
    begin = clock() - begin;

    *size = ccp_arena_size(a) - 64 * c.calls;
    ccp_arena_destroy(a);
    free(c.out.p);
    free(p);

    return (double) begin / CLOCKS_PER_SEC;
}


/* Four times the text: about four times the time, where the square of the
 * length would make it sixteen.  A busy machine may take three tries. */

static int
ut_scales(double (*run)(void *, size_t), void *arg, size_t n, double *one,
    double *four)
{
    int  i;

    for (i = 0; i < 3; i++) {
        *one = run(arg, n);
        *four = run(arg, 4 * n);

        if (*four < (*one < 0.005 ? 0.005 : *one) * 8) {
            return 1;
        }
    }

    return 0;
}


typedef struct {
    const char  *piece;
    size_t       size;
} ut_piece_t;


static double
ut_run_piece(void *arg, size_t n)
{
    double       t;
    size_t       size;
    ut_piece_t  *u = arg;

    t = ut_time(u->piece, strlen(u->piece), n, n, &size);
    u->size = size > u->size ? size : u->size;

    return t;
}


static void
ut_megabytes(void)
{
    int         ok;
    char        name[40], *q;
    size_t      i;
    double      one, four;
    ut_piece_t  u;

    static const char *const  pieces[] = {
        "<", "<tool_call>", "{", "[", "`", "``` ", "\n```json\n", "\n```\n",
        "<ccp:call name=\"get\">", "<ccp:call ", "<ccp:call name=\"rm\">",
        "<ccp:call name=\"get\"><s>",
        "<ccp:call name=\"get\"><arg name=\"s\">x</arg>",
        "</ccp:call>", "<function=get><parameter=s></function>",
        "<function=get>", "<function=", "[TOOL_CALLS]", "[TOOL_CALLS][",
        "[TOOL_CALLS]get ", "<cs:tool_use>", "<cs:tool_use><name>",
        "<|python_tag|>", "<|python_tag|>{\"name\"", "<｜tool▁call▁begin｜>",
        "<｜", "<tool_call>{\"", "<tool_call>[[", "<tool_call>get\n",
        "{\"name\":\"get\",\"arguments\":{}}", "[{\"name\":", "\\\"", " ",
        "<invoke name=\"get\"></invoke>", "</parameter",
        "<tool_call>{\"name\":\"get\",\"arguments\":\"{", "é", "~~~\n"
    };

    for (i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        u.piece = pieces[i];
        u.size = 0;
        ok = ut_scales(ut_run_piece, &u, UT_MIB / 4, &one, &four);

        snprintf(name, sizeof(name), "%s", pieces[i]);

        while ((q = strchr(name, '\n'))) {
            *q = '~';
        }

        UT_CHECK(ok, "T15: a megabyte of %s: %.3f s, a quarter: %.3f s", name,
                 four, one);
        UT_CHECK(u.size < 4 * UT_LIMIT, "T15: … holds %zu bytes", u.size);
    }
}


/* A batch of generated texts, each repeated to that length. */

static double
ut_run_batch(void *arg, size_t n)
{
    double     t;
    size_t     i, size;
    uint64_t   seed;
    ut_text_t  in;

    memset(&in, 0, sizeof(in));
    t = 0;

    for (i = 0; i < UT_BATCH; i++) {
        seed = *(uint64_t *) arg + i;
        ut_generate(&in, seed, 200 + seed % 700);
        t += ut_time(in.p, in.n, n, 1000, &size);
    }

    free(in.p);

    return t;
}


static void
ut_batches(void)
{
    int       ok;
    double    one, four;
    uint64_t  seed;

    for (seed = 1, ok = 1; ok && seed <= UT_TEXTS; seed += UT_BATCH) {
        ok = ut_scales(ut_run_batch, &seed, 2048, &one, &four);
    }

    UT_CHECK(ok, "T15: generated texts of fourfold length take about "
             "fourfold time: %.3f s, %.3f s", four, one);
}


int
main(void)
{
    ut_all_generated();
    ut_megabytes();
    ut_batches();

    return ut_done();
}
