
/*
 * Chat Completions request out: the order of messages that strict templates
 * want.
 */

#include "codec/chat/chat_request.h"
#include "codec/form/form_block.h"


#define CCP_CHAT_REMIND     "<system-reminder>"
#define CCP_CHAT_REMIND_END "</system-reminder>"
#define CCP_CHAT_GO_ON      "Continue."


static ccp_message_t *
ccp_chat_remind(ccp_chat_out_t *co, const ccp_message_t *m)
{
    int             err;
    ccp_buf_t       buf;
    ccp_block_t    *b;
    ccp_message_t  *user;

    err = 0;
    user = ccp_message_new(co->x->arena, CCP_ROLE_USER);
    b = ccp_block_new(co->x->arena, CCP_B_TEXT);

    if (user == NULL || b == NULL) {
        return NULL;
    }

    ccp_buf_init(&buf, co->x->arena, 0);
    ccp_buf_add(&buf, CCP_CHAT_REMIND, sizeof(CCP_CHAT_REMIND) - 1);
    ccp_buf_add_json(&buf, ccp_blocks_text(co->x->arena, m->blocks, "\n\n",
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
ccp_chat_filler(ccp_chat_out_t *co)
{
    ccp_message_t  *m;

    m = ccp_message_new(co->x->arena, CCP_ROLE_USER);

    if (m != NULL) {
        m->blocks = ccp_block_new(co->x->arena, CCP_B_TEXT);

        if (m->blocks == NULL) {
            return NULL;
        }

        m->blocks->text = ccp_lit(CCP_CHAT_GO_ON);
    }

    return m;
}


/* Appends copies of blocks, as the request's own list must stay. */

static int
ccp_chat_join(ccp_chat_out_t *co, ccp_message_t *m, const ccp_block_t *b)
{
    ccp_block_t  *copy, **tail, *first;

    first = NULL;
    tail = &first;

    for ( ; b; b = b->next) {
        copy = ccp_alloc(co->x->arena, sizeof(ccp_block_t));
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
ccp_chat_arrange(ccp_chat_out_t *co, int *err)
{
    ccp_message_t        *copy, *last, *first, **tail;
    const ccp_message_t  *m;

    if (!co->d->sys_first && !co->d->alternate
        && co->d->sys != CCP_SYS_USER)
    {
        return co->r->msgs;
    }

    first = NULL;
    last = NULL;
    tail = &first;
    *err = 1;

    for (m = co->r->msgs; m; m = m->next) {
        copy = NULL;

        if (m->role == CCP_ROLE_SYSTEM) {
            copy = ccp_chat_remind(co, m);
            if (copy == NULL) {
                return NULL;
            }
        }

        if (last && co->d->alternate
            && last->role == (copy ? copy->role : m->role))
        {
            if (ccp_chat_join(co, last, copy ? copy->blocks : m->blocks)
                != CCP_OK)
            {
                return NULL;
            }

            continue;
        }

        if (copy == NULL) {
            copy = ccp_message_new(co->x->arena, m->role);

            if (copy == NULL
                || ccp_chat_join(co, copy, m->blocks) != CCP_OK)
            {
                return NULL;
            }

            copy->name = m->name;
        }

        *tail = copy;
        tail = &copy->next;
        last = copy;
    }

    if (co->d->alternate && last && last->role == CCP_ROLE_ASSISTANT) {
        *tail = ccp_chat_filler(co);
        if (*tail == NULL) {
            return NULL;
        }
    }

    if (co->d->alternate && first && first->role == CCP_ROLE_ASSISTANT) {
        last = ccp_chat_filler(co);
        if (last == NULL) {
            return NULL;
        }

        last->next = first;
        first = last;
    }

    *err = 0;

    return first;
}
