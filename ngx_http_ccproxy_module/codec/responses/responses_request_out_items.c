
/*
 * Responses request out: the history as items.
 */

#include "codec/responses/responses_request.h"
#include "codec/responses/responses.h"
#include "codec/json/json_write.h"
#include "codec/form/form_block.h"
#include "codec/prepare/prepare.h"
#include "codec/proto/proto_out.h"


static void
ccp_responses_write_item_head(ccp_responses_writer_t *w, const char *type)
{
    ccp_w_obj(w->o);
    ccp_w_kcstr(w->o, "type", type);
}


static int
ccp_responses_write_id(ccp_responses_writer_t *w, ccp_str_t id)
{
    id = ccp_call_id(w->x->arena, id, w->pr->id, "call_");

    if (id.p == NULL) {
        return CCP_NOMEM;
    }

    ccp_w_kstr(w->o, "call_id", id);

    return CCP_OK;
}


/* ---- system and user ---- */

static void
ccp_responses_write_developer(ccp_responses_writer_t *w, ccp_str_t text)
{
    ccp_w_obj(w->o);
    ccp_w_kcstr(w->o, "role", "developer");
    ccp_w_kstr(w->o, "content", text);
    ccp_w_obj_end(w->o);
}


/* The first leading text is `instructions`. */

static void
ccp_responses_write_leading(ccp_responses_writer_t *w)
{
    int                 n;
    const ccp_block_t  *b;

    for (n = 0, b = w->r->system; b; b = b->next) {
        if (b->kind == CCP_B_TEXT && b->text.n && n++) {
            ccp_responses_write_developer(w, b->text);
        }
    }

    if (w->hint) {
        ccp_responses_write_developer(w, ccp_lit("Answer with one JSON object "
                                                 "only."));
    }
}


/* A later system message, in its place (T22). */

static int
ccp_responses_write_system(ccp_responses_writer_t *w, const ccp_message_t *m)
{
    int        err;
    ccp_str_t  text;

    err = 0;
    text = ccp_block_join_text(w->x->arena, m->blocks, "\n\n", &err);

    if (text.n) {
        ccp_responses_write_developer(w, text);
    }

    return err ? CCP_NOMEM : CCP_OK;
}


static int
ccp_responses_is_part(const ccp_block_t *b)
{
    return ccp_media_word(b)
           || ((b->kind == CCP_B_TEXT || b->kind == CCP_B_REFUSAL)
               && b->text.n);
}


static const ccp_block_t *
ccp_responses_next_media(const ccp_block_t *b)
{
    while (b && !ccp_media_word(b)) {
        b = b->next;
    }

    return b;
}


/* The user's own parts, behind media that the model's message can't hold. */

static int
ccp_responses_write_words(ccp_responses_writer_t *w, const ccp_message_t *m,
    int now)
{
    int                 n, rc;
    const ccp_block_t  *b, *one, *guest;

    n = 0;
    rc = CCP_OK;
    one = NULL;
    guest = ccp_responses_next_media(w->moved ? w->moved->blocks : NULL);
    w->moved = NULL;

    for (b = m->blocks; b; b = b->next) {
        if (ccp_responses_is_part(b)) {
            n++;
            one = b;
        }
    }

    if (n == 0 && guest == NULL) {
        return CCP_OK;
    }

    ccp_w_obj(w->o);
    ccp_w_kcstr(w->o, "role", "user");
    ccp_w_key(w->o, "content");

    if (n == 1 && guest == NULL && !ccp_media_word(one)
        && (one->cache == CCP_CACHE_NONE || w->pr->cache != CCP_CC_KEEP))
    {
        ccp_w_str(w->o, one->text);
        ccp_w_obj_end(w->o);
        return CCP_OK;
    }

    ccp_w_arr(w->o);

    for ( ; guest && rc == CCP_OK;
         guest = ccp_responses_next_media(guest->next))
    {
        rc = ccp_responses_write_part(w, guest, 0);
    }

    for (b = m->blocks; b && rc == CCP_OK; b = b->next) {
        if (ccp_responses_is_part(b)) {
            rc = ccp_responses_write_part(w, b, now);
        }
    }

    ccp_w_arr_end(w->o);
    ccp_w_obj_end(w->o);

    return rc;
}


/* ---- results ---- */

static int
ccp_responses_is_free_text(ccp_responses_writer_t *w, ccp_str_t id)
{
    const ccp_block_t  *b;

    for (b = w->call; b; b = b->next) {
        if (b->kind == CCP_B_CALL && ccp_str_eq(b->id, id)) {
            w->call = b->next;
            return b->free_text;
        }
    }

    return 0;
}


static void
ccp_responses_write_failed(ccp_out_t *out, const ccp_block_t *res,
    ccp_str_t text)
{
    ccp_w_str_open(out);

    if (res->error && !ccp_str_starts(text, "Error")) {
        ccp_w_str_part(out, ccp_lit("Error: "));
    }

    ccp_w_str_part(out, text);
    ccp_w_str_close(out);
}


static int
ccp_responses_write_result(ccp_responses_writer_t *w, const ccp_block_t *res)
{
    int                 n, plain, rc;
    ccp_out_t          *out;
    const ccp_block_t  *b;

    out = w->o;
    plain = 1;

    for (n = 0, b = res->parts; b; b = b->next) {
        if (ccp_responses_is_part(b)) {
            plain &= !ccp_media_word(b);
            n++;
        }
    }

    ccp_responses_write_item_head(w, ccp_responses_is_free_text(w, res->id)
                                     ? "custom_tool_call_output"
                                     : "function_call_output");

    rc = ccp_responses_write_id(w, res->id);
    ccp_w_key(out, "output");

    if (n == 0 || (n == 1 && plain && res->text.n == 0)) {
        for (b = res->parts; b && !ccp_responses_is_part(b); b = b->next) {
            /* void */
        }

        ccp_responses_write_failed(out, res, b ? b->text : res->text);
        ccp_w_obj_end(out);
        return rc;
    }

    ccp_w_arr(out);

    if (res->text.n || res->error) {
        ccp_w_obj(out);
        ccp_w_kcstr(out, "type", "input_text");
        ccp_w_key(out, "text");
        ccp_responses_write_failed(out, res, res->text);
        ccp_w_obj_end(out);
    }

    for (b = res->parts; b && rc == CCP_OK; b = b->next) {
        if (ccp_responses_is_part(b)) {
            /* a tool's media are not the user's to take back */
            rc = ccp_responses_write_part(w, b, 0);
        }
    }

    ccp_w_arr_end(out);
    ccp_w_obj_end(out);

    return rc;
}


static int
ccp_responses_write_user_message(ccp_responses_writer_t *w,
    const ccp_message_t *m)
{
    int                 now, rc;
    const ccp_block_t  *b;

    now = m->present;

    for (b = m->blocks; b; b = b->next) {
        if (b->kind == CCP_B_RESULT) {
            rc = ccp_responses_write_result(w, b);
            if (rc != CCP_OK) {
                return rc;
            }

        } else if (b->kind == CCP_B_OPAQUE) {
            ccp_request_note(w->r, w->x->arena, "a part of type %.*s: dropped",
                             (int) b->type.n, (const char *) b->type.p);
        }
    }

    return ccp_responses_write_words(w, m, now);
}


/* ---- the model's own ---- */

/* Reasoning goes back to who made it, and to nobody else (T26, T31). */

static void
ccp_responses_write_think(ccp_responses_writer_t *w, const ccp_block_t *b)
{
    if (b->sig.n == 0 || w->pr->replay == CCP_RP_NONE
        || !ccp_responses_goes_back(w->x, b->origin, b->sig_model))
    {
        return;
    }

    ccp_responses_write_item_head(w, "reasoning");

    if (ccp_str_starts(b->item_id, "rs_")) {
        ccp_w_kstr(w->o, "id", b->item_id);
    }

    ccp_w_key(w->o, "summary");
    ccp_w_arr(w->o);

    if (b->text.n) {
        ccp_responses_write_item_head(w, "summary_text");
        ccp_w_kstr(w->o, "text", b->text);
        ccp_w_obj_end(w->o);
    }

    ccp_w_arr_end(w->o);
    ccp_w_kstr(w->o, "encrypted_content", b->sig);
    ccp_w_obj_end(w->o);
}


static int
ccp_responses_write_call(ccp_responses_writer_t *w, const ccp_block_t *b)
{
    int  rc;

    ccp_responses_write_item_head(w, b->free_text ? "custom_tool_call"
                                                  : "function_call");
    rc = ccp_responses_write_id(w, b->id);
    ccp_w_kstr(w->o, "name",
               ccp_name_wire(w->x->names, b->space, b->name));

    if (b->free_text) {
        ccp_w_kstr(w->o, "input", b->text.p ? b->text : ccp_lit(""));

    } else {
        ccp_w_key(w->o, "arguments");
        ccp_w_args_str(w->o, w->x->arena, b);
    }

    ccp_w_obj_end(w->o);

    return rc;
}


/* Texts in a row as one message; returns the block behind them. */

static const ccp_block_t *
ccp_responses_write_said(ccp_responses_writer_t *w, const ccp_message_t *m,
    const ccp_block_t *b)
{
    ccp_out_t  *out;

    out = w->o;

    ccp_responses_write_item_head(w, "message");
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
            ccp_responses_write_item_head(w, "refusal");
            ccp_w_kstr(out, "refusal", b->text);

        } else {
            ccp_responses_write_item_head(w, "output_text");
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
ccp_responses_write_assistant(ccp_responses_writer_t *w,
    const ccp_message_t *m)
{
    int                 rc;
    const ccp_block_t  *b;

    rc = CCP_OK;
    w->call = m->blocks;

    for (b = m->blocks; b && rc == CCP_OK; /* void */ ) {

        switch (b->kind) {

        case CCP_B_TEXT:
        case CCP_B_REFUSAL:
            b = b->text.n ? ccp_responses_write_said(w, m, b) : b->next;
            continue;

        case CCP_B_THINK:
            ccp_responses_write_think(w, b);
            break;

        case CCP_B_CALL:
            rc = ccp_responses_write_call(w, b);
            break;

        default:
            if (ccp_media_word(b)) {
                w->moved = m;
            }
            break;
        }

        b = b->next;
    }

    return rc;
}


int
ccp_responses_write_input(ccp_responses_writer_t *w)
{
    int                   rc;
    const ccp_message_t  *m;

    ccp_w_key(w->o, "input");
    ccp_w_arr(w->o);
    ccp_responses_write_leading(w);

    if (w->r->msgs == NULL && w->r->system) {
        /* no input is refused, even where instructions say all */
        ccp_w_obj(w->o);
        ccp_w_kcstr(w->o, "role", "user");
        ccp_w_kcstr(w->o, "content", ".");
        ccp_w_obj_end(w->o);
    }

    rc = CCP_OK;

    for (m = w->r->msgs; m && rc == CCP_OK; m = m->next) {

        switch (m->role) {

        case CCP_ROLE_SYSTEM:
            rc = ccp_responses_write_system(w, m);
            break;

        case CCP_ROLE_USER:
            rc = ccp_responses_write_user_message(w, m);
            break;

        case CCP_ROLE_ASSISTANT:
            rc = ccp_responses_write_assistant(w, m);
            break;
        }
    }

    ccp_w_arr_end(w->o);

    return rc;
}
