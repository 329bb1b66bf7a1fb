
/*
 * Media: data URLs; bytes, types and texts in one form.
 */

#ifndef CCP_FORM_MEDIA_H
#define CCP_FORM_MEDIA_H

#include "codec/base/base_arena.h"
#include "codec/form/form_request.h"
#include "codec/json/json_out.h"

/*
 * Splits "data:image/png;base64,…" into mime and data (kind B64), takes other
 * URLs as kind URL.
 */
void ccp_media_url(ccp_media_t *m, ccp_str_t url);
/* The reverse: a JSON string "data:M;base64,D", or the URL. */
void ccp_w_media_url(ccp_out_t *o, const ccp_media_t *m);

/*
 * Media of a block as every target reads them: base64 in the standard alphabet
 * with padding, types in lower case without parameters, by their registered
 * names; text that comes as bytes (SVG, too) is a document of text.  What is
 * so already is not copied.  CCP_OK or CCP_NOMEM.
 */
int ccp_media_settle(ccp_arena_t *a, ccp_block_t *b);

/* Whether providers know the type of settled bytes: pictures that they decode,
 * documents in PDF.  Without a type it may be. */
int ccp_media_type_known(const ccp_block_t *b);

#endif /* CCP_FORM_MEDIA_H */
