
/*
 * Nulls that a server's strict mode demanded, taken out of the arguments of
 * calls (T65).  A scanner over the pieces of the arguments; what is not such a
 * member passes in the event that brought it, in its spelling.
 */

#include "codec/base/base_index.h"
#include "codec/schema/schema_nulls.h"
#include "codec/stage/stage.h"
#include "codec/stage/stage_copy.h"
#include "codec/prepare/prepare.h"


/* Levels in which members are looked for; below them all passes. */
#define CCP_NULLS_LEVELS  32
/* Bytes of a member's name, and of what is held with white space around it;
 * longer ones pass. */
#define CCP_NULLS_KEY     256
#define CCP_NULLS_HELD    1024


/* What comes next. */
typedef enum {
    CCP_NULLS_VALUE,
    CCP_NULLS_MEMBER,          /* a name, or the end of the object */
    CCP_NULLS_KEY_TEXT,
    CCP_NULLS_COLON,
    CCP_NULLS_STRING,
    CCP_NULLS_WORD,            /* a number, true, false, null */
    CCP_NULLS_NULL,            /* … that may be null */
    CCP_NULLS_AFTER,           /* a comma, or an end */
    CCP_NULLS_PASS             /* nothing that is looked at */
} ccp_nulls_state_e;


typedef struct {
    ccp_jval_t  schema;
    unsigned    object:1;
    unsigned    members:1;     /* one was passed */
} ccp_nulls_level_t;


typedef struct ccp_nulls_tool_s  ccp_nulls_tool_t;

struct ccp_nulls_tool_s {
    const ccp_tool_t    *tool;
    ccp_str_t            wire;
    ccp_schema_nulls_t  *nulls;    /* NULL: none, or not asked for yet */
    unsigned             asked:1;
    ccp_nulls_tool_t    *next;     /* of the same hash */
};


typedef struct ccp_nulls_call_s  ccp_nulls_call_t;

struct ccp_nulls_call_s {
    ccp_schema_nulls_t  *nulls;
    ccp_nulls_state_e    state;
    ccp_nulls_level_t    levels[CCP_NULLS_LEVELS];
    size_t               depth;
    ccp_jval_t           child;    /* schema of the value that comes next */
    ccp_buf_t            key;
    ccp_buf_t            held;     /* of earlier events, in JSON spelling */
    unsigned             taken;    /* characters of "null" */
    unsigned             pending:1;    /* a member's beginning is held */
    unsigned             comma:1;      /* … with a comma in front */
    unsigned             marked:1;     /* its null would be ours */
    unsigned             escaped:1;    /* in a string, behind a backslash */
    unsigned             odd:1;        /* the name has escapes */
    ccp_nulls_call_t    *next;     /* spare */
};


struct ccp_nulls_s {
    ccp_answer_ctx_t  *ac;
    ccp_sink_t         next;
    ccp_index_t        tools;      /* by the hash of their wire names */
    ccp_index_t        calls;      /* open ones */
    ccp_nulls_call_t  *spare;
};


/* A piece of arguments on its way through the scanner. */
typedef struct {
    ccp_nulls_t         *stage;
    ccp_nulls_call_t    *call;
    const ccp_event_t   *ev;
    ccp_str_t            s;
    size_t               at;       /* the character that is looked at */
    size_t               n;        /* its bytes */
    size_t               start;    /* what is passed begins here */
    size_t               mark;     /* … and what is held here */
} ccp_nulls_scan_t;


static int
ccp_nulls_is_strict(const ccp_tool_t *t)
{
    return t->kind == CCP_T_FUNCTION && t->strict == 1;
}


int
ccp_nulls_wanted(const ccp_request_t *r)
{
    const ccp_tool_t  *t;

    for (t = r->tools; t && !ccp_nulls_is_strict(t); t = t->next) {
        /* void */
    }

    return t != NULL;
}


ccp_nulls_t *
ccp_nulls_create(ccp_answer_ctx_t *ac, ccp_sink_t next)
{
    uint64_t           h;
    ccp_nulls_t       *x;
    const ccp_tool_t  *t;
    ccp_nulls_tool_t  *tool;

    x = ccp_calloc(ac->arena, sizeof(ccp_nulls_t));
    if (x == NULL) {
        return NULL;
    }

    x->ac = ac;
    x->next = next;
    ccp_index_init(&x->tools, ac->arena);
    ccp_index_init(&x->calls, ac->arena);

    for (t = ac->req->tools; t; t = t->next) {
        if (!ccp_nulls_is_strict(t)) {
            continue;
        }

        tool = ccp_calloc(ac->arena, sizeof(ccp_nulls_tool_t));
        if (tool == NULL) {
            return NULL;
        }

        tool->tool = t;
        tool->wire = ccp_name_wire(ac->names, t->space, t->name);
        h = ccp_str_hash(tool->wire, 0);
        tool->next = ccp_index_get(&x->tools, h);

        if (ccp_index_put(&x->tools, h, tool) != CCP_OK) {
            return NULL;
        }
    }

    return x;
}


/* ---- the scanner ---- */

static int
ccp_nulls_emit(ccp_nulls_scan_t *c, ccp_str_t s)
{
    ccp_event_t  ev;

    if (s.n == 0) {
        return CCP_OK;
    }

    ev = *c->ev;
    ev.text = s;

    return ccp_emit(&c->stage->next, &ev);
}


/* The piece's bytes from start up to end, in its spelling. */

static ccp_str_t
ccp_nulls_slice(ccp_nulls_scan_t *c, size_t start, size_t end)
{
    ccp_str_t  s;

    s = c->s;
    s.p += start;
    s.n = end - start;

    return s;
}


/* A member begins, with the comma in front of it. */

static void
ccp_nulls_hold(ccp_nulls_scan_t *c, int comma)
{
    c->call->pending = 1;
    c->call->comma = comma;
    c->call->held.n = 0;
    c->call->key.n = 0;
    c->call->odd = 0;
    c->mark = c->at;
}


/* What is held stays; a comma in front of the first member doesn't. */

static int
ccp_nulls_keep(ccp_nulls_scan_t *c)
{
    int                 rc;
    size_t              n;
    ccp_str_t           held;
    ccp_nulls_call_t   *call;
    ccp_nulls_level_t  *top;

    call = c->call;

    if (!call->pending) {
        return CCP_OK;
    }

    call->pending = 0;
    top = &call->levels[call->depth - 1];
    held = ccp_buf_str(&call->held, 1);
    held.esc = 1;
    rc = CCP_OK;

    if (call->comma && !top->members) {
        if (held.n) {
            (void) ccp_text_char(held, 0, &n);
            held.p += n;
            held.n -= n;

        } else {
            (void) ccp_text_char(c->s, c->mark, &n);
            rc = ccp_nulls_emit(c, ccp_nulls_slice(c, c->start, c->mark));
            c->start = c->mark + n;
        }
    }

    top->members = 1;
    call->held.n = 0;

    return rc == CCP_OK ? ccp_nulls_emit(c, held) : rc;
}


/* The member ends with this character and goes. */

static int
ccp_nulls_strip(ccp_nulls_scan_t *c)
{
    int  rc;

    rc = ccp_nulls_emit(c, ccp_nulls_slice(c, c->start, c->mark));
    c->start = c->at + c->n;
    c->call->pending = 0;
    c->call->held.n = 0;

    return rc;
}


/* Nothing more is looked at. */

static int
ccp_nulls_pass(ccp_nulls_scan_t *c)
{
    c->call->state = CCP_NULLS_PASS;

    return ccp_nulls_keep(c);
}


static int
ccp_nulls_open(ccp_nulls_scan_t *c, int object)
{
    ccp_nulls_call_t   *call;
    ccp_nulls_level_t  *level;

    call = c->call;
    call->state = object ? CCP_NULLS_MEMBER : CCP_NULLS_VALUE;

    if (call->depth == CCP_NULLS_LEVELS) {
        return ccp_nulls_pass(c);
    }

    level = &call->levels[call->depth++];
    memset(level, 0, sizeof(ccp_nulls_level_t));
    level->object = object;
    level->schema = call->child;

    if (!object) {
        return ccp_schema_nulls_item(call->nulls, level->schema,
                                     &call->child);
    }

    return CCP_OK;
}


static int
ccp_nulls_close(ccp_nulls_scan_t *c, int object)
{
    ccp_nulls_call_t  *call;

    call = c->call;

    if (call->depth == 0 || call->levels[call->depth - 1].object != object) {
        return ccp_nulls_pass(c);
    }

    call->depth--;
    call->state = call->depth ? CCP_NULLS_AFTER : CCP_NULLS_PASS;

    return CCP_OK;
}


/* The first character of a value. */

static int
ccp_nulls_value(ccp_nulls_scan_t *c, int ch)
{
    int                rc;
    ccp_nulls_call_t  *call;

    call = c->call;

    if (ch == 'n' && call->pending && call->marked) {
        call->state = CCP_NULLS_NULL;
        call->taken = 1;
        return CCP_OK;
    }

    rc = ccp_nulls_keep(c);
    if (rc != CCP_OK) {
        return rc;
    }

    switch (ch) {

    case '{':
    case '[':
        return ccp_nulls_open(c, ch == '{');

    case ']':
        return ccp_nulls_close(c, 0);

    case '"':
        call->state = CCP_NULLS_STRING;
        return CCP_OK;

    default:
        call->state = CCP_NULLS_WORD;
        return CCP_OK;
    }
}


/* The name is known: whose member it is, and what it may hold. */

static int
ccp_nulls_named(ccp_nulls_scan_t *c)
{
    int                rc;
    ccp_str_t          key;
    ccp_nulls_call_t  *call;

    call = c->call;
    call->state = CCP_NULLS_COLON;

    key = ccp_buf_str(&call->key, call->odd);
    key.esc = call->odd;

    rc = ccp_schema_nulls_member(call->nulls,
                                 call->levels[call->depth - 1].schema, key,
                                 &call->child);
    call->marked = (rc == 1);

    return rc == CCP_NOMEM ? rc : CCP_OK;
}


/* A character of a string; 1: its end. */

static int
ccp_nulls_ends(ccp_nulls_call_t *call, int ch)
{
    if (call->escaped) {
        call->escaped = 0;
        return 0;
    }

    call->escaped = (ch == '\\');

    return ch == '"';
}


static int
ccp_nulls_key(ccp_nulls_scan_t *c, int ch)
{
    ccp_nulls_call_t  *call;

    call = c->call;

    if (ccp_nulls_ends(call, ch)) {
        return ccp_nulls_named(c);
    }

    call->odd |= (ch == '\\');

    if (call->key.n + c->n > CCP_NULLS_KEY) {
        return ccp_nulls_pass(c);
    }

    return ccp_buf_add_plain(&call->key,
                             ccp_nulls_slice(c, c->at, c->at + c->n));
}


static int
ccp_nulls_null(ccp_nulls_scan_t *c, int ch)
{
    if (ch != "null"[c->call->taken]) {
        c->call->state = CCP_NULLS_WORD;
        return ccp_nulls_keep(c);
    }

    if (++c->call->taken < 4) {
        return CCP_OK;
    }

    c->call->state = CCP_NULLS_AFTER;

    return ccp_nulls_strip(c);
}


/* Behind a value. */

static int
ccp_nulls_after(ccp_nulls_scan_t *c, int ch)
{
    ccp_nulls_call_t   *call;
    ccp_nulls_level_t  *top;

    call = c->call;

    if (call->depth == 0) {
        return ccp_nulls_pass(c);
    }

    top = &call->levels[call->depth - 1];

    if (ch == ',' && top->object) {
        call->state = CCP_NULLS_MEMBER;
        ccp_nulls_hold(c, 1);
        return CCP_OK;
    }

    if (ch == ',') {
        call->state = CCP_NULLS_VALUE;
        return ccp_schema_nulls_item(call->nulls, top->schema, &call->child);
    }

    return ch == '}' || ch == ']' ? ccp_nulls_close(c, ch == '}')
                                  : ccp_nulls_pass(c);
}


static int
ccp_nulls_char(ccp_nulls_scan_t *c, int ch)
{
    int                blank;
    ccp_nulls_call_t  *call;

    call = c->call;
    blank = ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r';

    switch (call->state) {

    case CCP_NULLS_KEY_TEXT:
        return ccp_nulls_key(c, ch);

    case CCP_NULLS_STRING:
        if (ccp_nulls_ends(call, ch)) {
            call->state = CCP_NULLS_AFTER;
        }

        return CCP_OK;

    case CCP_NULLS_NULL:
        return ccp_nulls_null(c, ch);

    case CCP_NULLS_WORD:
        if (!blank && ch != ',' && ch != '}' && ch != ']') {
            return CCP_OK;
        }

        call->state = CCP_NULLS_AFTER;
        break;

    default:
        break;
    }

    if (blank) {
        return CCP_OK;
    }

    switch (call->state) {

    case CCP_NULLS_VALUE:
        return ccp_nulls_value(c, ch);

    case CCP_NULLS_MEMBER:
        if (ch == '"') {
            if (!call->pending) {
                ccp_nulls_hold(c, 0);
            }

            call->state = CCP_NULLS_KEY_TEXT;
            return CCP_OK;
        }

        return ch == '}' && !call->pending ? ccp_nulls_close(c, 1)
                                           : ccp_nulls_pass(c);

    case CCP_NULLS_COLON:
        call->state = CCP_NULLS_VALUE;
        return ch == ':' ? CCP_OK : ccp_nulls_pass(c);

    default:
        return ccp_nulls_after(c, ch);
    }
}


/* The bytes of a string in which nothing ends. */

static size_t
ccp_nulls_run(ccp_nulls_scan_t *c)
{
    size_t  at;

    for (at = c->at; at < c->s.n && c->s.p[at] != '"' && c->s.p[at] != '\\';
         at++)
    {
        /* void */
    }

    return at;
}


static int
ccp_nulls_delta(ccp_nulls_t *x, ccp_nulls_call_t *call, const ccp_event_t *ev)
{
    int               rc, ch;
    ccp_nulls_scan_t  c;

    memset(&c, 0, sizeof(ccp_nulls_scan_t));
    c.stage = x;
    c.call = call;
    c.ev = ev;
    c.s = ev->text;

    while (c.at < c.s.n && call->state != CCP_NULLS_PASS) {

        if (call->state == CCP_NULLS_STRING && !call->escaped) {
            c.at = ccp_nulls_run(&c);

            if (c.at == c.s.n) {
                break;
            }
        }

        ch = ccp_text_char(c.s, c.at, &c.n);
        rc = ccp_nulls_char(&c, ch);

        if (rc != CCP_OK) {
            return rc;
        }

        c.at += c.n;
    }

    if (call->pending
        && call->held.n + c.s.n - c.mark > CCP_NULLS_HELD)
    {
        rc = ccp_nulls_pass(&c);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    if (!call->pending) {
        return ccp_nulls_emit(&c, ccp_nulls_slice(&c, c.start, c.s.n));
    }

    if (ccp_buf_add_json(&call->held, ccp_nulls_slice(&c, c.mark, c.s.n))
        != CCP_OK)
    {
        return CCP_NOMEM;
    }

    return ccp_nulls_emit(&c, ccp_nulls_slice(&c, c.start, c.mark));
}


/* ---- calls ---- */

static uint64_t
ccp_nulls_number(const ccp_event_t *ev)
{
    return (uint64_t) (uint32_t) ev->choice << 32 | (uint32_t) ev->index;
}


/* The nulls of a tool by its name on the wire; *nulls stays NULL where it has
 * none.  CCP_OK or CCP_NOMEM. */

static int
ccp_nulls_of(ccp_nulls_t *x, ccp_str_t wire, ccp_schema_nulls_t **nulls)
{
    int                rc;
    ccp_nulls_tool_t  *t;

    t = ccp_index_get(&x->tools, ccp_str_hash(wire, 0));

    while (t && !ccp_str_eq(t->wire, wire)) {
        t = t->next;
    }

    if (t == NULL) {
        return CCP_OK;
    }

    if (!t->asked) {
        t->asked = 1;
        rc = ccp_schema_nulls(&t->nulls, x->ac->arena, t->tool->schema,
                              t->tool->dialect);
        if (rc == CCP_NOMEM) {
            return rc;
        }
    }

    *nulls = t->nulls;

    return CCP_OK;
}


static int
ccp_nulls_start(ccp_nulls_t *x, const ccp_event_t *ev)
{
    ccp_nulls_call_t    *call;
    ccp_schema_nulls_t  *nulls;

    nulls = NULL;

    if (ev->block->kind == CCP_B_CALL && !ev->block->free_text
        && ccp_nulls_of(x, ev->block->name, &nulls) != CCP_OK)
    {
        return CCP_NOMEM;
    }

    if (nulls == NULL) {
        return CCP_OK;
    }

    call = x->spare;

    if (call) {
        x->spare = call->next;

    } else {
        call = ccp_alloc(x->ac->arena, sizeof(ccp_nulls_call_t));
        if (call == NULL) {
            return CCP_NOMEM;
        }
    }

    memset(call, 0, sizeof(ccp_nulls_call_t));
    ccp_buf_init(&call->key, x->ac->arena, 0);
    ccp_buf_init(&call->held, x->ac->arena, 0);
    call->nulls = nulls;
    call->child = ccp_schema_nulls_root(nulls);

    return ccp_index_put(&x->calls, ccp_nulls_number(ev), call);
}


/* What is still held of arguments that were cut passes. */

static int
ccp_nulls_end(ccp_nulls_t *x, ccp_nulls_call_t *call, const ccp_event_t *ev)
{
    int               rc;
    ccp_event_t       delta;
    ccp_nulls_scan_t  c;

    ccp_event_init(&delta, CCP_EV_DELTA, ev->choice, ev->index, ev->origin);
    memset(&c, 0, sizeof(ccp_nulls_scan_t));
    c.stage = x;
    c.call = call;
    c.ev = &delta;
    rc = ccp_nulls_keep(&c);

    ccp_buf_free(&call->key);
    ccp_buf_free(&call->held);
    call->next = x->spare;
    x->spare = call;

    return rc == CCP_OK ? ccp_index_put(&x->calls, ccp_nulls_number(ev), NULL)
                        : rc;
}


int
ccp_nulls_event(void *stage, const ccp_event_t *ev)
{
    ccp_nulls_t       *x = stage;
    ccp_nulls_call_t  *call;

    call = ev->kind == CCP_EV_BLOCK_START || ev->kind == CCP_EV_DELTA
           || ev->kind == CCP_EV_BLOCK_STOP
           ? ccp_index_get(&x->calls, ccp_nulls_number(ev)) : NULL;

    if (call && ev->kind == CCP_EV_DELTA) {
        return ccp_nulls_delta(x, call, ev);
    }

    if (call && ccp_nulls_end(x, call, ev) != CCP_OK) {
        return CCP_NOMEM;
    }

    if (ev->kind == CCP_EV_BLOCK_START && ccp_nulls_start(x, ev) != CCP_OK) {
        return CCP_NOMEM;
    }

    return ccp_emit(&x->next, ev);
}
