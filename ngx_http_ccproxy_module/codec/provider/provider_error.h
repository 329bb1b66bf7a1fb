
/*
 * Errors of providers in whatever envelope, and how long a provider wants to
 * be left alone.
 */

#ifndef CCP_PROVIDER_ERROR_H
#define CCP_PROVIDER_ERROR_H

#include "codec/base/base_arena.h"
#include "codec/json/json_read.h"
#include "codec/form/form_error.h"
#include "codec/form/form_request.h"

/*
 * Reads any provider's error body (all known envelopes, arrays of them, plain
 * text, HTML) into *e: class from status, code, type and wording; message is
 * the first of error.message, message, error, detail, else "upstream answered
 * STATUS".  retry_after_header: that header's value or absent.  Slices point
 * into body or the arena.  CCP_OK or CCP_NOMEM.
 */
int ccp_error_read(ccp_error_t *e, ccp_arena_t *a, int status, ccp_str_t body,
    ccp_str_t retry_after_header);

/* Without white space around it. */
ccp_str_t ccp_error_trim(ccp_str_t s);
/* What a body says that is no JSON (provider_error_text.c); absent: nothing
 * that can be read.  CCP_OK or CCP_NOMEM. */
int ccp_error_plain(ccp_arena_t *a, ccp_str_t body, ccp_str_t *text);

/* The same from an error member already parsed: {"message",…} or a string. */
int ccp_error_read_json(ccp_error_t *e, ccp_arena_t *a, int status,
    ccp_jval_t error);

/*
 * Whether the plain text says that a prompt, or it with the output that was
 * asked for, exceeds the context window (provider_overflow.c); the numbers
 * that it gives are noted in *e.
 */
int ccp_overflow_read(ccp_error_t *e, ccp_str_t text);
/* The same numbers of an error of that class, guessed from its message where
 * nothing better is known. */
void ccp_overflow_numbers(ccp_error_t *e);
/* Whether the same prompt fits with a shorter output. */
int ccp_overflow_by_output(const ccp_error_t *e);

/*
 * Seconds that an answer's header lines ask to wait, the longest wait that is
 * believed at most; -1: they don't, or the status is no error's.  now: seconds
 * since the epoch.
 */
int ccp_provider_wait(const ccp_header_t *h, size_t n, int status,
    int64_t now);

/* Seconds as such a wait: rounded up, bounded. */
int ccp_wait_seconds(double s);

#endif /* CCP_PROVIDER_ERROR_H */
