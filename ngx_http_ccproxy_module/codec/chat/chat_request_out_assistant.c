
/*
 * Chat Completions request out: assistant messages, with the reasoning that
 * some providers want back (T27).
 */

#include "codec/chat/chat_request.h"
#include "codec/chat/chat.h"
#include "codec/json/json_write.h"
#include "codec/form/form_block.h"
#include "codec/prepare/prepare.h"


/* What stands for reasoning that is demanded but not known. */
#define CCP_CHAT_NO_THOUGHT  " "


typedef struct {
    int                texts;
    int                calls;
    const ccp_block_t *text;       /* the first */
    int                replay;     /* reasoning goes along */
    ccp_str_t          thought;    /* its text; absent: none */
} ccp_chat_assistant_t;


static int
ccp_chat_is_text(const ccp_block_t *b)
{
    return (b->kind == CCP_B_TEXT || b->kind == CCP_B_REFUSAL) && b->text.n;
}


static int
ccp_chat_survey_assistant(ccp_chat_writer_t *w, const ccp_message_t *m,
    ccp_chat_assistant_t *a)
{
    int                 thoughts;
    ccp_buf_t           buf;
    const ccp_block_t  *b;

    memset(a, 0, sizeof(ccp_chat_assistant_t));
    thoughts = 0;

    for (b = m->blocks; b; b = b->next) {
        if (ccp_chat_is_text(b)) {
            a->text = a->texts++ ? a->text : b;

        } else if (b->kind == CCP_B_CALL) {
            a->calls++;

        } else if (b->kind == CCP_B_THINK && b->text.n && !b->redacted) {
            thoughts++;
            a->thought = b->text;
        }
    }

    a->replay = w->pr->replay != CCP_RP_NONE
                && (w->pr->replay_when == CCP_WHEN_ALWAYS
                    || (w->pr->replay_when == CCP_WHEN_TOOL_TURNS
                        && a->calls));

    if (!a->replay || thoughts < 2) {
        return CCP_OK;
    }

    ccp_buf_init(&buf, w->x->arena, 0);

    for (b = m->blocks; b; b = b->next) {
        if (b->kind == CCP_B_THINK && b->text.n && !b->redacted) {
            if (buf.n) {
                ccp_buf_add(&buf, "\\n", 2);
            }

            ccp_buf_add_json(&buf, b->text);
        }
    }

    a->thought = ccp_buf_str(&buf, 1);
    a->thought.esc = 1;

    return buf.err ? CCP_NOMEM : CCP_OK;
}


/* A string of all texts, which thoughts in tags may precede. */

static void
ccp_chat_write_joined(ccp_chat_writer_t *w, const ccp_message_t *m,
    ccp_str_t tagged)
{
    int                 n;
    const ccp_block_t  *b;

    ccp_w_str_open(w->o);

    if (tagged.n) {
        ccp_w_str_part(w->o, ccp_lit("<think>"));
        ccp_w_str_part(w->o, tagged);
        ccp_w_str_part(w->o, ccp_lit("</think>"));
    }

    for (n = 0, b = m->blocks; b; b = b->next) {
        if (ccp_chat_is_text(b)) {
            if (n++) {
                ccp_w_str_part(w->o, ccp_lit("\n"));
            }

            ccp_w_str_part(w->o, b->text);
        }
    }

    ccp_w_str_close(w->o);
}


static int
ccp_chat_write_parts(ccp_chat_writer_t *w, const ccp_message_t *m,
    ccp_str_t thought)
{
    int                 rc;
    ccp_out_t          *out;
    const ccp_block_t  *b;

    out = w->o;
    ccp_w_arr(out);

    if (thought.n) {
        ccp_w_obj(out);
        ccp_w_kcstr(out, "type", "thinking");
        ccp_w_key(out, "thinking");
        ccp_w_arr(out);
        ccp_w_obj(out);
        ccp_w_kcstr(out, "type", "text");
        ccp_w_kstr(out, "text", thought);
        ccp_w_obj_end(out);
        ccp_w_arr_end(out);
        ccp_w_kbool(out, "closed", 1);
        ccp_w_obj_end(out);
    }

    for (b = m->blocks; b; b = b->next) {
        if (ccp_chat_is_text(b)) {
            rc = ccp_chat_write_part(w, b, 0);
            if (rc != CCP_OK) {
                return rc;
            }
        }
    }

    ccp_w_arr_end(out);

    return CCP_OK;
}


static int
ccp_chat_write_content(ccp_chat_writer_t *w, const ccp_message_t *m,
    const ccp_chat_assistant_t *a)
{
    ccp_str_t  tagged, part;

    tagged = a->replay && w->pr->replay == CCP_RP_TAGS ? a->thought : ccp_none;
    part = a->replay && w->pr->replay == CCP_RP_ARRAY ? a->thought : ccp_none;

    ccp_w_key(w->o, "content");

    if (a->texts == 0 && tagged.n == 0 && part.n == 0) {
        /* null with calls alone (T21), unless only strings are taken */
        if (a->calls && !w->pr->asst_str) {
            ccp_w_null(w->o);

        } else {
            ccp_w_cstr(w->o, "");
        }

        return CCP_OK;
    }

    if (part.n == 0
        && (a->texts < 2 || tagged.n || w->pr->asst_str)
        && (a->text == NULL || w->pr->asst_str
            || !ccp_chat_is_marked(w, a->text)))
    {
        ccp_chat_write_joined(w, m, tagged);
        return CCP_OK;
    }

    return ccp_chat_write_parts(w, m, part);
}


/* reasoning_details as they came, or made again from what a carrier held. */

static void
ccp_chat_write_details(ccp_chat_writer_t *w, const ccp_message_t *m)
{
    int                 n;
    ccp_out_t          *out;
    const ccp_block_t  *b;

    n = 0;
    out = w->o;

    for (b = m->blocks; b; b = b->next) {
        if (b->kind != CCP_B_THINK || b->origin != CCP_CHAT
            || (b->raw.p == NULL && b->text.n == 0 && b->sig.n == 0))
        {
            continue;
        }

        if (n++ == 0) {
            ccp_w_key(out, "reasoning_details");
            ccp_w_arr(out);
        }

        if (b->raw.p) {
            ccp_w_raw(out, b->raw);
            continue;
        }

        ccp_w_obj(out);

        if (b->text.n) {
            ccp_w_kcstr(out, "type", "reasoning.text");
            ccp_w_kstr(out, "text", b->text);

            if (b->sig.n) {
                ccp_w_kstr(out, "signature", b->sig);
            }

        } else {
            ccp_w_kcstr(out, "type", "reasoning.encrypted");
            ccp_w_kstr(out, "data", b->sig);
        }

        ccp_w_obj_end(out);
    }

    if (n) {
        ccp_w_arr_end(out);
    }
}


static void
ccp_chat_write_replay(ccp_chat_writer_t *w, const ccp_message_t *m,
    const ccp_chat_assistant_t *a)
{
    const char  *member;

    if (!a->replay) {
        return;
    }

    if (w->pr->replay == CCP_RP_DETAILS) {
        ccp_chat_write_details(w, m);
        return;
    }

    if (w->pr->replay == CCP_RP_REASONING_CONTENT) {
        member = "reasoning_content";

    } else if (w->pr->replay == CCP_RP_REASONING) {
        member = "reasoning";

    } else {
        return;
    }

    if (a->thought.n) {
        ccp_w_kstr(w->o, member, a->thought);

    } else if (w->pr->replay_empty && a->calls && w->k.thinks) {
        ccp_w_kcstr(w->o, member, CCP_CHAT_NO_THOUGHT);
    }
}


/* Gemini's proof belongs to the call that follows its thought. */

static void
ccp_chat_write_proof(ccp_chat_writer_t *w, ccp_str_t sig)
{
    ccp_w_key(w->o, "extra_content");
    ccp_w_obj(w->o);
    ccp_w_key(w->o, "google");
    ccp_w_obj(w->o);
    ccp_w_kstr(w->o, "thought_signature", sig);
    ccp_w_obj_end(w->o);
    ccp_w_obj_end(w->o);
}


static int
ccp_chat_write_call(ccp_chat_writer_t *w, const ccp_block_t *b, ccp_str_t sig)
{
    int                free_text;
    ccp_str_t          id, name;
    ccp_out_t         *out;
    const char        *body;
    const ccp_name_t  *map;

    out = w->o;
    name = ccp_name_wire(w->x->names, b->space, b->name);
    map = ccp_name_client(w->x->names, name);
    free_text = b->free_text && !(map && map->free_text);
    body = free_text ? "custom" : "function";

    id = ccp_call_id(w->x->arena, b->id, w->pr->id, "call_");
    if (id.p == NULL) {
        return CCP_NOMEM;
    }

    ccp_w_obj(out);
    ccp_w_kstr(out, "id", id);
    ccp_w_kcstr(out, "type", body);
    ccp_w_key(out, body);
    ccp_w_obj(out);
    ccp_w_kstr(out, "name", name);

    if (free_text) {
        ccp_w_kstr(out, "input", b->text.p ? b->text : ccp_lit(""));

    } else {
        ccp_w_key(out, "arguments");
        ccp_w_args_str(out, w->x->arena, b);
    }

    ccp_w_obj_end(out);

    if (sig.n && w->pr->replay == CCP_RP_EXTRA_CONTENT) {
        ccp_chat_write_proof(w, sig);
    }

    ccp_w_obj_end(out);

    return CCP_OK;
}


static int
ccp_chat_write_calls(ccp_chat_writer_t *w, const ccp_message_t *m)
{
    int                 n, rc;
    ccp_str_t           sig;
    const ccp_block_t  *b;

    n = 0;
    sig = ccp_none;

    for (b = m->blocks; b; b = b->next) {
        if (b->kind != CCP_B_CALL) {
            if (b->kind == CCP_B_THINK && b->origin == CCP_GEMINI
                && b->sig.n)
            {
                sig = b->sig;
            }

            if (b->kind == CCP_B_HCALL || b->kind == CCP_B_OPAQUE) {
                ccp_request_note(w->r, w->x->arena,
                                 "a block of type %.*s: not taken by %s",
                                 (int) b->type.n, (const char *) b->type.p,
                                 w->pr->name);
            }

            continue;
        }

        if (b->sig.n && b->origin == CCP_GEMINI) {
            sig = b->sig;
        }

        if (n++ == 0) {
            ccp_w_key(w->o, "tool_calls");
            ccp_w_arr(w->o);
        }

        rc = ccp_chat_write_call(w, b, sig);
        if (rc != CCP_OK) {
            return rc;
        }

        sig = ccp_none;
    }

    if (n) {
        ccp_w_arr_end(w->o);
    }

    return CCP_OK;
}


int
ccp_chat_is_silent(ccp_chat_writer_t *w, const ccp_message_t *m)
{
    int                 tagged;
    const ccp_block_t  *b;

    /* reasoning that stands in the content itself is content */

    tagged = w->pr->replay_when == CCP_WHEN_ALWAYS
             && (w->pr->replay == CCP_RP_TAGS || w->pr->replay == CCP_RP_ARRAY);

    for (b = m->role == CCP_ROLE_ASSISTANT ? m->blocks : NULL; b; b = b->next)
    {
        if (ccp_chat_is_text(b) || b->kind == CCP_B_CALL
            || (tagged && b->kind == CCP_B_THINK && b->text.n
                && !b->redacted))
        {
            return 0;
        }
    }

    return m->role == CCP_ROLE_ASSISTANT;
}


/* Words at the end that the model is to go on with, where that is said. */

static void
ccp_chat_write_prefill(ccp_chat_writer_t *w, const ccp_message_t *m,
    const ccp_chat_assistant_t *a)
{
    if (m->next || a->calls) {
        return;
    }

    if (w->pr->prefill == CCP_PREFILL_PREFIX) {
        ccp_w_kbool(w->o, "prefix", 1);

    } else if (w->pr->prefill == CCP_PREFILL_PARTIAL) {
        ccp_w_kbool(w->o, "partial", 1);
    }
}


int
ccp_chat_write_assistant(ccp_chat_writer_t *w, const ccp_message_t *m)
{
    int                   rc;
    ccp_chat_assistant_t  a;

    rc = ccp_chat_survey_assistant(w, m, &a);
    if (rc != CCP_OK) {
        return rc;
    }

    w->moved = m;

    if (ccp_chat_is_silent(w, m)) {
        return CCP_OK;
    }

    w->after_tool = 0;

    ccp_w_obj(w->o);
    ccp_w_kcstr(w->o, "role", "assistant");

    if (m->name.n && w->r->proto == CCP_CHAT && !w->pr->no_msg_name) {
        ccp_w_kstr(w->o, "name", m->name);
    }

    rc = ccp_chat_write_content(w, m, &a);

    if (rc == CCP_OK) {
        ccp_chat_write_replay(w, m, &a);
        ccp_chat_write_prefill(w, m, &a);
        rc = ccp_chat_write_calls(w, m);
    }

    ccp_w_obj_end(w->o);

    return rc;
}
