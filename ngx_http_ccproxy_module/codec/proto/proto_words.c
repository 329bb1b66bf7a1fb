
/*
 * Words of the protocols.
 */

#include "codec/proto/proto_words.h"


int
ccp_word_find(const ccp_word_t *t, ccp_str_t s, int dflt)
{
    for ( ; t->word; t++) {
        if (ccp_str_is(s, t->word)) {
            return t->value;
        }
    }

    return dflt;
}
