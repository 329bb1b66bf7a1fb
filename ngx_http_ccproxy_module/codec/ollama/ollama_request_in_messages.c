
/*
 * Ollama request in: messages.
 */

#include <stdio.h>

#include "codec/ollama/ollama_request.h"
#include "codec/ollama/ollama.h"
#include "codec/form/form_block.h"
#include "codec/form/form_media.h"


#define CCP_OLLAMA_WHERE  96


/* The beginnings of base64 that tell what an image is: its type is not sent
 * along. */

static const struct {
    const char  *head;
    const char  *mime;
} ccp_ollama_image_types[] = {
    { "iVBORw0KGgo", "image/png" },
    { "/9j/", "image/jpeg" },
    { "R0lGOD", "image/gif" },
    { "UklGR", "image/webp" }
};

#define CCP_OLLAMA_NIMAGES  ccp_countof(ccp_ollama_image_types)

#define CCP_OLLAMA_IMAGE  "image/png"    /* of any other beginning */


static ccp_message_t *
ccp_ollama_read_new_message(ccp_ollama_reader_t *in, ccp_role_e role)
{
    ccp_message_t  *m;

    m = ccp_message_new(in->a, role);

    if (m != NULL) {
        *in->msgs = m;
        in->msgs = &m->next;
        in->results = NULL;
    }

    return m;
}


static int
ccp_ollama_read_text(ccp_ollama_reader_t *in, ccp_block_e kind, ccp_str_t text,
    ccp_block_t ***tail)
{
    ccp_block_t  *b;

    if (text.n == 0) {
        return CCP_OK;
    }

    b = ccp_block_new(in->a, kind);
    if (b == NULL) {
        return CCP_NOMEM;
    }

    b->origin = CCP_OLLAMA;
    b->text = text;
    *tail = ccp_block_push(*tail, b);

    return CCP_OK;
}


static void
ccp_ollama_read_image(ccp_media_t *m, ccp_str_t s)
{
    size_t  i;

    if (ccp_str_starts(s, "data:")) {
        ccp_media_url(m, s);
        return;
    }

    m->kind = CCP_MEDIA_B64;
    m->data = s;
    m->mime = ccp_lit(CCP_OLLAMA_IMAGE);

    for (i = 0; i < CCP_OLLAMA_NIMAGES; i++) {
        if (ccp_str_starts(s, ccp_ollama_image_types[i].head)) {
            m->mime = ccp_cstr(ccp_ollama_image_types[i].mime);
        }
    }
}


static int
ccp_ollama_read_images(ccp_ollama_reader_t *in, ccp_jval_t msg,
    const char *where, ccp_block_t ***tail)
{
    int           i;
    ccp_jval_t    v;
    ccp_jiter_t   it;
    ccp_block_t  *b;

    v = ccp_json_opt(msg, "images");

    if (ccp_json_has(v) && ccp_json_type(v) != CCP_J_ARRAY) {
        return ccp_ollama_read_type_error(in, v, "an array", "%simages",
                                          where);
    }

    for (i = 0, it = ccp_json_iter(v); ccp_json_next(&it); i++) {
        if (ccp_json_str(it.val).n == 0) {
            return ccp_ollama_read_type_error(in, it.val, "a base64 string",
                                              "%simages[%d]", where, i);
        }

        b = ccp_block_new(in->a, CCP_B_IMAGE);
        if (b == NULL) {
            return CCP_NOMEM;
        }

        ccp_ollama_read_image(&b->media, ccp_json_str(it.val));
        *tail = ccp_block_push(*tail, b);
    }

    return CCP_OK;
}


/* arguments: an object; old clones write its text as a string (T12). */

static int
ccp_ollama_read_call(ccp_ollama_reader_t *in, ccp_jval_t v, const char *where,
    ccp_block_t ***tail)
{
    ccp_jval_t    fn, args;
    ccp_block_t  *b;

    fn = ccp_json_get(v, "function");

    if (ccp_json_gets(fn, "name").n == 0) {
        return ccp_ollama_read_type_error(in, ccp_json_get(fn, "name"),
                                          "a non-empty string",
                                          "%sfunction.name", where);
    }

    b = ccp_block_new(in->a, CCP_B_CALL);
    if (b == NULL) {
        return CCP_NOMEM;
    }

    *tail = ccp_block_push(*tail, b);
    b->origin = CCP_OLLAMA;
    b->name = ccp_json_gets(fn, "name");
    b->id = ccp_json_gets(v, "id");
    args = ccp_json_get(fn, "arguments");

    switch (ccp_json_type(args)) {

    case CCP_J_ABSENT:
    case CCP_J_NULL:
        b->text = ccp_lit("{}");
        return CCP_OK;

    case CCP_J_OBJECT:
        b->text = ccp_json_raw(args);
        return CCP_OK;

    case CCP_J_STRING:
        b->text = ccp_json_str(args);
        return CCP_OK;

    default:
        return ccp_ollama_read_type_error(in, args, "an object",
                                          "%sfunction.arguments", where);
    }
}


static int
ccp_ollama_read_assistant(ccp_ollama_reader_t *in, ccp_jval_t msg, int n)
{
    int              i, rc;
    char             where[CCP_OLLAMA_WHERE];
    ccp_jval_t       v;
    ccp_jiter_t      it;
    ccp_block_t    **tail;
    ccp_message_t   *m;

    m = ccp_ollama_read_new_message(in, CCP_ROLE_ASSISTANT);
    if (m == NULL) {
        return CCP_NOMEM;
    }

    tail = &m->blocks;
    snprintf(where, sizeof(where), "messages[%d].", n);

    rc = ccp_ollama_read_text(in, CCP_B_THINK, ccp_json_gets(msg, "thinking"),
                              &tail);

    if (rc == CCP_OK) {
        rc = ccp_ollama_read_text(in, CCP_B_TEXT,
                                  ccp_json_gets(msg, "content"), &tail);
    }

    if (rc == CCP_OK) {
        rc = ccp_ollama_read_images(in, msg, where, &tail);
    }

    v = ccp_json_opt(msg, "tool_calls");

    if (ccp_json_has(v) && ccp_json_type(v) != CCP_J_ARRAY) {
        return ccp_ollama_read_type_error(in, v, "an array", "%stool_calls",
                                          where);
    }

    for (i = 0, it = ccp_json_iter(v); rc == CCP_OK && ccp_json_next(&it); i++)
    {
        snprintf(where, sizeof(where), "messages[%d].tool_calls[%d].", n, i);
        rc = ccp_ollama_read_call(in, it.val, where, &tail);
    }

    return rc;
}


/* Results that follow one another are one message. */

static int
ccp_ollama_read_result(ccp_ollama_reader_t *in, ccp_jval_t msg,
    const char *where)
{
    int              rc;
    ccp_block_t     *b, **tail;
    ccp_message_t   *m;

    if (in->results == NULL) {
        m = ccp_ollama_read_new_message(in, CCP_ROLE_USER);
        if (m == NULL) {
            return CCP_NOMEM;
        }

        in->results = &m->blocks;
    }

    b = ccp_block_new(in->a, CCP_B_RESULT);
    if (b == NULL) {
        return CCP_NOMEM;
    }

    in->results = ccp_block_push(in->results, b);
    b->id = ccp_json_gets(msg, "tool_call_id");
    b->name = ccp_json_gets(msg, "tool_name");

    if (b->name.n == 0) {
        b->name = ccp_json_gets(msg, "name");
    }

    tail = &b->parts;
    rc = ccp_ollama_read_text(in, CCP_B_TEXT, ccp_json_gets(msg, "content"),
                              &tail);

    return rc == CCP_OK ? ccp_ollama_read_images(in, msg, where, &tail) : rc;
}


/* Images come before the text that speaks of them. */

static int
ccp_ollama_read_user(ccp_ollama_reader_t *in, ccp_jval_t msg, ccp_str_t text,
    const char *where)
{
    int              rc;
    ccp_block_t    **tail;
    ccp_message_t   *m;

    m = ccp_ollama_read_new_message(in, CCP_ROLE_USER);
    if (m == NULL) {
        return CCP_NOMEM;
    }

    tail = &m->blocks;
    rc = ccp_ollama_read_images(in, msg, where, &tail);

    return rc == CCP_OK ? ccp_ollama_read_text(in, CCP_B_TEXT, text, &tail)
                        : rc;
}


static int
ccp_ollama_read_system(ccp_ollama_reader_t *in, ccp_str_t text)
{
    ccp_block_t    **tail;
    ccp_message_t   *m;

    if (in->r->msgs == NULL) {
        return ccp_ollama_read_text(in, CCP_B_TEXT, text, &in->system);
    }

    m = ccp_ollama_read_new_message(in, CCP_ROLE_SYSTEM);
    if (m == NULL) {
        return CCP_NOMEM;
    }

    tail = &m->blocks;

    return ccp_ollama_read_text(in, CCP_B_TEXT, text, &tail);
}


static int
ccp_ollama_read_message(ccp_ollama_reader_t *in, ccp_jval_t msg, int n)
{
    char        where[CCP_OLLAMA_WHERE];
    ccp_jval_t  v, role;

    if (ccp_json_type(msg) != CCP_J_OBJECT) {
        return ccp_ollama_read_type_error(in, msg, "an object", "messages[%d]",
                                          n);
    }

    v = ccp_json_opt(msg, "content");

    if (ccp_json_has(v) && ccp_json_type(v) != CCP_J_STRING) {
        return ccp_ollama_read_type_error(in, v, "a string",
                                          "messages[%d].content", n);
    }

    role = ccp_json_get(msg, "role");
    snprintf(where, sizeof(where), "messages[%d].", n);

    if (ccp_json_is(role, "user")) {
        return ccp_ollama_read_user(in, msg, ccp_json_str(v), where);
    }

    if (ccp_json_is(role, "assistant")) {
        return ccp_ollama_read_assistant(in, msg, n);
    }

    if (ccp_json_is(role, "tool")) {
        return ccp_ollama_read_result(in, msg, where);
    }

    if (ccp_json_is(role, "system") || ccp_json_is(role, "developer")) {
        return ccp_ollama_read_system(in, ccp_json_str(v));
    }

    return ccp_refuse(in->err, in->a, CCP_E_BAD_REQUEST,
                      "messages[%d].role: expected system, user, assistant "
                      "or tool", n);
}


int
ccp_ollama_read_messages(ccp_ollama_reader_t *in)
{
    int          n, rc;
    ccp_jval_t   v;
    ccp_jiter_t  it;

    v = ccp_json_opt(in->r->root, "messages");

    if (ccp_json_has(v) && ccp_json_type(v) != CCP_J_ARRAY) {
        return ccp_ollama_read_type_error(in, v, "an array", "messages");
    }

    for (n = 0, it = ccp_json_iter(v); ccp_json_next(&it); n++) {
        rc = ccp_ollama_read_message(in, it.val, n);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    return CCP_OK;
}


int
ccp_ollama_read_prompt(ccp_ollama_reader_t *in)
{
    int         rc;
    ccp_jval_t  prompt, system;

    prompt = ccp_json_opt(in->r->root, "prompt");
    system = ccp_json_opt(in->r->root, "system");

    if (ccp_json_has(prompt) && ccp_json_type(prompt) != CCP_J_STRING) {
        return ccp_ollama_read_type_error(in, prompt, "a string", "prompt");
    }

    if (ccp_json_has(system) && ccp_json_type(system) != CCP_J_STRING) {
        return ccp_ollama_read_type_error(in, system, "a string", "system");
    }

    if (ccp_json_str(prompt).n == 0
        && ccp_json_count(ccp_json_get(in->r->root, "images")) == 0)
    {
        /* loads the model */
        return CCP_OK;
    }

    rc = ccp_ollama_read_text(in, CCP_B_TEXT, ccp_json_str(system),
                              &in->system);

    return rc == CCP_OK ? ccp_ollama_read_user(in, in->r->root,
                                               ccp_json_str(prompt), "")
                        : rc;
}
