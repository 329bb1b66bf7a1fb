
/*
 * The reader for 64-bit ARM: 16 bytes at a time.
 */

#include "codec/json/json_read_private.h"

#if defined(CCP_JSON_HAVE_NEON)

#include <arm_neon.h>


#define CCP_JSON_READER   ccp_json_read_neon
#define CCP_JSON_TARGET
#define CCP_JSON_STEP     16
#define CCP_JSON_SHIFT    2

#define ccp_json_bytes         ccp_json_neon_bytes
#define ccp_json_special       ccp_json_neon_special


typedef struct {
    uint8x16_t  quote;
    uint8x16_t  slash;
    int8x16_t   space;
} ccp_json_bytes_t;


static inline ccp_json_bytes_t
ccp_json_neon_bytes(void)
{
    return (ccp_json_bytes_t) { vdupq_n_u8('"'), vdupq_n_u8('\\'),
                                vdupq_n_s8(' ') };
}


/* Four bits for each byte: NEON has no mask of single bits. */

static inline uint64_t
ccp_json_neon_special(const uint8_t *p, ccp_json_bytes_t bytes)
{
    uint8x16_t  v, special;

    v = vld1q_u8(p);
    special = vorrq_u8(vceqq_u8(v, bytes.quote), vceqq_u8(v, bytes.slash));
    special = vorrq_u8(special, vcltq_s8(vreinterpretq_s8_u8(v),
                                         bytes.space));

    return vget_lane_u64(vreinterpret_u64_u8(
               vshrn_n_u16(vreinterpretq_u16_u8(special), 4)), 0);
}


#include "codec/json/json_read_loop.h"

#endif
