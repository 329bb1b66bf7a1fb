
/*
 * Responses request out: parts of messages and of results.
 */

#include "codec/responses/responses_request.h"
#include "codec/responses/responses.h"
#include "codec/json/json_write.h"
#include "codec/form/form_block.h"
#include "codec/form/form_media.h"
#include "codec/proto/proto_out.h"


static int
ccp_responses_doc_is_text(const ccp_block_t *b)
{
    return b->parts || b->text.p || b->media.kind == CCP_MEDIA_TEXT;
}


/* Files of OpenAI's other protocol lie at the same place. */

static int
ccp_responses_part_fits(ccp_responses_writer_t *w, const ccp_block_t *b)
{
    const ccp_media_t  *m;

    m = &b->media;

    switch (b->kind) {

    case CCP_B_IMAGE:
        return w->pr->img != CCP_IMG_NONE && ccp_media_type_known(b)
               && (m->kind == CCP_MEDIA_B64 || m->kind == CCP_MEDIA_URL
                   || (m->kind == CCP_MEDIA_FILE
                       && w->r->proto == CCP_CHAT));

    case CCP_B_DOC:
        return ccp_responses_doc_is_text(b)
               || (w->pr->doc != CCP_DOC_NONE && ccp_media_type_known(b)
                   && (m->kind == CCP_MEDIA_B64 || m->kind == CCP_MEDIA_URL
                       || (m->kind == CCP_MEDIA_FILE
                           && w->r->proto == CCP_CHAT)));

    case CCP_B_AUDIO:
        return m->kind == CCP_MEDIA_B64;

    default:
        return b->kind != CCP_B_VIDEO;
    }
}


static void
ccp_responses_write_omitted(ccp_out_t *out, const ccp_block_t *b)
{
    ccp_w_kcstr(out, "type", "input_text");
    ccp_w_key(out, "text");
    ccp_w_cstr(out, ccp_media_remark(b));
}


static void
ccp_responses_write_image(ccp_out_t *out, const ccp_media_t *m)
{
    ccp_w_kcstr(out, "type", "input_image");

    if (m->kind == CCP_MEDIA_FILE) {
        ccp_w_kstr(out, "file_id", m->data);

    } else {
        ccp_w_key(out, "image_url");
        ccp_w_media_url(out, m);
    }

    ccp_w_kstr(out, "detail", m->detail.n ? m->detail : ccp_lit("auto"));
}


static int
ccp_responses_write_text_doc(ccp_responses_writer_t *w, const ccp_block_t *b)
{
    int  rc;

    ccp_w_kcstr(w->o, "type", "input_text");
    ccp_w_key(w->o, "text");
    ccp_w_str_open(w->o);
    rc = ccp_w_document(w->o, w->x->arena, b, b->context);
    ccp_w_str_close(w->o);

    return rc;
}


static int
ccp_responses_write_doc(ccp_responses_writer_t *w, const ccp_block_t *b)
{
    ccp_str_t           name;
    ccp_out_t          *out;
    const ccp_media_t  *m;

    m = &b->media;
    out = w->o;

    if (ccp_responses_doc_is_text(b)) {
        return ccp_responses_write_text_doc(w, b);
    }

    ccp_w_kcstr(out, "type", "input_file");

    if (m->kind == CCP_MEDIA_FILE) {
        ccp_w_kstr(out, "file_id", m->data);
        return CCP_OK;
    }

    if (m->kind == CCP_MEDIA_URL) {
        ccp_w_kstr(out, "file_url", m->data);
        return CCP_OK;
    }

    name = m->filename.n ? m->filename : b->title;

    ccp_w_kstr(out, "filename", name.n ? name : ccp_lit("document.pdf"));
    ccp_w_key(out, "file_data");
    ccp_w_media_url(out, m);

    return CCP_OK;
}


/* "audio/wav" is the format "wav". */

static void
ccp_responses_write_audio(ccp_out_t *out, const ccp_media_t *m)
{
    ccp_str_t       format;
    const uint8_t  *slash;

    format = m->mime;
    slash = format.n ? memchr(format.p, '/', format.n) : NULL;

    if (slash) {
        format.n -= (size_t) (slash + 1 - format.p);
        format.p = slash + 1;
    }

    if (ccp_str_is(format, "mpeg")) {
        format = ccp_lit("mp3");
    }

    ccp_w_kcstr(out, "type", "input_audio");
    ccp_w_key(out, "input_audio");
    ccp_w_obj(out);
    ccp_w_kstr(out, "data", m->data);
    ccp_w_kstr(out, "format", format.n ? format : ccp_lit("wav"));
    ccp_w_obj_end(out);
}


int
ccp_responses_write_part(ccp_responses_writer_t *w, const ccp_block_t *b,
    int now)
{
    int         rc;
    ccp_out_t  *out;

    rc = CCP_OK;
    out = w->o;

    if (now && !ccp_responses_part_fits(w, b)) {
        return ccp_refuse_media(w->x, b, 0);
    }

    ccp_w_obj(out);

    if (!ccp_responses_part_fits(w, b)) {
        ccp_responses_write_omitted(out, b);

    } else if (b->kind == CCP_B_IMAGE) {
        ccp_responses_write_image(out, &b->media);

    } else if (b->kind == CCP_B_AUDIO) {
        ccp_responses_write_audio(out, &b->media);

    } else if (b->kind == CCP_B_DOC) {
        rc = ccp_responses_write_doc(w, b);

    } else {
        ccp_w_kcstr(out, "type", "input_text");
        ccp_w_kstr(out, "text", b->text);
    }

    if (b->cache != CCP_CACHE_NONE && w->pr->cache == CCP_CC_KEEP) {
        ccp_w_key(out, "prompt_cache_breakpoint");
        ccp_w_obj(out);
        ccp_w_kcstr(out, "mode", "explicit");
        ccp_w_obj_end(out);
    }

    ccp_w_obj_end(out);

    return rc;
}
