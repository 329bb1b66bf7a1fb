
/*
 * The usual changes to a schema, made on its own bytes: members cut out,
 * empty "properties" and a missing root type put in.  What stays keeps its
 * spelling and order (T24).
 *
 * One walk over the reader's tape; nothing is copied before the first change.
 * Changes that need a document (other types, alternatives, references) are
 * left to jansson.
 */

#include "codec/schema/schema_tree.h"


#define CCP_SCHEMA_EDIT_TYPE   "\"type\":\"object\""
#define CCP_SCHEMA_EDIT_PROPS  "\"properties\":{}"
#define CCP_SCHEMA_EDIT_ANY    "\"items\":{}"
#define CCP_SCHEMA_EDIT_ITEMS  "\"items\":{\"type\":\"string\"}"

/* Bytes that may be put into one object, commas included. */
#define CCP_SCHEMA_EDIT_MOST                                                 \
    (sizeof(CCP_SCHEMA_EDIT_TYPE) + sizeof(CCP_SCHEMA_EDIT_PROPS)            \
     + sizeof(CCP_SCHEMA_EDIT_ITEMS))


typedef struct {
    ccp_arena_t    *arena;
    ccp_str_t       src;
    ccp_schemas_e   to;
    uint32_t        nodes;         /* of the schema; no fewer than objects */
    uint8_t        *out;           /* NULL: nothing changed so far */
    size_t          n;
    const uint8_t  *done;          /* the source is written up to here */
    unsigned        nomem:1;
    unsigned        document:1;    /* it can't be done here */
} ccp_schema_edit_t;


static int
ccp_schema_edit_pattern(ccp_schema_edit_t *e, ccp_str_t re)
{
    if (re.p == NULL) {
        return 0;
    }

    re = ccp_str_plain(e->arena, re);

    if (re.p == NULL) {
        e->nomem = 1;
        return 0;
    }

    return ccp_schema_bad_pattern((const char *) re.p, re.n);
}


static int
ccp_schema_edit_drops(ccp_schema_edit_t *e, ccp_schema_word_e role,
    ccp_jval_t v)
{
    if (ccp_json_type(v) == CCP_J_NULL && role != CCP_SCHEMA_WORD_NULL) {
        return 1;
    }

    return e->to > CCP_SCHEMA_FULL
           && (role == CCP_SCHEMA_WORD_UNTIDY
               || (role == CCP_SCHEMA_WORD_PATTERN
                   && ccp_schema_edit_pattern(e, ccp_json_str(v))));
}


/* Writes the source up to "at" and goes on at "next". */
static void
ccp_schema_edit_cut(ccp_schema_edit_t *e, const uint8_t *at,
    const uint8_t *next)
{
    size_t  n;

    if (e->nomem) {
        return;
    }

    if (e->out == NULL) {
        e->out = ccp_alloc(e->arena,
                           e->src.n + e->nodes * CCP_SCHEMA_EDIT_MOST);

        if (e->out == NULL) {
            e->nomem = 1;
            return;
        }
    }

    n = (size_t) (at - e->done);
    memcpy(e->out + e->n, e->done, n);
    e->n += n;
    e->done = next;
}


/* Puts a member in at the end of an object that has others or not. */
static void
ccp_schema_edit_put(ccp_schema_edit_t *e, const uint8_t *brace, int others,
    const char *member)
{
    size_t  n;

    ccp_schema_edit_cut(e, brace, brace);

    if (e->nomem) {
        return;
    }

    if (others) {
        e->out[e->n++] = ',';
    }

    n = strlen(member);
    memcpy(e->out + e->n, member, n);
    e->n += n;
}


static int
ccp_schema_edit_upper(ccp_jval_t type)
{
    size_t       i;
    ccp_str_t    s;
    ccp_jiter_t  it;

    if (ccp_json_type(type) == CCP_J_ARRAY) {
        for (it = ccp_json_iter(type); ccp_json_next(&it); ) {
            if (ccp_schema_edit_upper(it.val)) {
                return 1;
            }
        }

        return 0;
    }

    s = ccp_json_str(type);

    for (i = 0; s.p != NULL && i < s.n; i++) {
        if (s.p[i] >= 'A' && s.p[i] <= 'Z') {
            return 1;
        }
    }

    return 0;
}


static void ccp_schema_edit_node(ccp_schema_edit_t *e, ccp_jval_t s,
    int level);


static void
ccp_schema_edit_each(ccp_schema_edit_t *e, ccp_jval_t v, int level)
{
    ccp_jiter_t  it;

    for (it = ccp_json_iter(v); ccp_json_next(&it); ) {
        ccp_schema_edit_node(e, it.val, level);
    }
}


/* The schemas in a member that stays. */
static void
ccp_schema_edit_member(ccp_schema_edit_t *e, ccp_schema_sub_e sub,
    ccp_jval_t v, int level)
{
    int  object;

    object = (ccp_json_type(v) == CCP_J_OBJECT);

    if (object ? sub == CCP_SCHEMA_SUB_MAP
               : sub == CCP_SCHEMA_SUB_LIST || sub == CCP_SCHEMA_SUB_EITHER)
    {
        ccp_schema_edit_each(e, v, level + 1);

    } else if (sub == CCP_SCHEMA_SUB_ONE || sub == CCP_SCHEMA_SUB_EITHER) {
        ccp_schema_edit_node(e, v, level + 1);
    }
}


static int
ccp_schema_edit_is_list(ccp_jval_t type)
{
    ccp_jiter_t  it;

    for (it = ccp_json_iter(type); ccp_json_next(&it); ) {
        if (ccp_json_is(it.val, "array")) {
            return 1;
        }
    }

    return ccp_json_is(type, "array");
}


/* seen: the members that stay, by their role. */
static int
ccp_schema_edit_needs_document(const ccp_schema_edit_t *e,
    const ccp_jval_t *seen)
{
    ccp_jtype_e  props, items;

    if (ccp_schema_edit_upper(seen[CCP_SCHEMA_WORD_TYPE])) {
        return 1;
    }

    props = ccp_json_type(seen[CCP_SCHEMA_WORD_PROPS]);

    if (props != CCP_J_ABSENT && props != CCP_J_OBJECT) {
        return 1;
    }

    items = ccp_json_type(seen[CCP_SCHEMA_WORD_ITEMS]);

    if (items != CCP_J_ABSENT && items != CCP_J_OBJECT
        && e->to != CCP_SCHEMA_FULL)
    {
        return 1;
    }

    if (e->to == CCP_SCHEMA_INLINE) {
        return seen[CCP_SCHEMA_WORD_REF].doc != NULL
               || seen[CCP_SCHEMA_WORD_DEFS].doc != NULL;
    }

    return e->to == CCP_SCHEMA_MFJS
           && seen[CCP_SCHEMA_WORD_TYPE].doc != NULL
           && ccp_json_has(seen[CCP_SCHEMA_WORD_ANY]);
}


static void
ccp_schema_edit_complete(ccp_schema_edit_t *e, const ccp_jval_t *seen,
    int kept, const uint8_t *brace, int level)
{
    int  object;

    object = ccp_json_is(seen[CCP_SCHEMA_WORD_TYPE], "object");

    if (level == 0 && seen[CCP_SCHEMA_WORD_TYPE].doc == NULL
        && seen[CCP_SCHEMA_WORD_REF].doc == NULL)
    {
        ccp_schema_edit_put(e, brace, kept, CCP_SCHEMA_EDIT_TYPE);
        kept = 1;
        object = 1;
    }

    if (object && seen[CCP_SCHEMA_WORD_PROPS].doc == NULL
        && (level == 0 || e->to > CCP_SCHEMA_FULL))
    {
        ccp_schema_edit_put(e, brace, kept, CCP_SCHEMA_EDIT_PROPS);
        kept = 1;
    }

    if (ccp_schema_lacks_items(e->to, seen[CCP_SCHEMA_WORD_ITEMS].doc != NULL,
                               seen[CCP_SCHEMA_WORD_PREFIX].doc != NULL)
        && ccp_schema_edit_is_list(seen[CCP_SCHEMA_WORD_TYPE]))
    {
        ccp_schema_edit_put(e, brace, kept, e->to == CCP_SCHEMA_MFJS
                                            ? CCP_SCHEMA_EDIT_ITEMS
                                            : CCP_SCHEMA_EDIT_ANY);
    }
}


static void
ccp_schema_edit_node(ccp_schema_edit_t *e, ccp_jval_t s, int level)
{
    int                          kept;
    ccp_str_t                    raw;
    ccp_jval_t                   seen[CCP_SCHEMA_NWORDS];
    ccp_jiter_t                  it, next;
    const uint8_t               *end, *before;
    const ccp_schema_keyword_t  *word;

    if (ccp_json_type(s) != CCP_J_OBJECT || level > CCP_SCHEMA_LEVELS) {
        return;
    }

    memset(seen, 0, sizeof(seen));
    kept = 0;
    before = NULL;

    for (it = ccp_json_iter(s); ccp_json_next(&it); before = end) {
        word = ccp_schema_word(it.key);
        raw = ccp_json_raw(it.val);
        end = raw.p + raw.n;

        if (!ccp_schema_edit_drops(e, word->role, it.val)) {
            kept = 1;
            seen[word->role] = it.val;
            ccp_schema_edit_member(e, word->sub, it.val, level);

        } else if (kept) {
            ccp_schema_edit_cut(e, before, end);

        } else {
            /* no member is left for the comma to follow: it goes too */

            next = it;
            ccp_schema_edit_cut(e, ccp_json_raw(it.keyval).p,
                                ccp_json_next(&next)
                                   ? ccp_json_raw(next.keyval).p : end);
        }

        if (e->document || e->nomem) {
            return;
        }
    }

    if (ccp_schema_edit_needs_document(e, seen)) {
        e->document = 1;
        return;
    }

    raw = ccp_json_raw(s);
    ccp_schema_edit_complete(e, seen, kept, raw.p + raw.n - 1, level);
}


int
ccp_schema_edit(ccp_arena_t *a, ccp_jval_t root, ccp_schemas_e to,
    ccp_str_t *out)
{
    ccp_schema_edit_t  e;

    memset(&e, 0, sizeof(ccp_schema_edit_t));
    e.arena = a;
    e.src = ccp_json_raw(root);
    e.to = to;
    e.nodes = root.doc->nodes[root.i].next - root.i;
    e.done = e.src.p;

    ccp_schema_edit_node(&e, root, 0);

    if (e.document || e.nomem) {
        return e.nomem ? CCP_NOMEM : CCP_DECLINED;
    }

    *out = e.src;

    if (e.out != NULL) {
        ccp_schema_edit_cut(&e, e.src.p + e.src.n, NULL);
        out->p = e.out;
        out->n = e.n;
    }

    return CCP_OK;
}
