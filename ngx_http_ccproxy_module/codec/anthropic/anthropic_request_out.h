
/*
 * Anthropic Messages, request out: what its files share.
 */

#ifndef CCP_ANTHROPIC_REQUEST_OUT_H
#define CCP_ANTHROPIC_REQUEST_OUT_H

#include "codec/base/base_arena.h"
#include "codec/json/json_out.h"
#include "codec/form/form_request.h"
#include "codec/provider/provider.h"
#include "codec/proto/proto.h"

/* Breakpoints of the prompt cache that one request may set. */
#define CCP_ANTHROPIC_MARKS   4

typedef struct {
    ccp_encode_t           *x;
    ccp_request_t          *r;
    const ccp_dialect_t    *d;
    ccp_arena_t            *a;
    ccp_out_t              *o;
    uint32_t                family;    /* hash of the target model's */
    int64_t                 max_tokens;
    int64_t                 budget;    /* of thinking */
    int                     skip_msgs; /* surplus marks, the first ones */
    int                     skip_rest;
    unsigned                same:1;    /* the client speaks Anthropic too */
    unsigned                think:1;   /* reasoning is on */
    unsigned                off:1;     /* … and has to be switched off */
    unsigned                calls:1;   /* the history has tool calls */
    unsigned                marks:1;   /* the target takes cache marks */
    unsigned                automark:1;  /* we place them */
    unsigned                old:1;     /* the message being written is not
                                          the user's last */
} ccp_anthropic_req_t;

/* Settles what the fields above hold.  CCP_OK, CCP_INVALID, CCP_NOMEM. */
int ccp_anthropic_plan(ccp_anthropic_req_t *w);

/* Writes the cache mark c; *skip counts those to leave out. */
void ccp_anthropic_w_mark(ccp_anthropic_req_t *w, ccp_cache_e c, int *skip);

/* Whether a thinking block goes back to the one who made it. */
int ccp_anthropic_own(const ccp_anthropic_req_t *w, const ccp_block_t *b);

/* Writes the messages.  CCP_OK, CCP_INVALID, CCP_NOMEM. */
int ccp_anthropic_w_messages(ccp_anthropic_req_t *w);

/* Writes tools and tool_choice. */
int ccp_anthropic_w_tools(ccp_anthropic_req_t *w);

#endif /* CCP_ANTHROPIC_REQUEST_OUT_H */
