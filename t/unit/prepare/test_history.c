
/*
 * Histories in order (T18, T20, T21, T23).  Each case
 * is written in a short notation: one line a message, "u", "a" or "s", then
 * blocks: t:TEXT, c:ID:NAME, r:ID:TEXT, h:SIGNATURE.
 */

#include "ut.h"
#include "codec/form/form_block.h"
#include "codec/prepare/prepare.h"

#include <time.h>


static ccp_str_t
field(ccp_arena_t *a, const char **p, const char *stop)
{
    size_t     n;
    ccp_str_t  s;

    n = strcspn(*p, stop);
    s = ccp_cstr(*p);
    s.n = n;
    *p += n;

    if (**p == ':') {
        (*p)++;
    }

    return n > 0 ? ccp_str_dup(a, s) : ccp_none;
}


static ccp_block_t *
block(ccp_arena_t *a, const char **p)
{
    char          kind;
    ccp_block_t  *b, *t;

    kind = **p;
    *p += 2;

    b = ccp_block_new(a, kind == 't' ? CCP_B_TEXT : kind == 'c' ? CCP_B_CALL
                         : kind == 'h' ? CCP_B_THINK : CCP_B_RESULT);
    if (b == NULL) {
        return NULL;
    }

    switch (kind) {

    case 't':
        b->text = field(a, p, " \n");

        /* "_" stands for white space */
        if (ut_str_is(b->text, "_")) {
            b->text = ccp_lit(" \n");
        }
        break;

    case 'h':
        b->sig = field(a, p, " \n");
        break;

    case 'c':
        b->id = field(a, p, ": \n");
        b->name = field(a, p, ": \n");
        break;

    default:
        b->id = field(a, p, ": \n");
        b->name = field(a, p, ": \n");

        t = ccp_block_new(a, CCP_B_TEXT);
        if (t == NULL) {
            return NULL;
        }

        t->text = field(a, p, " \n");
        b->parts = t;
    }

    return b;
}


static int
history(ccp_arena_t *a, ccp_request_t *r, const char *p)
{
    ccp_block_t    *b, **bt;
    ccp_message_t  *m, **mt;

    memset(r, 0, sizeof(ccp_request_t));
    mt = &r->msgs;

    while (*p != '\0') {
        m = ccp_message_new(a, *p == 'u' ? CCP_ROLE_USER
                               : *p == 'a' ? CCP_ROLE_ASSISTANT
                                           : CCP_ROLE_SYSTEM);
        if (m == NULL) {
            return CCP_NOMEM;
        }

        *mt = m;
        mt = &m->next;
        bt = &m->blocks;
        p++;

        while (*p == ' ') {
            p++;
            b = block(a, &p);
            if (b == NULL) {
                return CCP_NOMEM;
            }

            bt = ccp_block_push(bt, b);
        }

        if (*p == '\n') {
            p++;
        }
    }

    return CCP_OK;
}


/* The notation of a history; results with "!" are errors. */
static void
show(const ccp_request_t *r, char *out, size_t size)
{
    char                 *text, *id, *name;
    size_t                n;
    const ccp_block_t    *b;
    const ccp_message_t  *m;

    n = 0;

#define PUT(...)  n += (size_t) snprintf(out + n, size - n, __VA_ARGS__)

    for (m = r->msgs; m != NULL; m = m->next) {
        PUT("%s%s", n ? "\n" : "", m->role == CCP_ROLE_USER ? "u"
                            : m->role == CCP_ROLE_ASSISTANT ? "a" : "s");

        for (b = m->blocks; b != NULL; b = b->next) {
            id = ut_cstr(b->id);
            name = ut_cstr(b->name);
            text = ut_cstr(b->kind == CCP_B_RESULT ? b->parts->text
                           : b->kind == CCP_B_THINK ? b->sig : b->text);

            if (b->kind == CCP_B_CALL) {
                PUT(" c:%s:%s", id, name);

            } else if (b->kind == CCP_B_RESULT) {
                PUT(" r%s:%s:%s:%s", b->error ? "!" : "", id, name, text);

            } else {
                PUT(" %c:%s", b->kind == CCP_B_TEXT ? 't' : 'h', text);
            }

            free(id);
            free(name);
            free(text);
        }
    }
}


#define LOST  "No result: the call was interrupted"

static const struct {
    const char  *what;
    const char  *in;
    const char  *out;
} cases[] = {
    { "a history in order stays",
      "u t:hi\na t:ok c:1:f\nu r:1::x t:more\na t:bye",
      "u t:hi\na t:ok c:1:f\nu r:1:f:x t:more\na t:bye" },
    { "T18: a call without result",
      "u t:hi\na c:1:f c:2:g\nu r:2::x t:go",
      "u t:hi\na c:1:f c:2:g\nu r!:1:f:" LOST " r:2:g:x t:go" },
    { "T18: calls at the end",
      "u t:hi\na c:1:f",
      "u t:hi\na c:1:f\nu r!:1:f:" LOST },
    { "T18: a result without call beside text",
      "u t:hi\na t:ok\nu r:9::x t:go",
      "u t:hi\na t:ok\nu t:[tool result 9] x t:go" },
    { "T18: a result without call alone is dropped",
      "u t:hi\na t:ok\nu r:9::x\na t:ah\nu t:go",
      "u t:hi\na t:ok\na t:ah\nu t:go" },
    { "T18: … but not what is to be answered",
      "u t:hi\na t:ok\nu r:9::x",
      "u t:hi\na t:ok\nu t:[tool result 9] x" },
    { "T18: the last of two results counts",
      "u t:hi\na c:1:f\nu r:1::x r:1::y",
      "u t:hi\na c:1:f\nu r:1:f:y" },
    { "T18: results go in front",
      "u t:hi\na c:1:f\nu t:look r:1::x",
      "u t:hi\na c:1:f\nu r:1:f:x t:look" },
    { "T20: results in the order of the calls, together",
      "u t:hi\na c:1:f c:2:g c:3:h\nu r:3::z\nu r:1::x\nu r:2::y",
      "u t:hi\na c:1:f c:2:g c:3:h\nu r:1:f:x r:2:g:y r:3:h:z" },
    { "T18: a message between goes behind",
      "u t:hi\na c:1:f\nu t:wait\nu r:1::x\na t:ok",
      "u t:hi\na c:1:f\nu r:1:f:x t:wait\na t:ok" },
    { "T22: a system message between stays where it may",
      "u t:hi\na c:1:f\ns t:rule\nu r:1::x\na t:ok",
      "u t:hi\na c:1:f\nu r:1:f:x\ns t:rule\na t:ok" },
    { "a late result",
      "u t:hi\na c:1:f\nu t:wait\na t:ok\nu r:1::x t:so",
      "u t:hi\na c:1:f\nu r:1:f:x t:wait\na t:ok\nu t:so" },
    { "calls of one turn in several messages",
      "u t:hi\na h:S\na t:so\na c:1:f\na c:2:g\nu r:1::x\nu r:2::y",
      "u t:hi\na h:S t:so c:1:f c:2:g\nu r:1:f:x r:2:g:y" },
    { "answers in a row without calls stay",
      "u t:hi\na t:one\na t:two\nu t:go",
      "u t:hi\na t:one\na t:two\nu t:go" },
    { "T13: one id for two turns",
      "u t:a\na c:1:f\nu r:1::x\na c:1:f\nu r:1::y",
      "u t:a\na c:1:f\nu r:1:f:x\na c:1_2:f\nu r:1_2:f:y" },
    { "T13: … whose new name is taken",
      "u t:a\na c:1:f c:1_2:f\nu r:1::x r:1_2::y\na c:1:f\nu r:1::z",
      "u t:a\na c:1:f c:1_2:f\nu r:1:f:x r:1_2:f:y\na c:1_3:f\nu r:1_3:f:z" },
    { "T13: one id twice in a turn, in order",
      "u t:a\na c:1:f c:1:g\nu r:1::x r:1::y",
      "u t:a\na c:1:f c:1_2:g\nu r:1:f:x r:1_2:g:y" },
    { "T18: an interrupted call, its id used again",
      "u t:a\na c:1:f\nu t:no\na c:1:f\nu r:1::y",
      "u t:a\na c:1:f\nu r!:1:f:" LOST " t:no\na c:1_2:f\nu r:1_2:f:y" },
    { "T12: no ids: by name and order",
      "u t:a\na c::f c::g c::f\nu r::g:y r::f:x r::f:z",
      "u t:a\na c:call_ccp_1:f c:call_ccp_2:g c:call_ccp_3:f\n"
      "u r:call_ccp_1:f:x r:call_ccp_2:g:y r:call_ccp_3:f:z" },
    { "T12: no ids, no names",
      "u t:a\na c::f c::g\nu r:::x r:::y\na c::f\nu r:::z",
      "u t:a\na c:call_ccp_1:f c:call_ccp_2:g\n"
      "u r:call_ccp_1:f:x r:call_ccp_2:g:y\n"
      "a c:call_ccp_3:f\nu r:call_ccp_3:f:z" },
    { "T12: a call has an id that its result leaves out",
      "u t:a\na c:7:f\nu r::f:x",
      "u t:a\na c:7:f\nu r:7:f:x" },
    { "T21: empty texts and messages",
      "u t:hi\na t:_ c:1:f t:\nu t: r:1::x\na t:_\nu t:go t:_",
      "u t:hi\na c:1:f\nu r:1:f:x\nu t:go" },
    { "T21: the last word is empty",
      "u t:hi\na t:ok\nu t:_",
      "u t:hi\na t:ok\nu t:." },
    { "T21: nothing but empty", "u t:_", "u t:." },
    { "T21: a thought without anything",
      "u t:hi\na h: t:ok\nu t:go",
      "u t:hi\na t:ok\nu t:go" },
};


static void
test_cases(void)
{
    char           got[4096];
    size_t         i;
    ccp_arena_t   *a;
    ccp_request_t  r;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        a = ut_arena();
        (void) history(a, &r, cases[i].in);

        UT_CHECK(ccp_history_normalise(&r, a) == CCP_OK, "%s", cases[i].what);
        show(&r, got, sizeof(got));
        UT_CHECK(strcmp(got, cases[i].out) == 0, "%s: result", cases[i].what);

        if (strcmp(got, cases[i].out) != 0) {
            printf("# got:\n# %s\n", got);
        }

        UT_CHECK(ccp_history_normalise(&r, a) == CCP_OK, "again");
        show(&r, got, sizeof(got));
        UT_CHECK(strcmp(got, cases[i].out) == 0, "%s: idempotent",
                 cases[i].what);
        ccp_arena_destroy(a);
    }
}


static void
test_system(void)
{
    ccp_arena_t    *a;
    ccp_block_t    *b, *c, *d;
    ccp_request_t   r;
    ccp_message_t  *m;

    a = ut_arena();
    (void) history(a, &r, "s t:one\nu t:hi\ns t:two");
    r.msgs->clear_next = 1;
    r.msgs->next->next->clear_next = 1;

    b = ccp_block_new(a, CCP_B_TEXT);
    c = ccp_block_new(a, CCP_B_TEXT);
    d = ccp_block_new(a, CCP_B_TEXT);
    b->text = ccp_lit("x-anthropic-billing-header: cc_version=2; cch=1a2b;");
    c->text = ccp_lit("You are");
    d->text = ccp_lit(" ");
    d->cache = CCP_CACHE_5M;
    r.system = b;
    b->next = c;
    c->next = d;

    UT_CHECK(ccp_history_normalise(&r, a) == CCP_OK && r.system == c
             && c->next == NULL, "T23: text that only bills is dropped");
    UT_CHECK(c->cache == CCP_CACHE_5M,
             "T47: the cache mark of a block that goes stays");

    m = r.msgs;
    UT_CHECK(m->role == CCP_ROLE_USER && m->next != NULL
             && m->next->role == CCP_ROLE_SYSTEM && m->next->next == NULL,
             "a clear_next text is dropped once a user message follows");

    ccp_arena_destroy(a);
}


static void
test_present(void)
{
    int             i, n;
    ccp_arena_t    *a;
    ccp_block_t     b[5];
    ccp_message_t   m[5];
    ccp_request_t   r;
    static const struct {
        const char  *roles;
        const char  *present;
    } cases[] = {
        { "uu", "11" }, { "uauu", "0011" }, { "uausu", "00111" },
        { "ua", "11" }, { "uaua", "0011" }
    };

    a = ut_arena();

    for (i = 0; i < (int) (sizeof(cases) / sizeof(cases[0])); i++) {
        memset(&r, 0, sizeof(r));
        memset(b, 0, sizeof(b));
        memset(m, 0, sizeof(m));

        for (n = 0; cases[i].roles[n] != '\0'; n++) {
            m[n].role = cases[i].roles[n] == 'u' ? CCP_ROLE_USER
                        : cases[i].roles[n] == 'a' ? CCP_ROLE_ASSISTANT
                                                   : CCP_ROLE_SYSTEM;
            m[n].blocks = &b[n];
            b[n].text = ccp_lit("x");

            if (n > 0) {
                m[n - 1].next = &m[n];
            }
        }

        r.msgs = m;
        UT_CHECK(ccp_history_normalise(&r, a) == CCP_OK, "%s",
                 cases[i].roles);

        for (n = 0; cases[i].roles[n] != '\0'; n++) {
            UT_CHECK(m[n].present == cases[i].present[n] - '0',
                     "T56: message %d of %s", n, cases[i].roles);
        }
    }

    ccp_arena_destroy(a);
}


static void
test_tools(void)
{
    ccp_arena_t    *a;
    ccp_item_t      names;
    ccp_tool_t      t[4];
    ccp_request_t   r;

    a = ut_arena();
    memset(&r, 0, sizeof(r));
    memset(t, 0, sizeof(t));
    memset(&names, 0, sizeof(names));
    t[0].name = ccp_lit("f");
    t[1].name = ccp_lit("g");
    t[2].name = ccp_lit("f");
    t[3].name = ccp_lit("f");
    t[3].space = ccp_lit("ns");
    r.tools = &t[0];
    t[0].next = &t[1];
    t[1].next = &t[2];
    t[2].next = &t[3];

    UT_CHECK(ccp_history_normalise(&r, a) == CCP_OK && t[1].next == &t[3]
             && t[3].next == NULL && t[0].next == &t[1],
             "T18: a tool declared twice is one tool");

    names.s = ccp_lit("g");
    r.tool_choice.mode = CCP_TC_ALLOWED;
    r.tool_choice.allowed = &names;

    UT_CHECK(ccp_history_normalise(&r, a) == CCP_OK && !t[0].allowed
             && t[1].allowed && !t[3].allowed,
             "tools that the choice names are marked");

    ccp_arena_destroy(a);
}


static void
test_media(void)
{
    ccp_arena_t    *a;
    ccp_block_t    *b;
    ccp_request_t   r;

    a = ut_arena();
    (void) history(a, &r, "u r:9::x t:go");
    b = r.msgs->blocks;
    b->parts->next = ccp_block_new(a, CCP_B_IMAGE);

    UT_CHECK(ccp_history_normalise(&r, a) == CCP_OK
             && r.msgs->blocks->kind == CCP_B_TEXT
             && r.msgs->blocks->next->kind == CCP_B_IMAGE
             && r.msgs->blocks->next->next->kind == CCP_B_TEXT,
             "T19: the picture of an orphan result is kept");

    (void) history(a, &r, "u t:go\na c:1:f\nu r:1::x");
    b = r.msgs->next->next->blocks;
    b->parts->text = ccp_lit("");
    b->parts->next = ccp_block_new(a, CCP_B_IMAGE);
    UT_CHECK(ccp_history_normalise(&r, a) == CCP_OK
             && r.msgs->next->next->blocks->parts->kind == CCP_B_IMAGE,
             "T21: no empty text inside of results either");

    ccp_arena_destroy(a);
}


/* Ten times the history must not cost a hundred times the work. */
static double
cost(size_t turns)
{
    char           *s;
    size_t          i, n;
    clock_t         t;
    ccp_arena_t    *a;
    ccp_request_t   r;

    s = malloc(turns * 64 + 16);
    n = (size_t) sprintf(s, "u t:hi\na");

    for (i = 0; i < turns; i++) {
        n += (size_t) sprintf(s + n, " c:id%zu:f", i);
    }

    n += (size_t) sprintf(s + n, "\nu");

    for (i = turns; i > 0; i--) {
        n += (size_t) sprintf(s + n, " r::f:x r:id%zu::y", i - 1);
    }

    a = ut_arena();
    (void) history(a, &r, s);
    t = clock();
    (void) ccp_history_normalise(&r, a);
    t = clock() - t;
    ccp_arena_destroy(a);
    free(s);

    return (double) t / CLOCKS_PER_SEC;
}


static void
test_linear(void)
{
    double  small, large;

    (void) cost(1000);
    small = cost(2000);
    large = cost(20000);

    UT_CHECK(large < 40 * small + 0.02,
             "20000 calls cost %.1f times 2000 (%.3f s)",
             large / (small + 1e-9), large);
}


static int
fail_normalise(const ccp_mem_t *mem, void *arg)
{
    int             rc, n;
    ccp_item_t     *it;
    ccp_arena_t    *a;
    ccp_request_t   r;

    a = ccp_arena_create(mem, 0);
    if (a == NULL) {
        return CCP_NOMEM;
    }

    rc = history(a, &r, arg);

    if (rc == CCP_OK) {
        rc = ccp_history_normalise(&r, a);
    }

    /* a note that can't be kept is no failure */

    for (n = 0, it = r.notes; it != NULL; it = it->next) {
        n++;
    }

    if (rc == CCP_OK && n < 3) {
        rc = CCP_NOMEM;
    }

    ccp_arena_destroy(a);

    return rc;
}


int
main(void)
{
    test_cases();
    test_system();
    test_present();
    test_tools();
    test_media();
    test_linear();
    ut_fail_each("normalise", fail_normalise,
                 "u t:hi r:8::z\na c:1:f c:1:g c::h\n"
                 "u r:1::x r:1::y r:1::z t:no r:9::q");

    return ut_done();
}
