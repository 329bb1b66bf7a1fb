
/*
 * What an answer says, in a form that can be compared across protocols: an
 * upstream's recorded answer with what a client of another protocol got.
 */

#ifndef UT_SAID_H
#define UT_SAID_H

#include "codec/form/form_event.h"
#include "codec/provider/provider.h"
#include "codec/exchange/exchange.h"
#include "ut_exchange.h"

typedef struct {
    char       *text;          /* TEXT and REFUSAL, joined */
    char       *think;         /* shown reasoning, joined */
    char       *calls;         /* name(arguments) each, in order */
    char       *error;         /* message, NULL without one */
    ccp_stop_e  stop;
    int64_t     in;            /* all input tokens; -1 without an answer */
    int64_t     fresh;         /* of them, not from a cache */
    int64_t     cached;        /* of them, read from a cache; 0 unknown */
    int64_t     out;
    int64_t     reason;        /* of out, 0 unknown */
    int         estimated;     /* the upstream counted nothing */
} ut_said_t;

/* Names of the protocols in the recordings' index, by ccp_proto_e. */
extern const char  *const ut_protocols[CCP_NPROTO];
/* CCP_NPROTO if there is no such name. */
ccp_proto_e ut_protocol(const char *name);

/*
 * A try of the smallest request, stream or not, of that client, at a target of
 * that dialect: ready for its answer.  NULL if the request can't
 * be asked.
 */
ccp_try_t *ut_said_try(ccp_proto_e client, const ccp_provider_t *pr,
    int stream);
/* Destroys its exchange, too; NULL is allowed. */
void ut_said_close(ccp_try_t *try);

/* The preset that a recording of that provider and protocol was made with;
 * own keeps a copy where one is needed.  The plain row if there is none. */
const ccp_provider_t *ut_said_dialect(const ut_rec_t *rec,
    ccp_provider_t *own);

/*
 * Feeds an answer in pieces, first of size cut (if not 0), then of size step;
 * what the client gets, in the exchange's arena, absent if the codec gave up.
 */
ccp_str_t ut_said_feed(ccp_try_t *try, ccp_str_t bytes, int status,
    size_t cut, size_t step, ccp_head_t *head);

/* Reads an answer by its protocol's decoder; 0 if that protocol can't be
 * asked.  Freed by ut_said_free in any case. */
int ut_said_read(ut_said_t *said, ccp_proto_e proto, ccp_str_t bytes,
    int status);
void ut_said_free(ut_said_t *said);

/*
 * What of the upstream's words (want) a client of that protocol, which asked
 * for a stream or not, did not get: a word for it, NULL if all is there or
 * can't be told in that protocol.
 */
const char *ut_said_differs(ccp_proto_e client, const ut_said_t *want,
    const ut_said_t *got);

/* Both as comment lines. */
void ut_said_print(const ut_said_t *want, const ut_said_t *got);

/* Nothing of all the exchanges is left allocated. */
int ut_said_clean(void);

/* Whether a whole answer is made later, which only clients of its protocol can
 * wait for; and what others are told. */
int ut_said_later(ccp_str_t bytes);

#define UT_SAID_LATER  (char *) "background answers can't be waited for"

#endif /* UT_SAID_H */
