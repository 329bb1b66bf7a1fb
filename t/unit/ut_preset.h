
/*
 * One request to one provider by its preset: what is sent there.
 */

#ifndef UT_PRESET_H
#define UT_PRESET_H

#include "codec/json/json_out.h"
#include "codec/form/form_error.h"
#include "codec/form/form_request.h"
#include "codec/provider/provider.h"
#include "codec/exchange/exchange.h"
#include "ut.h"

typedef struct {
    ccp_exchange_t       *x;
    const ccp_dialect_t  *row;
    int                   rc;      /* of request, then of target */
    ccp_error_t           err;
    char                 *body;    /* malloc'ed texts; NULL without */
    char                 *uri;
    char                 *headers;
} ut_preset_t;


static int64_t
ut_preset_now(void *ctx)
{
    (void) ctx;
    return 1763800000LL * 1000000000;
}


static const char *const  ut_preset_paths[CCP_NPROTO] = {
    "/v1/messages", "/v1/chat/completions", "/v1/responses",
    "/v1beta/models/m:generateContent", "/api/chat"
};


static inline void
ut_preset_free(ut_preset_t *u)
{
    ccp_exchange_destroy(u->x);
    free(u->body);
    free(u->uri);
    free(u->headers);
    memset(u, 0, sizeof(ut_preset_t));
}


static char *
ut_preset_text(const ccp_out_t *o)
{
    char       *p;
    size_t      k, n;
    ccp_str_t   s;

    p = malloc(ccp_out_size(o) + 1);
    n = 0;

    for (k = 0; (s = ccp_out_seg(o, k)).p; k++) {
        memcpy(p + n, s.p, s.n);
        n += s.n;
    }

    p[n] = '\0';

    return p;
}


/* Called with the decoded request, before it is sent anywhere. */
static void  (*ut_preset_hook)(ccp_exchange_t *x);


/*
 * The body of a client of that protocol at path (NULL: where it generates),
 * for a target of that dialect and model (NULL: the client's).  The body must
 * stay until ut_preset_free().
 */

static inline int
ut_preset_send(ut_preset_t *u, const ccp_dialect_t *d, ccp_proto_e client,
    const char *path, const char *body, const char *model)
{
    ccp_env_t         env;
    ccp_out_t         head;
    ccp_str_t         uri;
    ccp_target_t      t;
    ccp_endpoint_t    ep;
    const ccp_out_t  *out;
    static ut_mem_t   mem = { 0, 0, -1 };

    memset(u, 0, sizeof(ut_preset_t));
    memset(&env, 0, sizeof(env));
    env.mem = ut_mem(&mem);
    env.answer_limit = 1 << 20;
    env.clock.seed[0] = 1;
    env.clock.seed[1] = 2;
    env.clock.now_ns = ut_preset_now;

    ccp_endpoint(&ep, ccp_cstr(path ? path : ut_preset_paths[client]),
                 ccp_none, 0);

    u->row = d;
    u->x = ccp_exchange_create(&env, &ep);

    memset(&t, 0, sizeof(t));
    t.dialect = d;
    t.proto = d->proto;
    t.root = ccp_lit("/root");
    t.model = model ? ccp_cstr(model) : ccp_none;
    t.max_tokens = CCP_UNSET_INT;
    t.context = CCP_UNSET_INT;

    u->rc = ccp_exchange_request(u->x, ccp_cstr(body), ccp_none, &u->err);

    if (u->rc == CCP_OK && ut_preset_hook != NULL) {
        ut_preset_hook(u->x);
    }

    if (u->rc == CCP_OK) {
        u->rc = ccp_exchange_target(u->x, &t, ccp_none, &out, &uri, &u->err);
    }

    if (u->rc != CCP_OK) {
        return u->rc;
    }

    u->body = ut_preset_text(out);
    u->uri = ut_cstr(uri);

    ccp_out_init(&head, ccp_exchange_arena(u->x), 0);
    u->rc = ccp_exchange_headers(u->x, ccp_lit("sk-secret-key"), NULL, 0,
                                 &head);
    u->headers = ut_preset_text(&head);

    return u->rc;
}


/* Whether a note of the conversion has the word. */

static inline int
ut_preset_noted(const ut_preset_t *u, const char *word)
{
    size_t             i, n;
    const ccp_item_t  *it;

    n = strlen(word);

    for (it = ccp_exchange_req(u->x)->notes; it; it = it->next) {
        for (i = 0; i + n <= it->s.n; i++) {
            if (memcmp(it->s.p + i, word, n) == 0) {
                return 1;
            }
        }
    }

    return 0;
}


/* The row of that name; the test can't go on without. */

static inline const ccp_dialect_t *
ut_preset_row(const char *name)
{
    const ccp_dialect_t  *d;

    d = ccp_dialect_find(ccp_cstr(name));

    if (d == NULL) {
        printf("Bail out! no preset %s\n", name);
        exit(1);
    }

    return d;
}

#endif /* UT_PRESET_H */
