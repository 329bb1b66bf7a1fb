
/*
 * Framers: the payloads of a stream do not depend on where its bytes are
 * split.  Input: kind, a seed of the splits, the stream.
 */

#include <stdlib.h>
#include "codec/base/base_buf.h"
#include "codec/wire/wire_frame.h"
#include "fuzz.h"


typedef struct {
    ccp_buf_t  log;
} fuzz_log_t;


static int
fuzz_payload(void *ctx, ccp_str_t event, ccp_str_t data, int comment)
{
    fuzz_log_t  *l = ctx;

    ccp_buf_add(&l->log, comment ? "#" : "|", 1);
    ccp_buf_add(&l->log, event.p ? "e" : "-", 1);
    ccp_buf_add(&l->log, event.p, event.n);
    ccp_buf_add(&l->log, ":", 1);
    ccp_buf_add(&l->log, data.p, data.n);

    return CCP_OK;
}


/* One pass over the stream; step 0 feeds it whole. */

static int
fuzz_run(ccp_arena_t *a, fuzz_log_t *l, ccp_frame_e kind, const uint8_t *p,
    size_t n, uint32_t seed)
{
    int          rc;
    size_t       step;
    ccp_frame_t  f;

    ccp_buf_init(&l->log, a, 0);
    ccp_frame_init(&f, kind, a, 0);

    for (rc = CCP_OK; rc == CCP_OK && n; p += step, n -= step) {
        step = n;

        if (seed) {
            seed = seed * 1103515245 + 12345;
            step = 1 + (seed >> 16) % 7;
            step = step < n ? step : n;
        }

        rc = ccp_frame_feed(&f, p, step, fuzz_payload, l);
    }

    if (rc == CCP_OK) {
        rc = ccp_frame_end(&f, fuzz_payload, l);
    }

    ccp_frame_free(&f);

    return rc;
}


int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    int           rc;
    fuzz_log_t    whole, split;
    ccp_mem_t     mem = fuzz_mem();
    ccp_arena_t  *a;

    if (n < 2) {
        return 0;
    }

    a = ccp_arena_create(&mem, 0);
    rc = fuzz_run(a, &whole, (ccp_frame_e) (p[0] % 3), p + 2, n - 2, 0);

    if (rc != fuzz_run(a, &split, (ccp_frame_e) (p[0] % 3), p + 2, n - 2,
                       p[1] + 1u)
        || (rc == CCP_OK
            && (whole.log.n != split.log.n
                || (whole.log.n
                    && memcmp(whole.log.p, split.log.p, whole.log.n) != 0))))
    {
        abort();
    }

    ccp_arena_destroy(a);

    return 0;
}
