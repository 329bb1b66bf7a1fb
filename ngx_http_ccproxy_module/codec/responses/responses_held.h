
/*
 * Responses that are held for clients: what the files about them share.
 */

#ifndef CCP_RESPONSES_HELD_H
#define CCP_RESPONSES_HELD_H

#include "codec/proto/proto.h"
#include "codec/proto/proto_held.h"

/* The rows of ccp_responses_ops; contracts in proto.h. */
int ccp_responses_recall(ccp_recall_t *rc);
int ccp_responses_keep(ccp_keep_t *keep, const ccp_keeper_t *keeper,
    ccp_arena_t *a);

/* The inside of an array's text. */
ccp_str_t ccp_responses_held_inside(ccp_str_t array);

/* Whether an item of the input stands for one that is held. */
int ccp_responses_held_is_ref(ccp_jval_t item);

/* Items that requests name one by one; those of one answer mostly follow one
 * another. */
typedef struct {
    const ccp_keeper_t  *keeper;
    ccp_arena_t         *arena;
    ccp_held_t          *answer;   /* the last one that was asked for */
} ccp_responses_held_items_t;

/* The item's text, and the answer it is a part of.  CCP_OK, CCP_DECLINED,
 * CCP_NOMEM. */
int ccp_responses_held_item(ccp_responses_held_items_t *items, ccp_str_t id,
    ccp_str_t *text);

/*
 * Appends to out what an object adds to the conversation: its input, with
 * what it refers to, then its output.  Results as of ccp_held_walk().
 */
int ccp_responses_held_elements(ccp_responses_held_items_t *items,
    const ccp_held_t *held, ccp_out_t *out);

#endif /* CCP_RESPONSES_HELD_H */
