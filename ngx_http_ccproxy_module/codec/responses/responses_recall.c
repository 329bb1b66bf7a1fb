
/*
 * Responses: a request that names what is held here becomes one that has it
 * all in its input.  What is not held is left as the client wrote it: it may
 * be known to the upstream.
 */

#include "codec/responses/responses_held.h"
#include "codec/json/json_write.h"


ccp_str_t
ccp_responses_held_inside(ccp_str_t array)
{
    array.p++;
    array.n -= 2;

    return ccp_str_blank(array) ? ccp_none : array;
}


int
ccp_responses_held_array(ccp_arena_t *a, ccp_str_t elements, ccp_json_t *doc)
{
    int        rc;
    ccp_out_t  list;
    ccp_str_t  text;

    ccp_out_init(&list, a, 0);
    ccp_out_lit(&list, "[");
    ccp_out_bytes(&list, elements.p, elements.n);
    ccp_out_lit(&list, "]");

    ccp_json_init(doc, a);

    if (ccp_out_finish(&list) != CCP_OK) {
        return CCP_NOMEM;
    }

    text = ccp_out_all(&list);

    rc = ccp_json_parse(doc, text.p, text.n, 0, NULL);

    return rc == CCP_INVALID ? CCP_DECLINED : rc;
}


int
ccp_responses_held_is_ref(ccp_jval_t item)
{
    ccp_jval_t  type;

    type = ccp_json_opt(item, "type");

    if (ccp_json_has(type)) {
        return ccp_json_is(type, "item_reference");
    }

    return !ccp_json_has(ccp_json_opt(item, "role"))
           && ccp_json_gets(item, "id").n != 0;
}


int
ccp_responses_held_item(ccp_responses_held_items_t *items, ccp_str_t id,
    ccp_str_t *text)
{
    int             rc;
    ccp_str_t       output;
    ccp_held_t     *item;
    ccp_held_ref_t  ref;

    memset(&ref, 0, sizeof(ccp_held_ref_t));
    ref.kind = CCP_HELD_ITEM;
    ref.id = ccp_str_plain(items->arena, id);

    if (ref.id.p == NULL) {
        return CCP_NOMEM;
    }

    rc = ccp_held_get(items->keeper, ref, items->arena, &item);
    if (rc != CCP_OK) {
        return rc;
    }

    if (items->answer == NULL
        || items->answer->self.serial != item->before.serial)
    {
        rc = ccp_held_get(items->keeper, item->before, items->arena,
                          &items->answer);
        if (rc != CCP_OK) {
            items->answer = NULL;
            return rc;
        }
    }

    output = items->answer->output;

    if (item->at > output.n || item->n > output.n - item->at) {
        return CCP_DECLINED;
    }

    *text = ccp_str_range(output.p + item->at, output.p + item->at + item->n);

    return CCP_OK;
}


/* Appends the elements of an input that refers to others. */

static int
ccp_responses_held_input(ccp_responses_held_items_t *items, ccp_str_t input,
    ccp_out_t *out)
{
    int          rc;
    ccp_str_t    text;
    ccp_json_t   doc;
    ccp_jiter_t  it;

    rc = ccp_responses_held_array(items->arena, input, &doc);

    for (it = ccp_json_iter(rc == CCP_OK ? ccp_json_root(&doc)
                                         : ccp_jabsent);
         rc == CCP_OK && ccp_json_next(&it); )
    {
        text = ccp_json_raw(it.val);

        if (ccp_responses_held_is_ref(it.val)) {
            rc = ccp_responses_held_item(items, ccp_json_gets(it.val, "id"),
                                         &text);
        }

        if (rc == CCP_OK) {
            ccp_held_join(out, text);
        }
    }

    ccp_json_free(&doc);

    return rc;
}


/*
 * Appends an output.  Reasoning that its server keeps to itself can't be told
 * to another one.
 */

static int
ccp_responses_held_output(ccp_responses_held_items_t *items,
    const ccp_held_t *held, ccp_out_t *out)
{
    int          rc;
    ccp_json_t   doc;
    ccp_jiter_t  it;

    if (held->owner == 0) {
        ccp_held_join(out, held->output);
        return CCP_OK;
    }

    rc = ccp_responses_held_array(items->arena, held->output, &doc);

    for (it = ccp_json_iter(rc == CCP_OK ? ccp_json_root(&doc)
                                         : ccp_jabsent);
         ccp_json_next(&it); )
    {
        if (!ccp_json_is(ccp_json_get(it.val, "type"), "reasoning")
            || ccp_json_gets(it.val, "encrypted_content").n)
        {
            ccp_held_join(out, ccp_json_raw(it.val));
        }
    }

    ccp_json_free(&doc);

    return rc;
}


int
ccp_responses_held_elements(ccp_responses_held_items_t *items,
    const ccp_held_t *held, ccp_out_t *out)
{
    int  rc;

    rc = CCP_OK;

    if (held->refs) {
        rc = ccp_responses_held_input(items, held->input, out);

    } else {
        ccp_held_join(out, held->input);
    }

    if (rc == CCP_OK) {
        rc = ccp_responses_held_output(items, held, out);
    }

    return rc == CCP_OK && ccp_out_size(out) > CCP_HELD_BYTES ? CCP_INVALID
                                                              : rc;
}


/* ---- requests ---- */

/* The conversation that the request goes on with, as elements. */

static int
ccp_responses_recall_history(ccp_recall_t *rc, ccp_held_ref_t ref,
    ccp_held_t **last, ccp_out_t *out)
{
    int                         res;
    ccp_held_t                 *h;
    ccp_responses_held_items_t  items;

    memset(&items, 0, sizeof(ccp_responses_held_items_t));
    items.keeper = rc->keeper;
    items.arena = rc->arena;

    res = ccp_held_walk(rc->keeper, ref, rc->arena, &h, last);

    for ( ; res == CCP_OK && h; h = h->next) {
        res = ccp_responses_held_elements(&items, h, out);
    }

    if (res == CCP_OK) {
        res = ccp_out_finish(out);
    }

    return res != CCP_INVALID
           ? res
           : ccp_refuse(rc->err, rc->arena, CCP_E_TOO_LARGE,
                        "the conversation that %.*s belongs to is too long "
                        "to go on: begin another one", (int) ref.id.n,
                        (const char *) ref.id.p);
}


/* Puts elements in front of those of the input. */

static int
ccp_responses_recall_put(ccp_recall_t *rc, ccp_jval_t input, ccp_str_t text)
{
    ccp_out_t  list;

    if (ccp_json_type(input) == CCP_J_ARRAY) {
        ccp_edit_first(rc->edit, input, text);
        return CCP_OK;
    }

    ccp_out_init(&list, rc->arena, 0);
    ccp_out_lit(&list, "[");
    ccp_out_bytes(&list, text.p, text.n);

    if (rc->keep->input.n) {
        if (text.n) {
            ccp_out_lit(&list, ",");
        }

        ccp_out_bytes(&list, rc->keep->input.p, rc->keep->input.n);
    }

    ccp_out_lit(&list, "]");

    if (ccp_out_finish(&list) != CCP_OK) {
        return CCP_NOMEM;
    }

    if (ccp_json_has(input)) {
        ccp_edit_set(rc->edit, input, ccp_out_all(&list));

    } else {
        ccp_edit_add(rc->edit, rc->r->root, ccp_lit("input"),
                     ccp_out_all(&list));
    }

    return CCP_OK;
}


/*
 * previous_response_id or conversation: v names what the request goes on
 * from.  CCP_DECLINED: it is not held.
 */

static int
ccp_responses_recall_named(ccp_recall_t *rc, ccp_jval_t v, ccp_held_e kind,
    ccp_jval_t input)
{
    int              res;
    ccp_out_t        out;
    ccp_held_t      *last;
    ccp_keep_t      *keep;
    ccp_held_ref_t   ref;

    keep = rc->keep;

    memset(&ref, 0, sizeof(ccp_held_ref_t));
    ref.kind = kind;
    ref.id = ccp_json_type(v) == CCP_J_OBJECT ? ccp_json_gets(v, "id")
                                              : ccp_json_str(v);
    if (ref.id.n == 0) {
        return CCP_DECLINED;
    }

    ref.id = ccp_str_plain(rc->arena, ref.id);
    if (ref.id.p == NULL) {
        return CCP_NOMEM;
    }

    ccp_out_init(&out, rc->arena, 0);

    res = ccp_responses_recall_history(rc, ref, &last, &out);
    if (res != CCP_OK) {
        return res;
    }

    if (last->pending) {

        /* its upstream alone knows what comes of it */

        keep->owner = last->owner;
        return CCP_DECLINED;
    }

    if (kind == CCP_HELD_LIST) {
        keep->list = last->self;
        keep->before = last->before;

    } else {
        keep->before = last->self;
        keep->named = ref.id;
        keep->owner = last->owner;
    }

    res = ccp_responses_recall_put(rc, input, ccp_out_all(&out));

    ccp_edit_drop(rc->edit, v);

    return res;
}


/* Items of the input that stand for others.  Of those that one upstream has,
 * that one can be told. */

static int
ccp_responses_recall_items(ccp_recall_t *rc, ccp_jval_t input)
{
    int                         res, first;
    ccp_str_t                   text;
    ccp_jiter_t                 it;
    ccp_responses_held_items_t  items;

    memset(&items, 0, sizeof(ccp_responses_held_items_t));
    items.keeper = rc->keeper;
    items.arena = rc->arena;
    first = (rc->keep->before.kind == CCP_HELD_NONE);

    for (it = ccp_json_iter(input); ccp_json_next(&it); ) {

        if (!ccp_responses_held_is_ref(it.val)) {
            continue;
        }

        rc->keep->refs = 1;

        res = ccp_responses_held_item(&items, ccp_json_gets(it.val, "id"),
                                      &text);
        if (res == CCP_NOMEM) {
            return res;
        }

        if (res != CCP_OK) {
            first = 0;
            rc->keep->owner = 0;
            continue;
        }

        if (first) {
            rc->keep->owner = items.answer->owner;
            first = 0;

        } else if (rc->keep->owner != items.answer->owner) {
            rc->keep->owner = 0;
        }

        ccp_edit_set(rc->edit, it.val, text);
    }

    return CCP_OK;
}


/* What is new, for who comes back to the answer. */

static int
ccp_responses_recall_input(ccp_recall_t *rc, ccp_jval_t input)
{
    ccp_out_t  out;

    if (ccp_json_type(input) == CCP_J_ARRAY) {
        rc->keep->input = ccp_responses_held_inside(ccp_json_raw(input));

    } else if (ccp_json_type(input) == CCP_J_STRING) {
        ccp_out_init(&out, rc->arena, 0);
        ccp_w_obj(&out);
        ccp_w_kcstr(&out, "type", "message");
        ccp_w_kcstr(&out, "role", "user");
        ccp_w_kraw(&out, "content", ccp_json_raw(input));
        ccp_w_obj_end(&out);

        if (ccp_out_finish(&out) != CCP_OK) {
            return CCP_NOMEM;
        }

        rc->keep->input = ccp_out_all(&out);
    }

    return CCP_OK;
}


int
ccp_responses_recall(ccp_recall_t *rc)
{
    int          res;
    ccp_jval_t   root, input, answer, list;
    ccp_keep_t  *keep;

    keep = rc->keep;
    root = rc->r->root;
    input = ccp_json_opt(root, "input");
    answer = ccp_json_opt(root, "previous_response_id");
    list = ccp_json_opt(root, "conversation");

    keep->wanted = rc->r->op == CCP_OP_GENERATE
                   && ccp_json_bool(ccp_json_get(root, "store"), 1) == 1;

    res = ccp_responses_recall_input(rc, input);

    if (res == CCP_OK && ccp_json_has(answer) && ccp_json_has(list)) {
        res = ccp_refuse(rc->err, rc->arena, CCP_E_BAD_REQUEST,
                         "previous_response_id and conversation exclude each "
                         "other: send one of them");

    } else if (res == CCP_OK && ccp_json_has(answer)) {
        res = ccp_responses_recall_named(rc, answer, CCP_HELD_ANSWER, input);

    } else if (res == CCP_OK && ccp_json_has(list)) {
        res = ccp_responses_recall_named(rc, list, CCP_HELD_LIST, input);
    }

    if (res == CCP_DECLINED) {

        /* a part of a conversation is none */

        keep->wanted = 0;
        res = CCP_OK;
    }

    return res == CCP_OK ? ccp_responses_recall_items(rc, input) : res;
}
