
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


/*
 * Readers of a part, v; member: its member that has the content.
 */

static void
ccp_chat_read_text_part(ccp_chat_reader_t *in, ccp_block_t *b, ccp_jval_t v,
    const char *member)
{
    b->text = ccp_json_str(ccp_in_need(&in->at, v, member, CCP_M_STRING));
}


/* A URL that stands as a string or in an object's url member. */

static void
ccp_chat_read_url_part(ccp_chat_reader_t *in, ccp_block_t *b, ccp_jval_t v,
    const char *member)
{
    b->media.filename = ccp_json_gets(v, "document_name");
    v = ccp_json_get(v, member);

    if (ccp_json_type(v) == CCP_J_OBJECT) {
        b->media.detail = ccp_json_gets(v, "detail");
        v = ccp_json_get(v, "url");
    }

    if (ccp_json_str(v).n == 0) {
        ccp_in_wrong(&in->at, member, v, "a URL");
        return;
    }

    ccp_media_url(&b->media, ccp_json_str(v));
}


/* Mistral's clients write the data, or its URL, where OpenAI's write an
 * object. */

static void
ccp_chat_read_audio_part(ccp_chat_reader_t *in, ccp_block_t *b, ccp_jval_t v,
    const char *member)
{
    ccp_jval_t  audio, data;

    audio = ccp_json_get(v, member);
    data = ccp_json_type(audio) == CCP_J_STRING ? audio
                                                : ccp_json_get(audio, "data");

    if (ccp_json_str(data).n == 0) {
        ccp_in_wrong(&in->at, "input_audio.data", data, "base64 text");
        return;
    }

    ccp_in_audio(&in->at, &b->media, ccp_json_str(data),
                 ccp_json_gets(audio, "format"));
}


static void
ccp_chat_read_file_part(ccp_chat_reader_t *in, ccp_block_t *b, ccp_jval_t v,
    const char *member)
{
    ccp_str_t   data, id;
    ccp_jval_t  file;

    file = ccp_in_need(&in->at, v, member, CCP_M_OBJECT);
    data = ccp_json_gets(file, "file_data");
    id = ccp_json_gets(file, "file_id");
    b->media.filename = ccp_json_gets(file, "filename");

    if (data.n) {
        ccp_media_url(&b->media, data);

        if (b->media.kind == CCP_MEDIA_URL && !ccp_str_starts(data, "http")) {
            b->media.kind = CCP_MEDIA_B64;
            b->media.data = data;
            b->media.mime = ccp_lit("application/pdf");
        }

    } else if (id.n) {
        b->media.kind = CCP_MEDIA_FILE;
        b->media.data = id;

    } else {
        ccp_in_wrong(&in->at, "file.file_data",
                     ccp_json_get(file, "file_data"),
                     "a data URL or file_id");
    }
}


/* Mistral: {"type":"thinking","thinking":[{"type":"text","text":…}]} */

static void
ccp_chat_read_thinking_part(ccp_chat_reader_t *in, ccp_block_t *b,
    ccp_jval_t v, const char *member)
{
    ccp_buf_t    text;
    ccp_jiter_t  it;

    b->origin = CCP_CHAT;
    v = ccp_json_get(v, member);

    if (ccp_json_type(v) == CCP_J_STRING) {
        b->text = ccp_json_str(v);
        return;
    }

    if (ccp_json_count(v) == 1) {
        it = ccp_json_iter(v);
        ccp_json_next(&it);
        b->text = ccp_json_gets(it.val, "text");
        return;
    }

    ccp_buf_init(&text, in->at.a, 0);

    for (it = ccp_json_iter(v); ccp_json_next(&it); ) {
        ccp_buf_add_json(&text, ccp_json_gets(it.val, "text"));
    }

    b->text = ccp_buf_str(&text, 1);
    b->text.esc = 1;

    if (text.err) {
        ccp_in_nomem(&in->at);
    }
}


static const struct {
    const char   *type;
    ccp_block_e   kind;
    const char   *member;
    void        (*read)(ccp_chat_reader_t *in, ccp_block_t *b, ccp_jval_t v,
                        const char *member);
} ccp_chat_read_part_table[] = {
    { "text", CCP_B_TEXT, "text", ccp_chat_read_text_part },
    { "input_text", CCP_B_TEXT, "text", ccp_chat_read_text_part },
    { "output_text", CCP_B_TEXT, "text", ccp_chat_read_text_part },
    { "image_url", CCP_B_IMAGE, "image_url", ccp_chat_read_url_part },
    { "input_audio", CCP_B_AUDIO, "input_audio", ccp_chat_read_audio_part },
    { "file", CCP_B_DOC, "file", ccp_chat_read_file_part },
    { "refusal", CCP_B_REFUSAL, "refusal", ccp_chat_read_text_part },
    { "video_url", CCP_B_VIDEO, "video_url", ccp_chat_read_url_part },
    { "document_url", CCP_B_DOC, "document_url", ccp_chat_read_url_part },
    { "thinking", CCP_B_THINK, "thinking", ccp_chat_read_thinking_part }
};


void
ccp_chat_read_part(ccp_chat_reader_t *in, ccp_block_t *b, ccp_jval_t v)
{
    size_t     i;
    ccp_str_t  type;

    if (ccp_json_type(v) == CCP_J_STRING) {
        b->kind = CCP_B_TEXT;
        b->text = ccp_json_str(v);
        return;
    }

    if (!ccp_in_is_object(&in->at, v)) {
        return;
    }

    type = ccp_json_str(ccp_in_need(&in->at, v, "type", CCP_M_STRING));
    b->raw = ccp_json_raw(v);
    b->cache = ccp_chat_read_cache_mark(ccp_json_get(v, "cache_control"));

    if (ccp_json_is(ccp_json_get(ccp_json_get(v, "prompt_cache_breakpoint"),
                                 "mode"), "explicit"))
    {
        b->cache = CCP_CACHE_30M;
    }

    for (i = 0; i < ccp_countof(ccp_chat_read_part_table); i++) {
        if (ccp_str_is(type, ccp_chat_read_part_table[i].type)) {
            b->kind = ccp_chat_read_part_table[i].kind;
            ccp_chat_read_part_table[i].read(in, b, v,
                                         ccp_chat_read_part_table[i].member);
            return;
        }
    }

    /* a kind that only its maker knows */

    b->kind = CCP_B_OPAQUE;
    b->origin = CCP_CHAT;
    b->type = type;
}
