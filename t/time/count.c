
/*
 * The counter, and functions of the C library that would hide a loop: they
 * stand in for the library's own, in shared libraries as well.
 */

#include <stddef.h>

#include "count.h"


#define TIME_BYTES  16             /* that one step goes over */


uint64_t  time_steps;


void __sanitizer_cov_trace_pc(void);

void
__sanitizer_cov_trace_pc(void)
{
    time_steps++;
}


void *
memcpy(void *restrict to, const void *restrict from, size_t n)
{
    size_t          i;
    char           *d = to;
    const char     *s = from;

    time_steps += 1 + n / TIME_BYTES;

    for (i = 0; i < n; i++) {
        d[i] = s[i];
    }

    return to;
}


void *
memmove(void *to, const void *from, size_t n)
{
    size_t       i;
    char        *d = to;
    const char  *s = from;

    time_steps += 1 + n / TIME_BYTES;

    if (d < s) {
        for (i = 0; i < n; i++) {
            d[i] = s[i];
        }

    } else {
        for (i = n; i > 0; i--) {
            d[i - 1] = s[i - 1];
        }
    }

    return to;
}


void *
memset(void *to, int c, size_t n)
{
    size_t   i;
    char    *d = to;

    time_steps += 1 + n / TIME_BYTES;

    for (i = 0; i < n; i++) {
        d[i] = (char) c;
    }

    return to;
}


int
memcmp(const void *a, const void *b, size_t n)
{
    size_t                i;
    const unsigned char  *p = a, *q = b;

    for (i = 0; i < n && p[i] == q[i]; i++) {
        /* void */
    }

    time_steps += 1 + i / TIME_BYTES;

    return i < n ? p[i] - q[i] : 0;
}


void *
memchr(const void *s, int c, size_t n)
{
    size_t                i;
    const unsigned char  *p = s;

    for (i = 0; i < n && p[i] != (unsigned char) c; i++) {
        /* void */
    }

    time_steps += 1 + i / TIME_BYTES;

    return i < n ? (void *) (p + i) : NULL;
}


size_t
strlen(const char *s)
{
    size_t  n;

    for (n = 0; s[n]; n++) {
        /* void */
    }

    time_steps += 1 + n / TIME_BYTES;

    return n;
}


int
strcmp(const char *a, const char *b)
{
    size_t  i;

    for (i = 0; a[i] && a[i] == b[i]; i++) {
        /* void */
    }

    time_steps += 1 + i / TIME_BYTES;

    return (unsigned char) a[i] - (unsigned char) b[i];
}


int
strncmp(const char *a, const char *b, size_t n)
{
    size_t  i;

    for (i = 0; i < n && a[i] && a[i] == b[i]; i++) {
        /* void */
    }

    time_steps += 1 + i / TIME_BYTES;

    return i < n ? (unsigned char) a[i] - (unsigned char) b[i] : 0;
}
