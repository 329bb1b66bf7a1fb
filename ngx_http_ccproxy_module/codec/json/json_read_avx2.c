
/*
 * The reader for processors with AVX2: 32 bytes at a time, UTF-8 as well.
 */

#include "codec/json/json_read_private.h"

#if defined(CCP_JSON_HAVE_X86)

#include <immintrin.h>


#define CCP_JSON_READER   ccp_json_read_avx2
#define CCP_JSON_TARGET   __attribute__((target("avx2,bmi")))
#define CCP_JSON_STEP     32
#define CCP_JSON_SHIFT    0
#define CCP_JSON_BLOCKS
#define CCP_JSON_UTF8

#define ccp_json_bytes         ccp_json_avx2_bytes
#define ccp_json_read_high     ccp_json_avx2_high
#define ccp_json_read_letters  ccp_json_avx2_letters
#define ccp_json_read_masks    ccp_json_avx2_masks
#define ccp_json_read_utf8     ccp_json_avx2_utf8
#define ccp_json_special       ccp_json_avx2_special

#define ccp_json_bits(v)     ((uint64_t) (uint32_t) _mm256_movemask_epi8(v))
#define ccp_json_load(p)                                                     \
    _mm256_loadu_si256((const __m256i *) (const void *) (p))
#define ccp_json_join(a, b)  (ccp_json_bits(a) | ccp_json_bits(b) << 32)

/* A table of 16 for each half of a register. */
#define ccp_json_table(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p)       \
    _mm256_setr_epi8(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p,         \
                     a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p)


/* A bit for each of 64 bytes. */
typedef struct {
    uint64_t  quote;
    uint64_t  slash;
    uint64_t  other;               /* control bytes and those from 0x80 */
} ccp_json_mask_t;

typedef struct {
    __m256i  quote;
    __m256i  slash;
    __m256i  space;
} ccp_json_bytes_t;


/* A register that the compiler does not make anew at each use. */

CCP_JSON_TARGET static inline __m256i
ccp_json_avx2_all(char c)
{
    __m256i  v;

    v = _mm256_set1_epi8(c);
    __asm__ ("" : "+x" (v));

    return v;
}


CCP_JSON_TARGET static inline ccp_json_bytes_t
ccp_json_avx2_bytes(void)
{
    return (ccp_json_bytes_t) { ccp_json_avx2_all('"'), ccp_json_avx2_all('\\'),
                                ccp_json_avx2_all(' ') };
}


/* Compared with sign: control bytes and those from 0x80 are below a space. */

CCP_JSON_TARGET static inline uint64_t
ccp_json_avx2_special(const uint8_t *p, ccp_json_bytes_t bytes)
{
    __m256i  v, special;

    v = ccp_json_load(p);
    special = _mm256_or_si256(_mm256_cmpeq_epi8(v, bytes.quote),
                              _mm256_cmpeq_epi8(v, bytes.slash));
    special = _mm256_or_si256(special, _mm256_cmpgt_epi8(bytes.space, v));

    return ccp_json_bits(special);
}


CCP_JSON_TARGET static inline void
ccp_json_avx2_masks(ccp_json_mask_t *m, const uint8_t *p,
    ccp_json_bytes_t bytes)
{
    __m256i  v0, v1;

    v0 = ccp_json_load(p);
    v1 = ccp_json_load(p + 32);

    m->quote = ccp_json_join(_mm256_cmpeq_epi8(v0, bytes.quote),
                             _mm256_cmpeq_epi8(v1, bytes.quote));
    m->slash = ccp_json_join(_mm256_cmpeq_epi8(v0, bytes.slash),
                             _mm256_cmpeq_epi8(v1, bytes.slash));
    m->other = ccp_json_join(_mm256_cmpgt_epi8(bytes.space, v0),
                             _mm256_cmpgt_epi8(bytes.space, v1));
}


/*
 * The letters of simple escapes: n r t b f, and the slash.  Each has its place
 * in a table of low halves, but b, which r's stands for.
 */

CCP_JSON_TARGET static inline __m256i
ccp_json_avx2_letter(__m256i v)
{
    const __m256i  table = ccp_json_table(-1, 0, 'r', 0, 't', 0, 'f', 0, 0, 0,
                                          0, 0, 0, 0, 'n', '/');

    return _mm256_or_si256(_mm256_cmpeq_epi8(_mm256_shuffle_epi8(table, v), v),
                           _mm256_cmpeq_epi8(v, _mm256_set1_epi8('b')));
}


CCP_JSON_TARGET static inline uint64_t
ccp_json_avx2_letters(const uint8_t *p)
{
    return ccp_json_join(ccp_json_avx2_letter(ccp_json_load(p)),
                         ccp_json_avx2_letter(ccp_json_load(p + 32)));
}


/* ---- UTF-8, after Keiser and Lemire, "Validating UTF-8 in less than one
 * instruction per byte" ---- */

/* What two bytes, one behind the other, may be wrong by. */
#define U_SHORT    (1 << 0)        /* a lead without its continuation */
#define U_LONG     (1 << 1)        /* a continuation behind ASCII */
#define U_THREE    (1 << 2)        /* three bytes where two do */
#define U_LARGE    (1 << 3)        /* above U+10FFFF */
#define U_HALF     (1 << 4)        /* a surrogate */
#define U_TWO      (1 << 5)        /* two bytes where one does */
#define U_FOUR     (1 << 6)        /* four where three do, or above, too */
#define U_CONT     ((char) (1 << 7))   /* two continuations: see below */
#define U_ANY      ((char) (U_SHORT | U_LONG | U_CONT))
#define U_ABOVE    ((char) (U_ANY | U_LARGE | U_FOUR))


CCP_JSON_TARGET static inline __m256i
ccp_json_avx2_pairs(__m256i v, __m256i prev)
{
    __m256i  high, low, second;

    const __m256i  nibble = _mm256_set1_epi8(0x0f);

    const __m256i  first_high = ccp_json_table(
        U_LONG, U_LONG, U_LONG, U_LONG, U_LONG, U_LONG, U_LONG, U_LONG,
        U_CONT, U_CONT, U_CONT, U_CONT,
        U_SHORT | U_TWO, U_SHORT, U_SHORT | U_THREE | U_HALF,
        U_SHORT | U_LARGE | U_FOUR);

    const __m256i  first_low = ccp_json_table(
        (char) (U_ANY | U_THREE | U_TWO | U_FOUR), (char) (U_ANY | U_TWO),
        U_ANY, U_ANY, (char) (U_ANY | U_LARGE), U_ABOVE, U_ABOVE, U_ABOVE,
        U_ABOVE, U_ABOVE, U_ABOVE, U_ABOVE, U_ABOVE,
        (char) (U_ABOVE | U_HALF), U_ABOVE, U_ABOVE);

    const __m256i  second_high = ccp_json_table(
        U_SHORT, U_SHORT, U_SHORT, U_SHORT, U_SHORT, U_SHORT, U_SHORT,
        U_SHORT,
        (char) (U_LONG | U_TWO | U_CONT | U_THREE | U_FOUR),
        (char) (U_LONG | U_TWO | U_CONT | U_THREE | U_LARGE),
        (char) (U_LONG | U_TWO | U_CONT | U_HALF | U_LARGE),
        (char) (U_LONG | U_TWO | U_CONT | U_HALF | U_LARGE),
        U_SHORT, U_SHORT, U_SHORT, U_SHORT);

    high = _mm256_and_si256(_mm256_srli_epi16(prev, 4), nibble);
    low = _mm256_and_si256(prev, nibble);
    second = _mm256_and_si256(_mm256_srli_epi16(v, 4), nibble);

    return _mm256_and_si256(
        _mm256_and_si256(_mm256_shuffle_epi8(first_high, high),
                         _mm256_shuffle_epi8(first_low, low)),
        _mm256_shuffle_epi8(second_high, second));
}


/* Zero where the bytes of v are right behind those of before. */

CCP_JSON_TARGET static inline __m256i
ccp_json_avx2_wrong(__m256i v, __m256i before)
{
    __m256i  shift, prev1, prev2, prev3, must;

    shift = _mm256_permute2x128_si256(before, v, 0x21);
    prev1 = _mm256_alignr_epi8(v, shift, 15);
    prev2 = _mm256_alignr_epi8(v, shift, 14);
    prev3 = _mm256_alignr_epi8(v, shift, 13);

    /* third and fourth bytes must be what U_CONT found: two continuations */

    must = _mm256_or_si256(
        _mm256_subs_epu8(prev2, _mm256_set1_epi8(0xe0 - 0x80)),
        _mm256_subs_epu8(prev3, _mm256_set1_epi8(0xf0 - 0x80)));
    must = _mm256_and_si256(must, _mm256_set1_epi8((char) 0x80));

    return _mm256_xor_si256(must, ccp_json_avx2_pairs(v, prev1));
}


CCP_JSON_TARGET static inline uint64_t
ccp_json_avx2_high(const uint8_t *p)
{
    return ccp_json_join(ccp_json_load(p), ccp_json_load(p + 32));
}


CCP_JSON_TARGET static inline uint64_t
ccp_json_avx2_utf8(const uint8_t *p, int first)
{
    __m256i  v0, v1, w0, w1, zero;

    zero = _mm256_setzero_si256();
    v0 = ccp_json_load(p);
    v1 = ccp_json_load(p + 32);

    w0 = ccp_json_avx2_wrong(v0, first ? zero : ccp_json_load(p - 32));
    w1 = ccp_json_avx2_wrong(v1, v0);

    return ~ccp_json_join(_mm256_cmpeq_epi8(w0, zero),
                          _mm256_cmpeq_epi8(w1, zero));
}


#include "codec/json/json_read_blocks.h"
#include "codec/json/json_read_loop.h"

#endif
