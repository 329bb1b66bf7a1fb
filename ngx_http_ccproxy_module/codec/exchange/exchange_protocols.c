
/*
 * The table of protocols.
 */

#include "codec/exchange/exchange.h"


static const ccp_ops_t  *const ccp_protocols[CCP_NPROTO] = {
    &ccp_anthropic_ops,
    &ccp_chat_ops,
    &ccp_responses_ops,
    &ccp_gemini_ops,
    &ccp_ollama_ops
};


const ccp_ops_t *
ccp_ops(ccp_proto_e proto)
{
    return ccp_protocols[proto < CCP_NPROTO ? proto : CCP_CHAT];
}


ccp_proto_e
ccp_proto_find(ccp_str_t name)
{
    unsigned  i;

    for (i = 0; i < CCP_NPROTO; i++) {
        if (ccp_str_is(name, ccp_protocols[i]->name)) {
            break;
        }
    }

    return (ccp_proto_e) i;
}
