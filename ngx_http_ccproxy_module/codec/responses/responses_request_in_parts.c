
/*
 * Responses request in: parts of messages and of results.
 */

#include "codec/responses/responses_request.h"
#include "codec/responses/responses.h"
#include "codec/form/form_block.h"
#include "codec/form/form_media.h"


int
ccp_responses_read_item_error(ccp_responses_reader_t *in, ccp_jval_t v,
    const char *want, const char *member)
{
    return ccp_responses_read_type_error(in, v, want, "input[%u].%s", in->item,
                                         member);
}


static int
ccp_responses_read_part_text(ccp_responses_reader_t *in, ccp_block_t *b,
    ccp_jval_t v)
{
    ccp_jval_t  text;

    text = ccp_json_get(v, "text");

    if (ccp_json_type(text) != CCP_J_STRING) {
        return ccp_responses_read_item_error(in, text, "a string",
                                             "content[].text");
    }

    b->kind = CCP_B_TEXT;
    b->text = ccp_json_str(text);

    return CCP_OK;
}


static int
ccp_responses_read_part_refusal(ccp_responses_reader_t *in, ccp_block_t *b,
    ccp_jval_t v)
{
    ccp_jval_t  text;

    text = ccp_json_get(v, "refusal");

    if (ccp_json_type(text) != CCP_J_STRING) {
        return ccp_responses_read_item_error(in, text, "a string",
                                             "content[].refusal");
    }

    b->kind = CCP_B_REFUSAL;
    b->text = ccp_json_str(text);

    return CCP_OK;
}


static int
ccp_responses_read_part_image(ccp_responses_reader_t *in, ccp_block_t *b,
    ccp_jval_t v)
{
    ccp_str_t   id;
    ccp_jval_t  url;

    b->kind = CCP_B_IMAGE;
    b->media.detail = ccp_json_gets(v, "detail");

    url = ccp_json_opt(v, "image_url");
    id = ccp_json_gets(v, "file_id");

    /* Chat's form is met too: {"image_url":{"url":…}} */

    if (ccp_json_type(url) == CCP_J_OBJECT) {
        url = ccp_json_get(url, "url");
    }

    if (ccp_json_str(url).n) {
        ccp_media_url(&b->media, ccp_json_str(url));

    } else if (id.n) {
        b->media.kind = CCP_MEDIA_FILE;
        b->media.data = id;

    } else {
        return ccp_responses_read_item_error(in, url, "a URL or a file_id",
                                             "content[].image_url");
    }

    return CCP_OK;
}


static int
ccp_responses_read_part_file(ccp_responses_reader_t *in, ccp_block_t *b,
    ccp_jval_t v)
{
    ccp_str_t  data, url, id;

    b->kind = CCP_B_DOC;
    b->media.filename = ccp_json_gets(v, "filename");

    data = ccp_json_gets(v, "file_data");
    url = ccp_json_gets(v, "file_url");
    id = ccp_json_gets(v, "file_id");

    if (data.n) {
        ccp_media_url(&b->media, data);

        if (b->media.kind == CCP_MEDIA_URL) {
            /* bare base64 */
            b->media.kind = CCP_MEDIA_B64;
            b->media.data = data;
            b->media.mime = ccp_lit("application/pdf");
        }

    } else if (url.n) {
        ccp_media_url(&b->media, url);

    } else if (id.n) {
        b->media.kind = CCP_MEDIA_FILE;
        b->media.data = id;

    } else {
        return ccp_responses_read_item_error(in, ccp_json_get(v, "file_data"),
                                             "a data URL, file_url or file_id",
                                             "content[].file_data");
    }

    return CCP_OK;
}


static int
ccp_responses_read_part_audio(ccp_responses_reader_t *in, ccp_block_t *b,
    ccp_jval_t v)
{
    ccp_buf_t   mime;
    ccp_str_t   data, format;
    ccp_jval_t  audio;

    b->kind = CCP_B_AUDIO;
    audio = ccp_json_opt(v, "input_audio");
    audio = ccp_json_has(audio) ? audio : v;
    data = ccp_json_gets(audio, "data");
    format = ccp_json_gets(audio, "format");

    if (data.n == 0) {
        return ccp_responses_read_item_error(in, ccp_json_get(audio, "data"),
                                             "base64 text",
                                             "content[].input_audio.data");
    }

    b->media.kind = CCP_MEDIA_B64;
    b->media.data = data;

    ccp_buf_init(&mime, in->a, 0);
    (void) ccp_buf_add(&mime, "audio/", 6);
    (void) ccp_buf_add_json(&mime, format.n ? format : ccp_lit("wav"));
    b->media.mime = ccp_buf_str(&mime, format.esc);

    return mime.err ? CCP_NOMEM : CCP_OK;
}


static const struct {
    const char  *type;
    int          (*read)(ccp_responses_reader_t *in, ccp_block_t *b,
                         ccp_jval_t v);
} ccp_responses_read_part_table[] = {
    { "input_text", ccp_responses_read_part_text },
    { "output_text", ccp_responses_read_part_text },
    { "text", ccp_responses_read_part_text },
    { "summary_text", ccp_responses_read_part_text },
    { "reasoning_text", ccp_responses_read_part_text },
    { "refusal", ccp_responses_read_part_refusal },
    { "input_image", ccp_responses_read_part_image },
    { "computer_screenshot", ccp_responses_read_part_image },
    { "input_file", ccp_responses_read_part_file },
    { "input_audio", ccp_responses_read_part_audio },
    { NULL, NULL }
};


static ccp_cache_e
ccp_responses_read_cache_mark(ccp_jval_t part)
{
    ccp_jval_t  v;

    v = ccp_json_get(part, "prompt_cache_breakpoint");

    return ccp_json_is(ccp_json_get(v, "mode"), "explicit")
           ? CCP_CACHE_30M : CCP_CACHE_NONE;
}


static int
ccp_responses_read_part(ccp_responses_reader_t *in, ccp_block_t *b,
    ccp_jval_t v)
{
    size_t      i;
    ccp_jval_t  type;

    if (ccp_json_type(v) == CCP_J_STRING) {
        b->text = ccp_json_str(v);
        return CCP_OK;
    }

    type = ccp_json_get(v, "type");

    if (ccp_json_type(v) != CCP_J_OBJECT
        || ccp_json_type(type) != CCP_J_STRING)
    {
        return ccp_responses_read_item_error(in, v, "an object with a type",
                                             "content[]");
    }

    b->raw = ccp_json_raw(v);
    b->cache = ccp_responses_read_cache_mark(v);

    for (i = 0; ccp_responses_read_part_table[i].type; i++) {
        if (ccp_json_is(type, ccp_responses_read_part_table[i].type)) {
            return ccp_responses_read_part_table[i].read(in, b, v);
        }
    }

    b->kind = CCP_B_OPAQUE;
    b->origin = CCP_RESPONSES;
    b->type = ccp_json_str(type);

    return CCP_OK;
}


int
ccp_responses_read_content(ccp_responses_reader_t *in, ccp_jval_t v,
    const char *member, ccp_block_t ***tail)
{
    int           rc;
    ccp_block_t  *b;
    ccp_jiter_t   it;

    switch (ccp_json_type(v)) {

    case CCP_J_STRING:
        b = ccp_block_new(in->a, CCP_B_TEXT);
        if (b == NULL) {
            return CCP_NOMEM;
        }

        b->text = ccp_json_str(v);
        *tail = ccp_block_push(*tail, b);
        return CCP_OK;

    case CCP_J_ARRAY:
        break;

    case CCP_J_NULL:
        return CCP_OK;

    default:
        return ccp_responses_read_item_error(in, v,
                                             "a string or an array of parts",
                                             member);
    }

    for (it = ccp_json_iter(v); ccp_json_next(&it); ) {
        b = ccp_block_new(in->a, CCP_B_TEXT);
        if (b == NULL) {
            return CCP_NOMEM;
        }

        rc = ccp_responses_read_part(in, b, it.val);
        if (rc != CCP_OK) {
            return rc;
        }

        *tail = ccp_block_push(*tail, b);
    }

    return CCP_OK;
}
