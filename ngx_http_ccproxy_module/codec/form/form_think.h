
/*
 * The wish to reason: words of efforts, effort and budget for each other.
 */

#ifndef CCP_FORM_THINK_H
#define CCP_FORM_THINK_H

#include "codec/form/form_request.h"

/* An effort's word on the wire, by its number; UNSET has an empty one. */
extern const char *const  ccp_provider_effort_words[];
/* The effort of a word; CCP_EFFORT_UNSET if it is none. */
ccp_effort_e ccp_effort_find(ccp_str_t word);

/*
 * Reasoning wish, resolved: effort from budget and budget from effort; off,
 * unset and dynamic stay.
 */
ccp_effort_e ccp_think_effort(const ccp_think_t *t);
int64_t ccp_think_budget(const ccp_think_t *t);
/* Whether the wish is "reason" (1), "don't" (0) or nothing (-1). */
int ccp_think_wanted(const ccp_think_t *t);

#endif /* CCP_FORM_THINK_H */
