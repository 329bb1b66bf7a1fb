
/*
 * Time as text, and how long things take.
 */

#ifndef CCP_BASE_TIME_H
#define CCP_BASE_TIME_H

#include "codec/base/base_str.h"

/* Room for the text, its zero included. */
#define CCP_TIME_LEN  32

/* Seconds since the epoch as RFC 3339 in UTC, "2026-11-22T08:26:40Z"; years
 * from 0 to 9999. */
void ccp_time_write(char buf[CCP_TIME_LEN], int64_t t);

/* Seconds since the epoch of a date in one of HTTP's three forms (RFC 9110,
 * 5.6.7); -1 if it is none. */
int64_t ccp_time_http(ccp_str_t s);

/*
 * A duration in milliseconds: "48", "48.9s", "1m2.5s", "6m0s", "20ms",
 * "7 seconds", "1d".  A number without a unit is seconds and the last one.
 * Returns where it ends: at p if there is none.
 */
const uint8_t *ccp_time_duration(const uint8_t *p, const uint8_t *end,
    double *ms);

#endif /* CCP_BASE_TIME_H */
