
/*
 * Errors: the class of an HTTP status, and errors of our own.  Those of
 * providers are read by provider_error.c.
 */

#include <stdarg.h>
#include <stdio.h>

#include "codec/form/form_error.h"


static const struct {
    int        lo;
    int        hi;
    ccp_err_e  cls;
} ccp_error_statuses[] = {
    { 401, 401, CCP_E_AUTH },
    { 402, 402, CCP_E_BILLING },
    { 403, 403, CCP_E_FORBIDDEN },
    { 404, 404, CCP_E_NOT_FOUND },
    { 405, 405, CCP_E_METHOD },
    { 408, 408, CCP_E_TIMEOUT },
    { 409, 409, CCP_E_CONFLICT },
    { 413, 413, CCP_E_TOO_LARGE },
    { 424, 424, CCP_E_SERVER },    /* a gateway's own upstream failed */
    { 429, 429, CCP_E_RATE },
    { 498, 498, CCP_E_OVERLOADED },
    { 501, 501, CCP_E_UNSUPPORTED },
    { 503, 503, CCP_E_OVERLOADED },
    { 504, 504, CCP_E_TIMEOUT },
    { 522, 522, CCP_E_TIMEOUT },
    { 524, 524, CCP_E_TIMEOUT },
    { 529, 529, CCP_E_OVERLOADED },
    { 400, 499, CCP_E_BAD_REQUEST },
    { 300, 599, CCP_E_SERVER }
};


ccp_err_e
ccp_error_class(int status)
{
    size_t  i;

    for (i = 0; i < ccp_countof(ccp_error_statuses); i++) {
        if (status >= ccp_error_statuses[i].lo
            && status <= ccp_error_statuses[i].hi)
        {
            return ccp_error_statuses[i].cls;
        }
    }

    return CCP_E_NONE;
}


int
ccp_refuse(ccp_error_t *e, ccp_arena_t *a, ccp_err_e cls,
    const char *fmt, ...)
{
    int      n;
    char    *p;
    va_list  args;

    /* the status of an error before it, of another try, is not this one's */

    e->status = 0;
    e->reply = 0;
    e->cls = cls;
    e->message = ccp_lit("out of memory");

    va_start(args, fmt);
    n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);

    if (n < 0) {
        return CCP_NOMEM;
    }

    p = ccp_alloc(a, (size_t) n + 1);
    if (p == NULL) {
        return CCP_NOMEM;
    }

    va_start(args, fmt);
    vsnprintf(p, (size_t) n + 1, fmt, args);
    va_end(args);

    e->message = ccp_cstr(p);

    return CCP_INVALID;
}


int
ccp_error_keep(ccp_error_t *e, ccp_arena_t *a)
{
    size_t      i;
    ccp_str_t  *texts[3];

    e->raw = ccp_none;

    texts[0] = &e->message;
    texts[1] = &e->code;
    texts[2] = &e->type;

    for (i = 0; i < ccp_countof(texts); i++) {

        if (texts[i]->p == NULL) {
            continue;
        }

        *texts[i] = ccp_str_dup(a, *texts[i]);
        if (texts[i]->p == NULL) {
            return CCP_NOMEM;
        }
    }

    return CCP_OK;
}
