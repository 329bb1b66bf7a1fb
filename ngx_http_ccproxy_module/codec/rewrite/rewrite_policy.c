
/*
 * What the prompt tools of a place can't look into.
 *
 * Prompts and tools stand in many places of a request, some of which no
 * protocol's document tells of.  One rule for all of them: where a place has
 * rules, its requests are made of members that the module knows.
 *
 *   - A member that it does not know is left out, if it could tell a model
 *     anything.
 *   - One that it knows is refused in another spelling.
 *   - One that changes how prompts are put together is left out, too.
 *   - One that stands for prompts or tools which lie elsewhere is refused, if
 *     the rules are about what may be there.
 *
 * Whether a member is one of those, its protocol's row says.
 */

#include "codec/rewrite/rewrite_private.h"
#include "codec/proto/proto_in.h"


/* Whether a value may mean something to somebody who knows its name: it holds
 * a text, or is a switch. */

static int
ccp_policy_tells(ccp_jval_t v)
{
    uint32_t            i, end;
    const ccp_jnode_t  *nodes;

    if (v.doc == NULL) {
        return 0;
    }

    nodes = v.doc->nodes;

    for (i = v.i, end = nodes[v.i].next; i < end; i++) {
        if (nodes[i].type == CCP_J_TRUE
            || (nodes[i].type == CCP_J_STRING && nodes[i].len))
        {
            return 1;
        }
    }

    return 0;
}


/* Of a member with switches and words for the prompt's template the switches
 * stay, and words that choose among what the model has. */

static void
ccp_policy_words(ccp_prompt_x_t *x, ccp_jval_t v)
{
    ccp_jiter_t  it;

    for (it = ccp_json_iter(v); ccp_json_next(&it); /* void */ ) {
        switch (ccp_json_type(it.val)) {

        case CCP_J_STRING:
            if (!ccp_str_is(it.key, "reasoning_effort")
                && !ccp_str_is(it.key, "thinking_mode"))
            {
                ccp_edit_drop(x->e, it.val);
            }

            break;

        case CCP_J_ARRAY:
        case CCP_J_OBJECT:
            ccp_edit_drop(x->e, it.val);
            break;

        default:
            break;
        }
    }
}


/* Instructions for how a server is to shorten the conversation. */

static void
ccp_policy_edits(ccp_prompt_x_t *x, ccp_jval_t v)
{
    uint32_t            i, end;
    ccp_jval_t          key, val;
    const ccp_jnode_t  *nodes;

    nodes = v.doc->nodes;
    key.doc = v.doc;
    val.doc = v.doc;

    for (i = v.i, end = nodes[v.i].next; i + 1 < end; i++) {
        key.i = i;
        val.i = i + 1;

        /* a string that a string follows is a key, or of a list */

        if (ccp_json_is(key, "instructions")
            && ccp_json_type(val) == CCP_J_STRING)
        {
            ccp_edit_set(x->e, val, ccp_lit("null"));
        }
    }
}


/* Whether that is where the prompt stands. */

static int
ccp_policy_is_place(const ccp_prompt_x_t *x, const char *name)
{
    size_t  i;

    for (i = 0; i < 2; i++) {
        if (x->places->system[i] && strcmp(x->places->system[i], name) == 0) {
            return 1;
        }
    }

    return 0;
}


static void
ccp_policy_member(ccp_prompt_x_t *x, const ccp_known_t *h, ccp_jval_t v,
    int prompts)
{
    int  strict;

    strict = x->replace || x->rules->npairs || x->rules->nfilter;

    switch (h->holds) {

    case CCP_HOLDS_FORM:
        if (prompts && !ccp_policy_is_place(x, h->name)) {
            ccp_edit_drop(x->e, v);
        }

        return;

    case CCP_HOLDS_WORDS:
        if (prompts) {
            ccp_policy_words(x, v);
        }

        return;

    case CCP_HOLDS_EDITS:
        if (prompts) {
            ccp_policy_edits(x, v);
        }

        return;

    case CCP_HOLDS_SKILLS:
        if (ccp_json_type(v) != CCP_J_OBJECT) {
            return;
        }

        /* fall through */

    case CCP_HOLDS_STORED:
        if (strict && ccp_policy_tells(v)) {
            x->refused = h->name;
        }

        return;

    default:
        return;
    }
}


static const ccp_known_t *
ccp_policy_find(const ccp_prompt_x_t *x, ccp_str_t key,
    ccp_in_spelling_e *spelling)
{
    const ccp_known_t  *h;

    for (h = x->known; h->name; h++) {
        *spelling = ccp_in_spelling(key, x->snake, h->name);

        if (*spelling != CCP_IN_OTHER) {
            return h;
        }
    }

    return NULL;
}


/*
 * Members of a message by which servers tell who speaks and what: in another
 * spelling, and twice.  The last one stays, as for all who read here.
 */

static void
ccp_policy_message(ccp_prompt_x_t *x, ccp_jval_t message)
{
    size_t             i;
    ccp_jiter_t        it;
    ccp_in_spelling_e  spelling;

    static const char  *const names[] = {
        "role", "content", "parts", "type", "text", "tools"
    };

    for (it = ccp_json_iter(message); ccp_json_next(&it); /* void */ ) {

        for (i = 0; it.object && i < ccp_countof(names); i++) {
            spelling = ccp_in_spelling(it.key, 0, names[i]);

            if (spelling == CCP_IN_ALIKE
                || (spelling == CCP_IN_NAMED
                    && ccp_json_get(message, names[i]).i != it.val.i))
            {
                ccp_edit_drop(x->e, it.val);
            }
        }
    }
}


static void
ccp_policy_messages(ccp_prompt_x_t *x)
{
    ccp_jval_t   list, content;
    ccp_jiter_t  it, part;

    list = x->places->list ? ccp_json_get(x->root, x->places->list)
                           : ccp_jabsent;

    if (ccp_json_type(list) == CCP_J_OBJECT) {
        ccp_policy_message(x, list);
        return;
    }

    for (it = ccp_json_iter(list); ccp_json_next(&it); /* void */ ) {

        if (ccp_json_type(it.val) != CCP_J_OBJECT) {
            continue;
        }

        ccp_policy_message(x, it.val);
        content = ccp_json_get(it.val, x->places->content);

        for (part = ccp_json_iter(content); ccp_json_next(&part); ) {
            if (!part.object) {
                ccp_policy_message(x, part.val);
            }
        }
    }
}


void
ccp_policy_sweep(ccp_prompt_x_t *x)
{
    int                 prompts;
    ccp_jval_t          top;
    ccp_jiter_t         it;
    const ccp_known_t   *h;
    ccp_in_spelling_e   spelling;

    prompts = x->system.n || x->user.n || x->replace || x->rules->npairs;

    if (x->known == NULL || !(prompts || x->rules->nfilter)) {
        return;
    }

    top = ccp_json_root(x->e->doc);

    if (top.i != x->root.i) {

        for (it = ccp_json_iter(top); ccp_json_next(&it); /* void */ ) {
            if (it.val.i != x->root.i) {
                ccp_edit_drop(x->e, it.val);
            }
        }
    }

    for (it = ccp_json_iter(x->root); ccp_json_next(&it); /* void */ ) {
        h = ccp_policy_find(x, it.key, &spelling);

        if (h && spelling == CCP_IN_NAMED) {
            ccp_policy_member(x, h, it.val, prompts);

        } else if (h) {
            x->spelled = h->name;

        } else if (ccp_policy_tells(it.val)) {
            ccp_edit_drop(x->e, it.val);
        }
    }

    ccp_policy_messages(x);
}
