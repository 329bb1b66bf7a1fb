
/*
 * Ollama request out: messages.  A message is one string and a list of
 * images; results are messages of their own.
 */

#include "codec/ollama/ollama_request.h"
#include "codec/ollama/ollama.h"
#include "codec/json/json_write.h"
#include "codec/form/form_media.h"
#include "codec/prepare/prepare.h"
#include "codec/proto/proto_out.h"


/* Media that can't be had here, as words in old turns. */

static int
ccp_ollama_is_image(ccp_ollama_writer_t *w, const ccp_block_t *b)
{
    return b->kind == CCP_B_IMAGE && b->media.kind == CCP_MEDIA_B64
           && w->pr->img != CCP_IMG_NONE && ccp_media_type_known(b);
}


static int
ccp_ollama_is_text_doc(const ccp_block_t *b)
{
    return b->kind == CCP_B_DOC
           && (b->media.kind == CCP_MEDIA_TEXT || b->parts || b->text.n);
}


/* Whether the block becomes a piece of the message's string. */

static int
ccp_ollama_is_piece(ccp_ollama_writer_t *w, const ccp_block_t *b)
{
    if (b->kind == CCP_B_TEXT || b->kind == CCP_B_REFUSAL) {
        return b->text.n != 0;
    }

    return ccp_media_word(b) && !ccp_ollama_is_image(w, b);
}


/* A document that is text, as text. */

static void
ccp_ollama_write_doc(ccp_out_t *out, const ccp_block_t *b)
{
    const ccp_block_t  *p;

    ccp_w_document_tag(out, b->title);

    if (b->media.kind == CCP_MEDIA_TEXT) {
        ccp_w_str_part(out, b->media.data);
    }

    ccp_w_str_part(out, b->text);

    for (p = b->parts; p; p = p->next) {
        ccp_w_str_part(out, p->text);
    }

    ccp_w_str_part(out, ccp_lit("</document>"));
}


/*
 * The pieces of a list of blocks into an open string.  What can't be sent is
 * an error in the present turn (now) and words in older ones.
 */

static int
ccp_ollama_write_pieces(ccp_ollama_writer_t *w, const ccp_block_t *b,
    const char *sep, int now, int n)
{
    ccp_out_t  *out;

    out = w->o;

    for ( ; b; b = b->next) {
        if (!ccp_ollama_is_piece(w, b)) {
            continue;
        }

        if (n++) {
            ccp_w_str_part(out, ccp_cstr(sep));
        }

        if (ccp_media_word(b) == NULL) {
            ccp_w_str_part(out, b->text);

        } else if (ccp_ollama_is_text_doc(b)) {
            ccp_ollama_write_doc(out, b);

        } else if (now) {
            return ccp_refuse_media(w->x, b, b->kind == CCP_B_IMAGE
                                             && w->pr->img != CCP_IMG_NONE);

        } else {
            ccp_w_str_part(out, ccp_cstr(ccp_media_remark(b)));
        }
    }

    return CCP_OK;
}


static void
ccp_ollama_write_images(ccp_ollama_writer_t *w, const ccp_block_t *b)
{
    int  n;

    for (n = 0; b; b = b->next) {
        if (!ccp_ollama_is_image(w, b)) {
            continue;
        }

        if (n++ == 0) {
            ccp_w_key(w->o, "images");
            ccp_w_arr(w->o);
        }

        ccp_w_str(w->o, b->media.data);
    }

    if (n) {
        ccp_w_arr_end(w->o);
    }
}


static int
ccp_ollama_write_plain(ccp_ollama_writer_t *w, const char *role,
    const ccp_block_t *blocks, const char *sep, int now)
{
    int  rc;

    ccp_w_obj(w->o);
    ccp_w_kcstr(w->o, "role", role);
    ccp_w_key(w->o, "content");
    ccp_w_str_open(w->o);
    rc = ccp_ollama_write_pieces(w, blocks, sep, now, 0);
    ccp_w_str_close(w->o);
    ccp_ollama_write_images(w, blocks);
    ccp_w_obj_end(w->o);

    return rc;
}


/* System text in mid-conversation; some templates know it at the top only
 * (T22). */

static int
ccp_ollama_write_later_system(ccp_ollama_writer_t *w, const ccp_message_t *m)
{
    int         rc;
    ccp_out_t  *out;

    if (!w->pr->sys_first) {
        return ccp_ollama_write_plain(w, "system", m->blocks, "\n\n", 0);
    }

    out = w->o;

    ccp_w_obj(out);
    ccp_w_kcstr(out, "role", "user");
    ccp_w_key(out, "content");
    ccp_w_str_open(out);
    ccp_w_str_part(out, ccp_lit("<system-reminder>"));
    rc = ccp_ollama_write_pieces(w, m->blocks, "\n\n", 0, 0);
    ccp_w_str_part(out, ccp_lit("</system-reminder>"));
    ccp_w_str_close(out);
    ccp_w_obj_end(out);

    return rc;
}


/* Ids are optional here: those made for calls without one stay home. */

static int
ccp_ollama_has_id(const ccp_block_t *b)
{
    return b->id.n && !ccp_str_starts(b->id, CCP_ID_MADE);
}


static int
ccp_ollama_write_result(ccp_ollama_writer_t *w, const ccp_block_t *b)
{
    int         rc;
    ccp_out_t  *out;
    ccp_str_t   first;

    out = w->o;

    ccp_w_obj(out);
    ccp_w_kcstr(out, "role", "tool");

    if (b->name.n) {
        ccp_w_kstr(out, "tool_name",
                   ccp_name_wire(w->x->names, b->space, b->name));
    }

    if (ccp_ollama_has_id(b)) {
        ccp_w_kstr(out, "tool_call_id", b->id);
    }

    ccp_w_key(out, "content");
    ccp_w_str_open(out);

    first = b->text.n ? b->text
                      : b->parts && b->parts->kind == CCP_B_TEXT
                        ? b->parts->text : ccp_none;

    if (b->error && !ccp_str_starts(first, "Error")) {
        ccp_w_str_part(out, ccp_lit("Error: "));
    }

    ccp_w_str_part(out, b->text);
    /* a tool's media are not the user's to take back */
    rc = ccp_ollama_write_pieces(w, b->parts, "\n", 0, b->text.n != 0);
    ccp_w_str_close(out);
    ccp_ollama_write_images(w, b->parts);
    ccp_w_obj_end(out);

    return rc;
}


static int
ccp_ollama_write_user(ccp_ollama_writer_t *w, const ccp_message_t *m)
{
    int                 n, now, rc;
    const ccp_block_t  *b;

    n = 0;
    rc = CCP_OK;
    now = m->present;

    for (b = m->blocks; b && rc == CCP_OK; b = b->next) {
        if (b->kind == CCP_B_RESULT) {
            rc = ccp_ollama_write_result(w, b);

        } else if (ccp_ollama_is_piece(w, b) || ccp_ollama_is_image(w, b)) {
            n++;
        }
    }

    return rc == CCP_OK && n
           ? ccp_ollama_write_plain(w, "user", m->blocks, "\n", now) : rc;
}


/*
 * Own reasoning, or such as nobody signed, goes back with calls: templates
 * put it where the model expects it.
 */

static void
ccp_ollama_write_thought(ccp_ollama_writer_t *w, const ccp_block_t *b)
{
    int  n;

    for (n = 0; b; b = b->next) {
        if (b->kind != CCP_B_THINK || b->redacted || b->text.n == 0
            || (b->origin != CCP_OLLAMA && b->sig.n))
        {
            continue;
        }

        if (n++ == 0) {
            ccp_w_key(w->o, "thinking");
            ccp_w_str_open(w->o);

        } else {
            ccp_w_str_part(w->o, ccp_lit("\n"));
        }

        ccp_w_str_part(w->o, b->text);
    }

    if (n) {
        ccp_w_str_close(w->o);
    }
}


static void
ccp_ollama_write_calls(ccp_ollama_writer_t *w, const ccp_block_t *b)
{
    int         n;
    ccp_out_t  *out;

    out = w->o;

    for (n = 0; b; b = b->next) {
        if (b->kind != CCP_B_CALL) {
            continue;
        }

        if (n == 0) {
            ccp_w_key(out, "tool_calls");
            ccp_w_arr(out);
        }

        ccp_w_obj(out);

        if (ccp_ollama_has_id(b)) {
            ccp_w_kstr(out, "id", b->id);
        }

        ccp_w_key(out, "function");
        ccp_w_obj(out);
        ccp_w_kint(out, "index", n++);
        ccp_w_kstr(out, "name", ccp_name_wire(w->x->names, b->space,
                                              b->name));
        ccp_w_key(out, "arguments");
        ccp_w_args(out, w->x->arena, b);
        ccp_w_obj_end(out);
        ccp_w_obj_end(out);
    }

    if (n) {
        ccp_w_arr_end(out);
    }
}


static int
ccp_ollama_write_assistant(ccp_ollama_writer_t *w, const ccp_message_t *m)
{
    int                 calls, said, rc;
    const ccp_block_t  *b;

    calls = 0;
    said = 0;

    for (b = m->blocks; b; b = b->next) {
        calls += b->kind == CCP_B_CALL;
        said |= ccp_ollama_is_piece(w, b) || ccp_ollama_is_image(w, b);
    }

    if (!calls && !said) {
        return CCP_OK;
    }

    ccp_w_obj(w->o);
    ccp_w_kcstr(w->o, "role", "assistant");
    ccp_w_key(w->o, "content");
    ccp_w_str_open(w->o);
    rc = ccp_ollama_write_pieces(w, m->blocks, "\n", 0, 0);
    ccp_w_str_close(w->o);
    ccp_ollama_write_images(w, m->blocks);

    if (w->pr->replay == CCP_RP_THINKING
        && (w->pr->replay_when == CCP_WHEN_ALWAYS
            || (w->pr->replay_when == CCP_WHEN_TOOL_TURNS && calls)))
    {
        ccp_ollama_write_thought(w, m->blocks);
    }

    ccp_ollama_write_calls(w, m->blocks);
    ccp_w_obj_end(w->o);

    return rc;
}


int
ccp_ollama_write_messages(ccp_ollama_writer_t *w)
{
    int                   rc;
    const ccp_message_t  *m;

    rc = CCP_OK;

    ccp_w_key(w->o, "messages");
    ccp_w_arr(w->o);

    if (w->r->system) {
        rc = ccp_ollama_write_plain(w, "system", w->r->system, "\n\n", 0);
    }

    for (m = w->r->msgs; m && rc == CCP_OK; m = m->next) {

        switch (m->role) {

        case CCP_ROLE_SYSTEM:
            rc = ccp_ollama_write_later_system(w, m);
            break;

        case CCP_ROLE_USER:
            rc = ccp_ollama_write_user(w, m);
            break;

        case CCP_ROLE_ASSISTANT:
            rc = ccp_ollama_write_assistant(w, m);
            break;
        }
    }

    ccp_w_arr_end(w->o);

    return rc;
}
