
/*
 * OpenAI Responses, https://platform.openai.com/docs/api-reference/responses:
 * what others see of the protocol.
 */

#ifndef CCP_RESPONSES_H
#define CCP_RESPONSES_H

#include "codec/base/base_buf.h"
#include "codec/json/json_out.h"
#include "codec/json/json_read.h"
#include "codec/form/form_event.h"
#include "codec/provider/provider.h"
#include "codec/proto/proto.h"

extern const ccp_ops_t  ccp_responses_ops;

#endif /* CCP_RESPONSES_H */
