
/*
 * Calls of a history and their results: step 2 of ccp_history_normalise().
 */

#ifndef CCP_PREPARE_PAIRS_H
#define CCP_PREPARE_PAIRS_H

#include "codec/base/base_arena.h"
#include "codec/form/form_request.h"


typedef struct {
    ccp_block_t  *call;
    ccp_block_t  *result;
    uint32_t      next_id;         /* next call of this turn and id */
    uint32_t      next_name;       /* … and name */
} ccp_pair_t;


typedef struct ccp_pairs_key_s  ccp_pairs_key_t;

typedef struct {
    ccp_request_t    *r;
    ccp_arena_t      *arena;
    ccp_pair_t       *pairs;
    uint32_t          n;
    ccp_pairs_key_t  *keys;
    size_t            mask;
    uint32_t          turn;
    uint32_t          turn_open;   /* first call of it that may lack one */
    unsigned          turn_ended:1;
    unsigned          replaced;    /* results in whose place a later one is */
    unsigned          orphans;     /* … that belong to no call */
    unsigned          lost;        /* calls without a result */
} ccp_pairs_t;

/* Room for all calls; CCP_OK or CCP_NOMEM (free in any case). */
int ccp_pairs_init(ccp_pairs_t *x, ccp_request_t *r, ccp_arena_t *a);
void ccp_pairs_free(ccp_pairs_t *x);

/*
 * Takes the results out of the messages and puts each to its call; those
 * without one become text or empty text.  x->pairs holds the calls in the
 * order of the history then.
 */
int ccp_pairs_match(ccp_pairs_t *x);

/* Each call gets an id of its own and, where it has none, a result. */
int ccp_pairs_fill(ccp_pairs_t *x);

/* Whether a block says nothing at all: some providers refuse such. */
int ccp_block_empty(const ccp_block_t *b);

#endif /* CCP_PREPARE_PAIRS_H */
