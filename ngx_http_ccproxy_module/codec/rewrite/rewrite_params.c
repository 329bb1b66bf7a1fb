
/*
 * Parameters of the configuration in the outgoing body.
 */

#include "codec/rewrite/rewrite_params.h"
#include "codec/base/base_buf.h"
#include "codec/base/base_match.h"
#include "codec/json/json_write.h"


/* Longest name that is looked for in snake_case as well. */
#define CCP_PARAM_SNAKE  64


typedef struct ccp_param_node_s  ccp_param_node_t;

struct ccp_param_node_s {
    const char         *name;
    const ccp_param_t  *param;     /* NULL: kids */
    ccp_param_node_t   *kids;
    ccp_param_node_t   *next;
};


typedef struct {
    ccp_edit_t         *e;
    int                 snake;
} ccp_param_apply_t;


int
ccp_param_is_owned(const ccp_ops_t *ops, const char *name)
{
    const char *const  *o;

    for (o = ops->owned; o && *o; o++) {
        if (strcmp(*o, name) == 0) {
            return 1;
        }
    }

    return strcmp(name, "model") == 0 || strcmp(name, "stream") == 0;
}


int
ccp_param_value(ccp_str_t word, ccp_arena_t *a, ccp_str_t *value,
    ccp_jerr_t *err)
{
    int         rc;
    ccp_buf_t   b;
    ccp_json_t  doc;

    ccp_json_init(&doc, a);

    rc = ccp_json_parse(&doc, word.p, word.n, CCP_JSON_ANY, err);

    if (rc == CCP_OK) {
        *value = ccp_json_type(ccp_json_root(&doc)) == CCP_J_NULL ? ccp_none
                                                                  : word;
    }

    ccp_json_free(&doc);

    if (rc != CCP_INVALID
        || (word.n && strchr("{[\"", word.p[0]) && word.p[0]))
    {
        return rc;
    }

    ccp_buf_init(&b, a, 0);
    ccp_buf_add(&b, "\"", 1);
    ccp_buf_add_json(&b, word);
    ccp_buf_add(&b, "\"", 1);

    if (b.err) {
        return CCP_NOMEM;
    }

    *value = ccp_buf_str(&b, 0);

    rc = ccp_json_parse(&doc, value->p, value->n, CCP_JSON_ANY, err);
    ccp_json_free(&doc);

    return rc;
}


static int
ccp_param_fits(const ccp_param_t *p, ccp_str_t model)
{
    size_t  i;

    for (i = 0; i < p->nmodels; i++) {
        if (ccp_str_glob(p->models[i], model)) {
            return 1;
        }
    }

    return p->nmodels == 0;
}


/* Puts the parameter into the tree, unless its place is taken. */

static int
ccp_param_plant(ccp_param_node_t **list, const ccp_param_t *p, ccp_arena_t *a)
{
    ccp_param_node_t   *n, **last;
    const char *const  *name;

    for (name = p->path; *name; name++) {

        last = list;
        n = *last;

        while (n && strcmp(n->name, *name) != 0) {
            last = &n->next;
            n = *last;
        }

        if (n && (n->param || name[1] == NULL)) {
            return CCP_OK;
        }

        if (n == NULL) {
            n = ccp_calloc(a, sizeof(ccp_param_node_t));
            if (n == NULL) {
                return CCP_NOMEM;
            }

            n->name = *name;
            *last = n;
        }

        if (name[1] == NULL) {
            n->param = p;
        }

        list = &n->kids;
    }

    return CCP_OK;
}


/* "maxOutputTokens" as "max_output_tokens"; 0: too long for that. */

static int
ccp_param_snake(const char *name, char *buf, size_t size)
{
    size_t  n;

    for (n = 0; *name; name++) {
        if (n + 3 > size) {
            return 0;
        }

        if (*name >= 'A' && *name <= 'Z') {
            buf[n++] = '_';
            buf[n++] = *name - 'A' + 'a';

        } else {
            buf[n++] = *name;
        }
    }

    buf[n] = '\0';

    return 1;
}


static ccp_jval_t
ccp_param_find(ccp_param_apply_t *x, ccp_jval_t obj, const char *name)
{
    char        snake[CCP_PARAM_SNAKE];
    ccp_jval_t  v;

    v = ccp_json_get(obj, name);

    if (v.doc == NULL && x->snake
        && ccp_param_snake(name, snake, sizeof(snake)))
    {
        v = ccp_json_get(obj, snake);
    }

    return v;
}


/* Whether the node has a value to write, and whether it may replace one. */

static void
ccp_param_weigh(const ccp_param_node_t *n, int *writes, int *overrides)
{
    const ccp_param_node_t  *kid;

    if (n->param) {
        if (n->param->value.p) {
            *writes = 1;
            *overrides |= !n->param->fills;
        }

        return;
    }

    for (kid = n->kids; kid; kid = kid->next) {
        ccp_param_weigh(kid, writes, overrides);
    }
}


/* The node's value where the body has none, or nothing that may stay. */

static void
ccp_param_write(ccp_out_t *o, const ccp_param_node_t *n, int overrides_only)
{
    int                      writes, overrides;
    const ccp_param_node_t  *kid;

    if (n->param) {
        ccp_w_raw(o, n->param->value);
        return;
    }

    ccp_w_obj(o);

    for (kid = n->kids; kid; kid = kid->next) {
        writes = 0;
        overrides = 0;
        ccp_param_weigh(kid, &writes, &overrides);

        if (overrides_only ? overrides : writes) {
            ccp_w_key(o, kid->name);
            ccp_param_write(o, kid, overrides_only);
        }
    }

    ccp_w_obj_end(o);
}


static ccp_str_t
ccp_param_text(ccp_param_apply_t *x, const ccp_param_node_t *n,
    int overrides_only)
{
    ccp_out_t  o;

    ccp_out_init(&o, x->e->arena, 0);
    ccp_param_write(&o, n, overrides_only);

    if (ccp_out_finish(&o) != CCP_OK) {
        x->e->err = 1;
    }

    return ccp_out_all(&o);
}


/* A name may stand there more than once: all of them go. */

static void
ccp_param_drop(ccp_param_apply_t *x, ccp_jval_t obj, const char *name)
{
    char         snake[CCP_PARAM_SNAKE];
    ccp_jiter_t  it;

    if (!x->snake || !ccp_param_snake(name, snake, sizeof(snake))) {
        snake[0] = '\0';
    }

    for (it = ccp_json_iter(obj); ccp_json_next(&it); /* void */ ) {
        if (ccp_str_is(it.key, name)
            || (snake[0] && ccp_str_is(it.key, snake)))
        {
            ccp_edit_drop(x->e, it.val);
        }
    }
}


static void
ccp_param_apply(ccp_param_apply_t *x, const ccp_param_node_t *list,
    ccp_jval_t obj)
{
    int                      writes, overrides;
    ccp_jval_t               v;
    const ccp_param_node_t  *n;

    for (n = list; n; n = n->next) {
        writes = 0;
        overrides = 0;
        ccp_param_weigh(n, &writes, &overrides);

        v = ccp_param_find(x, obj, n->name);

        if (n->param && !writes) {
            ccp_param_drop(x, obj, n->name);

        } else if (v.doc == NULL) {
            if (writes) {
                ccp_edit_add(x->e, obj, ccp_cstr(n->name),
                             ccp_param_text(x, n, 0));
            }

        } else if (n->kids && ccp_json_type(v) == CCP_J_OBJECT) {
            ccp_param_apply(x, n->kids, v);

        } else if (!ccp_json_has(v)) {
            if (writes) {
                ccp_edit_set(x->e, v, ccp_param_text(x, n, 0));
            }

        } else if (overrides) {
            ccp_edit_set(x->e, v, ccp_param_text(x, n, 1));
        }
    }
}


int
ccp_params_edit(ccp_edit_t *e, const ccp_param_t *list, ccp_str_t model,
    int snake)
{
    unsigned            fills;
    const ccp_param_t  *p;
    ccp_param_node_t   *tree;
    ccp_param_apply_t   x;

    tree = NULL;

    for (fills = 0; fills < 2; fills++) {
        for (p = list; p; p = p->next) {
            if (p->fills == fills && ccp_param_fits(p, model)
                && ccp_param_plant(&tree, p, e->arena) != CCP_OK)
            {
                return CCP_NOMEM;
            }
        }
    }

    x.e = e;
    x.snake = snake;
    ccp_param_apply(&x, tree, ccp_json_root(e->doc));

    return e->err ? CCP_NOMEM : CCP_OK;
}
