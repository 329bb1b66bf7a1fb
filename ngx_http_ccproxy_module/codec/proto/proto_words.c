
/*
 * Words of the protocols.
 */

#include "codec/proto/proto.h"
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


const ccp_limit_names_t *
ccp_limit_names(const ccp_ops_t *ops)
{
    static const ccp_limit_names_t  names = {
        { "x-ratelimit-limit-requests", "x-ratelimit-remaining-requests",
          "x-ratelimit-reset-requests" },
        { "x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens",
          "x-ratelimit-reset-tokens" },
        0
    };

    return ops->limits ? ops->limits : &names;
}
