
/*
 * Content encodings.
 *
 * A stage reads one of them; several in a list are as many stages, the last
 * one of the list first.
 */

#include <strings.h>

#include "codec/wire/wire_unpack.h"

#if (CCP_ZLIB)
#include <zlib.h>
#endif

#if (CCP_BROTLI)
#include <brotli/decode.h>
#endif

#if (CCP_ZSTD)
#include <zstd.h>
#include <zstd_errors.h>
#endif


/* Between two stages. */
#define CCP_UNPACK_BUF    4096

/* What is encoded again hardly gets smaller: bytes that a stage may make for
 * the next one, of each that it took, and beyond that.  The caller bounds what
 * the last one makes. */
#define CCP_UNPACK_TIMES  16
#define CCP_UNPACK_FREE   (256 * 1024)

/* RFC 9659: no window of more than 8 MB. */
#define CCP_UNPACK_WINDOW  23


typedef struct ccp_unpack_stage_s  ccp_unpack_stage_t;

typedef struct {
    const char  *name;
    const char  *alias;        /* or NULL */
    int        (*init)(ccp_unpack_stage_t *st);
    int        (*run)(ccp_unpack_stage_t *st, const uint8_t **p, size_t *n,
                      uint8_t **out, size_t *room);
    void       (*done)(ccp_unpack_stage_t *st);
} ccp_unpack_kind_t;


struct ccp_unpack_stage_s {
    const ccp_unpack_kind_t  *kind;
    const ccp_mem_t          *mem;
    union {
#if (CCP_ZLIB)
        z_stream              z;
#endif
#if (CCP_BROTLI)
        BrotliDecoderState   *br;
#endif
#if (CCP_ZSTD)
        ZSTD_DCtx            *zs;
#endif
        void                 *none;
    } u;
    uint8_t                   head[2];   /* of deflate, till its form is
                                            known */
    size_t                    nhead;
    unsigned                  ready:1;   /* u is set up */
    unsigned                  begun:1;   /* bytes came */
    unsigned                  ended:1;   /* … and the end of them */
    uint8_t                   buf[CCP_UNPACK_BUF]; /* for the next stage */
    size_t                    pos;
    size_t                    last;
    uint64_t                  took;      /* bytes in all */
    uint64_t                  made;
};


struct ccp_unpack_s {
    ccp_mem_t                 mem;
    size_t                    n;
    ccp_unpack_stage_t        stages[CCP_UNPACK_MAX];
};


/* ---- gzip and deflate ---- */

#if (CCP_ZLIB)

#define CCP_UNPACK_GZIP   (MAX_WBITS + 16)
#define CCP_UNPACK_RAW    (-MAX_WBITS)


static void *
ccp_unpack_z_alloc(void *ctx, unsigned items, unsigned size)
{
    const ccp_mem_t  *mem = ctx;

    return mem->alloc(mem->ctx, (size_t) items * size);
}


static void
ccp_unpack_z_free(void *ctx, void *p)
{
    const ccp_mem_t  *mem = ctx;

    mem->free(mem->ctx, p);
}


static int
ccp_unpack_z_init(ccp_unpack_stage_t *st, int bits)
{
    memset(&st->u.z, 0, sizeof(z_stream));
    st->u.z.zalloc = ccp_unpack_z_alloc;
    st->u.z.zfree = ccp_unpack_z_free;
    st->u.z.opaque = (void *) st->mem;

    if (inflateInit2(&st->u.z, bits) != Z_OK) {
        return CCP_NOMEM;
    }

    st->ready = 1;

    return CCP_OK;
}


static int
ccp_unpack_gzip_init(ccp_unpack_stage_t *st)
{
    return ccp_unpack_z_init(st, CCP_UNPACK_GZIP);
}


/* Set up once its first bytes are there. */

static int
ccp_unpack_deflate_init(ccp_unpack_stage_t *st)
{
    (void) st;

    return CCP_OK;
}


static int
ccp_unpack_z_run(ccp_unpack_stage_t *st, const uint8_t **p, size_t *n,
    uint8_t **out, size_t *room)
{
    int        rc;
    z_stream  *z;

    z = &st->u.z;

    z->next_in = (Bytef *) *p;
    z->avail_in = (uInt) (*n < UINT32_MAX ? *n : UINT32_MAX);
    z->next_out = *out;
    z->avail_out = (uInt) (*room < UINT32_MAX ? *room : UINT32_MAX);

    rc = inflate(z, Z_SYNC_FLUSH);

    *n -= (size_t) (z->next_in - *p);
    *p = z->next_in;
    *room -= (size_t) (z->next_out - *out);
    *out = z->next_out;

    switch (rc) {

    case Z_OK:
    case Z_BUF_ERROR:
        return CCP_OK;

    case Z_STREAM_END:
        st->ended = 1;
        return CCP_OK;

    case Z_MEM_ERROR:
        return CCP_NOMEM;

    default:
        return CCP_INVALID;
    }
}


/* One file may stand behind another. */

static int
ccp_unpack_gzip_run(ccp_unpack_stage_t *st, const uint8_t **p, size_t *n,
    uint8_t **out, size_t *room)
{
    if (st->ended) {

        if (**p != 0x1f || inflateReset(&st->u.z) != Z_OK) {
            return CCP_INVALID;
        }

        st->ended = 0;
    }

    return ccp_unpack_z_run(st, p, n, out, room);
}


/*
 * Deflate is zlib's format, but some send its inside alone: RFC 9110, 8.4.1.2.
 * Two bytes tell them apart.
 */

static int
ccp_unpack_deflate_run(ccp_unpack_stage_t *st, const uint8_t **p, size_t *n,
    uint8_t **out, size_t *room)
{
    int             rc, zlib;
    size_t          k;
    const uint8_t  *head;

    if (st->ended) {
        return CCP_INVALID;
    }

    if (st->ready) {
        return ccp_unpack_z_run(st, p, n, out, room);
    }

    while (st->nhead < 2 && *n) {
        st->head[st->nhead++] = *(*p)++;
        (*n)--;
    }

    if (st->nhead < 2) {
        return CCP_OK;
    }

    zlib = (st->head[0] & 0x0f) == Z_DEFLATED
           && (st->head[0] * 256 + st->head[1]) % 31 == 0;

    rc = ccp_unpack_z_init(st, zlib ? MAX_WBITS : CCP_UNPACK_RAW);

    if (rc == CCP_OK) {
        head = st->head;
        k = 2;
        rc = ccp_unpack_z_run(st, &head, &k, out, room);
    }

    return rc;
}


static void
ccp_unpack_z_done(ccp_unpack_stage_t *st)
{
    if (st->ready) {
        (void) inflateEnd(&st->u.z);
    }
}

#endif


/* ---- br ---- */

#if (CCP_BROTLI)

/* It frees what it never had. */

static void
ccp_unpack_br_free(void *ctx, void *p)
{
    const ccp_mem_t  *mem = ctx;

    if (p) {
        mem->free(mem->ctx, p);
    }
}


static void *
ccp_unpack_br_alloc(void *ctx, size_t n)
{
    const ccp_mem_t  *mem = ctx;

    return mem->alloc(mem->ctx, n);
}


static int
ccp_unpack_br_init(ccp_unpack_stage_t *st)
{
    st->u.br = BrotliDecoderCreateInstance(ccp_unpack_br_alloc,
                                           ccp_unpack_br_free,
                                           (void *) st->mem);
    if (st->u.br == NULL) {
        return CCP_NOMEM;
    }

    st->ready = 1;

    return CCP_OK;
}


static int
ccp_unpack_br_run(ccp_unpack_stage_t *st, const uint8_t **p, size_t *n,
    uint8_t **out, size_t *room)
{
    BrotliDecoderErrorCode  code;

    if (st->ended) {
        return CCP_INVALID;
    }

    switch (BrotliDecoderDecompressStream(st->u.br, n, p, room, out, NULL)) {

    case BROTLI_DECODER_RESULT_SUCCESS:
        st->ended = 1;
        return CCP_OK;

    case BROTLI_DECODER_RESULT_ERROR:
        code = BrotliDecoderGetErrorCode(st->u.br);

        return code <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES
               && code >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES
               ? CCP_NOMEM : CCP_INVALID;

    default:
        return CCP_OK;
    }
}


static void
ccp_unpack_br_done(ccp_unpack_stage_t *st)
{
    BrotliDecoderDestroyInstance(st->u.br);
}

#endif


/* ---- zstd ---- */

#if (CCP_ZSTD)

static int
ccp_unpack_zstd_init(ccp_unpack_stage_t *st)
{
    st->u.zs = ZSTD_createDCtx();
    if (st->u.zs == NULL) {
        return CCP_NOMEM;
    }

    st->ready = 1;

    (void) ZSTD_DCtx_setParameter(st->u.zs, ZSTD_d_windowLogMax,
                                  CCP_UNPACK_WINDOW);

    return CCP_OK;
}


/* Frames may follow each other. */

static int
ccp_unpack_zstd_run(ccp_unpack_stage_t *st, const uint8_t **p, size_t *n,
    uint8_t **out, size_t *room)
{
    size_t          rc;
    ZSTD_inBuffer   in;
    ZSTD_outBuffer  to;

    in.src = *p;
    in.size = *n;
    in.pos = 0;

    to.dst = *out;
    to.size = *room;
    to.pos = 0;

    rc = ZSTD_decompressStream(st->u.zs, &to, &in);

    *p += in.pos;
    *n -= in.pos;
    *out += to.pos;
    *room -= to.pos;

    if (ZSTD_isError(rc)) {
        return ZSTD_getErrorCode(rc) == ZSTD_error_memory_allocation
               ? CCP_NOMEM : CCP_INVALID;
    }

    st->ended = rc == 0;

    return CCP_OK;
}


static void
ccp_unpack_zstd_done(ccp_unpack_stage_t *st)
{
    (void) ZSTD_freeDCtx(st->u.zs);
}

#endif


/* ---- the list ---- */

static const ccp_unpack_kind_t  ccp_unpack_kinds[] = {
#if (CCP_ZLIB)
    { "gzip", "x-gzip", ccp_unpack_gzip_init, ccp_unpack_gzip_run,
      ccp_unpack_z_done },
    { "deflate", NULL, ccp_unpack_deflate_init, ccp_unpack_deflate_run,
      ccp_unpack_z_done },
#endif
#if (CCP_BROTLI)
    { "br", NULL, ccp_unpack_br_init, ccp_unpack_br_run, ccp_unpack_br_done },
#endif
#if (CCP_ZSTD)
    { "zstd", NULL, ccp_unpack_zstd_init, ccp_unpack_zstd_run,
      ccp_unpack_zstd_done },
#endif
    { NULL, NULL, NULL, NULL, NULL }
};


const char *
ccp_unpack_names(void)
{
    return ""
#if (CCP_ZLIB)
           "gzip, deflate"
#if (CCP_BROTLI || CCP_ZSTD)
           ", "
#endif
#endif
#if (CCP_BROTLI)
           "br"
#if (CCP_ZSTD)
           ", "
#endif
#endif
#if (CCP_ZSTD)
           "zstd"
#endif
           ;
}


static int
ccp_unpack_is(ccp_str_t name, const char *word)
{
    return word != NULL && name.n == strlen(word)
           && strncasecmp((const char *) name.p, word, name.n) == 0;
}


static const ccp_unpack_kind_t *
ccp_unpack_find(ccp_str_t name)
{
    const ccp_unpack_kind_t  *k;

    for (k = ccp_unpack_kinds; k->name; k++) {
        if (ccp_unpack_is(name, k->name) || ccp_unpack_is(name, k->alias)) {
            return k;
        }
    }

    return NULL;
}


/* The next name of the list, which gets shorter; 0: there is none. */

static int
ccp_unpack_next(ccp_str_t *list, ccp_str_t *name)
{
    while (list->n && (*list->p == ',' || *list->p == ' '
                       || *list->p == '\t'))
    {
        list->p++;
        list->n--;
    }

    *name = *list;
    name->n = 0;

    while (list->n && *list->p != ',') {
        name->n += 1;
        list->p++;
        list->n--;
    }

    while (name->n && (name->p[name->n - 1] == ' '
                       || name->p[name->n - 1] == '\t'))
    {
        name->n--;
    }

    return name->n != 0;
}


int
ccp_unpack_create(ccp_unpack_t **u, const ccp_mem_t *mem, ccp_str_t encoding,
    ccp_str_t *name)
{
    size_t                    n;
    ccp_str_t                 list;
    ccp_unpack_t             *up;
    ccp_unpack_stage_t       *st;
    const ccp_unpack_kind_t  *kinds[CCP_UNPACK_MAX];

    *u = NULL;
    list = encoding;

    for (n = 0; ccp_unpack_next(&list, name); /* void */ ) {

        if (ccp_unpack_is(*name, "identity")) {
            continue;
        }

        if (n == CCP_UNPACK_MAX) {
            *name = encoding;
            return CCP_INVALID;
        }

        kinds[n] = ccp_unpack_find(*name);

        if (kinds[n++] == NULL) {
            return CCP_INVALID;
        }
    }

    if (n == 0) {
        return CCP_OK;
    }

    up = mem->alloc(mem->ctx, sizeof(ccp_unpack_t));
    if (up == NULL) {
        return CCP_NOMEM;
    }

    up->mem = *mem;

    for (up->n = 0; up->n < n; up->n++) {
        st = &up->stages[up->n];
        memset(st, 0, offsetof(ccp_unpack_stage_t, buf));
        st->pos = 0;
        st->last = 0;
        st->took = 0;
        st->made = 0;
        st->mem = &up->mem;
        st->kind = kinds[n - up->n - 1];

        if (st->kind->init(st) != CCP_OK) {
            ccp_unpack_destroy(up);
            return CCP_NOMEM;
        }
    }

    *u = up;

    return CCP_OK;
}


void
ccp_unpack_destroy(ccp_unpack_t *u)
{
    ccp_mem_t  mem;

    if (u == NULL) {
        return;
    }

    while (u->n) {
        u->n--;
        u->stages[u->n].kind->done(&u->stages[u->n]);
    }

    mem = u->mem;
    mem.free(mem.ctx, u);
}


/* One step of a stage; *moved: it took or made something. */

static int
ccp_unpack_step(ccp_unpack_stage_t *st, const uint8_t **p, size_t *n,
    uint8_t **out, size_t *room, int *moved)
{
    int     rc;
    size_t  took, made;

    if (*room == 0 || (*n == 0 && (st->ended || !st->begun))) {
        return CCP_OK;
    }

    took = *n;
    made = *room;
    st->begun = 1;

    rc = st->kind->run(st, p, n, out, room);

    *moved |= took != *n || made != *room;
    st->took += took - *n;
    st->made += made - *room;

    return rc;
}


int
ccp_unpack(ccp_unpack_t *u, const uint8_t **p, size_t *n, uint8_t *out,
    size_t *size)
{
    int                  rc, moved;
    size_t               i, k, left, room;
    uint8_t             *to;
    const uint8_t       *from;
    ccp_unpack_stage_t  *st, *prev;

    left = *size;

    do {
        moved = 0;

        for (i = 0; i < u->n; i++) {
            st = &u->stages[i];
            prev = i ? st - 1 : NULL;

            from = prev ? prev->buf + prev->pos : *p;
            k = prev ? prev->last - prev->pos : *n;

            if (i + 1 == u->n) {
                to = out;
                room = left;

            } else {
                if (st->pos == st->last) {
                    st->pos = 0;
                    st->last = 0;
                }

                to = st->buf + st->last;
                room = CCP_UNPACK_BUF - st->last;
            }

            rc = ccp_unpack_step(st, &from, &k, &to, &room, &moved);

            if (rc != CCP_OK) {
                return rc;
            }

            if (prev) {
                prev->pos = prev->last - k;

            } else {
                *p = from;
                *n = k;
            }

            if (i + 1 == u->n) {
                out = to;
                left = room;

            } else if (st->made > st->took * CCP_UNPACK_TIMES
                                  + CCP_UNPACK_FREE)
            {
                return CCP_INVALID;

            } else {
                st->last = CCP_UNPACK_BUF - room;
            }
        }

    } while (moved && left);

    *size -= left;

    return CCP_OK;
}


int
ccp_unpack_whole(const ccp_unpack_t *u)
{
    size_t  i;

    for (i = 0; i < u->n; i++) {
        if ((u->stages[i].begun && !u->stages[i].ended)
            || u->stages[i].pos != u->stages[i].last)
        {
            return 0;
        }
    }

    return 1;
}
