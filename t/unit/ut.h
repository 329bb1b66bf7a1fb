
/*
 * A small harness for unit tests of codec and pool: TAP on stdout, an
 * allocator that counts and can fail, access to the recordings.
 */

#ifndef UT_H
#define UT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/base/base_arena.h"

/* One TAP line; ok != 0 passes.  UT_CHECK prints the place on failure. */
void ut_ok(int ok, const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
#define UT_CHECK(cond, ...)   ut_ok(!!(cond), __FILE__, __LINE__, __VA_ARGS__)
void ut_skip(const char *why);
/* The plan line and exit status; call last in main. */
int ut_done(void);

/*
 * The allocator: every test's memory.  fail_at >= 0 makes the allocation of
 * that number (from 0) and all later ones return NULL.
 */
typedef struct {
    long  count;               /* allocations asked for */
    long  live;                /* pieces not given back */
    long  fail_at;
} ut_mem_t;

void ut_mem_init(ut_mem_t *m);
ccp_mem_t ut_mem(ut_mem_t *m);
/* An arena over a fresh counting allocator; aborts if it can't be had. */
ccp_arena_t *ut_arena(void);

/*
 * Runs fn with the 1st, 2nd … allocation failing until it returns CCP_OK;
 * each run must return CCP_OK or CCP_NOMEM and leave nothing allocated.  fn
 * creates its arena from mem and destroys it.  One TAP line.
 */
void ut_fail_each(const char *name, int (*fn)(const ccp_mem_t *mem,
    void *arg), void *arg);

/* Content of a file as a slice (malloc'ed, NUL behind it); absent if none. */
ccp_str_t ut_read(const char *path);
ccp_str_t ut_readf(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

/* Comparison of a slice's decoded bytes with a C string. */
int ut_str_is(ccp_str_t s, const char *lit);
/* A printable copy, malloc'ed. */
char *ut_cstr(ccp_str_t s);
/* Whether two JSON texts hold the same value (by jansson, order of members
 * free); 0 also if one is no JSON. */
int ut_json_same(ccp_str_t a, ccp_str_t b);

/* One recorded exchange; paths without suffix. */
typedef struct {
    char  prefix[512];         /* "anthropic/llm-tools" */
    char  path[1024];          /* full, without suffix */
    char  protocol[32];        /* openai-chat, openai-responses, … */
    char  provider[32];
    int   status;
    int   stream;
    char  features[512];
} ut_rec_t;

/*
 * Calls fn for each exchange of that protocol (NULL: all); returns their
 * number, 0 with a TAP skip line where the recordings are absent.
 */
int ut_recordings(const char *protocol, void (*fn)(const ut_rec_t *rec,
    void *arg), void *arg);
/* The body of its response, whatever its form; *stream tells sse/ndjson. */
ccp_str_t ut_rec_response(const ut_rec_t *rec);
ccp_str_t ut_rec_request(const ut_rec_t *rec);

#endif /* UT_H */
