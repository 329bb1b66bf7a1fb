
/*
 * The root of a schema as one object, for APIs that want arguments by their
 * names and refuse alternatives, parts and references there.  Parts are put
 * together; of alternatives, all properties may be given, and what each of
 * them requires is required.
 */

#include "codec/schema/schema_tree.h"


/* Bytes of a property's schema that count as a node. */
#define CCP_SCHEMA_ROOT_BYTES  32


/* What a root and all that it is made of come to. */
typedef struct {
    json_t  *members;          /* but those below */
    json_t  *props;
    json_t  *required;         /* a set: names, each true */
    json_t  *sets;             /* what single alternatives require */
    json_t  *type;             /* borrowed; NULL: none said so far */
} ccp_schema_sum_t;


static void ccp_schema_root_add(ccp_schema_ctx_t *x, ccp_schema_sum_t *sum,
    json_t *s, int level);


/* Words that are resolved, and those that say what an object isn't. */
static int
ccp_schema_root_is_odd_word(ccp_str_t key)
{
    size_t  i;

    static const char *const  words[] = {
        "anyOf", "oneOf", "allOf", "$ref", "nullable", "not", "enum", "const"
    };

    for (i = 0; i < ccp_countof(words); i++) {
        if (ccp_str_is(key, words[i])) {
            return 1;
        }
    }

    return 0;
}


int
ccp_schema_root_is_odd(ccp_jval_t root, ccp_schema_root_e want)
{
    ccp_str_t    type;
    ccp_jiter_t  it;

    type = ccp_json_gets(root, "type");

    if (want == CCP_SCHEMA_ANY
        || (want == CCP_SCHEMA_OBJECT && type.p != NULL
            && !ccp_str_is(type, "object") && !ccp_str_is(type, "OBJECT")))
    {
        return 0;
    }

    for (it = ccp_json_iter(root); ccp_json_next(&it); ) {
        if (ccp_schema_root_is_odd_word(it.key)) {
            return 1;
        }

        if (ccp_str_is(it.key, "type") && ccp_json_has(it.val)
            && !ccp_json_is(it.val, "object")
            && !ccp_json_is(it.val, "OBJECT"))
        {
            return 1;
        }
    }

    return 0;
}


int
ccp_schema_root_fits(const ccp_json_t *doc, ccp_str_t schema,
    ccp_schema_root_e root)
{
    ccp_jval_t  v;

    v = ccp_json_at(doc, schema);

    return v.doc == NULL || !ccp_schema_root_is_odd(v, root);
}


static void
ccp_schema_sum_init(ccp_schema_ctx_t *x, ccp_schema_sum_t *sum)
{
    sum->members = json_object();
    sum->props = json_object();
    sum->required = json_object();
    sum->sets = json_array();
    sum->type = NULL;

    if (sum->members == NULL || sum->props == NULL || sum->required == NULL
        || sum->sets == NULL)
    {
        x->nomem = 1;
    }
}


static void
ccp_schema_sum_free(ccp_schema_sum_t *sum)
{
    json_decref(sum->members);
    json_decref(sum->props);
    json_decref(sum->required);
    json_decref(sum->sets);
}


/* The names of a set, a new list. */
static json_t *
ccp_schema_root_names(ccp_schema_ctx_t *x, json_t *set)
{
    json_t      *list, *v;
    const char  *name;

    list = json_array();

    json_object_foreach(set, name, v) {
        if (json_array_append_new(list, json_string(name)) != 0) {
            x->nomem = 1;
        }
    }

    return list;
}


/* The same object may be referred to by all branches: each look at what it
 * holds counts as nodes of their own would. */
static void
ccp_schema_root_spend(ccp_schema_ctx_t *x, size_t n)
{
    x->nodes = n < CCP_SCHEMA_NODES && x->nodes < CCP_SCHEMA_NODES
               ? x->nodes + (int) n : CCP_SCHEMA_NODES;
}


/* Adds a schema to those that a property has; equal ones count once. */
static void
ccp_schema_root_also(ccp_schema_ctx_t *x, json_t *all, const char *name,
    json_t *schema)
{
    char    *text;
    json_t  *seen;

    seen = json_object_get(all, name);

    if (seen == NULL) {
        seen = json_object();
        ccp_schema_set(x, all, name, seen);
    }

    text = json_dumps(schema, JSON_COMPACT | JSON_ENCODE_ANY);

    if (text == NULL || x->nomem || json_object_set(seen, text, schema) != 0) {
        x->nomem = 1;

    } else {
        ccp_schema_root_spend(x, strlen(text) / CCP_SCHEMA_ROOT_BYTES);
    }

    free(text);
}


/* Constants of several alternatives: one list of values.  NULL: they are not
 * constants. */
static json_t *
ccp_schema_root_values(ccp_schema_ctx_t *x, json_t *seen)
{
    size_t       i;
    json_t      *s, *v, *e, *type, *values, *made;
    const char  *key;

    type = NULL;
    values = json_object();

    json_object_foreach(seen, key, s) {
        v = json_object_get(s, "const");
        v = v != NULL ? json_pack("[O]", v)
                      : json_incref(json_object_get(s, "enum"));

        if (!json_is_array(v)) {
            json_decref(v);
            json_decref(values);
            return NULL;
        }

        json_array_foreach(v, i, e) {
            ccp_schema_root_also(x, values, "enum", e);
        }

        json_decref(v);
        e = json_object_get(s, "type");
        type = json_is_string(e) && (type == NULL || json_equal(type, e))
               ? e : json_null();
    }

    made = json_is_string(type) ? json_pack("{sO}", "type", type)
                                : json_object();
    v = json_array();

    json_object_foreach(json_object_get(values, "enum"), key, e) {
        if (json_array_append(v, e) != 0) {
            x->nomem = 1;
        }
    }

    json_decref(values);

    if (made == NULL) {
        json_decref(v);
        x->nomem = 1;
        return NULL;
    }

    ccp_schema_set(x, made, "enum", v);

    return made;
}


/* What a property may be in any of the alternatives: a new schema. */
static json_t *
ccp_schema_root_join(ccp_schema_ctx_t *x, json_t *seen)
{
    json_t      *v, *list, *made;
    const char  *key;

    if (json_object_size(seen) == 1) {
        return json_incref(json_object_iter_value(json_object_iter(seen)));
    }

    made = ccp_schema_root_values(x, seen);

    if (made != NULL || x->nomem) {
        return made;
    }

    list = json_array();

    json_object_foreach(seen, key, v) {
        if (json_array_append(list, v) != 0) {
            x->nomem = 1;
        }
    }

    return json_pack("{so}", "anyOf", list);
}


/* What both sets hold stays in the first. */
static void
ccp_schema_root_intersect(json_t *common, json_t *other)
{
    void        *in;
    json_t      *v;
    const char  *name;

    json_object_foreach_safe(common, in, name, v) {
        if (json_object_get(other, name) == NULL) {
            (void) json_object_del(common, name);
        }
    }
}


static void
ccp_schema_root_branches(ccp_schema_ctx_t *x, ccp_schema_sum_t *sum,
    json_t *list, int level)
{
    size_t             i;
    json_t            *e, *v, *all, *common;
    const char        *name;
    ccp_schema_sum_t   one;

    common = NULL;
    all = json_object();

    json_array_foreach(list, i, e) {
        if (!json_is_object(e) || ccp_schema_is_null(e)) {
            continue;
        }

        ccp_schema_sum_init(x, &one);
        ccp_schema_root_add(x, &one, e, level + 1);

        json_object_foreach(one.props, name, v) {
            ccp_schema_root_also(x, all, name, v);
        }

        if (json_array_append_new(sum->sets,
                                  ccp_schema_root_names(x, one.required))
            != 0)
        {
            x->nomem = 1;
        }

        if (common == NULL) {
            common = json_incref(one.required);

        } else {
            ccp_schema_root_intersect(common, one.required);
        }

        sum->type = sum->type ? sum->type : one.type;
        ccp_schema_sum_free(&one);
    }

    json_object_foreach(all, name, v) {
        if (json_object_get(sum->props, name) == NULL) {
            ccp_schema_set(x, sum->props, name, ccp_schema_root_join(x, v));
        }
    }

    if (common != NULL && json_object_update(sum->required, common) != 0) {
        x->nomem = 1;
    }

    json_decref(common);
    json_decref(all);
}


/* The members that a schema has of its own. */
static void
ccp_schema_root_own(ccp_schema_ctx_t *x, ccp_schema_sum_t *sum, json_t *s)
{
    size_t       i;
    json_t      *v, *e;
    const char  *key;

    ccp_schema_root_spend(x, json_object_size(s));

    json_object_foreach(s, key, v) {
        if (strcmp(key, "type") == 0) {
            sum->type = v;
            continue;
        }

        ccp_schema_root_spend(x, json_object_size(v) + json_array_size(v));

        if (strcmp(key, "properties") == 0) {
            if (json_is_object(v) && json_object_update(sum->props, v) != 0) {
                x->nomem = 1;
            }

        } else if (strcmp(key, "required") == 0) {
            json_array_foreach(v, i, e) {
                if (json_is_string(e)) {
                    ccp_schema_set(x, sum->required, json_string_value(e),
                                   json_true());
                }
            }

        } else if (!ccp_schema_root_is_odd_word(ccp_cstr(key))
                   && !ccp_schema_is_defs(key)
                   && json_object_set(sum->members, key, v) != 0)
        {
            x->nomem = 1;
        }
    }
}


static void
ccp_schema_root_add(ccp_schema_ctx_t *x, ccp_schema_sum_t *sum, json_t *s,
    int level)
{
    int      nrefs;
    size_t   i;
    json_t  *e, *v;

    if (level > CCP_SCHEMA_LEVELS || ++x->nodes > CCP_SCHEMA_NODES
        || x->nomem)
    {
        return;
    }

    nrefs = x->nrefs;

    if (json_is_string(json_object_get(s, "$ref"))) {
        v = ccp_schema_ref_enter(x, s);

        if (v != NULL) {
            ccp_schema_root_add(x, sum, v, level + 1);
        }
    }

    json_array_foreach(json_object_get(s, "allOf"), i, e) {
        if (json_is_object(e)) {
            ccp_schema_root_add(x, sum, e, level + 1);
        }
    }

    ccp_schema_root_branches(x, sum, json_object_get(s, "anyOf"), level);
    ccp_schema_root_branches(x, sum, json_object_get(s, "oneOf"), level);
    ccp_schema_root_own(x, sum, s);

    x->nrefs = nrefs;
}


static int
ccp_schema_root_refers(const json_t *v)
{
    size_t        i;
    json_t       *e;
    const char   *key;

    json_array_foreach(v, i, e) {
        if (ccp_schema_root_refers(e)) {
            return 1;
        }
    }

    json_object_foreach((json_t *) (uintptr_t) v, key, e) {
        if (strcmp(key, "$ref") == 0 || ccp_schema_root_refers(e)) {
            return 1;
        }
    }

    return 0;
}


/* Tells the model what single alternatives require, if that differs. */
static void
ccp_schema_root_hint(ccp_schema_ctx_t *x, ccp_schema_sum_t *sum, json_t *made)
{
    size_t   i, n;
    json_t  *e;

    n = json_object_size(sum->required);

    json_array_foreach(sum->sets, i, e) {
        if (json_array_size(e) > n) {
            ccp_schema_hint(x, made, "requires one of", sum->sets);
            return;
        }
    }
}


/* The sum as a new schema. */
static json_t *
ccp_schema_root_made(ccp_schema_ctx_t *x, ccp_schema_sum_t *sum, json_t *s)
{
    json_t      *made, *v;
    const char  *key;

    made = json_pack("{ss}", "type", "object");

    if (made == NULL || json_object_update(made, sum->members) != 0
        || json_object_set(made, "properties", sum->props) != 0)
    {
        json_decref(made);
        return NULL;
    }

    if (json_object_size(sum->required) > 0) {
        ccp_schema_set(x, made, "required",
                       ccp_schema_root_names(x, sum->required));
    }

    ccp_schema_root_hint(x, sum, made);

    if (ccp_schema_root_refers(made)) {
        json_object_foreach(s, key, v) {
            if (ccp_schema_is_defs(key) && json_object_set(made, key, v) != 0)
            {
                x->nomem = 1;
            }
        }
    }

    return made;
}


json_t *
ccp_schema_root(ccp_schema_ctx_t *x, json_t *s, ccp_schema_root_e want)
{
    json_t            *made;
    const char        *type;
    ccp_schema_sum_t   sum;

    ccp_schema_sum_init(x, &sum);
    ccp_schema_root_add(x, &sum, s, 0);

    type = json_string_value(sum.type);

    if (want == CCP_SCHEMA_OBJECT && type != NULL
        && strcmp(type, "object") != 0 && strcmp(type, "OBJECT") != 0)
    {
        /* an answer that is no object: nothing else would be the same */
        made = json_incref(s);

    } else {
        made = ccp_schema_root_made(x, &sum, s);
    }

    ccp_schema_sum_free(&sum);

    return made;
}
