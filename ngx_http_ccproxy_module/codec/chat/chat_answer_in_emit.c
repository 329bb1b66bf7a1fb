
/*
 * Chat Completions answer in: the way of an event to the sink, the end of a
 * text, and errors, in a stream or inside of a 200.
 */

#include "codec/chat/chat_answer.h"
#include "codec/provider/provider_error.h"


int
ccp_chat_dec_emit(ccp_chat_dec_t *d, ccp_chat_dec_choice_t *c, ccp_event_t *ev)
{
    ev->choice = c ? c->index : 0;

    return ccp_emit(&d->ac->sink, ev);
}


int
ccp_chat_dec_close_text(ccp_chat_dec_t *d, ccp_chat_dec_choice_t *c, int cut)
{
    ccp_event_t  ev;

    if (!c->open) {
        return CCP_OK;
    }

    c->open = 0;
    memset(&ev, 0, sizeof(ccp_event_t));
    ev.kind = CCP_EV_BLOCK_STOP;
    ev.index = c->block;
    ev.truncated = cut;

    return ccp_chat_dec_emit(d, c, &ev);
}


static int
ccp_chat_dec_emit_error(ccp_chat_dec_t *d, const ccp_error_t *err)
{
    ccp_event_t  ev;

    d->over = 1;
    memset(&ev, 0, sizeof(ccp_event_t));
    ev.kind = CCP_EV_ERROR;
    ev.error = err;

    return ccp_chat_dec_emit(d, NULL, &ev);
}


int
ccp_chat_dec_fail(ccp_chat_dec_t *d, ccp_err_e cls, const char *text)
{
    ccp_error_t  err;

    memset(&err, 0, sizeof(ccp_error_t));

    if (ccp_refuse(&err, d->ac->arena, cls, "%s", text) == CCP_NOMEM) {
        return CCP_NOMEM;
    }

    return ccp_chat_dec_emit_error(d, &err);
}


int
ccp_chat_dec_error(ccp_chat_dec_t *d, ccp_jval_t v, ccp_jval_t root)
{
    int64_t      status;
    ccp_error_t  err;

    status = ccp_json_int(ccp_json_opt(root, "status_code"), 0);

    if (status < 400 || status > 599) {
        status = ccp_json_int(ccp_json_opt(v, "code"), 0);
    }

    if (status < 400 || status > 599) {
        status = 0;
    }

    memset(&err, 0, sizeof(ccp_error_t));

    if (ccp_error_read_json(&err, d->ac->arena, (int) status, v) != CCP_OK) {
        return CCP_NOMEM;
    }

    return ccp_chat_dec_emit_error(d, &err);
}


/* Some servers fill absent members with empty values. */

static int
ccp_chat_dec_filled(ccp_jval_t v)
{
    switch (ccp_json_type(v)) {

    case CCP_J_STRING:
        return ccp_json_str(v).n != 0;

    case CCP_J_OBJECT:
        return ccp_json_count(v) != 0;

    default:
        return ccp_json_type(v) == CCP_J_TRUE;
    }
}


/* Finds an error in a document; *v is what describes it. */

int
ccp_chat_dec_find_error(ccp_jval_t root, ccp_jval_t *v)
{
    *v = ccp_json_get(root, "error");

    if (ccp_chat_dec_filled(*v)) {
        return 1;
    }

    *v = root;

    if (ccp_json_is(ccp_json_get(root, "object"), "error")) {
        return 1;
    }

    /* MiniMax says 200 and puts the failure here */

    *v = ccp_json_get(root, "base_resp");

    if (ccp_json_int(ccp_json_get(*v, "status_code"), 0) != 0) {
        *v = ccp_json_get(*v, "status_msg");
        return 1;
    }

    *v = ccp_json_get(root, "detail");

    return ccp_json_has(*v)
           && !ccp_json_has(ccp_json_get(root, "choices"));
}
