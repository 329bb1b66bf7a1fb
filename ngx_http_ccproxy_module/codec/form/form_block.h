
/*
 * Requests in the making: what is unset, blocks and messages, lists, notes.
 */

#ifndef CCP_FORM_BLOCK_H
#define CCP_FORM_BLOCK_H

#include "codec/form/form_request.h"
#include "codec/base/base_arena.h"

/* What a request has for "unset" where the members have no zero for it. */
void ccp_request_unset(ccp_request_t *r);

/* Blocks and lists in the arena; NULL: no memory. */
ccp_block_t *ccp_block_new(ccp_arena_t *a, ccp_block_e kind);
/* Appends to the list that *tail ends; returns the new tail. */
ccp_block_t **ccp_block_push(ccp_block_t **tail, ccp_block_t *b);
ccp_message_t *ccp_message_new(ccp_arena_t *a, ccp_role_e role);
int ccp_item_add(ccp_arena_t *a, ccp_item_t **list, ccp_str_t s);

/* All TEXT of a block list as one slice, joined by sep; a single text is
 * returned as it stands.  Absent if there is none; err set without memory. */
ccp_str_t ccp_block_join_text(ccp_arena_t *a, const ccp_block_t *b,
    const char *sep, int *err);

/* Adds a line to r->notes ("top_k: not supported by chat"); printf form. */
void ccp_request_note(ccp_request_t *r, ccp_arena_t *a, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif /* CCP_FORM_BLOCK_H */
