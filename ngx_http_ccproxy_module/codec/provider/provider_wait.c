
/*
 * How long a provider wants to be left alone, by the header lines of its
 * answer.
 *
 * Retry-After is seconds or a date (RFC 9110, 10.2.3); Retry-After-Ms is what
 * some send beside it.  Rate limits are pairs of lines: where
 * X-RateLimit-Remaining-WHAT is 0, or isn't told, X-RateLimit-Reset-WHAT tells
 * when there will be more: "6m0s", seconds, or a moment in seconds or
 * milliseconds since 1970.
 */

#include "codec/provider/provider_error.h"
#include "codec/base/base_match.h"
#include "codec/base/base_time.h"


/* Numbers from here on are moments, and from there on in milliseconds. */
#define CCP_WAIT_MOMENT     1e9
#define CCP_WAIT_MOMENT_MS  1e12

#define CCP_WAIT_MAX        86400      /* longest wait believed, seconds */

#define CCP_WAIT_LEFT       "x-ratelimit-remaining"
#define CCP_WAIT_RESET      "x-ratelimit-reset"


int
ccp_wait_seconds(double s)
{
    if (s >= CCP_WAIT_MAX) {
        return CCP_WAIT_MAX;
    }

    return (int) s + (s > (int) s);
}


/* Where a name goes on that begins like this, in any case; NULL: it doesn't. */

static const uint8_t *
ccp_wait_begins(ccp_str_t name, ccp_str_t word)
{
    if (name.n < word.n) {
        return NULL;
    }

    name.n = word.n;

    return ccp_str_after(name, word);
}


/* The value of the first line whose name is word and rest; or absent. */

static ccp_str_t
ccp_wait_find(const ccp_header_t *h, size_t n, ccp_str_t word, ccp_str_t rest)
{
    size_t     i;
    ccp_str_t  tail = ccp_none;

    for (i = 0; i < n; i++) {
        if (h[i].name.n != word.n + rest.n) {
            continue;
        }

        tail.p = ccp_wait_begins(h[i].name, word);
        tail.n = rest.n;

        if (tail.p && (rest.n == 0 || ccp_str_after(tail, rest))) {
            return h[i].value;
        }
    }

    return ccp_none;
}


/* The seconds of a value that is a duration and nothing else; -1: it isn't. */

static double
ccp_wait_duration(ccp_str_t s)
{
    double          ms;
    const uint8_t  *end;

    if (s.n == 0) {
        return -1;
    }

    end = s.p + s.n;

    return ccp_time_duration(s.p, end, &ms) == end ? ms / 1e3 : -1;
}


/* The same as a wait; a large number is a moment. */

static int
ccp_wait_value(ccp_str_t v, int64_t now)
{
    double  s;

    s = ccp_wait_duration(v);

    if (s >= CCP_WAIT_MOMENT_MS) {
        s = s / 1e3 - (double) now;

    } else if (s >= CCP_WAIT_MOMENT) {
        s -= (double) now;
    }

    return s > 0 ? ccp_wait_seconds(s) : -1;
}


static int
ccp_wait_retry_after(const ccp_header_t *h, size_t n, int64_t now)
{
    int        wait;
    double     s;
    int64_t    t;
    ccp_str_t  v;

    v = ccp_wait_find(h, n, ccp_lit("retry-after"), ccp_none);

    wait = ccp_wait_value(v, now);
    if (wait != -1) {
        return wait;
    }

    t = ccp_time_http(v);
    if (t > now) {
        return ccp_wait_seconds((double) (t - now));
    }

    s = ccp_wait_duration(ccp_wait_find(h, n, ccp_lit("retry-after"),
                                        ccp_lit("-ms")));

    return s > 0 ? ccp_wait_seconds(s / 1e3) : -1;
}


/* The longest wait for something of which nothing is left. */

static int
ccp_wait_reset(const ccp_header_t *h, size_t n, int64_t now)
{
    int        wait, longest;
    size_t     i;
    ccp_str_t  rest = ccp_none, left;

    longest = -1;

    for (i = 0; i < n; i++) {
        rest.p = ccp_wait_begins(h[i].name, ccp_lit(CCP_WAIT_RESET));

        if (rest.p == NULL) {
            continue;
        }

        rest.n = h[i].name.n - (sizeof(CCP_WAIT_RESET) - 1);
        left = ccp_wait_find(h, n, ccp_lit(CCP_WAIT_LEFT), rest);

        if (left.p == NULL || ccp_str_is(left, "0")) {
            wait = ccp_wait_value(h[i].value, now);
            longest = wait > longest ? wait : longest;
        }
    }

    return longest;
}


int
ccp_provider_wait(const ccp_header_t *h, size_t n, int status, int64_t now)
{
    int  wait;

    if (status < 400) {
        return -1;
    }

    wait = ccp_wait_retry_after(h, n, now);

    if (wait == -1 && status == 429) {
        wait = ccp_wait_reset(h, n, now);
    }

    return wait;
}
