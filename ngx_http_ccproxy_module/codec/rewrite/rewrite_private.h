
/*
 * Inside of the prompt tools: one request on its way through them.
 */

#ifndef CCP_REWRITE_PRIVATE_H
#define CCP_REWRITE_PRIVATE_H

#include "codec/rewrite/rewrite_prompt.h"
#include "codec/base/base_buf.h"


typedef struct {
    ccp_edit_t                *e;
    const ccp_prompt_rules_t  *rules;
    const ccp_places_t        *places;
    const ccp_known_t         *known;
    ccp_jval_t                 root;
    ccp_buf_t                  system;     /* what is put in, JSON spelling */
    ccp_buf_t                  user;
    unsigned                   replace:1;
    unsigned                   snake:1;    /* as in the protocol's row */
    unsigned                   typed:1;    /* likewise */

    /* found on the way */
    ccp_jval_t                 last_system; /* text of the leading prompt */
    ccp_jval_t                 first_user;  /* text */
    ccp_jval_t                 parts;       /* of the first user message */
    const char                *refused;     /* member that can't be judged;
                                               NULL: none */
    const char                *spelled;    /* member in another spelling */
    unsigned                   begun:1;     /* past the leading prompt */
} ccp_prompt_x_t;


typedef enum {
    CCP_PLACE_NONE,
    CCP_PLACE_SYSTEM,
    CCP_PLACE_USER
} ccp_place_e;


/* Whose words a message holds. */
ccp_place_e ccp_prompt_role(const ccp_prompt_x_t *x, ccp_jval_t message);

/* Whether tools of that name are not offered; absent: no. */
int ccp_prompt_filtered(ccp_prompt_x_t *x, ccp_str_t name);
/* Leaves out tools whose name matches, wherever they stand, and the choice of
 * one of them (rewrite_tools.c). */
void ccp_prompt_filter(ccp_prompt_x_t *x);

/* Leaves out, or refuses, what the other tools can't look into
 * (rewrite_policy.c). */
void ccp_policy_sweep(ccp_prompt_x_t *x);


#endif /* CCP_REWRITE_PRIVATE_H */
