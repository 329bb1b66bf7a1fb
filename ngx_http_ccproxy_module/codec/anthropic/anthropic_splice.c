
/*
 * Anthropic to Anthropic: what the server refuses of a conversation that began
 * elsewhere, edited in the client's body: ids of calls (T13), empty messages
 * (T21), words at the end (T66), roots of schemas (T64), threads (T73).
 */

#include "codec/anthropic/anthropic_request.h"
#include "codec/json/json_edit.h"
#include "codec/json/json_write.h"
#include "codec/prepare/prepare.h"
#include "codec/schema/schema.h"


typedef struct {
    const ccp_provider_t  *pr;
    ccp_edit_t            *e;
} ccp_anthropic_splice_t;


static int
ccp_anthropic_splice_is_ruled(const ccp_provider_t *pr)
{
    return pr->id != CCP_ID_ANY || pr->prefill != CCP_PREFILL_KEEP
           || pr->no_threads;
}


/* Whether anything in the messages is to be edited; those that were decoded
 * tell it without a look at the text. */

static int
ccp_anthropic_splice_is_odd(ccp_anthropic_splice_t *s, ccp_request_t *r)
{
    ccp_str_t             id;
    const ccp_block_t    *b;
    const ccp_message_t  *m;

    for (m = r->msgs; m; m = m->next) {
        if (m->role == CCP_ROLE_ASSISTANT
            && (m->blocks == NULL || m->next == NULL))
        {
            return 1;
        }

        for (b = m->blocks; b; b = b->next) {
            if (b->kind != CCP_B_CALL && b->kind != CCP_B_RESULT) {
                continue;
            }

            id = ccp_call_id(s->e->arena, b->id, s->pr->id, "toolu_");

            if (id.p == NULL || !ccp_str_eq(id, b->id)) {
                return 1;
            }
        }
    }

    return 0;
}


static void
ccp_anthropic_splice_id(ccp_anthropic_splice_t *s, ccp_jval_t v)
{
    ccp_str_t  id, fit;

    id = ccp_json_str(v);

    if (id.p == NULL || s->pr->id == CCP_ID_ANY) {
        return;
    }

    fit = ccp_call_id(s->e->arena, id, s->pr->id, "toolu_");

    if (fit.p == NULL) {
        s->e->err = 1;

    } else if (!ccp_str_eq(fit, id)) {
        ccp_edit_set_str(s->e, v, fit);
    }
}


static void
ccp_anthropic_splice_blocks(ccp_anthropic_splice_t *s, ccp_jval_t content)
{
    ccp_str_t    type;
    ccp_jiter_t  it;

    if (ccp_json_type(content) != CCP_J_ARRAY) {
        return;
    }

    for (it = ccp_json_iter(content); ccp_json_next(&it); ) {
        type = ccp_json_gets(it.val, "type");

        if (ccp_str_is(type, "tool_use")) {
            ccp_anthropic_splice_id(s, ccp_json_get(it.val, "id"));

        } else if (ccp_str_is(type, "tool_result")) {
            ccp_anthropic_splice_id(s, ccp_json_get(it.val, "tool_use_id"));
        }
    }
}


/* A message without content, but for the last, is refused. */

static int
ccp_anthropic_splice_is_empty(ccp_jval_t content)
{
    return ccp_json_type(content) == CCP_J_ARRAY
           ? ccp_json_count(content) == 0
           : ccp_json_type(content) == CCP_J_STRING
             && ccp_str_blank(ccp_json_str(content));
}


/* The words at the end: the model goes on with them, or the user asks. */

static void
ccp_anthropic_splice_prefill(ccp_anthropic_splice_t *s, ccp_jval_t messages,
    ccp_jval_t content)
{
    ccp_str_t    text, trimmed;
    ccp_jval_t   last;
    ccp_jiter_t  it;

    if (s->pr->prefill == CCP_PREFILL_NONE) {
        ccp_edit_last(s->e, messages,
                      ccp_lit("{\"role\":\"user\",\"content\":\""
                              CCP_ANTHROPIC_GO_ON "\"}"));
        return;
    }

    last = content;

    if (ccp_json_type(content) == CCP_J_ARRAY) {
        for (it = ccp_json_iter(content); ccp_json_next(&it); ) {
            last = it.val;
        }

        last = ccp_json_is(ccp_json_get(last, "type"), "text")
               ? ccp_json_get(last, "text") : ccp_jabsent;
    }

    text = ccp_json_str(last);
    trimmed = ccp_str_trim_end(text);

    if (trimmed.n && trimmed.n != text.n) {
        ccp_edit_set_str(s->e, last, trimmed);
    }
}


static void
ccp_anthropic_splice_messages(ccp_anthropic_splice_t *s, ccp_jval_t messages)
{
    int          assistant;
    ccp_jval_t   content;
    ccp_jiter_t  it;

    for (it = ccp_json_iter(messages); ccp_json_next(&it); ) {
        assistant = ccp_json_is(ccp_json_get(it.val, "role"), "assistant");
        content = ccp_json_get(it.val, "content");

        if (assistant && ccp_anthropic_splice_is_empty(content)) {
            ccp_edit_drop(s->e, it.val);
            continue;
        }

        ccp_anthropic_splice_blocks(s, content);

        if (assistant && it.pos >= it.end) {
            ccp_anthropic_splice_prefill(s, messages, content);
        }
    }
}


static void
ccp_anthropic_splice_tools(ccp_anthropic_splice_t *s, ccp_request_t *r)
{
    ccp_str_t          fit;
    const ccp_tool_t  *t;

    for (t = r->tools; t && s->pr->schema != CCP_SCHEMA_FULL; t = t->next) {
        if (t->kind != CCP_T_FUNCTION
            || ccp_schema_root_fits(&r->doc, t->schema, CCP_SCHEMA_ARGS))
        {
            continue;
        }

        fit = ccp_schema_of(s->e->arena, &r->doc, t->schema, t->dialect,
                            s->pr->schema, CCP_SCHEMA_ARGS);
        if (fit.p == NULL) {
            s->e->err = 1;
            return;
        }

        ccp_edit_set(s->e, ccp_json_at(&r->doc, t->schema), fit);
    }
}


static int
ccp_anthropic_splice_edit(ccp_request_t *r, const ccp_target_t *t,
    ccp_edit_t *e, ccp_error_t *err)
{
    int                     rc;
    ccp_jval_t              thread;
    ccp_anthropic_splice_t  s;

    s.pr = t->provider;
    s.e = e;

    thread = ccp_json_get(r->root, "thread");

    if (s.pr->no_threads && thread.doc) {
        rc = ccp_anthropic_check_thread(r, e->arena, err);
        if (rc != CCP_OK) {
            return rc;
        }

        ccp_edit_drop(e, thread);
    }

    ccp_anthropic_splice_tools(&s, r);

    if (ccp_anthropic_splice_is_odd(&s, r)) {
        ccp_anthropic_splice_messages(&s, ccp_json_get(r->root, "messages"));
    }

    return CCP_OK;
}


const ccp_splice_ops_t  ccp_anthropic_splice_ops = {
    .is_ruled = ccp_anthropic_splice_is_ruled,
    .edit = ccp_anthropic_splice_edit
};
