
/*
 * Time as text, by the days-to-civil arithmetic of the calendar's 400-year
 * cycle: the codec asks no clock and no time zone.
 */

#include <stdio.h>

#include "codec/base/base_time.h"


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
