
/*
 * Chat Completions request in: messages and their parts.
 */

#include <stdio.h>

#include "codec/chat/chat_request.h"
#include "codec/chat/chat.h"
#include "codec/form/form_block.h"
#include "codec/prepare/prepare.h"
#include "codec/proto/proto_words.h"


typedef enum {
    CCP_CHAT_SYSTEM,
    CCP_CHAT_DEVELOPER,
    CCP_CHAT_USER,
    CCP_CHAT_ASSISTANT,
    CCP_CHAT_TOOL,
    CCP_CHAT_FUNCTION
} ccp_chat_role_e;

static const ccp_word_t  ccp_chat_role_words[] = {
    { "system", CCP_CHAT_SYSTEM },
    { "developer", CCP_CHAT_DEVELOPER },
    { "user", CCP_CHAT_USER },
    { "assistant", CCP_CHAT_ASSISTANT },
    { "tool", CCP_CHAT_TOOL },
    { "function", CCP_CHAT_FUNCTION },
    { NULL, 0 }
};


/* content: string, array of parts or null; appends to *tail. */

static void
ccp_chat_read_content(ccp_chat_reader_t *in, ccp_jval_t msg,
    ccp_block_t ***tail)
{
    ccp_jval_t      v;
    ccp_block_t    *b;
    ccp_in_list_t   l;

    v = ccp_json_opt(msg, "content");
    b = NULL;

    switch (ccp_json_type(v)) {

    case CCP_J_ABSENT:
        return;

    case CCP_J_STRING:
        b = ccp_in_text(&in->at, ccp_json_str(v), tail);
        break;

    case CCP_J_ARRAY:
        for (l = ccp_in_each(&in->at, v, "content"); ccp_in_next(&l); ) {
            b = ccp_in_block(&in->at, CCP_B_TEXT, tail);

            if (b) {
                ccp_chat_read_part(in, b, l.val);
            }
        }

        break;

    default:
        ccp_in_wrong(&in->at, "content", v, "a string or an array of parts");
    }

    if (b != NULL && b->cache == CCP_CACHE_NONE) {
        b->cache = ccp_chat_read_cache_mark(ccp_json_get(msg,
                                                         "cache_control"));
    }
}


static ccp_message_t *
ccp_chat_read_new_message(ccp_chat_reader_t *in, ccp_role_e role,
    ccp_jval_t msg)
{
    ccp_message_t  *m;

    m = ccp_in_message(&in->at, role, &in->msgs);

    if (m != NULL) {
        m->name = ccp_json_gets(msg, "name");
    }

    return m;
}


static void
ccp_chat_read_user(ccp_chat_reader_t *in, ccp_jval_t msg)
{
    ccp_block_t    **tail;
    ccp_message_t   *m;

    m = ccp_chat_read_new_message(in, CCP_ROLE_USER, msg);

    if (m) {
        tail = &m->blocks;
        ccp_chat_read_content(in, msg, &tail);
    }
}


static void
ccp_chat_read_system(ccp_chat_reader_t *in, ccp_jval_t msg, int developer)
{
    ccp_block_t    **tail;
    ccp_message_t   *m;

    if (in->r->msgs == NULL) {
        ccp_chat_read_content(in, msg, &in->system);
        return;
    }

    m = ccp_chat_read_new_message(in, CCP_ROLE_SYSTEM, msg);

    if (m) {
        m->developer = developer;
        tail = &m->blocks;
        ccp_chat_read_content(in, msg, &tail);
    }
}


/* ---- what the model said ---- */

static void
ccp_chat_read_think_text(ccp_chat_reader_t *in, ccp_str_t text,
    ccp_block_t ***tail)
{
    ccp_block_t  *b;

    b = ccp_in_block(&in->at, CCP_B_THINK, tail);

    if (b) {
        b->origin = CCP_CHAT;
        b->text = text;
    }
}


/*
 * One member of reasoning_details.  Text that reasoning_content repeats is
 * left out; a proof that this module packed comes back to its own origin.
 */

static void
ccp_chat_read_detail(ccp_chat_reader_t *in, ccp_jval_t v, ccp_str_t text,
    ccp_block_t ***tail)
{
    ccp_str_t     sig;
    ccp_block_t  *b;

    b = ccp_in_block(&in->at, CCP_B_THINK, tail);
    if (b == NULL) {
        return;
    }

    b->origin = CCP_CHAT;
    b->text = text;
    sig = ccp_json_gets(v, "signature");
    b->sig = sig.n ? sig : ccp_json_gets(v, "data");

    if (ccp_json_is(ccp_json_get(v, "format"), "ccp1")) {
        sig = b->sig;
        b->redacted = ccp_json_is(ccp_json_get(v, "id"), "redacted");

        if (!ccp_carrier_unpack(in->at.a, sig, &b->origin, &b->sig_model,
                                &b->item_id, &b->sig))
        {
            b->sig = ccp_none;
        }

    } else {
        b->raw = ccp_json_raw(v);
        b->summary = ccp_json_is(ccp_json_get(v, "type"),
                                 "reasoning.summary");
    }
}


static ccp_str_t
ccp_chat_read_detail_text(ccp_jval_t v)
{
    ccp_str_t  s;

    s = ccp_json_gets(v, "text");

    return s.n ? s : ccp_json_gets(v, "summary");
}


static void
ccp_chat_read_reasoning(ccp_chat_reader_t *in, ccp_jval_t msg,
    ccp_block_t ***tail)
{
    int          ours;
    ccp_str_t    text, part;
    ccp_jval_t   details;
    ccp_jiter_t  it;

    text = ccp_json_gets(msg, "reasoning_content");

    if (text.n == 0) {
        text = ccp_json_gets(msg, "reasoning");
    }

    details = ccp_json_get(msg, "reasoning_details");
    ours = 0;

    for (it = ccp_json_iter(details); ccp_json_next(&it); ) {
        if (ccp_chat_read_detail_text(it.val).n) {
            /* they hold the text, piece by piece with its proof */
            text = ccp_none;
        }

        ours += ccp_json_is(ccp_json_get(it.val, "format"), "ccp1");
    }

    /*
     * Our own proof stands for the one text beside it; of several nobody
     * knows which is whose, so the text goes without.
     */

    if (text.n && ours != 1) {
        ccp_chat_read_think_text(in, text, tail);
        text = ccp_none;
    }

    for (it = ccp_json_iter(details); ccp_json_next(&it); ) {
        part = ccp_chat_read_detail_text(it.val);

        if (part.n == 0 && text.n
            && ccp_json_is(ccp_json_get(it.val, "format"), "ccp1"))
        {
            part = text;
            text = ccp_none;
        }

        ccp_chat_read_detail(in, it.val, part, tail);
    }
}


/* An id for a call that has none: the same for the same history. */

static ccp_str_t
ccp_chat_read_make_id(ccp_chat_reader_t *in)
{
    int        n;
    char       buf[32];
    ccp_str_t  id;

    n = snprintf(buf, sizeof(buf), "call_%u", ++in->ncalls);
    id = ccp_str_dup(in->at.a, (ccp_str_t) { (uint8_t *) buf, n, 0, 0 });

    if (id.p == NULL) {
        ccp_in_nomem(&in->at);
    }

    return id;
}


static void
ccp_chat_read_call(ccp_chat_reader_t *in, ccp_jval_t v, ccp_block_t ***tail)
{
    ccp_jval_t    fn;
    const char   *member;
    ccp_block_t  *b;

    b = ccp_in_block(&in->at, CCP_B_CALL, tail);
    if (b == NULL) {
        return;
    }

    b->free_text = ccp_json_is(ccp_json_get(v, "type"), "custom");
    member = b->free_text ? "custom" : "function";
    fn = ccp_in_need(&in->at, v, member, CCP_M_OBJECT);

    b->id = ccp_json_gets(v, "id");

    if (b->id.n == 0) {
        b->id = ccp_chat_read_make_id(in);
    }

    /* Gemini's proof, where its OpenAI endpoint puts it */

    b->sig = ccp_json_gets(ccp_json_get(ccp_json_get(v, "extra_content"),
                                        "google"), "thought_signature");
    b->origin = b->sig.n ? CCP_GEMINI : CCP_CHAT;

    ccp_in_enter(&in->at, member);
    b->name = ccp_in_name(&in->at, fn, "name");

    if (b->free_text) {
        b->text = ccp_json_gets(fn, "input");

    } else {
        ccp_in_args(&in->at, b, fn, "arguments", "a string");
    }

    ccp_in_leave(&in->at);
}


static void
ccp_chat_read_calls(ccp_chat_reader_t *in, ccp_jval_t msg, ccp_block_t ***tail)
{
    ccp_jval_t      v;
    ccp_block_t    *b;
    ccp_in_list_t   l;

    for (l = ccp_in_list(&in->at, msg, "tool_calls"); ccp_in_next(&l); ) {
        ccp_chat_read_call(in, l.val, tail);
    }

    v = ccp_json_opt(msg, "function_call");

    if (ccp_json_gets(v, "name").n == 0) {
        return;
    }

    b = ccp_in_block(&in->at, CCP_B_CALL, tail);

    if (b) {
        b->legacy = 1;
        b->name = ccp_json_gets(v, "name");
        b->id = ccp_chat_read_make_id(in);
        in->legacy = b->id;

        ccp_in_enter(&in->at, "function_call");
        ccp_in_args(&in->at, b, v, "arguments", "a string");
        ccp_in_leave(&in->at);
    }
}


static void
ccp_chat_read_assistant(ccp_chat_reader_t *in, ccp_jval_t msg)
{
    ccp_str_t       refusal;
    ccp_block_t    *b, **tail;
    ccp_message_t  *m;

    m = ccp_chat_read_new_message(in, CCP_ROLE_ASSISTANT, msg);
    if (m == NULL) {
        return;
    }

    tail = &m->blocks;
    ccp_chat_read_reasoning(in, msg, &tail);
    ccp_chat_read_content(in, msg, &tail);

    refusal = ccp_json_gets(msg, "refusal");

    if (refusal.n) {
        b = ccp_in_block(&in->at, CCP_B_REFUSAL, &tail);

        if (b) {
            b->text = refusal;
        }
    }

    ccp_chat_read_calls(in, msg, &tail);
}


/* Results of one step gather in one user message. */

static void
ccp_chat_read_result(ccp_chat_reader_t *in, ccp_jval_t msg, int legacy)
{
    ccp_block_t    *b, **tail;
    ccp_message_t  *m;

    if (in->results == NULL) {
        m = ccp_chat_read_new_message(in, CCP_ROLE_USER, ccp_jabsent);
        if (m == NULL) {
            return;
        }

        in->results = &m->blocks;
    }

    b = ccp_in_block(&in->at, CCP_B_RESULT, &in->results);
    if (b == NULL) {
        return;
    }

    b->name = ccp_json_gets(msg, "name");

    if (legacy) {
        b->legacy = 1;
        b->id = in->legacy.p ? in->legacy : ccp_lit("call_0");

    } else {
        b->id = ccp_json_str(ccp_in_need(&in->at, msg, "tool_call_id",
                                         CCP_M_STRING));
    }

    tail = &b->parts;
    ccp_chat_read_content(in, msg, &tail);
}


static void
ccp_chat_read_message(ccp_chat_reader_t *in, ccp_jval_t msg)
{
    int         role;
    ccp_jval_t  v;

    if (!ccp_in_is_object(&in->at, msg)) {
        return;
    }

    v = ccp_in_need(&in->at, msg, "role", CCP_M_STRING);
    role = ccp_word_find(ccp_chat_role_words, ccp_json_str(v), -1);

    if (role != CCP_CHAT_TOOL && role != CCP_CHAT_FUNCTION) {
        in->results = NULL;
    }

    switch (role) {

    case CCP_CHAT_SYSTEM:
    case CCP_CHAT_DEVELOPER:
        ccp_chat_read_system(in, msg, role == CCP_CHAT_DEVELOPER);
        return;

    case CCP_CHAT_USER:
        ccp_chat_read_user(in, msg);
        return;

    case CCP_CHAT_ASSISTANT:
        ccp_chat_read_assistant(in, msg);
        return;

    case CCP_CHAT_TOOL:
    case CCP_CHAT_FUNCTION:
        ccp_chat_read_result(in, msg, role == CCP_CHAT_FUNCTION);
        return;

    default:
        ccp_in_refuse(&in->at, "role", "expected system, developer, user, "
                      "assistant, tool or function");
    }
}


void
ccp_chat_read_messages(ccp_chat_reader_t *in)
{
    ccp_jval_t     v;
    ccp_in_list_t  l;

    v = ccp_json_get(in->r->root, "messages");

    if (ccp_json_type(v) != CCP_J_ARRAY) {
        ccp_in_wrong(&in->at, "messages", v, "an array of messages");

    } else if (ccp_json_count(v) == 0) {
        ccp_in_refuse(&in->at, "messages", "expected at least one message");
    }

    for (l = ccp_in_each(&in->at, v, "messages"); ccp_in_next(&l); ) {
        ccp_chat_read_message(in, l.val);
    }
}
