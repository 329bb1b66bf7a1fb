
/*
 * What all targets share: memory that only the sanitizers watch.
 */

#ifndef FUZZ_H
#define FUZZ_H

#include <stdlib.h>

#include "codec/base/base_str.h"


static inline void *
fuzz_alloc(void *ctx, size_t n)
{
    (void) ctx;
    return malloc(n);
}


static inline void
fuzz_free(void *ctx, void *p)
{
    (void) ctx;
    free(p);
}


static inline ccp_mem_t
fuzz_mem(void)
{
    ccp_mem_t  mem;

    memset(&mem, 0, sizeof(ccp_mem_t));
    mem.alloc = fuzz_alloc;
    mem.free = fuzz_free;

    return mem;
}

#endif /* FUZZ_H */
