
/*
 * Chat Completions request out: content parts.
 */

#include "codec/chat/chat_request.h"
#include "codec/json/json_write.h"
#include "codec/form/form_block.h"
#include "codec/form/form_media.h"
#include "codec/proto/proto_out.h"


void
ccp_chat_write_mark(ccp_out_t *out, ccp_cache_e cache)
{
    if (cache == CCP_CACHE_NONE) {
        return;
    }

    ccp_w_key(out, "cache_control");
    ccp_w_obj(out);
    ccp_w_kcstr(out, "type", "ephemeral");

    if (cache == CCP_CACHE_1H) {
        ccp_w_kcstr(out, "ttl", "1h");
    }

    ccp_w_obj_end(out);
}


int
ccp_chat_is_marked(ccp_chat_writer_t *w, const ccp_block_t *b)
{
    return b->cache != CCP_CACHE_NONE
           && (w->pr->cache == CCP_CC_KEEP || w->pr->cache == CCP_CC_KEEP_TEXT);
}


static int
ccp_chat_doc_fits(ccp_chat_writer_t *w, const ccp_media_t *m)
{
    switch (w->pr->doc) {

    case CCP_DOC_FILE:
        return m->kind == CCP_MEDIA_B64
               || (m->kind == CCP_MEDIA_FILE && w->r->proto == CCP_CHAT);

    case CCP_DOC_URL:
    case CCP_DOC_FILE_URL:
        return m->kind == CCP_MEDIA_B64 || m->kind == CCP_MEDIA_URL;

    default:
        return 0;
    }
}


int
ccp_chat_part_fits(ccp_chat_writer_t *w, const ccp_block_t *b)
{
    const ccp_media_t  *m;

    m = &b->media;

    switch (b->kind) {

    case CCP_B_IMAGE:
        return w->pr->img != CCP_IMG_NONE && ccp_media_type_known(b)
               && (m->kind == CCP_MEDIA_B64
                   || (m->kind == CCP_MEDIA_URL && w->pr->img != CCP_IMG_DATA));

    case CCP_B_VIDEO:
        return w->pr->img != CCP_IMG_NONE
               && (m->kind == CCP_MEDIA_B64 || m->kind == CCP_MEDIA_URL);

    case CCP_B_AUDIO:
        return m->kind == CCP_MEDIA_B64;

    case CCP_B_DOC:
        return b->parts || b->text.p || m->kind == CCP_MEDIA_TEXT
               || (ccp_media_type_known(b) && ccp_chat_doc_fits(w, m));

    default:
        return 1;
    }
}


static void
ccp_chat_write_image(ccp_chat_writer_t *w, const ccp_media_t *m,
    const char *type)
{
    ccp_out_t  *out;

    out = w->o;
    ccp_w_kcstr(out, "type", type);
    ccp_w_key(out, type);

    if (w->pr->img == CCP_IMG_PLAIN) {
        ccp_w_media_url(out, m);
        return;
    }

    ccp_w_obj(out);
    ccp_w_key(out, "url");
    ccp_w_media_url(out, m);

    if (m->detail.n) {
        ccp_w_kstr(out, "detail", ccp_str_is(m->detail, "original")
                                  ? ccp_lit("high") : m->detail);
    }

    ccp_w_obj_end(out);
}


static int
ccp_chat_write_text_doc(ccp_chat_writer_t *w, const ccp_block_t *b)
{
    int  rc;

    ccp_w_kcstr(w->o, "type", "text");
    ccp_w_key(w->o, "text");
    ccp_w_str_open(w->o);
    rc = ccp_w_document(w->o, w->x->arena, b, b->context);
    ccp_w_str_close(w->o);

    return rc;
}


static int
ccp_chat_write_doc(ccp_chat_writer_t *w, const ccp_block_t *b)
{
    ccp_out_t          *out;
    ccp_str_t           name;
    const ccp_media_t  *m;

    m = &b->media;
    out = w->o;
    name = m->filename.n ? m->filename : ccp_lit("document.pdf");

    if (m->kind == CCP_MEDIA_TEXT || b->parts || b->text.p) {
        return ccp_chat_write_text_doc(w, b);
    }

    if (w->pr->doc == CCP_DOC_URL) {
        ccp_w_kcstr(out, "type", "document_url");
        ccp_w_key(out, "document_url");
        ccp_w_media_url(out, m);
        return CCP_OK;
    }

    if (w->pr->doc == CCP_DOC_FILE_URL) {
        ccp_w_kcstr(out, "type", "file_url");
        ccp_w_key(out, "file_url");
        ccp_w_obj(out);
        /* bare base64 there, no data URL */
        ccp_w_kstr(out, "url", m->data);
        ccp_w_obj_end(out);
        ccp_w_kstr(out, "file_name", name);
        return CCP_OK;
    }

    ccp_w_kcstr(out, "type", "file");
    ccp_w_key(out, "file");
    ccp_w_obj(out);

    if (m->kind == CCP_MEDIA_FILE) {
        ccp_w_kstr(out, "file_id", m->data);

    } else {
        ccp_w_kstr(out, "filename", name);
        ccp_w_key(out, "file_data");
        ccp_w_media_url(out, m);
    }

    ccp_w_obj_end(out);

    return CCP_OK;
}


static const char *const  ccp_chat_audio_mimes[][2] = {
    { "audio/mpeg", "mp3" },
    { "audio/x-wav", "wav" },
    { "audio/wave", "wav" },
    { "audio/x-m4a", "m4a" },
    { "audio/mp4", "m4a" },
    { NULL, NULL }
};


static void
ccp_chat_write_audio(ccp_chat_writer_t *w, const ccp_media_t *m)
{
    int         i;
    ccp_str_t   format;
    ccp_out_t  *out;

    out = w->o;
    format = ccp_lit("wav");

    if (m->mime.n > 6 && ccp_str_starts(m->mime, "audio/")) {
        format = m->mime;
        format.p += 6;
        format.n -= 6;
    }

    for (i = 0; ccp_chat_audio_mimes[i][0]; i++) {
        if (ccp_str_is(m->mime, ccp_chat_audio_mimes[i][0])) {
            format = ccp_cstr(ccp_chat_audio_mimes[i][1]);
        }
    }

    ccp_w_kcstr(out, "type", "input_audio");
    ccp_w_key(out, "input_audio");
    ccp_w_obj(out);
    ccp_w_kstr(out, "data", m->data);
    ccp_w_kstr(out, "format", format);
    ccp_w_obj_end(out);
}


int
ccp_chat_write_part(ccp_chat_writer_t *w, const ccp_block_t *b, int now)
{
    int         rc;
    ccp_out_t  *out;

    rc = CCP_OK;
    out = w->o;

    if (!ccp_chat_part_fits(w, b)) {
        if (now) {
            return ccp_refuse_media(w->x, b, b->kind != CCP_B_IMAGE
                                             || w->pr->img == CCP_IMG_DATA);
        }

        ccp_w_obj(out);
        ccp_w_kcstr(out, "type", "text");
        ccp_w_kcstr(out, "text", ccp_media_remark(b));
        ccp_w_obj_end(out);
        return CCP_OK;
    }

    if (b->kind == CCP_B_OPAQUE) {
        ccp_w_raw(out, b->raw);
        return CCP_OK;
    }

    ccp_w_obj(out);

    switch (b->kind) {

    case CCP_B_IMAGE:
        ccp_chat_write_image(w, &b->media, "image_url");
        break;

    case CCP_B_VIDEO:
        ccp_chat_write_image(w, &b->media, "video_url");
        break;

    case CCP_B_AUDIO:
        ccp_chat_write_audio(w, &b->media);
        break;

    case CCP_B_DOC:
        rc = ccp_chat_write_doc(w, b);
        break;

    default:
        ccp_w_kcstr(out, "type", "text");
        ccp_w_kstr(out, "text", b->text);
        break;
    }

    if (ccp_chat_is_marked(w, b)
        && (b->kind == CCP_B_TEXT || w->pr->cache == CCP_CC_KEEP))
    {
        ccp_chat_write_mark(out, b->cache);
    }

    ccp_w_obj_end(out);

    return rc;
}
