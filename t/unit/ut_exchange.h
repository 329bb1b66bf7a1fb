
/*
 * Exchanges for tests: always the same time, the same ids, a target without
 * bounds.
 */

#ifndef UT_EXCHANGE_H
#define UT_EXCHANGE_H

#include "codec/exchange/exchange.h"
#include "ut.h"

#define UT_NOW  INT64_C(1763800000000000000)   /* 2025-11-22T08:26:40Z */

/* A clock that stands at UT_NOW. */
int64_t ut_now(void *ctx);

/* mem: the memory, NULL: a counter that nobody looks at.  Answers are held up
 * to 1 MB. */
void ut_env(ccp_env_t *env, const ccp_mem_t *mem);

/* A client's exchange at that path, args NULL: none; NULL without memory. */
ccp_exchange_t *ut_exchange_create(const ccp_mem_t *mem, const char *path,
    const char *args);

/* The target of that dialect and its protocol: root "/v1", the client's name
 * of the model, no limits. */
void ut_target(ccp_target_t *t, const ccp_provider_t *pr);

/* A try of the exchange at that target, with its request.  *try is NULL without
 * memory. */
int ut_try(ccp_try_t **try, ccp_exchange_t *x, const ccp_target_t *target,
    ccp_str_t args, const ccp_out_t **body, ccp_str_t *uri, ccp_error_t *err);

/* Whether a note has the word, of reading the request or of the try. */
int ut_noted(const ccp_try_t *try, const char *word);

/* What was written, malloc'ed. */
char *ut_out_text(const ccp_out_t *o);

#endif /* UT_EXCHANGE_H */
