
#include <stdarg.h>

#include <jansson.h>

#include "ut.h"


static int  ut_tests;
static int  ut_failed;


void
ut_ok(int ok, const char *file, int line, const char *fmt, ...)
{
    va_list  ap;

    printf("%sok %d - ", ok ? "" : "not ", ++ut_tests);
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    printf("\n");

    if (!ok) {
        ut_failed++;
        printf("#   failed at %s line %d\n", file, line);
    }

    fflush(stdout);
}


void
ut_skip(const char *why)
{
    printf("ok %d # SKIP %s\n", ++ut_tests, why);
}


int
ut_done(void)
{
    printf("1..%d\n", ut_tests);
    return ut_failed || ut_tests == 0;
}


static void *
ut_alloc(void *ctx, size_t n)
{
    void      *p;
    ut_mem_t  *m;

    m = ctx;

    if (m->fail_at >= 0 && m->count >= m->fail_at) {
        m->count++;
        return NULL;
    }

    m->count++;
    p = malloc(n);

    if (p) {
        memset(p, 0xa5, n);
        m->live++;
    }

    return p;
}


static void
ut_free(void *ctx, void *p)
{
    ut_mem_t  *m;

    m = ctx;
    m->live--;
    free(p);
}


void
ut_mem_init(ut_mem_t *m)
{
    m->count = 0;
    m->live = 0;
    m->fail_at = -1;
}


ccp_mem_t
ut_mem(ut_mem_t *m)
{
    ccp_mem_t  mem;

    mem.alloc = ut_alloc;
    mem.free = ut_free;
    mem.ctx = m;

    return mem;
}


ccp_arena_t *
ut_arena(void)
{
    ccp_mem_t        mem;
    ccp_arena_t     *a;
    static ut_mem_t  m = { 0, 0, -1 };

    mem = ut_mem(&m);
    a = ccp_arena_create(&mem, 0);

    if (a == NULL) {
        abort();
    }

    return a;
}


void
ut_fail_each(const char *name, int (*fn)(const ccp_mem_t *mem, void *arg),
    void *arg)
{
    int        rc;
    long       n;
    ut_mem_t   m;
    ccp_mem_t  mem;

    for (n = 0; n < 1000000; n++) {
        ut_mem_init(&m);
        m.fail_at = n;
        mem = ut_mem(&m);

        rc = fn(&mem, arg);

        if (m.live != 0) {
            UT_CHECK(0, "%s: allocation %ld failed: %ld pieces leaked", name,
                     n, m.live);
            return;
        }

        if (rc == CCP_OK && m.count <= n) {
            UT_CHECK(n > 0, "%s: %ld allocations failed one by one", name, n);
            return;
        }

        if (rc != CCP_NOMEM) {
            UT_CHECK(0, "%s: allocation %ld failed: result %d", name, n, rc);
            return;
        }
    }

    UT_CHECK(0, "%s: never succeeds", name);
}


ccp_str_t
ut_read(const char *path)
{
    long        n;
    FILE       *f;
    uint8_t    *p;
    ccp_str_t   s = ccp_none;

    f = fopen(path, "rb");
    if (f == NULL) {
        return s;
    }

    fseek(f, 0, SEEK_END);
    n = ftell(f);
    rewind(f);

    p = malloc((size_t) n + 1);
    if (p == NULL || fread(p, 1, (size_t) n, f) != (size_t) n) {
        abort();
    }

    p[n] = '\0';
    fclose(f);

    s.p = p;
    s.n = (size_t) n;

    return s;
}


ccp_str_t
ut_readf(const char *fmt, ...)
{
    char     path[2048];
    va_list  ap;

    va_start(ap, fmt);
    vsnprintf(path, sizeof(path), fmt, ap);
    va_end(ap);

    return ut_read(path);
}


int
ut_str_is(ccp_str_t s, const char *lit)
{
    return ccp_str_is(s, lit);
}


char *
ut_cstr(ccp_str_t s)
{
    char  *p;

    p = malloc(s.n + 1);
    if (p == NULL) {
        abort();
    }

    if (s.n) {
        memcpy(p, s.p, s.n);
    }
    p[s.n] = '\0';

    return p;
}


int
ut_json_same(ccp_str_t a, ccp_str_t b)
{
    int      same;
    json_t  *x, *y;

    x = json_loadb((const char *) a.p, a.n,
                   JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    y = json_loadb((const char *) b.p, b.n,
                   JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

    same = (x && y && json_equal(x, y));

    json_decref(x);
    json_decref(y);

    return same;
}


static const char *
ut_shared(void)
{
    const char  *s;

    s = getenv("CCPROXY_SHARED");

    return s ? s : "../shared";
}


int
ut_recordings(const char *protocol, void (*fn)(const ut_rec_t *rec,
    void *arg), void *arg)
{
    int       n;
    char      line[4096], path[1024], *save, *f[6];
    FILE     *index;
    size_t    i;
    ut_rec_t  rec;

    snprintf(path, sizeof(path), "%s/recordings/index.tsv", ut_shared());

    index = fopen(path, "r");
    if (index == NULL) {
        ut_skip("recordings absent");
        return 0;
    }

    n = 0;

    while (fgets(line, sizeof(line), index)) {
        line[strcspn(line, "\n")] = '\0';

        save = line;
        for (i = 0; i < 6; i++) {
            f[i] = save ? strsep(&save, "\t") : NULL;
        }

        if (f[4] == NULL || strcmp(f[0], "prefix") == 0
            || (protocol && strcmp(f[1], protocol) != 0))
        {
            continue;
        }

        memset(&rec, 0, sizeof(rec));
        snprintf(rec.prefix, sizeof(rec.prefix), "%s", f[0]);
        snprintf(rec.path, sizeof(rec.path), "%s/recordings/%s", ut_shared(),
                 f[0]);
        snprintf(rec.protocol, sizeof(rec.protocol), "%s", f[1]);
        snprintf(rec.provider, sizeof(rec.provider), "%s", f[2]);
        rec.status = atoi(f[3]);
        rec.stream = (strcmp(f[4], "yes") == 0);
        snprintf(rec.features, sizeof(rec.features), "%s", f[5] ? f[5] : "");

        fn(&rec, arg);
        n++;
    }

    fclose(index);

    return n;
}


ccp_str_t
ut_rec_response(const ut_rec_t *rec)
{
    size_t                    i;
    ccp_str_t                 s;
    static const char  *const suffix[] = { "sse", "ndjson", "json" };

    s = ccp_none;

    for (i = 0; i < sizeof(suffix) / sizeof(suffix[0]) && s.p == NULL; i++) {
        s = ut_readf("%s.response.%s", rec->path, suffix[i]);
    }

    return s;
}


ccp_str_t
ut_rec_request(const ut_rec_t *rec)
{
    return ut_readf("%s.request.json", rec->path);
}
