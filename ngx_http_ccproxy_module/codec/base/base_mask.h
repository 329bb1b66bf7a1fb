
/*
 * Stars over a secret in texts, in whatever spelling JSON has for it.
 */

#ifndef CCP_BASE_MASK_H
#define CCP_BASE_MASK_H

#include "codec/base/base_buf.h"

/* A secret shorter than this is too ordinary to be masked. */
#define CCP_MASK_MIN  8

/* Stars over each secret in the n bytes at p. */
void ccp_mask(uint8_t *p, size_t n, ccp_str_t secret);

/* Whether it is there. */
int ccp_mask_finds(ccp_str_t s, ccp_str_t secret);

#endif /* CCP_BASE_MASK_H */
