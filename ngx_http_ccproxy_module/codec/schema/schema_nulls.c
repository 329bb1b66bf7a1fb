
/*
 * Members that strict mode made nullable, found again by their names: the
 * closed schema with marks, and an index over it, so that a look costs the
 * same however many there are.
 */

#include "codec/base/base_index.h"
#include "codec/schema/schema_nulls.h"
#include "codec/schema/schema_tree.h"


/* Schemas that one look may go through: references, alternatives. */
#define CCP_SCHEMA_LOOKS  32


typedef struct ccp_schema_named_s  ccp_schema_named_t;

/* A member of a map, by the map's node and its name. */
struct ccp_schema_named_s {
    uint32_t             map;
    ccp_str_t            key;
    ccp_jval_t           val;
    ccp_schema_named_t  *next;     /* of the same hash */
};


/* What matters of a schema. */
typedef struct {
    ccp_jval_t  props;
    ccp_jval_t  any;
    ccp_jval_t  items;
    ccp_str_t   ref;
    unsigned    marked:1;
} ccp_schema_node_t;


struct ccp_schema_nulls_s {
    ccp_arena_t         *arena;
    ccp_json_t           doc;
    ccp_schema_node_t  **nodes;    /* by node of the document; NULL: unread */
    uint8_t             *mapped;   /* maps whose members are in the index */
    ccp_index_t          named;
    int                  looks;    /* left for this question */
    unsigned             nomem:1;
};


int
ccp_schema_nulls(ccp_schema_nulls_t **to, ccp_arena_t *a, ccp_str_t schema,
    ccp_schema_e from)
{
    int                  rc, marks;
    ccp_schema_nulls_t  *n;

    schema = ccp_schema_marked(a, schema, from, &marks);

    if (schema.p == NULL || marks == 0) {
        return schema.p == NULL ? CCP_NOMEM : CCP_DECLINED;
    }

    n = ccp_calloc(a, sizeof(ccp_schema_nulls_t));
    if (n == NULL) {
        return CCP_NOMEM;
    }

    n->arena = a;
    ccp_index_init(&n->named, a);
    ccp_json_init(&n->doc, a);

    rc = ccp_json_parse(&n->doc, schema.p, schema.n, 0, NULL);

    if (rc != CCP_OK) {
        return rc == CCP_NOMEM ? rc : CCP_DECLINED;
    }

    n->nodes = ccp_calloc(a, n->doc.n * sizeof(ccp_schema_node_t *));
    n->mapped = ccp_calloc(a, n->doc.n);

    if (n->nodes == NULL || n->mapped == NULL) {
        return CCP_NOMEM;
    }

    *to = n;

    return CCP_OK;
}


ccp_jval_t
ccp_schema_nulls_root(const ccp_schema_nulls_t *n)
{
    return ccp_json_root(&n->doc);
}


/* The schema at that place; NULL: there is none, or too many were seen. */

static ccp_schema_node_t *
ccp_schema_nulls_node(ccp_schema_nulls_t *n, ccp_jval_t v)
{
    ccp_jiter_t         it;
    ccp_schema_node_t  *node;

    if (n->looks-- <= 0 || ccp_json_type(v) != CCP_J_OBJECT) {
        return NULL;
    }

    node = n->nodes[v.i];

    if (node != NULL) {
        return node;
    }

    node = ccp_calloc(n->arena, sizeof(ccp_schema_node_t));

    if (node == NULL) {
        n->nomem = 1;
        return NULL;
    }

    for (it = ccp_json_iter(v); ccp_json_next(&it); ) {
        switch (ccp_schema_word(it.key)->role) {

        case CCP_SCHEMA_WORD_PROPS:
            node->props = it.val;
            break;

        case CCP_SCHEMA_WORD_ANY:
            node->any = it.val;
            break;

        case CCP_SCHEMA_WORD_ITEMS:
            node->items = it.val;
            break;

        case CCP_SCHEMA_WORD_REF:
            node->ref = ccp_json_str(it.val);
            break;

        default:
            node->marked |= ccp_str_is(it.key, CCP_SCHEMA_MARK);
        }
    }

    n->nodes[v.i] = node;

    return node;
}


static uint64_t
ccp_schema_nulls_hash(ccp_jval_t map, ccp_str_t key)
{
    return ccp_str_hash(key, map.i + UINT64_C(1));
}


static void
ccp_schema_nulls_map(ccp_schema_nulls_t *n, ccp_jval_t map)
{
    uint64_t             h;
    ccp_jiter_t          it;
    ccp_schema_named_t  *m;

    n->mapped[map.i] = 1;

    for (it = ccp_json_iter(map); ccp_json_next(&it); ) {
        m = ccp_alloc(n->arena, sizeof(ccp_schema_named_t));

        if (m == NULL) {
            n->nomem = 1;
            return;
        }

        h = ccp_schema_nulls_hash(map, it.key);
        m->map = map.i;
        m->key = it.key;
        m->val = it.val;
        m->next = ccp_index_get(&n->named, h);

        if (ccp_index_put(&n->named, h, m) != CCP_OK) {
            n->nomem = 1;
            return;
        }
    }
}


static ccp_jval_t
ccp_schema_nulls_find(ccp_schema_nulls_t *n, ccp_jval_t map, ccp_str_t key)
{
    ccp_schema_named_t  *m;

    if (ccp_json_type(map) != CCP_J_OBJECT) {
        return ccp_jabsent;
    }

    if (!n->mapped[map.i]) {
        ccp_schema_nulls_map(n, map);
    }

    for (m = ccp_index_get(&n->named, ccp_schema_nulls_hash(map, key)); m;
         m = m->next)
    {
        if (m->map == map.i && ccp_str_eq(m->key, key)) {
            return m->val;
        }
    }

    return ccp_jabsent;
}


/* What "#" and "#/$defs/NAME" refer to. */

static ccp_jval_t
ccp_schema_nulls_ref(ccp_schema_nulls_t *n, ccp_str_t ref)
{
    size_t       i;
    ccp_jval_t   root;

    static const char *const  maps[] = { "$defs", "definitions" };

    root = ccp_json_root(&n->doc);

    if (ccp_str_is(ref, "#")) {
        return root;
    }

    for (i = 0; i < ccp_countof(maps); i++) {
        if (ref.n > strlen(maps[i]) + 3 && ref.p[0] == '#' && ref.p[1] == '/'
            && memcmp(ref.p + 2, maps[i], strlen(maps[i])) == 0
            && ref.p[strlen(maps[i]) + 2] == '/')
        {
            ref.p += strlen(maps[i]) + 3;
            ref.n -= strlen(maps[i]) + 3;

            return ccp_schema_nulls_find(n, ccp_json_get(root, maps[i]), ref);
        }
    }

    return ccp_jabsent;
}


/* -1: no schema has that member; 1: all that have it were marked. */

static int
ccp_schema_nulls_look(ccp_schema_nulls_t *n, ccp_jval_t at, ccp_str_t key,
    ccp_jval_t *child)
{
    int                 rc, one;
    ccp_jval_t          v;
    ccp_jiter_t         it;
    ccp_schema_node_t  *node, *prop;

    node = ccp_schema_nulls_node(n, at);

    if (node != NULL && node->ref.p != NULL) {
        return ccp_schema_nulls_look(n, ccp_schema_nulls_ref(n, node->ref),
                                     key, child);
    }

    if (node == NULL) {
        return -1;
    }

    v = ccp_schema_nulls_find(n, node->props, key);

    if (v.doc != NULL) {
        *child = v;
        prop = ccp_schema_nulls_node(n, v);
        return prop != NULL && prop->marked;
    }

    rc = -1;

    for (it = ccp_json_iter(node->any); ccp_json_next(&it) && n->looks > 0; ) {
        v = ccp_jabsent;
        one = ccp_schema_nulls_look(n, it.val, key, &v);

        if (one >= 0) {
            *child = rc < 0 ? v : ccp_jabsent;
            rc = rc < 0 ? one : rc && one;
        }
    }

    return rc;
}


int
ccp_schema_nulls_member(ccp_schema_nulls_t *n, ccp_jval_t object,
    ccp_str_t key, ccp_jval_t *child)
{
    int  rc;

    *child = ccp_jabsent;
    n->looks = CCP_SCHEMA_LOOKS;

    rc = ccp_schema_nulls_look(n, object, key, child);

    return n->nomem ? CCP_NOMEM : rc == 1 && n->looks > 0;
}


static void
ccp_schema_nulls_look_item(ccp_schema_nulls_t *n, ccp_jval_t at,
    ccp_jval_t *child)
{
    ccp_jiter_t         it;
    ccp_schema_node_t  *node;

    node = ccp_schema_nulls_node(n, at);

    if (node == NULL) {
        return;
    }

    if (node->ref.p != NULL) {
        ccp_schema_nulls_look_item(n, ccp_schema_nulls_ref(n, node->ref),
                                   child);
        return;
    }

    if (node->items.doc != NULL) {
        *child = node->items;
        return;
    }

    for (it = ccp_json_iter(node->any);
         child->doc == NULL && n->looks > 0 && ccp_json_next(&it); )
    {
        ccp_schema_nulls_look_item(n, it.val, child);
    }
}


int
ccp_schema_nulls_item(ccp_schema_nulls_t *n, ccp_jval_t array,
    ccp_jval_t *child)
{
    *child = ccp_jabsent;
    n->looks = CCP_SCHEMA_LOOKS;

    ccp_schema_nulls_look_item(n, array, child);

    return n->nomem ? CCP_NOMEM : CCP_OK;
}
