
/*
 * Responses that are held for clients: what the files about them share.
 */

#ifndef CCP_RESPONSES_HELD_H
#define CCP_RESPONSES_HELD_H

#include "codec/proto/proto.h"
#include "codec/proto/proto_held.h"

/* Items that requests name one by one; those of one answer mostly follow one
 * another. */
typedef struct {
    const ccp_keeper_t  *keeper;
    ccp_arena_t         *arena;
    ccp_held_t          *answer;   /* the last one that was asked for */
} ccp_responses_held_items_t;

/* The rows of ccp_responses_ops; contracts in proto.h. */
int ccp_responses_recall(ccp_recall_t *rc);
int ccp_responses_keep(ccp_keep_t *keep, const ccp_keeper_t *keeper,
    ccp_arena_t *a);

int ccp_responses_held(ccp_held_call_t *c);

/* Requests for answers: responses_held_answer.c, for conversations:
 * responses_held_list.c; n segments of the path. */
int ccp_responses_held_answer(ccp_held_call_t *c, const ccp_str_t *path,
    size_t n);
int ccp_responses_held_list(ccp_held_call_t *c, const ccp_str_t *path,
    size_t n);

/* CCP_INVALID, or CCP_NOMEM: there is no such object. */
int ccp_responses_held_missing(ccp_held_call_t *c, const char *what,
    ccp_str_t id, const char *code);

/*
 * Items as clients see them (responses_held_items.c): each with an id, a type,
 * and its content in parts.  clock NULL: ids are made of the object's own and
 * stay the same; else they are new.  Results as of ccp_held_walk().
 */
int ccp_responses_held_normal(ccp_responses_held_items_t *items,
    const ccp_held_t *held, ccp_clock_t *clock, ccp_out_t *out);
/* The object's items with all before it, and those of last behind them (NULL:
 * none), as an array in doc. */
int ccp_responses_held_all(ccp_held_call_t *c, ccp_held_ref_t ref,
    const ccp_held_t *last, ccp_json_t *doc);
/* Writes a list of the items in doc that the query asks for. */
int ccp_responses_held_page(ccp_held_call_t *c, ccp_json_t *doc);

/* Adds what was added to the conversation of that id; as ccp_held_put(). */
int ccp_responses_keep_part(const ccp_keeper_t *keeper, ccp_arena_t *a,
    ccp_str_t id, ccp_held_t *part);

/* The inside of an array's text, and the array of it, which is doc's: CCP_OK,
 * CCP_DECLINED (these are no elements), CCP_NOMEM. */
ccp_str_t ccp_responses_held_inside(ccp_str_t array);
int ccp_responses_held_array(ccp_arena_t *a, ccp_str_t elements,
    ccp_json_t *doc);

/* Whether an item of the input stands for one that is held. */
int ccp_responses_held_is_ref(ccp_jval_t item);

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
