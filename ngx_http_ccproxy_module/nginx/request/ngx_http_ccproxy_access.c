
/*
 * Who may use a location, and when a credential in the query is masked.
 */

#include "nginx/filter/ngx_http_ccproxy_filter.h"
#include "nginx/request/ngx_http_ccproxy_request.h"


/*
 * The location is not yet known, but errors may be logged from here on: what
 * looks like one of our endpoints is masked, and unmasked again if it is in
 * a location that is not ours.
 */

static ngx_int_t
ngx_http_ccproxy_access_post_read(ngx_http_request_t *r)
{
    ccp_endpoint_t  ep;

    if (r->args.len == 0) {
        return NGX_DECLINED;
    }

    ccp_endpoint_parse(&ep, ngx_http_ccproxy_slice(&r->uri),
                       ngx_http_ccproxy_slice(&r->args), 0);

    if (ep.op != CCP_OP_UNKNOWN && ep.op != CCP_OP_ROOT) {
        ngx_http_ccproxy_mask(r);
    }

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_ccproxy_access_rewrite(ngx_http_request_t *r)
{
    ngx_http_ccproxy_ctx_t        *ctx;
    ngx_http_ccproxy_loc_conf_t   *lcf;

    if (r != r->main) {
        return NGX_DECLINED;
    }

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);

    if (lcf->enable) {
        ngx_http_ccproxy_mask(r);

        /* before access rules: browsers ask without credentials */

        return ngx_http_ccproxy_cors_preflight(r);
    }

    ctx = ngx_http_ccproxy_find_ctx(r);

    if (ctx && ctx->secret.len && !r->internal
        && ctx->in.state != NGX_HTTP_CCPROXY_IN_DECODED)
    {
        ngx_http_ccproxy_unmask(r, ctx);
    }

    return NGX_DECLINED;
}


/* Time depends on the number of keys alone, not on their bytes. */

static ngx_uint_t
ngx_http_ccproxy_access_equal(const u_char *a, const u_char *b)
{
    ngx_uint_t       i;
    volatile u_char  diff;

    diff = 0;

    for (i = 0; i < NGX_HTTP_CCPROXY_SHA256; i++) {
        diff |= a[i] ^ b[i];
    }

    return diff == 0;
}


static ngx_uint_t
ngx_http_ccproxy_access_match(ngx_http_ccproxy_ctx_t *ctx, ngx_array_t *keys,
    ngx_str_t *given)
{
    u_char                          digest[NGX_HTTP_CCPROXY_SHA256];
    ngx_uint_t                      i, found;
    ngx_http_ccproxy_access_key_t  *key;

    if (given->len == 0) {
        return 0;
    }

    ngx_http_ccproxy_sha256(given, digest);

    key = keys->elts;
    found = 0;

    for (i = 0; i < keys->nelts; i++) {
        if (ngx_http_ccproxy_access_equal(digest, key[i].digest)) {
            ctx->access = &key[i];
            found = 1;
        }
    }

    return found;
}


/* The places where clients put their key. */

static ngx_uint_t
ngx_http_ccproxy_access_given(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ngx_array_t *keys, ngx_uint_t *given)
{
    ngx_str_t   *h, value;
    ngx_uint_t   i;

    static const char  *const names[] = { "x-api-key", "x-goog-api-key" };

    *given = 0;

    h = ngx_http_ccproxy_header_in(r, "authorization");

    if (h && h->len > 7
        && ngx_strncasecmp(h->data, (u_char *) "Bearer ", 7) == 0)
    {
        value.data = h->data + 7;
        value.len = h->len - 7;

        while (value.len && *value.data == ' ') {
            value.data++;
            value.len--;
        }

        *given = 1;

        if (ngx_http_ccproxy_access_match(ctx, keys, &value)) {
            return 1;
        }
    }

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        h = ngx_http_ccproxy_header_in(r, names[i]);

        if (h) {
            *given = 1;

            if (ngx_http_ccproxy_access_match(ctx, keys, h)) {
                return 1;
            }
        }
    }

    if (ctx->secret.len) {
        *given = 1;
    }

    return ngx_http_ccproxy_access_match(ctx, keys, &ctx->secret);
}


static ngx_uint_t
ngx_http_ccproxy_access_expired(ngx_http_ccproxy_access_key_t *key)
{
    return key->expires && ngx_time() >= key->expires;
}


void
ngx_http_ccproxy_access_identify(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_uint_t                    given;
    ngx_http_ccproxy_access_t    *access;
    ngx_http_ccproxy_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);
    access = lcf->access;

    if (access != NULL && access == ctx->identified) {
        return;
    }

    /* after an internal redirect other keys may be asked for */

    ctx->identified = access;
    ctx->access = NULL;
    ngx_str_null(&ctx->client);

    if (access == NULL || access->mode != NGX_HTTP_CCPROXY_ACCESS_KEYS) {

        /* another may be known later, of auth_request for example */

        ctx->identified = NULL;

        if (lcf->client
            && ngx_http_complex_value(r, lcf->client, &ctx->client) != NGX_OK)
        {
            ngx_str_null(&ctx->client);
        }

        return;
    }

    ngx_http_ccproxy_mask(r);

    if (ngx_http_ccproxy_access_given(r, ctx, &access->keys, &given)
        && !ngx_http_ccproxy_access_expired(ctx->access))
    {
        ctx->client = ctx->access->name;
    }
}


static ngx_uint_t
ngx_http_ccproxy_access_loopback(ngx_connection_t *c)
{
    struct sockaddr_in   *sin;
#if (NGX_HAVE_INET6)
    u_char               *p;
    struct sockaddr_in6  *sin6;
#endif

    switch (c->sockaddr->sa_family) {

    case AF_INET:
        sin = (struct sockaddr_in *) c->sockaddr;
        return ntohl(sin->sin_addr.s_addr) >> 24 == 127;

#if (NGX_HAVE_INET6)
    case AF_INET6:
        sin6 = (struct sockaddr_in6 *) c->sockaddr;
        p = sin6->sin6_addr.s6_addr;

        return IN6_IS_ADDR_LOOPBACK(&sin6->sin6_addr)
               || (IN6_IS_ADDR_V4MAPPED(&sin6->sin6_addr) && p[12] == 127);
#endif

#if (NGX_HAVE_UNIX_DOMAIN)
    case AF_UNIX:
        return 1;
#endif

    default:
        return 0;
    }
}


/* Without keys, programs of this machine are served. */

static ngx_int_t
ngx_http_ccproxy_access_local(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx)
{
    const char  *foreign;

    if (ngx_http_ccproxy_access_loopback(r->connection)) {

        foreign = ngx_http_ccproxy_origin_foreign(r);

        if (foreign == NULL) {
            return NGX_DECLINED;
        }

        ngx_http_ccproxy_error_set(r, ctx, CCP_E_FORBIDDEN,
                                   "without an access key only programs of "
                                   "this machine are served, not pages of "
                                   "others: the %s is foreign; configure "
                                   "\"ccproxy_access_key NAME SECRET;\", or "
                                   "\"ccproxy_cors ORIGIN;\"", foreign);
        return NGX_HTTP_FORBIDDEN;
    }

    ngx_http_ccproxy_error_set(r, ctx, CCP_E_FORBIDDEN,
                               "without an access key only clients of "
                               "this machine are served: configure "
                               "\"ccproxy_access_key NAME SECRET;\" and "
                               "send that secret as API key");
    return NGX_HTTP_FORBIDDEN;
}


static ngx_int_t
ngx_http_ccproxy_access_denied(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ngx_uint_t given)
{
    ngx_table_elt_t  *h;

    ngx_http_ccproxy_error_set(r, ctx, CCP_E_AUTH, ctx->access
        ? "the access key has expired"
        : given
        ? "the access key is not valid"
        : "an access key is required: send it as \"Authorization: Bearer\", "
          "x-api-key, x-goog-api-key or ?key=");

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    h->hash = 1;
    ngx_str_set(&h->key, "WWW-Authenticate");
    ngx_str_set(&h->value, "Bearer");
    ngx_http_ccproxy_header_single(h);

    r->headers_out.www_authenticate = h;

    return NGX_HTTP_UNAUTHORIZED;
}


static ngx_int_t
ngx_http_ccproxy_access_handler(ngx_http_request_t *r)
{
    ngx_uint_t                     given;
    ngx_http_ccproxy_ctx_t        *ctx;
    ngx_http_ccproxy_loc_conf_t   *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);

    if (!lcf->enable) {
        return NGX_DECLINED;
    }

    ctx = ngx_http_ccproxy_get_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ctx->in.state == NGX_HTTP_CCPROXY_IN_NONE) {
        ngx_http_ccproxy_endpoint(r, ctx);
    }

    /* signs of life, which tell nothing and cost nothing */

    if (ctx->endpoint.op == CCP_OP_ROOT
        || ctx->endpoint.op == CCP_OP_HEALTH)
    {
        return NGX_DECLINED;
    }

    if (lcf->access == NULL) {
        return ngx_http_ccproxy_access_local(r, ctx);
    }

    if (lcf->access->mode == NGX_HTTP_CCPROXY_ACCESS_OFF) {
        return NGX_DECLINED;
    }

    ngx_http_ccproxy_access_identify(r, ctx);

    if (ctx->client.len) {
        ctx->error.cls = CCP_E_NONE;
        return NGX_OK;
    }

    (void) ngx_http_ccproxy_access_given(r, ctx, &lcf->access->keys, &given);

    return ngx_http_ccproxy_access_denied(r, ctx, given);
}


ngx_int_t
ngx_http_ccproxy_access_init(ngx_conf_t *cf)
{
    ngx_uint_t                  i;
    ngx_http_handler_pt        *h;
    ngx_http_core_main_conf_t  *cmcf;

    static const struct {
        ngx_http_phases      phase;
        ngx_http_handler_pt  handler;
    } handlers[] = {
        { NGX_HTTP_POST_READ_PHASE, ngx_http_ccproxy_access_post_read },
        { NGX_HTTP_REWRITE_PHASE, ngx_http_ccproxy_access_rewrite },
        { NGX_HTTP_ACCESS_PHASE, ngx_http_ccproxy_access_handler }
    };

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    for (i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
        h = ngx_array_push(&cmcf->phases[handlers[i].phase].handlers);
        if (h == NULL) {
            return NGX_ERROR;
        }

        *h = handlers[i].handler;
    }

    return NGX_OK;
}
