
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
#include "ut_exchange.h"

typedef struct {
    ccp_exchange_t        *x;
    ccp_try_t             *try;
    const ccp_provider_t  *row;
    int                    rc;     /* of request, then of target */
    ccp_error_t            err;
    char                  *body;   /* malloc'ed texts; NULL without */
    char                  *uri;
    char                  *headers;
} ut_preset_t;


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


/* Called with the decoded request, before it is sent anywhere. */
static void  (*ut_preset_hook)(ccp_exchange_t *x);


/*
 * The body of a client of that protocol at path (NULL: where it generates),
 * for a target of that dialect and model (NULL: the client's).  The body must
 * stay until ut_preset_free().
 */

static inline int
ut_preset_send(ut_preset_t *u, const ccp_provider_t *pr, ccp_proto_e client,
    const char *path, const char *body, const char *model)
{
    ccp_out_t         head;
    ccp_str_t         uri;
    ccp_target_t      t;
    const ccp_out_t  *out;

    memset(u, 0, sizeof(ut_preset_t));
    u->row = pr;
    u->x = ut_exchange_create(NULL, path ? path : ut_preset_paths[client],
                              NULL);

    ut_target(&t, pr);
    t.root = ccp_lit("/root");
    t.model = model ? ccp_cstr(model) : ccp_none;

    u->rc = ccp_exchange_request(u->x, ccp_cstr(body), ccp_none, &u->err);

    if (u->rc == CCP_OK && ut_preset_hook != NULL) {
        ut_preset_hook(u->x);
    }

    if (u->rc == CCP_OK) {
        u->rc = ut_try(&u->try, u->x, &t, ccp_none, &out, &uri, &u->err);
    }

    if (u->rc != CCP_OK) {
        return u->rc;
    }

    u->body = ut_out_text(out);
    u->uri = ut_cstr(uri);

    ccp_out_init(&head, ccp_exchange_arena(u->x), 0);
    u->rc = ccp_try_headers(u->try, ccp_lit("sk-secret-key"), NULL, 0,
                            &head);
    u->headers = ut_out_text(&head);

    return u->rc;
}


/* Whether a note of the conversion has the word. */

static inline int
ut_preset_noted(const ut_preset_t *u, const char *word)
{
    return ut_noted(u->try, word);
}


/* The row of that name; the test can't go on without. */

static inline const ccp_provider_t *
ut_preset_row(const char *name)
{
    const ccp_provider_t  *pr;

    pr = ccp_provider_find(ccp_cstr(name));

    if (pr == NULL) {
        printf("Bail out! no preset %s\n", name);
        exit(1);
    }

    return pr;
}

#endif /* UT_PRESET_H */
