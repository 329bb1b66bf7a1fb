
/*
 * Chat Completions to a provider with rules of its own: the client's body
 * passes, but for what that provider refuses.
 */

#ifndef CCP_CHAT_MEMBER_H
#define CCP_CHAT_MEMBER_H

#include "codec/base/base_arena.h"
#include "codec/json/json_edit.h"
#include "codec/form/form_error.h"
#include "codec/form/form_request.h"
#include "codec/provider/provider.h"

/* Whether the provider says anything that the protocol's plain row doesn't. */
int ccp_chat_splice_is_ruled(const ccp_provider_t *pr);

/*
 * Whether the messages, tools or the wish to reason must be written anew for
 * this provider.  1, 0; CCP_NOMEM.
 */
int ccp_chat_splice_is_anew(const ccp_request_t *r, const ccp_provider_t *pr,
    ccp_arena_t *a);

/*
 * Adds the edits of members that are refused, renamed or bounded, and notes
 * them.  CCP_OK; CCP_INVALID (err: this target can't serve the request);
 * CCP_NOMEM is left to ccp_edit_write().
 */
int ccp_chat_splice_edit(ccp_request_t *r, const ccp_target_t *t,
    ccp_edit_t *e, ccp_error_t *err);

/*
 * Where the body was written anew: adds the client's members that the neutral
 * form does not know and the provider doesn't refuse.
 */
void ccp_chat_splice_carry(const ccp_request_t *r, const ccp_provider_t *pr,
    ccp_edit_t *e);

/* Whether this request makes the model reason. */
int ccp_chat_splice_thinks(const ccp_request_t *r, const ccp_provider_t *pr);

#endif /* CCP_CHAT_MEMBER_H */
