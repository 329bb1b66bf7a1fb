
/*
 * What code costs, counted exactly: one step for each basic block that runs
 * in objects compiled with -fsanitize-coverage=trace-pc, and one for each 16
 * bytes that the C library's functions on memory and strings go over,
 * whoever calls them.  The same run costs the same steps on any load.
 */

#ifndef TIME_COUNT_H
#define TIME_COUNT_H

#include <stdint.h>

extern uint64_t  time_steps;

#endif /* TIME_COUNT_H */
