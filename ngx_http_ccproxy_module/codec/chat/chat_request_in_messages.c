
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

static int
ccp_chat_read_content(ccp_chat_reader_t *in, ccp_jval_t msg,
    ccp_block_t ***tail)
{
    int           i, rc;
    ccp_jval_t    v;
    ccp_block_t  *b;
    ccp_jiter_t   it;

    v = ccp_json_opt(msg, "content");
    b = NULL;

    switch (ccp_json_type(v)) {

    case CCP_J_ABSENT:
        return CCP_OK;

    case CCP_J_STRING:
        b = ccp_block_new(in->a, CCP_B_TEXT);
        if (b == NULL) {
            return CCP_NOMEM;
        }

        b->text = ccp_json_str(v);
        *tail = ccp_block_push(*tail, b);
        break;

    case CCP_J_ARRAY:
        for (i = 0, it = ccp_json_iter(v); ccp_json_next(&it); i++) {
            b = ccp_block_new(in->a, CCP_B_TEXT);
            if (b == NULL) {
                return CCP_NOMEM;
            }

            rc = ccp_chat_read_part(in, b, it.val, i);
            if (rc != CCP_OK) {
                return rc;
            }

            *tail = ccp_block_push(*tail, b);
        }

        break;

    default:
        return ccp_chat_read_type_error(in, v, "a string or an array of parts",
                                        "messages[%u].content", in->msg);
    }

    if (b != NULL && b->cache == CCP_CACHE_NONE) {
        b->cache = ccp_chat_read_cache_mark(ccp_json_get(msg,
                                                         "cache_control"));
    }

    return CCP_OK;
}


static ccp_message_t *
ccp_chat_read_new_message(ccp_chat_reader_t *in, ccp_role_e role,
    ccp_jval_t msg)
{
    ccp_message_t  *m;

    m = ccp_message_new(in->a, role);

    if (m != NULL) {
        m->name = ccp_json_gets(msg, "name");
        *in->msgs = m;
        in->msgs = &m->next;
    }

    return m;
}


static int
ccp_chat_read_system(ccp_chat_reader_t *in, ccp_jval_t msg, int developer)
{
    ccp_block_t    **tail;
    ccp_message_t   *m;

    if (in->r->msgs == NULL) {
        return ccp_chat_read_content(in, msg, &in->system);
    }

    m = ccp_chat_read_new_message(in, CCP_ROLE_SYSTEM, msg);
    if (m == NULL) {
        return CCP_NOMEM;
    }

    m->developer = developer;
    tail = &m->blocks;

    return ccp_chat_read_content(in, msg, &tail);
}


/*
 * One member of reasoning_details.  Text that reasoning_content repeats is
 * left out; a proof that this module packed comes back to its own origin.
 */

static int
ccp_chat_read_detail(ccp_chat_reader_t *in, ccp_jval_t v, ccp_str_t text,
    ccp_block_t ***tail)
{
    ccp_str_t     sig;
    ccp_block_t  *b;

    b = ccp_block_new(in->a, CCP_B_THINK);
    if (b == NULL) {
        return CCP_NOMEM;
    }

    b->origin = CCP_CHAT;
    b->text = text;
    sig = ccp_json_gets(v, "signature");
    b->sig = sig.n ? sig : ccp_json_gets(v, "data");

    if (ccp_json_is(ccp_json_get(v, "format"), "ccp1")) {
        sig = b->sig;
        b->redacted = ccp_json_is(ccp_json_get(v, "id"), "redacted");

        if (!ccp_carrier_unpack(in->a, sig, &b->origin, &b->sig_model,
                                &b->item_id, &b->sig))
        {
            b->sig = ccp_none;
        }

    } else {
        b->raw = ccp_json_raw(v);
        b->summary = ccp_json_is(ccp_json_get(v, "type"),
                                 "reasoning.summary");
    }

    *tail = ccp_block_push(*tail, b);

    return CCP_OK;
}


static ccp_str_t
ccp_chat_read_detail_text(ccp_jval_t v)
{
    ccp_str_t  s;

    s = ccp_json_gets(v, "text");

    return s.n ? s : ccp_json_gets(v, "summary");
}


static int
ccp_chat_read_reasoning(ccp_chat_reader_t *in, ccp_jval_t msg,
    ccp_block_t ***tail)
{
    int           ours, rc;
    ccp_str_t     text, part;
    ccp_jval_t    details;
    ccp_block_t  *b;
    ccp_jiter_t   it;

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
        b = ccp_block_new(in->a, CCP_B_THINK);
        if (b == NULL) {
            return CCP_NOMEM;
        }

        b->origin = CCP_CHAT;
        b->text = text;
        *tail = ccp_block_push(*tail, b);
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

        rc = ccp_chat_read_detail(in, it.val, part, tail);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    return CCP_OK;
}


/* An id for a call that has none: the same for the same history. */

static ccp_str_t
ccp_chat_read_make_id(ccp_chat_reader_t *in)
{
    int   n;
    char  buf[32];

    n = snprintf(buf, sizeof(buf), "call_%u", ++in->ncalls);

    return ccp_str_dup(in->a, (ccp_str_t) { (uint8_t *) buf, n, 0, 0 });
}


static int
ccp_chat_read_arguments(ccp_chat_reader_t *in, ccp_block_t *b, ccp_jval_t v,
    const char *where)
{
    switch (ccp_json_type(v)) {

    case CCP_J_ABSENT:
    case CCP_J_NULL:
        b->text = ccp_lit("");
        return CCP_OK;

    case CCP_J_STRING:
        b->text = ccp_json_str(v);
        return CCP_OK;

    case CCP_J_OBJECT:
        b->text = ccp_json_raw(v);
        return CCP_OK;

    default:
        return ccp_chat_read_type_error(in, v, "a string", "%s.arguments",
                                        where);
    }
}


static int
ccp_chat_read_call(ccp_chat_reader_t *in, ccp_jval_t v, int i,
    ccp_block_t ***tail)
{
    int           rc;
    char          where[96];
    ccp_jval_t    fn;
    ccp_block_t  *b;

    b = ccp_block_new(in->a, CCP_B_CALL);
    if (b == NULL) {
        return CCP_NOMEM;
    }

    b->free_text = ccp_json_is(ccp_json_get(v, "type"), "custom");
    snprintf(where, sizeof(where), "messages[%u].tool_calls[%d].%s", in->msg,
             i, b->free_text ? "custom" : "function");
    fn = ccp_json_get(v, b->free_text ? "custom" : "function");

    if (ccp_json_type(fn) != CCP_J_OBJECT) {
        return ccp_chat_read_type_error(in, fn, "an object", "%s", where);
    }

    b->name = ccp_json_gets(fn, "name");

    if (b->name.n == 0) {
        return ccp_chat_read_type_error(in, ccp_json_get(fn, "name"),
                                        "a non-empty string", "%s.name",
                                        where);
    }

    b->id = ccp_json_gets(v, "id");

    if (b->id.n == 0) {
        b->id = ccp_chat_read_make_id(in);
        if (b->id.p == NULL) {
            return CCP_NOMEM;
        }
    }

    /* Gemini's proof, where its OpenAI endpoint puts it */

    b->sig = ccp_json_gets(ccp_json_get(ccp_json_get(v, "extra_content"),
                                        "google"), "thought_signature");
    b->origin = b->sig.n ? CCP_GEMINI : CCP_CHAT;
    rc = CCP_OK;

    if (b->free_text) {
        b->text = ccp_json_gets(fn, "input");

    } else {
        rc = ccp_chat_read_arguments(in, b, ccp_json_get(fn, "arguments"),
                                     where);
    }

    *tail = ccp_block_push(*tail, b);

    return rc;
}


static int
ccp_chat_read_calls(ccp_chat_reader_t *in, ccp_jval_t msg, ccp_block_t ***tail)
{
    int           i, rc;
    char          where[64];
    ccp_jval_t    v;
    ccp_jiter_t   it;
    ccp_block_t  *b;

    v = ccp_json_opt(msg, "tool_calls");

    if (ccp_json_has(v) && ccp_json_type(v) != CCP_J_ARRAY) {
        return ccp_chat_read_type_error(in, v, "an array",
                                        "messages[%u].tool_calls", in->msg);
    }

    for (i = 0, it = ccp_json_iter(v); ccp_json_next(&it); i++) {
        rc = ccp_chat_read_call(in, it.val, i, tail);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    v = ccp_json_opt(msg, "function_call");

    if (ccp_json_gets(v, "name").n == 0) {
        return CCP_OK;
    }

    b = ccp_block_new(in->a, CCP_B_CALL);
    if (b == NULL) {
        return CCP_NOMEM;
    }

    b->legacy = 1;
    b->name = ccp_json_gets(v, "name");
    b->id = ccp_chat_read_make_id(in);
    in->legacy = b->id;
    *tail = ccp_block_push(*tail, b);
    snprintf(where, sizeof(where), "messages[%u].function_call", in->msg);

    if (b->id.p == NULL) {
        return CCP_NOMEM;
    }

    return ccp_chat_read_arguments(in, b, ccp_json_get(v, "arguments"), where);
}


static int
ccp_chat_read_assistant(ccp_chat_reader_t *in, ccp_jval_t msg)
{
    int             rc;
    ccp_str_t       refusal;
    ccp_block_t    *b, **tail;
    ccp_message_t  *m;

    m = ccp_chat_read_new_message(in, CCP_ROLE_ASSISTANT, msg);
    if (m == NULL) {
        return CCP_NOMEM;
    }

    tail = &m->blocks;
    rc = ccp_chat_read_reasoning(in, msg, &tail);

    if (rc == CCP_OK) {
        rc = ccp_chat_read_content(in, msg, &tail);
    }

    refusal = ccp_json_gets(msg, "refusal");

    if (rc == CCP_OK && refusal.n) {
        b = ccp_block_new(in->a, CCP_B_REFUSAL);
        if (b == NULL) {
            return CCP_NOMEM;
        }

        b->text = refusal;
        tail = ccp_block_push(tail, b);
    }

    return rc == CCP_OK ? ccp_chat_read_calls(in, msg, &tail) : rc;
}


/* Results of one step gather in one user message. */

static int
ccp_chat_read_result(ccp_chat_reader_t *in, ccp_jval_t msg, int legacy)
{
    ccp_jval_t      v;
    ccp_block_t    *b, **tail;
    ccp_message_t  *m;

    b = ccp_block_new(in->a, CCP_B_RESULT);
    if (b == NULL) {
        return CCP_NOMEM;
    }

    b->name = ccp_json_gets(msg, "name");

    if (legacy) {
        b->legacy = 1;
        b->id = in->legacy.p ? in->legacy : ccp_lit("call_0");

    } else {
        v = ccp_json_get(msg, "tool_call_id");

        if (ccp_json_type(v) != CCP_J_STRING) {
            return ccp_chat_read_type_error(in, v, "a string",
                                            "messages[%u].tool_call_id",
                                            in->msg);
        }

        b->id = ccp_json_str(v);
    }

    if (in->results == NULL) {
        m = ccp_chat_read_new_message(in, CCP_ROLE_USER, ccp_jabsent);
        if (m == NULL) {
            return CCP_NOMEM;
        }

        in->results = &m->blocks;
    }

    in->results = ccp_block_push(in->results, b);
    tail = &b->parts;

    return ccp_chat_read_content(in, msg, &tail);
}


static int
ccp_chat_read_user(ccp_chat_reader_t *in, ccp_jval_t msg)
{
    ccp_block_t    **tail;
    ccp_message_t   *m;

    m = ccp_chat_read_new_message(in, CCP_ROLE_USER, msg);
    if (m == NULL) {
        return CCP_NOMEM;
    }

    tail = &m->blocks;

    return ccp_chat_read_content(in, msg, &tail);
}


static int
ccp_chat_read_message(ccp_chat_reader_t *in, ccp_jval_t msg)
{
    int         role;
    ccp_jval_t  v;

    if (ccp_json_type(msg) != CCP_J_OBJECT) {
        return ccp_chat_read_type_error(in, msg, "an object", "messages[%u]",
                                        in->msg);
    }

    v = ccp_json_get(msg, "role");

    if (ccp_json_type(v) != CCP_J_STRING) {
        return ccp_chat_read_type_error(in, v, "a string", "messages[%u].role",
                                        in->msg);
    }

    role = ccp_word_find(ccp_chat_role_words, ccp_json_str(v), -1);

    if (role != CCP_CHAT_TOOL && role != CCP_CHAT_FUNCTION) {
        in->results = NULL;
    }

    switch (role) {

    case CCP_CHAT_SYSTEM:
    case CCP_CHAT_DEVELOPER:
        return ccp_chat_read_system(in, msg, role == CCP_CHAT_DEVELOPER);

    case CCP_CHAT_USER:
        return ccp_chat_read_user(in, msg);

    case CCP_CHAT_ASSISTANT:
        return ccp_chat_read_assistant(in, msg);

    case CCP_CHAT_TOOL:
    case CCP_CHAT_FUNCTION:
        return ccp_chat_read_result(in, msg, role == CCP_CHAT_FUNCTION);

    default:
        return ccp_refuse(in->err, in->a, CCP_E_BAD_REQUEST,
                          "messages[%u].role: expected system, developer, "
                          "user, assistant, tool or function", in->msg);
    }
}


int
ccp_chat_read_messages(ccp_chat_reader_t *in, ccp_jval_t msgs)
{
    int          rc;
    ccp_jiter_t  it;

    in->msg = 0;

    for (it = ccp_json_iter(msgs); ccp_json_next(&it); in->msg++) {
        rc = ccp_chat_read_message(in, it.val);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    return CCP_OK;
}
