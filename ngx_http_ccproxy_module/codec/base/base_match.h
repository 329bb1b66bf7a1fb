
/*
 * Words in any case, lists of words, and whether bytes are text.
 */

#ifndef CCP_BASE_MATCH_H
#define CCP_BASE_MATCH_H

#include "codec/base/base_str.h"

/* Whether the plain slice matches a pattern of '*' and '?', whatever the case
 * of ASCII letters. */
int ccp_str_glob(ccp_str_t pattern, ccp_str_t s);

/* Where a plain word ends in the plain slice, whatever the case of ASCII
 * letters; NULL: it isn't there. */
const uint8_t *ccp_str_after(ccp_str_t s, ccp_str_t word);

/* Where the word begins in the plain slice; NULL: it isn't there. */
const uint8_t *ccp_str_find(ccp_str_t s, const char *word);

/* Whether the bytes are well-formed UTF-8 without null characters. */
int ccp_str_utf8(ccp_str_t s);

/* Lists of words by comma.  item: steps over the first one; its length. */
size_t ccp_list_item(const char **p);
/* Whether the word is an item of the list. */
int ccp_list_has(const char *list, const char *word);

#endif /* CCP_BASE_MATCH_H */
