
/*
 * Ollama request in: messages.
 */

#include "codec/ollama/ollama_request.h"
#include "codec/ollama/ollama.h"
#include "codec/form/form_block.h"
#include "codec/form/form_media.h"


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
    in->results = NULL;

    return ccp_in_message(&in->at, role, &in->msgs);
}


static void
ccp_ollama_read_text(ccp_ollama_reader_t *in, ccp_block_e kind, ccp_str_t text,
    ccp_block_t ***tail)
{
    ccp_block_t  *b;

    if (text.n == 0) {
        return;
    }

    b = ccp_in_block(&in->at, kind, tail);

    if (b) {
        b->origin = CCP_OLLAMA;
        b->text = text;
    }
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


static void
ccp_ollama_read_images(ccp_ollama_reader_t *in, ccp_jval_t msg,
    ccp_block_t ***tail)
{
    ccp_block_t    *b;
    ccp_in_list_t   l;

    for (l = ccp_in_list(&in->at, msg, "images"); ccp_in_next(&l); ) {
        if (ccp_json_str(l.val).n == 0) {
            ccp_in_wrong(&in->at, "", l.val, "a base64 string");
            return;
        }

        b = ccp_in_block(&in->at, CCP_B_IMAGE, tail);

        if (b) {
            ccp_ollama_read_image(&b->media, ccp_json_str(l.val));
        }
    }
}


/* arguments: an object; old clones write its text as a string (T12). */

static void
ccp_ollama_read_call(ccp_ollama_reader_t *in, ccp_jval_t v,
    ccp_block_t ***tail)
{
    ccp_jval_t    fn;
    ccp_block_t  *b;

    fn = ccp_json_get(v, "function");
    b = ccp_in_block(&in->at, CCP_B_CALL, tail);

    if (b) {
        ccp_in_enter(&in->at, "function");
        b->origin = CCP_OLLAMA;
        b->name = ccp_in_name(&in->at, fn, "name");
        b->id = ccp_json_gets(v, "id");
        ccp_in_args(&in->at, b, fn, "arguments", "an object");
        ccp_in_leave(&in->at);
    }
}


static void
ccp_ollama_read_assistant(ccp_ollama_reader_t *in, ccp_jval_t msg,
    ccp_str_t text)
{
    ccp_block_t    **tail;
    ccp_in_list_t    l;
    ccp_message_t   *m;

    m = ccp_ollama_read_new_message(in, CCP_ROLE_ASSISTANT);
    if (m == NULL) {
        return;
    }

    tail = &m->blocks;
    ccp_ollama_read_text(in, CCP_B_THINK, ccp_json_gets(msg, "thinking"),
                         &tail);
    ccp_ollama_read_text(in, CCP_B_TEXT, text, &tail);
    ccp_ollama_read_images(in, msg, &tail);

    for (l = ccp_in_list(&in->at, msg, "tool_calls"); ccp_in_next(&l); ) {
        ccp_ollama_read_call(in, l.val, &tail);
    }
}


/* Results that follow one another are one message. */

static void
ccp_ollama_read_result(ccp_ollama_reader_t *in, ccp_jval_t msg, ccp_str_t text)
{
    ccp_block_t     *b, **tail;
    ccp_message_t   *m;

    if (in->results == NULL) {
        m = ccp_ollama_read_new_message(in, CCP_ROLE_USER);
        if (m == NULL) {
            return;
        }

        in->results = &m->blocks;
    }

    b = ccp_in_block(&in->at, CCP_B_RESULT, &in->results);
    if (b == NULL) {
        return;
    }

    b->id = ccp_json_gets(msg, "tool_call_id");
    b->name = ccp_json_gets(msg, "tool_name");

    if (b->name.n == 0) {
        b->name = ccp_json_gets(msg, "name");
    }

    tail = &b->parts;
    ccp_ollama_read_text(in, CCP_B_TEXT, text, &tail);
    ccp_ollama_read_images(in, msg, &tail);
}


/* Images come before the text that speaks of them. */

static void
ccp_ollama_read_user(ccp_ollama_reader_t *in, ccp_jval_t msg, ccp_str_t text)
{
    ccp_block_t    **tail;
    ccp_message_t   *m;

    m = ccp_ollama_read_new_message(in, CCP_ROLE_USER);

    if (m) {
        tail = &m->blocks;
        ccp_ollama_read_images(in, msg, &tail);
        ccp_ollama_read_text(in, CCP_B_TEXT, text, &tail);
    }
}


static void
ccp_ollama_read_system(ccp_ollama_reader_t *in, ccp_str_t text)
{
    ccp_block_t    **tail;
    ccp_message_t   *m;

    if (in->r->msgs == NULL) {
        ccp_ollama_read_text(in, CCP_B_TEXT, text, &in->system);
        return;
    }

    m = ccp_ollama_read_new_message(in, CCP_ROLE_SYSTEM);

    if (m) {
        tail = &m->blocks;
        ccp_ollama_read_text(in, CCP_B_TEXT, text, &tail);
    }
}


void
ccp_ollama_read_messages(ccp_ollama_reader_t *in)
{
    ccp_str_t      text;
    ccp_jval_t     role;
    ccp_in_list_t  l;

    for (l = ccp_in_list(&in->at, in->r->root, "messages"); ccp_in_next(&l); )
    {
        if (!ccp_in_is_object(&in->at, l.val)) {
            return;
        }

        text = ccp_in_str(&in->at, l.val, "content");
        role = ccp_json_get(l.val, "role");

        if (ccp_json_is(role, "user")) {
            ccp_ollama_read_user(in, l.val, text);

        } else if (ccp_json_is(role, "assistant")) {
            ccp_ollama_read_assistant(in, l.val, text);

        } else if (ccp_json_is(role, "tool")) {
            ccp_ollama_read_result(in, l.val, text);

        } else if (ccp_json_is(role, "system")
                   || ccp_json_is(role, "developer"))
        {
            ccp_ollama_read_system(in, text);

        } else {
            ccp_in_refuse(&in->at, "role",
                          "expected system, user, assistant or tool");
        }
    }
}


void
ccp_ollama_read_prompt(ccp_ollama_reader_t *in)
{
    ccp_str_t   prompt, system;
    ccp_jval_t  root;

    root = in->r->root;
    prompt = ccp_in_str(&in->at, root, "prompt");
    system = ccp_in_str(&in->at, root, "system");

    if (prompt.n == 0 && ccp_json_count(ccp_json_get(root, "images")) == 0) {
        /* loads the model */
        return;
    }

    ccp_ollama_read_text(in, CCP_B_TEXT, system, &in->system);
    ccp_ollama_read_user(in, root, prompt);
}
