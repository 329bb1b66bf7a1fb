
/*
 * The table of protocols, and what its rows share: ids and notes.
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


/* xorshift128+: ids need to be unlike, not unguessable. */

static uint64_t
ccp_random(ccp_clock_t *c)
{
    uint64_t  s1, s0;

    s1 = c->seed[0];
    s0 = c->seed[1];

    c->seed[0] = s0;
    s1 ^= s1 << 23;
    c->seed[1] = s1 ^ s0 ^ (s1 >> 18) ^ (s0 >> 5);

    return c->seed[1] + s0;
}


ccp_str_t
ccp_new_id(ccp_clock_t *c, ccp_arena_t *a, const char *prefix, size_t n)
{
    size_t             i, len;
    uint8_t           *p;
    uint64_t           r;
    ccp_str_t          s = ccp_none;
    static const char  digits[] =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    len = strlen(prefix);

    p = ccp_alloc(a, len + n);
    if (p == NULL) {
        return s;
    }

    s.p = p;
    s.n = len + n;

    memcpy(p, prefix, len);
    p += len;
    r = 0;

    for (i = 0; i < n; i++) {
        if (i % 8 == 0) {
            r = ccp_random(c);
        }
        *p++ = (uint8_t) digits[r % 62];
        r /= 62;
    }

    return s;
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
