
/*
 * Gemini generateContent, https://ai.google.dev/api/generate-content: what
 * others see of the protocol.
 */

#ifndef CCP_GEMINI_H
#define CCP_GEMINI_H

#include "codec/proto/proto.h"

extern const ccp_ops_t  ccp_gemini_ops;

#endif /* CCP_GEMINI_H */
