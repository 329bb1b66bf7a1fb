
/*
 * Gemini answer in: arguments that arrive in pieces.
 *
 * Each piece names a place ("$.stops[0].city") and brings a value for it;
 * strings are continued by later pieces for the same place.
 */

#include "codec/gemini/gemini_answer.h"
#include "codec/gemini/gemini.h"
#include "codec/json/json_write.h"


/* A path names at most so many members. */
#define CCP_GEMINI_ARGS_PATH_MAX   64
/* Elements an array may have that pieces build. */
#define CCP_GEMINI_ARGS_INDEX_MAX  1024


typedef struct {
    ccp_str_t  key;            /* absent: an index */
    uint32_t   index;
} ccp_gemini_args_step_t;


static int
ccp_gemini_args_step_index(ccp_gemini_args_step_t *st, const uint8_t *p,
    const uint8_t *end)
{
    st->key = ccp_none;
    st->index = 0;

    if (p == end) {
        return CCP_DECLINED;
    }

    for ( ; p < end; p++) {
        if (*p < '0' || *p > '9') {
            return CCP_DECLINED;
        }

        st->index = st->index * 10 + (*p - '0');

        if (st->index >= CCP_GEMINI_ARGS_INDEX_MAX) {
            return CCP_DECLINED;
        }
    }

    return CCP_OK;
}


static ccp_str_t
ccp_gemini_args_step_key(const uint8_t *p, const uint8_t *end)
{
    ccp_str_t  s;

    s = ccp_none;
    s.p = p;
    s.n = (size_t) (end - p);

    return s;
}


/* Inside of brackets: 'name', "name" or a number. */

static int
ccp_gemini_args_step_bracket(ccp_gemini_args_step_t *st, const uint8_t **pos,
    const uint8_t *end)
{
    const uint8_t  *p, *q;

    p = *pos;

    if (p < end && (*p == '\'' || *p == '"')) {
        q = memchr(p + 1, *p, (size_t) (end - p - 1));

        if (q == NULL || q + 1 == end || q[1] != ']') {
            return CCP_DECLINED;
        }

        st->key = ccp_gemini_args_step_key(p + 1, q);
        *pos = q + 2;

        return CCP_OK;
    }

    q = memchr(p, ']', (size_t) (end - p));
    if (q == NULL) {
        return CCP_DECLINED;
    }

    *pos = q + 1;

    return ccp_gemini_args_step_index(st, p, q);
}


/* Steps of "$.a['b'][0]"; 0 if it is none. */

static size_t
ccp_gemini_args_path_steps(ccp_str_t path, ccp_gemini_args_step_t *steps)
{
    size_t          n;
    const uint8_t  *p, *q, *end;

    if (path.n == 0 || path.p[0] != '$') {
        return 0;
    }

    p = path.p + 1;
    end = path.p + path.n;

    for (n = 0; p < end; n++) {
        if (n == CCP_GEMINI_ARGS_PATH_MAX) {
            return 0;
        }

        if (*p == '[') {
            p++;

            if (ccp_gemini_args_step_bracket(&steps[n], &p, end) != CCP_OK) {
                return 0;
            }

            continue;
        }

        if (*p++ != '.') {
            return 0;
        }

        for (q = p; q < end && *q != '.' && *q != '['; q++) { /* void */ }

        if (q == p) {
            return 0;
        }

        steps[n].key = ccp_gemini_args_step_key(p, q);
        p = q;
    }

    return n;
}


static int
ccp_gemini_args_is(const ccp_gemini_args_node_t *node,
    const ccp_gemini_args_step_t *st)
{
    return st->key.p ? ccp_str_eq(node->key, st->key)
                     : node->index == st->index;
}


/* Puts a node into its parent: members as they came, elements by number. */

static void
ccp_gemini_args_insert(ccp_gemini_args_node_t *parent,
    ccp_gemini_args_node_t *node)
{
    ccp_gemini_args_node_t  **at;

    at = parent->last ? &parent->last->next : &parent->child;

    if (parent->type == CCP_J_ARRAY && parent->last
        && parent->last->index > node->index)
    {
        /* bounded by CCP_GEMINI_ARGS_INDEX_MAX */

        for (at = &parent->child; (*at)->index < node->index;
             at = &(*at)->next)
        {
            /* void */
        }
    }

    node->next = *at;
    *at = node;

    if (node->next == NULL) {
        parent->last = node;
    }
}


/* The node of a step below parent, made if it is not there. */

static ccp_gemini_args_node_t *
ccp_gemini_args_node(ccp_gemini_args_t *args, ccp_gemini_args_node_t *parent,
    const ccp_gemini_args_step_t *st)
{
    uint64_t                 key;
    ccp_gemini_args_node_t  *node;

    if (parent->type == CCP_J_ABSENT) {
        parent->type = st->key.p ? CCP_J_OBJECT : CCP_J_ARRAY;
    }

    key = (uint64_t) (uintptr_t) parent * 0x9e3779b97f4a7c15ULL;
    key = st->key.p ? ccp_str_hash(st->key, key) : key + st->index;
    node = ccp_index_get(&args->nodes, key);

    if (node && node->parent == parent && ccp_gemini_args_is(node, st)) {
        return node;
    }

    node = ccp_calloc(args->arena, sizeof(ccp_gemini_args_node_t));
    if (node == NULL) {
        return NULL;
    }

    if (st->key.p) {
        node->key = ccp_str_dup(args->arena, st->key);
        if (node->key.p == NULL) {
            return NULL;
        }
    }

    node->parent = parent;
    node->index = st->index;
    ccp_buf_init(&node->text, args->arena, 0);
    ccp_gemini_args_insert(parent, node);

    return ccp_index_put(&args->nodes, key, node) == CCP_OK ? node : NULL;
}


static int
ccp_gemini_args_node_set(ccp_gemini_args_node_t *node, ccp_jval_t part)
{
    ccp_str_t   text;
    ccp_jval_t  v;

    v = ccp_gemini_get(part, "stringValue");

    if (ccp_json_type(v) == CCP_J_STRING) {
        if (node->type != CCP_J_STRING) {
            node->text.n = 0;
        }

        node->type = CCP_J_STRING;
        text = ccp_json_str(v);

        return text.n ? ccp_buf_add_json(&node->text, text) : CCP_OK;
    }

    text = ccp_lit("null");
    v = ccp_gemini_get(part, "numberValue");
    v = ccp_json_has(v) ? v : ccp_gemini_get(part, "boolValue");

    if (ccp_json_has(v)) {
        text = ccp_json_raw(v);
    }

    node->type = CCP_J_NULL;
    node->text.n = 0;

    return ccp_buf_add(&node->text, text.p, text.n);
}


int
ccp_gemini_args_add(ccp_gemini_args_t *args, ccp_jval_t part)
{
    size_t                   i, n;
    ccp_str_t                path;
    ccp_jtype_e              want;
    ccp_gemini_args_node_t  *node;
    ccp_gemini_args_step_t   steps[CCP_GEMINI_ARGS_PATH_MAX];

    path = ccp_gemini_gets(part, "jsonPath");

    if (path.p) {
        path = ccp_str_plain(args->arena, path);
        if (path.p == NULL) {
            return CCP_NOMEM;
        }
    }

    memset(steps, 0, sizeof(steps));
    n = ccp_gemini_args_path_steps(path, steps);
    node = &args->root;

    for (i = 0; i < n; i++) {
        want = steps[i].key.p ? CCP_J_OBJECT : CCP_J_ARRAY;

        if (node->type != CCP_J_ABSENT && node->type != want) {
            return CCP_OK;
        }

        node = ccp_gemini_args_node(args, node, &steps[i]);
        if (node == NULL) {
            return CCP_NOMEM;
        }
    }

    if (n == 0 || node->type == CCP_J_OBJECT || node->type == CCP_J_ARRAY) {
        return CCP_OK;
    }

    return ccp_gemini_args_node_set(node, part);
}


static void
ccp_gemini_args_node_write(const ccp_gemini_args_node_t *node, ccp_out_t *o)
{
    uint32_t                       i;
    const ccp_gemini_args_node_t  *c;

    switch (node->type) {

    case CCP_J_OBJECT:
        ccp_gemini_args_write(node, o);
        break;

    case CCP_J_ARRAY:
        ccp_w_arr(o);

        for (i = 0, c = node->child; c; c = c->next) {
            for ( ; i < c->index; i++) {
                ccp_w_null(o);
            }

            ccp_gemini_args_node_write(c, o);
            i++;
        }

        ccp_w_arr_end(o);
        break;

    case CCP_J_STRING:
        ccp_w_str(o, ccp_buf_str(&node->text, 1));
        break;

    default:
        ccp_w_raw(o, ccp_buf_str(&node->text, 0));
    }
}


void
ccp_gemini_args_write(const ccp_gemini_args_node_t *root, ccp_out_t *o)
{
    const ccp_gemini_args_node_t  *c;

    ccp_w_obj(o);

    for (c = root->child; c; c = c->next) {
        ccp_w_keys(o, c->key);
        ccp_gemini_args_node_write(c, o);
    }

    ccp_w_obj_end(o);
}
