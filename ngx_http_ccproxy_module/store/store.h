
/*
 * The store: objects under keys of 16 bytes, on a block of memory that
 * processes share and with the caller's clock.
 *
 *   ccp_store_init()          once, by whoever made the block
 *   for each use, under the caller's lock:
 *       ccp_store_enter()
 *       ccp_store_find(), _read(), _put(), _drop()
 *       ccp_store_leave()
 *
 * An object never changes: it is found whole, or not at all.  Room is made by
 * dropping what was used least recently; what was not used for the store's
 * ttl is not found any more.
 *
 * Locking.  The caller holds one lock, the same for all processes, from enter
 * to leave; ccp_store_sum() and ccp_store_is_whole() need none.  A process that
 * dies in between leaves its mark: the next one to enter keeps those objects
 * whose bytes are what they were, and drops all others.  The block holds
 * indexes only, no pointers, so that it may be mapped anywhere.
 *
 * Time is in milliseconds of a clock that all processes share and that never
 * goes back.
 */

#ifndef CCP_STORE_H
#define CCP_STORE_H

#include <stddef.h>
#include <stdint.h>


#define CCP_STORE_KEY    16

/* The least block that holds anything. */
#define CCP_STORE_MIN    (16 * 1024)

typedef struct ccp_store_s  ccp_store_t;

/* What is known of an object beside its bytes. */

typedef struct {
    uint8_t   key[CCP_STORE_KEY];
    uint64_t  serial;          /* its own, never given twice; of put: of the
                                  object that it replaces, 0: of any */
    uint8_t   parent[CCP_STORE_KEY];
    uint64_t  parent_serial;   /* 0: it has no parent */
    uint64_t  owner;           /* the next three are the caller's */
    uint32_t  kind;
    uint32_t  raw;
    uint32_t  len;             /* bytes of the object */
    uint64_t  sum;             /* ccp_store_sum() of them */
} ccp_store_entry_t;

typedef struct {
    uint64_t  objects;
    uint64_t  bytes;           /* in use, of all */
    uint64_t  size;
    uint64_t  evicted;         /* to make room, so far */
    uint64_t  expired;
    uint64_t  repaired;        /* times that a process died inside */
} ccp_store_look_t;


/* Makes a store of size bytes at mem (zeros, aligned to 8), which is touched
 * as objects come.  seed: what no client knows.  NULL: too small. */
ccp_store_t *ccp_store_init(void *mem, size_t size, uint64_t seed);
/* The store that ccp_store_init() made there; NULL: none of this version. */
ccp_store_t *ccp_store_at(void *mem, size_t size);
/* The longest object that it takes. */
size_t ccp_store_max(const ccp_store_t *s);

/* ttl, in ms, holds from now on; 0: for ever.  Whether a process had died
 * inside. */
int ccp_store_enter(ccp_store_t *s, uint64_t ttl);
void ccp_store_leave(ccp_store_t *s);

/*
 * Finds the object, which counts as use of it, and fills e.  Its place, which
 * holds until leave; 0: there is none.
 */
uint32_t ccp_store_find(ccp_store_t *s, const uint8_t *key, uint64_t now,
    ccp_store_entry_t *e);
/* Copies the object's e->len bytes to dst. */
void ccp_store_read(const ccp_store_t *s, uint32_t at, uint8_t *dst);
/* Whether bytes that were read are those that were put. */
int ccp_store_is_whole(const ccp_store_t *s, const ccp_store_entry_t *e,
    const uint8_t *bytes);

/*
 * Keeps e->len bytes under e->key, in place of what is there, and sets
 * e->serial.  1; 0: it is too long, or another object is there than the one
 * that it shall replace.
 */
int ccp_store_put(ccp_store_t *s, ccp_store_entry_t *e, const uint8_t *bytes,
    uint64_t now);
uint64_t ccp_store_sum(const ccp_store_t *s, const uint8_t *bytes, size_t n);

/* Forgets the object; 0: there is none. */
int ccp_store_drop(ccp_store_t *s, const uint8_t *key);

void ccp_store_look(const ccp_store_t *s, ccp_store_look_t *look);


#endif /* CCP_STORE_H */
