
/*
 * Anthropic Messages, request in: what its two files share.
 */

#ifndef CCP_ANTHROPIC_REQUEST_IN_H
#define CCP_ANTHROPIC_REQUEST_IN_H

#include "codec/base/base_arena.h"
#include "codec/json/json_read.h"
#include "codec/form/form_error.h"
#include "codec/form/form_request.h"

/* Where the reader stands, for messages; -1: not there. */

typedef struct {
    ccp_request_t  *r;
    ccp_arena_t    *a;
    ccp_error_t    *err;
    ccp_tool_t     *removed;       /* taken out by tool_removal */
    long            msg;
    long            blk;           /* system: msg is -1 */
    long            sub;
    const char     *outer;         /* type of the block that sub is in */
} ccp_anthropic_in_t;

/*
 * Sets the error "PLACE.type.field: what", where the place is that of the
 * message and block being read; type and field may be empty.  CCP_INVALID or
 * CCP_NOMEM.
 */
int ccp_anthropic_fail(ccp_anthropic_in_t *in, const char *type,
    const char *field, const char *what);

/* Takes a string member that must be there; type and name for the error. */
int ccp_anthropic_need(ccp_anthropic_in_t *in, ccp_jval_t obj,
    const char *type, const char *name, ccp_str_t *s);

/* The lifetime of the object's cache_control member. */
ccp_cache_e ccp_anthropic_cache(ccp_jval_t obj);

/*
 * Reads content: a string, a list of blocks, or nothing (absent v).  outer:
 * type of the block whose content it is, NULL for messages and system.
 */
int ccp_anthropic_blocks(ccp_anthropic_in_t *in, ccp_jval_t v,
    ccp_block_t **head, const char *outer);

#endif /* CCP_ANTHROPIC_REQUEST_IN_H */
