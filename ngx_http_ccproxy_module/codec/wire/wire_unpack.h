
/*
 * Content encodings (RFC 9110, 8.4): a compressed body into the bytes that it
 * stands for, in pieces as they come, without ever holding more of it than a
 * buffer.  Which encodings there are depends on the libraries at build:
 * CCP_ZLIB (gzip, deflate), CCP_BROTLI (br), CCP_ZSTD (zstd).
 */

#ifndef CCP_WIRE_UNPACK_H
#define CCP_WIRE_UNPACK_H

#include "codec/base/base_arena.h"

/* Encodings that may lie one around the other. */
#define CCP_UNPACK_MAX  3

typedef struct ccp_unpack_s  ccp_unpack_t;

/* The encodings that can be read, "gzip, deflate". */
const char *ccp_unpack_names(void);

/*
 * For a value of Content-Encoding; *u becomes NULL where that is nothing but
 * identity.  mem is copied.  CCP_OK; CCP_INVALID (*name is the encoding that
 * can't be read, or the whole value if it lists too many); CCP_NOMEM.
 */
int ccp_unpack_create(ccp_unpack_t **u, const ccp_mem_t *mem,
    ccp_str_t encoding, ccp_str_t *name);
/* NULL is allowed. */
void ccp_unpack_destroy(ccp_unpack_t *u);

/*
 * Takes bytes of *p, *n of them, and puts *size at most into out; all three
 * are what is left, or was made, afterwards.  If *size is what it was, more
 * may come without further bytes.  CCP_OK, CCP_INVALID (no such encoding,
 * bytes behind its end, or many times more than it should be between two),
 * CCP_NOMEM.
 */
int ccp_unpack(ccp_unpack_t *u, const uint8_t **p, size_t *n, uint8_t *out,
    size_t *size);

/* Whether the bytes may end here: 1, or 0 if they were cut off. */
int ccp_unpack_whole(const ccp_unpack_t *u);

#endif /* CCP_WIRE_UNPACK_H */
