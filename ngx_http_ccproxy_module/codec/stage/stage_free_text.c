
/*
 * Free-text tools: a provider without free-text tools was given a function
 * with one string, "input", in place of such a tool.  Its calls come back as
 * free-text calls: the arguments are collected and, when complete, the
 * string's content is the call's one delta (T16).
 */

#include "codec/stage/stage.h"
#include "codec/stage/stage_copy.h"
#include "codec/json/json_read.h"
#include "codec/prepare/prepare.h"


typedef struct ccp_free_text_call_s  ccp_free_text_call_t;

struct ccp_free_text_call_s {
    int                    choice;
    int                    index;
    ccp_proto_e            origin;
    ccp_buf_t              args;   /* plain spelling */
    ccp_free_text_call_t  *next;
};


struct ccp_free_text_s {
    ccp_answer_ctx_t      *ac;
    ccp_sink_t             next;
    size_t                 limit;
    size_t                 held;
    ccp_free_text_call_t  *calls;  /* open, in order of their start */
    ccp_free_text_call_t  *spare;
    ccp_json_t             doc;
};


ccp_free_text_t *
ccp_free_text_create(ccp_answer_ctx_t *ac, ccp_sink_t next, size_t limit)
{
    ccp_free_text_t  *c;

    c = ccp_calloc(ac->arena, sizeof(ccp_free_text_t));
    if (c == NULL) {
        return NULL;
    }

    c->ac = ac;
    c->next = next;
    c->limit = limit;
    ccp_json_init(&c->doc, ac->arena);

    return c;
}


static int
ccp_free_text_parse(ccp_free_text_t *c, const ccp_buf_t *args,
    ccp_str_t *input)
{
    int         rc;
    ccp_jerr_t  err;
    ccp_jval_t  v;

    rc = ccp_json_parse(&c->doc, args->p, args->n, 0, &err);

    if (rc != CCP_OK) {
        return rc == CCP_NOMEM ? CCP_NOMEM : CCP_DECLINED;
    }

    v = ccp_json_get(ccp_json_root(&c->doc), "input");

    if (ccp_json_type(v) != CCP_J_STRING) {
        return CCP_DECLINED;
    }

    *input = ccp_json_str(v);

    return CCP_OK;
}


/*
 * The input in the arguments collected; CCP_DECLINED if there is none.  Of
 * arguments that were cut, what came of the string counts, without half an
 * escape at its end.
 */

static int
ccp_free_text_input(ccp_free_text_t *c, ccp_buf_t *args, ccp_str_t *input)
{
    int      rc;
    size_t   n, trim, max;
    uint8_t  last[CCP_HALF];

    rc = ccp_free_text_parse(c, args, input);
    if (rc != CCP_DECLINED) {
        return rc;
    }

    n = args->n;
    max = n < CCP_HALF ? n : CCP_HALF;
    memcpy(last, args->p + n - max, max);

    for (trim = 0; trim < max && rc == CCP_DECLINED; trim++) {
        args->n = n - trim;

        if (ccp_buf_add(args, "\"}", 2) != CCP_OK) {
            return CCP_NOMEM;
        }

        rc = ccp_free_text_parse(c, args, input);
    }

    if (rc == CCP_DECLINED) {
        memcpy(args->p + n - max, last, max);
        args->n = n;
    }

    return rc;
}


/* Passes the input of a call. */

static int
ccp_free_text_pass(ccp_free_text_t *c, ccp_free_text_call_t *call)
{
    int          rc;
    ccp_event_t  ev;

    if (call->args.n == 0) {
        return CCP_OK;
    }

    ccp_event_init(&ev, CCP_EV_DELTA, call->choice, call->index, call->origin);

    rc = ccp_free_text_input(c, &call->args, &ev.text);
    if (rc == CCP_NOMEM) {
        return CCP_NOMEM;
    }

    if (rc == CCP_DECLINED) {

        /* the model did not follow the schema: its words as they are */

        ev.text = ccp_buf_str(&call->args, 0);
    }

    return ccp_emit(&c->next, &ev);
}


static ccp_free_text_call_t **
ccp_free_text_find(ccp_free_text_t *c, const ccp_event_t *ev)
{
    ccp_free_text_call_t  **p;

    for (p = &c->calls; *p; p = &(*p)->next) {
        if ((*p)->index == ev->index && (*p)->choice == ev->choice) {
            return p;
        }
    }

    return NULL;
}


static int
ccp_free_text_end(ccp_free_text_t *c, ccp_free_text_call_t **p)
{
    int                    rc;
    ccp_free_text_call_t  *call;

    call = *p;
    *p = call->next;

    c->held -= call->args.n;
    rc = ccp_free_text_pass(c, call);

    call->next = c->spare;
    c->spare = call;

    return rc;
}


static int
ccp_free_text_start(ccp_free_text_t *c, const ccp_event_t *ev)
{
    ccp_block_t            block;
    ccp_event_t            e;
    ccp_free_text_call_t  *call, **p;
    const ccp_name_t      *name;

    p = ccp_free_text_find(c, ev);
    if (p && ccp_free_text_end(c, p) != CCP_OK) {
        return CCP_NOMEM;
    }

    name = ev->block->kind == CCP_B_CALL && !ev->block->free_text
           ? ccp_name_client(c->ac->names, ev->block->name) : NULL;

    if (name == NULL || !name->free_text) {
        return ccp_emit(&c->next, ev);
    }

    call = c->spare;

    if (call) {
        c->spare = call->next;

    } else {
        call = ccp_alloc(c->ac->arena, sizeof(ccp_free_text_call_t));
        if (call == NULL) {
            return CCP_NOMEM;
        }

        ccp_buf_init(&call->args, c->ac->arena, 0);
    }

    call->choice = ev->choice;
    call->index = ev->index;
    call->origin = ev->origin;
    call->args.n = 0;
    call->next = NULL;

    for (p = &c->calls; *p; p = &(*p)->next) {
        /* void */
    }

    *p = call;

    block = *ev->block;
    block.free_text = 1;
    e = *ev;
    e.block = &block;

    return ccp_emit(&c->next, &e);
}


static int
ccp_free_text_delta(ccp_free_text_t *c, ccp_free_text_call_t *call,
    ccp_str_t s)
{
    size_t  n;

    n = call->args.n;

    if (s.n == 0) {
        return CCP_OK;
    }

    if (ccp_buf_add_plain(&call->args, s) != CCP_OK) {
        return CCP_NOMEM;
    }

    c->held += call->args.n - n;

    return c->limit && c->held > c->limit ? CCP_NOMEM : CCP_OK;
}


int
ccp_free_text_event(void *stage, const ccp_event_t *ev)
{
    ccp_free_text_call_t  **p;
    ccp_free_text_t        *c = stage;

    switch (ev->kind) {

    case CCP_EV_BLOCK_START:
        return ccp_free_text_start(c, ev);

    case CCP_EV_DELTA:
        p = ccp_free_text_find(c, ev);
        if (p) {
            return ccp_free_text_delta(c, *p, ev->text);
        }
        break;

    case CCP_EV_BLOCK_STOP:
        p = ccp_free_text_find(c, ev);
        if (p && ccp_free_text_end(c, p) != CCP_OK) {
            return CCP_NOMEM;
        }
        break;

    case CCP_EV_FINISH:
    case CCP_EV_END:

        /* no decoder has to stop blocks that the end stops */

        while (c->calls) {
            if (ccp_free_text_end(c, &c->calls) != CCP_OK) {
                return CCP_NOMEM;
            }
        }
        break;

    default:
        break;
    }

    return ccp_emit(&c->next, ev);
}
