
/*
 * Reading what was read before: a client sends its conversation again with
 * each turn, and a tape holds no addresses, so that the tape of an equal
 * beginning is the beginning of the tape.
 *
 * The new text is compared with the nearest known one.  Nodes of the values
 * that end inside of the common beginning are taken over, the reader goes on
 * behind the last of them.  Where members of the root follow that are known
 * too (tools behind messages), it stops in front of them; their nodes are
 * taken over as well, moved.
 */

#include "codec/base/base_memo.h"
#include "codec/json/json_read_private.h"


/* Texts below this many bytes are read faster than looked up. */
#define CCP_JSON_RECALL_MIN     2048

/* Containers that may be open where reading goes on. */
#define CCP_JSON_RECALL_LEVELS  16

/* A text takes the place of one that it has this part of in common. */
#define CCP_JSON_RECALL_PART(n) ((n) - (n) / 4)


/* Where two texts part, in the known one. */
typedef struct {
    uint32_t  open[CCP_JSON_RECALL_LEVELS];    /* the root first */
    uint32_t  depth;
    uint32_t  n;                   /* nodes that stay */
    uint32_t  off;                 /* behind the last of them */
    uint32_t  tail;                /* where the known end begins; 0: nowhere */
    uint32_t  tail_n;              /* its first node */
} ccp_json_part_t;


static inline const ccp_jnode_t *
ccp_json_recall_nodes(const ccp_memo_item_t *item)
{
    return (const ccp_jnode_t *) (const void *) ccp_memo_value(item).p;
}


static inline uint32_t
ccp_json_recall_end(const ccp_jnode_t *node)
{
    return node->off + node->len + (node->type == CCP_J_STRING);
}


/* The last value that ends in front of "common", and what is open around
 * it: a number that ends there may go on in the new text. */

static void
ccp_json_recall_part(const ccp_jnode_t *nodes, size_t common,
    ccp_json_part_t *part)
{
    int       object;
    uint32_t  i, k, v;

    i = 0;
    v = 0;
    part->depth = 0;
    part->tail = 0;
    part->tail_n = 0;

    for ( ;; ) {
        part->open[part->depth++] = i;
        part->n = i + 1;
        part->off = nodes[i].off + 1;
        object = (nodes[i].type == CCP_J_OBJECT);

        for (k = i + 1; k < nodes[i].next; k = nodes[v].next) {
            v = object ? k + 1 : k;

            if (ccp_json_recall_end(&nodes[v]) >= common) {
                break;
            }

            part->n = nodes[v].next;
            part->off = ccp_json_recall_end(&nodes[v]);
        }

        if (k >= nodes[i].next || nodes[v].off >= common
            || (nodes[v].type != CCP_J_OBJECT && nodes[v].type != CCP_J_ARRAY)
            || part->depth == CCP_JSON_RECALL_LEVELS)
        {
            return;
        }

        i = v;
    }
}


/* The first member of the root that is in the common end with all behind. */

static void
ccp_json_recall_tail(const ccp_jnode_t *nodes, ccp_str_t known, ccp_str_t text,
    ccp_json_part_t *part)
{
    size_t    most, common;
    uint32_t  k, v, end;

    most = known.n < text.n ? known.n : text.n;

    if (nodes[0].type != CCP_J_OBJECT || most <= part->off) {
        return;
    }

    common = ccp_memo_common_end(known.p + known.n, text.p + text.n,
                                 most - part->off);

    /* members in front of it are known from the beginning, or new */

    k = part->depth > 1 ? part->open[1] - 1 : part->n;

    for ( /* void */ ; k < nodes[0].next; k = nodes[v].next) {
        v = k + 1;
        end = ccp_json_recall_end(&nodes[v]);

        if (end > part->off && known.n - end <= common) {
            part->tail = end;
            part->tail_n = nodes[v].next;
            return;
        }
    }
}


/* The signs of the names that an object has. */

static void
ccp_json_recall_signs(ccp_jnode_t *nodes, uint32_t i, uint32_t end)
{
    uint32_t  k;

    if (nodes[i].type != CCP_J_OBJECT) {
        return;
    }

    nodes[i].tag = 0;

    for (k = i + 1; k < end; k = nodes[k + 1].next) {
        ccp_json_read_sign(&nodes[i], &nodes[k]);
    }
}


/* Nodes of the known end, behind those of the new text. */

static int
ccp_json_recall_append(ccp_json_t *doc, const ccp_jnode_t *nodes, uint32_t n,
    uint32_t known, const ccp_json_part_t *part)
{
    void         *room;
    uint32_t      i, count, off, next;
    ccp_jnode_t  *to;

    count = n - part->tail_n;

    if (count > doc->cap - doc->n) {
        room = ccp_regrow(doc->arena, doc->nodes,
                          doc->n * sizeof(ccp_jnode_t),
                          ((size_t) doc->n + count) * sizeof(ccp_jnode_t));
        if (room == NULL) {
            return CCP_NOMEM;
        }

        doc->nodes = room;
        doc->cap = doc->n + count;
    }

    to = doc->nodes + doc->n;
    off = (uint32_t) doc->size - known;
    next = doc->n - part->tail_n;

    for (i = 0; i < count; i++) {
        to[i] = nodes[part->tail_n + i];
        to[i].off += off;
        to[i].next += next;
    }

    doc->n += count;
    doc->nodes[0].next = doc->n;
    doc->nodes[0].len = nodes[0].len + off;
    ccp_json_recall_signs(doc->nodes, 0, doc->n);

    return CCP_OK;
}


/* Nodes of the beginning, with what is open as the reader has it. */

static int
ccp_json_recall_begin(ccp_json_t *doc, const ccp_jnode_t *nodes, uint32_t n,
    const ccp_json_part_t *part)
{
    void      *room;
    uint32_t   i, cap;

    cap = n + n / 8 + 64;

    if (cap > doc->cap) {
        room = ccp_regrow(doc->arena, doc->nodes, 0,
                          cap * sizeof(ccp_jnode_t));
        if (room == NULL) {
            return CCP_NOMEM;
        }

        doc->nodes = room;
        doc->cap = cap;
    }

    memcpy(doc->nodes, nodes, part->n * sizeof(ccp_jnode_t));
    doc->n = part->n;

    for (i = 0; i < part->depth; i++) {
        ccp_json_recall_signs(doc->nodes, part->open[i],
                              i + 1 < part->depth ? part->open[i + 1]
                                                  : part->n);
        doc->nodes[part->open[i]].next = i ? part->open[i - 1]
                                           : CCP_JSON_NO_PARENT;
        doc->nodes[part->open[i]].len = 0;
    }

    return CCP_OK;
}


/* Reads the text by the help of a known one. */

static int
ccp_json_recall_read(ccp_json_t *doc, const ccp_memo_item_t *item,
    size_t common, ccp_json_part_t *part, ccp_jerr_t *err)
{
    int                 rc;
    uint32_t            n;
    ccp_str_t           known;
    ccp_json_read_t     r;
    const ccp_jnode_t  *nodes;

    known = ccp_memo_key(item);
    nodes = ccp_json_recall_nodes(item);
    n = (uint32_t) (ccp_memo_value(item).n / sizeof(ccp_jnode_t));

    ccp_json_recall_part(nodes, common, part);
    ccp_json_recall_tail(nodes, known,
                         ccp_str_range(doc->base, doc->base + doc->size),
                         part);

    rc = ccp_json_recall_begin(doc, nodes, n, part);

    if (rc == CCP_OK) {
        memset(&r, 0, sizeof(ccp_json_read_t));
        r.doc = doc;
        r.p = doc->base + part->off;
        r.end = doc->base + doc->size;
        r.parent = part->open[part->depth - 1];
        r.depth = part->depth;
        r.stop = part->tail ? r.end - (known.n - part->tail) : NULL;

        rc = ccp_json_read_on(ccp_json_reader(), &r, 1, err);
    }

    if (rc == CCP_DECLINED) {
        rc = ccp_json_recall_append(doc, nodes, n, (uint32_t) known.n, part);
    }

    if (rc == CCP_NOMEM) {
        doc->n = 0;
        if (err) {
            err->offset = 0;
            err->what = "no memory";
        }
    }

    return rc;
}


/* Keeps the tape for the next text, in the place of item if there is one. */

static void
ccp_json_recall_keep(const ccp_json_t *doc, ccp_memo_t *memo, uint64_t scope,
    ccp_memo_item_t *item, size_t common, const ccp_json_part_t *part)
{
    uint32_t      i;
    ccp_str_t     value;
    ccp_jnode_t  *nodes;

    value = ccp_str_range((const uint8_t *) doc->nodes,
                          (const uint8_t *) (doc->nodes + doc->n));

    item = ccp_memo_keep_after(memo, scope, item,
                               ccp_str_range(doc->base,
                                             doc->base + doc->size),
                               common, value,
                               part->n * sizeof(ccp_jnode_t));

    /* of those that stay, what is around them has another end */

    if (item && part->n) {
        nodes = ccp_memo_data(item);

        for (i = 0; i < part->depth; i++) {
            nodes[part->open[i]] = doc->nodes[part->open[i]];
        }
    }
}


int
ccp_json_recall(ccp_json_t *doc, const uint8_t *p, size_t n, unsigned flags,
    ccp_jerr_t *err)
{
    int               rc;
    size_t            common;
    uint64_t          scope;
    ccp_memo_t       *memo;
    ccp_json_part_t   part;
    ccp_memo_item_t  *item;

    memo = ccp_arena_memo(doc->arena, &scope);

    if (memo == NULL || flags != 0 || n < CCP_JSON_RECALL_MIN
        || n > UINT32_MAX / 2)
    {
        return ccp_json_parse(doc, p, n, flags, err);
    }

    memset(&part, 0, sizeof(ccp_json_part_t));
    item = ccp_memo_nearest(memo, scope, ccp_str_range(p, p + n), &common);

    if (item && common > ccp_json_recall_nodes(item)[0].off) {
        doc->base = p;
        doc->size = n;
        rc = ccp_json_recall_read(doc, item, common, &part, err);

    } else {
        item = NULL;
        rc = ccp_json_parse(doc, p, n, flags, err);
    }

    if (rc != CCP_OK) {
        return rc;
    }

    /* the conversation's next turn; not one more that begins alike */

    if (item && part.tail == 0
        && common < CCP_JSON_RECALL_PART(ccp_memo_key(item).n))
    {
        item = NULL;
        part.n = 0;
    }

    ccp_json_recall_keep(doc, memo, scope, item, item ? common : 0, &part);

    return CCP_OK;
}
