
/*
 * Chat Completions request in: content parts.
 */

#include "codec/chat/chat_request.h"
#include "codec/chat/chat.h"
#include "codec/form/form_media.h"


/* {"type":"ephemeral","ttl":"1h"} */

ccp_cache_e
ccp_chat_read_cache_mark(ccp_jval_t v)
{
    if (ccp_json_type(v) != CCP_J_OBJECT) {
        return CCP_CACHE_NONE;
    }

    return ccp_json_is(ccp_json_get(v, "ttl"), "1h") ? CCP_CACHE_1H
                                                      : CCP_CACHE_5M;
}


static int
ccp_chat_read_part_error(ccp_chat_reader_t *in, ccp_jval_t v, const char *want,
    int i, const char *member)
{
    return ccp_chat_read_type_error(in, v, want, "messages[%u].content[%d].%s",
                                    in->msg, i, member);
}


/* A URL that stands as a string or in an object's url member. */

static int
ccp_chat_read_url(ccp_chat_reader_t *in, ccp_block_t *b, ccp_jval_t v, int i,
    const char *member)
{
    if (ccp_json_type(v) == CCP_J_OBJECT) {
        b->media.detail = ccp_json_gets(v, "detail");
        v = ccp_json_get(v, "url");
    }

    if (ccp_json_str(v).n == 0) {
        return ccp_chat_read_part_error(in, v, "a URL", i, member);
    }

    ccp_media_url(&b->media, ccp_json_str(v));

    return CCP_OK;
}


static int
ccp_chat_read_text_part(ccp_chat_reader_t *in, ccp_block_t *b, ccp_jval_t v,
    int i)
{
    v = ccp_json_get(v, "text");

    if (ccp_json_type(v) != CCP_J_STRING) {
        return ccp_chat_read_part_error(in, v, "a string", i, "text");
    }

    b->kind = CCP_B_TEXT;
    b->text = ccp_json_str(v);

    return CCP_OK;
}


static int
ccp_chat_read_refusal_part(ccp_chat_reader_t *in, ccp_block_t *b, ccp_jval_t v,
    int i)
{
    v = ccp_json_get(v, "refusal");

    if (ccp_json_type(v) != CCP_J_STRING) {
        return ccp_chat_read_part_error(in, v, "a string", i, "refusal");
    }

    b->kind = CCP_B_REFUSAL;
    b->text = ccp_json_str(v);

    return CCP_OK;
}


static int
ccp_chat_read_image_part(ccp_chat_reader_t *in, ccp_block_t *b, ccp_jval_t v,
    int i)
{
    b->kind = CCP_B_IMAGE;

    return ccp_chat_read_url(in, b, ccp_json_get(v, "image_url"), i,
                             "image_url");
}


static int
ccp_chat_read_video_part(ccp_chat_reader_t *in, ccp_block_t *b, ccp_jval_t v,
    int i)
{
    b->kind = CCP_B_VIDEO;

    return ccp_chat_read_url(in, b, ccp_json_get(v, "video_url"), i,
                             "video_url");
}


static int
ccp_chat_read_docurl_part(ccp_chat_reader_t *in, ccp_block_t *b, ccp_jval_t v,
    int i)
{
    b->kind = CCP_B_DOC;
    b->media.filename = ccp_json_gets(v, "document_name");

    return ccp_chat_read_url(in, b, ccp_json_get(v, "document_url"), i,
                             "document_url");
}


static int
ccp_chat_read_audio_part(ccp_chat_reader_t *in, ccp_block_t *b, ccp_jval_t v,
    int i)
{
    int         rc;
    ccp_buf_t   mime;
    ccp_str_t   format;
    ccp_jval_t  audio, data;

    audio = ccp_json_get(v, "input_audio");
    data = ccp_json_get(audio, "data");
    format = ccp_json_gets(audio, "format");

    if (ccp_json_str(data).n == 0) {
        return ccp_chat_read_part_error(in, data, "base64 text", i,
                                        "input_audio.data");
    }

    b->kind = CCP_B_AUDIO;
    ccp_media_url(&b->media, ccp_json_str(data));

    if (b->media.kind == CCP_MEDIA_B64 && b->media.mime.p != NULL) {
        return CCP_OK;
    }

    /* a bare base64 text, as the protocol has it */

    b->media.kind = CCP_MEDIA_B64;
    b->media.data = ccp_json_str(data);

    ccp_buf_init(&mime, in->a, 0);
    rc = ccp_buf_add(&mime, "audio/", 6);

    if (rc == CCP_OK) {
        rc = format.n ? ccp_buf_add_json(&mime, format)
                      : ccp_buf_add(&mime, "wav", 3);
    }

    b->media.mime = ccp_buf_str(&mime, format.esc);

    return rc;
}


static int
ccp_chat_read_file_part(ccp_chat_reader_t *in, ccp_block_t *b, ccp_jval_t v,
    int i)
{
    ccp_str_t   s;
    ccp_jval_t  file;

    file = ccp_json_get(v, "file");

    if (ccp_json_type(file) != CCP_J_OBJECT) {
        return ccp_chat_read_part_error(in, file, "an object", i, "file");
    }

    b->kind = CCP_B_DOC;
    s = ccp_json_gets(file, "file_data");

    if (s.n) {
        ccp_media_url(&b->media, s);

        if (b->media.kind == CCP_MEDIA_URL && !ccp_str_starts(s, "http")) {
            b->media.kind = CCP_MEDIA_B64;
            b->media.data = s;
            b->media.mime = ccp_lit("application/pdf");
        }

    } else if (ccp_json_gets(file, "file_id").n) {
        b->media.kind = CCP_MEDIA_FILE;
        b->media.data = ccp_json_gets(file, "file_id");

    } else {
        return ccp_chat_read_part_error(in, ccp_json_get(file, "file_data"),
                                        "a data URL or file_id", i,
                                        "file.file_data");
    }

    b->media.filename = ccp_json_gets(file, "filename");

    return CCP_OK;
}


/* Mistral: {"type":"thinking","thinking":[{"type":"text","text":…}]} */

static int
ccp_chat_read_thinking_part(ccp_chat_reader_t *in, ccp_block_t *b,
    ccp_jval_t v, int i)
{
    ccp_buf_t    text;
    ccp_jiter_t  it;

    (void) i;

    b->kind = CCP_B_THINK;
    b->origin = CCP_CHAT;
    v = ccp_json_get(v, "thinking");

    if (ccp_json_type(v) == CCP_J_STRING) {
        b->text = ccp_json_str(v);
        return CCP_OK;
    }

    if (ccp_json_count(v) == 1) {
        it = ccp_json_iter(v);
        ccp_json_next(&it);
        b->text = ccp_json_gets(it.val, "text");
        return CCP_OK;
    }

    ccp_buf_init(&text, in->a, 0);

    for (it = ccp_json_iter(v); ccp_json_next(&it); ) {
        ccp_buf_add_json(&text, ccp_json_gets(it.val, "text"));
    }

    b->text = ccp_buf_str(&text, 1);
    b->text.esc = 1;

    return text.err ? CCP_NOMEM : CCP_OK;
}


typedef struct {
    const char  *type;
    int          (*read)(ccp_chat_reader_t *in, ccp_block_t *b, ccp_jval_t v,
                       int i);
} ccp_chat_read_part_t;

static const ccp_chat_read_part_t  ccp_chat_read_part_table[] = {
    { "text", ccp_chat_read_text_part },
    { "input_text", ccp_chat_read_text_part },
    { "output_text", ccp_chat_read_text_part },
    { "image_url", ccp_chat_read_image_part },
    { "input_audio", ccp_chat_read_audio_part },
    { "file", ccp_chat_read_file_part },
    { "refusal", ccp_chat_read_refusal_part },
    { "video_url", ccp_chat_read_video_part },
    { "document_url", ccp_chat_read_docurl_part },
    { "thinking", ccp_chat_read_thinking_part },
    { NULL, NULL }
};


int
ccp_chat_read_part(ccp_chat_reader_t *in, ccp_block_t *b, ccp_jval_t v, int i)
{
    ccp_jval_t                   type;
    const ccp_chat_read_part_t  *p;

    if (ccp_json_type(v) == CCP_J_STRING) {
        b->kind = CCP_B_TEXT;
        b->text = ccp_json_str(v);
        return CCP_OK;
    }

    if (ccp_json_type(v) != CCP_J_OBJECT) {
        return ccp_chat_read_type_error(in, v, "an object",
                                        "messages[%u].content[%d]", in->msg,
                                        i);
    }

    type = ccp_json_get(v, "type");

    if (ccp_json_type(type) != CCP_J_STRING) {
        return ccp_chat_read_part_error(in, type, "a string", i, "type");
    }

    b->raw = ccp_json_raw(v);
    b->cache = ccp_chat_read_cache_mark(ccp_json_get(v, "cache_control"));

    if (ccp_json_is(ccp_json_get(ccp_json_get(v, "prompt_cache_breakpoint"),
                                 "mode"), "explicit"))
    {
        b->cache = CCP_CACHE_30M;
    }

    for (p = ccp_chat_read_part_table; p->type; p++) {
        if (ccp_json_is(type, p->type)) {
            return p->read(in, b, v, i);
        }
    }

    /* a kind that only its maker knows */

    b->kind = CCP_B_OPAQUE;
    b->origin = CCP_CHAT;
    b->type = ccp_json_str(type);

    return CCP_OK;
}
