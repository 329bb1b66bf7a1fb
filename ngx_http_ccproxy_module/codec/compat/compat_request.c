
/*
 * The request for a model without function calling (compat.h).
 */

#include "codec/compat/compat.h"
#include "codec/json/json_out.h"
#include "codec/json/json_read.h"
#include "codec/form/form_block.h"
#include "codec/prepare/prepare.h"


typedef struct {
    const ccp_name_t  *names;
    ccp_arena_t       *arena;
    ccp_block_t      **tail;       /* of the message that is written */
    ccp_block_t       *open;       /* its last block, if text is added */
    ccp_buf_t          text;       /* of that block, in JSON spelling */
    ccp_out_t          args;
    const ccp_block_t *call;       /* the next one to get its result */
    unsigned           answers:1;  /* the message holds results */
} ccp_compat_t;


ccp_tools_e
ccp_compat_mode(const ccp_provider_t *pr, ccp_tools_e wish)
{
    static const ccp_tools_e  own[] = {
        CCP_TOOLS_NATIVE, CCP_TOOLS_COMPAT, CCP_TOOLS_AUTO
    };

    return wish == CCP_TOOLS_UNSET ? own[pr->tools_compat] : wish;
}


static int
ccp_compat_is_tool(const ccp_block_t *b)
{
    return b->kind == CCP_B_CALL || b->kind == CCP_B_RESULT;
}


static int
ccp_compat_history(const ccp_request_t *r)
{
    const ccp_block_t    *b;
    const ccp_message_t  *m;

    for (m = r->msgs; m; m = m->next) {
        for (b = m->blocks; b; b = b->next) {
            if (ccp_compat_is_tool(b)) {
                return 1;
            }
        }
    }

    return 0;
}


int
ccp_compat_needed(const ccp_request_t *r)
{
    size_t  i;

    /* empty ones are refused as well */

    static const char  *const members[] = {
        "tools", "tool_choice", "parallel_tool_calls", "functions",
        "function_call", "toolConfig", "tool_config"
    };

    for (i = 0; i < ccp_countof(members); i++) {
        if (ccp_json_get(r->root, members[i]).doc) {
            return 1;
        }
    }

    return r->tools != NULL || ccp_compat_history(r);
}


/* ---- blocks ---- */

/* Ends the block of text; what follows is a block of its own. */

static int
ccp_compat_close(ccp_compat_t *c)
{
    if (c->open == NULL) {
        return CCP_OK;
    }

    c->open->text = ccp_buf_str(&c->text, 1);
    c->open = NULL;

    return c->text.err ? CCP_NOMEM : CCP_OK;
}


/* The block of text goes on, on a new line, or begins. */

static int
ccp_compat_open(ccp_compat_t *c)
{
    if (c->open) {
        if (c->text.n < 2 || memcmp(c->text.p + c->text.n - 2, "\\n", 2) != 0) {
            ccp_compat_add(&c->text, "\n");
        }

        return CCP_OK;
    }

    c->open = ccp_block_new(c->arena, CCP_B_TEXT);
    if (c->open == NULL) {
        return CCP_NOMEM;
    }

    c->tail = ccp_block_push(c->tail, c->open);
    ccp_buf_init(&c->text, c->arena, 0);

    return CCP_OK;
}


static int
ccp_compat_copy(ccp_compat_t *c, const ccp_block_t *b)
{
    ccp_block_t  *copy;

    if (ccp_compat_close(c) != CCP_OK) {
        return CCP_NOMEM;
    }

    copy = ccp_alloc(c->arena, sizeof(ccp_block_t));
    if (copy == NULL) {
        return CCP_NOMEM;
    }

    *copy = *b;
    c->tail = ccp_block_push(c->tail, copy);

    return CCP_OK;
}


/*
 * Text beside elements is of one block with them: templates of such models
 * often take nothing but one string.
 */

static int
ccp_compat_words(ccp_compat_t *c, const ccp_block_t *b)
{
    if (ccp_compat_open(c) != CCP_OK) {
        return CCP_NOMEM;
    }

    (void) ccp_buf_add_json(&c->text, b->text);

    return CCP_OK;
}


static int
ccp_compat_call(ccp_compat_t *c, const ccp_block_t *b)
{
    if (ccp_compat_open(c) != CCP_OK) {
        return CCP_NOMEM;
    }

    ccp_out_reset(&c->args);
    ccp_w_args(&c->args, c->arena, b);

    if (ccp_out_finish(&c->args) != CCP_OK) {
        return CCP_NOMEM;
    }

    ccp_compat_add(&c->text, "<ccp:call name=\"");
    ccp_compat_add_attr(&c->text, ccp_name_wire(c->names, b->space, b->name));
    ccp_compat_add(&c->text, "\">");
    ccp_compat_add_json(&c->text, ccp_out_all(&c->args));
    ccp_compat_add(&c->text, "</ccp:call>");

    return CCP_OK;
}


/* The name that the result's call had: results stand in the calls' order. */

static ccp_str_t
ccp_compat_called(ccp_compat_t *c, const ccp_block_t *result)
{
    const ccp_block_t  *call;

    for (call = c->call; call; call = call->next) {
        if (call->kind == CCP_B_CALL) {
            c->call = call->next;
            return ccp_name_wire(c->names, call->space, call->name);
        }
    }

    return ccp_name_wire(c->names, result->space, result->name);
}


/* Texts of a result go into its element, what is no text stands behind. */

static int
ccp_compat_result(ccp_compat_t *c, const ccp_block_t *b)
{
    unsigned            n;
    const ccp_block_t  *p;

    c->answers = 1;

    if (ccp_compat_open(c) != CCP_OK) {
        return CCP_NOMEM;
    }

    ccp_compat_add(&c->text, "<ccp:result name=\"");
    ccp_compat_add_attr(&c->text, ccp_compat_called(c, b));
    ccp_compat_add(&c->text, "\" id=\"");
    ccp_compat_add_attr(&c->text, b->id);
    ccp_compat_add(&c->text, b->error ? "\" error=\"true\">" : "\">");

    for (p = b->parts, n = 0; p; p = p->next) {
        if (p->kind == CCP_B_TEXT) {
            ccp_compat_add(&c->text, n++ ? "\n" : "");
            ccp_compat_add_text(&c->text, p->text);
        }
    }

    ccp_compat_add(&c->text, "</ccp:result>");

    for (p = b->parts; p; p = p->next) {
        if (p->kind != CCP_B_TEXT && ccp_compat_copy(c, p) != CCP_OK) {
            return CCP_NOMEM;
        }
    }

    return CCP_OK;
}


static int
ccp_compat_block(ccp_compat_t *c, const ccp_block_t *b)
{
    switch (b->kind) {

    case CCP_B_CALL:
        return ccp_compat_call(c, b);

    case CCP_B_RESULT:
        return ccp_compat_result(c, b);

    case CCP_B_TEXT:
        return ccp_compat_words(c, b);

    case CCP_B_HCALL:
    case CCP_B_HRESULT:
        return CCP_OK;

    default:
        return ccp_compat_copy(c, b);
    }
}


static int
ccp_compat_blocks(ccp_compat_t *c, const ccp_block_t *b)
{
    for ( ; b; b = b->next) {
        if (ccp_compat_block(c, b) != CCP_OK) {
            return CCP_NOMEM;
        }

        /* a mark of the prompt cache stands at the end of a block */

        if (c->open && b->cache) {
            c->open->cache = b->cache;

            if (ccp_compat_close(c) != CCP_OK) {
                return CCP_NOMEM;
            }
        }
    }

    return CCP_OK;
}


/* Messages of which nothing is said otherwise stay in their blocks. */

static int
ccp_compat_content(ccp_compat_t *c, const ccp_message_t *m)
{
    const ccp_block_t  *b;

    for (b = m->blocks; b && !ccp_compat_is_tool(b); b = b->next) {
        /* void */
    }

    if (b || c->answers) {
        return ccp_compat_blocks(c, m->blocks);
    }

    for (b = m->blocks; b; b = b->next) {
        if (b->kind != CCP_B_HCALL && b->kind != CCP_B_HRESULT
            && ccp_compat_copy(c, b) != CCP_OK)
        {
            return CCP_NOMEM;
        }
    }

    return CCP_OK;
}


/* ---- messages ---- */

/*
 * Results are words of the user now: what the user says next belongs to the
 * same message, since templates may want roles to take turns.
 */

static int
ccp_compat_joins(const ccp_compat_t *c, const ccp_message_t *last,
    const ccp_message_t *m)
{
    return last != NULL && c->answers && m->role == CCP_ROLE_USER
           && (m->name.p == NULL || ccp_str_eq(m->name, last->name));
}


static int
ccp_compat_messages(ccp_compat_t *c, ccp_message_t **list,
    const ccp_message_t *m)
{
    ccp_message_t  *copy;

    copy = NULL;
    *list = NULL;

    for ( ; m; m = m->next) {

        if (!ccp_compat_joins(c, copy, m)) {
            if (ccp_compat_close(c) != CCP_OK) {
                return CCP_NOMEM;
            }

            copy = ccp_alloc(c->arena, sizeof(ccp_message_t));
            if (copy == NULL) {
                return CCP_NOMEM;
            }

            *copy = *m;
            copy->next = NULL;
            copy->blocks = NULL;

            *list = copy;
            list = &copy->next;
            c->tail = &copy->blocks;
            c->answers = 0;
        }

        if (m->role == CCP_ROLE_ASSISTANT) {
            c->call = m->blocks;
        }

        if (ccp_compat_content(c, m) != CCP_OK) {
            return CCP_NOMEM;
        }
    }

    return ccp_compat_close(c);
}


/* The description goes behind the client's own system text. */

static int
ccp_compat_system(ccp_compat_t *c, ccp_request_t *to, ccp_request_t *r,
    ccp_str_t text)
{
    ccp_block_t       *b;
    const ccp_tool_t  *t;

    to->system = NULL;
    c->tail = &to->system;

    for (b = r->system; b; b = b->next) {
        if (ccp_compat_copy(c, b) != CCP_OK) {
            return CCP_NOMEM;
        }
    }

    if (text.p == NULL) {
        return CCP_OK;
    }

    b = ccp_block_new(c->arena, CCP_B_TEXT);
    if (b == NULL) {
        return CCP_NOMEM;
    }

    b->text = text;

    for (t = r->tools; t; t = t->next) {
        b->cache = t->cache ? t->cache : b->cache;
    }

    ccp_block_push(c->tail, b);

    return CCP_OK;
}


int
ccp_compat_request(ccp_request_t *to, ccp_request_t *r,
    const ccp_name_t *names, ccp_arena_t *a)
{
    ccp_str_t     text;
    ccp_compat_t  c;

    memset(&c, 0, sizeof(ccp_compat_t));
    c.names = names;
    c.arena = a;
    ccp_out_init(&c.args, a, 0);

    if (ccp_compat_prompt(r, names, a, ccp_compat_history(r), &text)
        != CCP_OK)
    {
        return CCP_NOMEM;
    }

    *to = *r;

    if (ccp_compat_system(&c, to, r, text) != CCP_OK
        || ccp_compat_messages(&c, &to->msgs, r->msgs) != CCP_OK)
    {
        return CCP_NOMEM;
    }

    ccp_out_free(&c.args);

    if (ccp_compat_callable(r)
        && (r->out.kind == CCP_F_JSON || r->out.kind == CCP_F_SCHEMA))
    {
        to->out.kind = CCP_F_UNSET;
    }

    to->tools = NULL;
    memset(&to->tool_choice, 0, sizeof(to->tool_choice));
    to->parallel = -1;

    return CCP_OK;
}
