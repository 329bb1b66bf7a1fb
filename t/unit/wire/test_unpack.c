
/*
 * T72: content encodings, at every split and with outputs of every size; what is
 * cut, wrong or unknown.
 */

#include "codec/wire/wire_unpack.h"
#include "ut.h"

#if (CCP_ZLIB)
#include <zlib.h>
#endif


#define UT_PLAIN  "{\"hello\":\"hello hello hello hello hello\"}"


static const uint8_t  ut_gzip[] = {
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xab,
    0x56, 0xca, 0x48, 0xcd, 0xc9, 0xc9, 0x57, 0xb2, 0x82, 0xd0, 0x0a,
    0x38, 0x48, 0xa5, 0x5a, 0x00, 0x07, 0xa4, 0x12, 0xeb, 0x29, 0x00,
    0x00, 0x00
};

static const uint8_t  ut_deflate[] = {
    0x78, 0x9c, 0xab, 0x56, 0xca, 0x48, 0xcd, 0xc9, 0xc9, 0x57, 0xb2,
    0x82, 0xd0, 0x0a, 0x38, 0x48, 0xa5, 0x5a, 0x00, 0x2f, 0xc4, 0x0e,
    0xb3
};

static const uint8_t  ut_raw[] = {
    0xab, 0x56, 0xca, 0x48, 0xcd, 0xc9, 0xc9, 0x57, 0xb2, 0x82, 0xd0,
    0x0a, 0x38, 0x48, 0xa5, 0x5a, 0x00
};

static const uint8_t  ut_br[] = {
    0x1b, 0x28, 0x00, 0xf8, 0x1d, 0x09, 0x76, 0x4c, 0xe2, 0x37, 0x14,
    0x4f, 0x0c, 0x65, 0x19, 0xda, 0x5e, 0xe9, 0xf4, 0x35, 0x88, 0x08,
    0xdb, 0x9b, 0x0e, 0x44, 0x11, 0x5e, 0x96, 0x91, 0x06, 0x38, 0xf0,
    0x42, 0x37, 0xb5, 0x7a, 0xb0, 0x01
};

static const uint8_t  ut_zstd[] = {
    0x28, 0xb5, 0x2f, 0xfd, 0x24, 0x29, 0xa5, 0x00, 0x00, 0x60, 0x7b,
    0x22, 0x68, 0x65, 0x6c, 0x6c, 0x6f, 0x22, 0x3a, 0x20, 0x22, 0x7d,
    0x02, 0x00, 0x29, 0x55, 0xc4, 0xee, 0x11, 0x73, 0x8f, 0x62, 0xa5
};

static const uint8_t  ut_both[] = {
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xab,
    0x98, 0xb3, 0x3a, 0xec, 0x94, 0xc7, 0xd9, 0x93, 0x27, 0xc3, 0x37,
    0x35, 0x5d, 0xe0, 0xb2, 0xf0, 0x58, 0x1a, 0xc5, 0xa0, 0x7f, 0x84,
    0x6f, 0x33, 0x00, 0xb2, 0x2d, 0x67, 0x16, 0x17, 0x00, 0x00, 0x00
};


typedef struct {
    const char     *encoding;
    const char     *library;   /* is among the names, or the case is none */
    const uint8_t  *p;
    size_t          n;
} ut_unpack_t;


static const ut_unpack_t  ut_unpacks[] = {
    { "gzip", "gzip", ut_gzip, sizeof(ut_gzip) },
    { "X-GZIP", "gzip", ut_gzip, sizeof(ut_gzip) },
    { "deflate", "gzip", ut_deflate, sizeof(ut_deflate) },
    { "deflate", "gzip", ut_raw, sizeof(ut_raw) },
    { "br", "br", ut_br, sizeof(ut_br) },
    { "zstd", "zstd", ut_zstd, sizeof(ut_zstd) },
    { "deflate , identity,gzip", "gzip", ut_both, sizeof(ut_both) }
};


static ut_mem_t  ut_m = { 0, 0, -1 };


/* All of it, in steps, into pieces of room bytes; what came to got. */

static int
ut_run(ccp_unpack_t *u, const uint8_t *in, size_t len, size_t step,
    size_t room, char *got, size_t *n)
{
    int             rc;
    size_t          k, size;
    uint8_t        *copy, *out;
    const uint8_t  *p;

    rc = CCP_OK;
    *n = 0;
    out = malloc(room);

    while (len && rc == CCP_OK) {
        k = len < step ? len : step;
        len -= k;

        copy = malloc(k);
        memcpy(copy, in, k);
        in += k;
        p = copy;

        do {
            size = room;
            rc = ccp_unpack(u, &p, &k, out, &size);

            if (*n + size < 4096) {
                memcpy(got + *n, out, size);
                *n += size;
            }

        } while (rc == CCP_OK && size == room);

        if (k != 0 && rc == CCP_OK) {
            rc = CCP_DECLINED;
        }

        free(copy);
    }

    free(out);

    return rc;
}


static void
test_splits(const ut_unpack_t *c)
{
    int            rc;
    char           got[4096];
    size_t         step, room, bad, n;
    ccp_mem_t      mem;
    ccp_str_t      name;
    ccp_unpack_t  *u;

    static const size_t  rooms[] = { 1, 2, 7, 4096 };

    mem = ut_mem(&ut_m);
    bad = 0;

    for (step = 1; step <= c->n; step++) {
        for (room = 0; room < ccp_countof(rooms); room++) {
            rc = ccp_unpack_create(&u, &mem, ccp_cstr(c->encoding), &name);

            if (rc != CCP_OK || u == NULL) {
                bad++;
                continue;
            }

            rc = ut_run(u, c->p, c->n, step, rooms[room], got, &n);

            bad += rc != CCP_OK || !ccp_unpack_whole(u)
                   || n != strlen(UT_PLAIN) || memcmp(got, UT_PLAIN, n) != 0;
            ccp_unpack_destroy(u);
        }
    }

    UT_CHECK(bad == 0, "%s at every split", c->encoding);
}


/* Cut anywhere it is not whole, and what is behind it is wrong. */

static void
test_ends(const ut_unpack_t *c)
{
    int            rc;
    char           got[4096];
    size_t         i, n, bad;
    uint8_t       *more;
    ccp_mem_t      mem;
    ccp_str_t      name;
    ccp_unpack_t  *u;

    mem = ut_mem(&ut_m);
    bad = 0;

    for (i = 1; i < c->n; i++) {
        (void) ccp_unpack_create(&u, &mem, ccp_cstr(c->encoding), &name);
        rc = ut_run(u, c->p, i, 5, 64, got, &n);
        bad += rc != CCP_OK || ccp_unpack_whole(u);
        ccp_unpack_destroy(u);
    }

    UT_CHECK(bad == 0, "%s, cut, is not whole", c->encoding);

    more = malloc(c->n + 40);
    memcpy(more, c->p, c->n);
    memset(more + c->n, 'x', 40);

    (void) ccp_unpack_create(&u, &mem, ccp_cstr(c->encoding), &name);
    UT_CHECK(ut_run(u, more, c->n + 40, 1000, 64, got, &n) == CCP_INVALID,
             "%s, with something behind it", c->encoding);
    ccp_unpack_destroy(u);

    memset(more, 0xfe, c->n);
    (void) ccp_unpack_create(&u, &mem, ccp_cstr(c->encoding), &name);
    rc = ut_run(u, more, c->n + 40, 3, 64, got, &n);
    UT_CHECK(rc == CCP_INVALID, "no %s at all", c->encoding);
    ccp_unpack_destroy(u);
    free(more);
}


static void
test_names(void)
{
    size_t         i;
    ccp_mem_t      mem;
    ccp_str_t      name;
    ccp_unpack_t  *u;

    static const struct {
        const char  *value;
        const char  *name;     /* NULL: bytes are as they are */
    } rows[] = {
        { "", NULL },
        { " identity ,, IDENTITY", NULL },
        { "compress", "compress" },
        { "identity, snappy ,br2", "snappy" },
        { "gzip;q=1", "gzip;q=1" },
        { "gzip, gzip, gzip, gzip", "gzip, gzip, gzip, gzip" }
    };

    mem = ut_mem(&ut_m);

    for (i = 0; i < ccp_countof(rows); i++) {

        if (strstr(rows[i].value, "gzip,")
            && strstr(ccp_unpack_names(), "gzip") == NULL)
        {
            continue;
        }

        if (rows[i].name) {
            UT_CHECK(ccp_unpack_create(&u, &mem, ccp_cstr(rows[i].value),
                                       &name) == CCP_INVALID
                     && ccp_str_is(name, rows[i].name), "unknown: %s",
                     rows[i].value);
        } else {
            UT_CHECK(ccp_unpack_create(&u, &mem, ccp_cstr(rows[i].value),
                                       &name) == CCP_OK && u == NULL,
                     "nothing to do: \"%s\"", rows[i].value);
        }
    }

    ccp_unpack_destroy(NULL);
}


static int
ut_unpack_nomem(const ccp_mem_t *mem, void *arg)
{
    int                 rc;
    char                got[4096];
    size_t              n;
    ccp_str_t           name;
    ccp_unpack_t       *u;
    const ut_unpack_t  *c = arg;

    rc = ccp_unpack_create(&u, mem, ccp_cstr(c->encoding), &name);

    if (rc == CCP_OK) {
        rc = ut_run(u, c->p, c->n, 3, 64, got, &n);
        ccp_unpack_destroy(u);
    }

    return rc;
}


/* Files without content, as many as a few bytes of the encoding around them
 * can say: all of that would be read within one call. */

#if (CCP_ZLIB)

#define UT_EMPTY  50000


static void
test_times(void)
{
    int               rc;
    size_t            i, n, k, size;
    uint8_t          *many, *packed, out[64];
    z_stream          z;
    ccp_str_t         name;
    ccp_mem_t         mem;
    const uint8_t    *p;
    ccp_unpack_t     *u;

    static const uint8_t  empty[] = {
        0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0
    };

    mem = ut_mem(&ut_m);
    n = UT_EMPTY * sizeof(empty);
    many = malloc(n);
    packed = malloc(n);
    memset(&z, 0, sizeof(z));

    if (many == NULL || packed == NULL
        || deflateInit2(&z, 9, Z_DEFLATED, MAX_WBITS + 16, 8, 0) != Z_OK)
    {
        abort();
    }

    for (i = 0; i < UT_EMPTY; i++) {
        memcpy(many + i * sizeof(empty), empty, sizeof(empty));
    }

    z.next_in = many;
    z.avail_in = (uInt) n;
    z.next_out = packed;
    z.avail_out = (uInt) n;

    rc = deflate(&z, Z_FINISH);
    p = packed;
    k = z.total_out;

    UT_CHECK(rc == Z_STREAM_END && k < n / 100, "%zu bytes in %zu", n, k);

    size = sizeof(out);

    UT_CHECK(ccp_unpack_create(&u, &mem, ccp_lit("gzip, gzip"), &name)
             == CCP_OK && ccp_unpack(u, &p, &k, out, &size) == CCP_INVALID,
             "what is encoded twice is not many times larger in between");

    ccp_unpack_destroy(u);
    (void) deflateEnd(&z);
    free(many);
    free(packed);
}

#endif


int
main(void)
{
    size_t  i;

    for (i = 0; i < ccp_countof(ut_unpacks); i++) {

        if (strstr(ccp_unpack_names(), ut_unpacks[i].library) == NULL) {
            continue;
        }

        test_splits(&ut_unpacks[i]);
        test_ends(&ut_unpacks[i]);
        ut_fail_each(ut_unpacks[i].encoding, ut_unpack_nomem,
                     (void *) &ut_unpacks[i]);
    }

    test_names();
#if (CCP_ZLIB)
    test_times();
#endif

    return ut_done();
}
