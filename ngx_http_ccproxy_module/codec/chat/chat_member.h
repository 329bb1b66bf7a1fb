
/*
 * Members of a Chat request at one target: which are refused, what they are
 * called and how the wish to reason is spelled there.  The encoder asks for
 * each member that it writes, the splice for each that it finds.
 */

#ifndef CCP_CHAT_MEMBER_H
#define CCP_CHAT_MEMBER_H

#include "codec/base/base_arena.h"
#include "codec/json/json_edit.h"
#include "codec/form/form_error.h"
#include "codec/form/form_request.h"
#include "codec/provider/provider.h"

#define CCP_CHAT_NAME_MAX   64     /* of a member that is looked at */
#define CCP_CHAT_USER_MAX   64     /* the end user's, of OpenAI's document */

/* What the user says where the model does not go on by itself. */
#define CCP_CHAT_GO_ON      "Continue."

#define CCP_CHAT_TC_ALL     (CCP_TC_BIT_AUTO | CCP_TC_BIT_NONE                \
                             | CCP_TC_BIT_REQUIRED | CCP_TC_BIT_FUNCTION)

/* What a wish to reason is spelled in, and who sees the reasoning. */
#define CCP_CHAT_THINK                                                        \
    (CCP_FIELD(reasoning_effort) | CCP_FIELD(reasoning)                       \
     | CCP_FIELD(thinking) | CCP_FIELD(enable_thinking)                       \
     | CCP_FIELD(thinking_budget) | CCP_FIELD(chat_template_kwargs)           \
     | CCP_FIELD(include_reasoning) | CCP_FIELD(reasoning_format))

/* What the target's provider and model make of one request. */
typedef struct {
    ccp_request_t         *r;
    const ccp_target_t    *t;
    const ccp_provider_t  *pr;
    ccp_arena_t           *a;
    uint64_t               refused;    /* sets of ccp_field_e */
    uint64_t               said;       /* the wish, as it was written */
    int64_t                max;    /* limit that is sent, or CCP_UNSET_INT */
    int                    wanted; /* reasoning: 1, 0, -1 */
    unsigned               tc;     /* bits of tool_choice that are taken */
    unsigned               own:1;      /* the client speaks Chat */
    unsigned               preset:1;
    unsigned               thinks:1;   /* the model will reason */
    unsigned               verbatim:1; /* nothing is known of the wish to
                                          reason: a Chat client's passes */
} ccp_chat_rules_t;

void ccp_chat_rules(ccp_chat_rules_t *k, ccp_request_t *r,
    const ccp_target_t *t, ccp_arena_t *a);

/*
 * The name under which a member is sent; NULL, and a note, if it is refused.
 * f: its number, or CCP_NFIELDS.
 */
const char *ccp_chat_judge(ccp_chat_rules_t *k, ccp_field_e f,
    const char *name);
/* A member's name as a string; 0: none that could be in a list. */
int ccp_chat_member_key(ccp_str_t key, char name[CCP_CHAT_NAME_MAX]);
/* The limit within the provider's and the target's bounds (T44). */
int64_t ccp_chat_fit_limit(const ccp_chat_rules_t *k, int64_t n);
/* The number, or another within bounds and a note; absent: no memory. */
ccp_str_t ccp_chat_fit_temperature(ccp_chat_rules_t *k, ccp_str_t number);
/* How many stop sequences are sent. */
int ccp_chat_stop_max(const ccp_chat_rules_t *k);

/*
 * The wish to reason in the target's one spelling, whatever the client's
 * (T30): written to a body (e NULL), or edited into the client's.
 */
void ccp_chat_write_think(ccp_chat_rules_t *k, ccp_out_t *body,
    ccp_edit_t *e);
/* Whether a Chat client's member beside that passes; once it was written. */
int ccp_chat_think_passes(const ccp_chat_rules_t *k, ccp_field_e f);

/* ---- for the splice ---- */

/* Whether the provider says anything that the protocol's plain row doesn't. */
int ccp_chat_splice_is_ruled(const ccp_provider_t *pr);

/*
 * Whether messages or tools have a form that this provider doesn't take, so
 * that the body must be written anew.  1, 0; CCP_NOMEM.
 */
int ccp_chat_splice_is_anew(ccp_request_t *r, const ccp_target_t *t,
    ccp_arena_t *a);

/*
 * Adds the edits of members that are refused, renamed or bounded, and notes
 * them.  CCP_OK; CCP_INVALID (err: this target can't serve the request);
 * CCP_NOMEM is left to ccp_edit_write().
 */
int ccp_chat_splice_edit(ccp_request_t *r, const ccp_target_t *t,
    ccp_edit_t *e, ccp_error_t *err);

#endif /* CCP_CHAT_MEMBER_H */
