
/*
 * Gemini request out: the contents.
 *
 * Parts are written one by one; a change of role closes one content and opens
 * the next, so that neighbours of one role become one content.
 */

#include "codec/gemini/gemini_request.h"
#include "codec/gemini/gemini.h"
#include "codec/json/json_write.h"
#include "codec/form/form_block.h"
#include "codec/form/form_media.h"
#include "codec/prepare/prepare.h"
#include "codec/proto/proto_out.h"


/* Accepted in place of a signature that the client lost. */
#define CCP_GEMINI_NO_SIG  "skip_thought_signature_validator"


static const struct {
    const char  *suffix;
    const char  *mime;
} ccp_gemini_mime_suffixes[] = {
    { ".png", "image/png" },
    { ".gif", "image/gif" },
    { ".webp", "image/webp" },
    { ".pdf", "application/pdf" },
    { ".mp3", "audio/mp3" },
    { ".wav", "audio/wav" },
    { ".mp4", "video/mp4" },
    { ".txt", "text/plain" }
};


/* Of media without a type. */

static const char *const  ccp_gemini_mimes[] = {
    [CCP_B_IMAGE] = "image/jpeg",
    [CCP_B_DOC] = "application/pdf",
    [CCP_B_AUDIO] = "audio/mp3",
    [CCP_B_VIDEO] = "video/mp4"
};


static void
ccp_gemini_write_content_end(ccp_gemini_writer_t *w)
{
    if (w->open) {
        ccp_w_arr_end(w->o);
        ccp_w_obj_end(w->o);
        w->open = 0;
    }
}


/* Begins a content of that role, unless one is open. */

static void
ccp_gemini_write_content_head(ccp_gemini_writer_t *w, int model)
{
    ccp_out_t  *o;

    o = w->o;

    if (w->open && w->model == (unsigned) model) {
        return;
    }

    ccp_gemini_write_content_end(w);

    if (model && !w->any) {
        /* the first turn must be the user's */
        ccp_w_obj(o);
        ccp_w_kcstr(o, "role", "user");
        ccp_w_key(o, "parts");
        ccp_w_arr(o);
        ccp_w_obj(o);
        ccp_w_kcstr(o, "text", ".");
        ccp_w_obj_end(o);
        ccp_w_arr_end(o);
        ccp_w_obj_end(o);
    }

    w->open = 1;
    w->any = 1;
    w->model = model != 0;
    w->called = 0;

    ccp_w_obj(o);
    ccp_w_kcstr(o, "role", model ? "model" : "user");
    ccp_w_key(o, "parts");
    ccp_w_arr(o);
}


static void
ccp_gemini_write_text(ccp_gemini_writer_t *w, ccp_str_t text, ccp_str_t sig,
    int model)
{
    ccp_gemini_write_content_head(w, model);
    ccp_w_obj(w->o);
    ccp_w_kstr(w->o, "text", text);

    if (sig.n) {
        ccp_w_kstr(w->o, "thoughtSignature", sig);
    }

    ccp_w_obj_end(w->o);
}


/* Whether the proof is this model family's own. */

static int
ccp_gemini_goes_back(const ccp_gemini_writer_t *w, const ccp_block_t *b)
{
    return b->sig.n && b->origin == CCP_GEMINI
           && (b->sig_model == 0 || b->sig_model == w->family);
}


static ccp_str_t
ccp_gemini_returned_sig(const ccp_gemini_writer_t *w, const ccp_block_t *b)
{
    return ccp_gemini_goes_back(w, b) ? b->sig : ccp_none;
}


/* A signature that no call of its message took. */

static void
ccp_gemini_write_pending(ccp_gemini_writer_t *w)
{
    if (w->pending.n) {
        ccp_gemini_write_text(w, ccp_lit(""), w->pending, 1);
        w->pending = ccp_none;
    }
}


static void
ccp_gemini_write_think(ccp_gemini_writer_t *w, const ccp_block_t *b)
{
    if (w->same && b->origin == CCP_GEMINI && b->text.n) {
        ccp_gemini_write_content_head(w, 1);
        ccp_w_obj(w->o);
        ccp_w_kstr(w->o, "text", b->text);
        ccp_w_kbool(w->o, "thought", 1);

        if (b->sig.n) {
            ccp_w_kstr(w->o, "thoughtSignature", b->sig);
        }

        ccp_w_obj_end(w->o);
        return;
    }

    if (ccp_gemini_goes_back(w, b)) {
        ccp_gemini_write_pending(w);
        w->pending = b->sig;
    }
}


static int
ccp_gemini_id_is_sent(ccp_str_t id)
{
    /* ids that nobody but this gateway has seen stay here */

    return id.n && !ccp_str_starts(id, CCP_ID_MADE);
}


static void
ccp_gemini_write_call(ccp_gemini_writer_t *w, const ccp_block_t *b)
{
    ccp_str_t   sig;
    ccp_out_t  *o;

    o = w->o;
    ccp_gemini_write_content_head(w, 1);

    sig = ccp_gemini_returned_sig(w, b);

    if (sig.n == 0) {
        sig = w->pending;
        w->pending = ccp_none;
    }

    if (sig.n == 0 && w->third && w->now && !w->called) {
        sig = ccp_lit(CCP_GEMINI_NO_SIG);
    }

    w->called = 1;

    ccp_w_obj(o);
    ccp_w_key(o, "functionCall");
    ccp_w_obj(o);

    if (ccp_gemini_id_is_sent(b->id)) {
        ccp_w_kstr(o, "id", b->id);
    }

    ccp_w_kstr(o, "name", ccp_name_wire(w->x->names, b->space, b->name));
    ccp_w_key(o, "args");
    ccp_w_args(o, w->a, b);
    ccp_w_obj_end(o);

    if (sig.n) {
        ccp_w_kstr(o, "thoughtSignature", sig);
    }

    ccp_w_obj_end(o);
}


/* The type of media: as given, else by the URL's end, else by kind. */

static ccp_str_t
ccp_gemini_media_mime(const ccp_block_t *b)
{
    size_t     i, n;
    ccp_str_t  url;

    if (b->media.mime.n) {
        return b->media.mime;
    }

    url = b->media.data;

    for (i = 0; i < ccp_countof(ccp_gemini_mime_suffixes); i++) {
        n = strlen(ccp_gemini_mime_suffixes[i].suffix);

        if (b->media.kind == CCP_MEDIA_URL && url.n > n
            && memcmp(url.p + url.n - n, ccp_gemini_mime_suffixes[i].suffix, n)
            == 0)
        {
            return ccp_cstr(ccp_gemini_mime_suffixes[i].mime);
        }
    }

    return ccp_cstr(ccp_gemini_mimes[b->kind]);
}


/* inlineData or fileData, without the part around it. */

static void
ccp_gemini_write_data(ccp_gemini_writer_t *w, const ccp_block_t *b)
{
    int         inlined;
    ccp_out_t  *o;

    o = w->o;
    inlined = b->media.kind == CCP_MEDIA_B64;

    ccp_w_key(o, inlined ? "inlineData" : "fileData");
    ccp_w_obj(o);

    /* a video's page has no type */

    if (inlined || b->media.mime.n || !w->same) {
        ccp_w_kstr(o, "mimeType", ccp_gemini_media_mime(b));
    }

    ccp_w_kstr(o, inlined ? "data" : "fileUri", b->media.data);

    if (w->same && b->media.filename.n) {
        ccp_w_kstr(o, "displayName", b->media.filename);
    }

    ccp_w_obj_end(o);
}


static int
ccp_gemini_media_fits(const ccp_gemini_writer_t *w, const ccp_block_t *b)
{
    switch (b->media.kind) {

    case CCP_MEDIA_B64:
        return (b->kind != CCP_B_IMAGE || w->pr->img != CCP_IMG_NONE)
               && (w->same || ccp_media_type_known(b)
                   || ccp_str_starts(b->media.mime, "image/hei"));

    case CCP_MEDIA_URL:
        return b->kind != CCP_B_IMAGE
               || (w->pr->img != CCP_IMG_NONE && w->pr->img != CCP_IMG_DATA);

    case CCP_MEDIA_FILE:
        return w->same;

    default:
        return 0;
    }
}


/* Media that don't fit: an error, in old turns a remark (*text). */

static int
ccp_gemini_refuse_block(ccp_gemini_writer_t *w, const ccp_block_t *b,
    int present, ccp_str_t *text)
{
    if (!present) {
        ccp_request_note(w->r, w->a, "%s in an old turn: omitted",
                         ccp_media_word(b));
        *text = ccp_cstr(ccp_media_remark(b));
        return CCP_OK;
    }

    return ccp_refuse_media(w->x, b, b->kind == CCP_B_IMAGE
                                     && w->pr->img == CCP_IMG_DATA);
}


static int
ccp_gemini_doc_is_text(const ccp_block_t *b)
{
    return b->kind == CCP_B_DOC
           && (b->parts || b->media.kind == CCP_MEDIA_TEXT);
}


static int
ccp_gemini_write_media(ccp_gemini_writer_t *w, const ccp_block_t *b, int model,
    int present)
{
    int         rc;
    ccp_out_t  *o;
    ccp_str_t   text, sig;

    o = w->o;
    text = ccp_none;

    if (ccp_gemini_doc_is_text(b)) {
        ccp_gemini_write_content_head(w, model);
        ccp_w_obj(o);
        ccp_w_key(o, "text");
        ccp_w_str_open(o);
        rc = ccp_w_document(o, w->a, b, ccp_none);
        ccp_w_str_close(o);
        ccp_w_obj_end(o);
        return rc;
    }

    if (!ccp_gemini_media_fits(w, b)) {
        rc = ccp_gemini_refuse_block(w, b, present, &text);

        if (rc == CCP_OK) {
            ccp_gemini_write_text(w, text, ccp_none, model);
        }

        return rc;
    }

    ccp_gemini_write_content_head(w, model);
    ccp_w_obj(o);
    ccp_gemini_write_data(w, b);

    if (w->third && (ccp_str_is(b->media.detail, "low")
                     || ccp_str_is(b->media.detail, "high")))
    {
        ccp_w_key(o, "mediaResolution");
        ccp_w_obj(o);
        ccp_w_kcstr(o, "level", ccp_str_is(b->media.detail, "low")
                                ? "MEDIA_RESOLUTION_LOW"
                                : "MEDIA_RESOLUTION_HIGH");
        ccp_w_obj_end(o);
    }

    sig = ccp_gemini_returned_sig(w, b);

    if (sig.n) {
        ccp_w_kstr(o, "thoughtSignature", sig);
    }

    ccp_w_obj_end(o);

    return CCP_OK;
}


/* ---- results ---- */

/* Media of a result that go into the functionResponse itself. */

static int
ccp_gemini_fits_result(const ccp_gemini_writer_t *w, const ccp_block_t *b)
{
    return w->third && ccp_media_word(b)
           && !ccp_gemini_doc_is_text(b)
           && ccp_gemini_media_fits(w, b);
}


static int
ccp_gemini_write_output(ccp_gemini_writer_t *w, const ccp_block_t *r)
{
    int                 n, rc;
    ccp_str_t           text;
    ccp_out_t          *o;
    const ccp_block_t  *b;

    o = w->o;
    rc = CCP_OK;
    n = 0;

    ccp_w_str_open(o);

    if (r->text.n) {
        ccp_w_str_part(o, r->text);
        n++;
    }

    for (b = r->parts; b && rc == CCP_OK; b = b->next) {
        text = b->kind == CCP_B_TEXT || b->kind == CCP_B_REFUSAL
               ? b->text : ccp_none;

        if (ccp_media_word(b) && !ccp_gemini_doc_is_text(b)
            && !ccp_gemini_media_fits(w, b))
        {
            /* a tool's media are not the user's to take back */
            rc = ccp_gemini_refuse_block(w, b, 0, &text);
        }

        if (text.n == 0 && !ccp_gemini_doc_is_text(b)) {
            continue;
        }

        if (n++) {
            ccp_w_str_part(o, ccp_lit("\n"));
        }

        if (ccp_gemini_doc_is_text(b)) {
            rc = ccp_w_document(o, w->a, b, ccp_none);

        } else {
            ccp_w_str_part(o, text);
        }
    }

    ccp_w_str_close(o);

    return rc;
}


static int
ccp_gemini_write_result(ccp_gemini_writer_t *w, const ccp_block_t *r)
{
    int                 n, rc;
    ccp_out_t          *o;
    const ccp_block_t  *b;

    o = w->o;
    rc = CCP_OK;

    ccp_gemini_write_content_head(w, 0);
    ccp_w_obj(o);
    ccp_w_key(o, "functionResponse");
    ccp_w_obj(o);

    if (ccp_gemini_id_is_sent(r->id)) {
        ccp_w_kstr(o, "id", r->id);
    }

    ccp_w_kstr(o, "name", ccp_name_wire(w->x->names, r->space, r->name));
    ccp_w_key(o, "response");

    if (w->same && r->raw.p) {
        ccp_w_raw(o, r->raw);

    } else {
        ccp_w_obj(o);
        ccp_w_key(o, r->error ? "error" : "output");
        rc = ccp_gemini_write_output(w, r);
        ccp_w_obj_end(o);
    }

    for (n = 0, b = r->parts; b; b = b->next) {
        if (!ccp_gemini_fits_result(w, b)) {
            continue;
        }

        if (n++ == 0) {
            ccp_w_key(o, "parts");
            ccp_w_arr(o);
        }

        ccp_w_obj(o);
        ccp_gemini_write_data(w, b);
        ccp_w_obj_end(o);
    }

    if (n) {
        ccp_w_arr_end(o);
    }

    ccp_w_obj_end(o);
    ccp_w_obj_end(o);

    return rc;
}


/* Older models see the media of results behind all of them (T19, T20). */

static int
ccp_gemini_write_guests(ccp_gemini_writer_t *w, const ccp_message_t *m)
{
    int                 rc;
    const ccp_block_t  *r, *b;

    rc = CCP_OK;

    for (r = m->blocks; r && r->kind == CCP_B_RESULT; r = r->next) {
        for (b = r->parts; b && rc == CCP_OK; b = b->next) {
            if (ccp_media_word(b) && !ccp_gemini_doc_is_text(b)
                && ccp_gemini_media_fits(w, b)
                && !ccp_gemini_fits_result(w, b))
            {
                rc = ccp_gemini_write_media(w, b, 0, 0);
            }
        }
    }

    return rc;
}


/* ---- messages ---- */

static int
ccp_gemini_write_hosted_part(ccp_gemini_writer_t *w, const ccp_block_t *b,
    int model)
{
    if (w->same && b->origin == CCP_GEMINI && b->raw.p) {
        ccp_gemini_write_content_head(w, model);
        ccp_w_raw(w->o, b->raw);

    } else {
        ccp_request_note(w->r, w->a,
                         "a block of another provider's server: dropped");
    }

    return CCP_OK;
}


static void
ccp_gemini_write_remind(ccp_gemini_writer_t *w, ccp_str_t text)
{
    ccp_out_t  *o;

    o = w->o;

    ccp_gemini_write_content_head(w, 0);
    ccp_w_obj(o);
    ccp_w_key(o, "text");
    ccp_w_str_open(o);
    ccp_w_str_part(o, ccp_lit("<system-reminder>"));
    ccp_w_str_part(o, text);
    ccp_w_str_part(o, ccp_lit("</system-reminder>"));
    ccp_w_str_close(o);
    ccp_w_obj_end(o);
}


static int
ccp_gemini_write_block(ccp_gemini_writer_t *w, const ccp_message_t *m,
    const ccp_block_t *b)
{
    int  model;

    model = m->role == CCP_ROLE_ASSISTANT;

    switch (b->kind) {

    case CCP_B_TEXT:
    case CCP_B_REFUSAL:
        if (b->text.n == 0) {
            return CCP_OK;
        }

        if (m->role == CCP_ROLE_SYSTEM) {
            ccp_gemini_write_remind(w, b->text);

        } else {
            ccp_gemini_write_text(w, b->text, ccp_gemini_returned_sig(w, b),
                                  model);
        }

        return CCP_OK;

    case CCP_B_THINK:
        if (model) {
            ccp_gemini_write_think(w, b);
        }

        return CCP_OK;

    case CCP_B_CALL:
        ccp_gemini_write_call(w, b);
        return CCP_OK;

    case CCP_B_RESULT:
        return ccp_gemini_write_result(w, b);

    case CCP_B_HCALL:
    case CCP_B_HRESULT:
    case CCP_B_OPAQUE:
        return ccp_gemini_write_hosted_part(w, b, model);

    default:
        return ccp_gemini_write_media(w, b, model, m->present);
    }
}


static int
ccp_gemini_write_message(ccp_gemini_writer_t *w, const ccp_message_t *m)
{
    int                 rc, guests;
    const ccp_block_t  *b;

    rc = CCP_OK;
    guests = 0;

    for (b = m->blocks; b && rc == CCP_OK; b = b->next) {

        if (b->kind == CCP_B_RESULT) {
            guests = 1;

        } else if (guests) {
            guests = 0;
            rc = ccp_gemini_write_guests(w, m);
        }

        if (rc == CCP_OK) {
            rc = ccp_gemini_write_block(w, m, b);
        }
    }

    if (rc == CCP_OK && guests) {
        rc = ccp_gemini_write_guests(w, m);
    }

    ccp_gemini_write_pending(w);

    return rc;
}


/*
 * Where the turn at hand begins: behind the last words of the user that are
 * no results.  Only its calls are asked for signatures.
 */

static const ccp_message_t *
ccp_gemini_find_turn(const ccp_message_t *m)
{
    int                   results;
    const ccp_block_t    *b;
    const ccp_message_t  *turn;

    turn = m;

    while (m) {
        if (m->role == CCP_ROLE_ASSISTANT) {
            m = m->next;
            continue;
        }

        results = 0;

        for ( ; m && m->role != CCP_ROLE_ASSISTANT; m = m->next) {
            for (b = m->blocks; b; b = b->next) {
                results |= b->kind == CCP_B_RESULT;
            }
        }

        if (!results) {
            turn = m;
        }
    }

    return turn;
}


int
ccp_gemini_write_contents(ccp_gemini_writer_t *w)
{
    int                   rc;
    const ccp_message_t  *m;

    w->current = ccp_gemini_find_turn(w->r->msgs);

    ccp_w_key(w->o, "contents");
    ccp_w_arr(w->o);

    for (m = w->r->msgs; m; m = m->next) {
        w->now |= m == w->current;

        rc = ccp_gemini_write_message(w, m);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    if (!w->any && w->r->system) {
        /* what the system says is to be answered: a turn is needed for it */
        ccp_gemini_write_text(w, ccp_lit("."), ccp_none, 0);
    }

    ccp_gemini_write_content_end(w);
    ccp_w_arr_end(w->o);

    if (!w->any) {
        return ccp_refuse(w->x->err, w->a, CCP_E_BAD_REQUEST,
                          "the conversation has no message");
    }

    return CCP_OK;
}
