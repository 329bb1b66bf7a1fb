
/*
 * Secrets stay out of logs and answers: a key that a provider repeats in its
 * words, and a credential in the client's query.
 */

#include "nginx/core/ngx_http_ccproxy.h"


/* What is shorter is no secret, but may be a word of the message. */
#define NGX_HTTP_CCPROXY_REDACT_MIN  8

#define NGX_HTTP_CCPROXY_ARG      "key="
#define NGX_HTTP_CCPROXY_ARG_LEN  (sizeof(NGX_HTTP_CCPROXY_ARG) - 1)


const char  *const ngx_http_ccproxy_credentials[
                                             NGX_HTTP_CCPROXY_CREDENTIALS] = {
    "authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie"
};


void
ngx_http_ccproxy_redact(ngx_http_ccproxy_ctx_t *ctx, u_char *p, u_char *last)
{
    ngx_str_t  *secret;

    if (ctx->try.key == NULL
        || ctx->try.key->value.len < NGX_HTTP_CCPROXY_REDACT_MIN)
    {
        return;
    }

    secret = &ctx->try.key->value;

    for ( ;; ) {

        p = memmem(p, last - p, secret->data, secret->len);

        if (p == NULL) {
            return;
        }

        ngx_memset(p, 'x', secret->len);
        p += secret->len;
    }
}


/* The value of key= in a query, wherever it stands; NULL if there is none. */

static u_char *
ngx_http_ccproxy_mask_arg(u_char *p, u_char *end, size_t *len)
{
    u_char  *amp;

    for ( /* void */ ; p < end; p = amp + 1) {

        amp = ngx_strlchr(p, end, '&');
        if (amp == NULL) {
            amp = end;
        }

        if ((size_t) (amp - p) > NGX_HTTP_CCPROXY_ARG_LEN
            && ngx_strncmp(p, NGX_HTTP_CCPROXY_ARG, NGX_HTTP_CCPROXY_ARG_LEN)
               == 0)
        {
            p += NGX_HTTP_CCPROXY_ARG_LEN;
            *len = amp - p;
            return p;
        }
    }

    return NULL;
}


/*
 * Replaces all values of key= behind the first "?" of s (query: behind its
 * beginning) by "x", or the first of them by the secret.
 */

static void
ngx_http_ccproxy_mask_write(ngx_str_t *s, ngx_uint_t query,
    ngx_str_t *secret)
{
    size_t   len;
    u_char  *p, *end, *end_of_uri;

    p = s->data;
    end = s->data + s->len;

    if (!query) {
        p = ngx_strlchr(p, end, '?');
        if (p == NULL) {
            return;
        }
        p++;

        /* of a request line: "POST /path?query HTTP/1.1" */

        end_of_uri = ngx_strlchr(p, end, ' ');
        if (end_of_uri) {
            end = end_of_uri;
        }
    }

    for ( ;; ) {
        p = ngx_http_ccproxy_mask_arg(p, end, &len);
        if (p == NULL) {
            return;
        }

        if (secret) {
            ngx_memcpy(p, secret->data, ngx_min(len, secret->len));
            return;
        }

        ngx_memset(p, 'x', len);
        p += len;

        if (p < end) {
            p++;
        }
    }
}


/* These may or may not share their memory. */

static void
ngx_http_ccproxy_mask_write_all(ngx_http_request_t *r,
    ngx_str_t *secret)
{
    ngx_http_ccproxy_mask_write(&r->args, 1, secret);
    ngx_http_ccproxy_mask_write(&r->unparsed_uri, 0, secret);
    ngx_http_ccproxy_mask_write(&r->request_line, 0, secret);
}


void
ngx_http_ccproxy_mask(ngx_http_request_t *r)
{
    size_t                   len;
    u_char                  *p;
    ngx_http_ccproxy_ctx_t  *ctx;

    if (r->args.len <= NGX_HTTP_CCPROXY_ARG_LEN) {
        return;
    }

    p = ngx_http_ccproxy_mask_arg(r->args.data, r->args.data + r->args.len,
                                  &len);
    if (p == NULL) {
        return;
    }

    ctx = ngx_http_ccproxy_get_ctx(r);

    if (ctx && ctx->secret.len == 0) {
        ctx->secret.data = ngx_pnalloc(r->pool, len);

        if (ctx->secret.data) {
            ngx_memcpy(ctx->secret.data, p, len);
            ctx->secret.len = len;
        }
    }

    ngx_http_ccproxy_mask_write_all(r, NULL);
}


void
ngx_http_ccproxy_unmask(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_http_ccproxy_mask_write_all(r, &ctx->secret);
    ctx->secret.len = 0;
}
