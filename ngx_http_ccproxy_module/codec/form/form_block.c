
/*
 * Requests in the making: blocks, messages, lists, notes, joined texts.
 */

#include <stdarg.h>
#include <stdio.h>

#include "codec/form/form_block.h"
#include "codec/base/base_buf.h"


void
ccp_request_unset(ccp_request_t *r)
{
    r->parallel = -1;
    r->max_tokens = CCP_UNSET_INT;
    r->n = CCP_UNSET_INT;
    r->logprobs = -1;
    r->top_logprobs = CCP_UNSET_INT;
    r->think.budget = CCP_UNSET_INT;
    r->think.want_sig = -1;
    r->out.strict = -1;
    r->embed_dims = CCP_UNSET_INT;
}


ccp_block_t *
ccp_block_new(ccp_arena_t *a, ccp_block_e kind)
{
    ccp_block_t  *b;

    b = ccp_calloc(a, sizeof(ccp_block_t));

    if (b != NULL) {
        b->kind = kind;
    }

    return b;
}


ccp_block_t **
ccp_block_push(ccp_block_t **tail, ccp_block_t *b)
{
    b->next = NULL;
    *tail = b;

    return &b->next;
}


ccp_message_t *
ccp_message_new(ccp_arena_t *a, ccp_role_e role)
{
    ccp_message_t  *m;

    m = ccp_calloc(a, sizeof(ccp_message_t));

    if (m != NULL) {
        m->role = role;
    }

    return m;
}


int
ccp_item_add(ccp_arena_t *a, ccp_item_t **list, ccp_str_t s)
{
    ccp_item_t  *it;

    it = ccp_calloc(a, sizeof(ccp_item_t));
    if (it == NULL) {
        return CCP_NOMEM;
    }

    it->s = s;

    if (*list == NULL) {
        *list = it;

    } else {
        (*list)->last->next = it;
    }

    (*list)->last = it;

    return CCP_OK;
}


ccp_str_t
ccp_block_join_text(ccp_arena_t *a, const ccp_block_t *b, const char *sep,
    int *err)
{
    size_t     n;
    ccp_buf_t  buf;
    ccp_str_t  first;

    first = ccp_none;
    n = 0;

    for ( ; b != NULL; b = b->next) {
        if (b->kind != CCP_B_TEXT || b->text.p == NULL) {
            continue;
        }

        if (n++ == 0) {
            first = b->text;
            continue;
        }

        if (n == 2) {
            ccp_buf_init(&buf, a, 0);
            (void) ccp_buf_add_json(&buf, first);
        }

        (void) ccp_buf_add_json(&buf, ccp_cstr(sep));
        (void) ccp_buf_add_json(&buf, b->text);
    }

    if (n < 2) {
        return first;
    }

    if (buf.err) {
        *err = 1;
        ccp_buf_free(&buf);
        return ccp_none;
    }

    return ccp_buf_str(&buf, 1);
}


void
ccp_request_note(ccp_request_t *r, ccp_arena_t *a, const char *fmt, ...)
{
    int         n;
    char        text[256];
    va_list     ap;
    ccp_str_t   s;

    va_start(ap, fmt);
    n = vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);

    if (n <= 0) {
        return;
    }

    s = ccp_cstr(text);
    s = ccp_str_dup(a, s);

    /* a note that can't be kept is no reason to fail the request */

    if (s.p) {
        (void) ccp_item_add(a, &r->notes, s);
    }
}
