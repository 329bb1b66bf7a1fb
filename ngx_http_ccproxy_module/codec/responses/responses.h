
/*
 * OpenAI Responses, https://platform.openai.com/docs/api-reference/responses:
 * what others see of the protocol.
 */

#ifndef CCP_RESPONSES_H
#define CCP_RESPONSES_H

#include "codec/proto/proto.h"

extern const ccp_ops_t  ccp_responses_ops;

#endif /* CCP_RESPONSES_H */
