
/*
 * A provider that refuses a key may repeat it in its words.
 */

#include "nginx/core/ngx_http_ccproxy.h"


/* What is shorter is no secret, but may be a word of the message. */
#define NGX_HTTP_CCPROXY_REDACT_MIN  8


void
ngx_http_ccproxy_redact(ngx_http_ccproxy_ctx_t *ctx, u_char *p, u_char *last)
{
    ngx_str_t  *secret;

    if (ctx->key == NULL
        || ctx->key->value.len < NGX_HTTP_CCPROXY_REDACT_MIN)
    {
        return;
    }

    secret = &ctx->key->value;

    for ( ;; ) {

        p = memmem(p, last - p, secret->data, secret->len);

        if (p == NULL) {
            return;
        }

        ngx_memset(p, 'x', secret->len);
        p += secret->len;
    }
}
