
/*
 * The table of protocols.
 */

#include <stdarg.h>
#include <stdio.h>
#include "codec/anthropic/anthropic.h"
#include "codec/chat/chat.h"
#include "codec/gemini/gemini.h"
#include "codec/ollama/ollama.h"
#include "codec/responses/responses.h"
#include "codec/proto/proto.h"
#include "codec/prepare/prepare.h"
#include "codec/exchange/exchange.h"


static const ccp_ops_t  *const ccp_proto_table[CCP_NPROTO] = {
    &ccp_anthropic_ops,
    &ccp_chat_ops,
    &ccp_responses_ops,
    &ccp_gemini_ops,
    &ccp_ollama_ops
};


const ccp_ops_t *
ccp_proto_ops(ccp_proto_e proto)
{
    return ccp_proto_table[proto < CCP_NPROTO ? proto : CCP_CHAT];
}


ccp_proto_e
ccp_proto_find(ccp_str_t name)
{
    unsigned  i;

    for (i = 0; i < CCP_NPROTO; i++) {
        if (ccp_str_is(name, ccp_proto_table[i]->name)) {
            break;
        }
    }

    return (ccp_proto_e) i;
}
