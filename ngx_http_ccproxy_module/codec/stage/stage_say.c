
/*
 * Say: events of decoders, with the one bookkeeping of the blocks that are
 * open.  What order the events are in is up to the flow stage.
 */

#include "codec/stage/stage_say.h"
#include "codec/provider/provider_error.h"


void
ccp_say_init(ccp_say_t *s, ccp_answer_ctx_t *ac, ccp_proto_e origin)
{
    memset(s, 0, sizeof(ccp_say_t));
    s->ac = ac;
    s->origin = origin;
}


static int
ccp_say_emit(ccp_say_t *s, const ccp_event_t *ev)
{
    return ccp_emit(&s->ac->sink, ev);
}


int
ccp_say_start(ccp_say_t *s, ccp_str_t id, ccp_str_t model, int64_t created,
    const ccp_usage_t *usage)
{
    ccp_event_t  ev;

    if (s->started) {
        return CCP_OK;
    }

    s->started = 1;
    ccp_event_init(&ev, CCP_EV_START, 0, 0, s->origin);
    ev.id = id;
    ev.model = model;
    ev.created = created;
    ev.usage = usage;

    return ccp_say_emit(s, &ev);
}


int
ccp_say_block(ccp_say_t *s, ccp_say_block_t *to, ccp_block_t *b)
{
    ccp_event_t  ev;

    if (ccp_say_stop(s, to, 0) != CCP_OK) {
        return CCP_NOMEM;
    }

    to->open = 1;
    to->kind = b->kind;
    to->index = s->next++;

    b->origin = s->origin;
    ccp_event_init(&ev, CCP_EV_BLOCK_START, to->choice, to->index, s->origin);
    ev.block = b;

    return ccp_say_emit(s, &ev);
}


int
ccp_say_text(ccp_say_t *s, ccp_say_block_t *to, ccp_block_e kind,
    ccp_str_t text)
{
    int          rc;
    ccp_block_t  b;

    if (text.n == 0) {
        return CCP_OK;
    }

    if (!to->open || to->kind != kind) {
        memset(&b, 0, sizeof(ccp_block_t));
        b.kind = kind;

        rc = ccp_say_block(s, to, &b);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    return ccp_say_delta(s, to, text);
}


int
ccp_say_delta(ccp_say_t *s, const ccp_say_block_t *to, ccp_str_t text)
{
    ccp_event_t  ev;

    if (!to->open || text.n == 0) {
        return CCP_OK;
    }

    ccp_event_init(&ev, CCP_EV_DELTA, to->choice, to->index, s->origin);
    ev.text = text;

    return ccp_say_emit(s, &ev);
}


int
ccp_say_sig(ccp_say_t *s, const ccp_say_block_t *to, ccp_proto_e origin,
    ccp_str_t sig)
{
    ccp_event_t  ev;

    if (!to->open || sig.n == 0) {
        return CCP_OK;
    }

    ccp_event_init(&ev, CCP_EV_SIG, to->choice, to->index, origin);
    ev.text = sig;

    return ccp_say_emit(s, &ev);
}


static int
ccp_say_raw(ccp_say_t *s, const ccp_say_block_t *to, ccp_event_e kind,
    ccp_str_t raw)
{
    ccp_event_t  ev;

    if (!to->open || raw.n == 0) {
        return CCP_OK;
    }

    ccp_event_init(&ev, kind, to->choice, to->index, s->origin);
    ev.raw = raw;

    return ccp_say_emit(s, &ev);
}


int
ccp_say_cite(ccp_say_t *s, const ccp_say_block_t *to, ccp_str_t raw)
{
    return ccp_say_raw(s, to, CCP_EV_CITE, raw);
}


int
ccp_say_logprobs(ccp_say_t *s, const ccp_say_block_t *to, ccp_str_t raw)
{
    return ccp_say_raw(s, to, CCP_EV_LOGPROBS, raw);
}


int
ccp_say_stop(ccp_say_t *s, ccp_say_block_t *to, int cut)
{
    ccp_event_t  ev;

    if (!to->open) {
        return CCP_OK;
    }

    to->open = 0;
    ccp_event_init(&ev, CCP_EV_BLOCK_STOP, to->choice, to->index, s->origin);
    ev.truncated = cut != 0;

    return ccp_say_emit(s, &ev);
}


int
ccp_say_usage(ccp_say_t *s, const ccp_usage_t *usage)
{
    ccp_event_t  ev;

    ccp_event_init(&ev, CCP_EV_USAGE, 0, 0, s->origin);
    ev.usage = usage;

    return ccp_say_emit(s, &ev);
}


int
ccp_say_finish(ccp_say_t *s, int choice, ccp_stop_e stop, ccp_str_t text,
    ccp_str_t category)
{
    ccp_event_t  ev;

    ccp_event_init(&ev, CCP_EV_FINISH, choice, 0, s->origin);
    ev.stop = stop;
    ev.stop_text = text;
    ev.category = category;

    return ccp_say_emit(s, &ev);
}


int
ccp_say_ping(ccp_say_t *s)
{
    ccp_event_t  ev;

    ccp_event_init(&ev, CCP_EV_PING, 0, 0, s->origin);

    return ccp_say_emit(s, &ev);
}


int
ccp_say_end(ccp_say_t *s)
{
    ccp_event_t  ev;

    s->over = 1;
    ccp_event_init(&ev, CCP_EV_END, 0, 0, s->origin);

    return ccp_say_emit(s, &ev);
}


int
ccp_say_error(ccp_say_t *s, const ccp_error_t *err)
{
    ccp_event_t  ev;

    s->over = 1;
    ccp_event_init(&ev, CCP_EV_ERROR, 0, 0, s->origin);
    ev.error = err;

    return ccp_say_emit(s, &ev);
}


int
ccp_say_fail(ccp_say_t *s, ccp_err_e cls, const char *text)
{
    ccp_error_t  err;

    memset(&err, 0, sizeof(ccp_error_t));
    err.cls = cls;
    err.message = ccp_cstr(text);

    return ccp_say_error(s, &err);
}


int
ccp_say_refusal(ccp_say_t *s, int64_t status, ccp_jval_t v, ccp_err_e cls)
{
    ccp_error_t  err;

    if (status < 400 || status > 599) {
        status = 0;
    }

    if (ccp_error_read_json(&err, s->ac->arena, (int) status, v) != CCP_OK) {
        return CCP_NOMEM;
    }

    if (err.cls == CCP_E_NONE) {
        err.cls = cls;
    }

    return ccp_say_error(s, &err);
}
