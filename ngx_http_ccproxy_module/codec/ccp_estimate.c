
/*
 * An estimate of input tokens (field reference, 5.3) from the lengths of
 * slices alone: four bytes are a token, media are counted flat.
 */

#include "ccp_tools.h"


#define CCP_EST_BYTES       4       /* of text in a token */
#define CCP_EST_MESSAGE     4       /* tokens around a message */
#define CCP_EST_PAGE        2000    /* of a PDF */
#define CCP_EST_PAGE_BYTES  20000   /* of a PDF's page */
#define CCP_EST_AUDIO_BYTES 1000    /* of sound in a token */


/* Tokens of one image, by the protocol that counts. */
static const int64_t  ccp_est_image[CCP_NPROTO] = {
    [CCP_ANTHROPIC] = 1600,
    [CCP_CHAT] = 85 + 4 * 170,
    [CCP_RESPONSES] = 85 + 4 * 170,
    [CCP_GEMINI] = 258,
    [CCP_OLLAMA] = 258
};


static int64_t
ccp_est_len(ccp_str_t s)
{
    return s.p != NULL ? (int64_t) s.n : 0;
}


/* Tokens of a medium. */
static int64_t
ccp_est_media(const ccp_block_t *b, ccp_proto_e proto)
{
    int64_t  n;

    if (b->kind == CCP_B_IMAGE) {
        return ccp_est_image[proto];
    }

    n = ccp_est_len(b->media.data);

    switch (b->media.kind) {

    case CCP_MEDIA_TEXT:
        return n / CCP_EST_BYTES;

    case CCP_MEDIA_B64:
        n = n / 4 * 3;
        return b->kind == CCP_B_DOC
               ? (n / CCP_EST_PAGE_BYTES + 1) * CCP_EST_PAGE
               : n / CCP_EST_AUDIO_BYTES + 1;

    case CCP_MEDIA_URL:
    case CCP_MEDIA_FILE:
        return CCP_EST_PAGE;

    default:
        return 0;
    }
}


/* Adds the bytes of text to *bytes, returns tokens of media. */
static int64_t
ccp_est_blocks(const ccp_block_t *b, ccp_proto_e proto, int64_t *bytes)
{
    int64_t  media;

    media = 0;

    for ( ; b != NULL; b = b->next) {
        switch (b->kind) {

        case CCP_B_IMAGE:
        case CCP_B_DOC:
        case CCP_B_AUDIO:
        case CCP_B_VIDEO:
            media += ccp_est_media(b, proto);
            *bytes += ccp_est_len(b->title) + ccp_est_len(b->context);
            break;

        case CCP_B_HCALL:
        case CCP_B_HRESULT:
        case CCP_B_OPAQUE:
            *bytes += ccp_est_len(b->raw);
            break;

        default:
            *bytes += ccp_est_len(b->text) + ccp_est_len(b->name);
            break;
        }

        if (b->parts != NULL) {
            media += ccp_est_blocks(b->parts, proto, bytes);
        }
    }

    return media;
}


static int64_t
ccp_est_tool(const ccp_tool_t *t)
{
    int64_t  n;

    n = ccp_est_len(t->name) + ccp_est_len(t->desc) + ccp_est_len(t->schema)
        + ccp_est_len(t->grammar);

    /* built-ins bring what only their origin knows */

    return t->schema.p != NULL || t->grammar.p != NULL
           ? n : n + ccp_est_len(t->raw);
}


int64_t
ccp_estimate(const ccp_request_t *r)
{
    int64_t               bytes, tokens;
    const ccp_item_t     *it;
    const ccp_tool_t     *t;
    const ccp_message_t  *m;

    bytes = 0;
    tokens = ccp_est_blocks(r->system, r->proto, &bytes);

    for (m = r->msgs; m != NULL; m = m->next) {
        tokens += CCP_EST_MESSAGE;
        tokens += ccp_est_blocks(m->blocks, r->proto, &bytes);
    }

    for (t = r->tools; t != NULL; t = t->next) {
        bytes += ccp_est_tool(t);
    }

    for (it = r->embed_inputs; it != NULL; it = it->next) {
        bytes += ccp_est_len(it->s);
    }

    bytes += ccp_est_len(r->out.schema);

    return tokens + (bytes + CCP_EST_BYTES - 1) / CCP_EST_BYTES;
}
