
/*
 * Carriers: an upstream's proof of its reasoning (signature, encrypted
 * content) travels through a client of another protocol and back.
 *
 *   ccp1.<origin>.<model hash>.<bytes>
 *
 * with bytes = the proof, or "~" item id "." the proof.  A Gemini client's
 * signatures are base64, so a carrier may come back wrapped in it.
 */

#include "codec/prepare/prepare.h"
#include "codec/base/base_buf.h"


#define CCP_CARRIER_MARK    "ccp1."
#define CCP_CARRIER_BASE64  "Y2NwMS"     /* base64 of the mark's first bytes */
#define CCP_CARRIER_HASH    6            /* base64url digits of 32 bits */
/* mark, letter, dot, hash, dot */
#define CCP_CARRIER_HEAD    (sizeof(CCP_CARRIER_MARK) - 1 + 2                 \
                             + CCP_CARRIER_HASH + 1)


static const char  ccp_carrier_letters[] = {
#define CCP_PROTO_LETTER(id, name, letter)  letter,
    CCP_PROTOCOLS(CCP_PROTO_LETTER)
#undef CCP_PROTO_LETTER
};

static const char  ccp_carrier_base64url[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";


/* Value of a base64 digit of either alphabet, -1 for anything else. */
static int
ccp_carrier_base64_digit(uint8_t c)
{
    const char  *p;

    if (c == '+') {
        return 62;
    }

    if (c == '/') {
        return 63;
    }

    p = c == '\0' ? NULL : strchr(ccp_carrier_base64url, c);

    return p == NULL ? -1 : (int) (p - ccp_carrier_base64url);
}


static ccp_str_t
ccp_carrier_base64_decode(ccp_arena_t *a, ccp_str_t s)
{
    int        v;
    size_t     i, n;
    uint8_t   *p;
    uint32_t   acc;
    unsigned   bits;

    p = ccp_alloc(a, s.n / 4 * 3 + 3);
    if (p == NULL) {
        return ccp_none;
    }

    acc = 0;
    bits = 0;
    n = 0;

    for (i = 0; i < s.n; i++) {
        v = ccp_carrier_base64_digit(s.p[i]);
        if (v < 0) {
            break;
        }

        acc = (acc << 6 | (uint32_t) v) & 0xffffff;
        bits += 6;

        if (bits >= 8) {
            bits -= 8;
            p[n++] = (uint8_t) (acc >> bits);
        }
    }

    s.p = p;
    s.n = n;

    return s;
}


/*
 * The family of a model: without the path of a router in front, without
 * date, "latest", preview or deployment suffix behind, in lower case.
 */
static size_t
ccp_carrier_model_family(ccp_str_t s, uint8_t *buf, size_t size)
{
    size_t   i, n, digits;
    uint8_t  c;

    n = 0;

    for (i = 0; i < s.n; i++) {
        c = s.p[i];

        if (c == '/') {
            n = 0;
            continue;
        }

        if (c == '@' || c == ':') {
            break;
        }

        if (n < size) {
            buf[n++] = (uint8_t) (c >= 'A' && c <= 'Z' ? c | 0x20 : c);
        }
    }

    for (i = 0; i + 8 <= n; i++) {
        if (memcmp(&buf[i], "-preview", 8) == 0) {
            n = i;
        }
    }

    if (n > 7 && memcmp(&buf[n - 7], "-latest", 7) == 0) {
        n -= 7;
    }

    /* -20250929, -2025-09-29 */

    digits = 0;

    for (i = n; i > 0 && digits < 8; i--) {
        if (buf[i - 1] >= '0' && buf[i - 1] <= '9') {
            digits++;

        } else if (buf[i - 1] != '-' || (digits != 2 && digits != 4)) {
            break;
        }
    }

    if (digits == 8 && i > 1 && buf[i - 1] == '-') {
        n = i - 1;
    }

    return n;
}


uint32_t
ccp_model_hash(ccp_str_t model)
{
    size_t     n;
    uint8_t    buf[128];
    uint64_t   h;
    ccp_str_t  s;

    if (model.p == NULL) {
        return 0;
    }

    n = ccp_carrier_model_family(model, buf, sizeof(buf));

    s = ccp_none;
    s.p = buf;
    s.n = n;
    h = ccp_str_hash(s, 0);

    return (uint32_t) (h ^ h >> 32);
}


static int
ccp_carrier_item_fits(ccp_str_t item)
{
    size_t  i;

    for (i = 0; i < item.n; i++) {
        if (item.p[i] == '.' || item.p[i] < 0x21 || item.p[i] > 0x7e) {
            return 0;
        }
    }

    return item.n > 0;
}


ccp_str_t
ccp_carrier_pack(ccp_arena_t *a, ccp_proto_e origin, ccp_str_t model,
    ccp_str_t item_id, ccp_str_t sig)
{
    int        i;
    char       head[CCP_CARRIER_HEAD];
    size_t     n;
    uint32_t   h;
    ccp_buf_t  buf;

    h = ccp_model_hash(model);

    n = sizeof(CCP_CARRIER_MARK) - 1;
    memcpy(head, CCP_CARRIER_MARK, n);
    head[n++] = ccp_carrier_letters[origin];
    head[n++] = '.';

    for (i = 0; i < CCP_CARRIER_HASH; i++) {
        head[n++] = ccp_carrier_base64url[h & 63];
        h >>= 6;
    }

    head[n++] = '.';

    ccp_buf_init(&buf, a, 0);
    (void) ccp_buf_add(&buf, head, n);

    if (item_id.p != NULL && ccp_carrier_item_fits(item_id)) {
        (void) ccp_buf_add(&buf, "~", 1);
        (void) ccp_buf_add(&buf, item_id.p, item_id.n);
        (void) ccp_buf_add(&buf, ".", 1);
    }

    if (sig.p != NULL) {
        (void) ccp_buf_add_plain(&buf, sig);
    }

    if (buf.err) {
        ccp_buf_free(&buf);
        return ccp_none;
    }

    return ccp_buf_str(&buf, 0);
}


/* The plain text of sig if it begins as a carrier, else absent. */
static ccp_str_t
ccp_carrier_text(ccp_arena_t *a, ccp_str_t sig)
{
    if (sig.p == NULL) {
        return ccp_none;
    }

    if (ccp_str_starts(sig, CCP_CARRIER_BASE64)) {
        sig = ccp_str_plain(a, sig);
        if (sig.p == NULL) {
            return sig;
        }

        sig = ccp_carrier_base64_decode(a, sig);
    }

    if (sig.p == NULL || !ccp_str_starts(sig, CCP_CARRIER_MARK)) {
        return ccp_none;
    }

    return ccp_str_plain(a, sig);
}


int
ccp_carrier_unpack(ccp_arena_t *a, ccp_str_t sig, ccp_proto_e *origin,
    uint32_t *model_hash, ccp_str_t *item_id, ccp_str_t *bytes)
{
    int             i, v, proto;
    uint32_t        h;
    ccp_str_t       s;
    const uint8_t  *p, *dot;

    s = ccp_carrier_text(a, sig);

    if (s.p == NULL || s.n < CCP_CARRIER_HEAD) {
        return 0;
    }

    p = s.p + sizeof(CCP_CARRIER_MARK) - 1;

    for (proto = 0; proto < CCP_NPROTO; proto++) {
        if (ccp_carrier_letters[proto] == (char) *p) {
            break;
        }
    }

    if (proto == CCP_NPROTO || p[1] != '.'
        || s.p[CCP_CARRIER_HEAD - 1] != '.')
    {
        return 0;
    }

    p += 2;
    h = 0;

    for (i = CCP_CARRIER_HASH - 1; i >= 0; i--) {
        v = ccp_carrier_base64_digit(p[i]);
        if (v < 0) {
            return 0;
        }

        h = h << 6 | (uint32_t) v;
    }

    *origin = (ccp_proto_e) proto;
    *model_hash = h;
    *item_id = ccp_none;
    *bytes = s;
    bytes->p += CCP_CARRIER_HEAD;
    bytes->n -= CCP_CARRIER_HEAD;

    if (bytes->n > 0 && bytes->p[0] == '~') {
        dot = memchr(bytes->p, '.', bytes->n);

        if (dot != NULL) {
            *item_id = *bytes;
            item_id->p++;
            item_id->n = (size_t) (dot - item_id->p);
            bytes->n -= (size_t) (dot + 1 - bytes->p);
            bytes->p = dot + 1;
        }
    }

    return 1;
}
