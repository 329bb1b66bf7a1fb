
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


/* Appends copies of blocks, as the request's own list must stay. */

static int
ccp_chat_join_blocks(ccp_chat_writer_t *w, ccp_message_t *m,
    const ccp_block_t *b)
{
    ccp_block_t  *copy, **tail, *first;

    first = NULL;
    tail = &first;

    for ( ; b; b = b->next) {
        copy = ccp_alloc(w->x->arena, sizeof(ccp_block_t));
        if (copy == NULL) {
            return CCP_NOMEM;
        }

        *copy = *b;
        tail = ccp_block_push(tail, copy);
    }

    for (tail = &m->blocks; *tail; tail = &(*tail)->next) {
        /* void */
    }

    *tail = first;

    return CCP_OK;
}


const ccp_message_t *
ccp_chat_arrange_messages(ccp_chat_writer_t *w, int *err)
{
    ccp_message_t        *copy, *last, *first, **tail;
    const ccp_message_t  *m;

    if (!w->pr->sys_first && !w->pr->alternate
        && w->pr->sys != CCP_SYS_USER && w->pr->prefill != CCP_PREFILL_NONE)
    {
        return w->r->msgs;
    }

    first = NULL;
    last = NULL;
    tail = &first;
    *err = 1;

    for (m = w->r->msgs; m; m = m->next) {
        copy = NULL;

        if (w->pr->alternate && ccp_chat_is_silent(w, m)) {
            continue;
        }

        if (m->role == CCP_ROLE_SYSTEM
            && (w->pr->sys_first || w->pr->alternate
                || w->pr->sys == CCP_SYS_USER))
        {
            copy = ccp_chat_make_reminder(w, m);
            if (copy == NULL) {
                return NULL;
            }
        }

        if (last && w->pr->alternate
            && last->role == (copy ? copy->role : m->role))
        {
            if (ccp_chat_join_blocks(w, last, copy ? copy->blocks : m->blocks)
                != CCP_OK)
            {
                return NULL;
            }

            continue;
        }

        if (copy == NULL) {
            copy = ccp_message_new(w->x->arena, m->role);

            if (copy == NULL
                || ccp_chat_join_blocks(w, copy, m->blocks) != CCP_OK)
            {
                return NULL;
            }

            copy->name = m->name;
            copy->present = m->present;
        }

        *tail = copy;
        tail = &copy->next;
        last = copy;
    }

    if ((w->pr->alternate || w->pr->prefill == CCP_PREFILL_NONE)
        && last && last->role == CCP_ROLE_ASSISTANT
        && !ccp_chat_is_silent(w, last))
    {
        *tail = ccp_chat_make_filler(w);
        if (*tail == NULL) {
            return NULL;
        }
    }

    if (w->pr->alternate && first && first->role == CCP_ROLE_ASSISTANT) {
        last = ccp_chat_make_filler(w);
        if (last == NULL) {
            return NULL;
        }

        last->next = first;
        first = last;
    }

    *err = 0;

    return first;
}
