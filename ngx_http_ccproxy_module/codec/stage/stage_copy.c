
/*
 * Copies of blocks, for stages that hold events back.
 */

#include "codec/stage/stage_copy.h"
#include "codec/base/base_utf8.h"


#define CCP_COPY_ALIGN    16
#define ccp_copy_up(n)                                                       \
    (((n) + CCP_COPY_ALIGN - 1) & ~(size_t) (CCP_COPY_ALIGN - 1))


/* The slices of a block. */

static const size_t  ccp_block_slices[] = {
    offsetof(ccp_block_t, text),
    offsetof(ccp_block_t, id),
    offsetof(ccp_block_t, item_id),
    offsetof(ccp_block_t, name),
    offsetof(ccp_block_t, space),
    offsetof(ccp_block_t, type),
    offsetof(ccp_block_t, sig),
    offsetof(ccp_block_t, title),
    offsetof(ccp_block_t, context),
    offsetof(ccp_block_t, media) + offsetof(ccp_media_t, mime),
    offsetof(ccp_block_t, media) + offsetof(ccp_media_t, data),
    offsetof(ccp_block_t, media) + offsetof(ccp_media_t, filename),
    offsetof(ccp_block_t, media) + offsetof(ccp_media_t, detail),
    offsetof(ccp_block_t, raw)
};

#define CCP_NSLICES  ccp_countof(ccp_block_slices)


int
ccp_answer_choices(const ccp_answer_ctx_t *ac)
{
    int64_t  n;

    n = ac->req->n;

    if (n <= 1) {
        return 1;
    }

    return n > CCP_MAX_CHOICES ? CCP_MAX_CHOICES : (int) n;
}


static const ccp_str_t *
ccp_block_slice(const ccp_block_t *b, size_t k)
{
    return (const ccp_str_t *) ((const char *) b + ccp_block_slices[k]);
}


size_t
ccp_block_bytes(const ccp_block_t *b)
{
    size_t              k, n;
    const ccp_block_t  *part;

    n = sizeof(ccp_block_t);

    for (k = 0; k < CCP_NSLICES; k++) {
        n += ccp_block_slice(b, k)->n;
    }

    n = ccp_copy_up(n);

    for (part = b->parts; part; part = part->next) {
        n += ccp_block_bytes(part);
    }

    return n;
}


ccp_block_t *
ccp_block_place(void *mem, const ccp_block_t *b)
{
    size_t              k;
    uint8_t            *p;
    ccp_str_t          *s;
    ccp_block_t        *c, **tail;
    const ccp_block_t  *part;

    c = mem;
    *c = *b;
    c->next = NULL;
    c->parts = NULL;
    p = (uint8_t *) mem + sizeof(ccp_block_t);

    for (k = 0; k < CCP_NSLICES; k++) {
        s = (ccp_str_t *) ((char *) c + ccp_block_slices[k]);

        if (s->p) {
            memcpy(p, s->p, s->n);
            s->p = p;
            p += s->n;
        }
    }

    p = (uint8_t *) mem + ccp_copy_up((size_t) (p - (uint8_t *) mem));
    tail = &c->parts;

    for (part = b->parts; part; part = part->next) {
        *tail = ccp_block_place(p, part);
        p += ccp_block_bytes(part);
        tail = &(*tail)->next;
    }

    return c;
}


ccp_block_t *
ccp_block_dup(ccp_arena_t *a, const ccp_block_t *b)
{
    void  *mem;

    mem = ccp_alloc(a, ccp_block_bytes(b));

    return mem ? ccp_block_place(mem, b) : NULL;
}


ccp_block_t *
ccp_block_keep(ccp_buf_t *slab, const ccp_block_t *b)
{
    void    *mem;
    size_t   n;

    n = ccp_block_bytes(b);

    if (n > slab->cap) {
        mem = ccp_regrow(slab->arena, slab->p, 0, n);
        if (mem == NULL) {
            return NULL;
        }

        slab->p = mem;
        slab->cap = n;
    }

    slab->n = n;

    return ccp_block_place(slab->p, b);
}


static uint32_t
ccp_half_read(const uint8_t *p)
{
    size_t  i;

    if (p[0] != '\\' || p[1] != 'u') {
        return 0;
    }

    for (i = 2; i < CCP_HALF; i++) {
        if (ccp_hex(p[i]) < 0) {
            return 0;
        }
    }

    return ccp_hex4(p + 2) & 0xfc00;
}


int
ccp_half_is_high(ccp_str_t s)
{
    size_t          n;
    const uint8_t  *p;

    if (!s.json || !s.esc || s.n < CCP_HALF) {
        return 0;
    }

    p = s.p + s.n - CCP_HALF;

    if (ccp_half_read(p) != 0xd800) {
        return 0;
    }

    /* the backslash may itself be escaped */

    for (n = 0; p - n > s.p && p[-(ptrdiff_t) n - 1] == '\\'; n++) {
        /* void */
    }

    return (n & 1) == 0;
}


int
ccp_half_is_low(ccp_str_t s)
{
    return s.json && s.esc && s.n >= CCP_HALF && ccp_half_read(s.p) == 0xdc00;
}


int
ccp_text_char(ccp_str_t s, size_t at, size_t *n)
{
    uint32_t        cp;
    const uint8_t  *p;

    p = s.p + at;
    *n = 1;

    if (*p != '\\' || !s.json || s.n - at < 2) {
        return *p < 0x80 ? *p : -1;
    }

    *n = 2;

    switch (p[1]) {
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'b': return '\b';
    case 'f': return '\f';
    case 'u': break;
    default:  return p[1] < 0x80 ? p[1] : -1;
    }

    if (s.n - at < CCP_HALF) {
        return -1;
    }

    *n = CCP_HALF;
    cp = ccp_hex4(p + 2);

    return cp < 0x80 ? (int) cp : -1;
}
