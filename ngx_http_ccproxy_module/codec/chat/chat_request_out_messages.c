
/*
 * Chat Completions request out: system, user and tool messages.
 */

#include <stdio.h>

#include "codec/chat/chat_request.h"
#include "codec/chat/chat.h"
#include "codec/json/json_write.h"
#include "codec/form/form_block.h"
#include "codec/prepare/prepare.h"


/* What an assistant says between a tool's result and the user's words, for
 * templates that refuse the one right after the other. */
#define CCP_CHAT_BRIDGE  "Understood."


static int
ccp_chat_is_media(const ccp_block_t *b)
{
    return b->kind == CCP_B_IMAGE || b->kind == CCP_B_AUDIO
           || b->kind == CCP_B_VIDEO || b->kind == CCP_B_DOC;
}


static int
ccp_chat_is_follower(ccp_chat_writer_t *w, const ccp_block_t *b)
{
    return ccp_chat_is_media(b) && ccp_chat_part_fits(w, b);
}


static const char *
ccp_chat_system_role(ccp_chat_writer_t *w)
{
    static const char *const roles[] = {
        [CCP_SYS_SYSTEM] = "system",
        [CCP_SYS_DEVELOPER] = "developer",
        [CCP_SYS_USER] = "user"
    };

    return roles[w->pr->sys];
}


static void
ccp_chat_write_message_head(ccp_chat_writer_t *w, const char *role,
    const ccp_message_t *m)
{
    ccp_w_obj(w->o);
    ccp_w_kcstr(w->o, "role", role);

    if (m && m->name.n && w->r->proto == CCP_CHAT && !w->pr->no_msg_name) {
        ccp_w_kstr(w->o, "name", m->name);
    }
}


static void
ccp_chat_write_bridge(ccp_chat_writer_t *w)
{
    if (w->after_tool && w->pr->bridge) {
        ccp_chat_write_message_head(w, "assistant", NULL);
        ccp_w_kcstr(w->o, "content", CCP_CHAT_BRIDGE);
        ccp_w_obj_end(w->o);
    }

    w->after_tool = 0;
}


static int
ccp_chat_write_hint_message(ccp_chat_writer_t *w)
{
    int  rc;

    ccp_chat_write_message_head(w, ccp_chat_system_role(w), NULL);
    ccp_w_key(w->o, "content");
    ccp_w_str_open(w->o);
    rc = ccp_chat_write_hint(w);
    ccp_w_str_close(w->o);
    ccp_w_obj_end(w->o);

    return rc;
}


/* One message for all, for templates that know one system message. */

static int
ccp_chat_write_one_system(ccp_chat_writer_t *w)
{
    int                 n, rc;
    ccp_out_t          *out;
    const ccp_block_t  *b;

    rc = CCP_OK;
    out = w->o;

    if (w->r->system == NULL && !w->hint) {
        return CCP_OK;
    }

    ccp_chat_write_message_head(w, ccp_chat_system_role(w), NULL);
    ccp_w_key(out, "content");
    ccp_w_str_open(out);

    for (n = 0, b = w->r->system; b; b = b->next) {
        if (b->kind == CCP_B_TEXT && b->text.n) {
            if (n++) {
                ccp_w_str_part(out, ccp_lit("\n\n"));
            }

            ccp_w_str_part(out, b->text);
        }
    }

    if (w->hint) {
        if (n) {
            ccp_w_str_part(out, ccp_lit("\n\n"));
        }

        rc = ccp_chat_write_hint(w);
    }

    ccp_w_str_close(out);
    ccp_w_obj_end(out);

    return rc;
}


static int
ccp_chat_write_system(ccp_chat_writer_t *w)
{
    int                 rc;
    const ccp_block_t  *b;

    if (w->pr->sys_first || w->pr->sys == CCP_SYS_USER) {
        return ccp_chat_write_one_system(w);
    }

    for (b = w->r->system; b; b = b->next) {
        if (b->kind != CCP_B_TEXT || b->text.n == 0) {
            continue;
        }

        ccp_chat_write_message_head(w, ccp_chat_system_role(w), NULL);
        ccp_w_key(w->o, "content");

        if (ccp_chat_is_marked(w, b)) {
            ccp_w_arr(w->o);
            rc = ccp_chat_write_part(w, b, 0);
            ccp_w_arr_end(w->o);

            if (rc != CCP_OK) {
                return rc;
            }

        } else {
            ccp_w_str(w->o, b->text);
        }

        ccp_w_obj_end(w->o);
    }

    return w->hint ? ccp_chat_write_hint_message(w) : CCP_OK;
}


/* A later system message, in its place (T22). */

static int
ccp_chat_write_later_system(ccp_chat_writer_t *w, const ccp_message_t *m)
{
    int        err;
    ccp_str_t  text;

    err = 0;
    text = ccp_block_join_text(w->x->arena, m->blocks, "\n\n", &err);

    if (err) {
        return CCP_NOMEM;
    }

    if (text.n == 0) {
        return CCP_OK;
    }

    ccp_chat_write_bridge(w);
    ccp_chat_write_message_head(w, ccp_chat_system_role(w), m);
    ccp_w_kstr(w->o, "content", text);
    ccp_w_obj_end(w->o);

    return CCP_OK;
}


/* One piece of a result's text; media become a word about where they are. */

static int
ccp_chat_write_piece(ccp_chat_writer_t *w, const ccp_block_t *b)
{
    int        err;
    char       buf[64];
    ccp_str_t  text;

    err = 0;

    switch (b->kind) {

    case CCP_B_TEXT:
    case CCP_B_REFUSAL:
        ccp_w_str_part(w->o, b->text);
        return CCP_OK;

    case CCP_B_IMAGE:
    case CCP_B_AUDIO:
    case CCP_B_VIDEO:
    case CCP_B_DOC:
        break;

    default:
        return CCP_OK;
    }

    if (b->kind == CCP_B_DOC
        && (b->parts || b->text.p || b->media.kind == CCP_MEDIA_TEXT))
    {
        text = b->media.kind == CCP_MEDIA_TEXT
               ? b->media.data
               : b->parts ? ccp_block_join_text(w->x->arena, b->parts, "\n",
                                                &err)
                          : b->text;
        ccp_w_str_part(w->o, text);
        return err ? CCP_NOMEM : CCP_OK;
    }

    /* a tool's media are not the user's to take back: no error in any turn */

    if (ccp_chat_part_fits(w, b)) {
        snprintf(buf, sizeof(buf), "[%s %d follows]",
                 b->kind == CCP_B_IMAGE ? "image" : "file", ++w->media);

    } else {
        snprintf(buf, sizeof(buf), "[%s omitted]",
                 b->kind == CCP_B_IMAGE ? "image" : "file");
    }

    ccp_w_str_part(w->o, ccp_cstr(buf));

    return CCP_OK;
}


static int
ccp_chat_write_result(ccp_chat_writer_t *w, const ccp_block_t *r)
{
    int                 n, rc;
    ccp_str_t           id, first;
    ccp_out_t          *out;
    const ccp_block_t  *b;

    rc = CCP_OK;
    out = w->o;
    id = ccp_call_id(w->x->arena, r->id, w->pr->id, "call_");

    if (id.p == NULL) {
        return CCP_NOMEM;
    }

    ccp_w_obj(out);
    ccp_w_kcstr(out, "role", "tool");
    ccp_w_kstr(out, "tool_call_id", id);

    if (w->pr->res_name && r->name.n) {
        ccp_w_kstr(out, "name", ccp_name_wire(w->x->names, r->space,
                                              r->name));
    }

    ccp_w_key(out, "content");
    ccp_w_str_open(out);

    first = r->text.n ? r->text
                      : r->parts && r->parts->kind == CCP_B_TEXT
                        ? r->parts->text : ccp_none;

    if (r->error && !ccp_str_starts(first, "Error")) {
        ccp_w_str_part(out, ccp_lit("Error: "));
    }

    n = r->text.n != 0;
    ccp_w_str_part(out, r->text);

    for (b = r->parts; b && rc == CCP_OK; b = b->next) {
        if (n++) {
            ccp_w_str_part(out, ccp_lit("\n"));
        }

        rc = ccp_chat_write_piece(w, b);
    }

    ccp_w_str_close(out);
    ccp_w_obj_end(out);
    w->after_tool = 1;

    return rc;
}


static int
ccp_chat_is_part(ccp_chat_writer_t *w, const ccp_block_t *b)
{
    return ccp_chat_is_media(b)
           || ((b->kind == CCP_B_TEXT || b->kind == CCP_B_REFUSAL)
               && b->text.n)
           || (b->kind == CCP_B_OPAQUE && b->origin == CCP_CHAT && b->raw.p
               && w->r->proto == CCP_CHAT);
}


/* Parts that come to the user's words from elsewhere: media of results (T19)
 * and of the assistant before. */

static int
ccp_chat_write_guests(ccp_chat_writer_t *w, const ccp_message_t *m, int write,
    int *n)
{
    int                 rc;
    const ccp_block_t  *b, *p;

    for (b = w->moved ? w->moved->blocks : NULL; b; b = b->next) {
        if (ccp_chat_is_follower(w, b)) {
            (*n)++;
            rc = write ? ccp_chat_write_part(w, b, 0) : CCP_OK;
            if (rc != CCP_OK) {
                return rc;
            }
        }
    }

    for (b = m->blocks; b; b = b->next) {
        for (p = b->kind == CCP_B_RESULT ? b->parts : NULL; p; p = p->next) {
            if (!ccp_chat_is_follower(w, p)
                || (p->kind == CCP_B_DOC
                    && (p->parts || p->text.p
                        || p->media.kind == CCP_MEDIA_TEXT)))
            {
                continue;
            }

            (*n)++;
            rc = write ? ccp_chat_write_part(w, p, 0) : CCP_OK;
            if (rc != CCP_OK) {
                return rc;
            }
        }
    }

    return CCP_OK;
}


static int
ccp_chat_write_words(ccp_chat_writer_t *w, const ccp_message_t *m, int now)
{
    int                 guests, own, rc;
    const ccp_block_t  *b, *one;

    guests = 0;
    own = 0;
    one = NULL;
    ccp_chat_write_guests(w, m, 0, &guests);

    for (b = m->blocks; b; b = b->next) {
        if (ccp_chat_is_part(w, b)) {
            own++;
            one = b;

        } else if (b->kind == CCP_B_OPAQUE) {
            ccp_request_note(w->r, w->x->arena,
                             "a part of type %.*s: not taken by %s",
                             (int) b->type.n, (const char *) b->type.p,
                             w->pr->name);
        }
    }

    if (guests + own == 0) {
        return CCP_OK;
    }

    ccp_chat_write_bridge(w);
    ccp_chat_write_message_head(w, "user", m);
    ccp_w_key(w->o, "content");

    if (guests == 0 && own == 1 && one->kind != CCP_B_OPAQUE
        && !ccp_chat_is_media(one) && !ccp_chat_is_marked(w, one))
    {
        ccp_w_str(w->o, one->text);
        ccp_w_obj_end(w->o);
        return CCP_OK;
    }

    ccp_w_arr(w->o);
    rc = ccp_chat_write_guests(w, m, 1, &guests);

    for (b = m->blocks; b && rc == CCP_OK; b = b->next) {
        if (ccp_chat_is_part(w, b)) {
            rc = ccp_chat_write_part(w, b, now);
        }
    }

    ccp_w_arr_end(w->o);
    ccp_w_obj_end(w->o);

    return rc;
}


static int
ccp_chat_write_user_message(ccp_chat_writer_t *w, const ccp_message_t *m)
{
    int                 now, rc;
    const ccp_block_t  *b;

    now = m->present;
    w->media = 0;

    for (b = m->blocks; b; b = b->next) {
        if (b->kind == CCP_B_RESULT) {
            rc = ccp_chat_write_result(w, b);
            if (rc != CCP_OK) {
                return rc;
            }
        }
    }

    rc = ccp_chat_write_words(w, m, now);
    w->moved = NULL;

    return rc;
}


int
ccp_chat_write_messages(ccp_chat_writer_t *w)
{
    int                   err, rc;
    const ccp_message_t  *m, *msgs;

    err = 0;
    msgs = ccp_chat_arrange_messages(w, &err);

    if (err) {
        return CCP_NOMEM;
    }

    ccp_w_key(w->o, "messages");
    ccp_w_arr(w->o);

    rc = ccp_chat_write_system(w);

    for (m = msgs; m && rc == CCP_OK; m = m->next) {

        switch (m->role) {

        case CCP_ROLE_SYSTEM:
            rc = ccp_chat_write_later_system(w, m);
            break;

        case CCP_ROLE_USER:
            rc = ccp_chat_write_user_message(w, m);
            break;

        case CCP_ROLE_ASSISTANT:
            rc = ccp_chat_write_assistant(w, m);
            break;
        }
    }

    if (msgs == NULL && !w->k.own && rc == CCP_OK) {

        /* templates want a user in the conversation */

        ccp_w_obj(w->o);
        ccp_w_kcstr(w->o, "role", "user");
        ccp_w_kcstr(w->o, "content", ".");
        ccp_w_obj_end(w->o);
    }

    ccp_w_arr_end(w->o);

    return rc;
}
