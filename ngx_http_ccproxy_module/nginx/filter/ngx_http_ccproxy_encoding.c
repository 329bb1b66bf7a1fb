
/*
 * Answers that come compressed, though none was asked to: their bytes as they
 * were, a piece at a time.
 */

#include "nginx/filter/ngx_http_ccproxy_filter.h"


/* A name that a stranger wrote, as a part of a message. */
#define NGX_HTTP_CCPROXY_ENCODING_NAME  40


/* Nothing of an encoding but what may stand in a name; at the end a 0. */

static void
ngx_http_ccproxy_encoding_name(u_char *to, ngx_str_t *name)
{
    size_t  i;

    for (i = 0; i < name->len && i < NGX_HTTP_CCPROXY_ENCODING_NAME; i++) {
        *to++ = name->data[i] > 0x20 && name->data[i] < 0x7f
                ? name->data[i] : '?';
    }

    *to = '\0';
}


/*
 * An encoding that can't be read makes the answer a failed one; an error stays
 * the error that its status tells.
 */

static ngx_int_t
ngx_http_ccproxy_encoding_unknown(ngx_http_ccproxy_ctx_t *ctx,
    ngx_uint_t status, ngx_str_t *name)
{
    int      rc;
    u_char  *p, encoding[NGX_HTTP_CCPROXY_ENCODING_NAME + 1], text[200];

    ngx_http_ccproxy_encoding_name(encoding, name);

    if (status >= NGX_HTTP_BAD_REQUEST) {
        ctx->out.skip = 1;

        p = ngx_sprintf(text, "the upstream answered %ui; its words are "
                        "encoded as %s, which can't be read here", status,
                        encoding);

        rc = ccp_answer_feed(ctx->try.codec, text, p - text,
                             &ctx->out.codec);

    } else {
        ngx_sprintf(text, "the upstream's answer is encoded as %s, which "
                    "can't be read here, and was not asked for%Z", encoding);

        rc = ccp_answer_abort(ctx->try.codec, CCP_E_MALFORMED,
                              (char *) text, &ctx->out.codec);
    }

    return rc == CCP_OK ? NGX_OK : NGX_ERROR;
}


ngx_int_t
ngx_http_ccproxy_encoding_begin(ngx_http_ccproxy_ctx_t *ctx,
    ngx_uint_t status)
{
    ngx_int_t            rc;
    ngx_str_t            name;
    ngx_http_request_t  *r;

    r = ctx->request;

    ccp_unpack_destroy(ctx->out.unpack);
    ctx->out.unpack = NULL;
    ctx->out.more = 0;
    ctx->out.skip = 0;

    if (ctx->try.encoding.len == 0) {
        return NGX_OK;
    }

    rc = ngx_http_ccproxy_unpack(r, &ctx->try.encoding, &ctx->out.unpack,
                                 &name);

    if (rc == NGX_DECLINED) {
        return ngx_http_ccproxy_encoding_unknown(ctx, status, &name);
    }

    if (rc == NGX_OK && ctx->out.unpack && ctx->out.unpacked == NULL) {
        ctx->out.unpacked = ngx_palloc(r->pool, NGX_HTTP_CCPROXY_SLICE);
        rc = ctx->out.unpacked ? NGX_OK : NGX_ERROR;
    }

    return rc;
}


int
ngx_http_ccproxy_encoding_bytes(ngx_http_ccproxy_ctx_t *ctx, u_char **pos,
    u_char *last, ngx_str_t *bytes)
{
    int     rc;
    size_t  n, size;

    n = ngx_min(last - *pos, NGX_HTTP_CCPROXY_SLICE);

    bytes->data = *pos;
    bytes->len = ctx->out.skip ? 0 : n;

    if (ctx->out.unpack == NULL || ctx->out.skip) {
        *pos += n;
        return CCP_OK;
    }

    size = NGX_HTTP_CCPROXY_SLICE;

    rc = ccp_unpack(ctx->out.unpack, (const uint8_t **) &bytes->data, &n,
                    ctx->out.unpacked, &size);

    *pos = bytes->data;
    bytes->data = ctx->out.unpacked;
    bytes->len = size;

    ctx->out.more = (rc == CCP_OK && size == NGX_HTTP_CCPROXY_SLICE);

    if (rc == CCP_INVALID && ctx->try.status >= NGX_HTTP_BAD_REQUEST) {

        /* an error is one whatever its words are */

        ctx->out.skip = 1;
        return CCP_OK;
    }

    return rc;
}


ngx_uint_t
ngx_http_ccproxy_encoding_cut(ngx_http_ccproxy_ctx_t *ctx)
{
    return ctx->out.unpack != NULL
           && ctx->try.status < NGX_HTTP_BAD_REQUEST
           && !ccp_unpack_whole(ctx->out.unpack);
}
