
/*
 * Anthropic Messages, request in: content blocks.
 */

#include <stdio.h>

#include "codec/anthropic/anthropic_request.h"
#include "codec/anthropic/anthropic.h"
#include "codec/form/form_block.h"
#include "codec/prepare/prepare.h"


typedef int (*ccp_anthropic_block_pt)(ccp_anthropic_reader_t *in, ccp_jval_t v,
    ccp_block_t *b);


/* "messages.3.content.0.tool_result.content.1.text.text: Field required" */

int
ccp_anthropic_read_error(ccp_anthropic_reader_t *in, const char *type,
    const char *field, const char *what)
{
    int   n;
    char  at[128];

    n = 0;
    at[0] = '\0';

    if (in->msg >= 0) {
        n = snprintf(at, sizeof(at), "messages.%ld", in->msg);

    } else if (in->blk >= 0) {
        n = snprintf(at, sizeof(at), "system");
    }

    if (in->blk >= 0) {
        n += snprintf(at + n, sizeof(at) - (size_t) n, "%s.%ld",
                      in->msg >= 0 ? ".content" : "", in->blk);
    }

    if (in->sub >= 0) {
        n += snprintf(at + n, sizeof(at) - (size_t) n, ".%s.content.%ld",
                      in->outer, in->sub);
    }

    return ccp_refuse(in->err, in->a, CCP_E_BAD_REQUEST,
                      "%s%s%s%s%s: %s", at, n && *type ? "." : "", type,
                      (n || *type) && *field ? "." : "", field, what);
}


/* A string member that must be there. */

int
ccp_anthropic_read_needed(ccp_anthropic_reader_t *in, ccp_jval_t obj,
    const char *type, const char *name, ccp_str_t *s)
{
    ccp_jval_t  v;

    v = ccp_json_opt(obj, name);

    if (v.doc == NULL) {
        return ccp_anthropic_read_error(in, type, name, "Field required");
    }

    if (ccp_json_type(v) != CCP_J_STRING) {
        return ccp_anthropic_read_error(in, type, name,
                                        "Input should be a valid string");
    }

    *s = ccp_json_str(v);

    return CCP_OK;
}


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


static int
ccp_anthropic_read_text(ccp_anthropic_reader_t *in, ccp_jval_t v,
    ccp_block_t *b)
{
    return ccp_anthropic_read_needed(in, v, "text", "text", &b->text);
}


/* source: {type: base64 | url | file | text | content, …} */

static int
ccp_anthropic_read_source(ccp_anthropic_reader_t *in, ccp_jval_t v,
    const char *type, ccp_block_t *b)
{
    int         rc;
    ccp_jval_t  src, kind;

    src = ccp_json_opt(v, "source");

    if (ccp_json_type(src) != CCP_J_OBJECT) {
        return ccp_anthropic_read_error(in, type, "source", src.doc == NULL
                           ? "Field required" : "Input should be an object");
    }

    kind = ccp_json_get(src, "type");
    b->media.mime = ccp_json_gets(src, "media_type");

    if (ccp_json_is(kind, "base64")) {
        b->media.kind = CCP_MEDIA_B64;
        rc = ccp_anthropic_read_needed(in, src, type, "data", &b->media.data);

        if (rc == CCP_OK && b->media.mime.p == NULL) {
            rc = ccp_anthropic_read_error(in, type, "source.base64.media_type",
                                          "Field required");
        }

        return rc;
    }

    if (ccp_json_is(kind, "url")) {
        b->media.kind = CCP_MEDIA_URL;
        return ccp_anthropic_read_needed(in, src, type, "url", &b->media.data);
    }

    if (ccp_json_is(kind, "file")) {
        b->media.kind = CCP_MEDIA_FILE;
        return ccp_anthropic_read_needed(in, src, type, "file_id",
                                         &b->media.data);
    }

    if (ccp_json_is(kind, "text")) {
        b->media.kind = CCP_MEDIA_TEXT;
        return ccp_anthropic_read_needed(in, src, type, "data",
                                         &b->media.data);
    }

    if (ccp_json_is(kind, "content")) {
        return ccp_anthropic_read_blocks(in, ccp_json_opt(src, "content"),
                                         &b->parts, "document.source");
    }

    if (!ccp_json_has(kind)) {
        return ccp_anthropic_read_error(in, type, "source.type",
                                        "Field required");
    }

    b->kind = CCP_B_OPAQUE;

    return CCP_OK;
}


static int
ccp_anthropic_read_image(ccp_anthropic_reader_t *in, ccp_jval_t v,
    ccp_block_t *b)
{
    return ccp_anthropic_read_source(in, v, "image", b);
}


static int
ccp_anthropic_read_doc(ccp_anthropic_reader_t *in, ccp_jval_t v,
    ccp_block_t *b)
{
    b->title = ccp_json_gets(v, "title");

    if (ccp_str_is(b->type, "search_result")) {
        /* the source is an address or a name, not data */
        b->context = ccp_json_gets(v, "source");
        return ccp_anthropic_read_blocks(in, ccp_json_opt(v, "content"),
                                         &b->parts, "search_result");
    }

    b->context = ccp_json_gets(v, "context");

    return ccp_anthropic_read_source(in, v, "document", b);
}


static int
ccp_anthropic_read_call(ccp_anthropic_reader_t *in, ccp_jval_t v,
    ccp_block_t *b)
{
    int         rc;
    ccp_jval_t  input;

    rc = ccp_anthropic_read_needed(in, v, "tool_use", "id", &b->id);
    if (rc == CCP_OK) {
        rc = ccp_anthropic_read_needed(in, v, "tool_use", "name", &b->name);
    }

    if (rc != CCP_OK) {
        return rc;
    }

    input = ccp_json_opt(v, "input");

    b->text = ccp_json_type(input) == CCP_J_STRING ? ccp_json_str(input)
                                                   : ccp_json_raw(input);
    b->space = ccp_json_gets(v, "toolset_name");

    return CCP_OK;
}


static int
ccp_anthropic_read_result(ccp_anthropic_reader_t *in, ccp_jval_t v,
    ccp_block_t *b)
{
    int  rc;

    rc = ccp_anthropic_read_needed(in, v, "tool_result", "tool_use_id",
                                   &b->id);
    if (rc != CCP_OK) {
        return rc;
    }

    b->error = (ccp_json_bool(ccp_json_get(v, "is_error"), 0) == 1);
    b->space = ccp_json_gets(v, "toolset_name");

    return ccp_anthropic_read_blocks(in, ccp_json_opt(v, "content"), &b->parts,
                                     "tool_result");
}


/* A signature that another protocol's server made came in a carrier. */

static int
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
        return CCP_OK;
    }

    if (ccp_carrier_unpack(in->a, b->sig, &b->origin, &b->sig_model,
                           &b->item_id, &b->sig)
        && b->sig.p == NULL)
    {
        return CCP_NOMEM;
    }

    return CCP_OK;
}


static int
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

    return CCP_OK;
}


/* Others are shown what a compaction says; everything else is no text. */

static int
ccp_anthropic_read_opaque(ccp_anthropic_reader_t *in, ccp_jval_t v,
    ccp_block_t *b)
{
    if (in->sub >= 0
        && (ccp_str_is(b->type, "tool_reference")
            || ccp_str_is(b->type, "browser_state")))
    {
        b->kind = CCP_B_TEXT;
        b->text = b->raw;

    } else if (ccp_str_is(b->type, "compaction")) {
        b->text = ccp_json_gets(v, "content");
    }

    return CCP_OK;
}


static const ccp_anthropic_block_pt  ccp_anthropic_read_block_table[] = {
    [CCP_B_TEXT] = ccp_anthropic_read_text,
    [CCP_B_THINK] = ccp_anthropic_read_think,
    [CCP_B_IMAGE] = ccp_anthropic_read_image,
    [CCP_B_DOC] = ccp_anthropic_read_doc,
    [CCP_B_CALL] = ccp_anthropic_read_call,
    [CCP_B_RESULT] = ccp_anthropic_read_result,
    [CCP_B_HCALL] = ccp_anthropic_read_hosted,
    [CCP_B_HRESULT] = ccp_anthropic_read_hosted,
    [CCP_B_OPAQUE] = ccp_anthropic_read_opaque
};


static int
ccp_anthropic_read_block(ccp_anthropic_reader_t *in, ccp_jval_t v,
    ccp_block_t ***tail)
{
    int           rc;
    ccp_str_t     type;
    ccp_block_t  *b;

    if (ccp_json_type(v) != CCP_J_OBJECT) {
        return ccp_anthropic_read_error(in, "", "",
                                        "Input should be an object");
    }

    rc = ccp_anthropic_read_needed(in, v, "", "type", &type);
    if (rc != CCP_OK) {
        return rc;
    }

    b = ccp_block_new(in->a, ccp_anthropic_block_kind(type));
    if (b == NULL) {
        return CCP_NOMEM;
    }

    b->origin = CCP_ANTHROPIC;
    b->type = type;
    b->raw = ccp_json_raw(v);
    b->cache = ccp_anthropic_read_cache_mark(v);

    *tail = ccp_block_push(*tail, b);

    return ccp_anthropic_read_block_table[b->kind](in, v, b);
}


/*
 * A string, a list of blocks, or nothing.  Lists nest twice: the content of a
 * message and of a result; what is deeper is counted with the second.
 */

int
ccp_anthropic_read_blocks(ccp_anthropic_reader_t *in, ccp_jval_t v,
    ccp_block_t **head, const char *outer)
{
    int            rc;
    long          *count, saved;
    ccp_block_t   *b, **tail;
    const char    *saved_outer;
    ccp_jiter_t    it;

    tail = head;

    if (v.doc == NULL) {
        return CCP_OK;
    }

    if (ccp_json_type(v) == CCP_J_STRING) {
        b = ccp_block_new(in->a, CCP_B_TEXT);
        if (b == NULL) {
            return CCP_NOMEM;
        }

        b->text = ccp_json_str(v);
        ccp_block_push(tail, b);

        return CCP_OK;
    }

    if (ccp_json_type(v) != CCP_J_ARRAY) {
        return ccp_anthropic_read_error(in, in->msg >= 0 || in->blk >= 0
                                        ? "content"
                                        : "system", "",
                                        "Input should be a valid list");
    }

    count = in->blk < 0 ? &in->blk : &in->sub;
    saved = *count;
    saved_outer = in->outer;
    in->outer = outer;
    *count = -1;

    for (it = ccp_json_iter(v); ccp_json_next(&it); /* void */) {
        (*count)++;

        rc = ccp_anthropic_read_block(in, it.val, &tail);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    *count = saved;
    in->outer = saved_outer;

    return CCP_OK;
}
