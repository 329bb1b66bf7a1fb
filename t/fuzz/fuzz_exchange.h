
/*
 * What the targets that go through a whole exchange share: a client's request
 * opened for a target, and what an output must be whatever the input was.
 */

#ifndef FUZZ_EXCHANGE_H
#define FUZZ_EXCHANGE_H

#include <stdlib.h>
#include "codec/base/base_str.h"
#include "codec/json/json_out.h"
#include "codec/json/json_read.h"
#include "codec/form/form_error.h"
#include "codec/form/form_request.h"
#include "codec/provider/provider.h"
#include "codec/exchange/exchange.h"
#include "fuzz.h"


/* Paths of each protocol, the converted ones. */
static const char  *const fuzz_paths[] = {
    "/v1/messages", "/v1/chat/completions", "/v1/responses",
    "/v1beta/models/m:generateContent", "/api/chat",
    "/v1beta/models/m:streamGenerateContent", "/api/generate",
    "/v1/embeddings", "/v1beta/models/m:embedContent",
    "/v1beta/models/m:batchEmbedContents", "/api/embed", "/api/embeddings"
};

#define FUZZ_PATHS    (sizeof(fuzz_paths) / sizeof(fuzz_paths[0]))


static inline int64_t
fuzz_now(void *ctx)
{
    (void) ctx;
    return 1763800000LL * 1000000000;
}


static inline ccp_exchange_t *
fuzz_open(const char *path, const char *args)
{
    ccp_env_t        env;
    ccp_endpoint_t   ep;
    ccp_exchange_t  *x;

    memset(&env, 0, sizeof(ccp_env_t));
    env.mem = fuzz_mem();
    env.answer_limit = 1 << 20;
    env.clock.seed[0] = 1;
    env.clock.seed[1] = 2;
    env.clock.now_ns = fuzz_now;

    ccp_endpoint_parse(&ep, ccp_cstr(path), ccp_cstr(args), 0);

    x = ccp_exchange_create(&env, &ep);
    if (x == NULL) {
        abort();
    }

    return x;
}


static inline void
fuzz_target(ccp_target_t *t, const ccp_provider_t *pr)
{
    memset(t, 0, sizeof(ccp_target_t));
    t->provider = pr;
    t->proto = pr->proto;
    t->root = ccp_lit("/v1");
    t->model = ccp_lit("m");
    t->max_tokens = CCP_UNSET_INT;
    t->context = CCP_UNSET_INT;
}


/* The request at that target, with CCP_OK; else why not. */

static inline ccp_try_t *
fuzz_try(ccp_exchange_t *x, const ccp_target_t *t, const ccp_out_t **body,
    int *rc, ccp_error_t *err)
{
    ccp_str_t   uri;
    ccp_try_t  *try;

    try = ccp_try_create(x, t);
    if (try == NULL) {
        abort();
    }

    *rc = ccp_try_request(try, ccp_none, body, &uri, err);

    if (*rc == CCP_OK && uri.n == 0) {
        abort();
    }

    return try;
}


/* A 4xx or 5xx with a document the client can read. */

static inline void
fuzz_refused(ccp_exchange_t *x, const ccp_error_t *err)
{
    ccp_out_t    out;
    ccp_json_t   doc;
    ccp_head_t   head;
    ccp_str_t    s;

    ccp_out_init(&out, ccp_exchange_arena(x), 0);
    ccp_json_init(&doc, ccp_exchange_arena(x));

    if (err->message.n == 0
        || ccp_exchange_error(x, err, &head, &out) != CCP_OK
        || head.status < 400)
    {
        abort();
    }

    s = ccp_out_all(&out);

    if (ccp_json_parse(&doc, s.p, s.n, 0, NULL) != CCP_OK) {
        abort();
    }

    ccp_out_free(&out);
}

#endif /* FUZZ_EXCHANGE_H */
