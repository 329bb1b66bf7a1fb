
/*
 * Tool names and call ids in the form that a target takes (T13, T14).
 */

#include "codec/prepare/prepare.h"


#define CCP_NAME_MAX         64    /* where the caller gives no limit */
#define CCP_NAME_LEAST       16    /* no limit is below: room for a hash */
#define CCP_NAME_HASH        9     /* "_" and 8 hex digits */
#define CCP_NAMES_ID_DIGITS  11    /* base62 digits of 64 bits */
#define CCP_ID_ALNUM         9

/* The two trees of a map: ccp_name_t.kid. */
#define CCP_NAMES_BY_CLIENT  0
#define CCP_NAMES_BY_WIRE    1


typedef struct {
    uint64_t   hash;
    ccp_str_t  client;             /* with space: a name seen; else unused */
    ccp_str_t  space;
    ccp_str_t  wire;
} ccp_names_slot_t;


typedef struct {
    ccp_arena_t       *arena;
    ccp_name_t       **names;
    ccp_name_t       **tail;
    size_t             max;
    int                functions_only;
    ccp_names_slot_t  *seen;       /* client names, by space and name */
    ccp_names_slot_t  *used;       /* wire names */
    size_t             mask;
} ccp_names_t;


static int
ccp_name_start(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}


static int
ccp_name_char(uint8_t c)
{
    return ccp_name_start(c) || (c >= '0' && c <= '9') || c == '-';
}


/* Whether the name can go out as it is. */
static int
ccp_name_fits(ccp_str_t s, size_t max)
{
    size_t  i;

    if (s.p == NULL || s.n == 0 || s.n > max || s.esc
        || !ccp_name_start(s.p[0]))
    {
        return 0;
    }

    for (i = 1; i < s.n; i++) {
        if (!ccp_name_char(s.p[i])) {
            return 0;
        }
    }

    return 1;
}


static uint64_t
ccp_name_hash(ccp_str_t space, ccp_str_t name)
{
    return ccp_str_hash(name, space.n > 0 ? ccp_str_hash(space, 1) : 0);
}


static int
ccp_name_same(ccp_str_t space, ccp_str_t name, ccp_str_t space2,
    ccp_str_t name2)
{
    if ((space.n == 0) != (space2.n == 0)) {
        return 0;
    }

    return ccp_str_eq(name, name2)
           && (space.n == 0 || ccp_str_eq(space, space2));
}


/* The slot of a client's name, or the empty one where it belongs. */
static ccp_names_slot_t *
ccp_names_seen(ccp_names_t *x, ccp_str_t space, ccp_str_t name)
{
    size_t             i;
    uint64_t           h;
    ccp_names_slot_t  *s;

    h = ccp_name_hash(space, name);

    for (i = (size_t) h & x->mask; ; i = (i + 1) & x->mask) {
        s = &x->seen[i];

        if (s->client.p == NULL) {
            s->hash = h;
            return s;
        }

        if (s->hash == h
            && ccp_name_same(space, name, s->space, s->client))
        {
            return s;
        }
    }
}


/* Takes a wire name; 0 if it is taken already. */
static int
ccp_names_take(ccp_names_t *x, ccp_str_t wire)
{
    size_t             i;
    uint64_t           h;
    ccp_names_slot_t  *s;

    h = ccp_str_hash(wire, 0);

    for (i = (size_t) h & x->mask; ; i = (i + 1) & x->mask) {
        s = &x->used[i];

        if (s->wire.p == NULL) {
            s->hash = h;
            s->wire = wire;
            return 1;
        }

        if (s->hash == h && ccp_str_eq(s->wire, wire)) {
            return 0;
        }
    }
}


/* "space__name" with what the target refuses replaced; absent: no memory. */
static ccp_str_t
ccp_name_mend(ccp_arena_t *a, ccp_str_t space, ccp_str_t name)
{
    size_t     i, n;
    uint8_t   *p;
    ccp_str_t  s;

    space = ccp_str_plain(a, space);
    name = ccp_str_plain(a, name);

    if (name.p == NULL) {
        return name;
    }

    p = ccp_alloc(a, space.n + name.n + 3);
    if (p == NULL) {
        return ccp_none;
    }

    n = 1;

    if (space.n > 0) {
        memcpy(p + n, space.p, space.n);
        n += space.n;
        p[n++] = '_';
        p[n++] = '_';
    }

    memcpy(p + n, name.p, name.n);
    n += name.n;

    for (i = 1; i < n; i++) {
        if (!ccp_name_char(p[i])) {
            p[i] = '_';
        }
    }

    /* the byte in front is there for a first character that is no letter */

    i = n > 1 && ccp_name_start(p[1]);
    p[0] = '_';

    s = ccp_none;
    s.p = p + i;
    s.n = n - i;

    return s;
}


/* The name cut and told apart by a hash. */
static ccp_str_t
ccp_name_hashed(ccp_arena_t *a, ccp_str_t s, size_t max, uint64_t h)
{
    size_t             i, n;
    uint8_t           *p;
    static const char  hex[] = "0123456789abcdef";

    n = s.n < max - CCP_NAME_HASH ? s.n : max - CCP_NAME_HASH;

    p = ccp_alloc(a, n + CCP_NAME_HASH);
    if (p == NULL) {
        return ccp_none;
    }

    memcpy(p, s.p, n);
    p[n] = '_';
    h ^= h >> 32;

    for (i = 0; i < 8; i++) {
        p[n + 1 + i] = (uint8_t) hex[(h >> (28 - 4 * i)) & 15];
    }

    s.p = p;
    s.n = n + CCP_NAME_HASH;

    return s;
}


/*
 * The list is a tree as well, one by each name: the first is its root, and
 * the bits of the hash show the way.
 */
static void
ccp_name_link(ccp_name_t *root, ccp_name_t *n, int by, uint64_t h)
{
    while (root != n) {
        if (root->kid[by][h & 1] == NULL) {
            root->kid[by][h & 1] = n;
        }

        root = root->kid[by][h & 1];
        h >>= 1;
    }
}


static int
ccp_names_map(ccp_names_t *x, ccp_names_slot_t *slot, int free_text)
{
    uint64_t     h;
    ccp_str_t    wire;
    ccp_name_t  *n;

    wire = ccp_name_mend(x->arena, slot->space, slot->client);
    if (wire.p == NULL) {
        return CCP_NOMEM;
    }

    if (wire.n > x->max || !ccp_names_take(x, wire)) {
        h = slot->hash;

        do {
            wire = ccp_name_hashed(x->arena, wire, x->max, h++);
            if (wire.p == NULL) {
                return CCP_NOMEM;
            }

        } while (!ccp_names_take(x, wire));
    }

    n = ccp_calloc(x->arena, sizeof(ccp_name_t));
    if (n == NULL) {
        return CCP_NOMEM;
    }

    n->client = slot->client;
    n->space = slot->space;
    n->wire = wire;
    n->free_text = free_text != 0;

    *x->tail = n;
    x->tail = &n->next;

    ccp_name_link(*x->names, n, CCP_NAMES_BY_CLIENT, slot->hash);
    ccp_name_link(*x->names, n, CCP_NAMES_BY_WIRE, ccp_str_hash(wire, 0));

    return CCP_OK;
}


/* A name that fits and has no space stands for itself: reserve it. */
static int
ccp_names_keep(ccp_names_t *x, ccp_str_t space, ccp_str_t name, int free_text)
{
    ccp_names_slot_t  *slot;

    if (name.p == NULL || space.n > 0 || free_text
        || !ccp_name_fits(name, x->max))
    {
        return CCP_DECLINED;
    }

    slot = ccp_names_seen(x, space, name);

    if (slot->client.p == NULL) {
        slot->client = name;
        slot->space = space;
        (void) ccp_names_take(x, name);
    }

    return CCP_OK;
}


static int
ccp_names_add(ccp_names_t *x, ccp_str_t space, ccp_str_t name, int free_text)
{
    ccp_names_slot_t  *slot;

    if (name.p == NULL) {
        return CCP_OK;
    }

    slot = ccp_names_seen(x, space, name);

    if (slot->client.p != NULL) {
        return CCP_OK;
    }

    slot->client = name;
    slot->space = space.n > 0 ? space : ccp_none;

    return ccp_names_map(x, slot, free_text);
}


/*
 * Calls fn for each tool that a client can be asked to run, then for each
 * call of the history: names of tools that are no longer offered too.
 */
static int
ccp_names_each(ccp_names_t *x, const ccp_request_t *r,
    int (*fn)(ccp_names_t *x, ccp_str_t space, ccp_str_t name, int free_text))
{
    int                   free_text;
    const ccp_tool_t     *t;
    const ccp_block_t    *b;
    const ccp_message_t  *m;

    for (t = r->tools; t != NULL; t = t->next) {
        if (t->kind == CCP_T_HOSTED) {
            continue;
        }

        free_text = x->functions_only && t->kind == CCP_T_FREE_TEXT;

        if (fn(x, t->space, t->name, free_text) == CCP_NOMEM) {
            return CCP_NOMEM;
        }
    }

    for (m = r->msgs; m != NULL; m = m->next) {
        for (b = m->blocks; b != NULL; b = b->next) {
            if (b->kind != CCP_B_CALL) {
                continue;
            }

            free_text = x->functions_only && b->free_text;

            if (fn(x, b->space, b->name, free_text) == CCP_NOMEM) {
                return CCP_NOMEM;
            }
        }
    }

    return CCP_OK;
}


/* Number of names to expect, and whether any of them needs mapping. */
static size_t
ccp_names_count(const ccp_request_t *r, size_t max, int functions_only,
    int *needed)
{
    size_t                n;
    const ccp_tool_t     *t;
    const ccp_block_t    *b;
    const ccp_message_t  *m;

    n = 0;
    *needed = 0;

    for (t = r->tools; t != NULL; t = t->next) {
        if (t->kind != CCP_T_HOSTED && t->name.p != NULL) {
            n++;
            *needed |= t->space.n > 0 || !ccp_name_fits(t->name, max)
                       || (functions_only && t->kind == CCP_T_FREE_TEXT);
        }
    }

    for (m = r->msgs; m != NULL; m = m->next) {
        for (b = m->blocks; b != NULL; b = b->next) {
            if (b->kind == CCP_B_CALL && b->name.p != NULL) {
                n++;
                *needed |= b->space.n > 0 || !ccp_name_fits(b->name, max)
                           || (functions_only && b->free_text);
            }
        }
    }

    return n;
}


int
ccp_names_build(ccp_name_t **names, const ccp_request_t *r, ccp_arena_t *a,
    size_t name_max, int functions_only)
{
    int          rc, needed;
    size_t       n, cap;
    ccp_names_t  x;

    *names = NULL;

    x.arena = a;
    x.names = names;
    x.tail = names;
    x.max = name_max > 0 ? name_max : CCP_NAME_MAX;
    x.max = x.max < CCP_NAME_LEAST ? CCP_NAME_LEAST : x.max;
    x.functions_only = functions_only;

    n = ccp_names_count(r, x.max, functions_only, &needed);

    if (!needed) {
        return CCP_OK;
    }

    for (cap = 16; cap < 2 * n; cap *= 2) {
        /* void */
    }

    x.mask = cap - 1;
    x.seen = ccp_regrow(a, NULL, 0, 2 * cap * sizeof(ccp_names_slot_t));
    if (x.seen == NULL) {
        return CCP_NOMEM;
    }

    memset(x.seen, 0, 2 * cap * sizeof(ccp_names_slot_t));
    x.used = x.seen + cap;

    rc = ccp_names_each(&x, r, ccp_names_keep);

    if (rc == CCP_OK) {
        rc = ccp_names_each(&x, r, ccp_names_add);
    }

    ccp_release(a, x.seen);

    return rc;
}


ccp_str_t
ccp_name_wire(const ccp_name_t *names, ccp_str_t space, ccp_str_t name)
{
    uint64_t  h;

    h = names != NULL ? ccp_name_hash(space, name) : 0;

    while (names != NULL) {
        if (ccp_name_same(space, name, names->space, names->client)) {
            return names->wire;
        }

        names = names->kid[CCP_NAMES_BY_CLIENT][h & 1];
        h >>= 1;
    }

    return name;
}


const ccp_name_t *
ccp_name_client(const ccp_name_t *names, ccp_str_t wire)
{
    uint64_t  h;

    h = names != NULL ? ccp_str_hash(wire, 0) : 0;

    while (names != NULL && !ccp_str_eq(names->wire, wire)) {
        names = names->kid[CCP_NAMES_BY_WIRE][h & 1];
        h >>= 1;
    }

    return names;
}


/* ---- ids ---- */

static int
ccp_id_alnum(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9');
}


static int
ccp_id_fits(ccp_str_t id, ccp_idform_e form)
{
    size_t  i, max;

    if (form == CCP_ID_ALNUM9 && id.n != CCP_ID_ALNUM) {
        return 0;
    }

    max = form == CCP_ID_MAX40 ? 40 : 64;

    if (id.n == 0 || id.n > max) {
        return 0;
    }

    if (form != CCP_ID_ALNUM9 && form != CCP_ID_SAFE64) {
        return 1;
    }

    for (i = 0; i < id.n; i++) {
        if (!ccp_id_alnum(id.p[i])
            && (form == CCP_ID_ALNUM9
                || (id.p[i] != '_' && id.p[i] != '-')))
        {
            return 0;
        }
    }

    return 1;
}


ccp_str_t
ccp_call_id(ccp_arena_t *a, ccp_str_t id, ccp_idform_e form,
    const char *prefix)
{
    size_t             i, n, digits;
    uint8_t           *p;
    uint64_t           h;
    ccp_str_t          s;
    static const char  base62[] =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    s = ccp_none;

    if (id.p != NULL) {
        s = ccp_str_plain(a, id);
        if (s.p == NULL) {
            return s;
        }

        if (ccp_id_fits(s, form)) {
            return s;
        }
    }

    n = form == CCP_ID_ALNUM9 ? 0 : strlen(prefix);
    digits = form == CCP_ID_ALNUM9 ? CCP_ID_ALNUM : CCP_NAMES_ID_DIGITS;

    p = ccp_alloc(a, n + digits);
    if (p == NULL) {
        return ccp_none;
    }

    memcpy(p, prefix, n);
    h = ccp_str_hash(s, 0);
    h ^= h >> 29;

    for (i = 0; i < digits; i++) {
        p[n + i] = (uint8_t) base62[h % 62];
        h /= 62;
    }

    s.p = p;
    s.n = n + digits;
    s.json = 0;
    s.esc = 0;

    return s;
}
