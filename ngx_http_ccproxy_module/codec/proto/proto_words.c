
/*
 * Words of the protocols.
 */

#include "codec/proto/proto_words.h"


static const char *const  ccp_proto_names[CCP_NPROTO] = {
    [CCP_ANTHROPIC] = "anthropic",
    [CCP_CHAT] = "chat",
    [CCP_RESPONSES] = "responses",
    [CCP_GEMINI] = "gemini",
    [CCP_OLLAMA] = "ollama"
};


const char *
ccp_proto_name(ccp_proto_e proto)
{
    return ccp_proto_names[proto];
}


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
