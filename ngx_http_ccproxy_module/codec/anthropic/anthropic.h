
/*
 * Anthropic Messages, https://docs.anthropic.com/en/api/messages: what others
 * see of the protocol.
 */

#ifndef CCP_ANTHROPIC_H
#define CCP_ANTHROPIC_H

#include "codec/base/base_buf.h"
#include "codec/json/json_out.h"
#include "codec/json/json_read.h"
#include "codec/form/form_event.h"
#include "codec/proto/proto.h"

extern const ccp_ops_t  ccp_anthropic_ops;

#endif /* CCP_ANTHROPIC_H */
