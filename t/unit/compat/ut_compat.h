
/*
 * Exchanges with targets in tool compatibility mode, and what they say.
 */

#ifndef UT_COMPAT_H
#define UT_COMPAT_H

#include "codec/json/json_out.h"
#include "codec/form/form_error.h"
#include "codec/form/form_request.h"
#include "codec/provider/provider.h"
#include "codec/exchange/exchange.h"
#include "ut.h"
#include "codec/compat/compat.h"
#include "ut_exchange.h"

typedef struct {
    ccp_exchange_t   *x;
    ccp_try_t        *try;
    const ccp_out_t  *body;
    ccp_str_t         uri;
    ccp_error_t       err;
} ut_compat_t;

/* Where each protocol's requests go. */
extern const char  *const ut_compat_paths[CCP_NPROTO];

/* An exchange at that path, mem NULL: of an allocator whose leaks
 * ut_compat_clean() tells. */
int ut_compat_open(ut_compat_t *u, const ccp_mem_t *mem, const char *path);
/* Its request for a plain target of that protocol. */
int ut_compat_target(ut_compat_t *u, ccp_proto_e up, ccp_tools_e tools);
/* All at once: a client's body for a target in compatibility mode.  The body
 * must outlive the exchange. */
int ut_compat_ask(ut_compat_t *u, ccp_proto_e client, const char *body,
    ccp_proto_e up);
int ut_compat_clean(void);

/* The body that was written, malloc'ed. */
char *ut_compat_body(const ut_compat_t *u);
/*
 * What a request says: its messages in one line, white space as one space
 * each, ids left out, a picture as "#", a block that is no text as "?"; its
 * system text as it is, a space in front of each block.  malloc'ed.
 */
char *ut_compat_msgs(const ccp_request_t *r);
char *ut_compat_system(const ccp_request_t *r);

#endif /* UT_COMPAT_H */
