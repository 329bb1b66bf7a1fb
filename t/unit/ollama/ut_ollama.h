
/*
 * What the tests of the Ollama codec share: an exchange from a client to an
 * upstream, with requests and answers as text.
 */

#ifndef UT_OLLAMA_H
#define UT_OLLAMA_H

#include "codec/base/base_buf.h"
#include "codec/json/json_out.h"
#include "codec/form/form_error.h"
#include "codec/form/form_request.h"
#include "codec/provider/provider.h"
#include "codec/exchange/exchange.h"
#include "ut_exchange.h"


typedef struct {
    ccp_exchange_t   *x;
    ccp_try_t        *try;
    ccp_str_t         body;        /* of the upstream's request */
    ccp_str_t         uri;
    ccp_out_t         out;         /* the client's answer */
    ccp_head_t        head;
    ccp_error_t       err;
    int               rc;
} ut_ol_t;


/* Each look at the clock takes a millisecond. */

static inline int64_t
ut_ol_now(void *ctx)
{
    int64_t  *t = ctx;

    *t += 1000000;

    return *t;
}


static inline const char *
ut_ol_path(ccp_proto_e client)
{
    static const char *const  paths[CCP_NPROTO] = {
        "/v1/messages", "/v1/chat/completions", "/v1/responses",
        "/v1beta/models/m:generateContent", "/api/chat"
    };

    return paths[client];
}


/* provider: a preset, NULL: plain.  path NULL: the client's usual one. */

static inline void
ut_ol_open(ut_ol_t *u, const ccp_mem_t *mem, ccp_proto_e client,
    const char *path, const char *body, ccp_proto_e up, const char *dialect,
    const char *model)
{
    size_t            k;
    ccp_env_t         env;
    ccp_buf_t         all;
    ccp_target_t      t;
    ccp_endpoint_t    ep;
    const ccp_out_t  *o;
    static int64_t    clock;

    memset(u, 0, sizeof(*u));
    clock = UT_NOW;
    ut_env(&env, mem);
    env.clock.now_ns = ut_ol_now;
    env.clock.ctx = &clock;

    ut_target(&t, dialect ? ccp_provider_find(ccp_cstr(dialect))
                          : ccp_provider_plain(up));
    t.proto = up;
    t.root = ccp_lit("");
    t.model = model ? ccp_cstr(model) : ccp_none;

    if (dialect && strcmp(dialect, "ollama") == 0) {
        t.context = 8192;
    }

    ccp_endpoint_parse(&ep, ccp_cstr(path ? path : ut_ol_path(client)),
                       ccp_none, 0);

    u->rc = CCP_NOMEM;
    u->x = ccp_exchange_create(&env, &ep);
    if (u->x == NULL) {
        return;
    }

    u->rc = ccp_exchange_request(u->x, ccp_cstr(body), ccp_none, &u->err);

    if (u->rc == CCP_OK) {
        u->rc = ut_try(&u->try, u->x, &t, ccp_none, &o, &u->uri, &u->err);
    }

    if (u->rc != CCP_OK) {
        return;
    }

    ccp_buf_init(&all, ccp_exchange_arena(u->x), 0);

    for (k = 0; ccp_out_seg(o, k).p; k++) {
        (void) ccp_buf_add(&all, ccp_out_seg(o, k).p, ccp_out_seg(o, k).n);
    }

    u->body = ccp_buf_str(&all, 0);
    u->rc = all.err ? CCP_NOMEM : CCP_OK;
}


/* The upstream's bytes in pieces: first of cut bytes, then of step. */

static inline void
ut_ol_answer(ut_ol_t *u, int status, const char *bytes, size_t n, size_t cut,
    size_t step)
{
    size_t  i, k;

    ccp_out_init(&u->out, ccp_exchange_arena(u->x), 0);
    u->rc = ccp_answer_begin(u->try, status, ccp_none, ccp_none);

    for (i = 0; i < n && u->rc == CCP_OK; i += k) {
        k = i == 0 && cut ? cut : step;
        k = k < n - i ? k : n - i;
        u->rc = ccp_answer_feed(u->try, (const uint8_t *) bytes + i, k,
                                &u->out);
    }

    if (u->rc == CCP_OK) {
        u->rc = ccp_answer_end(u->try, &u->out);
    }

    if (u->rc == CCP_OK) {
        u->rc = ccp_answer_head(u->try, &u->head);
    }
}


static inline void
ut_ol_close(ut_ol_t *u)
{
    ccp_exchange_destroy(u->x);
}


static inline int
ut_ol_noted(const ut_ol_t *u, const char *text)
{
    return ut_noted(u->try, text);
}

#endif /* UT_OLLAMA_H */
