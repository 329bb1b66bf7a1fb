
/*
 * What the tests of the Gemini codec share: one exchange from the client's
 * bytes to the upstream's and back.
 */

#ifndef UT_GEMINI_H
#define UT_GEMINI_H

#include "codec/base/base_buf.h"
#include "codec/json/json_out.h"
#include "codec/form/form_error.h"
#include "codec/form/form_request.h"
#include "codec/provider/provider.h"
#include "codec/exchange/exchange.h"
#include "ut.h"
#include "codec/prepare/prepare.h"
#include "ut_exchange.h"


#define GM_GENERATE   "/v1beta/models/m:generateContent"
#define GM_STREAM     "/v1beta/models/m:streamGenerateContent"
#define GM_CLAUDE     "/v1/messages"
#define GM_CHAT       "/v1/chat/completions"

typedef struct {
    const ccp_mem_t  *mem;
    ccp_exchange_t   *x;
    ccp_try_t        *try;
    ccp_error_t       err;
    ccp_head_t        head;
    int               rc;
    char             *body;    /* what the upstream gets */
    char             *uri;
    char             *reply;   /* what the client gets */
} gm_t;


static ut_mem_t  gm_counter = { 0, 0, -1 };


static inline void
gm_close(gm_t *g)
{
    ccp_exchange_destroy(g->x);
    free(g->body);
    free(g->uri);
    free(g->reply);
    memset(g, 0, sizeof(gm_t));
}


/* The exchange with its request read; the result in g->rc. */

static inline int
gm_open(gm_t *g, const ccp_mem_t *mem, const char *path, const char *args,
    const char *body)
{
    ccp_env_t       env;
    ccp_mem_t       m;
    ccp_endpoint_t  ep;

    memset(g, 0, sizeof(gm_t));
    m = ut_mem(&gm_counter);
    ut_env(&env, mem ? mem : &m);
    env.answer_limit = 8 << 20;

    ccp_endpoint_parse(&ep, ccp_cstr(path), args ? ccp_cstr(args) : ccp_none,
                       0);

    g->rc = CCP_NOMEM;
    g->x = ccp_exchange_create(&env, &ep);

    if (g->x) {
        g->rc = ccp_exchange_request(g->x, ccp_cstr(body), ccp_none, &g->err);
    }

    return g->rc;
}


/* Where it goes: a preset's name, or NULL for the protocol alone. */

static inline int
gm_target(gm_t *g, ccp_proto_e up, const char *dialect, const char *model)
{
    ccp_str_t         uri;
    ccp_target_t      t;
    const ccp_out_t  *out;

    if (g->rc != CCP_OK) {
        return g->rc;
    }

    ut_target(&t, dialect ? ccp_provider_find(ccp_cstr(dialect))
                          : ccp_provider_plain(up));
    t.proto = up;
    t.root = ccp_lit("/r");
    t.model = model ? ccp_cstr(model) : ccp_none;

    g->rc = ut_try(&g->try, g->x, &t, ccp_none, &out, &uri, &g->err);

    if (g->rc == CCP_OK) {
        g->body = ut_out_text(out);
        g->uri = ut_cstr(uri);
    }

    return g->rc;
}


/* The upstream's answer, in pieces of at most step bytes after a first. */

static inline int
gm_answer(gm_t *g, int status, ccp_str_t bytes, size_t first, size_t step)
{
    size_t      i, n;
    ccp_buf_t   all;
    ccp_out_t   o;
    uint8_t    *copy;

    if (g->rc != CCP_OK) {
        return g->rc;
    }

    ccp_buf_init(&all, ccp_exchange_arena(g->x), 0);
    ccp_out_init(&o, ccp_exchange_arena(g->x), 0);
    g->rc = ccp_answer_begin(g->try, status, ccp_none, ccp_none);

    for (i = 0; g->rc == CCP_OK && i < bytes.n; i += n) {
        n = i == 0 && first ? first : step;
        n = bytes.n - i < n ? bytes.n - i : n;

        copy = malloc(n);
        memcpy(copy, bytes.p + i, n);
        g->rc = ccp_answer_feed(g->try, copy, n, &o);
        free(copy);

        if (g->rc == CCP_OK) {
            g->rc = ccp_buf_add(&all, ccp_out_all(&o).p, ccp_out_all(&o).n);
        }

        ccp_out_reset(&o);
    }

    if (g->rc == CCP_OK) {
        g->rc = ccp_answer_end(g->try, &o);
    }

    if (g->rc == CCP_OK) {
        g->rc = ccp_buf_add(&all, ccp_out_all(&o).p, ccp_out_all(&o).n);
    }

    if (g->rc == CCP_OK) {
        free(g->reply);
        g->reply = ut_cstr(ccp_buf_str(&all, 0));
        (void) ccp_answer_head(g->try, &g->head);
    }

    return g->rc;
}


static inline int
gm_has(const char *s, const char *part)
{
    return s && strstr(s, part) != NULL;
}


static inline char *
gm_err(gm_t *g)
{
    static char  text[512];
    char        *s;

    s = ut_cstr(g->err.message);
    snprintf(text, sizeof(text), "%s", s ? s : "");
    free(s);

    return text;
}

#endif /* UT_GEMINI_H */
