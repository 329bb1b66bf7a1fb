
/*
 * What the files of records share.
 */

#ifndef CCP_RECORD_PRIVATE_H
#define CCP_RECORD_PRIVATE_H

#include "codec/record/record.h"
#include "codec/base/base_buf.h"

/*
 * Copies a text, plain and in UTF-8, to out with each match of a pattern
 * replaced.  CCP_OK; CCP_DECLINED: nothing matches, out holds anything;
 * CCP_NOMEM.
 */
int ccp_record_redact(const ccp_record_pattern_t *patterns, ccp_str_t text,
    ccp_arena_t *a, ccp_buf_t *out);

#endif /* CCP_RECORD_PRIVATE_H */
