
/*
 * Anthropic Messages, request in: content blocks.
 */

#include "codec/anthropic/anthropic_request.h"
#include "codec/anthropic/anthropic.h"
#include "codec/form/form_block.h"
#include "codec/prepare/prepare.h"


ccp_cache_e
ccp_anthropic_read_cache_mark(ccp_jval_t obj)
{
    ccp_jval_t  v;

    v = ccp_json_opt(obj, "cache_control");

    if (ccp_json_type(v) != CCP_J_OBJECT) {
        return CCP_CACHE_NONE;
    }

    return ccp_json_is(ccp_json_get(v, "ttl"), "1h") ? CCP_CACHE_1H
                                                     : CCP_CACHE_5M;
}


static ccp_str_t
ccp_anthropic_read_needed(ccp_anthropic_reader_t *in, ccp_jval_t obj,
    const char *name)
{
    return ccp_json_str(ccp_in_need(&in->at, obj, name, CCP_M_STRING));
}


static void
ccp_anthropic_read_text(ccp_anthropic_reader_t *in, ccp_jval_t v,
    ccp_block_t *b)
{
    b->text = ccp_anthropic_read_needed(in, v, "text");
}


static const struct {
    const char   *type;
    ccp_media_e   kind;
    const char   *member;
} ccp_anthropic_read_source_table[] = {
    { "base64", CCP_MEDIA_B64, "data" },
    { "url", CCP_MEDIA_URL, "url" },
    { "file", CCP_MEDIA_FILE, "file_id" },
    { "text", CCP_MEDIA_TEXT, "data" }
};


/* source: {type: base64 | url | file | text | content, …} */

static void
ccp_anthropic_read_source(ccp_anthropic_reader_t *in, ccp_jval_t v,
    ccp_block_t *b)
{
    size_t      i;
    ccp_jval_t  src, kind;

    src = ccp_in_need(&in->at, v, "source", CCP_M_OBJECT);
    kind = ccp_json_opt(src, "type");
    b->media.mime = ccp_json_gets(src, "media_type");

    if (ccp_json_is(kind, "content")) {
        ccp_in_enter(&in->at, "source");
        ccp_anthropic_read_blocks(in, ccp_json_opt(src, "content"), "content",
                                  &b->parts);
        ccp_in_leave(&in->at);
        return;
    }

    for (i = 0; i < ccp_countof(ccp_anthropic_read_source_table); i++) {
        if (ccp_json_is(kind, ccp_anthropic_read_source_table[i].type)) {
            b->media.kind = ccp_anthropic_read_source_table[i].kind;
            b->media.data = ccp_anthropic_read_needed(in, src,
                                    ccp_anthropic_read_source_table[i].member);
            break;
        }
    }

    if (!ccp_json_has(kind)) {
        ccp_in_wrong(&in->at, "source.type", kind, "");

    } else if (b->media.kind == CCP_MEDIA_NONE) {
        b->kind = CCP_B_OPAQUE;

    } else if (b->media.kind == CCP_MEDIA_B64 && b->media.mime.p == NULL) {
        ccp_in_wrong(&in->at, "source.base64.media_type", ccp_jabsent, "");
    }
}


static void
ccp_anthropic_read_doc(ccp_anthropic_reader_t *in, ccp_jval_t v,
    ccp_block_t *b)
{
    b->title = ccp_json_gets(v, "title");
    b->context = ccp_json_gets(v, "context");
    ccp_anthropic_read_source(in, v, b);
}


/* The source is an address or a name, not data. */

static void
ccp_anthropic_read_found(ccp_anthropic_reader_t *in, ccp_jval_t v,
    ccp_block_t *b)
{
    b->title = ccp_json_gets(v, "title");
    b->context = ccp_json_gets(v, "source");
    ccp_anthropic_read_blocks(in, ccp_json_opt(v, "content"), "content",
                              &b->parts);
}


static void
ccp_anthropic_read_call(ccp_anthropic_reader_t *in, ccp_jval_t v,
    ccp_block_t *b)
{
    b->id = ccp_anthropic_read_needed(in, v, "id");
    b->name = ccp_anthropic_read_needed(in, v, "name");
    ccp_in_args(&in->at, b, v, "input", "a valid dictionary");
    b->space = ccp_json_gets(v, "toolset_name");
}


static void
ccp_anthropic_read_result(ccp_anthropic_reader_t *in, ccp_jval_t v,
    ccp_block_t *b)
{
    b->id = ccp_anthropic_read_needed(in, v, "tool_use_id");
    b->error = (ccp_json_bool(ccp_json_get(v, "is_error"), 0) == 1);
    b->space = ccp_json_gets(v, "toolset_name");
    ccp_anthropic_read_blocks(in, ccp_json_opt(v, "content"), "content",
                              &b->parts);
}


/* A signature that another protocol's server made came in a carrier. */

static void
ccp_anthropic_read_think(ccp_anthropic_reader_t *in, ccp_jval_t v,
    ccp_block_t *b)
{
    b->redacted = ccp_str_is(b->type, "redacted_thinking");

    if (b->redacted) {
        b->sig = ccp_json_gets(v, "data");

    } else {
        b->text = ccp_json_gets(v, "thinking");
        b->sig = ccp_json_gets(v, "signature");
    }

    if (b->sig.n == 0) {
        b->sig = ccp_none;

    } else if (ccp_carrier_unpack(in->at.a, b->sig, &b->origin, &b->sig_model,
                                  &b->item_id, &b->sig)
               && b->sig.p == NULL)
    {
        ccp_in_nomem(&in->at);
    }
}


static void
ccp_anthropic_read_hosted(ccp_anthropic_reader_t *in, ccp_jval_t v,
    ccp_block_t *b)
{
    (void) in;

    b->name = ccp_json_gets(v, "name");
    b->space = ccp_json_gets(v, "server_name");

    if (b->kind == CCP_B_HCALL) {
        b->id = ccp_json_gets(v, "id");
        b->text = ccp_json_raw(ccp_json_opt(v, "input"));

    } else {
        b->id = ccp_json_gets(v, "tool_use_id");
        b->error = (ccp_json_bool(ccp_json_get(v, "is_error"), 0) == 1);
    }
}


/* Others are shown what a compaction says; everything else is no text. */

static void
ccp_anthropic_read_opaque(ccp_anthropic_reader_t *in, ccp_jval_t v,
    ccp_block_t *b)
{
    if (in->inner > 1
        && (ccp_str_is(b->type, "tool_reference")
            || ccp_str_is(b->type, "browser_state")))
    {
        b->kind = CCP_B_TEXT;
        b->text = b->raw;

    } else if (ccp_str_is(b->type, "compaction")) {
        b->text = ccp_json_gets(v, "content");
    }
}


/* By kind; the type stands in the place that errors tell. */

static const struct {
    const char  *type;
    void       (*read)(ccp_anthropic_reader_t *in, ccp_jval_t v,
                       ccp_block_t *b);
} ccp_anthropic_read_block_table[] = {
    [CCP_B_TEXT] = { "text", ccp_anthropic_read_text },
    [CCP_B_THINK] = { "thinking", ccp_anthropic_read_think },
    [CCP_B_IMAGE] = { "image", ccp_anthropic_read_source },
    [CCP_B_DOC] = { "document", ccp_anthropic_read_doc },
    [CCP_B_CALL] = { "tool_use", ccp_anthropic_read_call },
    [CCP_B_RESULT] = { "tool_result", ccp_anthropic_read_result },
    [CCP_B_HCALL] = { "server_tool_use", ccp_anthropic_read_hosted },
    [CCP_B_HRESULT] = { "tool_result", ccp_anthropic_read_hosted },
    [CCP_B_OPAQUE] = { "", ccp_anthropic_read_opaque }
};


static void
ccp_anthropic_read_block(ccp_anthropic_reader_t *in, ccp_jval_t v,
    ccp_block_t ***tail)
{
    ccp_str_t     type;
    ccp_block_t  *b;

    if (!ccp_in_is_object(&in->at, v)) {
        return;
    }

    type = ccp_anthropic_read_needed(in, v, "type");
    b = ccp_in_block(&in->at, ccp_anthropic_block_kind(type), tail);
    if (b == NULL) {
        return;
    }

    b->origin = CCP_ANTHROPIC;
    b->type = type;
    b->raw = ccp_json_raw(v);
    b->cache = ccp_anthropic_read_cache_mark(v);

    if (ccp_str_is(type, "search_result")) {
        ccp_in_enter(&in->at, "search_result");
        ccp_anthropic_read_found(in, v, b);

    } else {
        ccp_in_enter(&in->at, ccp_anthropic_read_block_table[b->kind].type);
        ccp_anthropic_read_block_table[b->kind].read(in, v, b);
    }

    ccp_in_leave(&in->at);
}


void
ccp_anthropic_read_blocks(ccp_anthropic_reader_t *in, ccp_jval_t v,
    const char *name, ccp_block_t **head)
{
    ccp_block_t   **tail;
    ccp_in_list_t   l;

    tail = head;

    switch (ccp_json_type(v)) {

    case CCP_J_ABSENT:
        return;

    case CCP_J_STRING:
        (void) ccp_in_text(&in->at, ccp_json_str(v), &tail);
        return;

    case CCP_J_ARRAY:
        break;

    default:
        ccp_in_wrong(&in->at, name, v, "a valid list");
        return;
    }

    in->inner++;

    for (l = ccp_in_each(&in->at, v, name); ccp_in_next(&l); ) {
        ccp_anthropic_read_block(in, l.val, &tail);
    }

    in->inner--;
}
