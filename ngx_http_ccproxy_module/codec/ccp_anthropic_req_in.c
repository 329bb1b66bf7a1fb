
/*
 * Anthropic Messages: the client's request into the neutral form.
 */

#include <stdarg.h>
#include <stdio.h>

#include "ccp_anthropic.h"


/* Where the reader stands, for messages; -1: not there. */

typedef struct {
    ccp_request_t  *r;
    ccp_arena_t    *a;
    ccp_error_t    *err;
    ccp_tool_t     *removed;       /* taken out by tool_removal */
    long            msg;
    long            blk;           /* system: msg is -1 */
    long            sub;
    const char     *outer;         /* type of the block that sub is in */
} ccp_an_in_t;


typedef int (*ccp_an_block_pt)(ccp_an_in_t *in, ccp_jval_t v, ccp_block_t *b);

typedef struct {
    const char   *prefix;
    ccp_tool_e    kind;
} ccp_an_tool_type_t;


/* Tool types carry a date, so a beginning decides. */

static const ccp_an_tool_type_t  ccp_an_tool_types[] = {
    { "bash_", CCP_T_BUILTIN },
    { "text_editor_", CCP_T_BUILTIN },
    { "computer_", CCP_T_BUILTIN },
    { "memory_", CCP_T_BUILTIN },
    { "browser_toolset_", CCP_T_BUILTIN }
};


static const char *const  ccp_an_efforts[] = {
    "", "none", "minimal", "low", "medium", "high", "xhigh", "max"
};


static int ccp_an_blocks(ccp_an_in_t *in, ccp_jval_t v, ccp_block_t **head,
    const char *outer);


/* "messages.3.content.0.tool_result.content.1.text.text: Field required" */

static int
ccp_an_fail(ccp_an_in_t *in, const char *type, const char *field,
    const char *what)
{
    int   n;
    char  at[128];

    n = 0;
    at[0] = '\0';

    if (in->msg >= 0) {
        n = snprintf(at, sizeof(at), "messages.%ld", in->msg);

    } else if (in->blk >= 0) {
        n = snprintf(at, sizeof(at), "system");
    }

    if (in->blk >= 0) {
        n += snprintf(at + n, sizeof(at) - (size_t) n, "%s.%ld",
                      in->msg >= 0 ? ".content" : "", in->blk);
    }

    if (in->sub >= 0) {
        n += snprintf(at + n, sizeof(at) - (size_t) n, ".%s.content.%ld",
                      in->outer, in->sub);
    }

    return ccp_error_set(in->err, in->a, CCP_E_BAD_REQUEST,
                         "%s%s%s%s%s: %s", at, n && *type ? "." : "", type,
                         (n || *type) && *field ? "." : "", field, what);
}


/* A string member that must be there. */

static int
ccp_an_need(ccp_an_in_t *in, ccp_jval_t obj, const char *type,
    const char *name, ccp_str_t *s)
{
    ccp_jval_t  v;

    v = ccp_json_opt(obj, name);

    if (v.doc == NULL) {
        return ccp_an_fail(in, type, name, "Field required");
    }

    if (ccp_json_type(v) != CCP_J_STRING) {
        return ccp_an_fail(in, type, name, "Input should be a valid string");
    }

    *s = ccp_json_str(v);

    return CCP_OK;
}


/* A member of that type or none. */

static int
ccp_an_typed(ccp_an_in_t *in, const char *name, ccp_jtype_e type,
    ccp_jval_t *v)
{
    int          ok;
    ccp_jtype_e  got;

    *v = ccp_json_opt(in->r->root, name);

    if (v->doc == NULL) {
        return CCP_OK;
    }

    got = ccp_json_type(*v);
    ok = (got == type) || (type == CCP_J_TRUE && got == CCP_J_FALSE);

    if (ok) {
        return CCP_OK;
    }

    switch (type) {
    case CCP_J_NUMBER:
        return ccp_an_fail(in, name, "", "Input should be a valid number");
    case CCP_J_TRUE:
        return ccp_an_fail(in, name, "", "Input should be a valid boolean");
    case CCP_J_ARRAY:
        return ccp_an_fail(in, name, "", "Input should be a valid list");
    case CCP_J_STRING:
        return ccp_an_fail(in, name, "", "Input should be a valid string");
    default:
        return ccp_an_fail(in, name, "", "Input should be an object");
    }
}


static ccp_cache_e
ccp_an_cache(ccp_jval_t obj)
{
    ccp_jval_t  v;

    v = ccp_json_opt(obj, "cache_control");

    if (ccp_json_type(v) != CCP_J_OBJECT) {
        return CCP_CACHE_NONE;
    }

    return ccp_json_is(ccp_json_get(v, "ttl"), "1h") ? CCP_CACHE_1H
                                                     : CCP_CACHE_5M;
}


static ccp_effort_e
ccp_an_effort(ccp_jval_t config)
{
    int         i;
    ccp_jval_t  v;

    v = ccp_json_opt(config, "effort");

    for (i = CCP_EFFORT_NONE; i <= CCP_EFFORT_MAX; i++) {
        if (ccp_json_is(v, ccp_an_efforts[i])) {
            return i;
        }
    }

    return CCP_EFFORT_UNSET;
}


static int
ccp_an_text(ccp_an_in_t *in, ccp_jval_t v, ccp_block_t *b)
{
    return ccp_an_need(in, v, "text", "text", &b->text);
}


/* source: {type: base64 | url | file | text | content, …} */

static int
ccp_an_source(ccp_an_in_t *in, ccp_jval_t v, const char *type, ccp_block_t *b)
{
    int         rc;
    ccp_jval_t  src, kind;

    src = ccp_json_opt(v, "source");

    if (ccp_json_type(src) != CCP_J_OBJECT) {
        return ccp_an_fail(in, type, "source", src.doc == NULL
                           ? "Field required" : "Input should be an object");
    }

    kind = ccp_json_get(src, "type");
    b->media.mime = ccp_json_gets(src, "media_type");

    if (ccp_json_is(kind, "base64")) {
        b->media.kind = CCP_MEDIA_B64;
        rc = ccp_an_need(in, src, type, "data", &b->media.data);

        if (rc == CCP_OK && b->media.mime.p == NULL) {
            rc = ccp_an_fail(in, type, "source.base64.media_type",
                             "Field required");
        }

        return rc;
    }

    if (ccp_json_is(kind, "url")) {
        b->media.kind = CCP_MEDIA_URL;
        return ccp_an_need(in, src, type, "url", &b->media.data);
    }

    if (ccp_json_is(kind, "file")) {
        b->media.kind = CCP_MEDIA_FILE;
        return ccp_an_need(in, src, type, "file_id", &b->media.data);
    }

    if (ccp_json_is(kind, "text")) {
        b->media.kind = CCP_MEDIA_TEXT;
        return ccp_an_need(in, src, type, "data", &b->media.data);
    }

    if (ccp_json_is(kind, "content")) {
        return ccp_an_blocks(in, ccp_json_opt(src, "content"), &b->parts,
                             "document.source");
    }

    if (!ccp_json_has(kind)) {
        return ccp_an_fail(in, type, "source.type", "Field required");
    }

    b->kind = CCP_B_OPAQUE;

    return CCP_OK;
}


static int
ccp_an_image(ccp_an_in_t *in, ccp_jval_t v, ccp_block_t *b)
{
    return ccp_an_source(in, v, "image", b);
}


static int
ccp_an_doc(ccp_an_in_t *in, ccp_jval_t v, ccp_block_t *b)
{
    b->title = ccp_json_gets(v, "title");

    if (ccp_str_is(b->type, "search_result")) {
        /* the source is an address or a name, not data */
        b->context = ccp_json_gets(v, "source");
        return ccp_an_blocks(in, ccp_json_opt(v, "content"), &b->parts,
                             "search_result");
    }

    b->context = ccp_json_gets(v, "context");

    return ccp_an_source(in, v, "document", b);
}


static int
ccp_an_call(ccp_an_in_t *in, ccp_jval_t v, ccp_block_t *b)
{
    int         rc;
    ccp_jval_t  input;

    rc = ccp_an_need(in, v, "tool_use", "id", &b->id);
    if (rc == CCP_OK) {
        rc = ccp_an_need(in, v, "tool_use", "name", &b->name);
    }

    if (rc != CCP_OK) {
        return rc;
    }

    input = ccp_json_opt(v, "input");

    b->text = ccp_json_type(input) == CCP_J_STRING ? ccp_json_str(input)
                                                   : ccp_json_raw(input);
    b->space = ccp_json_gets(v, "toolset_name");

    return CCP_OK;
}


static int
ccp_an_result(ccp_an_in_t *in, ccp_jval_t v, ccp_block_t *b)
{
    int  rc;

    rc = ccp_an_need(in, v, "tool_result", "tool_use_id", &b->id);
    if (rc != CCP_OK) {
        return rc;
    }

    b->error = (ccp_json_bool(ccp_json_get(v, "is_error"), 0) == 1);
    b->space = ccp_json_gets(v, "toolset_name");

    return ccp_an_blocks(in, ccp_json_opt(v, "content"), &b->parts,
                         "tool_result");
}


/* A signature that another protocol's server made came in a carrier. */

static int
ccp_an_think(ccp_an_in_t *in, ccp_jval_t v, ccp_block_t *b)
{
    b->redacted = ccp_str_is(b->type, "redacted_thinking");

    if (b->redacted) {
        b->sig = ccp_json_gets(v, "data");

    } else {
        b->text = ccp_json_gets(v, "thinking");
        b->sig = ccp_json_gets(v, "signature");
    }

    if (b->sig.n == 0) {
        b->sig = ccp_none;
        return CCP_OK;
    }

    if (ccp_carrier_unpack(in->a, b->sig, &b->origin, &b->sig_model,
                           &b->item_id, &b->sig)
        && b->sig.p == NULL)
    {
        return CCP_NOMEM;
    }

    return CCP_OK;
}


static int
ccp_an_hosted(ccp_an_in_t *in, ccp_jval_t v, ccp_block_t *b)
{
    (void) in;

    b->name = ccp_json_gets(v, "name");
    b->space = ccp_json_gets(v, "server_name");

    if (b->kind == CCP_B_HCALL) {
        b->id = ccp_json_gets(v, "id");
        b->text = ccp_json_raw(ccp_json_opt(v, "input"));

    } else {
        b->id = ccp_json_gets(v, "tool_use_id");
        b->error = (ccp_json_bool(ccp_json_get(v, "is_error"), 0) == 1);
    }

    return CCP_OK;
}


/* Others are shown what a compaction says; everything else is no text. */

static int
ccp_an_opaque(ccp_an_in_t *in, ccp_jval_t v, ccp_block_t *b)
{
    if (in->sub >= 0
        && (ccp_str_is(b->type, "tool_reference")
            || ccp_str_is(b->type, "browser_state")))
    {
        b->kind = CCP_B_TEXT;
        b->text = b->raw;

    } else if (ccp_str_is(b->type, "compaction")) {
        b->text = ccp_json_gets(v, "content");
    }

    return CCP_OK;
}


static const ccp_an_block_pt  ccp_an_readers[] = {
    [CCP_B_TEXT] = ccp_an_text,
    [CCP_B_THINK] = ccp_an_think,
    [CCP_B_IMAGE] = ccp_an_image,
    [CCP_B_DOC] = ccp_an_doc,
    [CCP_B_CALL] = ccp_an_call,
    [CCP_B_RESULT] = ccp_an_result,
    [CCP_B_HCALL] = ccp_an_hosted,
    [CCP_B_HRESULT] = ccp_an_hosted,
    [CCP_B_OPAQUE] = ccp_an_opaque
};


static int
ccp_an_block(ccp_an_in_t *in, ccp_jval_t v, ccp_block_t ***tail)
{
    int           rc;
    ccp_str_t     type;
    ccp_block_t  *b;

    if (ccp_json_type(v) != CCP_J_OBJECT) {
        return ccp_an_fail(in, "", "", "Input should be an object");
    }

    rc = ccp_an_need(in, v, "", "type", &type);
    if (rc != CCP_OK) {
        return rc;
    }

    b = ccp_block_new(in->a, ccp_anthropic_kind(type));
    if (b == NULL) {
        return CCP_NOMEM;
    }

    b->origin = CCP_ANTHROPIC;
    b->type = type;
    b->raw = ccp_json_raw(v);
    b->cache = ccp_an_cache(v);

    *tail = ccp_block_push(*tail, b);

    return ccp_an_readers[b->kind](in, v, b);
}


/*
 * A string, a list of blocks, or nothing.  Lists nest twice: the content of a
 * message and of a result; what is deeper is counted with the second.
 */

static int
ccp_an_blocks(ccp_an_in_t *in, ccp_jval_t v, ccp_block_t **head,
    const char *outer)
{
    int            rc;
    long          *count, saved;
    ccp_block_t   *b, **tail;
    const char    *saved_outer;
    ccp_jiter_t    it;

    tail = head;

    if (v.doc == NULL) {
        return CCP_OK;
    }

    if (ccp_json_type(v) == CCP_J_STRING) {
        b = ccp_block_new(in->a, CCP_B_TEXT);
        if (b == NULL) {
            return CCP_NOMEM;
        }

        b->text = ccp_json_str(v);
        ccp_block_push(tail, b);

        return CCP_OK;
    }

    if (ccp_json_type(v) != CCP_J_ARRAY) {
        return ccp_an_fail(in, in->msg >= 0 || in->blk >= 0 ? "content"
                                                            : "system", "",
                           "Input should be a valid list");
    }

    count = in->blk < 0 ? &in->blk : &in->sub;
    saved = *count;
    saved_outer = in->outer;
    in->outer = outer;
    *count = -1;

    for (it = ccp_json_iter(v); ccp_json_next(&it); /* void */) {
        (*count)++;

        rc = ccp_an_block(in, it.val, &tail);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    *count = saved;
    in->outer = saved_outer;

    return CCP_OK;
}


static int
ccp_an_tool(ccp_an_in_t *in, ccp_jval_t v, long k, ccp_tool_t **tool)
{
    char         at[48];
    size_t       i;
    ccp_tool_t  *t;

    if (ccp_json_type(v) != CCP_J_OBJECT) {
        snprintf(at, sizeof(at), "tools.%ld", k);
        return ccp_an_fail(in, at, "", "Input should be an object");
    }

    t = ccp_calloc(in->a, sizeof(ccp_tool_t));
    if (t == NULL) {
        return CCP_NOMEM;
    }

    *tool = t;

    t->kind = CCP_T_FUNCTION;
    t->name = ccp_json_gets(v, "name");
    t->type = ccp_json_gets(v, "type");
    t->desc = ccp_json_gets(v, "description");
    t->schema = ccp_json_raw(ccp_json_opt(v, "input_schema"));
    t->strict = ccp_json_bool(ccp_json_opt(v, "strict"), -1);
    t->defer = (ccp_json_bool(ccp_json_opt(v, "defer_loading"), 0) == 1);
    t->cache = ccp_an_cache(v);
    t->origin = CCP_ANTHROPIC;
    t->raw = ccp_json_raw(v);

    if (t->type.p && !ccp_str_is(t->type, "custom")) {
        t->kind = CCP_T_HOSTED;

        for (i = 0; i < sizeof(ccp_an_tool_types)
                        / sizeof(ccp_an_tool_types[0]); i++)
        {
            if (ccp_str_starts(t->type, ccp_an_tool_types[i].prefix)) {
                t->kind = ccp_an_tool_types[i].kind;
            }
        }

        return CCP_OK;
    }

    t->type = ccp_none;

    if (t->name.n == 0) {
        snprintf(at, sizeof(at), "tools.%ld.custom", k);
        return ccp_an_fail(in, at, "name", "Field required");
    }

    return CCP_OK;
}


static int
ccp_an_tools(ccp_an_in_t *in)
{
    int           rc;
    long          k;
    ccp_jval_t    v;
    ccp_tool_t  **tail;
    ccp_jiter_t   it;

    rc = ccp_an_typed(in, "tools", CCP_J_ARRAY, &v);
    if (rc != CCP_OK) {
        return rc;
    }

    tail = &in->r->tools;
    k = 0;

    for (it = ccp_json_iter(v); ccp_json_next(&it); k++) {
        rc = ccp_an_tool(in, it.val, k, tail);
        if (rc != CCP_OK) {
            return rc;
        }

        tail = &(*tail)->next;
    }

    return CCP_OK;
}


/* Moves the named tool from one list to the end of the other. */

static void
ccp_an_tool_move(ccp_tool_t **from, ccp_tool_t **to, ccp_str_t name)
{
    ccp_tool_t  *t;

    while (*from && !ccp_str_eq((*from)->name, name)) {
        from = &(*from)->next;
    }

    t = *from;
    if (t == NULL) {
        return;
    }

    *from = t->next;
    t->next = NULL;

    while (*to) {
        to = &(*to)->next;
    }

    *to = t;
}


/* tool_addition and tool_removal of a system message change the tools. */

static int
ccp_an_tool_change(ccp_an_in_t *in, ccp_jval_t v)
{
    int           rc, add;
    ccp_str_t     name;
    ccp_jval_t    tool, def;
    ccp_tool_t  **tail, *t;

    add = ccp_json_is(ccp_json_get(v, "type"), "tool_addition");
    tool = ccp_json_opt(v, "tool");

    name = ccp_json_gets(tool, "tool_name");
    if (name.p == NULL) {
        name = ccp_json_gets(tool, "name");
    }

    if (!add) {
        ccp_an_tool_move(&in->r->tools, &in->removed, name);
        return CCP_OK;
    }

    if (!ccp_json_is(ccp_json_get(tool, "type"), "tool_definition")) {
        ccp_an_tool_move(&in->removed, &in->r->tools, name);

        for (t = in->r->tools; t; t = t->next) {
            if (ccp_str_eq(t->name, name)) {
                t->defer = 0;
            }
        }

        return CCP_OK;
    }

    def = ccp_json_opt(tool, "definition");
    if (def.doc == NULL) {
        def = ccp_json_opt(tool, "tool");
    }

    for (tail = &in->r->tools; *tail; tail = &(*tail)->next) { /* void */ }

    rc = ccp_an_tool(in, def.doc ? def : tool, 0, tail);

    /* the definition may stand beside its own type */

    if (rc == CCP_OK && ccp_str_is((*tail)->type, "tool_definition")) {
        (*tail)->kind = CCP_T_FUNCTION;
        (*tail)->type = ccp_none;
    }

    return rc;
}


static int
ccp_an_system_extras(ccp_an_in_t *in, ccp_jval_t v, ccp_message_t *m)
{
    int            rc;
    ccp_jval_t     type;
    ccp_jiter_t    it;
    ccp_block_t  **b;
    ccp_effort_e   effort;

    m->clear_next = ccp_json_is(ccp_json_get(v, "clear_at"),
                                "next_user_message");

    effort = ccp_an_effort(ccp_json_opt(v, "output_config"));
    if (effort != CCP_EFFORT_UNSET) {
        in->r->think.effort = effort;
    }

    v = ccp_json_opt(v, "content");
    if (ccp_json_type(v) != CCP_J_ARRAY) {
        return CCP_OK;
    }

    for (it = ccp_json_iter(v); ccp_json_next(&it); /* void */) {
        type = ccp_json_get(it.val, "type");

        if (ccp_json_is(type, "tool_addition")
            || ccp_json_is(type, "tool_removal"))
        {
            rc = ccp_an_tool_change(in, it.val);
            if (rc != CCP_OK) {
                return rc;
            }
        }
    }

    for (b = &m->blocks; *b; /* void */) {
        if ((*b)->kind == CCP_B_OPAQUE) {
            *b = (*b)->next;
        } else {
            b = &(*b)->next;
        }
    }

    return CCP_OK;
}


static int
ccp_an_message(ccp_an_in_t *in, ccp_jval_t v, ccp_message_t ***tail)
{
    int             rc;
    ccp_role_e      role;
    ccp_str_t       name;
    ccp_jval_t      content;
    ccp_block_t   **b;
    ccp_message_t  *m;

    if (ccp_json_type(v) != CCP_J_OBJECT) {
        return ccp_an_fail(in, "", "", "Input should be an object");
    }

    rc = ccp_an_need(in, v, "", "role", &name);
    if (rc != CCP_OK) {
        return rc;
    }

    if (ccp_str_is(name, "user")) {
        role = CCP_ROLE_USER;

    } else if (ccp_str_is(name, "assistant")) {
        role = CCP_ROLE_ASSISTANT;

    } else if (ccp_str_is(name, "system")) {
        role = CCP_ROLE_SYSTEM;

    } else {
        return ccp_an_fail(in, "", "role",
                           "Input should be 'user', 'assistant' or 'system'");
    }

    content = ccp_json_opt(v, "content");

    if (content.doc == NULL && (role != CCP_ROLE_SYSTEM
                            || !ccp_json_has(ccp_json_get(v,
                                                          "output_config"))))
    {
        return ccp_an_fail(in, "", "content", "Field required");
    }

    m = ccp_message_new(in->a, role);
    if (m == NULL) {
        return CCP_NOMEM;
    }

    rc = ccp_an_blocks(in, content, &m->blocks, NULL);

    if (rc == CCP_OK && role == CCP_ROLE_SYSTEM) {
        rc = ccp_an_system_extras(in, v, m);

        if (m->blocks == NULL) {
            return rc;
        }
    }

    if (rc != CCP_OK) {
        return rc;
    }

    if (role == CCP_ROLE_SYSTEM && in->r->msgs == NULL && !m->clear_next) {
        for (b = &in->r->system; *b; b = &(*b)->next) { /* void */ }
        *b = m->blocks;
        return CCP_OK;
    }

    **tail = m;
    *tail = &m->next;

    return CCP_OK;
}


static int
ccp_an_messages(ccp_an_in_t *in)
{
    int              rc;
    ccp_jval_t       v;
    ccp_jiter_t      it;
    ccp_message_t  **tail;

    rc = ccp_an_typed(in, "messages", CCP_J_ARRAY, &v);
    if (rc != CCP_OK) {
        return rc;
    }

    if (v.doc == NULL) {
        return ccp_an_fail(in, "messages", "", "Field required");
    }

    tail = &in->r->msgs;

    for (it = ccp_json_iter(v); ccp_json_next(&it); /* void */) {
        in->msg++;

        rc = ccp_an_message(in, it.val, &tail);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    if (in->msg < 0) {
        return ccp_an_fail(in, "messages", "",
                           "at least one message is required");
    }

    in->msg = -1;

    return CCP_OK;
}


static int
ccp_an_tool_choice(ccp_an_in_t *in)
{
    int             rc;
    ccp_jval_t      v, type;
    ccp_request_t  *r;

    r = in->r;

    rc = ccp_an_typed(in, "tool_choice", CCP_J_OBJECT, &v);
    if (rc != CCP_OK || v.doc == NULL) {
        return rc;
    }

    type = ccp_json_opt(v, "type");

    if (ccp_json_is(type, "auto")) {
        r->tool_choice.mode = CCP_TC_AUTO;

    } else if (ccp_json_is(type, "none")) {
        r->tool_choice.mode = CCP_TC_NONE;

    } else if (ccp_json_is(type, "any")) {
        r->tool_choice.mode = CCP_TC_ANY;

    } else if (ccp_json_is(type, "tool")) {
        r->tool_choice.mode = CCP_TC_NAMED;

        rc = ccp_an_need(in, v, "tool_choice.tool", "name",
                         &r->tool_choice.name);
        if (rc != CCP_OK) {
            return rc;
        }

    } else {
        return ccp_an_fail(in, "tool_choice", "type", type.doc == NULL
                     ? "Field required"
                     : "Input should be 'auto', 'any', 'tool' or 'none'");
    }

    rc = ccp_json_bool(ccp_json_opt(v, "disable_parallel_tool_use"), -1);
    if (rc >= 0) {
        r->parallel = !rc;
    }

    return CCP_OK;
}


static int
ccp_an_thinking(ccp_an_in_t *in)
{
    int           rc;
    ccp_jval_t    v, type, display;
    ccp_think_t  *t;

    t = &in->r->think;

    rc = ccp_an_typed(in, "thinking", CCP_J_OBJECT, &v);
    if (rc != CCP_OK || v.doc == NULL) {
        return rc;
    }

    type = ccp_json_get(v, "type");
    display = ccp_json_get(v, "display");

    if (ccp_json_is(type, "enabled")) {
        t->mode = CCP_THINK_ON;
        t->budget = ccp_json_int(ccp_json_opt(v, "budget_tokens"),
                                 CCP_UNSET_INT);

    } else if (ccp_json_is(type, "adaptive")) {
        t->mode = CCP_THINK_AUTO;

    } else if (ccp_json_is(type, "disabled")) {
        t->mode = CCP_THINK_OFF;

    } else if (ccp_json_is(type, "between_tools")) {
        t->mode = CCP_THINK_BETWEEN;

    } else if (!ccp_json_has(type)) {
        return ccp_an_fail(in, "thinking", "type", "Field required");
    }

    if (ccp_json_is(display, "omitted")) {
        t->display = CCP_DISPLAY_OMIT;

    } else if (ccp_json_is(display, "summarized")) {
        t->display = CCP_DISPLAY_SUMMARY;
    }

    return CCP_OK;
}


static int
ccp_an_output(ccp_an_in_t *in)
{
    int             rc;
    ccp_jval_t      config, format, old;
    ccp_effort_e    effort;
    ccp_request_t  *r;

    r = in->r;

    rc = ccp_an_typed(in, "output_config", CCP_J_OBJECT, &config);
    if (rc == CCP_OK) {
        rc = ccp_an_typed(in, "output_format", CCP_J_OBJECT, &old);
    }

    if (rc != CCP_OK) {
        return rc;
    }

    effort = ccp_an_effort(config);
    if (effort != CCP_EFFORT_UNSET) {
        r->think.effort = effort;
    }

    format = ccp_json_opt(config, "format");
    if (format.doc == NULL) {
        format = old;
    }

    if (ccp_json_is(ccp_json_get(format, "type"), "json_schema")) {
        r->out.kind = CCP_F_SCHEMA;
        r->out.schema = ccp_json_raw(ccp_json_opt(format, "schema"));
        r->out.name = ccp_json_gets(format, "name");
    }

    return CCP_OK;
}


static int
ccp_an_number(ccp_an_in_t *in, const char *name, ccp_str_t *number)
{
    int         rc;
    ccp_jval_t  v;

    rc = ccp_an_typed(in, name, CCP_J_NUMBER, &v);
    *number = ccp_json_number(v);

    return rc;
}


static int
ccp_an_sampling(ccp_an_in_t *in)
{
    int             rc;
    ccp_jval_t      v;
    ccp_jiter_t     it;
    ccp_request_t  *r;

    r = in->r;

    rc = ccp_an_number(in, "temperature", &r->temperature);

    if (rc == CCP_OK) {
        rc = ccp_an_number(in, "top_p", &r->top_p);
    }

    if (rc == CCP_OK) {
        rc = ccp_an_number(in, "top_k", &r->top_k);
    }

    if (rc == CCP_OK) {
        rc = ccp_an_typed(in, "stop_sequences", CCP_J_ARRAY, &v);
    }

    if (rc != CCP_OK) {
        return rc;
    }

    for (it = ccp_json_iter(v); ccp_json_next(&it); /* void */) {
        if (ccp_json_type(it.val) != CCP_J_STRING) {
            return ccp_an_fail(in, "stop_sequences", "",
                               "Input should be a list of strings");
        }

        rc = ccp_item_add(in->a, &r->stop, ccp_json_str(it.val));
        if (rc != CCP_OK) {
            return rc;
        }
    }

    return CCP_OK;
}


static int
ccp_an_limits(ccp_an_in_t *in)
{
    int             rc;
    ccp_jval_t      v;
    ccp_request_t  *r;

    r = in->r;
    v = ccp_json_opt(r->root, "max_tokens");

    if (v.doc == NULL) {
        rc = r->op == CCP_OP_COUNT ? CCP_OK
             : ccp_an_fail(in, "max_tokens", "", "Field required");

    } else {
        r->max_tokens = ccp_json_int(v, -1);
        rc = ccp_json_type(v) == CCP_J_NUMBER && r->max_tokens >= 0 ? CCP_OK
             : ccp_an_fail(in, "max_tokens", "",
                   ccp_json_type(v) == CCP_J_NUMBER
                   ? "Input should be greater than or equal to 0"
                   : "Input should be a valid integer");
    }

    if (rc == CCP_OK) {
        rc = ccp_an_typed(in, "stream", CCP_J_TRUE, &v);
        r->stream = (ccp_json_bool(v, 0) == 1);
    }

    return rc;
}


static int
ccp_an_misc(ccp_an_in_t *in)
{
    int             rc;
    ccp_jval_t      v;
    ccp_request_t  *r;

    r = in->r;

    rc = ccp_an_typed(in, "metadata", CCP_J_OBJECT, &v);
    if (rc != CCP_OK) {
        return rc;
    }

    r->user = ccp_json_gets(v, "user_id");
    r->tier = ccp_json_gets(r->root, "service_tier");
    r->cache_auto = ccp_an_cache(r->root);

    return CCP_OK;
}


static int
ccp_an_model(ccp_an_in_t *in)
{
    in->r->model_val = ccp_json_get(in->r->root, "model");

    return ccp_an_need(in, in->r->root, "", "model", &in->r->model);
}


static int
ccp_an_system(ccp_an_in_t *in)
{
    return ccp_an_blocks(in, ccp_json_opt(in->r->root, "system"),
                         &in->r->system, NULL);
}


int
ccp_anthropic_decode(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err)
{
    int          rc;
    size_t       i;
    ccp_an_in_t  in;

    static int (*const  steps[])(ccp_an_in_t *in) = {
        ccp_an_model, ccp_an_limits, ccp_an_sampling, ccp_an_misc,
        ccp_an_thinking, ccp_an_output, ccp_an_tool_choice, ccp_an_tools,
        ccp_an_system, ccp_an_messages
    };

    memset(&in, 0, sizeof(in));
    in.r = r;
    in.a = a;
    in.err = err;
    in.msg = -1;
    in.blk = -1;
    in.sub = -1;

    r->max_tokens = CCP_UNSET_INT;
    r->parallel = -1;
    r->n = CCP_UNSET_INT;
    r->logprobs = -1;
    r->top_logprobs = CCP_UNSET_INT;
    r->think.budget = CCP_UNSET_INT;
    r->think.want_sig = -1;
    r->out.strict = -1;
    r->embed_dims = CCP_UNSET_INT;

    if (ccp_json_type(r->root) != CCP_J_OBJECT) {
        return ccp_error_set(err, a, CCP_E_BAD_REQUEST,
                             "Input should be a JSON object");
    }

    for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        rc = steps[i](&in);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    return CCP_OK;
}
