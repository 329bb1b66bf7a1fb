
/*
 * Inside of the store, for the files that implement store.h.
 */

#ifndef CCP_STORE_PRIVATE_H
#define CCP_STORE_PRIVATE_H

#include "store/store.h"


/* An object is a chain of chunks; a multiple of 8. */
#define CCP_STORE_CHUNK   256

/* Of a chunk's link: it is the first of an object; it was seen (of repairs
 * alone); the next one, 0: none. */
#define CCP_STORE_HEAD    0x80000000u
#define CCP_STORE_SEEN    0x40000000u
#define CCP_STORE_INDEX   0x3fffffffu

#define CCP_STORE_WHOLE   0x77686f6c65636370ull


/* The beginning of an object's first chunk. */

typedef struct {
    uint64_t           whole;      /* CCP_STORE_WHOLE, set last */
    uint64_t           used;
    uint64_t           seal;       /* of entry */
    ccp_store_entry_t  entry;
    uint32_t           same;       /* the next object of its bucket */
    uint32_t           newer;
    uint32_t           older;
    uint32_t           chunks;
} ccp_store_head_t;

#define CCP_STORE_FIRST   (CCP_STORE_CHUNK - sizeof(ccp_store_head_t))


struct ccp_store_s {
    uint64_t  magic;
    uint64_t  size;
    uint64_t  seed;
    uint64_t  serial;              /* the last one given */
    uint64_t  ttl;
    uint64_t  buckets;             /* offsets from the store's beginning */
    uint64_t  links;
    uint64_t  chunks;
    uint32_t  nchunks;             /* numbered from 1 on */
    uint32_t  nbuckets;            /* a power of two */
    uint32_t  fresh;               /* the first that was never used */
    uint32_t  free;                /* list of those that are free again */
    uint32_t  nfree;
    uint32_t  newest;
    uint32_t  oldest;
    uint32_t  nobjects;
    uint32_t  inside;              /* a process is */
    uint64_t  evicted;
    uint64_t  expired;
    uint64_t  repaired;
};


static inline uint32_t *
ccp_store_links(const ccp_store_t *s)
{
    return (uint32_t *) ((uintptr_t) s + (uintptr_t) s->links);
}


static inline uint32_t *
ccp_store_buckets(const ccp_store_t *s)
{
    return (uint32_t *) ((uintptr_t) s + (uintptr_t) s->buckets);
}


static inline uint8_t *
ccp_store_chunk(const ccp_store_t *s, uint32_t i)
{
    return (uint8_t *) ((uintptr_t) s + (uintptr_t) s->chunks)
           + (size_t) (i - 1) * CCP_STORE_CHUNK;
}


static inline ccp_store_head_t *
ccp_store_head(const ccp_store_t *s, uint32_t i)
{
    return (ccp_store_head_t *) ccp_store_chunk(s, i);
}


static inline uint32_t
ccp_store_chunks_of(size_t len)
{
    return len <= CCP_STORE_FIRST
           ? 1
           : 1 + (uint32_t) ((len - CCP_STORE_FIRST + CCP_STORE_CHUNK - 1)
                             / CCP_STORE_CHUNK);
}


/* Goes on with a sum: n bytes, a multiple of 8 but for the last ones. */
uint64_t ccp_store_sum_add(uint64_t h, const uint8_t *p, size_t n);
uint64_t ccp_store_sum_end(uint64_t h, uint64_t n);
uint64_t ccp_store_seal(const ccp_store_t *s, const ccp_store_entry_t *e);

/* Puts an object into its bucket and in front of all others. */
void ccp_store_link(ccp_store_t *s, uint32_t at);

/* A process died inside: keeps what is whole (store_repair.c). */
void ccp_store_repair(ccp_store_t *s);


#endif /* CCP_STORE_PRIVATE_H */
