
/*
 * Words of the protocols.
 */

#ifndef CCP_PROTO_WORDS_H
#define CCP_PROTO_WORDS_H

#include "codec/form/form_request.h"

/* A protocol's name, as in a configuration and in ccp_ops_t. */
const char *ccp_proto_name(ccp_proto_e proto);

#endif /* CCP_PROTO_WORDS_H */
