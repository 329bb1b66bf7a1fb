
/*
 * The table of protocols: the rows of form_proto.h's list.
 */

#include "codec/exchange/exchange_private.h"
#include "codec/anthropic/anthropic.h"
#include "codec/chat/chat.h"
#include "codec/gemini/gemini.h"
#include "codec/ollama/ollama.h"
#include "codec/responses/responses.h"

/* rows of a build that has more */
#define CCP_PROTO_EXTERN(id, name, letter)                                    \
    extern const ccp_ops_t  ccp_##name##_ops;

CCP_MORE_PROTOCOLS(CCP_PROTO_EXTERN)


static const ccp_ops_t  *const ccp_proto_table[] = {
#define CCP_PROTO_ROW(id, name, letter)  &ccp_##name##_ops,
    CCP_PROTOCOLS(CCP_PROTO_ROW)
#undef CCP_PROTO_ROW
};


const ccp_proto_e  ccp_proto_common = CCP_CHAT;


const ccp_ops_t *
ccp_proto_ops(ccp_proto_e proto)
{
    return ccp_proto_table[proto < CCP_NPROTO ? proto : ccp_proto_common];
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


const ccp_limit_names_t *
ccp_proto_limits(ccp_proto_e proto)
{
    const ccp_ops_t  *ops;

    static const ccp_limit_names_t  names = {
        { "x-ratelimit-limit-requests", "x-ratelimit-remaining-requests",
          "x-ratelimit-reset-requests" },
        { "x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens",
          "x-ratelimit-reset-tokens" },
        0
    };

    ops = ccp_proto_ops(proto);

    return ops->limits ? ops->limits : &names;
}
