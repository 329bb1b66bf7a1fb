
/*
 * Words in any case: patterns for names, words in a text, lists of words; and
 * whether bytes are text.
 */

#include "codec/base/base_match.h"
#include "codec/base/base_utf8.h"


static uint8_t
ccp_str_lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t) (c - 'A' + 'a') : c;
}


int
ccp_str_glob(ccp_str_t pattern, ccp_str_t s)
{
    size_t   i, k, star, back;
    uint8_t  c;

    i = 0;
    k = 0;
    back = 0;
    star = pattern.n;

    while (i < s.n) {
        c = k < pattern.n ? pattern.p[k] : '\0';

        if (c == '*') {
            star = k++;
            back = i;

        } else if (k < pattern.n
                   && (c == '?' || ccp_str_lower(c) == ccp_str_lower(s.p[i])))
        {
            i++;
            k++;

        } else if (star < pattern.n) {
            k = star + 1;
            i = ++back;

        } else {
            return 0;
        }
    }

    while (k < pattern.n && pattern.p[k] == '*') {
        k++;
    }

    return k == pattern.n;
}


const uint8_t *
ccp_str_find(ccp_str_t s, const char *word)
{
    size_t          n;
    const uint8_t  *p, *end;

    n = strlen(word);

    for (p = s.p, end = s.p + s.n; (size_t) (end - p) >= n; p++) {
        if (memcmp(p, word, n) == 0) {
            return p;
        }
    }

    return NULL;
}


const uint8_t *
ccp_str_after(ccp_str_t s, ccp_str_t word)
{
    size_t  i, k;

    for (i = 0; s.p != NULL && i + word.n <= s.n; i++) {

        for (k = 0; k < word.n && ccp_str_lower(s.p[i + k])
             == ccp_str_lower(word.p[k]); k++)
        {
            /* void */
        }

        if (k == word.n) {
            return s.p + i + word.n;
        }
    }

    return NULL;
}


int
ccp_str_utf8(ccp_str_t s)
{
    size_t          n;
    const uint8_t  *p, *end;

    end = s.p + s.n;

    for (p = s.p; p < end; p += n) {
        n = *p < 0x80 ? *p != '\0' : ccp_utf8_len(p, end);

        if (n == 0) {
            return 0;
        }
    }

    return 1;
}


size_t
ccp_list_item(const char **p)
{
    size_t  n;

    n = strcspn(*p, ",");
    *p += n;

    if (**p == ',') {
        (*p)++;
    }

    return n;
}


int
ccp_list_has(const char *list, const char *word)
{
    size_t       n, len;
    const char  *item;

    len = strlen(word);

    while (*list != '\0') {
        item = list;
        n = ccp_list_item(&list);

        if (n == len && memcmp(item, word, n) == 0) {
            return 1;
        }
    }

    return 0;
}
