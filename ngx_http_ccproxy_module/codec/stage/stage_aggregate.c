
/*
 * Aggregate: flow's events collected into one answer, and the reverse.
 *
 * Citations and log probabilities of a block become OPAQUE parts of it, with
 * type "citation" or "logprobs" and their JSON text in raw.
 */

#include "codec/stage/stage.h"
#include "codec/stage/stage_copy.h"
#include "codec/prepare/prepare.h"


struct ccp_aggregate_s {
    ccp_answer_ctx_t  *ac;
    size_t             limit;
    size_t             size;
    ccp_answer_t       answer;
    ccp_error_t        error;
    ccp_block_t      **tail;
    ccp_block_t      **part;       /* end of the open block's parts */
    ccp_block_t       *open;
    int                index;
    ccp_buf_t          text;       /* of the open block */
    unsigned           failed:1;
    unsigned           done:1;
};


static const struct {
    ccp_event_e  kind;
    const char  *type;
} ccp_part_types[] = {
    { CCP_EV_CITE, "citation" },
    { CCP_EV_LOGPROBS, "logprobs" }
};

#define CCP_NPARTS  ccp_countof(ccp_part_types)


ccp_aggregate_t *
ccp_aggregate_create(ccp_answer_ctx_t *ac, size_t limit)
{
    ccp_aggregate_t  *g;

    g = ccp_calloc(ac->arena, sizeof(ccp_aggregate_t));
    if (g == NULL) {
        return NULL;
    }

    g->ac = ac;
    g->limit = limit;
    g->answer.usage = ccp_usage_none;
    g->tail = &g->answer.blocks;

    return g;
}


static int
ccp_aggregate_add(ccp_aggregate_t *g, size_t n)
{
    g->size += n;

    return g->limit && g->size > g->limit ? CCP_NOMEM : CCP_OK;
}


static int
ccp_aggregate_keep(ccp_aggregate_t *g, ccp_str_t *to, ccp_str_t s)
{
    if (ccp_aggregate_add(g, s.n) != CCP_OK) {
        return CCP_NOMEM;
    }

    *to = ccp_str_dup(g->ac->arena, s);

    return s.p && to->p == NULL ? CCP_NOMEM : CCP_OK;
}


static int
ccp_aggregate_usage(ccp_aggregate_t *g, const ccp_usage_t *u)
{
    g->answer.usage = *u;

    return ccp_aggregate_keep(g, &g->answer.usage.tier, u->tier);
}


static int
ccp_aggregate_start(ccp_aggregate_t *g, const ccp_event_t *ev)
{
    g->answer.created = ev->created;

    if (ccp_aggregate_keep(g, &g->answer.id, ev->id) != CCP_OK) {
        return CCP_NOMEM;
    }

    return ccp_aggregate_keep(g, &g->answer.model, ev->model);
}


static int
ccp_aggregate_block(ccp_aggregate_t *g, const ccp_event_t *ev)
{
    if (ccp_aggregate_add(g, ccp_block_bytes(ev->block)) != CCP_OK) {
        return CCP_NOMEM;
    }

    g->open = ccp_block_dup(g->ac->arena, ev->block);
    if (g->open == NULL) {
        return CCP_NOMEM;
    }

    *g->tail = g->open;
    g->tail = &g->open->next;
    g->index = ev->index;

    for (g->part = &g->open->parts; *g->part; g->part = &(*g->part)->next) {
        /* void */
    }

    ccp_buf_init(&g->text, g->ac->arena, 0);

    return CCP_OK;
}


static int
ccp_aggregate_part(ccp_aggregate_t *g, const ccp_event_t *ev)
{
    size_t        i;
    ccp_block_t  *b;

    b = ccp_calloc(g->ac->arena, sizeof(ccp_block_t));
    if (b == NULL) {
        return CCP_NOMEM;
    }

    b->kind = CCP_B_OPAQUE;
    b->origin = ev->origin;

    for (i = 0; i < CCP_NPARTS; i++) {
        if (ccp_part_types[i].kind == ev->kind) {
            b->type = ccp_cstr(ccp_part_types[i].type);
        }
    }

    if (ccp_aggregate_add(g, sizeof(ccp_block_t)) != CCP_OK
        || ccp_aggregate_keep(g, &b->raw, ev->raw) != CCP_OK)
    {
        return CCP_NOMEM;
    }

    *g->part = b;
    g->part = &b->next;

    return CCP_OK;
}


static void
ccp_aggregate_close(ccp_aggregate_t *g)
{
    if (g->open && g->text.n) {
        g->open->text = ccp_buf_str(&g->text, 1);
    }

    g->open = NULL;
}


/* Events of the open block. */

static int
ccp_aggregate_content(ccp_aggregate_t *g, const ccp_event_t *ev)
{
    if (g->open == NULL || g->index != ev->index) {
        return CCP_OK;
    }

    switch (ev->kind) {

    case CCP_EV_DELTA:
        if (ccp_aggregate_add(g, ev->text.n) != CCP_OK) {
            return CCP_NOMEM;
        }

        return ccp_buf_add_json(&g->text, ev->text);

    case CCP_EV_SIG:
        return ccp_aggregate_keep(g, &g->open->sig, ev->text);

    case CCP_EV_BLOCK_STOP:
        g->open->truncated = ev->truncated;
        ccp_aggregate_close(g);
        return CCP_OK;

    default:
        return ccp_aggregate_part(g, ev);
    }
}


/* The limit was met: calls that have no whole arguments are cut. */

static int
ccp_aggregate_cut(ccp_aggregate_t *g)
{
    int           err;
    ccp_block_t  *b;

    if (g->answer.stop < CCP_STOP_LENGTH) {
        return CCP_OK;
    }

    err = 0;

    for (b = g->answer.blocks; b && !err; b = b->next) {
        if (b->kind == CCP_B_CALL && !b->free_text && !b->truncated) {
            b->truncated = ccp_args_object(g->ac->arena, b->text, &err).p
                           == NULL;
        }
    }

    return err ? CCP_NOMEM : CCP_OK;
}


static int
ccp_aggregate_finish(ccp_aggregate_t *g, const ccp_event_t *ev)
{
    if (ev->usage && ccp_aggregate_usage(g, ev->usage) != CCP_OK) {
        return CCP_NOMEM;
    }

    if (ev->choice != 0) {
        return CCP_OK;
    }

    g->answer.stop = ev->stop;

    if (ccp_aggregate_cut(g) != CCP_OK) {
        return CCP_NOMEM;
    }

    if (ccp_aggregate_keep(g, &g->answer.stop_text, ev->stop_text) != CCP_OK) {
        return CCP_NOMEM;
    }

    return ccp_aggregate_keep(g, &g->answer.category, ev->category);
}


static int
ccp_aggregate_error(ccp_aggregate_t *g, const ccp_error_t *err)
{
    g->failed = 1;
    g->error = *err;

    if (ccp_aggregate_keep(g, &g->error.message, err->message) != CCP_OK
        || ccp_aggregate_keep(g, &g->error.code, err->code) != CCP_OK
        || ccp_aggregate_keep(g, &g->error.type, err->type) != CCP_OK
        || ccp_aggregate_keep(g, &g->error.raw, err->raw) != CCP_OK)
    {
        return CCP_NOMEM;
    }

    return CCP_OK;
}


int
ccp_aggregate_event(void *agg, const ccp_event_t *ev)
{
    ccp_aggregate_t  *g = agg;

    switch (ev->kind) {

    case CCP_EV_FINISH:
        return ccp_aggregate_finish(g, ev);

    case CCP_EV_ERROR:
        return ccp_aggregate_error(g, ev->error);

    case CCP_EV_END:
        ccp_aggregate_close(g);
        g->done = 1;
        return CCP_OK;

    case CCP_EV_PING:
    case CCP_EV_USAGE:
        return CCP_OK;

    default:
        break;
    }

    /* an answer holds one choice */

    if (ev->choice != 0) {
        return CCP_OK;
    }

    switch (ev->kind) {

    case CCP_EV_START:
        return ccp_aggregate_start(g, ev);

    case CCP_EV_BLOCK_START:
        return ccp_aggregate_block(g, ev);

    default:
        return ccp_aggregate_content(g, ev);
    }
}


const ccp_answer_t *
ccp_aggregate_answer(ccp_aggregate_t *agg, const ccp_error_t **err)
{
    *err = agg->failed ? &agg->error : NULL;

    return agg->done && !agg->failed ? &agg->answer : NULL;
}


static int
ccp_answer_play_parts(const ccp_block_t *b, int index, ccp_sink_t *sink)
{
    size_t              i;
    ccp_event_t         ev;
    const ccp_block_t  *part;

    ccp_event_init(&ev, CCP_EV_CITE, 0, index, 0);

    for (part = b->parts; part; part = part->next) {
        for (i = 0; i < CCP_NPARTS; i++) {

            if (part->kind != CCP_B_OPAQUE
                || !ccp_str_is(part->type, ccp_part_types[i].type))
            {
                continue;
            }

            ev.kind = ccp_part_types[i].kind;
            ev.origin = part->origin;
            ev.raw = part->raw;

            if (ccp_emit(sink, &ev) != CCP_OK) {
                return CCP_NOMEM;
            }
        }
    }

    return CCP_OK;
}


static int
ccp_answer_play_block(const ccp_block_t *b, int index, ccp_sink_t *sink)
{
    int          rc;
    ccp_block_t  head;
    ccp_event_t  ev;

    head = *b;
    head.next = NULL;
    head.text = ccp_none;

    if (b->kind == CCP_B_TEXT || b->kind == CCP_B_REFUSAL) {
        head.parts = NULL;
    }

    if (!b->redacted) {
        head.sig = ccp_none;
    }

    ccp_event_init(&ev, CCP_EV_BLOCK_START, 0, index, b->origin);
    ev.block = &head;
    rc = ccp_emit(sink, &ev);
    ev.block = NULL;

    if (rc == CCP_OK && b->text.n) {
        ev.kind = CCP_EV_DELTA;
        ev.text = b->text;
        rc = ccp_emit(sink, &ev);
    }

    if (rc == CCP_OK) {
        rc = ccp_answer_play_parts(b, index, sink);
    }

    if (rc == CCP_OK && b->sig.n && !b->redacted) {
        ev.kind = CCP_EV_SIG;
        ev.text = b->sig;
        rc = ccp_emit(sink, &ev);
    }

    if (rc == CCP_OK) {
        ev.kind = CCP_EV_BLOCK_STOP;
        ev.text = ccp_none;
        ev.truncated = b->truncated;
        rc = ccp_emit(sink, &ev);
    }

    return rc;
}


int
ccp_answer_play(const ccp_answer_t *ans, ccp_sink_t *sink)
{
    int                 index;
    ccp_event_t         ev;
    const ccp_block_t  *b;

    ccp_event_init(&ev, CCP_EV_START, 0, 0, 0);
    ev.id = ans->id;
    ev.model = ans->model;
    ev.created = ans->created;
    ev.usage = &ans->usage;

    if (ccp_emit(sink, &ev) != CCP_OK) {
        return CCP_NOMEM;
    }

    for (b = ans->blocks, index = 0; b; b = b->next, index++) {
        if (ccp_answer_play_block(b, index, sink) != CCP_OK) {
            return CCP_NOMEM;
        }
    }

    ccp_event_init(&ev, CCP_EV_FINISH, 0, 0, 0);
    ev.stop = ans->stop;
    ev.stop_text = ans->stop_text;
    ev.category = ans->category;
    ev.usage = &ans->usage;

    if (ccp_emit(sink, &ev) != CCP_OK) {
        return CCP_NOMEM;
    }

    ccp_event_init(&ev, CCP_EV_END, 0, 0, 0);

    return ccp_emit(sink, &ev);
}
