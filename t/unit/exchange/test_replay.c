
/*
 * Every recorded answer to a client of every protocol, streamed and whole.
 *
 * What the client gets is read back by that protocol's own decoder and must
 * say what the recording says: text, tool calls, usage, error message.  The
 * target has the dialect of the provider's preset.  The
 * upstream's bytes arrive at once, byte by byte, in odd sizes and, where they
 * are few, cut in two at every place.
 */

#include "ut_said.h"


#define UT_TWO_PIECES_MAX   3000


typedef struct {
    ccp_proto_e            up;
    const ccp_provider_t  *dialect;    /* of the provider's preset */
    ccp_proto_e            client;
    int                    stream;     /* the client wants one */
    ccp_str_t              bytes;
    int                    status;
} ut_replay_t;


static const char *
ut_replay_once(const ut_replay_t *r, const ut_said_t *want, size_t cut,
    size_t step, ccp_str_t *first)
{
    ccp_str_t        got;
    ut_said_t        said;
    ccp_head_t       head;
    const char      *diff;
    ccp_try_t       *try;

    try = ut_said_try(r->client, r->dialect, r->stream);
    if (try == NULL) {
        return "request";
    }

    got = ut_said_feed(try, r->bytes, r->status, cut, step, &head);

    if (got.p == NULL) {
        ut_said_close(try);
        return "no answer";
    }

    diff = NULL;

    if (first->p == NULL) {
        ut_said_read(&said, r->client, got, head.status);
        diff = ut_said_differs(r->client, want, &said);

        if (diff) {
            ut_said_print(want, &said);
        }

        ut_said_free(&said);
        first->p = (uint8_t *) ut_cstr(got);
        first->n = got.n;

    } else if (first->n != got.n || memcmp(first->p, got.p, got.n) != 0) {

        /* ids and time are fixed here, so any difference is the split's */

        diff = "split";
    }

    ut_said_close(try);

    return diff;
}


static void
ut_replay(const ut_rec_t *rec, void *arg)
{
    int                 queued;
    size_t              i, k, bad, runs;
    ccp_str_t           first;
    ut_said_t           want, said;
    const char         *diff;
    ut_replay_t         r;
    ccp_provider_t      own;
    static const size_t steps[] = { 1 << 30, 1, 2, 3, 7, 100, 1021 };

    (void) arg;

    k = ut_protocol(rec->protocol);

    memset(&r, 0, sizeof(r));
    r.up = (ccp_proto_e) k;
    r.dialect = k == CCP_NPROTO ? NULL : ut_said_dialect(rec, &own);
    r.status = rec->status;
    r.bytes = ut_rec_response(rec);

    if (k == CCP_NPROTO || r.bytes.p == NULL
        || !ut_said_read(&want, r.up, r.bytes, r.status))
    {
        UT_CHECK(0, "%s has a response that can be read", rec->prefix);
        return;
    }

    bad = 0;
    runs = 0;
    queued = ut_said_later(r.bytes);

    for (k = 0; k < 2 * CCP_NPROTO; k++) {
        r.client = (ccp_proto_e) (k / 2);
        r.stream = (int) (k % 2);
        first = ccp_none;
        said = want;

        if (queued && r.client != r.up) {
            said.error = UT_SAID_LATER;
        }

        for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
            runs++;
            diff = ut_replay_once(&r, &said, 0, steps[i], &first);
            if (diff) {
                bad++;
                printf("# %s: %s %s by %zu: %s\n", rec->prefix,
                       ut_protocols[r.client], r.stream ? "stream" : "whole",
                       steps[i], diff);
                break;
            }
        }

        for (i = 1; !bad && i < r.bytes.n && rec->stream
                    && r.bytes.n <= UT_TWO_PIECES_MAX; i++)
        {
            runs++;
            diff = ut_replay_once(&r, &said, i, 1 << 30, &first);
            if (diff) {
                bad++;
                printf("# %s: %s %s cut at %zu: %s\n", rec->prefix,
                       ut_protocols[r.client], r.stream ? "stream" : "whole",
                       i, diff);
                break;
            }
        }

        free((void *) first.p);
    }

    UT_CHECK(bad == 0, "%s to all clients, %zu runs", rec->prefix, runs);

    ut_said_free(&want);
    free((void *) r.bytes.p);
}


int
main(int argc, char **argv)
{
    (void) ut_recordings(argc > 1 ? argv[1] : NULL, ut_replay, NULL);

    UT_CHECK(ut_said_clean(), "nothing is left allocated");

    return ut_done();
}
