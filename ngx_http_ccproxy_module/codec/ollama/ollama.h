
/*
 * Ollama, https://github.com/ollama/ollama/blob/main/docs/api.md: what others
 * see of the protocol.
 */

#ifndef CCP_OLLAMA_H
#define CCP_OLLAMA_H

#include "codec/proto/proto.h"

extern const ccp_ops_t  ccp_ollama_ops;

#endif /* CCP_OLLAMA_H */
