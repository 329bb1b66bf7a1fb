
/*
 * Parameters: members of the outgoing body that the configuration fills in or
 * overrides.
 */

#ifndef CCP_REWRITE_PARAMS_H
#define CCP_REWRITE_PARAMS_H

#include "codec/base/base_arena.h"
#include "codec/json/json_edit.h"
#include "codec/form/form_request.h"
#include "codec/proto/proto.h"

typedef struct ccp_param_s  ccp_param_t;

struct ccp_param_s {
    const char *const  *path;      /* member names from the root, NULL ends */
    ccp_str_t           value;     /* JSON text; absent: leaves it out */
    const ccp_str_t    *models;    /* patterns, one must match */
    size_t              nmodels;   /* 0: any model */
    unsigned            fills:1;   /* only where the body has none or null */
    const ccp_param_t  *next;
};

/*
 * Adds the edits that put the parameters for this model (the name that goes
 * to the upstream) into the object at the document's root.  Those that
 * override go before those that fill, and of several for one name, or a part
 * of what it names, the first that fits the model holds.  Objects that lack
 * on the way are made; what stands there and is none gives way only to a
 * value that overrides.  snake: a member may stand there under its name in
 * snake_case, too.  CCP_OK or CCP_NOMEM.
 */
int ccp_params_edit(ccp_edit_t *e, const ccp_param_t *list, ccp_str_t model,
    int snake);

/* Whether a parameter of that name (the first one of its path) is refused for
 * this protocol: the exchange itself writes this member. */
int ccp_param_is_owned(const ccp_ops_t *ops, const char *name);

/*
 * The JSON text for a word of a configuration: itself if it is JSON, else it
 * as a string.  *value is absent for null.  CCP_OK; CCP_INVALID (err): it
 * begins as an object, array or string and is none, or is no UTF-8;
 * CCP_NOMEM.
 */
int ccp_param_value(ccp_str_t word, ccp_arena_t *a, ccp_str_t *value,
    ccp_jerr_t *err);

#endif /* CCP_REWRITE_PARAMS_H */
