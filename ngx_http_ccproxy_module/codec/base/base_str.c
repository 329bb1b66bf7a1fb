
/*
 * Slices, arena and byte buffers.
 */

#include "codec/base/base_str.h"
#include "codec/base/base_utf8.h"


#define CCP_ARENA_BLOCK   4096
#define CCP_ALIGN         16

#define ccp_align(n)      (((n) + CCP_ALIGN - 1) & ~(size_t) (CCP_ALIGN - 1))


/* Every piece taken from the caller is in one list, so that it can be freed
 * alone (ccp_release) or with the arena. */

typedef struct ccp_piece_s  ccp_piece_t;

struct ccp_piece_s {
    ccp_piece_t  *prev;
    ccp_piece_t  *next;
    size_t        size;
    size_t        pad;
};


struct ccp_arena_s {
    ccp_piece_t   head;            /* the arena's own piece, list anchor */
    ccp_mem_t     mem;
    size_t        limit;
    size_t        size;
    uint8_t      *pos;
    uint8_t      *end;
};


static ccp_piece_t *
ccp_piece_take(ccp_arena_t *a, size_t n)
{
    ccp_piece_t  *pc;

    if (n > SIZE_MAX - sizeof(ccp_piece_t)) {
        return NULL;
    }

    n += sizeof(ccp_piece_t);

    if (a->limit && (n > a->limit || a->size > a->limit - n)) {
        return NULL;
    }

    pc = a->mem.alloc(a->mem.ctx, n);
    if (pc == NULL) {
        return NULL;
    }

    pc->size = n;
    pc->prev = &a->head;
    pc->next = a->head.next;
    if (pc->next) {
        pc->next->prev = pc;
    }
    a->head.next = pc;
    a->size += n;

    return pc;
}


ccp_arena_t *
ccp_arena_create(const ccp_mem_t *mem, size_t limit)
{
    ccp_arena_t  *a;

    a = mem->alloc(mem->ctx, CCP_ARENA_BLOCK);
    if (a == NULL) {
        return NULL;
    }

    memset(a, 0, sizeof(ccp_arena_t));
    a->mem = *mem;
    a->limit = limit;
    a->size = CCP_ARENA_BLOCK;
    a->pos = (uint8_t *) a + ccp_align(sizeof(ccp_arena_t));
    a->end = (uint8_t *) a + CCP_ARENA_BLOCK;

    return a;
}


void
ccp_arena_destroy(ccp_arena_t *a)
{
    ccp_mem_t     mem;
    ccp_piece_t  *pc, *next;

    if (a == NULL) {
        return;
    }

    mem = a->mem;

    for (pc = a->head.next; pc; pc = next) {
        next = pc->next;
        mem.free(mem.ctx, pc);
    }

    mem.free(mem.ctx, a);
}


void *
ccp_alloc(ccp_arena_t *a, size_t n)
{
    void         *p;
    ccp_piece_t  *pc;

    if (n > SIZE_MAX / 2) {
        return NULL;
    }

    n = ccp_align(n ? n : 1);

#if defined(CCP_DEBUG_ARENA)
    /* a piece each, so that sanitizers see the borders */
    pc = ccp_piece_take(a, n);
    return pc ? (void *) (pc + 1) : NULL;
#endif

    if (n <= (size_t) (a->end - a->pos)) {
        p = a->pos;
        a->pos += n;
        return p;
    }

    if (n > CCP_ARENA_BLOCK / 4) {
        pc = ccp_piece_take(a, n);
        return pc ? (void *) (pc + 1) : NULL;
    }

    pc = ccp_piece_take(a, CCP_ARENA_BLOCK - sizeof(ccp_piece_t));
    if (pc == NULL) {
        return NULL;
    }

    p = pc + 1;
    a->pos = (uint8_t *) p + n;
    a->end = (uint8_t *) pc + CCP_ARENA_BLOCK;

    return p;
}


void *
ccp_calloc(ccp_arena_t *a, size_t n)
{
    void  *p;

    p = ccp_alloc(a, n);
    if (p) {
        memset(p, 0, n);
    }

    return p;
}


void *
ccp_regrow(ccp_arena_t *a, void *p, size_t used, size_t n)
{
    ccp_piece_t  *pc;

    pc = ccp_piece_take(a, n);
    if (pc == NULL) {
        return NULL;
    }

    if (p) {
        memcpy(pc + 1, p, used);
        ccp_release(a, p);
    }

    return pc + 1;
}


void
ccp_release(ccp_arena_t *a, void *p)
{
    ccp_piece_t  *pc;

    if (p == NULL) {
        return;
    }

    pc = (ccp_piece_t *) p - 1;

    pc->prev->next = pc->next;
    if (pc->next) {
        pc->next->prev = pc->prev;
    }

    a->size -= pc->size;
    a->mem.free(a->mem.ctx, pc);
}


size_t
ccp_arena_size(const ccp_arena_t *a)
{
    return a->size;
}


ccp_str_t
ccp_cstr(const char *s)
{
    ccp_str_t  r = ccp_none;

    r.p = (const uint8_t *) s;
    r.n = s ? strlen(s) : 0;

    return r;
}


/*
 * Decodes one escape at p (after the backslash, the grammar was checked) into
 * out, at most 4 bytes; *in is the number of bytes after the backslash.
 */

static size_t
ccp_escape(const uint8_t *p, size_t n, size_t *in, uint8_t *out)
{
    uint32_t  cp, lo;

    *in = 1;

    switch (p[0]) {
    case 'b': out[0] = '\b'; return 1;
    case 'f': out[0] = '\f'; return 1;
    case 'n': out[0] = '\n'; return 1;
    case 'r': out[0] = '\r'; return 1;
    case 't': out[0] = '\t'; return 1;
    case 'u': break;
    default:  out[0] = p[0]; return 1;
    }

    if (n < 5) {

        /* cut off: never longer than what is there */

        *in = n;
        out[0] = '?';
        return 1;
    }

    cp = ccp_hex4(p + 1);
    *in = 5;

    if (cp >= 0xd800 && cp < 0xdc00 && n >= 11 && p[5] == '\\' && p[6] == 'u')
    {
        lo = ccp_hex4(p + 7);
        if (lo >= 0xdc00 && lo < 0xe000) {
            *in = 11;
            cp = 0x10000 + ((cp - 0xd800) << 10) + (lo - 0xdc00);
            return ccp_utf8_put(cp, out);
        }
    }

    if (cp >= 0xd800 && cp < 0xe000) {
        cp = 0xfffd;
    }

    return ccp_utf8_put(cp, out);
}


/* A cursor over the decoded bytes of a slice. */

typedef struct {
    const uint8_t  *p;
    const uint8_t  *end;
    uint8_t         out[4];
    uint8_t         have;
    uint8_t         at;
    uint8_t         json;
} ccp_cur_t;


static void
ccp_cur_init(ccp_cur_t *c, ccp_str_t s)
{
    c->p = s.p;
    c->end = s.p ? s.p + s.n : s.p;
    c->have = 0;
    c->at = 0;
    c->json = (s.json && s.esc);
}


static int
ccp_cur_next(ccp_cur_t *c)
{
    size_t  in;

    if (c->at < c->have) {
        return c->out[c->at++];
    }

    if (c->p == c->end) {
        return -1;
    }

    if (*c->p != '\\' || !c->json || c->p + 1 == c->end) {
        return *c->p++;
    }

    c->have = (uint8_t) ccp_escape(c->p + 1, c->end - c->p - 1, &in, c->out);
    c->at = 1;
    c->p += 1 + in;

    return c->out[0];
}


int
ccp_str_eq(ccp_str_t a, ccp_str_t b)
{
    int        x, y;
    ccp_cur_t  ca, cb;

    if (!(a.json && a.esc) && !(b.json && b.esc)) {
        return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
    }

    ccp_cur_init(&ca, a);
    ccp_cur_init(&cb, b);

    do {
        x = ccp_cur_next(&ca);
        y = ccp_cur_next(&cb);
    } while (x == y && x != -1);

    return x == y;
}


int
ccp_str_starts(ccp_str_t s, const char *lit)
{
    ccp_cur_t  c;

    if (s.p == NULL) {
        return 0;
    }

    ccp_cur_init(&c, s);

    for ( /* void */ ; *lit; lit++) {
        if (ccp_cur_next(&c) != (uint8_t) *lit) {
            return 0;
        }
    }

    return 1;
}


int
ccp_str_blank(ccp_str_t s)
{
    int        ch;
    ccp_cur_t  c;

    ccp_cur_init(&c, s);

    for ( ;; ) {
        ch = ccp_cur_next(&c);

        if (ch == -1) {
            return 1;
        }

        if (ch != ' ' && ch != '\t' && ch != '\n' && ch != '\r') {
            return 0;
        }
    }
}


uint64_t
ccp_str_hash(ccp_str_t s, uint64_t seed)
{
    int        ch;
    uint64_t   h;
    ccp_cur_t  c;

    h = 0xcbf29ce484222325ULL ^ seed;
    ccp_cur_init(&c, s);

    while ((ch = ccp_cur_next(&c)) != -1) {
        h = (h ^ (uint64_t) ch) * 0x100000001b3ULL;
    }

    return h;
}


ccp_str_t
ccp_str_dup(ccp_arena_t *a, ccp_str_t s)
{
    uint8_t  *p;

    if (s.p == NULL) {
        return s;
    }

    p = ccp_alloc(a, s.n);
    if (p == NULL) {
        return ccp_none;
    }

    memcpy(p, s.p, s.n);
    s.p = p;

    return s;
}


static size_t
ccp_decode(ccp_str_t s, uint8_t *out)
{
    size_t          in;
    uint8_t        *start;
    const uint8_t  *p, *q, *end;

    start = out;
    p = s.p;
    end = p + s.n;

    while (p < end) {
        q = memchr(p, '\\', end - p);
        if (q == NULL || q + 1 == end) {
            q = end;
        }

        memcpy(out, p, q - p);
        out += q - p;
        p = q;

        if (p < end) {
            out += ccp_escape(p + 1, end - p - 1, &in, out);
            p += 1 + in;
        }
    }

    return out - start;
}


ccp_str_t
ccp_str_plain(ccp_arena_t *a, ccp_str_t s)
{
    uint8_t  *p;

    if (s.p == NULL) {
        return s;
    }

    if (s.json && s.esc) {

        /* no escape is shorter than what it stands for */

        p = ccp_alloc(a, s.n);
        if (p == NULL) {
            return ccp_none;
        }

        s.n = ccp_decode(s, p);
        s.p = p;
    }

    s.json = 0;
    s.esc = 0;

    return s;
}


void
ccp_buf_init(ccp_buf_t *b, ccp_arena_t *a, size_t limit)
{
    memset(b, 0, sizeof(ccp_buf_t));
    b->arena = a;
    b->limit = limit;
}


static int
ccp_buf_room(ccp_buf_t *b, size_t n)
{
    void    *p;
    size_t   cap;

    if (b->err) {
        return CCP_NOMEM;
    }

    if (n <= b->cap - b->n) {
        return CCP_OK;
    }

    if (n > SIZE_MAX / 4 || (b->limit && b->n + n > b->limit)) {
        b->err = 1;
        return CCP_NOMEM;
    }

    cap = b->cap ? b->cap * 2 : 512;
    while (cap < b->n + n) {
        cap *= 2;
    }

    p = ccp_regrow(b->arena, b->p, b->n, cap);
    if (p == NULL) {
        b->err = 1;
        return CCP_NOMEM;
    }

    b->p = p;
    b->cap = cap;

    return CCP_OK;
}


int
ccp_buf_reserve(ccp_buf_t *b, size_t n)
{
    return ccp_buf_room(b, n);
}


int
ccp_buf_grow_add(ccp_buf_t *b, const void *p, size_t n)
{
    if (n == 0) {
        return b->err ? CCP_NOMEM : CCP_OK;
    }

    if (ccp_buf_room(b, n) != CCP_OK) {
        return CCP_NOMEM;
    }

    memcpy(b->p + b->n, p, n);
    b->n += n;

    return CCP_OK;
}


int
ccp_buf_add_plain(ccp_buf_t *b, ccp_str_t s)
{
    if (!(s.json && s.esc)) {
        return ccp_buf_add(b, s.p, s.n);
    }

    if (ccp_buf_room(b, s.n) != CCP_OK) {
        return CCP_NOMEM;
    }

    b->n += ccp_decode(s, b->p + b->n);

    return CCP_OK;
}


int
ccp_buf_add_json(ccp_buf_t *b, ccp_str_t s)
{
    uint8_t               c;
    const uint8_t        *p, *q, *end;
    char                  e[6];
    static const char     hex[] = "0123456789abcdef";

    if (s.json || s.n == 0) {
        return ccp_buf_add(b, s.p, s.n);
    }

    p = s.p;
    end = p + s.n;

    while (p < end) {

        for (q = p; q < end && *q >= 0x20 && *q != '"' && *q != '\\'; q++) {
            /* void */
        }

        if (ccp_buf_add(b, p, q - p) != CCP_OK) {
            return CCP_NOMEM;
        }

        if (q == end) {
            break;
        }

        c = *q;
        p = q + 1;

        e[0] = '\\';
        e[1] = c == '\n' ? 'n' : c == '\r' ? 'r' : c == '\t' ? 't'
             : c == '\b' ? 'b' : c == '\f' ? 'f' : (char) c;

        if (c >= 0x20 || e[1] != (char) c) {
            if (ccp_buf_add(b, e, 2) != CCP_OK) {
                return CCP_NOMEM;
            }
            continue;
        }

        memcpy(e + 1, "u00", 3);
        e[4] = hex[c >> 4];
        e[5] = hex[c & 15];

        if (ccp_buf_add(b, e, 6) != CCP_OK) {
            return CCP_NOMEM;
        }
    }

    return b->err ? CCP_NOMEM : CCP_OK;
}


ccp_str_t
ccp_buf_str(const ccp_buf_t *b, int json)
{
    ccp_str_t  s;

    s.p = b->p ? b->p : (const uint8_t *) "";
    s.n = b->n;
    s.json = json ? 1 : 0;
    s.esc = (json && b->n && memchr(b->p, '\\', b->n) != NULL);

    return s;
}


void
ccp_buf_free(ccp_buf_t *b)
{
    ccp_release(b->arena, b->p);
    b->p = NULL;
    b->n = 0;
    b->cap = 0;
}
