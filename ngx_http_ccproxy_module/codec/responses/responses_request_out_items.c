
/*
 * Responses request out: the history as items.
 */

#include "codec/responses/responses_request.h"
#include "codec/responses/responses.h"
#include "codec/json/json_write.h"
#include "codec/form/form_block.h"
#include "codec/prepare/prepare.h"


static void
ccp_rs_open_item(ccp_responses_out_t *ro, const char *type)
{
    ccp_w_obj(ro->out);
    ccp_w_kcstr(ro->out, "type", type);
}


static int
ccp_rs_write_id(ccp_responses_out_t *ro, ccp_str_t id)
{
    id = ccp_call_id(ro->x->arena, id, ro->d->id, "call_");

    if (id.p == NULL) {
        return CCP_NOMEM;
    }

    ccp_w_kstr(ro->out, "call_id", id);

    return CCP_OK;
}


/* ---- system and user ---- */

static void
ccp_rs_write_developer(ccp_responses_out_t *ro, ccp_str_t text)
{
    ccp_w_obj(ro->out);
    ccp_w_kcstr(ro->out, "role", "developer");
    ccp_w_kstr(ro->out, "content", text);
    ccp_w_obj_end(ro->out);
}


/* The first leading text is `instructions`. */

static void
ccp_rs_write_leading(ccp_responses_out_t *ro)
{
    int                 n;
    const ccp_block_t  *b;

    for (n = 0, b = ro->r->system; b; b = b->next) {
        if (b->kind == CCP_B_TEXT && b->text.n && n++) {
            ccp_rs_write_developer(ro, b->text);
        }
    }

    if (ro->hint) {
        ccp_rs_write_developer(ro, ccp_lit("Answer with one JSON object "
                                           "only."));
    }
}


/* A later system message, in its place (T22). */

static int
ccp_rs_write_system(ccp_responses_out_t *ro, const ccp_message_t *m)
{
    int        err;
    ccp_str_t  text;

    err = 0;
    text = ccp_blocks_text(ro->x->arena, m->blocks, "\n\n", &err);

    if (text.n) {
        ccp_rs_write_developer(ro, text);
    }

    return err ? CCP_NOMEM : CCP_OK;
}


static int
ccp_rs_is_part(const ccp_block_t *b)
{
    return ccp_responses_is_media(b)
           || ((b->kind == CCP_B_TEXT || b->kind == CCP_B_REFUSAL)
               && b->text.n);
}


static const ccp_block_t *
ccp_rs_next_media(const ccp_block_t *b)
{
    while (b && !ccp_responses_is_media(b)) {
        b = b->next;
    }

    return b;
}


/* The user's own parts, behind media that the model's message can't hold. */

static int
ccp_rs_write_words(ccp_responses_out_t *ro, const ccp_message_t *m, int now)
{
    int                 n, rc;
    const ccp_block_t  *b, *one, *guest;

    n = 0;
    rc = CCP_OK;
    one = NULL;
    guest = ccp_rs_next_media(ro->moved ? ro->moved->blocks : NULL);
    ro->moved = NULL;

    for (b = m->blocks; b; b = b->next) {
        if (ccp_rs_is_part(b)) {
            n++;
            one = b;
        }
    }

    if (n == 0 && guest == NULL) {
        return CCP_OK;
    }

    ccp_w_obj(ro->out);
    ccp_w_kcstr(ro->out, "role", "user");
    ccp_w_key(ro->out, "content");

    if (n == 1 && guest == NULL && !ccp_responses_is_media(one)
        && (one->cache == CCP_CACHE_NONE || ro->d->cache != CCP_CC_KEEP))
    {
        ccp_w_str(ro->out, one->text);
        ccp_w_obj_end(ro->out);
        return CCP_OK;
    }

    ccp_w_arr(ro->out);

    for ( ; guest && rc == CCP_OK; guest = ccp_rs_next_media(guest->next)) {
        rc = ccp_responses_write_part(ro, guest, 0);
    }

    for (b = m->blocks; b && rc == CCP_OK; b = b->next) {
        if (ccp_rs_is_part(b)) {
            rc = ccp_responses_write_part(ro, b, now);
        }
    }

    ccp_w_arr_end(ro->out);
    ccp_w_obj_end(ro->out);

    return rc;
}


/* ---- results ---- */

static int
ccp_rs_is_custom(ccp_responses_out_t *ro, ccp_str_t id)
{
    const ccp_block_t  *b;

    for (b = ro->calls ? ro->calls->blocks : NULL; b; b = b->next) {
        if (b->kind == CCP_B_CALL && ccp_str_eq(b->id, id)) {
            return b->custom;
        }
    }

    return 0;
}


static void
ccp_rs_write_failed(ccp_out_t *out, const ccp_block_t *res, ccp_str_t text)
{
    ccp_w_str_open(out);

    if (res->error && !ccp_str_starts(text, "Error")) {
        ccp_w_str_part(out, ccp_lit("Error: "));
    }

    ccp_w_str_part(out, text);
    ccp_w_str_close(out);
}


static int
ccp_rs_write_result(ccp_responses_out_t *ro, const ccp_block_t *res, int now)
{
    int                 n, plain, rc;
    ccp_out_t          *out;
    const ccp_block_t  *b;

    out = ro->out;
    plain = 1;

    for (n = 0, b = res->parts; b; b = b->next) {
        if (ccp_rs_is_part(b)) {
            plain &= !ccp_responses_is_media(b);
            n++;
        }
    }

    ccp_rs_open_item(ro, ccp_rs_is_custom(ro, res->id)
                         ? "custom_tool_call_output"
                         : "function_call_output");

    rc = ccp_rs_write_id(ro, res->id);
    ccp_w_key(out, "output");

    if (n == 0 || (n == 1 && plain && res->text.n == 0)) {
        for (b = res->parts; b && !ccp_rs_is_part(b); b = b->next) {
            /* void */
        }

        ccp_rs_write_failed(out, res, b ? b->text : res->text);
        ccp_w_obj_end(out);
        return rc;
    }

    ccp_w_arr(out);

    if (res->text.n || res->error) {
        ccp_w_obj(out);
        ccp_w_kcstr(out, "type", "input_text");
        ccp_w_key(out, "text");
        ccp_rs_write_failed(out, res, res->text);
        ccp_w_obj_end(out);
    }

    for (b = res->parts; b && rc == CCP_OK; b = b->next) {
        if (ccp_rs_is_part(b)) {
            rc = ccp_responses_write_part(ro, b, now);
        }
    }

    ccp_w_arr_end(out);
    ccp_w_obj_end(out);

    return rc;
}


static int
ccp_rs_write_user(ccp_responses_out_t *ro, const ccp_message_t *m)
{
    int                 now, rc;
    const ccp_block_t  *b;

    now = m == ro->last;

    for (b = m->blocks; b; b = b->next) {
        if (b->kind == CCP_B_RESULT) {
            rc = ccp_rs_write_result(ro, b, now);
            if (rc != CCP_OK) {
                return rc;
            }

        } else if (b->kind == CCP_B_OPAQUE) {
            ccp_note(ro->r, ro->x->arena, "a part of type %.*s: dropped",
                     (int) b->type.n, (const char *) b->type.p);
        }
    }

    return ccp_rs_write_words(ro, m, now);
}


/* ---- the model's own ---- */

/* Reasoning goes back to who made it, and to nobody else (T26, T31). */

static void
ccp_rs_write_think(ccp_responses_out_t *ro, const ccp_block_t *b)
{
    if (b->sig.n == 0 || ro->d->replay == CCP_RP_NONE
        || !ccp_responses_own(ro->x, b->origin, b->sig_model))
    {
        return;
    }

    ccp_rs_open_item(ro, "reasoning");

    if (ccp_str_starts(b->item_id, "rs_")) {
        ccp_w_kstr(ro->out, "id", b->item_id);
    }

    ccp_w_key(ro->out, "summary");
    ccp_w_arr(ro->out);

    if (b->text.n) {
        ccp_rs_open_item(ro, "summary_text");
        ccp_w_kstr(ro->out, "text", b->text);
        ccp_w_obj_end(ro->out);
    }

    ccp_w_arr_end(ro->out);
    ccp_w_kstr(ro->out, "encrypted_content", b->sig);
    ccp_w_obj_end(ro->out);
}


static int
ccp_rs_write_call(ccp_responses_out_t *ro, const ccp_block_t *b)
{
    int  rc;

    ccp_rs_open_item(ro, b->custom ? "custom_tool_call" : "function_call");
    rc = ccp_rs_write_id(ro, b->id);
    ccp_w_kstr(ro->out, "name",
               ccp_name_wire(ro->x->names, b->space, b->name));

    if (b->custom) {
        ccp_w_kstr(ro->out, "input", b->text.p ? b->text : ccp_lit(""));

    } else {
        ccp_w_key(ro->out, "arguments");
        ccp_w_args_str(ro->out, ro->x->arena, b);
    }

    ccp_w_obj_end(ro->out);

    return rc;
}


/* Texts in a row as one message; returns the block behind them. */

static const ccp_block_t *
ccp_rs_write_said(ccp_responses_out_t *ro, const ccp_message_t *m,
    const ccp_block_t *b)
{
    ccp_out_t  *out;

    out = ro->out;

    ccp_rs_open_item(ro, "message");
    ccp_w_kcstr(out, "role", "assistant");

    if (m->phase.n) {
        ccp_w_kstr(out, "phase", m->phase);
    }

    ccp_w_key(out, "content");
    ccp_w_arr(out);

    for ( ; b && (b->kind == CCP_B_TEXT || b->kind == CCP_B_REFUSAL);
          b = b->next)
    {
        if (b->text.n == 0) {
            continue;
        }

        if (b->kind == CCP_B_REFUSAL) {
            ccp_rs_open_item(ro, "refusal");
            ccp_w_kstr(out, "refusal", b->text);

        } else {
            ccp_rs_open_item(ro, "output_text");
            ccp_w_kstr(out, "text", b->text);
            ccp_w_key(out, "annotations");
            ccp_w_arr(out);
            ccp_w_arr_end(out);
        }

        ccp_w_obj_end(out);
    }

    ccp_w_arr_end(out);
    ccp_w_obj_end(out);

    return b;
}


static int
ccp_rs_write_assistant(ccp_responses_out_t *ro, const ccp_message_t *m)
{
    int                 rc;
    const ccp_block_t  *b;

    rc = CCP_OK;
    ro->calls = m;

    for (b = m->blocks; b && rc == CCP_OK; /* void */ ) {

        switch (b->kind) {

        case CCP_B_TEXT:
        case CCP_B_REFUSAL:
            b = b->text.n ? ccp_rs_write_said(ro, m, b) : b->next;
            continue;

        case CCP_B_THINK:
            ccp_rs_write_think(ro, b);
            break;

        case CCP_B_CALL:
            rc = ccp_rs_write_call(ro, b);
            break;

        default:
            if (ccp_responses_is_media(b)) {
                ro->moved = m;
            }
            break;
        }

        b = b->next;
    }

    return rc;
}


int
ccp_responses_write_input(ccp_responses_out_t *ro)
{
    int                   rc;
    const ccp_message_t  *m;

    for (m = ro->r->msgs; m; m = m->next) {
        ro->last = m->role == CCP_ROLE_USER ? m : ro->last;
    }

    ccp_w_key(ro->out, "input");
    ccp_w_arr(ro->out);
    ccp_rs_write_leading(ro);

    rc = CCP_OK;

    for (m = ro->r->msgs; m && rc == CCP_OK; m = m->next) {

        switch (m->role) {

        case CCP_ROLE_SYSTEM:
            rc = ccp_rs_write_system(ro, m);
            break;

        case CCP_ROLE_USER:
            rc = ccp_rs_write_user(ro, m);
            break;

        case CCP_ROLE_ASSISTANT:
            rc = ccp_rs_write_assistant(ro, m);
            break;
        }
    }

    ccp_w_arr_end(ro->out);

    return rc;
}
