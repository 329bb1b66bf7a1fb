
/*
 * Between the files of the reader: json_read.c, which chooses, and one file
 * for each kind of processor, which is json_read_loop.h over its own steps.
 */

#ifndef CCP_JSON_READ_PRIVATE_H
#define CCP_JSON_READ_PRIVATE_H

#include "codec/json/json_read.h"

#define CCP_JSON_NO_PARENT   UINT32_MAX

#if defined(__x86_64__) && defined(__SSE2__) && defined(__GNUC__)
#define CCP_JSON_HAVE_X86    1
#endif

#if defined(__aarch64__) && defined(__ARM_NEON)
#define CCP_JSON_HAVE_NEON   1
#endif

typedef struct {
    ccp_json_t     *doc;
    const uint8_t  *p;
    const uint8_t  *end;
    const char     *what;
    uint32_t        parent;
    uint32_t        depth;
    unsigned        flags;
    const uint8_t  *stop;          /* behind a value of the root's; NULL */
} ccp_json_read_t;

/* Reads on in the document, to the end of the text.  As ccp_json_parse(), or
 * CCP_DECLINED at r->stop. */
int ccp_json_read_on(ccp_json_reader_e reader, ccp_json_read_t *r,
    int resumed, ccp_jerr_t *err);

/* Takes note of a name in its object. */
static inline void
ccp_json_read_sign(ccp_jnode_t *object, const ccp_jnode_t *key)
{
    unsigned  sign;

    sign = key->esc ? CCP_JSON_SIGNS
                    : ccp_json_sign(key->tag, key->tag >> 8, key->len);
    object->tag |= (uint16_t) ccp_json_sign_bit(sign);
}

/* CCP_INVALID, with the place and the reason. */
int ccp_json_read_fail(ccp_json_read_t *r, const uint8_t *at,
    const char *what);
/* Room for more nodes than n. */
int ccp_json_read_grow(ccp_json_read_t *r, uint32_t n, const uint8_t *at);
/* Behind a \u escape, pp at the u. */
int ccp_json_read_unicode(ccp_json_read_t *r, const uint8_t **pp);

/*
 * Reads from r->p on, where a value begins; resumed: behind what doc holds of
 * r->parent, which is open.  CCP_OK: r->p is behind the root; CCP_DECLINED: it
 * is r->stop, and nothing but the root is open.
 */
typedef int (*ccp_json_read_pt)(ccp_json_read_t *r, int resumed);

int ccp_json_read_portable(ccp_json_read_t *r, int resumed);
int ccp_json_read_sse2(ccp_json_read_t *r, int resumed);
int ccp_json_read_avx2(ccp_json_read_t *r, int resumed);
int ccp_json_read_neon(ccp_json_read_t *r, int resumed);

#endif /* CCP_JSON_READ_PRIVATE_H */
