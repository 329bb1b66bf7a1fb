
/*
 * Calls in the text of models that were told of their tools in the prompt
 * (T15): every spelling of ut_calls.h, whole, in pieces of every small
 * size and cut in two at every byte, in three spellings of the text itself.
 * What comes out is the same, and text before a call comes before the call's
 * first byte.
 */

#include "codec/base/base_buf.h"
#include "codec/stage/stage.h"
#include "ut_events.h"
#include "ut_calls.h"


#define UT_PIECES      9           /* sizes of pieces */
#define UT_SPELLINGS   3
#define UT_ENDS        2           /* with the block's own end, without */


static const char  ut_schema[] =
    "{\"type\":\"object\",\"$defs\":{\"O\":{\"type\":\"object\"}},"
    "\"properties\":{\"s\":{\"type\":\"string\"},\"i\":{\"type\":\"integer\"},"
    "\"b\":{\"type\":\"boolean\",\"nullable\":true},"
    "\"l\":{\"type\":\"ARRAY\"},\"q\":{\"type\":[\"integer\",\"null\"]},"
    "\"u\":{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"integer\"}]},"
    "\"u2\":{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"integer\"}]},"
    "\"e\":{\"enum\":[1,2]},\"t\":{\"type\":[\"string\",\"integer\"],"
    "\"enum\":[\"5\",6]},\"r\":{\"$ref\":\"#/$defs/O\"}}}";


/* What a client sees: text, and calls between marks. */

typedef struct {
    ut_stage_t   s;
    ccp_name_t   name;
    ccp_tool_t   tools[6];
    ccp_buf_t    out;
    ccp_flow_t  *flow;
    ccp_sink_t   first;
    int          call;         /* the open block is one */
    ccp_stop_e   stop;
} ut_seen_t;


static int
ut_see(void *ctx, const ccp_event_t *ev)
{
    ut_seen_t  *c = ctx;

    switch (ev->kind) {

    case CCP_EV_BLOCK_START:
        c->call = (ev->block->kind == CCP_B_CALL);

        if (c->call) {
            ccp_buf_add(&c->out, UT_OPEN, 1);
            ccp_buf_add_plain(&c->out, ev->block->name);
            ccp_buf_add(&c->out, " ", 1);
        }
        break;

    case CCP_EV_DELTA:
        ccp_buf_add_plain(&c->out, ev->text);
        break;

    case CCP_EV_BLOCK_STOP:
        if (c->call) {
            ccp_buf_add(&c->out, UT_SHUT, 1);
        }
        c->call = 0;
        break;

    case CCP_EV_FINISH:
        c->stop = ev->stop;
        break;

    default:
        break;
    }

    return c->out.err ? CCP_NOMEM : CCP_OK;
}


static int
ut_seen(ut_seen_t *c, ccp_arena_t *a, ccp_calls_mode_e mode)
{
    size_t      i;
    ccp_sink_t  out;

    static const char *const  names[] = {
        "get", "put", "client", "note", "search"
    };

    memset(c, 0, sizeof(ut_seen_t));
    ut_stage_init(&c->s, a);
    ccp_buf_init(&c->out, a, 0);

    for (i = 0; i < 5; i++) {
        c->tools[i].kind = i == 4 ? CCP_T_HOSTED : i == 3 ? CCP_T_FREE_TEXT
                                                          : CCP_T_FUNCTION;
        c->tools[i].name = ccp_cstr(names[i]);
        c->tools[i].next = i == 4 ? NULL : &c->tools[i + 1];
    }

    c->tools[0].schema = ccp_cstr(ut_schema);
    c->tools[2].schema = ccp_lit("{\"properties\":{\"i\":{\"type\":"
                                 "\"string\"}}}");
    c->s.req.tools = c->tools;

    c->name.wire = ccp_lit("wire");
    c->name.client = ccp_lit("client");
    c->s.ac.names = &c->name;

    out.fn = ut_see;
    out.ctx = c;
    c->flow = ccp_flow_create(&c->s.ac, out, 0);
    if (c->flow == NULL) {
        return CCP_NOMEM;
    }

    out.fn = ccp_flow_event;
    out.ctx = c->flow;

    c->first.fn = ccp_calls_event;
    c->first.ctx = ccp_calls_create(&c->s.ac, out, mode, 0);

    return c->first.ctx ? CCP_OK : CCP_NOMEM;
}


static int
ut_send(ut_seen_t *c, ccp_event_e kind, ccp_stop_e stop, ccp_str_t text)
{
    int           rc;
    uint8_t      *copy;
    ccp_block_t   block;
    ccp_event_t   ev;

    memset(&ev, 0, sizeof(ev));
    memset(&block, 0, sizeof(block));
    block.kind = CCP_B_TEXT;
    ev.kind = kind;
    ev.block = kind == CCP_EV_BLOCK_START ? &block : NULL;
    ev.stop = stop;
    ev.text = text;

    /* of exact size and gone behind the event: the sanitizer sees a slice
     * that is kept or read past its end */

    copy = malloc(text.n + 1);

    if (text.n) {
        memcpy(copy, text.p, text.n);
        ev.text.p = copy;
    }

    rc = ccp_emit(&c->first, &ev);
    free(copy);

    return rc;
}


/* The text in a spelling: plain, JSON's, JSON's with all escapes. */

static ccp_str_t
ut_spell(ccp_buf_t *b, const char *text, int spelling)
{
    char      u[16];
    uint32_t  cp;

    b->n = 0;

    if (spelling == 0) {
        ccp_buf_add(b, text, strlen(text));
        return ccp_buf_str(b, 0);
    }

    if (spelling == 1) {
        ccp_buf_add_json(b, ccp_cstr(text));
        return ccp_buf_str(b, 1);
    }

    for ( ; *text; text++) {
        cp = (uint8_t) *text;

        if (cp < 0x80 && cp >= ' ' && strchr("<>\"`{|\\", (int) cp) == NULL) {
            ccp_buf_add(b, text, 1);
            continue;
        }

        if (cp >= 0xf0) {
            cp = (cp & 7) << 18 | (text[1] & 63) << 12 | (text[2] & 63) << 6
                 | (text[3] & 63);
            cp -= 0x10000;
            snprintf(u, sizeof(u), "\\u%04x\\u%04x", 0xd800 + (cp >> 10),
                     0xdc00 + (cp & 0x3ff));
            text += 3;
            ccp_buf_add(b, u, 12);
            continue;
        }

        if (cp >= 0xe0) {
            cp = (cp & 15) << 12 | (text[1] & 63) << 6 | (text[2] & 63);
            text += 2;

        } else if (cp >= 0xc0) {
            cp = (cp & 31) << 6 | (text[1] & 63);
            text++;
        }

        snprintf(u, sizeof(u), "\\u%04X", cp);
        ccp_buf_add(b, u, 6);
    }

    return ccp_buf_str(b, 1);
}


/* A place of at least `to` at which no escape is cut. */

static size_t
ut_place(ccp_str_t s, size_t to)
{
    size_t  at;

    for (at = 0; at < to && at < s.n; ) {
        at += !s.json || s.p[at] != '\\' ? 1 : s.p[at + 1] == 'u' ? 6 : 2;
    }

    return at < s.n ? at : s.n;
}


/* Plays the text in pieces (0: whole), or cut in two at a place. */

static int
ut_play_text(ut_seen_t *c, ccp_str_t s, size_t piece, size_t cut,
    ccp_stop_e stop, int end)
{
    int        rc;
    size_t     at, to;
    ccp_str_t  part;

    rc = ut_send(c, CCP_EV_START, 0, ccp_none);

    if (rc == CCP_OK) {
        rc = ut_send(c, CCP_EV_BLOCK_START, 0, ccp_none);
    }

    for (at = 0; at < s.n && rc == CCP_OK; at = to) {
        to = piece ? ut_place(s, at + piece)
                   : cut > at ? ut_place(s, cut) : s.n;
        part = s;
        part.p += at;
        part.n = to - at;
        part.esc = part.json;

        rc = ut_send(c, CCP_EV_DELTA, 0, part);
    }

    if (rc == CCP_OK && end) {
        rc = ut_send(c, CCP_EV_BLOCK_STOP, 0, ccp_none);
    }

    if (rc == CCP_OK) {
        rc = ut_send(c, CCP_EV_FINISH, stop ? stop : CCP_STOP_END, ccp_none);
    }

    return rc == CCP_OK ? ut_send(c, CCP_EV_END, 0, ccp_none) : rc;
}


static int
ut_right(const ut_row_t *r, ccp_str_t s, size_t piece, size_t cut, int end,
    int shown)
{
    int           ok, calls;
    ut_seen_t     c;
    const char   *want;
    ccp_arena_t  *a;

    a = ut_arena();
    want = r->want ? r->want : r->in;
    calls = strchr(want, UT_OPEN[0]) != NULL;

    ok = ut_seen(&c, a, CCP_CALLS_COMPAT) == CCP_OK
         && ut_play_text(&c, s, piece, cut, r->stop, end) == CCP_OK
         && c.out.n == strlen(want) && memcmp(c.out.p, want, c.out.n) == 0
         && c.stop == (r->stop ? r->stop
                       : calls ? CCP_STOP_TOOL : CCP_STOP_END);

    if (!ok && !shown) {
        printf("# piece %zu cut %zu end %d got  %.*s\n# want %s (stop %d)\n",
               piece, cut, end, (int) c.out.n, (char *) c.out.p, want, c.stop);
    }

    ccp_arena_destroy(a);

    return ok;
}


static void
ut_row(const ut_row_t *r)
{
    int           ok, spelling, end;
    size_t        i;
    ccp_buf_t     b;
    ccp_str_t     s;
    ccp_arena_t  *a;

    a = ut_arena();
    ccp_buf_init(&b, a, 0);
    ok = 1;

    for (spelling = 0; spelling < UT_SPELLINGS; spelling++) {
        s = ut_spell(&b, r->in, spelling);

        for (end = 0; end < UT_ENDS; end++) {
            for (i = 0; i <= UT_PIECES; i++) {
                ok = ut_right(r, s, i, 0, end, !ok) && ok;
            }
        }

        for (i = 1; i < s.n; i++) {
            ok = ut_right(r, s, 0, i, 0, !ok) && ok;
        }
    }

    UT_CHECK(ok, "T15: %s", r->name);
    ccp_arena_destroy(a);
}


/* Text before the first call has come when the call begins. */

static void
ut_prompt(const ut_row_t *r)
{
    size_t        n;
    ut_seen_t     c;
    ccp_str_t     s;
    const char   *want;
    ccp_arena_t  *a;

    want = r->want ? r->want : "";
    n = strcspn(want, UT_OPEN);

    if (n == 0 || want[n] == '\0' || memchr(want, '<', n) != NULL) {
        return;
    }

    a = ut_arena();
    s = (ccp_str_t) { (const uint8_t *) r->in, n, 0, 0 };

    UT_CHECK(ut_seen(&c, a, CCP_CALLS_COMPAT) == CCP_OK
             && ut_send(&c, CCP_EV_START, 0, ccp_none) == CCP_OK
             && ut_send(&c, CCP_EV_BLOCK_START, 0, ccp_none) == CCP_OK
             && ut_send(&c, CCP_EV_DELTA, 0, s) == CCP_OK
             && c.out.n == n && memcmp(c.out.p, want, n) == 0,
             "T15: %s: the text before it does not wait", r->name);
    ccp_arena_destroy(a);
}


/* A text on one line, for the name of a check. */

static const char *
ut_line(const char *text)
{
    char        *p;
    static char  line[64];

    snprintf(line, sizeof(line), "%s", text);

    while ((p = strchr(line, '\n'))) {
        *p = '~';
    }

    return line;
}


/* What is sure to be no call does not wait for its end. */

static void
ut_soon(void)
{
    size_t        i, n;
    char          prose[300];
    ut_seen_t     c;
    ccp_arena_t  *a;

    static const char *const  texts[] = {
        "<ccp:call name=\"rm\">", "<ccp:call>so", "<tool_call>so it is",
        "<tool_call>{so!", "<tool_call>[\"a\"; ", "{\"a\"", "{ so",
        "{\"name\": ?", "[ 1", "```python\n", "```json\n[1", "`{\"name\"",
        "<cs:tool_use>so", "[TOOL_CALLS]rm[ARGS]{", "<|python_tag|>get.call(",
        "<function=get><b>", "<invoke name=\"get\">\n so"
    };

    memset(prose, 'a', sizeof(prose));
    memcpy(prose, "[TOOL_CALLS]", 12);
    prose[sizeof(prose) - 1] = '\0';

    for (i = 0; i <= sizeof(texts) / sizeof(texts[0]); i++) {
        a = ut_arena();
        n = strlen(i ? texts[i - 1] : prose);

        UT_CHECK(ut_seen(&c, a, CCP_CALLS_COMPAT) == CCP_OK
                 && ut_send(&c, CCP_EV_START, 0, ccp_none) == CCP_OK
                 && ut_send(&c, CCP_EV_BLOCK_START, 0, ccp_none) == CCP_OK
                 && ut_send(&c, CCP_EV_DELTA, 0,
                            ccp_cstr(i ? texts[i - 1] : prose)) == CCP_OK
                 && c.out.n == n,
                 "T15: does not wait: %s",
                 ut_line(i ? texts[i - 1] : prose));
        ccp_arena_destroy(a);
    }
}


/* Blocks: what is invented goes on in the next one; a cut block is cut. */

static void
ut_blocks(void)
{
    ut_seen_t     c;
    ccp_arena_t  *a;

    a = ut_arena();
    ut_seen(&c, a, CCP_CALLS_COMPAT);
    ut_send(&c, CCP_EV_START, 0, ccp_none);
    ut_send(&c, CCP_EV_BLOCK_START, 0, ccp_none);
    ut_send(&c, CCP_EV_DELTA, 0, ccp_lit(UT_CALL(UT_ARGS) "<tool_response>5"));
    ut_send(&c, CCP_EV_BLOCK_STOP, 0, ccp_none);
    ut_send(&c, CCP_EV_BLOCK_START, 0, ccp_none);
    ut_send(&c, CCP_EV_DELTA, 0, ccp_lit("It is 5."));
    ut_send(&c, CCP_EV_BLOCK_STOP, 0, ccp_none);
    ut_send(&c, CCP_EV_FINISH, CCP_STOP_END, ccp_none);
    ut_send(&c, CCP_EV_END, 0, ccp_none);
    UT_CHECK(ccp_str_is(ccp_buf_str(&c.out, 0), UT_GET),
             "T15: nothing of a block behind invented results");
    ccp_arena_destroy(a);

    a = ut_arena();
    ut_seen(&c, a, CCP_CALLS_COMPAT);
    ut_send(&c, CCP_EV_START, 0, ccp_none);
    ut_send(&c, CCP_EV_BLOCK_START, 0, ccp_none);
    ut_send(&c, CCP_EV_DELTA, 0, ccp_lit(UT_JSON));
    ut_send(&c, CCP_EV_BLOCK_STOP, 0, ccp_none);
    UT_CHECK(c.out.n == 0, "T15: a whole answer waits for how it ends");
    ut_send(&c, CCP_EV_BLOCK_START, 0, ccp_none);
    ut_send(&c, CCP_EV_DELTA, 0, ccp_lit("b"));
    ut_send(&c, CCP_EV_BLOCK_STOP, 0, ccp_none);
    UT_CHECK(ccp_str_is(ccp_buf_str(&c.out, 0), UT_GET "b"),
             "T15: or for another block");
    ccp_arena_destroy(a);
}


static int
ut_calls_event(void *ctx, const ccp_event_t *ev)
{
    char  *seen = ctx;

    if (ev->kind == CCP_EV_BLOCK_START && ev->block->kind == CCP_B_CALL) {
        strcat(seen, ev->choice ? "1" : "0");
        strncat(seen, (const char *) ev->block->name.p, ev->block->name.n);
    }

    if (ev->kind == CCP_EV_DELTA) {
        strncat(seen, (const char *) ev->text.p, ev->text.n);
    }

    return CCP_OK;
}


/* Two choices whose calls come by turns. */

static void
ut_choices(void)
{
    char          seen[256];
    size_t        i, k;
    ut_seen_t     c;
    ccp_sink_t    out;
    ccp_event_t   ev;
    ccp_block_t   block;
    ccp_arena_t  *a;

    static const char *const  texts[] = {
        "<function=get><parameter=i>1</parameter></function>",
        "<function=put><parameter=a>22</parameter></function>"
    };

    a = ut_arena();
    ut_seen(&c, a, CCP_CALLS_COMPAT);
    c.s.req.n = 2;
    seen[0] = '\0';
    out.fn = ut_calls_event;
    out.ctx = seen;
    c.first.ctx = ccp_calls_create(&c.s.ac, out, CCP_CALLS_COMPAT, 0);

    memset(&ev, 0, sizeof(ev));
    memset(&block, 0, sizeof(block));
    ev.block = &block;

    for (i = 0; i <= strlen(texts[1]); i++) {
        for (k = 0; k < 2; k++) {
            ev.kind = i ? CCP_EV_DELTA : CCP_EV_BLOCK_START;
            ev.choice = (int) k;

            if (i <= strlen(texts[k])) {
                ev.text = i ? (ccp_str_t) { (const uint8_t *) texts[k] + i - 1,
                                            1, 0, 0 } : ccp_none;
                ccp_emit(&c.first, &ev);
            }
        }
    }

    UT_CHECK(strcmp(seen, "0get{\"i\":1}1put{\"a\":\"22\"}") == 0,
             "T15: two choices by turns: %s", seen);
    ccp_arena_destroy(a);
}


/* What is meant for prompts is text where the server knows the tools. */

static void
ut_native(void)
{
    size_t        i;
    ut_seen_t     c;
    ccp_arena_t  *a;

    static const char *const  texts[] = {
        UT_CALL(UT_ARGS), UT_JSON, "```json\n" UT_JSON "\n```",
        "<|python_tag|>" UT_JSON, "[TOOL_CALLS]get" UT_ARGS,
        "<cs:tool_use><name>get</name></cs:tool_use>",
        "<tool_call>get\n</tool_call>",
        "<function=get><parameter=s>x</parameter>",
        "<function=get></function><tool_response>"
    };

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        a = ut_arena();
        UT_CHECK(ut_seen(&c, a, CCP_CALLS_NATIVE) == CCP_OK
                 && ut_play_text(&c, ccp_cstr(texts[i]), 0, 0, 0, 1) == CCP_OK
                 && c.out.n >= 15
                 && memcmp(c.out.p + c.out.n - 15,
                           texts[i] + strlen(texts[i]) - 15, 15) == 0,
                 "T15: native mode: %s", ut_line(texts[i]));
        ccp_arena_destroy(a);
    }
}


static int
ut_mem_row(const ccp_mem_t *mem, void *arg)
{
    int              rc;
    ut_seen_t        c;
    ccp_arena_t     *a;
    const ut_row_t  *r = arg;

    a = ccp_arena_create(mem, 0);
    if (a == NULL) {
        return CCP_NOMEM;
    }

    rc = ut_seen(&c, a, CCP_CALLS_COMPAT);

    if (rc == CCP_OK) {
        rc = ut_play_text(&c, ccp_cstr(r->in), 3, 0, r->stop, 1);
    }

    ccp_arena_destroy(a);

    return rc;
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < UT_ROWS; i++) {
        ut_row(&ut_rows[i]);
        ut_prompt(&ut_rows[i]);
    }

    ut_soon();
    ut_blocks();
    ut_choices();
    ut_native();

    for (i = 0; i < UT_ROWS; i++) {
        ut_fail_each(ut_rows[i].name, ut_mem_row, (void *) &ut_rows[i]);
    }

    return ut_done();
}
