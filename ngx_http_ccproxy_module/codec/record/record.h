
/*
 * Records of requests for people to read: what was asked and answered, in a
 * form that may be kept.  Streams become the message that they told; media,
 * texts that are too long and what patterns find are left out.
 *
 * Nothing here is needed to serve a request.  All of it may run on another
 * thread than the exchange's, with an arena of its own.
 */

#ifndef CCP_RECORD_H
#define CCP_RECORD_H

#include "codec/json/json_out.h"
#include "codec/form/form_error.h"
#include "codec/proto/proto.h"

/* Bytes of a SHA-256. */
#define CCP_RECORD_DIGEST  32

/* An expression whose matches are left out. */
typedef struct ccp_record_pattern_s  ccp_record_pattern_t;

struct ccp_record_pattern_s {
    void                  *re;         /* pcre2_code */
    ccp_record_pattern_t  *next;
};

typedef struct {
    /* Writes the SHA-256 of s. */
    void                      (*digest)(ccp_str_t s, uint8_t *out);
    /* Stars over secrets in what is kept of a text that is cut, which may
     * have but a part of one.  NULL: there are none. */
    void                      (*mask)(void *ctx, uint8_t *p, size_t n);
    void                       *ctx;
    const ccp_record_pattern_t *patterns;
    size_t                      text_max; /* longest text; 0: any */
} ccp_record_rules_t;

/*
 * Reads an expression (PCRE, UTF-8); memory is the arena's.  CCP_OK; CCP_NOMEM;
 * CCP_INVALID: wrong, of size bytes, tells why.
 */
int ccp_record_pattern(ccp_record_pattern_t *p, ccp_str_t expr,
    ccp_arena_t *a, char *wrong, size_t size);

/*
 * Writes a body as a JSON value: the document, or a string if it is none.
 *
 * - base64 becomes "[left out: N bytes, sha256 H]", of what it stands for;
 * - a match becomes "[redacted]", as the whole text does where an expression
 *   takes too long;
 * - a text longer than text_max ends in "… [cut: N bytes, sha256 H]".
 *
 * a is for work, nothing of it stays.  CCP_OK or CCP_NOMEM.
 */
int ccp_record_body(const ccp_record_rules_t *rules, ccp_str_t body,
    ccp_arena_t *a, ccp_out_t *out);

/* A text, by the same rules. */
int ccp_record_text(const ccp_record_rules_t *rules, ccp_str_t text,
    ccp_arena_t *a, ccp_out_t *out);

/*
 * Writes the answer that the bytes tell, as a document of that protocol: of a
 * stream the message so far, be it cut; anything else as it is.  ep is the
 * request's endpoint, request its body, for what a decoder must know of it;
 * absent: nothing is known.  *err tells of an error inside of a stream, such
 * as its early end; its class is CCP_E_NONE if there is none; its texts are in
 * the arena.  CCP_OK or CCP_NOMEM.
 */
int ccp_record_answer(const ccp_endpoint_t *ep, ccp_str_t request,
    ccp_str_t bytes, ccp_arena_t *a, ccp_out_t *out, ccp_error_t *err);

#endif /* CCP_RECORD_H */
