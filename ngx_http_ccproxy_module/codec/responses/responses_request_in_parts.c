
/*
 * Responses request in: parts of messages and of results.
 */

#include "codec/responses/responses_request.h"
#include "codec/responses/responses.h"
#include "codec/form/form_block.h"
#include "codec/form/form_media.h"


static void
ccp_responses_read_part_text(ccp_responses_reader_t *in, ccp_block_t *b,
    ccp_jval_t v)
{
    b->text = ccp_json_str(ccp_in_need(&in->at, v, "text", CCP_M_STRING));
}


static void
ccp_responses_read_part_refusal(ccp_responses_reader_t *in, ccp_block_t *b,
    ccp_jval_t v)
{
    b->text = ccp_json_str(ccp_in_need(&in->at, v, "refusal", CCP_M_STRING));
}


static void
ccp_responses_read_part_image(ccp_responses_reader_t *in, ccp_block_t *b,
    ccp_jval_t v)
{
    ccp_str_t   id;
    ccp_jval_t  url;

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
        ccp_in_wrong(&in->at, "image_url", url, "a URL or a file_id");
    }
}


static void
ccp_responses_read_part_file(ccp_responses_reader_t *in, ccp_block_t *b,
    ccp_jval_t v)
{
    ccp_str_t  data, url, id;

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
        ccp_in_wrong(&in->at, "file_data", ccp_json_get(v, "file_data"),
                     "a data URL, file_url or file_id");
    }
}


/* Mistral's clients write the data where OpenAI's write an object. */

static void
ccp_responses_read_part_audio(ccp_responses_reader_t *in, ccp_block_t *b,
    ccp_jval_t v)
{
    ccp_jval_t  audio, data;

    audio = ccp_json_opt(v, "input_audio");
    audio = ccp_json_has(audio) ? audio : v;
    data = ccp_json_type(audio) == CCP_J_STRING ? audio
                                                : ccp_json_get(audio, "data");

    if (ccp_json_str(data).n == 0) {
        ccp_in_wrong(&in->at, "input_audio.data", data, "base64 text");
        return;
    }

    ccp_in_audio(&in->at, &b->media, ccp_json_str(data),
                 ccp_json_gets(audio, "format"));
}


static const struct {
    const char   *type;
    ccp_block_e   kind;
    void        (*read)(ccp_responses_reader_t *in, ccp_block_t *b,
                        ccp_jval_t v);
} ccp_responses_read_part_table[] = {
    { "input_text", CCP_B_TEXT, ccp_responses_read_part_text },
    { "output_text", CCP_B_TEXT, ccp_responses_read_part_text },
    { "text", CCP_B_TEXT, ccp_responses_read_part_text },
    { "summary_text", CCP_B_TEXT, ccp_responses_read_part_text },
    { "reasoning_text", CCP_B_TEXT, ccp_responses_read_part_text },
    { "refusal", CCP_B_REFUSAL, ccp_responses_read_part_refusal },
    { "input_image", CCP_B_IMAGE, ccp_responses_read_part_image },
    { "computer_screenshot", CCP_B_IMAGE, ccp_responses_read_part_image },
    { "input_file", CCP_B_DOC, ccp_responses_read_part_file },
    { "input_audio", CCP_B_AUDIO, ccp_responses_read_part_audio }
};


static ccp_cache_e
ccp_responses_read_cache_mark(ccp_jval_t part)
{
    ccp_jval_t  v;

    v = ccp_json_get(part, "prompt_cache_breakpoint");

    return ccp_json_is(ccp_json_get(v, "mode"), "explicit")
           ? CCP_CACHE_30M : CCP_CACHE_NONE;
}


static void
ccp_responses_read_part(ccp_responses_reader_t *in, ccp_jval_t v,
    ccp_block_t ***tail)
{
    size_t        i;
    ccp_jval_t    type;
    ccp_block_t  *b;

    if (ccp_json_type(v) == CCP_J_STRING) {
        (void) ccp_in_text(&in->at, ccp_json_str(v), tail);
        return;
    }

    type = ccp_json_get(v, "type");

    if (ccp_json_type(type) != CCP_J_STRING) {
        ccp_in_wrong(&in->at, "", v, "an object with a type");
        return;
    }

    b = ccp_in_block(&in->at, CCP_B_OPAQUE, tail);
    if (b == NULL) {
        return;
    }

    b->raw = ccp_json_raw(v);
    b->cache = ccp_responses_read_cache_mark(v);

    for (i = 0; i < ccp_countof(ccp_responses_read_part_table); i++) {
        if (ccp_json_is(type, ccp_responses_read_part_table[i].type)) {
            b->kind = ccp_responses_read_part_table[i].kind;
            ccp_responses_read_part_table[i].read(in, b, v);
            return;
        }
    }

    b->origin = CCP_RESPONSES;
    b->type = ccp_json_str(type);
}


void
ccp_responses_read_content(ccp_responses_reader_t *in, ccp_jval_t obj,
    const char *member, ccp_block_t ***tail)
{
    ccp_jval_t   v;
    ccp_jiter_t  it;

    v = ccp_json_get(obj, member);

    switch (ccp_json_type(v)) {

    case CCP_J_STRING:
        (void) ccp_in_text(&in->at, ccp_json_str(v), tail);
        return;

    case CCP_J_ARRAY:
        break;

    case CCP_J_NULL:
        return;

    default:
        ccp_in_wrong(&in->at, member, v, "a string or an array of parts");
        return;
    }

    ccp_in_enter(&in->at, "content[]");

    for (it = ccp_json_iter(v); in->at.rc == CCP_OK && ccp_json_next(&it); ) {
        ccp_responses_read_part(in, it.val, tail);
    }

    ccp_in_leave(&in->at);
}
