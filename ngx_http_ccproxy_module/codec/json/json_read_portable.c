
/*
 * The reader for any processor: 8 bytes at a time in a plain register.
 */

#include "codec/json/json_read_private.h"


#define CCP_JSON_READER   ccp_json_read_portable
#define CCP_JSON_TARGET
#define CCP_JSON_STEP     8
#define CCP_JSON_SHIFT    3
#define CCP_JSON_FIRST_ONLY

#define ccp_json_special       ccp_json_portable_special

#define ccp_json_each(c)  (0x0101010101010101ULL * (c))


/* They are constants of the code here. */
typedef int  ccp_json_bytes_t;

#define ccp_json_bytes()  0


/* The top bit of each such byte; those above the first may be wrong. */

static inline uint64_t
ccp_json_portable_special(const uint8_t *p, ccp_json_bytes_t bytes)
{
    uint64_t  v, quote, slash, found;

    (void) bytes;
    memcpy(&v, p, 8);

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif

    quote = v ^ ccp_json_each('"');
    slash = v ^ ccp_json_each('\\');

    found = v
            | ((v - ccp_json_each(0x20)) & ~v)
            | ((quote - ccp_json_each(1)) & ~quote)
            | ((slash - ccp_json_each(1)) & ~slash);

    return found & ccp_json_each(0x80);
}


#include "codec/json/json_read_loop.h"
