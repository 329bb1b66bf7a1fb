
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


static int
ccp_gemini_dec_begin_block(ccp_gemini_dec_t *d, ccp_gemini_dec_choice_t *c,
    ccp_block_t *b)
{
    c->content = 1;

    return ccp_say_block(&d->say, &c->block, b);
}


static int
ccp_gemini_dec_open_text(ccp_gemini_dec_t *d, ccp_gemini_dec_choice_t *c,
    ccp_block_e kind)
{
    ccp_block_t  b;

    if (c->block.open && c->block.kind == kind) {
        return CCP_OK;
    }

    memset(&b, 0, sizeof(ccp_block_t));
    b.kind = kind;
    b.summary = kind == CCP_B_THINK;

    return ccp_gemini_dec_begin_block(d, c, &b);
}


/* A call that arrives in pieces is complete, or nothing more will come. */

int
ccp_gemini_dec_end_call(ccp_gemini_dec_t *d, ccp_gemini_dec_choice_t *c,
    int cut)
{
    int        rc;
    ccp_out_t  o;

    if (c->args == NULL) {
        return CCP_OK;
    }

    ccp_out_init(&o, d->ac->arena, 0);
    ccp_gemini_args_write(&c->args->root, &o);

    if (ccp_out_finish(&o) != CCP_OK) {
        return CCP_NOMEM;
    }

    c->args = NULL;
    rc = ccp_say_delta(&d->say, &c->block, ccp_out_all(&o));
    ccp_out_free(&o);

    return rc == CCP_OK ? ccp_say_stop(&d->say, &c->block, cut) : rc;
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

    rc = ccp_gemini_dec_end_call(d, c, 0);

    /* an empty text signs what came before it */

    if (s.n == 0 && c->block.open) {
        kind = c->block.kind;
    }

    fresh = !c->block.open || c->block.kind != kind;

    if (rc == CCP_OK) {
        rc = ccp_gemini_dec_open_text(d, c, kind);
    }

    /* before its text, where it can be: some clients need it there */

    if (rc == CCP_OK && fresh) {
        rc = ccp_say_sig(&d->say, &c->block, CCP_GEMINI, sig);
    }

    if (rc == CCP_OK) {
        rc = ccp_say_delta(&d->say, &c->block, s);
    }

    return rc == CCP_OK && !fresh
           ? ccp_say_sig(&d->say, &c->block, CCP_GEMINI, sig) : rc;
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
        rc = ccp_gemini_args_add(c->args, it.val);
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

    if (rc == CCP_OK) {
        rc = ccp_say_sig(&d->say, &c->block, CCP_GEMINI, sig);
    }

    if (rc != CCP_OK) {
        return rc;
    }

    args = ccp_gemini_get(call, "args");

    if (!ccp_json_has(args)
        && (ccp_json_has(ccp_gemini_get(call, "partialArgs"))
            || ccp_json_bool(ccp_gemini_get(call, "willContinue"), 0) == 1))
    {
        c->args = ccp_calloc(d->ac->arena, sizeof(ccp_gemini_args_t));
        if (c->args == NULL) {
            return CCP_NOMEM;
        }

        c->args->arena = d->ac->arena;
        c->args->root.type = CCP_J_OBJECT;
        ccp_index_init(&c->args->nodes, d->ac->arena);

        return ccp_gemini_dec_pieces(d, c, call);
    }

    if (ccp_json_has(args)) {
        rc = ccp_say_delta(&d->say, &c->block, ccp_json_raw(args));
    }

    return rc == CCP_OK ? ccp_say_stop(&d->say, &c->block, 0) : rc;
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

    return rc == CCP_OK ? ccp_say_stop(&d->say, &c->block, 0) : rc;
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
