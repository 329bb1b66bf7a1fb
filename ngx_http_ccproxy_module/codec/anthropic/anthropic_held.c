
/*
 * Anthropic threads: {"type":"create"} holds the conversation under the id of
 * the answer, {"type":"continue","previous_message_id"} sends only what is
 * new.  The system prompt and the tools are those that the thread was created
 * with.  All upstreams are told the whole conversation.
 */

#include "codec/anthropic/anthropic_held.h"
#include "codec/json/json_write.h"


/* Members of the request that the thread keeps. */

static const char *const  ccp_anthropic_thread_members[] = {
    "system", "tools"
};


int
ccp_anthropic_thread_lost(ccp_error_t *err, ccp_arena_t *a)
{
    int  rc;

    rc = ccp_refuse(err, a, CCP_E_NOT_FOUND,
                    "thread: the message that it goes on from is not stored "
                    "here; send the whole conversation");

    err->code = ccp_lit("thread_not_found");
    err->detailed = 1;

    return rc;
}


/* The inside of an array's text; absent where there is none. */

static ccp_str_t
ccp_anthropic_thread_inside(ccp_jval_t list)
{
    ccp_str_t  s;

    if (ccp_json_type(list) != CCP_J_ARRAY || ccp_json_count(list) == 0) {
        return ccp_none;
    }

    s = ccp_json_raw(list);

    return ccp_str_range(s.p + 1, s.p + s.n - 1);
}


/* What the thread keeps of the request that creates it. */

static int
ccp_anthropic_thread_create(ccp_recall_t *rc)
{
    size_t      i;
    ccp_out_t   out;
    ccp_jval_t  v;

    ccp_out_init(&out, rc->arena, 0);
    ccp_w_obj(&out);

    for (i = 0; i < ccp_countof(ccp_anthropic_thread_members); i++) {

        v = ccp_json_opt(rc->r->root, ccp_anthropic_thread_members[i]);

        if (ccp_json_has(v)) {
            ccp_w_kraw(&out, ccp_anthropic_thread_members[i],
                       ccp_json_raw(v));
        }
    }

    ccp_w_obj_end(&out);

    if (ccp_out_finish(&out) != CCP_OK) {
        return CCP_NOMEM;
    }

    rc->keep->document = ccp_out_all(&out);

    return CCP_OK;
}


static int
ccp_anthropic_thread_restore(ccp_recall_t *rc, ccp_str_t document)
{
    int           res;
    ccp_str_t     name;
    ccp_json_t   *doc;
    ccp_jiter_t   it;

    doc = ccp_calloc(rc->arena, sizeof(ccp_json_t));
    if (doc == NULL) {
        return CCP_NOMEM;
    }

    ccp_json_init(doc, rc->arena);

    res = ccp_json_parse(doc, document.p, document.n, 0, NULL);
    if (res != CCP_OK) {
        return res == CCP_INVALID ? CCP_DECLINED : res;
    }

    for (it = ccp_json_iter(ccp_json_root(doc)); ccp_json_next(&it); ) {

        name = it.key;
        name.json = 0;

        if (!ccp_json_has(ccp_json_member(rc->r->root, (const char *) name.p,
                                          name.n)))
        {
            ccp_edit_add(rc->edit, rc->r->root, name, ccp_json_raw(it.val));
        }
    }

    return CCP_OK;
}


static int
ccp_anthropic_thread_continue(ccp_recall_t *rc, ccp_str_t id,
    ccp_jval_t messages)
{
    int              res;
    ccp_out_t        out;
    ccp_held_t      *h, *last;
    ccp_held_ref_t   ref;

    memset(&ref, 0, sizeof(ccp_held_ref_t));
    ref.kind = CCP_HELD_THREAD;
    ref.id = ccp_str_plain(rc->arena, id);

    if (id.n && ref.id.p == NULL) {
        return CCP_NOMEM;
    }

    res = id.n ? ccp_held_walk(rc->keeper, ref, rc->arena, &h, &last)
               : CCP_DECLINED;

    if (res == CCP_OK) {
        res = ccp_anthropic_thread_restore(rc, h->document);
    }

    if (res == CCP_INVALID) {
        return ccp_refuse(rc->err, rc->arena, CCP_E_TOO_LARGE,
                          "the thread is too long to go on: begin another "
                          "one");
    }

    if (res == CCP_DECLINED) {
        return ccp_anthropic_thread_lost(rc->err, rc->arena);
    }

    if (res != CCP_OK) {
        return res;
    }

    ccp_out_init(&out, rc->arena, 0);

    for ( ; h; h = h->next) {
        ccp_held_join(&out, h->input);
        ccp_held_join(&out, h->output);
    }

    if (ccp_out_finish(&out) != CCP_OK) {
        return CCP_NOMEM;
    }

    rc->keep->before = last->self;

    if (ccp_json_type(messages) == CCP_J_ARRAY) {
        ccp_edit_first(rc->edit, messages, ccp_out_all(&out));
        return CCP_OK;
    }

    return ccp_refuse(rc->err, rc->arena, CCP_E_BAD_REQUEST,
                      "messages: expected an array");
}


int
ccp_anthropic_recall(ccp_recall_t *rc)
{
    int         res;
    ccp_jval_t  thread, type, messages;

    thread = ccp_json_get(rc->r->root, "thread");

    if (!ccp_json_has(thread)) {
        return CCP_OK;
    }

    type = ccp_json_get(thread, "type");
    messages = ccp_json_opt(rc->r->root, "messages");

    if (ccp_json_is(type, "create")) {
        res = ccp_anthropic_thread_create(rc);

    } else if (ccp_json_is(type, "continue")) {
        res = ccp_anthropic_thread_continue(rc, ccp_json_gets(thread,
                                                    "previous_message_id"),
                                            messages);
    } else {
        return ccp_refuse(rc->err, rc->arena, CCP_E_BAD_REQUEST,
                          "thread.type: expected create or continue");
    }

    rc->keep->input = ccp_anthropic_thread_inside(messages);
    rc->keep->wanted = rc->r->op == CCP_OP_GENERATE;

    ccp_edit_drop(rc->edit, thread);

    return res;
}


int
ccp_anthropic_keep(ccp_keep_t *keep, const ccp_keeper_t *keeper,
    ccp_arena_t *a)
{
    int         rc;
    ccp_out_t   out;
    ccp_json_t  doc;
    ccp_jval_t  root, content;
    ccp_held_t  message;

    ccp_json_init(&doc, a);

    rc = keep->whole.p
         ? ccp_json_parse(&doc, keep->whole.p, keep->whole.n, 0, NULL)
         : CCP_INVALID;

    if (rc != CCP_OK) {
        return rc == CCP_INVALID ? CCP_DECLINED : rc;
    }

    root = ccp_json_root(&doc);
    content = ccp_json_get(root, "content");

    memset(&message, 0, sizeof(ccp_held_t));
    message.self.kind = CCP_HELD_THREAD;
    message.self.id = ccp_str_plain(a, keep->id.n
                                       ? keep->id
                                       : ccp_json_gets(root, "id"));
    message.before = keep->before;
    message.input = keep->input;
    message.document = keep->document;

    ccp_out_init(&out, a, 0);

    if (ccp_json_count(content)) {
        ccp_w_obj(&out);
        ccp_w_kcstr(&out, "role", "assistant");
        ccp_w_kraw(&out, "content", ccp_json_raw(content));
        ccp_w_obj_end(&out);
    }

    if (ccp_out_finish(&out) != CCP_OK) {
        return CCP_NOMEM;
    }

    message.output = ccp_out_all(&out);

    return ccp_held_put(keeper, &message, a);
}
