
/*
 * Anthropic: threads, conversations that are held for the client.
 */

#ifndef CCP_ANTHROPIC_HELD_H
#define CCP_ANTHROPIC_HELD_H

#include "codec/proto/proto.h"
#include "codec/proto/proto_held.h"

/* The rows of ccp_anthropic_ops; contracts in proto.h. */
int ccp_anthropic_recall(ccp_recall_t *rc);
int ccp_anthropic_keep(ccp_keep_t *keep, const ccp_keeper_t *keeper,
    ccp_arena_t *a);

/* A thread goes on from an answer that is not held: what SDKs send the whole
 * conversation for.  CCP_INVALID or CCP_NOMEM. */
int ccp_anthropic_thread_lost(ccp_error_t *err, ccp_arena_t *a);

#endif /* CCP_ANTHROPIC_HELD_H */
