
/*
 * Strings 64 bytes at a time, for the readers that have masks of so many
 * bytes.  Each file that includes it defines before
 *
 *   CCP_JSON_TARGET              attribute of the functions
 *   ccp_json_mask_t              a bit for each of 64 bytes
 *   ccp_json_read_masks(m, p, bytes)
 *                                where quotes, backslashes … stand
 *   ccp_json_read_letters(p)     where letters of simple escapes stand
 *
 * and, where it can check UTF-8, CCP_JSON_UTF8 with
 *
 *   ccp_json_read_high(p)        where bytes from 0x80 on stand
 *   ccp_json_read_utf8(p, first) where bytes stand that are wrong behind
 *                                those before; first: none are before
 */


#if defined(CCP_JSON_UTF8)
#define ccp_json_has_utf8            1
#else
#define ccp_json_has_utf8            0
#define ccp_json_read_high(p)        0
#define ccp_json_read_utf8(p, first) ((void) (first), 0)
#endif


/* Where the character begins that the bytes before p leave open, or p. */

static inline const uint8_t *
ccp_json_read_back(const uint8_t *p)
{
    return p[-1] >= 0xc0 ? p - 1
           : p[-2] >= 0xe0 ? p - 2
           : p[-3] >= 0xf0 ? p - 3 : p;
}


/*
 * Skips string bytes 64 at a time, simple escapes and good UTF-8 too, and
 * stops where a look is needed: at the closing quote, at the backslash of any
 * other escape, in front of what is wrong, or near the end; never inside of an
 * escape or a character.  A run of backslashes escapes by turns: adding the
 * bit where it begins carries through the run and out behind it, so that the
 * parity of both ends tells which of the bytes are escaped.
 */

CCP_JSON_TARGET static inline const uint8_t *
ccp_json_read_blocks(const uint8_t *p, const uint8_t *end, unsigned *esc)
{
    uint64_t           carry, before, escaped, follow, starts, sum, stop;
    uint64_t           seen, open;
    const uint8_t     *last, *begin;
    ccp_json_mask_t    m;
    ccp_json_bytes_t   bytes;

    const uint64_t  even = 0x5555555555555555ULL;

    if (end - p < 64) {
        return p;
    }

    bytes = ccp_json_bytes();
    begin = p;
    last = end - 64;
    carry = 0;
    before = 0;
    seen = 0;
    open = 0;

    for ( /* void */ ; p <= last; p += 64) {
        ccp_json_read_masks(&m, p, bytes);
        before = carry;
        escaped = 0;
        stop = m.other | m.quote;

        if (m.slash | carry) {
            sum = m.slash & ~carry;
            follow = sum << 1 | carry;
            starts = sum & ~even & ~follow;
            carry = __builtin_add_overflow(starts, sum, &sum);
            escaped = (even ^ sum << 1) & follow;

            stop = m.other | (m.quote & ~escaped)
                   | (escaped
                      & ~(m.quote | m.slash | ccp_json_read_letters(p)));
        }

        if (ccp_json_has_utf8 && (m.other | open)) {
            stop &= ~(ccp_json_read_high(p) & ~escaped);

            /* what is wrong up to where it stops, too, is found one by one */

            if (ccp_json_read_utf8(p, p == begin) & (stop ^ (stop - 1))) {
                break;
            }

            open = (ccp_json_read_back(p + 64) != p + 64);
        }

        if (stop) {
            stop &= ~(stop - 1);
            *esc |= ((m.slash & (stop - 1)) | seen) != 0;
            p += __builtin_ctzll(stop);
            return stop & escaped ? p - 1 : p;
        }

        seen |= m.slash;
        before = carry;
    }

    *esc |= (seen != 0);

    return before ? p - 1 : open ? ccp_json_read_back(p) : p;
}
