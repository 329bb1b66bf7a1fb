
/*
 * Chat Completions request out: the order of messages that strict templates
 * want.
 */

#include "codec/chat/chat_request.h"
#include "codec/form/form_block.h"


#define CCP_CHAT_REMIND     "<system-reminder>"
#define CCP_CHAT_REMIND_END "</system-reminder>"


static ccp_message_t *
ccp_chat_make_reminder(ccp_chat_writer_t *w, const ccp_message_t *m)
{
    int             err;
    ccp_buf_t       buf;
    ccp_block_t    *b;
    ccp_message_t  *user;

    err = 0;
    user = ccp_message_new(w->x->arena, CCP_ROLE_USER);
    b = ccp_block_new(w->x->arena, CCP_B_TEXT);

    if (user == NULL || b == NULL) {
        return NULL;
    }

    ccp_buf_init(&buf, w->x->arena, 0);
    ccp_buf_add(&buf, CCP_CHAT_REMIND, sizeof(CCP_CHAT_REMIND) - 1);
    ccp_buf_add_json(&buf, ccp_block_join_text(w->x->arena, m->blocks, "\n\n",
                                               &err));
    ccp_buf_add(&buf, CCP_CHAT_REMIND_END, sizeof(CCP_CHAT_REMIND_END) - 1);

    if (err || buf.err) {
        return NULL;
    }

    b->text = ccp_buf_str(&buf, 1);
    user->blocks = b;

    return user;
}


static ccp_message_t *
ccp_chat_make_filler(ccp_chat_writer_t *w)
{
    ccp_message_t  *m;

    m = ccp_message_new(w->x->arena, CCP_ROLE_USER);

    if (m != NULL) {
        m->blocks = ccp_block_new(w->x->arena, CCP_B_TEXT);

        if (m->blocks == NULL) {
            return NULL;
        }

        m->blocks->text = ccp_lit(CCP_CHAT_GO_ON);
    }

    return m;
}


/* Appends copies of blocks, as the request's own list must stay; the list's
 * new end, NULL: no memory. */

static ccp_block_t **
ccp_chat_join_blocks(ccp_chat_writer_t *w, ccp_block_t **tail,
    const ccp_block_t *b)
{
    ccp_block_t  *copy;

    for ( ; b; b = b->next) {
        copy = ccp_alloc(w->x->arena, sizeof(ccp_block_t));
        if (copy == NULL) {
            return NULL;
        }

        *copy = *b;
        tail = ccp_block_push(tail, copy);
    }

    return tail;
}


/* Whether templates take no message of the system at that place. */

static int
ccp_chat_is_late(const ccp_chat_writer_t *w, const ccp_message_t *m)
{
    return m->role == CCP_ROLE_SYSTEM
           && (w->pr->sys_first || w->pr->alternate
               || w->pr->sys == CCP_SYS_USER);
}


/* A message without blocks. */

static ccp_message_t *
ccp_chat_copy_message(ccp_chat_writer_t *w, const ccp_message_t *m)
{
    ccp_message_t  *copy;

    copy = ccp_message_new(w->x->arena, m->role);

    if (copy) {
        copy->name = m->name;
        copy->present = m->present;
    }

    return copy;
}


/* A user speaks first where turns alternate, and last where an answer can't
 * be gone on with. */

static int
ccp_chat_fill(ccp_chat_writer_t *w, ccp_message_t **first,
    ccp_message_t *last)
{
    ccp_message_t  *m;

    if ((w->pr->alternate || w->pr->prefill == CCP_PREFILL_NONE)
        && last && last->role == CCP_ROLE_ASSISTANT
        && !ccp_chat_is_silent(w, last))
    {
        last->next = ccp_chat_make_filler(w);
        if (last->next == NULL) {
            return CCP_NOMEM;
        }
    }

    if (w->pr->alternate && *first && (*first)->role == CCP_ROLE_ASSISTANT) {
        m = ccp_chat_make_filler(w);
        if (m == NULL) {
            return CCP_NOMEM;
        }

        m->next = *first;
        *first = m;
    }

    return CCP_OK;
}


const ccp_message_t *
ccp_chat_arrange_messages(ccp_chat_writer_t *w, int *err)
{
    ccp_block_t         **end;
    ccp_message_t        *last, *first, **tail;
    const ccp_message_t  *m, *from;

    if (!w->pr->sys_first && !w->pr->alternate
        && w->pr->sys != CCP_SYS_USER && w->pr->prefill != CCP_PREFILL_NONE)
    {
        return w->r->msgs;
    }

    first = NULL;
    last = NULL;
    end = NULL;
    tail = &first;
    *err = 1;

    for (m = w->r->msgs; m; m = m->next) {

        if (w->pr->alternate && ccp_chat_is_silent(w, m)) {
            continue;
        }

        from = m;

        if (ccp_chat_is_late(w, m)) {
            from = ccp_chat_make_reminder(w, m);
            if (from == NULL) {
                return NULL;
            }
        }

        if (last == NULL || !w->pr->alternate || last->role != from->role) {

            last = ccp_chat_copy_message(w, from);
            if (last == NULL) {
                return NULL;
            }

            *tail = last;
            tail = &last->next;
            end = &last->blocks;
        }

        end = ccp_chat_join_blocks(w, end, from->blocks);
        if (end == NULL) {
            return NULL;
        }
    }

    if (ccp_chat_fill(w, &first, last) != CCP_OK) {
        return NULL;
    }

    *err = 0;

    return first;
}
