
/*
 * Edits of a JSON text.
 *
 * Edits are sorted by the node they are for, which is the order of the text,
 * and meet it in one walk that goes only into values with an edit inside.
 * Bytes between two edits are passed on as they stand.
 */

#include "codec/json/json_edit.h"
#include "codec/json/json_write.h"


/* What stands for a reference in the text that is read: a number by itself,
 * and harmless inside of a string. */
#define CCP_EDIT_HOLE  '0'


typedef struct {
    ccp_edit_t  *e;
    ccp_out_t   *out;
    size_t       done;         /* bytes of the document passed on or cut */
    size_t       op;           /* the next edit */
    size_t       hole;         /* the next hole */
} ccp_edit_walk_t;


static void ccp_edit_value(ccp_edit_walk_t *w, uint32_t i);


void
ccp_edit_init(ccp_edit_t *e, const ccp_json_t *doc, ccp_arena_t *a)
{
    memset(e, 0, sizeof(ccp_edit_t));
    e->doc = doc;
    e->arena = a;
}


int
ccp_edit_out(ccp_edit_t *e, const ccp_out_t *body, ccp_arena_t *a)
{
    int        rc;
    size_t     k;
    uint8_t    c;
    ccp_str_t  s;

    ccp_edit_init(e, &e->own, a);
    ccp_json_init(&e->own, a);
    ccp_buf_init(&e->text, a, 0);

    e->holes = ccp_regrow(a, NULL, 0,
                          (body->nsegs + 1) * sizeof(ccp_edit_hole_t));
    if (e->holes == NULL) {
        return CCP_NOMEM;
    }

    ccp_buf_reserve(&e->text, body->buf.n + body->nsegs);

    for (k = 0; k < body->nsegs; k++) {
        s = ccp_out_seg(body, k);

        if (body->segs[k].ref == NULL) {
            ccp_buf_add(&e->text, s.p, s.n);
            continue;
        }

        e->holes[e->nholes].off = e->text.n;
        e->holes[e->nholes].bytes = s;
        e->nholes++;

        c = CCP_EDIT_HOLE;
        ccp_buf_add(&e->text, &c, 1);
    }

    if (e->text.err) {
        return CCP_NOMEM;
    }

    rc = ccp_json_parse(&e->own, e->text.p, e->text.n, 0, NULL);

    if (rc == CCP_OK
        && ccp_json_type(ccp_json_root(&e->own)) != CCP_J_OBJECT)
    {
        rc = CCP_INVALID;
    }

    return rc;
}


void
ccp_edit_free(ccp_edit_t *e)
{
    ccp_release(e->arena, e->ops);
    ccp_release(e->arena, e->holes);
    e->ops = NULL;
    e->holes = NULL;
    e->n = 0;
    e->cap = 0;
    e->nholes = 0;

    if (e->own.arena) {
        ccp_json_free(&e->own);
        ccp_buf_free(&e->text);
    }
}


static void
ccp_edit_op(ccp_edit_t *e, ccp_edit_e kind, ccp_jval_t at, ccp_str_t name,
    ccp_str_t text)
{
    void           *ops;
    size_t          cap;
    ccp_edit_op_t  *op;

    if (e->n == e->cap) {
        cap = e->cap ? e->cap * 2 : 16;

        ops = ccp_regrow(e->arena, e->ops, e->n * sizeof(ccp_edit_op_t),
                         cap * sizeof(ccp_edit_op_t));
        if (ops == NULL) {
            e->err = 1;
            return;
        }

        e->ops = ops;
        e->cap = cap;
    }

    op = &e->ops[e->n++];
    op->at = at.i;
    op->kind = kind;
    op->name = name;
    op->text = text;
}


void
ccp_edit_set(ccp_edit_t *e, ccp_jval_t v, ccp_str_t text)
{
    ccp_edit_op(e, CCP_EDIT_SET, v, ccp_none, text);
}


void
ccp_edit_set_str(ccp_edit_t *e, ccp_jval_t v, ccp_str_t s)
{
    ccp_out_t  o;

    ccp_out_init(&o, e->arena, 0);
    ccp_w_str(&o, s);

    if (ccp_out_finish(&o) != CCP_OK) {
        e->err = 1;
    }

    ccp_edit_set(e, v, ccp_out_all(&o));
}


void
ccp_edit_set_int(ccp_edit_t *e, ccp_jval_t v, int64_t n)
{
    ccp_out_t  o;

    ccp_out_init(&o, e->arena, 0);
    ccp_w_int(&o, n);

    if (ccp_out_finish(&o) != CCP_OK) {
        e->err = 1;
    }

    ccp_edit_set(e, v, ccp_out_all(&o));
}


void
ccp_edit_drop(ccp_edit_t *e, ccp_jval_t v)
{
    ccp_edit_op(e, CCP_EDIT_DROP, v, ccp_none, ccp_none);
}


void
ccp_edit_name(ccp_edit_t *e, ccp_jval_t v, ccp_str_t name)
{
    ccp_edit_op(e, CCP_EDIT_NAME, v, name, ccp_none);
}


void
ccp_edit_add(ccp_edit_t *e, ccp_jval_t obj, ccp_str_t name, ccp_str_t text)
{
    ccp_edit_op(e, CCP_EDIT_LAST, obj, name, text);
}


void
ccp_edit_first(ccp_edit_t *e, ccp_jval_t v, ccp_str_t text)
{
    ccp_edit_op(e, CCP_EDIT_FIRST, v, ccp_none, text);
}


void
ccp_edit_last(ccp_edit_t *e, ccp_jval_t v, ccp_str_t text)
{
    ccp_edit_op(e, CCP_EDIT_LAST, v, ccp_none, text);
}


/* The end of the run in order that begins there. */

static size_t
ccp_edit_run(const ccp_edit_op_t *ops, size_t i, size_t n)
{
    while (i + 1 < n && ops[i].at <= ops[i + 1].at) {
        i++;
    }

    return i + 1;
}


/* Merges two runs of from into to; of equals the earlier goes first. */

static void
ccp_edit_merge(const ccp_edit_op_t *from, size_t i, size_t mid, size_t end,
    ccp_edit_op_t *to)
{
    size_t  k, out;

    for (k = mid, out = i; out < end; out++) {
        to[out] = i < mid && (k == end || from[i].at <= from[k].at)
                  ? from[i++] : from[k++];
    }
}


/*
 * Edits come in a few runs that are in order, one for each pass over the text:
 * runs are merged, two by two.
 */

static void
ccp_edit_sort(ccp_edit_t *e)
{
    size_t          i, mid, end;
    ccp_edit_op_t  *from, *to, *swap;

    if (e->n < 2 || ccp_edit_run(e->ops, 0, e->n) == e->n) {
        return;
    }

    from = e->ops;

    to = ccp_regrow(e->arena, NULL, 0, e->cap * sizeof(ccp_edit_op_t));
    if (to == NULL) {
        e->err = 1;
        return;
    }

    while (ccp_edit_run(from, 0, e->n) < e->n) {

        for (i = 0; i < e->n; i = end) {
            mid = ccp_edit_run(from, i, e->n);
            end = mid < e->n ? ccp_edit_run(from, mid, e->n) : mid;
            ccp_edit_merge(from, i, mid, end, to);
        }

        swap = from;
        from = to;
        to = swap;
    }

    e->ops = from;
    ccp_release(e->arena, to);
}


/* Bytes as they are, long ones by reference. */

static void
ccp_edit_raw(ccp_out_t *out, ccp_str_t s)
{
    if (s.n == 0) {
        return;
    }

    s.json = 0;
    out->comma = 0;
    ccp_w_raw(out, s);
    out->comma = 0;
}


static void
ccp_edit_bytes(ccp_edit_walk_t *w, size_t from, size_t to)
{
    ccp_str_t  s = ccp_none;

    s.p = w->e->doc->base + from;
    s.n = to - from;
    ccp_edit_raw(w->out, s);
}


/* Passes on the document up to there. */

static void
ccp_edit_keep(ccp_edit_walk_t *w, size_t to)
{
    ccp_edit_hole_t  *h;

    for ( /* void */ ; w->hole < w->e->nholes; w->hole++) {
        h = &w->e->holes[w->hole];

        if (h->off >= to) {
            break;
        }

        if (h->off >= w->done) {
            ccp_edit_bytes(w, w->done, h->off);
            ccp_edit_raw(w->out, h->bytes);
            w->done = h->off + 1;
        }
    }

    if (to > w->done) {
        ccp_edit_bytes(w, w->done, to);
        w->done = to;
    }
}


static void
ccp_edit_cut(ccp_edit_walk_t *w, size_t from, size_t to)
{
    ccp_edit_keep(w, from);
    w->done = to > w->done ? to : w->done;
}


/* Where a value begins and ends, the quotes of a string included. */

static size_t
ccp_edit_start(const ccp_jnode_t *n)
{
    return n->type == CCP_J_STRING ? n->off - 1 : n->off;
}


static size_t
ccp_edit_end(const ccp_jnode_t *n)
{
    return (size_t) n->off + n->len + (n->type == CCP_J_STRING);
}


/* The last edit of that kind among those of one node; NULL: none. */

static const ccp_edit_op_t *
ccp_edit_find(ccp_edit_walk_t *w, uint32_t at, ccp_edit_e kind)
{
    size_t                i;
    const ccp_edit_op_t  *found;

    found = NULL;

    for (i = w->op; i < w->e->n && w->e->ops[i].at == at; i++) {
        if (w->e->ops[i].kind == kind) {
            found = &w->e->ops[i];
        }
    }

    return found;
}


/* Puts in what is to stand in front of or behind the content. */

static void
ccp_edit_insert(ccp_edit_walk_t *w, size_t from, size_t to, ccp_edit_e kind,
    unsigned *members, int string)
{
    size_t                i;
    const ccp_edit_op_t  *op;

    for (i = from; i < to; i++) {
        op = &w->e->ops[i];

        if (op->kind != kind) {
            continue;
        }

        if (!string && (*members)++) {
            ccp_out_lit(w->out, ",");
        }

        if (op->name.p) {
            w->out->comma = 0;
            ccp_w_keys(w->out, op->name);
        }

        ccp_edit_raw(w->out, op->text);
    }
}


/* Members or elements, with the separators of those that stay. */

static void
ccp_edit_members(ccp_edit_walk_t *w, uint32_t i, size_t from, size_t to)
{
    int                   object;
    size_t                end, start, next;
    uint32_t              k, v;
    unsigned              members;
    const ccp_jnode_t    *node, *nodes;
    const ccp_edit_op_t  *op;

    nodes = w->e->doc->nodes;
    node = &nodes[i];
    object = node->type == CCP_J_OBJECT;
    end = (size_t) node->off + 1;
    members = 0;

    ccp_edit_keep(w, end);
    ccp_edit_insert(w, from, to, CCP_EDIT_FIRST, &members, 0);

    for (k = i + 1; k < node->next; k = nodes[v].next) {
        v = object ? k + 1 : k;
        start = ccp_edit_start(&nodes[k]);
        next = ccp_edit_end(&nodes[v]);

        if (w->op < w->e->n && w->e->ops[w->op].at == v
            && ccp_edit_find(w, v, CCP_EDIT_DROP))
        {
            ccp_edit_cut(w, k == i + 1 ? start : end, next);

            while (w->op < w->e->n && w->e->ops[w->op].at < nodes[v].next) {
                w->op++;
            }

            end = next;
            continue;
        }

        if (k == i + 1) {
            if (members) {
                ccp_out_lit(w->out, ",");
            }

        } else if (members == 0) {
            ccp_edit_cut(w, end, start);
        }

        members++;
        end = next;

        op = object ? ccp_edit_find(w, v, CCP_EDIT_NAME) : NULL;

        if (op) {
            ccp_edit_cut(w, start, ccp_edit_end(&nodes[k]));
            w->out->comma = 0;
            ccp_w_str(w->out, op->name);
            w->out->comma = 0;
        }

        ccp_edit_value(w, v);
    }

    ccp_edit_keep(w, end);
    ccp_edit_insert(w, from, to, CCP_EDIT_LAST, &members, 0);
}


static void
ccp_edit_value(ccp_edit_walk_t *w, uint32_t i)
{
    size_t                from;
    unsigned              none;
    const ccp_jnode_t    *node;
    const ccp_edit_op_t  *op;

    node = &w->e->doc->nodes[i];

    if (w->op == w->e->n || w->e->ops[w->op].at >= node->next) {
        return;
    }

    op = ccp_edit_find(w, i, CCP_EDIT_SET);

    if (op) {
        ccp_edit_cut(w, ccp_edit_start(node), ccp_edit_end(node));
        ccp_edit_raw(w->out, op->text);

        while (w->op < w->e->n && w->e->ops[w->op].at < node->next) {
            w->op++;
        }

        return;
    }

    from = w->op;

    while (w->op < w->e->n && w->e->ops[w->op].at == i) {
        w->op++;
    }

    if (node->type == CCP_J_STRING) {
        none = 0;
        ccp_edit_keep(w, node->off);
        ccp_edit_insert(w, from, w->op, CCP_EDIT_FIRST, &none, 1);
        ccp_edit_keep(w, (size_t) node->off + node->len);
        ccp_edit_insert(w, from, w->op, CCP_EDIT_LAST, &none, 1);

    } else if (node->type == CCP_J_OBJECT || node->type == CCP_J_ARRAY) {
        ccp_edit_members(w, i, from, w->op);
    }
}


int
ccp_edit_write(ccp_edit_t *e, ccp_out_t *out)
{
    ccp_edit_walk_t  w;

    if (e->err) {
        return CCP_NOMEM;
    }

    ccp_edit_sort(e);

    if (e->err) {
        return CCP_NOMEM;
    }

    memset(&w, 0, sizeof(ccp_edit_walk_t));
    w.e = e;
    w.out = out;

    ccp_edit_value(&w, ccp_json_root(e->doc).i);
    ccp_edit_keep(&w, e->doc->size);

    return ccp_out_finish(out);
}
