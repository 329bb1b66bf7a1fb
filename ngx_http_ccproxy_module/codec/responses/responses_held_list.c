
/*
 * Responses: conversations with a name of their own, /v1/conversations.
 *
 * A conversation is an object that names its last part; what is added to it is
 * a part of its own, which goes on from that.
 */

#include "codec/responses/responses_held.h"
#include "codec/json/json_write.h"


#define CCP_RESPONSES_LIST_DIGITS  24


/* CCP_DECLINED where an object is missing: which one, the path tells. */

static int
ccp_responses_list_missing(ccp_held_call_t *c, int rc, ccp_str_t id)
{
    if (rc == CCP_INVALID && c->err->cls == CCP_E_NONE) {
        return ccp_refuse(c->err, c->arena, CCP_E_TOO_LARGE,
                          "the conversation is too long");
    }

    return rc == CCP_DECLINED
           ? ccp_responses_held_missing(c, "Conversation", id,
                                        "conversation_not_found")
           : rc;
}


static int
ccp_responses_list_get(ccp_held_call_t *c, ccp_str_t id, ccp_held_t **list)
{
    ccp_held_ref_t  ref;

    memset(&ref, 0, sizeof(ccp_held_ref_t));
    ref.kind = CCP_HELD_LIST;
    ref.id = id;

    return ccp_held_get(c->keeper, ref, c->arena, list);
}


/* ---- items ---- */

/*
 * The items of a body, as they are kept, with ids of their own; *elements is
 * empty where there are none.
 */

static int
ccp_responses_list_items(ccp_held_call_t *c, ccp_str_t *elements)
{
    int                         rc;
    ccp_out_t                   out;
    ccp_jval_t                  v;
    ccp_jiter_t                 it;
    ccp_held_t                  held;
    ccp_responses_held_items_t  from;

    *elements = ccp_none;
    v = ccp_json_opt(c->root, "items");

    if (!ccp_json_has(v)) {
        return CCP_OK;
    }

    if (ccp_json_type(v) != CCP_J_ARRAY) {
        return ccp_refuse(c->err, c->arena, CCP_E_BAD_REQUEST,
                          "items: expected an array of items");
    }

    for (it = ccp_json_iter(v); ccp_json_next(&it); ) {
        if (ccp_json_type(it.val) != CCP_J_OBJECT
            || ccp_responses_held_is_ref(it.val))
        {
            return ccp_refuse(c->err, c->arena, CCP_E_BAD_REQUEST,
                              "items: expected objects with a type or role");
        }
    }

    memset(&held, 0, sizeof(ccp_held_t));
    held.input = ccp_responses_held_inside(ccp_json_raw(v));

    memset(&from, 0, sizeof(ccp_responses_held_items_t));
    from.keeper = c->keeper;
    from.arena = c->arena;

    ccp_out_init(&out, c->arena, 0);

    rc = ccp_responses_held_normal(&from, &held, c->clock, &out);

    if (rc == CCP_OK) {
        rc = ccp_out_finish(&out);
    }

    *elements = ccp_out_all(&out);

    return rc;
}


/* A part of nothing but items. */

static int
ccp_responses_list_part(ccp_held_call_t *c, ccp_held_t *part,
    ccp_str_t elements)
{
    memset(part, 0, sizeof(ccp_held_t));
    part->self.kind = CCP_HELD_PART;
    part->self.id = ccp_id_new(c->clock, c->arena, "part_",
                               CCP_RESPONSES_LIST_DIGITS);
    part->input = elements;

    return part->self.id.p ? CCP_OK : CCP_NOMEM;
}


/* What can't be kept is no answer to a request to keep it. */

static int
ccp_responses_list_kept(ccp_held_call_t *c, int rc)
{
    return rc == CCP_DECLINED
           ? ccp_refuse(c->err, c->arena, CCP_E_TOO_LARGE,
                        "the items are longer than what is held at a time: "
                        "send fewer at once")
           : rc;
}


static int
ccp_responses_list_add(ccp_held_call_t *c, ccp_str_t id)
{
    int          rc;
    ccp_str_t    elements;
    ccp_held_t   part, *list;
    ccp_json_t   doc;

    rc = ccp_responses_list_get(c, id, &list);

    if (rc == CCP_OK) {
        rc = ccp_responses_list_items(c, &elements);
    }

    if (rc == CCP_OK && elements.n == 0) {
        return ccp_refuse(c->err, c->arena, CCP_E_BAD_REQUEST,
                          "items: expected at least one item");
    }

    if (rc == CCP_OK) {
        rc = ccp_responses_list_part(c, &part, elements);
    }

    if (rc != CCP_OK) {
        return rc;
    }

    rc = ccp_responses_keep_part(c->keeper, c->arena, id, &part);
    if (rc != CCP_OK) {
        return ccp_responses_list_kept(c, rc);
    }

    rc = ccp_responses_held_array(c->arena, elements, &doc);

    c->args = ccp_lit("order=asc&limit=100");

    return rc == CCP_OK ? ccp_responses_held_page(c, &doc) : CCP_NOMEM;
}


/* All other items become one part. */

static int
ccp_responses_list_cut(ccp_held_call_t *c, ccp_held_t *list, ccp_json_t *doc,
    ccp_jval_t item)
{
    int          rc;
    ccp_out_t    out;
    ccp_held_t   part;
    ccp_jiter_t  it;

    ccp_out_init(&out, c->arena, 0);

    for (it = ccp_json_iter(ccp_json_root(doc)); ccp_json_next(&it); ) {
        if (it.val.i != item.i) {
            ccp_held_join(&out, ccp_json_raw(it.val));
        }
    }

    if (ccp_out_finish(&out) != CCP_OK) {
        return CCP_NOMEM;
    }

    rc = ccp_responses_list_part(c, &part, ccp_out_all(&out));

    if (rc == CCP_OK) {
        rc = ccp_held_put(c->keeper, &part, c->arena);
    }

    if (rc == CCP_OK) {
        list->before = part.self;
        rc = ccp_held_put(c->keeper, list, c->arena);
    }

    if (rc == CCP_OK) {
        ccp_out_bytes(c->out, list->document.p, list->document.n);
    }

    return ccp_responses_list_kept(c, rc);
}


static int
ccp_responses_list_item(ccp_held_call_t *c, const ccp_str_t *path)
{
    int          rc;
    ccp_json_t   doc;
    ccp_held_t  *list;
    ccp_jiter_t  it;

    rc = ccp_responses_list_get(c, path[0], &list);

    if (rc == CCP_OK) {
        rc = ccp_responses_held_all(c, list->self, NULL, &doc);
    }

    if (rc != CCP_OK) {
        return rc;
    }

    for (it = ccp_json_iter(ccp_json_root(&doc)); ccp_json_next(&it); ) {

        if (!ccp_str_eq(ccp_json_gets(it.val, "id"), path[2])) {
            continue;
        }

        if (ccp_str_is(c->method, "DELETE")) {
            return ccp_responses_list_cut(c, list, &doc, it.val);
        }

        ccp_w_raw(c->out, ccp_json_raw(it.val));

        return CCP_OK;
    }

    return ccp_responses_held_missing(c, "Item", path[2], "item_not_found");
}


/* ---- conversations ---- */

static int
ccp_responses_list_document(ccp_held_call_t *c, ccp_held_t *list,
    int64_t created)
{
    ccp_out_t   out;
    ccp_jval_t  v;

    v = ccp_json_opt(c->root, "metadata");

    if (ccp_json_has(v) && ccp_json_type(v) != CCP_J_OBJECT) {
        return ccp_refuse(c->err, c->arena, CCP_E_BAD_REQUEST,
                          "metadata: expected an object");
    }

    ccp_out_init(&out, c->arena, 0);
    ccp_w_obj(&out);
    ccp_w_kstr(&out, "id", list->self.id);
    ccp_w_kcstr(&out, "object", "conversation");
    ccp_w_kint(&out, "created_at", created);
    ccp_w_kraw(&out, "metadata",
               ccp_json_has(v) ? ccp_json_raw(v) : ccp_lit("{}"));
    ccp_w_obj_end(&out);

    if (ccp_out_finish(&out) != CCP_OK) {
        return CCP_NOMEM;
    }

    list->document = ccp_out_all(&out);

    return CCP_OK;
}


static int
ccp_responses_list_make(ccp_held_call_t *c)
{
    int         rc;
    ccp_str_t   elements;
    ccp_held_t  list, part;

    memset(&list, 0, sizeof(ccp_held_t));
    list.self.kind = CCP_HELD_LIST;
    list.self.id = ccp_id_new(c->clock, c->arena, "conv_",
                              CCP_RESPONSES_LIST_DIGITS);
    if (list.self.id.p == NULL) {
        return CCP_NOMEM;
    }

    rc = ccp_responses_list_items(c, &elements);

    if (rc == CCP_OK && elements.n) {
        rc = ccp_responses_list_part(c, &part, elements);

        if (rc == CCP_OK) {
            rc = ccp_held_put(c->keeper, &part, c->arena);
        }

        list.before = part.self;
    }

    if (rc == CCP_OK) {
        rc = ccp_responses_list_document(c, &list,
                                         c->clock->now_ns(c->clock->ctx)
                                         / 1000000000);
    }

    if (rc == CCP_OK) {
        rc = ccp_held_put(c->keeper, &list, c->arena);
    }

    if (rc == CCP_OK) {
        ccp_out_bytes(c->out, list.document.p, list.document.n);
    }

    return ccp_responses_list_kept(c, rc);
}


static int
ccp_responses_list_update(ccp_held_call_t *c, ccp_held_t *list)
{
    int         rc;
    int64_t     created;
    ccp_json_t  doc;

    ccp_json_init(&doc, c->arena);

    rc = ccp_json_parse(&doc, list->document.p, list->document.n, 0, NULL);
    if (rc != CCP_OK) {
        return rc == CCP_INVALID ? CCP_DECLINED : rc;
    }

    created = ccp_json_int(ccp_json_get(ccp_json_root(&doc), "created_at"), 0);

    rc = ccp_responses_list_document(c, list, created);

    if (rc == CCP_OK) {
        rc = ccp_held_put(c->keeper, list, c->arena);
    }

    if (rc == CCP_OK) {
        ccp_out_bytes(c->out, list->document.p, list->document.n);
    }

    return ccp_responses_list_kept(c, rc);
}


static int
ccp_responses_list_one(ccp_held_call_t *c, ccp_str_t id)
{
    int          rc;
    ccp_held_t  *list;

    rc = ccp_responses_list_get(c, id, &list);
    if (rc != CCP_OK) {
        return rc;
    }

    if (ccp_str_is(c->method, "POST")) {
        return ccp_responses_list_update(c, list);
    }

    if (ccp_str_is(c->method, "GET")) {
        ccp_out_bytes(c->out, list->document.p, list->document.n);
        return CCP_OK;
    }

    if (c->keeper->drop(c->keeper->ctx, &list->self) != CCP_OK) {
        return CCP_DECLINED;
    }

    ccp_w_obj(c->out);
    ccp_w_kstr(c->out, "id", id);
    ccp_w_kcstr(c->out, "object", "conversation.deleted");
    ccp_w_kbool(c->out, "deleted", 1);
    ccp_w_obj_end(c->out);

    return CCP_OK;
}


static int
ccp_responses_list_list(ccp_held_call_t *c, ccp_str_t id)
{
    int             rc;
    ccp_json_t      doc;
    ccp_held_ref_t  ref;

    memset(&ref, 0, sizeof(ccp_held_ref_t));
    ref.kind = CCP_HELD_LIST;
    ref.id = id;

    rc = ccp_responses_held_all(c, ref, NULL, &doc);

    return rc == CCP_OK ? ccp_responses_held_page(c, &doc) : rc;
}


int
ccp_responses_held_list(ccp_held_call_t *c, const ccp_str_t *path, size_t n)
{
    int  rc, get, post, drop;

    get = ccp_str_is(c->method, "GET");
    post = ccp_str_is(c->method, "POST");
    drop = ccp_str_is(c->method, "DELETE");

    if (n == 0) {
        return post ? ccp_responses_list_make(c) : CCP_DECLINED;
    }

    if (n > 1 && !ccp_str_is(path[1], "items")) {
        return CCP_DECLINED;
    }

    if (n == 1 && (get || post || drop)) {
        rc = ccp_responses_list_one(c, path[0]);

    } else if (n == 2 && get) {
        rc = ccp_responses_list_list(c, path[0]);

    } else if (n == 2 && post) {
        rc = ccp_responses_list_add(c, path[0]);

    } else if (n == 3 && (get || drop)) {
        rc = ccp_responses_list_item(c, path);

    } else {
        return CCP_DECLINED;
    }

    return ccp_responses_list_missing(c, rc, path[0]);
}
