
/*
 * Chat Completions, https://platform.openai.com/docs/api-reference/chat: what
 * others see of the protocol.
 */

#ifndef CCP_CHAT_H
#define CCP_CHAT_H

#include "codec/proto/proto.h"

extern const ccp_ops_t  ccp_chat_ops;

#endif /* CCP_CHAT_H */
