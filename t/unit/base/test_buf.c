
/*
 * Escapes of a JSON string: each byte at each place of a step, and whatever
 * length, as written one by one.
 */

#include "codec/base/base_buf.h"
#include "ut.h"


static size_t
ut_escaped(const uint8_t *p, size_t n, char *out)
{
    size_t             i, k;
    const char        *at;
    static const char  from[] = "\"\\\n\r\t\b\f", to[] = "\"\\nrtbf";

    for (i = 0, k = 0; i < n; i++) {
        at = p[i] ? strchr(from, p[i]) : NULL;

        if (at) {
            out[k++] = '\\';
            out[k++] = to[at - from];

        } else if (p[i] < 0x20) {
            k += (size_t) sprintf(out + k, "\\u%04x", p[i]);

        } else {
            out[k++] = (char) p[i];
        }
    }

    return k;
}


static int
ut_wrong(const uint8_t *p, size_t n, size_t limit)
{
    int           wrong;
    char          want[8 * 4096];
    size_t        k;
    ccp_buf_t     b;
    ccp_arena_t  *a;

    k = ut_escaped(p, n, want);

    a = ut_arena();
    ccp_buf_init(&b, a, limit ? k : 0);
    wrong = ccp_buf_add_json(&b, ccp_str_range(p, p + n)) != CCP_OK
            || b.n != k || (k && memcmp(b.p, want, k) != 0);
    ccp_arena_destroy(a);

    return wrong;
}


int
main(void)
{
    int       c, bad, bad_bound;
    size_t    at, n;
    uint8_t  *p;

    bad = 0;
    bad_bound = 0;

    for (c = 0; c < 256; c++) {
        for (at = 0; at < 24; at++) {
            n = at + 1 + (size_t) c % 11;
            p = malloc(n);
            if (p == NULL) {
                abort();
            }
            memset(p, 'x', n);
            p[at] = (uint8_t) c;
            bad += ut_wrong(p, n, 0);
            bad_bound += ut_wrong(p, n, 1);
            free(p);
        }
    }

    for (n = 0; n < 3000; n += 37) {
        p = malloc(n + 1);
        if (p == NULL) {
            abort();
        }
        for (at = 0; at < n; at++) {
            p[at] = (uint8_t) (at * 7 + n);
        }
        bad += ut_wrong(p, n, 0);
        free(p);
    }

    UT_CHECK(bad == 0, "escapes at each place");
    UT_CHECK(bad_bound == 0, "no byte more is taken than the bound allows");

    return ut_done();
}
