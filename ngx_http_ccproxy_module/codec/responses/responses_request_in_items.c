
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


typedef int (*ccp_responses_read_item_pt)(ccp_responses_reader_t *in,
                                          ccp_jval_t v);

typedef struct {
    const char                 *type;
    ccp_responses_read_item_pt  read;
} ccp_responses_read_item_t;


/* A string member that must not be empty; absent: the error is set. */

static ccp_str_t
ccp_responses_read_needed(ccp_responses_reader_t *in, ccp_jval_t v,
    const char *member, int *rc)
{
    ccp_str_t  s;

    s = ccp_json_gets(v, member);

    if (s.n == 0 && *rc == CCP_OK) {
        *rc = ccp_responses_read_item_error(in, ccp_json_get(v, member),
                                            "a non-empty string", member);
    }

    return s;
}


static ccp_message_t *
ccp_responses_read_new_message(ccp_responses_reader_t *in, ccp_role_e role)
{
    ccp_message_t  *m;

    m = ccp_message_new(in->a, role);

    if (m != NULL) {
        *in->msgs = m;
        in->msgs = &m->next;
        in->last = m;
        in->blocks = &m->blocks;
        in->said = 0;
        in->results = 0;
    }

    return m;
}


/* A block of the model's; fresh: not behind what it has said already. */

static int
ccp_responses_read_add_assistant(ccp_responses_reader_t *in, ccp_block_t *b,
    int fresh)
{
    if (in->last == NULL || in->last->role != CCP_ROLE_ASSISTANT
        || (fresh && in->said))
    {
        if (ccp_responses_read_new_message(in, CCP_ROLE_ASSISTANT) == NULL) {
            return CCP_NOMEM;
        }
    }

    if (b) {
        in->blocks = ccp_block_push(in->blocks, b);
        in->said |= b->kind == CCP_B_CALL;
    }

    return CCP_OK;
}


/* A result; those in a row share a message. */

static int
ccp_responses_read_add_result(ccp_responses_reader_t *in, ccp_block_t *b)
{
    if (in->last == NULL || !in->results) {
        if (ccp_responses_read_new_message(in, CCP_ROLE_USER) == NULL) {
            return CCP_NOMEM;
        }

        in->results = 1;
    }

    in->blocks = ccp_block_push(in->blocks, b);

    return CCP_OK;
}


/* ---- messages ---- */

static int
ccp_responses_read_assistant(ccp_responses_reader_t *in, ccp_jval_t v)
{
    int            rc;
    ccp_block_t  **first;

    if (ccp_responses_read_add_assistant(in, NULL, 1) != CCP_OK) {
        return CCP_NOMEM;
    }

    first = in->blocks;
    rc = ccp_responses_read_content(in, ccp_json_get(v, "content"), "content",
                                    &in->blocks);

    if (*first) {
        (*first)->item_id = ccp_json_gets(v, "id");
        in->said = 1;
    }

    in->last->phase = ccp_json_gets(v, "phase");

    return rc;
}


static int
ccp_responses_read_message(ccp_responses_reader_t *in, ccp_jval_t v)
{
    int             developer;
    ccp_jval_t      role, content;
    ccp_message_t  *m;

    role = ccp_json_get(v, "role");
    content = ccp_json_get(v, "content");
    developer = ccp_json_is(role, "developer");

    if (ccp_json_is(role, "assistant")) {
        return ccp_responses_read_assistant(in, v);
    }

    if (developer || ccp_json_is(role, "system")) {
        if (in->r->msgs == NULL) {
            return ccp_responses_read_content(in, content, "content",
                                              &in->system);
        }

        m = ccp_responses_read_new_message(in, CCP_ROLE_SYSTEM);

    } else if (ccp_json_is(role, "user")) {
        developer = 0;
        m = ccp_responses_read_new_message(in, CCP_ROLE_USER);

    } else {
        return ccp_responses_read_item_error(in, role,
                                             "user, assistant, system or "
                                             "developer", "role");
    }

    if (m == NULL) {
        return CCP_NOMEM;
    }

    m->developer = developer;

    return ccp_responses_read_content(in, content, "content", &in->blocks);
}


/* ---- reasoning ---- */

/* The texts of a list of parts as one; a single one as it stands. */

static int
ccp_responses_read_joined(ccp_responses_reader_t *in, ccp_jval_t list,
    ccp_str_t *text)
{
    ccp_buf_t    buf;
    ccp_str_t    s;
    ccp_jiter_t  it;

    ccp_buf_init(&buf, in->a, 0);

    for (it = ccp_json_iter(list); ccp_json_next(&it); ) {
        s = ccp_json_gets(it.val, "text");

        if (s.n == 0) {
            continue;
        }

        if (text->p == NULL) {
            *text = s;
            continue;
        }

        if (buf.n == 0) {
            (void) ccp_buf_add(&buf, text->p, text->n);
        }

        (void) ccp_buf_add(&buf, "\\n\\n", 4);
        (void) ccp_buf_add(&buf, s.p, s.n);
    }

    if (buf.n) {
        *text = ccp_buf_str(&buf, 1);
        text->esc = 1;
    }

    return buf.err ? CCP_NOMEM : CCP_OK;
}


static int
ccp_responses_read_reasoning(ccp_responses_reader_t *in, ccp_jval_t v)
{
    ccp_str_t     sig, item;
    ccp_block_t  *b;

    b = ccp_block_new(in->a, CCP_B_THINK);

    if (b == NULL
        || ccp_responses_read_joined(in, ccp_json_get(v, "summary"), &b->text)
        != CCP_OK)
    {
        return CCP_NOMEM;
    }

    b->summary = b->text.p != NULL;

    if (!b->summary
        && ccp_responses_read_joined(in, ccp_json_get(v, "content"), &b->text)
        != CCP_OK)
    {
        return CCP_NOMEM;
    }

    b->origin = CCP_RESPONSES;
    b->item_id = ccp_json_gets(v, "id");
    sig = ccp_json_gets(v, "encrypted_content");
    b->sig = sig;

    if (sig.n && ccp_carrier_unpack(in->a, sig, &b->origin, &b->sig_model,
                                    &item, &b->sig))
    {
        /* the item's own id was ours; redacted thinking says so there */

        b->redacted = b->origin == CCP_ANTHROPIC
                      && ccp_str_is(item, "redacted");
        b->item_id = b->redacted ? ccp_none : item;

        if (b->sig.n == 0) {
            b->sig = ccp_none;
        }
    }

    return ccp_responses_read_add_assistant(in, b, 1);
}


/* ---- calls ---- */

/* Arguments as text; some clients send the object itself. */

static ccp_str_t
ccp_responses_read_arguments(ccp_jval_t v)
{
    if (ccp_json_type(v) == CCP_J_OBJECT) {
        return ccp_json_raw(v);
    }

    return ccp_json_str(v);
}


static int
ccp_responses_read_call(ccp_responses_reader_t *in, ccp_jval_t v)
{
    int           rc;
    ccp_block_t  *b;

    b = ccp_block_new(in->a, CCP_B_CALL);
    if (b == NULL) {
        return CCP_NOMEM;
    }

    rc = CCP_OK;
    b->origin = CCP_RESPONSES;
    b->free_text = ccp_json_is(ccp_json_get(v, "type"), "custom_tool_call");
    b->id = ccp_responses_read_needed(in, v, "call_id", &rc);
    b->name = ccp_responses_read_needed(in, v, "name", &rc);
    b->item_id = ccp_json_gets(v, "id");
    b->space = ccp_json_gets(v, "namespace");
    b->text = ccp_responses_read_arguments(ccp_json_get(v, b->free_text
                                                        ? "input"
                                                        : "arguments"));

    return rc == CCP_OK ? ccp_responses_read_add_assistant(in, b, 0) : rc;
}


static int
ccp_responses_read_hosted(ccp_responses_reader_t *in, ccp_jval_t v)
{
    ccp_block_t  *b;

    b = ccp_block_new(in->a, CCP_B_HCALL);
    if (b == NULL) {
        return CCP_NOMEM;
    }

    b->origin = CCP_RESPONSES;
    b->type = ccp_json_gets(v, "type");
    b->name = b->type;
    b->id = ccp_json_gets(v, "id");
    b->raw = ccp_json_raw(v);

    if (ccp_str_is(b->type, "tool_search_output")) {
        b->kind = CCP_B_HRESULT;
    }

    return ccp_responses_read_add_assistant(in, b, 0);
}


/* The id that ties a built-in's call to its result. */

static ccp_str_t
ccp_responses_read_builtin_id(ccp_jval_t v)
{
    ccp_str_t  id;

    id = ccp_json_gets(v, "call_id");

    return id.n ? id : ccp_json_gets(v, "id");
}


static int
ccp_responses_read_builtin_call(ccp_responses_reader_t *in, ccp_jval_t v)
{
    ccp_block_t                    *b;
    const ccp_responses_builtin_t  *row;

    if (ccp_json_is(ccp_json_get(v, "type"), "tool_search_call")
        && !ccp_json_is(ccp_json_get(v, "execution"), "client"))
    {
        return ccp_responses_read_hosted(in, v);
    }

    b = ccp_block_new(in->a, CCP_B_CALL);
    if (b == NULL) {
        return CCP_NOMEM;
    }

    row = ccp_responses_find_builtin_item(ccp_json_gets(v, "type"));

    b->origin = CCP_RESPONSES;
    b->type = ccp_json_gets(v, "type");
    b->name = ccp_cstr(row->tool);
    b->id = ccp_responses_read_builtin_id(v);
    b->item_id = ccp_json_gets(v, "id");
    b->text = ccp_responses_read_arguments(ccp_json_get(v, row->member));
    b->raw = ccp_json_raw(v);

    if (b->id.n == 0) {
        return ccp_responses_read_item_error(in, ccp_json_get(v, "call_id"),
                                             "a non-empty string", "call_id");
    }

    return ccp_responses_read_add_assistant(in, b, 0);
}


/* ---- results ---- */

static int
ccp_responses_read_output(ccp_responses_reader_t *in, ccp_jval_t v)
{
    int            rc;
    ccp_jval_t     output;
    ccp_block_t   *b, *part, **tail;

    b = ccp_block_new(in->a, CCP_B_RESULT);
    if (b == NULL) {
        return CCP_NOMEM;
    }

    rc = CCP_OK;
    b->origin = CCP_RESPONSES;
    b->id = ccp_responses_read_needed(in, v, "call_id", &rc);
    b->item_id = ccp_json_gets(v, "id");
    b->free_text = ccp_json_is(ccp_json_get(v, "type"),
                               "custom_tool_call_output");
    output = ccp_json_get(v, "output");
    tail = &b->parts;

    if (rc == CCP_OK && ccp_json_type(output) == CCP_J_OBJECT) {
        /* some clients leave it to others to write the text of it */

        part = ccp_block_new(in->a, CCP_B_TEXT);
        if (part == NULL) {
            return CCP_NOMEM;
        }

        part->text = ccp_json_raw(output);
        ccp_block_push(tail, part);

    } else if (rc == CCP_OK) {
        rc = ccp_responses_read_content(in, output, "output", &tail);
    }

    return rc == CCP_OK ? ccp_responses_read_add_result(in, b) : rc;
}


/* The tools that a search has found can be called from now on. */

static int
ccp_responses_read_found(ccp_responses_reader_t *in, ccp_jval_t v)
{
    ccp_jval_t  list;

    list = ccp_json_opt(v, "tools");

    if (ccp_json_has(list) && ccp_json_type(list) != CCP_J_ARRAY) {
        return ccp_responses_read_item_error(in, list, "an array", "tools");
    }

    return ccp_responses_read_tool_list(in, list, ccp_none, "input[].tools");
}


static int
ccp_responses_read_builtin_output(ccp_responses_reader_t *in, ccp_jval_t v)
{
    int           rc, search;
    ccp_jval_t    output;
    ccp_block_t  *b, *part;

    search = ccp_json_is(ccp_json_get(v, "type"), "tool_search_output");

    if (search) {
        rc = ccp_responses_read_found(in, v);

        if (rc != CCP_OK
            || !ccp_json_is(ccp_json_get(v, "execution"), "client"))
        {
            return rc == CCP_OK ? ccp_responses_read_hosted(in, v) : rc;
        }
    }

    b = ccp_block_new(in->a, CCP_B_RESULT);
    part = ccp_block_new(in->a, CCP_B_TEXT);

    if (b == NULL || part == NULL) {
        return CCP_NOMEM;
    }

    output = ccp_json_opt(v, search ? "tools" : "output");
    part->text = ccp_json_type(output) == CCP_J_STRING
                 ? ccp_json_str(output) : ccp_json_raw(output);

    if (part->text.p) {
        b->parts = part;
    }

    b->origin = CCP_RESPONSES;
    b->type = ccp_json_gets(v, "type");
    b->id = ccp_responses_read_builtin_id(v);
    b->item_id = ccp_json_gets(v, "id");
    b->raw = ccp_json_raw(v);
    b->error = ccp_json_is(ccp_json_get(v, "status"), "failed");

    if (b->id.n == 0) {
        return ccp_responses_read_item_error(in, ccp_json_get(v, "call_id"),
                                             "a non-empty string", "call_id");
    }

    return ccp_responses_read_add_result(in, b);
}


/* ---- the rest ---- */

static int
ccp_responses_read_additional(ccp_responses_reader_t *in, ccp_jval_t v)
{
    return ccp_responses_read_found(in, v);
}


/* Understood by its maker only; the client's own words are the user's. */

static int
ccp_responses_read_opaque(ccp_responses_reader_t *in, ccp_jval_t v)
{
    ccp_block_t  *b;

    b = ccp_block_new(in->a, CCP_B_OPAQUE);
    if (b == NULL) {
        return CCP_NOMEM;
    }

    b->origin = CCP_RESPONSES;
    b->type = ccp_json_gets(v, "type");
    b->id = ccp_json_gets(v, "id");
    b->raw = ccp_json_raw(v);

    if (b->type.n == 0) {
        b->type = ccp_lit("item_reference");
    }

    if (ccp_str_is(b->type, "computer_call_output")
        || ccp_str_is(b->type, "mcp_approval_response"))
    {
        return ccp_responses_read_add_result(in, b);
    }

    return ccp_responses_read_add_assistant(in, b, 0);
}


static const ccp_responses_read_item_t  ccp_responses_read_item_table[] = {
    { "message", ccp_responses_read_message },
    { "function_call", ccp_responses_read_call },
    { "function_call_output", ccp_responses_read_output },
    { "reasoning", ccp_responses_read_reasoning },
    { "custom_tool_call", ccp_responses_read_call },
    { "custom_tool_call_output", ccp_responses_read_output },
    { "additional_tools", ccp_responses_read_additional },
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


static int
ccp_responses_read_item(ccp_responses_reader_t *in, ccp_jval_t v)
{
    ccp_jval_t                        type;
    const ccp_responses_read_item_t  *row;

    if (ccp_json_type(v) != CCP_J_OBJECT) {
        return ccp_responses_read_type_error(in, v, "an object", "input[%u]",
                                             in->item);
    }

    type = ccp_json_opt(v, "type");

    if (ccp_json_has(ccp_json_opt(v, "role")) && !ccp_json_has(type)) {
        return ccp_responses_read_message(in, v);
    }

    /* an id alone refers to a stored item */

    if (ccp_json_type(type) != CCP_J_STRING
        && (ccp_json_has(type) || ccp_json_gets(v, "id").n == 0))
    {
        return ccp_responses_read_item_error(in, ccp_json_get(v, "type"),
                                             "a string", "type");
    }

    for (row = ccp_responses_read_item_table; row->type; row++) {
        if (ccp_json_is(type, row->type)) {
            break;
        }
    }

    return row->read(in, v);
}


int
ccp_responses_read_items(ccp_responses_reader_t *in, ccp_jval_t input)
{
    int             rc;
    ccp_block_t    *b;
    ccp_jiter_t     it;
    ccp_message_t  *m;

    if (ccp_json_type(input) == CCP_J_STRING) {
        m = ccp_responses_read_new_message(in, CCP_ROLE_USER);
        b = ccp_block_new(in->a, CCP_B_TEXT);

        if (m == NULL || b == NULL) {
            return CCP_NOMEM;
        }

        b->text = ccp_json_str(input);
        in->blocks = ccp_block_push(in->blocks, b);

        return CCP_OK;
    }

    if (ccp_json_type(input) != CCP_J_ARRAY) {
        return ccp_responses_read_type_error(in, input,
                                             "a string or an array of "
                                             "items", "input");
    }

    if (ccp_json_count(input) == 0 && in->needed) {
        return ccp_refuse(in->err, in->a, CCP_E_BAD_REQUEST,
                          "input: expected at least one item");
    }

    for (it = ccp_json_iter(input); ccp_json_next(&it); in->item++) {
        rc = ccp_responses_read_item(in, it.val);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    return CCP_OK;
}
