
/*
 * Words of the protocols.
 */

#ifndef CCP_PROTO_WORDS_H
#define CCP_PROTO_WORDS_H

#include "codec/base/base_str.h"
#include "codec/form/form_request.h"

/* One word of the wire and its number here; a table ends with NULL. */
typedef struct {
    const char  *word;
    int          value;
} ccp_word_t;

/* The number of a word, dflt if the table doesn't have it. */
int ccp_word_find(const ccp_word_t *t, ccp_str_t s, int dflt);

/* A protocol's name, as in a configuration and in ccp_ops_t. */
const char *ccp_proto_name(ccp_proto_e proto);

#endif /* CCP_PROTO_WORDS_H */
