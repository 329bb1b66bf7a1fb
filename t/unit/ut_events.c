
#include <stdarg.h>

#include "ut_events.h"
#include "codec/anthropic/anthropic.h"


static const struct {
    char         letter;
    ccp_block_e  kind;
} ut_kinds[] = {
    { 'T', CCP_B_TEXT }, { 'K', CCP_B_THINK }, { 'R', CCP_B_REFUSAL },
    { 'X', CCP_B_OPAQUE }, { 'H', CCP_B_HCALL }, { 'C', CCP_B_CALL },
    { 'Q', CCP_B_CALL }, { 'Z', CCP_B_THINK }
};

static const char *const  ut_stops[] = {
    "NONE", "END", "PAUSE", "SEQ", "TOOL", "COMPACT", "REFUSAL", "FILTER",
    "LENGTH", "CONTEXT"
};

#define ut_nelts(a)  (sizeof(a) / sizeof((a)[0]))


void
ut_trace_init(ut_trace_t *t, int merge)
{
    memset(t, 0, sizeof(ut_trace_t));
    t->merge = merge;
    t->last_index = -1;
    t->fail_after = -1;
}


void
ut_trace_free(ut_trace_t *t)
{
    free(t->p);
    t->p = NULL;
}


const char *
ut_trace(ut_trace_t *t)
{
    return t->p ? t->p : "";
}


static void
ut_put(ut_trace_t *t, const char *fmt, ...)
{
    int      n;
    va_list  ap;

    va_start(ap, fmt);
    n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);

    t->p = realloc(t->p, t->n + (size_t) n + 1);
    if (t->p == NULL) {
        abort();
    }

    va_start(ap, fmt);
    vsnprintf(t->p + t->n, (size_t) n + 1, fmt, ap);
    va_end(ap);

    t->n += (size_t) n;
}


static void
ut_put_str(ut_trace_t *t, ccp_str_t s)
{
    char  *p;

    p = ut_cstr(s);
    ut_put(t, "%s", p ? p : "");
    free(p);
}


static void
ut_put_usage(ut_trace_t *t, const ccp_usage_t *u)
{
    if (u) {
        ut_put(t, "%s{%ld,%ld,%ld}", u->estimated ? "~" : "",
               (long) u->in_fresh, (long) u->in_read, (long) u->out_total);
    }
}


static char
ut_letter(const ccp_block_t *b)
{
    size_t  i;

    if (b->kind == CCP_B_CALL) {
        return b->free_text ? 'Q' : 'C';
    }

    if (b->redacted) {
        return 'Z';
    }

    for (i = 0; i < ut_nelts(ut_kinds); i++) {
        if (ut_kinds[i].kind == b->kind) {
            return ut_kinds[i].letter;
        }
    }

    return '?';
}


static void
ut_put_block(ut_trace_t *t, const ccp_event_t *ev)
{
    const ccp_block_t  *b;

    b = ev->block;
    ut_put(t, "B%d%c", ev->index, ut_letter(b));

    if (b->kind == CCP_B_CALL) {
        ut_put(t, ":");
        if (b->space.p) {
            ut_put_str(t, b->space);
            ut_put(t, "/");
        }
        ut_put_str(t, b->name);
        ut_put(t, ":");
        ut_put_str(t, b->id);

    } else if (b->redacted) {
        ut_put(t, ":");
        ut_put_str(t, b->sig);
    }
}


int
ut_trace_event(void *ctx, const ccp_event_t *ev)
{
    ut_trace_t  *t = ctx;

    if (t->fail_after == 0) {
        return CCP_NOMEM;
    }

    t->fail_after -= (t->fail_after > 0);

    if (ev->kind == CCP_EV_DELTA && t->merge && t->last_index == ev->index
        && t->last_choice == ev->choice)
    {
        ut_put_str(t, ev->text);
        return CCP_OK;
    }

    t->last_index = ev->kind == CCP_EV_DELTA ? ev->index : -1;
    t->last_choice = ev->choice;

    ut_put(t, "%s", t->n ? "|" : "");

    if (ev->choice) {
        ut_put(t, "%d#", ev->choice);
    }

    switch (ev->kind) {

    case CCP_EV_START:
        ut_put(t, "S");
        ut_put_usage(t, ev->usage);
        break;

    case CCP_EV_BLOCK_START:
        ut_put_block(t, ev);
        break;

    case CCP_EV_DELTA:
    case CCP_EV_SIG:
        ut_put(t, "%c%d:", ev->kind == CCP_EV_SIG ? 'G' : 'D', ev->index);
        ut_put_str(t, ev->text);
        break;

    case CCP_EV_CITE:
    case CCP_EV_LOGPROBS:
        ut_put(t, "%c%d:", ev->kind == CCP_EV_CITE ? 'C' : 'L', ev->index);
        ut_put_str(t, ev->raw);
        break;

    case CCP_EV_BLOCK_STOP:
        ut_put(t, "E%d%s", ev->index, ev->truncated ? "!" : "");
        break;

    case CCP_EV_USAGE:
        ut_put(t, "U");
        ut_put_usage(t, ev->usage);
        break;

    case CCP_EV_FINISH:
        ut_put(t, "F:%s", ut_stops[ev->stop]);
        if (ev->stop_text.p) {
            ut_put(t, ":");
            ut_put_str(t, ev->stop_text);
        }
        ut_put_usage(t, ev->usage);
        break;

    case CCP_EV_ERROR:
        ut_put(t, "X:%d:", (int) ev->error->cls);
        ut_put_str(t, ev->error->message);
        break;

    case CCP_EV_PING:
        ut_put(t, "P");
        break;

    case CCP_EV_END:
        ut_put(t, ".");
        break;
    }

    return CCP_OK;
}


static ccp_str_t
ut_part(const char *p, size_t n)
{
    ccp_str_t  s = ccp_none;

    s.p = (const uint8_t *) p;
    s.n = n;

    return s;
}


static void
ut_read_usage(const char *p, ccp_usage_t *u)
{
    char  *q;

    *u = ccp_usage_none;
    u->in_fresh = strtol(p, &q, 10);
    u->in_read = strtol(q + 1, &q, 10);
    u->out_total = strtol(q + 1, &q, 10);
}


static void
ut_read_block(const char *p, size_t n, ccp_block_t *b)
{
    size_t       i;
    const char  *c;

    memset(b, 0, sizeof(ccp_block_t));

    for (i = 0; i < ut_nelts(ut_kinds); i++) {
        if (ut_kinds[i].letter == *p) {
            b->kind = ut_kinds[i].kind;
        }
    }

    b->free_text = (*p == 'Q');
    b->redacted = (*p == 'Z');

    if (n < 2) {
        return;
    }

    p += 2;
    n -= 2;

    if (b->redacted) {
        b->sig = ut_part(p, n);
        return;
    }

    c = memchr(p, ':', n);
    b->name = ut_part(p, c ? (size_t) (c - p) : n);

    if (c) {
        b->id = ut_part(c + 1, n - (size_t) (c + 1 - p));
    }
}


static void
ut_read_finish(const char *p, size_t n, ccp_event_t *ev)
{
    size_t       i;
    const char  *c;

    c = memchr(p, ':', n);

    for (i = 0; i < ut_nelts(ut_stops); i++) {
        if (strlen(ut_stops[i]) == (c ? (size_t) (c - p) : n)
            && memcmp(p, ut_stops[i], strlen(ut_stops[i])) == 0)
        {
            ev->stop = (ccp_stop_e) i;
        }
    }

    if (c) {
        ev->stop_text = ut_part(c + 1, n - (size_t) (c + 1 - p));
    }
}


/* Cuts off at most n bytes of the slice's spelling, whole escapes. */

static size_t
ut_cut(ccp_str_t s, size_t n)
{
    size_t  at, step;

    for (at = 0; at < s.n; at += step) {
        step = 1;

        if (s.json && s.p[at] == '\\') {
            step = s.p[at + 1] == 'u' ? 6 : 2;
        }

        if (at && at + step > n) {
            break;
        }
    }

    return at;
}


static int
ut_send(ccp_event_t *ev, ccp_sink_t *sink, size_t split)
{
    int        rc;
    ccp_str_t  s;

    if (ev->kind != CCP_EV_DELTA || split == 0) {
        return ccp_emit(sink, ev);
    }

    for (s = ev->text; s.n; s.p += ev->text.n, s.n -= ev->text.n) {
        ev->text = s;
        ev->text.n = ut_cut(s, split);
        ev->text.esc = s.json && memchr(s.p, '\\', ev->text.n) != NULL;

        rc = ccp_emit(sink, ev);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    return CCP_OK;
}


static int
ut_play_one(const char *p, size_t n, ccp_sink_t *sink, size_t split)
{
    char         letter;
    char        *q;
    size_t       k;
    ccp_block_t  block;
    ccp_error_t  err;
    ccp_event_t  ev;
    ccp_usage_t  usage;

    static const struct {
        char         letter;
        ccp_event_e  kind;
    } kinds[] = {
        { 'S', CCP_EV_START }, { 'B', CCP_EV_BLOCK_START },
        { 'D', CCP_EV_DELTA }, { 'J', CCP_EV_DELTA }, { 'G', CCP_EV_SIG },
        { 'C', CCP_EV_CITE }, { 'L', CCP_EV_LOGPROBS },
        { 'E', CCP_EV_BLOCK_STOP }, { 'U', CCP_EV_USAGE },
        { 'F', CCP_EV_FINISH }, { 'X', CCP_EV_ERROR }, { 'P', CCP_EV_PING },
        { '.', CCP_EV_END }
    };

    memset(&ev, 0, sizeof(ccp_event_t));

    if (n > 2 && p[1] == '#') {
        ev.choice = p[0] - '0';
        p += 2;
        n -= 2;
    }

    letter = *p;

    for (k = 0; k < ut_nelts(kinds); k++) {
        if (kinds[k].letter == letter) {
            ev.kind = kinds[k].kind;
        }
    }

    ev.index = (int) strtol(p + 1, &q, 10);
    n -= (size_t) (q - p);
    p = q;

    switch (letter) {

    case 'S':
        ev.id = ccp_lit("id1");
        ev.model = ccp_lit("m1");
        ev.created = 7;
        if (n) {
            ut_read_usage(p + 1, &usage);
            ev.usage = &usage;
        }
        break;

    case 'B':
        ut_read_block(p, n, &block);
        ev.block = &block;
        ev.origin = CCP_GEMINI;
        break;

    case 'D':
    case 'J':
    case 'G':
        ev.text = ut_part(p + 1, n - 1);
        ev.text.json = (letter == 'J');
        ev.text.esc = ev.text.json && memchr(p, '\\', n) != NULL;
        break;

    case 'C':
    case 'L':
        ev.raw = ut_part(p + 1, n - 1);
        break;

    case 'E':
        ev.truncated = (n > 0);
        break;

    case 'U':
        ut_read_usage(p + 1, &usage);
        ev.usage = &usage;
        break;

    case 'F':
        ut_read_finish(p + 1, n - 1, &ev);
        break;

    case 'X':
        memset(&err, 0, sizeof(ccp_error_t));
        err.cls = (ccp_err_e) strtol(p + 1, &q, 10);
        err.message = ut_part(q + 1, n - (size_t) (q + 1 - p));
        ev.error = &err;
        break;
    }

    return ut_send(&ev, sink, split);
}


int
ut_play_split(const char *script, ccp_sink_t *sink, size_t split)
{
    int          rc;
    size_t       n;
    char        *copy;
    const char  *p;

    for (p = script; *p; p += n + (p[n] == '|')) {
        n = strcspn(p, "|");

        /* a copy of exact size that is gone after the event, so that the
         * sanitizer sees who reads too far or keeps a slice */

        copy = malloc(n + 1);
        if (copy == NULL) {
            abort();
        }

        memcpy(copy, p, n);
        copy[n] = '\0';

        rc = ut_play_one(copy, n, sink, split);
        free(copy);

        if (rc != CCP_OK) {
            return rc;
        }
    }

    return CCP_OK;
}


int
ut_play(const char *script, ccp_sink_t *sink)
{
    return ut_play_split(script, sink, 0);
}


static int64_t
ut_now(void *ctx)
{
    (void) ctx;
    return 1700000000LL * 1000000000;
}


void
ut_stage_init(ut_stage_t *s, ccp_arena_t *a)
{
    memset(s, 0, sizeof(ut_stage_t));

    s->req.proto = CCP_ANTHROPIC;
    s->req.n = CCP_UNSET_INT;
    s->clock.seed[0] = 1;
    s->clock.seed[1] = 2;
    s->clock.now_ns = ut_now;
    s->ac.arena = a;
    s->ac.req = &s->req;
    s->ac.client = &ccp_anthropic_ops;
    s->ac.clock = &s->clock;
    s->ac.estimate = 11;
}
