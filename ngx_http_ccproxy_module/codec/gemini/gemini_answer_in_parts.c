
/*
 * Gemini answer in: the parts of a candidate, as events.
 */

#include "codec/gemini/gemini_answer.h"
#include "codec/form/form_media.h"


/* Parts that tell of tools which the provider ran. */

static const struct {
    const char   *name;
    ccp_block_e   kind;
} ccp_gemini_dec_hosted_parts[] = {
    { "executableCode", CCP_B_HCALL },
    { "codeExecutionResult", CCP_B_HRESULT },
    { "toolCall", CCP_B_HCALL },
    { "toolResponse", CCP_B_HRESULT }
};


int
ccp_gemini_dec_emit(ccp_gemini_dec_t *d, ccp_gemini_dec_choice_t *c,
    ccp_event_t *ev)
{
    ev->choice = c ? c->index : 0;
    ev->origin = CCP_GEMINI;

    return ccp_emit(&d->ac->sink, ev);
}


int
ccp_gemini_dec_emit_text(ccp_gemini_dec_t *d, ccp_gemini_dec_choice_t *c,
    ccp_event_e kind, int index, ccp_str_t text)
{
    ccp_event_t  ev;

    memset(&ev, 0, sizeof(ccp_event_t));
    ev.kind = kind;
    ev.index = index;
    ev.text = text;

    if (kind == CCP_EV_CITE || kind == CCP_EV_LOGPROBS) {
        ev.text = ccp_none;
        ev.raw = text;
    }

    return ccp_gemini_dec_emit(d, c, &ev);
}


int
ccp_gemini_dec_close(ccp_gemini_dec_t *d, ccp_gemini_dec_choice_t *c)
{
    if (!c->open) {
        return CCP_OK;
    }

    c->open = 0;

    return ccp_gemini_dec_emit_text(d, c, CCP_EV_BLOCK_STOP, c->block,
                                    ccp_none);
}


static int
ccp_gemini_dec_begin_block(ccp_gemini_dec_t *d, ccp_gemini_dec_choice_t *c,
    ccp_block_t *b)
{
    int          rc;
    ccp_event_t  ev;

    rc = ccp_gemini_dec_close(d, c);
    if (rc != CCP_OK) {
        return rc;
    }

    b->origin = CCP_GEMINI;
    c->block = c->nblocks++;
    c->kind = b->kind;
    c->content = 1;

    memset(&ev, 0, sizeof(ccp_event_t));
    ev.kind = CCP_EV_BLOCK_START;
    ev.index = c->block;
    ev.block = b;

    return ccp_gemini_dec_emit(d, c, &ev);
}


static int
ccp_gemini_dec_open_text(ccp_gemini_dec_t *d, ccp_gemini_dec_choice_t *c,
    ccp_block_e kind)
{
    int          rc;
    ccp_block_t  b;

    if (c->open && c->kind == kind) {
        return CCP_OK;
    }

    memset(&b, 0, sizeof(ccp_block_t));
    b.kind = kind;
    b.summary = kind == CCP_B_THINK;

    rc = ccp_gemini_dec_begin_block(d, c, &b);
    c->open = rc == CCP_OK;

    return rc;
}


/* A call that arrives in pieces is complete, or nothing more will come. */

int
ccp_gemini_dec_end_call(ccp_gemini_dec_t *d, ccp_gemini_dec_choice_t *c,
    int cut)
{
    int          rc;
    ccp_out_t    o;
    ccp_event_t  ev;

    if (c->args == NULL) {
        return CCP_OK;
    }

    ccp_out_init(&o, d->ac->arena, 0);
    ccp_gemini_args_write(c->args, &o);

    if (ccp_out_finish(&o) != CCP_OK) {
        return CCP_NOMEM;
    }

    c->args = NULL;
    rc = ccp_gemini_dec_emit_text(d, c, CCP_EV_DELTA, c->block,
                                  ccp_out_all(&o));
    ccp_out_free(&o);

    if (rc != CCP_OK) {
        return rc;
    }

    memset(&ev, 0, sizeof(ccp_event_t));
    ev.kind = CCP_EV_BLOCK_STOP;
    ev.index = c->block;
    ev.truncated = cut != 0;

    return ccp_gemini_dec_emit(d, c, &ev);
}


static int
ccp_gemini_dec_text(ccp_gemini_dec_t *d, ccp_gemini_dec_choice_t *c,
    ccp_jval_t text, int thought, ccp_str_t sig)
{
    int          rc, fresh;
    ccp_str_t    s;
    ccp_block_e  kind;

    s = ccp_json_str(text);
    kind = thought ? CCP_B_THINK : CCP_B_TEXT;

    if (s.n == 0 && sig.n == 0) {
        return CCP_OK;
    }

    /* an empty text signs what came before it */

    if (s.n == 0 && c->open) {
        kind = c->kind;
    }

    rc = ccp_gemini_dec_end_call(d, c, 0);
    fresh = !c->open || c->kind != kind;

    if (rc == CCP_OK) {
        rc = ccp_gemini_dec_open_text(d, c, kind);
    }

    /* before its text, where it can be: some clients need it there */

    if (rc == CCP_OK && sig.n && fresh) {
        rc = ccp_gemini_dec_emit_text(d, c, CCP_EV_SIG, c->block, sig);
    }

    if (rc == CCP_OK && s.n) {
        rc = ccp_gemini_dec_emit_text(d, c, CCP_EV_DELTA, c->block, s);
    }

    if (rc == CCP_OK && sig.n && !fresh) {
        rc = ccp_gemini_dec_emit_text(d, c, CCP_EV_SIG, c->block, sig);
    }

    return rc;
}


/* partialArgs of the call that is open. */

static int
ccp_gemini_dec_pieces(ccp_gemini_dec_t *d, ccp_gemini_dec_choice_t *c,
    ccp_jval_t call)
{
    int                 rc;
    ccp_gemini_iter_t   it;

    rc = CCP_OK;

    for (it = ccp_gemini_list_iter(ccp_gemini_get(call, "partialArgs"));
         rc == CCP_OK && ccp_gemini_list_next(&it); )
    {
        rc = ccp_gemini_args_add(c->args, d->ac->arena, it.val);
    }

    if (rc == CCP_OK
        && ccp_json_bool(ccp_gemini_get(call, "willContinue"), 0) != 1)
    {
        rc = ccp_gemini_dec_end_call(d, c, 0);
    }

    return rc;
}


static int
ccp_gemini_dec_call(ccp_gemini_dec_t *d, ccp_gemini_dec_choice_t *c,
    ccp_jval_t call, ccp_str_t sig)
{
    int          rc;
    ccp_jval_t   args;
    ccp_block_t  b;

    memset(&b, 0, sizeof(ccp_block_t));
    b.kind = CCP_B_CALL;
    b.name = ccp_gemini_gets(call, "name");
    b.id = ccp_gemini_gets(call, "id");

    if (b.name.n == 0) {
        return c->args ? ccp_gemini_dec_pieces(d, c, call) : CCP_OK;
    }

    rc = ccp_gemini_dec_end_call(d, c, 0);

    if (rc == CCP_OK) {
        rc = ccp_gemini_dec_begin_block(d, c, &b);
    }

    if (rc == CCP_OK && sig.n) {
        rc = ccp_gemini_dec_emit_text(d, c, CCP_EV_SIG, c->block, sig);
    }

    if (rc != CCP_OK) {
        return rc;
    }

    args = ccp_gemini_get(call, "args");

    if (!ccp_json_has(args)
        && (ccp_json_has(ccp_gemini_get(call, "partialArgs"))
            || ccp_json_bool(ccp_gemini_get(call, "willContinue"), 0) == 1))
    {
        c->args = ccp_calloc(d->ac->arena, sizeof(ccp_gemini_args_node_t));
        if (c->args == NULL) {
            return CCP_NOMEM;
        }

        c->args->type = CCP_J_OBJECT;

        return ccp_gemini_dec_pieces(d, c, call);
    }

    if (ccp_json_type(args) == CCP_J_OBJECT) {
        rc = ccp_gemini_dec_emit_text(d, c, CCP_EV_DELTA, c->block,
                                      ccp_json_raw(args));
    }

    return rc == CCP_OK ? ccp_gemini_dec_emit_text(d, c, CCP_EV_BLOCK_STOP,
                                                   c->block, ccp_none)
                        : rc;
}


/* A block that comes whole and has no text. */

static int
ccp_gemini_dec_block(ccp_gemini_dec_t *d, ccp_gemini_dec_choice_t *c,
    ccp_block_t *b)
{
    int  rc;

    rc = ccp_gemini_dec_end_call(d, c, 0);

    if (rc == CCP_OK) {
        rc = ccp_gemini_dec_begin_block(d, c, b);
    }

    return rc == CCP_OK ? ccp_gemini_dec_emit_text(d, c, CCP_EV_BLOCK_STOP,
                                                   c->block, ccp_none)
                        : rc;
}


static int
ccp_gemini_dec_other(ccp_gemini_dec_t *d, ccp_gemini_dec_choice_t *c,
    ccp_jval_t part)
{
    size_t       i;
    ccp_jval_t   v;
    ccp_block_t  b;

    memset(&b, 0, sizeof(ccp_block_t));
    b.raw = ccp_json_raw(part);

    for (i = 0; i < ccp_countof(ccp_gemini_dec_hosted_parts); i++) {
        v = ccp_gemini_get(part, ccp_gemini_dec_hosted_parts[i].name);

        if (ccp_json_has(v)) {
            b.kind = ccp_gemini_dec_hosted_parts[i].kind;
            b.type = ccp_cstr(ccp_gemini_dec_hosted_parts[i].name);
            b.id = ccp_gemini_gets(v, "id");
            return ccp_gemini_dec_block(d, c, &b);
        }
    }

    v = ccp_gemini_get(part, "inlineData");

    if (ccp_json_has(v)) {
        b.kind = ccp_gemini_read_media_object(&b.media, v, 0);

        return ccp_media_settle(d->ac->arena, &b) == CCP_OK
               ? ccp_gemini_dec_block(d, c, &b) : CCP_NOMEM;
    }

    v = ccp_gemini_get(part, "fileData");

    if (ccp_json_has(v)) {
        b.kind = ccp_gemini_read_media_object(&b.media, v, 1);
        return ccp_gemini_dec_block(d, c, &b);
    }

    return ccp_gemini_dec_text(d, c, ccp_jabsent, 0,
                               ccp_gemini_gets(part, "thoughtSignature"));
}


int
ccp_gemini_dec_part(ccp_gemini_dec_t *d, ccp_gemini_dec_choice_t *c,
    ccp_jval_t part)
{
    ccp_str_t   sig;
    ccp_jval_t  v;

    sig = ccp_gemini_gets(part, "thoughtSignature");
    v = ccp_gemini_get(part, "text");

    if (ccp_json_type(v) == CCP_J_STRING) {
        return ccp_gemini_dec_text(d, c, v,
                   ccp_json_bool(ccp_gemini_get(part, "thought"), 0) == 1,
                   sig);
    }

    v = ccp_gemini_get(part, "functionCall");

    if (ccp_json_type(v) == CCP_J_OBJECT) {
        return ccp_gemini_dec_call(d, c, v, sig);
    }

    return ccp_gemini_dec_other(d, c, part);
}
