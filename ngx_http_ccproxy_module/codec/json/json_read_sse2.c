
/*
 * The reader for all x86-64: 16 bytes at a time.
 */

#include "codec/json/json_read_private.h"

#if defined(CCP_JSON_HAVE_X86)

#include <emmintrin.h>


#define CCP_JSON_READER   ccp_json_read_sse2
#define CCP_JSON_TARGET
#define CCP_JSON_STEP     16
#define CCP_JSON_SHIFT    0
#define CCP_JSON_BLOCKS

#define ccp_json_bytes         ccp_json_sse2_bytes
#define ccp_json_read_letters  ccp_json_sse2_letters
#define ccp_json_read_masks    ccp_json_sse2_masks
#define ccp_json_special       ccp_json_sse2_special

#define ccp_json_bits(v)  ((uint64_t) (uint16_t) _mm_movemask_epi8(v))
#define ccp_json_load(p)  _mm_loadu_si128((const __m128i *) (const void *) (p))
#define ccp_json_join(a, b, c, d)                                            \
    (ccp_json_bits(a) | ccp_json_bits(b) << 16 | ccp_json_bits(c) << 32      \
     | ccp_json_bits(d) << 48)


/* A bit for each of 64 bytes. */
typedef struct {
    uint64_t  quote;
    uint64_t  slash;
    uint64_t  other;               /* control bytes and those from 0x80 */
} ccp_json_mask_t;

typedef struct {
    __m128i  quote;
    __m128i  slash;
    __m128i  space;
} ccp_json_bytes_t;


static inline ccp_json_bytes_t
ccp_json_sse2_bytes(void)
{
    return (ccp_json_bytes_t) { _mm_set1_epi8('"'), _mm_set1_epi8('\\'),
                                _mm_set1_epi8(' ') };
}


/* Compared with sign: control bytes and those from 0x80 are below a space. */

static inline uint64_t
ccp_json_sse2_special(const uint8_t *p, ccp_json_bytes_t bytes)
{
    __m128i  v, special;

    v = ccp_json_load(p);
    special = _mm_or_si128(_mm_cmpeq_epi8(v, bytes.quote),
                           _mm_cmpeq_epi8(v, bytes.slash));
    special = _mm_or_si128(special, _mm_cmplt_epi8(v, bytes.space));

    return ccp_json_bits(special);
}


static inline void
ccp_json_sse2_masks(ccp_json_mask_t *m, const uint8_t *p,
    ccp_json_bytes_t bytes)
{
    __m128i  v0, v1, v2, v3;

    v0 = ccp_json_load(p);
    v1 = ccp_json_load(p + 16);
    v2 = ccp_json_load(p + 32);
    v3 = ccp_json_load(p + 48);

    m->quote = ccp_json_join(_mm_cmpeq_epi8(v0, bytes.quote),
                             _mm_cmpeq_epi8(v1, bytes.quote),
                             _mm_cmpeq_epi8(v2, bytes.quote),
                             _mm_cmpeq_epi8(v3, bytes.quote));
    m->slash = ccp_json_join(_mm_cmpeq_epi8(v0, bytes.slash),
                             _mm_cmpeq_epi8(v1, bytes.slash),
                             _mm_cmpeq_epi8(v2, bytes.slash),
                             _mm_cmpeq_epi8(v3, bytes.slash));
    m->other = ccp_json_join(_mm_cmplt_epi8(v0, bytes.space),
                             _mm_cmplt_epi8(v1, bytes.space),
                             _mm_cmplt_epi8(v2, bytes.space),
                             _mm_cmplt_epi8(v3, bytes.space));
}


/* The letters of simple escapes: n r t b f, and the slash. */

static inline __m128i
ccp_json_sse2_letter(__m128i v)
{
    __m128i  a, b;

    a = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('n')),
                     _mm_cmpeq_epi8(v, _mm_set1_epi8('t')));
    b = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('r')),
                     _mm_cmpeq_epi8(v, _mm_set1_epi8('/')));
    a = _mm_or_si128(a, _mm_cmpeq_epi8(v, _mm_set1_epi8('b')));
    b = _mm_or_si128(b, _mm_cmpeq_epi8(v, _mm_set1_epi8('f')));

    return _mm_or_si128(a, b);
}


static inline uint64_t
ccp_json_sse2_letters(const uint8_t *p)
{
    return ccp_json_join(ccp_json_sse2_letter(ccp_json_load(p)),
                         ccp_json_sse2_letter(ccp_json_load(p + 16)),
                         ccp_json_sse2_letter(ccp_json_load(p + 32)),
                         ccp_json_sse2_letter(ccp_json_load(p + 48)));
}


#include "codec/json/json_read_blocks.h"
#include "codec/json/json_read_loop.h"

#endif
