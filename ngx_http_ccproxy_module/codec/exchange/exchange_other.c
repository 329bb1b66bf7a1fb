
/*
 * What servers of a protocol answer besides: it goes through as it is, bounded
 * in path, query and headers alone.
 */

#include "codec/exchange/exchange_private.h"
#include "codec/base/base_match.h"


/* Segments behind the endpoint, and bytes of each. */
#define CCP_OTHER_SEGMENTS  4
#define CCP_OTHER_SEGMENT   256


/* Parameters of lists and uploads; all else might steer the account. */

static const char *const  ccp_other_args[] = {
    "after", "after_id", "alt", "api-version", "before", "before_id", "beta",
    "include", "limit", "order", "page", "page_size", "page_token",
    "pageSize", "pageToken", "purpose", "updateMask", "update_mask",
    "uploadType", NULL
};


/* Headers of answers. */

static const char *const  ccp_other_out[] = {
    "content-disposition", "content-encoding", "content-type", "request-id",
    "retry-after", "x-request-id", NULL
};


static int
ccp_other_listed(const char *const *list, ccp_str_t name)
{
    for ( ; list && *list; list++) {
        if (ccp_str_glob(ccp_cstr(*list), name)) {
            return 1;
        }
    }

    return 0;
}


int
ccp_other_known(ccp_str_t name)
{
    int                 known;
    ccp_proto_e         proto;
    const ccp_other_t  *row;

    known = 0;

    for (proto = 0; proto < CCP_NPROTO; proto++) {
        for (row = ccp_proto_ops(proto)->others; row && row->name; row++) {
            if (ccp_str_is(name, row->name)) {
                known |= row->asks ? 3 : 1;
            }
        }
    }

    return known;
}


/* Where in the path the row's own begins and ends at a segment's end. */

static const uint8_t *
ccp_other_at(const ccp_other_t *row, ccp_str_t path, ccp_str_t *rest)
{
    size_t          n[3], all;
    const uint8_t  *p, *end;

    n[0] = strlen(row->before);
    n[1] = strlen(row->version);
    n[2] = strlen(row->path);
    all = n[0] + n[1] + n[2];

    end = path.p + path.n;

    for (p = path.p; (size_t) (end - p) >= all; p++) {

        if (*p != '/' || memcmp(p, row->before, n[0]) != 0
            || memcmp(p + n[0], row->version, n[1]) != 0
            || memcmp(p + n[0] + n[1], row->path, n[2]) != 0
            || (p + all != end && p[all] != '/'))
        {
            continue;
        }

        *rest = ccp_str_range(p + all, end);

        return p;
    }

    return NULL;
}


/* Names of objects and of what is done to them, and no way out. */

static int
ccp_other_fits(const ccp_other_t *row, ccp_str_t rest)
{
    size_t          n, segments;
    const uint8_t  *p, *end;

    if (rest.n == 0) {
        return 1;
    }

    if (!row->sub) {
        return 0;
    }

    end = rest.p + rest.n;
    segments = 0;

    for (p = rest.p; p < end; p += n) {

        p++;

        for (n = 0; p + n < end && p[n] != '/'; n++) {

            if (!((p[n] >= 'a' && p[n] <= 'z') || (p[n] >= 'A' && p[n] <= 'Z')
                  || (p[n] >= '0' && p[n] <= '9')
                  || (p[n] && strchr("._~:@-", p[n]))))
            {
                return 0;
            }
        }

        if (n == 0 || n > CCP_OTHER_SEGMENT || (n == 1 && p[0] == '.')
            || (n == 2 && p[0] == '.' && p[1] == '.')
            || ++segments > CCP_OTHER_SEGMENTS)
        {
            return 0;
        }
    }

    return 1;
}


int
ccp_other_find(ccp_endpoint_t *ep, ccp_str_t path, unsigned asker,
    int (*named)(void *data, const char *name), void *data,
    const ccp_other_t **found, ccp_str_t *rest)
{
    int                 pass, rc, first;
    ccp_str_t           tail;
    ccp_proto_e         proto;
    const uint8_t      *p;
    const ccp_other_t  *row;

    rc = CCP_DECLINED;

    /* of two protocols with one path the client's header tells */

    for (pass = 0; pass < 2; pass++) {
        for (proto = 0; proto < CCP_NPROTO; proto++) {

            first = asker ? (unsigned) proto + 1 == asker
                          : ccp_proto_ops(proto)->marks == NULL;

            if (first == pass) {
                continue;
            }

            for (row = ccp_proto_ops(proto)->others; row && row->name; row++) {

                p = ccp_other_at(row, path, &tail);

                if (p == NULL || !named(data, row->name)) {
                    continue;
                }

                if (!ccp_other_fits(row, tail)) {
                    rc = CCP_INVALID;
                    continue;
                }

                memset(ep, 0, sizeof(ccp_endpoint_t));

                ep->proto = proto;
                ep->op = CCP_OP_UNKNOWN;
                ep->group = ccp_str_range(path.p, p);

                while (ep->group.n && *ep->group.p == '/') {
                    ep->group.p++;
                    ep->group.n--;
                }

                *found = row;
                *rest = tail;

                return CCP_OK;
            }
        }
    }

    return rc;
}


static void
ccp_other_query(ccp_out_t *out, ccp_str_t args)
{
    ccp_str_t       name;
    const uint8_t  *p, *end, *amp, *eq;
    const char     *mark;

    mark = "?";
    end = args.p + args.n;

    for (p = args.p; p < end; p = amp + 1) {

        amp = memchr(p, '&', end - p);
        amp = amp ? amp : end;

        eq = memchr(p, '=', amp - p);
        name = ccp_str_range(p, eq ? eq : amp);

        if (name.n == 0 || !ccp_other_listed(ccp_other_args, name)) {
            continue;
        }

        ccp_out_bytes(out, mark, 1);
        ccp_out_bytes(out, p, amp - p);
        mark = "&";
    }
}


void
ccp_other_uri(const ccp_other_t *row, ccp_str_t root, ccp_str_t rest,
    ccp_str_t args, ccp_out_t *out)
{
    ccp_out_bytes(out, row->before, strlen(row->before));
    ccp_out_bytes(out, root.p, root.n);
    ccp_out_bytes(out, row->path, strlen(row->path));
    ccp_out_bytes(out, rest.p, rest.n);
    ccp_other_query(out, args);
}


int
ccp_other_passes(ccp_str_t name)
{
    return ccp_other_listed(ccp_other_out, name);
}


/* The string behind a member's name in the bytes; absent. */

ccp_str_t
ccp_other_object(const ccp_other_t *row, ccp_str_t body)
{
    size_t          n;
    const uint8_t  *p, *q, *end;

    n = strlen(row->object);
    end = body.p + body.n;

    for (p = body.p; p + n + 4 < end; p++) {

        if (*p != '"' || memcmp(p + 1, row->object, n) != 0 || p[n + 1] != '"')
        {
            continue;
        }

        for (q = p + n + 2; q < end && (*q == ' ' || *q == ':' || *q == '\n');
             q++)
        {
            /* void */
        }

        if (q == end || *q != '"') {
            continue;
        }

        p = ++q;
        q = memchr(p, '"', end - p);

        if (q == NULL) {
            return ccp_none;
        }

        /* "files/abc" is named by "abc" in paths */

        while (p < q && memchr(p, '/', q - p)) {
            p = (const uint8_t *) memchr(p, '/', q - p) + 1;
        }

        return ccp_str_range(p, q);
    }

    return ccp_none;
}
