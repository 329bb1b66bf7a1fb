
/*
 * Time as text, by the days-to-civil arithmetic of the calendar's 400-year
 * cycle and its reverse: the codec asks no clock and no time zone.  And how
 * long things take, in the spellings of headers and messages.
 */

#include <stdio.h>

#include "codec/base/base_time.h"


/* Units in milliseconds, the longer word first. */

static const struct {
    const char  *word;
    double       ms;
} ccp_time_units[] = {
    { "milliseconds", 1 }, { "millisecond", 1 }, { "ms", 1 },
    { "seconds", 1e3 }, { "second", 1e3 }, { "secs", 1e3 }, { "sec", 1e3 },
    { "s", 1e3 },
    { "minutes", 6e4 }, { "minute", 6e4 }, { "mins", 6e4 }, { "min", 6e4 },
    { "m", 6e4 },
    { "hours", 36e5 }, { "hour", 36e5 }, { "h", 36e5 },
    { "days", 864e5 }, { "day", 864e5 }, { "d", 864e5 }
};


void
ccp_time_write(char buf[CCP_TIME_LEN], int64_t t)
{
    int64_t  day, sec, era, doe, yoe, doy, mp, year, month;

    day = t / 86400;
    sec = t % 86400;

    day += 719468;                     /* days from 0000-03-01 to 1970 */
    era = day / 146097;
    doe = day % 146097;
    yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    mp = (5 * doy + 2) / 153;
    month = mp < 10 ? mp + 3 : mp - 9;
    year = yoe + era * 400 + (month <= 2);

    snprintf(buf, CCP_TIME_LEN, "%04u-%02u-%02uT%02u:%02u:%02uZ",
             (unsigned) year % 10000, (unsigned) month % 100,
             (unsigned) (doy - (153 * mp + 2) / 5 + 1) % 100,
             (unsigned) (sec / 3600) % 100, (unsigned) (sec / 60 % 60),
             (unsigned) (sec % 60));
}


int64_t
ccp_time_http(ccp_str_t s)
{
    int          day, year, hour, min, sec;
    char         text[48], name[4];
    size_t       month;
    int64_t      y, era, yoe, doy, doe;

    static const char *const  months[] = {
        "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        "Jan", "Feb"
    };

    if (s.p == NULL || s.n >= sizeof(text)) {
        return -1;
    }

    memcpy(text, s.p, s.n);
    text[s.n] = '\0';

    if (sscanf(text, "%*[A-Za-z], %2d%*1[ -]%3[A-Za-z]%*1[ -]%4d %2d:%2d:%2d",
               &day, name, &year, &hour, &min, &sec)
        != 6
        && sscanf(text, "%*[A-Za-z] %3[A-Za-z] %2d %2d:%2d:%2d %4d", name,
                  &day, &hour, &min, &sec, &year)
           != 6)
    {
        return -1;
    }

    if (day < 1 || day > 31 || year < 0 || hour < 0 || hour > 23 || min < 0
        || min > 59 || sec < 0 || sec > 60)
    {
        return -1;
    }

    for (month = 0; strcmp(months[month], name) != 0; ) {
        if (++month == ccp_countof(months)) {
            return -1;
        }
    }

    /* two digits are of this century up to 69 */

    y = year < 70 ? year + 2000 : year < 100 ? year + 1900 : year;
    y -= month >= 10;                  /* the year begins in March */
    era = y / 400;
    yoe = y % 400;
    doy = (153 * (int64_t) month + 2) / 5 + day - 1;
    doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

    return (era * 146097 + doe - 719468) * 86400
           + hour * 3600 + min * 60 + sec;
}


const uint8_t *
ccp_time_duration(const uint8_t *p, const uint8_t *end, double *ms)
{
    size_t  i, n;
    double  v, scale;

    *ms = 0;

    while (p < end && *p >= '0' && *p <= '9') {

        for (v = 0; p < end && *p >= '0' && *p <= '9'; p++) {
            v = v * 10 + (*p - '0');
        }

        if (end - p > 1 && *p == '.' && p[1] >= '0' && p[1] <= '9') {
            for (p++, scale = 0.1; p < end && *p >= '0' && *p <= '9'; p++) {
                v += scale * (*p - '0');
                scale /= 10;
            }
        }

        while (p < end && *p == ' ') {
            p++;
        }

        for (i = 0; i < ccp_countof(ccp_time_units); i++) {
            n = strlen(ccp_time_units[i].word);

            if ((size_t) (end - p) >= n
                && memcmp(p, ccp_time_units[i].word, n) == 0)
            {
                break;
            }
        }

        if (i == ccp_countof(ccp_time_units)) {
            *ms += v * 1e3;
            break;
        }

        *ms += v * ccp_time_units[i].ms;
        p += n;
    }

    return p;
}
