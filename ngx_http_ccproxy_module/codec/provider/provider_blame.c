
/*
 * Which of its errors a provider means how: the columns e_* against a status
 * and words.  What is common to providers is in provider_error.c, whose fault
 * an error is in provider_fault.c.
 */

#include "codec/provider/provider_table.h"
#include "codec/base/base_match.h"

#include <ctype.h>


static int
ccp_blame_says(const ccp_error_t *e, const char *text, size_t n)
{
    ccp_str_t  word;

    word = ccp_none;
    word.p = (const uint8_t *) text;
    word.n = n;

    return ccp_str_after(e->message, word) || ccp_str_after(e->code, word)
           || ccp_str_after(e->type, word) || ccp_str_after(e->raw, word);
}


/* The status at the beginning of an item, and where its words begin. */

static int
ccp_blame_status(const char *item, size_t n, size_t *words)
{
    size_t  i;
    int     status;

    status = 0;

    for (i = 0; i < n && i < 3 && isdigit((unsigned char) item[i]); i++) {
        status = status * 10 + item[i] - '0';
    }

    *words = i < n && item[i] == '/' ? i + 1 : n;

    return status;
}


/*
 * "401,400/words": whether one of the items fits.  An error without a status,
 * inside a stream, fits by words alone.
 */

static int
ccp_blame_fits(const ccp_error_t *e, const char *list)
{
    int          status;
    size_t       n, w;
    const char  *item;

    while (list != NULL && *list != '\0') {
        item = list;
        n = ccp_list_item(&list);
        status = ccp_blame_status(item, n, &w);

        if (w == n ? status == e->status
                   : (status == e->status || e->status == 0)
                     && ccp_blame_says(e, item + w, n - w))
        {
            return 1;
        }
    }

    return 0;
}


static int
ccp_blame_listed(int wanted, const char *list)
{
    size_t       n, w;
    const char  *item;

    while (*list != '\0') {
        item = list;
        n = ccp_list_item(&list);

        if (ccp_blame_status(item, n, &w) == wanted) {
            return 1;
        }
    }

    return 0;
}


/* Words by "|", "^$" for an answer that says nothing at all. */

static int
ccp_blame_context(const ccp_error_t *e, const char *words)
{
    size_t       n;
    const char  *p;

    for (p = words; *p != '\0'; p += n + (p[n] == '|')) {
        n = strcspn(p, "|");

        if (n == 2 && memcmp(p, "^$", 2) == 0 ? e->empty
                                              : ccp_blame_says(e, p, n))
        {
            return 1;
        }
    }

    return 0;
}


/* Where nothing else is said: what a prompt can be at fault for. */

static int
ccp_blame_open(ccp_err_e cls)
{
    return cls == CCP_E_BAD_REQUEST || cls == CCP_E_TOO_LARGE
           || cls == CCP_E_TOO_LONG || cls == CCP_E_SERVER
           || cls == CCP_E_FORBIDDEN;
}


static void
ccp_blame_class(const ccp_provider_t *pr, ccp_error_t *e)
{
    int  looked;

    looked = pr->e_ctx_st == NULL ? ccp_blame_open(e->cls)
             : e->status == 0 || ccp_blame_listed(e->status, pr->e_ctx_st);

    if (ccp_blame_fits(e, pr->e_money)) {
        e->cls = e->status == 429 ? CCP_E_QUOTA : CCP_E_BILLING;

    } else if (e->cls != CCP_E_QUOTA && e->cls != CCP_E_BILLING
               && e->cls != CCP_E_OVERLOADED && ccp_blame_fits(e, pr->e_key))
    {
        e->cls = e->status == 403 ? CCP_E_FORBIDDEN : CCP_E_AUTH;

    } else if (pr->e_ctx != NULL && looked
               && ccp_blame_context(e, pr->e_ctx))
    {
        e->cls = CCP_E_TOO_LONG;

    } else if (e->cls == CCP_E_TOO_LONG && !looked) {
        e->cls = ccp_error_class(e->status);

    } else if (ccp_blame_fits(e, pr->e_over)) {
        e->cls = CCP_E_OVERLOADED;

    } else if ((e->cls == CCP_E_FORBIDDEN || e->cls == CCP_E_AUTH)
               && pr->e_key != NULL && (e->status == 401 || e->status == 403)
               && !ccp_blame_listed(e->status, pr->e_key))
    {
        e->cls = CCP_E_BAD_REQUEST;
    }
}


void
ccp_provider_blame(const ccp_provider_t *pr, ccp_error_t *e)
{
    if (e->cls == CCP_E_MALFORMED || e->cls == CCP_E_NONE) {
        return;
    }

    ccp_blame_class(pr, e);
    ccp_fault_find(pr, e);
}
