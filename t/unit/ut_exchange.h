
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

/* What was written, malloc'ed. */
char *ut_out_text(const ccp_out_t *o);

#endif /* UT_EXCHANGE_H */
