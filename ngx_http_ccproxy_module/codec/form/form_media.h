
/*
 * Media: data URLs.
 */

#ifndef CCP_FORM_MEDIA_H
#define CCP_FORM_MEDIA_H

#include "codec/form/form_request.h"
#include "codec/json/json_out.h"

/*
 * Splits "data:image/png;base64,…" into mime and data (kind B64), takes other
 * URLs as kind URL.
 */
void ccp_media_url(ccp_media_t *m, ccp_str_t url);
/* The reverse: a JSON string "data:M;base64,D", or the URL. */
void ccp_w_media_url(ccp_out_t *o, const ccp_media_t *m);

#endif /* CCP_FORM_MEDIA_H */
