
#include "ut_exchange.h"


int64_t
ut_now(void *ctx)
{
    (void) ctx;

    return UT_NOW;
}


void
ut_env(ccp_env_t *env, const ccp_mem_t *mem)
{
    static ut_mem_t  counter = { 0, 0, -1 };

    memset(env, 0, sizeof(ccp_env_t));
    env->mem = mem ? *mem : ut_mem(&counter);
    env->answer_limit = 1 << 20;
    env->clock.seed[0] = 1;
    env->clock.seed[1] = 2;
    env->clock.now_ns = ut_now;
}


ccp_exchange_t *
ut_exchange_create(const ccp_mem_t *mem, const char *path, const char *args)
{
    ccp_env_t       env;
    ccp_endpoint_t  ep;

    ut_env(&env, mem);
    ccp_endpoint_parse(&ep, ccp_cstr(path), args ? ccp_cstr(args) : ccp_none,
                       0);

    return ccp_exchange_create(&env, &ep);
}


void
ut_target(ccp_target_t *t, const ccp_provider_t *pr)
{
    memset(t, 0, sizeof(ccp_target_t));
    t->provider = pr;
    t->proto = pr->proto;
    t->root = ccp_lit("/v1");
    t->max_tokens = CCP_UNSET_INT;
    t->context = CCP_UNSET_INT;
}


int
ut_try(ccp_try_t **try, ccp_exchange_t *x, const ccp_target_t *target,
    ccp_str_t args, const ccp_out_t **body, ccp_str_t *uri, ccp_error_t *err)
{
    *try = ccp_try_create(x, target);

    return *try ? ccp_try_request(*try, args, body, uri, err) : CCP_NOMEM;
}


int
ut_noted(const ccp_try_t *try, const char *word)
{
    size_t             i, n, k;
    const ccp_item_t  *it, *lists[2];

    n = strlen(word);
    lists[0] = ccp_exchange_req(ccp_try_exchange(try))->notes;
    lists[1] = ccp_try_notes(try);

    for (k = 0; k < 2; k++) {
        for (it = lists[k]; it; it = it->next) {
            for (i = 0; i + n <= it->s.n; i++) {
                if (memcmp(it->s.p + i, word, n) == 0) {
                    return 1;
                }
            }
        }
    }

    return 0;
}


char *
ut_out_text(const ccp_out_t *o)
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
