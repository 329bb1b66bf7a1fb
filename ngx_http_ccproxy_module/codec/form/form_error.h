
/*
 * Error classes: what went wrong, independent of any protocol's spelling.
 */

#ifndef CCP_FORM_ERROR_H
#define CCP_FORM_ERROR_H

#include "codec/base/base_arena.h"

typedef enum {
    CCP_E_NONE = 0,
    CCP_E_BAD_REQUEST,
    CCP_E_TOO_LONG,            /* the prompt exceeds the context window */
    CCP_E_AUTH,
    CCP_E_BILLING,
    CCP_E_QUOTA,               /* the key's quota is used up: no rate limit */
    CCP_E_FORBIDDEN,
    CCP_E_NOT_FOUND,
    CCP_E_METHOD,              /* 405 */
    CCP_E_CONFLICT,
    CCP_E_TOO_LARGE,
    CCP_E_RATE,
    CCP_E_SERVER,
    CCP_E_OVERLOADED,
    CCP_E_TIMEOUT,
    CCP_E_MALFORMED,           /* the upstream's answer can't be read */
    CCP_E_UNSUPPORTED,         /* 501 */
    CCP_E_BUDGET,              /* the client's, not an upstream's: 402 */
    CCP_E_MAX
} ccp_err_e;

/* Whose fault an error of a provider's is. */
typedef enum {
    CCP_BLAME_NONE = 0,        /* the provider's own, or not judged */
    CCP_BLAME_REQUEST,
    CCP_BLAME_MODEL,           /* this key with this model */
    CCP_BLAME_KEY,
    CCP_BLAME_DOUBT            /* the request's, unless it recurs for other
                                  clients: then the key's */
} ccp_blame_e;

typedef struct {
    ccp_err_e    cls;
    int          status;       /* HTTP status it came with; 0 unknown */
    int          reply;        /* … that the client gets; 0: its class' own */
    int          retry_after;  /* seconds; 0 unknown */
    ccp_str_t    message;      /* the upstream's or our own words */
    ccp_str_t    code;         /* the upstream's code, "model_not_found" … */
    ccp_str_t    type;         /* the upstream's type or status word */
    ccp_str_t    raw;          /* the whole error document; may be absent */
    int64_t      tokens;       /* TOO_LONG: what the request has, 0 unknown; */
    int64_t      output;       /* … how much of it is for the output; */
    int64_t      limit;        /* … and what it may have */
    int64_t      resets_at;    /* when a limit ends, seconds since the epoch */
    ccp_blame_e  blame;        /* ccp_provider_blame() */
    unsigned     detailed:1;   /* clients act on the code, wherever their
                                  protocol has it */
    unsigned     empty:1;      /* it came without a body */
    unsigned     final:1;      /* the request's fault with any other key too */
} ccp_error_t;

/* Class of an HTTP status. */
ccp_err_e ccp_error_class(int status);

/* Sets class and a printf-formatted message (arena), and no status: that is
 * the client's protocol's to choose.  CCP_INVALID always, so that a decoder
 * can `return ccp_refuse(…)`; CCP_NOMEM without memory. */
int ccp_refuse(ccp_error_t *e, ccp_arena_t *a, ccp_err_e cls,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Copies the error's texts, but for the raw document, so that they stay as
 * long as the arena.  CCP_OK or CCP_NOMEM. */
int ccp_error_keep(ccp_error_t *e, ccp_arena_t *a);

#endif /* CCP_FORM_ERROR_H */
