
/*
 * Time as text.
 */

#ifndef CCP_BASE_TIME_H
#define CCP_BASE_TIME_H

#include <stdint.h>

/* Room for the text, its zero included. */
#define CCP_TIME_LEN  32

/* Seconds since the epoch as RFC 3339 in UTC, "2026-11-22T08:26:40Z"; years
 * from 0 to 9999. */
void ccp_time_write(char buf[CCP_TIME_LEN], int64_t t);

#endif /* CCP_BASE_TIME_H */
