
/*
 * Header lines of an upstream request: an allow-list, never a copy of what
 * the client sent.
 */

#include <strings.h>

#include "codec/exchange/exchange_private.h"
#include "codec/base/base_match.h"
#include "codec/proto/proto_out.h"


/* Longer keys go as a hash. */
#define CCP_CACHE_KEY_MAX   128


/* How a credential is spelled. */

static const char  *const ccp_header_auth[] = {
    "Authorization: Bearer ",      /* CCP_AUTH_BEARER */
    "x-api-key: ",                 /* CCP_AUTH_X_API_KEY */
    "api-key: ",                   /* CCP_AUTH_API_KEY */
    "x-goog-api-key: ",            /* CCP_AUTH_X_GOOG_API_KEY */
    "Authorization: Bearer "       /* CCP_AUTH_NONE: where a key is given */
};


/* A trailing '*' of a pattern takes every header that begins so. */

static int
ccp_header_is_forwarded(const ccp_ops_t *ops, ccp_str_t name)
{
    const char *const  *f;

    for (f = ops->forward; f && *f; f++) {
        if (ccp_str_glob(ccp_cstr(*f), name)) {
            return 1;
        }
    }

    return 0;
}


/*
 * The trace that a request is part of (W3C Trace Context): whoever serves it,
 * in whatever protocol.
 */

static int
ccp_header_is_trace(ccp_str_t name)
{
    return ccp_str_glob(ccp_lit("traceparent"), name)
           || ccp_str_glob(ccp_lit("tracestate"), name);
}


static void
ccp_header_line(ccp_out_t *out, ccp_str_t name, ccp_str_t value)
{
    ccp_out_bytes(out, name.p, name.n);
    ccp_out_lit(out, ": ");
    ccp_out_bytes(out, value.p, value.n);
    ccp_out_lit(out, "\r\n");
}


/* The provider's fixed headers, but those that the client's own replace. */

static void
ccp_headers_fixed(const ccp_provider_t *pr, unsigned spliced,
    const ccp_header_t *in, size_t n, ccp_out_t *out)
{
    size_t       i;
    ccp_str_t    name, value;
    const char  *p, *colon, *end;

    p = pr->head;

    while (p && *p) {
        end = strchr(p, ',');
        if (end == NULL) {
            end = p + strlen(p);
        }

        colon = memchr(p, ':', end - p);
        if (colon == NULL) {
            return;
        }

        name = ccp_none;
        name.p = (const uint8_t *) p;
        name.n = colon - p;

        value = ccp_none;
        value.p = (const uint8_t *) colon + 1;
        value.n = end - colon - 1;

        for (i = 0; i < n; i++) {
            if (spliced && in[i].name.n == name.n
                && strncasecmp((const char *) in[i].name.p, p, name.n) == 0)
            {
                break;
            }
        }

        if (i == n) {
            ccp_header_line(out, name, value);
        }

        p = *end ? end + 1 : end;
    }
}


/*
 * "header:NAME" of the provider's row: the conversation's key, by which a
 * provider finds the server whose cache is warm.  What can't stand in a
 * header, and who the user is, goes as a hash.
 */

static int
ccp_headers_cache_key(ccp_try_t *t, ccp_out_t *out)
{
    size_t       i, max;
    ccp_str_t    key;
    const char  *name;

    name = t->target.provider->cache_key;

    if (name == NULL || strncmp(name, "header:", 7) != 0) {
        return CCP_OK;
    }

    max = CCP_CACHE_KEY_MAX;
    key = t->x->req.cache_key;

    if (key.n == 0) {
        key = t->x->req.user;
        max = 0;
    }

    if (key.n == 0) {
        return CCP_OK;
    }

    key = ccp_str_plain(t->arena, key);
    if (key.p == NULL) {
        return CCP_NOMEM;
    }

    for (i = 0; i < key.n && max != 0; i++) {
        max = key.p[i] > ' ' && key.p[i] < 0x7f ? max : 0;
    }

    key = ccp_request_fit_user(t->arena, key, max);
    if (key.p == NULL) {
        return CCP_NOMEM;
    }

    ccp_header_line(out, ccp_cstr(name + 7), key);

    return CCP_OK;
}


static int
ccp_header_is_beta(ccp_str_t name)
{
    return ccp_str_glob(ccp_lit("*-beta"), name);
}


/* Of a list of betas those that the client may ask for. */

static void
ccp_headers_betas(const ccp_exchange_t *x, const ccp_header_t *h,
    ccp_out_t *out)
{
    size_t          i, kept;
    ccp_str_t       word;
    const uint8_t  *p, *end, *last;

    kept = 0;
    p = h->value.p;
    last = p + h->value.n;

    for ( ; p < last; p = end + 1) {

        end = memchr(p, ',', (size_t) (last - p));
        end = end ? end : last;
        word = ccp_str_range(p, end);

        while (word.n && (word.p[0] == ' ' || word.p[0] == '\t')) {
            word.p++;
            word.n--;
        }

        while (word.n && (word.p[word.n - 1] == ' '
                          || word.p[word.n - 1] == '\t'))
        {
            word.n--;
        }

        for (i = 0; i < x->nbetas; i++) {
            if (word.n && ccp_str_glob(x->betas[i], word)) {
                break;
            }
        }

        if (i == x->nbetas) {
            continue;
        }

        if (kept++ == 0) {
            ccp_out_bytes(out, h->name.p, h->name.n);
            ccp_out_lit(out, ": ");

        } else {
            ccp_out_lit(out, ",");
        }

        ccp_out_bytes(out, word.p, word.n);
    }

    if (kept) {
        ccp_out_lit(out, "\r\n");
    }
}


static void
ccp_headers_credential(const ccp_provider_t *pr, ccp_str_t key,
    ccp_out_t *out)
{
    if (key.p == NULL) {
        return;
    }

    ccp_out_bytes(out, ccp_header_auth[pr->auth],
                  strlen(ccp_header_auth[pr->auth]));
    ccp_out_bytes(out, key.p, key.n);
    ccp_out_lit(out, "\r\n");
}


int
ccp_other_headers(const ccp_exchange_t *x, const ccp_provider_t *pr,
    ccp_str_t key, const ccp_header_t *in, size_t n, ccp_out_t *out)
{
    size_t            i, k;
    const ccp_ops_t  *ops;

    static const char *const  body[] = {
        "accept", "content-type", "x-goog-upload-?*"
    };

    ops = ccp_proto_ops(pr->proto);

    ccp_headers_credential(pr, key, out);
    ccp_headers_fixed(pr, 1, in, n, out);

    for (i = 0; i < n; i++) {

        for (k = 0; k < ccp_countof(body); k++) {
            if (ccp_str_glob(ccp_cstr(body[k]), in[i].name)) {
                break;
            }
        }

        if (x->beta_rules && ccp_header_is_beta(in[i].name)
            && ccp_header_is_forwarded(ops, in[i].name))
        {
            ccp_headers_betas(x, &in[i], out);

        } else if (k < ccp_countof(body) || ccp_header_is_trace(in[i].name)
            || ccp_header_is_forwarded(ops, in[i].name))
        {
            ccp_header_line(out, in[i].name, in[i].value);
        }
    }

    return ccp_out_finish(out);
}


int
ccp_try_headers(ccp_try_t *t, ccp_str_t key, const ccp_header_t *in,
    size_t n, ccp_out_t *out)
{
    size_t            i;
    const ccp_ops_t  *up;

    up = ccp_proto_ops(t->target.proto);
    t->key = key;

    ccp_out_lit(out, "Content-Type: application/json\r\n");
    ccp_header_line(out, ccp_lit("Accept"),
                    t->x->req.stream ? ccp_cstr(up->stream_type)
                                  : ccp_lit("application/json"));

    ccp_headers_credential(t->target.provider, key, out);

    ccp_headers_fixed(t->target.provider, t->spliced, in, n, out);

    if (ccp_headers_cache_key(t, out) != CCP_OK) {
        return CCP_NOMEM;
    }

    for (i = 0; i < n; i++) {
        if (t->spliced && t->x->beta_rules && ccp_header_is_beta(in[i].name)
            && ccp_header_is_forwarded(up, in[i].name))
        {
            ccp_headers_betas(t->x, &in[i], out);

        } else if (ccp_header_is_trace(in[i].name)
            || (t->spliced && ccp_header_is_forwarded(up, in[i].name)))
        {
            ccp_header_line(out, in[i].name, in[i].value);
        }
    }

    return ccp_out_finish(out);
}


/*
 * Headers of an upstream's answer that may reach the client.  Limits are
 * those of one key, told in words that clients of that protocol alone
 * understand; so is what Codex sends again with the turn's next request.
 */

static const struct {
    const char  *name;
    unsigned     same;             /* if the client speaks its protocol */
} ccp_header_passed[] = {
    { "content-type", 0 },
    { "request-id", 0 },
    { "x-request-id", 0 },
    { "x-should-retry", 0 },
    { "anthropic-ratelimit-?*", 1 },
    { "x-ratelimit-?*", 1 },
    { "x-codex-?*", 1 },
    { "x-models-etag", 1 },
    { "x-reasoning-included", 1 },
    { "openai-model", 1 },
    { "openai-processing-ms", 1 }
};


int
ccp_try_passes(const ccp_try_t *t, ccp_str_t name)
{
    size_t  i;

    for (i = 0; i < ccp_countof(ccp_header_passed); i++) {
        if (ccp_str_glob(ccp_cstr(ccp_header_passed[i].name), name)) {
            return !ccp_header_passed[i].same
                   || t->target.proto == t->x->ep.proto;
        }
    }

    return 0;
}
