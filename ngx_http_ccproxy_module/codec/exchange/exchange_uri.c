
/*
 * The address of a request below its host: the API root, the protocol's path
 * or the provider's own, and what goes into the query.
 */

#include <stdio.h>

#include "codec/exchange/exchange_private.h"
#include "codec/proto/proto_out.h"


/* A path as the provider has it: {model}, {path} of the protocol. */

static int
ccp_uri_write_path(ccp_write_ctx_t *x, ccp_out_t *out)
{
    int               rc;
    size_t            n;
    ccp_str_t         model;
    const char       *p;
    const ccp_ops_t  *ops;

    ops = ccp_proto_ops(x->target->proto);
    p = x->target->provider->path;

    if (p == NULL) {
        return ops->path(x, out);
    }

    while (*p != '\0') {

        if (strncmp(p, "{model}", 7) == 0) {
            model = ccp_str_plain(x->arena, x->model);
            if (model.p == NULL && x->model.p) {
                return CCP_NOMEM;
            }

            ccp_out_path_segment(out, model);
            p += 7;

        } else if (strncmp(p, "{path}", 6) == 0) {
            rc = ops->path(x, out);
            if (rc != CCP_OK) {
                return rc;
            }

            p += 6;

        } else {
            n = 1 + strcspn(p + 1, "{");
            ccp_out_bytes(out, p, n);
            p += n;
        }
    }

    return CCP_OK;
}


/* Whether the query has a parameter of that name, of n bytes with "=". */

static int
ccp_uri_has(const char *query, const uint8_t *name, size_t n)
{
    const char  *p;

    for (p = query; p; p = strchr(p, '&'), p = p ? p + 1 : NULL) {
        if (strncmp(p, (const char *) name, n) == 0) {
            return 1;
        }
    }

    return 0;
}


/*
 * Of the client's query what the protocols know: all else might steer the
 * account whose key goes with it.
 */

static void
ccp_uri_write_args(ccp_out_t *out, ccp_str_t args, const char *query,
    int *first)
{
    size_t          n;
    const uint8_t  *p, *end, *amp, *eq;

    static const char  known[] = "beta=&api-version=";

    end = args.p + args.n;

    for (p = args.p; p < end; p = amp + 1) {
        amp = memchr(p, '&', end - p);
        if (amp == NULL) {
            amp = end;
        }

        eq = memchr(p, '=', amp - p);
        n = eq ? (size_t) (eq - p) + 1 : 0;

        if (amp == p || n == 0 || !ccp_uri_has(known, p, n)
            || (query && ccp_uri_has(query, p, n)))
        {
            continue;
        }

        ccp_out_bytes(out, *first ? "?" : "&", 1);
        ccp_out_bytes(out, p, amp - p);
        *first = 0;
    }
}


int
ccp_uri_write(ccp_write_ctx_t *x, ccp_str_t args, ccp_out_t *out)
{
    int          rc, first;
    ccp_str_t    all;
    const char  *query;

    ccp_out_bytes(out, x->target->root.p, x->target->root.n);

    rc = ccp_uri_write_path(x, out);
    if (rc != CCP_OK) {
        return rc;
    }

    all = ccp_out_all(out);
    first = memchr(all.p, '?', all.n) == NULL;
    query = x->target->provider->query;

    if (query) {
        ccp_out_bytes(out, first ? "?" : "&", 1);
        ccp_out_bytes(out, query, strlen(query));
        first = 0;
    }

    if (x->spliced && args.n) {
        ccp_uri_write_args(out, args, query, &first);
    }

    return ccp_out_finish(out);
}
