
/*
 * References of a schema: looked up, merged, inlined.
 */

#include "codec/schema/schema_tree.h"


int
ccp_schema_is_defs(const char *key)
{
    return strcmp(key, "$defs") == 0 || strcmp(key, "definitions") == 0;
}


/* One step of a JSON pointer, unescaped into buf; where it ends. */
static const char *
ccp_schema_ref_step(const char *p, char *buf, size_t size)
{
    size_t  n;

    for (n = 0; *p != '\0' && *p != '/'; p++) {
        if (n + 1 >= size) {
            return NULL;
        }

        if (p[0] == '~' && (p[1] == '0' || p[1] == '1')) {
            buf[n++] = p[1] == '0' ? '~' : '/';
            p++;

        } else if (p[0] == '%' && p[1] == '2' && (p[2] == '4')) {
            buf[n++] = '$';
            p += 2;

        } else {
            buf[n++] = *p;
        }
    }

    buf[n] = '\0';

    return p;
}


json_t *
ccp_schema_ref(const ccp_schema_ctx_t *x, const char *ref)
{
    char     step[256];
    json_t  *v;

    if (*ref++ != '#') {
        return NULL;
    }

    v = x->root;

    while (*ref == '/' && v != NULL) {
        ref = ccp_schema_ref_step(ref + 1, step, sizeof(step));
        if (ref == NULL) {
            return NULL;
        }

        v = json_is_array(v)
            ? json_array_get(v, (size_t) strtoul(step, NULL, 10))
            : json_object_get(v, step);
    }

    return *ref == '\0' && json_is_object(v) ? v : NULL;
}


json_t *
ccp_schema_ref_enter(ccp_schema_ctx_t *x, const json_t *s)
{
    int      i;
    json_t  *v;

    v = ccp_schema_ref(x, json_string_value(json_object_get(s, "$ref")));

    if (v == NULL || x->nrefs == CCP_SCHEMA_REFS) {
        return NULL;
    }

    for (i = 0; i < x->nrefs; i++) {
        if (x->refs[i] == v) {
            return NULL;
        }
    }

    x->refs[x->nrefs++] = v;

    return v;
}


static void
ccp_schema_merge_properties(ccp_schema_ctx_t *x, json_t *m, json_t *v)
{
    json_t  *old, *copy;

    old = json_object_get(m, "properties");

    if (!json_is_object(old)) {
        copy = json_copy(v);
        ccp_schema_set(x, m, "properties", copy);
        return;
    }

    if (json_object_update(old, v) != 0) {
        x->nomem = 1;
    }
}


static void
ccp_schema_merge_required(ccp_schema_ctx_t *x, json_t *m, json_t *v)
{
    json_t  *old;

    old = json_object_get(m, "required");

    if (!json_is_array(old)) {
        ccp_schema_set(x, m, "required", json_copy(v));

    } else if (json_array_extend(old, v) != 0) {
        x->nomem = 1;
    }
}


/* Names that several schemas demand stand once. */
static void
ccp_schema_merge_names(ccp_schema_ctx_t *x, json_t *m)
{
    size_t       i;
    json_t      *old, *names, *list, *e;
    const char  *name;

    old = json_object_get(m, "required");

    if (!json_is_array(old)) {
        return;
    }

    names = json_object();
    list = json_array();

    json_array_foreach(old, i, e) {
        name = json_string_value(e);

        if (name != NULL && json_object_get(names, name) != NULL) {
            continue;
        }

        if ((name != NULL
             && json_object_set_new(names, name, json_true()) != 0)
            || json_array_append(list, e) != 0)
        {
            x->nomem = 1;
        }
    }

    json_decref(names);
    ccp_schema_set(x, m, "required", list);
}


static void
ccp_schema_merge_in(ccp_schema_ctx_t *x, json_t *m, json_t *s, int level)
{
    size_t       i;
    json_t      *v, *e;
    const char  *key;

    if (level > CCP_SCHEMA_LEVELS || ++x->nodes > CCP_SCHEMA_NODES) {
        ccp_schema_set(x, m, "type", json_string("object"));
        return;
    }

    if (json_is_string(json_object_get(s, "$ref"))) {
        v = ccp_schema_ref_enter(x, s);

        if (v != NULL) {
            ccp_schema_merge_in(x, m, v, level + 1);

        } else {
            ccp_schema_set(x, m, "type", json_string("object"));
        }
    }

    json_array_foreach(json_object_get(s, "allOf"), i, e) {
        if (json_is_object(e)) {
            ccp_schema_merge_in(x, m, e, level + 1);
        }
    }

    json_object_foreach(s, key, v) {
        if (strcmp(key, "$ref") == 0 || strcmp(key, "allOf") == 0
            || ccp_schema_is_defs(key))
        {
            continue;
        }

        if (strcmp(key, "properties") == 0 && json_is_object(v)) {
            ccp_schema_merge_properties(x, m, v);

        } else if (strcmp(key, "required") == 0 && json_is_array(v)) {
            ccp_schema_merge_required(x, m, v);

        } else if (json_object_set(m, key, v) != 0) {
            x->nomem = 1;
        }
    }
}


void
ccp_schema_merge(ccp_schema_ctx_t *x, json_t *m, json_t *s, int level)
{
    ccp_schema_merge_in(x, m, s, level);
    ccp_schema_merge_names(x, m);
}


/* A value at a schema position with its references inlined. */
static json_t *
ccp_schema_inline_value(ccp_schema_ctx_t *x, json_t *v, ccp_schema_sub_e sub,
    int level)
{
    size_t       i;
    json_t      *out, *e;
    const char  *name;

    if (json_is_object(v) && sub != CCP_SCHEMA_SUB_MAP) {
        return ccp_schema_inline(x, v, level + 1);
    }

    if (json_is_object(v)) {
        out = json_object();

        json_object_foreach(v, name, e) {
            if (out != NULL) {
                ccp_schema_set(x, out, name,
                               json_is_object(e)
                               ? ccp_schema_inline(x, e, level + 1)
                               : json_incref(e));
            }
        }

        return out;
    }

    if (json_is_array(v)) {
        out = json_array();

        json_array_foreach(v, i, e) {
            if (json_array_append_new(out, json_is_object(e)
                                      ? ccp_schema_inline(x, e, level + 1)
                                      : json_incref(e))
                != 0)
            {
                x->nomem = 1;
            }
        }

        return out;
    }

    return json_incref(v);
}


json_t *
ccp_schema_inline(ccp_schema_ctx_t *x, json_t *s, int level)
{
    int               nrefs;
    json_t           *m, *v;
    ccp_schema_sub_e  sub;
    const char       *key, *ref;

    nrefs = x->nrefs;
    m = json_object();

    if (m == NULL) {
        return NULL;
    }

    if (level > CCP_SCHEMA_LEVELS || ++x->nodes > CCP_SCHEMA_NODES) {
        ccp_schema_set(x, m, "type", json_string("object"));
        return m;
    }

    ref = json_string_value(json_object_get(s, "$ref"));

    if (ref != NULL) {
        v = ccp_schema_ref_enter(x, s);

        if (v == NULL) {
            ccp_schema_set(x, m, "type", json_string("object"));

        } else {
            json_decref(m);
            m = ccp_schema_inline(x, v, level + 1);
        }
    }

    json_object_foreach(s, key, v) {
        if (m == NULL) {
            break;
        }

        if (strcmp(key, "$ref") == 0 || ccp_schema_is_defs(key)) {
            continue;
        }

        sub = ccp_schema_word(ccp_cstr(key))->sub;

        if (sub == CCP_SCHEMA_SUB_NONE) {
            if (json_object_set(m, key, v) != 0) {
                x->nomem = 1;
            }

        } else {
            ccp_schema_set(x, m, key,
                           ccp_schema_inline_value(x, v, sub, level));
        }
    }

    x->nrefs = nrefs;

    return m;
}
