
/*
 * Whether clients were told what the recordings say.
 *
 *   said RECORDINGS < answers
 *
 * A line of answers is: prefix, upstream protocol, client protocol, 1 if
 * streamed, HTTP status, content type, file of the body; separated by tabs.
 * Writes one line for each: "ok" or "not ok", the exchange, what is wrong.
 */

#include "ut_said.h"


typedef struct {
    char  *prefix;
    char  *up;
    char  *client;
    int    stream;
    int    status;
    char  *file;
} said_line_t;


/* The recorded status of an answer. */

static int
said_status(const char *root, const char *prefix)
{
    int          status;
    char        *p;
    ccp_str_t    meta;

    meta = ut_readf("%s/%s.meta.json", root, prefix);
    if (meta.p == NULL) {
        return 0;
    }

    p = strstr((const char *) meta.p, "\"status\":");
    status = p ? atoi(p + 9) : 0;
    free((void *) meta.p);

    return status;
}


static ccp_str_t
said_response(const char *root, const char *prefix)
{
    ut_rec_t  rec;

    memset(&rec, 0, sizeof(rec));
    snprintf(rec.path, sizeof(rec.path), "%s/%s", root, prefix);

    return ut_rec_response(&rec);
}


/*
 * An upstream's error status keeps its class; an error in a good answer is
 * one for clients that wait for the whole of it.
 */

static const char *
said_status_differs(const said_line_t *l, int recorded, const ut_said_t *want)
{
    if (recorded >= 400) {
        return l->status / 100 == recorded / 100 ? NULL : "status class";
    }

    if (want->error == NULL) {
        return l->status == 200 ? NULL : "status";
    }

    if (l->stream) {
        return l->status == 200 || l->status >= 400 ? NULL : "status";
    }

    /* the same protocol in and out: the upstream's own answer */

    return l->status >= 400 || strcmp(l->up, l->client) == 0 ? NULL : "status";
}


static const char *
said_check(const said_line_t *l, int recorded, const ut_said_t *want)
{
    ut_said_t     got;
    ccp_str_t     body;
    const char   *diff;
    ccp_proto_e   client;

    client = ut_protocol(l->client);

    if (client == CCP_NPROTO || l->status == 0) {
        return "no answer";
    }

    diff = said_status_differs(l, recorded, want);
    if (diff) {
        return diff;
    }

    body = ut_read(l->file);

    if (!ut_said_read(&got, client, body, l->status)) {
        diff = "protocol can't be read";

    } else {
        diff = ut_said_differs(client, want, &got);
        if (diff) {
            ut_said_print(want, &got);
        }
    }

    ut_said_free(&got);
    free((void *) body.p);

    return diff;
}


static int
said_parse(said_line_t *l, char *line)
{
    char    *f[7];
    size_t   i;

    line[strcspn(line, "\n")] = '\0';

    for (i = 0; i < 7; i++) {
        f[i] = strsep(&line, "\t");
        if (f[i] == NULL) {
            return 0;
        }
    }

    l->prefix = f[0];
    l->up = f[1];
    l->client = f[2];
    l->stream = atoi(f[3]);
    l->status = atoi(f[4]);
    l->file = f[6];

    return 1;
}


int
main(int argc, char **argv)
{
    int           recorded, failed, known, later;
    char          line[8192], last[512];
    ccp_str_t     bytes;
    ut_said_t     want, said;
    const char   *diff;
    said_line_t   l;

    if (argc != 2) {
        fprintf(stderr, "usage: said RECORDINGS < answers\n");
        return 2;
    }

    failed = 0;
    known = 0;
    later = 0;
    recorded = 0;
    last[0] = '\0';
    memset(&want, 0, sizeof(want));

    while (fgets(line, sizeof(line), stdin)) {
        if (!said_parse(&l, line)) {
            fprintf(stderr, "said: bad line\n");
            return 2;
        }

        if (strcmp(l.prefix, last) != 0) {
            ut_said_free(&want);
            snprintf(last, sizeof(last), "%s", l.prefix);

            recorded = said_status(argv[1], l.prefix);
            bytes = said_response(argv[1], l.prefix);
            known = ut_said_read(&want, ut_protocol(l.up), bytes, recorded);
            later = ut_said_later(bytes);
            free((void *) bytes.p);
        }

        said = want;

        if (later && strcmp(l.up, l.client) != 0) {
            said.error = UT_SAID_LATER;
        }

        diff = known ? said_check(&l, recorded, &said)
                     : "recording can't be read";
        failed += (diff != NULL);

        printf("%s %s to %s %s%s%s\n", diff ? "not ok" : "ok", l.prefix,
               l.client, l.stream ? "stream" : "whole", diff ? ": " : "",
               diff ? diff : "");
    }

    ut_said_free(&want);

    return failed != 0;
}
