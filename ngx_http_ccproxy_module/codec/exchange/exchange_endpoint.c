
/*
 * Which protocol and operation a path means.  Endpoints are matched at the
 * end of the path, so that any prefix is a group.
 */

#include "codec/exchange/exchange_private.h"
#include "codec/base/base_match.h"


/* What every protocol's clients may ask of the module. */

static const ccp_endpoint_row_t  ccp_endpoint_common[] = {
    { .path = "/health", .op = CCP_OP_HEALTH },
    { .path = "/", .op = CCP_OP_ROOT },
    { .path = NULL }
};


/* The row of a list that the path is one of; NULL: none.  tail: of rows whose
 * path may stand anywhere, and of no others. */

static const ccp_endpoint_row_t *
ccp_endpoint_find_row(const ccp_endpoint_row_t *row, ccp_str_t path,
    unsigned tail, const uint8_t **start)
{
    size_t          n;
    const uint8_t  *p, *end;

    end = path.p + path.n;

    for ( ; row->path; row++) {
        n = strlen(row->path);

        if (row->tail != tail || path.n < n) {
            continue;
        }

        if (tail) {
            p = ccp_str_find(path, row->path);

            if (p && p + n < end) {
                *start = p;
                return row;
            }

        /* "/" is the root alone: every path has some end */

        } else if (memcmp(end - n, row->path, n) == 0
                   && (n > 1 || path.n == 1))
        {
            *start = end - n;
            return row;
        }
    }

    return NULL;
}


static const ccp_endpoint_row_t *
ccp_endpoint_find(ccp_endpoint_t *ep, ccp_str_t path, const uint8_t **start)
{
    unsigned                   tail;
    ccp_proto_e                proto;
    const ccp_endpoint_row_t  *row;

    for (tail = 0; tail < 2; tail++) {
        for (proto = 0; proto < CCP_NPROTO; proto++) {
            row = ccp_endpoint_find_row(ccp_proto_ops(proto)->endpoints, path,
                                        tail, start);
            if (row) {
                ep->proto = proto;
                return row;
            }
        }
    }

    ep->proto = ccp_proto_common;

    return ccp_endpoint_find_row(ccp_endpoint_common, path, 0, start);
}


/* Whether a segment of the path is a version, "v1", "v1beta". */

static int
ccp_endpoint_has_version(ccp_str_t path)
{
    size_t  i;

    for (i = 0; i + 2 < path.n; i++) {
        if (path.p[i] == '/' && path.p[i + 1] == 'v'
            && path.p[i + 2] >= '0' && path.p[i + 2] <= '9')
        {
            return 1;
        }
    }

    return 0;
}


/*
 * Clients whose base URL lacks the version's segment: the path would be an
 * endpoint with it.  A path of another version, or of another place in this
 * one, is none.
 */

static const ccp_endpoint_row_t *
ccp_endpoint_find_bare(ccp_endpoint_t *ep, ccp_str_t path,
    const uint8_t **start)
{
    size_t                     n;
    ccp_proto_e                proto;
    const ccp_endpoint_row_t  *row;

    static const char  version[] = "/v1";

    if (ccp_endpoint_has_version(path)) {
        return NULL;
    }

    for (proto = 0; proto < CCP_NPROTO; proto++) {
        for (row = ccp_proto_ops(proto)->endpoints; row->path; row++) {

            if (row->tail || row->op == CCP_OP_HELD
                || strncmp(row->path, version, sizeof(version) - 1) != 0)
            {
                continue;
            }

            n = strlen(row->path) - (sizeof(version) - 1);

            if (path.n >= n
                && memcmp(path.p + path.n - n,
                          row->path + sizeof(version) - 1, n) == 0)
            {
                *start = path.p + path.n - n;
                ep->proto = proto;
                return row;
            }
        }
    }

    return NULL;
}


/* Endpoints that protocols find by functions of their own. */

static int
ccp_endpoint_ask(ccp_endpoint_t *ep, ccp_str_t path, ccp_str_t args,
    const uint8_t **start)
{
    ccp_proto_e       proto;
    const ccp_ops_t  *ops;

    for (proto = 0; proto < CCP_NPROTO; proto++) {
        ops = ccp_proto_ops(proto);

        if (ops->endpoint && ops->endpoint(ep, path, args, start) == CCP_OK) {
            ep->proto = proto;
            return CCP_OK;
        }
    }

    return CCP_DECLINED;
}


/* The protocol nearest to a path that is no endpoint. */

static ccp_proto_e
ccp_endpoint_guess(ccp_str_t path)
{
    ccp_proto_e  proto;
    const char  *hint;

    for (proto = 0; proto < CCP_NPROTO; proto++) {
        hint = ccp_proto_ops(proto)->hint;

        if (hint && ccp_str_find(path, hint)) {
            return proto;
        }
    }

    return ccp_proto_common;
}


const char *
ccp_endpoint_mark(size_t k, unsigned *asker)
{
    ccp_proto_e         proto;
    const char *const  *mark;

    for (proto = 0; proto < CCP_NPROTO; proto++) {
        mark = ccp_proto_ops(proto)->marks;

        for ( /* void */ ; mark && *mark; mark++) {
            if (k-- == 0) {
                *asker = (unsigned) proto + 1;
                return *mark;
            }
        }
    }

    return NULL;
}


/* The group is what stands before the endpoint, without a compat segment. */

static void
ccp_endpoint_group(ccp_endpoint_t *ep, const uint8_t *p, const uint8_t *end)
{
    ccp_str_t       last;
    const uint8_t  *q;

    while (p < end && *p == '/') {
        p++;
    }

    while (end > p && end[-1] == '/') {
        end--;
    }

    for (q = end; q > p && q[-1] != '/'; q--) {
        /* void */
    }

    last = ccp_str_range(q, end);

    if (ccp_str_is(last, "compat") || ccp_str_is(last, "compat_mode")) {
        ep->compat = 1;
        end = q > p ? q - 1 : q;
    }

    ep->group = ccp_str_range(p, end);
}


void
ccp_endpoint_parse(ccp_endpoint_t *ep, ccp_str_t path, ccp_str_t args,
    unsigned asker)
{
    const uint8_t             *start;
    const ccp_endpoint_row_t  *row;

    memset(ep, 0, sizeof(ccp_endpoint_t));

    while (path.n > 1 && path.p[path.n - 1] == '/') {
        path.n--;
    }

    start = path.p + path.n;

    if (ccp_endpoint_ask(ep, path, args, &start) == CCP_OK) {
        ccp_endpoint_group(ep, path.p, start);
        return;
    }

    row = ccp_endpoint_find(ep, path, &start);

    if (row == NULL) {
        row = ccp_endpoint_find_bare(ep, path, &start);
    }

    if (row) {
        ep->op = row->op;
        ep->post = row->post;
        ep->generate = row->generate;
        ep->single = row->single;

        ep->list = row->list;

        if (row->tail) {
            ep->model = ccp_str_range(start + strlen(row->path),
                                      path.p + path.n);
        }

        if (ep->op == CCP_OP_HELD) {
            ep->held = ep->model;
            ep->model = ccp_none;
        }

    } else {
        ep->op = CCP_OP_UNKNOWN;
        ep->proto = ccp_endpoint_guess(path);
        start = path.p;
    }

    if (asker && ep->proto == ccp_proto_common && !ep->post) {
        ep->proto = (ccp_proto_e) (asker - 1);
    }

    ccp_endpoint_group(ep, path.p, start);
}
