
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

#endif /* CCP_PROTO_WORDS_H */
