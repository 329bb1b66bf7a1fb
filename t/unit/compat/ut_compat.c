
/*
 * Exchanges in tool compatibility mode, for tests.
 */

#include <ctype.h>

#include "ut_compat.h"


static ut_mem_t  ut_m = { 0, 0, -1 };


const char  *const ut_compat_paths[CCP_NPROTO] = {
    "/v1/messages", "/v1/chat/completions", "/v1/responses",
    "/v1beta/models/m:generateContent", "/api/chat"
};


int
ut_compat_open(ut_compat_t *u, const ccp_mem_t *mem, const char *path)
{
    ccp_mem_t  m;

    memset(u, 0, sizeof(ut_compat_t));
    m = ut_mem(&ut_m);
    u->x = ut_exchange_create(mem ? mem : &m, path, NULL);

    return u->x ? CCP_OK : CCP_NOMEM;
}


int
ut_compat_target(ut_compat_t *u, ccp_proto_e up, ccp_tools_e tools)
{
    ccp_target_t  t;

    ut_target(&t, ccp_provider_plain(up));
    t.model = ccp_lit("up-model");
    t.tools = tools;

    return ut_try(&u->try, u->x, &t, ccp_none, &u->body, &u->uri,
                  &u->err);
}


/* A request for a target in compatibility mode. */

int
ut_compat_ask(ut_compat_t *u, ccp_proto_e client, const char *body, ccp_proto_e up)
{
    int  rc;

    rc = ut_compat_open(u, NULL, ut_compat_paths[client]);

    if (rc == CCP_OK) {
        rc = ccp_exchange_request(u->x, ccp_cstr(body), ccp_none, &u->err);
    }

    return rc == CCP_OK ? ut_compat_target(u, up, CCP_TOOLS_COMPAT) : rc;
}


char *
ut_compat_body(const ut_compat_t *u)
{
    char       *p;
    size_t      k, n;
    ccp_str_t   s;

    p = malloc(ccp_out_size(u->body) + 1);

    for (k = 0, n = 0; (s = ccp_out_seg(u->body, k)).p; k++) {
        memcpy(p + n, s.p, s.n);
        n += s.n;
    }

    p[n] = '\0';

    return p;
}


/* ---- what the upstream is told, read by its own protocol ---- */

static void
ut_put(char *to, size_t size, const char *s)
{
    size_t  n;

    n = strlen(to);
    snprintf(to + n, size - n, "%s", s);
}


static void
ut_put_blocks(char *to, size_t size, const ccp_block_t *b)
{
    char         *s;
    ccp_arena_t  *a;

    a = ut_arena();

    for ( ; b; b = b->next) {
        ut_put(to, size, " ");

        switch (b->kind) {
        case CCP_B_TEXT:
            s = ut_cstr(ccp_str_plain(a, b->text));
            ut_put(to, size, s);
            free(s);
            break;

        case CCP_B_IMAGE:
            ut_put(to, size, "#");
            break;

        default:
            ut_put(to, size, "?");
        }
    }

    ccp_arena_destroy(a);
}


/* White space as one space each, ids left out. */

static void
ut_tidy(char *s)
{
    char  *to, *id;

    for (id = s; (id = strstr(id, " id=\"")) != NULL; id += 5) {
        to = strchr(id + 5, '"');
        memmove(id + 5, to, strlen(to) + 1);
    }

    for (to = s; *s; s++) {
        if (!isspace((unsigned char) *s)) {
            *to++ = *s;
        } else if (s[1] && !isspace((unsigned char) s[1])) {
            *to++ = ' ';
        }
    }

    *to = '\0';
}


char *
ut_compat_msgs(const ccp_request_t *r)
{
    size_t                size;
    char                 *to;
    const ccp_message_t  *m;

    size = 1 << 16;
    to = calloc(1, size);

    for (m = r->msgs; m; m = m->next) {
        ut_put(to, size, m == r->msgs ? "" : " | ");
        ut_put(to, size, m->role == CCP_ROLE_USER ? "user:"
                         : m->role == CCP_ROLE_ASSISTANT ? "assistant:"
                         : "system:");
        ut_put_blocks(to, size, m->blocks);
    }

    ut_tidy(to);

    return to;
}


char *
ut_compat_system(const ccp_request_t *r)
{
    char  *to;

    to = calloc(1, 1 << 16);
    ut_put_blocks(to, 1 << 16, r->system);

    return to;
}


int
ut_compat_clean(void)
{
    return ut_m.live == 0;
}
