
/*
 * Responses request in: the items of the history.
 *
 * Items are a flat list.  Those of the model that follow one another make up
 * assistant messages; reasoning begins one, since it belongs to what follows.
 */

#include "codec/responses/responses_request.h"
#include "codec/responses/responses.h"
#include "codec/form/form_block.h"
#include "codec/prepare/prepare.h"


typedef struct {
    const char   *type;
    void        (*read)(ccp_responses_reader_t *in, ccp_jval_t v);
} ccp_responses_read_item_t;


/* A message begins: what is written from now on is its. */

static ccp_message_t *
ccp_responses_read_new_message(ccp_responses_reader_t *in, ccp_role_e role)
{
    ccp_message_t  *m;

    m = ccp_in_message(&in->at, role, &in->msgs);

    if (m != NULL) {
        in->last = m;
        in->blocks = &m->blocks;
        in->said = 0;
        in->results = 0;
    }

    return m;
}


/* A place for what the model said; fresh: not behind what it has said. */

static int
ccp_responses_read_turn(ccp_responses_reader_t *in, int fresh)
{
    if (in->last == NULL || in->last->role != CCP_ROLE_ASSISTANT
        || (fresh && in->said))
    {
        return ccp_responses_read_new_message(in, CCP_ROLE_ASSISTANT) != NULL;
    }

    return 1;
}


/* A block of the model's, by its item. */

static ccp_block_t *
ccp_responses_read_add_assistant(ccp_responses_reader_t *in, ccp_block_e kind,
    ccp_jval_t v)
{
    ccp_block_t  *b;

    if (!ccp_responses_read_turn(in, kind == CCP_B_THINK)) {
        return NULL;
    }

    b = ccp_in_block(&in->at, kind, &in->blocks);

    if (b) {
        b->origin = CCP_RESPONSES;
        b->item_id = ccp_json_gets(v, "id");
        in->said |= kind == CCP_B_CALL;
    }

    return b;
}


/* A result; those in a row share a message. */

static ccp_block_t *
ccp_responses_read_add_result(ccp_responses_reader_t *in, ccp_block_e kind,
    ccp_jval_t v)
{
    ccp_block_t  *b;

    if (!in->results
        && ccp_responses_read_new_message(in, CCP_ROLE_USER) == NULL)
    {
        return NULL;
    }

    in->results = 1;
    b = ccp_in_block(&in->at, kind, &in->blocks);

    if (b) {
        b->origin = CCP_RESPONSES;
        b->item_id = ccp_json_gets(v, "id");
    }

    return b;
}


/* ---- messages ---- */

static void
ccp_responses_read_assistant(ccp_responses_reader_t *in, ccp_jval_t v)
{
    ccp_block_t  **first;

    if (!ccp_responses_read_turn(in, 1)) {
        return;
    }

    first = in->blocks;
    ccp_responses_read_content(in, v, "content", &in->blocks);

    if (*first) {
        (*first)->item_id = ccp_json_gets(v, "id");
        in->said = 1;
    }

    in->last->phase = ccp_json_gets(v, "phase");
}


static void
ccp_responses_read_message(ccp_responses_reader_t *in, ccp_jval_t v)
{
    int             developer;
    ccp_jval_t      role;
    ccp_message_t  *m;

    role = ccp_json_get(v, "role");
    developer = ccp_json_is(role, "developer");
    m = NULL;

    if (ccp_json_is(role, "assistant")) {
        ccp_responses_read_assistant(in, v);

    } else if (ccp_json_is(role, "user")) {
        m = ccp_responses_read_new_message(in, CCP_ROLE_USER);

    } else if (!developer && !ccp_json_is(role, "system")) {
        ccp_in_wrong(&in->at, "role", role,
                     "user, assistant, system or developer");

    } else if (in->r->msgs == NULL) {
        ccp_responses_read_content(in, v, "content", &in->system);

    } else {
        m = ccp_responses_read_new_message(in, CCP_ROLE_SYSTEM);
    }

    if (m) {
        m->developer = developer;
        ccp_responses_read_content(in, v, "content", &in->blocks);
    }
}


/* ---- reasoning ---- */

/* The texts of a list of parts as one; a single one as it stands. */

static ccp_str_t
ccp_responses_read_joined(ccp_responses_reader_t *in, ccp_jval_t list)
{
    ccp_buf_t    buf;
    ccp_str_t    s, text;
    ccp_jiter_t  it;

    text = ccp_none;
    ccp_buf_init(&buf, in->at.a, 0);

    for (it = ccp_json_iter(list); ccp_json_next(&it); ) {
        s = ccp_json_gets(it.val, "text");

        if (s.n == 0) {
            continue;
        }

        if (text.p == NULL) {
            text = s;
            continue;
        }

        if (buf.n == 0) {
            (void) ccp_buf_add(&buf, text.p, text.n);
        }

        (void) ccp_buf_add(&buf, "\\n\\n", 4);
        (void) ccp_buf_add(&buf, s.p, s.n);
    }

    if (buf.n) {
        text = ccp_buf_str(&buf, 1);
        text.esc = 1;
    }

    if (buf.err) {
        ccp_in_nomem(&in->at);
    }

    return text;
}


static void
ccp_responses_read_reasoning(ccp_responses_reader_t *in, ccp_jval_t v)
{
    ccp_str_t     item;
    ccp_block_t  *b;

    b = ccp_responses_read_add_assistant(in, CCP_B_THINK, v);
    if (b == NULL) {
        return;
    }

    b->text = ccp_responses_read_joined(in, ccp_json_get(v, "summary"));
    b->summary = b->text.p != NULL;

    if (!b->summary) {
        b->text = ccp_responses_read_joined(in, ccp_json_get(v, "content"));
    }

    b->sig = ccp_json_gets(v, "encrypted_content");

    if (b->sig.n && ccp_carrier_unpack(in->at.a, b->sig, &b->origin,
                                       &b->sig_model, &item, &b->sig))
    {
        /* the item's own id was ours; redacted thinking says so there */

        b->redacted = b->origin == CCP_ANTHROPIC
                      && ccp_str_is(item, "redacted");
        b->item_id = b->redacted ? ccp_none : item;

        if (b->sig.n == 0) {
            b->sig = ccp_none;
        }
    }
}


/* ---- calls ---- */

static void
ccp_responses_read_call(ccp_responses_reader_t *in, ccp_jval_t v)
{
    ccp_block_t  *b;

    b = ccp_responses_read_add_assistant(in, CCP_B_CALL, v);
    if (b == NULL) {
        return;
    }

    b->free_text = ccp_json_is(ccp_json_get(v, "type"), "custom_tool_call");
    b->id = ccp_in_name(&in->at, v, "call_id");
    b->name = ccp_in_name(&in->at, v, "name");
    b->space = ccp_json_gets(v, "namespace");

    if (b->free_text) {
        b->text = ccp_json_gets(v, "input");

    } else {
        ccp_in_args(&in->at, b, v, "arguments", "a string");
    }
}


static void
ccp_responses_read_hosted(ccp_responses_reader_t *in, ccp_jval_t v)
{
    ccp_block_t  *b;

    b = ccp_responses_read_add_assistant(in, CCP_B_HCALL, v);
    if (b == NULL) {
        return;
    }

    b->type = ccp_json_gets(v, "type");
    b->name = b->type;
    b->id = ccp_json_gets(v, "id");
    b->item_id = ccp_none;
    b->raw = ccp_json_raw(v);

    if (ccp_str_is(b->type, "tool_search_output")) {
        b->kind = CCP_B_HRESULT;
    }
}


/* Calls and results of built-ins: the id that ties them. */

static void
ccp_responses_read_builtin(ccp_responses_reader_t *in, ccp_block_t *b,
    ccp_jval_t v)
{
    b->type = ccp_json_gets(v, "type");
    b->raw = ccp_json_raw(v);
    b->id = ccp_json_gets(v, "call_id");

    if (b->id.n == 0) {
        b->id = b->item_id;
    }

    if (b->id.n == 0) {
        ccp_in_wrong(&in->at, "call_id", ccp_json_get(v, "call_id"),
                     "a non-empty string");
    }
}


static void
ccp_responses_read_builtin_call(ccp_responses_reader_t *in, ccp_jval_t v)
{
    ccp_block_t                    *b;
    const ccp_responses_builtin_t  *row;

    if (ccp_json_is(ccp_json_get(v, "type"), "tool_search_call")
        && !ccp_json_is(ccp_json_get(v, "execution"), "client"))
    {
        ccp_responses_read_hosted(in, v);
        return;
    }

    b = ccp_responses_read_add_assistant(in, CCP_B_CALL, v);

    if (b) {
        ccp_responses_read_builtin(in, b, v);
        row = ccp_responses_find_builtin_item(b->type);
        b->name = ccp_cstr(row->tool);
        ccp_in_args(&in->at, b, v, row->member, "an object");
    }
}


/* ---- results ---- */

static void
ccp_responses_read_output(ccp_responses_reader_t *in, ccp_jval_t v)
{
    ccp_jval_t    output;
    ccp_block_t  *b, **tail;

    b = ccp_responses_read_add_result(in, CCP_B_RESULT, v);
    if (b == NULL) {
        return;
    }

    b->id = ccp_in_name(&in->at, v, "call_id");
    b->free_text = ccp_json_is(ccp_json_get(v, "type"),
                               "custom_tool_call_output");
    output = ccp_json_get(v, "output");
    tail = &b->parts;

    if (ccp_json_type(output) == CCP_J_OBJECT) {
        /* some clients leave it to others to write the text of it */
        (void) ccp_in_text(&in->at, ccp_json_raw(output), &tail);

    } else {
        ccp_responses_read_content(in, v, "output", &tail);
    }
}


/* The tools that a search has found can be called from now on. */

static void
ccp_responses_read_found(ccp_responses_reader_t *in, ccp_jval_t v)
{
    ccp_responses_read_tool_list(in, v, ccp_none);
}


static void
ccp_responses_read_builtin_output(ccp_responses_reader_t *in, ccp_jval_t v)
{
    int           search;
    ccp_str_t     text;
    ccp_jval_t    output;
    ccp_block_t  *b, **tail;

    search = ccp_json_is(ccp_json_get(v, "type"), "tool_search_output");

    if (search) {
        ccp_responses_read_found(in, v);

        if (!ccp_json_is(ccp_json_get(v, "execution"), "client")) {
            ccp_responses_read_hosted(in, v);
            return;
        }
    }

    b = ccp_responses_read_add_result(in, CCP_B_RESULT, v);
    if (b == NULL) {
        return;
    }

    ccp_responses_read_builtin(in, b, v);
    b->error = ccp_json_is(ccp_json_get(v, "status"), "failed");

    output = ccp_json_opt(v, search ? "tools" : "output");
    text = ccp_json_type(output) == CCP_J_STRING ? ccp_json_str(output)
                                                 : ccp_json_raw(output);
    if (text.p) {
        tail = &b->parts;
        (void) ccp_in_text(&in->at, text, &tail);
    }
}


/* ---- the rest ---- */

/* Understood by its maker only; the client's own words are the user's. */

static void
ccp_responses_read_opaque(ccp_responses_reader_t *in, ccp_jval_t v)
{
    ccp_str_t     type;
    ccp_block_t  *b;

    type = ccp_json_gets(v, "type");

    if (ccp_str_is(type, "computer_call_output")
        || ccp_str_is(type, "mcp_approval_response"))
    {
        b = ccp_responses_read_add_result(in, CCP_B_OPAQUE, v);

    } else {
        b = ccp_responses_read_add_assistant(in, CCP_B_OPAQUE, v);
    }

    if (b) {
        b->type = type.n ? type : ccp_lit("item_reference");
        b->id = b->item_id;
        b->item_id = ccp_none;
        b->raw = ccp_json_raw(v);
    }
}


static const ccp_responses_read_item_t  ccp_responses_read_item_table[] = {
    { "message", ccp_responses_read_message },
    { "function_call", ccp_responses_read_call },
    { "function_call_output", ccp_responses_read_output },
    { "reasoning", ccp_responses_read_reasoning },
    { "custom_tool_call", ccp_responses_read_call },
    { "custom_tool_call_output", ccp_responses_read_output },
    { "additional_tools", ccp_responses_read_found },
    { "local_shell_call", ccp_responses_read_builtin_call },
    { "local_shell_call_output", ccp_responses_read_builtin_output },
    { "shell_call", ccp_responses_read_builtin_call },
    { "shell_call_output", ccp_responses_read_builtin_output },
    { "apply_patch_call", ccp_responses_read_builtin_call },
    { "apply_patch_call_output", ccp_responses_read_builtin_output },
    { "tool_search_call", ccp_responses_read_builtin_call },
    { "tool_search_output", ccp_responses_read_builtin_output },
    { "web_search_call", ccp_responses_read_hosted },
    { "file_search_call", ccp_responses_read_hosted },
    { "code_interpreter_call", ccp_responses_read_hosted },
    { "image_generation_call", ccp_responses_read_hosted },
    { "computer_call", ccp_responses_read_hosted },
    { "mcp_call", ccp_responses_read_hosted },
    { NULL, ccp_responses_read_opaque }
};


static void
ccp_responses_read_item(ccp_responses_reader_t *in, ccp_jval_t v)
{
    ccp_jval_t                        type;
    const ccp_responses_read_item_t  *row;

    if (!ccp_in_is_object(&in->at, v)) {
        return;
    }

    type = ccp_json_opt(v, "type");

    if (ccp_json_has(ccp_json_opt(v, "role")) && !ccp_json_has(type)) {
        ccp_responses_read_message(in, v);
        return;
    }

    /* an id alone refers to a stored item */

    if (ccp_json_type(type) != CCP_J_STRING
        && (ccp_json_has(type) || ccp_json_gets(v, "id").n == 0))
    {
        ccp_in_wrong(&in->at, "type", ccp_json_get(v, "type"), "a string");
        return;
    }

    for (row = ccp_responses_read_item_table; row->type; row++) {
        if (ccp_json_is(type, row->type)) {
            break;
        }
    }

    row->read(in, v);
}


void
ccp_responses_read_items(ccp_responses_reader_t *in, ccp_jval_t input)
{
    ccp_in_list_t  l;

    if (ccp_json_type(input) == CCP_J_STRING) {
        if (ccp_responses_read_new_message(in, CCP_ROLE_USER)) {
            (void) ccp_in_text(&in->at, ccp_json_str(input), &in->blocks);
        }

        return;
    }

    if (ccp_json_type(input) != CCP_J_ARRAY) {
        ccp_in_wrong(&in->at, "input", input,
                     "a string or an array of items");
        return;
    }

    if (ccp_json_count(input) == 0 && in->needed) {
        ccp_in_refuse(&in->at, "input", "expected at least one item");
    }

    for (l = ccp_in_each(&in->at, input, "input"); ccp_in_next(&l); ) {
        ccp_responses_read_item(in, l.val);
    }
}
