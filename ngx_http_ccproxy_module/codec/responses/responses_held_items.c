
/*
 * Responses: items that are held, as clients list them.
 */

#include "codec/responses/responses_held.h"
#include "codec/json/json_write.h"
#include "codec/proto/proto_models.h"


#define CCP_RESPONSES_PAGE        20
#define CCP_RESPONSES_PAGE_MAX    100

#define CCP_RESPONSES_ITEM_DIGITS 24


/* How ids of items begin, by their types. */

static const struct {
    const char  *type;
    const char  *prefix;
} ccp_responses_item_prefixes[] = {
    { "message", "msg_" },
    { "reasoning", "rs_" },
    { "function_call", "fc_" },
    { "function_call_output", "fco_" },
    { "custom_tool_call", "ctc_" },
    { "custom_tool_call_output", "ctco_" }
};


static const char *
ccp_responses_item_prefix(ccp_str_t type)
{
    size_t  i;

    for (i = 0; i < ccp_countof(ccp_responses_item_prefixes); i++) {
        if (ccp_str_is(type, ccp_responses_item_prefixes[i].type)) {
            return ccp_responses_item_prefixes[i].prefix;
        }
    }

    return "item_";
}


/* An id for item n of an object, the same whenever it is asked for. */

static ccp_str_t
ccp_responses_item_id(ccp_arena_t *a, const char *prefix, ccp_str_t of,
    size_t n)
{
    ccp_out_t       out;
    const uint8_t  *p;

    ccp_out_init(&out, a, 0);
    ccp_out_bytes(&out, prefix, strlen(prefix));

    p = of.n ? memchr(of.p, '_', of.n) : NULL;

    if (p) {
        ccp_out_bytes(&out, p + 1, of.n - (size_t) (p + 1 - of.p));
    }

    ccp_out_lit(&out, "i");
    ccp_w_int(&out, (int64_t) n);

    return ccp_out_finish(&out) == CCP_OK ? ccp_out_all(&out) : ccp_none;
}


/* The content of a message, in parts. */

static void
ccp_responses_w_content(ccp_out_t *out, ccp_jval_t item, ccp_jval_t content)
{
    if (ccp_json_type(content) != CCP_J_STRING) {
        ccp_w_raw(out, ccp_json_raw(content));
        return;
    }

    ccp_w_arr(out);
    ccp_w_obj(out);

    if (ccp_json_is(ccp_json_get(item, "role"), "assistant")) {
        ccp_w_kcstr(out, "type", "output_text");
        ccp_w_kraw(out, "text", ccp_json_raw(content));
        ccp_w_kraw(out, "annotations", ccp_lit("[]"));

    } else {
        ccp_w_kcstr(out, "type", "input_text");
        ccp_w_kraw(out, "text", ccp_json_raw(content));
    }

    ccp_w_obj_end(out);
    ccp_w_arr_end(out);
}


static void
ccp_responses_w_item(ccp_out_t *out, ccp_jval_t item, ccp_str_t type,
    ccp_str_t id)
{
    int          message;
    ccp_jiter_t  it;

    message = ccp_str_is(type, "message");

    ccp_w_obj(out);
    ccp_w_kstr(out, "id", id);
    ccp_w_kstr(out, "type", type);

    if (message && !ccp_json_has(ccp_json_get(item, "status"))) {
        ccp_w_kcstr(out, "status", "completed");
    }

    for (it = ccp_json_iter(item); ccp_json_next(&it); ) {

        if (ccp_str_is(it.key, "id") || ccp_str_is(it.key, "type")
            || !ccp_json_has(it.val))
        {
            continue;
        }

        ccp_w_keys(out, it.key);

        if (message && ccp_str_is(it.key, "content")) {
            ccp_responses_w_content(out, item, it.val);

        } else {
            ccp_w_raw(out, ccp_json_raw(it.val));
        }
    }

    ccp_w_obj_end(out);
}


int
ccp_responses_held_normal(ccp_responses_held_items_t *items,
    const ccp_held_t *held, ccp_clock_t *clock, ccp_out_t *out)
{
    int          rc;
    size_t       n;
    ccp_out_t    list;
    ccp_str_t    id, type;
    ccp_json_t   doc;
    ccp_jiter_t  it;

    ccp_out_init(&list, items->arena, 0);

    rc = ccp_responses_held_elements(items, held, &list);

    if (rc != CCP_OK || ccp_out_finish(&list) != CCP_OK) {
        return rc != CCP_OK ? rc : CCP_NOMEM;
    }

    rc = ccp_responses_held_array(items->arena, ccp_out_all(&list), &doc);
    if (rc != CCP_OK) {
        return rc;
    }

    n = 0;

    for (it = ccp_json_iter(ccp_json_root(&doc)); ccp_json_next(&it); n++) {

        type = ccp_json_gets(it.val, "type");
        type = type.n ? type : ccp_lit("message");
        id = ccp_json_gets(it.val, "id");

        if (id.n == 0) {
            id = clock
                 ? ccp_id_new(clock, items->arena,
                              ccp_responses_item_prefix(type),
                              CCP_RESPONSES_ITEM_DIGITS)
                 : ccp_responses_item_id(items->arena,
                                         ccp_responses_item_prefix(type),
                                         held->self.id, n);
            if (id.p == NULL) {
                return CCP_NOMEM;
            }
        }

        out->comma = ccp_out_size(out) != 0;
        ccp_responses_w_item(out, it.val, type, id);
    }

    ccp_json_free(&doc);

    return out->err ? CCP_NOMEM : CCP_OK;
}


int
ccp_responses_held_all(ccp_held_call_t *c, ccp_held_ref_t ref,
    const ccp_held_t *last, ccp_json_t *doc)
{
    int                         rc;
    ccp_out_t                   items;
    ccp_held_t                 *h, *named;
    ccp_responses_held_items_t  from;

    memset(&from, 0, sizeof(ccp_responses_held_items_t));
    from.keeper = c->keeper;
    from.arena = c->arena;

    ccp_out_init(&items, c->arena, 0);

    rc = ccp_held_walk(c->keeper, ref, c->arena, &h, &named);

    for ( ; rc == CCP_OK && h; h = h->next) {
        rc = ccp_responses_held_normal(&from, h, NULL, &items);
    }

    if (rc == CCP_OK && last) {
        rc = ccp_responses_held_normal(&from, last, NULL, &items);
    }

    if (rc != CCP_OK || ccp_out_finish(&items) != CCP_OK) {
        return rc != CCP_OK ? rc : CCP_NOMEM;
    }

    return ccp_responses_held_array(c->arena, ccp_out_all(&items), doc);
}


/* ---- pages ---- */

static ccp_jval_t *
ccp_responses_page_items(ccp_held_call_t *c, ccp_json_t *doc, size_t n,
    int up)
{
    size_t        i;
    ccp_jval_t   *v;
    ccp_jiter_t   it;

    v = ccp_alloc(c->arena, (n + 1) * sizeof(ccp_jval_t));
    if (v == NULL) {
        return NULL;
    }

    i = 0;

    for (it = ccp_json_iter(ccp_json_root(doc)); ccp_json_next(&it); i++) {
        v[up ? i : n - 1 - i] = it.val;
    }

    return v;
}


int
ccp_responses_held_page(ccp_held_call_t *c, ccp_json_t *doc)
{
    int           up;
    size_t        i, n, from, size;
    ccp_str_t     after;
    ccp_jval_t   *v;
    ccp_models_t  query;

    memset(&query, 0, sizeof(ccp_models_t));
    query.args = c->args;

    up = ccp_str_is(ccp_models_arg(&query, "order"), "asc");
    after = ccp_models_arg(&query, "after");
    size = ccp_models_number(&query, "limit", CCP_RESPONSES_PAGE);
    size = size < 1 ? 1 : size;
    size = size > CCP_RESPONSES_PAGE_MAX ? CCP_RESPONSES_PAGE_MAX : size;

    n = ccp_json_count(ccp_json_root(doc));

    v = ccp_responses_page_items(c, doc, n, up);
    if (v == NULL) {
        return CCP_NOMEM;
    }

    for (from = 0, i = 0; after.n && i < n; i++) {
        if (ccp_str_eq(ccp_json_gets(v[i], "id"), after)) {
            from = i + 1;
            break;
        }
    }

    size = size > n - from ? n - from : size;

    ccp_w_obj(c->out);
    ccp_w_kcstr(c->out, "object", "list");
    ccp_w_key(c->out, "data");
    ccp_w_arr(c->out);

    for (i = from; i < from + size; i++) {
        ccp_w_raw(c->out, ccp_json_raw(v[i]));
    }

    ccp_w_arr_end(c->out);

    if (size) {
        ccp_w_kstr(c->out, "first_id", ccp_json_gets(v[from], "id"));
        ccp_w_kstr(c->out, "last_id", ccp_json_gets(v[from + size - 1], "id"));

    } else {
        ccp_w_knull(c->out, "first_id");
        ccp_w_knull(c->out, "last_id");
    }

    ccp_w_kbool(c->out, "has_more", from + size < n);
    ccp_w_obj_end(c->out);

    return CCP_OK;
}
