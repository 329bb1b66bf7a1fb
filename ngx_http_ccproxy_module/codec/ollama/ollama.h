
/*
 * Ollama, https://github.com/ollama/ollama/blob/main/docs/api.md: what others
 * see of the protocol.
 */

#ifndef CCP_OLLAMA_H
#define CCP_OLLAMA_H

#include "codec/base/base_buf.h"
#include "codec/json/json_out.h"
#include "codec/json/json_read.h"
#include "codec/form/form_event.h"
#include "codec/provider/provider.h"
#include "codec/proto/proto.h"

extern const ccp_ops_t  ccp_ollama_ops;

#endif /* CCP_OLLAMA_H */
