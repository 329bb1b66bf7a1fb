
/*
 * The table of protocols, and notes.
 */

#include <stdarg.h>
#include <stdio.h>

#include "codec/exchange/exchange.h"
#include "codec/prepare/prepare.h"


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


void
ccp_note(ccp_request_t *r, ccp_arena_t *a, const char *fmt, ...)
{
    int         n;
    char        text[256];
    va_list     ap;
    ccp_str_t   s;

    va_start(ap, fmt);
    n = vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);

    if (n <= 0) {
        return;
    }

    s = ccp_cstr(text);
    s = ccp_str_dup(a, s);

    /* a note that can't be kept is no reason to fail the request */

    if (s.p) {
        (void) ccp_item_add(a, &r->notes, s);
    }
}
