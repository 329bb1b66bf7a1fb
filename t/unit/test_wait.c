
/*
 * How long a provider wants to be left alone: durations, dates, header lines.
 */

#include "ut.h"
#include "codec/base/base_time.h"
#include "codec/form/form_request.h"
#include "codec/provider/provider_error.h"

#define UT_NOW  1800000000         /* 2027-01-15T08:00:00Z */


static const struct {
    const char  *text;
    double       ms;
    const char  *rest;
} ut_durations[] = {
    { "48", 48e3, "" },
    { "48.5s", 48500, "" },
    { "1m2.5s", 62500, "" },
    { "6m0s", 36e4, "" },
    { "1h", 36e5, "" },
    { "1d2h", 936e5, "" },
    { "20ms", 20, "" },
    { "7 seconds", 7e3, "" },
    { "1 minute", 6e4, "" },
    { "1m30", 9e4, "" },
    { "2 days, or so", 1728e5, ", or so" },
    { "20s. Then again", 2e4, ". Then again" },
    { "5x", 5e3, "x" },
    { "", 0, "" },
    { "soon", 0, "soon" },
    { "-3", 0, "-3" }
};


static const struct {
    const char  *text;
    int64_t      t;
} ut_dates[] = {
    { "Sun, 06 Nov 1994 08:49:37 GMT", 784111777 },
    { "Sunday, 06-Nov-94 08:49:37 GMT", 784111777 },
    { "Sun Nov  6 08:49:37 1994", 784111777 },
    { "Thu, 01 Jan 1970 00:00:00 GMT", 0 },
    { "Thu, 29 Feb 2024 23:59:59 GMT", 1709251199 },
    { "Fri, 01 Mar 2024 00:00:00 GMT", 1709251200 },
    { "Tuesday, 19-Jan-38 03:14:07 GMT", 2147483647 },
    { "Sun, 06 Now 1994 08:49:37 GMT", -1 },
    { "Sun, 32 Nov 1994 08:49:37 GMT", -1 },
    { "Sun, 06 Nov 1994 24:49:37 GMT", -1 },
    { "Sun, 06 Nov 1994", -1 },
    { "1994-11-06T08:49:37Z", -1 },
    { "120", -1 },
    { "", -1 },
    { "Sun, 06 Nov 1994 08:49:37 GMT, and much more than any date has", -1 }
};


/* Names and values, by turns. */

static const struct {
    int          status;
    int          wait;
    const char  *lines[9];
} ut_waits[] = {
    { 429, 7, { "Retry-After", "7" } },
    { 503, 7, { "retry-after", "7" } },
    { 200, -1, { "Retry-After", "7" } },
    { 399, -1, { "Retry-After", "7" } },
    { 429, 60, { "Retry-After", "59.5s" } },
    { 429, -1, { "Retry-After", "0" } },
    { 429, -1, { "Retry-After", "soon" } },
    { 429, -1, { "Retry-After", "7 s of rest" } },
    { 429, -1, { "Retry-After", "" } },
    { 429, 86400, { "Retry-After", "100000" } },
    { 429, 30, { "Retry-After", "1800000030" } },
    { 429, 30, { "Retry-After", "Fri, 15 Jan 2027 08:00:30 GMT" } },
    { 429, -1, { "Retry-After", "Fri, 15 Jan 2027 08:00:00 GMT" } },
    { 429, 86400, { "Retry-After", "Fri, 15 Jan 2038 08:00:00 GMT" } },
    { 429, 2, { "Retry-After-Ms", "1500" } },
    { 429, 120, { "Retry-After-Ms", "120000" } },
    { 429, 7, { "Retry-After-Ms", "1500", "Retry-After", "7" } },
    { 429, 2, { "Retry-After", "soon", "Retry-After-Ms", "1500" } },
    { 429, -1, { "Retry-Afters", "7", "X-Retry-After", "7" } },

    { 429, 360, { "X-RateLimit-Reset-Tokens", "6m0s" } },
    { 503, -1, { "X-RateLimit-Reset-Tokens", "6m0s" } },
    { 429, 360, { "x-ratelimit-remaining-tokens", "0",
                  "X-RateLimit-Reset-Tokens", "6m0s" } },
    { 429, -1, { "x-ratelimit-remaining-tokens", "17",
                 "X-RateLimit-Reset-Tokens", "6m0s" } },
    { 429, 1, { "x-ratelimit-remaining-requests", "0",
                "x-ratelimit-reset-requests", "20ms",
                "x-ratelimit-remaining-tokens", "5",
                "x-ratelimit-reset-tokens", "6m0s" } },
    { 429, 9, { "x-ratelimit-reset-requests", "3",
                "x-ratelimit-reset-tokens", "9" } },
    { 429, 40, { "X-RateLimit-Reset", "1800000040000" } },
    { 429, 7, { "X-RateLimit-Reset", "90", "Retry-After", "7" } }
};


static void
test_durations(void)
{
    size_t          i, n;
    double          ms;
    const uint8_t  *p, *end;

    for (i = 0; i < ccp_countof(ut_durations); i++) {
        n = strlen(ut_durations[i].text);
        p = (const uint8_t *) ut_durations[i].text;
        end = ccp_time_duration(p, p + n, &ms);

        UT_CHECK(ms > ut_durations[i].ms - 1e-6
                 && ms < ut_durations[i].ms + 1e-6
                 && strcmp((const char *) end, ut_durations[i].rest) == 0,
                 "the duration \"%s\"", ut_durations[i].text);
    }
}


static void
test_dates(void)
{
    size_t  i;
    char    text[CCP_TIME_LEN];

    for (i = 0; i < ccp_countof(ut_dates); i++) {
        UT_CHECK(ccp_time_http(ccp_cstr(ut_dates[i].text)) == ut_dates[i].t,
                 "the date \"%s\"", ut_dates[i].text);
    }

    UT_CHECK(ccp_time_http(ccp_none) == -1, "no date at all");

    ccp_time_write(text, ccp_time_http(ccp_lit("Sun Nov  6 08:49:37 1994")));
    UT_CHECK(strcmp(text, "1994-11-06T08:49:37Z") == 0,
             "a date that was read is written alike");
}


static void
test_waits(void)
{
    int            wait;
    size_t         i, n;
    ccp_header_t   h[4];

    for (i = 0; i < ccp_countof(ut_waits); i++) {

        for (n = 0; ut_waits[i].lines[2 * n] != NULL; n++) {
            h[n].name = ccp_cstr(ut_waits[i].lines[2 * n]);
            h[n].value = ccp_cstr(ut_waits[i].lines[2 * n + 1]);
        }

        wait = ccp_provider_wait(h, n, ut_waits[i].status, UT_NOW);

        UT_CHECK(wait == ut_waits[i].wait, "%d with %s: %s waits %d, not %d",
                 ut_waits[i].status, ut_waits[i].lines[0],
                 ut_waits[i].lines[1], ut_waits[i].wait, wait);
    }

    UT_CHECK(ccp_provider_wait(NULL, 0, 429, UT_NOW) == -1, "no lines");
}


int
main(void)
{
    test_durations();
    test_dates();
    test_waits();

    return ut_done();
}
