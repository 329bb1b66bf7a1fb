
/*
 * Gemini generateContent, https://ai.google.dev/api/generate-content: what
 * others see of the protocol.
 */

#ifndef CCP_GEMINI_H
#define CCP_GEMINI_H

#include "codec/base/base_buf.h"
#include "codec/json/json_out.h"
#include "codec/json/json_read.h"
#include "codec/form/form_event.h"
#include "codec/provider/provider.h"
#include "codec/proto/proto.h"

extern const ccp_ops_t  ccp_gemini_ops;

#endif /* CCP_GEMINI_H */
